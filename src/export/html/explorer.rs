//! The step explorer: every number of a step with the formula that it comes from.
//!
//! The first row of the first run stands on the page as a whole, so that it can be read without
//! the script. The other runs wait as templates with empty places for the numbers; the script fills
//! them for any row.

use serde::Serialize;

use super::chart::key;
use super::formulas;
use super::markup::Markup;
use super::store;
use crate::error::Result;
use crate::export::xlsx::Addresses;
use crate::formula::{Expr, mathml_slots, readable};
use crate::sheet::{Column, Group, Ref, Sheet};
use crate::trace::{self, Block, Plan, Results, Run, Sink};
use crate::value::{Value, number_text};

/// The section.
#[derive(Debug, Serialize)]
pub struct Explorer {
    /// What a row is called.
    row: String,
    /// How many rows the first run has.
    rows: usize,
    /// Which sample the first row is about.
    told: String,
    stages: Vec<Stage>,
}

/// A run: its row as the sheet has it, and how each number of it comes about.
#[derive(Debug, Serialize)]
struct Stage {
    name: String,
    title: String,
    key: Markup,
    groups: Vec<Part>,
    inputs: Vec<Input>,
}

/// The columns of a group.
#[derive(Debug, Serialize)]
struct Part {
    title: &'static str,
    /// Whether it is a check of other columns, which is shown when asked for.
    aside: bool,
    lines: Vec<Line>,
}

/// A column: the symbol, its formula with symbols, with numbers, and the result.
#[derive(Debug, Serialize)]
struct Line {
    column: usize,
    header: String,
    meaning: String,
    symbol: Markup,
    symbols: Markup,
    numbers: Markup,
    /// How the line is laid out: `short` where the formula fits beside its numbers, `plain` where
    /// it is a number from elsewhere as it is.
    layout: &'static str,
    result: Shown,
    cell: String,
    excel: String,
}

#[derive(Debug, Serialize)]
struct Input {
    name: String,
    symbol: Markup,
    meaning: String,
    value: Shown,
    cell: String,
}

/// A number with the digits that matter, in two parts that meet at its point, and the whole of it.
#[derive(Debug, Default, Serialize)]
struct Shown {
    whole: String,
    fraction: String,
    full: String,
}

/// Keeps the start values and the first row.
#[derive(Default)]
struct First {
    above: Vec<Option<Value>>,
    row: Vec<Option<Value>>,
}

impl Sink for First {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.above = values.to_vec();
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        if self.row.is_empty() {
            self.row = block.columns.iter().map(|column| column.first().copied()).collect();
        }
        Ok(())
    }
}

impl Explorer {
    /// The explorer of `results`.
    ///
    /// # Errors
    /// Those of [`trace::run`].
    pub fn new(results: &Results) -> Result<Self> {
        let addresses = Addresses::new(results);
        let first = &results.runs[0];
        let (sheet, plan) = (&first.sheet, Plan { epochs: 1, ..results.plan.clone() });
        let mut kept = First::default();
        trace::run(sheet, &results.data, &plan, &mut [&mut kept])?;
        let sample = kept.row.get(sheet.sample).copied().flatten().unwrap_or(Value::ZERO);
        let stage = |(at, run): (usize, &Run)| {
            let values = if at == 0 { Some(&kept) } else { None };
            Stage::new(run, at, values, &addresses)
        };
        Ok(Explorer {
            row: sheet.row_name().to_owned(),
            rows: first.rows,
            told: format!(
                "{}, {} 1 of {}: epoch 1, sample {sample}. Row {} of the sheet {}.",
                first.definition.title,
                sheet.row_name(),
                first.rows,
                addresses.first_row(0) + 1,
                sheet.name
            ),
            stages: results.runs.iter().enumerate().map(stage).collect(),
        })
    }
}

impl Stage {
    fn new(run: &Run, at: usize, values: Option<&First>, addresses: &Addresses) -> Self {
        let sheet = &run.sheet;
        let mut groups: Vec<Part> = Vec::new();
        for (index, column) in sheet.columns.iter().enumerate() {
            let line = line(run, at, index, values, addresses);
            match groups.last_mut() {
                Some(part) if part.title == column.group.title() => part.lines.push(line),
                _ => groups.push(Part {
                    title: column.group.title(),
                    aside: column.group == Group::Check,
                    lines: vec![line],
                }),
            }
        }
        let input = |(index, input): (usize, &crate::sheet::Input)| Input {
            name: input.id.clone(),
            symbol: formulas::inline(&input.symbol),
            meaning: input.meaning.clone(),
            value: Shown::of(Value::number(input.value)),
            cell: addresses.input(at, index),
        };
        Stage {
            name: sheet.name.clone(),
            title: run.definition.title.clone(),
            key: key(at),
            groups,
            inputs: sheet.inputs.iter().enumerate().map(input).collect(),
        }
    }
}

fn line(run: &Run, at: usize, index: usize, values: Option<&First>, addresses: &Addresses) -> Line {
    let column = &run.sheet.columns[index];
    let value = values.and_then(|values| values.row.get(index).copied().flatten());
    let row = addresses.first_row(at) + 1;
    Line {
        column: index,
        header: column.header.clone(),
        meaning: column.meaning.clone(),
        symbol: Markup::math(&store::column_symbol(&run.sheet, index)),
        symbols: displayed(&store::symbols(&run.sheet, column)),
        numbers: displayed(&match values {
            Some(values) => filled(&run.sheet, column, values, value),
            None => mathml_slots(&column.formula),
        }),
        layout: match &column.formula {
            Expr::Name(_) => " short plain",
            _ if store::slots(column).len() < 2 => " short",
            _ => "",
        },
        result: value.map(Shown::of).unwrap_or_default(),
        cell: match values {
            Some(_) => format!("{}{row}", Addresses::letters(index)),
            None => String::new(),
        },
        excel: match values {
            Some(_) => addresses.formula(at, index, 1),
            None => String::new(),
        },
    }
}

/// A formula within a line, with fractions as large as on a line of their own.
fn displayed(inside: &str) -> Markup {
    Markup::trusted(format!("<math displaystyle=\"true\">{inside}</math>"))
}

/// The formula of `column` in the first row, where it comes to `result`, with numbers in its slots:
/// in parentheses below 0, and digits with a power of ten where they are raised to a power.
fn filled(sheet: &Sheet, column: &Column, values: &First, result: Option<Value>) -> String {
    let mut math = mathml_slots(&column.formula);
    for (at, name) in store::slots(column).iter().enumerate() {
        let value = match *name {
            Ref::Column(column) => values.row[column],
            Ref::Above(column) => values.above[column],
            Ref::Input(input) => Some(Value::number(sheet.inputs[input].value)),
            // What is looked up by its place is the whole of its column.
            Ref::Data(_) | Ref::Order => result,
        };
        let Some(value) = value else { continue };
        let text = show(value);
        for class in ["slot", "slot fenced"] {
            let empty = format!("<mn class=\"{class}\" data-slot=\"{at}\"></mn>");
            let Some(place) = math.find(&empty) else { continue };
            let is_fenced = class == "slot fenced"
                && (text.starts_with('−')
                    || text.contains('·') && math[..place].ends_with("<msup>"));
            let text = if is_fenced { format!("({text})") } else { text.clone() };
            let slot = format!(
                "<mn class=\"{class}\" data-slot=\"{at}\" data-full=\"{value}\">{text}</mn>"
            );
            math.replace_range(place..place + empty.len(), &slot);
        }
    }
    math
}

/// `value` with seven digits, as the script shows numbers.
fn show(value: Value) -> String {
    let number = match value.get() {
        Ok(number) => number,
        Err(error) => return error.text().to_owned(),
    };
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        let text = format!("{number:.4e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        let exponent = super::numbers::superscript(exponent);
        return format!("{mantissa}·10{exponent}").replace('-', "−");
    }
    if number == number.trunc() {
        return number_text(number).replace('-', "−");
    }
    number_text(readable(number)).replace('-', "−")
}

impl Shown {
    fn of(value: Value) -> Self {
        let text = show(value);
        let (whole, fraction) = text.split_at(text.find(['.', '·']).unwrap_or(text.len()));
        Shown { whole: whole.into(), fraction: fraction.into(), full: value.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_the_script_shows_them() {
        for (number, text) in [
            (-229.271_234_56, "−229.2712"),
            (0.9, "0.9"),
            (29.0, "29"),
            (1e-8, "1·10⁻⁸"),
            (-1.25e12, "−1.25·10¹²"),
            (0.0, "0"),
        ] {
            assert_eq!(show(Value::number(number)), text);
        }
        assert_eq!(show(Value::number(f64::NAN)), "#NUM!");
    }

    #[test]
    fn a_number_meets_at_its_point() {
        let shown = Shown::of(Value::number(-2.5));
        assert_eq!((shown.whole.as_str(), shown.fraction.as_str()), ("−2", ".5"));
        let shown = Shown::of(Value::number(1e-8));
        assert_eq!((shown.whole.as_str(), shown.fraction.as_str()), ("1", "·10⁻⁸"));
    }
}
