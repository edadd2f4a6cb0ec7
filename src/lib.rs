//! gdtrace shows every number that gradient descent computes, in a spreadsheet that anyone can
//! check.
//!
//! **One definition, many faces.** A column of a trace is defined once, as a formula over named
//! things. The number, the Excel formula, the mathematics, the explanation and the derivative all
//! come from that one tree, so the spreadsheet, the report and the engine cannot disagree:
//!
//! ```
//! use gdtrace::formula::{Name, evaluate, excel, parse, text};
//! use gdtrace::value::Value;
//!
//! let step = parse("w - lr*g").unwrap();
//! let value = |name: &Name| Value::number(if name.id == "w" { 1.0 } else { 0.5 });
//! let cell = |name: &Name| match name.id.as_str() {
//!     "w" => "F12".to_owned(),
//!     "g" => "O12".to_owned(),
//!     _ => "$B$5".to_owned(),
//! };
//! assert_eq!(text(&step, &|name| name.id.clone()), "w - lr*g");
//! assert_eq!(excel(&step, &cell), "F12-$B$5*O12");
//! assert_eq!(evaluate(&step, &value).to_string(), "0.75");
//! ```
//!
//! **The layers.** Each imports those above it only:
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`error`], [`value`] | what goes wrong, and what a cell holds: a number or an error value |
//! | [`formula`] | formula trees, and their faces |
//! | [`sheet`] | the ordered columns of one trace, resolved and checked |
//! | [`data`] | finding and reading x and y in a workbook or .csv file |
//! | [`circuit`] | a model and its loss as gates; the chain rule, Jacobian and Hessian |
//! | [`optimizer`] | optimizers as definitions in TOML; ways to train; a definition becomes a sheet |
//! | [`trace`] | the engine: a sheet and data become values, in blocks of rows |
//! | [`graph`] | any workbook as a graph of cells: families of formulas, values, derivatives |
//! | [`compare`] | what a workbook built by hand trains, checked and run again |
//! | [`export`] | the writers: workbooks and pages |
//! | [`cli`] | the program `gdtrace`: arguments become settings, one file a command |
//!
//! All of them are public, so that a program can take a layer and leave the rest; what the program
//! prints and writes is the contract that is kept, more than any signature here. ARCHITECTURE.md
//! follows a run and a comparison through them.
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
mod threads;
pub mod trace;
pub mod value;
