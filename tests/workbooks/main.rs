//! Sheets in workbooks: one's own or the user's, and the packages that hold them.

#[path = "../common/mod.rs"]
mod common;

mod added;
mod host;
mod long_sheets;
mod package;
