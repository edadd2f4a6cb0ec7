//! What a model predicts: a formula for each output, and what the columns are called that belong to it.

use std::fmt;

use super::Loss;
use crate::formula::{Expr, Name};

/// The formulas of a model: one for each output.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions(pub Vec<Expr<Name>>);

impl From<Expr<Name>> for Predictions {
    fn from(formula: Expr<Name>) -> Self {
        Predictions(vec![formula])
    }
}

impl Predictions {
    /// Them as equations: `y = a*x + b`; `y1 = a*x + b; y2 = c*x + d`.
    pub fn equation(&self) -> String {
        let equation = |(at, formula): (usize, &Expr<Name>)| match self.0.len() {
            1 => format!("y = {formula}"),
            _ => format!("y{} = {formula}", at + 1),
        };
        self.0.iter().enumerate().map(equation).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Predictions {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let formulas: Vec<String> = self.0.iter().map(Expr::to_string).collect();
        f.write_str(&formulas.join("; "))
    }
}

/// What a model predicts, and what the columns are called that belong to it. Of several outputs
/// they are numbered: `y1`, `y1_pred`, `error1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The data column that the prediction is compared with: `y`.
    pub target: String,
    /// The column of the prediction ŷ: `y_pred`.
    pub prediction: String,
    /// The column of the error ŷ − y: `error`.
    pub error: String,
    /// The column of the loss of this output alone: `loss1`; none where it is that of the sample.
    pub loss: Option<String>,
    /// The prediction.
    pub formula: Expr<Name>,
}

impl Output {
    pub(super) fn new(formula: Expr<Name>, number: Option<usize>) -> Self {
        let number = number.map_or(String::new(), |number| number.to_string());
        Output {
            target: format!("y{number}"),
            prediction: format!("y{number}_pred"),
            error: format!("error{number}"),
            loss: (!number.is_empty()).then(|| format!("loss{number}")),
            formula,
        }
    }

    /// The loss of this output, with `prediction` for ŷ.
    pub(super) fn loss_of(&self, loss: &Loss, prediction: &Expr<Name>) -> Expr<Name> {
        loss.of(prediction, &self.target)
    }

    /// Whether one of its columns is called so.
    pub(super) fn has(&self, name: &Name) -> bool {
        let columns = [&self.target, &self.prediction, &self.error];
        columns.into_iter().chain(&self.loss).any(|column| *column == name.id)
    }
}

/// What stands behind `y =` in a formula that says what it predicts.
pub(super) fn without_target(text: &str, number: Option<usize>) -> &str {
    let target = number.map_or("y".to_owned(), |number| format!("y{number}"));
    let behind = text.trim_start().strip_prefix(&target);
    let formula = behind.and_then(|rest| rest.trim_start().strip_prefix('='));
    formula.unwrap_or(text)
}
