//! `--print-config`: the effective settings, as a file that says the same.

use std::fmt::Write;

use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::Value as Toml;

use super::again::OF_RUNS;
use super::chosen::Chosen;
use super::start;
use crate::data::Data;

/// Options that say nothing about a run, or that other settings say already: `set` has every
/// hyperparameter's value, whatever preset it came from.
const LEFT_OUT: [&str; 6] = ["config", "print-config", "help", "version", "preset", "set"];

/// What holds where an option has no default of its own and nothing was said.
const IMPLIED: [(&str, &str); 3] = [("batch-size", "1"), ("schedule", "constant"), ("init", "1")];

/// The settings of the subcommand `command`, given by `matches`, with the hyperparameters of the
/// optimizers in `chosen` and what was decided about the `data`, where they could be read. What is
/// not set stands there as a comment.
pub fn effective(
    command: &Command,
    matches: &ArgMatches,
    chosen: &[Chosen],
    data: Option<&Data>,
) -> String {
    let mut out = format!("# The settings of gdtrace {}.\n", command.get_name());
    let mut heading = None;
    for option in command.get_arguments() {
        let is_told = |key: &&str| !LEFT_OUT.contains(key) && !OF_RUNS.contains(key);
        let Some(key) = option.get_long().filter(is_told) else { continue };
        // In a file it is the workbook of `run`.
        if key == "output" && command.get_name() != "run" {
            continue;
        }
        if heading != option.get_help_heading() {
            heading = option.get_help_heading();
            let _ = writeln!(out, "\n# {}", heading.unwrap_or_default());
        }
        let decided = data.and_then(|data| decided(option, key, data));
        let _ = match decided.or_else(|| value(option, key, matches, chosen)) {
            Some(value) => writeln!(out, "{key} = {value}"),
            None => writeln!(out, "# {key} ="),
        };
    }
    for one in chosen {
        let _ = writeln!(out, "\n[set.{}]", bare_or_quoted(&one.label));
        for hyper in &one.definition.hyper {
            let value = one.value(&hyper.name).unwrap_or(hyper.default);
            let _ = writeln!(out, "{} = {}", hyper.name, number(value));
        }
    }
    out
}

/// The value of an option that was decided when the data were read.
fn decided(option: &Arg, key: &str, data: &Data) -> Option<String> {
    if key == "scale" {
        let scale = data.scale.as_ref().map_or("none", |scale| scale.kind.name());
        return Some(scalar(scale).to_string());
    }
    let (_, values) = data.options.iter().find(|(known, _)| *known == key)?;
    match (values.as_slice(), option.get_value_delimiter()) {
        ([one], None) => Some(Toml::String(one.clone()).to_string()),
        (many, _) => {
            Some(Toml::Array(many.iter().cloned().map(Toml::String).collect()).to_string())
        }
    }
}

/// The value of an option as TOML.
fn value(option: &Arg, key: &str, matches: &ArgMatches, chosen: &[Chosen]) -> Option<String> {
    if key == "optimizers" {
        let names = chosen.iter().map(Chosen::argument);
        return Some(Toml::Array(names.map(Toml::String).collect()).to_string());
    }
    let id = option.get_id().as_str();
    if matches!(option.get_action(), ArgAction::SetTrue) {
        return Some(matches.get_flag(id).to_string());
    }
    let given: Vec<String> = match matches.get_raw(id) {
        Some(values) => values.map(|one| one.to_string_lossy().into_owned()).collect(),
        None => {
            let implied = IMPLIED.iter().find(|(known, _)| *known == key);
            let draws = matches.get_flag("shuffle")
                || matches.get_one::<String>("init").is_some_and(|init| init.trim() == "random");
            let seed = (key == "seed" && draws).then(|| start::DEFAULT_SEED.to_string());
            vec![implied.map(|(_, value)| (*value).to_owned()).or(seed)?]
        }
    };
    match (given.as_slice(), option.get_action(), option.get_value_delimiter()) {
        ([one], ArgAction::Set, None) => Some(scalar(one).to_string()),
        (many, ..) => Some(
            Toml::Array(many.iter().map(|one| Toml::String(one.clone())).collect()).to_string(),
        ),
    }
}

/// A key as TOML has it.
fn bare_or_quoted(key: &str) -> String {
    let is_bare = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { key.to_owned() } else { Toml::String(key.to_owned()).to_string() }
}

/// A number with an exponent where zeros would have to be counted.
fn number(value: f64) -> String {
    match value != 0.0 && value.abs() < 1e-4 {
        true => format!("{value:e}"),
        false => Toml::Float(value).to_string(),
    }
}

/// A word of a command line as a number where it is one.
pub(super) fn scalar(text: &str) -> Toml {
    if let Ok(number) = text.parse::<i64>() {
        return Toml::Integer(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Toml::Float(number),
        _ => Toml::String(text.to_owned()),
    }
}
