//! Work with the interpreter's lock released, and Ctrl-C while it lasts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use gdtrace::error::{Error, Result};
use gdtrace::trace::{Block, Sink};
use gdtrace::watch::watched as watched_by;
use pyo3::prelude::*;

use crate::refused;

/// How often it is looked whether somebody pressed Ctrl-C.
const PACE: Duration = Duration::from_millis(50);

/// Sees the blocks of a run go by, and ends it where a signal says so.
pub struct Watch {
    looked: Instant,
    /// What the handler of the signal raised: `KeyboardInterrupt`.
    raised: Option<PyErr>,
}

impl Sink for Watch {
    fn block(&mut self, _: &Block) -> Result<()> {
        if self.looked.elapsed() < PACE {
            return Ok(());
        }
        self.looked = Instant::now();
        Python::attach(|py| py.check_signals()).map_err(|raised| {
            self.raised = Some(raised);
            interrupted()
        })
    }
}

/// Does `work` without the interpreter's lock; Ctrl-C ends it at its next block.
pub fn watched<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut Watch) -> Result<T> + Send,
) -> PyResult<T> {
    let mut watch = Watch { looked: Instant::now(), raised: None };
    let done = py.detach(|| work(&mut watch));
    done.map_err(|error| watch.raised.take().unwrap_or_else(|| refused(error)))
}

/// Whether anybody still waits for what a thread does.
struct Wanted(AtomicBool);

impl gdtrace::watch::Watch for Wanted {
    fn goes_on(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Does `work`, which has no blocks, in a thread, and waits for it without the interpreter's lock. Ctrl-C ends it.
pub fn waited<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let wanted = Arc::new(Wanted(AtomicBool::new(true)));
    let watch = Arc::clone(&wanted);
    let (give, mut take) = mpsc::channel();
    thread::spawn(move || give.send(watched_by(watch, work).flatten()));
    loop {
        let (taker, taken) = py.detach(move || {
            let taken = take.recv_timeout(PACE);
            (take, taken)
        });
        take = taker;
        match taken {
            Ok(done) => return done.map_err(refused),
            Err(RecvTimeoutError::Timeout) => {
                py.check_signals().inspect_err(|_| wanted.0.store(false, Ordering::SeqCst))?;
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(refused(Error::new("the work ended without a result")));
            }
        }
    }
}

fn interrupted() -> Error {
    Error::new("the work was interrupted")
}
