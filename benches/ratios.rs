//! How long a run takes, each figure beside something to measure it by, as one table:
//!
//! ```text
//! cargo bench --bench ratios
//! taskset -c 0 cargo bench --bench ratios
//! ```
//!
//! The second line says what holds on one core. BENCHMARKS.md has what was measured so, and what
//! limits each figure.
//!
//! - `workbook`: the workbook of 100,000 steps of four optimizers, from the results to the file,
//!   beside a program that writes the same cells, formulas and results from memory with
//!   rust_xlsxwriter as it comes.
//! - `engine`: every column of Adam, beside the same update as a plain loop that keeps nothing.
//! - `steps`: what the program takes for 1,000,000 steps of four optimizers for each step, beside
//!   what it takes for 10,000; and its memory.
//! - `reading`: a million samples, from a .csv beside the csv crate, which splits lines and nothing else but
//!   the numbers' conversion, and from an .xlsx beside calamine, which makes a table of cells.
//! - `walkthrough`: the program, from its start to its end, with workbook and report.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gdtrace::circuit::Model;
use gdtrace::data::{Cells, Data, DataColumn, Selection};
use gdtrace::error::Result;
use gdtrace::export::output::{About, Outputs};
use gdtrace::export::xlsx::{self, Addresses};
use gdtrace::optimizer::{self, Definition, Setup};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{self, Block, Plan, Results, Sink};
use rust_xlsxwriter::{Formula, Workbook};

const OPTIMIZERS: [&str; 4] = ["sgd", "momentum", "rmsprop", "adam"];
const SAMPLES: usize = 100;
const STEPS: usize = 100_000;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{cores} cores");
    println!("{:<34} {:>12} {:>12} {:>8}", "", "gdtrace", "beside", "ratio");
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|one| !one.starts_with('-')).collect();
    let parts: [(&str, fn()); 5] = [
        ("workbook", workbook),
        ("engine", engine),
        ("steps", steps),
        ("reading", reading),
        ("walkthrough", walkthrough),
    ];
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    parts.iter().filter(|(name, _)| is_wanted(name)).for_each(|(_, part)| part());
}

/// A row of the table.
fn row(what: &str, own: f64, beside: f64, unit: &str) {
    println!("{what:<34} {own:>9.3} {unit:<2} {beside:>9.3} {unit:<2} {:>8.3}", own / beside);
}

/// The shortest of so many times: what disturbs a measurement only makes it longer.
fn shortest(times: usize, mut work: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..times).map(time).min().unwrap_or(Duration::MAX).as_secs_f64()
}

fn samples() -> (Vec<f64>, Vec<f64>) {
    let x: Vec<f64> = (0..SAMPLES).map(|i| ((i * 37) % 100) as f64).collect();
    let y = x.iter().map(|x| 2.0 * x + 30.0).collect();
    (x, y)
}

fn data() -> Data {
    let column = |name: &str, values: Vec<f64>| DataColumn {
        name: name.into(),
        header: None,
        cells: Cells::default(),
        values,
    };
    let (x, y) = samples();
    Data {
        file: "bench.xlsx".into(),
        sheet: "data".into(),
        range: "A1:B100".into(),
        columns: vec![column("x", x), column("y", y)],
        ..Data::default()
    }
}

fn sheet(name: &str) -> (Definition, Sheet) {
    let definition = optimizer::find(name).unwrap();
    let sheet =
        optimizer::sheet(definition, &Model::line().unwrap(), &Setup::new(&[1.0, 1.0], SAMPLES));
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

fn workbook() {
    let sheets = OPTIMIZERS.map(sheet).to_vec();
    let results =
        Results::compute(sheets, data(), Plan::new(STEPS / SAMPLES), &mut Nobody).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own.xlsx"), folder.path().join("other.xlsx"));
    let time = shortest(5, || write_own(&results, &own));
    let cells = cells(&results);
    let beside = shortest(2, || write_bare(&cells, &other));
    row("workbook, 100,000 steps x 4", time, beside, "s");
    let size = |path: &Path| path.metadata().unwrap().len() as f64 / 1e6;
    row("its size", size(&own), size(&other), "MB");
}

fn write_own(results: &Results, path: &Path) {
    let mut outputs = Outputs::new(&[], true);
    outputs.plan(path).unwrap();
    let mut nobody = Nobody;
    let book = xlsx::workbook(results, &xlsx::Host::separate(), &mut nobody).unwrap();
    let about = About { title: "bench", subject: "bench", properties: &[] };
    outputs.stage_book(path, book, &about).unwrap();
    outputs.commit().unwrap();
}

/// The formulas and results of all rows of all runs.
fn cells(results: &Results) -> Vec<Vec<Vec<(String, String)>>> {
    let addresses = Addresses::new(results, &xlsx::Host::separate());
    let rows = |run: usize| {
        let mut kept = Kept { addresses: &addresses, run, rows: Vec::new() };
        let sheet = &results.runs[run].sheet;
        trace::run(sheet, &results.data, &results.plan, &mut [&mut kept]).unwrap();
        kept.rows
    };
    (0..results.runs.len()).map(rows).collect()
}

/// Keeps the formulas and values of a run.
struct Kept<'a> {
    addresses: &'a Addresses,
    run: usize,
    rows: Vec<Vec<(String, String)>>,
}

impl Sink for Kept<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        for index in 0..block.rows() {
            let row = block.first_row + index;
            let cell = |(column, values): (usize, &Vec<_>)| {
                let formula = self.addresses.formula(self.run, column, row);
                (formula, ToString::to_string(&values[index]))
            };
            self.rows.push(block.columns.iter().enumerate().map(cell).collect());
        }
        Ok(())
    }
}

fn write_bare(runs: &[Vec<Vec<(String, String)>>], path: &Path) {
    let mut workbook = Workbook::new();
    for rows in runs {
        let sheet = workbook.add_worksheet();
        for (row, cells) in (14..).zip(rows) {
            for (column, (formula, result)) in (0..).zip(cells) {
                let formula = Formula::new(formula.as_str()).set_result(result.as_str());
                sheet.write_formula(row, column, formula).unwrap();
            }
        }
    }
    workbook.save(path).unwrap();
}

fn engine() {
    let (data, (_, sheet)) = (data(), sheet("adam"));
    let plan = Plan::new(STEPS / SAMPLES);
    let own = shortest(20, || {
        black_box(trace::run(&sheet, &data, &plan, &mut [&mut Nobody]).unwrap());
    });
    let (x, y) = samples();
    let beside = shortest(20, || {
        black_box(by_hand(&x, &y, STEPS));
    });
    row("engine, 100,000 steps of Adam", own * 1e3, beside * 1e3, "ms");
}

fn by_hand(x: &[f64], y: &[f64], steps: usize) -> [f64; 2] {
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
}

fn steps() {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = samples();
    let lines: Vec<String> = x.iter().zip(&y).map(|(x, y)| format!("{x},{y}")).collect();
    std::fs::write(folder.path().join("points.csv"), format!("x,y\n{}\n", lines.join("\n")))
        .unwrap();
    let run = |steps: usize, times: usize| {
        let epochs = (steps / SAMPLES).to_string();
        let mut peak = 0.0;
        let arguments = ["run", "points.csv", "--no-report", "--set", "lr=0.0001", "--epochs"];
        let arguments = [&arguments[..], &[epochs.as_str()]].concat();
        let time = shortest(times, || peak = f64::max(peak, program(folder.path(), &arguments)));
        (time / steps as f64 * 1e6, peak)
    };
    let (small, large) = (run(10_000, 20), run(1_000_000, 2));
    row("a step, 1,000,000 to 10,000, x 4", large.0, small.0, "us");
    row("memory, 1,000,000 to 10,000, x 4", large.1, small.1, "MB");
}

fn reading() {
    let folder = tempfile::tempdir().unwrap();
    let number = |i: usize, factor: usize| (i * factor % 1_000_003) as f64 / 1000.0;
    let (text, book) = (folder.path().join("points.csv"), folder.path().join("points.xlsx"));
    let line = |i: usize| format!("{},{}\n", number(i, 7919), number(i, 104_729));
    std::fs::write(&text, format!("x,y\n{}", (0..1_000_000).map(line).collect::<String>()))
        .unwrap();
    let own = shortest(5, || {
        black_box(gdtrace::data::read(&text, &Selection::default()).unwrap());
    });
    let beside = shortest(5, || {
        let mut reader = csv::Reader::from_path(&text).unwrap();
        let rows = reader.records().map(|record| {
            let record = record.unwrap();
            [&record[0], &record[1]].map(|field| field.parse::<f64>().unwrap())
        });
        black_box(rows.collect::<Vec<_>>());
    });
    row("reading 1,000,000 rows of .csv", own * 1e3, beside * 1e3, "ms");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory().unwrap();
    sheet.write_row(0, 0, ["x", "y"]).unwrap();
    for i in 0..1_000_000 {
        sheet.write_row(i as u32 + 1, 0, [number(i, 7919), number(i, 104_729)]).unwrap();
    }
    workbook.save(&book).unwrap();
    let own = shortest(3, || {
        black_box(gdtrace::data::read(&book, &Selection::default()).unwrap());
    });
    let beside = shortest(3, || {
        let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(&book).unwrap();
        let range = calamine::Reader::worksheet_range(&mut workbook, "Sheet1").unwrap();
        black_box(range);
    });
    row("reading 1,000,000 rows of .xlsx", own * 1e3, beside * 1e3, "ms");
}

fn walkthrough() {
    let folder = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    std::fs::copy(example, folder.path().join("graddes.xlsx")).unwrap();
    let both = shortest(30, || {
        program(folder.path(), &["run", "graddes.xlsx"]);
    });
    let start = shortest(30, || {
        program(folder.path(), &["--version"]);
    });
    row("walkthrough, beside the start", both * 1e3, start * 1e3, "ms");
}

/// Runs the program; the most memory that it had in MB, where the system tells (Linux).
fn program(folder: &Path, arguments: &[&str]) -> f64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
        peak = f64::max(peak, kilobytes.unwrap_or(0.0) / 1e3);
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return peak;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}
