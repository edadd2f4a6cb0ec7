//! Logs of trainings in a folder, with what must be told of each in its `logs.json`.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// Nothing may be wrong with any of the logs in `folder`, of which there are so many at least; two are
/// looked at at a time.
pub fn all_are_told(folder: &Path, least: usize, faults: fn(&Value) -> Vec<String>) {
    let list = std::fs::read_to_string(folder.join("logs.json")).expect("logs.json");
    let logs: Vec<Value> = serde_json::from_str(&list).expect("JSON");
    assert!(logs.len() >= least);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(log) = logs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let faults = faults(log);
                    if !faults.is_empty() {
                        let line = format!("{}: {}", text(&log["log"]), faults.join("; "));
                        found.lock().expect("faults").push(line);
                    }
                }
            });
        }
    });
    let faults = found.into_inner().expect("faults");
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), logs.len(), faults.join("\n"));
}

/// A text, empty where there is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
