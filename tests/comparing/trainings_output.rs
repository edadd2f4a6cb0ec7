//! The files of `gdtrace compare` for trainings of any layout, and `gdtrace explain --cell`.

use std::fs;
use std::path::Path;

use crate::common::book::{Book, parts};
use crate::common::package;
use assert_cmd::Command;
use predicates::str::contains;
use rust_xlsxwriter::{Formula, Workbook, Worksheet};
use serde_json::Value;
use tempfile::TempDir;

const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/backprop.xlsx");

fn gdtrace(folder: &TempDir, words: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_gdtrace")).current_dir(folder.path()).args(words).assert()
}

fn explained(folder: &TempDir, file: &str, cell: &str) -> Value {
    let output = gdtrace(folder, &["explain", file, "--cell", cell, "--json"]).code(0);
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

/// The marked workbook and the page of a workbook.
fn written(folder: &TempDir, file: &str) -> (Book, String) {
    gdtrace(folder, &["compare", file, "-o", "out.xlsx", "--report", "out.html"]);
    let mut faults = package::check(folder.path().join("out.xlsx"));
    // Their sheets have what they had: libraries write cells without results.
    let theirs = package::check(folder.path().join(file));
    faults.retain(|fault| !theirs.contains(fault));
    assert!(faults.is_empty(), "{faults:#?}");
    let page = fs::read_to_string(folder.path().join("out.html")).unwrap();
    (Book::open(&folder.path().join("out.xlsx")), page)
}

/// A bowl in two unknowns, an iteration a row, from row 4 on: p in A, q in B, f in C, the derivatives
/// in D and F, with a blank column between them.
fn bowl(folder: &TempDir, derivative_by_p: &str) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("bowl").unwrap();
    sheet.write(0, 0, "learning rate").unwrap().write(0, 1, 0.1).unwrap();
    for (column, head) in [(0, "p"), (1, "q"), (2, "f"), (3, "df/dp"), (5, "df/dq")] {
        sheet.write(2, column, head).unwrap();
    }
    fill(sheet, derivative_by_p);
    workbook.save(folder.path().join("bowl.xlsx")).unwrap();
}

fn fill(sheet: &mut Worksheet, derivative_by_p: &str) {
    let (mut p, mut q) = (2.0, -1.5);
    for row in 4..16_u32 {
        let by_p = if derivative_by_p == WRONG { 2.0 * (p + 1.0) + q } else { 2.0 * (p - 1.0) + q };
        let by_q = p + 6.0 * q;
        let mut formula = |column: u16, text: &str, value: f64| {
            let text = text.replace('#', &row.to_string()).replace('@', &(row - 1).to_string());
            let formula = Formula::new(text).set_result(value.to_string());
            sheet.write_formula(row - 1, column, formula).unwrap();
        };
        formula(2, "=(A#-1)^2+A#*B#+3*B#^2", (p - 1.0) * (p - 1.0) + p * q + 3.0 * q * q);
        formula(3, derivative_by_p, by_p);
        formula(5, "=A#+6*B#", by_q);
        if row == 4 {
            sheet.write(3, 0, p).unwrap().write(3, 1, q).unwrap();
        } else {
            formula(0, "=A@-$B$1*D@", p);
            formula(1, "=B@-$B$1*F@", q);
        }
        (p, q) = (p - 0.1 * by_p, q - 0.1 * by_q);
    }
}

const RIGHT: &str = "=2*(A#-1)+B#";
const WRONG: &str = "=2*(A#+1)+B#";

#[test]
fn cells_of_a_network_are_marked_noted_and_linked() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(NETWORK, folder.path().join("net.xlsx")).unwrap();
    let (book, page) = written(&folder, "net.xlsx");
    assert_eq!(book.names(), ["network", "findings"]);
    let findings = book.sheet("findings");
    assert!(!findings.places("network!V8").is_empty(), "{:?}", findings.all_texts());
    assert!(!findings.places("1 mistake").is_empty());
    let proposed = "=((N8-$E$2)*N8*(1-N8)*J8+(P8-$E$3)*P8*(1-P8)*L8)*H8*(1-H8)*$B$2";
    assert!(!findings.places(proposed).is_empty(), "{:?}", findings.all_texts());
    let parts = parts(&folder.path().join("out.xlsx"));
    let notes: Vec<&String> =
        parts.iter().filter(|(name, _)| name.contains("comments")).map(|(_, text)| text).collect();
    assert!(notes.iter().any(|notes| notes.contains("ref=\"V8\"") && notes.contains("∂E/∂w3")));
    // The others say what should stand in their own row.
    assert!(
        notes.iter().any(|notes| notes.contains("ref=\"V47\"") && notes.contains("H47*(1-H47)"))
    );
    for told in ["<b>network!V8</b>", "Differs.", "class=\"missing\"", "\"kind\":\"weight wrong\""]
    {
        assert!(page.contains(told), "{told} is missing");
    }
    assert!(page.contains("It has F8*(1-F8) instead"), "{page}");
    assert!(page.contains("<mark>H8*(1-H8</mark>"), "{page}");
}

#[test]
fn the_copy_keeps_every_cell_and_notes_say_what_should_stand_there() {
    let folder = tempfile::tempdir().unwrap();
    bowl(&folder, WRONG);
    let (book, _) = written(&folder, "bowl.xlsx");
    let original = Book::open(&folder.path().join("bowl.xlsx"));
    let (original, copy) = (original.sheet("bowl"), book.sheet("bowl"));
    for (at, cell) in &original.cells {
        assert_eq!(copy.cell(*at).formula, cell.formula, "{at:?}");
    }
    assert!(copy.cells.keys().eq(original.cells.keys()), "nothing is written into their sheet");
    let parts = parts(&folder.path().join("out.xlsx"));
    let notes = &parts.iter().find(|(name, _)| name.contains("comments")).unwrap().1;
    for row in 4..16 {
        let note = notes.split(&format!("ref=\"D{row}\"")).nth(1).unwrap();
        let note = note.split("</comment>").next().unwrap();
        assert!(note.contains("should be: =") && note.contains(&format!("A{row}")), "{note}");
    }
}

#[test]
fn a_right_training_is_told_quietly() {
    let folder = tempfile::tempdir().unwrap();
    bowl(&folder, RIGHT);
    let (book, page) = written(&folder, "bowl.xlsx");
    assert!(!book.sheet("findings").places("No findings").is_empty());
    assert!(page.contains("The training in it computes what it should"), "{page}");
    assert!(!page.contains("What is wrong") && !page.contains("class=\"missing\""));
    assert!(page.contains("numbers forward") && page.contains("<math"));
}

/// What the script of a page knows.
fn store(page: &str) -> Value {
    let store = page.split("id=\"gd-store\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(store).unwrap()
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|one| one.as_f64().unwrap()).collect()
}

#[test]
fn with_right_derivatives_a_training_is_what_the_right_sheet_has() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = |formula| {
        bowl(&folder, formula);
        let (_, page) = written(&folder, "bowl.xlsx");
        for file in ["out.xlsx", "out.html"] {
            fs::remove_file(folder.path().join(file)).unwrap();
        }
        store(&page)["trainings"][0].clone()
    };
    let (wrong, right) = (drawn(WRONG), drawn(RIGHT));
    assert!(right["loss"]["mended"].is_null());
    let lines = |training: &Value, which: &str| {
        let weights = training["weights"].as_array().unwrap().iter();
        let loss = std::iter::once(&training["loss"]);
        weights.chain(loss).map(|one| numbers(&one[which])).collect::<Vec<_>>()
    };
    let (mended, values) = (lines(&wrong, "mended"), lines(&right, "values"));
    assert_eq!(mended.len(), 3);
    for (mended, values) in mended.iter().flatten().zip(values.iter().flatten()) {
        assert!((mended - values).abs() < 1e-12, "{mended} {values}");
    }
    // At the sheet's own weights the derivative is 2(p − 1) + q, where the sheet has 2(p + 1) + q.
    let p = &wrong["weights"][0];
    for (gradient, derivative) in numbers(&p["gradient"]).iter().zip(numbers(&p["derivative"])) {
        assert!((gradient - derivative - 4.0).abs() < 1e-12, "{gradient} {derivative}");
    }
    assert_eq!((&p["first"], &wrong["weights"][1]["first"]), (&Value::from(0), &Value::Null));
}

#[test]
fn the_network_has_the_numbers_of_every_iteration() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(NETWORK, folder.path().join("net.xlsx")).unwrap();
    let (_, page) = written(&folder, "net.xlsx");
    let network = &store(&page)["trainings"][0]["network"];
    let place = |cell: &str, at: usize| {
        network["cells"][at].as_array().unwrap().iter().position(|one| one == cell).unwrap()
    };
    // The loss and the second hidden neuron, in the first and the last row.
    for (first, last, name) in [("S8", "S46", "E"), ("H8", "H46", "h2")] {
        assert_eq!(place(first, 0), place(last, 38), "{name}");
        assert_eq!(network["nodes"][place(first, 0)]["name"], name);
    }
    let edge = serde_json::json!([place("H8", 0), place("O8", 0)]);
    assert!(network["edges"].as_array().unwrap().contains(&edge), "{}", network["edges"]);
    let value = network["values"][0][place("S8", 0)].as_f64().unwrap();
    assert!((value - loss(0.1)).abs() < 1e-12, "{value}");
    let slope = network["slopes"][0][place("C8", 0)].as_f64().unwrap();
    let difference = (loss(0.1 + 1e-5) - loss(0.1 - 1e-5)) / 2e-5;
    assert!((difference - slope).abs() < 1e-10, "{slope} {difference}");
}

#[test]
fn labels_are_escaped_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("<b>&").unwrap();
    sheet.write(0, 0, "learning rate").unwrap().write(0, 1, 0.1).unwrap();
    for (column, head) in [(0, "p<script>"), (1, "q&q"), (2, "\"f'"), (3, "d<p"), (5, "d>q")] {
        sheet.write(2, column, head).unwrap();
    }
    fill(sheet, WRONG);
    workbook.save(folder.path().join("bowl.xlsx")).unwrap();
    let (_, page) = written(&folder, "bowl.xlsx");
    assert!(page.contains("p&lt;script&gt;") && !page.contains("p<script>"), "{page}");
    assert!(page.contains("&lt;b&gt;&amp;") && !page.contains("<b>&<"), "{page}");
    let told = store(&page)["trainings"][0].clone();
    assert_eq!((&told["name"], &told["weights"][0]["name"]), (&"<b>&".into(), &"p<script>".into()));
}

#[test]
fn a_cell_is_explained_by_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(NETWORK, folder.path().join("net.xlsx")).unwrap();
    let roles = [
        ("network!V8", "gradient"),
        ("network!A8", "weight"),
        ("network!A9", "update"),
        ("network!S8", "loss"),
        ("network!B5", "learning-rate"),
        ("network!H10", "forward"),
        ("network!E2", "data"),
        ("network!A1", "none"),
        ("network!ZZ99", "none"),
    ];
    for (cell, role) in roles {
        assert_eq!(explained(&folder, "net.xlsx", cell)["role"], role, "{cell}");
    }
}

#[test]
fn the_derivative_is_a_chain_of_the_users_own_cells() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(NETWORK, folder.path().join("net.xlsx")).unwrap();
    let wrong = explained(&folder, "net.xlsx", "V8");
    assert_eq!(wrong["holds"], false);
    let derivative = &wrong["derivative"];
    assert_eq!(derivative["name"], "∂E/∂w3");
    let formula = "=((N8-E2)*N8*(1-N8)*J8+(P8-E3)*P8*(1-P8)*L8)*H8*(1-H8)*B2";
    assert_eq!(derivative["formula"], formula);
    let factors = derivative["factors"].as_array().unwrap();
    let missing: Vec<&str> = factors
        .iter()
        .filter(|factor| factor["in_cell"] == false)
        .map(|factor| factor["formula"].as_str().unwrap())
        .collect();
    assert_eq!(missing, ["H8*(1-H8)"]);
    assert_eq!(derivative["instead"][0], "F8*(1-F8)");
    // The factors multiply to what should stand there, which central differences of the loss give.
    let value = |factor: &Value| factor["value"].as_f64().unwrap();
    let on = |way: Option<i64>| {
        let of = factors.iter().filter(|one| one["way"].as_i64() == way);
        of.map(value).product::<f64>()
    };
    let expected = derivative["expected"].as_f64().unwrap();
    let product = (on(Some(1)) + on(Some(2))) * on(None);
    assert!((product - expected).abs() < 1e-15, "{product} {expected}");
    let difference = (loss(0.1 + 1e-5) - loss(0.1 - 1e-5)) / 2e-5;
    assert!((difference - expected).abs() < 1e-10, "{difference} {expected}");
    assert_eq!(explained(&folder, "net.xlsx", "W8")["holds"], true);
}

/// The loss of the example's first row where w3 has another value.
fn loss(w3: f64) -> f64 {
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let (x1, x2) = (0.3, 0.7);
    let (h1, h2) = (sigmoid(0.4 * x1 - 0.25 * x2), sigmoid(w3 * x1 + 0.55 * x2));
    let (o1, o2) = (sigmoid(0.3 * h1 - 0.45 * h2), sigmoid(0.2 * h1 + 0.6 * h2));
    0.5 * (0.15 - o1).powi(2) + 0.5 * (0.85 - o2).powi(2)
}

#[test]
fn a_wrong_name_of_a_cell_is_an_error_that_says_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(NETWORK, folder.path().join("net.xlsx")).unwrap();
    let told = [
        ("Z", "`Z` is no cell"),
        ("nework!Z9", "there is no sheet called 'nework'"),
        ("nework!Z9", "did you mean `network`?"),
        ("", "`` is no cell"),
        ("network!", "`` is no cell"),
        ("ZZZZ1", "`ZZZZ1` is no cell"),
    ];
    for (cell, words) in told {
        gdtrace(&folder, &["explain", "net.xlsx", "--cell", cell]).code(2).stderr(contains(words));
    }
    gdtrace(&folder, &["explain", "net.xlsx", "--cell", "A8", "--optimizer", "adam"])
        .code(2)
        .stderr(contains("--cell explains a cell as it stands in the workbook, but --optimizer says how to train"));
    gdtrace(&folder, &["explain", "none.xlsx", "--cell", "A8"]).code(2);
    gdtrace(&folder, &["explain", "net.xlsx", "--step", "3"])
        .code(2)
        .stderr(contains("an optimizer and a step"));
}

#[test]
fn settings_beside_the_workbook_say_nothing_about_its_cells() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(NETWORK, folder.path().join("net.xlsx")).unwrap();
    fs::write(folder.path().join("gdtrace.toml"), "epochs = 3\n").unwrap();
    assert_eq!(explained(&folder, "net.xlsx", "A8")["role"], "weight");
}

/// The workbooks with layouts of all kinds, where they are.
#[test]
fn every_layout_has_files_that_are_sound() {
    let field = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/field");
    let Ok(entries) = fs::read_dir(&field) else {
        eprintln!("skipped: there is no {}", field.display());
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "xlsx")
            || path.ends_with("plain-regression.xlsx")
        {
            continue;
        }
        fs::copy(&path, folder.path().join("one.xlsx")).unwrap();
        let (_, page) = written(&folder, "one.xlsx");
        assert!(
            page.contains("numbers forward") || store(&page)["trainings"][0]["network"].is_null(),
            "{path:?}"
        );
        fs::remove_file(folder.path().join("out.xlsx")).unwrap();
        fs::remove_file(folder.path().join("out.html")).unwrap();
    }
}
