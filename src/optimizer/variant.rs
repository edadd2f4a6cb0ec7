//! Variants: how another book or library writes the same optimizer, as what it changes.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value as Toml};

use super::library::LibraryEntry;
use super::schema::{ColumnEntry, File, HyperEntry, Source, UpdateEntry, inside};
use crate::error::{Error, Result};

/// A variant as it is written: what is not said stays as in the textbook form.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantEntry {
    /// What distinguishes it, in a line.
    pub note: String,
    /// The library or paper; defaults that it changes come from there too.
    source: String,
    title: Option<String>,
    /// New defaults of hyperparameters.
    #[serde(default)]
    defaults: BTreeMap<Spanned<String>, Spanned<f64>>,
    /// Hyperparameters and columns that it does not have.
    #[serde(default)]
    without: Vec<Spanned<String>>,
    /// Hyperparameters that are new.
    #[serde(default)]
    hyper: Vec<HyperEntry>,
    /// Columns that are new or changed.
    #[serde(default)]
    column: Vec<ColumnChange>,
    update: Option<UpdateChange>,
    largest_lr: Option<Spanned<String>>,
    /// The libraries that have this form; those of the textbook form have that one.
    #[serde(default)]
    library: LibraryEntry,
}

/// A column that a variant adds, or what it changes of one.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnChange {
    id: Spanned<String>,
    /// The column before which a new one stands; otherwise it is the last.
    before: Option<Spanned<String>>,
    header: Option<Spanned<String>>,
    symbol: Option<String>,
    meaning: Option<String>,
    formula: Option<Spanned<String>>,
    start: Option<Spanned<Toml>>,
    shared: Option<bool>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateChange {
    formula: Spanned<String>,
    meaning: Option<String>,
    with_l2: Option<Spanned<String>>,
}

/// The `file` as the variant called `name` has it.
///
/// # Errors
/// A change of something that is not there; a new column of which something is not said.
pub(super) fn merge(
    file: &File,
    name: &str,
    entry: &VariantEntry,
    source: &Source,
) -> Result<File> {
    let mut merged = file.clone();
    merged.title = entry.title.clone().unwrap_or_else(|| format!("{} ({name})", file.title));
    merged.source = entry.source.clone();
    merged.largest_lr = entry.largest_lr.clone();
    merged.library = entry.library.clone();
    merged.preset.clear();
    for id in &entry.without {
        remove(&mut merged, id, source)?;
    }
    merged.hyper.extend(entry.hyper.iter().cloned());
    for (id, value) in &entry.defaults {
        let hyper = merged.hyper.iter_mut().find(|one| one.name == *id);
        let hyper = hyper.ok_or_else(|| unknown(&file.hyper, &[], id, source))?;
        hyper.default = value.clone();
        hyper.source.clone_from(&entry.source);
    }
    for change in &entry.column {
        apply(&mut merged.column, change, source)?;
    }
    if let Some(update) = &entry.update {
        merged.update = UpdateEntry {
            formula: update.formula.clone(),
            meaning: update.meaning.clone().unwrap_or_else(|| file.update.meaning.clone()),
            with_l2: update.with_l2.clone(),
        };
    }
    // A warning about a hyperparameter that the variant has not says nothing.
    let has = |id: &str| merged.hyper.iter().any(|one| one.name.get_ref() == id);
    let gone: Vec<&str> = entry.without.iter().map(|id| id.get_ref().as_str()).collect();
    merged.warning.retain(|warning| !gone.iter().any(|id| !has(id) && warning.mentions(id)));
    Ok(merged)
}

fn remove(file: &mut File, id: &Spanned<String>, source: &Source) -> Result<()> {
    let before = file.hyper.len() + file.column.len();
    file.hyper.retain(|one| one.name != *id);
    file.column.retain(|one| one.id != *id);
    if file.hyper.len() + file.column.len() < before {
        return Ok(());
    }
    Err(unknown(&file.hyper, &file.column, id, source))
}

fn unknown(
    hyper: &[HyperEntry],
    columns: &[ColumnEntry],
    id: &Spanned<String>,
    source: &Source,
) -> Error {
    let hyper = hyper.iter().map(|one| one.name.get_ref().as_str());
    let known: Vec<&str> =
        hyper.chain(columns.iter().map(|one| one.id.get_ref().as_str())).collect();
    let message = format!("there is no `{}` that the variant could change", id.get_ref());
    source.error(&message, inside(id)).help(Error::known_names(id.get_ref(), &known))
}

/// Changes the column that `change` names, or puts a new one in its place.
fn apply(columns: &mut Vec<ColumnEntry>, change: &ColumnChange, source: &Source) -> Result<()> {
    if let Some(column) = columns.iter_mut().find(|one| one.id == change.id) {
        let change = change.clone();
        column.header = change.header.unwrap_or(column.header.clone());
        column.symbol = change.symbol.unwrap_or(column.symbol.clone());
        column.meaning = change.meaning.unwrap_or(column.meaning.clone());
        column.formula = change.formula.unwrap_or(column.formula.clone());
        column.start = change.start.or(column.start.take());
        column.shared = change.shared.unwrap_or(column.shared);
        return Ok(());
    }
    let at = match &change.before {
        None => columns.len(),
        Some(before) => columns
            .iter()
            .position(|one| one.id == *before)
            .ok_or_else(|| unknown(&[], columns, before, source))?,
    };
    let missing = |what: &str| {
        let message = format!("a column that the variant adds needs `{what}`");
        source.error(&message, inside(&change.id))
    };
    let change = change.clone();
    let column = ColumnEntry {
        header: change.header.ok_or_else(|| missing("header"))?,
        symbol: change.symbol.ok_or_else(|| missing("symbol"))?,
        meaning: change.meaning.ok_or_else(|| missing("meaning"))?,
        formula: change.formula.ok_or_else(|| missing("formula"))?,
        start: change.start,
        shared: change.shared.unwrap_or(false),
        id: change.id.clone(),
    };
    columns.insert(at, column);
    Ok(())
}
