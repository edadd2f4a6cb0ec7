//! `gdtrace run`: from a workbook with x and y to a workbook with every step, and a report.

use std::path::{Path, PathBuf};

use super::again::Given;
use super::chosen::Chosen;
use super::console;
use super::job::{JobArgs, Like};
use super::place::{self, Place, PlaceArgs};
use super::target::{Paths, TargetArgs};
use crate::compare::result::Comparison;
use crate::compare::{self, Settings};
use crate::data::Data;
use crate::data::added::RUN;
use crate::error::Result;
use crate::export::html::{self, Origin};
use crate::export::output::{About, Outputs};
use crate::export::package::Existing;
use crate::export::xlsx::{self, Host};
use crate::graph::Options;
use crate::optimizer::{self, Record};
use crate::trace::Results;

/// Trace gradient descent on the x and y of a workbook: every step as live formulas
///
/// Reads x and y from a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) or a text (.csv, .tsv, .txt),
/// wherever they stand in it, and says which columns it took. Runs each optimizer sample by sample
/// on y = a*x + b, and writes every value as a formula with its result to new sheets behind those of
/// the workbook, in a copy of it, with a report beside it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace run graddes.xlsx
  gdtrace run graddes.xlsx --optimizers sgd,adam --epochs 20 --set adam.lr=0.1
  gdtrace run prices.csv --x area --y price -o prices.trace.xlsx
  gdtrace run --like homework.xlsx

Exit codes: 0 done (also when an optimizer diverged: a warning says so), 2 usage or input errors")]
pub struct Args {
    /// The workbook or text (.csv, .tsv, .txt) with the data; - reads standard input
    #[arg(value_name = "FILE", required_unless_present = "like")]
    file: Option<PathBuf>,

    /// Go on from the training of a sheet built by hand: its data, model, loss, optimizer, settings
    /// and start weights, but for what other options say; with FILE, over other data
    #[arg(long, value_name = "FILE.xlsx", conflicts_with_all = ["dialect", "network", "print_config"])]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    like: Option<PathBuf>,

    /// The settings: a file that says what options say [default: gdtrace.toml beside FILE]
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,

    /// Print the settings as such a file, and do nothing else
    #[arg(long)]
    pub(super) print_config: bool,

    #[command(flatten)]
    pub(super) job: JobArgs,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    place: PlaceArgs,
}

impl Args {
    /// The file with the data, or with the training to go on from.
    fn file(&self) -> &Path {
        self.file.as_deref().or(self.like.as_deref()).unwrap_or(Path::new("-"))
    }

    /// The optimizers with all that is chosen for them, and the data, scaled or not, where they could
    /// be read.
    ///
    /// # Errors
    /// Wrong arguments.
    pub fn settled(&self) -> Result<(Vec<Chosen>, Option<Data>)> {
        match self.job.job(self.file(), &Given::default()) {
            Ok(job) => Ok((job.chosen, Some(job.data))),
            Err(_) => Ok((self.job.optimizers()?, None)),
        }
    }

    /// The training of a sheet to go on from.
    fn comparison(&self) -> Result<Option<Comparison>> {
        let Some(path) = &self.like else { return Ok(None) };
        let sheet = self.job.sheet().filter(|_| self.file.is_none()).map(str::to_owned);
        let options = Options { sheet, ..Options::default() };
        let settings = Settings { options, ..Settings::default() };
        compare::compare(path, &settings, optimizer::registry()?).map(Some)
    }
}

/// Runs the command; `settings` is the file that some of the arguments came from, `given` what the
/// user said.
///
/// # Errors
/// Wrong arguments, data that cannot be read, outputs that may not or cannot be written.
pub fn run(args: &Args, settings: Option<&Path>, given: &Given) -> Result<()> {
    let Place { existing, in_place, paths, note } = args.place.place(args.file(), &args.target)?;
    let comparison = args.comparison()?;
    let like = comparison.as_ref().map(Like::new).transpose()?;
    let job = match &like {
        Some(like) => args.job.job_like(like, args.file.as_deref(), given)?,
        None => args.job.job(args.file(), given)?,
    };
    let inputs: Vec<&Path> = args.file.iter().chain(&args.like).map(PathBuf::as_path).collect();
    let mut outputs = Outputs::new(&inputs, args.target.force);
    in_place.into_iter().for_each(|input| outputs.exchange(input));
    for path in paths.all() {
        outputs.plan(path)?;
    }
    let host = place::host(existing.as_ref(), &job.data)?;
    // What may end early says nothing of its length.
    if job.plan.until.is_none() {
        let sheets = job.sheets.iter().map(|(_, sheet)| sheet);
        let least = xlsx::least_size(sheets, &job.data, job.plan.epochs);
        outputs.check_room(&paths.workbook, least)?;
    }
    if !args.target.quiet {
        let from = settings.map(|path| format!("settings from {}", path.display()));
        let held = like.as_ref().map(|like| job.held(like, given)).transpose()?.flatten();
        let copied =
            host.copied(&job.data).map(|told| told.replacen("Copied", "x and y are copied", 1));
        let by_hand = existing
            .as_ref()
            .filter(|_| like.is_none())
            .and_then(|existing| place::built_by_hand(args.file(), existing, &paths.workbook));
        let placed = [note, copied, held, by_hand].into_iter().flatten();
        from.iter().chain(&job.notes).for_each(|note| eprintln!("note: {note}"));
        placed.for_each(|note| eprintln!("note: {note}"));
    }
    let mut progress = console::Progress::new(job.rows());
    let mut results = Results::compute(job.sheets, job.data, job.plan, &mut progress)?;
    for (run, one) in results.runs.iter_mut().zip(&job.chosen) {
        run.lr_reason.clone_from(&one.lr_reason);
    }
    let writing = (&paths, (existing, &host), args.target.threads());
    let origin = Origin {
        command: given.base(args.file()),
        settings: given.base_settings(),
        arguments: job.chosen.iter().map(Chosen::argument).collect(),
    };
    write((&results, &job.record, origin), writing, &mut outputs, &mut progress)?;
    outputs.commit()?;
    progress.finish();

    let odd = job.chosen.iter().flat_map(Chosen::suspicions);
    let warnings = results.runs.iter().filter_map(|run| run.warning.clone());
    odd.chain(warnings).for_each(|warning| eprintln!("warning: {warning}"));
    if args.target.json {
        console::print(&console::json(&results, &paths.workbook, paths.report.as_deref())?);
    } else if !args.target.quiet {
        console::print(&console::table(&results, &paths.all()));
    }
    Ok(())
}

/// Writes the workbook on so many threads, and the page.
fn write(
    (results, record, origin): (&Results, &Record, Origin),
    (paths, (existing, host), threads): (&Paths, (Option<Existing>, &Host), usize),
    outputs: &mut Outputs,
    progress: &mut console::Progress,
) -> Result<()> {
    let book = xlsx::workbook(results, host, progress)?.on_threads(threads);
    let title = format!("Gradient descent on {}", results.model().equation);
    let names: Vec<&str> = results.runs.iter().map(|run| run.sheet.name.as_str()).collect();
    let subject = format!("Every step of {}", names.join(", "));
    let properties = xlsx::Addresses::new(results, host).record(results, record).properties()?;
    let about = About { title: &title, subject: &subject, properties: &properties };
    match existing {
        Some(existing) => outputs.stage_added(&paths.workbook, existing, book, (RUN, &about))?,
        None => outputs.stage_book(&paths.workbook, book, &about)?,
    }
    let Some(report) = &paths.report else { return Ok(()) };
    let page = html::page_of(results, (host, &paths.workbook_name()), Some(origin))?;
    outputs.stage(report, |writer| writer.write_all(page.as_bytes()))
}
