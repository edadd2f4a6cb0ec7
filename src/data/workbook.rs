//! Reading workbooks: .xlsx, .xlsm, .xlsb, .xls and .ods, each into the same kind of grid.
//!
//! .xlsx, .xlsb and .ods are streamed cell by cell (see `stream` and `ods`), so a far cell costs
//! nothing. For .xls the reading library builds whole rectangles of all sheets at once, so those are
//! measured first (see `xls`). What parts of a package claim is held against what they hold (see
//! `claims`), and what all cells take against what there is room for (see `limits`). What the library
//! does not expect in a damaged file makes it panic; that is caught and told as damage.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{
    Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
    open_workbook,
};

use super::address::{Area, Position, column_name};
use super::collect::Collector;
use super::grid::{Full, Grid};
use super::limits::{Budget, Limited, MAX_TEXT};
use super::ods::Ods;
use super::regions::Region;
use super::source::{self, Kind};
use super::stream::{self, Input, Sink};
use super::{arrays, claims, names, tables, xls};
use crate::error::{Error, Result};
use crate::panics;

/// An open workbook.
pub(crate) struct Workbook {
    path: PathBuf,
    book: Book,
    budget: Budget,
    /// The worksheets: hidden ones behind the others, charts left out.
    pub sheets: Vec<String>,
}

enum Book {
    Xlsx(Box<Xlsx<Input>>),
    Xlsb(Box<Xlsb<Input>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
    Ods(Box<Ods>),
}

/// Why a book or a sheet could not be read, whatever the format.
pub(super) enum Trouble {
    Password,
    TooManyCells,
    /// More is asked for than there may be of, as the text says.
    TooLarge(String),
    TooMuchText,
    Damaged(String),
}

/// A file is damaged, as `reason` says.
pub(super) fn damaged(reason: impl ToString) -> Trouble {
    Trouble::Damaged(reason.to_string())
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
                Kind::Xlsx => {
                    claims::check_xlsx(path)?;
                    if arrays::are_shared(path) {
                        return Err(damaged("two of its sheets are one part"));
                    }
                    Book::Xlsx(Box::new(open_workbook(path)?))
                }
                Kind::Xlsb => {
                    claims::check_xlsb(path)?;
                    Book::Xlsb(Box::new(open_workbook(path)?))
                }
                Kind::Xls => {
                    let file = std::fs::read(path).map_err(damaged)?;
                    Book::Xls(Box::new(xls::open(file)?))
                }
                Kind::Ods | Kind::Text => Book::Ods(Box::new(Ods::open(path)?)),
            })
        };
        let book = guarded(open).map_err(|trouble| trouble.into_error(path, None))?;
        let sheets = book.sheets();
        if sheets.is_empty() {
            return Err(Error::new("the workbook has no worksheet")
                .in_file(path)
                .help("it holds charts at most: take the workbook with their numbers"));
        }
        Ok(Workbook { path: path.to_owned(), book, budget: Budget::default(), sheets })
    }

    /// The cells of a sheet.
    ///
    /// # Errors
    ///
    /// Where the sheet is damaged or has too many cells.
    pub(crate) fn grid(&mut self, sheet: &str) -> Result<Grid> {
        let mut collector = Collector::default();
        self.stream(sheet, &mut collector)?;
        Ok(collector.finish())
    }

    /// Hands the cells of a sheet and their formulas to `sink`.
    ///
    /// # Errors
    ///
    /// Where the sheet is damaged or has too many cells.
    pub(crate) fn stream(&mut self, sheet: &str, sink: &mut impl Sink) -> Result<()> {
        let book = &mut self.book;
        let mut limited = Limited { sink, budget: &mut self.budget, trouble: None };
        let read = || match book {
            Book::Xlsx(book) => stream::xlsx(book, sheet, &mut limited),
            Book::Xlsb(book) => stream::xlsb(book, sheet, &mut limited),
            Book::Xls(book) => {
                let (values, formulas) =
                    (book.worksheet_range(sheet)?, book.worksheet_formula(sheet)?);
                stream::ranges(&values, &formulas, &mut limited)
            }
            Book::Ods(book) => book.stream(sheet, &mut limited),
        };
        let read = guarded(read).map_err(|trouble| limited.trouble.take().unwrap_or(trouble));
        read.map_err(|trouble| trouble.into_error(&self.path, Some(sheet)))
    }

    /// All sheets in the order of the file, hidden ones and charts too.
    pub(crate) fn all_sheets(&self) -> Vec<SheetInfo> {
        self.book.all_sheets()
    }

    /// The defined names, hidden ones too, in the order of the file.
    pub(crate) fn defined_names(&self) -> Vec<DefinedName> {
        let (names, scopes) = match &self.book {
            Book::Xlsx(book) => (book.defined_names(), names::scopes(&self.path)),
            Book::Xlsb(book) => (book.defined_names(), Vec::new()),
            Book::Xls(book) => (book.defined_names(), Vec::new()),
            Book::Ods(book) => (&book.names[..], Vec::new()),
        };
        let sheets = self.book.all_sheets();
        // Scopes that do not fit the names would put names on wrong sheets.
        let scopes = if scopes.len() == names.len() { scopes } else { vec![None; names.len()] };
        let named = |((name, text), scope): (&(String, String), Option<usize>)| DefinedName {
            name: name.clone(),
            text: text.clone(),
            sheet: scope.and_then(|at| sheets.get(at)).map(|sheet| sheet.name.clone()),
        };
        names.iter().zip(scopes).map(named).collect()
    }
}

impl Workbook {
    /// The blocks of the array formulas, by the names of their sheets.
    pub(crate) fn arrays(&self) -> HashMap<String, Vec<Area>> {
        match &self.book {
            Book::Xlsx(_) => arrays::arrays(&self.path),
            _ => HashMap::new(),
        }
    }

    /// The Excel tables of a sheet.
    pub(crate) fn list_objects(&mut self, sheet: &str) -> Vec<Region> {
        let Book::Xlsx(book) = &mut self.book else { return Vec::new() };
        let tables = tables::tables(&self.path);
        if tables.is_empty() || guarded(|| Ok(book.load_tables()?)).is_err() {
            return Vec::new();
        }
        let here: Vec<String> = book.table_names_in_sheet(sheet).into_iter().cloned().collect();
        tables.iter().filter(|one| here.contains(&one.name)).map(tables::Table::region).collect()
    }

    /// Excel tables and their columns as names that formulas have for their cells: `rents`,
    /// `rents[x]`.
    pub(crate) fn table_columns(&mut self) -> Vec<DefinedName> {
        let Book::Xlsx(book) = &mut self.book else { return Vec::new() };
        let tables = tables::tables(&self.path);
        if tables.is_empty() || guarded(|| Ok(book.load_tables()?)).is_err() {
            return Vec::new();
        }
        let sheets = book.sheets_metadata().iter().map(|sheet| sheet.name.clone());
        let on: Vec<(String, String)> = sheets
            .flat_map(|sheet| {
                let tables: Vec<String> =
                    book.table_names_in_sheet(&sheet).into_iter().cloned().collect();
                tables.into_iter().map(move |table| (table, sheet.clone()))
            })
            .collect();
        let named = tables.iter().filter_map(|table| {
            let (_, sheet) = on.iter().find(|(name, _)| *name == table.name)?;
            let sheet = sheet.replace('\'', "''");
            let named = move |name: String, first: Position, last: Position| DefinedName {
                name,
                text: format!("'{sheet}'!{}:{}", absolute(first), absolute(last)),
                sheet: None,
            };
            let columns = &table.columns;
            let whole = columns.first().zip(columns.last());
            let whole =
                whole.map(|((_, first, _), (.., last))| named(table.name.clone(), *first, *last));
            let column = move |(column, first, last): &(String, Position, Position)| {
                named(format!("{}[{column}]", table.name), *first, *last)
            };
            Some(whole.into_iter().chain(columns.iter().map(column)))
        });
        named.flatten().collect()
    }
}

/// `$D$4`
fn absolute((row, column): Position) -> String {
    format!("${}${}", column_name(column), row + 1)
}

/// A name that stands for a cell, a range or a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct DefinedName {
    /// The name.
    pub name: String,
    /// What it stands for: `basic!$C$1`.
    pub text: String,
    /// The sheet whose formulas may use it; none where all may.
    pub sheet: Option<String>,
}

/// What a workbook says about one of its sheets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SheetInfo {
    /// The name on its tab.
    pub name: String,
    /// Whether it has cells; charts have none.
    pub is_worksheet: bool,
    /// Whether it is hidden.
    pub is_hidden: bool,
}

impl Book {
    fn all_sheets(&self) -> Vec<SheetInfo> {
        let sheets = match self {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book) => return book.sheets(),
        };
        let info = |sheet: &Sheet| SheetInfo {
            name: sheet.name.clone(),
            is_worksheet: sheet.typ == SheetType::WorkSheet,
            is_hidden: sheet.visible != SheetVisible::Visible,
        };
        sheets.iter().map(info).collect()
    }

    fn sheets(&self) -> Vec<String> {
        let mut sheets: Vec<SheetInfo> =
            self.all_sheets().into_iter().filter(|sheet| sheet.is_worksheet).collect();
        sheets.sort_by_key(|sheet| sheet.is_hidden);
        sheets.into_iter().map(|sheet| sheet.name).collect()
    }
}

impl Trouble {
    fn into_error(self, path: &Path, sheet: Option<&str>) -> Error {
        match (self, sheet) {
            (Trouble::Password, _) => source::protected(path),
            (Trouble::TooManyCells, sheet) => source::too_many_cells(path, sheet.unwrap_or("")),
            (Trouble::TooLarge(what), _) => source::too_large(path, &what),
            (Trouble::TooMuchText, _) => {
                let most = MAX_TEXT >> 20;
                let what = format!("the texts of its cells take more than {most} MiB in memory");
                Error::new(what).in_file(path).help("keep only the table with x and y")
            }
            (Trouble::Damaged(reason), None) => source::damaged(path, &reason),
            (Trouble::Damaged(reason), Some(sheet)) => {
                source::damaged(path, &reason).in_sheet(path, sheet)
            }
        }
    }
}

macro_rules! trouble_from {
    ($($error:ident),*) => {$(
        impl From<$error> for Trouble {
            fn from(error: $error) -> Self {
                match error {
                    $error::Password => Trouble::Password,
                    error => Trouble::Damaged(error.to_string()),
                }
            }
        }
    )*};
}
trouble_from!(XlsxError, XlsbError, XlsError);

impl From<Full> for Trouble {
    fn from(full: Full) -> Self {
        match full {
            Full::Cells => Trouble::TooManyCells,
            Full::Formulas => Trouble::TooLarge(
                "its formulas are too many that are not filled from one cell to the next"
                    .to_owned(),
            ),
        }
    }
}

/// Runs `read` and turns a panic of the reading library into a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    panics::caught(|_| true, read)
        .unwrap_or_else(|| Err(damaged("its parts contradict each other")))
}
