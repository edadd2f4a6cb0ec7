//! The files of `gdtrace compare`: the workbook and the page.

use std::path::Path;

use super::compare::Args;
use crate::compare::result::Comparison;
use crate::error::{Error, Result};
use crate::export::output::{About, Outputs};
use crate::export::{html, xlsx};

/// The outputs, planned before anything is computed.
///
/// # Errors
/// A file of another kind, and those of [`Outputs::plan`].
pub(super) fn plan(args: &Args) -> Result<Outputs> {
    let mut outputs = Outputs::new(&[&args.file], args.force);
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
pub(super) fn stage(args: &Args, comparison: &Comparison, outputs: &mut Outputs) -> Result<()> {
    let name = comparison.file.file_name().unwrap_or_default().to_string_lossy();
    if let Some(path) = &args.output {
        let mut workbook = xlsx::comparison(comparison, args.tolerance)?;
        let subject = format!("{name} beside what it should hold");
        let about = About { title: "Comparison", subject: &subject };
        outputs.stage_workbook(path, &mut workbook, &about)?;
    }
    if let Some(path) = &args.report {
        let page = html::comparison(comparison, args.tolerance)?;
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
