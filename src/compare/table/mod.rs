//! The table of samples of a sheet: where it is, and what its columns compute.
//!
//! Nothing depends on addresses. Columns of one formula that is filled down show where the rows
//! are; that a formula refers to the row above shows that it is a chain of steps; what most rows
//! have in common is what the table computes, whatever a single row has.

mod descent;
mod fixed;
mod frame;
mod header;
mod leaves;
mod outside;
mod pattern;
mod plain;
mod running;

use super::machine::Machine;
use crate::data::address::{Area, Position, cell_name};
use crate::formula::Expr;
use crate::graph::arithmetic::Term;
use crate::graph::{Graph, Scalar, Sheet, Workbook};

pub(super) use header::plain as plain_label;
pub(crate) use pattern::Patterns;

/// A table of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What the table computes.
    pub machine: Machine,
    /// The first row and the first column of the samples, counted from 0.
    pub first: (u32, u32),
    /// Their last row and last column.
    pub last: (u32, u32),
    /// The row with the headers.
    pub header: Option<u32>,
    /// For each column of the machine, what its cells have in common.
    pub columns: Vec<TableColumn>,
    /// Formulas outside of the table that take its cells in: sums, means, roots.
    pub totals: Vec<Total>,
    /// Columns of numbers outside of the table, such as pasted errors of epochs.
    pub lists: Vec<SideList>,
    /// Rows between samples that are blank where a sample should be.
    pub blank_rows: Vec<u32>,
}

/// What the cells of a column have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// The number of the formula that most rows have, within the sheet.
    pub formula: Option<usize>,
    /// Why the formula could not become the pattern of a [`Machine`], where it could not.
    pub unresolved: Option<String>,
    /// The cell that the first row refers to without `$`, so that every row below refers to another
    /// one: a number above the table, which is meant in all rows.
    pub strays: Option<Position>,
}

/// A formula outside of the table that takes its cells in.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// Its row and column.
    pub at: (u32, u32),
    /// What stands to the left of it or above it.
    pub label: Option<String>,
    /// The column of the table that it stands under.
    pub column: Option<usize>,
    /// What it computes, or why that is not understood.
    pub tree: Result<Expr<Term>, String>,
    /// Its value.
    pub value: Option<f64>,
}

/// Numbers below each other outside of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct SideList {
    /// What stands above it.
    pub label: Option<String>,
    /// Its first cell.
    pub at: (u32, u32),
    /// Its numbers.
    pub values: Vec<f64>,
}

impl Table {
    /// The cells of the table: `A4:N32`.
    pub fn range(&self) -> String {
        Area { first: self.first, last: self.last }.to_string()
    }

    /// The cells of a column: `J4:J32`.
    pub fn column_range(&self, column: usize) -> String {
        let at = self.machine.columns[column].column;
        format!("{}:{}", cell_name((self.first.0, at)), cell_name((self.last.0, at)))
    }

    /// The column of the machine that stands in the column `column` of the sheet.
    pub fn column_at(&self, column: u32) -> Option<usize> {
        self.machine.columns.binary_search_by_key(&column, |known| known.column).ok()
    }

    /// After how many rows the samples begin again, where the table has more than one epoch: the
    /// typed columns repeat, all of them.
    pub fn epoch(&self) -> Option<usize> {
        let typed = self.machine.columns.iter().zip(&self.columns);
        let typed: Vec<&[Option<f64>]> = typed
            .filter(|(hand, column)| column.formula.is_none() && hand.values.len() > 1)
            .filter(|(hand, _)| hand.values.iter().any(|value| *value != hand.values[0]))
            .map(|(hand, _)| hand.values.as_slice())
            .collect();
        let rows = self.machine.rows.len();
        // A column that counts steps or epochs does not repeat.
        let repeats = |period: &usize| {
            let same = |values: &&&[Option<f64>]| values[*period..] == values[..rows - period];
            typed.iter().filter(same).count() >= 2
        };
        (2..=rows / 2).find(repeats)
    }

    /// Whether the columns `some` of the machine are steps of gradient descent by themselves, the
    /// others taken for data.
    pub(super) fn descends_with(&self, some: &[usize], sheet: &Sheet) -> bool {
        let mut machine = self.machine.clone();
        let mut columns = self.columns.clone();
        for at in (0..columns.len()).filter(|at| !some.contains(at)) {
            machine.columns[at].pattern = None;
            columns[at].formula = None;
        }
        descent::check(&machine, &columns, sheet).is_ok()
    }

    /// The place of the row `row` of the sheet among the samples.
    pub fn row_at(&self, row: u32) -> Option<usize> {
        self.machine.rows.binary_search(&row).ok()
    }
}

/// A sheet of a workbook with the values of its cells.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub workbook: &'a Workbook,
    pub graph: &'a Graph,
    pub sheet: usize,
}

impl View<'_> {
    /// The value of a cell of the sheet.
    fn value(&self, at: Position) -> Scalar {
        self.graph.value_at(self.sheet, at)
    }
}

/// Finds the table of a sheet.
///
/// # Errors
///
/// Why there is none, in plain words: "it is empty".
pub(super) fn find(view: View, patterns: &mut Patterns) -> Result<Table, String> {
    let sheet = &view.workbook.sheets[view.sheet];
    if sheet.is_chart {
        return Err("it is a chart without cells".to_owned());
    }
    if sheet.cells().is_empty() {
        return Err("it is empty".to_owned());
    }
    let frame = match frame::by_formulas(view, patterns) {
        Ok(frame) => frame,
        Err(reason) => return plain::by_headers(view).ok_or(reason),
    };
    let table = leaves::table(view, patterns, frame);
    descent::check(&table.machine, &table.columns, patterns.sheet())?;
    Ok(table)
}
