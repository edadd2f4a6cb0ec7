//! Paths of the chain rule that were left out, or that something else stands for: through time, and of
//! penalties.

use super::slips::Table;
use super::states::{told, told_with};

/// A recurrent network over three steps in time.
const RECURRENT: Table = Table {
    name: "recurrent",
    above: &[&["lr", "0.1"], &["x", "0.5", "-0.3", "0.8"], &["t", "0.4"]],
    weights: &[
        ("wx", "0.4", "=A{p}-$B$1*R{p}"),
        ("wh", "0.6", "=B{p}-$B$1*S{p}"),
        ("b", "0.1", "=C{p}-$B$1*T{p}"),
        ("v", "-0.5", "=D{p}-$B$1*U{p}"),
    ],
    columns: &[
        ("h0", "0"),
        ("z1", "=A{r}*$B$2+B{r}*E{r}+C{r}"),
        ("h1", "=TANH(F{r})"),
        ("z2", "=A{r}*$C$2+B{r}*G{r}+C{r}"),
        ("h2", "=TANH(H{r})"),
        ("z3", "=A{r}*$D$2+B{r}*I{r}+C{r}"),
        ("h3", "=TANH(J{r})"),
        ("y", "=D{r}*K{r}"),
        ("loss", "=(L{r}-$B$3)^2/2"),
        ("e", "=L{r}-$B$3"),
        ("d3", "=N{r}*D{r}*(1-K{r}^2)"),
        ("d2", "=O{r}*B{r}*(1-I{r}^2)"),
        ("d1", "=P{r}*B{r}*(1-G{r}^2)"),
        ("dwx", "=O{r}*$D$2+P{r}*$C$2+Q{r}*$B$2"),
        ("dwh", "=O{r}*I{r}+P{r}*G{r}+Q{r}*E{r}"),
        ("db", "=O{r}+P{r}+Q{r}"),
        ("dv", "=N{r}*K{r}"),
    ],
};

/// A line with a penalty on its slope, of either kind.
const PENALTIES: Table = Table {
    name: "penalties",
    above: &[
        &["lr", "0.05", "lambda", "0.1"],
        &["x", "1", "2", "3", "4"],
        &["y", "2.1", "3.9", "6.2", "7.8"],
    ],
    weights: &[("a", "0.5", "=A{p}-$B$1*D{p}"), ("b", "0.1", "=B{p}-$B$1*E{p}")],
    columns: &[
        (
            "loss",
            "=SUMPRODUCT((A{r}*$B$2:$E$2+B{r}-$B$3:$E$3)^2)/4+$D$1*A{r}^2+$D$1*(ABS(A{r})+ABS(B{r}))",
        ),
        (
            "da",
            "=2*SUMPRODUCT(A{r}*$B$2:$E$2+B{r}-$B$3:$E$3,$B$2:$E$2)/4+2*$D$1*A{r}+$D$1*SIGN(A{r})",
        ),
        ("db", "=2*SUMPRODUCT(A{r}*$B$2:$E$2+B{r}-$B$3:$E$3)/4+$D$1*SIGN(B{r})"),
    ],
};

#[test]
fn what_refers_to_the_last_value_of_a_weight_is_no_weight() {
    assert_eq!(told(&RECURRENT.book()), Vec::<String>::new());
    assert_eq!(told(&RECURRENT.book().transposed()), Vec::<String>::new());
}

#[test]
fn a_path_that_was_left_out_is_proposed_where_it_belongs() {
    let found = told_with(&RECURRENT, 17, "=O{r}*$D$2+P{r}*$C$2");
    assert_eq!(found, ["wrong-derivative S!R6:R13 =O6*$D$2+P6*$C$2+Q6*$B$2"]);
    let ahead = "2*SUMPRODUCT(A{r}*$B$2:$E$2+B{r}-$B$3:$E$3,$B$2:$E$2)/4";
    let found = told_with(&PENALTIES, 3, &format!("={ahead}+$D$1*SIGN(A{{r}})"));
    let ahead = ahead.replace("{r}", "6");
    let wanted = format!("={ahead}+$D$1*SIGN(A6)+2*$D$1*A6");
    assert_eq!(found, [format!("wrong-derivative S!D6:D13 {wanted}")]);
}

#[test]
fn a_path_of_another_penalty_is_exchanged() {
    assert_eq!(told(&PENALTIES.book()), Vec::<String>::new());
    let ahead = "2*SUMPRODUCT(A{r}*$B$2:$E$2+B{r}-$B$3:$E$3)/4";
    let found = told_with(&PENALTIES, 4, &format!("={ahead}+$D$1*B{{r}}"));
    let wanted = format!("={}+$D$1*SIGN(B6)", ahead.replace("{r}", "6"));
    assert_eq!(found, [format!("wrong-derivative S!E6:E13 {wanted}")]);
}
