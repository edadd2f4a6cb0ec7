//! What the second reading of a table sees of a column: its numbers, and whether they only number
//! the rows.

use super::columns::{Column, Holds};

/// Numbers up to this are looked at one by one to see whether each occurs once.
const LARGEST_NUMBERED: usize = 1 << 22;

/// What the second reading sees of a column.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub count: usize,
    pub smallest: f64,
    largest: f64,
    /// Which whole numbers occurred, where each did once and none is too large.
    once: Option<Vec<u64>>,
    is_numbered: bool,
}

impl Seen {
    pub fn see(&mut self, number: f64) {
        if self.count == 0 {
            (self.smallest, self.largest) = (number, number);
            (self.once, self.is_numbered) = (Some(Vec::new()), true);
        }
        self.count += 1;
        self.smallest = self.smallest.min(number);
        self.largest = self.largest.max(number);
        if self.is_numbered && !self.is_new(number) {
            (self.once, self.is_numbered) = (None, false);
        }
    }

    /// Whether the number is whole, not below 0 and occurs for the first time.
    fn is_new(&mut self, number: f64) -> bool {
        let fits = number >= 0.0 && number == number.trunc() && number < LARGEST_NUMBERED as f64;
        let Some(once) = self.once.as_mut().filter(|_| fits) else { return false };
        let (word, bit) = (number as usize / 64, number as usize % 64);
        if once.len() <= word {
            once.resize(word + 1, 0);
        }
        let is_new = once[word] >> bit & 1 == 0;
        once[word] |= 1 << bit;
        is_new
    }

    pub fn holds(&self, column: &Column, rows: usize) -> Holds {
        if 2 * self.count < rows || self.count == 0 {
            return Holds::Few;
        }
        if column.reading.dates.is_some() {
            return Holds::Dates;
        }
        if self.count > 1 && self.smallest == self.largest {
            return Holds::OneValue;
        }
        let counts = self.count > 2
            && self.largest - self.smallest + 1.0 == self.count as f64
            && (self.smallest == 0.0 || self.smallest == 1.0);
        let is_called = column.header.as_deref().is_some_and(is_index_name);
        match self.is_numbered && (counts || is_called) {
            true => Holds::Index,
            false => Holds::Numbers,
        }
    }
}

/// Whether a header says that its column only numbers the rows.
fn is_index_name(header: &str) -> bool {
    const NAMES: &[&str] = &[
        "id",
        "ids",
        "no",
        "no.",
        "nr",
        "nr.",
        "num",
        "number",
        "#",
        "idx",
        "index",
        "ind",
        "row",
        "rows",
        "row id",
        "rownum",
        "obs",
        "obs.",
        "observation",
        "case",
        "case id",
        "record",
        "sample",
        "sample id",
        "s.no",
        "s.no.",
        "sno",
        "s no",
        "sl no",
        "sl.no",
        "sl. no.",
        "sr no",
        "sr. no.",
        "serial",
        "serial no",
        "serial number",
        "rank",
        "lfd",
        "lfd. nr.",
        "lfd nr",
        "nummer",
        "key",
        "uid",
        "uuid",
        "n°",
        "nº",
        "№",
        "unnamed: 0",
        "unnamed:0",
    ];
    let plain = header.trim().to_lowercase().replace(['_', '-'], " ");
    let plain = plain.trim_end_matches(':');
    let is_id = plain.ends_with(" id") || header.trim_end().ends_with("ID");
    NAMES.contains(&plain) || is_id || plain.starts_with("id ")
}
