//! What is wrong with how the updates follow their optimizer: in all weights, or in one of them.

use super::formulas::Placed;
use super::recurrence::Recurrence;
use super::{Followed, without_weight};
use crate::compare::training::case::Case;
use crate::compare::training::describe;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::{CellId, Tree};

/// What every weight's updates do otherwise than the optimizer that they follow.
pub(super) fn slips(followed: &Followed, all: &[&Recurrence]) -> Vec<Finding> {
    let Some(form) = &followed.found.form else { return Vec::new() };
    let fit = &followed.found.fit;
    let slips = fit.departures.iter().filter(|(_, departure)| departure.is_mistake);
    let findings = slips.filter_map(|(column, departure)| {
        let source = fit.places.columns[*column]?;
        let case = followed.recurrence.case;
        let cells = all.iter().flat_map(|one| one.all_cells(source.column));
        let cells: Vec<CellId> = cells.collect();
        let at = usize::from(followed.recurrence.columns[source.column].first.is_some());
        let placed = Placed { recurrence: followed.recurrence, form, fit };
        let name = describe::name(case.ground, *cells.first()?);
        let title = &form.definition.title;
        let text = without_weight(&departure.text);
        let tree = placed.tree(*column, at);
        let right = tree.as_ref().map_or(String::new(), |tree| {
            format!(": as {title} has it, it is {}", case.ground.graph.tree_text(tree))
        });
        let message = format!("{name} {text} in every iteration{right}.");
        Some(finding(case, Kind::Value, cells, at, tree, message))
    });
    findings.collect()
}

/// A weight whose updates follow another rule than those of the others.
pub(super) fn odd(followed: &Followed, odd: &Recurrence) -> Option<Finding> {
    let case = odd.case;
    let usual = followed.recurrence;
    // The formula nearest to the gradient that is made otherwise is the cause.
    let pairs = usual.columns.iter().zip(&odd.columns).enumerate().rev();
    let mut found = pairs.filter_map(|(at, (usual_column, odd_column))| {
        let (cell, own) = (usual_column.cells[1]?, odd_column.cells[1]?);
        let tree = case.ground.graph.tree(cell)?;
        let filled = usual.filled(&tree, odd, own)?;
        let is_same = case.ground.graph.tree(own).is_some_and(|tree| {
            case.ground.graph.tree_text(&tree) == case.ground.graph.tree_text(&filled)
        });
        (!is_same).then_some((at, filled))
    });
    let (at, filled) = found.next()?;
    let name = case.weight_name(odd.weight);
    let others = case.weight_name(usual.weight);
    let message = format!(
        "{name} is not updated as {others} and the other weights are, which follow {}.",
        followed.title(),
    );
    let cells: Vec<CellId> = odd.all_cells(at).collect();
    let mut found = finding(case, Kind::OddWeight, cells, 1, Some(filled), message);
    found.weight = case.variable(odd.weight, 0);
    Some(found)
}

/// A finding about the cells of a column, whose formula of the iteration `at` is known.
pub(super) fn finding(
    case: &Case,
    kind: Kind,
    cells: Vec<CellId>,
    at: usize,
    tree: Option<Tree>,
    message: String,
) -> Finding {
    let graph = case.ground.graph;
    let cell = tree.as_ref().map(|tree| tree.home).or(cells.get(at).copied());
    let mut finding = Finding::new(kind, cells, message);
    // The cell with the formula is the one to look at.
    if let Some(place) = finding.cells.iter().position(|id| Some(*id) == cell) {
        finding.cells[..=place].rotate_right(1);
    }
    match tree {
        Some(tree) => case.propose_for_all(&mut finding, &tree),
        None => {
            finding.formula = cell.and_then(|cell| graph.formula_text(cell));
            finding.found = cell.and_then(|cell| graph.value(cell).number());
        }
    }
    finding.consequences = case.consequences(&finding.cells);
    finding
}
