//! Outputs that are whole but have no name yet.
//!
//! Where the system can give a name to a file that has none (Linux), the file is put in its place
//! without being copied. Elsewhere, and in folders that do not know such files, it is copied to a
//! temporary file beside its place.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, PathPersistError, TempPath};

/// What the temporary names begin with, before six letters or digits.
const PREFIX: &str = ".gdtrace-";
/// Where files cannot be locked: so old is none that another run is about to put in its place.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60);

/// One output, whole, but not yet in its place.
#[derive(Debug)]
pub(super) struct Staged {
    /// The path that was asked for.
    pub path: PathBuf,
    /// The file, without a name.
    pub content: File,
}

/// A staged output under a temporary name. It is locked for as long as the process that named it
/// lives, by which others tell it from what a killed run left.
pub(super) struct Named {
    name: TempPath,
    _locked: File,
}

impl Named {
    /// Gives a file without a name a temporary one in `directory`, with the `permissions` of the file that it replaces.
    pub(super) fn new(
        content: File,
        directory: &Path,
        permissions: Option<Permissions>,
    ) -> io::Result<Named> {
        let builder = || {
            let mut builder = tempfile::Builder::new();
            builder.prefix(PREFIX);
            builder
        };
        // Where nothing can be locked, a file's age has to do.
        let _ = content.try_lock();
        let linked = builder().make_in(directory, |name| link(&content, name));
        let named = match linked {
            Ok(linked) => Named { name: linked.into_temp_path(), _locked: content },
            Err(_) => Named::copied(content, builder().make_in(directory, create)?)?,
        };
        if let Some(permissions) = permissions {
            fs::set_permissions(&named.name, permissions)?;
        }
        Ok(named)
    }

    fn copied(mut content: File, mut copy: NamedTempFile<File>) -> io::Result<Named> {
        content.rewind()?;
        io::copy(&mut content, copy.as_file_mut())?;
        let (file, name) = copy.into_parts();
        Ok(Named { name, _locked: file })
    }

    /// Puts it in its `place`. What stands there is replaced only if `replace` says so.
    pub(super) fn put(self, place: &Path, replace: bool) -> Result<(), PathPersistError> {
        match replace {
            true => self.name.persist(place),
            false => self.name.persist_noclobber(place),
        }
    }
}

/// Opens a new file like any other, with the permissions that the user's files have, and locks it.
fn create(name: &Path) -> io::Result<File> {
    let file = File::options().write(true).create_new(true).open(name)?;
    match file.try_lock() {
        // Another run took it for one that was left, and is removing it: the next name, then.
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::AlreadyExists.into()),
        _ => Ok(file),
    }
}

/// Removes what runs left in `directory` that were killed between naming a file and putting it in its
/// place. What cannot be looked at or removed stays: nobody waits for it.
pub(super) fn sweep(directory: &Path) {
    let is_ours = |name: &str| {
        let rest = name.strip_prefix(PREFIX).unwrap_or_default();
        rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_ours) && is_left(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether the process that named the file at `path` has ended.
fn is_left(path: &Path) -> bool {
    // Not a link, nor anything that opening could wait for.
    let Some(data) = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file) else {
        return false;
    };
    let age = data.modified().ok().and_then(|time| time.elapsed().ok());
    let old = age.is_some_and(|age| age > LEFT_BEHIND);
    // Some systems lock only what is open for writing.
    match File::options().read(true).write(true).open(path) {
        Ok(file) => match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => old,
        },
        Err(_) => old,
    }
}

/// A file without a name in `directory`.
///
/// # Errors
/// When none can be made there.
pub(super) fn unnamed_in(directory: &Path) -> io::Result<File> {
    nameless(directory).or_else(|_| tempfile::tempfile_in(directory))
}

/// How many bytes there is room for in `directory`, where the system tells.
#[cfg(target_os = "linux")]
pub(super) fn room_in(directory: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(directory).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn room_in(_directory: &Path) -> Option<u64> {
    None
}

#[cfg(target_os = "linux")]
fn nameless(directory: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    // What the user's settings take away from these is what they take away from any file.
    Ok(rustix::fs::open(directory, flags, Mode::from_raw_mode(0o666))?.into())
}

#[cfg(target_os = "linux")]
fn link(file: &File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD};
    use std::os::fd::AsRawFd;
    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::linkat(CWD, descriptor, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_directory: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn link(_file: &File, _name: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
