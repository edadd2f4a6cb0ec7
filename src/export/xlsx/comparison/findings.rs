//! The first sheet: the verdict on each sheet, then what was found, each with a link to its cell.

use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Url, Worksheet};

use super::super::{set_up_page, write_formula};
use super::Book;
use super::compared::DIFFERENCE;
use super::layout::Layout;
use super::marks::ON;
use crate::compare::marks::{Mark, place};
use crate::compare::result::{SheetComparison, Status, without_sheet};
use crate::compare::training::{Training, summary};
use crate::data::address::cell_name;
use crate::error::Result;
use crate::export::comparison::ShownFinding;
use crate::value::{Value, counted};

/// The widths of the columns.
const WIDTHS: [f64; 11] = [20.0, 22.0, 14.0, 58.0, 22.0, 22.0, 16.0, 18.0, 44.0, 44.0, 44.0];
/// The columns of the table of verdicts, of that of trainings and of that of findings.
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
const TRAININGS: [&str; 9] = [
    "training",
    "first weight",
    "verdict",
    "loss",
    "weights",
    "learning rate",
    "iterations",
    "layout",
    "checked",
];
const FINDINGS: [&str; 9] =
    ["kind", "cell", "is a", "message", "expected", "found", "consequences", "follows from", "fix"];
/// The columns that findings of trainings have beside these.
const FORMULAS: [&str; 2] = ["formula", "proposed formula"];

/// Writes the sheet; returns the cell that switches the colours of cells off.
///
/// # Errors
/// Whatever prevents writing.
pub fn write(sheet: &mut Worksheet, book: &Book) -> Result<String> {
    for (column, width) in (0..).zip(WIDTHS) {
        // Not every program breaks the lines of a link.
        let room = if column < 2 { width.max(longest_name(book)) } else { width };
        sheet.set_column_width(column, room)?;
    }
    let styles = book.styles;
    sheet.write_string_with_format(0, 0, book.shown.title(), &styles.title)?;
    let has_tables = book.shown.tables.iter().any(Option::is_some);
    let theirs = match book.names.are_added {
        true => {
            "The sheets before this one are as they were, but for the colours of cells that something \
             is the matter with, and notes that say what"
        }
        false => {
            "The sheets behind are copies at the same addresses, values and formulas only, with the \
             cells coloured that something is the matter with; notes say what"
        }
    };
    let beside = match &book.shown.comparison.against {
        None if !has_tables => ".",
        Some(_) => ". Beside each table stand the numbers of the other workbook.",
        None => ". Beside each table stands what it should hold, as formulas.",
    };
    let told = format!("{theirs}{beside}");
    sheet.write_string_with_format(1, 0, told, &styles.prose)?;
    let left_out = book.shown.left_out();
    if let Some(told) = &left_out {
        sheet.write_string_with_format(2, 0, told, &styles.prose)?;
    }
    let first = if left_out.is_some() { 4 } else { 3 };
    let switch = write_switch(sheet, book, first)?;
    let row = write_legend(sheet, book, first + 1)?;
    let row = write_verdicts(sheet, book, row + 1)?;
    let row = write_trainings(sheet, book, row + 1)?;
    write_findings(sheet, book, row + 1)?;
    set_up_page(sheet);
    Ok(switch)
}

/// The cell that switches the colours of cells on all sheets off.
fn write_switch(sheet: &mut Worksheet, book: &Book, row: u32) -> Result<String> {
    sheet.write_string_with_format(row, 0, "colours", &book.styles.label)?;
    let format = book.styles.input.clone().set_align(FormatAlign::Left);
    sheet.write_string_with_format(row, 1, ON, &format)?;
    let choice = DataValidation::new().allow_list_strings(&[ON, "off"])?;
    sheet.add_data_validation(row, 1, row, 1, &choice)?;
    let told = "off takes the colours from the cells of all sheets";
    sheet.write_string_with_format(row, 2, told, &book.styles.prose)?;
    Ok(row_col_to_cell_absolute(row, 1))
}

/// The width for the longest name of a sheet and an address behind it.
fn longest_name(book: &Book) -> f64 {
    let sheets = book.shown.comparison.sheets.iter().enumerate();
    let stay = sheets.filter(|(_, found)| !book.names.goes(&found.sheet));
    let names = stay.map(|(at, _)| book.names.compared(at).chars().count());
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
    if book.names.are_added {
        return Ok(row);
    }
    sheet.write_string_with_format(row, 0, "italic", &book.paint.fixed)?;
    let told = "a formula of theirs that stands there as its value; a note says why";
    sheet.write_string_with_format(row, 1, told, &book.styles.prose)?;
    Ok(row + 1)
}

fn write_heads(sheet: &mut Worksheet, book: &Book, row: u32, heads: &[&str]) -> Result<()> {
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(row, column, *head, &book.styles.head)?;
    }
    Ok(())
}

fn write_verdicts(sheet: &mut Worksheet, book: &Book, heading: u32) -> Result<u32> {
    let numbered = book.shown.comparison.sheets.iter().enumerate();
    let stay = numbered.filter(|(_, found)| !book.names.goes(&found.sheet));
    // Sheets of trainings are told with these.
    let told: Vec<_> = stay.filter(|(_, found)| !book.shown.is_only_trained(found)).collect();
    if told.is_empty() {
        return Ok(heading - 1);
    }
    sheet.write_string_with_format(heading, 0, "The sheets", &book.styles.heading)?;
    write_heads(sheet, book, heading + 1, &VERDICTS)?;
    let mut row = heading + 2;
    for one in told {
        write_verdict(sheet, book, one, row)?;
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

fn write_trainings(sheet: &mut Worksheet, book: &Book, heading: u32) -> Result<u32> {
    let trainings = book.shown.trainings();
    if trainings.is_empty() {
        return Ok(heading - 1);
    }
    sheet.write_string_with_format(heading, 0, "The trainings", &book.styles.heading)?;
    write_heads(sheet, book, heading + 1, &TRAININGS)?;
    let mut row = heading + 2;
    for training in trainings {
        write_training(sheet, book, training, row)?;
        row += 1;
    }
    Ok(row)
}

fn write_training(sheet: &mut Worksheet, book: &Book, training: &Training, row: u32) -> Result<()> {
    let graph = &book.shown.comparison.reading.graph;
    let wrapped = &book.paint.wrapped;
    let name = summary::name(graph, training);
    let copy = training.sheets.first().filter(|index| book.names.copy(**index).is_some());
    match copy {
        Some(index) => {
            link(sheet, book, (row, 0), &format!("{}!A1", book.names.quoted(*index)), &name)?
        }
        None => write_text(sheet, (row, 0), &name, wrapped)?,
    }
    if let Some(first) = training.weights.first() {
        link_to_cell(sheet, book, (row, 1), &graph.address(first.start))?;
    }
    let mark = (!training.holds()).then_some(Mark::Cause);
    let format = book.paint.marked(wrapped.clone(), mark);
    sheet.write_string_with_format(row, 2, training.verdict(), &format)?;
    let loss = summary::loss(graph, training);
    let (weights, checked) = (summary::weights(training), summary::checked(training));
    let rule = summary::rule(graph, training);
    write_text(sheet, (row, 3), &loss, wrapped)?;
    write_text(sheet, (row, 4), &weights, wrapped)?;
    write_text(sheet, (row, 5), &rule, wrapped)?;
    let left = wrapped.clone().set_align(FormatAlign::Left);
    sheet.write_number_with_format(row, 6, training.iterations as f64, &left)?;
    write_text(sheet, (row, 7), training.layout.name(), wrapped)?;
    write_text(sheet, (row, 8), &checked, wrapped)?;
    let texts = [
        (name.as_str(), WIDTHS[0]),
        (loss.as_str(), WIDTHS[3]),
        (weights.as_str(), WIDTHS[4]),
        (rule.as_str(), WIDTHS[5]),
        (checked.as_str(), WIDTHS[8]),
    ];
    set_height(sheet, row, &texts)
}

fn write_findings(sheet: &mut Worksheet, book: &Book, heading: u32) -> Result<()> {
    let findings = book.shown.findings();
    sheet.write_string_with_format(heading, 0, count(&findings), &book.styles.heading)?;
    if findings.is_empty() {
        return Ok(());
    }
    let has_formulas = findings.iter().any(|one| one.formula.is_some() || one.proposed.is_some());
    let formulas: &[&str] = if has_formulas { &FORMULAS } else { &[] };
    let heads = [&FINDINGS, formulas].concat();
    write_heads(sheet, book, heading + 1, &heads)?;
    let last = heading + 1 + findings.len() as u32;
    sheet.autofilter(heading + 1, 0, last, heads.len() as u16 - 1)?;
    for (row, finding) in (heading + 2..).zip(&findings) {
        write_finding(sheet, book, finding, row)?;
    }
    Ok(())
}

/// How many mistakes there are, and how much else that is worth knowing.
fn count(findings: &[ShownFinding]) -> String {
    let mistakes = findings.iter().filter(|one| one.mark != Mark::Remark).count();
    match (mistakes, findings.len() - mistakes) {
        (0, 0) => "No findings".to_owned(),
        (0, remarks) => format!("No mistakes, {}", counted(remarks, "remark")),
        (mistakes, 0) => counted(mistakes, "mistake"),
        (mistakes, remarks) => {
            format!("{}, {}", counted(mistakes, "mistake"), counted(remarks, "remark"))
        }
    }
}

fn write_finding(
    sheet: &mut Worksheet,
    book: &Book,
    finding: &ShownFinding,
    row: u32,
) -> Result<()> {
    let wrapped = &book.paint.wrapped;
    let coloured = book.paint.marked(wrapped.clone(), Some(finding.mark));
    sheet.write_string_with_format(row, 0, finding.kind, wrapped)?;
    link_to_cell(sheet, book, (row, 1), &finding.cell)?;
    sheet.write_string_with_format(row, 2, finding.mark.name(), &coloured)?;
    let message = match &finding.cells {
        Some(cells) => format!("{}\n{cells}", finding.message),
        None => finding.message.clone(),
    };
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let columns = [
        (3, message),
        (4, part(&finding.expected)),
        (5, part(&finding.found)),
        (8, part(&finding.fix)),
        (9, part(&finding.formula)),
        (10, part(&finding.proposed)),
    ];
    for (column, text) in &columns {
        write_text(sheet, (row, *column), text, wrapped)?;
    }
    let left = wrapped.clone().set_align(FormatAlign::Left);
    if finding.consequences > 0 {
        sheet.write_number_with_format(row, 6, finding.consequences as f64, &left)?;
    }
    if let Some(cause) = &finding.cause {
        link_to_cell(sheet, book, (row, 7), cause)?;
    }
    let texts = columns.iter().map(|(column, text)| (text.as_str(), WIDTHS[usize::from(*column)]));
    let texts: Vec<(&str, f64)> = texts.chain([(finding.cell.as_str(), WIDTHS[1])]).collect();
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
        let of = |line: &str| (line.chars().count() as f64 * 1.08 / (width - 2.0)).ceil().max(1.0);
        text.lines().map(of).sum::<f64>().clamp(1.0, 20.0)
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
