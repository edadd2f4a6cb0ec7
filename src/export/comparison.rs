//! What the workbook and the page of a comparison both show.

use std::path::Path;

use crate::compare::beside::Beside;
use crate::compare::marks::Marks;
use crate::compare::result::Comparison;

/// A comparison with its tables number by number.
pub(crate) struct Shown<'a> {
    pub comparison: &'a Comparison,
    /// For each sheet, its table beside what it should hold; none where nothing was compared.
    pub tables: Vec<Option<Beside<'a>>>,
    /// What is the matter with which cell.
    pub marks: Marks,
    /// Numbers that differ by less than this part of the larger one agree.
    pub tolerance: f64,
}

impl<'a> Shown<'a> {
    pub fn new(comparison: &'a Comparison, tolerance: f64) -> Self {
        let sheets = 0..comparison.sheets.len();
        let tables: Vec<Option<Beside>> =
            sheets.map(|at| Beside::new(comparison, at, tolerance)).collect();
        Shown { comparison, marks: Marks::new(comparison, &tables), tables, tolerance }
    }

    /// What is shown, as a heading.
    pub fn title(&self) -> String {
        match self.names() {
            (name, Some(other)) => format!("Where {name} differs from {other}"),
            (name, None) => format!("What {name} computes, and where it is wrong"),
        }
    }

    /// What is shown, in the properties of a file.
    pub fn subject(&self) -> String {
        match self.names() {
            (name, Some(other)) => format!("{name} beside {other}"),
            (name, None) => format!("{name} beside what it should hold"),
        }
    }

    /// What theirs and ours are called: of two workbooks nobody knows which one is right.
    pub fn sides(&self) -> [&'static str; 2] {
        match self.comparison.against {
            Some(_) => ["here", "there"],
            None => ["theirs", "ours"],
        }
    }

    /// The tables of the other workbook that nothing was compared with, in words.
    pub fn left_out(&self) -> Option<String> {
        let other = self.comparison.against.as_ref().filter(|other| !other.left_out.is_empty())?;
        let file = self.names().1.unwrap_or_default();
        Some(format!("Not compared with anything, of {file}: {}.", other.left_out.join(", ")))
    }

    /// The names of the workbook and of the other one, without their folders.
    fn names(&self) -> (String, Option<String>) {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into();
        let other = self.comparison.against.as_ref().map(|other| name(&other.file));
        (name(&self.comparison.file), other)
    }
}
