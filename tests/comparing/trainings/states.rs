//! What updates remember, taken from another weight: found where it is taken.

use super::book::Book;
use super::look;
use super::slips::Table;

/// Two features and momentum; the velocities start without one before.
const MOMENTUM: Table = Table {
    name: "momentum",
    above: &[
        &["lr", "0.05", "x", "0.5", "1.1", "-0.3"],
        &["momentum", "0.8", "z", "0.2", "-0.4", "0.9"],
        &["", "", "y", "1.3", "1", "1.1"],
    ],
    weights: &[("u", "0.2", "=A{p}+F{p}"), ("v", "0.1", "=B{p}+G{p}")],
    columns: &[
        ("loss", "=SUMPRODUCT((A{r}*$D$1:$F$1+B{r}*$D$2:$F$2-$D$3:$F$3)^2)/2"),
        ("gu", "=SUMPRODUCT((A{r}*$D$1:$F$1+B{r}*$D$2:$F$2-$D$3:$F$3)*$D$1:$F$1)"),
        ("gv", "=SUMPRODUCT((A{r}*$D$1:$F$1+B{r}*$D$2:$F$2-$D$3:$F$3)*$D$2:$F$2)"),
        ("vu", "=$B$2*F{p}-$B$1*D{r}"),
        ("vv", "=$B$2*G{p}-$B$1*E{r}"),
    ],
};

fn book() -> Book {
    let mut book = MOMENTUM.book();
    book.set(0, (5, 5), "=-$B$1*D6");
    book.set(0, (5, 6), "=-$B$1*E6");
    book
}

/// A logistic regression with averages of the gradients and of their squares, a weight beside the other.
const MOMENTS: Table = Table {
    name: "moments",
    above: &[
        &["lr", "0.05", "x", "0.5", "1.1", "-0.3"],
        &["beta", "0.8", "y", "1", "1", "0"],
        &["rho", "0.95", "eps", "0.001"],
    ],
    weights: &[
        ("w", "0.2", "=A{p}-$B$1*I{p}/(SQRT(K{p})+$D$3)"),
        ("b", "0.1", "=B{p}-$B$1*J{p}/(SQRT(L{p})+$D$3)"),
    ],
    columns: &[
        ("p1", "=1/(1+EXP(-(A{r}*$D$1+B{r})))"),
        ("p2", "=1/(1+EXP(-(A{r}*$E$1+B{r})))"),
        ("p3", "=1/(1+EXP(-(A{r}*$F$1+B{r})))"),
        (
            "loss",
            "=-($D$2*LN(C{r})+(1-$D$2)*LN(1-C{r})+$E$2*LN(D{r})+(1-$E$2)*LN(1-D{r})+$F$2*LN(E{r})+(1-$F$2)*LN(1-E{r}))",
        ),
        ("gw", "=(C{r}-$D$2)*$D$1+(D{r}-$E$2)*$E$1+(E{r}-$F$2)*$F$1"),
        ("gb", "=C{r}-$D$2+D{r}-$E$2+E{r}-$F$2"),
        ("mw", "=$B$2*I{p}+(1-$B$2)*G{r}"),
        ("mb", "=$B$2*J{p}+(1-$B$2)*H{r}"),
        ("sw", "=$B$3*K{p}+(1-$B$3)*G{r}^2"),
        ("sb", "=$B$3*L{p}+(1-$B$3)*H{r}^2"),
    ],
};

/// The same with first averages that have none before them.
fn moments() -> Book {
    let mut book = MOMENTS.book();
    for (column, formula) in
        (8..).zip(["=(1-$B$2)*G6", "=(1-$B$2)*H6", "=(1-$B$3)*G6^2", "=(1-$B$3)*H6^2"])
    {
        book.set(0, (5, column), formula);
    }
    book
}

/// A formula in a column from an iteration on, `{r}` the row and `{p}` the one before.
pub fn fill(book: &mut Book, column: u32, formula: &str, from: u32) {
    for row in from..=13 {
        let filled = formula.replace("{r}", &row.to_string());
        book.set(0, (row - 1, column), filled.replace("{p}", &(row - 1).to_string()));
    }
}

/// What is told of a table where a column has another formula in all rows.
pub fn told_with(table: &Table, column: u32, formula: &str) -> Vec<String> {
    let mut book = table.book();
    fill(&mut book, column, formula, 6);
    told(&book)
}

pub fn told(book: &Book) -> Vec<String> {
    let (graph, found) = look(book);
    assert_eq!(found.trainings.len(), 1, "one training");
    let findings = found.trainings[0].findings.iter();
    let line = |one: &gdtrace::compare::training::Finding| {
        let (kind, proposed) = (one.kind.name(), one.proposed.as_deref().unwrap_or("-"));
        format!("{kind} {} {proposed}", one.range(&graph))
    };
    findings.map(line).collect()
}

#[test]
fn an_update_by_the_velocity_of_another_weight_is_found_there() {
    assert_eq!(told(&book()), Vec::<String>::new());
    let mut slipped = book();
    for row in 6..13_u32 {
        slipped.set(0, (row, 1), format!("=B{row}+F{row}"));
    }
    assert_eq!(told(&slipped), ["wrong-weight S!B7:B13 =B6+G6"]);
}

#[test]
fn a_velocity_of_the_gradients_before_is_found_there() {
    let mut slipped = book();
    fill(&mut slipped, 6, "=$B$2*G{p}-$B$1*E{p}", 7);
    assert_eq!(told(&slipped), ["wrong-weight S!G7:G13 =$B$2*G6-$B$1*E7"]);
}

#[test]
fn a_slip_in_what_one_weight_remembers_is_found_where_it_begins() {
    assert_eq!(told(&moments()), Vec::<String>::new());
    assert_eq!(told(&moments().transposed()), Vec::<String>::new());
    // The column, what it has from the second iteration on and in the first, what is proposed.
    let slips: &[(u32, &str, &str, &[&str])] = &[
        (8, "=$B$2*I{p}+G{r}", "", &["I7:I13 =$B$2*I6+(1-$B$2)*G7"]),
        (8, "=$B$2*I{p}+G{r}", "=G6", &["I6 =(1-$B$2)*G6", "I7:I13 =$B$2*I6+(1-$B$2)*G7"]),
        (8, "", "=G6", &["I6 =(1-$B$2)*G6"]),
        (9, "=0.5*J{p}+0.5*H{r}", "=0.5*H6", &["J6 =(1-$B$2)*H6", "J7:J13 =$B$2*J6+(1-$B$2)*H7"]),
        (9, "=J{p}+(1-$B$2)*H{r}", "", &["J7:J13 =$B$2*J6+(1-$B$2)*H7"]),
        (11, "=$B$3*L{p}+(1-$B$3)*H{r}", "", &["L7:L13 =$B$3*L6+(1-$B$3)*H7^2"]),
        (11, "=$B$2*L{p}+(1-$B$2)*H{r}^2", "", &["L7:L13 =$B$3*L6+(1-$B$3)*H7^2"]),
        (10, "=(1-$B$3)*G{r}^2", "", &["K7:K13 =$B$3*K6+(1-$B$3)*G7^2"]),
        (0, "=A{p}-$B$1*I{p}/(K{p}+$D$3)", "", &["A7:A13 =A6-$B$1*I6/(SQRT(K6)+$D$3)"]),
        (1, "=B{p}-$B$1*J{p}/SQRT(L{p})", "", &["B7:B13 =B6-$B$1*J6/(SQRT(L6)+$D$3)"]),
    ];
    for (column, later, first, wanted) in slips {
        let mut book = moments();
        if !later.is_empty() {
            fill(&mut book, *column, later, 7);
        }
        if !first.is_empty() {
            book.set(0, (5, *column), first);
        }
        let wanted: Vec<String> =
            wanted.iter().map(|text| format!("odd-weight S!{text}")).collect();
        assert_eq!(told(&book), wanted, "{later} {first}");
        // The same number of findings where iterations are columns.
        assert_eq!(told(&book.transposed()).len(), wanted.len(), "{later} {first} in columns");
    }
}

#[test]
fn a_state_that_takes_another_gradient_is_told_and_no_gradient() {
    let slips: &[(u32, &str, &str, &[&str])] = &[
        (9, "=$B$2*J{p}+(1-$B$2)*G{r}", "", &["wrong-weight S!J7:J13 =$B$2*J6+(1-$B$2)*H7"]),
        (
            9,
            "=$B$2*J{p}+(1-$B$2)*G{r}",
            "=(1-$B$2)*G6",
            &["wrong-weight S!J6 =(1-$B$2)*H6", "wrong-weight S!J7:J13 =$B$2*J6+(1-$B$2)*H7"],
        ),
        (9, "=$B$2*I{p}+(1-$B$2)*H{r}", "", &["odd-weight S!J7:J13 =$B$2*J6+(1-$B$2)*H7"]),
        (11, "=$B$3*L{p}+(1-$B$3)*G{r}^2", "", &["odd-weight S!L7:L13 =$B$3*L6+(1-$B$3)*H7^2"]),
        (
            1,
            "=B{p}-$B$1*J{p}/(SQRT(K{p})+$D$3)",
            "",
            &["odd-weight S!B7:B13 =B6-$B$1*J6/(SQRT(L6)+$D$3)"],
        ),
    ];
    for (column, later, first, wanted) in slips {
        let mut book = moments();
        fill(&mut book, *column, later, 7);
        if !first.is_empty() {
            book.set(0, (5, *column), first);
        }
        assert_eq!(told(&book), *wanted, "{later} {first}");
        assert_eq!(told(&book.transposed()).len(), wanted.len(), "{later} {first} in columns");
    }
}

/// A weight for each of two features, and one beside them.
const FEATURES: Table = Table {
    name: "features",
    above: &[&["lr", "0.05"], &["x", "1.2"], &["z", "0.7"], &["y", "2"]],
    weights: &[
        ("u", "0.2", "=A{p}-$B$1*G{p}"),
        ("v", "-0.1", "=B{p}-$B$1*H{p}"),
        ("b", "0.1", "=C{p}-$B$1*I{p}"),
    ],
    columns: &[
        ("p", "=A{r}*$B$2+B{r}*$B$3+C{r}"),
        ("e", "=D{r}-$B$4"),
        ("loss", "=E{r}^2/2"),
        ("gu", "=E{r}*$B$2"),
        ("gv", "=E{r}*$B$3"),
        ("gb", "=E{r}"),
    ],
};

#[test]
fn an_update_like_no_other_is_told_with_the_one_that_belongs_there() {
    let slips: &[(u32, &str, &str)] = &[
        (1, "=B{p}-H{p}", "odd-weight S!B7:B13 =B6-$B$1*H6"),
        (1, "=B{p}-0.5*H{p}", "odd-weight S!B7:B13 =B6-$B$1*H6"),
        // Both weights take one gradient, or one update is a copy of the other.
        (1, "=B{p}-$B$1*G{p}", "wrong-weight S!B7:B13 =B6-$B$1*H6"),
        (1, "=A{p}-$B$1*G{p}", "wrong-weight S!B7:B13 =B6-$B$1*H6"),
        (7, "=E{r}*$B$2", "wrong-derivative S!H6:H13 =E6*$B$3"),
    ];
    assert_eq!(told(&FEATURES.book()), Vec::<String>::new());
    for (column, formula, wanted) in slips {
        let mut book = FEATURES.book();
        fill(&mut book, *column, formula, if *column < 3 { 7 } else { 6 });
        assert_eq!(told(&book), [*wanted], "{formula}");
        assert_eq!(told(&book.transposed()).len(), 1, "{formula} in columns");
    }
}

#[test]
fn what_is_proposed_has_the_signs_of_the_cells_beside_it() {
    // One update takes another's gradient, and its rate is not held.
    let mut book = FEATURES.book();
    book.set(0, (9, 1), "=B9-B1*G9");
    assert_eq!(told(&book), ["wrong-weight S!B10 =B9-$B$1*H9"]);
    // One that takes no rate at all takes nothing else for it.
    let mut book = FEATURES.book();
    book.set(0, (9, 1), "=B9-H9");
    assert_eq!(told(&book), ["odd-weight S!B10 =B9-$B$1*H9"]);
    // In no row of the column, but in other columns.
    let found = told_with(&FEATURES, 3, "=A{r}*B2+B{r}*B2+C{r}");
    assert_eq!(found, ["wrong-forward S!D6:D13 =A6*$B$2+B6*$B$3+C6"]);
}

#[test]
fn a_step_with_nothing_of_its_derivative_is_a_step_still() {
    // Of the gradient only the data is left, the rate is missing beside data, or the prediction is taken.
    let inline = Table {
        name: "inline",
        weights: &[
            ("u", "0.2", "=A{p}-$B$1*E{p}*$B$2"),
            ("v", "-0.1", "=B{p}-$B$1*E{p}*$B$3"),
            ("b", "0.1", "=C{p}-$B$1*E{p}"),
        ],
        columns: &FEATURES.columns[..3],
        ..FEATURES
    };
    let slips: &[(&Table, u32, &str, &str)] = &[
        (&inline, 1, "=B{p}-$B$1*$B$3", "wrong-derivative S!B7:B13 =B6-$B$1*$B$3*E6"),
        (&inline, 1, "=B{p}-E{p}*$B$3", "odd-weight S!B7:B13 =B6-$B$1*E6*$B$3"),
        // Data, or a blank cell, in the place of the rate.
        (&inline, 1, "=B{p}-$B$3*E{p}*$B$3", "odd-weight S!B7:B13 =B6-$B$1*E6*$B$3"),
        (&inline, 1, "=B{p}-$D$1*E{p}*$B$3", "odd-weight S!B7:B13 =B6-$B$1*E6*$B$3"),
        // The rate alone.
        (&FEATURES, 1, "=B{p}-$B$1", "wrong-derivative S!B7:B13 =B6-$B$1*H6"),
        // What the loss is computed from.
        (&FEATURES, 1, "=B{p}-$B$1*D{p}", "wrong-weight S!B7:B13 =B6-$B$1*H6"),
    ];
    for (table, column, formula, wanted) in slips {
        let mut book = table.book();
        assert_eq!(told(&book), Vec::<String>::new());
        fill(&mut book, *column, formula, 7);
        assert_eq!(told(&book), [*wanted], "{formula}");
    }
}
