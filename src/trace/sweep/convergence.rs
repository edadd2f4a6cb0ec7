//! When a run has converged: the one place that says so, in numbers and in words.
//!
//! A run has converged at the end of the first epoch whose RMSE, over all samples with the weights
//! at its end, is at most a threshold. The threshold is what the user says; otherwise, for a line
//! with the squared loss, 1 % above the RMSE of the exact least-squares line, or where that line
//! fits exactly 1 % of the RMSE of the start weights; otherwise 1 % above the smallest RMSE of the
//! whole sweep. Runs that diverged have not converged.

use crate::sheet::Sheet;
use crate::trace::Exact;
use crate::trace::Outcome;
use crate::value::{Value, number_text, significant};

/// 1 % above the best.
const NEAR: f64 = 1.01;
/// 1 % of the start.
const SHARE_OF_START: f64 = 0.01;
/// An exact line whose RMSE is a smaller share of the start's fits up to rounding.
const ROUNDING: f64 = 1e-9;

/// An RMSE to stay below, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// What the user says.
    Given(f64),
    /// Above the RMSE of the exact line.
    Exact(f64),
    /// Below the RMSE of the start weights, since the exact line fits exactly.
    Start(f64),
    /// Above the smallest RMSE of the sweep.
    BestOfSweep(f64),
}

impl Threshold {
    /// The threshold that does not depend on the runs, if there is one.
    pub(super) fn known(given: Option<f64>, exact: Option<&Exact>, start: Value) -> Option<Self> {
        if let Some(given) = given {
            return Some(Threshold::Given(given));
        }
        let (exact, start) = (exact?.rmse.get().ok()?, start.get().ok()?);
        match exact > ROUNDING * start {
            true => Some(Threshold::Exact(NEAR * exact)),
            false => Some(Threshold::Start(SHARE_OF_START * start)),
        }
    }

    /// The largest RMSE of a run that has converged.
    pub fn value(&self) -> f64 {
        match *self {
            Threshold::Given(value)
            | Threshold::Exact(value)
            | Threshold::Start(value)
            | Threshold::BestOfSweep(value) => value,
        }
    }
}

/// When a run has converged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convergence {
    /// The threshold; none where every run diverged and none was given.
    pub threshold: Option<Threshold>,
}

impl Convergence {
    /// The `known` threshold, or the one that follows from the `smallest` RMSE of a run of the whole sweep
    /// that did not diverge.
    pub(super) fn new(known: Option<Threshold>, smallest: Option<f64>) -> Self {
        let of_sweep = smallest.map(|rmse| Threshold::BestOfSweep(NEAR * rmse));
        Convergence { threshold: known.or(of_sweep) }
    }

    /// The largest RMSE of a run that has converged.
    pub fn below(&self) -> Option<f64> {
        self.threshold.as_ref().map(Threshold::value)
    }

    /// The definition in a sentence without a full stop.
    pub fn text(&self) -> String {
        let Some(threshold) = &self.threshold else {
            return "no run has converged: all of them diverged".to_owned();
        };
        let value = number_text(significant(threshold.value(), 4));
        let why = match threshold {
            Threshold::Given(_) => "as --converged says",
            Threshold::Exact(_) => "1 % above that of the exact least-squares line",
            Threshold::Start(_) => {
                "1 % of that of the start weights, since the exact line has an RMSE of 0"
            }
            Threshold::BestOfSweep(_) => "1 % above the smallest one of the whole sweep",
        };
        format!(
            "a run has converged after the first epoch at whose end its RMSE over all samples is \
             at most {value}, {why}"
        )
    }
}

/// When a run converged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converged {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The number of updates up to its end.
    pub step: usize,
}

/// The epochs of a run that may turn out to be the first one below the threshold: those with a
/// smaller RMSE than all before that come near to the run's smallest one. That is all that has to
/// be kept of its epochs, since the threshold is at least so far above the smallest of all runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lows {
    /// The RMSE of each, falling, and its end.
    pub lows: Vec<(f64, Converged)>,
}

impl Lows {
    /// The lows of a run that did not diverge; where the threshold is known, the first below it.
    pub(super) fn of(outcome: &Outcome, sheet: &Sheet, below: Option<f64>) -> Self {
        let mut lows: Vec<(f64, Converged)> = Vec::new();
        if outcome.divergence.is_some() {
            return Lows { lows };
        }
        let updates = updates_of_epoch(sheet);
        for one in &outcome.epochs {
            let Ok(rmse) = one.rmse.get() else { continue };
            if lows.last().is_none_or(|(lowest, _)| rmse < *lowest) {
                let step = one.epoch * updates;
                lows.push((rmse, Converged { epoch: one.epoch, step }));
            }
        }
        let own = lows.last().map_or(0.0, |(lowest, _)| NEAR * lowest);
        lows.retain(|(rmse, _)| *rmse <= below.unwrap_or(own));
        if below.is_some() {
            lows.truncate(1);
        }
        Lows { lows }
    }

    /// The first epoch with an RMSE of at most `threshold`.
    pub fn first_at_most(&self, threshold: f64) -> Option<Converged> {
        self.lows.iter().find(|(rmse, _)| *rmse <= threshold).map(|(_, converged)| *converged)
    }
}

/// The number of updates an epoch has.
fn updates_of_epoch(sheet: &Sheet) -> usize {
    let value = |id: &str| sheet.input(id).map(|input| sheet.inputs[input].value as usize);
    let samples = value("n").unwrap_or(1);
    samples.div_ceil(value("batch_size").unwrap_or(1).max(1))
}
