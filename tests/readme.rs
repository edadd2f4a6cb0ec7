//! The README is held to the program: its commands run, its tables list what is there.

use std::path::Path;
use std::process::{Command, Output};

use gdtrace::optimizer::registry;
use gdtrace::value::number_text;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

fn gdtrace(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// The lines of all code blocks of the kind.
fn blocks(kind: &str) -> Vec<String> {
    let text = readme();
    let fence = format!("```{kind}\n");
    let after = text.split(&fence).skip(1);
    after.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The words of a command line; those between double quotes belong together.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect()
}

/// A folder with the example workbook, as a user has it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for target in ["graddes.xlsx", "examples/graddes.xlsx", "network.csv", "handbuilt.xlsx"] {
        let target = folder.path().join(target);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(examples.join(target.file_name().unwrap()), target).unwrap();
    }
    let own = "examples/trust.toml";
    std::fs::copy(examples.join("trust.toml"), folder.path().join(own)).unwrap();
    folder
}

#[test]
fn every_command_of_the_readme_runs() {
    let folder = folder();
    let mut ran = 0;
    for line in blocks("console").iter().flat_map(|block| block.lines()) {
        let prefixes = ["gdtrace ", "cargo run --release -- "];
        let Some(rest) = prefixes.iter().find_map(|prefix| line.strip_prefix(prefix)) else {
            continue;
        };
        let arguments = words(rest);
        let output = gdtrace(&arguments, folder.path());
        let told = String::from_utf8_lossy(&output.stderr);
        // The one command that answers with its exit code.
        let differs = rest.starts_with("compare handbuilt.xlsx") && output.status.code() == Some(1);
        assert!(output.status.success() || differs, "{line}: {told}");
        ran += 1;
    }
    assert_eq!(ran, 37);
}

#[test]
fn the_network_of_the_readme_learns() {
    let commands = blocks("console").concat();
    let line = commands.lines().find(|line| line.contains("v1*relu(")).unwrap();
    let mut arguments = words(line.strip_prefix("gdtrace ").unwrap());
    arguments.push("--json");
    let output = gdtrace(&arguments, folder().path());
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for run in printed["optimizers"].as_array().unwrap() {
        let rmse: Vec<f64> = serde_json::from_value(run["rmse"].clone()).unwrap();
        assert!(rmse[19] < 0.1 && rmse[19] < 0.6 * rmse[0], "{}: {rmse:?}", run["name"]);
    }
}

#[test]
fn the_functions_of_the_readme_are_those_of_formulas() {
    let text = readme();
    for function in gdtrace::formula::FUNCTIONS {
        assert!(
            text.contains(&format!("`{}`", function.name)),
            "the README lacks {}",
            function.name
        );
    }
}

#[test]
fn the_two_commands_are_there() {
    let commands = blocks("console").concat();
    assert!(commands.contains("cargo run --release -- run examples/graddes.xlsx\n"));
    assert!(commands.contains("cargo test\n"));
}

#[test]
fn the_printed_example_is_what_is_printed() {
    let folder = folder();
    let output = gdtrace(&["run", "examples/graddes.xlsx"], folder.path());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), blocks("text")[0]);
    for (block, example) in [
        (1, "compare handbuilt.xlsx"),
        (2, "explain graddes.xlsx --optimizer adam --step 30 --column \"new b\""),
        (3, "derive \"x^2*y\" \"5*x + sin(y)\" --at x=1,y=2"),
        (4, "optimizers momentum --translate pytorch"),
    ] {
        let output = gdtrace(&words(example), folder.path());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), blocks("text")[block]);
    }
}

#[test]
fn the_table_of_optimizers_lists_each_with_its_formulas_and_defaults() {
    let text = readme();
    for definition in registry().unwrap().definitions() {
        let columns =
            definition.columns.iter().map(|one| format!("`{} = {}`", one.id, one.formula));
        let update = format!("`new w = {}`", definition.update.formula);
        let formulas: Vec<String> = columns.chain([update]).collect();
        let defaults: Vec<String> = definition
            .hyper
            .iter()
            .map(|hyper| format!("{} {}", hyper.name, number_text(hyper.default)))
            .collect();
        let row = format!(
            "| `{}` | {} | {} |",
            definition.name,
            formulas.join("<br>"),
            defaults.join(", ")
        );
        assert!(text.contains(&row), "the README lacks the row\n{row}");
    }
}

#[test]
fn the_table_of_variants_says_what_distinguishes_each() {
    let text = readme();
    let definitions = registry().unwrap().definitions();
    for variant in definitions.iter().flat_map(|one| &one.variants) {
        let row = format!("| `{}` | {} | {} |", variant.label(), variant.note, variant.source);
        assert!(text.contains(&row), "the README lacks the row\n{row}");
    }
}

#[test]
fn every_option_is_in_the_readme() {
    let help = |command| String::from_utf8(gdtrace(&[command, "--help"], Path::new(".")).stdout);
    let help = ["run", "compare", "derive", "explain", "optimizers", "sweep"]
        .map(|command| help(command).unwrap())
        .concat();
    let text = readme();
    let mut options = 0;
    for word in help.split_whitespace().filter(|word| word.starts_with("--")) {
        let option = word.trim_end_matches([',', '.', ')', ']']);
        if option != "--help" && option.len() > 2 {
            assert!(text.contains(&format!("`{option}`")), "the README lacks {option}");
            options += 1;
        }
    }
    assert!(options >= 25, "{options}");
}
