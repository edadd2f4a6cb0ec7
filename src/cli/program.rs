//! `gdtrace run` and `gdtrace compare` for a program that wants values instead of files and text, as the
//! Python package does: the same arguments, read and refused in the same words, and the same functions
//! behind them.

use std::ffi::OsString;
use std::path::Path;

use super::console::{self, PrintedFiles};
use super::job::{Like, Room};
use super::traced::Traced;
use super::{Command, Parsed, compare, located, place, run};
use crate::data::added::RUN;
use crate::error::{Error, Result};
use crate::export::output::Outputs;
use crate::export::table::{About, Table};
use crate::export::xlsx::{self, Host};
use crate::trace::{Results, Sink};

/// Options of a run that say what is written and printed, which a program asks for afterwards.
const OF_OUTPUT: [&str; 7] =
    ["--output", "--no-report", "--format", "--in-place", "--json", "--quiet", "--print-config"];

/// What `gdtrace run` computed, ready to be written.
pub struct Training {
    args: Box<run::Args>,
    traced: Traced,
    about: About,
    /// What the user should know of how the arguments and the data were read.
    pub notes: Vec<String>,
}

impl Training {
    /// Runs `gdtrace run` with `arguments`, words of a command line behind `run`; `content` is the
    /// text that stands for the file among them, where the data are in memory. All values are handed
    /// to `watch` as well, which can stop the run with an error.
    ///
    /// # Errors
    /// Those of the command, in its words; options that say what is written.
    pub fn new(
        arguments: Vec<OsString>,
        content: Option<String>,
        watch: &mut dyn Sink,
    ) -> Result<Self> {
        check(&arguments)?;
        // Data in memory have no folder in which settings could be.
        let parsed = parse("run", arguments, content.is_none())?;
        let given = parsed.given();
        let settings = parsed.settings;
        let Command::Run(mut args) = parsed.command else { return Err(other_command()) };
        let named = |error| located(settings.as_ref(), error);
        // Sheets are checked when they are written: values have room for any number of steps.
        args.job.have_room(Room::Any);
        let about = match content {
            Some(content) => {
                args.job.take_content(content);
                About::default()
            }
            None => About::of(args.file())?,
        };
        let from = settings.as_ref().map(|one| format!("settings from {}", one.path().display()));
        let (job, notes) = {
            let comparison = args.comparison().map_err(named)?;
            let like = comparison.as_ref().map(Like::new).transpose()?;
            let job = args.job(like.as_ref(), &given).map_err(named)?;
            let held = like.as_ref().map(|like| job.held(like, &given)).transpose()?.flatten();
            let notes = from.into_iter().chain(job.notes.iter().cloned()).chain(held).collect();
            (job, notes)
        };
        let traced = Traced::compute(job, (args.file(), &given), watch)?;
        Ok(Training { args, traced, about, notes })
    }

    /// What came of it.
    pub fn results(&self) -> &Results {
        &self.traced.results
    }

    /// What the user should know after the run, such as that it diverged.
    pub fn warnings(&self) -> Vec<String> {
        self.traced.warnings().collect()
    }

    /// The rows of the run with that index that `--keep` has.
    pub fn table(&self, index: usize) -> Table<'_> {
        Table::new(self.results(), index, self.args.formats.keep, &self.about)
    }

    /// The results as the command prints them.
    pub fn text(&self) -> String {
        console::table(self.results(), &[]).trim_end().to_owned()
    }

    /// The results as `--json` prints them.
    ///
    /// # Errors
    /// None that a run can cause.
    pub fn json(&self) -> Result<String> {
        console::json(self.results(), PrintedFiles::new(None, None, &[]))
    }

    /// Writes the workbook that `gdtrace run -o PATH --no-report` writes; with `force` whatever stands there.
    ///
    /// # Errors
    /// More steps than a sheet has room for, a place that may not or cannot be written.
    pub fn write_workbook(&self, path: &Path, force: bool, watch: &mut dyn Sink) -> Result<()> {
        let mut outputs = self.outputs(force);
        let is_separate = self.args.place.separate || self.args.job.has_content();
        let existing = match is_separate {
            true => None,
            false => place::existing(self.args.file(), RUN)?.0,
        };
        let extension = match &existing {
            Some(existing) if existing.has_macros => "xlsm",
            _ => "xlsx",
        };
        super::target::check_extension(path, extension)?;
        outputs.plan(path)?;
        let host = place::host(existing.as_ref(), &self.results().data)?;
        let host = host.with_rows(self.args.formats.rows());
        let threads = self.args.target.threads();
        self.traced.stage_workbook(path, (existing, &host), &mut outputs, (threads, watch))?;
        outputs.commit()
    }

    /// The page that `gdtrace run --format html` writes, but for the mark of what it wrote.
    ///
    /// # Errors
    /// More steps than a page has room for.
    pub fn page(&self) -> Result<String> {
        let Results { data, plan, .. } = self.results();
        xlsx::check_height(data.samples(), plan.epochs, "")?;
        self.traced.page(&Host::separate(), None)
    }

    /// Writes that page; with `force` whatever stands there.
    ///
    /// # Errors
    /// A place that may not or cannot be written.
    pub fn write_page(&self, path: &Path, force: bool) -> Result<()> {
        if path.extension().is_none_or(|one| one != "html") {
            return Err(Error::new("the report must be an .html file")
                .in_file(path)
                .help(format!("for example {}", path.with_extension("html").display())));
        }
        let mut outputs = self.outputs(force);
        outputs.plan(path)?;
        let page = self.page()?;
        outputs.stage(path, |writer| writer.write_all(page.as_bytes()))?;
        outputs.commit()
    }

    fn outputs(&self, force: bool) -> Outputs {
        Outputs::new(&self.args.inputs(), force || self.args.target.force)
    }
}

/// What `gdtrace compare --json` prints for `arguments`, words of a command line behind `compare`. Nothing is
/// written any more once a [`crate::watch::Watch`] has ended it.
///
/// # Errors
/// Those of the command, in its words.
pub fn compare(mut arguments: Vec<OsString>) -> Result<String> {
    arguments.push("--json".into());
    match parse("compare", arguments, true)?.command {
        Command::Compare(args) => compare::told(&args, &|work| work()).map(|told| told.text),
        _ => Err(other_command()),
    }
}

fn parse(command: &str, arguments: Vec<OsString>, looks_beside: bool) -> Result<Parsed> {
    let words = ["gdtrace", command].map(OsString::from).into_iter().chain(arguments);
    Parsed::new(words.collect(), looks_beside).map_err(super::Stop::into_error)
}

/// Refuses options that say what is written.
fn check(arguments: &[OsString]) -> Result<()> {
    let key = |word: &OsString| word.to_string_lossy().split('=').next().unwrap_or("").to_owned();
    let found = arguments.iter().map(key).find(|key| OF_OUTPUT.contains(&key.as_str()));
    match found {
        Some(key) => Err(Error::new("a run from a program writes and prints nothing by itself")
            .in_argument(key)
            .help("leave it out: what is to be written is said afterwards, to_excel(\"t.xlsx\") or report(\"t.html\")")),
        None => Ok(()),
    }
}

/// The words were those of another command, as `--help` makes them.
fn other_command() -> Error {
    Error::new("these are no arguments of this command")
}
