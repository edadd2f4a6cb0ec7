//! The cells of one sheet, whatever format they came from.
//!
//! Only cells that hold something are kept, sorted by row and column: a sheet with two cells in
//! opposite corners costs two cells, not the seventeen thousand million between them.

use std::fmt;

use super::address::{Area, Position};
use super::formulas::Formulas;
use super::numbers;
use super::stream::FormulaText;

/// The most cells that one sheet may hold: far above any table that a person reads, and small
/// enough (some 300 MB) that no file can exhaust the memory.
pub(crate) const MAX_CELLS: usize = 10_000_000;

/// What a cell holds. Blank cells, and cells whose text is empty or spaces, are not kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number, which may be NaN or infinite in a file written by a program.
    Number(f64),
    /// A text that is not blank.
    Text(Box<str>),
    /// TRUE or FALSE.
    Logical(bool),
    /// An error value, such as `#DIV/0!`; empty where it is not known which.
    Error(Box<str>),
    /// A date or a time.
    Date(Box<Day>),
    /// A formula whose result is not in the file.
    Uncalculated,
}

/// A date or a time of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// As a person knows it: 2021-03-04.
    pub shown: String,
    /// The days since spreadsheets began to count, where they are known.
    pub days: Option<f64>,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Value {
    /// The value of a text; none where it is blank.
    ///
    /// Error values come as text from .csv and from some .ods files.
    pub(crate) fn from_text(text: &str) -> Option<Value> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return None;
        }
        Some(if is_error_value(trimmed) {
            Value::Error(trimmed.into())
        } else {
            Value::Text(trimmed.into())
        })
    }

    /// The text, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What was found, as an error says it: `the text "abc"`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) if number.is_nan() => f.write_str("NaN (not a number)"),
            Value::Number(number) if number.is_infinite() => f.write_str("an infinite number"),
            Value::Number(number) => write!(f, "the number {number}"),
            Value::Text(text) if numbers::is_number(text) => {
                write!(f, "the number {text} stored as text")
            }
            Value::Text(text) => write!(f, "the text \"{}\"", shortened(text)),
            Value::Logical(true) => f.write_str("the logical value TRUE"),
            Value::Logical(false) => f.write_str("the logical value FALSE"),
            Value::Error(error) if error.is_empty() => f.write_str("an error value"),
            Value::Error(error) => write!(f, "the error value {error}"),
            Value::Date(date) => write!(f, "the date or time {date}"),
            Value::Uncalculated => f.write_str("a formula without a cached result"),
        }
    }
}

/// Whether a person would call the text a number: plain, or with a decimal comma.
pub(crate) fn looks_like_number(text: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    number(text) || (text.matches(',').count() == 1 && number(&text.replace(',', ".")))
}

/// Whether the text is an error value of a spreadsheet, old or new.
fn is_error_value(text: &str) -> bool {
    let inner = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_".contains(&b));
    match text.strip_prefix('#') {
        Some("N/A") => true,
        Some(rest) => rest.strip_suffix(['!', '?']).is_some_and(|name| {
            !name.is_empty() && inner(name) && !name.bytes().any(|b| b.is_ascii_lowercase())
        }),
        None => {
            let digits = text.strip_prefix("Err:").unwrap_or("");
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        }
    }
}

/// The text on one line and not longer than an error message bears.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 40 {
        return line;
    }
    line.chars().take(37).chain("...".chars()).collect()
}

/// A cell that could not be read, known only to stand between two others.
///
/// The reading library gives up on error values that are newer than itself, without a place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unread {
    /// What the cell holds.
    pub error: String,
    /// The cell before it, where there is one.
    pub after: Option<Position>,
    /// The cell behind it, where there is one.
    pub before: Option<Position>,
}

/// The cells of a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Grid {
    cells: Vec<(Position, Value)>,
    formulas: Formulas,
    unread: Vec<Unread>,
}

/// A cell with its place.
pub(crate) type Cell = (Position, Value);

/// Why no more cells of a sheet are taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Full {
    /// There are more than [`MAX_CELLS`].
    Cells,
    /// The formulas that differ from each other take too much memory.
    Formulas,
}

impl Grid {
    /// Adds a cell; call [`Grid::finish`] after the last.
    pub(crate) fn push(&mut self, position: Position, value: Value) -> Result<(), Full> {
        if self.cells.len() == MAX_CELLS {
            return Err(Full::Cells);
        }
        self.cells.push((position, value));
        Ok(())
    }

    /// Notes what a formula looks at.
    pub(crate) fn add_formula(&mut self, position: Position, formula: FormulaText) {
        self.formulas.add(position, formula);
    }

    /// Notes a cell that could not be read.
    pub(crate) fn push_unread(&mut self, unread: Unread) {
        self.unread.push(unread);
    }

    /// Sorts the cells (files need not keep their order) and keeps the last of equal positions.
    pub(crate) fn finish(mut self) -> Grid {
        if !self.cells.is_sorted_by(|a, b| a.0 < b.0) {
            self.cells.reverse();
            self.cells.sort_by_key(|(position, _)| *position);
            self.cells.dedup_by_key(|(position, _)| *position);
        }
        self
    }

    /// The cells inside `area` only.
    pub(crate) fn within(mut self, area: &Area) -> Grid {
        self.cells.retain(|(position, _)| area.contains(*position));
        self
    }

    /// The value of a cell, none where it is blank.
    pub(crate) fn get(&self, position: Position) -> Option<&Value> {
        let index = self.cells.binary_search_by_key(&position, |(position, _)| *position).ok()?;
        self.cells.get(index).map(|(_, value)| value)
    }

    /// All cells in the order of rows.
    pub(crate) fn cells(&self) -> &[(Position, Value)] {
        &self.cells
    }

    /// The cells of one row, from left to right.
    pub(crate) fn row(&self, row: u32) -> &[(Position, Value)] {
        let start = self.cells.partition_point(|(position, _)| position.0 < row);
        let end = self.cells.partition_point(|(position, _)| position.0 <= row);
        &self.cells[start..end]
    }

    /// The formulas.
    pub(crate) fn formulas(&self) -> &Formulas {
        &self.formulas
    }

    /// The grid with rows for columns, to read a table that lies in rows as one that stands.
    pub(crate) fn transposed(&self) -> Grid {
        let turned = |(row, column): Position| (column, row);
        let cells = self.cells.iter().map(|(at, value)| (turned(*at), value.clone()));
        // What could not be read stands between two cells of a row and has no place here.
        let grid = Grid {
            cells: cells.collect(),
            formulas: self.formulas.transposed(),
            unread: Vec::new(),
        };
        grid.finish()
    }

    /// The unreadable cells that may stand at the blank `position`.
    pub(crate) fn unread_at(&self, position: Position) -> impl Iterator<Item = &Unread> {
        self.unread.iter().filter(move |unread| {
            unread.after.is_none_or(|after| after < position)
                && unread.before.is_none_or(|before| position < before)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_in_any_order_and_the_last_of_two_counts() {
        let mut grid = Grid::default();
        for (position, number) in [((2, 1), 3.0), ((0, 0), 1.0), ((2, 1), 4.0), ((2, 0), 2.0)] {
            grid.push(position, Value::Number(number)).expect("few cells");
        }
        let grid = grid.finish();
        assert_eq!(grid.get((2, 1)), Some(&Value::Number(4.0)));
        assert_eq!(grid.get((1, 1)), None);
        assert_eq!(grid.row(2).len(), 2);
        assert_eq!(grid.transposed().get((0, 2)), Some(&Value::Number(2.0)));
        assert_eq!(grid.within(&Area { first: (2, 0), last: (9, 0) }).cells().len(), 1);
    }

    #[test]
    fn a_value_says_what_it_is() {
        let text = |text| Value::from_text(text).map(|value| value.to_string());
        assert_eq!(text(" "), None);
        assert_eq!(text("abc").as_deref(), Some("the text \"abc\""));
        assert_eq!(text(" 12 ").as_deref(), Some("the number 12 stored as text"));
        assert_eq!(text("1,5").as_deref(), Some("the number 1,5 stored as text"));
        assert_eq!(text("#N/A").as_deref(), Some("the error value #N/A"));
        assert_eq!(text("#SPILL!").as_deref(), Some("the error value #SPILL!"));
        assert_eq!(text("Err:502").as_deref(), Some("the error value Err:502"));
        assert_eq!(text("#1").as_deref(), Some("the text \"#1\""));
        let long = "a text that goes on and on over more than one line of a message";
        let short = "the text \"a text that goes on and on over more ...\"";
        assert_eq!(text(long).as_deref(), Some(short));
        assert_eq!(Value::Number(f64::NAN).to_string(), "NaN (not a number)");
    }
}
