//! Gradients that are taken ahead of the weights: Nesterov's `w - gamma * v`.
//!
//! The place ahead is made of a weight and of what the updates remember. Where that is 0 it is the
//! weight itself, so that a gradient there is the derivative at the weight: a cell that looks ahead
//! belongs to the iteration of its weight alone, and is evaluated with nothing remembered.
//!
//! Source: Y. Nesterov, "A method for solving the convex programming problem with convergence rate
//! O(1/k²)" (1983), in the form of Sutskever et al., "On the importance of initialization and momentum
//! in deep learning" (2013): v ← μ·v − lr·∇f(w + μ·v), w ← w + v.

use std::collections::{HashMap, HashSet};

use super::fill::exchange;
use super::iterations::Tag;
use super::terms::{Part, Sign, cells_in, factors, only_cell, sum, terms};
use crate::graph::{CellId, FamilyId, Graph, Node, Slot, Tree};

/// What formulas take of memory to look ahead, family by family.
#[derive(Debug, Default)]
pub(super) struct LookAhead {
    slots: HashMap<FamilyId, Vec<Slot>>,
    /// Whether the updates remember what the formulas of a family take.
    remembered: HashMap<FamilyId, bool>,
    /// The places ahead.
    pub places: Vec<Ahead>,
}

/// A place ahead of a weight.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    /// The cell whose formula it stands in.
    pub home: CellId,
    /// The cell of the weight's value.
    pub variable: CellId,
    /// The sum of the weight and of what is remembered.
    pub part: Part,
}

impl Ahead {
    /// The place by itself.
    pub fn tree(&self) -> Tree {
        Tree { home: self.home, root: self.part.clone() }
    }

    /// The formula that it stands in with another part in its place.
    pub fn exchanged(&self, graph: &Graph, other: &Part) -> Option<Tree> {
        let root = exchange(&graph.tree(self.home)?.root, &self.part, other)?;
        Some(Tree { home: self.home, root })
    }
}

/// What is known of cells while their iterations are found out.
pub(super) struct Seen<'s> {
    pub graph: &'s Graph,
    pub tags: &'s [Tag],
    /// The cell that holds a weight's value, for itself and for those that hand it on.
    pub variables: &'s HashMap<CellId, CellId>,
    /// The update that follows each weight's value.
    pub updates: &'s HashMap<CellId, CellId>,
}

/// So many cells are looked at to find out whether an update remembers something.
const MOST_VISITED: usize = 10_000;

impl Seen<'_> {
    fn is_variable(&self, id: CellId) -> bool {
        self.variables.contains_key(&id)
    }

    /// Whether the update of a weight goes on from a cell otherwise than through what is made like
    /// `reader`: a momentum does, a reference that has run away does not.
    fn is_remembered(&self, variable: CellId, memory: &[CellId], reader: CellId) -> bool {
        let family = self.graph.family(reader);
        let update = self.updates.get(&variable).into_iter();
        let mut open: Vec<CellId> =
            update.flat_map(|update| self.graph.inputs(*update)).copied().collect();
        let mut seen: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop().filter(|_| seen.len() < MOST_VISITED) {
            if memory.contains(&id) {
                return true;
            }
            let is_passed = self.is_variable(id) || self.graph.family(id) == family;
            let inputs = self.graph.inputs(id).iter().copied().filter(|_| !is_passed);
            open.extend(inputs.filter(|input| seen.insert(*input)));
        }
        false
    }
}

impl LookAhead {
    /// The cells that the formula of `id` is computed from beside what it takes of memory to look
    /// ahead; none where it does not look ahead.
    pub fn inputs(&mut self, seen: &Seen, id: CellId) -> Option<Vec<CellId>> {
        let inputs = seen.graph.inputs(id);
        let last = |id: CellId| match seen.tags[id.index()] {
            Tag::Of { last, .. } => Some(last),
            _ => None,
        };
        let latest = inputs.iter().filter_map(|input| last(*input)).max()?;
        let is_memory = |input: CellId| {
            !seen.is_variable(input) && last(input).is_some_and(|last| last < latest)
        };
        if !inputs.iter().any(|input| is_memory(*input)) {
            return None;
        }
        let tree = seen.graph.tree(id)?;
        let mut parts = Parts::default();
        parts.take(seen, &tree.root, &is_memory);
        if parts.memory.is_empty() || parts.memory.iter().any(|slot| parts.others.contains(slot)) {
            return None;
        }
        let family = seen.graph.family(id)?;
        let is_remembered = || {
            let is_one = |(variable, part): &(CellId, Part)| {
                let memory = cells_in(seen.graph, part).into_iter();
                let memory: Vec<CellId> = memory.filter(|id| is_memory(*id)).collect();
                seen.is_remembered(*variable, &memory, id)
            };
            !parts.places.is_empty() && parts.places.iter().all(is_one)
        };
        if !*self.remembered.entry(family).or_insert_with(is_remembered) {
            return None;
        }
        let slots = self.slots.entry(family).or_default();
        slots.extend(parts.memory.iter().filter(|slot| !slots.contains(slot)).collect::<Vec<_>>());
        let places = parts.places.into_iter();
        self.places.extend(places.map(|(variable, part)| Ahead { home: id, variable, part }));
        Some(parts.cells)
    }

    /// The cells that hold what formulas take of memory to look ahead, those that they start from
    /// included.
    pub fn memory(&self, graph: &Graph) -> HashSet<CellId> {
        let mut cells = HashSet::new();
        for (family, slots) in &self.slots {
            for id in graph.members(*family) {
                let Some(tree) = graph.tree(*id) else { continue };
                tree.root.each_leaf(&mut |leaf| {
                    if leaf.slot.is_some_and(|slot| slots.contains(&slot)) {
                        cells.extend(cells_in(graph, &Node::Leaf(*leaf)));
                    }
                });
            }
        }
        cells
    }
}

/// A formula taken apart.
#[derive(Default)]
struct Parts {
    /// The references to memory beside a weight.
    memory: Vec<Slot>,
    /// The other references, and their cells.
    others: Vec<Slot>,
    cells: Vec<CellId>,
    /// Each weight with memory beside it, and what they are together.
    places: Vec<(CellId, Part)>,
}

impl Parts {
    fn take(&mut self, seen: &Seen, part: &Part, is_memory: &dyn Fn(CellId) -> bool) {
        let is_all = |part: &Part, test: &dyn Fn(CellId) -> bool| {
            let cells = cells_in(seen.graph, part);
            matches!(part, Node::Leaf(_)) && !cells.is_empty() && cells.into_iter().all(test)
        };
        let terms = terms(part);
        let is_weight = |term: &Part| is_all(term, &|id| seen.is_variable(id));
        let is_ahead = terms.iter().any(|(_, term)| is_weight(term));
        // A multiple of what is remembered, by numbers that no weight changes.
        let is_multiple = |term: &Part| {
            let found = factors(term);
            let (memory, others): (Vec<_>, Vec<_>) =
                found.parts.iter().partition(|(one, _)| is_all(one, is_memory));
            let is_fixed = |id: &CellId| seen.tags[id.index()] == Tag::Fixed;
            matches!(memory[..], [(_, false)])
                && others.iter().all(|(one, _)| cells_in(seen.graph, one).iter().all(is_fixed))
        };
        match part {
            Node::Leaf(leaf) => {
                self.others.extend(leaf.slot);
                self.cells.extend(cells_in(seen.graph, part));
            }
            _ if terms.len() > 1 && is_ahead => {
                let own: Vec<(Sign, &Part)> = terms
                    .iter()
                    .filter(|(_, term)| is_weight(term) || is_multiple(term))
                    .copied()
                    .collect();
                let weights = own.iter().filter_map(|(_, term)| only_cell(term));
                let weights = weights.filter_map(|id| seen.variables.get(&id).copied());
                let weights: Vec<CellId> = weights.collect();
                if let [weight] = weights[..]
                    && own.len() > 1
                {
                    let place = if own.len() == terms.len() { part.clone() } else { sum(&own) };
                    self.places.push((weight, place));
                }
                for (_, term) in terms {
                    if is_multiple(term) {
                        term.each_leaf(&mut |leaf| {
                            if is_all(&Node::Leaf(*leaf), is_memory) {
                                self.memory.extend(leaf.slot);
                            } else {
                                self.others.extend(leaf.slot);
                            }
                        });
                    } else {
                        self.take(seen, term, is_memory);
                    }
                }
            }
            _ => part.parts().into_iter().for_each(|part| self.take(seen, part, is_memory)),
        }
    }
}
