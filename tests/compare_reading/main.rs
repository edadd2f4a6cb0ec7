//! Reading hand-built workbooks: the table is found wherever it stands, what its columns compute
//! is understood, and what breaks a column is named with its cell.

#[path = "../fixtures/books.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod books;
mod files;
mod mistakes;
mod sheets;
mod tables;
