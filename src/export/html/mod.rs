//! The report: one self-contained HTML page beside the workbook.
//!
//! Rust prepares data, text and mathematics; the templates say where they stand, and the page's
//! script draws the charts of what it computes.
//! A template escapes what it is given, except `Markup`, which is made here and escaped already.
//! The page loads nothing and runs nothing but its own script, and says so to the browser in its
//! security policy.

mod charts;
mod comparison;
mod derive;
mod engine;
mod formulas;
mod gates;
mod key;
mod markup;
mod notes;
mod numbers;
mod optimizer;
mod page;
mod paper;
mod script;
mod store;
mod summary;
mod sweep;

use serde::Serialize;

use crate::error::Result;
use crate::export::xlsx::{Addresses, Host};
use crate::trace::Results;

pub(crate) use comparison::comparison;
pub(crate) use derive::derivatives;
pub(crate) use sweep::sweep;

use engine::Program;
use formulas::Formula;
use optimizer::Optimizer;
use script::Script;
use store::Store;
use summary::Summary;

/// What the report of a run has besides.
const OWN_STYLE: &str = concat!(
    include_str!("../../../templates/explorer.css"),
    include_str!("../../../templates/parts.css"),
    include_str!("../../../templates/yourself.css"),
    include_str!("../../../templates/controls.css"),
);

/// Where the runs of a page come from.
#[derive(Debug, Clone, Serialize)]
pub struct Origin {
    /// The command line, but for what the page itself sets: `gdtrace run graddes.xlsx --shuffle`.
    pub command: String,
    /// The same as lines of a `gdtrace.toml`.
    pub settings: Vec<String>,
    /// What each run is called behind `--optimizers`.
    pub arguments: Vec<String>,
}

/// All that the page shows.
#[derive(Serialize)]
struct Page<'a> {
    workbook: Option<&'a str>,
    /// The workbook as a relative address.
    workbook_address: Option<&'a str>,
    summary: Summary,
    /// What the charts are of.
    problem: &'a charts::Problem,
    samples: usize,
    /// What a row of a trace is called.
    row: &'a str,
    /// Whether an update takes more than one row.
    has_batches: bool,
    /// What every row computes before the optimizer has its turn.
    forward: Vec<Formula>,
    optimizers: Vec<Optimizer>,
    /// Where the notes and the walkthrough are mistaken.
    notes: Vec<notes::Note>,
}

/// The report on `results` as an HTML page; `workbook` is the name of the workbook beside it,
/// which holds every number, on sheets as they are in `host`.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn page(results: &Results, host: &Host, workbook: &str) -> Result<String> {
    page_of(results, (host, Some(workbook)), None)
}

/// The same for a run that a command line made, with a workbook or without.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn page_of(
    results: &Results,
    (host, workbook): (&Host, Option<&str>),
    origin: Option<Origin>,
) -> Result<String> {
    let addresses = &Addresses::new(results, host);
    let runs = 0..results.runs.len();
    let (program, printed) = Program::new(results, true)?;
    let store = Store::new(results, (addresses, workbook), program, origin)?;
    let page = Page {
        workbook,
        workbook_address: store.workbook.as_deref(),
        summary: Summary::new(results, addresses),
        problem: &store.problem,
        samples: store.samples,
        row: &store.row_head,
        has_batches: results.updates(1).is_some(),
        forward: formulas::forward(&results.runs[0].sheet),
        optimizers: runs.map(|at| Optimizer::new(results, at, addresses)).collect(),
        notes: notes::notes(results)?,
    };
    let colours = charts::colours(results).max(LEAST_COLOURS);
    page::render("report.html", (OWN_STYLE, colours), (&Script::new(&printed), &store), &page)
}

/// Runs that are added in the page have colours too.
const LEAST_COLOURS: usize = 24;
