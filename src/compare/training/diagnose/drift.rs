//! References to shared cells that walk away from iteration to iteration, since a `$` is missing.
//!
//! What stands before the iterations (data, targets, constants) is the same for all of them. A
//! reference to it that moves along with the formula leaves it sooner or later for a blank cell, a
//! text or a cell of the training; samples that each iteration takes from its own place never do.

use std::collections::HashMap;

use super::words::named;
use crate::compare::training::case::Case;
use crate::compare::training::iterations::Tag;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Scalar, Target, Tree};

/// A reference that walks: from an iteration on, in the cells that are the same in each.
struct Walk {
    /// The iteration from which on it walks.
    from: usize,
    cells: Vec<CellId>,
    /// The formula of the first of them as it should be.
    mended: Tree,
    /// What the reference means before it walks, and there.
    right: Target,
    taken: Target,
}

/// The references that walk, each family once, with the first iteration that has one.
pub(super) fn findings(case: &Case) -> Vec<(usize, Finding)> {
    let graph = case.ground.graph;
    let mut found: Vec<(usize, Finding)> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    for cell in case.cells(0) {
        let count = graph.tree(*cell).map_or(0, |tree| tree.leaves().len());
        for walk in (0..count).filter_map(|nth| walk(case, *cell, nth)) {
            let key = (walk.from, graph.family(walk.cells[0]));
            match known.get(&key) {
                Some(at) => found[*at].1.cells.extend(walk.cells),
                None => {
                    known.insert(key, found.len());
                    found.push((walk.from, finding(case, walk)));
                }
            }
        }
    }
    for (_, finding) in &mut found {
        finding.cells.sort_unstable();
        finding.cells.dedup();
        finding.consequences = case.consequences(&finding.cells);
    }
    found
}

/// How one reference of a cell of the first iteration walks; none where it does not, or may.
fn walk(case: &Case, cell: CellId, nth: usize) -> Option<Walk> {
    let graph = case.ground.graph;
    let leaf = |id: CellId| Some(**graph.tree(id)?.leaves().get(nth)?);
    let first = leaf(cell)?;
    let right = Place::of_target(case.ground.graph, &first.target)?;
    if first.fixed == [true; 4] || !is_shared(case, &first.target) || is_beside(case, cell, right) {
        return None;
    }
    let same = (1..case.iterations()).map_while(|at| {
        let id = case.beside_by_place(cell, 0, at).filter(|id| case.is_like(*id, cell))?;
        Some((id, leaf(id)?))
    });
    let same: Vec<(CellId, Leaf)> = same.collect();
    let from = same.iter().position(|(_, leaf)| leaf.target != first.target)?;
    let before = if from == 0 { cell } else { same[from - 1].0 };
    let shift = Place::of(graph, same[from].0) - Place::of(graph, before);
    let walks = same[from..].iter().zip(1..).all(|((_, leaf), steps)| {
        Place::of_target(case.ground.graph, &leaf.target) == Some(right + shift * steps)
    });
    // A state refers to what stands where the one before does: what it starts from, then that.
    let looks_back = |(id, leaf): &(CellId, Leaf)| {
        let tag = |id: CellId| match case.ground.tags.get(id) {
            Tag::Of { last, .. } => Some(last),
            _ => None,
        };
        let before = leaf.id().and_then(tag);
        before.is_some() && before.map(|last| last + 1) == tag(*id)
    };
    if same.iter().all(looks_back) {
        return None;
    }
    let gets_lost = same[from..].iter().any(|(_, leaf)| !is_shared(case, &leaf.target));
    if !walks || shift == Place::default() || !(gets_lost || from > 1) {
        return None;
    }
    let home = same[from].0;
    let axis = [shift.row != 0, shift.column != 0];
    let fixed = [0, 1, 2, 3].map(|at| first.fixed[at] || axis[at % 2]);
    let mended = graph.tree(home)?.map(&mut |at, leaf| match at == nth {
        true => Leaf { target: first.target, slot: None, fixed },
        false => *leaf,
    });
    let (cells, taken) = (same[from..].iter().map(|(id, _)| *id), same[from].1.target);
    Some(Walk { from: from + 1, cells: cells.collect(), mended, right: first.target, taken })
}

/// Whether a reference is to numbers that no weight changes, and to nothing blank.
fn is_shared(case: &Case, target: &Target) -> bool {
    let graph = case.ground.graph;
    let is_number =
        |id: CellId| case.ground.tags.is_fixed(id) && matches!(graph.value(id), Scalar::Number(_));
    match target {
        Target::Cell(id) => is_number(*id),
        Target::Block(block) => {
            let (rows, columns) = block.shape();
            let mut cells = graph.within(*block);
            cells.by_ref().filter(|id| is_number(*id)).count() == rows * columns
        }
        Target::Nowhere(_) | Target::Unknown => false,
    }
}

/// Whether a place is within the first iteration: samples that stand beside its formulas.
fn is_beside(case: &Case, cell: CellId, place: Place) -> bool {
    let graph = case.ground.graph;
    let Some(next) = case.beside_by_place(cell, 0, 1) else { return true };
    let shift = Place::of(graph, next) - Place::of(graph, cell);
    let along = |place: Place| match shift {
        Place { row, .. } if row != 0 => place.row,
        Place { column, .. } if column != 0 => place.column,
        _ => place.sheet,
    };
    let own = case.cells(0).iter().chain(case.group().iter().filter_map(|one| one.shown.first()));
    own.map(|id| along(Place::of(graph, *id))).min().is_none_or(|first| along(place) >= first)
}

fn finding(case: &Case, walk: Walk) -> Finding {
    let graph = case.ground.graph;
    let first = walk.cells[0];
    let shown = |target: &Target| {
        let place = Place::of_target(case.ground.graph, target).unwrap_or_default();
        match place.cell(graph) {
            Some(id) => case.address(id),
            None => crate::data::address::cell_name((place.row as u32, place.column as u32)),
        }
    };
    let message = format!(
        "{} should use what stands in {} in every iteration, but from here on the reference walks: this \
         one is to {}. A $ is missing before its row or column, so that it moved when the formula was filled.",
        named(case, first),
        shown(&walk.right),
        shown(&walk.taken),
    );
    let mut finding = Finding::new(Kind::DriftingReference, walk.cells, message);
    case.propose_for_all(&mut finding, &walk.mended);
    finding.loss = case.loss(walk.from);
    finding
}
