//! Functions that make one number of all numbers in their arguments: sums, means, counts, extremes.

use super::{Argument, SheetFunction, ranges};
use crate::graph::item::{Item, Outcome};
use crate::graph::scalar::ErrorValue;
use crate::value::sum;

const MANY: usize = 255;

pub(super) fn table() -> Vec<SheetFunction> {
    vec![
        ranges(
            "SUM",
            (1, MANY),
            |a| over(a, |n| Ok(sum(n.iter().copied()))),
            |a, _, w| each(a, |_| w[0]),
        ),
        ranges(
            "SUMSQ",
            (1, MANY),
            |a| over(a, |n| Ok(sum(n.iter().map(|x| x * x)))),
            |a, _, w| each(a, |x| 2.0 * x * w[0]),
        ),
        ranges(
            "AVERAGE",
            (1, MANY),
            |a| over(a, mean),
            |a, _, w| {
                let count = count(a);
                each(a, |_| w[0] / count)
            },
        ),
        ranges("COUNT", (1, MANY), |a| Outcome::One(Item::Number(count(a))), |_, _, _| Vec::new()),
        ranges("MIN", (1, MANY), |a| over(a, |n| Ok(extreme(n, f64::min))), extreme_adjoint),
        ranges("MAX", (1, MANY), |a| over(a, |n| Ok(extreme(n, f64::max))), extreme_adjoint),
        ranges("SUMPRODUCT", (1, MANY), sum_product, sum_product_adjoint),
    ]
}

/// One number of all numbers in the arguments, or the first failure among them.
fn over(arguments: &[Argument], value: fn(&[f64]) -> Result<f64, ErrorValue>) -> Outcome {
    let mut numbers = Vec::new();
    for argument in arguments {
        match argument.numbers() {
            Ok(found) => numbers.extend(found.into_iter().map(|(_, number)| number)),
            Err(failure) => return Outcome::One(failure),
        }
    }
    Outcome::One(value(&numbers).into())
}

/// The weights of all elements, `weight` at numbers.
fn each(arguments: &[Argument], weight: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let weights = arguments.iter().map(|argument| {
        let mut weights = vec![0.0; argument.outcome.items().len()];
        for (place, number) in argument.numbers().unwrap_or_default() {
            weights[place] = weight(number);
        }
        weights
    });
    weights.collect()
}

fn mean(numbers: &[f64]) -> Result<f64, ErrorValue> {
    match numbers.len() {
        0 => Err(ErrorValue::Division),
        count => Ok(sum(numbers.iter().copied()) / count as f64),
    }
}

/// How many numbers there are, whatever else there is.
fn count(arguments: &[Argument]) -> f64 {
    let items = arguments.iter().flat_map(|argument| argument.outcome.items());
    items.filter(|item| matches!(item, Item::Number(_))).count() as f64
}

fn extreme(numbers: &[f64], better: fn(f64, f64) -> f64) -> f64 {
    numbers.iter().copied().reduce(better).unwrap_or(0.0)
}

/// The first of the numbers that are the result takes all.
fn extreme_adjoint(arguments: &[Argument], result: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let result = result.first();
    let mut rest = weights[0];
    let mut all = each(arguments, |_| 0.0);
    for (argument, taken) in arguments.iter().zip(&mut all) {
        for (place, number) in argument.numbers().unwrap_or_default() {
            if Item::Number(number) == result {
                taken[place] = std::mem::take(&mut rest);
            }
        }
    }
    all
}

/// The elements of an argument of SUMPRODUCT: a text counts for 0.
fn factor(item: Item, argument: &Argument) -> Result<f64, Item> {
    match item {
        Item::Text(_) | Item::Logical(_) if argument.is_array() => Ok(0.0),
        item => item.arithmetic(),
    }
}

fn factors(arguments: &[Argument]) -> Result<Vec<Vec<f64>>, Item> {
    let shape = arguments.first().map_or((1, 1), |argument| argument.outcome.shape());
    let all = arguments.iter().map(|argument| {
        if argument.outcome.shape() != shape {
            return Err(Item::Error(ErrorValue::Value));
        }
        let items = argument.outcome.items().iter();
        items.map(|item| factor(item.clone(), argument)).collect()
    });
    all.collect()
}

fn sum_product(arguments: &[Argument]) -> Outcome {
    Outcome::One(match factors(arguments) {
        Ok(factors) => {
            let count = factors.first().map_or(0, Vec::len);
            let product = |at: usize| factors.iter().map(|one| one[at]).product::<f64>();
            Item::number(sum((0..count).map(product)))
        }
        Err(failure) => failure,
    })
}

fn sum_product_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let Ok(factors) = factors(arguments) else { return Vec::new() };
    let others = |of: usize, at: usize| {
        let others = factors.iter().enumerate().filter(|(other, _)| *other != of);
        others.map(|(_, one)| one[at]).product::<f64>()
    };
    let weighted = (0..factors.len())
        .map(|of| (0..factors[of].len()).map(|at| weights[0] * others(of, at)).collect());
    weighted.collect()
}
