//! The sheets `epochs` and `summary`: both RMSEs and the exact line as formulas, and warnings.

use crate::common::book::{Book, Sheet, between, parts};
use crate::common::books::Folder;
use crate::common::program::{Finished, WALKTHROUGH, gdtrace};
use crate::run::references::relative;
use crate::run::trace::Trace;

const OPTIMIZERS: [&str; 4] = ["sgd", "momentum", "rmsprop", "adam"];

/// The place below the header `header` in the summary's row of `name`.
fn result_at(summary: &Sheet, name: &str, header: &str) -> (u32, u32) {
    let (head, column) = summary.places(header)[0];
    let row = summary.places(name).into_iter().find(|at| at.0 > head && at.1 == 0);
    (row.unwrap_or_else(|| panic!("no row for {name}")).0, column)
}

/// The row of the table of RMSEs by epoch that holds its heads.
fn rmse_heads(summary: &Sheet) -> u32 {
    summary.places("epoch")[0].0
}

#[test]
fn epochs_has_a_row_per_optimizer_and_epoch() {
    let sheet = WALKTHROUGH.book.sheet("epochs");
    assert_eq!(sheet.texts(0), ["optimizer", "epoch", "a", "b", "rmse", "online_rmse"]);
    let rows: Vec<(&str, f64)> =
        (1..=40).map(|row| (sheet.text((row, 0)), sheet.number((row, 1)))).collect();
    let expected: Vec<(&str, f64)> = OPTIMIZERS
        .iter()
        .flat_map(|name| (1..=10).map(|epoch| (*name, f64::from(epoch))))
        .collect();
    assert_eq!(rows, expected);
    assert_eq!(sheet.cells.keys().next_back().unwrap().0, 40);
}

#[test]
fn the_numbers_of_an_epoch_are_formulas_over_the_trace() {
    let sheet = WALKTHROUGH.book.sheet("epochs");
    for (index, optimizer) in (0..).zip(OPTIMIZERS) {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        let column = |header| {
            let (first, column) = trace.at(1, header);
            let (first, last, column) = (first + 1, trace.at(290, header).0 + 1, column + 1);
            format!("{optimizer}!R{first}C{column}:R{last}C{column}")
        };
        for epoch in 1..=10 {
            let row = index * 10 + epoch;
            let formula = |at| relative(sheet.formula((row, at)), (row, at));
            assert!(formula(2).contains(&column("new a")), "{}", formula(2));
            assert!(formula(3).contains(&column("new b")), "{}", formula(3));
            let rmse = formula(4);
            assert!(rmse.starts_with("SQRT(SUMPRODUCT((RC3*data!"), "{rmse}");
            assert!(rmse.contains("+RC4-data!"), "{rmse}");
            let online = formula(5);
            assert!(online.starts_with("SQRT(SUM(INDEX("), "{online}");
            assert!(online.contains(&column("err^2")), "{online}");
            let step = 29 * epoch;
            assert_eq!(sheet.number((row, 2)), trace.number(step, "new a"), "{optimizer} {epoch}");
            assert_eq!(sheet.number((row, 3)), trace.number(step, "new b"), "{optimizer} {epoch}");
        }
    }
}

#[test]
fn both_rmses_are_those_of_the_trace_s_own_rows() {
    let sheet = WALKTHROUGH.book.sheet("epochs");
    for (index, optimizer) in (0..).zip(OPTIMIZERS) {
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        for epoch in 1..=10 {
            let row = index * 10 + epoch;
            let steps = 29 * (epoch - 1) + 1..=29 * epoch;
            let squares: f64 = steps.map(|step| trace.number(step, "err^2")).sum();
            let (a, b) = (sheet.number((row, 2)), sheet.number((row, 3)));
            let rest = |step| a * trace.number(step, "x") + b - trace.number(step, "y");
            let rests: f64 = (1..=29).map(|step| rest(step).powi(2)).sum();
            for (at, expected) in [(4, (rests / 29.0).sqrt()), (5, (squares / 29.0).sqrt())] {
                let off = (sheet.number((row, at)) - expected).abs() / expected;
                assert!(off < 1e-13, "{optimizer} epoch {epoch} column {at}: off by {off:e}");
            }
        }
    }
}

#[test]
fn the_summary_says_what_was_run_on_what() {
    let texts = WALKTHROUGH.book.sheet("summary").all_texts();
    for text in [
        "Gradient descent on y = a*x + b",
        "29 samples, 10 epochs, 290 steps for each optimizer, one sample a step; loss err^2 = \
         (y_pred - y)^2",
        "The samples are those of this workbook, sheet 'data', cells A9:B37. Change one there and \
         every sheet follows.",
    ] {
        assert!(texts.contains(&text), "{text} is not among {texts:?}");
    }
    assert!(!texts.iter().any(|text| text.starts_with("Warning")), "{texts:?}");
}

#[test]
fn the_summary_shows_each_optimizer_s_result_as_formulas() {
    let summary = WALKTHROUGH.book.sheet("summary");
    let epochs = WALKTHROUGH.book.sheet("epochs");
    for (index, optimizer) in (0..).zip(OPTIMIZERS) {
        let last = index * 10 + 10;
        for (header, column) in [("final a", 2), ("final b", 3), ("rmse", 4), ("online_rmse", 5)] {
            let at = result_at(summary, optimizer, header);
            let expected = format!("epochs!{}{}", ["C", "D", "E", "F"][column - 2], last + 1);
            assert_eq!(summary.formula(at), expected, "{optimizer} {header}");
            assert_eq!(summary.number(at), epochs.number((last, column as u32)));
        }
        for (header, column, exact) in [("a - exact a", 2, 2.0), ("b - exact b", 3, 30.0)] {
            let distance = summary.number(result_at(summary, optimizer, header));
            assert_eq!(distance, epochs.number((last, column)) - exact, "{optimizer} {header}");
        }
        let trace = Trace::of(&WALKTHROUGH.book, optimizer);
        let lr = result_at(summary, optimizer, "lr");
        assert_eq!(summary.number(lr), trace.input("lr"), "{optimizer}");
        assert!(summary.formula(lr).starts_with(&format!("{optimizer}!$B$")), "{optimizer}");
    }
}

#[test]
fn the_exact_line_comes_from_the_spreadsheet_s_own_functions() {
    let summary = WALKTHROUGH.book.sheet("summary");
    let at = |header| result_at(summary, "exact least squares", header);
    assert_eq!(summary.formula(at("final a")), "SLOPE(data!$B$9:$B$37,data!$A$9:$A$37)");
    assert_eq!(summary.formula(at("final b")), "INTERCEPT(data!$B$9:$B$37,data!$A$9:$A$37)");
    assert_eq!((summary.number(at("final a")), summary.number(at("final b"))), (2.0, 30.0));
    assert!(summary.formula(at("rmse")).starts_with("SQRT(SUMPRODUCT("));
    assert_eq!(summary.number(at("rmse")), 0.0);
}

#[test]
fn the_summary_shows_the_rmse_by_epoch_from_the_start_weights_on() {
    let summary = WALKTHROUGH.book.sheet("summary");
    let epochs = WALKTHROUGH.book.sheet("epochs");
    let head = rmse_heads(summary);
    assert_eq!(summary.texts(head), ["epoch", "sgd", "momentum", "rmsprop", "adam"]);
    let trace = Trace::of(&WALKTHROUGH.book, "sgd");
    let rest = |step| trace.number(step, "x") + 1.0 - trace.number(step, "y");
    let start = ((1..=29).map(|step| rest(step).powi(2)).sum::<f64>() / 29.0).sqrt();
    for column in 1..=4 {
        let at = (head + 1, column);
        assert!((summary.number(at) / start - 1.0).abs() < 1e-13, "{}", summary.number(at));
        assert!(summary.formula(at).starts_with("SQRT(SUMPRODUCT("));
        for epoch in 0..=10 {
            assert_eq!(summary.number((head + 1 + epoch, 0)), f64::from(epoch));
        }
        for epoch in 1..=10 {
            let (at, source) = ((head + 1 + epoch, column), (column - 1) * 10 + epoch);
            assert_eq!(summary.number(at), epochs.number((source, 4)));
            assert_eq!(summary.formula(at), format!("epochs!E{}", source + 1));
        }
    }
}

#[test]
fn the_summary_has_charts_of_the_rmse_and_of_the_path_of_the_weights() {
    let parts = parts(&WALKTHROUGH.folder.path("graddes.trace.xlsx"));
    let charts: Vec<&String> = parts
        .iter()
        .filter_map(|(name, text)| name.starts_with("xl/charts/chart").then_some(text))
        .collect();
    assert_eq!(charts.len(), 2);
    let summary = &parts.iter().find(|(name, _)| name == "xl/worksheets/sheet2.xml").unwrap().1;
    assert!(summary.contains("<drawing "));
    let head = rmse_heads(WALKTHROUGH.book.sheet("summary"));
    let series: Vec<&str> = charts[0].split("<c:ser>").skip(1).collect();
    assert_eq!(series.len(), 4, "one line for each optimizer");
    for (series, column) in series.iter().zip(["B", "C", "D", "E"]) {
        let values = between(series, "<c:yVal>", "</c:yVal>")
            .or_else(|| between(series, "<c:val>", "</c:val>"))
            .and_then(|values| between(values, "<c:f>", "</c:f>"));
        let expected = format!("summary!${column}${}:${column}${}", head + 2, head + 12);
        assert_eq!(values, Some(expected.as_str()));
    }
    for optimizer in OPTIMIZERS {
        assert!(charts[1].contains(&format!("<c:f>{optimizer}!$")), "the path of {optimizer}");
    }
}

#[test]
fn a_run_that_moves_away_from_the_data_has_a_warning_in_the_summary() {
    let finished = Finished::of("--optimizers sgd,adam --epochs 1 --init a=2,b=30");
    let warning = "Warning: adam moved away from the data";
    let texts = finished.book.sheet("summary").all_texts();
    // From the exact line nothing can get better, and nothing moves.
    assert!(!texts.iter().any(|text| text.starts_with(warning)), "{texts:?}");

    let finished = Finished::of("--optimizers sgd,adam --epochs 1 --set sgd.lr=0.0005");
    let texts = finished.book.sheet("summary").all_texts();
    let warnings: Vec<&&str> = texts.iter().filter(|text| text.starts_with("Warning: ")).collect();
    assert_eq!(warnings.len(), 1, "{texts:?}");
    assert!(warnings[0].starts_with("Warning: sgd moved away from the data"), "{warnings:?}");
    assert!(finished.stderr.contains(&warnings[0].replace("Warning: ", "warning: ")));
}

#[test]
fn one_sample_has_no_exact_line_and_the_run_goes_on() {
    let folder = Folder::new();
    folder.file("one.csv", "x,y\n3,5\n");
    gdtrace(&folder, &["run", "one.csv", "--no-report", "--epochs", "3"]).success();
    let book = Book::open(&folder.path("one.trace.xlsx"));
    let summary = book.sheet("summary");
    for header in ["final a", "final b", "rmse"] {
        let at = result_at(summary, "exact least squares", header);
        assert_eq!(summary.cell(at).value.to_string(), "#DIV/0!", "{header}");
        let distance = result_at(summary, "adam", "a - exact a");
        assert_eq!(summary.cell(distance).value.to_string(), "#DIV/0!", "{header}");
    }
    assert_eq!(Trace::of(&book, "adam").steps(), 3);
    assert!(book.sheet("adam").cells.values().all(|cell| !cell.is_error()));
}
