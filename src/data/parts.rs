//! Small parts of an .xlsx that the reading library does not hand out, read once more as text.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::escape::unescape;
use quick_xml::events::BytesStart;
use zip::ZipArchive;

/// What an attribute of a tag says.
pub(super) fn attribute(tag: &BytesStart, key: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|one| one.key.as_ref() == key)?;
    unescape(&attribute.value).ok().map(Cow::into_owned)
}

/// The parts whose names in lower case are wanted, in the order of the archive; those that cannot
/// be read are left out.
pub(super) fn parts(path: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let archive = File::open(path).map(|file| ZipArchive::new(BufReader::new(file)));
    let Ok(Ok(mut archive)) = archive else { return Vec::new() };
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let Ok(mut part) = archive.by_index(index) else { continue };
        let is_wanted = part.name().is_ok_and(|name| is_wanted(&name.to_lowercase()));
        let mut xml = String::new();
        if is_wanted && part.read_to_string(&mut xml).is_ok() {
            parts.push(xml);
        }
    }
    parts
}
