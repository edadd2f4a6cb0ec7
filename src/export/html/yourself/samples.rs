//! The samples within a program: written out, or read from the workbook where they are many.

use crate::export::xlsx::Addresses;
use crate::trace::{Part, Results};
use crate::value::number_text;

/// More samples than these are read from the workbook, and so is an order of more rows.
const MOST_SAMPLES: usize = 200;
const MOST_ROWS: usize = 3000;

/// How long a line gets.
const WIDTH: usize = 92;

/// What of the run's data a program reads from the workbook.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    results: &'a Results,
    workbook: &'a str,
    addresses: &'a Addresses,
}

impl<'a> Samples<'a> {
    /// Those of `results`, which stand in a workbook of that name and those sheets.
    pub fn new(results: &'a Results, (workbook, addresses): (&'a str, &'a Addresses)) -> Self {
        Samples { results, workbook, addresses }
    }

    fn reads_data(&self) -> bool {
        self.results.data.samples() > MOST_SAMPLES
    }

    fn reads_order(&self) -> bool {
        self.results.plan.order.is_some() && self.results.rows() > MOST_ROWS
    }

    /// Whether the program needs the workbook beside it.
    pub fn reads_workbook(&self) -> bool {
        self.reads_data() || self.reads_order()
    }

    /// The import that reading the workbook needs.
    pub fn import(&self) -> &'static str {
        if self.reads_workbook() { "from openpyxl import load_workbook\n" } else { "" }
    }

    /// Opening the workbook.
    pub fn opening(&self) -> String {
        match self.reads_workbook() {
            true => format!("book = load_workbook({}, data_only=True)\n", quoted(self.workbook)),
            false => String::new(),
        }
    }

    /// The data column `name`, the `index`th of them, as an expression without the array around it.
    pub fn column(&self, index: usize, name: &str) -> String {
        if self.reads_data() {
            let sheet = quoted(self.addresses.data_sheet());
            return match self.addresses.data_area(index) {
                Some(area) => {
                    format!("[cell.value for row in book[{sheet}][\"{area}\"] for cell in row]")
                }
                None => format!(
                    "[row[{}] for row in book[{sheet}].values if type(row[0]) is int]",
                    index + 1
                ),
            };
        }
        let columns = &self.results.data.columns;
        let at = columns.iter().position(|column| column.name == name);
        let values = at.map_or(&[][..], |at| self.results.data.raw(at));
        list(values.iter().map(|value| number_text(*value)))
    }

    /// The line that scales the data column with this index, which is called `array`, where the run
    /// is over scaled columns.
    pub fn scaling(&self, index: usize, array: &str) -> String {
        let scale = self.results.data.scale.as_ref().and_then(|scale| scale.column(index));
        scale.map_or(String::new(), |one| {
            let (center, spread) = (number_text(one.center), number_text(one.spread));
            let center = center
                .strip_prefix('-')
                .map_or(format!("- {center}"), |positive| format!("+ {positive}"));
            format!("{array} = ({array} {center}) / {spread}\n")
        })
    }

    /// The line that prints the weights in the units of the data, from expressions of those of the
    /// scaled columns; none where there are no such weights.
    pub fn ending(&self, weights: &[String]) -> String {
        let Some(units) = &self.results.units else { return String::new() };
        let Some(parts) = &units.parts else { return String::new() };
        let (center, spread) = units.target();
        let slope = |column: usize, weight: &String| {
            format!("{weight} * {} / {}", number_text(spread), number_text(units.columns[column].1))
        };
        let slopes: Vec<Option<(usize, String)>> = parts
            .iter()
            .zip(weights)
            .map(|(part, weight)| match *part {
                Part::Slope(column) => Some((column, slope(column, weight))),
                Part::Intercept => None,
            })
            .collect();
        let taken: String = slopes
            .iter()
            .flatten()
            .map(|(column, slope)| {
                format!(" - {slope} * ({})", number_text(units.columns[*column].0))
            })
            .collect();
        let own: Vec<String> = slopes
            .iter()
            .zip(weights)
            .map(|(slope, weight)| match slope {
                Some((_, slope)) => slope.clone(),
                None => {
                    format!("{} + {} * {weight}{taken}", number_text(center), number_text(spread))
                }
            })
            .collect();
        format!("print(\"# in the units of the data:\", {})\n", own.join(", "))
    }

    /// The order of the samples over `rows` rows, counted from 1, if the run has one.
    pub fn order(&self, rows: usize) -> Option<String> {
        let order = self.results.plan.order.as_ref()?;
        if self.reads_order() {
            let sheet = quoted(self.addresses.order_sheet());
            return Some(format!(
                "[row[2] for row in book[{sheet}].values if type(row[0]) is int]"
            ));
        }
        Some(list(order.iter().take(rows).map(u32::to_string)))
    }
}

/// A list over as many lines as it needs.
fn list(items: impl Iterator<Item = String>) -> String {
    let mut lines = vec![String::new()];
    for item in items {
        let last = lines.len() - 1;
        if lines[last].len() + item.len() > WIDTH {
            lines.push(String::new());
        }
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&format!("{item},"));
    }
    match &lines[..] {
        [line] => format!("[{}]", line.trim_end_matches(',')),
        lines => format!("[\n    {}\n]", lines.join("\n    ")),
    }
}

/// `text` as a string of Python.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c) & 0xff)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
