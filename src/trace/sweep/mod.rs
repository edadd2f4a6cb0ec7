//! A sweep: one optimizer or several, run once with each combination of varied values.
//!
//! Every combination is a run by the same engine, and none depends on another: they are handed out
//! to as many threads as there are cores, and what comes back is put in the order of the
//! combinations, so that the number of threads changes nothing but the time. Of a run only its end
//! is kept.

mod convergence;
mod grid;
mod words;

pub use convergence::{Converged, Convergence, Threshold};
pub use grid::{Curve, Grid};

use serde::Serialize;

use super::exact;
use super::results::Exact;
use super::summary::rmse;
use super::{Outcome, Plan, Units, data_columns, run};
use crate::data::Data;
use crate::error::Result;
use crate::sheet::{InputKind, ModelText, Sheet};
use crate::threads;
use crate::value::Value;
use convergence::Lows;

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
#[derive(Debug)]
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

/// Makes the sheet of the optimizer with the given index for a combination of values.
pub type Make<'a> = &'a (dyn Fn(usize, &[Option<f64>]) -> Result<Sheet> + Sync);

impl Sweep {
    /// Runs every combination on so many `threads`; `watch` is told after each run.
    ///
    /// # Errors
    /// Those of `make` and of [`run`]: the first one in the order of the combinations.
    pub fn compute(
        setting: Setting,
        make: Make,
        threads: usize,
        watch: &(dyn Fn() + Sync),
    ) -> Result<Self> {
        let first = make(0, &setting.blocks[0].combination(0))?;
        let columns = data_columns(&first, &setting.data)?;
        let start = start(&first);
        let weights: Vec<Value> = start.iter().map(|(_, value)| Value::number(*value)).collect();
        let units = Units::of(&first, &setting.data);
        let own_error = |error: Value| units.as_ref().map_or(error, |units| units.error(error));
        let start_rmse = own_error(rmse(&first, &columns, &weights));
        let exact = exact::of_line(&first, &setting.data);
        let exact =
            exact.map(|exact| units.as_ref().map_or(exact.clone(), |own| own.exact(&exact)));
        let known = Threshold::known(setting.converged, exact.as_ref(), start_rmse);
        let below = known.as_ref().map(Threshold::value);
        let jobs: Vec<(usize, usize)> = (0..setting.blocks.len())
            .flat_map(|block| (0..setting.blocks[block].runs()).map(move |index| (block, index)))
            .collect();
        let ran = threads::map(&jobs, threads, |&(block, index)| {
            let values = setting.blocks[block].combination(index);
            let sheet = make(block, &values)?;
            let mut outcome = run(&sheet, &setting.data, &setting.plan, &mut [])?;
            if let Some(units) = &units {
                outcome.epochs.iter_mut().for_each(|epoch| *epoch = units.epoch(epoch));
            }
            watch();
            let samples = setting.data.samples();
            Ok((finish(block, values, &outcome, samples), Lows::of(&outcome, &sheet, below)))
        });
        let ran = ran.into_iter().collect::<Result<Vec<(SweptRun, Lows)>>>()?;
        let convergence = Convergence::new(known, ran.iter().map(|(run, _)| run));
        let finished = ran.into_iter().map(|(run, lows)| SweptRun {
            converged: convergence.below().and_then(|below| lows.first_at_most(below)),
            ..run
        });
        let runs: Vec<SweptRun> = finished.collect();
        let best = best(&runs, |_| true);
        let model = first.model.clone();
        Ok(Sweep { setting, model, start, start_rmse, convergence, runs, best })
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

    /// How many runs diverged.
    pub fn diverged(&self) -> usize {
        self.runs.iter().filter(|run| run.diverged_at.is_some()).count()
    }

    /// The indexes of the runs from the best to the worst, with those that diverged at the end.
    pub fn ranking(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.runs.len()).collect();
        let key = |index: &usize| self.runs[*index].error().unwrap_or(f64::INFINITY);
        order.sort_by(|one, other| key(one).total_cmp(&key(other)));
        order
    }
}

/// The index of the run with the smallest final RMSE among those that count.
fn best(runs: &[SweptRun], counts: impl Fn(&SweptRun) -> bool) -> Option<usize> {
    let errors = runs.iter().enumerate().filter(|(_, run)| counts(run));
    let errors = errors.filter_map(|(index, run)| Some((index, run.error()?)));
    errors.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
}

/// The weights with their start values.
fn start(sheet: &Sheet) -> Vec<(String, f64)> {
    let starts = sheet.inputs.iter().filter(|input| input.kind == InputKind::Start);
    let names = sheet.weights.iter().map(|weight| weight.name.clone());
    names.zip(starts.map(|input| input.value)).collect()
}

fn finish(block: usize, values: Vec<Option<f64>>, outcome: &Outcome, samples: usize) -> SweptRun {
    let last = outcome.last();
    let has_rmse = last.is_some_and(|last| !last.rmse.is_error());
    let without_rmse = (!has_rmse).then_some(outcome.epochs.len() * samples);
    let errors = outcome.epochs.iter().filter_map(|one| Some((one.rmse.get().ok()?, one.epoch)));
    let nothing = Value::from(crate::value::CellError::Number);
    SweptRun {
        block,
        values,
        weights: last.map_or(Vec::new(), |last| last.weights.clone()),
        rmse: last.map_or(nothing, |last| last.rmse),
        loss: last.map_or(nothing, |last| last.loss),
        best: errors.min_by(|(one, _), (other, _)| one.total_cmp(other)),
        epochs: outcome.epochs.len(),
        converged: None,
        diverged_at: outcome.divergence.map(|divergence| divergence.row).or(without_rmse),
    }
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
