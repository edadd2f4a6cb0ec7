//! What the sheets of a trace were made from, so that they can be made again from the trace alone.
//!
//! A trace shows model, loss and way to train as formulas. Reading them back from those would be a
//! guess; the record says them. It is kept in the workbook beside the cells and holds no numbers of
//! theirs: hyperparameters and start values are what the cells say.

use serde::{Deserialize, Serialize};

use super::{Definition, Registry, Setup, Training, sheet};
use crate::circuit::{Loss, Model};
use crate::data::{Data, ScaleKind};
use crate::error::{Error, Result};
use crate::sheet::Sheet;

/// The formula of a line.
const LINE: &str = "a*x + b";
/// What the names of the document properties with a record begin with.
const PROPERTY: &str = "gdtrace run";
/// How many characters a document property may have, with room to spare.
const LONGEST: usize = 240;

/// What the sheets of a trace were made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The formula of the model.
    pub model: String,
    /// The names in it that are data columns.
    pub inputs: Vec<String>,
    /// The loss, as `--loss` has it.
    pub loss: String,
    /// Whether the traces show the gates.
    pub shows_gates: bool,
    /// The number of samples.
    pub samples: usize,
    /// How the columns are scaled that the sheets train on, where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleKind>,
    /// The sheets with a trace.
    pub sheets: Vec<SheetRecord>,
}

/// What one sheet was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SheetRecord {
    /// The sheet's name.
    pub sheet: String,
    /// The optimizer, as `--optimizers` has it: `adam:keras`.
    pub optimizer: String,
    /// The way to train.
    pub training: Training,
}

impl Record {
    /// What the sheets of `model` over `data` were made from.
    pub fn new(model: &Model, data: &Data, sheets: Vec<SheetRecord>) -> Self {
        Record {
            model: model.written(),
            inputs: model.inputs.clone(),
            loss: model.loss.text.clone(),
            shows_gates: model.shows_gates,
            samples: data.samples(),
            scale: data.scale.as_ref().map(|scale| scale.kind),
            sheets,
        }
    }

    /// The record of sheets with the names that `name` gives them for the usual ones.
    pub fn renamed(&self, name: impl Fn(&str) -> String) -> Self {
        let mut record = self.clone();
        for one in &mut record.sheets {
            one.sheet = name(&one.sheet);
        }
        record
    }

    /// The record as document properties: JSON, in pieces of the length that a property may have.
    ///
    /// # Errors
    /// None that a record can cause.
    pub fn properties(&self) -> Result<Vec<(String, String)>> {
        pieces(PROPERTY, self)
    }

    /// The record in the document properties of a workbook; none where there is none.
    pub fn of_properties(properties: &[(String, String)]) -> Option<Self> {
        serde_json::from_str(&text_of_pieces(PROPERTY, properties)).ok()
    }

    /// Whether the model is the line a·x + b.
    pub fn is_line(&self) -> bool {
        self.model == LINE && self.inputs == ["x"]
    }

    /// Whether the loss is the squared error.
    pub fn is_squared(&self) -> bool {
        self.loss == "squared"
    }

    /// Whether the sheet called `name` trains a line with a squared error, a sample a row, in no
    /// special way.
    pub fn is_plain(&self, name: &str) -> bool {
        let mut sheets = self.sheets.iter().filter(|one| one.sheet == name);
        let is_usual = |one: &SheetRecord| {
            let usual = Training { epochs: one.training.epochs, ..Training::default() };
            one.training == usual
        };
        self.is_line() && self.is_squared() && !self.shows_gates && sheets.all(is_usual)
    }

    /// The optimizer of the sheet called `name`, and the sheet as it was made, with start weights
    /// and hyperparameters of no meaning; none where the record or the registry does not know it.
    ///
    /// # Errors
    /// A record that cannot have been written by a run.
    pub fn sheet<'a>(
        &self,
        name: &str,
        registry: &'a Registry,
    ) -> Result<Option<(&'a Definition, Sheet)>> {
        let Some(record) = self.sheets.iter().find(|one| one.sheet == name) else {
            return Ok(None);
        };
        let Ok(definition) = registry.find(&record.optimizer) else { return Ok(None) };
        let (formula, _) = Model::read(&self.model)?;
        let inputs: Vec<&str> = self.inputs.iter().map(String::as_str).collect();
        let mut model = Model::of(formula, Loss::read(&self.loss)?, &inputs)?;
        model.shows_gates = self.shows_gates;
        let start = vec![0.0; model.weights.len()];
        let setup = Setup { training: record.training.clone(), ..Setup::new(&start, self.samples) };
        Ok(Some((definition, sheet(definition, &model, &setup)?)))
    }
}

/// What is kept in the document properties `NAME 1`, `NAME 2` and so on: JSON, in pieces of the length
/// that a property may have.
///
/// # Errors
/// What is no JSON.
pub fn pieces(name: &str, what: &impl Serialize) -> Result<Vec<(String, String)>> {
    let text = serde_json::to_string(what)
        .map_err(|error| Error::new(format!("cannot write the property {name}: {error}")))?;
    let letters: Vec<char> = text.chars().collect();
    let pieces = letters.chunks(LONGEST).zip(1..);
    Ok(pieces.map(|(piece, number)| (format!("{name} {number}"), piece.iter().collect())).collect())
}

/// The text that stands in pieces in the document properties `NAME 1`, `NAME 2` and so on.
pub fn text_of_pieces(name: &str, properties: &[(String, String)]) -> String {
    let piece = |number: usize| {
        let name = format!("{name} {number}");
        properties.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    };
    (1..).map_while(piece).collect()
}
