//! In which way a formula breaks the pattern of its column, in words.

use crate::data::address::{Position, cell_name, column_name};
use crate::graph::SharedFormula;
use crate::graph::relative::{Axis, CellReference};

/// What is different in `found` where `expected` should stand, both in the cell `at`.
pub(super) fn difference(
    found: &SharedFormula,
    expected: &SharedFormula,
    at: Position,
) -> Option<String> {
    let distinct = |shared: &'_ SharedFormula| -> Vec<CellReference> {
        let mut cells: Vec<CellReference> = Vec::new();
        for cell in shared.formula.cells() {
            if !cells.contains(cell) {
                cells.push(cell.clone());
            }
        }
        cells
    };
    let (found, expected) = (distinct(found), distinct(expected));
    let strays: Vec<_> = found.iter().filter(|cell| !expected.contains(cell)).collect();
    let lost: Vec<_> = expected.iter().filter(|cell| !found.contains(cell)).collect();
    match (strays.as_slice(), lost.as_slice()) {
        ([], []) => None,
        ([stray], [lost]) => Some(stray_reference(stray, lost, at)),
        ([stray], []) => Some(format!("it also refers to {}", written(stray, at))),
        ([], [lost]) => Some(format!("it does not refer to {}", written(lost, at))),
        _ => Some("it refers to other cells".to_owned()),
    }
}

/// How one reference differs from the one that should stand in its place.
fn stray_reference(found: &CellReference, expected: &CellReference, at: Position) -> String {
    let (found_at, expected_at) = (found.resolve(at), expected.resolve(at));
    let (is, should) = (written(found, at), written(expected, at));
    if found.sheet != expected.sheet {
        let sheet = found.sheet.as_deref().map(|sheet| format!("the sheet {sheet}"));
        let sheet = sheet.unwrap_or_else(|| "its own sheet".to_owned());
        return format!("it refers to {is} on {sheet} instead of {should}");
    }
    let is_loose = |cell: &CellReference| matches!(cell.row, Axis::Relative(_));
    let (Some(is_at), Some(should_at)) = (found_at, expected_at) else {
        return format!("it refers to {is} instead of {should}");
    };
    match (is_loose(found), is_loose(expected)) {
        (true, false) if is_at == should_at => {
            format!("the $ signs of {should} are missing, so that it moves when it is filled down")
        }
        (true, false) => {
            format!("the $ signs of {should} are missing, so that it has moved to {is}")
        }
        (false, true) if is_at == should_at => {
            format!("{is} has $ signs, so that it stays when it is filled down")
        }
        (false, true) => format!("{is} has $ signs, so that it stays where {should} is meant"),
        _ if is_at.0 == should_at.0 => format!(
            "it refers to the column {} instead of the column {}",
            column_name(is_at.1),
            column_name(should_at.1)
        ),
        _ if is_at.1 == should_at.1 => format!(
            "it refers to {} in the row {} instead of the row {}",
            cell_name(is_at),
            is_at.0 + 1,
            should_at.0 + 1
        ),
        _ => format!("it refers to {is} instead of {should}"),
    }
}

/// A reference as it is written in the cell `at`.
fn written(cell: &CellReference, at: Position) -> String {
    let sign = |axis: Axis| if matches!(axis, Axis::Absolute(_)) { "$" } else { "" };
    match cell.resolve(at) {
        None => "#REF!".to_owned(),
        Some((row, column)) => {
            format!("{}{}{}{}", sign(cell.column), column_name(column), sign(cell.row), row + 1)
        }
    }
}
