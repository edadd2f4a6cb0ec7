//! The native charts of the summary: RMSE by epoch, and the path of two weights or the weights by
//! epoch.

use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartAxisLabelPosition, ChartFormat, ChartLegendPosition, ChartLine,
    ChartLineDashType, ChartMarker, ChartMarkerType, ChartSolidFill, ChartType, Color, Worksheet,
};

use super::addresses::Addresses;
use super::epochs::{EPOCH, EpochsLayout, WEIGHTS};
use crate::error::Result;
use crate::export::palette::{COLOURS, colour};
use crate::trace::{Results, Run};

/// Where the charts go, and where their numbers stand on the summary.
pub struct Place {
    /// The row of their upper edge.
    pub row: u32,
    /// The row with the heads of the table of RMSEs.
    pub rmse_heads: u32,
    /// The cell with the exact first weight; the second stands right of it.
    pub exact: (u32, u16),
}

/// In pixels: six columns of the summary and a little less than [`ROWS`] rows.
const WIDTH: u32 = 585;
const HEIGHT: u32 = 410;

/// The rows that the charts cover, of so many pixels each.
const ROWS: u32 = 21;
const ROW_HEIGHT: u32 = 20;

/// The rows that the charts cover; the legend of many runs takes some more.
pub fn rows(results: &Results) -> u32 {
    ROWS + legend_rows(results)
}

/// How many rows more than usual the legend takes: names stand three or four abreast.
fn legend_rows(results: &Results) -> u32 {
    const USUAL: usize = 8;
    const ABREAST: usize = 3;
    results.runs.len().saturating_sub(USUAL).div_ceil(ABREAST) as u32
}

/// The column of the second chart's left edge.
const SECOND: u16 = 6;

/// Longer paths are drawn epoch by epoch: a chart of so many steps would be a blot. So are those of
/// which not every step stands on one sheet.
const LONGEST_PATH: usize = 3000;

/// A chart has no room for more lines, nor does Excel open one with more than 255.
const MOST_LINES: usize = 250;

/// The lines of runs beyond the palette, round by round.
const DASHES: [ChartLineDashType; 6] = [
    ChartLineDashType::Dash,
    ChartLineDashType::RoundDot,
    ChartLineDashType::DashDot,
    ChartLineDashType::LongDash,
    ChartLineDashType::LongDashDot,
    ChartLineDashType::LongDashDotDot,
];

pub fn insert(
    sheet: &mut Worksheet,
    results: &Results,
    addresses: &Addresses,
    place: &Place,
) -> Result<()> {
    let height = HEIGHT + legend_rows(results) * ROW_HEIGHT;
    let mut chart = rmse_chart(results, addresses, place);
    sheet.insert_chart(place.row, 0, chart.set_height(height))?;
    if results.weights().len() == 2 {
        let mut chart = path_chart(results, addresses, place);
        sheet.insert_chart(place.row, SECOND, chart.set_height(height))?;
    } else if let Some(chart) = weights_chart(results, addresses) {
        sheet.insert_chart(place.row, SECOND, &chart)?;
    }
    Ok(())
}

fn rmse_chart(results: &Results, addresses: &Addresses, place: &Place) -> Chart {
    let summary = addresses.names.summary.name.as_str();
    let mut chart = new_chart("Which optimizer gets there first?", "epoch", "RMSE");
    chart.set_alt_text("RMSE over all samples after each epoch, a line for each optimizer");
    let first = place.rmse_heads + 1;
    for (index, run) in results.runs.iter().enumerate().take(MOST_LINES) {
        let (column, last) = (index as u16 + 1, first + run.epochs() as u32);
        chart
            .add_series()
            .set_name((summary, place.rmse_heads, column))
            .set_categories((summary, first, 0, last, 0))
            .set_values((summary, first, column, last, column))
            .set_format(&mut line(index));
    }
    chart.x_axis().set_min(0).set_max(results.epochs() as f64);
    if let Some((lowest, highest)) = log_scale(results) {
        chart.y_axis().set_log_base(10).set_min(lowest).set_max(highest);
        chart.y_axis().set_crossing(ChartAxisCrossing::Min);
    }
    chart
}

/// The ends of a logarithmic axis, where the errors span so much that a linear one hides most.
/// A run that diverges leaves the chart at its top instead of pressing all others to its bottom.
fn log_scale(results: &Results) -> Option<(f64, f64)> {
    let errors = results.well().flat_map(|(_, run)| {
        let start = std::iter::once(run.outcome.start_rmse);
        start.chain(run.outcome.epochs.iter().map(|epoch| epoch.rmse))
    });
    let errors: Vec<f64> = errors.filter_map(|error| error.get().ok()).collect();
    let lowest = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = errors.iter().copied().fold(0.0, f64::max);
    let decade = |error: f64| pxfm::f_log10(error);
    let end = |exponent: f64| 10_f64.powi(exponent as i32);
    let wide = lowest > 0.0 && highest / lowest > 30.0;
    wide.then(|| (end(decade(lowest).floor()), end(decade(highest).ceil())))
}

fn path_chart(results: &Results, addresses: &Addresses, place: &Place) -> Chart {
    let names = &addresses.names;
    let (summary, by_epoch) = (names.summary.name.as_str(), names.epochs.name.as_str());
    let weights = results.weights();
    let title = format!("The path of ({}, {})", weights[0], weights[1]);
    let mut chart = new_chart(&title, weights[0], weights[1]);
    chart.set_alt_text("The weights after each step, a line for each optimizer");
    let epochs = EpochsLayout::new(results);
    for (index, run) in results.well().take(MOST_LINES) {
        let layout = &addresses.traces[index];
        let series = chart.add_series();
        series.set_name(run.sheet.name.as_str()).set_format(&mut line(index));
        let name = layout.sheet.name.as_str();
        let [a, b] = [0, 1].map(|weight| run.sheet.weights[weight].next as u16);
        if run.rows <= LONGEST_PATH && layout.spread.is_whole() {
            let last = layout.spread.page(0).last;
            series.set_categories((name, layout.start, a, last, a));
            series.set_values((name, layout.start, b, last, b));
        } else {
            let (first, last) = (epochs.row(index, 1), epochs.last_row(index));
            series.set_categories((by_epoch, first, WEIGHTS, last, WEIGHTS));
            series.set_values((by_epoch, first, WEIGHTS + 1, last, WEIGHTS + 1));
        }
    }
    if results.exact.is_none() {
        return chart;
    }
    let (row, column) = place.exact;
    let mut star = ChartMarker::new();
    star.set_type(ChartMarkerType::Star).set_size(11);
    let black = Color::RGB(0x000000);
    star.set_format(
        ChartFormat::new()
            .set_border(ChartLine::new().set_color(black).set_width(1.5))
            .set_solid_fill(ChartSolidFill::new().set_color(black)),
    );
    chart
        .add_series()
        .set_name("exact least squares")
        .set_categories((summary, row, column, row, column))
        .set_values((summary, row, column + 1, row, column + 1))
        .set_marker(&star)
        .set_format(ChartFormat::new().set_no_line());
    chart
}

/// The weights of the run that came nearest to the data, epoch by epoch: what stands for the path
/// where there are not two weights to draw it over.
fn weights_chart(results: &Results, addresses: &Addresses) -> Option<Chart> {
    let by_epoch = addresses.names.epochs.name.as_str();
    let rmse = |run: &Run| run.outcome.last().and_then(|last| last.rmse.get().ok());
    let finals = results.runs.iter().enumerate().filter_map(|(at, run)| Some((at, rmse(run)?)));
    let (index, _) = finals.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let run = &results.runs[index];
    let name = &run.sheet.name;
    let mut chart = new_chart(&format!("The weights of {name}"), "epoch", "weight");
    chart.set_alt_text("The weights after each epoch, a line for each weight");
    let epochs = EpochsLayout::new(results);
    let (first, last) = (epochs.row(index, 1), epochs.last_row(index));
    for (at, weight) in results.weights().into_iter().enumerate() {
        let column = WEIGHTS + at as u16;
        chart
            .add_series()
            .set_name(weight)
            .set_categories((by_epoch, first, EPOCH, last, EPOCH))
            .set_values((by_epoch, first, column, last, column))
            .set_format(&mut line(at));
    }
    chart.x_axis().set_min(0).set_max(run.epochs() as f64);
    Some(chart)
}

/// An empty chart of lines with its titles.
pub fn new_chart(title: &str, x: &str, y: &str) -> Chart {
    let grey = Color::RGB(0xD9D9D9);
    let mut grid = ChartLine::new();
    grid.set_color(grey).set_width(0.75);
    let mut chart = Chart::new(ChartType::ScatterStraight);
    chart.title().set_name(title).set_overlay(false);
    // Labels stay at the edges where an axis passes through the chart.
    chart.x_axis().set_name(x).set_major_gridlines(false);
    chart.y_axis().set_name(y).set_major_gridlines_line(&grid);
    for axis in [Chart::x_axis, Chart::y_axis] {
        axis(&mut chart).set_label_position(ChartAxisLabelPosition::Low);
    }
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.set_width(WIDTH).set_height(HEIGHT);
    chart
}

/// The line of the run with the given index.
pub fn line(run: usize) -> ChartFormat {
    let mut line = ChartLine::new();
    line.set_color(Color::RGB(colour(run))).set_width(1.75);
    // Where the colours start again, the dashes change.
    if let Some(round) = (run / COLOURS).checked_sub(1) {
        line.set_dash_type(DASHES[round % DASHES.len()]);
    }
    let mut format = ChartFormat::new();
    format.set_line(&line);
    format
}
