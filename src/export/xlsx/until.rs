//! The condition that stops a run, as a formula over the row of an epoch and the row above.

use rust_xlsxwriter::utility::row_col_to_cell;

use super::epochs::{EPOCH, EpochsLayout, WEIGHTS};
use super::layout::{DataLayout, Total, TraceLayout, rmse_formula};
use crate::formula::excel;
use crate::sheet::{InputKind, Sheet};
use crate::trace::{EpochRef, Figure, Until};

/// A row of the sheet `epochs`.
pub struct Place<'a> {
    pub run: &'a Sheet,
    pub trace: &'a TraceLayout,
    pub data: &'a DataLayout,
    pub layout: &'a EpochsLayout,
    pub row: u32,
}

impl Place<'_> {
    /// The condition in this row, 1 where it holds and 0 where it does not, and whether that is an
    /// array formula.
    pub fn condition(&self, until: &Until, is_first: bool) -> (String, bool) {
        let Some(condition) = until.condition() else { return ("0".into(), false) };
        if is_first && until.needs_predictions_before() {
            return ("0".into(), false);
        }
        let is_start = |name: &EpochRef| is_first && name.previous;
        let text = excel(condition, &|name: &EpochRef| match name.previous {
            _ if is_start(name) => self.start(name.figure).0,
            true => self.cell(self.row - 1, name.figure),
            false => self.cell(self.row, name.figure),
        });
        let mut is_array = false;
        condition.each_name(&mut |name| is_array |= is_start(name) && self.start(name.figure).1);
        (text, is_array)
    }

    fn cell(&self, row: u32, figure: Figure) -> String {
        let column = match figure {
            Figure::Rmse => self.layout.rmse(),
            Figure::OnlineRmse => self.layout.online_rmse(),
            // There is a column for it wherever the condition names it.
            Figure::Loss => self.layout.loss().unwrap_or(self.layout.rmse()),
            Figure::Epoch => EPOCH,
            Figure::Weight(weight) => WEIGHTS + weight as u16,
        };
        format!("${}", row_col_to_cell(row, column))
    }

    /// The same of the start weights, which have no row, and whether it takes an array formula.
    fn start(&self, figure: Figure) -> (String, bool) {
        let starts = self.trace.starts(self.run);
        match figure {
            Figure::Rmse => rmse_formula(self.run, self.data, self.trace, &starts),
            Figure::Loss => {
                let n = self.trace.input(self.run.input_of(InputKind::Samples));
                let sum = Total::of_loss(self.run, self.data, self.trace, &starts);
                (format!("({}/{n})", sum.text), sum.is_array)
            }
            Figure::Weight(weight) => (starts[weight].clone(), false),
            Figure::Epoch | Figure::OnlineRmse => ("0".into(), false),
        }
    }
}
