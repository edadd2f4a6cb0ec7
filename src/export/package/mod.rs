//! A workbook's package: a zip archive of parts. Parts that do not change are copied as they are,
//! still compressed, so that it takes no longer than copying a file. New sheets are new parts beside
//! them.

pub(crate) mod archive;
pub(crate) mod deflate;
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
            let chart = marker_behind_shape(&archive::text(package, &name).map_err(failed)?);
            archive.write(&name, chart.as_bytes()).map_err(failed)?;
        } else {
            archive.copy(package, index).map_err(failed)?;
        }
    }
    Ok(())
}

/// A chart's part with each marker that stands right before shape properties moved behind them.
///
/// rust_xlsxwriter puts the marker of a scatter series before its shape properties. The standard
/// (ECMA-376, CT_ScatterSer) has them the other way round, and Excel may offer to repair the file.
fn marker_behind_shape(chart: &str) -> String {
    const MARKER_END: &str = "</c:marker>";
    const SHAPE: &str = "<c:spPr>";
    const SHAPE_END: &str = "</c:spPr>";
    let mut out = String::with_capacity(chart.len());
    let mut rest = chart;
    while let Some(middle) = rest.find(&format!("{MARKER_END}{SHAPE}")) {
        let behind_marker = middle + MARKER_END.len();
        let marker = rest[..middle].rfind("<c:marker>");
        let shape_end = rest[behind_marker..].find(SHAPE_END);
        let (Some(marker), Some(shape_end)) = (marker, shape_end) else { break };
        let behind_shape = behind_marker + shape_end + SHAPE_END.len();
        out.push_str(&rest[..marker]);
        out.push_str(&rest[behind_marker..behind_shape]);
        out.push_str(&rest[marker..behind_marker]);
        rest = &rest[behind_shape..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_move_behind_the_shape_properties() {
        let series = |inside: &str| format!("<c:ser><c:order/>{inside}<c:xVal/></c:ser>");
        let marker = "<c:marker><c:symbol val=\"star\"/><c:spPr><a:ln/></c:spPr></c:marker>";
        let shape = "<c:spPr><a:ln w=\"9\"/></c:spPr>";
        let wrong = series(&format!("{marker}{shape}"));
        let right = series(&format!("{shape}{marker}"));
        assert_eq!(marker_behind_shape(&format!("{wrong}{wrong}")), format!("{right}{right}"));
        assert_eq!(marker_behind_shape(&right), right);
    }
}
