//! The sheet `circuit`, and the columns of `--gates`.

use crate::common::book::{Sheet, sheet_parts};
use crate::common::program::{Finished, WALKTHROUGH};
use crate::run::trace::Trace;

/// The number right of a label, the first one from the top.
fn beside(sheet: &Sheet, label: &str) -> f64 {
    let label_cell = sheet.cells.keys().find(|at| sheet.text(**at) == label);
    let (row, column) = *label_cell.unwrap_or_else(|| panic!("no cell says {label}"));
    sheet.number((row, column + 1))
}

#[test]
fn the_circuit_shows_the_first_step_with_every_gate() {
    let sheet = WALKTHROUGH.book.sheet("circuit");
    for title in ["a", "x", "b", "y", "g1 = a*x", "g2 = g1 + b", "g3 = g2 - y", "g4 = g3^2"] {
        assert!(sheet.cells.keys().any(|at| sheet.text(*at) == title), "{title}");
    }
    // 1·14 + 1 is 43 below 58; its square moves by 2·(-43) a unit of the error.
    for (label, value) in [
        ("dg1/da", 14.0),
        ("dg2/dg1", 1.0),
        ("dg2/db", 1.0),
        ("dg3/dg2", 1.0),
        ("dg4/dg3", -86.0),
        ("de/dg4", 1.0),
        ("de/dg1", -86.0),
        ("de/da", -1204.0),
        ("de/db", -86.0),
        ("in the trace", -1204.0),
    ] {
        assert_eq!(beside(sheet, label), value, "{label}");
    }
}

#[test]
fn the_circuit_is_live_and_refers_to_the_chosen_optimizer_and_step() {
    let sheet = WALKTHROUGH.book.sheet("circuit");
    let chosen = sheet.formula((5, 1));
    let names = "summary!$A$7:$A$10";
    assert_eq!(chosen, format!("MATCH($B$4,{names},0)"));
    let summary = WALKTHROUGH.book.sheet("summary");
    let listed: Vec<&str> = (6..10).map(|row| summary.text((row, 0))).collect();
    assert_eq!(listed, ["sgd", "momentum", "rmsprop", "adam"]);
    let sheets = sheet_parts(&WALKTHROUGH.folder.path("graddes.trace.xlsx"));
    let validation = format!("<formula1>{names}</formula1>");
    assert!(sheets.iter().any(|(_, xml)| xml.contains(&validation)));
    let looked_up =
        sheet.cells.values().filter_map(|cell| cell.formula.as_deref()).filter(|formula| {
            formula.starts_with("CHOOSE($B$6,INDEX(sgd!") && formula.contains("INDEX(adam!")
        });
    // a, x, b, y, and the gradients of both weights.
    assert_eq!(looked_up.count(), 6);
}

#[test]
fn gates_are_columns_when_asked_for_and_the_circuit_sheet_goes() {
    let finished = Finished::of("--gates --optimizers adam --epochs 2");
    assert_eq!(finished.book.names()[..4], ["data", "summary", "adam", "epochs"]);
    assert!(!finished.book.names().contains(&"circuit"));
    let trace = Trace::of(&finished.book, "adam");
    for step in 1..=58 {
        for (gate, column) in [("g2 = g1 + b", "y_pred"), ("g4 = g3^2", "err^2")] {
            assert_eq!(trace.number(step, gate), trace.number(step, column), "{gate} {step}");
        }
        for (back, gradient) in [("back de/da", "de/da"), ("back de/db", "de/db")] {
            let (found, expected) = (trace.number(step, back), trace.number(step, gradient));
            let close = (found - expected).abs() <= 1e-15 * expected.abs();
            assert!(close, "{back} {step}: {found} {expected}");
        }
    }
    assert_eq!(trace.number(1, "dg4/dg3"), -86.0);
}
