//! Logs of weights alone: their gradients are computed from a model and its data.

use std::path::Path;

use super::reading::{Reading, read};
use super::result::Comparison;
use super::settings::Settings;
use super::training::log::computed::{self, OtherLoss, Refusal, shown};
use super::training::log::{self, Problem};
use super::training::logged::{self, Columns};
use super::training::{Layout, Training, Trainings};
use super::verdict::told_apart;
use crate::data::address::cell_name;
use crate::data::quoted;
use crate::error::{Error, Result};
use crate::value::number_text;

/// Finds the optimizer of the log at `path`, which has the weights of a model, but no gradients.
///
/// # Errors
/// A file that cannot be read, columns that are not the model's weights, losses that are not the
/// model's over the data.
pub fn over_data(path: &Path, settings: &Settings, problem: &Problem) -> Result<Comparison> {
    let reading = read(path, &settings.options)?;
    let mut trainings =
        Trainings { trainings: vec![training(&reading, problem)?], ..Trainings::default() };
    trainings.allow(settings.tolerance);
    Ok(Comparison {
        file: path.to_owned(),
        sheets: reading.sheets.iter().map(|one| told_apart(&one.name)).collect(),
        findings: Vec::new(),
        against: None,
        trainings,
        reading,
    })
}

/// Whether a sheet may be the log of a training without gradients: columns of numbers beside one that is
/// called a step, a loss or a learning rate.
pub fn may_be_log(reading: &Reading) -> bool {
    reading.sheets.iter().any(|sheet| {
        let columns = logged::columns(&reading.graph, sheet.index, Layout::Rows);
        columns.is_some_and(|columns| {
            let is_weight = !columns.weight_like(&reading.graph).is_empty();
            is_weight && columns.headers.iter().any(|one| log::is_about_step(one))
        })
    })
}

/// The training on the first sheet that has all weights of the model.
fn training(reading: &Reading, problem: &Problem) -> Result<Training> {
    let mut nearest: Option<(Vec<String>, Vec<String>)> = None;
    for sheet in &reading.sheets {
        for layout in [Layout::Rows, Layout::Columns] {
            let place = (sheet.index, layout);
            let Some(columns) = logged::columns(&reading.graph, sheet.index, layout) else {
                continue;
            };
            let roles = match computed::layout(&columns.headers, problem) {
                Ok(roles) => roles,
                Err(missing) => {
                    let there = columns.weight_like(&reading.graph);
                    let most = nearest.as_ref().map_or(0, |(before, _)| before.len());
                    if there.len() > most {
                        nearest = Some((there, missing));
                    }
                    continue;
                }
            };
            let log = Log { reading, sheet: &sheet.name, columns: &columns, problem };
            log.check_gradients()?;
            let found = columns.computed(&reading.graph, place, (&roles, problem));
            return found.map_err(|refusal| log.refused(&refusal, &roles));
        }
    }
    let (there, missing) = nearest.unwrap_or_else(|| (Vec::new(), problem.model.weights.clone()));
    Err(unpaired(&reading.file, problem, &there, &missing))
}

/// What to do where batches cannot be found out.
const SHUFFLED: &str = "batches that were drawn at random cannot be told from weights alone: log the \
     gradients as well, or train without shuffling";

/// The error for a log that has no columns for some weights.
fn unpaired(file: &Path, problem: &Problem, there: &[String], missing: &[String]) -> Error {
    let weights = problem.model.weights.join(", ");
    let what = match missing {
        [only] => format!("the log has no column for the weight {only}"),
        _ => format!("the log has no columns for the weights {}", missing.join(", ")),
    };
    let columns = match there {
        [] => "no columns of numbers with a header, four or more below each other".to_owned(),
        _ => format!("the columns {}", there.join(", ")),
    };
    let header = there.first().map_or("HEADER", String::as_str);
    let which = quoted(&format!("{header}={}", missing[0]));
    let help = format!(
        "the model {} has the weights {weights}, the log {columns}: call the weights in --model as \
         the columns are called, or say which is which, --map {which}",
        problem.model.written(),
    );
    Error::new(what).in_file(file).help(help)
}

/// A log whose columns are known.
struct Log<'l> {
    reading: &'l Reading,
    sheet: &'l str,
    columns: &'l Columns,
    problem: &'l Problem,
}

impl Log<'_> {
    /// Refuses a log that has gradients of its own.
    fn check_gradients(&self) -> Result<()> {
        let own = log::layout(&self.columns.headers);
        let Some((_, gradient)) = own.pairs.first().filter(|_| own.are_called) else {
            return Ok(());
        };
        let header = &self.columns.headers[*gradient];
        let file = &self.reading.file;
        Err(Error::new(format!("the log has gradients of its own, in the column `{header}`"))
            .in_file(file)
            .help("these need no data: leave --data and --model out"))
    }

    fn refused(&self, refusal: &Refusal, roles: &log::Layout) -> Error {
        let problem = self.problem;
        let data = problem.data.file.display();
        let column = |at: Option<usize>| at.map_or("", |at| self.columns.headers[at].as_str());
        let weight = roles.pairs.first().map(|(at, _)| *at);
        let meant = format!(
            "is it another model, loss or file? These are {} (--model), {} (--loss) and {data} \
             (--data)",
            problem.model.written(),
            problem.model.loss.text
        );
        match refusal {
            Refusal::Short => Error::new("the log has too few steps to tell a rule")
                .in_file(&self.reading.file)
                .help("log a row for each step, four rows or more"),
            Refusal::Still => Error::new("no step changes any weight of the log")
                .in_file(&self.reading.file)
                .help("log the numbers of the weights in each step, not the weights themselves"),
            Refusal::Undefined(row) => {
                let what =
                    format!("the model has no gradient at the weights of {}", self.step(*row));
                self.at(Error::new(what), weight, *row).help(meant)
            }
            Refusal::OtherLoss(OtherLoss { row, logged, own, factor }) => {
                let what = format!(
                    "the loss in column {} at {} is {}, the model over {data} gives {}",
                    column(roles.loss),
                    self.step(*row),
                    shown(*logged),
                    shown(*own),
                );
                let factor = factor.map_or(String::new(), |factor| {
                    format!("; all losses of the log are {} times the model's", shown(factor))
                });
                self.at(Error::new(what), roles.loss, *row).help(format!("{meant}{factor}"))
            }
            Refusal::Shuffled => {
                let what = format!(
                    "the losses in column {} are those of no batches in the order of {data}",
                    column(roles.loss)
                );
                let help = format!("{SHUFFLED}; or {meant}");
                self.at(Error::new(what), roles.loss, 0).help(help)
            }
            Refusal::NoStart => {
                let what = "each row has what its step led to, as the losses tell, and what the \
                            first step started from is missing";
                self.at(Error::new(what), weight, 0).help(format!(
                    "say the weights before the first row, {}, or log them before each step",
                    self.init()
                ))
            }
            Refusal::Unknown => {
                let what = "no rule comes near the steps with the model's gradients over the data";
                Error::new(what).in_file(&self.reading.file).help(format!(
                    "{meant}; {SHUFFLED}; where a row has what its step led to, say the weights \
                     before the first, {}",
                    self.init()
                ))
            }
        }
    }

    /// The option that says the start.
    fn init(&self) -> String {
        let weights = self.problem.model.weights.iter().map(|one| format!("{one}=NUMBER"));
        format!("--init {}", weights.collect::<Vec<_>>().join(","))
    }

    /// The cell of a column that an error is about.
    fn at(&self, error: Error, column: Option<usize>, row: usize) -> Error {
        match column.and_then(|column| self.columns.cell(column, row)) {
            Some((cell, _)) => {
                let cell = cell_name(self.reading.graph.position(cell));
                error.in_cell(&self.reading.file, self.sheet, &cell)
            }
            None => error.in_file(&self.reading.file),
        }
    }

    /// A row as the log counts its steps, or from 1.
    fn step(&self, row: usize) -> String {
        let headers = &self.columns.headers;
        let column = headers.iter().position(|one| log::is_step(one));
        let own = column.and_then(|column| self.columns.cell(column, row));
        format!("step {}", number_text(own.map_or((row + 1) as f64, |(_, number)| number)))
    }
}
