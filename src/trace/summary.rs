//! What a run comes to: both RMSEs of each epoch, and the exact solution beside them.

use super::until::{Watch, before_the_first};
use super::{Block, Divergence, Plan, Reason, Units};
use crate::formula::{Expr, evaluate};
use crate::sheet::{Ref, Sheet};
use crate::value::{CellError, Value, sum};

/// The weights and the errors at the end of an epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochSummary {
    /// Counted from 1.
    pub epoch: usize,
    /// The weights that go on from the epoch, in the model's order: those after its last update,
    /// unless a dialect loses that.
    pub weights: Vec<Value>,
    /// √(Σ(ŷ − y)²/n) over the whole data set with these weights.
    pub rmse: Value,
    /// √(Σ error²/n) over the predictions that were made during the epoch.
    pub online_rmse: Value,
    /// √Σ error² over those predictions, not divided by n, as a dialect may have it.
    pub root_of_sum: Value,
    /// The mean loss over the whole data set with these weights.
    pub loss: Value,
    /// 1 where the condition that stops the run holds, 0 where it does not; `None` without one.
    pub until: Option<Value>,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The RMSE of the start weights over the whole data set.
    pub start_rmse: Value,
    /// A summary for each epoch, or for the last one alone.
    pub epochs: Vec<EpochSummary>,
    /// The first cell that holds an error value, if any.
    pub divergence: Option<Divergence>,
    /// Why it stopped after its last epoch, where the plan has something to stop it.
    pub stopped: Option<Reason>,
}

impl Outcome {
    /// The last epoch.
    pub fn last(&self) -> Option<&EpochSummary> {
        self.epochs.last()
    }

    /// The number of epochs.
    pub fn length(&self) -> usize {
        self.last().map_or(0, |last| last.epoch)
    }
}

/// The line a·x + b.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// a, the slope.
    pub slope: Value,
    /// b, the intercept.
    pub intercept: Value,
}

/// The exact least-squares line through the points: a = Σ(x − x̄)(y − ȳ)/Σ(x − x̄)², b = ȳ − a·x̄.
///
/// Where all x are equal there is no such line: both are `#DIV/0!`, as `SLOPE` and `INTERCEPT` say.
/// Where the sums overflow both are `#NUM!`.
pub fn least_squares(x: &[f64], y: &[f64]) -> Line {
    let n = x.len() as f64;
    let (x_mean, y_mean) = (sum(x.iter().copied()) / n, sum(y.iter().copied()) / n);
    let points = || x.iter().zip(y).map(|(x, y)| (x - x_mean, y - y_mean));
    let covariance = sum(points().map(|(x, y)| x * y));
    let variance = sum(points().map(|(x, _)| x * x));
    // The mean of equal numbers may be off by a digit, and then so is their variance.
    let all_equal = x.iter().all(|value| *value == x[0]);
    let undefined = if variance == 0.0 || all_equal {
        Some(CellError::DivisionByZero)
    } else if !variance.is_finite() || !covariance.is_finite() {
        Some(CellError::Number)
    } else {
        None
    };
    if let Some(error) = undefined {
        return Line { slope: error.into(), intercept: error.into() };
    }
    let slope = covariance / variance;
    Line { slope: Value::number(slope), intercept: Value::number(y_mean - slope * x_mean) }
}

/// The mean, or the first term that is an error.
pub(super) fn mean(terms: &[Value]) -> Value {
    total(terms).get().map_or_else(Value::from, |total| Value::number(total / terms.len() as f64))
}

/// The sum, or the first term that is an error.
fn total(terms: &[Value]) -> Value {
    let error = terms.iter().find(|term| term.is_error());
    error.copied().unwrap_or_else(|| Value::number(sum(terms.iter().map(|term| term.raw()))))
}

fn root(value: Value) -> Value {
    value.get().map_or_else(Value::from, |number| Value::number(number.sqrt()))
}

fn square(value: Value) -> Value {
    value.get().map_or_else(Value::from, |number| Value::number(number * number))
}

/// Follows a run and sums up its epochs.
pub(super) struct Summarizer<'a> {
    sheet: &'a Sheet,
    /// What a condition is about is told in the user's units.
    units: Option<Units>,
    data: Vec<&'a [f64]>,
    squares: Vec<Value>,
    outcome: Outcome,
    forgets_epochs: bool,
    watch: Option<Watch<'a>>,
}

impl<'a> Summarizer<'a> {
    pub fn new(
        sheet: &'a Sheet,
        data: Vec<&'a [f64]>,
        plan: &'a Plan,
        units: Option<Units>,
    ) -> Self {
        let start: Vec<Value> = sheet
            .weights
            .iter()
            .map(|weight| Value::number(sheet.inputs[weight.start].value))
            .collect();
        let start_rmse = rmse(sheet, &data, &start);
        let watch = plan.until.as_ref().map(|until| {
            let loss = mean_loss(sheet, &data, &start);
            let before = before_the_first(start, start_rmse, loss);
            Watch::new(until, units.as_ref().map_or(before.clone(), |units| units.epoch(&before)))
        });
        let outcome = Outcome { start_rmse, epochs: Vec::new(), divergence: None, stopped: None };
        let (squares, forgets_epochs) = (Vec::new(), plan.forgets_epochs);
        Summarizer { sheet, units, data, squares, outcome, forgets_epochs, watch }
    }

    /// Whether the run is over after the rows that were taken.
    pub fn has_stopped(&self) -> bool {
        self.outcome.stopped.is_some()
    }

    pub fn take(&mut self, block: &Block) {
        if self.outcome.divergence.is_none() {
            self.outcome.divergence = Divergence::find(self.sheet, block);
        }
        let samples = self.data[0].len();
        for row in 0..block.rows() {
            self.squares.push(square(block.columns[self.sheet.error][row]));
            if self.squares.len() == samples {
                self.end_epoch(block, row);
            }
        }
    }

    fn end_epoch(&mut self, block: &Block, row: usize) {
        let weights: Vec<Value> =
            self.sheet.weights.iter().map(|weight| block.columns[weight.carried][row]).collect();
        let mut epoch = EpochSummary {
            epoch: self.outcome.length() + 1,
            rmse: rmse(self.sheet, &self.data, &weights),
            online_rmse: root(mean(&self.squares)),
            root_of_sum: root(total(&self.squares)),
            loss: mean_loss(self.sheet, &self.data, &weights),
            weights,
            until: None,
        };
        if let Some(watch) = &mut self.watch {
            let units = self.units.as_ref();
            let mut own = units.map_or_else(|| epoch.clone(), |units| units.epoch(&epoch));
            self.outcome.stopped = watch.after(&mut own);
            epoch.until = own.until;
        }
        if self.forgets_epochs {
            self.outcome.epochs.clear();
        }
        self.outcome.epochs.push(epoch);
        self.squares.clear();
    }

    pub fn finish(self) -> Outcome {
        self.outcome
    }
}

/// √(Σ(ŷ − y)²/n) over the whole data set with `weights`; of several outputs all squares are added
/// up, and n is still the number of samples.
pub(super) fn rmse(sheet: &Sheet, data: &[&[f64]], weights: &[Value]) -> Value {
    let mut squares: Vec<Value> = Vec::new();
    for residual in sheet.residuals() {
        let of_output = each_sample(sheet, &residual, data, weights).into_iter().map(square);
        squares = match squares.is_empty() {
            true => of_output.collect(),
            false => squares.into_iter().zip(of_output).map(|(sum, one)| sum + one).collect(),
        };
    }
    root(mean(&squares))
}

/// The mean loss over the whole data set with `weights`.
pub(super) fn mean_loss(sheet: &Sheet, data: &[&[f64]], weights: &[Value]) -> Value {
    mean(&each_sample(sheet, &sheet.sample_loss, data, weights))
}

/// A formula of one sample (the prediction, the loss) for each sample with `weights`.
pub(super) fn each_sample(
    sheet: &Sheet,
    formula: &Expr<Ref>,
    data: &[&[f64]],
    weights: &[Value],
) -> Vec<Value> {
    let value = |reference: &Ref, sample: usize| match *reference {
        Ref::Data(column) => Value::number(data[column][sample]),
        Ref::Input(input) => match sheet.weights.iter().position(|one| one.start == input) {
            Some(weight) => weights[weight],
            None => Value::number(sheet.inputs[input].value),
        },
        Ref::Column(_) | Ref::Above(_) | Ref::Order => {
            unreachable!("a formula of one sample is over weights and data, not {reference:?}")
        }
    };
    (0..data[0].len())
        .map(|sample| evaluate(formula, &|reference| value(reference, sample)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_squares_line_is_exact_on_a_line_and_undefined_on_one_point() {
        let line = least_squares(&[14.0, 86.0, 28.0], &[58.0, 202.0, 86.0]);
        assert_eq!((line.slope, line.intercept), (Value::number(2.0), Value::number(30.0)));
        let point = least_squares(&[1.0, 1.0], &[2.0, 3.0]);
        assert_eq!(point.slope.to_string(), "#DIV/0!");
        let equal = least_squares(&[0.1, 0.1, 0.1], &[1.0, 2.0, 4.0]);
        assert_eq!(equal.slope.to_string(), "#DIV/0!");
        let huge = least_squares(&[1e200, 2.0], &[1.0, 3.0]);
        assert_eq!(huge.slope.to_string(), "#NUM!");
    }
}
