//! Which samples each step of a log was taken with: all of them, or batches in the order of the file.

use std::ops::Range;

use crate::optimizer::Batch;
use crate::value::counted;

/// Sizes up to this are all tried where only the weights can tell.
const SMALL: usize = 32;

/// The samples of each step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Batches {
    /// How many samples a step is taken with.
    pub size: Batch,
    /// Whether an epoch leaves out what is too little for a batch at its end.
    pub drops_last: bool,
    /// Whether the losses of a batch were added up, not averaged.
    pub is_sum: bool,
    /// How many steps were taken before the first weights of the log.
    pub before: usize,
}

impl Batches {
    /// Means over so many samples, from the first step on.
    pub fn new(size: Batch) -> Batches {
        Batches { size, drops_last: false, is_sum: false, before: 0 }
    }

    /// The samples of a step, counted from that from the first weights of the log, of `count` in all.
    pub fn of_step(&self, step: usize, count: usize) -> Range<usize> {
        let size = self.samples(count);
        let batches = if self.drops_last { count / size } else { count.div_ceil(size) };
        let first = (step + self.before) % batches.max(1) * size;
        first..(first + size).min(count)
    }

    /// What the mean over a batch is multiplied by.
    pub fn factor(&self, batch: &Range<usize>) -> f64 {
        if self.is_sum { batch.len() as f64 } else { 1.0 }
    }

    /// How many samples a whole batch has, of `count` in all.
    pub fn samples(&self, count: usize) -> usize {
        self.size.size(count).min(count)
    }

    /// In words, of `count` samples.
    pub fn words(&self, count: usize) -> String {
        let sum = if self.is_sum { ", added up" } else { "" };
        let rest = match (self.drops_last, count % self.samples(count)) {
            (_, 0) => String::new(),
            (true, rest) => format!("; the {rest} left at the end are left out"),
            (false, rest) => format!("; the last batch has {rest}"),
        };
        match self.size {
            Batch::All => format!("all {} a step{sum}", counted(count, "sample")),
            Batch::One => format!("one sample a step, in the order of the file{sum}"),
            Batch::Of(size) => {
                format!("batches of {size} samples, in the order of the file{sum}{rest}")
            }
        }
    }

    /// All that are thought of for `count` samples; the usual ones first.
    pub fn all(count: usize) -> Vec<Batches> {
        let mut all = vec![Batches::new(Batch::All)];
        if count > 1 {
            all.push(Batches::new(Batch::One));
        }
        for size in 2..count {
            all.push(Batches::new(Batch::Of(size)));
            if !count.is_multiple_of(size) {
                all.push(Batches { drops_last: true, ..Batches::new(Batch::Of(size)) });
            }
        }
        all
    }

    /// Whether somebody would take batches of this size without a reason.
    pub fn is_usual(&self, count: usize) -> bool {
        match self.size {
            Batch::All | Batch::One => true,
            Batch::Of(size) => {
                let is_round = size.is_power_of_two() || size.is_multiple_of(10) && size <= 100;
                size <= SMALL || is_round || count.is_multiple_of(size)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_go_through_the_samples_in_order() {
        let of = |one: Batches, first: usize| -> Vec<Range<usize>> {
            (first..first + 3).map(|step| one.of_step(step, 10)).collect()
        };
        let four = Batches::new(Batch::Of(4));
        assert_eq!(of(four, 1), [4..8, 8..10, 0..4]);
        assert_eq!(of(Batches { drops_last: true, ..four }, 1), [4..8, 0..4, 4..8]);
        assert_eq!(of(Batches { before: 1, ..four }, 0), [4..8, 8..10, 0..4]);
        assert_eq!(of(Batches::new(Batch::One), 8), [8..9, 9..10, 0..1]);
        assert_eq!(of(Batches::new(Batch::All), 7), [0..10, 0..10, 0..10]);
    }

    #[test]
    fn the_rest_of_an_epoch_is_told() {
        let four = Batches::new(Batch::Of(4));
        assert_eq!(
            four.words(10),
            "batches of 4 samples, in the order of the file; the last batch has 2"
        );
        assert_eq!(four.words(8), "batches of 4 samples, in the order of the file");
        assert_eq!(Batches::new(Batch::All).words(8), "all 8 samples a step");
    }
}
