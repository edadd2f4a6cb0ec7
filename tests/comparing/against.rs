//! `gdtrace compare --against`: two workbooks, column by column.

use std::fmt::Write as _;
use std::path::Path;

use crate::common::book::Book;
use crate::common::books::Folder;
use crate::common::comparing::{compare, failure, json_of};
use crate::common::program::{gdtrace, walkthrough};
use serde_json::Value;

const REFERENCE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/graddesc-v3.xlsx");

/// The mistakes of a sheet, `KIND CELL: MESSAGE` each.
fn mistakes(sheet: &Value) -> Vec<String> {
    let findings = sheet["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|one| one["kind"] != "variant");
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    findings
        .map(|one| format!("{} {}: {}", text(one, "kind"), text(one, "cell"), text(one, "message")))
        .collect()
}

/// The columns of a table as somebody builds it.
const COLUMNS: [&str; 9] = ["x", "y", "a", "b", "pred", "de/da", "de/db", "new a", "new b"];
const XS: [f64; 10] = [2.0, -1.0, 4.0, 3.0, -2.0, 1.0, 5.0, -3.0, 0.5, 2.5];

/// A table of gradient descent on samples of `y = 3x + 1`.
struct Table<'t> {
    xs: &'t [f64],
    lr: f64,
    /// Where each of the columns stands.
    order: [usize; 9],
    heads: [&'t str; 9],
    /// A number instead of the guess in a row.
    typed: Option<(usize, f64)>,
}

impl Default for Table<'_> {
    fn default() -> Self {
        let order = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        Table { xs: &XS, lr: 0.02, order, heads: COLUMNS, typed: None }
    }
}

impl Table<'_> {
    /// The lines of the sheet: lr in B1, heads in row 3, the first sample in row 4.
    fn lines(&self) -> String {
        let mut out = format!("learning rate|{:?}\n\n{}", self.lr, self.line(&self.heads));
        let (mut a, mut b) = (0.5, -1.0);
        for (index, x) in self.xs.iter().enumerate() {
            let (row, y) = (index + 4, 3.0 * x + 1.0);
            let letter = |column: usize| char::from(b'A' + self.order[column] as u8);
            let at = |column: usize| format!("{}{row}", letter(column));
            let above = |column: usize| format!("{}{}", letter(column), row - 1);
            let given = |column: usize, value: f64| match index {
                0 => format!("{value:?}"),
                _ => format!("={}>{value:?}", above(column)),
            };
            let (mut pred, mut guess) = (a * x + b, format!("={}*{}+{}", at(2), at(0), at(3)));
            if let Some((_, typed)) = self.typed.filter(|(row, _)| *row == index) {
                (pred, guess) = (typed, String::new());
            }
            let guess = match guess.is_empty() {
                true => format!("{pred:?}"),
                false => format!("{guess}>{pred:?}"),
            };
            let (da, db) = (2.0 * (pred - y) * x, 2.0 * (pred - y));
            let after = (a - self.lr * da, b - self.lr * db);
            let cells = [
                format!("{x:?}"),
                format!("{y:?}"),
                given(7, a),
                given(8, b),
                guess,
                format!("=2*({}-{})*{}>{da:?}", at(4), at(1), at(0)),
                format!("=2*({}-{})>{db:?}", at(4), at(1)),
                format!("={}-$B$1*{}>{:?}", at(2), at(5), after.0),
                format!("={}-$B$1*{}>{:?}", at(3), at(6), after.1),
            ];
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            write!(out, "\n{}", self.line(&cells)).unwrap();
            (a, b) = after;
        }
        out
    }

    fn line(&self, cells: &[&str]) -> String {
        let mut line = [""; 9];
        for (column, cell) in cells.iter().enumerate() {
            line[self.order[column]] = cell;
        }
        line.join("|")
    }
}

/// A folder with `hand.xlsx`, and `other.xlsx` as it should be.
fn both(hand: &Table) -> Folder {
    let folder = Folder::new();
    folder.book("other.xlsx", &[("steps", &Table::default().lines())]);
    folder.book("hand.xlsx", &[("mine", &hand.lines())]);
    folder
}

/// The only sheet of `hand.xlsx` against `other.xlsx`.
fn sheet(hand: &Table, code: i32) -> Value {
    json_of(&both(hand), "hand.xlsx --against other.xlsx", code)["sheets"][0].clone()
}

#[test]
fn a_trace_agrees_with_itself_and_not_with_another_learning_rate() {
    let folder = walkthrough();
    let run = |options: &str| {
        let words = ["run", "graddes.xlsx", "--no-report", "--optimizers", "sgd,adam", "-q"];
        let words = words.into_iter().chain(options.split_whitespace());
        gdtrace(&folder, &words.collect::<Vec<_>>()).success();
    };
    run("-o trace.xlsx");
    run("-o other.xlsx --epochs 4 --set sgd.lr=0.0002");
    let printed = json_of(&folder, "trace.xlsx --against trace.xlsx", 0);
    assert_eq!(printed["agree"], true);
    let compared =
        printed["sheets"].as_array().unwrap().iter().filter(|one| one["against"].is_object());
    for sheet in compared {
        assert_eq!(sheet["against"]["sheet"], sheet["sheet"]);
        assert_eq!(sheet["against"]["aligned_by"], "step");
        assert_eq!(sheet["against"]["rows"], 290);
        assert_eq!(sheet["findings"].as_array().unwrap().len(), 0);
        let columns = sheet["columns"].as_array().unwrap();
        assert!(columns.iter().all(|column| column["cells"] == 290), "{columns:?}");
    }
    // Fewer epochs are one finding, and another learning rate goes before it.
    let printed = json_of(&folder, "other.xlsx --against trace.xlsx", 1);
    let sheets = printed["sheets"].as_array().unwrap();
    let named = |name: &str| sheets.iter().find(|one| one["sheet"] == name).unwrap();
    let found = mistakes(named("sgd"));
    assert_eq!(found[0], "value sgd!B5: lr is 0.0002 in B5, but 0.0001 in trace.xlsx, sgd!B5");
    assert!(
        found[1].contains("(174 rows) are missing here: this sheet ends with row"),
        "{found:?}"
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(mistakes(named("adam")).len(), 1, "the rows alone");
    // The files are written as well.
    let words = "other.xlsx --against trace.xlsx -o marked.xlsx --report marked.html";
    assert_eq!(compare(&folder, words).2, 1);
    let book = Book::open(&folder.path("marked.xlsx"));
    let beside = book.names().into_iter().find(|name| name.starts_with("sgd") && *name != "sgd");
    let lead = book.sheet(beside.unwrap()).text((1, 0)).to_owned();
    assert!(lead.starts_with("There: the numbers of trace.xlsx, sgd"), "{lead}");
    assert!(lead.ends_with("116 rows put together by step."), "{lead}");
    let page = std::fs::read_to_string(folder.path("marked.html")).unwrap();
    assert!(page.contains("Where other.xlsx differs from trace.xlsx"));
    assert!(page.contains("Here is the sheet, there the other workbook"), "no run is promised");
}

#[test]
fn a_hand_built_sheet_goes_with_the_trace_of_its_optimizer() {
    let folder = Folder::new();
    folder.book("hand.xlsx", &[("mine", &Table::default().lines())]);
    let lines: Vec<String> = XS.iter().map(|x| format!("{x:?}|{:?}", 3.0 * x + 1.0)).collect();
    folder.book("data.xlsx", &[("data", &format!("x|y\n{}", lines.join("\n")))]);
    let run = "run data.xlsx --no-report -q -o trace.xlsx --epochs 1 --init a=0.5,b=-1 \
               --optimizers momentum,sgd --set lr=0.02";
    gdtrace(&folder, &run.split_whitespace().collect::<Vec<_>>()).success();
    let printed = json_of(&folder, "hand.xlsx --against trace.xlsx", 0);
    let sheet = &printed["sheets"][0];
    assert_eq!(sheet["against"]["sheet"], "sgd");
    assert_eq!(sheet["against"]["aligned_by"], "x and y");
    assert_eq!(printed["against"]["left_out"][0], "momentum");
    // The sheet may be chosen, rightly or not.
    let printed = json_of(&folder, "hand.xlsx --against trace.xlsx#momentum", 1);
    let sheet = &printed["sheets"][0];
    assert_eq!(sheet["against"]["sheet"], "momentum");
    let first = &mistakes(sheet)[0];
    assert!(first.contains("although what it is computed from agrees"), "{first}");
}

#[test]
fn columns_go_together_wherever_they_stand_and_whatever_they_are_called() {
    let heads = ["in", "out", "slope", "shift", "guess", "p", "q", "next p", "next q"];
    let table = Table { order: [4, 2, 8, 0, 6, 1, 3, 7, 5], heads, ..Table::default() };
    let sheet = sheet(&table, 0);
    let columns = sheet["columns"].as_array().unwrap();
    assert!(columns.iter().all(|column| column["cells"] == 10), "{columns:?}");
}

#[test]
fn a_row_more_or_less_is_one_finding() {
    let without: Vec<f64> = XS.iter().copied().filter(|x| *x != -2.0).collect();
    let found = mistakes(&sheet(&Table { xs: &without, ..Table::default() }, 1));
    let told = "missing mine!A8: row 8 of other.xlsx, steps (x = -2, y = -5) is missing here: it \
                would stand above row 8";
    assert_eq!(found, [told]);
    let mut with = XS.to_vec();
    with.insert(6, 7.0);
    let found = mistakes(&sheet(&Table { xs: &with, ..Table::default() }, 1));
    let told = "missing mine!A10: row 10 (x = 7, y = 22) has no counterpart in other.xlsx, steps";
    assert_eq!(found, [told]);
    let mut swapped = XS.to_vec();
    swapped.swap(3, 4);
    let found = mistakes(&sheet(&Table { xs: &swapped, ..Table::default() }, 1));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("stands in another place than in other.xlsx, steps"), "{found:?}");
}

#[test]
fn the_first_wrong_cell_is_the_cause_and_the_rest_is_counted() {
    let sheet = sheet(&Table { typed: Some((4, 3.25)), ..Table::default() }, 1);
    let found = mistakes(&sheet);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("inconsistent-formula mine!E8"), "{found:?}");
    assert!(sheet["findings"][0]["consequences"].as_u64().unwrap() > 10);
    // Another sample, which is no formula, is found by itself.
    let mut changed = XS.to_vec();
    changed[2] = 4.5;
    let found = mistakes(&self::sheet(&Table { xs: &changed, ..Table::default() }, 1));
    assert_eq!(
        found,
        [
            "value mine!A6: x in A6 is 4.5, but 4 in other.xlsx, steps!A6",
            "value mine!B6: y in B6 is 14.5, but 13 in other.xlsx, steps!B6",
        ]
    );
    let found = mistakes(&self::sheet(&Table { lr: 0.03, ..Table::default() }, 1));
    assert_eq!(found, ["value mine!B1: lr is 0.03 in B1, but 0.02 in other.xlsx, steps!B1"]);
}

#[test]
fn a_first_row_that_is_missing_explains_the_start() {
    let printed = sheet(&Table { xs: &XS[1..], ..Table::default() }, 1);
    let found = mistakes(&printed);
    assert_eq!(found.len(), 1, "{found:?}");
    let told = "missing mine!A4: row 4 of other.xlsx, steps (x = 2, y = 7) is missing here";
    assert!(found[0].starts_with(told), "{found:?}");
    // Every cell that differs does so because of it, the start too.
    assert_eq!(printed["findings"][0]["consequences"], wrong_cells(&printed));
}

#[test]
fn two_runs_that_come_to_the_same_end_part_at_the_missing_row_only() {
    // After so many rows the errors are small differences of numbers that agree.
    let xs: Vec<f64> = XS.iter().cycle().take(600).copied().collect();
    let without: Vec<f64> = [&xs[..6], &xs[7..]].concat();
    let folder = Folder::new();
    folder.book("other.xlsx", &[("steps", &Table { xs: &xs, ..Table::default() }.lines())]);
    folder.book("hand.xlsx", &[("mine", &Table { xs: &without, ..Table::default() }.lines())]);
    let printed = json_of(&folder, "hand.xlsx --against other.xlsx", 1);
    let found = mistakes(&printed["sheets"][0]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("missing mine!A10: "), "{found:?}");
}

#[test]
fn a_row_that_stands_there_twice_is_said_to() {
    let mut twice = XS.to_vec();
    twice.insert(4, XS[3]);
    let found = mistakes(&sheet(&Table { xs: &twice, ..Table::default() }, 1));
    let told = "missing mine!A8: row 8 (x = 3, y = 10) has no counterpart in other.xlsx, steps: it \
                repeats the row above";
    assert_eq!(found, [told]);
}

/// How many cells of a sheet differ.
fn wrong_cells(sheet: &Value) -> u64 {
    let columns = sheet["columns"].as_array().unwrap().iter();
    columns.map(|column| column["mismatches"].as_u64().unwrap()).sum()
}

#[test]
fn each_mistake_counts_what_follows_from_it() {
    // A row more above, and a typed number further down.
    let mut with = XS.to_vec();
    with.insert(2, 7.0);
    let printed = sheet(&Table { xs: &with, typed: Some((7, 3.25)), ..Table::default() }, 1);
    let findings = printed["findings"].as_array().unwrap();
    let cells: Vec<&str> = findings.iter().map(|one| one["cell"].as_str().unwrap()).collect();
    assert_eq!(cells, ["mine!A6", "mine!E11"], "{findings:?}");
    let count = |at: usize| findings[at]["consequences"].as_u64().unwrap();
    assert_eq!(count(0), wrong_cells(&printed) - 1, "all but the typed number");
    // In the row of the typed number its gradients and the new weights; in the three rows below all
    // columns but x and y.
    assert_eq!(count(1), 4 + 3 * 7);
}

#[test]
fn a_csv_file_has_no_sheet_in_its_addresses() {
    let folder = both(&Table { typed: Some((4, 3.25)), ..Table::default() });
    // A table of numbers: what its columns are is told by its values.
    let book = Book::open(&folder.path("hand.xlsx"));
    let cells = book.sheet("mine");
    let mut lines = vec!["learning rate,0.02".to_owned(), String::new(), COLUMNS.join(",")];
    for row in 3..13 {
        let numbers = (0..9).map(|column| cells.number((row, column)).to_string());
        lines.push(numbers.collect::<Vec<_>>().join(","));
    }
    std::fs::write(folder.path("hand.csv"), lines.join("\n")).unwrap();
    let words = "hand.csv --against other.xlsx -o marked.xlsx --report marked.html";
    let printed = json_of(&folder, words, 1);
    assert_eq!(printed["sheets"][0]["findings"][0]["cell"], "E8");
    let page = std::fs::read_to_string(folder.path("marked.html")).unwrap();
    assert!(page.contains(">the table</h2>") && page.contains("<b>E8</b>"), "{page}");
    let (text, _) = page.split_once("<script").unwrap();
    assert!(!text.contains(">!"), "{text}");
    let marked = Book::open(&folder.path("marked.xlsx"));
    let findings = marked.sheet("findings");
    assert_eq!((findings.places("E8").len(), findings.places("!E8").len()), (1, 0));
}

#[test]
fn a_workbook_that_cannot_be_compared_with_is_named() {
    let folder = both(&Table::default());
    folder.book("budget.xlsx", &[("budget", "month|rent\nMay|900\nJune|910")]);
    let told = failure(&folder, "hand.xlsx --against none.xlsx");
    assert!(told.contains("none.xlsx"), "{told}");
    let told = failure(&folder, "hand.xlsx --against budget.xlsx");
    assert!(told.contains("there is no table of steps to compare with"), "{told}");
    assert!(told.contains("--> budget.xlsx"), "{told}");
    let told = failure(&folder, "hand.xlsx --against other.xlsx#nothing");
    assert!(told.contains("there is no sheet called 'nothing'"), "{told}");
    let told = failure(&folder, "hand.xlsx --against #mine");
    assert!(told.contains("--against names no file"), "{told}");
    let told = failure(&folder, "hand.xlsx --against other.xlsx --set lr=1");
    assert!(told.contains("cannot be used with"), "{told}");
    let told = failure(&folder, "hand.xlsx --against other.xlsx -o other.xlsx");
    assert!(told.contains("other.xlsx"), "{told}");
}

#[test]
fn the_walkthrough_agrees_with_itself() {
    if !Path::new(REFERENCE).exists() {
        eprintln!("skipped: {REFERENCE} is not there");
        return;
    }
    let folder = Folder::new();
    let words = format!("{REFERENCE} --against {REFERENCE} --sheet basic");
    let sheet = json_of(&folder, &words, 0)["sheets"][0].clone();
    assert_eq!(sheet["against"]["rows"], 29);
    assert_eq!(mistakes(&sheet), [""; 0]);
}
