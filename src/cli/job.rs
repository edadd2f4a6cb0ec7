//! What a command trains: the arguments that say so become sheets that are ready to run.

mod like;
mod network;
mod recipe;
mod source;

use std::path::{Path, PathBuf};

use super::again::Given;
use super::chosen::{self, Chosen};
use super::dialect;
use super::fit::{self, ScaleWish, Wish};
use super::start;
use super::training::WayArgs;
use crate::circuit::Model;
use crate::data::{Data, Typed};
use crate::error::{Error, Result};
use crate::export::xlsx;
use crate::optimizer::{self, Definition, Dialect, Record, Training};
use crate::sheet::Sheet;
use crate::trace::{Plan, Until};
pub use like::Like;
use network::Network;
pub use recipe::Recipe;
pub use source::{LINE, SourceArgs};

/// What a command trains, and on what.
#[derive(Debug, clap::Args)]
pub struct JobArgs {
    #[command(flatten)]
    training: TrainingArgs,

    #[command(flatten)]
    way: WayArgs,

    #[command(flatten)]
    source: SourceArgs,

    /// For how many steps there has to be room.
    #[arg(skip)]
    room: Room,
}

/// For how many steps there has to be room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Room {
    /// For as many as a sheet has rows.
    #[default]
    Sheet,
    /// The same, for a page beside sheets that would go on without it.
    Page,
    /// For any number, on sheets that go on.
    Sheets,
    /// For any number, where no sheet is written.
    Any,
}

/// What is run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is run")]
struct TrainingArgs {
    /// The optimizers, in the order of their sheets: adam, adam:keras for a variant, fast=sgd for
    /// a name of your own [default: sgd,momentum,rmsprop,adam]
    #[arg(long, value_name = "NAME,NAME,...", value_delimiter = ',')]
    optimizers: Vec<String>,

    /// The definition of an optimizer of your own, called like the file
    #[arg(long, value_name = "FILE.toml")]
    optimizer_file: Vec<PathBuf>,

    /// Train as this book or workbook does: walkthrough (its optimizers, settings and start states,
    /// the last update of each epoch lost, its rmse)
    #[arg(long, value_name = "NAME")]
    dialect: Option<String>,

    /// How often each optimizer sees all samples, at most
    #[arg(long, value_name = "COUNT", default_value = "10", value_parser = at_least_1)]
    epochs: usize,

    /// Stop an optimizer after the first epoch for which this holds: "rmse < 0.1", over rmse,
    /// online_rmse, loss, epoch, weights, and prev.NAME, the same of the epoch before
    #[arg(long, value_name = "CONDITION")]
    until: Option<String>,

    /// Stop an optimizer when the RMSE (the mean loss, if it is not squared) has not been below its
    /// best so far for COUNT epochs in a row; --until may come first
    #[arg(long, value_name = "COUNT", value_parser = at_least_1)]
    patience: Option<usize>,

    /// The model: a formula over weights and data columns, which are named by their headers; of several
    /// outputs a formula each, with ; between them
    #[arg(long, value_name = "FORMULA", default_value = LINE)]
    model: String,

    /// A network of sigmoid units instead of a model: the sizes of its layers, 2-3-1 for the inputs
    /// x1 and x2, three units and one output; area,rooms-3-1 names the inputs; 2-2-2 has two outputs
    #[arg(long, value_name = "N-N-1", conflicts_with = "model")]
    network: Option<String>,

    /// The loss: squared, half-squared, absolute, huber:WIDTH, log, or a formula of y_pred and y
    #[arg(long, value_name = "LOSS", default_value = "squared")]
    loss: String,

    /// Scale x and y: zscore (mean 0, standard deviation 1), minmax (0 to 1), none, or auto: zscore
    /// where no learning rate comes near the exact line in time without
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = ScaleWish::read)]
    scale: ScaleWish,

    /// Show every gate of model and loss: forward value, local derivatives, backward value
    #[arg(long)]
    gates: bool,

    /// The start weights: a=1,b=2, or one number for all, or random (-1 to 1) [default: 1]
    #[arg(long, value_name = "WEIGHTS", allow_hyphen_values = true)]
    init: Option<String>,

    /// The seed of random start weights and of --shuffle [default: 1]
    #[arg(long, value_name = "WHOLE")]
    seed: Option<u64>,

    /// A hyperparameter: lr=0.001 for all optimizers that have it, adam.beta1=0.8 for one; lr=auto
    /// for a learning rate that fits the data, which is also chosen where the default does not
    #[arg(long, value_name = "[OPTIMIZER.]NAME=NUMBER")]
    set: Vec<String>,

    /// A named set of hyperparameters: notes (Adam with beta1 0.999 and beta2 0.9)
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
}

/// Checks that so many steps can be counted by the numbers of a trace, and drawn where they are shuffled.
fn check_length(samples: usize, way: &Training) -> Result<()> {
    /// Beyond these not every whole number is a double.
    const COUNTED: usize = 1 << 53;
    /// The order of more has no room in the columns of a sheet, nor in the memory of most machines.
    const DRAWN: usize = 4_000_000_000;
    let (most, what) = match way.shuffle {
        Some(_) => (DRAWN, "steps to be shuffled"),
        None => (COUNTED, "steps"),
    };
    let epochs = way.epochs;
    match samples.checked_mul(epochs) {
        Some(steps) if steps <= most => Ok(()),
        _ => Err(Error::new(format!("{epochs} epochs of {samples} samples are too many {what}"))
            .help(format!("at most --epochs {} with these data", most / samples.max(1)))),
    }
}

/// What else there is to do about too many steps.
const GO_ON: &str = "; or add --no-report: sheets go on where the report does not";

/// A count, for an option that takes one.
pub(super) fn at_least_1(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("write a whole number, 1 or more".to_owned()),
    }
}

/// Sheets that are ready to run, and the data that they run over.
pub struct Job {
    /// The optimizers as they were asked for.
    pub chosen: Vec<Chosen>,
    /// Each optimizer as it trains, with its sheet.
    pub sheets: Vec<(Definition, Sheet)>,
    /// The samples.
    pub data: Data,
    /// How long they run.
    pub plan: Plan,
    /// What the user should know before.
    pub notes: Vec<String>,
    /// What the sheets were made from.
    pub record: Record,
}

impl JobArgs {
    /// The optimizers that the arguments ask for.
    ///
    /// # Errors
    /// Wrong names or values.
    pub fn optimizers(&self) -> Result<Vec<Chosen>> {
        self.training.optimizers()
    }

    /// The sheet that the arguments name.
    pub fn sheet(&self) -> Option<&str> {
        self.source.sheet.as_deref()
    }

    /// Says how the command was typed, to offer others like it where something was chosen.
    pub fn typed_as(&mut self, typed: Typed) {
        self.source.typed = Some(typed);
    }

    /// Says for how many steps there has to be room.
    pub fn have_room(&mut self, room: Room) {
        self.room = room;
    }

    /// Gives the text that stands for the file with the data.
    pub fn take_content(&mut self, content: String) {
        self.source.content = Some(content);
    }

    /// Whether the data are a text in memory.
    pub fn has_content(&self) -> bool {
        self.source.content.is_some()
    }

    /// Whether the arguments name the optimizers, instead of taking the usual ones.
    pub fn names_optimizers(&self) -> bool {
        !self.training.optimizers.is_empty()
    }

    /// The seed of all that is drawn.
    pub fn seed(&self) -> u64 {
        self.training.seed.unwrap_or(start::DEFAULT_SEED)
    }

    /// Reads the data in `file` and makes a sheet for each optimizer.
    ///
    /// # Errors
    /// Wrong arguments, data that cannot be read, more rows than a sheet has room for.
    pub fn job(&self, file: &Path, given: &Given) -> Result<Job> {
        Job::new(self.prepare(file, false)?, given)
    }

    /// The same with the optimizer called `label`, which is added where the arguments do not ask
    /// for it.
    ///
    /// # Errors
    /// Those of [`job`](Self::job).
    pub fn job_with(&self, file: &Path, label: &str, given: &Given) -> Result<Job> {
        let chosen = self.training.optimizers_with(Some(label))?;
        Job::new(self.prepare_for(file, false, chosen)?, given)
    }

    /// Reads the data in `file` and everything else that sheets are made from; `decays` says that
    /// weights will decay, whatever the arguments here say.
    ///
    /// # Errors
    /// Wrong arguments, data that cannot be read, more rows than a sheet has room for.
    pub fn prepare(&self, file: &Path, decays: bool) -> Result<Prepared> {
        self.prepare_for(file, decays, self.training.optimizers()?)
    }

    fn prepare_for(&self, file: &Path, decays: bool, chosen: Vec<Chosen>) -> Result<Prepared> {
        let (training, way) = (&self.training, &self.way);
        let seed = training.seed.unwrap_or(start::DEFAULT_SEED);
        let training_way = way.training(training.epochs, seed)?;
        let dialect = training.dialect()?;
        let training_way = match dialect {
            Some(dialect) => dialect::training(dialect, training_way)?,
            None => training_way,
        };
        let network = training.network.as_deref().map(Network::read).transpose()?;
        let text = network.as_ref().map_or_else(|| training.model.clone(), Network::formula);
        let (mut model, data) = self.source.problem(file, &text, &training.loss)?;
        if let Some(network) = &network {
            network.check(&model)?;
        }
        let (data, plan) = self.planned(&mut model, data, &training_way, dialect)?;
        let start = start::start(training.init.as_deref(), seed, &model)?;
        let mut notes = training.notes(&data, &model, way.shuffle);
        let decays = decays || chosen.iter().any(|one| one.value("decay").is_some());
        notes.extend(way.notes(decays));
        notes.extend(dialect.iter().flat_map(|dialect| dialect::notes(dialect, &chosen)));
        let (samples, before) = (data.samples(), dialect.map(|_| data.clone()));
        let wish = Wish {
            is_usual: training.is_usual() && way.is_usual(),
            rates: dialect.is_none(),
            scale: training.scale == ScaleWish::Auto && training.may_be_scaled(way),
        };
        let states = None;
        let recipe = Recipe { model, start, samples, training: training_way, before, states };
        Ok(Prepared { chosen, recipe, data, plan, notes, wish, room: self.room })
    }
}

impl JobArgs {
    /// The data as they are trained on, and how long a run over them is.
    ///
    /// # Errors
    /// Data that the loss is not for, a condition that is none, more rows than a sheet has room for.
    fn planned(
        &self,
        model: &mut Model,
        mut data: Data,
        way: &Training,
        dialect: Option<&'static Dialect>,
    ) -> Result<(Data, Plan)> {
        let training = &self.training;
        model.shows_gates = training.gates;
        model.loss.check(&data)?;
        if let ScaleWish::Kind(kind) = training.scale {
            data = data.scaled(kind, !model.loss.classes)?;
            data.notes.push(fit::asked_scale(&data));
        }
        match self.room {
            Room::Sheets | Room::Any => check_length(data.samples(), way)?,
            Room::Sheet => xlsx::check_height(data.samples(), way.epochs, "")?,
            Room::Page => xlsx::check_height(data.samples(), way.epochs, GO_ON)?,
        }
        let (condition, patience) = (training.until.as_deref(), training.patience);
        let until = Until::new(condition, patience, &model.weights, model.loss.is_squared())?;
        let plan = Plan { until, dialect, training: way.clone(), ..Plan::new(way.epochs) };
        let plan = match way.shuffle {
            Some(seed) => plan.shuffled(data.samples(), seed),
            None => plan,
        };
        Ok((data, plan))
    }
}

/// What the arguments ask for, before sheets are made of it.
pub struct Prepared {
    /// The optimizers as they were asked for.
    pub chosen: Vec<Chosen>,
    /// What sheets are made from.
    pub recipe: Recipe,
    /// The samples.
    pub data: Data,
    /// How long a run is.
    pub plan: Plan,
    /// What the user should know before.
    pub notes: Vec<String>,
    /// What may be chosen from the data.
    pub wish: Wish,
    /// For how many steps there has to be room.
    pub room: Room,
}

impl Job {
    /// A sheet for each optimizer.
    fn new(mut ready: Prepared, given: &Given) -> Result<Self> {
        if ready.room != Room::Any {
            xlsx::check_epochs(ready.chosen.len(), ready.plan.epochs)?;
        }
        fit::fit(&mut ready, given)?;
        let (recipe, data, plan, notes) = (ready.recipe, ready.data, ready.plan, ready.notes);
        let sheets = ready
            .chosen
            .iter()
            .map(|one| recipe.sheet(one, one.hyper.clone(), recipe.training.clone()));
        let sheets = sheets.collect::<Result<Vec<_>>>()?;
        for (_, sheet) in sheets.iter().filter(|_| ready.room != Room::Any) {
            let epochs = if ready.room == Room::Sheets { 1 } else { plan.epochs };
            xlsx::check_sheet(sheet, &data, epochs)?;
        }
        let record = recipe.record(&ready.chosen, &data, &sheets);
        Ok(Job { chosen: ready.chosen, sheets, data, plan, notes, record })
    }

    /// How many rows all sheets together will have at most.
    pub fn rows(&self) -> usize {
        self.sheets.len() * self.data.samples() * self.plan.epochs
    }
}

impl TrainingArgs {
    /// Whether nothing is said that a learning rate depends on.
    fn is_usual(&self) -> bool {
        let says_optimizers = !self.optimizers.is_empty() || !self.optimizer_file.is_empty();
        let says_values = !self.set.is_empty() || self.preset.is_some() || self.init.is_some();
        let is_line = self.model == LINE && self.network.is_none() && self.loss == "squared";
        !says_optimizers && !says_values && is_line && self.dialect.is_none()
    }

    /// Whether the columns may be scaled without being asked: all else counts in their units.
    fn may_be_scaled(&self, way: &WayArgs) -> bool {
        self.dialect.is_none() && self.init.is_none() && !way.counts_in_units()
    }

    /// The dialect that is asked for.
    fn dialect(&self) -> Result<Option<&'static Dialect>> {
        self.dialect.as_deref().map(optimizer::dialect).transpose()
    }

    /// The optimizers to run: those that are named, or the usual ones and the user's own.
    fn optimizers(&self) -> Result<Vec<Chosen>> {
        self.optimizers_with(None)
    }

    /// The same with the optimizer called `label`.
    fn optimizers_with(&self, label: Option<&str>) -> Result<Vec<Chosen>> {
        let mut registry = optimizer::registry()?.clone();
        let dialect = self.dialect()?;
        let usual = dialect.map_or(chosen::DEFAULT.to_vec(), Dialect::names);
        let mut names: Vec<String> = usual.into_iter().map(str::to_owned).collect();
        for path in &self.optimizer_file {
            names.push(registry.add_file(path)?.name.clone());
        }
        if !self.optimizers.is_empty() {
            names.clone_from(&self.optimizers);
        }
        if let Some(label) = label {
            let is_asked_for = chosen::optimizers(&registry, dialect, &names, None, &[])?
                .iter()
                .any(|one| one.is_called(label));
            if !is_asked_for {
                let alone = [label.to_owned()];
                chosen::optimizers(&registry, dialect, &alone, None, &[])
                    .map_err(|error| error.in_argument(format!("--optimizer {label}")))?;
                names.push(label.to_owned());
            }
        }
        chosen::optimizers(&registry, dialect, &names, self.preset.as_deref(), &self.set)
    }

    /// What the user should know before the run.
    fn notes(&self, data: &Data, model: &Model, shuffles: bool) -> Vec<String> {
        let mut notes = data.notes.clone();
        if self.model != LINE || self.network.is_some() {
            // A column that is misspelt becomes a weight: who reads this sees it.
            let list = |thing: &str, names: &[String]| match names {
                [name] => format!("the {thing} is {name}"),
                names => format!("the {thing}s are {}", names.join(", ")),
            };
            let (weights, columns) =
                (list("weight", &model.weights), list("column", &model.inputs));
            notes.push(format!("{weights}; {columns}"));
        }
        let draws = shuffles || self.init.as_deref().map(str::trim) == Some("random");
        if self.seed.is_some() && !draws {
            let what = "--seed has no effect: nothing is drawn without --init random or --shuffle";
            notes.push(what.into());
        }
        notes
    }
}
