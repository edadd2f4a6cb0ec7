//! Which rows of a trace are written, where that is not all of them.

use std::fmt;

use super::{Block, Sink};
use crate::error::Result;
use crate::value::Value;

/// The rows that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// All of them.
    #[default]
    All,
    /// So many at the end.
    Last(usize),
    /// Each whose number is a multiple of this.
    Every(usize),
    /// The last one of each epoch.
    Epochs,
}

impl Keep {
    /// Reads `last:1000`, `every:100` or `epochs`.
    ///
    /// # Errors
    /// Another text, in words.
    pub fn read(text: &str) -> std::result::Result<Self, String> {
        let count = |text: &str| text.parse().ok().filter(|count| *count > 0);
        let read = match text.split_once(':') {
            None if text == "epochs" => Some(Keep::Epochs),
            None if text == "all" => Some(Keep::All),
            Some(("last", rows)) => count(rows).map(Keep::Last),
            Some(("every", rows)) => count(rows).map(Keep::Every),
            _ => None,
        };
        read.ok_or_else(|| {
            "write last:1000 (so many rows at the end), every:100 (each hundredth), epochs (the last \
             of each epoch) or all"
                .to_owned()
        })
    }

    /// Whether the row called `number` of so many `rows` is written, with so many `samples` to an
    /// epoch.
    pub fn has(self, number: usize, rows: usize, samples: usize) -> bool {
        match self {
            Keep::All => true,
            Keep::Last(count) => number + count > rows,
            Keep::Every(count) => number.is_multiple_of(count),
            Keep::Epochs => number.is_multiple_of(samples.max(1)),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Keep::All => f.write_str("all"),
            Keep::Last(count) => write!(f, "last:{count}"),
            Keep::Every(count) => write!(f, "every:{count}"),
            Keep::Epochs => f.write_str("epochs"),
        }
    }
}

/// Hands on the rows that are written, in blocks whose rows need not be consecutive.
pub(crate) struct Kept<'a> {
    keep: Keep,
    /// The number of rows of the trace, and of an epoch.
    rows: usize,
    samples: usize,
    give: &'a mut dyn FnMut(Vec<Vec<Value>>) -> Result<()>,
}

impl<'a> Kept<'a> {
    /// Gives those of so many `rows` that `keep` has.
    pub(crate) fn new(
        keep: Keep,
        (rows, samples): (usize, usize),
        give: &'a mut dyn FnMut(Vec<Vec<Value>>) -> Result<()>,
    ) -> Self {
        Kept { keep, rows, samples, give }
    }
}

impl Sink for Kept<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        if self.keep == Keep::All {
            return (self.give)(block.columns.clone());
        }
        let has = |row: &usize| self.keep.has(block.first_row + row, self.rows, self.samples);
        let kept: Vec<usize> = (0..block.rows()).filter(has).collect();
        if kept.is_empty() {
            return Ok(());
        }
        let of_kept = |column: &Vec<Value>| kept.iter().map(|row| column[*row]).collect();
        (self.give)(block.columns.iter().map(of_kept).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back_from_its_text() {
        for keep in [Keep::All, Keep::Last(1000), Keep::Every(100), Keep::Epochs] {
            assert_eq!(Keep::read(&keep.to_string()), Ok(keep));
        }
        for text in ["", "last", "last:0", "every:-1", "every:x", "epoch", "first:3"] {
            assert!(Keep::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rows_are_counted_from_1() {
        let kept = |keep: Keep| (1..=10).filter(|row| keep.has(*row, 10, 5)).collect::<Vec<_>>();
        assert_eq!(kept(Keep::Last(3)), [8, 9, 10]);
        assert_eq!(kept(Keep::Last(100)), (1..=10).collect::<Vec<_>>());
        assert_eq!(kept(Keep::Every(4)), [4, 8]);
        assert_eq!(kept(Keep::Epochs), [5, 10]);
    }
}
