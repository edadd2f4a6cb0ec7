//! The epochs that a dialect runs before the first one, for the states at their end.

use super::{Block, Plan, Sink, run};
use crate::data::Data;
use crate::error::{Error, Result};
use crate::sheet::Reset;
use crate::value::Value;

/// The last row of a reset: the value of each column of its sheet.
///
/// # Errors
/// A reset that diverges: a trace cannot start from an error.
pub fn end_of_reset(reset: &Reset, data: &Data) -> Result<Vec<f64>> {
    let mut last = Last(Vec::new());
    let outcome = run(&reset.sheet, data, &Plan::new(reset.epochs), &mut [&mut last])?;
    if let Some(divergence) = outcome.divergence {
        let column = &reset.sheet.columns[divergence.column].header;
        let what = format!(
            "the reset that {} starts from diverges: {column} is {} at its step {}",
            reset.sheet.name, divergence.error, divergence.row
        );
        return Err(Error::new(what).help("try a smaller lr"));
    }
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
