//! Where the sheets of a run go: into the user's workbook, or into one of their own.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::target::{Paths, TargetArgs};
use crate::compare::training::trained_sheets;
use crate::data::added::{COMPARE, RUN};
use crate::data::source;
use crate::data::{Data, quoted};
use crate::error::{Error, Result};
use crate::export::in_place::InPlace;
use crate::export::package::Existing;
use crate::export::xlsx::{Host, MARKS};
use crate::graph::{Graph, Options, Workbook};
use crate::value::listed;

/// Where the sheets go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is written")]
pub struct PlaceArgs {
    /// Make a workbook of its own, with a copy of the data, instead of a copy of FILE with new sheets
    #[arg(long, conflicts_with = "in_place")]
    pub separate: bool,

    /// Add the sheets to FILE itself; as it was it is kept as FILE.bak
    #[arg(long, conflicts_with = "output")]
    pub in_place: bool,
}

/// Where the sheets go.
pub struct Place {
    /// The workbook that they are added to; none where they get one of their own.
    pub existing: Option<Existing>,
    /// The input, where it is exchanged for the output.
    pub in_place: Option<InPlace>,
    /// The workbook with its page.
    pub paths: Paths,
    /// Why there is a workbook of its own, where none was asked for.
    pub note: Option<String>,
}

impl PlaceArgs {
    /// The place of the sheets of a run over the data in `file`.
    ///
    /// # Errors
    /// `--in-place` where no sheets can be added, an output of another kind, a file that cannot be
    /// read.
    pub fn place(&self, file: &Path, target: &TargetArgs) -> Result<Place> {
        let (existing, why) = match self.separate {
            true => (None, None),
            false => existing(file, RUN)?,
        };
        if self.in_place {
            let Some(existing) = existing else {
                source::refuse_address(file)?;
                source::examine(file)?;
                return Err(no_place(file, why));
            };
            let report = file.with_extension("trace.html");
            let paths = Paths { workbook: file.to_owned(), report: target.report(report) };
            let in_place = Some(InPlace::new(file)?);
            return Ok(Place { existing: Some(existing), in_place, paths, note: None });
        }
        let note = why.map(|why| {
            format!(
                "no sheets can be added to {}: {why}; so the trace is a workbook of its own",
                file.display()
            )
        });
        let extension = match &existing {
            Some(existing) if existing.has_macros => "trace.xlsm",
            _ => "trace.xlsx",
        };
        let paths = target.paths(file, extension)?;
        Ok(Place { existing, in_place: None, paths, note })
    }
}

impl Place {
    /// No place: there is no workbook, but a page perhaps, of the workbook `named` so.
    ///
    /// # Errors
    /// `--in-place`.
    pub fn nowhere(args: &PlaceArgs, file: &Path, report: Option<PathBuf>) -> Result<Place> {
        if args.in_place {
            return Err(Error::new("--in-place adds sheets to the workbook, but none are written")
                .in_argument("--format")
                .help("add xlsx to --format, or leave out --in-place"));
        }
        let workbook = file.with_extension("trace.xlsx");
        let paths = Paths { workbook, report };
        Ok(Place { existing: None, in_place: None, paths, note: None })
    }
}

/// The workbook `file` for adding sheets of the `command` to; or none, and why, where it is a workbook
/// of that kind.
///
/// # Errors
/// It cannot be read.
pub fn existing(file: &Path, command: &str) -> Result<(Option<Existing>, Option<String>)> {
    if file.as_os_str() == source::STANDARD_INPUT {
        return Ok((None, None));
    }
    // What cannot be opened is told by who reads the data.
    let Ok(mut content) = File::open(file) else { return Ok((None, None)) };
    if !Existing::is_one(&mut content) {
        return Ok((None, None));
    }
    let failed = |error| Error::io("read the workbook", file, &error);
    match Existing::open(content, command).map_err(failed)? {
        Ok(existing) => Ok((Some(existing), None)),
        Err(why) => Ok((None, Some(why))),
    }
}

/// The same for marks on its sheets, which depend on a defined name.
///
/// # Errors
/// It cannot be read.
pub fn to_mark(file: &Path) -> Result<(Option<Existing>, Option<String>)> {
    let (existing, why) = existing(file, COMPARE)?;
    if existing.as_ref().is_some_and(|one| one.defines(MARKS)) {
        let why = format!("it has a defined name {MARKS} of its own");
        return Ok((None, Some(why)));
    }
    Ok((existing, why))
}

/// The workbook that a run over the `data` of `file` would write its sheets into, where the arguments
/// do not say otherwise.
///
/// # Errors
/// The file cannot be read.
pub fn usual_host(file: &Path, data: &Data) -> Result<Host> {
    host(existing(file, RUN)?.0.as_ref(), data)
}

/// What the sheets of a run over `data` have to know of the workbook that they are added to.
///
/// # Errors
/// The file with the data cannot be read.
pub fn host(existing: Option<&Existing>, data: &Data) -> Result<Host> {
    existing.map_or(Ok(Host::separate()), |one| Host::around(data, one.sheet_names()))
}

/// What is said of trainings that somebody built by hand in the workbook `file`, beside which the
/// sheets of the run stand in `output`.
pub fn built_by_hand(file: &Path, existing: &Existing, output: &Path) -> Option<String> {
    // A large workbook is one of data, and is not read twice.
    const LARGEST: u64 = 8 << 20;
    if std::fs::metadata(file).ok()?.len() > LARGEST {
        return None;
    }
    let workbook = Workbook::read(file, &Options::default()).ok()?;
    if workbook.sheets.iter().all(|sheet| sheet.formulas().is_empty()) {
        return None;
    }
    let graph = Graph::lift(&workbook);
    let theirs = existing.sheet_names();
    let trained = trained_sheets(&graph).into_iter().map(|at| &workbook.sheets[at].name);
    let names: Vec<String> =
        trained.filter(|name| theirs.contains(name)).map(|name| format!("'{name}'")).collect();
    let (sheets, them) = match &names[..] {
        [] => return None,
        [one] => (format!("the sheet {one} has a training"), "it"),
        names => (format!("the sheets {} have trainings", listed(names)), "them"),
    };
    let output = quoted(&output.to_string_lossy());
    Some(format!("{sheets} built by hand: gdtrace compare {output} checks {them}, beside these"))
}

/// The input is none that sheets can be added to.
fn no_place(file: &Path, why: Option<String>) -> Error {
    let error = match why {
        Some(why) => Error::new(format!("no sheets can be added to the workbook: {why}")),
        None => Error::new("sheets can be added to .xlsx and .xlsm workbooks only"),
    };
    let separate: PathBuf = file.with_extension("trace.xlsx");
    error.in_file(file).help(format!(
        "leave out --in-place: the trace becomes a workbook of its own, {}",
        separate.display()
    ))
}
