//! A run as a row of a table, and back.
//!
//! An error value is what programs read as a number in any case: NaN for `#NUM!`, inf for `#DIV/0!`. What does not
//! exist is a missing value.

use crate::export::table::Kind;
use crate::trace::sweep::{Converged, Lows, Ran, Runner, Setting, SweptRun, Threshold};
use crate::value::{CellError, Value, number_text};

/// What stands in a column of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A text, empty where there is none.
    Text(String),
    /// A whole number.
    Count(Option<u64>),
    /// A number; NaN and inf for error values.
    Number(Option<f64>),
}

impl Field {
    fn count(count: Option<usize>) -> Self {
        Field::Count(count.map(|count| count as u64))
    }

    /// Whether it is the same, to the bit.
    fn is(&self, other: &Field) -> bool {
        match (self, other) {
            (Field::Number(Some(one)), Field::Number(Some(other))) => {
                one.to_bits() == other.to_bits()
            }
            _ => self == other,
        }
    }
}

/// How the runs of a sweep become rows.
pub struct Rows<'a> {
    setting: &'a Setting,
    weights: Vec<&'a str>,
    seed: u64,
    /// The threshold that is known before any run.
    known: Option<Threshold>,
}

impl<'a> Rows<'a> {
    /// The rows of the runs of `runner`, all with the same `seed`.
    pub fn new(runner: &'a Runner, seed: u64) -> Self {
        let weights = runner.start.iter().map(|(name, _)| name.as_str()).collect();
        Rows { setting: &runner.setting, weights, seed, known: runner.known }
    }

    /// What the columns are called, and what stands in them.
    pub fn columns(&self) -> Vec<(String, Kind)> {
        let mut columns =
            vec![("run".to_owned(), Kind::Count), ("optimizer".to_owned(), Kind::Text)];
        let axes = self.setting.axes.iter();
        columns.extend(axes.map(|axis| (axis.name.clone(), Kind::Number)));
        columns.push(("seed".to_owned(), Kind::Seed));
        let weights = self.weights.iter();
        columns.extend(weights.map(|name| (format!("final {name}"), Kind::Number)));
        let results = ["rmse", "loss", "best_rmse"].map(|name| (name.to_owned(), Kind::Number));
        let counts = ["best_epoch", "epochs", "converged_epoch", "converged_step", "diverged_at"];
        columns
            .extend(results.into_iter().chain(counts.map(|name| (name.to_owned(), Kind::Count))));
        // Where what counts as converged depends on all runs: each `RMSE:epoch:step` that may turn out to.
        let near = self.known.is_none().then(|| ("near_its_best".to_owned(), Kind::Text));
        columns.extend(near);
        columns
    }

    /// What stands in front of the results of the run with this index.
    fn given(&self, index: usize) -> Vec<Field> {
        let (block, within) = self.setting.locate(index);
        let block = &self.setting.blocks[block];
        let mut given = vec![Field::count(Some(index + 1)), Field::Text(block.name.clone())];
        given.extend(block.combination(within).into_iter().map(Field::Number));
        given.push(Field::Count(Some(self.seed)));
        given
    }

    /// The row of the run with this index.
    pub fn row(&self, index: usize, ran: &Ran) -> Vec<Field> {
        let (run, lows) = (&ran.run, &ran.lows.lows);
        let mut row = self.given(index);
        let missing = vec![Value::from(CellError::Number); self.weights.len() - run.weights.len()];
        row.extend(run.weights.iter().chain(&missing).map(|weight| number(*weight)));
        row.extend([number(run.rmse), number(run.loss)]);
        row.push(Field::Number(run.best.map(|(rmse, _)| rmse)));
        row.push(Field::count(run.best.map(|(_, epoch)| epoch)));
        row.push(Field::count(Some(run.epochs)));
        let converged = lows.first().filter(|_| self.known.is_some());
        row.push(Field::count(converged.map(|(_, one)| one.epoch)));
        row.push(Field::count(converged.map(|(_, one)| one.step)));
        row.push(Field::count(run.diverged_at));
        if self.known.is_none() {
            let near = lows
                .iter()
                .map(|(rmse, one)| format!("{}:{}:{}", number_text(*rmse), one.epoch, one.step));
            row.push(Field::Text(near.collect::<Vec<String>>().join(" ")));
        }
        row
    }

    /// The run that the row of the run with this index tells; none where it is the row of something else.
    pub fn read(&self, index: usize, row: &[Field]) -> Option<Ran> {
        let given = self.given(index);
        let (front, mut results) = row.split_at_checked(given.len())?;
        if !front.iter().zip(&given).all(|(one, other)| one.is(other)) {
            return None;
        }
        let mut next = || results.split_off_first();
        let mut weights = Vec::with_capacity(self.weights.len());
        for _ in &self.weights {
            weights.push(value(next()?)?);
        }
        let (rmse, loss) = (value(next()?)?, value(next()?)?);
        let Field::Number(best_rmse) = next()? else { return None };
        let best_epoch = counted(next()?)?;
        let epochs = counted(next()?)??;
        let (epoch, step) = (counted(next()?)?, counted(next()?)?);
        let diverged_at = counted(next()?)?;
        let lows = match self.known {
            Some(known) => {
                let converged = epoch.zip(step).map(|(epoch, step)| Converged { epoch, step });
                converged.into_iter().map(|one| (known.value(), one)).collect()
            }
            None => match next()? {
                Field::Text(text) => text.split_whitespace().map(near).collect::<Option<_>>()?,
                _ => return None,
            },
        };
        if next().is_some() {
            return None;
        }
        let (block, within) = self.setting.locate(index);
        let run = SweptRun {
            block,
            values: self.setting.blocks[block].combination(within),
            weights,
            rmse,
            loss,
            best: best_rmse.zip(best_epoch),
            epochs,
            converged: None,
            diverged_at,
        };
        Some(Ran { run, lows: Lows { lows } })
    }
}

/// A number as it is, an error as what is read as a number everywhere.
fn number(value: Value) -> Field {
    Field::Number(Some(match value.get() {
        Ok(number) => number,
        Err(CellError::Number) => f64::NAN,
        Err(CellError::DivisionByZero) => f64::INFINITY,
    }))
}

fn value(field: &Field) -> Option<Value> {
    match field {
        Field::Number(Some(number)) if number.is_nan() => Some(CellError::Number.into()),
        Field::Number(Some(f64::INFINITY)) => Some(CellError::DivisionByZero.into()),
        Field::Number(Some(number)) if number.is_finite() => Some(Value::number(*number)),
        _ => None,
    }
}

/// A count that may be missing; none for what is no count.
fn counted(field: &Field) -> Option<Option<usize>> {
    match field {
        Field::Count(count) => count.map(usize::try_from).transpose().ok(),
        _ => None,
    }
}

/// `RMSE:epoch:step`.
fn near(text: &str) -> Option<(f64, Converged)> {
    let mut parts = text.split(':');
    let rmse = parts.next()?.parse().ok()?;
    let converged =
        Converged { epoch: parts.next()?.parse().ok()?, step: parts.next()?.parse().ok()? };
    parts.next().is_none().then_some((rmse, converged))
}
