//! `gdtrace run`: from a workbook with x and y to a workbook with every step, and a report.

use std::path::{Path, PathBuf};

use super::{chosen, console, start};
use crate::circuit::{Loss, Model};
use crate::data::{self, Data, Selection};
use crate::error::{Error, Result};
use crate::export::output::{About, Outputs};
use crate::export::{html, xlsx};
use crate::optimizer::{self, Setup};
use crate::trace::Results;

/// The model unless another is asked for.
const LINE: &str = "a*x + b";

/// Trace gradient descent on the x and y of a workbook: every step as live formulas
///
/// Reads x and y from a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) or .csv file, runs each
/// optimizer sample by sample on y = a*x + b, and writes every value as a formula with its result
/// to a new workbook, with a report beside it. The input is never changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace run graddes.xlsx
  gdtrace run graddes.xlsx --optimizers sgd,adam --epochs 20 --set adam.lr=0.1
  gdtrace run prices.csv --x area --y price -o prices.trace.xlsx

Exit codes: 0 done (also when an optimizer diverged: a warning says so), 2 usage or input errors")]
pub struct Args {
    /// The workbook or .csv file with x and y
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    training: TrainingArgs,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    target: TargetArgs,
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

    /// How often each optimizer sees all samples
    #[arg(long, value_name = "COUNT", default_value = "10", value_parser = epochs)]
    epochs: usize,

    /// The model: a formula over weights and data columns, which are named by their headers
    #[arg(long, value_name = "FORMULA", default_value = LINE)]
    model: String,

    /// The loss: squared, half-squared, absolute, huber:WIDTH, log, or a formula of y_pred and y
    #[arg(long, value_name = "LOSS", default_value = "squared")]
    loss: String,

    /// Show every gate of model and loss: forward value, local derivatives, backward value
    #[arg(long)]
    gates: bool,

    /// The start weights: a=1,b=2, or one number for all, or random (-1 to 1) [default: 1]
    #[arg(long, value_name = "WEIGHTS", allow_hyphen_values = true)]
    init: Option<String>,

    /// The seed of random start weights [default: 1]
    #[arg(long, value_name = "WHOLE")]
    seed: Option<u64>,

    /// A hyperparameter: lr=0.001 for all optimizers that have it, adam.beta1=0.8 for one
    #[arg(long, value_name = "[OPTIMIZER.]NAME=NUMBER")]
    set: Vec<String>,

    /// A named set of hyperparameters: notes (Adam with beta1 0.999 and beta2 0.9)
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
}

fn epochs(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("write a whole number, 1 or more".to_owned()),
    }
}

/// Where x and y are.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where the data are")]
struct SourceArgs {
    /// The sheet [default: `data`, otherwise the first sheet with an x and a y column]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,

    /// The column of x: its header or its letter
    #[arg(long, value_name = "COLUMN")]
    x: Option<String>,

    /// The column of y: its header or its letter
    #[arg(long, value_name = "COLUMN")]
    y: Option<String>,

    /// The cells: A3:B32
    #[arg(long, value_name = "RANGE")]
    range: Option<String>,

    /// What separates the fields of a .csv file [default: found out]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<char>,

    /// The decimal sign of a .csv file, . or , [default: found out]
    #[arg(long, value_name = "CHARACTER")]
    decimal: Option<char>,
}

/// What is written where.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is written")]
struct TargetArgs {
    /// The workbook to write [default: FILE.trace.xlsx beside the input]
    #[arg(short, long, value_name = "FILE.xlsx")]
    output: Option<PathBuf>,

    /// Write no report
    #[arg(long)]
    no_report: bool,

    /// Replace files even if gdtrace did not write them, or they were edited since
    #[arg(long)]
    force: bool,

    /// Print the results as one JSON object
    #[arg(long)]
    json: bool,

    /// Print nothing but warnings and errors, and what --json asks for
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
///
/// # Errors
/// Wrong arguments, data that cannot be read, outputs that may not or cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let training = &args.training;
    let chosen = training.optimizers()?;
    let (formula, names) = Model::read(&training.model)?;
    let loss = Loss::read(&training.loss)?;
    let paths = Paths::new(args)?;
    let mut outputs = Outputs::new(&[&args.file], args.target.force);
    let data = data::read(&args.file, &args.source.selection(&training.model, names))?;
    let columns: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    let mut model = Model::new(formula, loss, &columns)?;
    model.shows_gates = training.gates;
    model.loss.check(&data)?;
    let seed = training.seed.unwrap_or(start::DEFAULT_SEED);
    let start = start::start(training.init.as_deref(), seed, &model).map_err(|error| {
        error.in_argument(format!("--init {}", training.init.as_deref().unwrap_or_default()))
    })?;
    for path in paths.all() {
        outputs.plan(path)?;
    }
    let epochs = training.epochs;
    xlsx::check_height(data.samples(), epochs)?;
    if !args.target.quiet {
        training.notes(&data, &model).iter().for_each(|note| eprintln!("note: {note}"));
    }

    let sheets = chosen.iter().map(|one| {
        let setup = Setup { hyper: one.hyper.clone(), ..Setup::new(&start, data.samples()) };
        let mut sheet = optimizer::sheet(&one.definition, &model, &setup)?;
        sheet.name.clone_from(&one.sheet);
        Ok((one.definition.clone(), sheet))
    });
    let sheets = sheets.collect::<Result<Vec<_>>>()?;
    let mut progress = console::Progress::new(sheets.len() * data.samples() * epochs);
    let results = Results::compute(sheets, data, epochs, &mut progress)?;
    write(&results, &paths, &mut outputs, &mut progress)?;
    outputs.commit()?;
    progress.finish();

    let odd = chosen.iter().flat_map(chosen::Chosen::suspicions);
    odd.for_each(|warning| eprintln!("warning: {warning}"));
    let warnings = results.runs.iter().filter_map(|run| run.warning.as_ref());
    warnings.for_each(|warning| eprintln!("warning: {warning}"));
    if args.target.json {
        console::print(&console::json(&results, &paths.workbook, paths.report.as_deref())?);
    } else if !args.target.quiet {
        console::print(&console::table(&results, &paths.all()));
    }
    Ok(())
}

fn write(
    results: &Results,
    paths: &Paths,
    outputs: &mut Outputs,
    progress: &mut console::Progress,
) -> Result<()> {
    let mut workbook = xlsx::workbook(results, progress)?;
    let title = format!("Gradient descent on y = {}", results.model().prediction);
    let names: Vec<&str> = results.runs.iter().map(|run| run.sheet.name.as_str()).collect();
    let subject = format!("Every step of {}", names.join(", "));
    let about = About { title: &title, subject: &subject };
    outputs.stage_workbook(&paths.workbook, &mut workbook, &about)?;
    let Some(report) = &paths.report else { return Ok(()) };
    let name = paths.workbook.file_name().unwrap_or_default().to_string_lossy();
    let page = html::page(results, &name)?;
    outputs.stage(report, |writer| writer.write_all(page.as_bytes()))
}

impl TrainingArgs {
    /// The optimizers to run: those that are named, or the usual ones and the user's own.
    fn optimizers(&self) -> Result<Vec<chosen::Chosen>> {
        let mut registry = optimizer::registry()?.clone();
        let mut names: Vec<String> = chosen::DEFAULT.map(str::to_owned).to_vec();
        for path in &self.optimizer_file {
            names.push(registry.add_file(path)?.name.clone());
        }
        let names = if self.optimizers.is_empty() { &names } else { &self.optimizers };
        chosen::optimizers(&registry, names, self.preset.as_deref(), &self.set)
    }

    /// What the user should know before the run.
    fn notes(&self, data: &Data, model: &Model) -> Vec<String> {
        let mut notes = data.notes.clone();
        if self.model != LINE {
            // A column that is misspelt becomes a weight: who reads this sees it.
            let list = |thing: &str, names: &[String]| match names {
                [name] => format!("the {thing} is {name}"),
                names => format!("the {thing}s are {}", names.join(", ")),
            };
            let (weights, columns) =
                (list("weight", &model.weights), list("column", &model.inputs));
            notes.push(format!("{weights}; {columns}"));
        }
        if self.seed.is_some() && self.init.as_deref().map(str::trim) != Some("random") {
            notes.push("--seed has no effect: nothing is drawn without --init random".into());
        }
        notes
    }
}

impl SourceArgs {
    /// What to read for `model` with the given names. The line takes x and y as people call them;
    /// other models say which columns they mean.
    fn selection(&self, model: &str, names: Vec<String>) -> Selection {
        Selection {
            names: if model == LINE { Vec::new() } else { names },
            sheet: self.sheet.clone(),
            x: self.x.clone(),
            y: self.y.clone(),
            range: self.range.clone(),
            delimiter: self.delimiter,
            decimal: self.decimal,
        }
    }
}

/// The files to write.
struct Paths {
    workbook: PathBuf,
    report: Option<PathBuf>,
}

impl Paths {
    fn new(args: &Args) -> Result<Self> {
        let workbook = match &args.target.output {
            Some(path) => check_extension(path)?.to_owned(),
            None => args.file.with_extension("trace.xlsx"),
        };
        let report = (!args.target.no_report).then(|| workbook.with_extension("html"));
        Ok(Paths { workbook, report })
    }

    fn all(&self) -> Vec<&Path> {
        [Some(self.workbook.as_path()), self.report.as_deref()].into_iter().flatten().collect()
    }
}

fn check_extension(path: &Path) -> Result<&Path> {
    let extension = path.extension().map(|one| one.to_string_lossy().to_lowercase());
    if extension.as_deref() == Some("xlsx") {
        return Ok(path);
    }
    Err(Error::new("the output must be an .xlsx workbook")
        .in_argument(format!("-o {}", path.display()))
        .help(format!("for example -o {}", path.with_extension("xlsx").display())))
}
