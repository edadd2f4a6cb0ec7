//! Functions of conditions, and those that look something up in a list.
//!
//! What is looked for moves nothing: derivatives go to the cells that are found or summed up.

use super::{Argument, MANY, SheetFunction, items, ranges, zero};
use crate::formula::Comparison;
use crate::graph::item::{Array, Item, Outcome, number_in};
use crate::graph::operators::compare;
use crate::graph::scalar::ErrorValue;
use crate::value::sum;

pub(super) fn table() -> Vec<SheetFunction> {
    vec![
        ranges("AND", (1, MANY), |a| logical(a, |all| all.iter().all(|one| *one)), zero),
        ranges("OR", (1, MANY), |a| logical(a, |all| all.iter().any(|one| *one)), zero),
        ranges("XOR", (1, MANY), |a| logical(a, odd), zero),
        items("NOT", (1, 1), |a| match a[0].arithmetic() {
            Ok(number) => Item::Logical(number == 0.0),
            Err(failure) => failure,
        }),
        ranges("SUMIF", (2, 3), |a| of_found(a, total), |a, _, w| found_adjoint(a, |_| w[0])),
        ranges(
            "AVERAGEIF",
            (2, 3),
            |a| of_found(a, mean),
            |a, _, w| found_adjoint(a, |count| w[0] / count),
        ),
        ranges("COUNTIF", (2, 2), count_found, zero),
        ranges(
            "SUMIFS",
            (3, MANY),
            |a| of_found(&as_if(a), total),
            |a, _, w| found_adjoint(&as_if(a), |_| w[0]).into_iter().rev().take(1).collect(),
        ),
        ranges("COUNTIFS", (2, MANY), count_found, zero),
        ranges("MATCH", (2, 3), match_place, zero),
        ranges("INDEX", (2, 3), index, index_adjoint),
        items("ISNUMBER", (1, 1), |a| Item::Logical(matches!(a[0], Item::Number(_)))),
        items("ISTEXT", (1, 1), |a| Item::Logical(matches!(a[0], Item::Text(_)))),
        items("ISBLANK", (1, 1), |a| Item::Logical(a[0] == Item::Blank)),
        items("ISLOGICAL", (1, 1), |a| Item::Logical(matches!(a[0], Item::Logical(_)))),
        items("ISERROR", (1, 1), |a| is_error(&a[0], |_| true)),
        items("ISERR", (1, 1), |a| is_error(&a[0], |error| error != ErrorValue::NotAvailable)),
        items("ISNA", (1, 1), |a| is_error(&a[0], |error| error == ErrorValue::NotAvailable)),
        items("ISEVEN", (1, 1), |a| parity(&a[0], 0.0)),
        items("ISODD", (1, 1), |a| parity(&a[0], 1.0)),
        items("NA", (0, 0), |_| Item::Error(ErrorValue::NotAvailable)),
    ]
}

fn is_error(item: &Item, is_meant: fn(ErrorValue) -> bool) -> Item {
    match item {
        Item::Unknown => Item::Unknown,
        Item::Error(error) => Item::Logical(is_meant(*error)),
        _ => Item::Logical(false),
    }
}

fn parity(item: &Item, rest: f64) -> Item {
    match item.arithmetic() {
        Ok(number) => Item::Logical(number.trunc().rem_euclid(2.0) == rest),
        Err(failure) => failure,
    }
}

fn odd(all: &[bool]) -> bool {
    all.iter().filter(|one| **one).count() % 2 == 1
}

fn logical(arguments: &[Argument], value: fn(&[bool]) -> bool) -> Outcome {
    let mut all = Vec::new();
    for argument in arguments {
        for item in argument.outcome.items() {
            match item {
                Item::Number(number) => all.push(*number != 0.0),
                Item::Logical(logical) => all.push(*logical),
                failure if failure.is_failure() => return Outcome::One(failure.clone()),
                Item::Text(_) if !argument.is_array() => {
                    return Outcome::One(Item::Error(ErrorValue::Value));
                }
                _ => {}
            }
        }
    }
    match all.is_empty() {
        true => Outcome::One(Item::Error(ErrorValue::Value)),
        false => Outcome::One(Item::Logical(value(&all))),
    }
}

/// What the criterion of a `SUMIF` asks for: `5`, `">=3"`, `"yes"`.
struct Criterion {
    comparison: Comparison,
    with: Item,
}

impl Criterion {
    fn of(item: Item) -> Criterion {
        let Item::Text(text) = &item else {
            return Criterion { comparison: Comparison::Equal, with: item.shown() };
        };
        let signs = Comparison::SIGNS.iter();
        let sign = signs.into_iter().find(|(sign, _)| text.starts_with(sign));
        let (comparison, rest) = match sign {
            Some((sign, comparison)) => (*comparison, &text[sign.len()..]),
            None => (Comparison::Equal, text.as_ref()),
        };
        let with = number_in(rest).map_or_else(|| Item::Text(rest.into()), Item::Number);
        Criterion { comparison, with }
    }

    fn is_met(&self, item: &Item) -> bool {
        let is_like = match (item, &self.with) {
            (Item::Number(_), Item::Number(_)) | (Item::Logical(_), Item::Logical(_)) => true,
            (Item::Text(text), Item::Number(_)) => number_in(text).is_some(),
            (Item::Text(_), Item::Text(_)) => true,
            _ => false,
        };
        match is_like {
            true => compare(self.comparison, item, &self.with) == Item::Logical(true),
            false => self.comparison == Comparison::NotEqual,
        }
    }
}

/// The places where all pairs of a range and its criterion are met.
fn places(pairs: &[Argument]) -> Vec<usize> {
    let mut found: Option<Vec<usize>> = None;
    for pair in pairs.chunks_exact(2) {
        let criterion = Criterion::of(pair[1].outcome.first());
        let items = pair[0].outcome.items();
        let is_met = |place: &usize| items.get(*place).is_some_and(|item| criterion.is_met(item));
        found = Some(match found {
            None => (0..items.len()).filter(is_met).collect(),
            Some(found) => found.into_iter().filter(is_met).collect(),
        });
    }
    found.unwrap_or_default()
}

/// The argument that is summed up, and the pairs of ranges and criteria before it.
fn parts(arguments: &[Argument]) -> (&Argument, &[Argument]) {
    match arguments.len() % 2 {
        0 => (&arguments[0], arguments),
        _ => (&arguments[arguments.len() - 1], &arguments[..arguments.len() - 1]),
    }
}

/// The arguments of `SUMIFS`, which has first what `SUMIF` has last.
fn as_if(arguments: &[Argument]) -> Vec<Argument> {
    let mut turned = arguments.to_vec();
    turned.rotate_left(1);
    turned
}

fn total(numbers: &[f64]) -> Item {
    Item::number(sum(numbers.iter().copied()))
}

fn mean(numbers: &[f64]) -> Item {
    match numbers.len() {
        0 => Item::Error(ErrorValue::Division),
        count => Item::number(sum(numbers.iter().copied()) / count as f64),
    }
}

fn of_found(arguments: &[Argument], value: fn(&[f64]) -> Item) -> Outcome {
    let (summed, pairs) = parts(arguments);
    let mut numbers = Vec::new();
    for place in places(pairs) {
        match summed.outcome.items().get(place) {
            Some(Item::Number(number)) => numbers.push(*number),
            Some(failure) if failure.is_failure() => return Outcome::One(failure.clone()),
            _ => {}
        }
    }
    Outcome::One(value(&numbers))
}

fn found_adjoint(arguments: &[Argument], weight: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let (summed, pairs) = parts(arguments);
    let items = summed.outcome.items();
    let is_number = |place: &usize| matches!(items.get(*place), Some(Item::Number(_)));
    let found: Vec<usize> = places(pairs).into_iter().filter(is_number).collect();
    let mut taken = vec![0.0; items.len()];
    for place in &found {
        taken[*place] = weight(found.len() as f64);
    }
    let mut pulled: Vec<Vec<f64>> =
        arguments.iter().map(|one| vec![0.0; one.outcome.items().len()]).collect();
    let at = if arguments.len().is_multiple_of(2) { 0 } else { arguments.len() - 1 };
    pulled[at] = taken;
    pulled
}

fn count_found(arguments: &[Argument]) -> Outcome {
    Outcome::One(Item::Number(places(arguments).len() as f64))
}

/// Where `key` stands in a list: exactly (0), or the last of those that are not greater (1) or not
/// less (-1) than it.
pub(in crate::graph) fn position(key: &Item, list: &[Item], kind: f64) -> Option<usize> {
    let holds = |comparison: Comparison, item: &Item| {
        let is_like = std::mem::discriminant(key) == std::mem::discriminant(item);
        is_like && compare(comparison, item, key) == Item::Logical(true)
    };
    if kind == 0.0 {
        return list.iter().position(|item| holds(Comparison::Equal, item));
    }
    let near = if kind > 0.0 { Comparison::LessOrEqual } else { Comparison::GreaterOrEqual };
    let beyond = if kind > 0.0 { Comparison::Greater } else { Comparison::Less };
    let end = list.iter().position(|item| holds(beyond, item)).unwrap_or(list.len());
    list[..end].iter().rposition(|item| holds(near, item))
}

fn match_place(arguments: &[Argument]) -> Outcome {
    let key = arguments[0].outcome.first().shown();
    if key.is_failure() {
        return Outcome::One(key);
    }
    let kind = match arguments.get(2).map(|argument| argument.outcome.first().arithmetic()) {
        None => 1.0,
        Some(Ok(kind)) => kind,
        Some(Err(failure)) => return Outcome::One(failure),
    };
    Outcome::One(match position(&key, arguments[1].outcome.items(), kind) {
        Some(place) => Item::Number(place as f64 + 1.0),
        None => Item::Error(ErrorValue::NotAvailable),
    })
}

/// The rows and columns of an array that `INDEX` takes out of it: all where 0 is given.
fn taken(arguments: &[Argument]) -> Result<(Vec<usize>, Vec<usize>), Item> {
    let (rows, columns) = arguments[0].outcome.shape();
    let number = |argument: &Argument| argument.outcome.first().arithmetic();
    let first = number(&arguments[1])?;
    let (row, column) = match arguments.get(2) {
        Some(argument) => (first, number(argument)?),
        None if rows == 1 => (0.0, first),
        None if columns == 1 => (first, 0.0),
        None => (first, 0.0),
    };
    let all = |place: f64, count: usize| match place.trunc() {
        0.0 => Ok((0..count).collect()),
        place if place >= 1.0 && place <= count as f64 => Ok(vec![place as usize - 1]),
        _ => Err(Item::Error(ErrorValue::Reference)),
    };
    Ok((all(row, rows)?, all(column, columns)?))
}

fn index(arguments: &[Argument]) -> Outcome {
    let (rows, columns) = match taken(arguments) {
        Ok(taken) => taken,
        Err(failure) => return Outcome::One(failure),
    };
    if let ([row], [column]) = (rows.as_slice(), columns.as_slice()) {
        return Outcome::One(arguments[0].outcome.at(*row, *column));
    }
    let places = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, *column)));
    let items = places.map(|(row, column)| arguments[0].outcome.at(row, column)).collect();
    Outcome::Many(Array { rows: rows.len(), columns: columns.len(), items })
}

fn index_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let Ok((rows, columns)) = taken(arguments) else { return Vec::new() };
    let width = arguments[0].outcome.shape().1;
    let mut pulled = vec![0.0; arguments[0].outcome.items().len()];
    let places = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, *column)));
    for ((row, column), weight) in places.zip(weights) {
        pulled[row * width + column] += weight;
    }
    vec![pulled]
}
