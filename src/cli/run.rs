//! `gdtrace run`: from a workbook with x and y to a workbook with every step, and a report.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::again::Given;
use super::chosen::Chosen;
use super::console::tell;
use super::console::{self, PrintedFiles};
use super::formats::{FormatArgs, Planned, Tables};
use super::job::{Job, JobArgs, Like, Room};
use super::place::{self, Place, PlaceArgs};
use super::progress::Progress;
use super::target::{Paths, TargetArgs};
use super::traced::Traced;
use crate::compare::result::Comparison;
use crate::compare::{self, Settings};
use crate::data::{Data, Typed};
use crate::error::{Error, Result};
use crate::export::output::Outputs;
use crate::export::package::Existing;
use crate::export::table::{About as TableAbout, Table};
use crate::export::xlsx::{self, Host, RowOptions};
use crate::graph::Options;
use crate::optimizer;
use crate::trace::{Keep, Results};
use crate::value::listed;

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
  gdtrace run graddes.xlsx --format parquet

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
    pub(super) target: TargetArgs,

    #[command(flatten)]
    pub(super) formats: FormatArgs,

    #[command(flatten)]
    pub(super) place: PlaceArgs,
}

impl Args {
    /// The file with the data, or with the training to go on from.
    pub(super) fn file(&self) -> &Path {
        self.file.as_deref().or(self.like.as_deref()).unwrap_or(Path::new("-"))
    }

    /// Says how the command was typed.
    pub fn typed_as(&mut self, typed: Typed) {
        self.job.typed_as(typed);
        let has_page = self.formats.has_page() && self.target.report(PathBuf::new()).is_some();
        self.job.have_room(match (self.formats.has_workbook(), has_page) {
            (true, true) => Room::Page,
            (false, true) => Room::Sheet,
            (true, false) => Room::Sheets,
            (false, false) => Room::Any,
        });
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

    /// Where the workbook and the page go.
    fn place(&self, file: &Path) -> Result<Place> {
        match self.formats.has_workbook() {
            true => {
                let mut place = self.place.place(file, &self.target)?;
                place.paths.report = place.paths.report.filter(|_| self.formats.has_page());
                Ok(place)
            }
            false => Place::nowhere(&self.place, file, self.formats.page(file, &self.target)),
        }
    }

    /// The files that are read.
    pub(super) fn inputs(&self) -> Vec<&Path> {
        let file = self.file.iter().filter(|_| !self.job.has_content());
        file.chain(&self.like).map(PathBuf::as_path).collect()
    }

    /// What is run, where `like` says what is not said here.
    pub(super) fn job(&self, like: Option<&Like>, given: &Given) -> Result<Job> {
        match like {
            Some(like) => self.job.job_like(like, self.file.as_deref(), given),
            None => self.job.job(self.file(), given),
        }
    }

    /// The training of a sheet to go on from.
    pub(super) fn comparison(&self) -> Result<Option<Comparison>> {
        let Some(path) = &self.like else { return Ok(None) };
        let sheet = self.job.sheet().filter(|_| self.file.is_none()).map(str::to_owned);
        let options = Options { sheet, ..Options::default() };
        let settings = Settings { options, ..Settings::default() };
        compare::compare(path, &settings, optimizer::registry()?).map(Some)
    }
}

/// What is written, and where.
struct Files {
    /// The workbook, or the name that the page has for one.
    workbook: PathBuf,
    has_workbook: bool,
    report: Option<PathBuf>,
    /// The folder of the tables.
    folder: Option<PathBuf>,
    tables: Vec<Planned>,
}

impl Files {
    fn new(args: &Args, paths: Paths, tables: Option<Tables>, job: &Job) -> Result<Files> {
        if let Some(tables) = &tables {
            tables.check(job.sheets.len())?;
        }
        let folder = match &tables {
            Some(Tables::Folder(folder, _)) => Some(folder.clone()),
            _ => None,
        };
        let name = |sheet: usize| job.sheets[sheet].1.name.clone();
        let tables = tables.map_or(Vec::new(), |tables| tables.of(job.sheets.len(), name));
        let has_workbook = args.formats.has_workbook();
        Ok(Files { workbook: paths.workbook, has_workbook, report: paths.report, folder, tables })
    }

    fn workbook(&self) -> Option<&Path> {
        Some(self.workbook.as_path()).filter(|_| self.has_workbook)
    }

    fn tables(&self) -> Vec<&Path> {
        self.tables.iter().filter_map(|table| table.path.as_deref()).collect()
    }

    fn all(&self) -> Vec<&Path> {
        let both = self.workbook().into_iter().chain(self.report.as_deref());
        both.chain(self.tables()).collect()
    }

    /// Whether a table goes to standard output, where nothing else is printed then.
    fn takes_standard_output(&self) -> bool {
        self.tables.iter().any(|table| table.path.is_none())
    }

    /// How often all rows are computed to be written.
    fn passes(&self, runs: usize) -> usize {
        usize::from(self.has_workbook) + self.tables.len().div_ceil(runs.max(1))
    }

    /// What else stands in the folder of the tables that reads as a table of the same run.
    fn strangers(&self) -> Option<String> {
        let folder = self.folder.as_ref()?;
        let ours = self.tables();
        let is_other = |path: &PathBuf| {
            let same = |one: &&Path| one.extension() == path.extension();
            !ours.contains(&path.as_path()) && ours.iter().any(same)
        };
        let found = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
        let mut names: Vec<String> = found
            .filter(is_other)
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .collect();
        names.sort();
        (!names.is_empty()).then(|| {
            format!(
                "{} also has {}, which this run did not write",
                folder.display(),
                listed(&names)
            )
        })
    }
}

/// Runs the command; `settings` is the file that some of the arguments came from, `given` what the
/// user said.
///
/// # Errors
/// Wrong arguments, data that cannot be read, outputs that may not or cannot be written.
pub fn run(args: &Args, settings: Option<&Path>, given: &Given) -> Result<()> {
    let (file, target) = (args.file(), &args.target);
    // What cannot be written is said before anything is read.
    let tables = args.formats.tables_of(file, target)?;
    let Place { existing, in_place, paths, note } = args.place(file)?;
    let comparison = args.comparison()?;
    let like = comparison.as_ref().map(Like::new).transpose()?;
    let mut job = args.job(like.as_ref(), given)?;
    // Sheets, page and JSON tell of all epochs.
    job.plan.forgets_epochs = !args.formats.shows_sheets() && !target.json;
    let mut outputs = Outputs::new(&args.inputs(), target.force);
    in_place.into_iter().for_each(|input| outputs.exchange(input));
    let files = Files::new(args, paths, tables, &job)?;
    if let Some(folder) = &files.folder {
        outputs.plan_folder(folder)?;
    }
    for path in files.all() {
        outputs.plan(path)?;
    }
    let host = place::host(existing.as_ref(), &job.data)?.with_rows(args.formats.rows());
    // What may end early says nothing of its length.
    if job.plan.until.is_none() && files.has_workbook {
        let sheets = job.sheets.iter().map(|(_, sheet)| sheet);
        let samples = job.data.samples();
        let kept = args.formats.keep.of(samples * job.plan.epochs, samples);
        let least = xlsx::least_size(sheets, kept.count);
        outputs.check_room(&files.workbook, least)?;
    }
    if !target.quiet {
        let from = settings.map(|path| format!("settings from {}", path.display()));
        let held = like.as_ref().map(|like| job.held(like, given)).transpose()?.flatten();
        let copied = host.copied(&job.data).filter(|_| files.has_workbook);
        let copied = copied.map(|told| told.replacen("Copied", "x and y are copied", 1));
        let by_hand = existing
            .as_ref()
            .filter(|_| like.is_none())
            .and_then(|existing| place::built_by_hand(file, existing, &files.workbook));
        let placed = [note, copied, held, by_hand, files.strangers()].into_iter().flatten();
        from.iter().chain(&job.notes).for_each(|note| tell!("note: {note}"));
        placed.for_each(|note| tell!("note: {note}"));
    }
    let mut progress = Progress::new(job.rows(), files.passes(job.sheets.len()));
    let traced = Traced::compute(job, (file, given), &mut progress)?;
    write_tables(&traced.results, args, &files, &mut outputs, &mut progress)?;
    let watched = (target.threads(), &mut progress);
    write(&traced, (&files, (existing, &host)), &mut outputs, watched)?;
    outputs.commit()?;
    progress.finish();

    traced.warnings().for_each(|warning| tell!("warning: {warning}"));
    tell(&traced.results, target, &files)
}

/// Prints what came of it.
fn tell(results: &Results, target: &TargetArgs, files: &Files) -> Result<()> {
    if target.json {
        let tables = files.tables();
        let outputs = PrintedFiles::new(files.workbook(), files.report.as_deref(), &tables);
        console::print(&console::json(results, outputs)?);
    } else if !target.quiet && files.takes_standard_output() {
        tell!("{}", console::table(results, &files.all()));
    } else if !target.quiet {
        console::print(&console::table(results, &files.all()));
    }
    Ok(())
}

/// Writes the tables.
fn write_tables(
    results: &Results,
    args: &Args,
    files: &Files,
    outputs: &mut Outputs,
    progress: &mut Progress,
) -> Result<()> {
    if files.tables.is_empty() {
        return Ok(());
    }
    let about = TableAbout::of(args.file())?;
    for Planned { sheet, format, path } in &files.tables {
        let table = Table::new(results, *sheet, args.formats.keep, &about)
            .on_threads(args.target.threads());
        match path {
            Some(path) => {
                outputs.stage_table(path, |out| table.write(*format, out, progress))?;
            }
            None => print_table(|out| table.write(*format, out, progress))?,
        }
    }
    Ok(())
}

/// Prints what `write` writes; that nobody reads it to its end is no failure.
fn print_table(write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>) -> Result<()> {
    let mut out = Listened { out: io::stdout(), is_over: false };
    let written = {
        let mut writer = BufWriter::new(&mut out);
        write(&mut writer).and_then(|()| {
            writer.flush().map_err(|error| Error::new(format!("cannot write the table: {error}")))
        })
    };
    if out.is_over { Ok(()) } else { written }
}

/// Standard output, and whether the one who reads it is gone.
struct Listened {
    out: io::Stdout,
    is_over: bool,
}

impl Write for Listened {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.is_over |=
            written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes the workbook on so many threads, and the page.
fn write(
    traced: &Traced,
    (files, (existing, host)): (&Files, (Option<Existing>, &Host)),
    outputs: &mut Outputs,
    (threads, progress): (usize, &mut Progress),
) -> Result<()> {
    if let Some(path) = files.workbook() {
        traced.stage_workbook(path, (existing, host), outputs, (threads, progress))?;
    }
    let Some(report) = &files.report else { return Ok(()) };
    let name = files.workbook().and_then(Path::file_name).map(|name| name.to_string_lossy());
    // The page tells the cells of steps, which stand elsewhere or nowhere where a part is written.
    let is_whole = host.rows().keep == Keep::All;
    let host = &host.clone().with_rows(RowOptions::default());
    let page = traced.page(host, name.as_deref().filter(|_| is_whole))?;
    outputs.stage(report, |writer| writer.write_all(page.as_bytes()))
}
