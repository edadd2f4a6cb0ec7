//! Traces that are not one sheet with all of their rows: they go on on a next sheet, or have a part of
//! their rows. Cells are those of the whole trace, and formulas give them again.

use std::collections::BTreeMap;
use std::path::Path;

use crate::common;
use calamine::{Data as Content, DataType, Reader, Xlsx, open_workbook};
use gdtrace::circuit::{Loss, Model};
use gdtrace::data::Data;
use gdtrace::error::Result;
use gdtrace::export::output::{About, Outputs};
use gdtrace::export::xlsx::{self, Addresses, Host, RowOptions};
use gdtrace::graph::{Graph, Options, Workbook};
use gdtrace::optimizer::{self, Setup};
use gdtrace::trace::{self, Block, Keep, Nobody, Plan, Results, Sink};
use gdtrace::value::Value;
use tempfile::TempDir;

/// Adam and the two-sheeted name of another on the walkthrough's 29 samples.
fn results(plan: Plan) -> Results {
    let (formula, _) = Model::read("a*x + b").unwrap();
    let model = Model::new(formula, Loss::squared().unwrap(), &["x", "y"]).unwrap();
    let data: Data = common::walkthrough();
    let sheet = |(name, lr): (&str, f64)| {
        let definition = optimizer::find(name).unwrap();
        let hyper = [("lr".to_owned(), lr)].into();
        let setup = Setup { hyper, ..Setup::new(&[1.0, 1.0], data.samples()) };
        (definition.clone(), optimizer::sheet(definition, &model, &setup).unwrap())
    };
    let sheets = [("sgd", 1e-4), ("adam", 0.5)].into_iter().map(sheet).collect();
    Results::compute(sheets, data, plan, &mut Nobody).unwrap()
}

fn write(results: &Results, host: &Host, path: &Path) {
    let mut outputs = Outputs::new(&[], true);
    let mut nobody = Nobody;
    let book = xlsx::workbook(results, host, &mut nobody).unwrap().on_threads(2);
    outputs.stage_book(path, book, &About { title: "t", subject: "t", properties: &[] }).unwrap();
    outputs.commit().unwrap();
}

/// The rows of a run.
#[derive(Default)]
struct All(Vec<Vec<Value>>);

impl Sink for All {
    fn block(&mut self, block: &Block) -> Result<()> {
        let row = |row: usize| block.columns.iter().map(|column| column[row]).collect();
        self.0.extend((0..block.rows()).map(row));
        Ok(())
    }
}

/// The numbers of the rows on a sheet by their step, with the row of the sheet: those with formulas.
fn rows(path: &Path, sheet: &str, values_only: bool) -> BTreeMap<usize, (u32, Vec<Option<f64>>)> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    let formulas = book.worksheet_formula(sheet).unwrap();
    let number = |cell: &Content| match cell {
        Content::Float(number) => Some(*number),
        Content::Int(number) => Some(*number as f64),
        _ => None,
    };
    let heads = range.rows().position(|row| row[0] == Content::String("step".into())).unwrap();
    let mut found = BTreeMap::new();
    for (at, row) in range.rows().enumerate().skip(heads + 2) {
        let has_formulas = formulas.get_value((at as u32, 3)).is_some_and(|text| !text.is_empty());
        if has_formulas || values_only {
            let values: Vec<Option<f64>> = row.iter().map(number).collect();
            found.insert(values[0].unwrap() as usize, (at as u32, values));
        }
    }
    found
}

/// Checks a workbook: the rows with `numbers` of each run on these sheets are those of the trace, and all
/// formulas give what stands in their cells.
fn check(results: &Results, path: &Path, sheets: [&[&str]; 2], numbers: &[usize]) {
    for (run, sheets) in results.runs.iter().zip(sheets) {
        let mut all = All::default();
        trace::run(&run.sheet, &results.data, &results.plan, &mut [&mut all]).unwrap();
        let mut found = BTreeMap::new();
        sheets.iter().for_each(|sheet| found.extend(rows(path, sheet, false)));
        assert!(found.keys().eq(numbers), "{sheets:?}: {:?}", found.keys());
        for (step, (_, values)) in &found {
            let expected: Vec<Option<f64>> =
                all.0[step - 1].iter().map(|value| value.get().ok()).collect();
            assert_eq!(values[..expected.len()], expected, "{sheets:?}, step {step}");
        }
    }
    let workbook = Workbook::read(path, &Options::default()).unwrap();
    let graph = Graph::lift(&workbook);
    let told = |id| (graph.address(id), graph.formula_text(id), graph.stored(id), graph.value(id));
    let stale: Vec<_> = graph.stale().into_iter().map(|(id, _)| told(id)).collect();
    assert!(stale.is_empty(), "{stale:?}");
    assert_eq!(graph.unread().count(), 0);
    assert!(graph.cycles().is_empty());
}

fn formula(path: &Path, sheet: &str, cell: (u32, u32)) -> String {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    book.worksheet_formula(sheet).unwrap().get_value(cell).cloned().unwrap_or_default()
}

#[test]
fn a_trace_longer_than_a_sheet_goes_on_on_the_next() {
    let results = results(Plan::new(3));
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("long.xlsx");
    // 87 steps below 16 rows of inputs, heads and start of adam, and 13 of sgd.
    let options = RowOptions { height: 56, ..RowOptions::default() };
    let host = Host::separate().with_rows(options);
    write(&results, &host, &path);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let names = ["sgd", "sgd (2)", "sgd (3)", "adam", "adam (2)", "adam (3)", "epochs"];
    assert_eq!(book.sheet_names()[2..9], names);
    let sheets: [&[&str]; 2] = [&["sgd", "sgd (2)", "sgd (3)"], &["adam", "adam (2)", "adam (3)"]];
    check(&results, &path, sheets, &(1..=87).collect::<Vec<_>>());
    // The row above the first one is the last one of the sheet before; an input is that of the first.
    let addresses = Addresses::new(&results, &host);
    let start = addresses.first_row(1) as u32 - 1;
    for (sheet, before) in [("adam (2)", "adam"), ("adam (3)", "'adam (2)'")] {
        assert_eq!(formula(&path, sheet, (start, 0)), format!("{before}!$A$56"));
        assert_eq!(formula(&path, sheet, (4, 1)), "adam!$B$5");
        let here = formula(&path, sheet, (start + 1, 5));
        assert_eq!(here, formula(&path, "adam", (start + 1, 5)), "the same formula");
    }
    // An epoch that stands on two sheets is summed up over both.
    let epochs = book.worksheet_formula("epochs").unwrap();
    let texts: Vec<&str> = epochs.cells().map(|(_, _, text)| text.as_str()).collect();
    assert!(
        texts
            .iter()
            .any(|text| text.starts_with("SQRT(SUM(adam!") && text.contains(",'adam (2)'!"))
    );
}

#[test]
fn the_order_of_more_rows_than_a_sheet_goes_on_in_further_columns() {
    let results = results(Plan::new(3).shuffled(29, 7));
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("shuffled.xlsx");
    let host = Host::separate().with_rows(RowOptions { height: 43, ..RowOptions::default() });
    write(&results, &host, &path);
    let sheets: [&[&str]; 2] =
        [&["sgd", "sgd (2)", "sgd (3)"], &["adam", "adam (2)", "adam (3)", "adam (4)"]];
    check(&results, &path, sheets, &(1..=87).collect::<Vec<_>>());
    // 87 rows of which 39 have room below each other: the number, the epoch and the sample of each.
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let order = book.worksheet_range("order").unwrap();
    let number = |row: u32, column| order.get_value((row, column)).and_then(Content::as_f64);
    let drawn = results.plan.order.as_ref().unwrap();
    for (index, sample) in drawn.iter().enumerate() {
        let (row, column) = (4 + index as u32 % 39, 4 * (index as u32 / 39));
        let expected = [index + 1, index / 29 + 1, *sample as usize];
        let found = [0, 1, 2].map(|at| number(row, column + at).unwrap() as usize);
        assert_eq!(found, expected);
    }
    assert_eq!(order.get_size(), (43, 11));
    assert_eq!(number(13, 8), None, "no row is left over");
}

#[test]
fn sheets_that_go_on_have_names_of_their_own() {
    let results = results(Plan::new(3));
    let host = Host::around(&results.data, vec!["adam (2)".into(), "SGD".into()]).unwrap();
    let host = host.with_rows(RowOptions { height: 70, ..RowOptions::default() });
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("names.xlsx");
    write(&results, &host, &path);
    let book: Xlsx<_> = open_workbook(&path).unwrap();
    let names = book.sheet_names();
    let ours: Vec<&String> =
        names.iter().filter(|name| name.starts_with("adam") || name.starts_with("sgd")).collect();
    assert_eq!(ours, ["sgd (2)", "sgd (3)", "adam", "adam (3)"]);
}

#[test]
fn rows_that_are_kept_are_computed_from_the_numbers_above_them() {
    let results = results(Plan::new(10));
    let folder = TempDir::new().unwrap();
    let sheets: [&[&str]; 2] = [&["sgd"], &["adam"]];
    let every: Vec<usize> = (7..=290).step_by(7).collect();
    let ends: Vec<usize> = (29..=290).step_by(29).collect();
    for (keep, numbers) in [
        (Keep::Last(40), (251..=290).collect()),
        (Keep::Every(7), every.clone()),
        (Keep::Epochs, ends),
        (Keep::Last(1000), (1..=290).collect()),
        (Keep::Every(1), (1..=290).collect()),
    ] {
        let path = folder.path().join(format!("{keep}.xlsx").replace(':', "-"));
        let options = RowOptions { keep, ..RowOptions::default() };
        write(&results, &Host::separate().with_rows(options), &path);
        check(&results, &path, sheets, &numbers);
    }
    // Parts of a trace go on too.
    let path = folder.path().join("both.xlsx");
    let options = RowOptions { keep: Keep::Every(7), height: 70, ..RowOptions::default() };
    write(&results, &Host::separate().with_rows(options), &path);
    check(&results, &path, [&["sgd", "sgd (2)"], &["adam", "adam (2)"]], &every);
}

#[test]
fn numbers_alone_are_those_that_the_formulas_give() {
    let results = results(Plan::new(4));
    let folder = TempDir::new().unwrap();
    let (whole, numbers) = (folder.path().join("whole.xlsx"), folder.path().join("numbers.xlsx"));
    write(&results, &Host::separate(), &whole);
    let options = RowOptions { values_only: true, ..RowOptions::default() };
    write(&results, &Host::separate().with_rows(options), &numbers);
    let mut book: Xlsx<_> = open_workbook(&numbers).unwrap();
    for sheet in book.sheet_names() {
        assert_eq!(book.worksheet_formula(&sheet).unwrap().used_cells().count(), 0, "{sheet}");
        assert_ne!(sheet, "circuit");
    }
    for sheet in ["sgd", "adam"] {
        assert_eq!(rows(&whole, sheet, false), rows(&numbers, sheet, true));
    }
}

#[test]
fn a_run_that_forgets_its_epochs_ends_as_one_that_keeps_them() {
    let (all, last) =
        (results(Plan::new(7)), results(Plan { forgets_epochs: true, ..Plan::new(7) }));
    for (all, last) in all.runs.iter().zip(&last.runs) {
        assert_eq!(all.outcome.last(), last.outcome.last());
        assert_eq!((last.outcome.epochs.len(), last.epochs(), last.rows), (1, 7, 203));
        assert_eq!(all.epochs(), 7);
    }
}

#[test]
fn parts_of_a_trace_are_exchanged_and_passed_over_as_whole_ones_are_not() {
    let folder = TempDir::new().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    std::fs::copy(example, folder.path().join("in.xlsx")).unwrap();
    let gdtrace = |arguments: &str| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_gdtrace"));
        command.current_dir(folder.path()).args(arguments.split(' ')).output().unwrap()
    };
    let run = "run in.xlsx --in-place --no-report --force --optimizers sgd,adam";
    let mut written = Vec::new();
    for options in [" --keep every:7", " --keep last:5 --values-only", "", " --keep every:7"] {
        let output = gdtrace(&format!("{run}{options}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = gdtrace("compare in.xlsx");
        let told = [told.stdout, told.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        let reason = "gdtrace run wrote it with --keep";
        assert_eq!(told.contains(reason), !options.is_empty(), "{options}: {told}");
        written.push(std::fs::read(folder.path().join("in.xlsx")).unwrap());
    }
    assert!(written[0] == written[3], "what an earlier run added is exchanged");
}
