//! A form's columns computed from the table's own numbers.
//!
//! Where the table has a column, its number is taken, however it came about; only what it lacks is
//! computed. So a row is right or wrong by itself: a mistake further up does not spread. A run of
//! the form takes nothing but the samples, so that everything spreads as it should.

use std::cell::RefCell;

use super::form::Form;
use super::invented::Trial;
use crate::formula::{Expr, evaluate};
use crate::sheet::{Group, Ref};
use crate::value::Value;

/// Where the numbers of a form's column stand in the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Source {
    /// The table's column.
    pub column: usize,
    /// 1, or -1 where the table has the number with the other sign.
    pub sign: f64,
    /// How many rows further down it stands: 1 where the row below starts with the new weight.
    pub below: isize,
}

impl Source {
    /// The very column.
    pub fn of(column: usize) -> Self {
        Source { column, sign: 1.0, below: 0 }
    }

    /// The number for `row` of a trial.
    pub fn at(&self, trial: &Trial, row: isize) -> f64 {
        self.sign * trial.at(self.column, row + self.below)
    }
}

/// Where the number of a hyperparameter comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Constant {
    /// A fixed cell of the machine.
    Cell(usize),
    /// A number that is typed into formulas.
    Typed(f64),
    /// The sheet has no such thing: the number stands for its absence.
    Absent(f64),
}

impl Constant {
    /// Its number in a trial.
    pub fn in_trial(self, trial: &Trial) -> f64 {
        match self {
            Constant::Cell(cell) => trial.fixed.get(cell).copied().unwrap_or(f64::NAN),
            Constant::Typed(number) | Constant::Absent(number) => number,
        }
    }
}

/// What of a form is found in a table.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// Where each column of the form stands.
    pub columns: Vec<Option<Source>>,
    /// Where each input of the form comes from.
    pub inputs: Vec<Option<Constant>>,
    /// The formula of each column: the form's own, or what the table has instead.
    pub formulas: Vec<Expr<Ref>>,
    /// The number of the step before the first row.
    pub steps_before: f64,
    /// The columns that the table's first row just holds, without computing them from its sample.
    pub is_given: Vec<bool>,
}

impl Places {
    /// Nothing found yet.
    pub fn none(form: &Form) -> Self {
        let columns = form.sheet.columns.len();
        Places {
            columns: vec![None; columns],
            inputs: vec![None; form.sheet.inputs.len()],
            formulas: form.sheet.columns.iter().map(|column| column.formula.clone()).collect(),
            steps_before: 0.0,
            is_given: vec![false; columns],
        }
    }

    /// The value of an input in a trial: that of the table, else the form's default.
    pub fn input(&self, form: &Form, trial: &Trial, input: usize) -> f64 {
        match self.inputs[input] {
            Some(constant) => constant.in_trial(trial),
            None => form.sheet.inputs[input].value,
        }
    }
}

/// Computes columns of a form in the rows of one trial.
pub(super) struct Forced<'a> {
    form: &'a Form<'a>,
    places: &'a Places,
    trial: &'a Trial,
    /// Whether only the samples are taken from the table, and else what cannot be computed.
    is_run: bool,
    /// The values so far, row by row, as far as they were asked for: most formulas that are tried ask for
    /// nothing but numbers that are there.
    done: RefCell<Vec<Vec<Option<f64>>>>,
}

impl<'a> Forced<'a> {
    /// Nothing computed yet.
    pub fn new(form: &'a Form, places: &'a Places, trial: &'a Trial) -> Self {
        Forced { form, places, trial, is_run: false, done: RefCell::default() }
    }

    /// A run of the form, nothing computed yet. Where nothing can be, since a number is missing, the
    /// table's own number is taken, so that what comes below is computed again.
    pub fn run(form: &'a Form, places: &'a Places, trial: &'a Trial) -> Self {
        Forced { is_run: true, ..Forced::new(form, places, trial) }
    }

    /// What `formula`, standing in the form's `column`, gives in `row`; NaN where no number.
    pub fn evaluate(&self, formula: &Expr<Ref>, row: isize) -> f64 {
        let value = evaluate(formula, &|name| Value::number(self.look_up(name, row)));
        value.get().unwrap_or(f64::NAN)
    }

    /// The value of a column of the form in `row`: the table's, or computed.
    pub fn value(&self, column: usize, row: isize) -> f64 {
        match self.places.columns[column] {
            Some(source) if !self.is_run || self.is_taken(column, row) => {
                source.at(self.trial, row)
            }
            _ => self.own(column, row),
        }
    }

    /// Whether a run takes the number from the table: a sample, or a state that is just put there.
    fn is_taken(&self, column: usize, row: isize) -> bool {
        let is_sample = self.form.sheet.columns[column].group == Group::Data;
        is_sample || row == 0 && self.places.is_given[column]
    }

    /// The value that the form computes for a column in `row`.
    fn own(&self, column: usize, row: isize) -> f64 {
        if row < 0 {
            return self.initial(column);
        }
        let at = row as usize;
        let known = self.done.borrow().get(at).and_then(|row| *row.get(column)?);
        if let Some(value) = known {
            return value;
        }
        let done = |value: f64| {
            let mut done = self.done.borrow_mut();
            let rows = done.len().max(at + 1);
            done.resize(rows, Vec::new());
            let columns = self.form.sheet.columns.len();
            done[at].resize(columns, None);
            done[at][column] = Some(value);
        };
        // A column that is asked for while it is computed has no value.
        done(f64::NAN);
        let mut value = self.evaluate(&self.places.formulas[column], row);
        if value.is_nan()
            && let Some(source) = self.places.columns[column]
        {
            value = source.at(self.trial, row);
        }
        done(value);
        value
    }

    fn initial(&self, column: usize) -> f64 {
        let sheet = &self.form.sheet;
        if column == sheet.row {
            return self.places.steps_before;
        }
        match &sheet.columns[column].initial {
            Some(initial) => self.evaluate(initial, -1),
            None => f64::NAN,
        }
    }

    fn look_up(&self, name: &Ref, row: isize) -> f64 {
        match *name {
            Ref::Column(column) => self.value(column, row),
            Ref::Above(column) => self.value(column, row - 1),
            Ref::Input(input) => self.places.input(self.form, self.trial, input),
            // Data columns are found before anything is computed.
            Ref::Data(_) | Ref::Order => f64::NAN,
        }
    }
}
