//! The columns of the Excel tables of an .xlsx, which formulas refer to by their names: `rents[x]`.
//!
//! The reading library tells on which sheet a table stands, but where only together with all its
//! cells, so these small parts of the workbook are read once more.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::address::{Area, Position};
use super::parts::{self, parts};
use super::regions::{Head, Region};

/// A table and where its samples stand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// The name that formulas have for it.
    pub name: String,
    /// Its columns from the left: the name of each, and its first and last cell below the header.
    pub columns: Vec<(String, Position, Position)>,
}

impl Table {
    /// The table as one to find x and y in; which of its columns hold numbers is not known yet.
    pub fn region(&self) -> Region {
        let first = self.columns.first().map_or((0, 0), |(_, first, _)| *first);
        let last = self.columns.first().map_or(first, |(_, _, last)| *last);
        let head = |(name, first, _): &(String, Position, Position)| Head {
            column: first.1,
            header: Some(name.clone()),
            has_numbers: true,
        };
        Region {
            header_row: first.0.checked_sub(1),
            first_row: first.0,
            last_row: last.0,
            end: Some(last.0),
            across: false,
            columns: self.columns.iter().map(head).collect(),
        }
    }
}

/// All tables; those that cannot be read are left out.
pub(super) fn tables(path: &Path) -> Vec<Table> {
    let xml = parts(path, &|name| name.starts_with("xl/tables/"));
    xml.iter().filter_map(|xml| read(xml)).collect()
}

fn read(xml: &str) -> Option<Table> {
    let mut reader = Reader::from_str(xml);
    let mut name = None;
    let mut area = None;
    let mut names = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.local_name().as_ref() {
                "table" => {
                    name = attribute(&tag, "displayName").or_else(|| attribute(&tag, "name"));
                    area = samples(&tag);
                }
                "tableColumn" => names.push(attribute(&tag, "name")?),
                _ => {}
            },
            Ok(Event::Eof) => break,
            Err(_) => return None,
            Ok(_) => {}
        }
    }
    let area: Area = area?;
    let columns = (area.first.1..=area.last.1)
        .zip(names)
        .map(|(at, name)| (name, (area.first.0, at), (area.last.0, at)));
    Some(Table { name: name?, columns: columns.collect() })
}

/// The cells of the table without its headers and its totals.
fn samples(tag: &BytesStart) -> Option<Area> {
    let area = Area::parse(&attribute(tag, "ref")?)?;
    let count = |key: &str, usual: u32| match attribute(tag, key) {
        Some(text) => text.trim().parse().unwrap_or(usual),
        None => usual,
    };
    let first = area.first.0.checked_add(count("headerRowCount", 1))?;
    let last = area.last.0.checked_sub(count("totalsRowCount", 0))?;
    (first <= last).then_some(Area { first: (first, area.first.1), last: (last, area.last.1) })
}

fn attribute(tag: &BytesStart, key: &str) -> Option<String> {
    // A line break in a header.
    parts::attribute(tag, key).map(|text| text.replace("_x000a_", "\n").replace("_x000A_", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_table_have_names_and_cells() {
        let xml = "<table displayName=\"rents\" ref=\"B4:C9\" totalsRowCount=\"1\"><tableColumns>\
                   <tableColumn id=\"1\" name=\"a &amp; b\"/><tableColumn id=\"2\" name=\"y\">\
                   </tableColumn></tableColumns></table>";
        let columns = vec![("a & b".to_owned(), (4, 1), (7, 1)), ("y".to_owned(), (4, 2), (7, 2))];
        assert_eq!(read(xml), Some(Table { name: "rents".to_owned(), columns }));
        assert_eq!(read("<table ref=\"A1:B2\"/>"), None);
        assert_eq!(read("<table displayName=\"t\" ref=\"A1:B1\"/>"), None);
    }
}
