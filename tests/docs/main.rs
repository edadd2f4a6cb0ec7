//! README.md and the pages of docs/ are held to the program and to each other: their commands run and print
//! what stands there, their tables list what is there, their links lead somewhere.

mod commands;
mod links;
mod page;
mod tables;

use page::{Page, pages};

/// Nobody finishes a longer one.
const README_LINES: usize = 120;
const PAGE_LINES: usize = 200;

#[test]
fn the_readme_is_one_that_one_finishes() {
    let readme = Page::read("README.md");
    assert!(
        readme.text.lines().count() <= README_LINES,
        "README.md has more than {README_LINES} lines"
    );
    for page in pages() {
        let lines = page.text.lines().count();
        assert!(lines <= PAGE_LINES, "{}: {lines} lines; part it", page.name);
    }
}

#[test]
fn the_readme_has_the_two_commands_and_two_pictures() {
    let readme = Page::read("README.md");
    let commands: Vec<&str> = readme.blocks.iter().flat_map(|block| block.commands()).collect();
    assert!(commands.contains(&"cargo run --release -- run examples/graddes.xlsx"));
    assert!(commands.contains(&"cargo test"));
    assert_eq!(readme.text.matches("![").count(), 2);
}

#[test]
fn every_page_is_in_the_index() {
    let index = Page::read("docs/README.md");
    for page in pages() {
        let Some(file) = page.name.strip_prefix("docs/") else { continue };
        let listed = file == "README.md" || index.text.contains(&format!("]({file})"));
        assert!(listed, "docs/README.md does not list {file}");
    }
}
