//! The engine against numbers that it did not make: the golden files of NumPy and PyTorch.

use std::collections::BTreeMap;

use crate::common::{golden, walkthrough};
use gdtrace::circuit::Model;
use gdtrace::error::Result;
use gdtrace::optimizer::{self, Setup};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{self, Block, Plan, Sink, least_squares};
use gdtrace::value::Value;
use serde_json::Value as Json;

/// The golden files: the optimizer's name stands in each.
const FILES: [&str; 5] = ["sgd", "momentum", "rmsprop", "adam", "adam_notes"];

/// Keeps every row.
#[derive(Default)]
struct Rows(Vec<Vec<Value>>);

impl Sink for Rows {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.0.extend(
            (0..block.rows())
                .map(|row| block.columns.iter().map(|column| column[row]).collect::<Vec<_>>()),
        );
        Ok(())
    }
}

/// The sheet of a golden file's optimizer with its hyperparameters.
fn sheet(golden: &Json) -> Sheet {
    let definition = optimizer::find(golden["optimizer"].as_str().unwrap()).unwrap();
    let hyper: BTreeMap<String, f64> = serde_json::from_value(golden["hyper"].clone()).unwrap();
    let model = Model::line().unwrap();
    let setup = Setup { hyper, ..Setup::new(&[1.0, 1.0], 29) };
    optimizer::sheet(definition, &model, &setup).unwrap()
}

/// Whether two numbers agree to 1e-12 of themselves or of the numbers that they come from.
fn agree(found: f64, expected: f64, operand: f64) -> bool {
    (found - expected).abs() <= 1e-12 * (expected.abs() + operand.abs())
}

#[test]
fn every_value_of_the_first_epoch_is_numpys() {
    let data = walkthrough();
    for file in FILES {
        let golden = golden(file);
        let sheet = sheet(&golden);
        let mut rows = Rows::default();
        trace::run(&sheet, &data, &Plan::new(1), &mut [&mut rows]).unwrap();
        let headers: Vec<&str> = sheet.columns.iter().map(|one| one.header.as_str()).collect();
        assert_eq!(Json::from(headers.clone()), golden["columns"], "{file}");
        let expected = golden["rows"].as_array().unwrap();
        assert_eq!((rows.0.len(), expected.len()), (29, 29), "{file}");
        for (row, expected) in rows.0.iter().zip(expected) {
            let loss = row[sheet.loss].get().unwrap();
            for (column, header) in headers.iter().enumerate() {
                let found = row[column].get().unwrap();
                let wanted = expected[column].as_f64().unwrap();
                // An estimated slope is a small difference of losses over h = 0.01.
                let operand = if header.starts_with("est") { loss / 0.01 } else { 0.0 };
                assert!(agree(found, wanted, operand), "{file} {header}: {found} {wanted}");
            }
        }
    }
}

#[test]
fn ten_epochs_are_numpys_and_pytorchs() {
    for file in FILES {
        let golden = golden(file);
        let outcome = trace::run(&sheet(&golden), &walkthrough(), &Plan::new(10), &mut []).unwrap();
        assert_eq!(outcome.epochs.len(), 10);
        for (index, epoch) in outcome.epochs.iter().enumerate() {
            let (numpy, torch) = (&golden["epochs"][index], &golden["torch_epochs"][index]);
            let weights: Vec<f64> = epoch.weights.iter().map(|one| one.get().unwrap()).collect();
            for (name, found, expected) in [
                ("a", weights[0], &numpy["a"]),
                ("b", weights[1], &numpy["b"]),
                ("a of PyTorch", weights[0], &torch["a"]),
                ("b of PyTorch", weights[1], &torch["b"]),
                ("rmse", epoch.rmse.get().unwrap(), &numpy["rmse"]),
                ("online_rmse", epoch.online_rmse.get().unwrap(), &numpy["online_rmse"]),
            ] {
                let expected = expected.as_f64().unwrap();
                // Rounding grows over 290 steps, most where an optimizer swings.
                let close = (found - expected).abs() <= 1e-11 * expected.abs();
                assert!(close, "{file} epoch {} {name}: {found} {expected}", index + 1);
            }
        }
    }
}

#[test]
fn one_epoch_of_sgd_ends_where_the_walkthrough_says() {
    let outcome =
        trace::run(&sheet(&golden("sgd")), &walkthrough(), &Plan::new(1), &mut []).unwrap();
    let weights: Vec<f64> =
        outcome.epochs[0].weights.iter().map(|weight| weight.get().unwrap()).collect();
    assert_eq!(weights, [2.613084491952597, 1.0715160204418617]);
}

#[test]
fn the_least_squares_line_is_the_exact_one() {
    for (name, set) in golden("least_squares")["sets"].as_object().unwrap() {
        let numbers = |key: &str| -> Vec<f64> { serde_json::from_value(set[key].clone()).unwrap() };
        let line = least_squares(&numbers("x"), &numbers("y"));
        for (found, key) in [(line.slope, "slope"), (line.intercept, "intercept")] {
            let (found, expected) = (found.get().unwrap(), set[key].as_f64().unwrap());
            assert!(agree(found, expected, 0.0), "{name} {key}: {found} {expected}");
        }
    }
}
