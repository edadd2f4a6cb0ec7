//! Terms that a formula lacks: a weight, a path of the chain rule.

use std::collections::HashSet;

use super::parts::{Path, parts, replaced};
use super::{Change, Edit, Edits, Surroundings};
use crate::compare::training::terms::{Part, only_cell};
use crate::formula::Operator;
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Node, Tree};

/// So many weights may be missing in a sum.
const MOST_WEIGHTS: usize = 12;
/// Of so many terms one may be another path's.
const MOST_TERMS: usize = 8;
/// So far the cells of a path that was left out may stand from those of one that was not.
const NEAR: i64 = 4;

/// A formula with a weight more, by itself or times what stands near.
pub fn plus_weight(tree: &Tree, weight: CellId, around: &Surroundings) -> Vec<Edit> {
    let leaf = |id: CellId| Node::Leaf(around.leaf(id, &Leaf::cell(id)));
    let others = around.cells.iter().filter(|id| !around.weights.contains(id));
    let times = others.map(|id| leaf(weight).binary(Operator::Multiply, leaf(*id)));
    std::iter::once(leaf(weight)).chain(times).flat_map(|term| plus(tree, &term)).collect()
}

/// A formula with a term more, wherever one may be missing.
fn plus(tree: &Tree, term: &Part) -> Vec<Edit> {
    let edits = sums(&tree.root).into_iter().map(|(path, part)| {
        let root = replaced(&tree.root, &path, &part.clone().binary(Operator::Add, term.clone()));
        let change = Change::Plus(term.clone());
        Edit { cost: 2.55, change, tree: Tree { home: tree.home, root } }
    });
    edits.collect()
}

/// Where a term may be missing: at the end of the formula, of what a function is taken of or a sign
/// turned, of a sum.
fn sums(root: &Part) -> Vec<(Path, &Part)> {
    let mut places: Vec<(Path, &Part)> = vec![(Vec::new(), root)];
    for (path, part) in parts(root) {
        let inside = |at: usize| [&path[..], &[at]].concat();
        match part {
            Node::Call(_, arguments) => {
                places.extend(arguments.iter().enumerate().map(|(at, one)| (inside(at), one)));
            }
            Node::Negate(one) => places.push((inside(0), one)),
            Node::Binary(Operator::Add | Operator::Subtract, ..) => places.push((path, part)),
            _ => {}
        }
    }
    places
}

impl Edits<'_> {
    /// Terms more: paths of the chain rule that were left out.
    pub(super) fn terms(&mut self) {
        let terms = self.around.terms.clone();
        for term in terms {
            let new = self.tree.root.clone().binary(Operator::Add, term.clone());
            self.put(3.0, Change::Plus(term), &[], new);
        }
        let own: HashSet<CellId> = self.tree.leaves().iter().filter_map(|leaf| leaf.id()).collect();
        let weights: Vec<CellId> =
            self.around.weights.iter().copied().filter(|id| !own.contains(id)).collect();
        for weight in weights.into_iter().take(MOST_WEIGHTS) {
            let leaf = Node::Leaf(self.around.leaf(weight, &Leaf::cell(weight)));
            self.found.extend(plus(self.tree, &leaf));
        }
        self.paths(&own);
        self.written_paths();
    }

    /// Terms of the derivative by the chain rule that were left out, or that something else stands for.
    fn written_paths(&mut self) {
        for term in &self.around.paths {
            let new = self.tree.root.clone().binary(Operator::Add, term.clone());
            self.put(2.6, Change::Plus(term.clone()), &[], new);
        }
        let own = self.own_terms();
        if own.len() > MOST_TERMS {
            return;
        }
        for (path, other) in own {
            for term in self.around.paths.iter().filter(|term| *term != other) {
                let [without, plus] = [Change::Without(other.clone()), Change::Plus(term.clone())];
                let change = Change::Both(Box::new(without), Box::new(plus));
                self.put(3.2, change, &path, term.clone());
            }
        }
    }

    /// Paths of the chain rule that were left out: beside a derivative times a weight the one next to it
    /// times the weight next to that.
    fn paths(&mut self, own: &HashSet<CellId>) {
        let graph = self.graph;
        let near = |one: CellId, other: CellId| {
            one != other && (Place::of(graph, one) - Place::of(graph, other)).length() <= NEAR
        };
        for (path, part) in parts(&self.tree.root) {
            let Node::Binary(Operator::Multiply, left, right) = part else { continue };
            let (Some(left), Some(right)) = (only_cell(left), only_cell(right)) else { continue };
            let is_weight = |id: CellId| self.around.weights.contains(&id);
            if is_weight(left) == is_weight(right) {
                continue;
            }
            let others = |of: CellId| -> Vec<CellId> {
                let kind = |id: &&CellId| is_weight(**id) == is_weight(of) && !own.contains(id);
                self.around.cells.iter().filter(kind).copied().filter(|id| near(*id, of)).collect()
            };
            let leaf = |id: CellId| Node::Leaf(self.around.leaf(id, &Leaf::cell(id)));
            let pairs = others(left)
                .into_iter()
                .flat_map(|one| others(right).into_iter().map(move |other| (one, other)));
            let terms: Vec<Part> = pairs
                .map(|(one, other)| leaf(one).binary(Operator::Multiply, leaf(other)))
                .collect();
            for term in terms {
                let new = part.clone().binary(Operator::Add, term.clone());
                self.put(2.6, Change::Plus(term), &path, new);
            }
        }
    }
}
