//! Packages that programs would not write so, but that are read.

use crate::added::excel;
use crate::added::program::{added, sound};
use crate::added::programs::program;
use crate::added::source::{KIND, MAIN, Source, faults, relations, rows, sheet, types};
use crate::common::books::Folder;
use crate::common::package;

#[test]
fn a_workbook_without_styles_gets_ours() {
    let mut source = program("poi.xlsx");
    source.remove("xl/styles.xml");
    let list = source.text("xl/_rels/workbook.xml.rels");
    let start = list.find("<Relationship Id=\"rId1\"").unwrap();
    let end = start + list[start..].find("/>").unwrap() + 2;
    source.put("xl/_rels/workbook.xml.rels", format!("{}{}", &list[..start], &list[end..]));
    source.change(
        "[Content_Types].xml",
        &format!("<Override PartName=\"/xl/styles.xml\" ContentType=\"{KIND}styles+xml\"/>"),
        "",
    );
    let after = sound(&source);
    assert!(after.text("xl/styles1.xml").contains("<cellXfs"));
}

#[test]
fn styles_that_nothing_refers_to_are_not_ours_to_change() {
    let mut source = program("poi.xlsx");
    source.change("xl/_rels/workbook.xml.rels", "relationships/styles\"", "relationships/other\"");
    let after = sound(&source);
    assert_eq!(after.text("xl/styles.xml"), source.text("xl/styles.xml"));
}

#[test]
fn styles_without_anything_in_them_are_filled() {
    let mut source = program("poi.xlsx");
    source.put("xl/styles.xml", format!("<styleSheet xmlns=\"{MAIN}\"/>"));
    let after = sound(&source);
    assert!(
        after.text("xl/styles.xml").ends_with("</dxfs></styleSheet>"),
        "{}",
        after.text("xl/styles.xml")
    );
}

#[test]
fn no_shared_texts_and_no_theme() {
    let mut source = program("poi.xlsx");
    source.remove("xl/sharedStrings.xml");
    source.change(
        "[Content_Types].xml",
        &format!(
            "<Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"{KIND}sharedStrings+xml\"/>"
        ),
        "",
    );
    let list = source.text("xl/_rels/workbook.xml.rels");
    let start = list.find("<Relationship Id=\"rId5\"").unwrap();
    let end = start + list[start..].find("/>").unwrap() + 2;
    source.put("xl/_rels/workbook.xml.rels", format!("{}{}", &list[..start], &list[end..]));
    let after = sound(&source);
    assert!(after.bytes("xl/sharedStrings.xml").is_none());
}

#[test]
fn the_workbook_stands_in_another_folder() {
    let source = Source::new(&[
        (
            "[Content_Types].xml",
            types(&[], &[("book/main-workbook.xml", "sheet.main"), ("book/one.xml", "worksheet")]),
        ),
        ("_rels/.rels", relations(&[("r", "officeDocument", "book/main-workbook.xml")])),
        (
            "book/main-workbook.xml",
            program("poi.xlsx")
                .text("xl/workbook.xml")
                .replace("<sheet name=\"Sheet1\" r:id=\"rId4\" sheetId=\"2\"/>", ""),
        ),
        ("book/_rels/main-workbook.xml.rels", relations(&[("rId3", "worksheet", "./one.xml")])),
        ("book/one.xml", sheet("", &rows(""), "")),
    ]);
    // The library that reads cells wants `xl/workbook.xml`; nothing must be half done where it gives up.
    let folder = Folder::new();
    let path = source.save(&folder, "a.xlsx");
    let said = crate::added::program::gdtrace(
        &folder,
        "run a.xlsx --no-report --optimizers sgd --epochs 1",
    );
    if said.code == 0 {
        let new = folder.path("a.trace.xlsx");
        assert_eq!(faults(&path, &new), Vec::<String>::new());
        assert_eq!(package::check(&new), Vec::<String>::new());
    } else {
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.starts_with("error: "), "{said:?}");
        assert!(!folder.path("a.trace.xlsx").exists());
    }
}

#[test]
fn a_sheet_whose_relation_is_missing_keeps_its_place() {
    let mut source = excel::workbook();
    let list = source.text("xl/_rels/workbook.xml.rels");
    let start = list.find("<Relationship Id=\"rId3\"").unwrap();
    let end = start + list[start..].find("/>").unwrap() + 2;
    source.put("xl/_rels/workbook.xml.rels", format!("{}{}", &list[..start], &list[end..]));
    source.remove("xl/chartsheets/sheet1.xml");
    let kind = format!(
        "<Override PartName=\"/xl/chartsheets/sheet1.xml\" ContentType=\"{KIND}chartsheet+xml\"/>"
    );
    source.change("[Content_Types].xml", &kind, "");
    let folder = Folder::new();
    source.save(&folder, "a.xlsx");
    let said = crate::added::program::gdtrace(
        &folder,
        "run a.xlsx --no-report --optimizers sgd --epochs 1",
    );
    if said.code == 0 {
        let after = Source::read(&folder.path("a.trace.xlsx"));
        assert_eq!(after.sheets()[..4], ["data", "notes & more", "chart", "summary"]);
        let text = after.text("xl/workbook.xml");
        let names = text.split("localSheetId=\"").skip(2).map(|one| one.split('"').next().unwrap());
        assert!(names.map(|one| one.parse::<usize>().unwrap()).all(|place| place >= 3), "{text}");
    } else {
        assert!(said.stderr.starts_with("error: "), "{said:?}");
    }
}

#[test]
fn properties_in_another_encoding_are_left_alone() {
    let mut source = excel::workbook();
    let text = format!("\u{feff}{}", source.text("docProps/app.xml").replace("UTF-8", "UTF-16"));
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    source.put("docProps/app.xml", &bytes);
    let folder = Folder::new();
    let (_, new) = added(&folder, &source, "a.xlsx");
    assert_eq!(Source::read(&new).bytes("docProps/app.xml"), Some(bytes.as_slice()));
    assert_eq!(package::check(&new), Vec::<String>::new());
}

#[test]
fn entries_for_folders_and_parts_of_nothing_stay() {
    let mut source = excel::workbook();
    source.put("xl/", "");
    source.put("xl/media/empty.png", "");
    let after = sound(&source);
    assert!(after.bytes("xl/").is_some() && after.bytes("xl/media/empty.png").is_some());
}

#[test]
fn our_part_is_told_from_theirs_whatever_it_is_called() {
    let mut source = excel::workbook();
    source.put("customXml/item2.xml", "<gdtrace xmlns=\"urn:somebody-else\" command=\"run\"><sheet name=\"data\" sheetId=\"4\"/></gdtrace>");
    let after = sound(&source);
    assert!(after.sheets().contains(&"data".to_owned()));
    assert!(after.text("customXml/item3.xml").contains("urn:gdtrace:sheets"));
}
