use super::*;
use crate::compare::sheet::{Collector, Content};
use crate::data::stream::{FormulaText, Sink};

/// A workbook with one sheet, from lines of cells between `|`: numbers, `=FORMULA>RESULT`, texts.
fn workbook(lines: &str) -> Workbook {
    let mut collector = Collector::default();
    for (row, line) in (0..).zip(lines.lines()) {
        for (column, cell) in (0..).zip(line.split('|')) {
            let cell = cell.trim();
            let (formula, result) = match cell.strip_prefix('=') {
                None => (None, cell),
                Some(rest) => {
                    let (formula, result) = rest.rsplit_once('~').unwrap_or((rest, ""));
                    (Some(formula), result)
                }
            };
            let content = match (result.parse(), formula) {
                (Ok(number), _) => Some(Content::Number(number)),
                (Err(_), Some(_)) if result.is_empty() => Some(Content::Uncalculated),
                _ => Content::from_text(result),
            };
            if let Some(content) = content {
                collector.push((row, column), content).expect("few cells");
            }
            if let Some(formula) = formula {
                collector.formula((row, column), FormulaText::Excel(formula)).expect("few");
            }
        }
    }
    Workbook { sheets: vec![collector.finish("one", &|_| None)], ..Workbook::default() }
}

/// The value of A1.
fn value(lines: &str) -> Scalar {
    let workbook = workbook(lines);
    recalculate(&workbook).get(&workbook, 0, (0, 0))
}

fn error(error: ErrorValue) -> Scalar {
    Scalar::Error(error)
}

#[test]
fn formulas_are_computed_whatever_their_order() {
    assert_eq!(value("=B1+B2|=B2*2|\n|3"), Scalar::Number(9.0));
    assert_eq!(value("=B1|=C1|=D1|=A2\n7"), Scalar::Number(7.0));
}

#[test]
fn a_long_chain_needs_no_deep_stack() {
    let lines: Vec<String> = (2..=200_001).map(|row| format!("=A{row}+1")).collect();
    assert_eq!(value(&format!("{}\n1", lines.join("\n"))), Scalar::Number(200_001.0));
}

#[test]
fn circles_end_and_are_told() {
    let workbook = workbook("=B1+1~5|=A1*2~10|=C1");
    let values = recalculate(&workbook);
    assert_eq!(values.circular, [(0, 0), (0, 2)]);
}

#[test]
fn texts_blanks_and_errors_are_a_spreadsheets() {
    for (lines, expected) in [
        ("=B1+1|", Scalar::Number(1.0)),
        ("=B1|", Scalar::Number(0.0)),
        ("=B1+1|word", error(ErrorValue::Value)),
        ("=B1|word", Scalar::Text(None)),
        ("=B1*2|#N/A", error(ErrorValue::NotAvailable)),
        ("=1/B1|", error(ErrorValue::Division)),
        ("=SQRT(B1)|-1", error(ErrorValue::Number)),
        ("=IF(B1>0,1,C1)|1|word", Scalar::Number(1.0)),
        ("=VLOOKUP(B1,B1:C2,2)~12|1", Scalar::Number(12.0)),
        ("=RAND()~0.5", Scalar::Number(0.5)),
        ("=B1+1|=VLOOKUP(C1,C1:C2,1)", Scalar::Unknown),
    ] {
        assert_eq!(value(lines), expected, "{lines}");
    }
}

#[test]
fn ranges_are_folded_as_in_a_spreadsheet() {
    let data = "|1|4\n|2|5\n|word|\n|3|6";
    for (formula, expected) in [
        ("SUM(B1:B4)", 6.0),
        ("SUM(B:B)+SUM(B1:C1,10)", 21.0),
        ("SUMSQ(B1:B4)", 14.0),
        ("AVERAGE(B1:B4)", 2.0),
        ("COUNT(B1:C4)", 6.0),
        ("MIN(B1:C4)+MAX(B1:C4,9)", 10.0),
        ("SUMPRODUCT(B1:B2,C1:C2)", 14.0),
        ("SUMPRODUCT((B1:B2-C1:C2)^2)", 18.0),
        ("SUMPRODUCT(B1:B4,C1:C4)", 32.0),
        ("SUM((B1:B2-AVERAGE(B1:B2))^2)", 0.5),
        ("SUMXMY2(B1:B2,C1:C2)", 18.0),
        ("INDEX(B1:C4,4,2)", 6.0),
        ("INDEX(C1:C4,1+1)", 5.0),
        ("INDEX(B1:C1,2)", 4.0),
        ("SQRT(SUMSQ(B1:B2)/COUNT(B1:B2)*2)", 5.0_f64.sqrt()),
    ] {
        assert_eq!(value(&format!("={formula}{data}")), Scalar::Number(expected), "{formula}");
    }
    assert_eq!(value(&format!("=INDEX(B1:C4,5){data}")), error(ErrorValue::Reference));
    assert_eq!(value(&format!("=SUM(B1:B5){data}\n|#N/A")), error(ErrorValue::NotAvailable));
}

#[test]
fn running_sums_over_many_rows_do_not_take_for_ever() {
    let lines: Vec<String> = (1..=2_000).map(|row| format!("=SUM(B$1:B{row})~1|1")).collect();
    let workbook = workbook(&lines.join("\n"));
    let values = recalculate_within(&workbook, 10_000);
    assert_eq!(values.get(&workbook, 0, (9, 0)), Scalar::Number(10.0));
    assert_eq!(values.get(&workbook, 0, (1999, 0)), Scalar::Unknown);
}
