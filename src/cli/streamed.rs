//! Sweeps whose runs are kept in a folder as they end: any number of them, on any number of machines.

use std::path::{Path, PathBuf};

use clap::{Args as _, FromArgMatches};
use serde::Serialize;

use super::again::Given;
use super::console;
use super::console::tell;
use super::progress::Progress;
use super::stop::Stoppable;
use super::sweep::{Args, Asked, Ended};
use super::target::Paths;
use crate::error::{Error, Result};
use crate::export::output::Outputs;
use crate::export::runs::{self, About, Begin, Folder, PartWriter, Rows, Told};
use crate::trace::sweep::{Runner, Setting, Shard};
use crate::value::counted;

/// So many steps take long enough for the runs to be kept, whatever stops them.
const LONG: usize = 20_000_000;

/// Where the runs are kept.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where the runs are kept")]
pub struct RunsArgs {
    /// Keep every run in a folder as soon as it has ended, in .csv files that become Parquet [default, for more
    /// than 10,000 runs or 20 million steps: FILE.sweep.runs beside the workbook]
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath, conflicts_with = "gather")]
    runs: Option<PathBuf>,

    /// Go on with the runs that are missing in the folder, after a sweep was stopped
    #[arg(long, conflicts_with_all = ["gather", "force"])]
    resume: bool,

    /// Run one part of the sweep only, 3/16 for the third of sixteen, and write no workbook: each
    /// part can be run by itself, anywhere and at any time, into the same folder
    #[arg(long, value_name = "I/N")]
    #[arg(conflicts_with_all = ["gather", "force", "output", "no_report"])]
    shard: Option<Shard>,

    /// Make the workbook and the page of the runs in a folder, when all parts have been run
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    pub gather: Option<PathBuf>,
}

impl RunsArgs {
    /// The folder in which the runs are kept, if they are.
    pub fn folder(&self, paths: &Paths, setting: &Setting) -> Option<PathBuf> {
        let is_asked = self.resume || self.shard.is_some();
        // A workbook has a row for each of fewer, so that nothing else needs to be kept of them.
        let is_long = setting.runs() > runs::MOST_SHOWN || setting.steps() > LONG;
        let usual = (is_asked || is_long).then(|| paths.workbook.with_extension("runs"));
        self.runs.clone().or(usual)
    }

    fn begin(&self, is_forced: bool) -> Begin {
        match (self.resume, is_forced) {
            (true, _) => Begin::GoOn,
            (_, true) => Begin::Anew,
            _ => Begin::Empty,
        }
    }
}

/// Runs what is missing of the sweep, or of a part of it, into `folder`; of a whole sweep the workbook and the page
/// are made as well.
///
/// # Errors
/// A folder with other runs, outputs that may not or cannot be written.
pub fn run(
    args: &Args,
    (asked, runner): (&Asked, Runner),
    (folder, paths): (&Path, &Paths),
    given: &Given,
) -> Result<Ended> {
    let shard = args.runs.shard.unwrap_or(Shard::WHOLE);
    let outputs = args.runs.shard.is_none().then(|| args.outputs(paths)).transpose()?;
    let seed = args.job.seed();
    let told = Told {
        command: given.sweep_command(args.file()),
        input: args.file().to_string_lossy().into_owned(),
        arguments: given.sweep(),
    };
    let about = About::new(&runner, seed, told)?;
    let folder = Folder::begin(folder, &about, shard, args.runs.begin(args.target.force))?;
    let kept = fill(args, &runner, &folder, (shard, seed))?;
    if kept.is_stopped() {
        let (done, all) = (kept.done, counted(kept.all, "run"));
        let place = folder.path().display();
        tell!(
            "stopped: {done} of {all} are kept in {place}; the same command with --resume goes on"
        );
        return Ok(Ended::Stopped);
    }
    match outputs {
        Some(outputs) => show(args, (asked, runner), &folder, (paths, outputs), given)?,
        None if args.target.json => console::print(&kept.json(&folder, shard)?),
        None if args.target.quiet => {}
        None => console::print(&kept.text(&folder, shard)),
    }
    Ok(Ended::Done)
}

/// What is in a part when its writer ends.
struct Kept {
    /// How many runs were there before.
    before: usize,
    done: usize,
    all: usize,
}

#[derive(Serialize)]
struct PrintedPart {
    folder: String,
    file: String,
    shard: String,
    runs: usize,
    /// How many of them were there before.
    kept: usize,
}

impl Kept {
    fn is_stopped(&self) -> bool {
        self.done < self.all
    }

    fn json(&self, folder: &Folder, shard: Shard) -> Result<String> {
        let printed = PrintedPart {
            folder: folder.path().to_string_lossy().into_owned(),
            file: folder.part(shard).to_string_lossy().into_owned(),
            shard: shard.to_string(),
            runs: self.all,
            kept: self.before,
        };
        serde_json::to_string_pretty(&printed)
            .map_err(|error| Error::new(format!("cannot write the results as JSON: {error}")))
    }

    fn text(&self, folder: &Folder, shard: Shard) -> String {
        let before = match self.before {
            0 => String::new(),
            before => format!(", of which {before} were there"),
        };
        format!(
            "part {shard}: {}{before}, in {}\nwhen all parts are there:\n  gdtrace sweep --gather {}",
            counted(self.all, "run"),
            folder.part(shard).display(),
            folder.path().display(),
        )
    }
}

/// Runs what is missing of a part, unless it is stopped.
fn fill(
    args: &Args,
    runner: &Runner,
    folder: &Folder,
    (shard, seed): (Shard, u64),
) -> Result<Kept> {
    let rows = Rows::new(runner, seed);
    let waits = |path: &Path| {
        if !args.target.quiet {
            tell!("note: waiting for another gdtrace, which writes {}", path.display());
        }
    };
    let stoppable = Stoppable::new();
    let all = shard.runs(runner.setting.runs());
    let mut part = PartWriter::open((folder, shard), &rows, all, &waits)?;
    let before = part.done();
    if before > 0 && !args.target.quiet {
        tell!("note: {before} of {} are there already", counted(all, "run"));
    }
    let progress = Progress::counting("runs", all, before);
    let missing = (before..all).map(|place| shard.index(place));
    let missing = missing.take_while(|_| !stoppable.is_asked());
    runner.stream(missing, args.target.threads(), |index, ran| {
        progress.step();
        part.write(index, ran)
    })?;
    progress.finish();
    let done = part.done();
    part.finish()?;
    Ok(Kept { before, done, all })
}

/// Reads the runs of `folder`, writes the workbook and the page, and prints what came out.
fn show(
    args: &Args,
    (asked, runner): (&Asked, Runner),
    folder: &Folder,
    (paths, outputs): (&Paths, Outputs),
    given: &Given,
) -> Result<()> {
    let threads = args.target.threads();
    let progress = Progress::counting("runs", 2 * runner.setting.runs(), 0);
    let seed = args.job.seed();
    let sweep = runs::gather(folder, runner, seed, threads, &|more| progress.advance(more))?;
    progress.finish();
    args.show(&sweep, asked, (paths, outputs), (given, Some(folder.path())))
}

/// Makes the workbook and the page of the runs in the folder at `path`.
///
/// # Errors
/// A folder without a whole sweep, other data than those that were swept, outputs that may not or cannot be written.
pub fn gather(args: &Args, path: &Path, given: &Given) -> Result<()> {
    if let Some(option) = given.first_of_sweep() {
        return Err(Error::new("what was run stands in the folder, and cannot be said anew")
            .in_argument(format!("--{option}"))
            .help("leave it out; FILE, -o, --no-report, --force, --threads, --json and --quiet may be said"));
    }
    let (folder, theirs) = Folder::open(path)?;
    let input = args.given_file().unwrap_or(Path::new(&theirs.told.input)).to_owned();
    let (mut again, given) = read_again(&input, &theirs.told.arguments)
        .map_err(|error| error.in_file(&path.join("sweep.json")))?;
    again.target = args.target.clone();
    let asked = again.asked(&given)?;
    let make = asked.make();
    let runner = Runner::new(asked.setting.clone(), &make)?;
    let about = About::new(&runner, again.job.seed(), theirs.told.clone())?;
    folder.check_same(&about, &theirs)?;
    let paths = again.target.paths(&input, "sweep.xlsx")?;
    let outputs = again.outputs(&paths)?;
    show(&again, (&asked, runner), &folder, (&paths, outputs), &given)
}

/// The arguments of a sweep over `input` that were kept as words.
fn read_again(input: &Path, arguments: &[String]) -> Result<(Args, Given)> {
    let command = Args::augment_args(clap::Command::new("sweep"));
    let words = [Path::new("sweep").as_os_str(), input.as_os_str()].map(ToOwned::to_owned);
    let words = words.into_iter().chain(arguments.iter().map(Into::into));
    let wrong = |error: clap::Error| {
        let text = error.render().to_string();
        let line = text.lines().next().unwrap_or_default();
        Error::new(line.strip_prefix("error: ").unwrap_or(line))
            .help("the arguments there are those of another version of gdtrace")
    };
    let mut command = command.no_binary_name(false);
    let matches = command.try_get_matches_from_mut(words).map_err(wrong)?;
    let args = Args::from_arg_matches(&matches).map_err(wrong)?;
    Ok((args, Given::new(&command, &matches)))
}
