//! How fast a run is, each figure beside something to measure it by:
//!
//! ```text
//! cargo bench
//! ```
//!
//! `engine` computes every column of Adam, `by_hand` is the same update as a plain loop that keeps
//! nothing. `whole_run` reads, computes and writes a workbook of Adam; `plain_writing` writes as
//! many cells of a fixed formula with the same library and nothing else. `sweep` runs SGD with 200
//! learning rates on 1 thread, one after another, and on as many as there are cores: the ratio of
//! the two is what the threads gain.

use std::hint::black_box;
use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use gdtrace::circuit::Model;
use gdtrace::data::{Cells, Data, DataColumn};
use gdtrace::error::Result;
use gdtrace::export::output::{About, Outputs};
use gdtrace::export::xlsx;
use gdtrace::optimizer::{self, Definition, Setup};
use gdtrace::sheet::Sheet;
use gdtrace::trace::sweep::{self, Axis, Setting, Sweep};
use gdtrace::trace::{self, Block, Plan, Results, Sink};
use rust_xlsxwriter::{Formula, Workbook};

/// The steps of a run; the data have 100 samples.
const STEPS: [usize; 2] = [10_000, 100_000];
const SAMPLES: usize = 100;

fn main() {
    divan::main();
}

fn data() -> Data {
    let column = |name: &str, values: Vec<f64>| DataColumn {
        name: name.into(),
        header: None,
        cells: Cells::default(),
        values,
    };
    let x: Vec<f64> = (0..SAMPLES).map(|i| ((i * 37) % 100) as f64).collect();
    let y = x.iter().map(|x| 2.0 * x + 30.0).collect();
    Data {
        file: "bench.xlsx".into(),
        sheet: "data".into(),
        range: "A1:B100".into(),
        columns: vec![column("x", x), column("y", y)],
        notes: Vec::new(),
        ..Data::default()
    }
}

fn adam() -> (Definition, Sheet) {
    let definition = optimizer::find("adam").unwrap();
    let model = Model::line().unwrap();
    let sheet = optimizer::sheet(definition, &model, &Setup::new(&[1.0, 1.0], SAMPLES));
    (definition.clone(), sheet.unwrap())
}

/// Takes the values and drops them.
struct Nobody;

impl Sink for Nobody {
    fn block(&mut self, block: &Block) -> Result<()> {
        black_box(block);
        Ok(())
    }
}

#[divan::bench(args = STEPS, sample_count = 20)]
fn engine(bencher: Bencher, steps: usize) {
    let (data, (_, sheet)) = (data(), adam());
    bencher.counter(ItemsCount::new(steps)).bench(|| {
        trace::run(&sheet, &data, &Plan::new(steps / SAMPLES), &mut [&mut Nobody]).unwrap()
    });
}

#[divan::bench(args = STEPS, sample_count = 20)]
fn by_hand(bencher: Bencher, steps: usize) {
    let data = data();
    let (x, y) = (&data.columns[0].values, &data.columns[1].values);
    bencher.counter(ItemsCount::new(steps)).bench(|| {
        let (lr, beta1, beta2, eps) = (0.5, 0.9, 0.999, 1e-8);
        let (mut weights, mut v, mut s) = ([1.0_f64; 2], [0.0; 2], [0.0; 2]);
        for t in 1..=black_box(steps) {
            let sample = (t - 1) % SAMPLES;
            let error = weights[0] * x[sample] + weights[1] - y[sample];
            for (index, g) in [2.0 * x[sample] * error, 2.0 * error].into_iter().enumerate() {
                v[index] = beta1 * v[index] + (1.0 - beta1) * g;
                s[index] = beta2 * s[index] + (1.0 - beta2) * g * g;
                let corrected = v[index] / (1.0 - pxfm::f_pow(beta1, t as f64));
                let scale: f64 = s[index] / (1.0 - pxfm::f_pow(beta2, t as f64));
                weights[index] -= lr * corrected / (scale.sqrt() + eps);
            }
        }
        weights
    });
}

#[divan::bench(args = STEPS, sample_count = 5, sample_size = 1)]
fn whole_run(bencher: Bencher, steps: usize) {
    let folder = tempfile::tempdir().unwrap();
    bencher.counter(ItemsCount::new(steps)).bench(|| {
        let results =
            Results::compute(vec![adam()], data(), Plan::new(steps / SAMPLES), &mut Nobody)
                .unwrap();
        let mut nobody = Nobody;
        let book = xlsx::workbook(&results, &xlsx::Host::separate(), &mut nobody).unwrap();
        stage(folder.path(), |outputs, path, about| outputs.stage_book(path, book, about));
    });
}

#[divan::bench(args = STEPS, sample_count = 5, sample_size = 1)]
fn plain_writing(bencher: Bencher, steps: usize) {
    let folder = tempfile::tempdir().unwrap();
    let columns = adam().1.columns.len() as u16;
    bencher.counter(ItemsCount::new(steps)).bench(|| {
        let mut workbook = Workbook::new();
        workbook.set_zip_compression_level(3);
        let sheet = workbook.add_worksheet_with_constant_memory().unwrap();
        for row in 0..steps as u32 {
            for column in 0..columns {
                let formula = Formula::new("F12-$C$2*L12/(SQRT(N12)+$C$4)");
                let formula = formula.set_result("1.0178263406803389");
                sheet.write_formula(row, column, formula).unwrap();
            }
        }
        write(&mut workbook, folder.path());
    });
}

/// 1 thread, and one for each core.
fn threads() -> [usize; 2] {
    [1, std::thread::available_parallelism().map_or(1, std::num::NonZero::get)]
}

#[divan::bench(args = threads(), sample_count = 5, sample_size = 1)]
fn sweep(bencher: Bencher, threads: usize) {
    const RUNS: usize = 200;
    const EPOCHS: usize = 50;
    let definition = optimizer::find("sgd").unwrap();
    let model = Model::line().unwrap();
    let block = sweep::Block {
        name: "sgd".into(),
        optimizer: ("sgd".into(), None),
        fixed: Vec::new(),
        values: vec![(1..=RUNS).map(|run| run as f64 * 1e-6).collect()],
    };
    let make = |_: usize, values: &[Option<f64>]| {
        let mut setup = Setup::new(&[1.0, 1.0], SAMPLES);
        setup.hyper.extend(values[0].map(|lr| ("lr".to_owned(), lr)));
        optimizer::sheet(definition, &model, &setup)
    };
    bencher.counter(ItemsCount::new(RUNS * EPOCHS * SAMPLES)).bench(|| {
        let setting = Setting {
            axes: vec![Axis { name: "lr".into(), logarithmic: false }],
            blocks: vec![block.clone()],
            data: data(),
            plan: Plan::new(EPOCHS),
            training: Vec::new(),
            converged: None,
        };
        Sweep::compute(setting, &make, threads, &|| ()).unwrap()
    });
}

fn write(workbook: &mut Workbook, folder: &Path) {
    stage(folder, |outputs, path, about| outputs.stage_workbook(path, workbook, about));
}

fn stage(folder: &Path, write: impl FnOnce(&mut Outputs, &Path, &About) -> Result<()>) {
    let path = folder.join("bench.trace.xlsx");
    let mut outputs = Outputs::new(&[], true);
    outputs.plan(&path).unwrap();
    let about = About { title: "bench", subject: "bench", properties: &[] };
    write(&mut outputs, &path, &about).unwrap();
    outputs.commit().unwrap();
}
