//! The rows and columns of a table in which the differences begin, number by number.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::numbers::Cell;
use super::{header, size};
use crate::compare::expected::{Beside, Pair};
use crate::compare::marks::{Mark, Marks};
use crate::export::digits::Digits;
use crate::value::{Value, counted};

/// So many columns are shown: those that differ first.
const MOST_COLUMNS: usize = 6;
/// And about so many rows.
const MOST_ROWS: usize = 24;
/// Paper has the rows side by side, so many to a line.
const IN_A_LINE: usize = 8;

/// Theirs, ours and the difference.
#[derive(Serialize)]
pub struct Excerpt {
    /// What is shown of it, in words.
    told: String,
    columns: Vec<Head>,
    /// The rows, as many together as fit a line of paper.
    parts: Vec<Vec<Row>>,
}

#[derive(Serialize)]
struct Head {
    header: String,
    letters: String,
    /// How many characters stand behind the point, for theirs and ours.
    fraction: usize,
}

#[derive(Serialize)]
struct Row {
    /// The row of the sheet, or what is left out.
    number: u32,
    gap: String,
    cells: Vec<Trio>,
}

#[derive(Serialize)]
struct Trio {
    theirs: Cell,
    ours: Cell,
    difference: String,
    /// `cause` or `consequence`, where it differs.
    mark: &'static str,
}

impl Excerpt {
    pub fn new(beside: &Beside, marks: &Marks) -> Self {
        let (pairs, left_out) = chosen_pairs(beside, marks);
        let rows = chosen_rows(beside, &pairs, marks);
        let mut told = "Where the differences begin".to_owned();
        match left_out {
            0 => {}
            1 => told += "; 1 column that differs too is left out",
            more => told += &format!("; {more} columns that differ too are left out"),
        }
        let digits: Vec<Digits> =
            pairs.iter().map(|pair| Digits::for_values(values(beside, pair, &rows))).collect();
        let trio =
            |(pair, digits): (&&Pair, &Digits), row: usize| trio(beside, pair, *digits, row, marks);
        let mut shown: Vec<Row> = Vec::new();
        let mut next = 0;
        for &row in &rows {
            shown.extend(gap(beside, next..row));
            let cells = pairs.iter().zip(&digits).map(|both| trio(both, row)).collect();
            let number = beside.machine.rows[row] + 1;
            shown.push(Row { number, gap: String::new(), cells });
            next = row + 1;
        }
        shown.extend(gap(beside, next..beside.rows()));
        let columns = pairs.iter().enumerate().map(|(at, pair)| Head {
            header: header(beside, pair.hand),
            letters: crate::data::address::column_name(beside.machine.columns[pair.hand].column),
            fraction: fraction(&shown, at),
        });
        let columns = columns.collect();
        let mut parts = Vec::new();
        while !shown.is_empty() {
            let rest = shown.split_off(shown.len().min(IN_A_LINE));
            parts.push(std::mem::replace(&mut shown, rest));
        }
        Excerpt { told, columns, parts }
    }
}

/// The columns that are wrong by themselves or differ first, from left to right, and how many more
/// differ.
fn chosen_pairs<'a>(beside: &'a Beside, marks: &Marks) -> (Vec<&'a Pair>, usize) {
    let mut pairs: Vec<&Pair> =
        beside.pairs.iter().filter(|pair| !pair.differing.is_empty()).collect();
    pairs.sort_by_key(|pair| {
        let has_cause = cause(beside, pair, marks).is_some();
        (!has_cause, pair.differing.first().copied(), pair.hand)
    });
    let left_out = pairs.len().saturating_sub(MOST_COLUMNS);
    pairs.truncate(MOST_COLUMNS);
    pairs.sort_by_key(|pair| pair.hand);
    (pairs, left_out)
}

/// The first row of a column that is wrong by itself.
fn cause(beside: &Beside, pair: &Pair, marks: &Marks) -> Option<usize> {
    let is_cause =
        |row: &usize| marks.get(beside.index, beside.place(pair.hand, *row)) == Some(Mark::Cause);
    pair.differing.iter().copied().find(is_cause)
}

/// Where a column is wrong by itself or begins to differ, with some rows above and below.
fn chosen_rows(beside: &Beside, pairs: &[&Pair], marks: &Marks) -> Vec<usize> {
    let mut rows = BTreeSet::new();
    let causes = pairs.iter().filter_map(|pair| cause(beside, pair, marks));
    let firsts = pairs.iter().filter_map(|pair| pair.differing.first().copied());
    let mut starts: Vec<usize> = causes.chain(firsts).collect();
    starts.sort_unstable();
    for start in starts {
        for row in start.saturating_sub(2)..(start + 4).min(beside.rows()) {
            if rows.len() < MOST_ROWS {
                rows.insert(row);
            }
        }
    }
    // A row alone is no shorter when it is left out.
    let last = beside.rows() - 1;
    for row in 0..=last {
        let is_near = |other: Option<usize>| other.is_none_or(|other| rows.contains(&other));
        let below = (row < last).then_some(row + 1);
        if is_near(row.checked_sub(1)) && is_near(below) {
            rows.insert(row);
        }
    }
    rows.into_iter().collect()
}

fn values(beside: &Beside, pair: &Pair, rows: &[usize]) -> Vec<Value> {
    let theirs = rows.iter().filter_map(|row| beside.theirs(pair.hand, *row)).map(Value::number);
    theirs.chain(rows.iter().map(|row| beside.ours(pair, *row))).collect()
}

fn trio(beside: &Beside, pair: &Pair, digits: Digits, row: usize, marks: &Marks) -> Trio {
    let mark =
        marks.get(beside.index, beside.place(pair.hand, row)).filter(|mark| *mark != Mark::Remark);
    let difference = match beside.difference(pair, row) {
        Some(difference) => size(difference),
        None => "–".to_owned(),
    };
    let none = || Cell { whole: "none".to_owned(), error: true, ..Cell::default() };
    let theirs = beside.theirs(pair.hand, row);
    Trio {
        theirs: theirs.map_or_else(none, |number| digits.show(Value::number(number))),
        ours: match beside.is_blank(pair.column, row) {
            true => none(),
            false => digits.show(beside.ours(pair, row)),
        },
        difference,
        mark: mark.map_or("", Mark::name),
    }
}

/// What is left out, and how many of its cells differ.
fn gap(beside: &Beside, rows: std::ops::Range<usize>) -> Option<Row> {
    if rows.is_empty() {
        return None;
    }
    let differing = beside.pairs.iter().flat_map(|pair| &pair.differing);
    let gap = match differing.filter(|row| rows.contains(row)).count() {
        0 if rows.len() == 1 => "1 row that agrees".to_owned(),
        0 => format!("{} that agree", counted(rows.len(), "row")),
        1 => format!("{} with 1 cell that differs", counted(rows.len(), "row")),
        cells => {
            format!("{} with {} that differ", counted(rows.len(), "row"), counted(cells, "cell"))
        }
    };
    Some(Row { number: 0, gap, cells: Vec::new() })
}

fn fraction(rows: &[Row], column: usize) -> usize {
    let trios = rows.iter().filter_map(|row| row.cells.get(column));
    trios
        .flat_map(|trio| [trio.theirs.fraction_width(), trio.ours.fraction_width()])
        .max()
        .unwrap_or(0)
}
