//! Spread, order and least squares.

use super::aggregate::{chosen_adjoint, each, mean, numbers, over, total};
use super::matrix::Matrix;
use super::{Argument, MANY, SheetFunction, ranges};
use crate::graph::item::{Array, Item, Outcome};
use crate::graph::scalar::ErrorValue;
use crate::value::sum;

pub(super) fn table() -> Vec<SheetFunction> {
    let mut table = Vec::new();
    for name in ["VAR", "VAR.S"] {
        table.push(ranges(
            name,
            (1, MANY),
            |a| over(a, |n| variance(n, 1)),
            |a, _, w| spread_adjoint(a, |deviation, freedom| 2.0 * w[0] * deviation / freedom, 1),
        ));
    }
    for name in ["VARP", "VAR.P"] {
        table.push(ranges(
            name,
            (1, MANY),
            |a| over(a, |n| variance(n, 0)),
            |a, _, w| spread_adjoint(a, |deviation, freedom| 2.0 * w[0] * deviation / freedom, 0),
        ));
    }
    for name in ["STDEV", "STDEV.S"] {
        let value = |a: &[Argument]| over(a, |n| variance(n, 1).map(f64::sqrt));
        table.push(ranges(name, (1, MANY), value, |a, s, w| deviation_adjoint(a, s, w[0], 1)));
    }
    for name in ["STDEVP", "STDEV.P"] {
        let value = |a: &[Argument]| over(a, |n| variance(n, 0).map(f64::sqrt));
        table.push(ranges(name, (1, MANY), value, |a, s, w| deviation_adjoint(a, s, w[0], 0)));
    }
    table.extend([
        ranges(
            "DEVSQ",
            (1, MANY),
            |a| over(a, deviations),
            |a, _, w| spread_adjoint(a, |deviation, _| 2.0 * w[0] * deviation, 0),
        ),
        ranges("MEDIAN", (1, MANY), |a| over(a, median), median_adjoint),
        ranges("LARGE", (2, 2), |a| nth(a, true), |a, r, w| chosen_adjoint(&a[..1], r, w)),
        ranges("SMALL", (2, 2), |a| nth(a, false), |a, r, w| chosen_adjoint(&a[..1], r, w)),
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
        ranges("COVAR", (2, 2), |a| covariance(a, 0), |a, _, w| covariance_adjoint(a, w[0], 0)),
        ranges(
            "COVARIANCE.P",
            (2, 2),
            |a| covariance(a, 0),
            |a, _, w| covariance_adjoint(a, w[0], 0),
        ),
        ranges(
            "COVARIANCE.S",
            (2, 2),
            |a| covariance(a, 1),
            |a, _, w| covariance_adjoint(a, w[0], 1),
        ),
        ranges(
            "CORREL",
            (2, 2),
            |a| correlation(a, |r| r),
            |a, _, w| correlation_adjoint(a, |_| w[0]),
        ),
        ranges(
            "RSQ",
            (2, 2),
            |a| correlation(a, |r| r * r),
            |a, _, w| correlation_adjoint(a, |r| 2.0 * r * w[0]),
        ),
    ]);
    table
}

/// The sum of squares about the mean.
fn deviations(numbers: &[f64]) -> Result<f64, ErrorValue> {
    let mean = mean(numbers).map_err(|_| ErrorValue::Number)?;
    Ok(sum(numbers.iter().map(|x| (x - mean) * (x - mean))))
}

/// The variance, with `lost` degrees of freedom less than there are numbers.
fn variance(numbers: &[f64], lost: usize) -> Result<f64, ErrorValue> {
    let freedom = numbers.len().checked_sub(lost).filter(|freedom| *freedom > 0);
    let freedom = freedom.ok_or(ErrorValue::Division)?;
    Ok(deviations(numbers)? / freedom as f64)
}

fn spread_adjoint(
    arguments: &[Argument],
    weight: impl Fn(f64, f64) -> f64,
    lost: usize,
) -> Vec<Vec<f64>> {
    let all = numbers(arguments).unwrap_or_default();
    let mean = mean(&all).unwrap_or(0.0);
    let freedom = all.len().saturating_sub(lost).max(1) as f64;
    each(arguments, |x| weight(x - mean, freedom))
}

fn deviation_adjoint(
    arguments: &[Argument],
    deviation: &Outcome,
    weight: f64,
    lost: usize,
) -> Vec<Vec<f64>> {
    let deviation = deviation.first().arithmetic().unwrap_or(0.0);
    // All equal: the deviation has no derivative there.
    let weight = if deviation > 0.0 { weight / deviation } else { 0.0 };
    spread_adjoint(arguments, |from_mean, freedom| weight * from_mean / freedom, lost)
}

fn median(numbers: &[f64]) -> Result<f64, ErrorValue> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match (sorted.get(half), sorted.len() % 2) {
        (None, _) => Err(ErrorValue::Number),
        (Some(middle), 1) => Ok(*middle),
        (Some(upper), _) => Ok((sorted[half - 1] + upper) / 2.0),
    }
}

/// The one or two numbers in the middle share.
fn median_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let mut sorted = numbers(arguments).unwrap_or_default();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let middle = if sorted.len() % 2 == 1 { vec![half] } else { vec![half.max(1) - 1, half] };
    let mut pulled = each(arguments, |_| 0.0);
    for at in &middle {
        let Some(number) = sorted.get(*at) else { continue };
        let share = [weights[0] / middle.len() as f64];
        let one = chosen_adjoint(arguments, &Outcome::One(Item::Number(*number)), &share);
        for (sum, taken) in pulled.iter_mut().zip(one) {
            sum.iter_mut().zip(taken).for_each(|(sum, taken)| *sum += taken);
        }
    }
    pulled
}

/// The nth largest or smallest number.
fn nth(arguments: &[Argument], is_largest: bool) -> Outcome {
    let nth = match arguments[1].outcome.first().arithmetic() {
        Ok(nth) => nth,
        Err(failure) => return Outcome::One(failure),
    };
    over(&arguments[..1], |numbers| {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        if is_largest {
            sorted.reverse();
        }
        let place = (nth >= 1.0).then(|| nth.ceil() as usize - 1);
        place.and_then(|place| sorted.get(place)).copied().ok_or(ErrorValue::Number)
    })
}

/// The pairs of numbers that stand in the same places of two arguments, with these places.
fn pairs(arguments: &[Argument]) -> Result<Vec<(usize, f64, f64)>, Item> {
    let (one, other) = (arguments[0].outcome.items(), arguments[1].outcome.items());
    if one.len() != other.len() {
        return Err(Item::Error(ErrorValue::NotAvailable));
    }
    let mut pairs = Vec::new();
    for (place, pair) in one.iter().zip(other).enumerate() {
        match pair {
            (Item::Number(a), Item::Number(b)) => pairs.push((place, *a, *b)),
            (failure, _) | (_, failure) if failure.is_failure() => return Err(failure.clone()),
            _ => {}
        }
    }
    Ok(pairs)
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

/// Means, and sums of squares and products about them.
struct Moments {
    pairs: Vec<(usize, f64, f64)>,
    means: (f64, f64),
    squares: (f64, f64),
    products: f64,
}

impl Moments {
    fn new(arguments: &[Argument]) -> Result<Moments, Item> {
        let pairs = pairs(arguments)?;
        let count = pairs.len() as f64;
        if pairs.is_empty() {
            return Err(Item::Error(ErrorValue::Division));
        }
        let means = (
            sum(pairs.iter().map(|(_, a, _)| *a)) / count,
            sum(pairs.iter().map(|(_, _, b)| *b)) / count,
        );
        let over = |term: fn(f64, f64) -> f64| {
            sum(pairs.iter().map(|(_, a, b)| term(a - means.0, b - means.1)))
        };
        let squares = (over(|a, _| a * a), over(|_, b| b * b));
        let products = over(|a, b| a * b);
        Ok(Moments { pairs, means, squares, products })
    }

    fn correlation(&self) -> f64 {
        self.products / (self.squares.0 * self.squares.1).sqrt()
    }

    fn adjoint(
        &self,
        arguments: &[Argument],
        weight: impl Fn(f64, f64) -> (f64, f64),
    ) -> Vec<Vec<f64>> {
        let mut pulled = each(arguments, |_| 0.0);
        for (place, a, b) in &self.pairs {
            let (to_a, to_b) = weight(a - self.means.0, b - self.means.1);
            pulled[0][*place] = to_a;
            pulled[1][*place] = to_b;
        }
        pulled
    }
}

fn covariance(arguments: &[Argument], lost: usize) -> Outcome {
    Outcome::One(match Moments::new(arguments) {
        Ok(moments) if moments.pairs.len() > lost => {
            Item::number(moments.products / (moments.pairs.len() - lost) as f64)
        }
        Ok(_) => Item::Error(ErrorValue::Division),
        Err(failure) => failure,
    })
}

fn covariance_adjoint(arguments: &[Argument], weight: f64, lost: usize) -> Vec<Vec<f64>> {
    let Ok(moments) = Moments::new(arguments) else { return Vec::new() };
    let weight = weight / moments.pairs.len().saturating_sub(lost).max(1) as f64;
    moments.adjoint(arguments, |a, b| (weight * b, weight * a))
}

fn correlation(arguments: &[Argument], value: fn(f64) -> f64) -> Outcome {
    Outcome::One(match Moments::new(arguments) {
        Ok(moments) if moments.squares.0 == 0.0 || moments.squares.1 == 0.0 => {
            Item::Error(ErrorValue::Division)
        }
        Ok(moments) => Item::number(value(moments.correlation())),
        Err(failure) => failure,
    })
}

fn correlation_adjoint(arguments: &[Argument], weight: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let Ok(moments) = Moments::new(arguments) else { return Vec::new() };
    let (r, (a2, b2)) = (moments.correlation(), moments.squares);
    let (weight, size) = (weight(r), (a2 * b2).sqrt());
    moments.adjoint(arguments, |a, b| {
        (weight * (b / size - r * a / a2), weight * (a / size - r * b / b2))
    })
}
