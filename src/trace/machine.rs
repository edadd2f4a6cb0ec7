//! A sheet's formulas as one program, and the rows that it computes, each from the one above.

use crate::formula::{Compiler, Operation, Program};
use crate::sheet::{Ref, Sheet};
use crate::value::{CellError, Value};

/// Computes a row after the other.
pub(super) struct Machine<'a> {
    data: Vec<&'a [f64]>,
    order: &'a [u32],
    program: Program,
    /// The slot of each column.
    places: Vec<usize>,
    /// The columns of which a formula wants the value of the row above: their slots, and where that
    /// value stands.
    remembered: Vec<(usize, usize)>,
    /// The same columns by their indexes.
    above: Vec<usize>,
    carried: Vec<Value>,
}

impl<'a> Machine<'a> {
    /// The formulas of a sheet before its first row.
    pub fn new(
        sheet: &Sheet,
        (data, order): (Vec<&'a [f64]>, &'a [u32]),
        initial: &[Option<Value>],
    ) -> Self {
        let mut columns = Columns::new(sheet);
        for column in &sheet.columns {
            let slot = columns.compile(&column.formula);
            columns.places.push(slot);
        }
        let Columns { mut program, places, above, .. } = columns;
        let (mut remembered, mut indexes) = (Vec::new(), Vec::new());
        for (column, slot) in above.into_iter().enumerate() {
            let Some(slot) = slot else { continue };
            program.set(slot, initial[column].unwrap_or(Value::ZERO));
            remembered.push((places[column], slot));
            indexes.push(column);
        }
        let (above, carried) = (indexes, Vec::new());
        Machine { data, order, program, places, remembered, above, carried }
    }

    /// Goes on below a row with these values.
    pub fn set_above(&mut self, row: &[Value]) {
        for (column, place) in self.above.iter().zip(&self.remembered) {
            self.program.set(place.1, row[*column]);
        }
    }

    /// Computes the next row, a value behind each of the columns.
    pub fn compute_row(&mut self, columns: &mut [Vec<Value>]) {
        let (data, order) = (&self.data, self.order);
        self.program.run(|table, number| match data.get(table) {
            Some(column) => sample(column, number),
            None => sample_in(order, number),
        });
        for (column, place) in columns.iter_mut().zip(&self.places) {
            column.push(self.program.get(*place));
        }
        // Where a column hands on the row above, its slot is one of those that are overwritten.
        self.carried.clear();
        self.carried.extend(self.remembered.iter().map(|(from, _)| self.program.get(*from)));
        for ((_, to), value) in self.remembered.iter().zip(&self.carried) {
            self.program.set(*to, *value);
        }
    }
}

/// The columns of a sheet while a program is made of their formulas.
struct Columns<'a> {
    sheet: &'a Sheet,
    program: Program,
    places: Vec<usize>,
    above: Vec<Option<usize>>,
    inputs: Vec<usize>,
}

impl<'a> Columns<'a> {
    fn new(sheet: &'a Sheet) -> Self {
        let mut program = Program::default();
        let inputs = sheet.inputs.iter();
        let inputs = inputs.map(|input| program.constant(Value::number(input.value))).collect();
        Columns {
            sheet,
            program,
            places: Vec::new(),
            above: vec![None; sheet.columns.len()],
            inputs,
        }
    }
}

impl Compiler<Ref> for Columns<'_> {
    fn number(&mut self, number: f64) -> usize {
        self.program.number(number)
    }

    fn name(&mut self, name: &Ref) -> usize {
        match *name {
            Ref::Column(column) => self.places[column],
            Ref::Above(column) => {
                *self.above[column].get_or_insert_with(|| self.program.variable())
            }
            Ref::Input(input) => self.inputs[input],
            Ref::Data(table) => {
                let number = self.places[self.sheet.sample];
                self.program.operation(Operation::LookUp(table), &[number])
            }
            Ref::Order => {
                let number = self.places[self.sheet.row];
                self.program.operation(Operation::LookUp(self.sheet.data.len()), &[number])
            }
        }
    }

    fn operation(&mut self, operation: Operation, operands: &[usize]) -> usize {
        self.program.operation(operation, operands)
    }
}

/// The number of the sample that `order` has for the row that is counted from 1.
fn sample_in(order: &[u32], row: Value) -> Value {
    let place = |row: f64| (row as usize).wrapping_sub(1);
    match row.get() {
        Ok(row) => {
            order.get(place(row)).map_or(CellError::Number.into(), |&at| Value::number(at.into()))
        }
        Err(error) => error.into(),
    }
}

/// The number of the sample that `number` counts from 1.
fn sample(column: &[f64], number: Value) -> Value {
    let index = number.get().map_or(0, |number| number as usize).wrapping_sub(1);
    column.get(index).map_or(CellError::Number.into(), |&x| Value::number(x))
}
