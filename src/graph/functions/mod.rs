//! The functions of spreadsheets: one row a function, with its value and its derivative.
//!
//! Functions of numbers are those of the formula layer wherever it has them
//! ([`crate::formula::FUNCTIONS`]); others have their derivative as a formula over `u` and `v` in
//! the same way. Functions over ranges have the vector-Jacobian product that a backward sweep needs:
//! how much each element of each argument takes of what the result is to be moved by.

mod aggregate;
mod conditions;
mod least_squares;
mod matrix;
mod numbers;
mod statistics;
mod texts;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::item::{Item, Outcome};
use super::scalar::ErrorValue;
use crate::formula::{self, Expr};
use crate::value::Value;

/// A function of spreadsheets.
#[derive(Debug)]
pub struct SheetFunction {
    /// Its name, in capitals.
    pub name: &'static str,
    /// The least and the most arguments that it takes.
    pub arity: (usize, usize),
    pub(super) kind: Kind,
}

pub(super) use conditions::position;

/// As many arguments as there are.
const MANY: usize = 255;

/// How a function computes.
#[derive(Debug)]
pub(super) enum Kind {
    /// A function of numbers, element by element where arguments are arrays.
    Numbers(Numbers),
    /// A function of values of any kind, element by element; it has no derivative.
    Items(fn(&[Item]) -> Item),
    /// A function over all elements of its arguments.
    Ranges { value: fn(&[Argument]) -> Outcome, adjoint: Adjoint },
    /// A function that looks at its arguments only as far as it needs to, or at where they stand.
    Special(Special),
}

/// How the elements of each argument move the elements of the result: given what each element of
/// the result is weighted with, the weights of the elements of each argument; fewer arguments than
/// there are stand for weights of 0.
pub(super) type Adjoint = fn(&[Argument], &Outcome, &[f64]) -> Vec<Vec<f64>>;

/// Functions that are not computed from the values of all of their arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    If,
    Ifs,
    IfError,
    IfNotAvailable,
    Choose,
    Switch,
    /// The cell of a range in the formula's own row or column, whatever stands around it.
    Single,
    /// The cells from one reference to another: `A1:INDEX(A:A,5)`.
    Span,
    Index,
    Offset,
    Indirect,
    Vlookup,
    Hlookup,
    Lookup,
    Row,
    Column,
    Rows,
    Columns,
}

/// A function of numbers.
#[derive(Debug)]
pub(super) struct Numbers {
    compute: Compute,
    /// The derivative by each argument.
    derivatives: Vec<Expr<usize>>,
    /// What an argument is that is left out.
    usual: f64,
}

#[derive(Debug)]
enum Compute {
    /// The function of the formula layer.
    Formula(&'static formula::Function),
    /// One that only spreadsheets have.
    Own(fn(&[f64]) -> Result<f64, ErrorValue>),
}

/// An argument of a function over ranges.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    /// Its values.
    pub outcome: Outcome,
    /// Whether it is a reference, whose texts and logical values are passed over.
    pub is_reference: bool,
}

impl Argument {
    /// The numbers in it, with their places, as functions over ranges take them; or what stands in
    /// the way.
    pub fn numbers(&self) -> Result<Vec<(usize, f64)>, Item> {
        let mut numbers = Vec::new();
        for (place, item) in self.outcome.items().iter().enumerate() {
            match item {
                Item::Number(number) => numbers.push((place, *number)),
                failure if failure.is_failure() => return Err(failure.clone()),
                Item::Blank => {}
                Item::Logical(_) | Item::Text(_) if self.is_array() => {}
                other => numbers.push((place, other.arithmetic()?)),
            }
        }
        Ok(numbers)
    }

    /// The numbers of all of its elements; a spreadsheet wants nothing else there.
    pub fn all_numbers(&self) -> Result<Vec<f64>, Item> {
        let number = |item: &Item| match item {
            Item::Number(number) => Ok(*number),
            failure if failure.is_failure() => Err(failure.clone()),
            _ => Err(Item::Error(ErrorValue::Value)),
        };
        self.outcome.items().iter().map(number).collect()
    }

    /// Whether texts and logical values in it are passed over.
    fn is_array(&self) -> bool {
        self.is_reference || matches!(self.outcome, Outcome::Many(_))
    }
}

impl Numbers {
    /// The value at numbers.
    pub fn value(&self, arguments: &[f64]) -> Item {
        match self.compute {
            Compute::Own(value) => value(arguments).into(),
            Compute::Formula(function) => from_value((function.value)(arguments)),
        }
    }

    /// The derivative by one argument at numbers; 0 where there is none.
    pub fn derivative(&self, by: usize, arguments: &[f64]) -> f64 {
        let Some(derivative) = self.derivatives.get(by) else { return 0.0 };
        let value = formula::evaluate(derivative, &|at: &usize| {
            Value::number(arguments.get(*at).copied().unwrap_or(self.usual))
        });
        value.get().unwrap_or(0.0)
    }
}

/// The formula `text` over `u` and `v` as one over the numbers of arguments.
fn over_arguments(text: &str) -> Expr<usize> {
    // A test reads the formulas of the table.
    let tree = formula::parse(text).ok();
    tree.map_or(Expr::Number(0.0), |tree| tree.rename(|name| usize::from(name.id == "v")))
}

pub(super) fn from_value(value: Value) -> Item {
    use crate::value::CellError;
    match value.get() {
        Ok(number) => Item::Number(number),
        Err(CellError::DivisionByZero) => Item::Error(ErrorValue::Division),
        Err(CellError::Number) => Item::Error(ErrorValue::Number),
    }
}

impl SheetFunction {
    /// Whether an array among its arguments gives an array, element by element.
    pub fn is_elementwise(&self) -> bool {
        matches!(self.kind, Kind::Numbers(_) | Kind::Items(_) | Kind::Special(Special::If))
    }

    /// The function called `name`, in capitals.
    pub fn find(name: &str) -> Option<&'static SheetFunction> {
        FUNCTIONS.get(name)
    }

    /// How many steps a function over ranges takes, beyond looking at each element once.
    pub(super) fn work(&self, arguments: &[Argument]) -> usize {
        match self.name {
            "MMULT" | "MINVERSE" | "MDETERM" | "LINEST" => {
                let elements = arguments.iter().map(|one| one.outcome.items().len()).sum::<usize>();
                elements.saturating_mul(elements.isqrt())
            }
            _ => 0,
        }
    }

    /// The names of all functions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.keys().copied()
    }

    /// The function of the formula layer that it is, where it has it.
    pub(super) fn in_formulas(&self) -> Option<&'static formula::Function> {
        match &self.kind {
            Kind::Numbers(Numbers { compute: Compute::Formula(function), .. }) => Some(function),
            _ => None,
        }
    }

    pub(super) fn special(&self) -> Option<Special> {
        match self.kind {
            Kind::Special(special) => Some(special),
            _ => None,
        }
    }
}

impl Special {
    /// Whether it only asks where its arguments stand.
    pub fn asks_for_places(self) -> bool {
        matches!(self, Special::Row | Special::Column | Special::Rows | Special::Columns)
    }

    /// Whether what it gives is a reference to a cell or to several.
    pub fn finds_cells(self) -> bool {
        use Special::{Hlookup, Index, Indirect, Lookup, Offset, Span, Vlookup};
        matches!(self, Index | Offset | Indirect | Vlookup | Hlookup | Lookup | Span)
    }

    /// Whether it computes with an argument in any case.
    pub fn needs(self, argument: usize) -> bool {
        use Special::{Choose, If, IfError, IfNotAvailable, Ifs, Switch};
        argument == 0 || !matches!(self, If | Ifs | IfError | IfNotAvailable | Choose | Switch)
    }
}

/// Every function by its name.
static FUNCTIONS: LazyLock<HashMap<&'static str, SheetFunction>> = LazyLock::new(|| {
    let tables = [
        numbers::table(),
        aggregate::table(),
        statistics::table(),
        least_squares::table(),
        matrix::table(),
        conditions::table(),
        texts::table(),
        special_table(),
    ];
    tables.into_iter().flatten().map(|function| (function.name, function)).collect()
});

fn special_table() -> Vec<SheetFunction> {
    vec![
        special("IF", (2, 3), Special::If),
        special("IFS", (2, MANY), Special::Ifs),
        special("IFERROR", (2, 2), Special::IfError),
        special("IFNA", (2, 2), Special::IfNotAvailable),
        special("SINGLE", (1, 1), Special::Single),
        special("CHOOSE", (2, MANY), Special::Choose),
        special("SWITCH", (3, MANY), Special::Switch),
        special("OFFSET", (3, 5), Special::Offset),
        special("INDIRECT", (1, 2), Special::Indirect),
        special("VLOOKUP", (3, 4), Special::Vlookup),
        special("HLOOKUP", (3, 4), Special::Hlookup),
        special("LOOKUP", (2, 3), Special::Lookup),
        special("ROW", (0, 1), Special::Row),
        special("COLUMN", (0, 1), Special::Column),
        special("ROWS", (1, 1), Special::Rows),
        special("COLUMNS", (1, 1), Special::Columns),
    ]
}

/// `INDEX` of a reference, which gives a reference; of anything else it is a function of arrays.
pub(super) static INDEX: LazyLock<SheetFunction> =
    LazyLock::new(|| special("INDEX", (2, 3), Special::Index));

/// `from:to`, where one of them is computed.
pub(super) static SPAN: LazyLock<SheetFunction> =
    LazyLock::new(|| special(":", (2, 2), Special::Span));

fn special(name: &'static str, arity: (usize, usize), special: Special) -> SheetFunction {
    SheetFunction { name, arity, kind: Kind::Special(special) }
}

/// A function that the formula layer has, called `formula` there.
fn same(name: &'static str, formula: &str) -> Option<SheetFunction> {
    let function = formula::Function::find(formula)?;
    let arity = (function.arity, function.arity);
    Some(numbers(name, arity, Compute::Formula(function), function.derivatives))
}

/// A function of numbers that only spreadsheets have.
fn own(
    name: &'static str,
    arity: (usize, usize),
    derivatives: &[&str],
    value: fn(&[f64]) -> Result<f64, ErrorValue>,
) -> SheetFunction {
    numbers(name, arity, Compute::Own(value), derivatives)
}

fn numbers(
    name: &'static str,
    arity: (usize, usize),
    compute: Compute,
    derivatives: &[&str],
) -> SheetFunction {
    let derivatives = derivatives.iter().map(|text| over_arguments(text)).collect();
    SheetFunction { name, arity, kind: Kind::Numbers(Numbers { compute, derivatives, usual: 0.0 }) }
}

/// The same function with what its last argument is where it is left out.
fn usually(mut function: SheetFunction, usual: f64) -> SheetFunction {
    if let Kind::Numbers(numbers) = &mut function.kind {
        numbers.usual = usual;
    }
    function
}

/// A function of values of any kind.
fn items(name: &'static str, arity: (usize, usize), value: fn(&[Item]) -> Item) -> SheetFunction {
    SheetFunction { name, arity, kind: Kind::Items(value) }
}

/// Nothing moves the result.
fn zero(_: &[Argument], _: &Outcome, _: &[f64]) -> Vec<Vec<f64>> {
    Vec::new()
}

/// A function over ranges.
fn ranges(
    name: &'static str,
    arity: (usize, usize),
    value: fn(&[Argument]) -> Outcome,
    adjoint: Adjoint,
) -> SheetFunction {
    SheetFunction { name, arity, kind: Kind::Ranges { value, adjoint } }
}

/// Two entries of the table are the same when their names are.
impl PartialEq for SheetFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
