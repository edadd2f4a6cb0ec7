//! Numbers on whose side of a threshold values depend: what is compared, and what MAX takes.
//!
//! Whether a neuron is at rest is one bit at a point. A mask of the wrong neuron is found only where
//! the two are on different sides, so that points are chosen which tell numbers from each other.

use std::collections::{HashMap, HashSet};

use super::invented::cells_at;
use super::iterations::Tags;
use crate::graph::{CellId, FamilyId, Graph, Node, Slot, Values};

/// Functions that go on otherwise on the other side of something.
const WITH_SIDES: &[&str] = &["MAX", "MIN", "SIGN", "ABS"];

/// The compared numbers that weights change, and on which sides they were at the points so far.
#[derive(Debug)]
pub struct Thresholds {
    /// A bit a point for each cell.
    sides: HashMap<CellId, u32>,
}

impl Thresholds {
    /// Finds what is compared.
    pub fn find(graph: &Graph, tags: &Tags) -> Thresholds {
        let mut slots_of: HashMap<FamilyId, Vec<Slot>> = HashMap::new();
        let mut sides: HashMap<CellId, u32> = HashMap::new();
        for id in graph.order().iter().filter(|id| !tags.is_fixed(**id)) {
            let (Some(family), Some(formula)) = (graph.family(*id), graph.formula(*id)) else {
                continue;
            };
            let slots = slots_of.entry(family).or_insert_with(|| {
                let mut slots = Vec::new();
                if let Ok(root) = &formula.tree {
                    compared_slots(root, &mut slots);
                }
                slots
            });
            let moving = cells_at(graph, *id, slots).filter(|id| !tags.is_fixed(*id));
            sides.extend(moving.map(|id| (id, 0)));
        }
        Thresholds { sides }
    }

    /// Whether nothing that weights change is compared.
    pub fn is_empty(&self) -> bool {
        self.sides.is_empty()
    }

    /// How many of the compared cells among `cells` cannot be told from another by the sides on which
    /// they were so far and with `values`.
    pub fn alike(&self, cells: &[CellId], values: &Values) -> usize {
        let sides = cells
            .iter()
            .filter_map(|id| Some((*self.sides.get(id)? << 1) | u32::from(is_above(*id, values))));
        let sides: Vec<u32> = sides.collect();
        sides.len() - sides.iter().collect::<HashSet<_>>().len()
    }

    /// Notes on which sides `cells` are at a point.
    pub fn note(&mut self, cells: &[CellId], values: &Values) {
        for id in cells {
            if let Some(sides) = self.sides.get_mut(id) {
                *sides = (*sides << 1) | u32::from(is_above(*id, values));
            }
        }
    }
}

fn is_above(id: CellId, values: &Values) -> bool {
    values.number(id).is_some_and(|value| value > 0.0)
}

/// The references whose numbers are compared.
fn compared_slots(part: &Node<Slot>, slots: &mut Vec<Slot>) {
    let compares = match part {
        Node::Compare(..) => true,
        Node::Call(function, _) => WITH_SIDES.contains(&function.name),
        _ => false,
    };
    if compares {
        part.each_leaf(&mut |slot| slots.push(*slot));
    } else {
        part.parts().into_iter().for_each(|part| compared_slots(part, slots));
    }
}
