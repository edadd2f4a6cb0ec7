//! The writers: one output a file. No writer computes a value.

pub(crate) mod address;
pub(crate) mod comparison;
pub(crate) mod csv;
pub(crate) mod data_workbook;
pub(crate) mod digits;
pub(crate) mod fingerprint;
pub mod html;
pub(crate) mod in_place;
pub mod output;
pub(crate) mod package;
pub(crate) mod palette;
mod place;
pub(crate) mod runs;
mod staged;
pub mod table;
pub mod xlsx;
