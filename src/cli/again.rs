//! The command line that traces one combination of a sweep: what the user said, with one
//! optimizer and one value for everything that was varied.

use std::path::Path;

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command};

use crate::value::number_text;

/// Options of a sweep that say nothing about one of its runs, or that are said anew.
const LEFT_OUT: [&str; 10] = [
    "print-config",
    "optimizers",
    "set",
    "preset",
    "vary",
    "converged",
    "output",
    "no-report",
    "json",
    "quiet",
];

/// The options that were given, in the order of the help, as words of a command line.
#[derive(Debug, Default)]
pub struct Given {
    options: Vec<(String, Vec<String>)>,
}

impl Given {
    /// What `matches` has for the subcommand `command`.
    pub fn new(command: &Command, matches: &ArgMatches) -> Self {
        let mut options = Vec::new();
        for option in command.get_arguments() {
            let id = option.get_id().as_str();
            let Some(key) = option.get_long().filter(|key| !LEFT_OUT.contains(key)) else {
                continue;
            };
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            if matches!(option.get_action(), ArgAction::SetTrue) {
                options.push((key.to_owned(), vec![format!("--{key}")]));
                continue;
            }
            let values = matches.get_raw(id).into_iter().flatten();
            let mut values: Vec<String> =
                values.map(|value| value.to_string_lossy().into_owned()).collect();
            if let Some(between) = option.get_value_delimiter() {
                values = vec![values.join(&between.to_string())];
            }
            let words = values.iter().flat_map(|value| option_words(key, value));
            options.push((key.to_owned(), words.collect()));
        }
        Given { options }
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
        let rest = self.options.iter().filter(|(key, _)| key != "force" && !is_varied(key));
        words.extend(rest.flat_map(|(_, words)| words.iter().cloned()));
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        format!("gdtrace {}", words.join(" "))
    }
}

/// An option with its value; in one word where the value would be taken for an option.
fn option_words(key: &str, value: &str) -> Vec<String> {
    match value.starts_with('-') {
        true => vec![format!("--{key}={value}")],
        false => vec![format!("--{key}"), value.to_owned()],
    }
}

/// A word as a shell takes it for one.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    match word.contains(['"', '$', '`', '\\', '!']) {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => format!("\"{word}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("lr=1e-6"), "lr=1e-6");
        assert_eq!(quoted("a*x + b"), "\"a*x + b\"");
        assert_eq!(quoted("my $file's"), "'my $file'\\''s'");
        assert_eq!(option_words("init", "-1"), ["--init=-1"]);
    }
}
