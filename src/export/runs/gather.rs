//! The parts of a sweep as one table again, of which as much is kept as a workbook shows.
//!
//! The parts are read twice: to know which runs are the best, and to take those that are shown. What is kept does
//! not grow with the number of runs.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::folder::Folder;
use super::part::each_run;
use super::row::Rows;
use crate::error::{Error, Result};
use crate::threads;
use crate::trace::sweep::{Census, Ran, Runner, Sample, Shard, Sweep};

/// More runs than these are not shown: a workbook and a page of them would help nobody.
pub const MOST_SHOWN: usize = 10_000;

/// How often progress is told: after so many runs.
const OFTEN: usize = 10_000;

/// The sweep of which the parts in `folder` are, on so many `threads`. `watch` is told of how many runs more have
/// been read; each is read twice.
///
/// # Errors
/// Parts that are missing, or not whole, or no parts of this sweep.
pub fn gather(
    folder: &Folder,
    runner: Runner,
    seed: u64,
    threads: usize,
    watch: &(dyn Fn(usize) + Sync),
) -> Result<Sweep> {
    let rows = Rows::new(&runner, seed);
    let shards: Vec<Shard> = shards(folder)?.collect();
    let setting = &runner.setting;
    let told = AtomicUsize::new(0);
    let tell = || {
        if told.fetch_add(1, Ordering::Relaxed) % OFTEN == OFTEN - 1 {
            watch(OFTEN);
        }
    };
    let counts = threads::map(&shards, threads, |shard| {
        let mut census = Census::new(setting);
        each_run((folder, *shard), &rows, |index, ran| {
            tell();
            census.take(index, ran);
            Ok(())
        })?;
        Ok(census)
    });
    let counts = counts.into_iter().collect::<Result<Vec<Census>>>()?;
    check_whole(folder, &shards, &counts, setting.runs())?;
    let mut census = Census::new(setting);
    counts.into_iter().for_each(|one| census.merge(one));
    let mut sample = Sample::new(setting, census, MOST_SHOWN);
    let shown = threads::map(&shards, threads, |shard| {
        let mut shown: Vec<(usize, Ran)> = Vec::new();
        each_run((folder, *shard), &rows, |index, ran| {
            tell();
            shown.extend(sample.place(setting, index).map(|place| (place, ran)));
            Ok(())
        })?;
        Ok(shown)
    });
    for shown in shown.into_iter().collect::<Result<Vec<_>>>()? {
        shown.into_iter().for_each(|(place, ran)| sample.take(place, ran));
    }
    sample.sweep(runner).ok_or_else(|| {
        Error::new("runs are missing that were there a moment ago").in_file(folder.path())
    })
}

/// The parts that there have to be.
fn shards(folder: &Folder) -> Result<impl Iterator<Item = Shard>> {
    match folder.divisions()?.as_slice() {
        [] => Err(Error::new("no run has been written there")
            .in_file(folder.path())
            .help("begin with `gdtrace sweep --resume` and the options in sweep.json")),
        [of] => Ok(Shard::all(*of)),
        several => {
            let several: Vec<String> = several.iter().map(usize::to_string).collect();
            let what =
                format!("there are parts of several divisions: of {}", several.join(", of "));
            Err(Error::new(what)
                .in_file(folder.path())
                .help("remove the parts (part-*) of all but one of them"))
        }
    }
}

/// Checks that no run is missing.
fn check_whole(folder: &Folder, shards: &[Shard], counts: &[Census], all: usize) -> Result<()> {
    let lacks = |(shard, census): (&Shard, &Census)| (*shard, shard.runs(all) - census.runs());
    let missing = shards.iter().zip(counts).map(lacks).filter(|(_, missing)| *missing > 0);
    let missing: Vec<(Shard, usize)> = missing.collect();
    let Some((first, _)) = missing.first() else { return Ok(()) };
    let sum: usize = missing.iter().map(|(_, missing)| missing).sum();
    const NAMED: usize = 8;
    let named: Vec<String> =
        missing.iter().take(NAMED).map(|(shard, _)| shard.to_string()).collect();
    let more = if missing.len() > NAMED { ", …" } else { "" };
    let (what, option) = match *first {
        Shard::WHOLE => (format!("{sum} of {all} runs are missing"), String::new()),
        shard => (
            format!("{sum} of {all} runs are missing, in the parts {}{more}", named.join(", ")),
            format!("--shard {shard} "),
        ),
    };
    let help = format!("run the command in sweep.json with {option}--resume, then gather again");
    Err(Error::new(what).in_file(folder.path()).help(help))
}
