//! One cell that interrupts a fill: it is told with what the fill has there, and says nothing of the
//! rule and the derivatives of the others.

use gdtrace::compare::training::{Kind, Training, Verdict};
use gdtrace::graph::Graph;

use super::book::Book;
use super::optimizers::{Laid, MODELS, RULES, each, only};
use super::slips::Table;
use super::{look, optimizers};

/// The iteration with the slip, of seven.
const SLIPPED: usize = 3;

/// A slip in one cell: the column of which weights, what it makes of the formula, as what it is told.
struct Slip {
    name: &'static str,
    column: &'static str,
    change: fn(&str) -> Option<String>,
    kinds: &'static [Kind],
}

const SLIPS: [Slip; 6] = [
    Slip {
        name: "a number over an update",
        column: "new_",
        change: |_| Some("0.77".to_owned()),
        kinds: &[Kind::Value],
    },
    Slip {
        name: "an update that adds",
        column: "new_",
        change: |text| text.contains('-').then(|| text.replacen('-', "+", 1)),
        kinds: &[Kind::InconsistentFormula, Kind::WrongDerivative],
    },
    Slip {
        name: "a number over an average",
        column: "m_",
        change: |_| Some("0.31".to_owned()),
        kinds: &[Kind::Value],
    },
    Slip {
        name: "another average",
        column: "m_",
        change: |text| Some(text.replacen("(1-$", "(2-$", 1)),
        kinds: &[Kind::InconsistentFormula],
    },
    Slip {
        name: "a lost reference",
        column: "m_",
        change: |_| Some("=0.5*#REF!".to_owned()),
        kinds: &[Kind::BrokenReference],
    },
    Slip {
        name: "a dollar left out",
        column: "new_",
        change: |text| text.contains("$B$1").then(|| text.replace("$B$1", "B1")),
        kinds: &[Kind::InconsistentFormula],
    },
];

/// What is not told of a slip in the last weight as it should be.
fn complaint(
    name: &str,
    laid: &Laid,
    slip: &Slip,
    model: &optimizers::Model,
    (clean, right): &(Graph, Training),
) -> Option<String> {
    let weight = model.weights[model.weights.len() - 1].0;
    let at = *laid.cells.get(&format!("{}{weight}", slip.column))?.get(SLIPPED)?;
    let own = laid.book.get(0, at)?.to_owned();
    let mut book = laid.book.clone();
    book.set(0, at, (slip.change)(&own)?);
    let (graph, training) = only(name, &book);
    let told: Vec<String> = training
        .findings
        .iter()
        .map(|one| format!("{} {} {:?}", one.kind.name(), one.range(&graph), one.proposed))
        .collect();
    let told = || format!("{}, {name}: {}", slip.name, told.join("; "));
    let [finding] = &training.findings[..] else { return Some(told()) };
    let is_there = graph.position(finding.cells[0]) == at && slip.kinds.contains(&finding.kind);
    let expected = clean.value(clean.id(0, at)?).number();
    let is_known = training.optimizer.as_ref().map(|one| &one.name)
        == right.optimizer.as_ref().map(|one| &one.name);
    // What stands before it is as it was, so that the formula gives what it gave.
    let is_right =
        finding.proposed.as_deref() == Some(own.as_str()) && finding.expected == expected;
    let holds = training.weights.iter().all(|one| one.verdict == Verdict::Verified);
    (!is_there || !is_right || !is_known || !(holds || finding.kind == Kind::WrongDerivative))
        .then(told)
}

#[test]
fn a_cell_that_interrupts_a_fill_is_told_alone() {
    let (mut right, mut all, mut complaints) = (0, 0, Vec::new());
    let of_rule = |rule: &str| RULES.iter().position(|one| one.name == rule).expect("a rule");
    for rule in ["sgd", "momentum", "rmsprop", "adam", "adamw", "lion"] {
        let at = of_rule(rule);
        for (turn, (name, _, laid)) in each(&RULES[at..=at]).enumerate().skip(at % 2).step_by(2) {
            let clean = only(&name, &laid.book);
            for slip in &SLIPS {
                if !laid.cells.keys().any(|column| column.starts_with(slip.column)) {
                    continue;
                }
                all += 1;
                match complaint(&name, &laid, slip, &MODELS[turn / 3], &clean) {
                    None => right += 1,
                    Some(told) => complaints.push(told),
                }
            }
        }
    }
    println!("{right} of {all} right\n{}", complaints.join("\n"));
    assert!(right * 100 >= all * 98, "{right} of {all} right:\n{}", complaints.join("\n"));
}

/// A row an iteration, momentum, a column of learning rates that are typed.
const SCHEDULED: Table = Table {
    name: "scheduled",
    above: &[],
    weights: &[("p", "3", "=A{p}-G{p}*E{p}"), ("q", "-2", "=B{p}-G{p}*F{p}")],
    columns: &[
        ("loss", "=(A{r}-2)^2+2*(B{r}+1)^2"),
        ("n", "=D{p}+1"),
        ("dp", "=2*(A{r}-2)"),
        ("dq", "=4*(B{r}+1)"),
        ("learning rate", "=G{p}"),
    ],
};

#[test]
fn what_is_meant_interrupts_nothing() {
    let mut dropped = SCHEDULED.book();
    let mut halved = SCHEDULED.book();
    for book in [&mut dropped, &mut halved] {
        book.set(0, (5, 3), "1");
        book.set(0, (5, 6), "0.1");
    }
    // A rate that is lower from an iteration on, by a number or by a formula of its own.
    dropped.set(0, (9, 6), "0.05");
    halved.set(0, (9, 6), "=G9/2");
    for book in [&dropped, &halved] {
        assert_eq!(findings(book), [""; 0]);
    }
}

fn findings(book: &Book) -> Vec<String> {
    let (graph, found) = look(book);
    assert_eq!(found.trainings.len(), 1);
    let findings = &found.trainings[0].findings;
    findings.iter().map(|one| format!("{} {}", one.kind.name(), one.range(&graph))).collect()
}
