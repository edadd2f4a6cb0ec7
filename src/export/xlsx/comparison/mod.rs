//! The workbook of `gdtrace compare`: the findings, a copy of each sheet at the same addresses with
//! its cells coloured by finding, and beside each table what it should hold, as live formulas.

mod above;
mod compared;
mod copy;
mod findings;
mod layout;
mod live;
mod names;
mod paint;

use rust_xlsxwriter::Workbook;

use super::style::Styles;
use crate::compare::beside::Beside;
use crate::compare::marks::Marks;
use crate::compare::result::Comparison;
use crate::error::Result;
use layout::Layout;
use names::Names;
use paint::Paint;

/// What all sheets are written from.
struct Book<'a> {
    comparison: &'a Comparison,
    /// For each sheet of the comparison, its table beside what it should hold.
    tables: &'a [Option<Beside<'a>>],
    layouts: &'a [Option<Layout>],
    marks: &'a Marks,
    names: &'a Names,
    paint: &'a Paint,
    styles: &'a Styles,
    tolerance: f64,
}

/// The workbook that shows `comparison`, with numbers held to agree within the relative `tolerance`.
///
/// # Errors
/// A table that leaves no room for heads above it; whatever prevents writing.
pub fn comparison(comparison: &Comparison, tolerance: f64) -> Result<Workbook> {
    let sheets = 0..comparison.sheets.len();
    let tables: Vec<Option<Beside>> =
        sheets.map(|at| Beside::new(comparison, at, tolerance)).collect();
    let names = Names::new(comparison);
    let layout = |(at, table): (usize, &Option<Beside>)| {
        table.as_ref().map(|table| Layout::new(comparison, table, &names, at)).transpose()
    };
    let layouts: Vec<Option<Layout>> =
        tables.iter().enumerate().map(layout).collect::<Result<_>>()?;
    let book = Book {
        comparison,
        marks: &Marks::new(comparison, &tables),
        tables: &tables,
        layouts: &layouts,
        names: &names,
        paint: &Paint::new(),
        styles: &Styles::new(),
        tolerance,
    };
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(3);
    workbook.add_worksheet().set_name(&names.findings)?;
    let defined = copy::define_names(&mut workbook, comparison, &names)?;
    for index in 0..comparison.reading.workbook.sheets.len() {
        if names.copy(index).is_some() {
            // Tall tables are written row by row, in bounded memory.
            copy::write(workbook.add_worksheet_with_constant_memory()?, &book, index, &defined)?;
        }
        let mut tables = book.tables.iter().enumerate();
        let own = tables.find(|(_, table)| table.as_ref().is_some_and(|one| one.index == index));
        if let Some(at) = own.map(|(at, _)| at) {
            compared::write(workbook.add_worksheet_with_constant_memory()?, &book, at)?;
        }
    }
    findings::write(workbook.worksheet_from_index(0)?, &book)?;
    Ok(workbook)
}
