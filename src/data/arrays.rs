//! The array formulas of an .xlsx: formulas that one cell holds for a whole block.
//!
//! The reading library hands out such a formula like that of a single cell, without its block, so
//! the sheets are looked through once more, as bytes; few have any.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::address::{Area, parse_cell};
use super::parts::parts;

/// How much of a sheet is looked at at a time.
const CHUNK: usize = 1 << 18;
/// The longest tag of a formula.
const TAG: usize = 1 << 10;
/// How many array formulas a sheet may have.
const MOST: usize = 100_000;

/// The blocks of the array formulas, by the names of their sheets.
pub(super) fn arrays(path: &Path) -> HashMap<String, Vec<Area>> {
    let mut blocks = HashMap::new();
    let archive = File::open(path).map(|file| ZipArchive::new(BufReader::new(file)));
    let Ok(Ok(mut archive)) = archive else { return blocks };
    for (sheet, part) in sheet_parts(path) {
        let Ok(part) = archive.by_name(&part) else { continue };
        let found = scan(part);
        if !found.is_empty() {
            blocks.insert(sheet, found);
        }
    }
    blocks
}

/// Whether two sheets of an .xlsx have the same cells, which no program writes: read as often as they
/// are named, they would take any time.
pub(super) fn are_shared(path: &Path) -> bool {
    let mut seen = HashSet::new();
    sheet_parts(path).into_iter().any(|(_, part)| !seen.insert(part.to_lowercase()))
}

/// The name of each sheet with the name of its part.
fn sheet_parts(path: &Path) -> Vec<(String, String)> {
    let book = parts(path, &|name| name == "xl/workbook.xml");
    let relations = parts(path, &|name| name == "xl/_rels/workbook.xml.rels");
    let (Some(book), Some(relations)) = (book.first(), relations.first()) else {
        return Vec::new();
    };
    let targets: HashMap<String, String> =
        pairs(relations, "Relationship", "Id", "Target").into_iter().collect();
    let sheets = pairs(book, "sheet", "name", "id").into_iter();
    let part = |target: &String| match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{target}"),
    };
    sheets.filter_map(|(name, id)| Some((name, part(targets.get(&id)?)))).collect()
}

/// Two attributes of each tag of a kind.
fn pairs(xml: &str, tag: &str, one: &str, other: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut pairs = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(found) | Event::Empty(found)) if found.local_name().as_ref() == tag => {
                pairs.extend(attribute(&found, one).zip(attribute(&found, other)));
            }
            Ok(Event::Eof) | Err(_) => return pairs,
            Ok(_) => {}
        }
    }
}

fn attribute(tag: &BytesStart, key: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == key)?;
    quick_xml::escape::unescape(&attribute.value).ok().map(|text| text.into_owned())
}

/// The blocks of all tags `<f t="array" ref="...">` of a sheet.
fn scan(mut part: impl Read) -> Vec<Area> {
    let mut found = Vec::new();
    let mut text = Vec::with_capacity(CHUNK + TAG);
    loop {
        let before = text.len();
        let read = part.by_ref().take(CHUNK as u64).read_to_end(&mut text);
        if read.is_err() || text.len() == before || found.len() > MOST {
            return found;
        }
        let mut from = 0;
        while let Some(at) = find(&text[from..], b"<f ").map(|at| at + from) {
            let end = text[at..].iter().take(TAG).position(|byte| *byte == b'>');
            let Some(end) = end.map(|end| at + end) else { break };
            found.extend(block(&text[at..end]));
            from = end;
        }
        // A tag may go on in the next chunk.
        let kept = from.max(text.len().saturating_sub(TAG));
        text.drain(..kept);
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == wanted[0]) {
        if text[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The block of a tag, where it is that of an array formula.
fn block(tag: &[u8]) -> Option<Area> {
    let tag = std::str::from_utf8(tag).ok()?;
    let value = |key: &str| {
        let from = tag.find(&format!(" {key}="))? + key.len() + 2;
        let quote = tag[from..].chars().next()?;
        let text = &tag[from + 1..];
        text.find(quote).map(|end| &text[..end])
    };
    if value("t")? != "array" {
        return None;
    }
    let block = value("ref")?;
    Area::parse(block).or_else(|| parse_cell(block).map(|at| Area { first: at, last: at }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_wherever_the_chunks_end() {
        let mut xml = "<sheetData>".to_owned();
        for row in 1..20_000 {
            xml.push_str(&format!("<c r=\"A{row}\"><f>B{row}+1</f><v>2</v></c>"));
            if row % 1_000 == 0 {
                xml.push_str(&format!(
                    "<c r=\"C{row}\"><f aca=\"false\" t=\"array\" ref=\"C{row}:D{}\">X</f></c>",
                    row + 1
                ));
            }
        }
        let found = scan(xml.as_bytes());
        assert_eq!(found.len(), 19);
        assert_eq!(found[2], Area { first: (2_999, 2), last: (3_000, 3) });
        assert_eq!(scan("<f t='array' ref='B2'>A1</f>".as_bytes()).len(), 1);
        assert_eq!(scan("<f t=\"shared\" ref=\"B2:B9\">A1</f><f t=\"array\"".as_bytes()), []);
    }
}
