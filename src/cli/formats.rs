//! What a run writes: workbook, page, tables for data tools; and which of its rows.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::target::TargetArgs;
use crate::data::source::STANDARD_INPUT;
use crate::error::{Error, Result};
use crate::export::table::Format;
use crate::export::xlsx::RowOptions;
use crate::trace::Keep;

/// What a run writes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is written")]
pub struct FormatArgs {
    /// What to write: xlsx, html (the report), and tables with a row for each step, a file for each
    /// optimizer in the folder FILE.trace: csv, parquet, jsonl. Without xlsx -o names that folder, or
    /// the file of one optimizer; -o - writes one .csv or .jsonl to standard output
    #[arg(long, value_name = "FORMAT,...", value_delimiter = ',', default_value = "xlsx,html")]
    #[arg(hide_possible_values = true)]
    format: Vec<Written>,

    /// The rows of sheets and tables: last:1000 (so many at the end), every:100 (each hundredth), epochs
    /// (the last of each epoch), all
    #[arg(long, value_name = "WHICH", default_value = "all", value_parser = Keep::read)]
    pub keep: Keep,

    /// Write numbers in the place of formulas: a smaller workbook, in which nothing is computed again
    #[arg(long)]
    values_only: bool,
}

/// A kind of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Written {
    Xlsx,
    Html,
    Csv,
    Parquet,
    Jsonl,
}

impl Written {
    /// The format of a table, where this is one.
    fn table(self) -> Option<Format> {
        match self {
            Written::Xlsx | Written::Html => None,
            Written::Csv => Some(Format::Csv),
            Written::Parquet => Some(Format::Parquet),
            Written::Jsonl => Some(Format::Jsonl),
        }
    }
}

/// Where tables go.
#[derive(Debug, Clone, PartialEq)]
pub enum Tables {
    /// A file for each optimizer and format in a folder.
    Folder(PathBuf, Vec<Format>),
    /// The file of the only optimizer.
    File(PathBuf, Format),
    /// Standard output, for the only optimizer.
    Standard(Format),
}

impl Tables {
    /// The file of the run whose sheet has this name, in a format.
    pub fn file(folder: &Path, sheet: &str, format: Format) -> PathBuf {
        folder.join(format!("{sheet}.{}", format.extension()))
    }

    /// The format and the file of each table of `sheets`; no file for standard output.
    pub fn of(&self, sheets: usize, name: impl Fn(usize) -> String) -> Vec<Planned> {
        let planned = |sheet, format, path| Planned { sheet, format, path };
        match self {
            Tables::Folder(folder, formats) => (0..sheets)
                .flat_map(|sheet| formats.iter().map(move |format| (sheet, *format)))
                .map(|(sheet, format)| {
                    planned(sheet, format, Some(Tables::file(folder, &name(sheet), format)))
                })
                .collect(),
            Tables::File(path, format) => vec![planned(0, *format, Some(path.clone()))],
            Tables::Standard(format) => vec![planned(0, *format, None)],
        }
    }
}

/// A table that is to be written.
#[derive(Debug)]
pub struct Planned {
    /// The index of the run.
    pub sheet: usize,
    /// Its format.
    pub format: Format,
    /// Its file; none for standard output.
    pub path: Option<PathBuf>,
}

impl FormatArgs {
    /// Whether there are sheets or a page, which have room for so many steps only.
    pub fn shows_sheets(&self) -> bool {
        self.has(Written::Xlsx) || self.has(Written::Html)
    }

    /// Whether a workbook is written.
    pub fn has_workbook(&self) -> bool {
        self.has(Written::Xlsx)
    }

    /// Whether a page is written.
    pub fn has_page(&self) -> bool {
        self.has(Written::Html)
    }

    /// How the rows of traces are written on sheets.
    pub fn rows(&self) -> RowOptions {
        RowOptions { keep: self.keep, values_only: self.values_only, ..RowOptions::default() }
    }

    fn has(&self, one: Written) -> bool {
        self.format.contains(&one)
    }

    fn tables(&self) -> Vec<Format> {
        let mut formats = Vec::new();
        for format in self.format.iter().filter_map(|one| one.table()) {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats
    }

    /// Where the page goes that stands beside no workbook, for the input `file`.
    pub fn page(&self, file: &Path, target: &TargetArgs) -> Option<PathBuf> {
        if !self.has(Written::Html) {
            return None;
        }
        let page = match target.output() {
            Some(output) if self.tables().is_empty() => output.to_owned(),
            Some(output) => added(&bare(output), "html"),
            None => added(&usual(file), "html"),
        };
        target.report(page)
    }

    /// Where the tables go, for the input `file` and so many optimizers; none where none are asked for.
    ///
    /// # Errors
    /// An output that cannot hold what is asked for.
    pub fn tables_of(&self, file: &Path, target: &TargetArgs) -> Result<Option<Tables>> {
        self.check(target)?;
        let formats = self.tables();
        let output = target.output();
        if output.is_some_and(is_standard) {
            return self.standard(&formats).map(Some);
        }
        let Some(first) = formats.first() else { return Ok(None) };
        if self.has_workbook() || output.is_none() {
            let folder = output.map_or_else(|| usual(file), |output| output.with_extension(""));
            return Ok(Some(Tables::Folder(folder, formats)));
        }
        let output = output.unwrap_or(file);
        let Some(format) = format_of(output) else {
            return Ok(Some(Tables::Folder(output.to_owned(), formats)));
        };
        if formats.len() > 1 || format != *first {
            let names: Vec<&str> = formats.iter().map(|one| one.extension()).collect();
            let told = format!("one .{} file cannot hold {}", format.extension(), names.join(", "));
            return Err(Error::new(told).in_argument(argument(output)).help(format!(
                "add --format {}, or name a folder: -o {}",
                format.extension(),
                output.with_extension("").display()
            )));
        }
        Ok(Some(Tables::File(output.to_owned(), format)))
    }

    /// That what is asked for goes together.
    fn check(&self, target: &TargetArgs) -> Result<()> {
        if self.keep != Keep::All && self.tables().is_empty() && !self.has_workbook() {
            return Err(Error::new("only sheets and tables may have a part of the rows")
                .in_argument(format!("--keep {}", self.keep))
                .help("add xlsx, csv, parquet or jsonl to --format, or leave out --keep"));
        }
        if self.values_only && !self.has_workbook() {
            return Err(Error::new("only a workbook has formulas, and none is written")
                .in_argument("--values-only")
                .help("add xlsx to --format, or leave out --values-only"));
        }
        if cfg!(not(feature = "parquet")) && self.has(Written::Parquet) {
            return Err(Error::new("this gdtrace was built without Parquet")
                .in_argument("--format parquet")
                .help("take csv or jsonl, or build it with the feature parquet"));
        }
        let is_page = |output: &Path| output.extension().is_some_and(|one| one == "html");
        let only_page = !self.has_workbook() && self.tables().is_empty();
        match target.output().filter(|_| only_page) {
            Some(output) if !is_page(output) && !is_standard(output) => {
                Err(Error::new("the report must be an .html file")
                    .in_argument(argument(output))
                    .help(format!("for example -o {}", output.with_extension("html").display())))
            }
            _ => Ok(()),
        }
    }

    /// The one format that goes to standard output.
    fn standard(&self, formats: &[Format]) -> Result<Tables> {
        match (formats, self.shows_sheets()) {
            ([format @ (Format::Csv | Format::Jsonl)], false) => Ok(Tables::Standard(*format)),
            _ => Err(Error::new("only one table of text goes to standard output")
                .in_argument("-o -")
                .help("add --format csv or --format jsonl, and one optimizer: --optimizers adam")),
        }
    }
}

impl Tables {
    /// Checks that so many optimizers have a place.
    ///
    /// # Errors
    /// A file, or standard output, for more than one.
    pub fn check(&self, optimizers: usize) -> Result<()> {
        let (output, other) = match self {
            Tables::File(path, _) if optimizers > 1 => {
                (argument(path), format!("-o {}", path.with_extension("").display()))
            }
            Tables::Standard(_) if optimizers > 1 => ("-o -".to_owned(), "-o FOLDER".to_owned()),
            _ => return Ok(()),
        };
        Err(Error::new(format!("one table cannot hold {optimizers} optimizers"))
            .in_argument(output)
            .help(format!("name one, --optimizers adam, or a folder for all: {other}")))
    }
}

fn argument(output: &Path) -> String {
    format!("-o {}", output.display())
}

fn is_standard(output: &Path) -> bool {
    output.as_os_str() == "-"
}

/// The format of a table with this file name.
fn format_of(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    [Format::Csv, Format::Parquet, Format::Jsonl]
        .into_iter()
        .find(|format| format.extension() == extension)
}

/// `graddes.trace` for `graddes.xlsx`.
fn usual(file: &Path) -> PathBuf {
    match file.as_os_str() == STANDARD_INPUT {
        true => PathBuf::from("stdin.trace"),
        false => file.with_extension("trace"),
    }
}

/// `output` without the extension of a table.
fn bare(output: &Path) -> PathBuf {
    match format_of(output) {
        Some(_) => output.with_extension(""),
        None => output.to_owned(),
    }
}

/// `path` with an extension behind those that it has.
fn added(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    PathBuf::from(name)
}
