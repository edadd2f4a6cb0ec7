//! What was found out about the trainings of a workbook, for whoever tells it.

use std::collections::HashSet;

use super::anatomy::Iteration;
use super::log::Explained;
use super::optimizer::{Fault, Written};
use crate::graph::{CellId, Graph, Tree, Values};

/// All trainings of a workbook.
#[derive(Debug, Clone, Default)]
pub struct Trainings {
    /// Each training, in the order of their first weights.
    pub trainings: Vec<Training>,
    /// The sheets on which cells take steps from others, trainings or not.
    pub stepping: Vec<usize>,
    /// What sheets without a training are, where that is known.
    pub neighbours: Vec<(usize, String)>,
    /// Values of all cells at invented points, at which formulas are compared as functions.
    pub points: Vec<Values>,
}

impl Trainings {
    /// Forgets numbers that differ from what they should be by no more than a part of their size.
    pub(crate) fn allow(&mut self, tolerance: f64) {
        let is_number = |kind| matches!(kind, Kind::Value | Kind::HandOver | Kind::Stale);
        let is_near = |one: &Finding| {
            one.found.zip(one.expected).is_some_and(|(found, expected)| {
                (found - expected).abs() <= tolerance * found.abs().max(expected.abs())
            })
        };
        // A formula that is to be another one is wrong whatever it gives here: β^t is β where t is 1.
        let is_formula = |one: &Finding| one.formula.is_some() && one.proposed.is_some();
        for training in &mut self.trainings {
            training
                .findings
                .retain(|one| is_formula(one) || !(is_number(one.kind) && is_near(one)));
        }
    }

    /// Those that stand on a sheet.
    pub(crate) fn on(&self, sheet: usize) -> impl Iterator<Item = &Training> {
        self.trainings.iter().filter(move |one| one.sheets.contains(&sheet))
    }

    /// Whether a training on a sheet has gradients that are derivatives.
    pub(crate) fn explain(&self, sheet: usize) -> bool {
        let mut weights = self.on(sheet).flat_map(|one| &one.weights);
        weights.any(|weight| weight.verdict == Verdict::Verified)
    }

    /// Forgets those that stand on none of the sheets.
    pub(crate) fn keep_on(&mut self, sheets: &[usize]) {
        self.trainings.retain(|training| training.sheets.iter().any(|at| sheets.contains(at)));
    }
}

impl Training {
    /// How weights follow from gradients, in a word: an optimizer's name, where it is a known one.
    pub fn rule_name(&self) -> &str {
        match (&self.optimizer, self.rule) {
            (Some(optimizer), _) => &optimizer.name,
            (None, rule) => rule.name(),
        }
    }

    /// The updates of weights that are states of its optimizer.
    pub(super) fn states_taken_for_weights(&self) -> Vec<CellId> {
        let states = self.optimizer.iter().flat_map(|one| &one.states).flat_map(|one| &one.cells);
        let states: HashSet<&CellId> = states.collect();
        let updates = self.anatomy.iter().flat_map(|one| &one.weights).filter_map(|one| one.update);
        updates.filter(|update| states.contains(update)).collect()
    }

    /// Whether nothing is wrong with it.
    pub fn holds(&self) -> bool {
        !self.findings.iter().any(|finding| finding.kind.is_mistake())
    }
}

/// A training: weights that change step by step so that a loss becomes small.
#[derive(Debug, Clone)]
pub struct Training {
    /// The sheets that it stands on, by their places.
    pub sheets: Vec<usize>,
    /// How its iterations follow on each other.
    pub layout: Layout,
    /// How many updates follow on each other.
    pub iterations: usize,
    /// How weights follow from gradients.
    pub rule: Rule,
    /// The optimizer that the updates follow; none where it is no known one.
    pub optimizer: Option<Optimizer>,
    /// The rule as a definition, or why it is none.
    pub written: Result<Written, Fault>,
    /// The cell of the learning rate; of several the one of the first iteration.
    pub rate: Option<CellId>,
    /// The learning rate, where it has a single value.
    pub rate_value: Option<f64>,
    /// The loss.
    pub loss: Loss,
    /// What is trained.
    pub weights: Vec<Weight>,
    /// Cells with values of weights that are typed or pasted as the updates give them.
    pub typed: Vec<CellId>,
    /// Whether it was found from the numbers alone, which formulas cannot be held against.
    pub is_numbers_only: bool,
    /// What the numbers of a log say of the optimizer.
    pub log: Option<Explained>,
    /// What the gradients are of the derivatives of the loss: 1, 2, 1/n.
    pub factor: f64,
    /// Which cell is what in each iteration, the last one included that no update follows.
    pub anatomy: Vec<Iteration>,
    /// What is wrong or remarkable.
    pub findings: Vec<Finding>,
}

/// An optimizer, in the form that a training has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Optimizer {
    /// Its name (`adam`).
    pub name: String,
    /// Its variant (`keras`); none for the textbook form.
    pub variant: Option<String>,
    /// What it is called (`Adam`).
    pub title: String,
    /// What its variant says of itself, where that says more than the departures.
    pub note: Option<String>,
    /// What distinguishes the sheet from the textbook form, each a phrase: `adds ε inside the root`.
    pub departures: Vec<String>,
    /// The hyperparameters that the sheet has.
    pub settings: Vec<Setting>,
    /// What it computes of each weight's gradients: averages, sums of squares, corrections.
    pub states: Vec<State>,
}

impl Optimizer {
    /// Plain gradient descent.
    pub fn descent() -> Optimizer {
        let (name, title) = ("sgd".to_owned(), "gradient descent".to_owned());
        Optimizer { name, title, ..Optimizer::default() }
    }

    /// What it is called, and its form.
    pub fn words(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}, the variant {}:{variant}", self.title, self.name),
            None if self.name == "sgd" || !self.departures.is_empty() => self.title.clone(),
            None => format!("{}, the textbook form", self.title),
        }
    }
}

/// A hyperparameter of a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// What the definition calls it (`beta1`).
    pub name: String,
    /// The cell that holds it; none where it is typed into formulas.
    pub cell: Option<CellId>,
    /// Its value.
    pub value: f64,
}

/// What an optimizer computes of a weight's gradients.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What the definition calls it (`v`).
    pub name: String,
    /// What it is, in a line.
    pub meaning: String,
    /// The weight, by its place.
    pub weight: usize,
    /// Its cells, iteration by iteration.
    pub cells: Vec<CellId>,
}

/// How iterations follow on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A row an iteration.
    Rows,
    /// A column an iteration.
    Columns,
    /// A block of cells an iteration.
    Blocks,
    /// A sheet an iteration.
    Sheets,
}

impl Layout {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Rows => "rows",
            Layout::Columns => "columns",
            Layout::Blocks => "blocks",
            Layout::Sheets => "sheets",
        }
    }
}

/// How weights follow from gradients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The learning rate times the gradient.
    Descent,
    /// The error is taken behind a threshold, which has no derivative.
    Perceptron,
    /// Another rule.
    Other,
}

impl Rule {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Descent => "sgd",
            Rule::Perceptron => "perceptron",
            Rule::Other => "other",
        }
    }
}

/// What the gradients are the derivatives of.
#[derive(Debug, Clone, Default)]
pub struct Loss {
    /// The cell of each iteration.
    pub cells: Vec<Option<CellId>>,
    /// What the sheet does not compute but follows: "the mean squared error of ...".
    pub implied: Option<String>,
    /// Its formula, in labels.
    pub formula: Option<String>,
}

impl Loss {
    /// The cell of the first iteration.
    pub fn cell(&self) -> Option<CellId> {
        self.cells.first().copied().flatten()
    }
}

/// A weight, and whether its gradient is the derivative of the loss.
#[derive(Debug, Clone)]
pub struct Weight {
    /// What the sheet calls it.
    pub name: String,
    /// The cell with the value that it starts from.
    pub start: CellId,
    /// How many updates it has.
    pub updates: usize,
    /// The cell of its gradient in the first iteration; none where it is a part of the update.
    pub gradient: Option<CellId>,
    /// What the gradient is of the derivative of the loss: 1, 2, 1/n.
    pub factor: Option<f64>,
    /// Whether it is the derivative.
    pub verdict: Verdict,
    /// In how many iterations it is.
    pub verified: usize,
    /// In how many it is not.
    pub wrong: usize,
}

/// Whether a gradient is the derivative of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is, in all iterations.
    Verified,
    /// It is not, in at least one.
    Wrong,
    /// There is nothing to hold it against.
    Undecided,
}

impl Verdict {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::Wrong => "wrong",
            Verdict::Undecided => "undecided",
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A cell that should be a derivative of the loss is not.
    WrongDerivative,
    /// A reference to one shared cell moves along, since its `$` is missing.
    DriftingReference,
    /// An update steps from another weight or with another weight's gradient.
    WrongWeight,
    /// A weight is updated by another rule than the others.
    OddWeight,
    /// The forward pass or the loss is wrong, and the derivatives are those of the right one.
    WrongForward,
    /// A formula breaks the pattern of its family.
    InconsistentFormula,
    /// A number is typed where a formula belongs.
    Value,
    /// A cached result is not what the formula gives.
    Stale,
    /// An iteration starts from other weights than the one before ended with.
    HandOver,
    /// A cell holds an error value.
    ErrorCell,
    /// A label says one thing and the formulas use its cell as another.
    Label,
    /// A number is stored as text.
    TextNumber,
    /// A formula refers to `#REF!`.
    BrokenReference,
    /// A value changes whenever the workbook is calculated.
    Volatile,
}

impl Kind {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Kind::WrongDerivative => "wrong-derivative",
            Kind::DriftingReference => "drifting-reference",
            Kind::WrongWeight => "wrong-weight",
            Kind::OddWeight => "odd-weight",
            Kind::WrongForward => "wrong-forward",
            Kind::InconsistentFormula => "inconsistent-formula",
            Kind::Value => "value",
            Kind::Stale => "stale",
            Kind::HandOver => "hand-over",
            Kind::ErrorCell => "error-cell",
            Kind::Label => "label",
            Kind::TextNumber => "text-number",
            Kind::BrokenReference => "broken-reference",
            Kind::Volatile => "volatile",
        }
    }

    /// Whether it is a mistake; the others are worth knowing.
    pub fn is_mistake(self) -> bool {
        self != Kind::Volatile
    }
}

/// Something wrong or remarkable.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub kind: Kind,
    /// The cells that it is about, the first one to look at first.
    pub cells: Vec<CellId>,
    /// The cell that holds the weight that it is about.
    pub weight: Option<CellId>,
    /// The cell of the loss.
    pub loss: Option<CellId>,
    /// The number that stands in the first cell.
    pub found: Option<f64>,
    /// The number that should.
    pub expected: Option<f64>,
    /// The formula that stands there.
    pub formula: Option<String>,
    /// The formula that should.
    pub proposed: Option<String>,
    /// What is the matter, in words that a student understands.
    pub message: String,
    /// The edit that mends it.
    pub fix: Option<String>,
    /// The cell that it follows from; none where it is a cause itself.
    pub cause: Option<CellId>,
    /// How many other cells are wrong only because of it.
    pub consequences: usize,
}

impl Finding {
    /// Says what stands in the cell of a mended formula, which is called `address`, and what belongs there.
    pub(super) fn propose(&mut self, graph: &Graph, mended: &Tree, address: &str) {
        let proposed = graph.tree_text(mended);
        self.formula = graph.formula_text(mended.home);
        self.found = graph.value(mended.home).number();
        self.expected = graph.evaluate_tree(mended, graph.values()).number();
        self.fix = Some(format!("write {proposed} into {address}"));
        self.proposed = Some(proposed);
    }

    /// A finding about `cells`, so far without numbers and formulas.
    pub fn new(kind: Kind, cells: Vec<CellId>, message: String) -> Finding {
        Finding {
            kind,
            cells,
            weight: None,
            loss: None,
            found: None,
            expected: None,
            formula: None,
            proposed: None,
            message,
            fix: None,
            cause: None,
            consequences: 0,
        }
    }
}

impl Finding {
    /// The cells as ranges: `Sheet!Y9:Y33`, `pass 1!F17,pass 2!F17`.
    pub fn range(&self, graph: &Graph) -> String {
        graph.ranges(&self.cells)
    }
}
