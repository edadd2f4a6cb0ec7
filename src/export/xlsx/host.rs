//! The workbook that the sheets of a run are written into: one of their own, or the user's.
//!
//! In the user's workbook its own sheets stay as they are: ours get names that are free there, and
//! formulas refer to the user's data cells where they can. Where they cannot, the samples are copied
//! to a sheet of ours, and a line there says why.

use super::limits;
use super::obstacle::{Obstacle, obstacle};
use crate::data::Data;
use crate::error::Result;
use crate::trace::Keep;

/// What is known of the workbook that the sheets of a run are written into.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Host {
    sheets: Vec<String>,
    samples: Samples,
    rows: RowOptions,
}

/// How the rows of traces are written into it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowOptions {
    /// Which ones.
    pub keep: Keep,
    /// How many rows a sheet has.
    pub height: usize,
    /// Whether cells hold numbers where they would hold formulas.
    pub values_only: bool,
}

impl Default for RowOptions {
    fn default() -> Self {
        RowOptions { keep: Keep::All, height: limits::ROWS, values_only: false }
    }
}

/// Where formulas find the samples.
#[derive(Debug, Clone, PartialEq, Default)]
enum Samples {
    /// On our sheet, and the workbook that they were read from is another one.
    #[default]
    Read,
    /// In the cells that they were read from.
    InPlace,
    /// On our sheet, though the cells that they were read from are in the same workbook.
    Copied(Obstacle),
}

impl Host {
    /// A workbook without other sheets.
    pub fn separate() -> Self {
        Host::default()
    }

    /// The workbook that `data` were read from, whose `sheets` (charts and hidden ones too) stay.
    ///
    /// Where the cells of the data hold anything but typed numbers, the file is read once more to
    /// see whether they change at each recalculation.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn around(data: &Data, sheets: Vec<String>) -> Result<Self> {
        let samples = match obstacle(data)? {
            None => Samples::InPlace,
            Some(obstacle) => Samples::Copied(obstacle),
        };
        Ok(Host { sheets, samples, rows: RowOptions::default() })
    }

    /// The same for rows that are written in this way.
    pub fn with_rows(self, rows: RowOptions) -> Self {
        Host { rows, ..self }
    }

    /// How the rows of traces are written.
    pub fn rows(&self) -> RowOptions {
        self.rows
    }

    /// The names of the sheets that are there already.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// Whether formulas refer to the cells that the samples were read from.
    pub fn has_data(&self) -> bool {
        self.samples == Samples::InPlace
    }

    /// Why `data` of this workbook are copied all the same, in a sentence; none where they are not.
    pub fn copied(&self, data: &Data) -> Option<String> {
        match &self.samples {
            Samples::Copied(why) => Some(why.told(data)),
            Samples::Read | Samples::InPlace => None,
        }
    }
}
