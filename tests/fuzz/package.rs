//! Workbooks as parts, one of which is changed, and put together again.

use std::io::{Cursor, Read, Write};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::mutate::{any, bytes, text, with_record};

/// The parts of a package, by their names.
pub type Parts = Vec<(String, Vec<u8>)>;

/// What parts are called that lead out of a folder, or that are something else elsewhere.
const NAMES: [&str; 6] = [
    "../../outside.xml",
    "/xl/workbook.xml",
    "xl\\workbook.xml",
    "XL/STYLES.XML",
    "",
    "_xmlsignatures/a.xml",
];

pub fn parts(file: &[u8]) -> Parts {
    let mut archive = ZipArchive::new(Cursor::new(file)).expect("a package");
    let part = |at| {
        let mut part = archive.by_index(at).expect("a part");
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("a part");
        (part.name().expect("a name").into_owned(), content)
    };
    (0..ZipArchive::new(Cursor::new(file)).expect("a package").len()).map(part).collect()
}

pub fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        // Two parts of one name are no package that can be written.
        if zip.start_file(name.as_str(), SimpleFileOptions::default()).is_ok() {
            zip.write_all(content).expect("a part");
        }
    }
    zip.finish().expect("a package").into_inner()
}

/// A package of which one part is changed, or the list of parts, or the bytes of the file.
pub fn changed(random: &mut ChaCha8Rng, parts: &Parts) -> Vec<u8> {
    let mut parts = parts.clone();
    let at = random.random_range(0..parts.len());
    match random.random_range(0..16) {
        0 => drop(parts.remove(at)),
        1 => parts[at].0 = (*any(random, &NAMES)).to_owned(),
        2 => {
            let content = any(random, &parts).1.clone();
            parts[at].1 = content;
        }
        3 => return bytes(random, &packed(&parts)),
        _ => {
            // Pictures and fonts are only copied.
            let texts: Vec<usize> = (0..parts.len()).filter(|at| is_read(&parts[*at].0)).collect();
            let at = if texts.is_empty() { at } else { *any(random, &texts) };
            parts[at].1 = changed_part(random, &parts[at], &parts);
        }
    }
    packed(&parts)
}

fn is_read(name: &str) -> bool {
    [".xml", ".rels", ".bin", ".vml"].iter().any(|end| name.ends_with(end))
        && !name.contains("theme")
}

fn changed_part(
    random: &mut ChaCha8Rng,
    (name, content): &(String, Vec<u8>),
    all: &Parts,
) -> Vec<u8> {
    if name.ends_with(".bin") {
        return with_record(random, content, record);
    }
    let Ok(xml) = std::str::from_utf8(content) else { return bytes(random, content) };
    let others = all.iter().filter(|(other, _)| other.ends_with(".xml") && other != name);
    let others: Vec<String> =
        others.map(|(_, content)| String::from_utf8_lossy(content).into_owned()).collect();
    text(random, xml, &others).into_bytes()
}

/// The lengths of the head and the body of a record of an .xlsb.
fn record(content: &[u8]) -> Option<(usize, usize)> {
    let kind = if content.first()? & 0x80 == 0 { 1 } else { 2 };
    let mut length = 0;
    for at in 0..4 {
        let byte = *content.get(kind + at)?;
        length |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((kind + at + 1, length));
        }
    }
    Some((kind + 4, length))
}
