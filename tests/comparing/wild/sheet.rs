//! Hand-built sheets from a few words: the columns of a table with their formulas, and single cells.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::common::books::{Folder, raw_parts, zipped};

/// A column: its name in formulas, its header, its formula, and what the first row has instead.
/// In a formula `{x}` is the cell of the column `x` in this row, `{^x}` that in the row above and
/// `{row}` the number of the row; without a formula a column holds the samples.
pub type Column = (&'static str, &'static str, &'static str, &'static str);

pub const XS: [u32; 12] = [14, 86, 28, 51, 29, 72, 62, 84, 15, 42, 47, 35];

/// The cells of a sheet by row and column, from 0: numbers, texts and formulas with `=`.
#[derive(Clone, Default)]
pub struct Cells(BTreeMap<(u32, u32), String>);

impl Cells {
    pub fn set(&mut self, at: &str, content: &str) {
        let digits = at.find(|c: char| c.is_ascii_digit()).expect("a row");
        let column = at[..digits].bytes().fold(0, |n, b| n * 26 + u32::from(b - b'A') + 1) - 1;
        let place = (at[digits..].parse::<u32>().expect("a row") - 1, column);
        match content {
            "" => self.0.remove(&place),
            content => self.0.insert(place, content.to_owned()),
        };
    }

    /// Several cells: `A1 lr; B1 0.1`.
    pub fn with(mut self, cells: &str) -> Cells {
        for cell in cells.split(';').map(str::trim).filter(|cell| !cell.is_empty()) {
            let (at, content) = cell.split_once(' ').unwrap_or((cell, ""));
            self.set(at, content);
        }
        self
    }

    /// A table with its headers in row `top` (from 1) and its first column `left` (from 0).
    pub fn table(mut self, top: u32, left: u32, columns: &[Column]) -> Cells {
        let name = |at: usize| letters(left + at as u32);
        for (at, (_, header, formula, first)) in columns.iter().enumerate() {
            if !header.is_empty() {
                self.set(&format!("{}{top}", name(at)), header);
            }
            for (row, x) in (top + 1..).zip(XS) {
                let formula = if row == top + 1 && !first.is_empty() { first } else { formula };
                let mut content = match *formula {
                    "x" => x.to_string(),
                    "y" => (2 * x + 30).to_string(),
                    formula => formula.replace("{row}", &row.to_string()),
                };
                for (other, (key, ..)) in columns.iter().enumerate() {
                    content =
                        content.replace(&format!("{{{key}}}"), &format!("{}{row}", name(other)));
                    let above = format!("{}{}", name(other), row - 1);
                    content = content.replace(&format!("{{^{key}}}"), &above);
                }
                self.set(&format!("{}{row}", name(at)), &content);
            }
        }
        self
    }

    /// The rows as XML, without any stored result.
    pub fn xml(&self) -> String {
        let mut rows: BTreeMap<u32, String> = BTreeMap::new();
        for ((row, column), content) in &self.0 {
            let name = format!("{}{}", letters(*column), row + 1);
            let escaped = content.replace('&', "&amp;").replace('<', "&lt;");
            *rows.entry(*row).or_default() +=
                &match (escaped.strip_prefix('='), content.parse::<f64>()) {
                    (Some(formula), _) => format!("<c r=\"{name}\"><f>{formula}</f></c>"),
                    (None, Ok(number)) => format!("<c r=\"{name}\"><v>{number}</v></c>"),
                    (None, Err(_)) => {
                        let text = escaped.trim_start_matches('\'');
                        format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
                    }
                };
        }
        let row = |(row, cells): (u32, String)| format!("<row r=\"{}\">{cells}</row>", row + 1);
        rows.into_iter().map(row).collect()
    }

    pub fn write(&self, folder: &Folder, name: &str) -> PathBuf {
        folder.raw(name, &self.xml())
    }

    /// As a workbook in which the cells `area` are the Excel table `called`.
    pub fn write_with_table(
        &self,
        folder: &Folder,
        name: &str,
        called: &str,
        area: &str,
        headers: &[&str],
    ) {
        let columns: String = headers
            .iter()
            .enumerate()
            .map(|(at, header)| format!("<tableColumn id=\"{}\" name=\"{header}\"/>", at + 1))
            .collect();
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let mut parts = raw_parts(&self.xml());
        parts.push((
            "xl/worksheets/_rels/sheet1.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" \
                 Type=\"{office}/table\" Target=\"../tables/table1.xml\"/></Relationships>"
            ),
        ));
        parts.push((
            "xl/tables/table1.xml",
            format!(
                "<table xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                 id=\"1\" name=\"{called}\" displayName=\"{called}\" ref=\"{area}\">\
                 <tableColumns>{columns}</tableColumns></table>"
            ),
        ));
        zipped(&folder.path(name), &parts);
    }
}

fn letters(column: u32) -> String {
    match column {
        0..26 => char::from(b'A' + column as u8).to_string(),
        _ => format!("{}{}", letters(column / 26 - 1), letters(column % 26)),
    }
}
