//! The files of `gdtrace compare`: the workbook and the page.

use super::files::FileArgs;
use crate::compare::result::Comparison;
use crate::error::Result;
use crate::export::output::{About, Outputs};
use crate::export::{html, xlsx};

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
