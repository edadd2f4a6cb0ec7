//! The model and its loss: the columns from the step's number to the gradient.
//!
//! For the line `y = a*x + b` with the loss `e = (y_pred - y)^2` these are the columns that a
//! person builds by hand, in the same order.

mod derive;
mod gates;
mod kinks;

pub use derive::{
    AtPoint, Derivatives, Entry, Formulas, LARGEST_DERIVED, MOST_ENTRIES, Numbers, Order,
};
pub use gates::{Circuit, Gate};

use crate::error::{Error, Result};
use crate::formula::{Expr, Name, Operator, parse};
use crate::sheet::{Draft, Group};

/// The width of the finite differences, as in the walkthrough.
pub const DIFFERENCE_WIDTH: f64 = 0.01;

/// The names of the data columns.
pub const DATA: [&str; 2] = ["x", "y"];

/// A model: a formula over weights and data columns, with the gradient of its squared error.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The prediction.
    pub formula: Expr<Name>,
    /// The weights, in the order in which the formula names them.
    pub weights: Vec<String>,
    /// ∂e/∂w of each weight, over `error` and the data columns.
    gradients: Vec<Expr<Name>>,
}

impl Model {
    /// The line `a*x + b`.
    ///
    /// Its loss is e = (ax + b − y)², so ∂e/∂a = 2x(ax + b − y) and ∂e/∂b = 2(ax + b − y).
    ///
    /// # Errors
    /// None: the formulas are constants that a test reads.
    pub fn line() -> Result<Self> {
        Ok(Model {
            formula: formula("a*x + b")?,
            weights: vec!["a".into(), "b".into()],
            gradients: vec![formula("2*error*x")?, formula("2*error")?],
        })
    }

    /// The columns of one step up to the gradient, in the walkthrough's order.
    ///
    /// # Errors
    /// None for formulas that parse.
    pub fn columns(&self) -> Result<Vec<Draft>> {
        let mut drafts = index_columns()?.to_vec();
        for (id, meaning) in
            [("x", "the input of this row's sample"), ("y", "the target of this row's sample")]
        {
            drafts.push(draft(Group::Data, id, id, id, meaning, formula(id)?));
        }
        for weight in &self.weights {
            let meaning = format!("the weight {weight} before this step: `new {weight}` above");
            let formula = Expr::Name(Name::above(next_id(weight)));
            drafts.push(draft(Group::Weights, weight, weight, weight, &meaning, formula));
        }
        drafts.extend(self.forward_columns()?);
        for weight in &self.weights {
            drafts.extend(self.check_columns(weight)?);
        }
        for (weight, gradient) in self.weights.iter().zip(&self.gradients) {
            let header = format!("de/d{weight}");
            let meaning = format!("the slope of err^2 along {weight}: ∂e/∂{weight} = {gradient}");
            let (id, symbol) = (gradient_id(weight), format!("∂e/∂{weight}"));
            drafts.push(draft(Group::Gradient, &id, &header, &symbol, &meaning, gradient.clone()));
        }
        Ok(drafts)
    }

    fn forward_columns(&self) -> Result<[Draft; 3]> {
        let prediction = format!("the prediction: {}", self.formula);
        let error = "how far the prediction is off: y_pred - y";
        let loss = "the loss of this sample: the square of the error";
        Ok([
            draft(Group::Forward, "y_pred", "y_pred", "hat y", &prediction, self.formula.clone()),
            draft(Group::Forward, "error", "error", "error", error, formula("y_pred - y")?),
            draft(Group::Forward, "err2", "err^2", "e", loss, formula("error^2")?),
        ])
    }

    /// The loss with a little added to one weight, and the slope that this suggests.
    fn check_columns(&self, weight: &str) -> Result<[Draft; 2]> {
        let nudged = self.formula.substitute(&mut |name: &Name| {
            if name.id == weight {
                formula(&format!("{weight} + h"))
            } else {
                Ok(name.clone().into())
            }
        })?;
        let off = nudged.binary(Operator::Subtract, Name::here("y").into());
        let loss = off.binary(Operator::Power, Expr::Number(2.0));
        let id = format!("err{weight}1");
        let estimate = formula(&format!("({id} - err2)/h"))?;
        let loss_meaning = format!("err^2 with h added to {weight}");
        let estimate_meaning = format!(
            "de/d{weight} by a forward difference: ({id} - err^2)/h; a check of the real one"
        );
        let header = format!("est de/d{weight}");
        let estimate_id = format!("est_{}", gradient_id(weight));
        let symbol = format!("Δe/Δ{weight}");
        Ok([
            draft(Group::Check, &id, &id, &format!("e_{weight}+h"), &loss_meaning, loss),
            draft(Group::Check, &estimate_id, &header, &symbol, &estimate_meaning, estimate),
        ])
    }
}

/// The id of the column with the partial derivative by `weight`.
pub fn gradient_id(weight: &str) -> String {
    format!("de_d{weight}")
}

/// The id of the column with the value of `weight` after the update.
pub fn next_id(weight: &str) -> String {
    format!("new_{weight}")
}

/// Step, epoch and sample, all counted from 1, as formulas of the row above and of n.
fn index_columns() -> Result<[Draft; 3]> {
    let step = Draft {
        initial: Some(Expr::Number(0.0)),
        ..draft(Group::Index, "step", "step", "t", "updates so far", formula("prev.step + 1")?)
    };
    let epoch = formula("floor((step - 1)/n) + 1")?;
    let sample = formula("mod(step - 1, n) + 1")?;
    Ok([
        step,
        draft(Group::Index, "epoch", "epoch", "epoch", "how often all samples were seen", epoch),
        draft(Group::Index, "sample", "sample", "i", "which row of `data` this step uses", sample),
    ])
}

fn draft(
    group: Group,
    id: &str,
    header: &str,
    symbol: &str,
    meaning: &str,
    formula: Expr<Name>,
) -> Draft {
    Draft {
        id: id.into(),
        header: header.into(),
        symbol: symbol.into(),
        group,
        meaning: meaning.into(),
        formula,
        initial: None,
    }
}

fn formula(text: &str) -> Result<Expr<Name>> {
    parse(text)
        .map_err(|error: crate::formula::ParseError| -> Error { error.in_formula("formula", text) })
}

/// The largest second derivative of the line's loss over the samples `x`, in whichever direction
/// of (a, b), and the x where it is: the largest eigenvalue of 2·[[x², x], [x, 1]] is 2·(1 + x²).
pub fn largest_curvature(x: &[f64]) -> Option<(f64, f64)> {
    let steepest = x.iter().copied().max_by(|one, other| one.abs().total_cmp(&other.abs()))?;
    Some((2.0 * (1.0 + steepest * steepest), steepest))
}
