//! One of the two tables: its cells, what its columns are, and what its formulas give.

use crate::compare::machine::Machine;
use crate::compare::result::{Comparison, Ours, SheetComparison};
use crate::data::address::{cell_name, column_name};
use crate::formula::{Expr, evaluate};
use crate::sheet::Ref;
use crate::value::Value;

/// What people call a column of step numbers.
const STEPS: [&str; 6] = ["step", "t", "iteration", "iter", "update", "step t"];
/// A form has no longer chains of columns.
const DEEPEST: usize = 8;

/// A table, read and recognized.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    /// What was found out about it.
    pub found: &'a SheetComparison,
    /// Its cells.
    pub machine: &'a Machine,
    /// The form that it follows.
    pub form: &'a Ours,
}

impl<'a> Side<'a> {
    /// The table of a sheet of the comparison.
    pub fn new(comparison: &'a Comparison, found: &'a SheetComparison) -> Option<Self> {
        let read = comparison.reading.sheets.iter().find(|sheet| sheet.name == found.sheet)?;
        let machine = &read.table.as_ref().ok()?.machine;
        Some(Side { found, machine, form: found.ours.as_ref()? })
    }

    /// How many rows the table has.
    pub fn rows(&self) -> usize {
        self.machine.rows.len()
    }

    /// The number in a cell.
    pub fn number(&self, column: usize, row: usize) -> Option<f64> {
        self.machine.columns[column].values.get(row).copied().flatten()
    }

    /// The column of the table that is `id` in its form.
    pub fn column(&self, id: &str) -> Option<usize> {
        self.found.columns.iter().position(|column| column.matches.as_deref() == Some(id))
    }

    /// 1, or -1 where the table has the column with the other sign.
    pub fn sign(&self, column: usize) -> f64 {
        if self.found.columns[column].is_negated { -1.0 } else { 1.0 }
    }

    /// The address of a cell: `J5`.
    pub fn cell(&self, column: usize, row: usize) -> String {
        cell_name((self.machine.rows[row], self.machine.columns[column].column))
    }

    /// The address with the sheet: `adam!J5`.
    pub fn address(&self, cell: &str) -> String {
        format!("{}!{cell}", self.found.sheet)
    }

    /// The row as the sheet counts it.
    pub fn row(&self, row: usize) -> u32 {
        self.machine.rows[row] + 1
    }

    /// A column by its letters and its header: `P (total)`.
    pub fn called(&self, column: usize) -> String {
        let letters = column_name(self.machine.columns[column].column);
        match &self.machine.columns[column].header {
            Some(header) => format!("{letters} ({header})"),
            None => letters,
        }
    }

    /// What a column is called: its header, else its letters.
    pub fn title(&self, column: usize) -> String {
        let hand = &self.machine.columns[column];
        let letters = || format!("column {}", column_name(hand.column));
        hand.header.clone().unwrap_or_else(letters)
    }

    /// The sample of a row, in words: `x = 44, y = 118`.
    pub fn sample(&self, row: usize) -> String {
        let part = |name: &str| {
            let number = self.number(self.column(name)?, row)?;
            Some(format!("{name} = {}", crate::value::number_text(number)))
        };
        [part("x"), part("y")].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The step numbers, where a column has some that only grow.
    pub fn steps(&self) -> Option<Vec<f64>> {
        let sheet = &self.form.sheet;
        let own = self.column(&sheet.columns[sheet.row].id);
        let named = || {
            let is_step = |header: &str| STEPS.contains(&header.trim().to_lowercase().as_str());
            let columns = &self.machine.columns;
            columns.iter().position(|column| column.header.as_deref().is_some_and(is_step))
        };
        let column = own.or_else(named)?;
        let steps: Option<Vec<f64>> = self.machine.columns[column].values.iter().copied().collect();
        steps.filter(|steps| steps.windows(2).all(|pair| pair[0] < pair[1]))
    }

    /// The column of the table that shows a column of the form.
    pub fn shows(&self, column: usize) -> Option<usize> {
        self.found.columns.iter().position(|one| one.ours == Some(column))
    }

    /// What a formula of the form gives in a row from the numbers around it; NaN where that is
    /// none.
    pub fn evaluate(&self, formula: &Expr<Ref>, row: isize) -> f64 {
        evaluate(formula, &|name| Value::number(self.look_up(name, row, DEEPEST)))
            .get()
            .unwrap_or(f64::NAN)
    }

    /// What a name stands for in a row of the form; columns that the table does not show are
    /// computed.
    pub fn look_up(&self, name: &Ref, row: isize, depth: usize) -> f64 {
        match *name {
            Ref::Column(column) => self.value(column, row, depth),
            Ref::Above(column) => self.value(column, row - 1, depth),
            Ref::Input(input) => self.form.sheet.inputs[input].value,
            Ref::Data(_) | Ref::Order => f64::NAN,
        }
    }

    fn value(&self, column: usize, row: isize, depth: usize) -> f64 {
        let form = &self.form.sheet.columns[column];
        let formula = match (usize::try_from(row), self.shows(column)) {
            (Ok(row), Some(shown)) => {
                return self
                    .number(shown, row)
                    .map_or(f64::NAN, |number| self.sign(shown) * number);
            }
            (Ok(_), None) => &form.formula,
            (Err(_), _) => match &form.initial {
                Some(initial) => initial,
                None => return f64::NAN,
            },
        };
        if depth == 0 {
            return f64::NAN;
        }
        evaluate(formula, &|name| Value::number(self.look_up(name, row, depth - 1)))
            .get()
            .unwrap_or(f64::NAN)
    }
}
