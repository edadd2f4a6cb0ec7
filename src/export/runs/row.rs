//! A run as a line of comma-separated values (RFC 4180), and back.
//!
//! Numbers have the shortest text that reads back to the same bits. An error value is what programs read as a
//! number in any case: NaN for `#NUM!`, inf for `#DIV/0!`. What does not exist is empty.

use std::io::Write;

use crate::export::csv;
use crate::trace::sweep::{Converged, Lows, Ran, Runner, Setting, SweptRun, Threshold};
use crate::value::{CellError, Value, number_text};

/// How the rows of a sweep are written.
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

    /// What the columns are called.
    pub fn heads(&self) -> Vec<String> {
        let mut heads = vec!["run".to_owned(), "optimizer".to_owned()];
        heads.extend(self.setting.axes.iter().map(|axis| axis.name.clone()));
        heads.push("seed".to_owned());
        heads.extend(self.weights.iter().map(|name| format!("final {name}")));
        let results = ["rmse", "loss", "best_rmse", "best_epoch", "epochs"];
        heads.extend(results.map(str::to_owned));
        let ends = ["converged_epoch", "converged_step", "diverged_at"];
        heads.extend(ends.map(str::to_owned));
        // Where what counts as converged depends on all runs: each `RMSE:epoch:step` that may turn out to.
        heads.extend(self.known.is_none().then(|| "near_its_best".to_owned()));
        heads
    }

    /// The first line of a part.
    pub fn head(&self) -> String {
        let heads: Vec<String> = self.heads().iter().map(|head| csv::field(head)).collect();
        heads.join(",") + csv::END
    }

    /// What stands in front of the results of the run with this index.
    fn given(&self, index: usize, line: &mut String) {
        let (block, within) = self.setting.locate(index);
        let block = &self.setting.blocks[block];
        line.push_str(&format!("{},{}", index + 1, csv::field(&block.name)));
        for value in block.combination(within) {
            line.push(',');
            line.push_str(&value.map_or(String::new(), number_text));
        }
        line.push_str(&format!(",{}", self.seed));
    }

    /// The line of the run with this index.
    pub fn line(&self, index: usize, ran: &Ran) -> Vec<u8> {
        let mut line = String::with_capacity(160);
        self.given(index, &mut line);
        let (run, lows) = (&ran.run, &ran.lows.lows);
        let mut line = line.into_bytes();
        let mut put = |text: &str| {
            // Writing into memory does not fail.
            let _ = write!(line, ",{text}");
        };
        let missing = vec![Value::from(CellError::Number); self.weights.len() - run.weights.len()];
        run.weights.iter().chain(&missing).for_each(|weight| put(&text(*weight)));
        put(&text(run.rmse));
        put(&text(run.loss));
        put(&run.best.map_or(String::new(), |(rmse, _)| number_text(rmse)));
        put(&run.best.map_or(String::new(), |(_, epoch)| epoch.to_string()));
        put(&run.epochs.to_string());
        let converged = lows.first().filter(|_| self.known.is_some());
        put(&converged.map_or(String::new(), |(_, one)| one.epoch.to_string()));
        put(&converged.map_or(String::new(), |(_, one)| one.step.to_string()));
        put(&run.diverged_at.map_or(String::new(), |step| step.to_string()));
        if self.known.is_none() {
            let near = lows.iter();
            let near = near
                .map(|(rmse, one)| format!("{}:{}:{}", number_text(*rmse), one.epoch, one.step));
            put(&near.collect::<Vec<String>>().join(" "));
        }
        line.extend(csv::END.bytes());
        line
    }

    /// Whether the line is that of the run with this index, as far as its number says.
    pub fn is_numbered(&self, index: usize, line: &[u8]) -> bool {
        let number = line.split(|byte| *byte == b',').next().unwrap_or_default();
        number == (index + 1).to_string().as_bytes()
    }

    /// The run that the line of the run with this index tells; none where it is the line of something else.
    pub fn read(&self, index: usize, line: &[u8]) -> Option<Ran> {
        let line = std::str::from_utf8(line).ok()?.trim_end_matches(['\r', '\n']);
        let mut given = String::with_capacity(80);
        self.given(index, &mut given);
        let mut fields = line.strip_prefix(&given)?.strip_prefix(',')?.split(',');
        let weights: Option<Vec<Value>> =
            self.weights.iter().map(|_| fields.next().and_then(value)).collect();
        let (rmse, loss) = (value(fields.next()?)?, value(fields.next()?)?);
        let best_rmse = optional::<f64>(fields.next()?)?;
        let best_epoch = optional(fields.next()?)?;
        let epochs = fields.next()?.parse().ok()?;
        let epoch = optional(fields.next()?)?;
        let step = optional(fields.next()?)?;
        let diverged_at = optional(fields.next()?)?;
        let lows = match self.known {
            Some(known) => {
                let converged = epoch.zip(step).map(|(epoch, step)| Converged { epoch, step });
                converged.into_iter().map(|one| (known.value(), one)).collect()
            }
            None => fields.next()?.split_whitespace().map(near).collect::<Option<Vec<_>>>()?,
        };
        if fields.next().is_some() {
            return None;
        }
        let (block, within) = self.setting.locate(index);
        let run = SweptRun {
            block,
            values: self.setting.blocks[block].combination(within),
            weights: weights?,
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
fn text(value: Value) -> String {
    match value.get() {
        Ok(number) => number_text(number),
        Err(CellError::Number) => "NaN".to_owned(),
        Err(CellError::DivisionByZero) => "inf".to_owned(),
    }
}

fn value(text: &str) -> Option<Value> {
    match text {
        "NaN" => Some(CellError::Number.into()),
        "inf" => Some(CellError::DivisionByZero.into()),
        text => text.parse::<f64>().ok().filter(|one| one.is_finite()).map(Value::number),
    }
}

/// What an empty field, or one that can be read, holds; none for any other.
fn optional<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

/// `RMSE:epoch:step`.
fn near(text: &str) -> Option<(f64, Converged)> {
    let mut parts = text.split(':');
    let rmse = parts.next()?.parse().ok()?;
    let converged =
        Converged { epoch: parts.next()?.parse().ok()?, step: parts.next()?.parse().ok()? };
    parts.next().is_none().then_some((rmse, converged))
}
