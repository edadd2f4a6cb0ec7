//! Functions of texts, as far as sheets that compute need them.

use super::{Argument, MANY, SheetFunction, items, ranges, zero};
use crate::graph::evaluate::text_of;
use crate::graph::item::{Item, Outcome};
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
        items("VALUE", (1, 1), |a| match a[0].arithmetic() {
            Ok(number) => Item::Number(number),
            Err(failure) => failure,
        }),
        items("N", (1, 1), |a| match &a[0] {
            Item::Number(number) => Item::Number(*number),
            Item::Logical(logical) => Item::Number(f64::from(u8::from(*logical))),
            failure if failure.is_failure() => failure.clone(),
            _ => Item::Number(0.0),
        }),
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
