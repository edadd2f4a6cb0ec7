//! A sweep: one optimizer or several, run once with each combination of varied values.
//!
//! Every combination is a run by the same engine, and none depends on another: they are handed out
//! to as many threads as there are cores, and what comes back is put in the order of the
//! combinations, so that the number of threads changes nothing but the time. Of a run only its end
//! is kept.

mod convergence;
mod grid;
mod runner;
mod sample;
mod shard;
mod words;

pub(crate) use convergence::Lows;
pub use convergence::{Converged, Convergence, Threshold};
pub use grid::{Curve, Grid};
pub(crate) use runner::{Make, Ran, Runner};
pub(crate) use sample::{Census, Sample};
pub(crate) use shard::Shard;

use serde::Serialize;

use super::Plan;
use crate::data::Data;
use crate::error::Result;
use crate::sheet::ModelText;
use crate::threads;
use crate::value::Value;

/// Something that is varied: a hyperparameter, or a number of the way to train.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Axis {
    /// Its name: `lr`, `batch-size`.
    pub name: String,
    /// Whether its values are spread by equal factors.
    pub logarithmic: bool,
}

/// An optimizer with the values that it is run with.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The name that the user knows it by.
    pub name: String,
    /// The optimizer's own name, and its variant.
    pub optimizer: (String, Option<String>),
    /// The hyperparameters that are not varied.
    pub fixed: Vec<(String, f64)>,
    /// The values along each axis, in rising order; none where the optimizer does not have it.
    pub values: Vec<Vec<f64>>,
}

impl Block {
    /// The number of combinations.
    pub fn runs(&self) -> usize {
        self.values.iter().map(|values| values.len().max(1)).fold(1, usize::saturating_mul)
    }

    /// The values of a combination, one for each axis; the last axis moves fastest.
    pub fn combination(&self, index: usize) -> Vec<Option<f64>> {
        let mut rest = index;
        let mut values: Vec<Option<f64>> = Vec::new();
        for choices in self.values.iter().rev() {
            values.push(choices.get(rest % choices.len().max(1)).copied());
            rest /= choices.len().max(1);
        }
        values.reverse();
        values
    }

    /// The index of the combination of these places along the axes.
    fn index(&self, places: &[usize]) -> usize {
        let axes = self.values.iter().zip(places);
        axes.fold(0, |index, (values, place)| index * values.len().max(1) + place)
    }

    /// The axes along which it has more than one value.
    pub fn active(&self) -> Vec<usize> {
        (0..self.values.len()).filter(|axis| self.values[*axis].len() > 1).collect()
    }
}

/// What one combination came to.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptRun {
    /// The index of its optimizer.
    pub block: usize,
    /// Its value along each axis.
    pub values: Vec<Option<f64>>,
    /// The final weights.
    pub weights: Vec<Value>,
    /// The RMSE over all samples with the final weights.
    pub rmse: Value,
    /// The mean loss over all samples with the final weights.
    pub loss: Value,
    /// The smallest RMSE at the end of an epoch, and the first epoch with it, counted from 1.
    pub best: Option<(f64, usize)>,
    /// How many epochs it ran.
    pub epochs: usize,
    /// When it converged.
    pub converged: Option<Converged>,
    /// The first step with an error value in its trace, or the last one where the final weights are
    /// so large that their RMSE is none.
    pub diverged_at: Option<usize>,
}

impl SweptRun {
    /// The final RMSE of a run that did not diverge.
    pub fn error(&self) -> Option<f64> {
        self.rmse.get().ok().filter(|_| self.diverged_at.is_none())
    }
}

/// What a sweep runs over.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What is varied.
    pub axes: Vec<Axis>,
    /// The optimizers; at least one.
    pub blocks: Vec<Block>,
    /// The samples.
    pub data: Data,
    /// How long each run is.
    pub plan: Plan,
    /// What is special about the way to train in all runs, in words.
    pub training: Vec<String>,
    /// The RMSE at which a run has converged, where the user says so.
    pub converged: Option<f64>,
}

impl Setting {
    /// The number of runs; as many as can be counted where there are more.
    pub fn runs(&self) -> usize {
        self.blocks.iter().map(Block::runs).fold(0, usize::saturating_add)
    }

    /// How many steps all runs have together at most.
    pub fn steps(&self) -> usize {
        self.runs().saturating_mul(self.plan.epochs.saturating_mul(self.data.samples()))
    }

    /// The block of a run, and its index there.
    pub fn locate(&self, index: usize) -> (usize, usize) {
        let mut rest = index;
        for (block, runs) in self.blocks.iter().map(Block::runs).enumerate() {
            if rest < runs {
                return (block, rest);
            }
            rest -= runs;
        }
        (self.blocks.len(), rest)
    }
}

/// A finished sweep.
#[derive(Debug)]
pub struct Sweep {
    /// What it ran over.
    pub setting: Setting,
    /// What was trained.
    pub model: ModelText,
    /// The names of the weights with their start values.
    pub start: Vec<(String, f64)>,
    /// The RMSE of the start weights.
    pub start_rmse: Value,
    /// When a run has converged.
    pub convergence: Convergence,
    /// A run for each combination, optimizer by optimizer.
    pub runs: Vec<SweptRun>,
    /// The run with the smallest final RMSE; none where all diverged.
    pub best: Option<usize>,
    /// All runs, where those here are a sample of them.
    pub whole: Option<Whole>,
}

/// What there is to know of all runs of a sweep that has more than can be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// How many runs there are.
    pub runs: usize,
    /// How many of them diverged.
    pub diverged: usize,
    /// The best of them, the best one first.
    pub best: Vec<SweptRun>,
}

/// What `work` makes of each thing, in their order, on all cores; the first error if there is one.
///
/// # Errors
/// Those of `work`.
pub fn parallel<T: Sync, R: Send>(
    things: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    threads::map(things, threads::cores(), work).into_iter().collect()
}

impl Sweep {
    /// Runs every combination on so many `threads`; `watch` is told after each run.
    ///
    /// # Errors
    /// Those of `make` and of [`run`](super::run): the first one in the order of the combinations.
    pub fn compute(
        setting: Setting,
        make: Make,
        threads: usize,
        watch: &(dyn Fn() + Sync),
    ) -> Result<Self> {
        let runner = Runner::new(setting, make)?;
        let all: Vec<usize> = (0..runner.setting.runs()).collect();
        let ran = threads::map(&all, threads, |index| {
            let ran = runner.run(*index);
            watch();
            ran
        });
        Ok(runner.finish(ran.into_iter().collect::<Result<_>>()?))
    }

    /// The names of the weights.
    pub fn weights(&self) -> impl Iterator<Item = &str> {
        self.start.iter().map(|(name, _)| name.as_str())
    }

    /// The index of the first run of a block.
    pub fn first_run(&self, block: usize) -> usize {
        self.setting.blocks[..block].iter().map(Block::runs).sum()
    }

    /// The best run among those of a block.
    pub fn best_of(&self, block: usize) -> Option<usize> {
        best(&self.runs, |run| run.block == block)
    }

    /// Whether a run ended further from the data than it started.
    pub fn moved_away(&self, run: &SweptRun) -> bool {
        match (run.error(), self.start_rmse.get()) {
            (Some(end), Ok(start)) => end > start,
            _ => false,
        }
    }

    /// The smallest and the largest final RMSE among the runs that came nearer to the data, or
    /// where none did among all with a number: what a common scale should suit.
    pub fn extremes(&self) -> Option<(f64, f64)> {
        let all = || self.runs.iter().filter(|run| run.error().is_some());
        let nearer: Vec<f64> =
            all().filter(|run| !self.moved_away(run)).filter_map(SweptRun::error).collect();
        let counted = match nearer.is_empty() {
            true => all().filter_map(SweptRun::error).collect(),
            false => nearer,
        };
        let lowest = counted.iter().copied().min_by(f64::total_cmp)?;
        let highest = counted.iter().copied().max_by(f64::total_cmp)?;
        Some((lowest, highest))
    }

    /// How many runs there were in all.
    pub fn count(&self) -> usize {
        self.whole.as_ref().map_or(self.runs.len(), |whole| whole.runs)
    }

    /// How many of all runs diverged.
    pub fn diverged(&self) -> usize {
        if let Some(whole) = &self.whole {
            return whole.diverged;
        }
        self.runs.iter().filter(|run| run.diverged_at.is_some()).count()
    }

    /// So many of all runs from the best to the worst, with those that diverged at the end.
    pub fn ranking(&self, most: usize) -> Vec<&SweptRun> {
        let mut order: Vec<&SweptRun> = match &self.whole {
            Some(whole) => whole.best.iter().collect(),
            None => self.runs.iter().collect(),
        };
        let key = |run: &&SweptRun| run.error().unwrap_or(f64::INFINITY);
        order.sort_by(|one, other| key(one).total_cmp(&key(other)));
        order.truncate(most);
        order
    }
}

/// The index of the run with the smallest final RMSE among those that count.
fn best(runs: &[SweptRun], counts: impl Fn(&SweptRun) -> bool) -> Option<usize> {
    let errors = runs.iter().enumerate().filter(|(_, run)| counts(run));
    let errors = errors.filter_map(|(index, run)| Some((index, run.error()?)));
    errors.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Model;
    use crate::data::{Cells, Data, DataColumn};
    use crate::optimizer::{self, Setup};

    fn data() -> Data {
        let column = |name: &str, values: Vec<f64>| DataColumn {
            name: name.into(),
            header: None,
            cells: Cells::default(),
            values,
        };
        let x: Vec<f64> = (0..7).map(|i| f64::from(i * 5 % 7)).collect();
        let y = x.iter().map(|x| 2.0 * x + 3.0).collect();
        Data {
            file: "memory".into(),
            sheet: "data".into(),
            range: String::new(),
            columns: vec![column("x", x), column("y", y)],
            notes: Vec::new(),
            ..Data::default()
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let values = vec![(1..40).map(|i| f64::from(i) * 0.004).collect()];
        let block = Block {
            name: "sgd".into(),
            optimizer: ("sgd".into(), None),
            fixed: Vec::new(),
            values,
        };
        let make = |_: usize, values: &[Option<f64>]| {
            let mut setup = Setup::new(&[1.0, 1.0], 7);
            setup.hyper.insert("lr".into(), values[0].unwrap_or(0.1));
            optimizer::sheet(optimizer::find("sgd")?, &Model::line()?, &setup)
        };
        let sweep = |threads: usize| {
            let setting = Setting {
                axes: vec![Axis { name: "lr".into(), logarithmic: false }],
                blocks: vec![block.clone()],
                data: data(),
                plan: Plan::new(60),
                training: Vec::new(),
                converged: None,
            };
            Sweep::compute(setting, &make, threads, &|| ()).unwrap()
        };
        let one = sweep(1);
        assert!(one.best.is_some() && one.runs.iter().any(|run| run.converged.is_some()));
        for threads in [2, 3, 16] {
            let many = sweep(threads);
            assert_eq!((&many.runs, many.best), (&one.runs, one.best));
        }
    }
}
