//! The exact solution: the weights with the smallest sum of squared errors, for a model that is
//! linear in them.
//!
//! A line's are those of a spreadsheet's SLOPE and INTERCEPT. Those of any other such model come
//! from a QR decomposition of its Jacobian, built up sample by sample by Givens rotations: the
//! normal equations would square its condition, and keeping all of it would double what the data
//! take.

use super::curvature::Derivatives;
use super::results::Exact;
use super::summary::rmse;
use super::{data_columns, least_squares};
use crate::circuit::Rotated;
use crate::data::Data;
use crate::formula::{Expr, evaluate};
use crate::sheet::{Ref, Sheet};
use crate::value::{CellError, Value};

/// More weights than this are not solved for.
const MOST_WEIGHTS: usize = 64;

/// The exact solution for a line, as the spreadsheet's functions have it.
pub(super) fn of_line(sheet: &Sheet, data: &Data) -> Option<Exact> {
    let columns = data_columns(sheet, data).ok().filter(|_| sheet.model.is_line)?;
    let line = least_squares(columns[0], columns[1]);
    let weights = vec![line.slope, line.intercept];
    Some(Exact { rmse: rmse(sheet, &columns, &weights), weights })
}

/// The exact solution for any model that is linear in its weights, with the squared error; none
/// where the samples do not determine it.
pub fn of_linear(sheet: &Sheet, data: &Data) -> Option<Exact> {
    if sheet.model.is_line {
        return of_line(sheet, data).filter(|exact| !exact.rmse.is_error());
    }
    if !sheet.model.is_squared || sheet.weights.len() > MOST_WEIGHTS {
        return None;
    }
    let derivatives = Derivatives::of(sheet);
    if !derivatives.is_linear {
        return None;
    }
    let columns = data_columns(sheet, data).ok()?;
    let mut rotated = Rotated::new(sheet.weights.len());
    for (residual, jacobian) in derivatives.residuals.iter().zip(&derivatives.jacobian) {
        let at_zero = derivatives.at_zero(residual);
        let row_of = |sample: usize| {
            let value = |expr: &Expr<Ref>| {
                let value = evaluate(expr, &|name: &Ref| match *name {
                    Ref::Data(column) => Value::number(columns[column][sample]),
                    Ref::Input(input) => Value::number(sheet.inputs[input].value),
                    // Formulas of one sample are over data and inputs.
                    Ref::Column(_) | Ref::Above(_) | Ref::Order => CellError::Number.into(),
                });
                value.get().ok()
            };
            let row: Option<Vec<f64>> = jacobian.iter().map(value).collect();
            Some((row?, -value(&at_zero)?))
        };
        for sample in 0..data.samples() {
            let (row, right) = row_of(sample)?;
            rotated.add(row, right);
        }
    }
    let weights: Vec<Value> = rotated.solve()?.into_iter().map(Value::number).collect();
    let rmse = rmse(sheet, &columns, &weights);
    (!rmse.is_error()).then_some(Exact { weights, rmse })
}
