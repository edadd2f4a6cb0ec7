//! What the page's script knows of a table: theirs and ours, column by column.

use std::collections::BTreeSet;

use serde::Serialize;

use super::header;
use crate::compare::expected::{Beside, Pair};
use crate::compare::marks::{Mark, Marks};
use crate::data::address::column_name;
use crate::value::Value;

/// Of a table with more numbers some rows are left out, none of them near where a column begins to differ.
const MOST_NUMBERS: usize = 20_000;
/// So many rows before and after that are kept.
const NEAR: usize = 8;

/// A table.
#[derive(Serialize)]
pub struct Drawn {
    /// The heading of its section.
    id: String,
    /// The rows of the sheet.
    rows: Vec<u32>,
    columns: Vec<Column>,
}

#[derive(Serialize)]
struct Column {
    head: String,
    letters: String,
    theirs: Vec<Option<f64>>,
    /// Ours where it is not theirs, each with its place among the rows; none where the other workbook has nothing.
    ours: Vec<(usize, Option<Value>)>,
    /// A letter a row: `c` for a cause, `f` for what follows from one.
    marks: String,
}

impl Drawn {
    /// The table of the section with the heading `id`.
    pub fn new(id: String, beside: &Beside, marks: &Marks) -> Self {
        let rows = kept(beside);
        let columns = beside.pairs.iter().map(|pair| column(beside, pair, &rows, marks)).collect();
        Drawn { id, columns, rows: rows.iter().map(|row| beside.machine.rows[*row] + 1).collect() }
    }
}

fn kept(beside: &Beside) -> BTreeSet<usize> {
    let (count, numbers) = (beside.rows(), beside.rows() * beside.pairs.len());
    let firsts = beside.pairs.iter().filter_map(|pair| pair.differing.first());
    let near = firsts.flat_map(|row| row.saturating_sub(NEAR)..(row + NEAR).min(count));
    let even = (0..count).step_by(numbers.div_ceil(MOST_NUMBERS).max(1));
    even.chain(near).chain(count.checked_sub(1)).collect()
}

fn column(beside: &Beside, pair: &Pair, rows: &BTreeSet<usize>, marks: &Marks) -> Column {
    let theirs: Vec<Option<f64>> = rows.iter().map(|row| beside.theirs(pair.hand, *row)).collect();
    let differs = |row: &usize| {
        pair.differing.binary_search(row).is_ok() || beside.theirs(pair.hand, *row).is_none()
    };
    let ours =
        |row: usize| Some(beside.ours(pair, row)).filter(|_| !beside.is_blank(pair.column, row));
    let differing = rows.iter().enumerate().filter(|(_, row)| differs(row));
    Column {
        head: header(beside, pair.hand),
        letters: column_name(beside.machine.columns[pair.hand].column),
        theirs,
        ours: differing.map(|(at, row)| (at, ours(*row))).collect(),
        marks: rows
            .iter()
            .map(|row| letter(marks.get(beside.index, beside.place(pair.hand, *row))))
            .collect(),
    }
}

fn letter(mark: Option<Mark>) -> char {
    match mark {
        Some(Mark::Cause) => 'c',
        Some(Mark::Consequence) => 'f',
        Some(Mark::Remark) | None => '.',
    }
}
