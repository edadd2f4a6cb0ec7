//! `sweep.json`: what sweep the runs of a folder are.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::row::Rows;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::export::fingerprint::hex;
use crate::formula;
use crate::sheet::{Ref, Sheet};
use crate::trace::Plan;
use crate::trace::sweep::{Block, Runner, Threshold};

/// The form of the file.
const FORM: u32 = 1;

/// How a sweep was asked for, so that it can be asked for again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The command line, for people.
    pub command: String,
    /// The file with the data.
    pub input: String,
    /// The options, as words of a command line.
    pub arguments: Vec<String>,
}

/// What stands in `sweep.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The form of this file and of the parts.
    form: u32,
    /// How it was asked for. Machines may have other names for the same file.
    pub told: Told,
    /// What two sweeps must have in common to be the same.
    sweep: Json,
    /// The heads of the parts.
    columns: Vec<String>,
}

/// What two sweeps must have in common, in the order in which a difference is told.
#[derive(Serialize)]
struct Sweep<'a> {
    /// The version that computes it.
    gdtrace: &'a str,
    runs: usize,
    model: &'a str,
    loss: &'a str,
    epochs: usize,
    training: &'a [String],
    seed: u64,
    start: Vec<(&'a str, f64)>,
    converged_below: Option<f64>,
    vary: Vec<&'a str>,
    optimizers: Vec<Optimizer<'a>>,
    data: Source<'a>,
    /// A checksum of all formulas and settings, whatever else they depend on.
    formulas: String,
}

#[derive(Serialize)]
struct Optimizer<'a> {
    name: &'a str,
    optimizer: &'a str,
    variant: Option<&'a str>,
    fixed: &'a [(String, f64)],
    values: &'a [Vec<f64>],
}

#[derive(Serialize)]
struct Source<'a> {
    place: String,
    columns: Vec<&'a str>,
    samples: usize,
    /// Of all numbers.
    sha256: String,
}

impl About {
    /// What there is to say of the sweep of `runner`, all of whose runs have the same `seed`.
    ///
    /// # Errors
    /// Those of the first run of each optimizer.
    pub fn new(runner: &Runner, seed: u64, told: Told) -> Result<Self> {
        let setting = &runner.setting;
        let sweep = Sweep {
            gdtrace: env!("CARGO_PKG_VERSION"),
            runs: setting.runs(),
            model: &runner.model.equation,
            loss: &runner.model.loss,
            epochs: setting.plan.epochs,
            training: &setting.training,
            seed,
            start: runner.start.iter().map(|(name, value)| (name.as_str(), *value)).collect(),
            converged_below: runner.known.as_ref().map(Threshold::value),
            vary: setting.axes.iter().map(|axis| axis.name.as_str()).collect(),
            optimizers: setting.blocks.iter().map(optimizer).collect(),
            data: source(&setting.data),
            formulas: formulas(runner)?,
        };
        let sweep = serde_json::to_value(sweep)
            .map_err(|error| Error::new(format!("cannot write sweep.json: {error}")))?;
        let columns = Rows::new(runner, seed).columns().into_iter().map(|(name, _)| name).collect();
        Ok(About { form: FORM, told, sweep, columns })
    }

    /// The text of the file.
    ///
    /// # Errors
    /// None that a sweep can cause.
    pub fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| Error::new(format!("cannot write sweep.json: {error}")))?;
        Ok(text + "\n")
    }

    /// What the text of such a file says.
    ///
    /// # Errors
    /// A text that is none.
    pub fn read(text: &str) -> Result<Self> {
        let wrong = |why: String| {
            let help =
                "it is what `gdtrace sweep` wrote there; nothing else belongs into the folder";
            Error::new(format!("this says of no sweep what it is: {why}")).help(help)
        };
        let about: About = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        match about.form {
            FORM => Ok(about),
            form => Err(wrong(format!("its form is {form}, and this gdtrace knows {FORM}"))),
        }
    }

    /// In what this sweep is another one than `theirs`, in words; none where they are the same.
    pub fn difference(&self, theirs: &About) -> Option<String> {
        // Both as they are read, since reading a number may be off by its last digit.
        let read =
            |about: &About| -> Option<Json> { serde_json::from_str(&about.sweep.to_string()).ok() };
        let (own, other) = (read(self)?, read(theirs)?);
        let names = own.as_object()?.keys().chain(other.as_object()?.keys());
        let mut differing: Vec<&String> = names.filter(|name| own[*name] != other[*name]).collect();
        // What is nearest to what was typed comes first.
        let order = [
            "gdtrace",
            "model",
            "loss",
            "data",
            "optimizers",
            "epochs",
            "seed",
            "start",
            "training",
        ];
        let rank = |name: &String| order.iter().position(|one| one == name).unwrap_or(order.len());
        differing.sort_by_key(|name| rank(name));
        let name = differing.first()?.as_str();
        let (own, other) = (own[name].to_string(), other[name].to_string());
        let is_long = |text: &str| text.starts_with(['[', '{']) || text.len() > 60;
        Some(match name {
            "data" => "its data are others".to_owned(),
            "formulas" => "its formulas or settings are others".to_owned(),
            name if is_long(&own) || is_long(&other) => format!("its {name} are others"),
            name => format!("its {name} is {other} there, and {own} here"),
        })
    }
}

fn optimizer(block: &Block) -> Optimizer<'_> {
    Optimizer {
        name: &block.name,
        optimizer: &block.optimizer.0,
        variant: block.optimizer.1.as_deref(),
        fixed: &block.fixed,
        values: &block.values,
    }
}

fn source(data: &Data) -> Source<'_> {
    let mut hash = Sha256::new();
    for value in data.columns.iter().flat_map(|column| &column.values) {
        hash.update(value.to_bits().to_le_bytes());
    }
    Source {
        place: data.place(),
        columns: data.columns.iter().map(|column| column.name.as_str()).collect(),
        samples: data.samples(),
        sha256: hex(&hash.finalize()),
    }
}

/// A checksum of the sheet of each optimizer's first run and of the plan. What a run is made of, whatever option it
/// came from, is in them.
fn formulas(runner: &Runner) -> Result<String> {
    let setting = &runner.setting;
    let mut hash = Sha256::new();
    let mut first = 0;
    for block in &setting.blocks {
        take_sheet(&mut hash, &runner.sheet(first)?);
        first += block.runs();
    }
    let Plan { epochs, order, until, dialect, training, .. } = &setting.plan;
    let until = until.as_ref().map(|until| (until.condition_text(), until.patience()));
    let dialect = dialect.map(|dialect| &dialect.name);
    hash.update(format!("{epochs} {until:?} {dialect:?} {training:?} {:?}", setting.data.scale));
    for sample in order.iter().flatten() {
        hash.update(sample.to_le_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// Takes the formulas and the inputs of a sheet.
fn take_sheet(hash: &mut Sha256, sheet: &Sheet) {
    let text = |expr| formula::text(expr, &|name: &Ref| format!("{name:?}"));
    hash.update(format!("{} {} {}", sheet.name, sheet.model.prediction, sheet.model.loss));
    for input in &sheet.inputs {
        hash.update(format!("{} {} ", input.id, input.value));
    }
    for column in &sheet.columns {
        let initial = column.initial.as_ref().map(text);
        hash.update(format!("{} {initial:?} {} ", column.id, text(&column.formula)));
    }
    if let Some(reset) = &sheet.reset {
        hash.update(format!("{} ", reset.epochs));
        take_sheet(hash, &reset.sheet);
    }
}
