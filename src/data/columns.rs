//! What the columns of a table hold: measurements, an index, dates, one value all over, or numbers
//! that formulas compute from the others.
//!
//! A table is read twice for it: once to hear how its numbers are written, once for the numbers.

use std::collections::BTreeSet;

use super::address::Position;
use super::body::{Body, Line};
use super::dates::{self, Order};
use super::grid::{Grid, Value};
use super::headers;
use super::kinds::{Kind, is_missing, kind, logical};
use super::numbers::{Certainty, Evidence, Style};
use super::regions::Region;
use super::rows::{Rows, in_column};
use crate::error::Result;

/// Numbers up to this are looked at one by one to see whether each occurs once.
const LARGEST_NUMBERED: usize = 1 << 22;

/// What a column of numbers holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Numbers of any kind.
    Numbers,
    /// 1, 2, 3 and so on in any order, or an identifier.
    Index,
    /// Days.
    Dates,
    /// The same number in every row.
    OneValue,
    /// Mostly texts or nothing, with some numbers among them.
    Few,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub column: u32,
    pub header: Option<String>,
    pub holds: Holds,
    /// Whether it is computed from other columns of the table: by formulas, or as its header says.
    pub is_computed: bool,
    /// Whether its header says so.
    pub is_result: bool,
    /// How many numbers it has.
    pub numbers: usize,
    /// Its first values, as a person sees them.
    pub first: Vec<String>,
    /// How its cells are read.
    pub reading: Reading,
    /// Its texts that are numbers: the first one, and how many.
    pub as_text: Option<(Position, Box<str>)>,
    pub as_texts: usize,
    /// Whether some of its numbers are logical values.
    pub has_logical: bool,
    /// How its numbers are written, and a text that shows it.
    pub certainty: Certainty,
    pub example: Option<Box<str>>,
    pub percent: Option<Box<str>>,
    /// A date that can be read in two ways, where nothing says which is right.
    pub open_date: Option<Box<str>>,
}

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    pub style: Style,
    /// For dates: how they are written, and the first of them all.
    pub dates: Option<(Order, f64)>,
}

impl Reading {
    /// The number of a cell, which may be no finite one; none where it holds something else.
    pub fn number(&self, value: &Value) -> Option<f64> {
        if let Some((order, origin)) = self.dates {
            return days(value, order).map(|days| days - origin);
        }
        match value {
            Value::Number(number) => Some(*number),
            Value::Logical(logical) => Some(f64::from(u8::from(*logical))),
            Value::Text(text) => {
                let logical = || logical(text).map(|is| f64::from(u8::from(is)));
                self.style.number(text).or_else(logical)
            }
            _ => None,
        }
    }
}

fn days(value: &Value, order: Order) -> Option<f64> {
    match value {
        Value::Date(day) => day.days,
        Value::Text(text) => dates::parse(text, order),
        _ => None,
    }
}

/// What is known of the whole file about how its numbers are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// The decimal sign, where the user says it.
    pub decimal: Option<char>,
    /// The decimal sign where nothing says it.
    pub usual: char,
}

/// The columns with numbers of a table.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn columns(
    rows: &dyn Rows,
    grid: &Grid,
    region: &Region,
    habits: Habits,
) -> Result<Vec<Column>> {
    let numeric: Vec<u32> = region.numeric().map(|head| head.column).collect();
    let body = Body { rows, grid, region, columns: &numeric };
    let mut heard: Vec<Heard> = numeric.iter().map(|_| Heard::default()).collect();
    let mut count = 0;
    body.each(&mut |_, line| {
        let Line::Cells(cells) = line else { return };
        count += 1;
        for (heard, column) in heard.iter_mut().zip(&numeric) {
            match cells_at(cells, *column) {
                Some((at, value)) => heard.hear(*at, value, grid, &numeric),
                None => {}
            }
        }
    })?;
    let proof = Evidence::proof_of_all(heard.iter().map(|one| &one.evidence));
    let mut columns: Vec<Column> = numeric
        .iter()
        .zip(&heard)
        .map(|(column, heard)| heard.column(*column, region, proof, habits))
        .collect();
    let mut seen: Vec<Seen> = numeric.iter().map(|_| Seen::default()).collect();
    body.each(&mut |_, line| {
        let Line::Cells(cells) = line else { return };
        for (seen, column) in seen.iter_mut().zip(&columns) {
            let number = in_column(cells, column.column).and_then(|v| column.reading.number(v));
            if let Some(number) = number.filter(|number| number.is_finite()) {
                seen.see(number);
            }
        }
    })?;
    for (column, seen) in columns.iter_mut().zip(&seen) {
        column.numbers = seen.count;
        if let Some((_, origin)) = &mut column.reading.dates {
            *origin = if seen.count > 0 { seen.smallest } else { 0.0 };
        }
        column.holds = seen.holds(column, count);
        // What formulas compute with is no mere number of the row.
        let is_used = heard.iter().any(|other| other.uses.contains(&column.column));
        if column.holds == Holds::Index && is_used {
            column.holds = Holds::Numbers;
        }
    }
    Ok(columns)
}

fn cells_at(cells: &[(Position, Value)], column: u32) -> Option<&(Position, Value)> {
    let at = cells.binary_search_by_key(&column, |((_, column), _)| *column).ok()?;
    cells.get(at)
}

/// What the first reading hears of a column.
#[derive(Debug, Default)]
struct Heard {
    evidence: Evidence,
    numbers: usize,
    dates: usize,
    computed: usize,
    /// The other columns that its formulas use.
    uses: BTreeSet<u32>,
    day_first: usize,
    month_first: usize,
    open_date: Option<Box<str>>,
    /// Whether the dates rise, read with the day first and with the month first.
    rises: [Option<(f64, bool)>; 2],
    as_text: Option<(Position, Box<str>)>,
    as_texts: usize,
    has_logical: bool,
    first: Vec<String>,
}

impl Heard {
    fn hear(&mut self, at: Position, value: &Value, grid: &Grid, numeric: &[u32]) {
        if self.first.len() < 3 {
            self.first.push(shown(value));
        }
        let formulas = grid.formulas();
        let used = formulas.columns_used(at).filter(|used| numeric.contains(used));
        let mut count = 0;
        for column in used {
            count += 1;
            self.uses.insert(column);
        }
        self.computed += usize::from(count > 0);
        match value {
            Value::Number(number) => {
                self.numbers += 1;
                if *number == number.trunc() {
                    self.evidence.hear_whole(*number);
                }
            }
            Value::Logical(_) => self.hear_logical(),
            Value::Date(_) => self.dates += 1,
            Value::Text(text) if is_missing(value) || text.is_empty() => {}
            Value::Text(text) => self.hear_text(at, text),
            _ => {}
        }
    }

    fn hear_logical(&mut self) {
        self.numbers += 1;
        self.has_logical = true;
    }

    fn hear_text(&mut self, at: Position, text: &str) {
        if self.evidence.hear(text) {
            self.numbers += 1;
            self.as_texts += 1;
            self.as_text.get_or_insert_with(|| (at, text.into()));
        } else if logical(text).is_some() {
            self.hear_logical();
        } else if dates::parse(text, Order::DayFirst)
            .or_else(|| dates::parse(text, Order::MonthFirst))
            .is_some()
        {
            self.hear_date(text);
        }
    }

    fn hear_date(&mut self, text: &str) {
        self.dates += 1;
        match dates::order(text) {
            Some(Order::DayFirst) => self.day_first += 1,
            Some(Order::MonthFirst) => self.month_first += 1,
            None if dates::is_ambiguous(text) => {
                self.open_date.get_or_insert_with(|| text.into());
            }
            None => {}
        }
        for (rise, order) in self.rises.iter_mut().zip([Order::DayFirst, Order::MonthFirst]) {
            let Some(days) = dates::parse(text, order) else { continue };
            let still = rise.is_none_or(|(before, still)| still && days >= before);
            *rise = Some((days, still));
        }
    }

    /// The order of days and months, and whether it is only a guess.
    fn order(&self) -> (Order, bool) {
        let rises = self.rises.map(|rise| rise.is_some_and(|(_, still)| still));
        match (self.day_first > 0, self.month_first > 0) {
            (true, false) => (Order::DayFirst, false),
            (false, true) => (Order::MonthFirst, false),
            _ if rises == [true, false] => (Order::DayFirst, false),
            _ if rises == [false, true] => (Order::MonthFirst, false),
            _ => (Order::MonthFirst, self.open_date.is_some()),
        }
    }

    fn column(&self, column: u32, region: &Region, proof: Option<char>, habits: Habits) -> Column {
        let (style, certainty) = match habits.decimal {
            Some(decimal) => (Style { decimal }, Certainty::Certain),
            None => self.evidence.style(proof, habits.usual),
        };
        let (order, is_guess) = self.order();
        let dates = (self.dates > self.numbers).then_some((order, 0.0));
        let header = region.head(column).and_then(|head| head.header.clone());
        let by_formulas = 2 * self.computed > self.numbers;
        let is_result = !by_formulas && header.as_deref().is_some_and(headers::is_result);
        Column {
            column,
            header,
            holds: Holds::Few,
            is_computed: by_formulas || is_result,
            is_result,
            numbers: 0,
            first: self.first.clone(),
            reading: Reading { style, dates },
            as_text: self.as_text.clone(),
            as_texts: self.as_texts,
            has_logical: self.has_logical,
            certainty,
            example: self.evidence.example().map(Into::into),
            percent: self.evidence.percent.clone(),
            open_date: self.open_date.clone().filter(|_| is_guess),
        }
    }
}

/// A value as a person sees it in the sheet.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => crate::value::number_text(*number),
        Value::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Logical(true) => "TRUE".to_owned(),
        Value::Logical(false) => "FALSE".to_owned(),
        Value::Error(error) => error.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Uncalculated => "?".to_owned(),
    }
}

/// What the second reading sees of a column.
#[derive(Debug, Default)]
struct Seen {
    count: usize,
    smallest: f64,
    largest: f64,
    /// Which whole numbers occurred, where each did once and none is too large.
    once: Option<Vec<u64>>,
    is_numbered: bool,
}

impl Seen {
    fn see(&mut self, number: f64) {
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

    fn holds(&self, column: &Column, rows: usize) -> Holds {
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

/// How well the numbers of two columns lie on a line: the coefficient of correlation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Correlation {
    count: f64,
    mean: [f64; 2],
    square: [f64; 2],
    product: f64,
}

impl Correlation {
    /// Adds a pair (Welford 1962, for two variables).
    pub fn add(&mut self, x: f64, y: f64) {
        self.count += 1.0;
        let away = [x - self.mean[0], y - self.mean[1]];
        self.mean[0] += away[0] / self.count;
        self.mean[1] += away[1] / self.count;
        self.square[0] += away[0] * (x - self.mean[0]);
        self.square[1] += away[1] * (y - self.mean[1]);
        self.product += away[0] * (y - self.mean[1]);
    }

    /// The coefficient, 0 where it has no meaning.
    pub fn value(&self) -> f64 {
        let r = self.product / (self.square[0].sqrt() * self.square[1].sqrt());
        if r.is_finite() { r.clamp(-1.0, 1.0) } else { 0.0 }
    }
}

/// The correlation of each of `columns` with `y`, over the rows that have both.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn correlations(
    rows: &dyn Rows,
    grid: &Grid,
    region: &Region,
    columns: &[&Column],
    y: &Column,
) -> Result<Vec<f64>> {
    let all: Vec<u32> = columns.iter().map(|one| one.column).chain([y.column]).collect();
    let body = Body { rows, grid, region, columns: &all };
    let mut pairs = vec![Correlation::default(); columns.len()];
    body.each(&mut |_, line| {
        let Line::Cells(cells) = line else { return };
        let number = |column: &Column| {
            let number = column.reading.number(in_column(cells, column.column)?)?;
            Some(number).filter(|number| number.is_finite())
        };
        let Some(y) = number(y) else { return };
        for (pair, column) in pairs.iter_mut().zip(columns) {
            if let Some(x) = number(column) {
                pair.add(x, y);
            }
        }
    })?;
    Ok(pairs.iter().map(Correlation::value).collect())
}

/// Whether a cell of a table counts as no number at all.
pub(crate) fn is_no_number(value: &Value) -> bool {
    kind(value) == Kind::Text
}
