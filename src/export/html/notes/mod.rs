//! Where the notes and the walkthrough are mistaken or say two things, with what that comes to on
//! this run's data: every number is of a run that the engine makes for it.

mod bench;
mod told;

use serde::Serialize;

use super::numbers::Cell;
use crate::error::Result;
use crate::export::digits::Digits;
use crate::trace::Results;
use crate::value::Value;
use bench::Bench;

/// A note.
#[derive(Debug, Serialize)]
pub struct Note {
    id: &'static str,
    title: &'static str,
    text: Vec<String>,
    table: Option<Table>,
}

/// The numbers of a note.
#[derive(Debug, Serialize)]
struct Table {
    caption: String,
    heads: Vec<String>,
    rows: Vec<Row>,
    /// How many characters stand behind the point, for each column.
    fractions: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct Row {
    label: String,
    cells: Vec<Cell>,
}

/// The notes that make sense for the run. One that cannot be run, as for a weight that is called
/// like a column of an optimizer, is left out.
///
/// # Errors
/// None for a model that was run.
pub fn notes(results: &Results) -> Result<Vec<Note>> {
    let mut notes = Vec::new();
    let bench = Bench::new(results)?;
    if let Some(bench) = &bench {
        notes.extend(told::swapped(bench).ok());
    }
    if results.model().is_squared {
        notes.extend(told::root_of_the_sum(results));
    }
    if let Some(bench) = &bench {
        if results.model().is_squared {
            notes.extend(told::sign(bench).ok());
        }
        notes.extend(told::hand_over(bench).ok());
        notes.extend(told::forms(bench).ok());
        notes.extend(told::decay(bench).ok());
    }
    Ok(notes)
}

impl Table {
    /// Rows of as many values as there are heads.
    fn new(caption: String, heads: Vec<String>, rows: Vec<(String, Vec<Value>)>) -> Self {
        let column = |index: usize| rows.iter().filter_map(move |(_, values)| values.get(index));
        let digits: Vec<Digits> =
            (0..heads.len()).map(|index| Digits::for_values(column(index).copied())).collect();
        let row = |(label, values): &(String, Vec<Value>)| Row {
            label: label.clone(),
            cells: values.iter().zip(&digits).map(|(value, digits)| digits.show(*value)).collect(),
        };
        let rows: Vec<Row> = rows.iter().map(row).collect();
        let width = |index: usize| {
            let cells = rows.iter().filter_map(|row| row.cells.get(index));
            cells.map(Cell::fraction_width).max().unwrap_or(0)
        };
        Table { caption, fractions: (0..heads.len()).map(width).collect(), heads, rows }
    }
}
