//! Every command of a page runs, from top to bottom, in a folder of the page's own that has the examples; a block
//! of text is what the command above it prints.

use std::path::Path;
use std::process::{Command, Output};

use crate::page::{Block, Page, files, pages};

/// Commands of the project, not of the program: they are run elsewhere, or by people.
const OTHERS: [&str; 3] = ["cargo test", "cargo install --path .", "cargo doc --open"];

/// Stands for any number of lines.
const ELLIPSIS: &str = "…";

#[test]
fn every_command_runs_and_prints_what_the_page_says() {
    let faults: Vec<String> = std::thread::scope(|scope| {
        let pages = pages();
        let running: Vec<_> =
            pages.into_iter().map(|page| scope.spawn(move || run(&page))).collect();
        running.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "\n{}", faults.join("\n\n"));
}

#[test]
fn the_network_of_the_models_page_learns() {
    let page = Page::read("docs/models.md");
    let line = page.blocks.iter().flat_map(Block::commands).find(|line| line.contains("v1*relu("));
    let folder = folder(&page);
    let output = gdtrace(&format!("{} --json", line.unwrap()), folder.path()).unwrap();
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for run in printed["optimizers"].as_array().unwrap() {
        let rmse: Vec<f64> = serde_json::from_value(run["rmse"].clone()).unwrap();
        assert!(rmse[19] < 0.1 && rmse[19] < 0.6 * rmse[0], "{}: {rmse:?}", run["name"]);
    }
}

#[test]
fn an_ellipsis_stands_for_lines() {
    assert!(matches("a\nb\nc\n", "a\n…\nc\n"));
    assert!(matches("a\nb\nc\n", "…\nb\n…\n"));
    assert!(matches("a\nb\n", "a\n…\nb\n"));
    assert!(!matches("a\nb\nc\n", "a\n…\nb\n"));
    assert!(!matches("a\nb\nc\n", "b\n…\n"));
}

/// A folder for the commands of a page: README.md's are typed in the project's folder, the others' in examples/.
fn folder(page: &Page) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let below = if page.name == "README.md" { "examples" } else { "." };
    std::fs::create_dir_all(folder.path().join(below)).unwrap();
    for file in files("examples") {
        std::fs::copy(&file, folder.path().join(below).join(file.file_name().unwrap())).unwrap();
    }
    folder
}

/// Runs the commands of a page; what is wrong with it.
fn run(page: &Page) -> Vec<String> {
    let folder = folder(page);
    let mut faults = Vec::new();
    let mut last: Option<(&str, Output)> = None;
    for (index, block) in page.blocks.iter().enumerate() {
        let place = format!("{}:{}", page.name, block.line);
        if let Some(file) = &block.file {
            std::fs::write(folder.path().join(file), &block.body).unwrap();
        }
        for line in block.commands() {
            let Some(output) = gdtrace(line, folder.path()) else {
                if !OTHERS.contains(&line) {
                    faults.push(format!("{place}: what is `{line}`?"));
                }
                continue;
            };
            let shown = page.blocks.get(index + 1).filter(|next| next.kind == "text");
            let fails = shown.is_some_and(|next| next.body.starts_with("error:"));
            let told = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) if !fails => {}
                Some(1) if line.starts_with("gdtrace compare") => {}
                Some(2) if fails && block.commands().last() == Some(&line) => {}
                code => faults.push(format!("{place}: {line}: exit code {code:?}\n{told}")),
            }
            last = Some((line, output));
        }
        if block.kind == "text" {
            match &last {
                Some((line, output)) => faults.extend(differs(&place, line, output, block)),
                None => faults.push(format!("{place}: no command prints this")),
            }
        }
    }
    faults
}

/// What is wrong with a block of text behind a command.
fn differs(place: &str, line: &str, output: &Output, block: &Block) -> Option<String> {
    let told = [output.stderr.as_slice(), &output.stdout].concat();
    let told = String::from_utf8(told).unwrap();
    (!matches(&told, &block.body)).then(|| format!("{place}: {line} prints\n{told}"))
}

/// Whether what is printed is what is shown, where a line `…` stands for any number of lines.
fn matches(printed: &str, shown: &str) -> bool {
    let printed: Vec<&str> = printed.lines().collect();
    let shown: Vec<&str> = shown.lines().collect();
    let mut parts = shown.split(|line| *line == ELLIPSIS);
    let first = parts.next().unwrap_or_default();
    if !printed.starts_with(first) {
        return false;
    }
    let mut rest = &printed[first.len()..];
    let parts: Vec<&[&str]> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let found = (0..=rest.len()).find(|&at| rest[at..].starts_with(part));
        match found {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Runs a command line of the program, with `> FILE` where it has that; `None` if it is another program's.
fn gdtrace(line: &str, folder: &Path) -> Option<Output> {
    let prefixes = ["gdtrace ", "cargo run --release -- "];
    let rest = prefixes
        .iter()
        .find_map(|prefix| line.strip_prefix(prefix))
        .or((line == "gdtrace").then_some(""))?;
    let (arguments, target) = match rest.split_once(" > ") {
        Some((arguments, target)) if !target.contains('"') => (arguments, Some(target)),
        _ => (rest, None),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_gdtrace"));
    let output = command.args(words(arguments)).current_dir(folder).output().unwrap();
    if let Some(target) = target {
        std::fs::write(folder.join(target), &output.stdout).unwrap();
    }
    Some(output)
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
