//! A trace as an iterator: its blocks, each computed when it is asked for.

use super::summary::Summarizer;
use super::{Block, Outcome, Plan, Trace, Units, data_columns};
use crate::data::Data;
use crate::error::Result;
use crate::sheet::Sheet;
use crate::value::Value;

/// The blocks of rows of a trace, in the order of the steps, up to the epoch that the plan stops after.
///
/// ```
/// # fn main() -> gdtrace::error::Result<()> {
/// use gdtrace::circuit::Model;
/// use gdtrace::data::{self, Selection};
/// use gdtrace::optimizer::{self, Setup};
/// use gdtrace::trace::{Blocks, Plan};
///
/// let data = data::read("examples/graddes.xlsx".as_ref(), &Selection::default())?;
/// let setup = Setup::new(&[1.0, 1.0], data.samples());
/// let sheet = optimizer::sheet(optimizer::find("adam")?, &Model::line()?, &setup)?;
/// let plan = Plan::new(1);
/// let mut blocks = Blocks::new(&sheet, &data, &plan)?;
/// let mut steps = 0;
/// for block in &mut blocks {
///     for row in 0..block.rows() {
///         steps += 1;
///         let weights = sheet.weights.iter().map(|weight| block.columns[weight.next][row].to_string());
///         println!("{steps}: {}", weights.collect::<Vec<_>>().join(", "));
///     }
/// }
/// assert_eq!(steps, 29);
/// assert_eq!(blocks.outcome().epochs[0].rmse.to_string(), "14.169178959938561");
/// # Ok(())
/// # }
/// ```
pub struct Blocks<'a> {
    trace: Trace<'a>,
    summarizer: Summarizer<'a>,
}

impl<'a> Blocks<'a> {
    /// The blocks of `sheet` over `data` as planned, of which none has been computed yet.
    ///
    /// # Errors
    /// Data without the columns that the sheet needs.
    pub fn new(sheet: &'a Sheet, data: &'a Data, plan: &'a Plan) -> Result<Self> {
        let columns = data_columns(sheet, data)?;
        let samples = data.samples();
        let mut trace = Trace::new(sheet, (columns.clone(), plan), plan.epochs * samples);
        if plan.until.is_some() {
            trace.stride = samples;
        }
        let units = plan.until.as_ref().and_then(|_| Units::of(sheet, data));
        Ok(Blocks { trace, summarizer: Summarizer::new(sheet, columns, plan, units) })
    }

    /// The step-0 row: the initial value of each column that has one.
    pub fn initial(&self) -> &[Option<Value>] {
        &self.trace.initial
    }

    /// Computes the next block; none after the last.
    pub(super) fn advance(&mut self) -> Option<&Block> {
        if self.summarizer.has_stopped() || !self.trace.fill_block() {
            return None;
        }
        self.summarizer.take(&self.trace.block);
        Some(&self.trace.block)
    }

    /// What the blocks that have been computed come to.
    pub fn outcome(self) -> Outcome {
        self.summarizer.finish()
    }
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        self.advance().cloned()
    }
}
