//! What may stand in the place of parts of a formula: the cells near it, the terms of others.

use std::collections::{HashMap, HashSet};

use super::chain_rule::derivative;
use super::counterpart::shape_of;
use super::edits::{Surroundings, parts::parts, terms_of};
use super::repair::Bench;
use super::terms::{self, Part, Sign, only_cell};
use crate::formula::{Comparison, Operator};
use crate::graph::functions::SheetFunction;
use crate::graph::place::Place;
use crate::graph::{CellId, FamilyId, Graph, Leaf, Node, Target, Tree};

/// So many cells may stand in the place of others.
const MOST_CELLS: usize = 120;

/// So many numbers are tried for one.
const MOST_NUMBERS: usize = 12;

/// Of an iteration with so many cells a derivative is written by the chain rule for its terms.
const MOST_WRITTEN: usize = 500;

/// So many ranges, slopes and terms.
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
    let still = still(bench, unit, (&cells, &weights), &sizes);
    let axes = unit.last().map_or([false; 2], |last| {
        let last = Place::of(graph, *last);
        [last.row != place.row, last.column != place.column]
    });
    let trees: Vec<(CellId, Tree)> =
        bench.cells().iter().filter_map(|id| Some((*id, graph.tree(*id)?))).collect();
    let blocks = blocks(graph, &trees, &behind);
    let (slopes, numbers) = (slopes(&trees), numbers(bench, &trees));
    let paths = paths(bench, cell);
    Surroundings {
        cells,
        absolute,
        weights,
        still,
        axes,
        terms,
        paths,
        blocks,
        slopes,
        counts,
        numbers,
    }
}

/// The terms of the derivative that a cell should hold, by the chain rule; none where it holds a weight's
/// gradient no more than another cell does.
fn paths(bench: &Bench, home: CellId) -> Vec<Part> {
    let (case, iteration) = (bench.case, bench.iteration);
    if bench.cells().len() > MOST_WRITTEN {
        return Vec::new();
    }
    let weight = (0..case.group().len()).find(|weight| case.is_role(*weight, iteration, home));
    let by = weight.and_then(|weight| case.variable(weight, iteration));
    let Some(tree) = by.and_then(|by| derivative(case, iteration, by, home)) else {
        return Vec::new();
    };
    let signed = |(sign, term): (Sign, &Part)| match sign < 0.0 {
        true => Node::Negate(Box::new(term.clone())),
        false => term.clone(),
    };
    terms::terms(&tree.root).into_iter().map(signed).take(MOST_BLOCKS).collect()
}

/// Those of some cells that all samples share, where the cells of a unit are one of each.
fn still(
    bench: &Bench,
    unit: &[CellId],
    (cells, weights): (&[CellId], &HashSet<CellId>),
    sizes: &HashMap<Option<FamilyId>, usize>,
) -> HashSet<CellId> {
    let graph = bench.graph();
    let is_beside_another = |id: CellId| match unit {
        [first, second, ..] => {
            let step = Place::of(graph, *second) - Place::of(graph, *first);
            (Place::of(graph, id) + step).cell(graph).is_some_and(|next| {
                // Where samples are written out, formulas that say the same are of several families.
                match graph.family(*first) == graph.family(*second) {
                    true => graph.family(next) == graph.family(id),
                    false => shape_of(graph, next) == shape_of(graph, id),
                }
            })
        }
        _ => false,
    };
    let is_alone = |id: CellId| {
        let size = graph.family(id).and_then(|of| sizes.get(&Some(of)));
        size.is_some_and(|size| *size != unit.len()) && bench.cells().contains(&id)
    };
    let is_written_out = unit.windows(2).any(|pair| graph.family(pair[0]) != graph.family(pair[1]));
    let is_shared = |id: CellId| (is_alone(id) || is_written_out) && !is_beside_another(id);
    cells.iter().copied().filter(|id| weights.contains(id) || is_shared(*id)).collect()
}

/// The numbers that are typed into formulas of the iteration, and into its gradients where these are parts of
/// updates.
fn numbers(bench: &Bench, trees: &[(CellId, Tree)]) -> Vec<f64> {
    let roles = bench.case.roles.iter().filter_map(|of| of.get(bench.iteration)?.as_ref());
    let inline = roles.filter_map(|role| Some(&role.part.as_ref()?.0));
    let mut found: Vec<f64> = Vec::new();
    for tree in trees.iter().map(|(_, tree)| tree).chain(inline) {
        for (_, part) in parts(&tree.root) {
            match part {
                Node::Number(number) if found.len() < MOST_NUMBERS && !found.contains(number) => {
                    found.push(*number);
                }
                _ => {}
            }
        }
    }
    found
}

/// The ranges that formulas of the iteration take, but for those that depend on some cells.
fn blocks(graph: &Graph, trees: &[(CellId, Tree)], behind: &HashSet<CellId>) -> Vec<Leaf> {
    let mut found: Vec<Leaf> = Vec::new();
    for (_, tree) in trees {
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

/// The slopes of what formulas of the iteration are, of tanh and of what is 0 below 0, and of what is in them
/// without its sign.
fn slopes(trees: &[(CellId, Tree)]) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    for (id, tree) in trees {
        let own = match &tree.root {
            Node::Call(function, arguments) => slope(*id, function.name, arguments),
            _ => None,
        };
        let signs = parts(&tree.root).into_iter().filter_map(|(_, part)| match part {
            Node::Call(function, inner) if function.name == "ABS" => {
                let unread = |one: &Part| one.map_leaves(&mut |leaf| Leaf { slot: None, ..*leaf });
                Some(Node::Call(SheetFunction::find("SIGN")?, inner.iter().map(unread).collect()))
            }
            _ => None,
        });
        for slope in own.into_iter().chain(signs) {
            if found.len() < MOST_BLOCKS && !found.contains(&slope) {
                found.push(slope);
            }
        }
    }
    found
}

/// The slope of a cell that is a function of others.
fn slope(id: CellId, function: &str, arguments: &[Part]) -> Option<Part> {
    let number = |number: f64| Node::Number(number);
    match function {
        "TANH" => {
            let square = Node::Leaf(Leaf::cell(id)).binary(Operator::Power, number(2.0));
            Some(number(1.0).binary(Operator::Subtract, square))
        }
        "MAX" => {
            let cell = arguments.iter().find_map(only_cell)?;
            let is_above = Node::Compare(
                Comparison::Greater,
                Box::new(Node::Leaf(Leaf::cell(cell))),
                Box::new(number(0.0)),
            );
            Some(Node::Call(SheetFunction::find("IF")?, vec![is_above, number(1.0), number(0.0)]))
        }
        _ => None,
    }
}
