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
//! | [`watch`] | who waits for what takes long: told how far it has come, free to end it |
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
//! What is public here is meant for others, so that a program can take a layer and leave the rest: a change of it is
//! told in CHANGELOG.md, and one that breaks a program moves the version (`cargo semver-checks` says which do). ARCHITECTURE.md
//! follows a run and a comparison through the layers.
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
//!
//! [`trace::Blocks`] gives the same values as an iterator. The writers take the results of several sheets, here as a table
//! and as a workbook of its own:
//!
//! ```
//! # fn main() -> gdtrace::error::Result<()> {
//! # use std::path::Path;
//! # use gdtrace::circuit::Model;
//! # use gdtrace::data::{self, Selection};
//! # use gdtrace::optimizer::{self, Setup};
//! use gdtrace::export::output::{About, Outputs};
//! use gdtrace::export::table::{self, Format, Table};
//! use gdtrace::export::xlsx::{self, Host};
//! use gdtrace::trace::{Keep, Nobody, Plan, Results};
//!
//! # let file = Path::new("examples/graddes.xlsx");
//! # let data = data::read(file, &Selection::default())?;
//! # let definition = optimizer::find("adam")?;
//! # let sheet = optimizer::sheet(definition, &Model::line()?, &Setup::new(&[1.0, 1.0], data.samples()))?;
//! let results = Results::compute(vec![(definition.clone(), sheet)], data, Plan::new(1), &mut Nobody)?;
//!
//! let mut csv = Vec::new();
//! let about = table::About::of(file)?;
//! Table::new(&results, 0, Keep::All, &about).write(Format::Csv, &mut csv, &mut Nobody)?;
//! assert_eq!(csv.split(|byte| *byte == b'\n').count(), 1 + 29 + 1);
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("adam.xlsx");
//! let (host, mut watch) = (Host::separate(), Nobody);
//! let book = xlsx::workbook(&results, &host, &mut watch)?;
//! let mut outputs = Outputs::new(&[file], false);
//! outputs.stage_book(&path, book, &About { title: "Adam", subject: "Every step", properties: &[] })?;
//! outputs.commit()?;
//! # assert!(path.exists());
//! # Ok(())
//! # }
//! ```
//!
//! What is wrong in a sheet that somebody built by hand:
//!
//! ```
//! # fn main() -> gdtrace::error::Result<()> {
//! use gdtrace::compare::result::Kind;
//! use gdtrace::compare::{Settings, compare};
//! use gdtrace::optimizer;
//!
//! let file = "examples/handbuilt.xlsx".as_ref();
//! let comparison = compare(file, &Settings::default(), optimizer::registry()?)?;
//! let rents = comparison.sheets.iter().find(|sheet| sheet.sheet == "rents").unwrap();
//! assert_eq!(rents.optimizer.as_deref(), Some("momentum"));
//! assert_eq!((rents.findings[0].cell.as_str(), rents.findings[0].kind), ("rents!I12", Kind::InconsistentFormula));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod circuit;
pub mod cli;
pub mod compare;
pub mod data;
pub mod error;
pub mod export;
pub mod formula;
pub mod graph;
pub mod optimizer;
mod panics;
pub mod sheet;
mod threads;
pub mod trace;
pub mod value;
pub mod watch;
