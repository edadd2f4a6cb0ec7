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

    /// The rows that are written of so many `rows`, with so many `samples` to an epoch.
    pub fn of(self, rows: usize, samples: usize) -> KeptRows {
        let each = |stride: usize| KeptRows { first: stride, stride, count: rows / stride };
        match self {
            Keep::All => each(1),
            Keep::Last(count) => {
                let count = count.min(rows);
                KeptRows { first: rows - count + 1, stride: 1, count }
            }
            Keep::Every(stride) => each(stride),
            Keep::Epochs => each(samples.max(1)),
        }
    }
}

/// Rows at equal distances; they are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptRows {
    /// The number of the first one.
    pub first: usize,
    /// From each to the next.
    pub stride: usize,
    /// How many there are.
    pub count: usize,
}

impl KeptRows {
    /// The number of the last one.
    pub fn last(&self) -> usize {
        self.number(self.count.saturating_sub(1))
    }

    /// The number of the one at that place, counted from 0.
    pub fn number(&self, place: usize) -> usize {
        self.first + place * self.stride
    }

    /// The place among them, counted from 0, of the row called `number`, where it is one of them.
    pub fn place(&self, number: usize) -> Option<usize> {
        let behind = number.checked_sub(self.first)?;
        let place = behind / self.stride;
        (behind.is_multiple_of(self.stride) && place < self.count).then_some(place)
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
    kept: KeptRows,
    give: &'a mut dyn FnMut(Vec<Vec<Value>>) -> Result<()>,
}

impl<'a> Kept<'a> {
    /// Gives those that are `kept`.
    pub(crate) fn new(
        kept: KeptRows,
        give: &'a mut dyn FnMut(Vec<Vec<Value>>) -> Result<()>,
    ) -> Self {
        Kept { kept, give }
    }
}

impl Sink for Kept<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        let has = |row: &usize| self.kept.place(block.first_row + row).is_some();
        let kept: Vec<usize> = (0..block.rows()).filter(has).collect();
        if kept.len() == block.rows() {
            return (self.give)(block.columns.clone());
        }
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
        let kept = |keep: Keep| {
            let kept = keep.of(10, 5);
            (1..=10).filter(|row| kept.place(*row).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(kept(Keep::Last(3)), [8, 9, 10]);
        assert_eq!(kept(Keep::Last(100)), (1..=10).collect::<Vec<_>>());
        assert_eq!(kept(Keep::Every(4)), [4, 8]);
        assert_eq!(kept(Keep::Epochs), [5, 10]);
        assert_eq!((Keep::Every(4).of(10, 5).last(), Keep::Last(3).of(10, 5).last()), (8, 10));
        assert!(kept(Keep::Every(11)).is_empty());
    }
}
