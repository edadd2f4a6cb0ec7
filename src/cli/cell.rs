//! `gdtrace explain FILE --cell Sheet!A1`: what one cell of a workbook is in the training on it.

use std::path::Path;

use serde::Serialize;

use super::console;
use super::layout::{paragraph, table};
use crate::compare::training::chain::{Chain, Factor, Quantity};
use crate::compare::training::explain::{Derivative, Explanation, explain};
use crate::compare::training::labels::Labels;
use crate::compare::training::{self, Finding, Trainings};
use crate::data::address::{parse_cell, split_sheet};
use crate::error::{Error, Result};
use crate::graph::{CellId, Graph, Options, Scalar, Workbook};
use crate::value::number_text;

/// Explains the cell called `cell` of the workbook at `path`.
///
/// # Errors
/// A file that cannot be read, and a name that is no cell of it.
pub fn run(path: &Path, cell: &str, as_json: bool) -> Result<()> {
    let workbook = Workbook::read(path, &Options::default())?;
    let (sheet, at) = place(&workbook, cell)?;
    let graph = Graph::lift(&workbook);
    let Some(id) = graph.id(sheet, at) else {
        let address = graph.address_at(sheet, at);
        console::print(&match as_json {
            true => json(&Printed {
                role: "none",
                meaning: "blank".to_owned(),
                ..Printed::new(address)
            })?,
            false => format!("{address}: blank, and part of no training"),
        });
        return Ok(());
    };
    let trainings = training::find(&graph);
    let explanation = explain(&graph, &trainings, id);
    let told = printed(&graph, &trainings, &explanation, id);
    console::print(&match as_json {
        true => json(&told)?,
        false => text(&told),
    });
    Ok(())
}

/// The sheet and the place that a name of a cell means.
fn place(workbook: &Workbook, cell: &str) -> Result<(usize, (u32, u32))> {
    let argument = || format!("--cell {cell}");
    let (sheet, name) = match split_sheet(cell.trim()) {
        (Some(sheet), name) => (Some(sheet), name),
        (None, name) => (None, name),
    };
    let at = parse_cell(name.trim()).ok_or_else(|| {
        Error::new(format!("`{name}` is no cell"))
            .in_argument(argument())
            .help("write a column and a row, such as Z33, with the sheet before it: Sheet1!Z33")
    })?;
    let sheets = &workbook.sheets;
    let known: Vec<&str> = sheets.iter().map(|one| one.name.as_str()).collect();
    match sheet {
        Some(name) => {
            let found = workbook.sheet(&name).ok_or_else(|| {
                Error::new(format!("there is no sheet called '{name}'"))
                    .in_argument(argument())
                    .help(Error::known_names(&name, &known))
            })?;
            Ok((found, at))
        }
        None if sheets.len() == 1 => Ok((0, at)),
        None => Err(Error::new(format!("which sheet's {name}? There are {}", sheets.len()))
            .in_argument(argument())
            .help(format!(
                "write the sheet before it, such as '{}!{name}'; there are {}",
                known.first().copied().unwrap_or_default(),
                known.join(", ")
            ))),
    }
}

/// What is printed.
#[derive(Serialize, Default)]
struct Printed {
    cell: String,
    role: &'static str,
    meaning: String,
    name: Option<String>,
    training: Option<PrintedTraining>,
    value: Option<serde_json::Value>,
    formula: Option<String>,
    in_labels: Option<String>,
    in_numbers: Option<String>,
    /// The cell that the update of a weight takes for the derivative, where it is another one.
    gradient: Option<String>,
    derivative: Option<PrintedDerivative>,
    /// Whether the cell, or that gradient, is the derivative that it should be.
    holds: Option<bool>,
    findings: Vec<PrintedFinding>,
}

#[derive(Serialize)]
struct PrintedTraining {
    sheets: Vec<String>,
    iteration: usize,
    iterations: usize,
    weight: Option<String>,
    loss: Option<String>,
}

#[derive(Serialize)]
struct PrintedDerivative {
    name: String,
    factor: f64,
    formula: Option<String>,
    in_labels: Option<String>,
    in_numbers: Option<String>,
    expected: Option<f64>,
    found: Option<f64>,
    /// The derivative as a sum of products, in words: `∂E/∂a·∂a/∂w`.
    rule: String,
    factors: Vec<PrintedFactor>,
    /// What the cell's formula has that is no factor of the derivative.
    instead: Vec<String>,
    /// How many more ways lead from the loss to the cell.
    more_ways: usize,
}

#[derive(Serialize)]
struct PrintedFactor {
    /// The way from the loss that it is on; none where all ways share it.
    way: Option<usize>,
    name: String,
    formula: Option<String>,
    in_labels: Option<String>,
    value: Option<f64>,
    /// Whether the cell's formula has it; none where it is the derivative, or nobody knows.
    in_cell: Option<bool>,
}

#[derive(Serialize)]
struct PrintedFinding {
    kind: &'static str,
    cell: Option<String>,
    message: String,
    proposed: Option<String>,
}

impl Printed {
    fn new(cell: String) -> Self {
        Printed { cell, ..Printed::default() }
    }
}

fn json<T: Serialize>(printed: &T) -> Result<String> {
    serde_json::to_string_pretty(printed)
        .map_err(|error| Error::new(format!("cannot write JSON: {error}")))
}

fn printed(graph: &Graph, trainings: &Trainings, told: &Explanation, id: CellId) -> Printed {
    let formula = told.formula.as_ref();
    let part = |at: usize| formula.map(|all| all[at].clone()).filter(|text| !text.is_empty());
    let seat = told.seat;
    let training = seat.map(|seat| {
        let training = &trainings.trainings[seat.training];
        PrintedTraining {
            sheets: training.sheets.iter().map(|at| graph.sheets()[*at].clone()).collect(),
            iteration: seat.iteration + 1,
            iterations: training.iterations,
            weight: seat.weight.map(|at| training.weights[at].name.clone()),
            loss: training.anatomy[seat.iteration].loss.map(|id| graph.address(id)),
        }
    });
    let derivative = seat.zip(told.derivative.as_ref()).map(|(seat, derivative)| {
        let labels = Labels::new(graph, &trainings.trainings[seat.training], seat.iteration);
        printed_derivative(graph, &labels, derivative, id)
    });
    Printed {
        cell: graph.address(id),
        role: told.role.name(),
        meaning: told.meaning.clone(),
        name: told.name.clone(),
        training,
        value: value(graph, id),
        formula: part(0),
        in_labels: part(1),
        in_numbers: part(2),
        gradient: told.gradient.map(|id| graph.address(id)),
        derivative,
        holds: told.holds,
        findings: told.findings.iter().map(|one| printed_finding(graph, one)).collect(),
    }
}

fn value(graph: &Graph, id: CellId) -> Option<serde_json::Value> {
    if let Some(text) = graph.text(id) {
        return Some(text.into());
    }
    match graph.value(id) {
        Scalar::Number(number) => Some(number.into()),
        Scalar::Logical(is) => Some(is.into()),
        Scalar::Error(error) => Some(error.to_string().into()),
        Scalar::Blank | Scalar::Text(_) | Scalar::Unknown => None,
    }
}

fn printed_finding(graph: &Graph, finding: &Finding) -> PrintedFinding {
    PrintedFinding {
        kind: finding.kind.name(),
        cell: finding.cells.first().map(|id| graph.address(*id)),
        message: finding.message.clone(),
        proposed: finding.proposed.clone(),
    }
}

fn printed_derivative(
    graph: &Graph,
    labels: &Labels,
    derivative: &Derivative,
    home: CellId,
) -> PrintedDerivative {
    let formula = derivative.formula.as_ref();
    let finite = |number: f64| number.is_finite().then_some(number);
    let loss = derivative.chain.as_ref().map_or(Quantity::Loss, |chain| chain.loss);
    let held = derivative.held.as_ref();
    let factor = |(number, (way, factor)): (usize, (Option<usize>, &Factor))| PrintedFactor {
        in_cell: held.map(|held| held.has[number]),
        way: way.map(|way| way + 1),
        name: labels.factor(factor, loss),
        formula: labels.factor_in_cells(factor, home),
        in_labels: labels.factor_in_labels(factor),
        value: finite(factor.value),
    };
    let factors = derivative.chain.iter().flat_map(Chain::factors).enumerate();
    PrintedDerivative {
        name: derivative.name.clone(),
        factor: derivative.factor,
        formula: formula.map(|formula| format!("={}", labels.cells(formula, home))),
        in_labels: formula.map(|formula| labels.text(formula)),
        in_numbers: formula.map(|formula| labels.numbers(formula, graph.values())),
        expected: finite(derivative.value),
        found: derivative.found,
        rule: derivative.chain.as_ref().map_or(String::new(), |chain| labels.rule(chain)),
        factors: factors.map(factor).collect(),
        instead: held.map_or(Vec::new(), |held| held.extra.clone()),
        more_ways: derivative.chain.as_ref().map_or(0, |chain| chain.more),
    }
}

/// `Sheet1!Z33, w3: the gradient of w3 in iteration 25 of 60`, then what it says and should.
fn text(told: &Printed) -> String {
    let name = told.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
    let mut lines = vec![paragraph("", &format!("{}{name}: {}", told.cell, told.meaning))];
    let mut line = |label: &str, text: &str| {
        lines.push(paragraph(&format!(" {label:<10}  "), text));
    };
    if let Some(formula) = &told.formula {
        line("formula", formula);
    }
    if let Some(text) = &told.in_labels {
        line("in labels", text);
    }
    if let Some(text) = &told.in_numbers {
        line("in numbers", text);
    }
    match &told.value {
        Some(serde_json::Value::Number(number)) => {
            line("value", &number_text(number.as_f64().unwrap_or_default()));
        }
        Some(serde_json::Value::String(text)) => line("value", text),
        Some(other) => line("value", &other.to_string()),
        None => {}
    }
    let mut parts = vec![lines.join("\n")];
    parts.extend(told.derivative.as_ref().map(|one| derivative_text(told, one)));
    parts.extend(verdict(told));
    parts.join("\n\n")
}

fn derivative_text(told: &Printed, derivative: &PrintedDerivative) -> String {
    let is_own = match told.role {
        "gradient" | "backward" => true,
        "update" => told.gradient.is_none(),
        _ => false,
    };
    let label = if is_own { "should be" } else { "derivative" };
    let first = match derivative.rule.as_str() {
        rule if rule.is_empty() || rule == derivative.name => derivative.name.clone(),
        rule => format!("{} = {}", derivative.name, rule),
    };
    let mut lines = vec![paragraph(&format!(" {label:<10}  "), &first)];
    let mut line = |text: &str| lines.push(paragraph("           = ", text));
    if let Some(formula) = &derivative.formula {
        line(formula.trim_start_matches('='));
    }
    if let Some(text) = &derivative.in_labels {
        line(text);
    }
    if let Some(text) = &derivative.in_numbers {
        line(text);
    }
    if let Some(expected) = derivative.expected {
        line(&number_text(expected));
    }
    let mut text = lines.join("\n");
    if derivative.factors.len() > 1 || derivative.formula.is_none() {
        text += "\n\n";
        text += &factor_table(derivative);
    }
    if !derivative.instead.is_empty() {
        let instead = derivative.instead.join(" and ");
        text += &format!("\n\n{}", paragraph(" ", &format!("the formula has {instead} instead")));
    }
    if derivative.more_ways > 0 {
        text += &format!("\n\n and {} more ways from the loss to this cell", derivative.more_ways);
    }
    text
}

fn factor_table(derivative: &PrintedDerivative) -> String {
    let has_ways = derivative.factors.iter().any(|factor| factor.way.is_some_and(|way| way > 1));
    let is_compared = derivative.factors.iter().any(|factor| factor.in_cell.is_some());
    let row = |factor: &PrintedFactor| {
        let way = match factor.way {
            Some(way) => way.to_string(),
            None => "all".to_owned(),
        };
        let mut row = vec![
            factor.name.clone(),
            factor.formula.clone().unwrap_or_default(),
            factor.in_labels.clone().unwrap_or_default(),
            factor
                .value
                .map_or(String::new(), |value| number_text(crate::formula::readable(value))),
        ];
        if has_ways {
            row.insert(0, way);
        }
        if is_compared {
            row.push(if factor.in_cell == Some(false) { "missing" } else { "yes" }.to_owned());
        }
        row
    };
    let mut head = vec!["factor", "in cells", "in labels", "value"];
    if is_compared {
        head.push("there");
    }
    if has_ways {
        head.insert(0, "way");
    }
    table(&head, derivative.factors.iter().map(row).collect())
}

/// Whether the cell is what it should be.
fn verdict(told: &Printed) -> Option<String> {
    let findings = told.findings.iter().map(|one| {
        let mut lines = vec![paragraph(&format!(" {:<10}  ", "no"), &one.message)];
        if let Some(proposed) = &one.proposed {
            let of = one.cell.as_deref().unwrap_or_default();
            let label = format!(" {:<10}  ", "proposed");
            let place = if of == told.cell { String::new() } else { format!(" in {of}") };
            lines.push(paragraph(&label, &format!("{proposed}{place}")));
        }
        lines.join("\n")
    });
    let findings: Vec<String> = findings.collect();
    if !findings.is_empty() {
        return Some(findings.join("\n"));
    }
    let derivative = told.derivative.as_ref()?;
    let name = &derivative.name;
    let what = match (&told.gradient, told.role) {
        (Some(cell), _) => cell.clone(),
        (None, "weight" | "update") => "the gradient in its update".to_owned(),
        (None, _) => "it".to_owned(),
    };
    let number = |number: Option<f64>| number.map_or("no number".to_owned(), number_text);
    let text = match told.holds? {
        true => format!("{what} is {name}, whatever numbers stand in the cells"),
        false if derivative.found.is_none() => format!("{what} is not {name}"),
        false => format!(
            "{what} is not {name}: it is {} where {} should stand",
            number(derivative.found),
            number(derivative.expected)
        ),
    };
    let label = if told.holds == Some(true) { "yes" } else { "no" };
    Some(paragraph(&format!(" {label:<10}  "), &text))
}
