//! The sheet `curvature`: its numbers against PyTorch, its formulas, and what it says.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::book::{Book, Sheet};
use crate::common::books::Folder;
use crate::common::program::{Finished, SEPARATE, WALKTHROUGH, gdtrace};

/// Runs `model` with `loss` for an epoch from `start`, over `columns` with y last.
fn traced(model: &str, loss: &str, start: &str, columns: &[(String, Vec<f64>)]) -> Book {
    let heads: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let rows = (0..columns[0].1.len()).map(|row| {
        let cells: Vec<String> = columns.iter().map(|(_, one)| one[row].to_string()).collect();
        cells.join(",")
    });
    let text: Vec<String> = [heads.join(",")].into_iter().chain(rows).collect();
    let folder = Folder::new();
    folder.file("points.csv", text.join("\n"));
    let mut words = vec!["run", "points.csv", "--model", model, "--loss", loss, "--no-report"];
    words.extend(["--epochs", "1", "--set", "lr=1e-5"]);
    if !start.is_empty() {
        words.extend(["--init", start]);
    }
    gdtrace(&folder, &words).success();
    Book::open(&folder.path("points.trace.xlsx"))
}

/// The number beside the label.
fn beside(sheet: &Sheet, label: &str) -> f64 {
    let row = sheet.places(label)[0].0;
    sheet.number((row, 1))
}

/// The row with the heads of the block with this heading.
fn heads(sheet: &Sheet, heading: &str, head: &str) -> u32 {
    let heading = sheet.places(heading)[0].0;
    let row = sheet.places(head).into_iter().find(|(row, _)| *row > heading);
    row.unwrap_or_else(|| panic!("no {head} below {heading}")).0
}

fn check(found: f64, expected: f64, largest: f64, place: &str) {
    let off = (found - expected).abs();
    assert!(off <= 1e-10 * largest.max(expected.abs()), "{place}: {found} for {expected}");
}

fn numbers(json: &Value) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn rows(json: &Value) -> Vec<Vec<f64>> {
    json.as_array().unwrap().iter().map(numbers).collect()
}

/// The weights in the sheet's order.
fn weights(sheet: &Sheet) -> Vec<String> {
    let first = heads(sheet, "Where we look: the weights", "weight") + 1;
    let names = (first..).map(|row| sheet.text((row, 0)).to_owned());
    names.take_while(|name| name != "samples").collect()
}

#[test]
fn everything_is_what_pytorch_computes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/curvature.json");
    let golden: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for (name, case) in golden.as_object().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        let data = case["data"].as_object().unwrap();
        let columns: Vec<(String, Vec<f64>)> =
            data.iter().map(|(name, values)| (name.clone(), numbers(values))).collect();
        // The weights in the order of their first use in the formula.
        let order = match name.as_str() {
            "line" | "logistic" => "a b",
            "quadratic" => "a b c",
            "two inputs" => "a c b",
            _ => "c a b d",
        };
        let order: Vec<&str> = order.split(' ').collect();
        let start: Vec<String> = order
            .iter()
            .zip(numbers(&case["start"]))
            .map(|(weight, value)| format!("{weight}={value}"))
            .collect();
        let book = traced(text("model"), text("loss"), &start.join(","), &columns);
        let sheet = book.sheet("curvature");
        assert_eq!(weights(sheet), order, "{name}");
        check_case(sheet, name, case, &order);
    }
}

fn check_case(sheet: &Sheet, name: &str, case: &Value, order: &[&str]) {
    let largest = |rows: &[Vec<f64>]| rows.iter().flatten().fold(0.0, |m: f64, n| m.max(n.abs()));
    let hessian = rows(&case["hessian"]);
    let top = heads(sheet, "Hessian of the mean loss", order[0]);
    assert_eq!(sheet.places(order[0])[0].1, 0);
    for (row, entries) in (top + 1..).zip(&hessian) {
        for (column, entry) in (1..).zip(entries) {
            let place = format!("{name}: Hessian at row {row}, column {column}");
            check(sheet.number((row, column)), *entry, largest(&hessian), &place);
        }
    }
    let top = heads(sheet, "Where we look: the weights", "weight");
    let gradient = numbers(&case["gradient"]);
    for (row, slope) in (top + 1..).zip(&gradient) {
        check(sheet.number((row, 2)), *slope, 1.0, &format!("{name}: gradient"));
    }
    let eigenvalues = numbers(&case["eigenvalues"]);
    let last = eigenvalues[eigenvalues.len() - 1];
    check(beside(sheet, "largest eigenvalue"), last, 0.0, &format!("{name}: largest"));
    let smallest = eigenvalues[0];
    check(beside(sheet, "smallest eigenvalue"), smallest, last, &format!("{name}: smallest"));
    check(beside(sheet, "full batch"), 2.0 / last, 0.0, &format!("{name}: limit"));
    let top = heads(sheet, "Jacobian of the residuals", "residual");
    let first = sheet.places(&format!("dr/d{}", order[0]))[0].1;
    for (row, slopes) in (top + 1..).zip(rows(&case["jacobian"])) {
        for (column, slope) in (first..).zip(slopes) {
            check(sheet.number((row, column)), slope, 1.0, &format!("{name}: Jacobian"));
        }
    }
    let exact = sheet.places("exact");
    assert_eq!(exact.is_empty(), case["exact"].is_null(), "{name}");
    let Some((top, column)) = exact.first() else { return };
    for (row, weight) in (top + 1..).zip(numbers(&case["exact"])) {
        check(sheet.number((row, *column)), weight, 0.0, &format!("{name}: exact"));
        let gradient = sheet.number((row, column + 1));
        assert!(gradient.abs() < 1e-10, "{name}: gradient {gradient} at the exact solution");
    }
}

#[test]
fn the_walkthrough_is_judged_by_its_steepest_sample() {
    let sheet = WALKTHROUGH.book.sheet("curvature");
    assert_eq!(beside(sheet, "one sample a step"), 1.0 / (1.0 + 99.0 * 99.0));
    assert_eq!(beside(sheet, "steepest sample"), 18.0);
    let verdict = |sheet: &Sheet, optimizer: &str| {
        let row = sheet.places(optimizer)[0].0;
        sheet.text((row, 4)).to_owned()
    };
    assert_eq!(verdict(sheet, "sgd"), "below both limits: stable");
    assert_eq!(verdict(sheet, "momentum"), "below both limits: stable");
    assert_eq!(verdict(sheet, "adam"), "divides by the gradient's size: no such limit");
    for (lr, told) in [
        ("0.0002", "too large for the steepest sample"),
        ("0.0004", "above both limits: expect it to diverge"),
    ] {
        let book = Finished::of(&format!("--epochs 1 --set sgd.lr={lr}")).book;
        assert_eq!(verdict(book.sheet("curvature"), "sgd"), told, "{lr}");
    }
    // The theorem is about a learning rate that stays, on the loss alone.
    for way in ["--schedule cosine", "--clip 10", "--weight-decay 0.1"] {
        let finished = Finished::of(&format!("--epochs 1 --optimizers sgd {way}"));
        let told = verdict(finished.book.sheet("curvature"), "sgd");
        assert_eq!(told, "no limit is known for this way to train", "{way}");
    }
}

#[test]
fn the_weights_and_learning_rates_are_linked_to_the_traces() {
    let sheet = WALKTHROUGH.book.sheet("curvature");
    let top = heads(sheet, "Where we look: the weights", "weight");
    assert_eq!(sheet.formula((top + 1, 1)), "sgd!$B$7");
    let row = sheet.places("momentum")[0].0;
    assert_eq!(sheet.formula((row, 1)), "momentum!$B$5");
    assert!(sheet.formula((row, 2)).contains("momentum!$B$6"), "{}", sheet.formula((row, 2)));
    let [(row, column)] = sheet.places("by function")[..] else { panic!("not there once") };
    assert_eq!(sheet.formula((row + 1, column)), "SLOPE(data!$B$9:$B$37,data!$A$9:$A$37)");
    for index in 1..=2 {
        assert!(sheet.number((row + index, column + 1)).abs() < 1e-10, "difference");
    }
}

#[test]
fn every_number_of_the_sheet_is_a_formula() {
    let sheet = WALKTHROUGH.book.sheet("curvature");
    // The samples are counted, and no cell of theirs has their numbers.
    let is_count = |at: (u32, u32)| at.1 == 0;
    for (at, cell) in sheet.cells.iter().filter(|(at, _)| !is_count(**at)) {
        assert!(cell.formula.is_some() || cell.number().is_none(), "{at:?}: {cell:?}");
    }
    for (at, cell) in &SEPARATE.book.sheet("curvature").cells {
        assert!(cell.formula.is_some() || cell.number().is_none(), "{at:?}: {cell:?}");
    }
    for newer in ["LET(", "LAMBDA(", "_xlfn", "FILTER(", "@"] {
        let mut formulas = sheet.cells.values().filter_map(|cell| cell.formula.as_deref());
        assert!(!formulas.any(|formula| formula.contains(newer)), "{newer}");
    }
}

fn column(name: &str, values: &[f64]) -> (String, Vec<f64>) {
    (name.to_owned(), values.to_vec())
}

#[test]
fn what_the_data_do_not_determine_is_an_error_value() {
    for x in [vec![14.0], vec![3.0, 3.0, 3.0]] {
        let y: Vec<f64> = x.iter().map(|x| x + 1.0).collect();
        let book = traced("a*x + b", "squared", "", &[column("x", &x), column("y", &y)]);
        let sheet = book.sheet("curvature");
        assert_eq!(beside(sheet, "smallest eigenvalue"), 0.0);
        assert_eq!(
            sheet.text((sheet.places("so the loss here is")[0].0, 1)),
            "a trough: flat in at least one direction"
        );
        let row = sheet.places("condition number")[0].0;
        assert!(sheet.cell((row, 1)).is_error());
        let (row, column) = sheet.places("exact")[0];
        for place in [(row + 1, column), (row + 2, column + 1), (row + 1, column + 2)] {
            assert!(sheet.cell(place).is_error(), "{place:?}: {:?}", sheet.cell(place));
        }
    }
}

#[test]
fn other_losses_and_many_weights_say_what_they_do_not_have() {
    let points = [column("x", &[1.0, 2.0, 4.0]), column("y", &[1.0, 3.0, 2.0])];
    let book = traced("a*x + b", "absolute", "", &points);
    let texts = book.sheet("curvature").all_texts().join("\n");
    assert!(texts.contains("flat: the slope is the same all around"), "{texts}");
    assert!(texts.contains("There is none in closed form"), "{texts}");
    assert!(texts.contains("the loss does not curve upwards here: no limit"), "{texts}");
    let many: Vec<String> = (1..=13).map(|index| format!("w{index}*cos({index}*x)")).collect();
    let book = traced(&many.join(" + "), "squared", "", &points);
    let texts = book.sheet("curvature").all_texts().join("\n");
    assert!(texts.contains("more than 12 weights"), "{texts}");
}

#[test]
fn a_long_data_set_has_a_table_of_its_first_samples() {
    let x: Vec<f64> = (0..10_050).map(|index| f64::from(index) / 5000.0).collect();
    let folder = Folder::new();
    let lines: Vec<String> = x.iter().map(|x| format!("{x},{}", 2.0 * x + 1.0)).collect();
    folder.file("long.csv", format!("x,y\n{}\n", lines.join("\n")));
    let words = ["run", "long.csv", "--no-report", "--epochs", "1", "--optimizers", "sgd"];
    gdtrace(&folder, &words).success();
    let book = Book::open(&folder.path("long.trace.xlsx"));
    let sheet = book.sheet("curvature");
    let told = "The first 10000 of 10050 samples; all sums above are over all of them.";
    assert!(sheet.all_texts().contains(&told));
    let top = heads(sheet, "Jacobian of the residuals", "sample");
    assert_eq!(sheet.cells.keys().next_back().unwrap().0, top + 10_000);
    let steepest = beside(sheet, "steepest sample");
    assert_eq!(steepest, 10_050.0);
}
