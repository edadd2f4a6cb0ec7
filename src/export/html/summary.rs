//! The summary: what was run, what it came to, and how far that is from the exact line.

use serde::Serialize;

use super::formulas;
use super::key::key;
use super::markup::{Markup, anchor};
use super::numbers::{Cell, align, brief, digits_of_columns};
use crate::export::digits::Digits;
use crate::export::xlsx::Addresses;
use crate::optimizer::HandOver;
use crate::trace::{Exact, Results, Run};
use crate::value::Value;

/// What stands on top of the page.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The model as text, and as an equation.
    equation: String,
    model: Markup,
    /// The loss, where it is not the squared error.
    loss: Option<String>,
    data: Origin,
    epochs: usize,
    until: Option<String>,
    /// How many rows and updates an optimizer has at most; no updates where each row makes one.
    steps: usize,
    updates: Option<usize>,
    start: Vec<(String, f64)>,
    training: Option<String>,
    /// What went wrong, a sentence each.
    warnings: Vec<String>,
    /// The run that is nearest to the data, and how near one could be.
    best: Option<Best>,
    best_possible: Option<Value>,
    /// Whether runs ended after different numbers of epochs.
    differ_in_length: bool,
    /// How the columns are scaled and what leads back, a line each, where they are.
    scale: Vec<String>,
    dialect: Option<Dialect>,
    /// What a dialect's error is called and how it is computed, where the run has one.
    error: Option<(String, &'static str)>,
    /// Which runs stopped early, where something could stop them.
    stops: Option<String>,
    /// The names of the weights.
    weights: Vec<String>,
    /// A row for each optimizer.
    rows: Vec<Row>,
    /// The exact least-squares line: its weights and its RMSE.
    exact: Vec<Cell>,
    /// How many columns of numbers there are.
    columns: usize,
}

/// Where the data are. The folder is left out: the same file in another place gives the same page.
#[derive(Debug, Serialize)]
struct Origin {
    file: String,
    sheet: String,
    range: String,
}

/// The run that is nearest to the data.
#[derive(Debug, Serialize)]
struct Best {
    title: String,
    epochs: usize,
    rmse: f64,
}

/// What a dialect does otherwise.
#[derive(Debug, Serialize)]
struct Dialect {
    title: String,
    source: String,
    loses_updates: bool,
    resets: Option<String>,
}

/// What one optimizer came to.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Where the page has more about it.
    pub anchor: String,
    /// A piece of its line in the charts.
    pub key: Markup,
    /// Its name.
    pub name: String,
    /// Its hyperparameters, as equations.
    pub hyper: Vec<Markup>,
    /// The final weights, RMSE and online RMSE, a dialect's error, the distances from the exact
    /// weights.
    pub cells: Vec<Cell>,
}

impl Summary {
    /// The summary of `results`.
    pub fn new(results: &Results, addresses: &Addresses) -> Self {
        let (model, plan, data) = (results.model(), &results.plan, &results.data);
        let digits = column_digits(results);
        let mut cells: Vec<Vec<Cell>> =
            results.runs.iter().map(|run| cells(results, run, &digits)).collect();
        let exact = exact(results).into_iter().zip(&digits);
        cells.push(exact.map(|(value, digits)| digits.show(value)).collect());
        align(&mut cells);
        let exact = cells.pop().unwrap_or_default();
        let rows = results.runs.iter().zip(cells).enumerate();
        let start = results.runs[0].sheet.weights.iter();
        let inputs = &results.runs[0].sheet.inputs;
        Summary {
            equation: model.equation.clone(),
            model: formulas::model(results),
            loss: Some(model.loss.clone()).filter(|_| !model.is_squared),
            data: Origin {
                file: data
                    .file
                    .file_name()
                    .unwrap_or(data.file.as_os_str())
                    .to_string_lossy()
                    .into(),
                sheet: data.sheet.clone(),
                range: data.range.clone(),
            },
            epochs: plan.epochs,
            until: plan.until.as_ref().map(ToString::to_string),
            steps: plan.epochs * data.samples(),
            updates: results.updates(plan.epochs),
            start: start.map(|one| (one.name.clone(), inputs[one.start].value)).collect(),
            training: results.training(),
            warnings: results.runs.iter().filter_map(|run| run.warning.clone()).collect(),
            best: best(results),
            best_possible: results.own_exact().map(|exact| exact.rmse),
            differ_in_length: results.differ_in_length(),
            scale: scale(results, addresses),
            dialect: dialect(results),
            error: results.error().map(|error| (error.title.clone(), error.measure.meaning())),
            stops: results.stops(),
            weights: results.weights().into_iter().map(str::to_owned).collect(),
            rows: rows.map(|(at, (run, cells))| Row::new(at, run, cells)).collect(),
            exact,
            columns: digits.len(),
        }
    }
}

/// How the columns are scaled and what leads back.
fn scale(results: &Results, addresses: &Addresses) -> Vec<String> {
    let (Some(units), Some(run)) = (&results.units, results.runs.first()) else {
        return Vec::new();
    };
    let names = &run.sheet.data;
    let [center, spread] = units.kind.labels();
    let number = |value: f64| brief(Value::number(value));
    let columns = names.iter().zip(&units.columns).enumerate();
    let scaled = columns.filter(|(at, _)| units.is_scaled(*at));
    let numbers = scaled.map(|(_, (name, (one, other)))| {
        format!("{name}: {center} {}, {spread} {}", number(*one), number(*other))
    });
    numbers.chain(units.way_back(names, &results.weights(), addresses.data_sheet())).collect()
}

fn dialect(results: &Results) -> Option<Dialect> {
    let dialect = results.plan.dialect?;
    Some(Dialect {
        title: dialect.title.to_string(),
        source: dialect.source.to_string(),
        loses_updates: dialect.hand_over == HandOver::Used,
        resets: results.resets(),
    })
}

fn best(results: &Results) -> Option<Best> {
    let rmse =
        |run: &Run| run.outcome.last().and_then(|last| results.own_error(last.rmse).get().ok());
    let ended = results.runs.iter().filter_map(|run| Some((run, rmse(run)?)));
    let (run, rmse) = ended.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    Some(Best { title: run.sheet.title.clone(), epochs: run.epochs(), rmse })
}

/// The values of a run's row.
fn values(results: &Results, run: &Run) -> Vec<Value> {
    let Some(last) = run.outcome.last().map(|last| results.in_own_units(last)) else {
        return Vec::new();
    };
    let exact = results.own_exact().map_or(Vec::new(), |exact| exact.weights);
    let distances = last.weights.iter().zip(&exact).map(|(weight, exact)| *weight - *exact);
    let errors = [last.rmse, last.online_rmse].into_iter();
    let errors = errors.chain(results.error().map(|_| last.root_of_sum));
    last.weights.iter().copied().chain(errors).chain(distances).collect()
}

/// The values of the exact line's row; none for a model that has no such line.
fn exact(results: &Results) -> Vec<Value> {
    let values = |exact: &Exact| exact.weights.iter().copied().chain([exact.rmse]).collect();
    results.own_exact().as_ref().map_or(Vec::new(), values)
}

/// The digits of each column: those of the runs that went well, which can be compared so.
fn column_digits(results: &Results) -> Vec<Digits> {
    let well = results.well().map(|(_, run)| values(results, run));
    let rows: Vec<Vec<Value>> = well.chain([exact(results)]).collect();
    digits_of_columns(&rows).into_iter().map(fewer).collect()
}

/// The digits for values in the summary: fewer than in the table of steps, and always decimals, as
/// runs that went wrong may need them where the others do not.
fn fewer(digits: Digits) -> Digits {
    match digits {
        Digits::Whole => Digits::Fixed(2),
        Digits::Fixed(decimals) => Digits::Fixed((decimals - 1).clamp(2, 5)),
        Digits::Scientific => Digits::Scientific,
    }
}

/// What is shown of a run, which has digits of its own where it went wrong.
fn cells(results: &Results, run: &Run, digits: &[Digits]) -> Vec<Cell> {
    let cell = |(value, shared): (Value, &Digits)| match run.warning {
        Some(_) => fewer(Digits::for_values([value])).show(value),
        None => shared.show(value),
    };
    values(results, run).into_iter().zip(digits).map(cell).collect()
}

impl Row {
    fn new(index: usize, run: &Run, cells: Vec<Cell>) -> Self {
        let hyper = run.sheet.hyperparameters();
        Row {
            anchor: anchor("optimizer", &run.sheet.name, index),
            key: key(index),
            name: run.sheet.name.clone(),
            hyper: hyper.map(|input| formulas::assignment(&input.symbol, input.value)).collect(),
            cells,
        }
    }
}
