//! What several test files share.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod book;
pub mod books;
pub mod cases;
pub mod comparing;
pub mod faults;
pub mod hand;
pub mod kinds;
pub mod logs;
pub mod package;
pub mod program;
pub mod tables;
pub mod walkthrough;

use gdtrace::data::{Cells, Data, DataColumn};

/// The walkthrough's samples: y = 2x + 30.
pub fn walkthrough() -> Data {
    let x = [
        14, 86, 28, 51, 28, 29, 72, 62, 84, 15, 42, 62, 47, 35, 9, 38, 44, 99, 13, 21, 28, 20, 8,
        64, 99, 70, 27, 17, 8,
    ];
    let xs: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
    let ys = xs.iter().map(|x| 2.0 * x + 30.0).collect();
    Data { file: "walkthrough".into(), ..data(vec![("x", xs), ("y", ys)]) }
}

/// Data with columns that were never in a file.
pub fn data(columns: Vec<(&str, Vec<f64>)>) -> Data {
    let column = |(name, values): (&str, Vec<f64>)| DataColumn {
        name: name.into(),
        header: None,
        cells: Cells::default(),
        values,
    };
    Data {
        file: "memory".into(),
        sheet: "data".into(),
        range: String::new(),
        columns: columns.into_iter().map(column).collect(),
        notes: Vec::new(),
        ..Data::default()
    }
}

/// A golden file; `tests/golden/README.md` says what made it.
pub fn golden(name: &str) -> serde_json::Value {
    let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
