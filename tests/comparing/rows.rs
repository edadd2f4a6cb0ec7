//! The rows of a trace in the workbook: the cells that rust_xlsxwriter writes of the same formulas and
//! values, the same bytes for any number of threads.

use crate::common;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use gdtrace::circuit::{Loss, Model};
use gdtrace::data::Data;
use gdtrace::error::Result;
use gdtrace::export::output::{About, Outputs};
use gdtrace::export::xlsx::{self, Addresses};
use gdtrace::optimizer::{self, Setup};
use gdtrace::trace::{self, Block, Nobody, Plan, Results, Sink};
use gdtrace::value::Value;
use rust_xlsxwriter::{Formula, Workbook};
use tempfile::TempDir;

/// The optimizers by name with their learning rates, on a model of the walkthrough's data.
fn results(model: &str, optimizers: &[(&str, f64)], data: Data, plan: Plan) -> Results {
    let (formula, _) = Model::read(model).unwrap();
    let model = Model::new(formula, Loss::squared().unwrap(), &["x", "y"]).unwrap();
    let start = vec![1.0; model.weights.len()];
    let sheet = |(name, lr): &(&str, f64)| {
        let definition = optimizer::find(name).unwrap();
        let hyper = [("lr".to_owned(), *lr)].into();
        let setup = Setup { hyper, ..Setup::new(&start, data.samples()) };
        (definition.clone(), optimizer::sheet(definition, &model, &setup).unwrap())
    };
    let sheets = optimizers.iter().map(sheet).collect();
    Results::compute(sheets, data, plan, &mut Nobody).unwrap()
}

fn write(results: &Results, path: &Path, threads: usize) {
    let mut outputs = Outputs::new(&[], true);
    let mut nobody = Nobody;
    let book =
        xlsx::workbook(results, &xlsx::Host::separate(), &mut nobody).unwrap().on_threads(threads);
    let about = About { title: "rows", subject: "rows", properties: &[] };
    outputs.stage_book(path, book, &about).unwrap();
    outputs.commit().unwrap();
}

/// The values of a run, row by row.
#[derive(Default)]
struct Kept(Vec<Vec<Value>>);

impl Sink for Kept {
    fn block(&mut self, block: &Block) -> Result<()> {
        let row = |row: usize| block.columns.iter().map(|column| column[row]).collect();
        self.0.extend((0..block.rows()).map(row));
        Ok(())
    }
}

/// What rust_xlsxwriter writes of the rows of a run.
fn expected(results: &Results, run: usize, folder: &TempDir) -> String {
    let mut kept = Kept::default();
    let sheet = &results.runs[run].sheet;
    trace::run(sheet, &results.data, &results.plan, &mut [&mut kept]).unwrap();
    let addresses = Addresses::new(results, &xlsx::Host::separate());
    let mut workbook = Workbook::new();
    let plain = workbook.add_worksheet_with_constant_memory().unwrap();
    for (step, values) in (1..).zip(&kept.0) {
        for (column, value) in values.iter().enumerate() {
            let formula = Formula::new(addresses.formula(run, column, step));
            let row = addresses.first_row(run) + step - 1;
            let cell = formula.set_result(value.to_string());
            plain.write_formula(row as u32, column as u16, cell).unwrap();
        }
    }
    let path = folder.path().join("expected.xlsx");
    workbook.save(&path).unwrap();
    rows(&part(&path, "xl/worksheets/sheet1.xml"), addresses.first_row(run) + 1)
}

fn part(path: &Path, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The XML of the rows from the one with that number on.
fn rows(xml: &str, first: usize) -> String {
    let start = xml.find(&format!("<row r=\"{first}\"")).unwrap();
    let end = xml.find("</sheetData>").unwrap();
    xml[start..end].to_owned()
}

/// `xml` without the styles of its cells, and the style of each.
fn without_styles(xml: &str) -> (String, Vec<String>) {
    let mut pieces = xml.split(" s=\"");
    let mut plain = pieces.next().unwrap().to_owned();
    let styles = pieces.map(|piece| {
        let (style, rest) = piece.split_once('"').unwrap();
        plain.push_str(rest);
        style.to_owned()
    });
    let styles = styles.collect();
    (plain, styles)
}

/// Checks the rows of all runs, and gives the XML of the first one's.
fn check(results: &Results) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out.xlsx");
    write(results, &path, 2);
    let mut all = Vec::new();
    for run in 0..results.runs.len() {
        let xml = part(&path, &format!("xl/worksheets/sheet{}.xml", run + 3));
        let first = Addresses::new(results, &xlsx::Host::separate()).first_row(run) + 1;
        let (found, styles) = without_styles(&rows(&xml, first));
        // Heads are as high as they are; rows of the plain sheet have no attribute of their own.
        let found = found.replace(" x14ac:dyDescent=\"0.25\"", "");
        let expected = expected(results, run, &folder).replace(" x14ac:dyDescent=\"0.25\"", "");
        assert!(found == expected, "{}", difference(&found, &expected));
        let columns = results.runs[run].sheet.columns.len();
        let samples = results.data.samples();
        let epochs: Vec<&[String]> = styles.chunks(columns * samples).collect();
        for epoch in &epochs {
            assert_eq!(epoch, &epochs[0], "every epoch looks the same");
            let rows: Vec<&[String]> = epoch.chunks(columns).collect();
            assert!(rows[..samples - 1].iter().all(|row| row == &rows[0]));
            assert!(rows[samples - 1].iter().zip(rows[0]).all(|(end, within)| end != within));
        }
        let last = results.runs[run].rows + first - 1;
        let dimension = xml.split("<dimension ref=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(
            dimension.starts_with("A1:") && dimension.ends_with(&last.to_string()),
            "{dimension}"
        );
        all.push(found);
    }
    all.swap_remove(0)
}

fn difference(found: &str, expected: &str) -> String {
    let at = found.bytes().zip(expected.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| text[at.saturating_sub(60)..(at + 60).min(text.len())].to_owned();
    format!("{}\n{}", around(found), around(expected))
}

#[test]
fn the_rows_are_those_that_rust_xlsxwriter_writes() {
    let optimizers = [("sgd", 1e-4), ("momentum", 1e-4), ("rmsprop", 0.1), ("adam", 0.1)];
    // Row numbers of two to four digits, several blocks of rows.
    check(&results("a*x+b", &optimizers, common::walkthrough(), Plan::new(40)));
}

#[test]
fn error_values_are_written_as_such() {
    check(&results("a*x+b", &[("sgd", 1.0)], common::walkthrough(), Plan::new(20)));
}

#[test]
fn formulas_with_signs_of_xml_are_escaped() {
    let xml = check(&results("max(a*x, b)", &[("sgd", 1e-5)], common::walkthrough(), Plan::new(2)));
    assert!(xml.contains("&gt;") && !xml.contains(">="));
}

#[test]
fn rows_too_long_to_be_copied_from_are_written_too() {
    let terms: Vec<String> = (0..130).map(|term| format!("w{term}*x")).collect();
    let xml =
        check(&results(&terms.join("+"), &[("adam", 1e-3)], common::walkthrough(), Plan::new(2)));
    // A copy reaches back 32 KiB.
    assert!(xml.split("</row>").all(|row| row.is_empty() || row.len() > 32_768));
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    let folder = TempDir::new().unwrap();
    let until = trace::Until::new(Some("rmse < 8"), None, &["a".into(), "b".into()], true).unwrap();
    let plans = [Plan::new(300), Plan { until, ..Plan::new(300) }];
    for plan in plans {
        let results =
            results("a*x+b", &[("adam", 0.02), ("sgd", 1e-4)], common::walkthrough(), plan);
        let bytes = [1, 2, 5].map(|threads| {
            let path = folder.path().join("out.xlsx");
            write(&results, &path, threads);
            std::fs::read(&path).unwrap()
        });
        assert!(bytes[0] == bytes[1] && bytes[1] == bytes[2]);
    }
}
