//! The sheet `curvature`: how the loss curves, how large a learning rate may be because of that,
//! and where the exact solution is.
//!
//! One block below the other, each with a heading and a plain sentence, so that the sheet reads
//! like a page; the long working of the eigenvalues stands to the right of it.

mod blocks;
mod cells;
mod jacobian;
mod turns;

use rust_xlsxwriter::Worksheet;

use super::addresses::Addresses;
use super::set_up_page;
use super::style::Styles;
use crate::error::Result;
use crate::trace::Results;
use crate::trace::curvature::{Curvature, MOST_WEIGHTS};
use cells::Cells;

/// The column of the labels, and the first one of values.
const LABELS: u16 = 0;
const VALUES: u16 = 1;
/// The column where the meaning of a single value stands.
const MEANING: u16 = 2;

/// Writes the sheet.
pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    addresses: &Addresses,
) -> Result<()> {
    sheet.set_name(addresses.curvature_sheet())?;
    let title = "Curvature: how large a step may be";
    sheet.write_string_with_format(0, 0, title, &styles.title)?;
    set_up_page(sheet);
    sheet.set_column_width(LABELS, 23)?;
    let Some(curvature) = Curvature::of(results)? else {
        let told = format!(
            "This model has more than {MOST_WEIGHTS} weights, or second derivatives that are too \
             long for a cell: there is nothing here that a person could follow."
        );
        sheet.write_string_with_format(1, 0, told, &styles.prose)?;
        return Ok(());
    };
    let mut cells = Cells::new(sheet, styles, results, &curvature, addresses);
    cells.write_top()?;
    cells.write_point()?;
    cells.write_hessian()?;
    cells.write_eigenvalues()?;
    cells.write_limits()?;
    cells.write_solution()?;
    cells.write_jacobian()?;
    let (width, last) = (cells.width(), cells.row - 1);
    sheet.set_column_range_width(VALUES, width, 13)?;
    // The working of the eigenvalues would make everything tiny.
    sheet.set_portrait().set_print_area(0, 0, last, width - 1)?;
    Ok(())
}
