//! When a run stops before the last epoch that was planned: where a condition over the numbers of
//! an epoch holds, or where nothing has got better for some epochs in a row.

use std::fmt;
use std::ops::Range;

use super::{EpochSummary, Outcome};
use crate::error::{Error, Place, Result};
use crate::formula::{Expr, Name, evaluate, parse_condition};
use crate::value::{CellError, Value, counted};

/// A number of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The RMSE over all samples with the weights at its end.
    Rmse,
    /// The RMSE of the predictions that were made during it.
    OnlineRmse,
    /// The mean loss over all samples with the weights at its end.
    Loss,
    /// Which epoch it is, counted from 1.
    Epoch,
    /// The weight with this index at its end.
    Weight(usize),
}

/// A number of an epoch or of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochRef {
    /// Which number.
    pub figure: Figure,
    /// Whether that of the epoch before is meant; before the first one the start weights count.
    pub previous: bool,
}

/// When a run stops early.
#[derive(Debug, Clone, PartialEq)]
pub struct Until {
    /// 1 where the condition holds, 0 where it does not.
    condition: Option<Expr<EpochRef>>,
    /// The condition as text.
    text: String,
    /// How many epochs in a row may be without a new best.
    patience: Option<usize>,
    /// The number that is to get better, and its name.
    measure: (Figure, &'static str),
}

/// Why a run stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The condition holds.
    Condition,
    /// Nothing has got better for long enough.
    Patience,
}

/// The numbers that every model has, with their names.
const FIGURES: [(&str, Figure); 4] = [
    ("rmse", Figure::Rmse),
    ("online_rmse", Figure::OnlineRmse),
    ("loss", Figure::Loss),
    ("epoch", Figure::Epoch),
];

impl Until {
    /// What stops a run of a model with these `weights`: the `condition` as text, `patience`, or
    /// whichever comes first. What is to get better is the RMSE of the squared loss, and the mean
    /// loss of any other. `None` where neither is given.
    ///
    /// # Errors
    /// A condition that is none, or that names what an epoch does not have.
    pub fn new(
        condition: Option<&str>,
        patience: Option<usize>,
        weights: &[String],
        is_squared: bool,
    ) -> Result<Option<Self>> {
        if condition.is_none() && patience.is_none() {
            return Ok(None);
        }
        let (condition, text) = match condition.map(|text| read(text, weights)).transpose()? {
            Some((condition, text)) => (Some(condition), text),
            None => (None, String::new()),
        };
        let measure = match is_squared {
            true => (Figure::Rmse, "RMSE"),
            false => (Figure::Loss, "mean loss"),
        };
        Ok(Some(Until { condition, text, patience, measure }))
    }

    /// The condition as a formula: 1 where it holds, 0 where it does not.
    pub fn condition(&self) -> Option<&Expr<EpochRef>> {
        self.condition.as_ref()
    }

    /// The condition as text.
    pub fn condition_text(&self) -> Option<&str> {
        self.condition.as_ref().map(|_| self.text.as_str())
    }

    /// How many epochs in a row may be without a new best.
    pub fn patience(&self) -> Option<usize> {
        self.patience
    }

    /// The number that is to get better.
    pub fn measure(&self) -> Figure {
        self.measure.0
    }

    /// Whether the condition names `figure`.
    pub fn names(&self, figure: Figure) -> bool {
        self.names_any(|name| name.figure == figure)
    }

    /// Whether the condition names the RMSE of the predictions of the epoch before, which the
    /// first epoch has none of: it cannot hold there.
    pub fn needs_predictions_before(&self) -> bool {
        self.names_any(|name| name.previous && name.figure == Figure::OnlineRmse)
    }

    fn names_any(&self, wanted: impl Fn(&EpochRef) -> bool) -> bool {
        self.condition.iter().any(|condition| condition.names().into_iter().any(&wanted))
    }

    /// What came of it in a run of at most `planned` epochs: `stopped after epoch 7: rmse < 0.1`.
    pub fn told(&self, outcome: &Outcome, planned: usize) -> String {
        match outcome.stopped {
            Some(reason) => {
                let epoch = outcome.length();
                format!("stopped after epoch {epoch}: {}", self.words(reason))
            }
            None => format!("never met: {self} within {}", counted(planned, "epoch")),
        }
    }

    /// A reason to stop in words.
    pub(super) fn words(&self, reason: Reason) -> String {
        match reason {
            Reason::Condition => self.text.clone(),
            Reason::Patience => {
                let epochs = counted(self.patience.unwrap_or_default(), "epoch");
                format!("{epochs} without a better {}", self.measure.1)
            }
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let condition = self.condition.as_ref().map(|_| Reason::Condition);
        let reasons = condition.into_iter().chain(self.patience.map(|_| Reason::Patience));
        let words: Vec<String> = reasons.map(|reason| self.words(reason)).collect();
        f.write_str(&words.join(" or "))
    }
}

/// Reads a condition over the numbers of an epoch, and writes it as text in the usual way.
fn read(text: &str, weights: &[String]) -> Result<(Expr<EpochRef>, String)> {
    const OPTION: &str = "--until";
    let written = parse_condition(text).map_err(|error| error.in_formula(OPTION, text))?;
    let figure = |id: &str| {
        let weight = || weights.iter().position(|weight| weight == id).map(Figure::Weight);
        FIGURES.iter().find(|(name, _)| *name == id).map(|(_, figure)| *figure).or_else(weight)
    };
    if let Some(name) = written.names().into_iter().find(|name| figure(&name.id).is_none()) {
        let names = FIGURES.iter().map(|(name, _)| *name);
        let known: Vec<&str> = names.chain(weights.iter().map(String::as_str)).collect();
        let known = Error::known_names(&name.id, &known);
        let place =
            Place::Text { name: OPTION.into(), text: text.into(), span: place_of(text, name) };
        return Err(Error::new(format!("an epoch has no number `{}`", name.id))
            .at(place)
            .help(format!("{known}; each also as prev.NAME, of the epoch before")));
    }
    let resolve = |name: &Name| EpochRef {
        // Every name is known here.
        figure: figure(&name.id).unwrap_or(Figure::Epoch),
        previous: name.previous,
    };
    let told = written.to_string();
    Ok((written.indicator().rename(resolve), told))
}

/// Where `name` stands in `text` as a word of its own.
fn place_of(text: &str, name: &Name) -> Range<usize> {
    let word = name.to_string();
    let continues = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let is_alone = |at: &usize| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        !before.ends_with(continues) && !after.starts_with(continues)
    };
    let start = text.match_indices(&word).map(|(at, _)| at).find(is_alone).unwrap_or(0);
    start..(start + word.len()).min(text.len())
}

/// Follows a run, epoch by epoch, and says when it is over.
pub(super) struct Watch<'a> {
    until: &'a Until,
    before: EpochSummary,
    best: f64,
    waited: usize,
}

impl<'a> Watch<'a> {
    /// A watch over a run from `start`, the numbers of the start weights.
    pub fn new(until: &'a Until, start: EpochSummary) -> Self {
        let best = value_of(until.measure.0, &start).get().unwrap_or(f64::INFINITY);
        Watch { until, before: start, best, waited: 0 }
    }

    /// Takes the next epoch, and notes whether the condition holds for it; why the run stops
    /// after it, if it does.
    pub fn after(&mut self, now: &mut EpochSummary) -> Option<Reason> {
        now.until = self.until.condition.as_ref().map(|condition| self.value(condition, now));
        let holds = now.until == Some(Value::number(1.0));
        self.before.clone_from(now);
        let measured = value_of(self.until.measure.0, now).get().ok();
        match measured.filter(|measured| *measured < self.best) {
            Some(better) => (self.best, self.waited) = (better, 0),
            None => self.waited += 1,
        }
        let is_over = self.until.patience.is_some_and(|patience| self.waited >= patience);
        holds.then_some(Reason::Condition).or(is_over.then_some(Reason::Patience))
    }

    /// 1 where the condition holds after `now`, 0 where it does not.
    fn value(&self, condition: &Expr<EpochRef>, now: &EpochSummary) -> Value {
        if self.before.epoch == 0 && self.until.needs_predictions_before() {
            return Value::ZERO;
        }
        evaluate(condition, &|name: &EpochRef| {
            value_of(name.figure, if name.previous { &self.before } else { now })
        })
    }
}

/// The numbers of the start weights, as if an epoch had ended with them.
pub(super) fn before_the_first(weights: Vec<Value>, rmse: Value, loss: Value) -> EpochSummary {
    // No predictions were made yet.
    let online_rmse = CellError::Number.into();
    let root_of_sum = online_rmse;
    EpochSummary { epoch: 0, weights, rmse, online_rmse, root_of_sum, loss, until: None }
}

fn value_of(figure: Figure, epoch: &EpochSummary) -> Value {
    match figure {
        Figure::Rmse => epoch.rmse,
        Figure::OnlineRmse => epoch.online_rmse,
        Figure::Loss => epoch.loss,
        Figure::Epoch => Value::number(epoch.epoch as f64),
        Figure::Weight(weight) => epoch.weights[weight],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(condition: Option<&str>, patience: Option<usize>) -> Until {
        let weights = ["a".to_owned(), "b".to_owned()];
        Until::new(condition, patience, &weights, true).unwrap().unwrap()
    }

    /// After which epoch a run with these RMSEs, the first one of the start weights, stops.
    fn stop(until: &Until, errors: &[f64]) -> Option<(usize, Reason)> {
        let epoch = |epoch: usize| EpochSummary {
            epoch,
            weights: vec![Value::number(epoch as f64), Value::ZERO],
            ..before_the_first(Vec::new(), Value::number(errors[epoch]), Value::ZERO)
        };
        let mut watch = Watch::new(until, epoch(0));
        (1..errors.len()).find_map(|at| Some((at, watch.after(&mut epoch(at))?)))
    }

    #[test]
    fn a_condition_stops_after_the_first_epoch_that_it_holds_for() {
        let below = until(Some("rmse<0.5"), None);
        assert_eq!(stop(&below, &[0.1, 3.0, 0.5, 0.4, 0.3]), Some((3, Reason::Condition)));
        assert_eq!(stop(&below, &[0.1, 3.0, 0.5]), None);
        let settled = until(Some("abs(prev.rmse - rmse) < 0.01 * prev.rmse"), None);
        assert_eq!(stop(&settled, &[9.0, 3.0, 2.99, 1.0]), Some((2, Reason::Condition)));
        let weight = until(Some("prev.a >= 2"), None);
        assert_eq!(stop(&weight, &[1.0; 9]), Some((3, Reason::Condition)));
    }

    #[test]
    fn where_a_side_has_no_value_the_condition_does_not_hold() {
        let nan = f64::NAN;
        assert_eq!(stop(&until(Some("rmse <> 1"), None), &[1.0, nan, 1.0]), None);
        assert_eq!(stop(&until(Some("prev.online_rmse > -1"), None), &[1.0, 1.0]), None);
    }

    #[test]
    fn patience_ends_when_nothing_has_got_better_for_so_many_epochs() {
        let two = until(None, Some(2));
        let late = [5.0, 4.0, 4.0, 3.0, 3.5, 3.1, 1.0];
        assert_eq!(stop(&two, &late), Some((5, Reason::Patience)));
        assert_eq!(stop(&two, &[5.0, 6.0, f64::NAN, 1.0]), Some((2, Reason::Patience)));
        assert_eq!(stop(&two, &[5.0, 6.0, 4.0, 3.0]), None);
        // Whichever comes first; the condition where both do.
        let both = until(Some("epoch = 2"), Some(2));
        assert_eq!(stop(&both, &[1.0, 2.0, 2.0]), Some((2, Reason::Condition)));
        assert_eq!(both.to_string(), "epoch = 2 or 2 epochs without a better RMSE");
    }

    #[test]
    fn an_unknown_name_is_marked_where_it_stands_alone() {
        let name = Name::here("rms");
        assert_eq!(place_of("prev.rms + rms2 + rms < 1", &name), 18..21);
        assert_eq!(place_of("rms + prev.rms < 1", &Name::above("rms")), 6..14);
    }
}
