//! What people get wrong in Adam: t that counts otherwise, corrections with the other β or none, moments
//! exchanged, hyperparameters in each other's cells. Each is found where it stands, and what is proposed
//! there makes it go.

use gdtrace::compare::training::{Finding, Kind};
use gdtrace::graph::Graph;

use super::book::{At, Book, filled};
use super::optimizers::{Laid, MODELS, Written, laid, only, plain};

const ADAM: Written = plain(
    "adam",
    &[
        ("m", "$b1*.m+(1-$b1)*G", Some("0")),
        ("s", "$b2*.s+(1-$b2)*G^2", Some("0")),
        ("mh", "m/(1-$b1^T)", None),
        ("sh", "s/(1-$b2^T)", None),
    ],
    "W-$lr*mh/(SQRT(sh)+$eps)",
);

/// A mistake: in which columns, what stands there, what is written instead, what it is told as.
type Slip = (&'static [&'static str], &'static str, &'static str, Kind);

/// In the formulas of both weights. `@` is a reference to the count of the iteration, `{m}` and `{s}`
/// to the moments.
const SLIPS: &[Slip] = &[
    (&["mh_", "sh_"], "^@", "^(@-1)", Kind::Value),
    (&["mh_", "sh_"], "^@", "^(@+1)", Kind::Value),
    (&["mh_"], "^@", "^(@-1)", Kind::Value),
    (&["mh_", "sh_"], "^@", "", Kind::Value),
    (&["mh_", "sh_"], "^@", "*@", Kind::Value),
    (&["mh_", "sh_"], "^@", "^1", Kind::Value),
    (&["mh_"], "{b1}", "{b2}", Kind::Value),
    (&["sh_"], "{b2}", "{b1}", Kind::Value),
    (&["s_"], "{b2}", "{b1}", Kind::Value),
    (&["sh_"], "{s}", "{m}", Kind::Value),
    (&["mh_"], "{m}", "{s}", Kind::Value),
    (&["new_"], "{mh}", "{m}", Kind::Value),
    (&["new_"], "{sh}", "{s}", Kind::Value),
    (&["new_"], "SQRT({sh})", "{sh}", Kind::Value),
];

/// In those of the second weight alone.
const ODD: &[Slip] = &[
    (&["mh_"], "^@", "^(@-1)", Kind::OddWeight),
    (&["sh_"], "^@", "^(@+1)", Kind::OddWeight),
    (&["new_"], "{mh}", "{m}", Kind::OddWeight),
    (&["new_"], "SQRT({sh})+{eps}", "SQRT({sh}+{eps})", Kind::OddWeight),
    (&["s_"], "^2", "", Kind::OddWeight),
];

/// The counts of the iterations: what stands in the first and in the others, where `@` is the one before,
/// and at which of them it is wrong.
const COUNTS: &[(&str, &str, usize)] = &[
    ("0", "=@+1", 0),
    ("2", "=@+1", 0),
    ("1", "=@", 1),
    ("1", "=@+2", 1),
    ("1", "1", 1),
    ("=4-4", "=@+1", 0),
];

/// All layouts of it with a model.
fn layouts() -> impl Iterator<Item = (String, Laid)> {
    (0..3).zip(["rows", "columns", "blocks"]).map(|(at, layout)| {
        let mut laid = laid(&ADAM, &MODELS[at % 2], layout == "blocks");
        if layout == "columns" {
            laid.transpose();
        }
        (layout.to_owned(), laid)
    })
}

/// A text of [`SLIPS`] in the cells of an iteration and weight.
fn written(text: &str, laid: &Laid, weight: &str, iteration: usize) -> String {
    let is_turned = laid.book.get(0, (0, 1)) == Some("b1");
    let hyper = |row: u32| {
        let at = if is_turned { (0, row) } else { (row, 0) };
        let value = if is_turned { (1, at.1) } else { (at.0, 1) };
        format!("${}${}", super::book::letters(value.1), value.0 + 1)
    };
    let cell = |name: &str| super::book::address(laid.cells[name][iteration]);
    let mut text = text.replace('@', &cell("T"));
    for (row, name) in (1..).zip(["{b1}", "{b2}", "{eps}"]) {
        text = text.replace(name, &hyper(row));
    }
    for (name, column) in [("{m}", "m"), ("{s}", "s"), ("{mh}", "mh"), ("{sh}", "sh")] {
        text = text.replace(name, &cell(&format!("{column}_{weight}")));
    }
    text
}

/// The workbook with a slip, and the cells that have it.
fn slipped(laid: &Laid, slip: &Slip, is_meant: &dyn Fn(&str) -> bool) -> (Book, Vec<At>) {
    let (columns, from, to, _) = slip;
    let mut book = laid.book.clone();
    let mut changed = Vec::new();
    for (name, cells) in &laid.cells {
        let Some(weight) = columns.iter().find_map(|one| name.strip_prefix(one)) else { continue };
        if !is_meant(weight) {
            continue;
        }
        for (iteration, at) in cells.iter().enumerate() {
            let old = laid.book.get(0, *at).expect("a formula");
            let [from, to] = [from, to].map(|text| written(text, laid, weight, iteration));
            let new = old.replace(&from, &to);
            assert_ne!(new, old, "{from}");
            book.set(0, *at, new);
            changed.push(*at);
        }
    }
    (book, changed)
}

/// The workbook with the proposals of findings in all their cells.
fn mended(book: &Book, graph: &Graph, findings: &[Finding]) -> Book {
    let mut book = book.clone();
    for finding in findings {
        let Some(proposed) = &finding.proposed else {
            let expected = finding.expected.expect("a number or a formula");
            book.set(0, graph.position(finding.cells[0]), expected);
            continue;
        };
        let first = graph.position(finding.cells[0]);
        for cell in &finding.cells {
            let at = graph.position(*cell);
            let by = |to: u32, from: u32| i64::from(to) - i64::from(from);
            book.set(0, at, filled(proposed, by(at.0, first.0), by(at.1, first.1)));
        }
    }
    book
}

/// What is not as it should be with a mistake in some cells, of a kind.
fn complaint(name: &str, book: &Book, cells: &[At], kind: Kind) -> Option<String> {
    let (graph, training) = only(name, book);
    let told: Vec<String> = training
        .findings
        .iter()
        .map(|one| format!("{} {}: {}", one.kind.name(), one.range(&graph), one.message))
        .collect();
    let is_right = |one: &Finding| {
        one.kind == kind && one.cells.iter().all(|cell| cells.contains(&graph.position(*cell)))
    };
    let count: usize = training.findings.iter().map(|one| one.cells.len()).sum();
    if training.rule_name() != "adam" || !training.findings.iter().all(is_right) || count == 0 {
        return Some(format!("{name}: {}: {told:#?}", training.rule_name()));
    }
    let (graph, after) = only(name, &mended(book, &graph, &training.findings));
    let left = after.findings.iter().map(|one| format!("{}: {}", one.range(&graph), one.message));
    let left: Vec<String> = left.collect();
    (!left.is_empty()).then(|| format!("{name}: {told:#?} mended leaves {left:#?}"))
}

#[test]
fn slips_in_the_formulas_are_found_and_mended() {
    let mut complaints = Vec::new();
    for (layout, laid) in layouts() {
        for slip in SLIPS {
            let (book, cells) = slipped(&laid, slip, &|_| true);
            let name = format!("{} for {} in {layout}", slip.2, slip.1);
            complaints.extend(complaint(&name, &book, &cells, slip.3));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// What nothing takes any more is taken again, and called as the sheet calls it.
#[test]
fn an_update_that_passes_a_correction_by_is_given_its_cell_back() {
    for (layout, laid) in layouts() {
        for (corrected, raw) in [("mh", "m"), ("sh", "s")] {
            let [from, to] = [corrected, raw].map(|one| ["{", one, "}"].concat());
            let mut book = laid.book.clone();
            for (name, cells) in &laid.cells {
                let Some(weight) = name.strip_prefix("new_") else { continue };
                for (iteration, at) in cells.iter().enumerate() {
                    let [from, to] = [&from, &to].map(|one| written(one, &laid, weight, iteration));
                    let old = laid.book.get(0, *at).expect("a formula");
                    book.set(0, *at, old.replace(&from, &to));
                }
            }
            let (graph, training) = only(&layout, &book);
            assert!(!training.findings.is_empty(), "{layout}, {raw}");
            for one in &training.findings {
                let at = graph.position(one.cells[0]);
                let right = laid.book.get(0, at).expect("a formula");
                assert_eq!(one.proposed.as_deref(), Some(right), "{layout}, {raw}");
                let words = format!("does not correct the bias of {raw}");
                assert!(one.message.contains(&words), "{layout}, {raw}: {}", one.message);
            }
        }
    }
}

#[test]
fn slips_in_one_weight_are_found_where_they_stand() {
    let mut complaints = Vec::new();
    for (layout, laid) in layouts() {
        for slip in ODD {
            let (book, cells) = slipped(&laid, slip, &|weight| ["q", "shift"].contains(&weight));
            let name = format!("{} for {} of one in {layout}", slip.2, slip.1);
            complaints.extend(complaint(&name, &book, &cells, slip.3));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn a_count_that_does_not_count_the_updates_is_the_cause() {
    let mut complaints = Vec::new();
    for (layout, laid) in layouts() {
        for (first, others, wrong) in COUNTS {
            let mut book = laid.book.clone();
            let cells = &laid.cells["T"];
            book.set(0, cells[0], first);
            for pair in cells.windows(2) {
                book.set(0, pair[1], others.replace('@', &super::book::address(pair[0])));
            }
            let name = format!("{first}, {others} in {layout}");
            complaints.extend(complaint(&name, &book, &cells[*wrong..], Kind::Value));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// One count for all the updates of an epoch.
#[test]
fn a_count_of_epochs_is_none_of_updates() {
    let mut complaints = Vec::new();
    for (layout, laid) in layouts() {
        let mut book = laid.book.clone();
        for (at, cell) in laid.cells["T"].iter().enumerate() {
            book.set(0, *cell, 1 + at / 4);
        }
        complaints.extend(complaint(&layout, &book, &laid.cells["T"][1..], Kind::Value));
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// What counts from 0 or 2, and is made the number of the update in the formula, is right.
#[test]
fn counts_from_elsewhere_are_right_where_the_formulas_know() {
    for (layout, laid) in layouts() {
        for (first, by) in [("0", "+1"), ("2", "-1")] {
            let both = ["mh_", "sh_"];
            let to = format!("^(@{by})");
            let mut book = laid.book.clone();
            for (name, cells) in &laid.cells {
                let Some(weight) = both.iter().find_map(|one| name.strip_prefix(one)) else {
                    continue;
                };
                for (iteration, at) in cells.iter().enumerate() {
                    let old = laid.book.get(0, *at).expect("a formula");
                    let [from, to] = ["^@", &to].map(|one| written(one, &laid, weight, iteration));
                    book.set(0, *at, old.replace(&from, &to));
                }
            }
            book.set(0, laid.cells["T"][0], first);
            let (_, training) = only(&layout, &book);
            let told: Vec<&str> = training.findings.iter().map(|one| &*one.message).collect();
            assert_eq!((training.rule_name(), told), ("adam", vec![]), "{layout}, from {first}");
        }
    }
}

#[test]
fn exchanged_hyperparameters_are_found_by_their_labels_and_by_their_numbers() {
    for (layout, laid) in layouts() {
        let is_turned = laid.book.get(0, (0, 1)) == Some("b1");
        let at = |row: u32, column: u32| if is_turned { (column, row) } else { (row, column) };
        let mut labels = laid.book.clone();
        labels.set(0, at(1, 0), "beta2");
        labels.set(0, at(2, 0), "beta1");
        // In a row the text above is the nearest label.
        let (graph, training) = only(&layout, &labels);
        let told = training.findings.iter().map(|one| (one.kind, graph.position(one.cells[0])));
        let wanted = [(Kind::Label, at(1, 1)), (Kind::Label, at(2, 1))];
        assert_eq!(told.collect::<Vec<_>>(), wanted, "{layout}");

        let mut numbers = laid.book.clone();
        numbers.set(0, at(1, 1), "0.999");
        numbers.set(0, at(2, 1), "0.9");
        let (graph, training) = only(&layout, &numbers);
        let [found] = &training.findings[..] else { panic!("{layout}: {:?}", training.findings) };
        let place = graph.position(found.cells[0]);
        assert_eq!((found.kind, place, found.expected), (Kind::Value, at(1, 1), Some(0.9)));
        assert_eq!(
            found.message,
            "beta1 is 0.999 and beta2 is 0.9: each is the number that Adam usually has for the other."
        );
    }
}

/// A row for each iteration and nothing that counts them.
#[test]
fn the_number_of_an_update_is_that_of_its_row_where_no_cell_has_it() {
    let slip: Slip = (&["mh_", "sh_"], "^@", "", Kind::Value);
    let (_, laid) = layouts().next().expect("rows");
    let (mut book, cells) = slipped(&laid, &slip, &|_| true);
    for at in &laid.cells["T"] {
        book.set(0, *at, "'-");
    }
    assert_eq!(complaint("rows", &book, &cells, Kind::Value), None);
    let (_, training) = only("rows", &book);
    let proposed = training.findings[0].proposed.as_deref().unwrap_or_default();
    assert!(proposed.contains("^(ROW()-9)"), "{proposed}");
}
