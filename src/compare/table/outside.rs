//! What stands around a table: totals over its rows, and lists of numbers.

use super::frame::Frame;
use super::{SideList, Table, Total, View, header};
use crate::data::address::Area;
use crate::graph::{Cell, Content, Sheet};

/// How many numbers below each other make a list.
const LIST: usize = 3;

/// The formulas outside of the table that take in a range of its cells, and those below it.
pub(super) fn totals(view: View, table: &Table) -> Vec<Total> {
    let sheet = &view.workbook.sheets[view.sheet];
    let area = Area { first: table.first, last: table.last };
    let mut totals = Vec::new();
    for cell in sheet.cells() {
        let Some(shared) = sheet.formula_of(cell) else { continue };
        let (row, column) = cell.at;
        let is_sample = table.row_at(row).is_some() && table.column_at(column).is_some();
        let formula = &shared.formula;
        let takes_in = || {
            formula.ranges().any(|(from, to)| {
                let corners = from.resolve(cell.at).zip(to.resolve(cell.at));
                let range = corners.map(|(from, to)| Area::between(from, to));
                from.sheet.is_none() && range.is_some_and(|range| overlap(&range, &area))
            })
        };
        if is_sample || !(row > table.last.0 || takes_in()) {
            continue;
        }
        totals.push(Total {
            at: cell.at,
            label: header::label(sheet, cell.at),
            column: table.column_at(column),
            tree: shared.arithmetic().cloned().map_err(str::to_owned),
            value: view.value(cell.at).number(),
        });
    }
    totals
}

fn overlap(a: &Area, b: &Area) -> bool {
    a.first.0 <= b.last.0 && b.first.0 <= a.last.0 && a.first.1 <= b.last.1 && b.first.1 <= a.last.1
}

/// Typed numbers below each other that are not of the table.
pub(super) fn lists(sheet: &Sheet, frame: &Frame) -> Vec<SideList> {
    let is_listed = |cell: &Cell| {
        matches!(cell.content, Content::Number(_))
            && cell.formula().is_none()
            && !frame.contains(cell.at)
    };
    let mut lists = Vec::new();
    for cell in sheet.cells().iter().filter(|cell| is_listed(cell)) {
        let (row, column) = cell.at;
        let above = row.checked_sub(1).and_then(|row| sheet.get((row, column)));
        if above.is_some_and(is_listed) {
            continue;
        }
        let below =
            (row..).map_while(|row| sheet.get((row, column)).filter(|cell| is_listed(cell)));
        let values: Vec<f64> = below.filter_map(number).collect();
        if values.len() >= LIST {
            let label = row.checked_sub(1).and_then(|row| header::text(sheet, (row, column)));
            lists.push(SideList { label: label.map(str::to_owned), at: cell.at, values });
        }
    }
    lists
}

fn number(cell: &Cell) -> Option<f64> {
    match cell.content {
        Content::Number(number) => Some(number),
        _ => None,
    }
}
