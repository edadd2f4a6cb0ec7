//! What the lists say of the parts that are added: relations, content types, and the mark by which they
//! are known again.

use std::collections::BTreeSet;

use super::existing::Existing;
use super::graft::{Added, Addition};
use super::parts::{canonical, new_relation};
use super::strict::as_strict;
use super::xml::{Edits, ROOT, escaped};
use crate::data::added::NAMESPACE;

impl Added {
    /// The relations of the workbook with those of the new sheets.
    pub(super) fn relations(&self, existing: &Existing, gone: &BTreeSet<String>) -> String {
        let xml = &existing.relations.xml;
        let mut edits = Edits::default();
        let outdated = |part: &Option<String>| {
            part.as_ref().is_some_and(|part| gone.contains(&canonical(part)))
        };
        for relation in existing.related.iter().filter(|one| outdated(&one.part)) {
            edits.replace(xml.place(relation.element), "");
        }
        let styles = self.styles.iter().map(|(part, id)| new_relation(id, "styles", part));
        let sheets = self.sheets.iter();
        let sheets = sheets.map(|sheet| new_relation(&sheet.relation, "worksheet", &sheet.part));
        let mut new: String = styles.chain(sheets).collect();
        new += &new_relation(&self.mark_relation, "customXml", &self.mark);
        if existing.is_strict {
            new = as_strict(&new);
        }
        xml.append(&mut edits, ROOT, &new);
        edits.of(&xml.text)
    }

    /// The types of the workbook's parts with those of the new ones.
    pub(super) fn types(&self, existing: &Existing, gone: &BTreeSet<String>) -> String {
        const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml";
        let xml = &existing.types.xml;
        let mut edits = Edits::default();
        for element in xml.all("Override") {
            let name = xml.attribute(element, "PartName").unwrap_or_default();
            if gone.contains(&canonical(&name)) {
                edits.replace(xml.place(element), "");
            }
        }
        let known: Vec<String> = xml
            .all("Default")
            .filter_map(|element| Some(xml.attribute(element, "Extension")?.to_lowercase()))
            .collect();
        let extensions = self.extensions.iter().filter(|(extension, _)| !known.contains(extension));
        let mut new: String = extensions
            .map(|(extension, kind)| {
                format!("<Default Extension=\"{extension}\" ContentType=\"{kind}\"/>")
            })
            .collect();
        let styles = self.styles.iter().map(|(part, _)| (part.as_str(), KIND));
        let types = self.types.iter().map(|(name, kind)| (name.as_str(), kind.as_str()));
        for (name, kind) in styles.chain(types) {
            let name = escaped(name);
            new += &format!("<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>");
        }
        xml.append(&mut edits, ROOT, &new);
        edits.of(&xml.text)
    }

    /// The mark by which the sheets are known again.
    pub(super) fn mark(&self, addition: &Addition, notes: &[(&str, String)]) -> String {
        let mut mark = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <gdtrace xmlns=\"{NAMESPACE}\" command=\"{}\">",
            addition.command
        );
        for sheet in &self.sheets {
            let (name, id) = (escaped(&sheet.name), sheet.id);
            mark += &format!("<sheet name=\"{name}\" sheetId=\"{id}\"/>");
        }
        for (name, checksum) in notes {
            let name = escaped(name);
            mark += &format!("<notes name=\"{name}\" crc=\"{checksum}\"/>");
        }
        for (name, text) in addition.properties {
            let (name, text) = (escaped(name), escaped(text));
            mark += &format!("<property name=\"{name}\"><lpwstr>{text}</lpwstr></property>");
        }
        mark + "</gdtrace>"
    }
}
