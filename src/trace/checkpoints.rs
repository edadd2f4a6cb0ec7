//! Rows from which a trace can be gone on with, so that nobody who wants a part of it has to compute
//! what stands before.

use std::ops::RangeInclusive;

use super::{Block, Plan, Run, Sink, Trace, data_columns};
use crate::data::Data;
use crate::error::Result;
use crate::value::Value;

/// How many rows are remembered at most: of a longer trace every other one is forgotten.
const MOST: usize = 128;

/// Rows at equal distances.
#[derive(Debug)]
pub struct Checkpoints {
    /// From each to the next, and from the start to the first.
    distance: usize,
    rows: Vec<Vec<Value>>,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Checkpoints { distance: 1024, rows: Vec::new() }
    }
}

impl Checkpoints {
    /// The last one before the row called `number`: its number, and its values.
    fn before(&self, number: usize) -> Option<(usize, &[Value])> {
        let count = (number.saturating_sub(1) / self.distance).min(self.rows.len());
        let row = self.rows.get(count.checked_sub(1)?)?;
        Some((count * self.distance, row))
    }
}

impl Sink for Checkpoints {
    fn block(&mut self, block: &Block) -> Result<()> {
        loop {
            let next = (self.rows.len() + 1) * self.distance;
            let at = next - block.first_row;
            if at >= block.rows() {
                return Ok(());
            }
            self.rows.push(block.columns.iter().map(|column| column[at]).collect());
            if self.rows.len() == MOST {
                let mut number = 0;
                self.rows.retain(|_| {
                    number += 1;
                    number % 2 == 0
                });
                self.distance *= 2;
            }
        }
    }
}

/// Computes the rows of a finished run with these numbers once more, and hands them to the `sinks`.
///
/// # Errors
/// What a sink reports; data without the columns that the sheet needs.
pub fn rows(
    run: &Run,
    (data, plan): (&Data, &Plan),
    rows: RangeInclusive<usize>,
    sinks: &mut [&mut dyn Sink],
) -> Result<()> {
    let (first, last) = (*rows.start(), run.rows.min(*rows.end()));
    let columns = data_columns(&run.sheet, data)?;
    let mut trace = Trace::new(&run.sheet, (columns, plan), last);
    if let Some((done, row)) = run.checkpoints.before(first) {
        trace = trace.behind(done, row);
    }
    while trace.fill_block() {
        trace.block.cut_to(first);
        for sink in sinks.iter_mut().filter(|_| trace.block.rows() > 0) {
            sink.block(&trace.block)?;
        }
    }
    Ok(())
}

/// The values above the row called `number`: those of a row, or the initial ones.
///
/// # Errors
/// Those of [`rows`].
pub fn row_above(run: &Run, ways: (&Data, &Plan), number: usize) -> Result<Vec<Option<Value>>> {
    let above = number - 1;
    let mut row = OneRow(super::initial(&run.sheet));
    if above > 0 {
        rows(run, ways, above..=above, &mut [&mut row])?;
    }
    Ok(row.0)
}

/// The only row that is given.
struct OneRow(Vec<Option<Value>>);

impl Sink for OneRow {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.0 = block.columns.iter().map(|column| column.last().copied()).collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_rows_are_remembered_of_any_number() {
        let mut checkpoints = Checkpoints::default();
        let mut first_row = 1;
        for rows in [1024, 29, 500_000, 1, 700_000] {
            let numbers = (first_row..first_row + rows).map(|row| Value::number(row as f64));
            let columns = vec![numbers.collect()];
            checkpoints.block(&Block { first_row, columns }).unwrap();
            first_row += rows;
            assert!(checkpoints.rows.len() < MOST);
            let number = first_row - 1;
            let (at, row) = checkpoints.before(number).unwrap_or((0, &[Value::ZERO]));
            assert_eq!(row, [Value::number(at as f64)]);
            assert!(at < number && number - at <= checkpoints.distance, "{at} {number}");
        }
        assert_eq!(checkpoints.before(1024), None);
    }
}
