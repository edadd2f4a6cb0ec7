//! The files of `gdtrace compare`: the workbook with theirs, ours and the difference, and the page.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::book::{Book, Sheet, parts};
use crate::common::package;
use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use rust_xlsxwriter::{Formula, Workbook, Worksheet};
use tempfile::TempDir;

const REFERENCE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/graddesc-v3.xlsx");

/// A table of gradient descent as people build it: lr in B1, heads in row 3, samples from row 4 on.
const HEADS: [&str; 9] = ["x", "y", "b", "a", "pred", "de/db", "de/da", "new b", "new a"];
const FIRST: u32 = 3;
const LR: f64 = 0.0001;

/// A cell that was written over: its row and column, its formula if it has one, and its number.
type Slip = (u32, u16, Option<&'static str>, f64);

fn write_table(sheet: &mut Worksheet, heads: [&str; 9], slips: &[Slip]) {
    sheet.write_string(0, 0, "learn").unwrap();
    sheet.write_number(0, 1, LR).unwrap();
    for (column, head) in (0..).zip(heads) {
        sheet.write_string(FIRST - 1, column, head).unwrap();
    }
    let (mut b, mut a) = (1.0, 1.0);
    let xs = [14.0, 86.0, 28.0, 51.0, 29.0, 72.0, 62.0, 84.0, 15.0, 42.0, 47.0, 35.0];
    for (row, x) in (FIRST..).zip(xs) {
        let y = 2.0 * x + 30.0;
        sheet.write_number(row, 0, x).unwrap();
        sheet.write_number(row, 1, y).unwrap();
        let mut values = [0.0; 9];
        (values[2], values[3]) = (b, a);
        let n = row + 1;
        let formulas = [
            (2, format!("=H{row}")),
            (3, format!("=I{row}")),
            (4, format!("=C{n}+D{n}*A{n}")),
            (5, format!("=2*(E{n}-B{n})")),
            (6, format!("=F{n}*A{n}")),
            (7, format!("=C{n}-F{n}*$B$1")),
            (8, format!("=D{n}-G{n}*$B$1")),
        ];
        for (column, formula) in formulas {
            values[usize::from(column)] = match column {
                4 => values[2] + values[3] * x,
                5 => 2.0 * (values[4] - y),
                6 => values[5] * x,
                7 => values[2] - values[5] * LR,
                8 => values[3] - values[6] * LR,
                _ => values[usize::from(column)],
            };
            let slip = slips.iter().find(|slip| (slip.0, slip.1) == (row, column));
            let formula = match slip {
                Some((.., None, number)) => {
                    values[usize::from(column)] = *number;
                    sheet.write_number(row, column, *number).unwrap();
                    continue;
                }
                Some((.., Some(formula), number)) => {
                    values[usize::from(column)] = *number;
                    (*formula).to_owned()
                }
                None => formula,
            };
            let value = values[usize::from(column)];
            if row == FIRST && column < 4 {
                sheet.write_number(row, column, value).unwrap();
            } else {
                let cell = Formula::new(formula).set_result(value.to_string());
                sheet.write_formula(row, column, cell).unwrap();
            }
        }
        (b, a) = (values[7], values[8]);
    }
}

/// A workbook whose only table is on `name`.
fn save(folder: &TempDir, name: &str, slips: &[Slip]) -> PathBuf {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).unwrap();
    write_table(sheet, HEADS, slips);
    let path = folder.path().join("hand.xlsx");
    workbook.save(&path).unwrap();
    path
}

fn compare(folder: &TempDir, options: &str) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder.path())
        .arg("compare")
        .args(options.split_whitespace())
        .assert()
}

/// The workbook and the page on `hand.xlsx`.
fn written(folder: &TempDir) -> (Book, String) {
    compare(folder, "hand.xlsx -o out.xlsx --report out.html");
    let faults = package::check(folder.path().join("out.xlsx"));
    assert!(faults.is_empty(), "{faults:#?}");
    let page = fs::read_to_string(folder.path().join("out.html")).unwrap();
    (Book::open(&folder.path().join("out.xlsx")), page)
}

/// The number right of a label in the first column, in the first column that has one.
fn figures(sheet: &Sheet, label: &str) -> Vec<f64> {
    let (row, _) = sheet.places(label)[0];
    let cells = sheet.cells.range((row, 1)..(row + 1, 0));
    cells.filter_map(|(_, cell)| cell.number()).collect()
}

#[test]
fn a_sound_table_agrees_cell_by_cell() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder, "hand", &[]);
    let (book, page) = written(&folder);
    assert_eq!(book.names(), ["hand", "findings", "hand compared"]);
    let compared = book.sheet("hand compared");
    assert_eq!(figures(compared, "cells compared"), [12.0; 7]);
    assert_eq!(figures(compared, "cells that differ"), [0.0; 7]);
    assert!(figures(compared, "largest difference").iter().all(|largest| *largest < 1e-9));
    assert!(page.contains("All 84 cells that were compared agree."), "{page}");
}

#[test]
fn the_copy_has_every_cell_at_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let path = save(&folder, "hand", &[]);
    let (book, _) = written(&folder);
    let (original, copy) = (Book::open(&path), book.sheet("hand"));
    let original = original.sheet("hand");
    assert_eq!(original.cells.len(), copy.cells.len());
    for (at, cell) in &original.cells {
        assert_eq!(copy.cell(*at).formula, cell.formula, "{at:?}");
        let (theirs, ours) = (cell.number(), copy.cell(*at).number());
        assert_eq!(theirs.map(|n| format!("{n:.9e}")), ours.map(|n| format!("{n:.9e}")), "{at:?}");
    }
}

#[test]
fn ours_is_computed_from_their_cells() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder, "hand", &[]);
    let (book, _) = written(&folder);
    let sheet = book.sheet("hand compared");
    let (labels, column) = sheet.places("lr")[0];
    assert_eq!(sheet.formula((labels + 1, column)), "hand!$B$1");
    let (heads, _) = sheet.places("row")[0];
    let (start, first) = (heads + 1, heads + 2);
    // b: theirs, ours, difference.
    assert_eq!(sheet.formula((first, 3)), "hand!C4");
    let ours = sheet.formula((first, 4)).to_owned();
    assert_eq!(sheet.formula((first, 5)), format!("D{0}-E{0}", first + 1));
    let new_b = sheet.places("new b (H)")[0].1 + 1;
    assert!(ours.ends_with(&(start + 1).to_string()), "{ours}");
    assert_eq!(sheet.formula((start, new_b)), "hand!$C$4");
    // One formula a column, in R1C1 terms.
    let next = sheet.formula((first + 1, 4)).to_owned();
    assert_eq!(next, ours.replace(&(start + 1).to_string(), &(first + 1).to_string()));
}

#[test]
fn a_wrong_cell_is_marked_linked_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    // A number pasted over new a in row 8.
    save(&folder, "hand", &[(7, 8, None, 1.5)]);
    let (book, page) = written(&folder);
    let findings = book.sheet("findings");
    assert!(!findings.places("hand!I8").is_empty(), "{:?}", findings.all_texts());
    assert!(!findings.places("differs").is_empty());
    let parts = parts(&folder.path().join("out.xlsx"));
    let part = |wanted: &str| &parts.iter().find(|(name, _)| name == wanted).unwrap().1;
    let links = part("xl/worksheets/sheet2.xml");
    assert!(links.contains("location=\"hand!I8\""), "{links}");
    // The cell is coloured by a format that depends on the switch, and stays what it was.
    let hand = part("xl/worksheets/sheet1.xml");
    let format = hand.split("<conditionalFormatting sqref=\"I8:I8\">").nth(1).unwrap();
    assert!(format.split("</cfRule>").next().unwrap().contains("gdtrace_marks=\"on\""), "{hand}");
    assert!(hand.contains("<c r=\"I8\"><v>1.5</v></c>"), "{hand}");
    let switch = "<definedName name=\"gdtrace_marks\">findings!$B$4</definedName>";
    assert!(part("xl/workbook.xml").contains(switch), "{}", part("xl/workbook.xml"));
    assert_eq!(findings.text((3, 1)), "on");
    let notes: Vec<&String> =
        parts.iter().filter(|(name, _)| name.contains("comments")).map(|(_, text)| text).collect();
    assert!(notes.iter().any(|notes| notes.contains("ref=\"I8\"") && notes.contains("expected")));
    let compared = book.sheet("hand compared");
    let differing: f64 = figures(compared, "cells that differ").iter().sum();
    assert!(differing > 20.0, "{differing}");
    assert_eq!(
        figures(findings, "hand").last(),
        figures(compared, "largest difference").iter().max_by(|a, b| a.total_cmp(b))
    );
    for told in ["<b>hand!I8</b>", "Differs.", "Number by number", "<td class=\"cause\""] {
        assert!(page.contains(told), "{told} is missing");
    }
}

/// What the script of a page knows.
fn store(page: &str) -> serde_json::Value {
    let store = page.split("id=\"gd-store\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(store).unwrap()
}

#[test]
fn the_script_has_theirs_and_ours_where_it_is_another_number() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder, "hand", &[(7, 8, None, 1.5)]);
    let (_, page) = written(&folder);
    let table = &store(&page)["tables"][0];
    assert_eq!(table["rows"].as_array().unwrap().len(), 12);
    let columns = table["columns"].as_array().unwrap();
    let new_a = columns.iter().find(|one| one["letters"] == "I").unwrap();
    // The number that was pasted in row 8 is the fifth.
    assert_eq!(new_a["theirs"][4], 1.5);
    assert_eq!(new_a["marks"].as_str().unwrap().find('c'), Some(4));
    let ours = new_a["ours"].as_array().unwrap();
    assert_eq!(ours[0][0], 4);
    assert!(ours[0][1].as_f64().unwrap() != 1.5);
    assert_eq!(ours.len(), new_a["marks"].as_str().unwrap().matches(['c', 'f']).count());
}

#[test]
fn a_missing_number_leaves_the_rest_comparable() {
    let folder = tempfile::tempdir().unwrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("hand").unwrap();
    write_table(sheet, HEADS, &[]);
    sheet.write_string(FIRST + 5, 1, "about 100").unwrap();
    workbook.save(folder.path().join("hand.xlsx")).unwrap();
    let (book, _) = written(&folder);
    let compared = book.sheet("hand compared");
    let (heads, _) = compared.places("row")[0];
    let row = heads + 2 + 5;
    assert!(compared.formula((row, 2)).starts_with("IF(ISNUMBER(hand!B9)"));
    assert!(compared.cell((row, 2)).is_error());
}

/// An OpenDocument workbook with the sheet `hand`: rows of cells, each a formula with its result, or a
/// number.
fn save_ods(folder: &TempDir, rows: &[Vec<(Option<&str>, f64)>]) {
    let cell = |(formula, value): &(Option<&str>, f64)| {
        let formula =
            formula.map(|text| format!(" table:formula=\"of:={text}\"")).unwrap_or_default();
        format!("<table:table-cell{formula} office:value-type=\"float\" office:value=\"{value}\"/>")
    };
    let row = |cells: &Vec<(Option<&str>, f64)>| {
        let cells: String = cells.iter().map(cell).collect();
        format!("<table:table-row>{cells}</table:table-row>")
    };
    let rows: String = rows.iter().map(row).collect();
    let spaces = ["office", "table", "text"]
        .map(|one| format!(" xmlns:{one}=\"urn:oasis:names:tc:opendocument:xmlns:{one}:1.0\""))
        .concat();
    let content = format!(
        "<office:document-content{spaces}><office:body><office:spreadsheet>\
         <table:table table:name=\"hand\">{rows}</table:table></office:spreadsheet></office:body>\
         </office:document-content>"
    );
    let file = fs::File::create(folder.path().join("hand.ods")).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = "<manifest:manifest xmlns:manifest=\
                    \"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    let parts =
        [("mimetype", kind), ("META-INF/manifest.xml", manifest), ("content.xml", &content)];
    for (name, text) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn what_is_no_package_of_parts_is_copied_with_its_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = vec![vec![(None, 0.1), (Some("RAND()"), 0.7), (Some("[.A1]*2"), 0.2)]];
    // w goes down by 0.1 * 2 * (w - 3), but for a sign in the third row.
    let texts: Vec<[String; 3]> = (2..9)
        .map(|row| {
            let sign = if row == 4 { "+" } else { "-" };
            let next = format!("[.A{row}]{sign}[.$A$1]*[.C{row}]");
            [format!("[.D{}]", row - 1), format!("([.A{row}]-3)^2"), next]
        })
        .collect();
    let mut w = 10.0;
    for (row, [above, loss, next]) in (2..9).zip(&texts) {
        let slope = 2.0 * (w - 3.0);
        let step = if row == 4 { 0.1 * slope } else { -0.1 * slope };
        let first = if row == 2 { None } else { Some(above.as_str()) };
        rows.push(vec![
            (first, w),
            (Some(loss), (w - 3.0) * (w - 3.0)),
            (Some(Box::leak(format!("2*([.A{row}]-3)").into_boxed_str())), slope),
            (Some(next), w + step),
        ]);
        w += step;
    }
    save_ods(&folder, &rows);
    compare(&folder, "hand.ods -o out.xlsx").code(1);
    assert_eq!(package::check(folder.path().join("out.xlsx")), Vec::<String>::new());
    let book = Book::open(&folder.path().join("out.xlsx"));
    assert_eq!(book.names(), ["findings", "hand"]);
    let copy = book.sheet("hand");
    // What is another number at each calculation stands as the one that it was.
    assert_eq!((copy.number((0, 1)), &copy.cell((0, 1)).formula), (0.7, &None));
    assert_eq!(copy.formula((0, 2)), "A1*2");
    assert_eq!(copy.formula((3, 3)), "A4+$A$1*C4");
    assert!(!book.sheet("findings").places("hand!D4").is_empty());
}

/// A workbook with a volatile sheet before the wrong table, and a name that refers to nothing.
fn book_with_other_faults(folder: &TempDir) {
    let mut workbook = Workbook::new();
    let data = workbook.add_worksheet();
    data.set_name("data").unwrap();
    data.write_string(0, 0, "drawn").unwrap();
    data.write_formula(1, 0, Formula::new("=RANDBETWEEN(1,9)").set_result("7")).unwrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name("hand").unwrap();
    write_table(sheet, HEADS, &[(7, 8, None, 1.5)]);
    workbook.define_name("lost", "=hand!#REF!").unwrap();
    workbook.save(folder.path().join("hand.xlsx")).unwrap();
}

#[test]
fn what_is_wrong_outside_of_tables_is_told_everywhere_and_last() {
    let folder = tempfile::tempdir().unwrap();
    book_with_other_faults(&folder);
    let (book, page) = written(&folder);
    let findings = book.sheet("findings");
    let row = |text: &str| findings.places(text)[0].0;
    let rows = [row("hand!I8"), row("data!A2"), row("lost")];
    assert!(rows.is_sorted(), "worst first, whatever the order of the sheets: {rows:?}");
    assert_eq!(findings.places("1 mistake, 2 remarks").len(), 1, "{:?}", findings.all_texts());
    for told in ["<b>data!A2</b>", "RANDBETWEEN gives another value", "<b>lost</b>"] {
        assert!(page.contains(told), "{told} is missing");
    }
    compare(&folder, "hand.xlsx").code(1).stdout(
        contains("data: skipped, ")
            .and(contains("\n A2  volatile\n   A2 changes whenever the sheet is calculated"))
            .and(contains("\n lost  broken-reference\n   the name lost"))
            .and(contains("differs: 1 mistake on 1 sheet, 1 skipped; look at hand!I8 first")),
    );
    let printed = compare(&folder, "hand.xlsx --json").code(1).get_output().stdout.clone();
    let printed: serde_json::Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!(printed["findings"][0]["cell"], "lost");
    assert_eq!(printed["sheets"][0]["findings"][0]["cell"], "data!A2");
}

#[test]
fn the_terminal_the_workbook_and_the_page_count_the_same_cells() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder, "hand", &[(7, 8, None, 1.5)]);
    let (book, page) = written(&folder);
    let compared = book.sheet("hand compared");
    let sum = |label: &str| figures(compared, label).iter().sum::<f64>();
    let (cells, wrong) = (sum("cells compared"), sum("cells that differ"));
    assert!(page.contains(&format!("{wrong} of {cells} cells differ")));
    // x and y are given: nothing is held against them.
    compare(&folder, "hand.xlsx")
        .stdout(contains(format!("{cells} cells in 7 columns: {wrong} differ")));
    compare(&folder, "hand.xlsx --verbose").stdout(contains("A4:A15  x       x       given"));
}

#[test]
fn an_update_that_nobody_knows_is_not_called_compared() {
    let folder = tempfile::tempdir().unwrap();
    // The new weights go the way of no optimizer.
    let strange = |row: u32, column: u16, formula: &'static str| (row, column, Some(formula), 1.0);
    let slips = [
        "=D4-SIN(G4)",
        "=D5-SIN(G5)",
        "=D6-SIN(G6)",
        "=D7-SIN(G7)",
        "=D8-SIN(G8)",
        "=D9-SIN(G9)",
        "=D10-SIN(G10)",
        "=D11-SIN(G11)",
        "=D12-SIN(G12)",
        "=D13-SIN(G13)",
        "=D14-SIN(G14)",
        "=D15-SIN(G15)",
    ];
    let slips: Vec<Slip> =
        (FIRST..).zip(slips).map(|(row, formula)| strange(row, 8, formula)).collect();
    save(&folder, "hand", &slips);
    let (_, page) = written(&folder);
    assert!(page.contains("No optimizer fits, so there is no run to compare with"));
    let printed = compare(&folder, "hand.xlsx").get_output().stdout.clone();
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("compared    with no run, since no optimizer fits"), "{printed}");
    assert!(!printed.contains("not the least difference"), "{printed}");
}

#[test]
fn sheets_beside_tables_lead_back() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder, "hand", &[(7, 8, None, 1.5)]);
    let (book, _) = written(&folder);
    let parts = parts(&folder.path().join("out.xlsx"));
    let text = |wanted: &str| parts.iter().find(|(name, _)| name == wanted).unwrap().1.as_str();
    let compared = text("xl/worksheets/sheet3.xml");
    assert!(compared.contains("location=\"findings!A1\""), "{compared}");
    for mark in ["cause", "consequence", "remark"] {
        assert_eq!(book.sheet("hand compared").places(mark).len(), 1, "{mark}");
    }
}

#[test]
fn hostile_names_are_only_text() {
    let folder = tempfile::tempdir().unwrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let name = "<img src=x onerror='1'>&\"{{a}}";
    sheet.set_name(name).unwrap();
    let mut heads = HEADS;
    heads[4] = "<script>alert(1)</script>";
    heads[5] = "=cmd|' /C calc'!A0";
    write_table(sheet, heads, &[(7, 8, None, 1.5), (6, 4, None, 9.0)]);
    workbook.add_worksheet().set_name("findings").unwrap();
    workbook.add_worksheet().set_name(format!("{} compared", &name[..22])).unwrap();
    workbook.save(folder.path().join("hand.xlsx")).unwrap();
    let (book, page) = written(&folder);
    // What the page knows, and its own script: nothing else.
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img"));
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(page.contains("\"head\":\"\\u003cscript>alert(1)\\u003c/script>\""), "{page}");
    assert!(page.contains("script-src 'sha256-"));
    let names = book.names();
    assert_eq!(names[3], "findings 2");
    assert_eq!(names.len(), 5, "{names:?}");
    for sheet in &book.sheets {
        let formulas = sheet.cells.values().filter_map(|cell| cell.formula.as_deref());
        assert!(formulas.clone().all(|formula| !formula.contains("cmd")), "{}", sheet.name);
    }
}

#[test]
fn a_csv_file_has_a_copy_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = save(&folder, "hand", &[]);
    let book = Book::open(&path);
    let sheet = book.sheet("hand");
    let mut text = String::new();
    for row in 2..15 {
        let cell = |column| match sheet.cell((row, column)).number() {
            Some(number) => number.to_string(),
            None => sheet.text((row, column)).to_owned(),
        };
        text += &(0..9).map(cell).collect::<Vec<_>>().join(",");
        text += "\n";
    }
    fs::write(folder.path().join("hand.csv"), text).unwrap();
    compare(&folder, "hand.csv -o out.xlsx --report out.html");
    let book = Book::open(&folder.path().join("out.xlsx"));
    assert_eq!(&book.names()[..2], ["findings", "table"]);
    // The copy keeps what stands above its first sample on the screen.
    let parts = parts(&folder.path().join("out.xlsx"));
    let copy = parts.iter().find(|(name, _)| name == "xl/worksheets/sheet2.xml").unwrap();
    assert!(copy.1.contains("<pane ySplit=\"1\" topLeftCell=\"A2\""), "{}", copy.1);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder, "hand", &[(7, 8, None, 1.5)]);
    written(&folder);
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let before = [read("out.xlsx"), read("out.html")];
    written(&folder);
    assert!(before == [read("out.xlsx"), read("out.html")]);
}

#[test]
fn nothing_is_overwritten_or_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = save(&folder, "hand", &[]);
    let before = fs::read(&path).unwrap();
    compare(&folder, "hand.xlsx -o hand.xlsx")
        .failure()
        .stderr(contains("never writes to its input"));
    compare(&folder, "hand.xlsx -o out.csv").failure().stderr(contains("must be an .xlsx file"));
    compare(&folder, "hand.xlsx --report out.xlsx").failure().stderr(contains(".html file"));
    fs::write(folder.path().join("mine.html"), "mine").unwrap();
    compare(&folder, "hand.xlsx -o out.xlsx --report mine.html")
        .failure()
        .stderr(contains("--force"));
    assert!(!folder.path().join("out.xlsx").exists());
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_to_string(folder.path().join("mine.html")).unwrap(), "mine");
}

#[test]
fn the_walkthrough_agrees_in_every_cell() {
    if !Path::new(REFERENCE).exists() {
        eprintln!("skipped: there is no {REFERENCE}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::copy(REFERENCE, folder.path().join("hand.xlsx")).unwrap();
    let (book, page) = written(&folder);
    for name in ["basic", "momentum", "rmsprop", "adam", "adam_ann"] {
        let sheet = book.sheet(&format!("{name} compared"));
        assert!(figures(sheet, "cells compared").iter().all(|count| *count == 29.0), "{name}");
        assert!(figures(sheet, "cells that differ").iter().all(|count| *count == 0.0), "{name}");
        assert!(figures(sheet, "rounding allowed").iter().all(|allowed| *allowed == 0.0), "{name}");
    }
    // Their sheets are whole, the random data too.
    let data = book.sheet("data").cells.values().filter_map(|cell| cell.formula.as_deref());
    assert_eq!(data.filter(|formula| formula.contains("RAND")).count(), 29);
    assert!(page.contains("id=\"sheet-adam_ann\""));
}
