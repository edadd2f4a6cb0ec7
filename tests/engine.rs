//! The engine on the walkthrough's data, against figures that it did not make.

use std::collections::BTreeMap;

use gdtrace::circuit::Model;
use gdtrace::data::{Data, DataColumn};
use gdtrace::optimizer;
use gdtrace::trace;

fn walkthrough() -> Data {
    let x = [
        14, 86, 28, 51, 28, 29, 72, 62, 84, 15, 42, 62, 47, 35, 9, 38, 44, 99, 13, 21, 28, 20, 8,
        64, 99, 70, 27, 17, 8,
    ];
    let column = |name: &str, values: Vec<f64>| DataColumn {
        name: name.into(),
        header: None,
        cells: vec![String::new(); values.len()],
        values,
    };
    let xs: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
    let ys = xs.iter().map(|x| 2.0 * x + 30.0).collect();
    Data {
        file: "walkthrough".into(),
        sheet: "data".into(),
        range: String::new(),
        columns: vec![column("x", xs), column("y", ys)],
        notes: Vec::new(),
    }
}

#[test]
fn one_epoch_of_sgd_ends_where_the_walkthrough_says() {
    let data = walkthrough();
    let sgd = optimizer::find("sgd").unwrap();
    let model = Model::line().unwrap();
    let sheet = optimizer::sheet(sgd, &model, &BTreeMap::new(), &[1.0, 1.0], 29).unwrap();
    let outcome = trace::run(&sheet, &data, 1, &mut []).unwrap();
    let weights: Vec<f64> =
        outcome.epochs[0].weights.iter().map(|weight| weight.get().unwrap()).collect();
    assert_eq!(weights, [2.613084491952597, 1.0715160204418617]);
}
