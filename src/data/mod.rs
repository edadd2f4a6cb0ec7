//! The data: columns of numbers, each with the cell it came from.
//!
//! A file goes through these steps: `source` says what it is, `workbook` or `text` makes cells of
//! it, `regions` finds tables among them, `columns` says what their columns hold, `choose` decides
//! which are x and y, `samples` reads their numbers, and `notes` tells what was decided. Only the
//! second step knows formats; only the last three know x and y.

pub(crate) mod added;
pub(crate) mod address;
mod arrays;
mod ask;
mod body;
mod cells;
mod choose;
mod claims;
mod collect;
mod columns;
mod correlation;
mod dates;
mod evidence;
mod fault;
mod find;
mod formulas;
pub(crate) mod grid;
mod headers;
mod heard;
mod kinds;
mod limits;
mod names;
mod notes;
mod numbers;
mod ods;
mod parts;
pub(crate) mod properties;
mod regions;
mod rows;
mod samples;
mod scale;
mod seen;
mod sheets;
pub(crate) mod source;
pub(crate) mod stream;
mod summary;
mod tables;
pub(crate) mod text;
mod typed;
mod wanted;
pub(crate) mod workbook;
mod xls;

use std::path::{Path, PathBuf};

use crate::error::Result;

pub use cells::Cells;
pub use scale::{Scale, ScaleKind, Scaled};
pub use typed::Typed;
pub(crate) use typed::quoted;

use address::Area;

pub(crate) mod generate;

/// One data column, as read: `values[i]` stood in the cell `cells.get(i)`.
#[derive(Debug, Clone, PartialEq)]
pub struct DataColumn {
    /// The name that formulas use: `x`, `y`, or another input of a model.
    pub name: String,
    /// The header in the source, where it has one.
    pub header: Option<String>,
    /// The numbers, all finite.
    pub values: Vec<f64>,
    /// The address of each number in its source, such as `B7`; empty where there is none.
    pub cells: Cells,
}

/// The samples of a run: data columns of equal length (at least one sample), and where they stood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Data {
    /// The file that was read.
    pub file: PathBuf,
    /// Its sheet; empty where the format has none (.csv).
    pub sheet: String,
    /// The cells that were read, such as `B5:C33`, or `A4:A32, D4:D32` for columns that stand apart;
    /// those of rows that were left out are among them.
    pub range: String,
    /// The options that say what was decided, such as `x` with the headers of its columns.
    pub options: Vec<(&'static str, Vec<String>)>,
    /// The columns: the inputs in the order in which the model names them, then `y`; where a model
    /// has several outputs `y1`, `y2` and so on.
    pub columns: Vec<DataColumn>,
    /// The cells of the rows that were left out for lack of a number, by column.
    pub left_out: Vec<Cells>,
    /// What the user should know about the reading, each a line for stderr.
    pub notes: Vec<String>,
    /// What the columns were before they were scaled, where they were: as they were read.
    pub scale: Option<Scale>,
}

impl Data {
    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// Where in the file they stood: `sheet 'data', cells B5:C33`.
    pub fn place(&self) -> String {
        match self.sheet.as_str() {
            "" => format!("cells {}", self.range),
            sheet => format!("sheet '{sheet}', cells {}", self.range),
        }
    }

    /// The columns that a model predicts: `y`, or `y1`, `y2` and so on.
    pub fn targets(&self) -> &[DataColumn] {
        let last = self.columns.last().and_then(|column| column.name.strip_prefix('y'));
        let count = match last {
            None => 0,
            Some("") => 1,
            Some(number) => number.parse().unwrap_or(0).min(self.columns.len()),
        };
        &self.columns[self.columns.len() - count..]
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&DataColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Where the user says the data is; what is not said is found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// The sheet's name, in any case (`--sheet`).
    pub sheet: Option<String>,
    /// The column of x: a header in any case, or a column letter (`--x`). Several features with
    /// commas between them are read as `x1`, `x2` and so on; `all` are all that could be x.
    pub x: Option<String>,
    /// The column of y: a header in any case, or a column letter (`--y`); for several outputs one
    /// for each, with commas between them.
    pub y: Option<String>,
    /// How many outputs the model has, where there are several.
    pub outputs: Option<usize>,
    /// The cells, such as `A3:B32`, `A:B` or `data!A3:B32` (`--range`).
    pub range: Option<String>,
    /// What separates the fields of a .csv file.
    pub delimiter: Option<char>,
    /// The decimal sign of numbers that are texts, as all are in a .csv file.
    pub decimal: Option<char>,
    /// The names in the model; those that are headers beside y are its inputs. None: just `x`.
    pub names: Vec<String>,
    /// The command line, to offer other choices as commands.
    pub typed: Option<Typed>,
    /// The text that stands for the file, where a program has the data in memory.
    pub content: Option<String>,
}

/// What a target is called of so many outputs, counted from 0: `y`, or `y1`, `y2` and so on.
pub(crate) fn target(at: usize, outputs: usize) -> String {
    format!("y{}", target_number(at, outputs))
}

/// The number behind the names of an output's columns: none where it is the only one.
pub(crate) fn target_number(at: usize, outputs: usize) -> String {
    if outputs > 1 { (at + 1).to_string() } else { String::new() }
}

/// Reads the samples from the workbook or .csv file at `path`.
///
/// # Errors
///
/// Where the file cannot be read, the sheet or a column is not found, or a cell of the table does
/// not hold a finite number. The error names file, sheet and cell.
pub fn read(path: &Path, selection: &Selection) -> Result<Data> {
    sheets::read(path, selection)
}

/// `B5:C33` for columns side by side, else `A4:A32, D4:D32`.
fn range(columns: &[DataColumn]) -> String {
    let mut areas: Vec<Area> = columns.iter().filter_map(|one| one.cells.area()).collect();
    areas.sort_by_key(|area| (area.first.1, area.first.0));
    let Some(first) = areas.first().copied() else { return String::new() };
    // Side by side, or one below the other for a table that lies.
    let beside = |pair: &[Area]| {
        let (a, b) = (pair[0], pair[1]);
        let stands = a.first.0 == b.first.0 && a.last.0 == b.last.0 && a.last.1 + 1 == b.first.1;
        let lies = a.first.1 == b.first.1 && a.last.1 == b.last.1 && a.last.0 + 1 == b.first.0;
        stands || lies
    };
    if areas.windows(2).all(beside) {
        let last = areas[areas.len() - 1].last;
        return Area { first: first.first, last }.to_string();
    }
    let all = columns.iter().filter_map(|one| one.cells.area());
    all.map(|area| area.to_string()).collect::<Vec<_>>().join(", ")
}
