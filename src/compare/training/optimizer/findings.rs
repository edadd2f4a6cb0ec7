//! What is wrong with how the updates follow their optimizer: in all weights, or in one of them.

use super::formulas::Placed;
use super::recurrence::Recurrence;
use super::{Followed, without_weight};
use crate::compare::training::case::Case;
use crate::compare::training::describe;
use crate::compare::training::diagnose::starts::start_of;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::{CellId, Graph, Tree};

/// What every weight's updates do otherwise than the optimizer that they follow: a finding for all cells
/// over which one formula can be filled.
pub(super) fn slips(followed: &Followed, all: &[&Recurrence]) -> Vec<Finding> {
    let fit = &followed.found.fit;
    let slips = fit.departures.iter().filter(|(_, departure)| departure.is_mistake);
    let mut findings: Vec<Finding> = Vec::new();
    for (column, departure) in slips {
        let known = findings.len();
        for one in all {
            for slip in slip(followed, one, *column, &departure.text) {
                let own = &findings[known..];
                match own.iter().position(|other| is_filled(followed.recurrence.case, other, &slip))
                {
                    Some(at) => findings[known + at].cells.extend(slip.cells),
                    None => findings.push(slip),
                }
            }
        }
    }
    for finding in &mut findings {
        finding.consequences = followed.recurrence.case.consequences(&finding.cells);
    }
    findings
}

/// What one weight does otherwise in a column of the form, and in how that starts where it starts otherwise.
fn slip(followed: &Followed, one: &Recurrence, column: usize, text: &str) -> Vec<Finding> {
    let (form, fit) = (followed.found.form.as_ref(), &followed.found.fit);
    let (Some(form), Some(source)) = (form, fit.places.columns[column]) else { return Vec::new() };
    let case = one.case;
    // Its formulas may have as a part what the others have cells for.
    if one.like(followed.recurrence, source.column) != Some(source.column) {
        return Vec::new();
    }
    let mut cells: Vec<CellId> = one.all_cells(source.column).collect();
    let Some(name) = cells.first().map(|first| describe::name(case.ground, *first)) else {
        return Vec::new();
    };
    let mut at = usize::from(one.columns[source.column].first.is_some());
    let placed = Placed { recurrence: one, form, fit };
    let tree = placed.tree(column, at);
    let text = without_weight(&placed.in_words_of_sheet(text));
    let told = |tree: &Option<Tree>, cells: Vec<CellId>, at: usize| {
        let right = tree.as_ref().map_or(String::new(), |tree| {
            let text = case.ground.graph.tree_text(tree);
            format!(": as {} has it, it is {text}", form.definition.title)
        });
        let message = format!("{name} {text} in every iteration{right}.");
        finding(case, Kind::Value, cells, at, tree.clone(), message)
    };
    let start = tree.as_ref().filter(|tree| cells.len() > 1 && tree.home == cells[1]);
    let start = start.and_then(|tree| start_of(case, cells[0], tree.clone()));
    let start = start.map(|start| {
        let first = cells.remove(0);
        at = 0;
        told(&Some(start), vec![first], 0)
    });
    let mut findings = vec![told(&tree, cells, at)];
    findings.extend(start);
    findings
}

/// Whether the formula of a finding, filled over the cells of another, is the one that belongs there.
fn is_filled(case: &Case, one: &Finding, other: &Finding) -> bool {
    let graph = case.ground.graph;
    let (Some(formula), Some(wanted)) = (&one.proposed, &other.proposed) else { return false };
    let place = |finding: &Finding| graph.position(finding.cells[0]);
    let is_here = graph.sheet(one.cells[0]) == graph.sheet(other.cells[0]);
    is_here && Graph::filled(formula, place(one), place(other)) == *wanted
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
