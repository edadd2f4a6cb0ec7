use super::*;

fn column(range: &str, header: &str, matches: Option<&str>, wrong: usize) -> ColumnComparison {
    ColumnComparison {
        range: range.to_owned(),
        header: Some(header.to_owned()),
        matches: matches.map(str::to_owned),
        ours: None,
        is_negated: false,
        meaning: Some("x + y".to_owned()),
        expected: Vec::new(),
        found: Vec::new(),
        cells: if matches.is_some() { 9 } else { 0 },
        mismatches: wrong,
        max_abs: wrong as f64 / 3.0,
        max_rel: wrong as f64 / 3e6,
        first_mismatch: (wrong > 0).then(|| range.split(':').next().unwrap().to_owned()),
    }
}

fn finding(kind: Kind, cell: &str, message: &str) -> Finding {
    Finding {
        kind,
        cell: cell.to_owned(),
        message: message.to_owned(),
        expected: Some("3.5".to_owned()),
        found: Some("7".to_owned()),
        cause: None,
        consequences: 0,
        fix: None,
    }
}

fn wrong_sheet() -> SheetComparison {
    let spoiled = Finding {
        consequences: 4,
        fix: Some("write =A7*2 into C7".to_owned()),
        ..finding(Kind::Value, "my sheet!C7", "pred in C7 is 7, it should be less")
    };
    let label = finding(Kind::Label, "my sheet!F1", "the total says rmse");
    let follows = Finding { cause: Some("my sheet!C7".to_owned()), ..label };
    let departs =
        finding(Kind::Variant, "my sheet!D4", "the sheet has no eps, unlike the textbook");
    let setting = |name: &str, cell: Option<&str>, value| Setting {
        name: name.to_owned(),
        cell: cell.map(str::to_owned),
        value,
    };
    SheetComparison {
        sheet: "my sheet".to_owned(),
        status: Status::Differs,
        remarks: vec!["x is taken from A, of A and B".to_owned()],
        optimizer: Some("adam".to_owned()),
        variant: None,
        departures: vec!["has no eps".to_owned()],
        samples: 9,
        table: Some("A4:E12".to_owned()),
        hyper: vec![setting("lr", Some("D2"), 0.1), setting("beta1", None, 0.9)],
        start: vec![setting("a", Some("B4"), 2.569996469807525)],
        columns: vec![
            column("A4:A12", "x", Some("x"), 0),
            column("C7:C12", "pred", Some("y_pred"), 5),
            column("E4:E12", "sum", None, 0),
        ],
        findings: vec![spoiled, follows, departs],
        ours: None,
        against: None,
    }
}

#[test]
fn a_sheet_is_told_verdict_first_then_what_is_wrong() {
    let told = sheet_text(&wrong_sheet(), false);
    let expected = "\
my sheet: differs
 optimizer   adam, not quite the textbook form
 departures  has no eps (D4)
 table       A4:E12, 9 samples
 compared    18 cells in 2 columns: 5 differ, by up to 1.667 (relative 1.7e-6); not compared:
             E (sum)
 settings    lr 0.1 (D2), beta1 0.9
 start       a 2.569996 (B4)
 note        x is taken from A, of A and B

 C7  value
   pred in C7 is 7, it should be less
   expected  3.5
   fix       write =A7*2 into C7
   then      4 later cells differ only because of this

 F1  label
   the total says rmse
   expected  3.5
   found     7
   because   it follows from C7

 cells   header  is      differ  by up to  relative  first
 C7:C12  pred    y_pred  5 of 9  1.667     1.7e-6    C7";
    assert_eq!(told, expected);
}

#[test]
fn verbose_tells_every_column_and_every_finding() {
    let mut sheet = wrong_sheet();
    let more = finding(Kind::Missing, "my sheet!A9", "A9 is empty");
    sheet.findings.extend(vec![more; MOST_FINDINGS]);
    let told = sheet_text(&sheet, false);
    assert!(told.contains("\n\n and 2 more: --verbose tells all\n\n cells "), "{told}");
    let told = sheet_text(&sheet, true);
    assert_eq!(told.matches("A9 is empty").count(), MOST_FINDINGS);
    assert!(told.contains("\n A4:A12  x       x       0 of 9  0 "), "{told}");
    assert!(told.ends_with("\n\n compared with nothing\n E (sum) = x + y"), "{told}");
}

#[test]
fn differences_are_short() {
    let numbers = [0.0, 1.5, 0.25, 1e-12, 23456.0].map(short);
    assert_eq!(numbers, ["0", "1.500", "0.250", "1.0e-12", "2.3e4"]);
}
