//! Reading .ods workbooks, a cell after the other.
//!
//! One XML text holds all sheets, with numbers of repetitions for rows and cells that may be of any
//! size. So nothing is built but the cells of a row that hold something, and what is repeated is
//! handed on as often as its receiver bears.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::Path;

use calamine::Data;
use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;

use super::stream::{FormulaText, Found, Sink};
use super::workbook::{SheetInfo, Trouble, damaged};

/// The part with the sheets.
const CONTENT: &str = "content.xml";
/// The longest text of a cell: some thirty times what a spreadsheet lets a person write.
const LONGEST: usize = 1 << 20;

/// An open .ods workbook.
pub(super) struct Ods {
    content: String,
    sheets: Vec<(SheetInfo, Range<usize>)>,
    /// The names of the workbook, each with what it stands for.
    pub names: Vec<(String, String)>,
}

/// A cell that holds something, as often as it is repeated in its row.
struct Filled {
    columns: Range<u32>,
    data: Data,
    formula: String,
}

impl Ods {
    /// Opens the workbook at `path`.
    ///
    /// # Errors
    /// Where it is damaged, no spreadsheet, or protected by a password.
    pub fn open(path: &Path) -> Result<Ods, Trouble> {
        let file = BufReader::new(File::open(path).map_err(damaged)?);
        let mut archive = ZipArchive::new(file).map_err(damaged)?;
        let mut part = |name: &str| -> Result<String, Trouble> {
            let mut bytes = Vec::new();
            let read = archive.by_name(name).map_err(damaged)?.read_to_end(&mut bytes);
            read.map_err(damaged)?;
            String::from_utf8(bytes).map_err(|_| damaged(format!("{name} is no UTF-8")))
        };
        let kind = part("mimetype").unwrap_or_default();
        if !kind.is_empty() && !kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
            return Err(damaged(format!("it is no spreadsheet, but {}", kind.trim())));
        }
        if part("META-INF/manifest.xml").is_ok_and(|xml| xml.contains("encryption-data")) {
            return Err(Trouble::Password);
        }
        let mut ods = Ods { content: part(CONTENT)?, sheets: Vec::new(), names: Vec::new() };
        ods.look_through()?;
        Ok(ods)
    }

    /// All sheets in the order of the file.
    pub fn sheets(&self) -> Vec<SheetInfo> {
        self.sheets.iter().map(|(info, _)| info.clone()).collect()
    }

    /// Finds the sheets and the names.
    fn look_through(&mut self) -> Result<(), Trouble> {
        let mut reader = reader(&self.content);
        let (mut style, mut hidden) = (None, HashSet::new());
        loop {
            match reader.read_event().map_err(damaged)? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "style:style" => style = attribute(&tag, "style:name")?,
                    "style:table-properties"
                        if attribute(&tag, "table:display")?.as_deref() == Some("false") =>
                    {
                        hidden.extend(style.take());
                    }
                    "table:table" => {
                        let style = attribute(&tag, "table:style-name")?;
                        let info = SheetInfo {
                            name: attribute(&tag, "table:name")?.unwrap_or_default(),
                            is_worksheet: true,
                            is_hidden: style.is_some_and(|style| hidden.contains(&style)),
                        };
                        let inside = reader.read_to_end(tag.name()).map_err(damaged)?;
                        self.sheets.push((info, inside.start as usize..inside.end as usize));
                    }
                    "table:named-range" => {
                        self.names.extend(named(&tag, "table:cell-range-address")?);
                    }
                    "table:named-expression" => self.names.extend(named(&tag, "table:expression")?),
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Hands the cells of a sheet to `sink`.
    ///
    /// # Errors
    /// Where the sheet is damaged, or `sink` takes no more.
    pub fn stream(&self, sheet: &str, sink: &mut impl Sink) -> Result<(), Trouble> {
        let found = self.sheets.iter().find(|(info, _)| info.name == sheet);
        let inside = found.map(|(_, inside)| inside.clone()).unwrap_or_default();
        let mut reader = reader(self.content.get(inside).unwrap_or_default());
        let mut row = 0_u32;
        loop {
            match reader.read_event().map_err(damaged)? {
                Event::Start(tag) if tag.name().as_ref() == "table:table-row" => {
                    let rows = repeated(&tag, "table:number-rows-repeated", row)?;
                    row = rows.end;
                    let cells = cells(&mut reader)?;
                    if !cells.is_empty() {
                        rows.into_iter().try_for_each(|row| hand_over(row, &cells, sink))?;
                    }
                }
                // Drawings may have tables of their own.
                Event::Start(tag) if tag.name().as_ref() == "table:shapes" => {
                    reader.read_to_end(tag.name()).map_err(damaged)?;
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

fn hand_over(row: u32, cells: &[Filled], sink: &mut impl Sink) -> Result<(), Trouble> {
    for cell in cells {
        for column in cell.columns.clone() {
            let at = (row, column);
            let has_formula = !cell.formula.is_empty();
            let found = match &cell.data {
                Data::Empty => Found::Result(&Data::Empty),
                data => Found::Plain(data),
            };
            sink.cell(at, found)?;
            if has_formula {
                sink.formula(at, FormulaText::Open(&cell.formula))?;
            }
        }
    }
    Ok(())
}

/// The cells of a row that hold something, up to its end.
fn cells(reader: &mut Reader<&[u8]>) -> Result<Vec<Filled>, Trouble> {
    let (mut filled, mut column) = (Vec::new(), 0);
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table-cell" | "table:covered-table-cell" => {
                    let columns = repeated(&tag, "table:number-columns-repeated", column)?;
                    column = columns.end;
                    let (data, formula) = cell(reader, &tag)?;
                    if data != Data::Empty || !formula.is_empty() {
                        filled.push(Filled { columns, data, formula });
                    }
                }
                _ => {
                    reader.read_to_end(tag.name()).map_err(damaged)?;
                }
            },
            Event::End(_) => return Ok(filled),
            Event::Eof => return Err(damaged("a row does not end")),
            _ => {}
        }
    }
}

/// What a cell holds, and its formula.
fn cell(reader: &mut Reader<&[u8]>, tag: &BytesStart) -> Result<(Data, String), Trouble> {
    let (mut data, mut formula) = (Data::Empty, String::new());
    let (mut is_text, mut is_error) = (false, false);
    for found in tag.attributes().with_checks(false) {
        let found = found.map_err(damaged)?;
        let text = unescape(&found.value).map_err(damaged)?;
        match found.key.as_ref() {
            "table:formula" => formula = text.into_owned(),
            "office:value-type" => is_text = text == "string",
            "calcext:value-type" => is_error = text == "error",
            _ if data != Data::Empty => {}
            "office:value" => data = Data::Float(text.trim().parse().map_err(damaged)?),
            "office:string-value" => data = Data::String(text.into_owned()),
            "office:date-value" => data = Data::DateTimeIso(text.into_owned()),
            "office:time-value" => data = Data::DurationIso(text.into_owned()),
            "office:boolean-value" => data = Data::Bool(text.eq_ignore_ascii_case("true")),
            _ => {}
        }
    }
    // An error value has an empty text, and what it is is only shown.
    let is_shown_only = match &data {
        Data::Empty => is_text,
        Data::String(text) => is_error && text.is_empty(),
        _ => false,
    };
    if is_shown_only {
        return Ok((Data::String(shown(reader)?), formula));
    }
    reader.read_to_end(tag.name()).map_err(damaged)?;
    Ok((data, formula))
}

/// The text that a cell shows, up to its end: paragraphs, without what is noted on it.
fn shown(reader: &mut Reader<&[u8]>) -> Result<String, Trouble> {
    let (mut text, mut depth, mut paragraphs) = (String::new(), 0_usize, 0);
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Start(tag) => {
                depth += 1;
                match tag.name().as_ref() {
                    "office:annotation" | "table:table" => {
                        reader.read_to_end(tag.name()).map_err(damaged)?;
                        depth -= 1;
                    }
                    "text:p" => {
                        text.push_str(if paragraphs == 0 { "" } else { "\n" });
                        paragraphs += 1;
                    }
                    "text:s" => {
                        let blanks = repeated(&tag, "text:c", 0)?.end as usize;
                        text.extend(std::iter::repeat_n(' ', blanks.min(LONGEST)));
                    }
                    "text:tab" => text.push('\t'),
                    "text:line-break" => text.push('\n'),
                    _ => {}
                }
            }
            Event::Text(found) => text.push_str(&found.xml10_content()),
            Event::GeneralRef(found) => text.push_str(&entity(&found)?),
            Event::End(_) if depth == 0 => return Ok(text),
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(damaged("a cell does not end")),
            _ => {}
        }
        if text.len() > LONGEST {
            return Err(Trouble::TooLarge("a cell has a text of more than 1 MiB".to_owned()));
        }
    }
}

/// What a reference such as `&amp;` stands for: those of XML alone, as no spreadsheet defines others.
fn entity(found: &BytesRef) -> Result<String, Trouble> {
    let known = resolve_xml_entity(found.as_ref()).map(str::to_owned);
    let character = || found.resolve_char_ref().ok().flatten().map(String::from);
    let unknown = || damaged(format!("the entity &{}; is not known", found.as_ref()));
    known.or_else(character).ok_or_else(unknown)
}

/// The places from `first` that something takes which is repeated as often as an attribute says.
fn repeated(tag: &BytesStart, key: &str, first: u32) -> Result<Range<u32>, Trouble> {
    let times = match attribute(tag, key)? {
        Some(text) => text.trim().parse().map_err(|_| damaged(format!("{key} is \"{text}\"")))?,
        None => 1,
    };
    Ok(first..first.saturating_add(times))
}

/// A name and what it stands for.
fn named(tag: &BytesStart, key: &str) -> Result<Option<(String, String)>, Trouble> {
    Ok(attribute(tag, "table:name")?.zip(attribute(tag, key)?))
}

fn attribute(tag: &BytesStart, key: &str) -> Result<Option<String>, Trouble> {
    for found in tag.attributes().with_checks(false) {
        let found = found.map_err(damaged)?;
        if found.key.as_ref() == key {
            return Ok(Some(unescape(&found.value).map_err(damaged)?.into_owned()));
        }
    }
    Ok(None)
}

fn reader(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    reader
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::collect::Collector;
    use crate::data::grid::{Grid, Value};

    const CELL: &str = "<table:table-cell office:value=\"1\"";

    fn read(content: &str) -> Result<(Ods, Grid), String> {
        let trouble = |trouble| match trouble {
            Trouble::Damaged(reason) | Trouble::TooLarge(reason) => reason,
            Trouble::TooManyCells => "too many cells".to_owned(),
            _ => "another reason".to_owned(),
        };
        let content = format!("<s>{content}</s>");
        let mut ods = Ods { content, sheets: Vec::new(), names: Vec::new() };
        ods.look_through().map_err(trouble)?;
        let mut collector = Collector::default();
        ods.stream("t", &mut collector).map_err(trouble)?;
        Ok((ods, collector.finish()))
    }

    fn table(rows: &str) -> String {
        format!("<table:table table:name=\"t\">{rows}</table:table>")
    }

    fn shown(rows: &str) -> String {
        let (_, grid) = read(&table(rows)).expect("a workbook");
        let cells = grid.cells().iter();
        cells.map(|((row, column), value)| format!("{row},{column} {value}; ")).collect()
    }

    #[test]
    fn cells_are_read_with_what_is_around_them() {
        let style = "<style:style style:name=\"off\"><style:table-properties \
                     table:display=\"false\"/></style:style>";
        let other = "<table:table table:name=\"t&amp;u\" table:style-name=\"off\"/>\
                     <table:named-range table:name=\"n\" table:cell-range-address=\"$t.$A$1\"/>";
        let rows = "<table:table-header-rows><table:table-row><table:table-cell \
                    office:value-type=\"string\"><office:annotation><text:p>no</text:p>\
                    </office:annotation><text:p>a<text:span>&lt;b</text:span><text:s text:c=\"2\"/>\
                    c</text:p><text:p>d</text:p></table:table-cell></table:table-row>\
                    </table:table-header-rows><table:table-row/>";
        let (ods, grid) = read(&format!("{style}{}{other}", table(rows))).expect("a workbook");
        let text = grid.get((0, 0)).and_then(Value::text);
        assert_eq!(text, Some("a<b  c\nd"));
        let sheets = ods.sheets();
        assert_eq!((sheets[1].name.as_str(), sheets[1].is_hidden), ("t&u", true));
        assert!(!sheets[0].is_hidden);
        assert_eq!(ods.names, [("n".to_owned(), "$t.$A$1".to_owned())]);
    }

    #[test]
    fn repeated_cells_are_counted_and_blank_ones_cost_nothing() {
        let far = format!(
            "<table:table-row table:number-rows-repeated=\"1048575\"><table:table-cell \
             table:number-columns-repeated=\"16384\"/></table:table-row><table:table-row>\
             <table:table-cell table:number-columns-repeated=\"16382\"/>{CELL} \
             table:number-columns-repeated=\"2\"/></table:table-row>"
        );
        assert_eq!(shown(&far), "1048575,16382 the number 1; 1048575,16383 the number 1; ");
        let error = "<table:table-row><table:table-cell calcext:value-type=\"error\" \
                     office:string-value=\"\" table:formula=\"of:=1/0\"><text:p>#DIV/0!</text:p>\
                     </table:table-cell><table:table-cell table:formula=\"of:=[.A1]\"/>\
                     </table:table-row>";
        let cells = "0,0 the error value #DIV/0!; 0,1 a formula without a cached result; ";
        assert_eq!(shown(error), cells);
        let many = format!(
            "<table:table-row table:number-rows-repeated=\"1048576\">{CELL} \
             table:number-columns-repeated=\"16384\"/></table:table-row>"
        );
        assert_eq!(read(&table(&many)).err().as_deref(), Some("too many cells"));
    }

    #[test]
    fn what_has_no_end_is_damaged() {
        for (content, reason) in [
            ("<table:table table:name=\"t\"><table:table-row>", "expected"),
            ("<table:table table:name=\"t\"><table:table-row/>", "expected"),
        ] {
            let found = read(content).err().unwrap_or_default();
            assert!(found.contains(reason), "{content}: {found}");
        }
        let blanks = format!(
            "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>{}</text:p>\
             </table:table-cell></table:table-row>",
            "<text:s text:c=\"4294967295\"/>".repeat(3)
        );
        let found = read(&table(&blanks)).err();
        assert_eq!(found.as_deref(), Some("a cell has a text of more than 1 MiB"));
        let entity = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>&lol;\
                      </text:p></table:table-cell></table:table-row>";
        assert_eq!(read(&table(entity)).err().as_deref(), Some("the entity &lol; is not known"));
    }
}
