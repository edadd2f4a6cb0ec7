//! The columns of one step up to the gradient, in the walkthrough's order.

use super::model::formula;
use super::{Model, Output, Steps, backward_name, local_name};
use crate::error::Result;
use crate::formula::{Expr, Name};
use crate::sheet::{Draft, Group};

/// The width of the finite differences, as in the walkthrough.
pub const DIFFERENCE_WIDTH: f64 = 0.01;

impl Model {
    /// The columns of one step from the sample to the gradient.
    ///
    /// # Errors
    /// None for formulas that parse.
    pub fn columns(&self) -> Result<Vec<Draft>> {
        let mut drafts = Vec::new();
        for input in &self.inputs {
            let meaning = "the input of this row's sample";
            drafts.push(draft(Group::Data, input, input, input, meaning, formula(input)?));
        }
        for Output { target, .. } in &self.outputs {
            let meaning = "the target of this row's sample";
            drafts.push(draft(Group::Data, target, target, target, meaning, formula(target)?));
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
        let loss = self.loss_header();
        for (weight, gradient) in self.weights.iter().zip(&self.gradients) {
            let header = format!("de/d{weight}");
            let meaning = format!("the slope of {loss} along {weight}: ∂e/∂{weight} = {gradient}");
            let (id, symbol) = (gradient_id(weight), format!("∂e/∂{weight}"));
            drafts.push(draft(Group::Gradient, &id, &header, &symbol, &meaning, gradient.clone()));
        }
        Ok(drafts)
    }

    /// The columns of every gate: forward values, local derivatives, and the way back from the loss
    /// to each weight, whose end is the gradient once more.
    pub fn gate_columns(&self) -> Vec<Draft> {
        let steps = Steps::new(&self.loss_of_sample(), &self.weights);
        let column = |id: &str, header: &str, meaning: &str, formula: &Expr<Name>| {
            draft(Group::Circuit, id, header, id, meaning, formula.clone())
        };
        let mut drafts = Vec::new();
        for gate in &steps.gates {
            let header = format!("{} = {}", gate.name, gate.forward);
            drafts.push(column(&gate.name, &header, "forward: what the gate gives", &gate.forward));
        }
        for gate in &steps.gates {
            for (input, derivative) in &gate.local {
                let id = local_name(&gate.name, input);
                let meaning =
                    format!("local derivative: how fast {} moves with {input}", gate.name);
                drafts.push(column(&id, &id, &meaning, derivative));
            }
        }
        for gate in steps.gates.iter().rev() {
            let Some(backward) = &gate.backward else { continue };
            let id = backward_name(&gate.name);
            let meaning = format!("backward: how fast the loss moves with {}", gate.name);
            drafts.push(column(&id, &id, &meaning, backward));
        }
        for (weight, derivative) in &steps.weights {
            let id = format!("back {}", backward_name(weight));
            let meaning = format!("the gradient by the chain rule, the same as de/d{weight}");
            drafts.push(column(&id, &id, &meaning, derivative));
        }
        drafts
    }

    /// The id of the column with the loss.
    pub fn loss_id(&self) -> &'static str {
        if self.loss.is_squared() { "err2" } else { "loss" }
    }

    /// The header of the column with the loss.
    fn loss_header(&self) -> &'static str {
        if self.loss.is_squared() { "err^2" } else { "loss" }
    }

    /// Predictions, errors and losses: those of each output, and the error and loss of the sample.
    fn forward_columns(&self) -> Result<Vec<Draft>> {
        let column = |id: &str, header: &str, symbol: &str, meaning: &str, formula| {
            draft(Group::Forward, id, header, symbol, meaning, formula)
        };
        let mut drafts = Vec::new();
        for Output { target, prediction, formula, .. } in &self.outputs {
            let meaning = format!("the prediction: {formula}");
            let symbol = format!("hat {target}");
            drafts.push(column(prediction, prediction, &symbol, &meaning, formula.clone()));
        }
        for Output { target, prediction, error, .. } in &self.outputs {
            let difference = format!("{prediction} - {target}");
            let meaning = format!("how far the prediction is off: {difference}");
            drafts.push(column(error, error, error, &meaning, formula(&difference)?));
        }
        let what = match self.loss.is_squared() {
            true => "the square of the error",
            false => &self.loss.text,
        };
        let (id, header) = (self.loss_id(), self.loss_header());
        if let [_] = self.outputs.as_slice() {
            let meaning = format!("the loss of this sample: {what}");
            drafts.push(column(id, header, "e", &meaning, self.loss.formula.clone()));
            return Ok(drafts);
        }
        let mut losses = Vec::new();
        for one in &self.outputs {
            let (number, loss) = (&one.number, one.loss());
            let (prediction, error) = (Name::here(&one.prediction), Name::here(&one.error));
            let formula = self.loss.over(&prediction.into(), &error.into(), &one.target);
            let head = if self.loss.is_squared() { format!("err{number}^2") } else { loss.clone() };
            let meaning = format!("the loss of output {number}: {what}");
            drafts.push(column(&loss, &head, &format!("e_{number}"), &meaning, formula));
            losses.push((head, loss));
        }
        let squares = self.outputs.iter().map(|one| format!("{}^2", one.error));
        let squares = squares.collect::<Vec<_>>().join(" + ");
        let error = format!("sqrt({squares})");
        let meaning = format!("how far the predictions are off together: {error}");
        drafts.push(column("error", "error", "error", &meaning, formula(&error)?));
        let sum = losses.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>().join(" + ");
        let heads = losses.iter().map(|(head, _)| head.as_str()).collect::<Vec<_>>().join(" + ");
        let meaning = format!("the loss of this sample: {heads}");
        drafts.push(column(id, header, "e", &meaning, formula(&sum)?));
        Ok(drafts)
    }

    /// The loss with a little added to one weight, and the slope that this suggests.
    fn check_columns(&self, weight: &str) -> Result<[Draft; 2]> {
        let more = formula(&format!("{weight} + h"))?;
        let own: Expr<Name> = Name::here(weight).into();
        let nudged = self
            .loss_with(&|output| output.formula.map(&|part| (*part == own).then(|| more.clone())));
        let (loss, header) = (self.loss_id(), self.loss_header());
        let prefix = if self.loss.is_squared() { "err" } else { "loss" };
        let id = format!("{prefix}{weight}1");
        let estimate = formula(&format!("({id} - {loss})/h"))?;
        let loss_meaning = format!("{header} with h added to {weight}");
        let estimate_meaning = format!(
            "de/d{weight} by a forward difference: ({id} - {header})/h; a check of the real one"
        );
        let estimate_header = format!("est de/d{weight}");
        let estimate_id = format!("est_{}", gradient_id(weight));
        let symbol = format!("Δe/Δ{weight}");
        Ok([
            draft(Group::Check, &id, &id, &format!("e_{weight}+h"), &loss_meaning, nudged),
            draft(
                Group::Check,
                &estimate_id,
                &estimate_header,
                &symbol,
                &estimate_meaning,
                estimate,
            ),
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

/// The largest second derivative of the line's loss over the samples `x`, in whichever direction
/// of (a, b), and the x where it is: the largest eigenvalue of 2·[[x², x], [x, 1]] is 2·(1 + x²).
pub fn largest_curvature(x: &[f64]) -> Option<(f64, f64)> {
    let steepest = x.iter().copied().max_by(|one, other| one.abs().total_cmp(&other.abs()))?;
    Some((2.0 * (1.0 + steepest * steepest), steepest))
}
