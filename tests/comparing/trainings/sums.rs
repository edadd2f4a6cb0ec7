//! A line over all samples, each gradient one sum in one cell, with the schedules and the optimizers
//! that people write below it; and the slips that two weights leave room for.

use gdtrace::compare::training::{Kind, Training, Verdict};
use gdtrace::graph::Graph;

use super::book::Book;
use super::look;

/// The row of the first iteration, as spreadsheets count.
const FIRST: u32 = 10;
const ROWS: u32 = 9;
const SAMPLES: [[&str; 2]; 5] =
    [["0.5", "1.1"], ["1.2", "2.3"], ["-0.7", "-0.4"], ["2.1", "4.2"], ["1.6", "2.9"]];

/// The columns A to F of a sheet; `{r}` is the row, `{p}` the one before.
struct Line {
    updates: [&'static str; 2],
    gradients: [&'static str; 2],
    loss: &'static str,
    /// From G on: the formula of the first row and that of the others.
    states: &'static [(&'static str, &'static str)],
}

const RESIDUAL: &str = "B{r}*$A$2:$A$6+C{r}-$B$2:$B$6";
const LINE: Line = Line {
    updates: ["=B{p}-$E$2*D{p}", "=C{p}-$E$2*E{p}"],
    gradients: [
        "=2*SUMPRODUCT(RES,$A$2:$A$6)/COUNT($A$2:$A$6)",
        "=2*SUMPRODUCT(RES)/COUNT($A$2:$A$6)",
    ],
    loss: "=SUMPRODUCT((RES)^2)/COUNT($A$2:$A$6)",
    states: &[],
};

impl Line {
    fn book(&self) -> Book {
        let mut book = Book::new(&["S"]);
        book.row(0, (0, 0), &["x", "y"]);
        (1..).zip(&SAMPLES).for_each(|(row, sample)| book.row(0, (row, 0), sample));
        for (row, setting) in (1..).zip([["lr", "0.1"], ["b1", "0.9"], ["b2", "0.99"]]) {
            book.row(0, (row, 3), &setting);
        }
        book.row(0, (4, 3), &["eps", "0.00000001"]);
        book.row(0, (FIRST - 2, 0), &["t", "w", "b", "dw", "db", "loss"]);
        for row in FIRST..FIRST + ROWS {
            let filled = |text: &str| {
                let text = text.replace("RES", RESIDUAL).replace("{r}", &row.to_string());
                text.replace("{p}", &(row - 1).to_string())
            };
            let is_first = row == FIRST;
            let start = |first: &'static str, other| if is_first { first } else { other };
            let own = [start("0", "=A{p}+1"), start("0.5", self.updates[0])];
            let own = own.into_iter().chain([start("0.1", self.updates[1])]);
            let own = own.chain(self.gradients).chain([self.loss]);
            let states = self.states.iter().map(|(first, other)| start(first, other));
            for (column, text) in (0..).zip(own.chain(states)) {
                book.set(0, (row - 1, column), filled(text));
            }
        }
        book
    }

    fn told(&self) -> (Graph, Training) {
        let (graph, mut found) = look(&self.book());
        assert_eq!(found.trainings.len(), 1);
        (graph, found.trainings.remove(0))
    }
}

/// The findings: kind, cell and formula.
fn findings(graph: &Graph, training: &Training) -> Vec<(Kind, String, String)> {
    let of = training.findings.iter();
    of.map(|one| (one.kind, graph.address(one.cells[0]), one.proposed.clone().unwrap_or_default()))
        .collect()
}

#[test]
fn a_rate_with_factors_that_change_is_a_schedule() {
    let updates = [
        ["=B{p}-$E$2*$E$3^A{p}*D{p}", "=C{p}-$E$2*$E$3^A{p}*E{p}"],
        ["=B{p}-$E$2*0.5^INT(A{p}/3)*D{p}", "=C{p}-$E$2*0.5^INT(A{p}/3)*E{p}"],
        ["=B{p}-$E$2/(1+$E$3*A{p})*D{p}", "=C{p}-$E$2/(1+$E$3*A{p})*E{p}"],
    ];
    for updates in updates {
        let (graph, training) = Line { updates, ..LINE }.told();
        assert_eq!(findings(&graph, &training), [], "{updates:?}");
        let optimizer = training.optimizer.expect("gradient descent");
        let departures = ["changes the learning rate from iteration to iteration"];
        assert_eq!(optimizer.departures, departures, "{updates:?}");
    }
}

#[test]
fn optimizers_whose_first_row_has_formulas_of_its_own_are_named() {
    const SQUARES: (&str, &str) = ("=(1-$E$4)*D{r}^2", "=$E$4*I{p}+(1-$E$4)*D{r}^2");
    const ADAM: [(&str, &str); 4] = [
        ("=(1-$E$3)*D{r}", "=$E$3*G{p}+(1-$E$3)*D{r}"),
        ("=(1-$E$3)*E{r}", "=$E$3*H{p}+(1-$E$3)*E{r}"),
        SQUARES,
        ("=(1-$E$4)*E{r}^2", "=$E$4*J{p}+(1-$E$4)*E{r}^2"),
    ];
    let rules: [(&str, Option<&str>, Line); 3] = [
        // The rate stands inside the velocity, which begins without one.
        (
            "momentum",
            Some("keras"),
            Line {
                updates: ["=B{p}-G{p}", "=C{p}-H{p}"],
                states: &[
                    ("=$E$2*D{r}", "=$E$3*G{p}+$E$2*D{r}"),
                    ("=$E$2*E{r}", "=$E$3*H{p}+$E$2*E{r}"),
                ],
                ..LINE
            },
        ),
        // The largest so far is at first what there is.
        (
            "amsgrad",
            None,
            Line {
                updates: ["=B{p}-$E$2*G{p}/(SQRT(K{p})+$E$5)", "=C{p}-$E$2*H{p}/(SQRT(L{p})+$E$5)"],
                states: &[
                    ADAM[0],
                    ADAM[1],
                    ADAM[2],
                    ADAM[3],
                    ("=I{r}", "=MAX(K{p},I{r})"),
                    ("=J{r}", "=MAX(L{p},J{r})"),
                ],
                ..LINE
            },
        ),
        // A power of β with the number of the step stands beside the gradient.
        (
            "nadam",
            Some("optax"),
            Line {
                updates: [
                    "=B{p}-$E$2*($E$3*G{p}/(1-$E$3^(A{p}+2))+(1-$E$3)*D{p}/(1-$E$3^(A{p}+1)))\
                     /(SQRT(I{p}/(1-$E$4^(A{p}+1)))+$E$5)",
                    "=C{p}-$E$2*($E$3*H{p}/(1-$E$3^(A{p}+2))+(1-$E$3)*E{p}/(1-$E$3^(A{p}+1)))\
                     /(SQRT(J{p}/(1-$E$4^(A{p}+1)))+$E$5)",
                ],
                states: &ADAM,
                ..LINE
            },
        ),
    ];
    for (name, variant, line) in rules {
        let (graph, training) = line.told();
        assert_eq!(findings(&graph, &training), [], "{name}");
        let optimizer = training.optimizer.unwrap_or_default();
        assert_eq!((optimizer.name.as_str(), optimizer.variant.as_deref()), (name, variant));
    }
}

#[test]
fn a_mean_that_only_one_weight_has_is_found() {
    let forgets = Line { gradients: [LINE.gradients[0], "=2*SUMPRODUCT(RES)"], ..LINE };
    let (graph, training) = forgets.told();
    let mended = "=2*SUMPRODUCT(B10*$A$2:$A$6+C10-$B$2:$B$6)/5".to_owned();
    let wanted = (Kind::WrongDerivative, "S!E10".to_owned(), mended);
    assert_eq!(findings(&graph, &training), [wanted]);
}

#[test]
fn an_update_without_the_learning_rate_of_the_others_is_found() {
    let forgets = Line { updates: [LINE.updates[0], "=C{p}-E{p}"], ..LINE };
    let (graph, training) = forgets.told();
    let wanted = (Kind::OddWeight, "S!C11".to_owned(), "=C10-$E$2*E10".to_owned());
    assert_eq!(findings(&graph, &training), [wanted]);
    assert!(training.findings[0].message.contains("the learning rate, lr (E2)"));
}

/// A bowl with its derivatives in C to E, and steps that take both of them.
#[test]
fn steps_that_are_made_of_all_derivatives_are_another_rule_and_not_wrong() {
    let rules = [
        // Newton's method, with the inverse of the Hessian.
        ["=A{p}-(4*D{p}-E{p})/7", "=B{p}-(2*E{p}-D{p})/7", "0"],
        // A gradient of length 1, and as far along it as there is to go.
        ["=A{p}-0.1*D{p}/F{p}", "=B{p}-0.1*E{p}/F{p}", "=SQRT(D{r}^2+E{r}^2)"],
        ["=A{p}-F{p}*D{p}", "=B{p}-F{p}*E{p}", "=(D{r}^2+E{r}^2)/(2*D{r}^2+2*D{r}*E{r}+4*E{r}^2)"],
    ];
    for [x, y, own] in rules {
        let mut book = Book::new(&["S"]);
        book.row(0, (0, 0), &["x", "y", "f", "df/dx", "df/dy", "own"]);
        for row in 2..10 {
            let start = |first: &'static str, other| if row == 2 { first } else { other };
            let loss = "=(A{r}-3)^2+2*(B{r}+1)^2+A{r}*B{r}";
            let cells =
                [start("0", x), start("0", y), loss, "=2*(A{r}-3)+B{r}", "=4*(B{r}+1)+A{r}"];
            for (column, text) in (0..).zip(cells.into_iter().chain([own])) {
                let text = text.replace("{r}", &row.to_string());
                book.set(0, (row - 1, column), text.replace("{p}", &(row - 1).to_string()));
            }
        }
        let (graph, found) = look(&book);
        let [training] = &found.trainings[..] else { panic!("{x}: no training") };
        assert_eq!(findings(&graph, training), [], "{x}");
        assert_eq!(training.rule.name(), "other", "{x}");
        let mut verdicts = training.weights.iter().map(|one| one.verdict);
        assert!(verdicts.all(|one| one == Verdict::Verified), "{x}");
    }
}

#[test]
fn gradients_that_two_weights_have_exchanged_are_found_in_the_updates() {
    let exchanged = Line { updates: ["=B{p}-$E$2*E{p}", "=C{p}-$E$2*D{p}"], ..LINE };
    let (graph, training) = exchanged.told();
    let wrong =
        |cell: &str, right: &str| (Kind::WrongWeight, format!("S!{cell}"), format!("={right}"));
    let wanted = [wrong("B11", "B10-$E$2*D10"), wrong("C11", "C10-$E$2*E10")];
    assert_eq!(findings(&graph, &training), wanted);
    assert_eq!(training.findings[0].cells.len(), ROWS as usize - 1);
}
