//! What a workbook may take of the memory, whatever it claims.

use super::address::{MAX_COLUMNS, MAX_ROWS, Position, cell_name};
use super::grid::{Full, MAX_CELLS};
use super::stream::{FormulaText, Found, Sink};
use super::workbook::Trouble;

/// The most bytes of the texts and formulas of all cells: 512 MiB. A text that stands once in a file
/// may be shown by every cell.
pub(super) const MAX_TEXT: u64 = 1 << 29;
/// The most cells of all sheets together.
const MAX_ALL_CELLS: usize = 3 * MAX_CELLS;
/// The most sheets.
pub(super) const MAX_SHEETS: usize = 10_000;
/// How deep formulas may stand in formulas: far above the 64 of a spreadsheet.
const MAX_DEPTH: usize = 500;

/// What the cells of a workbook have taken so far.
#[derive(Default)]
pub(super) struct Budget {
    text: u64,
    cells: usize,
}

/// Hands cells on to `sink` as long as there is room for them.
pub(super) struct Limited<'a, S> {
    pub sink: &'a mut S,
    pub budget: &'a mut Budget,
    /// Why there was none.
    pub trouble: Option<Trouble>,
}

impl<S: Sink> Limited<'_, S> {
    fn take(&mut self, at: Position, text: usize) -> Result<(), Full> {
        self.budget.text += text as u64;
        if at.0 >= MAX_ROWS || at.1 >= MAX_COLUMNS {
            let what = format!("a cell stands at {}, beyond the end of a sheet", cell_name(at));
            self.trouble = Some(Trouble::Damaged(what));
        } else if self.budget.text > MAX_TEXT {
            self.trouble = Some(Trouble::TooMuchText);
        } else if self.budget.cells > MAX_ALL_CELLS {
            let what = format!("its sheets have more than {MAX_ALL_CELLS} cells together");
            self.trouble = Some(Trouble::TooLarge(what));
        }
        if self.trouble.is_some() { Err(Full::Cells) } else { Ok(()) }
    }
}

impl<S: Sink> Sink for Limited<'_, S> {
    fn cell(&mut self, at: Position, found: Found) -> Result<(), Full> {
        self.budget.cells += 1;
        self.take(at, found.text().map_or(0, str::len))?;
        self.sink.cell(at, found)
    }

    fn formula(&mut self, at: Position, formula: FormulaText) -> Result<(), Full> {
        let text = match formula {
            FormulaText::Excel(text) | FormulaText::Open(text) | FormulaText::Shared(_, text) => {
                text
            }
            FormulaText::SharedWith(_) => "",
        };
        self.take(at, text.len())?;
        self.sink.formula(at, formula)
    }

    fn unread(&mut self, error: String) {
        self.budget.text += error.len() as u64;
        self.sink.unread(error);
    }
}

/// Refuses a binary formula (.xls, .xlsb) with more formulas in each other than a function bears that
/// calls itself for each of them: a piece of three bytes (its kind, and the length of what is in it).
///
/// # Errors
/// In words, what is wrong with it.
pub(super) fn not_too_deep(formula: &[u8]) -> Result<(), String> {
    // Those in each other begin one behind the other, and none ends behind the one around it: the
    // longest such row is as long as this list gets.
    let mut ends: Vec<usize> = Vec::new();
    for (at, piece) in formula.windows(3).enumerate() {
        let end = at + 3 + usize::from(u16::from_le_bytes([piece[1], piece[2]]));
        if !matches!(piece[0], 0x29 | 0x49 | 0x69) || end > formula.len() {
            continue;
        }
        let place = ends.partition_point(|around| *around >= end);
        match ends.get_mut(place) {
            Some(known) => *known = end,
            None => ends.push(end),
        }
        if ends.len() > MAX_DEPTH {
            return Err(format!("has a formula with more than {MAX_DEPTH} others in each other"));
        }
    }
    Ok(())
}
