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
use crate::compare::expected::Beside;
use crate::error::Result;
use crate::export::comparison::Shown;
use layout::Layout;
use names::Names;
use paint::Paint;

/// What all sheets are written from.
struct Book<'a> {
    shown: &'a Shown<'a>,
    /// For each sheet of the comparison, where things stand on the sheet beside it.
    layouts: &'a [Option<Layout>],
    names: &'a Names,
    paint: &'a Paint,
    styles: &'a Styles,
}

/// The workbook that shows a comparison.
///
/// # Errors
/// A table that leaves no room for heads above it; whatever prevents writing.
pub fn comparison(shown: &Shown) -> Result<Workbook> {
    let (comparison, tables) = (shown.comparison, &shown.tables);
    let names = Names::new(comparison);
    let layout = |(at, table): (usize, &Option<Beside>)| {
        table.as_ref().map(|table| Layout::new(comparison, table, &names, at)).transpose()
    };
    let layouts: Vec<Option<Layout>> =
        tables.iter().enumerate().map(layout).collect::<Result<_>>()?;
    let book = Book {
        shown,
        layouts: &layouts,
        names: &names,
        paint: &Paint::new(),
        styles: &Styles::new(),
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
        let mut numbered = tables.iter().enumerate();
        let own = numbered.find(|(_, table)| table.as_ref().is_some_and(|one| one.index == index));
        if let Some(at) = own.map(|(at, _)| at) {
            compared::write(workbook.add_worksheet_with_constant_memory()?, &book, at)?;
        }
    }
    findings::write(workbook.worksheet_from_index(0)?, &book)?;
    Ok(workbook)
}
