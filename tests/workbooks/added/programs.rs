//! Workbooks in the habits of the programs that write them: how parts are named and listed, what is
//! there and what is not, and how XML is written.

use crate::added::source::{KIND, MAIN, OFFICE, PACKAGE, Source, relations, rows, sheet, types};
use crate::added::{derived, excel};

/// Makes a workbook.
pub type Make = fn() -> Source;

/// Each program with a workbook of its.
pub const PROGRAMS: [(&str, Make); 12] = [
    ("excel.xlsx", excel::workbook),
    ("excel.xlsm", excel::with_macros),
    ("libreoffice.xlsx", libreoffice),
    ("google-sheets.xlsx", google_sheets),
    ("numbers.xlsx", numbers),
    ("wps.xlsx", wps),
    ("openpyxl.xlsx", openpyxl),
    ("xlsxwriter.xlsx", derived::xlsxwriter),
    ("poi.xlsx", poi),
    ("sheetjs.xlsx", sheetjs),
    ("closedxml.xlsx", closedxml),
    ("strict.xlsx", derived::strict),
];

/// The workbook of the program whose file is called so.
pub fn program(name: &str) -> Source {
    let found = PROGRAMS.iter().find(|(known, _)| *known == name);
    found.expect("a program").1()
}

const STYLES: &str = "<fonts count=\"1\"><font><sz val=\"10\"/><name val=\"Arial\"/></font></fonts>\
    <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill \
    patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/><top/>\
    <bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs \
    count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/></cellXfs>";

fn style_sheet(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<styleSheet xmlns=\"{MAIN}\">{inside}</styleSheet>"
    )
}

/// A workbook's part: what is in its first tag, before the sheets and behind them.
fn book(tag: &str, before: &str, sheets: &str, behind: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<workbook xmlns=\"{MAIN}\" \
         xmlns:r=\"{OFFICE}\"{tag}>{before}<sheets>{sheets}</sheets>{behind}</workbook>"
    )
}

/// Properties that name the program, and no sheets.
fn app(program: &str) -> String {
    format!(
        "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/\
         extended-properties\"><Application>{program}</Application></Properties>"
    )
}

/// Styles first among the relations, sheets with names of their own, no titles.
fn libreoffice() -> Source {
    let sheets = "<sheet name=\"Data\" sheetId=\"1\" state=\"visible\" r:id=\"rId3\"/><sheet \
                  name=\"Tabelle2\" sheetId=\"2\" state=\"visible\" r:id=\"rId4\"/>";
    let before = "<fileVersion appName=\"Calc\"/><workbookPr backupFile=\"false\" \
                  showObjects=\"all\" date1904=\"false\"/><workbookProtection/><bookViews>\
                  <workbookView showHorizontalScroll=\"true\" tabRatio=\"600\" firstSheet=\"0\" \
                  activeTab=\"0\"/></bookViews>";
    let behind = "<definedNames><definedName function=\"false\" hidden=\"false\" name=\"rate\" \
                  vbProcedure=\"false\">Tabelle2!$A$1</definedName></definedNames><calcPr \
                  iterateCount=\"100\" refMode=\"A1\" iterate=\"false\" iterateDelta=\"0.001\"/>\
                  <extLst><ext xmlns:loext=\"http://schemas.libreoffice.org/\" \
                  uri=\"{7626C862-2A13-11E5-B345-FEFF819CDC9F}\"><loext:extCalcPr \
                  stringRefSyntax=\"CalcA1\"/></ext></extLst>";
    let properties = "<sheetPr filterMode=\"false\"><pageSetUpPr fitToPage=\"false\"/></sheetPr>";
    Source::new(&[
        ("_rels/.rels", relations(&[
            ("rId1", "officeDocument", "xl/workbook.xml"),
            ("rId3", "extended-properties", "docProps/app.xml"),
        ])),
        ("docProps/app.xml", app("LibreOffice/7.4.7.2$Linux_X86_64 LibreOffice_project/40$Build-2")),
        ("xl/_rels/workbook.xml.rels", relations(&[
            ("rId1", "styles", "styles.xml"),
            ("rId3", "worksheet", "worksheets/sheet1.xml"),
            ("rId4", "worksheet", "worksheets/sheet2.xml"),
            ("rId5", "sharedStrings", "sharedStrings.xml"),
        ])),
        ("xl/workbook.xml", book("", before, sheets, behind)),
        ("xl/styles.xml", style_sheet(&STYLES.replace("<fonts", "<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"General\"/></numFmts><fonts"))),
        ("xl/worksheets/sheet1.xml", sheet(properties, &rows(""), "<printOptions/>")),
        ("xl/worksheets/sheet2.xml", sheet(properties, "", "")),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\" count=\"0\" uniqueCount=\"0\"></sst>")),
        ("[Content_Types].xml", types(&[("png", "image/png"), ("jpeg", "image/jpeg")], &[
            ("_rels/.rels", "application/vnd.openxmlformats-package.relationships+xml"),
            ("docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
            ("xl/_rels/workbook.xml.rels", "application/vnd.openxmlformats-package.relationships+xml"),
            ("xl/workbook.xml", "sheet.main"),
            ("xl/styles.xml", "styles"),
            ("xl/worksheets/sheet1.xml", "worksheet"),
            ("xl/worksheets/sheet2.xml", "worksheet"),
            ("xl/sharedStrings.xml", "sharedStrings"),
        ])),
    ])
}

/// No properties, a drawing for every sheet, empty lists, attributes in an order of its own.
fn google_sheets() -> Source {
    let mut source = libreoffice();
    source.remove("docProps/app.xml");
    source.put("_rels/.rels", relations(&[("rId1", "officeDocument", "xl/workbook.xml")]));
    let sheets = "<sheet state=\"visible\" name=\"Sheet1\" sheetId=\"1\" r:id=\"rId4\"/>";
    let more = " xmlns:mx=\"http://schemas.microsoft.com/office/mac/excel/2008/main\" \
                xmlns:mv=\"urn:schemas-microsoft-com:mac:vml\"";
    source.put("xl/workbook.xml", book(more, "<workbookPr/>", sheets, "<definedNames/><calcPr/>"));
    let drawing = "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/\
                   spreadsheetDrawing\"/>";
    source.put("xl/drawings/drawing1.xml", drawing);
    source.put(
        "xl/worksheets/_rels/sheet1.xml.rels",
        relations(&[("rId1", "drawing", "../drawings/drawing1.xml")]),
    );
    source.put(
        "xl/worksheets/sheet1.xml",
        sheet("<sheetPr/>", &rows(""), "<drawing r:id=\"rId1\"/>"),
    );
    source.remove("xl/worksheets/sheet2.xml");
    source.put(
        "xl/_rels/workbook.xml.rels",
        relations(&[
            ("rId1", "theme", "theme/theme1.xml"),
            ("rId2", "styles", "styles.xml"),
            ("rId3", "sharedStrings", "sharedStrings.xml"),
            ("rId4", "worksheet", "worksheets/sheet1.xml"),
        ]),
    );
    source.put("xl/theme/theme1.xml", "<a:theme xmlns:a=\"urn:theme\" name=\"Sheets\"/>");
    source.put(
        "[Content_Types].xml",
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><Types xmlns=\"{PACKAGE}/\
         content-types\"><Default ContentType=\"application/xml\" Extension=\"xml\"/><Default \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\" \
         Extension=\"rels\"/><Override ContentType=\"{KIND}worksheet+xml\" \
         PartName=\"/xl/worksheets/sheet1.xml\"/><Override ContentType=\"{KIND}sharedStrings+xml\" \
         PartName=\"/xl/sharedStrings.xml\"/><Override ContentType=\"{KIND}styles+xml\" \
         PartName=\"/xl/styles.xml\"/><Override ContentType=\"application/vnd.openxmlformats-\
         officedocument.drawing+xml\" PartName=\"/xl/drawings/drawing1.xml\"/><Override \
         ContentType=\"{KIND}sheet.main+xml\" PartName=\"/xl/workbook.xml\"/><Override \
         ContentType=\"application/vnd.openxmlformats-officedocument.theme+xml\" \
         PartName=\"/xl/theme/theme1.xml\"/></Types>"
        ),
    );
    source
}

/// An old list of colours, parts that are packed as they are, no names.
fn numbers() -> Source {
    let mut source = libreoffice();
    source.is_stored = true;
    source.put("docProps/app.xml", app("Numbers"));
    let sheets = "<sheet name=\"Table 1\" sheetId=\"1\" r:id=\"rId3\"/><sheet name=\"Table 1 \
                  &#8211; plots\" sheetId=\"2\" r:id=\"rId4\"/>";
    source.put("xl/workbook.xml", book("", "<bookViews><workbookView/></bookViews>", sheets, ""));
    let colors = "<dxfs count=\"0\"/><colors><indexedColors><rgbColor rgb=\"ff000000\"/>\
                  </indexedColors></colors>";
    source.put("xl/styles.xml", style_sheet(&format!("{STYLES}{colors}")));
    source
}

/// Parts of its own, with its own kinds of relations.
fn wps() -> Source {
    let mut source = libreoffice();
    source.put("docProps/app.xml", app("WPS Office"));
    source.put(
        "docProps/custom.xml",
        "<Properties xmlns=\"urn:custom\"><property name=\"KSOProductBuildVer\"/></Properties>",
    );
    source.put(
        "xl/cellimages.xml",
        "<etc:cellImages xmlns:etc=\"http://www.wps.cn/officeDocument/2017/etCustomData\"/>",
    );
    source.put(
        "xl/_rels/workbook.xml.rels",
        relations(&[
            ("rId5", "sharedStrings", "sharedStrings.xml"),
            ("rId4", "http://www.wps.cn/officeDocument/2020/cellImage", "cellimages.xml"),
            ("rId3", "worksheet", "worksheets/sheet1.xml"),
            ("rId9", "worksheet", "worksheets/sheet2.xml"),
            ("rId1", "styles", "styles.xml"),
        ]),
    );
    source.change("xl/workbook.xml", "\"rId4\"", "\"rId9\"");
    source.declare("xl/cellimages.xml", "application/vnd.wps-officedocument.cellimage+xml");
    source.declare(
        "docProps/custom.xml",
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    );
    source
}

/// Targets from the root of the package, comments under names of their own, the namespace of relations
/// where it is used.
fn openpyxl() -> Source {
    let mut source = libreoffice();
    source.put("docProps/app.xml", app("Microsoft Excel"));
    source.put(
        "_rels/.rels",
        relations(&[
            ("rId1", "officeDocument", "/xl/workbook.xml"),
            ("rId3", "extended-properties", "/docProps/app.xml"),
        ]),
    );
    source.put("xl/workbook.xml", format!(
        "<workbook xmlns=\"{MAIN}\"><workbookPr/><workbookProtection/><bookViews><workbookView \
         visibility=\"visible\" minimized=\"0\" activeTab=\"0\"/></bookViews><sheets><sheet \
         xmlns:r=\"{OFFICE}\" name=\"data\" sheetId=\"1\" state=\"visible\" r:id=\"rId1\"/><sheet \
         xmlns:r=\"{OFFICE}\" name=\"Sheet\" sheetId=\"2\" state=\"visible\" r:id=\"rId2\"/></sheets>\
         <definedNames/><calcPr calcId=\"124519\" fullCalcOnLoad=\"1\"/></workbook>"
    ));
    source.put(
        "xl/_rels/workbook.xml.rels",
        relations(&[
            ("rId1", "worksheet", "/xl/worksheets/sheet1.xml"),
            ("rId2", "worksheet", "/xl/worksheets/sheet2.xml"),
            ("rId3", "styles", "styles.xml"),
            ("rId4", "sharedStrings", "sharedStrings.xml"),
        ]),
    );
    source.put("xl/worksheets/sheet1.xml", format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetData>{}</sheetData><legacyDrawing xmlns:r=\"{OFFICE}\" \
         r:id=\"anysvml\"/></worksheet>", rows("")
    ));
    source.put(
        "xl/worksheets/_rels/sheet1.xml.rels",
        relations(&[
            ("comments", "comments", "/xl/comments/comment1.xml"),
            ("anysvml", "vmlDrawing", "/xl/drawings/commentsDrawing1.vml"),
        ]),
    );
    source.put(
        "xl/comments/comment1.xml",
        format!("<comments xmlns=\"{MAIN}\"><authors/><commentList/></comments>"),
    );
    source.put("xl/drawings/commentsDrawing1.vml", "<xml/>");
    source.declare("xl/comments/comment1.xml", &format!("{KIND}comments+xml"));
    source.change("[Content_Types].xml", "<Default", "<Default Extension=\"vml\" ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/><Default");
    source
}

/// Properties without titles, no theme, no views, relations in the order in which they were made.
fn poi() -> Source {
    let mut source = libreoffice();
    source.put("docProps/app.xml", app("Apache POI"));
    source.put("xl/workbook.xml", book("", "<workbookPr date1904=\"false\"/><bookViews><workbookView activeTab=\"0\"/></bookViews>",
        "<sheet name=\"data\" r:id=\"rId3\" sheetId=\"1\"/><sheet name=\"Sheet1\" r:id=\"rId4\" sheetId=\"2\"/>", ""));
    source.put(
        "xl/styles.xml",
        style_sheet(
            &format!("<numFmts count=\"0\"/>{STYLES}<cellStyles/><dxfs count=\"0\"/>")
                .replace("<cellStyles/>", ""),
        ),
    );
    source
}

/// Titles of sheets, more defaults than parts, cells with an extension, a part of metadata.
fn sheetjs() -> Source {
    let mut source = libreoffice();
    let vt = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes";
    source.put("docProps/app.xml", format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Properties \
         xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\" \
         xmlns:vt=\"{vt}\"><Application>SheetJS</Application><HeadingPairs><vt:vector size=\"2\" \
         baseType=\"variant\"><vt:variant><vt:lpstr>Worksheets</vt:lpstr></vt:variant><vt:variant>\
         <vt:i4>2</vt:i4></vt:variant></vt:vector></HeadingPairs><TitlesOfParts><vt:vector size=\"2\" \
         baseType=\"lpstr\"><vt:lpstr>Data</vt:lpstr><vt:lpstr>Tabelle2</vt:lpstr></vt:vector>\
         </TitlesOfParts></Properties>"
    ));
    source.put("xl/workbook.xml", book("", "<workbookPr codeName=\"ThisWorkbook\"/>",
        "<sheet name=\"Data\" sheetId=\"1\" r:id=\"rId3\"/><sheet name=\"Tabelle2\" sheetId=\"2\" r:id=\"rId4\"/>", ""));
    source.put("xl/worksheets/sheet1.xml", sheet("<dimension ref=\"A1:B9\"/>", &rows(""),
        "<ignoredErrors><ignoredError numberStoredAsText=\"1\" sqref=\"A1:B9\"/></ignoredErrors>"));
    source.relate(("xl/metadata.xml", "sheetMetadata"), format!("<metadata xmlns=\"{MAIN}\"/>"));
    source.declare("xl/metadata.xml", &format!("{KIND}sheetMetadata+xml"));
    source.change("[Content_Types].xml", "<Default Extension=\"png\"", "<Default Extension=\"vml\" \
        ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/><Default Extension=\"bin\" \
        ContentType=\"application/vnd.ms-excel.sheet.binary.macroEnabled.main\"/><Default Extension=\"data\" \
        ContentType=\"application/vnd.openxmlformats-officedocument.model+data\"/><Default Extension=\"png\"");
    source
}

/// Prefixes for everything, relations with long names, a byte order mark, the sheet's part without a
/// number.
fn closedxml() -> Source {
    let mark = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    let vt = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes";
    let prefixed =
        |text: &str| text.replace("</", "\u{1}").replace('<', "<x:").replace('\u{1}', "</x:");
    let worksheet = |rows: &str| {
        format!(
            "{mark}<x:worksheet xmlns:x=\"{MAIN}\"><x:sheetData>{rows}</x:sheetData></x:worksheet>"
        )
    };
    Source::new(&[
        (
            "[Content_Types].xml",
            types(
                &[],
                &[
                    ("xl/workbook.xml", "sheet.main"),
                    ("xl/worksheets/sheet.xml", "worksheet"),
                    ("xl/worksheets/sheet2.xml", "worksheet"),
                    ("xl/styles.xml", "styles"),
                    (
                        "docProps/app.xml",
                        "application/vnd.openxmlformats-officedocument.extended-properties+xml",
                    ),
                ],
            ),
        ),
        (
            "_rels/.rels",
            relations(&[
                ("R51", "extended-properties", "/docProps/app.xml"),
                ("R0d2f", "officeDocument", "/xl/workbook.xml"),
            ]),
        ),
        (
            "xl/workbook.xml",
            format!(
                "{mark}<x:workbook xmlns:r=\"{OFFICE}\" xmlns:x=\"{MAIN}\"><x:workbookPr/><x:bookViews>\
             <x:workbookView firstSheet=\"0\" activeTab=\"1\"/></x:bookViews><x:sheets><x:sheet \
             name=\"data\" sheetId=\"2\" r:id=\"Rd3a1\"/><x:sheet name=\"b\" sheetId=\"3\" \
             r:id=\"rId3\"/></x:sheets><x:calcPr calcId=\"0\"/></x:workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[
                ("Rd3a1", "worksheet", "/xl/worksheets/sheet.xml"),
                ("rId3", "worksheet", "/xl/worksheets/sheet2.xml"),
                ("rId4", "styles", "/xl/styles.xml"),
            ]),
        ),
        ("xl/worksheets/sheet.xml", worksheet(&rows("x:"))),
        ("xl/worksheets/sheet2.xml", worksheet("")),
        (
            "xl/styles.xml",
            format!("{mark}<x:styleSheet xmlns:x=\"{MAIN}\">{}</x:styleSheet>", prefixed(STYLES)),
        ),
        (
            "docProps/app.xml",
            format!(
                "{mark}<ap:Properties xmlns:vt=\"{vt}\" xmlns:ap=\"http://schemas.openxmlformats.org/\
             officeDocument/2006/extended-properties\"><ap:HeadingPairs><vt:vector \
             baseType=\"variant\" size=\"2\"><vt:variant><vt:lpstr>Worksheets</vt:lpstr></vt:variant>\
             <vt:variant><vt:i4>2</vt:i4></vt:variant></vt:vector></ap:HeadingPairs><ap:TitlesOfParts>\
             <vt:vector baseType=\"lpstr\" size=\"2\"><vt:lpstr>data</vt:lpstr><vt:lpstr>b</vt:lpstr>\
             </vt:vector></ap:TitlesOfParts></ap:Properties>"
            ),
        ),
    ])
}
