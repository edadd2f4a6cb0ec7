//! Neurons that are at rest below 0, with the masks of their derivatives written out: those that are
//! missing or of another neuron are told, whichever neurons are at rest at the sheet's own numbers.

use super::slips::Table;
use super::states::{told, told_with};

/// Two hidden neurons of one input over two samples: nets, neurons, errors, the loss, the slopes.
const RELU: Table = Table {
    name: "relu",
    above: &[&["lr", "0.1"], &["x", "0.8", "-0.6"], &["t", "0.9", "0.2"]],
    weights: &[
        ("w1", "0.5", "=A{p}-$B$1*Q{p}"),
        ("w2", "-0.4", "=B{p}-$B$1*R{p}"),
        ("b1", "0.1", "=C{p}-$B$1*S{p}"),
        ("b2", "0.2", "=D{p}-$B$1*T{p}"),
        ("v1", "0.7", "=E{p}-$B$1*U{p}"),
        ("v2", "-0.3", "=F{p}-$B$1*V{p}"),
    ],
    columns: &[
        ("net1 of 1", "=A{r}*$B$2+C{r}"),
        ("net2 of 1", "=B{r}*$B$2+D{r}"),
        ("net1 of 2", "=A{r}*$C$2+C{r}"),
        ("net2 of 2", "=B{r}*$C$2+D{r}"),
        ("h1 of 1", "=MAX(0,G{r})"),
        ("h2 of 1", "=MAX(0,H{r})"),
        ("h1 of 2", "=MAX(0,I{r})"),
        ("h2 of 2", "=MAX(0,J{r})"),
        ("e of 1", "=E{r}*K{r}+F{r}*L{r}-$B$3"),
        ("e of 2", "=E{r}*M{r}+F{r}*N{r}-$C$3"),
        ("dw1", "=O{r}*E{r}*IF(G{r}>0,1,0)*$B$2+P{r}*E{r}*IF(I{r}>0,1,0)*$C$2"),
        ("dw2", "=O{r}*F{r}*IF(H{r}>0,1,0)*$B$2+P{r}*F{r}*IF(J{r}>0,1,0)*$C$2"),
        ("db1", "=O{r}*E{r}*IF(G{r}>0,1,0)+P{r}*E{r}*IF(I{r}>0,1,0)"),
        ("db2", "=O{r}*F{r}*IF(H{r}>0,1,0)+P{r}*F{r}*IF(J{r}>0,1,0)"),
        ("dv1", "=O{r}*K{r}+P{r}*M{r}"),
        ("dv2", "=O{r}*L{r}+P{r}*N{r}"),
        ("loss", "=(O{r}^2+P{r}^2)/2"),
    ],
};

#[test]
fn masks_that_are_right_are_no_findings() {
    assert_eq!(told(&RELU.book()), Vec::<String>::new());
}

#[test]
fn masks_of_the_other_neuron_are_told_for_each_sample() {
    let found =
        told_with(&RELU, 17, "=O{r}*F{r}*IF(G{r}>0,1,0)*$B$2+P{r}*F{r}*IF(I{r}>0,1,0)*$C$2");
    let wanted = "=O6*F6*IF(H6>0,1,0)*$B$2+P6*F6*IF(J6>0,1,0)*$C$2";
    assert_eq!(found, [format!("wrong-derivative S!R6:R13 {wanted}")]);
    let found = told_with(&RELU, 18, "=O{r}*E{r}*IF(G{r}>0,1,0)+P{r}*E{r}*IF(G{r}>0,1,0)");
    let wanted = "=O6*E6*IF(G6>0,1,0)+P6*E6*IF(I6>0,1,0)";
    assert_eq!(found, [format!("wrong-derivative S!S6:S13 {wanted}")]);
}

#[test]
fn masks_that_are_missing_are_written_into_each_term() {
    let found = told_with(&RELU, 18, "=O{r}*E{r}+P{r}*E{r}");
    let wanted = "=O6*E6*IF(G6>0,1,0)+P6*E6*IF(I6>0,1,0)";
    assert_eq!(found, [format!("wrong-derivative S!S6:S13 {wanted}")]);
    let found = told_with(&RELU, 17, "=O{r}*F{r}*$B$2+P{r}*F{r}*IF(J{r}>0,1,0)*$C$2");
    let wanted = "=O6*F6*$B$2*IF(H6>0,1,0)+P6*F6*IF(J6>0,1,0)*$C$2";
    assert_eq!(found, [format!("wrong-derivative S!R6:R13 {wanted}")]);
}
