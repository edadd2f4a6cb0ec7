//! Formulas that stand in a line, one for each sample or neuron, all but one of which say the same.
//!
//! Where samples are written out, each formula refers to the same cells as that beside it or to the ones
//! next to these: `=$B$7*$C$2+$B$9` between `=$B$7*$B$2+$B$9` and `=$B$7*$D$2+$B$9`. So what stands
//! between them, or goes on behind them, is known, reference by reference.

use std::collections::HashSet;

use super::case::Case;
use super::counterpart::shape_of_part;
use super::edits::Change;
use super::fill::shifted;
use super::terms::{Part, is_made_alike};
use crate::formula::Operator;
use crate::graph::place::Place;
use crate::graph::{CellId, Graph, Leaf, Node, Tree};

/// A formula that differs in one thing from what the line has in its place.
pub(super) struct Odd {
    /// The formula that belongs there.
    pub tree: Tree,
    /// The difference.
    pub change: Change,
    /// How many others of the line agree with that.
    pub alike: usize,
}

impl Case<'_> {
    /// Those among some cells, in the order of the cells.
    pub fn odd_siblings(&self, cells: &HashSet<CellId>) -> Vec<Odd> {
        let graph = self.ground.graph;
        let mut all: Vec<CellId> = cells.iter().copied().collect();
        all.sort_unstable();
        let mut found: Vec<Odd> = Vec::new();
        for step in [Place::DOWN, Place::RIGHT] {
            let at = |place: Place| place.cell(graph).filter(|id| cells.contains(id));
            for first in &all {
                let place = Place::of(graph, *first);
                if at(place - step).is_some() {
                    continue;
                }
                let line = (0..).map_while(|nth| graph.tree(at(place + step * nth)?));
                let line: Vec<Tree> = line.collect();
                found.extend((0..line.len()).filter_map(|nth| odd(graph, &line, nth)));
            }
        }
        found.sort_by_key(|one| one.tree.home);
        found
    }
}

/// The formula of a line that stands out, where at least two others agree on what belongs there.
fn odd(graph: &Graph, line: &[Tree], nth: usize) -> Option<Odd> {
    let pairs =
        [(nth.checked_sub(1), nth.checked_add(1)), (nth.checked_add(1), nth.checked_add(2))];
    let pairs = pairs.into_iter().chain([(nth.checked_sub(1), nth.checked_sub(2))]);
    pairs.into_iter().find_map(|(one, other)| {
        let pair = (one?, other?);
        let right = continued(graph, line, pair, nth)?;
        let change = only_difference(&line[nth], &right)?;
        let agrees = |at: &usize| {
            continued(graph, line, pair, *at).is_some_and(|tree| is_same(&line[*at], &tree))
        };
        let before = (0..nth).rev().take_while(agrees).count();
        let alike = before + (nth + 1..line.len()).take_while(agrees).count();
        Some(Odd { tree: right, change, alike })
    })
}

/// What two formulas of a line lead to in another place of it.
fn continued(graph: &Graph, line: &[Tree], pair: (usize, usize), nth: usize) -> Option<Tree> {
    let (one, other) = (line.get(pair.0)?, line.get(pair.1)?);
    if shape_of_part(&one.root) != shape_of_part(&other.root) {
        return None;
    }
    let (apart, from) = (pair.1 as i64 - pair.0 as i64, nth as i64 - pair.0 as i64);
    let mut leaves = other.leaves().into_iter();
    let mut is_lost = false;
    let tree = one.map(&mut |_, leaf| {
        let moved = leaves.next().and_then(|other| {
            let place = |leaf: &Leaf| Place::of_target(graph, &leaf.target);
            let by = place(other)? - place(leaf)?;
            let step = by.divided(apart)?;
            let free = leaf.free();
            let ends = shifted(graph, &free, by)?;
            let target = shifted(graph, &free, step * from)?;
            (ends == other.target).then_some(target)
        });
        is_lost |= moved.is_none();
        Leaf { target: moved.unwrap_or(leaf.target), slot: None, fixed: leaf.fixed }
    });
    (!is_lost).then_some(Tree { home: line[nth].home, root: tree.root })
}

/// Whether two formulas take the same in the same way, whatever `$` they have.
pub(super) fn is_same(one: &Tree, other: &Tree) -> bool {
    differences(&one.root, &other.root).is_empty()
}

/// What makes the first formula another than the second, where that is one thing.
fn only_difference(own: &Tree, right: &Tree) -> Option<Change> {
    let differing = differences(&own.root, &right.root);
    let [one] = &differing[..] else { return None };
    Some(match one {
        Difference::Operator(old, new) => Change::Operator(*old, *new),
        Difference::Part(Node::Leaf(old), Node::Leaf(new)) => match (old.id(), new.id()?) {
            (Some(old), new) => {
                let uses = own.leaves().iter().filter(|leaf| leaf.id() == Some(old)).count();
                Change::Exchange { old, new, everywhere: uses == 1 }
            }
            (None, new) if old.is_blank() => Change::Blank(new),
            _ => return None,
        },
        // What was left out: a factor, a square, a function.
        Difference::Part(old, new) if new.parts().iter().any(|part| is_like(part, old)) => {
            let [without, plus] = [Change::Without((*old).clone()), Change::Plus((*new).clone())];
            Change::Both(Box::new(without), Box::new(plus))
        }
        Difference::Part(..) => return None,
    })
}

/// What makes one formula another than the next one.
enum Difference<'t> {
    Operator(Operator, Operator),
    Part(&'t Part, &'t Part),
}

fn is_like(one: &Part, other: &Part) -> bool {
    differences(one, other).is_empty()
}

fn differences<'t>(one: &'t Part, other: &'t Part) -> Vec<Difference<'t>> {
    let (parts, others) = (one.parts(), other.parts());
    let within = || -> Vec<Difference<'t>> {
        let pairs = parts.iter().zip(&others);
        pairs.flat_map(|(part, other)| differences(part, other)).collect()
    };
    match (one, other) {
        (Node::Leaf(own), Node::Leaf(leaf)) if own.target == leaf.target => Vec::new(),
        (Node::Binary(own, ..), Node::Binary(operator, ..))
            if own != operator && within().is_empty() =>
        {
            vec![Difference::Operator(*own, *operator)]
        }
        (Node::Leaf(_), _) | (_, Node::Leaf(_)) => vec![Difference::Part(one, other)],
        (one, other) if one == other => Vec::new(),
        _ if is_made_alike(one, other) && !parts.is_empty() => within(),
        _ => vec![Difference::Part(one, other)],
    }
}
