//! Functions of numbers, element by element where they are given arrays.
//!
//! Where a derivative does not exist, 0 is taken, as the formula layer does. Rounding is meant for
//! the eye: `ROUND` hands on what it rounds with the derivative 1, so that a sheet that rounds its
//! steps still follows its gradient.

use super::{SheetFunction, own, same, usually};
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

type Value = Result<f64, ErrorValue>;

pub(super) fn table() -> Vec<SheetFunction> {
    let same = SAME.iter().filter_map(|(name, formula)| same(name, formula));
    same.chain(exponentials()).chain(trigonometry()).chain(rounding()).collect()
}

fn exponentials() -> Vec<SheetFunction> {
    vec![
        own("POWER", (2, 2), &["if(v = 1, 1, v*u^(v - 1))", "if(u > 0, u^v*ln(u), 0)"], |a| {
            power(a[0], a[1]).get().map_err(|error| match error {
                CellError::DivisionByZero => ErrorValue::Division,
                CellError::Number => ErrorValue::Number,
            })
        }),
        usually(own("LOG", (1, 2), &["1/(u*ln(v))", "-ln(u)/(v*ln(v)^2)"], logarithm), 10.0),
        own("SQRTPI", (1, 1), &["sqrt(pi)/(2*sqrt(u))"], |a| {
            within(a[0] >= 0.0, || (a[0] * std::f64::consts::PI).sqrt())
        }),
        own("SINH", (1, 1), &["(exp(u) + exp(-u))/2"], |a| Ok(pxfm::f_sinh(a[0]))),
        own("COSH", (1, 1), &["(exp(u) - exp(-u))/2"], |a| Ok(pxfm::f_cosh(a[0]))),
        own("ASINH", (1, 1), &["1/sqrt(u^2 + 1)"], |a| Ok(pxfm::f_asinh(a[0]))),
        own("ACOSH", (1, 1), &["1/sqrt(u^2 - 1)"], |a| within(a[0] >= 1.0, || pxfm::f_acosh(a[0]))),
        own("ATANH", (1, 1), &["1/(1 - u^2)"], |a| {
            within(a[0].abs() < 1.0, || pxfm::f_atanh(a[0]))
        }),
        own("ERF", (1, 1), &["2/sqrt(pi)*exp(-u^2)"], |a| Ok(pxfm::f_erf(a[0]))),
        own("NORM.S.DIST", (2, 2), &["if(v <> 0, 1, -u)*exp(-u^2/2)/sqrt(2*pi)"], normal),
        own("NORMSDIST", (1, 1), &["exp(-u^2/2)/sqrt(2*pi)"], |a| normal(&[a[0], 1.0])),
    ]
}

fn trigonometry() -> Vec<SheetFunction> {
    vec![
        own("ASIN", (1, 1), &["1/sqrt(1 - u^2)"], |a| {
            within(a[0].abs() <= 1.0, || pxfm::f_asin(a[0]))
        }),
        own("ACOS", (1, 1), &["-1/sqrt(1 - u^2)"], |a| {
            within(a[0].abs() <= 1.0, || pxfm::f_acos(a[0]))
        }),
        own("ATAN", (1, 1), &["1/(1 + u^2)"], |a| Ok(pxfm::f_atan(a[0]))),
        // ATAN2(x, y)
        own("ATAN2", (2, 2), &["-v/(u^2 + v^2)", "u/(u^2 + v^2)"], |a| match a {
            [0.0, 0.0] => Err(ErrorValue::Division),
            _ => Ok(pxfm::f_atan2(a[1], a[0])),
        }),
        own("DEGREES", (1, 1), &["180/pi"], |a| Ok(a[0].to_degrees())),
        own("RADIANS", (1, 1), &["pi/180"], |a| Ok(a[0].to_radians())),
    ]
}

fn rounding() -> Vec<SheetFunction> {
    vec![
        own("ROUND", (2, 2), &["1"], |a| digits(a[0], a[1], half_away)),
        own("ROUNDUP", (1, 2), &[], |a| digits(a[0], second(a, 0.0), away)),
        own("ROUNDDOWN", (1, 2), &[], |a| digits(a[0], second(a, 0.0), f64::trunc)),
        own("TRUNC", (1, 2), &[], |a| digits(a[0], second(a, 0.0), f64::trunc)),
        own("CEILING", (1, 2), &[], |a| multiple(a[0], second(a, 1.0), f64::ceil)),
        own("FLOOR", (1, 2), &[], |a| multiple(a[0], second(a, 1.0), f64::floor)),
        own("CEILING.MATH", (1, 2), &[], |a| multiple(a[0], second(a, 1.0).abs(), f64::ceil)),
        own("FLOOR.MATH", (1, 2), &[], |a| multiple(a[0], second(a, 1.0).abs(), f64::floor)),
        own("QUOTIENT", (2, 2), &[], |a| match a[1] {
            0.0 => Err(ErrorValue::Division),
            divisor => Ok((a[0] / divisor).trunc()),
        }),
    ]
}

fn within(is_defined: bool, value: impl FnOnce() -> f64) -> Value {
    if is_defined { Ok(value()) } else { Err(ErrorValue::Number) }
}

fn second(arguments: &[f64], usual: f64) -> f64 {
    arguments.get(1).copied().unwrap_or(usual)
}

fn logarithm(arguments: &[f64]) -> Value {
    match arguments {
        [x] if *x > 0.0 => Ok(pxfm::f_log10(*x)),
        [x, base] if *x > 0.0 && *base > 0.0 => match pxfm::f_log(*base) {
            0.0 => Err(ErrorValue::Division),
            ln => Ok(pxfm::f_log(*x) / ln),
        },
        _ => Err(ErrorValue::Number),
    }
}

/// The standard normal distribution, cumulative where the second number is not 0.
fn normal(arguments: &[f64]) -> Value {
    let x = arguments[0];
    Ok(if arguments[1] != 0.0 {
        0.5 * pxfm::f_erfc(-x / std::f64::consts::SQRT_2)
    } else {
        pxfm::f_exp(-x * x / 2.0) / (2.0 * std::f64::consts::PI).sqrt()
    })
}

/// A number rounded to so many digits behind the point.
fn digits(x: f64, digits: f64, round: fn(f64) -> f64) -> Value {
    let digits = digits.trunc().clamp(-308.0, 308.0);
    let scale = pxfm::f_pow(10.0, digits.abs());
    let scaled = if digits >= 0.0 { x * scale } else { x / scale };
    if !scaled.is_finite() {
        return Ok(x);
    }
    let rounded = round(snapped(scaled));
    Ok(if digits >= 0.0 { rounded / scale } else { rounded * scale })
}

/// What is a digit of rounding away from a half or a whole number is meant to be one:
/// `ROUND(1.005,2)` is 1.01.
fn snapped(x: f64) -> f64 {
    let half = (2.0 * x).round() / 2.0;
    if (x - half).abs() <= 4.0 * f64::EPSILON * x.abs() { half } else { x }
}

fn half_away(x: f64) -> f64 {
    x.round()
}

fn away(x: f64) -> f64 {
    x.abs().ceil().copysign(x)
}

fn multiple(x: f64, step: f64, round: fn(f64) -> f64) -> Value {
    match step {
        0.0 => Ok(0.0),
        step if x > 0.0 && step < 0.0 => Err(ErrorValue::Number),
        step => Ok(round(snapped(x / step)) * step),
    }
}
