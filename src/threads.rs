//! The same work on many things at once.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number of cores.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// What `work` makes of each thing, in their order, computed by up to so many `threads`. Each takes
/// the next thing that nobody has taken, so that long and short work even out.
pub fn map<T: Sync, R: Send>(
    things: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some(thing) = things.get(index)
        {
            done.push((index, work(thing)));
        }
        done
    };
    let threads = threads.clamp(1, things.len().max(1));
    let mut all: Vec<(usize, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut all = take();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_are_in_order_on_any_number_of_threads() {
        let things: Vec<u64> = (0..257).collect();
        let squares: Vec<u64> = things.iter().map(|thing| thing * thing).collect();
        for threads in [0, 1, 2, 7, 1000] {
            assert_eq!(map(&things, threads, |thing| thing * thing), squares);
        }
        assert!(map(&[], 4, |thing: &u64| *thing).is_empty());
    }
}
