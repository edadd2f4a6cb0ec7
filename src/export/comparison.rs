//! What the workbook and the page of a comparison both show.

use std::path::Path;

use serde::{Serialize, Serializer};

use crate::compare::expected::Beside;
use crate::compare::marks::{Mark, Marks};
use crate::compare::result::{Comparison, Finding, SheetComparison, Status};
use crate::compare::training::{self, Training};
use crate::graph::Graph;
use crate::value::{counted, number_text};

/// A finding of a table or of a training, as both are shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ShownFinding {
    /// How bad it is.
    #[serde(serialize_with = "by_name")]
    pub mark: Mark,
    /// What it is about.
    pub kind: &'static str,
    /// The cell to look at, with its sheet.
    pub cell: String,
    /// All of its cells, where there are several: `Sheet!Y9:Y33 (25 cells)`.
    pub cells: Option<String>,
    /// What is the matter.
    pub message: String,
    /// What should stand there: a number, of a table also a formula.
    pub expected: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// The formula that stands there.
    pub formula: Option<String>,
    /// The formula that should.
    pub proposed: Option<String>,
    /// How many later cells differ only because of it.
    pub consequences: usize,
    /// The same in words.
    pub follows: Option<String>,
    /// The cell that it follows from.
    pub cause: Option<String>,
    /// The edit that mends it.
    pub fix: Option<String>,
}

impl ShownFinding {
    /// A finding of a table.
    pub fn of_table(finding: &Finding) -> ShownFinding {
        ShownFinding {
            mark: Mark::of(finding),
            kind: finding.kind.name(),
            cell: finding.cell.clone(),
            cells: None,
            message: finding.message.clone(),
            expected: finding.expected.clone(),
            found: finding.found.clone(),
            formula: None,
            proposed: None,
            consequences: finding.consequences,
            follows: finding.follows(),
            cause: finding.cause.clone(),
            fix: finding.fix.clone(),
        }
    }

    /// A finding of a training.
    pub fn of_training(graph: &Graph, finding: &training::Finding) -> ShownFinding {
        let address = |id| {
            let address = graph.address(id);
            // As those of a table: a .csv file gives its sheet no name.
            if address.contains('!') { address } else { format!("!{address}") }
        };
        let count = finding.cells.len();
        ShownFinding {
            mark: Mark::of_training(finding),
            kind: finding.kind.name(),
            cell: finding.cells.first().map_or(String::new(), |id| address(*id)),
            cells: (count > 1).then(|| format!("{} ({count} cells)", finding.range(graph))),
            message: finding.message.trim_end_matches('.').to_owned(),
            expected: finding.expected.map(number_text),
            found: finding.found.map(number_text),
            formula: finding.formula.clone(),
            proposed: finding.proposed.clone(),
            consequences: finding.consequences,
            follows: match finding.consequences {
                0 => None,
                1 => Some("1 later cell differs only because of this".to_owned()),
                many => {
                    Some(format!("{} differ only because of this", counted(many, "later cell")))
                }
            },
            cause: finding.cause.map(address),
            fix: finding.fix.clone(),
        }
    }
}

fn by_name<S: Serializer>(mark: &Mark, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(mark.name())
}

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

    /// The trainings that are told by themselves.
    pub fn trainings(&self) -> Vec<&'a Training> {
        self.comparison.told_trainings().collect()
    }

    /// The trainings on the sheet at `index` of the workbook.
    pub fn trainings_on(&self, index: usize) -> impl Iterator<Item = &'a Training> {
        self.comparison.told_trainings().filter(move |training| training.sheets.contains(&index))
    }

    /// Whether a sheet has no table of its own, but is part of a training.
    pub fn is_only_trained(&self, found: &SheetComparison) -> bool {
        let sheets = self.comparison.reading.graph.sheets();
        let index = sheets.iter().position(|name| *name == found.sheet);
        let is_trained = || index.is_some_and(|index| self.trainings_on(index).next().is_some());
        found.status == Status::Skipped && found.findings.is_empty() && is_trained()
    }

    /// All findings, those of trainings first, worst first.
    pub fn findings(&self) -> Vec<ShownFinding> {
        let graph = &self.comparison.reading.graph;
        let trainings = self.comparison.told_trainings();
        let of_trainings = trainings
            .flat_map(|training| &training.findings)
            .map(|finding| ShownFinding::of_training(graph, finding));
        let of_tables = self.comparison.findings().into_iter().map(ShownFinding::of_table);
        let mut all: Vec<ShownFinding> = of_trainings.chain(of_tables).collect();
        all.sort_by_key(|finding| finding.mark == Mark::Remark);
        all
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
