//! The mark by which gdtrace knows its own outputs again.
//!
//! A file that gdtrace wrote and nobody edited can be made again, so it may be replaced; anything
//! else is somebody's work. The mark is a checksum over all the rest of the file. It guards
//! against accidents, not against forgers, so 32 bits are enough.
//!
//! - In a workbook of gdtrace's own it is a custom document property; in one that sheets were added
//!   to, it stands in the part that names them. The checksum goes over the list of the archive's
//!   parts (name, CRC-32, size), so that checking reads no sheet, however long. Excel and
//!   LibreOffice keep it when they save, but write other parts: it no longer fits.
//! - In an HTML page it is a comment at the very end, over all bytes before it.
//! - Other formats (.csv, .jsonl, .parquet) have no place for it: they are never recognised.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crc32fast::Hasher;
use zip::ZipArchive;

use super::package::archive::Archive;
use crate::data::added::FOLDER;

/// The name of the document property that holds the mark.
pub(crate) const PROPERTY: &str = "gdtrace fingerprint";
/// What stands in the property's place until the rest of the file is known.
pub(crate) const PLACEHOLDER: &str = "00000000";

/// The part with the document properties of one's own.
pub(crate) const PROPERTIES_PART: &str = "docProps/custom.xml";
const COMMENT_START: &str = "<!-- gdtrace fingerprint: ";
const COMMENT_END: &str = " -->\n";
const COMMENT_LENGTH: u64 = (COMMENT_START.len() + PLACEHOLDER.len() + COMMENT_END.len()) as u64;

/// The way in which a format carries the mark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seal {
    /// A document property of a workbook.
    Property,
    /// A comment at the end of a page.
    Comment,
    /// The format has no place for it.
    None,
}

impl Seal {
    /// The way that fits `path`'s extension.
    pub(crate) fn of(path: &Path) -> Seal {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "xlsx" | "xlsm" => Seal::Property,
            "html" | "htm" => Seal::Comment,
            _ => Seal::None,
        }
    }

    /// Whether `file` carries a mark that fits all the rest of it.
    pub(crate) fn is_intact(self, file: &mut File) -> bool {
        // Whatever cannot be read to the end is not a file that gdtrace has finished.
        match self {
            Seal::Property => workbook_is_intact(file).unwrap_or(false),
            Seal::Comment => page_is_intact(file).unwrap_or(false),
            Seal::None => false,
        }
    }
}

/// Writes the part `name` of a workbook, whose other parts are in `archive`, with the mark in its
/// `properties`.
///
/// # Errors
/// When writing fails, or the properties have no place for the mark.
pub(crate) fn write_marked<W: Write + Seek>(
    archive: &mut Archive<W>,
    name: &str,
    properties: &str,
) -> io::Result<()> {
    let place = mark_place(properties).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "the workbook has no fingerprint property")
    })?;
    let mut listing = Listing::default();
    archive.entries().iter().for_each(|part| listing.part(&part.name, part.crc, part.size));
    listing.marked(name, properties, place);
    let mut marked = properties.to_owned();
    marked.replace_range(place..place + PLACEHOLDER.len(), &listing.mark());
    archive.write(name, marked.as_bytes())
}

fn workbook_is_intact(file: &File) -> io::Result<bool> {
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    let Some((name, properties, place)) = marked_part(&mut archive)? else { return Ok(false) };
    let mark = listing_checksum(&mut archive, (&name, &properties), place)?;
    Ok(properties[place..].starts_with(&mark))
}

/// The checksum over the archive's parts, with the part `marked` as if it held no mark yet.
fn listing_checksum<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    (marked, properties): (&str, &str),
    place: usize,
) -> io::Result<String> {
    let mut listing = Listing::default();
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        match &*part.name()? {
            name if name == marked => listing.marked(name, properties, place),
            name => listing.part(name, part.crc32(), part.size()),
        }
    }
    Ok(listing.mark())
}

/// The checksum over the list of an archive's parts.
#[derive(Default)]
struct Listing(Hasher);

impl Listing {
    fn part(&mut self, name: &str, crc: u32, size: u64) {
        self.0.update(name.as_bytes());
        self.0.update(&crc.to_le_bytes());
        self.0.update(&size.to_le_bytes());
    }

    /// The part with the mark, without it: it begins at `place`.
    fn marked(&mut self, name: &str, properties: &str, place: usize) {
        self.0.update(name.as_bytes());
        self.0.update(&properties.as_bytes()[..place]);
        self.0.update(&properties.as_bytes()[place + PLACEHOLDER.len()..]);
    }

    fn mark(self) -> String {
        format!("{:08x}", self.0.finalize())
    }
}

/// The name and the text of the part with the mark, and where the mark begins in it.
fn marked_part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
) -> io::Result<Option<(String, String, usize)>> {
    // gdtrace's own properties take some thousand bytes; a stranger's may be of any size.
    const LIMIT: u64 = 1024 * 1024;
    let folder = format!("{FOLDER}/");
    let names = archive.file_names().filter_map(|name| Some(name.ok()?.to_string()));
    let may_be = |name: &String| name == PROPERTIES_PART || name.starts_with(&folder);
    let mut names: Vec<String> = names.filter(may_be).collect();
    // A workbook that sheets were added to may have had a mark among its properties before.
    names.sort_by_key(|name| name == PROPERTIES_PART);
    for name in names {
        let mut text = String::new();
        let read = archive.by_name(&name)?.take(LIMIT).read_to_string(&mut text);
        if let Some(place) = read.ok().and_then(|_| mark_place(&text)) {
            return Ok(Some((name, text, place)));
        }
    }
    Ok(None)
}

/// Where in the properties' XML the mark begins.
fn mark_place(properties: &str) -> Option<usize> {
    let start = format!("name=\"{PROPERTY}\">");
    let place = properties.find(&start)? + start.len();
    let place = place + properties[place..].find('>')? + 1;
    let mark = properties.get(place..place + PLACEHOLDER.len())?;
    mark.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(place)
}

/// Writes what `write` writes, and the comment with the mark at its end.
///
/// # Errors
/// When writing fails.
pub(crate) fn write_page<W: Write + Send>(
    target: W,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<()> {
    let mut page = Checked { target, checksum: Hasher::new() };
    write(&mut page)?;
    let Checked { mut target, checksum } = page;
    write!(target, "{COMMENT_START}{:08x}{COMMENT_END}", checksum.finalize())
}

/// Takes the checksum of what is written.
struct Checked<W> {
    target: W,
    checksum: Hasher,
}

impl<W: Write> Write for Checked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.target.write(bytes)?;
        self.checksum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

fn page_is_intact(file: &mut File) -> io::Result<bool> {
    let Some(length) = file.metadata()?.len().checked_sub(COMMENT_LENGTH) else {
        return Ok(false);
    };
    file.seek(SeekFrom::Start(length))?;
    let mut comment = Vec::new();
    file.read_to_end(&mut comment)?;
    file.rewind()?;
    let mut checked = Checked { target: io::sink(), checksum: Hasher::new() };
    io::copy(&mut file.take(length), &mut checked)?;
    let mark = format!("{:08x}", checked.checksum.finalize());
    Ok(comment == format!("{COMMENT_START}{mark}{COMMENT_END}").as_bytes())
}
/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
