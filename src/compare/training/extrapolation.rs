//! Nesterov's momentum as his paper writes it: x by a step from y, and y from the last two x.
//!
//! Both look like updates, `x = y - lr*g` and `y = x + mu*(x - x of before)`, and follow on each other in
//! one chain. The second has no gradient: it extrapolates.

use super::case::Case;
use super::result::{Finding, Kind, Optimizer};
use super::terms::{Sign, factors, only_cell};
use crate::formula::Operator;
use crate::graph::{Node, Tree};

impl Case<'_> {
    /// The direction in which an update extrapolates a weight's last two values: 1 where it goes on; none
    /// where it does something else.
    fn extrapolates(&self, weight: usize, at: usize) -> Option<Sign> {
        let of = &self.group()[weight];
        let update = of.updates.get(at)?.as_ref()?;
        let found = factors(&update.step);
        let difference = found.parts.iter().find_map(|(part, is_divisor)| match part {
            Node::Binary(Operator::Subtract, one, other) if !is_divisor => {
                Some((only_cell(one)?, only_cell(other)?))
            }
            _ => None,
        });
        let (one, other) = difference?;
        // The first goes on from a start that is no value of the chain.
        let is_before = |id| match at.checked_sub(2) {
            Some(before) => of.values.get(before) == Some(&id),
            None => self.ground.tags.is_fixed(id),
        };
        let sign = update.sign * found.numbers.iter().map(|one| one.signum()).product::<f64>();
        match (one == update.previous, other == update.previous) {
            (true, false) if is_before(other) => Some(sign),
            (false, true) if is_before(one) => Some(-sign),
            _ => None,
        }
    }

    /// Whether every other update of every weight extrapolates.
    pub fn is_extrapolated(&self) -> bool {
        let every_other = |weight: usize| {
            let count = self.group()[weight].updates.len();
            count > 2
                && (0..count).all(|at| self.extrapolates(weight, at).is_some() == (at % 2 == 1))
        };
        (0..self.group().len()).all(every_other)
    }

    /// The optimizer of such a training, and places that lie behind the weights instead of ahead.
    pub fn extrapolated(&self) -> (Optimizer, Vec<Finding>) {
        let optimizer = Optimizer {
            name: "nesterov".to_owned(),
            title: "Nesterov momentum".to_owned(),
            departures: vec![
                "takes the gradient at a place ahead, extrapolated from the last two weights"
                    .to_owned(),
            ],
            ..Optimizer::default()
        };
        let weights = 0..self.group().len();
        (optimizer, weights.filter_map(|weight| self.place_behind(weight)).collect())
    }

    fn place_behind(&self, weight: usize) -> Option<Finding> {
        let graph = self.ground.graph;
        let updates = self.group()[weight].updates.iter().enumerate();
        let behind = updates.filter(|(at, _)| self.extrapolates(weight, *at) == Some(-1.0));
        let cells: Vec<_> = behind.filter_map(|(_, update)| Some(update.as_ref()?.cell)).collect();
        let tree = graph.tree(*cells.first()?)?;
        let mended = match &tree.root {
            Node::Binary(operator, one, other) => operator.turned().map(|turned| Tree {
                home: tree.home,
                root: Node::Binary(turned, one.clone(), other.clone()),
            }),
            _ => None,
        };
        let message = format!(
            "The place at which the gradient of {} is taken lies behind the last two values instead of ahead.",
            self.weight_name(weight)
        );
        let mut finding = Finding::new(Kind::Value, cells, message);
        if let Some(mended) = mended {
            self.propose_for_all(&mut finding, &mended);
        }
        finding.consequences = self.consequences(&finding.cells);
        Some(finding)
    }
}
