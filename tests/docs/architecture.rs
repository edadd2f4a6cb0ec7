//! ARCHITECTURE.md is held to the code: its map to the folders, its directions of imports to the paths, the functions
//! that it names to those that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// The rows below the table's head, as cells.
fn table(head: &str) -> Vec<Vec<String>> {
    let text = text();
    let rows = text.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// What stands between backquotes.
fn codes(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The parts of src/, each with those that it may import.
fn parts() -> Vec<(String, BTreeSet<String>)> {
    let rows = table("| part | owns | may import |");
    let mut parts: Vec<(String, BTreeSet<String>)> = Vec::new();
    for row in rows {
        let name = codes(&row[0])[0].to_owned();
        let allowed = match row[2].as_str() {
            "nothing" => BTreeSet::new(),
            "all of the above" => parts.iter().map(|(name, _)| name.clone()).collect(),
            names => codes(names).into_iter().map(str::to_owned).collect(),
        };
        parts.push((name, allowed));
    }
    parts
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Every Rust file in the folder and below.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let below = entries(folder).into_iter().flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    below.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

#[test]
fn the_map_has_every_folder() {
    let listed: BTreeSet<String> = table("| folder | what it is for |")
        .iter()
        .map(|row| codes(&row[0])[0].trim_end_matches('/').to_owned())
        .collect();
    for folder in &listed {
        assert!(root().join(folder).is_dir(), "there is no folder {folder}");
    }
    for path in entries(&root()).into_iter().filter(|path| path.is_dir()) {
        let folder = name(&path);
        // What git, editors and cargo keep beside the project.
        let foreign = folder.starts_with('.') || folder == "target";
        assert!(foreign || listed.contains(&folder), "the map lacks {folder}/");
    }
}

#[test]
fn the_table_of_parts_has_every_part_and_points_one_way() {
    let parts = parts();
    let mut above = BTreeSet::new();
    for (part, allowed) in &parts {
        assert!(allowed.is_subset(&above), "{part} imports what does not stand above it");
        above.insert(part.clone());
    }
    let there: BTreeSet<String> = entries(&root().join("src"))
        .iter()
        .map(|path| name(path).trim_end_matches(".rs").to_owned())
        .filter(|part| part != "lib" && part != "main")
        .collect();
    assert_eq!(above, there);
}

#[test]
fn imports_go_where_the_table_says() {
    let allowed: BTreeMap<String, BTreeSet<String>> = parts().into_iter().collect();
    let source = root().join("src");
    let mut faults = BTreeSet::new();
    for file in sources(&source) {
        let relative = file.strip_prefix(&source).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
        let part = first.trim_end_matches(".rs").to_owned();
        let Some(allowed) = allowed.get(&part) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for other in imported(&text).into_iter().filter(|other| *other != part) {
            if !allowed.contains(&other) {
                faults.insert(format!("{} imports {other}", relative.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_path_is_an_import_wherever_it_stands() {
    let text = "use crate::{data::Data, error};\nuse crate::trace;\n// crate::export\nlet x = crate::value::f(1);";
    let found: Vec<String> = imported(text).into_iter().collect();
    assert_eq!(found, ["data", "error", "trace", "value"]);
}

/// The parts that a file names in `crate::` paths, its comments left out.
fn imported(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => found.extend(members(list)),
            None => drop(found.insert(word(rest))),
        }
    }
    found.remove("");
    found
}

/// The first words of the members of `{a::{b, c}, d}`, behind its opening brace.
fn members(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut members = vec![String::new()];
    for sign in list.chars() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            _ => {}
        }
        if depth == 0 && sign != ',' {
            members.last_mut().unwrap().push(sign);
        }
    }
    members.iter().map(|member| word(member.trim())).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn the_functions_that_it_names_are_there() {
    let text = text();
    let defined = defined();
    let ways = text.split("## The way of").skip(1).map(|part| part.split("\n## ").next().unwrap());
    let is_path = |code: &&str| code.chars().all(|c| c.is_alphanumeric() || "_:".contains(c));
    let paths: Vec<&str> = ways.flat_map(codes).filter(is_path).collect();
    for path in &paths {
        for name in path.split("::").filter(|name| *name != "gdtrace") {
            let is_there = defined.contains(name) || COMMANDS.contains(&name);
            assert!(is_there, "there is no {name} ({path})");
        }
    }
    assert!(paths.len() > 30, "{paths:?}");
}

/// The functions, types and modules of the code.
fn defined() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in sources(&root().join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let kinds = ["fn", "struct", "enum", "trait", "mod", "type"];
            if words.any(|one| kinds.contains(&one)) {
                names.extend(words.next().map(word));
            }
        }
    }
    names
}

/// Names that are commands.
const COMMANDS: [&str; 3] = ["explain", "sweep", "run"];

#[test]
fn the_files_that_it_names_are_there() {
    for name in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        for code in codes(&text) {
            let is_path = ["src/", "tests/", "templates/", "docs/", "examples/"]
                .iter()
                .any(|folder| code.starts_with(folder));
            let path = code.split_whitespace().next().unwrap_or_default();
            assert!(!is_path || root().join(path).exists(), "{name}: there is no {code}");
        }
    }
}
