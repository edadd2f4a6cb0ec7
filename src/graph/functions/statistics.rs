//! Spread, order and correlation.

use super::aggregate::{chosen_adjoint, each, mean, numbers, over};
use super::{Argument, MANY, SheetFunction, ranges};
use crate::graph::item::{Item, Outcome};
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
pub(super) fn pairs(arguments: &[Argument]) -> Result<Vec<(usize, f64, f64)>, Item> {
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
