//! How many cells follow from a cell.

use crate::graph::{CellId, Graph};

/// How many cells are looked at for all causes together: a second or two of work.
const MAX_CELLS: usize = 30_000_000;

/// Counts the cells that depend on others.
pub(super) struct Dependents<'a> {
    graph: &'a Graph,
    /// How many cells may still be looked at.
    left: usize,
}

impl<'a> Dependents<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        Dependents { graph, left: MAX_CELLS }
    }

    /// How many other cells depend on `causes`; 0 after very many questions.
    pub(super) fn count(&mut self, causes: &[CellId]) -> usize {
        let mut is_known = vec![false; self.graph.len()];
        causes.iter().for_each(|cause| is_known[cause.index()] = true);
        let mut open = causes.to_vec();
        let mut count = 0;
        while let Some(cell) = open.pop() {
            for user in self.graph.users(cell) {
                let Some(left) = self.left.checked_sub(1) else { return 0 };
                self.left = left;
                if !std::mem::replace(&mut is_known[user.index()], true) {
                    count += 1;
                    open.push(*user);
                }
            }
        }
        count
    }
}
