//! Updates as if nothing held them back and the learning rate stayed: an optimizer that stops, or whose
//! learning rate follows a schedule, is that optimizer still.

use std::collections::HashMap;

use crate::compare::training::case::Case;
use crate::compare::training::held;
use crate::graph::{CellId, Tree};

/// What is left out of account of the updates, to see what they would do otherwise.
#[derive(Debug, Clone, Default)]
pub struct Freed {
    /// The cells of a schedule, which hold one learning rate then.
    pub schedule: Vec<CellId>,
    /// The updates that something holds back, without that.
    pub updates: HashMap<CellId, Tree>,
}

impl Freed {
    /// The schedule of a training's learning rate, and what holds back the updates of a weight; none where
    /// there is nothing of the kind.
    pub fn of(case: &Case, weight: usize) -> Option<Freed> {
        let graph = case.ground.graph;
        let schedule = match case.has_schedule() {
            true => case.rates.cells.iter().copied().flatten().collect(),
            false => Vec::new(),
        };
        let updates = case.group()[weight].updates.iter().flatten();
        let updates = updates.filter(|update| !update.held.is_empty()).filter_map(|update| {
            let root = graph.tree(update.cell)?.root;
            let (root, _) = held::free(graph, &root, update.previous);
            Some((update.cell, Tree { home: update.cell, root }))
        });
        let freed = Freed { schedule, updates: updates.collect() };
        (!freed.schedule.is_empty() || !freed.updates.is_empty()).then_some(freed)
    }
}
