//! Logs without gradients: these are computed from the model and its data at the logged weights, and
//! are then looked at like logged ones.
//!
//! Which samples a step was taken with is not in such a log. The losses tell it where they are
//! logged; else those batches are taken whose gradients lead from each row to the next.

use super::batches::Batches;
use super::headers::{Meaning, meaning};
pub use super::losses::OtherLoss;
use super::losses::Told;
pub use super::pairing::candidates;
use super::pairing::pair;
use super::plain::Plain;
use super::{Column, Explained, Layout, start, totals};
use crate::circuit::Model;
use crate::compare::form::Form;
use crate::data::Data;
use crate::formula::readable;
use crate::optimizer::{Batch, registry};
use crate::value::number_text;

/// A rule that takes the steps to fewer digits, with batches that nothing else tells, is none.
pub(super) const NEAR_DIGITS: u32 = 2;

/// What gradients are computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The model with its loss.
    pub model: Model,
    /// The samples.
    pub data: Data,
    /// The weights before the first row, where a row has what its step led to.
    pub start: Option<Vec<f64>>,
    /// Headers with the weights of the model that they are.
    pub names: Vec<(String, String)>,
}

/// How the gradients of a log were computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// The prediction.
    pub model: String,
    /// The loss of a sample.
    pub loss: String,
    /// The file of the samples.
    pub data: String,
    /// How many samples there are.
    pub samples: usize,
    /// How many steps there are, that from a start before the first row among them.
    pub steps: usize,
    /// Which samples each step was taken with.
    pub batches: Batches,
    /// The weights of the model with their headers, where these are others.
    pub names: Vec<(String, String)>,
    /// The weights before the first row, where they were worked out from the first loss.
    pub start: Vec<(String, f64)>,
    /// Another loss that is logged, where the steps are those of the model's gradients all the same.
    pub other_loss: Option<OtherLoss>,
}

impl Computed {
    /// What the gradients are computed from, in words.
    pub fn words(&self) -> String {
        let names = self.names.iter().map(|(weight, header)| format!("{weight} is {header}"));
        let names: Vec<String> = names.collect();
        let names =
            if names.is_empty() { String::new() } else { format!(", where {}", names.join(", ")) };
        let mut words = format!(
            "gradients computed from {}: those of {} with the loss {}, {}{names}",
            self.data,
            self.model,
            self.loss,
            self.batches.words(self.samples),
        );
        if !self.start.is_empty() {
            let start = self.start.iter();
            let start: Vec<String> =
                start.map(|(weight, value)| format!("{weight}={}", shown(*value))).collect();
            let start = start.join(",");
            words += &format!("; the start, {start}, is worked out from the first loss");
        }
        match self.other_loss {
            Some(OtherLoss { factor: Some(factor), .. }) => {
                let factor = shown(factor);
                words += &format!("; the logged loss is {factor} times this one");
            }
            Some(OtherLoss { row, logged, own, .. }) => {
                let [logged, own] = [logged, own].map(shown);
                let row = row + 1;
                words +=
                    &format!("; the logged loss is another one: {logged} in row {row}, not {own}");
            }
            None => {}
        }
        words
    }
}

/// A number with the digits that one reads.
pub fn shown(number: f64) -> String {
    number_text(readable(number))
}

/// Why nothing can be told of a log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// Fewer than three steps.
    Short,
    /// No step changes any weight.
    Still,
    /// The model has no gradient at the weights of this row.
    Undefined(usize),
    /// A loss is not the model's, and no rule takes the steps.
    OtherLoss(OtherLoss),
    /// The losses are those of no batches in the order of the file, and no rule takes the steps.
    Shuffled,
    /// Each row has what its step led to, and what the first started from is missing.
    NoStart,
    /// No rule comes near the steps, with whichever batches.
    Unknown,
}

/// Finds out which columns are the weights of the model, beside what else the headers say; each
/// weight's gradients have a column behind all others.
///
/// # Errors
/// The weights that have no column.
pub fn layout(headers: &[String], problem: &Problem) -> Result<Layout, Vec<String>> {
    let columns = pair(headers, &problem.model, &problem.names)?;
    let is_free = |at: &usize| !columns.contains(at);
    let first = |wanted: Meaning| {
        (0..headers.len()).filter(is_free).find(|at| meaning(&headers[*at]) == wanted)
    };
    let pairs = columns.iter().enumerate();
    Ok(Layout {
        pairs: pairs.map(|(at, column)| (*column, headers.len() + at)).collect(),
        tensors: totals::tensors(columns.iter().map(|at| headers[*at].as_str())),
        are_called: true,
        rate: first(Meaning::Rate),
        loss: first(Meaning::Loss),
        step: None,
    })
}

/// The weights with their headers, where some are called otherwise.
fn names(headers: &[String], layout: &Layout, model: &Model) -> Vec<(String, String)> {
    let headers = layout.pairs.iter().map(|(at, _)| headers[*at].trim().to_owned());
    let all: Vec<(String, String)> = model.weights.iter().cloned().zip(headers).collect();
    let is_other = all.iter().any(|(weight, header)| !weight.eq_ignore_ascii_case(header));
    if is_other { all } else { Vec::new() }
}

/// Finds the optimizer of a log without gradients, and returns the gradients of each weight.
///
/// # Errors
/// Why there is nothing to tell.
pub fn explain(
    headers: &[String],
    columns: &[Column],
    layout: &Layout,
    problem: &Problem,
) -> Result<(Explained, Vec<Vec<f64>>), Refusal> {
    let mut log = Plain::new(columns, layout, problem);
    log.check()?;
    let forms = registry().ok().and_then(|all| totals::definitions(all, &layout.tensors).ok());
    let forms = forms.unwrap_or_default();
    let losses = Told::new(&log);
    let known = losses.as_ref().and_then(Told::batches);
    let lacks_start = log.given == 0 && known.is_some_and(|one| one.is_behind);
    let from_start = known.filter(|_| lacks_start).and_then(|known| {
        let batches = Batches { before: 0, ..known.batches };
        let (log, found) = start::explained(&log, &forms, &batches)?;
        Some((log, (found, batches)))
    });
    let start = from_start.as_ref().map(|(log, _)| log.rows[0].clone()).unwrap_or_default();
    let found = match from_start {
        Some((started, found)) => {
            log = started;
            Some(found)
        }
        None => found(&log, &forms, known.map(|one| one.batches)),
    };
    let all = Batches::new(Batch::All);
    let batches = found.as_ref().map_or(all, |one| one.1);
    let other = losses.as_ref().and_then(|losses| losses.other(&log, &batches));
    let is_clear = |one: &Explained| one.fits && (known.is_some() || one.digits >= NEAR_DIGITS);
    let (mut explained, batches) = match found {
        Some(found) if is_clear(&found.0) => found,
        found => match (other, known) {
            (Some(other), _) => return Err(other),
            (None, Some(_)) if lacks_start => return Err(Refusal::NoStart),
            (None, Some(_)) => found.ok_or(Refusal::Unknown)?,
            (None, None) => found.filter(|one| is_near(&one.0)).ok_or(Refusal::Unknown)?,
        },
    };
    explained.computed = Some(Computed {
        model: problem.model.written(),
        loss: problem.model.loss.text.clone(),
        data: problem.data.file.display().to_string(),
        samples: problem.data.samples(),
        steps: log.rows.len() - 1,
        batches,
        start: problem.model.weights.iter().cloned().zip(start).collect(),
        names: names(headers, layout, &problem.model),
        other_loss: other.and_then(Refusal::other_loss),
    });
    explained.odd.iter_mut().for_each(|odd| odd.row -= log.given);
    Ok((explained, log.gradients(&batches)))
}

/// What is found out with the batches that the losses tell, else with those that the steps do.
fn found(log: &Plain, forms: &[Form], known: Option<Batches>) -> Option<(Explained, Batches)> {
    let Some(batches) = known else { return log.by_weights(forms) };
    let found = log.explained(forms, batches).map(|one| (one, batches));
    match &found {
        // The losses may be those of all samples while the steps are taken with a few.
        Some((one, _)) if !one.fits && batches.size == Batch::All => {
            log.by_weights(forms).filter(|one| one.0.fits).or(found)
        }
        _ => found,
    }
}

/// Whether what takes no steps is near enough to tell where it departs. With any rate in each step a
/// single gradient leads anywhere along itself.
fn is_near(found: &Explained) -> bool {
    found.digits >= NEAR_DIGITS && !found.odd.is_empty()
}

impl Refusal {
    fn other_loss(self) -> Option<OtherLoss> {
        match self {
            Refusal::OtherLoss(other) => Some(other),
            _ => None,
        }
    }
}
