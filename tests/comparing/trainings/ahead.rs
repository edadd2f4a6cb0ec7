//! Nesterov's own form: the gradient is taken where the momentum alone would lead, the loss at the
//! weights.

use gdtrace::compare::training::{Kind, Verdict};

use super::book::Book;
use super::optimizers::{Laid, Model, Written, laid, missed, only, plain, with_mistake};

/// Each with the place ahead in a cell of its own, and within the gradient.
const FORMS: [(Written, [Model; 2]); 2] = [
    (
        plain("nesterov", &[("v", "$b1*.v-$lr*G", Some("0"))], "W+v"),
        [
            Model {
                weights: &[("p", "2.5"), ("q", "-1.5")],
                formulas: &[
                    ("ap", "p+$b1*.v_p"),
                    ("aq", "q+$b1*.v_q"),
                    ("gp", "2*(ap-1)+aq/3"),
                    ("gq", "4*(aq+0.5)+ap/3"),
                    ("loss", "(p-1)^2+2*(q+0.5)^2+p*q/3"),
                ],
            },
            Model {
                weights: &[("slope", "0.4"), ("shift", "0.2")],
                formulas: &[
                    ("gslope", "2*SUMPRODUCT(((slope+$b1*.v_slope)*X+shift+$b1*.v_shift-Y)*X)/$n"),
                    ("gshift", "2*SUMPRODUCT((slope+$b1*.v_slope)*X+shift+$b1*.v_shift-Y)/$n"),
                    ("loss", "SUMPRODUCT((slope*X+shift-Y)^2)/$n"),
                ],
            },
        ],
    ),
    (
        plain("nesterov", &[("m", "$b1*.m+(1-$b1)*G", Some("0"))], "W-$lr*m"),
        [
            Model {
                weights: &[("p", "2.5"), ("q", "-1.5")],
                formulas: &[
                    ("ap", "p-$lr*$b1*.m_p"),
                    ("aq", "q-$lr*$b1*.m_q"),
                    ("gp", "2*(ap-1)+aq/3"),
                    ("gq", "4*(aq+0.5)+ap/3"),
                    ("loss", "(p-1)^2+2*(q+0.5)^2+p*q/3"),
                ],
            },
            Model {
                weights: &[("u", "1.5"), ("v", "0.5")],
                formulas: &[
                    ("gu", "4*(u-$lr*$b1*.m_u)-2*(v-$lr*$b1*.m_v)"),
                    ("gv", "2*(v-$lr*$b1*.m_v)-2*(u-$lr*$b1*.m_u)"),
                    ("loss", "2*u^2-2*u*v+v^2"),
                ],
            },
        ],
    ),
];

fn all() -> Vec<(String, Laid)> {
    let mut found = Vec::new();
    for (at, (rule, models)) in FORMS.iter().enumerate() {
        for (of, model) in models.iter().enumerate() {
            for layout in ["rows", "columns", "blocks"] {
                let mut laid = laid(rule, model, layout == "blocks");
                if layout == "columns" {
                    laid.transpose();
                }
                found.push((format!("form {at}, model {of}, {layout}"), laid));
            }
        }
    }
    found
}

#[test]
fn gradients_ahead_of_the_weights_are_nesterovs() {
    let mut faults = Vec::new();
    for (name, laid) in all() {
        let (_, training) = only(&name, &laid.book);
        let optimizer = training.optimizer.clone().unwrap_or_default();
        let told = "takes the gradient ahead of the weights, where the momentum alone would lead";
        if optimizer.name != "nesterov" || !optimizer.departures.iter().any(|one| one == told) {
            faults.push(format!("{name}: {} {:?}", optimizer.name, optimizer.departures));
        }
        if !training.weights.iter().all(|one| one.verdict == Verdict::Verified) {
            faults.push(format!("{name}: {:?}", training.weights));
        }
        faults.extend(training.findings.iter().map(|one| format!("{name}: {}", one.message)));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_place_on_the_other_side_of_the_weight_is_found() {
    let mut faults = Vec::new();
    for (name, laid) in all().into_iter().filter(|(_, laid)| laid.cells.contains_key("ap")) {
        let turned = |formula: &str| {
            let at = formula.find(['+', '-'])?;
            let other = if &formula[at..=at] == "+" { "-" } else { "+" };
            Some(format!("{}{other}{}", &formula[..at], &formula[at + 1..]))
        };
        let book = with_mistake(&laid, |column| column == "ap", turned).expect("a place ahead");
        faults.extend(missed(&name, &book, &laid, "ap", &[Kind::Value]));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_weight_that_does_not_look_ahead_as_the_others_do_is_found() {
    let mut faults = Vec::new();
    for (name, laid) in all().into_iter().filter(|(_, laid)| laid.cells.contains_key("aq")) {
        let weight_alone = |formula: &str| Some(formula[..formula.find(['+', '-'])?].to_owned());
        let book = with_mistake(&laid, |column| column == "aq", weight_alone).expect("a place");
        faults.extend(missed(&name, &book, &laid, "aq", &[Kind::OddWeight]));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_wrong_gradient_ahead_of_the_weights_is_found() {
    let mut faults = Vec::new();
    // In blocks the first gradient within which the place stands is another formula, of its own.
    let is_one_family =
        |(name, laid): &(String, Laid)| laid.cells.contains_key("ap") || !name.ends_with("blocks");
    for (name, laid) in all().into_iter().filter(is_one_family) {
        let gradient = ["gq", "gshift", "gv"].into_iter().find(|one| laid.cells.contains_key(*one));
        let gradient = gradient.expect("a gradient");
        let negated = |formula: &str| Some(format!("=-({})", &formula[1..]));
        let book = with_mistake(&laid, |column| column == gradient, negated).expect("a gradient");
        faults.extend(missed(&name, &book, &laid, gradient, &[Kind::WrongDerivative]));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// x by a step from y, and y from the last two x, `momentum` times their difference.
fn extrapolated(momentum: &str, is_turned: bool) -> Book {
    let mut book = Book::new(&["S"]);
    book.row(0, (0, 0), &["lr", "0.04", "mu", "0.8"]);
    book.row(0, (3, 0), &["t", "xp", "xq", "yp", "yq", "loss", "gp", "gq"]);
    for row in 4..12_u32 {
        let (r, before) = (row + 1, row);
        let mu = momentum.replace("{t}", &format!("A{before}"));
        let sign = if is_turned { "-" } else { "+" };
        let values = match row {
            4 => ["1.5", "-2", "1.5", "-2"].map(str::to_owned),
            _ => [
                format!("=D{before}-$B$1*G{before}"),
                format!("=E{before}-$B$1*H{before}"),
                format!("=B{r}+{mu}*(B{r}-B{before})"),
                format!("=C{r}{sign}{mu}*(C{r}-C{before})"),
            ],
        };
        let rest = [
            format!("=(D{r}-1)^2+3*(E{r}+0.5)^2+D{r}*E{r}/4"),
            format!("=2*(D{r}-1)+E{r}/4"),
            format!("=6*(E{r}+0.5)+D{r}/4"),
        ];
        book.set(0, (row, 0), row - 4);
        let all: Vec<&str> = values.iter().chain(&rest).map(String::as_str).collect();
        book.row(0, (row, 1), &all);
    }
    book
}

#[test]
fn places_extrapolated_from_the_last_two_weights_are_nesterovs() {
    for momentum in ["$D$1", "({t}/({t}+3))"] {
        for book in [extrapolated(momentum, false), extrapolated(momentum, false).transposed()] {
            let (_, training) = only(momentum, &book);
            let told: Vec<&str> = training.findings.iter().map(|one| &*one.message).collect();
            assert_eq!((training.rule_name(), told), ("nesterov", vec![]), "{momentum}");
            assert!(training.weights.iter().all(|one| one.verdict == Verdict::Verified));
        }
    }
}

#[test]
fn a_place_extrapolated_backwards_is_found() {
    let (graph, training) = only("turned", &extrapolated("$D$1", true));
    let [finding] = &training.findings[..] else { panic!("{:?}", training.findings) };
    let place = (finding.kind, finding.range(&graph), finding.proposed.as_deref());
    assert_eq!(place, (Kind::Value, "S!E6:E12".to_owned(), Some("=C6+$D$1*(C6-C5)")));
}
