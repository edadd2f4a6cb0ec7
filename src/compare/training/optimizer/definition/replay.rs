//! A definition run over the gradients of a sheet: whether it takes the sheet's own steps.

use std::collections::HashMap;

use super::{Fault, Start};
use crate::compare::training::case::Case;
use crate::formula::{Expr, Name, evaluate};
use crate::optimizer::Definition;
use crate::value::{Value, number_text};

/// How far a weight may be from the sheet's, as a part of its size and that of the step.
const NEAR: f64 = 1e-10;

/// The gradient that a definition is given in an iteration, which has this sign in the sheet.
pub(super) fn gradient(case: &Case, weight: usize, iteration: usize, sign: f64) -> Option<f64> {
    let number = case.gradient(weight, iteration, case.ground.graph.values());
    number.is_finite().then_some(number * sign)
}

/// Checks that the definition takes every step of every weight.
pub(super) fn check(
    case: &Case,
    definition: &Definition,
    states: &[Start],
    sign: f64,
) -> Result<(), Fault> {
    for weight in 0..case.group().len() {
        let mut run = Run::new(definition);
        for start in states.iter().filter(|start| start.weight == weight) {
            run.before.insert(&start.column, Value::number(start.value));
        }
        for (at, update) in case.group()[weight].updates.iter().enumerate() {
            let (Some(update), Some(from)) = (update, case.variable(weight, at)) else {
                let cell = case.variable(weight, at + 1);
                let what = "the value of a weight is typed where an update belongs".to_owned();
                return Err(Fault::new(cell, what));
            };
            let number = |cell| case.ground.graph.value(cell).number();
            let Some((w, g)) = number(from).zip(gradient(case, weight, at, sign)) else {
                let what = "the weight or its gradient is no number here".to_owned();
                return Err(Fault::new(Some(update.cell), what));
            };
            let ours = run.step(w, g);
            let theirs = number(update.cell);
            let is_same = theirs.zip(ours).is_some_and(|(theirs, ours)| {
                (theirs - ours).abs() <= NEAR * w.abs().max(theirs.abs())
            });
            if !is_same {
                let text = |number: Option<f64>| number.map_or("no number".to_owned(), number_text);
                let what = format!(
                    "this update of {} follows another rule than the others: it gives {} where \
                     that would give {}",
                    case.weight_name(weight),
                    text(theirs),
                    text(ours)
                );
                return Err(Fault::new(Some(update.cell), what));
            }
        }
    }
    Ok(())
}

/// A definition under way, for one weight.
struct Run<'d> {
    definition: &'d Definition,
    steps: usize,
    before: HashMap<&'d str, Value>,
}

impl<'d> Run<'d> {
    fn new(definition: &'d Definition) -> Run<'d> {
        let mut run = Run { definition, steps: 0, before: HashMap::new() };
        for column in &definition.columns {
            let start = column.start.as_ref().map(|start| run.value(start, &HashMap::new()));
            run.before.insert(&column.id, start.unwrap_or(Value::ZERO));
        }
        run
    }

    /// The next weight.
    fn step(&mut self, w: f64, g: f64) -> Option<f64> {
        self.steps += 1;
        let given = [("w", w), ("g", g), ("t", self.steps as f64)];
        let mut here: HashMap<&str, Value> =
            given.into_iter().map(|(name, number)| (name, Value::number(number))).collect();
        for column in &self.definition.columns {
            let value = self.value(&column.formula, &here);
            here.insert(&column.id, value);
        }
        let next = self.value(&self.definition.update.formula, &here);
        self.before = here;
        next.get().ok()
    }

    fn value(&self, formula: &Expr<Name>, here: &HashMap<&str, Value>) -> Value {
        evaluate(formula, &|name: &Name| {
            let known = if name.previous {
                self.before.get(name.id.as_str())
            } else {
                here.get(name.id.as_str())
            };
            let hyper =
                || self.definition.hyperparameter(&name.id).map(|one| Value::number(one.default));
            known.copied().or_else(hyper).unwrap_or(Value::number(f64::NAN))
        })
    }
}
