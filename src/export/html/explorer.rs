//! The step explorer: every number of a step with the formula that it comes from.
//!
//! The first row of the first run stands on the page as a whole, so that it can be read without
//! the script. The other runs wait as templates with empty places for the numbers; the script fills
//! them for any row.

use serde::Serialize;

use super::formulas;
use super::key::key;
use super::markup::Markup;
use super::numbers::seven_digits;
use super::store;
use crate::export::xlsx::Addresses;
use crate::formula::{Expr, mathml_slots};
use crate::sheet::{Group, Sheet};
use crate::trace::{Results, Row, Run};
use crate::value::Value;

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
    /// The column of the first run that looks the same but for its numbers: the script copies it.
    like: Option<usize>,
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

impl Explorer {
    /// The explorer of `results`, at the first `row` of the first run.
    pub fn new(results: &Results, addresses: &Addresses, row: &Row) -> Self {
        let first = &results.runs[0];
        let sheet = &first.sheet;
        let sample = row.values[sheet.sample];
        let stage = |at| Stage::new(results, at, (at == 0).then_some(row), addresses);
        Explorer {
            row: sheet.row_name().to_owned(),
            rows: first.rows,
            told: format!(
                "{}, {} 1 of {}: epoch 1, sample {sample}. Row {} of the sheet {}.",
                results.title(0),
                sheet.row_name(),
                first.rows,
                addresses.first_row(0) + 1,
                addresses.sheet(0)
            ),
            stages: (0..results.runs.len()).map(stage).collect(),
        }
    }
}

impl Stage {
    fn new(results: &Results, at: usize, values: Option<&Row>, addresses: &Addresses) -> Self {
        let run = &results.runs[at];
        let sheet = &run.sheet;
        let mut groups: Vec<Part> = Vec::new();
        for (index, column) in sheet.columns.iter().enumerate() {
            let mut line = line(run, at, index, values, addresses);
            if at > 0 {
                line.like = like(&results.runs[0].sheet, sheet, index);
            }
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
            meaning: addresses.meaning(at, input),
            value: Shown::of(Value::number(input.value)),
            cell: addresses.input(at, index),
        };
        Stage {
            name: sheet.name.clone(),
            title: results.title(at),
            key: key(at),
            groups,
            inputs: sheet.inputs.iter().enumerate().map(input).collect(),
        }
    }
}

fn line(run: &Run, at: usize, index: usize, values: Option<&Row>, addresses: &Addresses) -> Line {
    let column = &run.sheet.columns[index];
    let value = values.map(|values| values.values[index]);
    let row = addresses.first_row(at) + 1;
    Line {
        column: index,
        header: column.header.clone(),
        meaning: column.meaning.clone(),
        symbol: Markup::math(&store::column_symbol(&run.sheet, index)),
        symbols: displayed(&store::symbols(&run.sheet, column)),
        numbers: displayed(&match values {
            Some(values) => filled(&run.sheet, index, values),
            None => mathml_slots(&column.formula),
        }),
        layout: match &column.formula {
            Expr::Name(_) => " short plain",
            _ if store::slots(column).len() < 2 => " short",
            _ => "",
        },
        like: None,
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

/// The column of the `first` run's sheet that looks the same as one of this sheet without its numbers.
fn like(first: &Sheet, sheet: &Sheet, index: usize) -> Option<usize> {
    let column = &sheet.columns[index];
    let looks = |sheet: &Sheet, index: usize| {
        let column = &sheet.columns[index];
        let symbols = [store::column_symbol(sheet, index), store::symbols(sheet, column)];
        (column.meaning.clone(), symbols, mathml_slots(&column.formula))
    };
    let at = first.columns.iter().position(|one| one.header == column.header)?;
    (looks(first, at) == looks(sheet, index)).then_some(at)
}

/// A formula within a line, with fractions as large as on a line of their own.
fn displayed(inside: &str) -> Markup {
    Markup::trusted(format!("<math displaystyle=\"true\">{inside}</math>"))
}

/// The formula of a column in the first row, with numbers in its slots: in parentheses below 0, and
/// digits with a power of ten where they are raised to a power.
fn filled(sheet: &Sheet, index: usize, row: &Row) -> String {
    let column = &sheet.columns[index];
    let mut math = mathml_slots(&column.formula);
    for (at, name) in store::slots(column).iter().enumerate() {
        let value = row.value(sheet, name, row.values[index]);
        let text = seven_digits(value);
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

impl Shown {
    fn of(value: Value) -> Self {
        let text = seven_digits(value);
        let (whole, fraction) = text.split_at(text.find(['.', '·']).unwrap_or(text.len()));
        Shown { whole: whole.into(), fraction: fraction.into(), full: value.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_meets_at_its_point() {
        let shown = Shown::of(Value::number(-2.5));
        assert_eq!((shown.whole.as_str(), shown.fraction.as_str()), ("−2", ".5"));
        let shown = Shown::of(Value::number(1e-8));
        assert_eq!((shown.whole.as_str(), shown.fraction.as_str()), ("1", "·10⁻⁸"));
    }
}
