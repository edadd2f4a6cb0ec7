//! Functions that make one number of all numbers in their arguments: sums, means, counts, extremes.

use super::{Argument, MANY, SheetFunction, ranges, zero};
use crate::graph::item::{Item, Outcome};
use crate::graph::scalar::ErrorValue;
use crate::value::sum;

pub(super) fn table() -> Vec<SheetFunction> {
    vec![
        ranges("SUM", (1, MANY), |a| over(a, |n| Ok(total(n))), |a, _, w| each(a, |_| w[0])),
        ranges(
            "SUMSQ",
            (1, MANY),
            |a| over(a, |n| Ok(squares(n))),
            |a, _, w| each(a, |x| 2.0 * x * w[0]),
        ),
        ranges(
            "AVERAGE",
            (1, MANY),
            |a| over(a, mean),
            |a, _, w| {
                let count = numbers(a).map_or(1, |all| all.len()) as f64;
                each(a, |_| w[0] / count)
            },
        ),
        ranges("PRODUCT", (1, MANY), |a| over(a, |n| Ok(n.iter().product())), product_adjoint),
        ranges("COUNT", (1, MANY), |a| count(a, |item| matches!(item, Item::Number(_))), zero),
        ranges("COUNTA", (1, MANY), |a| count(a, |item| *item != Item::Blank), zero),
        ranges("COUNTBLANK", (1, 1), |a| count(a, is_blank), zero),
        ranges("MIN", (1, MANY), |a| over(a, |n| Ok(extreme(n, f64::min))), chosen_adjoint),
        ranges("MAX", (1, MANY), |a| over(a, |n| Ok(extreme(n, f64::max))), chosen_adjoint),
        ranges(
            "SUMPRODUCT",
            (1, MANY),
            |a| pairwise(a, product),
            |a, _, w| {
                pairwise_adjoint(a, w[0], |factors, by| {
                    let others = factors.iter().enumerate().filter(|(other, _)| *other != by);
                    others.map(|(_, factor)| factor).product()
                })
            },
        ),
        ranges(
            "SUMXMY2",
            (2, 2),
            |a| pairwise(a, |p| (p[0] - p[1]) * (p[0] - p[1])),
            |a, _, w| {
                pairwise_adjoint(a, w[0], |p, by| {
                    if by == 0 { 2.0 * (p[0] - p[1]) } else { 2.0 * (p[1] - p[0]) }
                })
            },
        ),
        ranges(
            "SUMX2MY2",
            (2, 2),
            |a| pairwise(a, |p| p[0] * p[0] - p[1] * p[1]),
            |a, _, w| {
                pairwise_adjoint(a, w[0], |p, by| if by == 0 { 2.0 * p[0] } else { -2.0 * p[1] })
            },
        ),
        ranges(
            "SUMX2PY2",
            (2, 2),
            |a| pairwise(a, |p| p[0] * p[0] + p[1] * p[1]),
            |a, _, w| pairwise_adjoint(a, w[0], |p, by| 2.0 * p[by]),
        ),
    ]
}

/// The numbers in all arguments, or the first failure among them.
pub(super) fn numbers(arguments: &[Argument]) -> Result<Vec<f64>, Item> {
    let mut numbers = Vec::new();
    for argument in arguments {
        numbers.extend(argument.numbers()?.into_iter().map(|(_, number)| number));
    }
    Ok(numbers)
}

/// One number of all numbers in the arguments, or the first failure among them.
pub(super) fn over(
    arguments: &[Argument],
    value: impl Fn(&[f64]) -> Result<f64, ErrorValue>,
) -> Outcome {
    Outcome::One(numbers(arguments).map_or_else(|failure| failure, |all| value(&all).into()))
}

/// The weights of all elements, `weight` at numbers.
pub(super) fn each(arguments: &[Argument], weight: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let weights = arguments.iter().map(|argument| {
        let mut weights = vec![0.0; argument.outcome.items().len()];
        for (place, number) in argument.numbers().unwrap_or_default() {
            weights[place] = weight(number);
        }
        weights
    });
    weights.collect()
}

pub(super) fn total(numbers: &[f64]) -> f64 {
    sum(numbers.iter().copied())
}

fn squares(numbers: &[f64]) -> f64 {
    sum(numbers.iter().map(|x| x * x))
}

fn product(factors: &[f64]) -> f64 {
    factors.iter().product()
}

pub(super) fn mean(numbers: &[f64]) -> Result<f64, ErrorValue> {
    match numbers.len() {
        0 => Err(ErrorValue::Division),
        count => Ok(total(numbers) / count as f64),
    }
}

/// Each factor takes the product of the others.
fn product_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let all = numbers(arguments).unwrap_or_default();
    // From both ends, so that a factor of 0 is no trouble.
    let mut before = vec![1.0; all.len() + 1];
    let mut behind = vec![1.0; all.len() + 1];
    for at in 0..all.len() {
        before[at + 1] = before[at] * all[at];
    }
    for at in (0..all.len()).rev() {
        behind[at] = behind[at + 1] * all[at];
    }
    let mut pulled = each(arguments, |_| 0.0);
    let mut nth = 0;
    for (argument, taken) in arguments.iter().zip(&mut pulled) {
        for (place, _) in argument.numbers().unwrap_or_default() {
            taken[place] = weights[0] * before[nth] * behind[nth + 1];
            nth += 1;
        }
    }
    pulled
}

/// How many items there are of a kind, whatever else there is.
fn count(arguments: &[Argument], is_counted: fn(&Item) -> bool) -> Outcome {
    let items = arguments.iter().flat_map(|argument| argument.outcome.items());
    Outcome::One(Item::Number(items.filter(|item| is_counted(item)).count() as f64))
}

fn is_blank(item: &Item) -> bool {
    matches!(item, Item::Blank) || matches!(item, Item::Text(text) if text.is_empty())
}

fn extreme(numbers: &[f64], better: fn(f64, f64) -> f64) -> f64 {
    numbers.iter().copied().reduce(better).unwrap_or(0.0)
}

/// The first of the numbers that are the result takes all.
pub(super) fn chosen_adjoint(
    arguments: &[Argument],
    result: &Outcome,
    weights: &[f64],
) -> Vec<Vec<f64>> {
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

/// The elements of all arguments, which must have one shape; a text counts for 0.
fn factors(arguments: &[Argument]) -> Result<Vec<Vec<f64>>, Item> {
    let shape = arguments.first().map_or((1, 1), |argument| argument.outcome.shape());
    let all = arguments.iter().map(|argument| {
        if argument.outcome.shape() != shape {
            return Err(Item::Error(ErrorValue::Value));
        }
        let factor = |item: &Item| match item {
            Item::Text(_) | Item::Logical(_) if argument.is_array() => Ok(0.0),
            item => item.arithmetic(),
        };
        argument.outcome.items().iter().map(factor).collect()
    });
    all.collect()
}

/// The sum over all places of what `combine` makes of the elements there.
fn pairwise(arguments: &[Argument], combine: fn(&[f64]) -> f64) -> Outcome {
    Outcome::One(match factors(arguments) {
        Ok(factors) => {
            let count = factors.first().map_or(0, Vec::len);
            let mut at_place = vec![0.0; factors.len()];
            let terms = (0..count).map(|place| {
                for (one, factor) in at_place.iter_mut().zip(&factors) {
                    *one = factor[place];
                }
                combine(&at_place)
            });
            Item::number(sum(terms.collect::<Vec<_>>()))
        }
        Err(failure) => failure,
    })
}

fn pairwise_adjoint(
    arguments: &[Argument],
    weight: f64,
    derivative: fn(&[f64], usize) -> f64,
) -> Vec<Vec<f64>> {
    let Ok(factors) = factors(arguments) else { return Vec::new() };
    let count = factors.first().map_or(0, Vec::len);
    let mut pulled = vec![vec![0.0; count]; factors.len()];
    for place in 0..count {
        let at_place: Vec<f64> = factors.iter().map(|factor| factor[place]).collect();
        for (by, taken) in pulled.iter_mut().enumerate() {
            taken[place] = weight * derivative(&at_place, by);
        }
    }
    pulled
}
