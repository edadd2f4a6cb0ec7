//! Adding the sheets of one workbook to another: new parts beside untouched ones.
//!
//! Only the lists change (the workbook's sheets and names, its relations, the types of parts, the
//! styles, the titles in its properties), each by adding. Every other part is copied as the bytes
//! that it was, still compressed. What an earlier run added goes first, so that adding twice gives
//! the same as adding once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Seek, Write};

use super::archive::Archive;
use super::existing::{Existing, Part, checksum_of};
use super::overlay::{self, Marked, Overlay};
use super::parts::{Package, TYPES, canonical, relations, relations_of};
use super::sheet_part::{adapted, shared_strings};
use super::strict::as_strict;
use super::styles::{self, Formats};
use super::xml::{Edits, Xml, escaped};
use super::{cannot_write, chart, lists};
use crate::data::added::{FOLDER, NAME, name_text};
use crate::error::Result;

/// What is added to a workbook, beside the sheets.
pub(crate) struct Addition<'a> {
    /// The command that adds them: another time it exchanges them.
    pub command: &'a str,
    /// What the mark says beside the sheets' names.
    pub properties: &'a [(String, String)],
    /// The sheets that are marks on theirs.
    pub overlays: &'a [Overlay],
    /// The defined name on which marks depend.
    pub condition: Option<&'a str>,
}

/// Writes a sheet itself: the name of its part in our package, its text with the formats of the
/// workbook that it becomes part of, and where it goes; says whether it did.
type Own<'o, W> = &'o mut dyn FnMut(&str, &str, (&mut Archive<W>, &str)) -> Result<bool>;

/// A sheet to be added.
pub(super) struct NewSheet {
    pub name: String,
    /// Its part's name in our package.
    from: String,
    /// Its part's name in the workbook that it becomes part of.
    pub part: String,
    /// The number by which the workbook will know it.
    pub id: u32,
    /// The name of its relation.
    pub relation: String,
}

/// The part with the styles of our package.
const STYLES: &str = "xl/styles.xml";

/// New parts, by name.
type Parts = BTreeMap<String, Vec<u8>>;

/// Writes the parts of `existing` with the sheets of the workbook `ours` behind its own; returns the
/// name and the text of the part that marks them, which is still to be written.
///
/// # Errors
/// When reading or writing fails; a workbook whose list of formats is full.
pub(crate) fn add_sheets<W: Write + Seek>(
    mut existing: Existing,
    mut ours: Package,
    addition: &Addition,
    archive: &mut Archive<W>,
    own: Own<W>,
) -> Result<(String, String)> {
    let failed = |error| cannot_write(&error);
    let mut gone = existing.outdated().map_err(failed)?;
    gone.extend(overlay::clear(&mut existing, addition.condition).map_err(failed)?);
    let added = Added::new(&mut existing, &mut ours, (addition, &gone)).map_err(failed)?;
    let (styles, formats) = merged(&existing, &mut ours).map_err(failed)?;
    let sheets = added.sheet_texts(&mut ours, &formats, existing.is_strict).map_err(failed)?;
    let mut parts = added.other_parts(&mut ours, existing.is_strict).map_err(failed)?;
    let marks = added.marks(&mut existing, &sheets).map_err(failed)?;
    let mut replaced = std::mem::take(&mut existing.package.changed);
    let mut put = |part: &Part, text: String| replaced.insert(canonical(&part.name), text.into());
    put(&existing.workbook, lists::workbook(&existing, &added.sheets, &added.names));
    put(&existing.relations, added.relations(&existing, &gone));
    put(&existing.types, added.types(&existing, &gone));
    if let Some(part) = &existing.styles {
        put(part, styles.clone());
    }
    if let Some(app) = &existing.app
        && let Some(new) = lists::titles(&app.xml, &existing, &added.sheets)
    {
        put(app, new);
    }
    let notes = added.notes(&parts);
    for (name, text) in marks {
        match existing.package.place(&name) {
            Some(_) => replaced.insert(canonical(&name), text.into()),
            None => parts.insert(name, text.into()),
        };
    }
    copy(&mut existing, &gone, &replaced, archive).map_err(failed)?;
    // First among the new parts, as it stands when they are added again.
    if let Some((name, _)) = &added.styles {
        archive.write(name, styles.as_bytes()).map_err(failed)?;
    }
    for (name, bytes) in &parts {
        archive.write(name, bytes).map_err(failed)?;
    }
    for sheet in &added.sheets {
        let text = &sheets[&sheet.from];
        if !own(&sheet.from, text, (archive, &sheet.part))? {
            archive.write(&sheet.part, text.as_bytes()).map_err(failed)?;
        }
    }
    let mark = added.mark(addition, &notes);
    Ok((added.mark, mark))
}

/// Copies the parts of `existing` but those that are `gone`, with what is `replaced`.
fn copy<W: Write + Seek>(
    existing: &mut Existing,
    gone: &BTreeSet<String>,
    replaced: &Parts,
    archive: &mut Archive<W>,
) -> io::Result<()> {
    let from = &mut existing.package.archive;
    for index in 0..from.len() {
        let name = super::archive::name(from, index)?;
        let canonical = canonical(&name);
        match replaced.get(&canonical) {
            _ if gone.contains(&canonical) => {}
            Some(bytes) => archive.write(&name, bytes)?,
            None => archive.copy(from, index)?,
        }
    }
    Ok(())
}

/// The styles of the workbook with those of the new sheets; ours where it has none.
fn merged(existing: &Existing, ours: &mut Package) -> io::Result<(String, Formats)> {
    let Some(own) = ours.xml(STYLES)? else {
        return Err(io::Error::other("the new sheets have no styles"));
    };
    let theirs = existing.styles.as_ref().map_or(&own, |part| &part.xml);
    let full = || io::Error::other("the workbook's list of cell formats is full");
    styles::merge(theirs, &own).ok_or_else(full)
}

/// The sheets to be added with all that they refer to, under names that are free in the workbook.
pub(super) struct Added {
    pub(super) sheets: Vec<NewSheet>,
    /// The new name of each of our parts, by its old one.
    renamed: HashMap<String, String>,
    /// The type of each new part, and of parts with an extension that has one for all.
    pub(super) types: BTreeMap<String, String>,
    pub(super) extensions: BTreeMap<String, String>,
    /// The elements of our defined names, those of a sheet with its place in the workbook.
    names: Vec<String>,
    /// The marks on their sheets.
    marked: Vec<Marked>,
    /// The name of the mark's part.
    pub(super) mark: String,
    pub(super) mark_relation: String,
    /// The part with the styles of a workbook that had none, and its relation.
    pub(super) styles: Option<(String, String)>,
}

impl Added {
    fn new(
        existing: &mut Existing,
        ours: &mut Package,
        (addition, gone): (&Addition, &BTreeSet<String>),
    ) -> io::Result<Added> {
        let missing = |name: &str| io::Error::other(format!("the new sheets have no {name}"));
        let (book, list) = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels");
        let workbook = ours.xml(book)?.ok_or_else(|| missing(book))?;
        let related = ours.xml(list)?.ok_or_else(|| missing(list))?;
        let related = relations(&related, book);
        let all = existing.package.names().filter(|name| !gone.contains(*name));
        let mut taken: BTreeSet<String> = all.map(str::to_owned).collect();
        let mut next_id = existing.next_id();
        let mut next_relation = existing.next_relation();
        let mut relation = || {
            next_relation += 1;
            format!("rId{}", next_relation - 1)
        };
        let styles = existing.styles.is_none().then(|| (free(STYLES, &mut taken), relation()));
        let mut renamed = HashMap::new();
        let (mut sheets, mut marked, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for element in workbook.all("sheet") {
            let id = workbook.relation(element).map(|(_, id)| id);
            let part = related.iter().find(|one| Some(one.id.as_str()) == id);
            let Some(from) = part.and_then(|one| one.part.clone()) else { continue };
            let name = workbook.attribute(element, "name").unwrap_or_default().into_owned();
            let mut rename = |name: &str| {
                let new = free(name, &mut taken);
                renamed.insert(canonical(name), new.clone());
                new
            };
            let overlay = addition.overlays.iter().find(|one| one.ours == name);
            places.push(overlay.is_none().then_some(sheets.len()));
            if let Some(overlay) = overlay {
                let one = Marked::new(existing, ours, (&overlay.theirs, from), &mut rename)?;
                marked.extend(one);
                continue;
            }
            for name in reached(ours, &from)? {
                rename(&name);
            }
            let part = renamed[&canonical(&from)].clone();
            sheets.push(NewSheet { name, from, part, id: next_id, relation: relation() });
            next_id += 1;
        }
        let types = ours.xml(TYPES)?.ok_or_else(|| missing(TYPES))?;
        let stay = existing.sheet_names().len();
        let name = |element| {
            let text = workbook.outer(element);
            let Some(sheet) = workbook.attribute(element, "localSheetId") else {
                return Some(text.to_owned());
            };
            let new = stay + places.get(sheet.parse::<usize>().ok()?).copied().flatten()?;
            let old = format!("localSheetId=\"{sheet}\"");
            Some(text.replacen(&old, &format!("localSheetId=\"{new}\""), 1))
        };
        let mut names: Vec<String> = workbook.all("definedName").filter_map(name).collect();
        names.extend(sheets.iter().enumerate().map(|(at, sheet): (usize, &NewSheet)| {
            let text = escaped(&name_text(addition.command, &sheet.name)).into_owned();
            let place = stay + at;
            format!("<definedName name=\"{NAME}\" localSheetId=\"{place}\" hidden=\"1\">{text}</definedName>")
        }));
        let mut added = Added {
            names,
            sheets,
            marked,
            types: BTreeMap::new(),
            extensions: BTreeMap::new(),
            mark: free(&format!("{FOLDER}/item1.xml"), &mut taken),
            mark_relation: relation(),
            styles,
            renamed,
        };
        added.find_types(&types);
        Ok(added)
    }

    /// What the content types of our workbook say of the parts that are added.
    fn find_types(&mut self, types: &Xml) {
        for element in types.all("Override") {
            let name = types.attribute(element, "PartName").unwrap_or_default();
            let kind = types.attribute(element, "ContentType").unwrap_or_default();
            if let Some(new) = self.renamed.get(&canonical(&name)) {
                self.types.insert(new.clone(), kind.into_owned());
            }
        }
        for element in types.all("Default") {
            let extension = types.attribute(element, "Extension").unwrap_or_default();
            let kind = types.attribute(element, "ContentType").unwrap_or_default();
            let ending = format!(".{extension}");
            let is_used = self.renamed.values().any(|name| name.ends_with(&ending))
                || matches!(&*extension, "xml" | "rels");
            if is_used {
                self.extensions.insert(extension.into_owned(), kind.into_owned());
            }
        }
    }

    /// The texts of our sheets, by the names of their parts in our package, with the formats of the
    /// workbook that they become part of.
    fn sheet_texts(
        &self,
        ours: &mut Package,
        formats: &Formats,
        is_strict: bool,
    ) -> io::Result<BTreeMap<String, String>> {
        let strings = ours.xml("xl/sharedStrings.xml")?;
        let strings = strings.as_ref().map(shared_strings).unwrap_or_default();
        let sheets = self.sheets.iter().map(|sheet| &sheet.from);
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for from in sheets.chain(self.marked.iter().map(|marked| &marked.from)) {
            let bytes = ours.bytes(from)?.unwrap_or_default();
            let text = String::from_utf8(bytes).map_err(io::Error::other)?;
            let mut text = adapted(&text, formats, &strings);
            if is_strict {
                text = as_strict(&text);
            }
            texts.insert(from.clone(), text);
        }
        Ok(texts)
    }

    /// The new parts that are no sheets, with the relations among all of them.
    fn other_parts(&self, ours: &mut Package, is_strict: bool) -> io::Result<Parts> {
        let mut parts = Parts::new();
        let sheets: BTreeSet<&String> = self.sheets.iter().map(|sheet| &sheet.part).collect();
        for (old, new) in &self.renamed {
            let mut put = |name: String, text: String| {
                let text = if is_strict { as_strict(&text) } else { text };
                parts.insert(name, text.into_bytes());
            };
            if let Some(xml) = ours.xml(&relations_of(old))? {
                let mut edits = Edits::default();
                for relation in relations(&xml, old) {
                    let new = relation.part.and_then(|part| self.renamed.get(&canonical(&part)));
                    if let Some((new, place)) = new.zip(xml.value_place(relation.element, "Target"))
                    {
                        edits.replace(place, format!("/{}", escaped(new)));
                    }
                }
                put(relations_of(new), edits.of(&xml.text));
            }
            if sheets.contains(new) {
                continue;
            }
            let bytes = ours.bytes(old)?.unwrap_or_default();
            match String::from_utf8(bytes) {
                Ok(text) if old.starts_with("xl/charts/chart") => {
                    put(new.clone(), chart::plain(&text));
                }
                Ok(text) => put(new.clone(), text),
                Err(other) => drop(parts.insert(new.clone(), other.into_bytes())),
            }
        }
        Ok(parts)
    }

    /// The parts of their sheets that are marked, and of these sheets' relations.
    fn marks(
        &self,
        existing: &mut Existing,
        texts: &BTreeMap<String, String>,
    ) -> io::Result<BTreeMap<String, String>> {
        let mut parts = BTreeMap::new();
        for marked in &self.marked {
            let formats = Xml::read(texts[&marked.from].clone());
            let formats = formats.as_ref().map(overlay::formats_in).unwrap_or_default();
            let Some(sheet) = existing.package.xml(&marked.part)? else { continue };
            let drawing = marked.drawing(existing, &sheet, &mut parts)?;
            let text = overlay::marked(&sheet, &formats, drawing.as_deref());
            parts.insert(marked.part.clone(), text);
        }
        Ok(parts)
    }

    /// The parts with notes on their sheets, with the checksum of each.
    fn notes(&self, parts: &Parts) -> Vec<(&str, String)> {
        let names = self.marked.iter().flat_map(Marked::note_parts);
        names.filter_map(|name| Some((name, checksum_of(parts.get(name)?)))).collect()
    }
}

/// The parts that `part` leads to, itself first.
fn reached(package: &mut Package, part: &str) -> io::Result<Vec<String>> {
    let mut found: Vec<String> = vec![part.to_owned()];
    let mut at = 0;
    while let Some(part) = found.get(at).cloned() {
        if let Some(xml) = package.xml(&relations_of(&part))? {
            for next in relations(&xml, &part).into_iter().filter_map(|one| one.part) {
                if !found.contains(&next) {
                    found.push(next);
                }
            }
        }
        at += 1;
    }
    Ok(found)
}

/// A name like `name` with the first number that nothing in `taken` has; it is taken then.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "xml"));
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut numbers = 1..;
    let free = numbers.find_map(|number| {
        let name = format!("{stem}{number}.{extension}");
        let is_new = taken.insert(canonical(&name));
        // A part without relations may have left some behind.
        is_new.then_some(name)
    });
    free.unwrap_or_default()
}
