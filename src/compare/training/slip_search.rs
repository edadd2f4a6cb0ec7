//! A training that one slip hides: one with several things wrong, until one formula is another.
//!
//! Where all updates take what stands a column too far, nothing can be held against anything, or each of
//! them is said to be wrong by itself. So the formulas that take the steps are tried with one small change
//! each, and the workbook is read again with that: where every derivative holds then and the rule is a
//! known one, the change is what is wrong.

use super::edits::Change;
use super::fill::shifted;
use super::result::{Finding, Kind, Rule, Training, Trainings, Verdict};
use super::{Depth, as_they_are, names};
use crate::graph::place::Place;
use crate::graph::{CellId, Graph, Leaf, Target, Tree};

/// So many cells are evaluated for a search: a second's work or two.
const MOST_EVALUATED: usize = 25_000;

/// So many formulas are tried.
const MOST_FAMILIES: usize = 12;

/// The trainings with what hides one put right, and told; none where no small change does that.
pub(super) fn found(graph: &Graph, known: &Trainings) -> Option<Trainings> {
    let [before] = &known.trainings[..] else { return None };
    if !has_several(before) {
        return None;
    }
    let mut left = MOST_EVALUATED / graph.len().max(1);
    for cells in units(graph, before).take(MOST_FAMILIES) {
        let Some(tree) = graph.tree(cells[0]) else { continue };
        for (change, edited) in changes(graph, (cells, &tree), before) {
            left = left.checked_sub(1)?;
            let Some(other) = graph.rewritten(cells, &edited) else { continue };
            let found = as_they_are(&other, Depth::Known);
            if is_right(&found, before) {
                let mut found = as_they_are(&other, Depth::Rules);
                let finding = told(graph, &found.trainings[0], (cells, &change, &edited));
                found.trainings[0].findings.push(finding);
                return Some(found);
            }
        }
    }
    None
}

/// Whether several formulas of a plain descent are said to be others than they should be.
fn has_several(training: &Training) -> bool {
    let mut mistakes = training.findings.iter().filter(|one| one.kind.is_mistake());
    let is_formula = |kind| {
        matches!(
            kind,
            Kind::WrongDerivative
                | Kind::WrongWeight
                | Kind::InconsistentFormula
                | Kind::WrongForward
        )
    };
    training.rule_name() == "sgd"
        && mistakes.clone().count() > 1
        && mistakes.all(|one| is_formula(one.kind))
}

/// Whether there is one training, with as many weights, in which everything holds, by a known rule.
fn is_right(found: &Trainings, before: &Training) -> bool {
    let [only] = &found.trainings[..] else { return false };
    let is_verified = |one: &super::result::Weight| one.verdict == Verdict::Verified;
    only.loss.cell().is_some()
        && (only.rule == Rule::Descent || only.optimizer.is_some())
        && before.weights.len() == only.weights.len()
        && only.weights.iter().all(is_verified)
        && only.holds()
}

/// The cells that formulas are filled over which refer to what was before.
fn units<'g>(graph: &'g Graph, training: &'g Training) -> impl Iterator<Item = &'g [CellId]> {
    let refers_back = |first: CellId| {
        graph.inputs(first).iter().any(|input| {
            let by = Place::of(graph, *input) - Place::of(graph, first);
            (by.sheet, by.row, by.column) < (0, 0, 0) && !graph.is_leaf(*input)
                || graph.inputs(*input).is_empty() && by.column == 0
        })
    };
    let is_own = |first: CellId| training.sheets.contains(&graph.sheet(first));
    let filled = graph.families().map(|family| graph.members(family));
    filled.filter(move |cells| cells.len() > 2 && is_own(cells[0]) && refers_back(cells[0]))
}

/// Small changes of a formula: a reference, or all of them, to what stands beside, or to a gradient.
fn changes(
    graph: &Graph,
    (members, tree): (&[CellId], &Tree),
    training: &Training,
) -> Vec<(Change, Tree)> {
    let mut found = Vec::new();
    // Across the iterations.
    let is_row =
        members.windows(2).any(|pair| graph.position(pair[0]).0 < graph.position(pair[1]).0);
    let across = if is_row { Place::RIGHT } else { Place::DOWN };
    let ways = [across * -1, across];
    let moved = |leaf: &Leaf, way: Place| -> Option<Leaf> {
        let free = Leaf { slot: None, fixed: [false; 4], ..*leaf };
        let target = shifted(graph, &free, way)?;
        Some(Leaf { target, slot: None, ..*leaf })
    };
    let is_relative = |leaf: &Leaf| leaf.fixed != [true; 4];
    let gradients = || training.weights.iter().filter_map(|one| one.gradient);
    let leaves: Vec<Leaf> = tree.leaves().into_iter().copied().collect();
    for (nth, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| is_relative(leaf)) {
        let news = ways.iter().filter_map(|way| moved(leaf, *way));
        let gradients =
            gradients().map(|id| Leaf { slot: None, target: Target::Cell(id), ..*leaf });
        for new in news.chain(gradients).filter(|new| new.target != leaf.target) {
            let other = tree.map(&mut |at, leaf| if at == nth { new } else { *leaf });
            let change = match (leaf.id(), new.id()) {
                (Some(old), Some(new)) => Change::Exchange { old, new, everywhere: true },
                (None, Some(new)) => Change::Blank(new),
                _ => continue,
            };
            found.push((change, other));
        }
    }
    for way in ways {
        let all = tree.map(&mut |_, leaf| match is_relative(leaf) {
            true => moved(leaf, way).unwrap_or(*leaf),
            false => *leaf,
        });
        found.push((Change::Pattern, all));
    }
    found
}

/// What is told of the cells whose formula hid the training.
fn told(
    graph: &Graph,
    training: &Training,
    (cells, change, edited): (&[CellId], &Change, &Tree),
) -> Finding {
    let rule = training.optimizer.as_ref().map_or("gradient descent", |one| &one.title);
    let address = |id: CellId| names::address(graph, id);
    let called = |id: CellId| match names::of_cell(graph, id) {
        Some(name) => format!("{} ({name})", address(id)),
        None => address(id),
    };
    let what = match change {
        Change::Exchange { old, new, .. } => {
            format!("it takes {}, where {} belongs", called(*old), called(*new))
        }
        Change::Blank(new) => format!("it takes a blank cell, where {} belongs", called(*new)),
        _ => "all that it takes stands beside what it should take".to_owned(),
    };
    let message = format!(
        "{} hides what this training is: {what}. With that the steps are those of {rule}, and every \
         derivative holds.",
        address(edited.home),
    );
    let mut finding = Finding::new(Kind::WrongWeight, cells.to_vec(), message);
    finding.propose(graph, edited, &address(edited.home));
    finding.consequences = graph.dependents(cells).len();
    finding
}
