//! What `gdtrace optimizers` prints of definitions: the list, one of them, and both as JSON.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::layout::{commands, equations, paragraph, table, table_with_notes};
use crate::data::quoted;
use crate::error::{Error, Result};
use crate::formula::{Expr, Name, plain_symbol};
use crate::optimizer::{Agreement, ColumnDefinition, Definition, Registry};
use crate::value::number_text;

/// What the names mean that every definition may use.
const GIVEN: [(&str, &str); 6] = [
    ("w", "the weight before the step"),
    ("g", "its gradient de/dw, the slope of this step's loss e"),
    ("t", "the number of the step, from 1"),
    ("n", "the number of samples"),
    ("loss", "the loss of this step"),
    ("epoch_steps", "the number of steps in an epoch"),
];

/// All optimizers, a row each, in their groups.
pub fn list(registry: &Registry) -> String {
    let row = |one: &Definition| {
        let variants: Vec<&str> =
            one.variants.iter().filter_map(|one| one.variant.as_deref()).collect();
        let summary = format!("{}: {}", one.title, one.summary);
        vec![one.name.clone(), summary, variants.join(", ")]
    };
    let groups = registry.groups().into_iter().map(|(title, group)| {
        let rows = group.iter().map(row).collect();
        let table = table_with_notes(&["name", "what it does", "variants"], rows, 25);
        format!("{title}\n{table}")
    });
    let optimizers = groups.collect::<Vec<_>>().join("\n\n");
    let has_variants = registry.definitions().iter().filter(|one| !one.variants.is_empty());
    let example = has_variants.max_by_key(|one| one.name == "adam");
    let label = example.map_or("sgd".to_owned(), |one| one.variants[0].label());
    let name = label.split(':').next().unwrap_or_default();
    let next = [
        (format!("gdtrace optimizers {name}"), "its formulas, hyperparameters and variants"),
        (format!("gdtrace optimizers {label}"), "what is different in that variant"),
        (format!("gdtrace run FILE.xlsx --optimizers sgd,{label}"), "every step of both"),
    ];
    format!("{optimizers}\n\nNext\n{}", commands(&next))
}

/// One form of an optimizer, and for a variant how it differs from the `textbook` form; `file` has its
/// definition where it is a user's own.
pub fn text(form: &Definition, textbook: &Definition, file: Option<&Path>) -> String {
    let mut parts = vec![head(form), formulas(form), hyperparameters(form)];
    if form.variant.is_some() {
        parts.push(differences(form, textbook));
    }
    parts.extend(largest_lr(form));
    let presets = form.presets.iter().map(|(name, values)| {
        let values = values.iter().map(|(name, value)| format!("{name} {}", number_text(*value)));
        let values: Vec<String> = values.collect();
        paragraph(&format!(" --preset {name}: "), &values.join(", "))
    });
    parts.extend(section("Presets", presets.collect()));
    let odd = form.suspicions.iter().map(|one| paragraph(" ", &one.text));
    parts.extend(section("Settings that are seldom meant", odd.collect()));
    let variants =
        form.variants.iter().map(|one| vec![one.label(), one.note.clone(), one.source.clone()]);
    let variants: Vec<Vec<String>> = variants.collect();
    if !variants.is_empty() {
        let rows = table(&["variant", "what distinguishes it", "source"], variants);
        parts.push(format!("How others write it\n{rows}"));
    }
    parts.push(next(form, textbook, file));
    parts.join("\n\n")
}

fn section(title: &str, lines: Vec<String>) -> Option<String> {
    (!lines.is_empty()).then(|| format!("{title}\n{}", lines.join("\n")))
}

fn head(form: &Definition) -> String {
    let mut out = format!("{}: {}", form.label(), form.title);
    out += &format!("\n{}", paragraph("", &form.summary));
    if !form.note.is_empty() {
        out += &format!("\n{}", paragraph("variant: ", &form.note));
    }
    out + &format!("\n{}", paragraph("source: ", &form.source))
}

/// The formulas of `form` with the names of what they compute.
fn lines(form: &Definition) -> Vec<(String, String)> {
    let columns = form.columns.iter().map(|one| (one.id.clone(), one.formula.to_string()));
    columns.chain([("new w".to_owned(), form.update.formula.to_string())]).collect()
}

/// A text about one weight, w: `S_{w}` is simply S.
fn meaning(text: &str) -> String {
    text.replace("_{w}", "").replace("{w}", "w")
}

fn formulas(form: &Definition) -> String {
    let mut out = format!("Formulas, for every weight in every step\n{}", equations(&lines(form)));
    let row = |column: &ColumnDefinition, name: &str| {
        let start = column.start.as_ref().map_or(String::new(), Expr::to_string);
        vec![name.to_owned(), plain_symbol(&column.symbol), start, meaning(&column.meaning)]
    };
    let mut rows: Vec<Vec<String>> = form.columns.iter().map(|one| row(one, &one.id)).collect();
    rows.push(row(&form.update, "new w"));
    out += &format!("\n\n{}", table(&["name", "symbol", "start", "meaning"], rows));
    out + &format!("\n\n{}", given(form))
}

/// The names in the formulas that are given, and what `prev.` means where there is one.
fn given(form: &Definition) -> String {
    let formulas = || form.columns.iter().map(|one| &one.formula).chain([&form.update.formula]);
    let names: Vec<&Name> = formulas().flat_map(Expr::names).collect();
    let used = GIVEN.iter().filter(|(given, _)| names.iter().any(|name| name.id == *given));
    let mut rows: Vec<Vec<String>> =
        used.map(|(name, meaning)| vec![(*name).to_owned(), (*meaning).to_owned()]).collect();
    if let Some(name) = names.iter().find(|name| name.previous) {
        rows.push(vec![name.to_string(), format!("{} after the step before", name.id)]);
    }
    format!("Given\n{}", table(&[], rows))
}

fn hyperparameters(form: &Definition) -> String {
    let rows = form.hyper.iter().map(|one| {
        vec![
            one.name.clone(),
            plain_symbol(&one.symbol),
            number_text(one.default),
            one.range.of(&one.name),
            one.meaning.clone(),
            one.source.clone(),
        ]
    });
    let head = ["name", "symbol", "default", "range", "meaning", "default from"];
    format!("Hyperparameters\n{}", table(&head, rows.collect()))
}

fn largest_lr(form: &Definition) -> Option<String> {
    let formula = form.largest_lr.as_ref()?;
    let text = "the largest second derivative of a sample's loss, 2*(1 + x^2) for a line";
    let curvature = paragraph(" curvature is ", text);
    Some(format!("Largest stable learning rate\n lr = {formula}\n{curvature}"))
}

/// Formulas, starts and defaults that differ, each as the textbook has it and as `form` does.
fn differences(form: &Definition, textbook: &Definition) -> String {
    let mut rows = Vec::new();
    let mut compare = |what: String, one: Option<String>, other: Option<String>| {
        if one != other {
            let shown = |text: Option<String>| text.unwrap_or_else(|| "(not there)".to_owned());
            rows.push(vec![what, textbook.label(), shown(one)]);
            rows.push(vec![String::new(), form.label(), shown(other)]);
        }
    };
    let (before, after) = (lines(textbook), lines(form));
    let find = |lines: &[(String, String)], name: &str| {
        lines.iter().find(|(known, _)| known == name).map(|(_, formula)| formula.clone())
    };
    for name in union(before.iter().map(|one| &one.0), after.iter().map(|one| &one.0)) {
        compare(name.clone(), find(&before, name), find(&after, name));
    }
    for column in &form.columns {
        let other = textbook.columns.iter().find(|one| one.id == column.id);
        let start = |one: &ColumnDefinition| one.start.as_ref().map(Expr::to_string);
        if let Some(other) = other {
            compare(format!("{} starts at", column.id), start(other), start(column));
        }
    }
    let default = |form: &Definition, name: &str| {
        form.hyperparameter(name).map(|hyper| number_text(hyper.default))
    };
    let names = |form: &'_ Definition| form.hyper.iter().map(|one| one.name.clone()).collect();
    let (before, after): (Vec<String>, Vec<String>) = (names(textbook), names(form));
    for name in union(before.iter(), after.iter()) {
        compare(format!("default of {name}"), default(textbook, name), default(form, name));
    }
    let largest_lr = |form: &Definition| form.largest_lr.as_ref().map(Expr::to_string);
    compare("largest stable lr".into(), largest_lr(textbook), largest_lr(form));
    let title = format!("What differs from {}", textbook.label());
    match rows.is_empty() {
        true => format!("{title}\n nothing"),
        false => format!("{title}\n{}", table(&[], rows)),
    }
}

/// The names of both lists: those of `second` that `first` has not stand last, but what is last in
/// both stays there.
fn union<'a>(
    first: impl Iterator<Item = &'a String>,
    second: impl Iterator<Item = &'a String>,
) -> Vec<&'a String> {
    let mut names: Vec<&String> = first.collect();
    let last = names.pop();
    names.extend(last);
    let mut new: Vec<&String> = second.filter(|name| !names.contains(name)).collect();
    let at = names.len() - usize::from(names.last().is_some_and(|name| *name == "new w"));
    names.splice(at..at, new.drain(..));
    names
}

/// What to type next.
fn next(form: &Definition, textbook: &Definition, file: Option<&Path>) -> String {
    let label = form.label();
    let own = file.map(|file| quoted(&file.to_string_lossy()));
    let own = own.map(|file| format!(" --optimizer-file {file}")).unwrap_or_default();
    let mut lines = Vec::new();
    let has_settings = |variant: Option<&str>| {
        let ways = [textbook.translation(None, variant), textbook.translation(variant, None)];
        ways.into_iter().flatten().all(|way| way.agreement != Agreement::None)
    };
    let variants = || textbook.variants.iter().map(|one| one.variant.as_deref());
    let first = || variants().find(|one| has_settings(*one)).or(variants().next());
    if let (None, Some(Some(variant))) = (&form.variant, first()) {
        lines.push((
            format!("gdtrace optimizers{own} {label}:{variant}"),
            "what is different there",
        ));
    }
    let other = if form.variant.is_some() { Some("textbook") } else { first().flatten() };
    if let Some(other) = other {
        let what = match has_settings(form.variant.as_deref().or(Some(other))) {
            true => "the settings that give the same steps",
            false => "why no settings give the same steps",
        };
        lines.push((format!("gdtrace optimizers{own} {label} --translate {other}"), what));
    }
    let command = format!("gdtrace optimizers{own} {label} --toml > mine.toml");
    lines.push((command, "to start a definition of your own"));
    let command = format!("gdtrace run FILE.xlsx{own} --optimizers {label}");
    lines.push((command, "every step, in a spreadsheet"));
    format!("Next\n{}", commands(&lines))
}

#[derive(Serialize)]
struct PrintedList<'a> {
    optimizers: Vec<PrintedEntry<'a>>,
}

#[derive(Serialize)]
struct PrintedEntry<'a> {
    name: &'a str,
    group: &'a str,
    title: &'a str,
    summary: &'a str,
    variants: Vec<&'a str>,
}

/// All optimizers as one JSON object.
///
/// # Errors
/// None that a command can cause.
pub fn list_json(registry: &Registry) -> Result<String> {
    let groups = registry.groups().into_iter();
    let all =
        groups.flat_map(|(group, definitions)| definitions.iter().map(move |one| (group, one)));
    let optimizers = all.map(|(group, one)| PrintedEntry {
        name: &one.name,
        group,
        title: &one.title,
        summary: &one.summary,
        variants: one.variants.iter().filter_map(|one| one.variant.as_deref()).collect(),
    });
    pretty(&PrintedList { optimizers: optimizers.collect() })
}

#[derive(Serialize)]
struct Printed<'a> {
    name: &'a str,
    variant: &'a str,
    title: &'a str,
    summary: &'a str,
    note: &'a str,
    source: &'a str,
    hyper: Vec<PrintedHyper<'a>>,
    columns: Vec<PrintedColumn<'a>>,
    update: PrintedColumn<'a>,
    largest_lr: Option<String>,
    warnings: Vec<PrintedWarning<'a>>,
    presets: &'a BTreeMap<String, BTreeMap<String, f64>>,
    variants: Vec<PrintedVariant<'a>>,
}

#[derive(Serialize)]
struct PrintedHyper<'a> {
    name: &'a str,
    symbol: String,
    default: f64,
    range: String,
    meaning: &'a str,
    source: &'a str,
}

#[derive(Serialize)]
struct PrintedColumn<'a> {
    id: &'a str,
    symbol: String,
    meaning: String,
    formula: String,
    start: Option<String>,
}

#[derive(Serialize)]
struct PrintedWarning<'a> {
    when: String,
    text: &'a str,
}

#[derive(Serialize)]
struct PrintedVariant<'a> {
    name: &'a str,
    note: &'a str,
    source: &'a str,
}

/// One form of an optimizer as one JSON object.
///
/// # Errors
/// None that a command can cause.
pub fn json(form: &Definition) -> Result<String> {
    fn column(one: &ColumnDefinition) -> PrintedColumn<'_> {
        PrintedColumn {
            id: &one.id,
            symbol: plain_symbol(&one.symbol),
            meaning: meaning(&one.meaning),
            formula: one.formula.to_string(),
            start: one.start.as_ref().map(Expr::to_string),
        }
    }
    let hyper = form.hyper.iter().map(|one| PrintedHyper {
        name: &one.name,
        symbol: plain_symbol(&one.symbol),
        default: one.default,
        range: one.range.to_string(),
        meaning: &one.meaning,
        source: &one.source,
    });
    let warnings = form.suspicions.iter();
    let variants = form.variants.iter();
    pretty(&Printed {
        name: &form.name,
        variant: form.variant.as_deref().unwrap_or("textbook"),
        title: &form.title,
        summary: &form.summary,
        note: &form.note,
        source: &form.source,
        hyper: hyper.collect(),
        columns: form.columns.iter().map(column).collect(),
        update: column(&form.update),
        largest_lr: form.largest_lr.as_ref().map(Expr::to_string),
        warnings: warnings
            .map(|one| PrintedWarning { when: one.when.to_string(), text: &one.text })
            .collect(),
        presets: &form.presets,
        variants: variants
            .map(|one| PrintedVariant {
                name: one.variant.as_deref().unwrap_or_default(),
                note: &one.note,
                source: &one.source,
            })
            .collect(),
    })
}

/// `value` as JSON with a line for each of its parts.
pub fn pretty(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::new(format!("cannot write the results as JSON: {error}")))
}
