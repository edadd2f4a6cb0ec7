//! The page of `gdtrace derive`: the Jacobian and the Hessians as mathematics, each entry with its
//! check, and the gates of every function with what goes forward and comes back through them.

use serde::Serialize;

use super::gates::{self, Gates};
use super::markup::Markup;
use super::numbers::{Cell, brief, scientific};
use super::page::render;
use super::{STYLE, formulas::Formula};
use crate::circuit::{AtPoint, Derivatives, Entry, Formulas, Numbers};
use crate::error::Result;
use crate::export::digits::Digits;
use crate::formula::{Expr, Name, escape, mathml, symbol};
use crate::value::Value;

const OWN_STYLE: &str = include_str!("../../../templates/derive.css");

/// All that the page shows.
#[derive(Serialize)]
struct Page {
    style: Markup,
    version: &'static str,
    title: &'static str,
    /// The variables, as mathematics.
    variables: Markup,
    /// The point as equations, where there is one.
    point: Vec<Markup>,
    functions: Vec<Formula>,
    /// What is to be known about the point, a sentence each.
    notes: Vec<String>,
    matrices: Vec<Matrix>,
    gates: Vec<Gates>,
}

/// The Jacobian or a Hessian.
#[derive(Serialize)]
struct Matrix {
    anchor: String,
    title: Markup,
    /// The title without markup.
    name: String,
    symbolic: Markup,
    numeric: Option<Markup>,
    check: Option<Check>,
}

/// The entries of a matrix beside their central differences.
#[derive(Serialize)]
struct Check {
    /// The largest difference, in words.
    finding: String,
    rows: Vec<CheckRow>,
    /// How many characters stand behind the point in each column.
    fractions: Vec<usize>,
}

#[derive(Serialize)]
struct CheckRow {
    name: Markup,
    cells: Vec<Cell>,
}

/// The page on `derivatives`, with numbers where there is a point.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn derivatives(derivatives: &Derivatives, at: Option<&AtPoint>) -> Result<String> {
    let gates = derivatives.functions.iter().enumerate().map(|(index, function)| {
        let name = derivatives.function_name(index);
        gates::of_function(index, name, function, at.map(|at| &at.point[..]))
    });
    let page = Page {
        style: Markup::trusted(format!("{STYLE}{OWN_STYLE}")),
        version: env!("CARGO_PKG_VERSION"),
        title: match derivatives.hessians.len() {
            0 => "Jacobian",
            1 => "Jacobian and Hessian",
            _ => "Jacobian and Hessians",
        },
        variables: Markup::math(&listed(&derivatives.variables)),
        point: at.map_or(Vec::new(), |at| at.point.iter().map(coordinate).collect()),
        functions: functions(derivatives, at),
        notes: at.map_or(Vec::new(), |at| notes(derivatives, at)),
        matrices: matrices(derivatives, at),
        gates: gates.collect(),
    };
    render("derive.html", &page)
}

/// A name as MathML: `x1` has an index.
pub(super) fn name_math(name: &Name) -> String {
    match base_and_index(&name.id) {
        Some((base, index)) => symbol(&format!("{base}_{index}")),
        None if name.id.contains('_') => format!("<mi>{}</mi>", escape(&name.id)),
        None => symbol(&name.id),
    }
}

/// A name as text, for the heads of tables: what has no text there is no head to a screen reader.
pub(super) fn name_text(id: &str) -> String {
    match base_and_index(id) {
        Some((base, index)) => format!("{}<sub>{}</sub>", escape(base), escape(index)),
        None => escape(id),
    }
}

/// `x1` and `x_1` are x with the index 1.
fn base_and_index(id: &str) -> Option<(&str, &str)> {
    let letters = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let (base, index) = id.split_once('_').unwrap_or_else(|| id.split_at(letters.len()));
    (!base.is_empty() && !index.is_empty()).then_some((base, index))
}

/// A formula as MathML.
pub(super) fn math(formula: &Expr<Name>) -> String {
    mathml(formula, &name_math)
}

/// A number as MathML, or an error value.
pub(super) fn number_math(value: Value) -> String {
    match value.get() {
        // A spreadsheet has no negative zero.
        Ok(0.0) => "<mn>0</mn>".into(),
        Ok(_) => match brief(value).strip_prefix('−') {
            Some(digits) => format!("<mrow><mo>−</mo><mn>{digits}</mn></mrow>"),
            None => format!("<mn>{}</mn>", brief(value)),
        },
        Err(error) => format!("<mtext class=\"error\">{}</mtext>", error.text()),
    }
}

fn listed(names: &[Name]) -> String {
    names.iter().map(name_math).collect::<Vec<_>>().join("<mo separator=\"true\">,</mo>")
}

fn coordinate((name, value): &(Name, f64)) -> Markup {
    let value = number_math(Value::number(*value));
    Markup::math(&format!("{}<mo>=</mo>{value}", name_math(name)))
}

/// f, or f with an index, as MathML.
fn function_symbol(derivatives: &Derivatives, index: usize) -> String {
    name_math(&Name::here(derivatives.function_name(index)))
}

fn functions(derivatives: &Derivatives, at: Option<&AtPoint>) -> Vec<Formula> {
    let one = |(index, function): (usize, &Expr<Name>)| {
        let name = function_symbol(derivatives, index);
        let equation = format!("<mrow>{name}<mo>=</mo>{}</mrow>", math(function));
        let meaning = at.map_or(String::new(), |at| {
            let value = number_math(at.values[index]);
            format!("at the point <math>{name}<mo>=</mo>{value}</math>")
        });
        Formula { math: Markup::display_math(&equation), meaning: Markup::trusted(meaning) }
    };
    derivatives.functions.iter().enumerate().map(one).collect()
}

/// Sentences, with a full stop added by the template.
fn notes(derivatives: &Derivatives, at: &AtPoint) -> Vec<String> {
    let sentence = |(function, note): &(usize, String)| {
        format!("{}: {}", derivatives.function_name(*function), note.replace('`', ""))
    };
    at.notes.iter().map(sentence).collect()
}

fn matrices(derivatives: &Derivatives, at: Option<&AtPoint>) -> Vec<Matrix> {
    let names = &derivatives.variables;
    let entry_of_jacobian =
        |i: usize, j: usize| partial(&derivatives.function_name(i), &[&names[j]]);
    let mut matrices = vec![Matrix {
        anchor: "jacobian".into(),
        title: Markup::text("Jacobian"),
        name: "Jacobian".into(),
        symbolic: symbolic("<mi>J</mi>", &derivatives.jacobian),
        numeric: at.map(|at| numeric("<mi>J</mi>", &at.jacobian)),
        check: at.map(|at| check(&at.jacobian, &entry_of_jacobian)),
    }];
    for (index, hessian) in derivatives.hessians.iter().enumerate() {
        let name = function_symbol(derivatives, index);
        let left = format!("<msub><mi>H</mi>{name}</msub>");
        let plain = derivatives.function_name(index);
        let entry = |i: usize, j: usize| partial(&plain, &[&names[i], &names[j]]);
        let numbers = at.and_then(|at| at.hessians.get(index));
        matrices.push(Matrix {
            anchor: format!("hessian-{}", index + 1),
            title: Markup::trusted(format!("Hessian of <var>{}</var>", name_text(&plain))),
            name: format!("Hessian of {plain}"),
            symbolic: symbolic(&left, hessian),
            numeric: numbers.map(|numbers| numeric(&left, numbers)),
            check: numbers.map(|numbers| check(numbers, &entry)),
        });
    }
    matrices
}

/// ∂f/∂x, or ∂²f/∂x∂y.
fn partial(function: &str, by: &[&Name]) -> String {
    let below: String = by.iter().map(|name| format!("∂{}", name_text(&name.id))).collect();
    let order = if by.len() > 1 { "²" } else { "" };
    format!("<var>∂{order}{}/{below}</var>", name_text(function))
}

fn symbolic(left: &str, formulas: &Formulas) -> Markup {
    matrix(left, formulas.iter().map(|row| row.iter().map(math).collect()))
}

fn numeric(left: &str, numbers: &Numbers) -> Markup {
    let row = |row: &Vec<Entry>| row.iter().map(|entry| number_math(entry.value)).collect();
    matrix(left, numbers.iter().map(row))
}

fn matrix(left: &str, rows: impl Iterator<Item = Vec<String>>) -> Markup {
    let row = |row: Vec<String>| {
        let cells: String = row.iter().map(|entry| format!("<mtd>{entry}</mtd>")).collect();
        format!("<mtr>{cells}</mtr>")
    };
    let rows: String = rows.map(row).collect();
    Markup::display_math(&format!(
        "<mrow>{left}<mo>=</mo><mtable class=\"entries\">{rows}</mtable></mrow>"
    ))
}

fn check(numbers: &Numbers, name: &dyn Fn(usize, usize) -> String) -> Check {
    let all = || numbers.iter().flatten();
    let digits = Digits::for_values(all().flat_map(|entry| [entry.value, entry.central]));
    let mut rows = Vec::new();
    for (i, row) in numbers.iter().enumerate() {
        for (j, entry) in row.iter().enumerate() {
            let cells = [
                digits.show(entry.value),
                digits.show(entry.central),
                Digits::Scientific.show(entry.difference()),
            ];
            rows.push(CheckRow { name: Markup::trusted(name(i, j)), cells: cells.into() });
        }
    }
    let differences = all().filter_map(|entry| entry.difference().get().ok());
    let largest = differences.max_by(f64::total_cmp);
    let width = |column: usize| {
        rows.iter().map(|row: &CheckRow| row.cells[column].fraction_width()).max().unwrap_or(0)
    };
    let fractions = (0..3).map(width).collect();
    let finding = match largest {
        Some(0.0) => "Central differences agree exactly".to_owned(),
        Some(largest) => format!("At most {} off the central differences", scientific(largest, 0)),
        None => "No central difference has a value".to_owned(),
    };
    Check { finding, rows, fractions }
}
