//! A workbook as a package of parts: changing single ones, and adding sheets to a workbook that is
//! there; all other parts are copied as they are, still compressed, so that it takes no longer for a
//! long trace than copying its file.

mod existing;
mod graft;
mod lists;
mod parts;
mod sheet_part;
mod strict;
mod styles;
mod xml;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

pub(crate) use existing::Existing;
pub(crate) use graft::add_sheets;
pub(crate) use parts::Package;

/// Copies the package in `archive` to `target` with the parts in `replaced` (texts by name)
/// instead of its own.
///
/// # Errors
/// When reading or writing fails.
pub(crate) fn copy_replacing<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    target: &File,
    replaced: &BTreeMap<String, String>,
) -> io::Result<()> {
    let mut writer = ZipWriter::new(BufWriter::new(target));
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        let name = part.name()?.into_owned();
        match replaced.get(&name) {
            Some(text) => {
                writer.start_file(name, options())?;
                writer.write_all(text.as_bytes())?;
            }
            None => writer.raw_copy_file(part)?,
        }
    }
    writer.finish()?.flush()
}

/// How a part is written: compressed, and with a fixed time, so that the same input gives the same
/// bytes.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(0o600)
        .last_modified_time(DateTime::default())
}

/// The workbook in `content` with its charts as the standard wants them, in a temporary file.
///
/// rust_xlsxwriter puts the marker of a scatter series before its shape properties. The standard
/// (ECMA-376, CT_ScatterSer) has them the other way round, and Excel may offer to repair the file.
///
/// # Errors
/// When reading or writing fails.
pub(crate) fn mend_charts(content: File) -> io::Result<File> {
    let mut archive = ZipArchive::new(BufReader::new(&content))?;
    let charts: Vec<String> = archive
        .file_names()
        .filter_map(|name| name.ok())
        .filter(|name| name.starts_with("xl/charts/chart"))
        .map(|name| name.to_string())
        .collect();
    if charts.is_empty() {
        return Ok(content);
    }
    let mut mended = BTreeMap::new();
    for name in charts {
        let mut text = String::new();
        archive.by_name(&name)?.read_to_string(&mut text)?;
        mended.insert(name, marker_behind_shape(&text));
    }
    let target = tempfile::tempfile()?;
    copy_replacing(&mut archive, &target, &mended)?;
    Ok(target)
}

/// `chart` with each marker that stands right before shape properties moved behind them.
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
