//! The contract of `gdtrace compare`, from outside: what it prints, its JSON, its errors and its
//! exit codes.

use std::path::Path;

use crate::common::books::Folder;
use crate::common::comparing::{compare, failure, json_of, told};
use crate::common::program::{gdtrace, walkthrough};
use serde_json::{Value, json};

const X: [f64; 6] = [2.0, -1.0, 4.0, 3.0, -2.0, 1.0];
const LR: f64 = 0.05;

/// Gradient descent as somebody builds it: `y = 3x + 1`, headers of their own, the learning rate
/// above. `typed` is a number instead of the guess in the row of the third sample.
fn steps(typed: Option<f64>) -> String {
    let mut lines = vec![
        format!("step size|{LR}"),
        String::new(),
        "x|y|slope|shift|guess|d slope|d shift|slope after|shift after".to_owned(),
    ];
    let (mut slope, mut shift) = (0.5, -1.0);
    for (index, x) in X.into_iter().enumerate() {
        let row = index + 4;
        let y = 3.0 * x + 1.0;
        let start = match index {
            0 => format!("{slope}|{shift}"),
            _ => format!("=H{above}>{slope}|=I{above}>{shift}", above = row - 1),
        };
        let (guess, cell) = match typed.filter(|_| index == 2) {
            Some(typed) => (typed, typed.to_string()),
            None => {
                let guess = slope * x + shift;
                (guess, format!("=C{row}*A{row}+D{row}>{guess}"))
            }
        };
        let (d_slope, d_shift) = (2.0 * (guess - y) * x, 2.0 * (guess - y));
        let after = (slope - LR * d_slope, shift - LR * d_shift);
        lines.push(format!(
            "{x}|{y}|{start}|{cell}|=2*(E{row}-B{row})*A{row}>{d_slope}|=2*(E{row}-B{row})>{d_shift}\
             |=C{row}-$B$1*F{row}>{}|=D{row}-$B$1*G{row}>{}",
            after.0, after.1
        ));
        (slope, shift) = after;
    }
    lines.join("\n")
}

/// Adam for `y = 3x + 1` with the headers that its states have; each step's number is typed into its
/// formulas or counted by them.
fn adam(first: &str, second: &str, is_typed: bool) -> String {
    let mut lines = vec![format!(
        "x|y|a|b|y_pred|error|de/da|de/db|{first}_a|{first}_b|{second}_a|{second}_b|new a|new b"
    )];
    let (mut weights, mut m, mut v) = ([0.5, -1.0], [0.0; 2], [0.0; 2]);
    for (index, x) in X.into_iter().enumerate() {
        let (row, above, t) = (index + 2, index + 1, index as i32 + 1);
        let y = 3.0 * x + 1.0;
        let [a, b] = weights;
        let error = a * x + b - y;
        let gradients = [2.0 * x * error, 2.0 * error];
        for (at, g) in gradients.into_iter().enumerate() {
            m[at] = 0.9 * m[at] + (1.0 - 0.9) * g;
            v[at] = 0.99 * v[at] + (1.0 - 0.99) * g * g;
            let corrected = (m[at] / (1.0 - 0.9_f64.powi(t)), v[at] / (1.0 - 0.99_f64.powi(t)));
            weights[at] -= LR * corrected.0 / (corrected.1.sqrt() + 1e-8);
        }
        let start = match index {
            0 => format!("{a}|{b}"),
            _ => format!("=M{above}>{a}|=N{above}>{b}"),
        };
        let before = |decay: &str, column: &str| match index {
            0 => String::new(),
            _ => format!("{decay}*{column}{above}+"),
        };
        let state = |decay: &str, column: &str, part: &str, value: f64| {
            format!("={}(1-{decay})*{part}>{value}", before(decay, column))
        };
        let count = if is_typed { t.to_string() } else { "(ROW()-1)".to_owned() };
        let next = |weight: &str, m: &str, v: &str, value: f64| {
            format!(
                "={weight}{row}-{LR}*{m}{row}/(1-0.9^{count})/(SQRT({v}{row}/(1-0.99^{count}))+1E-8)>{value}"
            )
        };
        let cells = [
            format!("{x}|{y}|{start}"),
            format!("=C{row}*A{row}+D{row}>{}", a * x + b),
            format!("=E{row}-B{row}>{error}"),
            format!("=2*A{row}*F{row}>{}|=2*F{row}>{}", gradients[0], gradients[1]),
            state("0.9", "I", &format!("G{row}"), m[0]),
            state("0.9", "J", &format!("H{row}"), m[1]),
            state("0.99", "K", &format!("G{row}^2"), v[0]),
            state("0.99", "L", &format!("H{row}^2"), v[1]),
            next("C", "I", "K", weights[0]),
            next("D", "J", "L", weights[1]),
        ];
        lines.push(cells.join("|"));
    }
    lines.join("\n")
}

#[test]
fn states_may_be_called_as_in_any_book_but_not_exchanged() {
    for (first, second) in [("m", "v"), ("v", "s"), ("m", "S"), ("v", "S"), ("s", "r")] {
        let folder = Folder::new();
        folder.book("adam.xlsx", &[("adam", &adam(first, second, false))]);
        let printed = told(&folder, "adam.xlsx", 0);
        assert!(printed.contains("optimizer   Adam"), "{first}, {second}: {printed}");
    }
    let folder = Folder::new();
    folder.book("adam.xlsx", &[("adam", &adam("S", "v", false))]);
    let printed = told(&folder, "adam.xlsx", 1);
    assert!(printed.contains("the header says S_a, but the column computes v_a"), "{printed}");
    assert!(printed.contains("exchange the headers S_a and v_a"), "{printed}");
}

#[test]
fn a_step_number_may_be_typed_into_each_formula() {
    let folder = Folder::new();
    folder.book("adam.xlsx", &[("adam", &adam("m", "v", true))]);
    let printed = told(&folder, "adam.xlsx", 0);
    for said in [
        "squared error of y = a*x +",
        "Adam, the textbook form; learning rate 0.05",
        "every derivative holds\n",
    ] {
        assert!(printed.contains(said), "{said}: {printed}");
    }
}

const BUDGET: &str = "month|rent|food|total\nMay|900|310|=B2+C2>1210\nJune|900|280|=B3+C3>1180\n\
                      July|900|305|=B4+C4>1205";

#[test]
fn a_sheet_that_agrees_is_told_in_a_few_lines() {
    let folder = Folder::new();
    folder.book("steps.xlsx", &[("notes", "how I did it"), ("steps", &steps(None))]);
    let expected = "\
notes: skipped, it has only text

steps: agrees
 optimizer   Stochastic gradient descent, the textbook form
 table       A4:I9, 6 samples
 compared    42 cells in 7 columns: not the least difference
 settings    lr 0.05 (B1)
 start       a 0.5 (C4), b -1 (D4)

steps.xlsx agrees: 1 sheet compared, 1 skipped
";
    assert_eq!(told(&folder, "steps.xlsx", 0), expected);
    let printed = told(&folder, "steps.xlsx --verbose", 0);
    let row = " E4:E9  guess        y_pred  0 of 6";
    assert!(printed.contains(row), "{printed}");
}

#[test]
fn a_wrong_cell_is_named_with_its_edit_and_what_follows() {
    let folder = Folder::new();
    folder.book("steps.xlsx", &[("steps", &steps(Some(17.0)))]);
    let printed = told(&folder, "steps.xlsx", 1);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "steps: differs");
    let at = lines.iter().position(|line| line.starts_with(" E6  ")).expect("the cell");
    assert!(lines[at..].iter().any(|line| line.contains("=C6*A6+D6")), "{printed}");
    assert!(printed.contains("later cells differ only because of this"), "{printed}");
    assert!(printed.contains(" E4:E9  guess        y_pred  4 of 6 "), "{printed}");
    assert!(!printed.contains(" A4:A9"), "columns that agree are not listed: {printed}");
    let last = lines.last().unwrap();
    assert!(last.starts_with("steps.xlsx differs: 1 mistake on 1 sheet"), "{last}");
    assert!(last.ends_with("; look at steps!E6 first"), "{last}");
}

#[test]
fn json_has_the_structure_that_is_promised() {
    let folder = Folder::new();
    let sheets = [("notes", "how I did it"), ("steps", &steps(Some(17.0)))];
    folder.book("steps.xlsx", &sheets);
    let printed = json_of(&folder, "steps.xlsx", 1);
    assert_eq!(printed["agree"], false);
    let [skipped, sheet] = printed["sheets"].as_array().unwrap().as_slice() else {
        panic!("two sheets: {printed}")
    };
    assert_eq!(skipped["sheet"], "notes");
    assert_eq!(skipped["status"], "skipped");
    assert_eq!(skipped["reason"], "it has only text");
    assert_eq!(skipped["findings"], json!([]));
    for (key, value) in [
        ("sheet", json!("steps")),
        ("status", json!("differs")),
        ("optimizer", json!("sgd")),
        ("variant", json!("textbook")),
        ("departures", json!([])),
        ("samples", json!(6)),
        ("table", json!("A4:I9")),
        ("hyper", json!({"lr": {"value": 0.05, "cell": "B1"}})),
        ("start", json!({"a": {"value": 0.5, "cell": "C4"}, "b": {"value": -1.0, "cell": "D4"}})),
    ] {
        assert_eq!(sheet[key], value, "{key}");
    }
    assert_eq!(sheet.get("reason"), None);
    let guess = &sheet["columns"][4];
    assert_eq!(guess["range"], "E4:E9");
    assert_eq!((&guess["header"], &guess["matches"]), (&json!("guess"), &json!("y_pred")));
    assert_eq!((&guess["cells"], &guess["mismatches"]), (&json!(6), &json!(4)));
    assert!(guess["max_abs"].as_f64().unwrap() > 1.0 && guess["max_rel"].is_f64(), "{guess}");
    assert_eq!(guess["first_mismatch"], "E6");
    let finding = &sheet["findings"][0];
    let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
    let mut promised =
        ["kind", "cell", "message", "expected", "found", "cause", "consequences", "fix"];
    promised.sort_unstable();
    assert_eq!(keys, promised, "in any order");
    assert_eq!(finding["cell"], "steps!E6");
    assert!(finding["consequences"].as_u64().unwrap() > 0, "{finding}");
}

#[test]
fn the_tolerance_decides_what_agrees() {
    let folder = Folder::new();
    let exact = steps(None);
    let guess = exact.lines().nth(5).unwrap().split('|').nth(4).unwrap().to_owned();
    let guess: f64 = guess.split('>').nth(1).unwrap().parse().unwrap();
    folder.book("steps.xlsx", &[("steps", &steps(Some(guess + 1e-7)))]);
    let agrees = |tolerance: &str| {
        // A number among formulas is a mistake however near it is.
        json_of(&folder, &format!("steps.xlsx --tolerance {tolerance}"), 1)
    };
    assert_eq!(agrees("0")["sheets"][0]["columns"][4]["first_mismatch"], "E6");
    let columns = agrees("1e-3");
    assert_eq!(columns["sheets"][0]["columns"][4]["mismatches"], 0);
    for wrong in ["-1", "nan", "inf", "much"] {
        let errors = failure(&folder, &format!("steps.xlsx --tolerance {wrong}"));
        assert!(errors.contains("write a number, 0 or more, such as 1e-6"), "{errors}");
    }
}

#[test]
fn one_sheet_or_one_optimizer_can_be_asked_for() {
    let folder = Folder::new();
    folder.book("steps.xlsx", &[("good", &steps(None)), ("bad", &steps(Some(17.0)))]);
    assert_eq!(json_of(&folder, "steps.xlsx --sheet GOOD", 0)["sheets"][0]["sheet"], "good");
    let printed = told(&folder, "steps.xlsx", 1);
    assert!(printed.contains("steps.xlsx differs: 1 mistake on 1 of 2 sheets"), "{printed}");
    let asked = json_of(&folder, "steps.xlsx --sheet good --optimizer sgd", 0);
    assert_eq!(asked["sheets"][0]["optimizer"], "sgd");
    assert_eq!(
        failure(&folder, "steps.xlsx --sheet god"),
        "error: there is no sheet called 'god'\n  --> steps.xlsx\n  \
         help: did you mean `good`? Known: good, bad\n"
    );
    let errors = failure(&folder, "steps.xlsx --optimizer adm");
    let words = "error: there is no optimizer `adm`\n  --> --optimizer adm\n  \
                 help: did you mean `adam`?";
    assert!(errors.starts_with(words), "{errors}");
    let errors = failure(&folder, "steps.xlsx --optimizer adam:kers");
    assert!(errors.contains("did you mean `keras`?"), "{errors}");
}

#[test]
fn an_optimizer_of_ones_own_is_recognized() {
    let folder = Folder::new();
    folder.book("steps.xlsx", &[("steps", &steps(None).replace("$B$1*", "2*$B$1*"))]);
    let own = "title = \"Twice as far\"\nsummary = \"two steps in one\"\nsource = \"me\"\n\
               [[hyper]]\nname = \"lr\"\nsymbol = \"α\"\ndefault = 0.05\nrange = \"(0, inf)\"\n\
               meaning = \"learning rate\"\nsource = \"me\"\n\
               [update]\nformula = \"w - 2*lr*g\"\nmeaning = \"the new weight\"\n";
    folder.file("twice.toml", own);
    let (printed, errors, code) =
        compare(&folder, "steps.xlsx --optimizer-file twice.toml --optimizer twice --json");
    assert!(code < 2, "{errors}");
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed["sheets"][0]["optimizer"], "twice");
}

#[test]
fn settings_and_mappings_are_checked_before_anything_is_read() {
    let folder = Folder::new();
    folder.book("steps.xlsx", &[("steps", &steps(None))]);
    for (words, error) in [
        (
            "--optimizer momentum --set bta=0.5",
            "momentum has no hyperparameter `bta`\n  --> --set bta=0.5\n  \
             help: did you mean `beta`?",
        ),
        ("--set lr=fast", "`fast` is not a number\n  --> --set lr=fast"),
        ("--set lr", "a setting is NAME=NUMBER\n  --> --set lr"),
        ("--set beta1=1.5", "beta1 = 1.5 is out of range for adam\n  --> --set beta1=1.5"),
        ("--map guess", "a mapping is HEADER=COLUMN\n  --> --map guess"),
        (
            "--optimizer sgd --map guess=y_prd",
            "sgd has no column `y_prd`\n  --> --map guess=y_prd\n  help: did you mean `y_pred`?",
        ),
        (
            "--map gess=y_pred",
            "no table has a column `gess`\n  --> --map gess=y_pred\n  help: did you mean `guess`?",
        ),
    ] {
        let errors = failure(&folder, &format!("steps.xlsx {words}"));
        assert!(errors.starts_with(&format!("error: {error}")), "{words}: {errors}");
    }
}

#[test]
fn what_has_no_table_is_told_so_sheet_by_sheet() {
    let folder = walkthrough();
    let advice = "\n  help: a training has weights, and formulas that take a step from each along the \
                  slope of a loss, again and again; gdtrace run makes one from x and y\n";
    let none = |name: &str, reasons: &str| {
        let head = "error: there is no training to compare";
        assert_eq!(failure(&folder, name), format!("{head}{reasons}\n  --> {name}{advice}"));
    };
    folder.book("budget.xlsx", &[("Budget", BUDGET), ("Notes", "saved too little")]);
    none(
        "budget.xlsx",
        "\n  Budget: no training but a table: 3 formulas, none of which computes a next value from \
         the one before\n  Notes: it has only text",
    );
    folder.book("empty.xlsx", &[("Sheet1", "")]);
    none("empty.xlsx", "\n  Sheet1: it is empty");
    none(
        "graddes.xlsx",
        "\n  data: no training but a table: 30 formulas, none of which computes a next value from \
         the one before",
    );
    let many: Vec<String> = (1..=11).map(|number| format!("page {number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "text")).collect();
    folder.book("many.xlsx", &many);
    let errors = failure(&folder, "many.xlsx");
    assert!(errors.contains("\n  page 8: it has only text\n  and 3 more\n  --> "), "{errors}");
}

#[test]
fn what_cannot_be_read_is_an_error_with_code_2() {
    let folder = Folder::new();
    folder.file("nothing.xlsx", "");
    folder.file("letter.xlsx", "Dear Sir or Madam");
    folder.file("letter.txt", "Dear Sir or Madam");
    let errors = failure(&folder, "missing.xlsx");
    assert!(errors.starts_with("error: there is no such file\n  --> missing.xlsx"), "{errors}");
    for name in ["nothing.xlsx", "letter.xlsx", "letter.txt"] {
        let errors = failure(&folder, name);
        assert!(errors.starts_with("error: ") && errors.contains(name), "{errors}");
        assert!(errors.contains("\n  help: "), "{errors}");
    }
    assert!(failure(&folder, "").contains("<FILE>"));
}

#[test]
fn a_workbook_of_charts_alone_is_told_so() {
    let folder = Folder::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let mut chart = rust_xlsxwriter::Chart::new_line();
    chart.add_series().set_values("Curve!$A$1:$A$5");
    book.add_chartsheet().set_name("Curve").unwrap().insert_chart(0, 0, &chart).unwrap();
    book.save(folder.path("chart.xlsx")).unwrap();
    assert_eq!(
        failure(&folder, "chart.xlsx"),
        "error: the workbook has no worksheet\n  --> chart.xlsx\n  \
         help: it holds charts at most: take the workbook with their numbers\n"
    );
}

#[test]
fn a_trace_of_gdtrace_itself_compares_clean() {
    let folder = walkthrough();
    gdtrace(&folder, &["run", "graddes.xlsx", "--epochs", "3", "--no-report", "-q"]).success();
    let printed = json_of(&folder, "graddes.trace.xlsx", 0);
    assert_eq!(printed["agree"], true);
    for name in ["sgd", "momentum", "rmsprop", "adam"] {
        let sheets = printed["sheets"].as_array().unwrap();
        let sheet = sheets.iter().find(|sheet| sheet["sheet"] == name).unwrap();
        assert_eq!((&sheet["status"], &sheet["optimizer"]), (&json!("agrees"), &json!(name)));
        assert_eq!((&sheet["variant"], &sheet["findings"]), (&json!("textbook"), &json!([])));
        assert_eq!(sheet["samples"], 87);
    }
}

#[test]
fn a_trace_of_any_model_and_way_to_train_compares_clean() {
    let folder = walkthrough();
    for (words, departures) in [
        ("--batch-size 4 --epochs 2", json!(["trains with mini-batches of 4 samples"])),
        (
            "--shuffle --l2 0.3 --clip 1000 --schedule warmup:10+cosine --epochs 2",
            json!([
                "trains with a new order of the samples each epoch (seed 1)",
                "trains with L2 penalty with lambda 0.3",
                "trains with gradients clipped to norm 1000",
                "trains with learning rate schedule warmup:10+cosine"
            ]),
        ),
        ("--loss huber:20 --epochs 2", json!(["has the loss huber:20"])),
        (
            "--model c*x^2+a*x+b --set lr=1e-9 --epochs 2",
            json!(["has the model y = c*x^2 + a*x + b"]),
        ),
        ("--gates --epochs 2", json!([])),
    ] {
        let run = format!("run graddes.xlsx --optimizers sgd --no-report -q --force {words}");
        gdtrace(&folder, &run.split_whitespace().collect::<Vec<_>>()).success();
        let printed = json_of(&folder, "graddes.trace.xlsx", 0);
        let sheets = printed["sheets"].as_array().unwrap();
        let sheet = sheets.iter().find(|sheet| sheet["sheet"] == "sgd").unwrap();
        assert_eq!(
            (&sheet["status"], &sheet["optimizer"]),
            (&json!("agrees"), &json!("sgd")),
            "{words}"
        );
        assert_eq!((&sheet["departures"], &sheet["samples"]), (&departures, &json!(58)), "{words}");
        assert!(sheet["columns"].as_array().unwrap().iter().all(|one| one["mismatches"] == 0));
    }
}

#[test]
fn the_walkthrough_is_understood_without_options() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/graddesc-v3.xlsx");
    let Ok(content) = std::fs::read(&file) else {
        eprintln!("skipped: {} is not here", file.display());
        return;
    };
    let folder = Folder::new();
    folder.file("walkthrough.xlsx", content);
    let (printed, errors, code) = compare(&folder, "walkthrough.xlsx --json");
    assert!(code < 2, "{errors}");
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let forms: Vec<(&str, Option<&str>, Option<&str>)> = printed["sheets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str();
            (text("sheet").unwrap(), text("optimizer"), text("variant"))
        })
        .collect();
    let expected = [
        ("Sheet1", None, None),
        ("data", None, None),
        ("basic", Some("sgd"), Some("textbook")),
        ("momentum", Some("momentum"), Some("textbook")),
        ("rmsprop", Some("rmsprop"), Some("walkthrough")),
        ("adam", Some("adam"), Some("walkthrough")),
        ("adam_ann", Some("adam"), Some("walkthrough")),
    ];
    assert_eq!(forms, expected);
    let rmsprop = &printed["sheets"][4];
    let departures =
        ["uses S of the row above", "has no eps", "starts S from a state that was carried over"];
    assert_eq!(rmsprop["departures"], json!(departures));
    let basic = &printed["sheets"][2]["findings"];
    let findings: Vec<_> = (0..2).map(|at| (&basic[at]["kind"], &basic[at]["cell"])).collect();
    assert_eq!(json!(findings), json!([["label", "basic!F33"], ["hand-over", "basic!C38"]]));
    assert_eq!(rmsprop["start"]["S_b"]["cell"], "J3", "the state stands above the first row");
}
