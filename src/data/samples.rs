//! Reading the samples of a table that has been found, down to its end.
//!
//! Every cell is either a finite number or an error that names it. A guess here (a text taken as
//! 0, a row left out) would change what the whole program computes, so nothing is guessed.

use super::address::{Area, Position, cell_name, column_name};
use super::fault::{Fault, wrong_value};
use super::grid::{Grid, Value};
use super::locate::Table;
use super::{DataColumn, summary};

/// What was read.
pub(crate) struct Samples {
    pub columns: Vec<DataColumn>,
    /// The cells, such as `B5:C33`.
    pub range: String,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// Reads the samples of `table`.
///
/// # Errors
///
/// Where a cell holds no finite number, a column ends before another, or there is no sample.
pub(crate) fn read(grid: &Grid, table: &Table) -> Result<Samples, Fault> {
    let mut samples =
        Samples { columns: empty_columns(table), range: String::new(), notes: vec![] };
    let columns: Vec<u32> = table.columns.iter().map(|found| found.column).collect();
    let mut row = table.first_row;
    while !is_end(grid, &columns, row)? {
        if let Some(why) = totals(grid, &columns, row) {
            samples.notes.push(format!("row {} is not read as a sample: {why}", row + 1));
            break;
        }
        for (index, column) in samples.columns.iter_mut().enumerate() {
            column.values.push(number(grid, table, index, row)?);
            column.cells.push(cell_name((row, columns[index])));
        }
        row += 1;
    }
    if row == table.first_row {
        return Err(no_sample(grid, table));
    }
    samples.range = range(&columns, table.first_row, row - 1);
    samples.notes.extend(numbers_below(grid, &columns, row));
    Ok(samples)
}

fn empty_columns(table: &Table) -> Vec<DataColumn> {
    let column = |found: &super::locate::Found| DataColumn {
        name: found.name.clone(),
        header: found.header.clone(),
        values: Vec::new(),
        cells: Vec::new(),
    };
    table.columns.iter().map(column).collect()
}

/// Whether all columns are blank in `row`.
fn is_blank(grid: &Grid, columns: &[u32], row: u32) -> bool {
    columns.iter().all(|column| grid.get((row, *column)).is_none())
}

/// Whether the table ends above `row`; an error where its cells may hold what cannot be read.
fn is_end(grid: &Grid, columns: &[u32], row: u32) -> Result<bool, Fault> {
    if !is_blank(grid, columns, row) {
        return Ok(false);
    }
    let first = (row, columns.iter().copied().min().unwrap_or(0));
    let unread: Vec<_> = grid.unread_at(first).collect();
    match unread.first() {
        Some(unread_cell) if unread.len() >= columns.len() => {
            Err(unreadable(&unread_cell.error, first))
        }
        _ => Ok(true),
    }
}

/// Why `row` is a row of totals, where it is one: by a label or by its formulas.
///
/// A sign that may mean something else counts only where no sample follows without a blank row,
/// so that a person called Max does not end a table.
fn totals(grid: &Grid, columns: &[u32], row: u32) -> Option<String> {
    let (why, certain) = totals_sign(grid, columns, row)?;
    let mut next = row + 1;
    while !certain && !is_blank(grid, columns, next) {
        totals_sign(grid, columns, next)?;
        next += 1;
    }
    Some(why)
}

/// What makes `row` look like totals, and whether that is certain.
fn totals_sign(grid: &Grid, columns: &[u32], row: u32) -> Option<(String, bool)> {
    let last = columns.iter().copied().max().unwrap_or(0);
    for (position, value) in grid.row(row).iter().take_while(|((_, c), _)| *c <= last) {
        let text = value.text().unwrap_or("");
        if let Some(label) = summary::label(text) {
            let why = format!("{} says \"{text}\"", cell_name(*position));
            return Some((why, label == summary::Label::Certain));
        }
    }
    let mut cells = columns.iter().map(|c| (row, *c)).filter(|cell| grid.get(*cell).is_some());
    let first = cells.next()?;
    let all = grid.is_summary(first) && cells.all(|cell| grid.is_summary(cell));
    all.then(|| (format!("{} sums up the column above it", cell_name(first)), true))
}

/// The number of one cell of a sample.
fn number(grid: &Grid, table: &Table, index: usize, row: u32) -> Result<f64, Fault> {
    let found = &table.columns[index];
    let position = (row, found.column);
    match grid.get(position) {
        Some(Value::Number(number)) if number.is_finite() => Ok(*number),
        Some(value) => Err(wrong_value(&found.name, position, value)),
        None => match grid.unread_at(position).next() {
            Some(unread) => Err(unreadable(&unread.error, position)),
            None => Err(unequal(grid, table, index, row)),
        },
    }
}

fn unreadable(error: &str, position: Position) -> Fault {
    let what = format!(
        "{} seems to hold the error value {error}, where a number is needed",
        cell_name(position)
    );
    Fault::new(what, "correct the formula or write a number there").at(position)
}

/// A column is blank in `row` where another has something.
fn unequal(grid: &Grid, table: &Table, index: usize, row: u32) -> Fault {
    let blank = &table.columns[index];
    let length = |column: u32| {
        (table.first_row..).take_while(|row| grid.get((*row, column)).is_some()).count()
    };
    let lengths: Vec<_> = table
        .columns
        .iter()
        .map(|found| format!("{} {}", found.name, length(found.column)))
        .collect();
    let position = (row, blank.column);
    let what = format!(
        "the columns are of unequal length: {} is blank, so there is no {} for row {} (cells: {})",
        cell_name(position),
        blank.name,
        row + 1,
        lengths.join(", ")
    );
    let help = "write the missing number there, or clear the rest of the row; a row of totals \
                needs a label such as Total, or a blank row above it";
    Fault::new(what, help).at(position)
}

fn no_sample(grid: &Grid, table: &Table) -> Fault {
    let first = &table.columns[0];
    let names: Vec<_> = table.columns.iter().map(|found| found.name.as_str()).collect();
    let columns: Vec<u32> = table.columns.iter().map(|found| found.column).collect();
    let below = grid.below(table.first_row).iter();
    let mut numbers = below.filter(|((_, column), value)| {
        columns.contains(column) && matches!(value, Value::Number(_))
    });
    let help = match numbers.next() {
        Some((position, _)) => format!(
            "numbers stand further down, from {}: name them with --range, such as --range {}:{}",
            cell_name(*position),
            cell_name(*position),
            cell_name((position.0 + 9, position.1 + 1))
        ),
        None => "write at least one row of numbers there".to_owned(),
    };
    Fault::new(format!("there is no sample below the headers {}", names.join(" and ")), help)
        .at((table.first_row, first.column))
}

/// Says so where numbers follow below the end of the table, apart from totals.
fn numbers_below(grid: &Grid, columns: &[u32], end: u32) -> Option<String> {
    let mut candidates = grid.below(end).iter().filter(|((_, column), value)| {
        columns.contains(column) && matches!(value, Value::Number(_))
    });
    let (position, _) =
        candidates.find(|(position, _)| totals_sign(grid, columns, position.0).is_none())?;
    Some(format!(
        "the table ends above row {}; the numbers below it, from {} on, are not read",
        end + 1,
        cell_name(*position)
    ))
}

/// `B5:C33` for columns side by side, else `A4:A32, D4:D32`.
fn range(columns: &[u32], first_row: u32, last_row: u32) -> String {
    let mut sorted = columns.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).all(|pair| pair[1] == pair[0] + 1) {
        let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
        return Area { first: (first_row, first), last: (last_row, last) }.to_string();
    }
    let column = |column: &u32| {
        let name = column_name(*column);
        format!("{name}{}:{name}{}", first_row + 1, last_row + 1)
    };
    columns.iter().map(column).collect::<Vec<_>>().join(", ")
}
