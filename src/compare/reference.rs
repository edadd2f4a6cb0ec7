//! What formulas of a spreadsheet refer to, in terms that do not change when they are filled down.

use crate::formula::Expr;

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

/// What a name in a formula of a spreadsheet stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Reference {
    /// A cell.
    Cell(CellReference),
    /// A function that takes ranges in.
    Fold(Fold, Vec<Operand>),
    /// The number of a row, counted from 1 (`ROW()`, `ROW(B7)`).
    RowNumber(Axis),
    /// The number of a column, counted from 1 (`COLUMN()`).
    ColumnNumber(Axis),
}

/// A function over the cells of ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fold {
    /// `SUM`
    Sum,
    /// `SUMSQ`
    SumOfSquares,
    /// `AVERAGE`
    Average,
    /// `COUNT`
    Count,
    /// `MIN`
    Min,
    /// `MAX`
    Max,
    /// `SUMPRODUCT`, each operand a range or a formula over ranges, element by element
    SumProduct,
    /// `SUMXMY2`
    SumOfSquaredDifferences,
    /// `INDEX(range, row[, column])`
    Index,
}

/// An argument of a [`Fold`].
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A range of cells between two corners, both included.
    Range(CellReference, CellReference),
    /// A formula, which may have ranges in it (`(C4:C32-B4:B32)^2`): a name is then a `Range`.
    Formula(Box<Expr<ArrayName>>),
}

/// A name in a formula over ranges.
#[derive(Debug, Clone, PartialEq)]
pub enum ArrayName {
    /// A range, taken element by element.
    Range(CellReference, CellReference),
    /// A single value.
    One(Reference),
}
