//! What changes along a log, and what its digits leave open. The logs in tests/golden/logs/changes were
//! written by PyTorch (tests/golden/make_log_changes.py), which says there what happens in each.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn golden(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/logs/changes");
    folder.join(format!("{name}.csv"))
}

fn output(arguments: &[&str], path: &Path) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .arg("compare")
        .args(arguments)
        .arg(path)
        .output()
        .expect("gdtrace");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (text, output.status.code().unwrap_or(-1))
}

/// What `gdtrace compare --json` says of a log's only training; the log must be reproduced.
fn compared(path: &Path) -> Value {
    let (text, code) = output(&["--json"], path);
    let found: Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!(code, 0, "{}: {text}", path.display());
    found["trainings"][0].clone()
}

/// A change: the step, what changes, from where and to where, and how.
type Told<'t> = (u64, &'t str, Option<f64>, Option<f64>, Option<&'t str>);

/// What is not as it should be.
fn complaint(name: &str, optimizer: &str, rate: Option<f64>, told: &[Told]) -> Option<String> {
    let found = compared(&golden(name));
    let same = |found: &Value, wanted: Option<f64>| match (found.as_f64(), wanted) {
        (Some(found), Some(wanted)) => (found - wanted).abs() <= 1e-6 * wanted.abs(),
        (found, wanted) => found == wanted,
    };
    let changes = found["changes"].as_array().cloned().unwrap_or_default();
    let is_told = |(change, told): (&Value, &Told)| {
        change["step"] == told.0
            && change["what"] == told.1
            && same(&change["from"], told.2)
            && same(&change["to"], told.3)
            && change["how"].as_str() == told.4
    };
    let is_right = found["optimizer"] == optimizer
        && same(&found["hyper"]["lr"], rate)
        && changes.len() == told.len()
        && changes.iter().zip(told).all(is_told);
    let (hyper, changes) = (&found["hyper"], &found["changes"]);
    (!is_right).then(|| format!("{name}: {} {hyper} {changes}", found["optimizer"]))
}

fn all_right(logs: &[(&str, &str, Option<f64>, &[Told])]) {
    let faults: Vec<String> = logs
        .iter()
        .filter_map(|(name, optimizer, rate, told)| complaint(name, optimizer, *rate, told))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// PyTorch's one-cycle policy with a cosine from the first of these to the second in 30 % of the steps,
/// and one to the third from there.
fn cycle([start, most, least]: [f64; 3], step: f64) -> f64 {
    let peak = 0.3 * 81.0 - 1.0;
    let way = |from: f64, to: f64, share: f64| {
        to + (from - to) / 2.0 * (1.0 + (std::f64::consts::PI * share).cos())
    };
    match step <= peak {
        true => way(start, most, step / peak),
        false => way(most, least, (step - peak) / (80.0 - peak)),
    }
}

/// Its learning rate up to 0.02.
fn one_cycle(step: f64) -> f64 {
    cycle([0.02 / 25.0, 0.02, 0.02 / 25.0 / 1e4], step)
}

#[test]
fn schedules_are_told_by_their_parts() {
    let lr = "lr";
    all_right(&[
        (
            "adam-steps",
            "adam",
            Some(0.01),
            &[(31, lr, Some(0.01), Some(0.005), None), (61, lr, Some(0.005), Some(0.0025), None)],
        ),
        (
            "adam-rates",
            "adam",
            Some(0.01),
            &[(31, lr, Some(0.01), Some(0.005), None), (61, lr, Some(0.005), Some(0.0025), None)],
        ),
        (
            "adam-exponential",
            "adam",
            None,
            &[(1, lr, Some(0.01), Some(0.01 * 0.98_f64.powi(78)), Some("exponential"))],
        ),
        (
            "momentum-linear",
            "momentum",
            None,
            &[(1, lr, Some(0.02), Some(0.02 * (1.0 - 0.9 * 78.0 / 80.0)), Some("linear"))],
        ),
        ("adam-warmup", "adam", None, &[(1, lr, Some(0.001), Some(0.01), Some("linear"))]),
        (
            "adam-onecycle",
            "adam",
            None,
            &[
                (1, lr, Some(0.0008), Some(one_cycle(23.0)), Some("cosine")),
                (25, lr, Some(one_cycle(24.0)), Some(one_cycle(78.0)), Some("cosine")),
            ],
        ),
    ]);
    let momentum = |step: f64| Some(cycle([0.95, 0.85, 0.95], step));
    let faster = |step: f64| Some(2.5 * one_cycle(step));
    all_right(&[
        (
            "adam-cycled",
            "adam",
            None,
            &[
                (1, lr, Some(0.0008), Some(one_cycle(23.0)), Some("cosine")),
                (1, "beta1", momentum(0.0), momentum(23.0), Some("cosine")),
                (25, lr, Some(one_cycle(24.0)), Some(one_cycle(78.0)), Some("cosine")),
                (25, "beta1", momentum(24.0), momentum(78.0), Some("cosine")),
            ],
        ),
        (
            "momentum-cycled",
            "momentum",
            None,
            &[
                (1, lr, faster(0.0), faster(23.0), Some("cosine")),
                (1, "beta", momentum(0.0), momentum(23.0), Some("cosine")),
                (25, lr, faster(24.0), faster(78.0), Some("cosine")),
                (25, "beta", momentum(24.0), momentum(78.0), Some("cosine")),
            ],
        ),
    ]);
    let found = compared(&golden("adam-warmup-cosine"));
    let parts: Vec<&Value> = (0..2).map(|at| &found["changes"][at]["how"]).collect();
    assert_eq!(parts, ["linear", "cosine"], "{}", found["changes"]);
}

#[test]
fn clipped_gradients_are_told() {
    all_right(&[
        ("sgd-norm", "sgd", Some(0.05), &[(1, "clip_norm", None, Some(1.0), None)]),
        ("momentum-norm", "momentum", Some(0.02), &[(1, "clip_norm", None, Some(2.0), None)]),
        ("adam-norm", "adam", Some(0.01), &[(1, "clip_norm", None, Some(1.0), None)]),
        // In the textbook's form, which averages: 0.02 / (1 - 0.9).
        ("momentum-value", "momentum", Some(0.2), &[(1, "clip_value", None, Some(0.75), None)]),
        ("adam-value", "adam", Some(0.01), &[(1, "clip_value", None, Some(0.5), None)]),
        (
            "adam-both",
            "adam",
            Some(0.01),
            &[(1, "clip_norm", None, Some(1.0), None), (50, "lr", Some(0.01), Some(0.005), None)],
        ),
    ]);
}

#[test]
fn accumulated_gradients_are_told() {
    all_right(&[
        (
            "sgd-accumulated",
            "sgd",
            Some(0.05),
            &[(1, "accumulation", None, Some(4.0), Some("mean"))],
        ),
        (
            "adam-accumulated",
            "adam",
            Some(0.01),
            &[(1, "accumulation", None, Some(4.0), Some("mean"))],
        ),
        ("adam-summed", "adam", Some(0.01), &[(1, "accumulation", None, Some(2.0), Some("sum"))]),
    ]);
}

/// What is said of a log of some weights, each on its own slope, by what becomes of them in a step with gradients
/// that are held to `value` each, and all together to the norm `most`.
fn of_rule(
    (weights, steps): (usize, i32),
    [value, most]: [f64; 2],
    mut rule: impl FnMut(i32, usize, f64, f64) -> f64,
) -> Value {
    let names = |end: &str| (0..weights).map(|at| format!(",w{at}{end}")).collect::<String>();
    let mut text = format!("step{}{}\n", names(""), names(".grad"));
    let mut w: Vec<f64> = (0..weights).map(|at| 1.5 + (at as f64 * 0.37).sin()).collect();
    for t in 1..=steps {
        let swing = f64::from(t * t % 17) / 9.0 - 0.9;
        let slope = |(at, w): (usize, &f64)| w * (1.0 + at as f64 * 0.3) - swing;
        let g: Vec<f64> = w.iter().enumerate().map(slope).collect();
        let row: String = w.iter().chain(&g).map(|one| format!(",{one}")).collect();
        let _ = writeln!(text, "{t}{row}");
        let norm = g.iter().map(|one| one * one).sum::<f64>().sqrt();
        for at in 0..weights {
            w[at] = rule(t, at, w[at], g[at].clamp(-value, value) * (most / norm).min(1.0));
        }
    }
    of_text(&text)
}

/// What is said of a log.
fn of_text(text: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.csv");
    std::fs::write(&path, text).expect("a file");
    compared(&path)
}

/// The share of the first learning rate that a cosine leaves of it.
fn cosine(t: i32, steps: i32) -> f64 {
    0.5 + 0.5 * (std::f64::consts::PI * f64::from(t) / f64::from(steps)).cos()
}

/// The changes of a log, as `what` and `how`.
fn kinds(found: &Value) -> Vec<(&str, Option<&str>)> {
    let changes = found["changes"].as_array().map_or(&[][..], Vec::as_slice);
    changes.iter().map(|one| (one["what"].as_str().unwrap_or(""), one["how"].as_str())).collect()
}

#[test]
fn clips_and_schedules_are_told_together_of_any_optimizer() {
    const FAR: f64 = 1e9;
    let (mut v, mut m) = ([0.0; 3], [0.0; 3]);
    let found = of_rule((3, 120), [2.0, FAR], |t, at, w, g| {
        v[at] = 0.95 * v[at] + 0.05 * g * g;
        m[at] = 0.95 * m[at] + 0.05 * g;
        w - 0.02 * cosine(t, 120) * g / ((v[at] - m[at] * m[at]).sqrt() + 1e-8)
    });
    assert_eq!((&found["optimizer"], &found["variant"]), (&"rmsprop".into(), &"centered".into()));
    assert_eq!(kinds(&found), [("lr", Some("cosine")), ("clip_value", None)], "{found}");
    assert_eq!(found["hyper"]["beta"], 0.95, "{found}");

    let (mut v, mut u) = ([0.0; 2], [0.0; 2]);
    let found = of_rule((2, 80), [FAR, 1.0], |_, at, w, g| {
        v[at] = 0.9 * v[at] + 0.1 * g * g;
        let step = ((u[at] + 1e-6) / (v[at] + 1e-6_f64)).sqrt() * g;
        u[at] = 0.9 * u[at] + 0.1 * step * step;
        w - step
    });
    assert_eq!(found["optimizer"], "adadelta", "{found}");
    assert_eq!(kinds(&found), [("clip_norm", None)], "{found}");

    // With a gradient that is too large in every step, it is one that is divided by its norm, as in NovoGrad.
    let found = of_rule((3, 16), [FAR, 0.1], |_, _, w, g| w - 0.2 * g);
    assert_eq!((&found["optimizer"], kinds(&found)), (&"sgd".into(), vec![("clip_norm", None)]));
}

#[test]
fn an_epsilon_that_a_clip_hides_is_told_as_that_of_its_rule() {
    // With any learning rate LAMB is Adam with the ε of LAMB.
    let mut s = [[0.0; 2]; 3];
    let found = of_rule((3, 60), [1e9, 1.0], |t, at, w, g| {
        let [m, v] = &mut s[at];
        (*m, *v) = (0.9 * *m + 0.1 * g, 0.999 * *v + 0.001 * g * g);
        let [one, two] = [0.9_f64, 0.999].map(|beta| 1.0 - beta.powi(t));
        w - 0.02 / (1.0 + 0.1 * f64::from(t - 1)) * (*m / one) / ((*v / two).sqrt() + 1e-6)
    });
    assert_eq!((&found["optimizer"], &found["hyper"]["eps"]), (&"adam".into(), &1e-6.into()));
    assert_eq!(kinds(&found), [("lr", Some("inverse")), ("clip_norm", None)], "{found}");
}

#[test]
fn single_precision_leaves_a_schedule_to_be_seen() {
    // AdaMax; the weight with the fewest digits leaves the rate of a step open, another does not.
    let (mut w, mut m, mut u) = ([1.5_f32, 0.02], [0.0_f32; 2], [0.0_f32; 2]);
    let mut text = String::from("step,w0,w1,w0.grad,w1.grad\n");
    for t in 0..120 {
        let swing = (t * t % 17) as f32 / 9.0 - 0.9;
        let g = [w[0] - swing, 1.3 * w[1] - 0.1 * swing];
        let _ = writeln!(text, "{t},{},{},{},{}", w[0], w[1], g[0], g[1]);
        let lr = (0.02 * cosine(t, 120)) as f32;
        for at in 0..2 {
            m[at] = 0.9 * m[at] + 0.1 * g[at];
            u[at] = (0.999 * u[at]).max(g[at].abs() + 1e-8);
            w[at] -= lr / (1.0 - 0.9_f32.powi(t + 1)) * m[at] / u[at];
        }
    }
    let found = of_text(&text);
    assert_eq!(found["optimizer"], "adamax", "{found}");
    assert_eq!(kinds(&found), [("lr", Some("cosine"))], "{found}");
}

#[test]
fn a_single_weight_has_a_schedule_too() {
    let adam = |t: i32, [m, v]: &mut [f64; 2], g: f64| {
        (*m, *v) = (0.8 * *m + 0.2 * g, 0.99 * *v + 0.01 * g * g);
        let [one, two] = [0.8_f64, 0.99].map(|beta| 1.0 - beta.powi(t));
        (*m / one) / ((*v / two).sqrt() + 1e-8)
    };
    let mut s = [0.0; 2];
    let found =
        of_rule((1, 120), [1e9; 2], |t, _, w, g| w - 0.02 * cosine(t, 120) * adam(t, &mut s, g));
    let decays =
        |found: &Value| [&found["hyper"]["beta1"], &found["hyper"]["beta2"]].map(Value::as_f64);
    assert_eq!((&found["optimizer"], decays(&found)), (&"adam".into(), [Some(0.8), Some(0.99)]));
    assert_eq!(kinds(&found), [("lr", Some("cosine"))], "{found}");
}

#[test]
fn single_steps_are_told() {
    all_right(&[
        ("adam-reset", "adam", Some(0.01), &[(41, "reset", None, None, None)]),
        ("momentum-reset", "momentum", Some(0.02), &[(33, "reset", None, None, None)]),
        (
            "adam-skipped",
            "adam",
            Some(0.01),
            &[(17, "skipped", None, None, None), (44, "skipped", None, None, None)],
        ),
        ("adam-skipped-float32", "adam", Some(0.01), &[(25, "skipped", None, None, None)]),
        ("adam-beta", "adam", Some(0.01), &[(37, "beta1", Some(0.9), Some(0.8), None)]),
        ("momentum-lower", "momentum", Some(0.02), &[(25, "beta", Some(0.9), Some(0.5), None)]),
    ]);
    let (text, _) = output(&[], &golden("adam-both"));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("gradients are clipped to the norm 1"), "{text}");
    assert!(text.contains("from step 50 on lr is 0.005"), "{text}");
}

#[test]
fn what_the_digits_leave_open_is_said() {
    // The root of S is never below 0.05 here, far above what single precision keeps beside ε = 1e-8.
    let found = compared(&golden("adam-float32"));
    let eps = |found: &Value| {
        let ranges = found["undecided"].as_array().cloned().unwrap_or_default();
        ranges.into_iter().find(|one| one["name"] == "eps").unwrap_or_default()
    };
    assert_eq!(eps(&found)["from"], 0.0, "{found}");
    let four = compared(&golden("adam-four"));
    let ranges = four["undecided"].as_array().cloned().unwrap_or_default();
    let beta = ranges.iter().find(|one| one["name"] == "beta2").expect("an open beta2");
    let (from, to) = (beta["from"].as_f64().expect("a number"), beta["to"].as_f64());
    assert!(0.99 < from && from < 0.999 && to.is_none_or(|to| to > 0.999), "{beta}");
    let (text, _) = output(&[], &golden("adam-four"));
    assert!(text.contains("anything up to"), "{text}");
    // All digits leave nothing open.
    assert!(compared(&golden("adam-steps")).get("undecided").is_none());
}

/// A large log by Adam: the weights drift to their places, each on its own slope.
fn large(weights: usize, steps: usize) -> String {
    let name = |at: usize| format!("layer.weight[{},{}]", at / 20, at % 20);
    let names: Vec<String> = (0..weights).map(|at| format!("\"{}\"", name(at))).collect();
    let slopes: Vec<String> = (0..weights).map(|at| format!("\"{}.grad\"", name(at))).collect();
    let mut text = format!("step,{},{}\n", names.join(","), slopes.join(","));
    let mut w: Vec<f64> = (0..weights).map(|at| (at as f64 * 0.37).sin()).collect();
    let (mut m, mut v) = (vec![0.0; weights], vec![0.0; weights]);
    for t in 1..=steps {
        let swing = (t * t % 17) as f64 / 9.0 - 0.9;
        let g: Vec<f64> =
            w.iter().enumerate().map(|(at, w)| w * (1.0 + at as f64 * 0.01) - swing).collect();
        let row: Vec<String> = w.iter().chain(&g).map(f64::to_string).collect();
        let _ = writeln!(text, "{t},{}", row.join(","));
        let rate = if t > 150 { 0.005 } else { 0.01 };
        let (one, two) = (1.0 - 0.9_f64.powi(t as i32), 1.0 - 0.999_f64.powi(t as i32));
        for at in 0..weights {
            m[at] = 0.9 * m[at] + 0.1 * g[at];
            v[at] = 0.999 * v[at] + 0.001 * g[at] * g[at];
            w[at] -= rate * (m[at] / one) / ((v[at] / two).sqrt() + 1e-8);
        }
    }
    text
}

#[test]
fn large_logs_are_read_as_streams() {
    let text = large(800, 300);
    assert!(text.len() > 8 << 20, "{}", text.len());
    let found = of_text(&text);
    assert_eq!(found["optimizer"], "adam");
    assert_eq!((&found["hyper"]["lr"], &found["iterations"]), (&0.01.into(), &299.into()));
    assert_eq!(found["weights"].as_array().map(Vec::len), Some(800));
    let change = &found["changes"][0];
    assert_eq!((&change["step"], &change["to"]), (&151.into(), &0.005.into()), "{found}");
}
