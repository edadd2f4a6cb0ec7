//! The explanation: a formula with its symbols, with its numbers, and with its result.
//!
//! Numbers are put into the tree before it is printed, so that a negative one gets the parentheses
//! that it needs where it stands.

use super::text::text;
use super::{Expr, Name};
use crate::value::{Value, significant};

/// `expr` as text with the numbers that `value` gives in place of its names.
pub fn with_numbers<N>(expr: &Expr<N>, value: &dyn Fn(&N) -> Value) -> String {
    let filled = expr.substitute(&mut |name| {
        Ok::<_, std::convert::Infallible>(match value(name).get() {
            Ok(number) => Expr::Number(readable(number)),
            Err(error) => Expr::Name(Name::here(error.text())),
        })
    });
    let Ok(filled) = filled;
    text(&filled, &|name: &Name| name.id.clone())
}

/// `number` with the digits that an explanation shows: seven, and before the point all of them, since
/// a zero there reads as a digit that was computed.
pub fn readable(number: f64) -> f64 {
    if (1e6..1e15).contains(&number.abs()) {
        return number.round();
    }
    significant(number, 7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;
    use crate::value::CellError;

    #[test]
    fn numbers_stand_where_names_did_with_the_parentheses_that_they_need() {
        let formula = parse("beta*prev.v + (1 - beta)*g").unwrap();
        let value = |name: &Name| {
            Value::number(match name.id.as_str() {
                "beta" => 0.9,
                "v" => -8.600_000_04,
                _ => -229.271_234_56,
            })
        };
        assert_eq!(with_numbers(&formula, &value), "0.9*(-8.6) + (1 - 0.9)*(-229.2712)");
        let square = parse("g^2 - g").unwrap();
        assert_eq!(with_numbers(&square, &|_| Value::number(-3.0)), "(-3)^2 - (-3)");
        // Every digit before the point was computed; behind it there are seven in all.
        let shown = |number: f64| with_numbers(&parse("g").unwrap(), &|_| Value::number(number));
        assert_eq!(shown(13_664_102.019), "13664102");
        assert_eq!(shown(-123_456_789.0), "-123456789");
        assert_eq!(shown(123_456.789), "123456.8");
        let error = |_: &Name| CellError::Number.into();
        assert_eq!(with_numbers(&square, &error), "#NUM!^2 - #NUM!");
    }
}
