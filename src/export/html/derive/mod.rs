//! The page of `gdtrace derive`: the Jacobian and the Hessians as mathematics, each entry with its
//! check, and the gates of every function with what goes forward and comes back through them. In it the
//! point can be moved: all numbers follow.

mod played;

use serde::Serialize;

use super::formulas::{Formula, in_pieces};
use super::gates::{self, Gates};
use super::markup::Markup;
use super::numbers::{Cell, brief, scientific};
use super::page::render;
use super::paper;
use super::script::Script;
use crate::circuit::{AtPoint, Derivatives, Entry, Formulas, Numbers};
use crate::error::Result;
use crate::export::digits::Digits;
use crate::formula::{Expr, Name, escape, mathml, symbol};
use crate::value::Value;

const OWN_STYLE: &str = include_str!("../../../../templates/derive.css");

/// All that the page shows.
#[derive(Serialize)]
struct Page {
    /// The variables, as mathematics.
    variables: Markup,
    /// The point as equations, where there is one.
    point: Vec<Markup>,
    functions: Vec<Formula>,
    /// What is to be known about the point, a sentence each.
    notes: Vec<String>,
    matrices: Vec<Matrix>,
    gates: Vec<Gates>,
    /// What the script computes; none of very long formulas.
    is_played: bool,
}

/// The Jacobian or a Hessian.
#[derive(Serialize)]
struct Matrix {
    anchor: String,
    title: Markup,
    /// The title without markup.
    name: String,
    /// How wide it is at most, in em.
    width: usize,
    symbolic: Markup,
    numeric: Option<Markup>,
    /// Its entries one below the other, in place of what is too wide to be read on paper, each with its width.
    listed: Vec<(Markup, usize)>,
    /// What of the entries is not listed.
    left_out: &'static str,
    check: Option<Check>,
}

/// The entries of a matrix beside their central differences.
#[derive(Serialize)]
struct Check {
    /// The largest difference, in words.
    finding: String,
    rows: Vec<CheckRow>,
}

#[derive(Serialize)]
struct CheckRow {
    name: Markup,
    cells: [Cell; 3],
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
    let gates: Vec<Gates> = gates.collect();
    let played = played::Played::new(derivatives, at, &gates);
    let script = Script::of_derivatives(played.as_ref().map_or("", |played| &played.functions));
    let page = Page {
        variables: Markup::math(&listed(&derivatives.variables)),
        point: at.map_or(Vec::new(), |at| at.point.iter().map(coordinate).collect()),
        functions: functions(derivatives, at),
        notes: at.map_or(Vec::new(), |at| notes(derivatives, at)),
        matrices: matrices(derivatives, at),
        gates,
        is_played: played.is_some(),
    };
    let store = played.map(|played| played.store);
    render("derive.html", (OWN_STYLE, 1), (&script, &store), &page)
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
        let equation = in_pieces(&format!("{name}<mo>=</mo>"), function, &name_math);
        let meaning = at.map_or(String::new(), |at| {
            let value = number_math(at.values[index]);
            format!("at the point <math>{name}<mo>=</mo>{value}</math>")
        });
        let width = paper::width_of_pieces(equation.as_str());
        let equation = format!("<span style=\"--width: {width}\">{}</span>", equation.as_str());
        Formula { math: Markup::trusted(equation), meaning: Markup::trusted(meaning) }
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
    let jacobian = Matrix {
        anchor: "jacobian".into(),
        title: Markup::text("Jacobian"),
        name: "Jacobian".into(),
        ..Matrix::new(
            "<mi>J</mi>",
            &derivatives.jacobian,
            at.map(|at| &at.jacobian),
            &entry_of_jacobian,
        )
    };
    let hessian = |(index, hessian): (usize, &Formulas)| {
        let left = format!("<msub><mi>H</mi>{}</msub>", function_symbol(derivatives, index));
        let plain = derivatives.function_name(index);
        let entry = |i: usize, j: usize| partial(&plain, &[&names[i], &names[j]]);
        let numbers = at.and_then(|at| at.hessians.get(index));
        Matrix {
            anchor: format!("hessian-{}", index + 1),
            title: Markup::trusted(format!("Hessian of <var>{}</var>", name_text(&plain))),
            name: format!("Hessian of {plain}"),
            ..Matrix::new(&left, hessian, numbers, &entry)
        }
    };
    let hessians = derivatives.hessians.iter().enumerate().map(hessian);
    std::iter::once(jacobian).chain(hessians).collect()
}

impl Matrix {
    /// A matrix without its title, called `left`, whose entries have a `name` each.
    fn new(
        left: &str,
        formulas: &Formulas,
        numbers: Option<&Numbers>,
        name: &dyn Fn(usize, usize) -> String,
    ) -> Self {
        let entries = |of: &dyn Fn(usize, usize) -> String| -> Vec<Vec<String>> {
            let row = |i: usize| (0..formulas[i].len()).map(|j| of(i, j)).collect();
            (0..formulas.len()).map(row).collect()
        };
        let rows = entries(&|i, j| math(&formulas[i][j]));
        let values = numbers.map(|numbers| entries(&|i, j| number_math(numbers[i][j].value)));
        let width = |rows: &Vec<Vec<String>>| paper::width(left) + 2 + paper::width_of_matrix(rows);
        let width = width(&rows).max(values.as_ref().map_or(0, width));
        let is_symmetric = formulas.len() > 1 && left.starts_with("<msub>");
        let is_listed = !paper::fits(width);
        Matrix {
            anchor: String::new(),
            title: Markup::text(""),
            name: String::new(),
            width,
            symbolic: drawn(left, rows),
            numeric: values.map(|values| drawn(left, values)),
            listed: match is_listed {
                true => listing(formulas, numbers, is_symmetric, name),
                false => Vec::new(),
            },
            left_out: match (is_symmetric, formulas.iter().flatten().any(is_zero)) {
                _ if !is_listed => "",
                (true, true) => "Entries that are not listed are 0, or mirror those that are.",
                (true, false) => "Entries that are not listed mirror those that are.",
                (false, true) => "Entries that are not listed are 0.",
                (false, false) => "",
            },
            check: numbers.map(|numbers| check(numbers, name)),
        }
    }
}

/// The entries but for the zeros as equations, of a symmetric matrix one of each two.
fn listing(
    formulas: &Formulas,
    numbers: Option<&Numbers>,
    is_symmetric: bool,
    name: &dyn Fn(usize, usize) -> String,
) -> Vec<(Markup, usize)> {
    let places = (0..formulas.len()).flat_map(|i| (0..formulas[i].len()).map(move |j| (i, j)));
    let is_listed =
        |(i, j): &(usize, usize)| (!is_symmetric || i <= j) && !is_zero(&formulas[*i][*j]);
    let equation = |(i, j): (usize, usize)| {
        let formula = in_pieces("<mo>=</mo>", &formulas[i][j], &name_math);
        let numbers = numbers.filter(|_| !matches!(formulas[i][j], Expr::Number(_)));
        let value = numbers.map_or(String::new(), |numbers| {
            let value = number_math(numbers[i][j].value);
            format!("<wbr><math data-entry=\"{i} {j}\"><mo>=</mo>{value}</math>")
        });
        let math = format!("{} {}{value}", name(i, j), formula.as_str());
        let width = paper::width_of_pieces(&math);
        (Markup::trusted(math), width)
    };
    places.filter(is_listed).map(equation).collect()
}

/// ∂f/∂x, or ∂²f/∂x∂y.
fn partial(function: &str, by: &[&Name]) -> String {
    let below: String = by.iter().map(|name| format!("∂{}", name_text(&name.id))).collect();
    let order = if by.len() > 1 { "²" } else { "" };
    format!("<var>∂{order}{}/{below}</var>", name_text(function))
}

fn is_zero(formula: &Expr<Name>) -> bool {
    matches!(formula, Expr::Number(number) if *number == 0.0)
}

fn drawn(left: &str, rows: Vec<Vec<String>>) -> Markup {
    let row = |row: Vec<String>| {
        let cells: String = row.iter().map(|entry| format!("<mtd>{entry}</mtd>")).collect();
        format!("<mtr>{cells}</mtr>")
    };
    let rows: String = rows.into_iter().map(row).collect();
    Markup::display_math(&format!(
        "<mrow>{left}<mo>=</mo><mtable class=\"entries\">{rows}</mtable></mrow>"
    ))
}

fn check(numbers: &Numbers, name: &dyn Fn(usize, usize) -> String) -> Check {
    let all = || numbers.iter().flatten();
    let digits = Digits::for_values(all().flat_map(|entry| [entry.value, entry.central]));
    let row = |(i, j, entry): (usize, usize, &Entry)| CheckRow {
        name: Markup::trusted(name(i, j)),
        cells: [
            digits.show(entry.value),
            digits.show(entry.central),
            Digits::Scientific.show(entry.difference()),
        ],
    };
    let places = numbers.iter().enumerate();
    let places =
        places.flat_map(|(i, row)| row.iter().enumerate().map(move |(j, entry)| (i, j, entry)));
    let differences = all().filter_map(|entry| entry.difference().get().ok());
    let largest = differences.max_by(f64::total_cmp);
    let finding = match largest {
        Some(0.0) => "Central differences agree exactly".to_owned(),
        Some(largest) => format!("At most {} off the central differences", scientific(largest, 0)),
        None => "No central difference has a value".to_owned(),
    };
    Check { finding, rows: places.map(row).collect() }
}
