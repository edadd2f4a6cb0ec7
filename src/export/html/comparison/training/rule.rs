//! The chain rule for a wrong derivative: factor by factor from the loss to the weight, in the user's
//! cells, with what the sheet lacks set off.

use serde::Serialize;

use super::super::super::markup::Markup;
use super::math::Writer;
use crate::compare::training::anatomy::WeightCells;
use crate::compare::training::chain::{Chain, Factor, Quantity};
use crate::compare::training::explain::explain;
use crate::compare::training::labels::Labels;
use crate::compare::training::{Finding, Training, Trainings};
use crate::graph::{CellId, Graph};

/// The derivative by a weight, and what the sheet has of it.
#[derive(Serialize)]
pub struct ChainRule {
    title: Markup,
    /// Where the derivative should stand, of what times it, and in which iteration.
    place: String,
    factor: f64,
    iteration: usize,
    /// The rule as a product of derivatives, or a sum of such.
    rule: Markup,
    factors: Vec<FactorRow>,
    has_ways: bool,
    more_ways: usize,
    /// Where all factors are there, how many times the derivative the sheet has; and what it has that is none of them.
    times: Option<f64>,
    extra: Vec<String>,
    expected: f64,
    found: Option<f64>,
}

#[derive(Serialize)]
struct FactorRow {
    /// None for what all ways share.
    way: Option<usize>,
    name: Markup,
    cells: Option<String>,
    labels: Option<Markup>,
    value: f64,
    /// Whether the sheet's formula has it; none where nobody knows.
    is_there: Option<bool>,
}

/// The chain rule for a finding; none where it is about no weight's derivative.
pub fn of(
    graph: &Graph,
    trainings: &Trainings,
    training: &Training,
    finding: &Finding,
) -> Option<ChainRule> {
    let (weight, at) = concerned(training, finding)?;
    let cells = training.anatomy[at].weights.get(weight)?;
    let home = cells.gradient.or(cells.update)?;
    let derivative = explain(graph, trainings, home).derivative?;
    let (chain, held) = (derivative.chain?, derivative.held);
    let labels = Labels::new(graph, training, at);
    let writer = Writer { graph, labels: &labels, is_plain: false };
    let rows = chain.factors().enumerate().map(|(number, (way, factor))| FactorRow {
        way,
        name: Markup::math(&factor_name(&writer, &chain, factor)),
        cells: labels.factor_in_cells(factor, home),
        labels: factor_in_labels(&writer, factor),
        value: factor.value,
        is_there: held.as_ref().map(|held| held.has[number]),
    });
    let name = writer.derivative(
        &labels.quantity(chain.loss, chain.loss),
        &labels.quantity(Quantity::Cell(chain.target), chain.loss),
    );
    let place = match cells.gradient {
        Some(cell) => labels.address(cell),
        None => format!("the update in {}", labels.address(home)),
    };
    Some(ChainRule {
        place,
        factor: derivative.factor,
        iteration: at + 1,
        rule: Markup::display_math(&format!(
            "<mrow>{name}<mo>=</mo>{}</mrow>",
            product(&writer, &chain)
        )),
        title: Markup::math(&name),
        factors: rows.collect(),
        has_ways: chain.ways.len() > 1,
        more_ways: chain.more,
        times: held.as_ref().and_then(|held| held.times),
        extra: held.map_or(Vec::new(), |held| held.extra),
        expected: derivative.value,
        found: derivative.found,
    })
}

/// The weight and the iteration that a finding is about.
fn concerned(training: &Training, finding: &Finding) -> Option<(usize, usize)> {
    let first = finding.cells.first()?;
    let iterations = || training.anatomy.iter().enumerate();
    let with = |is: &dyn Fn(&WeightCells) -> bool| {
        iterations().find_map(|(at, one)| Some((one.weights.iter().position(is)?, at)))
    };
    let is_of = |cells: &WeightCells, cell: CellId| {
        cells.gradient == Some(cell) || cells.update == Some(cell)
    };
    let own = with(&|cells| is_of(cells, *first) && cells.holds != Some(true));
    // An intermediate derivative is wrong for the weights that are trained with it.
    let weight = finding.weight.and_then(|weight| {
        with(&|cells| {
            (cells.value == Some(weight) || cells.shown == Some(weight))
                && cells.holds != Some(true)
        })
    });
    let (weight, at) = own.or(weight)?;
    let is_wrong = training.anatomy[at].weights[weight].holds == Some(false);
    is_wrong.then_some((weight, at))
}

fn factor_in_labels(writer: &Writer, factor: &Factor) -> Option<Markup> {
    let own = factor.formula.as_ref().map(|formula| writer.formula(formula));
    let set = own.or_else(|| Some(writer.tree(factor.over_ranges.as_ref()?)));
    set.map(|set| Markup::math(&set))
}

fn factor_name(writer: &Writer, chain: &Chain, factor: &Factor) -> String {
    let name = |quantity| writer.labels.quantity(quantity, chain.loss);
    writer.derivative(&name(factor.of), &name(factor.by))
}

/// The derivative as a product of local ones, or the sum of several ways times what they share.
fn product(writer: &Writer, chain: &Chain) -> String {
    let row = |factors: &[Factor]| {
        let names = factors.iter().map(|factor| factor_name(writer, chain, factor));
        names.collect::<Vec<_>>().join("<mo>·</mo>")
    };
    let mut ways: Vec<String> = chain.ways.iter().map(|way| row(way)).collect();
    if chain.more > 0 {
        ways.push("<mo>…</mo>".to_owned());
    }
    let sum = ways.join("<mo>+</mo>");
    match (ways.len(), chain.rest.is_empty()) {
        (1, true) => sum,
        (1, false) => format!("{sum}<mo>·</mo>{}", row(&chain.rest)),
        (_, true) => sum,
        (_, false) => {
            format!("<mrow><mo>(</mo>{sum}<mo>)</mo></mrow><mo>·</mo>{}", row(&chain.rest))
        }
    }
}
