//! Where the data come from, what kind of file it is, and whether it is safe to open.
//!
//! The content decides, not the name: an .xlsx that is really a web page, an .xls that is really
//! an .xlsx, a workbook with a password all occur, and each deserves its own sentence. Zip files
//! are measured before the reading library sees them, because it has no limits of its own.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use zip::ZipArchive;

use super::grid::MAX_CELLS;
use crate::error::{Error, Result};

/// The most bytes that all parts of a zipped workbook may have when unpacked: 1 GiB.
const MAX_UNPACKED: u64 = 1 << 30;
/// The most bytes of a part that is held in memory as a whole (all but sheets): 256 MiB.
const MAX_PART: u64 = 1 << 28;
/// The most bytes of an .xls file, which is held in memory: 256 MiB.
const MAX_FILE: u64 = 1 << 28;
/// The most bytes of a file that a person writes by hand: 1 MiB.
const MAX_SMALL: u64 = 1 << 20;

/// What gdtrace reads, for messages.
const READS: &str = "gdtrace reads .xlsx, .xlsm, .xlsb, .xls, .ods and .csv, .tsv, .txt";

/// The extensions of workbooks, and of texts.
const WORKBOOKS: &[&str] = &["xlsx", "xlsm", "xlsb", "xls", "ods"];
const TEXTS: &[&str] = &["csv", "tsv", "tab", "txt", "dat", "prn", "asc", "data", "log", "out"];

/// The file name that stands for standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// The formats, by content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Office Open XML: .xlsx and .xlsm.
    Xlsx,
    /// The binary form of .xlsx.
    Xlsb,
    /// Excel 97 to 2003.
    Xls,
    /// OpenDocument.
    Ods,
    /// Text with delimiters.
    Text,
}

/// A file to be read; what came from standard input has been put into one.
pub(crate) struct Source {
    /// Its name, for people.
    pub name: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Standard input or a text in memory as a file, which is removed at the end.
    kept: Option<NamedTempFile>,
}

impl Source {
    /// Opens the file at `path`, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// As [`examine`]; addresses on the web are refused.
    pub fn open(path: &Path) -> Result<Source> {
        refuse_address(path)?;
        if path.as_os_str() != STANDARD_INPUT {
            return Ok(Source { name: path.to_owned(), kind: examine(path)?, kept: None });
        }
        let name = PathBuf::from("standard input");
        let failed = |error: io::Error| Error::io("read standard input", &name, &error);
        let mut kept = temporary()?;
        let limit = MAX_UNPACKED;
        let mut input = io::stdin().lock().take(limit + 1);
        let bytes = io::copy(&mut input, kept.as_file_mut()).map_err(failed)?;
        if bytes > limit {
            return Err(Error::new(format!("there are more than {} MiB", limit >> 20))
                .in_file(&name)
                .help("write them to a file and keep only the table with x and y"));
        }
        let kind = if bytes == 0 {
            Err(Error::new("there is nothing on standard input")
                .help("pipe a table into it: cat data.csv | gdtrace run -"))
        } else {
            by_content(kept.path(), "csv", bytes, true)
        };
        let kind = kind.map_err(|error| error.in_file(&name))?;
        Ok(Source { name, kind, kept: Some(kept) })
    }

    /// A text in memory, which is called `name`.
    ///
    /// # Errors
    ///
    /// Where it cannot be kept.
    pub fn of_text(name: &Path, content: &str) -> Result<Source> {
        let failed = |error: io::Error| Error::io("keep the data", name, &error);
        let kept = temporary()?;
        std::fs::write(kept.path(), content).map_err(failed)?;
        Ok(Source { name: name.to_owned(), kind: Kind::Text, kept: Some(kept) })
    }

    /// The file to read.
    pub fn path(&self) -> &Path {
        self.kept.as_ref().map_or(&self.name, |kept| kept.path())
    }

    /// `error` with the file's name for people.
    pub fn named(&self, error: Error) -> Error {
        if self.kept.is_some() { error.of_file(self.path(), &self.name) } else { error }
    }

    /// The extension of the file: `.csv`.
    pub fn extension(&self) -> String {
        let extension = self.name.extension().map(|one| one.to_string_lossy().to_lowercase());
        extension.map_or_else(|| "text".to_owned(), |one| format!(".{one}"))
    }
}

/// A file that is removed at the end.
fn temporary() -> Result<NamedTempFile> {
    NamedTempFile::new().map_err(|error| {
        Error::io("write a temporary file", &std::env::temp_dir(), &error)
            .help("set TMPDIR to a folder that can be written to")
    })
}

/// Refuses an address on the web, with what to do.
pub(crate) fn refuse_address(path: &Path) -> Result<()> {
    let text = path.to_string_lossy();
    let scheme = text.split_once(":/").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let known = ["http", "https", "ftp", "ftps", "sftp", "s3", "gs", "file"];
    let Some(scheme) = scheme.filter(|scheme| known.contains(&scheme.as_str())) else {
        return Ok(());
    };
    let name = text.rsplit('/').next().unwrap_or("").split(['?', '#']).next().unwrap_or("");
    let name = if name.contains('.') { name } else { "data.csv" };
    let error = Error::new(
        "this is an address, and gdtrace reads files only: nothing it computes \
                            may depend on what a server sends today",
    )
    .in_file(path);
    Err(match scheme.as_str() {
        "file" => error.help("give the path alone, without file://"),
        _ if text.contains("docs.google.com/spreadsheets") => {
            error.help("in Google Sheets choose File, Download, and name the file that you get")
        }
        _ => {
            let address = super::typed::quoted(&text);
            error.help(format!("download it first: curl -L -o {name} {address}, then name {name}"))
        }
    })
}

/// Finds out what the file at `path` is and checks its size.
///
/// # Errors
///
/// Where the file cannot be read, is none of the known formats, is protected by a password or
/// would unpack to more than the limits.
pub(crate) fn examine(path: &Path) -> Result<Kind> {
    let metadata = std::fs::metadata(path).map_err(|error| cannot_open(path, &error))?;
    if metadata.is_dir() {
        return Err(Error::new("this is a folder, not a file").in_file(path).help(READS));
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    let known = WORKBOOKS.contains(&extension.as_str()) || TEXTS.contains(&extension.as_str());
    if !known {
        return Err(unknown_extension(path, &extension));
    }
    if metadata.len() == 0 {
        return Err(Error::new("the file is empty").in_file(path).help("save the data again"));
    }
    by_content(path, &extension, metadata.len(), false)
}

/// What the file holds; `is_any` says that its name does not matter.
fn by_content(path: &Path, extension: &str, bytes: u64, is_any: bool) -> Result<Kind> {
    let mut file = File::open(path).map_err(|error| cannot_open(path, &error))?;
    let mut start = Vec::new();
    file.by_ref().take(512).read_to_end(&mut start).map_err(|error| cannot_open(path, &error))?;
    let is_text = TEXTS.contains(&extension);
    let kind = if start.starts_with(b"PK\x03\x04") {
        examine_zip(path, file)?
    } else if start.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        examine_compound(path, file, bytes)?
    } else if is_text {
        Kind::Text
    } else {
        return Err(not_a_workbook(path, extension, &start));
    };
    if is_text && kind != Kind::Text && !is_any {
        return Err(Error::new("the file is a workbook, not text with delimiters")
            .in_file(path)
            .help("rename it to what it is (such as .xlsx), or save the sheet as .csv"));
    }
    Ok(kind)
}

/// The file is missing or may not be read.
fn cannot_open(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::new("there is no such file")
            .in_file(path)
            .help("check the name and the folder");
    }
    Error::io("read the file", path, error)
}

fn unknown_extension(path: &Path, extension: &str) -> Error {
    let what = if extension.is_empty() {
        "the file's name has no extension".to_owned()
    } else {
        format!("the extension .{extension} is not known")
    };
    let help =
        "rename it to .csv where it is text with delimiters, or save the data as one of these";
    Error::new(what).in_file(path).help(format!("{READS}; {help}"))
}

/// The file has a workbook's extension and something else inside.
fn not_a_workbook(path: &Path, extension: &str, start: &[u8]) -> Error {
    let lower = String::from_utf8_lossy(start).trim_start().to_ascii_lowercase();
    let (found, help) = if ["<!doctype html", "<html", "<table"]
        .iter()
        .any(|t| lower.starts_with(t))
    {
        ("a web page (HTML)", "open it in a spreadsheet program and save it as .xlsx")
    } else if lower.starts_with("<?xml") {
        ("an XML text", "open it in a spreadsheet program and save it as .xlsx")
    } else if !start.contains(&0) && std::str::from_utf8(start).is_ok() {
        ("plain text", "rename it to .csv, or save the data as .xlsx from a spreadsheet program")
    } else {
        ("not a workbook", "save the data again from a spreadsheet program")
    };
    let what = match found {
        "not a workbook" => format!("the content is not that of an .{extension} workbook"),
        found => format!("the file is called .{extension}, but its content is {found}"),
    };
    Error::new(what).in_file(path).help(format!("{help}; {READS}"))
}

/// The text of a file that a person writes: settings, or the definition of an optimizer.
///
/// # Errors
/// Where it cannot be read, is no text, or is larger than one of these.
pub(crate) fn small_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_SMALL + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_SMALL {
        let what = format!("it has more than {} MiB", MAX_SMALL >> 20);
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(text)
}

fn check_size(path: &Path, bytes: u64) -> Result<()> {
    if bytes <= MAX_FILE {
        return Ok(());
    }
    Err(Error::new(format!(
        "the file has {} MiB; at most {} are read",
        bytes >> 20,
        MAX_FILE >> 20
    ))
    .in_file(path)
    .help("keep only the sheet with the data, or save that sheet as .xlsx"))
}

/// Tells the zipped formats apart and measures what they unpack to.
fn examine_zip(path: &Path, file: File) -> Result<Kind> {
    let damaged = |reason: &dyn std::fmt::Display| damaged(path, &reason.to_string());
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(&error))?;
    let mut total = 0_u64;
    let mut kind = None;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| damaged(&error))?;
        let name = part.name().map_err(|error| damaged(&error))?.to_ascii_lowercase();
        kind = kind.or(match name.as_str() {
            "xl/workbook.xml" => Some(Kind::Xlsx),
            "xl/workbook.bin" => Some(Kind::Xlsb),
            "content.xml" => Some(Kind::Ods),
            "encrypted-package" => return Err(protected(path)),
            _ => None,
        });
        // Declared sizes can lie, so each part is unpacked once into nothing.
        let limit = if name.contains("worksheets/") { MAX_UNPACKED } else { MAX_PART };
        let limit = limit.min(MAX_UNPACKED - total);
        if part.size() > limit {
            return Err(bomb(path, &name));
        }
        let unpacked = io::copy(&mut part.by_ref().take(limit + 1), &mut io::sink())
            .map_err(|error| damaged(&error))?;
        if unpacked > limit {
            return Err(bomb(path, &name));
        }
        if unpacked != part.size() {
            return Err(damaged(&format!("its part {name} does not have the size that it claims")));
        }
        total += unpacked;
    }
    kind.ok_or_else(|| {
        Error::new("the file is a zip archive without a workbook in it")
            .in_file(path)
            .help(format!("unpack it and name the workbook inside; {READS}"))
    })
}

fn bomb(path: &Path, part: &str) -> Error {
    Error::new(format!("the workbook is too large when unpacked (at its part {part})"))
        .in_file(path)
        .help(format!(
            "at most {} MiB are read, {} MiB of them outside the sheets; keep only the sheet \
             with the data",
            MAX_UNPACKED >> 20,
            MAX_PART >> 20
        ))
}

/// The file began as a workbook and cannot be followed to its end.
pub(crate) fn damaged(path: &Path, reason: &str) -> Error {
    Error::new(format!("the workbook is damaged and cannot be read: {reason}"))
        .in_file(path)
        .help("open it in a spreadsheet program, repair it there and save it again")
}

/// A sheet has more cells than are read.
pub(crate) fn too_many_cells(path: &Path, sheet: &str) -> Error {
    let error = Error::new(format!("there are more than {MAX_CELLS} cells"))
        .help("keep only the table with x and y");
    if sheet.is_empty() { error.in_file(path) } else { error.in_sheet(path, sheet) }
}

/// A sheet spans more than the reading library can hold.
pub(crate) fn too_large(path: &Path, what: &str) -> Error {
    Error::new(what)
        .in_file(path)
        .help("delete what stands far from the table, or save the workbook as .xlsx")
}

/// The workbook has a password.
pub(crate) fn protected(path: &Path) -> Error {
    Error::new("the workbook is protected by a password")
        .in_file(path)
        .help("open it in a spreadsheet program and save a copy without the password")
}

/// Tells an .xls from an encrypted .xlsx: both are compound files.
fn examine_compound(path: &Path, mut file: File, bytes: u64) -> Result<Kind> {
    check_size(path, bytes)?;
    let mut content = Vec::new();
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_end(&mut content))
        .map_err(|error| cannot_open(path, &error))?;
    let has_stream = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        content.windows(wide.len()).any(|window| window == wide)
    };
    if has_stream("EncryptedPackage") {
        return Err(protected(path));
    }
    if has_stream("Workbook") || has_stream("Book") {
        return Ok(Kind::Xls);
    }
    Err(Error::new("the file is not a workbook (perhaps a document of another program)")
        .in_file(path)
        .help(format!("{READS}; save the data as one of these")))
}
