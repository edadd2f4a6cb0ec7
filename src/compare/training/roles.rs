//! Roles: which cells should be gradients, whatever the updates refer to.
//!
//! A weight's gradients stand where most of its updates find them, iteration by iteration; where one
//! update refers elsewhere, the cell that it should refer to still is to be checked.

use std::collections::HashMap;

use super::case::Case;
use super::iterations::Tag;
use crate::graph::place::{Place, expected_place, most_common};
use crate::graph::{CellId, Tree, Values};

/// What should be the derivative of the loss by a weight, in one iteration.
#[derive(Debug, Clone)]
pub(super) struct Role {
    /// The cell, where it has one of its own.
    pub cell: Option<CellId>,
    /// The part of a formula, where it has none, and what that is multiplied by.
    pub part: Option<(Tree, f64)>,
}

impl Role {
    /// The cell whose formula it is, or is a part of.
    pub fn home(&self) -> Option<CellId> {
        self.cell.or_else(|| self.part.as_ref().map(|(tree, _)| tree.home))
    }
}

impl Case<'_> {
    /// Which cells should be gradients: those that stand where most of a weight's updates find one.
    pub fn find_roles(&self) -> Vec<Vec<Option<Role>>> {
        let graph = self.ground.graph;
        let offsets = |weight: usize| {
            let shown = &self.group()[weight].shown;
            let used = self.used[weight].iter().zip(shown).filter_map(|(used, shown)| {
                let cell = used.as_ref()?.cell?;
                Some(Place::of(graph, cell) - Place::of(graph, *shown))
            });
            used.collect::<Vec<_>>()
        };
        let all = most_common((0..self.group().len()).flat_map(offsets));
        let roles = (0..self.group().len()).map(|weight| {
            let mine = offsets(weight);
            let mut counts: HashMap<Place, usize> = HashMap::new();
            mine.iter().for_each(|offset| *counts.entry(*offset).or_default() += 1);
            let best = counts
                .iter()
                .max_by_key(|(offset, times)| (**times, Some(**offset) == all, **offset));
            let trusted =
                best.filter(|(_, times)| **times * 2 >= mine.len()).map(|(offset, _)| *offset);
            (0..self.iterations()).map(|iteration| self.role(weight, iteration, trusted)).collect()
        });
        roles.collect()
    }

    pub fn role(&self, weight: usize, iteration: usize, offset: Option<Place>) -> Option<Role> {
        let graph = self.ground.graph;
        let used = self.used[weight].get(iteration).and_then(Option::as_ref);
        let Some(offset) = offset else {
            let used = used?;
            return Some(match used.cell {
                Some(cell) => Role { cell: Some(cell), part: None },
                None => Role { cell: None, part: Some((used.tree.clone(), used.factor)) },
            });
        };
        let shown = self.group()[weight].shown.get(iteration).copied();
        let placed = shown.and_then(|shown| (Place::of(graph, shown) + offset).cell(graph));
        let is_here = |id: &CellId| {
            !self.ground.tags.is_variable(*id)
                && matches!(self.ground.tags.get(*id), Tag::Of { training, last, .. }
                    if training == self.training && last == iteration)
        };
        let tracked = || {
            let track =
                self.used[weight].iter().map(|used| Some(Place::of(graph, used.as_ref()?.cell?)));
            expected_place(&track.collect::<Vec<_>>(), iteration)?.cell(graph)
        };
        let own = used.and_then(|used| used.cell);
        let cell = placed.filter(is_here).or_else(|| tracked().filter(is_here)).or(own)?;
        Some(Role { cell: Some(cell), part: None })
    }

    /// The value of what should be a gradient, at a point.
    pub fn gradient(&self, weight: usize, iteration: usize, values: &Values) -> f64 {
        let role = self.roles[weight].get(iteration).and_then(Option::as_ref);
        let value = role.and_then(|role| match (&role.cell, &role.part) {
            (Some(cell), _) => values.number(*cell),
            (None, Some((tree, factor))) => {
                Some(self.ground.graph.evaluate_tree(tree, values).number()? * factor)
            }
            _ => None,
        });
        value.unwrap_or(f64::NAN)
    }

    /// Whether a cell should be the gradient of a weight.
    pub fn is_role(&self, weight: usize, iteration: usize, cell: CellId) -> bool {
        let role = self.roles[weight].get(iteration).and_then(Option::as_ref);
        role.is_some_and(|role| role.cell == Some(cell))
    }
}
