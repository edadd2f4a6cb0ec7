//! Ctrl-C, and what a scheduler sends before it kills a job: what is under way is finished and what is kept is told.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a command that was stopped, as shells have it for Ctrl-C.
pub const EXIT_CODE: u8 = 130;

/// Whether the work under way ends cleanly when it is asked to; otherwise the process just ends.
static LISTENS: AtomicBool = AtomicBool::new(false);
/// Whether it was asked to.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Work that ends cleanly when it is asked to, for as long as this is there.
pub struct Stoppable;

impl Stoppable {
    /// Listens from now on. The second Ctrl-C ends the process at once.
    pub fn new() -> Self {
        static HANDLER: OnceLock<()> = OnceLock::new();
        HANDLER.get_or_init(|| {
            // Where there is no handler, the system ends the process, as it does without us.
            let _ = ctrlc::set_handler(|| {
                if !LISTENS.load(Ordering::SeqCst) || ASKED.swap(true, Ordering::SeqCst) {
                    std::process::exit(i32::from(EXIT_CODE));
                }
            });
        });
        LISTENS.store(true, Ordering::SeqCst);
        Stoppable
    }

    /// Whether it shall end.
    pub fn is_asked(&self) -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        LISTENS.store(false, Ordering::SeqCst);
    }
}
