//! One row of a trace with the one above it: all that the formulas of a row look at.

use super::{Block, Plan, Results, Sink, run};
use crate::error::Result;
use crate::sheet::{Ref, Sheet};
use crate::value::Value;

/// A row and the one above it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number, counted from 1.
    pub number: usize,
    /// The values of the row above; `None` where the row of initial values has none.
    pub above: Vec<Option<Value>>,
    /// The values of the row.
    pub values: Vec<Value>,
}

impl Row {
    /// The row called `number` of the run with the given index, computed as far as it stands.
    ///
    /// # Errors
    /// Those of [`run`].
    pub fn of(results: &Results, index: usize, number: usize) -> Result<Self> {
        let epochs = number.div_ceil(results.data.samples().max(1));
        let plan = Plan { epochs, ..results.plan.clone() };
        let mut row = Row { number, above: Vec::new(), values: Vec::new() };
        run(&results.runs[index].sheet, &results.data, &plan, &mut [&mut row])?;
        Ok(row)
    }

    /// What `name` stands for in the formula of a column that comes to `result` in this row.
    pub fn value(&self, sheet: &Sheet, name: &Ref, result: Value) -> Value {
        match *name {
            Ref::Column(column) => self.values[column],
            Ref::Above(column) => self.above[column].unwrap_or(result),
            Ref::Input(input) => Value::number(sheet.inputs[input].value),
            // What is looked up by its place is the whole of its column.
            Ref::Data(_) | Ref::Order => result,
        }
    }
}

impl Sink for Row {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.above = values.to_vec();
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        let row = |number: usize| -> Option<Vec<Value>> {
            let index = number.checked_sub(block.first_row).filter(|at| *at < block.rows())?;
            Some(block.columns.iter().map(|column| column[index]).collect())
        };
        if let Some(above) = row(self.number - 1) {
            self.above = above.into_iter().map(Some).collect();
        }
        if let Some(values) = row(self.number) {
            self.values = values;
        }
        Ok(())
    }
}
