use super::*;

fn read(text: &str) -> Formula {
    let names = |name: &str| match name {
        "gone" => Some("basic!#REF!".to_owned()),
        "loop" => Some("loop+1".to_owned()),
        "rents[x]" => Some("'basic'!$B$4:$B$6".to_owned()),
        "rents" => Some("'basic'!$B$4:$C$6".to_owned()),
        "rents[y]" => Some("'basic'!$C$4:$C$6".to_owned()),
        _ => None,
    };
    parse(text, (3, 4), "basic", &names)
}

fn cell(sheet: Option<&str>, row: Axis, column: Axis) -> CellReference {
    CellReference { sheet: sheet.map(str::to_owned), row, column }
}

#[test]
fn references_are_relative_to_their_cell() {
    let formula = read("D3*$F$1+data!A$4+D3");
    let expected = [
        cell(None, Axis::Relative(-1), Axis::Relative(-1)),
        cell(None, Axis::Absolute(0), Axis::Absolute(5)),
        cell(Some("data"), Axis::Absolute(3), Axis::Relative(-4)),
        cell(None, Axis::Relative(-1), Axis::Relative(-1)),
    ];
    assert_eq!(formula.cells().cloned().collect::<Vec<_>>(), expected);
}

#[test]
fn columns_of_a_table_are_ranges() {
    let corner = |row: u32, column: u32| cell(None, Axis::Absolute(row), Axis::Absolute(column));
    for (text, from, to) in [
        ("SUM(rents[x])", corner(3, 1), corner(5, 1)),
        ("SUM(rents[[x]:[y]])", corner(3, 1), corner(5, 2)),
        ("SUM(rents)", corner(3, 1), corner(5, 2)),
        ("SUM(rents[#Data])", corner(3, 1), corner(5, 2)),
    ] {
        let formula = read(text);
        assert_eq!(formula.ranges().collect::<Vec<_>>(), [(&from, &to)], "{text}");
    }
}

#[test]
fn a_reference_is_needed_for_sure_or_not() {
    let uses = |text: &str| -> Vec<Use> {
        read(text).references.into_iter().map(|(_, used)| used).collect()
    };
    assert_eq!(uses("IF(A1,B1,C1)+D1"), [Use::Value, Use::Perhaps, Use::Perhaps, Use::Value]);
    assert_eq!(uses("ROW(A1)+SUM(B1:B2)"), [Use::Place, Use::Value]);
    assert_eq!(
        uses("INDEX(B:B,14+INT((ROW(A1)-C1)/8)*8)"),
        [Use::Search, Use::Place, Use::Search, Use::Value]
    );
    assert_eq!(uses("SUM(A1:INDEX(A:A,B1))").last(), Some(&Use::Value));
}

#[test]
fn what_cannot_be_read_is_told_in_words() {
    for (text, reason) in [
        ("CUBESET(A1,B1:C3,2)", "uses CUBESET"),
        ("nowhere*2", "uses the name nowhere, which stands for nothing"),
        ("loop", "uses the name loop, which stands for itself"),
        ("[1]x!A1", "refers to another workbook"),
        ("Table1[[#This Row],[x]]", "refers to Table1[x], a column that there is not"),
        ("rents[[#Totals],[x]]", "refers to the table rents otherwise than to a column"),
        ("A1+", "cannot be read as a formula"),
    ] {
        assert_eq!(read(text).tree, Err(reason.to_owned()), "{text}");
    }
    assert_eq!(read("CUBESET(A1,B1:C3,2)").cells().count(), 1);
}

#[test]
fn volatile_functions_and_broken_references_are_noted() {
    assert_eq!(read("1+RANDBETWEEN(1,100)").volatile.as_deref(), Some("RANDBETWEEN"));
    assert_eq!(read("A1").volatile, None);
    assert_eq!(read("A1+#REF!").broken.as_deref(), Some("#REF!"));
    assert_eq!(read("gone*2").broken.as_deref(), Some("the name gone, which stands for #REF!"));
    assert_eq!(read("A1").broken, None);
}
