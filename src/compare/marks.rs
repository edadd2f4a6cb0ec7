//! Which cells of a workbook something is the matter with, and what.

use std::collections::{BTreeMap, BTreeSet};

use super::expected::Beside;
use super::result::{Comparison, Finding};
use super::training;
use crate::data::address::{Area, Position, cell_name, parse_cell, split_sheet};
use crate::graph::{CellId, Graph};
use crate::value::number_text;

/// So many cells of a finding have a note of their own.
const MOST_NOTES: usize = 500;

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
        Mark::from(is_mistake, finding.cause.is_some())
    }

    /// The mark of the cells of a training's finding.
    pub fn of_training(finding: &training::Finding) -> Mark {
        Mark::from(finding.kind.is_mistake(), finding.cause.is_some())
    }

    fn from(is_mistake: bool, has_cause: bool) -> Mark {
        match (is_mistake, has_cause) {
            (false, _) => Mark::Remark,
            (true, true) => Mark::Consequence,
            (true, false) => Mark::Cause,
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
            marks.note((sheet, area.first), told(finding));
        }
        for beside in tables.iter().flatten() {
            for pair in &beside.pairs {
                for row in &pair.differing {
                    let at = beside.place(pair.hand, *row);
                    marks.set((beside.index, at), Mark::Consequence);
                }
            }
        }
        let graph = &comparison.reading.graph;
        for finding in comparison.told_trainings().flat_map(|training| &training.findings) {
            marks.add_training(graph, finding);
        }
        marks
    }

    /// The cells of the sheet at `sheet` with this mark, row by row.
    pub fn cells_with(&self, sheet: usize, mark: Mark) -> Vec<Position> {
        let on_sheet = self.cells.range((sheet, (0, 0))..(sheet + 1, (0, 0)));
        on_sheet.filter(|(_, one)| **one == mark).map(|((_, at), _)| *at).collect()
    }

    /// Whether something is said of the sheet at `sheet`.
    pub fn are_on(&self, sheet: usize) -> bool {
        let on_sheet = (sheet, (0, 0))..(sheet + 1, (0, 0));
        self.cells.range(on_sheet.clone()).next().is_some()
            || self.notes.range(on_sheet).next().is_some()
    }

    /// The mark of a cell.
    pub fn get(&self, sheet: usize, at: Position) -> Option<Mark> {
        self.cells.get(&(sheet, at)).copied()
    }

    fn set(&mut self, cell: (usize, Position), mark: Mark) {
        let known = self.cells.entry(cell).or_insert(mark);
        *known = mark.max(*known);
    }

    fn note(&mut self, cell: (usize, Position), text: String) {
        self.notes.entry(cell).or_default().push(text);
    }

    /// Marks all cells of a training's finding and what follows from them.
    fn add_training(&mut self, graph: &Graph, finding: &training::Finding) {
        let Some(first) = finding.cells.first().copied() else { return };
        for (number, cell) in finding.cells.iter().enumerate() {
            let at = (graph.sheet(*cell), graph.position(*cell));
            self.set(at, Mark::of_training(finding));
            let proposed = proposed_in(graph, finding, *cell);
            match number {
                0 => self.note(at, told_of_training(finding)),
                _ if number < MOST_NOTES => {
                    self.note(at, told_again(graph, finding, first, proposed.as_deref()));
                }
                _ => {}
            }
        }
        for cell in consequences(graph, finding) {
            self.set((graph.sheet(cell), graph.position(cell)), Mark::Consequence);
        }
    }
}

/// The formula that should stand in one of the cells of a finding: that of the first cell, filled.
fn proposed_in(graph: &Graph, finding: &training::Finding, cell: CellId) -> Option<String> {
    let (proposed, first) = (finding.proposed.as_ref()?, *finding.cells.first()?);
    if cell == first {
        return Some(proposed.clone());
    }
    let is_filled =
        graph.family(cell) == graph.family(first) && graph.sheet(cell) == graph.sheet(first);
    is_filled.then(|| Graph::filled(proposed, graph.position(first), graph.position(cell)))
}

/// What is computed from the cells of a finding that hold wrong numbers.
fn consequences(graph: &Graph, finding: &training::Finding) -> BTreeSet<CellId> {
    let mut seen: BTreeSet<CellId> = BTreeSet::new();
    let is_right = finding.found.is_some() && finding.found == finding.expected;
    if !finding.kind.is_mistake() || finding.consequences == 0 || is_right {
        return seen;
    }
    let mut open = finding.cells.clone();
    while let Some(cell) = open.pop() {
        open.extend(graph.users(cell).iter().filter(|user| seen.insert(**user)));
    }
    seen
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
    let parts = [
        ("expected", finding.expected.as_deref()),
        ("found", finding.found.as_deref()),
        ("fix", finding.fix.as_deref()),
    ];
    lines(finding.kind.name(), &finding.message, parts)
}

/// What the note of the first cell of a training's finding says.
fn told_of_training(finding: &training::Finding) -> String {
    let expected = finding.expected.map(number_text);
    let found = finding.found.map(number_text);
    let parts = [
        ("expected", expected.as_deref()),
        ("found", found.as_deref()),
        ("should be", finding.proposed.as_deref()),
    ];
    let mut text = lines(finding.kind.name(), &finding.message, parts);
    if let Some(fix) = finding.fix.as_ref().filter(|_| finding.proposed.is_none()) {
        text += &format!("\nfix: {fix}");
    }
    text
}

/// What the notes of the others say.
fn told_again(
    graph: &Graph,
    finding: &training::Finding,
    first: CellId,
    proposed: Option<&str>,
) -> String {
    let at = match finding.cells.iter().all(|cell| graph.sheet(*cell) == graph.sheet(first)) {
        true => cell_name(graph.position(first)),
        false => graph.address(first),
    };
    let message = format!("the same mistake as in {at}");
    lines(finding.kind.name(), &message, [("should be", proposed)])
}

fn lines<const N: usize>(kind: &str, message: &str, parts: [(&str, Option<&str>); N]) -> String {
    let mut text = format!("{kind}: {message}");
    for (label, part) in parts {
        if let Some(part) = part {
            text += &format!("\n{label}: {part}");
        }
    }
    text
}
