//! The table of all runs.

use serde::Serialize;

use crate::export::digits::Digits;
use crate::export::html::key::key;
use crate::export::html::markup::Markup;
use crate::export::html::numbers::{Cell, align, count, digits_of_columns, things};
use crate::trace::sweep::{Sweep, SweptRun};
use crate::value::Value;

/// More runs than these stand in the workbook only.
const MOST_ROWS: usize = 300;

/// The table of all runs, or of the best of them.
#[derive(Debug, Serialize)]
pub struct Table {
    caption: String,
    axes: Vec<String>,
    errors: Vec<&'static str>,
    weights: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    key: Markup,
    name: String,
    values: Vec<String>,
    /// RMSE, mean loss.
    errors: Vec<Cell>,
    weights: Vec<Cell>,
    converged: String,
    mark: String,
    class: &'static str,
}

impl Table {
    /// The table of `sweep`.
    pub fn new(sweep: &Sweep) -> Self {
        let all = sweep.count();
        let (order, caption) = match all > MOST_ROWS {
            true => (
                sweep.ranking(MOST_ROWS),
                format!("The best {MOST_ROWS} of {}", things(all, "run")),
            ),
            false => (sweep.runs.iter().collect(), things(all, "run")),
        };
        let mut errors = vec!["RMSE"];
        errors.extend((!sweep.model.is_squared).then_some("mean loss"));
        let weights: Vec<String> = sweep.weights().map(|name| format!("final {name}")).collect();
        let well = sweep.runs.iter().filter(|run| went_well(sweep, run));
        let well: Vec<Vec<Value>> = well.map(|run| numbers(sweep, run)).collect();
        let mut digits = digits_of_columns(&well);
        digits.resize(errors.len() + weights.len(), Digits::Whole);
        let mut cells: Vec<Vec<Cell>> =
            order.iter().map(|run| cells(sweep, run, &digits)).collect();
        align(&mut cells);
        let rows = order.iter().zip(cells).map(|(run, cells)| row(sweep, run, cells));
        Table {
            caption,
            axes: sweep.setting.axes.iter().map(|axis| axis.name.clone()).collect(),
            rows: rows.collect(),
            errors,
            weights,
        }
    }
}

/// The errors of a run and its weights.
fn numbers(sweep: &Sweep, run: &SweptRun) -> Vec<Value> {
    let mut numbers = vec![run.rmse];
    numbers.extend((!sweep.model.is_squared).then_some(run.loss));
    numbers.extend(&run.weights);
    numbers
}

fn went_well(sweep: &Sweep, run: &SweptRun) -> bool {
    run.diverged_at.is_none() && !sweep.moved_away(run)
}

/// What is shown of the errors and the weights, in the digits that suit the runs that went well.
fn cells(sweep: &Sweep, run: &SweptRun, digits: &[Digits]) -> Vec<Cell> {
    let well = went_well(sweep, run);
    let show = |(value, digits): (Value, &Digits)| match (run.diverged_at, well) {
        (Some(_), _) => Cell::default(),
        (_, true) => digits.show(value),
        _ => Digits::Scientific.show(value),
    };
    numbers(sweep, run).into_iter().zip(digits).map(show).collect()
}

fn row(sweep: &Sweep, run: &SweptRun, mut cells: Vec<Cell>) -> Row {
    let class = match (sweep.is_best(run), run.diverged_at) {
        (true, _) => "best",
        (_, Some(_)) => "diverged",
        _ => "",
    };
    let converged =
        |one: crate::trace::sweep::Converged| format!("{} ({})", count(one.step), one.epoch);
    let weights = cells.split_off(cells.len() - run.weights.len());
    let value = |value: &Option<f64>| value.map_or(String::new(), super::axis_text);
    Row {
        key: key(run.block),
        name: sweep.setting.blocks[run.block].name.clone(),
        values: run.values.iter().map(value).collect(),
        errors: cells,
        weights,
        converged: run.converged.map_or(String::new(), converged),
        mark: sweep.mark(run),
        class,
    }
}
