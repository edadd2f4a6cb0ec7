//! How the loss curves, and what follows for training: Jacobian and Hessian, eigenvalues, the
//! largest stable learning rates, the exact solution.
//!
//! Gradient descent on a parabola with the second derivative λ is stable for learning rates below
//! 2/λ. A loss of several weights curves with a different λ in every direction; the largest
//! decides how large a step may be, the smallest how long the way is.

mod derivatives;
mod exact;
mod limits;
mod spectrum;
mod working;

pub use derivatives::Derivatives;
pub use exact::Solution;
pub use limits::{Limit, Limits, Verdict};
pub use spectrum::{Shape, Spectrum, Turn};
pub use working::{Number, Source, Working};

use super::{Results, data_columns};
use crate::error::Result;
use crate::formula::{Expr, elementwise};
use crate::sheet::{InputKind, Ref};
use crate::value::Value;

/// More weights than this make tables that nobody follows.
pub const MOST_WEIGHTS: usize = 12;

/// A formula with more names than this is longer than a spreadsheet's cell takes (8192 characters).
const MOST_NAMES: usize = 300;

/// The curvature of a model's mean loss over some data. All `usize` are places in `numbers`.
#[derive(Debug)]
pub struct Curvature {
    /// The formulas of one sample.
    pub derivatives: Derivatives,
    /// All numbers, in the order in which they are worked out.
    pub numbers: Vec<Number>,
    /// The number of samples.
    pub samples: usize,
    /// The weights at which the curvature is taken: the start weights.
    pub point: Vec<usize>,
    /// The mean loss there.
    pub loss: usize,
    /// The gradient of the mean loss there.
    pub gradient: Vec<usize>,
    /// The Hessian of the mean loss there; what is below the diagonal refers to what is above.
    pub hessian: Vec<Vec<usize>>,
    /// The eigenvalues of the Hessian.
    pub spectrum: Spectrum,
    /// The largest stable learning rates.
    pub limits: Limits,
    /// The exact solution, where there is one in closed form.
    pub solution: Option<Solution>,
}

impl Curvature {
    /// The curvature at the start weights of the first of `results`' runs. `None` for models with
    /// more than [`MOST_WEIGHTS`] weights, or with second derivatives too long for a cell.
    ///
    /// # Errors
    /// Data without the columns that the sheet needs.
    ///
    /// # Panics
    /// Without runs, of which there is always one.
    pub fn of(results: &Results) -> Result<Option<Self>> {
        let sheet = &results.runs[0].sheet;
        if sheet.weights.len() > MOST_WEIGHTS {
            return Ok(None);
        }
        let derivatives = Derivatives::of(sheet);
        if derivatives.hessian.iter().flatten().any(is_too_long) {
            return Ok(None);
        }
        let data = data_columns(sheet, &results.data)?;
        let mut working = Working::new(sheet, &data);
        let samples = working.input(0, sheet, sheet.input_of(InputKind::Samples));
        let point: Vec<usize> =
            sheet.weights.iter().map(|weight| working.input(0, sheet, weight.start)).collect();
        let loss = working.mean(&sheet.sample_loss, &point);
        let gradient =
            derivatives.gradient.iter().map(|slope| working.mean(slope, &point)).collect();
        let is_scaled = results.data.scale.is_some();
        let hessian = hessian(&mut working, &derivatives, (&point, is_scaled));
        let spectrum = Spectrum::of(&mut working, &hessian)?;
        let limits = Limits::of(&mut working, results, &derivatives, &point, &spectrum)?;
        let solution = Solution::of(&mut working, &derivatives, &hessian)?;
        let numbers = working.numbers;
        Ok(Some(Curvature {
            derivatives,
            numbers,
            samples,
            point,
            loss,
            gradient,
            hessian,
            spectrum,
            limits,
            solution,
        }))
    }

    /// The value of the number at `place`.
    pub fn value(&self, place: usize) -> Value {
        self.numbers[place].value
    }
}

/// The means of the second derivatives: each computed once, above the diagonal. Not so where data
/// are scaled: there such a mean is 0 but for rounding, and a copy of it could not be told from a
/// number that means something.
fn hessian(
    working: &mut Working,
    derivatives: &Derivatives,
    (point, is_scaled): (&[usize], bool),
) -> Vec<Vec<usize>> {
    let mut hessian: Vec<Vec<usize>> = Vec::new();
    for (row, entries) in derivatives.hessian.iter().enumerate() {
        let places = entries.iter().enumerate().map(|(column, entry)| match column < row {
            true if !is_scaled => working.tree(Expr::Name(hessian[column][row])),
            _ => working.mean(entry, point),
        });
        let places = places.collect();
        hessian.push(places);
    }
    hessian
}

/// Whether `expr` over ranges is too long for a cell.
pub(crate) fn is_too_long(expr: &Expr<Ref>) -> bool {
    elementwise(expr).names().len() > MOST_NAMES
}

#[cfg(test)]
mod tests;
