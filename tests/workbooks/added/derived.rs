//! Workbooks that are not written out: by a library, and of another workbook.

use crate::added::excel;
use crate::added::source::Source;
use crate::common::books::Folder;

/// Made by its sibling, which writes the same.
pub fn xlsxwriter() -> Source {
    use rust_xlsxwriter::{
        Chart, ChartType, ConditionalFormatCell, ConditionalFormatCellRule, Format, Note, Table,
        Workbook,
    };
    let folder = Folder::new();
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_num_format("0.000");
    let data = book.add_worksheet().set_name("data").unwrap();
    crate::common::books::write_lines(data, "x|y\n1|5\n2|7\n3|9\n4|11\n5|13\n6|15");
    let rule = ConditionalFormatCell::new()
        .set_rule(ConditionalFormatCellRule::GreaterThan(9))
        .set_format(&bold);
    data.add_conditional_format(1, 1, 6, 1, &rule).unwrap();
    data.insert_note(0, 0, &Note::new("the area")).unwrap();
    let mut chart = Chart::new(ChartType::Scatter);
    chart.add_series().set_categories("data!$A$2:$A$7").set_values("data!$B$2:$B$7");
    data.insert_chart(1, 4, &chart).unwrap();
    let table = book.add_worksheet().set_name("a table").unwrap();
    table.write_with_format(1, 0, 1.5, &bold).unwrap();
    table.add_table(0, 0, 3, 1, &Table::new()).unwrap();
    book.define_name("rate", "='a table'!$A$2").unwrap();
    let path = folder.path("made.xlsx");
    book.save(&path).unwrap();
    Source::read(&path)
}

/// Excel's workbook in the strict form of the standard.
pub fn strict() -> Source {
    let mut source = excel::workbook();
    let names = [
        (
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        (
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
        (
            "http://schemas.openxmlformats.org/drawingml/2006/",
            "http://purl.oclc.org/ooxml/drawingml/",
        ),
        (
            "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\" ",
            "http://purl.oclc.org/ooxml/officeDocument/extendedProperties\" ",
        ),
        (
            "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
            "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
        ),
    ];
    for (_, bytes) in &mut source.parts {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let text =
                names.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
            *bytes = text.into_bytes();
        }
    }
    source.change("xl/workbook.xml", "<workbook ", "<workbook conformance=\"strict\" ");
    source
}
