//! The tall part of a trace sheet: the rows of its steps, in the midst of a sheet that
//! rust_xlsxwriter wrote.
//!
//! What stands above and behind the rows is small and intricate, and stays what it is. In the place
//! of the rows that sheet has samples: a row within an epoch, one that ends an epoch, and one of values
//! that stand above a row. They tell how rust_xlsxwriter numbers the cells' styles. Whoever numbers
//! styles anew changes them in that XML, and the rows follow.

use std::io::{Seek, Write};
use std::rc::Rc;

use rust_xlsxwriter::utility::column_number_to_name;
use rust_xlsxwriter::{Format, Worksheet};

use super::layout::TraceLayout;
use super::rows::{Column, Pattern, Rows, Writer};
use super::spread::Page;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::export::package::archive::Archive;
use crate::export::package::cannot_write;
use crate::threads::in_order;
use crate::trace::{self, Block, KeptRows, Plan, Run, Sink};
use crate::value::Value;

/// How many kinds of rows there are.
pub(super) const KINDS: usize = 3;

/// How many rows are compressed together. The bytes depend on it.
const BLOCK_ROWS: usize = 256;

/// The rows of a trace that are still to be written into its sheet.
#[derive(Debug)]
pub(crate) struct TallSheet<'a> {
    /// The index of the sheet in the workbook.
    pub index: usize,
    pub(super) run: &'a Run,
    pub(super) layout: Rc<TraceLayout>,
    /// Which rows it has.
    pub(super) page: Page,
    pub(super) plan: std::borrow::Cow<'a, Plan>,
    pub(super) data: &'a Data,
    /// Whether the cells get their values alone.
    pub(super) values_only: bool,
}

/// Writes the rows that the others are modelled on: `formats` has each column's format within an epoch,
/// at its end, and for a value above a row.
pub(super) fn write_samples(
    sheet: &mut Worksheet,
    layout: &TraceLayout,
    formats: &[[Format; KINDS]],
) -> Result<()> {
    for (row, kind) in (layout.start + 1..).zip(0..KINDS) {
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
        let sheet = Split::new(xml, self.layout.start + 2).ok_or_else(|| {
            Error::new(format!("the sheet {} lost its rows", self.run.sheet.name))
        })?;
        let pattern = self.pattern(&sheet);
        let around = (sheet.before.len() + sheet.after.len() + 100) as u64;
        let longest = pattern.longest() * self.page.kept.count as u64 + around;
        let failed = |error| cannot_write(&error);
        let mut part = archive.stream(name, longest).map_err(failed)?;
        let before = sheet.before_rows_to(self.page.last + 1);
        part.write_all(before.as_bytes()).map_err(failed)?;
        let samples = self.data.samples();
        in_order(
            threads,
            || {
                let mut writer = Writer::new(&pattern, samples);
                move |rows: Rows| writer.write(&rows)
            },
            |give| {
                let kept = self.page.kept;
                let mut gather = Gather::new(self, give);
                let sinks: &mut [&mut dyn Sink] = &mut [&mut gather, watch];
                // What stands above the first one is needed where rows are apart.
                let rows = kept.first + 1 - kept.stride..=kept.last();
                trace::rows(self.run, (self.data, &self.plan), rows, sinks)?;
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
            let [within, end, _] = sheet.styles(&letters);
            let formula = (!self.values_only).then_some(&column.step);
            Column { letters, formula, styles: [within, end] }
        });
        let columns: Vec<Column> = columns.collect();
        let above = self.values_above().into_iter().map(|at| {
            let letters = column_number_to_name(at as u16);
            let [.., style] = sheet.styles(&letters);
            Column { letters, formula: None, styles: [style; 2] }
        });
        Pattern::new(sheet.attributes, &above.collect::<Vec<_>>(), &columns)
    }

    /// The columns whose values of the row above are written with each row.
    fn values_above(&self) -> Vec<usize> {
        let columns = self.run.sheet.columns.iter().enumerate();
        let taken = columns.filter(|(_, column)| self.page.is_apart() && column.initial.is_some());
        taken.map(|(at, _)| at).collect()
    }
}

/// A sheet's XML in parts.
struct Split<'a> {
    before: &'a str,
    /// The row within an epoch, the one that ends an epoch, and the one with the values above a row.
    samples: [&'a str; KINDS],
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
        let mut samples = rows.split_inclusive(ROW_END);
        let samples = [samples.next()?, samples.next()?, samples.next()?];
        let tag = samples[0].get(..samples[0].find('>')?)?;
        let attributes = tag.splitn(3, '"').nth(2)?;
        Some(Split { before, samples, attributes, after })
    }

    /// The numbers of the styles of a column.
    fn styles(&self, letters: &str) -> [u32; KINDS] {
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

/// Makes blocks of the same height of the rows that are kept of those that the engine gives.
struct Gather<'a> {
    rows: Rows,
    kept: KeptRows,
    /// How many rows of the sheet each takes.
    lines: u32,
    /// The columns whose values of the row above are kept with each row, and these values.
    taken: Vec<usize>,
    above: Vec<Value>,
    give: &'a mut dyn FnMut(Rows) -> Result<()>,
}

impl<'a> Gather<'a> {
    fn new(sheet: &TallSheet, give: &'a mut dyn FnMut(Rows) -> Result<()>) -> Self {
        let (kept, lines) = (sheet.page.kept, sheet.page.lines() as u32);
        // Counted from 1, below the values of the row above where there are such.
        let first = sheet.layout.start + 1 + lines;
        let taken = sheet.values_above();
        let columns = vec![Vec::new(); sheet.run.sheet.columns.len() + taken.len()];
        let rows =
            Rows { first, step: kept.first, stride: kept.stride, above: Vec::new(), columns };
        Gather { rows, kept, lines, taken, above: Vec::new(), give }
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
            first: self.rows.first + self.lines * count as u32,
            step: self.rows.step + self.rows.stride * count,
            stride: self.rows.stride,
            above,
            columns,
        };
        (self.give)(std::mem::replace(&mut self.rows, next))
    }

    /// Takes the rows of a block from one on, as many as there is room for; how many.
    fn take(&mut self, block: &Block, from: usize) -> usize {
        let to = block.rows().min(from + BLOCK_ROWS - self.count());
        for (own, values) in self.rows.columns.iter_mut().zip(&block.columns) {
            own.extend_from_slice(&values[from..to]);
        }
        to - from
    }

    /// Takes the row of a block with what it needs of the one above, where it is kept.
    fn take_apart(&mut self, block: &Block, row: usize) -> usize {
        let values = |row: usize| block.columns.iter().map(move |column| column[row]);
        if self.kept.place(block.first_row + row).is_some() {
            let values = values(row).chain(self.above.iter().copied());
            self.rows.columns.iter_mut().zip(values).for_each(|(own, value)| own.push(value));
        }
        self.above.clear();
        self.above.extend(self.taken.iter().map(|at| block.columns[*at][row]));
        1
    }
}

impl Sink for Gather<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        let mut from = 0;
        while from < block.rows() {
            from += match self.taken.is_empty() {
                true => self.take(block, from),
                false => self.take_apart(block, from),
            };
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
        <row r=\"9\" d=\"0.25\"><c r=\"A9\" s=\"12\"><v>0</v></c></row><row r=\"10\"></row></sheetData><y/></x>";

    #[test]
    fn a_sheet_is_taken_apart_at_its_samples() {
        let split = Split::new(XML, 8).unwrap();
        assert_eq!(split.attributes, " d=\"0.25\"");
        assert_eq!(split.styles("A"), [0, 12, 0]);
        assert_eq!(split.styles("AA"), [3, 0, 0]);
        let before = "<x><dimension ref=\"A1:AB500\"/><sheetData><row r=\"7\"><c r=\"A7\"/></row>";
        assert_eq!(split.before_rows_to(500), before);
        assert_eq!(split.after, "</sheetData><y/></x>");
        assert!(Split::new(XML, 10).is_none());
    }
}
