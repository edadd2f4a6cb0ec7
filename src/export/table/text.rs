//! Tables as text: .csv by RFC 4180, and .jsonl, an object a line.
//!
//! Doubles have a decimal point or an exponent and the fewest digits that read back to the same bits, so
//! that a reader takes a column of whole doubles for what it is.

use std::io::Write;

use super::{Kind, Rows, Table, failed};
use crate::error::Result;
use crate::export::csv;
use crate::threads::in_order;
use crate::trace::Sink;
use crate::value::{Value, with_number_text};

/// How a row becomes text.
pub(super) trait Lines: Sync {
    /// What stands above all rows.
    fn head(&self) -> String;

    /// What stands before the value of a column.
    fn before(&self, column: usize) -> &str;

    /// What stands in the place of a value that is undefined.
    fn undefined(&self) -> &str;

    /// What ends a row.
    fn end(&self) -> &str;
}

/// Writes `table` in the `lines` of a format.
///
/// # Errors
/// When writing fails.
pub(super) fn write(
    table: &Table,
    lines: &dyn Lines,
    out: &mut (dyn Write + Send),
    watch: &mut dyn Sink,
) -> Result<()> {
    out.write_all(lines.head().as_bytes()).map_err(failed)?;
    in_order(
        table.threads,
        || |rows: Rows| text_of(table, lines, &rows),
        |give| table.rows(watch, give),
        |text| out.write_all(&text).map_err(failed),
    )?;
    out.flush().map_err(failed)
}

fn text_of(table: &Table, lines: &dyn Lines, rows: &Rows) -> Vec<u8> {
    /// About as long as a double is with what stands before it.
    const USUAL: usize = 24;
    let count = rows.first().map_or(0, Vec::len);
    let mut text = Vec::with_capacity(count * rows.len() * USUAL);
    for row in 0..count {
        for (at, values) in rows.iter().enumerate() {
            text.extend_from_slice(lines.before(at).as_bytes());
            write_value(&mut text, values[row], table.columns[at].kind, lines.undefined());
        }
        text.extend_from_slice(lines.end().as_bytes());
    }
    text
}

fn write_value(text: &mut Vec<u8>, value: Value, kind: Kind, undefined: &str) {
    match (value.get(), kind) {
        (Err(_), _) => text.extend_from_slice(undefined.as_bytes()),
        (Ok(number), Kind::Count | Kind::Seed) => {
            with_number_text(number, |digits| text.extend_from_slice(digits.as_bytes()));
        }
        (Ok(number), _) => {
            text.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes());
        }
    }
}

/// A .csv file: a line with the names of the columns, then a line a row.
pub(super) struct Csv {
    head: String,
    /// The name of the run with what stands between it and the first value.
    run: String,
}

impl Csv {
    /// That of `table`.
    pub(super) fn new(table: &Table) -> Self {
        let names = table.columns.iter().map(|column| csv::field(&column.name));
        let names: Vec<String> =
            std::iter::once(csv::field(&table.run_column)).chain(names).collect();
        let head = names.join(",") + csv::END;
        Csv { head, run: csv::field(&table.run.sheet.name) + "," }
    }
}

impl Lines for Csv {
    fn head(&self) -> String {
        self.head.clone()
    }

    fn before(&self, column: usize) -> &str {
        if column == 0 { &self.run } else { "," }
    }

    fn undefined(&self) -> &str {
        ""
    }

    fn end(&self) -> &str {
        csv::END
    }
}

/// A .jsonl file: an object a line, with every column in it.
pub(super) struct Jsonl {
    /// What stands before the value of each column.
    before: Vec<String>,
}

impl Jsonl {
    /// That of `table`.
    pub(super) fn new(table: &Table) -> Self {
        let run = format!("{{{}:{}", quoted(&table.run_column), quoted(&table.run.sheet.name));
        let before = table.columns.iter().enumerate().map(|(at, column)| {
            let first = if at == 0 { run.as_str() } else { "" };
            format!("{first},{}:", quoted(&column.name))
        });
        Jsonl { before: before.collect() }
    }
}

impl Lines for Jsonl {
    fn head(&self) -> String {
        String::new()
    }

    fn before(&self, column: usize) -> &str {
        &self.before[column]
    }

    fn undefined(&self) -> &str {
        "null"
    }

    fn end(&self) -> &str {
        "}\n"
    }
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_read_back_to_the_same_bits_and_look_like_doubles() {
        for number in [0.0, -0.0, 29.0, 0.1, -1e-8, 1e300, 5e-324, f64::MAX, 123456789012345680.0] {
            let mut text = Vec::new();
            write_value(&mut text, Value::number(number), Kind::Number, "");
            let text = String::from_utf8(text).unwrap();
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits(), "{text}");
            assert!(text.contains(['.', 'e']), "{text}");
        }
    }
}
