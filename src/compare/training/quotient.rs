//! Numerical derivatives: gradients that are difference quotients of the loss, `(f(w+h) - f(w-h))/(2*h)`.
//!
//! Such a gradient is never quite the derivative, and no mistake. Its step h is small on the sheet only,
//! not at invented points, so it is held against the derivative by the sheet's own numbers.

use super::case::Case;
use super::terms::{Part, cells_in, factors, only_cell};
use crate::formula::Operator;
use crate::graph::{CellId, Node, Tree};

/// A step that is larger is no step of a difference quotient.
const LARGEST_STEP: f64 = 0.25;
/// So near, of its size, a difference quotient comes to the derivative.
pub(super) const TOLERANCE: f64 = 0.02;

/// A difference quotient.
struct Quotient {
    /// The cells that its step stands in.
    steps: Vec<CellId>,
    /// What is subtracted, where that is a cell.
    subtracted: Option<CellId>,
}

impl Case<'_> {
    /// Whether the gradient of a weight is a difference over a small number that no weight changes.
    pub fn is_difference_quotient(&self, weight: usize, iteration: usize) -> bool {
        self.quotient(weight, iteration).is_some()
    }

    /// The gradient of a weight, where it is a difference quotient.
    fn quotient(&self, weight: usize, iteration: usize) -> Option<Quotient> {
        let graph = self.ground.graph;
        let role = self.roles[weight].get(iteration)?.as_ref()?;
        let tree = match (role.cell, &role.part) {
            (Some(cell), _) => graph.tree(cell)?,
            (None, part) => part.as_ref()?.0.clone(),
        };
        if !is_quotient(&tree.root) {
            return None;
        }
        let found = factors(&tree.root);
        let (below, above): (Vec<_>, Vec<_>) = found.parts.iter().partition(|(_, below)| *below);
        let [(Node::Binary(Operator::Subtract, _, subtracted), _)] = above[..] else { return None };
        let value = |part: &Part| {
            let tree = Tree { home: tree.home, root: part.clone() };
            graph.evaluate_tree(&tree, graph.values()).number().unwrap_or(f64::NAN)
        };
        let numbers: f64 = found.numbers.iter().product();
        let step = below.iter().map(|(part, _)| value(part)).product::<f64>() / numbers;
        let steps: Vec<CellId> = below.iter().flat_map(|(part, _)| cells_in(graph, part)).collect();
        let is_step = (f64::MIN_POSITIVE..=LARGEST_STEP).contains(&step.abs())
            && steps.iter().all(|id| self.ground.tags.is_fixed(*id));
        is_step.then(|| Quotient { steps, subtracted: only_cell(subtracted) })
    }

    /// The loss that all difference quotients of an iteration start from: it is no step further.
    pub fn loss_of_quotients(&self, iteration: usize) -> Option<CellId> {
        let all: Option<Vec<Quotient>> =
            (0..self.group().len()).map(|weight| self.quotient(weight, iteration)).collect();
        let all = all?;
        let loss = all.first()?.subtracted?;
        let behind = self.behind(&[loss]);
        let is_start = |one: &Quotient| {
            one.subtracted == Some(loss) && one.steps.iter().all(|step| !behind.contains(step))
        };
        all.iter().all(is_start).then_some(loss)
    }

    /// Takes difference quotients that come near to the derivatives for these.
    pub fn admit_difference_quotients(&self, iteration: usize, verdicts: &mut [Option<bool>]) {
        let values = self.ground.graph.values();
        for (weight, verdict) in verdicts.iter_mut().enumerate() {
            if *verdict == Some(false) && self.is_difference_quotient(weight, iteration) {
                let expected = |iteration| self.expected(iteration, values)[weight];
                let size = expected(iteration).abs().max(expected(0).abs());
                let off = (self.gradient(weight, iteration, values) - expected(iteration)).abs();
                *verdict = Some(off <= TOLERANCE * size);
            }
        }
    }
}

/// Whether a part divides by something, whatever it is multiplied by.
fn is_quotient(part: &Part) -> bool {
    match part {
        Node::Binary(Operator::Divide, ..) => true,
        Node::Binary(Operator::Multiply, left, right) => is_quotient(left) || is_quotient(right),
        Node::Negate(inner) => is_quotient(inner),
        _ => false,
    }
}
