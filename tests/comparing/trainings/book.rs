//! Workbooks built for a test: cells as text, written without results, as libraries write them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// A place: row and column, counted from 0.
pub type At = (u32, u32);

/// A workbook: sheets with cells. A text that begins with `=` is a formula, `{A1:B2=…` one of an array.
#[derive(Debug, Clone, Default)]
pub struct Book {
    pub sheets: Vec<(String, BTreeMap<At, String>)>,
}

impl Book {
    pub fn new(sheets: &[&str]) -> Book {
        Book { sheets: sheets.iter().map(|name| ((*name).to_owned(), BTreeMap::new())).collect() }
    }

    /// Puts a formula, a number or a text into a cell of a sheet.
    pub fn set(&mut self, sheet: usize, at: At, content: impl ToString) {
        self.sheets[sheet].1.insert(at, content.to_string());
    }

    /// Puts contents into cells beside each other.
    pub fn row(&mut self, sheet: usize, at: At, contents: &[&str]) {
        for (by, content) in (0..).zip(contents) {
            if !content.is_empty() {
                self.set(sheet, (at.0, at.1 + by), content);
            }
        }
    }

    pub fn get(&self, sheet: usize, at: At) -> Option<&str> {
        self.sheets[sheet].1.get(&at).map(String::as_str)
    }

    /// The same with rows for columns.
    pub fn transposed(&self) -> Book {
        let sheets = self.sheets.iter().map(|(name, cells)| {
            let turned = cells.iter().map(|((row, column), content)| {
                let content = match content.starts_with('=') {
                    true => turned_formula(content),
                    false => content.clone(),
                };
                ((*column, *row), content)
            });
            (name.clone(), turned.collect())
        });
        Book { sheets: sheets.collect() }
    }

    /// Writes the workbook without any results.
    pub fn write(&self, path: &Path) {
        let file = std::fs::File::create(path).expect("a file");
        let mut zip = zip::ZipWriter::new(file);
        let mut part = |name: &str, text: &str| {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
            zip.write_all(text.as_bytes()).expect("its text");
        };
        let numbers = 1..=self.sheets.len();
        let types: String = numbers
            .clone()
            .map(|n| {
                format!(
                    r#"<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
                )
            })
            .collect();
        part(
            "[Content_Types].xml",
            &format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>"#
            ),
        );
        part(
            "_rels/.rels",
            r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        );
        let sheets: String = numbers
            .clone()
            .zip(&self.sheets)
            .map(|(n, (name, _))| {
                format!(r#"<sheet name="{}" sheetId="{n}" r:id="rId{n}"/>"#, escaped(name))
            })
            .collect();
        part(
            "xl/workbook.xml",
            &format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>"#
            ),
        );
        let relations: String = numbers
            .map(|n| {
                format!(
                    r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#
                )
            })
            .collect();
        part(
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
            ),
        );
        for (n, (_, cells)) in (1..).zip(&self.sheets) {
            part(&format!("xl/worksheets/sheet{n}.xml"), &sheet(cells));
        }
        zip.finish().expect("a workbook");
    }
}

fn sheet(cells: &BTreeMap<At, String>) -> String {
    let mut text = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    let mut row = None;
    for ((at, column), content) in cells {
        if row != Some(*at) {
            if row.is_some() {
                text.push_str("</row>");
            }
            let _ = write!(text, r#"<row r="{}">"#, at + 1);
            row = Some(*at);
        }
        let name = address((*at, *column));
        if let Some((range, formula)) =
            content.strip_prefix('{').and_then(|all| all.split_once('='))
        {
            let formula = escaped(formula);
            let _ = write!(text, r#"<c r="{name}"><f t="array" ref="{range}">{formula}</f></c>"#);
            continue;
        }
        let _ = match content.strip_prefix('=') {
            Some(formula) => write!(text, r#"<c r="{name}"><f>{}</f></c>"#, escaped(formula)),
            None if content.parse::<f64>().is_ok() => {
                write!(text, r#"<c r="{name}"><v>{content}</v></c>"#)
            }
            None => write!(
                text,
                r#"<c r="{name}" t="inlineStr"><is><t>{}</t></is></c>"#,
                escaped(content.trim_start_matches('\''))
            ),
        };
    }
    if row.is_some() {
        text.push_str("</row>");
    }
    text + "</sheetData></worksheet>"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `B7`
pub fn address((row, column): At) -> String {
    format!("{}{}", letters(column), row + 1)
}

/// The letters of a column.
pub fn letters(column: u32) -> String {
    let mut text = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        text.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    text
}

/// A part of a formula: a reference with its `$`, or other text.
pub enum Piece {
    Reference { row: u32, column: u32, fixed: (bool, bool) },
    Text(String),
}

/// A formula as references and what stands between them; of sheets' names and functions neither.
pub fn pieces(formula: &str) -> Vec<Piece> {
    let chars: Vec<char> = formula.chars().collect();
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '\'' {
            let end = chars[at + 1..]
                .iter()
                .position(|c| *c == '\'')
                .map_or(chars.len(), |by| at + by + 2);
            text.extend(&chars[at..end]);
            at = end;
            continue;
        }
        if chars[at].is_ascii_alphabetic() || chars[at] == '$' {
            let end = chars[at..]
                .iter()
                .position(|c| !c.is_ascii_alphanumeric() && *c != '$' && *c != '_' && *c != '.')
                .map_or(chars.len(), |by| at + by);
            let word: String = chars[at..end].iter().collect();
            let is_name = matches!(chars.get(end), Some('(' | '!'));
            match reference(&word).filter(|_| !is_name) {
                Some(found) => {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(found);
                }
                None => text.push_str(&word),
            }
            at = end;
            continue;
        }
        text.push(chars[at]);
        at += 1;
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn reference(word: &str) -> Option<Piece> {
    let column_fixed = word.starts_with('$');
    let rest = word.strip_prefix('$').unwrap_or(word);
    let split = rest.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, rest) = rest.split_at(split);
    let row_fixed = rest.starts_with('$');
    let row: u32 = rest.strip_prefix('$').unwrap_or(rest).parse().ok()?;
    if letters.is_empty() || row == 0 {
        return None;
    }
    let column = letters.chars().fold(0, |sum, c| sum * 26 + (c.to_ascii_uppercase() as u32 - 64));
    Some(Piece::Reference { row: row - 1, column: column - 1, fixed: (row_fixed, column_fixed) })
}

/// A formula with every reference changed.
pub fn rewritten(formula: &str, change: impl Fn(u32, u32, (bool, bool)) -> String) -> String {
    let parts = pieces(formula).into_iter().map(|piece| match piece {
        Piece::Reference { row, column, fixed } => change(row, column, fixed),
        Piece::Text(text) => text,
    });
    parts.collect()
}

fn written(row: u32, column: u32, fixed: (bool, bool)) -> String {
    let sign = |fixed| if fixed { "$" } else { "" };
    format!("{}{}{}{}", sign(fixed.1), letters(column), sign(fixed.0), row + 1)
}

fn turned_formula(formula: &str) -> String {
    rewritten(formula, |row, column, fixed| written(column, row, (fixed.1, fixed.0)))
}

/// A formula filled so many rows down and columns to the right.
pub fn filled(formula: &str, rows: i64, columns: i64) -> String {
    rewritten(formula, |row, column, fixed| {
        let moved = |at: u32, by: i64, fixed: bool| {
            if fixed { at } else { (i64::from(at) + by).max(0) as u32 }
        };
        written(moved(row, rows, fixed.0), moved(column, columns, fixed.1), fixed)
    })
}

/// A formula with one cell in the place of another wherever it stands, with the `$` that stood there.
pub fn exchanged(formula: &str, old: At, new: At) -> String {
    rewritten(formula, |row, column, fixed| match (row, column) == old {
        true => written(new.0, new.1, fixed),
        false => written(row, column, fixed),
    })
}
