//! The sheets that the defined names of an .xlsx belong to.
//!
//! One name may stand for another cell on every sheet. The reading library gives the names without
//! their sheets, so this part of the workbook is read once more.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::parts::parts;

/// For each defined name, in the order of the file, the place of its sheet among all sheets; none
/// for a name of the whole workbook. Empty where the part cannot be read.
pub(super) fn scopes(path: &Path) -> Vec<Option<usize>> {
    let xml = parts(path, &|name| name == "xl/workbook.xml");
    xml.first().map(|xml| read(xml)).unwrap_or_default()
}

fn read(xml: &str) -> Vec<Option<usize>> {
    let mut reader = Reader::from_str(xml);
    let mut scopes = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) if is_name(&tag) => scopes.push(scope(&tag)),
            Ok(Event::Eof) | Err(_) => return scopes,
            Ok(_) => {}
        }
    }
}

/// Whether the reading library takes the tag for a defined name.
fn is_name(tag: &BytesStart) -> bool {
    tag.local_name().as_ref() == "definedName"
        && tag.attributes().flatten().any(|attribute| attribute.key.as_ref() == "name")
}

fn scope(tag: &BytesStart) -> Option<usize> {
    let attribute = tag.attributes().flatten().find(|a| a.key.as_ref() == "localSheetId")?;
    attribute.value.as_ref().trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_a_sheet_or_to_the_workbook() {
        let xml = "<workbook><definedNames><definedName name=\"lr\" localSheetId=\"2\" \
                   hidden=\"1\">basic!$C$1</definedName><definedName name=\"n\">3</definedName>\
                   <definedName>lost</definedName></definedNames></workbook>";
        assert_eq!(read(xml), [Some(2), None]);
        assert_eq!(read("<workbook><definedName"), []);
    }
}
