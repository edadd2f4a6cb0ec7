//! Other models and losses from outside: the same numbers as PyTorch's in the workbook's cells, and
//! the line as it always was.

use std::fs;

use serde_json::Value;

use crate::book::Book;
use crate::books::Folder;
use crate::program::{files, gdtrace, walkthrough};
use crate::trace::Trace;

/// The case called `name` of tests/golden/models.json.
fn case(name: &str) -> Value {
    let path = format!("{}/tests/golden/models.json", env!("CARGO_MANIFEST_DIR"));
    let golden: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    cases.iter().find(|case| case["name"] == name).unwrap().clone()
}

/// Writes the data of a case to data.csv.
fn write_data(folder: &Folder, case: &Value) {
    let data = case["data"].as_object().unwrap();
    let heads: Vec<&str> = data.keys().map(String::as_str).collect();
    let samples = data["y"].as_array().unwrap().len();
    let row = |sample: usize| -> String {
        let cells: Vec<String> = data.values().map(|column| column[sample].to_string()).collect();
        cells.join(",")
    };
    let rows: Vec<String> = (0..samples).map(row).collect();
    folder.file("data.csv", format!("{}\n{}\n", heads.join(","), rows.join("\n")));
}

fn check(found: f64, expected: &Value, tolerance: f64, place: &str) {
    let expected = expected.as_f64().unwrap();
    let off = (found - expected).abs();
    assert!(off <= tolerance * expected.abs().max(1.0), "{place}: {found:e} for {expected:e}");
}

/// Runs one optimizer on a case and checks the cells against PyTorch.
fn check_cells(name: &str, optimizer: &str) {
    let (case, folder) = (case(name), Folder::new());
    write_data(&folder, &case);
    let pairs = |values: &Value| -> Vec<String> {
        let values = values.as_object().unwrap().iter();
        values.map(|(name, value)| format!("{name}={value}")).collect()
    };
    let run = &case["runs"][optimizer];
    let (init, sets) = (pairs(&case["start"]).join(","), pairs(&run["hyper"]));
    let mut arguments = vec!["run", "data.csv", "--epochs", "4", "--optimizers", optimizer];
    arguments.extend(["--model", case["model"].as_str().unwrap(), "--init", &init]);
    arguments.extend(["--loss", case["loss"].as_str().unwrap()]);
    arguments.extend(sets.iter().flat_map(|set| ["--set", set.as_str()]));
    gdtrace(&folder, &arguments).success();
    let book = Book::open(&folder.path("data.trace.xlsx"));
    let trace = Trace::of(&book, optimizer);
    // In the order of first use, which is that of the golden numbers.
    let weights: Vec<&str> =
        trace.headers.iter().filter_map(|header| header.strip_prefix("de/d")).collect();
    for (step, gradients) in (1..).zip(run["gradients"].as_array().unwrap()) {
        for (index, weight) in weights.iter().enumerate() {
            let place = format!("{name}, step {step}, de/d{weight}");
            check(trace.number(step, &format!("de/d{weight}")), &gradients[index], 1e-12, &place);
        }
    }
    for (epoch, expected) in (1..).zip(run["epochs"].as_array().unwrap()) {
        for (index, weight) in weights.iter().enumerate() {
            let found = trace.number(12 * epoch, &format!("new {weight}"));
            check(found, &expected["weights"][index], 1e-10, &format!("{name}, {weight}"));
        }
        let sheet = book.sheet("epochs");
        for key in ["rmse", "loss"] {
            // The squared error has no column of its own for the loss: it is the RMSE's square.
            let Some((_, column)) = sheet.places(key).first().copied() else { continue };
            check(sheet.number((epoch, column)), &expected[key], 1e-10, &format!("{name}, {key}"));
        }
    }
}

#[test]
fn the_cells_of_a_network_are_pytorchs() {
    check_cells("network", "adam");
}

#[test]
fn the_cells_of_two_inputs_with_hubers_loss_are_pytorchs() {
    check_cells("two inputs, huber:2", "momentum");
}

#[test]
fn the_cells_of_classes_are_pytorchs() {
    check_cells("classes, log", "rmsprop");
}

#[test]
fn the_line_said_aloud_is_the_line() {
    let outputs = |options: &[&str]| {
        let folder = walkthrough();
        let arguments: Vec<&str> = ["run", "graddes.xlsx"].iter().chain(options).copied().collect();
        let result = gdtrace(&folder, &arguments).success();
        let output = result.get_output();
        // The page says the command line that it came from, which here is another, and so is its
        // fingerprint.
        let page = folder.path("graddes.trace.html");
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.contains("gdtrace run graddes.xlsx"), "the page has no command line");
        let (before, after) = text.split_once("\"origin\":{").unwrap();
        let rest = after.split_once('}').unwrap().1;
        let rest = rest.split_once("<!-- gdtrace fingerprint").unwrap().0;
        std::fs::write(&page, format!("{before}{rest}")).unwrap();
        (output.stdout.clone(), output.stderr.clone(), files(&folder))
    };
    let said = ["--model", "a*x + b", "--loss", "squared"];
    assert!(outputs(&[]) == outputs(&said));
    assert!(outputs(&["--json"]) == outputs(&[&said[..], &["--json"]].concat()));
}

#[test]
fn columns_are_found_by_their_headers_and_a_note_says_what_is_what() {
    for (options, note) in [
        (vec!["a*living_area + c*ROOMS + b", "--y", "price"], "living_area, ROOMS"),
        (vec!["a*living_area + c*ROOMS + b", "--y", "C"], "living_area, ROOMS"),
    ] {
        let folder = Folder::new();
        folder.file("homes.csv", "Living area [m2],Rooms,Price\n1,2,3\n2,3,4\n3,5,5\n");
        let arguments: Vec<&str> =
            ["run", "homes.csv", "--epochs", "1", "--model"].into_iter().chain(options).collect();
        let note = format!("note: the weights are a, c, b; the columns are {note}\n");
        gdtrace(&folder, &arguments).success().stderr(note);
        let book = Book::open(&folder.path("homes.trace.xlsx"));
        let trace = Trace::of(&book, "sgd");
        assert_eq!((trace.number(1, "living_area"), trace.number(2, "ROOMS")), (1.0, 3.0));
    }
}

#[test]
fn a_misspelt_column_is_seen_in_the_note_as_a_weight() {
    let folder = Folder::new();
    folder.file("two.csv", "x1,x2,y\n1,2,3\n2,3,4\n");
    let arguments = ["run", "two.csv", "--epochs", "1", "--model", "a*x1 + c*x3 + b"];
    let note = "note: the weights are a, c, x3, b; the column is x1\n";
    gdtrace(&folder, &arguments).success().stderr(predicates::str::starts_with(note));
}

#[test]
fn weights_may_have_odd_names_and_data_no_headers() {
    let long = "a_name_that_is_longer_than_any_column_is_wide_in_any_sheet";
    for (model, weights) in [
        ("α*x^2 + β", ["α", "β"]),
        ("A1*x + R1C1", ["A1", "R1C1"]),
        ("a*x + A*e*pi", ["a", "A"]),
        (&format!("{long}*x + b"), [long, "b"]),
    ] {
        let folder = Folder::new();
        folder.file("plain.csv", "1,2\n2,3\n3,5\n");
        let arguments = ["run", "plain.csv", "--epochs", "1", "--model", model];
        gdtrace(&folder, &arguments).success();
        let book = Book::open(&folder.path("plain.trace.xlsx"));
        let trace = Trace::of(&book, "adam");
        for weight in weights {
            for header in [weight.to_owned(), format!("de/d{weight}"), format!("new {weight}")] {
                assert!(trace.cell(3, &header).formula.is_some(), "{model}: {header}");
            }
        }
    }
}

#[test]
fn a_network_is_the_formula_that_it_stands_for() {
    let folder = Folder::new();
    folder.file("xor.csv", "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    let formula = "sigmoid(w5*sigmoid(w1*x1 + w2*x2 + b1) + w6*sigmoid(w3*x1 + w4*x2 + b2) + b3)";
    let run = |option: &str, text: &str, output: &str| {
        let common = ["run", "xor.csv", "--init", "random", "--loss", "log", "--no-report"];
        gdtrace(&folder, &[&common[..], &[option, text, "-o", output]].concat()).success();
        fs::read(folder.path(output)).unwrap()
    };
    assert!(run("--network", "2-2-1", "a.xlsx") == run("--model", formula, "b.xlsx"));
    for (words, told) in [
        ("run xor.csv --network 3-2-1", "the data have no column called x3"),
        ("run xor.csv --network 2-2-2", "a network has one output here"),
        ("run xor.csv --network deep", "this is no list of sizes of layers"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let output = gdtrace(&folder, &words).code(2).get_output().clone();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(told) && errors.contains("help: "), "{words:?}: {errors}");
    }
}
