//! The folder with the parts of a sweep.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::about::About;
use crate::error::{Error, Result};
use crate::trace::sweep::Shard;

/// The file that says what sweep it is.
const ABOUT: &str = "sweep.json";

/// How the name of a part ends to which rows are added, and of one that has all.
const TEXT: &str = ".csv";
const SEALED: &str = ".parquet";

/// How a folder is begun in which there are runs already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// Not at all.
    Empty,
    /// The runs that are there are kept.
    GoOn,
    /// They are removed.
    Anew,
}

/// A folder with runs.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path` for the runs of the sweep `about`, in parts like `shard`. It is made where there is none.
    ///
    /// # Errors
    /// A folder with something else, or with the runs of another sweep; one with these runs unless `begin` says what
    /// to do with them.
    pub fn begin(path: &Path, about: &About, shard: Shard, begin: Begin) -> Result<Self> {
        let folder = Folder { path: path.to_owned() };
        folder.make()?;
        if begin == Begin::Anew && folder.about_path().exists() {
            folder.clear()?;
        }
        match folder.read_about()? {
            Some(theirs) => folder.check_same(about, &theirs)?,
            None => folder.publish(about)?,
        }
        if let Some(of) = folder.divisions()?.into_iter().find(|of| *of != shard.of) {
            let told = match of {
                1 => "the sweep was begun as a whole".to_owned(),
                of => format!("the sweep was begun in {of} parts"),
            };
            let help = match of {
                1 => "leave --shard out, or name another folder with --runs".to_owned(),
                of => format!(
                    "go on with --shard 1/{of} to {of}/{of}, or name another folder with --runs"
                ),
            };
            return Err(Error::new(told).in_file(path).help(help));
        }
        if begin == Begin::Empty && folder.part(shard).exists() {
            let what = match shard {
                Shard::WHOLE => "there are runs of this sweep already".to_owned(),
                shard => format!("there are runs of the part {shard} already"),
            };
            let help = match shard {
                Shard::WHOLE => "--resume goes on with what is missing; --force begins anew",
                _ => "--resume goes on with what is missing",
            };
            return Err(Error::new(what).in_file(&folder.part(shard)).help(help));
        }
        Ok(folder)
    }

    /// The folder at `path`, with what it says of its sweep.
    ///
    /// # Errors
    /// A folder without runs.
    pub fn open(path: &Path) -> Result<(Self, About)> {
        let folder = Folder { path: path.to_owned() };
        match folder.read_about()? {
            Some(about) => Ok((folder, about)),
            None => Err(Error::new("there are no runs of a sweep, since there is no sweep.json")
                .in_file(path)
                .help("name a folder that `gdtrace sweep --runs` or `--shard` wrote")),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a part to which rows are added.
    pub fn text(&self, shard: Shard) -> PathBuf {
        self.file(shard, TEXT)
    }

    /// The file of a part of which all runs are there.
    pub fn sealed(&self, shard: Shard) -> PathBuf {
        self.file(shard, SEALED)
    }

    /// The file of a part that is there, or the one that will be.
    pub fn part(&self, shard: Shard) -> PathBuf {
        Some(self.sealed(shard)).filter(|path| path.exists()).unwrap_or_else(|| self.text(shard))
    }

    fn file(&self, shard: Shard, end: &str) -> PathBuf {
        let width = shard.of.to_string().len();
        self.path.join(format!("part-{:0width$}-of-{}{end}", shard.number, shard.of))
    }

    /// A file there that goes unless it is put in a place, with the permissions of a new file.
    pub fn temporary(&self) -> io::Result<NamedTempFile> {
        let file = tempfile::Builder::new().prefix(".gdtrace-").tempfile_in(&self.path)?;
        share(file.as_file())?;
        Ok(file)
    }

    /// Checks that the runs here are those of the sweep `about`.
    ///
    /// # Errors
    /// They are not.
    pub fn check_same(&self, about: &About, theirs: &About) -> Result<()> {
        let Some(difference) = about.difference(theirs) else { return Ok(()) };
        Err(Error::new(format!("the runs there are those of another sweep: {difference}"))
            .in_file(&self.path)
            .help("name another folder with --runs, or say the same as there: sweep.json has the command"))
    }

    /// Into how many parts the sweep is divided: one number, unless parts of several divisions are there.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn divisions(&self) -> Result<Vec<usize>> {
        let mut divisions: Vec<usize> =
            self.names()?.iter().filter_map(|name| shard_of(name)).map(|one| one.of).collect();
        divisions.sort_unstable();
        divisions.dedup();
        Ok(divisions)
    }

    fn about_path(&self) -> PathBuf {
        self.path.join(ABOUT)
    }

    /// Makes the folder, where it is not there.
    fn make(&self) -> Result<()> {
        match fs::create_dir(&self.path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !self.path.is_dir() {
                    return Err(Error::new("the runs are written into a folder, and this is none")
                        .in_file(&self.path)
                        .help("name another folder with --runs"));
                }
                // In this order: whoever begins the same sweep now writes sweep.json before any part.
                let has_some = self.names()?.iter().any(|name| !name.starts_with('.'));
                if has_some && !self.about_path().exists() {
                    return Err(Error::new("the folder has something else than runs of a sweep")
                        .in_file(&self.path)
                        .help("name another folder with --runs"));
                }
                Ok(())
            }
            Err(error) => Err(Error::io("make the folder for the runs", &self.path, &error)),
        }
    }

    fn names(&self) -> Result<Vec<String>> {
        let failed = |error| Error::io("look into the folder", &self.path, &error);
        let entries = fs::read_dir(&self.path).map_err(failed)?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect::<io::Result<_>>().map_err(failed)
    }

    fn read_about(&self) -> Result<Option<About>> {
        let path = self.about_path();
        match fs::read_to_string(&path) {
            Ok(text) => About::read(&text).map(Some).map_err(|error| error.in_file(&path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read what sweep it is", &path, &error)),
        }
    }

    /// Puts `about` there, whole; or compares it with what another process of the same sweep has put there meanwhile.
    fn publish(&self, about: &About) -> Result<()> {
        let path = self.about_path();
        let failed = |error| Error::io("write what sweep it is", &path, &error);
        let mut file = self.temporary().map_err(failed)?;
        file.write_all(about.text()?.as_bytes()).map_err(failed)?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                match self.read_about()? {
                    Some(theirs) => self.check_same(about, &theirs),
                    None => Ok(()),
                }
            }
            Err(error) => Err(failed(error.error)),
        }
    }

    /// Removes what a sweep wrote there, and nothing else.
    fn clear(&self) -> Result<()> {
        let ours = self.names()?.into_iter().filter(|name| shard_of(name).is_some());
        for path in ours.map(|name| self.path.join(name)).chain([self.about_path()]) {
            fs::remove_file(&path).map_err(|error| Error::io("remove the runs", &path, &error))?;
        }
        Ok(())
    }
}

/// Gives a temporary file the permissions that a new file has.
#[cfg(unix)]
fn share(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_file: &fs::File) -> io::Result<()> {
    Ok(())
}

/// The part that a file of this name holds.
fn shard_of(name: &str) -> Option<Shard> {
    let name = name.strip_suffix(TEXT).or_else(|| name.strip_suffix(SEALED))?;
    let (number, of) = name.strip_prefix("part-")?.split_once("-of-")?;
    format!("{number}/{of}").parse().ok()
}
