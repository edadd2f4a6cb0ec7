//! The numbers against closed forms, central differences of the gradient, and PyTorch.

use super::*;
use crate::circuit::{Loss, Model};
use crate::data::{Cells, Data, DataColumn};
use crate::optimizer::{self, Setup};

/// Data with columns of these names.
fn data(columns: &[(&str, Vec<f64>)]) -> Data {
    let column = |(name, values): &(&str, Vec<f64>)| DataColumn {
        name: (*name).into(),
        header: None,
        cells: Cells::default(),
        values: values.clone(),
    };
    let columns = columns.iter().map(column).collect();
    Data { columns, ..Data::default() }
}

/// One epoch of all optimizers, of `model` with `loss` from `start`.
fn results(model: &str, loss: &str, start: &[f64], columns: &[(&str, Vec<f64>)]) -> Results {
    let (formula, _) = Model::read(model).unwrap();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let inputs = &names[..names.len() - 1];
    let model = Model::new(formula, Loss::read(loss).unwrap(), inputs).unwrap();
    let data = data(columns);
    let sheets = ["sgd", "momentum", "rmsprop", "adam"].map(|name| {
        let definition = optimizer::find(name).unwrap();
        let sheet = optimizer::sheet(definition, &model, &Setup::new(start, data.samples()));
        (definition.clone(), sheet.unwrap())
    });
    Results::compute(sheets.into(), data, crate::trace::Plan::new(1), &mut crate::trace::Nobody)
        .unwrap()
}

fn curvature(model: &str, loss: &str, start: &[f64], columns: &[(&str, Vec<f64>)]) -> Curvature {
    Curvature::of(&results(model, loss, start, columns)).unwrap().unwrap()
}

const X: [f64; 5] = [1.0, 2.0, 4.0, 0.5, -3.0];

fn points(y: [f64; 5]) -> Vec<(&'static str, Vec<f64>)> {
    vec![("x", X.to_vec()), ("y", y.to_vec())]
}

fn number(curvature: &Curvature, place: usize) -> f64 {
    curvature.value(place).get().unwrap()
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let off = (found - expected).abs();
    assert!(off <= tolerance * expected.abs().max(1.0), "{what}: {found} for {expected}");
}

#[test]
fn the_line_has_the_hessian_that_books_give() {
    let line = curvature("a*x + b", "squared", &[1.0, 1.0], &points([3.0, 5.0, 8.0, 2.0, -7.0]));
    let mean = |f: fn(f64) -> f64| X.iter().map(|x| f(*x)).sum::<f64>() / 5.0;
    let (squares, x) = (mean(|x| x * x), mean(|x| x));
    let hessian = [[2.0 * squares, 2.0 * x], [2.0 * x, 2.0]];
    for (row, expected) in hessian.iter().enumerate() {
        for (column, expected) in expected.iter().enumerate() {
            close(number(&line, line.hessian[row][column]), *expected, 1e-15, "Hessian");
        }
    }
    let (half, product) = (squares + 1.0, 4.0 * (squares - x * x));
    let largest = half + (half * half - product).sqrt();
    close(number(&line, line.spectrum.largest), largest, 1e-14, "largest");
    close(number(&line, line.spectrum.smallest), product / largest, 1e-14, "smallest");
    close(number(&line, line.spectrum.condition), largest * largest / product, 1e-13, "condition");
    let steepest = line.limits.sample.unwrap();
    assert_eq!(number(&line, steepest.limit), 1.0 / 17.0);
    assert_eq!(number(&line, steepest.number), 3.0);
    assert_eq!(line.spectrum.shape(|place| line.value(place)), Some(Shape::Bowl));
}

#[test]
fn the_exact_solution_is_found_twice_and_has_no_slope() {
    let line = curvature("a*x + b", "squared", &[1.0, 1.0], &points([3.0, 5.0, 8.0, 2.0, -7.0]));
    let solution = line.solution.as_ref().unwrap();
    let [functions, differences] = solution.functions.unwrap();
    for index in 0..2 {
        let by_function = number(&line, functions[index]);
        close(number(&line, solution.weights[index]), by_function, 1e-14, "weight");
        close(number(&line, differences[index]), 0.0, 1e-14, "difference");
        close(number(&line, solution.gradient[index]), 0.0, 1e-13, "gradient");
    }
    let exact = X.map(|x| 0.5 * x * x - 2.0 * x + 3.0);
    let parabola = curvature("a*x^2 + b*x + c", "half-squared", &[1.0; 3], &points(exact));
    let weights = parabola.solution.as_ref().unwrap().weights.iter();
    for (weight, expected) in weights.zip([0.5, -2.0, 3.0]) {
        close(number(&parabola, *weight), expected, 1e-12, "parabola");
    }
}

/// Models of many kinds, with start weights and y.
const MODELS: [(&str, &str, &[f64], [f64; 5]); 8] = [
    ("a*x + b", "squared", &[1.0, 1.0], [3.0, 5.0, 8.0, 2.0, -7.0]),
    ("a*x", "(y_pred - y)^4", &[0.7], [3.0, 5.0, 8.0, 2.0, -7.0]),
    ("a*x^2 + b*x + c", "squared", &[0.3, -1.0, 2.0], [3.0, 5.0, 8.0, 2.0, -7.0]),
    ("sigmoid(a*x + b)", "log", &[0.8, -0.3], [1.0, 1.0, 1.0, 0.0, 0.0]),
    ("sigmoid(a*x + b)", "squared", &[0.8, -0.3], [1.0, 1.0, 1.0, 0.0, 0.0]),
    ("c*tanh(a*x + b) + d", "huber:1.5", &[1.2, 0.4, 0.2, 0.1], [3.0, 0.2, 1.0, 0.5, -0.9]),
    ("exp(a*x)", "squared", &[0.4], [3.0, 2.0, 5.0, 1.2, 0.3]),
    (
        "c1*relu(a1*x + b1) + c2*relu(a2*x + b2)",
        "squared",
        &[1.0, 0.7, 0.2, -0.5, -1.0, 0.4],
        [3.0, 5.0, 8.0, 2.0, -7.0],
    ),
];

/// The gradient of the mean loss at `weights`, by the formulas of the trace's gradient.
fn gradient(model: &str, loss: &str, weights: &[f64], y: [f64; 5]) -> Vec<f64> {
    let found = curvature(model, loss, weights, &points(y));
    found.gradient.iter().map(|place| number(&found, *place)).collect()
}

#[test]
fn the_hessian_is_the_change_of_the_gradient() {
    const H: f64 = 1e-5;
    for (model, loss, start, y) in MODELS {
        let found = curvature(model, loss, start, &points(y));
        for column in 0..start.len() {
            let nudged = |h: f64| {
                let mut weights = start.to_vec();
                // The order of the weights is that of the formula, as is that of the start.
                weights[column] += h;
                gradient(model, loss, &weights, y)
            };
            let (above, below) = (nudged(H), nudged(-H));
            for row in 0..start.len() {
                let expected = (above[row] - below[row]) / (2.0 * H);
                let entry = number(&found, found.hessian[row][column]);
                close(entry, expected, 1e-7, &format!("{model}, {loss}: {row} {column}"));
            }
        }
    }
}

#[test]
fn eigenvalues_have_the_trace_and_the_norm_of_the_hessian() {
    for (model, loss, start, y) in MODELS {
        let found = curvature(model, loss, start, &points(y));
        let entry = |row: usize, column: usize| number(&found, found.hessian[row][column]);
        let size = start.len();
        let trace: f64 = (0..size).map(|index| entry(index, index)).sum();
        let squares: f64 =
            (0..size * size).map(|index| entry(index / size, index % size).powi(2)).sum();
        let steps = found.spectrum.steps.iter();
        let mut eigenvalues: Vec<f64> = steps
            .filter(|(label, ..)| label.starts_with("eigenvalue"))
            .map(|(_, place, _)| number(&found, *place))
            .collect();
        if size == 1 {
            eigenvalues = vec![number(&found, found.spectrum.largest)];
        }
        assert_eq!(eigenvalues.len(), size);
        close(eigenvalues.iter().sum(), trace, 1e-13, model);
        close(eigenvalues.iter().map(|one| one * one).sum(), squares, 1e-13, model);
        if let Some((_, left, _)) =
            found.spectrum.steps.iter().find(|(l, ..)| l.starts_with("left"))
        {
            assert!(number(&found, *left) <= 1e-15 * trace.abs(), "{model}");
        }
        // No direction curves more than the largest eigenvalue and less than the smallest.
        for index in 0..size {
            let (low, high) = (found.spectrum.smallest, found.spectrum.largest);
            let slack = 1e-12 * squares.sqrt();
            assert!(entry(index, index) <= number(&found, high) + slack, "{model}");
            assert!(entry(index, index) >= number(&found, low) - slack, "{model}");
        }
        let steepest = number(&found, found.limits.sample.unwrap().curvature);
        assert!(steepest >= number(&found, found.spectrum.largest) * (1.0 - 1e-13), "{model}");
    }
}

#[test]
fn twelve_weights_have_eigenvalues_too() {
    let letters = ["p", "q", "r", "s", "u", "v", "w", "k", "l", "m", "o", "z"];
    let terms: Vec<String> =
        letters.iter().enumerate().map(|(i, w)| format!("{w}*cos({i}*x)")).collect();
    let x: Vec<f64> = (0..40).map(|i| f64::from(i) * 0.07).collect();
    let columns = [("x", x.clone()), ("y", x)];
    let found = curvature(&terms.join(" + "), "squared", &[1.0; 12], &columns);
    let left = &found.spectrum.steps[1];
    assert!(number(&found, left.1) < 1e-15, "{}", number(&found, left.1));
    assert!(number(&found, found.spectrum.smallest) > 0.0);
    assert!(found.solution.is_none());
}

#[test]
fn what_is_not_determined_is_an_error_as_in_a_spreadsheet() {
    for x in [vec![14.0], vec![0.1, 0.1, 0.1], vec![1990.3, 1990.3]] {
        let y = x.iter().map(|x| 2.0 * x).collect();
        let found = curvature("a*x + b", "squared", &[1.0, 1.0], &[("x", x.clone()), ("y", y)]);
        assert_eq!(number(&found, found.spectrum.smallest), 0.0, "{x:?}");
        assert_eq!(found.value(found.spectrum.condition).to_string(), "#DIV/0!", "{x:?}");
        let solution = found.solution.as_ref().unwrap();
        for place in solution.weights.iter().chain(&solution.gradient) {
            assert_eq!(found.value(*place).to_string(), "#DIV/0!", "{x:?}");
        }
        assert_eq!(found.spectrum.shape(|place| found.value(place)), Some(Shape::Trough));
    }
    let two = [("x", vec![14.0, 86.0]), ("y", vec![1.0, 2.0])];
    let found = curvature("a*x^2 + b*x + c", "squared", &[1.0; 3], &two);
    assert_eq!(number(&found, found.spectrum.smallest), 0.0);
    assert_eq!(found.value(found.solution.as_ref().unwrap().weights[0]).to_string(), "#DIV/0!");
}

#[test]
fn only_quadratic_losses_have_an_exact_solution() {
    let y = [3.0, 5.0, 8.0, 2.0, -7.0];
    let has = |model: &str, loss: &str, weights: usize| {
        curvature(model, loss, &vec![1.0; weights], &points(y)).solution.is_some()
    };
    assert!(has("a*x + b", "(y_pred - y)^2/3", 2));
    assert!(has("a*sin(x) + b", "squared", 2));
    for (model, loss) in [("a*x + b", "absolute"), ("a*x + b", "huber:1"), ("a*b*x", "squared")] {
        assert!(!has(model, loss, 2), "{model} {loss}");
    }
}

#[test]
fn limits_come_from_the_definitions() {
    let line = curvature("a*x + b", "squared", &[1.0, 1.0], &points([3.0, 5.0, 8.0, 2.0, -7.0]));
    let largest = number(&line, line.spectrum.largest);
    let [sgd, momentum, rmsprop, adam] = line.limits.runs[..] else { panic!() };
    close(number(&line, sgd.full_batch.unwrap()), 2.0 / largest, 1e-15, "sgd");
    close(number(&line, momentum.full_batch.unwrap()), 38.0 / largest, 1e-14, "momentum");
    assert_eq!(number(&line, sgd.sample.unwrap()), 1.0 / 17.0);
    let verdict =
        |limit: Limit| limit.verdict(|place| line.value(place), line.spectrum.largest).unwrap();
    assert_eq!([sgd, momentum].map(verdict), [Verdict::Stable; 2]);
    assert_eq!([adam, rmsprop].map(verdict), [Verdict::NoLimit; 2]);
}
