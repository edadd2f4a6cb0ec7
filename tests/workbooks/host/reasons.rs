//! Which data cells formulas may refer to, and what is said where they may not.

use std::path::Path;

use gdtrace::data::{self, Data};
use gdtrace::export::xlsx::Host;
use rust_xlsxwriter::{Formula, Workbook};

use crate::common::books::{Folder, options, write_lines};

/// Why the samples of the file are copied; none where formulas refer to them.
fn why(path: &Path) -> Option<String> {
    let data: Data = data::read(path, &options("")).expect("x and y");
    let host = Host::around(&data, Vec::new()).expect("a workbook");
    let told = host.copied(&data);
    assert_eq!(host.has_data(), told.is_none());
    let start = "Copied, since ";
    let end = ": a change in the sheet 'data' does not come here.";
    told.map(|told| {
        told.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).expect(&told).to_owned()
    })
}

fn why_of(sheets: &[(&str, &str)]) -> Option<String> {
    why(&Folder::new().book("user.xlsx", sheets))
}

#[test]
fn typed_numbers_and_steady_formulas_may_be_referred_to() {
    for lines in [
        "x|y\n1|3\n2|5\n3|7",
        // Formulas over other cells, and functions that find cells.
        "x|y\n1|=2*A2+1>3\n2|=2*A3+1>5\n3|=2*A4+1>7",
        "x|y\n1|=OFFSET(A2,0,0)*3>3\n2|=INDIRECT(\"A3\")*3>6\n3|=INDEX(A2:A4,3)*3>9",
        // A random number that nothing of the data is computed with.
        "x|y|\n1|3|=RAND()>0.5\n2|5|\n3|7|",
    ] {
        assert_eq!(why_of(&[("data", lines)]), None, "{lines}");
    }
}

#[test]
fn cells_that_change_by_themselves_are_copied() {
    for (lines, told) in [
        ("x|y\n1|3\n=RAND()>2|5\n3|7", "the cell A3 changes at each recalculation (=RAND())"),
        (
            "x|y\n1|3\n2|=A3*2+RANDBETWEEN(0,1)>5\n3|7",
            "the cell B3 changes at each recalculation (=A3*2+RANDBETWEEN(0,1))",
        ),
        ("x|y\n1|=D2*3>3\n2|5\n3|7\n|||\n|||=NOW()>45000", ""),
        (
            "x|y||noise\n1|=2*A2+D2>3||=RAND()>1\n2|=2*A3+D3>5||=RAND()>1\n3|=2*A4+D4>7||=RAND()>1",
            "the cell B2 changes at each recalculation (it is computed with D2, =RAND())",
        ),
    ] {
        let expected = Some(told.to_owned()).filter(|told| !told.is_empty());
        assert_eq!(why_of(&[("data", lines)]), expected, "{lines}");
    }
}

#[test]
fn random_numbers_are_found_on_other_sheets_and_behind_several_steps() {
    let data = "x|y\n1|=noise!B1+2>3\n2|5\n3|7";
    let noise = "=TODAY()>45000|=SUM(A1:A2)/45000>1\n0|";
    assert_eq!(
        why_of(&[("data", data), ("noise", noise)]).as_deref(),
        Some("the cell B2 changes at each recalculation (it is computed with noise!A1, =TODAY())")
    );
}

#[test]
fn cells_of_an_array_that_is_drawn_are_copied() {
    let folder = Folder::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("data").unwrap();
    for (column, head) in [(0, "x"), (1, "y")] {
        sheet.write_string(0, column, head).unwrap();
    }
    for row in 1..5 {
        sheet.write_number(row, 0, f64::from(row)).unwrap();
    }
    let drawn = Formula::new("RANDARRAY(4)").set_result("0.25");
    sheet.write_array_formula(1, 1, 4, 1, drawn).unwrap();
    let path = folder.path("user.xlsx");
    book.save(&path).unwrap();
    let told = why(&path).expect("a reason");
    assert!(told.starts_with("the cell B2 changes at each recalculation (="), "{told}");
    assert!(told.contains("RANDARRAY(4)"), "{told}");
}

#[test]
fn what_is_no_plain_number_is_copied() {
    for (lines, told) in [
        ("x|y\n1|3\n'2|5\n3|7", "the cell A3 holds the number 2 stored as text"),
        ("x|y\n1|3\n2|TRUE\n3|7", "the cell B3 holds the logical value TRUE"),
        ("x|y\n1|3\n2|\n3|7\n4|9", "x is not one range (the cell A3 is left out)"),
    ] {
        assert_eq!(why_of(&[("data", lines)]).as_deref(), Some(told), "{lines}");
    }
}

#[test]
fn numbers_that_were_never_in_cells_are_copied() {
    let data = Data {
        sheet: "data".into(),
        columns: vec![data::DataColumn {
            name: "x".into(),
            header: None,
            values: vec![1.0],
            cells: data::Cells::default(),
        }],
        ..Data::default()
    };
    let host = Host::around(&data, Vec::new()).unwrap();
    let told = "Copied, since x is in no cells: a change in the sheet 'data' does not come here.";
    assert_eq!(host.copied(&data).as_deref(), Some(told));
}

#[test]
fn names_that_stand_for_random_numbers_are_seen_through() {
    let folder = Folder::new();
    let mut book = Workbook::new();
    write_lines(
        book.add_worksheet().set_name("data").unwrap(),
        "x|y\n1|=noise+1>3\n2|=level*2>5\n3|7\n",
    );
    write_lines(book.add_worksheet().set_name("other").unwrap(), "=RAND()>2.5");
    book.define_name("noise", "=other!$A$1").unwrap();
    book.define_name("level", "=2.5").unwrap();
    let path = folder.path("user.xlsx");
    book.save(&path).unwrap();
    assert_eq!(
        why(&path).as_deref(),
        Some("the cell B2 changes at each recalculation (it is computed with other!A1, =RAND())")
    );
}

#[test]
fn a_name_that_is_a_random_number_itself_is_one_too() {
    let folder = Folder::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("data").unwrap();
    write_lines(sheet, "x|y\n1|=noise+1>1.5\n2|5\n3|7\n");
    book.define_name("noise", "=RAND()").unwrap();
    let path = folder.path("user.xlsx");
    book.save(&path).unwrap();
    let told = why(&path).expect("a reason");
    assert!(told.starts_with("the cell B2 changes at each recalculation"), "{told}");
}

#[test]
fn cells_that_changed_since_they_were_read_are_copied() {
    let folder = Folder::new();
    let lines = |result: &str| format!("x|y\n1|=2*A2+1>3\n2|=2*A3+1>{result}\n3|=2*A4+1>7");
    let path = folder.book("user.xlsx", &[("data", &lines("5"))]);
    let data = data::read(&path, &options("")).expect("x and y");
    folder.book("user.xlsx", &[("data", &lines("6"))]);
    let host = Host::around(&data, Vec::new()).expect("a workbook");
    let told = host.copied(&data).expect("a reason");
    assert!(told.contains("the cell B3 holds another number than the sample"), "{told}");
}
