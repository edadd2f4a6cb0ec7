//! Somebody who waits for work that may take long: told how far it has come, and free to end it.
//!
//! A watch is set for a thread and for those that help it (`crate::threads`), so that what computes, however deep
//! within, needs none handed down. Work that is ended unwinds, as from a panic that nobody is told of: what it has
//! staged is taken away on the way out.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use crate::error::{Error, Result};

/// Who waits.
pub trait Watch: Send + Sync {
    /// Told that `done` of `all` such things, `"iterations checked"`, are done; again from 0 where they are looked at
    /// once more.
    fn sees(&self, _things: &'static str, _done: usize, _all: usize) {}

    /// Whether the work goes on; asked often, from any of its threads.
    fn goes_on(&self) -> bool {
        true
    }
}

/// What work that is ended unwinds with.
struct Ended;

type Current = Option<Arc<dyn Watch>>;

thread_local! {
    static CURRENT: RefCell<Current> = const { RefCell::new(None) };
}

/// Does some work while `watch` waits for it.
///
/// # Errors
/// The watch has ended the work.
pub fn watched<T>(watch: Arc<dyn Watch>, work: impl FnOnce() -> T) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(|| under(Some(watch), work))) {
        Ok(done) => Ok(done),
        Err(thrown) if thrown.is::<Ended>() => Err(Error::new("the work was interrupted")),
        Err(panic) => resume_unwind(panic),
    }
}

/// The watch of this thread, for another one that helps it.
pub(crate) fn current() -> Current {
    CURRENT.with_borrow(Clone::clone)
}

/// Does some work under a watch.
pub(crate) fn under<T>(watch: Current, work: impl FnOnce() -> T) -> T {
    /// Puts back the one before, whichever way the work ends.
    struct Before(Current);
    impl Drop for Before {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _before = Before(CURRENT.replace(watch));
    work()
}

/// Ends the work here where nobody waits for it any longer.
pub(crate) fn look() {
    let is_ended = |watch: &Current| watch.as_ref().is_some_and(|watch| !watch.goes_on());
    if CURRENT.with_borrow(is_ended) {
        resume_unwind(Box::new(Ended));
    }
}

/// Says that so many things are done.
pub(crate) fn tell(things: &'static str, done: usize, all: usize) {
    look();
    CURRENT.with_borrow(|watch| watch.iter().for_each(|watch| watch.sees(things, done, all)));
}

/// The same items, each of which the watch is told of when it is done.
pub(crate) fn each<I: ExactSizeIterator>(
    things: &'static str,
    items: I,
) -> impl Iterator<Item = I::Item> {
    let all = items.len();
    let last = std::iter::once_with(move || tell(things, all, all)).filter_map(|()| None);
    items
        .enumerate()
        .map(move |(done, item)| {
            tell(things, done, all);
            item
        })
        .chain(last)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::threads;

    /// Notes what it is told, and ends the work when it has been asked so often.
    struct Notes {
        told: Mutex<Vec<(usize, usize)>>,
        patience: AtomicUsize,
    }

    impl Notes {
        fn with_patience(patience: usize) -> Arc<Notes> {
            Arc::new(Notes { told: Mutex::new(Vec::new()), patience: AtomicUsize::new(patience) })
        }
    }

    impl Watch for Notes {
        fn sees(&self, things: &'static str, done: usize, all: usize) {
            assert_eq!(things, "things");
            self.told.lock().unwrap().push((done, all));
        }

        fn goes_on(&self) -> bool {
            let less = |left: usize| left.checked_sub(1);
            self.patience.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
        }
    }

    #[test]
    fn a_watch_is_told_of_each_thing_and_of_the_end() {
        let notes = Notes::with_patience(100);
        let sum = watched(notes.clone(), || each("things", [1, 2, 3].iter()).sum::<i32>());
        assert_eq!(sum.unwrap(), 6);
        assert_eq!(*notes.told.lock().unwrap(), [(0, 3), (1, 3), (2, 3), (3, 3)]);
        // Nobody is told without one.
        assert_eq!(each("things", 0..4).count(), 4);
        assert_eq!(notes.told.lock().unwrap().len(), 4);
    }

    #[test]
    fn work_that_is_ended_gives_an_error_and_is_put_away() {
        static PUT_AWAY: AtomicBool = AtomicBool::new(false);
        struct Staged;
        impl Drop for Staged {
            fn drop(&mut self) {
                PUT_AWAY.store(true, Ordering::SeqCst);
            }
        }
        let ended = watched(Notes::with_patience(7), || {
            let _staged = Staged;
            loop {
                look();
            }
        });
        let error: Result<()> = ended;
        assert_eq!(error.unwrap_err().to_string(), "the work was interrupted");
        assert!(PUT_AWAY.load(Ordering::SeqCst) && current().is_none());
    }

    #[test]
    fn threads_that_help_are_ended_too_and_panics_go_on() {
        let things: Vec<usize> = (0..100).collect();
        let ended = watched(Notes::with_patience(10), || threads::map(&things, 4, |_| look()));
        assert!(ended.is_err());
        let panics = || watched(Notes::with_patience(1), || panic!("printed by the tests"));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    }
}
