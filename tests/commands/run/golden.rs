//! The numbers against tests/golden: made by NumPy and PyTorch, without gdtrace.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::book::Book;
use crate::common::books::Folder;
use crate::common::program::{Finished, WALKTHROUGH, gdtrace};
use crate::run::trace::Trace;

/// Two programs that round differently agree to this, relative to the number.
const TOLERANCE: f64 = 1e-12;

/// A golden file.
fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Checks that `found` is `expected`, give or take TOLERANCE of it or of `operand`, the largest
/// number that was subtracted to get it.
fn check(found: f64, expected: f64, operand: f64, place: &str) {
    let allowed = TOLERANCE * (expected.abs() + operand.abs());
    let off = (found - expected).abs();
    assert!(off <= allowed, "{place}: {found:e} where {expected:e} is right, off by {off:e}");
}

fn numbers(row: &Value) -> Vec<f64> {
    row.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Checks every value of the first epoch of an optimizer's sheet.
fn check_first_epoch(book: &Book, optimizer: &str, golden: &Value) {
    let trace = Trace::of(book, optimizer);
    let headers: Vec<&str> =
        golden["columns"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(trace.headers, headers, "{optimizer}");
    let rows: Vec<Vec<f64>> = golden["rows"].as_array().unwrap().iter().map(numbers).collect();
    assert_eq!(rows.len(), 29, "{optimizer}");
    let largest = |header: &str| {
        let at = headers.iter().position(|one| *one == header).unwrap();
        rows.iter().map(|row| row[at].abs()).fold(0.0, f64::max)
    };
    for (step, row) in (1..).zip(&rows) {
        for (header, expected) in headers.iter().zip(row) {
            // Differences of nearly equal numbers keep only the digits in which those differ.
            let operand = match *header {
                "est de/da" => largest("erra1"),
                "est de/db" => largest("errb1"),
                _ => 0.0,
            };
            let place = format!("{optimizer} step {step} {header}");
            check(trace.number(step, header), *expected, operand, &place);
        }
    }
}

/// Checks the weights after each step of the first epoch and after each epoch against PyTorch.
fn check_torch(book: &Book, optimizer: &str, golden: &Value) {
    let trace = Trace::of(book, optimizer);
    let steps = golden["torch_steps"].as_array().unwrap();
    let epochs = golden["torch_epochs"].as_array().unwrap();
    assert_eq!((steps.len(), epochs.len()), (29, 10));
    let rows = (1..).zip(steps).map(|(step, row)| (step, row, ["new a", "new b"]));
    let ends = (1..).zip(epochs).map(|(epoch, row)| (29 * epoch, row, ["a", "b"]));
    for (step, row, keys) in rows.chain(ends) {
        for (header, key) in ["new a", "new b"].iter().zip(keys) {
            let place = format!("{optimizer} step {step} {header}, PyTorch");
            check(trace.number(step, header), row[key].as_f64().unwrap(), 0.0, &place);
        }
    }
}

/// Checks the weights and both RMSEs of ten epochs, in the sheet `epochs`.
fn check_epochs(book: &Book, optimizer: &str, golden: &Value) {
    let sheet = book.sheet("epochs");
    let first = sheet.places(optimizer)[0].0;
    let epochs = golden["epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 10);
    for (row, epoch) in (first..).zip(epochs) {
        let keys = ["epoch", "a", "b", "rmse", "online_rmse"];
        for (column, key) in (1..).zip(keys) {
            let place = format!("{optimizer} {key} in row {row} of epochs");
            check(sheet.number((row, column)), epoch[key].as_f64().unwrap(), 0.0, &place);
        }
    }
}

fn check_all(book: &Book, optimizer: &str, name: &str) {
    let golden = golden(name);
    check_first_epoch(book, optimizer, &golden);
    check_torch(book, optimizer, &golden);
    check_epochs(book, optimizer, &golden);
}

#[test]
fn sgd_is_what_numpy_and_pytorch_compute() {
    check_all(&WALKTHROUGH.book, "sgd", "sgd.json");
}

#[test]
fn momentum_is_what_numpy_and_pytorch_compute() {
    check_all(&WALKTHROUGH.book, "momentum", "momentum.json");
}

#[test]
fn rmsprop_is_what_numpy_and_pytorch_compute() {
    check_all(&WALKTHROUGH.book, "rmsprop", "rmsprop.json");
}

#[test]
fn adam_is_what_numpy_and_pytorch_compute() {
    check_all(&WALKTHROUGH.book, "adam", "adam.json");
}

#[test]
fn adam_with_the_preset_of_the_notes_is_what_numpy_and_pytorch_compute() {
    let book = Finished::of("--optimizers adam --preset notes").book;
    check_all(&book, "adam", "adam_notes.json");
}

#[test]
fn the_first_sgd_step_is_the_one_that_everybody_computes_by_hand() {
    let trace = Trace::of(&WALKTHROUGH.book, "sgd");
    let exact = [
        ("y_pred", 15.0),
        ("error", -43.0),
        ("err^2", 1849.0),
        ("de/da", -1204.0),
        ("de/db", -86.0),
        ("new a", 1.1204),
        ("new b", 1.0086),
    ];
    for (header, expected) in exact {
        assert_eq!(trace.number(1, header), expected, "{header}");
    }
    check(trace.number(1, "est de/da"), -1202.04, 1849.0, "est de/da");
    check(trace.number(1, "est de/db"), -85.99, 1849.0, "est de/db");
    assert_eq!(trace.number(29, "new a"), 2.613084491952597);
    assert_eq!(trace.number(29, "new b"), 1.0715160204418617);
}

#[test]
fn the_exact_line_is_the_one_that_fractions_give() {
    for set in ["walkthrough", "noisy"] {
        let golden = &golden("least_squares.json")["sets"][set];
        let points = numbers(&golden["x"]).into_iter().zip(numbers(&golden["y"]));
        let lines: Vec<String> = points.map(|(x, y)| format!("{x},{y}")).collect();
        let folder = Folder::new();
        folder.file("points.csv", format!("x,y\n{}\n", lines.join("\n")));
        let words = ["run", "points.csv", "--no-report", "--epochs", "1", "--set", "lr=1e-6"];
        gdtrace(&folder, &words).success();
        let book = Book::open(&folder.path("points.trace.xlsx"));
        let summary = book.sheet("summary");
        let row = summary.places("exact least squares")[0].0;
        for (header, key, operand) in
            [("final a", "slope", 0.0), ("final b", "intercept", 0.0), ("rmse", "rmse", 1.0)]
        {
            let at = (row, summary.places(header)[0].1);
            let expected = golden[key].as_f64().unwrap();
            check(summary.number(at), expected, operand, &format!("{set} {key}"));
        }
    }
}
