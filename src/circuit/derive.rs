//! The Jacobian and the Hessians of some formulas: as formulas, and as numbers at a point.
//!
//! For m functions of n variables the Jacobian is a matrix of m rows and n columns, ∂fᵢ/∂xⱼ, and
//! each function has a Hessian of n rows and n columns, ∂²f/∂xᵢ∂xⱼ. A Hessian is made by
//! differentiating the Jacobian's entries again; it is symmetrical, so the entries above the
//! diagonal are made once and stand below it too.
//!
//! ```
//! use gdtrace::circuit::{Derivatives, Order};
//! use gdtrace::formula::{Name, parse};
//!
//! let functions = vec![parse("x^2*y").unwrap(), parse("5*x + sin(y)").unwrap()];
//! let variables = vec![Name::here("x"), Name::here("y")];
//! let derivatives = Derivatives::new(functions, variables, Order::First).unwrap();
//! assert_eq!(derivatives.jacobian[0][0].to_string(), "2*x*y");
//! let point = [(Name::here("x"), 1.0), (Name::here("y"), 2.0)];
//! assert_eq!(derivatives.at(&point).jacobian[0][0].value.to_string(), "4");
//! ```

use super::kinks::kinks;
use crate::error::{Error, Result};
use crate::formula::{Expr, Name, differentiate_within, evaluate};
use crate::value::Value;

/// Derivatives with more numbers, names, operators and calls than this, all together and before
/// they are simplified, are refused: the derivative of a product of n factors has n² of them.
pub const LARGEST_DERIVED: usize = 200_000;

/// More entries than this, of the Jacobian and all Hessians together, are refused.
pub const MOST_ENTRIES: usize = 10_000;

/// Formulas in rows and columns.
pub type Formulas = Vec<Vec<Expr<Name>>>;

/// Numbers, each with its check, in rows and columns.
pub type Numbers = Vec<Vec<Entry>>;

/// How far to derive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The Jacobian.
    First,
    /// The Jacobian and the Hessians.
    Second,
}

/// Functions with their Jacobian and Hessians, as formulas.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivatives {
    /// The functions, m of them, as they were written.
    pub functions: Vec<Expr<Name>>,
    /// What they are derived by, n names. Other names in the functions are constants.
    pub variables: Vec<Name>,
    /// ∂fᵢ/∂xⱼ: m rows, n columns.
    pub jacobian: Formulas,
    /// ∂²f/∂xᵢ∂xⱼ of each function: m times n rows and n columns; none for [`Order::First`].
    pub hessians: Vec<Formulas>,
}

/// The derivatives at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct AtPoint {
    /// The point: a value for every name of the functions.
    pub point: Vec<(Name, f64)>,
    /// The functions' values.
    pub values: Vec<Value>,
    /// The Jacobian, each entry checked against a central difference of its function.
    pub jacobian: Numbers,
    /// The Hessians, each entry checked against a central difference of the Jacobian's entry.
    pub hessians: Vec<Numbers>,
    /// Where a function has no derivative at the point and what is taken for it, or that it has
    /// no value there: an index into the functions and a sentence.
    pub notes: Vec<(usize, String)>,
}

/// A derivative at a point and what central differences give for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// The value of the formula; an error value where it has none.
    pub value: Value,
    /// (g(x + h) − g(x − h))/2h, good to about ten digits for smooth functions.
    pub central: Value,
}

impl Entry {
    /// How far the value is from the central difference; the error where one of them is one.
    pub fn difference(self) -> Value {
        match (self.value.get(), self.central.get()) {
            (Ok(value), Ok(central)) => Value::number((value - central).abs()),
            (Err(error), _) | (_, Err(error)) => error.into(),
        }
    }
}

impl Derivatives {
    /// The derivatives of `functions` by `variables`, simplified.
    ///
    /// # Errors
    /// More than `MOST_ENTRIES` entries, or more than `LARGEST_DERIVED` parts in them.
    ///
    /// Trees are walked recursively. Formulas that [`parse`](crate::formula::parse) has accepted
    /// need a few megabytes of stack at most.
    pub fn new(functions: Vec<Expr<Name>>, variables: Vec<Name>, order: Order) -> Result<Self> {
        check_entries(functions.len(), variables.len(), order)?;
        let mut room = LARGEST_DERIVED;
        let mut jacobian = Vec::with_capacity(functions.len());
        for function in &functions {
            let row = variables.iter().map(|variable| derivative(function, variable, &mut room));
            jacobian.push(row.collect::<Result<Vec<_>>>()?);
        }
        let hessians = match order {
            Order::First => Vec::new(),
            Order::Second => {
                let rows = jacobian.iter().map(|row| hessian(row, &variables, &mut room));
                rows.collect::<Result<_>>()?
            }
        };
        Ok(Derivatives { functions, variables, jacobian, hessians })
    }

    /// What function number `index` is called: f, or f1, f2, ... where there are several.
    pub fn function_name(&self, index: usize) -> String {
        if self.functions.len() == 1 { "f".into() } else { format!("f{}", index + 1) }
    }

    /// The values at `point`, which has a value for every name; a name without one counts as an
    /// error value.
    pub fn at(&self, point: &[(Name, f64)]) -> AtPoint {
        let look_up = |name: &Name| value_at(point, name, None);
        let jacobian = self.functions.iter().zip(&self.jacobian).map(|(function, row)| {
            let entries = row.iter().zip(&self.variables);
            entries.map(|(formula, by)| Entry::new(formula, function, by, point)).collect()
        });
        let hessians = self.hessians.iter().zip(&self.jacobian);
        let notes_on = |(index, function)| {
            let found = match evaluate(function, &look_up).error() {
                None => kinks(function, &self.variables, &look_up),
                Some(error) => vec![format!(
                    "the function has no value at the point ({error}), so its derivatives mean \
                     nothing there"
                )],
            };
            found.into_iter().map(move |note| (index, note))
        };
        AtPoint {
            point: point.to_vec(),
            values: self.functions.iter().map(|one| evaluate(one, &look_up)).collect(),
            jacobian: jacobian.collect(),
            hessians: hessians.map(|(rows, from)| self.hessian_at(rows, from, point)).collect(),
            notes: self.functions.iter().enumerate().flat_map(notes_on).collect(),
        }
    }

    /// A Hessian's entries at `point`; `gradient` is the Jacobian's row that it comes from.
    fn hessian_at(
        &self,
        hessian: &Formulas,
        gradient: &[Expr<Name>],
        point: &[(Name, f64)],
    ) -> Numbers {
        mirrored(self.variables.len(), |i, j| {
            Entry::new(&hessian[i][j], &gradient[i], &self.variables[j], point)
        })
    }
}

impl Entry {
    /// The entry `formula`, which is the derivative of `from` by the name `by`.
    fn new(formula: &Expr<Name>, from: &Expr<Name>, by: &Name, point: &[(Name, f64)]) -> Self {
        let value = evaluate(formula, &|name: &Name| value_at(point, name, None));
        Entry { value, central: central_difference(from, by, point) }
    }
}

fn check_entries(functions: usize, variables: usize, order: Order) -> Result<()> {
    let each = if order == Order::Second { variables.saturating_mul(variables) } else { 0 };
    let entries = functions.saturating_mul(variables.saturating_add(each));
    if entries <= MOST_ENTRIES {
        return Ok(());
    }
    Err(Error::new(format!(
        "{entries} derivatives are too many: at most {MOST_ENTRIES} are derived at once"
    ))
    .help("choose fewer functions, or fewer variables with --wrt"))
}

fn derivative(formula: &Expr<Name>, by: &Name, room: &mut usize) -> Result<Expr<Name>> {
    differentiate_within(formula, &|name: &Name| name == by, room).ok_or_else(|| {
        Error::new(format!(
            "the derivatives are too large: together they have more than {LARGEST_DERIVED} parts"
        ))
        .help("derive fewer or shorter formulas at once: products and nested calls grow most")
    })
}

fn hessian(gradient: &[Expr<Name>], variables: &[Name], room: &mut usize) -> Result<Formulas> {
    let entry = |i: usize, j: usize| derivative(&gradient[i], &variables[j], room);
    mirrored(variables.len(), entry).into_iter().map(|row| row.into_iter().collect()).collect()
}

/// A symmetrical matrix of n rows and columns: `entry` is asked for row i and column j ≥ i only.
fn mirrored<T: Clone>(n: usize, mut entry: impl FnMut(usize, usize) -> T) -> Vec<Vec<T>> {
    let mut rows: Vec<Vec<T>> = Vec::with_capacity(n);
    for i in 0..n {
        let below: Vec<T> = rows.iter().map(|row| row[i].clone()).collect();
        let above: Vec<T> = (i..n).map(|j| entry(i, j)).collect();
        rows.push(below.into_iter().chain(above).collect());
    }
    rows
}

/// The value of `name`; with `moved` that one name has another value.
fn value_at(point: &[(Name, f64)], name: &Name, moved: Option<(&Name, f64)>) -> Value {
    match moved.filter(|(one, _)| *one == name) {
        Some((_, value)) => Value::number(value),
        None => {
            let known = point.iter().find(|(one, _)| one == name);
            Value::number(known.map_or(f64::NAN, |(_, value)| *value))
        }
    }
}

/// (g(x + h) − g(x − h))/2h for `formula` as g and the name `by` as x.
///
/// h is the cube root of the machine's precision, times x where that is larger than 1: then what
/// the difference leaves out (h²·g‴/6) and what rounding costs (ε·g/h) are about as small.
fn central_difference(formula: &Expr<Name>, by: &Name, point: &[(Name, f64)]) -> Value {
    const WIDTH: f64 = 6.055454452393343e-6;
    let Ok(x) = value_at(point, by, None).get() else {
        return Value::number(f64::NAN);
    };
    let width = WIDTH * x.abs().max(1.0);
    // What is really added and taken away, after rounding.
    let (left, right) = (x - width, x + width);
    let at = |x| evaluate(formula, &|name: &Name| value_at(point, name, Some((by, x))));
    match (at(left).get(), at(right).get()) {
        (Ok(below), Ok(above)) => Value::number((above - below) / (right - left)),
        (Err(error), _) | (_, Err(error)) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;

    fn derivatives(formulas: &[&str], variables: &[&str], order: Order) -> Result<Derivatives> {
        let functions = formulas.iter().map(|one| parse(one).unwrap()).collect();
        let variables = variables.iter().map(|name| Name::here(*name)).collect();
        Derivatives::new(functions, variables, order)
    }

    fn texts(formulas: &Formulas) -> Vec<Vec<String>> {
        formulas.iter().map(|row| row.iter().map(Expr::to_string).collect()).collect()
    }

    #[test]
    fn the_example_of_the_notes() {
        let found = derivatives(&["x^2*y", "5*x + sin(y)"], &["x", "y"], Order::Second).unwrap();
        assert_eq!(texts(&found.jacobian), [["2*x*y", "x^2"], ["5", "cos(y)"]]);
        assert_eq!(texts(&found.hessians[0]), [["2*y", "2*x"], ["2*x", "0"]]);
        assert_eq!(texts(&found.hessians[1]), [["0", "0"], ["0", "-sin(y)"]]);
        let point = [(Name::here("x"), 1.0), (Name::here("y"), 2.0)];
        let at = found.at(&point);
        assert_eq!(at.values[0], Value::number(2.0));
        for entry in at.jacobian.iter().chain(at.hessians.iter().flatten()).flatten() {
            assert!(entry.difference().get().unwrap() < 1e-9, "{entry:?}");
        }
    }

    #[test]
    fn too_many_and_too_large_derivatives_are_refused() {
        let product: Vec<String> = (1..=330).map(|k| format!("(x + {k})")).collect();
        let error = derivatives(&[&product.join("*")], &["x"], Order::First).unwrap_err();
        assert!(error.what().contains("more than 200000 parts"), "{error}");
        let names: Vec<String> = (0..101).map(|k| format!("x{k}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let error = derivatives(&[&names.join("+")], &names, Order::Second).unwrap_err();
        assert!(error.what().starts_with("10302 derivatives are too many"), "{error}");
    }
}
