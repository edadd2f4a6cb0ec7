//! The chart of how far each weight moves per unit of gradient.

use super::super::numbers::{brief, things};
use super::collect::{Track, Tracks};
use super::lines::Lines;
use super::steps::{Column, MOST_PANELS, ends, legend, lines_of, numbers, panels, range, table};
use super::{Figure, chosen_on_axis, told, unit};
use crate::trace::Results;
use crate::value::{Value, significant};

/// How far each weight moves per unit of gradient: a small chart for each weight.
pub fn figure(results: &Results, tracks: &[Tracks]) -> Figure {
    let unit = unit(results);
    let names: Vec<&str> = results.weights().into_iter().take(MOST_PANELS).collect();
    let rate = |at: usize, weight: usize| &tracks[at].rates[weight];
    let well: Vec<usize> = results.well().map(|(at, _)| at).collect();
    // All weights share the axis, so that they can be compared.
    let all = numbers(well.iter().flat_map(|at| (0..names.len()).map(|weight| rate(*at, weight))));
    let (mut range, mut logarithmic) = range(&all, &all, false);
    let positive = all.iter().copied().filter(|value| *value > 0.0);
    let least = positive.fold(f64::INFINITY, f64::min);
    if least.is_finite() {
        (range, logarithmic) = ((least.max(range.1 * 1e-12), range.1), true);
    }
    let chart = |(weight, name): (usize, &&str)| Lines {
        id: format!("rate-{weight}"),
        title: format!("The step of {name} per unit of gradient"),
        description: ends(results, |at| rate(at, weight), "the step per unit of gradient"),
        titles: (unit.into(), format!("step of {name} / gradient")),
        unit: unit.into(),
        last: results.rows(),
        range,
        logarithmic,
        lines: lines_of(results, |at| rate(at, weight), |_| None),
    };
    let charts: Vec<Lines> = names.iter().enumerate().map(chart).collect();
    let updates = results.updates(1).unwrap_or(results.data.samples());
    let mut caption = format!(
        "The effective learning rate: how far the weight moved in the last {} (at first, in those \
         so far), divided by the sum of the sizes of its gradients. This holds \
         for any update rule; {} The scale is logarithmic; a line has a gap where all gradients \
         were 0.",
        things(updates, "update"),
        plain_rate(results)
    );
    caption += &unlike(results, tracks);
    caption += &told(results, "its lines leave the charts");
    let columns: Vec<(String, Column)> = names
        .iter()
        .enumerate()
        .map(|(weight, name)| {
            let runs = 0..results.runs.len();
            ((*name).to_owned(), runs.map(|at| Some(rate(at, weight))).collect())
        })
        .collect();
    Figure {
        id: "rates",
        short: "How large is a step per unit of gradient?".into(),
        question: "How large is each weight’s step per unit of gradient?".into(),
        body: panels(&charts),
        legend: legend(results, |_| true),
        caption,
        chosen: chosen_on_axis(results),
        table: table(results, "The step per unit of gradient", &columns),
    }
}

/// What the line of plain gradient descent looks like, the way it is trained here.
fn plain_rate(results: &Results) -> String {
    let sheet = &results.runs[0].sheet;
    let has = |id: &str| {
        sheet.columns.iter().any(|one| one.id == id) || sheet.inputs.iter().any(|one| one.id == id)
    };
    let besides: Vec<&str> =
        [("l2", "the penalty"), ("weight_decay", "weight decay"), ("clip", "clipping")]
            .into_iter()
            .filter(|(id, _)| has(id))
            .map(|(_, name)| name)
            .collect();
    let line = if has("lr_t") { "follows the schedule" } else { "is level" };
    let plain = "plain gradient descent moves by its learning rate times the gradient, so its line";
    match besides.as_slice() {
        [] => format!("{plain} {line}."),
        [one] => format!(
            "{plain} {line}, but for what {one} adds or takes: gradients here are those \
                          of the loss alone."
        ),
        [before @ .., last] => format!(
            "{plain} {line}, but for what {} and {last} add or take: gradients here are those of the \
             loss alone.",
            before.join(", ")
        ),
    }
}

/// Which run treats the weights most unlike each other at the end.
fn unlike(results: &Results, tracks: &[Tracks]) -> String {
    let end = |track: &Track| track.points.last().map(|point| point.1).filter(|end| *end > 0.0);
    let names = results.weights();
    let spread = |at: usize| {
        let ends = tracks[at].rates.iter().enumerate();
        let ends: Vec<(usize, f64)> = ends.filter_map(|(w, one)| Some((w, end(one)?))).collect();
        let least = ends.iter().min_by(|one, other| one.1.total_cmp(&other.1)).copied()?;
        let most = ends.iter().max_by(|one, other| one.1.total_cmp(&other.1)).copied()?;
        Some((at, least, most))
    };
    let spreads = results.well().filter_map(|(at, _)| spread(at));
    let widest =
        spreads.max_by(|one, other| (one.2.1 / one.1.1).total_cmp(&(other.2.1 / other.1.1)));
    match widest {
        Some((at, least, most)) if most.1 / least.1 > 1.5 => format!(
            " At the end {} moves {} {} times as far per unit of gradient as {}.",
            results.runs[at].sheet.name,
            names[most.0],
            brief(Value::number(significant(most.1 / least.1, 3))),
            names[least.0]
        ),
        _ => String::new(),
    }
}
