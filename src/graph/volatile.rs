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

#[cfg(test)]
mod tests {
    use super::super::tests::workbook;
    use super::*;

    /// The place of the cell that A1 changes with.
    fn source(lines: &str) -> Option<(u32, u32)> {
        let graph = Graph::lift(&workbook(lines));
        let cell = graph.id(0, (0, 0))?;
        graph.drifting(&[cell]).map(|(_, source)| graph.position(source))
    }

    #[test]
    fn what_changes_by_itself_is_found_behind_ranges_and_formulas_that_cannot_be_read() {
        assert_eq!(source("=RAND()"), Some((0, 0)));
        assert_eq!(source("=SUM(B1:B2)|1\n|=C2*2|=TODAY()"), Some((1, 2)));
        assert_eq!(source("=CUBESET(B1)|=NOW()"), Some((0, 1)));
        // Another value of B1, and it is.
        assert_eq!(source("=IF(B1>0,B1,C1)|3|=RAND()"), Some((0, 2)));
        assert_eq!(source("=INDEX(B1:B2,2)|3\n|=RANDBETWEEN(1,2)"), Some((1, 1)));
    }

    #[test]
    fn what_stays_is_not() {
        assert_eq!(source("7|=RAND()"), None);
        assert_eq!(source("=B1*2|3|=RAND()"), None);
        assert_eq!(source("=OFFSET(B1,0,1)|=RAND()|4"), None);
    }
}
