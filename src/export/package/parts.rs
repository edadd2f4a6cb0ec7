//! The parts of a package and how they refer to each other (ECMA-376, part 2).

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, Read};

use zip::{CompressionMethod, ZipArchive};

use super::strict::RELATIONSHIPS;
use super::xml::{ROOT, Xml, escaped};

/// The part that says what every other part is.
pub(crate) const TYPES: &str = "[Content_Types].xml";

/// A package, opened.
pub(crate) struct Package {
    pub archive: ZipArchive<BufReader<File>>,
    /// The place of each part, by its name as [`canonical`] has it.
    places: HashMap<String, usize>,
    /// Parts that are other now than in the archive.
    pub changed: BTreeMap<String, Vec<u8>>,
}

/// What a part refers to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Relation {
    /// By what name the part refers to it.
    pub id: String,
    /// What it is, in a word: `worksheet`, `styles`.
    pub kind: String,
    /// The name of the part; none where it is outside of the package.
    pub part: Option<String>,
    /// The element in the list of relations.
    pub element: usize,
}

impl Package {
    /// Opens the package in `file`.
    ///
    /// # Errors
    /// It is no zip archive.
    pub fn open(file: File) -> io::Result<Package> {
        let mut archive = ZipArchive::new(BufReader::new(file))?;
        let mut places = HashMap::new();
        for index in 0..archive.len() {
            let name = canonical(&archive.by_index_raw(index)?.name()?);
            places.entry(name).or_insert(index);
        }
        Ok(Package { archive, places, changed: BTreeMap::new() })
    }

    /// A part that is packed in another way than almost all programs know, or encrypted by itself.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn unusual(&mut self) -> io::Result<Option<String>> {
        for index in 0..self.archive.len() {
            let part = self.archive.by_index_raw(index)?;
            let known = [CompressionMethod::Stored, CompressionMethod::Deflated];
            if part.encrypted() || !known.contains(&part.compression()) {
                return Ok(Some(part.name()?.into_owned()));
            }
        }
        Ok(None)
    }

    /// The place of the part called `name` in the archive.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(&canonical(name)).copied()
    }

    /// Makes a part another one.
    pub fn change(&mut self, name: &str, text: String) {
        self.changed.insert(canonical(name), text.into_bytes());
    }

    /// Makes a part one that is not there.
    pub fn remove(&mut self, name: &str) {
        self.places.remove(&canonical(name));
    }

    /// The names of all parts as [`canonical`] has them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// The bytes of a part; none where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn bytes(&mut self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.place(name) else { return Ok(None) };
        if let Some(changed) = self.changed.get(&canonical(name)) {
            return Ok(Some(changed.clone()));
        }
        let mut bytes = Vec::new();
        self.archive.by_index(place)?.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// A part that is XML in UTF-8; none where there is none, or where it is something else.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn xml(&mut self, name: &str) -> io::Result<Option<Xml>> {
        let bytes = self.bytes(name)?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(Xml::read))
    }
}

/// A part's name for finding it: names of parts are the same in any case, and some programs write
/// them with backslashes.
pub(crate) fn canonical(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_lowercase()
}

/// The name of the part with the relations of `part`.
pub(crate) fn relations_of(part: &str) -> String {
    let (folder, name) = part.rsplit_once('/').map_or(("", part), |(folder, name)| (folder, name));
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}_rels/{name}.rels")
}

/// The relations in `xml`, of the part called `part`.
pub(crate) fn relations(xml: &Xml, part: &str) -> Vec<Relation> {
    let relation = |element| {
        let kind = xml.attribute(element, "Type")?.rsplit('/').next()?.to_owned();
        let is_outside = xml.attribute(element, "TargetMode").is_some_and(|one| one == "External");
        let target = xml.attribute(element, "Target")?;
        let part = (!is_outside).then(|| resolved(part, &target));
        Some(Relation { id: xml.attribute(element, "Id")?.into_owned(), kind, part, element })
    };
    xml.children(ROOT).filter_map(relation).collect()
}

/// The element for a relation of this `kind` to a `part`.
pub(super) fn new_relation(id: &str, kind: &str, part: &str) -> String {
    let part = escaped(part);
    format!("<Relationship Id=\"{id}\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"/{part}\"/>")
}

/// The part that `target` means in the relations of `part`.
fn resolved(part: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = part.split('/').collect();
    steps.pop();
    for step in target.split('/') {
        match step {
            ".." => drop(steps.pop()),
            "." | "" => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_from_the_folder_of_their_part() {
        assert_eq!(
            resolved("xl/workbook.xml", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml"
        );
        assert_eq!(resolved("xl/worksheets/sheet1.xml", "../drawings/d.xml"), "xl/drawings/d.xml");
        assert_eq!(resolved("xl/workbook.xml", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolved("workbook.xml", "./styles.xml"), "styles.xml");
        assert_eq!(relations_of("xl/workbook.xml"), "xl/_rels/workbook.xml.rels");
        assert_eq!(relations_of("workbook.xml"), "_rels/workbook.xml.rels");
    }
}
