//! A check of .xlsx files as packages: what Excel repairs or refuses and most readers let pass.
//!
//! It looks at the XML itself, because a reading library would hide just these faults: rows out of
//! order, a cell twice, a style that does not exist, NaN for a number, a formula without a result.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

#[path = "package_lists.rs"]
mod lists;
#[path = "package_sheet.rs"]
mod sheet;

use sheet::{Limits, Sheet};

/// The faults found in the package at `path`, a line each; none in a sound one.
pub fn check(path: impl AsRef<Path>) -> Vec<String> {
    match read_parts(path.as_ref()) {
        Ok(parts) => Package { parts, faults: Vec::new() }.check(),
        Err(fault) => vec![fault],
    }
}

struct Package {
    parts: BTreeMap<String, String>,
    faults: Vec<String>,
}

/// A start tag: its name without prefix, and its attributes.
struct Tag {
    name: String,
    attributes: HashMap<String, String>,
}

impl Tag {
    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

fn read_parts(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut archive =
        zip::ZipArchive::new(file).map_err(|error| format!("no zip file: {error}"))?;
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| error.to_string())?;
        let name = entry.name().map_err(|error| error.to_string())?.into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
        // Only XML is looked at; of anything else (pictures) the name is enough. A program's own XML
        // may be in any encoding.
        let text = match String::from_utf8(bytes) {
            Ok(text) if name.ends_with(".xml") || name.ends_with(".rels") => text,
            Err(_) if name.starts_with("xl/") && name.ends_with(".xml") => {
                return Err(format!("{name}: not UTF-8"));
            }
            _ => String::new(),
        };
        if parts.insert(name.clone(), text).is_some() {
            return Err(format!("{name} stands twice in the archive"));
        }
    }
    Ok(parts)
}

impl Package {
    fn check(mut self) -> Vec<String> {
        self.well_formed();
        if self.faults.is_empty() {
            self.content_types();
            self.relations();
            self.defined_names();
            self.faults.extend(lists::faults(&self.parts));
            let limits = Limits {
                styles: self.count_in("styles", "cellXfs", "xf"),
                strings: self.count_in("sharedStrings", "sst", "si"),
            };
            for (name, text) in self.parts_like("xl/worksheets/", ".xml") {
                Sheet::new(&name, &limits, &mut self.faults).check(&text);
            }
            for (name, text) in self.parts_like("xl/charts/chart", ".xml") {
                self.series_order(&name, &text);
            }
        }
        self.faults
    }

    fn parts_like(&self, start: &str, end: &str) -> Vec<(String, String)> {
        let wanted = |name: &&String| name.starts_with(start) && name.ends_with(end);
        self.parts
            .keys()
            .filter(wanted)
            .filter(|name| !name.ends_with(".rels"))
            .map(|name| (name.clone(), self.parts[name].clone()))
            .collect()
    }

    fn well_formed(&mut self) {
        for (name, text) in &self.parts {
            if text.is_empty() {
                continue;
            }
            if let Err(error) = walk(text, |_| ()) {
                self.faults.push(format!("{name}: {error}"));
            }
        }
        let book = lists::workbook(&self.parts);
        for name in ["[Content_Types].xml", "_rels/.rels", &book] {
            if !self.parts.contains_key(name) {
                self.faults.push(format!("{name} is missing"));
            }
        }
    }

    /// Every part has a content type, and every declared part exists.
    fn content_types(&mut self) {
        let tags = tags(&self.parts["[Content_Types].xml"]);
        let named = |name: &str, attribute: &str| -> HashSet<String> {
            let tags = tags.iter().filter(|tag| tag.name == name);
            tags.filter_map(|tag| tag.get(attribute)).map(str::to_lowercase).collect()
        };
        let (defaults, overrides) = (named("Default", "Extension"), named("Override", "PartName"));
        let is_part = |name: &&String| *name != "[Content_Types].xml" && !name.ends_with('/');
        for name in self.parts.keys().filter(is_part) {
            let extension = name.rsplit('.').next().unwrap_or_default().to_lowercase();
            let declared = overrides.contains(&format!("/{}", name.to_lowercase()));
            if !declared && !defaults.contains(&extension) {
                self.faults.push(format!("{name} has no content type"));
            }
            let sheet = name.starts_with("xl/worksheets/sheet") || name == "xl/workbook.xml";
            if sheet && !declared {
                self.faults.push(format!("{name} has only the default content type"));
            }
        }
        let known: HashSet<String> =
            self.parts.keys().map(|name| format!("/{}", name.to_lowercase())).collect();
        let mut missing: Vec<_> = overrides.difference(&known).collect();
        missing.sort();
        for name in missing {
            self.faults.push(format!("{name} has a content type but does not exist"));
        }
    }

    /// Every target inside the package exists; no identifier is used twice.
    fn relations(&mut self) {
        for (name, text) in self.parts.iter().filter(|(name, _)| name.ends_with(".rels")) {
            // a/_rels/b.xml.rels speaks for a/b.xml: targets are relative to a.
            let folder = name.rsplit_once("_rels/").map_or("", |(folder, _)| folder);
            let mut seen = HashSet::new();
            for tag in tags(text).into_iter().filter(|tag| tag.name == "Relationship") {
                let (id, target) = (tag.get("Id").unwrap_or(""), tag.get("Target").unwrap_or(""));
                if !seen.insert(id.to_owned()) {
                    self.faults.push(format!("{name}: {id} stands twice"));
                }
                let external = tag.get("TargetMode") == Some("External") || target.starts_with('#');
                if !external && !self.parts.contains_key(&resolve(folder, target)) {
                    self.faults.push(format!("{name}: {target} does not exist"));
                }
            }
        }
    }

    /// A name may stand once in a workbook and once for each sheet.
    fn defined_names(&mut self) {
        let mut seen = HashSet::new();
        for tag in tags(&self.parts[&lists::workbook(&self.parts)]) {
            if tag.name == "definedName" {
                let name = tag.get("name").unwrap_or("").to_lowercase();
                let scope = tag.get("localSheetId").unwrap_or("").to_owned();
                if !seen.insert((name.clone(), scope)) {
                    self.faults.push(format!("the defined name {name} stands twice"));
                }
            }
        }
    }

    /// How many `child` elements the element `parent` of the workbook's part of a kind holds.
    fn count_in(&self, kind: &str, parent: &str, child: &str) -> usize {
        let part = lists::related(&self.parts, kind);
        let Some(text) = part.and_then(|part| self.parts.get(&part)) else { return 0 };
        let (mut inside, mut count) = (false, 0);
        let _ = walk(text, |event| match event {
            Event::Start(tag) if local(tag) == parent => inside = true,
            Event::End(tag) if tag.local_name().as_ref() == parent => inside = false,
            Event::Start(tag) | Event::Empty(tag) if inside && local(tag) == child => count += 1,
            _ => (),
        });
        count
    }

    /// In a chart's series the format stands before the marker: Excel repairs the file otherwise.
    fn series_order(&mut self, part: &str, text: &str) {
        let mut open: Vec<String> = Vec::new();
        let (mut marker, mut wrong) = (false, 0);
        let _ = walk(text, |event| {
            let (tag, stays) = match event {
                Event::Start(tag) => (tag, true),
                Event::Empty(tag) => (tag, false),
                Event::End(_) => {
                    open.pop();
                    return;
                }
                _ => return,
            };
            let name = local(tag);
            match (open.last().map(String::as_str), name.as_str()) {
                (_, "ser") => marker = false,
                (Some("ser"), "marker") => marker = true,
                (Some("ser"), "spPr") if marker => wrong += 1,
                _ => (),
            }
            if stays {
                open.push(name);
            }
        });
        if wrong > 0 {
            self.faults.push(format!("{part}: {wrong} series with spPr after marker"));
        }
    }
}

/// Hands every event of an XML text to `see`.
fn walk(text: &str, mut see: impl FnMut(&Event)) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(()),
            Ok(event) => see(&event),
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn local(tag: &BytesStart) -> String {
    tag.local_name().as_ref().to_owned()
}

fn read_tag(tag: &BytesStart) -> Tag {
    let attributes = tag.attributes().flatten().map(|attribute| {
        let name = attribute.key.as_ref().to_owned();
        (name, attribute.value.into_owned())
    });
    Tag { name: local(tag), attributes: attributes.collect() }
}

fn tags(text: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let _ = walk(text, |event| {
        if let Event::Start(tag) | Event::Empty(tag) = event {
            tags.push(read_tag(tag));
        }
    });
    tags
}

/// A relation's target as a part's name.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(path.pop()),
            "." | "" => (),
            part => path.push(part),
        }
    }
    path.join("/")
}
