//! The search for the edit that makes derivatives hold.
//!
//! An edit is right when, with it, what should be derivatives are, at all invented points. Formulas on
//! the way from the loss back to the weights are tried first, each with its whole family in the
//! iteration; where several derivatives fail and no single one of these mends them, the mistake may be
//! in the forward pass, which they are all computed from.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::case::Case;
use super::chain_rule;
use super::check::agrees;
use super::counterpart::shape_of;
use super::edits::{Change, Edit, Surroundings, edits};
use super::fill::{exchange, translated_to};
use super::surroundings::surroundings;
use super::terms::cells_in;
use crate::graph::{CellId, Graph, Node, Tree, Values};

/// So many formulas are evaluated for one search, about a second's worth.
pub(super) const MOST_EVALUATED: usize = 400_000;
/// Of so many cells with the same formula each is tried alone too.
const MOST_ALONE: usize = 12;
/// So many of the best single edits are tried with another one.
const MOST_PAIRED: usize = 30;
/// What an edit costs that leaves a number unused.
const WASTED: f64 = 1.5;
/// What it costs to write a derivative anew.
const DERIVATIVE: f64 = 4.0;
/// What an edit costs of a slope that is right as it is.
const SLOPE: f64 = 1.0;
/// What an edit costs of a formula that says the same as others that are right.
pub(super) const LIKE: f64 = 0.6;
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
    if let Some(fix) = bench.odd_pattern().or_else(|| bench.forward_pattern()) {
        return vec![fix];
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

/// One iteration, its values at the invented points to be changed and restored.
pub(super) struct Bench<'a, 'b> {
    pub case: &'a Case<'b>,
    pub iteration: usize,
    pub failing: &'a [usize],
    pub points: Vec<Values>,
    /// For each point and weight the value that the gradient should have.
    pub expected: Vec<Vec<f64>>,
    /// The cells of the iteration that the loss is computed from.
    pub ahead: HashSet<CellId>,
    pub evaluated: usize,
}

impl<'a, 'b> Bench<'a, 'b> {
    fn new(case: &'a Case<'b>, iteration: usize, failing: &'a [usize]) -> Self {
        let points = case.ground.invented.points.clone();
        let expected = points.iter().map(|values| case.expected(iteration, values)).collect();
        let ahead = case.ahead(iteration);
        Bench { case, iteration, failing, points, expected, ahead, evaluated: 0 }
    }

    pub fn graph(&self) -> &'b Graph {
        self.case.ground.graph
    }

    pub fn cells(&self) -> &'b [CellId] {
        self.case.cells(self.iteration)
    }

    /// The cells of the iteration that depend on some, in the order of computing.
    pub fn behind(&self, from: &[CellId]) -> Vec<CellId> {
        let mut seen: HashSet<CellId> = from.iter().copied().collect();
        let mut behind = Vec::new();
        for id in self.cells() {
            if seen.contains(id) || self.graph().inputs(*id).iter().any(|one| seen.contains(one)) {
                seen.insert(*id);
                behind.push(*id);
            }
        }
        behind
    }

    /// The weights whose gradients depend on the cells.
    fn weights_behind(&self, behind: &[CellId]) -> Vec<usize> {
        let seen: HashSet<CellId> = behind.iter().copied().collect();
        let roles = self.case.roles.iter().enumerate();
        let found = roles.filter(|(_, of)| {
            let Some(Some(role)) = of.get(self.iteration) else { return false };
            match (&role.cell, &role.part) {
                (Some(cell), _) => seen.contains(cell),
                (None, Some((tree, _))) => {
                    cells_in(self.graph(), &tree.root).iter().any(|id| seen.contains(id))
                }
                _ => false,
            }
        });
        found.map(|(weight, _)| weight).collect()
    }

    /// The families of the iteration's cells that failing gradients and nothing of the loss are made
    /// of, or of those that the loss is made of.
    pub fn units(&self, is_ahead: bool) -> Vec<Vec<CellId>> {
        let mut units: HashMap<_, Vec<CellId>> = HashMap::new();
        let needed = self.needed();
        for id in self.cells() {
            let is_candidate = match is_ahead {
                true => self.ahead.contains(id),
                false => needed.contains(id) && !self.ahead.contains(id),
            };
            if let Some(family) = self.graph().family(*id).filter(|_| is_candidate) {
                units.entry(family).or_default().push(*id);
            }
        }
        let mut units: Vec<Vec<CellId>> = units.into_values().collect();
        units.iter_mut().for_each(|unit| unit.sort_unstable());
        // Samples have one formula, all of them; two neurons may have it by chance.
        let few = units.iter().filter(|unit| unit.len() > 1 && unit.len() <= MOST_ALONE);
        let alone: Vec<Vec<CellId>> = few.flatten().map(|id| vec![*id]).collect();
        units.extend(alone);
        units.sort_unstable();
        units
    }

    /// The cells that the failing gradients are computed from.
    pub fn needed(&self) -> HashSet<CellId> {
        self.needed_by(self.failing)
    }

    /// The cells that the gradients of some weights are computed from.
    fn needed_by(&self, weights: &[usize]) -> HashSet<CellId> {
        let mut open: Vec<CellId> = Vec::new();
        for weight in weights {
            let Some(Some(role)) = self.case.roles[*weight].get(self.iteration) else { continue };
            match (&role.cell, &role.part) {
                (Some(cell), _) => open.push(*cell),
                (None, Some((tree, _))) => open.extend(cells_in(self.graph(), &tree.root)),
                _ => {}
            }
        }
        self.case.ahead_of(&open, self.iteration)
    }

    /// Whether the loss does not depend on a weight: no edit of its gradient makes sense of that.
    pub fn is_unused(&self, weight: usize) -> bool {
        self.expected.iter().all(|expected| expected[weight] == 0.0)
    }

    /// Fixes on the way from the loss back to the weights, as few and as cheap as there are.
    fn backward(&mut self) -> Vec<Fix> {
        let mut found: Vec<Fix> = Vec::new();
        for unit in self.units(false) {
            let behind = self.behind(&unit);
            let weights = self.weights_behind(&behind);
            // What right derivatives are computed from is right.
            if weights.is_empty() || weights.iter().any(|weight| !self.failing.contains(weight)) {
                continue;
            }
            if weights.iter().all(|weight| self.is_unused(*weight)) {
                continue;
            }
            let whole = self.unit_fix(&unit, &behind, &weights);
            found.extend(whole);
        }
        let right = self.right_shapes();
        for fix in &mut found {
            fix.cost += self.wasted(fix);
            let shape = shape_of(self.graph(), fix.cells[0]);
            let is_like = shape.is_some_and(|shape| right.contains(&shape));
            fix.cost += if is_like { LIKE } else { 0.0 };
            fix.cost += if self.is_slope(fix.cells[0]) { SLOPE } else { 0.0 };
        }
        found.sort_by(|a, b| {
            let fewer = a.cells.len().cmp(&b.cells.len());
            b.weights.len().cmp(&a.weights.len()).then(a.cost.total_cmp(&b.cost)).then(fewer)
        });
        let mut chosen: Vec<Fix> = Vec::new();
        for fix in found {
            let is_new =
                |weight: &usize| !chosen.iter().any(|other| other.weights.contains(weight));
            if fix.weights.iter().all(is_new) {
                chosen.push(fix);
            }
        }
        chosen.extend(self.inline(&chosen));
        chosen
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
        let loss = self.case.losses.get(self.iteration).copied().flatten();
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
        let is_lost = |id: &CellId| {
            !kept.contains(id) && self.case.ground.tags.is_fixed(*id) && !is_used(*id)
        };
        if lost.iter().any(is_lost) { WASTED } else { 0.0 }
    }

    /// Fixes of gradients that are parts of the updates themselves.
    fn inline(&mut self, chosen: &[Fix]) -> Vec<Fix> {
        let mut found = Vec::new();
        for weight in self.failing.iter().copied() {
            let is_known = chosen.iter().any(|fix| fix.weights.contains(&weight));
            let Some(Some(role)) = self.case.roles[weight].get(self.iteration).cloned() else {
                continue;
            };
            let Some((part, factor)) = role.part.filter(|_| !is_known) else { continue };
            let around = surroundings(self, &[part.home]);
            let required: Vec<f64> =
                self.expected.iter().map(|expected| expected[weight] / factor).collect();
            let behind = self.behind(&[part.home]);
            let Some(edit) = self.search(&part, &around, &required, &behind) else { continue };
            // The edit is of a part of the update's formula; the update has it in the part's place.
            let Some(whole) = self.graph().tree(part.home) else { continue };
            let Some(root) = exchange(&whole.root, &part.root, &edit.tree.root) else { continue };
            found.push(Fix {
                cells: vec![part.home],
                trees: vec![Tree { home: part.home, root }],
                change: edit.change,
                cost: edit.cost,
                weights: vec![weight],
                is_forward: false,
            });
        }
        found
    }

    /// The cheapest edit of a family that makes all derivatives hold that depend on it; where none
    /// does, the derivative that it should be.
    fn unit_fix(&mut self, unit: &[CellId], behind: &[CellId], weights: &[usize]) -> Option<Fix> {
        if let Some(fix) = self.pattern_fix(unit, behind, weights) {
            return Some(fix);
        }
        let edited = self.edit_fix(unit, behind, weights);
        edited.or_else(|| self.derivative_fix(unit, behind, weights))
    }

    fn edit_fix(&mut self, unit: &[CellId], behind: &[CellId], weights: &[usize]) -> Option<Fix> {
        let first = *unit.first()?;
        let tree = self.graph().tree(first)?;
        let around = surroundings(self, unit);
        let fix = |trees: Vec<Tree>, edit: Edit| Fix {
            cells: unit.to_vec(),
            trees,
            change: edit.change,
            cost: edit.cost,
            weights: weights.to_vec(),
            is_forward: false,
        };
        if let [only] = unit
            && let Some(required) = self.required(*only, weights)
        {
            let edit = self.search(&tree, &around, &required, behind)?;
            let trees = vec![edit.tree.clone()];
            return self.holds_with(unit, &trees, behind, weights).then(|| fix(trees, edit));
        }
        for edit in edits(self.graph(), &tree, &around) {
            if self.evaluated > MOST_EVALUATED {
                return None;
            }
            let Some(trees) = translated_to(self.graph(), &edit.tree, unit) else { continue };
            if is_acyclic(self.graph(), &trees, behind)
                && self.holds_with(unit, &trees, behind, weights)
            {
                return Some(fix(trees, edit));
            }
        }
        None
    }

    /// The derivatives by cells of the forward pass that make all derivatives hold which are computed
    /// from a family, written by the chain rule.
    fn derivative_fix(
        &mut self,
        unit: &[CellId],
        behind: &[CellId],
        weights: &[usize],
    ) -> Option<Fix> {
        let is_role =
            |cell| weights.iter().any(|one| self.case.is_role(*one, self.iteration, cell));
        if unit.iter().any(|cell| is_role(*cell)) {
            return None;
        }
        let mut families: BTreeMap<_, Vec<CellId>> = BTreeMap::new();
        for id in self.cells().iter().filter(|id| self.ahead.contains(id)) {
            families.entry(self.graph().family(*id)).or_default().push(*id);
        }
        let mut forward: Vec<Vec<CellId>> = families.into_values().collect();
        forward.iter_mut().for_each(|cells| cells.sort_unstable());
        for by in forward.into_iter().filter(|by| by.len() == unit.len()) {
            if !self.holds_as_derivatives(unit, &by, behind, weights) {
                continue;
            }
            let trees = unit
                .iter()
                .zip(&by)
                .map(|(home, by)| chain_rule::derivative(self.case, self.iteration, *by, *home));
            let Some(trees) = trees.collect::<Option<Vec<Tree>>>() else { continue };
            return Some(Fix {
                cells: unit.to_vec(),
                trees,
                change: Change::Derivative(by[0]),
                cost: DERIVATIVE,
                weights: weights.to_vec(),
                is_forward: false,
            });
        }
        None
    }

    /// Whether derivatives hold where cells are the derivatives by others.
    fn holds_as_derivatives(
        &mut self,
        unit: &[CellId],
        by: &[CellId],
        behind: &[CellId],
        weights: &[usize],
    ) -> bool {
        let case = self.case;
        let mut is_any = false;
        let holds = (0..self.points.len()).all(|at| {
            let Some(all) = case.derivatives(self.iteration, &self.points[at]) else {
                return false;
            };
            let numbers = by.iter().map(|id| Node::Number(case.factor * all.get(*id)));
            is_any |= by.iter().any(|id| all.get(*id) != 0.0);
            let trees = unit.iter().zip(numbers).map(|(home, root)| Tree { home: *home, root });
            let saved = self.change(at, unit, &trees.collect::<Vec<_>>(), behind);
            let holds = weights.iter().all(|weight| {
                let value = case.gradient(*weight, self.iteration, &self.points[at]);
                agrees(value, self.expected[at][*weight])
            });
            self.restore(at, behind, saved);
            holds
        });
        holds && is_any
    }

    /// The formulas that the same cells have in another iteration, where these are others and make
    /// the derivatives hold.
    fn pattern_fix(
        &mut self,
        unit: &[CellId],
        behind: &[CellId],
        weights: &[usize],
    ) -> Option<Fix> {
        for other in self.case.near(self.iteration) {
            let trees = unit.iter().map(|cell| self.case.pattern(*cell, self.iteration, other));
            let Some(trees) = trees.collect::<Option<Vec<Tree>>>() else { continue };
            if self.holds_with(unit, &trees, behind, weights) {
                return Some(Fix {
                    cells: unit.to_vec(),
                    trees,
                    change: Change::Pattern,
                    cost: 0.5,
                    weights: weights.to_vec(),
                    is_forward: false,
                });
            }
        }
        None
    }

    /// The values that a cell would need at each point for the derivatives to hold, where these are
    /// linear in it and agree.
    fn required(&self, cell: CellId, weights: &[usize]) -> Option<Vec<f64>> {
        let graph = self.graph();
        let mut required = Vec::new();
        for (values, expected) in self.points.iter().zip(&self.expected) {
            let mut here: Option<f64> = None;
            for weight in weights {
                let role = self.case.roles[*weight].get(self.iteration)?.as_ref()?;
                let value = self.case.gradient(*weight, self.iteration, values);
                let slope = match (&role.cell, &role.part) {
                    (Some(role), _) if *role == cell => 1.0,
                    (Some(role), _) => graph.adjoints(*role, values, self.cells()).get(cell),
                    (None, Some((tree, factor))) => {
                        let seeds = graph.tree_adjoints(tree, values);
                        graph.adjoints_from(&seeds, values, self.cells()).get(cell) * factor
                    }
                    _ => return None,
                };
                let needed = values.number(cell)? + (expected[*weight] - value) / slope;
                if !needed.is_finite() || here.is_some_and(|one| !agrees_loosely(one, needed)) {
                    return None;
                }
                here = here.or(Some(needed));
            }
            required.push(here?);
        }
        Some(required)
    }

    /// The cheapest edit, or pair of edits, with which a formula has the required values.
    fn search(
        &mut self,
        tree: &Tree,
        around: &Surroundings,
        required: &[f64],
        behind: &[CellId],
    ) -> Option<Edit> {
        let mut singles = edits(self.graph(), tree, around);
        singles.retain(|edit| is_acyclic(self.graph(), std::slice::from_ref(&edit.tree), behind));
        let mut scored: Vec<(f64, &Edit)> = Vec::new();
        for edit in &singles {
            match self.miss(&edit.tree, required) {
                Some(miss) if miss < 1e-7 => return Some(edit.clone()),
                Some(miss) => scored.push((miss, edit)),
                None => {}
            }
        }
        scored.sort_by(|a, b| a.0.total_cmp(&b.0));
        let best: Vec<Edit> =
            scored.iter().take(MOST_PAIRED).map(|(_, edit)| (*edit).clone()).collect();
        let mut pairs: Vec<Edit> = Vec::new();
        for first in best {
            if self.evaluated > MOST_EVALUATED {
                break;
            }
            for second in edits(self.graph(), &first.tree, around) {
                if self.miss(&second.tree, required).is_some_and(|miss| miss < 1e-7) {
                    let change =
                        Change::Both(Box::new(first.change.clone()), Box::new(second.change));
                    pairs.push(Edit {
                        cost: first.cost + second.cost + 1.0,
                        change,
                        tree: second.tree,
                    });
                    break;
                }
            }
        }
        pairs.into_iter().min_by(|a, b| a.cost.total_cmp(&b.cost))
    }

    /// How far a formula is from the required values, of their size.
    fn miss(&mut self, tree: &Tree, required: &[f64]) -> Option<f64> {
        let mut miss: f64 = 0.0;
        for (values, required) in self.points.iter().zip(required) {
            self.evaluated += 1;
            let value = self.case.ground.graph.evaluate_tree(tree, values).number()?;
            let size = required.abs().max(1e-9);
            miss = miss.max((value - required).abs() / size);
            if miss > 1e3 {
                return None;
            }
        }
        Some(miss)
    }

    /// Whether the derivatives of the weights hold where the cells have other formulas.
    fn holds_with(
        &mut self,
        cells: &[CellId],
        trees: &[Tree],
        behind: &[CellId],
        weights: &[usize],
    ) -> bool {
        let mut holds = true;
        for at in 0..self.points.len() {
            if !holds {
                break;
            }
            let saved = self.change(at, cells, trees, behind);
            holds = weights.iter().all(|weight| {
                let value = self.case.gradient(*weight, self.iteration, &self.points[at]);
                agrees(value, self.expected[at][*weight])
            });
            self.restore(at, behind, saved);
        }
        holds
    }

    /// Evaluates what depends on cells with other formulas; what was there before.
    pub fn change(
        &mut self,
        at: usize,
        cells: &[CellId],
        trees: &[Tree],
        behind: &[CellId],
    ) -> Vec<crate::graph::Item> {
        let graph = self.case.ground.graph;
        let values = &mut self.points[at];
        let saved = behind.iter().map(|id| values.get(*id).clone()).collect();
        for id in behind {
            self.evaluated += 1;
            match cells.iter().position(|cell| cell == id) {
                Some(place) => match graph.evaluate_tree(&trees[place], values).number() {
                    Some(number) => values.set(*id, number),
                    None => values.set(*id, f64::NAN),
                },
                None => graph.evaluate(values, &[*id]),
            }
        }
        saved
    }

    pub fn restore(&mut self, at: usize, behind: &[CellId], saved: Vec<crate::graph::Item>) {
        for (id, item) in behind.iter().zip(saved) {
            self.points[at].put(*id, item);
        }
    }
}

fn agrees_loosely(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs().max(other.abs()) + 1e-12
}

/// Whether formulas refer to nothing that depends on them.
pub(super) fn is_acyclic(graph: &Graph, trees: &[Tree], behind: &[CellId]) -> bool {
    let mut inputs = trees.iter().flat_map(|tree| cells_in(graph, &tree.root));
    inputs.all(|input| !behind.contains(&input))
}
