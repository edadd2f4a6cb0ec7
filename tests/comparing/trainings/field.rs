//! The workbooks that were rebuilt from the field, with what must be found in each.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/field");
    folder.join("expected.json").exists().then_some(folder)
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn is_near(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => {
            (found - expected).abs() <= 1e-6 * found.abs().max(expected.abs())
        }
        _ => false,
    }
}

#[test]
fn the_workbooks_of_the_field_hold_what_is_expected() {
    let Some(folder) = folder() else {
        eprintln!("skipped: ../shared/field is not there");
        return;
    };
    let expected = std::fs::read_to_string(folder.join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    let mut faults = Vec::new();
    for (file, expected) in expected.as_object().expect("an object") {
        let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
            .arg("compare")
            .arg(folder.join(file))
            .arg("--json")
            .output()
            .expect("gdtrace");
        if output.status.code().map(i64::from) != expected["exit"].as_i64() {
            faults.push(format!(
                "{file}: exit code {:?}, not {}",
                output.status.code(),
                expected["exit"]
            ));
        }
        let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        faults
            .extend(compared(&found, expected).into_iter().map(|fault| format!("{file}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn compared(found: &Value, expected: &Value) -> Vec<String> {
    let none = Vec::new();
    let trainings = found["trainings"].as_array().unwrap_or(&none);
    let wanted = expected["trainings"].as_array().unwrap_or(&none);
    if trainings.len() != wanted.len() {
        return vec![format!("{} trainings, not {}", trainings.len(), wanted.len())];
    }
    let mut faults = Vec::new();
    for (found, expected) in trainings.iter().zip(wanted) {
        faults.extend(training(found, expected));
    }
    let mut left: Vec<&Value> =
        trainings.iter().flat_map(|one| one["findings"].as_array().unwrap_or(&none)).collect();
    for expected in expected["findings"].as_array().unwrap_or(&none) {
        match left.iter().position(|one| one["cell"] == expected["cell"]) {
            Some(at) => faults.extend(finding(left.remove(at), expected)),
            None => faults.push(format!("nothing found at {}", expected["cell"])),
        }
    }
    faults.extend(left.iter().map(|one| format!("{} at {}", one["kind"], one["range"])));
    faults
}

fn training(found: &Value, expected: &Value) -> Vec<String> {
    let none = Vec::new();
    let mut faults = Vec::new();
    let weights = found["weights"].as_array().unwrap_or(&none);
    let starts = Value::from(weights.iter().map(|one| one["start"].clone()).collect::<Vec<_>>());
    let wrong =
        weights.iter().filter(|one| one["verdict"] == "wrong").map(|one| one["start"].clone());
    let pairs = [
        ("sheets", found["sheets"].clone()),
        ("iterations", found["iterations"].clone()),
        ("rule", found["rule"].clone()),
        ("learning_rate", found["learning_rate"].clone()),
        ("loss", found["loss"]["cell"].clone()),
        ("weights", starts),
        ("wrong_weights", Value::from(wrong.collect::<Vec<_>>())),
    ];
    for (key, found) in pairs {
        if found != expected[key] {
            faults.push(format!("{key}: {found}, not {}", expected[key]));
        }
    }
    if !expected["factor"].is_null()
        && !weights.iter().all(|one| is_near(&one["factor"], &expected["factor"]))
    {
        faults.push(format!("factor, not {}", expected["factor"]));
    }
    let implied = text(&found["loss"]["implied"]).unwrap_or_default();
    if text(&expected["implied_loss"]).is_some() && !implied.contains("mean squared error") {
        faults.push(format!("implied loss: {implied}"));
    }
    faults
}

fn finding(found: &Value, expected: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let pairs = [
        ("kind", "kind"),
        ("range", "range"),
        ("count", "count"),
        ("weight", "weight"),
        ("loss", "loss"),
        ("formula", "found_formula"),
        ("proposed", "proposed_formula"),
    ];
    for (key, wanted) in pairs {
        if let Some(wanted) = expected.get(wanted)
            && &found[key] != wanted
        {
            faults.push(format!("{} {key}: {}, not {wanted}", expected["cell"], found[key]));
        }
    }
    for key in ["found", "expected"] {
        if let Some(wanted) = expected.get(key)
            && !is_near(&found[key], wanted)
        {
            faults.push(format!("{} {key}: {}, not {wanted}", expected["cell"], found[key]));
        }
    }
    faults
}
