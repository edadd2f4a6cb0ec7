//! Logs of trainings: the optimizer behind the numbers. The logs in tests/golden/logs were written by
//! PyTorch (tests/golden/make_logs.py); the wrong ones are made here, by hand.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What `gdtrace compare --json` says of a log's only training, and its exit code.
fn compared(path: &Path) -> (Value, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .args(["compare", "--json"])
        .arg(path)
        .output()
        .expect("gdtrace");
    let text = String::from_utf8_lossy(&output.stdout);
    let found: Value = serde_json::from_str(&text).unwrap_or_else(|_| {
        panic!("{}: {}", path.display(), String::from_utf8_lossy(&output.stderr))
    });
    (found["trainings"][0].clone(), output.status.code().unwrap_or(-1))
}

/// Hyperparameters with their values.
type Hyper<'h> = &'h [(&'h str, f64)];

/// What is not as it should be: the optimizer, its hyperparameters to a relative difference.
fn complaint(found: &Value, optimizer: &str, hyper: Hyper, digits: f64) -> Option<String> {
    if found["optimizer"] != optimizer {
        return Some(format!("{} for {optimizer}", found["optimizer"]));
    }
    hyper.iter().find_map(|(name, value)| {
        let own = found["hyper"][name].as_f64().unwrap_or(f64::NAN);
        let is_near = (own - value).abs() <= digits * value.abs();
        (!is_near).then(|| format!("{optimizer}: {name} is {own}, not {value}"))
    })
}

#[test]
fn optimizers_of_pytorch_are_named_from_their_logs() {
    const ADAM: Hyper = &[("lr", 0.01), ("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8)];
    let logs: &[(&str, &str, Hyper)] = &[
        ("sgd", "sgd", &[("lr", 0.05)]),
        ("sgd-decay", "sgd", &[("lr", 0.05)]),
        ("momentum", "momentum", &[("lr", 0.02), ("beta", 0.9)]),
        ("nesterov", "nesterov", &[("lr", 0.02), ("beta", 0.8)]),
        ("adam", "adam", ADAM),
        ("adam-own", "adam", &[("lr", 0.0125), ("beta1", 0.85), ("beta2", 0.97), ("eps", 1e-5)]),
        ("adam-decay", "adam", ADAM),
        ("adamw", "adamw", ADAM),
        ("rmsprop", "rmsprop", &[("lr", 0.01), ("beta", 0.99), ("eps", 1e-8)]),
        ("rmsprop-centered", "rmsprop", &[("lr", 0.01), ("beta", 0.9)]),
        ("adagrad", "adagrad", &[("lr", 0.1)]),
        ("adadelta", "adadelta", &[("rho", 0.9)]),
        ("adamax", "adamax", &[("lr", 0.01), ("beta1", 0.9), ("beta2", 0.999)]),
        ("sgd-float32", "sgd", &[("lr", 0.05)]),
        ("momentum-float32", "momentum", &[("lr", 0.02), ("beta", 0.9)]),
        ("adam-float32", "adam", &ADAM[..3]),
        ("rmsprop-float32", "rmsprop", &[("lr", 0.01), ("beta", 0.99)]),
        ("adam-steps", "adam", &ADAM[1..]),
        ("sgd-exponential", "sgd", &[]),
        ("adam-cosine", "adam", &ADAM[1..]),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/logs");
    let mut faults = Vec::new();
    for (name, optimizer, hyper) in logs {
        let (found, code) = compared(&folder.join(format!("{name}.csv")));
        let digits = if name.contains("float32") { 1e-4 } else { 1e-6 };
        faults.extend(
            complaint(&found, optimizer, hyper, digits).map(|one| format!("{name}: {one}")),
        );
        if code != 0 {
            faults.push(format!("{name}: exit code {code}: {}", found["findings"]));
        }
        let known = found["digits"].as_u64().unwrap_or(0);
        if known < if name.contains("float32") { 5 } else { 12 } {
            faults.push(format!("{name}: to {known} digits"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn schedules_are_told_with_their_steps() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/logs");
    let (steps, _) = compared(&folder.join("adam-steps.csv"));
    let told = |at: usize, key: &str| steps["changes"][at][key].as_f64().unwrap_or(f64::NAN);
    assert_eq!((told(0, "step"), told(1, "step")), (21.0, 41.0), "{}", steps["changes"]);
    assert!((told(0, "to") - 0.001).abs() < 1e-9 && (told(1, "to") - 1e-4).abs() < 1e-10);
    for (name, words) in
        [("sgd-exponential", "falls exponentially"), ("adam-cosine", "follows a cosine")]
    {
        let (found, _) = compared(&folder.join(format!("{name}.csv")));
        let departures = found["departures"].to_string();
        assert!(departures.contains(words), "{name}: {departures}");
    }
}

/// A step of one weight: weight, gradient, what is remembered, the number of the step.
type Step = fn(f64, f64, &mut [f64; 2], i32) -> f64;

/// The log of two weights, with gradients of a bowl that moves.
fn log(step: Step, digits: Option<usize>) -> Vec<[f64; 5]> {
    let (mut w, mut states) = ([0.7, -0.4], [[0.0; 2]; 2]);
    let number = |value: f64| match digits {
        Some(digits) => format!("{value:.digits$}").parse().expect("a number"),
        None => value,
    };
    (1..=50)
        .map(|t| {
            let swing = f64::from(t * t % 13) / 7.0 - 0.8;
            let g = [2.0 * (w[0] - swing) + w[1], 3.0 * w[1] + 1.3 * swing];
            let row = [f64::from(t), number(w[0]), number(w[1]), number(g[0]), number(g[1])];
            for at in 0..2 {
                w[at] = step(w[at], g[at], &mut states[at], t);
            }
            row
        })
        .collect()
}

fn averages(g: f64, s: &mut [f64; 2], (b1, b2): (f64, f64)) -> (f64, f64) {
    *s = [b1 * s[0] + (1.0 - b1) * g, b2 * s[1] + (1.0 - b2) * g * g];
    (s[0], s[1])
}

fn written(rows: &[[f64; 5]]) -> String {
    let mut text = String::from("step,w,b,grad_w,grad_b\n");
    for [step, numbers @ ..] in rows {
        let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
        text += &format!("{step},{}\n", numbers.join(","));
    }
    text
}

fn looked_at(name: &str, text: &str) -> (Value, i32) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file");
    compared(&path)
}

#[test]
fn optimizers_written_by_hand_are_named_as_what_they_are() {
    let exchanged: Step = |w, g, s, t| {
        let (m, v) = averages(g, s, (0.999, 0.9));
        w - 0.01 * (m / (1.0 - 0.999_f64.powi(t))) / ((v / (1.0 - 0.9_f64.powi(t))).sqrt() + 1e-8)
    };
    let (found, _) = looked_at("log.csv", &written(&log(exchanged, None)));
    let hyper = [("lr", 0.01), ("beta1", 0.999), ("beta2", 0.9)];
    assert_eq!(complaint(&found, "adam", &hyper, 1e-6), None);

    let inside: Step = |w, g, s, t| {
        let (m, v) = averages(g, s, (0.9, 0.99));
        w - 0.02 * (m / (1.0 - 0.9_f64.powi(t))) / (v / (1.0 - 0.99_f64.powi(t)) + 1e-4).sqrt()
    };
    let (found, _) = looked_at("log.csv", &written(&log(inside, None)));
    assert_eq!(
        complaint(&found, "adam", &[("lr", 0.02), ("beta1", 0.9), ("beta2", 0.99)], 1e-6),
        None
    );
    let told = format!("{}{}", found["departures"], found["hyper"]);
    assert!(told.contains("inside the root") || told.contains("eps_root"), "{told}");

    let forgotten: Step = |w, g, s, _| {
        let (m, v) = averages(g, s, (0.9, 0.999));
        w - 0.01 * m / (v.sqrt() + 1e-8)
    };
    let (found, _) = looked_at("log.csv", &written(&log(forgotten, None)));
    assert_eq!(complaint(&found, "adam", &[("lr", 0.01)], 1e-6), None);
    assert_eq!(found["variant"], "walkthrough");

    let uphill: Step = |w, g, s, _| {
        s[0] = 0.9 * s[0] + g;
        w + 0.001 * s[0]
    };
    let (found, code) = looked_at("log.csv", &written(&log(uphill, None)));
    assert_eq!(code, 1, "{found}");
}

#[test]
fn logs_with_few_digits_tabs_or_json_are_read() {
    let adam: Step = |w, g, s, t| {
        let (m, v) = averages(g, s, (0.9, 0.99));
        w - 0.05 * (m / (1.0 - 0.9_f64.powi(t))) / ((v / (1.0 - 0.99_f64.powi(t))).sqrt() + 1e-8)
    };
    let hyper = [("lr", 0.05), ("beta1", 0.9), ("beta2", 0.99)];
    let (found, code) = looked_at("log.csv", &written(&log(adam, Some(5))));
    assert_eq!((complaint(&found, "adam", &hyper, 1e-9), code), (None, 0));
    let tabs = written(&log(adam, None)).replace(',', "\t");
    let (found, code) = looked_at("log.tsv", &tabs);
    assert_eq!((complaint(&found, "adam", &hyper, 1e-9), code), (None, 0));
    let lines = log(adam, None).into_iter().map(|[step, w, b, dw, db]| {
        format!("{{\"step\": {step}, \"net\": {{\"w\": [{w}, {b}]}}, \"net.w[0].grad\": {dw}, \"net.w[1].grad\": {db}}}\n")
    });
    let (found, code) = looked_at("log.jsonl", &lines.collect::<String>());
    assert_eq!((complaint(&found, "adam", &hyper, 1e-9), code), (None, 0));
    assert_eq!(found["weights"][1]["name"], "net.w[1]");
}

#[test]
fn a_line_of_a_log_that_is_no_object_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.jsonl");
    std::fs::write(&path, "{\"step\": 1}\nnonsense\n").expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .arg("compare")
        .arg(&path)
        .output()
        .expect("gdtrace");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("line 2 is no JSON object"), "{text}");
}
