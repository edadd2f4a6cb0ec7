//! The addresses of a trace's cells and their formulas, for whoever shows them beside a number.
//!
//! They are those that the workbook has, made by the same code.

use rust_xlsxwriter::utility::column_number_to_name;

use super::layout::{DataLayout, TraceLayout};
use crate::trace::Results;

/// Where the cells of every run's trace stand.
#[derive(Debug)]
pub struct Addresses {
    layouts: Vec<TraceLayout>,
}

impl Addresses {
    /// Those of the workbook for `results`.
    pub fn new(results: &Results) -> Self {
        let data = DataLayout::new(&results.data);
        let layout = |run| TraceLayout::new(run, &data, results);
        Addresses { layouts: results.runs.iter().map(layout).collect() }
    }

    /// The letters of a column.
    pub fn letters(column: usize) -> String {
        column_number_to_name(column as u16)
    }

    /// The row on the sheet, counted from 1, of the run's row 0, which has the start values.
    pub fn first_row(&self, run: usize) -> usize {
        self.layouts[run].start as usize + 1
    }

    /// The cell of an input: `$B$5`.
    pub fn input(&self, run: usize, input: usize) -> String {
        self.layouts[run].input(input).rsplit('!').next().unwrap_or_default().to_owned()
    }

    /// The formula of a column in the row of the run counted from 1.
    pub fn formula(&self, run: usize, column: usize, row: usize) -> String {
        let layout = &self.layouts[run];
        format!("={}", layout.columns[column].step.in_row(layout.start + row as u32))
    }

    /// The formula of a column with `{row}` for the number of the row on the sheet and `{above}`
    /// for that of the row above.
    pub fn template(&self, run: usize, column: usize) -> String {
        format!("={}", self.layouts[run].columns[column].step.marked("{row}", "{above}"))
    }
}
