//! Tables as people keep them, found without an option: what is taken from each, and what is said.

#[allow(dead_code)]
use std::path::{Path, PathBuf};

use crate::common::books::{Folder, options};
use crate::common::kinds::{SHEETS, TEXTS};
use gdtrace::data::{Data, read};
use rust_xlsxwriter::{Format, Table, TableColumn, Workbook, Worksheet};

/// What was taken, as far as `expected` asks for it: values only where it has a list of them.
fn taken(data: &Data, expected: &str) -> String {
    let mut out = format!("{} {}", data.sheet, data.range);
    for column in &data.columns {
        let header = column.header.as_deref().unwrap_or("");
        out += &format!(" {}={} '{header}'", column.name, column.cells);
        let values = format!(" {:?}", column.values);
        if expected.contains(&values) {
            out += &values;
        }
    }
    let left: Vec<String> = data.left_out.iter().map(|one| one.to_string()).collect();
    let left: Vec<String> = left.iter().filter(|one| !one.is_empty()).cloned().collect();
    if !left.is_empty() {
        out += &format!(" left {}", left.join(",").replace(", ", ","));
    }
    out
}

fn check(name: &str, path: &Path, text: &str, expected: &str, notes: &[&str]) -> Option<String> {
    let data = match read(path, &options(text)) {
        Ok(data) => data,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    let found = taken(&data, expected);
    let lacks = notes.iter().find(|note| !data.notes.iter().any(|said| said.contains(**note)));
    match (found == expected, lacks) {
        (true, None) => None,
        _ => {
            Some(format!("{name}\n  found    {found}\n  expected {expected}\n  {:#?}", data.notes))
        }
    }
}

#[test]
fn every_sheet_that_people_keep_is_read() {
    let folder = Folder::new();
    let wrong: Vec<String> = SHEETS
        .iter()
        .filter_map(|(name, lines, text, expected, notes)| {
            let path = folder.book("book.xlsx", &[("data", lines)]);
            check(name, &path, text, expected, notes)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_text_that_people_keep_is_read() {
    let folder = Folder::new();
    let wrong: Vec<String> = TEXTS
        .iter()
        .filter_map(|(name, content, text, expected, notes)| {
            check(name, &folder.file(name, content), text, expected, notes)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A workbook made cell by cell, for what lines of text cannot say.
fn made(folder: &Folder, make: impl Fn(&mut Workbook)) -> PathBuf {
    let path = folder.path("made.xlsx");
    let mut book = Workbook::new();
    make(&mut book);
    book.save(&path).expect("a workbook");
    path
}

const NUMBERS: [(f64, f64); 4] = [(1.5, 20.0), (2.5, 41.0), (3.5, 59.0), (4.5, 80.0)];

/// Writes the numbers from the cell at `row` and `column` on.
fn numbers(sheet: &mut Worksheet, row: u32, column: u16, format: &Format) {
    for (row, (x, y)) in (row..).zip(NUMBERS) {
        sheet.write_number_with_format(row, column, x, format).expect("a cell");
        sheet.write_number_with_format(row, column + 1, y, format).expect("a cell");
    }
}

#[test]
fn excel_tables_have_their_own_headers() {
    let folder = Folder::new();
    let columns = [TableColumn::new().set_header("Hours"), TableColumn::new().set_header("Scores")];
    for (has_headers, first, expected) in [
        (true, 4, "Sheet1 D5:E8 x=D5:D8 'Hours' y=E5:E8 'Scores'"),
        (false, 3, "Sheet1 D4:E7 x=D4:D7 'Hours' y=E4:E7 'Scores'"),
    ] {
        let path = made(&folder, |book| {
            let sheet = book.add_worksheet();
            sheet.write_string(0, 3, "Hours and scores of May").expect("a cell");
            let table = Table::new().set_columns(&columns).set_header_row(has_headers);
            sheet.add_table(3, 3, first + 3, 4, &table).expect("a table");
            numbers(sheet, first, 3, &Format::new());
            // A note right below is not of the table.
            sheet.write_number(first + 4, 3, 7.0).expect("a cell");
            sheet.write_number(first + 4, 4, 7.5).expect("a cell");
        });
        assert_eq!(check("table", &path, "", expected, &["x is column D 'Hours'"]), None);
    }
}

#[test]
fn merged_headers_and_number_formats_change_nothing() {
    let folder = Folder::new();
    let path = made(&folder, |book| {
        let sheet = book.add_worksheet();
        let plain = Format::new();
        sheet.merge_range(0, 0, 1, 0, "Person", &plain).expect("a merged cell");
        sheet.merge_range(0, 1, 0, 2, "Measured", &plain).expect("a merged cell");
        for (column, header) in [(1, "Share"), (2, "Price")] {
            sheet.write_string(1, column, header).expect("a cell");
        }
        for (row, name) in (2..).zip(["Ann", "Bob", "Cid", "Dan"]) {
            sheet.write_string(row, 0, name).expect("a cell");
        }
        numbers(sheet, 2, 1, &Format::new().set_num_format("0.00%"));
    });
    let expected = "Sheet1 B3:C6 x=B3:B6 'Share' [1.5, 2.5, 3.5, 4.5] y=C3:C6 'Price'";
    assert_eq!(check("merged", &path, "", expected, &[]), None);
}

#[test]
fn another_sheet_is_found_and_the_others_are_told() {
    let folder = Folder::new();
    let read_me = ("Read me", "This workbook\nversion|2");
    let may = ("May", "Age|Height\n2|86\n4|102\n6|115");
    let june = ("June", "Age|Height\n3|95\n5|109\n7|120");
    let path = folder.book("book.xlsx", &[read_me, may, june]);
    let expected = "May A2:B4 x=A2:A4 'Age' y=B2:B4 'Height'";
    let note = "the sheet 'June' has a table too: for it, say --sheet June";
    assert_eq!(check("sheets", &path, "", expected, &[note]), None);
}

#[test]
fn texts_are_read_in_every_encoding() {
    let folder = Folder::new();
    let text = "Größe;Preis €\n1,5;20\n2,5;41\n3,5;59\n";
    let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let old = |c: char| if c == '€' { 0x80 } else { c as u8 };
    for (name, bytes) in [
        ("utf-8", text.as_bytes().to_vec()),
        ("utf-8 with a mark", format!("\u{feff}{text}").into_bytes()),
        ("utf-16, little endian", [vec![0xFF, 0xFE], wide(u16::to_le_bytes)].concat()),
        ("utf-16, big endian", [vec![0xFE, 0xFF], wide(u16::to_be_bytes)].concat()),
        ("utf-16 without a mark", wide(u16::to_le_bytes)),
        ("latin-1", text.chars().map(old).collect()),
        ("old line ends", text.replace('\n', "\r").into_bytes()),
    ] {
        let path = folder.file("data.csv", bytes);
        let expected = " A2:B4 x=A2:A4 'Größe' [1.5, 2.5, 3.5] y=B2:B4 'Preis €'";
        assert_eq!(check(name, &path, "", expected, &[]), None);
    }
}

/// A text too long to be held is read as a short one is.
#[test]
fn long_texts_are_read_to_their_end() {
    let folder = Folder::new();
    let mut text = "no;Größe;Preis\n".to_owned();
    for row in 1..=5000 {
        let y = if row == 3000 { String::new() } else { format!("{},25", 2 * row) };
        text += &format!("{row};{row},5;{y}\n");
    }
    text += "Summe;12502500;25000000\n";
    let path = folder.file("long.csv", &text);
    let expected = " B2:C5001 x=B2:B3000, B3002:B5001 'Größe' y=C2:C3000, C3002:C5001 'Preis' \
                    left B3001,C3001";
    let notes = [
        "column A 'no' is passed over",
        "row 3001 is left out: C3001 is blank",
        "row 5002 is not read as a sample: A5002 says \"Summe\"",
    ];
    assert_eq!(check("long", &path, "", expected, &notes), None);
    let found = read(&path, &options("")).expect("a table");
    assert_eq!((found.samples(), found.columns[0].values[4998]), (4999, 5000.5));
    let wrong = folder.file("wrong.csv", text.replace("4000,5;8000,25", "4000,5;viel"));
    let error = read(&wrong, &options("")).expect_err("a text among numbers").to_string();
    assert!(error.starts_with("C4001 holds the text \"viel\" where a number for y"), "{error}");
}
