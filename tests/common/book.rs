//! A workbook as calamine reads it, cell by cell, and its parts as XML.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use zip::{ZipArchive, ZipWriter};

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub value: Data,
    pub formula: Option<String>,
}

impl Cell {
    /// The number, where the cell holds one.
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Data::Float(number) => Some(number),
            Data::Int(number) => Some(number as f64),
            _ => None,
        }
    }

    /// Whether the cell holds an error value.
    pub fn is_error(&self) -> bool {
        matches!(self.value, Data::Error(_))
    }
}

/// A sheet; rows and columns are counted from 0.
pub struct Sheet {
    pub name: String,
    pub cells: BTreeMap<(u32, u32), Cell>,
}

impl Sheet {
    pub fn cell(&self, at: (u32, u32)) -> &Cell {
        self.cells.get(&at).unwrap_or_else(|| panic!("{}: no cell at {at:?}", self.name))
    }

    pub fn number(&self, at: (u32, u32)) -> f64 {
        let cell = self.cell(at);
        cell.number().unwrap_or_else(|| panic!("{} {at:?}: {cell:?}", self.name))
    }

    pub fn formula(&self, at: (u32, u32)) -> &str {
        let cell = self.cell(at);
        cell.formula.as_deref().unwrap_or_else(|| panic!("{} {at:?}: {cell:?}", self.name))
    }

    /// The text of a cell; an empty one where there is none.
    pub fn text(&self, at: (u32, u32)) -> &str {
        match self.cells.get(&at).map(|cell| &cell.value) {
            Some(Data::String(text)) => text,
            _ => "",
        }
    }

    /// The places of the cells with exactly this text, from top to bottom.
    pub fn places(&self, text: &str) -> Vec<(u32, u32)> {
        let found = |at: &&(u32, u32)| self.text(**at) == text;
        self.cells.keys().filter(found).copied().collect()
    }

    /// The texts of a row from its first column to the last one without a gap.
    pub fn texts(&self, row: u32) -> Vec<&str> {
        (0..).map(|column| self.text((row, column))).take_while(|text| !text.is_empty()).collect()
    }

    /// Every text in the sheet.
    pub fn all_texts(&self) -> Vec<&str> {
        self.cells.keys().map(|&at| self.text(at)).filter(|text| !text.is_empty()).collect()
    }
}

/// A workbook.
pub struct Book {
    pub sheets: Vec<Sheet>,
}

impl Book {
    pub fn open(path: &Path) -> Book {
        let mut book: Xlsx<_> = open_workbook(path).unwrap();
        let names = book.sheet_names();
        let sheets = names.iter().map(|name| {
            let mut reader = book.worksheet_cells_reader(name).unwrap();
            let mut cells = BTreeMap::new();
            while let Some(cell) = reader.next_cell_with_formula().unwrap() {
                let value = Data::from(cell.value);
                if value != Data::Empty || cell.formula.is_some() {
                    cells.insert(cell.pos, Cell { value, formula: cell.formula });
                }
            }
            Sheet { name: name.clone(), cells }
        });
        Book { sheets: sheets.collect() }
    }

    pub fn names(&self) -> Vec<&str> {
        self.sheets.iter().map(|sheet| sheet.name.as_str()).collect()
    }

    pub fn sheet(&self, name: &str) -> &Sheet {
        let found = self.sheets.iter().find(|sheet| sheet.name == name);
        found.unwrap_or_else(|| panic!("no sheet {name}: {:?}", self.names()))
    }
}

/// The parts of the workbook's package: names and texts.
pub fn parts(path: &Path) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let parts = (0..archive.len()).map(|index| {
        let mut part = archive.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().into_owned(), text)
    });
    parts.collect()
}

/// The XML of the sheets, in their order.
pub fn sheet_parts(path: &Path) -> Vec<(String, String)> {
    let mut sheets = parts(path);
    sheets.retain(|(name, _)| name.starts_with("xl/worksheets/sheet"));
    sheets
}

/// Writes the package anew with each part changed by `change`, as an editor would.
pub fn edit_parts(path: &Path, change: impl Fn(&str, String) -> String) {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts(path) {
        writer.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(change(&name, text).as_bytes()).unwrap();
    }
    std::fs::write(path, writer.finish().unwrap().into_inner()).unwrap();
}

/// A cell as it stands in the XML.
#[derive(Debug)]
pub struct RawCell<'a> {
    pub address: &'a str,
    /// The attribute `t`; a number has none.
    pub kind: &'a str,
    pub has_formula: bool,
    pub value: Option<&'a str>,
}

/// The cells of a sheet's XML.
pub fn raw_cells(xml: &str) -> Vec<RawCell<'_>> {
    let cells = xml.split("<c ").skip(1).map(|rest| {
        let (head, rest) = rest.split_once('>').unwrap();
        let content = if head.ends_with('/') { "" } else { rest.split("</c>").next().unwrap() };
        RawCell {
            address: between(head, "r=\"", "\"").unwrap(),
            kind: between(head, " t=\"", "\"").unwrap_or(""),
            has_formula: content.contains("<f"),
            value: between(content, "<v>", "</v>"),
        }
    });
    cells.collect()
}

/// The text between the first `start` and the next `end`.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}
