//! Formula texts in a form that does not change when they are filled.
//!
//! A sheet has many cells and few formulas: `=C4+D4*A4` and, below it, `=C5+D5*A5` are one formula
//! in two places. Every reference is written as a distance from its own cell where it is relative
//! and as a place where it is absolute, so that cells which compute the same have the same text,
//! and only one of them must be understood. This runs over every formula of a workbook, so it is
//! a single pass without a grammar.

use crate::data::address::{MAX_COLUMNS, MAX_ROWS, Position, column_name, parse_column};

/// Begins a reference in a key: `r-1C3` for the row above and the column D, then [`END`].
const BEGIN: char = '\u{1}';
const END: char = '\u{2}';

/// Writes the key of the formula `text` (without its `=`) of the cell `at` behind `key`.
pub(crate) fn write(text: &str, at: Position, key: &mut String) {
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => quoted(rest, first),
            '[' => bracketed(rest),
            '#' => error_value(rest),
            c if c.is_whitespace() => {
                let length = rest.len() - rest.trim_start().len();
                if separates(key, &rest[length..]) {
                    key.push(' ');
                }
                rest = &rest[length..];
                continue;
            }
            c if c.is_ascii_digit() || c == '.' => number(rest),
            c if begins_word(c) => {
                let length = word_length(rest);
                word(&rest[..length], &rest[length..], at, key);
                rest = &rest[length..];
                continue;
            }
            c => c.len_utf8(),
        };
        key.extend(rest[..length].chars().filter(|c| !c.is_control()));
        rest = &rest[length..];
    }
}

/// The formula of `key` as it is written in the cell `at`, without its `=`.
pub(crate) fn text(key: &str, at: Position) -> String {
    let mut text = String::with_capacity(key.len());
    let mut rest = key;
    while let Some((before, behind)) = rest.split_once(BEGIN) {
        text.push_str(before);
        let (reference, behind) = behind.split_once(END).unwrap_or((behind, ""));
        text.push_str(&address(reference, at).unwrap_or_else(|| "#REF!".to_owned()));
        rest = behind;
    }
    text + rest
}

/// The address that a reference of a key means in the cell `at`; none outside of the sheet.
fn address(reference: &str, at: Position) -> Option<String> {
    let split = reference.find(['c', 'C'])?;
    let (row, column) = reference.split_at(split);
    let resolve = |part: &str, from: u32| -> Option<(&'static str, u32)> {
        let number: i64 = part.get(1..)?.parse().ok()?;
        let is_relative = part.starts_with(char::is_lowercase);
        let at = if is_relative { i64::from(from) + number } else { number };
        Some((if is_relative { "" } else { "$" }, u32::try_from(at).ok()?))
    };
    let (row_sign, row) = resolve(row, at.0)?;
    let (column_sign, column) = resolve(column, at.1)?;
    (row < MAX_ROWS && column < MAX_COLUMNS)
        .then(|| format!("{column_sign}{}{row_sign}{}", column_name(column), row + 1))
}

/// The length of a text or of a quoted sheet name, whose quotes are doubled inside.
fn quoted(rest: &str, quote: char) -> usize {
    let mut from = 1;
    loop {
        match rest[from..].find(quote) {
            None => return rest.len(),
            Some(at) if rest[from + at + 1..].starts_with(quote) => from += at + 2,
            Some(at) => return from + at + 1,
        }
    }
}

/// The length of a name of a workbook or of the columns of a table.
fn bracketed(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        depth = match c {
            '[' => depth + 1,
            ']' => depth.saturating_sub(1),
            _ => depth,
        };
        if depth == 0 {
            return at + 1;
        }
    }
    rest.len()
}

/// The length of `#REF!`, `#N/A` and the like, so that their letters are not taken for columns.
fn error_value(rest: &str) -> usize {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '/' || c == '_';
    let end = rest[1..].find(|c| !inner(c)).map_or(rest.len(), |at| at + 1);
    end + usize::from(rest[end..].starts_with(['!', '?']))
}

/// The length of a number: `1`, `.5`, `1e-8`.
fn number(rest: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(rest);
    if rest[length..].starts_with('.') {
        length += 1 + digits(&rest[length + 1..]);
    }
    if rest[length..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[length + 1..].starts_with(['+', '-']));
        let exponent = digits(&rest[length + 1 + sign..]);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

fn begins_word(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '$' | '\\')
}

fn word_length(rest: &str) -> usize {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '\\' | '.' | '?');
    rest.find(|c| !inside(c)).unwrap_or(rest.len())
}

/// Writes a function, a sheet, a cell or a name; what follows it tells them apart.
fn word(word: &str, behind: &str, at: Position, key: &mut String) {
    match behind.trim_start().chars().next() {
        Some('(') => {
            key.push_str(&plain_name(word));
        }
        Some('!') => key.push_str(word),
        _ => match cell(word) {
            Some(cell) => write_cell(cell, at, key),
            None => key.push_str(word.strip_prefix(LOCAL).unwrap_or(word)),
        },
    }
}

/// The mark in the file of a name within a formula: a variable of LET, a parameter of LAMBDA.
pub(crate) const LOCAL: &str = "_xlpm.";

/// The name of a function as people know it: newer ones have marks in the file that nobody sees.
pub(crate) fn plain_name(name: &str) -> String {
    let mut plain = name.to_ascii_uppercase();
    for mark in ["_XLFN.", "_XLWS.", "_XLPM."] {
        if plain.starts_with(mark) {
            plain.drain(..mark.len());
        }
    }
    plain
}

/// The row and the column of `$B$7`, each with whether it is absolute.
type Parts = ((bool, u32), (bool, u32));

/// The parts of a cell's address; none where `word` is something else.
fn cell(word: &str) -> Option<Parts> {
    let letters_from = usize::from(word.starts_with('$'));
    let rest = &word[letters_from..];
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let column = parse_column(&rest[..letters])?;
    let rest = &rest[letters..];
    let rows_from = usize::from(rest.starts_with('$'));
    let digits = &rest[rows_from..];
    if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let row: u32 = digits.parse().ok()?;
    let row = row.checked_sub(1).filter(|row| *row < MAX_ROWS)?;
    Some(((rows_from == 1, row), (letters_from == 1, column)))
}

fn write_cell((row, column): Parts, at: Position, key: &mut String) {
    key.push(BEGIN);
    write_axis('r', row, at.0, key);
    write_axis('c', column, at.1, key);
    key.push(END);
}

fn write_axis(letter: char, (is_absolute, place): (bool, u32), from: u32, key: &mut String) {
    let number = if is_absolute {
        key.push(letter.to_ascii_uppercase());
        place
    } else {
        key.push(letter);
        if place < from {
            key.push('-');
        }
        place.abs_diff(from)
    };
    if number < 10 {
        key.push(char::from(b'0' + number as u8));
    } else {
        key.push_str(&number.to_string());
    }
}

/// Whether a blank parts two operands (where it means their common cells) and is not just layout.
fn separates(key: &str, rest: &str) -> bool {
    let ends = key.ends_with(|c: char| c.is_alphanumeric() || matches!(c, END | ')' | '"' | '\''));
    ends && rest.starts_with(|c: char| begins_word(c) || c.is_numeric() || matches!(c, '(' | '\''))
}

/// The formula of an OpenDocument, such as `of:=SUM([.A1:.A3];1)`, in the notation of Excel.
pub(crate) fn from_open(text: &str) -> String {
    let mut rest = text.split_once('=').map_or(text, |(_, formula)| formula);
    let mut excel = String::with_capacity(rest.len());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => quoted(rest, first),
            '[' => {
                let length = bracketed(rest);
                open_reference(rest[1..length].trim_end_matches(']'), &mut excel);
                rest = &rest[length..];
                continue;
            }
            ';' => {
                excel.push(',');
                rest = &rest[1..];
                continue;
            }
            c => c.len_utf8(),
        };
        excel.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    excel
}

/// What a name of an OpenDocument stands for, an address such as `$setup.$B$1` or a formula, in the
/// notation of Excel.
pub(crate) fn named_in_open(text: &str) -> String {
    match text.contains('=') || text.contains('[') {
        true => from_open(text),
        false => from_open(&format!("[{text}]")),
    }
}

/// `.A1`, `.A1:.B3`, `$'my data'.A1` or `#REF!` in the notation of Excel.
fn open_reference(reference: &str, excel: &mut String) {
    let quoted_to = if let Some(from) = reference.find('\'') {
        from + quoted(&reference[from..], '\'')
    } else {
        0
    };
    let Some(dot) = reference[quoted_to..].find('.').map(|at| at + quoted_to) else {
        excel.push_str(reference);
        return;
    };
    let sheet = reference[..dot].trim_start_matches('$');
    if !sheet.is_empty() {
        excel.push_str(sheet);
        excel.push('!');
    }
    excel.push_str(&reference[dot + 1..].replace(":.", ":"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str, at: Position) -> String {
        let mut key = String::new();
        write(text, at, &mut key);
        key.replace(BEGIN, "{").replace(END, "}")
    }

    #[test]
    fn a_filled_formula_keeps_its_key() {
        assert_eq!(key("C4+D4*A4", (3, 4)), "{r0c-2}+{r0c-1}*{r0c-4}");
        assert_eq!(key("C4+D4*A4", (3, 4)), key("c5 + d5 * a5", (4, 4)));
        assert_eq!(key("D4-L4*$F$1", (3, 12)), key("D5-L5*$F$1", (4, 12)));
        assert_ne!(key("D4-L4*$F$1", (3, 12)), key("D5-L5*F2", (4, 12)));
        assert_eq!(key("$A1+A$12", (0, 1)), "{r0C0}+{R11c-1}");
    }

    #[test]
    fn only_cells_are_cells() {
        let same = |text: &str| assert_eq!(key(text, (0, 0)), text);
        for text in ["\"A1 \"\"B2\"", "'A1''s'!lr", "#REF!", "lr*2", "Table1[A1]", "1E5", "A:A"] {
            same(text);
        }
        assert_eq!(key("'A 1'!B2", (0, 0)), "'A 1'!{r1c1}");
        assert_eq!(key("data!A1", (0, 0)), "data!{r0c0}");
        assert_eq!(key("log10(A1)", (0, 0)), "LOG10({r0c0})");
        assert_eq!(key("_xlfn.SUM( A1 ,2 )", (0, 0)), "SUM({r0c0},2)");
        assert_eq!(key("_xlfn.LET(_xlpm.p,A1,_xlpm.p)", (0, 0)), "LET(p,{r0c0},p)");
        assert_eq!(key("A1 B1", (0, 0)), "{r0c0} {r0c1}");
        assert_eq!(key("rate1a+XFE1+A1048577", (0, 0)), "rate1a+XFE1+A1048577");
        assert_eq!(key("2E-3*A1", (0, 0)), "2E-3*{r0c0}");
    }

    #[test]
    fn a_key_is_written_out_in_any_cell() {
        let mut written = String::new();
        write("D4-L4*$F$1+x!$B2", (3, 12), &mut written);
        assert_eq!(text(&written, (3, 12)), "D4-L4*$F$1+x!$B2");
        assert_eq!(text(&written, (4, 12)), "D5-L5*$F$1+x!$B3");
        assert_eq!(text(&written, (0, 0)), "#REF!-#REF!*$F$1+x!#REF!");
    }

    #[test]
    fn open_document_formulas_become_those_of_excel() {
        for (open, excel) in [
            ("of:=[.C4]+[.D4]*[.A4]", "C4+D4*A4"),
            ("of:=SUM([.F$4:.F32];1)", "SUM(F$4:F32,1)"),
            ("of:=[$data.$B$1]+[$'my data'.B1]", "data!$B$1+'my data'!B1"),
            ("of:=IF([.A1]>0;\";[.A1]\";0)", "IF(A1>0,\";[.A1]\",0)"),
            ("of:=[.#REF!]", "#REF!"),
        ] {
            assert_eq!(from_open(open), excel);
        }
        assert_eq!(named_in_open("$'my data'.$B$1"), "'my data'!$B$1");
        assert_eq!(named_in_open("$setup.$B$1:.$B$4"), "setup!$B$1:$B$4");
        assert_eq!(named_in_open("of:=1-[$setup.$B$1]"), "1-setup!$B$1");
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["", "\"", "'", "[[", "#", "$", "1e", "ä!", "A1:", "$$A1", "é9", "\u{1}r0c0"]
        {
            key(text, (5, 5));
            from_open(text);
            super::text(text, (5, 5));
        }
    }
}
