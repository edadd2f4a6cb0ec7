//! Workbooks that are special: large, protected, hidden, with other dates and references, full of
//! formats.

use crate::added::excel;
use crate::added::program::{gdtrace, run, sound_in};
use crate::added::programs::program;
use crate::added::source::{Source, rows, sheet};
use crate::common::books::Folder;

/// The copy of `source` with the sheets of a run: sound, and such that a comparison finds nothing wrong.
fn agrees(source: &Source) -> Source {
    let folder = Folder::new();
    let after = sound_in(&folder, source);
    let said = gdtrace(&folder, "compare a.trace.xlsx");
    assert_eq!(said.code, 0, "{said:?}");
    after
}

#[test]
fn two_hundred_sheets() {
    let mut source = program("libreoffice.xlsx");
    for number in 3..=200 {
        let part = format!("xl/worksheets/sheet{number}.xml");
        let id = source.relate((&part, "worksheet"), sheet("", "", ""));
        source.declare(
            &part,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
        );
        let new = format!("<sheet name=\"{number}\" sheetId=\"{number}\" r:id=\"{id}\"/></sheets>");
        source.change("xl/workbook.xml", "</sheets>", &new);
    }
    let after = agrees(&source);
    assert_eq!(after.sheets().len(), 205);
    assert!(after.text("xl/workbook.xml").contains("name=\"summary\" sheetId=\"201\""));
    assert!(after.bytes("xl/worksheets/sheet201.xml").is_some());
}

/// The source with so many formats of cells.
fn with_formats(count: usize) -> Source {
    let mut source = program("poi.xlsx");
    let old = "<cellXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/></cellXfs>";
    let format = |at: usize| {
        format!(
            "<xf numFmtId=\"{}\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyAlignment=\"1\">\
             <alignment indent=\"{}\"/></xf>",
            at % 5,
            at / 5
        )
    };
    let all: String = (1..count).map(format).collect();
    let new = format!("<cellXfs count=\"{count}\">{}{all}</cellXfs>", &old[19..old.len() - 10]);
    source.change("xl/styles.xml", old, &new);
    source
}

#[test]
fn sixty_four_thousand_formats() {
    let text = agrees(&with_formats(64_000)).text("xl/styles.xml");
    let count = text.split("<cellXfs count=\"").nth(1).unwrap().split('"').next().unwrap();
    let count: usize = count.parse().unwrap();
    assert!((64_005..64_200).contains(&count), "{count}");
}

#[test]
fn no_room_for_formats_is_said_in_one_line() {
    let folder = Folder::new();
    with_formats(65_489).save(&folder, "a.xlsx");
    let said = run(&folder, "a.xlsx", "");
    let expected = "note: no sheets can be added to a.xlsx: it has no room for more formats of cells; \
                    so the trace is a workbook of its own";
    assert!(said.lines().any(|line| line == expected), "{said}");
    let after = Source::read(&folder.path("a.trace.xlsx"));
    assert_eq!(after.sheets()[..2], ["summary", "data"]);
}

#[test]
fn protected_sheets_and_workbooks() {
    let mut source = program("libreoffice.xlsx");
    let lock = "<sheetProtection algorithmName=\"SHA-512\" hashValue=\"aGFzaA==\" saltValue=\"c2FsdA==\" \
                spinCount=\"100000\" sheet=\"1\" objects=\"1\"/>";
    source.put("xl/worksheets/sheet1.xml", sheet("", &rows(""), lock));
    source.change(
        "xl/workbook.xml",
        "<workbookProtection/>",
        "<workbookProtection lockStructure=\"1\"/>",
    );
    let after = agrees(&source);
    // Theirs stays locked; ours are not.
    let locked = |name: &str| after.text(name).contains("sheetProtection");
    assert!(locked("xl/worksheets/sheet1.xml") && !locked("xl/worksheets/sheet3.xml"));
}

#[test]
fn very_hidden_sheets() {
    let mut source = excel::workbook();
    source.change(
        "xl/workbook.xml",
        "name=\"notes &amp; more\"",
        "state=\"veryHidden\" name=\"notes &amp; more\"",
    );
    source.change(
        "xl/workbook.xml",
        "firstSheet=\"1\" activeTab=\"1\"",
        "firstSheet=\"0\" activeTab=\"0\"",
    );
    let after = agrees(&source);
    assert!(
        after
            .text("xl/workbook.xml")
            .contains("<sheet state=\"veryHidden\" name=\"notes &amp; more\"")
    );
}

#[test]
fn dates_from_1904_and_references_by_number() {
    let mut source = program("libreoffice.xlsx");
    source.change("xl/workbook.xml", "date1904=\"false\"", "date1904=\"true\"");
    source.change("xl/workbook.xml", "refMode=\"A1\"", "refMode=\"R1C1\"");
    let after = agrees(&source);
    let text = after.text("xl/workbook.xml");
    assert!(text.contains("date1904=\"true\"") && text.contains("refMode=\"R1C1\""));
    // In the file formulas are always in the form A1.
    assert!(after.text("xl/worksheets/sheet4.xml").contains("<f>INDEX(Data!$A$2:$A$9,"));
}

#[test]
fn a_name_that_formulas_of_ours_could_mean() {
    let mut source = program("libreoffice.xlsx");
    source.change(
        "xl/workbook.xml",
        "</definedNames>",
        "<definedName name=\"lr\">Tabelle2!$A$1</definedName><definedName name=\"summary\">Tabelle2!$A$2</definedName></definedNames>",
    );
    let after = agrees(&source);
    assert!(
        after
            .text("xl/workbook.xml")
            .contains("<definedName name=\"lr\">Tabelle2!$A$1</definedName>")
    );
}
