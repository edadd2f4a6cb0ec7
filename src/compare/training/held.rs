//! Updates that do not always take their whole step: they stay where they are while something holds, or
//! their new value is cut off at bounds.
//!
//! `IF(ABS(g)<tol, w, w-lr*g)` steps as `w-lr*g` does, and so does `MAX(0, w-lr*g)` (projected gradient
//! descent: E. S. Levitin and B. T. Polyak, "Constrained minimization methods", 1966). A condition that
//! belongs to the derivative, as that of a neuron at rest does, becomes a factor of the step: 1 or 0.

use std::collections::{HashSet, VecDeque};

use super::terms::{Part, cells_in, factors, only_cell, terms};
use crate::formula::{Comparison, Operator};
use crate::graph::functions::SheetFunction;
use crate::graph::{CellId, Graph, Node, Tree};

/// What holds an update back.
#[derive(Debug, Clone)]
pub enum Held {
    /// It stays where it is where this holds.
    Where(Part),
    /// It stays where it is unless this holds.
    Unless(Part),
    /// Its new value is cut off at bounds.
    Within,
}

impl Held {
    /// What it is in words, for the update in `cell`.
    pub fn words(&self, graph: &Graph, cell: CellId) -> String {
        match self {
            Held::Where(condition) => {
                format!("stays where it is if {}", graph.part_text(condition, cell))
            }
            Held::Unless(condition) => {
                format!("steps only if {}", graph.part_text(condition, cell))
            }
            Held::Within => "cuts its weights off at bounds".to_owned(),
        }
    }
}

/// So many cells are looked at for the gradient that a step is a multiple of.
const MOST_TAKEN: usize = 24;

/// So many cells behind a condition are looked at for the value that the update steps from.
const MOST_BEHIND: usize = 200;

/// The formula of an update of `previous` as it is where nothing holds it back, and what does.
pub(super) fn free(graph: &Graph, tree: &Part, previous: CellId) -> (Part, Vec<Held>) {
    let mut search = Search { graph, previous, held: Vec::new() };
    let free = search.free(tree, false);
    (free, search.held)
}

/// The formula of an update that stays where it is for all that lies on one side of a number above 0, `IF(g>tol, w-lr*g, w)`,
/// with the size of what its step is a multiple of in the condition: what is far below 0 is no small gradient.
pub(super) fn with_size(graph: &Graph, tree: &Tree, previous: CellId) -> Option<Tree> {
    let Node::Call(function, arguments) = &tree.root else { return None };
    let [Node::Compare(comparison, left, right), yes, no] = &arguments[..] else { return None };
    if function.name != "IF" {
        return None;
    }
    let stays = |branch: &Part| only_cell(branch) == Some(previous);
    let (step, steps_where) = match (stays(yes), stays(no)) {
        (true, false) => (no, false),
        (false, true) => (yes, true),
        _ => return None,
    };
    let is_above = match comparison {
        Comparison::Greater | Comparison::GreaterOrEqual => true,
        Comparison::Less | Comparison::LessOrEqual => false,
        _ => return None,
    };
    let of_step = multiplied(step);
    let is_taken =
        |part: &Part| only_cell(part).is_some_and(|id| id != previous && of_step.contains(&id));
    let is_bound = |part: &Part| {
        let is_typed = |id: CellId| graph.is_leaf(id) && graph.value(id).number() > Some(0.0);
        matches!(part, Node::Number(number) if *number > 0.0)
            || only_cell(part).is_some_and(is_typed)
    };
    let size = |part: &Part| Some(Node::Call(SheetFunction::find("ABS")?, vec![part.clone()]));
    let (left, right) = if is_taken(left) && is_bound(right) && is_above == steps_where {
        (size(left)?, (**right).clone())
    } else if is_taken(right) && is_bound(left) && is_above != steps_where {
        ((**left).clone(), size(right)?)
    } else {
        return None;
    };
    let condition = Node::Compare(*comparison, Box::new(left), Box::new(right));
    let arguments = vec![condition, yes.clone(), no.clone()];
    Some(Tree { home: tree.home, root: Node::Call(function, arguments) })
}

/// Those arguments of a function that may be cut off at the others.
pub(super) fn within_bounds(tree: &Part) -> Vec<&Part> {
    let Node::Call(function, arguments) = tree else { return Vec::new() };
    if !["MAX", "MIN", "MEDIAN"].contains(&function.name) {
        return Vec::new();
    }
    arguments.iter().filter(|one| !is_bound(one)).collect()
}

fn is_bound(part: &Part) -> bool {
    match part {
        Node::Negate(one) => is_bound(one),
        Node::Number(_) => true,
        other => only_cell(other).is_some(),
    }
}

struct Search<'a> {
    graph: &'a Graph,
    previous: CellId,
    held: Vec<Held>,
}

impl Search<'_> {
    /// A part without what holds it back; of a sum a term of 0 is a step that is not taken.
    fn free(&mut self, part: &Part, is_term: bool) -> Part {
        if let [inner] = within_bounds(part)[..]
            && !is_term
        {
            if !self.held.iter().any(|one| matches!(one, Held::Within)) {
                self.held.push(Held::Within);
            }
            return self.free(inner, false);
        }
        match part {
            Node::Call(function, arguments) if function.name == "IF" => {
                let [condition, yes, no] = &arguments[..] else { return part.clone() };
                let stays = |branch: &Part| match is_term {
                    true => *branch == Node::Number(0.0),
                    false => only_cell(branch) == Some(self.previous),
                };
                let (step, held) = match (stays(yes), stays(no)) {
                    (true, false) => (no, Held::Where(condition.clone())),
                    (false, true) => (yes, Held::Unless(condition.clone())),
                    _ => return part.clone(),
                };
                if self.is_of_rule(condition, step) {
                    self.held.push(held);
                    return self.free(step, is_term);
                }
                let numbers = if stays(yes) { [0.0, 1.0] } else { [1.0, 0.0] };
                let [one, other] = numbers.map(Node::Number);
                let mask = Node::Call(function, vec![condition.clone(), one, other]);
                self.masked(step, &mask)
            }
            Node::Binary(operator @ (Operator::Add | Operator::Subtract), left, right) => {
                let [left, right] = [left, right].map(|one| Box::new(self.free(one, true)));
                Node::Binary(*operator, left, right)
            }
            other => other.clone(),
        }
    }

    /// A step times a mask; the value that it is taken from stays.
    fn masked(&self, step: &Part, mask: &Part) -> Part {
        match step {
            Node::Binary(operator @ (Operator::Add | Operator::Subtract), left, right) => {
                let [left, right] = [left, right].map(|one| Box::new(self.masked(one, mask)));
                Node::Binary(*operator, left, right)
            }
            other if only_cell(other) == Some(self.previous) => other.clone(),
            other => other.clone().binary(Operator::Multiply, mask.clone()),
        }
    }

    /// Whether a condition belongs to the rule: it looks at how large the gradient or the weight is, or at
    /// nothing that the weight changes.
    fn is_of_rule(&self, condition: &Part, step: &Part) -> bool {
        let graph = self.graph;
        let mut taken = multiplied(step);
        // A mean that is remembered is made of the gradient.
        let mut at = 0;
        while let Some(tree) = taken.get(at).map(|id| graph.tree(*id)).filter(|_| at < MOST_TAKEN) {
            let inner = tree.map_or(Vec::new(), |tree| multiplied(&tree.root));
            taken.extend(inner);
            at += 1;
        }
        let looks = |part: &Part| {
            sizes(graph, part).iter().any(|id| *id == self.previous || taken.contains(id))
        };
        let told = cells_in(graph, condition).into_iter().filter_map(|id| graph.tree(id));
        let decides = |part: &Part| decides(part) && !sizes(graph, part).is_empty();
        looks(condition)
            || told.into_iter().any(|tree| decides(&tree.root))
            || !self.is_behind(condition)
    }

    /// Whether the value that the update steps from is behind a part.
    fn is_behind(&self, part: &Part) -> bool {
        let mut open: VecDeque<CellId> = cells_in(self.graph, part).into();
        let mut seen: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop_front().filter(|_| seen.len() < MOST_BEHIND) {
            open.extend(self.graph.inputs(id).iter().filter(|input| seen.insert(**input)));
        }
        seen.contains(&self.previous)
    }
}

/// The cells that terms of a formula are multiples of.
fn multiplied(part: &Part) -> Vec<CellId> {
    let parts = terms(part).into_iter().flat_map(|(_, term)| factors(term).parts);
    parts.filter(|(_, is_divisor)| !is_divisor).filter_map(|(part, _)| only_cell(part)).collect()
}

/// Whether a formula says which of two things holds.
fn decides(part: &Part) -> bool {
    match part {
        Node::Compare(..) => true,
        Node::Call(function, _) => ["IF", "AND", "OR", "NOT"].contains(&function.name),
        _ => false,
    }
}

/// The cells whose absolute value or square a part takes, or that it holds against 0.
fn sizes(graph: &Graph, part: &Part) -> Vec<CellId> {
    let of = match part {
        Node::Call(function, arguments) if ["ABS", "SUMSQ"].contains(&function.name) => {
            arguments.iter().flat_map(|one| cells_in(graph, one)).collect()
        }
        Node::Binary(Operator::Power, base, exponent) if **exponent == Node::Number(2.0) => {
            cells_in(graph, base)
        }
        Node::Compare(Comparison::Equal, one, other) if **other == Node::Number(0.0) => {
            only_cell(one).into_iter().collect()
        }
        _ => Vec::new(),
    };
    let inner = part.parts().into_iter().flat_map(|one| sizes(graph, one));
    of.into_iter().chain(inner).collect()
}
