//! Mistakes in the forward pass: the derivatives are right for another one than the sheet has.
//!
//! An edit of a forward formula changes what the derivatives should be as well as what they are, so
//! everything is evaluated and swept again for each; it is right where all of them hold then.

use std::collections::HashMap;

use super::counterpart::shape_of;
use super::edits::{Change, Edit, Surroundings, edits, plus_weight, with_signs};
use super::fill::translated_to;
use super::iterations::Tag;
use super::repair::{Bench, FORWARD, Fix, LIKE, MOST_EVALUATED, is_acyclic};
use super::surroundings::surroundings;
use super::terms::{Part, cells_in, terms};
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Target, Tree};

/// In so many other iterations an edit of the forward pass is tried.
const MOST_ELSEWHERE: usize = 4;

/// What an edit of the forward pass may cost: a missing factor is the most unlikely slip that is tried.
const MOST_COST: f64 = 3.0;

impl Bench<'_, '_> {
    /// The formulas as they stand in the iterations beside, for all cells that have others, where that
    /// makes all derivatives hold: the samples of one column are no family where each is written out.
    pub fn odd_pattern(&mut self) -> Option<Fix> {
        let needed = self.needed();
        let cells = self.cells().iter().filter(|id| needed.contains(id) || self.ahead.contains(id));
        let mut odd: Vec<(CellId, Tree)> = cells
            .filter_map(|cell| Some((*cell, self.case.broken_pattern(*cell, self.iteration)?)))
            .collect();
        odd.sort_by_key(|(cell, _)| *cell);
        let (unit, trees): (Vec<CellId>, Vec<Tree>) = odd.into_iter().unzip();
        let shape = |cell: &CellId| shape_of(self.graph(), *cell);
        if unit.is_empty() || unit.iter().any(|cell| shape(cell) != shape(&unit[0])) {
            return None;
        }
        let behind = self.behind(&unit);
        let is_forward = unit.iter().any(|cell| self.ahead.contains(cell));
        let weights = self.failing.to_vec();
        self.all_hold_with(&unit, &trees, &behind).then_some(Fix {
            cells: unit,
            trees,
            change: Change::Pattern,
            cost: 0.5,
            weights,
            is_forward,
        })
    }

    /// A forward formula as it stands in another iteration, where that makes all derivatives hold.
    pub fn forward_pattern(&mut self) -> Option<Fix> {
        for unit in self.units(true) {
            let behind = self.behind(&unit);
            for other in self.case.near(self.iteration) {
                let trees = unit.iter().map(|cell| self.case.pattern(*cell, self.iteration, other));
                let Some(trees) = trees.collect::<Option<Vec<Tree>>>() else { continue };
                if self.all_hold_with(&unit, &trees, &behind) {
                    let weights = self.failing.to_vec();
                    let (change, cost) = (Change::Pattern, 0.5);
                    return Some(Fix {
                        cells: unit,
                        trees,
                        change,
                        cost,
                        weights,
                        is_forward: true,
                    });
                }
            }
        }
        None
    }

    /// A formula of one sample as those of the others have it, where that makes all derivatives hold.
    pub fn odd_sibling(&mut self) -> Option<Fix> {
        for odd in self.case.odd_siblings(&self.ahead) {
            let (cells, trees) = (vec![odd.tree.home], vec![odd.tree]);
            let behind = self.behind(&cells);
            if self.all_hold_with(&cells, &trees, &behind) {
                let weights = self.failing.to_vec();
                let (change, cost) = (odd.change, 0.5);
                return Some(Fix { cells, trees, change, cost, weights, is_forward: true });
            }
        }
        None
    }

    /// All formulas in which powers lost their signs with these, each family by itself, where that makes all
    /// derivatives hold: people write `-x^2` again in the derivative.
    pub fn lost_signs(&mut self) -> Vec<Fix> {
        let graph = self.graph();
        let with_signs = |id: &CellId| Some((*id, with_signs(&graph.tree(*id)?)?));
        let lost: Vec<(CellId, (Part, Tree))> =
            self.cells().iter().filter_map(with_signs).collect();
        let cells: Vec<CellId> = lost.iter().map(|(id, _)| *id).collect();
        let trees: Vec<Tree> = lost.iter().map(|(_, (_, tree))| tree.clone()).collect();
        let behind = self.behind(&cells);
        if cells.is_empty() || !self.all_hold_with(&cells, &trees, &behind) {
            return Vec::new();
        }
        let fixes = lost.into_iter().map(|(cell, (power, tree))| Fix {
            cells: vec![cell],
            trees: vec![tree],
            change: Change::Sign(power),
            cost: 0.5,
            weights: self.failing.to_vec(),
            is_forward: self.ahead.contains(&cell),
        });
        fixes.collect()
    }

    /// A single edit of the forward pass with which every derivative of the iteration holds, cheaper
    /// than `limit`.
    pub fn forward(&mut self, limit: f64) -> Option<Fix> {
        self.evaluated = 0;
        let mut tried: Vec<(f64, Vec<CellId>, Edit)> = Vec::new();
        for unit in self.units(true) {
            let Some(tree) = self.graph().tree(unit[0]) else { continue };
            let around = surroundings(self, &unit);
            let own = self.forward_cost(&unit);
            let still = self.still_terms(&tree);
            // What nothing moves any more is neither a unit nor a term of one.
            let moves = |tree: &Tree| self.has_slope(tree) && self.still_terms(tree) <= still;
            let is_small = |edit: &Edit| {
                let is_cheap = edit.cost <= MOST_COST && edit.cost + own < limit;
                is_cheap
                    && !self.looks_on(&edit.tree)
                    && !repeats_itself(&edit.tree)
                    && moves(&edit.tree)
            };
            let mut edits = edits(self.graph(), &tree, &around);
            edits.retain(is_small);
            edits.extend(self.with_unused(&tree, &around));
            tried.extend(edits.into_iter().map(|edit| (edit.cost + own, unit.clone(), edit)));
        }
        tried.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut behind_of: HashMap<CellId, Vec<CellId>> = HashMap::new();
        let mut only_here = None;
        for (cost, unit, edit) in tried {
            if self.evaluated > MOST_EVALUATED {
                return only_here;
            }
            let Some(trees) = translated_to(self.graph(), &edit.tree, &unit) else { continue };
            let behind = behind_of.entry(unit[0]).or_insert_with(|| self.behind(&unit)).clone();
            if !is_acyclic(self.graph(), &trees, &behind) {
                continue;
            }
            if self.all_hold_with(&unit, &trees, &behind) {
                let holds_elsewhere = self.holds_elsewhere(&unit, &edit.tree);
                let fix = Fix {
                    cells: unit,
                    trees,
                    change: edit.change,
                    cost,
                    weights: self.failing.to_vec(),
                    is_forward: true,
                };
                if holds_elsewhere {
                    return Some(fix);
                }
                only_here = only_here.or(Some(fix));
            }
        }
        only_here
    }

    /// Whether an edit is right in a few other iterations, too, as far as these have the same formula.
    fn holds_elsewhere(&self, unit: &[CellId], tree: &Tree) -> bool {
        let graph = self.graph();
        let others = (0..self.case.iterations()).filter(|at| *at != self.iteration);
        let mut filled = others.filter_map(|at| {
            let beside = unit.iter().map(|cell| self.case.beside(*cell, self.iteration, at));
            let beside = beside.collect::<Option<Vec<CellId>>>()?;
            let mut pairs = beside.iter().zip(unit);
            let is_filled = pairs.all(|(one, other)| graph.family(*one) == graph.family(*other));
            is_filled.then_some((at, beside))
        });
        filled.by_ref().take(MOST_ELSEWHERE).all(|(at, beside)| {
            let mut there = Bench::new(self.case, at, self.failing);
            let behind = there.behind(&beside);
            let trees = translated_to(graph, tree, &beside);
            trees.is_some_and(|trees| there.all_hold_with(&beside, &trees, &behind))
        })
    }

    /// Whether a formula refers to a later iteration.
    fn looks_on(&self, tree: &Tree) -> bool {
        let is_later = |id: CellId| match self.case.ground.tags.get(id) {
            Tag::Of { last, .. } => last > self.iteration,
            Tag::Fixed | Tag::Mixed => false,
        };
        cells_in(self.graph(), &tree.root).into_iter().any(is_later)
    }

    /// How many terms of a formula no weight moves at any point.
    fn still_terms(&self, tree: &Tree) -> usize {
        let is_still = |root: &Part| !self.has_slope(&Tree { home: tree.home, root: root.clone() });
        terms(&tree.root).into_iter().filter(|(_, term)| is_still(term)).count()
    }

    /// Whether a weight moves a formula at some point.
    fn has_slope(&self, tree: &Tree) -> bool {
        let slopes = |values| self.graph().tree_adjoints(tree, values);
        let moves =
            |(id, slope): &(CellId, f64)| *slope != 0.0 && !self.case.ground.tags.is_fixed(*id);
        self.points.iter().any(|values| slopes(values).iter().any(moves))
    }

    /// What a mistake in a formula of the forward pass costs: another formula that says the same makes
    /// it less likely.
    fn forward_cost(&self, unit: &[CellId]) -> f64 {
        let shape = shape_of(self.graph(), unit[0]);
        let mut others = self.ahead.iter().filter(|id| !unit.contains(id));
        let is_like = others.any(|id| shape_of(self.graph(), *id) == shape);
        if is_like { FORWARD + LIKE } else { FORWARD }
    }

    /// A formula with a term more for a weight that the loss does not depend on.
    fn with_unused(&self, tree: &Tree, around: &Surroundings) -> Vec<Edit> {
        let group = self.case.group();
        let unused = self.failing.iter().filter(|weight| self.is_unused(**weight));
        let weights = unused.filter_map(|weight| group[*weight].shown.get(self.iteration));
        let weights: Vec<CellId> = weights.copied().collect();
        let plus = weights.iter().flat_map(|weight| plus_weight(tree, *weight, around));
        plus.chain(self.with_moved(tree, &weights)).collect()
    }

    /// A formula that repeats another's weights with those instead that nothing depends on, which stand
    /// as far from them as one does.
    fn with_moved(&self, tree: &Tree, unused: &[CellId]) -> Vec<Edit> {
        let graph = self.graph();
        let own: Vec<CellId> = tree.leaves().iter().filter_map(|leaf| leaf.id()).collect();
        let place = |id: CellId| Place::of(graph, id);
        let mut found: Vec<(Place, Edit)> = Vec::new();
        for (old, new) in own.iter().flat_map(|old| unused.iter().map(move |new| (*old, *new))) {
            let by = place(new) - place(old);
            let moved = |id: CellId| (place(id) + by).cell(graph).filter(|id| unused.contains(id));
            let tree = tree.map(&mut |_, leaf| match leaf.id().and_then(moved) {
                Some(id) => Leaf { target: Target::Cell(id), slot: None, ..*leaf },
                None => *leaf,
            });
            let change = Change::Exchange { old, new, everywhere: true };
            if !found.iter().any(|(known, _)| *known == by) {
                found.push((by, Edit { cost: 2.0, change, tree }));
            }
        }
        found.into_iter().map(|(_, edit)| edit).collect()
    }

    /// Whether every derivative of the iteration holds where forward formulas are others.
    pub fn all_hold_with(&mut self, cells: &[CellId], trees: &[Tree], behind: &[CellId]) -> bool {
        let changed: HashMap<CellId, Tree> =
            cells.iter().copied().zip(trees.iter().cloned()).collect();
        // What depends on the changed cells last: they may refer to others than before.
        let mut order: Vec<CellId> =
            self.cells().iter().copied().filter(|id| !behind.contains(id)).collect();
        order.extend(behind);
        let weights = self.case.group().len();
        let mut moves = vec![false; weights];
        for at in 0..self.points.len() {
            let saved = self.change(at, cells, trees, behind);
            self.evaluated += self.cells().len() + self.graph().len() / 50;
            let holds =
                self.case.hold_at(self.iteration, &self.points[at], &order, &changed, &mut moves);
            self.restore(at, behind, saved);
            if !holds {
                return false;
            }
        }
        // A loss that depends on a weight no more has right derivatives, but is no loss.
        let moved = |weight: usize| self.expected.iter().any(|at| at[weight] != 0.0);
        (0..weights)
            .all(|weight| moves[weight] || !moved(weight) && !self.failing.contains(&weight))
    }
}

/// Whether a sum has a term twice.
fn repeats_itself(tree: &Tree) -> bool {
    let terms = terms(&tree.root);
    terms.iter().enumerate().any(|(at, term)| terms[..at].contains(term))
}
