//! Running `gdtrace compare`, and what it says.

use serde_json::Value;

use super::books::Folder;
use super::program::{names, said};

/// What `gdtrace compare` with these words printed, its errors, its exit code.
pub fn compare(folder: &Folder, words: &str) -> (String, String, i32) {
    let words: Vec<&str> = ["compare"].into_iter().chain(words.split_whitespace()).collect();
    said(folder, &words)
}

/// What is printed of a workbook that can be compared.
pub fn told(folder: &Folder, words: &str, code: i32) -> String {
    let (printed, errors, is) = compare(folder, words);
    assert_eq!((errors.as_str(), is), ("", code), "{printed}");
    printed
}

pub fn json_of(folder: &Folder, words: &str, code: i32) -> Value {
    serde_json::from_str(&told(folder, &format!("{words} --json"), code)).unwrap()
}

/// What is said of a file that cannot be compared.
pub fn failure(folder: &Folder, words: &str) -> String {
    let before = names(folder);
    let (printed, errors, code) = compare(folder, words);
    assert_eq!((printed.as_str(), code), ("", 2), "{errors}");
    assert_eq!(names(folder), before, "nothing is written");
    errors
}
