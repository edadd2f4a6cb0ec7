//! The rows of a trace as a sheet's XML, compressed.
//!
//! Every row has the same pieces of text between row numbers and values, so the XML is never put
//! together cell by cell: a row's pattern is made once, and what a row has in common with the one
//! above it is known without looking for it.

use super::layout::{THIS_ROW, Template};
use crate::export::package::deflate::Deflated;
use crate::export::package::lines::Lines;
use crate::value::{Value, with_number_text};

/// The most bytes that a row number, and that a value, takes.
const LONGEST_NUMBER: usize = 7;
const LONGEST_VALUE: usize = 25;

/// What every row of a sheet has in common.
#[derive(Debug)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    /// How many rows of the sheet a row of the trace takes: two where the values of the row above stand
    /// above it.
    lines: u32,
    /// Each column's style, with what ends the cell's tag.
    styles: Vec<[Style; 2]>,
}

/// The styles of the cells of a column, within an epoch and on its last row, by their numbers in the
/// workbook's list. A cell with style 0 does not name it.
pub(super) type ColumnStyles = [u32; 2];

/// The text behind a cell's address: for a number, and for an error value.
type Style = [String; 2];

#[derive(Debug)]
enum Piece {
    Text(String),
    /// The number of the row.
    Row,
    /// The number of the row above.
    Above,
    /// The style of the cell in a column.
    Style(usize),
    /// The value in a column.
    Value(usize),
}

/// A column of the rows: its letters, its formula, its styles.
pub(super) struct Column<'a> {
    pub letters: String,
    /// None where the values stand alone.
    pub formula: Option<&'a Template>,
    pub styles: ColumnStyles,
}

impl Pattern {
    /// The pattern of rows whose tag has these further `attributes`, each below a row with the cells
    /// `above`, where there are any. The values of these follow those of the `columns`.
    pub(super) fn new(attributes: &str, above: &[Column], columns: &[Column]) -> Self {
        let lines = if above.is_empty() { 1 } else { 2 };
        let cells = columns.iter().chain(above);
        let styles = cells.map(|column| column.styles.map(style)).collect();
        let mut pattern = Pattern { pieces: Vec::new(), lines, styles };
        if lines > 1 {
            pattern.row(attributes, || Piece::Above, (columns.len()..).zip(above));
        }
        pattern.row(attributes, || Piece::Row, (0..).zip(columns));
        pattern
    }

    /// A row of the sheet with that `number` and these cells.
    fn row<'c>(
        &mut self,
        attributes: &str,
        number: fn() -> Piece,
        cells: impl Iterator<Item = (usize, &'c Column<'c>)>,
    ) {
        self.text("<row r=\"");
        self.pieces.push(number());
        self.text(&format!("\"{attributes}>"));
        for (index, column) in cells {
            self.text(&format!("<c r=\"{}", column.letters));
            self.pieces.extend([number(), Piece::Style(index)]);
            if let Some(formula) = column.formula {
                self.formula(formula);
            }
            self.text("<v>");
            self.pieces.push(Piece::Value(index));
            self.text("</v></c>");
        }
        self.text("</row>");
    }

    fn formula(&mut self, formula: &Template) {
        self.text("<f>");
        for (text, mark) in formula.pieces() {
            self.text(&escaped(text));
            self.pieces.extend(mark.map(|mark| match mark {
                THIS_ROW => Piece::Row,
                _ => Piece::Above,
            }));
        }
        self.text("</f>");
    }

    /// Appends text, to the piece before if that is text.
    fn text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    /// The most bytes that a row takes.
    pub(super) fn longest(&self) -> u64 {
        let longest = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Row | Piece::Above => LONGEST_NUMBER,
            Piece::Style(column) => {
                self.styles[*column].iter().flatten().map(String::len).max().unwrap_or(0)
            }
            Piece::Value(_) => LONGEST_VALUE,
        };
        self.pieces.iter().map(|piece| longest(piece) as u64).sum()
    }
}

/// What stands between a cell's address and its formula.
fn style(number: u32) -> Style {
    let style = if number == 0 { String::new() } else { format!(" s=\"{number}\"") };
    [format!("\"{style}>"), format!("\"{style} t=\"e\">")]
}

/// `text` as XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Rows at equal distances, a vector for each column of the pattern.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The number of the first row on the sheet, counted from 1.
    pub first: u32,
    /// The number of the first row in the trace, counted from 1.
    pub step: usize,
    /// From each to the next in the trace.
    pub stride: usize,
    /// The values of the row above, where it is written with the same pattern.
    pub above: Vec<Value>,
    /// The values.
    pub columns: Vec<Vec<Value>>,
}

/// Writes blocks of rows.
pub(super) struct Writer<'a> {
    pattern: &'a Pattern,
    samples: usize,
    lines: Lines,
    row: Number,
    above: Number,
    /// The values of the row above and its styles.
    values: Vec<Option<u64>>,
    styles: Vec<[bool; 2]>,
    seen: Seen,
}

impl<'a> Writer<'a> {
    /// A writer of rows of a trace with so many `samples` to an epoch.
    pub(super) fn new(pattern: &'a Pattern, samples: usize) -> Self {
        Writer {
            pattern,
            samples,
            lines: Lines::default(),
            row: Number::default(),
            above: Number::default(),
            values: Vec::new(),
            styles: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// The rows' XML as a block of the sheet's deflate stream.
    ///
    /// # Errors
    /// When the compressor fails, which it does not.
    pub(super) fn write(&mut self, rows: &Rows) -> std::io::Result<Deflated> {
        self.lines.clear();
        self.seen.clear();
        self.values.clear();
        self.values.resize(rows.columns.len(), None);
        self.styles.clear();
        self.styles.resize(rows.columns.len(), [false; 2]);
        self.row = Number::default();
        self.above = Number::default();
        if !rows.above.is_empty() {
            let (row, step) = (rows.first - self.pattern.lines, rows.step - rows.stride);
            self.row(row, step, |column| rows.above[column]);
            self.lines.know();
        }
        let count = rows.columns.first().map_or(0, Vec::len);
        for (index, row) in (0..count).zip((rows.first..).step_by(self.pattern.lines as usize)) {
            let step = rows.step + index * rows.stride;
            self.row(row, step, |column| rows.columns[column][index]);
        }
        self.lines.deflated()
    }

    /// A row: its number on the sheet, its number in the trace, its values.
    fn row(&mut self, number: u32, step: usize, value: impl Fn(usize) -> Value) {
        self.row.set(number);
        self.above.set(number - 1);
        let ends_epoch = step.is_multiple_of(self.samples);
        self.lines.start();
        let pattern = self.pattern;
        for piece in &pattern.pieces {
            match piece {
                Piece::Text(text) => self.lines.same(text.as_bytes()),
                Piece::Row => self.lines.begun(self.row.text(), self.row.common),
                Piece::Above => self.lines.begun(self.above.text(), self.above.common),
                Piece::Style(column) => {
                    let is_error = value(*column).is_error();
                    let styles = [ends_epoch, is_error];
                    let text = &pattern.styles[*column][usize::from(ends_epoch)];
                    let text = text[usize::from(is_error)].as_bytes();
                    if self.values[*column].is_some() && self.styles[*column] == styles {
                        self.lines.same(text);
                    } else {
                        self.lines.other(text);
                    }
                    self.styles[*column] = styles;
                }
                Piece::Value(column) => self.value(*column, value(*column)),
            }
        }
    }

    fn value(&mut self, column: usize, value: Value) {
        let bits = value.raw().to_bits();
        if self.values[column].replace(bits) == Some(bits) {
            return self.lines.repeated();
        }
        let place = self.lines.at();
        if let Some((seen, length)) = self.seen.find(bits).filter(|(at, _)| self.lines.reaches(*at))
        {
            self.lines.again(seen, length);
            return self.seen.keep(bits, place, length);
        }
        match value.get() {
            Ok(number) => with_number_text(number, |text| self.lines.other(text.as_bytes())),
            Err(error) => self.lines.other(error.text().as_bytes()),
        }
        self.seen.keep(bits, place, self.lines.at() - place);
    }
}

/// A row number as text, and how much of it the number of the row above begins with too.
#[derive(Default)]
struct Number {
    digits: Vec<u8>,
    common: usize,
}

impl Number {
    fn set(&mut self, number: u32) {
        with_number_text(f64::from(number), |text| {
            let text = text.as_bytes();
            let pairs = self.digits.iter().zip(text);
            self.common = pairs.take_while(|(before, now)| before == now).count();
            self.digits.clear();
            self.digits.extend_from_slice(text);
        });
    }

    fn text(&self) -> &[u8] {
        &self.digits
    }
}

/// Where values stand in the text: a weight that a row hands on stands there twice.
struct Seen {
    places: Vec<(u64, usize, usize)>,
}

impl Seen {
    /// A power of two: so many values are remembered, the last ones that fall into a place.
    const ROOM: usize = 512;
    /// Shorter ones are not worth a copy.
    const SHORTEST: usize = 6;

    fn index(bits: u64) -> usize {
        // The constant of Fibonacci hashing, 2^64 divided by the golden ratio.
        (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % Self::ROOM
    }

    fn clear(&mut self) {
        self.places.clear();
        self.places.resize(Self::ROOM, (0, 0, 0));
    }

    fn find(&self, bits: u64) -> Option<(usize, usize)> {
        let (found, place, length) = self.places[Self::index(bits)];
        (length > 0 && found == bits).then_some((place, length))
    }

    fn keep(&mut self, bits: u64, place: usize, length: usize) {
        if length >= Self::SHORTEST {
            self.places[Self::index(bits)] = (bits, place, length);
        }
    }
}

impl Default for Seen {
    fn default() -> Self {
        Seen { places: vec![(0, 0, 0); Self::ROOM] }
    }
}
