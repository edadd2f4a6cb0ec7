//! The number: a tree's value, by IEEE 754 double arithmetic in the order in which it is written.
//!
//! Errors are a spreadsheet's: the first operand that is an error is the result, `x/0` is
//! `#DIV/0!`, whatever has no finite result is `#NUM!`. Where spreadsheets differ (`0^0`), Excel's
//! answer is taken.

use super::{Expr, Function, Operator};
use crate::value::{CellError, Value};

/// The value of `expr`, with `look_up` giving the value of each name.
pub fn evaluate<N>(expr: &Expr<N>, look_up: &impl Fn(&N) -> Value) -> Value {
    match expr {
        Expr::Number(number) => Value::number(*number),
        Expr::Name(name) => look_up(name),
        Expr::Negate(operand) => negated(evaluate(operand, look_up)),
        Expr::Binary(operator, left, right) => {
            apply(*operator, evaluate(left, look_up), evaluate(right, look_up))
        }
        Expr::Call(function, arguments) => {
            // No function of the table takes more than four arguments.
            let mut values = [Value::ZERO; 4];
            for (value, argument) in values.iter_mut().zip(arguments) {
                *value = evaluate(argument, look_up);
            }
            called(function, &values[..arguments.len().min(4)])
        }
        Expr::If(choice) => {
            let left = evaluate(&choice.left, look_up);
            let right = evaluate(&choice.right, look_up);
            if left.is_error() {
                left
            } else if right.is_error() {
                right
            } else if choice.comparison.holds(left.raw(), right.raw()) {
                evaluate(&choice.then, look_up)
            } else {
                evaluate(&choice.otherwise, look_up)
            }
        }
    }
}

/// Unary minus.
pub(super) fn negated(operand: Value) -> Value {
    if operand.is_error() { operand } else { Value::number(-operand.raw()) }
}

/// A function's value, or the first argument that is an error; at most four arguments.
pub(super) fn called(function: &Function, arguments: &[Value]) -> Value {
    let mut numbers = [0.0; 4];
    for (number, argument) in numbers.iter_mut().zip(arguments) {
        if argument.is_error() {
            return *argument;
        }
        *number = argument.raw();
    }
    (function.value)(&numbers[..arguments.len()])
}

/// One operation. The common case, a finite result, costs one test.
pub(super) fn apply(operator: Operator, left: Value, right: Value) -> Value {
    let (l, r) = (left.raw(), right.raw());
    let result = match operator {
        Operator::Add => l + r,
        Operator::Subtract => l - r,
        Operator::Multiply => l * r,
        Operator::Divide => l / r,
        Operator::Power if left.is_error() || right.is_error() => f64::NAN,
        Operator::Power => return power(l, r),
    };
    // An operand that is an error is a NaN, so no result of it is finite.
    if result.is_finite() { Value::number(result) } else { failed(operator, left, right) }
}

/// The error value of an operation without a finite result.
#[cold]
fn failed(operator: Operator, left: Value, right: Value) -> Value {
    if left.is_error() {
        left
    } else if right.is_error() {
        right
    } else if operator == Operator::Divide && right.raw() == 0.0 {
        CellError::DivisionByZero.into()
    } else {
        CellError::Number.into()
    }
}

/// `base ^ exponent` as Excel has it: `0^0` is `#NUM!`, `0^-1` is `#DIV/0!`.
///
/// A square is `base * base`, which is correctly rounded.
pub fn power(base: f64, exponent: f64) -> Value {
    if exponent == 2.0 {
        return Value::number(base * base);
    }
    if base == 0.0 && exponent <= 0.0 {
        let error = if exponent == 0.0 { CellError::Number } else { CellError::DivisionByZero };
        return error.into();
    }
    Value::number(pxfm::f_pow(base, exponent))
}
