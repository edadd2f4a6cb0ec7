//! Ways through formulas: from a cell to what its formula refers to, and on to a part of that.
//!
//! The same way from the update of another iteration leads to the same thing, wherever that stands.

use super::terms::{Part, only_cell};
use crate::graph::{CellId, Graph};

/// A way from a cell: in each formula the way to the reference that leads on, in the last one the way
/// to a part.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Way(pub Vec<Vec<usize>>);

/// A part of the formula of a cell.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The cell.
    pub home: CellId,
    /// The part.
    pub part: Part,
}

impl Way {
    /// What stands at its end, from a cell on; none where the formulas are made otherwise.
    pub fn end(&self, graph: &Graph, cell: CellId) -> Option<Piece> {
        let (last, before) = self.0.split_last()?;
        let mut home = cell;
        for step in before {
            home = only_cell(follow(&graph.tree(home)?.root, step)?)?;
        }
        let part = follow(&graph.tree(home)?.root, last)?.clone();
        Some(Piece { home, part })
    }

    /// The cell that it leads to.
    pub fn cell(&self, graph: &Graph, cell: CellId) -> Option<CellId> {
        match self.0[..] {
            [] => Some(cell),
            _ => only_cell(&self.end(graph, cell)?.part),
        }
    }

    /// The way that goes on in the formula of the cell at its end.
    pub fn with(&self, step: Vec<usize>) -> Way {
        let mut longer = self.clone();
        longer.0.push(step);
        longer
    }
}

/// The part at the end of a way through a formula.
fn follow<'p>(part: &'p Part, way: &[usize]) -> Option<&'p Part> {
    way.iter().try_fold(part, |part, at| part.parts().into_iter().nth(*at))
}

/// The ways to all references to single cells in a formula.
pub(super) fn references(part: &Part) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut open: Vec<(Vec<usize>, &Part)> = vec![(Vec::new(), part)];
    while let Some((way, part)) = open.pop() {
        if only_cell(part).is_some() {
            found.push(way.clone());
        }
        for (at, inner) in part.parts().into_iter().enumerate().rev() {
            let mut further = way.clone();
            further.push(at);
            open.push((further, inner));
        }
    }
    found
}
