//! Some rows of a table, from where the differences begin: the script of the page shows others in their place.

use serde::Serialize;

use super::{header, size};
use crate::compare::expected::{Beside, Pair};
use crate::compare::marks::{Mark, Marks};
use crate::data::address::column_name;
use crate::export::digits::Digits;
use crate::export::html::numbers::Cell;
use crate::value::Value;

/// So many rows are shown, and so many of them before the first that differs.
const ROWS: usize = 7;
const BEFORE: usize = 2;

/// Theirs, ours and the difference of the columns that differ.
#[derive(Serialize)]
pub struct Excerpt {
    rows: Vec<u32>,
    columns: Vec<Lines>,
}

/// A column, a line for each side.
#[derive(Serialize)]
struct Lines {
    head: String,
    theirs: Vec<Shown>,
    ours: Vec<Shown>,
    difference: Vec<Shown>,
}

/// A number with all of its digits, and what is the matter with it.
#[derive(Serialize)]
struct Shown {
    text: String,
    full: String,
    mark: &'static str,
}

impl Excerpt {
    /// The rows in which the differences of a table begin.
    pub fn new(beside: &Beside, marks: &Marks) -> Self {
        let differing = || beside.pairs.iter().filter(|pair| !pair.differing.is_empty());
        let first = differing().filter_map(|pair| start(beside, pair, marks)).min();
        let first = first.unwrap_or(0).min((beside.rows() + BEFORE).saturating_sub(ROWS));
        let from = first.saturating_sub(BEFORE);
        let rows: Vec<usize> = (from..(from + ROWS).min(beside.rows())).collect();
        Excerpt {
            columns: differing().map(|pair| lines(beside, pair, &rows, marks)).collect(),
            rows: rows.iter().map(|row| beside.machine.rows[*row] + 1).collect(),
        }
    }
}

/// Where a column is wrong by itself, else where it begins to differ.
fn start(beside: &Beside, pair: &Pair, marks: &Marks) -> Option<usize> {
    let is_cause =
        |row: &&usize| marks.get(beside.index, beside.place(pair.hand, **row)) == Some(Mark::Cause);
    pair.differing.iter().find(is_cause).or(pair.differing.first()).copied()
}

fn lines(beside: &Beside, pair: &Pair, rows: &[usize], marks: &Marks) -> Lines {
    let theirs = |row: &usize| beside.theirs(pair.hand, *row).map(Value::number);
    let ours =
        |row: &usize| Some(beside.ours(pair, *row)).filter(|_| !beside.is_blank(pair.column, *row));
    let numbers = rows.iter().flat_map(|row| [theirs(row), ours(row)]).flatten();
    let digits = Digits::for_values(numbers);
    let none = || Cell { whole: "none".to_owned(), ..Cell::default() };
    let shown = |value: Option<Value>, mark| {
        let cell = value.map_or_else(none, |value| digits.show(value));
        Shown { text: cell.whole + &cell.fraction, full: cell.full, mark }
    };
    let mark = |row: &usize| match marks.get(beside.index, beside.place(pair.hand, *row)) {
        None | Some(Mark::Remark) => "",
        Some(mark) => mark.name(),
    };
    let difference = |row: &usize| Shown {
        text: beside.difference(pair, *row).map_or("–".to_owned(), size),
        full: String::new(),
        mark: mark(row),
    };
    let letters = column_name(beside.machine.columns[pair.hand].column);
    Lines {
        head: format!("{} ({letters})", header(beside, pair.hand)),
        theirs: rows.iter().map(|row| shown(theirs(row), mark(row))).collect(),
        ours: rows.iter().map(|row| shown(ours(row), "")).collect(),
        difference: rows.iter().map(difference).collect(),
    }
}
