//! The sheet: the ordered columns of one trace, each a formula over resolved names.
//!
//! A sheet is what the engine runs, and what every writer shows. It knows no cell addresses and
//! no optimizer: only columns, the inputs above them, and which column plays which part.

mod resolve;

pub(crate) use resolve::resolve;

use crate::formula::{Expr, Name, Operator};

/// The name by which a column's formula asks for the sample that the run's order has for a row. No
/// formula can be written that has it.
pub const ORDER: &str = "order of samples";

/// What a name in a column's formula means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ref {
    /// A column of this row.
    Column(usize),
    /// A column of the row above.
    Above(usize),
    /// An input: a hyperparameter, a start weight, the sample count.
    Input(usize),
    /// A data column at this row's sample.
    Data(usize),
    /// The sample that the run's order has for this row.
    Order,
}

/// The part that a column plays; columns of a group stand together and share a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Step, epoch, sample.
    Index,
    /// x and y.
    Data,
    /// The weights that the row starts with.
    Weights,
    /// Prediction, error and loss.
    Forward,
    /// The gradient by finite differences, to check the real one.
    Check,
    /// The partial derivatives.
    Gradient,
    /// What the optimizer remembers, and what it makes of it.
    State,
    /// The new weights.
    Update,
    /// The gates of model and loss.
    Circuit,
}

impl Group {
    /// The group's name, as headings show it.
    pub fn title(self) -> &'static str {
        match self {
            Group::Index => "row",
            Group::Data => "data",
            Group::Weights => "weights",
            Group::Forward => "forward",
            Group::Check => "check",
            Group::Gradient => "gradient",
            Group::State => "state",
            Group::Update => "update",
            Group::Circuit => "circuit",
        }
    }
}

/// A column whose formula still has names.
pub type Draft = Column<Name>;

/// One column of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Column<N = Ref> {
    /// The name in formulas (`v_a`).
    pub id: String,
    /// What the sheet shows above it (`v_a corrected`).
    pub header: String,
    /// What the mathematics shows (`hat v_a`); see [`crate::formula::symbol`].
    pub symbol: String,
    /// The part it plays.
    pub group: Group,
    /// One line on what it is.
    pub meaning: String,
    /// How each row's value is computed.
    pub formula: Expr<N>,
    /// The value in the step-0 row, over inputs alone; there wherever `prev.` is used.
    pub initial: Option<Expr<N>>,
}

/// What an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// A hyperparameter of the optimizer.
    Hyperparameter,
    /// The width of the finite differences.
    Width,
    /// The start value of a weight.
    Start,
    /// The start value of a state, where a reset made it.
    State,
    /// A parameter of the loss.
    Loss,
    /// The number of samples, counted from the data.
    Samples,
    /// A number of the way to train: the size of a batch, the strength of a penalty.
    Training,
}

/// A labelled cell above the trace that formulas refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The name in formulas, and the label of the cell.
    pub id: String,
    /// What the mathematics shows.
    pub symbol: String,
    /// The value of this run.
    pub value: f64,
    /// One line on what it is.
    pub meaning: String,
    /// What it is.
    pub kind: InputKind,
    /// How it follows from other inputs, for one that does.
    pub formula: Option<Expr<Name>>,
}

/// A weight of the model, and the columns that carry it.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// Its name in the model (`a`).
    pub name: String,
    /// The input that holds its start value.
    pub start: usize,
    /// The column with the value that a row starts with.
    pub current: usize,
    /// The column with its partial derivative.
    pub gradient: usize,
    /// The column with the value after the row's update.
    pub next: usize,
    /// The column whose last value in an epoch goes on to the next one: `next`, unless a dialect
    /// loses that update.
    pub carried: usize,
    /// The column with the gradient that the optimizer gets: over a batch, with a penalty, clipped.
    pub given: usize,
    /// The column with the gradient that the update's own formula gets, where that has the penalty
    /// in itself.
    pub given_in_update: usize,
    /// Whether it is among the weights that decay or are penalized.
    pub decays: bool,
}

/// What was trained, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelText {
    /// The prediction as a formula, as `--model` has it: `a*x + b`; of several outputs with `;`
    /// between them.
    pub prediction: String,
    /// The same as an equation: `y = a*x + b`; `y1 = a*x + b; y2 = c*x + d`.
    pub equation: String,
    /// The loss by its name or as a formula: `squared`.
    pub loss: String,
    /// The loss of one sample over weights, data columns and the loss's parameters.
    pub loss_of_sample: Expr<Name>,
    /// Whether the loss is the squared error, whose root mean is the RMSE.
    pub is_squared: bool,
    /// Whether this is a line a·x + b with the squared error, which has an exact solution in
    /// closed form and a bound on stable learning rates.
    pub is_line: bool,
}

/// The columns of one trace, in the order in which they stand and are computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The sheet's name: the optimizer's, as the user wrote it.
    pub name: String,
    /// The optimizer's title (`RMSProp`).
    pub title: String,
    /// The update, as text, one line a formula, written for one weight.
    pub rule: Vec<String>,
    /// What is special about the way to train, in words.
    pub training: Vec<String>,
    /// The cells above the trace.
    pub inputs: Vec<Input>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The weights, in the order in which the model names them.
    pub weights: Vec<Weight>,
    /// The column that counts the rows: one for each sample that is seen.
    pub row: usize,
    /// The column with the number of the row's sample, counted from 1.
    pub sample: usize,
    /// The column with the row's loss.
    pub loss: usize,
    /// The column with the loss of an update, for an optimizer that looks at it.
    pub update_loss: usize,
    /// The column with y_pred − y.
    pub error: usize,
    /// The names of the data columns, in the order in which [`Ref::Data`] counts them; what is predicted
    /// is last.
    pub data: Vec<String>,
    /// What the model and its loss are, as the user wrote them.
    pub model: ModelText,
    /// The model: the prediction of each output for one sample, over start inputs (the weights) and
    /// data columns.
    pub predictions: Vec<Expr<Ref>>,
    /// The loss of these predictions, over the same and the loss's parameters.
    pub sample_loss: Expr<Ref>,
    /// What was run before, for the states that this trace starts from.
    pub reset: Option<Box<Reset>>,
}

/// Epochs before the first one, of which nothing is kept but the states at their end.
#[derive(Debug, Clone, PartialEq)]
pub struct Reset {
    /// The trace, each epoch from the start weights.
    pub sheet: Sheet,
    /// The number of epochs.
    pub epochs: usize,
}

impl Sheet {
    /// The index of the column called `id`.
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// The index of the input called `id`.
    pub fn input(&self, id: &str) -> Option<usize> {
        self.inputs.iter().position(|input| input.id == id)
    }

    /// The number of data columns that go into the model: those behind them are predicted.
    pub fn features(&self) -> usize {
        self.data.len().saturating_sub(self.predictions.len())
    }

    /// How far each output of a sample is off: ŷ − y, over the same as the predictions.
    pub fn residuals(&self) -> Vec<Expr<Ref>> {
        let residual = |(target, prediction): (usize, &Expr<Ref>)| {
            prediction.clone().binary(Operator::Subtract, Expr::Name(Ref::Data(target)))
        };
        (self.features()..).zip(&self.predictions).map(residual).collect()
    }

    /// The index of the first input of `kind`, which every sheet has for starts and samples.
    pub fn input_of(&self, kind: InputKind) -> usize {
        self.inputs.iter().position(|input| input.kind == kind).unwrap_or_default()
    }

    /// How many samples an update averages over, where that may be more than one.
    pub fn batch_size(&self) -> Option<usize> {
        let is_size =
            |input: &&Input| input.kind == InputKind::Training && input.id == "batch_size";
        self.inputs.iter().find(is_size).map(|input| input.value as usize)
    }

    /// What a row is called: what the column that counts them is.
    pub fn row_name(&self) -> &str {
        &self.columns[self.row].header
    }

    /// The hyperparameters with their values.
    pub fn hyperparameters(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().filter(|input| input.kind == InputKind::Hyperparameter)
    }
}
