//! What a page keeps of the traces. They are computed for the workbook anyway, so the page looks on.

use super::excerpt::Excerpt;
use crate::error::Result;
use crate::trace::{Block, Results, Sink};
use crate::value::Value;

/// Takes the traces of all runs, one after the other, and keeps what the page shows.
#[derive(Debug)]
pub struct Kept {
    pub(super) runs: Vec<Excerpt>,
    /// How many traces have begun. Those behind the runs are of something else.
    begun: usize,
}

impl Kept {
    /// Nothing yet of the runs of `results`.
    pub fn new(results: &Results) -> Self {
        Kept { runs: results.runs.iter().map(|_| Excerpt::default()).collect(), begun: 0 }
    }

    fn current(&mut self) -> Option<&mut Excerpt> {
        self.runs.get_mut(self.begun.checked_sub(1)?)
    }
}

impl Sink for Kept {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.begun += 1;
        self.current().map_or(Ok(()), |excerpt| excerpt.initial(values))
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        self.current().map_or(Ok(()), |excerpt| excerpt.block(block))
    }
}
