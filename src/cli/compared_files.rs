//! The files of `gdtrace compare`: the workbook and the page.

use super::files::FileArgs;
use crate::compare::result::Comparison;
use crate::data::added::COMPARE;
use crate::error::Result;
use crate::export::comparison::Shown;
use crate::export::output::{About, Outputs};
use crate::export::package::Existing;
use crate::export::{html, xlsx};

/// Stages what was asked for: the workbook as `existing` with marks and new sheets, where it is one.
///
/// # Errors
/// Whatever prevents writing.
pub(super) fn stage(
    args: &FileArgs,
    (comparison, tolerance): (&Comparison, f64),
    existing: Option<Existing>,
    outputs: &mut Outputs,
) -> Result<()> {
    if args.output.is_none() && args.report.is_none() {
        return Ok(());
    }
    let shown = Shown::new(comparison, tolerance);
    if let Some(path) = &args.output {
        let book = xlsx::comparison(&shown, existing.is_some())?;
        let about = About { title: "Comparison", subject: &shown.subject(), properties: &[] };
        match existing {
            Some(existing) => {
                outputs.stage_added(path, existing, book, (COMPARE, &about))?;
            }
            None => outputs.stage_book(path, book, &about)?,
        }
    }
    if let Some(path) = &args.report {
        let page = html::comparison(&shown)?;
        outputs.stage(path, |writer| writer.write_all(page.as_bytes()))?;
    }
    Ok(())
}
