//! What the columns of a table hold: measurements, an index, dates, one value all over, or numbers
//! that formulas compute from the others.
//!
//! A table is read twice for it: once to hear how its numbers are written, once for the numbers.

use super::address::Position;
use super::body::{Body, Line};
use super::dates::{self, Order};
use super::evidence::{Certainty, Evidence};
use super::grid::{Grid, Value};
use super::heard::Heard;
use super::kinds::{Kind, kind, logical};
use super::numbers::Style;
use super::regions::Region;
use super::rows::{Rows, cell_in, in_column};
use super::seen::Seen;
use crate::error::Result;

/// What a column of numbers holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Numbers of any kind.
    Numbers,
    /// 1, 2, 3 and so on in any order, or an identifier.
    Index,
    /// Days.
    Dates,
    /// The same number in every row.
    OneValue,
    /// Mostly texts or nothing, with some numbers among them.
    Few,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub column: u32,
    pub header: Option<String>,
    pub holds: Holds,
    /// Whether it is computed from other columns of the table: by formulas, or as its header says.
    pub is_computed: bool,
    /// Whether its header says so.
    pub is_result: bool,
    /// How many numbers it has.
    pub numbers: usize,
    /// Its first values, as a person sees them.
    pub first: Vec<String>,
    /// How its cells are read.
    pub reading: Reading,
    /// Its texts that are numbers: the first one, and how many.
    pub as_text: Option<(Position, Box<str>)>,
    pub as_texts: usize,
    /// Whether some of its numbers are logical values.
    pub has_logical: bool,
    /// How its numbers are written, and a text that shows it.
    pub certainty: Certainty,
    pub example: Option<Box<str>>,
    pub percent: Option<Box<str>>,
    /// A date that can be read in two ways, where nothing says which is right.
    pub open_date: Option<Box<str>>,
}

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    pub style: Style,
    /// For dates: how they are written, and the first of them all.
    pub dates: Option<(Order, f64)>,
}

impl Reading {
    /// The number of a cell, which may be no finite one; none where it holds something else.
    pub fn number(&self, value: &Value) -> Option<f64> {
        if let Some((order, origin)) = self.dates {
            return days(value, order).map(|days| days - origin);
        }
        match value {
            Value::Number(number) => Some(*number),
            Value::Logical(logical) => Some(f64::from(u8::from(*logical))),
            Value::Text(text) => {
                let logical = || logical(text).map(|is| f64::from(u8::from(is)));
                self.style.number(text).or_else(logical)
            }
            _ => None,
        }
    }
}

fn days(value: &Value, order: Order) -> Option<f64> {
    match value {
        Value::Date(day) => day.days,
        Value::Text(text) => dates::parse(text, order),
        _ => None,
    }
}

/// What is known of the whole file about how its numbers are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// The decimal sign, where the user says it.
    pub decimal: Option<char>,
    /// The decimal sign where nothing says it.
    pub usual: char,
}

/// The columns with numbers of a table.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn columns(
    rows: &dyn Rows,
    grid: &Grid,
    region: &Region,
    habits: Habits,
) -> Result<Vec<Column>> {
    let numeric: Vec<u32> = region.numeric().map(|head| head.column).collect();
    let body = Body { rows, grid, region, columns: &numeric };
    let mut heard: Vec<Heard> = numeric.iter().map(|_| Heard::default()).collect();
    let mut count = 0;
    body.each(&mut |_, line| {
        let Line::Cells(cells) = line else { return };
        count += 1;
        for (heard, column) in heard.iter_mut().zip(&numeric) {
            if let Some((at, value)) = cell_in(cells, *column) {
                heard.hear(*at, value, grid, &numeric);
            }
        }
    })?;
    let proof = Evidence::proof_of_all(heard.iter().map(|one| &one.evidence));
    let mut columns: Vec<Column> = numeric
        .iter()
        .zip(&heard)
        .map(|(column, heard)| heard.column(*column, region, proof, habits))
        .collect();
    let mut seen: Vec<Seen> = numeric.iter().map(|_| Seen::default()).collect();
    body.each(&mut |_, line| {
        let Line::Cells(cells) = line else { return };
        for (seen, column) in seen.iter_mut().zip(&columns) {
            let number = in_column(cells, column.column).and_then(|v| column.reading.number(v));
            if let Some(number) = number.filter(|number| number.is_finite()) {
                seen.see(number);
            }
        }
    })?;
    for (column, seen) in columns.iter_mut().zip(&seen) {
        column.numbers = seen.count;
        if let Some((_, origin)) = &mut column.reading.dates {
            *origin = if seen.count > 0 { seen.smallest } else { 0.0 };
        }
        column.holds = seen.holds(column, count);
        // What formulas compute with is no mere number of the row.
        let is_used = heard.iter().any(|other| other.uses.contains(&column.column));
        if column.holds == Holds::Index && is_used {
            column.holds = Holds::Numbers;
        }
    }
    Ok(columns)
}

/// A value as a person sees it in the sheet.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => crate::value::number_text(*number),
        Value::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Logical(true) => "TRUE".to_owned(),
        Value::Logical(false) => "FALSE".to_owned(),
        Value::Error(error) => error.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Uncalculated => "?".to_owned(),
    }
}

/// Whether a cell of a table counts as no number at all.
pub(crate) fn is_no_number(value: &Value) -> bool {
    kind(value) == Kind::Text
}
