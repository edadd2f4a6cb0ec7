//! The schema of an optimizer definition.
//!
//! Built-in definitions and a user's own file are read by the same code. Formulas are written for
//! one weight `w` with gradient `g`; mistakes point into the file with a caret.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, Place, Result};
use crate::formula::{Expr, Name, parse};

/// An optimizer, as defined: nothing of a model or of a run is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The name on the command line (`adam`).
    pub name: String,
    /// The name in prose (`Adam`).
    pub title: String,
    /// What it does, in a line.
    pub summary: String,
    /// The paper or library that it follows.
    pub source: String,
    /// The hyperparameters.
    pub hyper: Vec<Hyperparameter>,
    /// What it remembers and makes of it, a column per weight each.
    pub columns: Vec<ColumnDefinition>,
    /// The new weight.
    pub update: ColumnDefinition,
    /// The largest stable learning rate, over hyperparameters and `curvature`, where there is one.
    pub largest_lr: Option<Expr<Name>>,
    /// Named sets of hyperparameter values (`notes`).
    pub presets: BTreeMap<String, BTreeMap<String, f64>>,
}

/// A hyperparameter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hyperparameter {
    /// The name in formulas and in `--set`.
    pub name: String,
    /// What the mathematics shows.
    pub symbol: String,
    /// The value where nothing else is said.
    pub default: f64,
    /// The values that make sense.
    pub range: Interval,
    /// One line on what it does.
    pub meaning: String,
    /// Where the default comes from.
    pub source: String,
}

/// A column, written for one weight; `{w}` in texts stands for the weight's name.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    /// The name in the definition's formulas.
    pub id: String,
    /// What the sheet shows above it.
    pub header: String,
    /// What the mathematics shows.
    pub symbol: String,
    /// One line on what it is.
    pub meaning: String,
    /// How it is computed.
    pub formula: Expr<Name>,
    /// Its value before the first step.
    pub start: Option<f64>,
}

/// An interval such as `(0, inf)` or `[0, 1)`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Interval {
    /// The lower bound, and whether it belongs to the interval.
    pub low: (f64, bool),
    /// The upper bound, and whether it belongs to the interval.
    pub high: (f64, bool),
}

impl Interval {
    /// Whether `value` is in the interval.
    pub fn contains(&self, value: f64) -> bool {
        let ((low, with_low), (high, with_high)) = (self.low, self.high);
        (value > low || (with_low && value == low))
            && (value < high || (with_high && value == high))
    }

    /// The interval as an inequality for `name`: `0 <= beta < 1`.
    pub fn of(&self, name: &str) -> String {
        let sign = |with: bool| if with { "<=" } else { "<" };
        let ((low, with_low), (high, with_high)) = (self.low, self.high);
        match (low.is_finite(), high.is_finite()) {
            (true, true) => format!("{low} {} {name} {} {high}", sign(with_low), sign(with_high)),
            (true, false) => format!("{name} {} {low}", if with_low { ">=" } else { ">" }),
            (false, true) => format!("{name} {} {high}", sign(with_high)),
            (false, false) => format!("{name} is any number"),
        }
    }
}

impl TryFrom<String> for Interval {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let wrong = || format!("`{text}` is no interval such as \"(0, inf)\" or \"[0, 1)\"");
        let (first, rest) = text.split_at_checked(1).ok_or_else(wrong)?;
        let (inside, last) =
            rest.split_at_checked(rest.len().saturating_sub(1)).ok_or_else(wrong)?;
        let (low, high) = inside.split_once(',').ok_or_else(wrong)?;
        let bound = |bound: &str| bound.trim().parse::<f64>().map_err(|_| wrong());
        if !matches!(first, "(" | "[") || !matches!(last, ")" | "]") {
            return Err(wrong());
        }
        Ok(Interval { low: (bound(low)?, first == "["), high: (bound(high)?, last == "]") })
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    summary: String,
    source: String,
    largest_lr: Option<Spanned<String>>,
    #[serde(default)]
    hyper: Vec<Hyperparameter>,
    #[serde(default)]
    column: Vec<ColumnEntry>,
    update: UpdateEntry,
    #[serde(default)]
    preset: BTreeMap<String, BTreeMap<String, f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnEntry {
    id: String,
    header: String,
    symbol: String,
    meaning: String,
    formula: Spanned<String>,
    start: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateEntry {
    formula: Spanned<String>,
    meaning: String,
}

/// The names that every formula of a definition may use: the weight, its gradient, the step's
/// number, the number of samples.
pub(super) const GIVEN: [&str; 4] = ["w", "g", "t", "n"];

impl Definition {
    /// Reads a definition from the TOML `text` of the file called `file`.
    ///
    /// # Errors
    /// Whatever is wrong with it, pointing into the text.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Self> {
        let source = Source { file, text };
        let read: File = toml::from_str(text)
            .map_err(|error| source.error(error.message(), error.span().unwrap_or_default()))?;
        let mut columns = Vec::new();
        let mut known: Vec<String> = GIVEN.iter().map(|&given| given.to_owned()).collect();
        known.extend(read.hyper.iter().map(|hyper| hyper.name.clone()));
        // `prev.` may also name columns that stand further down.
        let above: Vec<String> = read.column.iter().map(|column| column.id.clone()).collect();
        for entry in read.column {
            let formula = source.formula(&entry.formula, &known, &above)?;
            known.push(entry.id.clone());
            columns.push(entry.with(formula));
        }
        let update = ColumnDefinition {
            id: "w".into(),
            header: "new {w}".into(),
            symbol: "{w}".into(),
            meaning: read.update.meaning,
            formula: source.formula(&read.update.formula, &known, &above)?,
            start: None,
        };
        let mut bound: Vec<String> = read.hyper.iter().map(|hyper| hyper.name.clone()).collect();
        bound.push("curvature".into());
        let largest_lr =
            read.largest_lr.map(|one| source.formula(&one, &bound, &[])).transpose()?;
        Ok(Definition {
            name: name.to_owned(),
            title: read.title,
            summary: read.summary,
            source: read.source,
            hyper: read.hyper,
            columns,
            update,
            largest_lr,
            presets: read.preset,
        })
    }

    /// The hyperparameter called `name`.
    pub fn hyperparameter(&self, name: &str) -> Option<&Hyperparameter> {
        self.hyper.iter().find(|hyper| hyper.name == name)
    }
}

impl ColumnEntry {
    fn with(self, formula: Expr<Name>) -> ColumnDefinition {
        ColumnDefinition {
            id: self.id,
            header: self.header,
            symbol: self.symbol,
            meaning: self.meaning,
            formula,
            start: self.start,
        }
    }
}

/// The text that errors point into.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, message: &str, span: Range<usize>) -> Error {
        Error::new(message).at(Place::Text {
            name: self.file.to_owned(),
            text: self.text.to_owned(),
            span,
        })
    }

    /// Reads a formula and checks that it uses only `known` names, and `above` after `prev.`.
    fn formula(
        &self,
        written: &Spanned<String>,
        known: &[String],
        above: &[String],
    ) -> Result<Expr<Name>> {
        let text = written.get_ref();
        // The formula starts behind the opening quote.
        let start = written.span().start + 1;
        let at = |span: Range<usize>| start + span.start..start + span.end;
        let formula = parse(text).map_err(|error| self.error(&error.message, at(error.span)))?;
        let mut unknown = None;
        formula.each_name(&mut |name: &Name| {
            let names = if name.previous { above } else { known };
            if !names.contains(&name.id) {
                unknown.get_or_insert(name);
            }
        });
        let Some(name) = unknown else { return Ok(formula) };
        let place = text.find(&name.to_string()).unwrap_or(0);
        let names: Vec<&str> =
            if name.previous { above } else { known }.iter().map(String::as_str).collect();
        let message = format!("`{name}` is not defined at this place");
        Err(self
            .error(&message, at(place..place + name.to_string().len()))
            .help(Error::known_names(&name.id, &names)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "title = \"T\"\nsummary = \"s\"\nsource = \"me\"\n";

    fn message(rest: &str) -> String {
        Definition::read("t", "t.toml", &format!("{PLAIN}{rest}")).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_point_into_the_file() {
        assert_eq!(
            message("[update]\nmeaning = \"m\"\nformula = \"w - lrr*g\""),
            "`lrr` is not defined at this place\n --> t.toml:6:16\n  |\n\
             6 | formula = \"w - lrr*g\"\n  |                ^^^\n  \
             help: known: w, g, t, n"
        );
        assert!(
            message("[update]\nmeaning = \"m\"\nformula = \"w - \"")
                .starts_with("expected a number, a name or `(`\n --> t.toml:6:16")
        );
        assert!(
            message("colour = 1\n[update]\nmeaning=\"\"\nformula=\"w\"")
                .starts_with("unknown field `colour`")
        );
    }

    #[test]
    fn intervals_read_and_contain() {
        let interval = |text: &str| Interval::try_from(text.to_owned());
        let unit = interval("[0, 1)").unwrap();
        assert!(unit.contains(0.0) && unit.contains(0.5) && !unit.contains(1.0));
        assert!(!unit.contains(-0.1) && !unit.contains(f64::NAN));
        assert_eq!(unit.of("beta"), "0 <= beta < 1");
        assert_eq!(interval("(0, inf)").unwrap().of("lr"), "lr > 0");
        for wrong in ["", "0", "[0 1]", "{0, 1}", "[a, 1]"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
