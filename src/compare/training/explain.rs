//! What one cell is in the trainings of a workbook, and which derivative it should be.

mod seat;

use seat::seat;
pub use seat::{Role, Seat};

use super::anatomy::{Iteration, WeightCells};
use super::chain::{Chain, Forward, Quantity, evaluated, local};
use super::factors::{self, Held};
use super::labels::Labels;
use super::result::{Finding, State, Training, Trainings};
use crate::graph::{CellExpr, CellId, Graph, Values};
use crate::value::counted;

/// A cell explained.
#[derive(Debug, Clone)]
pub struct Explanation<'a> {
    /// What it is.
    pub role: Role,
    /// Where it belongs; none where it belongs to no training.
    pub seat: Option<Seat>,
    /// The same in words.
    pub meaning: String,
    /// What the sheet calls it.
    pub name: Option<String>,
    /// Its formula in cells, in labels and in numbers.
    pub formula: Option<[String; 3]>,
    /// The cell that its update takes for the derivative, where it is another one.
    pub gradient: Option<CellId>,
    /// The derivative that it should be, or of the loss by it.
    pub derivative: Option<Derivative>,
    /// Whether it is the derivative that it should be; none where it need be none, or nobody knows.
    pub holds: Option<bool>,
    /// What is wrong with it.
    pub findings: Vec<&'a Finding>,
}

/// A derivative by the chain rule.
#[derive(Debug, Clone)]
pub struct Derivative {
    /// `∂E/∂w3`.
    pub name: String,
    /// What the sheet has of it: 1, or 2, 1/n.
    pub factor: f64,
    /// The chain from the loss; none for a local derivative.
    pub chain: Option<Chain>,
    /// The whole over the user's cells, with the factor; none where no short formula says it.
    pub formula: Option<CellExpr>,
    /// Its value in the sheet, with the factor.
    pub value: f64,
    /// What the sheet has for it.
    pub found: Option<f64>,
    /// Which of the factors the cell's formula has, where it is not the derivative.
    pub held: Option<Held>,
}

/// What rounding leaves of the agreement of a sheet's number with a derivative.
const NEAR: f64 = 1e-6;
/// Longer formulas are told factor by factor only.
const LONGEST: usize = 120;

/// Explains a cell.
pub fn explain<'a>(graph: &Graph, trainings: &'a Trainings, cell: CellId) -> Explanation<'a> {
    let seat = seat(graph, trainings, cell);
    let findings = trainings.trainings.iter().flat_map(|training| &training.findings);
    let mut explanation = Explanation {
        role: seat.map_or(Role::None, |seat| seat.role),
        seat,
        meaning: "part of no training".to_owned(),
        name: super::names::of_cell(graph, cell),
        formula: None,
        gradient: None,
        derivative: None,
        holds: None,
        findings: findings.filter(|finding| finding.cells.contains(&cell)).collect(),
    };
    match seat {
        Some(seat) => Case::new(graph, trainings, seat, cell).tell(&mut explanation),
        None => {
            explanation.formula =
                graph.formula_text(cell).map(|text| [text, String::new(), String::new()])
        }
    }
    explanation
}

/// A number at each of the invented points.
type AtPoint<'a> = dyn Fn(usize) -> Option<f64> + 'a;

/// A cell that is being explained.
struct Case<'a, 'b> {
    graph: &'a Graph,
    training: &'b Training,
    iteration: &'b Iteration,
    points: &'b [Values],
    labels: Labels<'a>,
    seat: Seat,
    cell: CellId,
}

impl<'a, 'b> Case<'a, 'b> {
    fn new(graph: &'a Graph, trainings: &'b Trainings, seat: Seat, cell: CellId) -> Case<'a, 'b> {
        let training = &trainings.trainings[seat.training];
        let labels = Labels::new(graph, training, seat.iteration);
        let iteration = &training.anatomy[seat.iteration];
        Case { graph, training, iteration, points: &trainings.points, labels, seat, cell }
    }

    fn tell(&self, explanation: &mut Explanation) {
        explanation.name = Some(self.labels.of(self.cell))
            .filter(|_| explanation.name.is_some() || self.seat.weight.is_some());
        explanation.formula = self.graph.tree(self.cell).and_then(|tree| {
            Some([
                self.graph.formula_text(self.cell)?,
                self.labels.formula(&tree),
                self.labels.formula_in_numbers(&tree),
            ])
        });
        explanation.gradient = match self.seat.role {
            Role::Weight | Role::Update => self.weight().and_then(|weight| weight.gradient),
            _ => None,
        };
        explanation.derivative = self.derivative();
        let is_wrong = explanation.findings.iter().any(|finding| finding.kind.is_mistake());
        explanation.holds = match self.seat.role {
            Role::Gradient => self.weight().and_then(|weight| weight.holds),
            Role::Update | Role::Weight => self.weight().and_then(|weight| weight.holds),
            Role::Backward => explanation.derivative.is_some().then_some(true),
            _ => None,
        };
        let differs = explanation.derivative.as_ref().is_some_and(|derivative| {
            let size = derivative.value.abs().max(1e-9);
            derivative.found.is_some_and(|found| (found - derivative.value).abs() > NEAR * size)
        });
        // Rounded steps follow their gradient; beside a mistake elsewhere numbers say more.
        let differs = differs && !self.training.holds();
        if (is_wrong || differs) && explanation.holds.is_some() {
            explanation.holds = Some(false);
        }
        explanation.meaning = self.meaning(explanation.derivative.as_ref());
    }

    /// What the optimizer computes in the cell.
    fn state(&self) -> Option<(&'b State, &'b str)> {
        let optimizer = self.training.optimizer.as_ref()?;
        let state = optimizer.states.iter().find(|one| one.cells.contains(&self.cell))?;
        Some((state, &optimizer.title))
    }

    fn weight(&self) -> Option<&'b WeightCells> {
        self.iteration.weights.get(self.seat.weight?)
    }

    /// What the cell is, in words.
    fn meaning(&self, derivative: Option<&Derivative>) -> String {
        let updates = self.training.iterations.max(1);
        let within = match self.seat.iteration < updates {
            true => format!("in iteration {} of {updates}", self.seat.iteration + 1),
            false => format!("after the last of {}", counted(updates, "iteration")),
        };
        let weight = self.seat.weight.map_or("", |at| self.training.weights[at].name.as_str());
        let derivative = derivative.map(|one| one.name.as_str());
        match self.seat.role {
            Role::Weight if self.seat.iteration == 0 => format!("the weight {weight}, its start"),
            Role::Weight => format!("the weight {weight} {within}"),
            Role::Update => format!("the update of the weight {weight} {within}"),
            Role::Loss => format!("the loss {within}"),
            Role::LearningRate => "the learning rate".to_owned(),
            Role::Gradient => format!("the gradient of {weight} {within}"),
            Role::Backward => match derivative {
                Some(name) => {
                    format!("{name} {within}, on the way from the loss back to the weights")
                }
                None if let Some((state, title)) = self.state() => format!(
                    "{} {within}, in which {title} has {}: {}",
                    self.training.weights[state.weight].name, state.name, state.meaning
                ),
                None => format!(
                    "on the way from the loss back to the weights {within}; it is no derivative that gdtrace \
                     recognizes"
                ),
            },
            Role::Forward => {
                format!("part of the forward pass {within}: the loss is computed from it")
            }
            Role::Data if self.graph.formula(self.cell).is_some() => {
                "computed without any weight; the training computes with it".to_owned()
            }
            Role::Data => "data: typed, and the training computes with it".to_owned(),
            Role::Watcher => {
                format!("computed from the weights {within}, but no update depends on it")
            }
            Role::None => "part of no training".to_owned(),
        }
    }

    fn derivative(&self) -> Option<Derivative> {
        let forward = Forward::new(self.graph, self.iteration)?;
        match self.seat.role {
            Role::Gradient | Role::Update => {
                let weight = self.weight()?;
                let mut found = self.by(&forward, weight.value?, self.training.factor)?;
                found.found = match (&weight.gradient, &weight.part) {
                    (Some(cell), _) => self.graph.value(*cell).number(),
                    (None, Some((tree, factor))) => {
                        let value = self.graph.evaluate_tree(tree, self.graph.values()).number();
                        value.map(|value| value * factor)
                    }
                    _ => None,
                };
                if weight.holds == Some(false) {
                    found.held = self.held(&forward, weight, found.chain.as_ref());
                }
                Some(found)
            }
            Role::Weight => self.by(&forward, self.weight()?.value?, 1.0),
            Role::Forward => self.by(&forward, self.cell, 1.0),
            Role::Backward => self.recognized(&forward),
            _ => None,
        }
    }

    /// Which factors of its derivative the gradient of a weight has.
    fn held(&self, forward: &Forward, weight: &WeightCells, chain: Option<&Chain>) -> Option<Held> {
        let (tree, times) = weight.formula(self.graph)?;
        factors::held(self.graph, forward, chain?, &tree, self.training.factor / times, self.points)
    }

    /// The derivative of the loss by a cell, times a factor.
    fn by(&self, forward: &Forward, cell: CellId, factor: f64) -> Option<Derivative> {
        self.graph.value(cell).number()?;
        let chain = forward.chain(cell).filter(|chain| chain.value.is_finite())?;
        let name = self.labels.derivative(chain.loss, Quantity::Cell(cell), chain.loss);
        let formula = chain.formula().map(|formula| scaled(factor, formula));
        Some(Derivative {
            name: named(factor, &name),
            factor,
            formula: formula.filter(|formula| formula.size() <= LONGEST),
            value: factor * chain.value,
            chain: Some(chain),
            found: None,
            held: None,
        })
    }

    /// The derivative that the cell is at all invented points: of the loss by another cell, or of one
    /// cell by another.
    fn recognized(&self, forward: &Forward) -> Option<Derivative> {
        let found: Vec<f64> =
            self.points.iter().map(|values| values.number(self.cell)).collect::<Option<_>>()?;
        let adjoints: Vec<_> = self.points.iter().map(|one| forward.derivatives(one)).collect();
        let ratio = |of: &AtPoint| -> Option<f64> {
            let ratios = found.iter().enumerate().map(|(at, found)| Some(found / of(at)?));
            let ratios = ratios.collect::<Option<Vec<f64>>>()?;
            let first = super::check::clean(*ratios.first()?);
            let is_same = |one: &f64| super::check::agrees(*one, first);
            (first != 0.0 && ratios.iter().all(is_same)).then_some(first)
        };
        let mut best: Option<(CellId, f64)> = None;
        for cell in forward.cells() {
            let of = |at: usize| Some(adjoints[at].get(cell));
            let Some(found) = ratio(&of) else { continue };
            let is_better = |known: f64| (found - 1.0).abs() < (known - 1.0).abs();
            if best.is_none_or(|(_, known)| is_better(known)) {
                best = Some((cell, found));
            }
        }
        let mut derivative = match best {
            Some((cell, factor)) => self.by(forward, cell, factor)?,
            None => self.recognized_locally(forward, &ratio)?,
        };
        derivative.found = self.graph.value(self.cell).number();
        Some(derivative)
    }

    fn recognized_locally(
        &self,
        forward: &Forward,
        ratio: &dyn Fn(&AtPoint) -> Option<f64>,
    ) -> Option<Derivative> {
        for of in forward.cells().into_iter().filter(|id| self.graph.formula(*id).is_some()) {
            for by in self.graph.inputs(of) {
                let Some(formula) = local(self.graph, of, *by) else { continue };
                let at = |at: usize| evaluated(&formula, &self.points[at]);
                let is_constant = super::labels::is_number(&formula);
                let Some(factor) = ratio(&at).filter(|_| !is_constant) else { continue };
                let (of, by) = (Quantity::Cell(of), Quantity::Cell(*by));
                let name = self.labels.derivative(of, by, forward.loss());
                let value = factor * evaluated(&formula, self.graph.values())?;
                return Some(Derivative {
                    name: named(factor, &name),
                    factor,
                    chain: None,
                    formula: Some(scaled(factor, formula)),
                    value,
                    found: None,
                    held: None,
                });
            }
        }
        None
    }
}

/// `2·∂E/∂w`.
fn named(factor: f64, name: &str) -> String {
    match factor {
        1.0 => name.to_owned(),
        -1.0 => format!("−{name}"),
        factor => format!("{}·{name}", crate::value::number_text(factor)),
    }
}

/// A formula times a number.
fn scaled(factor: f64, formula: CellExpr) -> CellExpr {
    use crate::formula::Expr;
    match factor {
        -1.0 => Expr::Negate(Box::new(formula)),
        factor => super::chain::times(Expr::Number(factor), formula),
    }
}
