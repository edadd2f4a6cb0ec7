//! What stands beside a formula tells what belongs in it: the other samples, the other weights, the start
//! of what is remembered, the labels.

use super::slips::Table;
use super::states::{fill, told, told_with};

/// The residuals of a curve, written out sample by sample.
const CURVE: Table = Table {
    name: "curve",
    above: &[&["lr", "0.05"], &["t", "0", "1", "2", "3"], &["y", "2", "1.3", "0.8", "0.5"]],
    weights: &[("A", "1", "=A{p}-$B$1*H{p}"), ("k", "0.1", "=B{p}-$B$1*I{p}")],
    columns: &[
        ("e1", "=A{r}*EXP(-B{r}*$B$2)-$B$3"),
        ("e2", "=A{r}*EXP(-B{r}*$C$2)-$C$3"),
        ("e3", "=A{r}*EXP(-B{r}*$D$2)-$D$3"),
        ("e4", "=A{r}*EXP(-B{r}*$E$2)-$E$3"),
        ("SSE", "=SUMSQ(C{r}:F{r})"),
        (
            "dA",
            "=2*(C{r}*EXP(-B{r}*$B$2)+D{r}*EXP(-B{r}*$C$2)+E{r}*EXP(-B{r}*$D$2)+F{r}*EXP(-B{r}*$E$2))",
        ),
        (
            "dk",
            "=-2*A{r}*(C{r}*$B$2*EXP(-B{r}*$B$2)+D{r}*$C$2*EXP(-B{r}*$C$2)\
             +E{r}*$D$2*EXP(-B{r}*$D$2)+F{r}*$E$2*EXP(-B{r}*$E$2))",
        ),
    ],
};

/// A network of two neurons side by side.
const NEURONS: Table = Table {
    name: "neurons",
    above: &[&["eta", "0.1"], &["x", "0.8"], &["t", "0.3"]],
    weights: &[
        ("w1", "0.3", "=A{p}-$B$1*M{p}*$B$2"),
        ("b1", "0.1", "=B{p}-$B$1*M{p}"),
        ("w2", "-0.4", "=C{p}-$B$1*N{p}*$B$2"),
        ("b2", "0.2", "=D{p}-$B$1*N{p}"),
        ("v1", "0.5", "=E{p}-$B$1*L{p}*I{p}"),
        ("v2", "-0.6", "=F{p}-$B$1*L{p}*J{p}"),
    ],
    columns: &[
        ("z1", "=A{r}*$B$2+B{r}"),
        ("z2", "=C{r}*$B$2+D{r}"),
        ("a1", "=SIN(G{r})"),
        ("a2", "=SIN(H{r})"),
        ("loss", "=(E{r}*I{r}+F{r}*J{r}-$B$3)^2/2"),
        ("e", "=E{r}*I{r}+F{r}*J{r}-$B$3"),
        ("d1", "=L{r}*E{r}*COS(G{r})"),
        ("d2", "=L{r}*F{r}*COS(H{r})"),
    ],
};

/// A function of one unknown, as its headers say.
const FUNCTION: Table = Table {
    name: "function",
    above: &[&["lr", "0.05"]],
    weights: &[("x", "1", "=A{p}-$B$1*C{p}")],
    columns: &[("f(x)", "=A{r}^2/10+SIN(3*A{r})"), ("f'(x)", "=A{r}/5+3*COS(3*A{r})")],
};

/// The distance of two points, one of which is moved by its coordinates.
const TWO: Table = Table {
    name: "two",
    above: &[&["lr", "0.1"], &["rho", "0.9"], &["eps", "0.00000001"]],
    weights: &[
        ("x", "2", "=A{p}-$B$1*D{p}/SQRT(F{p}+$B$3)"),
        ("y", "-1", "=B{p}-$B$1*E{p}/SQRT(G{p}+$B$3)"),
    ],
    columns: &[
        ("f", "=(A{r}-1)^2+3*(B{r}+2)^2+A{r}*B{r}"),
        ("gx", "=2*(A{r}-1)+B{r}"),
        ("gy", "=6*(B{r}+2)+A{r}"),
        ("sx", "=$B$2*F{p}+(1-$B$2)*D{r}^2"),
        ("sy", "=$B$2*G{p}+(1-$B$2)*E{r}^2"),
    ],
};

/// What starts from nothing, as people write it.
fn averages(first: &str, later: &str) -> super::book::Book {
    let mut book = TWO.book();
    for (column, own) in [(5, "D"), (6, "E")] {
        let state = if column == 5 { "F" } else { "G" };
        let with = |text: &str| text.replace('G', own).replace('S', state);
        fill(&mut book, column, &with(later), 7);
        book.set(0, (5, column), with(&first.replace("{r}", "6")));
    }
    book
}

/// Nothing is told of a table, and a slip in a column of it as one of the forward pass.
fn assert_forward(table: &Table, cases: &[(u32, &str, &str)]) {
    assert_eq!(told(&table.book()), Vec::<String>::new());
    for (column, slip, wanted) in cases {
        let found = told_with(table, *column, slip);
        assert_eq!(found, [format!("wrong-forward S!{wanted}")], "{slip}");
    }
}

#[test]
fn a_sample_that_is_computed_otherwise_than_those_beside_it_is_told() {
    let cases: &[(u32, &str, &str)] = &[
        // All derivatives follow from it, right as they are.
        (4, "=A{r}*EXP(-B{r}*$D$2)+$D$3", "E6:E13 =A6*EXP(-B6*$D$2)-$D$3"),
        (2, "=A{r}*EXP(-B{r}*$B$2)-$B$2", "C6:C13 =A6*EXP(-B6*$B$2)-$B$3"),
        // Several would have to be others otherwise.
        (4, "=A{r}*EXP(-B{r}*$D$3)-$D$3", "E6:E13 =A6*EXP(-B6*$D$2)-$D$3"),
        (5, "=A{r}*EXP(-B{r})-$E$3", "F6:F13 =A6*EXP(-B6*$E$2)-$E$3"),
    ];
    assert_forward(&CURVE, cases);
}

#[test]
fn of_a_neuron_and_an_update_that_says_the_same_as_others_the_neuron_is_wrong() {
    let cases: &[(u32, &str, &str)] = &[
        (7, "=C{r}*$B$2-D{r}", "H6:H13 =C6*$B$2+D6"),
        (7, "=C{r}+D{r}", "H6:H13 =C6*$B$2+D6"),
        (7, "=$B$2+D{r}", "H6:H13 =$B$2*C6+D6"),
    ];
    assert_forward(&NEURONS, cases);
}

#[test]
fn headers_say_what_is_the_derivative_of_what() {
    let cases: &[(u32, &str, &str)] = &[
        (2, "=A{r}/5+3*COS(3)", "wrong-derivative S!C6:C13 =A6/5+3*COS(3*A6)"),
        (2, "=A{r}/5-3*COS(3*A{r})", "wrong-derivative S!C6:C13 =A6/5+3*COS(3*A6)"),
        // Nobody works out the slope of a function for nothing.
        (1, "=A{r}^2/10+SIN(3)", "wrong-forward S!B6:B13 =A6^2/10+SIN(3*A6)"),
    ];
    assert_eq!(told(&FUNCTION.book()), Vec::<String>::new());
    for (column, slip, wanted) in cases {
        assert_eq!(told_with(&FUNCTION, *column, slip), [*wanted], "{slip}");
    }
}

#[test]
fn a_learning_rate_that_nothing_is_computed_from_is_told() {
    let cases: &[(&str, &str)] =
        &[("=A{p}-C{p}", "=A6-$B$1*C6"), ("=A{p}-$B$2*C{p}", "=A6-$B$1*C6")];
    for (slip, wanted) in cases {
        let mut book = FUNCTION.book();
        fill(&mut book, 0, slip, 7);
        assert_eq!(told(&book), [format!("inconsistent-formula S!A7:A13 {wanted}")], "{slip}");
    }
}

#[test]
fn what_is_remembered_goes_on_as_it_starts() {
    let (first, later) = ("=(1-$B$2)*G{r}^2", "=$B$2*S{p}+(1-$B$2)*G{r}^2");
    for start in [first, "=G{r}^2", "0", "=$B$3"] {
        assert_eq!(told(&averages(start, later)), Vec::<String>::new(), "{start}");
    }
    for start in ["=$B$2*G{r}^2", "=(1-$B$3)*G{r}^2", "=(1-$B$2)*$B$1"] {
        let wanted = "inconsistent-formula S!F6:G6 =(1-$B$2)*D6^2";
        assert_eq!(told(&averages(start, later)), [wanted], "{start}");
    }
    // One in all that follow.
    let found = told(&averages(first, "=$B$2*S{p}+$B$2*G{r}^2"));
    assert_eq!(found, ["inconsistent-formula S!F7:G13 =$B$2*F6+(1-$B$2)*D7^2"]);
}

#[test]
fn a_power_with_a_sign_is_what_a_spreadsheet_makes_of_it() {
    let bell = Table {
        name: "bell",
        above: &[&["lr", "0.02"], &["x", "0.5", "1.5"], &["y", "0.7", "1.1"]],
        weights: &[("h", "1", "=A{p}-$B$1*F{p}"), ("m", "0.8", "=B{p}-$B$1*G{p}")],
        columns: &[
            ("e1", "=A{r}*EXP(-($B$2-B{r})^2)-$B$3"),
            ("e2", "=A{r}*EXP(-($C$2-B{r})^2)-$C$3"),
            ("SSE", "=SUMSQ(C{r}:D{r})"),
            ("dh", "=2*(C{r}*EXP(-($B$2-B{r})^2)+D{r}*EXP(-($C$2-B{r})^2))"),
            (
                "dm",
                "=4*A{r}*(C{r}*EXP(-($B$2-B{r})^2)*($B$2-B{r})+D{r}*EXP(-($C$2-B{r})^2)*($C$2-B{r}))",
            ),
        ],
    };
    assert_eq!(
        told(&bell.book()),
        [
            "wrong-forward S!C6:C13 =A6*EXP(-(($B$2-B6)^2))-$B$3",
            "wrong-forward S!D6:D13 =A6*EXP(-(($C$2-B6)^2))-$C$3",
            "wrong-derivative S!F6:F13 =2*(C6*EXP(-(($B$2-B6)^2))+D6*EXP(-(($C$2-B6)^2)))",
            "wrong-derivative S!G6:G13 =4*A6*(C6*EXP(-(($B$2-B6)^2))*($B$2-B6)\
             +D6*EXP(-(($C$2-B6)^2))*($C$2-B6))",
        ]
    );
}

#[test]
fn a_circle_is_told_of_the_formula_that_looks_ahead() {
    let mut book = NEURONS.book();
    for row in 6..13_u32 {
        book.set(0, (row - 1, 12), format!("=L{row}*E{row}*COS(G{})", row + 1));
    }
    assert_eq!(told(&book), ["error-cell S!M6:M12 =L6*E6*COS(G6)"]);
}

#[test]
fn a_header_in_a_formula_is_told_with_the_cell_that_belongs_there() {
    // The weight of the row above, which is its name in the first row.
    let found = told_with(&NEURONS, 6, "=A{r}*$A$2+B{r}");
    assert_eq!(found, ["error-cell S!G6:G13 =A6*$B$2+B6"]);
}

#[test]
fn a_slip_that_hides_the_whole_training_is_the_one_thing_told() {
    // The columns, what they have from the second iteration on, what is told.
    let step = "=A{p}-$B$1*D{p}/SQRT(F{p}+$B$3)";
    let cases: &[(&[u32], &str, &str)] = &[
        // All weights step by what stands a column too far.
        (&[0, 1], "=A{p}-$B$1*C{p}/SQRT(F{p}+$B$3)", "wrong-weight S!A7:B13"),
        (&[0, 1], "=A{p}-$B$1*D{p}/SQRT(G{p}+$B$3)", "wrong-weight S!A7:B13"),
    ];
    let right = averages("=(1-$B$2)*G{r}^2", "=$B$2*S{p}+(1-$B$2)*G{r}^2");
    assert_eq!(told(&right), Vec::<String>::new());
    let wanted = step.replace("{p}", "6");
    for (columns, slip, cells) in cases {
        let mut book = right.clone();
        for column in *columns {
            let moved = |letter: char| {
                let is_column = letter.is_ascii_uppercase() && *column == 1;
                if is_column { char::from(letter as u8 + 1) } else { letter }
            };
            // The same formula a column further, but for what is held and what is a name.
            let held = slip.replace("$B$", "$#$").replace("SQRT", "sqrt");
            let text: String = held.chars().map(moved).collect();
            let text = text.replace("$#$", "$B$").replace("sqrt", "SQRT");
            fill(&mut book, *column, &text, 7);
        }
        assert_eq!(told(&book), [format!("{cells} {wanted}")], "{slip}");
    }
}
