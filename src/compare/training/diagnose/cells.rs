//! What can be wrong with any cell of a training: errors, texts for numbers, old results.

use std::collections::HashSet;

use super::updates::merged;
use super::words::named;
use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::describe;
use crate::compare::training::repair::{Bench, is_acyclic};
use crate::compare::training::result::{Finding, Kind};
use crate::graph::place::Place;
use crate::graph::{CellId, ErrorValue, Scalar, Tree};
use crate::value::number_text;

/// What is wrong with the cells of a training, each kind and family once.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let cells = cells(case);
    let mut findings = circles(case, &cells);
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

/// Circular references on the sheets of a training, each told of the formula that looks ahead.
fn circles(case: &Case, cells: &[CellId]) -> Vec<Finding> {
    let graph = case.ground.graph;
    let sheets: HashSet<usize> = cells.iter().map(|id| graph.sheet(*id)).collect();
    let touches = |cycle: &&Vec<CellId>| cycle.iter().any(|id| sheets.contains(&graph.sheet(*id)));
    let told = graph.cycles().iter().filter(touches).filter_map(|cycle| {
        let (user, input) = looks_ahead(case, cycle)?;
        let what = match user == input {
            true => "itself".to_owned(),
            false => format!("{}, which is computed from it", named(case, input)),
        };
        let message = format!("{} refers to {what}: a circular reference.", named(case, user));
        let mut finding = Finding::new(Kind::ErrorCell, vec![user], message);
        finding.formula = graph.formula_text(user);
        // What is meant is that of its own iteration, mostly.
        let before = |shift: &Place| (Place::of(graph, input) - *shift).cell(graph);
        let meant = case.shifts.iter().find_map(before).filter(|id| user != input && *id != user);
        if let (Some(meant), Some(tree)) =
            (meant.filter(|id| case.is_like(*id, input)), graph.tree(user))
        {
            case.propose(&mut finding, &tree.with_all(input, meant));
        }
        Some(finding)
    });
    told.collect()
}

/// The formula of a circle, and the cell it refers to, that looks on along the iterations, where it alone does.
fn looks_ahead(case: &Case, cycle: &[CellId]) -> Option<(CellId, CellId)> {
    let graph = case.ground.graph;
    let next = cycle.iter().cycle().skip(1);
    let edges: Vec<(CellId, CellId)> = cycle.iter().copied().zip(next.copied()).collect();
    let ahead = |shift: &Place| {
        let on = |(user, input): &&(CellId, CellId)| {
            let by = Place::of(graph, *input) - Place::of(graph, *user);
            by.sheet * shift.sheet + by.row * shift.row + by.column * shift.column > 0
        };
        let mut found = edges.iter().filter(on);
        found.next().filter(|_| found.next().is_none()).copied()
    };
    case.shifts.iter().find_map(ahead).or_else(|| edges.first().copied())
}

/// An error value that does not come from another cell.
fn error(case: &Case, id: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    let Scalar::Error(error) = graph.value(id) else { return None };
    if error == ErrorValue::Circle {
        return None;
    }
    let is_error = |id: &CellId| matches!(graph.value(*id), Scalar::Error(_));
    if graph.inputs(id).iter().any(is_error) {
        return None;
    }
    let message = format!("{} gives {error}.", describe::name(case.ground, id));
    let mut finding = Finding::new(Kind::ErrorCell, vec![id], message);
    finding.formula = graph.formula_text(id);
    let iteration = (0..case.iterations()).find(|at| case.cells(*at).contains(&id));
    if let Some((word, tree)) = iteration.and_then(|at| instead_of_word(case, id, at)) {
        finding.message += &format!(" It takes {}, which holds words.", case.address(word));
        finding.cells = case.cells_like(id);
        case.propose_for_all(&mut finding, &tree);
        return Some(finding);
    }
    if let Some(pattern) = iteration.and_then(|at| case.broken_pattern(id, at)) {
        finding.kind = Kind::InconsistentFormula;
        finding.message += " The other iterations have another formula.";
        case.propose(&mut finding, &pattern);
    }
    Some(finding)
}

/// A formula that calculates with words, and what it should be: with a cell beside these all derivatives
/// hold.
fn instead_of_word(case: &Case, id: CellId, iteration: usize) -> Option<(CellId, Tree)> {
    let graph = case.ground.graph;
    let tree = graph.tree(id)?;
    let mut bench = Bench::new(case, iteration, &[]);
    let behind = bench.behind(&[id]);
    let leaves = tree.leaves().into_iter().enumerate();
    let words = leaves.filter_map(|(nth, leaf)| Some((nth, leaf.id()?)));
    let words = words.filter(|(_, id)| matches!(graph.value(*id), Scalar::Text(None)));
    let ways = [Place::RIGHT, Place::DOWN, Place::RIGHT * -1, Place::DOWN * -1];
    words.collect::<Vec<_>>().into_iter().find_map(|(nth, word)| {
        let is_number = |id: &CellId| !matches!(graph.value(*id), Scalar::Text(None));
        let beside = ways.iter().filter_map(|way| (Place::of(graph, word) + *way).cell(graph));
        let beside = beside.filter(is_number);
        let mut trees = beside.map(|cell| tree.with_one(nth, cell));
        let right = trees.find(|tree| {
            is_acyclic(graph, std::slice::from_ref(tree), &behind)
                && bench.all_hold_with(&[id], std::slice::from_ref(tree), &behind)
        });
        right.map(|tree| (word, tree))
    })
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
