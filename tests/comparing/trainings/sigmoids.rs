//! Sigmoids that are none, for want of a minus or of parentheses: told where they stand.

use super::slips::Table;
use super::states::{fill, told};

/// Two sigmoids one behind the other.
const CHAIN: Table = Table {
    name: "chain",
    above: &[&["lr", "0.5"], &["x", "0.9"], &["t", "0.35"]],
    weights: &[
        ("w", "0.7", "=A{p}-$B$1*J{p}"),
        ("b", "0.1", "=B{p}-$B$1*I{p}"),
        ("v", "-0.6", "=C{p}-$B$1*K{p}"),
    ],
    columns: &[
        ("z", "=A{r}*$B$2+B{r}"),
        ("h", "=1/(1+EXP(-D{r}))"),
        ("o", "=1/(1+EXP(-(C{r}*E{r})))"),
        ("loss", "=(F{r}-$B$3)^2/2"),
        ("delta", "=(F{r}-$B$3)*F{r}*(1-F{r})"),
        ("db", "=H{r}*C{r}*E{r}*(1-E{r})"),
        ("dw", "=I{r}*$B$2"),
        ("dv", "=H{r}*E{r}"),
    ],
};

/// A logistic regression over two samples.
const LOGISTIC: Table = Table {
    name: "logistic",
    above: &[&["lr", "0.5"], &["x", "0.9", "-0.4"], &["t", "1", "0"]],
    weights: &[("w", "0.2", "=A{p}-$B$1*F{p}"), ("b", "0.1", "=B{p}-$B$1*G{p}")],
    columns: &[
        ("p", "=1/(1+EXP(-(A{r}*$B$2+B{r})))"),
        ("q", "=1/(1+EXP(-(A{r}*$C$2+B{r})))"),
        ("loss", "=-$B$3*LN(C{r})-(1-$B$3)*LN(1-C{r})-$C$3*LN(D{r})-(1-$C$3)*LN(1-D{r})"),
        ("dw", "=(C{r}-$B$3)*$B$2+(D{r}-$C$3)*$C$2"),
        ("db", "=C{r}-$B$3+D{r}-$C$3"),
    ],
};

#[test]
fn a_sigmoid_that_lacks_its_minus_or_parentheses_is_told_as_none() {
    // The column, what stands there, the cells, what is proposed.
    let slips: &[(&Table, u32, &str, &str)] = &[
        (&CHAIN, 4, "=1/(1+EXP(D{r}))", "E6:E13 =1/(1+EXP(-D6))"),
        (&CHAIN, 4, "=1/1+EXP(-D{r})", "E6:E13 =1/(1+EXP(-D6))"),
        (&CHAIN, 4, "=1/1+EXP(D{r})", "E6:E13 =1/(1+EXP(-D6))"),
        (&CHAIN, 5, "=1/(1+EXP(C{r}*E{r}))", "F6:F13 =1/(1+EXP(-(C6*E6)))"),
        (&CHAIN, 5, "=1/1+EXP(-(C{r}*E{r}))", "F6:F13 =1/(1+EXP(-(C6*E6)))"),
        (&LOGISTIC, 2, "=1/(1+EXP(A{r}*$B$2+B{r}))", "C6:C13 =1/(1+EXP(-(A6*$B$2+B6)))"),
        (&LOGISTIC, 2, "=1/(1+EXP(-A{r}*$B$2+B{r}))", "C6:C13 =1/(1+EXP(-(A6*$B$2+B6)))"),
        (&LOGISTIC, 3, "=1/1+EXP(-(A{r}*$C$2+B{r}))", "D6:D13 =1/(1+EXP(-(A6*$C$2+B6)))"),
    ];
    for (table, column, formula, wanted) in slips {
        let mut book = table.book();
        assert_eq!(told(&book), Vec::<String>::new(), "{}", table.name);
        fill(&mut book, *column, formula, 6);
        assert_eq!(told(&book), [format!("wrong-forward S!{wanted}")], "{} {formula}", table.name);
        let turned = told(&book.transposed());
        let is_told = matches!(&turned[..], [only] if only.starts_with("wrong-forward"));
        assert!(is_told, "{} {formula} in columns: {turned:?}", table.name);
    }
}

#[test]
fn what_falls_on_purpose_is_right() {
    let mut book = LOGISTIC.book();
    let columns = [
        "=1/(1+EXP(-A{r}*$B$2-B{r}))",
        // What is left of 1.
        "=1/(1+EXP(A{r}*$C$2+B{r}))",
        "=-$B$3*LN(C{r})-(1-$B$3)*LN(1-C{r})-$C$3*LN(1-D{r})-(1-$C$3)*LN(D{r})",
        "=(C{r}-$B$3)*$B$2+(1-D{r}-$C$3)*$C$2",
        "=C{r}-$B$3+1-D{r}-$C$3",
    ];
    (2..).zip(columns).for_each(|(column, formula)| fill(&mut book, column, formula, 6));
    assert_eq!(told(&book), Vec::<String>::new());
}
