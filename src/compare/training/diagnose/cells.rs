//! What can be wrong with any cell of a training: errors, texts for numbers, old results.

use std::collections::HashSet;

use super::updates::merged;
use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::describe;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::{CellId, Scalar};
use crate::value::number_text;

/// What is wrong with the cells of a training, each kind and family once.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let cells = cells(case);
    let mut findings = Vec::new();
    for id in &cells {
        findings.extend(broken(case, *id).or_else(|| error(case, *id)).or_else(|| text(case, *id)));
        findings.extend(volatile(case, *id));
    }
    let taken: HashSet<CellId> =
        findings.iter().flat_map(|one: &Finding| one.cells.clone()).collect();
    findings.extend(stale(case, &cells).into_iter().filter(|one| !taken.contains(&one.cells[0])));
    let mut findings = merged(case, findings);
    for finding in &mut findings {
        finding.consequences = case.consequences(&finding.cells);
    }
    findings
}

/// All cells that a training computes with, in their order.
fn cells(case: &Case) -> Vec<CellId> {
    let graph = case.ground.graph;
    let mut open: Vec<CellId> =
        (0..case.iterations()).flat_map(|at| case.cells(at).to_vec()).collect();
    for weight in case.group() {
        open.extend(&weight.values);
        open.extend(&weight.shown);
        open.extend(weight.updates.iter().flatten().map(|update| update.cell));
    }
    let mut seen: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(graph.inputs(id).iter().filter(|input| seen.insert(**input)));
    }
    let mut cells: Vec<CellId> = seen.into_iter().collect();
    cells.sort_unstable();
    cells
}

fn broken(case: &Case, id: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    let what = graph.formula(id)?.broken.as_ref()?;
    let message = format!("The formula refers to {what}: a cell that it needs was deleted.");
    let mut finding = Finding::new(Kind::BrokenReference, vec![id], message);
    finding.formula = graph.formula_text(id);
    finding.fix = Some("write the reference again".to_owned());
    Some(finding)
}

/// An error value that does not come from another cell.
fn error(case: &Case, id: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    let Scalar::Error(error) = graph.value(id) else { return None };
    let is_error = |id: &CellId| matches!(graph.value(*id), Scalar::Error(_));
    if graph.inputs(id).iter().any(is_error) {
        return None;
    }
    let message = format!("{} gives {error}.", describe::name(case.ground, id));
    let mut finding = Finding::new(Kind::ErrorCell, vec![id], message);
    finding.formula = graph.formula_text(id);
    let iteration = (0..case.iterations()).find(|at| case.cells(*at).contains(&id));
    if let Some(pattern) = iteration.and_then(|at| case.broken_pattern(id, at)) {
        finding.kind = Kind::InconsistentFormula;
        finding.message += " The other iterations have another formula.";
        case.propose(&mut finding, &pattern);
    }
    Some(finding)
}

/// A number that is stored as text.
fn text(case: &Case, id: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    if graph.formula(id).is_some() {
        return None;
    }
    let Scalar::Text(Some(number)) = graph.value(id) else { return None };
    let message = format!(
        "{} looks like the number {}, but is stored as text: functions such as SUM pass it over.",
        case.address(id),
        number_text(number)
    );
    let mut finding = Finding::new(Kind::TextNumber, vec![id], message);
    finding.expected = Some(number);
    finding.fix =
        Some(format!("write the number {} into {}", number_text(number), case.address(id)));
    Some(finding)
}

fn volatile(case: &Case, id: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    let function = graph.formula(id)?.volatile.as_ref()?;
    let message = format!(
        "{function} gives another value at each calculation: nothing after it stays the same."
    );
    let mut finding = Finding::new(Kind::Volatile, vec![id], message);
    finding.formula = graph.formula_text(id);
    Some(finding)
}

/// Results in the file that are not what the formulas give for the inputs in the file.
fn stale(case: &Case, cells: &[CellId]) -> Vec<Finding> {
    let graph = case.ground.graph;
    let stored = graph.stored_values();
    let mut values = stored.clone();
    let mut findings = Vec::new();
    for id in cells.iter().filter(|id| !graph.is_leaf(**id)) {
        let Some(found) = graph.stored(*id).and_then(Scalar::number) else { continue };
        let is_known = graph.inputs(*id).iter().all(|input| graph.stored(*input).is_some());
        if !is_known || graph.value(*id).number().is_some_and(|value| agrees(value, found)) {
            continue;
        }
        graph.evaluate(&mut values, &[*id]);
        let expected = values.number(*id);
        values.put(*id, stored.get(*id).clone());
        let Some(expected) = expected else { continue };
        let size =
            graph.inputs(*id).iter().filter_map(|input| stored.number(*input)).fold(0.0, f64::max);
        if agrees(expected, found) || (expected - found).abs() <= 1e-12 * size {
            continue;
        }
        let message = format!(
            "The file says {}, but the formula gives {}: the result is from before the last change.",
            number_text(found),
            number_text(expected)
        );
        let mut finding = Finding::new(Kind::Stale, vec![*id], message);
        finding.found = Some(found);
        finding.expected = Some(expected);
        finding.formula = graph.formula_text(*id);
        finding.fix = Some("let the spreadsheet calculate (F9) and save".to_owned());
        findings.push(finding);
    }
    findings
}
