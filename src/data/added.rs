//! The sheets that earlier runs added to a workbook, by the marks that they left there.
//!
//! A mark is a part of its own (a custom XML part, which Excel keeps when it saves). It names
//! each added sheet with the number by which the workbook knows it: a sheet that somebody else
//! called so, or that got another name since, is not ours. It also holds the properties that a
//! workbook of its own has among its document properties.
//!
//! LibreOffice drops such parts, and numbers sheets anew. Each added sheet therefore has a hidden
//! defined name as well, which says the command and what the sheet was called.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::parts::{attribute, parts};
use super::properties;

/// The namespace of the mark.
pub(crate) const NAMESPACE: &str = "urn:gdtrace:sheets";
/// The folder of the parts among which the mark stands.
pub(crate) const FOLDER: &str = "customXml";

/// The commands that add sheets, as marks name them.
pub(crate) const RUN: &str = "run";
/// The other one.
pub(crate) const COMPARE: &str = "compare";

/// The defined name, one of a sheet, that says what added it.
pub(crate) const NAME: &str = "gdtrace.added";

/// The property of a workbook in which a trace of a run is not one sheet with all of its rows as
/// formulas: what it is instead, as in "gdtrace run wrote it with --values-only".
pub(crate) const ROWS: &str = "gdtrace rows";

/// What the defined name [`NAME`] of a sheet stands for: the text `run sgd`, as formulas have texts.
pub(crate) fn name_text(command: &str, sheet: &str) -> String {
    format!("\"{command} {}\"", sheet.replace('"', "\"\""))
}

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

    /// The sheets that the `command` added, by the defined names in the part `workbook`; none where no
    /// sheet has one.
    pub fn by_names(workbook: &str, command: &str) -> Option<Added> {
        if !workbook.contains(NAME) {
            return None;
        }
        let all = named(workbook, "sheet", "sheetId");
        let mut sheets = Vec::new();
        each_element(workbook, "definedName", |tag, text| {
            let place = attribute(tag, "localSheetId").and_then(|place| place.parse().ok());
            let sheet = place.and_then(|place: usize| all.get(place));
            let is_it = attribute(tag, "name").is_some_and(|name| name.eq_ignore_ascii_case(NAME));
            sheets.extend(
                sheet.filter(|(name, _)| is_it && text == name_text(command, name)).cloned(),
            );
        });
        let added = Added { command: command.to_owned(), sheets, ..Added::default() };
        (!added.sheets.is_empty()).then_some(added)
    }

    /// Whether the sheet called `name` with the number `id` is one of them.
    pub fn has(&self, name: &str, id: &str) -> bool {
        self.sheets.iter().any(|(known, number)| known == name && number == id)
    }
}

/// What earlier runs added to the workbook at `path`; of the sheets those that are still theirs.
pub(crate) fn read(path: &Path) -> Vec<Added> {
    let folder = format!("{}/", FOLDER.to_lowercase());
    let read = parts(path, &|name| name.starts_with(&folder) || name.ends_with("workbook.xml"));
    let mut all: Vec<Added> = read.iter().filter_map(|xml| Added::of(xml)).collect();
    let workbook: Vec<&String> = read.iter().filter(|xml| Added::of(xml).is_none()).collect();
    let known: Vec<_> = workbook.iter().flat_map(|xml| named(xml, "sheet", "sheetId")).collect();
    all.iter_mut().for_each(|added| added.sheets.retain(|sheet| known.contains(sheet)));
    for command in [RUN, COMPARE] {
        if all.iter().all(|added| added.command != command) {
            all.extend(workbook.iter().find_map(|xml| Added::by_names(xml, command)));
        }
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
    let mut found = Vec::new();
    each_element(xml, element, |tag, _| {
        found.extend(attribute(tag, "name").zip(attribute(tag, key)));
    });
    found
}

/// Shows `take` every `element` with the text in it.
fn each_element(xml: &str, element: &str, mut take: impl FnMut(&BytesStart, &str)) {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Empty(tag)) if tag.local_name().as_ref() == element => take(&tag, ""),
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == element => {
                let text = reader.read_text(tag.name());
                let text = text.as_deref().unwrap_or_default();
                take(&tag, &unescape(text).unwrap_or_default());
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
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
