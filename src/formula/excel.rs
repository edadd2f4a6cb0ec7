//! The Excel formula: what Excel, LibreOffice and Google Sheets read.

use super::functions::{Written, expand};
use super::linear::Spelling;
use super::{Choice, Comparison, Expr, operands};

/// `expr` as a spreadsheet formula without its `=`, with `reference` giving each name's reference
/// (`F12`, `$C$2`, `INDEX(data!$A$5:$A$33,$C12)`): it must be a single thing, never a bare sum.
pub fn excel<N: Clone>(expr: &Expr<N>, reference: &dyn Fn(&N) -> String) -> String {
    let spelling = Spelling {
        name: reference,
        function: |function| function.excel,
        empty_parentheses: true,
        choice: "IF",
        separator: ",",
        power_first: false,
        spaces: false,
    };
    spelling.print(expr)
}

/// `expr` with the functions that a spreadsheet would apply to a whole range at once (`MAX`,
/// `MIN`, and what is written with them) as choices, so that with ranges for its names it gives a
/// value for each row. A formula with choices must be entered as an array formula then.
pub fn elementwise<N: Clone>(expr: &Expr<N>) -> Expr<N> {
    expr.map(&|part| match part {
        Expr::Call(function, arguments) => {
            let arguments: Vec<Expr<N>> = arguments.iter().map(elementwise).collect();
            match (function.name, function.excel) {
                ("max", _) => Some(larger(&arguments, Comparison::GreaterOrEqual)),
                ("min", _) => Some(larger(&arguments, Comparison::LessOrEqual)),
                (_, Written::Formula(text)) => Some(elementwise(&expand(text, &arguments))),
                _ => Some(Expr::Call(function, arguments)),
            }
        }
        _ => None,
    })
}

/// About how many parts `expr` has when a spreadsheet's own functions write it for a whole range:
/// each function that is written out, and each maximum and minimum, repeats its arguments, so that
/// a few of them in each other fill any cell.
pub fn written_parts<N>(expr: &Expr<N>) -> usize {
    let repeats = match expr {
        Expr::Call(function, _) => match (function.name, function.excel) {
            ("softplus", _) => 3,
            ("max" | "min", _) | (_, Written::Formula(_)) => 2,
            _ => 1,
        },
        _ => 1,
    };
    let inside = operands(expr).into_iter().map(written_parts);
    inside.fold(0_usize, usize::saturating_add).saturating_mul(repeats).saturating_add(1)
}

/// The first of two arguments where it compares so with the second, otherwise the second.
fn larger<N: Clone>(arguments: &[Expr<N>], comparison: Comparison) -> Expr<N> {
    let [left, right] = arguments else { return Expr::Number(0.0) };
    Expr::If(Box::new(Choice {
        left: left.clone(),
        comparison,
        right: right.clone(),
        then: left.clone(),
        otherwise: right.clone(),
    }))
}

/// Whether a choice is anywhere in `expr`.
pub fn has_choice<N>(expr: &Expr<N>) -> bool {
    matches!(expr, Expr::If(_)) || operands(expr).into_iter().any(has_choice)
}
