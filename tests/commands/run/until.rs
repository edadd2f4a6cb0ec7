//! Early stopping: every optimizer by itself, and every output as long as the run.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::common::book::{Sheet, between, parts, sheet_parts};
use crate::common::program::{Finished, WALKTHROUGH, gdtrace, walkthrough};
use crate::run::trace::Trace;

const OPTIMIZERS: [&str; 4] = ["sgd", "momentum", "rmsprop", "adam"];

/// RMSProp stops after 9 epochs, Adam after 2, the others never.
static STOPPED: LazyLock<Finished> = LazyLock::new(|| until("rmse < 14", &["--epochs", "12"]));
const LENGTHS: [u32; 4] = [12, 12, 9, 2];

/// A run of the walkthrough with `--until` and further options, with `--json`.
fn until(condition: &str, options: &[&str]) -> Finished {
    let folder = walkthrough();
    let mut words = vec!["run", "graddes.xlsx", "--json", "--until", condition];
    words.extend(options);
    let output = gdtrace(&folder, &words).success().get_output().clone();
    let book = crate::common::book::Book::open(&folder.path("graddes.trace.xlsx"));
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Finished { folder, stdout, stderr, book }
}

fn json_of(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap()
}

/// The numbers of a column of `epochs` in the rows of one optimizer.
fn column(epochs: &Sheet, optimizer: &str, header: &str) -> Vec<f64> {
    let column = epochs.texts(0).iter().position(|one| *one == header).unwrap() as u32;
    let rows = epochs.places(optimizer).into_iter().filter(|at| at.1 == 0);
    rows.map(|at| epochs.number((at.0, column))).collect()
}

/// The words of the error of a run with these options.
fn error(options: &[&str]) -> String {
    let mut words = vec!["run", "graddes.xlsx"];
    words.extend(options);
    let output = gdtrace(&walkthrough(), &words).code(2).get_output().clone();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn each_optimizer_stops_after_the_first_epoch_that_meets_the_condition() {
    let epochs = STOPPED.book.sheet("epochs");
    for (optimizer, length) in OPTIMIZERS.iter().zip(LENGTHS) {
        assert_eq!(Trace::of(&STOPPED.book, optimizer).steps(), 29 * length, "{optimizer}");
        let errors = column(epochs, optimizer, "rmse");
        assert_eq!(errors.len(), length as usize, "{optimizer}");
        let met = errors.iter().position(|error| *error < 14.0);
        assert_eq!(met, (length < 12).then_some(length as usize - 1), "{optimizer}: {errors:?}");
    }
    // What was computed before is what is computed without a condition.
    let alone = Trace::of(&WALKTHROUGH.book, "adam");
    let stopped = Trace::of(&STOPPED.book, "adam");
    assert_eq!(stopped.number(58, "new a"), alone.number(58, "new a"));
}

#[test]
fn json_says_after_which_epoch_a_run_stopped_and_why() {
    let json = json_of(&STOPPED);
    assert_eq!((&json["until"], &json["epochs"]), (&json!("rmse < 14"), &json!(12)));
    assert!(json.get("patience").is_none());
    let runs = json["optimizers"].as_array().unwrap();
    for (run, length) in runs.iter().zip(LENGTHS) {
        let (after, by) =
            if length < 12 { (json!(length), json!("until")) } else { (Value::Null, Value::Null) };
        assert_eq!([&run["stopped_after"], &run["stopped_by"]], [&after, &by], "{run}");
        assert_eq!(run["rmse"].as_array().unwrap().len(), length as usize);
    }
}

#[test]
fn the_condition_is_a_live_column_of_epochs() {
    let epochs = STOPPED.book.sheet("epochs");
    for (optimizer, length) in OPTIMIZERS.iter().zip(LENGTHS) {
        let mut expected = vec![0.0; length as usize];
        expected[length as usize - 1] = f64::from(u8::from(length < 12));
        assert_eq!(column(epochs, optimizer, "until"), expected, "{optimizer}");
    }
    assert_eq!(epochs.formula((3, 6)), "IF($E4<14,1,0)");
    let before = until("prev.loss - loss < 1e3*prev.a*epoch", &["--epochs", "3"]);
    let epochs = before.book.sheet("epochs");
    assert_eq!(epochs.texts(0)[6..], ["loss", "until"]);
    let first = epochs.formula((1, 7));
    assert!(first.starts_with("IF((SUMPRODUCT(") && first.contains("$G2<1000*sgd!$B$"), "{first}");
    assert!(first.ends_with("*$B2,1,0)"), "{first}");
    if epochs.text((2, 0)) == "sgd" {
        assert_eq!(epochs.formula((2, 7)), "IF($G2-$G3<1000*$C2*$B3,1,0)");
    }
    let online = until("prev.online_rmse < 1e9", &["--epochs", "3"]);
    assert_eq!(column(online.book.sheet("epochs"), "sgd", "until"), [0.0, 1.0]);
}

#[test]
fn the_summary_has_the_end_of_each_run_and_no_cells_beyond_it() {
    let summary = STOPPED.book.sheet("summary");
    let (head, end) = summary.places("end")[0];
    let ends: Vec<&str> = (1..=4).map(|row| summary.text((head + row, end))).collect();
    let never = "never met: rmse < 14 within 12 epochs";
    let after = |epoch| format!("stopped after epoch {epoch}: rmse < 14");
    assert_eq!(ends, [never, never, &after(9), &after(2)]);
    let title = "29 samples, at most 12 epochs, 348 steps for each optimizer, until rmse < 14, one \
                 sample a step; loss err^2 = (y_pred - y)^2";
    assert!(summary.all_texts().contains(&title), "{:?}", summary.all_texts());
    let top = summary.places("epoch")[0].0 + 1;
    let epochs = STOPPED.book.sheet("epochs");
    for (column, (optimizer, length)) in (1..).zip(OPTIMIZERS.iter().zip(LENGTHS)) {
        let errors = self::column(epochs, optimizer, "rmse");
        for epoch in 1..=12 {
            let at = (top + epoch, column);
            match errors.get(epoch as usize - 1) {
                Some(error) => assert_eq!(summary.number(at), *error, "{optimizer} {epoch}"),
                None => assert!(!summary.cells.contains_key(&at), "{optimizer} {epoch}"),
            }
        }
        // The charts end with the run.
        let name = ["B", "C", "D", "E"][column as usize - 1];
        let expected = format!("summary!${name}${}:${name}${}", top + 1, top + 1 + length);
        let parts = parts(&STOPPED.folder.path("graddes.trace.xlsx"));
        let charts = parts.iter().filter(|(name, _)| name.starts_with("xl/charts/chart"));
        assert!(charts.into_iter().any(|(_, xml)| xml.contains(&expected)), "{expected}");
    }
}

#[test]
fn the_circuit_shows_the_last_row_of_a_run_that_stopped_before() {
    let circuit = STOPPED.book.sheet("circuit");
    let shown = circuit.places("step shown")[0];
    let formula = circuit.formula((shown.0, 1));
    assert!(formula.starts_with("MIN($B$5,CHOOSE($B$6,ROWS(sgd!$A$"), "{formula}");
    let looked_up = circuit.cells.values().filter_map(|cell| cell.formula.as_deref());
    assert!(looked_up.clone().filter(|text| text.contains("INDEX(")).count() >= 6);
    let mut looked_up = looked_up.filter(|text| text.contains("INDEX("));
    assert!(looked_up.all(|text| text.contains(",$B$7)") && !text.contains(",$B$5)")));
    assert!(circuit.all_texts().contains(&"any step from 1 to 348"));
}

#[test]
fn the_report_says_which_runs_stopped() {
    let page = std::fs::read_to_string(STOPPED.folder.path("graddes.trace.html")).unwrap();
    for words in [
        "Stopped by rmse &lt; 14: rmsprop after epoch 9, adam after epoch 2. Never stopped within \
         12 epochs: sgd, momentum.",
        "<dt>Epochs</dt><dd>at most 12</dd>",
        "<dt>Until</dt><dd>rmse &lt; 14</dd>",
        "Stopped after epoch 2: rmse &lt; 14.",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn the_console_says_why_each_run_ended() {
    let finished =
        Finished::of("--epochs 5 --patience 2 --optimizers sgd,adam --set sgd.lr=0.0005");
    for words in [
        "at most 5 epochs, 145 steps for each optimizer, until 2 epochs without a better RMSE\n",
        "stopped after epoch 2: 2 epochs without a better RMSE",
        "never met: 2 epochs without a better RMSE within 5 epochs",
    ] {
        assert!(finished.stdout.contains(words), "{words}\n{}", finished.stdout);
    }
    assert_eq!(Trace::of(&finished.book, "sgd").steps(), 58);
    // Patience has no column: it is no condition of a single row.
    assert!(!finished.book.sheet("epochs").texts(0).contains(&"until"));
}

#[test]
fn patience_of_another_loss_looks_at_its_mean() {
    let finished = Finished::of("--epochs 6 --patience 1 --loss absolute --set lr=0.5");
    assert!(finished.stdout.contains("epoch without a better mean loss"), "{}", finished.stdout);
}

#[test]
fn whichever_comes_first_stops_a_run() {
    let both = until("epoch >= 3", &["--epochs", "5", "--patience", "1", "--set", "sgd.lr=0.0005"]);
    let json = json_of(&both);
    assert_eq!([&json["until"], &json["patience"]], [&json!("epoch >= 3"), &json!(1)]);
    assert_eq!(json["optimizers"][0]["stopped_by"], "patience");
    assert_eq!(json["optimizers"][2]["stopped_by"], "until");
    assert_eq!(json["optimizers"][2]["stopped_after"], 3);
}

#[test]
fn a_shuffled_run_lists_the_order_of_the_rows_that_were_run() {
    let finished = until("rmse < 20", &["--epochs", "9", "--shuffle", "--optimizers", "adam"]);
    let rows = Trace::of(&finished.book, "adam").steps();
    assert!(rows < 29 * 9);
    let order = finished.book.sheet("order");
    let last = order.cells.keys().next_back().unwrap().0;
    assert_eq!(order.number((last, 0)), f64::from(rows));
}

#[test]
fn an_unknown_name_is_marked_and_the_nearest_is_offered() {
    let expected = "error: an epoch has no number `rsme`\n \
                    --> --until:1:5\n  |\n1 | abs(prev.rsme - rmse) < 1e-6\n  |     ^^^^^^^^^\n  \
                    help: did you mean `rmse`? Known: rmse, online_rmse, loss, epoch, a, b; each \
                    also as prev.NAME, of the epoch before\n";
    assert_eq!(error(&["--until", "abs(prev.rsme - rmse) < 1e-6"]), expected);
    let expected = "error: expected a comparison: < <= > >= = <>\n \
                    --> --until:1:5\n  |\n1 | rmse\n  |     ^\n";
    assert_eq!(error(&["--until", "rmse"]), expected);
    for count in ["0", "-1", "many"] {
        let told = error(&[&format!("--patience={count}")]);
        assert!(told.contains("write a whole number, 1 or more"), "{told}");
    }
}

#[test]
fn rows_of_mini_batches_are_not_called_steps() {
    let finished = Finished::of("--batch-size 4 --epochs 2 --optimizers sgd --clip 800");
    for words in [
        "2 epochs, 58 rows and 16 updates for each optimizer\n",
        "trained with mini-batches of 4 samples, gradients clipped to norm 800\n",
    ] {
        assert!(finished.stdout.contains(words), "{words}\n{}", finished.stdout);
    }
    let texts = finished.book.sheet("summary").all_texts();
    for text in [
        "29 samples, 2 epochs, 58 rows and 16 updates for each optimizer; loss err^2 = (y_pred - \
         y)^2",
        "Trained with mini-batches of 4 samples, gradients clipped to norm 800.",
    ] {
        assert!(texts.contains(&text), "{texts:?}");
    }
    let circuit = finished.book.sheet("circuit").all_texts();
    assert!(circuit.contains(&"row") && circuit.contains(&"any row from 1 to 58"), "{circuit:?}");
    let trace = Trace::of(&finished.book, "sgd");
    assert_eq!([trace.number(58, "row"), trace.number(58, "step")], [58.0, 16.0]);
    let diverged = Finished::of("--batch-size 4 --optimizers sgd --set sgd.lr=1e9 --json");
    let at = json_of(&diverged)["optimizers"][0]["diverged_at"].as_u64().unwrap() as u32;
    let trace = Trace::of(&diverged.book, "sgd");
    let (step, epoch) = (trace.number(at, "step"), trace.number(at, "epoch"));
    let start = format!("warning: sgd diverged at row {at} (step {step}, epoch {epoch}): ");
    assert!(diverged.stderr.starts_with(&start), "{}", diverged.stderr);
}

#[test]
fn more_optimizers_than_a_list_or_a_palette_has_room_for() {
    let names: Vec<String> = (1..=42).map(|at| format!("optimizer_{at}=sgd")).collect();
    let options = format!("--epochs 1 --optimizers {}", names.join(","));
    let finished = Finished::of(&options);
    let circuit = finished.book.sheet("circuit");
    assert_eq!(circuit.formula((5, 1)), "MATCH($B$4,summary!$A$7:$A$48,0)");
    let longest = circuit.cells.values().filter_map(|cell| cell.formula.as_ref());
    assert!(longest.clone().all(|formula| formula.len() < 8192));
    assert!(longest.clone().any(|formula| formula.contains("CHOOSE($B$6-25,")));
    let path = finished.folder.path("graddes.trace.xlsx");
    let sheets = sheet_parts(&path);
    assert!(sheets.iter().any(|(_, xml)| xml.contains("<formula1>summary!$A$7:$A$48</formula1>")));
    // Lines of the same colour have dashes of their own.
    let parts = parts(&path);
    let chart = &parts.iter().find(|(name, _)| name == "xl/charts/chart1.xml").unwrap().1;
    let lines: std::collections::BTreeSet<&str> = chart
        .split("<c:ser>")
        .skip(1)
        .map(|series| between(series, "<a:ln", "</a:ln>").unwrap())
        .collect();
    assert_eq!(lines.len(), 42);
}

#[test]
fn a_formula_without_room_for_all_optimizers_offers_the_first_ones() {
    let names: Vec<String> = (1..=250).map(|at| format!("an_optimizer_{at}=sgd")).collect();
    let options = format!("--epochs 1 --optimizers {}", names.join(","));
    let finished = Finished::of(&options);
    let circuit = finished.book.sheet("circuit");
    let told = circuit.text((3, 2));
    let listed = between(told, "choose one of the first ", " from the list; a formula has no room");
    let listed: u32 = listed.unwrap_or_else(|| panic!("{told}")).parse().unwrap();
    assert!((100..250).contains(&listed), "{listed}");
    let expected = format!("MATCH($B$4,summary!$A$7:$A${},0)", listed + 6);
    assert_eq!(circuit.formula((5, 1)), expected);
    let mut formulas = circuit.cells.values().filter_map(|cell| cell.formula.as_ref());
    assert!(formulas.all(|formula| formula.len() < 8192));
}
