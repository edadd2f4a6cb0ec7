//! What a beginner meets who types too little or something else: the line to type, not a dump of what the parser
//! missed.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::str::contains;

fn gdtrace(folder: &tempfile::TempDir, words: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("gdtrace").unwrap();
    command.current_dir(folder.path()).args(words).assert()
}

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        std::fs::write(folder.path().join(file), "x,y\n1,2\n2,4\n3,6\n").unwrap();
    }
    folder
}

fn told(files: &[&str], words: &[&str]) -> String {
    let assert = gdtrace(&folder(files), words).code(2).stdout("");
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn the_program_alone_shows_three_commands() {
    gdtrace(&folder(&[]), &[]).code(2).stderr("").stdout(
        "\
gdtrace shows every number that gradient descent computes, in a spreadsheet that anyone can check.

  gdtrace run data.xlsx                                every step of a training as live formulas, and a report
  gdtrace compare homework.xlsx                        where a sheet built by hand is wrong
  gdtrace explain data.xlsx --optimizer adam --step 1  where the numbers of a step come from

No data at hand? gdtrace new data.xlsx makes some, to practise on.
All commands: gdtrace --help. All options of one: gdtrace run --help.
",
    );
}

#[test]
fn run_without_a_file_shows_what_to_type() {
    assert_eq!(
        told(&[], &["run"]),
        "\
error: gdtrace run needs a file with x and y: a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) or a .csv file

  gdtrace run data.xlsx                                every step as live formulas, and a report
  gdtrace new practice.xlsx                            makes data to practise on
  gdtrace explain data.xlsx --optimizer adam --step 1  where the numbers of a step come from

Usage: gdtrace run <FILE>
All options: gdtrace run --help
"
    );
}

#[test]
fn a_file_that_is_there_stands_in_the_line_to_type() {
    let files = ["my data.csv", "my data.trace.xlsx", "notes.txt", "zebras.csv", ".hidden.csv"];
    assert!(told(&files, &["run"]).contains("\n  gdtrace run \"my data.csv\" "));
    assert!(told(&files, &["run", "--epochs", "5"]).contains("run \"my data.csv\" --epochs 5 "));
    gdtrace(&folder(&files), &[]).code(2).stdout(contains("  gdtrace run \"my data.csv\" "));
}

#[test]
fn each_command_says_what_it_needs_with_a_line_that_has_it() {
    for (words, needs, line) in [
        ("compare", "gdtrace compare needs a file", "gdtrace compare homework.xlsx "),
        (
            "explain",
            "an optimizer and a step",
            "gdtrace explain data.xlsx --optimizer adam --step 1 ",
        ),
        (
            "explain d.csv",
            "an optimizer and a step",
            "gdtrace explain d.csv --optimizer adam --step 1 ",
        ),
        (
            "explain d.csv --optimizer sgd",
            "an optimizer and a step",
            "gdtrace explain d.csv --optimizer sgd --step 1 ",
        ),
        (
            "explain --step 3 d.csv",
            "an optimizer and a step",
            "gdtrace explain --step 3 d.csv --optimizer adam ",
        ),
        ("explain --row 3", "an optimizer", "gdtrace explain data.xlsx --row 3 --optimizer adam "),
        ("sweep", "and what is varied", "gdtrace sweep data.xlsx --vary lr=1e-6..1e-2:25 "),
        ("sweep --vary lr=1,2", "needs a file", "gdtrace sweep data.xlsx --vary lr=1,2 "),
        ("new", "the name of the workbook", "gdtrace new data.xlsx "),
        ("derive", "needs a formula", "gdtrace derive \"x^2*y\" "),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let told = told(&[], &words);
        assert!(told.starts_with("error: gdtrace "), "{told}");
        assert!(told.contains(needs), "{told}");
        assert!(told.contains(&format!("\n\n  {line}")), "{told}");
        assert!(told.ends_with(&format!("gdtrace {} --help\n", words[0])), "{told}");
    }
}

#[test]
fn a_file_without_a_command_gets_the_commands_for_it() {
    for words in [&["d.csv", "--epochs", "3"][..], &["--epochs", "3", "d.csv"]] {
        let told = told(&["d.csv"], words);
        assert!(
            told.starts_with("error: a command is missing: what should be done with d.csv?\n"),
            "{told}"
        );
        assert!(told.contains("\n  gdtrace run d.csv --epochs 3 "), "{told}");
        assert!(told.contains("\n  gdtrace compare d.csv "), "{told}");
    }
    // A file that is not there is one all the same.
    assert!(told(&[], &["Prices 2024.XLSX"]).contains("gdtrace run \"Prices 2024.XLSX\" "));
}

#[test]
fn the_lines_to_type_work() {
    let folder = folder(&["d.csv"]);
    gdtrace(&folder, &["run", "d.csv", "--epochs", "3"]).success();
    gdtrace(&folder, &["explain", "d.csv", "--optimizer", "adam", "--step", "1"]).success();
    gdtrace(&folder, &["sweep", "d.csv", "--vary", "lr=1e-6..1e-2:25", "--quiet"]).success();
    gdtrace(&folder, &["new", "practice.xlsx"]).success();
    gdtrace(&folder, &["derive", "x^2*y"]).success();
}

#[test]
fn a_command_that_there_is_not_gets_the_nearest() {
    let told = told(&[], &["rnu"]);
    assert!(told.starts_with("error: there is no command `rnu`\n"), "{told}");
    assert!(self::told(&[], &["comparr"]).contains("a similar subcommand exists: 'compare'"));
    assert!(
        told.contains("Known: run, compare, explain") || told.contains("known: run, compare"),
        "{told}"
    );
}

#[test]
fn other_mistakes_are_the_parser_s() {
    assert!(told(&["d.csv"], &["run", "d.csv", "--frobnicate"]).contains("unexpected argument"));
    assert!(told(&[], &["optimizers", "--toml"]).contains("<NAME>"));
    assert!(told(&[], &["--frobnicate"]).contains("unexpected argument"));
}
