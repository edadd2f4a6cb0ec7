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
use crate::export::palette;
use crate::export::xlsx::{Addresses, Host};
use crate::trace::Results;

pub(crate) use comparison::comparison;
pub use derive::derivatives;
pub use sweep::sweep;

use engine::Program;
use formulas::Formula;
use markup::Markup;
use optimizer::Optimizer;
use script::Script;
use store::Store;
use summary::Summary;

/// What all pages look like.
const STYLE: &str = include_str!("../../../templates/report.css");

/// What pages with charts have besides.
const CHART_STYLE: &str = include_str!("../../../templates/charts.css");

/// What the report of a run has besides.
const OWN_STYLE: &str = concat!(
    include_str!("../../../templates/explorer.css"),
    include_str!("../../../templates/parts.css"),
    include_str!("../../../templates/yourself.css"),
    include_str!("../../../templates/controls.css"),
);

/// Where the runs of a page come from.
#[derive(Debug, Serialize)]
pub struct Origin {
    /// The command line, but for what the page itself sets: `gdtrace run graddes.xlsx --shuffle`.
    pub command: String,
    /// What each run is called behind `--optimizers`.
    pub arguments: Vec<String>,
}

/// All that the page shows.
#[derive(Serialize)]
struct Page<'a> {
    /// Style sheet and colours, ready to stand in a `<style>`.
    style: Markup,
    version: &'a str,
    workbook: &'a str,
    /// The workbook as a relative address.
    workbook_address: String,
    summary: Summary,
    /// The charts, in their order.
    charts: Vec<charts::Figure>,
    /// What a row of a trace is called.
    row: &'a str,
    /// Whether an update takes more than one row.
    has_batches: bool,
    /// What every row computes before the optimizer has its turn.
    forward: Vec<Formula>,
    optimizers: Vec<Optimizer>,
    /// Where the notes and the walkthrough are mistaken.
    notes: Vec<notes::Note>,
    /// The numbers, for the script.
    store: Markup,
    script: Markup,
    /// What the security policy says of scripts.
    script_source: String,
}

/// The report on `results` as an HTML page; `workbook` is the name of the workbook beside it,
/// which holds every number, on sheets as they are in `host`.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn page(results: &Results, host: &Host, workbook: &str) -> Result<String> {
    page_of(results, (host, workbook), None)
}

/// The same for a run that a command line made.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn page_of(
    results: &Results,
    (host, workbook): (&Host, &str),
    origin: Option<Origin>,
) -> Result<String> {
    let addresses = &Addresses::new(results, host);
    let runs = 0..results.runs.len();
    let (program, printed) = Program::new(results, true)?;
    let script = Script::new(&printed);
    let colours = colours(charts::colours(results).max(LEAST_COLOURS));
    let page = Page {
        style: Markup::trusted(format!("{STYLE}{CHART_STYLE}{OWN_STYLE}{colours}")),
        version: env!("CARGO_PKG_VERSION"),
        workbook,
        workbook_address: markup::relative_address(workbook),
        summary: Summary::new(results, addresses),
        charts: charts::figures(results),
        row: results.runs.first().map_or("row", |run| run.sheet.row_name()),
        has_batches: results.updates(1).is_some(),
        forward: results.runs.first().map_or(Vec::new(), |run| formulas::forward(&run.sheet)),
        optimizers: runs.map(|at| Optimizer::new(results, at, addresses)).collect(),
        notes: notes::notes(results)?,
        store: Markup::json(&Store::new(results, (addresses, workbook), program, origin)?)?,
        script: script.text(),
        script_source: script.source(),
    };
    page::render("report.html", &page)
}

/// Runs that are added in the page have colours too.
const LEAST_COLOURS: usize = 24;

/// The colours of so many runs, as style rules: those of the workbook on white, lighter ones on a
/// dark page.
fn colours(runs: usize) -> String {
    let rules = |shade: fn(u32) -> u32| -> String {
        (0..runs)
            .map(|run| format!(".run-{run}{{--run:#{:06x}}}\n", shade(palette::colour(run))))
            .collect()
    };
    let (light, dark) = (rules(|colour| colour), rules(on_dark));
    format!("{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n")
}

/// The colour as it is seen well on a dark page: a little lighter, and black as a light grey.
fn on_dark(colour: u32) -> u32 {
    palette::tint(colour, if colour == 0 { 0.2 } else { 0.8 })
}
