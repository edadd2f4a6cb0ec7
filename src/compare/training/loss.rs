//! The loss: the cell whose derivatives the updates use.
//!
//! Nobody has to say which cell it is. At invented points each cell of an iteration moves in its own
//! way with each weight; the loss is the one that moves as the gradients say, up to one factor that is
//! the same for all weights (1, 2, ½, 1/n, -1).

use std::collections::HashSet;

use super::Ground;
use super::case::Case;
use super::check::agrees;
use super::names;
use crate::graph::{CellId, Values};

/// So many weights are moved to find the loss; more say nothing new.
const MOST_MOVED: usize = 16;
/// So far a weight is moved.
const WIDTH: f64 = 1e-5;
/// What differences of this width leave of agreement.
const TOLERANCE: f64 = 1e-5;

/// A cell that may be the loss.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// The cell.
    pub cell: CellId,
    /// How many of the weights that were moved have gradients like its derivatives.
    pub agreeing: usize,
    /// How many of them it depends on.
    pub depends: usize,
    /// What its derivatives are multiplied by to give the gradients; 1 where none agrees.
    pub factor: f64,
    /// Whether it depends on all of the weights and chance is no reason for the agreement.
    pub is_certain: bool,
}

/// How all cells of an iteration move with some of its weights, at all points.
pub struct Slopes {
    /// The weights that were moved, by their places.
    pub weights: Vec<usize>,
    /// The cells.
    pub cells: Vec<CellId>,
    /// For each point, weight and cell the derivative.
    slopes: Vec<Vec<Vec<f64>>>,
}

impl Slopes {
    /// Moves the weights of an iteration one by one.
    pub fn new(ground: &Ground, training: usize, iteration: usize) -> Slopes {
        let (graph, tags) = (ground.graph, &ground.tags);
        let all = tags.cells(training, iteration);
        let is_candidate = |id: &&CellId| {
            tags.is_within(**id, training, iteration) && graph.value(**id).number().is_some()
        };
        let cells: Vec<CellId> = all.iter().filter(is_candidate).copied().collect();
        let group = &ground.groups[training];
        let present = (0..group.len()).filter(|at| iteration < group[*at].values.len());
        let present: Vec<usize> = present.collect();
        let gap = present.len().div_ceil(MOST_MOVED).max(1);
        let weights: Vec<usize> = present.into_iter().step_by(gap).collect();
        let slopes = ground.invented.points.iter().map(|point| {
            let of = |weight: &usize| {
                let id = group[*weight].variables[iteration];
                let moved = |by: f64| {
                    let mut values: Values = point.clone();
                    values.set(id, point.number(id).unwrap_or(0.0) + by);
                    graph.evaluate(&mut values, all);
                    values
                };
                let (up, down) = (moved(WIDTH), moved(-WIDTH));
                let slope = |cell: &CellId| match (up.number(*cell), down.number(*cell)) {
                    (Some(up), Some(down)) => (up - down) / (2.0 * WIDTH),
                    _ => f64::NAN,
                };
                cells.iter().map(slope).collect()
            };
            weights.iter().map(of).collect()
        });
        let slopes = slopes.collect();
        Slopes { weights, cells, slopes }
    }

    /// How many of the weights the cell depends on.
    fn depends(&self, cell: usize) -> usize {
        let moves =
            |weight: &usize| self.slopes.iter().any(|point| point[*weight][cell].abs() > 1e-9);
        (0..self.weights.len()).filter(moves).count()
    }

    /// The factor between the gradient of a weight and the slope of a cell, where it is the same at
    /// all points; where both are 0 (a neuron at rest), any is.
    fn factor(&self, gradients: &[Vec<f64>], weight: usize, cell: usize) -> Option<f64> {
        let mut factor: Option<f64> = None;
        for (point, gradients) in self.slopes.iter().zip(gradients) {
            let (slope, gradient) = (point[weight][cell], gradients[weight]);
            if slope.abs() < 1e-9 && gradient == 0.0 {
                continue;
            }
            if !slope.is_finite() || !gradient.is_finite() || slope.abs() < 1e-9 {
                return None;
            }
            let here = gradient / slope;
            if here.abs() < 1e-9 || factor.is_some_and(|one| !is_like(one, here)) {
                return None;
            }
            factor = factor.or(Some(here));
        }
        factor
    }

    /// How well a cell agrees with the gradients, given for each point and moved weight.
    pub fn candidate(&self, gradients: &[Vec<f64>], cell: usize, down: f64) -> Candidate {
        let factors = (0..self.weights.len()).map(|weight| self.factor(gradients, weight, cell));
        let factors: Vec<Option<f64>> = factors.collect();
        let like =
            |factor: f64| factors.iter().flatten().filter(|one| is_like(**one, factor)).count();
        // Of a tie, the factor with which the steps go down.
        let is_simple = |factor: f64| (factor.abs() - 1.0).abs() < TOLERANCE;
        let key = |factor: &f64| (like(*factor), factor.signum() == down, is_simple(*factor));
        let best = factors
            .iter()
            .flatten()
            .copied()
            .max_by(|a, b| key(a).cmp(&key(b)).then(b.abs().total_cmp(&a.abs())));
        // A constant says nothing: what is linear in a weight has the same derivative everywhere.
        let is_curved = (0..self.weights.len()).any(|weight| {
            let agrees = factors[weight].zip(best).is_some_and(|(one, best)| is_like(one, best));
            let slopes = || self.slopes.iter().map(|point| point[weight][cell]);
            agrees && slopes().any(|slope| !is_like(slope, self.slopes[0][weight][cell]))
        });
        let agreeing = best.filter(|_| is_curved).map_or(0, like);
        let depends = self.depends(cell);
        Candidate {
            cell: self.cells[cell],
            agreeing,
            depends,
            factor: best.filter(|_| is_curved).unwrap_or(1.0),
            is_certain: depends == self.weights.len()
                && agreeing * 2 >= depends
                && agreeing > 0
                && best.is_some_and(is_simple),
        }
    }
}

fn is_like(one: f64, other: f64) -> bool {
    (one - other).abs() <= TOLERANCE * other.abs()
}

/// The cell of an iteration that its gradients are the derivatives of, given the gradients of the
/// weights that were moved for each point; best first.
pub fn candidates(
    ground: &Ground,
    slopes: &Slopes,
    gradients: &[Vec<f64>],
    down: f64,
) -> Vec<Candidate> {
    let graph = ground.graph;
    let cells = 0..slopes.cells.len();
    let mut found: Vec<Candidate> =
        cells.map(|cell| slopes.candidate(gradients, cell, down)).collect();
    found.retain(|one| one.depends > 0);
    let is_simple = |factor: f64| (factor.abs() - 1.0).abs() < TOLERANCE;
    let key = |one: &Candidate| {
        (
            one.agreeing,
            one.depends,
            one.agreeing > 0 && one.factor.signum() == down,
            one.agreeing > 0 && is_simple(one.factor),
            names::is_called_loss(graph, one.cell),
            graph.inputs(one.cell).len(),
            one.cell,
        )
    };
    found.sort_by_key(|one| std::cmp::Reverse(key(one)));
    found
}

impl Case<'_> {
    /// The losses that the gradients may be the derivatives of.
    pub fn candidates(&self, slopes: &Slopes, sample: usize) -> Vec<Candidate> {
        let of = |values: &Values| {
            slopes.weights.iter().map(|weight| self.gradient(*weight, sample, values)).collect()
        };
        let gradients: Vec<Vec<f64>> = self.ground.invented.points.iter().map(of).collect();
        let mut found = candidates(self.ground, slopes, &gradients, self.down(sample));
        // That exp(v) is its own derivative does not make a gradient a loss.
        let used = self.used.iter().filter_map(|of| of.get(sample)?.as_ref()?.cell);
        let used: Vec<CellId> = used.collect();
        // Nor is what updates remember a loss, and what is made of that: it begins with a square of the
        // gradient, which may move like one.
        let mut states = self.remembered(sample);
        for id in self.cells(sample) {
            if self.ground.graph.inputs(*id).iter().any(|input| states.contains(input)) {
                states.insert(*id);
            }
        }
        found.retain(|one| !used.contains(&one.cell) && !states.contains(&one.cell));
        found
    }

    /// A cell that is called a loss, depends on as many weights as any such, and can be made small.
    pub fn named_loss(&self, candidates: &[Candidate]) -> Option<CellId> {
        let graph = self.ground.graph;
        let rate = self.rates.cells.first().copied().flatten();
        // Of a training by its words a loss may lack its square.
        let is_training = rate.is_some_and(|rate| names::is_called_learning_rate(graph, rate));
        self.labelled_loss(candidates, |cell| is_training || self.can_be_minimized(cell))
    }

    /// A cell that is called a loss and depends on as many weights as any such that may be one.
    pub fn labelled_loss(
        &self,
        candidates: &[Candidate],
        may_be: impl Fn(CellId) -> bool,
    ) -> Option<CellId> {
        let graph = self.ground.graph;
        let is_role =
            |cell| self.roles.iter().flatten().flatten().any(|role| role.cell == Some(cell));
        let is_named =
            |one: &&Candidate| names::is_called_loss(graph, one.cell) && !is_role(one.cell);
        let found = candidates.iter().filter(is_named).filter(|one| may_be(one.cell));
        // Of a loss and its parts, the one that nothing else is made of.
        let best = found.max_by_key(|one| {
            let is_labelled = names::is_labelled_loss(graph, one.cell);
            let is_told = names::is_labelled_cost(graph, one.cell);
            (one.depends, is_labelled, is_told, graph.inputs(one.cell).len(), one.cell)
        })?;
        Some(best.cell)
    }

    /// The cells that the updates of an iteration are made of and that the next iteration refers to
    /// beside its weights: what an optimizer remembers.
    pub fn remembered(&self, iteration: usize) -> HashSet<CellId> {
        let (graph, tags) = (self.ground.graph, &self.ground.tags);
        let updates = self.group().iter().filter_map(|of| of.updates.get(iteration)?.as_ref());
        let updates: Vec<CellId> = updates.map(|update| update.cell).collect();
        let inputs = updates.iter().flat_map(|update| graph.inputs(*update)).copied();
        let behind = self.behind(&inputs.collect::<Vec<CellId>>());
        let next = self.cells(iteration + 1).iter().filter(|id| !updates.contains(id));
        let kept = next.flat_map(|id| graph.inputs(*id)).copied();
        kept.filter(|id| behind.contains(id) && !tags.is_fixed(*id) && !tags.is_variable(*id))
            .collect()
    }

    /// Whether a cell's derivatives are the gradients up to a factor that is a power of the cell's value:
    /// it is a function of what they are the derivatives of, as the root of a sum of squares is.
    pub fn is_parallel(&self, cell: CellId, iteration: usize) -> bool {
        let graph = self.ground.graph;
        let at = |values: &Values| {
            let by = graph.adjoints(cell, values, self.cells(iteration));
            let mut ratios = (0..self.group().len()).filter_map(|weight| {
                let derivative = by.get(self.variable(weight, iteration)?);
                Some(self.gradient(weight, iteration, values) / derivative)
            });
            let first = ratios.next()?;
            let is_one = ratios.all(|ratio| agrees(ratio, first));
            is_one.then_some((first.abs().ln(), values.number(cell)?.abs().ln()))
        };
        let found: Option<Vec<(f64, f64)>> = self.ground.invented.points.iter().map(at).collect();
        found.is_some_and(|found| is_power(&found))
    }
}

/// Whether numbers go with the same power of others, all given by their logarithms.
pub fn is_power(pairs: &[(f64, f64)]) -> bool {
    let mut powers = pairs.windows(2).map(|two| (two[1].0 - two[0].0) / (two[1].1 - two[0].1));
    let first = powers.next();
    first.is_none_or(|first| powers.all(|power| (power - first).abs() <= 1e-6))
}
