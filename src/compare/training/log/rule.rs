//! A definition run over a log: what step it takes from each logged value with each logged gradient.

use super::steps::Steps;
use crate::compare::form::{EXTRA, Form};
use crate::formula::{Expr, evaluate};
use crate::sheet::{Group, Input, InputKind, Ref};
use crate::value::Value;

/// A definition's formulas for one weight.
#[derive(Debug, Clone)]
pub(super) struct Rule<'a> {
    pub form: &'a Form<'a>,
    /// The formula of each column: the form's own, or one that departs from it.
    pub formulas: Vec<Expr<Ref>>,
    /// The columns that the next weight is computed from, in their order.
    columns: Vec<usize>,
}

impl<'a> Rule<'a> {
    /// The form's own formulas.
    pub fn of(form: &'a Form<'a>) -> Rule<'a> {
        let formulas = form.sheet.columns.iter().map(|column| column.formula.clone()).collect();
        let is_own =
            |at: &usize| matches!(form.sheet.columns[*at].group, Group::State | Group::Update);
        let columns = (0..form.sheet.columns.len()).filter(is_own).collect();
        Rule { form, formulas, columns }
    }

    /// The same with another formula in one column.
    pub fn with(&self, column: usize, formula: Expr<Ref>) -> Rule<'a> {
        let mut changed = self.clone();
        changed.formulas[column] = formula;
        changed
    }

    /// The values that its inputs have where nothing is known.
    pub fn defaults(&self) -> Vec<f64> {
        self.form.sheet.inputs.iter().map(|input| input.value).collect()
    }

    /// The input that is the learning rate, where the formulas have one.
    pub fn rate(&self) -> Option<usize> {
        self.form.sheet.input("lr").filter(|rate| self.uses(*rate))
    }

    /// The inputs that are hyperparameters, but for the learning rate.
    pub fn hyperparameters(&self) -> Vec<usize> {
        let inputs = self.form.sheet.inputs.iter().enumerate();
        let is_one = |(_, input): &(usize, &Input)| {
            input.kind == InputKind::Hyperparameter && input.id != "lr"
        };
        inputs.filter(is_one).map(|(at, _)| at).collect()
    }

    /// Whether an input is one that departures bring with them.
    pub fn is_extra(&self, input: usize) -> bool {
        EXTRA.iter().any(|(id, _)| *id == self.form.sheet.inputs[input].id)
    }

    /// Whether the formulas use an input.
    pub fn uses(&self, input: usize) -> bool {
        let mut is_used = false;
        for formula in self.columns.iter().map(|at| &self.formulas[*at]) {
            formula.each_name(&mut |name| is_used |= *name == Ref::Input(input));
        }
        is_used
    }

    /// How far each step goes, from the logged value and with the logged gradients; with the learning
    /// rates of the steps, where they are given.
    pub fn moves(&self, inputs: &[f64], steps: &Steps, rates: Option<&[f64]>) -> Vec<f64> {
        let sheet = &self.form.sheet;
        let Some(weight) = sheet.weights.first() else { return Vec::new() };
        let mut inputs = inputs.to_vec();
        let mut row = vec![0.0; sheet.columns.len()];
        let mut above = row.clone();
        for at in &self.columns {
            if let Some(initial) = &sheet.columns[*at].initial {
                row[*at] = number(initial, &row, &row, &inputs);
            }
        }
        let rates = rates.and_then(|rates| Some((self.rate()?, rates)));
        let mut moves = Vec::with_capacity(steps.len());
        for step in 0..steps.len() {
            above.copy_from_slice(&row);
            row[sheet.row] = step as f64 + 1.0;
            row[weight.current] = steps.before[step];
            row[weight.gradient] = steps.gradients[step];
            if let Some((rate, rates)) = rates {
                inputs[rate] = rates[step];
            }
            for at in &self.columns {
                row[*at] = number(&self.formulas[*at], &row, &above, &inputs);
            }
            moves.push(row[weight.next] - steps.before[step]);
        }
        moves
    }
}

fn number(formula: &Expr<Ref>, row: &[f64], above: &[f64], inputs: &[f64]) -> f64 {
    let look_up = |name: &Ref| {
        Value::number(match *name {
            Ref::Column(at) => row[at],
            Ref::Above(at) => above[at],
            Ref::Input(at) => inputs[at],
            Ref::Data(_) | Ref::Order => f64::NAN,
        })
    };
    evaluate(formula, &look_up).get().unwrap_or(f64::NAN)
}
