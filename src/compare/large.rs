//! Large logs of trainings, of which no graph of cells is made.

use std::path::Path;

use super::reading::of_workbook;
use super::result::Comparison;
use super::settings::Settings;
use super::training::{Trainings, log::stream, logged};
use super::verdict::told_apart;
use crate::data::source::{self, Kind};
use crate::error::Result;
use crate::graph::{Workbook, lines, printed};

/// So many bytes make a log large.
const LARGE: u64 = 8 << 20;

/// Finds the optimizer of a large log in text; none where the file at `path` is small, or something
/// else.
///
/// # Errors
/// A file that cannot be read.
pub fn large_log(path: &Path, settings: &Settings) -> Result<Option<Comparison>> {
    let is_large = std::fs::metadata(path).is_ok_and(|file| file.len() > LARGE);
    if !is_large || lines::are_in(path) || source::examine(path)? != Kind::Text {
        return Ok(None);
    }
    if printed::is_in(path)? {
        return Ok(None);
    }
    let Some(log) = stream::read(path, &settings.options)? else { return Ok(None) };
    let workbook = Workbook::of_headers(path, &log.headers)?;
    let reading = of_workbook(path, workbook, &settings.options)?;
    let training = logged::of_headers(&reading.graph, &log);
    Ok(Some(Comparison {
        file: path.to_owned(),
        sheets: vec![told_apart("")],
        findings: Vec::new(),
        against: None,
        trainings: Trainings { trainings: vec![training], ..Trainings::default() },
        reading,
    }))
}
