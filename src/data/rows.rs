//! The rows of a table, wherever they are: in memory, or in a file that is read again for them.

use super::address::Position;
use super::grid::{Grid, Value};
use crate::error::Result;

/// Rows of cells.
pub(crate) trait Rows {
    /// Hands on every row from `first` on that holds something, its cells from the left, until
    /// `take` returns false.
    ///
    /// # Errors
    /// Where the file cannot be read.
    fn each(
        &self,
        first: u32,
        take: &mut dyn FnMut(u32, &[(Position, Value)]) -> bool,
    ) -> Result<()>;
}

impl Rows for Grid {
    fn each(
        &self,
        first: u32,
        take: &mut dyn FnMut(u32, &[(Position, Value)]) -> bool,
    ) -> Result<()> {
        let start = self.cells().partition_point(|(position, _)| position.0 < first);
        for row in self.cells()[start..].chunk_by(|a, b| a.0.0 == b.0.0) {
            if !take(row[0].0.0, row) {
                break;
            }
        }
        Ok(())
    }
}

/// The value in `column` of a row.
pub(crate) fn in_column(cells: &[(Position, Value)], column: u32) -> Option<&Value> {
    let at = cells.binary_search_by_key(&column, |((_, column), _)| *column).ok()?;
    cells.get(at).map(|(_, value)| value)
}
