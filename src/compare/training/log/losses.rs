//! What the losses of a log tell: which samples each is that of, or that they are another model's.

use super::batches::Batches;
use super::computed::Refusal;
use super::plain::{MEASURED_ROWS, Plain};
use super::slopes::Slopes;
use crate::optimizer::Batch;

/// So many losses of single samples are computed.
const MOST_LOSSES: usize = 1_000_000;
/// Losses that are off by no more than this share are those of the model.
const SAME_LOSS: f64 = 1e-4;

/// A logged loss that is not the model's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OtherLoss {
    /// Its row, counted from 0.
    pub row: usize,
    /// The loss that is logged.
    pub logged: f64,
    /// The model's.
    pub own: f64,
    /// How many times the model's all losses are, where that is the same for all.
    pub factor: Option<f64>,
}

/// Where the losses of a log are those of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Losses {
    pub batches: Batches,
    /// Whether a row has the loss of the weights before it, from which its own were reached.
    pub is_behind: bool,
    /// How many times the model's loss they are: 1 where they are that.
    pub factor: f64,
    /// How far they are off, of their size.
    pub miss: f64,
}

/// The losses of a log beside those of the model.
pub(super) struct Told {
    sums: Sums,
    nearest: Option<Losses>,
    /// How far losses may be off, of their size, with the digits that the log has.
    allowed: f64,
}

impl Told {
    /// Compares the losses of a log with the model's; none where it has none.
    pub fn new(log: &Plain) -> Option<Told> {
        if log.losses.len() < 3 {
            return None;
        }
        let sums = Sums::new(&log.slopes, log.rows.iter().map(Vec::as_slice));
        let nearest = sums.nearest(log.losses, log.given);
        let all = Batches::new(Batch::All);
        let (mut off, mut size) = (0.0, 0.0);
        for at in 0..sums.len().min(MEASURED_ROWS) {
            let (own, row) = (sums.loss(at, &all, 0), log.blurred(&log.rows[at]));
            let other = log.slopes.mean(&row, 0..log.slopes.samples()).loss;
            off += (own - other).abs() + log.loss_rounding;
            size += own.abs();
        }
        Some(Told { sums, nearest, allowed: SAME_LOSS + 4.0 * off / size })
    }

    /// The batches that the losses are those of.
    pub fn batches(&self) -> Option<Losses> {
        self.nearest.filter(|one| one.factor == 1.0 && one.miss <= self.allowed)
    }

    /// What the losses are where they are not the model's, held against these batches.
    pub fn other(&self, log: &Plain, batches: &Batches) -> Option<Refusal> {
        if self.batches().is_some() {
            return None;
        }
        let factor = self.nearest.filter(|one| one.miss <= self.allowed).map(|one| one.factor);
        let mut rows = log.given..self.sums.len().min(log.losses.len() + log.given);
        let logged = |row: usize| log.losses[row - log.given];
        // No batch has a loss below that of each of its samples, or above.
        let is_outside = |row: &usize| {
            let (least, most) = self.sums.ends(*row);
            let slack = self.allowed * most.abs().max(logged(*row).abs());
            logged(*row) < least - slack || logged(*row) > most + slack
        };
        let first = factor.and(rows.clone().next());
        let Some(row) = rows.find(is_outside).or(first) else { return Some(Refusal::Shuffled) };
        let own = self.sums.loss(row, batches, row);
        let other = OtherLoss { row: row - log.given, logged: logged(row), own, factor };
        Some(Refusal::OtherLoss(other))
    }
}

/// Losses of a model's samples, added up along the samples for each row of weights.
struct Sums {
    rows: Vec<Vec<f64>>,
    samples: usize,
}

impl Sums {
    /// The losses at rows of weights, as many as are needed.
    pub fn new<'w>(slopes: &Slopes, rows: impl Iterator<Item = &'w [f64]>) -> Sums {
        let samples = slopes.samples();
        let most = (MOST_LOSSES / samples.max(1)).max(4);
        let row = |weights: &[f64]| {
            let mut sum = 0.0;
            let sums = (0..samples).map(|at| {
                sum += slopes.loss(weights, at);
                sum
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Sums { rows: rows.take(most).map(row).collect(), samples }
    }

    /// The loss of a step's batch at a row of weights.
    pub fn loss(&self, row: usize, batches: &Batches, step: usize) -> f64 {
        let batch = batches.of_step(step, self.samples);
        let sums = &self.rows[row];
        let sum = sums[batch.end] - sums[batch.start];
        batches.factor(&batch) * sum / batch.len() as f64
    }

    /// The least and the largest loss of a single sample at a row of weights.
    pub fn ends(&self, row: usize) -> (f64, f64) {
        let losses = self.rows[row].windows(2).map(|pair| pair[1] - pair[0]);
        losses.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), one| {
            (least.min(one), most.max(one))
        })
    }

    /// How many rows were looked at.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The batches whose losses are nearest to the logged ones; `given` rows of weights stand before
    /// the first loss.
    pub fn nearest(&self, logged: &[f64], given: usize) -> Option<Losses> {
        let sums = |one: Batches| [one, Batches { is_sum: true, ..one }];
        let all = Batches::all(self.samples).into_iter().flat_map(sums);
        let all = all.filter(|one| !(one.is_sum && one.samples(self.samples) == 1));
        let all = all.flat_map(|one| [false, true].map(|is_behind| (one, is_behind)));
        let found = all.filter_map(|(batches, is_behind)| {
            let before = usize::from(is_behind).saturating_sub(given);
            self.fitted(logged, given, Batches { before, ..batches }, is_behind)
        });
        // With any factor a mean is as near as a sum: the one that needs none is meant.
        found.min_by(|a, b| {
            let rank = |one: &Losses| one.miss + 1e-3 * (one.factor.ln().abs()).min(1.0);
            rank(a).total_cmp(&rank(b))
        })
    }

    fn fitted(
        &self,
        logged: &[f64],
        given: usize,
        batches: Batches,
        is_behind: bool,
    ) -> Option<Losses> {
        let pairs: Vec<(f64, f64)> = (0..logged.len())
            .filter_map(|at| {
                let row = (at + given).checked_sub(usize::from(is_behind))?;
                (row < self.len()).then(|| (logged[at], self.loss(row, &batches, row)))
            })
            .collect();
        let sum = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
        let nearest = sum(&|one| one.0 * one.1) / sum(&|one| one.1 * one.1);
        let factor = if (nearest - 1.0).abs() < 1e-3 { 1.0 } else { nearest };
        let off = sum(&|one| (one.0 - factor * one.1).powi(2));
        let miss = (off / sum(&|one| one.0 * one.0)).sqrt();
        (pairs.len() > 2 && miss.is_finite() && factor > 0.0).then_some(Losses {
            batches,
            is_behind,
            factor,
            miss,
        })
    }
}
