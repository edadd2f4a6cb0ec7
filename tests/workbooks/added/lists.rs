//! The lists of the workbook: names, numbers and places of sheets, defined names, titles.

use crate::added::excel;
use crate::added::program::{added, gdtrace, run};
use crate::added::programs::program;
use crate::added::source::{Source, faults};
use crate::common::books::Folder;
use crate::common::package;

/// The values of an attribute wherever it stands in a text, in order.
fn values(text: &str, attribute: &str) -> Vec<String> {
    let key = format!(" {attribute}=\"");
    let rest = text.split(&key).skip(1);
    rest.filter_map(|one| one.split('"').next().map(str::to_owned)).collect()
}

/// The elements called `name` in a text, as they are written.
fn elements(text: &str, name: &str) -> Vec<String> {
    let start = format!("<{name} ");
    let rest = text.split(&start).skip(1);
    rest.filter_map(|one| one.split("/>").next().map(str::to_owned)).collect()
}

#[test]
fn numbers_and_relations_go_on_behind_those_that_are_there() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &excel::workbook(), "a.xlsx");
    let after = Source::read(&new);
    let sheets = elements(&after.text("xl/workbook.xml"), "sheet");
    assert_eq!(
        values(&format!(" {}", sheets.join(" ")), "sheetId"),
        ["4", "9", "2", "10", "11", "12", "13", "14"]
    );
    let relations: Vec<String> = sheets.iter().flat_map(|sheet| values(sheet, "r:id")).collect();
    assert_eq!(relations, ["rId1", "rId2", "rId3", "rId11", "rId12", "rId13", "rId14", "rId15"]);
    let list = after.text("xl/_rels/workbook.xml.rels");
    assert!(list.contains("Id=\"rId16\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml\" Target=\"/customXml/item2.xml\""), "{list}");
}

#[test]
fn names_of_sheets_keep_their_sheets_and_the_first_tab_stays_in_front() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &excel::workbook(), "a.xlsx");
    let after = Source::read(&new);
    let text = after.text("xl/workbook.xml");
    assert!(text.contains("firstSheet=\"1\" activeTab=\"1\""), "{text}");
    assert!(
        text.contains("name=\"_xlnm.Print_Area\" localSheetId=\"1\">'notes &amp; more'!$A$1:$C$9<"),
        "{text}"
    );
    let sheets = after.sheets();
    let names: Vec<&str> = text.split("<definedName ").skip(1).collect();
    for name in names.iter().filter(|name| name.contains("localSheetId")) {
        let place: usize = values(&format!(" {name}"), "localSheetId")[0].parse().unwrap();
        let body = name.split('>').nth(1).unwrap().replace("&amp;", "&");
        let of = match body.strip_prefix("&quot;run ") {
            Some(added) => added.split("&quot;").next().unwrap(),
            None => body.split('!').next().unwrap().trim_matches('\''),
        };
        assert_eq!(sheets[place], of, "{name}");
    }
    // One sheet is selected, theirs: with two, programs would change both at once.
    let selected: Vec<&String> = after
        .parts
        .iter()
        .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("tabSelected=\"1\""))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(selected, ["xl/worksheets/sheet2.xml"]);
}

#[test]
fn titles_among_the_properties_name_the_new_sheets_too() {
    for (name, before, behind) in [
        ("excel.xlsx", "<vt:lpstr>notes &amp; more</vt:lpstr>", "<vt:lpstr>chart</vt:lpstr>"),
        ("closedxml.xlsx", "<vt:lpstr>b</vt:lpstr>", "</vt:vector></ap:TitlesOfParts>"),
    ] {
        let folder = Folder::new();
        let (_, new) = added(&folder, &program(name), name);
        let text = Source::read(&new).text("docProps/app.xml");
        let ours = ["summary", "sgd", "epochs", "circuit", "curvature"];
        let titles: String = ours.iter().map(|one| format!("<vt:lpstr>{one}</vt:lpstr>")).collect();
        assert!(text.contains(&format!("{before}{titles}{behind}")), "{text}");
        assert!(text.contains("<vt:i4>7</vt:i4>"), "{text}");
        assert!(!text.contains("size=\"5\""), "{text}");
    }
}

#[test]
fn titles_that_are_not_those_of_the_sheets_are_left_alone() {
    let folder = Folder::new();
    let mut source = excel::workbook();
    source.change("docProps/app.xml", "<vt:lpstr>data</vt:lpstr>", "<vt:lpstr>other</vt:lpstr>");
    let (_, new) = added(&folder, &source, "a.xlsx");
    assert_eq!(Source::read(&new).text("docProps/app.xml"), source.text("docProps/app.xml"));
}

#[test]
fn a_sheet_by_the_name_of_ours_is_the_users() {
    let folder = Folder::new();
    let mut source = program("libreoffice.xlsx");
    source.change("xl/workbook.xml", "name=\"Tabelle2\"", "name=\"SGD\"");
    source.change("xl/workbook.xml", "Tabelle2!$A$1", "SGD!$A$1");
    let (old, new) = added(&folder, &source, "a.xlsx");
    assert_eq!(faults(&old, &new), Vec::<String>::new());
    assert_eq!(package::check(&new), Vec::<String>::new());
    let after = Source::read(&new);
    assert_eq!(after.sheets()[1..4], ["SGD", "summary", "sgd (2)"]);
    // What is ours refers to ours: a formula of the summary, a chart, a name.
    let of_ours = |(name, _): &&(String, Vec<u8>)| source.bytes(name).is_none();
    for (name, bytes) in after.parts.iter().filter(of_ours) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        assert!(
            !text.contains("SGD!") && !text.contains(">sgd!") && !text.contains("'sgd'!"),
            "{name}"
        );
    }
    // Again, and the names are the same.
    let once = std::fs::read(&new).unwrap();
    run(&folder, "a.trace.xlsx", "--in-place");
    assert!(std::fs::read(&new).unwrap() == once);
}

#[test]
fn a_workbook_without_names_or_views_gets_a_list_of_names_in_its_place() {
    let folder = Folder::new();
    let mut source = program("poi.xlsx");
    source.change("xl/workbook.xml", "</sheets>", "</sheets><externalReferences/><calcPr/>");
    let (_, new) = added(&folder, &source, "a.xlsx");
    let text = Source::read(&new).text("xl/workbook.xml");
    assert!(text.contains("<externalReferences/><definedNames><definedName "), "{text}");
    assert!(text.contains("</definedNames><calcPr/>"), "{text}");
}

#[test]
fn what_was_added_compares_clean_there() {
    let folder = Folder::new();
    added(&folder, &program("closedxml.xlsx"), "a.xlsx");
    let said = gdtrace(&folder, "compare a.trace.xlsx");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("sgd"), "{said:?}");
}
