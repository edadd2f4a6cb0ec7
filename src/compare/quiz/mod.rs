//! Quizzes: traces with cells to be filled in, and what is said of the cells that somebody filled.
//!
//! A cell is right if its number is what its formula gives *for the row as it stands*: whoever slipped
//! in the gradient and then took the right step from there has one wrong cell, not two. A quiz knows
//! its blank cells by a rule, not by a list, and holds no answers: these are computed from the sheet.

mod blanks;
mod mark;
mod slips;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use blanks::Blanks;
pub use mark::{Marked, MarkedCell, MarkedSheet, Verdict, mark};
pub use slips::{Slip, all_slips, slips};

use crate::data::{added, properties};
use crate::error::Result;
use crate::optimizer::{Record, pieces, text_of_pieces};

/// What the names of the document properties with a quiz begin with.
const PROPERTY: &str = "gdtrace quiz";

/// What is to be written into a blank cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A number, or a formula that gives it.
    Numbers,
    /// A formula: a typed number does not count.
    Formulas,
}

impl Level {
    /// How far a right number may be from the exact one, relative to that: what is computed from
    /// numbers as they are shown is right, too.
    pub fn tolerance(self) -> f64 {
        match self {
            Level::Numbers => 1e-3,
            Level::Formulas => 1e-9,
        }
    }
}

/// A quiz, as far as its own cells do not say it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quiz {
    /// What the sheets were made from.
    pub record: Record,
    /// What is to be written.
    pub level: Level,
    /// Which cells are blank.
    pub blanks: Blanks,
    /// The sheets with blank cells.
    pub sheets: Vec<QuizSheet>,
}

/// Where things stand on a sheet of a quiz; rows are counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuizSheet {
    /// The sheet's name.
    pub name: String,
    /// The row of the first input; the values stand in the second column.
    pub inputs: u32,
    /// The row of step 0.
    pub start: u32,
    /// How many steps there are.
    pub rows: usize,
}

impl Quiz {
    /// The quiz as document properties.
    ///
    /// # Errors
    /// None that a quiz can cause.
    pub fn properties(&self) -> Result<Vec<(String, String)>> {
        pieces(PROPERTY, self)
    }

    /// The quiz that the workbook at `path` is; none where it is none, or a program dropped what says so.
    pub fn of_file(path: &Path) -> Option<Quiz> {
        let mut all = properties::custom(path);
        all.extend(added::read(path).into_iter().flat_map(|one| one.properties));
        serde_json::from_str(&text_of_pieces(PROPERTY, &all)).ok()
    }
}
