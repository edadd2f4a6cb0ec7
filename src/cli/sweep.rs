//! `gdtrace sweep`: many runs, each with other values, and which of them came nearest to the data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::again::Given;
use super::chosen::Chosen;
use super::console;
use super::console::tell;
use super::fit;
use super::job::{JobArgs, Prepared, Recipe};
use super::progress::Progress;
use super::stop::Stoppable;
use super::streamed::{self, RunsArgs};
use super::swept;
use super::target::{Paths, TargetArgs};
use super::vary::{self, Varied, WAYS};
use crate::data::Data;
use crate::error::Result;
use crate::export::output::{About, Outputs};
use crate::export::{html, xlsx};
use crate::optimizer::Training;
use crate::sheet::Sheet;
use crate::threads;
use crate::trace::sweep::{Ran, Runner, Setting, Sweep, SweptRun};
use crate::trace::{Nobody, Plan, Results};

/// Run optimizers with many values of their hyperparameters, and compare where they end
///
/// Runs each optimizer once with every combination of the varied values, on all cores, and writes
/// final weights, RMSE and steps to converge of every run to a workbook, as a table and a chart or
/// heat maps, with a report beside it. The best run is marked, and the command that traces it is
/// printed. Runs that diverge are shown as such.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("output", |one| {
        one.help("The workbook to write [default: FILE.sweep.xlsx beside the input]")
    }),
    mut_arg("optimizers", |one| {
        one.help(
            "The optimizers, in this order: adam, adam:keras for a variant, fast=sgd for a name \
             of your own [default: those of sgd,momentum,rmsprop,adam that have what is varied]",
        )
    }),
    after_help = "\
Examples:
  gdtrace sweep graddes.xlsx --vary lr=1e-6..1e-2:25
  gdtrace sweep graddes.xlsx --optimizers momentum --vary lr=1e-5..1e-3:9 --vary beta=0.8,0.9,0.95
  gdtrace sweep graddes.xlsx --vary sgd.lr=1e-6..1e-3:19 --vary adam.lr=0.01..10:19 --epochs 50
  gdtrace sweep graddes.xlsx --optimizers sgd --vary batch-size=1,4,all --vary lr=1e-5..1e-3:9

  gdtrace sweep graddes.xlsx --vary lr=1e-6..1e-2:2000 --vary beta=0..0.99:100 --shard 3/16
  gdtrace sweep --gather graddes.sweep.runs

Exit codes: 0 done (also when runs diverged), 2 usage or input errors, 130 stopped"
)]
pub struct Args {
    /// The workbook or text (.csv, .tsv, .txt) with the data; - reads standard input
    #[arg(value_name = "FILE", required_unless_present = "gather")]
    file: Option<PathBuf>,

    /// What is varied: NAME is a hyperparameter (lr, adam.beta1 for one optimizer) or batch-size,
    /// l2, weight-decay, clip; VALUES are a list, 0.8,0.9,0.95, or a range, 1e-6..1e-2:25 for 25
    /// values. A range is spread by equal factors where its end is 10 times its beginning or more,
    /// otherwise by equal steps; 25log and 25lin choose. Several --vary run all combinations
    #[arg(long, value_name = "[OPTIMIZER.]NAME=VALUES", help_heading = "What is varied")]
    vary: Vec<String>,

    /// The RMSE at which a run has converged [default: 1 % above that of the exact line, or 1 % of
    /// the start's where the line fits exactly; for other models 1 % above the best of all runs]
    #[arg(
        long, value_name = "RMSE", help_heading = "What is varied", value_parser = above_0,
        allow_hyphen_values = true
    )]
    converged: Option<f64>,

    #[command(flatten)]
    pub(super) runs: RunsArgs,

    /// The settings: a file that says what options say, vary = ["lr=1e-6..1e-2:25"]; its `output`
    /// is for run [default: gdtrace.toml beside FILE]
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,

    /// Print the settings as such a file, and do nothing else
    #[arg(long)]
    pub(super) print_config: bool,

    #[command(flatten)]
    pub(super) job: JobArgs,

    #[command(flatten)]
    pub(super) target: TargetArgs,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With all that it was to do.
    Done,
    /// With less, since it was stopped.
    Stopped,
}

fn above_0(text: &str) -> std::result::Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("write a number above 0".to_owned()),
    }
}

impl Args {
    /// The optimizers that are run, of those that are not named only the ones that have what is
    /// varied, and the data.
    ///
    /// # Errors
    /// Wrong arguments, data that cannot be read.
    pub fn settled(&self) -> Result<(Vec<Chosen>, Option<Data>)> {
        let (ready, varied) = self.prepare(&Given::default())?;
        Ok((varied.chosen, Some(ready.data)))
    }

    /// The file with the data.
    pub(super) fn file(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new("-"))
    }

    /// The file with the data, where one was named.
    pub(super) fn given_file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What is run, with learning rates that fit the data where they are not varied.
    fn prepare(&self, given: &Given) -> Result<(Prepared, Varied)> {
        let mut ready = self.job.prepare(self.file(), vary::varies_decay(&self.vary))?;
        let samples = ready.data.samples();
        let named = self.job.names_optimizers();
        let varied = vary::read(&self.vary, ready.chosen.clone(), named, samples)?;
        if vary::varies_lr(&self.vary) {
            return Ok((ready, varied));
        }
        ready.chosen = varied.chosen;
        // A sweep compares runs in the units that the user has chosen.
        ready.wish.scale = false;
        fit::fit(&mut ready, given)?;
        let varied = vary::read(&self.vary, ready.chosen.clone(), true, samples)?;
        Ok((ready, varied))
    }
}

/// Runs the command; `settings` is the file that some of the arguments came from, `given` what the
/// user said.
///
/// # Errors
/// Wrong arguments, data that cannot be read, outputs that may not or cannot be written.
pub fn run(args: &Args, settings: Option<&Path>, given: &Given) -> Result<Ended> {
    if let Some(folder) = &args.runs.gather {
        return streamed::gather(args, folder, given).map(|()| Ended::Done);
    }
    let asked = args.asked(given)?;
    if !args.target.quiet {
        let from = settings.map(|path| format!("settings from {}", path.display()));
        let notes = from.iter().chain(&asked.notes);
        notes.for_each(|note| tell!("note: {note}"));
    }
    let make = asked.make();
    let runner = Runner::new(asked.setting.clone(), &make)?;
    let paths = args.target.paths(args.file(), "sweep.xlsx")?;
    if let Some(folder) = args.runs.folder(&paths, &runner.setting) {
        return streamed::run(args, (&asked, runner), (&folder, &paths), given);
    }
    let outputs = args.outputs(&paths)?;
    let progress = Progress::of_runs(&runner.setting);
    let stoppable = Stoppable::new();
    let all: Vec<usize> = (0..runner.setting.runs()).collect();
    let ran = threads::map(&all, args.target.threads(), |index| {
        let ran = (!stoppable.is_asked()).then(|| runner.run(*index));
        progress.step();
        ran.transpose()
    });
    drop(stoppable);
    progress.finish();
    let ran: Option<Vec<Ran>> = ran.into_iter().collect::<Result<Vec<_>>>()?.into_iter().collect();
    let Some(ran) = ran else {
        tell!(
            "stopped: nothing was kept; add --runs FOLDER to keep each run as soon as it has ended"
        );
        return Ok(Ended::Stopped);
    };
    args.show(&runner.finish(ran), &asked, (&paths, outputs), (given, None))?;
    Ok(Ended::Done)
}

/// What is asked for, read and checked.
pub struct Asked {
    recipe: Recipe,
    varied: Varied,
    /// What it runs over.
    pub setting: Setting,
    /// What the user should know before.
    notes: Vec<String>,
}

impl Asked {
    /// What makes the sheet of a run.
    pub fn make(&self) -> impl Fn(usize, &[Option<f64>]) -> Result<Sheet> + Sync {
        |block, values| sheet(&self.recipe, &self.varied, block, values)
    }
}

impl Args {
    /// What the arguments ask for.
    ///
    /// # Errors
    /// Wrong arguments, data that cannot be read.
    pub fn asked(&self, given: &Given) -> Result<Asked> {
        let (mut ready, varied) = self.prepare(given)?;
        ready.recipe.model.shows_gates = false;
        let mut training = vary::not_varied(&ready.recipe.training, &varied.axes).describe();
        let scale = ready.data.scale.as_ref();
        training.extend(scale.map(|scale| format!("scaled columns ({})", scale.kind.name())));
        let setting = Setting {
            axes: varied.axes.clone(),
            blocks: varied.blocks.clone(),
            data: ready.data,
            plan: ready.plan,
            training,
            converged: self.converged,
        };
        let notes = ready.notes.into_iter().chain(varied.notes.iter().cloned()).collect();
        Ok(Asked { recipe: ready.recipe, varied, setting, notes })
    }

    /// The outputs, which may be written.
    ///
    /// # Errors
    /// They may not.
    pub fn outputs(&self, paths: &Paths) -> Result<Outputs> {
        let mut outputs = Outputs::new(&[self.file()], self.target.force);
        for path in paths.all() {
            outputs.plan(path)?;
        }
        Ok(outputs)
    }

    /// Writes the workbook and the page of `sweep`, and prints what came out; its runs may be kept in a folder.
    ///
    /// # Errors
    /// Outputs that cannot be written.
    pub fn show(
        &self,
        sweep: &Sweep,
        asked: &Asked,
        (paths, mut outputs): (&Paths, Outputs),
        (given, runs): (&Given, Option<&Path>),
    ) -> Result<()> {
        let Asked { recipe, varied, .. } = asked;
        let best = sweep.best.map(|best| &sweep.runs[best]);
        let traces = |run: &SweptRun| command(given, self.file(), varied, run);
        let command = best.map(traces);
        // More commands than these would make the page large.
        let few = sweep.runs.iter().filter(|_| sweep.runs.len() <= MOST_COMMANDS);
        let commands: Vec<String> = few.map(traces).collect();
        let traced = || traced(sweep, recipe, varied);
        write((sweep, &traced), (command.as_deref(), &commands), paths, &mut outputs)?;
        outputs.commit()?;
        if best.is_none() {
            tell!("warning: every run diverged: try smaller values");
        }
        if self.target.json {
            console::print(&swept::json(sweep, varied, paths)?);
        } else if !self.target.quiet {
            console::print(&swept::table(sweep, command.as_deref(), (paths, runs)));
        }
        Ok(())
    }
}

/// The way to train, and the hyperparameters of an optimizer, with these values along the axes.
fn settings(
    recipe: &Recipe,
    varied: &Varied,
    block: usize,
    values: &[Option<f64>],
) -> (Training, BTreeMap<String, f64>) {
    let (mut hyper, mut training) = (varied.chosen[block].hyper.clone(), recipe.training.clone());
    for (axis, value) in varied.axes.iter().zip(values) {
        let Some(value) = value else { continue };
        if !vary::set_way(&mut training, &axis.name, *value) {
            hyper.insert(axis.name.clone(), *value);
        }
    }
    (training, hyper)
}

/// The sheet of an optimizer with these values along the axes.
fn sheet(recipe: &Recipe, varied: &Varied, block: usize, values: &[Option<f64>]) -> Result<Sheet> {
    let (training, hyper) = settings(recipe, varied, block, values);
    recipe.sheet(&varied.chosen[block], hyper, training).map(|(_, sheet)| sheet)
}

/// One run of each optimizer, from which the page computes the others: the one with the largest values
/// in the same way to train, so that whatever 0 would leave out is there.
fn traced(sweep: &Sweep, recipe: &Recipe, varied: &Varied) -> Result<Results> {
    let largest = |block: usize| -> Vec<Option<f64>> {
        varied.blocks[block].values.iter().map(|values| values.last().copied()).collect()
    };
    let sheets = (0..varied.blocks.len()).map(|block| {
        let (training, hyper) = settings(recipe, varied, block, &largest(block));
        recipe.sheet(&varied.chosen[block], hyper, training)
    });
    let (training, _) = settings(recipe, varied, 0, &largest(0));
    let plan = Plan { training, ..sweep.setting.plan.clone() };
    Results::compute(sheets.collect::<Result<_>>()?, sweep.setting.data.clone(), plan, &mut Nobody)
}

/// How many runs of a sweep have their commands in its page.
const MOST_COMMANDS: usize = 2000;

/// The command that traces a run.
fn command(given: &Given, file: &Path, varied: &Varied, run: &SweptRun) -> String {
    let one: &Chosen = &varied.chosen[run.block];
    let mut hyper = one.hyper.clone();
    let mut ways = Vec::new();
    for (axis, value) in varied.axes.iter().zip(&run.values) {
        let Some(value) = value else { continue };
        match WAYS.contains(&axis.name.as_str()) {
            true => ways.push((axis.name.clone(), *value)),
            false => drop(hyper.insert(axis.name.clone(), *value)),
        }
    }
    let hyper: Vec<(String, f64)> = hyper.into_iter().collect();
    given.command(file, &one.argument(), &hyper, &ways)
}

fn write(
    (sweep, traced): (&Sweep, &dyn Fn() -> Result<Results>),
    (command, commands): (Option<&str>, &[String]),
    paths: &Paths,
    outputs: &mut Outputs,
) -> Result<()> {
    let mut workbook = xlsx::sweep(sweep, command)?;
    let title = format!("Sweep of gradient descent on {}", sweep.model.equation);
    let names: Vec<&str> = sweep.setting.axes.iter().map(|axis| axis.name.as_str()).collect();
    let subject = format!("{} runs over {}", sweep.count(), names.join(", "));
    let about = About { title: &title, subject: &subject, properties: &[] };
    outputs.stage_workbook(&paths.workbook, &mut workbook, &about)?;
    let Some(report) = &paths.report else { return Ok(()) };
    let page = html::sweep(sweep, &traced()?, (command, commands), &paths.workbook_name())?;
    outputs.stage(report, |writer| writer.write_all(page.as_bytes()))
}
