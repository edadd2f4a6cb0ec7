//! Workbooks part by part, as programs write them, and what became of the parts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::common::books::Folder;

pub const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
pub const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
pub const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
/// What begins the content types of workbooks' parts.
pub const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

/// The parts of a workbook, in the order of the archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub parts: Vec<(String, Vec<u8>)>,
    /// Whether parts are packed as they are.
    pub is_stored: bool,
}

impl Source {
    pub fn new(parts: &[(&str, String)]) -> Source {
        let mut source = Source { parts: Vec::new(), is_stored: false };
        for (name, text) in parts {
            source.put(name, text.as_bytes());
        }
        source
    }

    /// The parts of the workbook at `path`.
    pub fn read(path: &Path) -> Source {
        let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
        let mut parts = Vec::new();
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            parts.push((part.name().unwrap().into_owned(), bytes));
        }
        Source { parts, is_stored: false }
    }

    /// Adds a part, or replaces it.
    pub fn put(&mut self, name: &str, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref().to_vec();
        match self.parts.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = bytes,
            None => self.parts.push((name.to_owned(), bytes)),
        }
    }

    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        let part = self.parts.iter().find(|(known, _)| known == name);
        part.map(|(_, bytes)| bytes.as_slice())
    }

    pub fn text(&self, name: &str) -> String {
        let bytes = self.bytes(name).unwrap_or_else(|| panic!("no part {name}"));
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// Replaces what stands in a part.
    pub fn change(&mut self, name: &str, old: &str, new: &str) {
        let text = self.text(name);
        assert!(text.contains(old), "{name} holds no {old}: {text}");
        self.put(name, text.replacen(old, new, 1));
    }

    pub fn remove(&mut self, name: &str) {
        self.parts.retain(|(known, _)| known != name);
    }

    /// Adds a part of its own, which the workbook refers to; returns its relation.
    pub fn relate(&mut self, (name, kind): (&str, &str), bytes: impl AsRef<[u8]>) -> String {
        let list = "xl/_rels/workbook.xml.rels";
        let id = format!("rId{}", 100 + self.parts.len());
        let relation =
            format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"/{name}\"/>");
        self.change(list, "</Relationships>", &format!("{relation}</Relationships>"));
        self.put(name, bytes);
        id
    }

    /// Says what kind of part `name` is.
    pub fn declare(&mut self, name: &str, kind: &str) {
        let new = format!("<Override PartName=\"/{name}\" ContentType=\"{kind}\"/></Types>");
        self.change("[Content_Types].xml", "</Types>", &new);
    }

    pub fn save(&self, folder: &Folder, name: &str) -> PathBuf {
        let path = folder.path(name);
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        let method = match self.is_stored {
            true => CompressionMethod::Stored,
            false => CompressionMethod::Deflated,
        };
        for (name, bytes) in &self.parts {
            let options = SimpleFileOptions::default().compression_method(method);
            zip.start_file(name.as_str(), options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    /// The first part that is another one, or at another place, than in `other`, with both texts.
    pub fn difference(&self, other: &Source) -> Option<String> {
        let pairs = self.parts.iter().zip(&other.parts);
        let differs = pairs.filter(|(one, other)| one != other).map(|(one, other)| {
            let text = |(name, bytes): &(String, Vec<u8>)| {
                format!("{name}: {}", String::from_utf8_lossy(bytes))
            };
            format!("{}\nand\n{}", text(one), text(other))
        });
        let count =
            (self.parts.len() != other.parts.len()).then(|| "the number of parts".to_owned());
        differs.into_iter().next().or(count)
    }

    /// The names of the sheets, in order.
    pub fn sheets(&self) -> Vec<String> {
        let text = self.text(&self.workbook());
        let mut reader = Reader::from_str(&text);
        let mut names = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "sheet" => {
                    let name = tag.attributes().flatten().find(|one| one.key.as_ref() == "name");
                    let name = name.unwrap().value.into_owned();
                    names.push(quick_xml::escape::unescape(&name).unwrap().into_owned());
                }
                Event::Eof => return names,
                _ => {}
            }
        }
    }

    /// The parts that the package's root leads to, in lower case, with the lists that lead there.
    pub fn reached(&self) -> BTreeSet<String> {
        let list = |part: &str| {
            let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
            let slash = if folder.is_empty() { "" } else { "/" };
            format!("{folder}{slash}_rels/{file}.rels")
        };
        let mut found =
            BTreeSet::from(["[content_types].xml".to_owned(), "_rels/.rels".to_owned()]);
        let mut open = vec![("_rels/.rels".to_owned(), String::new())];
        while let Some((relations, folder)) = open.pop() {
            let known = self.parts.iter().find(|(name, _)| name.to_lowercase() == relations);
            let Some((_, bytes)) = known else { continue };
            found.insert(relations);
            for target in targets(&String::from_utf8_lossy(bytes)) {
                let part = resolved(&folder, &target).to_lowercase();
                let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
                if found.insert(part.clone()) {
                    open.push((list(&part), folder));
                }
            }
        }
        found
    }

    /// The workbook's part.
    pub fn workbook(&self) -> String {
        let names = self.parts.iter().map(|(name, _)| name.as_str());
        let mut books = names.filter(|name| name.to_lowercase().ends_with("workbook.xml"));
        books.next().expect("a workbook").to_owned()
    }
}

/// The bytes of the parts of the archive at `path`, still packed, with the way in which they are.
pub fn packed(path: &Path) -> BTreeMap<String, (String, Vec<u8>)> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index_raw(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let method = part.compression().to_string();
        parts.insert(part.name().unwrap().into_owned(), (method, bytes));
    }
    parts
}

/// What is wrong with the workbook at `new` as a copy of `old` with sheets behind its own: a line each.
pub fn faults(old: &Path, new: &Path) -> Vec<String> {
    let (before, after) = (Source::read(old), Source::read(new));
    let (packed_before, packed_after) = (packed(old), packed(new));
    let mut faults = Vec::new();
    for (name, bytes) in &before.parts {
        match after.bytes(name) {
            None if name.to_lowercase().ends_with("calcchain.xml") => {}
            None => faults.push(format!("{name} is gone")),
            Some(new) if is_list(name, &before) => {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                let lost = lost(&text(bytes), &text(new));
                faults.extend(lost.map(|lost| format!("{name} has lost {lost}")));
            }
            Some(new) if new != bytes => faults.push(format!("{name} changed")),
            Some(_) if packed_before[name] != packed_after[name] => {
                faults.push(format!("{name} was packed again"));
            }
            Some(_) => {}
        }
    }
    let (old, new) = (before.sheets(), after.sheets());
    if new.len() <= old.len() || new[..old.len()] != old {
        faults.push(format!("the sheets {old:?} became {new:?}"));
    }
    faults
}

/// Whether a part may change, by adding.
fn is_list(name: &str, source: &Source) -> bool {
    let book = source.workbook();
    let (folder, file) = book.rsplit_once('/').unwrap_or(("", &book));
    let relations = format!("{folder}/_rels/{file}.rels");
    let relations = relations.trim_start_matches('/');
    let ends = |end: &str| name.to_lowercase().ends_with(end);
    name == book
        || name == relations
        || name == "[Content_Types].xml"
        || ends("styles.xml")
        || ends("app.xml")
}

/// The first thing in `old` that `new` lacks, or has at another place.
fn lost(old: &str, new: &str) -> Option<String> {
    let mut left = tokens(new).into_iter();
    tokens(old).into_iter().find(|token| !left.any(|one| one == *token))
}

/// Whether all of `old` is in `new`, in its order.
pub fn only_added(old: &str, new: &str) -> bool {
    lost(old, new).is_none()
}

/// The tags and the texts of some XML, but for numbers of things and what says where the list of
/// calculated cells is. An empty element is one with two tags.
fn tokens(text: &str) -> Vec<String> {
    const COUNTS: [&str; 3] = ["count", "uniqueCount", "size"];
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut tokens = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let attributes = tag.attributes().flatten();
                let kept = attributes.filter(|one| !COUNTS.contains(&one.key.as_ref()));
                let kept: String =
                    kept.map(|one| format!(" {}={}", one.key.as_ref(), one.value)).collect();
                if kept.to_lowercase().contains("calcchain") {
                    continue;
                }
                tokens.push(format!("<{}{kept}>", tag.name().as_ref()));
                if matches!(event, Event::Empty(_)) {
                    tokens.push(format!("</{}>", tag.name().as_ref()));
                }
            }
            Event::End(tag) => tokens.push(format!("</{}>", tag.name().as_ref())),
            Event::Text(text) if text.parse::<u32>().is_err() => tokens.push(text.to_string()),
            Event::Eof => return tokens,
            _ => {}
        }
    }
}

/// What the relations in `text` lead to.
fn targets(text: &str) -> Vec<String> {
    let inside = text.split("<Relationship ").skip(1).filter_map(|one| one.split('>').next());
    let inside = inside.filter(|one| !one.contains("TargetMode=\"External\""));
    let target = |one: &str| one.split(" Target=\"").nth(1)?.split('"').next().map(str::to_owned);
    inside.map(|one| format!(" {one}")).filter_map(|one| target(&one)).collect()
}

/// The part that `target` means from `folder`.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

/// A list of relations: identifiers, kinds, targets.
pub fn relations(all: &[(&str, &str, &str)]) -> String {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        let kind = match kind.contains("://") {
            true => (*kind).to_owned(),
            false => format!("{OFFICE}/{kind}"),
        };
        format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
    };
    let all: String = all.iter().map(one).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <Relationships xmlns=\"{PACKAGE}/relationships\">{all}</Relationships>"
    )
}

/// The content types of parts; kinds without a slash are those of spreadsheets.
pub fn types(defaults: &[(&str, &str)], parts: &[(&str, &str)]) -> String {
    let kind = |kind: &str| match kind.contains('/') {
        true => kind.to_owned(),
        false => format!("{KIND}{kind}+xml"),
    };
    let usual = [
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
    ];
    let defaults = usual.iter().chain(defaults).map(|(extension, kind)| {
        format!("<Default Extension=\"{extension}\" ContentType=\"{kind}\"/>")
    });
    let parts = parts
        .iter()
        .map(|(name, of)| format!("<Override PartName=\"/{name}\" ContentType=\"{}\"/>", kind(of)));
    let all: String = defaults.chain(parts).collect();
    format!("<Types xmlns=\"{PACKAGE}/content-types\">{all}</Types>")
}

/// Rows with x and y of a line, in elements with this prefix, from A1 on.
pub fn rows(prefix: &str) -> String {
    let text = |cell: &str, text: &str| {
        format!("<{prefix}c r=\"{cell}\" t=\"str\"><{prefix}v>{text}</{prefix}v></{prefix}c>")
    };
    let number = |cell: String, number: i32| {
        format!("<{prefix}c r=\"{cell}\"><{prefix}v>{number}</{prefix}v></{prefix}c>")
    };
    let head = [text("A1", "x"), text("B1", "y")].concat();
    let mut all = format!("<{prefix}row r=\"1\">{head}</{prefix}row>");
    for (row, x) in (2..).zip([14, 86, 28, 51, 29, 72, 62, 84]) {
        let cells = [number(format!("A{row}"), x), number(format!("B{row}"), 2 * x + 30)].concat();
        all += &format!("<{prefix}row r=\"{row}\">{cells}</{prefix}row>");
    }
    all
}

/// A sheet with what stands before and behind its cells.
pub fn sheet(before: &str, rows: &str, behind: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"{MAIN}\" \
         xmlns:r=\"{OFFICE}\">{before}<sheetData>{rows}</sheetData>{behind}</worksheet>"
    )
}
