//! Hand-built sheets for the tests, and what was read of them in short.

use std::collections::BTreeMap;
use std::path::Path;

use gdtrace::compare::lint::lint;
use gdtrace::compare::machine::Leaf;
use gdtrace::compare::result::Finding;
use gdtrace::compare::table::Table;
use gdtrace::compare::{Reading, read};
use gdtrace::formula::{Expr, text};
use gdtrace::graph::Options;

use crate::common::books::Folder;

/// The cells of a sheet by row and column, from 0: numbers, texts and formulas with `=`.
#[derive(Clone, Default)]
pub struct Cells(pub BTreeMap<(u32, u32), String>);

/// How a sheet is laid out.
#[derive(Clone)]
pub struct Layout {
    /// The columns in their order.
    pub columns: Vec<&'static str>,
    pub headers: Vec<&'static str>,
    /// The row of the headers, from 1.
    pub top: u32,
    /// The first column, from 0.
    pub left: u32,
    pub samples: usize,
}

pub const NAMES: [&str; 12] =
    ["x", "y", "b", "a", "pred", "gb", "ga", "vb", "va", "nb", "na", "err"];

impl Default for Layout {
    fn default() -> Self {
        Layout { columns: NAMES.into(), headers: NAMES.into(), top: 4, left: 0, samples: 12 }
    }
}

impl Layout {
    pub fn letter(&self, name: &str) -> char {
        let at = self.columns.iter().position(|column| *column == name).expect("a column");
        char::from(b'A' + self.left as u8 + at as u8)
    }

    /// The formula with `{pred}` for this row and `{^nb}` for the row above.
    pub fn filled(&self, formula: &str, row: u32) -> String {
        let mut filled = formula.to_owned();
        for name in NAMES {
            let letter = self.letter(name);
            filled = filled.replace(&format!("{{{name}}}"), &format!("{letter}{row}"));
            filled = filled.replace(&format!("{{^{name}}}"), &format!("{letter}{}", row - 1));
        }
        filled
    }

    /// A sheet of momentum: lr in B1, beta in D1, the start of b and a in B2 and D2.
    pub fn momentum(&self) -> Cells {
        let mut cells = Cells::default();
        let top = [("A1", "learning rate"), ("B1", "0.0001"), ("C1", "beta"), ("D1", "0.9")];
        let start = [("A2", "intercept"), ("B2", "1"), ("C2", "slope"), ("D2", "1")];
        for (at, content) in top.into_iter().chain(start) {
            cells.set(at, content);
        }
        for (name, header) in self.columns.iter().zip(&self.headers) {
            cells.set(&format!("{}{}", self.letter(name), self.top), header);
        }
        for sample in 0..self.samples {
            let row = self.top + 1 + sample as u32;
            let x = (sample * 37) % 23 + 1;
            let first = sample == 0;
            for (name, formula) in [
                ("x", &*x.to_string()),
                ("y", &*(2 * x + 30).to_string()),
                ("b", if first { "=B2" } else { "={^nb}" }),
                ("a", if first { "=D2" } else { "={^na}" }),
                ("pred", "={b}+{a}*{x}"),
                ("gb", "=2*({pred}-{y})"),
                ("ga", "={gb}*{x}"),
                ("vb", if first { "=(1-$D$1)*{gb}" } else { "=$D$1*{^vb}+(1-$D$1)*{gb}" }),
                ("va", if first { "=(1-$D$1)*{ga}" } else { "=$D$1*{^va}+(1-$D$1)*{ga}" }),
                ("nb", "={b}-$B$1*{vb}"),
                ("na", "={a}-$B$1*{va}"),
                ("err", "=({pred}-{y})^2"),
            ] {
                cells.set(&format!("{}{row}", self.letter(name)), &self.filled(formula, row));
            }
        }
        let (first, last) = (self.top + 1, self.top + self.samples as u32);
        let err = self.letter("err");
        cells.set(&format!("{err}{}", last + 1), &format!("=SQRT(SUM({err}{first}:{err}{last}))"));
        cells
    }
}

impl Cells {
    pub fn place(name: &str) -> (u32, u32) {
        let digits = name.find(|c: char| c.is_ascii_digit()).expect("a row");
        let column = name[..digits].bytes().fold(0, |n, b| n * 26 + u32::from(b - b'A') + 1) - 1;
        (name[digits..].parse::<u32>().expect("a row") - 1, column)
    }

    pub fn set(&mut self, at: &str, content: &str) {
        self.0.insert(Cells::place(at), content.to_owned());
    }

    pub fn with(mut self, at: &str, content: &str) -> Cells {
        self.set(at, content);
        if content.is_empty() {
            self.0.remove(&Cells::place(at));
        }
        self
    }

    /// The rows as XML, without any cached result.
    pub fn xml(&self) -> String {
        let mut xml = String::new();
        let mut row = None;
        for ((at, column), content) in &self.0 {
            if row != Some(*at) {
                xml += if row.is_some() { "</row>" } else { "" };
                xml += &format!("<row r=\"{}\">", at + 1);
                row = Some(*at);
            }
            let name = format!("{}{}", char::from(b'A' + *column as u8), at + 1);
            let escaped = content.replace('&', "&amp;").replace('<', "&lt;");
            xml += &match (escaped.strip_prefix('='), content.parse::<f64>()) {
                (Some(formula), _) => match formula.split_once('~') {
                    Some((formula, result)) => {
                        format!("<c r=\"{name}\"><f>{formula}</f><v>{result}</v></c>")
                    }
                    None => format!("<c r=\"{name}\"><f>{formula}</f></c>"),
                },
                (None, Ok(number)) => format!("<c r=\"{name}\"><v>{number}</v></c>"),
                (None, Err(_)) => format!(
                    "<c r=\"{name}\" t=\"inlineStr\"><is><t>{}</t></is></c>",
                    escaped.trim_start_matches('\'')
                ),
            };
        }
        xml + "</row>"
    }

    pub fn read(&self) -> Reading {
        let folder = Folder::new();
        read_ok(&folder.raw("book.xlsx", &self.xml()))
    }
}

pub fn read_ok(path: &Path) -> Reading {
    read(path, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The only table of a reading.
pub fn table(reading: &Reading) -> &Table {
    let sheet = &reading.sheets[0];
    sheet.table.as_ref().unwrap_or_else(|reason| panic!("{}: {reason}", sheet.name))
}

/// What a column computes, with the headers for its names.
pub fn shown(table: &Table, formula: &Expr<Leaf>) -> String {
    let header = |index: &usize| table.machine.columns[*index].header.clone().unwrap_or_default();
    text(formula, &|leaf| match leaf {
        Leaf::Column(index) => header(index),
        Leaf::Above(index) => format!("prev.{}", header(index)),
        Leaf::Row => "ROW()".to_owned(),
        Leaf::Fixed(index) => table.machine.fixed[*index].cell.clone(),
    })
}

/// What the column with this header computes.
pub fn pattern(table: &Table, header: &str) -> String {
    let column = table.machine.columns.iter().find(|c| c.header.as_deref() == Some(header));
    let column = column.unwrap_or_else(|| panic!("no column {header}"));
    column.pattern.as_ref().map_or("-".to_owned(), |pattern| shown(table, pattern))
}

pub fn findings(reading: &Reading) -> Vec<Finding> {
    let found = lint(reading);
    found.sheets.into_iter().flatten().chain(found.workbook).collect()
}

/// Each finding as its kind and its cell.
pub fn short(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.kind.name(), finding.cell)).collect()
}
