//! Which cell is what in each iteration of a training, for whoever explains or shows one.

use super::case::Case;
use crate::graph::{CellExpr, CellId, Graph, Leaf, Node, Tree};

/// The cells of one iteration.
#[derive(Debug, Clone, Default)]
pub struct Iteration {
    /// What is computed from its weights, in the order of computing.
    pub cells: Vec<CellId>,
    /// The loss, where the sheet computes it.
    pub loss: Option<CellId>,
    /// What a loss is made of that the sheet does not compute.
    pub residuals: Vec<Residual>,
    /// The cells of the learning rate.
    pub rates: Vec<CellId>,
    /// The cells of each weight, in the order of the training's weights.
    pub weights: Vec<WeightCells>,
}

/// A part of a loss that the sheet does not compute.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    /// What is predicted less what was measured, or the other way round.
    pub value: CellExpr,
    /// The derivative of the loss by it.
    pub slope: CellExpr,
    /// What it adds to the loss.
    pub term: CellExpr,
}

/// What belongs to one weight in one iteration.
#[derive(Debug, Clone, Default)]
pub struct WeightCells {
    /// The cell with its value.
    pub value: Option<CellId>,
    /// The cell that its update refers to for the value.
    pub shown: Option<CellId>,
    /// The cell with the next value.
    pub update: Option<CellId>,
    /// The cell that should be the derivative of the loss by it.
    pub gradient: Option<CellId>,
    /// The part of the update's formula that should be, where no cell is, and what it is multiplied
    /// by beside the learning rate.
    pub part: Option<(Tree, f64)>,
    /// Whether that is the derivative; none where there is nothing to hold it against.
    pub holds: Option<bool>,
}

impl WeightCells {
    /// The formula that should be the derivative, and what it is multiplied by beside the learning
    /// rate.
    pub fn formula(&self, graph: &Graph) -> Option<(Tree, f64)> {
        match (self.gradient, &self.part) {
            (Some(cell), _) => {
                let only = || Tree { home: cell, root: Node::Leaf(Leaf::cell(cell)) };
                Some((graph.tree(cell).unwrap_or_else(only), 1.0))
            }
            (None, Some((tree, times))) => Some((tree.clone(), *times)),
            _ => None,
        }
    }
}

/// The iterations of a training that was checked.
pub(super) fn iterations(case: &Case) -> Vec<Iteration> {
    (0..case.iterations()).map(|at| iteration(case, at)).collect()
}

fn iteration(case: &Case, at: usize) -> Iteration {
    let weights = case.group().iter().enumerate().map(|(number, weight)| {
        let role = case.roles[number].get(at).and_then(Option::as_ref);
        WeightCells {
            value: case.variable(number, at),
            shown: weight.shown.get(at).copied(),
            update: weight.updates.get(at).and_then(|update| Some(update.as_ref()?.cell)),
            gradient: role.and_then(|role| role.cell),
            part: role.and_then(|role| role.part.clone()),
            holds: case.verdicts.get(number).and_then(|all| *all.get(at)?),
        }
    });
    let mut rates: Vec<CellId> = case.rates.cells.get(at).copied().flatten().into_iter().collect();
    rates.extend((0..case.group().len()).filter_map(|weight| case.rate_of(weight, at).cell()));
    rates.sort_unstable();
    rates.dedup();
    Iteration {
        rates,
        cells: case.cells(at).to_vec(),
        loss: case.loss(at),
        residuals: case.implied.as_ref().map_or(Vec::new(), |implied| implied.parts(case, at)),
        weights: weights.collect(),
    }
}
