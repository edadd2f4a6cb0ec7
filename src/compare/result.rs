//! What a comparison found out, for whoever writes it.

use std::path::PathBuf;

use super::reading::Reading;
use super::training::{Training, Trainings};
use crate::data::address::parse_cell;
use crate::sheet::{Group, Sheet};
use crate::value::counted;

/// What was found out about a workbook.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The workbook.
    pub file: PathBuf,
    /// Its sheets, in their order.
    pub sheets: Vec<SheetComparison>,
    /// What is wrong with the workbook itself: names that refer to nothing.
    pub findings: Vec<Finding>,
    /// All that was read of it.
    pub reading: Reading,
    /// The workbook that it was compared with instead of being recomputed.
    pub against: Option<Other>,
    /// The trainings in it, whatever their layout.
    pub trainings: Trainings,
}

/// A workbook that another is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    /// The workbook.
    pub file: PathBuf,
    /// Its sheets with a table that no sheet was compared with.
    pub left_out: Vec<String>,
}

impl Comparison {
    /// All findings, worst first: the mistakes of sheets with a table, each cause before what follows
    /// from one, then those of other sheets, then what is only worth knowing, names last.
    pub fn findings(&self) -> Vec<&Finding> {
        let rank = |sheet: Option<&SheetComparison>, finding: &Finding| {
            let has_table = sheet.is_some_and(|sheet| sheet.status != Status::Skipped);
            let is_mistake = finding.kind.is_mistake() && !finding.is_about_name();
            (!is_mistake, !has_table, finding.cause.is_some())
        };
        let of = |sheet| move |finding| (rank(Some(sheet), finding), finding);
        let sheets = self.sheets.iter().flat_map(|sheet| sheet.findings.iter().map(of(sheet)));
        let own = self.findings.iter().map(|finding| (rank(None, finding), finding));
        let mut all: Vec<_> = sheets.chain(own).collect();
        all.sort_by_key(|(rank, _)| *rank);
        all.into_iter().map(|(_, finding)| finding).collect()
    }

    /// Whether anything was found to compare, and all of it agrees.
    pub fn agrees(&self) -> bool {
        let compared = || self.sheets.iter().filter(|sheet| sheet.status != Status::Skipped);
        let is_any = compared().next().is_some() || !self.trainings.trainings.is_empty();
        is_any
            && compared().all(|sheet| sheet.status == Status::Agrees)
            && self.told_trainings().all(Training::holds)
    }

    /// The trainings of sheets without a table that is understood as a whole.
    pub fn told_trainings(&self) -> impl Iterator<Item = &Training> {
        let is_compared = |at: &usize| {
            let name = self.reading.graph.sheets().get(*at);
            let mut sheets = self.sheets.iter();
            sheets.any(|one| Some(&one.sheet) == name && one.status != Status::Skipped)
        };
        self.trainings.trainings.iter().filter(move |one| !one.sheets.iter().any(is_compared))
    }
}

/// How a sheet came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Every cell holds what it should.
    Agrees,
    /// At least one finding is a mistake.
    Differs,
    /// It holds no table of samples.
    Skipped,
}

/// What was found out about a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetComparison {
    /// The sheet's name.
    pub sheet: String,
    /// How it came out.
    pub status: Status,
    /// Why it was skipped, or what was assumed where more than one reading was possible.
    pub remarks: Vec<String>,
    /// The optimizer (`adam`), where one fits.
    pub optimizer: Option<String>,
    /// Its variant (`walkthrough`); none for the textbook form.
    pub variant: Option<String>,
    /// What distinguishes the sheet from the textbook form, each a phrase.
    pub departures: Vec<String>,
    /// How many samples the table has: rows with x and y.
    pub samples: usize,
    /// The cells of the table: `A4:N32`.
    pub table: Option<String>,
    /// The hyperparameters.
    pub hyper: Vec<Setting>,
    /// The weights and states that the table starts from.
    pub start: Vec<Setting>,
    /// The columns, from left to right.
    pub columns: Vec<ColumnComparison>,
    /// What is wrong or remarkable, worst first.
    pub findings: Vec<Finding>,
    /// What was recomputed.
    pub ours: Option<Ours>,
    /// The sheet of another workbook that it was compared with instead.
    pub against: Option<Counterpart>,
}

impl SheetComparison {
    /// What the sheet is called; a .csv file gives it no name.
    pub(crate) fn title(&self) -> &str {
        if self.sheet.is_empty() { "the table" } else { &self.sheet }
    }

    /// The optimizer and its form, in words; none where no optimizer fits.
    pub(crate) fn told_optimizer(&self) -> Option<String> {
        let name = self.optimizer.as_ref()?;
        let title = self.ours.as_ref().map_or(name, |ours| &ours.sheet.title);
        Some(match (&self.variant, self.departures.is_empty()) {
            (Some(variant), _) => format!("{title}, the variant {name}:{variant}"),
            (None, true) => format!("{title}, the textbook form"),
            (None, false) => format!("{title}, not quite the textbook form"),
        })
    }

    /// Whether a column was held against something: not x and y, which are the sheet's own where it
    /// is recomputed.
    pub fn is_compared(&self, column: &ColumnComparison) -> bool {
        let group = |ours: &Ours| Some(ours.sheet.columns.get(column.ours?)?.group);
        let is_data = self.ours.as_ref().and_then(group) == Some(Group::Data);
        column.cells > 0 && (self.against.is_some() || !is_data)
    }
}

/// The sheet of another workbook that a sheet was compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterpart {
    /// The file and the sheet, as messages call it: `TRACE.xlsx, adam`.
    pub name: String,
    /// The sheet.
    pub sheet: String,
    /// The cells of its table.
    pub table: String,
    /// How many rows of the two tables go together.
    pub rows: usize,
    /// By what the rows were put together: `step`, `x and y`, `position`.
    pub aligned_by: &'static str,
}

impl Counterpart {
    /// How many rows go together, and by what, in words.
    pub(crate) fn told_rows(&self) -> String {
        format!("{} put together by {}", counted(self.rows, "row"), self.aligned_by)
    }
}

/// The run that a table is compared with: the form that it follows, with the table's own
/// hyperparameters and start.
#[derive(Debug, Clone, PartialEq)]
pub struct Ours {
    /// Its columns and inputs. The inputs have the table's values; the columns that look at the
    /// row above start from the table's start.
    pub sheet: Sheet,
    /// Where each input of the sheet stands in the table: a cell, where it has one.
    pub cells: Vec<Option<String>>,
}

/// A number that the table works with.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// What it is: `lr`, `start a`, `v_b`.
    pub name: String,
    /// The cell that holds it; none where it is typed into formulas or follows from nothing.
    pub cell: Option<String>,
    /// Its value.
    pub value: f64,
}

/// How one column agrees.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnComparison {
    /// Its cells: `J4:J32`.
    pub range: String,
    /// What stands above it.
    pub header: Option<String>,
    /// The column of the trace that it is (`v_b`); none where no column is like it.
    pub matches: Option<String>,
    /// The column of [`Ours`] that it is.
    pub ours: Option<usize>,
    /// Whether the table has it with the other sign; `expected` has the table's.
    pub is_negated: bool,
    /// What it computes, in words and as a formula over the headers.
    pub meaning: Option<String>,
    /// What should stand in each cell, where that is known.
    pub expected: Vec<Option<f64>>,
    /// What stands there; none where it is no number.
    pub found: Vec<Option<f64>>,
    /// How many cells were compared.
    pub cells: usize,
    /// How many of them differ by more than the tolerance.
    pub mismatches: usize,
    /// The largest difference.
    pub max_abs: f64,
    /// The largest relative difference.
    pub max_rel: f64,
    /// The first cell that differs.
    pub first_mismatch: Option<String>,
}

impl ColumnComparison {
    /// Counts the cells that have a number on both sides, and how they differ; `differs` says of a
    /// row's expected and found number whether that is too much, `cell` gives a row's address.
    pub(super) fn tally(
        &mut self,
        differs: &dyn Fn(usize, f64, f64) -> bool,
        cell: &dyn Fn(usize) -> String,
    ) {
        for row in 0..self.found.len() {
            let Some((expected, found)) = self.expected[row].zip(self.found[row]) else { continue };
            let difference = (expected - found).abs();
            self.cells += 1;
            self.max_abs = self.max_abs.max(difference);
            if difference > 0.0 {
                self.max_rel = self.max_rel.max(difference / expected.abs().max(found.abs()));
            }
            if differs(row, expected, found) {
                self.mismatches += 1;
                self.first_mismatch.get_or_insert_with(|| cell(row));
            }
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A formula or a name refers to `#REF!`.
    BrokenReference,
    /// A cell holds an error value.
    ErrorCell,
    /// A number is stored as text.
    TextNumber,
    /// A cell of the table is empty, or a row is missing.
    Missing,
    /// A formula breaks the pattern of its column.
    InconsistentFormula,
    /// A cached result is not what the formula gives.
    Stale,
    /// A cell holds another number than the optimizer gives.
    Value,
    /// An epoch starts from other weights than the one before ended with.
    HandOver,
    /// A header or a label says one thing and the cell computes another.
    Label,
    /// The sheet departs from the textbook form.
    Variant,
    /// Data change whenever the workbook is calculated.
    Volatile,
}

impl Kind {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Kind::BrokenReference => "broken-reference",
            Kind::ErrorCell => "error-cell",
            Kind::TextNumber => "text-number",
            Kind::Missing => "missing",
            Kind::InconsistentFormula => "inconsistent-formula",
            Kind::Stale => "stale",
            Kind::Value => "value",
            Kind::HandOver => "hand-over",
            Kind::Label => "label",
            Kind::Variant => "variant",
            Kind::Volatile => "volatile",
        }
    }

    /// Whether it makes the sheet differ; the others are worth knowing but no mistake.
    pub fn is_mistake(self) -> bool {
        !matches!(self, Kind::Variant | Kind::Volatile)
    }
}

/// Something wrong or remarkable.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub kind: Kind,
    /// The cell to look at, with its sheet: `adam!J5`.
    pub cell: String,
    /// What is the matter, in words that a beginner understands.
    pub message: String,
    /// What should stand there: a number or a formula.
    pub expected: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// The cell that it follows from; none where it is a cause itself.
    pub cause: Option<String>,
    /// How many later cells differ only because of it.
    pub consequences: usize,
    /// The edit that mends it.
    pub fix: Option<String>,
}

/// `!J5`, on a sheet that has no name, as `J5`; other addresses as they are.
pub(crate) fn without_sheet(cell: &str) -> &str {
    cell.trim_start_matches('!')
}

impl Finding {
    /// A finding about `cell`, so far without numbers, cause or fix.
    pub fn new(kind: Kind, cell: String, message: String) -> Self {
        Finding {
            kind,
            cell,
            message,
            expected: None,
            found: None,
            cause: None,
            consequences: 0,
            fix: None,
        }
    }

    /// What follows from it, in words.
    pub(crate) fn follows(&self) -> Option<String> {
        let cells = |noun: &str| counted(self.consequences, noun);
        match (self.kind, self.consequences) {
            (_, 0) => None,
            (Kind::Volatile, 1) => Some("1 cell changes with it".to_owned()),
            (Kind::Volatile, _) => Some(format!("{} change with it", cells("cell"))),
            (_, 1) => Some("1 later cell differs only because of this".to_owned()),
            _ => Some(format!("{} differ only because of this", cells("later cell"))),
        }
    }

    /// Its cell as one writes it: of a .csv file, whose table has no name, without a sheet.
    pub(crate) fn address(&self) -> &str {
        without_sheet(&self.cell)
    }

    /// Whether it is about a name of the workbook, not about a cell.
    pub(crate) fn is_about_name(&self) -> bool {
        !self.cell.contains('!')
    }

    /// The row and the column of its cell, counted from 0; none where it is about a name.
    pub fn position(&self) -> Option<(u32, u32)> {
        self.cell.rsplit_once('!').and_then(|(_, cell)| parse_cell(cell))
    }
}
