//! Safe outputs: nothing is replaced that cannot be made again, and nothing is left half done.
//!
//! A command first *plans* its outputs, before any long computation: a path that may not be
//! written is refused at once. Then it *stages* each output into a file without a name in the folder
//! of its place, which the system removes when the process ends, however it ends. Only when all of
//! them are whole does it *commit*: each gets a temporary name, and when all have one they are
//! renamed. So a run that fails or is killed leaves the old files as they were, and takes no more
//! room than the outputs themselves.
//!
//! ```no_run
//! # fn main() -> gdtrace::error::Result<()> {
//! use std::path::Path;
//! use gdtrace::export::output::{About, Outputs};
//!
//! let (table, page) = (Path::new("table.xlsx"), Path::new("page.html"));
//! let mut outputs = Outputs::new(&[Path::new("input.xlsx")], false);
//! outputs.plan(table)?;
//! outputs.plan(page)?;
//! let mut workbook = rust_xlsxwriter::Workbook::new();
//! workbook.add_worksheet();
//! outputs.stage_workbook(table, &mut workbook, &About { title: "A table", subject: "Trying", properties: &[] })?;
//! outputs.stage(page, |writer| writer.write_all(b"<!doctype html>\n"))?;
//! outputs.commit()
//! # }
//! ```

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use zip::ZipArchive;

use crate::data::added::RUN;
use crate::error::{Error, Place, Result};
use crate::export::fingerprint::{
    PLACEHOLDER, PROPERTIES_PART, PROPERTY, Seal, write_marked, write_page,
};
use crate::export::in_place::InPlace;
use crate::export::package::archive::{self, Archive};
use crate::export::package::{Addition, Existing, Package, add_sheets, cannot_write, copy_parts};
use crate::export::place::{
    ANOTHER_HELP, Target, check_directory, check_replaceable, directory_of, enough_room,
    is_same_file, resolve,
};
use crate::export::staged::{Named, Staged, room_in, sweep, unnamed_in};
use crate::export::xlsx::Book;

/// Held while outputs are put in their places; whether any have been.
static COMMITS: Mutex<bool> = Mutex::new(false);

fn commits() -> MutexGuard<'static, bool> {
    COMMITS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `end`, with whether any outputs have been put in their places, when none are halfway there.
pub fn between_commits(end: impl FnOnce(bool)) {
    end(*commits());
}

/// What a workbook says about itself in its document properties.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its title.
    pub title: &'a str,
    /// One line on what it holds.
    pub subject: &'a str,
    /// Properties of its own: names and texts.
    pub properties: &'a [(String, String)],
}

/// The outputs of one command, which come into being together or not at all.
#[derive(Debug)]
pub struct Outputs {
    inputs: Vec<PathBuf>,
    force: bool,
    planned: Vec<PathBuf>,
    staged: Vec<Staged>,
    /// The input that is exchanged for an output.
    in_place: Option<InPlace>,
    /// The folders that were made for outputs.
    folders: Vec<Folder>,
}

/// A folder that was made for outputs, and goes when it is still empty in the end.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // Not where there is something in it.
        let _ = fs::remove_dir(&self.0);
    }
}

/// The package that rust_xlsxwriter wrote, and the one that is made of it.
type Packages<'p, 'r, 'w> =
    (&'p mut ZipArchive<io::BufReader<&'r File>>, &'p mut Archive<BufWriter<&'w File>>);

impl Outputs {
    /// No outputs yet, for a command that reads `inputs`. With `force`, files that gdtrace did not
    /// write, or that were edited since, are replaced too; an input never is.
    pub fn new(inputs: &[&Path], force: bool) -> Self {
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        Outputs {
            inputs,
            force,
            planned: Vec::new(),
            staged: Vec::new(),
            in_place: None,
            folders: Vec::new(),
        }
    }

    /// Announces an output and checks that it may be written. Call it before computing anything.
    ///
    /// # Errors
    /// When `path` is an input (also through links), a directory or a device, or another output of
    /// the same command; when its directory is missing or cannot be written to; when a file stands
    /// there that gdtrace did not write or that was edited since, unless forced.
    pub fn plan(&mut self, path: &Path) -> Result<()> {
        let target = self.check(path)?;
        if self.planned.contains(&target.place) {
            return Err(Error::new("two outputs of this command have the same name")
                .in_file(path)
                .help("give each output its own file"));
        }
        self.planned.push(target.place);
        Ok(())
    }

    /// Announces that an output goes in the place of an input, which is kept beside it.
    pub(crate) fn exchange(&mut self, input: InPlace) {
        self.in_place = Some(input);
    }

    /// Checks that there is room for so many `bytes` where `path` is, as far as the system tells.
    /// Call it before computing anything.
    ///
    /// # Errors
    /// There is not.
    pub fn check_room(&self, path: &Path, bytes: u64) -> Result<()> {
        let place = resolve(path)?;
        let room = room_in(directory_of(&place)).unwrap_or(u64::MAX);
        enough_room(bytes, room).map_err(|error| error.in_file(path))
    }

    /// Stages `workbook` as the output `path`. Its document properties are set here: what `about`
    /// says, a fixed date, and the fingerprint.
    ///
    /// # Errors
    /// When the workbook cannot be written, and those of [`Outputs::plan`] if it was not planned.
    pub fn stage_workbook(
        &mut self,
        path: &Path,
        workbook: &mut Workbook,
        about: &About,
    ) -> Result<()> {
        self.stage_saved(path, workbook, about, &mut |_, _| Ok(false))
    }

    /// Stages a workbook with tall sheets, whose rows are written now.
    ///
    /// # Errors
    /// Those of [`stage_workbook`](Self::stage_workbook).
    pub fn stage_book(&mut self, path: &Path, mut book: Book, about: &About) -> Result<()> {
        let mut workbook = std::mem::take(&mut book.workbook);
        self.stage_saved(path, &mut workbook, about, &mut |name, (package, archive)| {
            if !book.changes(name) {
                return Ok(false);
            }
            let xml = archive::text(package, name).map_err(|error| cannot_write(&error))?;
            book.write(name, &xml, (archive, name))
        })
    }

    /// Stages what rust_xlsxwriter saves of `workbook`, but for the parts that `own` writes itself.
    fn stage_saved(
        &mut self,
        path: &Path,
        workbook: &mut Workbook,
        about: &About,
        own: &mut dyn FnMut(&str, Packages) -> Result<bool>,
    ) -> Result<()> {
        let failed = |error| cannot_write(&error);
        let properties = properties(about).map_err(Error::from)?;
        workbook.set_properties(&properties);
        let saved = saved(path, workbook)?;
        let mut package = archive::open(&saved).map_err(failed)?;
        self.stage_with(path, |content| {
            let mut archive = Archive::new(BufWriter::new(content));
            copy_parts(&mut package, &mut archive, |name, package, archive| {
                Ok(name == PROPERTIES_PART || own(name, (package, archive))?)
            })?;
            let text = archive::text(&mut package, PROPERTIES_PART).map_err(failed)?;
            write_marked(&mut archive, PROPERTIES_PART, &text).map_err(failed)?;
            archive.finish().map_err(failed)?;
            Ok(())
        })
    }

    /// Stages the workbook `theirs` (.xlsx, .xlsm) with the sheets of `book` behind its own as the output
    /// `path`: what stands in it stays, but for sheets that an earlier run added.
    ///
    /// # Errors
    /// Those of [`Outputs::stage_workbook`], and a workbook that no sheets can be added to.
    pub fn stage_behind(
        &mut self,
        path: &Path,
        theirs: &Path,
        book: Book,
        about: &About,
    ) -> Result<()> {
        let failed = |error| Error::io("read the workbook", theirs, &error);
        let existing = File::open(theirs).and_then(|file| Existing::open(file, RUN));
        let existing = existing.map_err(failed)?.map_err(|why| {
            Error::new(format!("no sheets can be added to the workbook: {why}")).in_file(theirs)
        })?;
        self.stage_added(path, existing, book, (RUN, about))
    }

    /// Stages `existing` with the sheets of `book` behind its own. What `about` says, and the
    /// fingerprint, stand in a part of their own.
    ///
    /// # Errors
    /// Those of [`Outputs::stage_workbook`], and when the existing workbook cannot be read any more.
    pub(crate) fn stage_added(
        &mut self,
        path: &Path,
        existing: Existing,
        mut book: Book,
        (command, about): (&str, &About),
    ) -> Result<()> {
        let failed = |error| cannot_write(&error);
        let saved = saved(path, &mut book.workbook)?;
        let ours = Package::open(saved).map_err(failed)?;
        let mark = (PROPERTY.to_owned(), PLACEHOLDER.to_owned());
        let properties: Vec<_> = about.properties.iter().cloned().chain([mark]).collect();
        let (overlays, condition) = (book.overlays.clone(), book.condition);
        let addition =
            Addition { command, properties: &properties, overlays: &overlays, condition };
        self.stage_with(path, |content| {
            let mut archive = Archive::new(BufWriter::new(content));
            let (name, text) =
                add_sheets(existing, ours, &addition, &mut archive, &mut |part, xml, own| {
                    book.write(part, xml, own)
                })?;
            write_marked(&mut archive, &name, &text).map_err(failed)?;
            archive.finish().map_err(failed)?;
            Ok(())
        })
    }

    /// Announces that outputs go into the folder `path`, and makes it where it is missing; it is removed
    /// again where none of them come into being.
    ///
    /// # Errors
    /// When something else stands there, or the folder cannot be made.
    pub fn plan_folder(&mut self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        if path.symlink_metadata().is_ok() {
            return Err(Error::new("the outputs go into a folder, but this is none")
                .in_file(path)
                .help("name another folder"));
        }
        // What stands above it is checked as for any output.
        let place = self.check(path)?.place;
        fs::create_dir(&place).map_err(|error| Error::io("make the folder", path, &error))?;
        self.folders.push(Folder(place));
        Ok(())
    }

    /// Stages what `write` writes as the output `path`. An .html file gets the fingerprint as a
    /// comment at its end.
    ///
    /// # Errors
    /// When `write` fails, and those of [`Outputs::plan`] if the output was not planned.
    pub fn stage(
        &mut self,
        path: &Path,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<()> {
        self.stage_with(path, |content| {
            let mut writer = BufWriter::new(content);
            match Seal::of(path) {
                Seal::Comment => write_page(&mut writer, write),
                _ => write(&mut writer),
            }
            .and_then(|()| writer.flush())
            .map_err(|error| Error::io("write the output", path, &error))
        })
    }

    /// Stages what `write` writes as the output `path`, where that fails with errors of its own.
    ///
    /// # Errors
    /// When `write` fails, and those of [`Outputs::plan`] if the output was not planned.
    pub fn stage_table(
        &mut self,
        path: &Path,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<()> {
        self.stage_with(path, |content| {
            let mut writer = BufWriter::new(content);
            write(&mut writer)?;
            writer.flush().map_err(|error| Error::io("write the output", path, &error))
        })
    }

    fn stage_with(&mut self, path: &Path, write: impl FnOnce(&File) -> Result<()>) -> Result<()> {
        let place = resolve(path)?;
        if !self.planned.contains(&place) {
            self.plan(path)?;
        }
        let content = unnamed_in(directory_of(&place))
            .map_err(|error| Error::io("write a temporary file", path, &error))?;
        write(&content).map_err(|error| match error.place() {
            Place::Nowhere => error.in_file(path),
            _ => error,
        })?;
        self.staged.push(Staged { path: path.to_owned(), content });
        Ok(())
    }

    /// Puts all staged outputs in their places. The places are checked again: much can happen
    /// to them during a long computation.
    ///
    /// # Errors
    /// Those of [`Outputs::plan`], and when writing fails. No file is replaced unless all are whole.
    pub fn commit(mut self) -> Result<()> {
        let mut is_any_done = commits();
        // What takes long comes before anything has a name.
        if let Some(input) = &self.in_place {
            input.check()?;
            input.keep()?;
        }
        let mut whole = Vec::new();
        for Staged { path, content } in std::mem::take(&mut self.staged) {
            let target = self.check(&path)?;
            let permissions = target.existing.as_ref().map(fs::Metadata::permissions);
            let named = Named::new(content, directory_of(&target.place), permissions)
                .map_err(|error| Error::io("write the output", &path, &error))?;
            whole.push((path, target, named));
        }
        if let Some(input) = &self.in_place {
            input.check()?;
        }
        for (path, target, named) in whole {
            // A file that came into being since the check is not known to be gdtrace's own.
            named
                .put(&target.place, target.existing.is_some() || self.force)
                .map_err(|error| Error::io("put the output in its place", &path, &error.error))?;
            sweep(directory_of(&target.place));
        }
        *is_any_done = true;
        Ok(())
    }

    fn check(&self, path: &Path) -> Result<Target> {
        let place = resolve(path)?;
        if self.in_place.as_ref().is_some_and(|input| input.is(&place)) {
            let existing = fs::metadata(&place)
                .map_err(|error| Error::io("look at the workbook", path, &error))?;
            check_directory(path, &place)?;
            return Ok(Target { place, existing: Some(existing) });
        }
        if let Some(input) = self.inputs.iter().find(|input| is_same_file(input, &place)) {
            return Err(Error::new(format!(
                "the output is the input {}, and gdtrace never writes to its input",
                input.display()
            ))
            .in_file(path)
            .help(ANOTHER_HELP));
        }
        let existing = match fs::metadata(&place) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("look at the output's place", path, &error)),
        };
        match &existing {
            Some(metadata) => check_replaceable(path, metadata, self.force)?,
            None => check_directory(path, &place)?,
        }
        Ok(Target { place, existing })
    }
}

/// Document properties with a fixed date, since the same input has to give the same bytes.
fn properties(about: &About) -> Result<DocProperties, rust_xlsxwriter::XlsxError> {
    let date = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let known = DocProperties::new()
        .set_title(about.title)
        .set_subject(about.subject)
        .set_author("gdtrace")
        .set_comment("Made by gdtrace")
        .set_creation_datetime(&date)
        .set_custom_property(PROPERTY, PLACEHOLDER);
    let own = about.properties.iter();
    Ok(own.fold(known, |all, (name, text)| all.set_custom_property(name, text.as_str())))
}

/// What rust_xlsxwriter saves of a workbook, in a file without a name beside its place; little of one
/// with tall sheets, which are the large ones. It saves into memory, as it bears no disk that is full.
fn saved(path: &Path, workbook: &mut Workbook) -> Result<File> {
    let bytes = workbook.save_to_buffer().map_err(Error::from)?;
    let failed = |error| cannot_write(&error).in_file(path);
    let mut file = unnamed_in(directory_of(&resolve(path)?)).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    Ok(file)
}
