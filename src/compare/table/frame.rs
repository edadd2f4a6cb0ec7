//! Where the samples are: the rows and the columns that share formulas.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Patterns, View};
use crate::data::address::Position;
use crate::graph::relative::{Axis, CellReference};
use crate::graph::{Cell, Content, Sheet};

/// The rows and columns of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Frame {
    /// The rows with samples, from the top.
    pub rows: Vec<u32>,
    /// The columns, from the left.
    pub columns: Vec<u32>,
    /// Rows between the samples that are blank.
    pub blank_rows: Vec<u32>,
}

impl Frame {
    /// Whether the cell is one of the samples'.
    pub(super) fn contains(&self, (row, column): Position) -> bool {
        self.rows.binary_search(&row).is_ok() && self.columns.binary_search(&column).is_ok()
    }
}

/// How often a class of formulas stands in a column.
#[derive(Debug, Clone, Copy)]
struct Tally {
    class: usize,
    formula: usize,
    count: usize,
    first: u32,
    last: u32,
}

/// A column with a formula that is filled down.
struct Filled {
    column: u32,
    class: usize,
    formula: usize,
}

/// The frame of the largest table whose formulas refer to the row above.
///
/// # Errors
///
/// Why there is none, in words.
pub(super) fn by_formulas(view: View, patterns: &mut Patterns) -> Result<Frame, String> {
    let sheet = &view.workbook.sheets[view.sheet];
    let tallies = tally(sheet, patterns);
    if tallies.is_empty() {
        let has_numbers = sheet.cells().iter().any(is_number);
        let reason = if has_numbers {
            "it has no formulas, and no headers of a table with x, y and weights"
        } else {
            "it has only text"
        };
        return Err(reason.to_owned());
    }
    let is_chain = |tally: &&Tally| tally.count >= 2 && sheet.formulas()[tally.formula].refers_up();
    // Of tables as long as each other the lowest, and of those the rightmost.
    let chains = tallies.values().flatten().filter(is_chain);
    let longest = chains.max_by_key(|tally| (tally.count, tally.last));
    let Some(longest) = longest else {
        return Err("it has no column that refers to the row above".to_owned());
    };
    let filled = filled(&tallies, *longest);
    let strict = strict_rows(sheet, patterns, &filled, *longest);
    let (Some(first), Some(last)) = (strict.first(), strict.last()) else {
        return Err("it has no rows with the same formulas".to_owned());
    };
    let columns = columns(sheet, &filled, &strict);
    let data = data_columns(sheet, &columns, &strict);
    let mut frame = Frame { columns, ..Frame::default() };
    let is_strict: BTreeSet<u32> = strict.iter().copied().collect();
    for row in first.saturating_sub(1)..=last + 1 {
        let inside = (*first..=*last).contains(&row);
        if is_strict.contains(&row) || is_sample(sheet, &frame.columns, &data, row, inside) {
            frame.rows.push(row);
        } else if inside && is_blank(sheet, &frame.columns, row) {
            frame.blank_rows.push(row);
        }
    }
    Ok(frame)
}

/// The tallies of each column, whose order decides between equals.
fn tally(sheet: &Sheet, patterns: &mut Patterns) -> BTreeMap<u32, Vec<Tally>> {
    let mut tallies: BTreeMap<u32, Vec<Tally>> = BTreeMap::new();
    let mut places: HashMap<(u32, usize), usize> = HashMap::new();
    for cell in sheet.cells() {
        let Some(formula) = cell.formula() else { continue };
        let (row, column) = cell.at;
        let class = patterns.class(formula, column);
        let known = tallies.entry(column).or_default();
        let place = *places.entry((column, class)).or_insert(known.len());
        match known.get_mut(place) {
            Some(tally) => {
                tally.count += 1;
                tally.last = row;
            }
            None => known.push(Tally { class, formula, count: 1, first: row, last: row }),
        }
    }
    tallies
}

/// For each column, from the left, the class of formulas that most of the rows around `longest`
/// have.
fn filled(tallies: &BTreeMap<u32, Vec<Tally>>, longest: Tally) -> Vec<Filled> {
    let region = longest.first.saturating_sub(1)..=longest.last;
    let mut filled = Vec::new();
    for (column, known) in tallies {
        let here = known
            .iter()
            .filter(|tally| *region.start() <= tally.last && tally.first <= *region.end());
        let most = here.max_by_key(|tally| (tally.count, tally.last));
        if let Some(most) = most.filter(|most| 2 * most.count >= longest.count.max(4)) {
            filled.push(Filled { column: *column, class: most.class, formula: most.formula });
        }
    }
    filled
}

/// The rows at least half of whose filled columns have the formula of the column.
fn strict_rows(
    sheet: &Sheet,
    patterns: &mut Patterns,
    filled: &[Filled],
    longest: Tally,
) -> Vec<u32> {
    let region = longest.first.saturating_sub(1)..=longest.last + 1;
    let mut rows = Vec::new();
    for row in region {
        let mut agreeing = 0;
        for cell in sheet.row(row) {
            let Some(formula) = cell.formula() else { continue };
            let column = filled.binary_search_by_key(&cell.at.1, |filled| filled.column);
            if let Ok(column) = column
                && filled[column].class == patterns.class(formula, cell.at.1)
            {
                agreeing += 1;
            }
        }
        if agreeing > 0 && 2 * agreeing >= filled.len() {
            rows.push(row);
        }
    }
    rows
}

/// The filled columns, those that they refer to in the same row or the row above, and what stands
/// right beside them in most rows.
fn columns(sheet: &Sheet, filled: &[Filled], rows: &[u32]) -> Vec<u32> {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for row in rows {
        for cell in sheet.row(*row) {
            *counts.entry(cell.at.1).or_default() += 1;
        }
    }
    let is_full = |column: u32| counts.get(&column).is_some_and(|count| 2 * count >= rows.len());
    let mut columns: BTreeSet<u32> = filled.iter().map(|filled| filled.column).collect();
    for filled in filled {
        let cells = sheet.formulas()[filled.formula].formula.cells();
        let near = cells.filter(|cell| is_near(cell));
        columns
            .extend(near.filter_map(|c| c.column.resolve(filled.column)).filter(|c| is_full(*c)));
    }
    let (Some(first), Some(last)) = (columns.first().copied(), columns.last().copied()) else {
        return Vec::new();
    };
    let left = (0..first).rev().take_while(|column| is_full(*column));
    let right = (last + 1..).take_while(|column| is_full(*column));
    let between = (first..=last).filter(|column| is_full(*column));
    let more: Vec<u32> = left.chain(between).chain(right).collect();
    columns.extend(more);
    columns.into_iter().collect()
}

fn is_near(cell: &CellReference) -> bool {
    cell.sheet.is_none() && matches!(cell.row, Axis::Relative(-1 | 0))
}

/// The columns that hold typed numbers.
fn data_columns(sheet: &Sheet, columns: &[u32], rows: &[u32]) -> Vec<u32> {
    let is_typed = |row: u32, column: u32| sheet.get((row, column)).is_some_and(is_typed_number);
    let counts = columns
        .iter()
        .map(|column| (column, rows.iter().filter(|row| is_typed(**row, *column)).count()));
    counts.filter(|(_, count)| 2 * count > rows.len()).map(|(column, _)| *column).collect()
}

/// Whether a row that does not have the formulas is a sample all the same.
fn is_sample(sheet: &Sheet, columns: &[u32], data: &[u32], row: u32, inside: bool) -> bool {
    let cells = || columns.iter().filter_map(|column| sheet.get((row, *column)));
    let is_full = 2 * cells().filter(|cell| !is_text(cell)).count() >= columns.len();
    let is_typed = |column: &u32| sheet.get((row, *column)).is_some_and(is_typed_number);
    let has_data = !data.is_empty() && data.iter().all(is_typed);
    if inside { has_data || is_full } else { has_data && is_full }
}

fn is_blank(sheet: &Sheet, columns: &[u32], row: u32) -> bool {
    columns.iter().all(|column| sheet.get((row, *column)).is_none())
}

fn is_number(cell: &Cell) -> bool {
    matches!(cell.content, Content::Number(_))
}

fn is_typed_number(cell: &Cell) -> bool {
    is_number(cell) && cell.formula().is_none()
}

fn is_text(cell: &Cell) -> bool {
    matches!(cell.content, Content::Text(_)) && cell.formula().is_none()
}
