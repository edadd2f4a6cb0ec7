//! Logs of weights alone: gradients are computed from the model and its data, and the optimizer is found
//! all the same. The logs in tests/golden/plain_logs were written by PyTorch (make_plain_logs.py); the
//! wrong ones are made here.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::common::logs::{all_are_told, text};

/// What `gdtrace compare` prints, on both ways, and its exit code; run in `folder`.
fn told(folder: &Path, arguments: &[&str]) -> (String, String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder)
        .arg("compare")
        .args(arguments)
        .output()
        .expect("gdtrace");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

/// The only training that it tells.
fn found(folder: &Path, arguments: &[&str]) -> Value {
    let (text, error, _) = told(folder, &[arguments, &["--json"]].concat());
    let found: Value =
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{arguments:?}: {error}"));
    found["trainings"][0].clone()
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/plain_logs")
}

/// What is not told as logs.json has it.
fn faults(log: &Value) -> Vec<String> {
    let file = format!("{}.csv", text(&log["log"]));
    let arguments = [&file, "--data", text(&log["data"]), "--model", text(&log["model"])];
    if log.get("shuffled").is_some() {
        let (_, error, code) = told(&golden(), &arguments);
        let is_told = code == 2 && error.contains("drawn at random cannot be told");
        return if is_told { Vec::new() } else { vec![error] };
    }
    let found = found(&golden(), &arguments);
    let mut faults = Vec::new();
    let variant = found["variant"].as_str().map(|one| format!(":{one}")).unwrap_or_default();
    let form = format!("{}{variant}", text(&found["optimizer"]));
    if !log["forms"].as_array().expect("forms").iter().any(|one| *one == form) {
        faults.push(format!("{form} for {}", log["forms"]));
    }
    let is_single = log["precision"] == "float32";
    for (name, value) in log["hyper"].as_object().expect("hyperparameters") {
        let value = value.as_f64().expect("a number");
        let own = found["hyper"][name].as_f64().unwrap_or(f64::NAN);
        let is_near = (own - value).abs() <= if is_single { 1e-4 } else { 1e-6 } * value;
        // Seven digits do not tell an ε of 1e-8.
        if !(is_near || is_single && name == "eps") {
            faults.push(format!("{name} is {own}, not {value}"));
        }
    }
    let changes = found["changes"].as_array().expect("changes").iter();
    let rates: Value =
        changes.filter(|one| one["what"] == "lr").map(|one| one["step"].clone()).collect();
    let wanted = log["changes"].get("lr").cloned().unwrap_or(Value::Array(Vec::new()));
    let reduction = log.get("reduction").cloned().unwrap_or("mean".into());
    let drops_last = log.get("drops_last").cloned().unwrap_or(false.into());
    for (what, own, wanted) in [
        ("rates", &rates, &wanted),
        ("batch", &found["batch"], &log["batch"]),
        ("reduction", &found["computed_from"]["reduction"], &reduction),
        ("drops_last", &found["computed_from"]["drops_last"], &drops_last),
        ("findings", &found["findings"], &Value::Array(Vec::new())),
    ] {
        if own != wanted {
            faults.push(format!("{what}: {own}, not {wanted}"));
        }
    }
    let digits = found["digits"].as_u64().unwrap_or(0);
    if digits < if is_single { 5 } else { 11 } {
        faults.push(format!("to {digits} digits"));
    }
    faults
}

#[test]
fn optimizers_are_named_from_weights_alone() {
    all_are_told(&golden(), 30, faults);
}

/// Samples of a line, a folder with them in samples.csv, and the log of a training in log.csv.
struct Made {
    folder: tempfile::TempDir,
}

const SAMPLES: [[f64; 2]; 6] =
    [[0.5, 1.2], [1.0, 2.9], [-1.0, -0.7], [2.0, 4.1], [-0.5, 0.9], [1.5, 3.6]];

impl Made {
    fn new() -> Made {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Made { folder };
        let lines = SAMPLES.map(|[x, y]| format!("{x},{y}\n")).concat();
        made.write("samples.csv", &format!("x,y\n{lines}"));
        made
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file");
    }

    /// Writes a log with this head, and rows that `row` makes of step, weights and loss.
    fn log(&self, head: &str, row: impl Fn(usize, [f64; 2], [f64; 2], f64) -> Vec<f64>) {
        let (mut w, mut v, mut text) = ([0.3, -0.2], [0.0; 2], format!("{head}\n"));
        for step in 0..24 {
            let (mut g, mut loss) = ([0.0; 2], 0.0);
            for [x, y] in SAMPLES {
                let error = w[0] * x + w[1] - y;
                g = [g[0] + 2.0 * error * x / 6.0, g[1] + 2.0 * error / 6.0];
                loss += error * error / 6.0;
            }
            let before = w;
            for at in 0..2 {
                v[at] = 0.9 * v[at] + g[at];
                w[at] -= 0.02 * v[at];
            }
            let numbers: Vec<String> =
                row(step, before, w, loss).iter().map(f64::to_string).collect();
            text += &format!("{}\n", numbers.join(","));
        }
        self.write("log.csv", &text);
    }

    fn told(&self, arguments: &[&str]) -> (String, String, i32) {
        let data = ["log.csv", "--data", "samples.csv"];
        told(self.folder.path(), &[&data, arguments].concat())
    }

    /// The error that it ends with.
    fn error(&self, arguments: &[&str]) -> String {
        let (printed, error, code) = self.told(arguments);
        assert_eq!((printed.as_str(), code), ("", 2), "{error}");
        error
    }
}

const MODEL: [&str; 2] = ["--model", "w*x + b"];

#[test]
fn what_gradients_are_computed_from_is_told() {
    let made = Made::new();
    made.log("step,w,b,loss", |step, [w, b], _, loss| vec![step as f64, w, b, loss]);
    let (printed, error, code) = made.told(&MODEL);
    assert_eq!((error.as_str(), code), ("", 0));
    assert_eq!(
        printed,
        "\
the table: agrees
 weights     w, b; 23 iterations, a row each
 loss        D2, loss; gradients computed from samples.csv: those of w*x + b with the loss squared,
             all 6 samples a step
 rule        Momentum (PyTorch), the variant momentum:pytorch; learning rate 0.02; beta 0.9;
             dampening 0
 checked     2 weights, 23 iterations: the rule takes every step of the log, to 15 digits

log.csv agrees: 1 training checked
"
    );
    // The usual model is the usual line; a sheet may have the samples.
    made.log("a,b", |_, [a, b], _, _| vec![a, b]);
    let json = found(made.folder.path(), &["log.csv", "--data", "samples.csv"]);
    assert_eq!([&json["optimizer"], &json["batch"]], ["momentum", "all"]);
    assert_eq!(json["computed_from"]["model"], "a*x + b");
}

#[test]
fn gradients_are_computed_for_a_model_of_several_outputs() {
    let made = Made::new();
    let targets = [0.4, -1.0, 0.3, 2.0, -0.2, 0.7];
    let lines = SAMPLES.iter().zip(targets).map(|([x, y], other)| format!("{x},{y},{other}\n"));
    made.write("samples.csv", &format!("x,y1,y2\n{}", lines.collect::<String>()));
    let (mut w, mut text) = ([0.3, -0.2, 0.1], "a,b,c\n".to_owned());
    for step in 0..30 {
        let [a, b, c] = w;
        text += &format!("{a},{b},{c}\n");
        let ([x, y], other) = (SAMPLES[step % 6], targets[step % 6]);
        // y1 = a*x + b, y2 = c*x - b.
        let (one, two) = (a * x + b - y, c * x - b - other);
        w = [a - 0.05 * 2.0 * one * x, b - 0.05 * 2.0 * (one - two), c - 0.05 * 2.0 * two * x];
    }
    made.write("log.csv", &text);
    let (printed, error, code) = made.told(&["--model", "a*x + b; c*x - b"]);
    assert_eq!((error.as_str(), code), ("", 0), "{printed}");
    assert!(printed.contains("learning rate 0.05") && printed.contains("one sample"), "{printed}");
}

#[test]
fn columns_that_are_no_weights_are_named_with_what_to_do() {
    let made = Made::new();
    made.log("step,p,q", |step, [w, b], _, _| vec![step as f64, w, b]);
    assert_eq!(
        made.error(&MODEL),
        "error: the log has no columns for the weights w, b\n  --> log.csv\n  help: the model w*x + b \
         has the weights w, b, the log the columns p, q: call the weights in --model as the columns \
         are called, or say which is which, --map p=w\n"
    );
    let (printed, _, code) = made.told(&[&MODEL[..], &["--map", "p=w", "--map", "q=b"]].concat());
    assert_eq!(code, 0);
    assert!(printed.contains("where w is p, b is q"), "{printed}");
    let wrong = made.error(&[&MODEL[..], &["--map", "p=v"]].concat());
    assert!(wrong.starts_with("error: the model has no weight `v`\n  --> --map p=v"), "{wrong}");
    let wrong = made.error(&[&MODEL[..], &["--map", "p"]].concat());
    assert!(wrong.starts_with("error: a mapping is HEADER=WEIGHT\n  --> --map p"), "{wrong}");
    made.log("w,b,w.grad,b.grad", |_, [w, b], [c, d], _| vec![w, b, c, d]);
    assert_eq!(
        made.error(&MODEL),
        "error: the log has gradients of its own, in the column `w.grad`\n  --> log.csv\n  help: \
         these need no data: leave --data and --model out\n"
    );
}

#[test]
fn losses_that_are_not_the_model_s_are_told() {
    let made = Made::new();
    made.log("step,w,b,loss", |step, [w, b], _, loss| vec![step as f64, w, b, loss]);
    let absolute = [&MODEL[..], &["--loss", "absolute"]].concat();
    let error = made.error(&absolute);
    let start = "error: the loss in column loss at step 0 is 5.98625, the model over samples.csv \
                 gives 2.091667\n  --> log.csv, cell D2\n  help: is it another model, loss or file?";
    assert!(error.starts_with(start), "{error}");
    // Half of the loss has gradients of its own; the steps of an optimizer tell which were taken.
    made.log("w,b,loss", |_, [w, b], _, loss| vec![w, b, loss / 2.0]);
    let (printed, _, code) = made.told(&MODEL);
    assert_eq!(code, 0);
    let words = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the logged loss is 0.5 times this one"), "{printed}");
}

#[test]
fn a_start_that_is_missing_is_worked_out_or_asked_for() {
    let made = Made::new();
    let behind = |step: usize, [w, b]: [f64; 2], loss| vec![step as f64, w, b, loss];
    made.log("step,w,b,loss", |step, _, after, loss| behind(step, after, loss));
    let (printed, _, code) = made.told(&MODEL);
    let words = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = "the start, w=0.3,b=-0.2, is worked out from the first loss";
    assert!(code == 0 && words.contains(start), "{printed}");
    assert!(words.contains("learning rate 0.02; beta 0.9"), "{printed}");
    // Without losses it has to be said.
    made.log("step,w,b", |step, _, [w, b], _| vec![step as f64, w, b]);
    let (printed, _, code) = made.told(&[&MODEL[..], &["--init", "w=0.3,b=-0.2"]].concat());
    assert!(code == 0 && printed.contains("learning rate 0.02; beta 0.9"), "{printed}");
    assert!(printed.contains("24 iterations"), "{printed}");
    let error = made.error(&[&MODEL[..], &["--init", "random"]].concat());
    assert!(error.starts_with("error: what was drawn at random nobody can know"), "{error}");
}

#[test]
fn weights_that_stay_and_logs_that_say_nothing_are_told() {
    let made = Made::new();
    let (mut w, mut frozen) = (0.3, "w,b\n".to_owned());
    for _ in 0..24 {
        frozen += &format!("{w},-0.2\n");
        let slope = |[x, y]: [f64; 2]| 2.0 * (w * x - 0.2 - y) * x / 6.0;
        w -= 0.05 * SAMPLES.map(slope).iter().sum::<f64>();
    }
    made.write("log.csv", &frozen);
    let (printed, ..) = made.told(&MODEL);
    assert!(
        printed.contains(" B2  odd-weight\n   No step changes b, which stays -0.2"),
        "{printed}"
    );
    made.log("w,b", |_, _, _, _| vec![0.3, -0.2]);
    assert!(made.error(&MODEL).starts_with("error: no step changes any weight of the log\n"));
    made.write("log.csv", "w,b\n1,2\n2,3\n");
    assert!(made.error(&MODEL).contains("four or more below each other"));
    // Another rule, or other gradients: nothing is made up.
    let any = |step: usize, prime: usize| (step * step % prime) as f64 / 7.0;
    made.log("w,b", |step, _, _, _| vec![any(step, 11), any(step, 13)]);
    let error = made.error(&MODEL);
    assert!(error.starts_with("error: no rule comes near the steps"), "{error}");
    assert!(error.contains("--init w=NUMBER,b=NUMBER"), "{error}");
}

#[test]
fn a_log_without_gradients_is_told_what_it_needs() {
    let made = Made::new();
    made.log("step,w,b,loss", |step, [w, b], _, loss| vec![step as f64, w, b, loss]);
    let (_, error, code) = told(made.folder.path(), &["log.csv"]);
    assert_eq!(code, 2);
    let advice = "gdtrace compare log.csv --data FILE --model FORMULA";
    assert!(error.contains(advice), "{error}");
    let (_, error, code) = told(made.folder.path(), &["log.csv", "--model", "w*x + b"]);
    assert!(code == 2 && error.contains("--data <FILE>"), "{error}");
}

#[test]
fn samples_may_stand_on_any_sheet_of_a_workbook() {
    let made = Made::new();
    made.log("w,b", |_, [w, b], _, _| vec![w, b]);
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, scale) in [("raw", 1.0), ("other", 7.0)] {
        let sheet = book.add_worksheet().set_name(name).expect("a sheet");
        sheet.write_row(0, 0, ["x", "y"]).expect("a row");
        for (row, [x, y]) in (1..).zip(SAMPLES) {
            sheet.write_row(row, 0, [x, scale * y]).expect("a row");
        }
    }
    book.save(made.folder.path().join("samples.xlsx")).expect("a workbook");
    let data = ["log.csv", "--data", "samples.xlsx", "--model", "w*x + b", "--data-sheet"];
    let json = found(made.folder.path(), &[&data[..], &["raw"]].concat());
    assert_eq!(json["optimizer"], "momentum");
    let (_, error, code) = told(made.folder.path(), &[&data[..], &["none"]].concat());
    assert!(code == 2 && error.contains("there is no sheet called 'none'"), "{error}");
}
