//! Logs of trainings in a folder, with what must be told of each in its `logs.json`.

use std::path::Path;

use serde_json::Value;

use super::faults::faults_of;

/// Nothing may be wrong with any of the logs in `folder`, of which there are so many at least.
pub fn all_are_told(folder: &Path, least: usize, faults: fn(&Value) -> Vec<String>) {
    let list = std::fs::read_to_string(folder.join("logs.json")).expect("logs.json");
    let logs: Vec<Value> = serde_json::from_str(&list).expect("JSON");
    assert!(logs.len() >= least);
    let faults = faults_of(&logs, |log| {
        let faults = faults(log);
        let line = || format!("{}: {}", text(&log["log"]), faults.join("; "));
        (!faults.is_empty()).then(line).into_iter().collect()
    });
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), logs.len(), faults.join("\n"));
}

/// A text, empty where there is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
