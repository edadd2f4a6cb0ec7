//! The curve over one varied value: the final RMSE, a line for each optimizer.

use serde::Serialize;

use crate::export::html::chart::{Chart, Series};
use crate::export::html::key::LegendEntry;
use crate::export::html::markup::Markup;
use crate::export::html::numbers::brief;
use crate::export::html::overlay::Overlay;
use crate::export::html::scale::Scale;
use crate::trace::sweep::{Curve, Sweep, SweptRun};
use crate::value::Value;

/// How many ticks an axis has, about.
const TICKS: usize = 6;

/// A line with more points than this has marks on some of them.
const MOST_MARKS: usize = 40;

/// A chart with its legend and caption; its numbers stand in the table of all runs.
#[derive(Debug, Serialize)]
pub struct Picture {
    id: String,
    question: String,
    wide: Markup,
    narrow: Markup,
    legend: Vec<LegendEntry>,
    caption: String,
}

/// The picture of a curve.
pub fn picture(sweep: &Sweep, curve: &Curve) -> Picture {
    let chart = chart(sweep, curve);
    let names: Vec<&str> =
        curve.blocks.iter().map(|block| sweep.setting.blocks[*block].name.as_str()).collect();
    Picture {
        id: chart.id.clone(),
        question: format!(
            "How does {} change where {} end{}?",
            sweep.setting.axes[curve.axis].name,
            super::listed(&names),
            if names.len() == 1 { "s" } else { "" }
        ),
        wide: chart.wide(),
        narrow: chart.narrow(),
        legend: chart.legend(),
        caption: caption(&chart),
    }
}

fn chart(sweep: &Sweep, curve: &Curve) -> Chart {
    let axis = &sweep.setting.axes[curve.axis];
    let y = scale(sweep);
    let below = sweep.convergence.below().filter(|below| (0.0..=1.0).contains(&y.place(*below)));
    let best = sweep.best.and_then(|best| sweep.runs[best].error());
    // Beside the best point there is no room for a text.
    let is_near =
        |below: f64| best.is_some_and(|best| (y.place(best) - y.place(below)).abs() < 0.1);
    let label = |below: f64| match is_near(below) {
        true => String::new(),
        false => format!("converged: {}", brief(Value::number(below))),
    };
    let reference = below.map(|below| (below, label(below)));
    let series: Vec<Series> =
        curve.blocks.iter().map(|block| series(sweep, curve.axis, *block)).collect();
    Chart {
        id: format!("curve-{}", curve.axis),
        title: format!("Final RMSE over {}, a line for each optimizer", axis.name),
        description: sweep.finding(),
        x_title: axis.name.clone(),
        y_title: "final RMSE, in the unit of y".into(),
        x: horizontal(sweep, curve),
        y,
        overlay: overlay(sweep, curve),
        series,
        reference,
    }
}

/// The runs of a block with their value along the axis.
fn points(sweep: &Sweep, axis: usize, block: usize) -> Vec<(usize, f64, &SweptRun)> {
    let runs = sweep.runs.iter().enumerate().filter(|(_, run)| run.block == block);
    runs.filter_map(|(index, run)| Some((index, run.values[axis]?, run))).collect()
}

fn series(sweep: &Sweep, axis: usize, block: usize) -> Series {
    let runs = points(sweep, axis, block);
    let shown = |run: &SweptRun| Value::number(run.error().unwrap_or(f64::NAN));
    // Where the runs of the end of the line begin that are all lost, or all diverged.
    let begin = |is_fine: &dyn Fn(&SweptRun) -> bool| {
        let last = runs.iter().rposition(|(_, _, run)| is_fine(run));
        runs.get(last.map_or(0, |last| last + 1)).map(|(_, value, _)| super::axis_text(*value))
    };
    let diverged = begin(&|run| run.diverged_at.is_none());
    let away = begin(&|run| run.diverged_at.is_none() && !sweep.moved_away(run));
    let name = &sweep.setting.axes[axis].name;
    let lost = match (away, diverged) {
        (Some(away), Some(diverged)) if away == diverged => format!("diverges from {name} {away}"),
        (Some(away), _) => format!("moves away from {name} {away}"),
        (None, _) => "beyond the chart".to_owned(),
    };
    Series {
        run: block,
        name: sweep.setting.blocks[block].name.clone(),
        points: runs.iter().map(|(_, value, run)| (*value, shown(run))).collect(),
        lost,
    }
}

fn horizontal(sweep: &Sweep, curve: &Curve) -> Scale {
    let values =
        || curve.blocks.iter().flat_map(|block| &sweep.setting.blocks[*block].values[curve.axis]);
    let lowest = values().copied().fold(f64::INFINITY, f64::min);
    let highest = values().copied().fold(f64::NEG_INFINITY, f64::max);
    match sweep.setting.axes[curve.axis].logarithmic && lowest > 0.0 {
        true => Scale::logarithmic(lowest, highest, TICKS),
        false => Scale::linear(lowest, highest, TICKS),
    }
}

/// The vertical axis, which suits the runs that came nearer to the data.
fn scale(sweep: &Sweep) -> Scale {
    let (lowest, highest) = sweep.extremes().unwrap_or((0.0, 1.0));
    match lowest > 0.0 && highest / lowest > 30.0 {
        true => Scale::logarithmic(lowest, highest, TICKS),
        false => Scale::linear(0.0, highest, TICKS),
    }
}

fn overlay(sweep: &Sweep, curve: &Curve) -> Overlay {
    let is_here = |index: &usize| curve.blocks.contains(&sweep.runs[*index].block);
    let best = sweep.best.filter(is_here).and_then(|index| {
        let run = &sweep.runs[index];
        Some((run.values[curve.axis]?, run.rmse))
    });
    let mut lost = Vec::new();
    for block in &curve.blocks {
        for (index, value, run) in points(sweep, curve.axis, *block) {
            if run.diverged_at.is_some() {
                let name = &sweep.setting.blocks[*block].name;
                let told = format!("{name}, {}: {}", sweep.values_of(run), sweep.mark(index));
                lost.push((*block, value, told));
            }
        }
    }
    let empty = match curve.blocks.as_slice() {
        [block] => empty(sweep, curve.axis, *block),
        _ => Vec::new(),
    };
    Overlay { most_marks: MOST_MARKS, best, lost, empty }
}

/// The stretches in which every run diverged, up to half way to those that did not.
fn empty(sweep: &Sweep, axis: usize, block: usize) -> Vec<(f64, f64)> {
    let points = points(sweep, axis, block);
    let between = |one: usize, other: usize| {
        let (one, other) = (points[one].1, points[other].1);
        match sweep.setting.axes[axis].logarithmic && one > 0.0 {
            true => one.sqrt() * other.sqrt(),
            false => one / 2.0 + other / 2.0,
        }
    };
    let last = points.len() - 1;
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    for (at, _) in points.iter().enumerate().filter(|(_, (_, _, run))| run.diverged_at.is_some()) {
        let from = if at == 0 { points[0].1 } else { between(at - 1, at) };
        let to = if at == last { f64::MAX } else { between(at, at + 1) };
        match stretches.last_mut().filter(|(_, end)| *end == from) {
            Some(stretch) => stretch.1 = to,
            None => stretches.push((from, to)),
        }
    }
    stretches
}

fn caption(chart: &Chart) -> String {
    let mut text = "The root mean squared error over all samples with the final weights, a point \
                    for each run."
        .to_owned();
    let scales = match (chart.x.logarithmic, chart.y.logarithmic) {
        (true, true) => " Both scales are logarithmic: equal distances are equal factors.",
        (true, false) => " The horizontal scale is logarithmic.",
        (false, true) => " The vertical scale is logarithmic: equal distances are equal factors.",
        (false, false) => "",
    };
    text += scales;
    if chart.reference.is_some() {
        text += " Below the dotted line a run has converged.";
    }
    if chart.overlay.best.is_some() {
        text += " The ring marks the best run.";
    }
    let points = || chart.series.iter().flat_map(|series| &series.points);
    if points().any(|(_, error)| error.get().is_ok_and(|error| chart.y.place(error) > 1.0)) {
        text += " A line leaves the chart at the top where its runs ended farther from the data.";
    }
    if !chart.overlay.lost.is_empty() {
        text += " Crosses at the top are runs that diverged.";
    }
    if !chart.overlay.empty.is_empty() {
        text += " The ground is hatched where every run diverged.";
    }
    text
}
