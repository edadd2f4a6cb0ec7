//! The contract of `gdtrace derive`, from outside: what it prints and writes, its errors, its
//! limits, and its numbers against PyTorch.

use std::fs;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::book::Book;
use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The example of the notes.
const NOTES: [&str; 2] = ["x^2*y", "5*x + sin(y)"];

fn derive_in(folder: &TempDir, formulas: &[&str], options: &str) -> Assert {
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder.path())
        .arg("derive")
        .args(options.split_whitespace())
        .arg("--")
        .args(formulas)
        .assert()
}

fn derive(formulas: &[&str], options: &str) -> Assert {
    derive_in(&tempfile::tempdir().unwrap(), formulas, options)
}

fn stdout(result: Assert) -> String {
    String::from_utf8(result.success().get_output().stdout.clone()).unwrap()
}

fn json_of(formulas: &[&str], options: &str) -> Value {
    serde_json::from_str(&stdout(derive(formulas, &format!("{options} --json")))).unwrap()
}

#[test]
fn the_example_of_the_notes_is_printed_as_matrices() {
    let expected = "\
f1 = x^2*y
f2 = 5*x + sin(y)

At x = 1, y = 2
 f1 = 2
 f2 = 5.909297427

Jacobian
     d/dx   d/dy
 f1  2*x*y  x^2
 f2  5      cos(y)

Jacobian at the point
     d/dx           d/dy
 f1     4   1
 f2     5  -0.4161468365
";
    let printed = stdout(derive(&NOTES, "--at x=1,y=2"));
    assert!(printed.starts_with(expected), "{printed}");
    assert!(printed.contains("\nCentral differences are off by\n"), "{printed}");
    assert!(printed.lines().all(|line| line == line.trim_end()), "blanks at an end");
    assert!(!printed.contains("Hessian"));
    let printed = stdout(derive(&NOTES, "--hessian"));
    assert!(
        printed
            .contains("Hessian of f2\n       d/dx  d/dy\n d/dx  0     0\n d/dy  0     -sin(y)\n")
    );
    assert!(!printed.contains("at the point") && !printed.contains("differences"));
}

#[test]
fn json_has_its_keys_and_nothing_more() {
    let printed = json_of(&NOTES, "--at x=1,y=2 --hessian");
    // The point is (1, 2); reading JSON may be off by the last digit.
    let (cos, sin) = (&printed["jacobian"]["value"][1][1], &printed["hessians"][1]["value"][1][1]);
    assert!((cos.as_f64().unwrap() - 2.0_f64.cos()).abs() < 1e-15);
    assert!((sin.as_f64().unwrap() + 2.0_f64.sin()).abs() < 1e-15);
    let expected = json!({
        "variables": ["x", "y"],
        "functions": ["x^2*y", "5*x + sin(y)"],
        "jacobian": {
            "symbolic": [["2*x*y", "x^2"], ["5", "cos(y)"]],
            "value": [[4.0, 1.0], [5.0, cos]],
        },
        "hessians": [
            {"symbolic": [["2*y", "2*x"], ["2*x", "0"]], "value": [[4.0, 2.0], [2.0, 0.0]]},
            {"symbolic": [["0", "0"], ["0", "-sin(y)"]], "value": [[0.0, 0.0], [0.0, sin]]},
        ],
    });
    assert_eq!(printed, expected);
    let printed = json_of(&NOTES, "--wrt y");
    assert_eq!(printed["jacobian"], json!({"symbolic": [["x^2"], ["cos(y)"]], "value": null}));
    assert_eq!((&printed["hessians"], &printed["variables"]), (&json!([]), &json!(["y"])));
}

#[test]
fn latex_is_what_a_paper_has() {
    let printed = stdout(derive(&NOTES, "--latex --hessian"));
    let expected = r"f_{1} = x^2 y
f_{2} = 5 x + \sin(y)
J = \begin{pmatrix} 2 x y & x^2 \\ 5 & \cos(y) \end{pmatrix}
H_{f_{1}} = \begin{pmatrix} 2 y & 2 x \\ 2 x & 0 \end{pmatrix}
H_{f_{2}} = \begin{pmatrix} 0 & 0 \\ 0 & -\sin(y) \end{pmatrix}
";
    assert_eq!(printed, expected);
    let printed = stdout(derive(&["ln(x)"], "--latex --at x=-1"));
    assert!(printed.contains(r"f = \ln(x) = \text{\#NUM!}"), "{printed}");
}

#[test]
fn the_variables_can_be_chosen_and_the_point_may_be_a_formula() {
    let printed = json_of(&["sin(a*x)"], "--wrt x,a --at a=1,x=pi/2");
    assert_eq!(printed["jacobian"]["symbolic"], json!([["a*cos(a*x)", "x*cos(a*x)"]]));
}

#[test]
fn a_formula_may_begin_with_a_minus() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_gdtrace")).arg("derive").args(arguments).assert()
    };
    let printed = stdout(run(&["-x^2", "-(y)", "--hessian", "--wrt", "x"]));
    assert!(printed.starts_with("f1 = -x^2\nf2 = -y\n\nJacobian\n     d/dx\n f1  -2*x\n"));
    run(&["-*x"]).code(2).stderr(contains("1 | -*x\n  |  ^"));
    run(&["--nothing"]).code(2).stderr(contains("unexpected argument '--nothing'"));
}

#[test]
fn domain_errors_are_those_of_a_spreadsheet() {
    let printed = json_of(&["ln(x)", "1/(x + 1)"], "--at x=-1 --hessian");
    assert_eq!(printed["jacobian"]["value"], json!([[-1.0], ["#DIV/0!"]]));
    assert_eq!(printed["hessians"][1]["value"], json!([["#DIV/0!"]]));
    derive(&["ln(x)"], "--at x=-1").success().stdout(contains(" f = #NUM!\n")).stderr(
        "note: f: the function has no value at the point (#NUM!), so its derivatives mean nothing \
         there\n",
    );
}

#[test]
fn where_a_derivative_does_not_exist_the_convention_is_told() {
    for (formula, note) in [
        (
            "abs(x)",
            "note: f: `abs(x)` has a kink where x = 0; its derivative there is taken as 0\n",
        ),
        (
            "relu(x)",
            "note: f: `relu(x)` has a kink where x = 0; its derivative there is taken as 0\n",
        ),
    ] {
        derive(&[formula], "--at x=0").success().stderr(note);
        assert_eq!(json_of(&[formula], "--at x=0")["jacobian"]["value"], json!([[0.0]]));
    }
    derive(&["abs(x)"], "--at x=1").success().stderr("");
    let help = stdout(derive(&[], "--help"));
    assert!(help.contains("0 for abs and relu at 0") && help.contains("at most 1000 terms"));
}

/// Formulas, options, the exact message.
type Mistake = (&'static [&'static str], &'static str, &'static str);

const MISTAKES: &[Mistake] = &[
    (
        &["x", "1 + * 2"],
        "",
        "expected a number, a name or `(`\n --> formula 2:1:5\n  |\n1 | 1 + * 2\n  |     ^",
    ),
    (
        &["prev.x + 1"],
        "",
        "`prev.` means the row above in a trace; a formula to derive has no rows\n --> formula:1:1\n  \
         |\n1 | prev.x + 1\n  | ^^^^^^\n  help: write a variable of its own, such as prev_x",
    ),
    (
        &["3*pi"],
        "",
        "there is no variable to derive by\n  help: name one in a formula, as x in \"x^2\"",
    ),
    (
        &["x*y"],
        "--at x=1",
        "there is no value for `y`\n  --> --at x=1\n  help: add y=NUMBER: a point has a value for \
         every variable",
    ),
    (
        &["x*y"],
        "--at x=1,z=2",
        "no formula has the variable `z`\n  --> --at x=1,z=2\n  help: known: x, y",
    ),
    (
        &["rate*y"],
        "--wrt rat",
        "no formula has the variable `rat`\n  --> --wrt rat\n  help: did you mean `rate`? Known: \
         rate, y",
    ),
    (&["x"], "--wrt x,x", "the variable `x` is named twice\n  --> --wrt x,x"),
    (&["x"], "--at x=1,x=2", "`x` has two values\n  --> --at x=1,x=2"),
    (
        &["x"],
        "--at x=fast",
        "`fast` is not a number\n  --> --at x=fast\n  help: write x=1.5, x=-2e-3 or x=pi/2",
    ),
    (&["x"], "--at 3", "`3` is not NAME=VALUE\n  --> --at 3\n  help: write the point as x=1,y=2"),
    (
        &["x"],
        "-o a.xlsx",
        "a workbook shows the derivatives at a point\n  --> -o a.xlsx\n  help: give a point to start \
         from: --at x=1,y=2",
    ),
    (
        &["x"],
        "--at x=1 -o a.txt",
        "the output must be an .xlsx file\n  --> -o a.txt\n  help: for example -o a.xlsx",
    ),
    (
        &["x"],
        "--report a",
        "the output must be an .html file\n  --> --report a\n  help: for example --report a.html",
    ),
];

#[test]
fn mistakes_are_told_in_these_words() {
    for (formulas, options, message) in MISTAKES {
        let folder = tempfile::tempdir().unwrap();
        let result = derive_in(&folder, formulas, options).code(2).stdout("");
        result.stderr(format!("error: {message}\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{options}");
    }
    derive(&["x"], "--latex --json").code(2).stderr(contains("cannot be used with"));
    derive(&[], "").code(2).stderr(contains("<FORMULA>"));
}

#[test]
fn the_largest_formulas_are_derived_or_refused_quickly() {
    let nested = |function: &str, levels| {
        format!("{}x{}", format!("{function}(").repeat(levels), ")".repeat(levels))
    };
    let sum: Vec<String> = (1..=333).map(|k| format!("{k}*x^{k}")).collect();
    let factors: Vec<String> = (1..=320).map(|k| format!("(x + {k})")).collect();
    let long = ["x"; 1000].join("+");
    let deep = nested("", 126);
    let quotient = factors[..180].join("/");
    let too_large =
        "error: the derivatives are too large: together they have more than 200000 parts";
    for (formula, refused) in [
        (sum.join(" + "), ""),
        (long.clone(), ""),
        (deep, ""),
        ("if(x > 0, ".repeat(60) + "x^2" + &", x)".repeat(60), ""),
        (["x"; 1000].join("*"), too_large),
        (factors.join("*"), too_large),
        (quotient, too_large),
        (nested("softplus", 120), too_large),
        (nested("x + sin", 60), too_large),
        (long + "+x", "error: the formula has more than 1000 terms"),
        (nested("", 128), "error: the formula is nested more than 128 deep"),
    ] {
        let began = Instant::now();
        let result = derive(&[&formula], "--hessian --json");
        let code = if refused.is_empty() { 0 } else { 2 };
        result.code(code).stderr(predicates::str::starts_with(refused));
        // Quickly, or else not in a lifetime: a busy machine has minutes for it.
        assert!(began.elapsed() < Duration::from_secs(300), "{}", &formula[..20]);
    }
    let many: Vec<String> = (0..101).map(|k| format!("v{k}")).collect();
    derive(&[&many.join("+")], "--hessian").code(2).stderr(
        "error: 10302 derivatives are too many: at most 10000 are derived at once\n  help: choose \
         fewer functions, or fewer variables with --wrt\n",
    );
}

#[test]
fn what_does_not_fit_into_a_cell_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for function in ["softplus", "sin"] {
        // Written out, softplus names its argument twice: a formula of 2^66 characters.
        let nested = format!("{}x{}", format!("{function}(").repeat(66), ")".repeat(66));
        derive_in(&folder, &[&nested], "--at x=1 -o a.xlsx --report a.html").code(2).stderr(
            "error: the formula of f does not fit into a cell, which takes 8192 characters and 64 \
             levels of parentheses\n  help: leave -o out, or derive a shorter formula\n",
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn the_workbook_has_the_point_as_inputs_and_every_entry_as_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let printed = stdout(derive_in(&folder, &NOTES, "--at x=1,y=2 --hessian -o a.xlsx"));
    assert!(printed.ends_with("\nwrote a.xlsx\n"), "{printed}");
    let book = Book::open(&folder.path().join("a.xlsx"));
    assert_eq!(book.names(), ["derive"]);
    let sheet = book.sheet("derive");
    assert_eq!((sheet.text((4, 0)), sheet.number((4, 1))), ("x", 1.0));
    assert_eq!((sheet.text((5, 0)), sheet.number((5, 1))), ("y", 2.0));
    let rows = |title: &str| sheet.places(title)[0].0 + 2;
    let (functions, jacobian, hessian) =
        (rows("Functions"), rows("Jacobian"), rows("Hessian of f2"));
    for (at, text, formula, value) in [
        ((functions, 1), "x^2*y", "$B$5^2*$B$6", 2.0),
        ((jacobian, 1), "2*x*y", "2*$B$5*$B$6", 4.0),
        ((jacobian, 2), "x^2", "$B$5^2", 1.0),
        ((jacobian + 1, 1), "5", "5", 5.0),
        ((jacobian + 1, 2), "cos(y)", "COS($B$6)", 2.0_f64.cos()),
        ((hessian, 1), "0", "0", 0.0),
        ((hessian + 1, 2), "-sin(y)", "-SIN($B$6)", -(2.0_f64.sin())),
    ] {
        let beside = (at.0, at.1 + 3);
        assert_eq!((sheet.text(at), sheet.formula(beside)), (text, formula), "{at:?}");
        assert_eq!(sheet.number(beside), value, "{at:?}");
    }
    derive_in(&folder, &["ln(x)/abs(x)"], "--at x=0 -o b.xlsx").success();
    let book = Book::open(&folder.path().join("b.xlsx"));
    assert!(book.sheet("derive").cells.values().any(|cell| cell.is_error()));
    assert!(book.sheet("derive").all_texts().iter().any(|text| text.starts_with("Note: f: ")));
}

#[test]
fn files_are_the_same_again_and_never_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let options = "--at x=1,y=2 --hessian -o a.xlsx --report a.html";
    let read = || ["a.xlsx", "a.html"].map(|name| fs::read(folder.path().join(name)).unwrap());
    derive_in(&folder, &NOTES, options).success();
    let first = read();
    derive_in(&folder, &NOTES, options).success();
    assert!(read() == first);
    fs::write(folder.path().join("a.html"), "mine").unwrap();
    derive_in(&folder, &["x"], options.trim_start_matches("--at x=1,y=2")).code(2);
    derive_in(&folder, &NOTES, options).code(2).stderr(contains("the output exists already"));
    assert!(read()[0] == first[0]);
    derive_in(&folder, &NOTES, &format!("{options} --force")).success();
    assert!(read() == first);
}

#[test]
fn the_report_stands_alone_and_shows_matrices_and_gates() {
    let folder = tempfile::tempdir().unwrap();
    let page = |formulas: &[&str], options: &str| {
        derive_in(&folder, formulas, &format!("{options} --report a.html --force")).success();
        fs::read_to_string(folder.path().join("a.html")).unwrap()
    };
    let full = page(&NOTES, "--at x=1,y=2 --hessian");
    assert!(full.starts_with("<!doctype html>") && full.contains("default-src 'none'"));
    for id in ["functions", "jacobian", "hessian-1", "hessian-2", "gates-1", "gates-2"] {
        assert!(full.contains(&format!("href=\"#{id}\"")), "{id}");
        assert!(full.contains(&format!("<h2 id=\"{id}\">")), "{id}");
    }
    assert!(full.contains("<mn>5</mn></mtd><mtd><mrow><mi>cos</mi><mo>(</mo><mi>y</mi><mo>)</mo>"));
    assert_eq!(full.matches("<script").count(), 2);
    // Namespaces of the script's elements are no addresses.
    let markup = |page: &str| -> String {
        page.split("<script").map(|one| one.split("</script>").last().unwrap()).collect()
    };
    let shown = markup(&full);
    for text in ["http:", "https:", "@import", " src=", "url("] {
        assert!(!shown.contains(text), "{text}");
    }
    let symbolic = page(&["a_1*x2"], "");
    assert!(symbolic.contains("<msub><mi>x</mi><mn>2</mn></msub>"));
    let shown = markup(&symbolic);
    assert!(!shown.contains("At the point") && !shown.contains("differences"));
    assert!(symbolic.contains("(v)=>mul(v[0],v[1])") && symbolic.contains("[\"a_1\",\"x2\"]"));
    let long = page(&[&["x"; 500].join("+")], "--at x=1");
    assert!(long.contains("too many to show gate by gate"));
    assert!(page(&["abs(x)"], "--at x=0").contains("has a kink where x = 0"));
}

#[test]
fn values_jacobians_and_hessians_are_those_of_pytorch() {
    let golden = common::golden("derivatives");
    let close = |found: &Value, expected: &Value, place: &str| {
        let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
        let off = (found - expected).abs();
        assert!(off <= 1e-12 * expected.abs().max(1.0), "{place}: {found:e} for {expected:e}");
    };
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let mut formulas_seen = 0;
    for case in golden["cases"].as_array().unwrap() {
        let (formulas, names) = (texts(&case["formulas"]), texts(&case["variables"]));
        let point = case["point"].as_array().unwrap();
        let at: Vec<String> =
            names.iter().zip(point).map(|(name, value)| format!("{name}={value}")).collect();
        let options = format!("--wrt {} --at {} --hessian", names.join(","), at.join(","));
        let formulas: Vec<&str> = formulas.iter().map(String::as_str).collect();
        let found = json_of(&formulas, &options);
        formulas_seen += formulas.len();
        for (i, formula) in formulas.iter().enumerate() {
            for j in 0..names.len() {
                let place = format!("{formula} by {}", names[j]);
                close(&found["jacobian"]["value"][i][j], &case["jacobian"][i][j], &place);
                for k in 0..names.len() {
                    let entry = &found["hessians"][i]["value"][j][k];
                    let place = format!("{place} and {}", names[k]);
                    close(entry, &case["hessians"][i][j][k], &place);
                    assert_eq!(entry, &found["hessians"][i]["value"][k][j], "{place}");
                }
            }
        }
    }
    assert_eq!(formulas_seen, 32);
}
