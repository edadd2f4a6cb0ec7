//! What the page's script knows of a training: its loss, its weights and their gradients, iteration by iteration.

use serde::Serialize;

use super::network::Network;
use crate::compare::training::anatomy::{Iteration, WeightCells};
use crate::compare::training::chain::{Forward, evaluated};
use crate::compare::training::labels::Labels;
use crate::compare::training::mended::mended;
use crate::compare::training::result::Verdict;
use crate::compare::training::{Training, summary};
use crate::graph::{Graph, Values};
use crate::value::number_text;

/// Of a training with more numbers some iterations are left out.
const MOST_NUMBERS: usize = 12_000;
/// So many weights are drawn.
const MOST_WEIGHTS: usize = 60;
/// So many cells of a network have numbers, about.
const CELLS: usize = 60;

/// A training.
#[derive(Serialize)]
pub struct Drawn {
    /// The heading of its section.
    id: String,
    name: String,
    /// The iterations, counted from 1.
    iterations: Vec<usize>,
    /// What a gradient is of the derivative, in words.
    factor: String,
    loss: Option<Line>,
    weights: Vec<Weight>,
    network: Option<Network>,
}

/// Numbers by iteration.
#[derive(Serialize)]
struct Line {
    name: String,
    values: Vec<Option<f64>>,
    /// What they would be if every gradient were the derivative.
    mended: Option<Vec<Option<f64>>>,
}

#[derive(Serialize)]
struct Weight {
    #[serde(flatten)]
    line: Line,
    is_wrong: bool,
    /// The place of the first iteration in which the gradient is not the derivative.
    first: Option<usize>,
    gradient: Vec<Option<f64>>,
    derivative: Option<Vec<Option<f64>>>,
}

impl Drawn {
    /// The training of the section with the heading `id`; none where there are not two iterations to draw.
    pub fn new(graph: &Graph, training: &Training, id: String) -> Option<Self> {
        let iterations = kept(training);
        let all = Lines::new(graph, training, &iterations);
        let weights = 0..training.weights.len().min(MOST_WEIGHTS);
        let weights: Vec<Weight> = weights.map(|at| all.weight(at)).collect();
        let has_numbers = |weight: &Weight| weight.line.values.iter().flatten().count() > 1;
        if !weights.iter().any(has_numbers) {
            return None;
        }
        Some(Drawn {
            id,
            name: summary::name(graph, training),
            factor: match training.factor {
                1.0 => String::new(),
                factor => format!(", times {}", number_text(factor)),
            },
            loss: all.loss(),
            weights,
            network: Network::new(graph, training, &iterations),
            iterations: iterations.iter().map(|at| at + 1).collect(),
        })
    }
}

/// The iterations that are drawn: all, or the ends and some between them, and where a gradient is wrong for the first time.
fn kept(training: &Training) -> Vec<usize> {
    let count = training.anatomy.len();
    let each = 4 * training.weights.len().min(MOST_WEIGHTS) + 2 * CELLS;
    let stride = (count * each).div_ceil(MOST_NUMBERS).max(1);
    let is_wrong = |one: &Iteration| one.weights.iter().any(|cells| cells.holds == Some(false));
    let wrong = training.anatomy.iter().position(is_wrong);
    let is_kept = |at: &usize| at.is_multiple_of(stride) || at + 1 == count || Some(*at) == wrong;
    (0..count).filter(is_kept).collect()
}

/// Makes the lines of a training.
struct Lines<'a> {
    graph: &'a Graph,
    training: &'a Training,
    places: &'a [usize],
    iterations: Vec<&'a Iteration>,
    /// For each iteration the derivatives of the loss by the weights.
    derivatives: Vec<Vec<Option<f64>>>,
    mended: Option<Values>,
}

impl<'a> Lines<'a> {
    fn new(graph: &'a Graph, training: &'a Training, places: &'a [usize]) -> Self {
        let iterations: Vec<&Iteration> = places.iter().map(|at| &training.anatomy[*at]).collect();
        let of = |one: &&Iteration| {
            let adjoints = Forward::new(graph, one).map(|pass| pass.derivatives(graph.values()));
            let by =
                |cells: &WeightCells| Some(training.factor * adjoints.as_ref()?.get(cells.value?));
            one.weights.iter().map(by).collect()
        };
        let derivatives = iterations.iter().map(of).collect();
        Lines { graph, training, places, iterations, derivatives, mended: mended(graph, training) }
    }

    /// Numbers of each iteration, in the sheet and as they would be.
    fn line(&self, name: String, number: impl Fn(usize, &Values) -> Option<f64>) -> Line {
        let of = |values: &Values| -> Vec<Option<f64>> {
            (0..self.iterations.len()).map(|at| number(at, values)).collect()
        };
        Line { name, values: of(self.graph.values()), mended: self.mended.as_ref().map(of) }
    }

    /// The loss, where the sheet does not compute it the sum of its parts.
    fn loss(&self) -> Option<Line> {
        let cell = |at: usize| {
            let listed = self.training.loss.cells.get(self.places[at]).copied().flatten();
            self.iterations[at].loss.or(listed)
        };
        let parts = |at: usize, values: &Values| {
            let parts = self.iterations[at].residuals.iter();
            parts.map(|part| evaluated(&part.term, values)).reduce(|a, b| Some(a? + b?))?
        };
        let name = match cell(0) {
            Some(first) => Labels::new(self.graph, self.training, 0).of(first),
            None => "loss".to_owned(),
        };
        let line = self.line(name, |at, values| match cell(at) {
            Some(cell) => values.number(cell),
            None => parts(at, values),
        });
        (line.values.iter().flatten().count() > 1).then_some(line)
    }

    fn weight(&self, at: usize) -> Weight {
        let weight = &self.training.weights[at];
        let cells = |one: &&Iteration| one.weights.get(at).cloned();
        let gradient = |one: &&Iteration| {
            let (tree, times) = cells(one)?.formula(self.graph)?;
            let value = self.graph.evaluate_tree(&tree, self.graph.values()).number()?;
            Some(value * times)
        };
        let is_checked = weight.verdict != Verdict::Undecided;
        let derivative = || self.derivatives.iter().map(|all| *all.get(at)?).collect();
        let is_wrong = |one: &&Iteration| cells(one).is_some_and(|one| one.holds == Some(false));
        Weight {
            line: self.line(weight.name.clone(), |iteration, values| {
                values.number(self.iterations[iteration].weights.get(at)?.value?)
            }),
            is_wrong: weight.verdict == Verdict::Wrong,
            first: self.iterations.iter().position(is_wrong),
            gradient: self.iterations.iter().map(gradient).collect(),
            derivative: is_checked.then(derivative),
        }
    }
}
