//! Names that the user's sheets have already.

use std::collections::BTreeSet;

use gdtrace::export::html;
use gdtrace::export::xlsx::{Addresses, Host};
use gdtrace::optimizer::Record;

use crate::host::assembled::{Assembled, DATA, Runs};

/// A workbook that has every name that ours would have, some in other case.
const TAKEN: [&str; 8] =
    ["summary", "SGD", "momentum", "momentum reset", "Order", "epochs", "circuit", "curvature"];

fn taken() -> Assembled {
    let mut sheets = vec![("data", DATA)];
    sheets.extend(TAKEN.map(|name| (name, "mine|1")));
    let runs = Runs { optimizers: &["sgd"], is_shuffled: true, has_reset: true, ..Runs::default() };
    Assembled::new(&sheets, &runs)
}

#[test]
fn names_that_are_taken_are_numbered_and_everything_refers_to_them() {
    let assembled = taken();
    assert_eq!(
        assembled.ours,
        [
            "summary (2)",
            "order (2)",
            "sgd (2)",
            "momentum (2)",
            "momentum reset (2)",
            "epochs (2)",
            "circuit (2)",
            "curvature (2)",
        ]
    );
    assert_eq!(assembled.faults(), Vec::<String>::new());
    let mut meant: BTreeSet<String> = assembled.ours.iter().cloned().collect();
    meant.insert("data".to_owned());
    let referred = assembled.referred();
    let foreign: Vec<&String> = referred.difference(&meant).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    // The circuit is where one looks at others, not looked at itself, but for its print area.
    let never: Vec<&String> =
        meant.difference(&referred).filter(|name| !name.starts_with("circuit")).collect();
    assert!(never.is_empty(), "nothing refers to {never:?}");
}

#[test]
fn optimizers_keep_their_own_names() {
    let assembled = taken();
    let epochs = assembled.book.sheet("epochs (2)");
    assert_eq!(epochs.text((1, 0)), "sgd");
    let summary = assembled.book.sheet("summary (2)");
    assert_eq!(summary.places("sgd").len(), 2, "a link, and the head of the RMSE by epoch");
    assert!(summary.places("sgd (2)").is_empty());
}

#[test]
fn texts_name_the_sheets_as_they_are() {
    let assembled = taken();
    let momentum = assembled.book.sheet("momentum (2)");
    let texts = momentum.all_texts();
    assert!(texts.contains(&"what a reset left: the sheet momentum reset (2)"), "{texts:?}");
    let reset = assembled.book.sheet("momentum reset (2)").text((2, 0));
    assert!(reset.contains("are what momentum (2) starts from"), "{reset}");
    let page = html::page(&assembled.results, &assembled.host, "user.trace.xlsx").expect("a page");
    let first = Addresses::new(&assembled.results, &assembled.host).first_row(0) + 1;
    for text in [
        &format!("\"sheet\":\"sgd (2)\",\"first_row\":{}", first - 1),
        "it is the sheet <b>sgd (2)</b>",
        "\"curvature\":\"the sheet curvature (2)\"",
        "\"order\":\"the sheet order (2)\"",
        "\"data\":\"the sheet data, cells A3:B8\"",
        "what a reset left: the sheet momentum reset (2)",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_record_has_the_names_by_which_the_sheets_are_found() {
    let assembled = taken();
    let addresses = Addresses::new(&assembled.results, &assembled.host);
    let sheet = |sheet: &str| gdtrace::optimizer::SheetRecord {
        sheet: sheet.into(),
        optimizer: "momentum".into(),
        training: gdtrace::optimizer::Training::default(),
    };
    let sheets = ["sgd", "momentum", "momentum reset", "another"].map(sheet).to_vec();
    let record = Record::new(&gdtrace::circuit::Model::line().unwrap(), &assembled.data, sheets);
    let record = addresses.record(&assembled.results, &record);
    let names: Vec<&str> = record.sheets.iter().map(|one| one.sheet.as_str()).collect();
    assert_eq!(names, ["sgd (2)", "momentum (2)", "momentum reset (2)", "another"]);
}

#[test]
fn a_workbook_of_its_own_has_the_usual_names() {
    let runs = Runs { optimizers: &["sgd"], ..Runs::default() };
    let assembled = Assembled::new(&[("data", DATA), ("sgd", "mine")], &runs);
    let addresses = Addresses::new(&assembled.results, &Host::separate());
    assert_eq!((addresses.sheet(0), addresses.data_sheet()), ("sgd", "data"));
    assert_eq!(addresses.data_place(), "the sheet data");
}
