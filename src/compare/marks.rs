//! Which cells of a workbook something is the matter with, and what.

use std::collections::BTreeMap;

use super::beside::Beside;
use super::result::{Comparison, Finding};
use crate::data::address::{Area, Position, parse_cell, split_sheet};

/// What is the matter with a cell; of two, the later counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Something is worth knowing about it.
    Remark,
    /// It differs because another cell does.
    Consequence,
    /// It is wrong by itself.
    Cause,
}

impl Mark {
    /// All marks, worst first.
    pub const ALL: [Mark; 3] = [Mark::Cause, Mark::Consequence, Mark::Remark];

    /// The mark of a finding's cell.
    pub fn of(finding: &Finding) -> Mark {
        // No sheet computes with a name that refers to nothing.
        let is_mistake = finding.kind.is_mistake() && !finding.is_about_name();
        match (is_mistake, &finding.cause) {
            (false, _) => Mark::Remark,
            (true, Some(_)) => Mark::Consequence,
            (true, None) => Mark::Cause,
        }
    }

    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Cause => "cause",
            Mark::Consequence => "consequence",
            Mark::Remark => "remark",
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Mark::Cause => "wrong by itself: mend this cell",
            Mark::Consequence => "differs only because of another cell",
            Mark::Remark => "no mistake, but worth knowing",
        }
    }
}

/// The marked cells of a workbook, by the place of their sheet.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    cells: BTreeMap<(usize, Position), Mark>,
    /// What is said of a cell, a text for each finding.
    pub notes: BTreeMap<(usize, Position), Vec<String>>,
}

impl Marks {
    /// The marks of all findings, and of the cells that differ.
    pub fn new(comparison: &Comparison, tables: &[Option<Beside>]) -> Self {
        let mut marks = Marks::default();
        for finding in comparison.sheets.iter().flat_map(|sheet| &sheet.findings) {
            let Some((sheet, area)) = place(comparison, &finding.cell) else { continue };
            marks.set((sheet, area.first), Mark::of(finding));
            let notes = marks.notes.entry((sheet, area.first)).or_default();
            notes.push(told(finding));
        }
        for beside in tables.iter().flatten() {
            for pair in &beside.pairs {
                for row in &pair.differing {
                    let at = beside.place(pair.hand, *row);
                    marks.set((beside.index, at), Mark::Consequence);
                }
            }
        }
        marks
    }

    /// The mark of a cell.
    pub fn get(&self, sheet: usize, at: Position) -> Option<Mark> {
        self.cells.get(&(sheet, at)).copied()
    }

    fn set(&mut self, cell: (usize, Position), mark: Mark) {
        let known = self.cells.entry(cell).or_insert(mark);
        *known = mark.max(*known);
    }
}

/// The sheet and the cells that `adam!J5` names; none where it is a name or nothing.
pub(crate) fn place(comparison: &Comparison, cell: &str) -> Option<(usize, Area)> {
    let sheets = &comparison.reading.workbook.sheets;
    let (sheet, area) = match cell.rsplit_once('!') {
        Some((sheet, area)) => {
            let exact = sheets.iter().position(|one| one.name == sheet);
            let quoted = || comparison.reading.workbook.sheet(&split_sheet(cell).0?);
            (exact.or_else(quoted)?, area)
        }
        None => return None,
    };
    let single = || parse_cell(area).map(|cell| Area::between(cell, cell));
    Area::parse(area).or_else(single).map(|area| (sheet, area))
}

/// What a note says about a finding.
fn told(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.kind.name(), finding.message);
    for (label, part) in [("expected", &finding.expected), ("found", &finding.found)] {
        if let Some(part) = part {
            text += &format!("\n{label}: {part}");
        }
    }
    if let Some(fix) = &finding.fix {
        text += &format!("\nfix: {fix}");
    }
    text
}
