//! The page of `gdtrace sweep`: where every combination ended, as curves or heat maps and as a
//! table, with the best one marked and the command that traces it.

mod drawn;
mod table;

use serde::Serialize;

use super::charts;
use super::engine::Program;
use super::markup::{self, Markup};
use super::numbers::{brief, count, things};
use super::page::render;
use super::script::Script;
use super::{CHART_STYLE, STYLE, colours};
use crate::error::Result;
use crate::trace::Results;
use crate::trace::curvature::Curvature;
use crate::trace::sweep::Sweep;
use crate::value::{Value, number_text, sentence};
use drawn::{Drawn, Figure, Store};
use table::Table;

const OWN_STYLE: &str = include_str!("../../../../templates/sweep.css");

/// All that the page shows.
#[derive(Serialize)]
struct Page<'a> {
    style: Markup,
    version: &'static str,
    title: String,
    workbook: &'a str,
    workbook_address: String,
    runs: String,
    /// What was run, a label and a text each.
    facts: Vec<(&'static str, String)>,
    finding: String,
    convergence: String,
    command: Option<&'a str>,
    /// The charts, and what the script draws them of.
    figures: Vec<Figure>,
    store: Markup,
    script: Markup,
    script_source: String,
    table: Table,
}

/// The report on `sweep` as an HTML page; `workbook` is the name of the workbook beside it,
/// `command` traces the best run and each of `commands` one of the runs, as far as they go. The page
/// computes any of the runs from what it knows of `traced`, in which each optimizer has one of its runs.
///
/// # Errors
/// A mistake in a template or in a built-in definition, which a test excludes.
pub fn sweep(
    sweep: &Sweep,
    traced: &Results,
    (command, commands): (Option<&str>, &[String]),
    workbook: &str,
) -> Result<String> {
    let names: Vec<&str> = sweep.setting.axes.iter().map(|axis| axis.name.as_str()).collect();
    let style = format!("{STYLE}{CHART_STYLE}{}{OWN_STYLE}", colours(charts::colours(traced)));
    let (program, printed) = Program::new(traced, false)?;
    let script = Script::of_sweep(&printed);
    let page = Page {
        style: Markup::trusted(style),
        version: env!("CARGO_PKG_VERSION"),
        title: match names.as_slice() {
            [name] => format!("Which {name} is best?"),
            names => format!("Which {} are best?", listed(names)),
        },
        workbook,
        workbook_address: markup::relative_address(workbook),
        runs: things(sweep.runs.len(), "run"),
        facts: facts(sweep),
        finding: sentence(&sweep.finding()),
        convergence: sentence(&sweep.convergence.text()),
        command,
        figures: drawn::figures(sweep),
        store: Markup::json(&Store {
            sweep: Drawn::new(sweep, commands, command),
            figures_of_run: charts::figures(traced),
            row_head: traced.runs[0].sheet.row_name(),
            samples: traced.data.samples(),
            workbook: markup::relative_address(workbook),
            problem: charts::Problem::new(traced, Curvature::of(traced)?.as_ref()),
            program,
        })?,
        script: script.text(),
        script_source: script.source(),
        table: Table::new(sweep),
    };
    render("sweep.html", &page)
}

/// Names in a sentence: `lr`, `lr and beta`, `lr, beta and eps`.
fn listed(names: &[&str]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        names => names.concat(),
    }
}

/// A value along an axis, with a power of ten where zeros would have to be counted.
fn axis_text(value: f64) -> String {
    const LEAST: f64 = 1e-3;
    match value != 0.0 && value.abs() < LEAST {
        true => format!("{value:e}"),
        false => number_text(value),
    }
}

/// Numbers in a sentence.
fn numbers(pairs: &[(String, f64)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name} {}", number_text(*value)));
    pairs.collect::<Vec<String>>().join(", ")
}

/// What was run. The folder of the data is left out, as in the other pages.
fn facts(sweep: &Sweep) -> Vec<(&'static str, String)> {
    let data = &sweep.setting.data;
    let file = data.file.file_name().unwrap_or(data.file.as_os_str()).to_string_lossy();
    let mut facts = vec![
        ("Model", format!("y = {}", sweep.model.prediction)),
        ("Data", format!("{file}, {}", data.place())),
        ("Samples", count(data.samples())),
        ("Epochs", format!("{} each", count(sweep.setting.plan.epochs))),
        ("Start", format!("{}: RMSE {}", numbers(&sweep.start), brief(sweep.start_rmse))),
    ];
    if !sweep.model.is_squared {
        facts.push(("Loss", sweep.model.loss.clone()));
    }
    if !sweep.setting.training.is_empty() {
        facts.push(("Way to train", sweep.setting.training.join("; ")));
    }
    let fixed = sweep.setting.blocks.iter().filter(|block| !block.fixed.is_empty());
    let fixed: Vec<String> =
        fixed.map(|block| format!("{}: {}", block.name, numbers(&block.fixed))).collect();
    if !fixed.is_empty() {
        facts.push(("Not varied", fixed.join("; ")));
    }
    if let Some(below) = sweep.convergence.below() {
        facts.push(("Converged at", format!("RMSE {}", brief(Value::number(below)))));
    }
    facts
}
