//! How the digits of a column become a number format and a width.

use rust_xlsxwriter::Format;

use crate::export::digits::{Digits, magnitude};
use crate::trace::{EpochSummary, Extent, Results, Run};
use crate::value::Value;

/// How the numbers of a column are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberFormat {
    /// The number format.
    pub code: String,
    /// The characters that the widest number takes.
    pub width: usize,
}

impl NumberFormat {
    /// The format for numbers of the given extent.
    pub fn for_extent(extent: Extent) -> Self {
        const SIGN: usize = 1;
        const POINT: usize = 1;
        let before = magnitude(extent.largest).max(0) as usize + 1;
        let (code, width) = match Digits::for_extent(extent) {
            Digits::Whole => ("0".to_owned(), before),
            Digits::Fixed(after) => (format!("0.{}", "0".repeat(after)), before + POINT + after),
            Digits::Scientific => ("0.000000E+00".to_owned(), 13),
        };
        NumberFormat { code, width: SIGN + width }
    }

    /// A cell format that shows numbers so.
    pub fn number(&self) -> Format {
        Format::new().set_num_format(&self.code)
    }
}

/// The width of a column, in characters, for a head and its numbers.
pub fn column_width(head: &str, digits: &NumberFormat) -> f64 {
    // Bold heads and the note's corner take a little more than their characters.
    let head = head.chars().count() as f64 * 1.05 + 2.0;
    (digits.width as f64 + 1.0).max(head).max(6.5)
}

/// How a run's weights and errors are shown on the sheets that compare runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDigits {
    /// For weights and their distances from the exact ones.
    pub weights: NumberFormat,
    /// For root mean squared errors.
    pub errors: NumberFormat,
    /// For weights in the units of the data, where those are scaled.
    pub own_weights: NumberFormat,
    /// For root mean squared errors in those.
    pub own_errors: NumberFormat,
}

impl RunDigits {
    /// The digits of every run. Those that went well share theirs, so that they can be compared;
    /// the astronomic numbers of one that did not are kept to itself.
    pub fn of(results: &Results) -> Vec<RunDigits> {
        let well: Vec<&Run> = results.well().map(|(_, run)| run).collect();
        let shared = RunDigits::for_runs(results, &well);
        let digits = |run: &Run| match run.warning {
            None => shared.clone(),
            Some(_) => RunDigits::for_runs(results, &[run]),
        };
        results.runs.iter().map(digits).collect()
    }

    fn for_runs(results: &Results, runs: &[&Run]) -> Self {
        let epochs = || runs.iter().flat_map(|run| &run.outcome.epochs);
        let errors = |epoch: &EpochSummary| [epoch.rmse, epoch.online_rmse];
        let own_errors = |epoch: EpochSummary| [epoch.rmse, epoch.online_rmse];
        let start = || runs.iter().map(|run| run.outcome.start_rmse);
        let own = || epochs().map(|epoch| results.in_own_units(epoch));
        let own_start = start().map(|error| results.own_error(error));
        RunDigits {
            weights: format(epochs().flat_map(|epoch| epoch.weights.iter().copied())),
            errors: format(epochs().flat_map(errors).chain(start())),
            own_weights: format(own().flat_map(|epoch| epoch.weights)),
            own_errors: format(own().flat_map(own_errors).chain(own_start)),
        }
    }
}

fn format(values: impl Iterator<Item = Value>) -> NumberFormat {
    NumberFormat::for_extent(Extent::of(values.filter_map(|value| value.get().ok())))
}
