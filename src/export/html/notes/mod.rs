//! Where the notes and the walkthrough are mistaken or say two things, with what that comes to on
//! this run's data: every number is of a run that the engine makes for it.

mod bench;
mod told;

use serde::Serialize;

use super::numbers::brief;
use crate::error::Result;
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
}

#[derive(Debug, Serialize)]
struct Row {
    label: String,
    cells: Vec<Shown>,
}

/// A number with all its digits behind it.
#[derive(Debug, Serialize)]
struct Shown {
    text: String,
    full: String,
    error: bool,
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
    /// Rows of weights with something behind them.
    fn new(caption: String, heads: Vec<String>, rows: Vec<(String, Vec<Value>)>) -> Self {
        let row = |(label, values): (String, Vec<Value>)| Row {
            label,
            cells: values.into_iter().map(Shown::new).collect(),
        };
        Table { caption, heads, rows: rows.into_iter().map(row).collect() }
    }
}

impl Shown {
    fn new(value: Value) -> Self {
        let (text, full) = (brief(value), value.to_string());
        let same = text.replace('−', "-") == full;
        Shown { text, full: if same { String::new() } else { full }, error: value.is_error() }
    }
}
