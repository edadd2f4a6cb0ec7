//! Collecting the cells of a sheet into a [`Grid`].

use super::address::Position;
use super::grid::{Full, Grid, Unread};
use super::stream::{FormulaText, Found, Sink};

/// Collects the cells of a sheet into a grid.
#[derive(Default)]
pub(super) struct Collector {
    grid: Grid,
    last: Option<Position>,
    /// Cells that could not be read since `last`; where they end is known with the next cell.
    unread: Vec<String>,
}

impl Sink for Collector {
    fn cell(&mut self, at: Position, found: Found) -> Result<(), Full> {
        // What comes out of order does not stand behind the cells that could not be read.
        if self.last.is_none_or(|last| last < at) {
            self.place_unread(Some(at));
            self.last = Some(at);
        }
        match found.value() {
            Some(value) => self.grid.push(at, value),
            None => Ok(()),
        }
    }

    fn formula(&mut self, at: Position, formula: FormulaText) -> Result<(), Full> {
        self.grid.add_formula(at, formula);
        Ok(())
    }

    fn unread(&mut self, error: String) {
        self.unread.push(error);
    }
}

impl Collector {
    fn place_unread(&mut self, before: Option<Position>) {
        for error in self.unread.drain(..) {
            self.grid.push_unread(Unread { error, after: self.last, before });
        }
    }

    pub(super) fn finish(mut self) -> Grid {
        self.place_unread(None);
        self.grid.finish()
    }
}
