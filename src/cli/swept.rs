//! What `gdtrace sweep` prints: a row for each run, the best one marked, or one JSON object.

use std::borrow::Cow;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::console::{Pairs, PrintedFiles, shown};
use super::data_json::PrintedData;
use super::target::Paths;
use super::vary::Varied;
use crate::error::{Error, Result};
use crate::trace::sweep::{Sweep, SweptRun};
use crate::value::{Value, counted, number_text, sentence};

/// Longer tables are cut to the best runs.
const LONGEST: usize = 30;
const BEST_SHOWN: usize = 20;

/// More weights than these do not fit beside the rest.
const MOST_WEIGHTS: usize = 4;

/// The results as a table, the best run, the `command` that traces it, the files written, and the folder with all
/// runs where there is one.
pub fn table(
    sweep: &Sweep,
    command: Option<&str>,
    (paths, kept): (&Paths, Option<&Path>),
) -> String {
    let setting = &sweep.setting;
    let data = &setting.data;
    let (samples, file) = (counted(data.samples(), "sample"), data.file.display());
    let mut out = format!("{samples} from {file}, {}\n", data.place());
    let loss = match sweep.model.is_squared {
        true => String::new(),
        false => format!("loss {}, ", sweep.model.loss),
    };
    let (epochs, runs) = (counted(setting.plan.epochs, "epoch"), counted(sweep.count(), "run"));
    out += &format!("{}, {loss}{epochs}, {runs}\n\n", sweep.model.equation);
    let is_long = sweep.count() > LONGEST;
    let order = match is_long {
        true => sweep.ranking(BEST_SHOWN),
        false => sweep.runs.iter().collect(),
    };
    out += &runs_table(sweep, &order).to_string();
    if is_long {
        let more = sweep.count() - order.len();
        out += &match &sweep.whole {
            None => format!("\n … {more} more in {}", paths.workbook.display()),
            Some(_) => format!("\n … {more} more, of which the workbook has a sample"),
        };
    }
    out += &format!("\n\n{}\n", sentence(&sweep.finding()));
    out += &format!("{}\n", sentence(&sweep.convergence.text()));
    if let Some(command) = command {
        out += &format!("\nTrace the best run:\n  {command}\n");
    }
    for path in paths.all() {
        out += &format!("\nwrote {}", path.display());
    }
    if let Some(kept) = kept {
        out += &format!("\nevery run is in {}", kept.display());
    }
    out
}

fn runs_table(sweep: &Sweep, order: &[&SweptRun]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let weights: Vec<&str> = sweep.weights().collect();
    let shows_weights = weights.len() <= MOST_WEIGHTS;
    let has_loss = !sweep.model.is_squared;
    let mut head = vec!["optimizer".to_owned()];
    head.extend(sweep.setting.axes.iter().map(|axis| axis.name.clone()));
    if shows_weights {
        head.extend(weights.iter().map(|weight| format!("final {weight}")));
    }
    head.push("RMSE".to_owned());
    head.extend(has_loss.then(|| "mean loss".to_owned()));
    head.extend(["converged".to_owned(), String::new()]);
    table.set_header(head);
    for run in order {
        let number = |value: Value| match run.diverged_at {
            Some(_) => String::new(),
            None => shown(value),
        };
        let mut row = vec![sweep.setting.blocks[run.block].name.clone()];
        let value = |value: &Option<f64>| value.map_or(String::new(), number_text);
        row.extend(run.values.iter().map(value));
        if shows_weights {
            row.extend(run.weights.iter().map(|weight| number(*weight)));
        }
        row.push(number(run.rmse));
        row.extend(has_loss.then(|| number(run.loss)));
        row.push(run.converged.map_or(String::new(), |one| format!("step {}", one.step)));
        row.push(sweep.mark(run));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let marks = table.column_count().saturating_sub(1);
    if let Some(mark) = table.column_mut(marks) {
        mark.set_cell_alignment(CellAlignment::Left);
    }
    table
}

/// The results as `--json` prints them. Numbers read back to the same f64; error values are text.
#[derive(Serialize)]
struct Printed<'a> {
    input: Cow<'a, str>,
    sheet: &'a str,
    samples: usize,
    data: PrintedData<'a>,
    epochs: usize,
    vary: Vec<PrintedVary<'a>>,
    converged_below: Option<f64>,
    /// How many runs there are, where not all of them are here.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    runs: Vec<PrintedRun<'a>>,
    /// The place of the best run in `runs`.
    best: Option<usize>,
    outputs: PrintedFiles<'a>,
}

#[derive(Serialize)]
struct PrintedVary<'a> {
    name: &'a str,
    /// Only where it is for one optimizer.
    #[serde(skip_serializing_if = "Option::is_none")]
    optimizer: Option<&'a str>,
    values: &'a [f64],
}

#[derive(Serialize)]
struct PrintedRun<'a> {
    /// Only for an optimizer that the user gave a name of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    optimizer: &'a str,
    variant: &'a str,
    hyper: Pairs<'a, f64>,
    r#final: Pairs<'a, Value>,
    rmse: Value,
    /// Only for losses other than the squared error, whose mean is the square of the RMSE.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_loss: Option<Value>,
    best_rmse: Option<f64>,
    converged_at_step: Option<usize>,
    diverged_at: Option<usize>,
}

/// The results as one JSON object.
///
/// # Errors
/// None that a sweep can cause.
pub fn json(sweep: &Sweep, varied: &Varied, paths: &Paths) -> Result<String> {
    let data = &sweep.setting.data;
    let asked = varied.asked.iter().map(|(name, optimizer, values)| PrintedVary {
        name,
        optimizer: optimizer.as_deref(),
        values,
    });
    let printed = Printed {
        input: data.file.to_string_lossy(),
        sheet: &data.sheet,
        samples: data.samples(),
        data: PrintedData::new(data),
        epochs: sweep.setting.plan.epochs,
        vary: asked.collect(),
        converged_below: sweep.convergence.below(),
        count: sweep.whole.as_ref().map(|whole| whole.runs),
        runs: sweep.runs.iter().map(|run| printed_run(sweep, varied, run)).collect(),
        best: sweep.best,
        outputs: PrintedFiles::new(Some(&paths.workbook), paths.report.as_deref(), &[]),
    };
    serde_json::to_string_pretty(&printed)
        .map_err(|error| Error::new(format!("cannot write the results as JSON: {error}")))
}

fn printed_run<'a>(sweep: &'a Sweep, varied: &'a Varied, run: &'a SweptRun) -> PrintedRun<'a> {
    let axes = sweep.setting.axes.iter().map(|axis| axis.name.as_str());
    let hyper = axes.zip(&run.values).filter_map(|(name, value)| Some((name, (*value)?)));
    let chosen = &varied.chosen[run.block];
    let has_own_name = chosen.label != chosen.definition.label();
    PrintedRun {
        name: has_own_name.then_some(chosen.label.as_str()),
        optimizer: &chosen.definition.name,
        variant: chosen.definition.variant.as_deref().unwrap_or("textbook"),
        hyper: Pairs(hyper.collect()),
        r#final: Pairs(sweep.weights().zip(run.weights.iter().copied()).collect()),
        rmse: run.rmse,
        mean_loss: (!sweep.model.is_squared).then_some(run.loss),
        best_rmse: run.best.map(|(rmse, _)| rmse),
        converged_at_step: run.converged.map(|one| one.step),
        diverged_at: run.diverged_at,
    }
}
