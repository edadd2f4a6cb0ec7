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
        if steps < LONG_RUN || !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        Progress::of_length((1 + times) * steps)
    }

    /// A bar that makes a step for each run of a sweep.
    pub fn of_runs(setting: &Setting) -> Self {
        let runs = setting.runs();
        match setting.steps() < 10 * LONG_RUN {
            true => Progress { bar: ProgressBar::hidden() },
            false => Progress::counting("runs", runs, 0),
        }
    }

    /// A bar of `all` such things, of which some are `done` already: how many a second, and how long it takes.
    pub fn counting(things: &str, all: usize, done: usize) -> Self {
        if !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let template = format!(
            "{{bar:30}} {{human_pos}} of {{human_len}} {things}, {{per_sec}}, {{elapsed}} so far, {{eta}} to go"
        );
        let bar = ProgressBar::new(all as u64).with_position(done as u64);
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        // What was done before says nothing about how fast it goes.
        bar.reset_eta();
        Progress { bar }
    }

    /// Says that so many more are done.
    pub fn advance(&self, more: usize) {
        self.bar.inc(more as u64);
    }

    /// The time that it takes to look through a workbook so large that one wonders; nobody knows how long it will be.
    pub fn waiting(path: &Path) -> Self {
        /// Some ten thousand formulas, about a second.
        const LARGE: u64 = 300_000;
        let length = std::fs::metadata(path).map_or(0, |file| file.len());
        if length < LARGE || !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new_spinner().with_message(format!("{}", path.display()));
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} looking through {msg}, {elapsed} so far")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar }
    }

    /// A bar for the bytes of a file that is at least `least` long.
    pub fn of_file(path: &Path, least: u64) -> Self {
        let length = std::fs::metadata(path).map_or(0, |file| file.len());
        if length < least || !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        Progress::of_length(length as usize)
    }

    /// Says how far it has come.
    pub fn reach(&self, place: usize) {
        self.bar.set_position(place as u64);
    }

    fn of_length(length: usize) -> Self {
        let bar = ProgressBar::new(length as u64);
        let template = "{bar:40} {percent:>3} %  {elapsed} so far, {eta} to go";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Progress { bar }
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

impl Sink for Progress {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.bar.inc(block.rows() as u64);
        Ok(())
    }
}
