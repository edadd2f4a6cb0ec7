//! What may stand in the place of parts of a formula: the cells near it, the terms of others.

use std::collections::{HashMap, HashSet};

use super::edits::{Surroundings, terms_of};
use super::repair::Bench;
use super::terms::{Part, only_cell};
use crate::formula::{Comparison, Operator};
use crate::graph::functions::SheetFunction;
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Node, Target};

/// So many cells may stand in the place of others.
const MOST_CELLS: usize = 120;

/// So many ranges, and slopes.
const MOST_BLOCKS: usize = 24;

/// What may stand in the place of parts of the formula that some cells have.
pub(super) fn surroundings(bench: &Bench, unit: &[CellId]) -> Surroundings {
    let cell = unit[0];
    let (graph, tags) = (bench.graph(), &bench.case.ground.tags);
    let place = Place::of(graph, cell);
    let mut sizes: HashMap<_, usize> = HashMap::new();
    for id in bench.cells() {
        *sizes.entry(graph.family(*id)).or_default() += 1;
    }
    let is_beside = |id: CellId| {
        let other = Place::of(graph, id);
        other.sheet != place.sheet || other.row == place.row || other.column == place.column
    };
    let mut cells: Vec<CellId> = Vec::new();
    for weight in 0..bench.case.group().len() {
        let shown = bench.case.group()[weight].shown.get(bench.iteration).copied();
        cells.extend(shown.or_else(|| bench.case.variable(weight, bench.iteration)));
    }
    let is_small = bench.cells().len() <= MOST_CELLS;
    let weights: HashSet<CellId> = cells.iter().copied().collect();
    for id in bench.cells() {
        let is_single = is_small || sizes.get(&graph.family(*id)).is_some_and(|size| *size == 1);
        if *id != cell && (is_single || is_beside(*id)) {
            cells.push(*id);
        }
        if is_single || Place::of(graph, *id).row == place.row {
            let fixed = graph.inputs(*id).iter().filter(|one| tags.is_fixed(**one));
            let few: Vec<CellId> = fixed.copied().collect();
            cells.extend(few.into_iter().filter(|id| graph.value(*id).number().is_some()));
        }
    }
    cells.sort_unstable();
    cells.dedup();
    // No formula may refer to what it is needed for.
    let behind: HashSet<CellId> = bench.behind(&[cell]).into_iter().collect();
    cells.retain(|id| !behind.contains(id));
    cells.sort_by_key(|id| (Place::of(graph, *id) - place).length());
    cells.truncate(MOST_CELLS);
    let mut terms = Vec::new();
    for id in bench.cells().iter().filter(|id| !bench.ahead.contains(id) && **id != cell) {
        let is_single = is_small || sizes.get(&graph.family(*id)).is_some_and(|size| *size == 1);
        if is_single && !behind.contains(id) && terms.len() < 200 {
            terms.push(Node::Leaf(Leaf::cell(*id)));
            terms.extend(graph.tree(*id).iter().flat_map(terms_of));
        }
    }
    let mut counts: Vec<f64> = sizes.values().map(|size| *size as f64).collect();
    if let Some(tree) = graph.tree(cell) {
        for leaf in tree.leaves() {
            if let Target::Block(block) = leaf.target {
                counts.push(graph.within(block).count() as f64);
            }
        }
    }
    counts.retain(|count| *count > 1.0);
    counts.sort_by(f64::total_cmp);
    counts.dedup();
    let absolute = bench.case.absolute.clone();
    let still = cells.iter().copied().filter(|id| {
        let is_alone =
            graph.family(*id).is_some_and(|of| sizes.get(&Some(of)) != Some(&unit.len()));
        weights.contains(id) || is_alone && bench.cells().contains(id)
    });
    let still = still.collect();
    let axes = unit.last().map_or([false; 2], |last| {
        let last = Place::of(graph, *last);
        [last.row != place.row, last.column != place.column]
    });
    let blocks = blocks(bench, &behind);
    let slopes = slopes(bench);
    Surroundings { cells, absolute, weights, still, axes, terms, blocks, slopes, counts }
}

/// The ranges that formulas of the iteration take, but for those that depend on some cells.
fn blocks(bench: &Bench, behind: &HashSet<CellId>) -> Vec<Leaf> {
    let graph = bench.graph();
    let mut found: Vec<Leaf> = Vec::new();
    for tree in bench.cells().iter().filter_map(|id| graph.tree(*id)) {
        for leaf in tree.leaves() {
            let Target::Block(block) = leaf.target else { continue };
            let is_free = !graph.within(block).any(|id| behind.contains(&id));
            if is_free
                && found.len() < MOST_BLOCKS
                && !found.iter().any(|one| one.target == leaf.target)
            {
                found.push(*leaf);
            }
        }
    }
    found
}

/// The slopes of what formulas of the iteration are: of tanh, and of what is 0 below 0.
fn slopes(bench: &Bench) -> Vec<Part> {
    let graph = bench.graph();
    let number = |number: f64| Node::Number(number);
    let mut found: Vec<Part> = Vec::new();
    for (id, tree) in bench.cells().iter().filter_map(|id| Some((*id, graph.tree(*id)?))) {
        let Node::Call(function, arguments) = &tree.root else { continue };
        let slope = match function.name {
            "TANH" => {
                let square = Node::Leaf(Leaf::cell(id)).binary(Operator::Power, number(2.0));
                number(1.0).binary(Operator::Subtract, square)
            }
            "MAX" => {
                let Some(cell) = arguments.iter().find_map(only_cell) else { continue };
                let is_above = Node::Compare(
                    Comparison::Greater,
                    Box::new(Node::Leaf(Leaf::cell(cell))),
                    Box::new(number(0.0)),
                );
                let Some(when) = SheetFunction::find("IF") else { continue };
                Node::Call(when, vec![is_above, number(1.0), number(0.0)])
            }
            _ => continue,
        };
        if found.len() < MOST_BLOCKS {
            found.push(slope);
        }
    }
    found
}
