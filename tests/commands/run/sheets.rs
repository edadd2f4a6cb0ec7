//! The sheets by name, the trace sheets' inputs and headers, and text that stays text.

use calamine::Data;

use crate::common::book::{Book, parts, raw_cells, sheet_parts};
use crate::common::books::Folder;
use crate::common::program::{Finished, SEPARATE, WALKTHROUGH, gdtrace};
use crate::run::trace::Trace;

/// The columns of every trace sheet up to the state; `est_` stands for `est ` and so on.
const COMMON: &str = "step epoch sample x y a b y_pred error err^2 erra1 est_de/da errb1 est_de/db \
                      de/da de/db";

/// Each optimizer's inputs and its columns between the gradient and `new a`.
const OPTIMIZERS: &[(&str, &str, &str)] = &[
    ("sgd", "lr", ""),
    ("momentum", "lr beta", "v_a v_b"),
    ("rmsprop", "lr beta eps", "S_a S_b"),
    (
        "adam",
        "lr beta1 beta2 eps",
        "v_a v_b S_a S_b v_a_corrected v_b_corrected S_a_corrected S_b_corrected",
    ),
];

/// The headers that the contract asks for.
fn headers(own: &str) -> Vec<String> {
    let words = [COMMON, own, "new_a new_b"].into_iter().flat_map(str::split_whitespace);
    let blanks = [("est_", "est "), ("new_", "new "), ("_corrected", " corrected")];
    words
        .map(|word| blanks.iter().fold(word.to_owned(), |w, (old, new)| w.replace(old, new)))
        .collect()
}

#[test]
fn the_sheets_stand_in_the_promised_order() {
    let ours = ["summary", "sgd", "momentum", "rmsprop", "adam", "epochs", "circuit", "curvature"];
    let mut promised = ours.to_vec();
    promised.insert(0, "data");
    assert_eq!(WALKTHROUGH.book.names(), promised, "theirs first");
    promised.swap(0, 1);
    assert_eq!(SEPARATE.book.names(), promised);
}

#[test]
fn the_optimizers_stand_in_the_order_in_which_they_were_named() {
    let book = Finished::of("--optimizers adam,sgd --epochs 1").book;
    assert_eq!(book.names(), ["data", "summary", "adam", "sgd", "epochs", "circuit", "curvature"]);
    assert_eq!(Trace::of(&book, "adam").number(1, "y_pred"), 15.0);
}

#[test]
fn each_trace_sheet_has_one_header_row_with_the_promised_headers() {
    for (optimizer, _, own) in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        assert_eq!(trace.headers, headers(own), "{optimizer}");
        assert_eq!(trace.steps(), 290, "{optimizer}");
    }
}

#[test]
fn inputs_stand_above_as_label_value_and_meaning() {
    for (optimizer, hyper, _) in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        let labels: Vec<&str> = trace.inputs().iter().map(|input| input.0).collect();
        let mut expected: Vec<&str> = hyper.split_whitespace().collect();
        expected.extend(["h", "start a", "start b", "n"]);
        assert_eq!(labels, expected, "{optimizer}");
        for (label, row) in trace.inputs() {
            assert!(trace.sheet.text((row, 2)).len() > 10, "{optimizer}: {label} has no meaning");
        }
        let head = trace.inputs()[0].1 - 1;
        assert_eq!(trace.sheet.texts(head)[..3], ["input", "value", "meaning"], "{optimizer}");
    }
}

#[test]
fn defaults_are_those_that_show_learning_on_the_walkthrough() {
    let defaults = [
        ("sgd", "lr", 1e-4),
        ("momentum", "lr", 1e-4),
        ("momentum", "beta", 0.9),
        ("rmsprop", "lr", 0.02),
        ("rmsprop", "beta", 0.9),
        ("rmsprop", "eps", 1e-8),
        ("adam", "lr", 0.5),
        ("adam", "beta1", 0.9),
        ("adam", "beta2", 0.999),
        ("adam", "eps", 1e-8),
    ];
    for (optimizer, label, value) in defaults {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        assert_eq!(trace.input(label), value, "{optimizer} {label}");
    }
    for (optimizer, ..) in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        let inputs = ["h", "start a", "start b", "n"].map(|label| trace.input(label));
        assert_eq!(inputs, [0.01, 1.0, 1.0, 29.0], "{optimizer}");
    }
}

#[test]
fn the_step_0_row_holds_the_initial_state_and_nothing_else() {
    for (optimizer, _, own) in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        for header in &trace.headers {
            let at = trace.at(0, header);
            let is_state = own.split_whitespace().any(|state| state == *header);
            let expected = match *header {
                "step" => Some(0.0),
                "new a" | "new b" => Some(1.0),
                _ if is_state => Some(0.0),
                _ => None,
            };
            let found = trace.sheet.cells.get(&at).and_then(|cell| cell.number());
            assert_eq!(found, expected, "{optimizer} {header}");
            assert_eq!(trace.sheet.cells.contains_key(&at), expected.is_some(), "{header}");
        }
    }
}

#[test]
fn the_data_sheet_holds_x_and_y_as_read_with_the_cells_they_came_from() {
    let sheet = SEPARATE.book.sheet("data");
    let row = sheet.places("x")[0].0;
    assert_eq!(sheet.texts(row), ["sample", "x", "y", "x from cell", "y from cell"]);
    let first: Vec<&Data> = (0..5).map(|column| &sheet.cell((row + 1, column)).value).collect();
    let text = |text: &str| Data::String(text.into());
    let expected = [Data::Float(1.0), Data::Float(14.0), Data::Float(58.0), text("A9"), text("B9")];
    assert_eq!(first, expected.iter().collect::<Vec<_>>());
    let numbers = |at| (1..=29).map(|sample| sheet.number((row + sample, at))).collect::<Vec<_>>();
    assert_eq!(numbers(0), (1..=29).map(f64::from).collect::<Vec<_>>());
    let line: Vec<f64> = numbers(1).iter().map(|x| 2.0 * x + 30.0).collect();
    assert_eq!(numbers(2), line);
    assert_eq!(sheet.cells.keys().next_back().unwrap().0, row + 29);
    let origin = "Read from graddes.xlsx, sheet 'data', cells A9:B37.";
    assert!(sheet.all_texts().contains(&origin), "{:?}", sheet.all_texts());
}

#[test]
fn every_header_has_a_note_that_says_what_the_column_is() {
    let path = WALKTHROUGH.folder.path("graddes.trace.xlsx");
    let notes: Vec<String> = parts(&path)
        .into_iter()
        .filter_map(|(name, text)| name.starts_with("xl/comments").then_some(text))
        .collect();
    for (optimizer, ..) in OPTIMIZERS {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        let all = |text: &&String| {
            trace.headers.iter().all(|header| text.contains(&format!("{header} = ")))
        };
        assert!(notes.iter().any(|text| all(&text)), "{optimizer}");
    }
}

/// Traces a workbook of three samples and returns what was written.
fn trace_of(name: &str, sheet: &str, x: &str) -> Book {
    let folder = Folder::new();
    folder.book(name, &[(sheet, &format!("'{x}|y\n1|2\n2|4\n3|7"))]);
    let arguments =
        ["run", name, "--x", x, "-o", "out.xlsx", "--no-report", "--epochs=1", "--separate"];
    gdtrace(&folder, &arguments).success();
    Book::open(&folder.path("out.xlsx"))
}

#[test]
fn text_from_the_input_is_never_written_as_a_formula() {
    let name = if cfg!(windows) { "=cmd.xlsx" } else { "=cmd|calc.xlsx" };
    let (plain, sly) = (trace_of("plain.xlsx", "data", "x"), trace_of(name, "=2+2", "=1+1"));
    let origin = format!("Read from {name}, sheet '=2+2', cells A2:B4.");
    for sheet in ["summary", "data"] {
        assert!(sly.sheet(sheet).all_texts().contains(&origin.as_str()), "{sheet}");
    }
    for (plain, sly) in plain.sheets.iter().zip(&sly.sheets) {
        assert!(plain.cells.keys().eq(sly.cells.keys()), "{}", plain.name);
        for (at, cell) in &sly.cells {
            let place = format!("{} {at:?}", sly.name);
            assert_eq!(cell.formula, plain.cell(*at).formula, "{place}");
            assert!(!cell.is_error(), "{place}: {:?}", cell.value);
        }
    }
}

#[test]
fn every_formula_has_a_cached_result_and_every_number_is_finite() {
    for (name, xml) in sheet_parts(&WALKTHROUGH.folder.path("graddes.trace.xlsx")) {
        let cells = raw_cells(&xml);
        assert!(cells.len() > 80 || name.ends_with("sheet1.xml"), "{name}: {}", cells.len());
        for cell in cells.iter().filter(|cell| cell.has_formula) {
            let number = cell.value.and_then(|value| value.parse::<f64>().ok());
            let is_text = cell.kind == "str" && cell.value.is_some_and(|text| !text.is_empty());
            assert!(
                is_text || cell.kind.is_empty() && number.is_some_and(f64::is_finite),
                "{name} {}: {cell:?}",
                cell.address
            );
        }
    }
}
