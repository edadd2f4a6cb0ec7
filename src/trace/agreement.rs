//! How far two optimizers are apart, measured: both run over the same small data set.
//!
//! A claim that two forms of an optimizer take the same steps can so be held against the steps.

use std::collections::BTreeMap;

use super::{Block, Plan, Sink, run};
use crate::circuit::Model;
use crate::data::generate::{self, DEFAULT_SEED, Inputs, Settings};
use crate::data::{Cells, Data, DataColumn};
use crate::error::Result;
use crate::optimizer::{self, Definition, Setup};
use crate::value::Value;

/// How many samples there are: small x, so that the learning rates that libraries have by default are stable, and
/// noise, so that gradients do not vanish.
pub const SAMPLES: usize = 50;
const EPOCHS: usize = 20;
const LARGEST_X: i64 = 5;
const NOISE: f64 = 1.0;

/// How far the weights of two runs were apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The number of steps over which both runs had numbers.
    pub steps: usize,
    /// The number of steps that were meant.
    pub planned: usize,
    /// The largest difference of a weight after a step, relative to the largest weight there.
    pub difference: f64,
    /// The same after the last step.
    pub last: f64,
}

/// An optimizer with the hyperparameter values that depart from its defaults.
pub type WithValues<'a> = (&'a Definition, &'a BTreeMap<String, f64>);

/// Runs both over 20 epochs of 50 samples of a line with noise, and compares the weights.
///
/// # Errors
/// A hyperparameter with the name of a weight, `a` or `b`.
pub fn measure(one: WithValues, other: WithValues) -> Result<Measured> {
    let data = data()?;
    let (one, other) = (weights(one, &data)?, weights(other, &data)?);
    let mut measured = Measured { steps: 0, planned: EPOCHS * SAMPLES, difference: 0.0, last: 0.0 };
    for (one, other) in one.iter().zip(&other) {
        let pairs = one.iter().zip(other);
        let pairs: Option<Vec<(f64, f64)>> =
            pairs.map(|(one, other)| Some((one.get().ok()?, other.get().ok()?))).collect();
        let Some(pairs) = pairs else { break };
        let largest =
            |size: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(size).fold(0.0, f64::max);
        let apart = largest(&|(one, other)| (one - other).abs());
        let scale = largest(&|(one, other)| one.abs().max(other.abs()));
        measured.last = if apart > 0.0 { apart / scale } else { 0.0 };
        measured.difference = measured.difference.max(measured.last);
        measured.steps += 1;
    }
    Ok(measured)
}

fn data() -> Result<Data> {
    let samples = generate::samples(&Settings {
        slope: 2.0,
        intercept: 30.0,
        noise: NOISE,
        seed: DEFAULT_SEED,
        inputs: Inputs::Drawn { rows: SAMPLES, min: 1, max: LARGEST_X },
    })?;
    let column = |name: &str, value: fn(&generate::Sample) -> f64| DataColumn {
        name: name.into(),
        header: None,
        values: samples.iter().map(value).collect(),
        cells: Cells::default(),
    };
    Ok(Data {
        file: "generated".into(),
        sheet: String::new(),
        range: String::new(),
        columns: vec![column("x", |one| one.x), column("y", |one| one.y)],
        notes: Vec::new(),
        ..Data::default()
    })
}

/// The weights after each step.
fn weights((definition, values): WithValues, data: &Data) -> Result<Vec<Vec<Value>>> {
    let model = Model::line()?;
    let start = vec![1.0; model.weights.len()];
    let setup = Setup { hyper: values.clone(), ..Setup::new(&start, data.samples()) };
    let sheet = optimizer::sheet(definition, &model, &setup)?;
    let columns = sheet.weights.iter().map(|weight| weight.next).collect();
    let mut kept = Kept { columns, rows: Vec::new() };
    run(&sheet, data, &Plan::new(EPOCHS), &mut [&mut kept])?;
    Ok(kept.rows)
}

struct Kept {
    columns: Vec<usize>,
    rows: Vec<Vec<Value>>,
}

impl Sink for Kept {
    fn block(&mut self, block: &Block) -> Result<()> {
        for row in 0..block.rows() {
            let weights = self.columns.iter().map(|column| block.columns[*column][row]);
            self.rows.push(weights.collect());
        }
        Ok(())
    }
}
