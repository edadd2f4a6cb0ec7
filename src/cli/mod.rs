//! The command line: arguments become validated settings, one file a command.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::{Error, Result};

mod again;
mod cell;
mod chosen;
pub(crate) mod compare;
mod compared;
mod compared_files;
mod compared_json;
pub(crate) mod completions;
mod config;
mod console;
mod data_json;
mod decided;
pub(crate) mod derive;
mod derived;
mod described;
mod dialect;
pub(crate) mod explain;
mod features;
mod files;
mod fit;
mod formats;
mod grade;
mod graded;
mod guide;
mod job;
mod layout;
mod lifted;
mod links;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod optimizers;
mod place;
mod print_config;
mod problem;
pub mod program;
mod progress;
mod quiz;
pub(crate) mod run;
mod start;
mod stop;
mod streamed;
pub(crate) mod sweep;
mod swept;
mod target;
mod traced;
mod training;
mod trainings;
mod trainings_json;
mod translated;
mod unwritten;
mod values;
mod vary;

use again::Given;
use config::Config;
use console::tell;
use sweep::Ended;

const AFTER_HELP: &str = "\
Examples:
  gdtrace run graddes.xlsx                                every step, as live formulas and a report
  gdtrace compare homework.xlsx                           where a sheet built by hand is wrong
  gdtrace explain graddes.xlsx --optimizer adam --step 1  where the numbers of a step come from
  gdtrace new data.xlsx                                   data to practise on
  gdtrace quiz graddes.xlsx                               an exercise that checks itself

gdtrace COMMAND --help tells all of a command, with examples.

Exit codes: 0 done (a run that diverged is done, with a warning), 1 differences found (compare),
2 usage or input errors";

/// Shows every number gradient descent computes, in a spreadsheet anyone can check.
#[derive(Debug, Parser)]
#[command(name = "gdtrace", version, about, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Args>),
    Compare(Box<compare::Args>),
    Explain(Box<explain::Args>),
    Sweep(Box<sweep::Args>),
    Derive(derive::Args),
    New(new::Args),
    Quiz(Box<quiz::Args>),
    Grade(grade::Args),
    Optimizers(optimizers::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the command that `arguments` (the program's name first) ask for.
///
/// Exit codes: 0 done, 1 differences found (compare), 2 usage or input errors.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = derive::mark_formulas(arguments).collect();
    match unwritten::told(|| run_command(arguments)) {
        Ok(code) => code,
        Err(Stop::Usage(error)) => {
            // Help and version are no errors: clap gives them the exit code 0.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(2),
            }
        }
        Err(Stop::Told(text)) => {
            tell!("{text}");
            ExitCode::from(2)
        }
        Err(Stop::Failed(error)) => {
            tell!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Why a command ended before its work was done.
enum Stop {
    /// The arguments are wrong, or ask for help only.
    Usage(clap::Error),
    /// The arguments lack something, and this says what to type.
    Told(String),
    /// Anything else.
    Failed(Error),
}

impl Stop {
    /// It as an error, in the words that the command line has for it.
    fn into_error(self) -> Error {
        let told = match self {
            Stop::Failed(error) => return error,
            Stop::Told(text) => text,
            // Help and version.
            Stop::Usage(error) if !error.use_stderr() => {
                return Error::new("this option prints, and computes nothing").help("leave it out");
            }
            Stop::Usage(error) => error.render().to_string(),
        };
        // How the command is typed helps nobody who did not type it.
        let told = ["\n\nUsage:", "\n\nFor more information"]
            .iter()
            .fold(told.as_str(), |told, end| told.split(end).next().unwrap_or(told))
            .trim_end();
        Error::new(told.strip_prefix("error: ").unwrap_or(told))
    }
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Self {
        Stop::Usage(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

/// Arguments as they were read, with the settings of a file put in.
struct Parsed {
    definition: clap::Command,
    matches: ArgMatches,
    command: Command,
    settings: Option<Config>,
}

impl Parsed {
    /// Reads `arguments`, the program's name first; `looks_beside` says that a file beside the input
    /// may have settings.
    fn new(mut arguments: Vec<OsString>, looks_beside: bool) -> std::result::Result<Self, Stop> {
        let typed = again::typed(&arguments);
        let mut definition = Cli::command();
        let read = definition.try_get_matches_from_mut(&arguments);
        let mut matches =
            read.map_err(|error| match guide::instead(&error, &definition, &arguments) {
                Some(text) => Stop::Told(text),
                None => Stop::Usage(error),
            })?;
        let settings = match matches.subcommand() {
            // A cell of a workbook is what it is: no settings say how to train.
            Some(("explain", typed)) if explain::is_about_cell(&definition, typed)? => None,
            // What was run stands in the folder.
            Some(("sweep", typed)) if typed.contains_id("gather") => None,
            Some((name, typed)) => Config::find(&definition, name, typed, looks_beside)?
                .inspect(|settings| settings.put_into(&mut arguments, typed)),
            None => None,
        };
        if settings.is_some() {
            matches = definition.try_get_matches_from_mut(&arguments)?;
        }
        let mut command = Cli::from_arg_matches(&matches)?.command;
        match &mut command {
            Command::Run(args) => args.typed_as(typed),
            Command::Sweep(args) => args.job.typed_as(typed),
            Command::Explain(args) => args.job.typed_as(typed),
            Command::Quiz(args) => args.job.typed_as(typed),
            _ => {}
        }
        Ok(Parsed { definition, matches, command, settings })
    }

    /// What the user said of the subcommand.
    fn given(&self) -> Given {
        let given = self.matches.subcommand().and_then(|(name, given)| {
            self.definition.find_subcommand(name).map(|command| Given::new(command, given))
        });
        given.unwrap_or_default()
    }

    /// The settings as a file has them, where that is what is asked for.
    fn printed_settings(&self) -> Result<Option<String>> {
        let settled = match &self.command {
            Command::Run(args) if args.print_config => args.settled(),
            Command::Sweep(args) if args.print_config => args.settled(),
            _ => return Ok(None),
        };
        let Some((name, given)) = self.matches.subcommand() else { return Ok(None) };
        let Some(command) = self.definition.find_subcommand(name) else { return Ok(None) };
        let (chosen, data) = settled?;
        Ok(Some(print_config::effective(command, given, &chosen, data.as_ref())))
    }
}

/// Reads the arguments, with the settings of a file put in, and runs the command; its exit code.
fn run_command(arguments: Vec<OsString>) -> std::result::Result<ExitCode, Stop> {
    if arguments.len() < 2 {
        console::print(&guide::short());
        return Ok(ExitCode::from(2));
    }
    let parsed = Parsed::new(arguments, true)?;
    let settings = parsed.settings.as_ref();
    if let Some(text) = parsed.printed_settings().map_err(|error| located(settings, error))? {
        console::print(text.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let given = parsed.given();
    stop::listen();
    let done = dispatch(parsed.command, settings.map(Config::path), &given);
    Ok(done.map_err(|error| located(settings, error))?)
}

/// `error` with the place in the settings that it is about.
fn located(settings: Option<&Config>, error: Error) -> Error {
    match settings {
        Some(settings) => settings.locate(error),
        None => error,
    }
}

/// Runs `command`, whose settings came in part from the file `settings`; `given` is all of them.
fn dispatch(command: Command, settings: Option<&Path>, given: &Given) -> Result<ExitCode> {
    match command {
        // The one command that answers with its exit code.
        Command::Compare(args) => {
            return compare::run(&args).map(|agrees| ExitCode::from(u8::from(!agrees)));
        }
        // The one command that can be stopped before its end and has done something.
        Command::Sweep(args) => {
            return sweep::run(&args, settings, given).map(|ended| match ended {
                Ended::Done => ExitCode::SUCCESS,
                Ended::Stopped => ExitCode::from(stop::EXIT_CODE),
            });
        }
        Command::Run(args) => run::run(&args, settings, given),
        Command::Derive(args) => derive::run(&args),
        Command::Explain(args) => explain::run(&args, settings, given),
        Command::New(args) => new::run(&args),
        Command::Quiz(args) => quiz::run(&args, given),
        Command::Grade(args) => grade::run(&args),
        Command::Optimizers(args) => optimizers::run(&args),
        Command::Completions(args) => completions::run(&args, Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command()),
    }?;
    Ok(ExitCode::SUCCESS)
}
