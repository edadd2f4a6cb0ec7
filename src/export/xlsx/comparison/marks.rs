//! The marks on a sheet: cells coloured by a conditional format that can be switched off, and notes.
//!
//! In the user's own workbook the marks of a sheet are written to a sheet of ours, from which they are
//! taken over; a copy of a sheet has them itself.

use std::collections::BTreeMap;

use rust_xlsxwriter::{ConditionalFormatFormula, Format, Worksheet};

use super::super::note;
use super::Book;
use crate::compare::marks::Mark;
use crate::data::address::{Area, Position};
use crate::error::Result;

/// The defined name of the cell that switches the colours off.
pub const SWITCH: &str = "gdtrace_marks";
/// What stands in that cell where the colours show.
pub const ON: &str = "on";
/// So many ranges of cells go into one conditional format.
const MOST_RANGES: usize = 200;

/// Colours the cells of the sheet at `index` that something is the matter with.
///
/// # Errors
/// None that a place of a cell can cause.
pub fn colour(sheet: &mut Worksheet, book: &Book, index: usize) -> Result<()> {
    let rule = format!("={}=\"{ON}\"", book.names.switch);
    for mark in Mark::ALL {
        let ranges = ranges(&book.shown.marks.cells_with(index, mark));
        let Some(first) = ranges.first().map(|area| area.first) else { continue };
        for ranges in ranges.chunks(MOST_RANGES) {
            let all: Vec<String> = ranges.iter().map(Area::to_string).collect();
            let format = ConditionalFormatFormula::new()
                .set_rule(rule.as_str())
                .set_multi_range(all.join(" "))
                .set_format(book.paint.marked(Format::new(), Some(mark)));
            let (row, column) = (first.0, first.1 as u16);
            sheet.add_conditional_format(row, column, row, column, &format)?;
        }
    }
    Ok(())
}

/// Writes the notes of the sheet at `index`.
///
/// # Errors
/// None that a place of a cell can cause.
pub fn annotate(sheet: &mut Worksheet, book: &Book, index: usize) -> Result<()> {
    let on_sheet = (index, (0, 0))..(index + 1, (0, 0));
    for ((_, (row, column)), texts) in book.shown.marks.notes.range(on_sheet) {
        sheet.insert_note(*row, *column as u16, &note(&texts.join("\n\n")))?;
    }
    Ok(())
}

/// Ranges down columns that have all of the cells, and no others.
fn ranges(cells: &[Position]) -> Vec<Area> {
    let mut columns: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    cells.iter().for_each(|(row, column)| columns.entry(*column).or_default().push(*row));
    let mut ranges: Vec<Area> = Vec::new();
    for (column, mut rows) in columns {
        rows.sort_unstable();
        for row in rows {
            match ranges.last_mut() {
                Some(last) if last.last == (row.wrapping_sub(1), column) => last.last.0 = row,
                _ => ranges.push(Area::between((row, column), (row, column))),
            }
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_a_column_are_one_range() {
        let all = ranges(&[(3, 1), (1, 0), (2, 0), (4, 1), (0, 1), (4, 0)]);
        let all: Vec<String> = all.iter().map(Area::to_string).collect();
        assert_eq!(all, ["A2:A3", "A5:A5", "B1:B1", "B4:B5"]);
    }
}
