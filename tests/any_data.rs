//! Tables as people keep them, found without an option: what is taken from each, and what is said.

#[allow(dead_code)]
#[path = "fixtures/books.rs"]
mod books;
#[path = "fixtures/kinds.rs"]
mod kinds;

use std::path::Path;

use books::{Folder, options};
use gdtrace::data::{Data, read};
use kinds::{SHEETS, TEXTS};

/// What was taken, as far as `expected` asks for it: values only where it has a list of them.
fn taken(data: &Data, expected: &str) -> String {
    let mut out = format!("{} {}", data.sheet, data.range);
    for column in &data.columns {
        let header = column.header.as_deref().unwrap_or("");
        out += &format!(" {}={} '{header}'", column.name, column.cells);
        let values = format!(" {:?}", column.values);
        if expected.contains(&values) {
            out += &values;
        }
    }
    let left: Vec<String> = data.left_out.iter().map(|one| one.to_string()).collect();
    let left: Vec<String> = left.iter().filter(|one| !one.is_empty()).cloned().collect();
    if !left.is_empty() {
        out += &format!(" left {}", left.join(",").replace(", ", ","));
    }
    out
}

fn check(name: &str, path: &Path, text: &str, expected: &str, notes: &[&str]) -> Option<String> {
    let data = match read(path, &options(text)) {
        Ok(data) => data,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    let found = taken(&data, expected);
    let lacks = notes.iter().find(|note| !data.notes.iter().any(|said| said.contains(**note)));
    match (found == expected, lacks) {
        (true, None) => None,
        _ => {
            Some(format!("{name}\n  found    {found}\n  expected {expected}\n  {:#?}", data.notes))
        }
    }
}

#[test]
fn every_sheet_that_people_keep_is_read() {
    let folder = Folder::new();
    let wrong: Vec<String> = SHEETS
        .iter()
        .filter_map(|(name, lines, text, expected, notes)| {
            let path = folder.book("book.xlsx", &[("data", lines)]);
            check(name, &path, text, expected, notes)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_text_that_people_keep_is_read() {
    let folder = Folder::new();
    let wrong: Vec<String> = TEXTS
        .iter()
        .filter_map(|(name, content, text, expected, notes)| {
            check(name, &folder.file(name, content), text, expected, notes)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
