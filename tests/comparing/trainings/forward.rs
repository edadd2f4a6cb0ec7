//! Slips in what is predicted and in the loss: told there, where one edit makes all derivatives hold,
//! and not in the derivatives.

use super::slips::Table;
use super::states::{told, told_with};

/// The mean and the deviation of five numbers, by their likelihood.
const LIKELIHOOD: Table = Table {
    name: "likelihood",
    above: &[&["lr", "0.05"], &["d", "1.2", "2.3", "1.9", "3.1", "2.2"]],
    weights: &[("mu", "0", "=A{p}-$B$1*D{p}"), ("sigma", "2", "=B{p}-$B$1*E{p}")],
    columns: &[
        ("nll", "=SUMPRODUCT(($B$2:$F$2-A{r})^2)/(2*B{r}^2)+5*LN(B{r})"),
        ("dmu", "=-SUMPRODUCT($B$2:$F$2-A{r})/B{r}^2"),
        ("dsigma", "=-SUMPRODUCT(($B$2:$F$2-A{r})^2)/B{r}^3+5/B{r}"),
    ],
};

/// A gate between what was remembered and a candidate.
const GATE: Table = Table {
    name: "gate",
    above: &[&["lr", "0.2"], &["x", "0.7"], &["h", "0.3"], &["target", "0.9"]],
    weights: &[("wf", "0.1", "=A{p}-$B$1*K{p}"), ("wc", "0.4", "=B{p}-$B$1*L{p}")],
    columns: &[
        ("f", "=1/(1+EXP(-A{r}*$B$2))"),
        ("c", "=TANH(B{r}*$B$2)"),
        ("y", "=C{r}*$B$3+(1-C{r})*D{r}"),
        ("loss", "=0.5*(E{r}-$B$4)^2"),
        ("dy", "=E{r}-$B$4"),
        ("df", "=G{r}*($B$3-D{r})"),
        ("dc", "=G{r}*(1-C{r})"),
        ("dzf", "=H{r}*C{r}*(1-C{r})"),
        ("dwf", "=J{r}*$B$2"),
        ("dwc", "=I{r}*(1-D{r}^2)*$B$2"),
    ],
};

/// Two things that are paid attention to by how a question fits them.
const ATTENTION: Table = Table {
    name: "attention",
    above: &[&["lr", "0.5"], &["k", "0.7", "-0.3"], &["v", "1", "2"], &["t", "1.7"]],
    weights: &[("q", "0.1", "=A{p}-$B$1*J{p}"), ("s", "1", "=B{p}-$B$1*K{p}")],
    columns: &[
        ("e1", "=EXP(A{r}*$B$2)"),
        ("e2", "=EXP(A{r}*$C$2)"),
        ("a", "=C{r}/(C{r}+D{r})"),
        ("o", "=E{r}*$B$3+(1-E{r})*$C$3"),
        ("y", "=B{r}*F{r}"),
        ("loss", "=(G{r}-$B$4)^2"),
        ("do", "=2*(G{r}-$B$4)*B{r}"),
        ("dq", "=I{r}*E{r}*(1-E{r})*($B$3-$C$3)*($B$2-$C$2)"),
        ("ds", "=2*(G{r}-$B$4)*F{r}"),
    ],
};

/// The ratings of two users for two things, with a penalty.
const RATINGS: Table = Table {
    name: "ratings",
    above: &[&["lr", "0.02"], &["reg", "0.1"], &["r", "5", "3", "4"]],
    weights: &[
        ("u1", "1", "=A{p}-$B$1*I{p}"),
        ("u2", "0.8", "=B{p}-$B$1*J{p}"),
        ("v1", "1.5", "=C{p}-$B$1*K{p}"),
        ("v2", "0.7", "=D{p}-$B$1*L{p}"),
    ],
    columns: &[
        ("e11", "=A{r}*C{r}-$B$3"),
        ("e12", "=A{r}*D{r}-$C$3"),
        ("e21", "=B{r}*C{r}-$D$3"),
        ("loss", "=SUMSQ(E{r}:G{r})+$B$2*SUMSQ(A{r}:D{r})"),
        ("du1", "=2*(E{r}*C{r}+F{r}*D{r})+2*$B$2*A{r}"),
        ("du2", "=2*G{r}*C{r}+2*$B$2*B{r}"),
        ("dv1", "=2*(E{r}*A{r}+G{r}*B{r})+2*$B$2*C{r}"),
        ("dv2", "=2*F{r}*A{r}+2*$B$2*D{r}"),
    ],
};

/// A margin, and what it lacks.
const MARGIN: Table = Table {
    name: "margin",
    above: &[&["lr", "0.05"], &["x", "0.8", "-0.5"], &["lambda", "0.01"]],
    weights: &[
        ("w1", "0.1", "=A{p}-$B$1*F{p}"),
        ("w2", "-0.2", "=B{p}-$B$1*G{p}"),
        ("b", "0", "=C{p}-$B$1*H{p}"),
    ],
    columns: &[
        ("margin", "=A{r}*$B$2+B{r}*$C$2+C{r}"),
        ("hinge", "=MAX(0,1-D{r})+$B$3*(A{r}^2+B{r}^2)"),
        ("dw1", "=IF(D{r}<1,-$B$2,0)+2*$B$3*A{r}"),
        ("dw2", "=IF(D{r}<1,-$C$2,0)+2*$B$3*B{r}"),
        ("db", "=IF(D{r}<1,-1,0)"),
    ],
};

#[test]
fn one_slip_of_the_forward_pass_is_told_there() {
    let cases: &[(&Table, u32, &str, &str)] = &[
        // A factor that is missing, within a sum and within what a function is taken of.
        (&GATE, 4, "=$B$3+(1-C{r})*D{r}", "E6:E13 =$B$3*C6+(1-C6)*D6"),
        (&ATTENTION, 2, "=EXP(A{r})", "C6:C13 =EXP(A6*$B$2)"),
        (&ATTENTION, 6, "=B{r}", "G6:G13 =B6*F6"),
        (&RATINGS, 5, "=D{r}-$C$3", "F6:F13 =D6*A6-$C$3"),
        (
            &RATINGS,
            7,
            "=SUMSQ(E{r}:G{r})+SUMSQ(A{r}:D{r})",
            "H6:H13 =SUMSQ(E6:G6)+SUMSQ(A6:D6)*$B$2",
        ),
        (
            &LIKELIHOOD,
            2,
            "=SUMPRODUCT(($B$2:$F$2+A{r})^2)/(2*B{r}^2)+5*LN(B{r})",
            "C6:C13 =SUMPRODUCT(($B$2:$F$2-A6)^2)/(2*B6^2)+5*LN(B6)",
        ),
        (&MARGIN, 4, "=MAX(0,D{r})+$B$3*(A{r}^2+B{r}^2)", "E6:E13 =MAX(0,1-D6)+$B$3*(A6^2+B6^2)"),
    ];
    for (table, column, slip, wanted) in cases {
        assert_eq!(told(&table.book()), Vec::<String>::new(), "{}", table.name);
        assert_eq!(
            told_with(table, *column, slip),
            [format!("wrong-forward S!{wanted}")],
            "{slip}"
        );
    }
}

#[test]
fn what_lies_beside_a_threshold_that_is_not_0_is_looked_at_on_both_sides() {
    let mut book = MARGIN.book();
    book.set(0, (8, 5), "=IF(C9<1,-$B$2,0)+2*$B$3*A9");
    assert_eq!(told(&book), ["wrong-derivative S!F9 =IF(D9<1,-$B$2,0)+2*$B$3*A9"]);
}

#[test]
fn a_slip_in_one_iteration_is_told_there_wherever_that_is() {
    // The cell, what stands there, and what is proposed: in the first iteration, in the last, and where
    // nothing depends on a weight any more.
    let cases: &[(&Table, (u32, u32), &str, &str)] = &[
        (&GATE, (5, 5), "=0.5*(E6+$B$4)^2", "F6 =0.5*(E6-$B$4)^2"),
        (&GATE, (5, 5), "=0.5*($B$3-$B$4)^2", "F6 =0.5*(E6-$B$4)^2"),
        (&GATE, (12, 10), "=$B$2", "K13 =J13*$B$2"),
        (&RATINGS, (5, 4), "=A6*C6+$B$3", "E6 =A6*C6-$B$3"),
        (
            &LIKELIHOOD,
            (5, 2),
            "=SUMSQ($B$2:$F$2)/(2*B6^2)+5*LN(B6)",
            "C6 =SUMPRODUCT(($B$2:$F$2-A6)^2)/(2*B6^2)+5*LN(B6)",
        ),
    ];
    for (table, place, slip, wanted) in cases {
        let mut book = table.book();
        book.set(0, *place, *slip);
        assert_eq!(told(&book), [format!("inconsistent-formula S!{wanted}")], "{slip}");
    }
}
