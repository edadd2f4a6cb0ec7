//! Models other than the line, and losses other than the square: against PyTorch, and the
//! gradients of random models against symbolic derivatives and central differences.

use std::collections::BTreeMap;

use crate::common::cases::cases;
use crate::common::{data, golden};
use gdtrace::circuit::{Loss, Model, Output};
use gdtrace::data::Data;
use gdtrace::formula::{Expr, Name, differentiate, evaluate};
use gdtrace::optimizer::{self, Setup};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{self, Block, Plan, Sink};
use gdtrace::value::Value;
use proptest::prelude::*;
use serde_json::Value as Json;

/// Keeps the gradients of every step.
struct Gradients<'a> {
    sheet: &'a Sheet,
    rows: Vec<Vec<f64>>,
}

impl Sink for Gradients<'_> {
    fn block(&mut self, block: &Block) -> gdtrace::error::Result<()> {
        let row = |row: usize| -> Vec<f64> {
            let weights = self.sheet.weights.iter();
            weights.map(|weight| block.columns[weight.gradient][row].get().unwrap()).collect()
        };
        self.rows.extend((0..block.rows()).map(row));
        Ok(())
    }
}

fn numbers(json: &Json) -> Vec<f64> {
    serde_json::from_value(json.clone()).unwrap()
}

/// The data of a case: its inputs in order, and y.
fn data_of(case: &Json) -> Data {
    let columns = case["data"].as_object().unwrap().iter();
    data(columns.map(|(name, values)| (name.as_str(), numbers(values))).collect())
}

fn sheet_of(case: &Json, optimizer: &str, data: &Data) -> Sheet {
    let (formula, _) = Model::read(case["model"].as_str().unwrap()).unwrap();
    let loss = Loss::read(case["loss"].as_str().unwrap()).unwrap();
    let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    let model = Model::new(formula, loss, &names).unwrap();
    let start: Vec<f64> =
        model.weights.iter().map(|weight| case["start"][weight].as_f64().unwrap()).collect();
    let hyper: BTreeMap<String, f64> =
        serde_json::from_value(case["runs"][optimizer]["hyper"].clone()).unwrap();
    let definition = optimizer::find(optimizer).unwrap();
    let setup = Setup { hyper, ..Setup::new(&start, data.samples()) };
    optimizer::sheet(definition, &model, &setup).unwrap()
}

fn check(found: f64, expected: &Json, tolerance: f64, place: &str) {
    let expected = expected.as_f64().unwrap();
    let close = (found - expected).abs() <= tolerance * expected.abs().max(1.0);
    assert!(close, "{place}: {found:e} where PyTorch has {expected:e}");
}

fn check_run(case: &Json, optimizer: &str, run: &Json) {
    let place = format!("{}, {optimizer}", case["name"]);
    let data = data_of(case);
    let sheet = sheet_of(case, optimizer, &data);
    let epochs = run["epochs"].as_array().unwrap();
    let mut gradients = Gradients { sheet: &sheet, rows: Vec::new() };
    let outcome =
        trace::run(&sheet, &data, &Plan::new(epochs.len()), &mut [&mut gradients]).unwrap();
    let expected = run["gradients"].as_array().unwrap();
    assert_eq!(expected.len(), data.samples());
    for (step, (row, expected)) in (1..).zip(gradients.rows.iter().zip(expected)) {
        for (index, found) in row.iter().enumerate() {
            check(*found, &expected[index], 1e-12, &format!("{place}, gradient at step {step}"));
        }
    }
    for (summary, expected) in outcome.epochs.iter().zip(epochs) {
        let place = format!("{place}, epoch {}", summary.epoch);
        for (index, weight) in summary.weights.iter().enumerate() {
            check(weight.get().unwrap(), &expected["weights"][index], 1e-10, &place);
        }
        check(summary.loss.get().unwrap(), &expected["loss"], 1e-10, &place);
        check(summary.rmse.get().unwrap(), &expected["rmse"], 1e-10, &place);
    }
}

#[test]
fn every_model_trains_as_in_pytorch() {
    let golden = golden("models");
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 16);
    for case in cases {
        let runs = case["runs"].as_object().unwrap();
        assert_eq!(runs.len(), 4);
        for (optimizer, run) in runs {
            check_run(case, optimizer, run);
        }
    }
}

/// Parts of a random model: an input, or a weight times something, put together by a function.
fn model() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["x", "z", "a", "b", "c", "2", "0.5"]);
    let function = prop::sample::select(vec![
        "sigmoid", "tanh", "relu", "softplus", "sin", "cos", "exp", "abs", "sqrt",
    ]);
    let leaf = leaf.prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 2, move |inner| {
        let sign = prop::sample::select(vec!["+", "-", "*", "*", "+"]);
        prop_oneof![
            4 => (inner.clone(), sign, inner.clone())
                .prop_map(|(left, sign, right)| format!("({left} {sign} {right})")),
            2 => (function.clone(), inner.clone()).prop_map(|(name, inside)| format!("{name}({inside})")),
            1 => inner.prop_map(|inside| format!("({inside})^2")),
        ]
    })
    .prop_map(|inside| format!("a*x + b*({inside}) + c"))
}

/// The value of a formula over weights, inputs and the columns that a gradient may refer to.
fn value(formula: &Expr, model: &Model, point: &BTreeMap<String, f64>) -> Option<f64> {
    let at_point = |name: &Name| point.get(&name.id).map(|number| Value::number(*number));
    let prediction =
        |output: &Output| evaluate(&output.formula, &|name: &Name| at_point(name).unwrap());
    let column = |name: &Name| {
        let own = |output: &&Output| [&output.prediction, &output.error].contains(&&name.id);
        match model.outputs.iter().find(own) {
            Some(output) if output.prediction == name.id => prediction(output),
            Some(output) => prediction(output) - Value::number(point[&output.target]),
            None => at_point(name).unwrap(),
        }
    };
    evaluate(formula, &column).get().ok()
}

/// A central difference, where two widths agree: not near a kink.
fn slope(
    formula: &Expr,
    model: &Model,
    point: &BTreeMap<String, f64>,
    weight: &str,
) -> Option<f64> {
    let moved = |by: f64| {
        let mut point = point.clone();
        *point.get_mut(weight)? += by;
        value(formula, model, &point)
    };
    let difference = |h: f64| Some((moved(h)? - moved(-h)?) / (2.0 * h));
    let (wide, narrow) = (difference(1e-4)?, difference(5e-5)?);
    let fair = value(formula, model, point)?.abs() < 1e3 && narrow.abs() < 1e3;
    (fair && (wide - narrow).abs() < 1e-6 * narrow.abs().max(1.0)).then_some(narrow)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(1000)))]

    #[test]
    fn gradients_are_the_symbolic_ones_and_the_slopes_of_the_loss(
        formulas in prop::collection::vec(model(), 1..3),
        loss in prop::sample::select(vec![
            "squared", "half-squared", "absolute", "huber:0.5", "(y_pred - y)^4",
            "if(error > 0, error^2, error^2/4)",
        ]),
        at in prop::array::uniform7(0.1_f64..1.5),
    ) {
        let text = formulas.join("; ");
        let (formulas, _) = Model::read(&text).unwrap();
        let targets = if formulas.0.len() > 1 { ["y1", "y2"] } else { ["y", "other"] };
        let data = [&["x", "z"][..], &targets].concat();
        let model = Model::new(formulas, Loss::read(loss).unwrap(), &data).unwrap();
        let names = ["a", "b", "c", "x", "z", targets[0], targets[1]].map(str::to_owned);
        let mut point: BTreeMap<String, f64> = names.into_iter().zip(at).collect();
        point.insert("delta".into(), 0.5);
        let whole = model.loss_of_sample();
        for (weight, gradient) in model.weights.iter().zip(&model.gradients) {
            let symbolic = differentiate(&whole, &|name: &Name| name.id == *weight);
            let (found, expected) = (value(gradient, &model, &point), value(&symbolic, &model, &point));
            if let (Some(found), Some(expected)) = (found, expected) {
                let close = (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
                prop_assert!(close, "{text}, {loss}: ∂e/∂{weight} = {gradient} is {found}, not {expected}");
            }
            // At the edge of a domain, as of sqrt(relu(-1)), there may be no derivative.
            if let (Some(found), Some(expected)) = (found, slope(&whole, &model, &point, weight)) {
                let close = (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
                prop_assert!(close, "{text}, {loss}: ∂e/∂{weight} = {gradient} is {found}, not {expected}");
            }
        }
    }
}
