//! A training on the page of a comparison: the loss as mathematics, the forward pass as a graph, the
//! weights with their verdicts, and for each wrong derivative the chain rule in the user's own cells.

mod drawn;
mod math;
mod network;
mod rule;

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::derive::name_text;
use super::super::markup::{Markup, anchor};
use crate::compare::training::anatomy::{Iteration, Residual};
use crate::compare::training::chain::Forward;
use crate::compare::training::labels::Labels;
use crate::compare::training::{Training, Verdict, summary};
use crate::export::comparison::{Shown, ShownFinding};
use crate::graph::{CellId, Graph};
pub use drawn::Drawn;
use math::Writer;
use rule::ChainRule;

/// So many definitions are set below the loss.
const MOST_DEFINITIONS: usize = 14;
/// Of more cells with the same formula only one is set.
const MOST_ALIKE: usize = 2;
/// Longer formulas are no mathematics to read.
const LONGEST: usize = 80;
/// So many cells are looked at for them.
const MOST_VISITED: usize = 400;
/// So many weights have a row.
const MOST_WEIGHTS: usize = 100;
/// So many wrong derivatives are shown factor by factor.
const MOST_RULES: usize = 12;

/// A training as it is shown.
#[derive(Serialize)]
pub struct Section {
    pub anchor: String,
    pub name: String,
    /// One word or two, and whether something is wrong.
    pub verdict: &'static str,
    pub is_wrong: bool,
    checked: String,
    facts: [(&'static str, String); 3],
    /// The loss and what it is made of, each a line of mathematics.
    mathematics: Vec<Markup>,
    /// What the loss is where the sheet does not compute it.
    implied: Option<String>,
    /// What the script draws.
    pub drawn: Option<Drawn>,
    weights: Vec<WeightRow>,
    more_weights: usize,
    pub mistakes: Vec<Mistake>,
    remarks: Vec<ShownFinding>,
}

#[derive(Serialize)]
struct WeightRow {
    name: Markup,
    start: String,
    value: Option<f64>,
    last: Option<f64>,
    /// The cell of its gradient; none where that is in the update.
    gradient: Option<String>,
    verdict: &'static str,
    is_wrong: bool,
    /// In how many iterations its gradient was checked, and in how many it holds.
    checked: usize,
    verified: usize,
}

/// A finding, with the chain rule where it is about a derivative.
pub type Mistake = (ShownFinding, Option<ChainRule>);

/// The sections of all trainings.
pub fn sections(shown: &Shown) -> Vec<Section> {
    let trainings = shown.trainings();
    trainings.iter().enumerate().map(|(at, training)| section(shown, at, training)).collect()
}

fn section(shown: &Shown, at: usize, training: &Training) -> Section {
    let graph = &shown.comparison.reading.graph;
    let name = summary::name(graph, training);
    let labels = Labels::new(graph, training, 0);
    let first = training.anatomy.first();
    let anchor = format!("{}-{}", anchor("training", &name, at + 1), at + 1);
    let weights = 0..training.weights.len().min(MOST_WEIGHTS);
    let (mistakes, remarks) = findings(shown, training);
    Section {
        drawn: Drawn::new(graph, training, anchor.clone()),
        anchor,
        verdict: training.verdict(),
        is_wrong: !training.holds(),
        checked: summary::checked(training),
        facts: [
            ("weights", summary::weights(training)),
            ("loss", summary::loss(graph, training)),
            ("rule", summary::rule(graph, training)),
        ],
        mathematics: first.map_or(Vec::new(), |first| mathematics(graph, &labels, first)),
        implied: training.loss.implied.clone(),
        weights: weights.map(|at| weight_row(graph, &labels, training, at)).collect(),
        more_weights: training.weights.len().saturating_sub(MOST_WEIGHTS),
        mistakes,
        remarks,
        name,
    }
}

/// The loss, and below it what it is made of, as far as that can be read.
fn mathematics(graph: &Graph, labels: &Labels, iteration: &Iteration) -> Vec<Markup> {
    let writer = Writer { graph, labels, is_plain: false };
    let Some(forward) = Forward::new(graph, iteration) else { return Vec::new() };
    // From the loss on, each cell behind those that are computed from it first.
    let start = iteration.loss.into_iter().chain(iteration.residuals.iter().flat_map(names_in));
    let mut computed: Vec<CellId> = start.collect();
    let mut at = 0;
    while let Some(cell) = computed.get(at).copied() {
        for input in graph.inputs(cell) {
            let is_here = forward.is_ahead(*input) && graph.formula(*input).is_some();
            if is_here
                && iteration.cells.contains(input)
                && !computed.contains(input)
                && computed.len() < MOST_VISITED
            {
                computed.push(*input);
            }
        }
        at += 1;
    }
    let mut families = BTreeSet::new();
    let mut lines = residual_line(&writer, iteration);
    for cell in &computed {
        let tree = graph.tree(*cell).filter(|tree| tree.root.size() <= LONGEST);
        // Cells that only hand a value on say nothing.
        let Some(tree) = tree.filter(|tree| tree.root.size() > 1) else { continue };
        // Of many cells that say the same, one stands for all, by the label that they share.
        let plain = Writer { is_plain: true, ..writer };
        let is_like = |other: &&CellId| {
            graph.family(**other) == graph.family(*cell) && plain.cell(**other) == plain.cell(*cell)
        };
        let is_one_of_many = computed.iter().filter(is_like).count() > MOST_ALIKE;
        if is_one_of_many && !families.insert((graph.family(*cell), plain.cell(*cell))) {
            continue;
        }
        let plain = Writer { is_plain: is_one_of_many, ..writer };
        let (name, says) = (plain.cell(*cell), plain.tree(&tree));
        lines.push(Markup::display_math(&format!("<mrow>{name}<mo>=</mo>{says}</mrow>")));
        if lines.len() == MOST_DEFINITIONS {
            break;
        }
    }
    lines
}

/// What is squared, or taken the cross-entropy of, where the sheet does not compute the loss.
fn residual_line(writer: &Writer, iteration: &Iteration) -> Vec<Markup> {
    let Some(first) = iteration.residuals.first() else { return Vec::new() };
    let is_plain = iteration.residuals.len() > 1;
    let says = Writer { is_plain, ..*writer }.formula(&first.value);
    vec![Markup::display_math(&format!("<mrow><mi>error</mi><mo>=</mo>{says}</mrow>"))]
}

fn names_in(residual: &Residual) -> Vec<CellId> {
    residual.value.names().into_iter().copied().collect()
}

fn weight_row(graph: &Graph, labels: &Labels, training: &Training, at: usize) -> WeightRow {
    let weight = &training.weights[at];
    let number = |cell: CellId| graph.value(cell).number();
    let last = training.anatomy.iter().rev().find_map(|one| one.weights.get(at)?.value);
    WeightRow {
        name: Markup::trusted(name_text(&weight.name)),
        start: labels.address(weight.start),
        value: number(weight.start),
        last: last.and_then(number),
        gradient: weight.gradient.map(|cell| labels.address(cell)),
        verdict: weight.verdict.name(),
        is_wrong: weight.verdict == Verdict::Wrong,
        checked: weight.verified + weight.wrong,
        verified: weight.verified,
    }
}

fn findings(shown: &Shown, training: &Training) -> (Vec<Mistake>, Vec<ShownFinding>) {
    let graph = &shown.comparison.reading.graph;
    let (mut mistakes, mut remarks, mut rules) = (Vec::new(), Vec::new(), 0);
    for finding in &training.findings {
        let told = ShownFinding::of_training(graph, finding);
        if !finding.kind.is_mistake() {
            remarks.push(told);
            continue;
        }
        let trainings = &shown.comparison.trainings;
        let rule =
            (rules < MOST_RULES).then(|| rule::of(graph, trainings, training, finding)).flatten();
        rules += usize::from(rule.is_some());
        mistakes.push((told, rule));
    }
    (mistakes, remarks)
}
