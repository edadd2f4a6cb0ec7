//! gdtrace shows every number that gradient descent computes, in a spreadsheet that anyone can
//! check.
//!
//! **One definition, many faces.** A column of a trace is defined once, as a formula over named
//! things. The number, the Excel formula, the mathematics and the derivative all come from that one
//! tree ([`formula`]), so the spreadsheet, the report and the engine cannot disagree.
//!
//! The way of the data: a workbook becomes samples ([`data`]); an optimizer's definition
//! ([`optimizer`]) and a model with its loss ([`circuit`]) become the ordered columns of a trace
//! ([`sheet`]); running these over the samples gives values, in blocks of rows ([`trace`]), which
//! are handed to whoever writes them ([`export`]). A workbook that somebody built by hand goes the
//! other way: it is lifted to a graph of cells ([`graph`]), and what it trains is recognized and run
//! again ([`compare`]). Imports point one way
//! only:
//!
//! ```text
//! cli ─► export ─► compare ─► trace ─► optimizer, circuit ─► sheet ─► formula ─► value, error
//!                  graph ───────────────────────────────────────────►
//!                             data ────────────────────────────────────────────►
//! ```
//!
//! One epoch of Adam:
//!
//! ```
//! # fn main() -> gdtrace::error::Result<()> {
//! use gdtrace::circuit::Model;
//! use gdtrace::data::{self, Selection};
//! use gdtrace::optimizer::{self, Setup};
//! use gdtrace::trace::{self, Plan};
//!
//! let data = data::read("examples/graddes.xlsx".as_ref(), &Selection::default())?;
//! let adam = optimizer::find("adam")?;
//! let start = [1.0, 1.0];
//! let sheet = optimizer::sheet(adam, &Model::line()?, &Setup::new(&start, data.samples()))?;
//! let outcome = trace::run(&sheet, &data, &Plan::new(1), &mut [])?;
//! assert_eq!(outcome.epochs[0].rmse.to_string(), "14.169178959938561");
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod circuit;
pub mod cli;
pub mod compare;
pub mod data;
pub mod error;
pub mod export;
pub mod formula;
pub mod graph;
pub mod optimizer;
pub mod sheet;
pub mod trace;
pub mod value;
