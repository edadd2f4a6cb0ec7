//! The tall part of a trace sheet: the rows of its steps, in the midst of a sheet that
//! rust_xlsxwriter wrote.
//!
//! What stands above and behind the rows is small and intricate, and stays what it is. In the place
//! of the rows that sheet has two samples, a row within an epoch and one that ends an epoch, which
//! tell how rust_xlsxwriter numbers the cells' styles. Whoever numbers styles anew changes them in
//! that XML, and the rows follow.

use std::io::{Seek, Write};

use rust_xlsxwriter::utility::column_number_to_name;
use rust_xlsxwriter::{Format, Worksheet};

use super::layout::TraceLayout;
use super::rows::{Column, ColumnStyles, Pattern, Rows, Writer};
use crate::data::Data;
use crate::error::{Error, Result};
use crate::export::package::archive::Archive;
use crate::export::package::cannot_write;
use crate::threads::in_order;
use crate::trace::{self, Block, Plan, Run, Sink};
use crate::value::Value;

/// How many rows are compressed together. The bytes depend on it.
const BLOCK_ROWS: usize = 256;

/// The rows of a trace that are still to be written into its sheet.
#[derive(Debug)]
pub(crate) struct TallSheet<'a> {
    /// The index of the sheet in the workbook.
    pub index: usize,
    pub(super) run: &'a Run,
    pub(super) layout: TraceLayout,
    pub(super) plan: std::borrow::Cow<'a, Plan>,
    pub(super) data: &'a Data,
    /// Whether the cells get their values alone.
    pub(super) values_only: bool,
}

/// Writes the two rows that the others are modelled on: `formats` has each column's format within an
/// epoch and at its end.
pub(super) fn write_samples(
    sheet: &mut Worksheet,
    layout: &TraceLayout,
    formats: &[[Format; 2]],
) -> Result<()> {
    for (row, kind) in (layout.start + 1..).zip(0..2) {
        for (at, formats) in (0..).zip(formats) {
            // Numbers would get into the caches of charts.
            sheet.write_blank(row, at, &formats[kind])?;
        }
    }
    Ok(())
}

impl TallSheet<'_> {
    /// The name of the sheet's part in a package that rust_xlsxwriter wrote.
    pub(crate) fn part(&self) -> String {
        format!("xl/worksheets/sheet{}.xml", self.index + 1)
    }

    /// Writes the sheet as the part `name`: `xml` is the sheet with the samples of its rows. All
    /// values are handed to `watch` as well.
    ///
    /// The bytes do not depend on the number of `threads`.
    ///
    /// # Errors
    /// When writing fails; a sheet without the samples.
    pub(crate) fn write<W: Write + Seek>(
        &self,
        xml: &str,
        (archive, name): (&mut Archive<W>, &str),
        threads: usize,
        watch: &mut dyn Sink,
    ) -> Result<()> {
        let first = self.layout.start + 2;
        let sheet = Split::new(xml, first).ok_or_else(|| {
            Error::new(format!("the sheet {} lost its rows", self.run.sheet.name))
        })?;
        let pattern = self.pattern(&sheet);
        let around = (sheet.before.len() + sheet.after.len() + 100) as u64;
        let longest = pattern.longest() * self.run.rows as u64 + around;
        let failed = |error| cannot_write(&error);
        let mut part = archive.stream(name, longest).map_err(failed)?;
        let before = sheet.before_rows_to(self.layout.last + 1);
        part.write_all(before.as_bytes()).map_err(failed)?;
        let samples = self.data.samples();
        in_order(
            threads,
            || {
                let mut writer = Writer::new(&pattern, samples);
                move |rows: Rows| writer.write(&rows)
            },
            |give| {
                let mut gather = Gather::new(first, give);
                let sinks: &mut [&mut dyn Sink] = &mut [&mut gather, watch];
                trace::run(&self.run.sheet, self.data, &self.plan, sinks)?;
                gather.give()
            },
            |block| part.append(&block.map_err(failed)?).map_err(failed),
        )?;
        part.write_all(sheet.after.as_bytes()).map_err(failed)?;
        part.finish().map_err(failed)
    }

    fn pattern(&self, sheet: &Split) -> Pattern {
        let columns = (0..).zip(&self.layout.columns).map(|(at, column)| {
            let letters = column_number_to_name(at);
            let styles = sheet.styles(&letters);
            let formula = (!self.values_only).then_some(&column.step);
            Column { letters, formula, styles }
        });
        Pattern::new(sheet.attributes, &columns.collect::<Vec<_>>())
    }
}

/// A sheet's XML in parts.
struct Split<'a> {
    before: &'a str,
    /// The row within an epoch, and the one that ends an epoch.
    samples: [&'a str; 2],
    /// The attributes of a row behind its number.
    attributes: &'a str,
    after: &'a str,
}

impl<'a> Split<'a> {
    /// Takes apart a sheet whose samples begin in the row with that number.
    fn new(xml: &'a str, first: u32) -> Option<Self> {
        const ROW_END: &str = "</row>";
        let start = xml.find(&format!("<row r=\"{first}\""))?;
        let (before, rest) = xml.split_at(start);
        let (rows, after) = rest.split_at(rest.find("</sheetData>")?);
        let (within, end) = rows.split_at(rows.find(ROW_END)? + ROW_END.len());
        let tag = within.get(..within.find('>')?)?;
        let attributes = tag.splitn(3, '"').nth(2)?;
        Some(Split { before, samples: [within, end], attributes, after })
    }

    /// The numbers of the styles of a column.
    fn styles(&self, letters: &str) -> ColumnStyles {
        self.samples.map(|row| style_of(row, letters).unwrap_or(0))
    }

    /// What stands before the rows, for a sheet that goes to the row with that number.
    fn before_rows_to(&self, last: u32) -> String {
        const DIMENSION: &str = "<dimension ref=\"";
        let reference = self.before.find(DIMENSION).map(|at| at + DIMENSION.len());
        let end = reference.and_then(|at| Some(at + self.before[at..].find('"')?));
        let Some((start, end)) = reference.zip(end) else { return self.before.to_owned() };
        let (top, rest) = (&self.before[..start], &self.before[end..]);
        let corner = self.before[start..end].trim_end_matches(|c: char| c.is_ascii_digit());
        format!("{top}{corner}{last}{rest}")
    }
}

/// The number of the style of the cell in a column of a row.
fn style_of(row: &str, letters: &str) -> Option<u32> {
    let is_of_column = |cell: &&str| {
        let behind = cell.strip_prefix(letters);
        behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let cell = row.split("<c r=\"").skip(1).find(is_of_column)?;
    let tag = cell.split('>').next()?;
    let number = tag.split(" s=\"").nth(1)?;
    number.split('"').next()?.parse().ok()
}

/// Makes blocks of the same height of those that the engine gives.
struct Gather<'a> {
    rows: Rows,
    give: &'a mut dyn FnMut(Rows) -> Result<()>,
}

impl<'a> Gather<'a> {
    /// For rows from the one with that number on the sheet on.
    fn new(first: u32, give: &'a mut dyn FnMut(Rows) -> Result<()>) -> Self {
        Gather { rows: Rows { first, step: 1, ..Rows::default() }, give }
    }

    fn count(&self) -> usize {
        self.rows.columns.first().map_or(0, Vec::len)
    }

    /// Hands on what there is.
    fn give(&mut self) -> Result<()> {
        let count = self.count();
        if count == 0 {
            return Ok(());
        }
        let above: Vec<Value> =
            self.rows.columns.iter().filter_map(|column| column.last().copied()).collect();
        let room = |_: &Vec<Value>| Vec::with_capacity(BLOCK_ROWS);
        let columns = self.rows.columns.iter().map(room).collect();
        let next = Rows {
            first: self.rows.first + count as u32,
            step: self.rows.step + count,
            above,
            columns,
        };
        (self.give)(std::mem::replace(&mut self.rows, next))
    }
}

impl Sink for Gather<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        self.rows.columns.resize(block.columns.len(), Vec::new());
        let mut from = 0;
        while from < block.rows() {
            let to = block.rows().min(from + BLOCK_ROWS - self.count());
            for (own, values) in self.rows.columns.iter_mut().zip(&block.columns) {
                own.extend_from_slice(&values[from..to]);
            }
            from = to;
            if self.count() == BLOCK_ROWS {
                self.give()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<x><dimension ref=\"A1:AB9\"/><sheetData><row r=\"7\"><c r=\"A7\"/></row>\
        <row r=\"8\" d=\"0.25\"><c r=\"A8\"><v>0</v></c><c r=\"AA8\" s=\"3\"><v>0</v></c></row>\
        <row r=\"9\" d=\"0.25\"><c r=\"A9\" s=\"12\"><v>0</v></c></row></sheetData><y/></x>";

    #[test]
    fn a_sheet_is_taken_apart_at_its_samples() {
        let split = Split::new(XML, 8).unwrap();
        assert_eq!(split.attributes, " d=\"0.25\"");
        assert_eq!(split.styles("A"), [0, 12]);
        assert_eq!(split.styles("AA"), [3, 0]);
        let before = "<x><dimension ref=\"A1:AB500\"/><sheetData><row r=\"7\"><c r=\"A7\"/></row>";
        assert_eq!(split.before_rows_to(500), before);
        assert_eq!(split.after, "</sheetData><y/></x>");
        assert!(Split::new(XML, 10).is_none());
    }
}
