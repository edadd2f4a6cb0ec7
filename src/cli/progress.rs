//! How far something has come that takes long: a bar on a terminal, and nothing elsewhere.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Result;
use crate::trace::sweep::Setting;
use crate::trace::{Block, Sink};

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

    /// The time that it takes to look through a workbook so large that one wonders; nobody knows how long it will be.
    pub fn waiting(path: &Path) -> Self {
        /// Some ten thousand formulas, about a second.
        const LARGE: u64 = 300_000;
        let template = "{spinner} looking through {msg}, {elapsed} so far";
        let progress = Progress::shown(length_of(path) >= LARGE, template, || {
            ProgressBar::new_spinner().with_message(path.display().to_string())
        });
        if !progress.bar.is_hidden() {
            progress.bar.enable_steady_tick(Duration::from_millis(200));
        }
        progress
    }

    /// A bar for the bytes of a file that is at least `least` long.
    pub fn of_file(path: &Path, least: u64) -> Self {
        let length = length_of(path);
        Progress::of_length(length >= least, length)
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
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Progress { bar }
    }

    /// Says that so many more are done.
    pub fn advance(&self, more: usize) {
        self.bar.inc(more as u64);
    }

    /// Says how far it has come.
    pub fn reach(&self, place: usize) {
        self.bar.set_position(place as u64);
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

/// The bytes of a file, 0 where that is not known.
fn length_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

impl Sink for Progress {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.bar.inc(block.rows() as u64);
        Ok(())
    }
}
