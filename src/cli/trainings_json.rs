//! The trainings of a workbook as `gdtrace compare --json` prints them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::training::log::{Change, Range};
use crate::compare::training::{Finding, Setting, Training, Trainings, Weight};
use crate::graph::{CellId, Graph};
use crate::optimizer::Batch;

#[derive(Serialize)]
pub(super) struct PrintedTraining<'a> {
    sheets: Vec<&'a str>,
    layout: &'static str,
    iterations: usize,
    rule: &'a str,
    optimizer: Option<&'a str>,
    variant: Option<&'a str>,
    departures: Vec<&'a str>,
    formulas: Vec<String>,
    nearest: Option<PrintedNearest<'a>>,
    settings: Vec<PrintedSetting<'a>>,
    hyper: BTreeMap<&'a str, f64>,
    digits: Option<u32>,
    /// Whether the optimizer takes every step, where there are logged ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    fits: Option<bool>,
    changes: Vec<PrintedChange<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<PrintedRange<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    alike: &'a [String],
    learning_rate: Option<String>,
    /// How many samples each step was taken with, where gradients were computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<PrintedBatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    computed_from: Option<PrintedProblem<'a>>,
    loss: PrintedLoss<'a>,
    weights: Vec<PrintedWeight<'a>>,
    findings: Vec<PrintedFinding<'a>>,
}

#[derive(Serialize)]
struct PrintedSetting<'a> {
    name: &'a str,
    cell: Option<String>,
    value: f64,
}

/// The known optimizer that a rule of its own is nearest to.
#[derive(Serialize)]
struct PrintedNearest<'a> {
    optimizer: &'a str,
    differs: &'a [String],
}

#[derive(Serialize)]
struct PrintedChange<'a> {
    step: usize,
    what: &'a str,
    from: Option<f64>,
    to: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<usize>,
}

#[derive(Serialize)]
struct PrintedRange<'a> {
    name: &'a str,
    from: f64,
    to: Option<f64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PrintedBatch {
    All(&'static str),
    Of(usize),
}

/// What the gradients of a log without gradients are those of.
#[derive(Serialize)]
struct PrintedProblem<'a> {
    data: &'a str,
    model: &'a str,
    loss: &'a str,
    reduction: &'static str,
    drops_last: bool,
    /// The weights before the first row, where they were worked out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    start: BTreeMap<&'a str, f64>,
}

#[derive(Serialize)]
struct PrintedLoss<'a> {
    cell: Option<String>,
    formula: Option<&'a str>,
    implied: Option<&'a str>,
}

#[derive(Serialize)]
struct PrintedWeight<'a> {
    name: &'a str,
    start: String,
    updates: usize,
    gradient: Option<String>,
    factor: Option<f64>,
    verdict: &'static str,
    cells_verified: usize,
    cells_wrong: usize,
}

#[derive(Serialize)]
struct PrintedFinding<'a> {
    kind: &'static str,
    cell: Option<String>,
    range: String,
    count: usize,
    weight: Option<String>,
    loss: Option<String>,
    found: Option<f64>,
    expected: Option<f64>,
    formula: Option<&'a str>,
    proposed: Option<&'a str>,
    message: &'a str,
    fix: Option<&'a str>,
    cause: Option<String>,
    consequences: usize,
}

/// All trainings, their cells as addresses of the workbook.
pub(super) fn printed<'a>(graph: &'a Graph, trainings: &'a Trainings) -> Vec<PrintedTraining<'a>> {
    trainings.trainings.iter().map(|one| training(graph, one)).collect()
}

fn training<'a>(graph: &'a Graph, training: &'a Training) -> PrintedTraining<'a> {
    let written = training.written.as_ref().ok();
    let computed = training.log.as_ref().and_then(|log| log.computed.as_ref());
    PrintedTraining {
        sheets: training.sheets.iter().map(|at| graph.sheets()[*at].as_str()).collect(),
        layout: training.layout.name(),
        iterations: training.iterations,
        rule: training.rule_name(),
        optimizer: training.optimizer.as_ref().map(|one| one.name.as_str()),
        variant: training.optimizer.as_ref().and_then(|one| one.variant.as_deref()),
        departures: training
            .optimizer
            .iter()
            .flat_map(|one| one.note.iter().chain(&one.departures))
            .map(String::as_str)
            .collect(),
        formulas: written.map_or(Vec::new(), |written| written.definition.rule()),
        nearest: written
            .and_then(|written| written.nearest.as_ref())
            .map(|nearest| PrintedNearest { optimizer: &nearest.label, differs: &nearest.differs }),
        settings: training
            .optimizer
            .iter()
            .flat_map(|one| &one.settings)
            .map(|one| setting(graph, one))
            .collect(),
        hyper: training
            .optimizer
            .iter()
            .flat_map(|one| &one.settings)
            .map(|one| (one.name.as_str(), one.value))
            .collect(),
        digits: training.log.as_ref().map(|log| log.digits),
        fits: training.log.as_ref().map(|log| log.fits),
        changes: training.log.iter().flat_map(|log| &log.changes).map(change).collect(),
        undecided: training.log.iter().flat_map(|log| &log.undecided.ranges).map(range).collect(),
        alike: training.log.as_ref().map_or(&[], |log| &log.undecided.optimizers),
        learning_rate: training.rate.map(|id| graph.address(id)),
        batch: computed.map(|one| match one.batches.size {
            Batch::All => PrintedBatch::All("all"),
            Batch::One => PrintedBatch::Of(1),
            Batch::Of(size) => PrintedBatch::Of(size),
        }),
        computed_from: computed.map(|one| PrintedProblem {
            data: &one.data,
            model: &one.model,
            loss: &one.loss,
            reduction: if one.batches.is_sum { "sum" } else { "mean" },
            drops_last: one.batches.drops_last,
            start: one.start.iter().map(|(weight, value)| (weight.as_str(), *value)).collect(),
        }),
        loss: PrintedLoss {
            cell: training.loss.cell().map(|id| graph.address(id)),
            formula: training.loss.formula.as_deref(),
            implied: training.loss.implied.as_deref(),
        },
        weights: training.weights.iter().map(|one| weight(graph, one)).collect(),
        findings: training.findings.iter().map(|one| finding(graph, one)).collect(),
    }
}

fn change(change: &Change) -> PrintedChange<'_> {
    let Change { step, what, from, to, how, until } = change;
    PrintedChange { step: *step, what, from: *from, to: *to, how: *how, until: *until }
}

fn range(range: &Range) -> PrintedRange<'_> {
    PrintedRange { name: &range.name, from: range.from, to: range.to }
}

fn setting<'a>(graph: &Graph, setting: &'a Setting) -> PrintedSetting<'a> {
    PrintedSetting {
        name: &setting.name,
        cell: setting.cell.map(|id| graph.address(id)),
        value: setting.value,
    }
}

fn weight<'a>(graph: &Graph, weight: &'a Weight) -> PrintedWeight<'a> {
    PrintedWeight {
        name: &weight.name,
        start: graph.address(weight.start),
        updates: weight.updates,
        gradient: weight.gradient.map(|id| graph.address(id)),
        factor: weight.factor,
        verdict: weight.verdict.name(),
        cells_verified: weight.verified,
        cells_wrong: weight.wrong,
    }
}

fn finding<'a>(graph: &Graph, finding: &'a Finding) -> PrintedFinding<'a> {
    let address = |id: CellId| graph.address(id);
    PrintedFinding {
        kind: finding.kind.name(),
        cell: finding.cells.first().copied().map(address),
        range: finding.range(graph),
        count: finding.cells.len(),
        weight: finding.weight.map(address),
        loss: finding.loss.map(address),
        found: finding.found,
        expected: finding.expected,
        formula: finding.formula.as_deref(),
        proposed: finding.proposed.as_deref(),
        message: &finding.message,
        fix: finding.fix.as_deref(),
        cause: finding.cause.map(address),
        consequences: finding.consequences,
    }
}
