//! Roles: which cells should be gradients, whatever the updates refer to.
//!
//! A weight's gradients stand where most of its updates find them, iteration by iteration; where one
//! update refers elsewhere, the cell that it should refer to still is to be checked.

use std::collections::{HashMap, HashSet};

use super::case::Case;
use super::fill::exchange;
use super::held;
use super::iterations::Tag;
use super::terms::{Part, cells_in};
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
            // Not where most of them take a part of a formula.
            let taken = self.used[weight].iter().flatten().count();
            let trusted = best.filter(|(_, times)| **times * 2 >= taken).map(|(offset, _)| *offset);
            (0..self.iterations()).map(|iteration| self.role(weight, iteration, trusted)).collect()
        });
        let mut roles: Vec<Vec<Option<Role>>> = roles.collect();
        (0..self.iterations()).for_each(|iteration| self.as_parts(&mut roles, iteration));
        for (of, used) in roles.iter_mut().zip(&self.used) {
            let parts = of.iter().flatten().filter(|role| role.part.is_some()).count();
            let is_most = parts * 2 > of.len();
            // Where no update follows there is no such part either.
            for (at, role) in of.iter_mut().enumerate().filter(|_| is_most) {
                if used.get(at).is_none_or(Option::is_none) {
                    *role = None;
                }
            }
        }
        roles
    }

    /// Takes what an update multiplies for a part of its formula, though it is a cell, where other weights'
    /// gradients are parts that are made of it: `2*e` of a bias, beside `2*e*x`, is no gradient `e`.
    fn as_parts(&self, roles: &mut [Vec<Option<Role>>], iteration: usize) {
        let parts = roles.iter().filter_map(|of| of.get(iteration)?.as_ref()?.part.as_ref());
        let cells = parts.flat_map(|(tree, _)| cells_in(self.ground.graph, &tree.root));
        let cells: HashSet<CellId> = cells.collect();
        for (of, used) in roles.iter_mut().zip(&self.used) {
            let (Some(Some(role)), Some(Some(used))) = (of.get_mut(iteration), used.get(iteration))
            else {
                continue;
            };
            if role.cell == used.cell && role.cell.is_some_and(|cell| cells.contains(&cell)) {
                *role = Role { cell: None, part: Some((used.tree.clone(), used.factor)) };
            }
        }
    }

    pub fn role(&self, weight: usize, iteration: usize, offset: Option<Place>) -> Option<Role> {
        let graph = self.ground.graph;
        let used = self.used[weight].get(iteration).and_then(Option::as_ref);
        // Data that a step is a multiple of are no gradient, but what is left of one in the update.
        let own = used.and_then(|used| used.cell).filter(|cell| !self.ground.tags.is_fixed(*cell));
        let of_cell = |cell: CellId| Role { cell: Some(cell), part: None };
        let of_part = || {
            let used = used?;
            Some(Role { cell: None, part: Some((used.tree.clone(), used.factor)) })
        };
        let Some(offset) = offset else { return own.map(of_cell).or_else(of_part) };
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
        let cell = placed.filter(is_here).or_else(|| tracked().filter(is_here)).or(own);
        cell.map(of_cell).or_else(of_part)
    }

    /// The formula of a cell with another gradient in the place of the one that is a part of it; an update
    /// that steps under a condition has it as a factor then.
    pub fn with_gradient(&self, part: &Tree, new: &Part) -> Option<Part> {
        let (graph, home) = (self.ground.graph, part.home);
        let tree = graph.tree(home)?;
        exchange(&tree.root, &part.root, new).or_else(|| {
            let mut updates =
                self.group().iter().flat_map(|weight| weight.updates.iter().flatten());
            let update = updates.find(|update| update.cell == home)?;
            exchange(&held::free(graph, &tree.root, update.previous).0, &part.root, new)
        })
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
