//! The sheet `order`: the sample of each row, where every epoch has an order of its own.
//!
//! It is the one part of a run that no formula gives. All trace sheets look it up here, so that
//! every optimizer sees the same samples at the same time. Rows that a sheet has no room for go on beside the first ones.

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
/// The column of the sample, of the first rows.
const SAMPLE: u16 = 2;
/// So many columns further are those of the next rows.
const STRIDE: u16 = 4;

/// Where the sample of each row stands.
#[derive(Debug, Clone)]
pub struct OrderLayout {
    sheet: SheetName,
    /// How many rows stand below each other.
    length: usize,
    /// How often rows go on beside the ones before.
    blocks: usize,
}

impl OrderLayout {
    /// So many rows on `sheet`, which has a height.
    pub fn new(sheet: &SheetName, rows: usize, height: usize) -> OrderLayout {
        let length = rows.clamp(1, height.saturating_sub(HEADS as usize + 1).max(1));
        OrderLayout { sheet: sheet.clone(), length, blocks: rows.div_ceil(length).max(1) }
    }

    /// The sample of the row whose number stands in the cell `row`, from any sheet:
    /// `INDEX(order!$C$5:$C$294,$A16)`.
    pub fn look_up(&self, row: &str) -> String {
        let OrderLayout { sheet, length, blocks } = self;
        let [first, last] = [0, blocks - 1].map(|at| column_number_to_name(SAMPLE + column(at)));
        let samples = format!("${first}${}:${last}${}", HEADS + 2, HEADS as usize + 1 + length);
        let samples = sheet.cell(&samples);
        match blocks {
            1 => format!("INDEX({samples},{row})"),
            _ => {
                let block = format!("{STRIDE}*INT(({row}-1)/{length})+1");
                format!("INDEX({samples},MOD({row}-1,{length})+1,{block})")
            }
        }
    }
}

/// The first column of that block of rows.
fn column(block: usize) -> u16 {
    block as u16 * STRIDE
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
    let &OrderLayout { length, blocks, .. } = &addresses.order;
    for first in (0..blocks).map(column) {
        for (column, (head, told)) in (first..).zip(heads) {
            sheet.write_string_with_format(HEADS, column, head, &styles.number_head)?;
            sheet.insert_note(HEADS, column, &note(told))?;
        }
    }
    let samples = results.data.samples().max(1);
    // Rows that no run came to are left out.
    let order = &order[..results.rows().min(order.len())];
    for at in 0..length.min(order.len()) {
        let row = HEADS + 1 + at as u32;
        for (first, index) in (0..blocks).map(column).zip((at..order.len()).step_by(length)) {
            sheet.write_number(row, first, (index + 1) as f64)?;
            sheet.write_number(row, first + 1, (index / samples + 1) as f64)?;
            let sample = f64::from(order[index]);
            sheet.write_number_with_format(row, first + SAMPLE, sample, &styles.input)?;
        }
    }
    sheet.set_freeze_panes(HEADS + 1, 0)?;
    sheet.set_repeat_rows(HEADS, HEADS)?;
    set_up_page(sheet);
    sheet.set_portrait();
    Ok(())
}
