//! The sheet `data`: x and y as read, each with the cell that it came from.

use rust_xlsxwriter::Worksheet;

use super::digits::{NumberFormat, column_width};
use super::layout::DataLayout;
use super::style::{Styles, as_input};
use super::{note, set_up_page};
use crate::error::Result;
use crate::trace::{Extent, Results};
use crate::value::counted;

pub fn write(sheet: &mut Worksheet, styles: &Styles, results: &Results) -> Result<()> {
    let data = &results.data;
    sheet.set_name("data")?;
    sheet.write_string_with_format(0, 0, "The data", &styles.title)?;
    let count = data.samples();
    let told = format!("{}. Change a blue cell and every sheet follows.", counted(count, "sample"));
    sheet.write_string_with_format(1, 0, told, &styles.prose)?;
    sheet.write_string_with_format(2, 0, origin(results), &styles.prose)?;
    let heads = DataLayout::HEADS;
    sheet.write_string_with_format(heads, 0, "sample", &styles.number_head)?;
    sheet.insert_note(heads, 0, &note("the number by which trace sheets look a sample up"))?;
    for row in 0..count {
        sheet.write_number(DataLayout::HEADS + 1 + row as u32, 0, (row + 1) as f64)?;
    }
    let names = &results.runs[0].sheet.data;
    for (index, name) in names.iter().enumerate() {
        if let Some(column) = data.column(name) {
            write_column(sheet, styles, index, names.len(), column)?;
        }
    }
    sheet.set_column_width(0, 9)?;
    sheet.set_freeze_panes(heads + 1, 0)?;
    sheet.set_repeat_rows(heads, heads)?;
    set_up_page(sheet);
    Ok(())
}

/// The numbers of a data column, and beside all of them the cells that they came from.
fn write_column(
    sheet: &mut Worksheet,
    styles: &Styles,
    index: usize,
    columns: usize,
    column: &crate::data::DataColumn,
) -> Result<()> {
    let heads = DataLayout::HEADS;
    let at = DataLayout::FIRST_COLUMN + index as u16;
    let beside = DataLayout::FIRST_COLUMN + (columns + index) as u16;
    let digits = NumberFormat::for_extent(Extent::of(column.values.iter().copied()));
    let format = as_input(&digits.number());
    let name = &column.name;
    sheet.write_string_with_format(heads, at, name, &styles.number_head)?;
    let told = match &column.header {
        Some(header) => format!("the column headed \"{header}\" of the source"),
        None => "a column without a header in the source".to_owned(),
    };
    sheet.insert_note(heads, at, &note(&told))?;
    let source = format!("{name} from cell");
    sheet.write_string_with_format(heads, beside, &source, &styles.number_head)?;
    let cell_format = styles.prose.clone().set_align(rust_xlsxwriter::FormatAlign::Right);
    let mut cells = column.cells.iter();
    for (row, value) in (heads + 1..).zip(&column.values) {
        sheet.write_number_with_format(row, at, *value, &format)?;
        let cell = cells.next().unwrap_or_default();
        sheet.write_string_with_format(row, beside, cell, &cell_format)?;
    }
    sheet.set_column_width(at, column_width(name, &digits).max(10.0))?;
    sheet.set_column_width(beside, 13)?;
    Ok(())
}

/// Where the data came from, in a line. The folder is left out: the same file in another place
/// gives the same workbook.
pub fn origin(results: &Results) -> String {
    let data = &results.data;
    let file = data.file.file_name().map_or_else(
        || data.file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    format!("Read from {file}, {}.", data.place())
}
