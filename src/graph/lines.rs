//! Logs of JSON: an object a line, whose keys are the columns; or one document, a list of such objects
//! or an object with a list for each column.

use std::path::Path;

use serde_json::{Map, Value};

use super::sheet::Content;
use crate::data::address::Position;
use crate::error::{Error, Result};

/// Whether the file at `path` is one, by its name.
pub(crate) fn are_in(path: &Path) -> bool {
    let extension = path.extension().and_then(|one| one.to_str()).unwrap_or_default();
    ["jsonl", "ndjson", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// The cells of a log, row by row, the keys above them; `{"w": {"grad": [1, 2]}}` has the columns
/// `w.grad[0]` and `w.grad[1]`.
///
/// # Errors
/// A file that cannot be read, or a line that is no object.
pub(super) fn cells(path: &Path) -> Result<Vec<(Position, Content)>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::new(format!("cannot be read: {error}")).in_file(path))?;
    let mut keys: Vec<String> = Vec::new();
    let mut cells = Vec::new();
    for (row, object) in (1..).zip(objects(path, &text)?) {
        let mut found = Vec::new();
        flatten("", &object, &mut found);
        for (key, content) in found {
            let column = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                keys.push(key);
                keys.len() - 1
            });
            cells.push(((row, column as u32), content));
        }
    }
    let heads = keys.into_iter().enumerate();
    let heads = heads.map(|(at, key)| ((0, at as u32), Content::Text(key.into())));
    let mut all: Vec<(Position, Content)> = heads.chain(cells).collect();
    all.sort_by_key(|(at, _)| *at);
    Ok(all)
}

/// The objects of the rows.
fn objects(path: &Path, text: &str) -> Result<Vec<Value>> {
    if let Some(rows) = serde_json::from_str(text).ok().and_then(|document| rows(&document)) {
        return Ok(rows);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let object = |(at, line): (usize, &str)| match serde_json::from_str(line) {
        Ok(object @ Value::Object(_)) => Ok(object),
        _ => Err(Error::new(format!("line {} is no JSON object", at + 1))
            .in_file(path)
            .help("a .jsonl log has an object a line: {\"step\": 1, \"w\": 0.5, \"w.grad\": -2}")),
    };
    lines.map(object).collect()
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
    lists("", document, &mut columns);
    let longest = columns.iter().map(|(_, list)| list.len()).max().filter(|most| *most > 1)?;
    let row = |at: usize| {
        let cells = columns.iter();
        let cells = cells.filter_map(|(key, list)| Some((key.clone(), list.get(at)?.clone())));
        Value::Object(cells.collect())
    };
    Some((0..longest).map(row).collect())
}

/// All lists of a document, also those of objects inside it.
fn lists<'v>(name: &str, value: &'v Value, found: &mut Vec<(String, &'v [Value])>) {
    match value {
        Value::Object(parts) => {
            parts.iter().for_each(|(key, part)| lists(&inside(name, key), part, found));
        }
        Value::Array(list) => found.push((name.to_owned(), list)),
        _ => {}
    }
}

/// What a part of an object is called.
fn inside(name: &str, key: &str) -> String {
    if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") }
}

fn flatten(name: &str, value: &Value, found: &mut Vec<(String, Content)>) {
    match value {
        Value::Object(parts) => {
            parts.iter().for_each(|(key, part)| flatten(&inside(name, key), part, found));
        }
        Value::Array(parts) => parts
            .iter()
            .enumerate()
            .for_each(|(at, part)| flatten(&format!("{name}[{at}]"), part, found)),
        Value::Number(number) => {
            found.extend(number.as_f64().map(|number| (name.to_owned(), Content::Number(number))));
        }
        Value::String(text) => {
            // Not-a-number and infinity are texts in JSON.
            found.push((name.to_owned(), Content::Text(text.as_str().into())));
        }
        Value::Bool(_) | Value::Null => {}
    }
}
