//! Numbers on whose side of a threshold values depend: what is compared, and what MAX takes.
//!
//! Whether a neuron is at rest is one bit at a point. A mask of the wrong neuron is found only where
//! the two are on different sides, so that points are chosen which tell numbers from each other.

use std::collections::{HashMap, HashSet};

use super::invented::cells_at;
use super::iterations::Tags;
use crate::formula::Operator;
use crate::graph::{CellId, FamilyId, Graph, Node, Slot, Values};

/// Functions that go on otherwise on the other side of something.
const WITH_SIDES: &[&str] = &["MAX", "MIN", "SIGN", "ABS"];

/// The compared numbers that weights change, and on which sides they were at the points so far.
#[derive(Debug)]
pub struct Thresholds {
    sides: HashMap<CellId, Side>,
    /// How far from 0 the farthest threshold lies.
    pub farthest: f64,
}

/// What a number is compared with.
#[derive(Debug, Default, Clone, Copy)]
struct Side {
    /// The number on whose sides it may lie.
    level: f64,
    /// A bit a point: whether it was above.
    bits: u32,
}

impl Side {
    /// The bits with that of a further point.
    fn with(self, id: CellId, values: &Values) -> u32 {
        let is_above = values.number(id).is_some_and(|value| value > self.level);
        (self.bits << 1) | u32::from(is_above)
    }
}

impl Thresholds {
    /// Finds what is compared.
    pub fn find(graph: &Graph, tags: &Tags) -> Thresholds {
        let mut compared_by: HashMap<FamilyId, Vec<Compared>> = HashMap::new();
        let mut sides: HashMap<CellId, Side> = HashMap::new();
        for id in graph.order().iter().filter(|id| !tags.is_fixed(**id)) {
            let (Some(family), Some(formula)) = (graph.family(*id), graph.formula(*id)) else {
                continue;
            };
            let found = compared_by.entry(family).or_insert_with(|| {
                let mut found = Vec::new();
                if let Ok(root) = &formula.tree {
                    compared(root, &mut found);
                }
                found
            });
            for one in found {
                sides.extend(one.sides(graph, tags, *id));
            }
        }
        let farthest = sides.values().fold(0.0_f64, |most, side| most.max(side.level.abs()));
        Thresholds { sides, farthest }
    }

    /// Whether nothing that weights change is compared.
    pub fn is_empty(&self) -> bool {
        self.sides.is_empty()
    }

    /// How many of the compared cells among `cells` cannot be told from another, or from what lies always
    /// on one side, by where they were at `points` points so far and are with `values`.
    pub fn alike<'a>(
        &self,
        cells: impl Iterator<Item = &'a CellId>,
        values: &Values,
        points: usize,
    ) -> usize {
        let bits = cells.filter_map(|id| Some(self.sides.get(id)?.with(*id, values)));
        let bits: Vec<u32> = bits.collect();
        let always = (1 << (points + 1)) - 1;
        let still = bits.iter().filter(|bits| **bits == 0 || **bits == always).count();
        bits.len() - bits.iter().collect::<HashSet<_>>().len() + still
    }

    /// Notes on which sides `cells` are at a point.
    pub fn note<'a>(&mut self, cells: impl Iterator<Item = &'a CellId>, values: &Values) {
        for id in cells {
            if let Some(side) = self.sides.get_mut(id) {
                side.bits = side.with(*id, values);
            }
        }
    }
}

/// A sum whose sign decides.
#[derive(Debug, Default)]
struct Compared {
    /// The numbers in it.
    number: f64,
    /// The references that are terms of it, each with its sign; those within terms have none.
    terms: Vec<(f64, Slot)>,
}

impl Compared {
    /// The cells that weights change, with the numbers at which the sign turns.
    fn sides(&self, graph: &Graph, tags: &Tags, home: CellId) -> Vec<(CellId, Side)> {
        let cells = |slot: &Slot| {
            cells_at(graph, home, std::slice::from_ref(slot)).collect::<Vec<CellId>>()
        };
        let still = self.terms.iter().flat_map(|(sign, slot)| {
            let fixed = cells(slot).into_iter().filter(|id| tags.is_fixed(*id));
            fixed.map(|id| sign * graph.value(id).number().unwrap_or(0.0)).collect::<Vec<f64>>()
        });
        let number = self.number + still.sum::<f64>();
        let moving = self.terms.iter().flat_map(|(sign, slot)| {
            let level = if *sign == 0.0 { 0.0 } else { -number / sign };
            let moving = cells(slot).into_iter().filter(|id| !tags.is_fixed(*id));
            moving.map(|id| (id, Side { level, bits: 0 })).collect::<Vec<_>>()
        });
        moving.collect()
    }

    /// Adds what is compared, with its sign.
    fn add(&mut self, part: &Node<Slot>, sign: f64) {
        match part {
            Node::Number(number) => self.number += sign * number,
            Node::Leaf(slot) => self.terms.push((sign, *slot)),
            Node::Negate(one) => self.add(one, -sign),
            Node::Binary(operator @ (Operator::Add | Operator::Subtract), left, right) => {
                self.add(left, sign);
                let turned = if *operator == Operator::Add { sign } else { -sign };
                self.add(right, turned);
            }
            other => other.each_leaf(&mut |slot| self.terms.push((0.0, *slot))),
        }
    }
}

/// What is compared in a formula.
fn compared(part: &Node<Slot>, found: &mut Vec<Compared>) {
    let sides: Vec<&Node<Slot>> = match part {
        Node::Compare(_, left, right) => vec![left, right],
        Node::Call(function, arguments) if WITH_SIDES.contains(&function.name) => {
            arguments.iter().collect()
        }
        other => {
            other.parts().into_iter().for_each(|part| compared(part, found));
            return;
        }
    };
    let mut one = Compared::default();
    for (at, side) in sides.into_iter().enumerate() {
        one.add(side, if at == 0 { 1.0 } else { -1.0 });
    }
    found.push(one);
}
