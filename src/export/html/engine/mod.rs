//! What the page computes from: the data, what every row computes before an optimizer has its turn
//! (a frame), and the optimizers, each written for one weight.
//!
//! The formulas become functions in the page's script, which the browser compiles; everything that
//! has a name, a number or a place stands beside them as JSON. A name from a user's file is never
//! code: in a function there are places alone.

mod definition;
mod frame;
mod frames;
mod shared;
mod until;

use serde::Serialize;

use crate::error::Result;
use crate::formula::{javascript_functions, javascript_table};
use crate::optimizer::{self, Definition};
use crate::sheet::Sheet;
use crate::trace::{Part, Results, Units};
use definition::Optimizer;
use frame::{Frame, NamedInput};
use frames::{AllFrames, Ways};
use shared::{Column, Frames, Hyper, Made, Shared, place};
use until::PrintedUntil;

/// What `templates/js/engine.js` runs.
#[derive(Debug, Serialize)]
pub struct Program {
    samples: usize,
    /// The data columns with their names, y last.
    data: Vec<Vec<f64>>,
    data_names: Vec<String>,
    weights: Vec<String>,
    start: Vec<f64>,
    epochs: usize,
    batch_size: usize,
    loss: String,
    /// The seed of the orders of the samples, in digits: it may be larger than numbers of JSON are.
    shuffle: Option<String>,
    until: Option<PrintedUntil>,
    units: Option<PrintedUnits>,
    /// The optimizers that the file has.
    shown: Vec<String>,
    frames: Vec<Frame>,
    frame_columns: Vec<Column>,
    /// What inputs are that are no hyperparameters.
    inputs: Vec<NamedInput>,
    /// The places of frames that an optimizer has: for each loss, for single samples and for batches.
    ways: Vec<Frames>,
    hyper: Vec<Hyper>,
    columns: Vec<Column>,
    libraries: Vec<Made>,
    optimizers: Vec<Optimizer>,
}

/// The way back from scaled columns.
#[derive(Debug, Serialize)]
struct PrintedUnits {
    /// Center and spread of each data column, y last.
    columns: Vec<(f64, f64)>,
    /// The column whose factor each weight is; none for what is added.
    parts: Option<Vec<Option<usize>>>,
}

/// Functions in JavaScript, each text once.
#[derive(Debug, Default)]
struct Functions(Vec<String>);

impl Functions {
    /// The place of `text` among them.
    fn add(&mut self, text: String) -> usize {
        place(text, &mut self.0)
    }

    fn text(&self, at: usize) -> &str {
        self.0.get(at).map_or("", String::as_str)
    }

    fn list(&self) -> String {
        self.0.join(",\n")
    }
}

/// The functions of a page.
#[derive(Debug)]
pub struct Printed {
    frames: Functions,
    definitions: Functions,
    conditions: Functions,
}

impl Printed {
    /// The functions as a part of the script.
    pub fn script(&self) -> String {
        format!(
            "{}gd.functions = {{\n{}}};\ngd.printed = {{\nframes: [\n{}\n],\ndefinitions: [\n{}\n],\n\
             conditions: [{}],\n}};\n",
            javascript_functions(),
            javascript_table(),
            self.frames.list(),
            self.definitions.list(),
            self.conditions.list()
        )
    }
}

impl Program {
    /// What the runs of `results` are computed from, with its functions; with `others` every built-in
    /// optimizer that can train in their way besides.
    ///
    /// # Errors
    /// A mistake in a built-in definition, which a test excludes.
    pub fn new(results: &Results, others: bool) -> Result<(Self, Printed)> {
        let (mut all, mut shared) = (AllFrames::default(), Shared::default());
        let ways = Ways::new(results, &mut all);
        let mut optimizers = of_runs(results, &ways, &mut all, &mut shared);
        if others {
            optimizers.extend(of_others(results, &ways, &mut all, &mut shared)?);
        }
        let sheet = &results.runs[0].sheet;
        let column = |name: &String| results.data.column(name).map(|one| one.values.clone());
        let until = results.plan.until.as_ref();
        let program = Program {
            samples: results.data.samples(),
            data: sheet.data.iter().filter_map(column).collect(),
            data_names: sheet.data.clone(),
            weights: sheet.weights.iter().map(|weight| weight.name.clone()).collect(),
            start: sheet.weights.iter().map(|weight| sheet.inputs[weight.start].value).collect(),
            epochs: results.plan.epochs,
            batch_size: sheet.batch_size().unwrap_or(1),
            loss: sheet.model.loss.clone(),
            shuffle: results.plan.training.shuffle.map(|seed| seed.to_string()),
            until: until.map(|until| PrintedUntil::new(until, &mut shared.conditions)),
            units: results.units.as_ref().map(PrintedUnits::of),
            shown: results.runs.iter().map(|run| run.sheet.name.clone()).collect(),
            frames: all.list,
            frame_columns: all.known.columns,
            inputs: all.known.inputs,
            ways: shared.frames,
            hyper: shared.hyper,
            columns: shared.columns,
            libraries: shared.libraries,
            optimizers,
        };
        let (frames, definitions, conditions) =
            (all.known.functions, shared.definitions, shared.conditions);
        Ok((program, Printed { frames, definitions, conditions }))
    }
}

/// The optimizers of the runs.
fn of_runs(
    results: &Results,
    ways: &Ways,
    all: &mut AllFrames,
    shared: &mut Shared,
) -> Vec<Optimizer> {
    let mut optimizers = Vec::new();
    for run in &results.runs {
        let mut made = Optimizer::of_run(run, shared);
        let own = all.add(&run.sheet);
        made.set_frames(ways.of_run(run, own, all), Some(own), shared);
        if let Some(reset) = &run.reset {
            let frame = all.add(&reset.sheet);
            made.set_frame_of_reset(&reset.sheet.model.loss, frame, shared);
        }
        optimizers.push(made);
    }
    optimizers
}

/// Every built-in optimizer that no run has and that can train in the way of the runs.
fn of_others(
    results: &Results,
    ways: &Ways,
    all: &mut AllFrames,
    shared: &mut Shared,
) -> Result<Vec<Optimizer>> {
    let mut optimizers = Vec::new();
    let training = &results.plan.training;
    let sheet = &results.runs[0].sheet;
    let known = optimizer::registry()?.definitions().iter();
    for definition in known.flat_map(|one| std::iter::once(one).chain(&one.variants)) {
        let is_shown = results.runs.iter().any(|run| run.sheet.name == definition.sheet_name());
        if is_shown || has_name_of(definition, sheet) {
            continue;
        }
        let frames = ways.of_definition(definition, all);
        let weights: Vec<String> = sheet.weights.iter().map(|weight| weight.name.clone()).collect();
        let Ok(trained) = training.apply(definition, &weights) else { continue };
        let mut made = Optimizer::of_definition(&trained, training, sheet, shared);
        made.set_frames(frames, None, shared);
        optimizers.push(made);
    }
    Ok(optimizers)
}

/// Whether a weight or a data column is called like something of the definition's, which then cannot
/// train the model.
fn has_name_of(definition: &Definition, sheet: &Sheet) -> bool {
    let weights = || sheet.weights.iter().map(|weight| &weight.name);
    let is_own = |name: &String| {
        definition.hyperparameter(name).is_some()
            || definition.columns.iter().any(|one| weights().any(|w| one.id_for(w) == *name))
    };
    weights().chain(&sheet.data).any(is_own)
}

impl PrintedUnits {
    fn of(units: &Units) -> Self {
        let slope = |part: &Part| match *part {
            Part::Slope(column) => Some(column),
            Part::Intercept => None,
        };
        let mut columns = units.columns.clone();
        if let Some(last) = columns.last_mut() {
            *last = units.target();
        }
        PrintedUnits {
            columns,
            parts: units.parts.as_ref().map(|parts| parts.iter().map(slope).collect()),
        }
    }
}
