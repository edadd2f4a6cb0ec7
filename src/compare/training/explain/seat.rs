//! Where a cell belongs in the trainings of a workbook.

use std::collections::HashSet;

use crate::compare::training::anatomy::{Iteration, WeightCells};
use crate::compare::training::chain::Forward;
use crate::compare::training::result::{Training, Trainings};
use crate::graph::{CellId, Graph};

/// What a cell is in a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It holds the value of a weight.
    Weight,
    /// It takes the step to the next value of a weight.
    Update,
    /// It is the loss.
    Loss,
    /// It is the learning rate.
    LearningRate,
    /// It should be the derivative of the loss by a weight.
    Gradient,
    /// It is computed on the way from the loss back to the weights.
    Backward,
    /// The loss is computed from it.
    Forward,
    /// It depends on no weight, and the training computes with it.
    Data,
    /// It depends on weights, but no update depends on it.
    Watcher,
    /// It belongs to no training.
    None,
}

impl Role {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Role::Weight => "weight",
            Role::Update => "update",
            Role::Loss => "loss",
            Role::LearningRate => "learning-rate",
            Role::Gradient => "gradient",
            Role::Backward => "backward",
            Role::Forward => "forward",
            Role::Data => "data",
            Role::Watcher => "watcher",
            Role::None => "none",
        }
    }
}

/// Where a cell belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// What it is.
    pub role: Role,
    /// The place of the training.
    pub training: usize,
    /// The iteration, counted from 0.
    pub iteration: usize,
    /// The place of the weight, where it belongs to one.
    pub weight: Option<usize>,
}

/// Where a cell belongs: what it is in the first training and iteration that has it.
pub(super) fn seat(graph: &Graph, trainings: &Trainings, cell: CellId) -> Option<Seat> {
    let all = || trainings.trainings.iter().enumerate();
    let named = all().find_map(|(at, training)| named_seat(training, at, cell));
    let computed = || all().find_map(|(at, training)| computed_seat(graph, training, at, cell));
    let data = || all().find_map(|(at, training)| data_seat(graph, training, at, cell));
    named.or_else(computed).or_else(data)
}

/// A cell that the training has a name for.
fn named_seat(training: &Training, at: usize, cell: CellId) -> Option<Seat> {
    let is = |one: Option<CellId>| one == Some(cell);
    let seat = |role, iteration, weight| Some(Seat { role, training: at, iteration, weight });
    let iterations = || training.anatomy.iter().enumerate();
    for (number, iteration) in iterations() {
        if is(iteration.loss) {
            return seat(Role::Loss, number, None);
        }
        if iteration.rates.contains(&cell) || is(training.rate) {
            return seat(Role::LearningRate, number, None);
        }
        let weights = || iteration.weights.iter();
        if let Some(weight) = weights().position(|one| is(one.gradient)) {
            return seat(Role::Gradient, number, Some(weight));
        }
        if let Some(weight) = weights().position(|one| is(one.update)) {
            return seat(Role::Update, number, Some(weight));
        }
    }
    iterations().find_map(|(number, iteration)| {
        let holds = |one: &WeightCells| is(one.value) || is(one.shown);
        seat(Role::Weight, number, Some(iteration.weights.iter().position(holds)?))
    })
}

/// A cell that is computed from weights.
fn computed_seat(graph: &Graph, training: &Training, at: usize, cell: CellId) -> Option<Seat> {
    let iteration = training.anatomy.iter().position(|one| one.cells.contains(&cell))?;
    let cells = &training.anatomy[iteration];
    let is_ahead = || Forward::new(graph, cells).is_some_and(|forward| forward.is_ahead(cell));
    let role = match () {
        () if is_ahead() => Role::Forward,
        () if leads_to_update(graph, training, cell) => Role::Backward,
        () => Role::Watcher,
    };
    Some(Seat { role, training: at, iteration, weight: None })
}

/// Whether an update is computed from a cell.
fn leads_to_update(graph: &Graph, training: &Training, cell: CellId) -> bool {
    let weights = training.anatomy.iter().flat_map(|iteration| &iteration.weights);
    let updates: HashSet<CellId> = weights.filter_map(|one| one.update).collect();
    let mut open = vec![cell];
    let mut seen: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        if updates.contains(&id) {
            return true;
        }
        open.extend(graph.users(id).iter().filter(|user| seen.insert(**user)));
    }
    false
}

/// A cell that depends on no weight and that an iteration computes with, directly or not.
fn data_seat(graph: &Graph, training: &Training, at: usize, cell: CellId) -> Option<Seat> {
    let mut open = vec![cell];
    let mut seen: HashSet<CellId> = open.iter().copied().collect();
    let mut behind: HashSet<CellId> = Default::default();
    while let Some(id) = open.pop() {
        for user in graph.users(id) {
            behind.insert(*user);
            if seen.insert(*user) {
                open.push(*user);
            }
        }
    }
    let uses = |one: &Iteration| {
        let updates = one.weights.iter().filter_map(|weight| weight.update);
        one.cells.iter().copied().chain(updates).any(|id| behind.contains(&id))
    };
    let iteration = training.anatomy.iter().position(uses)?;
    Some(Seat { role: Role::Data, training: at, iteration, weight: None })
}
