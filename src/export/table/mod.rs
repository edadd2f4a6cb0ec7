//! Traces for data tools: one table a run, a row for each step, in a file of its own.
//!
//! The columns are called by their ids, which formulas have too (`de_da`, `v_a`), behind a first column
//! with the name of the run, so that the files of a folder read as one table. What a column is called
//! on a sheet and what it means stands in the metadata, where a format has such.

mod about;
pub mod memory;
#[cfg(feature = "parquet")]
pub(super) mod parquet;
mod text;

use std::io::{self, Write};

use crate::error::{Error, Result};
use crate::sheet::Group;
use crate::trace::{self, Keep, Kept, KeptRows, Results, Run, Sink};
use crate::value::Value;

pub use about::About;

/// The column with the name of the run.
const RUN: &str = "optimizer";

/// Columns that count something, so that their numbers are whole.
const COUNTS: [&str; 7] = ["row", "step", "epoch", "place", "sample", "in_batch", "update"];

/// More threads than this have nothing to do beside the one that computes.
const MOST_THREADS: usize = 4;

/// A format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with commas, by RFC 4180.
    Csv,
    /// An Apache Parquet file.
    Parquet,
    /// An object a line.
    Jsonl,
}

impl Format {
    /// The extension of its files, by which the command line names it too.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
            Format::Jsonl => "jsonl",
        }
    }
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts, in every row.
    Text,
    /// Whole numbers.
    Count,
    /// Whole numbers that need all of their 64 bits.
    Seed,
    /// Doubles; none for what is undefined.
    Number,
}

/// A column of a table.
#[derive(Debug)]
struct TableColumn {
    name: String,
    kind: Kind,
}

/// The trace of a run as a table.
#[derive(Debug)]
pub struct Table<'a> {
    results: &'a Results,
    run: &'a Run,
    about: &'a About,
    keep: Keep,
    threads: usize,
    /// What the column with the name of the run is called.
    run_column: String,
    columns: Vec<TableColumn>,
}

/// Rows, a vector for each column of the sheet.
type Rows = Vec<Vec<Value>>;

impl<'a> Table<'a> {
    /// The rows that are kept of the run with that index.
    pub fn new(results: &'a Results, index: usize, keep: Keep, about: &'a About) -> Self {
        let run = &results.runs[index];
        let columns: Vec<TableColumn> = run.sheet.columns.iter().map(column).collect();
        let mut run_column = RUN.to_owned();
        while columns.iter().any(|one| one.name.eq_ignore_ascii_case(&run_column)) {
            run_column.push('_');
        }
        let threads = 1;
        Table { results, run, about, keep, threads, run_column, columns }
    }

    /// The same, to be written on so many threads. The bytes do not depend on them.
    pub fn on_threads(self, threads: usize) -> Self {
        Table { threads: threads.min(MOST_THREADS), ..self }
    }

    /// Writes the table to `out`; all values are handed to `watch` as well.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(
        &self,
        format: Format,
        out: &mut (dyn Write + Send),
        watch: &mut dyn Sink,
    ) -> Result<()> {
        match format {
            Format::Csv => text::write(self, &text::Csv::new(self), out, watch),
            Format::Jsonl => text::write(self, &text::Jsonl::new(self), out, watch),
            #[cfg(feature = "parquet")]
            Format::Parquet => parquet::write(self, out, watch),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Err(Error::new("this gdtrace was built without Parquet")),
        }
    }

    /// Computes the trace and gives the rows that are kept.
    fn rows(&self, watch: &mut dyn Sink, give: &mut dyn FnMut(Rows) -> Result<()>) -> Result<()> {
        let rows = self.kept();
        let mut kept = Kept::new(rows, give);
        let ways = (&self.results.data, &self.results.plan);
        trace::rows(self.run, ways, rows.first..=rows.last(), &mut [&mut kept, watch])
    }

    /// Which rows are kept.
    fn kept(&self) -> KeptRows {
        self.keep.of(self.run.rows, self.results.data.samples())
    }
}

fn column(column: &crate::sheet::Column) -> TableColumn {
    let counts = column.group == Group::Index && COUNTS.contains(&column.id.as_str());
    let kind = if counts { Kind::Count } else { Kind::Number };
    TableColumn { name: column.id.clone(), kind }
}

fn failed(error: io::Error) -> Error {
    Error::new(format!("cannot write the table: {error}"))
}
