//! `gdtrace completions`: the script that lets a shell complete commands, options, names and files.
//!
//! It comes from the definitions of the arguments, like the help, so it knows all that they know.

use std::io::{self, Write};

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::{Shell, generate};

use crate::error::Result;
use crate::optimizer::registry;

/// Print the script that lets a shell complete commands, options, optimizers and files
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace completions bash > ~/.local/share/bash-completion/completions/gdtrace
  gdtrace completions zsh > ~/.zfunc/_gdtrace        with fpath+=~/.zfunc before compinit in ~/.zshrc
  gdtrace completions fish > ~/.config/fish/completions/gdtrace.fish
  gdtrace completions powershell >> $PROFILE

A shell that is started afterwards completes: gdtrace explain FILE --optimizer <TAB>")]
pub struct Args {
    /// The shell: bash, zsh, fish, powershell or elvish
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    shell: Shell,
}

/// Runs the command for the program `command`.
///
/// # Errors
/// A mistake in a built-in definition of an optimizer.
pub fn run(args: &Args, command: Command) -> Result<()> {
    let mut command = with_values(command)?;
    let mut script = Vec::new();
    generate(args.shell, &mut command, "gdtrace", &mut script);
    if args.shell == Shell::Bash {
        script = files_first(&String::from_utf8_lossy(&script), &command).into_bytes();
    }
    // That nobody reads it is no failure.
    let _ = io::stdout().write_all(&script);
    Ok(())
}

/// Arguments with values that are known, though others may be typed as well.
const VALUES: [(&str, &[&str]); 5] = [
    ("loss", &["squared", "half-squared", "absolute", "huber:1", "log"]),
    ("schedule", &["constant", "cosine", "1cycle", "annealing", "warmup:10+cosine"]),
    ("dialect", &["walkthrough"]),
    ("preset", &["notes"]),
    ("batch_size", &["1", "all"]),
];

/// Arguments that name an optimizer, with their commands.
const OPTIMIZERS: [(&str, &str); 5] = [
    ("run", "optimizers"),
    ("sweep", "optimizers"),
    ("explain", "optimizer"),
    ("compare", "optimizer"),
    ("optimizers", "name"),
];

/// The command with values to complete. They are no more than proposals, so the command that reads
/// arguments does not have them.
fn with_values(mut command: Command) -> Result<Command> {
    let definitions = registry()?.definitions().iter();
    let all = definitions.flat_map(|one| std::iter::once(one).chain(&one.variants));
    let optimizers: Vec<String> = all.map(|one| one.label()).collect();
    let commands: Vec<String> =
        command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    for name in &commands {
        command = command.mut_subcommand(name, |subcommand| {
            subcommand.mut_args(|argument| {
                let id = argument.get_id().as_str().to_owned();
                if OPTIMIZERS.contains(&(name, &id)) {
                    return argument.value_parser(PossibleValuesParser::new(&optimizers));
                }
                if (name.as_str(), id.as_str()) == ("man", "command") {
                    return argument.value_parser(PossibleValuesParser::new(&commands));
                }
                match VALUES.iter().find(|(known, _)| *known == id) {
                    Some((_, values)) => argument.value_parser(PossibleValuesParser::new(*values)),
                    None => with_files(argument),
                }
            })
        });
    }
    Ok(command)
}

/// The argument, completed with files where it takes one, and with nothing otherwise.
fn with_files(argument: Arg) -> Arg {
    match argument.get_value_hint() {
        ValueHint::AnyPath => argument.value_hint(ValueHint::FilePath),
        ValueHint::Unknown if argument.get_action().takes_values() => {
            argument.value_hint(ValueHint::Other)
        }
        _ => argument,
    }
}

/// The script for bash, with files instead of all options behind a command that takes a file.
///
/// What is generated proposes options there, before anyone has typed a `-`.
fn files_first(script: &str, command: &Command) -> String {
    const OPTIONS: &str = "if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then";
    const FILES: &str = "if [[ ${cur} != -* && ${COMP_CWORD} -eq 2 ]] ; then
                return 0
            fi
            if [[ ${cur} == -* ]] ; then";
    let takes_file = |name: &str| {
        let first = command.find_subcommand(name).and_then(|one| one.get_positionals().next());
        first.is_some_and(|first| first.get_value_hint() == ValueHint::FilePath)
    };
    let begin = "        gdtrace__subcmd__";
    let mut parts = script.split(begin);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.split(')').next().unwrap_or_default();
        out += begin;
        match takes_file(name) {
            true => out += &part.replacen(OPTIONS, FILES, 1),
            false => out += part,
        }
    }
    out
}
