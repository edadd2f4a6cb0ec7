//! Finding the table of a sheet, and telling that there is none.

use crate::common::books::Folder;
use crate::compare_reading::sheets::{
    Cells, Layout, findings, pattern, read_ok, short, shown, table,
};
use gdtrace::compare::Reading;

#[test]
fn a_table_is_found_with_all_that_it_computes() {
    let reading = Layout::default().momentum().read();
    let table = table(&reading);
    assert_eq!((table.range().as_str(), table.header), ("A5:L16", Some(3)));
    assert_eq!(pattern(table, "b"), "prev.nb");
    assert_eq!(pattern(table, "pred"), "b + a*x");
    assert_eq!(pattern(table, "vb"), "D1*prev.vb + (1 - D1)*gb");
    assert_eq!(pattern(table, "nb"), "b - B1*vb");
    assert_eq!(pattern(table, "x"), "-");
    let first = table.machine.columns[2].first.as_ref().expect("another formula");
    assert_eq!(shown(table, first), "B2");
    let fixed = table
        .machine
        .fixed
        .iter()
        .map(|fixed| (fixed.cell.as_str(), fixed.label.as_deref().unwrap_or(""), fixed.value));
    let fixed: Vec<_> = fixed.collect();
    assert!(fixed.contains(&("B1", "learning rate", 0.0001)), "{fixed:?}");
    assert!(fixed.contains(&("B2", "intercept", 1.0)), "{fixed:?}");
    assert_eq!(table.totals.len(), 1);
    assert_eq!(short(&findings(&reading)), [""; 0]);
}

#[test]
fn a_workbook_without_results_is_calculated() {
    let layout = Layout::default();
    let reading = layout.momentum().read();
    let table = table(&reading);
    let (mut b, mut a, mut vb, mut va) = (1.0, 1.0, 0.0, 0.0);
    for sample in 0..layout.samples {
        let x = table.machine.columns[0].values[sample].expect("x");
        let error = (b + a * x) - (2.0 * x + 30.0);
        vb = 0.9 * vb + (1.0 - 0.9) * (2.0 * error);
        va = 0.9 * va + (1.0 - 0.9) * (2.0 * error * x);
        b -= 0.0001 * vb;
        a -= 0.0001 * va;
    }
    let last = |column: usize| table.machine.columns[column].values[layout.samples - 1];
    assert_eq!((last(9), last(10)), (Some(b), Some(a)));
}

#[test]
fn of_two_tables_as_long_it_is_always_the_same_one() {
    let below = Layout { top: 29, left: 13, ..Layout::default() };
    let mut cells = Layout::default().momentum();
    cells.0.extend(below.momentum().0);
    for _ in 0..8 {
        assert_eq!(table(&cells.read()).range(), "N30:Y41");
    }
}

#[test]
fn neither_place_nor_order_nor_headers_matter() {
    let usual = Layout::default();
    let mut turned = usual.clone();
    turned.columns.reverse();
    turned.headers.reverse();
    turned.top = 19;
    turned.left = 5;
    let reading = turned.momentum().read();
    assert_eq!(table(&reading).range(), "F20:Q31");
    assert_eq!(pattern(table(&reading), "vb"), "D1*prev.vb + (1 - D1)*gb");
    assert_eq!(short(&findings(&reading)), [""; 0]);

    let renamed = Layout {
        headers: vec!["in", "out", "c", "m", "f", "d1", "d2", "s1", "s2", "c2", "m2", "q"],
        ..usual
    };
    let reading = renamed.momentum().read();
    assert_eq!(table(&reading).range(), "A5:L16");
    assert_eq!(pattern(table(&reading), "s1"), "D1*prev.s1 + (1 - D1)*d1");
}

#[test]
fn a_broken_table_is_still_one_table() {
    let clean = Layout::default().momentum();
    for (at, content) in [("E9", "text"), ("F9", "#N/A"), ("A9", ""), ("C5", "1")] {
        let reading = clean.clone().with(at, content).read();
        assert_eq!(table(&reading).range(), "A5:L16", "{at} {content}");
        assert_eq!(table(&reading).machine.rows.len(), 12, "{at} {content}");
        assert_eq!(pattern(table(&reading), "vb"), "D1*prev.vb + (1 - D1)*gb");
    }
    let mut cleared = clean;
    cleared.0.retain(|at, _| at.0 != 8);
    let reading = cleared.read();
    assert_eq!(table(&reading).machine.rows.len(), 11);
    assert_eq!(short(&findings(&reading))[0], "missing data!A9");
}

/// Rows as they are typed, cells between `|`.
fn typed(lines: &str) -> Reading {
    let mut cells = Cells::default();
    for (row, line) in (0..).zip(lines.lines()) {
        for (column, cell) in (0..).zip(line.split('|')) {
            if !cell.trim().is_empty() {
                cells.0.insert((row, column), cell.trim().to_owned());
            }
        }
    }
    cells.read()
}

#[test]
fn what_is_no_table_is_told_so() {
    let balance: String =
        (3..20).map(|r| format!("day {r}|{r}|5|=D{}+B{r}-C{r}\n", r - 1)).collect();
    let loan: String =
        (3..20).map(|r| format!("{r}|=E{0}*$B$1/12|100|=C{r}-B{r}|=E{0}-D{r}\n", r - 1)).collect();
    let rates: String = (3..20).map(|r| format!("{r}|0.0{r}|=C{}*(1+B{r})\n", r - 1)).collect();
    let sales: String = (3..20).map(|r| format!("{r}|2|3|=D{}+A{r}*B{r}*C{r}\n", r - 1)).collect();
    let descent = "its formulas are no gradient descent: no value is corrected from row to row by \
                   the error of a prediction";
    for (lines, reason) in [
        ("a title|and more", "it has only text"),
        (
            "x|y\n1|2\n2|3\n3|4",
            "it has no formulas, and no headers of a table with x, y and weights",
        ),
        ("item|cost|sum\n1|2|=A2*B2\n3|4|=A3*B3", "it has no column that refers to the row above"),
        (&format!("day|in|out|balance\n|||100\n{balance}"), descent),
        (&format!("rate|0.05\n||||10000\n{loan}"), descent),
        (&format!("year|rate|value\n||1000\n{rates}"), descent),
        (&format!("n|price|margin|all\n|||0\n{sales}"), descent),
    ] {
        let reading = typed(lines);
        assert_eq!(reading.sheets[0].table.as_ref().err().map(String::as_str), Some(reason));
        assert_eq!(short(&findings(&reading)), [""; 0]);
    }
    let empty = read_ok(&Folder::new().raw("empty.xlsx", ""));
    assert_eq!(empty.sheets[0].table.as_ref().err().map(String::as_str), Some("it is empty"));
}

#[test]
fn epochs_may_stand_below_each_other() {
    let one = Layout::default();
    let mut cells = one.momentum();
    cells.0.remove(&(16, 11));
    // A second epoch below a gap, which starts from the last row of the first.
    let second = Layout { top: 18, ..one.clone() }.momentum();
    cells.0.extend(second.0.into_iter().filter(|(at, _)| at.0 >= 18));
    for (at, content) in [
        ("C19", "=J16"),
        ("D19", "=K16"),
        ("H19", "=$D$1*H16+(1-$D$1)*F19"),
        ("I19", "=$D$1*I16+(1-$D$1)*G19"),
    ] {
        cells.set(at, content);
    }
    let reading = cells.read();
    assert_eq!(table(&reading).machine.rows.len(), 24);
    assert_eq!(table(&reading).epoch(), Some(12));
    assert_eq!(short(&findings(&reading)), [""; 0]);
}
