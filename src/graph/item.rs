//! What formulas compute with while they are evaluated: single values and arrays.

use std::sync::Arc;

use super::scalar::{ErrorValue, Scalar};
use crate::data::grid::looks_like_number;

/// The value of a cell or of one element of an array.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Item {
    /// Nothing, which arithmetic takes for 0.
    #[default]
    Blank,
    /// A finite number.
    Number(f64),
    /// TRUE or FALSE.
    Logical(bool),
    /// A text.
    Text(Arc<str>),
    /// An error value.
    Error(ErrorValue),
    /// Nobody knows: never calculated, and by a formula that cannot be read.
    Unknown,
}

impl Item {
    /// `number` as a cell keeps it: NaN and infinity become `#NUM!`.
    pub fn number(number: f64) -> Item {
        if number.is_finite() { Item::Number(number) } else { Item::Error(ErrorValue::Number) }
    }

    /// What arithmetic takes it for, or why it cannot.
    pub(super) fn arithmetic(&self) -> Result<f64, Item> {
        match self {
            Item::Number(number) => Ok(*number),
            Item::Blank => Ok(0.0),
            Item::Logical(logical) => Ok(f64::from(u8::from(*logical))),
            Item::Text(text) => number_in(text).ok_or(Item::Error(ErrorValue::Value)),
            other => Err(other.clone()),
        }
    }

    /// Whether it is an error, or nobody knows.
    pub(super) fn is_failure(&self) -> bool {
        matches!(self, Item::Error(_) | Item::Unknown)
    }

    /// What a formula that only refers to a cell shows: 0 for a blank one.
    pub(super) fn shown(self) -> Item {
        if self == Item::Blank { Item::Number(0.0) } else { self }
    }

    /// As the rest of the program sees it.
    pub fn scalar(&self) -> Scalar {
        match self {
            Item::Blank => Scalar::Blank,
            Item::Number(number) => Scalar::Number(*number),
            Item::Logical(logical) => Scalar::Logical(*logical),
            Item::Text(text) => Scalar::Text(number_in(text)),
            Item::Error(error) => Scalar::Error(*error),
            Item::Unknown => Scalar::Unknown,
        }
    }
}

impl From<Result<f64, ErrorValue>> for Item {
    fn from(result: Result<f64, ErrorValue>) -> Self {
        result.map_or_else(Item::Error, Item::number)
    }
}

/// The number that a text looks like.
pub(super) fn number_in(text: &str) -> Option<f64> {
    looks_like_number(text).then(|| text.trim().replace(',', ".").parse().ok()).flatten()
}

/// A rectangle of values, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// The number of rows, at least 1.
    pub rows: usize,
    /// The number of columns, at least 1.
    pub columns: usize,
    /// `rows * columns` values.
    pub items: Vec<Item>,
}

impl Array {
    /// The element at a place, where a single row or column serves for all; `#N/A` outside.
    pub fn at(&self, row: usize, column: usize) -> Item {
        match self.place(row, column) {
            Some(place) => self.items[place].clone(),
            None => Item::Error(ErrorValue::NotAvailable),
        }
    }

    /// Where the element at a place is kept, where a single row or column serves for all.
    pub fn place(&self, row: usize, column: usize) -> Option<usize> {
        let row = if self.rows == 1 { 0 } else { row };
        let column = if self.columns == 1 { 0 } else { column };
        (row < self.rows && column < self.columns).then_some(row * self.columns + column)
    }
}

/// What a part of a formula gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// One value.
    One(Item),
    /// Many.
    Many(Array),
}

impl Outcome {
    /// Its rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Outcome::One(_) => (1, 1),
            Outcome::Many(array) => (array.rows, array.columns),
        }
    }

    /// The element at a place, where a single value, row or column serves for all.
    pub fn at(&self, row: usize, column: usize) -> Item {
        match self {
            Outcome::One(item) => item.clone(),
            Outcome::Many(array) => array.at(row, column),
        }
    }

    /// Where the element at a place is kept.
    pub fn place(&self, row: usize, column: usize) -> Option<usize> {
        match self {
            Outcome::One(_) => Some(0),
            Outcome::Many(array) => array.place(row, column),
        }
    }

    /// The only value, or the first of many.
    pub fn first(&self) -> Item {
        self.at(0, 0)
    }

    /// What a cell shows of it: one value, or an element of an array formula.
    pub(super) fn shown(&self, element: Option<(u32, u32)>) -> Item {
        let (row, column) = element.unwrap_or_default();
        self.at(row as usize, column as usize).shown()
    }

    /// All values, row by row.
    pub fn items(&self) -> &[Item] {
        match self {
            Outcome::One(item) => std::slice::from_ref(item),
            Outcome::Many(array) => &array.items,
        }
    }
}
