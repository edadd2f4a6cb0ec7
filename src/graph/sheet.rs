//! The cells of one sheet with their formulas.
//!
//! Cells are kept in the order of rows, each with what the file says it holds and the number of its
//! formula: a formula that is filled down a hundred thousand rows is kept, and read, once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::arithmetic::{Term, arithmetic};
use super::formula::Formula;
use super::parse::{Names, parse};
use super::r1c1;
use super::relative::Axis;
use crate::data::address::{Area, Position, cell_name};
pub use crate::data::grid::Value as Content;
use crate::data::grid::{Full, MAX_CELLS};
use crate::data::stream::{FormulaText, Found, Sink};
use crate::formula::Expr;

/// The most cells that the array formulas of a sheet may fill.
const MAX_ELEMENTS: u64 = 200_000;
/// The most bytes of the formulas of a sheet, each once: read, they take some seventy times as much.
const MAX_FORMULAS: usize = 1 << 24;

/// A sheet of a workbook.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// The name on its tab; empty for a .csv file.
    pub name: String,
    /// Whether it is hidden.
    pub is_hidden: bool,
    /// Whether it is a chart without cells.
    pub is_chart: bool,
    cells: Vec<Cell>,
    /// Where the cells of each row begin, from the first row; one more than there are rows.
    starts: Vec<u32>,
    formulas: Vec<SharedFormula>,
}

/// A cell that is not blank.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its row and its column, counted from 0.
    pub at: (u32, u32),
    /// What the file says that it holds: for a formula, what it gave when it was calculated last.
    pub content: Content,
    formula: Option<u32>,
}

impl Cell {
    /// The number of its formula within the sheet; cells with the same number have the same
    /// formula, filled from one to the other.
    pub fn formula(&self) -> Option<usize> {
        self.formula.map(|formula| formula as usize)
    }
}

/// A formula of one or more cells.
#[derive(Debug, Clone)]
pub struct SharedFormula {
    key: String,
    /// A cell that has it.
    pub home: (u32, u32),
    /// What it says.
    pub formula: Arc<Formula>,
    /// Which element of an array formula it is: rows and columns from the cell that holds it.
    pub element: Option<(u32, u32)>,
    /// What it says as arithmetic, once that was asked for.
    arithmetic: OnceLock<Result<Expr<Term>, String>>,
}

impl SharedFormula {
    /// Its text in relative terms, from the cell that holds an array formula.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The cell that its references count from, where it stands in the cell `at`.
    pub(crate) fn origin(&self, at: (u32, u32)) -> (u32, u32) {
        origin(self.element, at)
    }

    /// The formula as it is written in the cell `at`, with its `=`.
    pub fn text(&self, at: (u32, u32)) -> String {
        format!("={}", r1c1::text(&self.key, self.origin(at)))
    }

    /// What it computes, as arithmetic, or why it is none: "uses VLOOKUP".
    pub fn arithmetic(&self) -> Result<&Expr<Term>, &str> {
        if self.element.is_some() {
            return Err("is an array formula");
        }
        let arithmetic = self.arithmetic.get_or_init(|| arithmetic(&self.formula));
        arithmetic.as_ref().map_err(String::as_str)
    }

    /// What it computes, where that is arithmetic and the same at each calculation.
    pub(crate) fn expr(&self) -> Option<&Expr<Term>> {
        self.arithmetic().ok().filter(|_| self.formula.volatile.is_none())
    }

    /// Whether it refers to the row above on its own sheet.
    pub(crate) fn refers_up(&self) -> bool {
        self.formula.cells().any(|cell| cell.sheet.is_none() && cell.row == Axis::Relative(-1))
    }
}

impl Sheet {
    /// All cells that are not blank, in the order of rows.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// All formulas, each once.
    pub fn formulas(&self) -> &[SharedFormula] {
        &self.formulas
    }

    /// The cells of one row, from left to right.
    pub fn row(&self, row: u32) -> &[Cell] {
        let (start, end) = self.bounds(row);
        &self.cells[start..end]
    }

    /// One more than the last row that holds anything.
    pub fn rows(&self) -> u32 {
        self.starts.len().saturating_sub(1) as u32
    }

    fn bounds(&self, row: u32) -> (usize, usize) {
        let start = |row: usize| self.starts.get(row).map_or(self.cells.len(), |at| *at as usize);
        (start(row as usize), start(row as usize + 1))
    }

    /// The place of a cell in [`Sheet::cells`]; none where it is blank.
    pub fn index(&self, at: (u32, u32)) -> Option<usize> {
        let (start, end) = self.bounds(at.0);
        let cells = &self.cells[start..end];
        let first = cells.first()?.at.1;
        // Most rows have no gaps.
        let guess = at.1.checked_sub(first)? as usize;
        if cells.get(guess).is_some_and(|cell| cell.at.1 == at.1) {
            return Some(start + guess);
        }
        cells.binary_search_by_key(&at.1, |cell| cell.at.1).ok().map(|found| start + found)
    }

    /// A cell; none where it is blank.
    pub fn get(&self, at: (u32, u32)) -> Option<&Cell> {
        self.index(at).map(|index| &self.cells[index])
    }

    /// What a cell holds; none where it is blank.
    pub fn content(&self, at: (u32, u32)) -> Option<&Content> {
        self.get(at).map(|cell| &cell.content)
    }

    /// The formula of a cell, where it has one.
    pub fn formula_at(&self, at: (u32, u32)) -> Option<&SharedFormula> {
        self.get(at).and_then(|cell| self.formula_of(cell))
    }

    /// The formula of one of its cells, where it has one.
    pub(crate) fn formula_of(&self, cell: &Cell) -> Option<&SharedFormula> {
        cell.formula().map(|formula| &self.formulas[formula])
    }
}

/// The cell that holds the array formula of which `at` is an element.
pub(super) fn origin(element: Option<(u32, u32)>, at: Position) -> Position {
    let (row, column) = element.unwrap_or_default();
    (at.0.saturating_sub(row), at.1.saturating_sub(column))
}

/// A cell with its sheet, as formulas write it: `setup!B4`, `'my data'!B4`; for a .csv file `B4`.
pub(crate) fn full_address(sheet: &str, at: Position) -> String {
    if sheet.is_empty() {
        return cell_name(at);
    }
    let is_plain = sheet.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
        && !sheet.starts_with(|c: char| c.is_ascii_digit());
    if is_plain {
        format!("{sheet}!{}", cell_name(at))
    } else {
        format!("'{}'!{}", sheet.replace('\'', "''"), cell_name(at))
    }
}

/// Collects the cells of a sheet.
#[derive(Default)]
pub(crate) struct Collector {
    cells: Vec<Cell>,
    /// Formulas that came apart from their cells.
    late: Vec<(Position, u32)>,
    keys: HashMap<Box<str>, u32>,
    homes: Vec<Position>,
    /// The bytes of all keys.
    text: usize,
    shared: HashMap<usize, u32>,
    buffer: String,
    unread: Vec<(Option<Position>, String)>,
    /// The blocks of array formulas.
    pub(super) arrays: Vec<Area>,
    /// The numbers of their elements: of a formula, at a place in a block of a size.
    elements: HashMap<(u32, Position, Position), u32>,
}

impl Sink for Collector {
    fn cell(&mut self, at: Position, found: Found) -> Result<(), Full> {
        // Formulas calculate with a date as with any number.
        let content = found.serial().map(Content::Number).or_else(|| found.value());
        match content {
            Some(content) => self.push(at, content),
            None => Ok(()),
        }
    }

    fn formula(&mut self, at: Position, formula: FormulaText) -> Result<(), Full> {
        let number = match formula {
            FormulaText::Excel(text) => self.number(text, at)?,
            FormulaText::Open(text) => self.number(&r1c1::from_open(text), at)?,
            FormulaText::Shared(group, text) => {
                let number = self.number(text, at)?;
                self.shared.insert(group, number);
                number
            }
            FormulaText::SharedWith(group) => match self.shared.get(&group) {
                Some(number) => *number,
                None => return Ok(()),
            },
        };
        match self.cells.last_mut() {
            Some(cell) if cell.at == at => cell.formula = Some(number),
            _ if self.late.len() == MAX_CELLS => return Err(Full::Cells),
            _ => self.late.push((at, number)),
        }
        Ok(())
    }

    fn unread(&mut self, error: String) {
        self.unread.push((self.cells.last().map(|cell| cell.at), error));
    }
}

impl Collector {
    pub(crate) fn push(&mut self, at: Position, content: Content) -> Result<(), Full> {
        if self.cells.len() == MAX_CELLS {
            return Err(Full::Cells);
        }
        self.cells.push(Cell { at, content, formula: None });
        Ok(())
    }

    /// The number of a formula; the same for each cell that it was filled to.
    fn number(&mut self, text: &str, at: Position) -> Result<u32, Full> {
        self.buffer.clear();
        r1c1::write(text.strip_prefix('=').unwrap_or(text), at, &mut self.buffer);
        if let Some(number) = self.keys.get(self.buffer.as_str()) {
            return Ok(*number);
        }
        self.text += self.buffer.len();
        if self.text > MAX_FORMULAS {
            return Err(Full::Formulas);
        }
        let number = self.homes.len() as u32;
        self.homes.push(at);
        self.keys.insert(self.buffer.as_str().into(), number);
        Ok(number)
    }

    /// The sheet called `name`, with the formulas read.
    pub(crate) fn finish(mut self, name: &str, names: Names) -> Sheet {
        sort(&mut self.cells);
        self.place_late();
        self.place_unread();
        let arrays = std::mem::take(&mut self.arrays);
        let mut missing = Vec::new();
        let place = |block| self.place_array(block, &mut missing);
        let elements: Vec<_> = arrays.into_iter().flat_map(place).collect();
        self.insert(missing);
        let mut keys: Vec<_> = std::mem::take(&mut self.keys).into_iter().collect();
        keys.sort_unstable_by_key(|(_, number)| *number);
        let formulas =
            keys.into_iter().zip(std::mem::take(&mut self.homes)).map(|((key, _), home)| {
                let formula = Arc::new(parse(&r1c1::text(&key, home), home, name, names));
                let arithmetic = OnceLock::new();
                SharedFormula { key: key.into(), home, formula, element: None, arithmetic }
            });
        let mut formulas: Vec<SharedFormula> = formulas.collect();
        for (of, home, element) in elements {
            let whole = &formulas[of as usize];
            formulas.push(SharedFormula { home, element: Some(element), ..whole.clone() });
        }
        Sheet {
            name: name.to_owned(),
            formulas,
            starts: starts(&self.cells),
            cells: self.cells,
            ..Sheet::default()
        }
    }

    /// Gives all cells of a block their elements of its formula: for each kind of element, which
    /// formula it is of, a cell that has it and its place. Cells that are not there are `missing`.
    fn place_array(
        &mut self,
        block: Area,
        missing: &mut Vec<Cell>,
    ) -> Vec<(u32, Position, Position)> {
        let find = |cells: &[Cell], at| cells.binary_search_by_key(&at, |cell| cell.at).ok();
        let holder = find(&self.cells, block.first);
        let Some(of) = holder.and_then(|holder| self.cells[holder].formula) else {
            return Vec::new();
        };
        let height = block.last.0 - block.first.0 + 1;
        if self.elements.len() as u64 + u64::from(height) * u64::from(block.width()) > MAX_ELEMENTS
        {
            return Vec::new();
        }
        let mut new = Vec::new();
        for row in 0..height {
            for column in 0..block.width() {
                let at = (block.first.0 + row, block.first.1 + column);
                let next = (self.homes.len() + self.elements.len()) as u32;
                let key = (of, (row, column), (height, block.width()));
                let number = *self.elements.entry(key).or_insert_with(|| {
                    new.push((of, at, (row, column)));
                    next
                });
                match find(&self.cells, at) {
                    Some(cell) => self.cells[cell].formula = Some(number),
                    None => missing.push(Cell {
                        at,
                        content: Content::Uncalculated,
                        formula: Some(number),
                    }),
                }
            }
        }
        new
    }

    fn place_late(&mut self) {
        let mut missing = Vec::new();
        for (at, number) in self.late.drain(..) {
            match self.cells.binary_search_by_key(&at, |cell| cell.at) {
                Ok(index) => self.cells[index].formula = Some(number),
                // What is not blank but empty is an empty text.
                Err(_) => missing.push(Cell {
                    at,
                    content: Content::Text("".into()),
                    formula: Some(number),
                }),
            }
        }
        self.insert(missing);
    }

    /// A cell that could not be read stands behind the one before it.
    fn place_unread(&mut self) {
        let mut last: Option<(Position, Position)> = None;
        let mut missing = Vec::new();
        for (after, error) in self.unread.drain(..) {
            let Some(after) = after else { continue };
            let from = last.filter(|(same, _)| *same == after).map_or(after, |(_, at)| at);
            let at = (from.0, from.1 + 1);
            last = Some((after, at));
            if self.cells.binary_search_by_key(&at, |cell| cell.at).is_err() {
                let content = Content::Error(error.as_str().into());
                missing.push(Cell { at, content, formula: None });
            }
        }
        self.insert(missing);
    }

    /// Puts in cells where there are none yet.
    fn insert(&mut self, mut missing: Vec<Cell>) {
        if !missing.is_empty() {
            self.cells.append(&mut missing);
            sort(&mut self.cells);
        }
    }
}

/// Sorts the cells; of two in one place the last one counts.
fn sort(cells: &mut Vec<Cell>) {
    if !cells.is_sorted_by(|a, b| a.at < b.at) {
        cells.reverse();
        cells.sort_by_key(|cell| cell.at);
        cells.dedup_by_key(|cell| cell.at);
    }
}

fn starts(cells: &[Cell]) -> Vec<u32> {
    let rows = cells.last().map_or(0, |cell| cell.at.0 as usize + 1);
    let mut starts = vec![0; rows + 1];
    for cell in cells {
        starts[cell.at.0 as usize + 1] += 1;
    }
    for row in 1..starts.len() {
        starts[row] += starts[row - 1];
    }
    starts
}
