//! What is changed, and who reads it: the table of targets.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use gdtrace::data::{self, Selection};
use gdtrace::formula::{Name, differentiate, evaluate, excel, latex, mathml, parse, simplify};
use gdtrace::graph::Options;
use gdtrace::optimizer::Registry;
use gdtrace::value::Value;
use gdtrace::{cli, compare};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::common::books::{raw_parts, zipped};
use crate::mutate::{any, bytes, text, with_record};
use crate::package::{Parts, changed, parts};

/// A way in.
pub struct Target {
    pub name: &'static str,
    /// The valid inputs.
    pub corpus: fn() -> Vec<Seed>,
    /// Changes one of them and has it read; what it leaves in the folder is removed.
    pub case: fn(&[Seed], &mut ChaCha8Rng, &Path),
}

/// A valid input.
pub struct Seed {
    name: String,
    bytes: Vec<u8>,
    /// What it is made of, where it is a package.
    parts: Parts,
}

pub const TARGETS: &[Target] = &[
    Target { name: "xlsx", corpus: xlsx, case: read_package },
    Target { name: "xlsb", corpus: || files(&["tests/fixtures/minimal.xlsb"]), case: read_package },
    Target { name: "ods", corpus: || files(&["tests/fixtures/table.ods"]), case: read_package },
    Target { name: "xls", corpus: || files(&["tests/fixtures/table.xls"]), case: read_xls },
    Target { name: "text", corpus: tables, case: read_text },
    Target { name: "log", corpus: logs, case: compare_text },
    Target { name: "settings", corpus: settings, case: run_with_settings },
    Target { name: "optimizer", corpus: optimizers, case: run_with_optimizer },
    Target { name: "formula", corpus: formulas, case: faces },
    Target { name: "model", corpus: models, case: run_model },
    Target { name: "excel", corpus: excel_formulas, case: graph_of_formula },
    Target { name: "handbuilt", corpus: handbuilt, case: compare_package },
    Target { name: "graft", corpus: grafted, case: run_package },
    Target { name: "quiz", corpus: quizzes, case: mark_package },
];

/// Files of this repository.
fn files(names: &[&str]) -> Vec<Seed> {
    let seed = |name: &&str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        seed(name, fs::read(path).expect("a file of the repository"))
    };
    names.iter().map(seed).collect()
}

fn seed(name: &str, bytes: Vec<u8>) -> Seed {
    let parts = if bytes.starts_with(b"PK") { parts(&bytes) } else { Parts::new() };
    Seed { name: name.to_owned(), bytes, parts }
}

/// All files in a folder of this repository.
fn folder(name: &str) -> Vec<Seed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(path).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    let file = |path: &PathBuf| seed(&path.to_string_lossy(), fs::read(path).expect("a file"));
    paths.iter().map(file).collect()
}

fn texts(name: &str, all: &[&str]) -> Vec<Seed> {
    all.iter().map(|text| seed(name, text.as_bytes().to_vec())).collect()
}

/// What the program writes for these arguments, as a seed.
fn made(name: &str, arguments: &[&str]) -> Vec<Seed> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    fs::copy(data, "graddes.xlsx").expect("a copy");
    gdtrace(arguments);
    let made = seed(name, fs::read(name).expect("what the program writes"));
    [name, "graddes.xlsx", "key.xlsx"].iter().for_each(|name| drop(fs::remove_file(name)));
    vec![made]
}

fn xlsx() -> Vec<Seed> {
    files(&["examples/graddes.xlsx", "tests/fixtures/table.xlsm", "tests/fixtures/functions.xlsx"])
}

fn handbuilt() -> Vec<Seed> {
    files(&["examples/handbuilt.xlsx", "examples/backprop.xlsx"])
}

fn grafted() -> Vec<Seed> {
    let mut seeds = files(&["examples/graddes.xlsx", "tests/fixtures/table.xlsm"]);
    let again = ["run", "graddes.xlsx", "-o", "again.xlsx", "--epochs", "1", "--no-report", "-q"];
    seeds.extend(made("again.xlsx", &again));
    seeds
}

fn quizzes() -> Vec<Seed> {
    let quiz = ["quiz", "graddes.xlsx", "-o", "quiz.xlsx", "--optimizers", "adam", "-q"];
    made("quiz.xlsx", &quiz)
}

fn tables() -> Vec<Seed> {
    let mut seeds = files(&["examples/network.csv", "examples/half-adder.csv"]);
    seeds.extend(texts(
        "input.txt",
        &[
            "size;rent\n1,5;2,5\n\"3,0\";\"4 \"\"a\"\"\n\"\n5,0;6,0\n",
            "\u{FEFF}x\ty\r\n1\t2\r\n3\t4.5e-3\r\n2024-01-02\t5\r\n",
            "# by Ann\n x   y\n 1   2\n 3   4\n",
            "sep=|\nx|y\n1.000,5|2\n3|#N/A\n",
        ],
    ));
    seeds
}

/// The first lines of a log: which optimizer wrote a long one takes long to find out.
fn beginning(log: &[u8]) -> Vec<u8> {
    log.split_inclusive(|byte| *byte == b'\n').take(6).flatten().copied().collect()
}

fn logs() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = [folder("tests/golden/logs"), folder("tests/golden/plain_logs")]
        .into_iter()
        .flatten()
        .filter(|seed| seed.name.ends_with(".csv"))
        .map(|seed| Seed { bytes: beginning(&seed.bytes), ..seed })
        .collect();
    seeds.extend(texts(
        "input.jsonl",
        &[
            "{\"step\":0,\"w\":1.0,\"w.grad\":2.0}\n{\"step\":1,\"w\":0.8,\"w.grad\":1.6}\n{\"step\":2,\"w\":0.64,\"w.grad\":1.28}\n",
            "{\"history\":{\"w\":[1,0.8,0.64],\"grad\":[2,1.6,1.28],\"b\":[[1,2],[3,4],[5,6]]}}",
        ],
    ));
    seeds.extend(texts(
        "input.txt",
        &["step=0 w=1.0 grad=2\nstep=1 w=0.8 grad=1.6\nstep=2 w=[0.64, 1] grad=1.28 x: tensor(2)\n"],
    ));
    seeds.extend(texts(
        "input.csv",
        &["step,tag,value\n0,w,1\n0,w.grad,2\n1,w,0.8\n1,w.grad,1.6\n2,w,0.64\n2,w.grad,1.28\n"],
    ));
    seeds
}

fn settings() -> Vec<Seed> {
    texts(
        "gdtrace.toml",
        &[
            "optimizers = [\"sgd\", \"adam\"]\nepochs = 2\nset = [\"adam.lr=0.1\"]\nmodel = \"a*x + b\"\n",
            "seed = 3\nbatch = 4\nshuffle = true\nschedule = \"step\"\nclip = 1.5\nuntil = \"loss<1\"\n",
            "[run]\nkeep = \"last:5\"\nvalues-only = true\nscale = \"standard\"\n[run.set]\n\"sgd.lr\" = 1e-4\n",
        ],
    )
}

fn optimizers() -> Vec<Seed> {
    let mut seeds = folder("src/optimizer/builtin");
    seeds.extend(files(&["examples/trust.toml"]));
    seeds
}

fn formulas() -> Vec<Seed> {
    folder("tests/fuzz/corpus/formula")
}

fn models() -> Vec<Seed> {
    texts(
        "model",
        &[
            "a*x + b",
            "a*x^2 + b*x + c",
            "sigmoid(w*x + b)",
            "a*exp(-b*x) + c",
            "relu(a*x+b)*c + d",
            "if(x < a, b*x, c*x + d)",
            "softplus(a*x) + max(b, x)/c - sqrt(d^2 + 1)",
        ],
    )
}

fn excel_formulas() -> Vec<Seed> {
    texts(
        "formula",
        &[
            "A1+B1*2",
            "SUM(A1:B2)/COUNT(A:A)",
            "IF(A1>2,B1,'data'!B2)",
            "SUMPRODUCT(A1:A2,B1:B2)",
            "MMULT(A1:B2,TRANSPOSE(A1:B2))",
            "LINEST(B1:B2,A1:A2)",
            "INDEX(A1:B2,2,1)",
            "OFFSET(A1,1,1,2,2)",
            "-A1^2%",
            "{1,2;3,4}*A1",
            "LET(x,A1,x*2)",
            "\"a\"&B1",
            "ROW(A1:A1048576)",
            "Table1[[#This Row],[x]]+R1C1",
            "[1]Other!A1+#REF!",
            "A1:B1 B1:B2",
        ],
    )
}

/// Runs the program.
fn gdtrace(arguments: &[&str]) {
    let all = std::iter::once("gdtrace").chain(arguments.iter().copied());
    cli::main(all.map(OsString::from));
}

/// Writes the input of a case; the name keeps the ending of its seed.
fn input(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let ending = Path::new(name).extension().map_or("txt".into(), |one| one.to_string_lossy());
    let path = folder.join(format!("input.{ending}"));
    fs::write(&path, content).expect("a file");
    path
}

fn changed_package(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) -> PathBuf {
    let seed = any(random, seeds);
    input(folder, &seed.name, &changed(random, &seed.parts))
}

fn changed_text(seeds: &[Seed], random: &mut ChaCha8Rng) -> (String, String) {
    let seed = any(random, seeds);
    let of = |seed: &Seed| String::from_utf8_lossy(&seed.bytes).into_owned();
    let others: Vec<String> = seeds.iter().map(of).collect();
    (seed.name.clone(), text(random, &of(seed), &others))
}

/// Reads x and y, and the cells with their formulas.
fn read(path: &Path) {
    let _ = data::read(path, &Selection::default());
    if let Ok(reading) = compare::read(path, &Options::default()) {
        let _ = reading.graph.values();
    }
}

fn read_package(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    read(&changed_package(seeds, random, folder));
}

fn read_xls(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let content = &any(random, seeds).bytes;
    let content = match random.random_range(0..3) {
        0 => bytes(random, content),
        // The records of the workbook stand behind the beginning of the file.
        _ => {
            let (start, rest) = content.split_at(512);
            let head = |bytes: &[u8]| {
                let length = bytes.get(2..4)?;
                Some((4, usize::from(u16::from_le_bytes([length[0], length[1]]))))
            };
            [start, &with_record(random, rest, head)].concat()
        }
    };
    read(&input(folder, "input.xls", &content));
}

fn read_text(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let (name, text) = changed_text(seeds, random);
    let content = match random.random_range(0..8) {
        0 => bytes(random, text.as_bytes()),
        1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.into_bytes(),
    };
    read(&input(folder, &name, &content));
}

fn compare_text(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let (name, text) = changed_text(seeds, random);
    let path = input(folder, &name, text.as_bytes());
    gdtrace(&["compare", &path.to_string_lossy()]);
}

fn small_data(folder: &Path) -> String {
    let path = folder.join("small.csv");
    fs::write(&path, "x,y\n1,2\n2,4.5\n3,6\n").expect("a file");
    path.to_string_lossy().into_owned()
}

fn run_with_settings(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let (name, text) = changed_text(seeds, random);
    let settings = input(folder, &name, text.as_bytes());
    let data = small_data(folder);
    gdtrace(&["run", &data, "--config", &settings.to_string_lossy(), "--print-config"]);
}

fn run_with_optimizer(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let (name, text) = changed_text(seeds, random);
    let path = input(folder, &name, text.as_bytes());
    if Registry::with_files(std::slice::from_ref(&path)).is_ok() {
        let (data, file) = (small_data(folder), path.to_string_lossy());
        let output = folder.join("out.xlsx");
        let output = output.to_string_lossy();
        gdtrace(&["run", &data, "--optimizer-file", &file, "--optimizers", "input", "-o", &output]);
    }
}

fn run_model(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let (_, model) = changed_text(seeds, random);
    input(folder, "input.txt", model.as_bytes());
    let data = small_data(folder);
    let output = folder.join("out.xlsx");
    let output = output.to_string_lossy();
    gdtrace(&[
        "run",
        &data,
        "--model",
        &model,
        "--optimizers",
        "adam",
        "--epochs",
        "1",
        "-o",
        &output,
    ]);
}

/// The faces of a formula, from its text.
fn faces(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let (_, text) = changed_text(seeds, random);
    input(folder, "input.txt", text.as_bytes());
    let tree = match parse(&text) {
        Ok(tree) => tree,
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "the place splits a character");
            return;
        }
    };
    let written = tree.to_string();
    if let Ok(again) = parse(&written) {
        assert_eq!(again.to_string(), written);
    }
    let plain = |name: &Name| name.id.clone();
    let slope = simplify(&differentiate(&tree, &|name: &Name| name.id == "x"));
    for tree in [&tree, &slope] {
        let _ = (excel(tree, &plain), mathml(tree, &plain), latex(tree, &plain));
        let _ = evaluate(tree, &|_| Value::number(0.5));
    }
}

fn graph_of_formula(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let (_, formula) = changed_text(seeds, random);
    let formula: String = formula.chars().filter(|c| *c >= ' ').collect();
    let formula = formula.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let cell = |at: &str, inside: &str| format!("<c r=\"{at}\">{inside}</c>");
    let written = format!("<f>{formula}</f><v>1</v>");
    let array = format!("<f t=\"array\" ref=\"C1:D3\">{formula}</f><v>1</v>");
    let rows = format!(
        "<row r=\"1\">{}{}{}</row><row r=\"2\">{}{}</row>",
        cell("A1", "<v>1</v>"),
        cell("B1", "<v>2</v>"),
        cell("C1", if random.random_range(0..4) == 0 { &array } else { &written }),
        cell("A2", &written),
        cell("B2", "<f>C1+A2</f>"),
    );
    let path = folder.join("input.xlsx");
    zipped(&path, &raw_parts(&rows));
    read(&path);
}

fn compare_package(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let path = changed_package(seeds, random, folder);
    let (output, report) = (folder.join("out.xlsx"), folder.join("out.html"));
    let [path, output, report] = [&path, &output, &report].map(|path| path.to_string_lossy());
    gdtrace(&["compare", &path, "-o", &output, "--report", &report]);
}

fn run_package(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let path = changed_package(seeds, random, folder);
    let output = folder.join("out.xlsx");
    let [path, output] = [&path, &output].map(|path| path.to_string_lossy());
    let small = ["--optimizers", "sgd", "--epochs", "1", "--no-report", "--force"];
    gdtrace(&[&["run", &path, "-o", &output], &small[..]].concat());
}

fn mark_package(seeds: &[Seed], random: &mut ChaCha8Rng, folder: &Path) {
    let path = changed_package(seeds, random, folder);
    gdtrace(&["compare", &path.to_string_lossy()]);
}
