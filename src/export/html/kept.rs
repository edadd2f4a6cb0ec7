//! What a page keeps of the traces. They are computed for the workbook anyway, so the page looks on.

use super::charts;
use super::excerpt::Excerpt;
use crate::error::Result;
use crate::trace::{Block, Results, Sink};
use crate::value::Value;

/// Takes the traces of all runs, one after the other, and keeps what the page shows.
#[derive(Debug)]
pub struct Kept {
    pub(super) runs: Vec<KeptRun>,
    /// How many traces have begun. Those behind the runs are of something else.
    begun: usize,
}

/// What is kept of a run.
#[derive(Debug)]
pub(super) struct KeptRun {
    pub excerpt: Excerpt,
    pub charts: charts::Keeper,
}

impl Kept {
    /// Nothing yet of the runs of `results`.
    pub fn new(results: &Results) -> Self {
        let run = |run| KeptRun {
            excerpt: Excerpt::default(),
            charts: charts::Keeper::new(results, run),
        };
        Kept { runs: results.runs.iter().map(run).collect(), begun: 0 }
    }

    fn current(&mut self) -> Option<[&mut dyn Sink; 2]> {
        let run = self.runs.get_mut(self.begun.checked_sub(1)?)?;
        Some([&mut run.excerpt, &mut run.charts])
    }
}

impl Sink for Kept {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.begun += 1;
        self.current().into_iter().flatten().try_for_each(|sink| sink.initial(values))
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        self.current().into_iter().flatten().try_for_each(|sink| sink.block(block))
    }
}
