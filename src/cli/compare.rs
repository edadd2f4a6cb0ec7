//! `gdtrace compare`: what a hand-built spreadsheet computes, and where it is wrong.

use std::path::PathBuf;

use super::{compared, console};
use crate::compare::result::{Comparison, SheetComparison, Status};
use crate::compare::{self, Options, Settings};
use crate::error::Result;
use crate::optimizer;

/// Say what a hand-built spreadsheet computes, and where it is wrong
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The workbook to look at
    pub file: PathBuf,
    /// The only sheet to look at
    #[arg(long)]
    pub sheet: Option<String>,
    /// The optimizer that the sheet is meant to be: adam, adam:keras
    #[arg(long, value_name = "NAME[:VARIANT]")]
    pub optimizer: Option<String>,
    /// The largest relative difference of numbers that agree
    #[arg(long, default_value_t = 1e-9)]
    pub tolerance: f64,
    /// Write a workbook with theirs, ours and the difference side by side, and the findings
    #[arg(short, long, value_name = "FILE.xlsx")]
    pub output: Option<PathBuf>,
    /// Write the same as a page to read
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Replace files even if gdtrace did not write them, or they were edited since
    #[arg(long)]
    pub force: bool,
}

/// Runs the command; whether the workbook agrees.
///
/// # Errors
/// Those of [`compare::compare`].
pub fn run(args: &Args) -> Result<bool> {
    let mut outputs = compared::plan(args)?;
    let options = Options { sheet: args.sheet.clone(), ..Options::default() };
    let settings =
        Settings { options, tolerance: args.tolerance, optimizer: args.optimizer.clone() };
    let comparison = compare::compare(&args.file, &settings, optimizer::registry()?)?;
    compared::stage(args, &comparison, &mut outputs)?;
    outputs.commit()?;
    console::print(told(&comparison).trim_end());
    Ok(comparison.agrees())
}

fn told(comparison: &Comparison) -> String {
    let sheets: Vec<String> = comparison.sheets.iter().map(sheet).collect();
    sheets.join("\n")
}

fn sheet(sheet: &SheetComparison) -> String {
    if sheet.status == Status::Skipped {
        return format!("{}: skipped, {}\n", sheet.sheet, sheet.remarks.join("; "));
    }
    let mut out = format!(
        "{}: {:?}, {:?}:{:?} {:?} table {:?} hyper {:?} start {:?}\n",
        sheet.sheet,
        sheet.status,
        sheet.optimizer,
        sheet.variant,
        sheet.departures,
        sheet.table,
        sheet
            .hyper
            .iter()
            .map(|s| format!("{}={} {:?}", s.name, s.value, s.cell))
            .collect::<Vec<_>>(),
        sheet
            .start
            .iter()
            .map(|s| format!("{}={} {:?}", s.name, s.value, s.cell))
            .collect::<Vec<_>>()
    );
    for column in &sheet.columns {
        out += &format!(
            "  {} {:?} {:?} cells {} mismatches {} abs {} rel {} {:?}\n",
            column.range,
            column.header,
            column.matches,
            column.cells,
            column.mismatches,
            column.max_abs,
            column.max_rel,
            column.first_mismatch
        );
    }
    for finding in &sheet.findings {
        out += &format!(
            "  {} {}: {} fix {:?} ({})\n",
            finding.kind.name(),
            finding.cell,
            finding.message,
            finding.fix,
            finding.consequences
        );
    }
    out
}
