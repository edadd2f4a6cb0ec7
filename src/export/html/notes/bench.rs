//! Small runs beside the main ones: the same model, data and start weights, other settings.

use crate::circuit::{Loss, Model, Predictions};
use crate::data::Data;
use crate::error::Result;
use crate::optimizer::{self, Definition, Setup, Training};
use crate::sheet::Sheet;
use crate::trace::{self, Block, Outcome, Plan, Results, Sink};
use crate::value::Value;

/// The longest that a note's run takes.
const MOST_EPOCHS: usize = 10;
const MOST_ROWS: usize = 20_000;

/// What all notes run on.
pub struct Bench<'a> {
    pub results: &'a Results,
    pub model: Model,
    pub start: Vec<f64>,
    /// How many epochs the notes run: those of the run, if they are not too many.
    pub epochs: usize,
}

/// What a run came to.
pub struct Ran {
    pub sheet: Sheet,
    pub outcome: Outcome,
    ends: Ends,
}

/// The values of the first row of a trace and of the last.
#[derive(Default)]
struct Ends {
    first: Vec<Value>,
    last: Vec<Value>,
}

impl Sink for Ends {
    fn block(&mut self, block: &Block) -> Result<()> {
        let Some(last) = block.rows().checked_sub(1) else { return Ok(()) };
        let row = |at: usize| block.columns.iter().map(|column| column[at]).collect();
        if block.first_row == 1 {
            self.first = row(0);
        }
        self.last = row(last);
        Ok(())
    }
}

impl Ran {
    /// The weights after the last epoch, and their RMSE.
    pub fn last(&self) -> Vec<Value> {
        let last = self.outcome.last();
        last.map_or(Vec::new(), |last| [&last.weights[..], &[last.rmse]].concat())
    }

    /// The value of a column in the first step.
    pub fn first_step(&self, column: usize) -> Option<Value> {
        self.ends.first.get(column).copied()
    }

    /// The weights that the last row used: those before its update.
    pub fn used_last(&self) -> Option<Vec<f64>> {
        let weights = self.sheet.weights.iter();
        weights.map(|weight| self.ends.last.get(weight.current)?.get().ok()).collect()
    }
}

impl<'a> Bench<'a> {
    /// The bench for `results`, or none where the data are too many for a few runs more.
    ///
    /// # Errors
    /// None for a model that was run.
    pub fn new(results: &'a Results) -> Result<Option<Self>> {
        let (samples, Some(run)) = (results.data.samples(), results.runs.first()) else {
            return Ok(None);
        };
        if samples == 0 || samples > MOST_ROWS {
            return Ok(None);
        }
        let sheet = &run.sheet;
        let (formulas, _) = Model::read(&sheet.model.prediction)?;
        let model = with_loss(&results.data, formulas, &sheet.model.loss)?;
        let start = sheet.weights.iter().map(|one| sheet.inputs[one.start].value).collect();
        let epochs = results.plan.epochs.min(MOST_EPOCHS).min(MOST_ROWS / samples).max(1);
        Ok(Some(Bench { results, model, start, epochs }))
    }

    /// Runs `definition`, sample by sample in the order of the data.
    ///
    /// # Errors
    /// A weight that is called like a column of the optimizer.
    pub fn run(&self, definition: &Definition, hyper: &[(&str, f64)]) -> Result<Ran> {
        self.run_with(definition, hyper, Training::default())
    }

    /// The same with a way to train.
    ///
    /// # Errors
    /// Those of [`Bench::run`].
    pub fn run_with(
        &self,
        definition: &Definition,
        hyper: &[(&str, f64)],
        training: Training,
    ) -> Result<Ran> {
        let known = hyper.iter().filter(|(name, _)| definition.hyperparameter(name).is_some());
        let hyper = known.map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let data = &self.results.data;
        let setup = Setup { hyper, training, ..Setup::new(&self.start, data.samples()) };
        let sheet = optimizer::sheet(definition, &self.model, &setup)?;
        let mut ends = Ends::default();
        let outcome = trace::run(&sheet, data, &Plan::new(self.epochs), &mut [&mut ends])?;
        Ok(Ran { sheet, outcome, ends })
    }

    /// The same bench with something else.
    pub fn with(&self, model: &Model, start: &[f64], epochs: usize) -> Bench<'a> {
        Bench { results: self.results, model: model.clone(), start: start.to_vec(), epochs }
    }

    /// The same model with another loss.
    ///
    /// # Errors
    /// A loss that does not parse.
    pub fn model_with_loss(&self, loss: &str) -> Result<Model> {
        with_loss(&self.results.data, self.model.predictions(), loss)
    }

    /// The learning rate that the optimizer called `label` has in this run, or its default.
    ///
    /// # Errors
    /// No such optimizer.
    pub fn rate(&self, label: &str) -> Result<f64> {
        let definition = optimizer::find(label)?;
        let run = self.results.runs.iter().find(|run| run.definition.label() == label);
        let set = run.and_then(|run| Some(run.sheet.inputs[run.sheet.input("lr")?].value));
        Ok(set.or_else(|| Some(definition.hyperparameter("lr")?.default)).unwrap_or_default())
    }
}

fn with_loss(data: &Data, formulas: Predictions, loss: &str) -> Result<Model> {
    let columns: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    Model::of(formulas, Loss::read(loss)?, &columns)
}
