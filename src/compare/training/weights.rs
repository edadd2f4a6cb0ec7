//! Weights: chains of updates, each stepping from what the one before gave.
//!
//! A chain breaks where someone typed a value over a formula, or refers to the wrong cell. The place
//! where the next update should stand says which pieces belong together.

use std::collections::{HashMap, HashSet};

use super::chains::{Links, join};
use super::counterpart::shape_of;
use super::terms::{Part, cells_in, factors, only_cell};
use super::updates::{Update, Updates};
use crate::graph::{CellId, Graph, Node};

/// A number that a training changes step by step.
#[derive(Debug, Clone)]
pub struct Weight {
    /// The cells with its values: the start, and what each update gave.
    pub values: Vec<CellId>,
    /// The cells that each iteration's update refers to for the value; one less than there are values
    /// where nothing refers to the last.
    pub shown: Vec<CellId>,
    /// The cells that hold the value in each iteration: typed ones go before the results that they
    /// were typed from.
    pub variables: Vec<CellId>,
    /// The update from each value to the next; none where the next is typed.
    pub updates: Vec<Option<Update>>,
    /// Where the chain does not hold by itself, by the update that it concerns.
    pub breaks: Vec<(usize, Break)>,
}

/// Why a value does not follow from the one before by an update of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The value after the update is typed into this cell.
    Typed(CellId),
    /// The update steps from another weight's value.
    OtherWeight,
    /// The cell that hands the value on refers to another than the last.
    HandOver(CellId),
}

/// Finds all chains of updates.
pub fn find(graph: &Graph, updates: &Updates) -> Vec<Weight> {
    let mut accepted = accepted(graph, updates);
    drop_residuals(graph, updates, &mut accepted);
    let links = Links::new(graph, updates, &accepted);
    let mut chains = links.chains();
    join(graph, &links, &mut chains);
    chains.retain(|chain| chain.start.is_some());
    chains.into_iter().map(|chain| chain.weight(updates)).collect()
}

/// The updates, with those whose steps do not depend on what they start from but are made like
/// others that do: filled from the same formula, or with the same learning rate, though nothing may be left
/// of the derivative in them.
fn accepted(graph: &Graph, updates: &Updates) -> HashMap<CellId, Update> {
    let mut accepted = updates.by_cell.clone();
    let families: HashSet<_> = accepted.keys().filter_map(|id| graph.family(*id)).collect();
    let shapes: HashSet<String> = accepted.values().map(|update| shape(graph, update)).collect();
    let depends = dependents(graph, updates);
    let rates = common_factors(graph, updates, &depends);
    // Whether what a step starts from is a value that others are computed with.
    let is_needed = |update: &Update| {
        let mut users = graph.users(update.previous).iter();
        users.any(|user| *user != update.cell && depends[user.index()])
    };
    let all: HashSet<CellId> =
        updates.by_cell.values().flat_map(|one| factor_cells(graph, one, &depends)).collect();
    for (id, candidates) in &updates.others {
        let is_like = graph.family(*id).is_some_and(|family| families.contains(&family));
        let is_step = |update: &&Update| {
            let cells = cells_in(graph, &update.step);
            let moves = cells.iter().any(|cell| depends[cell.index()]);
            let mut factors = factor_cells(graph, update, &depends).into_iter();
            is_like
                || match moves {
                    true => {
                        shapes.contains(&shape(graph, update))
                            && factors.any(|one| rates.contains(&one))
                    }
                    // Nothing may be left in it but the rate.
                    false => {
                        update.sign < 0.0
                            && is_needed(update)
                            && factors.any(|one| all.contains(&one))
                    }
                }
        };
        // Of several the first, as people write it.
        if let Some(update) = candidates.iter().find(is_step) {
            accepted.insert(*id, update.clone());
        }
    }
    accepted
}

/// How a step is written, in its own formula and in that of the cell that it is: without the cells.
fn shape(graph: &Graph, update: &Update) -> String {
    let mut text = String::new();
    write_shape(&update.step, &mut text);
    if let Some(tree) = only_cell(&update.step).and_then(|id| graph.tree(id)) {
        write_shape(&tree.root, &mut text);
    }
    text
}

fn write_shape(part: &Part, text: &mut String) {
    text.push('(');
    match part {
        Node::Binary(operator, ..) => text.push(operator.sign()),
        Node::Call(function, _) => text.push_str(function.name),
        Node::Leaf(_) => text.push('c'),
        _ => {}
    }
    part.parts().into_iter().for_each(|part| write_shape(part, text));
    text.push(')');
}

/// Forgets what looks like a first step, leads to no second and is needed for the steps of others:
/// a residual such as `x-f(x)` is no next value of x.
fn drop_residuals(graph: &Graph, updates: &Updates, accepted: &mut HashMap<CellId, Update>) {
    let parent = |update: &Update| updates.origin(update.previous);
    let parents: HashSet<CellId> = accepted.values().map(parent).collect();
    let (steps, lone): (Vec<&Update>, Vec<&Update>) = accepted
        .values()
        .partition(|one| parents.contains(&one.cell) || accepted.contains_key(&parent(one)));
    let shapes: HashSet<_> = steps.iter().map(|one| shape_of(graph, one.cell)).collect();
    let needed = behind(graph, steps.iter().map(|one| one.cell).collect());
    let is_residual =
        |one: &&Update| needed.contains(&one.cell) && !shapes.contains(&shape_of(graph, one.cell));
    let residuals: Vec<CellId> = lone.into_iter().filter(is_residual).map(|one| one.cell).collect();
    residuals.iter().for_each(|cell| drop(accepted.remove(cell)));
}

/// All cells that some are computed from, these included.
pub(super) fn behind(graph: &Graph, cells: Vec<CellId>) -> HashSet<CellId> {
    let mut open = cells;
    let mut seen: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(graph.inputs(id).iter().filter(|input| seen.insert(**input)));
    }
    seen
}

/// Which cells depend on an update, or on what one starts from.
fn dependents(graph: &Graph, updates: &Updates) -> Vec<bool> {
    let mut depends = vec![false; graph.len()];
    for (id, update) in &updates.by_cell {
        depends[id.index()] = true;
        updates.way(update.previous).iter().for_each(|one| depends[one.index()] = true);
    }
    for id in graph.order() {
        if !depends[id.index()] {
            depends[id.index()] = graph.inputs(*id).iter().any(|input| depends[input.index()]);
        }
    }
    depends
}

/// The cells that the step of most updates is a multiple of, and that depend on no weight.
fn common_factors(graph: &Graph, updates: &Updates, depends: &[bool]) -> HashSet<CellId> {
    let mut counts: HashMap<CellId, usize> = HashMap::new();
    for update in updates.by_cell.values() {
        for factor in factor_cells(graph, update, depends) {
            *counts.entry(factor).or_default() += 1;
        }
    }
    // With a rate on each sheet, none is in most of them, but each in more than one.
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(factor, _)| factor).collect()
}

/// The cells without weights that a step is a multiple of, in its formula or in that of the cell
/// that it refers to.
fn factor_cells(graph: &Graph, update: &Update, depends: &[bool]) -> Vec<CellId> {
    let mut found = Vec::new();
    let mut part = update.step.clone();
    for _ in 0..3 {
        let mut next = None;
        for (factor, _) in factors(&part).parts {
            match only_cell(factor) {
                Some(id) if !depends[id.index()] => found.push(id),
                Some(id) => next = next.xor(Some(id)),
                None => {}
            }
        }
        match next.and_then(|id| graph.tree(id)) {
            Some(inner) if found.is_empty() => part = inner.root,
            _ => break,
        }
    }
    found
}
