//! The data: columns of numbers, each with the cell it came from.
//!
//! A file goes through four steps: `source` says what it is, `workbook` or `csv` makes cells of
//! it, `locate` finds the table among them, `samples` reads its numbers. Only the second step
//! knows formats; only the last two know x and y.

pub(crate) mod address;
mod arrays;
mod collect;
pub(crate) mod csv;
mod fault;
pub(crate) mod grid;
mod headers;
mod locate;
mod names;
mod ods_size;
mod parts;
pub(crate) mod properties;
mod samples;
mod sheets;
pub(crate) mod source;
pub(crate) mod stream;
mod summary;
mod tables;
pub(crate) mod workbook;
mod xls_size;

use std::path::{Path, PathBuf};

use crate::error::Result;

pub mod generate;

/// One data column, as read: `values[i]` stood in the cell `cells[i]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DataColumn {
    /// The name that formulas use: `x`, `y`, or another input of a model.
    pub name: String,
    /// The header in the source, where it has one.
    pub header: Option<String>,
    /// The numbers, all finite.
    pub values: Vec<f64>,
    /// The address of each number in its source, such as `B7`.
    pub cells: Vec<String>,
}

/// The samples of a run: data columns of equal length (at least one sample), and where they stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// The file that was read.
    pub file: PathBuf,
    /// Its sheet; empty where the format has none (.csv).
    pub sheet: String,
    /// The cells that were read, such as `B5:C33`, or `A4:A32, D4:D32` for columns that stand apart.
    pub range: String,
    /// The columns: the inputs in the order in which the model names them, then `y`.
    pub columns: Vec<DataColumn>,
    /// What the user should know about the reading, each a line for stderr.
    pub notes: Vec<String>,
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
    /// The column of x: a header in any case, or a column letter (`--x`).
    pub x: Option<String>,
    /// The column of y: a header in any case, or a column letter (`--y`).
    pub y: Option<String>,
    /// The cells, such as `A3:B32`, `A:B` or `data!A3:B32` (`--range`).
    pub range: Option<String>,
    /// What separates the fields of a .csv file.
    pub delimiter: Option<char>,
    /// The decimal sign of a .csv file.
    pub decimal: Option<char>,
    /// The names in the model; those that are headers beside y are its inputs. None: just `x`.
    pub names: Vec<String>,
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
