//! Sheets as people build them by hand: a table of one optimizer, with a layout and mistakes of
//! one's own.

use std::collections::BTreeMap;
use std::path::Path;

use gdtrace::data::Data;
use gdtrace::formula::{Expr, evaluate, excel};
use gdtrace::sheet::{Group, Ref, Sheet};
use gdtrace::value::Value;
use rust_xlsxwriter::{Formula, Workbook};

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A formula without its `=`, and what it gives.
    Formula(String, f64),
}

/// Where things stand, counted from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// The row with the headers; start values of states stand in the row below it.
    pub header: u32,
    /// The first column of the table.
    pub left: u32,
    /// The order in which the columns stand: by this number of places to the left, in a ring.
    pub turned: usize,
    /// Whether the columns have names that nobody knows.
    pub is_renamed: bool,
    /// Whether the hyperparameters stand to the right of the table instead of above it.
    pub is_beside: bool,
    /// Whether the intermediate columns are shown.
    pub is_full: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout {
            header: 12,
            left: 0,
            turned: 0,
            is_renamed: false,
            is_beside: false,
            is_full: true,
        }
    }
}

/// A formula that a table has in the place of the right one, by column and row.
pub type Slips<'a> = &'a dyn Fn(usize, usize) -> Option<Expr<Ref>>;

/// A table under construction.
pub struct Hand<'a> {
    /// What it computes.
    pub sheet: &'a Sheet,
    /// Its samples.
    pub data: &'a Data,
    /// Where it stands.
    pub layout: Layout,
}

impl Hand<'_> {
    /// The columns that the table shows, from left to right.
    pub fn shown(&self) -> Vec<usize> {
        let columns = &self.sheet.columns;
        let is_shown = |at: &usize| match columns[*at].group {
            Group::Index => *at == self.sheet.row,
            Group::Circuit => false,
            Group::Check => self.layout.is_full,
            Group::Forward => self.layout.is_full || columns[*at].id == "y_pred",
            _ => true,
        };
        let mut shown: Vec<usize> = (0..columns.len()).filter(is_shown).collect();
        let turns = self.layout.turned % shown.len();
        shown.rotate_left(turns);
        shown
    }

    /// The row and column of a cell of the table.
    pub fn place(&self, column: usize, row: isize) -> (u32, u32) {
        let at = self.shown().iter().position(|shown| *shown == column);
        let at = at.unwrap_or_else(|| panic!("{} is not shown", self.sheet.columns[column].id));
        ((self.layout.header as isize + 2 + row) as u32, self.layout.left + at as u32)
    }

    /// The address of a cell of the table.
    pub fn address(&self, column: usize, row: isize) -> String {
        name(self.place(column, row))
    }

    fn input(&self, input: usize) -> (u32, u32) {
        match self.layout.is_beside {
            // However wide the table is.
            true => {
                let right = (self.shown().len() as u32 + 3).max(30);
                (self.layout.header + input as u32, self.layout.left + right)
            }
            false => (input as u32, 4),
        }
    }

    fn absolute(&self, input: usize) -> String {
        let (row, column) = self.input(input);
        format!("${}${}", letters(column), row + 1)
    }

    /// All cells, where `slips` says which formulas are not the right ones.
    pub fn cells(&self, slips: Slips) -> BTreeMap<(u32, u32), Held> {
        let mut cells = BTreeMap::new();
        for (index, input) in self.sheet.inputs.iter().enumerate() {
            let (row, column) = self.input(index);
            cells.insert((row, column - 1), Held::Text(input.id.clone()));
            cells.insert((row, column), Held::Number(input.value));
        }
        let values = self.values(slips);
        let columns = &self.sheet.columns;
        for (at, column) in self.shown().into_iter().enumerate() {
            let place = (self.layout.header, self.layout.left + at as u32);
            let header = match self.layout.is_renamed {
                true => format!("quantity {}", (at * 7 + 3) % 23),
                false => columns[column].header.clone(),
            };
            cells.insert(place, Held::Text(header));
            if let Some(initial) = &columns[column].initial {
                let start = self.initial(initial);
                cells.insert(self.place(column, -1), Held::Number(start));
            }
            for (row, &value) in values[column].iter().enumerate() {
                let given = matches!(columns[column].formula, Expr::Name(Ref::Data(_)));
                let held = match given || column == self.sheet.row {
                    true => Held::Number(value),
                    false => {
                        let formula = slips(column, row);
                        let formula = formula.as_ref().unwrap_or(&columns[column].formula);
                        Held::Formula(self.written(formula, row as isize), value)
                    }
                };
                cells.insert(self.place(column, row as isize), held);
            }
        }
        cells
    }

    /// The formula over addresses; what the table does not show is written out.
    pub fn written(&self, formula: &Expr<Ref>, row: isize) -> String {
        let shown = self.shown();
        let written = self.out(formula, &shown);
        excel(&written, &|name| match *name {
            Ref::Column(column) => self.address(column, row),
            Ref::Above(column) => self.address(column, row - 1),
            Ref::Input(input) => self.absolute(input),
            Ref::Data(_) | Ref::Order => panic!("a data column is given"),
        })
    }

    fn out(&self, formula: &Expr<Ref>, shown: &[usize]) -> Expr<Ref> {
        let out: Result<_, std::convert::Infallible> = formula.substitute(&mut |name: &Ref| {
            Ok(match *name {
                Ref::Column(column) if !shown.contains(&column) => {
                    self.out(&self.sheet.columns[column].formula, shown)
                }
                other => Expr::Name(other),
            })
        });
        let Ok(out) = out;
        out
    }

    fn initial(&self, initial: &Expr<Ref>) -> f64 {
        let value = evaluate(initial, &|name| match *name {
            Ref::Input(input) => Value::number(self.sheet.inputs[input].value),
            _ => Value::ZERO,
        });
        value.get().unwrap_or(f64::NAN)
    }

    /// What the formulas give, column by column.
    pub fn values(&self, slips: Slips) -> Vec<Vec<f64>> {
        let columns = &self.sheet.columns;
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); columns.len()];
        for row in 0..self.data.samples() {
            for (index, column) in columns.iter().enumerate() {
                let formula = slips(index, row);
                let formula = formula.as_ref().unwrap_or(&column.formula);
                let value = evaluate(formula, &|name| {
                    Value::number(match *name {
                        Ref::Column(other) => values[other].get(row).copied().unwrap_or(f64::NAN),
                        Ref::Above(other) if row == 0 => {
                            columns[other].initial.as_ref().map_or(0.0, |one| self.initial(one))
                        }
                        Ref::Above(other) => values[other][row - 1],
                        Ref::Input(input) => self.sheet.inputs[input].value,
                        Ref::Data(data) => self.data.columns[data].values[row],
                        Ref::Order => row as f64 + 1.0,
                    })
                });
                values[index].push(value.get().unwrap_or(f64::NAN));
            }
        }
        values
    }
}

/// Writes the cells into the sheet `hand` of a workbook at `path`.
pub fn write(path: &Path, cells: &BTreeMap<(u32, u32), Held>) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("hand").unwrap();
    for ((row, column), held) in cells {
        let column = *column as u16;
        match held {
            Held::Text(text) => sheet.write_string(*row, column, text).unwrap(),
            Held::Number(number) => sheet.write_number(*row, column, *number).unwrap(),
            Held::Formula(formula, value) => {
                let result = match value.is_nan() {
                    true => "#NUM!".to_owned(),
                    false => format!("{value:?}"),
                };
                let formula = Formula::new(format!("={formula}")).set_result(result);
                sheet.write_formula(*row, column, formula).unwrap()
            }
        };
    }
    workbook.save(path).unwrap();
}

/// The address of a cell.
pub fn name((row, column): (u32, u32)) -> String {
    format!("{}{}", letters(column), row + 1)
}

fn letters(column: u32) -> String {
    match column {
        0..26 => char::from(b'A' + column as u8).to_string(),
        _ => format!("{}{}", letters(column / 26 - 1), letters(column % 26)),
    }
}
