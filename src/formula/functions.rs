//! The functions that formulas may call: one row a function, read by every face.

use crate::value::{CellError, Value};

/// A function: its name and what each face makes of it.
#[derive(Debug)]
pub struct Function {
    /// The name in formulas.
    pub name: &'static str,
    /// How many arguments it takes.
    pub arity: usize,
    /// The value at finite arguments.
    pub value: fn(&[f64]) -> Value,
    /// The spreadsheet function (Excel, LibreOffice and Google Sheets agree on these).
    pub excel: &'static str,
    /// How mathematics writes it.
    pub notation: Notation,
}

/// How mathematics writes a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// A name before its arguments: sin x.
    Named(&'static str),
    /// Signs around its argument: |x|.
    Fenced(&'static str, &'static str),
    /// A root sign.
    Root,
    /// An operator between two arguments: a mod b.
    Infix(&'static str),
}

/// Two entries of the table are the same when their names are.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

const fn function(
    name: &'static str,
    arity: usize,
    excel: &'static str,
    notation: Notation,
    value: fn(&[f64]) -> Value,
) -> Function {
    Function { name, arity, value, excel, notation }
}

/// Every function.
///
/// Transcendental functions come from `pxfm`, not from the system's mathematics library: they are
/// correctly rounded, so the same run gives the same digits on every machine, and the digits that
/// a spreadsheet with a good library gives.
pub static FUNCTIONS: &[Function] = &[
    function("sqrt", 1, "SQRT", Notation::Root, |a| Value::number(a[0].sqrt())),
    function("exp", 1, "EXP", Notation::Named("exp"), |a| Value::number(pxfm::f_exp(a[0]))),
    function("ln", 1, "LN", Notation::Named("ln"), |a| logarithm(a, pxfm::f_log)),
    function("log10", 1, "LOG10", Notation::Named("log10"), |a| logarithm(a, pxfm::f_log10)),
    function("sin", 1, "SIN", Notation::Named("sin"), |a| Value::number(pxfm::f_sin(a[0]))),
    function("cos", 1, "COS", Notation::Named("cos"), |a| Value::number(pxfm::f_cos(a[0]))),
    function("tan", 1, "TAN", Notation::Named("tan"), |a| Value::number(pxfm::f_tan(a[0]))),
    function("tanh", 1, "TANH", Notation::Named("tanh"), |a| Value::number(pxfm::f_tanh(a[0]))),
    function("abs", 1, "ABS", Notation::Fenced("|", "|"), |a| Value::number(a[0].abs())),
    function("sign", 1, "SIGN", Notation::Named("sign"), |a| Value::number(sign(a[0]))),
    function("floor", 1, "INT", Notation::Fenced("⌊", "⌋"), |a| Value::number(a[0].floor())),
    function("mod", 2, "MOD", Notation::Infix("mod"), |a| modulo(a[0], a[1])),
    function("min", 2, "MIN", Notation::Named("min"), |a| Value::number(a[0].min(a[1]))),
    function("max", 2, "MAX", Notation::Named("max"), |a| Value::number(a[0].max(a[1]))),
];

impl Function {
    /// The function called `name`.
    pub fn find(name: &str) -> Option<&'static Function> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }
}

/// A logarithm of 0 or less is `#NUM!`, as in a spreadsheet.
fn logarithm(a: &[f64], log: fn(f64) -> f64) -> Value {
    if a[0] > 0.0 { Value::number(log(a[0])) } else { CellError::Number.into() }
}

/// The sign as a spreadsheet has it: 0 for 0, unlike `f64::signum`.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// The remainder with the sign of the divisor, as a spreadsheet has it.
fn modulo(dividend: f64, divisor: f64) -> Value {
    if divisor == 0.0 {
        return CellError::DivisionByZero.into();
    }
    let remainder = dividend % divisor;
    let opposite = remainder != 0.0 && (remainder < 0.0) != (divisor < 0.0);
    Value::number(if opposite { remainder + divisor } else { remainder })
}
