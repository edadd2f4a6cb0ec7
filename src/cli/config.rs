//! Settings from a file: `gdtrace.toml` says whatever the command line can say.
//!
//! A setting becomes the argument that a user would have typed, put before those that the user did
//! type. So there is one meaning of every option, one check of its value, and the command line
//! wins.

use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::{Arg, ArgAction, ArgMatches, Command, Id};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::again::OF_RUNS;
use super::chosen::name_and_label;
use crate::data::source;
use crate::error::{Error, Place, Result};
use crate::optimizer::{self, Definition};

/// The file that is looked for beside the input.
const NAME: &str = "gdtrace.toml";

/// Options that choose what is shown, or the settings themselves, and are none.
const NO_SETTINGS: [&str; 7] =
    ["config", "print-config", "help", "version", "optimizer", "step", "column"];

/// Options whose values are files, beside the file with the settings where they are relative.
const FILES: [&str; 3] = ["output", "report", "optimizer-file"];

/// The settings of a file.
#[derive(Debug)]
pub struct Config {
    path: PathBuf,
    text: String,
    settings: Vec<Setting>,
}

/// An option with its values, as words of a command line, and where they stand in the file.
#[derive(Debug)]
struct Setting {
    key: String,
    words: Vec<OsString>,
    span: Range<usize>,
}

impl Setting {
    /// The optimizer that a hyperparameter's setting is for, where it is for one, and the
    /// hyperparameter.
    fn hyperparameter(&self) -> Option<(Option<&str>, &str)> {
        let (target, _) = self.words.first()?.to_str()?.strip_prefix("--set=")?.split_once('=')?;
        Some(match target.rsplit_once('.') {
            Some((optimizer, name)) => (Some(optimizer), name),
            None => (None, target),
        })
    }

    /// Whether it says something about one of `runs`, names of optimizers as they were typed, or
    /// nothing about any optimizer that is known.
    fn concerns(&self, runs: &[&str]) -> bool {
        let Some((optimizer, name)) = self.hyperparameter() else { return true };
        if let Some(optimizer) = optimizer {
            return runs.iter().any(|run| name_and_label(run).0 == optimizer);
        }
        let has = |one: &Definition| one.hyperparameter(name).is_some();
        // A definition of the user's own is not known here: it may have anything.
        let may_have = |run: &&str| optimizer::find(name_and_label(run).1).map_or(true, has);
        let is_known = optimizer::registry().is_ok_and(|all| all.definitions().iter().any(has));
        !is_known || runs.iter().any(may_have)
    }
}

impl Config {
    /// The settings for the subcommand whose arguments are `matches`: in the file of `--config`, or,
    /// where it `looks_beside`, in `gdtrace.toml` beside the input. `None` where there is no such file.
    ///
    /// # Errors
    /// A file that cannot be read, is no TOML, has unknown keys or values that do not fit.
    pub fn find(
        command: &Command,
        name: &str,
        matches: &ArgMatches,
        looks_beside: bool,
    ) -> Result<Option<Self>> {
        let Ok(chosen) = matches.try_get_one::<PathBuf>("config") else { return Ok(None) };
        let beside = || {
            let file = matches.get_one::<PathBuf>("file")?;
            Some(file.with_file_name(NAME)).filter(|path| path.is_file())
        };
        let path = chosen.cloned().or_else(|| beside().filter(|_| looks_beside));
        let Some(path) = path else { return Ok(None) };
        let text = source::small_text(&path)
            .map_err(|error| Error::io("read the settings", &path, &error))?;
        let mut config = Config { path, text, settings: Vec::new() };
        config.read(command, name)?;
        Ok(Some(config))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&mut self, command: &Command, name: &str) -> Result<()> {
        let text = self.text.clone();
        let table = DeTable::parse(&text)
            .map_err(|error| self.error(error.message(), error.span().unwrap_or_default()))?;
        for (key, value) in table.get_ref() {
            let (word, span) = (key.get_ref().as_ref(), key.span());
            let Some((owner, option)) = find_option(command, name, word) else {
                let known = known_keys(command);
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let message = format!("there is no setting `{word}`");
                return Err(self.error(&message, span).help(Error::known_names(word, &known)));
            };
            // What another command has means nothing to this one, and one file cannot hold the
            // workbooks of two commands.
            if owner.get_name() != name || (word == "output" && name != "run") {
                continue;
            }
            if let ("set", DeValue::Table(table)) = (word, value.get_ref()) {
                // An entry each, so that a mistake points at its own.
                for (pair, span) in self.flatten("", table)? {
                    let words = vec![format!("--set={pair}").into()];
                    self.settings.push(Setting { key: word.to_owned(), words, span });
                }
                continue;
            }
            let words = self.words(option, word, value)?;
            for one in &words {
                check(owner, one).map_err(|what| self.error(&what, value.span()))?;
            }
            self.settings.push(Setting { key: word.to_owned(), words, span: value.span() });
        }
        Ok(())
    }

    fn error(&self, message: &str, span: Range<usize>) -> Error {
        Error::new(message).at(Place::Text {
            name: self.path.display().to_string(),
            text: self.text.clone(),
            span,
        })
    }

    /// A setting as words of a command line.
    fn words(&self, option: &Arg, key: &str, value: &Spanned<DeValue>) -> Result<Vec<OsString>> {
        let word = |text: &str| {
            let path = self.path.with_file_name(text);
            let is_file = FILES.contains(&key) && Path::new(text).is_relative();
            let mut word = OsString::from(format!("--{key}="));
            word.push(if is_file { path.as_os_str() } else { text.as_ref() });
            word
        };
        match value.get_ref() {
            DeValue::Boolean(is_set) => match option.get_action() {
                ArgAction::SetTrue if *is_set => Ok(vec![format!("--{key}").into()]),
                ArgAction::SetTrue => Ok(Vec::new()),
                _ => Err(self.error(&format!("`{key}` is not true or false"), value.span())),
            },
            _ if matches!(option.get_action(), ArgAction::SetTrue) => {
                Err(self.error(&format!("`{key}` is true or false"), value.span()))
            }
            DeValue::Array(list) => {
                let texts: Option<Vec<String>> =
                    list.iter().map(|one| scalar(one.get_ref())).collect();
                let texts = texts
                    .filter(|_| matches!(option.get_action(), ArgAction::Append | ArgAction::Set));
                let Some(texts) = texts else {
                    return Err(self.error(&format!("`{key}` is no list of lists"), value.span()));
                };
                match option.get_value_delimiter() {
                    Some(between) => Ok(vec![word(&texts.join(&between.to_string()))]),
                    None => Ok(texts.iter().map(|text| word(text)).collect()),
                }
            }
            DeValue::Table(table) if key == "init" => {
                let pairs: Vec<String> =
                    self.flatten("", table)?.into_iter().map(|(pair, _)| pair).collect();
                Ok(vec![word(&pairs.join(","))])
            }
            other => match scalar(other) {
                Some(text) => Ok(vec![word(&text)]),
                None => Err(self.error(&format!("`{key}` is a number or a text"), value.span())),
            },
        }
    }

    /// The entries of a table as `NAME=VALUE`, those of a table in it as `TABLE.NAME=VALUE`, each
    /// with its place.
    fn flatten(&self, prefix: &str, table: &DeTable) -> Result<Vec<(String, Range<usize>)>> {
        let mut pairs = Vec::new();
        // What is for all stands before what is for one, which counts more.
        let mut inner_pairs = Vec::new();
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            match (value.get_ref(), scalar(value.get_ref())) {
                (DeValue::Table(inner), _) if prefix.is_empty() => {
                    inner_pairs.extend(self.flatten(&format!("{name}."), inner)?);
                }
                (_, Some(text)) => pairs.push((format!("{name}={text}"), value.span())),
                _ => return Err(self.error(&format!("`{name}` is not a number"), value.span())),
            }
        }
        pairs.append(&mut inner_pairs);
        Ok(pairs)
    }

    /// `arguments` with the settings that they do not override, put behind the subcommand's name.
    pub fn put_into(&self, arguments: &mut Vec<OsString>, matches: &ArgMatches) {
        let is_typed = |key: &str| {
            let source = matches.value_source(&key.replace('-', "_"));
            source == Some(clap::parser::ValueSource::CommandLine)
        };
        let runs: Option<Vec<&str>> = matches
            .get_many::<String>("optimizers")
            .map(|names| names.map(String::as_str).collect());
        // Settings of hyperparameters add up, and the later one counts; those of an optimizer that
        // the user leaves out go with it, and so do those that only others have.
        let added = self.settings.iter().filter(|one| match one.key.as_str() {
            "set" => runs.as_ref().is_none_or(|runs| one.concerns(runs)),
            key => !is_typed(key),
        });
        let words = added.flat_map(|one| one.words.iter().cloned());
        let place = arguments.len().min(2);
        arguments.splice(place..place, words);
    }

    /// `error`, which names an argument, as one that points at the setting that the argument came
    /// from.
    pub fn locate(&self, error: Error) -> Error {
        let Place::Argument(argument) = error.place() else { return error };
        let (key, value) = argument.split_once([' ', '=']).unwrap_or((argument, ""));
        let word = OsString::from(format!("{key}={value}"));
        let of_key = |one: &&Setting| key.strip_prefix("--") == Some(&one.key);
        let exactly = self.settings.iter().find(|one| one.words.contains(&word));
        let setting = exactly.or_else(|| self.settings.iter().find(of_key));
        let Some(span) = setting.map(|one| one.span.clone()) else { return error };
        let name = self.path.display().to_string();
        error.at(Place::Text { name, text: self.text.clone(), span })
    }
}

/// Whether an option may stand in a file with settings.
fn is_setting(key: &str) -> bool {
    !NO_SETTINGS.contains(&key) && !OF_RUNS.contains(&key)
}

/// The option with the long name `key`, of the subcommand `name` if it has it, or of another.
fn find_option<'a>(command: &'a Command, name: &str, key: &str) -> Option<(&'a Command, &'a Arg)> {
    let has = |owner: &'a Command| {
        let is_key = |option: &&Arg| option.get_long() == Some(key);
        owner.get_arguments().find(is_key).map(|option| (owner, option))
    };
    let own = command.find_subcommand(name).and_then(has);
    let found = own.or_else(|| configurable(command).find_map(has));
    found.filter(|_| is_setting(key))
}

/// The subcommands that take settings from a file.
fn configurable(command: &Command) -> impl Iterator<Item = &Command> {
    let takes = |one: &&Command| one.get_arguments().any(|option| option.get_id() == "config");
    command.get_subcommands().filter(takes)
}

fn known_keys(command: &Command) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for option in configurable(command).flat_map(Command::get_arguments) {
        if let Some(key) = option.get_long().filter(|key| is_setting(key))
            && !keys.iter().any(|known| known == key)
        {
            keys.push(key.to_owned());
        }
    }
    keys
}

/// A number or text as a command line has it.
fn scalar(value: &DeValue) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Checks a word by itself, as the command line would.
fn check(command: &Command, word: &OsString) -> std::result::Result<(), String> {
    let alone = command
        .clone()
        .mut_args(|option| option.required(false).required_unless_present(Resettable::<Id>::Reset));
    match alone.try_get_matches_from([OsString::from("gdtrace"), word.clone()]) {
        Ok(_) => Ok(()),
        Err(error) => {
            let text = error.render().to_string();
            let line = text.lines().next().unwrap_or_default();
            Err(line.strip_prefix("error: ").unwrap_or(line).to_owned())
        }
    }
}
