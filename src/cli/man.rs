//! `gdtrace man`: the manual, from the definitions of the arguments.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;

use super::console;
use crate::error::{Error, Result};
use crate::value::counted;

/// Print the manual page of gdtrace or of a command, or write them all
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace man run > gdtrace-run.1
  man ./gdtrace-run.1
  gdtrace man --dir ~/.local/share/man/man1

Pages in the folder share/man/man1 beside a folder bin that is on the path are found by
man gdtrace-run.")]
pub struct Args {
    /// The command: run, compare, ... [default: gdtrace itself]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,

    /// Write the pages of gdtrace and of every command to this folder
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    #[arg(conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Runs the command for the program `command`.
///
/// # Errors
/// A command that there is not; a folder that cannot be written to.
pub fn run(args: &Args, command: Command) -> Result<()> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    if let Some(folder) = &args.dir {
        return write(folder.clone(), &command);
    }
    let page = match &args.command {
        None => command,
        Some(name) => command.find_subcommand(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            Error::new(format!("there is no command `{name}`"))
                .help(format!("known: {}", known.join(", ")))
        })?,
    };
    let page = rendered(page)?;
    // That nobody reads it is no failure.
    let _ = io::stdout().write_all(&page);
    Ok(())
}

fn rendered(command: Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let name = command.get_display_name().unwrap_or("gdtrace").to_owned();
    Man::new(command)
        .source(concat!("gdtrace ", env!("CARGO_PKG_VERSION")))
        .manual("gdtrace")
        .render(&mut page)
        .map_err(|error| Error::io("make the page", name.as_ref(), &error))?;
    Ok(page)
}

/// Writes every page to the folder, which is made where it is missing.
fn write(folder: PathBuf, command: &Command) -> Result<()> {
    std::fs::create_dir_all(&folder)
        .map_err(|error| Error::io("make the folder", &folder, &error))?;
    let commands = command.get_subcommands().chain([command]);
    let mut written = 0;
    for one in commands {
        let name = one.get_display_name().unwrap_or_else(|| one.get_name());
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, rendered(one.clone())?)
            .map_err(|error| Error::io("write", &path, &error))?;
        written += 1;
    }
    console::print(&format!("wrote {} to {}", counted(written, "page"), folder.display()));
    Ok(())
}
