//! The formula as text: what [`parse`](super::parse) reads, and what a person can say aloud.

use std::fmt;

use super::linear::Spelling;
use super::{Expr, Function};

/// `expr` as text, with `name` writing each name. With numbers put in for the names it is the
/// middle of an explanation: `1 - 0.02*(-86)/(sqrt(9309.63) + 1e-8)`.
pub fn text<N>(expr: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    let function = |function: &Function| function.name;
    Spelling { name, function, choice: "if", separator: ", ", spaces: true }.print(expr)
}

impl<N: fmt::Display> fmt::Display for Expr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self, &N::to_string))
    }
}
