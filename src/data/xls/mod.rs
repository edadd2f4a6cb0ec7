//! Reading .xls workbooks.
//!
//! The reading library reserves what records claim, builds the rectangle of every sheet when it opens
//! a file, and copies a text into each cell that shows it: a few bytes can ask for more memory than
//! there is, which ends the process. So the records are visited first, and held against limits.
//! What merely looks wrong is left to the library, which says better what is damaged.

mod compound;
mod strings;

use std::io::Cursor;

use calamine::{Reader, Xls};

use super::grid::MAX_CELLS;
use super::limits::{MAX_SHEETS, MAX_TEXT, not_too_deep};
use super::workbook::{Trouble, damaged};
use compound::{u16_at, u32_at};

/// The most cells, blank ones included, that a sheet may span, and that all together may.
const MAX_RECTANGLE: u64 = 5_000_000;
const MAX_RECTANGLES: u64 = 10_000_000;

/// The records that hold a cell; each begins with its row and its column.
const CELLS: [u16; 8] = [FORMULA, MANY, 0x00D6, SHARED_TEXT, 0x0203, 0x0204, 0x0205, 0x027E];
const FORMULA: u16 = 0x0006;
const MANY: u16 = 0x00BD;
const SHARED_TEXT: u16 = 0x00FD;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const PASSWORD: u16 = 0x002F;
const SHEET: u16 = 0x0085;
const NAME: u16 = 0x0018;
const TEXTS: u16 = 0x00FC;
const DIMENSIONS: u16 = 0x0200;
const CONTINUED: u16 = 0x003C;

/// The most records over which one goes on: twice what the largest file needs, whose parts are full.
const MAX_CONTINUED: usize = 65_536;

/// The pieces of a formula that become the name of a sheet, or of a cell.
const NAMING: [u8; 15] =
    [0x23, 0x43, 0x63, 0x39, 0x59, 0x79, 0x3A, 0x5A, 0x7A, 0x3B, 0x5B, 0x7B, 0x3C, 0x5C, 0x7C];

/// Opens the .xls with this content.
///
/// # Errors
/// Where it is damaged, protected by a password, or asks for more memory than a workbook may.
pub(super) fn open(file: Vec<u8>) -> Result<Xls<Cursor<Vec<u8>>>, Trouble> {
    let Some(mut stream) = compound::workbook(&file) else {
        return Err(damaged("its list of sectors leads to no workbook"));
    };
    drop(file);
    checked(&mut stream)?;
    Ok(Xls::new(Cursor::new(compound::of_workbook(stream)))?)
}

/// What the records before those of the sheets say.
#[derive(Default)]
struct Book {
    /// Where the records of each sheet begin.
    starts: Vec<usize>,
    /// The bytes that the longest name may take.
    longest_name: u64,
    /// The bytes of each text that cells share.
    texts: Vec<u32>,
}

/// What a sheet takes.
#[derive(Default)]
struct Measured {
    rows: Span,
    columns: Span,
    cells: u64,
    text: u64,
    /// The length of its records.
    bytes: usize,
}

/// Holds what the stream claims against the limits, and takes out of it what is only claimed.
fn checked(stream: &mut [u8]) -> Result<(), Trouble> {
    let book = Book::read(stream)?;
    for start in &book.starts {
        forget_dimensions(stream, *start);
    }
    let mut all = Measured::default();
    let mut rectangles = 0;
    for start in &book.starts {
        let Some(sheet) = stream.get(*start..) else { continue };
        let measured = book.measure(sheet)?;
        let rectangle = measured.rectangle();
        if rectangle > MAX_RECTANGLE {
            return Err(Trouble::TooLarge(format!(
                "a sheet spans {rectangle} cells, blank ones included; at most {MAX_RECTANGLE} \
                 are read from this format"
            )));
        }
        rectangles += rectangle;
        all.cells += measured.cells;
        all.text = all.text.saturating_add(measured.text);
        all.bytes += measured.bytes;
        if rectangles > MAX_RECTANGLES || all.cells > MAX_CELLS as u64 {
            return Err(Trouble::TooLarge(format!(
                "its sheets span more than {MAX_RECTANGLES} cells together, blank ones included"
            )));
        }
        if all.text > MAX_TEXT {
            return Err(Trouble::TooMuchText);
        }
        // Each sheet has records of its own.
        if all.bytes > stream.len() {
            return Err(overlapping());
        }
    }
    Ok(())
}

fn overlapping() -> Trouble {
    damaged("the records of two sheets overlap")
}

impl Book {
    fn read(stream: &[u8]) -> Result<Book, Trouble> {
        let mut book = Book::default();
        let mut texts = None;
        let mut run = 0;
        for (at, kind, body) in Records::of(stream) {
            plausible(kind, body, &mut run)?;
            match kind {
                PASSWORD if u16_at(body, 0) != Some(0) => return Err(Trouble::Password),
                SHEET => book.starts.extend(u32_at(body, 0).map(|start| start as usize)),
                TEXTS => texts = Some(at),
                END => break,
                _ => {}
            }
            let length = match kind {
                SHEET => body.get(6),
                NAME => body.get(3),
                _ => None,
            };
            // A character takes three bytes at most.
            let length = length.map_or(0, |characters| 3 * u64::from(*characters));
            book.longest_name = book.longest_name.max(length);
        }
        book.texts = texts.map(|at| strings::lengths(&stream[at..])).unwrap_or_default();
        if book.texts.len() > MAX_CELLS || book.starts.len() > MAX_SHEETS {
            return Err(damaged("its lists of texts or sheets are too long"));
        }
        Ok(book)
    }

    /// What the sheet whose records begin here takes.
    fn measure(&self, sheet: &[u8]) -> Result<Measured, Trouble> {
        let mut measured = Measured::default();
        // A chart in the sheet is a stream of its own between a begin and an end.
        let (mut depth, mut run) = (0_u32, 0);
        for (at, kind, body) in Records::of(sheet) {
            plausible(kind, body, &mut run)?;
            measured.bytes = at + 4 + body.len();
            match kind {
                BEGIN => depth += 1,
                END if depth <= 1 => break,
                END => depth -= 1,
                DIMENSIONS if body.iter().any(|byte| *byte != 0) => {
                    return Err(overlapping());
                }
                _ => {}
            }
            measured.add(kind, body);
            measured.text = measured.text.saturating_add(self.text(kind, body));
        }
        Ok(measured)
    }

    /// The bytes of text that become of a record.
    fn text(&self, kind: u16, body: &[u8]) -> u64 {
        let naming =
            |bytes: &[u8]| bytes.iter().filter(|byte| NAMING.contains(byte)).count() as u64;
        match kind {
            SHARED_TEXT => {
                let text = u32_at(body, 6).and_then(|at| self.texts.get(at as usize));
                text.map_or(0, |bytes| (*bytes).into())
            }
            FORMULA => body.len() as u64 + self.longest_name * naming(body),
            _ => 0,
        }
    }
}

impl Measured {
    fn add(&mut self, kind: u16, body: &[u8]) {
        let (Some(row), Some(column)) = (u16_at(body, 0), u16_at(body, 2)) else { return };
        if !CELLS.contains(&kind) {
            return;
        }
        self.rows.add(row);
        self.columns.add(column);
        self.cells += 1;
        if kind == MANY {
            let last = u16_at(body, body.len() - 2).unwrap_or(column);
            self.columns.add(last);
            self.cells += u64::from(last.saturating_sub(column));
        }
    }

    fn rectangle(&self) -> u64 {
        self.rows.length() * self.columns.length()
    }
}

/// Refuses a record that takes the library too long, or too deep; `run` counts those that only go on
/// with another.
fn plausible(kind: u16, body: &[u8], run: &mut usize) -> Result<(), Trouble> {
    *run = if kind == CONTINUED { *run + 1 } else { 0 };
    if *run > MAX_CONTINUED {
        return Err(damaged("a record goes on over too many others"));
    }
    match kind {
        FORMULA | NAME => not_too_deep(body).map_err(|reason| damaged(format!("it {reason}"))),
        _ => Ok(()),
    }
}

/// Overwrites the rectangles that a sheet declares, for which nothing is to be reserved.
fn forget_dimensions(stream: &mut [u8], start: usize) {
    let Some(sheet) = stream.get_mut(start..) else { return };
    let declared: Vec<_> = Records::of(sheet)
        .filter(|(_, kind, _)| *kind == DIMENSIONS)
        .map(|(at, _, body)| at + 4..at + 4 + body.len())
        .collect();
    declared.into_iter().for_each(|body| sheet[body].fill(0));
}

/// The first and the last of some numbers.
#[derive(Default)]
struct Span(Option<(u16, u16)>);

impl Span {
    fn add(&mut self, number: u16) {
        let (first, last) = self.0.unwrap_or((number, number));
        self.0 = Some((first.min(number), last.max(number)));
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last - first) + 1)
    }
}

/// The records of a stream: where each begins, its kind and its body.
struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn of(stream: &'a [u8]) -> Self {
        Records { stream, at: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (usize, u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, kind) = (self.at, u16_at(self.stream, self.at)?);
        let end = at + 4 + usize::from(u16_at(self.stream, at + 2)?);
        let body = self.stream.get(at + 4..end)?;
        self.at = end;
        Some((at, kind, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = include_bytes!("../../../tests/fixtures/table.xls");

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(body.len() as u16).to_le_bytes(), body].concat()
    }

    fn number(row: u16, column: u16) -> Vec<u8> {
        record(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat())
    }

    fn rectangle(sheet: &[u8]) -> u64 {
        Book::default().measure(sheet).map_or(0, |measured| measured.rectangle())
    }

    #[test]
    fn a_workbook_is_read_as_before_from_its_new_container() {
        let mut book = open(TABLE.to_vec()).unwrap_or_else(|_| panic!("a workbook"));
        let range = book.worksheet_range("data").expect("a sheet");
        // The sheet `data` reaches from A1 to C8.
        assert_eq!(range.get_size(), (8, 3));
        assert!(open(TABLE[..900].to_vec()).is_err());
        assert!(open(b"no compound file".to_vec()).is_err());
    }

    #[test]
    fn a_sheet_spans_its_cells_and_not_what_it_declares() {
        let far = [number(0, 0), number(65_535, 65_535)].concat();
        assert_eq!(rectangle(&far), 1 << 32);
        let another_sheet = [number(0, 0), record(END, &[]), number(65_535, 65_535)].concat();
        assert_eq!(rectangle(&another_sheet), 1);
        let mut declared =
            [record(DIMENSIONS, &[9, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0])].concat();
        assert!(matches!(Book::default().measure(&declared), Err(Trouble::Damaged(_))));
        forget_dimensions(&mut declared, 0);
        assert_eq!(rectangle(&declared), 0);
    }

    #[test]
    fn texts_count_as_often_as_they_are_shown() {
        let book = Book { texts: vec![90_000], longest_name: 765, ..Book::default() };
        let shown = record(SHARED_TEXT, &[0; 10]);
        let named = record(FORMULA, &[&[0; 20][..], &[0x23, 0x43]].concat());
        let sheet = [shown.clone(), shown, named].concat();
        let measured = book.measure(&sheet).unwrap_or_else(|_| panic!("a sheet"));
        assert_eq!(measured.text, 2 * 90_000 + 22 + 2 * 765);
    }

    #[test]
    fn what_takes_the_library_too_long_is_refused() {
        let continued: Vec<u8> = record(CONTINUED, &[]).repeat(MAX_CONTINUED + 1);
        assert!(Book::default().measure(&continued).is_err());
        let sheet = record(SHEET, &[0, 0, 0, 0, 0, 0, 1, 0, b'a']);
        let mut twice = [sheet.clone(), sheet.clone(), record(END, &[])].concat();
        assert!(matches!(checked(&mut twice), Err(Trouble::Damaged(_))));
        let mut deep = record(FORMULA, &[0x29, 0xFF, 0x7F].repeat(10_000));
        assert!(Book::default().measure(&deep).is_ok(), "cut formulas are no formulas");
        let nested: Vec<u8> = (1..=5_000_u16).rev().fold(Vec::new(), |mut inside, left| {
            inside.push(0x29);
            inside.extend((3 * (left - 1)).to_le_bytes());
            inside
        });
        deep = record(FORMULA, &nested);
        assert!(Book::default().measure(&deep).is_err());
    }
}
