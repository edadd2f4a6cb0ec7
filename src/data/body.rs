//! The rows of a table from its first number to its end: what is a sample, what sums samples up, and
//! what stands below.
//!
//! Below a table people write totals, notes and other tables, and inside it empty rows, subtotals
//! and the headers once more. All readers of a table go through here, so that there is one idea of
//! where it ends.

use super::address::{Area, Position, cell_name, column_name};
use super::grid::{Cell, Grid};
use super::kinds::{Kind, kind};
use super::regions::{LONGEST_GAP, Region};
use super::rows::Rows;
use super::summary::{self, Label};
use crate::error::Result;

/// A row of a table.
pub(crate) enum Line<'a> {
    /// It may be a sample.
    Cells(&'a [Cell]),
    /// It sums up others, for the reason given.
    Totals(String),
    /// It has the headers once more.
    Headers,
    /// The table has ended above; numbers begin here that are not its own.
    Beyond(Position),
}

/// Where rows come from, and which of their cells count.
pub(crate) struct Body<'a> {
    pub rows: &'a dyn Rows,
    /// Its first rows, with the formulas.
    pub grid: &'a Grid,
    pub region: &'a Region,
    pub columns: &'a [u32],
}

/// So many rows below a table are looked at for numbers that belong to none.
const LONGEST_LOOK: u32 = 1_000;

/// A row that may be one of totals, until the next row is known.
type Pending = (u32, Vec<Cell>, String);

impl Body<'_> {
    /// Hands on the rows of the table.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn each(&self, take: &mut dyn FnMut(u32, Line)) -> Result<()> {
        let mut pending: Vec<Pending> = Vec::new();
        let mut last = self.region.first_row;
        let mut beyond = None;
        self.rows.each(self.region.first_row, &mut |row, cells| {
            if self.region.end.is_some_and(|end| row > end) {
                return false;
            }
            let Some((first, _)) = self.own(cells).next() else { return true };
            let first = *first;
            if beyond.is_some() || row > last + LONGEST_GAP + 1 || self.is_other_table(cells) {
                if row > *beyond.get_or_insert(row) + LONGEST_LOOK {
                    return false;
                }
                // Only numbers are worth a word.
                let number = self.own(cells).find(|(_, value)| kind(value) == Kind::Number);
                let Some((at, _)) = number else { return true };
                if self.totals(cells).is_none() {
                    flush(&mut pending, true, take);
                    take(row, Line::Beyond(*at));
                }
                return false;
            }
            if self.is_header_again(cells) {
                last = row;
                flush(&mut pending, true, take);
                take(row, Line::Headers);
                return true;
            }
            let is_next = row == last + 1;
            last = row;
            if !is_next {
                flush(&mut pending, true, take);
            }
            match self.totals(cells) {
                Some((why, certain)) if certain && pending.is_empty() => {
                    take(row, Line::Totals(why));
                }
                Some((why, _)) => pending.push((row, cells.to_vec(), why)),
                None => {
                    flush(&mut pending, false, take);
                    take(first.0, Line::Cells(cells));
                }
            }
            true
        })?;
        flush(&mut pending, true, take);
        Ok(())
    }

    fn own<'c>(&self, cells: &'c [Cell]) -> impl Iterator<Item = &'c Cell> {
        cells.iter().filter(|((_, column), _)| self.columns.contains(column))
    }

    /// Whether the row holds texts where the table holds numbers.
    fn is_headers(&self, cells: &[Cell]) -> bool {
        let texts = self.own(cells).filter(|(_, value)| kind(value) == Kind::Text).count();
        self.columns.len() > 1 && texts == self.columns.len()
    }

    fn is_header_again(&self, cells: &[Cell]) -> bool {
        let same = |(at, value): &Cell| {
            let header = self.region.head(at.1).and_then(|head| head.header.as_deref());
            header.is_some() && header == value.text()
        };
        self.own(cells).all(same)
    }

    fn is_other_table(&self, cells: &[Cell]) -> bool {
        self.is_headers(cells) && !self.is_header_again(cells)
    }

    /// What makes the row look like totals, and whether that is certain.
    ///
    /// A sign that may mean something else counts only where no sample follows without a blank row,
    /// so that a person called Max does not end a table.
    fn totals(&self, cells: &[Cell]) -> Option<(String, bool)> {
        let first = self.region.columns.first().map_or(0, |head| head.column.saturating_sub(2));
        let last = self.columns.iter().copied().max().unwrap_or(0);
        for (at, value) in cells.iter().filter(|(at, _)| (first..=last).contains(&at.1)) {
            let text = value.text().unwrap_or("");
            if let Some(label) = summary::label(text) {
                let why = format!("{} says \"{text}\"", self.region.name(*at));
                return Some((why, label == Label::Certain));
            }
        }
        let formulas = self.grid.formulas();
        let own = || self.own(cells).map(|(at, _)| *at);
        let all = own().all(|at| formulas.sums_above(at));
        let at = own().next().filter(|_| all)?;
        Some((format!("{} sums up the column above it", self.region.name(at)), true))
    }
}

fn flush(pending: &mut Vec<Pending>, are_totals: bool, take: &mut dyn FnMut(u32, Line)) {
    for (row, cells, why) in pending.drain(..) {
        match are_totals {
            true => take(row, Line::Totals(why)),
            false => take(row, Line::Cells(&cells)),
        }
    }
}

impl Region {
    /// The address of a cell of the table: where it lies in rows, rows and columns are exchanged.
    pub fn place(&self, (row, column): Position) -> Position {
        if self.across { (column, row) } else { (row, column) }
    }

    /// All its cells with its headers.
    pub fn area(&self) -> Area {
        let columns = || self.columns.iter().map(|head| head.column);
        let (left, right) = (columns().min().unwrap_or(0), columns().max().unwrap_or(0));
        let first = (self.header_row.unwrap_or(self.first_row), left);
        Area::between(self.place(first), self.place((self.last_row, right)))
    }

    /// The same as a person writes it.
    pub fn name(&self, at: Position) -> String {
        cell_name(self.place(at))
    }

    /// `row 7`, or `column G` of a table that lies in rows.
    pub fn line_name(&self, row: u32) -> String {
        match self.across {
            true => format!("column {}", column_name(row)),
            false => format!("row {}", row + 1),
        }
    }

    /// `rows 7 to 9`, or `columns G to I` of a table that lies in rows.
    pub fn lines_name(&self, first: u32, last: u32) -> String {
        if first == last {
            return self.line_name(first);
        }
        let name = |row: u32| match self.across {
            true => column_name(row),
            false => (row + 1).to_string(),
        };
        let what = if self.across { "columns" } else { "rows" };
        format!("{what} {} to {}", name(first), name(last))
    }

    /// `column B`, or `row 2` of a table that lies in rows.
    pub fn column_name(&self, column: u32) -> String {
        match self.across {
            true => format!("row {}", column + 1),
            false => format!("column {}", column_name(column)),
        }
    }
}
