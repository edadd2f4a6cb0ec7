//! The summary: what was run, what it came to, and how far that is from the exact line.

use serde::Serialize;

use super::formulas;
use super::key::key;
use super::markup::{Markup, anchor};
use super::numbers::{Cell, brief, count, things};
use crate::export::digits::Digits;
use crate::export::xlsx::Addresses;
use crate::optimizer::HandOver;
use crate::sheet::InputKind;
use crate::trace::{Exact, Results, Run};
use crate::value::Value;

/// What stands on top of the page.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The page's title as plain text.
    pub title: String,
    /// The model as an equation.
    pub model: Markup,
    /// What was run, a label and a text each.
    pub facts: Vec<(&'static str, String)>,
    /// What went wrong, a sentence each.
    pub warnings: Vec<String>,
    /// What it came to, in a sentence.
    pub finding: String,
    /// How the columns are scaled and what leads back, a line each, where they are.
    pub scale: Vec<String>,
    /// What a dialect does, where the run has one.
    pub dialect: Option<String>,
    /// What a dialect's error is called and how it is computed, where the run has one.
    pub error: Option<(String, &'static str)>,
    /// Which runs stopped early, where something could stop them.
    pub stops: Option<String>,
    /// The names of the weights.
    pub weights: Vec<String>,
    /// A row for each optimizer.
    pub rows: Vec<Row>,
    /// The exact least-squares line: its weights and its RMSE.
    pub exact: Vec<Cell>,
    /// How many characters stand behind the point in each column of numbers.
    pub fractions: Vec<usize>,
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
        let weights = results.weights();
        let digits = column_digits(results);
        let rows: Vec<Row> = results
            .runs
            .iter()
            .enumerate()
            .map(|(at, run)| row(results, at, run, &digits))
            .collect();
        let exact: Vec<Cell> =
            exact(results).iter().zip(&digits).map(|(value, digits)| digits.show(*value)).collect();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.cells.get(column));
            cells.chain(exact.get(column)).map(Cell::fraction_width).max().unwrap_or(0)
        };
        Summary {
            title: format!("Gradient descent on {}", formulas::model_text(results)),
            model: formulas::model(results),
            facts: facts(results),
            warnings: results.runs.iter().filter_map(|run| run.warning.clone()).collect(),
            finding: finding(results),
            scale: scale(results, addresses),
            dialect: dialect(results),
            error: results.error().map(|error| (error.title.clone(), error.measure.meaning())),
            stops: results.stops(),
            weights: weights.iter().map(|&weight| weight.to_owned()).collect(),
            fractions: (0..digits.len()).map(width).collect(),
            rows,
            exact,
        }
    }
}

/// What was run. The folder of the data is left out: the same file in another place gives the
/// same page.
fn facts(results: &Results) -> Vec<(&'static str, String)> {
    let data = &results.data;
    let file = data.file.file_name().unwrap_or(data.file.as_os_str()).to_string_lossy();
    let mut origin = file.into_owned();
    if !data.sheet.is_empty() {
        origin += &format!(", sheet {}", data.sheet);
    }
    if !data.range.is_empty() {
        origin += &format!(", cells {}", data.range);
    }
    let start = results.runs.first().map_or(Vec::new(), |run| {
        let starts = run.sheet.inputs.iter().filter(|input| input.kind == InputKind::Start);
        let names = run.sheet.weights.iter().map(|weight| &weight.name);
        let start =
            |(name, value): (&String, f64)| format!("{name} = {}", brief(Value::number(value)));
        names.zip(starts.map(|input| input.value)).map(start).collect()
    });
    let until = results.plan.until.as_ref();
    let most = |number| match until {
        Some(_) => format!("at most {}", count(number)),
        None => count(number),
    };
    let epochs = results.plan.epochs;
    let mut facts =
        vec![("Data", origin), ("Samples", count(data.samples())), ("Epochs", most(epochs))];
    facts.extend(until.map(|until| ("Until", until.to_string())));
    let each = |number| format!("{} per optimizer", most(number));
    let rows = epochs * data.samples();
    match results.updates(epochs) {
        Some(updates) => facts.extend([("Rows", each(rows)), ("Updates", each(updates))]),
        None => facts.push(("Steps", each(rows))),
    }
    facts.push(("Start", start.join(", ")));
    facts.extend(results.training().map(|training| ("Trained with", training)));
    if !results.model().is_squared {
        facts.push(("Loss", results.model().loss.clone()));
    }
    facts
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
    let scaled = columns.filter(|(at, _)| units.scales_target || at + 1 < names.len());
    let numbers = scaled.map(|(_, (name, (one, other)))| {
        format!("{name}: {center} {}, {spread} {}", number(*one), number(*other))
    });
    numbers.chain(units.way_back(names, &results.weights(), addresses.data_sheet())).collect()
}

/// What the dialect of the run does otherwise, in sentences.
fn dialect(results: &Results) -> Option<String> {
    let dialect = results.plan.dialect?;
    let lost = match dialect.hand_over {
        HandOver::Used => {
            " The last update of each epoch is lost, as in the workbook: the next epoch starts \
             with the weights that the last row used, while v and S go on with its gradient."
        }
        HandOver::Made | HandOver::Restarted => "",
    };
    let resets = results.resets().map_or(String::new(), |resets| {
        format!(" {resets} Their rows stand on sheets of their own in the workbook.")
    });
    Some(format!(
        "This run is in the dialect of {} ({}).{lost}{resets}",
        dialect.title, dialect.source
    ))
}

/// Which optimizer is nearest to the data, and how near one could be.
fn finding(results: &Results) -> String {
    let rmse =
        |run: &Run| run.outcome.last().and_then(|last| results.own_error(last.rmse).get().ok());
    let finals = results.runs.iter().filter_map(|run| Some((run, rmse(run)?)));
    let best = finals.min_by(|(_, one), (_, other)| one.total_cmp(other));
    let exact = results.own_exact().map_or(String::new(), |exact| match exact.rmse.get() {
        Ok(_) => format!("; the exact least-squares line has {}", brief(exact.rmse)),
        Err(_) if results.data.samples() == 1 => "; one sample determines no line".to_owned(),
        Err(_) => "; these samples, all with the same x, determine no line".to_owned(),
    });
    match best {
        Some((run, rmse)) if results.differ_in_length() => format!(
            "{} is closest to the data: after {} it has an RMSE of {}{exact}.",
            run.sheet.title,
            things(run.epochs(), "epoch"),
            brief(Value::number(rmse))
        ),
        Some((run, rmse)) if results.runs.len() > 1 => format!(
            "After {}, {} is closest to the data with an RMSE of {}{exact}.",
            things(results.epochs(), "epoch"),
            run.sheet.title,
            brief(Value::number(rmse))
        ),
        Some((run, rmse)) => format!(
            "After {}, {} has an RMSE of {}{exact}.",
            things(results.epochs(), "epoch"),
            run.sheet.title,
            brief(Value::number(rmse))
        ),
        None => format!("No optimizer came to a result{exact}."),
    }
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
    let rows: Vec<Vec<Value>> =
        results.well().map(|(_, run)| values(results, run)).chain([exact(results)]).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let column = |column: usize| {
        let values = rows.iter().filter_map(|row| row.get(column)).copied();
        digits_for(values)
    };
    (0..columns).map(column).collect()
}

/// The digits for values in the summary: fewer than in the table of steps, and always decimals, as
/// runs that went wrong may need them where the others do not.
fn digits_for(values: impl IntoIterator<Item = Value>) -> Digits {
    match Digits::for_values(values) {
        Digits::Whole => Digits::Fixed(2),
        Digits::Fixed(decimals) => Digits::Fixed((decimals - 1).clamp(2, 5)),
        Digits::Scientific => Digits::Scientific,
    }
}

fn row(results: &Results, index: usize, run: &Run, digits: &[Digits]) -> Row {
    let own = run.warning.is_some();
    let cell = |(value, shared): (Value, &Digits)| {
        let digits = if own { digits_for([value]) } else { *shared };
        digits.show(value)
    };
    let hyper = run.sheet.hyperparameters();
    Row {
        anchor: anchor("optimizer", &run.sheet.name, index),
        key: key(index),
        name: run.sheet.name.clone(),
        hyper: hyper.map(|input| formulas::assignment(&input.symbol, input.value)).collect(),
        cells: values(results, run).into_iter().zip(digits).map(cell).collect(),
    }
}
