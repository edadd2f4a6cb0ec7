//! What threads gain in a sweep:
//!
//! ```text
//! cargo bench --bench sweep
//! ```
//!
//! SGD with 200 learning rates on 1 thread, one after another, and on as many as there are cores: the
//! ratio of the two.

use divan::Bencher;
use divan::counter::ItemsCount;
use gdtrace::circuit::Model;
use gdtrace::data::{Cells, Data, DataColumn};
use gdtrace::optimizer::{self, Setup};
use gdtrace::trace::Plan;
use gdtrace::trace::sweep::{self, Axis, Setting, Sweep};

/// How many samples the data have.
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
