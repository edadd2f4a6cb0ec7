//! What a training of a sheet is about: model, loss and samples, so that it can be run again as any
//! model over data.
//!
//! The loss of an iteration is written out down to weights and to cells that no weight changes. Terms
//! of it that say the same of other cells are samples; cells that differ from sample to sample are
//! data columns, others are numbers.

mod prediction;
mod samples;
mod written_out;

use super::optimizer::definition::{Fault, free, identifier, is_of_trace};
use super::{Training, names};
use crate::circuit::{Loss, Model, Output};
use crate::data::{Cells, Data, DataColumn};
use crate::error::Result as Outcome;
use crate::formula::{Expr, Name, Operator, evaluate};
use crate::graph::{CellId, Graph};
use crate::value::{Value, number_text};
use prediction::Prediction;
use samples::{Samples, Slot};

/// The gradients of so many iterations are compared with those of a model.
const MOST_ITERATIONS: usize = 4;
/// How far ratios of gradients may be apart.
const NEAR: f64 = 1e-7;

/// What a training is about.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The model, its loss such that its mean over a batch has the gradients that the rule is given.
    pub model: Model,
    /// The columns of the samples, what is predicted last.
    pub columns: Vec<DataColumn>,
    /// The start weights, in the order of the model.
    pub start: Vec<f64>,
    /// How many samples an update averages over.
    pub batch: usize,
    /// How often all samples are seen.
    pub epochs: usize,
    /// For each update the cells of the next weights, in the order of the model.
    pub updates: Vec<Vec<Option<CellId>>>,
    /// The weights of the training in the order of the model.
    pub weights: Vec<usize>,
    /// What could not be taken over as it is.
    pub remarks: Vec<String>,
}

/// Finds model, loss and samples of a training.
///
/// # Errors
/// A training without a loss that can be written out, with the cell to look at.
pub fn problem(graph: &Graph, training: &Training) -> Result<Problem, Fault> {
    let (found, fits) = of_loss(graph, training, false)?;
    if fits {
        return Ok(found);
    }
    // What a sheet calls its error may be the residual of a squared one.
    match of_loss(graph, training, true) {
        Ok((squared, true)) => Ok(squared),
        _ => Ok(found),
    }
}

/// The same for the loss that the sheet has, or for its square; whether the sheet's gradients are its
/// derivatives.
fn of_loss(graph: &Graph, training: &Training, squared: bool) -> Result<(Problem, bool), Fault> {
    let samples = Samples::find(graph, training, squared)?;
    let names = Called::new(graph, training, &samples);
    let formula = samples.formula.rename(|slot| names.name(slot));
    let formula = with_numbers(&formula, &names, graph, &samples);
    let mut columns = names.columns();
    let found = Prediction::find(&formula, &names.weights, &columns);
    columns.retain(|one| !found.measured.contains(one));
    let fault = |error: crate::error::Error| {
        let what = format!("the model {} cannot be run: {}", found.formulas, error.what());
        Fault::of_loss(training.loss.cell(), what)
    };
    let model = model(&found, &found.loss.to_string(), &columns).map_err(fault)?;
    let data = names.data(graph, &samples, &model, &found.measured);
    let place = |name: &String| names.weights.iter().position(|one| one == name);
    let order: Vec<usize> = model.weights.iter().filter_map(place).collect();
    let value = |at: usize| graph.value(training.weights[at].start).number();
    let start = order.iter().map(|at| value(*at).unwrap_or(f64::NAN)).collect();
    let scale = scale(graph, training, &model, &data, (&samples, &order));
    let usual = training.factor.abs();
    let loss = found.named(scale.unwrap_or(usual), &data);
    let model = self::model(&found, &loss, &columns).map_err(fault)?;
    let steps = samples.iterations;
    let updates = training.anatomy.iter().take(steps).map(|one| {
        order.iter().map(|at| one.weights.get(*at).and_then(|weight| weight.update)).collect()
    });
    let problem = Problem {
        updates: updates.collect(),
        weights: order,
        columns: data,
        start,
        batch: samples.batch,
        epochs: (steps * samples.batch).div_ceil(samples.count),
        model,
        remarks: remarks(graph, &samples, &found, scale),
    };
    Ok((problem, scale.is_some()))
}

/// What could not be taken over as it is.
fn remarks(
    graph: &Graph,
    samples: &Samples,
    found: &Prediction,
    scale: Option<f64>,
) -> Vec<String> {
    let mut remarks: Vec<String> = Vec::new();
    for odd in &samples.odd {
        let cell = odd.cell.map_or(String::new(), |cell| format!("{}: ", graph.address(cell)));
        remarks.push(format!("{cell}{}", odd.what));
    }
    if found.measured.is_empty() {
        remarks.push(
            "the loss is no comparison of predictions with a measured number each, so the model is \
             the loss itself and the loss is y_pred; y is 0 and means nothing"
                .to_owned(),
        );
    }
    if scale.is_none() {
        remarks.push(
            "the gradients of the first iterations are not the derivatives of the loss, up to one \
             factor: the trace will take other steps than the sheet"
                .to_owned(),
        );
    }
    let steps = samples.iterations;
    if !(steps * samples.batch).is_multiple_of(samples.count) {
        remarks.push(format!(
            "the sheet stops after {steps} updates, within an epoch; the trace goes on to its end"
        ));
    }
    remarks
}

fn model(found: &Prediction, loss: &str, inputs: &[String]) -> Outcome<Model> {
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    Model::of(found.formulas.clone(), Loss::read(loss)?, &inputs)
}

/// Puts the numbers of cells that all samples share in the place of their names.
fn with_numbers(
    formula: &Expr<Name>,
    names: &Called,
    graph: &Graph,
    samples: &Samples,
) -> Expr<Name> {
    formula.map(&|part| {
        let Expr::Name(name) = part else { return None };
        let slot = names.constants.iter().find(|(known, _)| *known == name.id)?.1;
        let number = graph.value(samples.cells[0][slot]).number()?;
        Some(Expr::Number(number))
    })
}

/// What everything of a model is called.
struct Called {
    weights: Vec<String>,
    /// The name of each slot.
    slots: Vec<String>,
    /// The slots that are the same cell in all samples, by the names that stand for them.
    constants: Vec<(String, usize)>,
}

impl Called {
    fn new(graph: &Graph, training: &Training, samples: &Samples) -> Called {
        let mut taken = vec!["lr".to_owned()];
        if let Ok(written) = &training.written {
            let definition = &written.definition;
            taken.extend(definition.hyper.iter().map(|one| one.name.clone()));
            taken.extend(definition.columns.iter().map(|one| one.id.clone()));
        }
        let mut call = |text: Option<String>, otherwise: &str| {
            let wanted = text.as_deref().and_then(identifier);
            let wanted = wanted.unwrap_or_else(|| otherwise.to_owned());
            let is_taken = |name: &str| is_of_trace(name) || taken.iter().any(|one| one == name);
            let name = free(&wanted, &is_taken);
            taken.push(name.clone());
            name
        };
        let weights = training.weights.iter().map(|one| call(Some(one.name.clone()), "weight"));
        let weights: Vec<String> = weights.collect();
        let mut slots: Vec<String> = Vec::new();
        let mut constants = Vec::new();
        for slot in 0..samples.cells[0].len() {
            let same = (0..slot).find(|other| samples.are_same(*other, slot));
            let name = match same {
                Some(other) => slots[other].clone(),
                None if samples.is_constant(slot) => {
                    let name = format!("constant {slot}");
                    constants.push((name.clone(), slot));
                    name
                }
                None => call(names::of_cell(graph, samples.cells[0][slot]), "x"),
            };
            slots.push(name);
        }
        Called { weights, slots, constants }
    }

    fn name(&self, slot: &Slot) -> Name {
        Name::here(match *slot {
            Slot::Weight(at) => self.weights[at].as_str(),
            Slot::Cell(at) => self.slots[at].as_str(),
        })
    }

    /// The data columns, each once.
    fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for name in &self.slots {
            let is_number = self.constants.iter().any(|(known, _)| known == name);
            if !is_number && !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        columns
    }

    /// The samples of one epoch as data columns.
    fn data(
        &self,
        graph: &Graph,
        samples: &Samples,
        model: &Model,
        measured: &[String],
    ) -> Vec<DataColumn> {
        let column = |name: &str, called: &str| {
            let slot = self.slots.iter().position(|one| one == called);
            let cell = |at: usize| slot.map(|slot| samples.cells[at][slot]);
            let mut cells = Cells::new(samples.go_across(graph, slot));
            let mut values = Vec::new();
            for at in 0..samples.count {
                if let Some(cell) = cell(at) {
                    cells.push(graph.position(cell));
                }
                values.push(cell(at).map_or(0.0, |cell| graph.value(cell).number().unwrap_or(0.0)));
            }
            let header = cell(0).and_then(|cell| names::of_cell(graph, cell));
            DataColumn { name: name.to_owned(), header, values, cells }
        };
        let inputs = model.inputs.iter().map(|name| column(name, name));
        let called = |at: usize| measured.get(at).map_or("", String::as_str);
        let targets = model.outputs.iter().enumerate();
        let targets = targets.map(|(at, output)| column(&output.target, called(at)));
        inputs.chain(targets).collect()
    }
}

/// What the gradients that the rule is given are of those of a model, in most of the weights; none
/// where that differs from iteration to iteration.
fn scale(
    graph: &Graph,
    training: &Training,
    model: &Model,
    columns: &[DataColumn],
    (samples, order): (&Samples, &[usize]),
) -> Option<f64> {
    if training.written.is_err() {
        return Some(training.factor.abs());
    }
    let mut ratios = Vec::new();
    for at in 0..samples.iterations.min(MOST_ITERATIONS) {
        let cells = &training.anatomy[at].weights;
        let value = |weight: &usize| graph.value(cells[*weight].value?).number();
        let weights: Option<Vec<f64>> = order.iter().map(value).collect();
        let means = means(model, columns, &weights?, (at * samples.batch, samples.batch));
        let of = order.iter().zip(means).filter(|(_, own)| *own != 0.0);
        let ratio =
            |(weight, own): (&usize, f64)| Some(training.gradient(graph, *weight, at)? / own);
        ratios.extend(of.filter_map(ratio).filter(|one| one.is_finite()));
    }
    let near = |one: f64, other: f64| (one - other).abs() <= NEAR * one.abs();
    // Where one derivative is wrong the others tell.
    let like = |one: f64| ratios.iter().filter(|ratio| near(one, **ratio)).count();
    let best = ratios.iter().copied().max_by_key(|one| like(*one))?;
    (2 * like(best) > ratios.len()).then(|| clean(best))
}

/// The mean gradients of a batch, that begins with a sample.
fn means(
    model: &Model,
    columns: &[DataColumn],
    weights: &[f64],
    (from, batch): (usize, usize),
) -> Vec<f64> {
    let count = columns.first().map_or(1, |one| one.values.len());
    let mean = |gradient: &Expr<Name>| {
        let of = |sample: usize| {
            let look_up = |name: &Name| value(model, columns, weights, sample % count, &name.id);
            evaluate(gradient, &look_up).raw()
        };
        (from..from + batch).map(of).sum::<f64>() / batch as f64
    };
    model.gradients.iter().map(mean).collect()
}

/// A ratio of whole numbers where it is one but for rounding.
fn clean(ratio: f64) -> f64 {
    let near = |by: f64| ((ratio * by).round() - ratio * by).abs() <= NEAR * (ratio * by).abs();
    (1..=64).map(f64::from).find(|by| near(*by)).map_or(ratio, |by| (ratio * by).round() / by)
}

fn value(model: &Model, columns: &[DataColumn], start: &[f64], sample: usize, name: &str) -> Value {
    let inner = |formula: &Expr<Name>| {
        evaluate(formula, &|name: &Name| value(model, columns, start, sample, &name.id))
    };
    let named = |name: &str| Expr::Name(Name::here(name));
    let output =
        |own: &dyn Fn(&Output) -> &String| model.outputs.iter().find(|one| own(one) == name);
    if let Some(one) = output(&|one| &one.prediction) {
        return inner(&one.formula);
    }
    if let Some(one) = output(&|one| &one.error) {
        return inner(&named(&one.prediction).binary(Operator::Subtract, named(&one.target)));
    }
    match name {
        "delta" => Value::number(model.loss.delta.unwrap_or(0.0)),
        _ => {
            let weight = model.weights.iter().position(|one| one == name).map(|at| start[at]);
            let data = || columns.iter().find(|one| one.name == name).map(|one| one.values[sample]);
            Value::number(weight.or_else(data).unwrap_or(f64::NAN))
        }
    }
}

impl Problem {
    /// The samples as data that were read from a file.
    pub fn data(&self, file: &std::path::Path, sheet: &str) -> Data {
        let ranges = self.columns.iter().filter(|one| !one.cells.is_empty());
        let ranges: Vec<String> = ranges.map(|one| one.cells.to_string()).collect();
        Data {
            file: file.to_owned(),
            sheet: sheet.to_owned(),
            range: ranges.join(", "),
            columns: self.columns.clone(),
            ..Data::default()
        }
    }

    /// The model in words: `slope*x + shift, the loss squared`.
    pub fn words(&self) -> String {
        let start = self.model.weights.iter().zip(&self.start);
        let start: Vec<String> =
            start.map(|(name, value)| format!("{name}={}", number_text(*value))).collect();
        format!(
            "the model {}, the loss {}, from {}",
            self.model.written(),
            self.model.loss.text,
            start.join(", ")
        )
    }
}
