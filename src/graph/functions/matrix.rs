//! Functions of matrices.

use super::{Argument, SheetFunction, ranges, zero};
use crate::graph::item::{Array, Item, Outcome};
use crate::graph::scalar::ErrorValue;
use crate::value::sum;

/// The most rows and columns of a matrix that is turned round or inverted.
const MOST: usize = 1_000;

pub(super) fn table() -> Vec<SheetFunction> {
    vec![
        ranges("MMULT", (2, 2), product, product_adjoint),
        ranges("TRANSPOSE", (1, 1), transpose, transpose_adjoint),
        ranges("MINVERSE", (1, 1), inverse, inverse_adjoint),
        ranges("MDETERM", (1, 1), determinant, determinant_adjoint),
        ranges("MUNIT", (1, 1), unit, zero),
    ]
}

/// A matrix of numbers, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matrix {
    pub rows: usize,
    pub columns: usize,
    pub numbers: Vec<f64>,
}

impl Matrix {
    /// A matrix of what `number` gives for each place, counted row by row.
    pub fn of(rows: usize, columns: usize, number: impl Fn(usize) -> f64) -> Matrix {
        Matrix { rows, columns, numbers: (0..rows * columns).map(number).collect() }
    }

    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.numbers[row * self.columns + column]
    }

    pub fn transposed(&self) -> Matrix {
        let at = |place: usize| self.at(place % self.rows, place / self.rows);
        Matrix::of(self.columns, self.rows, at)
    }

    /// The product; the inner sides must fit.
    pub fn times(&self, other: &Matrix) -> Matrix {
        Matrix::of(self.rows, other.columns, |place| {
            let (row, column) = (place / other.columns, place % other.columns);
            sum((0..self.columns).map(|at| self.at(row, at) * other.at(at, column)))
        })
    }

    /// The inverse, by Gauss and Jordan with the largest pivots; none of a singular matrix.
    pub fn inverse(&self) -> Option<Matrix> {
        let size = self.rows;
        let mut left = self.clone();
        let mut right = Matrix::of(size, size, |at| f64::from(u8::from(at / size == at % size)));
        for column in 0..size {
            let pivot = left.pivot(column)?;
            left.swap(column, pivot);
            right.swap(column, pivot);
            let scale = 1.0 / left.at(column, column);
            for row in (0..size).filter(|row| *row != column) {
                let factor = left.at(row, column) * scale;
                if factor != 0.0 {
                    left.subtract(row, column, factor);
                    right.subtract(row, column, factor);
                }
            }
            left.scale(column, scale);
            right.scale(column, scale);
        }
        Some(right)
    }

    fn determinant(&self) -> f64 {
        let mut left = self.clone();
        let mut determinant = 1.0;
        for column in 0..self.rows {
            let Some(pivot) = left.pivot(column) else { return 0.0 };
            if pivot != column {
                left.swap(column, pivot);
                determinant = -determinant;
            }
            determinant *= left.at(column, column);
            for row in column + 1..self.rows {
                let factor = left.at(row, column) / left.at(column, column);
                left.subtract(row, column, factor);
            }
        }
        determinant
    }

    /// The row with the largest number in a column, from the diagonal down; none where all are 0.
    fn pivot(&self, column: usize) -> Option<usize> {
        let size = |row: &usize| self.at(*row, column).abs();
        let best = (column..self.rows).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        (size(&best) > 0.0).then_some(best)
    }

    fn swap(&mut self, one: usize, other: usize) {
        for column in 0..self.columns {
            self.numbers.swap(one * self.columns + column, other * self.columns + column);
        }
    }

    /// Takes a multiple of one row from another.
    fn subtract(&mut self, from: usize, row: usize, factor: f64) {
        for column in 0..self.columns {
            self.numbers[from * self.columns + column] -= factor * self.at(row, column);
        }
    }

    fn scale(&mut self, row: usize, factor: f64) {
        let row = row * self.columns;
        self.numbers[row..row + self.columns].iter_mut().for_each(|number| *number *= factor);
    }

    fn outcome(self) -> Outcome {
        let items = self.numbers.into_iter().map(Item::number).collect();
        Outcome::Many(Array { rows: self.rows, columns: self.columns, items })
    }
}

/// The matrix of an argument: numbers everywhere.
fn matrix(argument: &Argument) -> Result<Matrix, Item> {
    let (rows, columns) = argument.outcome.shape();
    Ok(Matrix { rows, columns, numbers: argument.all_numbers()? })
}

fn square(argument: &Argument) -> Result<Matrix, Item> {
    let matrix = matrix(argument)?;
    match matrix.rows == matrix.columns && matrix.rows <= MOST {
        true => Ok(matrix),
        false => Err(Item::Error(ErrorValue::Value)),
    }
}

fn factors(arguments: &[Argument]) -> Result<(Matrix, Matrix), Item> {
    let (left, right) = (matrix(&arguments[0])?, matrix(&arguments[1])?);
    let is_small = left.rows.saturating_mul(right.columns) <= MOST * MOST;
    match left.columns == right.rows && is_small {
        true => Ok((left, right)),
        false => Err(Item::Error(ErrorValue::Value)),
    }
}

fn product(arguments: &[Argument]) -> Outcome {
    match factors(arguments) {
        Ok((left, right)) => left.times(&right).outcome(),
        Err(failure) => Outcome::One(failure),
    }
}

fn product_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let Ok((left, right)) = factors(arguments) else { return Vec::new() };
    let weights = Matrix { rows: left.rows, columns: right.columns, numbers: weights.to_vec() };
    vec![weights.times(&right.transposed()).numbers, left.transposed().times(&weights).numbers]
}

fn transpose(arguments: &[Argument]) -> Outcome {
    let (rows, columns) = arguments[0].outcome.shape();
    let items = arguments[0].outcome.items();
    if items.len() == 1 {
        return arguments[0].outcome.clone();
    }
    let at = |place: usize| items[(place % rows) * columns + place / rows].clone().shown();
    Outcome::Many(Array { rows: columns, columns: rows, items: (0..items.len()).map(at).collect() })
}

fn transpose_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let (rows, columns) = arguments[0].outcome.shape();
    let weights = Matrix { rows: columns, columns: rows, numbers: weights.to_vec() };
    vec![weights.transposed().numbers]
}

fn inverse(arguments: &[Argument]) -> Outcome {
    match square(&arguments[0]).map(|matrix| matrix.inverse()) {
        Ok(Some(inverse)) => inverse.outcome(),
        Ok(None) => Outcome::One(Item::Error(ErrorValue::Number)),
        Err(failure) => Outcome::One(failure),
    }
}

/// −A⁻ᵀ W A⁻ᵀ
fn inverse_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let Ok(Some(inverse)) = square(&arguments[0]).map(|matrix| matrix.inverse()) else {
        return Vec::new();
    };
    let turned = inverse.transposed();
    let weights = Matrix { numbers: weights.to_vec(), ..turned.clone() };
    let pulled = turned.times(&weights).times(&turned);
    vec![pulled.numbers.into_iter().map(|number| -number).collect()]
}

fn determinant(arguments: &[Argument]) -> Outcome {
    Outcome::One(match square(&arguments[0]) {
        Ok(matrix) => Item::number(matrix.determinant()),
        Err(failure) => failure,
    })
}

/// det A · A⁻ᵀ; of a singular matrix the cofactors are not computed.
fn determinant_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let Ok(matrix) = square(&arguments[0]) else { return Vec::new() };
    let Some(inverse) = matrix.inverse() else { return Vec::new() };
    let determinant = matrix.determinant();
    let turned = inverse.transposed();
    vec![turned.numbers.into_iter().map(|number| weights[0] * determinant * number).collect()]
}

fn unit(arguments: &[Argument]) -> Outcome {
    match arguments[0].outcome.first().arithmetic() {
        Ok(size) if size >= 1.0 && size <= MOST as f64 => {
            let size = size as usize;
            Matrix::of(size, size, |at| f64::from(u8::from(at / size == at % size))).outcome()
        }
        Ok(_) => Outcome::One(Item::Error(ErrorValue::Value)),
        Err(failure) => Outcome::One(failure),
    }
}
