//! The contract of `gdtrace sweep`, from outside: what it prints and writes, its errors, and its
//! numbers against single runs.

use std::fs;

use crate::common::book;
use crate::common::book::Book;
use crate::common::books::Folder;
use crate::common::program;
use crate::common::program::{gdtrace, names, said, walkthrough};
use serde_json::{Value, json};

/// What `gdtrace sweep graddes.xlsx` with these words printed, its notes, its exit code.
fn sweep_in(folder: &Folder, words: &[&str]) -> (String, String, i32) {
    let words: Vec<&str> = ["sweep", "graddes.xlsx"].iter().chain(words).copied().collect();
    said(folder, &words)
}

fn json_of(folder: &Folder, options: &str) -> Value {
    let words: Vec<&str> = options.split_whitespace().chain(["--json"]).collect();
    let (printed, errors, code) = sweep_in(folder, &words);
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&printed).unwrap()
}

/// Reading JSON may be off by the last digit.
fn is_close(number: f64, printed: &Value) -> bool {
    let printed = printed.as_f64().unwrap();
    (number - printed).abs() <= 1e-14 * printed.abs()
}

fn failure(options: &[&str]) -> String {
    let folder = walkthrough();
    let (printed, errors, code) = sweep_in(&folder, options);
    assert_eq!((printed.as_str(), code), ("", 2), "{errors}");
    assert_eq!(names(&folder), ["graddes.xlsx"], "nothing is written");
    errors
}

#[test]
fn every_run_has_the_numbers_of_a_single_one() {
    let folder = walkthrough();
    let options = "--optimizers sgd,quick=adam --vary lr=1e-5,1e-4 --vary batch-size=1,4,all \
                   --epochs 4 --shuffle --seed 3 --init a=2,b=-1 --clip 500 --no-report";
    let swept = json_of(&folder, options);
    let runs = swept["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 12);
    for run in runs {
        let optimizer = match run["optimizer"].as_str().unwrap() {
            "adam" => "quick=adam",
            other => other,
        };
        let (lr, batch) = (&run["hyper"]["lr"], run["hyper"]["batch-size"].as_f64().unwrap());
        let line = format!(
            "run graddes.xlsx --optimizers {optimizer} --set lr={lr} --batch-size {batch} \
             --epochs 4 --shuffle --seed 3 --init a=2,b=-1 --clip 500 --no-report --json --quiet"
        );
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = gdtrace(&folder, &words).success().get_output().stdout.clone();
        let single: Value = serde_json::from_slice(&output).unwrap();
        let single = &single["optimizers"][0];
        let rmse = single["rmse"].as_array().unwrap();
        let smallest = rmse.iter().filter_map(Value::as_f64).fold(f64::INFINITY, f64::min);
        assert_eq!(run["rmse"], rmse[3], "{line}");
        assert_eq!(run["best_rmse"], smallest, "{line}");
        for key in ["final", "variant", "diverged_at"] {
            assert_eq!(run[key], single[key], "{line}");
        }
    }
}

#[test]
fn json_has_its_keys_and_nothing_more() {
    let folder = walkthrough();
    let options = "--vary sgd.lr=1e-4,1e-1 --vary adam.lr=0.5 --epochs 20 --converged 20";
    let mut swept = json_of(&folder, options);
    let single = json_of(&folder, "--vary sgd.lr=1e-4 --epochs 20 --converged 20 -o other.xlsx");
    assert_eq!(swept["runs"][0], single["runs"][0]);
    let rmse = swept["runs"][2]["rmse"].as_f64().unwrap();
    for run in swept["runs"].as_array_mut().unwrap() {
        for key in ["final", "rmse", "best_rmse"] {
            assert!(run.as_object_mut().unwrap().remove(key).is_some(), "{key}");
        }
    }
    assert!(rmse < 10.0, "{rmse}");
    let run = |optimizer: &str, lr: f64, converged: Value, diverged: Value| {
        json!({
            "optimizer": optimizer, "variant": "textbook", "hyper": {"lr": lr},
            "converged_at_step": converged, "diverged_at": diverged,
        })
    };
    let expected = json!({
        "input": "graddes.xlsx", "sheet": "data", "samples": 29, "epochs": 20,
        "data": {
            "sheet": "data", "range": "A9:B37",
            "x": [{"header": "x", "cells": "A9:A37"}], "y": {"header": "y", "cells": "B9:B37"},
            "left_out": [],
        },
        "vary": [
            {"name": "lr", "optimizer": "sgd", "values": [1e-4, 0.1]},
            {"name": "lr", "optimizer": "adam", "values": [0.5]},
        ],
        "converged_below": 20.0,
        "runs": [
            run("sgd", 1e-4, json!(29), Value::Null),
            run("sgd", 0.1, Value::Null, swept["runs"][1]["diverged_at"].clone()),
            run("adam", 0.5, swept["runs"][2]["converged_at_step"].clone(), Value::Null),
        ],
        "best": 2,
        "outputs": {"workbook": "graddes.sweep.xlsx", "report": "graddes.sweep.html"},
    });
    assert!(swept["runs"][1]["diverged_at"].as_u64().is_some_and(|step| step > 1));
    assert_eq!(swept, expected);
}

#[test]
fn a_run_has_converged_at_the_first_epoch_below_the_threshold() {
    let folder = walkthrough();
    let swept = json_of(&folder, "--optimizers adam --vary lr=0.3,0.5 --epochs 30 --no-report");
    // The exact line fits exactly, so that 1 % of the RMSE at the start counts.
    let below = swept["converged_below"].as_f64().unwrap();
    let words = "run graddes.xlsx --optimizers adam --set lr=0.5 --epochs 30 --json --no-report";
    let words: Vec<&str> = words.split_whitespace().collect();
    let output = gdtrace(&folder, &words).success().get_output().stdout.clone();
    let single: Value = serde_json::from_slice(&output).unwrap();
    let rmse: Vec<f64> = serde_json::from_value(single["optimizers"][0]["rmse"].clone()).unwrap();
    let epoch = rmse.iter().position(|rmse| *rmse <= below).unwrap() + 1;
    assert_eq!(swept["runs"][1]["converged_at_step"], 29 * epoch);
    assert!((below / 76.135 - 0.01).abs() < 1e-5, "{below}");
    // Another model has no exact line: 1 % above the best RMSE of all runs.
    let line = "--model a*x --init 1 --optimizers sgd --vary lr=1e-5..1e-4:5 --no-report";
    let swept = json_of(&folder, line);
    let runs = swept["runs"].as_array().unwrap();
    let best = runs.iter().map(|run| run["best_rmse"].as_f64().unwrap());
    let best = best.fold(f64::INFINITY, f64::min);
    assert!(is_close(1.01 * best, &swept["converged_below"]));
    assert!(runs.iter().any(|run| run["converged_at_step"].is_u64()));
}

#[test]
fn the_optimizers_that_have_what_is_varied_are_run() {
    let folder = walkthrough();
    let optimizers = |options: &str| -> Vec<String> {
        let swept = json_of(&folder, &format!("{options} --epochs 1 --no-report"));
        let runs = swept["runs"].as_array().unwrap();
        runs.iter().map(|run| run["optimizer"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(optimizers("--vary lr=0.1"), ["sgd", "momentum", "rmsprop", "adam"]);
    assert_eq!(optimizers("--vary lr=0.1 --vary beta=0.8"), ["momentum", "rmsprop"]);
    assert_eq!(optimizers("--vary beta1=0.5,0.9"), ["adam", "adam"]);
    assert_eq!(optimizers("--vary momentum.beta=0.9"), ["momentum"]);
    assert_eq!(optimizers("--optimizers sgd,momentum --vary beta=0.8,0.9").len(), 3);
    assert_eq!(optimizers("--vary clip=1,10 --optimizers sgd").len(), 2);
}

#[test]
fn the_table_marks_the_best_and_the_command_traces_it() {
    let folder = walkthrough();
    let words = ["--vary", "lr=1e-5,1e-4,1e-1", "--optimizers", "sgd,momentum", "--l2", "0.5"];
    let words: Vec<&str> =
        words.into_iter().chain(["--init", "a=0.5,b=-2", "--model", "a*x + b"]).collect();
    let (printed, notes, code) = sweep_in(&folder, &words);
    assert_eq!((notes.as_str(), code), ("", 0));
    let marked: Vec<&str> =
        printed.lines().filter(|line| line.trim_end().ends_with(" best")).collect();
    assert_eq!(marked.len(), 1, "{printed}");
    assert!(printed.contains(" diverged at step "), "{printed}");
    let rmse = marked[0].split_whitespace().nth(4).unwrap();
    let command = printed.lines().find_map(|line| line.strip_prefix("  gdtrace ")).unwrap();
    let parts = command.split('"').enumerate();
    let words: Vec<&str> = parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect();
    for word in ["--l2", "a=0.5,b=-2", "a*x + b"] {
        assert!(words.contains(&word), "{command}");
    }
    let output = gdtrace(&folder, &words).success().get_output().stdout.clone();
    let traced = String::from_utf8(output).unwrap();
    let optimizer = marked[0].split_whitespace().next().unwrap();
    let row = traced.lines().find(|line| line.starts_with(&format!(" {optimizer} "))).unwrap();
    assert!(row.split_whitespace().any(|word| word == rmse), "{rmse} is not in {row}");
    let files = ["sweep.html", "sweep.xlsx", "trace.html", "trace.xlsx", "xlsx"];
    assert_eq!(names(&folder), files.map(|end| format!("graddes.{end}")));
}

#[test]
fn a_long_table_is_cut_to_the_best_runs() {
    let folder = walkthrough();
    let (printed, notes, _) = sweep_in(&folder, &["--vary", "lr=1e-6..1e-2:25"]);
    assert_eq!(notes, "note: lr is varied: 25 values from 1e-6 to 0.01 by equal factors\n");
    assert!(printed.contains("\n … 80 more in graddes.sweep.xlsx\n"), "{printed}");
    assert!(printed.contains("it has the largest lr that was tried"), "{printed}");
    let names = [" sgd ", " momentum ", " rmsprop ", " adam "];
    let is_run = |line: &&str| names.iter().any(|name| line.starts_with(name));
    assert_eq!(printed.lines().filter(is_run).count(), 20);
}

#[test]
fn the_workbook_has_a_row_for_each_run_and_live_marks() {
    let folder = walkthrough();
    let options = "--optimizers sgd --vary lr=1e-5,1e-4,1e-1";
    let swept = json_of(&folder, options);
    let book = Book::open(&folder.path("graddes.sweep.xlsx"));
    assert_eq!(book.names(), ["sweep"]);
    let sheet = book.sheet("sweep");
    let (head, _) = sheet.places("optimizer")[0];
    let heads = sheet.texts(head);
    let expected = [
        "optimizer",
        "lr",
        "final a",
        "final b",
        "rmse",
        "best_rmse",
        "best_epoch",
        "converged_epoch",
        "converged_step",
        "diverged_at",
        "result",
        "diverged in chart",
    ];
    assert_eq!(heads, expected);
    let at = |head: &str| heads.iter().position(|one| *one == head).unwrap() as u32;
    for (row, run) in (head + 1..).zip(swept["runs"].as_array().unwrap()) {
        assert_eq!(sheet.number((row, 1)), run["hyper"]["lr"].as_f64().unwrap());
        if let Some(step) = run["diverged_at"].as_f64() {
            assert_eq!(sheet.number((row, at("diverged_at"))), step);
            assert!(!sheet.cells.contains_key(&(row, at("rmse"))), "a gap in the chart");
            let told = format!("diverged at step {step}");
            assert_eq!(sheet.text((row, at("result"))), told);
        } else {
            assert!(is_close(sheet.number((row, at("rmse"))), &run["rmse"]));
        }
        assert!(sheet.formula((row, at("result"))).starts_with("IF(ISNUMBER("));
    }
    let best = swept["best"].as_u64().unwrap() as u32;
    assert_eq!(sheet.places("best"), [(head + 1 + best, at("result"))]);
    assert_eq!(sheet.number((sheet.places("row of the best")[0].0, 1)), f64::from(best + 1));
    let rmse = sheet.places("best RMSE")[0].0;
    assert!(sheet.formula((rmse, 1)).contains("INDEX("));
    let charts = book::parts(&folder.path("graddes.sweep.xlsx"));
    assert_eq!(charts.iter().filter(|(name, _)| name.starts_with("xl/charts/chart")).count(), 1);
}

#[test]
fn a_heat_map_looks_up_the_table() {
    let folder = walkthrough();
    let options =
        "--optimizers adam --vary lr=0.1,0.5,1 --vary beta1=0.5,0.9 --vary beta2=0.9,0.99";
    let swept = json_of(&folder, options);
    let book = Book::open(&folder.path("graddes.sweep.xlsx"));
    assert_eq!(book.names(), ["sweep", "map adam"]);
    let map = book.sheet("map adam");
    let (row, _) = map.places("beta1 ↓")[0];
    let shown = map.number((map.places("beta2")[0].0, 1));
    let best = &swept["runs"][swept["best"].as_u64().unwrap() as usize];
    assert_eq!(shown, best["hyper"]["beta2"].as_f64().unwrap(), "the best slice");
    let mut cells = 0;
    for run in swept["runs"].as_array().unwrap() {
        let hyper = |name: &str| run["hyper"][name].as_f64().unwrap();
        if hyper("beta2") != shown {
            continue;
        }
        let column = (1..=3).find(|at| map.number((row, *at)) == hyper("lr")).unwrap();
        let below = (1..=2).find(|at| map.number((row + at, 0)) == hyper("beta1")).unwrap();
        let cell = (row + below, column);
        assert!(is_close(map.number(cell), &run["rmse"]));
        assert!(map.formula(cell).contains("SUMIFS(sweep!"), "{}", map.formula(cell));
        cells += 1;
    }
    assert_eq!(cells, 6);
}

#[test]
fn the_report_stands_alone_and_shows_what_happened() {
    let folder = walkthrough();
    let words = ["--optimizers", "sgd", "--vary", "lr=1e-5,1e-4,1e-1", "--quiet"];
    assert_eq!(sweep_in(&folder, &words), (String::new(), String::new(), 0));
    let page = fs::read_to_string(folder.path("graddes.sweep.html")).unwrap();
    for text in [
        "default-src 'none'",
        "Which lr is best?",
        "gdtrace run graddes.xlsx --optimizers sgd",
        "A run has converged after",
        "<figure class=\"chart\" data-figure=\"curve-0\">",
        "Crosses at the top are runs that diverged.",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(
        !page.contains("https://") && !page.replace("http://www.w3.org/", "").contains("http://")
    );
    let words = "--optimizers momentum --vary lr=1e-5,1e-4,1e-1 --vary beta=0.5,0.9,0.95 --quiet";
    let words: Vec<&str> = words.split_whitespace().collect();
    assert_eq!(sweep_in(&folder, &words).2, 0);
    let page = fs::read_to_string(folder.path("graddes.sweep.html")).unwrap();
    let store = page.split("id=\"gd-store\">").nth(1).unwrap().split("</script>").next().unwrap();
    let sweep = &serde_json::from_str::<Value>(store).unwrap()["sweep"];
    let cells = sweep["maps"][0]["cells"].as_array().unwrap();
    assert_eq!((cells.len(), cells[0].as_array().unwrap().len()), (3, 3));
    let lost = &sweep["runs"][6];
    assert_eq!(lost["with"], "lr 0.1, beta 0.5");
    assert!(lost["mark"].as_str().unwrap().starts_with("diverged at step "), "{lost}");
    let command = sweep["commands"][6].as_str().unwrap();
    assert!(command.contains("--set beta=0.5 --set lr=0.1"), "{command}");
}

#[test]
fn settings_from_a_file_are_taken() {
    let folder = walkthrough();
    let settings = "vary = [\"lr=1e-5,1e-4\", \"beta=0.8,0.9\"]\nepochs = 2\noutput = \"run.xlsx\"\n\
                    optimizers = [\"momentum\"]\n[set]\nbeta = 0.99\n";
    fs::write(folder.path("gdtrace.toml"), settings).unwrap();
    let from_file = json_of(&folder, "");
    assert_eq!(from_file["runs"].as_array().unwrap().len(), 4);
    assert_eq!(from_file["outputs"]["workbook"], "graddes.sweep.xlsx", "output is for run");
    assert_eq!(json_of(&folder, "--vary lr=1e-5")["runs"].as_array().unwrap().len(), 1);
    // `run` has no use for `vary`.
    gdtrace(&folder, &["run", "graddes.xlsx", "--no-report"]).success();
    fs::write(folder.path("gdtrace.toml"), "vary = \"momentum.lr=-1,1\"\n").unwrap();
    let (_, errors, code) = sweep_in(&folder, &[]);
    let expected = "error: lr = -1 is out of range for momentum\n --> gdtrace.toml:1:8\n";
    assert!(errors.starts_with(expected) && code == 2, "{errors}");
    assert!(errors.ends_with("help: lr > 0 must hold\n"), "{errors}");
}

#[test]
fn mistakes_are_explained() {
    for (vary, words) in [
        ("lr", "what is varied is NAME=VALUES"),
        ("lr=1..2", "a range is LOW..HIGH:COUNT"),
        ("lr=0,1", "lr = 0 is out of range for sgd"),
        ("beta1=0.5,1.5", "beta1 = 1.5 is out of range for adam"),
        ("gamma=1", "no optimizer of this run has a hyperparameter `gamma`"),
        ("sgd.beta=0.5", "sgd has no hyperparameter `beta`"),
        ("nadan.lr=1", "there is no optimizer `nadan`"),
        ("batch-size=1,30", "a batch of 30 is more than 29 samples"),
        ("batch-size=1.5", "`1.5` is not a number of samples"),
        ("l2=-1", "l2 = -1 is out of range"),
        ("clip=0", "clip = 0 is out of range"),
        ("sgd.clip=1", "clip is the same for all optimizers"),
    ] {
        let errors = failure(&["--vary", vary]);
        let expected = format!("error: {words}\n  --> --vary {vary}\n  help: ");
        assert!(errors.starts_with(&expected), "{errors}");
    }
    assert!(failure(&[]).starts_with("error: nothing is varied\n  help: say what"));
    let twice = failure(&["--vary", "lr=1", "--vary", "lr=2"]);
    assert!(twice.starts_with("error: lr is varied twice\n"), "{twice}");
}

#[test]
fn what_is_varied_counts_before_it_is_said_to_have_no_effect() {
    let folder = walkthrough();
    let words = "--optimizers sgd --vary l2=0,1 --decay-weights a --no-report";
    let words: Vec<&str> = words.split_whitespace().collect();
    let (printed, notes, code) = sweep_in(&folder, &words);
    assert_eq!((notes.as_str(), code), ("", 0));
    assert!(printed.contains(" --decay-weights a\n"), "{printed}");
}

#[test]
fn a_sweep_where_every_run_diverges_is_done_with_a_warning() {
    let folder = walkthrough();
    let (printed, errors, code) =
        sweep_in(&folder, &["--optimizers", "sgd", "--vary", "lr=1,10,100"]);
    assert_eq!((errors.as_str(), code), ("warning: every run diverged: try smaller values\n", 0));
    assert!(printed.contains("\nEvery run diverged.\n") && !printed.contains("gdtrace run"));
    let book = Book::open(&folder.path("graddes.sweep.xlsx"));
    let sheet = book.sheet("sweep");
    assert_eq!(sheet.text((sheet.places("best RMSE")[0].0, 1)), "none");
}

#[test]
fn the_same_bytes_again() {
    let folder = walkthrough();
    let words = ["--vary", "lr=1e-6..1:30", "--vary", "batch-size=1,4", "--quiet"];
    let read = || program::files(&folder);
    sweep_in(&folder, &words);
    let first = read();
    sweep_in(&folder, &words);
    assert!(first == read() && first.len() == 3);
}

#[test]
fn the_printed_settings_sweep_the_same_and_suit_the_command() {
    let folder = walkthrough();
    // What only some of the swept optimizers have must not stop the run of another.
    fs::write(folder.path("gdtrace.toml"), "epochs = 2\n[set]\nbeta = 0.8\n").unwrap();
    let words = ["--vary", "lr=1e-6,1e-5", "--optimizers", "sgd,momentum"];
    let (printed, errors, code) = sweep_in(&folder, &[&words[..], &["--print-config"]].concat());
    assert_eq!((errors.as_str(), code), ("", 0));
    for line in ["vary = [\"lr=1e-6,1e-5\"]", "epochs = 2", "optimizers = [\"sgd\", \"momentum\"]"]
    {
        assert!(printed.lines().any(|one| one == line), "{line} is not in\n{printed}");
    }
    assert_eq!(names(&folder), ["gdtrace.toml", "graddes.xlsx"], "nothing is written");
    let (swept, _, code) = sweep_in(&folder, &words);
    assert_eq!(code, 0);
    fs::write(folder.path("gdtrace.toml"), &printed).unwrap();
    let again = sweep_in(&folder, &["--force"]).0;
    assert_eq!(again.lines().next(), swept.lines().next());
    fs::write(folder.path("gdtrace.toml"), "[set]\nbeta = 0.8\n").unwrap();
    let swept = sweep_in(&folder, &["--vary", "lr=1e-6,1e-5", "--optimizers", "sgd", "--force"]).0;
    let command = swept.lines().find_map(|line| line.strip_prefix("  gdtrace ")).unwrap();
    let words: Vec<&str> = command.split_whitespace().collect();
    gdtrace(&folder, &words).success();
}
