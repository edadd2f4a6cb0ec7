//! Exchanging the very file that was read for one with more in it (`--in-place`).
//!
//! The file as it was is kept beside it with `.bak` at its end. Nothing is exchanged while another
//! program has the file open, as far as such programs show it, nor where it changed since it was
//! read: what somebody did to it in the meantime would be lost.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crc32fast::Hasher;

use super::fingerprint::Seal;
use super::staged::{Named, unnamed_in};
use crate::error::{Error, Result};

/// A file that is to be exchanged, as it was when it was read.
#[derive(Debug)]
pub(crate) struct InPlace {
    /// As the user names it.
    path: PathBuf,
    /// Without symbolic links.
    place: PathBuf,
    stamp: Stamp,
}

/// By what a changed file is known.
#[derive(Debug, PartialEq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    checksum: u32,
}

impl InPlace {
    /// The file at `path`, which has not been read yet.
    ///
    /// # Errors
    /// It is no ordinary file, may not be written to, or another program has it open.
    pub fn new(path: &Path) -> Result<InPlace> {
        let failed = |error| Error::io("look at the workbook", path, &error);
        let place = path.canonicalize().map_err(failed)?;
        let metadata = fs::metadata(&place).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Error::new("--in-place needs an ordinary file").in_file(path));
        }
        if metadata.permissions().readonly() {
            return Err(Error::new("the file may only be read, so no sheets can be added to it")
                .in_file(path)
                .help("allow writing to it, or leave out --in-place"));
        }
        let stamp = Stamp::of(&place).map_err(failed)?;
        let file = InPlace { path: path.to_owned(), place, stamp };
        file.check_closed()?;
        Ok(file)
    }

    /// Whether this is the file at `place`.
    pub fn is(&self, place: &Path) -> bool {
        self.place == place
    }

    /// Checks that the file is still what was read, and that nobody has opened it.
    ///
    /// # Errors
    /// It changed, or another program has it open.
    pub fn check(&self) -> Result<()> {
        self.check_closed()?;
        let now = Stamp::of(&self.place);
        if now.is_ok_and(|now| now == self.stamp) {
            return Ok(());
        }
        Err(Error::new("the file changed while gdtrace was at work, so it was left as it is now")
            .in_file(&self.path)
            .help("run the command again"))
    }

    /// Checks for the files by which Excel and LibreOffice show that they have one open.
    fn check_closed(&self) -> Result<()> {
        let name = self.place.file_name().unwrap_or_default();
        let beside = |before: &str, behind: &str| {
            let mut lock = OsString::from(before);
            lock.push(name);
            lock.push(behind);
            self.place.with_file_name(lock)
        };
        let locks = [("Excel", beside("~$", "")), ("LibreOffice", beside(".~lock.", "#"))];
        let Some((program, lock)) = locks.iter().find(|(_, lock)| lock.exists()) else {
            return Ok(());
        };
        Err(Error::new(format!("{program} has the file open, and would not see the new sheets"))
            .in_file(&self.path)
            .help(format!(
                "close it there first; if it is not open any more, delete {}",
                lock.display()
            )))
    }

    /// Keeps the file as `.bak` beside it. One that gdtrace added sheets to and that nobody changed
    /// since can be made again: then what it was made from stays there.
    ///
    /// # Errors
    /// The copy cannot be made.
    pub fn keep(&self) -> Result<()> {
        let backup = self.backup();
        let failed = |error| Error::io("keep the file as it was", &backup, &error);
        let mut old = File::open(&self.place).map_err(failed)?;
        if backup.exists() && Seal::of(&self.place).is_intact(&mut old) {
            return Ok(());
        }
        let copy = self.copy().map_err(failed)?;
        copy.put(&backup, true).map_err(|error| failed(error.error))
    }

    /// A copy of the file beside it: whole, whatever stands at the place of the backup so far.
    fn copy(&self) -> io::Result<Named> {
        let folder = self.place.parent().unwrap_or(Path::new("."));
        let mut content = unnamed_in(folder)?;
        let mut old = File::open(&self.place)?;
        io::copy(&mut old, &mut content)?;
        content.sync_all()?;
        let permissions = old.metadata()?.permissions();
        Named::new(content, folder, Some(permissions))
    }

    /// Where the file as it was is kept.
    pub fn backup(&self) -> PathBuf {
        let mut name = self.place.clone().into_os_string();
        name.push(".bak");
        PathBuf::from(name)
    }
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Stamp> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let mut hasher = Hasher::new();
        let mut block = vec![0; 64 * 1024];
        loop {
            match file.read(&mut block)? {
                0 => break,
                read => hasher.update(&block[..read]),
            }
        }
        Ok(Stamp {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            checksum: hasher.finalize(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a file of this content.
    fn folder(content: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xlsx");
        fs::write(&path, content).unwrap();
        (folder, path)
    }

    #[test]
    fn a_file_that_changes_in_between_is_left_as_it_is_now() {
        let (_folder, path) = folder("one");
        let file = InPlace::new(&path).unwrap();
        assert!(file.check().is_ok());
        // Of the same length, and at whatever time.
        fs::write(&path, "two").unwrap();
        let error = file.check().unwrap_err();
        assert_eq!(
            error.what(),
            "the file changed while gdtrace was at work, so it was left as it is now"
        );
        assert_eq!(error.advice(), Some("run the command again"));
        assert_eq!(error.place(), &crate::error::Place::File(path.clone()));
        fs::remove_file(&path).unwrap();
        assert!(file.check().is_err(), "it is gone");
    }

    #[test]
    fn a_file_that_is_opened_in_between_is_left_alone() {
        let (folder, path) = folder("one");
        let file = InPlace::new(&path).unwrap();
        let lock = folder.path().join("~$a.xlsx");
        fs::write(&lock, "").unwrap();
        let error = file.check().unwrap_err();
        assert!(error.what().starts_with("Excel has the file open"), "{error}");
        fs::remove_file(&lock).unwrap();
        assert!(file.check().is_ok());
    }

    #[test]
    fn what_stood_beside_is_replaced_whole() {
        let (folder, path) = folder("one");
        let backup = folder.path().join("a.xlsx.bak");
        fs::write(&backup, "something longer").unwrap();
        let file = InPlace::new(&path).unwrap();
        file.keep().unwrap();
        assert_eq!(fs::read_to_string(&backup).unwrap(), "one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_no_ordinary_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = InPlace::new(folder.path()).unwrap_err();
        assert_eq!(error.what(), "--in-place needs an ordinary file");
        assert!(InPlace::new(&folder.path().join("none.xlsx")).is_err());
    }
}
