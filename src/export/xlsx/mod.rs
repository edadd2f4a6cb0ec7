//! The workbook: every value of a run as a live formula with its cached result.
//!
//! The sheets' names, headers and labels are a public contract: users and tests rely on them.
//! Only the files of this folder know cell addresses.

mod addresses;
mod book;
mod charts;
mod circuit;
mod comparison;
mod curvature;
mod data;
mod data_layout;
mod derive;
mod digits;
mod epochs;
mod host;
mod layout;
mod limits;
mod obstacle;
mod order;
mod pages;
mod quiz;
mod reset;
mod rows;
mod sheet_names;
mod spread;
mod style;
mod summary;
mod sweep;
mod tall;
mod trace;
mod units;
mod until;

use std::borrow::Cow;
use std::rc::Rc;

use rust_xlsxwriter::{Format, Formula, Note, Workbook, Worksheet, XlsxError};

use crate::circuit::Steps;
use crate::error::{Error, Result};
use crate::sheet::{Group, Sheet};
use crate::trace::{Plan, Results, Run, Sink};
use crate::value::Value;

pub use addresses::Addresses;
pub use book::Book;
pub(crate) use comparison::MARKS;
pub(crate) use comparison::comparison;
pub(crate) use derive::derivatives;
pub use host::{Host, RowOptions};
use layout::TraceLayout;
pub(crate) use limits::{check_epochs, check_height, check_sheet, least_size};
pub(crate) use quiz::{grades, quiz};
use spread::Page;
use style::Styles;
pub(crate) use sweep::sweep;
use tall::TallSheet;

/// The workbook that shows `results`: its sheets, as they are named and refer to each other in
/// `host`. The rows of the traces are computed when it is written; their values are handed to `watch`
/// as well (a progress bar).
///
/// # Errors
/// More steps than a sheet has rows, a formula longer than a cell has room for; whatever prevents
/// writing.
pub fn workbook<'a>(
    results: &'a Results,
    host: &Host,
    watch: &'a mut dyn Sink,
) -> Result<Book<'a>> {
    check_epochs(results.runs.len(), results.epochs())?;
    limits::check_rows(results, host.rows())?;
    let mut workbook = Workbook::new();
    let RowOptions { values_only, .. } = host.rows();
    let styles = if values_only { Styles::of_values() } else { Styles::new() };
    let all = Addresses::new(results, host);
    let addresses = &all;
    let data = &addresses.data;
    limits::check(results, addresses)?;
    new_sheet(&mut workbook, results.epochs())?.set_name(&addresses.names.summary.name)?;
    if let Some(ours) = data.our() {
        let sheet = new_sheet(&mut workbook, results.data.samples())?;
        data::write(sheet, &styles, results, ours, addresses)?;
    }
    if let Some(order) = &results.plan.order {
        let sheet = new_sheet(&mut workbook, order.len())?;
        order::write(sheet, &styles, results, order, addresses)?;
    }
    let first = workbook.worksheets().len();
    for index in 0..results.runs.len() {
        pages::write(&mut workbook, &styles, (results, index), addresses)?;
    }
    reset::write(&mut workbook, &styles, results, addresses)?;
    let epochs = results.runs.iter().map(Run::epochs).sum();
    epochs::write(new_sheet(&mut workbook, epochs)?, &styles, results, addresses)?;
    // Numbers alone cannot follow the step that is chosen there.
    let is_live = |run: &&Run| !values_only && !shows_gates(&run.sheet) && addresses.have_choice();
    if let Some(run) = results.runs.first().filter(is_live) {
        let weights: Vec<String> =
            run.sheet.weights.iter().map(|weight| weight.name.clone()).collect();
        let steps = Steps::new(&run.sheet.model.loss_of_sample, &weights);
        circuit::write(workbook.add_worksheet(), &styles, results, addresses, &steps)?;
    }
    curvature::write(workbook.add_worksheet(), &styles, results, addresses)?;
    summary::write(workbook.worksheet_from_index(0)?, &styles, results, addresses)?;
    let Addresses { traces, resets, .. } = all;
    let tall = tall_sheets(results, traces, resets, (first, values_only));
    Ok(Book::new(workbook, tall, values_only, watch))
}

/// A sheet of so many rows. The cells of a long one do not stay in memory, so it is written from top
/// to bottom.
fn new_sheet(workbook: &mut Workbook, rows: usize) -> Result<&mut Worksheet> {
    const LONG: usize = 10_000;
    match rows > LONG {
        true => Ok(workbook.add_worksheet_with_constant_memory()?),
        false => Ok(workbook.add_worksheet()),
    }
}

/// The sheets whose rows are still to be written, of which the first has the index `first`: those of
/// the traces, then those of their resets.
fn tall_sheets(
    results: &Results,
    layouts: Vec<TraceLayout>,
    resets: Vec<Option<TraceLayout>>,
    (first, values_only): (usize, bool),
) -> Vec<TallSheet<'_>> {
    let data = &results.data;
    let traces = results.runs.iter().zip(layouts).flat_map(|(run, layout)| {
        let layout = Rc::new(layout);
        let pages: Vec<Page> = layout.spread.pages().collect();
        let page = |page| (run, Rc::clone(&layout), page, Cow::Borrowed(&results.plan));
        pages.into_iter().map(page).collect::<Vec<_>>()
    });
    let resets = results.runs.iter().zip(resets).filter_map(|(run, layout)| {
        let (reset, layout) = (run.reset.as_deref()?, Rc::new(layout?));
        let page = layout.spread.page(0);
        Some((reset, layout, page, Cow::Owned(Plan::new(reset.epochs()))))
    });
    let tall = |(index, (run, layout, page, plan))| TallSheet {
        index,
        run,
        layout,
        page,
        plan,
        data,
        values_only,
    };
    (first..).zip(traces.chain(resets)).map(tall).collect()
}

impl From<XlsxError> for Error {
    fn from(error: XlsxError) -> Self {
        match &error {
            XlsxError::TempFileError(folder, reason) => {
                Error::io("write a temporary file", folder, reason)
                    .help("set TMPDIR to a folder that can be written to")
            }
            _ => Error::new(format!("cannot write the workbook: {error}")),
        }
    }
}

/// Whether the trace has columns for the gates already.
fn shows_gates(sheet: &Sheet) -> bool {
    sheet.columns.iter().any(|column| column.group == Group::Circuit)
}

/// A formula with its cached result; an error value is written as its text, never as a NaN.
fn formula(text: &str, value: Value) -> Formula {
    Formula::new(text).set_result(value.to_string())
}

/// Writes a formula cell.
fn write_formula(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    value: Value,
    format: &Format,
) -> Result<()> {
    sheet.write_formula_with_format(row, column, formula(text, value), format)?;
    Ok(())
}

/// Writes a number in the place of a formula; an error value is a formula that gives it.
fn write_value(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: Value,
    format: &Format,
) -> Result<()> {
    match value.get() {
        Ok(number) => sheet.write_number_with_format(row, column, number, format).map(drop)?,
        Err(_) => write_formula(sheet, (row, column), &value.to_string(), value, format)?,
    }
    Ok(())
}

/// Writes the cell of something computed from a sum over the data.
fn write_total(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    (text, is_array): (&str, bool),
    value: Value,
    format: &Format,
) -> Result<()> {
    if is_array {
        let cell = formula(text, value);
        sheet.write_array_formula_with_format(row, column, row, column, cell, format)?;
        return Ok(());
    }
    write_formula(sheet, (row, column), text, value, format)
}

/// A note for a header: what the column is. The box is made large enough for the text.
fn note(text: &str) -> Note {
    // The formula of a large model would fill the screen, and at some length no note takes it.
    const LONGEST: usize = 1500;
    let cut = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    };
    let text = cut.as_str();
    let lines: usize = text.lines().map(|line| line.len().div_ceil(38)).sum();
    Note::new(text)
        .add_author_prefix(false)
        .set_author("gdtrace")
        .set_width(250)
        .set_height(18 * lines as u32 + 14)
}

/// What all sheets share: paper, footer, margins.
fn set_up_page(sheet: &mut Worksheet) {
    const A4: u8 = 9;
    sheet
        .set_landscape()
        .set_paper_size(A4)
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3)
        .set_footer("&L&F&C&A&Rpage &P of &N");
}
