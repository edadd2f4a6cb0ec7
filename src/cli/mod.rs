//! The command line: arguments become validated settings, one file a command.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Result;

mod chosen;
mod console;
pub mod derive;
mod derived;
mod described;
mod job;
mod layout;
pub mod new;
pub mod optimizers;
pub mod run;
mod start;
mod training;
mod translated;

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
    Derive(derive::Args),
    New(new::Args),
    Optimizers(optimizers::Args),
}

/// Runs the command that `arguments` (the program's name first) ask for.
///
/// Exit codes: 0 done, 1 differences found (compare), 2 usage or input errors.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(derive::mark_formulas(arguments)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors: clap gives them the exit code 0.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(2),
            };
        }
    };
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(command: Command) -> Result<()> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Derive(args) => derive::run(&args),
        Command::New(args) => new::run(&args),
        Command::Optimizers(args) => optimizers::run(&args),
    }
}
