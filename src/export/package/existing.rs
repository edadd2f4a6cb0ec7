//! A workbook that sheets are to be added to, as far as that has to be known.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

use super::parts::{Package, Relation, TYPES, canonical, relations, relations_of};
use super::styles::has_room;
use super::xml::{ROOT, Xml};
use crate::data::added::{Added, FOLDER};

/// What begins the names of all namespaces of the strict form of the standard.
const STRICT: &str = "http://purl.oclc.org/ooxml/";

/// A workbook that sheets are to be added to.
pub(crate) struct Existing {
    pub package: Package,
    pub workbook: Part,
    pub relations: Part,
    pub types: Part,
    pub styles: Option<Part>,
    pub app: Option<Part>,
    /// Its sheets, in order.
    pub sheets: Vec<Sheet>,
    /// What the workbook's part refers to.
    pub related: Vec<Relation>,
    /// The part with the mark of an earlier run.
    pub mark: Option<String>,
    /// Whether an earlier run added something.
    pub is_again: bool,
    /// The parts with notes of an earlier run on sheets that stay, by their canonical names.
    pub notes: BTreeSet<String>,
    /// Whether the workbook may have macros, and must be called .xlsm.
    pub has_macros: bool,
    /// Whether it is in the strict form of the standard, which has namespaces of its own.
    pub is_strict: bool,
}

/// A part that is XML.
pub(crate) struct Part {
    pub name: String,
    pub xml: Xml,
}

/// A sheet in the list of a workbook.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub name: String,
    /// The number by which the workbook knows it.
    pub id: String,
    /// Its part.
    pub part: Option<String>,
    /// The element in the list.
    pub element: usize,
    /// Whether an earlier run added it.
    pub is_added: bool,
}

impl Existing {
    /// Whether `file` is an .xlsx or .xlsm workbook, as far as its list of parts says.
    pub fn is_one(file: &mut File) -> bool {
        let mut start = [0; 2];
        let is_zip = file.read_exact(&mut start).is_ok() && start == *b"PK";
        let is_package = || {
            let archive = zip::ZipArchive::new(BufReader::new(&*file)).ok()?;
            archive.index_for_name("xl/workbook.xml")
        };
        let is_one = is_zip && is_package().is_some();
        is_one && file.rewind().is_ok()
    }

    /// Reads the workbook in `file`; or says in words why no sheets can be added to it.
    ///
    /// # Errors
    /// It cannot be read.
    ///
    /// What the `command` added before counts as gone.
    pub fn open(file: File, command: &str) -> io::Result<Result<Existing, String>> {
        let Ok(mut package) = Package::open(file) else {
            return Ok(Err("it is no package of parts".to_owned()));
        };
        if package.names().any(|name| name.starts_with("_xmlsignatures/")) {
            return Ok(Err("it has a digital signature, which a change would break".to_owned()));
        }
        if let Some(name) = package.unusual()? {
            return Ok(Err(format!("its part {name} is packed in a way that cannot be copied")));
        }
        let unreadable = |name: &str| Ok(Err(format!("its part {name} cannot be read")));
        let part = |package: &mut Package, name: &str| -> io::Result<Option<Part>> {
            let xml = package.xml(name)?;
            Ok(xml.map(|xml| Part { name: name.to_owned(), xml }))
        };
        let Some(types) = part(&mut package, TYPES)? else { return unreadable(TYPES) };
        let Some(root) = package.xml("_rels/.rels")? else { return unreadable("_rels/.rels") };
        let root = relations(&root, "");
        let target = |relations: &[Relation], kind: &str| {
            relations.iter().find(|one| one.kind == kind).and_then(|one| one.part.clone())
        };
        let name = target(&root, "officeDocument").unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let Some(workbook) = part(&mut package, &name)? else { return unreadable(&name) };
        let of_it = relations_of(&name);
        let Some(own) = part(&mut package, &of_it)? else { return unreadable(&of_it) };
        let related = relations(&own.xml, &name);
        let styles = target(&related, "styles").filter(|name| package.place(name).is_some());
        let styles = match styles {
            None => None,
            Some(name) => match part(&mut package, &name)? {
                None => return unreadable(&name),
                Some(Part { name, xml }) => Some(Part { name, xml: xml.opened() }),
            },
        };
        if styles.as_ref().is_some_and(|part| !has_room(&part.xml)) {
            return Ok(Err("it has no room for more formats of cells".to_owned()));
        }
        let app = match target(&root, "extended-properties") {
            Some(name) => part(&mut package, &name)?,
            None => None,
        };
        let (mark, added) = mark(&mut package, command)?.unzip();
        let added = added.or_else(|| Added::by_names(&workbook.xml.text, command));
        let is_again = added.is_some();
        let added = added.unwrap_or_default();
        let notes = notes(&mut package, &added)?;
        let sheets = sheets(&workbook.xml, &related, &added);
        if sheets.is_empty() {
            return Ok(Err("its list of sheets cannot be read".to_owned()));
        }
        let kind = content_type(&types.xml, &name);
        if kind.contains("template") || kind.contains("addin") {
            return Ok(Err("it is a template".to_owned()));
        }
        let is_strict = workbook.xml.tag(ROOT).contains(STRICT);
        Ok(Ok(Existing {
            package,
            workbook,
            relations: own,
            types,
            styles,
            app,
            sheets,
            related,
            mark,
            is_again,
            notes,
            has_macros: kind.contains("macroEnabled"),
            is_strict,
        }))
    }

    /// Whether the workbook, or one of its sheets, has a defined name of its own called `name`, whatever
    /// the command added before.
    pub fn defines(&self, name: &str) -> bool {
        let xml = &self.workbook.xml;
        let is_it = |element: usize| {
            let known = xml.attribute(element, "name");
            known.is_some_and(|known| known.eq_ignore_ascii_case(name))
        };
        !self.is_again && xml.all("definedName").any(is_it)
    }

    /// The names of the sheets that stay: those that no earlier run added.
    pub fn sheet_names(&self) -> Vec<String> {
        let stay = self.sheets.iter().filter(|sheet| !sheet.is_added);
        stay.map(|sheet| sheet.name.clone()).collect()
    }

    /// The parts that go, by their canonical names: of sheets that an earlier run added, what only
    /// they refer to, its mark, and the order in which cells were calculated, which programs make
    /// anew.
    ///
    /// # Errors
    /// A part cannot be read.
    pub fn outdated(&mut self) -> io::Result<BTreeSet<String>> {
        let of_kind = |kind: &'static str| self.related.iter().filter(move |one| one.kind == kind);
        let mut gone: BTreeSet<String> =
            of_kind("calcChain").filter_map(|one| one.part.as_deref()).map(canonical).collect();
        let added = self.sheets.iter().filter(|sheet| sheet.is_added);
        let added = added.filter_map(|sheet| sheet.part.clone());
        let roots: Vec<String> = added.chain(self.mark.clone()).collect();
        if roots.is_empty() {
            return Ok(gone);
        }
        let theirs: Vec<String> = {
            let all = self.related.iter().filter_map(|one| one.part.clone());
            all.filter(|part| !roots.iter().any(|one| canonical(one) == canonical(part))).collect()
        };
        let (ours, theirs) = (self.closure(roots)?, self.closure(theirs)?);
        for part in ours.difference(&theirs) {
            gone.insert(part.clone());
            gone.insert(relations_of(part));
        }
        Ok(gone)
    }

    /// The parts that `roots` lead to, by their canonical names.
    fn closure(&mut self, roots: Vec<String>) -> io::Result<HashSet<String>> {
        let mut found = HashSet::new();
        let mut open = roots;
        while let Some(part) = open.pop() {
            if !found.insert(canonical(&part)) {
                continue;
            }
            if let Some(xml) = self.package.xml(&relations_of(&part))? {
                open.extend(relations(&xml, &part).into_iter().filter_map(|one| one.part));
            }
        }
        Ok(found)
    }
}

/// What the package says that the part called `name` is.
fn content_type(types: &Xml, name: &str) -> String {
    let is_it = |element: &usize| {
        let part = types.attribute(*element, "PartName");
        part.is_some_and(|part| canonical(&part) == canonical(name))
    };
    let element = types.all("Override").find(is_it);
    let kind = element.and_then(|element| types.attribute(element, "ContentType"));
    kind.unwrap_or_default().into_owned()
}

/// The mark that an earlier run of the command left, and the part that it is.
fn mark(package: &mut Package, command: &str) -> io::Result<Option<(String, Added)>> {
    let folder = format!("{}/", FOLDER.to_lowercase());
    let names: Vec<String> =
        package.names().filter(|name| name.starts_with(&folder)).map(str::to_owned).collect();
    for name in names {
        let text = package.bytes(&name)?.and_then(|bytes| String::from_utf8(bytes).ok());
        let added = text.as_deref().and_then(Added::of);
        if let Some(added) = added.filter(|added| added.command == command) {
            return Ok(Some((name, added)));
        }
    }
    Ok(None)
}

/// The parts with notes that the mark knows, but for those that were changed since.
fn notes(package: &mut Package, mark: &Added) -> io::Result<BTreeSet<String>> {
    let mut notes = BTreeSet::new();
    for (name, checksum) in &mark.notes {
        let bytes = package.bytes(name)?;
        if bytes.is_some_and(|bytes| checksum_of(&bytes) == *checksum) {
            notes.insert(canonical(name));
        }
    }
    Ok(notes)
}

/// By what a part is known again.
pub(super) fn checksum_of(bytes: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(bytes))
}

fn sheets(workbook: &Xml, related: &[Relation], mark: &Added) -> Vec<Sheet> {
    let list = workbook.child(ROOT, "sheets");
    let sheet = |element| {
        // Whatever a sheet lacks, it counts among the places by which names and views know sheets.
        let text = |key| workbook.attribute(element, key).unwrap_or_default().into_owned();
        let (name, id) = (text("name"), text("sheetId"));
        let relation = workbook.relation(element).map(|(_, id)| id);
        let relation = related.iter().find(|one| Some(one.id.as_str()) == relation);
        let part = relation.and_then(|one| one.part.clone());
        let is_added = mark.has(&name, &id);
        Sheet { name, id, part, element, is_added }
    };
    let all = list.into_iter().flat_map(|list| workbook.children(list));
    all.filter(|element| workbook.name(*element) == "sheet").map(sheet).collect()
}
