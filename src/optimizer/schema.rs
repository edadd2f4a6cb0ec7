//! Reading a definition from TOML: the file as it is written, with its mistakes pointed at.
//!
//! Built-in definitions and a user's own file go through the same code. A variant is the file once
//! more with single entries replaced, so it is checked as strictly as the textbook form.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::{Spanned, Value as Toml};

use super::definition::{ColumnDefinition, Definition, Hyperparameter, Suspicion};
use super::interval::Interval;
use super::library::LibraryEntry;
use super::translations::{self, TranslationEntry};
use super::variant::{self, VariantEntry};
use crate::error::{Error, Place, Result};
use crate::formula::{Condition, Expr, Function, Name, ParseError, parse, parse_condition};

/// The names that every formula of a definition may use: the weight, its gradient, the number of
/// the update, the number of samples, the loss of this step and the number of updates an epoch.
pub(super) const GIVEN: [&str; 6] = ["w", "g", "t", "n", "loss", "epoch_steps"];

/// The given names that are of one weight.
const OF_ONE_WEIGHT: [&str; 2] = ["w", "g"];

/// The file as it is written.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub title: String,
    pub summary: String,
    pub source: String,
    pub largest_lr: Option<Spanned<String>>,
    #[serde(default)]
    pub hyper: Vec<HyperEntry>,
    #[serde(default)]
    pub column: Vec<ColumnEntry>,
    pub update: UpdateEntry,
    #[serde(default)]
    pub warning: Vec<WarningEntry>,
    #[serde(default)]
    pub preset: BTreeMap<String, BTreeMap<String, f64>>,
    #[serde(default)]
    pub library: LibraryEntry,
    #[serde(default)]
    pub variant: BTreeMap<String, VariantEntry>,
    #[serde(default)]
    translation: Vec<Spanned<TranslationEntry>>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HyperEntry {
    pub name: Spanned<String>,
    symbol: String,
    pub default: Spanned<f64>,
    range: Interval,
    meaning: String,
    pub source: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnEntry {
    pub id: Spanned<String>,
    pub header: Spanned<String>,
    pub symbol: String,
    pub meaning: String,
    pub formula: Spanned<String>,
    /// A number, or a formula over hyperparameters.
    pub start: Option<Spanned<Toml>>,
    #[serde(default)]
    pub shared: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateEntry {
    pub formula: Spanned<String>,
    pub meaning: String,
    pub with_l2: Option<Spanned<String>>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WarningEntry {
    when: Spanned<String>,
    text: String,
}

impl HyperEntry {
    fn read(&self) -> Hyperparameter {
        Hyperparameter {
            name: self.name.get_ref().clone(),
            symbol: self.symbol.clone(),
            default: *self.default.get_ref(),
            range: self.range,
            meaning: self.meaning.clone(),
            source: self.source.clone(),
        }
    }
}

impl WarningEntry {
    /// Whether the warning is about the hyperparameter `id`.
    pub fn mentions(&self, id: &str) -> bool {
        let when = parse_condition(self.when.get_ref());
        when.is_ok_and(|when| when.names().iter().any(|name| name.id == id))
    }
}

impl Definition {
    /// Reads a definition called `name` from the TOML `text` of the file called `file`.
    ///
    /// # Errors
    /// Whatever is wrong with it, pointing into the text.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Self> {
        let source = Source { file, text };
        let written: File = toml::from_str(text)
            .map_err(|error| source.error(error.message(), error.span().unwrap_or_default()))?;
        let mut definition = build(name, &written, &source)?;
        for (variant, entry) in &written.variant {
            let merged = variant::merge(&written, variant, entry, &source)?;
            definition.variants.push(Definition {
                variant: Some(variant.clone()),
                note: entry.note.clone(),
                ..build(name, &merged, &source)?
            });
        }
        definition.translations = translations::read(&definition, &written.translation, &source)?;
        Ok(definition)
    }
}

/// The definition that `written` describes, without its variants.
fn build(name: &str, written: &File, source: &Source) -> Result<Definition> {
    let names = Names::new(written, source)?;
    let mut columns = Vec::new();
    let mut known = Vec::new();
    for entry in &written.column {
        columns.push(names.column(entry, &known)?);
        known.push(entry.id.get_ref().as_str());
    }
    names.check_shared(written)?;
    let update = ColumnDefinition {
        id: "w".into(),
        header: "new {w}".into(),
        symbol: "{w}".into(),
        meaning: written.update.meaning.clone(),
        formula: names.formula(&written.update.formula, &known)?,
        start: None,
        shared: false,
    };
    known.push("l2");
    let with_l2 = &written.update.with_l2;
    let update_with_l2 = with_l2.as_ref().map(|one| names.formula(one, &known)).transpose()?;
    let mut over_curvature = names.hyper.clone();
    over_curvature.push("curvature");
    let largest_lr = &written.largest_lr;
    let largest_lr = largest_lr.as_ref().map(|one| source.formula(one, &over_curvature, &[]));
    let suspicions = written.warning.iter().map(|one| names.suspicion(one));
    Ok(Definition {
        name: name.to_owned(),
        variant: None,
        title: written.title.clone(),
        summary: written.summary.clone(),
        note: String::new(),
        source: written.source.clone(),
        hyper: written.hyper.iter().map(HyperEntry::read).collect(),
        columns,
        update,
        update_with_l2,
        largest_lr: largest_lr.transpose()?,
        suspicions: suspicions.collect::<Result<_>>()?,
        libraries: written.library.read(&names.hyper, source)?,
        presets: written.preset.clone(),
        variants: Vec::new(),
        translations: Vec::new(),
    })
}

/// The names of a definition, while its formulas are read.
struct Names<'a> {
    source: &'a Source<'a>,
    hyper: Vec<&'a str>,
    /// `prev.` may also name columns that stand further down.
    columns: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn new(written: &'a File, source: &'a Source<'a>) -> Result<Self> {
        let mut hyper: Vec<&str> = Vec::new();
        for one in &written.hyper {
            let (name, default) = (one.name.get_ref(), &one.default);
            source.check_name(name, &hyper, inside(&one.name))?;
            if !one.range.contains(*default.get_ref()) {
                let message = format!("the default {} is out of range", default.get_ref());
                let help = format!("{} must hold", one.range.of(name));
                return Err(source.error(&message, default.span()).help(help));
            }
            hyper.push(name);
        }
        let mut taken = hyper.clone();
        let mut columns: Vec<&str> = Vec::new();
        for entry in &written.column {
            source.check_name(entry.id.get_ref(), &taken, inside(&entry.id))?;
            let header = entry.header.get_ref();
            if !entry.shared && !header.contains("{w}") {
                let message = "the header of a column that each weight has needs {w}";
                return Err(source.error(message, inside(&entry.header)).help(format!(
                    "for example \"{header}_{{w}}\"; or shared = true, if one column serves all \
                     weights"
                )));
            }
            taken.push(entry.id.get_ref());
            columns.push(entry.id.get_ref());
        }
        Ok(Names { source, hyper, columns })
    }

    /// Reads a formula over what is given, the hyperparameters and the columns `known` so far.
    fn formula(&self, written: &Spanned<String>, known: &[&str]) -> Result<Expr<Name>> {
        let names: Vec<&str> = GIVEN.iter().chain(&self.hyper).chain(known).copied().collect();
        self.source.formula(written, &names, &self.columns)
    }

    fn column(&self, entry: &ColumnEntry, known: &[&str]) -> Result<ColumnDefinition> {
        Ok(ColumnDefinition {
            id: entry.id.get_ref().clone(),
            header: entry.header.get_ref().clone(),
            symbol: entry.symbol.clone(),
            meaning: entry.meaning.clone(),
            formula: self.formula(&entry.formula, known)?,
            start: entry.start.as_ref().map(|start| self.start(start)).transpose()?,
            shared: entry.shared,
        })
    }

    /// A value before the first step: a number, or a formula over hyperparameters.
    fn start(&self, written: &Spanned<Toml>) -> Result<Expr<Name>> {
        match written.get_ref() {
            Toml::Integer(number) => Ok(Expr::Number(*number as f64)),
            Toml::Float(number) if number.is_finite() => Ok(Expr::Number(*number)),
            Toml::String(text) => {
                let written = Spanned::new(written.span(), text.clone());
                self.source.formula(&written, &self.hyper, &[])
            }
            _ => Err(self
                .source
                .error("a start is a number or a formula over hyperparameters", written.span())),
        }
    }

    fn suspicion(&self, written: &WarningEntry) -> Result<Suspicion> {
        let when = self.source.condition(&written.when, &self.hyper)?;
        Ok(Suspicion { when, text: written.text.clone() })
    }

    /// Refuses a shared column that depends on one weight.
    fn check_shared(&self, written: &File) -> Result<()> {
        let shared: Vec<&str> = written
            .column
            .iter()
            .filter(|entry| entry.shared)
            .map(|entry| entry.id.get_ref().as_str())
            .collect();
        let of_one_weight = |id: &str| {
            OF_ONE_WEIGHT.contains(&id) || (self.columns.contains(&id) && !shared.contains(&id))
        };
        for entry in written.column.iter().filter(|entry| entry.shared) {
            let formula = parse(entry.formula.get_ref()).unwrap_or(Expr::Number(0.0));
            // Over all weights, what is of one weight is of none.
            let outside = formula.map(&|part| match part {
                Expr::Call(function, _) => function.is_over_weights().then_some(Expr::Number(0.0)),
                _ => None,
            });
            if let Some(name) = outside.names().into_iter().find(|name| of_one_weight(&name.id)) {
                let message = format!("`{name}` is of one weight, but the column is shared");
                let at = self.source.place_of(&name.to_string(), inside(&entry.formula));
                let help = "leave `shared = true` out, or write norm(…) or sum(…) over all weights";
                return Err(self.source.error(&message, at).help(help));
            }
        }
        Ok(())
    }
}

/// What stands between the quotes of `written`, if it has quotes.
pub(super) fn inside(written: &Spanned<String>) -> Range<usize> {
    let (span, length) = (written.span(), written.get_ref().len());
    let start = span.start + usize::from(span.len() > length);
    start..start + length
}

/// The text that errors point into.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    pub fn error(&self, message: &str, span: Range<usize>) -> Error {
        Error::new(message).at(Place::Text {
            name: self.file.to_owned(),
            text: self.text.to_owned(),
            span,
        })
    }

    /// Where `word` stands within `span`, or the beginning of it.
    pub fn place_of(&self, word: &str, span: Range<usize>) -> Range<usize> {
        let start = self.text.get(span.clone()).and_then(|part| part.find(word));
        let start = span.start + start.unwrap_or(0);
        start..start + word.len()
    }

    /// Refuses a name that formulas could not use, or that is taken.
    fn check_name(&self, name: &str, taken: &[&str], at: Range<usize>) -> Result<()> {
        let reads = matches!(parse(name), Ok(Expr::Name(read)) if !read.previous);
        let is_function = Function::find(name).is_some_and(|one| !one.is_over_weights());
        let (message, help) = if is_function || !reads || name == "prev" {
            (format!("`{name}` cannot be used as a name"), "a letter, then letters, digits or _")
        } else if GIVEN.contains(&name) {
            (format!("`{name}` has a meaning of its own"), "w, g, t, n, loss and epoch_steps do")
        } else if taken.contains(&name) {
            (format!("`{name}` is defined twice"), "each hyperparameter and column needs its own")
        } else {
            return Ok(());
        };
        Err(self.error(&message, at).help(help))
    }

    /// Reads a comparison and checks that it uses only `known` names.
    pub fn condition(&self, written: &Spanned<String>, known: &[&str]) -> Result<Condition> {
        let condition = parse_condition(written.get_ref())
            .map_err(|error| self.formula_error(written, error))?;
        self.check_names(written, &condition.names(), known, &[])?;
        Ok(condition)
    }

    /// Reads a formula and checks that it uses only `known` names, and `above` after `prev.`.
    pub fn formula(
        &self,
        written: &Spanned<String>,
        known: &[&str],
        above: &[&str],
    ) -> Result<Expr<Name>> {
        let formula =
            parse(written.get_ref()).map_err(|error| self.formula_error(written, error))?;
        self.check_names(written, &formula.names(), known, above)?;
        Ok(formula)
    }

    fn formula_error(&self, written: &Spanned<String>, error: ParseError) -> Error {
        let start = inside(written).start;
        self.error(&error.message, start + error.span.start..start + error.span.end)
    }

    fn check_names(
        &self,
        written: &Spanned<String>,
        names: &[&Name],
        known: &[&str],
        above: &[&str],
    ) -> Result<()> {
        let list = |name: &Name| if name.previous { above } else { known };
        let is_unknown = |name: &&&Name| !list(name).contains(&name.id.as_str());
        let Some(name) = names.iter().find(is_unknown) else { return Ok(()) };
        let message = format!("`{name}` is not defined at this place");
        Err(self
            .error(&message, self.place_of(&name.to_string(), inside(written)))
            .help(Error::known_names(&name.id, list(name))))
    }
}
