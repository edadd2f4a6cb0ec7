//! The files of `gdtrace compare`: the workbook and the page.

use std::path::{Path, PathBuf};

use crate::compare::result::Comparison;
use crate::error::{Error, Result};
use crate::export::output::{About, Outputs};
use crate::export::{html, xlsx};

/// Where to write what was found.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Files")]
pub struct FileArgs {
    /// Write a workbook with theirs, ours and the difference side by side, and the findings
    #[arg(short, long, value_name = "FILE.xlsx")]
    output: Option<PathBuf>,

    /// Write the same as a page to read
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,

    /// Replace files even if gdtrace did not write them, or they were edited since
    #[arg(long)]
    force: bool,
}

/// The outputs, planned before anything is computed: none may be one of the `inputs`.
///
/// # Errors
/// A file of another kind, and those of [`Outputs::plan`].
pub(super) fn plan(args: &FileArgs, inputs: &[&Path]) -> Result<Outputs> {
    let mut outputs = Outputs::new(inputs, args.force);
    let files = [(&args.output, "-o", "xlsx"), (&args.report, "--report", "html")];
    for (path, option, extension) in files {
        if let Some(path) = path {
            check_extension(path, option, extension)?;
            outputs.plan(path)?;
        }
    }
    Ok(outputs)
}

/// Stages what was asked for.
///
/// # Errors
/// Whatever prevents writing.
pub(super) fn stage(
    args: &FileArgs,
    comparison: &Comparison,
    tolerance: f64,
    outputs: &mut Outputs,
) -> Result<()> {
    let name = comparison.file.file_name().unwrap_or_default().to_string_lossy();
    if let Some(path) = &args.output {
        let mut workbook = xlsx::comparison(comparison, tolerance)?;
        let subject = match &comparison.against {
            Some(other) => {
                let other = other.file.file_name().unwrap_or_default().to_string_lossy();
                format!("{name} beside {other}")
            }
            None => format!("{name} beside what it should hold"),
        };
        let about = About { title: "Comparison", subject: &subject };
        outputs.stage_workbook(path, &mut workbook, &about)?;
    }
    if let Some(path) = &args.report {
        let page = html::comparison(comparison, tolerance)?;
        outputs.stage(path, |writer| writer.write_all(page.as_bytes()))?;
    }
    Ok(())
}

fn check_extension(path: &Path, option: &str, wanted: &str) -> Result<()> {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case(wanted) => Ok(()),
        _ => Err(Error::new(format!("the output must be an .{wanted} file"))
            .in_argument(format!("{option} {}", path.display()))
            .help(format!("for example {option} {}", path.with_extension(wanted).display()))),
    }
}
