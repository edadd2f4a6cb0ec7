//! The report beside the workbook: written and replaced with it, whole in one file, safe to open.

use std::fs;

use serde_json::Value;

use crate::common::books::Folder;
use crate::common::program::{files, gdtrace, names, walkthrough};

/// Runs the walkthrough with a report; `options` are words between blanks.
fn run(folder: &Folder, options: &str) -> assert_cmd::assert::Assert {
    let words: Vec<&str> =
        ["run", "graddes.xlsx"].into_iter().chain(options.split_whitespace()).collect();
    gdtrace(folder, &words)
}

/// The report of the walkthrough with these options.
fn report(options: &str) -> String {
    let folder = walkthrough();
    run(&folder, options).success();
    fs::read_to_string(folder.path("graddes.trace.html")).unwrap()
}

#[test]
fn the_report_stands_beside_the_workbook() {
    let folder = walkthrough();
    let output = run(&folder, "--epochs 2").success().get_output().clone();
    assert_eq!(names(&folder), ["graddes.trace.html", "graddes.trace.xlsx", "graddes.xlsx"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        printed.contains("\nwrote graddes.trace.xlsx\nwrote graddes.trace.html\n"),
        "{printed}"
    );

    let folder = walkthrough();
    run(&folder, "--epochs 2 -o other.xlsx").success();
    assert_eq!(names(&folder), ["graddes.xlsx", "other.html", "other.xlsx"]);
}

#[test]
fn the_demo_is_the_walkthroughs_page() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = walkthrough();
    fs::copy(root.join("examples/graddes.xlsx"), folder.path("graddes.xlsx")).unwrap();
    run(&folder, "--quiet").success();
    let made = fs::read_to_string(folder.path("graddes.trace.html")).unwrap();
    // The demo has no workbook beside it, and says how to get it.
    let link = "<a href=\"./graddes.trace.xlsx\">graddes.trace.xlsx</a>";
    let made = made.replace(link, "the workbook that <code>gdtrace run graddes.xlsx</code> writes");
    let made = made.replace("\"workbook\":\"./graddes.trace.xlsx\"", "\"workbook\":null");
    let demo = fs::read_to_string(root.join("docs/demo.html")).unwrap();
    // Not with assert_eq, which would print both.
    assert!(made == demo, "docs/demo.html is another page: docs/demo.sh makes it anew");
}

#[test]
fn json_names_the_report_that_was_written() {
    let folder = walkthrough();
    let output = run(&folder, "--epochs 2 --json").success().get_output().clone();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["outputs"]["report"], "graddes.trace.html");
    assert!(folder.path("graddes.trace.html").is_file());
}

#[test]
fn quiet_writes_the_report_without_a_word() {
    let folder = walkthrough();
    run(&folder, "--epochs 2 --quiet").success().stdout("").stderr("");
    assert!(folder.path("graddes.trace.html").is_file());
}

#[test]
fn the_report_is_one_page_that_loads_nothing_and_names_every_optimizer() {
    // An empty icon keeps a browser from asking for one; it loads nothing.
    let page = report("").replace("<link rel=\"icon\" href=\"data:,\">", "");
    let start = page.trim_start().to_lowercase();
    assert!(start.starts_with("<!doctype html>"), "{}", &page[..page.len().min(200)]);
    for name in ["sgd", "momentum", "rmsprop", "adam", "graddes.xlsx"] {
        assert!(page.contains(name), "{name}");
    }
    for loading in ["<link", "<iframe", "@import", "src=\"http", "src='http", "url(http", "fetch("]
    {
        assert!(!page.contains(loading), "{loading}");
    }
}

#[test]
fn the_report_is_the_same_for_the_same_run() {
    let folder = walkthrough();
    run(&folder, "--epochs 2").success();
    let first = files(&folder);
    assert!(first["graddes.trace.html"].len() > 1000);
    run(&folder, "--epochs 2").success();
    assert!(files(&folder) == first, "a rerun in the same folder");
    assert!(report("--epochs 2").as_bytes() == first["graddes.trace.html"], "another folder");
    run(&folder, "--epochs 3").success();
    assert!(files(&folder)["graddes.trace.html"] != first["graddes.trace.html"]);
}

#[test]
fn an_edited_report_is_not_replaced_and_keeps_the_workbook_from_being_replaced() {
    let folder = walkthrough();
    run(&folder, "--epochs 2").success();
    let page = fs::read_to_string(folder.path("graddes.trace.html")).unwrap();
    folder.file("graddes.trace.html", page.replacen("adam", "Adam", 1));
    let edited = files(&folder);
    let refused = "gdtrace did not write it or it was edited since\n  --> graddes.trace.html";
    run(&folder, "--epochs 3").code(2).stderr(predicates::str::contains(refused));
    assert!(files(&folder) == edited);
    run(&folder, "--epochs 3 --no-report").success();
    let after = files(&folder);
    assert!(after["graddes.trace.html"] == edited["graddes.trace.html"]);
    assert!(after["graddes.trace.xlsx"] != edited["graddes.trace.xlsx"]);
    run(&folder, "--epochs 2 --force").success();
    assert!(files(&folder)["graddes.trace.html"] == page.as_bytes());
}

#[test]
fn the_report_of_a_diverged_run_shows_the_error_values_and_the_warning() {
    let page = report("--set sgd.lr=1");
    assert!(page.contains("#NUM!"));
    assert!(page.contains("sgd diverged at step 47 (epoch 2)"));
}

#[cfg(unix)]
#[test]
fn text_from_the_input_is_text_in_the_report() {
    let folder = Folder::new();
    let (name, sheet) = ("<b>&\"'.xlsx", "<script>1<");
    folder.book(name, &[(sheet, "x|y\n1|2\n2|4")]);
    gdtrace(&folder, &["run", name, "--epochs", "1", "-o", "out.xlsx"]).success();
    let page = fs::read_to_string(folder.path("out.html")).unwrap();
    assert!(!page.contains("<b>&") && !page.contains("<script>1<"), "written as it stands");
    assert!(page.contains("&lt;script&gt;1&lt;"), "the sheet's name is not shown");
}

#[test]
fn runs_of_one_optimizer_are_told_apart() {
    let page = report("--optimizers fast=sgd,sgd,adam --epochs 1");
    let titles = ["gradient descent (fast)", "gradient descent (sgd)", "Adam"];
    for title in titles {
        assert!(page.contains(&format!("{title}</h2>")), "{title}");
        assert!(page.contains(&format!("{title}\" tabindex")), "{title}");
    }
}
