//! What is written where, and what is said: the same for every command that traces.

use std::path::{Path, PathBuf};

use super::job::at_least_1;
use crate::error::{Error, Result};
use crate::threads;

/// What is written where.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "What is written")]
pub struct TargetArgs {
    /// The workbook to write [default: FILE.trace.xlsx beside the input]
    #[arg(short, long, value_name = "FILE.xlsx")]
    output: Option<PathBuf>,

    /// Write no report
    #[arg(long)]
    no_report: bool,

    /// Replace files even if gdtrace did not write them, or they were edited since
    #[arg(long)]
    pub force: bool,

    /// Work on so many threads; what is written is the same for any number [default: all cores]
    #[arg(long, value_name = "N", value_parser = at_least_1)]
    threads: Option<usize>,

    /// Print the results as one JSON object
    #[arg(long)]
    pub json: bool,

    /// Print nothing but warnings and errors, and what --json asks for
    #[arg(short, long)]
    pub quiet: bool,
}

impl TargetArgs {
    /// The output that the arguments name.
    pub fn output(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// The number of threads to work on.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(threads::cores)
    }

    /// The files to write for the input `file`; the workbook ends with `extension` where the
    /// arguments do not name it.
    ///
    /// # Errors
    /// An output that is no .xlsx file.
    pub fn paths(&self, file: &Path, extension: &str) -> Result<Paths> {
        let wanted = extension.rsplit('.').next().unwrap_or(extension);
        let workbook = match &self.output {
            Some(path) => check_extension(path, wanted)?.to_owned(),
            // Standard input has no name to go by.
            None if file.as_os_str() == "-" => Path::new("stdin").with_extension(extension),
            None => file.with_extension(extension),
        };
        let report = self.report(workbook.with_extension("html"));
        Ok(Paths { workbook, report })
    }

    /// The report, unless none is wanted.
    pub fn report(&self, path: PathBuf) -> Option<PathBuf> {
        (!self.no_report).then_some(path)
    }
}

/// The files to write.
pub struct Paths {
    /// The workbook.
    pub workbook: PathBuf,
    /// The report, where one is wanted.
    pub report: Option<PathBuf>,
}

impl Paths {
    /// Both.
    pub fn all(&self) -> Vec<&Path> {
        [Some(self.workbook.as_path()), self.report.as_deref()].into_iter().flatten().collect()
    }

    /// The name of the workbook, without its folder.
    pub fn workbook_name(&self) -> String {
        self.workbook.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

pub(super) fn check_extension<'p>(path: &'p Path, wanted: &str) -> Result<&'p Path> {
    let extension = path.extension().map(|one| one.to_string_lossy().to_lowercase());
    if extension.as_deref() == Some(wanted) {
        return Ok(path);
    }
    let other = format!("for example -o {}", path.with_extension(wanted).display());
    let (told, help) = match wanted {
        "xlsm" => (
            "the workbook has macros, so its copy must be an .xlsm workbook",
            format!("{other}; or add --separate for a workbook of its own"),
        ),
        _ => ("the output must be an .xlsx workbook", other),
    };
    Err(Error::new(told).in_argument(format!("-o {}", path.display())).help(help))
}
