//! Reading a whole workbook, cells and formulas.

use std::path::{Path, PathBuf};

use super::relative::CellReference;
use super::sheet::{Collector, Content, Sheet};
use super::{lines, printed, r1c1, tall};
use crate::data::address::{Area, Position};
use crate::data::source::{self, Kind};
pub use crate::data::workbook::DefinedName;
use crate::data::workbook::{SheetInfo, Workbook as Source};
use crate::data::{added, properties, text};
use crate::error::{Error, Result};

/// What to read of a workbook, and how.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// The only sheet to look at, in any case (`--sheet`).
    pub sheet: Option<String>,
    /// What separates the fields of a .csv file.
    pub delimiter: Option<char>,
    /// The decimal sign of a .csv file.
    pub decimal: Option<char>,
}

/// A workbook, read.
#[derive(Debug, Clone, Default)]
pub struct Workbook {
    /// The file.
    pub file: PathBuf,
    /// All sheets in the order of the file, hidden ones and charts too.
    pub sheets: Vec<Sheet>,
    /// The defined names.
    pub names: Vec<DefinedName>,
    /// The properties that programs wrote into the file, by their names.
    pub properties: Vec<(String, String)>,
    /// The sheets that gdtrace added to the workbook of somebody else: each one's name, and the command
    /// that added it.
    pub added: Vec<(String, String)>,
}

impl Workbook {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, is damaged or has too many cells.
    pub fn read(path: &Path, options: &Options) -> Result<Workbook> {
        if lines::are_in(path) {
            return of_cells(path, tall::widened(lines::cells(path)?));
        }
        match source::examine(path)? {
            Kind::Text if printed::is_in(path)? => {
                of_cells(path, tall::widened(printed::cells(path)?))
            }
            Kind::Text => {
                let cells = text::whole(path, options.delimiter, options.decimal)?;
                of_cells(path, tall::widened(cells))
            }
            kind => read_workbook(path, kind),
        }
    }

    /// A workbook with a single row of texts, as the file at `path` begins with.
    pub(crate) fn of_headers(path: &Path, headers: &[String]) -> Result<Workbook> {
        let cells = headers.iter().enumerate();
        let cells = cells.filter(|(_, text)| !text.is_empty());
        let cells = cells.map(|(at, text)| ((0, at as u32), Content::Text(text.as_str().into())));
        of_cells(path, cells.collect())
    }

    /// The place of the sheet called `name`, in any case.
    pub fn sheet(&self, name: &str) -> Option<usize> {
        let exact = self.sheets.iter().position(|sheet| sheet.name == name);
        let lower = || name.to_lowercase();
        exact.or_else(|| self.sheets.iter().position(|sheet| sheet.name.to_lowercase() == lower()))
    }

    /// The sheet that a reference on the sheet `own` means; none where there is none such.
    pub(crate) fn sheet_of(&self, own: usize, reference: &CellReference) -> Option<usize> {
        match &reference.sheet {
            None => Some(own),
            Some(name) => self.sheet(name),
        }
    }

    /// The sheet that the user named.
    ///
    /// # Errors
    ///
    /// Where there is no such sheet.
    pub fn named_sheet(&self, name: &str) -> Result<usize> {
        self.sheet(name.trim()).ok_or_else(|| {
            let known: Vec<&str> = self.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
            if known == [""] {
                return Error::new("a .csv file has no sheets")
                    .in_argument(format!("--sheet {name}"))
                    .help("leave the sheet out");
            }
            Error::new(format!("there is no sheet called '{name}'"))
                .in_file(&self.file)
                .help(Error::known_names(name, &known))
        })
    }
}

impl Workbook {
    /// Whether the `command` added the sheet called `name`.
    pub fn was_added(&self, name: &str, command: &str) -> bool {
        self.added.iter().any(|(known, by)| known == name && by == command)
    }

    /// How the sheet called `name` was written, where it is one of a run whose traces are not sheets
    /// with all of their rows as formulas: "--values-only".
    pub fn has_part(&self, name: &str) -> Option<&str> {
        let is_of_run = self.added.is_empty() || self.was_added(name, added::RUN);
        let mut properties = self.properties.iter().filter(|_| is_of_run);
        properties.find(|(name, _)| name == added::ROWS).map(|(_, how)| how.as_str())
    }
}

/// A workbook of a single sheet without formulas.
fn of_cells(path: &Path, cells: Vec<(Position, Content)>) -> Result<Workbook> {
    let mut collector = Collector::default();
    for (at, value) in cells {
        collector.push(at, value).map_err(|_| source::too_many_cells(path, ""))?;
    }
    let sheet = collector.finish("", &|_| None);
    Ok(Workbook { file: path.to_owned(), sheets: vec![sheet], ..Workbook::default() })
}

fn read_workbook(path: &Path, kind: Kind) -> Result<Workbook> {
    let mut source = Source::open(path, kind)?;
    let mut names = source.defined_names();
    if kind == Kind::Ods {
        for name in &mut names {
            name.text = r1c1::named_in_open(&name.text);
        }
    }
    let known: Vec<DefinedName> = names.iter().cloned().chain(source.table_columns()).collect();
    let mut arrays = source.arrays();
    let (properties, added) = ours(path, kind);
    let mut book = Workbook { file: path.to_owned(), sheets: Vec::new(), names, properties, added };
    for mut info in source.all_sheets() {
        let blocks = arrays.remove(&info.name).unwrap_or_default();
        // What an earlier comparison wrote is computed from theirs, and nothing of theirs from it.
        info.is_worksheet &= !book.was_added(&info.name, added::COMPARE);
        // A part of a trace is no training that somebody built, nor are its numbers a log of one.
        info.is_worksheet &= book.has_part(&info.name).is_none();
        book.sheets.push(read_sheet(&mut source, &info, (&known, &blocks))?);
    }
    Ok(book)
}

/// Names and texts.
type Pairs = Vec<(String, String)>;

/// The properties of a workbook, and what earlier runs added to it: sheets, each with the command.
fn ours(path: &Path, kind: Kind) -> (Pairs, Pairs) {
    let (mut properties, mut added) = (Vec::new(), Vec::new());
    if kind == Kind::Xlsx {
        for one in added::read(path) {
            let names = one.sheets.into_iter().map(|(name, _)| (name, one.command.clone()));
            added.extend(names);
            properties.extend(one.properties);
        }
        properties.extend(properties::custom(path));
    }
    (properties, added)
}

fn read_sheet(
    source: &mut Source,
    info: &SheetInfo,
    (names, arrays): (&[DefinedName], &[Area]),
) -> Result<Sheet> {
    let mut collector = Collector::default();
    if info.is_worksheet {
        source.stream(&info.name, &mut collector)?;
    }
    collector.arrays = arrays.to_vec();
    let mut sheet = collector.finish(&info.name, &|name| meaning(name, &info.name, names));
    sheet.is_hidden = info.is_hidden;
    sheet.is_chart = !info.is_worksheet;
    Ok(sheet)
}

/// What a name stands for in the formulas of `sheet`, whose own names go before the workbook's.
fn meaning(name: &str, sheet: &str, names: &[DefinedName]) -> Option<String> {
    let scoped = name.rsplit_once('!').filter(|_| !name.ends_with(']'));
    let (sheet_named, name) = scoped.unwrap_or((sheet, name));
    let sheet = sheet_named.trim_matches('\'');
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let called = || names.iter().filter(|known| same(&known.name, name));
    let own = called().find(|known| known.sheet.as_deref().is_some_and(|on| same(on, sheet)));
    own.or_else(|| called().find(|known| known.sheet.is_none())).map(|known| known.text.clone())
}
