//! The page of `gdtrace sweep`: where every combination ended, as curves or heat maps and as a
//! table, with the best one marked and the command that traces it.

mod drawn;
mod table;

use serde::Serialize;

use super::charts;
use super::engine::Program;
use super::markup;
use super::numbers::{brief, count};
use super::page::render;
use super::script::Script;
use crate::error::Result;
use crate::trace::Results;
use crate::trace::curvature::Curvature;
use crate::trace::sweep::Sweep;
use crate::value::{Value, number_text, sentence};
use drawn::{Drawn, Store};
use table::Table;

const OWN_STYLE: &str = include_str!("../../../../templates/sweep.css");

/// All that the page shows.
#[derive(Serialize)]
struct Page<'a> {
    workbook: &'a str,
    workbook_address: &'a str,
    /// What was run, a label and a text each.
    facts: Vec<(&'static str, String)>,
    convergence: String,
    /// How many runs there were, and which of them are shown, where not all are.
    count: usize,
    sampled: Option<String>,
    /// What is drawn; and of a run, once it is open, what its row is called and what it is about.
    sweep: &'a Drawn<'a>,
    row: &'a str,
    samples: usize,
    problem: &'a charts::Problem,
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
    let (program, printed) = Program::new(traced, false)?;
    let store = Store {
        sweep: Drawn::new(sweep, commands, command),
        row_head: traced.runs[0].sheet.row_name(),
        samples: traced.data.samples(),
        workbook: markup::relative_address(workbook),
        problem: charts::Problem::new(traced, Curvature::of(traced)?.as_ref()),
        program,
    };
    let page = Page {
        workbook,
        workbook_address: &store.workbook,
        facts: facts(sweep),
        convergence: sentence(&sweep.convergence.text()),
        count: sweep.count(),
        sampled: sweep.sampled(),
        sweep: &store.sweep,
        row: store.row_head,
        samples: store.samples,
        problem: &store.problem,
        table: Table::new(sweep),
    };
    let style = (OWN_STYLE, charts::colours(traced));
    render("sweep.html", style, (&Script::of_sweep(&printed), &store), &page)
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
        ("Model", sweep.model.equation.clone()),
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
