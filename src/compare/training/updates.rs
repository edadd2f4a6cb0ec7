//! Updates: cells that take a step from another cell.
//!
//! `c = p - T` or `c = p + T` is an update of the weight whose value `p` is, where the step T depends
//! on `p` itself: a running sum does not, nor does a residual. The next iteration refers to `c`, often
//! through cells that only hand the value on (`='pass 1'!G9`); those are looked through.

use std::collections::{HashMap, HashSet, VecDeque};

use super::held::{self, Held};
use super::terms::{Part, Sign, cells_in, factors, only_cell, sum, terms};
use crate::formula::Operator;
use crate::graph::{CellId, Graph, Leaf, Node};

/// A cell that takes a step from another: `cell = previous + sign * step`.
#[derive(Debug, Clone)]
pub struct Update {
    /// The cell with the formula.
    pub cell: CellId,
    /// The cell that the formula steps from, as it is written there.
    pub previous: CellId,
    /// -1 where the step is subtracted.
    pub sign: Sign,
    /// The step.
    pub step: Part,
    /// Whether the cell is written as `(1 - decay) * previous` and a step: the step has the decay too.
    pub decays: bool,
    /// What keeps the cell from taking the whole step always.
    pub held: Vec<Held>,
}

/// All cells that look like updates.
#[derive(Debug, Default)]
pub struct Updates {
    /// By cell.
    pub by_cell: HashMap<CellId, Update>,
    /// Cells that step from one they do not depend on otherwise, which may be updates with a wrong
    /// derivative.
    pub others: HashMap<CellId, Vec<Update>>,
    /// What cells that only hand a value on refer to.
    aliases: HashMap<CellId, CellId>,
}

/// So many cells are looked at to find out whether a step depends on what it starts from.
const MOST_VISITED: usize = 200_000;

impl Updates {
    /// Finds them, in the order in which a spreadsheet computes. `known` are the updates that are
    /// known to lead from one iteration to the next; where none are, all that are found are taken for
    /// such, though `z = b + w*h` looks like a step from b where h depends on b too.
    pub fn find(graph: &Graph, known: Option<&HashSet<CellId>>) -> Updates {
        let updates = Updates::found(graph, known);
        let hidden = known.is_none().then(|| updates.hiding(graph)).flatten();
        hidden.map_or(updates, |followed| Updates::found(graph, Some(&followed)))
    }

    /// The updates that others step from, where one that none does hides a later one from the same cell: behind
    /// `p = w*x + w` stands the gradient of w.
    fn hiding(&self, graph: &Graph) -> Option<HashSet<CellId>> {
        let origin = |update: &Update| self.origin(update.previous);
        let followed: HashSet<CellId> = self.by_cell.values().map(origin).collect();
        let lone = self.by_cell.values().filter(|one| !followed.contains(&one.cell));
        let mut lone: HashMap<CellId, CellId> = lone.map(|one| (one.cell, origin(one))).collect();
        let mut before = HashSet::new();
        let is_hidden = graph.order().iter().any(|id| {
            before.extend(lone.remove(id));
            self.others
                .get(id)
                .is_some_and(|all| all.iter().any(|one| before.contains(&origin(one))))
        });
        is_hidden.then_some(followed)
    }

    fn found(graph: &Graph, known: Option<&HashSet<CellId>>) -> Updates {
        let mut updates = Updates::default();
        let mut places = vec![0; graph.len()];
        for (place, id) in graph.order().iter().copied().enumerate() {
            places[id.index()] = place + 1;
            let Some(tree) = graph.tree(id) else { continue };
            if let Some(other) = only_cell(&tree.root) {
                updates.aliases.insert(id, other);
                continue;
            }
            let candidates = candidates(graph, id, &tree.root);
            let found = candidates
                .iter()
                .position(|update| updates.steps_from_itself(graph, update, &places, known));
            match found {
                Some(found) => {
                    updates.by_cell.insert(id, candidates[found].clone());
                }
                None if !candidates.is_empty() => {
                    updates.others.insert(id, candidates);
                }
                None => {}
            }
        }
        updates
    }

    /// The same but for some cells.
    pub fn without(mut self, cells: &HashSet<CellId>) -> Updates {
        self.by_cell.retain(|id, _| !cells.contains(id));
        self.others.retain(|id, _| !cells.contains(id));
        self
    }

    /// The cell that a value comes from, where others only hand it on; an update hands nothing on.
    pub fn origin(&self, mut id: CellId) -> CellId {
        // Cells that refer to each other in a circle are no chain.
        for _ in 0..self.aliases.len() {
            match self.aliases.get(&id) {
                Some(next) => id = *next,
                None => break,
            }
        }
        id
    }

    /// The cells between `id` and its [origin](Updates::origin), both included.
    pub fn way(&self, mut id: CellId) -> Vec<CellId> {
        let mut way = vec![id];
        while let Some(next) = self.aliases.get(&id)
            && !way.contains(next)
        {
            id = *next;
            way.push(id);
        }
        way
    }

    /// Whether a cell only hands on the value of another.
    pub fn is_alias(&self, id: CellId) -> bool {
        self.aliases.contains_key(&id)
    }

    /// Whether the step depends on the value that it starts from, in the same iteration. `places` are
    /// those of cells in the order of computing, from 1; 0 for constants.
    fn steps_from_itself(
        &self,
        graph: &Graph,
        update: &Update,
        places: &[usize],
        known: Option<&HashSet<CellId>>,
    ) -> bool {
        let leads_on = |id: &CellId| match known {
            Some(known) => known.contains(id),
            None => self.by_cell.contains_key(id),
        };
        let mut targets: HashSet<CellId> = self.way(update.previous).into_iter().collect();
        targets.remove(&update.cell);
        // What is computed before them depends on none of them.
        let first = targets.iter().map(|id| places[id.index()]).min().unwrap_or(0);
        let mut open: VecDeque<CellId> = cells_in(graph, &update.step).into();
        // A decay is of the value itself; an average `(1 - beta) * g + beta * m` is no step from g.
        open.retain(|id| !update.decays || !targets.contains(id));
        let mut seen: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop_front() {
            if targets.contains(&id) {
                return true;
            }
            if leads_on(&id) || seen.len() > MOST_VISITED {
                continue;
            }
            for input in graph.inputs(id) {
                if places[input.index()] >= first && seen.insert(*input) {
                    open.push_back(*input);
                }
            }
        }
        false
    }
}

/// All readings of a formula as a step from some cell.
fn candidates(graph: &Graph, cell: CellId, tree: &Part) -> Vec<Update> {
    let mut starts: Vec<(CellId, bool)> = Vec::new();
    for branch in branches(tree) {
        let terms = terms(branch);
        for (sign, term) in &terms {
            let start = start(graph, term).map(|(id, decay)| (id, decay.is_some()));
            let is_new = |one: &(CellId, bool)| !starts.iter().any(|known| known.0 == one.0);
            starts.extend(start.filter(|one| terms.len() > 1 && *sign > 0.0 && is_new(one)));
        }
    }
    let update = |(previous, decays): (CellId, bool)| {
        let (free, held) = held::free(graph, tree, previous);
        let (sign, step) = step_from(graph, &free, previous)?;
        Some(Update { cell, previous, sign, step, decays, held })
    };
    starts.into_iter().filter_map(update).collect()
}

/// The cell that a term starts from, with its decay where it has one.
fn start(graph: &Graph, term: &Part) -> Option<(CellId, Option<Part>)> {
    match decayed(graph, term) {
        Some((id, decay)) => Some((id, Some(decay))),
        None => only_cell(term).map(|id| (id, None)),
    }
}

/// The cell that `id` is, less a part of itself: `=A3*(1-$B$1*$B$2)`.
pub(super) fn decayed_from(graph: &Graph, id: CellId) -> Option<CellId> {
    decayed(graph, &Node::Leaf(Leaf::cell(id))).map(|(of, _)| of)
}

/// The cell and the decay of `(1 - decay) * cell`, written in place or in a cell of its own.
///
/// Source: M. Nielsen, "Neural Networks and Deep Learning" (2015), chapter 3:
/// w → (1 − ηλ/n)·w − η·∂C₀/∂w.
fn decayed(graph: &Graph, part: &Part) -> Option<(CellId, Part)> {
    let own = only_cell(part).and_then(|id| graph.tree(id)).map(|tree| tree.root);
    let found = factors(own.as_ref().unwrap_or(part));
    let [(one, false), (other, false)] = found.parts[..] else { return None };
    let read = |cell: &Part, left: &Part| match left {
        Node::Binary(Operator::Subtract, whole, decay) if **whole == Node::Number(1.0) => {
            Some((only_cell(cell)?, (**decay).clone()))
        }
        // A decay with the wrong sign.
        Node::Binary(Operator::Add, whole, growth) if **whole == Node::Number(1.0) => {
            Some((only_cell(cell)?, Node::Negate(growth.clone())))
        }
        _ => None,
    };
    read(one, other).or_else(|| read(other, one)).filter(|_| found.numbers.is_empty())
}

/// What an `IF` may give, and what is cut off at bounds; any other formula itself.
fn branches(tree: &Part) -> Vec<&Part> {
    match tree {
        Node::Call(function, arguments) if function.name == "IF" && arguments.len() > 1 => {
            arguments[1..].iter().flat_map(branches).collect()
        }
        other => match held::within_bounds(other)[..] {
            [inner] => branches(inner),
            _ => vec![other],
        },
    }
}

/// The step that a formula takes from `previous`.
fn step_from(graph: &Graph, tree: &Part, previous: CellId) -> Option<(Sign, Part)> {
    if let Node::Call(function, arguments) = tree
        && function.name == "IF"
        && arguments.len() > 1
    {
        let signed = |branch: &Part| {
            let (sign, step) = step_from(graph, branch, previous)?;
            Some(if sign < 0.0 { Node::Negate(Box::new(step)) } else { step })
        };
        let mut parts = vec![arguments[0].clone()];
        for branch in &arguments[1..] {
            parts.push(signed(branch)?);
        }
        return Some((1.0, Node::Call(function, parts)));
    }
    let mut terms = terms(tree);
    let start = |term: &Part| start(graph, term).filter(|(id, _)| *id == previous);
    let at = terms.iter().position(|(sign, term)| *sign > 0.0 && start(term).is_some())?;
    let (_, decay) = start(terms.remove(at).1)?;
    let decay =
        decay.map(|decay| decay.binary(Operator::Multiply, Node::Leaf(Leaf::cell(previous))));
    terms.extend(decay.iter().map(|decay| (-1.0, decay)));
    match terms[..] {
        [] => Some((1.0, Node::Number(0.0))),
        [(sign, term)] => Some((sign, term.clone())),
        _ if terms.iter().all(|(sign, _)| *sign < 0.0) => {
            let turned: Vec<(Sign, &Part)> = terms.iter().map(|(_, term)| (1.0, *term)).collect();
            Some((-1.0, sum(&turned)))
        }
        _ => Some((1.0, sum(&terms))),
    }
}
