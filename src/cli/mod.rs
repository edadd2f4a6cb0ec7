//! The command line: arguments become validated settings, one file a command.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::{Error, Result};

mod again;
mod cell;
mod chosen;
pub mod compare;
mod compared;
mod compared_files;
mod compared_json;
mod config;
mod console;
mod decided;
pub mod derive;
mod derived;
mod described;
mod dialect;
pub mod explain;
mod files;
mod job;
mod layout;
pub mod new;
pub mod optimizers;
mod print_config;
pub mod run;
mod start;
pub mod sweep;
mod swept;
mod target;
mod training;
mod trainings;
mod trainings_json;
mod translated;
mod values;
mod vary;

use again::Given;
use config::Config;

const EXIT_CODES: &str = "\
Exit codes: 0 done (a run that diverged is done, with a warning), 1 differences found (compare),
2 usage or input errors";

/// Shows every number gradient descent computes, in a spreadsheet anyone can check.
#[derive(Debug, Parser)]
#[command(name = "gdtrace", version, about, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Args>),
    Compare(Box<compare::Args>),
    Sweep(Box<sweep::Args>),
    Derive(derive::Args),
    Explain(Box<explain::Args>),
    New(new::Args),
    Optimizers(optimizers::Args),
}

/// Runs the command that `arguments` (the program's name first) ask for.
///
/// Exit codes: 0 done, 1 differences found (compare), 2 usage or input errors.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match run_command(derive::mark_formulas(arguments).collect()) {
        Ok(code) => code,
        Err(Stop::Usage(error)) => {
            // Help and version are no errors: clap gives them the exit code 0.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(2),
            }
        }
        Err(Stop::Failed(error)) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Why a command ended before its work was done.
enum Stop {
    /// The arguments are wrong, or ask for help only.
    Usage(clap::Error),
    /// Anything else.
    Failed(Error),
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

/// Reads the arguments, with the settings of a file put in, and runs the command; its exit code.
fn run_command(mut arguments: Vec<OsString>) -> std::result::Result<ExitCode, Stop> {
    let mut command = Cli::command();
    let mut matches = command.try_get_matches_from_mut(&arguments)?;
    let config = match matches.subcommand() {
        // A cell of a workbook is what it is: no settings say how to train.
        Some(("explain", typed)) if explain::is_about_cell(&command, typed)? => None,
        Some((name, typed)) => Config::find(&command, name, typed)?.inspect(|config| {
            config.put_into(&mut arguments, typed);
        }),
        None => None,
    };
    if config.is_some() {
        matches = command.try_get_matches_from_mut(&arguments)?;
    }
    let cli = Cli::from_arg_matches(&matches)?;
    let located = |error: Error| match &config {
        Some(config) => config.locate(error),
        None => error,
    };
    let printed = match &cli.command {
        Command::Run(args) if args.print_config => Some(args.job.optimizers()),
        Command::Sweep(args) if args.print_config => Some(args.optimizers()),
        _ => None,
    };
    if let (Some(chosen), Some((name, given))) = (printed, matches.subcommand())
        && let Some(command) = command.find_subcommand(name)
    {
        let chosen = chosen.map_err(located)?;
        console::print(print_config::effective(command, given, &chosen).trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let settings = config.as_ref().map(Config::path);
    let given = match matches.subcommand() {
        Some((name, given)) => {
            command.find_subcommand(name).map(|command| Given::new(command, given))
        }
        None => None,
    };
    Ok(dispatch(cli.command, settings, &given.unwrap_or_default()).map_err(located)?)
}

/// Runs `command`, whose settings came in part from the file `settings`; `given` is all of them.
fn dispatch(command: Command, settings: Option<&Path>, given: &Given) -> Result<ExitCode> {
    match command {
        // The one command that answers with its exit code.
        Command::Compare(args) => {
            return compare::run(&args).map(|agrees| ExitCode::from(u8::from(!agrees)));
        }
        Command::Run(args) => run::run(&args, settings),
        Command::Sweep(args) => sweep::run(&args, settings, given),
        Command::Derive(args) => derive::run(&args),
        Command::Explain(args) => explain::run(&args, settings),
        Command::New(args) => new::run(&args),
        Command::Optimizers(args) => optimizers::run(&args),
    }?;
    Ok(ExitCode::SUCCESS)
}
