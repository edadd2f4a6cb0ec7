//! Iterations: which cells are computed from which set of weights.
//!
//! Every cell is given the iteration whose weights it is computed from: that of a weight's value is
//! known, and the others follow in the order in which a spreadsheet computes. A cell that looks back
//! (a velocity, a running sum) knows the earliest iteration too.

use std::collections::{HashMap, HashSet, VecDeque};

use super::look_ahead::{Ahead, LookAhead, Seen};
use super::terms::{Part, cells_in, factors, only_cell};
use super::updates::Update;
use super::weights::Weight;
use crate::graph::{CellId, Graph};

/// Weights that are trained together.
pub type Group = Vec<Weight>;

/// Puts weights together whose steps depend on each other.
pub fn group(graph: &Graph, weights: Vec<Weight>) -> Vec<Group> {
    let variables = variables(&weights);
    let reached: Vec<HashSet<usize>> =
        weights.iter().map(|weight| reached(graph, weight, &variables)).collect();
    let mut apart: Vec<bool> =
        (0..weights.len()).map(|at| only_looks_on(graph, &weights, &reached, at)).collect();
    let mut leader: Vec<usize> = (0..weights.len()).collect();
    for (at, others) in reached.iter().enumerate() {
        if apart[at] {
            continue;
        }
        for other in others {
            let is_rate = reached[*other].iter().all(|one| one == other)
                && *other != at
                && multiplies(graph, &weights[*other], &weights[at]);
            // A rate that goes down by itself is computed from no weights.
            apart[*other] |= is_rate;
            if !is_rate {
                let (a, b) = (find(&leader, at), find(&leader, *other));
                leader[a.max(b)] = a.min(b);
            }
        }
    }
    let weights = weights.into_iter().enumerate().filter(|(at, _)| !apart[*at]);
    let groups = led(weights, &leader);
    let leader = with_one_outcome(graph, &groups);
    led(groups.into_iter().enumerate(), &leader).into_iter().map(|groups| groups.concat()).collect()
}

/// Items with the same leader together.
fn led<T>(items: impl Iterator<Item = (usize, T)>, leader: &[usize]) -> Vec<Vec<T>> {
    let mut groups: Vec<(usize, Vec<T>)> = Vec::new();
    for (at, item) in items {
        let of = find(leader, at);
        match groups.iter_mut().find(|(known, _)| *known == of) {
            Some((_, group)) => group.push(item),
            None => groups.push((of, vec![item])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// For each group the first of those that it belongs to: of a function such as `u^2+v^2` no
/// derivative by one weight depends on the other, but in each iteration both have its value. Groups
/// that have something to show for themselves are trainings beside each other.
fn with_one_outcome(graph: &Graph, groups: &[Group]) -> Vec<usize> {
    let tags = Tags::new(graph, groups);
    let mut outcomes: HashMap<CellId, Vec<(usize, usize)>> = HashMap::new();
    let mut leader: Vec<usize> = (0..groups.len()).collect();
    let mut known: HashMap<usize, bool> = HashMap::new();
    let mut shows = |at: usize| *known.entry(at).or_insert_with(|| shows(graph, groups, &tags, at));
    for id in graph.order().iter().filter(|id| tags.get(**id) == Tag::Mixed) {
        let mut of: Vec<(usize, usize)> = Vec::new();
        for input in graph.inputs(*id) {
            match (tags.get(*input), outcomes.get(input)) {
                (Tag::Of { training, first, last }, _) => {
                    of.push((training, if first == last { last } else { usize::MAX }));
                }
                (Tag::Mixed, Some(parts)) => of.extend(parts),
                _ => {}
            }
        }
        of.sort_unstable();
        of.dedup();
        // One that looks back over iterations is a record of them.
        let is_one =
            of.iter().all(|(_, iteration)| *iteration == of[0].1 && *iteration < usize::MAX);
        for pair in of.windows(2).filter(|_| is_one) {
            let (a, b) = (find(&leader, pair[0].0), find(&leader, pair[1].0));
            let (one, other) = (pair[0].0, pair[1].0);
            let go_together = || have_one_rate(graph, &tags, &groups[one], &groups[other]);
            if a != b && !(shows(one) && shows(other)) && go_together() {
                leader[a.max(b)] = a.min(b);
            }
        }
        outcomes.insert(*id, of);
    }
    leader
}

/// Whether the first steps of two groups are multiples of the same number, or both of none.
fn have_one_rate(graph: &Graph, tags: &Tags, one: &Group, other: &Group) -> bool {
    let of = |group: &Group| {
        let updates = group.iter().flat_map(|weight| weight.updates.iter().flatten());
        updates.take(1).flat_map(|update| multiples(graph, tags, update)).collect::<Vec<_>>()
    };
    let (one, other) = (of(one), of(other));
    one.iter().any(|number| other.contains(number)) || one.is_empty() && other.is_empty()
}

/// The cells without weights, and the typed numbers, that a step is a multiple of.
fn multiples(graph: &Graph, tags: &Tags, update: &Update) -> Vec<Result<CellId, u64>> {
    let mut found = Vec::new();
    let mut part = update.step.clone();
    for _ in 0..3 {
        let taken = factors(&part);
        let numbers = taken.numbers.iter().map(|number| number.abs());
        found.extend(numbers.filter(|number| *number != 1.0).map(|number| Err(number.to_bits())));
        let cells = taken.parts.iter().filter_map(|(part, _)| only_cell(part));
        let (fixed, moving): (Vec<CellId>, Vec<CellId>) = cells.partition(|id| tags.is_fixed(*id));
        found.extend(fixed.into_iter().map(Ok));
        let [only] = moving[..] else { break };
        match graph.tree(only) {
            Some(tree) => part = tree.root,
            None => break,
        }
    }
    found
}

/// Whether something is computed from a group's first weights that only looks on.
fn shows(graph: &Graph, groups: &[Group], tags: &Tags, group: usize) -> bool {
    let updates = groups[group].iter().flat_map(|weight| weight.updates.iter().flatten());
    let mut open: Vec<CellId> = updates.map(|update| update.cell).collect();
    let mut needed: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(graph.inputs(id).iter().filter(|input| needed.insert(**input)));
    }
    tags.cells(group, 0).iter().any(|id| !needed.contains(id))
}

fn find(leader: &[usize], mut at: usize) -> usize {
    while leader[at] != at {
        at = leader[at];
    }
    at
}

/// The cells that hold the weights' values, with the weight and the iteration.
fn variables(weights: &[Weight]) -> HashMap<CellId, (usize, usize)> {
    let mut variables = HashMap::new();
    for (at, weight) in weights.iter().enumerate() {
        for (iteration, value) in weight.variables.iter().enumerate() {
            variables.insert(*value, (at, iteration));
        }
    }
    variables
}

/// The weights whose values the steps of `weight` depend on directly.
fn reached(
    graph: &Graph,
    weight: &Weight,
    variables: &HashMap<CellId, (usize, usize)>,
) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut steps = weight.updates.iter().flatten();
    // The first and the last say what all of them do.
    for update in steps.next().into_iter().chain(steps.next_back()) {
        let mut open: VecDeque<CellId> = cells_in(graph, &update.step).into();
        let mut seen: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop_front() {
            if let Some((other, _)) = variables.get(&id) {
                found.insert(*other);
                continue;
            }
            for input in graph.inputs(id) {
                if seen.insert(*input) {
                    open.push_back(*input);
                }
            }
        }
    }
    found
}

/// Whether a chain is computed from weights that do not depend on it, and steps by no factor of
/// theirs: a running mean of the loss is no weight.
fn only_looks_on(graph: &Graph, weights: &[Weight], reached: &[HashSet<usize>], at: usize) -> bool {
    let is_used = reached.iter().enumerate().any(|(by, all)| by != at && all.contains(&at));
    let own = step_factors(graph, &weights[at]);
    let shares_factor = |other: &usize| !own.is_disjoint(&step_factors(graph, &weights[*other]));
    !is_used
        && reached[at].contains(&at)
        && reached[at].len() > 1
        && !reached[at].iter().filter(|other| **other != at).any(shares_factor)
}

/// The cells and the numbers that the first step of a chain is a multiple of, in its formula or in that
/// of the cell that it refers to.
fn step_factors(graph: &Graph, weight: &Weight) -> HashSet<Factor> {
    let mut parts: Vec<Part> =
        weight.updates.iter().flatten().take(1).map(|update| update.step.clone()).collect();
    let mut found = HashSet::new();
    for _ in 0..2 {
        let mut inner = Vec::new();
        for part in &parts {
            let factors = factors(part);
            let numbers = factors.numbers.iter().filter(|number| number.abs() != 1.0);
            found.extend(numbers.map(|number| Factor::Number(number.abs().to_bits())));
            let cells = factors.parts.iter().filter_map(|(one, _)| only_cell(one));
            for cell in cells {
                found.insert(Factor::Cell(cell));
                inner.extend(graph.tree(cell).map(|tree| tree.root));
            }
        }
        parts = inner;
    }
    found
}

/// What a step is a multiple of.
#[derive(PartialEq, Eq, Hash)]
enum Factor {
    Cell(CellId),
    /// The bits of a typed number.
    Number(u64),
}

/// Whether the steps of `weight` are a multiple of the values of `rate`.
fn multiplies(graph: &Graph, rate: &Weight, weight: &Weight) -> bool {
    let Some(update) = weight.updates.iter().flatten().next() else { return false };
    let values: HashSet<CellId> = rate.variables.iter().chain(&rate.shown).copied().collect();
    let is_rate = |id: CellId| {
        values.contains(&id) || graph.inputs(id).len() == 1 && values.contains(&graph.inputs(id)[0])
    };
    let mut part = update.step.clone();
    for _ in 0..2 {
        let found = factors(&part);
        if found.parts.iter().any(|(one, _)| only_cell(one).is_some_and(is_rate)) {
            return true;
        }
        let [(only, _)] = found.parts[..] else { return false };
        let Some(tree) = only_cell(only).and_then(|id| graph.tree(id)) else { return false };
        part = tree.root;
    }
    false
}

/// The iteration that a cell belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// It depends on no weight.
    Fixed,
    /// It is computed from the weights of this training, of these iterations.
    Of {
        /// The number of the training.
        training: usize,
        /// The earliest iteration.
        first: usize,
        /// The latest iteration.
        last: usize,
    },
    /// It looks at several trainings.
    Mixed,
}

impl Tag {
    fn with(self, other: Tag) -> Tag {
        match (self, other) {
            (Tag::Fixed, other) => other,
            (one, Tag::Fixed) => one,
            (
                Tag::Of { training, first, last },
                Tag::Of { training: other, first: from, last: to },
            ) if training == other => {
                Tag::Of { training, first: first.min(from), last: last.max(to) }
            }
            _ => Tag::Mixed,
        }
    }
}

/// The cells of all iterations of all trainings.
#[derive(Debug)]
pub struct Tags {
    tags: Vec<Tag>,
    /// For each training and each of its iterations the cells, in the order of computing.
    cells: Vec<Vec<Vec<CellId>>>,
    variables: HashMap<CellId, (usize, usize, usize)>,
    /// For each training and each of its iterations the cells that hold weights.
    weights: Vec<Vec<Vec<CellId>>>,
    /// What is remembered and taken to look ahead of the weights.
    memory: HashSet<CellId>,
    ahead: Vec<Ahead>,
}

impl Tags {
    /// Follows the weights of all groups through the workbook.
    pub fn new(graph: &Graph, groups: &[Group]) -> Tags {
        let mut tags = vec![Tag::Fixed; graph.len()];
        let mut variables = HashMap::new();
        let (mut cells, mut weights) = (Vec::new(), Vec::new());
        for (training, group) in groups.iter().enumerate() {
            let most = group.iter().map(|weight| weight.values.len()).max().unwrap_or(0);
            let mut of_training = vec![Vec::new(); most];
            for (weight, one) in group.iter().enumerate() {
                for (iteration, value) in one.variables.iter().copied().enumerate() {
                    of_training[iteration].push(value);
                    variables.insert(value, (training, weight, iteration));
                    tags[value.index()] = Tag::Of { training, first: iteration, last: iteration };
                }
            }
            cells.push(vec![Vec::new(); most]);
            weights.push(of_training);
        }
        let after = groups.iter().flatten().flat_map(|weight| {
            let pairs = weight.variables.iter().zip(&weight.updates);
            pairs.filter_map(|(value, update)| Some((*value, update.as_ref()?.cell)))
        });
        let after: HashMap<CellId, CellId> = after.collect();
        let updates: HashSet<CellId> = after.values().copied().collect();
        let mut values: HashMap<CellId, CellId> = variables.keys().map(|id| (*id, *id)).collect();
        let mut look_ahead = LookAhead::default();
        for id in graph.order() {
            if variables.contains_key(id) {
                continue;
            }
            if let [input] = graph.inputs(*id)
                && let Some(variable) = values.get(input).copied()
                && graph.tree(*id).and_then(|tree| only_cell(&tree.root)).is_some()
            {
                values.insert(*id, variable);
            }
            let seen = Seen { graph, tags: &tags, variables: &values, updates: &after };
            let ahead = (!updates.contains(id)).then(|| look_ahead.inputs(&seen, *id)).flatten();
            let inputs = ahead.as_deref().unwrap_or(graph.inputs(*id)).iter();
            let tag = inputs.map(|input| tags[input.index()]).fold(Tag::Fixed, Tag::with);
            tags[id.index()] = tag;
            if let Tag::Of { training, last, .. } = tag {
                cells[training][last].push(*id);
            }
        }
        let memory = look_ahead.memory(graph);
        Tags { tags, cells, variables, weights, memory, ahead: look_ahead.places }
    }

    /// The places ahead of the weights, where something is taken.
    pub fn places_ahead(&self) -> &[Ahead] {
        &self.ahead
    }

    /// Whether a cell holds what is remembered and taken to look ahead of the weights.
    pub fn looks_ahead_by(&self, id: CellId) -> bool {
        self.memory.contains(&id)
    }

    /// The iteration that a cell belongs to.
    pub fn get(&self, id: CellId) -> Tag {
        self.tags[id.index()]
    }

    /// Whether a cell depends on no weight.
    pub fn is_fixed(&self, id: CellId) -> bool {
        self.get(id) == Tag::Fixed
    }

    /// Whether a cell is computed from the weights of one iteration only.
    pub fn is_within(&self, id: CellId, training: usize, iteration: usize) -> bool {
        self.get(id) == Tag::Of { training, first: iteration, last: iteration }
    }

    /// The weight whose value a cell holds, and the iteration.
    pub fn variable(&self, id: CellId, training: usize) -> Option<(usize, usize)> {
        let (of, weight, iteration) = self.variables.get(&id)?;
        (*of == training).then_some((*weight, *iteration))
    }

    /// Whether a cell holds a weight's value.
    pub fn is_variable(&self, id: CellId) -> bool {
        self.variables.contains_key(&id)
    }

    /// The cells that hold the weights of all trainings, in no order.
    pub fn variables(&self) -> impl Iterator<Item = CellId> {
        self.variables.keys().copied()
    }

    /// The cells of an iteration that are computed from its weights, in the order of computing.
    pub fn cells(&self, training: usize, iteration: usize) -> &[CellId] {
        self.cells[training].get(iteration).map_or(&[], Vec::as_slice)
    }

    /// The cells that hold the weights of an iteration.
    pub fn variables_of(&self, training: usize, iteration: usize) -> Vec<CellId> {
        self.weights[training].get(iteration).cloned().unwrap_or_default()
    }

    /// How many iterations have weights, the last one included that no update follows.
    pub fn iterations(&self, training: usize) -> usize {
        self.cells[training].len()
    }
}
