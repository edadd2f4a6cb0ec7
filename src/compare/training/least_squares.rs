//! The commonest neighbour of gradient descent: a line fitted by least squares, by sums.
//!
//! Cells that are the slope or the intercept of two columns of numbers are recognized as functions:
//! with other numbers in the columns they still are.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::check::agrees;
use super::names;
use crate::data::address::cell_name;
use crate::graph::{CellId, Graph, Values};
use crate::value::number_text;

/// The fewest points that a line is fitted to.
const FEWEST: usize = 3;
/// So many columns of a sheet are looked at.
const MOST_COLUMNS: usize = 60;

/// A line that a sheet fits.
pub(super) struct Fit {
    x: Vec<CellId>,
    y: Vec<CellId>,
    slope: Vec<CellId>,
    intercept: Vec<CellId>,
}

/// What of a sheet is a fit by least squares, in words: what is right, and what is called so and is
/// something else.
pub(super) fn told(graph: &Graph, sheet: usize) -> Option<String> {
    let fit = find(graph, sheet);
    let formulas: Vec<CellId> =
        graph.order().iter().copied().filter(|id| graph.sheet(*id) == sheet).collect();
    let (fit, is_confirmed) = match fit {
        Some(fit) => (fit, true),
        None => (supposed(graph, sheet)?, false),
    };
    let (x, y) = (name(graph, &fit.x), name(graph, &fit.y));
    let line = line(graph.values(), &fit.x, &fit.y)?;
    let places = |cells: &[CellId]| {
        let shown: Vec<String> = cells.iter().map(|id| cell_name(graph.position(*id))).collect();
        shown.join(" and ")
    };
    let parts = [
        ("the slope", SLOPE, &fit.slope, line.0),
        ("the intercept", INTERCEPT, &fit.intercept, line.1),
    ];
    let right: Vec<String> = parts
        .iter()
        .filter(|(_, _, cells, _)| !cells.is_empty())
        .map(|(what, _, cells, _)| {
            format!("{} {} {what}", places(cells), if cells.len() == 1 { "is" } else { "are" })
        })
        .collect();
    let wrong = parts.iter().filter(|(_, _, cells, _)| cells.is_empty());
    let wrong = wrong.flat_map(|(what, words, _, value)| {
        let called = formulas.iter().filter(|id| is_called(graph, **id, words, &fit));
        called.map(move |id| {
            let found = graph.value(*id).number().unwrap_or(f64::NAN);
            format!(
                "{} is called {what}, but is {} and should be {}",
                cell_name(graph.position(*id)),
                number_text(found),
                number_text(*value)
            )
        })
    });
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() && !is_confirmed {
        return None;
    }
    let range = |cells: &[CellId]| {
        let ends =
            [cells.first(), cells.last()].map(|id| id.map(|id| cell_name(graph.position(*id))));
        ends.map(Option::unwrap_or_default).join(":")
    };
    let data = format!("of {y} ({}) over {x} ({})", range(&fit.y), range(&fit.x));
    let right = match right.is_empty() {
        true => data,
        false => format!("{} {data}, and right", right.join(", ")),
    };
    let told: Vec<String> = std::iter::once(right).chain(wrong).collect();
    Some(format!(
        "it fits a line by least squares, in one go and not step by step: {}",
        told.join("; ")
    ))
}

/// What a slope is called.
const SLOPE: &[&str] = &["slope", "steigung", "b1", "beta1"];
/// What an intercept is called.
const INTERCEPT: &[&str] = &["intercept", "achsenabschnitt", "b0", "beta0"];

/// Whether a cell has one of the names and is computed from both columns.
fn is_called(graph: &Graph, id: CellId, words: &[&str], fit: &Fit) -> bool {
    let name = names::own_label(graph, id).unwrap_or_default().to_lowercase();
    words.contains(&name.as_str()) && {
        let mut open = vec![id];
        let mut behind: HashSet<CellId> = HashSet::new();
        while let Some(id) = open.pop() {
            open.extend(graph.inputs(id).iter().copied().filter(|input| behind.insert(*input)));
        }
        fit.x.iter().chain(&fit.y).all(|id| behind.contains(id))
    }
}

/// The only two columns beside each other, where some cell is called the slope of them and is another.
fn supposed(graph: &Graph, sheet: usize) -> Option<Fit> {
    let [x, y] = <[Vec<CellId>; 2]>::try_from(columns(graph, sheet)).ok()?;
    let same_rows = x.len() == y.len() && graph.position(x[0]).0 == graph.position(y[0]).0;
    same_rows.then_some(Fit { x, y, slope: Vec::new(), intercept: Vec::new() })
}

fn name(graph: &Graph, cells: &[CellId]) -> String {
    let named = cells.first().and_then(|id| names::header(graph, *id));
    named.unwrap_or_else(|| "a column".to_owned())
}

fn find(graph: &Graph, sheet: usize) -> Option<Fit> {
    let columns = columns(graph, sheet);
    let formulas = graph.order().iter().filter(|id| graph.sheet(**id) == sheet);
    let mut numbers: Vec<(f64, CellId)> =
        formulas.filter_map(|id| Some((graph.value(*id).number()?, *id))).collect();
    numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let near = |wanted: f64| {
        let from = numbers.partition_point(|(value, _)| *value < wanted && !agrees(*value, wanted));
        let found = numbers[from..].iter().take_while(|(value, _)| agrees(*value, wanted));
        let mut found: Vec<CellId> = found.map(|(_, id)| *id).collect();
        found.sort_unstable();
        found
    };
    for (at, x) in columns.iter().enumerate() {
        for (other, y) in columns.iter().enumerate() {
            let same_rows = x.len() == y.len() && graph.position(x[0]).0 == graph.position(y[0]).0;
            if at == other || !same_rows {
                continue;
            }
            let Some((slope, intercept)) = line(graph.values(), x, y) else { continue };
            let fit =
                Fit { x: x.clone(), y: y.clone(), slope: near(slope), intercept: near(intercept) };
            if let Some(fit) = confirmed(graph, fit) {
                return Some(fit);
            }
        }
    }
    None
}

/// Columns of typed numbers.
fn columns(graph: &Graph, sheet: usize) -> Vec<Vec<CellId>> {
    let mut cells: Vec<(u32, u32, CellId)> = graph
        .cells()
        .filter(|id| {
            graph.sheet(*id) == sheet && graph.is_leaf(*id) && graph.value(*id).number().is_some()
        })
        .map(|id| (graph.position(id).1, graph.position(id).0, id))
        .collect();
    cells.sort_unstable();
    let mut columns: Vec<Vec<(u32, u32, CellId)>> = Vec::new();
    for cell in cells {
        match columns.last_mut() {
            Some(run)
                if run.last().is_some_and(|last| last.0 == cell.0 && last.1 + 1 == cell.1) =>
            {
                run.push(cell)
            }
            _ => columns.push(vec![cell]),
        }
    }
    let long = columns.into_iter().filter(|run| run.len() >= FEWEST).take(MOST_COLUMNS);
    long.map(|run| run.into_iter().map(|(.., id)| id).collect()).collect()
}

/// The slope and the intercept of the least-squares line.
fn line(values: &Values, x: &[CellId], y: &[CellId]) -> Option<(f64, f64)> {
    let n = x.len() as f64;
    let of = |ids: &[CellId]| ids.iter().map(|id| values.number(*id)).collect::<Option<Vec<f64>>>();
    let (x, y) = (of(x)?, of(y)?);
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let xy: f64 = x.iter().zip(&y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let xx: f64 = x.iter().map(|x| (x - mean_x).powi(2)).sum();
    let slope = xy / xx;
    (slope.is_finite() && slope != 0.0).then_some((slope, mean_y - slope * mean_x))
}

/// The cells of a fit that still are what they were with other numbers in the columns.
fn confirmed(graph: &Graph, mut fit: Fit) -> Option<Fit> {
    if fit.slope.is_empty() {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut values = graph.values().clone();
    for id in fit.x.iter().chain(&fit.y) {
        values.set(*id, random.random_range(0.1..1.0));
    }
    graph.evaluate(&mut values, graph.order());
    let (slope, intercept) = line(&values, &fit.x, &fit.y)?;
    let like =
        |id: &CellId, wanted: f64| values.number(*id).is_some_and(|value| agrees(value, wanted));
    fit.slope.retain(|id| like(id, slope));
    fit.intercept.retain(|id| like(id, intercept));
    (!fit.slope.is_empty()).then_some(fit)
}
