//! Logs of JSON: an object a line, whose keys are the columns; or one document, a list of such objects
//! or an object with a list for each column.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::sheet::Content;
use crate::data::address::Position;
use crate::data::grid::MAX_CELLS;
use crate::data::text;
use crate::error::{Error, Result};

/// The most bytes of a document; a log with an object a line may be of any size.
const MAX_DOCUMENT: u64 = 1 << 27;
/// What a document may take in memory, and what its parts take there at most: 512 MiB.
const MAX_ROOM: u64 = 1 << 29;
const OBJECT: u64 = 700;
const MEMBER: u64 = 120;
const ELEMENT: u64 = 40;
/// The most bytes of all texts, and of the names in a row: 256 MiB.
const MAX_TEXT: usize = 1 << 28;

/// Whether the file at `path` is one, by its name.
pub(crate) fn are_in(path: &Path) -> bool {
    let extension = path.extension().and_then(|one| one.to_str()).unwrap_or_default();
    ["jsonl", "ndjson", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// The cells of a log, row by row, the keys above them; `{"w": {"grad": [1, 2]}}` has the columns
/// `w.grad[0]` and `w.grad[1]`.
///
/// # Errors
/// A file that cannot be read, a line that is no object, or too many cells.
pub(super) fn cells(path: &Path) -> Result<Vec<(Position, Content)>> {
    let mut table = Table::default();
    let document = document(path)?;
    let rows = document.as_ref().map(|document| document.as_ref().and_then(rows));
    match rows {
        Some(Some(rows)) => rows.iter().try_for_each(|row| table.add(path, row))?,
        rows => each_object(path, rows.is_none(), &mut |object| table.add(path, object))?,
    }
    Ok(table.cells())
}

/// The rows so far, and what their columns are called.
#[derive(Default)]
struct Table {
    columns: HashMap<String, u32>,
    cells: Vec<(Position, Content)>,
    rows: u32,
    /// The bytes of all texts that are kept.
    text: usize,
}

impl Table {
    fn add(&mut self, path: &Path, object: &Value) -> Result<()> {
        self.rows += 1;
        let mut found = Found { cells: Vec::new(), text: self.text, names: 0 };
        if !found.add("", object) || self.cells.len() + found.cells.len() > MAX_CELLS {
            let what = format!(
                "there are more than {MAX_CELLS} numbers, or texts of more than {} MiB",
                MAX_TEXT >> 20
            );
            let help = "write the rows of the training, with short names for its numbers";
            return Err(Error::new(what).in_file(path).help(help));
        }
        self.text = found.text;
        for (key, content) in found.cells {
            let next = self.columns.len() as u32;
            let column = *self.columns.entry(key).or_insert_with_key(|key| {
                self.text += key.len();
                next
            });
            self.cells.push(((self.rows, column), content));
        }
        Ok(())
    }

    fn cells(self) -> Vec<(Position, Content)> {
        let heads = self.columns.into_iter();
        let heads = heads.map(|(key, at)| ((0, at), Content::Text(key.into())));
        let mut all: Vec<(Position, Content)> = heads.chain(self.cells).collect();
        all.sort_by_key(|(at, _)| *at);
        all
    }
}

/// The file as one document, with what that is, where it is one; none where a document could take too
/// much memory: it is held as a whole, and takes many times the room of its text.
fn document(path: &Path) -> Result<Option<Option<Value>>> {
    let size = std::fs::metadata(path).map_err(|error| cannot_read(path, &error))?.len();
    if size > MAX_DOCUMENT {
        return Ok(None);
    }
    let text = std::fs::read(path).map_err(|error| cannot_read(path, &error))?;
    let takes_little = room(&text) <= MAX_ROOM;
    Ok(takes_little.then(|| serde_json::from_slice(&text).ok()))
}

/// The bytes that a JSON text takes at most once it is read.
fn room(text: &[u8]) -> u64 {
    let of = |byte: &u8| match byte {
        b'{' => OBJECT,
        b':' => MEMBER,
        b',' | b'[' => ELEMENT,
        _ => 1,
    };
    text.iter().map(of).sum()
}

/// Hands the object of each line to `take`; `is_large` says that the file may be a document which is
/// too large.
fn each_object(
    path: &Path,
    is_large: bool,
    take: &mut dyn FnMut(&Value) -> Result<()>,
) -> Result<()> {
    let wrong = |what: String| {
        let help = "a .jsonl log has an object a line: {\"step\": 1, \"w\": 0.5, \"w.grad\": -2}";
        Err(Error::new(what).in_file(path).help(help))
    };
    let (mut number, mut outcome) = (0, Ok(()));
    text::each_line(path, &mut |line| {
        number += 1;
        if line.trim().is_empty() {
            return true;
        }
        let is_small = room(line.as_bytes()) <= MAX_ROOM;
        outcome = match is_small.then(|| serde_json::from_str(line)) {
            Some(Ok(object @ Value::Object(_))) => take(&object),
            None => wrong(format!("line {number} takes too much memory")),
            _ if is_large => wrong("a JSON document of this size takes too much memory".to_owned()),
            Some(_) => wrong(format!("line {number} is no JSON object")),
        };
        outcome.is_ok()
    })?;
    outcome
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot be read: {error}")).in_file(path)
}

/// The rows of a document: its list of objects, or an object with a list for each column.
fn rows(document: &Value) -> Option<Vec<Value>> {
    let is_rows = |one: &&Value| {
        one.as_array().is_some_and(|all| all.len() > 1 && all.iter().all(Value::is_object))
    };
    let inside = document.as_object().into_iter().flat_map(Map::values);
    if let Some(rows) = std::iter::once(document).chain(inside).find(is_rows) {
        return rows.as_array().cloned();
    }
    let mut columns = Vec::new();
    lists("", document, &mut columns, &mut 0)?;
    let takes = |(name, list): &(String, &[Value])| (name.len() + OBJECT as usize) * list.len();
    if columns.iter().map(takes).sum::<usize>() as u64 > MAX_ROOM {
        return None;
    }
    let longest = columns.iter().map(|(_, list)| list.len()).max().filter(|most| *most > 1)?;
    let row = |at: usize| {
        let cells = columns.iter();
        let cells = cells.filter_map(|(key, list)| Some((key.clone(), list.get(at)?.clone())));
        Value::Object(cells.collect())
    };
    Some((0..longest).map(row).collect())
}

/// All lists of a document, also those of objects inside it; none where their names take too much
/// memory.
fn lists<'v>(
    name: &str,
    value: &'v Value,
    found: &mut Vec<(String, &'v [Value])>,
    taken: &mut usize,
) -> Option<()> {
    *taken += name.len();
    match value {
        _ if *taken > MAX_TEXT => return None,
        Value::Object(parts) => {
            for (key, part) in parts {
                lists(&inside(name, key), part, found, taken)?;
            }
        }
        Value::Array(list) => found.push((name.to_owned(), list)),
        _ => {}
    }
    Some(())
}

/// What a part of an object is called.
fn inside(name: &str, key: &str) -> String {
    if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") }
}

/// The cells of an object.
struct Found {
    cells: Vec<(String, Content)>,
    /// The bytes of all texts so far, and of the names of this row.
    text: usize,
    names: usize,
}

impl Found {
    /// Adds what `value`, which is called `name`, holds; whether there is room for it.
    fn add(&mut self, name: &str, value: &Value) -> bool {
        match value {
            Value::Object(parts) => {
                parts.iter().all(|(key, part)| self.add(&inside(name, key), part))
            }
            Value::Array(parts) => {
                parts.iter().enumerate().all(|(at, part)| self.add(&format!("{name}[{at}]"), part))
            }
            Value::Number(number) => match number.as_f64() {
                Some(number) => self.push(name, Content::Number(number), 0),
                None => true,
            },
            // Not-a-number and infinity are texts in JSON.
            Value::String(text) => self.push(name, Content::Text(text.as_str().into()), text.len()),
            Value::Bool(_) | Value::Null => true,
        }
    }

    fn push(&mut self, name: &str, content: Content, text: usize) -> bool {
        self.text += text;
        self.names += name.len();
        self.cells.push((name.to_owned(), content));
        self.cells.len() <= MAX_CELLS && self.text.max(self.names) <= MAX_TEXT
    }
}
