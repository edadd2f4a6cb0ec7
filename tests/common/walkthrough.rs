//! The sheets of the hand-built walkthrough as cells that can be moved and changed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};

use super::books::{raw_parts, zipped};

/// A row and a column, counted from 0.
pub type Place = (u32, u32);

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    Text(String),
    Number(f64),
    /// A formula without its `=`.
    Formula(String),
}

/// The cells of a sheet.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    pub cells: BTreeMap<Place, Held>,
}

/// The sheets with tables, by name; none, and a word about it, where the workbook is not here.
pub fn read() -> Option<BTreeMap<String, Grid>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/graddesc-v3.xlsx");
    let Ok(file) = File::open(path) else {
        eprintln!("skipped: {path} is not here");
        return None;
    };
    let mut book = Xlsx::new(BufReader::new(file)).expect("a workbook");
    let names = book.sheet_names();
    Some(names.into_iter().map(|name| (name.clone(), sheet(&mut book, &name))).collect())
}

fn sheet(book: &mut Xlsx<BufReader<File>>, name: &str) -> Grid {
    let mut grid = Grid::default();
    let values = book.worksheet_range(name).expect("a sheet");
    let (row, column) = values.start().unwrap_or_default();
    for (down, right, value) in values.used_cells() {
        let held = match value {
            Data::Float(number) => Held::Number(*number),
            Data::Int(number) => Held::Number(*number as f64),
            other => Held::Text(other.to_string()),
        };
        grid.cells.insert((row + down as u32, column + right as u32), held);
    }
    let formulas = book.worksheet_formula(name).expect("formulas");
    let (row, column) = formulas.start().unwrap_or_default();
    for (down, right, formula) in formulas.used_cells().filter(|(_, _, text)| !text.is_empty()) {
        // One cell needs the names of the workbook, which the copies do not have.
        let place = (row + down as u32, column + right as u32);
        match formula.contains("avg_grad2") {
            true => grid.cells.remove(&place),
            false => grid.cells.insert(place, Held::Formula(formula.clone())),
        };
    }
    grid
}

impl Grid {
    /// Every cell where `to` says, with the formulas that refer to it.
    pub fn moved(&self, to: &dyn Fn(Place) -> Place) -> Grid {
        self.with_places(&|at| Some(to(at)))
    }

    /// Without a row, as a spreadsheet leaves it: what is below moves up, and what referred to a
    /// cell of the row refers to nothing.
    pub fn without_row(&self, gone: u32) -> Grid {
        self.with_places(&|(row, column)| match row.cmp(&gone) {
            std::cmp::Ordering::Less => Some((row, column)),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some((row - 1, column)),
        })
    }

    fn with_places(&self, to: &dyn Fn(Place) -> Option<Place>) -> Grid {
        let rewritten = |held: &Held| match held {
            Held::Formula(formula) => Held::Formula(replaced(formula, &|found| {
                let is_fixed =
                    |part: usize| found.match_indices('$').any(|(at, _)| (at > 0) == (part > 0));
                match to(named(&found.replace('$', ""))) {
                    None => "#REF!".to_owned(),
                    Some((row, column)) => {
                        let signs = [0, 1].map(|part| if is_fixed(part) { "$" } else { "" });
                        format!("{}{}{}{}", signs[0], letters(column), signs[1], row + 1)
                    }
                }
            })),
            other => other.clone(),
        };
        let cells = self.cells.iter().filter_map(|(at, held)| Some((to(*at)?, rewritten(held))));
        Grid { cells: cells.collect() }
    }

    /// Writes a workbook with this sheet alone, its formulas without results.
    pub fn write(&self, path: &Path) {
        let mut rows: BTreeMap<u32, String> = BTreeMap::new();
        for (&(row, column), held) in &self.cells {
            let at = name((row, column));
            let cell = match held {
                Held::Number(number) => format!("<c r=\"{at}\"><v>{number:?}</v></c>"),
                Held::Formula(formula) => format!("<c r=\"{at}\"><f>{}</f></c>", escaped(formula)),
                Held::Text(text) => {
                    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text))
                }
            };
            rows.entry(row).or_default().push_str(&cell);
        }
        let rows: String = rows
            .iter()
            .map(|(row, cells)| format!("<row r=\"{}\">{cells}</row>", row + 1))
            .collect();
        zipped(path, &raw_parts(&rows));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The formula with every address of a cell as `new` has it.
pub fn replaced(formula: &str, new: &dyn Fn(&str) -> String) -> String {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '$' | '_' | '.');
    let mut text = String::new();
    let mut rest = formula;
    while let Some(first) = rest.chars().next() {
        let length = match is_inside(first) {
            true => rest.find(|c| !is_inside(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, behind) = rest.split_at(length);
        let plain = word.replace('$', "");
        let letters = plain.bytes().take_while(u8::is_ascii_uppercase).count();
        let is_cell = (1..=3).contains(&letters)
            && plain.len() > letters
            && plain[letters..].bytes().all(|byte| byte.is_ascii_digit())
            && !behind.starts_with('(');
        text.push_str(&if is_cell { new(word) } else { word.to_owned() });
        rest = behind;
    }
    text
}

/// The place of the cell called `A1`.
pub fn named(cell: &str) -> Place {
    let digits = cell.find(|c: char| c.is_ascii_digit()).expect("a row");
    let (letters, row) = cell.split_at(digits);
    let column = letters.bytes().fold(0, |column, byte| column * 26 + u32::from(byte - b'A') + 1);
    (row.parse::<u32>().expect("a row") - 1, column - 1)
}

/// The name of the cell at a place.
pub fn name((row, column): Place) -> String {
    format!("{}{}", letters(column), row + 1)
}

fn letters(column: u32) -> String {
    match column {
        0..26 => char::from(b'A' + column as u8).to_string(),
        _ => format!("{}{}", letters(column / 26 - 1), letters(column % 26)),
    }
}
