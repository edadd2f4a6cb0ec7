use super::*;
use crate::formula::evaluate;
use crate::graph::parse::parse;
use crate::value::Value;

fn read(text: &str) -> Result<Expr<Term>, String> {
    let names = |name: &str| match name {
        "lr" => Some("basic!$F$1".to_owned()),
        "twice" => Some("2*lr".to_owned()),
        "errors" => Some("basic!$B$4:$B$6".to_owned()),
        "rents[de/db]" | "rents[x #]" => Some("'basic'!$B$4:$B$6".to_owned()),
        _ => None,
    };
    arithmetic(&parse(text, (3, 4), "basic", &names))
}

/// The value of `text` in E4, where each cell holds ten times its row and its column, from 1.
fn value(text: &str) -> f64 {
    let tree = read(text).unwrap_or_else(|reason| panic!("{text}: {reason}"));
    let value = evaluate(&tree, &|term| match term {
        Term::Cell(cell) => {
            let (row, column) = cell.resolve((3, 4)).expect("a cell");
            Value::number(f64::from(10 * (row + 1) + column + 1))
        }
        Term::RowNumber(row) => Value::number(f64::from(row.resolve(3).expect("a row") + 1)),
        other => panic!("{other:?}"),
    });
    value.get().expect("a number")
}

#[test]
fn formulas_are_arithmetic_as_excel_has_it() {
    for (text, expected) in [
        ("-2^2", 4.0),
        ("2^3^2", 64.0),
        ("2-3-4", -5.0),
        ("2^-1", 0.5),
        ("50%", 0.5),
        ("-A1^2", 121.0),
        ("0-A1^2", -121.0),
        ("8/4/2", 1.0),
        ("+B2", 22.0),
        ("POWER(2,3)^2", 64.0),
        ("SUM(A1,B1)*2", 46.0),
        ("SUM(A1)", 11.0),
        ("rents[[#This Row],[de/db]]+1", 43.0),
        ("rents[[#This Row],[x '#]]", 42.0),
        ("ROWS(A$2:A4)", 3.0),
        ("ROWS(A4)", 1.0),
        ("SUMSQ(A1,2)", 125.0),
        ("SUMXMY2(A1,10)", 1.0),
        ("AVERAGE(A1,B1)", 11.5),
        ("MIN(3,1,2)+MAX(3,1,2)", 4.0),
        ("PRODUCT(2,3,4)", 24.0),
        ("SUMPRODUCT(A1,2)", 22.0),
        ("LOG(100)+LOG(8,2)", 5.0),
        ("INT(2.7)+MOD(7,4)+SIGN(-3)+ABS(-1)", 5.0),
        ("IF(A1>10,1,2)", 1.0),
        ("IF(AND(A1>10,B1>100),1,2)", 2.0),
        ("IF(OR(A1>100,B1>10),1,2)", 1.0),
        ("IF(NOT(A1=11),1,IF(B1<>12,2,3))", 3.0),
        ("IF(A1<0,1)", 0.0),
        ("(A1>10)*5", 5.0),
        ("AND(TRUE,A1)+OR(FALSE,0)", 1.0),
        ("ROW()+ROW(A1)", 5.0),
        ("lr*2", 32.0),
        ("-twice", -32.0),
        ("basic!A1+BASIC!$A$1", 22.0),
        ("SQRT(4)+EXP(0)+LN(1)+LOG10(10)+SIN(0)+COS(0)+TAN(0)+TANH(0)", 5.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    assert_eq!(value("PI()"), std::f64::consts::PI);
}

#[test]
fn ranges_are_folded() {
    for (text, fold, operands) in [
        ("SUM(F4:F32)", Fold::Sum, 1),
        ("SUM(F4:F32,1)", Fold::Sum, 2),
        ("SUM(A:A)", Fold::Sum, 1),
        ("COUNT(F4)", Fold::Count, 1),
        ("SUMPRODUCT((C4:C32-B4:B32)^2)", Fold::SumProduct, 1),
        ("INDEX(data!$A$5:$A$33,$C4)", Fold::Index, 2),
        ("AVERAGE(errors)", Fold::Average, 1),
    ] {
        let tree = read(text);
        let Ok(Expr::Name(Term::Fold(found, found_operands))) = &tree else {
            panic!("{text}: {tree:?}");
        };
        assert_eq!((*found, found_operands.len()), (fold, operands), "{text}");
    }
    assert!(read("SQRT(SUMSQ(F4:F32))/COUNT(F4:F32)").is_ok());
}

#[test]
fn what_is_no_arithmetic_is_told_in_words() {
    for (text, reason) in [
        ("VLOOKUP(A1,B1:C3,2)", "uses VLOOKUP"),
        ("A1&\"x\"", "joins texts with &"),
        ("IF(A1=\"\",0,1)", "has a text in it"),
        ("#REF!+1", "refers to #REF!, a cell that was deleted"),
        ("A1:A3", "uses a range of cells where a single cell is needed"),
    ] {
        assert_eq!(read(text), Err(reason.to_owned()), "{text}");
    }
}

#[test]
fn nested_conditions_do_not_grow_without_bounds() {
    let mut text = "A1".to_owned();
    for _ in 0..40 {
        text = format!("IF(AND(A1>0,B1>0,C1>0),1,{text})");
    }
    assert_eq!(read(&text), Err("has too many conditions".to_owned()));
}
