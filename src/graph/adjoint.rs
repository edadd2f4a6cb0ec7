//! Derivatives by one backward sweep.
//!
//! With the order of the graph turned round, each cell hands what it is worth to the output on to
//! the cells that it is computed from. One sweep gives the derivative of one cell by all others.

use std::collections::HashMap;

use super::evaluate::{Mode, Resolve, Sight};
use super::formula::Slot;
use super::{CellId, Graph, Item, Leaf, Scalar, Target, Tree, Values};

/// The derivatives of one cell by others.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjoints(Vec<f64>);

impl Adjoints {
    /// The derivative of the output by a cell; 0 for a cell that was not reached.
    pub fn get(&self, id: CellId) -> f64 {
        self.0[id.index()]
    }
}

impl Graph {
    /// Evaluates `cells`, which must stand in the order of [`Graph::order`], again with the values
    /// that their inputs have now. Leaves keep theirs.
    pub fn evaluate(&self, values: &mut Values, cells: &[CellId]) {
        for id in cells {
            if let Some(value) = self.computed(*id, values) {
                values.put(*id, value);
            }
        }
    }

    /// What the formula of a cell gives with the values that its inputs have; none for a leaf.
    pub fn computed(&self, id: CellId, values: &Values) -> Option<Item> {
        let tree = self.formula(id).filter(|_| !self.is_leaf(id))?.tree.as_ref().ok()?;
        let targets = self.targets(id);
        let (leaves, look) = (Resolved(targets), |cell: CellId| Some(values.get(cell).clone()));
        let sight = self.sight(id, &leaves, &look, values);
        Some(sight.run(tree, Mode::Single).outcome.first().shown())
    }

    /// The value of a tree that may say something else than its cell does.
    pub fn evaluate_tree(&self, tree: &Tree, values: &Values) -> Scalar {
        let look = |cell: CellId| Some(values.get(cell).clone());
        let sight = self.sight(tree.home, &OfTree, &look, values);
        sight.run(&tree.root, Mode::Single).outcome.first().shown().scalar()
    }

    /// The derivatives of `output` by all of `among` (which must stand in the order of
    /// [`Graph::order`]; the output itself need not be there) and by what these are computed from.
    /// Cells outside of `among` are taken for constants.
    pub fn adjoints(&self, output: CellId, values: &Values, among: &[CellId]) -> Adjoints {
        let mut adjoints = Adjoints(vec![0.0; self.len()]);
        adjoints.0[output.index()] = 1.0;
        if !among.contains(&output) {
            self.sweep(output, values, &mut adjoints);
        }
        for id in among.iter().rev() {
            self.sweep(*id, values, &mut adjoints);
        }
        adjoints
    }

    /// The derivatives of an output that is no cell, given its derivatives by some cells: by all of
    /// `among` and by what these are computed from, as [`Graph::adjoints`] gives them.
    pub fn adjoints_from(
        &self,
        seeds: &[(CellId, f64)],
        values: &Values,
        among: &[CellId],
    ) -> Adjoints {
        self.adjoints_with(seeds, values, among, &HashMap::new())
    }

    /// The same where the formulas of some cells say something else.
    pub fn adjoints_with(
        &self,
        seeds: &[(CellId, f64)],
        values: &Values,
        among: &[CellId],
        changed: &HashMap<CellId, Tree>,
    ) -> Adjoints {
        let mut adjoints = Adjoints(vec![0.0; self.len()]);
        for (id, weight) in seeds {
            adjoints.0[id.index()] += weight;
        }
        for id in among.iter().rev() {
            match changed.get(id) {
                None => self.sweep(*id, values, &mut adjoints),
                Some(tree) => {
                    let weight = adjoints.0[id.index()];
                    for (input, slope) in self.tree_adjoints(tree, values) {
                        adjoints.0[input.index()] += weight * slope;
                    }
                }
            }
        }
        adjoints
    }

    /// Hands what a cell is worth on to its inputs.
    fn sweep(&self, id: CellId, values: &Values, adjoints: &mut Adjoints) {
        let weight = adjoints.0[id.index()];
        if weight == 0.0 || self.is_leaf(id) {
            return;
        }
        let Some(Ok(tree)) = self.formula(id).map(|formula| formula.tree.as_ref()) else { return };
        let targets = self.targets(id);
        let (leaves, look) = (Resolved(targets), |cell: CellId| Some(values.get(cell).clone()));
        let sight = self.sight(id, &leaves, &look, values);
        let record = sight.run(tree, Mode::Single);
        let weights = first_only(weight, record.outcome.items().len());
        sight.pull(&record, &weights, &mut |cell, weight| adjoints.0[cell.index()] += weight);
    }

    /// The derivatives of a tree's value by its leaves, each cell with what all of its places give.
    pub fn tree_adjoints(&self, tree: &Tree, values: &Values) -> Vec<(CellId, f64)> {
        let look = |cell: CellId| Some(values.get(cell).clone());
        let sight = self.sight(tree.home, &OfTree, &look, values);
        let record = sight.run(&tree.root, Mode::Single);
        let weights = first_only(1.0, record.outcome.items().len());
        let mut found: Vec<(CellId, f64)> = Vec::new();
        sight.pull(&record, &weights, &mut |cell, weight| match found
            .iter_mut()
            .find(|(known, _)| *known == cell)
        {
            Some((_, sum)) => *sum += weight,
            None => found.push((cell, weight)),
        });
        found
    }
}

impl Graph {
    fn sight<'a, L>(
        &'a self,
        home: CellId,
        leaves: &'a dyn Resolve<L>,
        look: &'a dyn Fn(CellId) -> Option<Item>,
        values: &Values,
    ) -> Sight<'a, L> {
        let sight = Sight::new(&self.cells, self.home(home), leaves, look);
        Sight { is_smooth: values.is_smooth, ..sight }
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

/// A cell shows the first element of an array.
fn first_only(weight: f64, count: usize) -> Vec<f64> {
    let mut weights = vec![0.0; count];
    if let Some(first) = weights.first_mut() {
        *first = weight;
    }
    weights
}
