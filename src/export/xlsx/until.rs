//! The condition that stops a run, as a formula over the row of an epoch and the row above.

use rust_xlsxwriter::utility::row_col_to_cell;

use super::data_layout::DataLayout;
use super::epochs::{EPOCH, EpochsLayout, WEIGHTS};
use super::layout::{Total, TraceLayout, rmse_formula};
use super::units;
use crate::formula::excel;
use crate::sheet::{InputKind, Sheet};
use crate::trace::{EpochRef, Figure, Units, Until};

/// A row of the sheet `epochs`.
pub struct Place<'a> {
    pub run: &'a Sheet,
    pub trace: &'a TraceLayout,
    pub data: &'a DataLayout,
    pub layout: &'a EpochsLayout,
    /// The way back to the units of the data, which the condition is about.
    pub units: Option<&'a Units>,
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
        let mut names = condition.names().into_iter();
        (text, names.any(|name| is_start(name) && self.start(name.figure).1))
    }

    fn cell(&self, row: u32, figure: Figure) -> String {
        let rmse = self.layout.own_rmse().unwrap_or(self.layout.rmse());
        let column = match figure {
            Figure::Rmse => rmse,
            Figure::OnlineRmse => rmse + 1,
            // There is a column for it wherever the condition names it.
            Figure::Loss => self.layout.loss().unwrap_or(self.layout.rmse()),
            Figure::Epoch => EPOCH,
            Figure::Weight(weight) => self.layout.own_weights().unwrap_or(WEIGHTS) + weight as u16,
        };
        format!("${}", row_col_to_cell(row, column))
    }

    /// The cell of a start weight, or the formula of it in the units of the data.
    fn own_start(&self, starts: &[String], weight: usize) -> String {
        let Some(units) = self.units else { return starts[weight].clone() };
        let none = vec![String::new(); starts.len()];
        let slopes = units::weights(units, self.data, starts, &none);
        let slopes: Vec<String> = slopes.iter().map(|slope| format!("({slope})")).collect();
        let own = units::weights(units, self.data, starts, &slopes);
        own.get(weight).map_or_else(|| starts[weight].clone(), |own| format!("({own})"))
    }

    /// The same of the start weights, which have no row, and whether it takes an array formula.
    fn start(&self, figure: Figure) -> (String, bool) {
        let starts = self.trace.starts(self.run);
        match figure {
            Figure::Rmse => {
                let (rmse, is_array) = rmse_formula(self.run, self.data, self.trace, &starts);
                let own = self.units.map(|units| units::error(units, self.data, &rmse));
                (own.unwrap_or(rmse), is_array)
            }
            Figure::Loss => {
                let n = self.trace.input(self.run.input_of(InputKind::Samples));
                let sum = Total::of_loss(self.run, self.data, self.trace, &starts);
                (format!("({}/{n})", sum.text), sum.is_array)
            }
            Figure::Weight(weight) => (self.own_start(&starts, weight), false),
            Figure::Epoch | Figure::OnlineRmse => ("0".into(), false),
        }
    }
}
