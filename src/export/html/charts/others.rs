//! The way of weights that are not two: one along its loss curve, many by epoch.

use super::super::chart::key;
use super::super::figure::LegendEntry;
use super::super::markup::Markup;
use super::super::numbers::brief;
use super::super::scale::Scale;
use super::super::svg::{Svg, shape};
use super::frame::{Frame, NARROW, Shape, WIDE, path};
use super::lines::{Line, Lines};
use super::surface::Surface;
use super::way::{chosen_on_way, spot_key, table};
use super::{Figure, single_quoted, told};
use crate::sheet::InputKind;
use crate::trace::{Results, Run};
use crate::value::Value;

/// How many weights are drawn at most.
pub const MOST_WEIGHTS: usize = 12;

/// How many places the curve has, and how many epochs are marked on it.
const PLACES: usize = 160;
const MOST_EPOCHS: usize = 12;

/// The start value of a weight.
fn start(run: &Run, weight: usize) -> f64 {
    run.sheet.inputs[run.sheet.weights[weight].start].value
}

/// The run that ends nearest to the data, among those that went well.
fn best(results: &Results) -> usize {
    let error = |run: &Run| run.outcome.last().map_or(f64::INFINITY, |last| last.rmse.raw());
    let runs = results.well().map(|(at, run)| (at, error(run)));
    runs.min_by(|one, other| one.1.total_cmp(&other.1)).map_or(0, |one| one.0)
}

/// The weights of the best run by epoch, and how they moved.
pub fn many_weights(results: &Results) -> Figure {
    let run = &results.runs[best(results)];
    let names = results.weights();
    let shown = names.len().min(MOST_WEIGHTS);
    let line = |at: usize| {
        let after = run.outcome.epochs.iter().map(|one| one.weights[at].raw());
        let points = std::iter::once(start(run, at)).chain(after).enumerate();
        Line {
            run: at,
            name: names[at].to_owned(),
            points: points.map(|(epoch, value)| (epoch as f64, value)).collect(),
            faint: false,
            column: None,
        }
    };
    let lines: Vec<Line> = (0..shown).map(line).collect();
    let values = lines.iter().flat_map(|line| line.points.iter().map(|point| point.1));
    let values = || values.clone().filter(|value| value.is_finite());
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let description = lines.iter().map(|line| {
        let end = line.points.last().map_or(f64::NAN, |point| point.1);
        format!("{} ends at {}", line.name, brief(Value::number(end)))
    });
    let description = format!("{}.", description.collect::<Vec<_>>().join(", "));
    let chart = Lines {
        id: "way".into(),
        title: format!("The weights of {} by epoch", run.sheet.name),
        description,
        titles: ("epoch".into(), "weight".into()),
        unit: "epoch".into(),
        last: run.epochs(),
        range: (low, high),
        logarithmic: false,
        lines,
    };
    let entry = |line: &Line| LegendEntry { key: key(line.run), name: line.name.clone() };
    let few = match names.len() > shown {
        true => format!(" The first {shown} of {} weights; the workbook has all.", names.len()),
        false => String::new(),
    };
    Figure {
        id: "way",
        short: "Which way do the weights take?".into(),
        question: "Which way do the weights take?".into(),
        legend: chart.lines.iter().map(entry).collect(),
        body: Markup::trusted(format!(
            "<div class=\"plots\" data-chart='{}'>{}{}</div>",
            single_quoted(&chart.data()),
            chart.draw(WIDE),
            chart.draw(NARROW)
        )),
        caption: format!(
            "The weights of {}, the run that ends with the smallest RMSE, at the end of each epoch; \
             epoch 0 has the start weights. Colours and marks stand for weights here.{few}",
            run.sheet.name
        ),
        chosen: format!("The broken upright line marks the chosen {}.", super::unit(results)),
        table: table(results),
    }
}

/// The loss curve of a single weight, with where each epoch ended on it.
pub fn one_weight(results: &Results, surface: &Surface) -> Figure {
    let name = results.weights()[0].to_owned();
    let sheet = &results.runs[0].sheet;
    let starts = sheet.inputs.iter().filter(|input| input.kind == InputKind::Start);
    let start = starts.map(|input| input.value).next().unwrap_or(0.0);
    let ends = results.well().flat_map(|(_, run)| run.outcome.epochs.iter());
    let ends = ends.map(|one| one.weights[0].raw()).filter(|weight| weight.is_finite());
    let (mut low, mut high) = (start, start);
    for weight in ends {
        (low, high) = (low.min(weight), high.max(weight));
    }
    let size = if high > low { high - low } else { 1.0 };
    let (low, high) = (low - size * 0.3, high + size * 0.3);
    let height = |weight: f64| surface.height(surface.loss(&[weight]));
    let x = Scale::linear(low, high, 8);
    let place = |at: usize| x.low + (x.high - x.low) * at as f64 / PLACES as f64;
    let curve: Vec<(f64, f64)> = (0..=PLACES).map(place).map(|at| (at, height(at))).collect();
    let draw = |shape: Shape| draw_curve(results, surface, &curve, start, shape);
    let entry =
        |(at, run): (usize, &Run)| LegendEntry { key: key(at), name: run.sheet.name.clone() };
    let mut legend: Vec<LegendEntry> = results.runs.iter().enumerate().map(entry).collect();
    legend.push(LegendEntry { key: spot_key("spot", false), name: "start".into() });
    let column = |(at, run): (usize, &Run)| serde_json::json!({ "run": at, "name": run.sheet.name, "columns": [run.sheet.weights[0].next] });
    let data = serde_json::json!({
        "kind": "curve", "unit": super::unit(results), "names": [name, surface.height_name()],
        "points": curve.iter().map(|(x, y)| [super::lines::digits(*x), super::lines::digits(*y)])
            .collect::<Vec<_>>(),
        "series": results.runs.iter().enumerate().map(column).collect::<Vec<_>>(),
    });
    Figure {
        id: "way",
        short: format!("Which way does {name} take?"),
        question: "Which way does the weight take?".into(),
        body: Markup::trusted(format!(
            "<div class=\"plots\" data-chart='{}'>{}{}</div>",
            single_quoted(&data.to_string()),
            draw(WIDE),
            draw(NARROW)
        )),
        legend,
        caption: format!(
            "The curve has the {} over all samples for each value of {name}. The circle is the \
             start; a mark stands where each epoch ended: downhill is the way, and a step too large \
             for the curve lands on its other side.{}",
            surface.height_name(),
            told(results, "the marks may be outside of the chart")
        ),
        chosen: chosen_on_way(results),
        table: table(results),
    }
}

fn draw_curve(
    results: &Results,
    surface: &Surface,
    curve: &[(f64, f64)],
    start: f64,
    shape_of: Shape,
) -> String {
    let height = |weight: f64| surface.height(surface.loss(&[weight]));
    let (first, last) = (curve[0].0, curve[curve.len() - 1].0);
    let heights = || curve.iter().map(|point| point.1).filter(|height| height.is_finite());
    let (low, high) = (heights().fold(0.0, f64::min), heights().fold(0.0, f64::max));
    let frame = Frame {
        shape: shape_of,
        x: Scale::linear(first, last, shape_of.ticks.0.min(8)),
        y: Scale::linear(low, high, shape_of.ticks.1),
    };
    let name = results.weights()[0];
    let id = format!("way-{}", shape_of.suffix);
    let title = format!("The {} by {name}, and the way on it", surface.height_name());
    let end = |run: &Run| {
        let last = run.outcome.last().map_or(Value::ZERO, |last| last.weights[0]);
        format!("{} ends at {name} = {}", run.sheet.name, brief(last))
    };
    let ends: Vec<String> = results.runs.iter().map(end).collect();
    let mut svg = Svg::picture(&id, shape_of.size, &title, &format!("{}.", ends.join(", ")));
    frame.draw_axes(&mut svg, name, false);
    frame.draw_title(&mut svg, surface.height_name());
    let (corner, size) = frame.plot();
    svg.clipped(&format!("{id}-clip"), corner, size, |svg| {
        svg.path("curve", &path(curve.iter().map(|(x, y)| frame.at(*x, *y))));
    });
    for (at, run) in results.runs.iter().enumerate() {
        let stride = run.epochs().div_ceil(MOST_EPOCHS).max(1);
        let shown = run.outcome.epochs.iter().filter(|one| one.epoch % stride == 0);
        let places = shown.map(|one| one.weights[0].raw()).map(|weight| (weight, height(weight)));
        let seen = places.filter(|(x, y)| frame.holds(*x, *y));
        let marks: String = seen.map(|(x, y)| shape(at, frame.at(x, y))).collect();
        svg.group(&format!("marks run-{at}"), |svg| svg.path("", &marks));
    }
    svg.path("spot", &shape(0, frame.at(start, height(start))));
    let (class, plot) = (shape_of.suffix, frame.plot_text());
    format!("<div class=\"{class}\" data-plot=\"{plot}\">{}</div>", svg.finish().as_str())
}
