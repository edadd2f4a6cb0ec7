//! What the first reading of a table hears of a column: how its numbers are written, and which
//! columns its formulas use.

use std::collections::BTreeSet;

use super::address::Position;
use super::columns::{Column, Habits, Holds, Reading, shown};
use super::dates::{self, Order};
use super::evidence::{Certainty, Evidence};
use super::grid::{Grid, Value};
use super::headers;
use super::kinds::{is_missing, logical};
use super::numbers::Style;
use super::regions::Region;

/// What the first reading hears of a column.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub evidence: Evidence,
    numbers: usize,
    dates: usize,
    computed: usize,
    /// The other columns that its formulas use.
    pub uses: BTreeSet<u32>,
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
    pub fn hear(&mut self, at: Position, value: &Value, grid: &Grid, numeric: &[u32]) {
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

    pub fn column(
        &self,
        column: u32,
        region: &Region,
        proof: Option<char>,
        habits: Habits,
    ) -> Column {
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
