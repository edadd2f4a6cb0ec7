//! A part of a sweep as a file: rows of text are added to its end, one for each run, in the order of the runs. When
//! all are there it becomes an Apache Parquet file.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::folder::Folder;
use super::line;
use super::row::{Field, Rows};
#[cfg(feature = "parquet")]
use super::sealed::{self, Sealed};
use crate::error::{Error, Result};
use crate::trace::sweep::{Ran, Shard};

/// What helps where a part is another.
pub const ANEW: &str = "remove the file, and run this part again";

/// Writes a part. It holds the file locked, so that no other process adds rows to it at the same time.
pub struct PartWriter<'a> {
    folder: &'a Folder,
    shard: Shard,
    rows: &'a Rows<'a>,
    /// None where all runs are there.
    file: Option<File>,
    /// How many runs are in it, and how many there will be.
    done: usize,
    all: usize,
}

impl<'a> PartWriter<'a> {
    /// Goes on with the part of `folder` that will have `all` its runs, or begins it. What stands behind the last whole
    /// row is cut off: the last writer was stopped there. `waits` is told where another process is writing it, which is
    /// waited for.
    ///
    /// # Errors
    /// A file that cannot be read or written, or that is no such part.
    pub fn open(
        (folder, shard): (&'a Folder, Shard),
        rows: &'a Rows<'a>,
        all: usize,
        waits: &dyn Fn(&Path),
    ) -> Result<Self> {
        let mut part = PartWriter { folder, shard, rows, file: None, done: all, all };
        if part.is_sealed()? {
            // Its writer may have been stopped between the two files that hold the same.
            return part.remove_text().map(|()| part);
        }
        let path = &folder.text(shard);
        let failed = |error| Error::io("write the runs", path, &error);
        let open = File::options().read(true).append(true).create(true).open(path);
        let mut file = open.map_err(failed)?;
        // Where files cannot be locked, who starts a part twice has to know.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            waits(path);
            file.lock().map_err(failed)?;
        }
        // Whoever held it may have sealed it meanwhile, so that this one has begun it anew.
        if part.is_sealed()? {
            return part.remove_text().map(|()| part);
        }
        let (done, length) = count(&file, path, rows, shard)?;
        if file.metadata().map_err(failed)?.len() != length {
            file.set_len(length).map_err(failed)?;
        }
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if length == 0 {
            file.write_all(line::head(rows).as_bytes()).map_err(failed)?;
        }
        (part.file, part.done) = (Some(file), done);
        Ok(part)
    }

    /// How many runs are in it.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Adds the row of the next run.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&mut self, index: usize, ran: &Ran) -> Result<()> {
        debug_assert_eq!(index, self.shard.index(self.done));
        let line = line::text(&self.rows.row(index, ran));
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(line.as_bytes()));
        written.map_err(|error| {
            Error::io("write the runs", &self.folder.text(self.shard), &error).help(
                "make room there; the runs so far are kept, and --resume goes on with the rest",
            )
        })?;
        self.done += 1;
        Ok(())
    }

    /// Waits until what was written would survive a power cut, too, and seals a part of which all runs are there.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let path = self.folder.text(self.shard);
        file.sync_data().map_err(|error| Error::io("write the runs", &path, &error))?;
        if self.done == self.all { self.seal() } else { Ok(()) }
    }

    /// Removes the text of a part that is sealed, where there is one.
    fn remove_text(&self) -> Result<()> {
        let path = self.folder.text(self.shard);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("remove the text of a part that is whole", &path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Whether all runs are there, in a file that is not written any more.
    #[cfg(feature = "parquet")]
    fn is_sealed(&self) -> Result<bool> {
        let path = self.folder.sealed(self.shard);
        if !path.exists() {
            return Ok(false);
        }
        if Sealed::open(&path, &self.rows.columns())?.rows() != self.all {
            return Err(Error::new("these are not all runs of the part").in_file(&path).help(ANEW));
        }
        Ok(true)
    }

    #[cfg(feature = "parquet")]
    fn seal(&self) -> Result<()> {
        let (text, path) = (self.folder.text(self.shard), self.folder.sealed(self.shard));
        let failed = |error| Error::io("write the runs", &path, &error);
        let file = self.folder.temporary().map_err(failed)?;
        sealed::write(file.as_file(), &self.rows.columns(), |take| {
            each_row_of_text(&text, self.rows, self.shard, take)
        })
        .map_err(|error| error.in_file(&path))?;
        file.as_file().sync_data().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        self.remove_text()
    }

    #[cfg(not(feature = "parquet"))]
    fn is_sealed(&self) -> Result<bool> {
        Ok(false)
    }

    #[cfg(not(feature = "parquet"))]
    fn seal(&self) -> Result<()> {
        Ok(())
    }
}

/// How many whole rows a part has, and how many bytes they are with its head.
fn count(file: &File, path: &Path, rows: &Rows, shard: Shard) -> Result<(usize, u64)> {
    let mut done = 0;
    let length = each_line(file, path, rows, &mut |line| {
        let index = shard.index(done);
        let number = line.split(|byte| *byte == b',').next().unwrap_or_default();
        if number != (index + 1).to_string().as_bytes() {
            return Err(wrong(path, done, index));
        }
        done += 1;
        Ok(())
    })?;
    Ok((done, length))
}

/// Hands the runs of a part that are there to `take`, with their indexes.
///
/// # Errors
/// A file that cannot be read or is no such part, and those of `take`.
pub fn each_run(
    (folder, shard): (&Folder, Shard),
    rows: &Rows,
    mut take: impl FnMut(usize, Ran) -> Result<()>,
) -> Result<()> {
    let mut done = 0;
    let mut read = |path: &Path, row: &[Field]| {
        let index = shard.index(done);
        let ran = rows.read(index, row).ok_or_else(|| wrong(path, done, index))?;
        done += 1;
        take(index, ran)
    };
    let sealed = folder.sealed(shard);
    if sealed.exists() {
        #[cfg(feature = "parquet")]
        return Sealed::open(&sealed, &rows.columns())?.each_row(&mut |row| read(&sealed, row));
        #[cfg(not(feature = "parquet"))]
        return Err(Error::new("this gdtrace was built without Parquet").in_file(&sealed));
    }
    let text = folder.text(shard);
    match text.exists() {
        true => each_row_of_text(&text, rows, shard, &mut |row| read(&text, row)),
        false => Ok(()),
    }
}

/// Hands the rows of a part that is text to `take`.
fn each_row_of_text(
    path: &Path,
    rows: &Rows,
    shard: Shard,
    take: &mut dyn FnMut(&[Field]) -> Result<()>,
) -> Result<()> {
    let file = File::open(path).map_err(|error| Error::io("read the runs", path, &error))?;
    let kinds: Vec<_> = rows.columns().into_iter().map(|(_, kind)| kind).collect();
    let mut done = 0;
    each_line(&file, path, rows, &mut |text| {
        let index = shard.index(done);
        let row = line::read(&kinds, text).ok_or_else(|| wrong(path, done, index))?;
        done += 1;
        take(&row)
    })
    .map(drop)
}

/// Hands the whole lines of a part behind its head to `take`; how many bytes they are with it. What follows the last
/// line end is torn.
fn each_line(
    file: &File,
    path: &Path,
    rows: &Rows,
    take: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<u64> {
    /// No row is longer, whatever is in the file.
    const LONGEST: u64 = 16 << 20;
    let failed = |error| Error::io("read the runs", path, &error);
    let head = line::head(rows);
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
        } else if line != head.as_bytes() {
            return Err(Error::new("the first line is not that of the runs of this sweep")
                .in_file(path)
                .help(ANEW));
        }
        length += line.len() as u64;
    }
}

fn wrong(path: &Path, done: usize, index: usize) -> Error {
    let (line, run) = (done + 2, index + 1);
    Error::new(format!("line {line} is not the run {run} of this sweep")).in_file(path).help(ANEW)
}
