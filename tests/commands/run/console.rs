//! What is printed: the table, one JSON object, nothing; the help.

use serde_json::{Value, json};

use crate::common::program::{Finished, WALKTHROUGH, gdtrace, names, run, walkthrough};
use crate::run::trace::Trace;

/// The keys of a JSON text in the order in which they stand.
fn keys(text: &str) -> Vec<&str> {
    let quoted: Vec<&str> = text.split('"').collect();
    // Between two quotes stands text; a colon after the second one makes it a key.
    let pairs = quoted.chunks_exact(2).enumerate().map(|(index, pair)| {
        let after = quoted.get(2 * index + 2).copied().unwrap_or_default();
        (pair[1], after)
    });
    pairs.filter(|(_, after)| after.starts_with(':')).map(|(key, _)| key).collect()
}

/// `number` as JSON reads it.
fn read_back(number: f64) -> Value {
    serde_json::from_str(&json!(number).to_string()).unwrap()
}

#[test]
fn json_has_exactly_the_promised_keys_in_their_order() {
    let mut promised = vec!["input", "sheet", "samples", "data", "sheet", "range"];
    promised.extend(["x", "header", "cells", "y", "header", "cells", "left_out"]);
    promised.extend(["epochs", "scale", "exact", "weights", "a", "b", "rmse", "optimizers"]);
    for hyper in [&["lr"][..], &["lr", "beta"], &["lr", "beta", "eps"]] {
        promised.extend(["name", "variant", "hyper"]);
        promised.extend(hyper);
        promised.extend(["lr_reason", "final", "a", "b", "rmse", "online_rmse", "diverged_at"]);
    }
    promised.extend(["name", "variant", "hyper", "lr", "beta1", "beta2", "eps", "lr_reason"]);
    promised.extend(["final", "a", "b", "rmse", "online_rmse", "diverged_at"]);
    promised.extend(["outputs", "workbook", "report"]);
    assert_eq!(keys(&WALKTHROUGH.stdout), promised);
}

#[test]
fn json_is_all_that_is_printed_and_says_what_was_run() {
    let json: Value = serde_json::from_str(&WALKTHROUGH.stdout).expect("nothing but JSON");
    assert_eq!(WALKTHROUGH.stderr, "");
    assert_eq!(json["input"], "graddes.xlsx");
    assert_eq!(json["sheet"], "data");
    assert_eq!([&json["samples"], &json["epochs"]], [29, 10]);
    assert_eq!(json["outputs"], json!({"workbook": "graddes.trace.xlsx", "report": null}));
    let runs = json["optimizers"].as_array().unwrap();
    let names: Vec<&str> = runs.iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["sgd", "momentum", "rmsprop", "adam"]);
    assert!(runs.iter().all(|run| run["variant"] == "textbook" && run["diverged_at"].is_null()));
}

#[test]
fn the_numbers_in_json_are_the_workbook_s() {
    let json: Value = serde_json::from_str(&WALKTHROUGH.stdout).unwrap();
    let epochs = WALKTHROUGH.book.sheet("epochs");
    for (index, run) in (0..).zip(json["optimizers"].as_array().unwrap()) {
        let name = run["name"].as_str().unwrap();
        let trace = Trace::of(&WALKTHROUGH.book, name);
        for (hyper, value) in run["hyper"].as_object().unwrap() {
            assert_eq!(*value, read_back(trace.input(hyper)), "{name} {hyper}");
        }
        let finals = json!({
            "a": read_back(trace.number(290, "new a")), "b": read_back(trace.number(290, "new b")),
        });
        assert_eq!(run["final"], finals, "{name}");
        for (key, column) in [("rmse", 4), ("online_rmse", 5)] {
            let rows = index * 10 + 1..=index * 10 + 10;
            let expected: Vec<Value> =
                rows.map(|row| read_back(epochs.number((row, column)))).collect();
            assert_eq!(run[key], Value::from(expected), "{name} {key}");
        }
    }
}

#[test]
fn json_keeps_every_digit() {
    let trace = Trace::of(&WALKTHROUGH.book, "momentum");
    let last = trace.number(290, "new a");
    assert!(WALKTHROUGH.stdout.contains(&format!("\"a\": {last}")), "{last}");
}

#[test]
fn a_csv_has_no_sheet_and_json_says_so() {
    let folder = walkthrough();
    folder.file("points.csv", "x;y\n1,5;2\n2,5;3\n");
    let words = ["run", "points.csv", "--no-report", "--json", "-o", "out.xlsx", "--epochs", "1"];
    let output = gdtrace(&folder, &words).success().get_output().clone();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["input"], &json["sheet"]), (&json!("points.csv"), &json!("")));
    assert_eq!((&json["samples"], &json["outputs"]["workbook"]), (&json!(2), &json!("out.xlsx")));
}

#[cfg(target_os = "linux")]
#[test]
fn json_shows_a_file_name_that_is_no_unicode_as_well_as_it_can() {
    use std::os::unix::ffi::OsStringExt;
    let folder = walkthrough();
    let name = std::ffi::OsString::from_vec(b"caf\xe9.xlsx".to_vec());
    std::fs::rename(folder.path("graddes.xlsx"), folder.path(".").join(&name)).unwrap();
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder.path("."))
        .args(["run", "--no-report", "--json", "--epochs", "1", "-o", "out.xlsx"])
        .arg(&name)
        .assert()
        .success()
        .get_output()
        .clone();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["input"], "caf\u{fffd}.xlsx");
}

#[test]
fn the_table_shows_each_optimizer_the_exact_line_and_the_files_written() {
    let finished = Finished::of("--optimizers sgd,adam");
    let lines: Vec<Vec<&str>> =
        finished.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for line in [
        "29 samples from graddes.xlsx, sheet 'data', cells A9:B37",
        "y = a*x + b, 10 epochs, 290 steps for each optimizer",
        "optimizer lr final a final b RMSE online RMSE",
        "sgd 0.0001 2.602327 1.579107 16.735196 19.314848",
        "adam 0.5 1.978811 30.155083 0.936476 12.783777",
        "exact line 2.000000 30.000000 0.000000",
        "wrote graddes.trace.xlsx",
    ] {
        assert!(lines.iter().any(|one| *one == words(line)), "{line}\n{}", finished.stdout);
    }
    assert_eq!(finished.stdout.matches("wrote ").count(), 1, "{}", finished.stdout);
    assert_eq!(finished.stderr, "");
}

#[test]
fn quiet_prints_nothing_but_warnings() {
    for option in ["--quiet", "-q"] {
        let finished = Finished::of(&format!("{option} --epochs 1"));
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
    }
    let diverged = Finished::of("--quiet --epochs 2 --set sgd.lr=1");
    assert_eq!(diverged.stdout, "");
    assert!(diverged.stderr.starts_with("warning: sgd diverged"), "{}", diverged.stderr);
}

#[test]
fn no_report_writes_the_workbook_alone() {
    let folder = walkthrough();
    run(&folder, "--epochs 1").success();
    assert_eq!(names(&folder), ["graddes.trace.xlsx", "graddes.xlsx"]);
}

#[test]
fn help_lists_every_option_and_the_exit_codes() {
    let folder = walkthrough();
    let help = gdtrace(&folder, &["run", "--help"]).success().get_output().clone();
    let help = String::from_utf8(help.stdout).unwrap();
    let options = "--like --sheet --x --y --range --delimiter --decimal --config --print-config --optimizers --optimizer-file --dialect --epochs --until --patience --model --network \
                   --loss --scale --gates --init --seed --set --preset --batch-size --shuffle --l2 --weight-decay --decay-weights --clip --schedule --output --no-report --force --threads --json --quiet --format --keep --values-only --separate --in-place --help";
    for option in options.split_whitespace() {
        let is_listed = |line: &str| line.split([' ', ',']).any(|word| word == option);
        let line = help.lines().find(|line| line.starts_with(' ') && is_listed(line));
        assert!(line.is_some(), "{option} is not in\n{help}");
    }
    let listed = help.lines().filter(|line| line.trim_start().starts_with('-')).count();
    assert_eq!(listed, options.split_whitespace().count(), "{help}");
    assert!(help.contains("Exit codes: 0 done"), "{help}");
    assert!(help.contains("2 usage or input errors"), "{help}");
    assert!(help.contains("gdtrace run graddes.xlsx"), "{help}");
}

#[test]
fn help_groups_the_options_by_what_they_are_about() {
    let folder = walkthrough();
    let help = gdtrace(&folder, &["run", "-h"]).success().get_output().clone();
    let help = String::from_utf8(help.stdout).unwrap();
    let heading_of = |option: &str| {
        let mut above = help.split(option).next().unwrap().lines();
        above.rfind(|line| line.ends_with(':') && !line.starts_with(' ')).unwrap().to_owned()
    };
    for option in [
        "--optimizers",
        "--epochs",
        "--until",
        "--patience",
        "--model",
        "--network",
        "--loss",
        "--gates",
        "--init",
        "--seed",
        "--set",
        "--preset",
    ] {
        assert_eq!(heading_of(&format!(" {option} ")), "What is run:", "{option}\n{help}");
    }
    for option in ["--sheet", "--x", "--y", "--range", "--delimiter", "--decimal"] {
        assert_eq!(heading_of(&format!(" {option} ")), "Where the data are:", "{option}\n{help}");
    }
    for option in [
        "--output",
        "--no-report",
        "--force",
        "--threads",
        "--json",
        "--quiet",
        "--separate",
        "--in-place",
    ] {
        assert_eq!(heading_of(&format!(" {option} ")), "What is written:", "{option}\n{help}");
    }
}

#[test]
fn the_program_s_own_help_names_the_commands_and_the_exit_codes() {
    let folder = walkthrough();
    let help = gdtrace(&folder, &["--help"]).success().get_output().clone();
    let help = String::from_utf8(help.stdout).unwrap();
    for words in ["  run ", "  new ", "Exit codes: 0 done", "2 usage or input errors"] {
        assert!(help.contains(words), "{words} is not in\n{help}");
    }
}
