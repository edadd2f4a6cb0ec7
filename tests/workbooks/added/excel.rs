//! A workbook as Excel writes it, with much of what people put into one.

use crate::added::source::{MAIN, OFFICE, PACKAGE, Source, relations, rows, sheet, types};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n";
const X14: &str = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main";
const COMPATIBLE: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";
/// No text in any encoding.
pub const BINARY: [u8; 7] = [0x89, b'P', b'N', b'G', 0xff, 0x00, 0xfe];

/// The workbook: the sheets `data`, `notes` and a chart's.
pub fn workbook() -> Source {
    let mut source = Source::new(&[
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", root()),
        ("xl/workbook.xml", book()),
        ("xl/_rels/workbook.xml.rels", related()),
        ("xl/worksheets/sheet1.xml", data()),
        ("xl/worksheets/sheet2.xml", notes()),
        ("xl/chartsheets/sheet1.xml", chart_sheet()),
        ("xl/theme/theme1.xml", theme()),
        ("xl/styles.xml", styles()),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\" count=\"0\" uniqueCount=\"0\"/>")),
        (
            "xl/calcChain.xml",
            format!("<calcChain xmlns=\"{MAIN}\"><c r=\"C2\" i=\"1\"/></calcChain>"),
        ),
        ("docProps/core.xml", "<cp:coreProperties xmlns:cp=\"urn:core\"/>".to_owned()),
        ("docProps/app.xml", app()),
    ]);
    add_drawings(&mut source);
    add_comments(&mut source);
    add_pivot(&mut source);
    add_custom(&mut source);
    source.put("xl/printerSettings/printerSettings1.bin", BINARY);
    source
}

/// The same with macros, which are signed.
pub fn with_macros() -> Source {
    let mut source = workbook();
    source.change(
        "[Content_Types].xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    );
    let kind = "application/vnd.ms-office.vbaProject";
    let old = "<Default Extension=\"bin\" ContentType=\"application/vnd.openxmlformats-\
               officedocument.spreadsheetml.printerSettings\"/>";
    source.change(
        "[Content_Types].xml",
        old,
        &format!("{old}<Default Extension=\"sigs\" ContentType=\"x/x\"/>"),
    );
    source.declare("xl/vbaProject.bin", kind);
    source.declare("xl/vbaProjectSignature.bin", &format!("{kind}Signature"));
    let list = "xl/_rels/workbook.xml.rels";
    let macros = "<Relationship Id=\"rId20\" Type=\"http://schemas.microsoft.com/office/2006/\
                  relationships/vbaProject\" Target=\"vbaProject.bin\"/></Relationships>";
    source.change(list, "</Relationships>", macros);
    source.put("xl/vbaProject.bin", [&BINARY[..], b"Sub Auto_Open()"].concat());
    source.put("xl/vbaProjectSignature.bin", [0xd0, 0xcf, 0x11, 0xe0]);
    let signature = "http://schemas.microsoft.com/office/2006/relationships/vbaProjectSignature";
    source.put(
        "xl/_rels/vbaProject.bin.rels",
        relations(&[("rId1", signature, "vbaProjectSignature.bin")]),
    );
    source
}

fn content_types() -> String {
    let office = "application/vnd.openxmlformats-officedocument";
    types(
        &[
            ("bin", &format!("{office}.spreadsheetml.printerSettings")),
            ("png", "image/png"),
            ("vml", &format!("{office}.vmlDrawing")),
        ],
        &[
            ("xl/workbook.xml", "sheet.main"),
            ("xl/worksheets/sheet1.xml", "worksheet"),
            ("xl/worksheets/sheet2.xml", "worksheet"),
            ("xl/chartsheets/sheet1.xml", "chartsheet"),
            ("xl/theme/theme1.xml", &format!("{office}.theme+xml")),
            ("xl/styles.xml", "styles"),
            ("xl/sharedStrings.xml", "sharedStrings"),
            ("xl/calcChain.xml", "calcChain"),
            ("xl/comments1.xml", "comments"),
            (
                "xl/threadedComments/threadedComment1.xml",
                "application/vnd.ms-excel.threadedcomments+xml",
            ),
            ("xl/persons/person.xml", "application/vnd.ms-excel.person+xml"),
            ("xl/drawings/drawing1.xml", &format!("{office}.drawing+xml")),
            ("xl/drawings/drawing2.xml", &format!("{office}.drawing+xml")),
            ("xl/charts/chart1.xml", &format!("{office}.drawingml.chart+xml")),
            ("xl/charts/style1.xml", "application/vnd.ms-office.chartstyle+xml"),
            ("xl/pivotCache/pivotCacheDefinition1.xml", "pivotCacheDefinition"),
            ("xl/pivotCache/pivotCacheRecords1.xml", "pivotCacheRecords"),
            ("xl/pivotTables/pivotTable1.xml", "pivotTable"),
            ("customXml/itemProps1.xml", &format!("{office}.customXmlProperties+xml")),
            ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
            ("docProps/app.xml", &format!("{office}.extended-properties+xml")),
        ],
    )
}

fn root() -> String {
    relations(&[
        ("rId3", "extended-properties", "docProps/app.xml"),
        ("rId2", &format!("{PACKAGE}/relationships/metadata/core-properties"), "docProps/core.xml"),
        ("rId1", "officeDocument", "xl/workbook.xml"),
    ])
}

fn related() -> String {
    relations(&[
        ("rId8", "customXml", "../customXml/item1.xml"),
        ("rId3", "chartsheet", "chartsheets/sheet1.xml"),
        ("rId7", "calcChain", "calcChain.xml"),
        ("rId2", "worksheet", "worksheets/sheet2.xml"),
        ("rId1", "worksheet", "worksheets/sheet1.xml"),
        ("rId6", "sharedStrings", "sharedStrings.xml"),
        ("rId5", "styles", "styles.xml"),
        ("rId4", "theme", "theme/theme1.xml"),
        ("rId9", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"),
        (
            "rId10",
            "http://schemas.microsoft.com/office/2017/10/relationships/person",
            "persons/person.xml",
        ),
    ])
}

fn book() -> String {
    let ac = "http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac";
    let x15 = "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main";
    format!(
        "{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\" xmlns:mc=\"{COMPATIBLE}\" \
         mc:Ignorable=\"x15\" xmlns:x15=\"{x15}\"><fileVersion appName=\"xl\" lastEdited=\"7\"/>\
         <workbookPr defaultThemeVersion=\"166925\"/><mc:AlternateContent><mc:Choice Requires=\"x15\">\
         <x15ac:absPath url=\"C:\\lessons\\\" xmlns:x15ac=\"{ac}\"/></mc:Choice></mc:AlternateContent>\
         <bookViews><workbookView xWindow=\"-120\" windowWidth=\"29040\" firstSheet=\"1\" \
         activeTab=\"1\"/></bookViews><sheets><sheet name=\"data\" sheetId=\"4\" r:id=\"rId1\"/>\
         <sheet name=\"notes &amp; more\" sheetId=\"9\" r:id=\"rId2\"/><sheet name=\"chart\" \
         sheetId=\"2\" r:id=\"rId3\"/></sheets><definedNames><definedName \
         name=\"_xlnm.Print_Area\" localSheetId=\"1\">'notes &amp; more'!$A$1:$C$9</definedName>\
         <definedName name=\"rate\">'notes &amp; more'!$A$1</definedName></definedNames>\
         <calcPr calcId=\"191029\"/><pivotCaches><pivotCache cacheId=\"1\" r:id=\"rId9\"/></pivotCaches>\
         <extLst><ext uri=\"{{140A7094-0E35-4892-8432-C4D2E57EDEB5}}\" xmlns:x15=\"{x15}\">\
         <x15:workbookPr chartTrackingRefBase=\"1\"/></ext></extLst></workbook>"
    )
}

/// A sheet with extensions, controls for new programs, settings of a printer and a picture.
fn data() -> String {
    let behind = format!(
        "<conditionalFormatting sqref=\"B2:B9\"><cfRule type=\"dataBar\" priority=\"1\"><dataBar>\
         <cfvo type=\"min\"/><cfvo type=\"max\"/><color rgb=\"FF638EC6\"/></dataBar></cfRule>\
         </conditionalFormatting><pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" \
         bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/><pageSetup orientation=\"portrait\" \
         r:id=\"rId1\"/><drawing r:id=\"rId2\"/><mc:AlternateContent xmlns:mc=\"{COMPATIBLE}\">\
         <mc:Choice Requires=\"x14\"/></mc:AlternateContent><extLst><ext \
         uri=\"{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}\" xmlns:x14=\"{X14}\">\
         <x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type=\"dataBar\" \
         id=\"{{1}}\"/></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"
    );
    sheet("<sheetPr codeName=\"Sheet1\"/><dimension ref=\"A1:B9\"/>", &rows(""), &behind)
}

/// A sheet with a formula, a pivot table and a comment.
fn notes() -> String {
    let views = "<sheetViews><sheetView tabSelected=\"1\" workbookViewId=\"0\"/></sheetViews>";
    let rows = "<row r=\"1\"><c r=\"A1\"><v>0.5</v></c></row><row r=\"2\"><c r=\"C2\" s=\"1\">\
                <f>A1*2</f><v>1</v></c></row>";
    sheet(views, rows, "<legacyDrawing r:id=\"rId1\"/>")
}

fn chart_sheet() -> String {
    format!(
        "{HEAD}<chartsheet xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheetViews><sheetView \
         workbookViewId=\"0\"/></sheetViews><drawing r:id=\"rId1\"/></chartsheet>"
    )
}

fn theme() -> String {
    "<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" name=\"Office\"/>"
        .to_owned()
}

fn styles() -> String {
    format!(
        "{HEAD}<styleSheet xmlns=\"{MAIN}\" xmlns:mc=\"{COMPATIBLE}\" mc:Ignorable=\"x14ac\" \
         xmlns:x14ac=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac\">\
         <numFmts count=\"1\"><numFmt numFmtId=\"170\" formatCode=\"0.0&quot; m&quot;\"/></numFmts>\
         <fonts count=\"2\" x14ac:knownFonts=\"1\"><font><sz val=\"11\"/><color theme=\"1\"/>\
         <name val=\"Aptos Narrow\"/><family val=\"2\"/><scheme val=\"minor\"/></font><font><b/>\
         <sz val=\"11\"/><name val=\"Aptos Narrow\"/></font></fonts><fills count=\"2\"><fill>\
         <patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
         </fills><borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border>\
         </borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" \
         borderId=\"0\"/></cellStyleXfs><cellXfs count=\"2\"><xf numFmtId=\"0\" fontId=\"0\" \
         fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"170\" fontId=\"1\" fillId=\"0\" \
         borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle \
         name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles><dxfs count=\"0\"/><tableStyles \
         count=\"0\" defaultTableStyle=\"TableStyleMedium2\"/><extLst><ext \
         uri=\"{{EB79DEF2-80B8-43e5-95BD-54CBDDF9020C}}\" xmlns:x14=\"{X14}\"><x14:slicerStyles/>\
         </ext></extLst></styleSheet>"
    )
}

fn app() -> String {
    let vt = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes";
    let pair = |title: &str, count: usize| {
        format!(
            "<vt:variant><vt:lpstr>{title}</vt:lpstr></vt:variant><vt:variant><vt:i4>{count}\
             </vt:i4></vt:variant>"
        )
    };
    let pairs = [pair("Worksheets", 2), pair("Charts", 1), pair("Named Ranges", 2)].concat();
    let titles = ["data", "notes &amp; more", "chart", "'notes &amp; more'!Print_Area", "rate"];
    let titles: String = titles.iter().map(|one| format!("<vt:lpstr>{one}</vt:lpstr>")).collect();
    format!(
        "{HEAD}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/\
         extended-properties\" xmlns:vt=\"{vt}\"><Application>Microsoft Excel</Application>\
         <HeadingPairs><vt:vector size=\"6\" baseType=\"variant\">{pairs}</vt:vector></HeadingPairs>\
         <TitlesOfParts><vt:vector size=\"5\" baseType=\"lpstr\">{titles}</vt:vector></TitlesOfParts>\
         <AppVersion>16.0300</AppVersion></Properties>"
    )
}

fn add_drawings(source: &mut Source) {
    let drawing = |inside: &str| {
        format!(
            "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/\
             spreadsheetDrawing\" xmlns:r=\"{OFFICE}\">{inside}</xdr:wsDr>"
        )
    };
    let picture = drawing("<xdr:pic><xdr:blipFill r:embed=\"rId1\"/></xdr:pic>");
    source.put("xl/drawings/drawing1.xml", picture);
    source.put(
        "xl/drawings/_rels/drawing1.xml.rels",
        relations(&[("rId1", "image", "../media/image1.png")]),
    );
    source.put("xl/media/image1.png", BINARY);
    source.put(
        "xl/drawings/drawing2.xml",
        drawing("<xdr:graphicFrame><c r:id=\"rId1\"/></xdr:graphicFrame>"),
    );
    source.put(
        "xl/drawings/_rels/drawing2.xml.rels",
        relations(&[("rId1", "chart", "../charts/chart1.xml")]),
    );
    source.put("xl/charts/chart1.xml", "<c:chartSpace xmlns:c=\"urn:chart\"/>");
    let style = "http://schemas.microsoft.com/office/2011/relationships/chartStyle";
    source.put("xl/charts/_rels/chart1.xml.rels", relations(&[("rId1", style, "style1.xml")]));
    source.put("xl/charts/style1.xml", "<cs:chartStyle xmlns:cs=\"urn:style\"/>");
    source.put(
        "xl/worksheets/_rels/sheet1.xml.rels",
        relations(&[
            ("rId2", "drawing", "../drawings/drawing1.xml"),
            ("rId1", "printerSettings", "../printerSettings/printerSettings1.bin"),
        ]),
    );
    source.put(
        "xl/chartsheets/_rels/sheet1.xml.rels",
        relations(&[("rId1", "drawing", "../drawings/drawing2.xml")]),
    );
}

fn add_comments(source: &mut Source) {
    let threaded = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment";
    source.put(
        "xl/worksheets/_rels/sheet2.xml.rels",
        relations(&[
            ("rId4", threaded, "../threadedComments/threadedComment1.xml"),
            ("rId3", "comments", "../comments1.xml"),
            ("rId2", "pivotTable", "../pivotTables/pivotTable1.xml"),
            ("rId1", "vmlDrawing", "../drawings/vmlDrawing1.vml"),
        ]),
    );
    source.put(
        "xl/comments1.xml",
        format!("<comments xmlns=\"{MAIN}\"><authors/><commentList/></comments>"),
    );
    source.put("xl/threadedComments/threadedComment1.xml", "<ThreadedComments xmlns=\"urn:t\"/>");
    source.put("xl/persons/person.xml", "<personList xmlns=\"urn:p\"/>");
    // What browsers read, and no XML parser.
    source.put("xl/drawings/vmlDrawing1.vml", "<xml xmlns:v=\"urn:v\"><br></xml>");
}

fn add_pivot(source: &mut Source) {
    let (cache, table) =
        ("xl/pivotCache/pivotCacheDefinition1.xml", "xl/pivotTables/pivotTable1.xml");
    source.put(
        cache,
        format!("<pivotCacheDefinition xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\" r:id=\"rId1\"/>"),
    );
    source.put(
        "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels",
        relations(&[("rId1", "pivotCacheRecords", "pivotCacheRecords1.xml")]),
    );
    source.put(
        "xl/pivotCache/pivotCacheRecords1.xml",
        format!("<pivotCacheRecords xmlns=\"{MAIN}\"/>"),
    );
    source.put(
        table,
        format!("<pivotTableDefinition xmlns=\"{MAIN}\" name=\"PivotTable1\" cacheId=\"1\"/>"),
    );
    source.put(
        "xl/pivotTables/_rels/pivotTable1.xml.rels",
        relations(&[("rId1", "pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml")]),
    );
}

/// XML of theirs at the place where our mark goes, and a part that nothing refers to.
fn add_custom(source: &mut Source) {
    source.put("customXml/item1.xml", "<b:Sources xmlns:b=\"urn:bibliography\"/>");
    source.put(
        "customXml/_rels/item1.xml.rels",
        relations(&[("rId1", "customXmlProps", "itemProps1.xml")]),
    );
    source.put("customXml/itemProps1.xml", "<ds:datastoreItem xmlns:ds=\"urn:ds\"/>");
    source.put("xl/unknown/thing.xml", "<what/>");
}
