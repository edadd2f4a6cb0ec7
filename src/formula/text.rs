//! The formula as text: what [`parse`](super::parse) reads, and what a person can say aloud.

use std::fmt;

use super::Expr;
use super::functions::Written;
use super::linear::Spelling;

/// `expr` as text, with `name` writing each name. With numbers put in for the names it is the
/// middle of an explanation: `1 - 0.02*(-86)/(sqrt(9309.63) + 1e-8)`.
pub fn text<N: Clone>(expr: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    let spelling = Spelling {
        name,
        function: |function| Written::Named(function.name),
        empty_parentheses: false,
        choice: "if",
        separator: ", ",
        power_first: true,
        spaces: true,
    };
    spelling.print(expr)
}

impl<N: fmt::Display + Clone> fmt::Display for Expr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self, &N::to_string))
    }
}
