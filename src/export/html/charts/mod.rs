//! The charts: what a reader sees of the runs before looking at any number.
//!
//! Each answers a question that stands above it. All are drawn here, so that they are there
//! without any script and print; the script adds values at the pointer and marks the chosen step.

mod collect;
mod fit;
mod frame;
mod lines;
mod others;
mod rates;
mod steps;
mod surface;
mod way;

pub use collect::{Keeper, Tracks};
pub use lines::digits;

use serde::Serialize;

use super::figure::{LegendEntry, Table};
use super::markup::Markup;
use super::numbers::Cell;
use crate::error::Result;
use crate::export::digits::Digits;
use crate::trace::Results;
use crate::value::Value;

use surface::Surface;

/// A chart with what stands around it.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Its name in addresses.
    pub id: &'static str,
    /// The question in short, for the contents.
    pub short: String,
    /// The question that it answers.
    pub question: String,
    /// The drawings.
    pub body: Markup,
    /// What stands for what.
    pub legend: Vec<LegendEntry>,
    /// What there is to see.
    pub caption: String,
    /// How the chosen step is marked.
    pub chosen: String,
    /// The numbers.
    pub table: Table,
}

/// All charts but that of the RMSE, in their order, with the `tracks` of each run.
///
/// # Errors
/// None for formulas that parse.
pub fn charts(results: &Results, tracks: &[Tracks]) -> Result<Vec<Figure>> {
    let surface = Surface::new(results)?;
    let way = match results.weights().len() {
        0 => None,
        1 => Some(others::one_weight(results, &surface)),
        2 => Some(way::two_weights(results, tracks, &surface)?),
        _ => Some(others::many_weights(results)),
    };
    let figures = [
        Some(steps::loss(results, tracks)),
        way,
        Some(fit::figure(results, &surface)),
        steps::memory(results, tracks),
        Some(rates::figure(results, tracks)),
    ];
    Ok(figures.into_iter().flatten().collect())
}

/// How many colours the charts need: the chart of many weights has one for each.
pub fn colours(results: &Results) -> usize {
    results.runs.len().max(results.weights().len().min(others::MOST_WEIGHTS))
}

/// What a row is called on an axis.
fn unit(results: &Results) -> &str {
    results.runs.first().map_or("row", |run| run.sheet.row_name())
}

/// How the chosen step is marked on an axis of steps or epochs.
fn chosen_on_axis(results: &Results) -> String {
    format!("The broken upright line marks the chosen {}.{}", unit(results), stands_out(results))
}

/// Among more runs than this the script makes the chosen one stand out (see charts.js).
const CROWD: usize = 14;

fn stands_out(results: &Results) -> &'static str {
    match results.runs.len() > CROWD {
        true => " The chosen optimizer stands out from the others.",
        false => "",
    }
}

/// What became of the runs that went wrong, for a caption.
fn told(results: &Results, how: &str) -> String {
    const MOST: usize = 6;
    let wrong: Vec<&str> = results
        .runs
        .iter()
        .filter(|run| run.warning.is_some())
        .map(|run| run.sheet.name.as_str())
        .collect();
    if wrong.is_empty() || wrong.len() == results.runs.len() {
        return String::new();
    }
    let more = match wrong.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!(" and {more} more"),
        _ => String::new(),
    };
    let names = wrong[..wrong.len().min(MOST)].join(", ");
    format!(" The axes suit the runs that went well; of {names}{more}, which did not, {how}.")
}

/// Columns of values as rows of cells, and how wide their fractions are.
fn columns_of(columns: &[Vec<Value>], rows: usize) -> (Vec<Vec<Cell>>, Vec<usize>) {
    let shown: Vec<Vec<Cell>> = columns
        .iter()
        .map(|column| {
            let digits = Digits::for_values(column.iter().copied());
            column.iter().map(|value| digits.show(*value)).collect()
        })
        .collect();
    let cell = |column: &Vec<Cell>, row: usize| column.get(row).cloned().unwrap_or_default();
    let cells = (0..rows).map(|row| shown.iter().map(|column| cell(column, row)).collect());
    let width = |column: &Vec<Cell>| column.iter().map(Cell::fraction_width).max().unwrap_or(0);
    (cells.collect(), shown.iter().map(width).collect())
}

/// Text for an attribute between single quotes, where JSON keeps its double ones.
pub fn single_quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('\'', "&#39;").replace('<', "&lt;")
}
