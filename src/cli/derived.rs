//! What `gdtrace derive` prints: matrices in columns, LaTeX, or one JSON object.

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::circuit::{AtPoint, Derivatives, Entry, Formulas, Numbers};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name, latex as set, latex_symbol};
use crate::value::{Value, number_text};

/// Wider matrices of formulas are printed an entry a line.
const WIDEST: usize = 100;

/// The functions and their matrices as text.
pub fn text(derivatives: &Derivatives, at: Option<&AtPoint>) -> String {
    let mut parts = vec![functions(derivatives, at)];
    let names: Vec<String> =
        (0..derivatives.functions.len()).map(|index| derivatives.function_name(index)).collect();
    let rows: Vec<String> = names.clone();
    let heads: Vec<String> =
        derivatives.variables.iter().map(|name| format!("d/d{name}")).collect();
    let numbers = at.map(|at| &at.jacobian);
    parts.push(matrix("Jacobian", &rows, &heads, &derivatives.jacobian, numbers));
    for (index, hessian) in derivatives.hessians.iter().enumerate() {
        let numbers = at.and_then(|at| at.hessians.get(index));
        let title = format!("Hessian of {}", names[index]);
        parts.push(matrix(&title, &heads, &heads, hessian, numbers));
    }
    parts.join("\n\n")
}

/// `f1(x, y) = x^2*y`, and the values at the point.
fn functions(derivatives: &Derivatives, at: Option<&AtPoint>) -> String {
    let lines = derivatives
        .functions
        .iter()
        .enumerate()
        .map(|(index, function)| format!("{} = {function}", derivatives.function_name(index)));
    let lines: Vec<String> = lines.collect();
    let Some(at) = at else { return lines.join("\n") };
    let point: Vec<String> =
        at.point.iter().map(|(name, value)| format!("{name} = {}", number_text(*value))).collect();
    let mut values: Vec<Vec<String>> = vec![at.values.iter().map(|one| shown(*one)).collect()];
    align_points(&mut values[0]);
    let named = (0..).zip(&values[0]);
    let named = named.map(|(index, value)| {
        format!(" {} = {}", derivatives.function_name(index), value.trim_end())
    });
    let named: Vec<String> = named.collect();
    format!("{}\n\nAt {}\n{}", lines.join("\n"), point.join(", "), named.join("\n"))
}

/// A matrix of formulas, and below it the numbers and how far central differences are from them.
fn matrix(
    title: &str,
    rows: &[String],
    heads: &[String],
    formulas: &Formulas,
    numbers: Option<&Numbers>,
) -> String {
    let texts = |entry: &Expr<Name>| entry.to_string();
    let mut out = format!("{title}\n{}", grid(rows, heads, formulas, texts, CellAlignment::Left));
    if out.lines().any(|line| line.chars().count() > WIDEST) {
        out = format!("{title}\n{}", listed(rows, heads, formulas));
    }
    let Some(numbers) = numbers else { return out };
    let value = |entry: &Entry| shown(entry.value);
    out += &format!("\n\n{title} at the point\n");
    out += &grid(rows, heads, numbers, value, CellAlignment::Right);
    out += "\n\nCentral differences are off by\n";
    out += &grid(rows, heads, numbers, |entry| tiny(entry.difference()), CellAlignment::Right);
    out
}

/// Entries in rows and columns; numbers have their points below each other.
fn grid<T>(
    rows: &[String],
    heads: &[String],
    entries: &[Vec<T>],
    text: impl Fn(&T) -> String,
    alignment: CellAlignment,
) -> String {
    let mut columns: Vec<Vec<String>> = (0..heads.len())
        .map(|column| entries.iter().map(|row| text(&row[column])).collect())
        .collect();
    if alignment == CellAlignment::Right {
        columns.iter_mut().for_each(|column| align_points(column));
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([String::new()].iter().chain(heads));
    for (index, row) in rows.iter().enumerate() {
        table.add_row([row].into_iter().chain(columns.iter().map(|column| &column[index])));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(alignment);
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// An entry a line.
fn listed(rows: &[String], heads: &[String], formulas: &Formulas) -> String {
    let mut lines = Vec::new();
    for (row, entries) in rows.iter().zip(formulas) {
        for (head, entry) in heads.iter().zip(entries) {
            lines.push(format!(" {row} {head} = {entry}"));
        }
    }
    lines.join("\n")
}

/// Fills up texts of numbers on the right, so that their points stand below each other when the
/// texts do so on the right.
fn align_points(column: &mut [String]) {
    let behind = |text: &String| text.find(['.', 'e']).map_or(0, |at| text.len() - at);
    let is_number = |text: &String| !text.starts_with('#');
    let most = column.iter().filter(|text| is_number(text)).map(behind).max().unwrap_or(0);
    for text in column.iter_mut().filter(|text| is_number(text)) {
        let missing = most - behind(text);
        text.push_str(&" ".repeat(missing));
    }
}

/// A number with ten digits at most, or an error value.
fn shown(value: Value) -> String {
    const DIGITS: i32 = 10;
    let number = match value.get() {
        Ok(number) => number,
        Err(error) => return error.text().to_owned(),
    };
    let trimmed = |text: String| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    };
    let scientific = format!("{number:.*e}", DIGITS as usize - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent @ -5..DIGITS) => {
            trimmed(format!("{number:.*}", (DIGITS - 1 - exponent).max(0) as usize))
        }
        _ => format!("{}e{exponent}", trimmed(mantissa.to_owned())),
    }
}

/// A difference: its size is all that matters.
fn tiny(value: Value) -> String {
    match value.get() {
        Ok(0.0) => "0".to_owned(),
        Ok(number) => format!("{number:.0e}"),
        Err(error) => error.text().to_owned(),
    }
}

/// The functions and their matrices as LaTeX, a display a line.
pub fn latex(derivatives: &Derivatives, at: Option<&AtPoint>) -> String {
    let set = |formula: &Expr<Name>| set(formula, &|name: &Name| latex_symbol(&name.id));
    let number = |value: Value| match value.get() {
        Ok(number) => self::set::<Name>(&Expr::Number(number), &|_| String::new()),
        Err(error) => format!("\\text{{{}}}", error.text().replace('#', "\\#")),
    };
    let matrix = |rows: Vec<Vec<String>>| {
        let rows: Vec<String> = rows.iter().map(|row| row.join(" & ")).collect();
        format!("\\begin{{pmatrix}} {} \\end{{pmatrix}}", rows.join(" \\\\ "))
    };
    let formulas =
        |rows: &Formulas| matrix(rows.iter().map(|row| row.iter().map(set).collect()).collect());
    let values = |rows: &Numbers| {
        let row = |row: &Vec<Entry>| row.iter().map(|entry| number(entry.value)).collect();
        format!(" = {}", matrix(rows.iter().map(row).collect()))
    };
    let names: Vec<String> = (0..derivatives.functions.len())
        .map(|index| latex_symbol(&derivatives.function_name(index)))
        .collect();
    let mut lines = Vec::new();
    for (index, function) in derivatives.functions.iter().enumerate() {
        let value = at.map_or(String::new(), |at| format!(" = {}", number(at.values[index])));
        lines.push(format!("{} = {}{value}", names[index], set(function)));
    }
    let at_point = at.map_or(String::new(), |at| values(&at.jacobian));
    lines.push(format!("J = {}{at_point}", formulas(&derivatives.jacobian)));
    for (index, hessian) in derivatives.hessians.iter().enumerate() {
        let at_point = at.map_or(String::new(), |at| values(&at.hessians[index]));
        lines.push(format!("H_{{{}}} = {}{at_point}", names[index], formulas(hessian)));
    }
    lines.join("\n")
}

/// What `--json` prints. Numbers read back to the same f64; error values are text.
#[derive(Serialize)]
struct Printed {
    variables: Vec<String>,
    functions: Vec<String>,
    jacobian: PrintedMatrix,
    hessians: Vec<PrintedMatrix>,
}

#[derive(Serialize)]
struct PrintedMatrix {
    symbolic: Vec<Vec<String>>,
    value: Option<Vec<Vec<Value>>>,
}

/// The functions and their matrices as one JSON object.
///
/// # Errors
/// None that a command can cause.
pub fn json(derivatives: &Derivatives, at: Option<&AtPoint>) -> Result<String> {
    let matrix = |formulas: &Formulas, numbers: Option<&Numbers>| PrintedMatrix {
        symbolic: formulas.iter().map(|row| row.iter().map(Expr::to_string).collect()).collect(),
        value: numbers.map(|rows| {
            rows.iter().map(|row| row.iter().map(|entry| entry.value).collect()).collect()
        }),
    };
    let hessians = derivatives.hessians.iter().enumerate();
    let printed = Printed {
        variables: derivatives.variables.iter().map(Name::to_string).collect(),
        functions: derivatives.functions.iter().map(Expr::to_string).collect(),
        jacobian: matrix(&derivatives.jacobian, at.map(|at| &at.jacobian)),
        hessians: hessians
            .map(|(index, one)| matrix(one, at.and_then(|at| at.hessians.get(index))))
            .collect(),
    };
    serde_json::to_string_pretty(&printed)
        .map_err(|error| Error::new(format!("cannot write the results as JSON: {error}")))
}
