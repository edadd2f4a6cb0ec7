//! The search for the edit that makes derivatives hold.
//!
//! An edit is right when, with it, what should be derivatives are, at all invented points. Formulas on
//! the way from the loss back to the weights are tried first, each with its whole family in the
//! iteration; where several derivatives fail and no single one of these mends them, the mistake may be
//! in the forward pass, which they are all computed from.

mod bench;
mod unit;

use std::cmp::Reverse;
use std::collections::HashSet;

pub(super) use bench::Bench;

use super::case::Case;
use super::check::agrees;
use super::counterpart::{shape_of, shape_of_part};
use super::edits::Change;
use super::surroundings::surroundings;
use super::terms::cells_in;
use crate::graph::{CellId, FamilyId, Graph, Node, Tree, Values};

/// So many formulas are evaluated for one search, about a second's worth.
pub(super) const MOST_EVALUATED: usize = 400_000;
/// In so many other iterations it is looked whether an edit is right there, too.
const MOST_ITERATIONS: usize = 3;
/// What an edit costs that leaves a number unused.
const WASTED: f64 = 1.8;
/// What an edit costs of a slope that is right as it is.
const SLOPE: f64 = 1.0;
/// What an edit costs of a formula that says the same as others that are right.
pub(super) const LIKE: f64 = 0.6;
/// What an edit costs that makes another of a formula than of others that say the same and are right.
const FILLED: f64 = 1.7;
/// What a mistake in the forward pass costs beside its edit: it is the less likely one.
pub(super) const FORWARD: f64 = 1.0;

/// An edit that makes derivatives hold.
#[derive(Debug, Clone)]
pub(super) struct Fix {
    /// The cells of one iteration with the wrong formula, one family.
    pub cells: Vec<CellId>,
    /// The formulas that they should have.
    pub trees: Vec<Tree>,
    /// How the first one is changed.
    pub change: Change,
    pub cost: f64,
    /// The weights whose derivatives hold with it.
    pub weights: Vec<usize>,
    /// Whether the forward pass is changed.
    pub is_forward: bool,
}

/// The edits that mend the failing derivatives of an iteration, those that mend most first.
pub(super) fn fixes(case: &Case, iteration: usize, failing: &[usize]) -> Vec<Fix> {
    let mut bench = Bench::new(case, iteration, failing);
    let beside = bench.odd_pattern().or_else(|| bench.forward_pattern());
    if let Some(fix) = beside.or_else(|| bench.odd_sibling()) {
        return vec![fix];
    }
    let signs = bench.lost_signs();
    if !signs.is_empty() {
        return signs;
    }
    let backward = bench.backward();
    let cost: f64 = backward.iter().map(|fix| fix.cost).sum();
    let mended: HashSet<usize> = backward.iter().flat_map(|fix| fix.weights.clone()).collect();
    let left = failing.iter().filter(|one| !mended.contains(one)).count();
    if left > 0 || backward.len() > 1 || cost > 1.0 + FORWARD {
        let limit = if left > 0 { f64::INFINITY } else { cost };
        if let Some(fix) = bench.forward(limit) {
            return vec![fix];
        }
    }
    backward
}

/// The edit of the loss, and of nothing that predictions are made of, with which all derivatives hold.
pub(super) fn loss_fix(
    case: &Case,
    iteration: usize,
    failing: &[usize],
    predictions: &HashSet<CellId>,
) -> Option<Fix> {
    let mut bench = Bench::new(case, iteration, failing);
    bench.ahead.retain(|id| !predictions.contains(id));
    let mut fix = bench.forward(f64::INFINITY)?;
    fix.cost += bench.wasted(&fix);
    Some(fix)
}

/// The edits of what gradients are computed from, and of no prediction, that mend failing ones.
pub(super) fn gradient_fixes(case: &Case, iteration: usize, failing: &[usize]) -> Vec<Fix> {
    Bench::new(case, iteration, failing).backward()
}

/// The values that a formula should have at the invented points where it is filled into a cell.
pub(super) struct Wanted {
    cell: CellId,
    values: Vec<f64>,
}

/// Cells of one formula that may be the cause, what depends on them, and the weights whose derivatives do.
struct Suspect {
    unit: Vec<CellId>,
    behind: Vec<CellId>,
    weights: Vec<usize>,
}

impl Bench<'_, '_> {
    /// Fixes on the way from the loss back to the weights, as few and as cheap as there are: what mends
    /// most derivatives goes before what mends few.
    fn backward(&mut self) -> Vec<Fix> {
        let mut suspects = self.suspects();
        suspects.sort_by_key(|one| Reverse(one.weights.len()));
        let right = self.right_shapes();
        let mut chosen: Vec<Fix> = Vec::new();
        let is_new = |chosen: &[Fix], weights: &[usize]| {
            let mut known = chosen.iter().flat_map(|fix| &fix.weights);
            !known.any(|weight| weights.contains(weight))
        };
        for equals in suspects.chunk_by(|a, b| a.weights.len() == b.weights.len()) {
            let equals = equals.iter().filter(|one| is_new(&chosen, &one.weights));
            let found =
                equals.filter_map(|one| self.unit_fix(&one.unit, &one.behind, &one.weights));
            let mut found: Vec<Fix> = found.collect();
            for fix in &mut found {
                fix.cost += self.wasted(fix);
                let shape = shape_of(self.graph(), fix.cells[0]);
                let is_like = shape.is_some_and(|shape| right.contains(&shape));
                fix.cost += match is_like {
                    true if self.is_like_right_no_more(fix) => FILLED,
                    true => LIKE,
                    false => 0.0,
                };
                fix.cost += if self.is_slope(fix.cells[0]) { SLOPE } else { 0.0 };
            }
            found.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.cells.len().cmp(&b.cells.len())));
            for fix in found {
                if is_new(&chosen, &fix.weights) {
                    chosen.push(fix);
                }
            }
        }
        chosen.extend(self.inline(&chosen));
        chosen
    }

    /// The families between the loss and the weights that failing derivatives, and no right ones, are
    /// computed from.
    fn suspects(&self) -> Vec<Suspect> {
        let mut suspects = Vec::new();
        for unit in self.units(false) {
            let behind = self.behind(&unit);
            let mut weights = self.weights_behind(&behind);
            let is_failing = |weight: &usize| self.failing.contains(weight);
            if !weights.iter().all(is_failing) {
                weights.retain(|weight| self.moves(&unit, *weight));
            }
            // What right derivatives are computed from is right.
            let is_suspect = weights.iter().all(is_failing);
            if is_suspect && !weights.iter().all(|weight| self.is_unused(*weight)) {
                suspects.push(Suspect { unit, behind, weights });
            }
        }
        suspects
    }

    /// Whether a formula is the gradient of a weight and says the same as that of another, which holds, and
    /// would say what none of these does.
    fn is_like_right_no_more(&self, fix: &Fix) -> bool {
        let (graph, cell) = (self.graph(), fix.cells[0]);
        let role = |weight: usize| self.case.roles[weight].get(self.iteration)?.as_ref()?.cell;
        let weights = 0..self.case.group().len();
        let right = weights.clone().filter(|weight| !self.failing.contains(weight));
        let right = right.filter_map(role).filter(|other| *other != cell);
        let right: Vec<String> = right.filter_map(|other| shape_of(graph, other)).collect();
        let is_gradient = weights.filter_map(role).any(|other| other == cell);
        let new = shape_of_part(&fix.trees[0].root);
        is_gradient
            && shape_of(graph, cell).is_some_and(|own| right.contains(&own))
            && !right.contains(&new)
    }

    /// What the formulas say that derivatives are computed from which hold.
    fn right_shapes(&self) -> HashSet<String> {
        let holds = |weight: &usize| !self.failing.contains(weight);
        let right: Vec<usize> = (0..self.case.group().len()).filter(holds).collect();
        let needed = self.needed_by(&right);
        let backward = needed.iter().filter(|id| !self.ahead.contains(id));
        backward.filter_map(|id| shape_of(self.graph(), *id)).collect()
    }

    /// Whether a cell holds the derivative of a forward formula, not the loss, by one of its cells: a
    /// slope that is right as it is.
    fn is_slope(&self, cell: CellId) -> bool {
        let loss = self.case.loss(self.iteration);
        let forward = self.ahead.iter().filter(|id| Some(**id) != loss);
        let forward = forward.filter_map(|id| self.graph().tree(*id));
        forward.into_iter().any(|tree| {
            let slopes = |at: &Values| self.graph().tree_adjoints(&tree, at);
            let inputs = cells_in(self.graph(), &tree.root);
            inputs.iter().any(|input| {
                self.points.iter().all(|at| {
                    let slope = slopes(at).into_iter().find(|(id, _)| id == input);
                    let is_same = |(_, slope): (CellId, f64)| {
                        slope != 1.0 && at.number(cell).is_some_and(|value| agrees(value, slope))
                    };
                    slope.is_some_and(is_same)
                })
            })
        })
    }

    /// What speaks against a fix that leaves a number unused: nobody writes down a target for nothing.
    fn wasted(&self, fix: &Fix) -> f64 {
        let graph = self.graph();
        let is_used = |id: CellId| {
            let others = graph.users(id).iter().filter(|user| !fix.cells.contains(user));
            let mut others = others.filter(|user| self.cells().contains(user));
            others.next().is_some()
        };
        let (Some(old), Some(new)) =
            (fix.cells.first().and_then(|id| graph.tree(*id)), fix.trees.first())
        else {
            return 0.0;
        };
        let kept = cells_in(graph, &new.root);
        let lost = cells_in(graph, &old.root);
        let is_fixed = |id: &CellId| self.case.ground.tags.is_fixed(*id);
        // What only a cell that is used no more is computed from is not used either.
        let is_lone = |id: &CellId| is_fixed(id) && graph.users(*id).len() == 1;
        let is_lost = |id: &CellId| {
            let has_data = || is_fixed(id) || graph.inputs(*id).iter().any(is_lone);
            !kept.contains(id) && !is_used(*id) && has_data()
        };
        if lost.iter().any(is_lost) { WASTED } else { 0.0 }
    }

    /// Fixes of gradients that are parts of the updates themselves.
    fn inline(&mut self, chosen: &[Fix]) -> Vec<Fix> {
        let mut found = Vec::new();
        for weight in self.failing.iter().copied() {
            let is_known = chosen.iter().any(|fix| fix.weights.contains(&weight));
            let Some(Some(role)) = self.case.roles[weight].get(self.iteration) else { continue };
            let Some(home) = role.home().filter(|_| !is_known && role.cell.is_none()) else {
                continue;
            };
            let Some(tree) = self.graph().tree(home) else { continue };
            let (around, behind) = (surroundings(self, &[home]), self.behind(&[home]));
            let Some(wanted) = self.wanted(home, weight) else { continue };
            let Some(edit) = self.search(&tree, &around, &wanted, &behind) else { continue };
            let own = if self.is_filled_over_right(&edit.tree, weight) { FILLED } else { 0.0 };
            found.push(Fix {
                cells: vec![home],
                trees: vec![edit.tree],
                change: edit.change,
                cost: edit.cost + own,
                weights: vec![weight],
                is_forward: false,
            });
        }
        found
    }

    /// Whether other weights' updates, which take derivatives that hold, are filled from the formula of one, or
    /// say the same, which that would not say with an edit.
    fn is_filled_over_right(&self, edited: &Tree, weight: usize) -> bool {
        let (graph, home) = (self.graph(), edited.home);
        let (family, shape) = (graph.family(home), shape_of(graph, home));
        let is_other = shape.as_deref() != Some(&shape_of_part(&edited.root));
        let is_like = |other: CellId| {
            graph.family(other) == family || is_other && shape_of(graph, other) == shape
        };
        let right = (0..self.case.group().len()).filter(|one| !self.failing.contains(one));
        let mut homes = right
            .filter(|one| *one != weight)
            .filter_map(|one| self.case.roles[one].get(self.iteration)?.as_ref()?.home());
        homes.any(|other| other != home && is_like(other))
    }

    /// The values that the formula of a weight's gradient should have, or that of the update which it is a part
    /// of: in `home`, and in the cells that are the same in a few of the other iterations with a wrong one.
    fn wanted(&self, home: CellId, weight: usize) -> Option<Vec<Wanted>> {
        let family = self.graph().family(home);
        let fails = |at: &usize| self.case.verdicts[weight].get(*at) == Some(&Some(false));
        let others = (0..self.case.iterations()).filter(|at| *at != self.iteration && fails(at));
        let others = others.filter_map(|at| self.wanted_in(weight, at, family));
        let own = self.wanted_in(weight, self.iteration, family)?;
        Some(std::iter::once(own).chain(others.take(MOST_ITERATIONS)).collect())
    }

    /// The same in one iteration, where the formula is of this family.
    fn wanted_in(
        &self,
        weight: usize,
        iteration: usize,
        family: Option<FamilyId>,
    ) -> Option<Wanted> {
        let role = self.case.roles[weight].get(iteration)?.as_ref()?;
        let cell = role.home().filter(|cell| self.graph().family(*cell) == family)?;
        let values = self.case.ground.invented.points.iter().map(|point| {
            let right = self.case.expected(iteration, point)[weight];
            let Some((part, factor)) = &role.part else { return Some(right) };
            let root = self.case.with_gradient(part, &Node::Number(right / factor))?;
            self.graph().evaluate_tree(&Tree { home: cell, root }, point).number()
        });
        Some(Wanted { cell, values: values.collect::<Option<_>>()? })
    }
}

/// Whether formulas refer to nothing that depends on them.
pub(super) fn is_acyclic(graph: &Graph, trees: &[Tree], behind: &[CellId]) -> bool {
    let mut inputs = trees.iter().flat_map(|tree| cells_in(graph, &tree.root));
    inputs.all(|input| !behind.contains(&input))
}
