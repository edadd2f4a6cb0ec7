//! Workbooks that no sheets can be added to, and what is said then.

use crate::added::excel;
use crate::added::program::{files, gdtrace, run};
use crate::added::programs::program;
use crate::added::source::Source;
use crate::common::books::Folder;

const SHORT: &str = "--no-report --optimizers sgd --epochs 1";

/// Workbooks that cannot take sheets, and why.
fn impossible() -> Vec<(Source, &'static str)> {
    let mut signed = excel::workbook();
    signed.put("_xmlsignatures/sig1.xml", "<Signature/>");
    let mut template = excel::workbook();
    template.change("[Content_Types].xml", "sheet.main+xml", "template.main+xml");
    vec![
        (signed, "it has a digital signature, which a change would break"),
        (template, "it is a template"),
    ]
}

#[test]
fn they_get_a_workbook_of_its_own_and_one_line_that_says_why() {
    for (source, why) in impossible() {
        let folder = Folder::new();
        source.save(&folder, "a.xlsx");
        let said = gdtrace(&folder, &format!("run a.xlsx {SHORT}"));
        assert_eq!(said.code, 0, "{said:?}");
        let expected = format!(
            "note: no sheets can be added to a.xlsx: {why}; so the trace is a workbook of its own"
        );
        assert_eq!(
            said.stderr
                .lines()
                .filter(|line| line.starts_with("note: no sheets"))
                .collect::<Vec<_>>(),
            [expected]
        );
        assert_eq!(Source::read(&folder.path("a.trace.xlsx")).sheets()[..2], ["summary", "data"]);
        // Whoever asked for one is not told.
        assert_eq!(run(&folder, "a.xlsx", "--separate --force"), "");
    }
}

#[test]
fn in_place_is_refused_for_them() {
    for (source, why) in impossible() {
        let folder = Folder::new();
        source.save(&folder, "a.xlsx");
        let before = files(&folder);
        let said = gdtrace(&folder, &format!("run a.xlsx --in-place {SHORT}"));
        assert_eq!(said.code, 2);
        let expected = format!(
            "error: no sheets can be added to the workbook: {why}\n  --> a.xlsx\n  help: leave out --in-place: \
             the trace becomes a workbook of its own, a.trace.xlsx\n"
        );
        assert_eq!(said.stderr, expected);
        assert_eq!(files(&folder), before);
    }
}

#[test]
fn marks_that_cannot_be_put_there_stand_on_copies_of_the_sheets() {
    let mut named = program("libreoffice.xlsx");
    named.change(
        "xl/workbook.xml",
        "</definedNames>",
        "<definedName name=\"GDTRACE_marks\">Tabelle2!$A$1</definedName></definedNames>",
    );
    let mut signed = program("libreoffice.xlsx");
    signed.put("_xmlsignatures/sig1.xml", "<Signature/>");
    for (mut source, why) in [
        (named, "it has a defined name gdtrace_marks of its own"),
        (signed, "it has a digital signature, which a change would break"),
    ] {
        let folder = Folder::new();
        source.put("xl/worksheets/sheet1.xml", crate::added::marks::training("", ""));
        source.save(&folder, "a.xlsx");
        let said = gdtrace(&folder, "compare a.xlsx -o marked.xlsx");
        assert!(said.code < 2, "{said:?}");
        let expected = format!(
            "note: no marks can be put into a.xlsx: {why}; so copies of its sheets have them\n"
        );
        assert_eq!(said.stderr, expected);
        assert_eq!(Source::read(&folder.path("marked.xlsx")).sheets()[0], "findings");
    }
}

#[test]
fn other_inputs_get_a_workbook_of_their_own_without_a_word() {
    let folder = Folder::new();
    folder.file("a.csv", "x,y\n1,5\n2,7\n3,9\n4,11\n5,13\n");
    assert_eq!(run(&folder, "a.csv", ""), "");
    assert_eq!(Source::read(&folder.path("a.trace.xlsx")).sheets()[..2], ["summary", "data"]);
    let said = gdtrace(&folder, &format!("run a.csv --in-place {SHORT}"));
    assert_eq!(said.code, 2);
    assert_eq!(
        said.stderr,
        "error: sheets can be added to .xlsx and .xlsm workbooks only\n  --> a.csv\n  help: leave out \
         --in-place: the trace becomes a workbook of its own, a.trace.xlsx\n"
    );
}

#[test]
fn a_copy_with_macros_must_be_called_so() {
    let folder = Folder::new();
    excel::with_macros().save(&folder, "a.xlsm");
    let before = files(&folder);
    let said = gdtrace(&folder, &format!("run a.xlsm -o out.xlsx {SHORT}"));
    assert_eq!(said.code, 2);
    assert_eq!(
        said.stderr,
        "error: the workbook has macros, so its copy must be an .xlsm workbook\n  --> -o out.xlsx\n  help: for \
         example -o out.xlsm; or add --separate for a workbook of its own\n"
    );
    let said = gdtrace(&folder, "compare a.xlsm -o out.xlsx");
    assert_eq!(
        said.stderr,
        "error: the workbook has macros, so its copy must be an .xlsm file\n  --> -o out.xlsx\n  help: for example \
         -o out.xlsm\n"
    );
    assert_eq!(files(&folder), before);
    run(&folder, "a.xlsm", "-o out.xlsx --separate");
    run(&folder, "a.xlsm", "-o out.xlsm");
    assert_eq!(Source::read(&folder.path("out.xlsx")).sheets()[0], "summary");
    assert_eq!(Source::read(&folder.path("out.xlsm")).sheets()[0], "data");
}
