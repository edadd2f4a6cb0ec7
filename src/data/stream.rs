//! Streaming the cells of one sheet, with their formulas, to whoever collects them.
//!
//! Most formats come cell by cell, .xls as whole rectangles. A [`Sink`] sees the same
//! from all of them: values, formulas (which may come later than the values) and cells that the
//! reading library could not read.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;

use calamine::{Data, ExcelDateTime, Range, Xlsb, XlsbError, Xlsx, XlsxError, XlsxFormulaMetadata};

use super::address::Position;
use super::dates;
use super::grid::{Day, Full, Value};
use super::workbook::Trouble;

/// What workbooks are read from.
pub(super) type Input = BufReader<File>;

/// Takes the cells of a sheet, in the order of the file.
pub(crate) trait Sink {
    /// The next cell; a formula may come with it or later.
    fn cell(&mut self, at: Position, found: Found) -> Result<(), Full>;

    /// The formula of a cell; [`Sink::cell`] need not have been called for it.
    fn formula(&mut self, at: Position, formula: FormulaText) -> Result<(), Full>;

    /// A cell that could not be read, with what it holds, behind the last one.
    fn unread(&mut self, error: String);
}

/// What a cell holds in a file.
#[derive(Clone, Copy)]
pub(crate) enum Found<'a> {
    /// What a cell without a formula holds, or one whose formula comes later.
    Plain(&'a Data),
    /// What the formula of the cell gave when it was calculated last.
    Result(&'a Data),
    /// The formula gave an error value; the reading library does not say which.
    SomeError,
}

impl Found<'_> {
    /// The value; none where the cell is blank.
    pub(crate) fn value(&self) -> Option<Value> {
        match self {
            Found::Result(Data::Empty) => Some(Value::Uncalculated),
            Found::Plain(data) | Found::Result(data) => value(data),
            Found::SomeError => Some(Value::Error("".into())),
        }
    }

    /// The text of the cell, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Found::Plain(Data::String(text)) | Found::Result(Data::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The number behind a date or a time, which formulas calculate with.
    pub(crate) fn serial(&self) -> Option<f64> {
        match self {
            Found::Plain(Data::DateTime(date)) | Found::Result(Data::DateTime(date)) => {
                Some(date.as_f64())
            }
            _ => None,
        }
    }
}

/// A formula as the file keeps it, without its `=`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum FormulaText<'a> {
    /// A formula in the notation of Excel.
    Excel(&'a str),
    /// A formula in the notation of OpenDocument (`of:=[.A1]*2`).
    Open(&'a str),
    /// The first of the formulas that share a text, with the number of the group.
    Shared(usize, &'a str),
    /// Another formula of a group: the first one, filled to here.
    SharedWith(usize),
}

/// Streams a sheet of an .xlsx.
pub(super) fn xlsx(
    book: &mut Xlsx<Input>,
    sheet: &str,
    sink: &mut impl Sink,
) -> Result<(), Trouble> {
    let mut reader = book.worksheet_cells_reader(sheet)?;
    loop {
        // The variant with metadata does not expand shared formulas: their index, which the file
        // chooses, would be the length of an allocation.
        match reader.next_cell_with_formula_metadata() {
            Ok(None) => return Ok(()),
            Ok(Some(cell)) => {
                let data = Data::from(cell.value);
                let found = match cell.formula {
                    Some(_) => Found::Result(&data),
                    None => Found::Plain(&data),
                };
                sink.cell(cell.pos, found)?;
                if let Some(formula) = cell.formula.as_ref().and_then(shared) {
                    sink.formula(cell.pos, formula)?;
                }
            }
            // The reader stands behind the value and can go on with the next cell.
            Err(XlsxError::CellError(error)) => sink.unread(error),
            Err(error) => return Err(error.into()),
        }
    }
}

fn shared(formula: &XlsxFormulaMetadata) -> Option<FormulaText<'_>> {
    Some(match formula {
        XlsxFormulaMetadata::Normal { formula } => FormulaText::Excel(formula),
        XlsxFormulaMetadata::Shared { shared_index, formula, .. } => {
            FormulaText::Shared(*shared_index, formula)
        }
        XlsxFormulaMetadata::SharedDerived { shared_index } => {
            FormulaText::SharedWith(*shared_index)
        }
        _ => return None,
    })
}

/// Streams a sheet of an .xlsb; its formulas come in a second pass.
pub(super) fn xlsb(
    book: &mut Xlsb<Input>,
    sheet: &str,
    sink: &mut impl Sink,
) -> Result<(), Trouble> {
    let mut seen = HashSet::new();
    let mut reader = book.worksheet_cells_reader(sheet)?;
    loop {
        match reader.next_cell() {
            Ok(None) => break,
            Ok(Some(cell)) => {
                seen.insert(cell.get_position());
                let data = Data::from(cell.get_value().clone());
                sink.cell(cell.get_position(), Found::Plain(&data))?;
            }
            Err(XlsbError::CellError(code)) => sink.unread(format!("with the code {code}")),
            Err(error) => return Err(error.into()),
        }
    }
    drop(reader);
    // The reader leaves out formulas that gave an error value: they would look like blank cells.
    let mut reader = book.worksheet_cells_reader(sheet)?;
    loop {
        match reader.next_formula() {
            Ok(None) | Err(XlsbError::Io(_)) => return Ok(()),
            Ok(Some(cell)) => {
                let position = cell.get_position();
                if !seen.contains(&position) {
                    sink.cell(position, Found::SomeError)?;
                }
                sink.formula(position, FormulaText::Excel(cell.get_value()))?;
            }
            Err(_) => {} // A formula that is not understood; its value has been read.
        }
    }
}

/// Takes over the rectangles of an .xls, which need not begin at A1.
pub(super) fn ranges(
    values: &Range<Data>,
    formulas: &Range<String>,
    sink: &mut impl Sink,
) -> Result<(), Trouble> {
    let place = |(row0, column0): Position, row: usize, column: usize| {
        (row0 + row as u32, column0 + column as u32)
    };
    let start = values.start().unwrap_or_default();
    for (row, column, data) in values.used_cells() {
        sink.cell(place(start, row, column), Found::Plain(data))?;
    }
    let start = formulas.start().unwrap_or_default();
    for (row, column, formula) in formulas.used_cells() {
        let position = place(start, row, column);
        if values.get_value(position).is_none_or(|data| *data == Data::Empty) {
            sink.cell(position, Found::Result(&Data::Empty))?;
        }
        sink.formula(position, FormulaText::Excel(formula))?;
    }
    Ok(())
}

/// What a cell holds; none where it is blank.
fn value(data: &Data) -> Option<Value> {
    Some(match data {
        Data::Float(number) => Value::Number(*number),
        Data::Int(number) => Value::Number(*number as f64),
        Data::String(text) => return Value::from_text(text),
        Data::Bool(logical) => Value::Logical(*logical),
        Data::Error(error) => Value::Error(error.to_string().into()),
        Data::DateTime(date) => {
            Value::Date(Box::new(Day { shown: shown_date(date), days: Some(date.as_f64()) }))
        }
        Data::DateTimeIso(date) | Data::DurationIso(date) => {
            let days = dates::parse(date, dates::Order::DayFirst);
            Value::Date(Box::new(Day { shown: date.clone(), days }))
        }
        Data::Empty => return None,
    })
}

/// A date as a person knows it, a time where there is no day.
fn shown_date(date: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if date.is_duration() || date.as_f64() < 1.0 {
        return time;
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { day } else { format!("{day} {time}") }
}
