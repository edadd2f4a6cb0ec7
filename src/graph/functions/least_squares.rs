//! Least squares: lines and planes through samples, and how they move with these.

use super::aggregate::{each, total};
use super::matrix::Matrix;
use super::statistics::pairs;
use super::{Argument, SheetFunction, ranges};
use crate::graph::item::{Array, Item, Outcome};
use crate::graph::scalar::ErrorValue;
use crate::value::sum;

pub(super) fn table() -> Vec<SheetFunction> {
    vec![
        ranges(
            "SLOPE",
            (2, 2),
            |a| line(a, |fit| fit.slopes[0]),
            |a, _, w| fit_adjoint(a, &[w[0]], 0.0),
        ),
        ranges(
            "INTERCEPT",
            (2, 2),
            |a| line(a, |fit| fit.intercept),
            |a, _, w| fit_adjoint(a, &[0.0], w[0]),
        ),
        ranges("LINEST", (1, 4), linest, linest_adjoint),
    ]
}

/// A least squares fit of one column by others and a constant.
struct Fit {
    /// The places of the samples in the first argument.
    places: Vec<usize>,
    /// The inputs without their means, a row a sample.
    inputs: Matrix,
    /// The inverse of the inputs' sums of squares and products.
    inverse: Matrix,
    means: Vec<f64>,
    slopes: Vec<f64>,
    intercept: f64,
    residuals: Vec<f64>,
    has_constant: bool,
}

impl Fit {
    fn new(
        places: Vec<usize>,
        targets: &[f64],
        rows: &[Vec<f64>],
        has_constant: bool,
    ) -> Result<Fit, ErrorValue> {
        let (count, width) = (rows.len(), rows.first().map_or(0, Vec::len));
        if count == 0 || width == 0 {
            return Err(ErrorValue::Division);
        }
        let mean_of =
            |column: usize| total(&rows.iter().map(|row| row[column]).collect::<Vec<_>>());
        let shift = if has_constant { 1.0 / count as f64 } else { 0.0 };
        let means: Vec<f64> = (0..width).map(|column| mean_of(column) * shift).collect();
        let target_mean = total(targets) * shift;
        let centered = |at: usize| rows[at / width][at % width] - means[at % width];
        let inputs = Matrix::of(count, width, centered);
        let squares = inputs.transposed().times(&inputs);
        let inverse = squares.inverse().ok_or(ErrorValue::Division)?;
        let deviations: Vec<f64> = targets.iter().map(|y| y - target_mean).collect();
        let products = (0..width)
            .map(|column| sum((0..count).map(|row| inputs.at(row, column) * deviations[row])));
        let products = Matrix { rows: width, columns: 1, numbers: products.collect() };
        let slopes = inverse.times(&products).numbers;
        let at_means = sum(slopes.iter().zip(&means).map(|(slope, mean)| slope * mean));
        let residual = |row: usize| {
            let fitted = sum((0..width).map(|column| inputs.at(row, column) * slopes[column]));
            deviations[row] - fitted
        };
        let residuals = (0..count).map(residual).collect();
        let intercept = if has_constant { target_mean - at_means } else { 0.0 };
        Ok(Fit { places, inputs, inverse, means, slopes, intercept, residuals, has_constant })
    }

    /// What each target and each input takes of weights of the slopes and the intercept.
    fn adjoint(&self, slopes: &[f64], intercept: f64) -> (Vec<f64>, Matrix) {
        let (count, width) = (self.inputs.rows, self.inputs.columns);
        let intercept = if self.has_constant { intercept } else { 0.0 };
        let share = intercept / count as f64;
        let weights = Matrix {
            rows: width,
            columns: 1,
            numbers: slopes.iter().zip(&self.means).map(|(w, mean)| w - intercept * mean).collect(),
        };
        let z = self.inverse.times(&weights);
        let along = self.inputs.times(&z).numbers;
        let targets = along.iter().map(|along| along + share).collect();
        let inputs = Matrix::of(count, width, |at| {
            let (row, column) = (at / width, at % width);
            self.residuals[row] * z.numbers[column] - (along[row] + share) * self.slopes[column]
        });
        (targets, inputs)
    }
}

/// The line through the pairs of y and x.
fn line_fit(arguments: &[Argument]) -> Result<Fit, Item> {
    let pairs = pairs(arguments)?;
    let x: Vec<f64> = pairs.iter().map(|(_, _, x)| *x).collect();
    if x.iter().all(|one| *one == x[0]) {
        return Err(Item::Error(ErrorValue::Division));
    }
    let y: Vec<f64> = pairs.iter().map(|(_, y, _)| *y).collect();
    let rows: Vec<Vec<f64>> = x.into_iter().map(|x| vec![x]).collect();
    Fit::new(pairs.iter().map(|(place, ..)| *place).collect(), &y, &rows, true).map_err(Item::Error)
}

fn line(arguments: &[Argument], value: fn(&Fit) -> f64) -> Outcome {
    Outcome::One(match line_fit(arguments) {
        Ok(fit) => Item::number(value(&fit)),
        Err(failure) => failure,
    })
}

fn fit_adjoint(arguments: &[Argument], slopes: &[f64], intercept: f64) -> Vec<Vec<f64>> {
    let Ok(fit) = line_fit(arguments) else { return Vec::new() };
    let (targets, inputs) = fit.adjoint(slopes, intercept);
    let mut pulled = each(arguments, |_| 0.0);
    for (nth, place) in fit.places.iter().enumerate() {
        pulled[0][*place] = targets[nth];
        pulled[1][*place] = inputs.numbers[nth];
    }
    pulled
}

/// `LINEST(ys, [xs], [constant], [statistics])`: the samples, and whether they stand in rows.
fn linest_fit(arguments: &[Argument]) -> Result<(Fit, bool), Item> {
    let (height, width) = arguments[0].outcome.shape();
    let is_column = width == 1;
    let count = height * width;
    let targets = arguments[0].all_numbers()?;
    let given = arguments.get(1).filter(|one| *one.outcome.items() != [Item::Blank]);
    let (inputs, shape) = match given {
        Some(argument) => (argument.all_numbers()?, argument.outcome.shape()),
        None => ((1..=count).map(|at| at as f64).collect(), (height, width)),
    };
    let each_is_sample = (height, width) == shape;
    let fits = each_is_sample || if is_column { shape.0 == height } else { shape.1 == width };
    if !fits || (height > 1 && width > 1 && !each_is_sample) {
        return Err(Item::Error(ErrorValue::Reference));
    }
    let row = |sample: usize| -> Vec<f64> {
        match (each_is_sample, is_column) {
            (true, _) => vec![inputs[sample]],
            (false, true) => inputs[sample * shape.1..(sample + 1) * shape.1].to_vec(),
            (false, false) => (0..shape.0).map(|at| inputs[at * shape.1 + sample]).collect(),
        }
    };
    let rows: Vec<Vec<f64>> = (0..count).map(row).collect();
    let has_constant = match arguments.get(2).map(|argument| argument.outcome.first()) {
        None | Some(Item::Blank) => true,
        Some(item) => item.arithmetic()? != 0.0,
    };
    let fit = Fit::new((0..count).collect(), &targets, &rows, has_constant);
    Ok((fit.map_err(Item::Error)?, is_column || each_is_sample))
}

fn linest(arguments: &[Argument]) -> Outcome {
    let fit = match linest_fit(arguments) {
        Ok((fit, _)) => fit,
        Err(failure) => return Outcome::One(failure),
    };
    let mut items: Vec<Item> = fit.slopes.iter().rev().map(|slope| Item::number(*slope)).collect();
    items.push(Item::number(fit.intercept));
    let columns = items.len();
    let has_statistics = arguments.get(3).is_some_and(|argument| {
        argument.outcome.first().arithmetic().is_ok_and(|number| number != 0.0)
    });
    // The statistics below the coefficients are not computed.
    let rows = if has_statistics { 5 } else { 1 };
    items.resize(rows * columns, Item::Unknown);
    Outcome::Many(Array { rows, columns, items })
}

fn linest_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let Ok((fit, is_column)) = linest_fit(arguments) else { return Vec::new() };
    let width = fit.slopes.len();
    let slopes: Vec<f64> = weights[..width].iter().rev().copied().collect();
    let (targets, inputs) = fit.adjoint(&slopes, weights[width]);
    let inputs = if is_column { inputs } else { inputs.transposed() };
    match arguments.get(1) {
        Some(argument) if argument.outcome.items().len() == inputs.numbers.len() => {
            vec![targets, inputs.numbers]
        }
        _ => vec![targets],
    }
}
