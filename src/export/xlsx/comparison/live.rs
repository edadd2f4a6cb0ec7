//! How a cell of theirs stands in the copy: as a live formula where every spreadsheet computes the
//! same from it, else as the value that it has.

use std::collections::BTreeSet;

use super::names::Names;
use crate::compare::result::Comparison;
use crate::formula::Expr;
use crate::graph::arithmetic::{Fold, Operand, Term};
use crate::graph::{Cell, Content, ErrorValue, Scalar, SharedFormula};
use crate::value::number_text;

/// The error values that every spreadsheet knows.
const ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];

/// What is written into a cell of the copy.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// A formula, with its result and whether it is an array formula.
    Formula { text: String, result: String, is_array: bool },
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// TRUE or FALSE.
    Logical(bool),
    /// An error value.
    Error(String),
}

/// The names that the copy does not define, in small letters.
pub type Missing = BTreeSet<String>;

/// What stands for a cell of theirs, and why it is no formula where the original has one.
pub fn written(
    (comparison, names, missing): (&Comparison, &Names, &Missing),
    (sheet, at): (usize, usize),
) -> (Written, Option<String>) {
    let reading = &comparison.reading;
    let cell = &reading.workbook.sheets[sheet].cells()[at];
    let Some(number) = cell.formula() else { return (value(&cell.content), None) };
    let shared = &reading.workbook.sheets[sheet].formulas()[number];
    let scalar = reading.graph.value_at(sheet, cell.at);
    let kept = match obstacle(comparison, names, missing, shared, cell) {
        Some(obstacle) => Err(obstacle),
        None => result(cell, scalar).ok_or_else(|| "its result is not known".to_owned()),
    };
    match kept {
        Ok(result) => {
            let is_array = shared.arithmetic().is_ok_and(needs_array);
            (Written::Formula { text: shared.text(cell.at), result, is_array }, None)
        }
        Err(why) => {
            let value = match &cell.content {
                Content::Uncalculated => Written::Text(shared.text(cell.at)),
                content => value(content),
            };
            (value, Some(format!("{}\ncopied as its value, since {why}", shared.text(cell.at))))
        }
    }
}

/// What keeps a formula from standing in the copy.
fn obstacle(
    comparison: &Comparison,
    names: &Names,
    missing: &Missing,
    shared: &SharedFormula,
    cell: &Cell,
) -> Option<String> {
    let formula = &shared.formula;
    if let Some(function) = &formula.volatile {
        return Some(format!("{function} gives another one at each calculation"));
    }
    if let Some(broken) = &formula.broken {
        return Some(format!("{broken} refers to nothing"));
    }
    if let Err(why) = shared.arithmetic() {
        return Some(format!("gdtrace does not understand it: it {why}"));
    }
    for sheet in formula.references.iter().filter_map(|(reference, _)| reference.sheet()) {
        let index = comparison.reading.workbook.sheet(sheet);
        if !index.is_some_and(|index| names.is_same(index)) {
            return Some(format!("there is no sheet called {sheet} here"));
        }
    }
    let text = shared.text(cell.at);
    let name = words(&text).find(|word| missing.contains(&word.to_lowercase()));
    name.map(|name| format!("the name {name} is not defined here"))
}

/// What may be names in a formula.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || "_.\\?".contains(c)))
}

/// What a spreadsheet shows for a formula; none where that is not known.
fn result(cell: &Cell, scalar: Scalar) -> Option<String> {
    match (scalar, &cell.content) {
        // Comparisons are numbers to formula trees.
        (Scalar::Number(number), Content::Logical(_)) => logical(number != 0.0),
        (Scalar::Number(number), _) => Some(number_text(number)),
        (Scalar::Blank, _) => Some("0".to_owned()),
        (Scalar::Logical(is), _) => logical(is),
        (Scalar::Error(ErrorValue::Circle | ErrorValue::Other), _) => None,
        (Scalar::Error(error), _) => Some(error.to_string()),
        (Scalar::Text(_), Content::Text(text)) => {
            // The file has no way to say that such a result is a text.
            let is_plain = text.parse::<f64>().is_err() && !ERRORS.contains(&&**text);
            (is_plain && !matches!(&**text, "TRUE" | "FALSE")).then(|| text.to_string())
        }
        (Scalar::Text(_) | Scalar::Unknown, _) => None,
    }
}

fn logical(is: bool) -> Option<String> {
    Some(if is { "TRUE" } else { "FALSE" }.to_owned())
}

/// A value as it stands in a cell.
fn value(content: &Content) -> Written {
    match content {
        Content::Number(number) if number.is_finite() => Written::Number(*number),
        Content::Number(_) => Written::Error("#NUM!".to_owned()),
        Content::Text(text) => Written::Text(text.to_string()),
        Content::Date(day) => Written::Text(day.to_string()),
        Content::Logical(is) => Written::Logical(*is),
        Content::Error(text) if ERRORS.contains(&&**text) => Written::Error(text.to_string()),
        Content::Error(text) => Written::Text(text.to_string()),
        Content::Uncalculated => Written::Text(String::new()),
    }
}

/// Whether the formula computes with whole ranges outside of `SUMPRODUCT`, which only an array
/// formula does.
fn needs_array(tree: &Expr<Term>) -> bool {
    let is_formula = |operand: &Operand| matches!(operand, Operand::Formula(_));
    tree.has_name(|term| match term {
        Term::Fold(fold, parts) => *fold != Fold::SumProduct && parts.iter().any(is_formula),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_formula_are_its_possible_names() {
        let found: Vec<&str> =
            words("=learn.rate*'my sheet'!$B$2+_x1").filter(|word| !word.is_empty()).collect();
        assert_eq!(found, ["learn.rate", "my", "sheet", "B", "2", "_x1"]);
    }
}
