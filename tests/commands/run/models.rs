//! Other models and losses from outside: the same numbers as PyTorch's in the workbook's cells, and
//! the line as it always was.

use std::fs;

use serde_json::Value;

use crate::common::book::Book;
use crate::common::books::Folder;
use crate::common::program::{files, gdtrace, walkthrough};
use crate::run::trace::Trace;

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
    let samples = data.values().next().unwrap().as_array().unwrap().len();
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
fn the_cells_of_several_outputs_are_pytorchs() {
    check_cells("two outputs that share a weight", "sgd");
    check_cells("network of two outputs, log", "adam");
}

/// A half adder: what two bits add up to.
const HALF_ADDER: &str = "x1,x2,carry,sum\n0,0,0,0\n0,1,0,1\n1,0,0,1\n1,1,1,0\n";

#[test]
fn several_outputs_have_columns_of_their_own() {
    let folder = Folder::new();
    folder.file("bits.csv", HALF_ADDER);
    let model = "y1 = a*x1 + b*x2; y2 = c*x1 - b*x2";
    let arguments =
        ["run", "bits.csv", "--model", model, "--y", "sum,C", "--epochs", "1", "--json"];
    let output = gdtrace(&folder, &arguments).success().get_output().stdout.clone();
    let said: Value = serde_json::from_slice(&output).unwrap();
    let headers: Vec<&Value> =
        said["data"]["y"].as_array().unwrap().iter().map(|one| &one["header"]).collect();
    assert_eq!(headers, ["sum", "carry"]);
    let book = Book::open(&folder.path("bits.trace.xlsx"));
    let trace = Trace::of(&book, "sgd");
    let from = trace.headers.iter().position(|one| *one == "y1_pred").unwrap();
    let forward = ["y1_pred", "y2_pred", "error1", "error2", "err1^2", "err2^2", "error", "err^2"];
    assert_eq!(trace.headers[from..from + forward.len()], forward);
    // The third sample with the weights that its row has.
    let at = |header: &str| trace.number(3, header);
    let [a, b, c] = ["a", "b", "c"].map(at);
    assert_eq!(["x1", "x2", "y1", "y2"].map(at), [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(["y1_pred", "y2_pred", "error1", "error2"].map(at), [a, c, a - 1.0, c]);
    let square = (a - 1.0) * (a - 1.0) + c * c;
    for (header, expected) in [
        ("err^2", square),
        ("error", square.sqrt()),
        ("de/da", 2.0 * (a - 1.0)),
        ("de/db", 0.0),
        ("de/dc", 2.0 * c),
    ] {
        let found = at(header);
        assert!((found - expected).abs() < 1e-15, "{header}: {found} for {expected} (b {b})");
    }
    // 2a + b = 1, 2c - b = 1 and a + 4b - c = 0 where the sum of all squares is least: 2.
    let exact = &said["exact"];
    for (weight, expected) in [("a", 0.5), ("b", 0.0), ("c", 0.5)] {
        check(exact["weights"][weight].as_f64().unwrap(), &expected.into(), 1e-15, weight);
    }
    check(exact["rmse"].as_f64().unwrap(), &0.5_f64.sqrt().into(), 1e-15, "rmse");
}

#[test]
fn columns_of_several_outputs_are_found_and_said() {
    let folder = Folder::new();
    folder.file("bits.csv", HALF_ADDER);
    folder.file("named.csv", "y2,x,y1\n1,2,3\n2,4,5\n3,6,8\n");
    folder.file("xor.csv", "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    let two = "u*x1 + v*x2; w*x1";
    let said = |words: &[&str], code: i32| {
        let common = ["--epochs", "1", "--force"];
        let output = gdtrace(&folder, &[words, &common].concat()).code(code).get_output().clone();
        String::from_utf8(output.stderr).unwrap()
    };
    let told = said(&["run", "bits.csv", "--model", two], 0);
    assert!(
        told.contains("y1 is column C 'carry', y2 is column D 'sum', the last columns"),
        "{told}"
    );
    assert!(told.contains("--y sum,carry"), "{told}");
    let told = said(&["run", "named.csv", "--model", "a*x; b*x"], 0);
    assert!(!told.contains("the last columns"), "{told}");
    let told =
        said(&["run", "bits.csv", "--network", "2-1-2", "--x", "x2,x1", "--y", "sum,carry"], 0);
    assert!(told.contains("the columns are x1, x2"), "{told}");
    // Each output has a unit of its own, so errors stay as they are.
    let arguments = ["run", "named.csv", "--model", "a*x + b; c*x + d", "--scale", "zscore"];
    let output = gdtrace(&folder, &arguments).success().get_output().stdout.clone();
    let printed = String::from_utf8(output).unwrap();
    assert!(printed.contains("errors and weights are those of the scaled columns"), "{printed}");
    for (words, wrong) in [
        (
            vec!["xor.csv", "--model", two],
            "the model has 2 outputs, but beside its inputs one column",
        ),
        (
            vec!["bits.csv", "--model", two, "--y", "sum"],
            "the model has 2 outputs, but --y names 1 column",
        ),
        (vec!["bits.csv", "--model", two, "--y", "sum,sum"], "y1 and y2 are both column D"),
        (vec!["bits.csv", "--y", "sum,carry"], "a model of one output has one column of y"),
        (vec!["bits.csv", "--model", "y2*x1; b*x2"], "a model cannot use the name `y2`"),
        (vec!["bits.csv", "--model", "error1*x1; b*x2"], "a column of the output y1 is called so"),
        (vec!["bits.csv", "--model", "a*x1; b*x2;"], "expected a number, a name or `(`"),
    ] {
        let told = said(&[&["run"], &words[..]].concat(), 2);
        assert!(told.contains(wrong) && told.starts_with("error: "), "{words:?}: {told}");
    }
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
        (
            "run xor.csv --network 2-2-2",
            "the model has 2 outputs, but beside its inputs one column",
        ),
        ("run xor.csv --network deep", "this is no list of sizes of layers"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let output = gdtrace(&folder, &words).code(2).get_output().clone();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(told) && errors.contains("help: "), "{words:?}: {errors}");
    }
}
