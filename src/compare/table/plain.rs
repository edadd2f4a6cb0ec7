//! Tables of values only: what `Paste values` leaves of a trace, or a .csv file.
//!
//! Without formulas only the headers say what a table is: x, y and at least one weight, which has a
//! value in each row, or in all but a few.

use super::fixed::FixedCells;
use super::frame::Frame;
use super::{Table, TableColumn, View, header, outside};
use crate::compare::machine::{HandColumn, Machine};
use crate::graph::{Content, Sheet};

const X: &[&str] = &["x", "x1", "input", "feature"];
const Y: &[&str] = &["y", "target", "yactual", "ytrue", "actual"];
const WEIGHTS: &[&str] = &[
    "a",
    "b",
    "w",
    "w0",
    "w1",
    "slope",
    "intercept",
    "const",
    "constant",
    "bias",
    "weight",
    "m",
    "newa",
    "newb",
    "neww",
    "θ",
    "θ0",
    "θ1",
    "theta",
    "theta0",
    "theta1",
];
/// How many rows from the top may be the headers.
const REACH: usize = 200;

/// The table below headers that name x, y and weights.
pub(super) fn by_headers(view: View) -> Option<Table> {
    let sheet = &view.workbook.sheets[view.sheet];
    let mut rows: Vec<u32> = sheet.cells().iter().map(|cell| cell.at.0).collect();
    rows.dedup();
    let (header, [x, y, weight]) = rows.into_iter().take(REACH).find_map(|row| {
        let named = |names: &[&str]| {
            let cell = sheet.row(row).iter().find(|cell| {
                header::text(sheet, cell.at)
                    .is_some_and(|text| names.contains(&header::full(text).as_str()))
            })?;
            Some(cell.at.1)
        };
        Some((row, [named(X)?, named(Y)?, named(WEIGHTS)?]))
    })?;
    let frame = frame(sheet, header, x, y)?;
    let table = table(view, &frame, header);
    // One above a block of samples is no column of theirs.
    let values = &table.machine.columns[table.column_at(weight)?].values;
    (values.iter().flatten().count() * 2 > values.len()).then_some(table)
}

fn frame(sheet: &Sheet, header: u32, x: u32, y: u32) -> Option<Frame> {
    let is_number = |at| matches!(sheet.content(at), Some(Content::Number(_)));
    let mut frame = Frame {
        columns: sheet.row(header).iter().map(|cell| cell.at.1).collect(),
        ..Frame::default()
    };
    let mut gap = Vec::new();
    for row in header + 1..sheet.rows() {
        if is_number((row, x)) || is_number((row, y)) {
            if !frame.rows.is_empty() {
                frame.blank_rows.append(&mut gap);
            }
            gap.clear();
            frame.rows.push(row);
        } else if sheet.row(row).is_empty() {
            gap.push(row);
        } else {
            gap.clear();
            // The row of the start, or what stands below the table.
            if !frame.rows.is_empty() {
                break;
            }
        }
    }
    (frame.rows.len() >= 2).then_some(frame)
}

fn table(view: View, frame: &Frame, header: u32) -> Table {
    let sheet = &view.workbook.sheets[view.sheet];
    let value = |at| view.value(at).number();
    let first = frame.rows[0];
    let column = |column: &u32| HandColumn {
        header: header::text(sheet, (header, *column)).map(str::to_owned),
        column: *column,
        pattern: None,
        first: None,
        values: frame.rows.iter().map(|row| value((*row, *column))).collect(),
        before: value((first - 1, *column)),
    };
    let mut fixed = FixedCells::new(view);
    fixed.add_labelled(frame);
    let machine = Machine {
        columns: frame.columns.iter().map(column).collect(),
        fixed: fixed.finish(),
        rows: frame.rows.clone(),
    };
    let columns =
        vec![TableColumn { formula: None, unresolved: None, strays: None }; machine.columns.len()];
    let last = frame.rows[frame.rows.len() - 1];
    let mut table = Table {
        machine,
        first: (first, frame.columns[0]),
        last: (last, frame.columns[frame.columns.len() - 1]),
        header: Some(header),
        columns,
        totals: Vec::new(),
        lists: outside::lists(sheet, frame),
        blank_rows: frame.blank_rows.clone(),
    };
    table.totals = outside::totals(view, &table);
    table
}
