//! What kind of thing a cell holds, as far as a table cares: a number in any form, a word for a
//! missing one, or a text.

use super::dates::{self, Order};
use super::grid::Value;
use super::numbers::{self, Style};

/// A cell of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something where a number was meant to be: also a text, a date, a fault of a formula.
    Number,
    /// A word or a sign for a number that is not there.
    Missing,
    /// Any other text.
    Text,
}

/// What people and programs write for a number that is not there.
const MISSING: &[&str] = &[
    "na", "n/a", "n.a.", "n. a.", "#n/a", "null", "none", "nil", "missing", "unknown", "k.a.",
    "k. a.", "-", "--", "---", "–", "—", "?", "??", ".", "..", "...", "…", "*",
];

/// No word of them is longer, in bytes.
const LONGEST: usize = 9;

fn is_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The kind of a cell that is not blank.
pub(crate) fn kind(value: &Value) -> Kind {
    match value {
        _ if is_missing(value) => Kind::Missing,
        Value::Text(text) if !is_number(text) => Kind::Text,
        _ => Kind::Number,
    }
}

/// Whether a cell says that its number is not there.
pub(crate) fn is_missing(value: &Value) -> bool {
    match value {
        Value::Text(text) if text.len() > LONGEST || is_digit(text) => false,
        Value::Text(text) => MISSING.contains(&text.to_lowercase().as_str()),
        Value::Error(error) => &**error == "#N/A",
        _ => false,
    }
}

/// Whether a text is a number, a date or a logical value.
fn is_number(text: &str) -> bool {
    Style::POINT.number(text).is_some()
        || numbers::is_number(text)
        || logical(text).is_some()
        || dates::parse(text, Order::DayFirst).is_some()
        || dates::parse(text, Order::MonthFirst).is_some()
}

/// The logical value that a text is.
pub(crate) fn logical(text: &str) -> Option<bool> {
    if text.len() > 9 || is_digit(text) {
        return None;
    }
    match text.to_lowercase().as_str() {
        "true" | "wahr" | "vrai" | "verdadero" | "vero" => Some(true),
        "false" | "falsch" | "faux" | "falso" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_texts_or_missing() {
        for (text, expected) in [
            ("12", Kind::Number),
            ("1,5 €", Kind::Number),
            ("2024-01-31", Kind::Number),
            ("NaN", Kind::Number),
            ("true", Kind::Number),
            ("#DIV/0!", Kind::Number),
            ("n/a", Kind::Missing),
            ("#N/A", Kind::Missing),
            ("-", Kind::Missing),
            ("abc", Kind::Text),
            ("12 kg", Kind::Text),
        ] {
            assert_eq!(Value::from_text(text).map(|value| kind(&value)), Some(expected), "{text}");
        }
    }
}
