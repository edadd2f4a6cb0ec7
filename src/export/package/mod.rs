//! A workbook's package: a zip archive of parts. Parts that do not change are copied as they are,
//! still compressed, so that it takes no longer than copying a file. New sheets are new parts beside
//! them.

pub(crate) mod archive;
mod chart;
pub(crate) mod deflate;
mod entry;
mod existing;
mod graft;
mod huffman;
pub(crate) mod lines;
mod listed;
mod lists;
mod overlay;
mod parts;
mod sheet_part;
mod strict;
mod styles;
mod xml;

use std::io::{self, Read, Seek, Write};

use zip::ZipArchive;

use crate::error::{Error, Result};
use archive::Archive;
pub(crate) use existing::Existing;
pub(crate) use graft::{Addition, add_sheets};
pub(crate) use overlay::Overlay;
pub(crate) use parts::Package;
pub(crate) use sheet_part::without_formulas;

/// The error for a package that cannot be written.
pub(crate) fn cannot_write(error: &io::Error) -> Error {
    Error::new(format!("cannot write the workbook: {error}"))
}

/// Copies the parts of a `package` that rust_xlsxwriter wrote, with its charts mended, but those that
/// `own` writes itself, or leaves out, and says so.
///
/// # Errors
/// When reading or writing fails, and those of `own`.
pub(crate) fn copy_parts<R: Read + Seek, W: Write + Seek>(
    package: &mut ZipArchive<R>,
    archive: &mut Archive<W>,
    mut own: impl FnMut(&str, &mut ZipArchive<R>, &mut Archive<W>) -> Result<bool>,
) -> Result<()> {
    let failed = |error| cannot_write(&error);
    for index in 0..package.len() {
        let name = archive::name(package, index).map_err(failed)?;
        if own(&name, package, archive)? {
            continue;
        }
        if name.starts_with("xl/charts/chart") {
            let chart = chart::plain(&archive::text(package, &name).map_err(failed)?);
            archive.write(&name, chart.as_bytes()).map_err(failed)?;
        } else {
            archive.copy(package, index).map_err(failed)?;
        }
    }
    Ok(())
}
