//! Logs of JSON: an object a line, whose keys are the columns.

use std::path::Path;

use serde_json::Value;

use super::sheet::Content;
use crate::data::address::Position;
use crate::error::{Error, Result};

/// Whether the file at `path` is one, by its name.
pub(crate) fn are_in(path: &Path) -> bool {
    let extension = path.extension().and_then(|one| one.to_str()).unwrap_or_default();
    ["jsonl", "ndjson"].iter().any(|known| extension.eq_ignore_ascii_case(known))
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
    let mut row = 0;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let object = match serde_json::from_str(line) {
            Ok(object @ Value::Object(_)) => object,
            _ => {
                return Err(Error::new(format!("line {} is no JSON object", at + 1))
                    .in_file(path)
                    .help("a .jsonl log has an object a line: {\"step\": 1, \"w\": 0.5, \"w.grad\": -2}"));
            }
        };
        row += 1;
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

fn flatten(name: &str, value: &Value, found: &mut Vec<(String, Content)>) {
    match value {
        Value::Object(parts) => parts.iter().for_each(|(key, part)| {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            flatten(&name, part, found);
        }),
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
