//! The cells of a sheet: in order, each once, with a result where there is a formula, and with formats and
//! texts that exist.

use super::{Event, Tag, read_tag, walk};

/// What a sheet may refer to.
pub struct Limits {
    pub styles: usize,
    pub strings: usize,
}

/// A worksheet while it is read.
pub struct Sheet<'a> {
    part: &'a str,
    limits: &'a Limits,
    faults: &'a mut Vec<String>,
    row: u32,
    column: u32,
    cell: Option<Cell>,
    /// The element whose text is being read: `v` or `f` of a cell.
    text_of: Option<u8>,
}

#[derive(Default)]
struct Cell {
    address: String,
    kind: String,
    formula: bool,
    value: Option<String>,
}

impl<'a> Sheet<'a> {
    pub fn new(part: &'a str, limits: &'a Limits, faults: &'a mut Vec<String>) -> Self {
        Sheet { part, limits, faults, row: 0, column: 0, cell: None, text_of: None }
    }

    fn fault(&mut self, what: String) {
        self.faults.push(format!("{}: {what}", self.part));
    }

    pub fn check(mut self, text: &str) {
        let _ = walk(text, |event| match event {
            Event::Start(tag) => self.open(&read_tag(tag), false),
            Event::Empty(tag) => self.open(&read_tag(tag), true),
            Event::Text(text) => {
                if let (Some(b'v'), Some(cell)) = (self.text_of, &mut self.cell) {
                    cell.value.get_or_insert_default().push_str(text);
                }
            }
            Event::End(tag) => match tag.local_name().as_ref() {
                "c" => self.close_cell(),
                "v" | "f" => self.text_of = None,
                _ => (),
            },
            _ => (),
        });
    }

    fn open(&mut self, tag: &Tag, empty: bool) {
        match tag.name.as_str() {
            "row" => self.open_row(tag),
            "c" => {
                self.open_cell(tag);
                if empty {
                    self.close_cell();
                }
            }
            "v" | "f" => {
                let first = tag.name.as_bytes()[0];
                if let Some(cell) = &mut self.cell {
                    cell.formula |= first == b'f';
                    if first == b'v' {
                        cell.value.get_or_insert_default();
                    }
                }
                self.text_of = (!empty).then_some(first);
            }
            _ => (),
        }
    }

    fn open_row(&mut self, tag: &Tag) {
        let row = tag.get("r").and_then(|row| row.parse().ok()).unwrap_or(self.row + 1);
        if row <= self.row {
            self.fault(format!("row {row} after row {}", self.row));
        }
        (self.row, self.column) = (row, 0);
        self.check_style(tag, &format!("row {row}"));
    }

    fn open_cell(&mut self, tag: &Tag) {
        let address = tag.get("r").unwrap_or("").to_owned();
        match split_address(&address) {
            Some((column, row)) => {
                if row != self.row {
                    self.fault(format!("{address} stands in row {}", self.row));
                }
                if column == self.column {
                    self.fault(format!("{address} stands twice"));
                } else if column < self.column {
                    self.fault(format!("{address} stands after a cell to its right"));
                }
                self.column = column;
            }
            None => self.fault(format!("a cell with the address '{address}'")),
        }
        self.check_style(tag, &address);
        let kind = tag.get("t").unwrap_or("n").to_owned();
        self.cell = Some(Cell { address, kind, ..Cell::default() });
    }

    fn check_style(&mut self, tag: &Tag, place: &str) {
        if let Some(style) = tag.get("s")
            && !style.parse::<usize>().is_ok_and(|style| style < self.limits.styles.max(1))
        {
            self.fault(format!("{place} has the style {style} of {}", self.limits.styles));
        }
    }

    fn close_cell(&mut self) {
        let Some(Cell { address, kind, formula, value }) = self.cell.take() else { return };
        let Some(value) = value else {
            if formula {
                self.fault(format!("{address} is a formula without a result"));
            }
            return;
        };
        match kind.as_str() {
            "n" if !value.parse::<f64>().is_ok_and(f64::is_finite) => {
                self.fault(format!("{address} holds the number '{value}'"));
            }
            "s" if !value.parse::<usize>().is_ok_and(|index| index < self.limits.strings) => {
                self.fault(format!("{address} holds the text {value} of {}", self.limits.strings));
            }
            "str"
                if matches!(value.to_lowercase().as_str(), "nan" | "inf" | "-inf" | "infinity") =>
            {
                self.fault(format!("{address} holds the text '{value}'"));
            }
            "e" if !ERRORS.contains(&value.as_str()) => {
                self.fault(format!("{address} holds the error '{value}'"));
            }
            _ => (),
        }
    }
}

/// The error values that every spreadsheet program reads.
const ERRORS: [&str; 7] = ["#DIV/0!", "#NUM!", "#N/A", "#NAME?", "#NULL!", "#REF!", "#VALUE!"];

/// Column and row, from 1, of an address such as `B7`.
fn split_address(address: &str) -> Option<(u32, u32)> {
    let digits = address.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = address.split_at(digits);
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let column = letters.bytes().fold(0, |column, b| column * 26 + u32::from(b - b'A') + 1);
    Some((column, row.parse().ok()?))
}
