//! A disk that is full while a workbook is made.
//!
//! The library that writes sheets keeps the rows of long ones in temporary files, and panics where these
//! have no room any more. That is caught and told like any other output that cannot be written.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::{Error, Result};

thread_local! {
    /// Whether that library has panicked on this thread.
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

/// What `run` gives; an error where the library that writes sheets has panicked.
///
/// # Errors
/// Those of `run`.
pub fn told<T, E: From<Error>>(run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let file = info.location().map(|place| place.file()).unwrap_or_default();
            WRITING.set(file.contains("rust_xlsxwriter"));
            if !WRITING.get() {
                usual(info);
            }
        }));
    });
    match panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(outcome) => outcome,
        Err(_) if WRITING.take() => {
            let error = Error::new("cannot write the workbook: its temporary files have no room");
            let help = "free some room there, or set TMPDIR to a folder that has it";
            Err(error.in_file(&std::env::temp_dir()).help(help).into())
        }
        Err(panic) => panic::resume_unwind(panic),
    }
}
