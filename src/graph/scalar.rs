//! What a cell is worth to a formula that refers to it.

use std::fmt;

use crate::value::{CellError, Value};

/// The value of a cell, as formulas see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// Nothing, which arithmetic takes for 0.
    Blank,
    /// A finite number.
    Number(f64),
    /// TRUE or FALSE.
    Logical(bool),
    /// A text, and the number that it looks like.
    Text(Option<f64>),
    /// An error value.
    Error(ErrorValue),
    /// Nobody knows: never calculated, and by a formula that is not understood.
    Unknown,
}

/// An error value of a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorValue {
    /// `#DIV/0!`
    Division,
    /// `#NUM!`
    Number,
    /// `#VALUE!`
    Value,
    /// `#REF!`
    Reference,
    /// `#NAME?`
    Name,
    /// `#N/A`
    NotAvailable,
    /// Formulas that depend on each other in a circle.
    Circle,
    /// Any other.
    Other,
}

const TEXTS: &[(&str, ErrorValue)] = &[
    ("#DIV/0!", ErrorValue::Division),
    ("#NUM!", ErrorValue::Number),
    ("#VALUE!", ErrorValue::Value),
    ("#REF!", ErrorValue::Reference),
    ("#NAME?", ErrorValue::Name),
    ("#N/A", ErrorValue::NotAvailable),
    // What LibreOffice shows.
    ("Err:502", ErrorValue::Number),
    ("Err:503", ErrorValue::Number),
    ("Err:504", ErrorValue::Reference),
    ("Err:519", ErrorValue::Value),
    ("Err:522", ErrorValue::Circle),
    ("Err:523", ErrorValue::Circle),
    ("Err:524", ErrorValue::Reference),
    ("Err:525", ErrorValue::Name),
];

impl Scalar {
    /// The number, where it is one.
    pub fn number(self) -> Option<f64> {
        match self {
            Scalar::Number(number) => Some(number),
            _ => None,
        }
    }

    /// What arithmetic takes it for; an error where it is none that [`Value`] knows.
    pub(crate) fn value(self) -> Result<Value, Scalar> {
        match self {
            Scalar::Blank => Ok(Value::ZERO),
            Scalar::Number(number) => Ok(Value::number(number)),
            Scalar::Logical(logical) => Ok(Value::number(f64::from(u8::from(logical)))),
            Scalar::Text(Some(number)) => Ok(Value::number(number)),
            Scalar::Text(None) => Err(Scalar::Error(ErrorValue::Value)),
            Scalar::Error(ErrorValue::Division) => Ok(CellError::DivisionByZero.into()),
            Scalar::Error(ErrorValue::Number) => Ok(CellError::Number.into()),
            other => Err(other),
        }
    }
}

impl From<Value> for Scalar {
    fn from(value: Value) -> Self {
        match value.get() {
            Ok(number) => Scalar::Number(number),
            Err(CellError::DivisionByZero) => Scalar::Error(ErrorValue::Division),
            Err(CellError::Number) => Scalar::Error(ErrorValue::Number),
        }
    }
}

impl ErrorValue {
    pub(crate) fn from_text(text: &str) -> ErrorValue {
        let known = TEXTS.iter().find(|(known, _)| *known == text);
        known.map_or(ErrorValue::Other, |(_, error)| *error)
    }
}

impl fmt::Display for ErrorValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = TEXTS.iter().find(|(_, error)| error == self);
        f.write_str(match self {
            ErrorValue::Circle => "a circular reference",
            _ => known.map_or("an error value", |(text, _)| text),
        })
    }
}
