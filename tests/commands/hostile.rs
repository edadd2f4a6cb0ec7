//! Files that somebody made to do harm, and what a user sees of them: nothing of theirs is run by a
//! spreadsheet, a page or a terminal, and nothing is read or written elsewhere.

use std::fs;

use super::common::book::{parts, sheet_parts};
use super::common::books::{Folder, raw_parts, zipped};
use super::common::program::{names, said};

/// What a spreadsheet, a page, a terminal or a shell would run.
const HOSTILE: [&str; 8] = [
    "=HYPERLINK(\"http://a.example\",\"click\")",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-1+cmd|' /C calc'!A0",
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "a\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m",
    "gpj.\u{202e}exe\u{2066}",
];

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A table with `header` above x, and the options by which it is taken.
fn table(folder: &Folder, header: &str) {
    let rows = "1,2.1,n\n2,3.9,n\n3,6.2,n\n4,7.9,n\n";
    folder.file("in.csv", format!("{},y,note\n{rows}", quoted(header)));
}

/// What of the formulas of a workbook is somebody else's.
fn foreign_formulas(path: &std::path::Path) -> Vec<String> {
    let formulas = sheet_parts(path).into_iter().flat_map(|(_, xml)| {
        let all =
            xml.split("<f>").skip(1).map(|rest| rest.split("</f>").next().unwrap().to_owned());
        all.collect::<Vec<_>>()
    });
    formulas.filter(|text| text.contains("HYPERLINK") || text.contains("cmd")).collect()
}

fn steers(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.contains(|c: char| turns(c) || (c.is_control() && c != '\n' && c != '\t'))
}

#[test]
fn a_hostile_header_is_a_text_everywhere() {
    for header in HOSTILE {
        let folder = Folder::new();
        table(&folder, header);
        let options = ["--epochs", "1", "--optimizers", "adam", "--y", "y", "--x", "A"];
        let arguments = [&["run", "in.csv"], &options[..]].concat();
        let (stdout, stderr, code) = said(&folder, &arguments);
        assert_eq!(code, 0, "{header:?}: {stderr}");
        assert!(!steers(&stdout) && !steers(&stderr), "{header:?}: {stdout}{stderr}");
        assert_eq!(foreign_formulas(&folder.path("in.trace.xlsx")), [""; 0], "{header:?}");
        let page = fs::read_to_string(folder.path("in.trace.html")).unwrap();
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{header:?}");
        assert_eq!(names(&folder), ["in.csv", "in.trace.html", "in.trace.xlsx"]);
    }
}

#[test]
fn a_hostile_cell_is_shown_as_what_it_is() {
    let folder = Folder::new();
    for cell in HOSTILE {
        folder.file("in.csv", format!("x,y\n1,2\n2,{}\n3,6\n4,8\n", quoted(cell)));
        let (stdout, stderr, code) = said(&folder, &["run", "in.csv"]);
        assert_eq!(code, 2, "{cell:?}: {stdout}{stderr}");
        assert!(stderr.starts_with("error: B3 holds the text \""), "{cell:?}: {stderr}");
        assert!(!steers(&stderr), "{cell:?}: {stderr}");
    }
    let shown = said(&folder, &["run", "in.csv"]).1;
    assert!(shown.contains("the text \"gpj.\\u202eexe\\u2066\""), "{shown}");
}

#[test]
fn a_hostile_optimizer_writes_texts() {
    let folder = Folder::new();
    table(&folder, "x");
    let column = |header: &str| {
        format!(
            "title = \"</script><script>alert(1)</script>\"\nsummary = \"=1+1\"\nsource = \"x\"\n\n\
             [[hyper]]\nname = \"lr\"\nsymbol = \"α\"\ndefault = 0.01\nrange = \"(0, inf)\"\n\
             meaning = '{header}'\nsource = \"x\"\n\n[[column]]\nid = \"v\"\nheader = '{header}{{w}}'\n\
             symbol = \"v_{{w}}\"\nmeaning = '{header}'\nformula = \"prev.v + g\"\nstart = 0\n\n\
             [update]\nmeaning = '{header}'\nformula = \"w - lr*v\"\n"
        )
    };
    for header in
        ["=HYPERLINK(\"http://a.example\")", "@cmd", "+cmd", "-cmd", "<script>alert(2)</script>"]
    {
        folder.file("mine.toml", column(header));
        let run = ["run", "in.csv", "--optimizer-file", "mine.toml", "--optimizers", "mine"];
        let small = ["--epochs", "1", "--x", "x", "--y", "y", "--force"];
        let (_, stderr, code) = said(&folder, &[&run[..], &small].concat());
        assert_eq!(code, 0, "{header}: {stderr}");
        assert_eq!(foreign_formulas(&folder.path("in.trace.xlsx")), [""; 0], "{header}");
        let page = fs::read_to_string(folder.path("in.trace.html")).unwrap();
        assert!(!page.contains("<script>alert"), "{header}");
        let csv = ["--format", "csv", "-o", "tables"];
        let (_, stderr, code) = said(&folder, &[&run[..], &small, &csv].concat());
        assert_eq!(code, 0, "{header}: {stderr}");
        let table = fs::read_to_string(folder.path("tables").join("mine.csv")).unwrap();
        let head = table.lines().next().unwrap();
        let starts = head
            .split(',')
            .filter(|field| field.trim_matches('"').starts_with(['=', '@', '+', '-']));
        assert_eq!(starts.count(), 0, "{head}");
    }
}

#[test]
fn long_names_are_cut_where_they_are_shown() {
    let folder = Folder::new();
    let header = "long ".repeat(6_554);
    table(&folder, header.trim());
    let options = ["--epochs", "1", "--optimizers", "sgd", "--y", "y", "--x", "A"];
    let (stdout, stderr, code) = said(&folder, &[&["run", "in.csv"], &options[..]].concat());
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.len() + stderr.len() < 5_000, "{stderr}");
    let (_, stderr, code) = said(&folder, &["run", "in.csv", "--y", "y", "--force"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.len() < 5_000, "{stderr}");
    let (_, stderr, code) = said(&folder, &["run", "in.csv", "--sheet", &header]);
    assert_eq!(code, 2, "{stderr}");
}

/// Rows with x and y below texts that are shared.
const ROWS: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is>\
                    <t>y</t></is></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>2</v></c>\
                    </row><row r=\"3\"><c r=\"A3\"><v>2</v></c><c r=\"B3\"><v>4.5</v></c></row>";

#[test]
fn entities_of_ones_own_are_refused() {
    let folder = Folder::new();
    fs::write(folder.path("secret"), "secret words").unwrap();
    for (entity, name) in [
        ("<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">", "b"),
        ("<!ENTITY b SYSTEM \"secret\">", "b"),
    ] {
        let mut all = raw_parts(ROWS);
        let texts = format!("<!DOCTYPE sst [{entity}]><sst><si><t>&{name};</t></si></sst>");
        all.push(("xl/sharedStrings.xml", texts));
        zipped(&folder.path("in.xlsx"), &all);
        for command in ["run", "compare"] {
            let (stdout, stderr, code) = said(&folder, &[command, "in.xlsx"]);
            assert_eq!(code, 2);
            assert_eq!(
                stdout + &stderr,
                "error: the workbook is damaged and cannot be read: Xml error: at 0..0: unrecognized \
                 entity `&b;`\n  --> in.xlsx\n  help: open it in a spreadsheet program, repair it there \
                 and save it again\n"
            );
        }
    }
}

#[test]
fn parts_and_links_stay_in_the_package() {
    let outer = Folder::new();
    fs::create_dir(outer.path("inner")).unwrap();
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relations = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{office}/hyperlink\" \
         Target=\"file:///etc/passwd\" TargetMode=\"External\"/><Relationship Id=\"rId2\" \
         Type=\"{office}/image\" Target=\"../../../../out.png\"/></Relationships>"
    );
    let mut all = raw_parts(ROWS);
    all.push(("xl/sharedStrings.xml", "<sst><si><t>x</t></si></sst>".to_owned()));
    all.push(("xl/worksheets/_rels/sheet1.xml.rels", relations.clone()));
    all.push(("../outside.xml", "<a/>".to_owned()));
    all.push(("/tmp/gdtrace-outside.xml", "<a/>".to_owned()));
    zipped(&outer.path("inner/in.xlsx"), &all);
    let small = ["--epochs", "1", "--optimizers", "sgd", "--no-report"];
    let (_, stderr, code) = said(&outer, &[&["run", "inner/in.xlsx"], &small[..]].concat());
    assert_eq!(code, 0, "{stderr}");
    let mut entries: Vec<_> = fs::read_dir(outer.path("inner"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    entries.sort();
    assert_eq!(entries, ["in.trace.xlsx", "in.xlsx"]);
    assert_eq!(fs::read_dir(outer.path(".")).unwrap().count(), 1);
    assert!(!std::path::Path::new("/tmp/gdtrace-outside.xml").exists());
    // What the user's sheet refers to is as it was; nothing of ours refers to anything outside.
    for (name, text) in parts(&outer.path("inner/in.trace.xlsx")) {
        if name == "xl/worksheets/_rels/sheet1.xml.rels" {
            assert_eq!(text, relations);
        } else {
            assert!(!text.contains("External") && !text.contains("etc/passwd"), "{name}");
        }
    }
}

#[test]
fn another_workbook_is_not_opened() {
    let folder = Folder::new();
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c><c r=\"B1\" \
                t=\"inlineStr\"><is><t>y</t></is></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c><c \
                r=\"B2\"><f>[1]other!B2*2</f><v>2</v></c></row><row r=\"3\"><c r=\"A3\"><v>2</v></c>\
                <c r=\"B3\"><f>'[other.xlsx]a'!B3</f><v>4</v></c></row>";
    folder.raw("in.xlsx", rows);
    // What the cells held when they were calculated last counts.
    let small = ["--epochs", "1", "--optimizers", "sgd", "--no-report"];
    let (stdout, stderr, code) = said(&folder, &[&["run", "in.xlsx"], &small[..]].concat());
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with("2 samples from in.xlsx, sheet 'data', cells A2:B3\n"), "{stdout}");
    let (_, stderr, code) = said(&folder, &["compare", "in.xlsx"]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: there is no training to compare\n"), "{stderr}");
}
