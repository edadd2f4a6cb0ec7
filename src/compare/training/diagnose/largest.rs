//! The largest value so far, taken of too few: `MAX(J11:J11)` where `MAX(J$10:J11)` was filled down
//! without its `$`.
//!
//! AMSGrad divides by the largest second moment so far. A range that should grow with the iterations
//! and moves along with them instead has the same length in each, and nothing tells by the numbers
//! where the moments grow anyway.

use super::words::named;
use crate::compare::training::case::Case;
use crate::compare::training::iterations::Tag;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::place::Place;
use crate::graph::{Block, CellId, Graph, Leaf, Node, Target, Tree};

/// Ranges under a MAX that do not grow, one finding for each column of such formulas.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    case.cells(0).iter().filter_map(|cell| finding(case, *cell)).collect()
}

fn finding(case: &Case, start: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    let first = range(graph, start)?.first();
    let same = (0..case.iterations()).map_while(|at| {
        let cell = case.beside_by_place(start, 0, at)?;
        Some((cell, range(graph, cell)?))
    });
    let same: Vec<(CellId, Block)> = same.collect();
    let from = same.iter().position(|(_, range)| range.first() != first)?;
    let (cell, own) = same[from];
    let along = Place::of(graph, cell) - Place::of(graph, start);
    let (down, right) = (along.row != 0, along.column != 0);
    let (rows, columns) = own.shape();
    let is_along = (down || rows == 1) && (right || columns == 1) && down != right;
    let remembers = same[from..].iter().all(|(_, range)| is_state(case, *range));
    if !is_along || !remembers || !is_used(case, cell, from) {
        return None;
    }
    let all = Block::between(own.sheet, first, own.last());
    let tree = graph.tree(cell)?.map(&mut |_, leaf| {
        let fixed = [down, right, leaf.fixed[2], leaf.fixed[3]];
        Leaf { target: Target::Block(all), slot: None, fixed }
    });
    let message = format!(
        "{} should be the largest so far, but its range walks along with it: a $ is missing before the \
         start of the range, so that it moved when the formula was filled.",
        named(case, cell),
    );
    Some(told(case, same[from..].iter().map(|(cell, _)| *cell).collect(), &tree, message))
}

fn told(case: &Case, cells: Vec<CellId>, tree: &Tree, message: String) -> Finding {
    let mut finding = Finding::new(Kind::DriftingReference, cells, message);
    case.propose_for_all(&mut finding, tree);
    finding.consequences = case.consequences(&finding.cells);
    finding
}

/// The range of a formula that takes the largest of one range.
fn range(graph: &Graph, cell: CellId) -> Option<Block> {
    let tree = graph.tree(cell)?;
    let Node::Call(function, arguments) = &tree.root else { return None };
    let [Node::Leaf(leaf)] = &arguments[..] else { return None };
    let block = match leaf.target {
        Target::Block(block) => block,
        // A range of one cell.
        Target::Cell(id) => {
            let at = graph.position(id);
            Block::between(graph.sheet(id), at, at)
        }
        Target::Nowhere(_) | Target::Unknown => return None,
    };
    (function.name == "MAX").then_some(block)
}

/// Whether a range holds what is remembered from iteration to iteration.
fn is_state(case: &Case, block: Block) -> bool {
    let remembers = |id: CellId| {
        matches!(case.ground.tags.get(id), Tag::Of { training, first, last }
            if training == case.training && (first < last || last == 0))
    };
    case.ground.graph.within(block).all(remembers)
}

/// Whether an update is computed from a cell.
fn is_used(case: &Case, cell: CellId, iteration: usize) -> bool {
    let graph = case.ground.graph;
    let updates = case.group().iter().filter_map(|one| one.updates.get(iteration)?.as_ref());
    let mut open: Vec<CellId> = updates.map(|update| update.cell).collect();
    while let Some(id) = open.pop() {
        if id == cell {
            return true;
        }
        let is_here = |id: &CellId| case.cells(iteration).contains(id);
        open.extend(graph.inputs(id).iter().filter(|id| is_here(id)));
    }
    false
}
