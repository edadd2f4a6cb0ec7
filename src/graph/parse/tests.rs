use super::*;

fn read(text: &str) -> Formula {
    let names = |name: &str| match name {
        "gone" => Some("basic!#REF!".to_owned()),
        "loop" => Some("loop+1".to_owned()),
        "squared" | "SQUARED" => Some("LAMBDA(z,z^2)".to_owned()),
        "forever" | "FOREVER" => Some("LAMBDA(z,forever(z))".to_owned()),
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

#[test]
fn names_within_a_formula_stand_for_its_parts() {
    for (text, same) in [
        ("LET(p,A1*2,p+B1)", "A1*2+B1"),
        ("_xlfn.LET(_xlpm.p,A1*2,_xlpm.q,_xlpm.p-B1,_xlpm.q*_xlpm.p)", "(A1*2-B1)*(A1*2)"),
        ("LET(p,A1,LET(p,p+1,p*2)-p)", "(A1+1)*2-A1"),
        ("LAMBDA(z,1/(1+EXP(-z)))(A1+B1)", "1/(1+EXP(-(A1+B1)))"),
        ("LET(f,LAMBDA(z,z^2),f(A1)+f(B1+1))", "A1^2+(B1+1)^2"),
        ("LET(z,B1,f,LAMBDA(y,y*z),f(z+A1))", "(B1+A1)*B1"),
        ("squared(A1-1)", "(A1-1)^2"),
        ("LET(z,B1,squared(z))", "B1^2"),
        ("SUM(squared(squared(A1)),2)", "SUM((A1^2)^2,2)"),
    ] {
        let (read, same) = (read(text), read(same));
        let told = |formula: &Formula| {
            formula.tree.clone().map(|tree| {
                let mut of_leaves = Vec::new();
                tree.each_leaf(&mut |slot| of_leaves.push(formula.references[*slot].0.clone()));
                (format!("{:?}", tree.map_leaves(&mut |_| ())), of_leaves)
            })
        };
        assert_eq!(told(&read), told(&same), "{text}");
    }
}

#[test]
fn names_within_a_formula_that_say_nothing_are_told() {
    for (text, told) in [
        ("LET(p,1)", "gives LET another number of arguments than it takes"),
        ("LET(p,p+1,p)", "uses the name p, which stands for nothing"),
        ("LET(3,A1,2)", "gives something a name that is none"),
        ("LAMBDA(z,z)(1,2)", "gives LAMBDA another number of arguments than it takes"),
        ("squared(1,2)", "gives LAMBDA another number of arguments than it takes"),
        ("forever(1)", "uses LAMBDA within LAMBDA too often"),
        ("LET(f,LAMBDA(z,z),f)", "uses LAMBDA"),
    ] {
        assert_eq!(read(text).tree.expect_err(text), told);
    }
    let doubling = (1..40).map(|n| format!("n{n}x,n{0}x+n{0}x,", n - 1)).collect::<String>();
    let text = format!("LET(n0x,1,{doubling}n39x)");
    assert!(read(&text).tree.expect_err("grows").contains("too often"));
}
