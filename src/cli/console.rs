//! What `gdtrace run` prints: a short table, or one JSON object; progress bars.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde::{Serialize, Serializer};

use super::data_json::PrintedData;
use super::links;
use crate::data::{Data, Scaled};
use crate::error::{Error, Result};
use crate::optimizer::{ErrorFigure, started_state};
use crate::sheet::Input;
use crate::trace::{EpochSummary, Reason, Results, Run, Until};
use crate::value::{Value, counted, number_text, steers};

/// Prints `text` on standard output; that nobody reads it is no failure.
pub fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{}", visible(text));
}

/// Prints what `format!` makes of its arguments on standard error.
macro_rules! tell {
    ($($words:tt)*) => {
        eprintln!("{}", $crate::cli::console::visible(&format!($($words)*)))
    };
}
pub(crate) use tell;

/// `text` with the characters by which a file could steer a terminal, or turn the direction of what is
/// read, as JSON writes them: `\u001b`. The marks around links (see `links`) stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    let steers = |c: char| steers(c) && c != '\n' && c != '\t';
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::with_capacity(text.len() + 16), text);
    while let Some(at) = rest.find(steers) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = links::mark(rest).unwrap_or(0);
        out.push_str(&rest[..length]);
        rest = &rest[length..];
        if length == 0 {
            let mut characters = rest.chars();
            out.extend(characters.next().map(|c| format!("\\u{:04x}", u32::from(c))));
            rest = characters.as_str();
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The results as a table, and the files that were written.
pub fn table(results: &Results, written: &[&Path]) -> String {
    let data = &results.data;
    let file = data.file.display();
    let place = data.place();
    let samples = counted(data.samples(), "sample");
    let mut out = format!("{samples} from {file}, {place}\n");
    let model = results.model();
    let loss = if model.is_squared { String::new() } else { format!("loss {}, ", model.loss) };
    out += &format!("{}, {loss}{}\n", model.equation, results.length());
    if let Some(training) = results.training() {
        out += &format!("trained with {training}\n");
    }
    if let Some(units) = &results.units {
        out += &format!("{}\n", units.told());
    }
    if let Some(dialect) = results.plan.dialect {
        out += &format!("dialect {}: {}\n", dialect.name, dialect.title);
    }
    out += "\n";
    out += &results_table(results).to_string();
    out += "\n";
    for path in written {
        out += &format!("\nwrote {}", path.display());
    }
    out
}

fn results_table(results: &Results) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let weights = results.weights();
    let finals = weights.iter().map(|weight| format!("final {weight}"));
    let mut head = vec!["optimizer".to_owned(), "lr".to_owned()];
    head.extend(finals);
    head.extend(["RMSE".to_owned(), "online RMSE".to_owned()]);
    let has_loss = !results.model().is_squared;
    head.extend(has_loss.then(|| "mean loss".to_owned()));
    head.extend(results.error().map(|error| error.title.clone()));
    let endings = results.endings();
    let ends = head.len();
    head.extend(endings.is_some().then(|| "end".to_owned()));
    table.set_header(head);
    for (index, run) in results.runs.iter().enumerate() {
        let lr = run
            .sheet
            .input("lr")
            .map_or(String::new(), |lr| number_text(run.sheet.inputs[lr].value));
        let mut row = vec![run.sheet.name.clone(), lr];
        if let Some(last) = run.outcome.last().map(|last| results.in_own_units(last)) {
            row.extend(last.weights.iter().map(|value| shown(*value)));
            row.extend([shown(last.rmse), shown(last.online_rmse)]);
            row.extend(has_loss.then(|| shown(last.loss)));
            row.extend(results.error().map(|_| shown(last.root_of_sum)));
        }
        row.extend(endings.iter().map(|endings| endings[index].clone()));
        table.add_row(row);
    }
    let exact = match results.exact_solution() {
        None => results.exact.clone(),
        some => some,
    };
    if let Some(exact) = exact {
        let name = if results.model().is_line { "exact line" } else { "exact" };
        let mut row = vec![name.to_owned(), String::new()];
        row.extend(exact.weights.iter().map(|weight| shown(*weight)));
        row.extend([shown(exact.rmse), String::new()]);
        table.add_row(row);
    }
    for column in table.column_iter_mut().take(ends).skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A number with six digits after the point; with an exponent where that would not show it.
pub(super) fn shown(value: Value) -> String {
    match value.get() {
        Err(error) => error.text().to_owned(),
        Ok(number) if number != 0.0 && !(1e-4..1e7).contains(&number.abs()) => {
            format!("{number:.6e}")
        }
        Ok(number) => format!("{number:.6}"),
    }
}

/// The results as `--json` prints them. Numbers read back to the same f64; error values are text.
#[derive(Serialize)]
struct Printed<'a> {
    input: Cow<'a, str>,
    sheet: &'a str,
    samples: usize,
    data: PrintedData<'a>,
    /// The most that is run.
    epochs: usize,
    /// Only where they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patience: Option<usize>,
    /// How the data are scaled.
    scale: Option<PrintedScale<'a>>,
    /// The weights with the smallest RMSE, in the units of the data.
    exact: Option<PrintedExact<'a>>,
    optimizers: Vec<PrintedRun<'a>>,
    outputs: PrintedFiles<'a>,
}

/// The kind, and what each column is scaled by: center and spread under the names that they have.
#[derive(Serialize)]
struct PrintedScale<'a> {
    kind: &'static str,
    columns: Pairs<'a, Pairs<'static, f64>>,
}

#[derive(Serialize)]
struct PrintedExact<'a> {
    weights: Pairs<'a, Value>,
    rmse: Value,
}

#[derive(Serialize)]
struct PrintedRun<'a> {
    name: &'a str,
    /// Only for a run that the user gave a name of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    optimizer: Option<&'a str>,
    variant: &'a str,
    hyper: Pairs<'a, f64>,
    /// Why the learning rate is what it is, where it was chosen from the data.
    lr_reason: Option<&'a str>,
    r#final: Pairs<'a, Value>,
    rmse: Vec<Value>,
    online_rmse: Vec<Value>,
    /// Only for losses other than the squared error, whose mean is the square of the RMSE.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_loss: Option<Vec<Value>>,
    /// Only with a dialect: its error, called as it calls it, and the reset that came before.
    #[serde(flatten)]
    dialect: Option<PrintedDialect<'a>>,
    /// The row of the trace.
    diverged_at: Option<usize>,
    /// The last epoch and why it was the last one, where something stopped the run; only where
    /// something could have.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    stop: Option<PrintedStop>,
}

/// What a dialect adds to a run.
struct PrintedDialect<'a> {
    error: (&'a str, Vec<Value>),
    resets: usize,
    start: Pairs<'a, Value>,
}

impl Serialize for PrintedDialect<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.error.0, &self.error.1)?;
        map.serialize_entry("resets", &self.resets)?;
        map.serialize_entry("start_state", &self.start)?;
        map.end()
    }
}

#[derive(Serialize)]
struct PrintedStop {
    stopped_after: Option<usize>,
    stopped_by: Option<&'static str>,
}

/// The files that were written.
#[derive(Serialize)]
pub(super) struct PrintedFiles<'a> {
    workbook: Option<Cow<'a, str>>,
    report: Option<Cow<'a, str>>,
    /// Only where tables were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<Cow<'a, str>>,
}

impl<'a> PrintedFiles<'a> {
    /// JSON is Unicode and a file's name need not be; the files are written all the same.
    pub fn new(workbook: Option<&'a Path>, report: Option<&'a Path>, tables: &[&'a Path]) -> Self {
        PrintedFiles {
            workbook: workbook.map(Path::to_string_lossy),
            report: report.map(Path::to_string_lossy),
            tables: tables.iter().map(|table| table.to_string_lossy()).collect(),
        }
    }
}

/// Names with values, as a JSON object that keeps their order.
pub(super) struct Pairs<'a, T>(pub Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Pairs<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The results as one JSON object.
///
/// # Errors
/// None that a run can cause.
pub(super) fn json(results: &Results, outputs: PrintedFiles) -> Result<String> {
    let weights = results.weights();
    let (until, runs) = (results.plan.until.as_ref(), results.runs.iter());
    let printed = Printed {
        input: results.data.file.to_string_lossy(),
        sheet: &results.data.sheet,
        samples: results.data.samples(),
        data: PrintedData::new(&results.data),
        epochs: results.plan.epochs,
        dialect: results.plan.dialect.map(|dialect| dialect.name.as_str()),
        until: until.and_then(Until::condition_text),
        patience: until.and_then(Until::patience),
        scale: printed_scale(&results.data),
        exact: results.exact_solution().map(|exact| PrintedExact {
            weights: Pairs(weights.iter().copied().zip(exact.weights).collect()),
            rmse: exact.rmse,
        }),
        optimizers: runs.map(|run| printed_run(results, run, &weights)).collect(),
        outputs,
    };
    serde_json::to_string_pretty(&printed)
        .map_err(|error| Error::new(format!("cannot write the results as JSON: {error}")))
}

fn printed_scale(data: &Data) -> Option<PrintedScale<'_>> {
    let scale = data.scale.as_ref()?;
    let numbers =
        |one: &Scaled| Pairs(scale.kind.keys().into_iter().zip([one.center, one.spread]).collect());
    let columns = data.columns.iter().zip(&scale.columns);
    let columns = columns.filter_map(|(column, one)| Some((&*column.name, numbers(one.as_ref()?))));
    Some(PrintedScale { kind: scale.kind.name(), columns: Pairs(columns.collect()) })
}

fn printed_run<'a>(results: &'a Results, run: &'a Run, weights: &[&'a str]) -> PrintedRun<'a> {
    let epochs = || run.outcome.epochs.iter().map(|epoch| results.in_own_units(epoch));
    let finals = epochs().next_back().map_or(Vec::new(), |last| last.weights);
    let hyper = run.sheet.hyperparameters().map(|input| (input.id.as_str(), input.value));
    let optimizer = &run.definition.name;
    let has_own_name = run.sheet.name != run.definition.sheet_name();
    PrintedRun {
        name: if has_own_name { &run.sheet.name } else { optimizer },
        optimizer: has_own_name.then_some(optimizer),
        variant: run.definition.variant.as_deref().unwrap_or("textbook"),
        hyper: Pairs(hyper.collect()),
        lr_reason: run.lr_reason.as_deref(),
        r#final: Pairs(weights.iter().copied().zip(finals).collect()),
        rmse: epochs().map(|epoch| epoch.rmse).collect(),
        online_rmse: epochs().map(|epoch| epoch.online_rmse).collect(),
        mean_loss: (!run.sheet.model.is_squared)
            .then(|| run.outcome.epochs.iter().map(|epoch| epoch.loss).collect()),
        dialect: results.error().map(|error| printed_dialect(error, run, epochs())),
        diverged_at: run.outcome.divergence.map(|divergence| divergence.row),
        stop: results.plan.until.is_some().then(|| printed_stop(run)),
    }
}

fn printed_dialect<'a>(
    error: &'a ErrorFigure,
    run: &'a Run,
    errors: impl Iterator<Item = EpochSummary>,
) -> PrintedDialect<'a> {
    let errors = errors.map(|epoch| epoch.root_of_sum).collect();
    let start = |input: &'a Input| Some((started_state(input)?, Value::number(input.value)));
    PrintedDialect {
        error: (&error.header, errors),
        resets: run.reset.as_ref().map_or(0, |reset| reset.epochs()),
        start: Pairs(run.sheet.inputs.iter().filter_map(start).collect()),
    }
}

fn printed_stop(run: &Run) -> PrintedStop {
    let word = |reason| match reason {
        Reason::Condition => "until",
        Reason::Patience => "patience",
    };
    PrintedStop {
        stopped_after: run.outcome.stopped.map(|_| run.epochs()),
        stopped_by: run.outcome.stopped.map(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_steers_the_terminal() {
        for (text, shown) in [
            ("größe\t1\n2", "größe\t1\n2"),
            ("a\u{1b}[2Jb\u{7}", "a\\u001b[2Jb\\u0007"),
            ("x\u{202e}fdp.exe\u{9b}1m\r", "x\\u202efdp.exe\\u009b1m\\u000d"),
            (
                "\u{1b}]8;;file:///a\u{1b}\\Q4\u{1b}]8;;\u{1b}\\",
                "\u{1b}]8;;file:///a\u{1b}\\Q4\u{1b}]8;;\u{1b}\\",
            ),
            ("\u{1b}]8;;http://a\u{1b}\\Q4", "\\u001b]8;;http://a\\u001b\\Q4"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
