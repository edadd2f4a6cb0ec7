//! How iterations follow on each other: along rows, columns, blocks or sheets.

use std::collections::HashMap;

use super::Ground;
use super::result::Layout;
use crate::graph::CellId;
use crate::graph::place::{Place, most_common};

/// So many iterations are compared to see how far they stand from each other.
const MOST_COMPARED: usize = 6;

/// The layout of a training.
pub fn layout(ground: &Ground, training: usize) -> Layout {
    let shift = cell_shift(ground, training).or_else(|| weight_shift(ground, training));
    match shift {
        Some(Place { sheet, .. }) if sheet != 0 => Layout::Sheets,
        Some(Place { row: 1 | -1, column: 0, .. }) => Layout::Rows,
        Some(Place { row: 0, column: 1 | -1, .. }) => Layout::Columns,
        Some(_) => Layout::Blocks,
        None => Layout::Rows,
    }
}

/// How far the cells of an iteration stand from those of the one before.
fn cell_shift(ground: &Ground, training: usize) -> Option<Place> {
    let (graph, tags) = (ground.graph, &ground.tags);
    let iterations = tags.iterations(training);
    let families = |iteration: usize| {
        let mut families: HashMap<_, Vec<CellId>> = HashMap::new();
        for id in tags.cells(training, iteration) {
            families.entry(super::counterpart::shape_of(graph, *id)).or_default().push(*id);
        }
        families
    };
    let mut pairs = Vec::new();
    for iteration in 1..iterations.min(MOST_COMPARED) {
        let (before, here) = (families(iteration - 1), families(iteration));
        for (shape, mut cells) in here {
            // As many cells of a shape in both: the same ones.
            let Some(mut others) =
                before.get(&shape).filter(|all| all.len() == cells.len()).cloned()
            else {
                continue;
            };
            cells.sort_unstable();
            others.sort_unstable();
            let steps = others.iter().zip(&cells);
            pairs.extend(steps.map(|(a, b)| Place::of(graph, *b) - Place::of(graph, *a)));
        }
    }
    most_common(pairs.into_iter())
}

fn weight_shift(ground: &Ground, training: usize) -> Option<Place> {
    let graph = ground.graph;
    let of = |weight: &super::weights::Weight| {
        let shown: Vec<CellId> = weight.shown.clone();
        let pairs =
            shown.windows(2).map(|pair| Place::of(graph, pair[1]) - Place::of(graph, pair[0]));
        pairs.collect::<Vec<_>>()
    };
    most_common(ground.groups[training].iter().flat_map(of))
}

/// How far the same cell of the next iteration may stand: as blocks do, or as weights do.
pub(super) fn shifts(ground: &Ground, training: usize) -> Vec<Place> {
    let cells = cell_shift(ground, training);
    let mut shifts: Vec<Place> = cells.into_iter().chain(weight_shift(ground, training)).collect();
    shifts.dedup();
    shifts
}

/// The sheets that a training's cells stand on.
pub fn sheets(ground: &Ground, training: usize) -> Vec<usize> {
    let (graph, tags) = (ground.graph, &ground.tags);
    let cells = (0..tags.iterations(training)).flat_map(|one| tags.cells(training, one));
    let weights = ground.groups[training].iter().flat_map(|weight| &weight.values);
    let mut sheets: Vec<usize> = weights.map(|id| graph.sheet(*id)).collect();
    // A chart's sheet only looks at the losses: it holds none of what the updates need.
    let needed = needed(ground, training);
    sheets.extend(cells.filter(|id| needed.contains(id)).map(|id| graph.sheet(*id)));
    sheets.sort_unstable();
    sheets.dedup();
    sheets
}

/// The cells that updates are computed from.
fn needed(ground: &Ground, training: usize) -> std::collections::HashSet<CellId> {
    let (graph, tags) = (ground.graph, &ground.tags);
    let updates = ground.groups[training].iter().flat_map(|weight| weight.updates.iter().flatten());
    let mut open: Vec<CellId> = updates.map(|update| update.cell).collect();
    let mut seen: std::collections::HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        let inputs = graph.inputs(id).iter().filter(|input| !tags.is_fixed(**input));
        open.extend(inputs.filter(|input| seen.insert(**input)));
    }
    seen
}
