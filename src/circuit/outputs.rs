//! What a model predicts: a formula for each output, and what the columns are called that belong to it.

use std::fmt;

use crate::data::{target, target_number};
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
    /// Each with the names of its columns.
    pub(super) fn into_outputs(self) -> Vec<Output> {
        let outputs = self.0.len();
        let output = |(at, formula)| Output::new(formula, target_number(at, outputs));
        self.0.into_iter().enumerate().map(output).collect()
    }

    /// Them as equations: `y = a*x + b`; `y1 = a*x + b; y2 = c*x + d`.
    pub fn equation(&self) -> String {
        let formulas = self.0.iter().enumerate();
        let equations =
            formulas.map(|(at, formula)| format!("{} = {formula}", target(at, self.0.len())));
        equations.collect::<Vec<_>>().join("; ")
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
    /// What stands behind the names of its columns; nothing where it is the only one.
    pub number: String,
    /// The data column that the prediction is compared with: `y`.
    pub target: String,
    /// The column of the prediction ŷ: `y_pred`.
    pub prediction: String,
    /// The column of the error ŷ − y: `error`.
    pub error: String,
    /// The prediction.
    pub formula: Expr<Name>,
}

impl Output {
    fn new(formula: Expr<Name>, number: String) -> Self {
        Output {
            target: format!("y{number}"),
            prediction: format!("y{number}_pred"),
            error: format!("error{number}"),
            number,
            formula,
        }
    }

    /// The column of the loss of this output alone: `loss1`.
    pub(super) fn loss(&self) -> String {
        format!("loss{}", self.number)
    }

    /// Whether one of its columns is called so.
    pub(super) fn has(&self, name: &Name) -> bool {
        [&self.target, &self.prediction, &self.error, &self.loss()].contains(&&name.id)
    }
}

/// What stands behind `y =` in a formula that says what it predicts.
pub(super) fn without_target<'t>(text: &'t str, target: &str) -> &'t str {
    let behind = text.trim_start().strip_prefix(target);
    let formula = behind.and_then(|rest| rest.trim_start().strip_prefix('='));
    formula.unwrap_or(text)
}
