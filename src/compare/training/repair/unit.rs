//! What mends one family of an iteration: an edit, the pattern of other cells, the derivative written
//! anew.

use std::collections::BTreeMap;

use super::{Bench, Fix, MOST_EVALUATED, Wanted, is_acyclic};
use crate::compare::training::chain_rule;
use crate::compare::training::check::agrees;
use crate::compare::training::edits::{Change, Edit, Surroundings, edits};
use crate::compare::training::fill::{translated, translated_to};
use crate::compare::training::surroundings::surroundings;
use crate::graph::{CellId, Node, Tree};

/// So many of the best single edits are tried with another one.
const MOST_PAIRED: usize = 30;
/// What is no difference any more, of the size of a number.
const NONE: f64 = 1e-7;
/// What it costs to write a derivative anew.
const DERIVATIVE: f64 = 4.0;

/// How far a formula is from what it should be.
struct Miss {
    /// At so many points it is something else.
    points: usize,
    /// By so much at most, of the size of the number.
    most: f64,
}

impl Miss {
    /// Whether it is that.
    fn fits(&self) -> bool {
        self.points == 0
    }
}

impl Bench<'_, '_> {
    /// The cheapest edit of a family that makes all derivatives hold that depend on it; where none
    /// does, the derivative that it should be.
    pub fn unit_fix(
        &mut self,
        unit: &[CellId],
        behind: &[CellId],
        weights: &[usize],
    ) -> Option<Fix> {
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
            let wanted = match weights {
                [weight] if self.case.is_role(*weight, self.iteration, *only) => {
                    self.wanted(*only, *weight)?
                }
                _ => vec![Wanted { cell: *only, values: required }],
            };
            let edit = self.search(&tree, &around, &wanted, behind)?;
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

    /// The cheapest edit, or pair of edits, with which a formula has the values that it should have, first of
    /// all in its own cell.
    pub fn search(
        &mut self,
        tree: &Tree,
        around: &Surroundings,
        wanted: &[Wanted],
        behind: &[CellId],
    ) -> Option<Edit> {
        let (own, others) = wanted.split_first()?;
        let mut singles = edits(self.graph(), tree, around);
        singles.retain(|edit| is_acyclic(self.graph(), std::slice::from_ref(&edit.tree), behind));
        let mut missing: Vec<(Miss, &Edit)> = Vec::new();
        let mut here: Option<Edit> = None;
        for edit in &singles {
            match self.miss(&edit.tree, &own.values) {
                // Where another does in every iteration, it is that.
                Some(miss) if miss.fits() && self.fits_all(&edit.tree, others) => {
                    return Some(edit.clone());
                }
                Some(miss) if miss.fits() => here = here.or_else(|| Some(edit.clone())),
                Some(miss) => missing.push((miss, edit)),
                None => {}
            }
        }
        missing.sort_by(|a, b| a.0.points.cmp(&b.0.points).then(a.0.most.total_cmp(&b.0.most)));
        let mut pairs: Vec<Edit> = Vec::new();
        let mut pairs_here: Vec<Edit> = Vec::new();
        for (_, first) in missing.into_iter().take(MOST_PAIRED) {
            if self.evaluated > MOST_EVALUATED {
                break;
            }
            for second in edits(self.graph(), &first.tree, around) {
                if !self.miss(&second.tree, &own.values).is_some_and(|miss| miss.fits()) {
                    continue;
                }
                let fits_all = self.fits_all(&second.tree, others);
                let change = Change::Both(Box::new(first.change.clone()), Box::new(second.change));
                let cost = first.cost + second.cost + 1.0;
                let pair = Edit { cost, change, tree: second.tree };
                if fits_all {
                    pairs.push(pair);
                    break;
                }
                pairs_here.push(pair);
            }
        }
        let cheapest =
            |pairs: Vec<Edit>| pairs.into_iter().min_by(|a, b| a.cost.total_cmp(&b.cost));
        cheapest(pairs).or(here).or_else(|| cheapest(pairs_here))
    }

    /// Whether a formula, filled into cells, has the values there that it should have.
    fn fits_all(&mut self, tree: &Tree, wanted: &[Wanted]) -> bool {
        wanted.iter().all(|one| {
            let filled = translated(self.graph(), tree, one.cell);
            let miss = filled.and_then(|tree| self.miss(&tree, &one.values));
            miss.is_some_and(|miss| miss.fits())
        })
    }

    /// How far a formula is from the values that it should have.
    fn miss(&mut self, tree: &Tree, required: &[f64]) -> Option<Miss> {
        let graph = self.graph();
        let mut miss = Miss { points: 0, most: 0.0 };
        // A neuron may be at rest at a point, and the number 0.
        let largest = required.iter().fold(1e-6, |most: f64, one| most.max(one.abs()));
        for (values, required) in self.case.ground.invented.points.iter().zip(required) {
            self.evaluated += 1;
            let value = graph.evaluate_tree(tree, values).number()?;
            let size = required.abs().max(1e-3 * largest);
            let here = (value - required).abs() / size;
            miss.points += usize::from(here >= NONE);
            miss.most = miss.most.max(here);
            if miss.most > 1e3 {
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
}

fn agrees_loosely(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs().max(other.abs()) + 1e-12
}
