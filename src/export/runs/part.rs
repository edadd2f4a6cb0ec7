//! A part of a sweep as a file: rows are added to its end, one for each run, in the order of the runs.
//!
//! Whoever writes parts in another format exchanges this file alone.

use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::row::Rows;
use crate::error::{Error, Result};
use crate::trace::sweep::{Ran, Shard};

/// Writes a part. It holds the file locked, so that no other process adds rows to it at the same time.
pub struct PartWriter<'a> {
    path: PathBuf,
    file: File,
    rows: &'a Rows<'a>,
    shard: Shard,
    /// How many runs are in it.
    done: usize,
}

impl<'a> PartWriter<'a> {
    /// Goes on with the part at `path`, or begins it. What stands behind the last whole row is cut off: the last
    /// writer was stopped there. `waits` is told where another process is writing it, which is waited for.
    ///
    /// # Errors
    /// A file that cannot be read or written, or that is no such part.
    pub fn open(
        path: &Path,
        rows: &'a Rows<'a>,
        shard: Shard,
        waits: &dyn Fn(&Path),
    ) -> Result<Self> {
        let failed = |error| Error::io("write the runs", path, &error);
        let open = File::options().read(true).append(true).create(true).open(path);
        let mut file = open.map_err(failed)?;
        // Where files cannot be locked, who starts a part twice has to know.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            waits(path);
            file.lock().map_err(failed)?;
        }
        let (done, length) = count(&file, path, rows, shard)?;
        if file.metadata().map_err(failed)?.len() != length {
            file.set_len(length).map_err(failed)?;
        }
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if length == 0 {
            file.write_all(rows.head().as_bytes()).map_err(failed)?;
        }
        Ok(PartWriter { path: path.to_owned(), file, rows, shard, done })
    }

    /// How many runs are in it.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The index of the run that is written next.
    fn next(&self) -> usize {
        self.shard.index(self.done)
    }

    /// Adds the row of the next run.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&mut self, index: usize, ran: &Ran) -> Result<()> {
        debug_assert_eq!(index, self.next());
        let line = self.rows.line(index, ran);
        self.file.write_all(&line).map_err(|error| {
            Error::io("write the runs", &self.path, &error).help(
                "make room there; the runs so far are kept, and --resume goes on with the rest",
            )
        })?;
        self.done += 1;
        Ok(())
    }

    /// Waits until what was written would survive a power cut, too.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> Result<()> {
        self.file.sync_data().map_err(|error| Error::io("write the runs", &self.path, &error))
    }
}

/// How many whole rows a part has, and how many bytes they are with its head.
fn count(file: &File, path: &Path, rows: &Rows, shard: Shard) -> Result<(usize, u64)> {
    let mut done = 0;
    let length = each_row(file, path, rows, &mut |line| {
        let index = shard.index(done);
        if !rows.is_numbered(index, line) {
            return Err(wrong(path, done, index));
        }
        done += 1;
        Ok(())
    })?;
    Ok((done, length))
}

/// Hands the runs of a part to `take`, with their indexes; how many there are.
///
/// # Errors
/// A file that cannot be read or is no such part, and those of `take`.
pub fn each_run(
    path: &Path,
    rows: &Rows,
    shard: Shard,
    mut take: impl FnMut(usize, Ran) -> Result<()>,
) -> Result<usize> {
    let failed = |error| Error::io("read the runs", path, &error);
    let file = File::open(path).map_err(failed)?;
    let mut done = 0;
    each_row(&file, path, rows, &mut |line| {
        let index = shard.index(done);
        let ran = rows.read(index, line).ok_or_else(|| wrong(path, done, index))?;
        done += 1;
        take(index, ran)
    })?;
    Ok(done)
}

/// Hands the whole rows of a part to `take`; how many bytes they are with its head. What follows the last line
/// end is torn.
fn each_row(
    file: &File,
    path: &Path,
    rows: &Rows,
    take: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<u64> {
    /// No row is longer, whatever is in the file.
    const LONGEST: u64 = 16 << 20;
    let failed = |error| Error::io("read the runs", path, &error);
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut line, mut length) = (Vec::new(), 0);
    loop {
        line.clear();
        reader.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(failed)?;
        if line.last() != Some(&b'\n') {
            return Ok(length);
        }
        if length > 0 {
            take(&line)?;
        } else if line != rows.head().as_bytes() {
            return Err(Error::new("the first line is not that of the runs of this sweep")
                .in_file(path)
                .help(ANEW));
        }
        length += line.len() as u64;
    }
}

const ANEW: &str = "remove the file, and run this part again";

fn wrong(path: &Path, done: usize, index: usize) -> Error {
    let (line, run) = (done + 2, index + 1);
    Error::new(format!("line {line} is not the run {run} of this sweep")).in_file(path).help(ANEW)
}
