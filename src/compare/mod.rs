//! Comparing a hand-built spreadsheet with what its optimizer should compute.
//!
//! A sheet goes through four steps. Its workbook is lifted to a graph of cells
//! ([`crate::graph`]). The table of samples is found among the cells and becomes a [`machine`]: a formula for each column over this row, the row above and
//! the cells that every row refers to. The machine is matched with the optimizers: its formulas,
//! run on invented numbers, must give what a definition's formulas give, so that neither layout
//! nor names nor the values at hand decide. The dialect that fits is run on the sheet's own data,
//! and what differs is traced to the first wrong cell.

mod against;
mod agree;
mod blame;
mod change;
mod computed;
mod corrections;
pub(crate) mod expected;
mod forced;
mod form;
mod handover;
mod invented;
mod labels;
mod large;
pub mod lint;
pub mod machine;
pub(crate) mod marks;
mod matching;
mod named;
mod per_weight;
pub(crate) mod quiz;
mod reading;
mod recognize;
mod recompute;
pub mod result;
mod rewrite;
mod roles;
mod settings;
mod slips;
pub mod table;
mod trace;
pub mod training;
mod verdict;
mod words;

pub(crate) use against::{Target, against};
pub(crate) use computed::{may_be_log, over_data};
pub(crate) use large::large_log;
pub use reading::{Reading, SheetReading, read};
pub use settings::Settings;
pub use verdict::compare;
