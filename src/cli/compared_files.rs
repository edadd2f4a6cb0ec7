//! The files of `gdtrace compare`: the workbook and the page.

use super::files::FileArgs;
use crate::compare::result::Comparison;
use crate::error::Result;
use crate::export::comparison::Shown;
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
    if args.output.is_none() && args.report.is_none() {
        return Ok(());
    }
    let shown = Shown::new(comparison, tolerance);
    if let Some(path) = &args.output {
        let mut workbook = xlsx::comparison(&shown)?;
        let about = About { title: "Comparison", subject: &shown.subject(), properties: &[] };
        outputs.stage_workbook(path, &mut workbook, &about)?;
    }
    if let Some(path) = &args.report {
        let page = html::comparison(&shown)?;
        outputs.stage(path, |writer| writer.write_all(page.as_bytes()))?;
    }
    Ok(())
}
