//! How long a run goes on, and in which order it sees the samples.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Until;
use crate::optimizer::{Dialect, Training};

/// The plan of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How often all samples are seen, at most.
    pub epochs: usize,
    /// The sample of each row, counted from 1, where they are not seen in the order of the data.
    pub order: Option<Vec<u32>>,
    /// What stops a run earlier, each optimizer's by itself.
    pub until: Option<Until>,
    /// The dialect, which has an error of its own beside the RMSE.
    pub dialect: Option<&'static Dialect>,
    /// The way to train that all optimizers have in common.
    pub training: Training,
    /// Whether of the epochs' summaries the last one alone is kept, so that a run of any length takes the
    /// same memory.
    pub forgets_epochs: bool,
}

impl Plan {
    /// So many epochs in the order of the data.
    pub fn new(epochs: usize) -> Self {
        let training = Training { epochs, ..Training::default() };
        let forgets_epochs = false;
        Plan { epochs, order: None, until: None, dialect: None, training, forgets_epochs }
    }

    /// The same with a new order of the `samples` samples in each epoch, drawn with `seed`: the
    /// same seed gives the same orders on every machine.
    pub fn shuffled(self, samples: usize, seed: u64) -> Self {
        // Start weights may be drawn with the same seed: another stream keeps the two apart.
        const STREAM: u64 = 1;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(STREAM);
        let mut order = Vec::with_capacity(self.epochs * samples);
        for _ in 0..self.epochs {
            let mut epoch: Vec<u32> = (1..=samples as u32).collect();
            epoch.shuffle(&mut random);
            order.append(&mut epoch);
        }
        let training = Training { shuffle: Some(seed), ..self.training };
        Plan { order: Some(order), training, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_sees_all_samples_in_an_order_of_its_own() {
        let order = Plan::new(3).shuffled(29, 7).order.unwrap();
        let epochs: Vec<&[u32]> = order.chunks(29).collect();
        for epoch in &epochs {
            let mut sorted = epoch.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, (1..=29).collect::<Vec<u32>>());
        }
        assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
        assert_eq!(Plan::new(3).shuffled(29, 7).order.unwrap(), order);
        assert_ne!(Plan::new(3).shuffled(29, 8).order.unwrap(), order);
        // The orders of the first epochs do not depend on how many follow.
        assert_eq!(Plan::new(1).shuffled(29, 7).order.unwrap(), epochs[0]);
    }
}
