//! A weight whose updates follow another rule than those of the others: which of its formulas is the
//! one that is made otherwise.
//!
//! What a usual weight's update computes with is looked for among the odd one's cells, from the gradient
//! on: a cell is the counterpart of another where its formula is the same over counterparts. The first
//! formula without one is the cause; what the odd weight does not compute at all is written out.

use std::collections::HashMap;

use super::Followed;
use super::findings::finding;
use super::recurrence::{GRADIENT, NEXT, Recurrence, WEIGHT};
use crate::compare::training::edits::parts::replaced;
use crate::compare::training::place::Place;
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::terms::{Part, only_cell};
use crate::compare::training::ways::references;
use crate::graph::{CellId, Graph, Leaf, Node, Tree};

/// The iteration whose formulas are compared: the first may start otherwise.
const COMPARED: usize = 1;

/// The finding about a weight that is not updated as the usual one is.
pub(super) fn finding_of(followed: &Followed, odd: &Recurrence) -> Option<Finding> {
    let case = odd.case;
    let usual = followed.recurrence;
    let (column, tree) = Pairing::new(usual, odd).cause()?;
    let (name, others) = (case.weight_name(odd.weight), case.weight_name(usual.weight));
    let message = format!(
        "{name} is not updated as {others} and the other weights are, which follow {}.",
        followed.title(),
    );
    let cells: Vec<CellId> = odd.all_cells(column).collect();
    let mut found = finding(case, Kind::OddWeight, cells, COMPARED, Some(tree), message);
    found.weight = case.variable(odd.weight, 0);
    Some(found)
}

/// What of a usual weight's cells is what of an odd one's.
struct Pairing<'r, 'c, 'a> {
    usual: &'r Recurrence<'c, 'a>,
    odd: &'r Recurrence<'c, 'a>,
    graph: &'a Graph,
    /// For cells of the usual weight, as far as they are known, what stands in their place.
    known: HashMap<CellId, Part>,
    /// How far the odd weight's cells stand from the usual one's.
    distance: Option<Place>,
}

impl<'r, 'c, 'a> Pairing<'r, 'c, 'a> {
    fn new(usual: &'r Recurrence<'c, 'a>, odd: &'r Recurrence<'c, 'a>) -> Self {
        let graph = usual.case.ground.graph;
        let next = |of: &Recurrence| Some(Place::of(graph, of.columns[NEXT].cells[COMPARED]?));
        let distance = next(odd).zip(next(usual)).map(|(odd, usual)| odd - usual);
        let mut pairing = Pairing { usual, odd, graph, known: HashMap::new(), distance };
        for column in [WEIGHT, GRADIENT] {
            pairing.take(column, &odd.columns[column].cells);
        }
        // A cell that hands the weight on stands beside one that hands on the other's.
        let shown = |of: &Recurrence, at: usize| of.case.group()[of.weight].shown.get(at).copied();
        for at in 0..=COMPARED {
            if let (Some(own), Some(other)) = (shown(usual, at), shown(odd, at)) {
                pairing.known.insert(own, Node::Leaf(Leaf::cell(other)));
            }
        }
        pairing
    }

    /// The odd weight's column with the formula that is made otherwise, and what it should be.
    fn cause(mut self) -> Option<(usize, Tree)> {
        // What a formula refers to was found behind it.
        for column in (NEXT + 1..self.usual.columns.len()).rev() {
            let cell = self.usual.columns[column].cells[COMPARED]?;
            if self.is_shared(cell) || self.find(column) {
                continue;
            }
            let beside = self.beside(column);
            let there = beside.as_ref().and_then(|cells| self.odd.find(cells));
            if let Some((at, cells)) = there.zip(beside) {
                self.take(column, &cells);
                return Some((at, self.filled(column, cells[COMPARED]?)?));
            }
            // The odd weight has no such cell: written out where it is used.
            let root = self.filled(column, cell)?.root;
            self.known.insert(cell, root);
        }
        let home = self.odd.columns[NEXT].cells[COMPARED]?;
        let tree = self.filled(NEXT, home)?;
        (!self.says(home, &tree)).then_some((NEXT, tree))
    }

    /// Whether a cell serves all weights.
    fn is_shared(&self, cell: CellId) -> bool {
        self.usual.case.ground.tags.is_fixed(cell)
    }

    /// Finds the cells of the odd weight that have a column's formula.
    fn find(&mut self, column: usize) -> bool {
        let own = self.odd.columns.iter().skip(NEXT + 1).map(|one| one.cells.clone());
        let tried: Vec<Vec<Option<CellId>>> = own.chain(self.beside(column)).collect();
        tried.iter().any(|cells| {
            let before = self.known.clone();
            self.take(column, cells);
            let home = cells[COMPARED];
            let filled = home.and_then(|home| Some((home, self.filled(column, home)?)));
            let is_same = filled.is_some_and(|(home, tree)| self.says(home, &tree));
            if !is_same {
                self.known = before;
            }
            is_same
        })
    }

    /// The cells that stand where a column's should, going by another's.
    fn beside(&self, column: usize) -> Option<Vec<Option<CellId>>> {
        let cells = &self.usual.columns[column].cells;
        let formula = |id: &CellId| self.graph.formula(*id).is_some();
        let place = |cell: &Option<CellId>| self.placed((*cell)?).filter(formula);
        let beside: Vec<Option<CellId>> = cells.iter().map(place).collect();
        beside[COMPARED].is_some().then_some(beside)
    }

    /// The cell that stands where one should, going by how far the weights' updates stand from each other.
    fn placed(&self, cell: CellId) -> Option<CellId> {
        (Place::of(self.graph, cell) + self.distance?).cell(self.graph)
    }

    /// Takes cells for the counterparts of a column's.
    fn take(&mut self, column: usize, cells: &[Option<CellId>]) {
        let own = &self.usual.columns[column];
        for (own, other) in own.cells.iter().zip(cells).take(COMPARED + 1) {
            if let (Some(own), Some(other)) = (own, other) {
                self.known.insert(*own, Node::Leaf(Leaf::cell(*other)));
            }
        }
    }

    /// A column's formula as it would stand in a cell of the odd weight; none where it refers to what
    /// has no counterpart.
    fn filled(&self, column: usize, home: CellId) -> Option<Tree> {
        let tree = self.graph.tree(self.usual.columns[column].cells[COMPARED]?)?;
        let mut root = tree.map(&mut |_, leaf| Leaf { slot: None, ..*leaf }).root;
        for path in references(&root) {
            let cell = only_cell(
                path.iter().try_fold(&root, |part, at| part.parts().into_iter().nth(*at))?,
            )?;
            match self.known.get(&cell) {
                Some(other) => root = replaced(&root, &path, other),
                None if self.is_shared(cell) => {}
                // What is looked for later, since both need each other, is taken to stand beside.
                None => root = replaced(&root, &path, &Node::Leaf(Leaf::cell(self.placed(cell)?))),
            }
        }
        Some(Tree { home, root })
    }

    /// Whether a cell's formula is this one.
    fn says(&self, cell: CellId, tree: &Tree) -> bool {
        let own = self.graph.tree(cell);
        own.is_some_and(|own| self.graph.tree_text(&own) == self.graph.tree_text(tree))
    }
}
