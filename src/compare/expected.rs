//! A table beside what it should hold, number by number, for whoever shows both.
//!
//! The form is run once more as a spreadsheet would: on the table's own x and y, from its start,
//! each column over the columns before it and the row above. Where nothing can be computed because
//! the table lacks a number, the table's own number goes on, as in the comparison itself.

use std::collections::BTreeSet;

use super::machine::Machine;
use super::result::{ColumnComparison, Comparison, Ours, SheetComparison};
use crate::data::address::Position;
use crate::formula::{Expr, evaluate};
use crate::sheet::{Group, Ref};
use crate::value::{CellError, Value, significant};

/// A table and its form, row by row.
#[derive(Debug)]
pub(crate) struct Beside<'a> {
    /// What was found out about the sheet.
    pub found: &'a SheetComparison,
    /// The place of the sheet in the workbook.
    pub index: usize,
    /// The table.
    pub machine: &'a Machine,
    /// The form.
    pub ours: &'a Ours,
    /// For each column of the form that is not computed but taken from the table, the table's.
    pub given: Vec<Option<usize>>,
    /// The columns of the table that are compared, from left to right.
    pub pairs: Vec<Pair>,
    /// The columns of the form that are computed, in their order.
    pub computed: Vec<usize>,
    /// The form's values: for each of its columns, row by row; empty for what nobody needs.
    values: Vec<Vec<Value>>,
    /// Where the table's number went on, as column of the form and row.
    taken: BTreeSet<(usize, usize)>,
    tolerance: f64,
}

/// A column of the table and the column of the form that it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pair {
    /// The column of the table.
    pub hand: usize,
    /// The column of the form.
    pub column: usize,
    /// Whether the table has it with the other sign.
    pub is_negated: bool,
    /// The rows whose numbers differ.
    pub differing: Vec<usize>,
    /// What numbers of this column may be apart beside the tolerance, since they are differences of
    /// nearly equal ones.
    pub allowance: f64,
    /// How the column compares as a whole.
    pub figures: Figures,
}

/// How theirs and ours compare as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Figures {
    /// How many cells have a number on both sides.
    pub compared: usize,
    /// How many of them differ.
    pub differing: usize,
    /// The largest difference.
    pub largest: f64,
}

impl<'a> Beside<'a> {
    /// The sheet at `at` of the comparison; none where nothing was compared.
    pub fn new(comparison: &'a Comparison, at: usize, tolerance: f64) -> Option<Self> {
        let found = &comparison.sheets[at];
        let ours = found.ours.as_ref()?;
        let read = comparison.reading.sheets.iter().find(|sheet| sheet.name == found.sheet)?;
        let machine = &read.table.as_ref().ok()?.machine;
        let given = match found.against {
            // All numbers of another workbook are there to be compared.
            Some(_) => vec![None; ours.sheet.columns.len()],
            None => given(found, ours),
        };
        let mut beside = Beside {
            found,
            index: read.index,
            machine,
            ours,
            pairs: pairs(found, &given),
            computed: Vec::new(),
            values: vec![Vec::new(); ours.sheet.columns.len()],
            taken: Default::default(),
            given,
            tolerance,
        };
        match found.against {
            Some(_) => beside.take_over(),
            None => {
                beside.computed = beside.needed();
                beside.compute();
            }
        }
        for index in 0..beside.pairs.len() {
            let (differing, allowance) = beside.differing(&beside.pairs[index]);
            beside.pairs[index].differing = differing;
            beside.pairs[index].allowance = allowance;
            beside.pairs[index].figures = beside.figures(&beside.pairs[index]);
        }
        Some(beside)
    }

    /// How many rows the table has.
    pub fn rows(&self) -> usize {
        self.machine.rows.len()
    }

    /// Where a cell of the table stands in its sheet.
    pub fn place(&self, hand: usize, row: usize) -> Position {
        (self.machine.rows[row], self.machine.columns[hand].column)
    }

    /// The number that stands in the table.
    pub fn theirs(&self, hand: usize, row: usize) -> Option<f64> {
        self.found.columns[hand].found.get(row).copied().flatten()
    }

    /// What should stand in the table's column.
    pub fn ours(&self, pair: &Pair, row: usize) -> Value {
        let value = self.value(pair.column, row);
        if pair.is_negated { Value::ZERO - value } else { value }
    }

    /// A value of the form.
    pub fn value(&self, column: usize, row: usize) -> Value {
        self.values[column].get(row).copied().unwrap_or(CellError::DivisionByZero.into())
    }

    /// Theirs less ours, where both are numbers.
    pub fn difference(&self, pair: &Pair, row: usize) -> Option<f64> {
        Some(self.theirs(pair.hand, row)? - self.ours(pair, row).get().ok()?)
    }

    /// The figures of one column, by the rule by which a spreadsheet counts: differences above the
    /// tolerance and the allowance.
    fn figures(&self, pair: &Pair) -> Figures {
        let mut figures = Figures::default();
        for row in 0..self.rows() {
            let Some(difference) = self.difference(pair, row).map(f64::abs) else { continue };
            let theirs = self.theirs(pair.hand, row).map_or(0.0, f64::abs);
            let ours = self.ours(pair, row).get().map_or(0.0, f64::abs);
            let allowed = self.tolerance * theirs.max(ours) + pair.allowance;
            figures.compared += 1;
            figures.largest = figures.largest.max(difference);
            figures.differing += usize::from(difference > allowed);
        }
        figures
    }

    /// The figures of all columns together.
    pub fn all_figures(&self) -> Figures {
        self.pairs.iter().map(|pair| pair.figures).fold(Figures::default(), |sum, one| Figures {
            compared: sum.compared + one.compared,
            differing: sum.differing + one.differing,
            largest: sum.largest.max(one.largest),
        })
    }

    /// Whether the other workbook has no number for a cell, so that there is nothing to show.
    pub fn is_blank(&self, column: usize, row: usize) -> bool {
        self.found.against.is_some() && self.value(column, row).is_error()
    }

    /// The value that a column of the form starts from.
    pub fn start(&self, column: usize) -> Option<Value> {
        if self.found.against.is_some() {
            return None;
        }
        let initial = self.ours.sheet.columns[column].initial.as_ref()?;
        Some(evaluate(initial, &|name| match *name {
            Ref::Input(input) => Value::number(self.ours.sheet.inputs[input].value),
            _ => CellError::DivisionByZero.into(),
        }))
    }

    /// Whether the table's number stands for one that could not be computed.
    pub fn is_taken(&self, column: usize, row: usize) -> bool {
        self.taken.contains(&(column, row))
    }

    /// The column of the table that shows a column of the form, and whether with the other sign.
    pub fn shown(&self, column: usize) -> Option<(usize, bool)> {
        let shown = shown(self.found, column)?;
        Some((shown, self.found.columns[shown].is_negated))
    }

    /// The column of the form that holds a data column.
    pub fn data(&self, data: usize) -> Option<usize> {
        self.ours.sheet.column(self.ours.sheet.data.get(data)?)
    }

    /// What a formula refers to, columns of the form only.
    fn columns_of(&self, formula: &Expr<Ref>) -> Vec<usize> {
        let column = |name: &Ref| match *name {
            Ref::Column(column) | Ref::Above(column) => Some(column),
            Ref::Data(data) => self.data(data),
            Ref::Input(_) | Ref::Order => None,
        };
        formula.names().into_iter().filter_map(column).collect()
    }

    /// The columns that are compared and all that they need, without what is given.
    fn needed(&self) -> Vec<usize> {
        let mut open: Vec<usize> = self.pairs.iter().map(|pair| pair.column).collect();
        let mut needed = vec![false; self.given.len()];
        while let Some(column) = open.pop() {
            if !needed[column] && self.given[column].is_none() {
                needed[column] = true;
                open.extend(self.columns_of(&self.ours.sheet.columns[column].formula));
            }
        }
        (0..needed.len()).filter(|column| needed[*column]).collect()
    }

    /// Takes the numbers of the other workbook for what should stand in the table.
    fn take_over(&mut self) {
        self.computed = self.pairs.iter().map(|pair| pair.column).collect();
        for pair in &mut self.pairs {
            // They have been given the sign of the table.
            pair.is_negated = false;
            let expected = &self.found.columns[pair.hand].expected;
            let value = |number: &Option<f64>| {
                number.map_or(CellError::DivisionByZero.into(), Value::number)
            };
            self.values[pair.column] = expected.iter().map(value).collect();
        }
    }

    fn compute(&mut self) {
        let starts: Vec<Option<Value>> =
            (0..self.given.len()).map(|column| self.start(column)).collect();
        for row in 0..self.rows() {
            for column in 0..self.given.len() {
                if self.given[column].is_some() {
                    let value = self.shown_value(column, row);
                    self.values[column].push(value.unwrap_or(CellError::DivisionByZero.into()));
                }
            }
            for at in 0..self.computed.len() {
                let column = self.computed[at];
                let mut value = self.evaluate(column, row, &starts);
                if value.is_error()
                    && let Some(theirs) = self.shown_value(column, row)
                {
                    value = theirs;
                    self.taken.insert((column, row));
                }
                self.values[column].push(value);
            }
        }
    }

    /// The table's number for a value of the form, with the form's sign.
    fn shown_value(&self, column: usize, row: usize) -> Option<Value> {
        let (hand, is_negated) = self.shown(column)?;
        let number = self.theirs(hand, row)?;
        Some(Value::number(if is_negated { -number } else { number }))
    }

    fn evaluate(&self, column: usize, row: usize, starts: &[Option<Value>]) -> Value {
        let unknown = || CellError::DivisionByZero.into();
        evaluate(&self.ours.sheet.columns[column].formula, &|name| match *name {
            Ref::Column(other) => self.value(other, row),
            Ref::Above(other) if row == 0 => starts[other].unwrap_or_else(unknown),
            Ref::Above(other) => self.value(other, row - 1),
            Ref::Input(input) => Value::number(self.ours.sheet.inputs[input].value),
            Ref::Data(data) => self.data(data).map_or_else(unknown, |at| self.value(at, row)),
            Ref::Order => unknown(),
        })
    }

    /// The rows that differ, as many as were judged to, and what rounding has to be allowed for so
    /// that a spreadsheet counts the same by one rule.
    fn differing(&self, pair: &Pair) -> (Vec<usize>, f64) {
        let excess = |row: usize| {
            let (theirs, ours) = (self.theirs(pair.hand, row)?, self.ours(pair, row).get().ok()?);
            let allowed = self.tolerance * theirs.abs().max(ours.abs());
            Some(((theirs - ours).abs() - allowed, row)).filter(|(excess, _)| *excess > 0.0)
        };
        let mut over: Vec<(f64, usize)> = (0..self.rows()).filter_map(excess).collect();
        over.sort_by(|one, other| other.0.total_cmp(&one.0));
        let judged = self.found.columns[pair.hand].mismatches;
        let least = judged.checked_sub(1).and_then(|last| over.get(last)).map(|(least, _)| *least);
        let allowance = match (over.get(judged), least) {
            (None, _) => 0.0,
            (Some((spare, _)), Some(least)) if rounded_up(*spare) >= least => (spare + least) / 2.0,
            (Some((spare, _)), _) => rounded_up(*spare),
        };
        let mut rows: Vec<usize> = over.into_iter().take(judged).map(|(_, row)| row).collect();
        rows.sort_unstable();
        (rows, allowance)
    }
}

/// A little more than `number`, with two digits.
fn rounded_up(number: f64) -> f64 {
    significant(number * 1.1, 2)
}

/// What is not computed: x and y, and the weights where nobody knows how they are updated.
fn given(found: &SheetComparison, ours: &Ours) -> Vec<Option<usize>> {
    let sheet = &ours.sheet;
    let is_given = |column: usize| {
        let is_weight = || sheet.weights.iter().any(|weight| weight.current == column);
        sheet.columns[column].group == Group::Data || found.optimizer.is_none() && is_weight()
    };
    let given = |column: usize| shown(found, column).filter(|_| is_given(column));
    (0..sheet.columns.len()).map(given).collect()
}

/// The column of the table that shows a column of the form.
fn shown(found: &SheetComparison, column: usize) -> Option<usize> {
    found.columns.iter().position(|one| one.ours == Some(column))
}

fn pairs(found: &SheetComparison, given: &[Option<usize>]) -> Vec<Pair> {
    let pair = |(hand, column): (usize, &ColumnComparison)| {
        let ours = column.ours.filter(|ours| given[*ours].is_none())?;
        // Where nothing is expected, nothing was compared.
        column.expected.iter().any(Option::is_some).then_some(Pair {
            hand,
            column: ours,
            is_negated: column.is_negated,
            differing: Vec::new(),
            allowance: 0.0,
            figures: Figures::default(),
        })
    };
    found.columns.iter().enumerate().filter_map(pair).collect()
}
