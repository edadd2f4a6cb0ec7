//! Ways to train, as the workbook shows them.

use crate::common::program::{Finished, files, run, walkthrough};
use crate::run::trace::Trace;

fn close(found: f64, expected: f64, place: &str) {
    let off = (found - expected).abs();
    assert!(off <= 1e-12 * expected.abs().max(1.0), "{place}: {found} where {expected} is right");
}

#[test]
fn a_batch_adds_up_in_visible_columns_and_updates_on_its_last_row() {
    let finished = Finished::of("--batch-size 4 --epochs 2 --optimizers momentum");
    let trace = Trace::of(&finished.book, "momentum");
    assert_eq!(
        trace.headers,
        [
            "row",
            "epoch",
            "sample",
            "in batch",
            "update",
            "step",
            "x",
            "y",
            "a",
            "b",
            "y_pred",
            "error",
            "err^2",
            "erra1",
            "est de/da",
            "errb1",
            "est de/db",
            "de/da",
            "de/db",
            "sum de/da",
            "mean de/da",
            "sum de/db",
            "mean de/db",
            "v_a",
            "v_b",
            "new a",
            "new b"
        ]
    );
    assert_eq!(trace.steps(), 58);
    assert_eq!(trace.input("batch_size"), 4.0);
    let number = |row, header| trace.number(row, header);
    let mut updates = 0.0;
    for row in 1..=58 {
        let place = (row - 1) % 29 + 1;
        let ends = place % 4 == 0 || place == 29;
        assert_eq!(number(row, "in batch"), f64::from((place - 1) % 4 + 1), "row {row}");
        assert_eq!(number(row, "update"), f64::from(u8::from(ends)), "row {row}");
        let start = row - (place - 1) % 4;
        let sum: f64 = (start..=row).map(|one| number(one, "de/da")).sum();
        close(number(row, "sum de/da"), sum, "sum de/da");
        close(number(row, "mean de/da"), sum / f64::from((place - 1) % 4 + 1), "mean de/da");
        if ends {
            updates += 1.0;
            let v = 0.9 * number(row - 1, "v_a") + 0.1 * number(row, "mean de/da");
            close(number(row, "v_a"), v, "v_a");
            close(number(row, "new a"), number(row, "a") - 0.0001 * v, "new a");
            assert_eq!(number(row, "step"), updates, "row {row}");
        } else {
            assert_eq!(number(row, "v_a"), number(row - 1, "v_a"), "row {row}");
            assert_eq!(number(row, "new a"), number(row, "a"), "row {row}");
        }
    }
    // 29 samples are seven batches of 4 and one of 1.
    assert_eq!(updates, 16.0);
}

#[test]
fn the_full_batch_follows_the_number_of_samples() {
    let finished = Finished::of("--batch-size all --epochs 2 --optimizers sgd");
    let trace = Trace::of(&finished.book, "sgd");
    let n = trace.input_at("n");
    let formula = trace.sheet.formula(trace.input_at("batch_size"));
    assert_eq!(formula, format!("$B${}", n.0 + 1));
    let updates: Vec<u32> = (1..=58).filter(|&row| trace.number(row, "update") == 1.0).collect();
    assert_eq!(updates, [29, 58]);
}

#[test]
fn the_order_is_looked_up_and_the_same_for_the_same_seed() {
    let options = "--shuffle --seed 3 --epochs 3 --optimizers sgd,adam";
    let finished = Finished::of(options);
    let sgd = Trace::of(&finished.book, "sgd");
    let order = finished.book.sheet("order");
    let [head] = order.places("sample")[..] else { panic!("no head in order") };
    let samples: Vec<f64> = (1..=87).map(|row| order.number((head.0 + row, head.1))).collect();
    for (row, sample) in (1..).zip(&samples) {
        assert_eq!(sgd.number(row, "sample"), *sample, "row {row}");
        let formula = sgd.sheet.formula(sgd.at(row, "sample"));
        assert!(formula.starts_with("INDEX(order!$C$"), "{formula}");
        assert_eq!(sgd.number(row, "y"), 2.0 * sgd.number(row, "x") + 30.0);
    }
    assert_ne!(samples[..29], samples[29..58]);
    let adam = Trace::of(&finished.book, "adam");
    assert!((1..=87).all(|row| adam.number(row, "sample") == sgd.number(row, "sample")));
    let written = |options: &str| {
        let folder = walkthrough();
        run(&folder, options).success();
        files(&folder)["graddes.trace.xlsx"].clone()
    };
    assert!(written(options) == written(options));
    assert!(written(options) != written("--shuffle --seed 4 --epochs 3 --optimizers sgd,adam"));
}

#[test]
fn the_penalty_has_its_column_and_sgd_the_form_of_the_notes() {
    let finished = Finished::of("--l2 0.5 --epochs 1 --optimizers sgd,adam");
    let trace = Trace::of(&finished.book, "sgd");
    let formula = trace.sheet.formula(trace.at(1, "new a"));
    let cell = |label: &str| format!("$B${}", trace.input_at(label).0 + 1);
    let (lr, l2, n) = (cell("lr"), cell("l2"), cell("n"));
    assert!(formula.starts_with(&format!("(1-{lr}*{l2}/{n})*")), "{formula}");
    let adam = Trace::of(&finished.book, "adam");
    for row in 1..=29 {
        for trace in [&trace, &adam] {
            let number = |header| trace.number(row, header);
            let (a, b) = (number("a"), number("b"));
            close(number("penalty"), 0.5 / 58.0 * (a * a + b * b), "penalty");
            close(number("cost"), number("err^2") + number("penalty"), "cost");
            close(number("g_a"), number("de/da") + 0.5 / 29.0 * a, "g_a");
        }
        let step = 0.0001 * trace.number(row, "g_b");
        close(trace.number(row, "new b"), trace.number(row, "b") - step, "new b");
    }
}

#[test]
fn only_the_chosen_weights_decay() {
    let options = "--weight-decay 0.5 --decay-weights a --epochs 1 --optimizers sgd,adam";
    let finished = Finished::of(options);
    for name in ["sgd", "adam"] {
        let trace = Trace::of(&finished.book, name);
        let lr = trace.input("lr");
        for row in 1..=29 {
            let number = |header| trace.number(row, header);
            close(number("decayed a"), (1.0 - lr * 0.5) * number("a"), "decayed a");
            assert_eq!(number("decayed b"), number("b"), "row {row}");
        }
    }
    let folder = walkthrough();
    let told = run(&folder, "--decay-weights a --optimizers sgd").success().get_output().clone();
    let note =
        "note: --decay-weights has no effect: nothing decays without --l2 or --weight-decay\n";
    assert_eq!(String::from_utf8(told.stderr).unwrap(), note);
}

#[test]
fn the_gradient_of_all_weights_is_clipped_together() {
    let finished = Finished::of("--clip 800 --epochs 1 --optimizers sgd");
    let trace = Trace::of(&finished.book, "sgd");
    let mut clipped = 0;
    for row in 1..=29 {
        let number = |header| trace.number(row, header);
        let (a, b) = (number("de/da"), number("de/db"));
        close(number("norm"), a.hypot(b), "norm");
        let factor = (800.0 / a.hypot(b)).min(1.0);
        close(number("clip factor"), factor, "clip factor");
        close(number("clipped g_b"), factor * b, "clipped g_b");
        close(number("new b"), number("b") - 0.0001 * number("clipped g_b"), "new b");
        clipped += i32::from(factor < 1.0);
    }
    assert!((1..29).contains(&clipped), "{clipped}");
}

#[test]
fn a_schedule_makes_the_learning_rate_a_column() {
    let finished = Finished::of("--schedule warmup:10+cosine --epochs 2 --optimizers adam");
    let trace = Trace::of(&finished.book, "adam");
    assert_eq!(trace.input("steps"), 58.0);
    for row in 1..=58 {
        let t = f64::from(row);
        let cosine = (1.0 + (std::f64::consts::PI * (t - 11.0) / 48.0).cos()) / 2.0;
        let expected = 0.5 * if t <= 10.0 { t / 10.0 } else { cosine };
        close(trace.number(row, "lr"), expected, "lr");
    }
    // The walkthrough's annealing quarters the rate between epochs, and never within one.
    let finished = Finished::of(
        "--schedule annealing --epochs 30 --optimizers adam --batch-size 3 --set beta2=0.9",
    );
    let trace = Trace::of(&finished.book, "adam");
    let mut smallest = f64::INFINITY;
    let mut rate = 0.5;
    for epoch in 1..30 {
        let end = 29 * epoch;
        let root = trace.number(end, "S_a").sqrt() + trace.number(end, "S_b").sqrt();
        if root > 2.0 * smallest {
            rate /= 4.0;
        }
        smallest = smallest.min(root);
        for row in [end + 1, end + 29] {
            close(trace.number(row, "lr"), rate, "annealed lr");
        }
    }
    assert!(rate < 0.5, "the rate was never quartered");
}
