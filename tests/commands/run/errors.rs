//! Errors: exit code 2, words that say what to do, and every file as it was.

use predicates::str::contains;

use crate::common::book::edit_parts;
use crate::common::books::Folder;
use crate::common::program::{files, gdtrace, run, walkthrough};

/// A name for the case, the arguments after `run`, and words of the message.
type Case = (&'static str, &'static str, &'static [&'static str]);

/// What cannot be read.
const INPUTS: &[Case] = &[
    ("missing file", "none.xlsx", &["there is no such file", "--> none.xlsx"]),
    ("empty file", "empty.xlsx", &["the file is empty", "--> empty.xlsx"]),
    ("empty .csv", "empty.csv", &["the file is empty", "--> empty.csv"]),
    ("no workbook", "text.xlsx", &["--> text.xlsx", "help: "]),
    ("unknown format", "notes.text", &["--> notes.text", ".xlsx", ".csv"]),
    (
        "wrong sheet",
        "graddes.xlsx --sheet dta",
        &["there is no sheet called 'dta'", "did you mean `data`?"],
    ),
    ("empty sheet", "blank.xlsx", &["--> blank.xlsx", "help: "]),
    ("text in a number cell", "words.xlsx", &["many", "--> words.xlsx, sheet 'data', cell B3"]),
    ("no samples", "heads.xlsx", &["--> heads.xlsx", "help: "]),
    ("a column that is not there", "graddes.xlsx --x height", &["height", "--> graddes.xlsx"]),
    ("a range that is none", "graddes.xlsx --range A3", &["A3", "help: "]),
];

/// What cannot be run.
const SETTINGS: &[Case] = &[
    (
        "unknown optimizer",
        "graddes.xlsx --optimizers sgd,adm",
        &[
            "there is no optimizer `adm`",
            "--> --optimizers sgd,adm",
            "did you mean `adam`? Known: sgd, momentum, nesterov, ",
        ],
    ),
    ("twice", "graddes.xlsx --optimizers sgd,sgd", &["the optimizer `sgd` is named twice"]),
    (
        "unknown hyperparameter",
        "graddes.xlsx --set adam.bet1=0.5",
        &["adam has no hyperparameter `bet1`", "did you mean `beta1`?"],
    ),
    (
        "hyperparameter of no optimizer",
        "graddes.xlsx --set rho=0.5",
        &["no optimizer of this run has a hyperparameter `rho`", "known: lr, beta, eps"],
    ),
    (
        "optimizer that is not run",
        "graddes.xlsx --optimizers sgd --set adam.lr=1",
        &["`adam` is not among the optimizers of this run", "add it to --optimizers"],
    ),
    (
        "beta1 out of range",
        "graddes.xlsx --set adam.beta1=1",
        &["beta1 = 1 is out of range for adam", "0 <= beta1 < 1 must hold"],
    ),
    ("lr of 0", "graddes.xlsx --set lr=0", &["lr = 0 is out of range", "lr > 0 must hold"]),
    ("lr below 0", "graddes.xlsx --set lr=-1", &["lr = -1 is out of range"]),
    ("infinite lr", "graddes.xlsx --set lr=inf", &["`inf` is not a number"]),
    ("no number", "graddes.xlsx --set lr=fast", &["`fast` is not a number", "--> --set lr=fast"]),
    ("no setting", "graddes.xlsx --set lr", &["a setting is NAME=NUMBER"]),
    (
        "unknown weight",
        "graddes.xlsx --init a=1,c=1",
        &["the model has no weight `c`", "--> --init a=1,c=1", "known: a, b"],
    ),
    ("weight without a number", "graddes.xlsx --init a=x", &["`x` is not a number"]),
    ("weight without a value", "graddes.xlsx --init a", &["`a` is not WEIGHT=NUMBER"]),
    (
        "unknown preset",
        "graddes.xlsx --preset note",
        &["there is no preset `note`", "did you mean `notes`?"],
    ),
    (
        "preset of another optimizer",
        "graddes.xlsx --optimizers sgd --preset notes",
        &["the preset `notes` says nothing about the chosen optimizers", "adam"],
    ),
    (
        "more steps than rows",
        "graddes.xlsx --epochs 100000",
        &["2900000 steps, but a sheet has room for", "at most --epochs 36154"],
    ),
    (
        "no number of threads",
        "graddes.xlsx --threads 0",
        &["invalid value '0' for '--threads <N>'", "write a whole number, 1 or more"],
    ),
];

/// Ways to train that there are not.
const TRAINING: &[Case] = &[
    (
        "a batch of nothing",
        "graddes.xlsx --batch-size 0",
        &["`0` is not a number of samples", "--> --batch-size 0", "1 or more, or all"],
    ),
    (
        "a batch larger than the data",
        "graddes.xlsx --batch-size 30",
        &["a batch of 30 is more than 29 samples", "write --batch-size all"],
    ),
    (
        "a weight that is none",
        "graddes.xlsx --l2 0.1 --decay-weights a,c",
        &["the model has no weight `c`", "--> --decay-weights c", "known: a, b"],
    ),
    (
        "a schedule that is none",
        "graddes.xlsx --schedule cosin",
        &["there is no schedule `cosin`", "known: constant, step:EVERY:FACTOR"],
    ),
    (
        "a rate that vanishes",
        "graddes.xlsx --schedule exponential:0.01",
        &["the learning rate vanishes within 290 updates", "take a factor that is nearer to 1"],
    ),
    (
        "annealing without a second moment",
        "graddes.xlsx --optimizers adam,sgd --schedule annealing",
        &["the schedule annealing looks at the second moment S, which sgd does not have"],
    ),
];

/// What the parser of the command line refuses.
const USAGE: &[Case] = &[
    ("a clip of nothing", "graddes.xlsx --clip 0", &["'0'", "--clip", "a number above 0"]),
    ("a negative penalty", "graddes.xlsx --l2 -1", &["'-1'", "--l2", "a number, 0 or more"]),
    ("no epochs", "graddes.xlsx --epochs 0", &["'0'", "--epochs"]),
    ("epochs below 0", "graddes.xlsx --epochs=-3", &["'-3'", "--epochs"]),
    ("half an epoch", "graddes.xlsx --epochs 1.5", &["'1.5'", "--epochs"]),
    ("no seed", "graddes.xlsx --init random --seed x", &["'x'", "--seed"]),
    ("unknown option", "graddes.xlsx --frobnicate", &["unexpected argument '--frobnicate'"]),
    ("two files", "graddes.xlsx empty.csv", &["unexpected argument 'empty.csv'"]),
    ("no file", "", &["<FILE>", "Usage: gdtrace run"]),
];

/// What cannot be written.
const OUTPUTS: &[Case] = &[
    (
        "wrong extension",
        "graddes.xlsx -o out.csv",
        &["the output must be an .xlsx workbook", "--> -o out.csv", "-o out.xlsx"],
    ),
    ("no extension", "graddes.xlsx -o out", &["the output must be an .xlsx workbook"]),
    (
        "the input",
        "graddes.xlsx -o graddes.xlsx",
        &["the output is the input graddes.xlsx, and gdtrace never writes to its input"],
    ),
    (
        "the input, forced",
        "graddes.xlsx -o ./graddes.xlsx --force",
        &["gdtrace never writes to its input", "name another output file"],
    ),
    (
        "somebody's workbook",
        "graddes.xlsx -o blank.xlsx",
        &["gdtrace did not write it or it was edited since", "--> blank.xlsx", "--force"],
    ),
    ("somebody's text", "graddes.xlsx -o text.xlsx", &["gdtrace did not write it", "--force"]),
    (
        "an edited output",
        "graddes.xlsx -o edited.xlsx",
        &["gdtrace did not write it or it was edited since", "--> edited.xlsx", "--force"],
    ),
    (
        "no such folder",
        "graddes.xlsx -o none/out.xlsx",
        &["the directory none does not exist", "make the directory first"],
    ),
];

/// A folder with everything that the cases name, and with an output of an earlier run.
fn folder() -> Folder {
    let folder = walkthrough();
    folder.file("empty.xlsx", "");
    folder.file("empty.csv", "");
    folder.file("text.xlsx", "my notes");
    folder.file("notes.text", "x,y\n1,2\n");
    folder.book("blank.xlsx", &[("data", "")]);
    folder.book("words.xlsx", &[("data", "x|y\n1|2\n2|many\n3|4")]);
    folder.book("heads.xlsx", &[("data", "x|y")]);
    run(&folder, "--epochs 1 -o edited.xlsx").success();
    // One digit of one cell, as a person would change it.
    edit_parts(&folder.path("edited.xlsx"), |name, text| match name {
        "xl/worksheets/sheet1.xml" => text.replacen("<v>14</v>", "<v>15</v>", 1),
        _ => text,
    });
    run(&folder, "--epochs 1").success();
    folder
}

/// Models and losses that cannot be trained, and how the message begins.
const MODELS: &[(&[&str], &str)] = &[
    (
        &["--model", "a*x +"],
        "expected a number, a name or `(`\n --> --model:1:6\n  |\n1 | a*x +\n  |      ^\n",
    ),
    (
        &["--model", "a*z + b"],
        "no name of the model is a column: a, z, b\n  --> graddes.xlsx, sheet 'data'\n  \
         help: name a column by its header; the headers in row 8 are 'x', 'y'\n",
    ),
    (
        &["--model", "2*x"],
        "the model 2*x has no weight\n  --> --model \"2*x\"\n  \
         help: a name that is no data column is a weight: a*x + b has two\n",
    ),
    (
        &["--model", "lr*x + b"],
        "the weight `lr` is called like a hyperparameter of sgd\n  --> --model \"lr*x + b\"\n  \
         help: call it something else, or leave the optimizer out with --optimizers\n",
    ),
    (
        &["--model", "v_a*x + a", "--optimizers", "adam"],
        "the weight `v_a` is called like a column of adam\n  --> --model \"v_a*x + a\"\n  \
         help: call it something else: the column is ",
    ),
    (
        &["--model", "corrected_a*x + a", "--optimizers", "adam"],
        "two columns of adam would be called `v_corrected_a`\n",
    ),
    (&["--model", "a*x + b*X"], "the model's names x and X mean the same column\n"),
    (&["--model", "prev.a*x"], "a model cannot look at the row above, as `prev.a` does\n"),
    (&["--model", "step*x + b"], "a model cannot use the name `step`\n"),
    (
        &["--model", "a*x + b", "--loss", "huber"],
        "Huber's loss needs its width, a number above 0\n",
    ),
    (
        &["--loss", "squred"],
        "there is no loss `squred`\n  --> --loss squred\n  help: did you mean `squared`? Known: ",
    ),
    (
        &["--loss", "log"],
        "the loss log is for y of 0 or 1, but here is 58\n  --> graddes.xlsx, sheet 'data', cell B9\n",
    ),
];

#[test]
fn models_and_losses_that_cannot_be_trained_are_explained() {
    let folder = walkthrough();
    let before = files(&folder);
    for (words, message) in MODELS {
        let arguments: Vec<&str> = ["run", "graddes.xlsx"].iter().chain(*words).copied().collect();
        gdtrace(&folder, &arguments)
            .code(2)
            .stdout("")
            .stderr(contains(format!("error: {message}")));
        assert!(files(&folder) == before, "{words:?}");
    }
}

#[test]
fn more_epochs_than_their_sheet_has_rows_are_refused_at_once() {
    let folder = walkthrough();
    std::fs::write(folder.path("two.csv"), "x,y\n1,2\n3,4\n").unwrap();
    let before = files(&folder);
    let message = "error: 300000 epochs of 4 optimizers are more rows than the sheet epochs has room \
                   for (1048575)\n  help: at most --epochs 262143 with so many optimizers; name fewer \
                   with --optimizers\n";
    let start = std::time::Instant::now();
    gdtrace(&folder, &["run", "two.csv", "--epochs", "300000"]).code(2).stdout("").stderr(message);
    // The computation of a million rows takes longer in a program that is built for tests.
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
    assert!(files(&folder) == before);
}

#[test]
fn a_model_with_many_weights_leaves_less_room_for_steps() {
    let folder = walkthrough();
    let terms: Vec<String> = (0..400).map(|term| format!("w{term}*x")).collect();
    let model = terms.join("+");
    let rows = ["x,y"].into_iter().chain(std::iter::repeat_n("1,2", 2621));
    std::fs::write(folder.path("many.csv"), rows.collect::<Vec<_>>().join("\n")).unwrap();
    let arguments =
        ["run", "many.csv", "--model", &model, "--optimizers", "sgd", "--set", "lr=0.1"];
    let arguments = [&arguments[..], &["--epochs", "400"]].concat();
    // 1,048,400 steps fit below 100 rows, but not below those of 400 start weights.
    gdtrace(&folder, &arguments).code(2).stdout("").stderr(contains("the sheet sgd has room for"));
}

#[test]
fn models_that_no_cell_has_room_for_are_refused() {
    let folder = walkthrough();
    let before = files(&folder);
    let nested = |times: usize| format!("{}a*x{}", "relu(".repeat(times), ")".repeat(times));
    let units: Vec<String> =
        (0..60).map(|unit| format!("w{unit}*sigmoid(v{unit}*x + b{unit})")).collect();
    for (model, message) in [
        (nested(30), "error: the model is too large to be written out in cells\n"),
        (nested(9), "error: the formula of rmse has 23607 characters"),
        (units.join(" + "), "characters, but a cell has room for 8192\n"),
    ] {
        let arguments = ["run", "graddes.xlsx", "--epochs", "1", "--model", &model];
        gdtrace(&folder, &arguments).code(2).stderr(contains(message));
        assert!(files(&folder) == before, "{model}");
    }
}

fn check_all(cases: &[Case]) {
    let folder = folder();
    let before = files(&folder);
    assert!(before.contains_key("graddes.trace.xlsx"));
    for (name, arguments, words) in cases {
        // Once beside an older output, once where none is.
        let elsewhere = format!("{arguments} -o new.xlsx");
        let mut lines = vec![*arguments];
        if !arguments.contains("-o ") {
            lines.push(&elsewhere);
        }
        for line in lines {
            let arguments: Vec<&str> = ["run"].into_iter().chain(line.split_whitespace()).collect();
            let mut result = gdtrace(&folder, &arguments).code(2).stdout("");
            for words in *words {
                result = result.stderr(contains(*words));
            }
            result.stderr(predicates::str::starts_with("error: "));
            assert!(files(&folder) == before, "{name}: a file was made or changed");
        }
    }
}

#[test]
fn data_that_cannot_be_read_is_refused() {
    check_all(INPUTS);
}

#[test]
fn settings_that_cannot_be_run_are_refused() {
    check_all(SETTINGS);
    check_all(TRAINING);
}

#[test]
fn usage_errors_have_the_same_exit_code() {
    check_all(USAGE);
    let folder = folder();
    gdtrace(&folder, &[]).code(2);
    gdtrace(&folder, &["runn", "graddes.xlsx"]).code(2).stderr(contains("'run'"));
}

#[test]
fn outputs_that_may_not_be_written_are_refused() {
    check_all(OUTPUTS);
}
