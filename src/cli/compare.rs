//! `gdtrace compare`: what a hand-built spreadsheet computes, and where it is wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::console::tell;
use super::decided::{self, Admitted};
use super::files::{FileArgs, of_kind};
use super::problem::ProblemArgs;
use super::progress::Waiting;
use super::{compared, compared_files, compared_json, console, graded, lifted, place};
use crate::compare::quiz::{self, Quiz};
use crate::compare::result::{Comparison, SheetComparison, Status};
use crate::compare::{self, Settings, Target};
use crate::data::quoted;
use crate::error::{Error, Result};
use crate::graph::Options;
use crate::optimizer::Registry;
use crate::watch;

/// Say what a hand-built spreadsheet computes, and where it is wrong
///
/// Finds the table of steps on every sheet, wherever it stands and whatever its columns are called,
/// works out from the formulas which optimizer it is and in whose form, recomputes it from the
/// sheet's own samples, start values and hyperparameters, and names the first cell that is wrong,
/// why, and the edit that mends it.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("output", |one| {
        one.help(
            "Write a workbook with theirs, ours and the difference side by side, and the findings",
        )
    }),
    mut_arg("report", |one| one.help("Write the same as a page to read")),
    after_help = "\
Examples:
  gdtrace compare homework.xlsx
  gdtrace compare homework.xlsx --sheet momentum --optimizer momentum:pytorch
  gdtrace compare homework.xlsx --set lr=0.001 --map velocity=v_b
  gdtrace compare homework.xlsx --against trace.xlsx#momentum
  gdtrace compare homework.xlsx -o marked.xlsx --report marked.html
  gdtrace compare homework.xlsx --save-optimizer mine.toml
  gdtrace compare log.csv --data samples.csv --model \"w*x + b\"
  gdtrace compare homework.xlsx --json > findings.json

A finding of kind `variant` or `volatile` is worth knowing but no mistake; every other kind makes
the sheet differ. Columns of a trace have the names that gdtrace optimizers NAME shows, with the
weight behind: v_a, S_b, new_a.

Exit codes: 0 agrees, 1 differs, 2 could not be read, or has no training to compare"
)]
pub struct Args {
    /// The workbook or .csv file to look at
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Tell every column and every finding
    #[arg(long, short)]
    verbose: bool,

    /// Print what was found as one JSON object
    #[arg(long)]
    json: bool,

    /// Compare with this trace, or another sheet built by hand, instead of recomputing: columns by
    /// what they are, rows by step or by x and y. FILE#SHEET names its only sheet
    #[arg(long, value_name = "TRACE.xlsx", conflicts_with = "set")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    against: Option<String>,

    #[command(flatten)]
    meant: MeantArgs,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    problem: ProblemArgs,

    #[command(flatten, next_help_heading = "Files")]
    files: FileArgs,

    /// Write the rule of the sheet as the definition of an optimizer: its formulas, settings and
    /// start states, for gdtrace run --optimizer-file
    #[arg(long, value_name = "FILE.toml", conflicts_with = "against")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    save_optimizer: Option<PathBuf>,
}

/// What the sheet is meant to compute.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What the sheet is meant to be")]
struct MeantArgs {
    /// The optimizer: adam in any form, adam:keras in this one [default: found out]
    #[arg(long, value_name = "NAME[:VARIANT]")]
    optimizer: Option<String>,

    /// The definition of an optimizer of your own, called like the file
    #[arg(long, value_name = "FILE.toml")]
    optimizer_file: Vec<PathBuf>,

    /// What a column is: its header or letter, and the column of the trace; with --data a header of
    /// the log, and the weight of the model
    #[arg(long, value_name = "HEADER=COLUMN")]
    map: Vec<String>,

    /// The value that a hyperparameter should have, whatever the sheet says: lr=0.001
    #[arg(long, value_name = "NAME=NUMBER")]
    set: Vec<String>,

    /// The largest relative difference of numbers that agree
    #[arg(
        long, value_name = "NUMBER", default_value = "1e-9", value_parser = tolerance,
        allow_hyphen_values = true
    )]
    tolerance: f64,
}

/// Where the table is.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where the table is")]
struct SourceArgs {
    /// The only sheet to look at [default: all that have a table]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,

    /// What separates the fields of a .csv file [default: found out]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<char>,

    /// The decimal sign of a .csv file, . or , [default: found out]
    #[arg(long, value_name = "CHARACTER")]
    decimal: Option<char>,
}

fn tolerance(text: &str) -> std::result::Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err("write a number, 0 or more, such as 1e-6".to_owned()),
    }
}

/// Runs the command; whether the workbook agrees.
///
/// # Errors
/// Wrong arguments, a file that cannot be read or has no training.
pub fn run(args: &Args) -> Result<bool> {
    let Told { text, agrees } = told(args, &|work| awaited(&args.file, work))?;
    console::print(&text);
    Ok(agrees)
}

/// What a comparison has to say.
pub(super) struct Told {
    /// The text, or the JSON.
    pub text: String,
    /// Whether the workbook agrees.
    pub agrees: bool,
}

/// What may take long.
type Work<'a> = &'a dyn Fn() -> Result<Comparison>;

/// Compares, as `wait` waits for it, and writes what is asked for; what there is to say then.
///
/// # Errors
/// Wrong arguments, a file that cannot be read or has no training.
pub(super) fn told(args: &Args, wait: &dyn Fn(Work) -> Result<Comparison>) -> Result<Told> {
    let registry = Registry::with_files(&args.meant.optimizer_file)?;
    if let Some(quiz) = args.quiz() {
        return args.mark(&quiz, &registry);
    }
    let target = args.against.as_deref().map(Target::parse);
    if target.as_ref().is_some_and(|target| target.file.as_os_str().is_empty()) {
        return Err(Error::new("--against names no file")
            .help("write --against TRACE.xlsx, or --against 'TRACE.xlsx#SHEET' for one sheet"));
    }
    let inputs: Vec<&Path> = [args.file.as_path()]
        .into_iter()
        .chain(target.as_ref().map(|target| target.file.as_path()))
        .chain(args.problem.file())
        .collect();
    let (existing, why) = match args.files.output {
        Some(_) => place::to_mark(&args.file)?,
        None => (None, None),
    };
    let has_macros = existing.as_ref().is_some_and(|one| one.has_macros);
    let extension = if has_macros { "xlsm" } else { "xlsx" };
    let mut outputs = args.files.plan_as(extension, &inputs)?;
    if let Some(why) = why {
        let file = args.file.display();
        tell!("note: no marks can be put into {file}: {why}; so copies of its sheets have them");
    }
    if let Some(path) = args.definition()? {
        outputs.plan(path)?;
    }
    let settings = args.settings(&registry)?;
    let problem = args.problem.problem(&args.meant.map)?;
    let comparison = wait(&|| match (&target, &problem) {
        (Some(target), _) => compare::against(&args.file, target, &settings, &registry),
        (None, Some(problem)) => compare::over_data(&args.file, &settings, problem),
        (None, None) => match compare::large_log(&args.file, &settings)? {
            Some(comparison) => Ok(comparison),
            None => compare::compare(&args.file, &settings, &registry),
        },
    })?;
    let is_skipped = |sheet: &SheetComparison| sheet.status == Status::Skipped;
    if comparison.sheets.iter().all(is_skipped) && comparison.trainings.trainings.is_empty() {
        return Err(no_training(&comparison));
    }
    compared_files::stage(&args.files, (&comparison, settings.tolerance), existing, &mut outputs)?;
    if let Some(path) = &args.save_optimizer {
        lifted::stage(path, &comparison, &mut outputs)?;
    }
    watch::look();
    outputs.commit()?;
    let text = match args.json {
        true => compared_json::json(&comparison)?,
        false => compared::text(&comparison, args.verbose),
    };
    Ok(Told { text, agrees: comparison.agrees() })
}

/// What the comparison of a file gives; on a terminal it is seen how far it has come.
fn awaited(path: &Path, work: Work) -> Result<Comparison> {
    let progress = Arc::new(Waiting::of(path));
    let found = watch::watched(progress.clone(), work);
    progress.finish();
    found?
}

impl Args {
    /// The file for the rule.
    fn definition(&self) -> Result<Option<&Path>> {
        of_kind(self.save_optimizer.as_deref(), "--save-optimizer", "toml")
    }

    /// The quiz that the file is; none where it is to be looked at as a sheet.
    fn quiz(&self) -> Option<Quiz> {
        let is_plain = self.against.is_none()
            && self.problem.file().is_none()
            && self.save_optimizer.is_none()
            && self.files.output.is_none()
            && self.files.report.is_none();
        if is_plain { Quiz::of_file(&self.file) } else { None }
    }

    /// Marks the file, which is a filled `quiz`.
    fn mark(&self, quiz: &Quiz, registry: &Registry) -> Result<Told> {
        let marked = quiz::mark(&self.file, quiz, registry)?;
        let text = match self.json {
            true => graded::json(&marked)?,
            false => graded::text(&marked),
        };
        Ok(Told { text, agrees: marked.points() == marked.of() })
    }

    fn settings(&self, registry: &Registry) -> Result<Settings> {
        let (meant, source) = (&self.meant, &self.source);
        let admitted = Admitted::new(registry, meant.optimizer.as_deref())?;
        let set = meant.set.iter().map(|text| decided::setting(text, &admitted));
        // The columns of a log are a model's weights.
        let map = meant.map.iter().filter(|_| self.problem.file().is_none());
        let map = map.map(|text| decided::mapping(text, &admitted));
        let options = Options {
            sheet: source.sheet.clone(),
            delimiter: source.delimiter,
            decimal: source.decimal,
        };
        Ok(Settings {
            options,
            tolerance: meant.tolerance,
            optimizer: meant.optimizer.clone(),
            set: set.collect::<Result<_>>()?,
            map: map.collect::<Result<_>>()?,
        })
    }
}

/// So many sheets say what they are instead.
const MOST_SHEETS: usize = 8;

/// The error for a file without a training: what each of its sheets is.
fn no_training(comparison: &Comparison) -> Error {
    let reason = |sheet: &SheetComparison| match sheet.sheet.as_str() {
        "" => sheet.remarks.join("; "),
        name => format!("{name}: {}", sheet.remarks.join("; ")),
    };
    let sheets = &comparison.sheets;
    let mut reasons: Vec<String> = sheets.iter().take(MOST_SHEETS).map(reason).collect();
    if sheets.len() > MOST_SHEETS {
        reasons.push(format!("and {} more", sheets.len() - MOST_SHEETS));
    }
    let what = format!("there is no training to compare\n  {}", reasons.join("\n  "));
    let mut help =
        "a training has weights, and formulas that take a step from each along the slope of \
                    a loss, again and again; gdtrace run makes one from x and y"
            .to_owned();
    if compare::may_be_log(&comparison.reading) {
        let file = quoted(&comparison.file.to_string_lossy());
        help += &format!(
            "; a log of weights without their gradients needs the data and the model: gdtrace compare \
             {file} --data FILE --model FORMULA"
        );
    }
    Error::new(what).in_file(&comparison.file).help(help)
}
