//! Loss and gradients of a model at the weights of a log, over the samples of its data.

use std::ops::Range;

use crate::circuit::Model;
use crate::data::Data;
use crate::formula::{Expr, evaluate};
use crate::value::Value;

/// A model with its samples; the names in its formulas are places in a list of numbers: weights, data
/// columns, prediction, error and the width of Huber's loss.
#[derive(Debug, Clone)]
pub(super) struct Slopes {
    predictions: Vec<Expr<usize>>,
    loss: Expr<usize>,
    gradients: Vec<Expr<usize>>,
    /// The data columns of each sample, y last.
    samples: Vec<Vec<f64>>,
    delta: f64,
}

/// Loss and gradients of some samples at some weights; not a number where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slope {
    pub loss: f64,
    pub gradients: Vec<f64>,
}

impl Slopes {
    /// The model over data that has its columns.
    pub fn new(model: &Model, data: &Data) -> Slopes {
        let columns = model.data();
        let names: Vec<&str> = model
            .weights
            .iter()
            .map(String::as_str)
            .chain(columns.iter().copied())
            .chain(model.outputs.iter().flat_map(|one| [&*one.prediction, &*one.error]))
            .chain(["delta"])
            .collect();
        // A model has no other names: those that are no data columns are its weights.
        let place = |id: &str| names.iter().position(|one| *one == id).unwrap_or(usize::MAX);
        let over = |formula: &Expr| formula.rename(|name| place(&name.id));
        let of_sample = |at: usize| {
            let columns = columns.iter().filter_map(|name| data.column(name));
            columns.map(|column| column.values[at]).collect()
        };
        Slopes {
            predictions: model.outputs.iter().map(|one| over(&one.formula)).collect(),
            loss: over(&model.loss_of_predictions()),
            gradients: model.gradients.iter().map(over).collect(),
            samples: (0..data.samples()).map(of_sample).collect(),
            delta: model.loss.delta.unwrap_or(f64::NAN),
        }
    }

    /// The same with all numbers of the data larger by a share of themselves.
    pub fn with_larger_data(&self, share: f64, column: usize) -> Slopes {
        let mut larger = self.clone();
        larger.samples.iter_mut().for_each(|sample| sample[column] *= 1.0 + share);
        larger
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.samples.len()
    }

    /// How many data columns there are, y among them.
    pub fn columns(&self) -> usize {
        self.samples.first().map_or(0, Vec::len)
    }

    /// The loss of a sample.
    pub fn loss(&self, weights: &[f64], sample: usize) -> f64 {
        value(&self.loss, &self.numbers(weights, sample))
    }

    /// The means over samples.
    pub fn mean(&self, weights: &[f64], samples: Range<usize>) -> Slope {
        let mut sum = Slope { loss: 0.0, gradients: vec![0.0; self.gradients.len()] };
        let count = samples.len().max(1) as f64;
        for sample in samples {
            let numbers = self.numbers(weights, sample);
            sum.loss += value(&self.loss, &numbers) / count;
            for (sum, gradient) in sum.gradients.iter_mut().zip(&self.gradients) {
                *sum += value(gradient, &numbers) / count;
            }
        }
        sum
    }

    fn numbers(&self, weights: &[f64], sample: usize) -> Vec<f64> {
        let sample = &self.samples[sample];
        let mut numbers = [weights, sample].concat();
        let predictions = self.predictions.iter().map(|one| value(one, &numbers));
        let predictions: Vec<f64> = predictions.collect();
        let targets = &sample[sample.len() - predictions.len()..];
        for (prediction, target) in predictions.iter().zip(targets) {
            numbers.extend([*prediction, prediction - target]);
        }
        numbers.push(self.delta);
        numbers
    }
}

fn value(formula: &Expr<usize>, numbers: &[f64]) -> f64 {
    let look_up = |at: &usize| Value::number(numbers.get(*at).copied().unwrap_or(f64::NAN));
    evaluate(formula, &look_up).get().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Loss;
    use crate::data::DataColumn;

    #[test]
    fn a_mean_is_that_of_the_samples_asked_for() {
        let column = |name: &str, values: &[f64]| DataColumn {
            name: name.to_owned(),
            header: None,
            values: values.to_vec(),
            cells: crate::data::Cells::default(),
        };
        let columns = vec![column("x", &[1.0, 2.0, 3.0]), column("y", &[2.0, 1.0, 0.0])];
        let data = Data { columns, ..Data::default() };
        let slopes = Slopes::new(&Model::line().unwrap(), &data);
        let expected = Slope { loss: 5.0, gradients: vec![8.0, 4.0] };
        assert_eq!(slopes.mean(&[1.0, 0.0], 0..3).loss, 11.0 / 3.0);
        assert_eq!(
            slopes.mean(&[1.0, 0.0], 1..3),
            Slope { gradients: vec![11.0, 4.0], ..expected }
        );
        let (formula, _) = Model::read("a*x + b").unwrap();
        let huber = Model::new(formula, Loss::read("huber:1").unwrap(), &["x"]).unwrap();
        assert_eq!(Slopes::new(&huber, &data).mean(&[1.0, 0.0], 2..3).gradients, [3.0, 1.0]);
    }
}
