//! Numerical derivatives: a difference quotient is never quite the derivative, and no mistake.

use gdtrace::compare::training::{Training, Verdict};
use gdtrace::graph::Graph;

use super::look;
use super::slips::Table;

/// f(x, y) with forward differences over columns of their own, their step in a cell.
const FORWARD: Table = Table {
    name: "forward differences, the step in a cell",
    above: &[&["learning rate", "0.1"], &["h", "0.01"]],
    weights: &[("x", "1", "=A{p}-$B$1*F{p}"), ("y", "1", "=B{p}-$B$1*G{p}")],
    columns: &[
        ("f", "=(A{r}-3)^2+2*(B{r}+1)^2+A{r}*B{r}"),
        ("f(x+h,y)", "=(A{r}+$B$2-3)^2+2*(B{r}+1)^2+(A{r}+$B$2)*B{r}"),
        ("f(x,y+h)", "=(A{r}-3)^2+2*(B{r}+$B$2+1)^2+A{r}*(B{r}+$B$2)"),
        ("df/dx", "=(D{r}-C{r})/$B$2"),
        ("df/dy", "=(E{r}-C{r})/$B$2"),
    ],
};

/// f(x) with central differences, all in one formula.
const CENTRAL: Table = Table {
    name: "central differences, the step typed",
    above: &[&["learning rate", "0.01"]],
    weights: &[("x", "4", "=A{p}-$B$1*C{p}")],
    columns: &[
        ("f(x)", "=A{r}^4-3*A{r}^3+2"),
        (
            "f'(x)",
            "=(((A{r}+0.001)^4-3*(A{r}+0.001)^3+2)-((A{r}-0.001)^4-3*(A{r}-0.001)^3+2))/(2*0.001)",
        ),
    ],
};

fn only(graph: &Graph, trainings: &[Training]) -> (Training, String) {
    let [training] = trainings else { panic!("one training, not {}", trainings.len()) };
    let loss = training.loss.cells.first().copied().flatten().expect("a loss");
    (training.clone(), graph.address(loss))
}

#[test]
fn difference_quotients_are_derivatives_and_named() {
    for table in [FORWARD, CENTRAL] {
        let (graph, found) = look(&table.book());
        let (training, loss) = only(&graph, &found.trainings);
        assert!(training.findings.is_empty(), "{}: {:?}", table.name, training.findings);
        assert!(training.weights.iter().all(|one| one.verdict == Verdict::Verified));
        assert!(loss.ends_with(if table.weights.len() == 2 { "C6" } else { "B6" }), "{loss}");
        let departures = training.optimizer.expect("descent").departures;
        assert_eq!(departures, ["takes difference quotients of the loss for its derivatives"]);
    }
}

#[test]
fn a_difference_quotient_over_another_number_is_wrong() {
    let mut book = FORWARD.book();
    book.set(0, (7, 6), "=(E8-C8)/$B$1");
    let (graph, found) = look(&book);
    let (training, _) = only(&graph, &found.trainings);
    let cells: Vec<String> =
        training.findings.iter().map(|finding| graph.address(finding.cells[0])).collect();
    assert_eq!(cells, ["S!G8"], "{:?}", training.findings);
    // 4(y + 1) + x at the weights of that row, by hand.
    let number = |cell: &str| {
        let at = graph.cells().find(|id| graph.address(*id) == cell).expect("a cell");
        graph.value(at).number().expect("a number")
    };
    let expected = 4.0 * (number("S!B8") + 1.0) + number("S!A8");
    let found = training.findings[0].expected.expect("a value");
    assert!((found - expected).abs() < 1e-9 * expected.abs(), "{found}, not {expected}");
}
