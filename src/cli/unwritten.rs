//! A disk that is full while a workbook is made.
//!
//! The library that writes sheets keeps the rows of long ones in temporary files, and panics where these
//! have no room any more. That is caught and told like any other output that cannot be written.

use crate::error::{Error, Result};
use crate::panics;

/// What `run` gives; an error where the library that writes sheets has panicked.
///
/// # Errors
/// Those of `run`.
pub fn told<T, E: From<Error>>(run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let is_writing = |info: &std::panic::PanicHookInfo| {
        info.location().is_some_and(|place| place.file().contains("rust_xlsxwriter"))
    };
    panics::caught(is_writing, run).unwrap_or_else(|| {
        let error = Error::new("cannot write the workbook: its temporary files have no room");
        let help = "free some room there, or set TMPDIR to a folder that has it";
        Err(error.in_file(&std::env::temp_dir()).help(help).into())
    })
}
