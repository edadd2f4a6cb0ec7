//! What is differentiated: the residual, the loss of a sample, and how each sample curves.

use crate::formula::{Expr, Operator, differentiate, operands, simplify};
use crate::sheet::{Ref, Sheet};

/// The derivatives of one sample's residual and loss, as formulas over start inputs (which stand
/// for the weights), parameters of the loss and data columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivatives {
    /// The inputs that stand for the weights.
    pub weights: Vec<Ref>,
    /// r = ŷ − y of each output.
    pub residuals: Vec<Expr<Ref>>,
    /// ∂r/∂w of each residual by each weight: rows of the Jacobian of the residuals.
    pub jacobian: Vec<Vec<Expr<Ref>>>,
    /// ∂e/∂w of each weight.
    pub gradient: Vec<Expr<Ref>>,
    /// ∂²e/∂v∂w of each pair of weights.
    pub hessian: Vec<Vec<Expr<Ref>>>,
    /// How strongly the sample's loss curves: the trace of its Hessian where the prediction is
    /// linear in the weights (of one output the Hessian has rank one then, so that this is its only
    /// eigenvalue that is not 0), otherwise its Frobenius norm, which no eigenvalue exceeds.
    pub curvature: Expr<Ref>,
    /// Whether the prediction is linear in the weights.
    pub is_linear: bool,
    /// Whether the loss is a quadratic function of the weights, which curves the same everywhere.
    pub is_quadratic: bool,
}

impl Derivatives {
    /// The derivatives of what `sheet` trains.
    pub fn of(sheet: &Sheet) -> Self {
        let weights: Vec<Ref> =
            sheet.weights.iter().map(|weight| Ref::Input(weight.start)).collect();
        let by = |expr: &Expr<Ref>, weight: Ref| differentiate(expr, &|name| *name == weight);
        let by_each = |expr: &Expr<Ref>| -> Vec<Expr<Ref>> {
            weights.iter().map(|weight| by(expr, *weight)).collect()
        };
        let residuals = sheet.residuals();
        let jacobian: Vec<Vec<Expr<Ref>>> = residuals.iter().map(by_each).collect();
        let gradient = by_each(&sheet.sample_loss);
        let hessian: Vec<Vec<Expr<Ref>>> = gradient.iter().map(by_each).collect();
        let constant = |expr: &Expr<Ref>| !uses(expr, &weights);
        let is_linear = residuals.iter().all(|one| is_polynomial(one, &weights))
            && jacobian.iter().flatten().all(constant);
        let is_quadratic =
            is_polynomial(&sheet.sample_loss, &weights) && hessian.iter().flatten().all(constant);
        let curvature =
            if is_linear && residuals.len() == 1 { trace(&hessian) } else { norm(&hessian) };
        Derivatives {
            weights,
            residuals,
            jacobian,
            gradient,
            hessian,
            curvature,
            is_linear,
            is_quadratic,
        }
    }

    /// `expr` where all weights are 0.
    pub fn at_zero(&self, expr: &Expr<Ref>) -> Expr<Ref> {
        let zero = expr.map(&|part| match part {
            Expr::Name(name) if self.weights.contains(name) => Some(Expr::Number(0.0)),
            _ => None,
        });
        simplify(&zero)
    }
}

/// Whether any of `names` is in `expr`.
fn uses(expr: &Expr<Ref>, names: &[Ref]) -> bool {
    expr.has_name(|name| names.contains(name))
}

/// Whether no function and no choice is applied to any of `names`: a function such as `sign` has
/// no slope and yet is no constant.
fn is_polynomial(expr: &Expr<Ref>, names: &[Ref]) -> bool {
    match expr {
        Expr::Call(..) | Expr::If(_) => !uses(expr, names),
        _ => operands(expr).into_iter().all(|operand| is_polynomial(operand, names)),
    }
}

/// The sum of the diagonal.
fn trace(hessian: &[Vec<Expr<Ref>>]) -> Expr<Ref> {
    let diagonal = hessian.iter().enumerate().map(|(index, row)| row[index].clone());
    let sum = diagonal.reduce(|sum, entry| sum.binary(Operator::Add, entry));
    simplify(&sum.unwrap_or(Expr::Number(0.0)))
}

/// The root of the sum of all squares; entries off the diagonal count twice.
fn norm(hessian: &[Vec<Expr<Ref>>]) -> Expr<Ref> {
    let number = |number| Expr::Number(number);
    let mut sum: Option<Expr<Ref>> = None;
    for (row, entries) in hessian.iter().enumerate() {
        for (column, entry) in entries.iter().enumerate().skip(row) {
            if *entry == number(0.0) {
                continue;
            }
            let square = entry.clone().binary(Operator::Power, number(2.0));
            let term = match row == column {
                true => square,
                false => number(2.0).binary(Operator::Multiply, square),
            };
            sum = Some(match sum {
                Some(sum) => sum.binary(Operator::Add, term),
                None => term,
            });
        }
    }
    match (sum, crate::formula::Function::find("sqrt")) {
        (Some(sum), Some(root)) => Expr::Call(root, vec![sum]),
        _ => number(0.0),
    }
}
