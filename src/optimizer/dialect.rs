//! Dialects: how one book or workbook trains, beside the formulas of its optimizers: what goes on
//! from epoch to epoch, what it calls its error, and what its states start from.
//!
//! A dialect is a TOML file inside the binary, like a definition. Its sheets name the optimizers
//! that it has, each in the form and with the settings that it uses.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::definition::{Definition, Hyperparameter};
use super::interval::Interval;
use super::registry::Registry;
use super::training::{HandOver, Schedule};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name};

/// The built-in dialects.
const BUILT_IN: [(&str, &str); 1] = [("walkthrough", include_str!("dialect/walkthrough.toml"))];

static DIALECTS: LazyLock<Result<Vec<Dialect>>> = LazyLock::new(|| {
    BUILT_IN.iter().map(|(name, text)| Dialect::read(name, text)).collect::<Result<Vec<_>>>()
});

/// How one book or workbook trains.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// The name on the command line.
    #[serde(skip)]
    pub name: String,
    /// What it is (`the hand-built walkthrough`).
    pub title: String,
    /// Where it comes from.
    pub source: String,
    /// Which weights go on from epoch to epoch.
    pub hand_over: HandOver,
    /// What it calls its error.
    pub error: ErrorFigure,
    /// The optimizers that it has.
    #[serde(rename = "sheet")]
    pub forms: Vec<Form>,
}

/// The number by which a dialect says how large the error of an epoch is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorFigure {
    /// The head of its column.
    pub header: String,
    /// What it is called in prose.
    pub title: String,
    /// How it is computed.
    pub measure: Measure,
}

/// How the errors of the predictions that are made during an epoch become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// √Σ error², not divided by the number of samples.
    RootOfSum,
}

impl Measure {
    /// What it is, in words.
    pub fn meaning(self) -> &'static str {
        match self {
            Measure::RootOfSum => {
                "the root of the sum of the squared errors of the predictions that were made \
                 during the epoch, not divided by n"
            }
        }
    }
}

/// An optimizer as a dialect has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The name of its sheet, by which the command line knows it too.
    pub name: String,
    /// The label of its definition (`rmsprop:walkthrough`).
    pub optimizer: String,
    /// The title of the sheet, where the definition's does not say enough.
    title: Option<String>,
    /// What distinguishes it, where the definition's note does not fit.
    note: Option<String>,
    /// Values of hyperparameters.
    set: BTreeMap<String, f64>,
    /// What columns start from, each as a hyperparameter of its own.
    #[serde(default)]
    start: BTreeMap<String, f64>,
    /// How the learning rate moves.
    schedule: Option<String>,
    /// How many epochs from the start weights come first, of which nothing is kept but the states.
    #[serde(default)]
    resets: usize,
}

/// What a sheet does that its definition does not say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Manner {
    /// How the learning rate moves, where the dialect has a say in it.
    pub schedule: Option<Schedule>,
    /// How many epochs come before the first, of which nothing is kept but the states.
    pub resets: usize,
}

/// The dialect called `name`.
///
/// # Errors
/// There is none; the known ones are listed with the nearest first.
pub fn dialect(name: &str) -> Result<&'static Dialect> {
    let known = DIALECTS.as_ref().map_err(Clone::clone)?;
    known.iter().find(|one| one.name == name.trim()).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
        Error::new(format!("there is no dialect `{name}`"))
            .in_argument(format!("--dialect {name}"))
            .help(Error::known_names(name, &names))
    })
}

impl Dialect {
    fn read(name: &str, text: &str) -> Result<Self> {
        let read: Dialect = toml::from_str(text)
            .map_err(|error| Error::new(format!("dialect {name}: {}", error.message())))?;
        Ok(Dialect { name: name.to_owned(), ..read })
    }

    /// The optimizer that the dialect calls `name`, if it has it.
    pub fn form(&self, name: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.name == name)
    }

    /// The names of its optimizers.
    pub fn names(&self) -> Vec<&str> {
        self.forms.iter().map(|form| form.name.as_str()).collect()
    }
}

impl Form {
    /// Its definition, with the dialect's settings as defaults and its start values as
    /// hyperparameters, and what more its sheet does.
    ///
    /// # Errors
    /// A mistake in a built-in dialect, which a test excludes.
    pub fn read(&self, registry: &Registry, dialect: &Dialect) -> Result<(Definition, Manner)> {
        let mut definition = registry.find(&self.optimizer)?.clone();
        let source = format!("{}, its sheet {}", dialect.title, self.name);
        for (column, value) in &self.start {
            self.start_from(&mut definition, column, *value, &source)?;
        }
        for (name, value) in &self.set {
            let hyper = definition.hyper.iter_mut().find(|one| one.name == *name);
            let hyper = hyper.ok_or_else(|| self.fault(&format!("there is no `{name}`")))?;
            hyper.default = *value;
            hyper.source.clone_from(&source);
        }
        definition.title = self.title.clone().unwrap_or(definition.title);
        definition.note = self.note.clone().unwrap_or(definition.note);
        definition.source = source;
        let schedule = self.schedule.as_deref().map(Schedule::read).transpose()?;
        Ok((definition, Manner { schedule, resets: self.resets }))
    }

    /// Makes `column` start from a hyperparameter of its own: `S` from `S0`.
    fn start_from(
        &self,
        definition: &mut Definition,
        column: &str,
        value: f64,
        source: &str,
    ) -> Result<()> {
        let name = format!("{column}0");
        let state = definition.columns.iter_mut().find(|one| one.id == column);
        let state = state.ok_or_else(|| self.fault(&format!("there is no column `{column}`")))?;
        state.start = Some(Expr::Name(Name::here(name.clone())));
        if definition.hyperparameter(&name).is_none() {
            definition.hyper.push(Hyperparameter {
                symbol: format!("{column}_0"),
                meaning: format!("what {column} starts from"),
                range: Interval { low: (0.0, false), high: (f64::INFINITY, false) },
                default: value,
                source: source.to_owned(),
                name,
            });
        }
        Ok(())
    }

    fn fault(&self, what: &str) -> Error {
        Error::new(format!("the dialect's sheet {}: {what} in {}", self.name, self.optimizer))
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry;
    use super::*;

    #[test]
    fn every_sheet_of_every_dialect_has_its_definition() {
        for (name, _) in BUILT_IN {
            let dialect = dialect(name).unwrap();
            for form in &dialect.forms {
                let (definition, manner) = form.read(registry().unwrap(), dialect).unwrap();
                let range = |one: &Hyperparameter| one.range.contains(one.default);
                assert!(definition.hyper.iter().all(range), "{name}: {}", form.name);
                let states = definition.columns.iter().any(|one| one.start.is_some());
                assert!(states || manner.resets == 0, "{name}: {} has no state", form.name);
            }
        }
    }

    #[test]
    fn an_unknown_dialect_is_told_the_nearest() {
        assert_eq!(
            dialect("walktrough").unwrap_err().to_string(),
            "there is no dialect `walktrough`\n  --> --dialect walktrough\n  \
             help: did you mean `walkthrough`? Known: walkthrough"
        );
    }
}
