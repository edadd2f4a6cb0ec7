//! Reading .csv: text with delimiters, as spreadsheets write it in any country.
//!
//! The delimiter and the decimal sign are recognized from the text, because a person with a
//! German Excel cannot know that `1,5;2,5` is unusual elsewhere. The fields become the cells of a
//! grid at the addresses that a spreadsheet would give them, so that errors name a cell here too.
//! Rows are split by hand: the csv crate drops blank lines, which end a table.

use std::path::Path;

use super::Selection;
use super::grid::{Grid, Value};
use super::source;
use crate::error::{Error, Result};

/// What is tried as a delimiter. Where two fit equally well the earlier wins: a comma may be a
/// decimal sign, a tab hardly anything else.
const DELIMITERS: [char; 4] = ['\t', ';', '|', ','];

/// The number of lines that decide about the delimiter.
const SAMPLE_ROWS: usize = 200;

/// The fields of a text, row by row; a blank line is a row without fields.
type Rows = Vec<Vec<String>>;

/// A .csv file as cells, and what should be said about the reading.
pub(crate) struct Table {
    /// The cells.
    pub grid: Grid,
    /// Lines for the user.
    pub notes: Vec<String>,
}

/// Reads the .csv file at `path`.
///
/// # Errors
///
/// Where the file cannot be read, is no text in UTF-8 or UTF-16, has a quote that is never closed
/// or too many cells.
pub(crate) fn read(path: &Path, selection: &Selection) -> Result<Table> {
    let bytes = std::fs::read(path).map_err(|error| Error::io("read the file", path, &error))?;
    let text = decode(&bytes, path)?;
    let (declared, text) = declared_delimiter(&text);
    let delimiter = selection.delimiter.or(declared).unwrap_or_else(|| find_delimiter(text));
    let rows = split(text, delimiter, usize::MAX).map_err(|line| unclosed_quote(path, line))?;
    let decimal = selection.decimal.unwrap_or_else(|| find_decimal(&rows));
    let mut notes = Vec::new();
    if selection.decimal.is_none() && decimal == ',' {
        notes.extend(thousands_note(&rows));
    }
    let grid = to_grid(&rows, decimal).ok_or_else(|| source::too_many_cells(path, ""))?;
    Ok(Table { grid, notes })
}

/// The text of the file, from UTF-8 or UTF-16 with a byte order mark.
fn decode(bytes: &[u8], path: &Path) -> Result<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        return Ok(wide(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        return Ok(wide(rest, u16::from_be_bytes));
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(Error::new("the file is not text (it holds bytes of value 0)")
            .in_file(path)
            .help("save the sheet as \"CSV UTF-8\" from a spreadsheet program"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let at = error.valid_up_to();
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            let byte = bytes.get(at).copied().unwrap_or_default();
            Err(Error::new(format!("the text is not UTF-8 (byte 0x{byte:02X} in line {line})"))
                .in_file(path)
                .help("save the sheet as \"CSV UTF-8\" from a spreadsheet program"))
        }
    }
}

fn unclosed_quote(path: &Path, line: usize) -> Error {
    Error::new(format!("the quote that opens in line {line} is never closed"))
        .in_file(path)
        .help("close it with \", or write \"\" for a quote inside a quoted field")
}

/// Takes the line `sep=;` from the text, by which Excel is told the delimiter and which it hides.
fn declared_delimiter(text: &str) -> (Option<char>, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    match line
        .trim_end_matches('\r')
        .strip_prefix("sep=")
        .map(|d| (d.chars().next(), d.chars().count()))
    {
        Some((Some(delimiter), 1)) => (Some(delimiter), rest),
        _ => (None, text),
    }
}

/// The delimiter that gives the most rows the same number of fields, at least two.
fn find_delimiter(text: &str) -> char {
    let mut best = (',', 0);
    for delimiter in DELIMITERS {
        let rows = split(text, delimiter, SAMPLE_ROWS).unwrap_or_default();
        let mut counts: Vec<usize> = rows.iter().map(Vec::len).filter(|n| *n >= 2).collect();
        counts.sort_unstable();
        let agreeing = counts.chunk_by(|a, b| a == b).map(<[usize]>::len).max().unwrap_or(0);
        if agreeing > best.1 {
            best = (delimiter, agreeing);
        }
    }
    best.0
}

/// The decimal sign that more fields use; the point where neither does.
fn find_decimal(rows: &Rows) -> char {
    let count = |decimal: char| fields(rows).filter(|field| is_decimal(field, decimal)).count();
    if count(',') > count('.') { ',' } else { '.' }
}

fn fields(rows: &Rows) -> impl Iterator<Item = &str> {
    rows.iter().flatten().map(|field| field.trim())
}

/// Whether the field is a number that uses `decimal`.
fn is_decimal(field: &str, decimal: char) -> bool {
    field.contains(decimal) && matches!(parse_number(field, decimal), Some(n) if n.is_finite())
}

/// Says so where every decimal comma could as well separate thousands.
fn thousands_note(rows: &Rows) -> Option<String> {
    let is_ambiguous = |field: &&str| {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let (whole, rest) =
            field.trim_start_matches(['-', '+']).split_once(',').unwrap_or(("", ""));
        (1..=3).contains(&whole.len())
            && rest.len() == 3
            && digits(whole)
            && digits(rest)
            && !whole.starts_with('0')
    };
    let mut with_comma = fields(rows).filter(|field| is_decimal(field, ','));
    let first = with_comma.next().filter(is_ambiguous)?;
    with_comma.all(|field| is_ambiguous(&field)).then(|| {
        let point = first.replace(',', ".");
        format!(
            "the comma is read as the decimal sign: {first} is {point}; where it separates \
             thousands, save the numbers without it"
        )
    })
}

/// The number in a field, where it is one; NaN and infinity are left for the caller to refuse.
fn parse_number(field: &str, decimal: char) -> Option<f64> {
    if decimal == '.' {
        return field.parse().ok();
    }
    if field.contains('.') || field.matches(decimal).count() > 1 {
        return None;
    }
    field.replace(decimal, ".").parse().ok()
}

fn to_grid(rows: &Rows, decimal: char) -> Option<Grid> {
    let mut grid = Grid::default();
    for (row, fields) in rows.iter().enumerate() {
        for (column, field) in fields.iter().enumerate() {
            let field = field.trim();
            let number = parse_number(field, decimal).map(Value::Number);
            if let Some(value) = number.or_else(|| Value::from_text(field)) {
                let position = (u32::try_from(row).ok()?, u32::try_from(column).ok()?);
                grid.push(position, value).ok()?;
            }
        }
    }
    Some(grid.finish())
}

/// Splits a text into at most `limit` rows of fields; the error is the line of an open quote.
///
/// A quote opens a quoted field only at the field's start, as in RFC 4180; a line ends with LF,
/// CRLF or CR.
fn split(text: &str, delimiter: char, limit: usize) -> Result<Rows, usize> {
    let mut rows = Rows::new();
    let mut row = Vec::new();
    let mut field = String::new();
    let mut line = 1;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if field.trim().is_empty() => {
                field.clear();
                line += quoted(&mut chars, &mut field).ok_or(line)?;
            }
            '\r' | '\n' => {
                if c == '\r' {
                    chars.next_if_eq(&'\n');
                }
                line += 1;
                end_row(&mut rows, &mut row, &mut field);
                if rows.len() == limit {
                    return Ok(rows);
                }
            }
            c if c == delimiter => row.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    if !row.is_empty() || !field.is_empty() {
        end_row(&mut rows, &mut row, &mut field);
    }
    Ok(rows)
}

fn end_row(rows: &mut Rows, row: &mut Vec<String>, field: &mut String) {
    if !row.is_empty() || !field.trim().is_empty() {
        row.push(std::mem::take(field));
    }
    field.clear();
    rows.push(std::mem::take(row));
}

/// Reads a quoted field up to its closing quote; the number of line ends in it, none where it is
/// never closed.
fn quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    field: &mut String,
) -> Option<usize> {
    let mut lines = 0;
    loop {
        match chars.next()? {
            '"' if chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => return Some(lines),
            c => {
                lines += usize::from(c == '\n');
                field.push(c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_places() {
        let rows = split("x,y\r\n\r\n1,\"a \"\"b\"\", c\"\n2\r3,4", ',', usize::MAX);
        let expected: Rows = vec![
            vec!["x".into(), "y".into()],
            vec![],
            vec!["1".into(), "a \"b\", c".into()],
            vec!["2".into()],
            vec!["3".into(), "4".into()],
        ];
        assert_eq!(rows, Ok(expected));
        assert_eq!(split("a\n\"b\nc", ',', usize::MAX), Err(2));
    }

    #[test]
    fn delimiters_are_found() {
        for (text, delimiter) in [
            ("x,y\n1,2", ','),
            ("x;y\n1,5;2,5", ';'),
            ("1,5;2,5\n3,5;4,5", ';'),
            ("x\ty\n1\t2", '\t'),
            ("x|y\n1|2", '|'),
            ("a title\nx,y,note\n1,2,a;b\n3,4,c", ','),
            ("x", ','),
        ] {
            assert_eq!(find_delimiter(text), delimiter, "{text}");
        }
        assert_eq!(declared_delimiter("sep=;\r\nx;y"), (Some(';'), "x;y"));
    }

    #[test]
    fn decimal_signs_are_found() {
        for (text, decimal) in [("1,5;2", ','), ("1.5;2", '.'), ("1;2", '.'), ("a,b;2.5", '.')] {
            let rows = split(text, ';', usize::MAX).expect("no quotes");
            assert_eq!(find_decimal(&rows), decimal, "{text}");
        }
        assert_eq!(parse_number("1,5e3", ','), Some(1500.0));
        assert_eq!(parse_number("1.5", ','), None);
        assert_eq!(parse_number("1,234,5", ','), None);
    }
}
