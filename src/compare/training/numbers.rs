//! Trainings of which only the numbers are there: values pasted, or the log of a training elsewhere.
//!
//! A weight goes down by the same multiple of its gradient in each iteration, so of all series of
//! numbers on a sheet those belong together of which one's steps are a multiple of the other. The
//! loss moves as gradients and steps together say.

pub(super) mod written;

use super::anatomy::{Iteration, WeightCells};
use super::logged::logged;
use super::names;
use super::optimizer::{Fault, Written};
use super::result::{
    Finding, Kind, Layout, Loss, Optimizer, Rule, Setting, Training, Verdict, Weight,
};
use crate::data::address::cell_name;
use crate::graph::place::most_common;
use crate::graph::{CellId, Graph};
use crate::value::number_text;
use written::written;

/// So many numbers make a series.
const SHORTEST: usize = 4;
/// So many series are looked at on a sheet.
const MOST_SERIES: usize = 400;

/// Numbers beside each other, along a column or a row.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// What stands above it, where no cell is looked at for that.
    pub header: Option<String>,
    pub cells: Vec<CellId>,
    pub numbers: Vec<f64>,
    /// Half of what its last digit is worth.
    pub rounding: f64,
}

/// A weight and the series that its steps are a multiple of.
pub(super) struct Pair {
    pub weight: usize,
    pub gradient: usize,
    pub rate: f64,
    /// The iterations whose step is not that multiple.
    pub odd: Vec<usize>,
}

/// The trainings on the sheets that have no formulas to tell them.
pub(super) fn find(graph: &Graph, sheets: &[usize]) -> Vec<Training> {
    let mut found = Vec::new();
    for sheet in sheets {
        for layout in [Layout::Rows, Layout::Columns] {
            let training =
                on_sheet(graph, *sheet, layout).or_else(|| logged(graph, *sheet, layout));
            found.extend(training);
        }
    }
    found
}

fn on_sheet(graph: &Graph, sheet: usize, layout: Layout) -> Option<Training> {
    let series = series(graph, sheet, layout);
    let length = most_common(series.iter().map(|one| one.cells.len()))?;
    let series: Vec<Series> = series.into_iter().filter(|one| one.cells.len() == length).collect();
    if series.len() < 3 || series.len() > MOST_SERIES {
        return None;
    }
    let pairs = pairs(&series);
    let rate = usual_rate(&pairs)?;
    let mut pairs: Vec<Pair> =
        pairs.into_iter().filter(|pair| (pair.rate - rate).abs() <= 1e-3 * rate.abs()).collect();
    pairs.sort_by_key(|pair| (pair.weight, pair.odd.len()));
    pairs.dedup_by_key(|pair| pair.weight);
    // A weight's gradient is no other weight, and no two weights have one.
    let weights: Vec<usize> = pairs.iter().map(|pair| pair.weight).collect();
    pairs.retain(|pair| !weights.contains(&pair.gradient));
    if pairs.is_empty() {
        return None;
    }
    let rate = exact_rate(graph, &series, &pairs, rate);
    let loss = loss(graph, &series, &pairs);
    // One column that goes down like another is a coincidence where nothing else speaks for it; where
    // formulas make it so, they say what it is themselves.
    let has_formulas = pairs
        .iter()
        .any(|pair| series[pair.weight].cells[1..].iter().any(|id| graph.tree(*id).is_some()));
    let is_told = match has_formulas {
        true => rate.1.is_some_and(|cell| names::is_called_learning_rate(graph, cell)),
        false => loss.is_some() || rate.1.is_some_and(|cell| names::is_called_rate(graph, cell)),
    };
    (is_told && (pairs.len() > 1 || loss.is_some() && rate.1.is_some())).then(|| {
        let setting = Setting { name: "lr".to_owned(), cell: None, value: rate.0 };
        let optimizer = Optimizer { settings: vec![setting], ..Optimizer::descent() };
        let written = written(series[pairs[0].weight].cells[1], &optimizer);
        training(graph, (sheet, layout), &series, &pairs, rate, loss, written)
    })
}

/// What stands above a series, or beside it.
pub(super) fn header(graph: &Graph, series: &Series, layout: Layout) -> String {
    if let Some(header) = &series.header {
        return header.clone();
    }
    let first = series.cells[0];
    let found = match layout {
        Layout::Rows => names::header(graph, first),
        _ => names::left_label(graph, first),
    };
    found.unwrap_or_else(|| cell_name(graph.position(first)))
}

/// All series along columns, or along rows.
pub(super) fn series(graph: &Graph, sheet: usize, layout: Layout) -> Vec<Series> {
    let mut cells: Vec<(u32, u32, CellId)> = graph
        .cells()
        .filter(|id| graph.sheet(*id) == sheet && graph.value(*id).number().is_some())
        .map(|id| {
            let (row, column) = graph.position(id);
            if layout == Layout::Rows { (column, row, id) } else { (row, column, id) }
        })
        .collect();
    cells.sort_unstable();
    let mut found: Vec<Vec<(u32, u32, CellId)>> = Vec::new();
    for cell in cells {
        match found.last_mut() {
            Some(run)
                if run.last().is_some_and(|last| last.0 == cell.0 && last.1 + 1 == cell.1) =>
            {
                run.push(cell);
            }
            _ => found.push(vec![cell]),
        }
    }
    let long = found.into_iter().filter(|run| run.len() >= SHORTEST);
    long.map(|run| {
        let cells: Vec<CellId> = run.into_iter().map(|(.., id)| id).collect();
        let numbers: Vec<f64> = cells.iter().filter_map(|id| graph.value(*id).number()).collect();
        let rounding = rounding(&numbers);
        Series { header: None, cells, numbers, rounding }
    })
    .collect()
}

/// So many digits single precision has at least.
const SINGLE_DIGITS: i32 = 7;
/// Numbers with more decimals have all their digits.
const MOST_DECIMALS: i32 = 10;

/// Half of what the last digit is worth that the numbers have; of those that a computer with single
/// precision wrote, with whatever digits, what that keeps of the largest.
pub(super) fn rounding(numbers: &[f64]) -> f64 {
    let largest = numbers.iter().fold(0.0_f64, |most, one| most.max(one.abs()));
    let decimals = decimals(numbers, largest);
    let written = 0.5 * 10_f64.powi(-decimals);
    // With as many digits as tell it from its neighbours, or with as many as all have.
    let is_single = |number: &f64| {
        let nearest = *number as f32;
        (f64::from(nearest) - number).abs() <= 1.000_001 * written
            || nearest.to_string().parse() == Ok(*number)
    };
    let digits = decimals + largest.log10().floor() as i32 + 1;
    if digits >= SINGLE_DIGITS && numbers.iter().all(is_single) {
        return written.max(largest * f64::from(f32::EPSILON) / 2.0);
    }
    // A number with all its digits is not rounded.
    if decimals > MOST_DECIMALS { 0.0 } else { written }
}

/// How many decimals the numbers have; the largest, where all have as many digits, as in
/// `1.687875e0` and `9.123456e-1`.
///
/// Of what is written, zeros at the end are missing: one number of ten lacks one. Whichever would leave fewer out is how
/// the numbers were written.
fn decimals(numbers: &[f64], largest: f64) -> i32 {
    let size = |number: f64| number.abs().log10().floor() as i32;
    let own = |number: &f64| {
        let text = format!("{number}");
        (size(*number), text.split_once('.').map_or(0, |(_, digits)| digits.len() as i32))
    };
    let all: Vec<(i32, i32)> = numbers.iter().filter(|one| **one != 0.0).map(own).collect();
    let most = all.iter().map(|(_, decimals)| *decimals).max().unwrap_or(0);
    let digits = all.iter().map(|(size, decimals)| size + decimals).max().unwrap_or(0);
    let lacking = all.iter().map(|(_, decimals)| most - decimals).sum::<i32>();
    let short = all.iter().map(|(size, decimals)| digits - (size + decimals));
    let few = all.len() / 3 + 1;
    let is_of_digits =
        short.clone().filter(|one| *one > 0).count() <= few && short.sum::<i32>() < lacking;
    if is_of_digits { digits - size(largest) } else { most }
}

/// All pairs of series of which one's steps are a multiple of the other, but for a few.
fn pairs(series: &[Series]) -> Vec<Pair> {
    let mut found = Vec::new();
    for (weight, one) in series.iter().enumerate() {
        let steps: Vec<f64> = one.numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if steps.iter().filter(|step| **step != 0.0).count() < SHORTEST - 1 {
            continue;
        }
        for (gradient, other) in series.iter().enumerate() {
            if gradient != weight
                && let Some((rate, odd)) = multiple(one, other, &steps)
            {
                found.push(Pair { weight, gradient, rate, odd });
            }
        }
    }
    found
}

/// What the steps are of the other series, and in which iterations they are not.
fn multiple(one: &Series, other: &Series, steps: &[f64]) -> Option<(f64, Vec<usize>)> {
    let ratios = steps.iter().zip(&other.numbers).filter(|(_, g)| g.abs() > 1e-12);
    let mut ratios: Vec<f64> = ratios.map(|(step, g)| -step / g).collect();
    if ratios.len() < SHORTEST - 1 {
        return None;
    }
    ratios.sort_by(f64::total_cmp);
    let rate = ratios[ratios.len() / 2];
    if rate == 0.0 || !rate.is_finite() {
        return None;
    }
    let holds = |at: &usize| {
        let (step, g) = (steps[*at], other.numbers[*at]);
        let size = one.numbers[*at].abs().max(one.numbers[*at + 1].abs());
        let allowed =
            2.1 * one.rounding + rate.abs() * other.rounding + 1e-12 * size + 1e-7 * step.abs();
        (step + rate * g).abs() <= allowed
    };
    let odd: Vec<usize> = (0..steps.len()).filter(|at| !holds(at)).collect();
    // Steps that are all smaller than the last digit agree with anything.
    let seen = steps.iter().filter(|step| step.abs() > 4.0 * one.rounding).count();
    (odd.len() * 10 <= steps.len() && seen >= SHORTEST - 1).then_some((rate, odd))
}

/// The rate that most of the pairs have.
fn usual_rate(pairs: &[Pair]) -> Option<f64> {
    let like = |rate: f64| {
        pairs.iter().filter(|pair| (pair.rate - rate).abs() <= 1e-3 * rate.abs()).count()
    };
    let best = pairs.iter().max_by_key(|pair| (like(pair.rate), pair.rate > 0.0))?;
    Some(best.rate)
}

/// The rate as a cell has it, where one does.
fn exact_rate(
    graph: &Graph,
    series: &[Series],
    pairs: &[Pair],
    rate: f64,
) -> (f64, Option<CellId>) {
    let used: Vec<CellId> = series.iter().flat_map(|one| one.cells.clone()).collect();
    let tolerance = match pairs.iter().any(|pair| series[pair.weight].rounding > 0.0) {
        true => 1e-2,
        false => 1e-7,
    };
    let mut cells: Vec<CellId> = graph
        .cells()
        .filter(|id| {
            let value = graph.value(*id).number();
            value.is_some_and(|value| (value - rate).abs() <= tolerance * rate.abs())
                && !used.contains(id)
        })
        .collect();
    cells.sort_by_key(|id| !names::is_called_rate(graph, *id));
    match cells.first() {
        Some(cell) => (graph.value(*cell).number().unwrap_or(rate), Some(*cell)),
        None => (rate, None),
    }
}

/// The series that moves as the gradients and the steps say, with what the gradients are of its
/// derivatives.
fn loss(graph: &Graph, series: &[Series], pairs: &[Pair]) -> Option<(usize, f64)> {
    let length = series[0].numbers.len();
    // The mean of the gradients at both ends of a step says how far the loss goes on it.
    let told: Vec<f64> = (0..length - 1)
        .map(|at| {
            let of = |pair: &Pair| {
                let (w, g) = (&series[pair.weight].numbers, &series[pair.gradient].numbers);
                (w[at + 1] - w[at]) * (g[at] + g[at + 1]) / 2.0
            };
            pairs.iter().map(of).sum()
        })
        .collect();
    let total: f64 = told.iter().map(|one| one.abs()).sum();
    let used: Vec<usize> = pairs.iter().flat_map(|pair| [pair.weight, pair.gradient]).collect();
    let mut best: Option<(usize, f64, f64)> = None;
    for (at, one) in series.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
        let moves: Vec<f64> = one.numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for factor in [1.0, 2.0, 0.5] {
            let miss: f64 = moves.iter().zip(&told).map(|(a, b)| (factor * a - b).abs()).sum();
            let miss = miss / total.max(1e-300);
            let miss = if names::is_called_loss(graph, one.cells[0]) { miss } else { miss * 3.0 };
            if miss < 0.2 && best.is_none_or(|(.., least)| miss < least) {
                best = Some((at, factor, miss));
            }
        }
    }
    best.map(|(at, factor, _)| (at, factor))
}

pub(super) fn training(
    graph: &Graph,
    (sheet, layout): (usize, Layout),
    series: &[Series],
    pairs: &[Pair],
    (rate, cell): (f64, Option<CellId>),
    loss: Option<(usize, f64)>,
    written: Result<Written, Fault>,
) -> Training {
    let name = |series: &Series| header(graph, series, layout);
    let weights = pairs.iter().map(|pair| Weight {
        name: name(&series[pair.weight]),
        start: series[pair.weight].cells[0],
        updates: series[pair.weight].cells.len() - 1,
        gradient: series[pair.gradient].cells.first().copied(),
        factor: loss.map(|(_, factor)| factor),
        verdict: Verdict::Undecided,
        verified: 0,
        wrong: 0,
    });
    let mut findings = Vec::new();
    for pair in pairs {
        findings.extend(odd_steps(graph, series, pair, rate, &name(&series[pair.weight])));
    }
    findings.sort_by_key(|finding: &Finding| finding.cells[0]);
    Training {
        sheets: vec![sheet],
        layout,
        iterations: series[0].cells.len() - 1,
        rule: Rule::Descent,
        optimizer: None,
        rate: cell,
        rate_value: Some(rate),
        loss: Loss {
            cells: loss
                .map_or(Vec::new(), |(at, _)| series[at].cells.iter().copied().map(Some).collect()),
            implied: None,
            formula: None,
        },
        weights: weights.collect(),
        typed: Vec::new(),
        is_numbers_only: true,
        log: None,
        factor: loss.map_or(1.0, |(_, factor)| factor),
        anatomy: anatomy(series, pairs, loss.map(|(at, _)| at)),
        findings,
        written,
    }
}

/// The numbers of each iteration.
fn anatomy(series: &[Series], pairs: &[Pair], loss: Option<usize>) -> Vec<Iteration> {
    let iteration = |at: usize| Iteration {
        cells: Vec::new(),
        loss: loss.map(|loss| series[loss].cells[at]),
        residuals: Vec::new(),
        rates: Vec::new(),
        weights: pairs.iter().map(|pair| weight_cells(series, pair, at)).collect(),
    };
    (0..series[0].cells.len()).map(iteration).collect()
}

fn weight_cells(series: &[Series], pair: &Pair, at: usize) -> WeightCells {
    let value = series[pair.weight].cells.get(at).copied();
    let update = series[pair.weight].cells.get(at + 1).copied();
    let gradient = series[pair.gradient].cells.get(at).copied();
    WeightCells { value, shown: value, update, gradient, part: None, holds: None }
}

/// Values that do not follow from the ones before.
fn odd_steps(graph: &Graph, series: &[Series], pair: &Pair, rate: f64, name: &str) -> Vec<Finding> {
    let (one, other) = (&series[pair.weight], &series[pair.gradient]);
    let odd = pair.odd.iter().map(|at| {
        let (found, expected) = (one.numbers[at + 1], one.numbers[*at] - rate * other.numbers[*at]);
        let cell = one.cells[at + 1];
        let before = cell_name(graph.position(one.cells[*at]));
        let message = format!(
            "{name} should go from {} ({before}) to {} here: less the learning rate {} times the gradient {} ({}).",
            number_text(one.numbers[*at]),
            number_text(expected),
            number_text(rate),
            number_text(other.numbers[*at]),
            cell_name(graph.position(other.cells[*at])),
        );
        let mut finding = Finding::new(Kind::Value, vec![cell], message);
        finding.weight = Some(one.cells[*at]);
        finding.found = Some(found);
        finding.expected = Some(expected);
        finding
    });
    odd.collect()
}
