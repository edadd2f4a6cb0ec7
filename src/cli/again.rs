//! The command line again: what the user said, with one option said otherwise; or for one
//! combination of a sweep, with one optimizer and one value for everything that was varied.

use std::ffi::OsString;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command};
use toml::Value as Toml;

use super::print_config::scalar;
use crate::data::{Typed, quoted};
use crate::value::number_text;

/// Options that say what is printed and what is written where, not what is run.
const OF_OUTPUT: [&str; 7] =
    ["print-config", "output", "no-report", "force", "threads", "json", "quiet"];

/// Options of a sweep that say where its runs are kept, not which runs there are.
pub(super) const OF_RUNS: [&str; 4] = ["runs", "resume", "shard", "gather"];

/// Options of a sweep that are said anew for one of its runs, or say nothing about it.
const OF_SWEEP: [&str; 5] = ["optimizers", "set", "preset", "vary", "converged"];

/// Options of a run that its page says anew.
const SAID_BY_PAGE: [&str; 9] =
    ["optimizers", "set", "preset", "epochs", "batch-size", "init", "loss", "format", "keep"];

/// Whether an option says nothing about what is run.
fn is_of_place(key: &str) -> bool {
    OF_OUTPUT.contains(&key) || OF_RUNS.contains(&key)
}

/// An option that was given, with its values; none for one that takes no value.
#[derive(Debug)]
struct Said {
    key: String,
    values: Vec<String>,
}

impl Said {
    /// It as words of a command line.
    fn words(&self) -> Vec<String> {
        match self.values.as_slice() {
            [] => vec![format!("--{}", self.key)],
            values => values.iter().flat_map(|value| option_words(&self.key, value)).collect(),
        }
    }

    /// It as a line of a `gdtrace.toml`.
    fn setting(&self) -> String {
        let value = match self.values.as_slice() {
            [] => Toml::Boolean(true),
            [one] => scalar(one),
            many => Toml::Array(many.iter().map(|one| scalar(one)).collect()),
        };
        format!("{} = {value}", self.key)
    }
}

/// The options that were given, in the order of the help.
#[derive(Debug, Default)]
pub struct Given {
    /// The subcommand.
    command: String,
    options: Vec<Said>,
}

impl Given {
    /// What `matches` has for the subcommand `command`.
    pub fn new(command: &Command, matches: &ArgMatches) -> Self {
        let mut options = Vec::new();
        for option in command.get_arguments() {
            let id = option.get_id().as_str();
            let Some(key) = option.get_long() else { continue };
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            let is_flag = matches!(option.get_action(), ArgAction::SetTrue);
            let values = matches.get_raw(id).into_iter().flatten().filter(|_| !is_flag);
            let mut values: Vec<String> =
                values.map(|value| value.to_string_lossy().into_owned()).collect();
            if let Some(between) = option.get_value_delimiter() {
                values = vec![values.join(&between.to_string())];
            }
            options.push(Said { key: key.to_owned(), values });
        }
        Given { command: command.get_name().to_owned(), options }
    }

    /// Whether the option was given.
    pub fn has(&self, key: &str) -> bool {
        self.options.iter().any(|one| one.key == key)
    }

    /// The same command over `file` with this option said so.
    pub fn with(&self, file: &Path, key: &str, value: &str) -> String {
        let mut words = vec![self.command.clone(), file.to_string_lossy().into_owned()];
        words.extend(self.options.iter().filter(|one| one.key != key).flat_map(Said::words));
        words.extend(option_words(key, value));
        line(&words)
    }

    /// The options that say what is swept, as words of a command line.
    pub fn sweep(&self) -> Vec<String> {
        self.of_sweep().flat_map(Said::words).collect()
    }

    /// The first option that says what is swept.
    pub fn first_of_sweep(&self) -> Option<&str> {
        self.of_sweep().next().map(|one| one.key.as_str())
    }

    fn of_sweep(&self) -> impl Iterator<Item = &Said> {
        self.options.iter().filter(|one| !is_of_place(&one.key) && one.key != "config")
    }

    /// The command that sweeps the same over `file`.
    pub fn sweep_command(&self, file: &Path) -> String {
        let words = ["sweep".to_owned(), file.to_string_lossy().into_owned()];
        line(&words.into_iter().chain(self.sweep()).collect::<Vec<String>>())
    }

    /// The command of a run over `file`, but for what its page says anew.
    pub fn base(&self, file: &Path) -> String {
        let mut words = vec!["run".to_owned(), file.to_string_lossy().into_owned()];
        words.extend(self.of_base().flat_map(Said::words));
        line(&words)
    }

    /// The same options as lines of a `gdtrace.toml`.
    pub fn base_settings(&self) -> Vec<String> {
        self.of_base().filter(|one| one.key != "config").map(Said::setting).collect()
    }

    fn of_base(&self) -> impl Iterator<Item = &Said> {
        let is_said = |key: &str| SAID_BY_PAGE.contains(&key) || is_of_place(key);
        self.options.iter().filter(move |one| !is_said(&one.key))
    }

    /// The command that traces the optimizer called `optimizer` over `file`, with these
    /// hyperparameters and these numbers of the way to train.
    pub fn command(
        &self,
        file: &Path,
        optimizer: &str,
        hyper: &[(String, f64)],
        ways: &[(String, f64)],
    ) -> String {
        let mut words = vec!["run".to_owned(), file.to_string_lossy().into_owned()];
        words.extend(option_words("optimizers", optimizer));
        for (name, value) in hyper {
            words.extend(option_words("set", &format!("{name}={}", number_text(*value))));
        }
        for (name, value) in ways {
            words.extend(option_words(name, &number_text(*value)));
        }
        let is_varied = |key: &str| ways.iter().any(|(name, _)| name == key);
        let is_left_out = |key: &str| OF_SWEEP.contains(&key) || is_of_place(key) || is_varied(key);
        let rest = self.options.iter().filter(|one| !is_left_out(&one.key));
        words.extend(rest.flat_map(Said::words));
        line(&words)
    }
}

/// The command line as it was typed, the program's name without its folder.
pub fn typed(arguments: &[OsString]) -> Typed {
    let words = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    Typed::new(std::iter::once("gdtrace".to_owned()).chain(words))
}

/// A line for a shell.
fn line(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("gdtrace {}", words.join(" "))
}

/// An option with its value; in one word where the value would be taken for an option.
fn option_words(key: &str, value: &str) -> Vec<String> {
    match value.starts_with('-') {
        true => vec![format!("--{key}={value}")],
        false => vec![format!("--{key}"), value.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_of_a_run_is_what_its_page_does_not_say() {
        let option =
            |key: &str, value: &str| Said { key: key.to_owned(), values: vec![value.to_owned()] };
        let options = vec![option("epochs", "20"), option("model", "a*x"), option("set", "lr=1")];
        let given = Given { command: "run".into(), options };
        assert_eq!(given.base(Path::new("b.xlsx")), "gdtrace run b.xlsx --model \"a*x\"");
        assert_eq!(given.base_settings(), ["model = \"a*x\""]);
        let flag = Said { key: "shuffle".into(), values: Vec::new() };
        let given = Given { command: "run".into(), options: vec![option("clip", "-2"), flag] };
        assert_eq!(given.base(Path::new("b.xlsx")), "gdtrace run b.xlsx --clip=-2 --shuffle");
        assert_eq!(given.base_settings(), ["clip = -2", "shuffle = true"]);
    }

    #[test]
    fn a_value_with_a_sign_stays_with_its_option() {
        assert_eq!(option_words("init", "-1"), ["--init=-1"]);
    }
}
