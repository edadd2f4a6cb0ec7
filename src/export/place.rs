//! Places of outputs: whether a file may be written there, and whether it is one that is read.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::fingerprint::Seal;
use super::staged::unnamed_in;
use crate::error::{Error, Result};

const REPLACE_HELP: &str = "name another output file, or add --force to replace this one";
/// What to do about a place that cannot be had.
pub(super) const ANOTHER_HELP: &str = "name another output file";

/// A place that may be written to.
pub(super) struct Target {
    /// Without symbolic links, so that renaming replaces the file and not the link to it.
    pub place: PathBuf,
    /// The file that stands there.
    pub existing: Option<fs::Metadata>,
}

/// Checks that the file at `path` may be replaced.
pub(super) fn check_replaceable(path: &Path, metadata: &fs::Metadata, force: bool) -> Result<()> {
    if metadata.is_dir() {
        return Err(Error::new("the output is a directory").in_file(path).help(ANOTHER_HELP));
    }
    if !metadata.is_file() {
        return Err(Error::new("the output is not an ordinary file")
            .in_file(path)
            .help(ANOTHER_HELP));
    }
    if force {
        return Ok(());
    }
    let mut file =
        File::open(path).map_err(|error| Error::io("read the existing output", path, &error))?;
    match Seal::of(path) {
        seal if seal.is_intact(&mut file) => Ok(()),
        Seal::None => Err(Error::new("the output exists already").in_file(path).help(REPLACE_HELP)),
        _ => Err(Error::new(
            "the output exists already, and gdtrace did not write it or it was edited since",
        )
        .in_file(path)
        .help(REPLACE_HELP)),
    }
}

/// Checks that an output of so many bytes has `room`.
pub(super) fn enough_room(bytes: u64, room: u64) -> Result<()> {
    if bytes <= room {
        return Ok(());
    }
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    Err(Error::new(format!(
        "the output takes {} MB or more, but there is room for {} MB in its folder",
        megabytes(bytes),
        room / 1_000_000
    ))
    .help("make room there, name a file in another folder, or take fewer steps"))
}

/// Checks that the directory of `place` can be written to, with a file that has no name there.
pub(super) fn check_directory(path: &Path, place: &Path) -> Result<()> {
    unnamed_in(directory_of(place))
        .map(drop)
        .map_err(|error| Error::io("write into the output's directory", path, &error))
}

/// `path` without symbolic links and relative steps; the file itself need not exist.
pub(super) fn resolve(path: &Path) -> Result<PathBuf> {
    if path.is_symlink() {
        return path
            .canonicalize()
            .map_err(|error| Error::io("follow the link that the output is", path, &error));
    }
    let Some(name) = path.file_name() else {
        return Err(Error::new("the output names no file").in_file(path).help(ANOTHER_HELP));
    };
    let directory = directory_of(path);
    match directory.canonicalize() {
        Ok(directory) => Ok(directory.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Error::new(format!("the directory {} does not exist", directory.display()))
                .in_file(path)
                .help("make the directory first, or name another output file"))
        }
        Err(error) => Err(Error::io("find the output's directory", path, &error)),
    }
}

pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        _ => Path::new("."),
    }
}

/// Whether both are one file, under whatever names.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    let same_name = match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    same_name || is_hard_link(one, other)
}

#[cfg(unix)]
fn is_hard_link(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

// Elsewhere a second hard link is not recognised; renaming over it still leaves the input alone.
#[cfg(not(unix))]
fn is_hard_link(_one: &Path, _other: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_without_room_is_refused_with_both_sizes() {
        assert!(enough_room(5_000_000, 5_000_000).is_ok());
        assert_eq!(
            enough_room(1_234_567_890, 98_765_432).unwrap_err().to_string(),
            "the output takes 1235 MB or more, but there is room for 98 MB in its folder\n  help: \
             make room there, name a file in another folder, or take fewer steps"
        );
    }
}
