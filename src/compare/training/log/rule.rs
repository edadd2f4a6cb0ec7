//! A definition run over a log: what step it takes from each logged value with each logged gradient.

use std::sync::Arc;

use super::program::{Machine, Program};
use crate::compare::form::{EXTRA, Form};
use crate::formula::Expr;
use crate::sheet::{Group, Input, InputKind, Ref};

/// A definition's formulas for one weight.
#[derive(Debug, Clone)]
pub(super) struct Rule<'a> {
    pub form: &'a Form<'a>,
    /// The formula of each column: the form's own, or one that departs from it.
    pub formulas: Vec<Expr<Ref>>,
    /// The columns that the next weight is computed from, in their order.
    columns: Vec<usize>,
    program: Arc<Program>,
}

impl<'a> Rule<'a> {
    /// The form's own formulas.
    pub fn of(form: &'a Form<'a>) -> Rule<'a> {
        let formulas = form.sheet.columns.iter().map(|column| column.formula.clone()).collect();
        let is_own =
            |at: &usize| matches!(form.sheet.columns[*at].group, Group::State | Group::Update);
        Rule::new(form, formulas, (0..form.sheet.columns.len()).filter(is_own).collect())
    }

    fn new(form: &'a Form<'a>, formulas: Vec<Expr<Ref>>, columns: Vec<usize>) -> Rule<'a> {
        let program = Arc::new(Program::new(&form.sheet, &formulas, &columns));
        Rule { form, formulas, columns, program }
    }

    /// The same with another formula in one column.
    pub fn with(&self, column: usize, formula: Expr<Ref>) -> Rule<'a> {
        let mut formulas = self.formulas.clone();
        formulas[column] = formula;
        Rule::new(self.form, formulas, self.columns.clone())
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
        self.columns.iter().any(|at| uses(&self.formulas[*at], input))
    }

    /// Whether the learning rate goes into what is remembered, so that a step of twice the rate is not
    /// twice as far.
    pub fn remembers_rate(&self) -> bool {
        let Some(rate) = self.rate() else { return false };
        let states = self.columns.iter().filter(|at| self.form.remembers(**at));
        states.into_iter().any(|at| uses(&self.formulas[*at], rate))
    }

    /// The rule before its first step, with values for its inputs, from these weights.
    pub fn machine(&self, inputs: &[f64], start: &[f64]) -> Machine<'_> {
        Machine::new(&self.program, inputs, start)
    }
}

fn uses(formula: &Expr<Ref>, input: usize) -> bool {
    let mut is_used = false;
    formula.each_name(&mut |name| is_used |= *name == Ref::Input(input));
    is_used
}
