//! The native chart over one varied value: the final RMSE, a line for each optimizer.

use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartFormat, ChartLine, ChartMarker, ChartMarkerType, ChartSolidFill,
    Color,
};

use super::SHEET;
use super::facts::Facts;
use super::table::Layout;
use crate::export::digits::magnitude;
use crate::export::palette::colour;
use crate::export::xlsx::charts::{line, new_chart};
use crate::trace::sweep::{Curve, Sweep};

/// The rows that a chart covers, of 20 pixels each.
pub const ROWS: u32 = 22;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 420;

/// A wider span than this is easier to read on a logarithmic axis.
const WIDE_SPAN: f64 = 30.0;

const RED: u32 = 0xB00000;

/// The chart of a curve.
pub fn of(sweep: &Sweep, curve: &Curve, layout: &Layout, facts: &Facts) -> Chart {
    let axis = &sweep.setting.axes[curve.axis];
    let title = format!("Which {} ends nearest to the data?", axis.name);
    let mut chart = new_chart(&title, &axis.name, "final RMSE");
    chart.set_width(WIDTH).set_height(HEIGHT);
    chart.set_alt_text("Final RMSE of each run over the varied value, a line for each optimizer");
    let column = layout.axis(curve.axis);
    for &block in &curve.blocks {
        let first = sweep.first_run(block);
        let last = first + sweep.setting.blocks[block].runs() - 1;
        let (first, last) = (layout.row(first), layout.row(last));
        let mut dot = ChartMarker::new();
        let ink = Color::RGB(colour(block));
        dot.set_type(ChartMarkerType::Circle).set_size(5);
        dot.set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(ink)));
        chart
            .add_series()
            .set_name(sweep.setting.blocks[block].name.as_str())
            .set_categories((SHEET, first, column, last, column))
            .set_values((SHEET, first, layout.rmse(), last, layout.rmse()))
            .set_marker(&dot)
            .set_format(&mut line(block));
    }
    let has_best = sweep.best.is_some_and(|best| curve.blocks.contains(&sweep.runs[best].block));
    if has_best {
        let ((x_row, x), (y_row, y)) = (facts.best_value(curve.axis), facts.best_rmse());
        chart
            .add_series()
            .set_name("best")
            .set_categories((SHEET, x_row, x, x_row, x))
            .set_values((SHEET, y_row, y, y_row, y))
            .set_marker(&hollow(ChartMarkerType::Star, 11, 0x000000))
            .set_format(ChartFormat::new().set_no_line());
    }
    if layout.top.is_some() {
        let (first, last) = (layout.row(0), layout.end());
        chart
            .add_series()
            .set_name("diverged")
            .set_categories((SHEET, first, column, last, column))
            .set_values((SHEET, first, layout.marks(), last, layout.marks()))
            .set_marker(&hollow(ChartMarkerType::X, 8, RED))
            .set_format(ChartFormat::new().set_no_line());
    }
    set_axes(&mut chart, sweep, curve);
    chart
}

/// A marker without a fill.
fn hollow(kind: ChartMarkerType, size: u8, colour: u32) -> ChartMarker {
    let mut marker = ChartMarker::new();
    marker.set_type(kind).set_size(size);
    let edge = ChartLine::new().set_color(Color::RGB(colour)).set_width(1.75).clone();
    marker.set_format(ChartFormat::new().set_border(&edge).set_no_fill());
    marker
}

fn set_axes(chart: &mut Chart, sweep: &Sweep, curve: &Curve) {
    let values =
        || curve.blocks.iter().flat_map(|block| &sweep.setting.blocks[*block].values[curve.axis]);
    let lowest = values().copied().fold(f64::INFINITY, f64::min);
    let highest = values().copied().fold(f64::NEG_INFINITY, f64::max);
    if sweep.setting.axes[curve.axis].logarithmic && lowest > 0.0 {
        let x = chart.x_axis();
        x.set_log_base(10).set_min(power_below(lowest)).set_max(power_above(highest));
        x.set_crossing(ChartAxisCrossing::Min);
        if power_below(lowest) < 1e-4 {
            x.set_num_format("0E+00");
        }
    }
    let (low, high, logarithmic) = vertical(sweep);
    let y = chart.y_axis();
    y.set_min(low).set_max(high);
    if logarithmic {
        y.set_log_base(10).set_crossing(ChartAxisCrossing::Min);
    }
}

/// The ends of the vertical axis, and whether it is logarithmic. It suits the runs that came nearer
/// to the data: lines that move away leave the chart at its top.
pub fn vertical(sweep: &Sweep) -> (f64, f64, bool) {
    let (lowest, highest) = sweep.extremes().unwrap_or((0.0, 1.0));
    if lowest > 0.0 && highest / lowest > WIDE_SPAN {
        return (power_below(lowest), power_above(highest), true);
    }
    (0.0, round_above(highest), false)
}

fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::MAX)
}

fn power_below(number: f64) -> f64 {
    power_of_ten(magnitude(number))
}

fn power_above(number: f64) -> f64 {
    let below = power_below(number);
    if below == number { number } else { power_of_ten(magnitude(number) + 1) }
}

/// The next number above with one digit, or two where that is much larger.
fn round_above(number: f64) -> f64 {
    let unit = power_below(number);
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let step = steps.into_iter().find(|step| step * unit > number).unwrap_or(10.0);
    step * unit
}
