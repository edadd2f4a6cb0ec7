//! An optimizer's section: its formulas, its hyperparameters, its first and last steps.

use serde::Serialize;

use super::excerpt::{Excerpt, Row};
use super::formulas::{self, Formula};
use super::key::key;
use super::markup::{Markup, anchor};
use super::numbers::{Cell, things};
use crate::export::digits::Digits;
use crate::export::xlsx::Addresses;
use crate::sheet::{Group, Sheet};
use crate::trace::{Results, Run};
use crate::value::sentence;

/// An optimizer's section.
#[derive(Debug, Serialize)]
pub struct Optimizer {
    /// Its name in addresses.
    pub anchor: String,
    /// A piece of its line in the charts.
    pub key: Markup,
    /// The name of its sheet in the workbook.
    pub sheet: String,
    /// Its title.
    pub title: String,
    /// What it does, as a sentence, and what distinguishes a variant.
    pub summary: String,
    /// The paper or library that it follows.
    pub source: String,
    /// What went wrong.
    pub warning: Option<String>,
    /// After which epoch it stopped and why, where something could stop it.
    pub end: Option<String>,
    /// The update.
    pub formulas: Vec<Formula>,
    /// The hyperparameters.
    pub hyper: Vec<Hyperparameter>,
    /// The steps.
    pub steps: Steps,
}

/// A row of the table of hyperparameters.
#[derive(Debug, Serialize)]
pub struct Hyperparameter {
    symbol: Markup,
    name: String,
    value: Markup,
    range: Markup,
    meaning: String,
}

/// The table of steps.
#[derive(Debug, Serialize)]
pub struct Steps {
    /// Which rows these are.
    title: String,
    /// What a row is called.
    row: String,
    groups: Vec<GroupHead>,
    heads: Vec<Head>,
    first: Vec<StepRow>,
    /// What is left out between the first and the last steps, if anything is.
    gap: String,
    last: Vec<StepRow>,
}

/// A head over the columns of a group.
#[derive(Debug, Serialize)]
struct GroupHead {
    title: &'static str,
    columns: usize,
}

/// A column's head.
#[derive(Debug, Serialize)]
struct Head {
    /// As the workbook has it.
    header: String,
    /// As mathematics has it, where that is something else.
    symbol: Option<Markup>,
    meaning: String,
    /// How many characters stand behind the point.
    fraction: usize,
    /// Whether a group starts here.
    starts: bool,
}

/// A step.
#[derive(Debug, Serialize)]
struct StepRow {
    step: usize,
    /// How many columns after the step have no value: in the row of start values, most.
    blank: usize,
    /// The columns after those; `None` where there is no value.
    cells: Vec<Option<Cell>>,
}

impl Optimizer {
    /// The section on the run with the given index, with an excerpt of its trace.
    pub fn new(results: &Results, index: usize, addresses: &Addresses, excerpt: &Excerpt) -> Self {
        let run = &results.runs[index];
        let definition = &run.definition;
        let until = results.plan.until.as_ref();
        Optimizer {
            anchor: anchor("optimizer", &run.sheet.name, index),
            key: key(index),
            sheet: addresses.sheet(index).to_owned(),
            title: results.title(index),
            summary: sentence(&definition.about()),
            source: definition.source.clone(),
            warning: run.warning.clone(),
            end: until.map(|until| sentence(&until.told(&run.outcome, results.plan.epochs))),
            formulas: formulas::update(definition),
            hyper: hyperparameters(run),
            steps: Steps::new(run, excerpt),
        }
    }
}

fn hyperparameters(run: &Run) -> Vec<Hyperparameter> {
    let row = |input: &crate::sheet::Input| Hyperparameter {
        symbol: formulas::inline(&input.symbol),
        name: input.id.clone(),
        value: formulas::value(input),
        range: match run.definition.hyperparameter(&input.id) {
            Some(hyper) => formulas::inequality(&input.symbol, hyper.range),
            None => Markup::text(""),
        },
        meaning: input.meaning.clone(),
    };
    run.sheet.hyperparameters().map(row).collect()
}

impl Steps {
    fn new(run: &Run, excerpt: &Excerpt) -> Self {
        let digits: Vec<Digits> =
            run.extents.iter().map(|extent| Digits::for_extent(*extent)).collect();
        let rows = |rows: &mut dyn Iterator<Item = &Row>| -> Vec<StepRow> {
            rows.map(|row| StepRow::new(row, &digits)).collect()
        };
        let first = rows(&mut excerpt.first.iter());
        let last = rows(&mut excerpt.last.iter());
        let (left_out, row) = (excerpt.left_out(), run.sheet.row_name());
        Steps {
            title: match left_out {
                0 => format!("All {row}s"),
                _ => format!("The first and the last {row}s"),
            },
            row: row.to_owned(),
            groups: groups(&run.sheet),
            heads: heads(&run.sheet, &first, &last),
            first,
            gap: match left_out {
                0 => String::new(),
                left_out => format!("{} between, in the workbook", things(left_out, row)),
            },
            last,
        }
    }
}

impl StepRow {
    fn new(row: &Row, digits: &[Digits]) -> Self {
        let values = row.values.iter().zip(digits).skip(1);
        let blank = values.clone().take_while(|(value, _)| value.is_none()).count();
        let cells = values.map(|(value, digits)| value.map(|value| digits.show(value)));
        StepRow { step: row.step, blank, cells: cells.skip(blank).collect() }
    }

    /// The cell in the given column after the step.
    fn cell(&self, column: usize) -> Option<&Cell> {
        self.cells.get(column.checked_sub(self.blank)?)?.as_ref()
    }
}

/// The groups in order; the step's own column stands before them.
fn groups(sheet: &Sheet) -> Vec<GroupHead> {
    let mut heads: Vec<(Group, usize)> = Vec::new();
    for column in sheet.columns.iter().skip(1) {
        match heads.last_mut() {
            Some((group, columns)) if *group == column.group => *columns += 1,
            _ => heads.push((column.group, 1)),
        }
    }
    heads.into_iter().map(|(group, columns)| GroupHead { title: group.title(), columns }).collect()
}

fn heads(sheet: &Sheet, first: &[StepRow], last: &[StepRow]) -> Vec<Head> {
    let fraction = |column: usize| {
        let cells = first.iter().chain(last).filter_map(|row| row.cell(column));
        cells.map(Cell::fraction_width).max().unwrap_or(0)
    };
    let mut before = sheet.columns.first().map(|column| column.group);
    let head = |(index, column): (usize, &crate::sheet::Column)| {
        let starts = before.replace(column.group) != Some(column.group);
        Head {
            header: column.header.clone(),
            symbol: (column.symbol != column.header).then(|| formulas::inline(&column.symbol)),
            meaning: column.meaning.clone(),
            fraction: fraction(index),
            starts,
        }
    };
    sheet.columns.iter().skip(1).enumerate().map(head).collect()
}
