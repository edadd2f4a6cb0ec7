//! What a first iteration starts from, where it has another formula than the later ones.

use super::alike::give_the_same;
use super::pairing::COMPARED;
use crate::compare::training::counterpart::shape_of;
use crate::compare::training::edits::parts::{at_path, replaced};
use crate::compare::training::optimizer::recurrence::{NEXT, Recurrence};
use crate::compare::training::terms::only_cell;
use crate::compare::training::ways::references;
use crate::graph::{CellId, Leaf, Node, Tree};

impl Recurrence<'_, '_> {
    /// Whether a column starts by another formula than it goes on with.
    pub(super) fn starts_otherwise(&self, column: usize) -> bool {
        let cells = &self.columns[column].cells;
        let shape = |at: usize| shape_of(self.case.ground.graph, (*cells.get(at)?)?);
        shape(0) != shape(COMPARED)
    }

    /// Whether the formula of a first iteration is that of the later ones with nothing before it.
    pub(super) fn starts_from_nothing(&self, cell: CellId) -> bool {
        let graph = self.case.ground.graph;
        let Some(column) = self.columns.iter().find(|one| one.cells[0] == Some(cell)) else {
            return false;
        };
        let later = column.cells.get(COMPARED).copied().flatten().and_then(|id| graph.tree(id));
        let (Some(own), Some(later)) = (graph.tree(cell), later) else { return false };
        let mut root = later.root.clone();
        for path in references(&later.root) {
            let Some(id) = only_cell(at_path(&later.root, &path)) else { continue };
            let of = |at: usize| self.columns.iter().position(|one| one.cells[at] == Some(id));
            if of(0).is_some_and(|at| at > NEXT) {
                root = replaced(&root, &path, &Node::Number(0.0));
            } else if let Some(first) = of(COMPARED).and_then(|at| self.columns[at].cells[0]) {
                root = replaced(&root, &path, &Node::Leaf(Leaf::cell(first)));
            }
        }
        give_the_same(self.case, &own, &Tree { home: cell, root })
    }
}
