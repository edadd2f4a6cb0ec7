//! The sheets that earlier runs added to a workbook, by the marks that they left there.
//!
//! A mark is a part of its own (a custom XML part, which programs keep when they save). It names
//! each added sheet with the number by which the workbook knows it: a sheet that somebody else
//! called so, or that got another name since, is not ours. It also holds the properties that a
//! workbook of its own has among its document properties.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::parts::parts;
use super::properties;

/// The namespace of the mark.
pub(crate) const NAMESPACE: &str = "urn:gdtrace:sheets";
/// The folder of the parts among which the mark stands.
pub(crate) const FOLDER: &str = "customXml";

/// The commands that add sheets, as marks name them.
pub(crate) const RUN: &str = "run";
/// The other one.
pub(crate) const COMPARE: &str = "compare";

/// What a mark says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Added {
    /// The command that added them.
    pub command: String,
    /// The name and the number of each sheet.
    pub sheets: Vec<(String, String)>,
    /// The parts with notes on sheets of the user's, with the checksum of each.
    pub notes: Vec<(String, String)>,
    /// Properties by name.
    pub properties: Vec<(String, String)>,
}

impl Added {
    /// What the mark `xml` says; none where it is another part.
    pub fn of(xml: &str) -> Option<Added> {
        // The namespace stands in the first tag.
        let start = xml.get(..xml.len().min(1000)).unwrap_or(xml);
        if !start.contains(NAMESPACE) {
            return None;
        }
        let command = start.split_once(" command=\"").and_then(|(_, rest)| rest.split('"').next());
        Some(Added {
            command: command.unwrap_or_default().to_owned(),
            sheets: named(xml, "sheet", "sheetId"),
            notes: named(xml, "notes", "crc"),
            properties: properties::read(xml),
        })
    }

    /// Whether the sheet called `name` with the number `id` is one of them.
    pub fn has(&self, name: &str, id: &str) -> bool {
        self.sheets.iter().any(|(known, number)| known == name && number == id)
    }
}

/// What earlier runs added to the workbook at `path`; of the sheets those that are still theirs.
pub(crate) fn read(path: &Path) -> Vec<Added> {
    let folder = format!("{}/", FOLDER.to_lowercase());
    let marks = parts(path, &|name| name.starts_with(&folder));
    let mut all: Vec<Added> = marks.iter().filter_map(|xml| Added::of(xml)).collect();
    if !all.is_empty() {
        let workbook = parts(path, &|name| name.ends_with("workbook.xml"));
        let known = workbook.iter().flat_map(|xml| named(xml, "sheet", "sheetId"));
        let known: Vec<_> = known.collect();
        all.iter_mut().for_each(|added| added.sheets.retain(|sheet| known.contains(sheet)));
    }
    all
}

/// The names of the sheets in the workbook at `path` that earlier runs added.
pub(super) fn names(path: &Path) -> Vec<String> {
    let sheets = read(path).into_iter().flat_map(|added| added.sheets);
    sheets.map(|(name, _)| name).collect()
}

/// The name and the attribute `key` of every `element`.
fn named(xml: &str, element: &str, key: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == element => {
                found.extend(attribute(&tag, "name").zip(attribute(&tag, key)));
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

fn attribute(tag: &BytesStart, key: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|one| one.key.as_ref() == key)?;
    unescape(&attribute.value).ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_names_sheets_by_name_and_number() {
        let xml = format!(
            "<gdtrace xmlns=\"{NAMESPACE}\" command=\"run\"><sheet name=\"a &amp; b\" sheetId=\"7\"/>\
             <notes name=\"xl/comments1.xml\" crc=\"0a\"/>\
             <property name=\"one\"><lpwstr>1</lpwstr></property></gdtrace>"
        );
        let added = Added::of(&xml).unwrap();
        assert_eq!(added.command, RUN);
        assert!(added.has("a & b", "7") && !added.has("a & b", "8") && !added.has("b", "7"));
        assert_eq!(added.notes, [("xl/comments1.xml".to_owned(), "0a".to_owned())]);
        assert_eq!(added.properties, [("one".to_owned(), "1".to_owned())]);
        assert_eq!(Added::of("<other xmlns=\"urn:other\"/>"), None);
    }
}
