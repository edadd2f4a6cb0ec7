//! The tables of the pages list what is there: options, functions, optimizers, variants.

use std::collections::BTreeSet;
use std::process::Command;

use gdtrace::optimizer::registry;
use gdtrace::value::number_text;

use crate::page::{Page, pages};

/// The commands that have a page, and the pages whose tables list their options.
const COMMANDS: [(&str, &[&str]); 11] = [
    ("run", &["run"]),
    ("compare", &["compare"]),
    ("explain", &["explain", "run"]),
    ("sweep", &["sweep", "run"]),
    ("derive", &["derive"]),
    ("new", &["new"]),
    ("optimizers", &["optimizers"]),
    ("quiz", &["quiz", "run"]),
    ("grade", &["quiz"]),
    ("completions", &["completions"]),
    ("man", &["completions"]),
];

#[test]
fn every_option_is_in_a_table_of_its_page() {
    for (command, tables) in COMMANDS {
        let there: BTreeSet<String> = options_of(command);
        let listed: BTreeSet<String> =
            tables.iter().flat_map(|page| options_in_tables(page)).collect();
        let missing: Vec<&String> = there.difference(&listed).collect();
        assert!(missing.is_empty(), "docs/{command}.md lacks {missing:?}");
    }
    for page in COMMANDS.iter().flat_map(|(_, pages)| *pages) {
        let about = COMMANDS.iter().filter(|(_, pages)| pages[0] == *page);
        let there: BTreeSet<String> = about.flat_map(|(command, _)| options_of(command)).collect();
        let listed = options_in_tables(page);
        let invented: Vec<&String> = listed.difference(&there).collect();
        assert!(invented.is_empty(), "docs/{page}.md lists {invented:?}, which there are not");
    }
}

#[test]
fn every_command_has_a_page() {
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let lines = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let there: Vec<&str> = lines.filter_map(|line| line.split_whitespace().next()).collect();
    let known = COMMANDS.map(|(command, _)| command);
    assert!(there.iter().all(|one| *one == "help" || known.contains(one)), "{there:?}");
    assert!(known.iter().all(|one| there.contains(one)), "{there:?}");
}

#[test]
fn every_option_that_a_page_names_is_there() {
    let all: BTreeSet<String> =
        COMMANDS.iter().flat_map(|(command, _)| options_of(command)).collect();
    for page in pages() {
        let prose = page.prose();
        let codes = prose.split('`').skip(1).step_by(2);
        for code in codes.filter(|code| !code.starts_with("cargo ")) {
            for option in code.split_whitespace().filter(|word| word.starts_with("--")) {
                let known = all.contains(option) || option == "--help";
                assert!(known, "{} names {option} in `{code}`", page.name);
            }
        }
    }
}

#[test]
fn the_functions_of_the_models_page_are_those_of_formulas() {
    let text = Page::read("docs/models.md").text;
    for function in gdtrace::formula::FUNCTIONS {
        assert!(text.contains(&format!("`{}`", function.name)), "no {}", function.name);
    }
}

#[test]
fn the_table_of_optimizers_lists_each_with_its_formulas_and_defaults() {
    let text = Page::read("docs/optimizers.md").text;
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
        assert!(text.contains(&row), "docs/optimizers.md lacks the row\n{row}");
    }
}

#[test]
fn the_table_of_variants_says_what_distinguishes_each() {
    let text = Page::read("docs/optimizers.md").text;
    let definitions = registry().unwrap().definitions();
    for variant in definitions.iter().flat_map(|one| &one.variants) {
        let row = format!("| `{}` | {} | {} |", variant.label(), variant.note, variant.source);
        assert!(text.contains(&row), "docs/optimizers.md lacks the row\n{row}");
    }
}

/// The options that the help of a command lists.
fn options_of(command: &str) -> BTreeSet<String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gdtrace"));
    let output = program.args([command, "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let lines = help.lines().map(str::trim_start);
    let lines = lines.filter(|line| line.starts_with('-') || line.starts_with("[alias"));
    let options = lines.flat_map(|line| {
        line.split([' ', ',', '[', ']']).filter(|word| word.starts_with("--")).map(str::to_owned)
    });
    options.filter(|option| option != "--help").collect()
}

/// The options in the first cells of the tables of a page.
fn options_in_tables(page: &str) -> BTreeSet<String> {
    let text = Page::read(&format!("docs/{page}.md")).text;
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let codes = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned));
    codes.filter(|code| code.starts_with("--")).collect()
}
