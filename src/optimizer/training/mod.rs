//! Ways to train: what of a run is neither the model nor the optimizer.
//!
//! Each is more columns before or behind the optimizer's own: sums over a mini-batch, the penalty's
//! part of the gradient, a norm and a factor, a learning rate that moves. Their parameters are
//! cells above the trace like any hyperparameter.

mod columns;
mod definition;
mod hand_over;
mod schedule;

pub use definition::{OWN_DECAY, SCHEDULED};
pub use hand_over::HandOver;
pub use schedule::Schedule;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::formula::{Expr, Name, parse};
use crate::sheet::{Input, InputKind};
use crate::value::{counted, number_text};

/// How many samples an update averages over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Batch {
    /// One: every row is an update.
    #[default]
    One,
    /// So many, two or more.
    Of(usize),
    /// All of them: full-batch gradient descent.
    All,
}

impl Batch {
    /// How many they are, of `samples` in all.
    pub fn size(self, samples: usize) -> usize {
        match self {
            Batch::One => 1,
            Batch::Of(size) => size,
            Batch::All => samples,
        }
    }
}

/// How a run trains, beside its optimizer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Training {
    /// How many samples an update averages over.
    pub batch: Batch,
    /// The seed of a new order of the samples in each epoch.
    pub shuffle: Option<u64>,
    /// λ of the L2 penalty λ/(2n)·Σw², which the cost gains.
    pub l2: Option<f64>,
    /// λ of the decoupled decay: w shrinks by lr·λ·w outside the step.
    pub weight_decay: Option<f64>,
    /// The weights that decay or are penalized; all where nothing is said.
    pub decayed: Option<Vec<String>>,
    /// The largest norm of the gradient of all weights together.
    pub clip: Option<f64>,
    /// How the learning rate moves.
    pub schedule: Schedule,
    /// Which weights go on from epoch to epoch.
    pub hand_over: HandOver,
    /// The planned number of epochs, over which a schedule stretches.
    pub epochs: usize,
}

impl Training {
    /// Checks the numbers against each other and against the data.
    ///
    /// # Errors
    /// A number out of range, a batch that is larger than the data, a weight that is none.
    pub fn check(&self, samples: usize, weights: &[String]) -> Result<()> {
        if let Batch::Of(size) = self.batch
            && size > samples
        {
            let what = format!("a batch of {size} is more than {}", counted(samples, "sample"));
            return Err(Error::new(what)
                .in_argument(format!("--batch-size {size}"))
                .help("write --batch-size all for one update an epoch"));
        }
        let known: Vec<&str> = weights.iter().map(String::as_str).collect();
        for weight in self.decayed.iter().flatten() {
            if !weights.contains(weight) {
                return Err(Error::new(format!("the model has no weight `{weight}`"))
                    .in_argument(format!("--decay-weights {weight}"))
                    .help(Error::known_names(weight, &known)));
            }
        }
        self.schedule.check(self.updates(samples))
    }

    /// Whether the weight is among those that decay or are penalized.
    pub fn decays(&self, weight: &str) -> bool {
        self.decayed.as_ref().is_none_or(|decayed| decayed.iter().any(|one| one == weight))
    }

    /// The number of samples in a batch.
    pub fn batch_size(&self, samples: usize) -> usize {
        self.batch.size(samples)
    }

    /// Whether an update averages over more than one sample.
    pub fn has_batches(&self) -> bool {
        self.batch != Batch::One
    }

    /// The planned number of updates.
    fn updates(&self, samples: usize) -> usize {
        self.epochs * samples.div_ceil(self.batch_size(samples).max(1))
    }

    /// What is special about it, in words; nothing for one sample a step and nothing else.
    pub fn describe(&self) -> Vec<String> {
        let mut out = Vec::new();
        match self.batch {
            Batch::One => {}
            Batch::Of(size) => out.push(format!("mini-batches of {}", counted(size, "sample"))),
            Batch::All => out.push("all samples in each update".into()),
        }
        if let Some(seed) = self.shuffle {
            out.push(format!("a new order of the samples each epoch (seed {seed})"));
        }
        let of = match &self.decayed {
            Some(weights) => format!(" of {}", weights.join(", ")),
            None => String::new(),
        };
        if let Some(l2) = self.l2 {
            out.push(format!("L2 penalty{of} with lambda {}", number_text(l2)));
        }
        if let Some(decay) = self.weight_decay {
            out.push(format!("decoupled weight decay{of} {}", number_text(decay)));
        }
        if let Some(clip) = self.clip {
            out.push(format!("gradients clipped to norm {}", number_text(clip)));
        }
        if self.schedule != Schedule::Constant {
            out.push(format!("learning rate schedule {}", self.schedule));
        }
        out.extend(self.hand_over.describe().map(str::to_owned));
        out
    }

    /// The cells for its numbers, in the order in which they stand above the trace.
    pub(super) fn inputs(&self, samples: usize, own_decay: bool) -> Result<Vec<Input>> {
        let mut inputs = Vec::new();
        let mut add = |id: &str, symbol: &str, value: f64, meaning: &str, formula: Option<&str>| {
            let formula = formula.map(formula_of).transpose()?;
            inputs.push(Input {
                id: id.into(),
                symbol: symbol.into(),
                value,
                meaning: meaning.into(),
                kind: InputKind::Training,
                formula,
            });
            Ok::<(), Error>(())
        };
        if self.has_batches() {
            let all = (self.batch == Batch::All).then_some("n");
            let meaning = "how many samples an update averages over; the last batch may be smaller";
            add("batch_size", "K", self.batch_size(samples) as f64, meaning, all)?;
        }
        if let Some(l2) = self.l2 {
            let meaning = "strength of the L2 penalty l2/(2n) times the sum of the squared weights";
            add("l2", "λ", l2, meaning, None)?;
        }
        if let Some(decay) = self.weight_decay.filter(|_| !own_decay) {
            let meaning = "decoupled decay: a weight shrinks by lr*weight_decay of itself";
            add("weight_decay", "λ", decay, meaning, None)?;
        }
        if let Some(clip) = self.clip {
            add("clip", "c", clip, "the largest norm of the gradient of all weights", None)?;
        }
        for (id, value, meaning) in self.schedule.parameters() {
            add(id, id, value, meaning, None)?;
        }
        if self.schedule.needs_length() {
            add("epochs", "epochs", self.epochs as f64, "the planned number of epochs", None)?;
            let formula = match self.has_batches() {
                true => "-epochs*floor(-n/batch_size)",
                false => "epochs*n",
            };
            let value = self.updates(samples) as f64;
            add("steps", "T", value, "the planned number of updates", Some(formula))?;
        }
        Ok(inputs)
    }

    /// The number of updates an epoch, as a formula.
    pub(super) fn epoch_steps(&self) -> Result<Expr<Name>> {
        formula_of(if self.has_batches() { "-floor(-n/batch_size)" } else { "n" })
    }
}

/// A formula that the program itself has.
fn formula_of(text: &str) -> Result<Expr<Name>> {
    parse(text).map_err(|error| error.in_formula("formula", text))
}
