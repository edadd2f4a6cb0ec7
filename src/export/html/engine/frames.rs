//! The frames that the page can change to: other losses, single samples or batches.
//!
//! Each comes from a sheet, as any run's: the columns that an optimizer does not own are those that
//! the same model and the same way to train give plain gradient descent, or an optimizer that looks at
//! the loss of a batch. Where a schedule looks at what an optimizer remembers, it gets frames of its own.

use super::frame::{Frame, Known};
use super::shared::{Frames, place};
use crate::circuit::{Loss, Model};
use crate::data::Data;
use crate::optimizer::{self, Batch, Definition, Schedule, Setup, Training};
use crate::sheet::{Group, Sheet};
use crate::trace::{Results, Run};

/// The optimizer whose sheet has the columns that all have, and one that looks at the loss of an update.
const PLAIN: &str = "sgd";
const LOOKING: &str = "polyak_sgd";

/// The losses that a page offers beside its own.
const LOSSES: [&str; 5] = ["squared", "half-squared", "absolute", "huber:1", "log"];

/// A frame with more text than this is not printed for other losses: the page of a large network
/// would be mostly that.
const LARGEST: usize = 40_000;

/// All frames of a page.
#[derive(Debug, Default)]
pub struct AllFrames {
    pub list: Vec<Frame>,
    pub known: Known,
}

impl AllFrames {
    /// The place of the frame of `sheet`.
    pub fn add(&mut self, sheet: &Sheet) -> usize {
        place(Frame::new(sheet, &mut self.known), &mut self.list)
    }
}

/// What frames are made from: a model with each loss, and a way to train.
pub struct Ways<'a> {
    /// The model with each loss, that of the file first.
    models: Vec<Model>,
    training: &'a Training,
    start: Vec<f64>,
    samples: usize,
    /// The frames of plain gradient descent, and of an optimizer that looks at the loss.
    plain: Frames,
    looking: Frames,
}

impl<'a> Ways<'a> {
    /// The ways that the page of `results` can change to.
    pub fn new(results: &'a Results, all: &mut AllFrames) -> Self {
        let sheet = &results.runs[0].sheet;
        let own = all.add(sheet);
        let is_large = all.known.functions.text(all.list[own].printed).len() > LARGEST;
        let losses = if is_large { Vec::new() } else { losses(sheet, &results.data) };
        let own_loss = sheet.model.loss.as_str();
        let models = std::iter::once(own_loss).chain(losses).filter_map(|loss| model(sheet, loss));
        let start = sheet.weights.iter().map(|weight| sheet.inputs[weight.start].value).collect();
        let mut ways = Ways {
            models: models.collect(),
            training: &results.plan.training,
            start,
            samples: results.data.samples(),
            plain: Frames::new(),
            looking: Frames::new(),
        };
        if let (Ok(plain), Ok(looking)) = (optimizer::find(PLAIN), optimizer::find(LOOKING)) {
            ways.plain = ways.stamped(plain, all);
            ways.looking = ways.stamped(looking, all);
        }
        ways
    }

    /// The frames of a run: number `own`, and the others where it trains in the way of the plan.
    pub fn of_run(&self, run: &Run, own: usize, all: &mut AllFrames) -> Frames {
        let (loss, slot) = (&run.sheet.model.loss, usize::from(all.list[own].is_batched()));
        let mut frames = match optimizer::find(&run.definition.label()) {
            Ok(definition) => self.of_definition(definition, all),
            Err(_) => self.of_definition(&run.definition, all),
        };
        let known = frames.get(loss).and_then(|of_loss| of_loss[slot]);
        let is_own = known.is_some_and(|at| all.list[at].is_like(&all.list[own]));
        // The states of a reset are those of its own loss.
        if !is_own || run.reset.is_some() {
            frames.clear();
        }
        frames.entry(loss.clone()).or_default()[slot] = Some(own);
        frames
    }

    /// The frames of a `definition` that no run has; none where it cannot train in this way.
    pub fn of_definition(&self, definition: &Definition, all: &mut AllFrames) -> Frames {
        if self.training.schedule == Schedule::Annealing {
            // It looks at what the optimizer remembers.
            return self.stamped(definition, all);
        }
        let mut formulas = definition.columns.iter().chain([&definition.update]);
        match formulas.any(|column| column.formula.has_name(|name| name.id == "loss")) {
            true => self.looking.clone(),
            false => self.plain.clone(),
        }
    }

    /// The frames from sheets of `definition`.
    fn stamped(&self, definition: &Definition, all: &mut AllFrames) -> Frames {
        let mut frames = Frames::new();
        let batch = match self.training.batch {
            Batch::One => Batch::Of(2),
            batch => batch,
        };
        for model in &self.models {
            let mut frame = |batch| {
                let training = Training { batch, ..self.training.clone() };
                let setup = Setup { training, ..Setup::new(&self.start, self.samples) };
                let sheet = optimizer::sheet(definition, model, &setup).ok()?;
                Some(all.add(&sheet))
            };
            let of_loss = [frame(Batch::One), frame(batch)];
            frames.insert(model.loss.text.clone(), of_loss);
        }
        frames
    }
}

/// The losses beside its own that make sense for the data.
fn losses<'l>(sheet: &Sheet, data: &Data) -> Vec<&'l str> {
    let kind = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
    let own = kind(&sheet.model.loss);
    let fits = |loss: &&str| {
        kind(loss) != own && Loss::read(loss).is_ok_and(|loss| loss.check(data).is_ok())
    };
    LOSSES.into_iter().filter(fits).collect()
}

/// The model of `sheet` with another loss; none for a formula that the program cannot read back.
fn model(sheet: &Sheet, loss: &str) -> Option<Model> {
    let (formulas, _) = Model::read(&sheet.model.prediction).ok()?;
    let data: Vec<&str> = sheet.data.iter().map(String::as_str).collect();
    let mut model = Model::new(formulas, Loss::read(loss).ok()?, &data).ok()?;
    model.shows_gates = sheet.columns.iter().any(|column| column.group == Group::Circuit);
    Some(model)
}
