//! The yardstick of a first run: with no options at all, on data as people have them, no optimizer diverges
//! and the best comes near the exact line. docs/datasets.md shows the table that is measured here.
//!
//! `UPDATE=1 cargo test --test docs datasets` writes the page anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// Within 10 % of the exact line's RMSE; of a line that fits exactly within 5 % of the start's.
const NEAR: f64 = 1.10;
const SHARE: f64 = 0.05;
const EXACT: f64 = 1e-9;

/// Numbers for the data sets: Knuth's linear congruential generator (the MMIX one), its upper 53 bits.
struct Random(u64);

impl Random {
    /// Uniform from `low` to `high`.
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Nearly normal with this deviation: twelve uniform numbers less 6.
    fn noise(&mut self, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.uniform(0.0, 1.0)).sum();
        (sum - 6.0) * deviation
    }
}

/// How x comes about.
#[derive(Clone, Copy)]
enum X {
    /// Drawn, then rounded to so many decimals.
    Drawn(f64, f64, i32),
    /// So far apart, from the first.
    Steps(f64, f64),
    /// Written out.
    These(&'static [f64]),
}

/// A data set: y = slope·x + intercept + noise, to so many decimals.
struct Recipe {
    name: &'static str,
    samples: usize,
    x: X,
    line: (f64, f64),
    noise: f64,
    decimals: i32,
    /// A sample whose x or y is something else.
    outlier: Option<(usize, bool, f64)>,
}

const fn recipe(
    name: &'static str,
    samples: usize,
    x: X,
    line: (f64, f64),
    noise: f64,
    decimals: i32,
) -> Recipe {
    Recipe { name, samples, x, line, noise, decimals, outlier: None }
}

const fn with_outlier(recipe: Recipe, outlier: (usize, bool, f64)) -> Recipe {
    Recipe { outlier: Some(outlier), ..recipe }
}

use X::{Drawn, Steps, These};

const RECIPES: [Recipe; 36] = [
    recipe("salary by years of experience", 30, Drawn(1.0, 11.0, 1), (9450.0, 25_800.0), 5600.0, 0),
    recipe("house price by area (m²)", 47, Drawn(45.0, 300.0, 0), (2900.0, 40_000.0), 45_000.0, 0),
    recipe(
        "house price by area (sq ft)",
        60,
        Drawn(800.0, 4500.0, 0),
        (134.5, 71_000.0),
        64_000.0,
        0,
    ),
    recipe("weight (kg) by height (cm)", 50, Drawn(150.0, 195.0, 1), (0.95, -92.0), 7.0, 1),
    recipe("height of sons by fathers (in)", 80, Drawn(62.0, 75.0, 1), (0.51, 33.9), 2.3, 1),
    recipe("heating by temperature below zero", 24, Drawn(-25.0, -1.0, 1), (-31.0, 900.0), 60.0, 1),
    recipe("CO2 (ppm) by year", 26, Steps(1995.0, 1.0), (1.95, -3530.0), 0.8, 2),
    recipe("world record (s) by year", 22, Steps(1912.0, 5.0), (-0.011, 31.6), 0.08, 2),
    recipe("revenue by users, up to 1e9", 20, Drawn(1e8, 1e9, 0), (0.031, 2e6), 3e6, 0),
    recipe("traffic (bytes) by requests", 35, Drawn(1e3, 9e5, 0), (18_240.0, 5e7), 4e8, 0),
    recipe(
        "absorbance by concentration of 1e-6",
        12,
        Drawn(1e-7, 9e-6, 8),
        (52_000.0, 0.012),
        0.004,
        4,
    ),
    recipe("concentrations of 1e-6 by each other", 12, Drawn(1e-7, 9e-6, 8), (1.3, 1e-7), 2e-7, 9),
    recipe("constant plus noise", 30, Steps(1.0, 1.0), (0.0, 5.0), 0.3, 2),
    recipe("constant plus noise, around 50000", 30, Steps(1.0, 1.0), (0.0, 50_000.0), 300.0, 0),
    recipe("the same y everywhere", 15, Steps(1.0, 1.0), (0.0, 42.0), 0.0, 0),
    recipe("a perfect line", 20, Steps(1.0, 1.0), (3.0, 7.0), 0.0, 0),
    recipe("Fahrenheit by Celsius", 15, Steps(-20.0, 10.0), (1.8, 32.0), 0.0, 0),
    recipe("two samples", 2, These(&[1.0, 2.0]), (2.0, 1.0), 0.0, 0),
    recipe("two samples, far apart", 2, These(&[10.0, 250.0]), (200.0, 1000.0), 0.0, 0),
    recipe("three samples", 3, These(&[1.0, 2.0, 3.0]), (10.5, -1.0), 0.5, 1),
    with_outlier(
        recipe("one outlier in y", 25, Drawn(0.0, 10.0, 1), (2.0, 1.0), 0.5, 1),
        (7, false, 90.0),
    ),
    with_outlier(
        recipe("one outlier in x", 25, Drawn(0.0, 10.0, 1), (2.0, 1.0), 0.5, 1),
        (11, true, 300.0),
    ),
    recipe("exam scores by hours", 25, Drawn(1.0, 9.5, 1), (9.8, 2.5), 5.5, 0),
    recipe("grades by attendance (%)", 40, Drawn(40.0, 100.0, 0), (0.55, 30.0), 6.0, 0),
    recipe("miles per gallon by horsepower", 60, Drawn(60.0, 230.0, 0), (-0.158, 39.9), 4.5, 1),
    recipe(
        "braking distance (m) by speed (km/h)",
        30,
        Drawn(20.0, 160.0, 0),
        (0.62, -18.0),
        6.0,
        1,
    ),
    recipe("sales by television budget", 200, Drawn(0.7, 296.4, 1), (0.0475, 7.03), 3.2, 1),
    recipe("charges by age", 60, Drawn(18.0, 64.0, 0), (257.0, 3165.0), 4800.0, 2),
    recipe("ice cream by temperature", 30, Drawn(11.0, 36.0, 1), (30.1, -159.0), 38.0, 0),
    recipe("pressure by temperature (K)", 14, Drawn(280.0, 400.0, 1), (0.34, 0.6), 0.4, 2),
    recipe("voltage by current (mA)", 11, Steps(0.0, 2.0), (0.22, 0.0), 0.01, 3),
    recipe("shares from 0 to 1", 100, Drawn(0.0, 1.0, 3), (0.2, 0.5), 0.1, 3),
    recipe("standardized already", 60, Drawn(-1.7, 1.7, 3), (-0.8, 0.0), 0.5, 3),
    recipe("readings by Unix time", 40, Steps(1.5e9, 86_400.0), (5e-6, -7400.0), 2.0, 1),
    recipe("crickets: chirps by temperature", 15, Drawn(68.0, 94.0, 1), (0.21, -0.31), 0.9, 1),
    recipe("three thousand samples", 3000, Drawn(0.0, 50_000.0, 0), (0.003, 12.0), 20.0, 1),
];

fn rounded(number: f64, decimals: i32) -> f64 {
    let text = format!("{number:.*}", usize::try_from(decimals).unwrap());
    text.parse().unwrap()
}

impl Recipe {
    fn samples(&self, seed: u64) -> Vec<(f64, f64)> {
        let mut random = Random(seed);
        let (slope, intercept) = self.line;
        let sample = |index: usize| {
            let x = match self.x {
                Drawn(low, high, decimals) => rounded(random.uniform(low, high), decimals),
                Steps(first, step) => first + step * index as f64,
                These(numbers) => numbers[index],
            };
            let y = rounded(slope * x + intercept + random.noise(self.noise), self.decimals);
            match self.outlier {
                Some((at, true, x)) if at == index => (x, y),
                Some((at, false, y)) if at == index => (x, y),
                _ => (x, y),
            }
        };
        (0..self.samples).map(sample).collect()
    }
}

/// Files of the project that have an x and a y.
const FILES: [(&str, &str); 6] = [
    ("the walkthrough", "examples/graddes.xlsx"),
    ("the example of a network", "examples/network.csv"),
    ("fixture table.xls", "tests/fixtures/table.xls"),
    ("fixture table.ods", "tests/fixtures/table.ods"),
    ("fixture table.xlsm", "tests/fixtures/table.xlsm"),
    ("fixture minimal.xlsb", "tests/fixtures/minimal.xlsb"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// What a run with no options said and did.
struct Ran {
    name: String,
    json: Value,
    warnings: String,
    /// The RMSE of the usual start weights, a = 1 and b = 1, where the samples are known here.
    start: Option<f64>,
    range: String,
}

fn run(name: &str, file: &Path) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(file.file_name().unwrap());
    std::fs::copy(file, &copy).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .args(["run", "--json", "--no-report"])
        .arg(&copy)
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{name}: {errors}");
    let warnings = errors.lines().filter(|line| line.starts_with("warning")).collect::<Vec<_>>();
    Ran {
        name: name.to_owned(),
        json: serde_json::from_slice(&output.stdout).unwrap(),
        warnings: warnings.join("\n"),
        start: None,
        range: String::new(),
    }
}

fn of_recipe(index: usize, recipe: &Recipe) -> Ran {
    let samples = recipe.samples(index as u64 + 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.csv");
    let lines: Vec<String> = samples.iter().map(|(x, y)| format!("{x},{y}")).collect();
    std::fs::write(&file, format!("x,y\n{}\n", lines.join("\n"))).unwrap();
    let squares: f64 = samples.iter().map(|(x, y)| (x + 1.0 - y) * (x + 1.0 - y)).sum();
    let range = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (value.min(range.0), value.max(range.1))
        });
        format!("{} to {}", short(low), short(high))
    };
    let x = range(&mut samples.iter().map(|one| one.0));
    let y = range(&mut samples.iter().map(|one| one.1));
    Ran {
        start: Some((squares / samples.len() as f64).sqrt()),
        range: format!("{x} | {y}"),
        ..run(recipe.name, &file)
    }
}

/// A number with three digits.
fn short(number: f64) -> String {
    let rounded: f64 = format!("{number:.2e}").parse().unwrap();
    match rounded != 0.0 && !(1e-3..1e6).contains(&rounded.abs()) {
        true => format!("{rounded:e}"),
        false => rounded.to_string(),
    }
}

impl Ran {
    fn finals(&self) -> Vec<Option<f64>> {
        let runs = self.json["optimizers"].as_array().unwrap();
        runs.iter().map(|run| run["rmse"].as_array().unwrap().last().unwrap().as_f64()).collect()
    }

    fn best(&self) -> f64 {
        self.finals().into_iter().flatten().fold(f64::INFINITY, f64::min)
    }

    fn exact(&self) -> Option<f64> {
        self.json["exact"]["rmse"].as_f64()
    }

    /// What is wrong with it.
    fn fault(&self) -> Option<String> {
        let runs = self.json["optimizers"].as_array().unwrap();
        if runs.iter().any(|run| !run["diverged_at"].is_null()) || !self.warnings.is_empty() {
            return Some(format!("{}: {}", self.name, self.warnings));
        }
        let exact = self.exact()?;
        // In scaled units the start is another: the larger one counts less.
        let first = runs.iter().filter_map(|run| run["rmse"][0].as_f64()).fold(0.0, f64::max);
        let start = self.start.unwrap_or(first);
        let limit = if exact <= EXACT * start { SHARE * start } else { NEAR * exact };
        let best = self.best();
        (best > limit).then(|| format!("{}: {best} is above {limit}", self.name))
    }

    fn row(&self) -> String {
        let rate = |run: &Value| {
            let lr = run["hyper"]["lr"].as_f64().unwrap();
            let lr = gdtrace::value::number_text(lr);
            if run["lr_reason"].is_null() { lr } else { format!("**{lr}**") }
        };
        let runs = self.json["optimizers"].as_array().unwrap();
        let rates: Vec<String> = runs.iter().map(rate).collect();
        let scale = self.json["scale"]["kind"].as_str().unwrap_or("");
        let exact = self.exact().map_or("none".to_owned(), short);
        format!(
            "| {} | {} | {} | {scale} | {} | {exact} | {} |",
            self.name,
            self.json["samples"],
            self.range,
            rates.join(" | "),
            short(self.best()),
        )
    }
}

fn page(recipes: &[Ran], files: &[Ran]) -> String {
    let mut out = String::from(
        "# What a first run comes to\n\n`gdtrace run FILE`, with no options, on data as people have them. No optimizer may \
         diverge, and the best of the four must end within 10 % of\nthe RMSE of the exact line, or within 5 % of the start's \
         where that line fits exactly. [tests/docs/datasets.rs](../tests/docs/datasets.rs) makes the data,\nruns the program and holds \
         this page to what it measures. [scaling](scaling.md) says what is chosen and why: **bold** rates were\nchosen from \
         the data, the others are the defaults; `zscore` says that x and y are scaled. All RMSEs are in the unit of y.\n\nThe \
         data are y = slope·x + intercept + noise, rounded as such numbers are written; slope, intercept and noise stand in \
         the test.\n\n",
    );
    let head = "exact RMSE | best RMSE |\n";
    let _ = writeln!(
        out,
        "| data | samples | x | y | scale | lr: sgd | momentum | rmsprop | adam | {head}| --- | --- | --- | --- | --- | --- | \
         --- | --- | --- | --- | --- |"
    );
    recipes.iter().for_each(|ran| out += &format!("{}\n", ran.row()));
    out += "\nThe files of the project that have an x and a y:\n\n";
    let _ = writeln!(
        out,
        "| file | samples | | scale | lr: sgd | momentum | rmsprop | adam | {head}| --- | --- | --- | --- | --- | --- | --- | \
         --- | --- | --- |"
    );
    files.iter().for_each(|ran| out += &format!("{}\n", ran.row()));
    out
}

#[test]
fn with_no_options_the_best_comes_near_the_exact_line_on_every_data_set() {
    let recipes: Vec<Ran> =
        RECIPES.iter().enumerate().map(|(index, recipe)| of_recipe(index, recipe)).collect();
    let files: Vec<Ran> = FILES.iter().map(|(name, file)| run(name, &root().join(file))).collect();
    let page = page(&recipes, &files);
    println!("{page}");
    let faults: Vec<String> = recipes.iter().chain(&files).filter_map(Ran::fault).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let path = root().join("docs/datasets.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/datasets.md is another: UPDATE=1 cargo test --test docs datasets");
}
