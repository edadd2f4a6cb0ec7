//! What can be said against a sheet without knowing any optimizer.
//!
//! A clean sheet gets no finding: the first row of a table or of an epoch starts from somewhere
//! else by right, totals are no samples, and formulas that only differ in the order of their
//! operands are the same.

mod broken;
mod cells;
mod columns;
mod dependents;
mod describe;
mod strays;

use std::collections::BTreeSet;

use self::dependents::Dependents;
use super::reading::{Reading, SheetReading};
use super::result::{Finding, Kind};
use super::table::{Patterns, Table};
use crate::data::address::{Position, cell_name, parse_cell};
use crate::data::grid::looks_like_number;
use crate::graph::{CellId, Content, DefinedName, Graph, Scalar, Sheet, Workbook};
use crate::value::number_text;

/// What was found in a workbook.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// For each sheet of the reading, in its order, worst first.
    pub sheets: Vec<Vec<Finding>>,
    /// About the workbook: names that refer to nothing. No sheet computes with them.
    pub workbook: Vec<Finding>,
}

/// Looks through all sheets of a reading.
pub fn lint(reading: &Reading) -> Findings {
    let stale = reading.graph.stale();
    let needed = needed_sheets(reading);
    let mut dependents = Dependents::new(&reading.graph);
    let sheets = reading.sheets.iter().map(|sheet| {
        let mut lint = Lint {
            graph: &reading.graph,
            stale: &stale,
            at: sheet.index,
            sheet: &reading.workbook.sheets[sheet.index],
            findings: Vec::new(),
        };
        lint.look(sheet, needed.contains(&sheet.index));
        let mut findings = lint.findings;
        findings.sort_by_key(|(cells, finding)| (finding.kind, cells[0]));
        for (cells, finding) in &mut findings {
            let causes = cells.iter().filter_map(|at| reading.graph.id(sheet.index, *at));
            finding.consequences = dependents.count(&causes.collect::<Vec<_>>());
        }
        findings.into_iter().map(|(_, finding)| finding).collect()
    });
    Findings { sheets: sheets.collect(), workbook: broken_names(&reading.workbook) }
}

/// The sheets with tables, and those that they take values from.
fn needed_sheets(reading: &Reading) -> BTreeSet<usize> {
    let tables = reading.sheets.iter().filter(|sheet| sheet.table.is_ok());
    let mut needed: BTreeSet<usize> = tables.map(|sheet| sheet.index).collect();
    let mut todo: Vec<usize> = needed.iter().copied().collect();
    while let Some(sheet) = todo.pop() {
        for shared in reading.workbook.sheets[sheet].formulas() {
            let formula = &shared.formula;
            for name in formula.references.iter().filter_map(|(one, _)| one.sheet()) {
                if let Some(other) = reading.workbook.sheet(name)
                    && needed.insert(other)
                {
                    todo.push(other);
                }
            }
        }
    }
    needed
}

/// The names that refer to nothing.
fn broken_names(workbook: &Workbook) -> Vec<Finding> {
    let is_broken = |name: &&DefinedName| name.text.contains("#REF!");
    let names = workbook.names.iter().filter(is_broken).map(|name| {
        let on = name.sheet.as_ref().map(|sheet| format!(" of the sheet {sheet}"));
        Finding {
            kind: Kind::BrokenReference,
            cell: name.name.clone(),
            message: format!(
                "the name {}{} stands for {}: its cells were deleted",
                name.name,
                on.unwrap_or_default(),
                name.text
            ),
            expected: None,
            found: Some(name.text.clone()),
            cause: None,
            consequences: 0,
            fix: Some(format!("delete the name {} in the name manager", name.name)),
        }
    });
    names.collect()
}

/// Looks through one sheet.
struct Lint<'a> {
    graph: &'a Graph,
    /// The cells of all sheets whose results are not what their formulas give.
    stale: &'a [(CellId, Scalar)],
    at: usize,
    sheet: &'a Sheet,
    /// The findings, each with the cells that it is about: at least one.
    findings: Vec<(Vec<Position>, Finding)>,
}

impl Lint<'_> {
    fn look(&mut self, reading: &SheetReading, is_needed: bool) {
        self.volatile();
        let table = reading.table.as_ref().ok();
        if !is_needed {
            return;
        }
        let sheet = self.sheet;
        let mut patterns = Patterns::new(sheet);
        if let Some(table) = table {
            self.columns(table, &mut patterns);
            self.fixed_texts(table);
        }
        self.broken(table, &mut patterns);
        self.circles();
        self.errors(table);
        self.stale();
    }

    /// Hyperparameters that are stored as text.
    fn fixed_texts(&mut self, table: &Table) {
        let own = table.machine.fixed.iter().filter(|fixed| fixed.is_used);
        for fixed in own {
            let place = parse_cell(&fixed.cell);
            if let Some(at) = place
                && let Some(Content::Text(text)) = self.sheet.content(at)
            {
                match looks_like_number(text.trim().trim_end_matches('%').trim_end()) {
                    true => self.text_number(at, text),
                    false => self.no_number(at, text),
                }
            }
        }
    }

    /// A text that formulas calculate with.
    fn no_number(&mut self, at: Position, text: &str) {
        let name = cell_name(at);
        let message = format!("{name} holds the text \"{text}\" where formulas need a number");
        self.report(Finding {
            expected: Some("a number".to_owned()),
            found: Some(format!("the text \"{text}\"")),
            fix: Some(format!("write a number into {name}, or let the formulas refer to one")),
            ..self.finding(Kind::TextNumber, at, message)
        });
    }

    /// A finding about a cell, with nothing but its message.
    fn finding(&self, kind: Kind, at: Position, message: String) -> Finding {
        Finding::new(kind, format!("{}!{}", self.sheet.name, cell_name(at)), message)
    }

    fn report(&mut self, finding: Finding) {
        let cell = finding.cell.rsplit('!').next().unwrap_or_default();
        let at = parse_cell(cell).unwrap_or_default();
        self.findings.push((vec![at], finding));
    }

    fn is_reported(&self, at: Position) -> bool {
        self.findings.iter().any(|(known, _)| known.contains(&at))
    }
}

/// What a cell holds, in short: `0.1`, `#DIV/0!`, `"abc"`.
fn short(content: &Content) -> String {
    match content {
        Content::Number(number) if number.is_finite() => number_text(*number),
        Content::Number(_) => "no finite number".to_owned(),
        Content::Text(text) => format!("\"{text}\""),
        Content::Error(error) => error.to_string(),
        Content::Date(day) => day.to_string(),
        Content::Logical(true) => "TRUE".to_owned(),
        Content::Logical(false) => "FALSE".to_owned(),
        Content::Uncalculated => "nothing".to_owned(),
    }
}
