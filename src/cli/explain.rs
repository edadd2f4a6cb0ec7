//! `gdtrace explain`: one row of a run, every number with its formula, as the report's explorer
//! shows it; or one cell of a sheet that was built by hand.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde::Serialize;

use super::again::Given;
use super::console;
use super::console::tell;
use super::data_json::PrintedData;
use super::job::{Job, JobArgs};
use super::layout::{paragraph, width};
use super::links;
use super::place::usual_host;
use super::progress::Progress;
use crate::error::{Error, Result};
use crate::export::xlsx::Addresses;
use crate::formula::{Expr, text, with_numbers};
use crate::sheet::{Column, Ref};
use crate::trace::{Results, Row, Run};
use crate::value::{Value, number_text};

/// Explain a step: each number with its formula, in symbols and in numbers, and its cell
///
/// Trains as `gdtrace run` with the same options does, and prints one row of the optimizer's
/// sheet: what every column computes from what, and the Excel formula that stands in its cell.
///
/// With --cell it trains nothing: it says what that cell of a hand-built workbook is in the training
/// on its sheet, which derivative it should be, by the chain rule over the sheet's own cells, and
/// whether it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace explain graddes.xlsx --optimizer adam --step 30
  gdtrace explain graddes.xlsx --optimizer adam --step 30 --column \"new b\"
  gdtrace explain graddes.xlsx --optimizer sgd --step 2 --set lr=0.0002 --json
  gdtrace explain homework.xlsx --cell Sheet1!Z33

With mini-batches --row counts the rows of the sheet, as its first column does; without them a row
is a step.

Exit codes: 0 done, 2 usage or input errors")]
pub struct Args {
    /// The workbook or text (.csv, .tsv, .txt) with the data; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Explain this cell of the workbook instead of a run: Sheet1!Z33; goes with --json alone
    #[arg(long, value_name = "SHEET!CELL")]
    cell: Option<String>,

    /// The settings: a file that says what options say [default: gdtrace.toml beside FILE]
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,

    /// The optimizer whose row is explained: adam, adam:keras, or a name that --optimizers gives
    #[arg(long, value_name = "NAME", required_unless_present = "cell")]
    optimizer: Option<String>,

    /// The row, counted from 1 as in the first column of the sheet
    #[arg(long, visible_alias = "row", value_name = "COUNT", required_unless_present = "cell")]
    step: Option<usize>,

    /// Explain this column alone: its heading in the sheet (new b) or its name in formulas (new_b)
    #[arg(long, value_name = "COLUMN")]
    column: Option<String>,

    /// Print the row as one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    pub(super) job: JobArgs,
}

/// Runs the command; `settings` is the file that some of the arguments came from, `given` what the
/// user said.
///
/// # Errors
/// Wrong arguments, data that cannot be read, a row or column that the run has not.
pub fn run(args: &Args, settings: Option<&Path>, given: &Given) -> Result<()> {
    if let Some(cell) = &args.cell {
        return super::cell::run(&args.file, cell, args.json);
    }
    let (Some(optimizer), Some(step)) = (args.optimizer.as_deref(), args.step) else {
        return Err(nothing_to_explain(args));
    };
    let Job { chosen, mut sheets, data, plan, notes, .. } =
        args.job.job_with(&args.file, optimizer, given)?;
    let is_meant = |one: &super::chosen::Chosen| one.is_called(optimizer);
    let at = chosen.iter().position(is_meant).unwrap_or_default();
    let meant = sheets.swap_remove(at);
    let from = settings.map(|path| format!("settings from {}", path.display()));
    from.iter().chain(&notes).for_each(|note| tell!("note: {note}"));
    let mut progress = Progress::new(data.samples() * plan.epochs, 1);
    let results = Results::compute(vec![meant], data, plan, &mut progress)?;
    progress.finish();
    check_row(&results.runs[0], step)?;
    let row = Row::of(&results, 0, step)?;
    let columns = match &args.column {
        Some(name) => vec![column(&results.runs[0], name)?],
        None => (0..results.runs[0].sheet.columns.len()).collect(),
    };
    let addresses = Addresses::new(&results, &usual_host(&args.file, &results.data)?);
    let mut explained = Explained::new(&results, &addresses, &row, &columns);
    explained.link_to(&args.file);
    console::print(&match args.json {
        true => explained.json()?,
        false => explained.text(),
    });
    Ok(())
}

/// The error for arguments that say neither which row of which run nor which cell.
fn nothing_to_explain(args: &Args) -> Error {
    let missing = match (&args.optimizer, args.step) {
        (None, None) => "--optimizer and --step are",
        (None, _) => "--optimizer is",
        _ => "--step is",
    };
    Error::new(format!("what is to be explained? {missing} missing")).help(
        "write --optimizer adam --step 30 for a step of a run, or --cell Sheet1!Z33 for a cell of a \
         sheet that was built by hand",
    )
}

/// Whether the arguments ask for a cell, which no other option goes with.
///
/// # Errors
/// Options that say how to train beside one that asks for a cell.
pub fn is_about_cell(command: &clap::Command, given: &ArgMatches) -> Result<bool> {
    if given.value_source("cell") != Some(ValueSource::CommandLine) {
        return Ok(false);
    }
    let command = command.find_subcommand("explain").unwrap_or(command);
    let is_other = |option: &&clap::Arg| {
        let is_given =
            given.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine);
        is_given && !matches!(option.get_long(), None | Some("cell" | "json"))
    };
    let others = command.get_arguments().filter(is_other).filter_map(clap::Arg::get_long);
    let others: Vec<String> = others.map(|name| format!("--{name}")).collect();
    if others.is_empty() {
        return Ok(true);
    }
    let (say, them) = if others.len() == 1 { ("says", "it") } else { ("say", "them") };
    Err(Error::new(format!(
        "--cell explains a cell as it stands in the workbook, but {} {say} how to train",
        others.join(" and ")
    ))
    .in_argument("--cell")
    .help(format!("leave {them} out, or leave --cell out to explain a step of a run")))
}

/// The column that the user means.
fn column(run: &Run, name: &str) -> Result<usize> {
    let columns = &run.sheet.columns;
    let called = |column: &Column| column.header == name || column.id == name;
    columns.iter().position(called).ok_or_else(|| {
        let known: Vec<&str> = columns.iter().map(|column| column.header.as_str()).collect();
        Error::new(format!("{} has no column `{name}`", run.sheet.name))
            .in_argument(format!("--column {name}"))
            .help(Error::known_names(name, &known))
    })
}

/// Checks that the run has a row of this number.
fn check_row(run: &Run, number: usize) -> Result<()> {
    if (1..=run.rows).contains(&number) {
        return Ok(());
    }
    let name = run.sheet.row_name();
    Err(Error::new(format!("there is no {name} {number}"))
        .in_argument(format!("--step {number}"))
        .help(format!("{} has the {name}s 1 to {}", run.sheet.name, run.rows)))
}

/// What is printed.
#[derive(Serialize)]
struct Explained<'a> {
    optimizer: &'a str,
    data: PrintedData<'a>,
    /// What a row is called: `step`, or `row` where an update takes several.
    #[serde(skip)]
    row_name: &'a str,
    step: usize,
    #[serde(skip)]
    rows: usize,
    epoch: usize,
    sample: Value,
    sheet: &'a str,
    sheet_row: usize,
    columns: Vec<Line>,
}

/// A column of the row.
#[derive(Serialize)]
struct Line {
    header: String,
    name: String,
    group: &'static str,
    meaning: String,
    /// The formula with names.
    formula: String,
    /// The same with numbers of seven digits; none where the formula is a name alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    numbers: Option<String>,
    /// What it comes to, in full.
    value: Value,
    cell: String,
    /// The address of the cell in the workbook that a run wrote, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    excel: String,
}

impl<'a> Explained<'a> {
    fn new(results: &'a Results, addresses: &'a Addresses, row: &Row, columns: &[usize]) -> Self {
        let run = &results.runs[0];
        let line = |&index: &usize| {
            let line = line(run, row, index, addresses);
            line.scaled(results, &run.sheet.columns[index].formula, row.values[run.sheet.sample])
        };
        Explained {
            optimizer: &run.sheet.name,
            data: PrintedData::new(&results.data),
            row_name: run.sheet.row_name(),
            step: row.number,
            rows: run.rows,
            epoch: (row.number - 1) / results.data.samples().max(1) + 1,
            sample: row.values[run.sheet.sample],
            sheet: addresses.sheet(0),
            sheet_row: addresses.first_row(0) + row.number,
            columns: columns.iter().map(line).collect(),
        }
    }

    /// Links the cells to those of the workbook that a run over `file` wrote, where it is there.
    fn link_to(&mut self, file: &Path) {
        let traces = ["trace.xlsx", "trace.xlsm"].map(|extension| file.with_extension(extension));
        let Some(workbook) = traces.iter().find_map(|path| path.canonicalize().ok()) else {
            return;
        };
        for line in &mut self.columns {
            line.link = Some(links::to_cell(&workbook, self.sheet, &line.cell));
        }
    }

    fn json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(format!("cannot write JSON: {error}")))
    }

    fn text(&self) -> String {
        let mut out = format!(
            "{}, {} {} of {}: epoch {}, sample {}, row {} of the sheet {}",
            self.optimizer,
            self.row_name,
            self.step,
            self.rows,
            self.epoch,
            self.sample,
            self.sheet_row,
            self.sheet
        );
        let mut group = "";
        for line in &self.columns {
            if line.group != group {
                group = line.group;
                out += &format!("\n\n{group}");
            }
            out += &format!("\n{}", line.text());
        }
        out
    }
}

fn line(run: &Run, row: &Row, index: usize, addresses: &Addresses) -> Line {
    let column = &run.sheet.columns[index];
    let value = row.values[index];
    Line {
        header: column.header.clone(),
        name: column.id.clone(),
        group: column.group.title(),
        meaning: column.meaning.clone(),
        formula: text(&column.formula, &|name| name_of(run, name)),
        numbers: match &column.formula {
            Expr::Name(_) => None,
            formula => Some(with_numbers(formula, &|name| row.value(&run.sheet, name, value))),
        },
        value,
        cell: format!("{}{}", Addresses::letters(index), addresses.first_row(0) + row.number),
        link: None,
        excel: addresses.formula(0, index, row.number),
    }
}

/// What a name is called in formulas.
fn name_of(run: &Run, name: &Ref) -> String {
    let sheet = &run.sheet;
    match *name {
        Ref::Column(column) => sheet.columns[column].id.clone(),
        Ref::Above(column) => format!("prev.{}", sheet.columns[column].id),
        Ref::Input(input) => sheet.inputs[input].id.clone(),
        Ref::Data(column) => format!("data.{}", sheet.data[column]),
        Ref::Order => "order".to_owned(),
    }
}

impl Line {
    /// The same with what a scaled number was made from.
    fn scaled(self, results: &Results, formula: &Expr<Ref>, sample: Value) -> Line {
        let Expr::Name(Ref::Data(column)) = *formula else { return self };
        let scale = results.data.scale.as_ref();
        let Some((scale, one)) = scale.and_then(|scale| Some((scale, scale.column(column)?)))
        else {
            return self;
        };
        let at = sample.get().map_or(0, |number| number as usize).saturating_sub(1);
        let Some(raw) = one.raw.get(at).map(|raw| number_text(*raw)) else { return self };
        let name = &results.runs[0].sheet.data[column];
        let [center, spread] = scale.kind.labels();
        let (below, by) = (number_text(one.center), number_text(one.spread));
        let below = if one.center < 0.0 { format!("({below})") } else { below };
        Line {
            formula: format!("({name} of the data - its {center})/its {spread}"),
            numbers: Some(format!("({raw} - {below})/{by}")),
            ..self
        }
    }

    /// `v_b = ...` over several lines, the signs of equality below each other.
    fn text(&self) -> String {
        let indent = " ".repeat(self.name.chars().count());
        let mut lines = vec![paragraph(&format!(" {} = ", self.name), &self.formula)];
        let numbers = self.numbers.iter();
        lines.extend(numbers.map(|numbers| paragraph(&format!(" {indent} = "), numbers)));
        lines.push(format!(" {indent} = {}", self.value));
        // A formula to copy is never broken.
        let first = format!(" {indent}   {}", self.header);
        let at = format!("{} {}", self.cell, self.excel);
        let linked = format!("{} {}", links::shown(&self.cell, self.link.as_deref()), self.excel);
        match first.chars().count() + 2 + at.chars().count() > width() {
            true => lines.extend([first, format!(" {indent}   {linked}")]),
            false => lines.push(format!("{first}  {linked}")),
        }
        lines.join("\n")
    }
}
