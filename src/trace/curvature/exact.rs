//! The weights with the smallest mean loss, where the loss is a quadratic function of them: the
//! normal equations, solved by determinants.
//!
//! The gradient of such a loss is H·w + g(0), so it is 0 where H·w = −g(0). For the line these are
//! the normal equations of least squares, 2·(mean x²·a + mean x·b) = 2·mean x·y and
//! 2·(mean x·a + b) = 2·mean y.

use super::Working;
use super::derivatives::Derivatives;
use super::spectrum::ROUNDING;
use super::working::Source;
use crate::error::Result;
use crate::formula::{Expr, simplify};
use crate::trace::least_squares;

/// More weights than this have no solution by determinants here.
const LARGEST: usize = 3;

/// The exact solution, as places in a [`Working`].
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The determinant of the Hessian.
    pub determinant: usize,
    /// The right sides −g(0), one for each weight.
    pub right: Vec<usize>,
    /// The determinants with a column replaced by the right sides, one for each weight.
    pub replaced: Vec<usize>,
    /// The weights (Cramer's rule).
    pub weights: Vec<usize>,
    /// The gradient of the mean loss there: 0 but for rounding.
    pub gradient: Vec<usize>,
    /// Slope and intercept by the spreadsheet's functions, and how far the weights are from them;
    /// for a line.
    pub functions: Option<[[usize; 2]; 2]>,
}

impl Solution {
    /// The solution where the loss is quadratic and there are at most three weights.
    ///
    /// # Errors
    /// None: the formulas are constants that a test reads.
    pub fn of(
        working: &mut Working,
        derivatives: &Derivatives,
        hessian: &[Vec<usize>],
    ) -> Result<Option<Self>> {
        if !derivatives.is_quadratic || hessian.len() > LARGEST {
            return Ok(None);
        }
        let determinant = determinant(working, hessian)?;
        let mut right = Vec::new();
        for slope in &derivatives.gradient {
            let negative = simplify(&Expr::Negate(Box::new(derivatives.at_zero(slope))));
            right.push(working.mean(&negative, &[]));
        }
        let (mut replaced, mut weights) = (Vec::new(), Vec::new());
        for weight in 0..hessian.len() {
            let mut matrix = hessian.to_vec();
            for (row, right) in matrix.iter_mut().zip(&right) {
                row[weight] = *right;
            }
            let above = working.formula(formula(matrix.len()), &names(&matrix))?;
            replaced.push(above);
            let fraction = [("above", above), ("determinant", determinant)];
            weights.push(working.formula("above/determinant", &fraction)?);
        }
        let gradient =
            derivatives.gradient.iter().map(|slope| working.mean(slope, &weights)).collect();
        let functions = match working.is_line() {
            true => Some(by_functions(working, &weights)?),
            false => None,
        };
        Ok(Some(Solution { determinant, right, replaced, weights, gradient, functions }))
    }
}

/// Slope and intercept, and the differences of `weights` from them.
fn by_functions(working: &mut Working, weights: &[usize]) -> Result<[[usize; 2]; 2]> {
    let line = least_squares(working.column(0), working.column(1));
    let functions = [("SLOPE", line.slope), ("INTERCEPT", line.intercept)]
        .map(|(function, value)| working.add(Source::OfLine(function), value));
    let mut differences = functions;
    for (index, function) in functions.iter().enumerate() {
        let names = [("w", weights[index]), ("f", *function)];
        differences[index] = working.formula("w - f", &names)?;
    }
    Ok([functions, differences])
}

/// The determinant of a symmetric matrix of at most three rows; 0 where only rounding is left.
///
/// # Errors
/// None: the formulas are constants that a test reads.
pub fn determinant(working: &mut Working, matrix: &[Vec<usize>]) -> Result<usize> {
    let formula = formula(matrix.len());
    let diagonal = ["h11", "h11*h22", "h11*h22*h33"][matrix.len() - 1];
    let guarded = format!("if(abs({formula}) <= {ROUNDING}*abs({diagonal}), 0, {formula})");
    let text = if matrix.len() == 1 { formula } else { &guarded };
    working.formula(text, &names(matrix))
}

/// The determinant of a matrix with the entries h11, h12 and so on.
fn formula(size: usize) -> &'static str {
    [
        "h11",
        "h11*h22 - h12*h21",
        "h11*(h22*h33 - h23*h32) - h12*(h21*h33 - h23*h31) + h13*(h21*h32 - h22*h31)",
    ][size - 1]
}

fn names(matrix: &[Vec<usize>]) -> Vec<(&'static str, usize)> {
    const NAMES: [[&str; 3]; 3] =
        [["h11", "h12", "h13"], ["h21", "h22", "h23"], ["h31", "h32", "h33"]];
    let rows = matrix.iter().zip(NAMES);
    rows.flat_map(|(row, names)| names.into_iter().zip(row.iter().copied())).collect()
}
