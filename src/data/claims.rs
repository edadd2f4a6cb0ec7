//! What the parts of a package claim, held against what they hold, before the reading library sees
//! them.
//!
//! It reserves room for as many texts as a part says that it has (.xlsx), copies the format of a cell
//! for each of the styles that use it (.xlsx), and reads a text that is longer than its record from
//! what the record before it left (.xlsb): a small part could fill the memory.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::limits::not_too_deep;
use super::workbook::{Trouble, damaged};

/// So many texts may be claimed of any part: room for them costs nothing.
const FREE_TEXTS: u64 = 1_000_000;
/// The bytes of the shortest text of a part, `<si/>`.
const SHORTEST_TEXT: u64 = 5;
/// The bytes that the library keeps of a style beside its texts, at most.
const STYLE: u64 = 1_000;
/// The most bytes of all styles: 256 MiB. Excel's 65,490 take a quarter of it.
const MAX_STYLES: u64 = 1 << 28;

/// The longest name of a sheet or a cell, in characters.
const LONGEST_NAME: usize = 255;
/// The most bytes of a record with a formula or with links to sheets, and of all names.
const MAX_RECORD: usize = 1 << 18;
const MAX_NAMES: usize = 1 << 21;

/// Holds the parts of the .xlsx at `path` against what they claim.
///
/// # Errors
/// Where a part claims more than it holds, or what takes too much memory.
pub(super) fn check_xlsx(path: &Path) -> Result<(), Trouble> {
    each_part(path, |part, size, content| match part.rsplit('/').next() {
        Some("sharedstrings.xml") => texts(part, size, content),
        Some("styles.xml") => styles(part, content),
        _ => Ok(()),
    })
}

/// The same for the .xlsb at `path`.
///
/// # Errors
/// As [`check_xlsx`].
pub(super) fn check_xlsb(path: &Path) -> Result<(), Trouble> {
    let mut names = 0;
    each_part(path, |part, _, mut content| match part {
        "xl/sharedstrings.bin" => records(part, content, shared_text),
        "xl/workbook.bin" => {
            records(part, content, |kind, body| workbook_record(kind, body, &mut names))
        }
        "xl/_rels/workbook.bin.rels" => {
            // What is read as a sheet is looked at below.
            let mut xml = Vec::new();
            content.read_to_end(&mut xml).map_err(damaged)?;
            let is_odd = String::from_utf8_lossy(&xml).to_lowercase().contains(".rels\"");
            if is_odd { Err(damaged("a list of relations is said to be a sheet")) } else { Ok(()) }
        }
        _ if part.starts_with("xl/worksheets/") && !part.ends_with(".rels") => {
            records(part, content, cell_record)
        }
        _ => Ok(()),
    })
}

/// A part that is unpacked while it is read.
type Content<'a> = BufReader<&'a mut dyn Read>;

/// Hands the name of each part in lower case, its size and its content to `look`.
fn each_part(
    path: &Path,
    mut look: impl FnMut(&str, u64, Content) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let file = BufReader::new(File::open(path).map_err(damaged)?);
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.replace('\\', "/").to_lowercase();
        look(&name, part.size(), BufReader::new(&mut part))?;
    }
    Ok(())
}

/// Holds the number of shared texts that a part claims against its size.
fn texts(part: &str, size: u64, content: Content) -> Result<(), Trouble> {
    let mut reader = Reader::from_reader(content);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "sst" => {
                let room = FREE_TEXTS + size / SHORTEST_TEXT;
                let mut all = tag.attributes();
                let all = all.with_checks(false).flatten();
                let claims = all.filter(|one| one.key.local_name().as_ref() == "uniqueCount");
                let counts = claims.filter_map(|one| one.value.trim().parse::<u64>().ok());
                return match counts.max() {
                    Some(count) if count > room => Err(damaged(format!(
                        "its part {part} claims {count} texts and has {size} bytes"
                    ))),
                    _ => Ok(()),
                };
            }
            // The library says better what is wrong.
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

/// Refuses styles that take too much memory: each has a copy of its font and its number format.
fn styles(part: &str, content: Content) -> Result<(), Trouble> {
    let mut reader = Reader::from_reader(content);
    let mut buffer = Vec::new();
    let (mut styles, mut longest) = (0_u64, 0);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                styles += u64::from(tag.local_name().as_ref() == "xf");
                longest = longest.max(tag.len() as u64);
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    if styles * (STYLE + 2 * longest) > MAX_STYLES {
        return Err(Trouble::TooLarge(format!(
            "its part {part} has {styles} cell formats, which take too much memory"
        )));
    }
    Ok(())
}

/// Hands the records of a part to `look`, up to one that is cut.
fn records(
    part: &str,
    mut content: Content,
    mut look: impl FnMut(u16, &[u8]) -> Result<(), String>,
) -> Result<(), Trouble> {
    let mut body = Vec::new();
    while let Some((kind, length)) = head(&mut content) {
        body.clear();
        let read = content.by_ref().take(length).read_to_end(&mut body).map_err(damaged)?;
        if read as u64 != length {
            break;
        }
        look(kind, &body).map_err(|reason| damaged(format!("its part {part} {reason}")))?;
    }
    Ok(())
}

/// The kind and the length of the next record.
fn head(content: &mut impl Read) -> Option<(u16, u64)> {
    let mut byte = || {
        let mut byte = [0];
        content.read_exact(&mut byte).ok().map(|()| byte[0])
    };
    let mut kind = u16::from(byte()?);
    if kind & 0x80 != 0 {
        kind = (kind & 0x7F) | (u16::from(byte()? & 0x7F) << 7);
    }
    let mut length = 0;
    for at in 0..4 {
        let part = byte()?;
        length |= u64::from(part & 0x7F) << (7 * at);
        if part & 0x80 == 0 {
            break;
        }
    }
    Some((kind, length))
}

fn shared_text(kind: u16, body: &[u8]) -> Result<(), String> {
    if kind == 0x13 { text(body, 1).map(drop) } else { Ok(()) }
}

fn cell_record(kind: u16, body: &[u8]) -> Result<(), String> {
    if matches!(kind, 0x06 | 0x08) {
        text(body, 8)?;
    }
    if matches!(kind, 0x08..=0x0B) { formula(body) } else { Ok(()) }
}

/// Looks at a sheet's name, a name, or links to sheets, of which formulas have copies.
fn workbook_record(kind: u16, body: &[u8], names: &mut usize) -> Result<(), String> {
    match kind {
        0x9C if body.len() > 4096 => Err("has the name of a sheet that is too long".to_owned()),
        0x016A if body.len() > MAX_RECORD => Err("has too many links to sheets".to_owned()),
        0x27 => {
            *names += body.len();
            let is_long = body.len() > 9 && text(body, 9)? > LONGEST_NAME;
            if is_long || *names > MAX_NAMES {
                return Err("has names that are too long".to_owned());
            }
            formula(body)
        }
        _ => Ok(()),
    }
}

fn formula(body: &[u8]) -> Result<(), String> {
    if body.len() > MAX_RECORD {
        return Err("has a formula that is too long".to_owned());
    }
    not_too_deep(body)
}

/// The characters of the text at a place of a record.
fn text(body: &[u8], at: usize) -> Result<usize, String> {
    let length = body.get(at..at + 4).map(|four| [four[0], four[1], four[2], four[3]]);
    let length = length.map_or(usize::MAX, |four| u32::from_le_bytes(four) as usize);
    match body.len().checked_sub(at + 4) {
        Some(room) if length <= room / 2 => Ok(length),
        _ => Err("has a text that is longer than its record".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bytes: &mut &[u8], look: impl Fn(Content) -> Result<(), Trouble>) -> String {
        match look(BufReader::new(bytes)) {
            Ok(()) => String::new(),
            Err(Trouble::Damaged(reason) | Trouble::TooLarge(reason)) => reason,
            Err(_) => "another reason".to_owned(),
        }
    }

    #[test]
    fn texts_are_claimed_as_far_as_there_is_room() {
        let claim = |count: &str, size| {
            let xml = format!("<?xml version=\"1.0\"?><!--x--><x:sst uniqueCount=\"{count}\">");
            content(&mut xml.as_bytes(), |content| texts("s", size, content))
        };
        assert_eq!(
            claim("4294967295", 100),
            "its part s claims 4294967295 texts and has 100 bytes"
        );
        assert_eq!(claim("1000001", 5), "");
        assert_eq!(claim("1000001", 4), "its part s claims 1000001 texts and has 4 bytes");
        assert_eq!(claim("-1", 4), "");
        assert_eq!(content(&mut &b"no xml <"[..], |content| texts("s", 9, content)), "");
    }

    #[test]
    fn styles_count_with_their_longest_text() {
        let said = |font: usize, count: usize| {
            let font = format!("<fonts><font><name val=\"{}\"/>", "f".repeat(font));
            let xml = format!("<styleSheet>{font}</font></fonts>{}", "<xf/>".repeat(count));
            content(&mut xml.as_bytes(), |content| styles("s", content))
        };
        assert_eq!(said(31, 65_490), "");
        assert_eq!(
            said(1 << 20, 4_000).split(',').next(),
            Some("its part s has 4000 cell formats")
        );
    }

    #[test]
    fn texts_and_formulas_of_records_are_held_against_their_length() {
        let record = |kind: u8, body: &[u8]| [&[kind, body.len() as u8], body].concat();
        let sheet =
            |bytes: &[u8]| content(&mut &bytes[..], |content| records("s", content, cell_record));
        let cell = [0; 8];
        let shown = |count: u8| [&cell[..], &[count, 0, 0, 0, b'a', 0]].concat();
        assert_eq!(sheet(&record(6, &shown(1))), "");
        assert_eq!(
            sheet(&record(6, &shown(2))),
            "its part s has a text that is longer than its record"
        );
        assert_eq!(sheet(&record(6, &[])), "its part s has a text that is longer than its record");
        assert_eq!(sheet(&record(6, &shown(2))[..9]), "", "a record that is cut is not read");
        let nested = (1..40).rev().fold(Vec::new(), |mut all, left| {
            all.extend([0x29, 3 * (left - 1), 0]);
            all
        });
        assert_eq!(sheet(&record(9, &nested)), "");
    }
}
