//! Ctrl-C, and what a scheduler sends before it kills a job: what is under way is finished and what is kept is told.
//!
//! SIGHUP is left alone: `nohup` has it ignored, and otherwise a closed terminal ends the process as ever.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit code of a command that was stopped, as shells have it for Ctrl-C.
pub const EXIT_CODE: u8 = 130;

/// What the signals set and look at.
struct Flags {
    /// Whether nothing is under way that could end cleanly, so that the process just ends.
    idle: Arc<AtomicBool>,
    /// Whether what is under way was asked to end; the second time the process just ends.
    asked: Arc<AtomicBool>,
}

static FLAGS: LazyLock<Flags> = LazyLock::new(|| {
    let flags =
        Flags { idle: Arc::new(AtomicBool::new(true)), asked: Arc::new(AtomicBool::new(false)) };
    for signal in [SIGINT, SIGTERM] {
        // In the order in which they are looked at. Where they cannot be registered, the system ends the process.
        for ends in [&flags.idle, &flags.asked] {
            let _ =
                flag::register_conditional_shutdown(signal, i32::from(EXIT_CODE), Arc::clone(ends));
        }
        let _ = flag::register(signal, Arc::clone(&flags.asked));
    }
    flags
});

/// Work that ends cleanly when it is asked to, for as long as this is there.
pub struct Stoppable(());

impl Stoppable {
    /// Listens from now on.
    pub fn new() -> Self {
        FLAGS.idle.store(false, Ordering::SeqCst);
        Stoppable(())
    }

    /// Whether it shall end.
    pub fn is_asked(&self) -> bool {
        FLAGS.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        FLAGS.idle.store(true, Ordering::SeqCst);
    }
}
