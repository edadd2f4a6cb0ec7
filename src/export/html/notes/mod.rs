//! Where the notes and the walkthrough are mistaken or say two things, with what that comes to on
//! this run's data: every number is of a run that the engine makes for it.

mod bench;
mod told;

use serde::Serialize;
use serde_json::Value as Json;

use super::numbers::{Cell, align, digits_of_columns};
use crate::error::Result;
use crate::trace::Results;
use crate::value::Value;
use bench::Bench;

/// A note: which one, whose words are the template's, and a table.
#[derive(Debug, Serialize)]
pub struct Note {
    id: &'static str,
    /// What its words name.
    says: Json,
    caption: String,
    heads: Vec<String>,
    /// Its rows, each with what stands before it.
    rows: Vec<(String, Vec<Cell>)>,
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

impl Note {
    /// The note called `id` with a table of as many values a row as there are heads.
    fn new(
        (id, says): (&'static str, Json),
        caption: String,
        heads: Vec<String>,
        rows: Vec<(String, Vec<Value>)>,
    ) -> Self {
        let (labels, rows): (Vec<String>, Vec<Vec<Value>>) = rows.into_iter().unzip();
        let digits = digits_of_columns(&rows);
        let row = |row: &Vec<Value>| {
            row.iter().zip(&digits).map(|(value, digits)| digits.show(*value)).collect()
        };
        let mut cells: Vec<Vec<Cell>> = rows.iter().map(row).collect();
        align(&mut cells);
        Note { id, says, caption, heads, rows: labels.into_iter().zip(cells).collect() }
    }
}
