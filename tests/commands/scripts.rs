//! The pages' scripts outside of a browser: their own tests, and that the page's worker computes what
//! the engine computes, to the last bit but for the functions that JavaScript rounds in its own way.
//! Where there is no Node.js these tests say so and are skipped.

use crate::common;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gdtrace::circuit::{Loss, Model};
use gdtrace::data::Data;
use gdtrace::error::Result;
use gdtrace::export::html;
use gdtrace::export::xlsx::Host;
use gdtrace::optimizer::{self, Batch, Definition, Schedule, Setup, Training};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{self, Block, Nobody, Plan, Results, Run, Sink, Until};
use gdtrace::value::{CellError, Value};
use serde_json::Value as Json;

/// Of a number, or of the largest of the row: a difference of nearly equal numbers keeps their rounding.
const TOLERANCE: f64 = 1e-12;

fn node(arguments: &[&Path]) -> Option<Output> {
    let output = Command::new("node").args(arguments).output();
    if output.is_err() {
        eprintln!("skipped: there is no Node.js (node) here");
    }
    output.ok()
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js").join(name)
}

#[test]
fn what_needs_no_page_passes_its_own_tests() {
    let Some(output) = node(&[Path::new("--test"), &script("")]) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("# pass 0"), "{said}");
}

/// All rows of a trace, row 0 first, a list for each column; none where a cell holds nothing.
#[derive(Default)]
struct Rows(Vec<Vec<Option<Value>>>);

impl Sink for Rows {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.0 = values.iter().map(|value| vec![*value]).collect();
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        for (rows, values) in self.0.iter_mut().zip(&block.columns) {
            rows.extend(values.iter().copied().map(Some));
        }
        Ok(())
    }
}

/// A training of some optimizers.
struct Case {
    model: Model,
    data: Data,
    training: Training,
    optimizers: Vec<&'static str>,
    rate: f64,
    until: Option<Until>,
}

impl Case {
    fn line(training: Training, optimizers: &[&'static str]) -> Self {
        let model = Model::line().unwrap();
        let optimizers = optimizers.to_vec();
        Case { model, data: common::walkthrough(), training, optimizers, rate: 1e-4, until: None }
    }

    fn results(self) -> Results {
        let samples = self.data.samples();
        let start: Vec<f64> = (1..=self.model.weights.len()).map(|at| 1.0 / at as f64).collect();
        let sheet = |name: &&str| -> (Definition, Sheet) {
            let hyper = [("lr".to_owned(), self.rate)].into();
            let training = self.training.clone();
            let setup = Setup { hyper, training, ..Setup::new(&start, samples) };
            optimizer::stamp(optimizer::find(name).unwrap(), &self.model, &setup).unwrap()
        };
        let sheets = self.optimizers.iter().map(sheet).collect();
        let epochs = self.training.epochs;
        let plan = Plan { until: self.until, training: self.training.clone(), ..Plan::new(epochs) };
        let plan = match self.training.shuffle {
            Some(seed) => plan.shuffled(samples, seed),
            None => plan,
        };
        Results::compute(sheets, self.data, plan, &mut Nobody).unwrap()
    }
}

/// What the page's worker computes of the runs of a page.
fn computed(results: &Results) -> Option<Json> {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    std::fs::write(&page, html::page(results, &Host::separate(), "book.xlsx").unwrap()).unwrap();
    let output = node(&[&script("run_page.js"), &page])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// A cell as the page has it: −∞ where it holds nothing, ∞ for `#DIV/0!`, NaN for `#NUM!`.
fn held(value: Option<Value>) -> f64 {
    match value.map(Value::get) {
        None => f64::NEG_INFINITY,
        Some(Ok(number)) => number,
        Some(Err(CellError::DivisionByZero)) => f64::INFINITY,
        Some(Err(CellError::Number)) => f64::NAN,
    }
}

fn doubles(text: &Json) -> Vec<f64> {
    let bytes = STANDARD.decode(text.as_str().unwrap()).unwrap();
    bytes.chunks_exact(8).map(|one| f64::from_le_bytes(one.try_into().unwrap())).collect()
}

/// Whether two cells are the same; or, where something is rounded by a library, agree on the scale of
/// their row.
fn agree(found: f64, wanted: f64, scale: Option<f64>) -> bool {
    let same = found == wanted || found.is_nan() && wanted.is_nan();
    same || scale.is_some_and(|scale| (found - wanted).abs() <= TOLERANCE * scale.max(1.0))
}

/// Holds what the page computes to the engine; exactly, where nothing is rounded by a library.
fn hold(case: Case, is_exact: bool) {
    let results = case.results();
    let Some(page) = computed(&results) else { return };
    for run in &results.runs {
        let name = &run.sheet.name;
        let mut rows = Rows::default();
        trace::run(&run.sheet, &results.data, &results.plan, &mut [&mut rows]).unwrap();
        let columns = page[name]["columns"].as_array().unwrap();
        let columns: Vec<Vec<f64>> = columns.iter().map(doubles).collect();
        let lengths: Vec<usize> = rows.0.iter().map(Vec::len).collect();
        assert_eq!(columns.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{name}");
        let finite =
            |row: usize| columns.iter().map(move |one| one[row]).filter(|one| one.is_finite());
        for (index, (found, wanted)) in columns.iter().zip(&rows.0).enumerate() {
            let header = &run.sheet.columns[index].header;
            for (row, (&found, &wanted)) in found.iter().zip(wanted).enumerate() {
                let scale = (!is_exact).then(|| finite(row).fold(0.0, |a: f64, b| a.max(b.abs())));
                let wanted = held(wanted);
                assert!(
                    agree(found, wanted, scale),
                    "{name}, {header}, row {row}: {found} for {wanted}"
                );
            }
        }
        hold_epochs(&page[name]["epochs"], run);
    }
}

/// The epochs of the page have the RMSE of the run's.
fn hold_epochs(page: &Json, run: &Run) {
    let name = &run.sheet.name;
    let page = page.as_array().unwrap();
    assert_eq!(page.len(), run.epochs(), "{name}");
    for (epoch, wanted) in page.iter().zip(&run.outcome.epochs) {
        let (found, wanted) = (epoch["rmse"].as_f64(), wanted.rmse.get().ok());
        let near = found.zip(wanted).is_some_and(|(a, b)| agree(a, b, Some(b.abs())));
        assert!(found == wanted || near, "{name}: {found:?} for {wanted:?}");
    }
}

fn epochs(epochs: usize) -> Training {
    Training { epochs, ..Training::default() }
}

#[test]
fn plain_arithmetic_is_the_engines_to_the_last_bit() {
    hold(
        Case::line(epochs(10), &["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lars"]),
        true,
    );
}

#[test]
fn powers_and_norms_of_all_weights_agree() {
    hold(Case::line(epochs(3), &["adam", "lamb", "eve", "dog", "adafactor", "radam"]), false);
}

#[test]
fn a_run_that_diverges_has_the_same_errors() {
    let diverging =
        Case { rate: 0.1, ..Case::line(epochs(20), &["sgd", "momentum", "polyak_sgd"]) };
    hold(diverging, true);
}

#[test]
fn batches_orders_penalties_clipping_and_schedules_agree() {
    let training = Training {
        batch: Batch::Of(4),
        shuffle: Some(u64::MAX),
        l2: Some(0.2),
        weight_decay: Some(0.1),
        decayed: Some(vec!["a".into()]),
        clip: Some(5.0),
        schedule: Schedule::read("warmup:5+cosine").unwrap(),
        ..epochs(4)
    };
    hold(Case::line(training, &["sgd", "adamw", "polyak_sgd"]), false);
    let all = Training { batch: Batch::All, l2: Some(0.2), ..epochs(12) };
    hold(Case::line(all, &["sgd", "rmsprop"]), true);
}

#[test]
fn a_run_that_stops_early_stops_in_the_page() {
    let weights = ["a".to_owned(), "b".to_owned()];
    for (condition, patience) in
        [(Some("rmse < 19"), None), (Some("prev.rmse - rmse < 0.05"), Some(3))]
    {
        let until = Until::new(condition, patience, &weights, true).unwrap();
        hold(Case { until, ..Case::line(epochs(40), &["sgd", "momentum"]) }, true);
    }
}

#[test]
fn a_network_with_the_cross_entropy_agrees() {
    let (formula, _) = Model::read("sigmoid(w*tanh(u*x + c) + v*tanh(s*x + d) + k)").unwrap();
    let model = Model::new(formula, Loss::read("log").unwrap(), &["x"]).unwrap();
    let x: Vec<f64> = (-12..=12).map(|at| f64::from(at) / 4.0).collect();
    let y = x.iter().map(|x| f64::from(u8::from(x.abs() > 1.25))).collect();
    let training = Training { batch: Batch::Of(5), shuffle: Some(7), ..epochs(6) };
    let data = common::data(vec![("x", x), ("y", y)]);
    let optimizers = vec!["sgd", "adam"];
    hold(Case { model, data, training, optimizers, rate: 0.1, until: None }, false);
}
