//! Parts of a sheet's formulas that stand for the gradient or for the number of the iteration, with a
//! cell in their places.

use crate::compare::training::optimizer::recurrence::Recurrence;
use crate::compare::training::terms::{Part, cells_in, factors};
use crate::formula::Operator;
use crate::graph::{CellId, Leaf, Node, Tree};

/// Cells that stand for the gradient and for the number of the iteration, where these are parts of a
/// formula.
pub(super) struct Marks<'r, 'c, 'a> {
    recurrence: &'r Recurrence<'c, 'a>,
    home: CellId,
    iteration: usize,
    pub gradient: CellId,
    pub step: CellId,
}

impl<'r, 'c, 'a> Marks<'r, 'c, 'a> {
    pub fn new(recurrence: &'r Recurrence<'c, 'a>, tree: &Tree, iteration: usize) -> Self {
        let graph = recurrence.case.ground.graph;
        let used = cells_in(graph, &tree.root);
        // Any cells that the formula does not refer to will do.
        let mut free = graph.order().iter().rev().copied().filter(|id| !used.contains(id));
        let gradient = free.next().unwrap_or(tree.home);
        let step = free.next().unwrap_or(tree.home);
        Marks { recurrence, home: tree.home, iteration, gradient, step }
    }

    pub fn marked(&self, part: &Part) -> Part {
        if let Some(found) = self.as_step(part).or_else(|| self.as_gradient(part)) {
            return found;
        }
        let mut marked = part.clone();
        for (inner, own) in marked.parts_mut().into_iter().zip(part.parts()) {
            *inner = self.marked(own);
        }
        marked
    }

    /// `ROW()` and the like, which count the iterations.
    fn as_step(&self, part: &Part) -> Option<Part> {
        let Node::Call(function, _) = part else { return None };
        if !["ROW", "ROWS", "COLUMN", "COLUMNS"].contains(&function.name) {
            return None;
        }
        let graph = self.recurrence.case.ground.graph;
        let tree = Tree { home: self.home, root: part.clone() };
        let number = graph.evaluate_tree(&tree, graph.values()).number()?;
        let more = number - self.iteration as f64 - 1.0;
        let step = Node::Leaf(Leaf::cell(self.step));
        Some(if more == 0.0 { step } else { step.binary(Operator::Add, Node::Number(more)) })
    }

    /// The gradient, where it is a part of this formula, or a factor in a product.
    fn as_gradient(&self, part: &Part) -> Option<Part> {
        let gradient = self.recurrence.gradients.get(self.iteration)?;
        if gradient.cell.is_some() || gradient.tree.home != self.home {
            return None;
        }
        let mark = Node::Leaf(Leaf::cell(self.gradient));
        let (whole, wanted) = (factors(part), factors(&gradient.tree.root));
        if *part == gradient.tree.root {
            return Some(mark);
        }
        let mut left = whole.parts.clone();
        for one in &wanted.parts {
            let at = left.iter().position(|other| other == one)?;
            left.remove(at);
        }
        let is_product = whole.parts.len() + whole.numbers.len() > 1;
        if wanted.parts.is_empty() || !is_product {
            return None;
        }
        let number: f64 =
            whole.numbers.iter().product::<f64>() / wanted.numbers.iter().product::<f64>();
        let product = left.into_iter().fold(mark, |product, (one, is_divisor)| {
            let operator = if is_divisor { Operator::Divide } else { Operator::Multiply };
            product.binary(operator, one.clone())
        });
        // Beside the rate, numbers belong to the gradient.
        let number = number / gradient.factor;
        Some(match number {
            1.0 => product,
            number => Node::Number(number).binary(Operator::Multiply, product),
        })
    }
}
