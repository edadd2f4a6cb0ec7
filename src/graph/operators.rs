//! What operators make of values: arithmetic, comparisons, joined texts.

use super::functions::from_value;
use super::item::Item;
use super::scalar::ErrorValue;
use crate::formula::{Comparison, Operator, power};
use crate::value::number_text;

/// Up to two things without an allocation, as most operations have.
pub(super) enum Few<T> {
    Inline([T; 2], usize),
    Many(Vec<T>),
}

impl<T: Default> Few<T> {
    pub fn of(things: impl Iterator<Item = T>) -> Few<T> {
        let mut inline = [T::default(), T::default()];
        let mut count = 0;
        let mut things = things;
        while let Some(thing) = things.next() {
            if count == 2 {
                let [first, second] = inline;
                return Few::Many([first, second, thing].into_iter().chain(things).collect());
            }
            inline[count] = thing;
            count += 1;
        }
        Few::Inline(inline, count)
    }

    pub fn as_slice(&self) -> &[T] {
        match self {
            Few::Inline(things, count) => &things[..*count],
            Few::Many(things) => things,
        }
    }
}

/// The numbers of all items, or the first failure among them.
pub(super) fn all_numbers(items: &[Item]) -> Result<Few<f64>, Item> {
    let mut failure = None;
    let numbers = Few::of(items.iter().map(|item| {
        item.arithmetic().unwrap_or_else(|found| {
            failure.get_or_insert(found);
            0.0
        })
    }));
    failure.map_or(Ok(numbers), Err)
}

/// `left op right`, or the first failure.
pub(super) fn binary(operator: Operator, left: &Item, right: &Item) -> Item {
    let (l, r) = match (left.arithmetic(), right.arithmetic()) {
        (Ok(l), Ok(r)) => (l, r),
        (Err(failure), _) | (_, Err(failure)) => return failure,
    };
    match operator {
        Operator::Add => Item::number(l + r),
        Operator::Subtract => Item::number(l - r),
        Operator::Multiply => Item::number(l * r),
        Operator::Divide if r == 0.0 => Item::Error(ErrorValue::Division),
        Operator::Divide => Item::number(l / r),
        Operator::Power => from_value(power(l, r)),
    }
}

/// The derivative of `u op v` by one of them.
pub(super) fn slope(operator: Operator, by: usize, numbers: &[f64]) -> f64 {
    let (u, v) = (numbers[0], numbers[1]);
    match (operator, by) {
        (Operator::Add, _) | (Operator::Subtract, 0) => 1.0,
        (Operator::Subtract, _) => -1.0,
        (Operator::Multiply, 0) => v,
        (Operator::Multiply, _) => u,
        (Operator::Divide, 0) => 1.0 / v,
        (Operator::Divide, _) => -u / (v * v),
        (Operator::Power, 0) if v == 1.0 => 1.0,
        (Operator::Power, 0) => v * power(u, v - 1.0).get().unwrap_or(0.0),
        (Operator::Power, _) if u > 0.0 => power(u, v).get().unwrap_or(0.0) * pxfm::f_log(u),
        (Operator::Power, _) => 0.0,
    }
}

/// Numbers go before texts, texts before logical values; capitals do not matter.
pub(super) fn compare(comparison: Comparison, left: &Item, right: &Item) -> Item {
    use std::cmp::Ordering;
    for side in [left, right] {
        if side.is_failure() {
            return side.clone();
        }
    }
    let rank = |item: &Item| match item {
        Item::Text(_) => 1,
        Item::Logical(_) => 2,
        _ => 0,
    };
    let number = |item: &Item| item.arithmetic().unwrap_or(0.0);
    let ordering = match (left, right) {
        (Item::Text(l), Item::Text(r)) => l.to_lowercase().cmp(&r.to_lowercase()),
        (Item::Text(l), Item::Blank) => l.as_ref().cmp(""),
        (Item::Blank, Item::Text(r)) => "".cmp(r.as_ref()),
        _ if rank(left) == rank(right) || *left == Item::Blank || *right == Item::Blank => {
            number(left).partial_cmp(&number(right)).unwrap_or(Ordering::Equal)
        }
        _ => rank(left).cmp(&rank(right)),
    };
    Item::Logical(comparison.holds(f64::from(ordering as i8), 0.0))
}

/// Two texts joined.
pub(super) fn join(left: &Item, right: &Item) -> Item {
    match (text_of(left), text_of(right)) {
        (Ok(left), Ok(right)) => Item::Text((left + &right).into()),
        (Err(failure), _) | (_, Err(failure)) => failure,
    }
}

/// A value as a spreadsheet shows it where a text is needed.
pub(super) fn text_of(item: &Item) -> Result<String, Item> {
    Ok(match item {
        Item::Blank => String::new(),
        Item::Number(number) => number_text(*number),
        Item::Logical(true) => "TRUE".to_owned(),
        Item::Logical(false) => "FALSE".to_owned(),
        Item::Text(text) => text.to_string(),
        failure => return Err(failure.clone()),
    })
}
