//! What is wrong with many things, several of them looked at at a time.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// What is wrong with each of some things, in any order, as many at a time as there are processors.
pub fn faults_of<T: Send>(
    things: impl IntoIterator<Item = T, IntoIter: Send>,
    faults: impl Fn(T) -> Vec<String> + Sync,
) -> Vec<String> {
    let (left, found) = (Mutex::new(things.into_iter()), Mutex::new(Vec::new()));
    let next = || left.lock().expect("what is left").next();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some(thing) = next() {
                    let faults = faults(thing);
                    found.lock().expect("faults").extend(faults);
                }
            });
        }
    });
    found.into_inner().expect("faults")
}
