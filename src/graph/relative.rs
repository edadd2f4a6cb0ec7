//! References of a spreadsheet in terms that do not change when a formula is filled.

/// One direction of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Axis {
    /// So many rows or columns from the cell that holds the formula (`B7` in `C8` is -1, -1).
    Relative(i32),
    /// A row or column of the sheet, counted from 0 (`$B$7` is 6, 1).
    Absolute(u32),
}

impl Axis {
    /// The row or column that is meant in a cell at `from`; none outside of the sheet.
    pub fn resolve(self, from: u32) -> Option<u32> {
        match self {
            Axis::Relative(offset) => from.checked_add_signed(offset),
            Axis::Absolute(at) => Some(at),
        }
    }
}

/// A reference to one cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CellReference {
    /// The sheet, where another than the formula's own is named.
    pub sheet: Option<String>,
    /// The row.
    pub row: Axis,
    /// The column.
    pub column: Axis,
}

impl CellReference {
    /// The cell that is meant by a formula in the cell `from`, as row and column; none outside of
    /// the sheet.
    pub fn resolve(&self, from: (u32, u32)) -> Option<(u32, u32)> {
        Some((self.row.resolve(from.0)?, self.column.resolve(from.1)?))
    }
}
