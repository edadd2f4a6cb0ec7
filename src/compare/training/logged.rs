//! Trainings that are logged elsewhere: the columns of a log as a training's weights and gradients.

use super::log::computed::{Refusal, shown};
use super::log::{self, Odd};
use super::numbers::written::written;
use super::numbers::{Pair, Series, header, series, training};
use super::optimizer::Fault;
use super::result::{Finding, Kind, Layout, Loss, Rule, Training};
use crate::data::address::cell_name;
use crate::graph::place::most_common;
use crate::graph::{CellId, Graph};
use crate::value::number_text;

/// The columns of a sheet that may be a log, with their headers.
pub(in crate::compare) struct Columns {
    series: Vec<Series>,
    /// What stands above each.
    pub headers: Vec<String>,
}

/// The columns of a sheet that begin in the same row and are as long as the longest; none where it has
/// no numbers.
pub(in crate::compare) fn columns(graph: &Graph, sheet: usize, layout: Layout) -> Option<Columns> {
    let all = series(graph, sheet, layout);
    let longest = all.iter().map(|one| one.cells.len()).max()?;
    let start = |one: &Series| {
        let (row, column) = graph.position(one.cells[0]);
        if layout == Layout::Rows { row } else { column }
    };
    let first = most_common(all.iter().map(start))?;
    // The last row may lack what was not computed any more.
    let is_column = |one: &Series| start(one) == first && one.cells.len() + 1 >= longest;
    // Where formulas are, they say more than numbers.
    let is_pasted =
        |one: &Series| one.cells.iter().filter(|id| graph.formula(**id).is_some()).count() <= 1;
    let series: Vec<Series> =
        all.into_iter().filter(|one| is_column(one) && is_pasted(one)).collect();
    let headers = series.iter().map(|one| header(graph, one, layout)).collect();
    Some(Columns { series, headers })
}

impl Columns {
    fn numbers(&self) -> Vec<log::Column<'_>> {
        let of = |one| {
            let Series { numbers, rounding, .. }: &Series = one;
            log::Column { numbers, rounding: *rounding }
        };
        self.series.iter().map(of).collect()
    }

    /// The headers that may be weights, as they are written.
    pub fn weight_like(&self, graph: &Graph) -> Vec<String> {
        let own = |at: &usize| cell_name(graph.position(self.series[*at].cells[0]));
        let all = log::computed::candidates(&self.headers).into_iter();
        // What has no header is called by its first cell.
        all.filter(|at| self.headers[*at] != own(at)).map(|at| self.headers[at].clone()).collect()
    }

    /// The cell in a row of a column, and its number.
    pub fn cell(&self, column: usize, row: usize) -> Option<(CellId, f64)> {
        let series = self.series.get(column)?;
        Some((*series.cells.get(row)?, *series.numbers.get(row)?))
    }

    /// The training whose gradients are computed.
    ///
    /// # Errors
    /// Why there is nothing to tell.
    pub fn computed(
        &self,
        graph: &Graph,
        (sheet, layout): (usize, Layout),
        (roles, problem): (&log::Layout, &log::Problem),
    ) -> Result<Training, Refusal> {
        let (explained, gradients) =
            log::computed::explain(&self.headers, &self.numbers(), roles, problem)?;
        let computed = gradients.into_iter().map(|numbers| Series {
            header: Some("gradient".to_owned()),
            cells: Vec::new(),
            numbers,
            rounding: 0.0,
        });
        let series: Vec<Series> = self.series.iter().cloned().chain(computed).collect();
        Ok(from_log(graph, (sheet, layout), &series, roles, &explained))
    }
}

/// The training that a sheet is the log of, by its headers.
pub(super) fn logged(graph: &Graph, sheet: usize, layout: Layout) -> Option<Training> {
    let columns = columns(graph, sheet, layout)?;
    let roles = log::layout(&columns.headers);
    let explained = log::explain(&columns.numbers(), &roles);
    let explained = explained.filter(|one| one.fits || roles.are_called)?;
    let mut training = from_log(graph, (sheet, layout), &columns.series, &roles, &explained);
    let stride = log::stride(&columns.numbers(), &roles).filter(|stride| *stride > 1);
    if let Some((stride, step)) = stride.zip(roles.step).filter(|_| !explained.fits) {
        training.findings = vec![sparse(&columns.series[step], stride)];
        (training.optimizer, training.rule) = (None, Rule::Other);
    }
    Some(training)
}

/// A log of which no rule can be told, since it has not all of the steps.
fn sparse(steps: &Series, stride: usize) -> Finding {
    let numbers: Vec<String> = steps.numbers[..3].iter().map(|one| number_text(*one)).collect();
    let message = format!(
        "The log has one step of {stride} ({}, …), and no rule leads from one row to the next: what the \
         steps between did is not in it. Log every step, with its weights and gradients.",
        numbers.join(", "),
    );
    Finding::new(Kind::Value, vec![steps.cells[0]], message)
}

/// The training of a large log, of which the graph has the headers only.
pub(in crate::compare) fn of_headers(graph: &Graph, log: &log::stream::Log) -> Training {
    let cell = |at: usize| graph.cells().find(|id| graph.position(*id).1 as usize == at);
    let all = (0..log.headers.len()).map(|at| Series {
        header: Some(log.headers[at].clone()),
        cells: cell(at).into_iter().collect(),
        numbers: Vec::new(),
        rounding: 0.0,
    });
    let all: Vec<Series> = all.collect();
    let found = from_log(graph, (0, Layout::Rows), &all, &log.layout, &log.explained);
    let steps = log.rows - 1;
    let weights = found.weights.into_iter().map(|one| super::Weight { updates: steps, ..one });
    Training { weights: weights.collect(), iterations: steps, ..found }
}

fn from_log(
    graph: &Graph,
    (sheet, layout): (usize, Layout),
    series: &[Series],
    roles: &log::Layout,
    explained: &log::Explained,
) -> Training {
    let pairs = roles.pairs.iter().map(|(weight, gradient)| Pair {
        weight: *weight,
        gradient: *gradient,
        rate: f64::NAN,
        odd: Vec::new(),
    });
    let pairs: Vec<Pair> = pairs.collect();
    let optimizer = &explained.optimizer;
    let rate = optimizer.settings.iter().find(|one| one.name == "lr").map(|one| one.value);
    let cell = at(&series[roles.pairs[0].0], 1);
    let fault = |what: &str| Err(Fault::new(Some(cell), what));
    let written = match (explained.fits, explained.rates.is_some()) {
        (true, false) => written(cell, optimizer),
        (true, true) => {
            fault("the learning rate changes from step to step, and no formula says how")
        }
        (false, _) => fault("no known rule takes these steps, and there is no formula to read"),
    };
    let steady = (rate.unwrap_or(0.0), None);
    let found = training(graph, (sheet, layout), series, &pairs, steady, None, written);
    let still: Vec<Option<Finding>> = roles
        .pairs
        .iter()
        .map(|(weight, gradient)| {
            let one = &series[*weight];
            still(one, &series[*gradient].numbers, &header(graph, one, layout))
        })
        .collect();
    let odd = explained.odd.iter().filter(|odd| still[odd.pair].is_none());
    let findings = odd.map(|odd| {
        let one = &series[roles.pairs[odd.pair].0];
        finding(one, odd, &header(graph, one, layout), &optimizer.title)
    });
    let mut findings: Vec<Finding> = findings.collect();
    findings.extend(still.iter().flatten().cloned());
    let is_uphill = rate.is_some_and(|rate| rate < 0.0);
    if explained.is_wrong || is_uphill {
        let told = match is_uphill {
            true => "leads up the slope of the loss: its sign is the wrong way round".to_owned(),
            false => optimizer.departures.join(", and "),
        };
        let message = format!("These steps are those of {} that {told}.", optimizer.title);
        findings.insert(0, Finding::new(Kind::Value, vec![cell], message));
    }
    let loss = roles.loss.map(|at| series[at].cells.iter().copied().map(Some).collect());
    Training {
        rule: if optimizer.name == "sgd" { Rule::Descent } else { Rule::Other },
        optimizer: Some(optimizer.clone()),
        rate: roles.rate.map(|at| series[at].cells[0]),
        rate_value: rate,
        loss: Loss { cells: loss.unwrap_or_default(), ..Loss::default() },
        log: Some(explained.clone()),
        iterations: explained.computed.as_ref().map_or(found.iterations, |one| one.steps),
        findings,
        ..found
    }
}

/// A weight that no step changes, though it has a gradient.
fn still(weight: &Series, gradients: &[f64], name: &str) -> Option<Finding> {
    let first = *weight.numbers.first()?;
    let slope = gradients.iter().find(|one| **one != 0.0)?;
    let message = format!(
        "No step changes {name}, which stays {}, though the slope of the loss is not 0 but {}. Is it \
         left out of the update?",
        number_text(first),
        shown(*slope),
    );
    let is_still = weight.numbers.iter().all(|one| *one == first);
    is_still.then(|| Finding::new(Kind::OddWeight, vec![weight.cells[0]], message))
}

/// A step of a weight that the rule does not take.
fn finding(series: &Series, odd: &Odd, name: &str, title: &str) -> Finding {
    let place = match series.cells.len() > odd.row {
        true => "here".to_owned(),
        false => format!("in row {}", odd.row + 2),
    };
    let message = format!(
        "{name} goes to {} {place}, where {title} leads from {} to {}.",
        number_text(odd.found),
        number_text(odd.before),
        number_text(odd.expected),
    );
    let mut finding = Finding::new(Kind::Value, vec![at(series, odd.row)], message);
    finding.weight = Some(at(series, odd.row.saturating_sub(1)));
    finding.found = Some(odd.found);
    finding.expected = Some(odd.expected);
    finding
}

/// The cell of a row, where the graph has it; else that of the header.
fn at(series: &Series, row: usize) -> CellId {
    series.cells.get(row).copied().unwrap_or(series.cells[0])
}
