//! The largest second moment so far, as a range that grows: AMSGrad by hand, and what becomes of it
//! where the `$` of the range's start is missing.

use gdtrace::compare::training::Kind;

use super::book::{Book, address, letters};
use super::optimizers::{Laid, MODELS, Written, laid, only, plain};

const AMSGRAD: Written = plain(
    "amsgrad",
    &[
        ("m", "$b1*.m+(1-$b1)*G", Some("0")),
        ("s", "$b2*.s+(1-$b2)*G^2", Some("0")),
        ("x", "s", None),
    ],
    "W-$lr*m/(SQRT(x)+$eps)",
);

/// The largest of the cells from the iteration that `from` gives for each up to it.
fn with_ranges(laid: &Laid, from: &dyn Fn(usize) -> usize, is_held: bool, down: bool) -> Book {
    let mut book = laid.book.clone();
    for weight in MODELS.iter().flat_map(|model| model.weights).map(|(weight, _)| weight) {
        let (Some(cells), Some(moments)) =
            (laid.cells.get(&format!("x_{weight}")), laid.cells.get(&format!("s_{weight}")))
        else {
            continue;
        };
        for (at, cell) in cells.iter().enumerate() {
            let first = moments[from(at)];
            let start = match (is_held, down) {
                (false, _) => address(first),
                (true, true) => format!("{}${}", letters(first.1), first.0 + 1),
                (true, false) => format!("${}{}", letters(first.1), first.0 + 1),
            };
            book.set(0, *cell, format!("=MAX({start}:{})", address(moments[at])));
        }
    }
    book
}

fn layouts() -> impl Iterator<Item = (bool, Laid)> {
    [true, false].into_iter().zip(&MODELS).map(|(down, model)| {
        let mut laid = laid(&AMSGRAD, model, false);
        if !down {
            laid.transpose();
        }
        (down, laid)
    })
}

#[test]
fn the_largest_of_a_range_that_grows_is_amsgrad() {
    for (down, laid) in layouts() {
        let book = with_ranges(&laid, &|_| 0, true, down);
        let (_, training) = only("range", &book);
        let told: Vec<&str> = training.findings.iter().map(|one| &*one.message).collect();
        assert_eq!((training.rule_name(), told), ("amsgrad", vec![]));
    }
}

#[test]
fn ranges_that_walk_along_are_found() {
    let starts: [&dyn Fn(usize) -> usize; 2] = [&|at| at, &|at| at.saturating_sub(1)];
    for (down, laid) in layouts() {
        for (wrong, start) in (1..).zip(starts) {
            let book = with_ranges(&laid, start, false, down);
            let (graph, training) = only("walks", &book);
            let x = laid.cells.iter().filter(|(name, _)| name.starts_with("x_"));
            let mut cells: Vec<_> = x.map(|(_, cells)| cells).collect();
            cells.sort_unstable();
            assert_eq!(training.findings.len(), cells.len(), "{:?}", training.findings);
            for (finding, cells) in training.findings.iter().zip(cells) {
                let found: Vec<_> = finding.cells.iter().map(|id| graph.position(*id)).collect();
                assert_eq!((finding.kind, &found[..]), (Kind::DriftingReference, &cells[wrong..]));
                let held = with_ranges(&laid, &|_| 0, true, down);
                assert_eq!(finding.proposed.as_deref(), held.get(0, cells[wrong]));
            }
        }
    }
}
