//! A learning rate that fits the data, found by trial.
//!
//! What limits a learning rate differs from optimizer to optimizer, and nobody knows it of a user's
//! own. But a short run is cheap: so a rate is judged by what a trial with it comes to, and rates
//! are tried that a person would type (1, 2 or 5 times a power of ten). A trial of long data takes
//! a part of the samples, those that curve most among them; its cost is bounded, and the same data
//! give the same rate.

mod ladder;
mod stable;

pub use ladder::{Ladder, below};
pub use stable::stable;

use super::curvature::Derivatives;
use super::summary::{each_sample, mean_loss};
use super::{EpochSummary, Plan, data_columns, exact, run};
use crate::data::{Cells, Data, DataColumn};
use crate::error::Result;
use crate::sheet::Sheet;
use crate::value::Value;

/// How many of the steepest samples a part of the samples has for certain.
const STEEPEST: usize = 16;

/// Within this of the exact solution's RMSE a run is near it: the factor, and the share of the
/// start's where the solution fits exactly.
const NEAR: (f64, f64) = (1.1, 0.05);

/// A solution whose RMSE is a smaller share of the start's fits up to rounding.
const ROUNDING: f64 = 1e-9;

/// A run that goes less than this part of its way has hardly moved.
const HARDLY: f64 = 0.05;

/// What a trial came to: the RMSE of the squared loss, or the mean of any other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tried {
    /// That of the start weights.
    pub start: f64,
    /// That of the end; none where the run diverged.
    pub end: Option<f64>,
    /// The larger one of the last two epochs: an end may be near by chance.
    pub late: f64,
    /// The largest of an epoch, at its end or on its way.
    pub largest: f64,
}

impl Tried {
    /// Runs `sheet` over `data` and says what it came to.
    ///
    /// # Errors
    /// Those of [`run`].
    pub fn of(sheet: &Sheet, data: &Data, plan: &Plan) -> Result<Self> {
        let outcome = run(sheet, data, plan, &mut [])?;
        let start = match sheet.model.is_squared {
            true => outcome.start_rmse,
            false => start_loss(sheet, data)?,
        };
        let number = |value: Value| value.get().unwrap_or(f64::INFINITY);
        let of_epoch = |epoch: &EpochSummary| match sheet.model.is_squared {
            true => number(epoch.rmse),
            false => number(epoch.loss),
        };
        // What it predicted on its way may be wild although epochs happen to end well.
        let on_the_way = |epoch: &EpochSummary| match sheet.model.is_squared {
            true => number(epoch.rmse).max(number(epoch.online_rmse)),
            false => number(epoch.loss),
        };
        let epochs: Vec<f64> = outcome.epochs.iter().map(of_epoch).collect();
        let largest = |epochs: &[f64]| epochs.iter().copied().fold(0.0, f64::max);
        let way: Vec<f64> = outcome.epochs.iter().map(on_the_way).collect();
        let has_diverged = outcome.divergence.is_some();
        let end = epochs.last().copied().filter(|end| !has_diverged && end.is_finite());
        Ok(Tried {
            start: number(start),
            end,
            late: largest(&epochs[epochs.len().saturating_sub(2)..]),
            largest: largest(&way),
        })
    }

    /// What it came to; infinite where it diverged.
    pub fn score(&self) -> f64 {
        self.end.unwrap_or(f64::INFINITY)
    }

    /// Whether it diverged, ended further from the data than it started, or was lost on its way.
    pub fn went_wrong(&self) -> bool {
        const LOST: f64 = 10.0;
        self.end.is_none_or(|end| end > self.start) || self.largest > LOST * self.start
    }

    /// Whether nobody would take such a rate: it went wrong, or wandered far on its way.
    pub fn is_wild(&self) -> bool {
        const FAR: f64 = 1.5;
        self.went_wrong() || self.largest > FAR * self.start
    }

    /// Whether it has hardly moved, when it could have come to `best`.
    pub fn hardly_moved(&self, best: f64) -> bool {
        let way = self.start - best;
        // Who starts at the goal has nowhere to go.
        way > HARDLY * best && self.start - self.score() < HARDLY * way
    }

    /// Whether it came near to the exact solution's RMSE.
    pub fn is_near(&self, exact: f64) -> bool {
        let (factor, share) = NEAR;
        let fits = exact <= ROUNDING * self.start;
        self.score() <= if fits { share * self.start } else { factor * exact }
    }
}

fn start_loss(sheet: &Sheet, data: &Data) -> Result<Value> {
    let columns = data_columns(sheet, data)?;
    Ok(mean_loss(sheet, &columns, &start(sheet)))
}

/// The start weights.
fn start(sheet: &Sheet) -> Vec<Value> {
    let starts = sheet.weights.iter().map(|weight| sheet.inputs[weight.start].value);
    starts.map(Value::number).collect()
}

/// The RMSE of the exact solution, where there is one.
pub fn exact_rmse(sheet: &Sheet, data: &Data) -> Option<f64> {
    exact::of_linear(sheet, data)?.rmse.get().ok()
}

/// A part of the samples, at most `most` (and the steepest for `sheet`), spread evenly and in their
/// order; all where they are no more.
///
/// # Errors
/// Data without the columns that the sheet needs.
pub fn part_of(data: &Data, sheet: &Sheet, most: usize) -> Result<Data> {
    let samples = data.samples();
    if samples <= most {
        return Ok(data.clone());
    }
    let mut kept: Vec<usize> = (0..most).map(|index| index * samples / most).collect();
    kept.extend(steepest(sheet, data)?);
    kept.sort_unstable();
    kept.dedup();
    let column = |column: &DataColumn| DataColumn {
        name: column.name.clone(),
        header: None,
        values: kept.iter().map(|index| column.values[*index]).collect(),
        cells: Cells::default(),
    };
    let columns = data.columns.iter().map(column).collect();
    Ok(Data { file: data.file.clone(), columns, ..Data::default() })
}

/// The samples whose loss curves most at the start.
fn steepest(sheet: &Sheet, data: &Data) -> Result<Vec<usize>> {
    let columns = data_columns(sheet, data)?;
    let curvature = Derivatives::of(sheet).curvature;
    let values = each_sample(sheet, &curvature, &columns, &start(sheet));
    let mut order: Vec<usize> = (0..values.len()).collect();
    let key = |index: &usize| values[*index].get().unwrap_or(f64::INFINITY);
    let last = STEEPEST.min(order.len());
    if last < order.len() {
        order.select_nth_unstable_by(last, |one, other| {
            key(other).total_cmp(&key(one)).then(one.cmp(other))
        });
    }
    order.truncate(last);
    Ok(order)
}
