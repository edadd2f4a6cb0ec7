//! `gdtrace new`: the same options give the same file, every y is a formula, errors say what to do.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use calamine::{Data, Reader, Xlsx};
use predicates::str::contains;
use tempfile::TempDir;

const WALKTHROUGH_X: &str =
    "14,86,28,51,28,29,72,62,84,15,42,62,47,35,9,38,44,99,13,21,28,20,8,64,99,70,27,17,8";

fn gdtrace(directory: &TempDir, arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_gdtrace")).current_dir(directory).args(arguments).assert()
}

/// Makes a workbook with `options` and returns its bytes.
fn make(options: &[&str]) -> Vec<u8> {
    let directory = TempDir::new().unwrap();
    gdtrace(&directory, &[&["new", "out.xlsx"], options].concat()).success();
    fs::read(directory.path().join("out.xlsx")).unwrap()
}

/// The rows below the headers `x` and `y`, as values and as formulas.
fn table(bytes: Vec<u8>) -> (Vec<Vec<f64>>, Vec<String>) {
    let mut workbook = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let values = workbook.worksheet_range("data").unwrap();
    let formulas = workbook.worksheet_formula("data").unwrap();
    let header = values.rows().position(|row| row[0] == Data::String("x".into())).unwrap();
    assert!(header < 20, "the header stands in row {}", header + 1);
    let columns = values.rows().nth(header).unwrap().iter().filter(|c| **c != Data::Empty).count();
    let rows: Vec<Vec<f64>> = values
        .rows()
        .skip(header + 1)
        .map(|row| row[..columns].iter().map(|cell| cell.as_f64().unwrap()).collect())
        .collect();
    let formulas = (header + 1..header + 1 + rows.len())
        .map(|row| formulas.get_value((row as u32, 1)).unwrap().clone())
        .collect();
    (rows, formulas)
}

trait Number {
    fn as_f64(&self) -> Option<f64>;
}

impl Number for Data {
    fn as_f64(&self) -> Option<f64> {
        match self {
            Data::Float(value) => Some(*value),
            Data::Int(value) => Some(*value as f64),
            _ => None,
        }
    }
}

#[test]
fn the_example_is_what_the_command_makes() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    let example = fs::read(example).unwrap();
    assert!(make(&["--x", WALKTHROUGH_X]) == example, "make examples/graddes.xlsx anew");
    let (rows, formulas) = table(example);
    assert_eq!(rows.len(), 29);
    assert_eq!(rows[0], [14.0, 58.0]);
    assert!(rows.iter().all(|row| row[1] == 2.0 * row[0] + 30.0));
    assert_eq!(formulas[0], "$B$4*A9+$B$5");
    assert_eq!(formulas[28], "$B$4*A37+$B$5");
}

#[test]
fn the_same_seed_gives_the_same_file_and_another_seed_another() {
    assert!(make(&[]) == make(&["--seed", "1", "--rows", "29", "--x-min", "1", "--x-max", "100"]));
    assert!(make(&["--noise", "2", "--seed", "5"]) == make(&["--noise", "2", "--seed", "5"]));
    assert!(make(&["--seed", "5"]) != make(&["--seed", "6"]));
}

#[test]
fn noise_stands_in_its_own_column_and_y_stays_a_formula() {
    let (rows, formulas) = table(make(&["--noise", "2.5", "--rows", "4", "--slope", "-0.5"]));
    assert_eq!(
        formulas,
        ["$B$4*A9+$B$5+C9", "$B$4*A10+$B$5+C10", "$B$4*A11+$B$5+C11", "$B$4*A12+$B$5+C12"]
    );
    for row in rows {
        assert_eq!(row.len(), 3);
        assert_eq!(row[1], -0.5 * row[0] + 30.0 + row[2]);
        assert_ne!(row[2], 0.0);
    }
}

#[test]
fn x_may_be_negative_and_have_decimals() {
    let (rows, _) = table(make(&["--x", "-1.5,2,1e3", "--intercept", "-4"]));
    assert_eq!(rows, [[-1.5, -7.0], [2.0, 0.0], [1000.0, 1996.0]]);
}

#[test]
fn drawn_numbers_stay_in_their_range() {
    let (rows, _) = table(make(&["--rows", "50", "--x-min", "-3", "--x-max", "3"]));
    assert_eq!(rows.len(), 50);
    assert!(rows.iter().all(|row| (-3.0..=3.0).contains(&row[0]) && row[0].fract() == 0.0));
}

#[test]
fn one_line_says_what_was_written() {
    let directory = TempDir::new().unwrap();
    gdtrace(&directory, &["new", "a.xlsx", "--rows", "1", "--intercept", "-3"])
        .success()
        .stdout("wrote a.xlsx: 1 sample of y = 2x - 3, on the sheet 'data'\n")
        .stderr("");
}

#[test]
fn options_that_make_no_sense_are_refused_and_leave_no_file() {
    let cases: &[(&[&str], &str)] = &[
        (&["--rows", "0"], "data needs at least one sample\n  --> --rows 0\n  help: give a number"),
        (&["--rows", "-2"], "a number of rows is never negative\n  --> --rows -2"),
        (&["--rows", "2.5"], "not a whole number such as 29"),
        (&["--rows", "1048569"], "a sheet holds 1048568 samples at most"),
        (&["--x-min", "5", "--x-max", "4"], "the smallest x is above the largest"),
        (&["--x-max", "9999999999999999"], "more digits than a spreadsheet shows"),
        (&["--slope", "NaN"], "not a finite number"),
        (&["--intercept", "-inf"], "not a finite number"),
        (&["--slope", "steep"], "not a number such as 2, -1.5 or 1e3"),
        (&["--slope", "1e308"], "y is too large for a cell where x is"),
        (&["--noise", "-1"], "a standard deviation is never negative\n  --> --noise -1"),
        (&["--x", "1,,2"], "not a number such as 2, -1.5 or 1e3"),
        (&["--x", "1,2", "--rows", "2"], "cannot be used with '--rows <COUNT>'"),
        (&["--x", "1,2", "--x-min", "2"], "cannot be used with '--x-min <WHOLE>'"),
        (&["--x", "1,2", "--x-max", "2"], "cannot be used with '--x-max <WHOLE>'"),
        (&["--x", "1,2", "--seed", "2"], "a seed without anything to draw"),
        (&["--seed", "-1"], "not a whole number from 0 to"),
    ];
    let directory = TempDir::new().unwrap();
    for (options, words) in cases {
        gdtrace(&directory, &[&["new", "out.xlsx"], *options].concat())
            .code(2)
            .stdout("")
            .stderr(contains(*words));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0, "{options:?} left a file");
    }
}

#[test]
fn the_file_has_to_be_a_workbook_in_a_directory_that_exists() {
    let directory = TempDir::new().unwrap();
    gdtrace(&directory, &["new", "out.csv"]).code(2).stderr(
        "error: the workbook's name has to end in .xlsx\n  --> out.csv\n  help: name it out.xlsx\n",
    );
    gdtrace(&directory, &["new", "none/out.xlsx"])
        .code(2)
        .stderr(contains("the directory none does not exist"));
}

#[test]
fn only_an_unedited_file_of_gdtrace_is_replaced_without_force() {
    let directory = TempDir::new().unwrap();
    let path: PathBuf = directory.path().join("out.xlsx");
    gdtrace(&directory, &["new", "out.xlsx"]).success();
    gdtrace(&directory, &["new", "out.xlsx", "--slope", "3"]).success();
    fs::write(&path, "somebody's work").unwrap();
    gdtrace(&directory, &["new", "out.xlsx"])
        .code(2)
        .stderr(contains("gdtrace did not write it or it was edited since"))
        .stderr(contains("--force"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "somebody's work");
    gdtrace(&directory, &["new", "out.xlsx", "--force"]).success();
    assert_eq!(table(fs::read(&path).unwrap()).0.len(), 29);
}
