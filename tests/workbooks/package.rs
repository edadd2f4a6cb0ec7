//! The package check itself: each fault is found in a package broken on purpose, and sound ones pass.

use crate::common::package;
use std::io::Write;
use std::path::PathBuf;

const TYPES: &str = r#"<Types><Default Extension="rels" ContentType="r"/><Default Extension="xml" ContentType="x"/><Override PartName="/xl/workbook.xml" ContentType="w"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="s"/></Types>"#;
const ROOT: &str =
    r#"<Relationships><Relationship Id="rId1" Type="o" Target="xl/workbook.xml"/></Relationships>"#;
const PARTS: &str = r#"<Relationships><Relationship Id="rId1" Type="o/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="o/styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="o/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><sheets><sheet name="run" sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="lr">run!$B$1</definedName><definedName name="lr" localSheetId="0">run!$B$1</definedName></definedNames></workbook>"#;
const STYLES: &str = r#"<styleSheet><cellStyleXfs><xf/><xf/><xf/></cellStyleXfs><cellXfs><xf/><xf/></cellXfs></styleSheet>"#;
const STRINGS: &str = "<sst><si><t>lr</t></si></sst>";
const SHEET: &str = r##"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>0.5</v></c></row><row r="3" s="1"><c r="A3"><f>B1*2</f><v>1</v></c><c r="AA3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row></sheetData></worksheet>"##;
const CHART: &str = "<chart><ser><spPr><ln/></spPr><marker><spPr/></marker></ser><ser/></chart>";

const SOUND: [(&str, &str); 8] = [
    ("[Content_Types].xml", TYPES),
    ("_rels/.rels", ROOT),
    ("xl/workbook.xml", WORKBOOK),
    ("xl/_rels/workbook.xml.rels", PARTS),
    ("xl/styles.xml", STYLES),
    ("xl/sharedStrings.xml", STRINGS),
    ("xl/worksheets/sheet1.xml", SHEET),
    ("xl/charts/chart1.xml", CHART),
];

/// Checks the sound package with `old` replaced by `new` in the part whose name ends so.
fn faults_with(part: &str, old: &str, new: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.xlsx");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, text) in SOUND {
        let changed = if name.ends_with(part) {
            assert!(text.contains(old), "{name} holds no {old}");
            text.replacen(old, new, 1)
        } else {
            text.to_owned()
        };
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(changed.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    package::check(&path)
}

#[test]
fn a_sound_package_has_no_faults() {
    assert_eq!(faults_with("sheet1.xml", "", ""), Vec::<String>::new());
}

#[test]
fn the_example_has_no_faults() {
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    assert_eq!(package::check(example), Vec::<String>::new());
}

#[test]
fn each_fault_is_found() {
    let sheet = "xl/worksheets/sheet1.xml";
    #[rustfmt::skip]
    let table = [
        // part, what is replaced, by what, the fault
        (sheet, r#"r="3""#, r#"r="1""#, "row 1 after row 1"),
        (sheet, r#"r="AA3""#, r#"r="AA4""#, "AA4 stands in row 3"),
        (sheet, r#"r="B1""#, r#"r="A1""#, "A1 stands twice"),
        (sheet, r#"<c r="A3">"#, r#"<c r="AB3">"#, "AA3 stands after a cell to its right"),
        (sheet, r#"r="B1""#, r#"r="b1""#, "a cell with the address 'b1'"),
        (sheet, r#"r="B1" s="1""#, r#"r="B1" s="2""#, "B1 has the style 2 of 2"),
        (sheet, r#"r="3" s="1""#, r#"r="3" s="9""#, "row 3 has the style 9 of 2"),
        (sheet, "<v>0</v>", "<v>1</v>", "A1 holds the text 1 of 1"),
        (sheet, "<v>0.5</v>", "<v>NaN</v>", "B1 holds the number 'NaN'"),
        (sheet, "<v>0.5</v>", "<v>inf</v>", "B1 holds the number 'inf'"),
        (sheet, "<v>0.5</v>", "<v>1e999</v>", "B1 holds the number '1e999'"),
        (sheet, r#"A3"><f>B1*2</f><v>1<"#, r#"A3" t="str"><f>B1*2</f><v>NaN<"#, "A3 holds the text 'NaN'"),
        (sheet, "#DIV/0!", "#SPILL!", "AA3 holds the error '#SPILL!'"),
        (sheet, "<f>B1*2</f><v>1</v>", "<f>B1*2</f>", "A3 is a formula without a result"),
        (sheet, "<v>1</v>", "<v/>", "A3 holds the number ''"),
        ("workbook.xml", r#" localSheetId="0""#, "", "the defined name lr stands twice"),
        ("workbook.xml.rels", "sharedStrings.xml", "strings.xml", "strings.xml does not exist"),
        ("workbook.xml.rels", "rId2", "rId1", "rId1 stands twice"),
        ("[Content_Types].xml", r#"Extension="rels""#, r#"Extension="png""#, "_rels/.rels has no content type"),
        ("[Content_Types].xml", "sheet1.xml", "sheet7.xml", "/xl/worksheets/sheet7.xml has a content type but does not exist"),
        ("[Content_Types].xml", "sheet1.xml", "sheet7.xml", "xl/worksheets/sheet1.xml has only the default content type"),
        ("workbook.xml", "<sheets>", "<calcPr/><sheets>", "xl/workbook.xml: sheets stands too late"),
        (sheet, "</sheetData>", "</sheetData><mergeCells/><sheetProtection/>", "sheetProtection stands too late"),
        ("workbook.xml", r#"name="run" sheetId="1""#, r#"name="a/b" sheetId="1""#, "no sheet may be called 'a/b'"),
        ("workbook.xml", "</sheets>", r#"<sheet name="RUN" sheetId="2" r:id="rId1"/></sheets>"#, "there are two sheets RUN"),
        ("workbook.xml", "</sheets>", r#"<sheet name="b" sheetId="1" r:id="rId1"/></sheets>"#, "the sheet b has the number 1, which is taken or none"),
        ("workbook.xml", r#"r:id="rId1""#, r#"r:id="rId7""#, "the sheet run leads to None"),
        ("workbook.xml", r#"localSheetId="0""#, r#"localSheetId="1""#, "definedName has localSheetId Some(1) of 1"),
        ("workbook.xml", "<sheets>", r#"<bookViews><workbookView activeTab="1"/></bookViews><sheets>"#, "workbookView has activeTab Some(1) of 1"),
        ("workbook.xml", r#"name="lr" localSheetId"#, r#"name="ab12" localSheetId"#, "nothing may be called 'ab12'"),
        ("[Content_Types].xml", "</Types>", r#"<Default Extension="XML" ContentType="x"/></Types>"#, "XML has two content types"),
        ("[Content_Types].xml", r#"ContentType="s""#, r#"ContentType="application/chart+xml""#, "xl/worksheets/sheet1.xml is worksheet and has the content type application/chart+xml"),
        ("styles.xml", "<cellXfs>", r#"<cellXfs count="3">"#, "styles: cellXfs says Some(3) and has 2"),
        ("styles.xml", "<cellXfs><xf/>", r#"<cellXfs><xf fontId="4"/>"#, "styles: a format has fontId Some(4) of 0"),
        ("styles.xml", "<cellXfs><xf/>", r#"<cellXfs><xf numFmtId="164"/>"#, "styles: a format has the number format 164"),
        (sheet, "</sheetData>", r#"</sheetData><conditionalFormatting><cfRule dxfId="0"/></conditionalFormatting>"#, "xl/worksheets/sheet1.xml has the conditional format 0 of 0"),
        (sheet, "<worksheet>", r#"<worksheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><drawing r:id="rId5"/>"#, "drawing refers to rId5, which is no relation"),
        ("chart1.xml", "<spPr><ln/></spPr><marker><spPr/></marker>", "<marker/><spPr/>", "1 series with spPr after marker"),
        ("sharedStrings.xml", "</si>", "", "xl/sharedStrings.xml: "),
    ];
    for (part, old, new, fault) in table {
        let faults = faults_with(part, old, new);
        assert!(faults.iter().any(|found| found.contains(fault)), "{fault}: {faults:#?}");
    }
}

#[test]
fn what_is_no_package_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.xlsx");
    std::fs::write(&path, "no zip").unwrap();
    assert!(package::check(&path)[0].starts_with("no zip file"));
    assert!(!package::check(folder.path().join("missing.xlsx")).is_empty());
}
