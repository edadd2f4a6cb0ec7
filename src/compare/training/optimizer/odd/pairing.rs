//! What of a usual weight's cells is what of an odd one's.
//!
//! What a usual weight's update computes with is looked for among the odd one's cells, from the gradient
//! on: a cell is the counterpart of another where its formula is the same over counterparts. The first
//! formula without one is the cause: its counterpart stands in the same place of a formula, or as far from
//! the other as their weights do. What the odd weight does not compute at all is written out.

use std::collections::{HashMap, HashSet};

use super::alike::{give_the_same, has_numbers_for};
use crate::compare::training::edits::parts::{at_path, replaced};
use crate::compare::training::fill::{complete, translated};
use crate::compare::training::optimizer::recurrence::{GRADIENT, NEXT, Recurrence, WEIGHT};
use crate::compare::training::terms::{Part, is_made_alike, only_cell};
use crate::compare::training::ways::references;
use crate::graph::place::Place;
use crate::graph::{CellId, Graph, Leaf, Node, Tree};

/// The iteration whose formulas are compared: the first may start otherwise.
pub const COMPARED: usize = 1;

/// A formula that is made otherwise than it should be.
pub struct Odd {
    /// The cells that have it.
    pub cells: Vec<CellId>,
    /// What it should be, in the first of them that has it.
    pub tree: Tree,
    /// What the first iteration should have in its place, where that is another formula and wrong too.
    pub first: Option<Tree>,
}

/// What of a usual weight's cells is what of an odd one's.
pub struct Pairing<'r, 'c, 'a> {
    usual: &'r Recurrence<'c, 'a>,
    odd: &'r Recurrence<'c, 'a>,
    graph: &'a Graph,
    /// For cells of the usual weight, as far as they are known, what stands in their place.
    known: HashMap<CellId, Part>,
    /// The cells of the odd weight that are known to be right.
    taken: HashSet<CellId>,
    /// For cells of the usual weight those that the odd one has in the same places of its formulas.
    aligned: HashMap<CellId, CellId>,
    /// How far the odd weight's cells stand from the usual one's, the nearest to what is looked for last.
    distances: Vec<Place>,
}

/// What is found of a column of the usual weight.
enum Found {
    /// A column of the odd weight's that has the same formula, or nothing that needs one.
    Same,
    /// Cells with another formula.
    Other(Vec<Option<CellId>>),
    /// None.
    Nothing,
}

impl<'r, 'c, 'a> Pairing<'r, 'c, 'a> {
    pub fn new(usual: &'r Recurrence<'c, 'a>, odd: &'r Recurrence<'c, 'a>) -> Self {
        let graph = usual.case.ground.graph;
        let mut pairing = Pairing {
            usual,
            odd,
            graph,
            known: HashMap::new(),
            taken: HashSet::new(),
            aligned: HashMap::new(),
            distances: Vec::new(),
        };
        for column in [WEIGHT, GRADIENT, NEXT] {
            let pair = |of: &Recurrence| of.columns[column].cells.get(COMPARED).copied().flatten();
            if let Some((own, other)) = pair(usual).zip(pair(odd)) {
                pairing.distances.push(pairing.distance(own, other));
            }
        }
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
        let next = |of: &Recurrence| of.columns[NEXT].cells.get(COMPARED).copied().flatten();
        if let Some((own, other)) = next(usual).zip(next(odd)) {
            pairing.align(own, other);
        }
        pairing
    }

    /// Whether the odd weight's updates do with its gradients what the usual one's do.
    pub fn is_same(&mut self) -> bool {
        self.pair_all().is_some_and(|found| found.is_none())
    }

    /// The formula of the odd weight that is made otherwise, and what it should be.
    pub fn cause(mut self) -> Option<Odd> {
        let (column, cells) = self.pair_all()??;
        let home = cells.get(COMPARED).copied().flatten()?;
        let mut tree = self.filled(column, COMPARED, home)?;
        let mut all: Vec<CellId> = match self.odd.find(&cells) {
            Some(own) => self.odd.all_cells(own).collect(),
            None => cells.iter().flatten().copied().collect(),
        };
        // The first iteration may have another formula, which is right or wrong by itself.
        let mut first = cells[0].and_then(|first| self.first(column, first, &tree));
        let filled = first.as_ref().and_then(|first| self.filled_into(&tree, first));
        match filled {
            Some(filled) => (tree, first) = (filled, None),
            // One with a number for what was before is the same formula.
            None if first
                .as_ref()
                .is_some_and(|first| has_numbers_for(&first.root, &tree.root)) =>
            {
                first = None;
            }
            None if first.is_some() || self.usual.starts_otherwise(column) => {
                all.retain(|id| Some(*id) != cells[0]);
            }
            None => {}
        }
        all.sort_unstable();
        all.dedup();
        complete(self.graph, &mut all);
        if let Some(at) = all.iter().position(|id| *id == tree.home) {
            all[..=at].rotate_right(1);
        }
        Some(Odd { cells: all, tree, first })
    }

    /// What the first iteration of the odd weight should start with, where that is not what its later
    /// formula gives with nothing before it, and the usual weight's is.
    pub fn start(mut self) -> Option<Tree> {
        self.pair_all()?.is_none().then_some(())?;
        let columns = NEXT + 1..self.usual.columns.len();
        columns.into_iter().find_map(|column| {
            let own = self.usual.columns[column].cells[0]?;
            let other = only_cell(self.known.get(&own)?)?;
            self.graph.formula(other)?;
            // What it has of the later ones starts from whatever stands there.
            let at = self.odd.columns.iter().position(|one| one.cells[0] == Some(other))?;
            self.odd.starts_otherwise(at).then_some(())?;
            let tree = self.filled(column, 0, other)?;
            let is_other = !self.says(other, &tree);
            let is_natural = |of: &Recurrence, cell| of.starts_from_nothing(cell);
            (is_other && is_natural(self.usual, own) && !is_natural(self.odd, other))
                .then_some(tree)
        })
    }

    /// Finds the counterparts of the usual weight's columns: none where all are found, otherwise the first
    /// column with another formula and the cells that have it.
    fn pair_all(&mut self) -> Option<Option<(usize, Vec<Option<CellId>>)>> {
        let mut open: Vec<usize> = (NEXT + 1..self.usual.columns.len()).collect();
        let mut others: Vec<(usize, Vec<Option<CellId>>)> = Vec::new();
        while !open.is_empty() {
            // What a formula refers to was mostly found behind it.
            let ready = open.iter().rposition(|column| self.is_ready(*column, &open));
            let column = open.remove(ready.unwrap_or(open.len() - 1));
            let Some(cell) = self.usual.columns[column].cells[COMPARED] else { continue };
            match self.find(column, cell) {
                Found::Same => {}
                Found::Other(cells) => {
                    self.take(column, &cells);
                    self.taken.extend(cells[COMPARED]);
                    others.push((column, cells));
                }
                Found::Nothing => {
                    // The odd weight has no such cell: written out where it is used.
                    let root = self.filled(column, COMPARED, cell)?.root;
                    self.known.insert(cell, root);
                }
            }
        }
        let home = self.odd.columns[NEXT].cells[COMPARED]?;
        if others.is_empty() {
            let tree = self.filled(NEXT, COMPARED, home)?;
            if !self.says(home, &tree) {
                others.push((NEXT, self.odd.columns[NEXT].cells.clone()));
            }
        }
        Some(others.into_iter().next())
    }

    /// Whether all that a column refers to is looked for already.
    fn is_ready(&self, column: usize, open: &[usize]) -> bool {
        let cells = |column: usize| self.usual.columns[column].cells[COMPARED];
        let tree = cells(column).and_then(|cell| self.graph.tree(cell));
        let Some(tree) = tree else { return true };
        let inputs: Vec<CellId> = tree.leaves().iter().filter_map(|leaf| leaf.id()).collect();
        let mut others = open.iter().filter(|other| **other != column);
        !others.any(|other| cells(*other).is_some_and(|cell| inputs.contains(&cell)))
    }

    /// Whether a cell serves all weights: it follows from no gradient, or from those of both weights.
    fn is_shared(&self, cell: CellId) -> bool {
        let tags = &self.usual.case.ground.tags;
        if tags.is_fixed(cell) {
            return true;
        }
        if !self.odd.columns[NEXT..].iter().any(|one| one.cells[COMPARED] == Some(cell)) {
            return false;
        }
        let is_gradient =
            |of: &Recurrence, id: &CellId| of.columns[GRADIENT].cells.contains(&Some(*id));
        let (mut is_own, mut is_others) = (false, false);
        let mut open = vec![cell];
        let mut seen: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            is_own |= is_gradient(self.usual, &id);
            is_others |= is_gradient(self.odd, &id);
            if !is_gradient(self.usual, &id) && !tags.is_variable(id) {
                let inputs = self.graph.inputs(id).iter().copied();
                open.extend(inputs.filter(|input| seen.insert(*input)));
            }
        }
        is_others == is_own
    }

    fn distance(&self, own: CellId, other: CellId) -> Place {
        Place::of(self.graph, other) - Place::of(self.graph, own)
    }

    /// Finds the cells of the odd weight that have a column's formula, or that should have it.
    fn find(&mut self, column: usize, cell: CellId) -> Found {
        if self.is_shared(cell) {
            return Found::Same;
        }
        let candidates = self.candidates(column, cell);
        for cells in &candidates {
            let before = self.known.clone();
            self.take(column, cells);
            let home = cells[COMPARED];
            let filled = home.and_then(|home| Some((home, self.filled(column, COMPARED, home)?)));
            if let Some((home, _)) = filled.filter(|(home, tree)| self.says(*home, tree)) {
                self.taken.insert(home);
                self.distances.push(self.distance(cell, home));
                return Found::Same;
            }
            self.known = before;
        }
        let is_free = |id: &CellId| !self.taken.contains(id);
        let aligned = self.aligned.get(&cell).copied().filter(is_free);
        let aligned = aligned.map(|other| self.cells_at(column, cell, other));
        let is_like = |cells: &&Vec<Option<CellId>>| {
            cells[COMPARED].is_some_and(|other| is_free(&other) && self.is_alike(cell, other))
        };
        match aligned.or_else(|| candidates.iter().find(is_like).cloned()) {
            Some(cells) => Found::Other(cells),
            None => Found::Nothing,
        }
    }

    /// What may be the counterpart of a column: by the place in formulas, by place in the sheet, by what it
    /// is computed from.
    fn candidates(&self, column: usize, cell: CellId) -> Vec<Vec<Option<CellId>>> {
        let graph = self.graph;
        let mut cells: Vec<CellId> = self.aligned.get(&cell).copied().into_iter().collect();
        let place = Place::of(graph, cell);
        let beside = self.distances.iter().rev().filter_map(|by| (place + *by).cell(graph));
        cells.extend(beside.filter(|id| graph.formula(*id).is_some()));
        cells.extend(self.odd.columns[NEXT + 1..].iter().filter_map(|one| one.cells[COMPARED]));
        let inputs = graph.inputs(cell).iter().filter_map(|id| only_cell(self.known.get(id)?));
        cells.extend(inputs.flat_map(|id| graph.users(id).iter().copied()));
        let mut seen = HashSet::new();
        cells.retain(|id| *id != cell && seen.insert(*id) && graph.formula(*id).is_some());
        cells.into_iter().map(|other| self.cells_at(column, cell, other)).collect()
    }

    /// The cells of all iterations where one stands in the place of a column's.
    fn cells_at(&self, column: usize, cell: CellId, other: CellId) -> Vec<Option<CellId>> {
        let known = self.odd.columns[NEXT..].iter().find(|one| one.cells[COMPARED] == Some(other));
        if let Some(known) = known {
            return known.cells.clone();
        }
        let by = self.distance(cell, other);
        let own = self.usual.columns[column].cells.iter();
        own.map(|own| (Place::of(self.graph, (*own)?) + by).cell(self.graph)).collect()
    }

    /// Whether a cell has to do with what another is computed from: it refers to a counterpart.
    fn is_alike(&self, cell: CellId, other: CellId) -> bool {
        let inputs = self.graph.inputs(other);
        let mut counterparts = self.graph.inputs(cell).iter().filter(|id| !self.is_shared(**id));
        counterparts.any(|id| {
            self.known.get(id).and_then(only_cell).is_some_and(|known| inputs.contains(&known))
        })
    }

    /// Pairs the references of two formulas as far as these are made alike.
    fn align(&mut self, own: CellId, other: CellId) {
        let (Some(one), Some(two)) = (self.graph.tree(own), self.graph.tree(other)) else { return };
        let mut open = vec![(&one.root, &two.root)];
        while let Some((one, two)) = open.pop() {
            if let (Some(own), Some(other)) = (only_cell(one), only_cell(two)) {
                let is_own = |id: CellId| self.usual.case.ground.tags.is_fixed(id);
                let is_known = self.known.contains_key(&own) || self.aligned.contains_key(&own);
                if is_own(own) || is_own(other) || is_known {
                    continue;
                }
                self.aligned.insert(own, other);
                if self.usual.columns.iter().any(|of| of.cells[COMPARED] == Some(own)) {
                    self.align(own, other);
                }
            } else if is_made_alike(one, two) {
                open.extend(one.parts().into_iter().zip(two.parts()));
            }
        }
    }

    /// Takes cells for the counterparts of a column's.
    fn take(&mut self, column: usize, cells: &[Option<CellId>]) {
        let own = &self.usual.columns[column];
        for (own, other) in own.cells.iter().zip(cells).take(COMPARED + 1) {
            if let (Some(own), Some(other)) = (own, other) {
                self.known.insert(*own, Node::Leaf(Leaf::cell(*other)));
            }
        }
        // What both start from.
        let before = self.odd.columns.iter().find(|one| one.cells == cells);
        if let Some((own, other)) = own.before.zip(before.and_then(|one| one.before)) {
            self.known.insert(own, Node::Leaf(Leaf::cell(other)));
        }
    }

    /// A column's formula of an iteration as it would stand in a cell of the odd weight; none where it
    /// refers to what has no counterpart.
    fn filled(&self, column: usize, iteration: usize, home: CellId) -> Option<Tree> {
        let tree = self.graph.tree(self.usual.columns[column].cells[iteration]?)?;
        let mut root = tree.map(&mut |_, leaf| Leaf { slot: None, ..*leaf }).root;
        for path in references(&root) {
            let Node::Leaf(leaf) = at_path(&root, &path) else { continue };
            let Some(cell) = leaf.id() else { continue };
            let fixed = leaf.fixed;
            match self.known.get(&cell) {
                Some(Node::Leaf(other)) => {
                    root = replaced(&root, &path, &Node::Leaf(Leaf { fixed, ..*other }));
                }
                Some(other) => root = replaced(&root, &path, other),
                // What else is computed from the weights is the same for all of them.
                None if !self.is_of_usual(cell) || self.is_shared(cell) => {}
                // What is looked for later, since both need each other, is taken to stand beside.
                None => {
                    let other = Leaf { fixed, ..Leaf::cell(self.placed(cell)?) };
                    root = replaced(&root, &path, &Node::Leaf(other));
                }
            }
        }
        Some(Tree { home, root })
    }

    /// Whether a cell is one that the usual weight's updates compute with.
    fn is_of_usual(&self, cell: CellId) -> bool {
        let mut cells =
            self.usual.columns.iter().flat_map(|one| one.cells.iter().take(COMPARED + 1));
        cells.any(|own| *own == Some(cell))
    }

    /// The cell that stands where one should, going by formulas or by how far the weights stand apart.
    fn placed(&self, cell: CellId) -> Option<CellId> {
        let beside = |by: &Place| (Place::of(self.graph, cell) + *by).cell(self.graph);
        let aligned = self.aligned.get(&cell).copied();
        aligned.or_else(|| self.distances.iter().rev().find_map(beside))
    }

    /// What the first iteration should have in a cell, where it has something else.
    fn first(&self, column: usize, cell: CellId, later: &Tree) -> Option<Tree> {
        self.graph.formula(cell)?;
        let own = self.usual.columns[column].cells[0];
        let is_formula = own.is_some_and(|own| self.graph.formula(own).is_some());
        let filled = is_formula.then(|| self.filled(column, 0, cell)).flatten();
        let tree = filled.or_else(|| translated(self.graph, later, cell))?;
        (!self.says(cell, &tree)).then_some(tree)
    }

    /// A formula filled into the cell of another, where it gives the same there.
    fn filled_into(&self, tree: &Tree, other: &Tree) -> Option<Tree> {
        translated(self.graph, tree, other.home).filter(|filled| self.gives(filled, other))
    }

    /// Whether a cell's formula gives what this one does.
    fn says(&self, cell: CellId, tree: &Tree) -> bool {
        self.graph.tree(cell).is_some_and(|own| self.gives(&own, tree))
    }

    /// Whether two formulas give the same.
    fn gives(&self, one: &Tree, other: &Tree) -> bool {
        self.graph.tree_text(one) == self.graph.tree_text(other)
            || give_the_same(self.usual.case, one, other)
    }
}
