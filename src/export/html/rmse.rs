//! The chart of the RMSE by epoch: which optimizer gets there first?

use super::chart::{Chart, Series};
use super::charts::{digits, single_quoted};
use super::figure::{Figure, Table, TableRow};
use super::markup::Markup;
use super::numbers::{Cell, brief, things};
use super::overlay::Overlay;
use super::scale::Scale;
use crate::export::digits::Digits;
use crate::trace::{Results, Run};
use crate::value::Value;

/// How many ticks an axis has, about.
const TICKS: usize = 6;

/// How many epochs the table shows at most.
const MOST_ROWS: usize = 25;

/// The chart with its legend, caption and table, and whether it needs the legend at any width.
pub fn figure(results: &Results) -> (Figure, bool) {
    let chart = chart(results);
    let figure = Figure {
        id: chart.id.clone(),
        question: "Which optimizer gets there first?",
        wide: chart.wide(),
        narrow: chart.narrow(),
        plots: chart.plots(),
        data: data(&chart),
        legend: chart.legend(),
        caption: caption(results, &chart),
        table: table(results),
    };
    (figure, chart.needs_legend())
}

/// The lines for the script.
fn data(chart: &Chart) -> Markup {
    let point = |(x, value): &(f64, Value)| (*x, value.get().ok().map(digits));
    let series = |one: &Series| {
        let points: Vec<_> = one.points.iter().map(point).collect();
        serde_json::json!({ "run": one.run, "name": one.name, "points": points })
    };
    let series: Vec<_> = chart.series.iter().map(series).collect();
    let data = serde_json::json!({ "kind": "epochs", "unit": "epoch", "series": series });
    Markup::trusted(single_quoted(&data.to_string()))
}

fn chart(results: &Results) -> Chart {
    let y = scale(results);
    let exact = results.own_exact().and_then(|exact| exact.rmse.get().ok());
    let reference = exact.filter(|exact| (0.0..=1.0).contains(&y.place(*exact)) && *exact > 0.0);
    let label = |exact| (exact, format!("exact line: {}", brief(Value::number(exact))));
    Chart {
        id: "rmse".into(),
        title: "RMSE by epoch, a line for each optimizer".into(),
        description: description(results),
        x_title: "epoch".into(),
        y_title: "RMSE, in the unit of y".into(),
        x: Scale::counting(results.epochs(), 10),
        y,
        series: results.runs.iter().enumerate().map(|run| series(results, run)).collect(),
        reference: reference.map(label),
        overlay: Overlay::default(),
    }
}

/// The RMSE of the start weights and after each epoch, in the unit of y as it was read.
fn errors<'a>(results: &'a Results, run: &'a Run) -> impl Iterator<Item = Value> + use<'a> {
    let errors = run.outcome.epochs.iter().map(|one| one.rmse);
    std::iter::once(run.outcome.start_rmse).chain(errors).map(|error| results.own_error(error))
}

fn series(results: &Results, (index, run): (usize, &Run)) -> Series {
    let lost = match run.outcome.divergence {
        Some(divergence) => {
            let samples = run.sheet.inputs.iter().find(|input| input.id == "n");
            let samples = samples.map_or(1, |samples| samples.value as usize).max(1);
            format!("diverged at epoch {}", divergence.row.div_ceil(samples))
        }
        None => "beyond the chart".into(),
    };
    let points =
        errors(results, run).enumerate().map(|(epoch, error)| (epoch as f64, error)).collect();
    Series { run: index, name: run.sheet.name.clone(), points, lost }
}

/// The vertical axis. It fits the runs that went well: one that diverges leaves the chart at its
/// top instead of pressing all others to its bottom.
fn scale(results: &Results) -> Scale {
    let errors: Vec<f64> = results
        .well()
        .flat_map(|(_, run)| errors(results, run))
        .filter_map(|error| error.get().ok())
        .collect();
    let lowest = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = errors.iter().copied().fold(0.0, f64::max);
    if lowest > 0.0 && highest / lowest > 30.0 {
        Scale::logarithmic(lowest, highest, TICKS)
    } else {
        Scale::linear(0.0, highest, TICKS)
    }
}

fn description(results: &Results) -> String {
    let differ = results.differ_in_length();
    let end = |run: &Run| match run.outcome.last() {
        Some(last) => {
            let after = format!(" after {}", things(last.epoch, "epoch"));
            let after = if differ { after.as_str() } else { "" };
            format!("{} ends at {}{after}", run.sheet.name, brief(results.own_error(last.rmse)))
        }
        None => run.sheet.name.clone(),
    };
    let ends: Vec<String> = results.runs.iter().map(end).collect();
    let start =
        results.runs.first().map_or(Value::ZERO, |run| results.own_error(run.outcome.start_rmse));
    let after = match differ {
        true => String::new(),
        false => format!("After {}: ", things(results.epochs(), "epoch")),
    };
    format!("All start at an RMSE of {}. {after}{}.", brief(start), ends.join(", "))
}

fn caption(results: &Results, chart: &Chart) -> String {
    let what = format!(
        "The root mean squared error over {} with the weights at the end of each epoch; epoch 0 \
         has the start weights.",
        things(results.data.samples(), "sample")
    );
    match chart.y.logarithmic {
        true => format!("{what} The scale is logarithmic: equal distances are equal factors."),
        false => what,
    }
}

/// The numbers; of a long run every so many epochs, and the last.
fn table(results: &Results) -> Table {
    let epochs = results.epochs();
    let stride = (epochs + 1).div_ceil(MOST_ROWS);
    let is_last = |epoch: &usize| results.runs.iter().any(|run| run.epochs() == *epoch);
    let is_shown = |epoch: &usize| epoch.is_multiple_of(stride) || is_last(epoch);
    let columns: Vec<Vec<Cell>> = results.runs.iter().map(|run| column(results, run)).collect();
    let row = |epoch: usize| TableRow {
        head: epoch.to_string(),
        // A run that stopped before has no number here.
        cells: columns.iter().map(|one| one.get(epoch).cloned().unwrap_or_default()).collect(),
    };
    let rows: Vec<TableRow> = (0..=epochs).filter(is_shown).map(row).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.cells.get(column));
        cells.map(Cell::fraction_width).max().unwrap_or(0)
    };
    let names = results.runs.iter().map(|run| run.sheet.name.clone());
    Table {
        caption: match stride {
            1 => "RMSE after each epoch".to_owned(),
            stride => format!("RMSE after every {stride} epochs and after the last"),
        },
        heads: std::iter::once("epoch".to_owned()).chain(names).collect(),
        fractions: (0..columns.len()).map(width).collect(),
        rows,
    }
}

/// A run's errors. Those of runs that went well share their digits, so that they can be compared.
fn column(results: &Results, run: &Run) -> Vec<Cell> {
    let digits = match run.warning {
        None => Digits::for_values(results.well().flat_map(|(_, run)| errors(results, run))),
        Some(_) => Digits::for_values(errors(results, run)),
    };
    errors(results, run).map(|error| digits.show(error)).collect()
}
