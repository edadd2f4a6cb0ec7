//! Evaluating cells again: with other values, with other formulas.

use super::evaluate::{Mode, Resolve, Sight};
use super::formula::Slot;
use super::{CellId, Graph, Item, Leaf, Node, Scalar, Target, Tree, Values};

use crate::watch;

impl Graph {
    /// Evaluates `cells`, which must stand in the order of [`Graph::order`], again with the values
    /// that their inputs have now. Leaves keep theirs.
    pub fn evaluate(&self, values: &mut Values, cells: &[CellId]) {
        watch::look();
        for together in cells.chunk_by(|one, other| self.is_one_array(*one, *other)) {
            let Some(first) = together.iter().find(|id| !self.is_leaf(**id)) else { continue };
            let Some(tree) = self.evaluated(*first) else { continue };
            let outcome = self.with_sight(*first, values, |sight: &Sight<'_, Slot>| {
                sight.run(tree, self.mode(*first)).outcome
            });
            for id in together.iter().filter(|id| !self.is_leaf(**id)) {
                values.put(*id, outcome.shown(self.element(*id)));
            }
        }
    }

    /// What the formula of a cell gives with the values that its inputs have; none for a leaf.
    pub fn computed(&self, id: CellId, values: &Values) -> Option<Item> {
        let tree = self.evaluated(id)?;
        Some(self.with_sight(id, values, |sight: &Sight<'_, Slot>| {
            sight.run(tree, self.mode(id)).outcome.shown(self.element(id))
        }))
    }

    /// The value of a tree that may say something else than its cell does.
    pub fn evaluate_tree(&self, tree: &Tree, values: &Values) -> Scalar {
        let outcome = self
            .with_tree(tree, values, |sight| sight.run(&tree.root, self.mode(tree.home)).outcome);
        outcome.shown(self.element(tree.home)).scalar()
    }

    /// Whether two cells show elements of one array formula.
    pub fn is_one_array(&self, one: CellId, other: CellId) -> bool {
        self.element(one).is_some()
            && self.element(other).is_some()
            && self.home(one) == self.home(other)
    }

    /// The tree of a cell that is evaluated; none for a leaf.
    pub(super) fn evaluated(&self, id: CellId) -> Option<&Node<Slot>> {
        self.formula(id).filter(|_| !self.is_leaf(id))?.tree.as_ref().ok()
    }

    /// How a cell's formula takes ranges.
    pub(super) fn mode(&self, id: CellId) -> Mode {
        if self.element(id).is_some() { Mode::Array } else { Mode::Single }
    }

    /// Does something with what the formula of a cell sees.
    pub(super) fn with_sight<T>(
        &self,
        id: CellId,
        values: &Values,
        work: impl FnOnce(&Sight<'_, Slot>) -> T,
    ) -> T {
        self.with_leaves(id, &Resolved(self.targets(id)), values, work)
    }

    /// Does something with what a tree sees.
    pub(super) fn with_tree<T>(
        &self,
        tree: &Tree,
        values: &Values,
        work: impl FnOnce(&Sight<'_, Leaf>) -> T,
    ) -> T {
        self.with_leaves(tree.home, &OfTree, values, work)
    }

    fn with_leaves<L, T>(
        &self,
        home: CellId,
        leaves: &dyn Resolve<L>,
        values: &Values,
        work: impl FnOnce(&Sight<'_, L>) -> T,
    ) -> T {
        let look = |cell: CellId| Some(values.get(cell).clone());
        let sight = Sight::new(&self.cells, self.home(home), leaves, &look);
        work(&Sight { is_smooth: values.is_smooth, ..sight })
    }
}

/// References that are known.
struct Resolved<'a>(&'a [Target]);

impl Resolve<Slot> for Resolved<'_> {
    fn resolve(&self, slot: &Slot, _: &Sight<'_, Slot>) -> Target {
        self.0[*slot]
    }
}

/// The leaves of a tree say what they mean.
struct OfTree;

impl Resolve<Leaf> for OfTree {
    fn resolve(&self, leaf: &Leaf, _: &Sight<'_, Leaf>) -> Target {
        leaf.target
    }
}
