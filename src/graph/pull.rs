//! The backward sweep through one formula.
//!
//! Each part of a record hands the weight of its value on to the parts that it was computed from,
//! times its local derivatives, down to the cells.

use super::cells::{CellId, Target};
use super::evaluate::{Mode, Record, Sight};
use super::formula::Node;
use super::functions::{Kind, Special};
use super::operators::{Few, all_numbers, slope};

impl<L> Sight<'_, L> {
    /// Hands the weights of the elements of a record's outcome on to the cells that it was computed
    /// from.
    pub fn pull(&self, record: &Record<'_, L>, weights: &[f64], take: &mut dyn FnMut(CellId, f64)) {
        if weights.iter().all(|weight| *weight == 0.0) {
            return;
        }
        if let Some(part) = record.chosen {
            return self.pull(&record.parts[part], weights, take);
        }
        match record.node {
            Node::Leaf(leaf) => self.pull_leaf(leaf, record.mode, weights, take),
            Node::Call(function, _) => match &function.kind {
                Kind::Special(Special::If) => self.pull_choices(record, weights, take),
                Kind::Special(_) | Kind::Items(_) => {}
                Kind::Numbers(numbers) => {
                    self.pull_elements(record, weights, take, |by, n| numbers.derivative(by, n));
                }
                Kind::Ranges { adjoint, .. } => {
                    let pulled = adjoint(&record.arguments(), &record.outcome, weights);
                    for (part, weights) in record.parts.iter().zip(pulled) {
                        self.pull(part, &weights, take);
                    }
                }
            },
            Node::Array(_) => {
                for (part, weight) in record.parts.iter().zip(weights) {
                    self.pull(part, &[*weight], take);
                }
            }
            Node::Negate(_) => self.pull_elements(record, weights, take, |_, _| -1.0),
            Node::Percent(_) => self.pull_elements(record, weights, take, |_, _| 0.01),
            Node::Binary(operator, ..) => {
                self.pull_elements(record, weights, take, |by, n| slope(*operator, by, n));
            }
            _ => {}
        }
    }

    fn pull_leaf(&self, leaf: &L, mode: Mode, weights: &[f64], take: &mut dyn FnMut(CellId, f64)) {
        let target = self.leaves.resolve(leaf, self);
        if let Target::Cell(id) = target {
            return take(id, weights[0]);
        }
        let Ok(block) = self.block(target, mode) else { return };
        for id in self.cells.within(block) {
            let place = block.place(self.cells.position(id));
            if let Some(weight) = place.and_then(|place| weights.get(place)) {
                take(id, *weight);
            }
        }
    }

    /// Hands weights on to the branches that were taken, element by element.
    fn pull_choices(
        &self,
        record: &Record<'_, L>,
        weights: &[f64],
        take: &mut dyn FnMut(CellId, f64),
    ) {
        let Some((condition, branches)) = record.parts.split_first() else { return };
        self.pull_shared(record, weights, take, branches, |branch, row, column| {
            let holds = condition.outcome.at(row, column).arithmetic().is_ok_and(|n| n != 0.0);
            f64::from(u8::from(holds == (branch == 0)))
        });
    }

    /// Hands weights on through a function of numbers, element by element.
    fn pull_elements(
        &self,
        record: &Record<'_, L>,
        weights: &[f64],
        take: &mut dyn FnMut(CellId, f64),
        derivative: impl Fn(usize, &[f64]) -> f64,
    ) {
        self.pull_shared(record, weights, take, &record.parts, |by, row, column| {
            let items = Few::of(record.parts.iter().map(|part| part.outcome.at(row, column)));
            let numbers = all_numbers(items.as_slice());
            numbers.map_or(0.0, |numbers| derivative(by, numbers.as_slice()))
        });
    }

    /// Hands the weight of each element on to the elements of `parts`, times what `share` says.
    fn pull_shared(
        &self,
        record: &Record<'_, L>,
        weights: &[f64],
        take: &mut dyn FnMut(CellId, f64),
        parts: &[Record<'_, L>],
        share: impl Fn(usize, usize, usize) -> f64,
    ) {
        let (rows, columns) = record.outcome.shape();
        for (by, part) in parts.iter().enumerate() {
            if part.is_constant() {
                continue;
            }
            if rows * columns == 1 && part.outcome.items().len() == 1 {
                self.pull(part, &[weights[0] * share(by, 0, 0)], take);
                continue;
            }
            let mut pulled = vec![0.0; part.outcome.items().len()];
            for row in 0..rows {
                for column in 0..columns {
                    let weight = weights.get(row * columns + column).copied().unwrap_or(0.0);
                    if weight != 0.0
                        && let Some(place) = part.outcome.place(row, column)
                    {
                        pulled[place] += weight * share(by, row, column);
                    }
                }
            }
            self.pull(part, &pulled, take);
        }
    }
}
