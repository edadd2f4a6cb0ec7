//! What changes at each recalculation, though nobody changes a cell: random numbers, the time, and
//! whatever is computed with them.

use super::{CellId, Graph, Target};

impl Graph {
    /// The function in a cell's formula that gives another value at each calculation:
    /// `RANDBETWEEN`.
    pub fn volatile(&self, id: CellId) -> Option<&str> {
        self.formula(id)?.volatile.as_deref()
    }

    /// The first of `cells` that gives another value at each calculation, and the cell with the
    /// function that it does so by: itself, or one that it is computed with.
    pub fn drifting(&self, cells: &[CellId]) -> Option<(CellId, CellId)> {
        let mut is_seen = vec![false; self.len()];
        cells.iter().find_map(|cell| Some((*cell, self.source(*cell, &mut is_seen)?)))
    }

    /// A cell with a function that changes by itself, among `id` and all that it is computed with.
    fn source(&self, id: CellId, is_seen: &mut [bool]) -> Option<CellId> {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut is_seen[id.index()], true) {
                continue;
            }
            if self.volatile(id).is_some() {
                return Some(id);
            }
            open.extend_from_slice(self.inputs(id));
            // A formula that cannot be read has no inputs, but still refers to cells.
            if self.is_leaf(id) {
                for target in self.targets(id) {
                    match target {
                        Target::Cell(cell) => open.push(*cell),
                        Target::Block(block) => open.extend(self.within(*block)),
                        Target::Nowhere(_) | Target::Unknown => {}
                    }
                }
            }
        }
        None
    }
}
