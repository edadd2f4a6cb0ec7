//! What gradients are computed from, where a log of a training has none: the data and the model.

use std::path::{Path, PathBuf};

use super::console::tell;
use super::job::{LINE, SourceArgs};
use super::start;
use crate::compare::training::log::Problem;
use crate::error::{Error, Place, Result};

/// The data and the model of a log.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What a log without gradients was trained on")]
pub struct ProblemArgs {
    /// The file with the samples, x and y, in any form that gdtrace run reads: the gradients of the log
    /// are computed from it
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    data: Option<PathBuf>,

    /// The sheet of the samples [default: found out and said]
    #[arg(long, value_name = "NAME", requires = "data")]
    data_sheet: Option<String>,

    /// The column of x: its header or its letter; several with commas between them, or `all`
    /// [default: found out and said]
    #[arg(
        long,
        value_name = "COLUMN,...",
        value_delimiter = ',',
        allow_hyphen_values = true,
        requires = "data"
    )]
    x: Vec<String>,

    /// The column of y: its header or its letter; for a model of several outputs one for each, with
    /// commas between them [default: found out and said]
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', requires = "data")]
    y: Vec<String>,

    /// The cells of the samples: A3:B32
    #[arg(long, value_name = "RANGE", requires = "data")]
    range: Option<String>,

    /// The model: a formula over data columns, named by their headers, and weights, named as in the log
    #[arg(long, value_name = "FORMULA", default_value = LINE, requires = "data")]
    model: String,

    /// The loss: squared, half-squared, absolute, huber:WIDTH, log, or a formula of y_pred and y
    #[arg(long, value_name = "LOSS", default_value = "squared", requires = "data")]
    loss: String,

    /// The weights before the first row, where a row has what its step led to: a=1,b=2, or one number
    /// for all
    #[arg(long, value_name = "WEIGHTS", allow_hyphen_values = true, requires = "data")]
    init: Option<String>,
}

impl ProblemArgs {
    /// The file of the samples.
    pub fn file(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// Reads the samples and the model; `map` says which header of the log is which weight.
    ///
    /// # Errors
    /// Data that cannot be read, a model that is none, weights that it does not have.
    pub fn problem(&self, map: &[String]) -> Result<Option<Problem>> {
        let Some(file) = self.file() else { return Ok(None) };
        let source = SourceArgs {
            sheet: self.data_sheet.clone(),
            x: self.x.clone(),
            y: self.y.clone(),
            range: self.range.clone(),
            delimiter: None,
            decimal: None,
            typed: None,
            content: None,
        };
        let read = source.problem(file, &self.model, &self.loss);
        let (model, data) = read.map_err(of_the_data)?;
        model.loss.check(&data)?;
        data.notes.iter().for_each(|note| tell!("note: {}", of_sheet(note)));
        let start = self.init.as_deref().map(|init| match init.trim() {
            "random" => Err(Error::new("what was drawn at random nobody can know")
                .in_argument(format!("--init {init}"))
                .help("write the numbers: --init a=0.3,b=-0.1")),
            _ => start::start(Some(init), 0, &model),
        });
        let names = map.iter().map(|text| name(text, &model.weights));
        let names = names.collect::<Result<_>>()?;
        Ok(Some(Problem { start: start.transpose()?, names, model, data }))
    }
}

/// The header and the weight of a text such as `fc.weight=w`.
fn name(text: &str, weights: &[String]) -> Result<(String, String)> {
    let in_argument = |error: Error| error.in_argument(format!("--map {text}"));
    let known: Vec<&str> = weights.iter().map(String::as_str).collect();
    let Some((header, weight)) = text.rsplit_once('=') else {
        let error = Error::new("a mapping is HEADER=WEIGHT");
        return Err(in_argument(
            error.help("for example fc.weight=w: the log's header, the model's weight"),
        ));
    };
    match known.contains(&weight.trim()) {
        true => Ok((header.trim().to_owned(), weight.trim().to_owned())),
        false => Err(in_argument(
            Error::new(format!("the model has no weight `{}`", weight.trim()))
                .help(Error::known_names(weight.trim(), &known)),
        )),
    }
}

/// An error in the data, whose sheet is chosen with another option here.
fn of_the_data(error: Error) -> Error {
    let place = match error.place() {
        Place::Argument(argument) => Place::Argument(of_sheet(argument)),
        place => place.clone(),
    };
    let renamed = Error::new(of_sheet(error.what())).at(place);
    match error.advice() {
        Some(advice) => renamed.help(of_sheet(advice)),
        None => renamed,
    }
}

fn of_sheet(text: &str) -> String {
    text.replace("--sheet", "--data-sheet")
}
