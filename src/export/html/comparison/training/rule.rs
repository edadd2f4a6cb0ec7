//! The chain rule for a wrong derivative: factor by factor from the loss to the weight, in the user's
//! cells, with what the sheet lacks set off.

use serde::Serialize;

use super::super::super::markup::Markup;
use super::super::super::numbers::brief;
use super::math::Writer;
use crate::compare::training::anatomy::WeightCells;
use crate::compare::training::chain::{Chain, Factor, Quantity};
use crate::compare::training::explain::explain;
use crate::compare::training::factors::Held;
use crate::compare::training::labels::Labels;
use crate::compare::training::{Finding, Training, Trainings};
use crate::graph::{CellId, Graph};
use crate::value::{Value, counted, number_text};

/// The derivative by a weight, and what the sheet has of it.
#[derive(Serialize)]
pub struct ChainRule {
    title: Markup,
    /// Which cell should be the derivative, and in which iteration.
    told: String,
    /// The rule as a product of derivatives, or a sum of such.
    rule: Markup,
    factors: Vec<FactorRow>,
    has_ways: bool,
    more_ways: usize,
    /// What the sheet has instead, in words.
    instead: Vec<String>,
    expected: String,
    found: String,
}

#[derive(Serialize)]
struct FactorRow {
    way: String,
    name: Markup,
    cells: String,
    labels: Option<Markup>,
    value: String,
    /// Whether the sheet's formula lacks it.
    is_missing: bool,
    /// The same in a word; none where nobody knows.
    is_there: &'static str,
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
    let rows = chain.factors().enumerate().map(|(number, (way, factor))| {
        let has = held.as_ref().map(|held| held.has[number]);
        row(&writer, &chain, home, way, factor, has)
    });
    let name = writer.derivative(
        &labels.quantity(chain.loss, chain.loss),
        &labels.quantity(Quantity::Cell(chain.target), chain.loss),
    );
    let place = match cells.gradient {
        Some(cell) => labels.address(cell),
        None => format!("the update in {}", labels.address(home)),
    };
    let factor = match derivative.factor {
        1.0 => String::new(),
        -1.0 => ", with the other sign,".to_owned(),
        factor => format!(", times {},", number_text(factor)),
    };
    let number = |number: f64| brief(Value::number(number));
    Some(ChainRule {
        told: format!("What {place} should be{factor} in iteration {}", at + 1),
        rule: Markup::display_math(&format!(
            "<mrow>{name}<mo>=</mo>{}</mrow>",
            product(&writer, &chain)
        )),
        title: Markup::math(&name),
        factors: rows.collect(),
        has_ways: chain.ways.len() > 1,
        more_ways: chain.more,
        instead: held.map_or(Vec::new(), |held| instead(&held)),
        expected: number(derivative.value),
        found: derivative.found.map_or("no number".to_owned(), number),
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

fn row(
    writer: &Writer,
    chain: &Chain,
    home: CellId,
    way: Option<usize>,
    factor: &Factor,
    has: Option<bool>,
) -> FactorRow {
    let labels = writer.labels;
    FactorRow {
        way: match way {
            Some(way) => (way + 1).to_string(),
            None => "all".to_owned(),
        },
        name: Markup::math(&factor_name(writer, chain, factor)),
        cells: labels.factor_in_cells(factor, home).unwrap_or_default(),
        labels: factor_in_labels(writer, factor),
        value: brief(Value::number(factor.value)),
        is_missing: has == Some(false),
        is_there: match has {
            Some(true) => "yes",
            Some(false) => "missing",
            None => "",
        },
    }
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

/// What the sheet has that is no factor of the derivative, or what it has too often.
fn instead(held: &Held) -> Vec<String> {
    let missing = held.has.iter().filter(|has| !**has).count();
    let mut told = Vec::new();
    if let Some(times) = held.times {
        told.push(match times {
            -1.0 => "The sheet has all factors, but the other sign".to_owned(),
            times => format!(
                "The sheet has all factors, but {} times the derivative",
                number_text(times)
            ),
        });
    }
    if missing > 0 {
        let verb = if missing == 1 { "is" } else { "are" };
        told.push(format!("{} {verb} not in the sheet's formula", counted(missing, "factor")));
    }
    if !held.extra.is_empty() {
        told.push(format!("It has {} instead", held.extra.join(" and ")));
    }
    told
}
