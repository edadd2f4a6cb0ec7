//! Ways to train, against PyTorch and Optax: mini-batches, penalties, decay, clipping, schedules.

use std::collections::BTreeMap;

use crate::common::{golden, walkthrough};
use gdtrace::circuit::Model;
use gdtrace::optimizer::{self, Batch, Schedule, Setup, Training};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{self, Block, Plan, Sink};
use serde_json::Value as Json;

const TOLERANCE: f64 = 1e-12;

/// Keeps the learning rate and the weights of every update.
struct Updates<'a> {
    sheet: &'a Sheet,
    rows: Vec<(f64, Vec<f64>)>,
}

impl Sink for Updates<'_> {
    fn block(&mut self, block: &Block) -> gdtrace::error::Result<()> {
        let sheet = self.sheet;
        let value = |column: usize, row: usize| block.columns[column][row].get().unwrap();
        for row in 0..block.rows() {
            if sheet.column("update").is_some_and(|column| value(column, row) == 0.0) {
                continue;
            }
            let lr = match sheet.column("lr_t") {
                Some(column) => value(column, row),
                None => sheet.inputs[sheet.input("lr").unwrap()].value,
            };
            let weights = sheet.weights.iter().map(|weight| value(weight.next, row)).collect();
            self.rows.push((lr, weights));
        }
        Ok(())
    }
}

fn training(options: &Json) -> Training {
    let number = |name: &str| options[name].as_f64();
    Training {
        batch: match &options["batch-size"] {
            Json::Null => Batch::One,
            Json::String(all) => {
                assert_eq!(all, "all");
                Batch::All
            }
            size => Batch::Of(size.as_u64().unwrap() as usize),
        },
        shuffle: None,
        l2: number("l2"),
        weight_decay: number("weight-decay"),
        decayed: options["decay-weights"].as_str().map(|one| vec![one.to_owned()]),
        clip: number("clip"),
        schedule: options["schedule"]
            .as_str()
            .map_or(Schedule::Constant, |text| Schedule::read(text).unwrap()),
        epochs: 3,
        ..Training::default()
    }
}

fn numbers(json: &Json) -> Vec<f64> {
    serde_json::from_value(json.clone()).unwrap()
}

#[test]
fn every_way_to_train_agrees_with_the_libraries() {
    let golden = golden("training");
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() >= 40, "{}", cases.len());
    let mut largest: f64 = 0.0;
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap();
        // The golden names a variant that computes the same where gdtrace has the plain form.
        let label = match text("variant") {
            "" => text("optimizer").to_owned(),
            variant => format!("{}:{variant}", text("optimizer")),
        };
        let definition = optimizer::find(&label).unwrap();
        let hyper: BTreeMap<String, f64> = serde_json::from_value(case["hyper"].clone()).unwrap();
        let training = training(&case["options"]);
        let setup = Setup { hyper, training, ..Setup::new(&[1.0, 1.0], 29) };
        let sheet = optimizer::sheet(definition, &Model::line().unwrap(), &setup).unwrap();
        let mut updates = Updates { sheet: &sheet, rows: Vec::new() };
        trace::run(&sheet, &walkthrough(), &Plan::new(3), &mut [&mut updates]).unwrap();
        let steps = case["steps"].as_array().unwrap();
        assert_eq!(updates.rows.len(), steps.len(), "{label} {}", case["options"]);
        for (index, (row, expected)) in updates.rows.iter().zip(steps).enumerate() {
            for (found, expected) in row.1.iter().zip(numbers(expected)) {
                let off = (found - expected).abs() / expected.abs().max(1.0);
                largest = largest.max(off);
                assert!(
                    off <= TOLERANCE,
                    "{label} {} update {}: {found:e} where {expected:e} is right",
                    case["options"],
                    index + 1
                );
            }
            if let Some(lr) = case["lr"].as_array() {
                let (found, expected) = (row.0, lr[index].as_f64().unwrap());
                // The rate of the last updates is a difference of nearly equal numbers.
                let off = (found - expected).abs() / lr[0].as_f64().unwrap().max(expected);
                assert!(off <= TOLERANCE, "{label} {} lr {found:e} {expected:e}", case["options"]);
            }
        }
    }
    println!("largest difference over {} cases: {largest:e}", cases.len());
}
