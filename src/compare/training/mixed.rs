//! Steps that are made of the right derivatives, each of those by all weights: Newton's method with the
//! inverse of a Hessian, a gradient over its norm. No step is a multiple of its own derivative alone,
//! and none is wrong for that.

use std::collections::HashSet;

use super::case::Case;
use super::check::agrees;
use super::loss::Slopes;
use super::result::Rule;
use super::steps::Gradient;
use super::terms::cells_in;
use crate::graph::{CellId, Leaf, Node, Tree};

impl Case<'_> {
    /// Takes for the gradients the cells with the derivatives of what is called the loss, where every
    /// step is computed from all of them.
    pub fn mixed(&mut self, slopes: &Slopes, sample: usize) -> Option<Rule> {
        let weights = 0..self.group().len();
        if weights.len() < 2 {
            return None;
        }
        let loss = self.named_loss(&self.candidates(slopes, sample))?;
        let cells = weights.clone().map(|weight| self.derivative_cell(loss, weight, sample));
        let cells: Vec<CellId> = cells.collect::<Option<_>>()?;
        // Two weights that the loss depends on alike have one: each step is made of it anyhow.
        let is_double = |(at, cell): (usize, &CellId)| cells[..at].contains(cell);
        if cells.iter().enumerate().any(is_double) {
            return None;
        }
        let is_of_all = |weight: usize| {
            let update = self.group()[weight].updates.get(sample).and_then(Option::as_ref);
            update.is_some_and(|update| {
                let behind = self.behind(&cells_in(self.ground.graph, &update.step));
                cells.iter().all(|cell| behind.contains(cell))
            })
        };
        if !weights.clone().all(is_of_all) {
            return None;
        }
        let of = |weight: usize| {
            let updates = self.group()[weight].updates.iter().enumerate();
            let gradient = |(at, update): (usize, &Option<_>)| {
                update.as_ref()?;
                let cell = match at == sample {
                    true => cells[weight],
                    false => self.like(cells[weight], sample, at)?,
                };
                let root = Node::Leaf(Leaf::cell(cell));
                Some(Gradient { cell: Some(cell), tree: Tree { home: cell, root }, factor: 1.0 })
            };
            updates.map(gradient).collect()
        };
        self.used = weights.map(of).collect();
        self.roles = self.find_roles();
        self.losses = self.losses_like(loss, sample);
        self.factor = 1.0;
        Some(Rule::Other)
    }

    /// The cell that holds the derivative of a loss by a weight.
    fn derivative_cell(&self, loss: CellId, weight: usize, iteration: usize) -> Option<CellId> {
        let (graph, points) = (self.ground.graph, &self.ground.invented.points);
        let variable = self.variable(weight, iteration)?;
        let ahead: HashSet<CellId> = self.ahead_of(&[loss], iteration);
        let expected = |values| graph.adjoints(loss, values, self.cells(iteration)).get(variable);
        let expected: Vec<f64> = points.iter().map(expected).collect();
        let is_one = |id: &&CellId| {
            let mut pairs = points.iter().zip(&expected);
            pairs.all(|(at, other)| at.number(**id).is_some_and(|one| agrees(one, *other)))
        };
        let mut behind = self.cells(iteration).iter().filter(|id| !ahead.contains(id));
        behind.find(is_one).copied().filter(|_| expected.iter().any(|one| *one != 0.0))
    }
}
