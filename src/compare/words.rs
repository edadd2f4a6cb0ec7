//! A form's formulas in the words and the cells of a table.

use super::forced::{Constant, Places};
use super::form::Form;
use super::machine::{Leaf, Machine};
use crate::data::address::{cell_name, column_name};
use crate::formula::{Expr, excel, text};
use crate::sheet::Ref;
use crate::value::number_text;

/// A table together with where a form's columns stand in it.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    /// The table.
    pub machine: &'a Machine,
    /// The form.
    pub form: &'a Form<'a>,
    /// Where its columns stand.
    pub places: &'a Places,
}

impl Words<'_> {
    /// The address of a cell of the table.
    pub fn cell(&self, column: usize, row: usize) -> String {
        cell_name((self.machine.rows[row], self.machine.columns[column].column))
    }

    /// The address of the number that a column starts from, in the row above the table; none where
    /// no number stands there.
    pub fn cell_above(&self, column: usize) -> Option<String> {
        self.machine.columns[column].before?;
        let above = self.machine.rows.first()?.checked_sub(1)?;
        Some(cell_name((above, self.machine.columns[column].column)))
    }

    /// The cells of a column of the table.
    pub fn range(&self, column: usize) -> String {
        let last = self.machine.rows.len().saturating_sub(1);
        format!("{}:{}", self.cell(column, 0), self.cell(column, last))
    }

    /// What a column of the table is called: its header, else its letters.
    pub fn title(&self, column: usize) -> String {
        let hand = &self.machine.columns[column];
        match &hand.header {
            Some(header) => header.clone(),
            None => format!("column {}", column_name(hand.column)),
        }
    }

    /// The formula of a form's column in the names that the table has for its columns.
    pub fn in_words(&self, column: usize) -> String {
        text(&self.places.formulas[column], &|name| match *name {
            Ref::Column(other) => self.name(other),
            Ref::Above(other) => format!("{} of the row above", self.name(other)),
            Ref::Input(input) => self.form.sheet.inputs[input].id.clone(),
            Ref::Data(_) | Ref::Order => String::new(),
        })
    }

    /// A formula of the table itself in the names that it has for its columns and cells.
    pub fn of_table(&self, formula: &Expr<Leaf>) -> String {
        text(formula, &|leaf| match *leaf {
            Leaf::Column(column) => self.title(column),
            Leaf::Above(column) => format!("{} of the row above", self.title(column)),
            Leaf::Row => "ROW()".to_owned(),
            Leaf::Fixed(cell) => {
                let cell = &self.machine.fixed[cell];
                cell.label.clone().unwrap_or_else(|| cell.cell.clone())
            }
        })
    }

    fn name(&self, column: usize) -> String {
        match self.places.columns[column] {
            Some(source) if source.sign > 0.0 => self.title(source.column),
            _ => self.form.sheet.columns[column].header.clone(),
        }
    }

    /// The formula of a form's column as it should stand in `row` of the table, with its `=`; none
    /// where it needs something that the table has no cell for.
    pub fn in_cells(&self, column: usize, row: usize) -> Option<String> {
        let formula = self.written(&self.places.formulas[column], row as isize, 0)?;
        Some(format!("={}", excel(&formula, &String::clone)))
    }

    /// The formula over addresses; columns that the table does not show are written out.
    fn written(&self, formula: &Expr<Ref>, row: isize, depth: usize) -> Option<Expr<String>> {
        /// A form has no longer chains of columns.
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return None;
        }
        let written = formula.substitute(&mut |name| {
            let (column, row) = match *name {
                Ref::Column(column) => (column, row),
                Ref::Above(column) => (column, row - 1),
                Ref::Input(input) => return self.constant(input).ok_or(()),
                Ref::Data(_) | Ref::Order => return Err(()),
            };
            match self.places.columns[column] {
                Some(source) => {
                    let address = self.address(source.column, row + source.below).ok_or(())?;
                    let address = Expr::Name(address);
                    Ok(match source.sign < 0.0 {
                        true => Expr::Negate(Box::new(address)),
                        false => address,
                    })
                }
                None => self.written(&self.places.formulas[column], row, depth + 1).ok_or(()),
            }
        });
        written.ok()
    }

    /// The address of a cell in `row`, where -1 is the row above the table.
    fn address(&self, column: usize, row: isize) -> Option<String> {
        let row = match usize::try_from(row) {
            Ok(row) => *self.machine.rows.get(row)?,
            Err(_) => self.machine.rows.first()?.checked_sub(1)?,
        };
        Some(cell_name((row, self.machine.columns[column].column)))
    }

    fn constant(&self, input: usize) -> Option<Expr<String>> {
        Some(match self.places.inputs[input] {
            Some(Constant::Cell(cell)) => Expr::Name(absolute(&self.machine.fixed[cell].cell)),
            Some(Constant::Typed(number) | Constant::Absent(number)) => Expr::Number(number),
            None => return None,
        })
    }
}

/// `D2` as `$D$2`; what is absolute already, a name, or on another sheet stays.
fn absolute(cell: &str) -> String {
    let digits = cell.find(|c: char| c.is_ascii_digit());
    match digits {
        Some(at) if cell[..at].bytes().all(|letter| letter.is_ascii_alphabetic()) => {
            format!("${}${}", &cell[..at], &cell[at..])
        }
        _ => cell.to_owned(),
    }
}

/// A number as a person reads it: all its digits.
pub(super) fn shown(number: f64) -> String {
    if number.is_nan() { "no number".to_owned() } else { number_text(number) }
}
