//! The data: columns of numbers, each with the cell it came from.

use std::path::PathBuf;

pub mod generate;

/// One data column, as read: `values[i]` stood in the cell `cells[i]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DataColumn {
    /// The name that formulas use: `x` or `y`.
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
    /// The columns, inputs first (`x`), then `y`.
    pub columns: Vec<DataColumn>,
    /// What the user should know about the reading, each a line for stderr.
    pub notes: Vec<String>,
}

impl Data {
    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&DataColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}
