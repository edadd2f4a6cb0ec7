//! The same work on many things at once.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, TrySendError, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::watch;

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
    let watch = watch::current();
    let help = || watch::under(watch.clone(), take);
    let threads = threads.clamp(1, things.len().max(1));
    let mut all: Vec<(usize, R)> = thread::scope(|scope| {
        // Where the system gives no more threads, there are as many as there are.
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, help).ok();
        let others: Vec<_> = (1..threads).map_while(spawn).collect();
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

/// Hands every item that `produce` gives to a worker on one of so many `threads`, and the results
/// to `take`, in the order of the items. Each thread makes its own worker.
///
/// Only so many items are under way as keep the threads busy: when there are more, the thread that
/// produces them works too.
///
/// # Errors
/// Those of `produce` and `take`.
pub fn in_order<T: Send, R: Send, W: FnMut(T) -> R, E>(
    threads: usize,
    worker: impl Fn() -> W + Sync,
    produce: impl FnOnce(&mut dyn FnMut(T) -> Result<(), E>) -> Result<(), E>,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let mut own = worker();
    if threads <= 1 {
        return produce(&mut |item| take(own(item)));
    }
    let (items, queue) = sync_channel::<(usize, T)>(2 * threads);
    let (results, done) = channel();
    let queue = &Mutex::new(queue);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            let (results, worker) = (results.clone(), &worker);
            let work = move || work(queue, &results, worker());
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        drop(results);
        let mut order = Order { next: 0, given: 0, early: BTreeMap::new(), take: &mut take };
        produce(&mut |item| {
            let number = order.given;
            order.given += 1;
            match items.try_send((number, item)) {
                Ok(()) => {}
                Err(
                    TrySendError::Full((number, item)) | TrySendError::Disconnected((number, item)),
                ) => {
                    order.put(number, own(item))?;
                }
            }
            order.take_from(&done, 4 * threads)
        })?;
        drop(items);
        while let Ok((number, item)) = next(queue) {
            order.put(number, own(item))?;
        }
        order.take_from(&done, 0)
    })
}

/// Works until there are no more items.
fn work<T, R>(
    queue: &Mutex<Receiver<(usize, T)>>,
    results: &Sender<(usize, R)>,
    mut worker: impl FnMut(T) -> R,
) {
    loop {
        let item = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, item)) = item else { return };
        if results.send((number, worker(item))).is_err() {
            return;
        }
    }
}

/// The next item, for the thread that has produced all of them.
fn next<T>(queue: &Mutex<Receiver<T>>) -> Result<T, TryRecvError> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).try_recv()
}

/// Brings results into order.
struct Order<'a, R, E> {
    /// The number of the result that is taken next.
    next: usize,
    /// How many items there were.
    given: usize,
    early: BTreeMap<usize, R>,
    take: &'a mut dyn FnMut(R) -> Result<(), E>,
}

impl<R, E> Order<'_, R, E> {
    fn put(&mut self, number: usize, result: R) -> Result<(), E> {
        self.early.insert(number, result);
        while let Some(result) = self.early.remove(&self.next) {
            self.next += 1;
            (self.take)(result)?;
        }
        Ok(())
    }

    /// Takes what is done, and waits until at most `open` items are not taken.
    fn take_from(&mut self, done: &Receiver<(usize, R)>, open: usize) -> Result<(), E> {
        loop {
            let result = match self.given - self.next > open {
                true => done.recv().ok(),
                false => done.try_recv().ok(),
            };
            match result {
                Some((number, result)) => self.put(number, result)?,
                // Where all threads have ended early, the scope hands their panic on.
                None => return Ok(()),
            }
        }
    }
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

    #[test]
    fn results_come_in_the_order_of_the_items_for_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let mut taken = Vec::new();
            in_order(
                threads,
                || {
                    |item: u64| {
                        std::thread::sleep(std::time::Duration::from_micros(item % 7 * 50));
                        item
                    }
                },
                |give| (0..1000).try_for_each(&mut *give),
                |result| {
                    taken.push(result);
                    Ok::<(), ()>(())
                },
            )
            .unwrap();
            assert_eq!(taken, (0..1000).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        for threads in [1, 3] {
            let failed = in_order(
                threads,
                || |item: usize| item,
                |give| (0..).try_for_each(&mut *give),
                |result| if result < 100 { Ok(()) } else { Err("no room") },
            );
            assert_eq!(failed, Err("no room"));
        }
    }
}
