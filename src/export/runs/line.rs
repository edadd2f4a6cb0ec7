//! A row as a line of comma-separated values (RFC 4180), and back.
//!
//! Numbers have the shortest text that reads back to the same bits. What does not exist is empty.

use super::row::{Field, Rows};
use crate::export::csv;
use crate::export::table::Kind;
use crate::value::number_text;

/// The first line of a part.
pub fn head(rows: &Rows) -> String {
    line(rows.columns().iter().map(|(name, _)| csv::field(name)))
}

/// A row as a line.
pub fn text(row: &[Field]) -> String {
    line(row.iter().map(|field| match field {
        Field::Text(text) => csv::field(text),
        Field::Count(count) => count.map_or(String::new(), |count| count.to_string()),
        Field::Number(number) => number.map_or(String::new(), number_of),
    }))
}

/// The row that a line is, whose columns are of these kinds; none where it is no such line.
pub fn read(kinds: &[Kind], line: &[u8]) -> Option<Vec<Field>> {
    let texts = csv::fields(std::str::from_utf8(line).ok()?)?;
    if texts.len() != kinds.len() {
        return None;
    }
    kinds.iter().zip(texts).map(|(kind, text)| field(*kind, text)).collect()
}

fn line(fields: impl Iterator<Item = String>) -> String {
    fields.collect::<Vec<String>>().join(",") + csv::END
}

fn number_of(number: f64) -> String {
    match number.is_finite() {
        true => number_text(number),
        // As they are written everywhere: NaN, inf.
        false => number.to_string(),
    }
}

fn field(kind: Kind, text: String) -> Option<Field> {
    Some(match (kind, text.as_str()) {
        (Kind::Text, _) => Field::Text(text),
        (Kind::Count | Kind::Seed, "") => Field::Count(None),
        (Kind::Count | Kind::Seed, digits) => Field::Count(Some(digits.parse().ok()?)),
        (Kind::Number, "") => Field::Number(None),
        (Kind::Number, number) => Field::Number(Some(number.parse().ok()?)),
    })
}
