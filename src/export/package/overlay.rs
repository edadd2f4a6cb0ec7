//! Marks on the sheets of a workbook: conditional formats and notes that were made on a sheet of
//! ours, taken over to one of theirs. Nothing else of the sheet changes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::existing::Existing;
use super::lists::relation_key;
use super::parts::{Package, Relation, canonical, new_relation, relations, relations_of};
use super::strict::as_strict;
use super::xml::{Edits, ROOT, Xml};

/// A sheet of ours that is no sheet of its own, but holds the marks on one of theirs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Overlay {
    /// The name of the sheet of ours.
    pub ours: String,
    /// The name of theirs.
    pub theirs: String,
}

/// The marks on a sheet of theirs.
pub(super) struct Marked {
    /// Its part.
    pub part: String,
    /// The part in our package that has them.
    pub from: String,
    /// The parts of the notes, with the kind of relation that leads to each.
    notes: Vec<(String, String)>,
}

/// What may stand behind conditional formats in a sheet (ECMA-376, CT_Worksheet).
const BEHIND_FORMATS: [&str; 23] = [
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
    // What older programs do not know is wrapped; in sheets these are controls and objects.
    "AlternateContent",
];
/// Those of them that stand before the drawing of the notes.
const BEFORE_NOTES: usize = 13;

/// The kinds of relations that lead from a sheet to its notes.
const NOTES: [&str; 3] = ["comments", "threadedComment", "vmlDrawing"];

/// Whether a sheet has no notes, so that new ones can be added.
pub(super) fn takes_notes(sheet: &Xml, relations: &[Relation]) -> bool {
    let is_note = |one: &Relation| matches!(one.kind.as_str(), "comments" | "threadedComment");
    sheet.child(ROOT, "legacyDrawing").is_none() && !relations.iter().any(is_note)
}

/// The conditional formats in a sheet, as they are written.
pub(super) fn formats_in(sheet: &Xml) -> String {
    let all = sheet.children(ROOT).filter(|at| sheet.name(*at) == "conditionalFormatting");
    all.map(|at| sheet.outer(at)).collect()
}

/// The sheet with `formats` behind its own conditional formats, and with the `drawing` of notes: the
/// element that refers to it.
pub(super) fn marked(sheet: &Xml, formats: &str, drawing: Option<&str>) -> String {
    let mut edits = Edits::default();
    let mut highest = 0;
    for at in sheet.children(ROOT).filter(|at| sheet.name(*at) == "conditionalFormatting") {
        let priorities = sheet.children(at).filter_map(|rule| sheet.attribute(rule, "priority"));
        highest = priorities.filter_map(|one| one.parse().ok()).fold(highest, u32::max);
    }
    let formats = shifted(formats, highest);
    let end = |names: &[&str]| {
        let mut behind = sheet.children(ROOT).filter(|at| names.contains(&sheet.name(*at)));
        let end = || {
            let root = sheet.place(ROOT);
            sheet.text[root.clone()].rfind('<').map_or(root.end, |at| root.start + at)
        };
        behind.next().map_or_else(end, |first| sheet.place(first).start)
    };
    edits.insert(end(&BEHIND_FORMATS), &sheet.in_prefix(ROOT, &formats));
    if let Some(drawing) = drawing {
        let behind = &BEHIND_FORMATS[BEFORE_NOTES..];
        edits.insert(end(behind), &sheet.in_prefix(ROOT, drawing));
    }
    edits.of(&sheet.text)
}

/// `formats` with priorities behind the `highest` one that the sheet has.
fn shifted(formats: &str, highest: u32) -> String {
    const KEY: &str = " priority=\"";
    let mut out = String::with_capacity(formats.len());
    let mut rest = formats;
    while let Some(at) = rest.find(KEY) {
        let value = at + KEY.len();
        let end = rest[value..].find('"').map_or(rest.len(), |end| value + end);
        let number = rest[value..end].parse::<u32>().unwrap_or(1);
        out.push_str(&rest[..value]);
        out.push_str(&(number + highest).to_string());
        rest = &rest[end..];
    }
    out + rest
}

/// Takes the marks of an earlier run from the sheets that stay: formats with the `condition`, and notes
/// that nobody changed since. Returns the parts that go with them, by canonical names.
pub(super) fn clear(
    existing: &mut Existing,
    condition: Option<&str>,
) -> io::Result<BTreeSet<String>> {
    let mut gone = BTreeSet::new();
    let Some(condition) = condition.filter(|_| existing.is_again) else { return Ok(gone) };
    let stay = existing.sheets.iter().filter(|sheet| !sheet.is_added);
    let parts: Vec<String> = stay.filter_map(|sheet| sheet.part.clone()).collect();
    for part in parts {
        let (list, all) = relations_in(&mut existing.package, &part)?;
        let name = |one: &Relation| one.part.as_deref().map(canonical).unwrap_or_default();
        let is_ours = |one: &Relation| existing.notes.contains(&name(one));
        let notes = all.iter().filter(|one| NOTES.contains(&one.kind.as_str()));
        let mut notes: Vec<Relation> = notes.cloned().collect();
        // Where somebody wrote into them, all of them are theirs.
        if !notes.iter().all(is_ours) {
            notes.clear();
        }
        gone.extend(notes.iter().map(name));
        let Some(sheet) = existing.package.xml(&part)? else { continue };
        if notes.is_empty() && !sheet.text.contains(condition) {
            continue;
        }
        existing.package.change(&part, without_marks(&sheet, condition, &notes));
        let Some(list) = list.filter(|_| !notes.is_empty()) else { continue };
        let name = relations_of(&part);
        if notes.len() == all.len() {
            existing.package.remove(&name);
            gone.insert(canonical(&name));
        } else {
            let mut edits = Edits::default();
            notes.iter().for_each(|note| edits.replace(list.place(note.element), ""));
            existing.package.change(&name, edits.of(&list.text));
        }
    }
    Ok(gone)
}

/// The sheet without conditional formats that have the `condition`, and without the drawing of `notes`.
fn without_marks(sheet: &Xml, condition: &str, notes: &[Relation]) -> String {
    let mut edits = Edits::default();
    let is_mark = |at: &usize| match sheet.name(*at) {
        "conditionalFormatting" => sheet.outer(*at).contains(condition),
        "legacyDrawing" => {
            let id = sheet.relation(*at).map(|(_, id)| id);
            notes.iter().any(|note| Some(note.id.as_str()) == id)
        }
        _ => false,
    };
    sheet.children(ROOT).filter(is_mark).for_each(|at| edits.replace(sheet.place(at), ""));
    edits.of(&sheet.text)
}

/// What the sheet at `part` refers to.
pub(super) fn relations_in(
    package: &mut Package,
    part: &str,
) -> io::Result<(Option<Xml>, Vec<Relation>)> {
    let xml = package.xml(&relations_of(part))?;
    let all = xml.as_ref().map(|xml| relations(xml, part)).unwrap_or_default();
    Ok((xml, all))
}

impl Marked {
    /// Marks on the sheet of theirs called `theirs`, which are in our part `from`; none where there is
    /// no such sheet.
    pub(super) fn new(
        existing: &mut Existing,
        ours: &mut Package,
        (theirs, from): (&str, String),
        rename: &mut dyn FnMut(&str) -> String,
    ) -> io::Result<Option<Marked>> {
        let sheet = existing.sheets.iter().find(|sheet| sheet.name == theirs);
        let Some(part) = sheet.and_then(|sheet| sheet.part.clone()) else { return Ok(None) };
        let Some(xml) = existing.package.xml(&part)? else { return Ok(None) };
        let (_, theirs) = relations_in(&mut existing.package, &part)?;
        let (_, all) = relations_in(ours, &from)?;
        let mut notes = Vec::new();
        if takes_notes(&xml, &theirs) {
            let parts = all.into_iter().filter_map(|one| Some((one.kind, one.part?)));
            notes.extend(parts.map(|(kind, part)| (kind, rename(&part))));
        }
        Ok(Some(Marked { part, from, notes }))
    }

    /// The parts of the notes.
    pub(super) fn note_parts(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(|(_, part)| part.as_str())
    }

    /// The element by which the sheet refers to the drawing of its notes, where it gets some; its
    /// relations are put among the `parts`.
    pub(super) fn drawing(
        &self,
        existing: &mut Existing,
        sheet: &Xml,
        parts: &mut BTreeMap<String, String>,
    ) -> io::Result<Option<String>> {
        if self.notes.is_empty() {
            return Ok(None);
        }
        let (list, _) = relations_in(&mut existing.package, &self.part)?;
        let empty = || {
            let namespace = "http://schemas.openxmlformats.org/package/2006/relationships";
            Xml::read(format!("<Relationships xmlns=\"{namespace}\"></Relationships>"))
        };
        let Some(list) = list.or_else(empty) else { return Ok(None) };
        let ids: Vec<_> =
            list.children(ROOT).filter_map(|element| list.attribute(element, "Id")).collect();
        let mut numbers = 1..;
        let mut id = || {
            numbers.find_map(|number| {
                let id = format!("rId{number}");
                (!ids.iter().any(|known| *known == *id)).then_some(id)
            })
        };
        let (mut new, mut drawing) = (String::new(), None);
        for (kind, part) in &self.notes {
            let id = id().unwrap_or_default();
            new += &new_relation(&id, kind, part);
            if kind == "vmlDrawing" {
                let relation = relation_key(sheet, None, existing.is_strict);
                drawing = Some(format!("<legacyDrawing {relation}=\"{id}\"/>"));
            }
        }
        let new = if existing.is_strict { as_strict(&new) } else { new };
        let mut edits = Edits::default();
        list.append(&mut edits, ROOT, &new);
        parts.insert(relations_of(&self.part), edits.of(&list.text));
        Ok(drawing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "<conditionalFormatting sqref=\"A1\"><cfRule type=\"expression\" \
        dxfId=\"3\" priority=\"1\"><formula>marks</formula></cfRule></conditionalFormatting>";

    fn read(text: &str) -> Xml {
        Xml::read(text.to_owned()).unwrap()
    }

    #[test]
    fn formats_and_notes_stand_where_the_standard_wants_them() {
        let theirs = "<conditionalFormatting><cfRule priority=\"4\"/></conditionalFormatting>";
        let sheet = format!(
            "<worksheet><sheetData/>{theirs}<pageMargins/><drawing/><tableParts/></worksheet>"
        );
        let once = marked(&read(&sheet), RULE, Some("<legacyDrawing r:id=\"x\"/>"));
        let rule = RULE.replace("priority=\"1\"", "priority=\"5\"");
        let expected = sheet
            .replace("<pageMargins/>", &format!("{rule}<pageMargins/>"))
            .replace("<tableParts/>", "<legacyDrawing r:id=\"x\"/><tableParts/>");
        assert_eq!(once, expected);
        let (id, kind) = ("x".to_owned(), "vmlDrawing".to_owned());
        let note = Relation { id, kind, part: None, element: 0 };
        assert_eq!(without_marks(&read(&once), "marks", &[note]), sheet);
        assert_eq!(without_marks(&read(&once), "others", &[]), once);
        let bare = "<x:worksheet><x:sheetData/></x:worksheet>";
        let drawn = marked(&read(bare), "", Some("<legacyDrawing/>"));
        assert_eq!(drawn, "<x:worksheet><x:sheetData/><x:legacyDrawing/></x:worksheet>");
    }

    #[test]
    fn a_sheet_with_notes_or_controls_takes_no_others() {
        let note =
            Relation { id: "rId1".to_owned(), kind: "comments".to_owned(), part: None, element: 0 };
        assert!(takes_notes(&read("<worksheet/>"), &[]));
        assert!(!takes_notes(&read("<worksheet/>"), &[note]));
        assert!(!takes_notes(&read("<worksheet><legacyDrawing/></worksheet>"), &[]));
    }
}
