//! A definition run over a log: what step it takes from each logged value with each logged gradient.

use std::sync::Arc;

use super::program::{Machine, Program};
use super::steps::Steps;
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
    rate: Option<usize>,
    /// Whether the learning rate goes into what is remembered, so that a step of twice the rate is not
    /// twice as far.
    pub remembers_rate: bool,
    /// Whether twice the learning rate makes every step twice as long.
    pub is_proportional: bool,
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
        let is_proportional = program.is_proportional(&form.sheet);
        let (rate, remembers_rate) = (None, false);
        let mut rule =
            Rule { form, formulas, columns, program, rate, remembers_rate, is_proportional };
        rule.rate = form.sheet.input("lr").filter(|rate| rule.uses(*rate));
        rule.remembers_rate = rule.rate.is_some_and(|rate| {
            let mut states = rule.columns.iter().filter(|at| form.remembers(**at));
            states.any(|at| uses(&rule.formulas[*at], rate))
        });
        rule
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
        self.rate
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
        let initial = |at: usize| self.form.sheet.columns[at].initial.as_ref();
        self.columns.iter().any(|at| {
            uses(&self.formulas[*at], input) || initial(*at).is_some_and(|one| uses(one, input))
        })
    }

    /// The rule before its first step, from the weights before a step, in a lane for each of several
    /// lists of its inputs' values.
    pub fn machine<'m>(&'m self, inputs: &[&[f64]], steps: &'m Steps, step: usize) -> Machine<'m> {
        Machine::new(&self.program, inputs, steps.before(step), steps.tensors())
    }
}

fn uses(formula: &Expr<Ref>, input: usize) -> bool {
    formula.has_name(|name| *name == Ref::Input(input))
}
