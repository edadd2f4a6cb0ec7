//! Comparing a hand-built spreadsheet with what its optimizer should compute.
//!
//! A sheet goes through five steps. Its cells are read, formulas as trees over relative places
//! (`reference`); what each formula gives is computed afresh. The table of samples is found among
//! the cells and becomes a [`machine`]: a formula for each column over this row, the row above and
//! the cells that every row refers to. The machine is matched with the optimizers: its formulas,
//! run on invented numbers, must give what a definition's formulas give, so that neither layout
//! nor names nor the values at hand decide. The dialect that fits is run on the sheet's own data,
//! and what differs is traced to the first wrong cell.

mod against;
mod agree;
pub(crate) mod beside;
mod change;
mod forced;
mod form;
mod handover;
mod judge;
pub(crate) mod key;
mod labels;
pub mod lint;
pub mod machine;
pub(crate) mod marks;
mod matching;
mod named;
mod once;
mod own;
mod reading;
pub mod recalculate;
mod recognize;
mod recompute;
pub mod reference;
pub mod result;
mod rewrite;
mod roles;
pub mod scalar;
mod scene;
mod settings;
mod sheet;
mod slips;
pub mod table;
pub mod training;
pub mod understand;
mod verdict;
mod words;
mod workbook;

pub use against::{Target, against};
pub use reading::{Reading, SheetReading, read};
pub use settings::Settings;
pub use sheet::{Cell, Content, SharedFormula, Sheet};
pub use verdict::compare;
pub use workbook::{DefinedName, Options, Workbook};
