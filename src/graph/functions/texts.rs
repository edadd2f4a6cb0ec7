//! Functions of texts, as far as sheets that compute need them.

use super::{Argument, MANY, SheetFunction, items, ranges, zero};
use crate::graph::item::{Item, Outcome};
use crate::graph::operators::text_of;
use crate::graph::scalar::ErrorValue;

pub(super) fn table() -> Vec<SheetFunction> {
    vec![
        ranges("CONCATENATE", (1, MANY), joined, zero),
        ranges("CONCAT", (1, MANY), joined, zero),
        items("LEN", (1, 1), |a| of_text(&a[0], |text| Item::Number(text.chars().count() as f64))),
        items("UPPER", (1, 1), |a| of_text(&a[0], |text| Item::Text(text.to_uppercase().into()))),
        items("LOWER", (1, 1), |a| of_text(&a[0], |text| Item::Text(text.to_lowercase().into()))),
        items("TRIM", (1, 1), |a| {
            of_text(&a[0], |text| {
                Item::Text(text.split_whitespace().collect::<Vec<_>>().join(" ").into())
            })
        }),
        ranges("VALUE", (1, 1), |a| first(a, Item::arithmetic), first_adjoint),
        ranges("N", (1, 1), |a| first(a, number_of), first_adjoint),
        items("T", (1, 1), |a| match &a[0] {
            Item::Text(text) => Item::Text(text.clone()),
            failure if failure.is_failure() => failure.clone(),
            _ => Item::Text("".into()),
        }),
        items("LEFT", (1, 2), |a| part(a, |text, count| text.chars().take(count).collect())),
        items("RIGHT", (1, 2), |a| {
            part(a, |text, count| {
                let skipped = text.chars().count().saturating_sub(count);
                text.chars().skip(skipped).collect()
            })
        }),
        items("EXACT", (2, 2), |a| match (text_of(&a[0]), text_of(&a[1])) {
            (Ok(one), Ok(other)) => Item::Logical(one == other),
            (Err(failure), _) | (_, Err(failure)) => failure,
        }),
    ]
}

/// What is made of the first value.
fn first(arguments: &[Argument], number: fn(&Item) -> Result<f64, Item>) -> Outcome {
    let number = number(&arguments[0].outcome.first());
    Outcome::One(number.map_or_else(|failure| failure, Item::Number))
}

/// A number is handed on as it is.
fn first_adjoint(arguments: &[Argument], _: &Outcome, weights: &[f64]) -> Vec<Vec<f64>> {
    let mut pulled = vec![0.0; arguments[0].outcome.items().len()];
    pulled[0] = weights[0];
    vec![pulled]
}

fn number_of(item: &Item) -> Result<f64, Item> {
    match item {
        Item::Text(_) => Ok(0.0),
        item => item.arithmetic(),
    }
}

fn of_text(item: &Item, value: fn(&str) -> Item) -> Item {
    text_of(item).map_or_else(|failure| failure, |text| value(&text))
}

fn part(arguments: &[Item], take: fn(&str, usize) -> String) -> Item {
    let count = match arguments.get(1).map_or(Ok(1.0), Item::arithmetic) {
        Ok(count) if count >= 0.0 => count as usize,
        Ok(_) => return Item::Error(ErrorValue::Value),
        Err(failure) => return failure,
    };
    text_of(&arguments[0])
        .map_or_else(|failure| failure, |text| Item::Text(take(&text, count).into()))
}

fn joined(arguments: &[Argument]) -> Outcome {
    let mut all = String::new();
    for item in arguments.iter().flat_map(|argument| argument.outcome.items()) {
        match text_of(item) {
            Ok(text) => all.push_str(&text),
            Err(failure) => return Outcome::One(failure),
        }
    }
    Outcome::One(Item::Text(all.into()))
}
