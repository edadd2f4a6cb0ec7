//! The copy of a sheet that cannot be marked where it is: every cell at its address.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::utility::quote_sheet_name;
use rust_xlsxwriter::{Color, Format, Formula, Workbook, Worksheet};

use super::super::sheet_names::start_of;
use super::super::{note, set_up_page};
pub use super::live::Missing;
use super::live::{Written, written};
use super::marks::colour;
use super::names::Names;
use super::{Book, paint};
use crate::compare::result::{Comparison, Status};
use crate::compare::training::{Layout, Training};
use crate::data::address::{Area, Position, parse_cell, split_sheet};
use crate::error::Result;
use crate::graph::DefinedName;

/// The most UTF-16 units that a cell takes.
const LONGEST_TEXT: usize = 32_767;

/// Defines the names of theirs that stand for cells or numbers; returns those that are left out.
///
/// # Errors
/// None that the check of the names leaves.
pub fn define_names(
    workbook: &mut Workbook,
    comparison: &Comparison,
    names: &Names,
) -> Result<Missing> {
    let mut missing = Missing::new();
    let mut defined = BTreeSet::new();
    for name in &comparison.reading.workbook.names {
        let key = (name.sheet.clone(), name.name.to_lowercase());
        let is_new = defined.insert(key);
        if !(is_new && is_safe(name, comparison, names) && define(workbook, name)) {
            missing.insert(name.name.to_lowercase());
        }
    }
    Ok(missing)
}

fn define(workbook: &mut Workbook, name: &DefinedName) -> bool {
    let whole = match &name.sheet {
        Some(sheet) => format!("{}!{}", quote_sheet_name(sheet), name.name),
        None => name.name.clone(),
    };
    workbook.define_name(whole, &format!("={}", name.text.trim_start_matches('='))).is_ok()
}

/// Whether a name stands for cells of a sheet that is there, or for a number.
fn is_safe(name: &DefinedName, comparison: &Comparison, names: &Names) -> bool {
    let is_there = |sheet: &str| {
        comparison.reading.workbook.sheet(sheet).is_some_and(|index| names.is_same(index))
    };
    if name.name.starts_with("_xl") || !name.sheet.as_deref().is_none_or(is_there) {
        return false;
    }
    let text = name.text.trim_start_matches('=');
    let (sheet, area) = split_sheet(text);
    let is_area = Area::parse(area).is_some() || parse_cell(area.trim()).is_some();
    let is_number = text.parse().is_ok_and(f64::is_finite);
    is_number || is_area && sheet.is_some_and(|sheet| is_there(&sheet))
}

/// Writes the copy of the sheet at `index` of the original.
///
/// # Errors
/// Whatever prevents writing.
pub fn write(sheet: &mut Worksheet, book: &Book, index: usize, missing: &Missing) -> Result<()> {
    let original = &book.shown.comparison.reading.workbook.sheets[index];
    sheet.set_name(book.names.copy(index).unwrap_or_default())?;
    sheet.set_hidden(original.is_hidden);
    let found = book.shown.comparison.sheets.iter().find(|one| one.sheet == original.name);
    let status = match found.map_or(Status::Skipped, |found| found.status) {
        Status::Skipped => trained(book, index),
        status => status,
    };
    sheet.set_tab_color(Color::RGB(paint::tab(status)));
    set_widths(sheet, book, index)?;
    keep_heads(sheet, book, index)?;
    let marks = &book.shown.marks;
    let on_sheet = (index, (0, 0))..(index + 1, (0, 0));
    let mut noted: BTreeMap<Position, &Vec<String>> =
        marks.notes.range(on_sheet.clone()).map(|((_, at), texts)| (*at, texts)).collect();
    let mut told = BTreeSet::new();
    for (at, cell) in original.cells().iter().enumerate() {
        let (written, why) = written((book.shown.comparison, book.names, missing), (index, at));
        let format = if why.is_some() { book.paint.fixed.clone() } else { Format::new() };
        write_cell(sheet, cell.at, &written, &format)?;
        // What is true of each cell of a formula is said once.
        let mut texts: Vec<String> =
            why.into_iter().filter(|_| told.insert(cell.formula())).collect();
        if let Some(findings) = noted.remove(&cell.at) {
            texts.splice(0..0, findings.iter().cloned());
        }
        if !texts.is_empty() {
            sheet.insert_note(cell.at.0, cell.at.1 as u16, &note(&texts.join("\n\n")))?;
        }
    }
    for ((row, column), texts) in noted {
        sheet.insert_note(row, column as u16, &note(&texts.join("\n\n")))?;
    }
    colour(sheet, book, index)?;
    set_up_page(sheet);
    Ok(())
}

/// How the trainings on a sheet came out.
fn trained(book: &Book, index: usize) -> Status {
    let trainings: Vec<&Training> = book.shown.trainings_on(index).collect();
    match trainings[..] {
        [] => Status::Skipped,
        _ if trainings.iter().all(|training| training.holds()) => Status::Agrees,
        _ => Status::Differs,
    }
}

/// Keeps what stands above the table on the screen, where that leaves room for the table.
fn keep_heads(sheet: &mut Worksheet, book: &Book, index: usize) -> Result<()> {
    const MOST: u32 = 15;
    let mut readings = book.shown.comparison.reading.sheets.iter();
    let reading = readings.find(|reading| reading.index == index);
    let table = reading.and_then(|reading| reading.table.as_ref().ok());
    let graph = &book.shown.comparison.reading.graph;
    let trained = || {
        let mut trainings = book.shown.trainings_on(index);
        let training = trainings.next().filter(|training| training.layout == Layout::Rows)?;
        Some(graph.position(training.weights.first()?.start).0)
    };
    let first = table.and_then(|table| table.machine.rows.first().copied()).or_else(trained);
    if let Some(first) = first.filter(|first| *first <= MOST) {
        sheet.set_freeze_panes(first, 0)?;
    }
    Ok(())
}

/// Numbers get room for their digits and texts for some words, within what a screen holds.
fn set_widths(sheet: &mut Worksheet, book: &Book, index: usize) -> Result<()> {
    let original = &book.shown.comparison.reading.workbook.sheets[index];
    let mut widths = std::collections::BTreeMap::new();
    for cell in original.cells() {
        let width = match &cell.content {
            // A text that is alone in its row may run over.
            content if original.row(cell.at.0).len() > 1 => {
                content.text().map_or(10.5, |text| text.chars().count().min(24) as f64 + 1.5)
            }
            _ => 8.43,
        };
        let widest = widths.entry(cell.at.1 as u16).or_insert(8.43_f64);
        *widest = widest.max(width);
    }
    for (column, width) in widths {
        sheet.set_column_width(column, width)?;
    }
    Ok(())
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): Position,
    written: &Written,
    format: &Format,
) -> Result<()> {
    let column = column as u16;
    match written {
        Written::Formula { text, result, is_array: false } => {
            let formula = Formula::new(text).set_result(result);
            sheet.write_formula_with_format(row, column, formula, format)?;
        }
        Written::Formula { text, result, is_array: true } => {
            let formula = Formula::new(text).set_result(result);
            sheet.write_array_formula_with_format(row, column, row, column, formula, format)?;
        }
        Written::Number(number) => {
            sheet.write_number_with_format(row, column, *number, format)?;
        }
        Written::Text(text) => {
            let text = start_of(text, LONGEST_TEXT);
            sheet.write_string_with_format(row, column, text, format)?;
        }
        Written::Logical(is) => {
            sheet.write_boolean_with_format(row, column, *is, format)?;
        }
        Written::Error(text) => {
            // A file made here has no cell that is an error by itself, but a formula may say it.
            let formula = Formula::new(format!("={text}")).set_result(text);
            sheet.write_formula_with_format(row, column, formula, format)?;
        }
    }
    Ok(())
}
