//! The grades of a folder of quizzes, and the slips that were made in them, as a workbook.

use rust_xlsxwriter::{Workbook, Worksheet};

use super::super::set_up_page;
use super::super::style::Styles;
use crate::error::Result;

/// Heads and rows of a table: numbers, and texts.
type Table<'a> = (&'a [&'a str], &'a [Vec<String>]);

/// The workbook with both tables.
///
/// # Errors
/// Whatever prevents writing.
pub fn grades(grades: Table, slips: Table) -> Result<Workbook> {
    let mut workbook = Workbook::new();
    let styles = Styles::new();
    write(workbook.add_worksheet().set_name("grades")?, &styles, grades)?;
    write(workbook.add_worksheet().set_name("slips")?, &styles, slips)?;
    Ok(workbook)
}

fn write(sheet: &mut Worksheet, styles: &Styles, (heads, rows): Table) -> Result<()> {
    for (at, head) in (0..).zip(heads) {
        let is_number = rows.iter().any(|row| row[usize::from(at)].parse::<f64>().is_ok());
        let format = if is_number && at > 0 { &styles.number_head } else { &styles.head };
        sheet.write_string_with_format(0, at, *head, format)?;
        let longest =
            rows.iter().map(|row| row[usize::from(at)].chars().count()).max().unwrap_or(0);
        sheet.set_column_width(at, (longest.max(head.len()) as f64 + 2.0).min(70.0))?;
    }
    for (at, row) in (1..).zip(rows) {
        for (column, text) in (0..).zip(row) {
            match text.parse::<f64>().ok().filter(|_| column > 0) {
                Some(number) => sheet.write_number(at, column, number)?,
                None => sheet.write_string(at, column, text)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    set_up_page(sheet);
    Ok(())
}
