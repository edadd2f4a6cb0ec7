//! What a residual adds to a loss that the sheet does not compute.

use super::{Form, Implied, Residual};
use crate::compare::training::terms::{Part, terms};
use crate::formula::{Expr, Function, Operator};
use crate::graph::{CellExpr, Graph, Tree};

impl Implied {
    /// What a residual adds to the loss.
    pub(super) fn term(
        &self,
        graph: &Graph,
        residual: &Residual,
        value: &CellExpr,
    ) -> Option<CellExpr> {
        let scaled = |by: f64, one: CellExpr| match by {
            1.0 => one,
            by => Expr::Number(by).binary(Operator::Multiply, one),
        };
        let of = |name: &str, one: CellExpr| Some(Expr::Call(Function::find(name)?, vec![one]));
        let [(sign, output), ..] = terms(&residual.predicted.root)[..] else { return None };
        let home = residual.tree.home;
        let expression = |root: &Part| graph.expression(&Tree { home, root: root.clone() });
        let output = || expression(output);
        // The residual is the output less what was measured, or the other way round.
        let measured = || {
            let measured = expression(&residual.measured)?;
            Some(if sign < 0.0 { measured } else { negated(measured) })
        };
        let rest = |one: CellExpr| Expr::Number(1.0).binary(Operator::Subtract, one);
        Some(match self.form {
            Form::Squares => {
                scaled(self.scale, value.clone().binary(Operator::Power, Expr::Number(2.0)))
            }
            Form::Absolute => scaled(self.scale, of("abs", value.clone())?),
            Form::Logarithmic => {
                let product = measured()?.binary(Operator::Multiply, of("ln", output()?)?);
                scaled(-self.scale, product)
            }
            Form::CrossEntropy => {
                let one = measured()?.binary(Operator::Multiply, of("ln", output()?)?);
                let other =
                    rest(measured()?).binary(Operator::Multiply, of("ln", rest(output()?))?);
                scaled(-self.scale, one.binary(Operator::Add, other))
            }
        })
    }
}

fn negated(one: CellExpr) -> CellExpr {
    match one {
        Expr::Negate(inner) => *inner,
        other => Expr::Negate(Box::new(other)),
    }
}
