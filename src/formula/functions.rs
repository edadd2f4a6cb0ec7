//! The functions that formulas may call: one row a function, read by every face.

use super::{Expr, Name, Operator, parse};
use crate::value::{CellError, Value};

/// A function: its name and what each face makes of it.
#[derive(Debug)]
pub struct Function {
    /// The name in formulas.
    pub name: &'static str,
    /// How many arguments it takes; a constant takes none and is written without parentheses.
    pub arity: usize,
    /// The value at finite arguments.
    pub value: fn(&[f64]) -> Value,
    /// How Excel, LibreOffice and Google Sheets write it.
    pub excel: Written,
    /// How mathematics writes it.
    pub notation: Notation,
    /// The derivative by each argument, as formulas over the arguments `u` and `v`.
    pub derivatives: &'static [&'static str],
    /// The value in JavaScript, over finite arguments `u` and `v`; `number` and `modulo` are the
    /// page's own (`templates/js/arithmetic.js`).
    pub javascript: &'static str,
}

/// How a target writes a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// By a name before its arguments.
    Named(&'static str),
    /// By a formula over the arguments `u` and `v`, where the target has no such function.
    Formula(&'static str),
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

impl Eq for Function {}

impl std::hash::Hash for Function {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

const fn function(
    name: &'static str,
    excel: &'static str,
    notation: Notation,
    derivatives: &'static [&'static str],
    javascript: &'static str,
    value: fn(&[f64]) -> Value,
) -> Function {
    let excel = Written::Named(excel);
    Function { name, arity: derivatives.len(), value, excel, notation, derivatives, javascript }
}

const fn written_out(
    name: &'static str,
    formula: &'static str,
    notation: Notation,
    derivatives: &'static [&'static str],
    javascript: &'static str,
    value: fn(&[f64]) -> Value,
) -> Function {
    let excel = Written::Formula(formula);
    Function { name, arity: derivatives.len(), value, excel, notation, derivatives, javascript }
}

/// Every function, and the constants pi and e.
///
/// Transcendental functions come from `pxfm`, not from the system's mathematics library: they are
/// correctly rounded, so the same run gives the same digits on every machine, and the digits that
/// a spreadsheet with a good library gives.
///
/// `sum` and `norm` go over all weights in an optimizer's formulas, where they are written out before
/// anything is computed; of a single number they are that number and its size.
///
/// Where a derivative does not exist, a convention is taken: 0 for `relu` and `abs` at 0 (as
/// PyTorch does), the derivative of the first argument for `min` and `max` of equal numbers, 0 for
/// the steps of `sign` and `floor`.
pub static FUNCTIONS: &[Function] = &[
    function("sqrt", "SQRT", Notation::Root, &["1/(2*sqrt(u))"], "number(Math.sqrt(u))", |a| {
        Value::number(a[0].sqrt())
    }),
    function("exp", "EXP", named("exp"), &["exp(u)"], "number(Math.exp(u))", |a| {
        Value::number(pxfm::f_exp(a[0]))
    }),
    function("ln", "LN", named("ln"), &["1/u"], "u > 0 ? number(Math.log(u)) : NaN", |a| {
        logarithm(a[0], pxfm::f_log)
    }),
    function(
        "log10",
        "LOG10",
        named("log10"),
        &["1/(u*ln(10))"],
        "u > 0 ? number(Math.log10(u)) : NaN",
        |a| logarithm(a[0], pxfm::f_log10),
    ),
    function("sin", "SIN", named("sin"), &["cos(u)"], "number(Math.sin(u))", |a| {
        Value::number(pxfm::f_sin(a[0]))
    }),
    function("cos", "COS", named("cos"), &["-sin(u)"], "number(Math.cos(u))", |a| {
        Value::number(pxfm::f_cos(a[0]))
    }),
    function("tan", "TAN", named("tan"), &["1 + tan(u)^2"], "number(Math.tan(u))", |a| {
        Value::number(pxfm::f_tan(a[0]))
    }),
    function("tanh", "TANH", named("tanh"), &["1 - tanh(u)^2"], "Math.tanh(u)", |a| {
        Value::number(pxfm::f_tanh(a[0]))
    }),
    // The bound keeps the exponential finite: far to the left the value is 1e-304 instead of 0.
    written_out(
        "sigmoid",
        "1/(1 + exp(min(-u, 700)))",
        named("σ"),
        &["sigmoid(u)*(1 - sigmoid(u))"],
        "1 / (1 + Math.exp(Math.min(-u, 700)))",
        |a| Value::number(1.0 / (1.0 + pxfm::f_exp((-a[0]).min(700.0)))),
    ),
    written_out("relu", "max(0, u)", named("ReLU"), &["if(u > 0, 1, 0)"], "Math.max(0, u)", |a| {
        Value::number(0.0_f64.max(a[0]))
    }),
    written_out(
        "softplus",
        "max(u, 0) + ln(1 + exp(-abs(u)))",
        named("softplus"),
        &["sigmoid(u)"],
        "number(Math.max(u, 0) + Math.log(1 + Math.exp(-Math.abs(u))))",
        |a| Value::number(a[0].max(0.0) + pxfm::f_log(1.0 + pxfm::f_exp(-a[0].abs()))),
    ),
    function("abs", "ABS", Notation::Fenced("|", "|"), &["sign(u)"], "Math.abs(u)", |a| {
        Value::number(a[0].abs())
    }),
    function("sign", "SIGN", named("sign"), &["0"], "u === 0 ? 0 : Math.sign(u)", |a| {
        Value::number(sign(a[0]))
    }),
    function("floor", "INT", Notation::Fenced("⌊", "⌋"), &["0"], "Math.floor(u)", |a| {
        Value::number(a[0].floor())
    }),
    function("mod", "MOD", Notation::Infix("mod"), &["1", "-floor(u/v)"], "modulo(u, v)", |a| {
        modulo(a[0], a[1])
    }),
    function(
        "min",
        "MIN",
        named("min"),
        &["if(u <= v, 1, 0)", "if(u <= v, 0, 1)"],
        "Math.min(u, v)",
        |a| Value::number(a[0].min(a[1])),
    ),
    function(
        "max",
        "MAX",
        named("max"),
        &["if(u >= v, 1, 0)", "if(u >= v, 0, 1)"],
        "Math.max(u, v)",
        |a| Value::number(a[0].max(a[1])),
    ),
    written_out("sum", "u", named("Σ"), &["1"], "u", |a| Value::number(a[0])),
    written_out(
        "norm",
        "abs(u)",
        Notation::Fenced("‖", "‖"),
        &["sign(u)"],
        "Math.abs(u)",
        |a| Value::number(a[0].abs()),
    ),
    function("pi", "PI", named("π"), &[], "Math.PI", |_| Value::number(std::f64::consts::PI)),
    written_out("e", "exp(1)", named("e"), &[], "Math.E", |_| Value::number(std::f64::consts::E)),
];

/// Sums over weights of which one stands for all: over those of its tensor, and over all. No formula
/// that people write has them; where the weights are known, sums are written out.
pub static TOTALS: [Function; 2] = [
    written_out("sum over the tensor", "u", named("Σ"), &["1"], "u", |a| Value::number(a[0])),
    written_out("sum over all", "u", named("Σ"), &["1"], "u", |a| Value::number(a[0])),
];

const fn named(name: &'static str) -> Notation {
    Notation::Named(name)
}

impl Function {
    /// Whether an optimizer's formulas mean all weights by it.
    pub fn is_over_weights(&self) -> bool {
        ["sum", "norm"].contains(&self.name)
    }

    /// The function over all weights, of what its argument is for each: `Σ x`, `‖x‖ = √(Σ x²)`.
    pub fn over_weights<N>(&self, each: impl Iterator<Item = Expr<N>>) -> Option<Expr<N>> {
        let is_norm = self.name == "norm";
        let square = |part: Expr<N>| part.binary(Operator::Power, Expr::Number(2.0));
        let parts = each.map(|part| if is_norm { square(part) } else { part });
        let sum = parts.reduce(|sum, part| sum.binary(Operator::Add, part))?;
        let root = Function::find("sqrt").filter(|_| is_norm);
        Some(match root {
            Some(root) => Expr::Call(root, vec![sum]),
            None => sum,
        })
    }

    /// The function called `name`.
    pub fn find(name: &str) -> Option<&'static Function> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }
}

/// A logarithm of 0 or less is `#NUM!`, as in a spreadsheet.
fn logarithm(x: f64, log: fn(f64) -> f64) -> Value {
    if x > 0.0 { Value::number(log(x)) } else { CellError::Number.into() }
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

/// The formula `text` over `u` and `v` with the `arguments` put in for them.
///
/// Formulas of the table are constants that a test reads; one that did not parse would give 0.
pub(super) fn expand<N: Clone>(text: &str, arguments: &[Expr<N>]) -> Expr<N> {
    let argument = |name: &Name| arguments.get(usize::from(name.id == "v")).cloned();
    let formula = parse(text)
        .ok()
        .and_then(|formula| formula.substitute(&mut |name| argument(name).ok_or(())).ok());
    formula.unwrap_or(Expr::Number(0.0))
}
