//! Targets that are shares of one, as those of a softmax are.
//!
//! The derivative of a cross-entropy is what is predicted less what was measured only where the
//! measured parts have the sum of the predicted ones: 1. Invented targets must keep that.

use std::collections::HashMap;

use super::iterations::Tags;
use super::terms::{Part, cells_in, only_cell};
use crate::formula::Operator;
use crate::graph::{CellId, Graph, Node};

/// Targets that are 1 together.
pub(super) struct Shares {
    pub cells: Vec<CellId>,
    /// Whether they pick one of the parts, all others being 0: `LN(SUMPRODUCT(targets,parts))`.
    pub pick: bool,
}

/// The fixed cells that are subtracted from the parts of a whole (or these from them), or that their
/// logarithms are multiplied by, whole by whole; and those that pick of what a logarithm is taken.
pub(super) fn targets(graph: &Graph, tags: &Tags) -> Vec<Shares> {
    let wholes = wholes(graph, tags);
    let mut target_of: HashMap<CellId, Vec<CellId>> = HashMap::new();
    let mut picks: Vec<Vec<CellId>> = Vec::new();
    for tree in
        graph.order().iter().filter(|id| !tags.is_fixed(**id)).filter_map(|id| graph.tree(*id))
    {
        let take = &mut |one, other| {
            let (part, target) = if tags.is_fixed(one) { (other, one) } else { (one, other) };
            if tags.is_fixed(target) && !tags.is_fixed(part) {
                target_of.entry(part).or_default().push(target);
            }
        };
        pairs(graph, &tree.root, take);
        logarithms(graph, &tree.root, take);
        within_logarithms(graph, &tree.root, &mut picks);
    }
    let is_bit = |id: &CellId| matches!(graph.value(*id).number(), Some(0.0 | 1.0));
    for cells in &mut picks {
        cells.retain(|id| tags.is_fixed(*id) && is_bit(id));
        cells.sort_unstable();
        cells.dedup();
    }
    picks.sort_unstable();
    picks.dedup();
    let of = |parts: &Vec<CellId>| -> Vec<CellId> {
        let mut found: Vec<CellId> =
            parts.iter().flat_map(|part| target_of.get(part)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let shares = wholes.iter().map(|parts| (parts.len(), of(parts)));
    let shares = shares.filter(|(count, cells)| cells.len() == *count).map(|(_, cells)| cells);
    let shares: Vec<Vec<CellId>> = shares.filter(|cells| !picks.contains(cells)).collect();
    let all = |of: Vec<Vec<CellId>>, pick| of.into_iter().map(move |cells| Shares { cells, pick });
    all(shares, false).chain(all(picks, true)).filter(|one| is_whole(graph, &one.cells)).collect()
}

/// Cells that are divided by the same.
fn wholes(graph: &Graph, tags: &Tags) -> Vec<Vec<CellId>> {
    let mut wholes: HashMap<(String, Vec<CellId>), Vec<CellId>> = HashMap::new();
    for id in graph.order().iter().filter(|id| !tags.is_fixed(**id)) {
        let Some(tree) = graph.tree(*id) else { continue };
        if let Node::Binary(Operator::Divide, _, below) = &tree.root {
            let cells = cells_in(graph, below);
            let is_moving = cells.iter().any(|cell| !tags.is_fixed(*cell));
            if is_moving {
                let shape = super::counterpart::shape_of_part(below);
                wholes.entry((shape, cells)).or_default().push(*id);
            }
        }
    }
    let mut found: Vec<_> = wholes.into_values().filter(|parts| parts.len() > 1).collect();
    found.sort_unstable();
    found
}

fn is_whole(graph: &Graph, parts: &[CellId]) -> bool {
    let sum: Option<f64> = parts.iter().map(|id| graph.value(*id).number()).sum();
    parts.len() > 1 && sum.is_some_and(|sum| (sum - 1.0).abs() < 1e-9)
}

/// The cells that are subtracted from each other, one by one or range by range.
fn pairs(graph: &Graph, part: &Part, take: &mut impl FnMut(CellId, CellId)) {
    if let Node::Binary(Operator::Subtract, left, right) = part
        && let (Node::Leaf(_), Node::Leaf(_)) = (left.as_ref(), right.as_ref())
    {
        let (left, right) = (cells_in(graph, left), cells_in(graph, right));
        if left.len() == right.len() {
            left.into_iter().zip(right).for_each(|(one, other)| take(one, other));
        }
    }
    part.parts().into_iter().for_each(|part| pairs(graph, part, take));
}

/// The cells that are multiplied by the logarithms of others, one by one or range by range: what a
/// cross-entropy says of targets, where a difference has the wrong one.
fn logarithms(graph: &Graph, part: &Part, take: &mut impl FnMut(CellId, CellId)) {
    let factors: Vec<&Part> = match part {
        Node::Binary(Operator::Multiply, left, right) => vec![left.as_ref(), right.as_ref()],
        Node::Call(function, arguments) if function.name == "SUMPRODUCT" => {
            arguments.iter().collect()
        }
        _ => Vec::new(),
    };
    if let [one, other] = factors[..] {
        for (target, logarithm) in [(one, other), (other, one)] {
            let (Node::Leaf(_), Node::Call(function, inner)) = (target, logarithm) else {
                continue;
            };
            if let ("LN", [Node::Leaf(_)]) = (function.name, &inner[..]) {
                let (targets, parts) = (cells_in(graph, target), cells_in(graph, &inner[0]));
                targets.into_iter().zip(parts).for_each(|(target, part)| take(target, part));
            }
        }
    }
    part.parts().into_iter().for_each(|part| logarithms(graph, part, take));
}

/// For each logarithm the cells that it is taken of, directly or by a cell of its own.
fn within_logarithms(graph: &Graph, part: &Part, found: &mut Vec<Vec<CellId>>) {
    if let Node::Call(function, inner) = part
        && function.name == "LN"
    {
        let tree = inner.first().and_then(only_cell).and_then(|id| graph.tree(id));
        let of = tree.iter().map(|tree| &tree.root).chain(inner);
        found.push(of.flat_map(|one| cells_in(graph, one)).collect());
    }
    part.parts().into_iter().for_each(|part| within_logarithms(graph, part, found));
}
