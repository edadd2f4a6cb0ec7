//! Measuring the sheets of an .ods before they are read.
//!
//! The reading library builds the whole rectangle of every sheet when it opens the file, up to
//! several gigabytes for two cells that stand far apart. So the tags of the content are counted
//! first: rows and cells with their repetitions, up to the last one that holds something.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

/// What has been seen of a sheet so far.
#[derive(Default)]
struct Extent {
    row: u64,
    column: u64,
    row_repeats: u64,
    row_is_used: bool,
    first_row: Option<u64>,
    end_row: u64,
    end_column: u64,
}

/// The cells of the largest rectangle that the reading library would build for the .ods at `path`.
///
/// # Errors
///
/// The reason, in words, where the file is damaged.
pub(crate) fn largest_rectangle(path: &Path) -> Result<u64, String> {
    content(path).map(|content| measure(&content)).map_err(|error| error.to_string())
}

fn content(path: &Path) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?))?;
    let mut content = Vec::new();
    archive.by_name("content.xml")?.read_to_end(&mut content)?;
    Ok(content)
}

fn measure(content: &[u8]) -> u64 {
    let mut extent = Extent::default();
    let mut largest = 0;
    for tag in Tags(content) {
        let name = tag.split(|b| b.is_ascii_whitespace() || *b == b'/').next().unwrap_or(tag);
        match name {
            b"table:table" => extent = Extent::default(),
            b"table:table-row" => {
                extent.row_repeats = number(tag, b"table:number-rows-repeated=");
                extent.column = 0;
                extent.row_is_used = false;
                if tag.ends_with(b"/") {
                    extent.end_row();
                }
            }
            b"table:table-cell" | b"table:covered-table-cell" => extent.cell(tag),
            b"" if tag == b"/table:table-row" => extent.end_row(),
            _ => {}
        }
        largest = largest.max(extent.cells());
    }
    largest
}

impl Extent {
    fn cell(&mut self, tag: &[u8]) {
        self.column = self.column.saturating_add(number(tag, b"table:number-columns-repeated="));
        if find(tag, b"office:value").is_some() || find(tag, b"table:formula=").is_some() {
            self.row_is_used = true;
            self.end_column = self.end_column.max(self.column);
        }
    }

    fn end_row(&mut self) {
        let start = self.row;
        self.row = self.row.saturating_add(self.row_repeats);
        if self.row_is_used {
            self.first_row.get_or_insert(start);
            self.end_row = self.row;
        }
    }

    fn cells(&self) -> u64 {
        let rows = self.end_row.saturating_sub(self.first_row.unwrap_or(0));
        rows.saturating_mul(self.end_column)
    }
}

/// The number in an attribute, 1 where it is not there.
fn number(tag: &[u8], attribute: &[u8]) -> u64 {
    let Some(start) = find(tag, attribute) else { return 1 };
    let digits = tag[start + attribute.len()..].iter().skip(1).take_while(|b| b.is_ascii_digit());
    digits.fold(0, |number: u64, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// The insides of the tags of an XML text: `name attribute="value"`.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|b| *b == b'<')? + 1;
        let rest = &self.0[start..];
        let mut quote = None;
        let end = rest.iter().position(|byte| match (quote, byte) {
            (None, b'"' | b'\'') => {
                quote = Some(*byte);
                false
            }
            (Some(open), byte) if open == *byte => {
                quote = None;
                false
            }
            (None, b'>') => true,
            _ => false,
        })?;
        self.0 = &rest[end..];
        Some(&rest[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_blank_cells_count_only_before_used_ones() {
        let blank = r#"<table:table><table:table-row><table:table-cell office:value-type="float" office:value="1"/>
            <table:table-cell table:number-columns-repeated="16383"/></table:table-row>
            <table:table-row table:number-rows-repeated="1048575"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;
        assert_eq!(measure(blank.as_bytes()), 1);
        let far = r#"<table:table><table:table-row><table:table-cell office:value="1"><text:p>1</text:p></table:table-cell></table:table-row>
            <table:table-row table:number-rows-repeated="999"/><table:table-row><table:table-cell table:number-columns-repeated="99"/>
            <table:table-cell office:value="1"/></table:table-row>"#;
        assert_eq!(measure(far.as_bytes()), 1001 * 100);
    }
}
