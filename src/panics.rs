//! Panics of libraries that are expected, and told as errors.
//!
//! Some libraries panic where a file is damaged or a disk is full. Such a panic is not printed.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// Whether a panic is one that is expected.
pub(crate) type IsExpected = fn(&PanicHookInfo) -> bool;

thread_local! {
    /// Which panics are expected on this thread.
    static EXPECTED: Cell<Option<IsExpected>> = const { Cell::new(None) };
    /// Whether the last one was.
    static CAME: Cell<bool> = const { Cell::new(false) };
}

/// What `run` gives; none where it panicked as expected. Any other panic goes on.
pub(crate) fn caught<T>(is_expected: IsExpected, run: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            CAME.set(EXPECTED.get().is_some_and(|is_expected| is_expected(info)));
            if !CAME.get() {
                usual(info);
            }
        }));
    });
    let outer = EXPECTED.replace(Some(is_expected));
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    EXPECTED.set(outer);
    match outcome {
        Ok(value) => Some(value),
        Err(_) if CAME.take() => None,
        Err(other) => panic::resume_unwind(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_panics_are_none_and_others_go_on() {
        assert_eq!(caught(|_| true, || 1), Some(1));
        assert_eq!(caught(|_| true, || if true { panic!("expected") } else { 1 }), None);
        let other = || caught(|_| false, || panic!("another, printed by the tests"));
        assert!(panic::catch_unwind(other).is_err());
        // Within each other, each knows its own.
        let inner = || caught(|_| true, || panic!("expected")).is_none();
        assert_eq!(caught(|_| false, inner), Some(true));
    }
}
