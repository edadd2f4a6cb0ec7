//! The sheet `data`: x and y as read, each with the cell that it came from; and as scaled, where
//! they are.

use rust_xlsxwriter::Worksheet;
use rust_xlsxwriter::utility::{row_col_to_cell, row_col_to_cell_absolute};

use super::addresses::Addresses;
use super::data_layout::OurData;
use super::digits::{NumberFormat, column_width};
use super::style::{Styles, as_input};
use super::{note, set_up_page, write_formula};
use crate::data::{DataColumn, ScaleKind, Scaled};
use crate::error::Result;
use crate::trace::{Extent, Results};
use crate::value::{Value, counted};

/// Writes the sheet; where it is a copy of cells of the same workbook, with a line that says so.
pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    layout: &OurData,
    addresses: &Addresses,
) -> Result<()> {
    let data = &results.data;
    sheet.set_name(&layout.sheet.name)?;
    sheet.write_string_with_format(0, 0, "The data", &styles.title)?;
    let count = data.samples();
    let told = format!("{}. Change a blue cell and every sheet follows.", counted(count, "sample"));
    sheet.write_string_with_format(1, 0, told, &styles.prose)?;
    sheet.write_string_with_format(2, 0, origin(results, addresses), &styles.prose)?;
    if let (Some(row), Some(told)) = (layout.copied, addresses.copied()) {
        sheet.write_string_with_format(row, 0, told, &styles.warning)?;
    }
    if let Some(scale) = &data.scale {
        for (row, label) in [layout.center, layout.spread].into_iter().zip(scale.kind.labels()) {
            sheet.write_string_with_format(row, 0, label, &styles.label)?;
        }
    }
    let heads = layout.heads;
    sheet.write_string_with_format(heads, 0, "sample", &styles.number_head)?;
    sheet.insert_note(heads, 0, &note("the number by which trace sheets look a sample up"))?;
    for row in 0..count {
        sheet.write_number(layout.first + row as u32, 0, (row + 1) as f64)?;
    }
    let names = &results.runs[0].sheet.data;
    for name in names {
        let Some(index) = data.columns.iter().position(|column| column.name == *name) else {
            continue;
        };
        let place = Place { styles, layout, index, column: &data.columns[index] };
        place.write(sheet, data.raw(index))?;
        if let Some(scale) = &data.scale
            && let Some(scaled) = scale.column(index)
        {
            place.write_scale(sheet, scaled, scale.kind)?;
            place.write_scaled(sheet, scale.kind)?;
        }
    }
    sheet.set_column_width(0, if data.scale.is_some() { 18.0 } else { 9.0 })?;
    sheet.set_freeze_panes(heads + 1, 0)?;
    sheet.set_repeat_rows(heads, heads)?;
    set_up_page(sheet);
    Ok(())
}

/// A data column and where it stands.
struct Place<'a> {
    styles: &'a Styles,
    layout: &'a OurData,
    index: usize,
    column: &'a DataColumn,
}

impl Place<'_> {
    /// The numbers as they were read, and beside all columns the cells that they came from.
    fn write(&self, sheet: &mut Worksheet, values: &[f64]) -> Result<()> {
        let (layout, styles, column) = (self.layout, self.styles, self.column);
        let (at, beside) = (OurData::raw(self.index), layout.source(self.index));
        let digits = NumberFormat::for_extent(Extent::of(values.iter().copied()));
        let format = as_input(&digits.number());
        let name = &column.name;
        sheet.write_string_with_format(layout.heads, at, name, &styles.number_head)?;
        let told = match &column.header {
            Some(header) => format!("the column headed \"{header}\" of the source"),
            None => "a column without a header in the source".to_owned(),
        };
        sheet.insert_note(layout.heads, at, &note(&told))?;
        let source = format!("{name} from cell");
        sheet.write_string_with_format(layout.heads, beside, &source, &styles.number_head)?;
        let cell_format = styles.prose.clone().set_align(rust_xlsxwriter::FormatAlign::Right);
        let mut cells = column.cells.iter();
        for (row, value) in (layout.first..).zip(values) {
            sheet.write_number_with_format(row, at, *value, &format)?;
            let cell = cells.next().unwrap_or_default();
            sheet.write_string_with_format(row, beside, cell, &cell_format)?;
        }
        sheet.set_column_width(at, column_width(name, &digits).max(10.0))?;
        sheet.set_column_width(beside, 13)?;
        Ok(())
    }

    /// What the column is scaled by, above it. One of equal numbers has no spread: it is divided
    /// by 1.
    fn write_scale(&self, sheet: &mut Worksheet, scaled: &Scaled, kind: ScaleKind) -> Result<()> {
        let at = OurData::raw(self.index);
        let rows = self.layout.rows(at);
        let fixed = |row: u32| row_col_to_cell_absolute(row, at);
        let (center, spread) = match kind {
            // Spreadsheets add up in different ways within their STDEV.P: written out it is the same
            // in all of them, to the last digit, and so is every step that follows.
            ScaleKind::Zscore => (
                format!("AVERAGE({rows})"),
                format!("SQRT(SUMPRODUCT(({rows}-{})^2)/COUNT({rows}))", fixed(self.layout.center)),
            ),
            ScaleKind::Minmax => (format!("MIN({rows})"), format!("MAX({rows})-MIN({rows})")),
        };
        let spread = format!("IF(MAX({rows})=MIN({rows}),1,{spread})");
        let digits = |value: f64| NumberFormat::for_extent(Extent::of([value])).number();
        let number = Value::number;
        let place = (self.layout.center, at);
        write_formula(sheet, place, &center, number(scaled.center), &digits(scaled.center))?;
        let place = (self.layout.spread, at);
        write_formula(sheet, place, &spread, number(scaled.spread), &digits(scaled.spread))?;
        Ok(())
    }

    /// The scaled numbers, each a formula.
    fn write_scaled(&self, sheet: &mut Worksheet, kind: ScaleKind) -> Result<()> {
        let (raw, at) = (OurData::raw(self.index), self.layout.used(self.index));
        let [center, spread] = kind.labels();
        let name = &self.column.name;
        let head = format!("{name} scaled");
        let digits = NumberFormat::for_extent(Extent::of(self.column.values.iter().copied()));
        let heads = self.layout.heads;
        sheet.write_string_with_format(heads, at, &head, &self.styles.number_head)?;
        let told =
            format!("({name} - {center} of {name})/{spread} of {name}: what the optimizers see");
        sheet.insert_note(heads, at, &note(&told))?;
        let fixed = |row: u32| row_col_to_cell_absolute(row, raw);
        let (center, spread) = (fixed(self.layout.center), fixed(self.layout.spread));
        let format = digits.number();
        for (row, value) in (self.layout.first..).zip(&self.column.values) {
            let text = format!("({}-{center})/{spread}", row_col_to_cell(row, raw));
            write_formula(sheet, (row, at), &text, Value::number(*value), &format)?;
        }
        sheet.set_column_width(at, column_width(&head, &digits).max(10.0))?;
        Ok(())
    }
}

/// Where the data came from, or where they are, in a line. The folder is left out: the same file in
/// another place gives the same workbook.
pub fn origin(results: &Results, addresses: &Addresses) -> String {
    let data = &results.data;
    if addresses.data.our().is_none() {
        return format!(
            "The samples are those of this workbook, {}. Change one there and every sheet follows.",
            data.place()
        );
    }
    let file = data.file.file_name().map_or_else(
        || data.file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    format!("Read from {file}, {}.", data.place())
}
