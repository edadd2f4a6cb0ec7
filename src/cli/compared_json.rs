//! What `gdtrace compare --json` prints: everything that was found, as one object.

use serde::Serialize;
use serde::ser::SerializeMap;

use super::described::pretty;
use super::trainings_json::{self, PrintedTraining};
use crate::compare::result::{
    ColumnComparison, Comparison, Finding, Setting, SheetComparison, Status, without_sheet,
};
use crate::error::Result;

#[derive(Serialize)]
struct Printed<'a> {
    sheets: Vec<PrintedSheet<'a>>,
    trainings: Vec<PrintedTraining<'a>>,
    agree: bool,
    /// What is wrong with the workbook itself: names that refer to nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<PrintedFinding<'a>>,
    /// The workbook that it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<PrintedOther<'a>>,
}

#[derive(Serialize)]
struct PrintedOther<'a> {
    file: String,
    /// Its sheets with a table that no sheet was compared with.
    left_out: &'a [String],
}

/// The sheet of the other workbook.
#[derive(Serialize)]
struct PrintedCounterpart<'a> {
    sheet: &'a str,
    table: &'a str,
    rows: usize,
    aligned_by: &'static str,
}

#[derive(Serialize)]
struct PrintedSheet<'a> {
    sheet: &'a str,
    status: &'static str,
    /// Only of a sheet that was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    optimizer: Option<&'a str>,
    variant: Option<&'a str>,
    departures: &'a [String],
    samples: usize,
    table: Option<&'a str>,
    hyper: Settings<'a>,
    start: Settings<'a>,
    columns: Vec<PrintedColumn<'a>>,
    findings: Vec<PrintedFinding<'a>>,
    /// What was assumed where more than one reading was possible.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    remarks: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<PrintedCounterpart<'a>>,
}

/// Numbers by name, each with the cell that holds it.
struct Settings<'a>(&'a [Setting]);

impl Serialize for Settings<'_> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Printed<'a> {
            value: f64,
            cell: Option<&'a str>,
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for one in self.0 {
            let printed = Printed { value: one.value, cell: one.cell.as_deref() };
            map.serialize_entry(&one.name, &printed)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct PrintedColumn<'a> {
    range: &'a str,
    header: Option<&'a str>,
    matches: Option<&'a str>,
    cells: usize,
    mismatches: usize,
    max_abs: f64,
    max_rel: f64,
    first_mismatch: Option<&'a str>,
}

#[derive(Serialize)]
struct PrintedFinding<'a> {
    kind: &'static str,
    cell: &'a str,
    message: &'a str,
    expected: Option<&'a str>,
    found: Option<&'a str>,
    cause: Option<&'a str>,
    consequences: usize,
    fix: Option<&'a str>,
}

/// All that was found, as one JSON object.
///
/// # Errors
/// None that a comparison can cause.
pub fn json(comparison: &Comparison) -> Result<String> {
    let sheets = comparison.sheets.iter().map(printed_sheet).collect();
    let against = comparison.against.as_ref().map(|other| PrintedOther {
        file: other.file.display().to_string(),
        left_out: &other.left_out,
    });
    let findings = comparison.findings.iter().map(printed_finding).collect();
    let trainings = trainings_json::printed(&comparison.reading.graph, &comparison.trainings);
    pretty(&Printed { sheets, trainings, agree: comparison.agrees(), findings, against })
}

fn printed_sheet(sheet: &SheetComparison) -> PrintedSheet<'_> {
    let is_skipped = sheet.status == Status::Skipped;
    let variant = || sheet.variant.as_deref().unwrap_or("textbook");
    PrintedSheet {
        sheet: &sheet.sheet,
        status: match sheet.status {
            Status::Agrees => "agrees",
            Status::Differs => "differs",
            Status::Skipped => "skipped",
        },
        reason: is_skipped.then(|| sheet.remarks.join("; ")),
        optimizer: sheet.optimizer.as_deref(),
        variant: sheet.optimizer.as_ref().map(|_| variant()),
        departures: &sheet.departures,
        samples: sheet.samples,
        table: sheet.table.as_deref(),
        hyper: Settings(&sheet.hyper),
        start: Settings(&sheet.start),
        columns: sheet.columns.iter().map(printed_column).collect(),
        findings: sheet.findings.iter().map(printed_finding).collect(),
        remarks: if is_skipped { &[] } else { &sheet.remarks },
        against: sheet.against.as_ref().map(|there| PrintedCounterpart {
            sheet: &there.sheet,
            table: &there.table,
            rows: there.rows,
            aligned_by: there.aligned_by,
        }),
    }
}

fn printed_column(column: &ColumnComparison) -> PrintedColumn<'_> {
    PrintedColumn {
        range: &column.range,
        header: column.header.as_deref(),
        matches: column.matches.as_deref(),
        cells: column.cells,
        mismatches: column.mismatches,
        max_abs: column.max_abs,
        max_rel: column.max_rel,
        first_mismatch: column.first_mismatch.as_deref(),
    }
}

fn printed_finding(finding: &Finding) -> PrintedFinding<'_> {
    PrintedFinding {
        kind: finding.kind.name(),
        cell: finding.address(),
        message: &finding.message,
        expected: finding.expected.as_deref(),
        found: finding.found.as_deref(),
        cause: finding.cause.as_deref().map(without_sheet),
        consequences: finding.consequences,
        fix: finding.fix.as_deref(),
    }
}
