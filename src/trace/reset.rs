//! The epochs that a dialect runs before the first one, for the states at their end.

use super::{Block, Plan, Sink, run};
use crate::data::Data;
use crate::error::Result;
use crate::sheet::Reset;
use crate::value::Value;

/// The last row of a reset: the value of each column of its sheet, NaN for an error value.
///
/// # Errors
/// Data without the columns that the sheet needs.
pub fn end_of_reset(reset: &Reset, data: &Data) -> Result<Vec<f64>> {
    let mut last = Last(Vec::new());
    run(&reset.sheet, data, &Plan::new(reset.epochs), &mut [&mut last])?;
    Ok(last.0.iter().map(|value| value.raw()).collect())
}

/// Keeps the last row.
struct Last(Vec<Value>);

impl Sink for Last {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.0 = block.columns.iter().filter_map(|column| column.last().copied()).collect();
        Ok(())
    }
}
