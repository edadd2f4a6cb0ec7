//! Any run of a sweep by its number: what all of them have in common is found out once.

use super::convergence::{Convergence, Lows, Threshold};
use super::{Setting, Sweep, SweptRun, Whole};
use crate::error::Result;
use crate::sheet::{InputKind, ModelText, Sheet};
use crate::threads::in_order;
use crate::trace::summary::rmse;
use crate::trace::{Outcome, Units, data_columns, exact, run};
use crate::value::{CellError, Value};

/// Makes the sheet of the optimizer with the given index for a combination of values.
pub type Make<'a> = &'a (dyn Fn(usize, &[Option<f64>]) -> Result<Sheet> + Sync);

/// A run, and the epochs in which it may turn out to have converged.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// What it came to, as if it had not converged.
    pub run: SweptRun,
    /// When it converged, for any threshold that the sweep can have.
    pub lows: Lows,
}

impl Ran {
    /// The run, knowing when a run has converged.
    pub fn judged(self, convergence: &Convergence) -> SweptRun {
        let converged = convergence.below().and_then(|below| self.lows.first_at_most(below));
        SweptRun { converged, ..self.run }
    }

    /// The smallest RMSE at the end of an epoch, where it did not diverge.
    pub fn smallest(&self) -> Option<f64> {
        self.run.best.filter(|_| self.run.diverged_at.is_none()).map(|(rmse, _)| rmse)
    }
}

/// All that is needed to run any combination of a sweep.
pub struct Runner<'a> {
    /// What it runs over.
    pub setting: Setting,
    /// What is trained.
    pub model: ModelText,
    /// The names of the weights with their start values.
    pub start: Vec<(String, f64)>,
    /// The RMSE of the start weights.
    pub start_rmse: Value,
    /// When a run has converged, where that does not depend on the runs.
    pub known: Option<Threshold>,
    make: Make<'a>,
    units: Option<Units>,
}

impl<'a> Runner<'a> {
    /// A runner of `setting`.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn new(setting: Setting, make: Make<'a>) -> Result<Self> {
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
        Ok(Runner { model: first.model.clone(), start, start_rmse, known, make, units, setting })
    }

    /// The sheet of a run.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn sheet(&self, index: usize) -> Result<Sheet> {
        let (block, index) = self.setting.locate(index);
        (self.make)(block, &self.setting.blocks[block].combination(index))
    }

    /// Runs the combination with this index, counted through all optimizers.
    ///
    /// # Errors
    /// Those of `make` and of [`run`].
    pub fn run(&self, index: usize) -> Result<Ran> {
        let (block, index) = self.setting.locate(index);
        let values = self.setting.blocks[block].combination(index);
        let sheet = (self.make)(block, &values)?;
        let mut outcome = run(&sheet, &self.setting.data, &self.setting.plan, &mut [])?;
        if let Some(units) = &self.units {
            outcome.epochs.iter_mut().for_each(|epoch| *epoch = units.epoch(epoch));
        }
        let below = self.known.as_ref().map(Threshold::value);
        let lows = Lows::of(&outcome, &sheet, below);
        Ok(Ran { run: finish(block, values, &outcome, self.setting.data.samples()), lows })
    }

    /// Runs the combinations with these indexes on so many `threads`, and hands what they come to to `take`, in
    /// their order. Only some for each thread are under way, however many there are.
    ///
    /// # Errors
    /// Those of [`run`](Self::run) and of `take`, after which nothing more is run.
    pub fn stream(
        &self,
        indexes: impl Iterator<Item = usize>,
        threads: usize,
        mut take: impl FnMut(usize, &Ran) -> Result<()>,
    ) -> Result<()> {
        in_order(
            threads,
            || |index: usize| (index, self.run(index)),
            |give| indexes.into_iter().try_for_each(give),
            |(index, ran)| take(index, &ran?),
        )
    }

    /// The sweep that all its runs make.
    pub fn finish(self, ran: Vec<Ran>) -> Sweep {
        let smallest = ran.iter().filter_map(Ran::smallest).min_by(f64::total_cmp);
        let convergence = self.convergence(smallest);
        self.sweep(convergence, ran, None)
    }

    /// When a run has converged, of a sweep whose `smallest` RMSE this is.
    pub(super) fn convergence(&self, smallest: Option<f64>) -> Convergence {
        Convergence::new(self.known, smallest)
    }

    /// The sweep of these runs, which are all combinations of what the setting has.
    pub(super) fn sweep(
        self,
        convergence: Convergence,
        ran: Vec<Ran>,
        whole: Option<Whole>,
    ) -> Sweep {
        let runs: Vec<SweptRun> = ran.into_iter().map(|one| one.judged(&convergence)).collect();
        let best = super::best(&runs, |_| true);
        let Runner { setting, model, start, start_rmse, .. } = self;
        Sweep { setting, model, start, start_rmse, convergence, runs, best, whole }
    }
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
    let nothing = Value::from(CellError::Number);
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
