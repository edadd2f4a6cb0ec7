//! Reading a workbook as far as it can be understood without knowing any optimizer.

use std::path::{Path, PathBuf};

use super::table::{self, Patterns, Table, View};
use crate::error::Result;
use crate::graph::{Graph, Options, Workbook};

/// A workbook, read, lifted to a graph and searched for tables.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The file.
    pub file: PathBuf,
    /// Its cells and formulas.
    pub workbook: Workbook,
    /// Its cells as a graph, with the values that the formulas give.
    pub graph: Graph,
    /// The sheets that were asked for, in the order of the file.
    pub sheets: Vec<SheetReading>,
}

/// What was read of a sheet.
#[derive(Debug, Clone)]
pub struct SheetReading {
    /// The sheet's name.
    pub name: String,
    /// Its place in the workbook.
    pub index: usize,
    /// The table of samples, or why there is none: "it is empty".
    pub table: Result<Table, String>,
}

/// Reads the workbook or .csv file at `path` and finds the tables in it.
///
/// # Errors
///
/// Where the file cannot be read or there is no such sheet.
pub fn read(path: &Path, options: &Options) -> Result<Reading> {
    of_workbook(path, Workbook::read(path, options)?, options)
}

/// Finds the tables in a workbook that was read from the file at `path`.
///
/// # Errors
///
/// Where there is no such sheet.
pub(super) fn of_workbook(path: &Path, workbook: Workbook, options: &Options) -> Result<Reading> {
    let chosen = match &options.sheet {
        Some(name) => vec![workbook.named_sheet(name)?],
        None => (0..workbook.sheets.len()).collect(),
    };
    let graph = Graph::lift(&workbook);
    let sheets = chosen.into_iter().map(|index| {
        let view = View { workbook: &workbook, graph: &graph, sheet: index };
        let sheet = &workbook.sheets[index];
        let table = table::find(view, &mut Patterns::new(sheet));
        SheetReading { name: sheet.name.clone(), index, table }
    });
    let sheets = sheets.collect();
    Ok(Reading { file: path.to_owned(), workbook, graph, sheets })
}
