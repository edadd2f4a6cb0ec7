//! The engine: a sheet and data become values, in blocks of rows that are handed to the writers.
//!
//! Nothing but the current block is kept, so a run may be as long as a spreadsheet is high.

mod agreement;
mod blocks;
mod checkpoints;
pub(crate) mod curvature;
mod divergence;
mod exact;
pub(crate) mod fit;
mod keep;
mod machine;
mod plan;
mod reset;
mod results;
mod row;
mod summary;
pub mod sweep;
mod units;
mod until;

pub use agreement::{Measured, SAMPLES as MEASURED_SAMPLES, measure};
pub use blocks::Blocks;
pub use checkpoints::Checkpoints;
pub(crate) use checkpoints::{row_above, rows};
pub use divergence::Divergence;
pub(crate) use divergence::explain;
pub(crate) use exact::of_linear as exact_solution;
pub(crate) use keep::Kept;
pub use keep::{Keep, KeptRows};
pub use plan::Plan;
pub(crate) use reset::end_of_reset;
pub use results::{Exact, Extent, Results, Run};
pub(crate) use row::Row;
pub use summary::{EpochSummary, Line, Outcome, least_squares};
pub use units::{Part, Units};
pub use until::{EpochRef, Figure, Reason, Until};

use machine::Machine;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::formula::evaluate;
use crate::sheet::{Ref, Sheet};
use crate::value::Value;

/// How many rows a block holds at most.
const BLOCK_ROWS: usize = 1024;

/// Consecutive rows of a trace: `columns[c][r]` is the value of the sheet's column `c` in row
/// `first_row + r`.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The number of the first row, counted from 1.
    pub first_row: usize,
    /// The values, a vector for each column of the sheet.
    pub columns: Vec<Vec<Value>>,
}

impl Block {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Drops the rows before the one called `first`.
    fn cut_to(&mut self, first: usize) {
        let gone = first.saturating_sub(self.first_row).min(self.rows());
        self.columns.iter_mut().for_each(|column| drop(column.drain(..gone)));
        self.first_row += gone;
    }
}

/// Whoever takes the values of a trace, in step order.
pub trait Sink {
    /// Takes the step-0 row: the initial value of each column that has one.
    ///
    /// # Errors
    /// Whatever prevents writing.
    fn initial(&mut self, _values: &[Option<Value>]) -> Result<()> {
        Ok(())
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// Whatever prevents writing.
    fn block(&mut self, block: &Block) -> Result<()>;
}

/// Looks at no value: for whoever wants to know no more than how runs end.
#[derive(Debug)]
pub struct Nobody;

impl Sink for Nobody {
    fn block(&mut self, _: &Block) -> Result<()> {
        Ok(())
    }
}

/// Runs `sheet` over `data` as planned and hands every value to the `sinks`. Nothing is computed
/// beyond the epoch that the plan stops after.
///
/// # Errors
/// What a sink reports; data without the columns that the sheet needs.
pub fn run(
    sheet: &Sheet,
    data: &Data,
    plan: &Plan,
    sinks: &mut [&mut dyn Sink],
) -> Result<Outcome> {
    let mut blocks = Blocks::new(sheet, data, plan)?;
    for sink in sinks.iter_mut() {
        sink.initial(blocks.initial())?;
    }
    while let Some(block) = blocks.advance() {
        for sink in sinks.iter_mut() {
            sink.block(block)?;
        }
    }
    Ok(blocks.outcome())
}

/// The data columns in the order in which `Ref::Data` counts them.
fn data_columns<'a>(sheet: &Sheet, data: &'a Data) -> Result<Vec<&'a [f64]>> {
    let names = sheet.data.iter();
    names
        .map(|name| match data.column(name) {
            Some(column) => Ok(column.values.as_slice()),
            None => Err(Error::new(format!("the data have no column `{name}`"))),
        })
        .collect()
}

/// A trace under way.
struct Trace<'a> {
    rows: usize,
    /// A block ends at the latest after so many rows: those of an epoch, where a run may stop.
    stride: usize,
    done: usize,
    initial: Vec<Option<Value>>,
    machine: Machine<'a>,
    block: Block,
}

impl<'a> Trace<'a> {
    /// A trace of so many rows.
    fn new(sheet: &Sheet, (data, plan): (Vec<&'a [f64]>, &'a Plan), rows: usize) -> Self {
        let order = plan.order.as_deref().unwrap_or_default();
        let initial = initial(sheet);
        let machine = Machine::new(sheet, (data, order), &initial);
        let columns = sheet.columns.iter().map(|_| Vec::with_capacity(BLOCK_ROWS)).collect();
        let block = Block { first_row: 1, columns };
        Trace { rows, stride: rows, done: 0, initial, machine, block }
    }

    /// The same behind so many rows, of which the last one has these values.
    fn behind(mut self, done: usize, row: &[Value]) -> Self {
        self.machine.set_above(row);
        self.done = done;
        self
    }

    /// Computes the next block; whether there was one left.
    fn fill_block(&mut self) -> bool {
        let left = self.rows - self.done;
        let rows = match left {
            0 => 0,
            left => BLOCK_ROWS.min(left).min(self.stride - self.done % self.stride),
        };
        self.block.first_row = self.done + 1;
        self.block.columns.iter_mut().for_each(Vec::clear);
        for _ in 0..rows {
            self.machine.compute_row(&mut self.block.columns);
        }
        self.done += rows;
        rows > 0
    }
}

fn inputs(sheet: &Sheet) -> Vec<Value> {
    sheet.inputs.iter().map(|input| Value::number(input.value)).collect()
}

/// The step-0 row of a trace: the initial value of each column that has one.
pub fn initial(sheet: &Sheet) -> Vec<Option<Value>> {
    let inputs = inputs(sheet);
    let value = |start| initial_value(start, &inputs);
    sheet.columns.iter().map(|column| column.initial.as_ref().map(value)).collect()
}

fn initial_value(start: &crate::formula::Expr<Ref>, inputs: &[Value]) -> Value {
    evaluate(start, &|reference| match *reference {
        Ref::Input(input) => inputs[input],
        // Start values are over inputs alone: resolving has checked that.
        Ref::Column(_) | Ref::Above(_) | Ref::Data(_) | Ref::Order => Value::ZERO,
    })
}
