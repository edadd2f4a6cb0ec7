//! Functions of numbers, element by element where they are given arrays.

use super::{SheetFunction, own, same};
use crate::formula::power;
use crate::graph::scalar::ErrorValue;
use crate::value::CellError;

/// Functions that the formula layer has, by its names.
const SAME: &[(&str, &str)] = &[
    ("SQRT", "sqrt"),
    ("EXP", "exp"),
    ("LN", "ln"),
    ("LOG10", "log10"),
    ("ABS", "abs"),
    ("SIGN", "sign"),
    ("INT", "floor"),
    ("MOD", "mod"),
    ("SIN", "sin"),
    ("COS", "cos"),
    ("TAN", "tan"),
    ("TANH", "tanh"),
    ("PI", "pi"),
];

pub(super) fn table() -> Vec<SheetFunction> {
    let same = SAME.iter().filter_map(|(name, formula)| same(name, formula));
    let own = [own("POWER", (2, 2), &["v*u^(v - 1)", "if(u > 0, u^v*ln(u), 0)"], |a| {
        power(a[0], a[1]).get().map_err(|error| match error {
            CellError::DivisionByZero => ErrorValue::Division,
            CellError::Number => ErrorValue::Number,
        })
    })];
    same.chain(own).collect()
}
