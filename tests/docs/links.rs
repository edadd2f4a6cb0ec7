//! Links lead somewhere: files are there, headings are there, pictures are used.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::page::{Page, files, pages, root};

/// Pages outside docs/ that people read.
const MORE: [&str; 1] = ["CHANGELOG.md"];

#[test]
fn every_link_leads_somewhere() {
    let mut faults = Vec::new();
    for page in pages().into_iter().chain(MORE.map(Page::read)) {
        for target in targets(&page.prose()) {
            if !target.contains("://") && !leads(&page, &target) {
                faults.push(format!("{}: {target}", page.name));
            }
        }
    }
    assert!(faults.is_empty(), "links that lead nowhere:\n{}", faults.join("\n"));
}

#[test]
fn every_picture_is_shown() {
    let shown: BTreeSet<PathBuf> = pages()
        .iter()
        .flat_map(|page| targets(&page.prose()).into_iter().map(|target| place(page, &target)))
        .collect();
    for picture in files("docs/pictures") {
        assert!(shown.contains(&picture), "no page shows {}", picture.display());
    }
}

#[test]
fn headings_become_anchors_as_on_github() {
    assert_eq!(anchor("Stopping early"), "stopping-early");
    assert_eq!(anchor("What are h, erra1 and est de/da?"), "what-are-h-erra1-and-est-deda");
    assert_eq!(anchor("`gdtrace run`"), "gdtrace-run");
}

/// What the links and pictures of a text point to.
fn targets(text: &str) -> Vec<String> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.to_owned()).collect()
}

/// The file that a link of the page points to.
fn place(page: &Page, target: &str) -> PathBuf {
    let file = target.split('#').next().unwrap_or_default();
    let page = root().join(&page.name);
    if file.is_empty() {
        return page;
    }
    let mut path = PathBuf::new();
    for part in page.parent().unwrap().join(file).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}

fn leads(page: &Page, target: &str) -> bool {
    let path = place(page, target);
    match target.split_once('#') {
        Some((_, heading)) => path.exists() && headings(&path).iter().any(|one| one == heading),
        None => path.exists(),
    }
}

fn headings(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
