//! Running totals: `SUMSQ(F$4:F4)`, filled down, takes in one cell more in each row.
//!
//! Such a column is a state like any other, only written without the row above: what it adds is the
//! cell of its own row.

use super::frame::Frame;
use crate::compare::machine::Leaf;
use crate::formula::{Expr, Operator};
use crate::graph::arithmetic::{Fold, Operand, Term};
use crate::graph::relative::Axis;

/// What a running total adds in each row; none where the formula of `column` is no such.
pub(super) fn added(tree: &Expr<Term>, frame: &Frame, column: u32) -> Option<Expr<Leaf>> {
    let Expr::Name(Term::Fold(fold, operands)) = tree else { return None };
    let terms: Option<Vec<Expr<Leaf>>> =
        operands.iter().map(|operand| last_of(operand, frame, column)).collect();
    let terms = terms?;
    match (fold, terms.as_slice()) {
        (Fold::Sum, [term]) => Some(term.clone()),
        (Fold::SumOfSquares, [term]) => {
            Some(term.clone().binary(Operator::Power, Expr::Number(2.0)))
        }
        (Fold::SumProduct, [left, right]) => {
            Some(left.clone().binary(Operator::Multiply, right.clone()))
        }
        _ => None,
    }
}

/// The last cell of a range from the table's first row to the row at hand.
fn last_of(operand: &Operand, frame: &Frame, column: u32) -> Option<Expr<Leaf>> {
    let Operand::Range(from, to) = operand else { return None };
    let (first, last) = (from.column.resolve(column)?, to.column.resolve(column)?);
    let starts = from.row == Axis::Absolute(*frame.rows.first()?);
    let grows = to.row == Axis::Relative(0) && from.sheet.is_none();
    let place = frame.columns.binary_search(&last).ok()?;
    (starts && grows && first == last && last != column).then_some(Expr::Name(Leaf::Column(place)))
}
