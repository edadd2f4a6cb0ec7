//! Reading workbooks: .xlsx, .xlsm, .xlsb, .xls and .ods, each into the same kind of grid.
//!
//! .xlsx and .xlsb are streamed cell by cell, so a far cell costs nothing. For .xls and .ods the
//! reading library builds whole rectangles of all sheets at once, so those are measured first (see
//! `xls_size` and `ods_size`). What the library does not expect in a damaged file makes it panic;
//! that is caught and told as damage.

use std::cell::Cell;
use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Once;

use calamine::{
    Data, ExcelDateTime, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Xls, XlsError,
    Xlsb, XlsbError, Xlsx, XlsxError, XlsxFormulaMetadata, open_workbook,
};

use super::address::Position;
use super::grid::{Grid, TooManyCells, Unread, Value};
use super::source::{self, Kind};
use super::{ods_size, summary, xls_size};
use crate::error::{Error, Result};

/// What workbooks are read from.
type Input = BufReader<File>;

/// The most cells, blank ones included, that a sheet of .xls or .ods may span: some 300 MB.
const MAX_RECTANGLE: u64 = 5_000_000;

/// An open workbook.
pub(crate) struct Workbook {
    path: PathBuf,
    book: Book,
    /// The worksheets: hidden ones behind the others, charts left out.
    pub sheets: Vec<String>,
}

enum Book {
    Xlsx(Box<Xlsx<Input>>),
    Xlsb(Box<Xlsb<Input>>),
    Xls(Box<Xls<Input>>),
    Ods(Box<Ods<Input>>),
}

/// Why a book or a sheet could not be read, whatever the format.
enum Trouble {
    Password,
    TooManyCells,
    /// A sheet is too large for the reading library, as the text says.
    TooLarge(String),
    Damaged(String),
}

impl Workbook {
    /// Opens the workbook at `path`, whose content is of `kind`.
    ///
    /// # Errors
    ///
    /// Where the file is damaged, protected by a password or has no worksheet.
    pub(crate) fn open(path: &Path, kind: Kind) -> Result<Workbook> {
        let open = || -> Result<Book, Trouble> {
            Ok(match kind {
                Kind::Xlsx => Book::Xlsx(Box::new(open_workbook(path)?)),
                Kind::Xlsb => Book::Xlsb(Box::new(open_workbook(path)?)),
                Kind::Xls => {
                    let file = std::fs::read(path).map_err(|error| error.to_string());
                    let largest = file.map(|file| xls_size::largest_rectangle(&file));
                    check_rectangles(largest)?;
                    Book::Xls(Box::new(open_workbook(path)?))
                }
                Kind::Ods | Kind::Csv => {
                    check_rectangles(ods_size::largest_rectangle(path))?;
                    Book::Ods(Box::new(open_workbook(path)?))
                }
            })
        };
        let book = guarded(open).map_err(|trouble| trouble.into_error(path, None))?;
        let sheets = book.sheets();
        if sheets.is_empty() {
            return Err(Error::new("the workbook has no worksheet").in_file(path));
        }
        Ok(Workbook { path: path.to_owned(), book, sheets })
    }

    /// The cells of a sheet.
    ///
    /// # Errors
    ///
    /// Where the sheet is damaged or has too many cells.
    pub(crate) fn grid(&mut self, sheet: &str) -> Result<Grid> {
        let book = &mut self.book;
        let read = || match book {
            Book::Xlsx(book) => xlsx_grid(book, sheet),
            Book::Xlsb(book) => xlsb_grid(book, sheet),
            Book::Xls(book) => {
                range_grid(&book.worksheet_range(sheet)?, &book.worksheet_formula(sheet)?)
            }
            Book::Ods(book) => {
                range_grid(&book.worksheet_range(sheet)?, &book.worksheet_formula(sheet)?)
            }
        };
        guarded(read).map_err(|trouble| trouble.into_error(&self.path, Some(sheet)))
    }
}

impl Book {
    fn sheets(&self) -> Vec<String> {
        let all = match self {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book) => book.sheets_metadata(),
        };
        let mut sheets: Vec<_> =
            all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
        sheets.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
        sheets.iter().map(|sheet| sheet.name.clone()).collect()
    }
}

impl Trouble {
    fn into_error(self, path: &Path, sheet: Option<&str>) -> Error {
        match (self, sheet) {
            (Trouble::Password, _) => source::protected(path),
            (Trouble::TooManyCells, sheet) => source::too_many_cells(path, sheet.unwrap_or("")),
            (Trouble::TooLarge(what), _) => source::too_large(path, &what),
            (Trouble::Damaged(reason), None) => source::damaged(path, &reason),
            (Trouble::Damaged(reason), Some(sheet)) => {
                source::damaged(path, &reason).in_sheet(path, sheet)
            }
        }
    }
}

macro_rules! trouble_from {
    ($($error:ident $(has $limit:pat)?),*) => {$(
        impl From<$error> for Trouble {
            fn from(error: $error) -> Self {
                match error {
                    $error::Password => Trouble::Password,
                    $($limit => Trouble::TooManyCells,)?
                    error => Trouble::Damaged(error.to_string()),
                }
            }
        }
    )*};
}
trouble_from!(XlsxError, XlsbError, XlsError, OdsError has OdsError::CellLimitExceeded { .. });

/// Refuses a book whose largest sheet, measured before it is opened, spans too many cells.
fn check_rectangles(largest: Result<u64, String>) -> Result<(), Trouble> {
    match largest.map_err(Trouble::Damaged)? {
        cells if cells <= MAX_RECTANGLE => Ok(()),
        cells => Err(Trouble::TooLarge(format!(
            "a sheet spans {cells} cells, blank ones included; at most {MAX_RECTANGLE} are read \
             from this format"
        ))),
    }
}

/// Streams a sheet of an .xlsx.
fn xlsx_grid(book: &mut Xlsx<Input>, sheet: &str) -> Result<Grid, Trouble> {
    let mut reader = book.worksheet_cells_reader(sheet)?;
    let mut builder = Builder::default();
    loop {
        // The variant with metadata does not expand shared formulas: their index, which the file
        // chooses, would be the length of an allocation.
        match reader.next_cell_with_formula_metadata() {
            Ok(None) => return Ok(builder.finish()),
            Ok(Some(cell)) => {
                let is_formula = cell.formula.is_some();
                if let Some(XlsxFormulaMetadata::Normal { formula }) = &cell.formula {
                    builder.formula(cell.pos, formula);
                }
                builder.cell(cell.pos, &Data::from(cell.value), is_formula)?;
            }
            // The reader stands behind the value and can go on with the next cell.
            Err(XlsxError::CellError(error)) => builder.unread(error),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Streams a sheet of an .xlsb; its formulas come in a second pass.
fn xlsb_grid(book: &mut Xlsb<Input>, sheet: &str) -> Result<Grid, Trouble> {
    let mut builder = Builder::default();
    let mut seen = HashSet::new();
    let mut reader = book.worksheet_cells_reader(sheet)?;
    loop {
        match reader.next_cell() {
            Ok(None) => break,
            Ok(Some(cell)) => {
                seen.insert(cell.get_position());
                let data = Data::from(cell.get_value().clone());
                builder.cell(cell.get_position(), &data, false)?;
            }
            Err(XlsbError::CellError(code)) => builder.unread(format!("with the code {code}")),
            Err(error) => return Err(error.into()),
        }
    }
    drop(reader);
    // The reader leaves out formulas that gave an error value: they would look like blank cells.
    let mut reader = book.worksheet_cells_reader(sheet)?;
    loop {
        match reader.next_formula() {
            Ok(None) | Err(XlsbError::Io(_)) => return Ok(builder.finish()),
            Ok(Some(cell)) => {
                let position = cell.get_position();
                builder.formula(position, cell.get_value());
                if !seen.contains(&position) {
                    builder.push(position, Value::Error("".into()))?;
                }
            }
            Err(_) => {} // A formula that is not understood; its value has been read.
        }
    }
}

/// Takes over the rectangles of an .xls or .ods, which need not begin at A1.
fn range_grid(values: &Range<Data>, formulas: &Range<String>) -> Result<Grid, Trouble> {
    let mut builder = Builder::default();
    let place = |(row0, column0): Position, row: usize, column: usize| {
        (row0 + row as u32, column0 + column as u32)
    };
    let start = values.start().unwrap_or_default();
    for (row, column, data) in values.used_cells() {
        builder.cell(place(start, row, column), data, false)?;
    }
    let start = formulas.start().unwrap_or_default();
    for (row, column, formula) in formulas.used_cells() {
        let position = place(start, row, column);
        builder.formula(position, formula);
        if values.get_value(position).is_none_or(|data| *data == Data::Empty) {
            builder.push(position, Value::Uncalculated)?;
        }
    }
    Ok(builder.finish())
}

/// Collects the cells of a sheet into a grid.
#[derive(Default)]
struct Builder {
    grid: Grid,
    last: Option<Position>,
    /// Cells that could not be read since `last`; where they end is known with the next cell.
    unread: Vec<String>,
}

impl Builder {
    /// Adds the next cell in the order of the file.
    fn cell(&mut self, at: Position, data: &Data, is_formula: bool) -> Result<(), Trouble> {
        self.place_unread(Some(at));
        self.last = Some(at);
        match (value(data), data) {
            (Some(value), _) => self.push(at, value),
            (None, Data::Empty) if is_formula => self.push(at, Value::Uncalculated),
            (None, _) => Ok(()),
        }
    }

    fn push(&mut self, at: Position, value: Value) -> Result<(), Trouble> {
        self.grid.push(at, value).map_err(|TooManyCells| Trouble::TooManyCells)
    }

    fn formula(&mut self, at: Position, formula: &str) {
        if summary::sums_column_above(formula, at) {
            self.grid.mark_summary(at);
        }
    }

    fn unread(&mut self, error: String) {
        self.unread.push(error);
    }

    fn place_unread(&mut self, before: Option<Position>) {
        for error in self.unread.drain(..) {
            self.grid.push_unread(Unread { error, after: self.last, before });
        }
    }

    fn finish(mut self) -> Grid {
        self.place_unread(None);
        self.grid.finish()
    }
}

/// What a cell holds; none where it is blank.
fn value(data: &Data) -> Option<Value> {
    Some(match data {
        Data::Float(number) => Value::Number(*number),
        Data::Int(number) => Value::Number(*number as f64),
        Data::String(text) => return Value::from_text(text),
        Data::Bool(logical) => Value::Logical(*logical),
        Data::Error(error) => Value::Error(error.to_string().into()),
        Data::DateTime(date) => Value::Date(shown_date(date)),
        Data::DateTimeIso(date) | Data::DurationIso(date) => Value::Date(date.as_str().into()),
        Data::Empty => return None,
    })
}

/// A date as a person knows it, a time where there is no day.
fn shown_date(date: &ExcelDateTime) -> Box<str> {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if date.is_duration() || date.as_f64() < 1.0 {
        return time.into();
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { day.into() } else { format!("{day} {time}").into() }
}

thread_local! {
    /// Whether a panic on this thread is expected and not to be printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `read` and turns a panic of the reading library into a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    QUIET.set(false);
    result.unwrap_or_else(|_| Err(Trouble::Damaged("its parts contradict each other".into())))
}
