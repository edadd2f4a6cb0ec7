//! The contract of `gdtrace explain`, from outside: a row with its formulas, numbers and cells, and
//! the words of its errors.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with the walkthrough's workbook.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    fs::copy(example, folder.path().join("graddes.xlsx")).unwrap();
    folder
}

fn explain(folder: &TempDir, words: &[&str]) -> Assert {
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder.path())
        .args(["explain", "graddes.xlsx"])
        .args(words)
        .assert()
}

fn printed(folder: &TempDir, words: &[&str]) -> String {
    let done = explain(folder, words).success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn json_of(folder: &TempDir, words: &[&str]) -> Value {
    serde_json::from_str(&printed(folder, &[words, &["--json"]].concat())).unwrap()
}

/// The errors' words, from behind `error: `.
fn refused(folder: &TempDir, words: &[&str]) -> String {
    let done = explain(folder, words).code(2).stdout("");
    let told = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    told.strip_prefix("error: ").unwrap_or_else(|| panic!("{told}")).to_owned()
}

const ADAM: [&str; 4] = ["--optimizer", "adam", "--step", "30"];

#[test]
fn a_column_is_its_formula_its_numbers_its_result_and_its_cell() {
    let told = printed(&folder(), &[&ADAM[..], &["--column", "new b"]].concat());
    assert_eq!(
        told,
        "adam, step 30 of 290: epoch 2, sample 1, row 46 of the sheet adam\n\n\
         update\n \
         new_b = b - lr*v_corrected_b/(sqrt(S_corrected_b) + eps)\n       \
         = 5.371809 - 0.5*(-24.19554)/(sqrt(3223.653) + 1e-8)\n       \
         = 5.584883660399782\n         \
         new b  Z46 =G46-$B$5*V46/(SQRT(X46)+$B$8)\n"
    );
    let by_name = printed(&folder(), &[&ADAM[..], &["--column", "new_b"]].concat());
    assert_eq!(by_name, told);
}

#[test]
fn cells_lead_to_the_workbook_that_a_run_wrote() {
    let folder = folder();
    let of = |told: &serde_json::Value| told["columns"][0]["link"].clone();
    let words = [&ADAM[..], &["--column", "new b"]].concat();
    assert_eq!(of(&json_of(&folder, &words)), serde_json::Value::Null);
    let mut run = Command::new(env!("CARGO_BIN_EXE_gdtrace"));
    run.current_dir(&folder).args(["run", "graddes.xlsx", "--no-report"]).assert().success();
    let link = of(&json_of(&folder, &words));
    let link = link.as_str().unwrap();
    assert!(link.starts_with("file://") && link.ends_with("graddes.trace.xlsx#adam!Z46"), "{link}");
    // Only a terminal gets the marks of a link.
    assert!(!printed(&folder, &words).contains('\u{1b}'));
}

#[test]
fn a_row_has_every_column_of_the_sheet() {
    let told = json_of(&folder(), &ADAM);
    let columns = told["columns"].as_array().unwrap();
    assert_eq!(columns.len(), 26);
    assert_eq!((&told["step"], &told["sheet_row"]), (&30.into(), &46.into()));
    assert_eq!(told["sheet"], "adam");
    let of = |name: &str| columns.iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(of("x")["formula"], "data.x");
    assert_eq!(of("x")["value"], 14.0);
    assert_eq!(of("a")["formula"], "prev.new_a");
    assert_eq!(of("v_b")["numbers"], "0.9*(-21.83659) + (1 - 0.9)*(-35.16927)");
    // The row above is explained by the same numbers.
    let above = json_of(&folder(), &["--optimizer", "adam", "--step", "29", "--column", "v_b"]);
    let value = above["columns"][0]["value"].as_f64().unwrap();
    assert_eq!(format!("{value:.5}"), "-21.83659");
    for line in printed(&folder(), &ADAM).lines() {
        assert!(line.chars().count() <= 100 && line == line.trim_end(), "{line}");
    }
}

#[test]
fn the_first_row_starts_from_the_start_values() {
    let told = printed(&folder(), &["--optimizer", "momentum", "--row", "1", "--column", "v_a"]);
    assert!(told.contains("\n     = 0.9*0 + (1 - 0.9)*(-1204)\n"), "{told}");
}

#[test]
fn options_of_a_run_and_settings_mean_the_same() {
    let folder = folder();
    let value = |words: &[&str]| json_of(&folder, words)["columns"][0]["value"].clone();
    let new_a = |more: &[&'static str]| {
        let words = ["--optimizer", "sgd", "--step", "1", "--column", "new a"];
        value(&[&words[..], more].concat())
    };
    assert_eq!(new_a(&["--set", "sgd.lr=0.0002"]), 1.2408);
    // An optimizer that the run does not name is trained beside those that it names.
    assert_eq!(value(&["--optimizer", "adam:keras", "--step", "2", "--column", "step"]), 2.0);
    let batches = ["--optimizer", "sgd", "--row", "8", "--batch-size", "4", "--column", "row"];
    assert_eq!(value(&batches), 8.0);
    let settings = "optimizers = [\"fast=sgd\"]\n[set.fast]\nlr = 0.0002\n";
    fs::write(folder.path().join("gdtrace.toml"), settings).unwrap();
    let words = ["--optimizer", "fast", "--step", "1", "--column", "new a"];
    assert_eq!(value(&words), 1.2408);
}

#[test]
fn mistakes_are_explained() {
    let folder = folder();
    let adma = refused(&folder, &["--optimizer", "adma", "--step", "3"]);
    assert!(
        adma.starts_with(
            "there is no optimizer `adma`\n  --> --optimizer adma\n  help: did you mean `adam`? "
        ),
        "{adma}"
    );
    let column = refused(&folder, &[&ADAM[..], &["--column", "new c"]].concat());
    assert!(
        column.starts_with(
            "adam has no column `new c`\n  --> --column new c\n  help: did you mean `new a`? "
        ),
        "{column}"
    );
    for step in ["0", "291"] {
        assert_eq!(
            refused(&folder, &["--optimizer", "adam", "--step", step]),
            format!(
                "there is no step {step}\n  --> --step {step}\n  \
                 help: adam has the steps 1 to 290\n"
            )
        );
    }
}
