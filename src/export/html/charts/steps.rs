//! Charts by step: the loss, and what the optimizers remember.

use super::super::chart::key;
use super::super::figure::{LegendEntry, Table, TableRow};
use super::super::formulas::in_symbols;
use super::super::markup::Markup;
use super::super::numbers::{brief, things};
use super::collect::{Track, Tracks, table_rows};
use super::frame::{NARROW, PANEL, TALL_PANEL, WIDE};
use super::lines::{Line, Lines};
use super::{Figure, chosen_on_axis, columns_of, single_quoted, told, unit};
use crate::formula::escape;
use crate::trace::Results;
use crate::value::Value;

/// How many small charts stand side by side and below each other at most.
pub(super) const MOST_PANELS: usize = 16;

/// How many lines a small chart of the usual height has room for.
const FEW_LINES: usize = 6;

/// Of how many runs the loss of each sample is drawn behind the mean.
const MOST_FAINT: usize = 6;

/// The loss by step.
pub fn loss(results: &Results, tracks: &[Tracks]) -> Figure {
    let mut lines: Vec<Line> = Vec::new();
    let has_faint = results.runs.len() <= MOST_FAINT;
    if has_faint {
        lines.extend(results.runs.iter().enumerate().map(|(at, run)| Line {
            run: at,
            name: format!("{}, this sample", run.sheet.name),
            points: tracks[at].loss.points.clone(),
            faint: true,
            column: Some(run.sheet.loss),
        }));
    }
    let mean = |at: usize| &tracks[at].mean;
    lines.extend(lines_of(results, mean, |_| None));
    let well: Vec<usize> = results.well().map(|(at, _)| at).collect();
    let means: Vec<f64> = numbers(well.iter().map(|at| &tracks[*at].mean));
    let all: Vec<f64> = numbers(well.iter().flat_map(|at| [&tracks[*at].loss, &tracks[*at].mean]));
    let (range, logarithmic) = range(&means, &all, true);
    let unit = unit(results);
    let name = if results.model().is_squared { "squared error" } else { "loss" };
    let chart = Lines {
        id: "loss".into(),
        title: format!("Loss by {unit}, a line for each optimizer"),
        description: ends(results, mean, "the mean loss of the last pass"),
        titles: (unit.into(), format!("{name}, mean of the last pass over the data")),
        unit: unit.into(),
        last: results.rows(),
        range,
        logarithmic,
        lines,
    };
    let samples = things(results.data.samples(), "sample");
    let mut caption =
        format!("The mean of the losses of the last {samples} (at first, of those seen so far).");
    if has_faint {
        caption += &format!(
            " Pale: the loss of the one sample that each {unit} sees, with the weights of that \
             {unit}; it jumps, since samples differ."
        );
    }
    if logarithmic {
        caption += " The scale is logarithmic: equal distances are equal factors.";
    }
    if let Some(best) = lowest(results, mean) {
        caption += &format!(" {best}");
    }
    caption += &told(results, "its line leaves the chart");
    Figure {
        id: "loss",
        short: "How does the loss fall?".into(),
        question: format!("How does the loss fall, {unit} by {unit}?"),
        body: Markup::trusted(format!(
            "<div class=\"plots\" data-chart='{}'>{}{}</div>",
            single_quoted(&chart.data()),
            chart.draw(WIDE),
            chart.draw(NARROW)
        )),
        legend: legend(results, |_| true),
        caption,
        chosen: chosen_on_axis(results),
        table: table(
            results,
            "The mean loss of the last pass",
            &[(String::new(), mean_of(results, tracks))],
        ),
    }
}

pub(super) type Column<'a> = Vec<Option<&'a Track>>;

fn mean_of<'a>(results: &Results, tracks: &'a [Tracks]) -> Column<'a> {
    (0..results.runs.len()).map(|at| Some(&tracks[at].mean)).collect()
}

/// A run's line of a quantity.
pub(super) fn lines_of<'a>(
    results: &Results,
    track: impl Fn(usize) -> &'a Track,
    column: impl Fn(usize) -> Option<usize>,
) -> Vec<Line> {
    let line = |(at, run): (usize, &crate::trace::Run)| Line {
        run: at,
        name: run.sheet.name.clone(),
        points: track(at).points.clone(),
        faint: false,
        column: column(at),
    };
    results.runs.iter().enumerate().map(line).collect()
}

pub(super) fn numbers<'a>(tracks: impl Iterator<Item = &'a Track>) -> Vec<f64> {
    let points = tracks.flat_map(|track| track.points.iter().map(|point| point.1));
    points.filter(|value| value.is_finite()).collect()
}

/// An axis for all values; `from` are those that a logarithmic one starts at. Whether it is
/// logarithmic: where positive values differ much.
pub(super) fn range(from: &[f64], all: &[f64], may_be_logarithmic: bool) -> ((f64, f64), bool) {
    let low = all.iter().copied().fold(f64::INFINITY, f64::min);
    let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return ((0.0, 1.0), false);
    }
    let least = from.iter().copied().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
    if may_be_logarithmic && low >= 0.0 && high > 0.0 && least.is_finite() && high / least > 30.0 {
        return ((least.max(high * 1e-30), high), true);
    }
    ((low.min(0.0), high.max(0.0)), false)
}

/// Where a quantity is lowest at the end.
fn lowest<'a>(results: &Results, track: impl Fn(usize) -> &'a Track) -> Option<String> {
    let end = |at: usize| track(at).points.last().map(|point| point.1).filter(|y| y.is_finite());
    let ends: Vec<(usize, f64)> =
        results.well().filter_map(|(at, _)| Some((at, end(at)?))).collect();
    let best = ends.iter().min_by(|one, other| one.1.total_cmp(&other.1))?;
    let worst = ends.iter().max_by(|one, other| one.1.total_cmp(&other.1))?;
    let name = |at: usize| &results.runs[at].sheet.name;
    let number = |value: f64| brief(Value::number(value));
    Some(match best.0 == worst.0 {
        true => format!("{} ends at {}.", name(best.0), number(best.1)),
        false => format!(
            "{} ends lowest, at {}; {} ends highest, at {}.",
            name(best.0),
            number(best.1),
            name(worst.0),
            number(worst.1)
        ),
    })
}

pub(super) fn ends<'a>(
    results: &Results,
    track: impl Fn(usize) -> &'a Track,
    what: &str,
) -> String {
    let end = |(at, run): (usize, &crate::trace::Run)| {
        let last = track(at).points.last().filter(|point| point.1.is_finite());
        let value = last.map_or("no number".to_owned(), |last| brief(Value::number(last.1)));
        format!("{}: {value}", run.sheet.name)
    };
    let ends: Vec<String> = results.runs.iter().enumerate().map(end).collect();
    format!("At the end, {what}: {}.", ends.join(", "))
}

pub(super) fn legend(results: &Results, shown: impl Fn(usize) -> bool) -> Vec<LegendEntry> {
    let runs = results.runs.iter().enumerate().filter(|(at, _)| shown(*at));
    runs.map(|(at, run)| LegendEntry { key: key(at), name: run.sheet.name.clone() }).collect()
}

/// A table by step: for each quantity a column for each run that has it.
pub(super) fn table(results: &Results, caption: &str, quantities: &[(String, Column)]) -> Table {
    let rows = table_rows(results);
    let (mut heads, mut columns) = (vec![unit(results).to_owned()], Vec::new());
    for (quantity, tracks) in quantities {
        for (run, track) in results.runs.iter().zip(tracks) {
            let Some(track) = track else { continue };
            let comma = if quantity.is_empty() { "" } else { ", " };
            heads.push(format!("{quantity}{comma}{}", run.sheet.name));
            columns.push(track.table.clone());
        }
    }
    let (cells, fractions) = columns_of(&columns, rows.len());
    let rows = rows.iter().zip(cells);
    Table {
        caption: caption.to_owned(),
        heads,
        rows: rows.map(|(row, cells)| TableRow { head: row.to_string(), cells }).collect(),
        fractions,
    }
}

/// The small charts of a figure.
pub(super) fn panels(charts: &[Lines]) -> Markup {
    let most = charts.iter().map(|chart| chart.lines.len()).max().unwrap_or(0);
    let shape = if most > FEW_LINES { TALL_PANEL } else { PANEL };
    let panel = |chart: &Lines| {
        format!(
            "<div class=\"multiple\" data-chart='{}' data-name=\"{}\">{}</div>",
            single_quoted(&chart.data()),
            escape(&chart.title),
            chart.draw(shape)
        )
    };
    let panels: String = charts.iter().map(panel).collect();
    Markup::trusted(format!("<div class=\"multiples\">{panels}</div>"))
}

/// What the optimizers remember: a small chart for each quantity and weight. `None` where they
/// remember nothing.
pub fn memory(results: &Results, tracks: &[Tracks]) -> Option<Figure> {
    let mut ids: Vec<&str> = Vec::new();
    for (run, tracks) in results.runs.iter().zip(tracks) {
        let new = tracks.states.iter().map(|(at, _)| run.sheet.columns[*at].id.as_str());
        for id in new {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    let all = ids.len();
    ids.truncate(MOST_PANELS);
    let state = |at: usize, id: &str| {
        let columns = &results.runs[at].sheet.columns;
        tracks[at].states.iter().find(|(column, _)| columns[*column].id == id)
    };
    let charts: Vec<Lines> =
        ids.iter().map(|id| state_chart(results, id, &|at| state(at, id))).collect();
    let has = |at: usize| ids.iter().any(|id| state(at, id).is_some());
    let none: Vec<&str> = (0..results.runs.len())
        .filter(|at| tracks[*at].states.is_empty())
        .map(|at| results.runs[at].sheet.name.as_str())
        .collect();
    let unit = unit(results);
    let mut caption = format!(
        "What is carried from {unit} to {unit}, all over the same axis of {unit}s: {}.",
        meanings(results, &ids, &charts)
    );
    if !none.is_empty() {
        caption += &format!(
            " {} remember{} nothing.",
            none.join(", "),
            if none.len() == 1 { "s" } else { "" }
        );
    }
    if all > ids.len() {
        caption += &format!(" The first {} of {all} quantities; the workbook has all.", ids.len());
    }
    caption += &told(results, "its lines leave the charts");
    let columns: Vec<(String, Column)> = ids
        .iter()
        .zip(&charts)
        .map(|(id, chart)| {
            let runs = 0..results.runs.len();
            (chart.titles.1.clone(), runs.map(|at| state(at, id).map(|one| &one.1)).collect())
        })
        .collect();
    (!charts.is_empty()).then(|| Figure {
        id: "memory",
        short: "What do the optimizers remember?".into(),
        question: "What do the optimizers remember?".into(),
        body: panels(&charts),
        legend: legend(results, has),
        caption,
        chosen: chosen_on_axis(results),
        table: table(results, "What is remembered", &columns),
    })
}

/// What the charts show, in words: for the first weight, since the others have the same.
fn meanings(results: &Results, ids: &[&str], charts: &[Lines]) -> String {
    let weights = results.weights();
    let is_first = |id: &str| !weights[1..].iter().any(|one| id.ends_with(&format!("_{one}")));
    let shown = ids.iter().zip(charts).filter(|(id, _)| is_first(id));
    let told = shown.map(|(_, chart)| {
        let meaning = in_symbols(&chart.description);
        format!("{} ({meaning})", chart.titles.1)
    });
    let told = told.collect::<Vec<_>>().join(", ");
    match weights.len() {
        1 => told,
        _ => format!("{told}; and the same for each other weight"),
    }
}

fn state_chart<'a>(
    results: &Results,
    id: &str,
    state: &dyn Fn(usize) -> Option<&'a (usize, Track)>,
) -> Lines {
    let runs = || results.runs.iter().enumerate();
    let having = || runs().filter_map(|(at, run)| Some((at, run, state(at)?)));
    let line = |(at, run, (column, track)): (usize, &crate::trace::Run, &(usize, Track))| Line {
        run: at,
        name: run.sheet.name.clone(),
        points: track.points.clone(),
        faint: false,
        column: Some(*column),
    };
    let lines: Vec<Line> = having().map(line).collect();
    let well: Vec<usize> = results.well().map(|(at, _)| at).collect();
    let suited = |at: &usize| well.contains(at) || !having().any(|one| well.contains(&one.0));
    let values = numbers(having().filter(|one| suited(&one.0)).map(|one| &one.2.1));
    let (range, logarithmic) = range(&values, &values, true);
    let first = having().next();
    let (symbol, meaning) = first.map_or((id.to_owned(), String::new()), |(_, run, (at, _))| {
        let column = &run.sheet.columns[*at];
        (column.header.clone(), column.meaning.clone())
    });
    let unit = unit(results);
    Lines {
        id: format!("memory-{}", id.replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
        title: format!("{symbol} by {unit}"),
        description: meaning,
        titles: (unit.into(), symbol),
        unit: unit.into(),
        last: results.rows(),
        range,
        logarithmic,
        lines,
    }
}
