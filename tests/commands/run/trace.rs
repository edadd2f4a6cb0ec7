//! A trace sheet, found by its labels and headers only: where they stand is not promised.

use crate::common::book::{Book, Cell, Sheet};

/// A trace sheet.
pub struct Trace<'a> {
    pub sheet: &'a Sheet,
    pub headers: Vec<&'a str>,
    /// The row of the headers; the step-0 row stands below, then step after step (with batches
    /// row after row).
    pub header_row: u32,
}

impl<'a> Trace<'a> {
    pub fn of(book: &'a Book, optimizer: &str) -> Trace<'a> {
        let sheet = book.sheet(optimizer);
        let places = ["step", "row"].map(|header| sheet.places(header)).concat();
        // The band above the headers starts with the name of its first group, `row`.
        let is_head = |at: &(u32, u32)| at.1 == 0 && sheet.text((at.0, 1)) == "epoch";
        let starts: Vec<_> = places.into_iter().filter(is_head).collect();
        assert_eq!(starts.len(), 1, "{optimizer}: rows that start with `step`: {starts:?}");
        let header_row = starts[0].0;
        Trace { sheet, headers: sheet.texts(header_row), header_row }
    }

    /// The number of steps: rows below the step-0 row.
    pub fn steps(&self) -> u32 {
        let last = self.sheet.cells.keys().next_back().unwrap().0;
        last - self.header_row - 1
    }

    /// The place of a header's cell at a step.
    pub fn at(&self, step: u32, header: &str) -> (u32, u32) {
        let column = self.headers.iter().position(|one| *one == header);
        let column = column.unwrap_or_else(|| panic!("no {header} among {:?}", self.headers));
        (self.header_row + 1 + step, column as u32)
    }

    pub fn cell(&self, step: u32, header: &str) -> &Cell {
        self.sheet.cell(self.at(step, header))
    }

    pub fn number(&self, step: u32, header: &str) -> f64 {
        self.sheet.number(self.at(step, header))
    }

    /// The place of the value of the input with this label.
    pub fn input_at(&self, label: &str) -> (u32, u32) {
        let inputs: Vec<_> = self.inputs().into_iter().filter(|(name, _)| *name == label).collect();
        assert_eq!(inputs.len(), 1, "{label} in {}", self.sheet.name);
        (inputs[0].1, 1)
    }

    pub fn input(&self, label: &str) -> f64 {
        self.sheet.number(self.input_at(label))
    }

    /// The labels of the inputs with their rows: texts in column A, above the headers, with a
    /// number beside them.
    pub fn inputs(&self) -> Vec<(&'a str, u32)> {
        let is_number =
            |row| self.sheet.cells.get(&(row, 1)).is_some_and(|cell| cell.number().is_some());
        let rows = (0..self.header_row).filter(|&row| is_number(row));
        rows.map(|row| (self.sheet.text((row, 0)), row)).collect()
    }
}
