//! Files that are written only where they are asked for, beside what is printed: a workbook and a
//! page.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::export::output::Outputs;

/// Where to write what is printed in more detail. A command says in its own words what its files
/// show.
#[derive(Debug, clap::Args)]
pub struct FileArgs {
    /// Write a workbook
    #[arg(short, long, value_name = "FILE.xlsx")]
    pub output: Option<PathBuf>,

    /// Write a page
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Replace files even if gdtrace did not write them, or they were edited since
    #[arg(long)]
    force: bool,
}

impl FileArgs {
    /// The workbook.
    ///
    /// # Errors
    /// A file of another kind.
    pub fn workbook(&self) -> Result<Option<&Path>> {
        of_kind(self.output.as_deref(), "-o", "xlsx")
    }

    /// The outputs, planned before anything is computed: none may be one of the `inputs`.
    ///
    /// # Errors
    /// A file of another kind, and those of [`Outputs::plan`].
    pub fn plan(&self, inputs: &[&Path]) -> Result<Outputs> {
        self.plan_as("xlsx", inputs)
    }

    /// The same with a workbook of the kind `extension`.
    ///
    /// # Errors
    /// Those of [`FileArgs::plan`].
    pub fn plan_as(&self, extension: &str, inputs: &[&Path]) -> Result<Outputs> {
        let mut outputs = Outputs::new(inputs, self.force);
        if let Some(path) = of_kind(self.output.as_deref(), "-o", extension)? {
            outputs.plan(path)?;
        }
        if let Some(path) = of_kind(self.report.as_deref(), "--report", "html")? {
            outputs.plan(path)?;
        }
        Ok(outputs)
    }
}

/// The path, where it ends as files of the `wanted` kind do.
///
/// # Errors
/// A file of another kind.
pub(super) fn of_kind<'p>(
    path: Option<&'p Path>,
    option: &str,
    wanted: &str,
) -> Result<Option<&'p Path>> {
    let is_other = |path: &&Path| {
        !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
    };
    match path.filter(is_other) {
        None => Ok(path),
        Some(path) => Err(Error::new(match wanted {
            "xlsm" => "the workbook has macros, so its copy must be an .xlsm file".to_owned(),
            _ => format!("the output must be an .{wanted} file"),
        })
        .in_argument(format!("{option} {}", path.display()))
        .help(format!("for example {option} {}", path.with_extension(wanted).display()))),
    }
}
