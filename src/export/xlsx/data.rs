//! The sheet `data`: x and y as read, each with the cell that it came from; and as scaled, where
//! they are.

use rust_xlsxwriter::utility::{row_col_to_cell, row_col_to_cell_absolute};
use rust_xlsxwriter::{Format, Worksheet};

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
    let followed = addresses.followed("Change a blue cell");
    let told = format!("{}. {followed}", counted(count, "sample"));
    sheet.write_string_with_format(1, 0, told, &styles.prose)?;
    sheet.write_string_with_format(2, 0, origin(results, addresses), &styles.prose)?;
    if let (Some(row), Some(told)) = (layout.copied, addresses.copied()) {
        sheet.write_string_with_format(row, 0, told, &styles.warning)?;
    }
    let places = places(results, styles, layout);
    if let Some(scale) = &data.scale {
        let [center, spread] = scale.kind.labels();
        sheet.write_string_with_format(layout.center, 0, center, &styles.label)?;
        places.iter().try_for_each(|place| place.write_center(sheet))?;
        sheet.write_string_with_format(layout.spread, 0, spread, &styles.label)?;
        places.iter().try_for_each(|place| place.write_spread(sheet))?;
    }
    write_heads(sheet, &places, layout, styles)?;
    // Row by row: the cells of long data do not stay in memory.
    let mut sources: Vec<_> = places.iter().map(|place| place.column.cells.iter()).collect();
    for sample in 0..count {
        let row = layout.first + sample as u32;
        sheet.write_number(row, 0, (sample + 1) as f64)?;
        for (place, source) in places.iter().zip(&mut sources) {
            place.write_sample(sheet, (row, sample), &source.next().unwrap_or_default())?;
        }
    }
    sheet.set_column_width(0, if data.scale.is_some() { 18.0 } else { 9.0 })?;
    sheet.set_freeze_panes(layout.heads + 1, 0)?;
    sheet.set_repeat_rows(layout.heads, layout.heads)?;
    set_up_page(sheet);
    Ok(())
}

/// A data column and where it stands.
struct Place<'a> {
    layout: &'a OurData,
    index: usize,
    column: &'a DataColumn,
    /// The numbers as they were read.
    raw: &'a [f64],
    format: Format,
    source_format: Format,
    scaled: Option<ScaledColumn<'a>>,
}

/// What a column is scaled by, and how its scaled numbers look.
struct ScaledColumn<'a> {
    by: &'a Scaled,
    kind: ScaleKind,
    format: Format,
}

/// The columns that the runs need.
fn places<'a>(results: &'a Results, styles: &Styles, layout: &'a OurData) -> Vec<Place<'a>> {
    let data = &results.data;
    let source_format = styles.prose.clone().set_align(rust_xlsxwriter::FormatAlign::Right);
    let place = |name: &String| {
        let index = data.columns.iter().position(|column| column.name == *name)?;
        let (column, raw) = (&data.columns[index], data.raw(index));
        let scale = data.scale.as_ref();
        let scaled = scale.and_then(|scale| {
            let format = digits(&column.values).number();
            Some(ScaledColumn { by: scale.column(index)?, kind: scale.kind, format })
        });
        let format = as_input(&digits(raw).number());
        let source_format = source_format.clone();
        Some(Place { layout, index, column, raw, format, source_format, scaled })
    };
    results.runs[0].sheet.data.iter().filter_map(place).collect()
}

fn digits(values: &[f64]) -> NumberFormat {
    NumberFormat::for_extent(Extent::of(values.iter().copied()))
}

/// The heads of all columns, with what each is.
fn write_heads(
    sheet: &mut Worksheet,
    places: &[Place],
    layout: &OurData,
    styles: &Styles,
) -> Result<()> {
    let head = |sheet: &mut Worksheet, at: u16, text: &str, told: &str| -> Result<()> {
        sheet.write_string_with_format(layout.heads, at, text, &styles.number_head)?;
        if !told.is_empty() {
            sheet.insert_note(layout.heads, at, &note(told))?;
        }
        Ok(())
    };
    head(sheet, 0, "sample", "the number by which trace sheets look a sample up")?;
    for place in places {
        let (name, at) = (&place.column.name, OurData::raw(place.index));
        let told = match &place.column.header {
            Some(header) => format!("the column headed \"{header}\" of the source"),
            None => "a column without a header in the source".to_owned(),
        };
        head(sheet, at, name, &told)?;
        sheet.set_column_width(at, column_width(name, &digits(place.raw)).max(10.0))?;
        let beside = layout.source(place.index);
        head(sheet, beside, &format!("{name} from cell"), "")?;
        sheet.set_column_width(beside, 13)?;
        if let Some(scaled) = &place.scaled {
            let [center, spread] = scaled.kind.labels();
            let (at, text) = (layout.used(place.index), format!("{name} scaled"));
            let told = format!(
                "({name} - {center} of {name})/{spread} of {name}: what the optimizers see"
            );
            head(sheet, at, &text, &told)?;
            let width = column_width(&text, &digits(&place.column.values));
            sheet.set_column_width(at, width.max(10.0))?;
        }
    }
    Ok(())
}

impl Place<'_> {
    /// A sample as it was read, where from, and as it is scaled.
    fn write_sample(
        &self,
        sheet: &mut Worksheet,
        (row, sample): (u32, usize),
        source: &str,
    ) -> Result<()> {
        let layout = self.layout;
        let at = OurData::raw(self.index);
        sheet.write_number_with_format(row, at, self.raw[sample], &self.format)?;
        let beside = layout.source(self.index);
        sheet.write_string_with_format(row, beside, source, &self.source_format)?;
        if let Some(scaled) = &self.scaled {
            let fixed = |row: u32| row_col_to_cell_absolute(row, at);
            let (center, spread) = (fixed(layout.center), fixed(layout.spread));
            let text = format!("({}-{center})/{spread}", row_col_to_cell(row, at));
            let value = Value::number(self.column.values[sample]);
            write_formula(sheet, (row, layout.used(self.index)), &text, value, &scaled.format)?;
        }
        Ok(())
    }

    /// What is taken from the column before it is scaled, above it.
    fn write_center(&self, sheet: &mut Worksheet) -> Result<()> {
        let Some(ScaledColumn { by, kind, .. }) = &self.scaled else { return Ok(()) };
        let rows = self.layout.rows(OurData::raw(self.index));
        let center = match kind {
            ScaleKind::Zscore => format!("AVERAGE({rows})"),
            ScaleKind::Minmax => format!("MIN({rows})"),
        };
        self.write_above(sheet, self.layout.center, &center, by.center)
    }

    /// What the column is divided by. One of equal numbers has no spread: it is divided by 1.
    fn write_spread(&self, sheet: &mut Worksheet) -> Result<()> {
        let Some(ScaledColumn { by, kind, .. }) = &self.scaled else { return Ok(()) };
        let at = OurData::raw(self.index);
        let (rows, center) =
            (self.layout.rows(at), row_col_to_cell_absolute(self.layout.center, at));
        let spread = match kind {
            // Spreadsheets add up in different ways within their STDEV.P: written out it is the same
            // in all of them, to the last digit, and so is every step that follows.
            ScaleKind::Zscore => format!("SQRT(SUMPRODUCT(({rows}-{center})^2)/COUNT({rows}))"),
            ScaleKind::Minmax => format!("MAX({rows})-MIN({rows})"),
        };
        let spread = format!("IF(MAX({rows})=MIN({rows}),1,{spread})");
        self.write_above(sheet, self.layout.spread, &spread, by.spread)
    }

    fn write_above(&self, sheet: &mut Worksheet, row: u32, text: &str, value: f64) -> Result<()> {
        let place = (row, OurData::raw(self.index));
        write_formula(sheet, place, text, Value::number(value), &digits(&[value]).number())
    }
}

/// Where the data came from, or where they are, in a line. The folder is left out: the same file in
/// another place gives the same workbook.
pub fn origin(results: &Results, addresses: &Addresses) -> String {
    let data = &results.data;
    if addresses.data.our().is_none() {
        let followed = addresses.followed("Change one there");
        return format!("The samples are those of this workbook, {}. {followed}", data.place());
    }
    let file = data.file.file_name().map_or_else(
        || data.file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    format!("Read from {file}, {}.", data.place())
}
