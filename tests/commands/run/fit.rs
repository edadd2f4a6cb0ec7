//! What is chosen for the user from the data: learning rates, and a scale. The words that say so, and
//! the way back to the units of the data against a computation of its own.

use serde_json::Value;

use crate::common::book::Book;
use crate::common::books::Folder;
use crate::common::program::{gdtrace, said, walkthrough};

/// House prices: x in the hundreds, y in the hundred thousands.
const HOMES: [(f64, f64); 10] = [
    (64.0, 241_000.0),
    (143.0, 405_000.0),
    (88.0, 310_000.0),
    (121.0, 389_000.0),
    (57.0, 212_000.0),
    (172.0, 498_000.0),
    (99.0, 301_000.0),
    (205.0, 561_000.0),
    (76.0, 255_000.0),
    (134.0, 430_000.0),
];

fn folder() -> Folder {
    let folder = walkthrough();
    let lines: Vec<String> = HOMES.iter().map(|(x, y)| format!("{x},{y}")).collect();
    folder.file("homes.csv", format!("x,y\n{}\n", lines.join("\n")));
    folder
}

/// What a command with these words printed as JSON, and its notes.
fn json(folder: &Folder, words: &str) -> (Value, String) {
    let words: Vec<&str> = words.split_whitespace().chain(["--json", "--no-report"]).collect();
    let (printed, notes, code) = said(folder, &words);
    assert_eq!(code, 0, "{notes}");
    (serde_json::from_str(&printed).unwrap(), notes)
}

fn reasons(json: &Value) -> Vec<&Value> {
    json["optimizers"].as_array().unwrap().iter().map(|run| &run["lr_reason"]).collect()
}

/// Whether two numbers agree to so many digits.
fn is_close(one: f64, other: f64, digits: i32) -> bool {
    (one - other).abs() <= 10_f64.powi(-digits) * other.abs()
}

#[test]
fn the_walkthrough_keeps_its_rates_and_its_units() {
    let (json, notes) = json(&walkthrough(), "run graddes.xlsx");
    assert_eq!(notes, "");
    assert!(json["scale"].is_null() && reasons(&json).iter().all(|reason| reason.is_null()));
    let exact = &json["exact"];
    assert_eq!([&exact["weights"]["a"], &exact["weights"]["b"], &exact["rmse"]], [2.0, 30.0, 0.0]);
}

#[test]
fn a_rate_that_would_diverge_is_replaced_and_a_line_says_why() {
    let folder = folder();
    let (json, notes) = json(&folder, "run homes.csv --scale none --optimizers sgd,adam");
    let expected = "note: sgd: lr 0.0001 would diverge here (x reaches 205; the largest stable is \
                    0.000024): took 2e-6\n\
                    note: adam: lr 0.5 would hardly move here (b has 85500 to go in 100 steps): \
                    took 500\n";
    assert_eq!(notes, expected);
    for (run, line) in json["optimizers"].as_array().unwrap().iter().zip(expected.lines()) {
        let said = format!(
            "note: {}: {}",
            run["name"].as_str().unwrap(),
            run["lr_reason"].as_str().unwrap()
        );
        assert_eq!(said, line);
        assert!(run["diverged_at"].is_null());
    }
    // 2/λ with λ = 2(x² + 1) of the steepest sample.
    let largest: f64 = 1.0 / (205.0_f64 * 205.0 + 1.0);
    assert_eq!(format!("{largest:.1e}"), "2.4e-5");
}

#[test]
fn what_the_user_sets_is_taken() {
    let folder = folder();
    let (first, notes) = json(&folder, "run homes.csv --optimizers sgd --set lr=0.0001");
    assert_eq!(first["optimizers"][0]["hyper"]["lr"], 0.0001);
    assert!(reasons(&first)[0].is_null() && first["scale"].is_null());
    assert!(notes.starts_with("warning: sgd "), "{notes}");
    let (one, notes) = json(&folder, "run homes.csv --optimizers sgd,adam --set sgd.lr=1e-6");
    assert_eq!(notes.lines().count(), 1);
    assert!(reasons(&one)[0].is_null() && reasons(&one)[1].is_string() && one["scale"].is_null());
}

#[test]
fn a_rate_can_be_asked_for() {
    let (json, notes) =
        json(&walkthrough(), "run graddes.xlsx --optimizers sgd,adam --set adam.lr=auto");
    assert!(reasons(&json)[0].is_null());
    let said = "note: adam: lr=auto (b has 29 to go in 290 steps): took ";
    assert!(notes.starts_with(said) && notes.lines().count() == 1, "{notes}");
    let rate = notes.trim_end().strip_prefix(said).unwrap();
    assert_eq!(json["optimizers"][1]["hyper"]["lr"].as_f64(), rate.parse().ok());
    assert!(matches!(rate.trim_start_matches(['0', '.']).chars().next(), Some('1' | '2' | '5')));
}

#[test]
fn only_the_rate_can_be_asked_for() {
    let folder = walkthrough();
    for (set, words) in [
        (
            "beta1=auto",
            "beta1 is not chosen from the data\n  --> --set beta1=auto\n  help: only lr=auto is",
        ),
        ("lr=fast", "`fast` is not a number"),
        ("x.lr=auto", "there is no optimizer `x`"),
    ] {
        let (_, errors, code) = said(&folder, &["run", "graddes.xlsx", "--set", set]);
        assert!(code == 2 && errors.starts_with(&format!("error: {words}")), "{errors}");
    }
    let (_, errors, code) = said(&folder, &["run", "graddes.xlsx", "--scale", "log"]);
    assert!(code == 2 && errors.contains("write zscore, minmax, none or auto"), "{errors}");
}

#[test]
fn where_no_rate_comes_near_the_columns_are_scaled_and_a_line_says_how_not_to() {
    let folder = folder();
    let (_, notes, _) =
        said(&folder, &["run", "homes.csv", "--epochs", "10", "-o", "my homes.xlsx"]);
    let first = notes.lines().next().unwrap();
    let start = "note: x and y are scaled, each less its mean, divided by its standard deviation: as \
                 they are, no learning rate comes near the exact line in 10 epochs (RMSE 33000 at \
                 best, 15300 is possible); weights and RMSE are given in the data's own units too; \
                 without: gdtrace run homes.csv --epochs 10 --output \"my homes.xlsx\" --scale none";
    // The order of the options is that of the help.
    let words = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(words(first), words(start), "{first}");
}

#[test]
fn results_of_scaled_columns_are_in_the_units_of_the_data() {
    let folder = folder();
    let (json, _) = json(&folder, "run homes.csv");
    let n = HOMES.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| HOMES.iter().map(pick).sum::<f64>() / n;
    let (mx, my) = (mean(|one| one.0), mean(|one| one.1));
    let sxy: f64 = HOMES.iter().map(|(x, y)| (x - mx) * (y - my)).sum();
    let sxx: f64 = HOMES.iter().map(|(x, _)| (x - mx) * (x - mx)).sum();
    let syy: f64 = HOMES.iter().map(|(_, y)| (y - my) * (y - my)).sum();
    let columns = &json["scale"]["columns"];
    assert_eq!(json["scale"]["kind"], "zscore");
    let number = |value: &Value| value.as_f64().unwrap();
    for (column, center, squares) in [("x", mx, sxx), ("y", my, syy)] {
        assert!(is_close(number(&columns[column]["mean"]), center, 14));
        assert!(is_close(number(&columns[column]["standard_deviation"]), (squares / n).sqrt(), 14));
    }
    let rmse = |a: f64, b: f64| {
        (HOMES.iter().map(|(x, y)| (a * x + b - y).powi(2)).sum::<f64>() / n).sqrt()
    };
    let slope = sxy / sxx;
    let exact = &json["exact"];
    assert!(is_close(number(&exact["weights"]["a"]), slope, 12));
    assert!(is_close(number(&exact["weights"]["b"]), my - slope * mx, 11));
    assert!(is_close(number(&exact["rmse"]), rmse(slope, my - slope * mx), 12));
    for run in json["optimizers"].as_array().unwrap() {
        let (a, b) = (number(&run["final"]["a"]), number(&run["final"]["b"]));
        let last = run["rmse"].as_array().unwrap().last().unwrap();
        assert!(is_close(number(last), rmse(a, b), 11), "{run}");
    }
}

#[test]
fn the_sheets_lead_back_by_formulas() {
    let folder = folder();
    let (json, _) = json(&folder, "run homes.csv");
    let book = Book::open(&folder.path("homes.trace.xlsx"));
    let data = book.sheet("data");
    assert_eq!(
        data.texts(6),
        ["sample", "x", "y", "x scaled", "y scaled", "x from cell", "y from cell"]
    );
    assert_eq!([data.text((3, 0)), data.text((4, 0))], ["mean", "standard deviation"]);
    assert_eq!(data.formula((3, 1)), "AVERAGE($B$8:$B$17)");
    let spread = "IF(MAX($B$8:$B$17)=MIN($B$8:$B$17),1,SQRT(SUMPRODUCT(($B$8:$B$17-$B$4)^2)/COUNT($B$8:$B$17)))";
    assert_eq!(data.formula((4, 1)), spread);
    assert_eq!(data.formula((7, 3)), "(B8-$B$4)/$B$5");
    assert_eq!(data.number((7, 1)), 64.0);
    let epochs = book.sheet("epochs");
    let heads = epochs.texts(0);
    assert_eq!(heads[6..], ["unscaled a", "unscaled b", "unscaled rmse", "unscaled online_rmse"]);
    assert_eq!(epochs.formula((10, 6)), "$C11*data!$C$5/data!$B$5");
    assert_eq!(epochs.formula((10, 7)), "data!$C$4+data!$C$5*$D11-$G11*data!$B$4");
    assert_eq!(epochs.formula((10, 8)), "data!$C$5*$E11");
    let sgd = &json["optimizers"][0];
    let number = |value: &Value| value.as_f64().unwrap();
    for (at, value) in [(6, &sgd["final"]["a"]), (7, &sgd["final"]["b"]), (8, &sgd["rmse"][9])] {
        assert!(is_close(epochs.number((10, at)), number(value), 14));
    }
    let summary = book.sheet("summary").all_texts();
    for line in [
        "Results, in the units of the data",
        "rmse = standard deviation of y * scaled rmse",
        "a = scaled a * standard deviation of y / standard deviation of x",
        "b = mean of y + standard deviation of y * scaled b - a * mean of x",
    ] {
        assert!(summary.contains(&line), "{line}");
    }
}

#[test]
fn a_trace_of_scaled_columns_compares_clean() {
    let folder = folder();
    for scale in ["zscore", "minmax"] {
        json(&folder, &format!("run homes.csv --force --scale {scale}"));
        gdtrace(&folder, &["compare", "homes.trace.xlsx"]).success();
        let record = crate::common::book::parts(&folder.path("homes.trace.xlsx"));
        let custom = record.iter().find(|(name, _)| name == "docProps/custom.xml").unwrap();
        assert!(
            custom.1.contains(&format!("scale&quot;:&quot;{scale}"))
                || custom.1.contains(&format!("\"scale\":\"{scale}\""))
        );
    }
}

#[test]
fn a_condition_and_a_row_explained_know_the_units() {
    let folder = folder();
    let (json, _) =
        json(&folder, "run homes.csv --scale minmax --until rmse<20000 --optimizers adam");
    let run = &json["optimizers"][0];
    let rmse: Vec<f64> = serde_json::from_value(run["rmse"].clone()).unwrap();
    let (last, before) = rmse.split_last().unwrap();
    assert!(run["stopped_by"] == "until" && *last < 20_000.0, "{rmse:?}");
    assert!(before.iter().all(|rmse| *rmse >= 20_000.0), "{rmse:?}");
    let words = [
        "explain",
        "homes.csv",
        "--scale",
        "minmax",
        "--optimizer",
        "adam",
        "--step",
        "2",
        "--column",
        "x",
    ];
    let (printed, notes, _) = said(&folder, &words);
    assert!(
        notes
            .starts_with("note: x and y are scaled, each less its minimum, divided by its range\n"),
        "{notes}"
    );
    assert!(
        printed.contains("x = (x of the data - its minimum)/its range\n   = (143 - 57)/148\n"),
        "{printed}"
    );
}

#[test]
fn what_has_no_way_back_is_said_to_stay_scaled() {
    let folder = folder();
    let words = ["run", "homes.csv", "--model", "a*x^2 + b", "--scale", "zscore", "--no-report"];
    let (printed, _, code) = said(&folder, &words);
    assert_eq!(code, 0);
    let line = "trained on scaled columns (zscore); the errors are in the units of the data, the weights are those of the scaled columns:";
    assert!(printed.lines().any(|one| one == line), "{printed}");
}

#[test]
fn with_classes_the_inputs_alone_are_scaled() {
    let folder = Folder::new();
    folder.file("pass.csv", "x,y\n10,0\n20,0\n30,0\n40,1\n50,1\n60,1\n");
    let words = [
        "run",
        "pass.csv",
        "--model",
        "sigmoid(a*x + b)",
        "--loss",
        "log",
        "--scale",
        "zscore",
        "--json",
        "--no-report",
    ];
    let (printed, notes, code) = said(&folder, &words);
    assert_eq!(code, 0, "{notes}");
    assert!(
        notes.starts_with("note: x is scaled, it less its mean") || notes.contains("x is scaled"),
        "{notes}"
    );
    let json: Value = serde_json::from_str(&printed).unwrap();
    assert!(json["scale"]["columns"]["x"].is_object() && json["scale"]["columns"]["y"].is_null());
}

#[test]
fn printed_settings_have_what_was_chosen_and_say_the_same_again() {
    let folder = folder();
    let (printed, _, code) = said(&folder, &["run", "homes.csv", "--print-config"]);
    assert_eq!(code, 0);
    assert!(printed.contains("\nscale = \"zscore\"\n"), "{printed}");
    let (chosen, _) = json(&folder, "run homes.csv -o one.xlsx");
    folder.file("again.toml", &printed);
    let (again, notes) = json(&folder, "run homes.csv --config again.toml -o two.xlsx");
    assert!(!notes.contains("took"), "{notes}");
    let runs = |json: &Value| json["optimizers"].as_array().unwrap().clone();
    for (one, other) in runs(&chosen).iter().zip(&runs(&again)) {
        assert_eq!((&one["hyper"], &one["rmse"]), (&other["hyper"], &other["rmse"]));
    }
}

#[test]
fn an_optimizer_of_one_s_own_and_other_models_get_a_rate_too() {
    let folder = folder();
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/trust.toml");
    folder.file("trust.toml", std::fs::read(own).unwrap());
    for words in [
        "--optimizer-file trust.toml --optimizers trust --set lr=auto",
        "--optimizers sgd --model c*x^2+a*x+b",
        "--optimizers sgd --batch-size 4 --schedule cosine",
        "--optimizers momentum --loss huber:1000 --set lr=auto",
        "--optimizers sgd --clip 100",
    ] {
        let (json, _) = json(&folder, &format!("run homes.csv --scale none --force {words}"));
        for run in json["optimizers"].as_array().unwrap() {
            let rmse: Vec<f64> = serde_json::from_value(run["rmse"].clone()).unwrap();
            assert!(run["lr_reason"].is_string() && run["diverged_at"].is_null(), "{words}: {run}");
            assert!(rmse[9] < 330_000.0, "{words}: {rmse:?}");
        }
    }
}

#[test]
fn a_model_of_several_columns_has_an_exact_solution() {
    let folder = Folder::new();
    let rows: Vec<String> = (0..12)
        .map(|i| {
            let (p, q) = (f64::from(i * 7 % 12), f64::from(i * i % 5));
            format!("{p},{q},{}", 3.0 * p - 2.0 * q + 5.0)
        })
        .collect();
    folder.file("plane.csv", format!("p,q,y\n{}\n", rows.join("\n")));
    let words = ["run", "plane.csv", "--model", "u*p + v*q + w", "--json", "--no-report"];
    let (printed, _, code) = said(&folder, &words);
    assert_eq!(code, 0);
    let json: Value = serde_json::from_str(&printed).unwrap();
    for (weight, value) in [("u", 3.0), ("v", -2.0), ("w", 5.0)] {
        assert!(is_close(json["exact"]["weights"][weight].as_f64().unwrap(), value, 13));
    }
    assert!(json["exact"]["rmse"].as_f64().unwrap() < 1e-12);
    let words =
        ["run", "plane.csv", "--model", "u*p + v*p + w*q", "--json", "--no-report", "-o", "o.xlsx"];
    let json: Value = serde_json::from_str(&said(&folder, &words).0).unwrap();
    assert!(json["exact"].is_null(), "u and v cannot be told apart");
}
