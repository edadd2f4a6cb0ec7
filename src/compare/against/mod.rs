//! A workbook against another one, column by column, instead of against what it should compute.
//!
//! Both are read and recognized in the same way, so that columns go together by what they are
//! wherever they stand; rows go together by what they hold. A cell that differs although all that
//! it is computed from agrees is where the two part; what comes of it is counted.

mod align;
mod cells;
mod columns;
mod origins;
mod pairing;
mod rows;
mod settings;
mod side;

use std::path::{Path, PathBuf};

use super::result::{Comparison, Counterpart, Finding, Kind, Other, SheetComparison, Status};
use super::settings::Settings;
use super::verdict::{compare, skipped};
use crate::error::{Error, Result};
use crate::optimizer::Registry;
use align::{Alignment, Keys, align};
use cells::Cells;
use columns::{Column, pair_columns};
use pairing::{Pairing, pairing};
use side::Side;

/// The workbook to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The file.
    pub file: PathBuf,
    /// Its only sheet to compare with.
    pub sheet: Option<String>,
}

impl Target {
    /// Reads `FILE` or `FILE#SHEET`; a file whose name has a `#` in it is that file.
    pub fn parse(text: &str) -> Self {
        let whole = || Target { file: text.into(), sheet: None };
        match text.rsplit_once('#') {
            Some((file, sheet)) if !Path::new(text).exists() => {
                Target { file: file.into(), sheet: Some(sheet.trim_matches('\'').to_owned()) }
            }
            _ => whole(),
        }
    }

    fn name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Compares every sheet of the workbook at `path` that has a table of steps with a sheet of
/// `target`.
///
/// # Errors
/// A file that cannot be read, a sheet that there is not, another workbook without a table or
/// without one for any sheet.
pub fn against(
    path: &Path,
    target: &Target,
    settings: &Settings,
    registry: &Registry,
) -> Result<Comparison> {
    let mut ours = compare(path, settings, registry)?;
    let mut others = settings.clone();
    others.options.sheet.clone_from(&target.sheet);
    // What the columns of one workbook are says nothing about the other.
    others.map.clear();
    let theirs = compare(&target.file, &others, registry)?;
    if theirs.sheets.iter().all(|sheet| sheet.status == Status::Skipped) {
        return Err(no_table(target, &theirs));
    }
    let mut left_out: Vec<String> = tables(&theirs).map(|sheet| sheet.sheet.clone()).collect();
    let mut sheets = Vec::new();
    for sheet in &ours.sheets {
        if sheet.status == Status::Skipped {
            sheets.push(sheet.clone());
            continue;
        }
        sheets.push(match pairing(sheet, &theirs, target) {
            Pairing::Found(at, remark) => {
                left_out.retain(|name| *name != theirs.sheets[at].sheet);
                let both = [Side::new(&ours, sheet), Side::new(&theirs, &theirs.sheets[at])];
                match both {
                    [Some(ours), Some(theirs)] => {
                        Pair::new(ours, theirs, target, settings.tolerance).result(remark)
                    }
                    _ => sheet.clone(),
                }
            }
            Pairing::None(reason) => skipped(&sheet.sheet, &reason),
        });
    }
    let had_table = tables(&ours).next().is_some();
    ours.sheets = sheets;
    if settings.options.sheet.is_some() {
        // Who asks for one sheet does not wonder about the others.
        left_out.clear();
    }
    ours.against = Some(Other { file: target.file.clone(), left_out });
    if had_table && tables(&ours).next().is_none() {
        return Err(no_pair(&ours, target));
    }
    Ok(ours)
}

fn tables(comparison: &Comparison) -> impl Iterator<Item = &SheetComparison> {
    comparison.sheets.iter().filter(|sheet| sheet.status != Status::Skipped)
}

fn no_table(target: &Target, theirs: &Comparison) -> Error {
    /// So many sheets say why they have no table.
    const MOST: usize = 8;
    let reasons = theirs.sheets.iter().take(MOST).map(|sheet| match sheet.sheet.as_str() {
        "" => format!("\n  {}", sheet.remarks.join("; ")),
        name => format!("\n  {name}: {}", sheet.remarks.join("; ")),
    });
    let what = "there is no table of steps to compare with";
    Error::new(format!("{what}{}", reasons.collect::<String>()))
        .in_file(&target.file)
        .help("--against takes a workbook of gdtrace run, or another one with a row for each step")
}

fn no_pair(ours: &Comparison, target: &Target) -> Error {
    let reason = ours.sheets.iter().find(|sheet| sheet.remarks.iter().any(|one| one.contains('#')));
    let reason = reason.map_or(String::new(), |sheet| sheet.remarks.join("; "));
    Error::new(format!("no sheet of {} goes with one of these: {reason}", target.name()))
        .in_file(&ours.file)
        .help(format!("say which one: --against '{}#SHEET'", target.file.display()))
}

/// Two tables with all that is known of how they go together.
struct Pair<'a> {
    ours: Side<'a>,
    theirs: Side<'a>,
    /// What messages call the other sheet: `TRACE.xlsx, adam`.
    name: String,
    columns: Vec<Column>,
    rows: Alignment,
    tolerance: f64,
}

impl<'a> Pair<'a> {
    fn new(ours: Side<'a>, theirs: Side<'a>, target: &Target, tolerance: f64) -> Self {
        let name = match theirs.found.sheet.as_str() {
            "" => target.name(),
            sheet => format!("{}, {sheet}", target.name()),
        };
        let columns = pair_columns(&ours, &theirs);
        let rows = rows_of(&ours, &theirs, tolerance);
        Pair { ours, theirs, name, columns, rows, tolerance }
    }

    fn differs(&self, one: f64, other: f64) -> bool {
        is_apart(one, other, self.tolerance)
    }

    fn result(&self, remark: Option<String>) -> SheetComparison {
        let settings = self.settings();
        let cells = Cells::new(self, &settings);
        let mut findings: Vec<Finding> = settings.iter().map(|one| one.finding.clone()).collect();
        let first = findings.len();
        findings.extend(self.missing_rows());
        let rows = first..findings.len();
        findings.extend(self.own_mistakes());
        let values = cells.findings(&findings);
        findings.extend(values);
        findings.extend(self.forms());
        origins::count(&cells, &mut findings, rows);
        findings.sort_by_key(|finding| !finding.kind.is_mistake());
        let columns = cells.columns();
        let mismatches: usize = columns.iter().map(|column| column.mismatches).sum();
        let differs = mismatches > 0 || findings.iter().any(|one| one.kind.is_mistake());
        let rows = self.rows.partner.iter().flatten().count();
        let mut remarks: Vec<String> = remark.into_iter().collect();
        remarks.extend(self.rows.remark.clone());
        remarks.extend(self.remarks());
        SheetComparison {
            status: if differs { Status::Differs } else { Status::Agrees },
            remarks,
            columns,
            findings,
            ours: self.shown(),
            against: Some(Counterpart {
                name: self.name.clone(),
                sheet: self.theirs.found.sheet.clone(),
                table: self.theirs.found.table.clone().unwrap_or_default(),
                rows,
                aligned_by: self.rows.by,
            }),
            ..self.ours.found.clone()
        }
    }

    /// What is wrong with our sheet whatever it is compared with.
    fn own_mistakes(&self) -> Vec<Finding> {
        let other = [Kind::Value, Kind::HandOver, Kind::Label, Kind::Variant];
        let findings = self.ours.found.findings.iter();
        findings.filter(|finding| !other.contains(&finding.kind)).cloned().collect()
    }
}

/// Whether two numbers differ by more than the relative tolerance.
fn is_apart(one: f64, other: f64, tolerance: f64) -> bool {
    (one - other).abs() > tolerance * one.abs().max(other.abs())
}

fn rows_of(ours: &Side, theirs: &Side, tolerance: f64) -> Alignment {
    let samples = |side: &Side<'_>| Some((side.column("x")?, side.column("y")?));
    let both = samples(ours).zip(samples(theirs));
    let is_same = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) => !is_apart(one, other, tolerance),
        (one, other) => one == other,
    };
    let same = both.map(|(here, there)| {
        move |row: usize, at: usize| {
            is_same(ours.number(here.0, row), theirs.number(there.0, at))
                && is_same(ours.number(here.1, row), theirs.number(there.1, at))
        }
    });
    align(&Keys {
        rows: (ours.rows(), theirs.rows()),
        same: same.as_ref().map(|same| same as &dyn Fn(usize, usize) -> bool),
        steps: ours.steps().zip(theirs.steps()),
    })
}
