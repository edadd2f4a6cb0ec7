//! The first sheet: the verdict on each sheet, then what was found, each with a link to its cell.

use rust_xlsxwriter::{Format, FormatAlign, Url, Worksheet};

use super::super::{set_up_page, write_formula};
use super::Book;
use super::compared::DIFFERENCE;
use super::layout::Layout;
use crate::compare::marks::{Mark, place};
use crate::compare::result::{Finding, SheetComparison, Status, without_sheet};
use crate::data::address::cell_name;
use crate::error::Result;
use crate::value::{Value, counted};

/// The widths of the columns.
const WIDTHS: [f64; 9] = [20.0, 22.0, 14.0, 58.0, 22.0, 22.0, 16.0, 18.0, 44.0];
/// The columns of the table of verdicts and of that of findings.
const VERDICTS: [&str; 9] = [
    "sheet",
    "side by side",
    "verdict",
    "what it computes",
    "table",
    "samples",
    "cells compared",
    "cells that differ",
    "largest difference",
];
const FINDINGS: [&str; 9] =
    ["kind", "cell", "is a", "message", "expected", "found", "consequences", "follows from", "fix"];

/// Writes the sheet.
///
/// # Errors
/// Whatever prevents writing.
pub fn write(sheet: &mut Worksheet, book: &Book) -> Result<()> {
    for (column, width) in (0..).zip(WIDTHS) {
        // Not every program breaks the lines of a link.
        let room = if column < 2 { width.max(longest_name(book)) } else { width };
        sheet.set_column_width(column, room)?;
    }
    let styles = book.styles;
    sheet.write_string_with_format(0, 0, book.shown.title(), &styles.title)?;
    let told = match &book.shown.comparison.against {
        Some(_) => {
            "The sheets behind are copies at the same addresses, values and formulas only, and \
             beside each table the numbers of the other workbook."
        }
        None => {
            "The sheets behind are copies at the same addresses, values and formulas only, and \
             beside each table what it should hold, as formulas."
        }
    };
    sheet.write_string_with_format(1, 0, told, &styles.prose)?;
    let left_out = book.shown.left_out();
    if let Some(told) = &left_out {
        sheet.write_string_with_format(2, 0, told, &styles.prose)?;
    }
    let row = write_legend(sheet, book, if left_out.is_some() { 4 } else { 3 })?;
    let row = write_verdicts(sheet, book, row + 1)?;
    write_findings(sheet, book, row + 1)?;
    set_up_page(sheet);
    Ok(())
}

/// The width for the longest name of a sheet and an address behind it.
fn longest_name(book: &Book) -> f64 {
    let sheets = 0..book.shown.comparison.sheets.len();
    let names = sheets.map(|at| book.names.compared(at).chars().count());
    names.max().unwrap_or_default() as f64 + 3.0
}

fn write_legend(sheet: &mut Worksheet, book: &Book, first: u32) -> Result<u32> {
    let mut row = first;
    for mark in Mark::ALL {
        let format = book.paint.marked(Format::new(), Some(mark));
        sheet.write_string_with_format(row, 0, mark.name(), &format)?;
        sheet.write_string_with_format(row, 1, mark.meaning(), &book.styles.prose)?;
        row += 1;
    }
    sheet.write_string_with_format(row, 0, "italic", &book.paint.fixed)?;
    let told = "a formula of theirs that stands there as its value; a note says why";
    sheet.write_string_with_format(row, 1, told, &book.styles.prose)?;
    Ok(row + 1)
}

fn write_heads(sheet: &mut Worksheet, book: &Book, row: u32, heads: [&str; 9]) -> Result<()> {
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(row, column, head, &book.styles.head)?;
    }
    Ok(())
}

fn write_verdicts(sheet: &mut Worksheet, book: &Book, heading: u32) -> Result<u32> {
    sheet.write_string_with_format(heading, 0, "The sheets", &book.styles.heading)?;
    write_heads(sheet, book, heading + 1, VERDICTS)?;
    let mut row = heading + 2;
    for (at, found) in book.shown.comparison.sheets.iter().enumerate() {
        write_verdict(sheet, book, (at, found), row)?;
        row += 1;
    }
    Ok(row)
}

fn write_verdict(
    sheet: &mut Worksheet,
    book: &Book,
    (at, found): (usize, &SheetComparison),
    row: u32,
) -> Result<()> {
    let wrapped = &book.paint.wrapped;
    let workbook = &book.shown.comparison.reading.workbook;
    let index = workbook.sheets.iter().position(|one| one.name == found.sheet);
    match index.filter(|index| book.names.copy(*index).is_some()) {
        Some(index) => {
            let address = format!("{}!A1", book.names.quoted(index));
            let text = book.names.copy(index).unwrap_or_default();
            link(sheet, book, (row, 0), &address, text)?;
        }
        None => write_text(sheet, (row, 0), found.title(), wrapped)?,
    }
    let verdict = match found.status {
        Status::Agrees => "agrees",
        Status::Differs => "differs",
        Status::Skipped => "skipped",
    };
    let mark = (found.status == Status::Differs).then_some(Mark::Cause);
    let format = book.paint.marked(wrapped.clone(), mark);
    sheet.write_string_with_format(row, 2, verdict, &format)?;
    let computes = computes(found);
    write_text(sheet, (row, 3), &computes, wrapped)?;
    let copy = index.and_then(|index| book.names.copy(index)).unwrap_or(found.title());
    let texts =
        [(copy, WIDTHS[0]), (book.names.compared(at), WIDTHS[1]), (computes.as_str(), WIDTHS[3])];
    set_height(sheet, row, &texts)?;
    let (Some(table), Some(index)) = (&found.table, index) else { return Ok(()) };
    let address = format!("{}!{table}", book.names.quoted(index));
    link(sheet, book, (row, 4), &address, table)?;
    let left = wrapped.clone().set_align(FormatAlign::Left);
    sheet.write_number_with_format(row, 5, found.samples as f64, &left)?;
    write_figures(sheet, book, at, row)
}

/// The live figures of a sheet with both beside each other.
fn write_figures(sheet: &mut Worksheet, book: &Book, at: usize, row: u32) -> Result<()> {
    let (Some(beside), Some(layout)) = (&book.shown.tables[at], &book.layouts[at]) else {
        return Ok(());
    };
    let address = format!("{}!A1", layout.quoted);
    link(sheet, book, (row, 1), &address, book.names.compared(at))?;
    let figures = beside.all_figures();
    let top = book.paint.wrapped.clone().set_align(FormatAlign::Left);
    let small = top.clone().set_num_format(DIFFERENCE);
    let sum = |row: u32| format!("SUM({})", layout.across(row));
    let compared = Value::number(figures.compared as f64);
    write_formula(sheet, (row, 6), &sum(Layout::COMPARED), compared, &top)?;
    let differing = Value::number(figures.differing as f64);
    let format = match figures.differing {
        0 => top.clone(),
        _ => book.paint.marked(top.clone(), Some(Mark::Cause)),
    };
    write_formula(sheet, (row, 7), &sum(Layout::DIFFERING), differing, &format)?;
    let largest = format!("MAX({})", layout.across(Layout::LARGEST));
    write_formula(sheet, (row, 8), &largest, Value::number(figures.largest), &small)
}

/// What a sheet computes, or why it was skipped.
pub fn computes(found: &SheetComparison) -> String {
    let optimizer = match found.status {
        Status::Skipped => String::new(),
        _ => found
            .told_optimizer()
            .unwrap_or_else(|| "an update that gdtrace does not know".to_owned()),
    };
    let departures = found.departures.join("; ");
    let parts = [optimizer, departures, found.remarks.join("; ")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(": ")
}

fn write_findings(sheet: &mut Worksheet, book: &Book, heading: u32) -> Result<()> {
    let findings = book.shown.comparison.findings();
    sheet.write_string_with_format(heading, 0, count(&findings), &book.styles.heading)?;
    if findings.is_empty() {
        return Ok(());
    }
    write_heads(sheet, book, heading + 1, FINDINGS)?;
    sheet.autofilter(heading + 1, 0, heading + 1 + findings.len() as u32, 8)?;
    for (row, finding) in (heading + 2..).zip(findings) {
        write_finding(sheet, book, finding, row)?;
    }
    Ok(())
}

/// How many mistakes there are, and how much else that is worth knowing.
fn count(findings: &[&Finding]) -> String {
    let mistakes = findings.iter().filter(|one| Mark::of(one) != Mark::Remark).count();
    match (mistakes, findings.len() - mistakes) {
        (0, 0) => "No findings".to_owned(),
        (0, remarks) => format!("No mistakes, {}", counted(remarks, "remark")),
        (mistakes, 0) => counted(mistakes, "mistake"),
        (mistakes, remarks) => {
            format!("{}, {}", counted(mistakes, "mistake"), counted(remarks, "remark"))
        }
    }
}

fn write_finding(sheet: &mut Worksheet, book: &Book, finding: &Finding, row: u32) -> Result<()> {
    let wrapped = &book.paint.wrapped;
    let mark = Mark::of(finding);
    let coloured = book.paint.marked(wrapped.clone(), Some(mark));
    sheet.write_string_with_format(row, 0, finding.kind.name(), wrapped)?;
    link_to_cell(sheet, book, (row, 1), &finding.cell)?;
    sheet.write_string_with_format(row, 2, mark.name(), &coloured)?;
    write_text(sheet, (row, 3), &finding.message, wrapped)?;
    let expected = finding.expected.as_deref().unwrap_or_default();
    let found = finding.found.as_deref().unwrap_or_default();
    write_text(sheet, (row, 4), expected, wrapped)?;
    write_text(sheet, (row, 5), found, wrapped)?;
    let left = wrapped.clone().set_align(FormatAlign::Left);
    if finding.consequences > 0 {
        sheet.write_number_with_format(row, 6, finding.consequences as f64, &left)?;
    }
    if let Some(cause) = &finding.cause {
        link_to_cell(sheet, book, (row, 7), cause)?;
    }
    let fix = finding.fix.as_deref().unwrap_or_default();
    write_text(sheet, (row, 8), fix, wrapped)?;
    let texts = [
        (finding.cell.as_str(), WIDTHS[1]),
        (finding.message.as_str(), WIDTHS[3]),
        (expected, WIDTHS[4]),
        (found, WIDTHS[5]),
        (fix, WIDTHS[8]),
    ];
    set_height(sheet, row, &texts)
}

/// A text; numbers as text stay texts, since they have all their digits.
fn write_text(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<()> {
    if !text.is_empty() {
        let text: String = text.chars().take(8000).collect();
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(())
}

/// Spreadsheets do not make rows higher by themselves where a file has their heights.
fn set_height(sheet: &mut Worksheet, row: u32, texts: &[(&str, f64)]) -> Result<()> {
    let lines = |(text, width): &(&str, f64)| {
        (text.chars().count() as f64 * 1.08 / (width - 2.0)).ceil().clamp(1.0, 20.0)
    };
    let lines = texts.iter().map(lines).fold(1.0, f64::max);
    sheet.set_row_height(row, 15.0 * lines)?;
    Ok(())
}

fn link_to_cell(sheet: &mut Worksheet, book: &Book, at: (u32, u16), cell: &str) -> Result<()> {
    let there =
        place(book.shown.comparison, cell).filter(|(index, _)| book.names.copy(*index).is_some());
    match there {
        Some((index, area)) => {
            let address = format!("{}!{}", book.names.quoted(index), cell_name(area.first));
            link(sheet, book, at, &address, without_sheet(cell))
        }
        None => write_text(sheet, at, without_sheet(cell), &book.paint.wrapped),
    }
}

/// Writes a link to `address`.
///
/// # Errors
/// None that an address can cause.
pub fn link(
    sheet: &mut Worksheet,
    book: &Book,
    (row, column): (u32, u16),
    address: &str,
    text: &str,
) -> Result<()> {
    let url = Url::new(format!("internal:{address}")).set_text(text);
    sheet.write_url_with_format(row, column, url, &book.paint.link)?;
    Ok(())
}
