//! Derivatives by one backward sweep.
//!
//! With the order of the graph turned round, each cell hands what it is worth to the output on to
//! the cells that it is computed from. One sweep gives the derivative of one cell by all others.

use std::collections::HashMap;

use super::evaluate::{Record, Sight};
use super::formula::Slot;
use super::{CellId, Graph, Tree, Values};

use crate::watch;

/// The derivatives of one cell by others.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjoints {
    /// By the number of the cell; empty where few cells are reached.
    dense: Vec<f64>,
    /// By the cell, where a list of all would mostly hold zeros: one iteration of many.
    sparse: HashMap<CellId, f64>,
}

/// A sweep over a smaller part of the cells than this is kept by cell.
const SPARSE: usize = 64;

impl Adjoints {
    /// Nothing yet, of a sweep over so many of the cells.
    fn new(among: usize, all: usize) -> Adjoints {
        let dense = if among * SPARSE < all { Vec::new() } else { vec![0.0; all] };
        Adjoints { dense, sparse: HashMap::new() }
    }

    /// The derivative of the output by a cell; 0 for a cell that was not reached.
    pub fn get(&self, id: CellId) -> f64 {
        match self.dense.get(id.index()) {
            Some(derivative) => *derivative,
            None => self.sparse.get(&id).copied().unwrap_or(0.0),
        }
    }

    fn add(&mut self, id: CellId, derivative: f64) {
        match self.dense.get_mut(id.index()) {
            Some(sum) => *sum += derivative,
            None => *self.sparse.entry(id).or_default() += derivative,
        }
    }
}

impl Graph {
    /// The derivatives of `output` by all of `among` (which must stand in the order of
    /// [`Graph::order`]; the output itself need not be there) and by what these are computed from.
    /// Cells outside of `among` are taken for constants.
    pub fn adjoints(&self, output: CellId, values: &Values, among: &[CellId]) -> Adjoints {
        let mut adjoints = Adjoints::new(among.len(), self.len());
        adjoints.add(output, 1.0);
        if !among.contains(&output) {
            self.sweep(&[output], values, &mut adjoints);
        }
        self.sweep_all(values, among, &HashMap::new(), &mut adjoints);
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
        let mut adjoints = Adjoints::new(among.len(), self.len());
        for (id, weight) in seeds {
            adjoints.add(*id, *weight);
        }
        self.sweep_all(values, among, changed, &mut adjoints);
        adjoints
    }

    fn sweep_all(
        &self,
        values: &Values,
        among: &[CellId],
        changed: &HashMap<CellId, Tree>,
        adjoints: &mut Adjoints,
    ) {
        watch::look();
        // The elements of an array formula are computed together.
        for together in among.chunk_by(|one, other| self.is_one_array(*one, *other)).rev() {
            match changed.get(&together[0]).filter(|_| !changed.is_empty()) {
                None => self.sweep(together, values, adjoints),
                Some(tree) => {
                    let weight = adjoints.get(together[0]);
                    for (input, slope) in self.tree_adjoints(tree, values) {
                        adjoints.add(input, weight * slope);
                    }
                }
            }
        }
    }

    /// Hands what a cell is worth on to its inputs; several are elements of one array formula.
    fn sweep(&self, cells: &[CellId], values: &Values, adjoints: &mut Adjoints) {
        let worth: Vec<f64> = cells
            .iter()
            .map(|id| if self.is_leaf(*id) { 0.0 } else { adjoints.get(*id) })
            .collect();
        let Some(first) = worth.iter().position(|worth| *worth != 0.0) else { return };
        let first = cells[first];
        let Some(tree) = self.evaluated(first) else { return };
        self.with_sight(first, values, |sight: &Sight<'_, Slot>| {
            let record = sight.run(tree, self.mode(first));
            let mut weights = vec![0.0; record.outcome.items().len()];
            for (id, worth) in cells.iter().zip(&worth) {
                let (row, column) = self.element(*id).unwrap_or_default();
                if let Some(place) = record.outcome.place(row as usize, column as usize) {
                    weights[place] += worth;
                }
            }
            sight.pull(&record, &weights, &mut |cell, weight| adjoints.add(cell, weight));
        });
    }

    /// The derivatives of a tree's value by its leaves, each cell with what all of its places give.
    pub fn tree_adjoints(&self, tree: &Tree, values: &Values) -> Vec<(CellId, f64)> {
        let mut found: Vec<(CellId, f64)> = Vec::new();
        self.with_tree(tree, values, |sight| {
            let record = sight.run(&tree.root, self.mode(tree.home));
            let weights = self.of_element(tree.home, &record);
            sight.pull(&record, &weights, &mut |cell, weight| match found
                .iter_mut()
                .find(|(known, _)| *known == cell)
            {
                Some((_, sum)) => *sum += weight,
                None => found.push((cell, weight)),
            });
        });
        found
    }

    /// The weight 1 for the element of a record that a cell shows.
    fn of_element<L>(&self, id: CellId, record: &Record<'_, L>) -> Vec<f64> {
        let mut weights = vec![0.0; record.outcome.items().len()];
        let (row, column) = self.element(id).unwrap_or_default();
        if let Some(place) = record.outcome.place(row as usize, column as usize) {
            weights[place] = 1.0;
        }
        weights
    }
}
