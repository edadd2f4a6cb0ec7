//! The first and the last steps of a run: all that the page shows of a trace of any length.

use std::collections::VecDeque;

use crate::error::Result;
use crate::trace::{Block, Sink};
use crate::value::Value;

/// How many steps are kept from the beginning and from the end.
const FIRST: usize = 5;
const LAST: usize = 3;

/// A row of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its step; 0 for the row of initial values.
    pub step: usize,
    /// The values; `None` where the row of initial values has none.
    pub values: Vec<Option<Value>>,
}

/// Takes a trace and keeps its ends.
#[derive(Debug, Default)]
pub struct Excerpt {
    /// The row of initial values and the first steps.
    pub first: Vec<Row>,
    /// The last steps, without those among the first.
    pub last: VecDeque<Row>,
}

impl Excerpt {
    /// How many steps stand between the first and the last ones.
    pub fn left_out(&self) -> usize {
        match (self.first.last(), self.last.front()) {
            (Some(before), Some(after)) => after.step - before.step - 1,
            _ => 0,
        }
    }
}

impl Sink for Excerpt {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.first.push(Row { step: 0, values: values.to_vec() });
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        for index in 0..block.rows() {
            let step = block.first_row + index;
            let is_first = step <= FIRST;
            if !is_first && index + LAST < block.rows() {
                continue;
            }
            let values = block.columns.iter().map(|column| Some(column[index])).collect();
            let row = Row { step, values };
            if is_first {
                self.first.push(row);
            } else {
                self.last.push_back(row);
                if self.last.len() > LAST {
                    self.last.pop_front();
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps that are kept of a run that comes in blocks of the given sizes.
    fn kept(blocks: &[usize]) -> (Vec<usize>, usize) {
        let mut excerpt = Excerpt::default();
        excerpt.initial(&[None]).unwrap();
        let mut first_row = 1;
        for &rows in blocks {
            let block = Block { first_row, columns: vec![vec![Value::ZERO; rows]] };
            excerpt.block(&block).unwrap();
            first_row += rows;
        }
        let rows = excerpt.first.iter().chain(&excerpt.last);
        (rows.map(|row| row.step).collect(), excerpt.left_out())
    }

    #[test]
    fn the_ends_are_kept_however_the_blocks_fall() {
        assert_eq!(kept(&[290]), (vec![0, 1, 2, 3, 4, 5, 288, 289, 290], 282));
        assert_eq!(kept(&[1024, 1]), (vec![0, 1, 2, 3, 4, 5, 1023, 1024, 1025], 1017));
        assert_eq!(kept(&[3, 4, 2]), (vec![0, 1, 2, 3, 4, 5, 7, 8, 9], 1));
    }

    #[test]
    fn a_short_run_is_kept_whole() {
        assert_eq!(kept(&[8]), ((0..=8).collect(), 0));
        assert_eq!(kept(&[2]), ((0..=2).collect(), 0));
    }
}
