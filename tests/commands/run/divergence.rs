//! A learning rate that is too large is a lesson, not a crash: error values, as in a spreadsheet.

use std::sync::LazyLock;

use crate::common::book::{raw_cells, sheet_parts};
use crate::common::program::Finished;
use crate::run::references::references;
use crate::run::trace::Trace;

static DIVERGED: LazyLock<Finished> = LazyLock::new(|| Finished::of("--set sgd.lr=1 --json"));

/// The first error value of a trace in reading order: its step and header.
fn first_error<'a>(trace: &Trace<'a>) -> Option<(u32, &'a str)> {
    let (at, _) = trace.sheet.cells.iter().find(|(_, cell)| cell.is_error())?;
    Some((at.0 - trace.header_row - 1, trace.headers[at.1 as usize]))
}

/// Checks that a cell holds an error value if a cell of its sheet that it refers to does.
fn check_spreading(trace: &Trace) {
    for (at, cell) in &trace.sheet.cells {
        let Some(formula) = &cell.formula else { continue };
        let own = references(formula).into_iter().filter(|reference| !reference.row_is_fixed);
        let bad = |row, column| trace.sheet.cells.get(&(row, column)).is_some_and(|c| c.is_error());
        if own.into_iter().any(|reference| bad(reference.row, reference.column)) {
            assert!(cell.is_error(), "{at:?} {formula}: {:?}", cell.value);
        }
    }
}

/// Checks that numbers are finite numbers and errors are marked as errors.
fn check_cells(finished: &Finished, options: &str) {
    for (name, xml) in sheet_parts(&finished.folder.path("graddes.trace.xlsx")) {
        for cell in raw_cells(&xml).iter().filter(|cell| cell.value.is_some()) {
            let value = cell.value.unwrap();
            let number = value.parse::<f64>().is_ok_and(f64::is_finite);
            let is_right = match cell.kind {
                "" | "n" | "s" => number,
                "str" => cell.has_formula && !value.is_empty(),
                "e" => ["#NUM!", "#DIV/0!"].contains(&value) && cell.has_formula,
                _ => false,
            };
            assert!(is_right, "{options}: {name} {cell:?}");
        }
    }
}

#[test]
fn a_diverged_run_is_done_with_a_warning_that_says_where_and_why() {
    let trace = Trace::of(&DIVERGED.book, "sgd");
    let (step, header) = first_error(&trace).expect("sgd with lr 1 diverges");
    let epoch = trace.number(step, "epoch");
    // The steepest sample is x = 99, its curvature 2(1 + 99²): 2 over that is 1.020e-4.
    let expected = format!(
        "warning: sgd diverged at step {step} (epoch {epoch}): {header} is #NUM!, its number is \
         too large for a cell; lr 1 is above 1.020e-4, the largest that is stable for the steepest \
         sample (x = 99): try a smaller one\n"
    );
    assert_eq!(DIVERGED.stderr, expected);
    let json: serde_json::Value = serde_json::from_str(&DIVERGED.stdout).unwrap();
    let sgd = &json["optimizers"][0];
    assert_eq!(sgd["diverged_at"], step);
    assert_eq!([&sgd["final"]["a"], &sgd["final"]["b"]], ["#NUM!", "#NUM!"]);
    assert_eq!(sgd["rmse"][9], "#NUM!");
    assert!(json["optimizers"][1]["diverged_at"].is_null());
    let texts = DIVERGED.book.sheet("summary").all_texts();
    let warning = expected.trim_end().replacen("warning", "Warning", 1);
    assert!(texts.contains(&warning.as_str()), "{texts:?}");
}

#[test]
fn the_first_error_is_a_number_too_large_and_not_inherited() {
    let trace = Trace::of(&DIVERGED.book, "sgd");
    let (step, header) = first_error(&trace).unwrap();
    assert_eq!(header, "err^2");
    let error = trace.number(step, "error");
    assert!(error.is_finite() && (error * error).is_infinite(), "{error:e}");
    assert_eq!(trace.cell(step, header).value.to_string(), "#NUM!");
}

#[test]
fn error_values_go_on_in_every_cell_that_depends_on_them_and_in_no_other() {
    let trace = Trace::of(&DIVERGED.book, "sgd");
    let (first, _) = first_error(&trace).unwrap();
    check_spreading(&trace);
    for header in ["step", "epoch", "sample", "x", "y"] {
        for step in 1..=290 {
            assert!(trace.cell(step, header).number().is_some(), "{header} at step {step}");
        }
    }
    for header in ["err^2", "a", "b", "y_pred", "new a", "new b"] {
        assert!(trace.cell(first - 1, header).number().is_some(), "{header} before");
        assert!(trace.cell(290, header).is_error(), "{header} at the end");
    }
}

#[test]
fn the_other_optimizers_go_on() {
    for optimizer in ["momentum", "rmsprop", "adam"] {
        let trace = Trace::of(&DIVERGED.book, optimizer);
        assert_eq!(first_error(&trace), None, "{optimizer}");
        assert_eq!(trace.steps(), 290, "{optimizer}");
    }
    let well = Finished::of("--optimizers adam");
    let trace = Trace::of(&well.book, "adam");
    let beside = Trace::of(&DIVERGED.book, "adam");
    assert_eq!(trace.number(290, "new a"), beside.number(290, "new a"));
}

#[test]
fn the_workbook_of_a_diverged_run_holds_error_values_and_no_nan() {
    check_cells(&DIVERGED, "--set sgd.lr=1");
    let parts = sheet_parts(&DIVERGED.folder.path("graddes.trace.xlsx"));
    let errors = raw_cells(&parts[2].1).iter().filter(|cell| cell.kind == "e").count();
    assert!(errors > 2000, "{errors}");
}

#[test]
fn an_absurd_learning_rate_diverges_or_goes_on_for_each_optimizer() {
    for optimizer in ["sgd", "momentum", "rmsprop", "adam"] {
        for lr in ["1e300", "1.7e308", "1e-300"] {
            let options = format!("--optimizers {optimizer} --epochs 2 --set lr={lr} --json");
            let finished = Finished::of(&options);
            check_cells(&finished, &options);
            let trace = Trace::of(&finished.book, optimizer);
            check_spreading(&trace);
            let json: serde_json::Value = serde_json::from_str(&finished.stdout).unwrap();
            let diverged_at = json["optimizers"][0]["diverged_at"].as_u64();
            let first = first_error(&trace);
            assert_eq!(diverged_at, first.map(|(step, _)| u64::from(step)), "{options}");
            match first {
                Some((step, header)) => {
                    let start = format!("warning: {optimizer} diverged at step {step} (epoch 1): ");
                    assert!(finished.stderr.starts_with(&start), "{options}: {}", finished.stderr);
                    assert!(finished.stderr.contains(&format!("{header} is #")), "{options}");
                }
                None => assert_eq!((lr, finished.stderr.as_str()), ("1e-300", ""), "{options}"),
            }
        }
    }
}

#[test]
fn start_weights_at_the_end_of_the_range_of_numbers_are_no_crash() {
    let finished = Finished::of("--epochs 1 --init a=1.7e308,b=-1.7e308");
    check_cells(&finished, "--init a=1.7e308,b=-1.7e308");
    for optimizer in ["sgd", "momentum", "rmsprop", "adam"] {
        let trace = Trace::of(&finished.book, optimizer);
        assert_eq!(first_error(&trace), Some((1, "y_pred")), "{optimizer}");
        assert!(finished.stderr.contains(&format!("{optimizer} diverged at step 1 (epoch 1)")));
    }
}
