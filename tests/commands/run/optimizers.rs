//! Which optimizers run: variants, names of one's own, definitions of one's own.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::book::Book;
use crate::common::program::{gdtrace, run, walkthrough};

fn trust() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/trust.toml");
    fs::read_to_string(path).unwrap()
}

fn json(options: &str) -> Value {
    let folder = walkthrough();
    let output = run(&folder, &format!("--json {options}")).success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn one_optimizer_runs_several_times_under_names_of_its_own() {
    let printed =
        json("--optimizers fast=sgd,slow=sgd,sgd --set fast.lr=0.0002 --set slow.lr=1e-5");
    let runs = printed["optimizers"].as_array().unwrap();
    let names: Vec<&str> = runs.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["fast", "slow", "sgd"]);
    assert_eq!(runs[0]["optimizer"], "sgd");
    assert_eq!(runs[2].get("optimizer"), None);
    let rates: Vec<f64> = runs.iter().map(|one| one["hyper"]["lr"].as_f64().unwrap()).collect();
    assert_eq!(rates, [0.0002, 1e-5, 0.0001]);
    let alone = json("--optimizers sgd --set lr=0.0002");
    assert_eq!(runs[0]["final"], alone["optimizers"][0]["final"]);
}

#[test]
fn names_get_sheets_of_their_own() {
    let folder = walkthrough();
    run(&folder, "--optimizers fast=sgd,sgd --epochs 1").success();
    let book = Book::open(&folder.path("graddes.trace.xlsx"));
    let names = book.names();
    assert_eq!(names, ["data", "summary", "fast", "sgd", "epochs", "circuit", "curvature"]);
}

#[test]
fn names_that_cannot_be_are_explained() {
    let message = |options: &str| {
        let output = run(&walkthrough(), options).code(2).get_output().clone();
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(
        message("--optimizers sgd,sgd"),
        "error: the optimizer `sgd` is named twice\n  --> --optimizers sgd,sgd\n  \
         help: name each once, or give the second a name of its own: second=sgd\n"
    );
    assert_eq!(
        message("--optimizers data=sgd"),
        "error: the workbook has a sheet `data` already\n  --> --optimizers data=sgd\n  \
         help: give the optimizer another name: fast=sgd\n"
    );
    assert!(
        message("--optimizers a/b=sgd").starts_with("error: `a/b` cannot be the name of a sheet")
    );
    assert!(message("--optimizers sgd:torch").starts_with("error: sgd has no variant `torch`"));
}

#[test]
fn a_definition_of_ones_own_runs_beside_the_usual_ones() {
    let folder = walkthrough();
    folder.file("trust.toml", trust());
    let options = "--optimizer-file trust.toml --epochs 5 --json";
    let output = run(&folder, options).success().get_output().clone();
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = printed["optimizers"].as_array().unwrap();
    let names: Vec<&str> = runs.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["sgd", "momentum", "rmsprop", "adam", "trust"]);
    let rmse: Vec<f64> =
        runs[4]["rmse"].as_array().unwrap().iter().map(|one| one.as_f64().unwrap()).collect();
    assert!(rmse[4] < rmse[0] && rmse[4] < 20.0, "{rmse:?}");
    let book = Book::open(&folder.path("graddes.trace.xlsx"));
    assert!(book.names().contains(&"trust"));
}

#[test]
fn odd_hyperparameters_get_a_warning_and_mistakes_a_caret() {
    let folder = walkthrough();
    folder.file("trust.toml", trust());
    let options = "--optimizer-file trust.toml --optimizers trust --epochs 1 --set cut=1";
    let told = run(&folder, options).success().get_output().clone();
    assert_eq!(
        String::from_utf8(told.stderr).unwrap(),
        "warning: trust: cut = 1 never lowers trust: this is momentum\n"
    );
    folder.file("own.toml", trust().replace("lr*trust*v", "lr*thrust*v"));
    let output = gdtrace(&folder, &["run", "graddes.xlsx", "--optimizer-file", "own.toml"]);
    let output = output.code(2).get_output().clone();
    let told = String::from_utf8(output.stderr).unwrap();
    let line = "formula = \"w - lr*thrust*v\"";
    assert!(told.starts_with("error: `thrust` is not defined at this place\n"), "{told}");
    assert!(told.contains(line) && told.contains("^^^^^^"), "{told}");
    assert!(told.contains("did you mean `trust`?"), "{told}");
    folder.file("adam.toml", trust());
    let output = gdtrace(&folder, &["run", "graddes.xlsx", "--optimizer-file", "adam.toml"]);
    let output = output.code(2).get_output().clone();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("error: there is an optimizer `adam` already\n  --> adam.toml"));
    let output = gdtrace(&folder, &["run", "graddes.xlsx", "--optimizer-file", "none.toml"]);
    let output = output.code(2).get_output().clone();
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: cannot read"));
}
