//! Logs of trainings: the optimizer behind the numbers. The logs in tests/golden/logs were written by
//! PyTorch, Keras and Optax (tests/golden/make_logs.py); the wrong ones are made here, by hand.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::common::logs::{all_are_told, text};

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

/// The folder with the libraries' logs.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/logs")
}

/// What is not told as logs.json has it of one of the libraries' logs.
fn faults(log: &Value) -> Vec<String> {
    let (found, code) = compared(&folder().join(format!("{}.csv", text(&log["log"]))));
    let is_single = log["precision"] == "float32";
    let (digits, least) = if is_single { (1e-4, 5) } else { (1e-6, 11) };
    let mut faults = Vec::new();
    let variant = found["variant"].as_str().map(|one| format!(":{one}")).unwrap_or_default();
    let form = format!("{}{variant}", text(&found["optimizer"]));
    let forms = log["forms"].as_array().expect("forms");
    if !forms.iter().any(|one| *one == form) {
        faults.push(format!("{form} for {}", log["forms"]));
    }
    for (name, value) in log["hyper"].as_object().expect("hyperparameters") {
        let value = value.as_f64().expect("a number");
        let own = found["hyper"][name].as_f64().unwrap_or(f64::NAN);
        // Seven digits do not tell an ε of 1e-8.
        let is_told = !(is_single && name.starts_with("eps"));
        let is_near = (own - value).abs() <= digits * value.abs();
        if is_told && !is_near {
            faults.push(format!("{name} is {own}, not {value}"));
        }
    }
    let known = found["digits"].as_u64().unwrap_or(0);
    if known < least {
        faults.push(format!("to {known} digits"));
    }
    let is_wrong = log.get("wrong").is_some();
    if code != i32::from(is_wrong) {
        faults.push(format!("exit code {code}"));
    }
    let words = log.get("told").or(log.get("wrong")).map(text).unwrap_or_default();
    if !format!("{}{}", found["departures"], found["findings"]).contains(words) {
        faults.push(format!("{words} is not told"));
    }
    for (what, own) in log.get("changes").and_then(Value::as_object).into_iter().flatten() {
        let changes = found["changes"].as_array().expect("changes");
        let changes = changes.iter().filter(|one| one["what"] == *what);
        let key = if own.is_array() { "step" } else { "to" };
        let told: Value = changes.map(|one| one[key].clone()).collect();
        if told != *own && told[0] != *own {
            faults.push(format!("{what} {told}, not {own}"));
        }
    }
    faults
}

#[test]
fn optimizers_of_libraries_are_named_from_their_logs() {
    all_are_told(&folder(), 60, faults);
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

/// The log of Adam with other headers than `step,w,b,grad_w,grad_b`.
fn renamed(headers: &str) -> String {
    let text = written(&log(|w, g, s, t| w - down(corrected(g, s, t, (0.9, 0.999))), None));
    text.replacen("step,w,b,grad_w,grad_b", headers, 1)
}

#[test]
fn headers_of_trackers_and_of_other_tongues_are_understood() {
    let all = [
        "_step,params/w,params/b,grads/w,grads/b",
        "Step,parameters/fc.weight,parameters/fc.bias,gradients/fc.weight,gradients/fc.bias",
        "global_step,model/w,model/b,model/w/grad,model/b/grad",
        "k,theta0,theta1,g0,g1",
        "step,w.0,w.1,g.0,g.1",
        "step,θ0,θ1,∇0,∇1",
        "epoch,w_1,w_2,grad_1,grad_2",
        "iter,w,b,dJ_dw,dJ_db",
        "it,W,B,gradW,gradB",
        "Schritt,w,b,Ableitung nach w,Ableitung nach b",
        "Schritt,Gewicht,Bias,Steigung Gewicht,Steigung Bias",
    ];
    for headers in all {
        let (found, code) = looked_at("log.csv", &renamed(headers));
        assert_eq!(code, 0, "{headers}: {found}");
        let complaint = complaint(&found, "adam", &[("lr", 0.01), ("beta2", 0.999)], 1e-6);
        assert_eq!(complaint, None, "{headers}");
    }
}

/// The log of Adam with one weight and its loss.
fn of_a_weight(headers: &str) -> String {
    let (mut w, mut states) = (3.0, [0.0; 2]);
    let mut text = format!("step,loss,{headers}\n");
    for t in 1..=40 {
        let g = 2.0 * (w - 0.3 * f64::from(t % 5));
        text += &format!("{t},{},{w},{g}\n", g * g / 4.0);
        w -= 5.0 * down(corrected(g, &mut states, t, (0.9, 0.999)));
    }
    text
}

#[test]
fn a_gradient_may_be_called_by_a_word_alone() {
    for headers in ["w,g", "weight,gradient", "value,grad", "w,dL", "x,f'(x)", "θ,∇"] {
        let (found, code) = looked_at("log.csv", &of_a_weight(headers));
        let complaint = complaint(&found, "adam", &[("lr", 0.05), ("beta1", 0.9)], 1e-6);
        assert_eq!((code, complaint), (0, None), "{headers}: {found}");
    }
}

#[test]
fn a_log_with_short_headers_that_no_rule_takes_is_told_the_nearest() {
    let short = "step,loss,w0,w1,g0,g1\n";
    let step = |text: String, t: i32| {
        let [w, v] = [1.0, 2.0].map(|one| (one * 0.37 * f64::from(t)).sin());
        let [g, h] = [3.0, 5.0].map(|one| (one * 0.53 * f64::from(t)).cos());
        text + &format!("{t},{},{w},{v},{g},{h}\n", w * w + v * v)
    };
    let (found, code) = looked_at("log.csv", &(1..=30).fold(short.to_owned(), step));
    assert_eq!(code, 1, "{found}");
    assert!(found["optimizer"].is_string(), "{found}");
}

#[test]
fn an_epsilon_that_is_felt_is_the_one_that_takes_each_step() {
    // AMSGrad with ε = 1e-6 where the first of its logged learning rates are small.
    let (mut w, mut states, mut most) = ([0.7, -0.4], [[0.0; 2]; 2], [0.0_f64; 2]);
    let mut text = String::from("step,lr,w0,w1,w0.grad,w1.grad\n");
    for t in 1..=60 {
        let lr = 0.01 * f64::from(t.min(20)) / 20.0;
        let swing = f64::from(t * t % 13) / 7.0 - 0.8;
        let g = [2.0 * (w[0] - swing) + w[1], 3.0 * w[1] + 1.3 * swing].map(|g| g * 1e-3);
        text += &format!("{t},{lr},{},{},{},{}\n", w[0], w[1], g[0], g[1]);
        for at in 0..2 {
            let (m, v) = averages(g[at], &mut states[at], (0.9, 0.999));
            most[at] = most[at].max(v);
            let [one, two] = [0.9_f64, 0.999].map(|beta| 1.0 - beta.powi(t));
            w[at] -= lr * (m / one) / ((most[at] / two).sqrt() + 1e-6);
        }
    }
    let (found, code) = looked_at("log.csv", &text);
    let complaint = complaint(&found, "amsgrad", &[("eps", 1e-6), ("beta2", 0.999)], 1e-9);
    assert_eq!((code, complaint), (0, None), "{found}");
}

/// A library's log of single precision with its numbers printed otherwise.
fn printed(log: &str, print: fn(f32) -> String) -> String {
    let mut reader = csv::Reader::from_path(folder().join(format!("{log}.csv"))).expect("a log");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().expect("headers")).expect("a row");
    for record in reader.records() {
        let record = record.expect("a record");
        let numbers = record.iter().map(|one| print(one.parse().expect("a number")));
        writer.write_record(numbers).expect("a row");
    }
    String::from_utf8(writer.into_inner().expect("a log")).expect("text")
}

#[test]
fn single_precision_is_known_in_whatever_digits() {
    // As Python has them with item(), %.9g and %.8f.
    let prints: [fn(f32) -> String; 3] = [
        |number| f64::from(number).to_string(),
        |number| format!("{number:.8e}"),
        |number| format!("{number:.8}"),
    ];
    for log in ["pytorch-adamw-float32", "pytorch-momentum-float32"] {
        for (at, print) in prints.into_iter().enumerate() {
            let (found, code) = looked_at("log.csv", &printed(log, print));
            let variant = found["variant"].as_str().unwrap_or_default();
            assert_eq!((variant, code), ("pytorch", 0), "{log}, {at}: {found}");
            let digits = found["digits"].as_u64().unwrap_or(0);
            assert!((4..9).contains(&digits), "{log}, {at}: {digits} digits");
        }
    }
}

#[test]
fn numbers_with_as_many_digits_each_are_rounded_by_their_size() {
    // Weights of 1.2 and 0.12 have 6 and 7 decimals in this form.
    let adam: Step = |w, g, s, t| w - 10.0 * down(corrected(g, s, t, (0.9, 0.999)));
    let mut text = String::from("step,w,b,grad_w,grad_b\n");
    for [step, w, b, g, h] in log(adam, None) {
        text += &format!("{step},{w:.6e},{b:.6e},{g:.6e},{h:.6e}\n");
    }
    let (found, code) = looked_at("log.csv", &text);
    assert_eq!((code, complaint(&found, "adam", &[("lr", 0.1)], 1e-6)), (0, None), "{found}");
}

/// A number with its six first digits, as C's `%.6g` has it: no zeros behind them.
fn six_digits(number: f64) -> String {
    format!("{number:.5e}").parse::<f64>().expect("a number").to_string()
}

#[test]
fn a_small_number_among_others_tells_no_more_decimals() {
    // One weight that starts next to 0 is printed with more decimals than all others.
    let (mut w, mut b) = (0.7, 1.234_56e-5);
    let mut text = String::from("step,w,b,grad_w,grad_b\n");
    for t in 0..50 {
        let swing = f64::from(t * t % 13) / 7.0 - 0.8;
        let (g, h) = (2.0 * (w - swing) + b, 3.0 * b + 1.3 * swing);
        text += &format!("{t},{}\n", [w, b, g, h].map(six_digits).join(","));
        (w, b) = (w - 0.05 * g, b - 0.05 * h);
    }
    let (found, code) = looked_at("log.csv", &text);
    assert_eq!((code, complaint(&found, "sgd", &[("lr", 0.05)], 1e-4)), (0, None), "{found}");
}

/// Corrected averages.
fn corrected(g: f64, s: &mut [f64; 2], t: i32, (b1, b2): (f64, f64)) -> (f64, f64) {
    let (m, v) = averages(g, s, (b1, b2));
    (m / (1.0 - b1.powi(t)), v / (1.0 - b2.powi(t)))
}

/// How far Adam goes down with averages and the learning rate 0.01.
fn down((m, v): (f64, f64)) -> f64 {
    0.01 * m / (v.sqrt() + 1e-8)
}

/// An optimizer as somebody wrote it: the definition that it is nearest to, with hyperparameters, and
/// words of what it does otherwise.
struct Written {
    step: Step,
    form: &'static str,
    hyper: Hyper<'static>,
    told: &'static str,
}

const WRITTEN: &[Written] = &[
    Written {
        // The decays exchanged.
        step: |w, g, s, t| w - down(corrected(g, s, t, (0.999, 0.9))),
        form: "adam",
        hyper: &[("lr", 0.01), ("beta1", 0.999), ("beta2", 0.9)],
        told: "",
    },
    Written {
        step: |w, g, s, t| {
            let (m, v) = corrected(g, s, t, (0.9, 0.99));
            w - 0.02 * m / (v + 1e-4).sqrt()
        },
        form: "adam",
        hyper: &[("lr", 0.02), ("beta1", 0.9), ("beta2", 0.99)],
        told: "eps_root",
    },
    Written {
        // No bias correction.
        step: |w, g, s, _| w - down(averages(g, s, (0.9, 0.999))),
        form: "adam",
        hyper: &[("lr", 0.01), ("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8)],
        told: "does not correct the bias",
    },
    Written {
        // Only the first moment is corrected.
        step: |w, g, s, t| {
            let (m, v) = averages(g, s, (0.9, 0.99));
            w - down((m / (1.0 - 0.9_f64.powi(t)), v))
        },
        form: "adam",
        hyper: &[("lr", 0.01), ("beta1", 0.9), ("beta2", 0.99)],
        told: "correct",
    },
    Written {
        // Called AdamW, but the decay goes through the moments.
        step: |w, g, s, t| w - down(corrected(g + 0.1 * w, s, t, (0.9, 0.999))),
        form: "adam",
        hyper: &[("lr", 0.01), ("beta1", 0.9), ("beta2", 0.999), ("l2", 0.1)],
        told: "L2 penalty",
    },
    Written {
        // Called Adam with an L2 penalty, but the decay is beside the step.
        step: |w, g, s, t| w - down(corrected(g, s, t, (0.9, 0.999))) - 0.01 * 0.1 * w,
        form: "adamw",
        hyper: &[("lr", 0.01), ("beta1", 0.9), ("beta2", 0.999), ("decay", 0.1)],
        told: "",
    },
    Written {
        // The learning rate inside the velocity, where it stays when it changes.
        step: |w, g, s, t| {
            s[0] = 0.9 * s[0] - if t <= 25 { 0.02 } else { 0.005 } * g;
            w + s[0]
        },
        form: "momentum:keras",
        hyper: &[("lr", 0.02), ("beta", 0.9)],
        told: "",
    },
    Written {
        // The step of RMSProp with the mean square of the row above.
        step: |w, g, s, _| {
            let before = if s[1] == 0.0 { 1.0 } else { s[1] };
            s[1] = 0.9 * before + 0.1 * g * g;
            w - 0.01 * g / before.sqrt()
        },
        form: "rmsprop:walkthrough",
        hyper: &[("lr", 0.01), ("beta", 0.9), ("S0", 1.0)],
        told: "",
    },
    Written {
        // Without the root.
        step: |w, g, s, _| {
            s[1] = 0.9 * s[1] + 0.1 * g * g;
            w - 0.01 * g / (s[1] + 1e-4)
        },
        form: "rmsprop",
        hyper: &[("lr", 0.01), ("beta", 0.9), ("eps", 1e-4)],
        told: "takes no square root",
    },
    Written {
        // The sign is the wrong way round.
        step: |w, g, s, _| {
            s[0] = 0.9 * s[0] + g;
            w + 0.001 * s[0]
        },
        form: "momentum",
        hyper: &[("beta", 0.9)],
        told: "up the slope",
    },
];

#[test]
fn optimizers_written_by_hand_are_named_as_what_they_are() {
    let mut faults = Vec::new();
    for (at, Written { step, form, hyper, told }) in WRITTEN.iter().enumerate() {
        let (found, _) = looked_at("log.csv", &written(&log(*step, None)));
        let (optimizer, variant) = form.split_once(':').unwrap_or((form, ""));
        faults.extend(complaint(&found, optimizer, hyper, 1e-6).map(|one| format!("{at}: {one}")));
        if !variant.is_empty() && found["variant"] != variant {
            faults.push(format!("{at}: {}, not {variant}", found["variant"]));
        }
        let said = format!("{}{}{}", found["departures"], found["findings"], found["hyper"]);
        if !said.contains(told) {
            faults.push(format!("{at}: {told} is not in {said}"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
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
fn changes_have_the_numbers_of_the_log() {
    let root: Step = |w, g, _, t| w - 0.05 / f64::from(t).sqrt() * g;
    let halved: Step = |w, g, _, t| w - if t > 20 { 0.05 } else { 0.1 } * g;
    let told = |step: Step, first: f64| {
        let rows = log(step, None)
            .into_iter()
            .map(|[t, rest @ ..]| [t - 1.0 + first, rest[0], rest[1], rest[2], rest[3]]);
        let (found, code) = looked_at("log.csv", &written(&rows.collect::<Vec<_>>()));
        assert_eq!((code, &found["optimizer"]), (0, &"sgd".into()), "{found}");
        found["changes"].clone()
    };
    let falling = told(root, 100.0);
    assert_eq!(falling.as_array().map(Vec::len), Some(1), "{falling}");
    let way = ["step", "until", "how"].map(|key| falling[0][key].clone());
    assert_eq!(way, [json!(100), json!(148), json!("inverse root")]);
    let from_zero = told(halved, 0.0);
    let change = ["step", "from", "to"].map(|key| from_zero[0][key].clone());
    assert_eq!(change, [json!(20), json!(0.1), json!(0.05)]);
}

#[test]
fn a_log_of_every_tenth_step_is_told_to_lack_the_others() {
    let adam: Step = |w, g, s, t| w - down(corrected(g, s, t, (0.9, 0.999)));
    let rows: Vec<[f64; 5]> = log(adam, None).into_iter().step_by(10).collect();
    let (found, code) = looked_at("log.csv", &written(&rows));
    assert_eq!((code, &found["optimizer"]), (1, &Value::Null), "{found}");
    let message = text(&found["findings"][0]["message"]);
    assert!(message.starts_with("The log has one step of 10 (1, 11, 21, …)"), "{message}");
    assert!(message.contains("Log every step"), "{message}");
}

#[test]
fn logs_with_a_row_for_each_number_are_understood() {
    let rows = log(|w, g, s, t| w - down(corrected(g, s, t, (0.9, 0.999))), None);
    let tags = ["w", "b", "grads/w", "grads/b"];
    let line = |step: f64, at: usize, number: f64| format!("{step},{},{number}\n", tags[at]);
    let by_step = rows.iter().flat_map(|row| (0..4).map(|at| line(row[0], at, row[at + 1])));
    let by_tag = (0..4).flat_map(|at| rows.iter().map(move |row| (row[0], at, row[at + 1])));
    let by_tag = by_tag.map(|(step, at, number)| format!("17.5,{}", line(step, at, number)));
    let pair = |row: &[f64; 5], at: usize| {
        format!("{},{},{},{}\n", row[0], tags[at], row[at + 1], row[at + 3])
    };
    let pairs = rows.iter().flat_map(|row| (0..2).map(|at| pair(row, at)));
    for (head, body) in [
        ("step,tag,value", by_step.collect::<String>()),
        ("Wall time,Step,Tag,Value", by_tag.collect()),
        ("epoch,parameter,value,grad", pairs.collect()),
    ] {
        let (found, code) = looked_at("log.csv", &format!("{head}\n{body}"));
        assert_eq!(complaint(&found, "adam", &[("lr", 0.01)], 1e-6), None, "{head}");
        assert_eq!((code, &found["iterations"]), (0, &49.into()), "{head}");
    }
}

#[test]
fn documents_of_json_are_logs_too() {
    let rows = log(|w, g, s, t| w - down(corrected(g, s, t, (0.9, 0.999))), None);
    let object = |[step, w, b, g, h]: &[f64; 5]| {
        format!(
            "{{\"step\": {step}, \"weights\": {{\"w\": {w}, \"b\": {b}}}, \
             \"grad\": {{\"w\": {g}, \"b\": {h}}}}}"
        )
    };
    let list: Vec<String> = rows.iter().map(object).collect();
    let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
    let columns = format!(
        "{{\"lr\": 0.01, \"w\": {:?},\n \"b\": {:?}, \"grads\": {{\"w\": {:?}, \"b\": {:?}}}}}",
        column(1),
        column(2),
        column(3),
        column(4)
    );
    for (name, text) in [
        ("list.json", format!("[{}]", list.join(",\n"))),
        ("inside.json", format!("{{\"lr\": 0.01, \"log\": [{}]}}", list.join(","))),
        ("columns.json", columns),
        ("lines.jsonl", list.join("\n")),
    ] {
        let (found, code) = looked_at(name, &text);
        assert_eq!(code, 0, "{name}: {found}");
        assert_eq!(complaint(&found, "adam", &[("lr", 0.01)], 1e-6), None, "{name}");
    }
}

#[test]
fn lines_that_a_program_printed_are_logs_too() {
    let rows = log(|w, g, s, t| w - down(corrected(g, s, t, (0.9, 0.999))), None);
    let of = |line: &dyn Fn(&[f64; 5]) -> String| rows.iter().map(line).collect::<String>();
    let python = of(&|[t, w, b, g, h]| {
        format!("{{'step': {t}, 'w': {w:?}, 'b': {b:?}, 'w.grad': {g:?}, 'b.grad': {h:?}}}\n")
    });
    let logger = of(&|[t, w, b, g, h]| {
        format!(
            "[2026-01-02 10:00:0{}] INFO train: step={t} | w={w:?} | b={b:?} | grad_w={g:?} | \
             grad_b={h:?}\n",
            t % 10.0
        )
    });
    let tensors = of(&|[t, w, b, g, h]| {
        format!("Epoch {t}/60: w = tensor({w:?}, requires_grad=True), grad = tensor({g:?}), ")
            + &format!("b = tensor({b:?}), grad = tensor({h:?})\n")
    });
    let lists = of(&|[t, w, b, g, h]| format!("{t}: w: [{w:?} {b:?}]\n   grad: [{g:?} {h:?}]\n"));
    for (name, text) in [
        ("python.log", python),
        (
            "logger.log",
            format!("using device cpu\nlr=0.01, batch size: 8\n{logger}done: 60 steps\n"),
        ),
        ("tensors.txt", tensors),
        ("lists.out", lists),
    ] {
        let (found, code) = looked_at(name, &text);
        assert_eq!(code, 0, "{name}: {found}");
        assert_eq!(complaint(&found, "adam", &[("lr", 0.01)], 1e-6), None, "{name}");
    }
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
