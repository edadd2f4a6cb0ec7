//! What is wrong with the cells of a sheet, and in words that its owner understands.

use std::path::Path;

use super::address::{Position, cell_name};
use super::grid::{Value, looks_like_number};
use crate::error::Error;

/// What is wrong with the cells of a sheet, before the file and the sheet are known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    what: String,
    pub cell: Option<Position>,
    pub help: String,
}

impl Fault {
    pub fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Fault { what: what.into(), cell: None, help: help.into() }
    }

    /// Says in which cell it is.
    pub fn at(mut self, cell: Position) -> Self {
        self.cell = Some(cell);
        self
    }

    /// The error in the sheet (an empty name for .csv) of the file at `path`.
    pub fn into_error(self, path: &Path, sheet: &str) -> Error {
        let error = Error::new(self.what).help(self.help);
        match self.cell {
            Some(cell) => error.in_cell(path, sheet, &cell_name(cell)),
            None if sheet.is_empty() => error.in_file(path),
            None => error.in_sheet(path, sheet),
        }
    }
}

/// A cell holds something else than a finite number.
pub(crate) fn wrong_value(name: &str, position: Position, value: &Value) -> Fault {
    let help = match value {
        Value::Text(text) if looks_like_number(text) => {
            "change the cell's format to a number and enter the value again (or use \
             \"Convert to Number\" on the whole column); in .csv, check the decimal sign with \
             --decimal"
        }
        Value::Text(_) => {
            "write a number there; leave a blank row between the table and what stands below it"
        }
        Value::Uncalculated => {
            "open the workbook in a spreadsheet program, let it calculate and save it"
        }
        Value::Error(_) => "correct the formula or write a number there",
        Value::Date(_) => "write a number there, such as the days since the first date",
        Value::Logical(_) => "write 1 or 0 there",
        Value::Number(_) => "write a finite number there",
    };
    let cell = cell_name(position);
    Fault::new(format!("{cell} holds {value} where a number for {name} is needed"), help)
        .at(position)
}
