//! How far something has come that takes long: a bar on a terminal, and nothing elsewhere.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::Result;
use crate::trace::sweep::Setting;
use crate::trace::{Block, Sink};
use crate::watch::Watch;

/// Runs of fewer steps are over before a bar could be read.
const LONG_RUN: usize = 20_000;

/// A progress bar for long runs, when standard error is a terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for `steps` steps, each computed once for the results and so many `times` for what is
    /// written.
    pub fn new(steps: usize, times: usize) -> Self {
        Progress::of_length(steps >= LONG_RUN, ((1 + times) * steps) as u64)
    }

    /// A bar that makes a step for each run of a sweep.
    pub fn of_runs(setting: &Setting) -> Self {
        Progress::of_things(setting.steps() >= 10 * LONG_RUN, "runs", setting.runs(), 0)
    }

    /// A bar of `all` such things, of which some are `done` already: how many a second, and how long it takes.
    pub fn counting(things: &str, all: usize, done: usize) -> Self {
        Progress::of_things(true, things, all, done)
    }

    fn of_things(is_long: bool, things: &str, all: usize, done: usize) -> Self {
        let template = format!(
            "{{bar:30}} {{human_pos}} of {{human_len}} {things}, {{per_sec}}, {{elapsed}} so far, {{eta}} to go"
        );
        Progress::shown(is_long, &template, || {
            let bar = ProgressBar::new(all as u64).with_position(done as u64);
            // What was done before says nothing about how fast it goes.
            bar.reset_eta();
            bar
        })
    }

    fn of_length(is_long: bool, length: u64) -> Self {
        let template = "{bar:40} {percent:>3} %  {elapsed} so far, {eta} to go";
        Progress::shown(is_long, template, || ProgressBar::new(length))
    }

    /// What `make` makes, drawn by `template`, where that is worth it and somebody looks.
    fn shown(is_long: bool, template: &str, make: impl FnOnce() -> ProgressBar) -> Self {
        if !is_long || !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = make();
        bar.set_style(style(template));
        Progress { bar }
    }

    /// Says that so many more are done.
    pub fn advance(&self, more: usize) {
        self.bar.inc(more as u64);
    }

    /// Says that one more run is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is seen of work that goes over its things several times, nobody knows how often, once it has taken a second.
pub struct Waiting {
    bar: ProgressBar,
    /// What is counted now, and how many there are.
    counted: Mutex<(&'static str, usize)>,
}

impl Waiting {
    /// For the time that it takes to look through a file.
    pub fn of(path: &Path) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_message(path.display().to_string());
        let waiting = Waiting { bar, counted: Mutex::new(("", 0)) };
        waiting.show("");
        if io::stderr().is_terminal() {
            let bar = waiting.bar.clone();
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(1));
                if !bar.is_finished() {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
            });
        }
        waiting
    }

    /// Counts such things from now on, or nothing.
    fn show(&self, things: &'static str) {
        let counted =
            format!("{{human_pos}} of {{human_len}} {things}, {{per_sec}}, {{eta}} to go");
        let counted = if things.is_empty() { "" } else { &counted };
        let template = format!("{{spinner}} looking through {{msg}}  {counted}");
        self.bar.set_style(style(&template));
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Waiting {
    fn sees(&self, things: &'static str, done: usize, all: usize) {
        if self.bar.is_hidden() {
            return;
        }
        let now = if done < all { (things, all) } else { ("", 0) };
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = std::mem::replace(&mut *counted, now) != now;
        if is_new {
            // The bar may be drawn in between, without what is counted no longer or not yet.
            self.show("");
            self.bar.set_length(now.1 as u64);
            self.bar.reset();
            self.show(now.0);
        }
        self.bar.set_position(done as u64);
        if is_new {
            // What was done unseen says nothing about how fast it goes.
            self.bar.reset_eta();
        }
    }
}

/// How a bar is drawn.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Sink for Progress {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.bar.inc(block.rows() as u64);
        Ok(())
    }
}
