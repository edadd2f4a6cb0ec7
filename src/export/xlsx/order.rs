//! The sheet `order`: the sample of each row, where every epoch has an order of its own.
//!
//! It is the one part of a run that no formula gives. All trace sheets look it up here, so that
//! every optimizer sees the same samples at the same time.

use rust_xlsxwriter::Worksheet;
use rust_xlsxwriter::utility::column_number_to_name;

use super::addresses::Addresses;
use super::sheet_names::SheetName;
use super::style::Styles;
use super::{note, set_up_page};
use crate::error::Result;
use crate::trace::Results;

/// The row with the heads; the first row of a trace follows.
const HEADS: u32 = 3;
/// The column of the sample.
const SAMPLE: u16 = 2;

/// The samples of so many rows, from any sheet: `order!$C$5:$C$294`.
pub fn samples(sheet: &SheetName, rows: usize) -> String {
    let name = column_number_to_name(SAMPLE);
    sheet.cell(&format!("${name}${}:${name}${}", HEADS + 2, HEADS as usize + 1 + rows))
}

/// Writes the sheet for a run with the given order.
pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    order: &[u32],
    addresses: &Addresses,
) -> Result<()> {
    sheet.set_name(addresses.order_sheet())?;
    sheet.write_string_with_format(0, 0, "The order of the samples", &styles.title)?;
    let followed = addresses.followed("Change a blue cell");
    let told = format!("Drawn anew for each epoch, the same for all optimizers. {followed}");
    sheet.write_string_with_format(1, 0, told, &styles.prose)?;
    let which = match addresses.data.our() {
        Some(ours) => format!("which row of `{}` comes then", ours.sheet.name),
        None => format!("which sample comes then, counted from 1 in {}", addresses.data_place()),
    };
    let heads = [
        ("row", "the number of the row in the trace sheets, counted from 1"),
        ("epoch", "how often all samples were seen"),
        ("sample", &which),
    ];
    for (column, (head, told)) in (0..).zip(heads) {
        sheet.write_string_with_format(HEADS, column, head, &styles.number_head)?;
        sheet.insert_note(HEADS, column, &note(told))?;
    }
    let samples = results.data.samples().max(1);
    // Rows that no run came to are left out.
    for (index, sample) in order.iter().take(results.rows()).enumerate() {
        let row = HEADS + 1 + index as u32;
        sheet.write_number(row, 0, (index + 1) as f64)?;
        sheet.write_number(row, 1, (index / samples + 1) as f64)?;
        sheet.write_number_with_format(row, SAMPLE, f64::from(*sample), &styles.input)?;
    }
    sheet.set_freeze_panes(HEADS + 1, 0)?;
    sheet.set_repeat_rows(HEADS, HEADS)?;
    set_up_page(sheet);
    sheet.set_portrait();
    Ok(())
}
