//! Work on several threads whose results come in order.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, TrySendError, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// Hands every item that `produce` gives to a worker on one of so many `threads`, and the results
/// to `take`, in the order of the items. Each thread makes its own worker.
///
/// Only so many items are under way as keep the threads busy: when there are more, the thread that
/// produces them works too.
///
/// # Errors
/// Those of `produce` and `take`.
pub(crate) fn in_order<T: Send, R: Send, W: FnMut(T) -> R>(
    threads: usize,
    worker: impl Fn() -> W + Sync,
    produce: impl FnOnce(&mut dyn FnMut(T) -> Result<()>) -> Result<()>,
    mut take: impl FnMut(R) -> Result<()>,
) -> Result<()> {
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
            scope.spawn(move || work(queue, &results, worker()));
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
struct Order<'a, R> {
    /// The number of the result that is taken next.
    next: usize,
    /// How many items there were.
    given: usize,
    early: BTreeMap<usize, R>,
    take: &'a mut dyn FnMut(R) -> Result<()>,
}

impl<R> Order<'_, R> {
    fn put(&mut self, number: usize, result: R) -> Result<()> {
        self.early.insert(number, result);
        while let Some(result) = self.early.remove(&self.next) {
            self.next += 1;
            (self.take)(result)?;
        }
        Ok(())
    }

    /// Takes what is done, and waits until at most `open` items are not taken.
    fn take_from(&mut self, done: &Receiver<(usize, R)>, open: usize) -> Result<()> {
        loop {
            let result = match self.given - self.next > open {
                true => done.recv().ok(),
                false => done.try_recv().ok(),
            };
            match result {
                Some((number, result)) => self.put(number, result)?,
                None if self.given - self.next > open => {
                    return Err(Error::new("a thread that writes ended early"));
                }
                None => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                    Ok(())
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
                |result| if result < 100 { Ok(()) } else { Err(Error::new("no room")) },
            );
            assert_eq!(failed.unwrap_err().what(), "no room");
        }
    }
}
