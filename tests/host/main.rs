//! The sheets of a run within the user's own workbook: what they are called, where they find the
//! samples, and that nothing refers to a sheet that is not there or not meant.

mod assembled;
#[path = "../run/book.rs"]
#[allow(dead_code, reason = "tests/run uses the rest")]
mod book;
#[path = "../fixtures/books.rs"]
#[allow(dead_code, reason = "tests/data.rs uses the rest")]
mod books;
#[path = "../common/package.rs"]
mod package;

mod names;
mod places;
mod reasons;
