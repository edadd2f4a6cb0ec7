//! What the writers show: every optimizer's sheet with what its run came to.

use super::{
    Block, Checkpoints, EpochSummary, Outcome, Plan, Reason, Sink, Units, exact, explain, run,
};
use crate::data::Data;
use crate::error::Result;
use crate::optimizer::{Definition, ErrorFigure};
use crate::sheet::{ModelText, Sheet};
use crate::value::{Value, counted};

/// A finished run of one or more optimizers over the same data.
#[derive(Debug)]
pub struct Results {
    /// The samples.
    pub data: Data,
    /// How long each optimizer was to run, and in which order it saw the samples.
    pub plan: Plan,
    /// The exact least-squares line, to measure the runs by; other models have none.
    pub exact: Option<Exact>,
    /// The way back to the user's units, where the data are scaled.
    pub units: Option<Units>,
    /// The optimizers' runs, in the order in which they were asked for.
    pub runs: Vec<Run>,
}

/// The weights with the smallest possible sum of squared errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// The weights, in the model's order.
    pub weights: Vec<Value>,
    /// Their RMSE over the samples.
    pub rmse: Value,
}

/// One optimizer's run.
#[derive(Debug)]
pub struct Run {
    /// The optimizer.
    pub definition: Definition,
    /// Its columns, inputs and weights.
    pub sheet: Sheet,
    /// What it came to.
    pub outcome: Outcome,
    /// The number of its rows: one for each sample that it saw.
    pub rows: usize,
    /// How large the numbers of each column get.
    pub extents: Vec<Extent>,
    /// Where it can be gone on with.
    pub checkpoints: Checkpoints,
    /// What the user should know: divergence, or moving away from the data.
    pub warning: Option<String>,
    /// The epochs before the first one, of which nothing is kept but the states.
    pub reset: Option<Box<Run>>,
    /// Why its learning rate is what it is, where it was chosen from the data.
    pub lr_reason: Option<String>,
}

/// How large the numbers of a column get: what a writer needs to choose digits and widths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// The largest absolute value among the numbers.
    pub largest: f64,
    /// Whether all of them are whole.
    pub whole: bool,
}

impl Extent {
    /// The extent of no numbers at all.
    const EMPTY: Extent = Extent { largest: 0.0, whole: true };

    /// The extent of `numbers`.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        numbers.into_iter().fold(Extent::EMPTY, Extent::with)
    }

    fn with(self, number: f64) -> Self {
        Extent {
            largest: self.largest.max(number.abs()),
            whole: self.whole && number == number.trunc(),
        }
    }
}

impl Run {
    /// Runs `sheet` over `data`, and what comes before it.
    fn compute(
        definition: Definition,
        sheet: Sheet,
        data: &Data,
        plan: &Plan,
        watch: &mut dyn Sink,
    ) -> Result<Self> {
        let reset = match &sheet.reset {
            Some(reset) => {
                let title = format!("{}: its reset", definition.title);
                let definition = Definition { title, ..definition.clone() };
                let sheet = reset.sheet.clone();
                let plan = Plan::new(reset.epochs);
                Some(Box::new(Run::compute(definition, sheet, data, &plan, watch)?))
            }
            None => None,
        };
        let mut survey = Survey { extents: vec![Extent::EMPTY; sheet.columns.len()] };
        let mut checkpoints = Checkpoints::default();
        let sinks: &mut [&mut dyn Sink] = &mut [&mut survey, &mut checkpoints, &mut *watch];
        let outcome = run(&sheet, data, plan, sinks)?;
        let warning = explain(&definition, &sheet, data, &outcome);
        let rows = outcome.length() * data.samples();
        let extents = survey.extents;
        let lr_reason = None;
        Ok(Run {
            definition,
            sheet,
            outcome,
            rows,
            extents,
            checkpoints,
            warning,
            reset,
            lr_reason,
        })
    }

    /// The number of its epochs.
    pub fn epochs(&self) -> usize {
        self.outcome.length()
    }
}

impl Results {
    /// Runs every sheet over `data`, handing all values to `watch` as well (a progress bar).
    ///
    /// # Errors
    /// Those of [`run`].
    pub fn compute(
        sheets: Vec<(Definition, Sheet)>,
        data: Data,
        plan: Plan,
        watch: &mut dyn Sink,
    ) -> Result<Self> {
        let mut runs = Vec::new();
        for (definition, sheet) in sheets {
            runs.push(Run::compute(definition, sheet, &data, &plan, watch)?);
        }
        let first = runs.first();
        let exact = first.and_then(|run| exact::of_line(&run.sheet, &data));
        let units = first.and_then(|run| Units::of(&run.sheet, &data));
        Ok(Results { exact, units, runs, plan, data })
    }

    /// The exact solution of any model that is linear in its weights, in the user's units; none
    /// where the samples do not determine it.
    pub fn exact_solution(&self) -> Option<Exact> {
        let exact = exact::of_linear(&self.runs.first()?.sheet, &self.data)?;
        Some(self.units.as_ref().map_or(exact.clone(), |units| units.exact(&exact)))
    }

    /// An error in the user's units.
    pub fn own_error(&self, error: Value) -> Value {
        self.units.as_ref().map_or(error, |units| units.error(error))
    }

    /// The exact line in the user's units.
    pub fn own_exact(&self) -> Option<Exact> {
        let exact = self.exact.as_ref()?;
        Some(self.units.as_ref().map_or_else(|| exact.clone(), |units| units.exact(exact)))
    }

    /// The end of an epoch in the user's units.
    pub fn in_own_units(&self, epoch: &EpochSummary) -> EpochSummary {
        self.units.as_ref().map_or_else(|| epoch.clone(), |units| units.epoch(epoch))
    }

    /// The runs that went well with their indexes, or all if none did: those that a common scale
    /// should suit, so that a run that diverged does not hide the others.
    pub fn well(&self) -> impl Iterator<Item = (usize, &Run)> {
        let none_went_well = self.runs.iter().all(|run| run.warning.is_some());
        let runs = self.runs.iter().enumerate();
        runs.filter(move |(_, run)| none_went_well || run.warning.is_none())
    }

    /// The title of the run with the given index, with the name of its sheet where several runs
    /// have the same optimizer.
    pub fn title(&self, index: usize) -> String {
        let title = |run: &Run| run.definition.title.clone();
        let own = title(&self.runs[index]);
        match self.runs.iter().filter(|run| title(run) == own).count() {
            1 => own,
            _ => format!("{own} ({})", self.runs[index].sheet.name),
        }
    }

    /// The rows of the longest run: one for each sample that it saw.
    pub fn rows(&self) -> usize {
        self.runs.iter().map(|run| run.rows).max().unwrap_or(0)
    }

    /// The epochs of the longest run.
    pub fn epochs(&self) -> usize {
        self.runs.iter().map(Run::epochs).max().unwrap_or(0)
    }

    /// The number of updates in so many epochs, where an update takes more than one row.
    pub fn updates(&self, epochs: usize) -> Option<usize> {
        let size = self.runs.first()?.sheet.batch_size()?;
        Some(epochs * self.data.samples().div_ceil(size.max(1)))
    }

    /// How long the runs were to be, in words: `10 epochs, 290 steps for each optimizer`.
    pub fn length(&self) -> String {
        let (most, end) = match &self.plan.until {
            Some(until) => ("at most ", format!(", until {until}")),
            None => ("", String::new()),
        };
        let epochs = self.plan.epochs;
        let rows = epochs * self.data.samples();
        let rows = match self.updates(epochs) {
            Some(updates) => {
                format!("{} and {}", counted(rows, "row"), counted(updates, "update"))
            }
            None => counted(rows, "step"),
        };
        format!("{most}{}, {rows} for each optimizer{end}", counted(epochs, "epoch"))
    }

    /// What is special about the way to train, in words; nothing for one sample a step and nothing
    /// else.
    pub fn training(&self) -> Option<String> {
        let words = &self.runs.first()?.sheet.training;
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// The error as a dialect has it, beside the RMSE.
    pub fn error(&self) -> Option<&'static ErrorFigure> {
        self.plan.dialect.map(|dialect| &dialect.error)
    }

    /// What the runs start from that a reset made, in a sentence.
    pub fn resets(&self) -> Option<String> {
        let dialect = self.plan.dialect?;
        let resets = self.runs.iter().filter_map(|run| {
            let epochs = counted(run.reset.as_ref()?.epochs(), "epoch");
            Some(format!("{} {epochs}", run.sheet.name))
        });
        let resets: Vec<String> = resets.collect();
        let told = format!(
            "As in {}, states start from what a reset leaves in them: epochs from the start \
             weights, of which nothing else is kept ({}).",
            dialect.title,
            resets.join(", ")
        );
        (!resets.is_empty()).then_some(told)
    }

    /// Whether some runs are longer than others.
    pub fn differ_in_length(&self) -> bool {
        self.runs.iter().any(|run| run.rows != self.rows())
    }

    /// Which runs stopped after which epoch, in sentences, where the plan has something that stops
    /// runs.
    pub fn stops(&self) -> Option<String> {
        let until = self.plan.until.as_ref()?;
        let mut sentences = Vec::new();
        for reason in [Reason::Condition, Reason::Patience] {
            let stopped = self.runs.iter().filter(|run| run.outcome.stopped == Some(reason));
            let runs: Vec<String> = stopped
                .map(|run| format!("{} after epoch {}", run.sheet.name, run.epochs()))
                .collect();
            if !runs.is_empty() {
                sentences.push(format!("Stopped by {}: {}.", until.words(reason), runs.join(", ")));
            }
        }
        let others = self.runs.iter().filter(|run| run.outcome.stopped.is_none());
        let others: Vec<&str> = others.map(|run| run.sheet.name.as_str()).collect();
        if !others.is_empty() {
            let epochs = counted(self.plan.epochs, "epoch");
            sentences.push(format!("Never stopped within {epochs}: {}.", others.join(", ")));
        }
        Some(sentences.join(" "))
    }

    /// Why each run ended when it did, where the plan has something that stops runs.
    pub fn endings(&self) -> Option<Vec<String>> {
        let until = self.plan.until.as_ref()?;
        Some(self.runs.iter().map(|run| until.told(&run.outcome, self.plan.epochs)).collect())
    }

    /// The names of the weights.
    pub fn weights(&self) -> Vec<&str> {
        let first = self.runs.first();
        first.map_or(Vec::new(), |run| run.sheet.weights.iter().map(|w| w.name.as_str()).collect())
    }

    /// What was trained.
    ///
    /// # Panics
    /// Without runs, of which there is always one.
    pub fn model(&self) -> &ModelText {
        &self.runs[0].sheet.model
    }
}

/// Sees how large the numbers get.
struct Survey {
    extents: Vec<Extent>,
}

impl Sink for Survey {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        for (extent, value) in self.extents.iter_mut().zip(values) {
            if let Some(Ok(number)) = value.map(Value::get) {
                *extent = extent.with(number);
            }
        }
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        for (extent, values) in self.extents.iter_mut().zip(&block.columns) {
            *extent =
                values.iter().filter_map(|value| value.get().ok()).fold(*extent, Extent::with);
        }
        Ok(())
    }
}
