//! The rows of a table, wherever they are: in memory, or in a file that is read again for them.

use super::grid::{Cell, Grid, Value};
use crate::error::Result;

/// What takes rows: the number of each and its cells from the left. It says whether it wants more.
pub(crate) type Take<'t> = dyn FnMut(u32, &[Cell]) -> bool + 't;

/// Rows of cells.
pub(crate) trait Rows {
    /// Hands on every row from `first` on that holds something, until `take` wants no more.
    ///
    /// # Errors
    /// Where the file cannot be read.
    fn each(&self, first: u32, take: &mut Take) -> Result<()>;
}

impl Rows for Grid {
    fn each(&self, first: u32, take: &mut Take) -> Result<()> {
        let start = self.cells().partition_point(|(position, _)| position.0 < first);
        for row in self.cells()[start..].chunk_by(|a, b| a.0.0 == b.0.0) {
            if !take(row[0].0.0, row) {
                break;
            }
        }
        Ok(())
    }
}

/// The cell of a row in `column`.
pub(crate) fn cell_in(cells: &[Cell], column: u32) -> Option<&Cell> {
    let at = cells.binary_search_by_key(&column, |((_, column), _)| *column).ok()?;
    cells.get(at)
}

/// Its value.
pub(crate) fn in_column(cells: &[Cell], column: u32) -> Option<&Value> {
    cell_in(cells, column).map(|(_, value)| value)
}
