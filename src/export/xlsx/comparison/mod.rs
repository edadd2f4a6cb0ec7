//! The sheets of `gdtrace compare`: the findings, and beside each table what it should hold, as live
//! formulas over its cells. They are added to the user's workbook, whose own sheets get marks and
//! nothing else. What is no workbook of that kind (.csv, .xls, .ods) is copied, at the same addresses.

mod above;
mod compared;
mod copy;
mod findings;
mod layout;
mod live;
mod marks;
mod names;
mod paint;

use rust_xlsxwriter::Workbook;
use rust_xlsxwriter::utility::quote_sheet_name;

use super::style::Styles;
use crate::compare::expected::Beside;
use crate::error::Result;
use crate::export::comparison::Shown;
use crate::export::package::Overlay;
use layout::Layout;
pub(crate) use marks::SWITCH as MARKS;
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

/// The sheets that show a comparison. Where they `are_added` to the user's workbook it has no copies,
/// and the marks on its sheets are on sheets by themselves.
///
/// # Errors
/// A table that leaves no room for heads above it; whatever prevents writing.
pub fn comparison(shown: &Shown, are_added: bool) -> Result<super::Book<'static>> {
    let (comparison, tables) = (shown.comparison, &shown.tables);
    let names = Names::new(comparison, are_added);
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
    let mut overlays = Vec::new();
    let defined = match are_added {
        true => copy::Missing::new(),
        false => copy::define_names(&mut workbook, comparison, &names)?,
    };
    for (index, original) in comparison.reading.workbook.sheets.iter().enumerate() {
        if are_added && shown.marks.are_on(index) {
            let sheet = workbook.add_worksheet();
            let overlay = Overlay { ours: names.marks(index), theirs: original.name.clone() };
            sheet.set_name(&overlay.ours)?;
            marks::colour(sheet, &book, index)?;
            marks::annotate(sheet, &book, index)?;
            overlays.push(overlay);
        } else if !are_added && names.copy(index).is_some() {
            // Tall tables are written row by row, in bounded memory.
            copy::write(workbook.add_worksheet_with_constant_memory()?, &book, index, &defined)?;
        }
        let mut numbered = tables.iter().enumerate();
        let own = numbered.find(|(_, table)| table.as_ref().is_some_and(|one| one.index == index));
        if let Some(at) = own.map(|(at, _)| at) {
            compared::write(workbook.add_worksheet_with_constant_memory()?, &book, at)?;
        }
    }
    let switch = findings::write(workbook.worksheet_from_index(0)?, &book)?;
    let switch = format!("={}!{switch}", quote_sheet_name(&names.findings));
    workbook.define_name(&names.switch, &switch)?;
    Ok(super::Book::of_marks(workbook, overlays, marks::SWITCH))
}
