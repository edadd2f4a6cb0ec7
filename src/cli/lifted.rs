//! `gdtrace compare --save-optimizer`: the rule of a sheet as the file of a definition.

use std::path::Path;

use super::console::tell;
use crate::compare::result::{Comparison, Status};
use crate::compare::training::{Fault, Training, Written, summary};
use crate::data::address::cell_name;
use crate::error::{Error, Result};
use crate::export::output::Outputs;
use crate::graph::{CellId, Graph};
use crate::optimizer::{Definition, registry};
use crate::value::number_text;

/// Stages the rule of the only training of a comparison, or of the only rule that all have, as the
/// definition in `path`.
///
/// # Errors
/// No rule, several, or one that is no definition; whatever prevents writing.
pub(super) fn stage(path: &Path, comparison: &Comparison, outputs: &mut Outputs) -> Result<()> {
    let (definition, about) = match is_told_by_table(comparison) {
        true => of_table(comparison)?,
        false => of_formulas(comparison)?,
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if registry()?.definitions().iter().any(|one| one.name == name) {
        return Err(Error::new(format!("there is an optimizer `{name}` already"))
            .in_argument(format!("--save-optimizer {}", path.display()))
            .help("call the file something else: its name is the optimizer's"));
    }
    let definition = Definition { name, ..definition };
    let text = format!("{about}{}", definition.to_toml());
    // What was written is read again before anybody else does.
    Definition::read(&definition.name, &path.display().to_string(), &text)?;
    outputs.stage(path, |writer| writer.write_all(text.as_bytes()))
}

/// Whether the table of samples says more than the formulas that take steps: of a trace what its record
/// says, where that has columns that step like weights or none that do.
fn is_told_by_table(comparison: &Comparison) -> bool {
    let trainings = &comparison.trainings.trainings;
    let mut tables = comparison.sheets.iter().filter(|sheet| sheet.optimizer.is_some());
    let (Some(table), None) = (tables.next(), tables.next()) else { return trainings.is_empty() };
    let agrees = table.status == Status::Agrees && table.departures.is_empty();
    let is_other = |one: &Training| one.rule_name() != table.optimizer.as_deref().unwrap_or("");
    trainings.is_empty() || agrees && trainings.iter().all(is_other)
}

/// The rule of a training as its formulas have it, and where they stand, as comments.
fn of_formulas(comparison: &Comparison) -> Result<(Definition, String)> {
    let training = training(comparison)?;
    let written = self::written(comparison, training)?;
    let graph = &comparison.reading.graph;
    if let Some(fault) = training.departs(graph) {
        return Err(refusal(comparison, training, &fault));
    }
    for start in &written.states {
        let cell = start.cell.map_or(String::new(), |cell| format!(" ({})", graph.address(cell)));
        let weight = &training.weights[start.weight].name;
        let value = number_text(start.value);
        tell!(
            "note: {} of {weight} starts from {value}{cell}; a definition has one start for all \
             weights, which is 0 there: gdtrace run --like takes it over",
            start.column
        );
    }
    let source = source(comparison, written);
    let about = format!(
        "# The rule of {source}.\n# g is the gradient as it stands in {}.\n",
        gradient(graph, training),
    );
    Ok((Definition { source, ..written.definition.clone() }, about))
}

/// The optimizer that a table of samples was recognized as, with the table's settings.
fn of_table(comparison: &Comparison) -> Result<(Definition, String)> {
    let mut tables = comparison.sheets.iter().filter(|sheet| sheet.optimizer.is_some());
    let (Some(table), None) = (tables.next(), tables.next()) else {
        // None or several.
        return Err(match comparison.sheets.iter().any(|sheet| sheet.optimizer.is_some()) {
            true => Error::new("there are several tables here, and a file has one rule")
                .in_file(&comparison.file)
                .help("choose one with --sheet NAME"),
            false => no_training(comparison),
        });
    };
    if let Some(departure) = table.departures.first() {
        return Err(Error::new(format!("the table {departure}, and no formulas tell its rule"))
            .in_sheet(&comparison.file, &table.sheet)
            .help("gdtrace run takes known optimizers by their names: --optimizers adam:keras"));
    }
    let label = [table.optimizer.as_deref(), table.variant.as_deref()];
    let label = label.into_iter().flatten().collect::<Vec<_>>().join(":");
    let known = registry()?.find(&label)?.clone();
    let source = format!("{}, {}", comparison.file.display(), table.title());
    let (variants, translations) = (Vec::new(), Vec::new());
    let mut definition = Definition { variant: None, variants, translations, source, ..known };
    for hyper in &mut definition.hyper {
        if let Some(own) = table.hyper.iter().find(|own| own.name == hyper.name) {
            (hyper.default, hyper.source) = (own.value, "the sheet".to_owned());
        }
    }
    Ok((definition, format!("# The rule of {label}, with the settings of {}.\n", table.title())))
}

fn no_training(comparison: &Comparison) -> Error {
    Error::new("no training was found, so there is no rule to take over")
        .in_file(&comparison.file)
        .help("gdtrace compare FILE tells what each sheet is")
}

/// Where the gradient of the first weight stands.
fn gradient(graph: &Graph, training: &Training) -> String {
    let first = training.anatomy.first().and_then(|one| one.weights.first());
    match first.and_then(|one| one.gradient.or(one.update)) {
        Some(cell) => graph.address(cell),
        None => "the sheet".to_owned(),
    }
}

/// The training whose rule is meant: the only one, or the first of several with the same rule.
///
/// # Errors
/// None, or several with different rules.
pub(super) fn training(comparison: &Comparison) -> Result<&Training> {
    let trainings = &comparison.trainings.trainings;
    let Some(first) = trainings.first() else {
        return Err(no_training(comparison));
    };
    let is_other = |one: &Training| match (&one.written, &first.written) {
        (Ok(one), Ok(first)) => one.definition != first.definition,
        _ => true,
    };
    match trainings[1..].iter().any(is_other) {
        true => Err(several(comparison)),
        false => Ok(first),
    }
}

/// The rule of a training.
///
/// # Errors
/// It is no definition.
pub(super) fn written<'a>(
    comparison: &'a Comparison,
    training: &'a Training,
) -> Result<&'a Written> {
    training.written.as_ref().map_err(|fault| refusal(comparison, training, fault))
}

/// Where a rule comes from.
pub(super) fn source(comparison: &Comparison, written: &Written) -> String {
    let graph = &comparison.reading.graph;
    format!("{}, {}", comparison.file.display(), graph.address(written.cell))
}

/// The error for several rules: which, and how to choose.
fn several(comparison: &Comparison) -> Error {
    let graph = &comparison.reading.graph;
    let told = comparison
        .trainings
        .trainings
        .iter()
        .map(|one| format!("{}: {}", summary::name(graph, one), summary::rule(graph, one)));
    let told: Vec<String> = told.collect();
    let trainings = &comparison.trainings.trainings;
    let is_apart = trainings.windows(2).all(|pair| pair[0].sheets != pair[1].sheets);
    let help = match (is_apart, trainings[0].sheets.first()) {
        (true, Some(sheet)) => {
            format!("choose one with --sheet '{}'", graph.sheets()[*sheet])
        }
        _ => "copy the training that is meant into a workbook of its own".to_owned(),
    };
    Error::new(format!("there are several rules here, and a file has one\n  {}", told.join("\n  ")))
        .in_file(&comparison.file)
        .help(help)
}

/// The error for what of a training cannot be taken over.
pub(super) fn refusal(comparison: &Comparison, training: &Training, fault: &Fault) -> Error {
    let graph = &comparison.reading.graph;
    let at = |cell: CellId| {
        let name = graph.sheets().get(graph.sheet(cell)).map_or("", String::as_str);
        (name.to_owned(), cell_name(graph.position(cell)))
    };
    let error = Error::new(fault.what.clone());
    let error = match fault.cell.map(at) {
        Some((sheet, cell)) => error.in_cell(&comparison.file, &sheet, &cell),
        None => error.in_file(&comparison.file),
    };
    match training.holds() {
        true => error.help(fault.help),
        false => {
            error.help("gdtrace compare FILE names the mistakes of this training; mend them first")
        }
    }
}
