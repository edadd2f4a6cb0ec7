//! The data of a run from outside: what is said with the commands, several features, standard input.

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::{Value, json};

use crate::common::book::Book;
use crate::common::books::Folder;
use crate::common::program::{gdtrace, names, said};
use crate::run::trace::Trace;

const HOUSES: &str = "id,Living area [m2],Rooms,B1,price\n1,50,2,30,100\n2,80,3,2,165\n\
                      3,65,3,11,128\n4,120,4,7,245\n5,95,4,25,190\n6,,3,5,150\n";

fn houses() -> Folder {
    let folder = Folder::new();
    folder.file("houses.csv", HOUSES);
    folder
}

fn json_of(folder: &Folder, words: &[&str]) -> Value {
    let (printed, errors, code) = said(folder, words);
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&printed).unwrap()
}

#[test]
fn what_was_taken_is_said_with_commands_that_run() {
    let folder = houses();
    let (_, errors, code) =
        said(&folder, &["run", "houses.csv", "--epochs", "1", "--set", "lr=1e-6", "--no-report"]);
    assert_eq!(code, 0, "{errors}");
    let commands: Vec<&str> = errors
        .split("gdtrace run ")
        .skip(1)
        .map(|rest| rest.split([';', '\n']).next().unwrap())
        .collect();
    assert_eq!(commands.len(), 3, "{errors}");
    for command in commands {
        assert!(
            command.starts_with("houses.csv --epochs 1 --set lr=1e-6 --no-report --x "),
            "{command}"
        );
        let words: Vec<&str> = command
            .split('"')
            .enumerate()
            .flat_map(|(index, part)| match index % 2 {
                0 => part.split_whitespace().collect(),
                _ => vec![part],
            })
            .collect();
        let words: Vec<&str> = ["run"].into_iter().chain(words).collect();
        gdtrace(&folder, &words).success();
    }
}

#[test]
fn several_features_make_a_model_that_every_sheet_shows() {
    let folder = houses();
    let words = ["run", "houses.csv", "--x", "all", "--epochs", "2", "--set", "lr=1e-6", "--json"];
    let printed = json_of(&folder, &words);
    let weights: Vec<&String> =
        printed["optimizers"][0]["final"].as_object().unwrap().keys().collect();
    assert_eq!(weights, ["b", "w_b1", "w_living_area", "w_rooms"]);
    let book = Book::open(&folder.path("houses.trace.xlsx"));
    let trace = Trace::of(&book, "sgd");
    assert_eq!((trace.number(2, "living_area"), trace.number(2, "b1")), (80.0, 2.0));
    assert!(trace.cell(2, "de/dw_rooms").formula.is_some());
    // A model written by hand does the same.
    let model = "w_living_area*living_area + w_rooms*rooms + w_b1*b1 + b";
    let words = [
        "run",
        "houses.csv",
        "--model",
        model,
        "--y",
        "price",
        "--epochs",
        "2",
        "--set",
        "lr=1e-6",
        "--json",
        "-o",
        "hand.xlsx",
    ];
    let by_hand = json_of(&folder, &words);
    assert_eq!(printed["optimizers"], by_hand["optimizers"]);
    assert_eq!(printed["data"]["y"], by_hand["data"]["y"]);
}

#[test]
fn json_says_where_the_numbers_stood() {
    let folder = houses();
    let expected = json!({
        "sheet": "", "range": "C2:C6, B2:B6, E2:E6",
        "x": [
            {"header": "Rooms", "cells": "C2:C6"},
            {"header": "Living area [m2]", "cells": "B2:B6"},
        ],
        "y": {"header": "price", "cells": "E2:E6"},
        "left_out": ["C7", "B7", "E7"],
    });
    let options = ["--x", "Rooms,living_area", "--epochs", "1", "--json"];
    for command in [
        &["run", "houses.csv", "--no-report"][..],
        &["sweep", "houses.csv", "--vary", "lr=1e-7,1e-6", "--no-report"],
        &["explain", "houses.csv", "--optimizer", "sgd", "--step", "1"],
    ] {
        let words: Vec<&str> = command.iter().chain(&options).copied().collect();
        assert_eq!(json_of(&folder, &words)["data"], expected, "{words:?}");
    }
}

#[test]
fn standard_input_is_read() {
    let folder = Folder::new();
    for (content, sheet) in [("x;y\n1;2,5\n3;4\n".as_bytes().to_vec(), ""), (book(), "numbers")] {
        let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
            .current_dir(folder.path("."))
            .args(["run", "-", "--epochs", "1", "--json", "--force", "--no-report"])
            .write_stdin(content)
            .assert()
            .success();
        let printed: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
        assert_eq!((&printed["sheet"], &printed["samples"]), (&json!(sheet), &json!(2)));
        assert_eq!(printed["outputs"]["workbook"], "stdin.trace.xlsx");
    }
    assert_eq!(names(&folder), ["stdin.trace.xlsx"]);
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .args(["run", "-"])
        .write_stdin("")
        .assert()
        .code(2)
        .stderr(contains("error: there is nothing on standard input\n  --> standard input\n"));
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .args(["run", "-"])
        .write_stdin("x,y\n1,abc\n")
        .assert()
        .code(2)
        .stderr(contains("--> standard input, cell B2"));
}

/// A workbook, as bytes.
fn book() -> Vec<u8> {
    let folder = Folder::new();
    std::fs::read(folder.book("book.xlsx", &[("numbers", "x|y\n1|2\n3|4")])).unwrap()
}

#[test]
fn addresses_are_refused_with_the_reason() {
    let folder = Folder::new();
    for (address, help) in [
        ("https://example.com/a/data.csv", "curl -L -o data.csv https://example.com/a/data.csv"),
        ("HTTP://example.com/", "curl -L -o data.csv HTTP://example.com/"),
        ("https://docs.google.com/spreadsheets/d/1/edit#gid=0", "choose File, Download"),
        ("file:///home/a.csv", "give the path alone"),
    ] {
        gdtrace(&folder, &["run", address])
            .code(2)
            .stderr(contains("error: this is an address, and gdtrace reads files only: "))
            .stderr(contains(format!("--> {address}\n")))
            .stderr(contains(help));
    }
    assert!(names(&folder).is_empty());
}

#[test]
fn what_cannot_be_decided_is_asked() {
    let folder = Folder::new();
    folder.file("one.csv", "site,name,score\n7,Ann,1\n7,Bob,2.5\n7,Cid,3\n");
    let expected = "\
error: no two columns hold numbers that differ, in the same rows
  --> one.csv
  help: say which with --x and --y (a header or a column letter), or --range A3:B32
    column  header  numbers          first values   to take it
    A       site    3, all the same  7, 7, 7        gdtrace run one.csv --x A --y C
    B       name    0                Ann, Bob, Cid  no numbers
    C       score   3                1, 2.5, 3      gdtrace run one.csv --x C --y A
";
    let (printed, errors, code) = said(&folder, &["run", "one.csv"]);
    assert_eq!((printed.as_str(), errors.as_str(), code), ("", expected, 2));
    gdtrace(&folder, &["run", "one.csv", "--x", "A", "--y", "C", "--epochs", "1"]).success();
    folder.book("words.xlsx", &[("data", "name|town\nAnn|Rome\nBob|Oslo")]);
    gdtrace(&folder, &["run", "words.xlsx"])
        .code(2)
        .stderr(contains("error: no column holds numbers; x and y need two\n"))
        .stderr(contains("    A       name    0        Ann, Bob      no numbers\n"));
}

#[test]
fn printed_settings_have_what_was_decided() {
    let folder = houses();
    let options = ["--x", "all", "--epochs", "1", "--set", "lr=1e-6"];
    let words: Vec<&str> =
        ["run", "houses.csv", "--print-config"].into_iter().chain(options).collect();
    let (printed, errors, code) = said(&folder, &words);
    assert_eq!((errors.as_str(), code), ("", 0));
    for line in [
        "model = \"w_living_area*living_area + w_rooms*rooms + w_b1*b1 + b\"",
        "x = [\"Living area [m2]\", \"Rooms\", \"B1\"]",
        "y = [\"price\"]",
        "delimiter = \",\"",
    ] {
        assert!(printed.lines().any(|one| one == line), "{line} is not in\n{printed}");
    }
    let words: Vec<&str> =
        ["run", "houses.csv", "--json", "--no-report"].into_iter().chain(options).collect();
    let by_options = said(&folder, &words).0;
    folder.file("gdtrace.toml", printed);
    assert_eq!(said(&folder, &["run", "houses.csv", "--json", "--no-report"]).0, by_options);
}
