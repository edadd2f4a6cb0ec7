//! That the parts of a step add up, whatever the optimizer and the way to train, and that the page
//! shows what the engine has.

use super::*;
use crate::circuit::{Loss, Model};
use crate::data::{Cells, Data, DataColumn};
use crate::export::html::numbers::seven_digits;
use crate::export::xlsx::{Addresses, Host};
use crate::optimizer::{self, Batch, Definition, Setup, Training};
use crate::sheet::Sheet;
use crate::trace::{Block, Plan, Sink};

struct Nobody;

impl Sink for Nobody {
    fn block(&mut self, _: &Block) -> Result<()> {
        Ok(())
    }
}

fn data() -> Data {
    let x = [14.0, 86.0, 28.0, 51.0, 28.0, 29.0, 72.0];
    let column = |name: &str, values: Vec<f64>| DataColumn {
        name: name.into(),
        header: None,
        cells: Cells::default(),
        values,
    };
    let y = x.iter().map(|x| 2.0 * x + 30.0).collect();
    Data {
        file: "memory".into(),
        sheet: "data".into(),
        range: String::new(),
        columns: vec![column("x", x.to_vec()), column("y", y)],
        notes: Vec::new(),
        ..Data::default()
    }
}

fn results(definition: &Definition, model: &Model, training: Training) -> Results {
    let data = data();
    let start = vec![1.0; model.weights.len()];
    let setup = Setup { training, ..Setup::new(&start, data.samples()) };
    let stamped: (Definition, Sheet) = optimizer::stamp(definition, model, &setup).unwrap();
    Results::compute(vec![stamped], data, Plan::new(5), &mut Nobody).unwrap()
}

/// Every optimizer and variant.
fn everyone() -> impl Iterator<Item = &'static Definition> {
    let all = optimizer::registry().unwrap().definitions().iter();
    all.flat_map(|one| [one].into_iter().chain(&one.variants))
}

fn ways() -> Vec<Training> {
    let plain = Training::default;
    vec![
        plain(),
        Training { batch: Batch::Of(3), weight_decay: Some(0.05), ..plain() },
        Training { l2: Some(0.3), clip: Some(500.0), ..plain() },
        Training { l2: Some(0.3), ..plain() },
    ]
}

#[test]
fn the_parts_add_up_to_the_step_for_every_optimizer_and_variant() {
    let model = Model::line().unwrap();
    let mut seen = 0;
    for (definition, training) in
        everyone().flat_map(|one| ways().into_iter().map(move |w| (one, w)))
    {
        let results = results(definition, &model, training);
        let sheet = &results.runs[0].sheet;
        let mut program = Program::default();
        let splits = split::splits(sheet, &mut program).unwrap();
        for row in [1, 2, 3, 17, 30] {
            let mut values =
                Values::of_row(&results.runs[0].sheet, &Row::of(&results, 0, row).unwrap());
            values.compute(&program);
            for one in &splits {
                let step = values.get(&split::name("step", one.weight())).raw();
                let parts: Vec<f64> = one.names().map(|name| values.get(name).raw()).collect();
                let size = parts.iter().fold(step.abs(), |size, part| size.max(part.abs()));
                let sum: f64 = parts.iter().sum();
                let label = definition.label();
                assert!(
                    (sum - step).abs() <= 1e-9 * size.max(1.0),
                    "{label} {row}: {parts:?} {step}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 41 * 4 * 5 * 2, "{seen}");
}

#[test]
fn parts_are_those_that_an_optimizer_has() {
    let model = Model::line().unwrap();
    let parts = |label: &str| -> Vec<String> {
        let results = results(optimizer::find(label).unwrap(), &model, Training::default());
        let splits = split::splits(&results.runs[0].sheet, &mut Program::default()).unwrap();
        splits[0].names().map(|name| name[1..name.len() - 2].to_owned()).collect()
    };
    assert_eq!(parts("sgd"), ["gradient"]);
    assert_eq!(parts("momentum"), ["gradient", "rest"]);
    assert_eq!(parts("rmsprop"), ["gradient", "rest"]);
    assert_eq!(parts("adam"), ["gradient", "momentum", "rest"]);
    assert_eq!(parts("adamw"), ["gradient", "momentum", "rest", "decay"]);
    assert_eq!(parts("adamw:pytorch"), ["gradient", "momentum", "rest", "decay"]);
    assert_eq!(parts("lion"), ["gradient", "rest", "decay"]);
}

#[test]
fn averages_are_found_with_their_decay() {
    let model = Model::line().unwrap();
    let averages = |label: &str| -> Vec<(String, String, bool)> {
        let results = results(optimizer::find(label).unwrap(), &model, Training::default());
        let found = memory::averages(&results.runs[0].sheet, &mut Program::default()).unwrap();
        let facts = found.iter().map(memory::Average::facts);
        facts.map(|(name, decay, corrected)| (name.into(), decay.into(), corrected)).collect()
    };
    let one = |name: &str, decay: &str, corrected| (name.to_owned(), decay.to_owned(), corrected);
    assert_eq!(averages("adam"), [one("v", "beta1", true), one("S", "beta2", true)]);
    assert_eq!(averages("adam:keras"), [one("v", "beta1", true), one("S", "beta2", true)]);
    assert_eq!(averages("adam:walkthrough"), [one("v", "beta1", false), one("S", "beta2", false)]);
    assert_eq!(averages("momentum"), [one("v", "beta", false)]);
    assert_eq!(averages("rmsprop"), [one("S", "beta", false)]);
    assert!(averages("sgd").is_empty());
    let heights = memory::heights(0.9, 3.0, 0.0, true);
    assert!((heights[0] - 0.271).abs() < 1e-12 && heights[1] == 1.0, "{heights:?}");
    assert_eq!(memory::heights(0.9, 3.0, 3.0, true), [0.0, 0.0]);
}

#[test]
fn the_circuit_ends_in_the_gradient_and_the_check_agrees() {
    for (formula, loss) in [
        ("a*x + b", "squared"),
        ("a*x + b", "huber:20"),
        ("c*relu(a*x/50 + b) + d", "squared"),
        ("a*tanh(b*x/50) + c", "half-squared"),
    ] {
        let (formula, _) = Model::read(formula).unwrap();
        let model = Model::new(formula, Loss::read(loss).unwrap(), &["x"]).unwrap();
        let results = results(optimizer::find("sgd").unwrap(), &model, Training::default());
        let sheet = &results.runs[0].sheet;
        let mut program = Program::default();
        Circuit::of(sheet).compute(&mut program);
        let check = Check::of(sheet, &mut program).unwrap();
        let mut values = Values::of_row(&results.runs[0].sheet, &Row::of(&results, 0, 2).unwrap());
        values.compute(&program);
        for weight in &model.weights {
            let gradient = values.get(&format!("de_d{weight}")).raw();
            let backward = values.get(&format!("de/d{weight}")).raw();
            assert!((backward - gradient).abs() <= 1e-12 * gradient.abs(), "{weight}: {backward}");
            let forward = values.get(&format!(":forward_{weight}")).raw();
            let estimate = values.get(&format!("est_de_d{weight}")).raw();
            assert!((forward - estimate).abs() <= 1e-9 * estimate.abs(), "{weight}");
            assert_eq!(values.get(&format!(":agreesc_{weight}")).raw(), 1.0, "{weight}");
        }
        assert!(check.markup(Some(&values)).contains("agrees"));
    }
}

#[test]
fn the_limits_are_those_of_the_curvature() {
    let model = Model::line().unwrap();
    let results = results(optimizer::find("sgd").unwrap(), &model, Training::default());
    let parts = Parts::new(
        &results,
        &Addresses::new(&results, &Host::separate()),
        &Row::of(&results, 0, 1).unwrap(),
    )
    .unwrap();
    let curvature = Curvature::of(&results).unwrap().unwrap();
    let section = serde_json::to_string(&parts.sections[4]).unwrap();
    for place in [curvature.limits.full_batch, curvature.spectrum.largest, curvature.hessian[0][1]]
    {
        assert!(section.contains(&seven_digits(curvature.value(place))), "{place}");
    }
    // x = 14 in the first step: 2*(1 + 14^2).
    assert!(section.contains("394"), "{section}");
}
