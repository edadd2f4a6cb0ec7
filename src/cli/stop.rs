//! Ctrl-C, and what a scheduler sends before it kills a job: what was kept is told. Work that can end cleanly is asked
//! to, and all else just ends: outputs are put in their places at the end, all of them or none.
//!
//! SIGHUP is left alone: `nohup` has it ignored, and otherwise a closed terminal ends the process as ever.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};

/// The exit code of a command that was stopped, as shells have it for Ctrl-C.
pub const EXIT_CODE: u8 = 130;

/// Whether nothing is under way that ends cleanly when it is asked to.
static IDLE: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));

/// Whether it was asked to; the second time the process just ends.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Work that ends cleanly when it is asked to, for as long as this is there.
pub struct Stoppable(());

impl Stoppable {
    /// Begins.
    pub fn new() -> Self {
        IDLE.store(false, Ordering::SeqCst);
        Stoppable(())
    }

    /// Whether it shall end.
    pub fn is_asked(&self) -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        IDLE.store(true, Ordering::SeqCst);
    }
}

/// Listens from now on. Where that is not possible, the system ends the process without a word.
#[cfg(unix)]
pub fn listen() {
    use signal_hook::iterator::Signals;

    // A process listens once, however often a program in it runs commands.
    static LISTENS: AtomicBool = AtomicBool::new(false);
    if LISTENS.swap(true, Ordering::SeqCst) {
        return;
    }
    let ignored = ignored();
    let wanted = [SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(wanted) else { return };
    let listener = std::thread::Builder::new();
    if listener.spawn(move || signals.forever().for_each(answer)).is_err() {
        // The system gives no thread: a signal ends the process without a word.
        for signal in [SIGINT, SIGTERM] {
            let always = Arc::new(AtomicBool::new(true));
            let code = i32::from(EXIT_CODE);
            let _ = signal_hook::flag::register_conditional_shutdown(signal, code, always);
        }
    }
}

/// Listens from now on. Nothing can be told here but by what is under way.
#[cfg(not(unix))]
pub fn listen() {
    use signal_hook::flag;

    for signal in [SIGINT, SIGTERM] {
        // In the order in which they are looked at.
        for ends in [&IDLE, &ASKED] {
            let _ =
                flag::register_conditional_shutdown(signal, i32::from(EXIT_CODE), Arc::clone(ends));
        }
        let _ = flag::register(signal, Arc::clone(&ASKED));
    }
}

/// Does what a signal asks for.
#[cfg(unix)]
fn answer(signal: i32) {
    use super::console::tell;
    use crate::export::output;

    if !IDLE.load(Ordering::SeqCst) {
        if ASKED.swap(true, Ordering::SeqCst) {
            signal_hook::low_level::exit(i32::from(EXIT_CODE));
        }
        return;
    }
    output::between_commits(|is_any_done| {
        let what = match is_any_done {
            true => "what was written is whole",
            false => "no file was written or changed",
        };
        // Behind what stands in the line of a terminal: ^C, a bar.
        tell!("\nstopped: {what}");
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    });
}

/// The signals that whoever started the process has ignored, as shells do for what runs in the background: a bit for each,
/// from that of signal 1 on. None where the system does not tell.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
