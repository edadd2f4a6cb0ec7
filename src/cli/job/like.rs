//! `gdtrace run --like`: a training of a hand-built sheet as what is trained, where the arguments do
//! not say otherwise.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Job, JobArgs, Prepared, Recipe};
use crate::circuit::{Loss, Model};
use crate::cli::again::Given;
use crate::cli::chosen::{self, Chosen};
use crate::cli::fit::Wish;
use crate::cli::{lifted, start};
use crate::compare::result::Comparison;
use crate::compare::training::problem::{Problem, problem};
use crate::compare::training::{Training, Written};
use crate::data::{self, Data, Selection};
use crate::error::Result;
use crate::optimizer::{self, Batch, Definition, State};
use crate::trace::{self, Block, Plan, Sink};
use crate::value::{number_text, significant};

/// A training to go on from.
pub struct Like<'a> {
    comparison: &'a Comparison,
    training: &'a Training,
    rule: Result<&'a Written>,
    problem: Problem,
    /// What its optimizer is called.
    name: String,
}

impl<'a> Like<'a> {
    /// The only training of a comparison.
    ///
    /// # Errors
    /// None, several with different rules, or one whose loss cannot be written out.
    pub fn new(comparison: &'a Comparison) -> Result<Like<'a>> {
        let training = lifted::training(comparison)?;
        let graph = &comparison.reading.graph;
        let problem = problem(graph, training)
            .map_err(|fault| lifted::refusal(comparison, training, &fault))?;
        let rule = lifted::written(comparison, training);
        let sheet = training.sheets.first().map_or("", |at| graph.sheets()[*at].as_str());
        let name = name(sheet, &problem.model);
        Ok(Like { comparison, training, rule, problem, name })
    }

    /// The rule as an optimizer.
    fn definition(&self) -> Result<Definition> {
        let written = self.rule.clone()?;
        let (name, source) = (self.name.clone(), lifted::source(self.comparison, written));
        Ok(Definition { name, source, ..written.definition.clone() })
    }

    /// The samples.
    fn data(&self) -> Data {
        let graph = &self.comparison.reading.graph;
        let sheet = self.training.sheets.first().map_or("", |at| graph.sheets()[*at].as_str());
        self.problem.data(&self.comparison.file, sheet)
    }

    /// What states of weights start from, where that is not what the definition says.
    fn states(&self) -> BTreeMap<String, State> {
        let Ok(written) = &self.rule else { return BTreeMap::new() };
        let graph = &self.comparison.reading.graph;
        let all = written.states.iter().filter_map(|start| {
            let place = self.problem.weights.iter().position(|at| *at == start.weight)?;
            let weight = &self.problem.model.weights[place];
            let cell = start.cell.map_or("the sheet".to_owned(), |cell| graph.address(cell));
            let state = State { value: start.value, meaning: format!("as in {cell}") };
            Some((format!("{}_{weight}", start.column), state))
        });
        all.collect()
    }

    /// What is taken over, and what is not.
    fn notes(&self) -> Vec<String> {
        let graph = &self.comparison.reading.graph;
        let name = crate::compare::training::summary::name(graph, self.training);
        let first =
            format!("like {name} of {}: {}", self.comparison.file.display(), self.problem.words());
        let is_wrong = !self.training.holds();
        let wrong = "the sheet has mistakes, which gdtrace compare tells; the trace has the right \
                     derivatives";
        let departs = self.training.departs(graph).map(|fault| {
            let cell =
                fault.cell.map_or(String::new(), |cell| format!("{}: ", graph.address(cell)));
            format!("{cell}{}; the trace follows those", fault.what)
        });
        let remarks = self.problem.remarks.iter().cloned().chain(departs);
        std::iter::once(first).chain(remarks).chain(is_wrong.then(|| wrong.to_owned())).collect()
    }

    /// The value of a weight after an update, with its cell.
    pub fn theirs(&self, update: usize, weight: usize) -> Option<(String, f64)> {
        let graph = &self.comparison.reading.graph;
        let cell = (*self.problem.updates.get(update)?.get(weight)?)?;
        Some((graph.address(cell), graph.value(cell).number()?))
    }

    /// How many updates the sheet has.
    pub fn updates(&self) -> usize {
        self.problem.updates.len()
    }

    /// How many samples an update averages over.
    pub fn batch(&self) -> usize {
        self.problem.batch
    }
}

/// A sheet's name as that of an optimizer that no other has, nor a part of the model.
fn name(sheet: &str, model: &Model) -> String {
    let wanted: String = sheet
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' })
        .take(24)
        .collect();
    let wanted = if wanted.is_empty() { "like".to_owned() } else { wanted };
    let is_taken = |name: &str| {
        let is_sheet = chosen::SHEETS.contains(&name.to_lowercase().as_str());
        is_sheet || optimizer::find(name).is_ok() || model.weights.iter().any(|one| one == name)
    };
    match is_taken(&wanted) {
        true => format!("{wanted}_like"),
        false => wanted,
    }
}

impl JobArgs {
    /// What `like` trains, but for what the arguments say; `file` has other data, where one is given.
    ///
    /// # Errors
    /// Wrong arguments, data that cannot be read, more rows than a sheet has room for.
    pub fn job_like(&self, like: &Like, file: Option<&Path>, given: &Given) -> Result<Job> {
        Job::new(self.prepare_like(like, file, given)?, given)
    }

    fn prepare_like(&self, like: &Like, file: Option<&Path>, given: &Given) -> Result<Prepared> {
        let (training, way, problem) = (&self.training, &self.way, &like.problem);
        let chosen = self.chosen_like(like, given)?;
        let epochs = if given.has("epochs") { training.epochs } else { problem.epochs };
        let seed = training.seed.unwrap_or(start::DEFAULT_SEED);
        let mut training_way = way.training(epochs, seed)?;
        let data = self.data_like(like, file, given)?;
        if !given.has("batch-size") {
            training_way.batch = match problem.batch {
                1 => Batch::One,
                size if size >= data.samples() => Batch::All,
                size => Batch::Of(size),
            };
        }
        let formulas = match given.has("model") {
            true => Model::read(&training.model)?.0,
            false => problem.model.predictions(),
        };
        let loss = match given.has("loss") {
            true => Loss::read(&training.loss)?,
            false => problem.model.loss.clone(),
        };
        let columns: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
        let mut model = Model::of(formulas, loss, &columns)?;
        let (data, plan) = self.planned(&mut model, data, &training_way, None)?;
        let start = match training.init.as_deref() {
            Some(init) => start::start(Some(init), seed, &model)?,
            None => model.weights.iter().map(|name| problem.start_of(name)).collect(),
        };
        let mut notes = like.notes();
        notes.extend(data.notes.iter().cloned());
        notes.extend(way.notes(chosen.iter().any(|one| one.value("decay").is_some())));
        let wish = Wish { is_usual: false, rates: false, scale: false };
        let (samples, states) = (data.samples(), like.states());
        let states = Some((like.name.clone(), states));
        let recipe = Recipe { model, start, samples, training: training_way, before: None, states };
        Ok(Prepared { chosen, recipe, data, plan, notes, wish, room: self.room })
    }

    /// The sheet's optimizer, or those that the arguments name.
    fn chosen_like(&self, like: &Like, given: &Given) -> Result<Vec<Chosen>> {
        let training = &self.training;
        let mut registry = optimizer::registry()?.clone();
        let mut names = Vec::new();
        let is_named = given.has("optimizers");
        match like.definition() {
            Ok(definition) => {
                registry.add(definition);
                names.push(like.name.clone());
            }
            Err(error) if !is_named && training.optimizer_file.is_empty() => {
                let advice = "or name another rule with --optimizers";
                let help =
                    error.advice().map_or(advice.to_owned(), |one| format!("{one}, {advice}"));
                return Err(error.help(help));
            }
            Err(_) => {}
        }
        for path in &training.optimizer_file {
            names.push(registry.add_file(path)?.name.clone());
        }
        if is_named {
            names.clone_from(&training.optimizers);
        }
        chosen::optimizers(&registry, None, &names, training.preset.as_deref(), &training.set)
    }

    /// The sheet's samples, or those of another file for the same model.
    fn data_like(&self, like: &Like, file: Option<&Path>, given: &Given) -> Result<Data> {
        let says_where = ["range", "x", "y"].iter().any(|key| given.has(key));
        let own = like.comparison.file.as_path();
        let file = match file {
            Some(file) => file,
            None if says_where => own,
            None => return Ok(like.data()),
        };
        let text = like.problem.model.written();
        let model = if given.has("model") { &self.training.model } else { &text };
        let (formulas, names) = Model::read(model)?;
        let outputs = Some(formulas.0.len()).filter(|count| *count > 1);
        let selection = Selection { names, outputs, ..self.source.selection(model, Vec::new()) };
        data::read(file, &selection)
    }
}

impl Problem {
    /// What a weight starts from; 1 where the sheet has no such.
    fn start_of(&self, name: &str) -> f64 {
        let at = self.model.weights.iter().position(|one| one == name);
        at.map_or(1.0, |at| self.start[at])
    }
}

impl Job {
    /// The trace held against the sheet that it is like; none where the arguments say that it is to
    /// be another.
    ///
    /// # Errors
    /// Those of [`trace::run`].
    pub fn held(&self, like: &Like, given: &Given) -> Result<Option<String>> {
        let is_same = !OTHERWISE.iter().any(|key| given.has(key));
        let own = self.chosen.iter().position(|one| one.definition.name == like.name);
        let Some(at) = own.filter(|_| is_same) else { return Ok(None) };
        let (_, sheet) = &self.sheets[at];
        let samples = self.data.samples();
        let epochs = (like.updates() * like.batch()).div_ceil(samples).min(self.plan.epochs);
        let weights = sheet.weights.iter().map(|one| (one.name.clone(), one.next)).collect();
        let mut held = Held::new(like, samples, weights);
        trace::run(sheet, &self.data, &Plan::new(epochs), &mut [&mut held])?;
        Ok(Some(held.text()))
    }
}

/// The options with which a trace is another than the sheet.
const OTHERWISE: [&str; 15] = [
    "model",
    "loss",
    "range",
    "x",
    "y",
    "scale",
    "init",
    "set",
    "preset",
    "batch-size",
    "shuffle",
    "l2",
    "weight-decay",
    "clip",
    "schedule",
];

/// So far weights may be apart that are the same but for rounding.
const NEAR: f64 = 1e-9;

/// How a trace compares with the sheet that it is like.
struct Held<'l> {
    like: &'l Like<'l>,
    samples: usize,
    rows: usize,
    /// The weights of the trace with the columns of their next values.
    weights: Vec<(String, usize)>,
    /// The largest difference, as a part of the larger weight.
    largest: f64,
    /// The first weight that is another: the update, its name, its cell, theirs and ours.
    parts_at: Option<(usize, String, String, f64, f64)>,
    /// How many updates were compared.
    updates: usize,
}

impl Sink for Held<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        for row in 0..block.rows() {
            self.rows += 1;
            // The last batch of an epoch may be smaller.
            let within = (self.rows - 1) % self.samples + 1;
            if !within.is_multiple_of(self.like.batch()) && within < self.samples {
                continue;
            }
            self.compare(|column| block.columns[column][row].get().unwrap_or(f64::NAN));
        }
        Ok(())
    }
}

impl<'l> Held<'l> {
    fn new(like: &'l Like<'l>, samples: usize, weights: Vec<(String, usize)>) -> Held<'l> {
        Held { like, samples, rows: 0, weights, largest: 0.0, parts_at: None, updates: 0 }
    }

    /// Compares the weights after an update.
    fn compare(&mut self, ours: impl Fn(usize) -> f64) {
        let update = self.updates;
        if update >= self.like.updates() {
            return;
        }
        self.updates += 1;
        for (at, (name, column)) in self.weights.iter().enumerate() {
            let Some((cell, theirs)) = self.like.theirs(update, at) else { continue };
            let ours = ours(*column);
            let apart = (ours - theirs).abs() / theirs.abs().max(ours.abs()).max(f64::MIN_POSITIVE);
            self.largest = self.largest.max(apart);
            if (apart.is_nan() || apart > NEAR) && self.parts_at.is_none() {
                self.parts_at = Some((update, name.clone(), cell, theirs, ours));
            }
        }
    }

    /// In words.
    fn text(&self) -> String {
        match &self.parts_at {
            None => format!(
                "the trace has the sheet's weights after each of its {} updates, the largest \
                 difference is {} of a weight",
                self.updates,
                number_text(significant(self.largest, 2))
            ),
            Some((update, weight, cell, theirs, ours)) => format!(
                "the trace parts from the sheet at update {}: {weight} is {} in {cell}, {} in the \
                 trace",
                update + 1,
                number_text(*theirs),
                number_text(*ours)
            ),
        }
    }
}
