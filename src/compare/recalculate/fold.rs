//! Functions over the cells of ranges.
//!
//! Texts and blank cells of a range are passed over, as a spreadsheet does, where in arithmetic
//! they would be an error or 0.

use super::{Sight, rectangle};
use crate::compare::reference::{ArrayName, CellReference, Fold, Operand};
use crate::compare::scalar::{ErrorValue, Scalar};
use crate::data::address::Area;
use crate::formula::{Expr, evaluate};
use crate::value::{CellError, Value};

/// A fold within one formula.
pub(super) struct Folding<'a> {
    pub sight: &'a Sight<'a>,
}

/// A name of a formula over ranges, as far as it is the same for all elements.
#[derive(Clone, Copy)]
enum Element {
    Range(usize, Area),
    One(Value),
}

impl Folding<'_> {
    pub(super) fn fold(&self, fold: Fold, operands: &[Operand]) -> Value {
        match (fold, operands) {
            (Fold::SumProduct, _) => self.products(operands, |factors| factors.iter().product()),
            (Fold::SumOfSquaredDifferences, [_, _]) => {
                self.products(operands, |pair| (pair[0] - pair[1]) * (pair[0] - pair[1]))
            }
            (Fold::Index, [Operand::Range(from, to), at @ ..]) => self.index(from, to, at),
            (Fold::Index | Fold::SumOfSquaredDifferences, _) => {
                self.sight.fail(Scalar::Error(ErrorValue::Value))
            }
            _ => self.numbers(fold, operands),
        }
    }

    /// A fold over all numbers of all operands.
    fn numbers(&self, fold: Fold, operands: &[Operand]) -> Value {
        let (mut count, mut sum, mut squares) = (0_usize, 0.0, 0.0);
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut take = |number: f64| {
            count += 1;
            sum += number;
            squares += number * number;
            least = least.min(number);
            most = most.max(number);
        };
        for operand in operands {
            let result = match operand {
                Operand::Range(from, to) => self.each_in(from, to, fold, &mut take),
                Operand::Formula(tree) => self.each_of(tree, &mut take),
            };
            if let Err(error) = result {
                return error;
            }
        }
        match fold {
            Fold::SumOfSquares => Value::number(squares),
            Fold::Count => Value::number(count as f64),
            Fold::Average if count == 0 => CellError::DivisionByZero.into(),
            Fold::Average => Value::number(sum / count as f64),
            Fold::Min | Fold::Max if count == 0 => Value::ZERO,
            Fold::Min => Value::number(least),
            Fold::Max => Value::number(most),
            _ => Value::number(sum),
        }
    }

    fn each_in(
        &self,
        from: &CellReference,
        to: &CellReference,
        fold: Fold,
        take: &mut impl FnMut(f64),
    ) -> Result<(), Value> {
        let (sheet, area) = self.area(from, to)?;
        for index in self.sight.workbook.sheets[sheet].within(area) {
            self.visit(1)?;
            match (self.sight.look)((sheet, index)) {
                Scalar::Number(number) => take(number),
                // COUNT counts numbers, whatever else there is.
                Scalar::Error(_) | Scalar::Unknown if fold == Fold::Count => {}
                error @ (Scalar::Error(_) | Scalar::Unknown) => {
                    return Err(self.sight.arithmetic(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn area(&self, from: &CellReference, to: &CellReference) -> Result<(usize, Area), Value> {
        let sight = self.sight;
        rectangle(sight.workbook, sight.sheet, sight.at, from, to)
            .ok_or_else(|| sight.fail(Scalar::Error(ErrorValue::Reference)))
    }

    /// Counts the cells that are looked at.
    fn visit(&self, cells: usize) -> Result<(), Value> {
        match self.sight.visits.get().checked_sub(cells) {
            Some(left) => {
                self.sight.visits.set(left);
                Ok(())
            }
            None => Err(self.sight.fail(Scalar::Unknown)),
        }
    }

    /// The values of a formula over ranges, element by element.
    fn each_of(&self, tree: &Expr<ArrayName>, take: &mut impl FnMut(f64)) -> Result<(), Value> {
        let elements = self.elements(tree)?;
        let (rows, columns) = self.shape(std::slice::from_ref(&elements))?;
        for place in places(rows, columns) {
            take(self.at(&elements, place).get().map_err(Value::from)?);
        }
        Ok(())
    }

    /// The sum over all places of what `combine` makes of the operands there.
    fn products(&self, operands: &[Operand], combine: impl Fn(&[f64]) -> f64) -> Value {
        match self.summed(operands, combine) {
            Ok(sum) => Value::number(sum),
            Err(error) => error,
        }
    }

    fn summed(&self, operands: &[Operand], combine: impl Fn(&[f64]) -> f64) -> Result<f64, Value> {
        let operands = operands.iter().map(|operand| match operand {
            Operand::Range(from, to) => {
                self.area(from, to).map(|(sheet, area)| Expr::Name(Element::Range(sheet, area)))
            }
            Operand::Formula(tree) => self.elements(tree),
        });
        let operands = operands.collect::<Result<Vec<_>, _>>()?;
        let (rows, columns) = self.shape(&operands)?;
        let mut sum = 0.0;
        let mut numbers = Vec::with_capacity(operands.len());
        for place in places(rows, columns) {
            numbers.clear();
            for operand in &operands {
                // A text as an operand of its own counts for 0.
                let number = match operand {
                    Expr::Name(Element::Range(sheet, area)) => {
                        match self.cell(*sheet, *area, place) {
                            Scalar::Text(_) | Scalar::Logical(_) => Ok(0.0),
                            scalar => self.sight.arithmetic(scalar).get(),
                        }
                    }
                    operand => self.at(operand, place).get(),
                };
                numbers.push(number.map_err(Value::from)?);
            }
            sum += combine(&numbers);
        }
        Ok(sum)
    }

    /// The tree with everything computed that is the same for all elements.
    fn elements(&self, tree: &Expr<ArrayName>) -> Result<Expr<Element>, Value> {
        tree.substitute(&mut |name| {
            Ok(Expr::Name(match name {
                ArrayName::Range(from, to) => {
                    let (sheet, area) = self.area(from, to)?;
                    Element::Range(sheet, area)
                }
                ArrayName::One(reference) => Element::One(self.sight.value(reference)),
            }))
        })
    }

    /// The rows and columns of the largest range, without the blank rows at the end of the sheet.
    fn shape(&self, trees: &[Expr<Element>]) -> Result<(u32, u32), Value> {
        let (mut rows, mut columns) = (1, 1);
        let mut ranges = 0;
        for tree in trees {
            tree.each_name(&mut |element| {
                if let Element::Range(sheet, area) = element {
                    let end = self.sight.workbook.sheets[*sheet].rows().max(area.first.0 + 1);
                    rows = rows.max(area.last.0.min(end - 1) - area.first.0 + 1);
                    columns = columns.max(area.width());
                }
                ranges += 1;
            });
        }
        let cells = (rows as usize).saturating_mul(columns as usize);
        self.visit(cells.saturating_mul(ranges.max(1)))?;
        Ok((rows, columns))
    }

    /// The value of one element.
    fn at(&self, tree: &Expr<Element>, place: (u32, u32)) -> Value {
        evaluate(tree, &|element| match element {
            Element::One(value) => *value,
            Element::Range(sheet, area) => self.sight.arithmetic(self.cell(*sheet, *area, place)),
        })
    }

    /// The cell of `area` at a place; a single row or column serves for all.
    fn cell(&self, sheet: usize, area: Area, (row, column): (u32, u32)) -> Scalar {
        let row = if area.first.0 == area.last.0 { 0 } else { row };
        let column = if area.width() == 1 { 0 } else { column };
        let at = (area.first.0 + row, area.first.1 + column);
        if area.contains(at) {
            self.sight.scalar_at(sheet, at)
        } else {
            Scalar::Error(ErrorValue::NotAvailable)
        }
    }

    fn index(&self, from: &CellReference, to: &CellReference, at: &[Operand]) -> Value {
        let (sheet, area) = match self.area(from, to) {
            Ok(found) => found,
            Err(error) => return error,
        };
        let mut places = [0.0; 2];
        for (place, operand) in places.iter_mut().zip(at) {
            match self.single(operand).get() {
                Ok(number) => *place = number.trunc(),
                Err(error) => return error.into(),
            }
        }
        // With one number, a single row is counted along its columns.
        if at.len() == 1 && area.first.0 == area.last.0 {
            places.swap(0, 1);
        }
        let [row, column] = places.map(|place| place.max(1.0) - 1.0);
        let at = (f64::from(area.first.0) + row, f64::from(area.first.1) + column);
        if at.0 > f64::from(area.last.0) || at.1 > f64::from(area.last.1) {
            return self.sight.fail(Scalar::Error(ErrorValue::Reference));
        }
        self.sight.arithmetic(self.sight.scalar_at(sheet, (at.0 as u32, at.1 as u32)))
    }

    /// The value of an operand that is no range.
    fn single(&self, operand: &Operand) -> Value {
        match operand {
            Operand::Range(from, _) => self.sight.arithmetic(self.sight.cell(from)),
            Operand::Formula(tree) => match self.elements(tree) {
                Ok(tree) => self.at(&tree, (0, 0)),
                Err(error) => error,
            },
        }
    }
}

fn places(rows: u32, columns: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}
