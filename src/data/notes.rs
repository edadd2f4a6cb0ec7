//! What a user should know about the choice of columns and the reading of their numbers: a line for
//! each decision, with the command for the other one.

use super::address::Area;
use super::choose::{LONGEST, Roles, option_value};
use super::columns::{Column, Holds};
use super::dates::{self, Order};
use super::evidence::Certainty;
use super::regions::Region;
use super::typed::offer;
use super::wanted::Known;
use super::{Selection, target};
use crate::value::number_text;

/// So many columns of a kind are named one by one.
const MOST_NAMED: usize = 4;

/// Why a column was not thought of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Index,
    Dates,
    OneValue,
    Few,
    Result,
    Computed,
    Other,
}

const REASONS: [Reason; 7] = [
    Reason::Index,
    Reason::Dates,
    Reason::OneValue,
    Reason::Few,
    Reason::Result,
    Reason::Computed,
    Reason::Other,
];

impl Reason {
    fn of(column: &Column) -> Self {
        match column.holds {
            Holds::Index => Reason::Index,
            Holds::Dates => Reason::Dates,
            Holds::OneValue => Reason::OneValue,
            Holds::Few => Reason::Few,
            Holds::Numbers if column.is_result => Reason::Result,
            Holds::Numbers if column.is_computed => Reason::Computed,
            Holds::Numbers => Reason::Other,
        }
    }

    /// In words, of one column and of several.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Reason::Index => ("it only numbers the rows", "they only number the rows"),
            Reason::Dates => ("it holds dates", "they hold dates"),
            Reason::OneValue => ("it has one value", "they have one value"),
            Reason::Few => {
                ("most of its cells hold no numbers", "most of their cells hold no numbers")
            }
            Reason::Result => {
                ("its header says that it is a result", "their headers say that they are results")
            }
            Reason::Computed => {
                ("formulas compute it from others", "formulas compute them from others")
            }
            Reason::Other => ("others were chosen", "others were chosen"),
        }
    }
}

/// The table that was decided about.
pub(crate) struct Decided<'a> {
    pub selection: &'a Selection,
    pub region: &'a Region,
    pub columns: &'a [Column],
    pub known: &'a Known,
    pub roles: &'a Roles,
    /// Where other tables stand.
    pub others: &'a [Area],
}

impl Decided<'_> {
    /// What was chosen, and what instead.
    pub fn choice(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.ambiguities();
        let (chose_x, chose_y) = self.roles.chose;
        // Two columns that the user marks are x and y.
        let are_marked = self.selection.range.is_some() && self.columns.len() == 2;
        if (chose_x || chose_y) && !are_marked {
            notes.push(self.roles_note());
            if chose_x {
                notes.extend(self.passed_over());
            }
            notes.extend(self.other_tables());
        }
        if self.known.took_last {
            notes.push(self.targets_note());
        }
        notes
    }

    fn offer(&self, options: &[(&str, String)]) -> String {
        let options: Vec<(&str, &str)> =
            options.iter().map(|(name, value)| (*name, value.as_str())).collect();
        offer(self.selection.typed.as_ref(), &options)
    }

    fn value(&self, column: u32) -> String {
        option_value(self.region, column)
    }

    /// `column B 'area'`
    fn called(&self, column: u32) -> String {
        let place = self.region.column_name(column);
        match self.region.head(column).and_then(|head| head.header.as_deref()) {
            Some(header) => format!("{place} '{}'", one_line(header)),
            None => place,
        }
    }

    /// Other columns with headers that are just as good.
    fn ambiguities(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for name in ["x", "y"] {
            let others = self.known.others.iter().filter(|(one, _)| *one == name);
            let others: Vec<u32> = others.map(|(_, column)| *column).collect();
            let input = self.roles.inputs.iter().find(|(one, _)| one.as_deref() == Some("x"));
            let taken = if name == "x" { input.map(|(_, c)| *c) } else { Some(self.roles.y) };
            let (Some(taken), Some(other)) = (taken, others.first()) else { continue };
            let letters = |column: u32| {
                let place = self.region.column_name(column);
                place.split_once(' ').map_or(place.clone(), |(_, letters)| letters.to_owned())
            };
            let list: Vec<String> = others.iter().map(|column| letters(*column)).collect();
            let what = if self.region.across { "row" } else { "column" };
            let for_it = self.offer(&[(name, letters(*other))]);
            notes.push(format!(
                "{name} is read from {}; {what} {} could be {name} too: for it, {for_it}",
                self.region.column_name(taken),
                list.join(", "),
            ));
        }
        notes
    }

    /// Which columns are x and y, why, and the command for others.
    fn roles_note(&self) -> String {
        let (inputs, y) = (&self.roles.inputs, self.roles.y);
        let [(_, x)] = inputs[..] else { return self.many_note() };
        let (x_name, y_name) = (self.value(x), self.value(y));
        if !self.region.has_headers() && self.roles.rivals.is_empty() {
            let read = |column: u32, name: &str| {
                format!("{} is read as {name}", self.region.column_name(column))
            };
            let (what, which) = if self.region.across { ("rows", "lie") } else { ("columns", "") };
            let start = match which {
                "" => format!("the {what} have no headers"),
                _ => "the numbers lie in rows without headers".to_owned(),
            };
            let swap = self.swap(&x_name, &y_name);
            return format!("{start}: {}, {}{swap}", read(x, "x"), read(y, "y"));
        }
        let mut note = format!("x is {}, y is {}", self.called(x), self.called(y));
        if self.region.across {
            note = format!("the table lies in rows: {note}");
        }
        let rivals: Vec<&(u32, f64)> =
            self.roles.rivals.iter().filter(|(column, _)| *column != x).collect();
        if rivals.is_empty() {
            return note + &self.swap(&x_name, &y_name);
        }
        let r = self.roles.rivals.iter().find(|(column, _)| *column == x).map_or(0.0, |(_, r)| *r);
        let why = match (self.roles.chose.1, &self.selection.y) {
            (true, _) => "y is the last column, and x",
            (false, Some(_)) => "y is given, and x",
            (false, None) => "y is so by its header, and x",
        };
        note += &format!(" ({why} correlates most with it, r = {r:.2}");
        let named = rivals.iter().take(MOST_NAMED);
        let named: Vec<String> =
            named.map(|(column, r)| format!("{} r = {r:.2}", self.called(*column))).collect();
        let more = rivals.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        note += &format!("; others: {}{more})", named.join(", "));
        let all = self.offer(&[("x", "all".to_owned()), ("y", y_name.clone())]);
        let other = self.offer(&[("x", self.value(rivals[0].0)), ("y", y_name)]);
        format!("{note}; for all of them, {all}; for another, {other}")
    }

    /// The command that exchanges x and y, where a command was typed.
    fn swap(&self, x: &str, y: &str) -> String {
        let says = self.selection.typed.is_some() || self.region.has_headers();
        let dates = |one: &Column| {
            one.holds == Holds::Dates && self.roles.inputs.iter().any(|(_, c)| *c == one.column)
        };
        match (says && !self.columns.iter().any(dates), self.roles.chose) {
            (true, (true, true)) => {
                let swapped = self.offer(&[("x", y.to_owned()), ("y", x.to_owned())]);
                format!("; to exchange them, {swapped}")
            }
            _ => String::new(),
        }
    }

    fn many_note(&self) -> String {
        let named = |(name, column): &(Option<String>, u32)| match name {
            Some(name) => format!("{name} is {}", self.called(*column)),
            None => self.called(*column),
        };
        let list: Vec<String> = self.roles.inputs.iter().map(named).collect();
        let is_named = self.roles.inputs.iter().any(|(name, _)| name.is_some());
        let start = if is_named { "" } else { "the features are " };
        let y = self.called(self.roles.y);
        let mut note = format!("{start}{}; y is {y}", list.join(", "));
        if self.roles.chose.1 {
            note += &format!(", the last column: for another, {}", self.other_y());
        }
        note
    }

    /// That the last columns are what several outputs are compared with.
    fn targets_note(&self) -> String {
        let targets = self.roles.targets().enumerate();
        let called = targets.map(|(at, column)| {
            format!("{} is {}", target(at, self.roles.further.len() + 1), self.called(column))
        });
        let called = called.collect::<Vec<_>>().join(", ");
        let mut targets: Vec<String> = self.roles.targets().map(|one| self.value(one)).collect();
        targets.reverse();
        let other = self.offer(&[("y", targets.join(","))]);
        format!("{called}, the last columns: for others or another order, {other}")
    }

    fn other_y(&self) -> String {
        let other = self.roles.inputs.first().map_or(0, |(_, column)| *column);
        self.offer(&[("y", self.value(other))])
    }

    /// Where other tables stand that could have been read.
    fn other_tables(&self) -> Vec<String> {
        let told = |area: &Area| {
            let for_it = self.offer(&[("range", area.to_string())]);
            format!("another table stands in {area}: for it, {for_it}")
        };
        self.others.iter().take(MOST_NAMED).map(told).collect()
    }

    /// The columns that were not thought of, by the reason.
    fn passed_over(&self) -> Vec<String> {
        let column = |column: u32| self.columns.iter().find(|one| one.column == column);
        let passed: Vec<&Column> =
            self.roles.passed_over.iter().filter_map(|one| column(*one)).collect();
        let mut notes = Vec::new();
        for reason in REASONS {
            let those: Vec<&&Column> =
                passed.iter().filter(|column| Reason::of(column) == reason).collect();
            let (one, many) = reason.words();
            let Some(first) = those.first() else { continue };
            let names: Vec<String> =
                those.iter().take(MOST_NAMED).map(|column| self.called(column.column)).collect();
            let more = those.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let (are, why) = if those.len() == 1 { ("is", one) } else { ("are", many) };
            let y = self.value(self.roles.y);
            let take = self.offer(&[("x", self.value(first.column)), ("y", y)]);
            notes.push(format!(
                "{}{more} {are} passed over: {why}; to take {} as x, {take}",
                names.join(", "),
                if those.len() == 1 { "it" } else { "the first" },
            ));
        }
        notes
    }

    /// How the numbers of the chosen columns are read, where that is not plain; `is_text` says that
    /// the file has nothing but texts.
    pub fn reading(&self, is_text: bool) -> Vec<String> {
        let inputs = self.roles.inputs.iter().map(|(_, column)| *column);
        let chosen = inputs.chain(self.roles.targets());
        let chosen: Vec<&Column> = chosen
            .filter_map(|column| self.columns.iter().find(|one| one.column == column))
            .collect();
        let mut notes = Vec::new();
        // Of columns that are read the same way one is enough.
        let mut told = Vec::new();
        for column in &chosen {
            let Some((kind, note)) = self.separator_note(column) else { continue };
            if !told.contains(&kind) {
                told.push(kind);
                notes.push(note);
            }
        }
        for column in chosen {
            notes.extend(self.dates_note(column));
            let place = self.region.column_name(column.column);
            if let Some((at, text)) = column.as_text.as_ref().filter(|_| !is_text) {
                let more = match column.as_texts {
                    1 => "holds a number".to_owned(),
                    count => format!("and {} more cells of {place} hold numbers", count - 1),
                };
                let number = column.reading.style.number(text).unwrap_or(f64::NAN);
                notes.push(format!(
                    "{} {more} stored as text: \"{}\" is read as {}",
                    self.region.name(*at),
                    text.trim(),
                    number_text(number)
                ));
            } else if let Some(percent) = &column.percent {
                let number = column.reading.style.number(percent).unwrap_or(f64::NAN);
                notes.push(format!("{place}: {percent} is read as {}", number_text(number)));
            }
            if column.has_logical {
                notes.push(format!("{place}: TRUE is read as 1 and FALSE as 0"));
            }
        }
        notes
    }

    /// Says how a comma or a point is read that could as well be read otherwise.
    fn separator_note(&self, column: &Column) -> Option<((char, bool), String)> {
        let text = column.example.as_deref()?;
        let style = column.reading.style;
        let separator = if text.contains(',') { ',' } else { '.' };
        let sign = if separator == ',' { "comma" } else { "point" };
        let is_decimal = separator == style.decimal;
        let is_plain = is_decimal && (column.certainty == Certainty::Certain || separator == '.');
        if is_plain || self.selection.decimal.is_some() {
            return None;
        }
        let number = number_text(style.number(text)?);
        let other = if style.decimal == ',' { '.' } else { ',' };
        let for_it = match (&self.selection.typed, is_decimal) {
            (None, true) => "save the numbers without it".to_owned(),
            _ => self.offer(&[("decimal", other.to_string())]),
        };
        let note = match is_decimal {
            true => format!(
                "the {sign} is read as the decimal sign: {text} is {number}; where it separates \
                 thousands, {for_it}"
            ),
            false => format!(
                "the {sign} is read as a separator of thousands: {text} is {number}; where it is \
                 the decimal sign, {for_it}"
            ),
        };
        Some(((separator, is_decimal), note))
    }

    fn dates_note(&self, column: &Column) -> Option<String> {
        let (order, origin) = column.reading.dates?;
        let place = self.called(column.column);
        let first = dates::shown(origin);
        let mut note = format!("{place} is read as the days since {first}, the first of its dates");
        if let Some(text) = &column.open_date {
            let days = dates::parse(text, order)?;
            let which = match order {
                Order::DayFirst => "the day",
                Order::MonthFirst => "the month",
            };
            note += &format!(
                "; {text} is taken as {}, with {which} first: where that is wrong, write dates as \
                 2024-12-31",
                dates::shown(days)
            );
        }
        Some(note)
    }
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() > LONGEST {
        true => line.chars().take(LONGEST - 3).chain("...".chars()).collect(),
        false => line,
    }
}
