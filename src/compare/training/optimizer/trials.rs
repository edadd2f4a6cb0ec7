//! Trials: a recurrence run on invented gradients and numbers.
//!
//! Two rules that make the same steps of the same gradients are the same rule, however they are
//! written. Where small things matter (an ε of 1e-8), the gradients of some trials are tiny.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::recurrence::{Column, GRADIENT, NEXT, Recurrence, WEIGHT};
use crate::compare::invented::Trial;
use crate::graph::{CellId, Values};

/// The sizes of gradients and weights, a trial each.
const SIZES: [f64; 4] = [1.0, 1.0, 1e-6, 1e-7];

/// The trials of a recurrence; of gradients that are parts of formulas, only such of usual size.
pub(super) fn trials(recurrence: &Recurrence) -> Vec<Trial> {
    let has_cells = recurrence.gradients.iter().all(|one| one.cell.is_some());
    let sizes = SIZES.iter().filter(|size| has_cells || **size == 1.0);
    let cells = computed(recurrence, has_cells);
    sizes.enumerate().map(|(seed, size)| trial(recurrence, &cells, seed, *size)).collect()
}

/// So many updates with a number tell something of a rule.
const ENOUGH: usize = 3;

/// Whether enough updates of a recurrence have numbers: a first one that divides by zero, or a root of
/// something negative here and there, is a mistake in a rule, and no reason not to look for it.
pub(super) fn have_numbers(recurrence: &Recurrence) -> bool {
    let trials = trials(recurrence);
    let updates = trials.iter().flat_map(|trial| &trial.values[NEXT]);
    updates.filter(|next| next.is_finite()).count() >= ENOUGH
}

/// All cells that go into the updates, in the order of computing.
fn computed(recurrence: &Recurrence, has_cells: bool) -> Vec<CellId> {
    let graph = recurrence.case.ground.graph;
    let is_given = |id: &CellId| {
        recurrence.columns[WEIGHT].cells[0] == Some(*id)
            || recurrence.freed.schedule.contains(id)
            || has_cells && recurrence.columns[GRADIENT].cells.contains(&Some(*id))
    };
    let columns = recurrence.columns.iter().flat_map(|column| column.cells.iter().flatten());
    let mut open: Vec<CellId> = columns.chain(&recurrence.fixed).copied().collect();
    let mut seen: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        if !is_given(&id) {
            open.extend(graph.inputs(id).iter().filter(|input| seen.insert(**input)));
        }
    }
    graph.order().iter().copied().filter(|id| seen.contains(id) && !is_given(id)).collect()
}

fn trial(recurrence: &Recurrence, cells: &[CellId], seed: usize, size: f64) -> Trial {
    let ground = recurrence.case.ground;
    let points = &ground.invented.points;
    let mut values = points[seed % points.len()].clone();
    let mut random = ChaCha8Rng::seed_from_u64(seed as u64);
    for id in recurrence.fixed.iter().filter(|id| ground.graph.is_leaf(**id)) {
        let own = ground.graph.value(*id).number().unwrap_or(0.0);
        let is_count = own.fract() == 0.0 && own >= 2.0;
        values.set(*id, if is_count { own } else { random.random_range(0.05..0.95) });
    }
    let rate = random.random_range(0.05..0.95);
    recurrence.freed.schedule.iter().for_each(|id| values.set(*id, rate));
    // What an average or a power starts from, and what counts, is part of the rule.
    let columns = || recurrence.columns.iter().skip(GRADIENT + 1);
    let starts =
        columns().flat_map(|column| column.before.iter().chain(column.cells.iter().flatten()));
    for id in starts.filter(|id| ground.graph.is_leaf(**id)) {
        values.put(*id, ground.graph.values().get(*id).clone());
    }
    let weight = random.random_range(0.2..1.0) * size;
    recurrence.columns[WEIGHT].cells[0].into_iter().for_each(|id| values.set(id, weight));
    if cells.iter().all(|id| !recurrence.columns[GRADIENT].cells.contains(&Some(*id))) {
        for id in recurrence.columns[GRADIENT].cells.iter().flatten() {
            values.set(*id, random.random_range(-2.0..2.0) * size);
        }
    }
    let lost =
        evaluate(recurrence, cells, &mut values, &mut || random.random_range(0.2..1.0) * size);
    at_point(recurrence, &values, &lost)
}

/// Computes the cells, and gives an invented number to each weight that has none, so that an error in
/// one iteration hides nothing of the others: the cells of these weights.
fn evaluate(
    recurrence: &Recurrence,
    cells: &[CellId],
    values: &mut Values,
    invented: &mut dyn FnMut() -> f64,
) -> HashSet<CellId> {
    let graph = recurrence.case.ground.graph;
    let weights = &recurrence.columns[WEIGHT].cells;
    let free = |id: &CellId| recurrence.freed.updates.get(id);
    let mut lost = HashSet::new();
    for part in cells.split_inclusive(|id| weights.contains(&Some(*id)) || free(id).is_some()) {
        graph.evaluate(values, part);
        if let Some((id, tree)) = part.last().and_then(|id| Some((*id, free(id)?))) {
            let next = graph.evaluate_tree(tree, values).number();
            values.set(id, next.unwrap_or(f64::NAN));
        }
        let weight = part.last().filter(|id| weights.contains(&Some(**id)));
        if let Some(id) = weight.filter(|id| values.number(**id).is_none()) {
            values.set(*id, invented());
            lost.insert(*id);
        }
    }
    lost
}

/// The values of a recurrence at a point, where the weights in the cells `lost` are invented.
fn at_point(recurrence: &Recurrence, values: &Values, lost: &HashSet<CellId>) -> Trial {
    let graph = recurrence.case.ground.graph;
    let number = |cell: Option<CellId>| cell.and_then(|id| values.number(id)).unwrap_or(f64::NAN);
    let mut columns: Vec<Vec<f64>> = recurrence
        .columns
        .iter()
        .map(|column| column.cells.iter().map(|cell| number(*cell)).collect())
        .collect();
    for (next, cell) in columns[NEXT].iter_mut().zip(&recurrence.columns[NEXT].cells) {
        *next = if cell.is_some_and(|id| lost.contains(&id)) { f64::NAN } else { *next };
    }
    for (found, gradient) in columns[GRADIENT].iter_mut().zip(&recurrence.gradients) {
        *found = match gradient.cell {
            Some(cell) => number(Some(cell)),
            None => graph.evaluate_tree(&gradient.tree, values).number().unwrap_or(f64::NAN),
        };
        *found *= gradient.factor;
    }
    Trial {
        first: 0,
        fixed: recurrence.fixed.iter().map(|id| number(Some(*id))).collect(),
        before: recurrence
            .columns
            .iter()
            .map(|column| before(recurrence, column, values))
            .collect(),
        values: columns,
    }
}

/// What a column was before the first iteration; a header is nothing, as `N(...)` takes it.
fn before(recurrence: &Recurrence, column: &Column, values: &Values) -> f64 {
    let Some(cell) = column.before else { return f64::NAN };
    let is_header = recurrence.case.ground.graph.text(cell).is_some();
    values.number(cell).unwrap_or(if is_header { 0.0 } else { f64::NAN })
}
