//! The page of `gdtrace compare`: the verdict on each sheet, what was found, and where in the
//! table the differences are. Its script draws theirs beside ours, and trainings by iteration.

mod drawn;
mod excerpt;
mod training;

use serde::Serialize;

use super::markup::{anchor, relative_address};
use super::numbers::{brief, scientific};
use super::page::render;
use super::script::Script;
use crate::compare::expected::{Beside, Pair};
use crate::compare::marks::Marks;
use crate::compare::result::{Comparison, Finding, Setting, SheetComparison, Status};
use crate::data::address::column_name;
use crate::error::Result;
use crate::export::comparison::{Shown, ShownFinding};
use crate::export::digits::magnitude;
use crate::value::Value;
use drawn::Drawn;
use excerpt::Excerpt;

const OWN_STYLE: &str = include_str!("../../../../templates/compare.css");

/// All that the page shows.
#[derive(Serialize)]
struct Page {
    title: String,
    tolerance: f64,
    /// What theirs and ours are called.
    sides: [&'static str; 2],
    /// Whether ours are the numbers of another workbook.
    is_against: bool,
    trainings: Vec<training::Section>,
    /// How many mistakes are in them.
    mistakes: usize,
    sheets: Vec<Sheet>,
    /// How many tables agree, and how many differ.
    agree: usize,
    differ: usize,
    skipped: Vec<Skipped>,
    /// What is wrong with names of the workbook.
    names: Vec<ShownFinding>,
    /// The tables of the other workbook that nothing was compared with, in words.
    left_out: Option<String>,
}

/// A sheet without a table.
#[derive(Serialize)]
struct Skipped {
    name: String,
    reason: String,
    findings: Vec<ShownFinding>,
}

/// A sheet with a table.
#[derive(Serialize)]
struct Sheet {
    anchor: String,
    name: String,
    agrees: bool,
    /// How many cells were compared, how many differ, and by how much at most.
    compared: usize,
    differing: usize,
    largest: f64,
    optimizer: Option<String>,
    samples: usize,
    table: Option<String>,
    /// The sheet of the other workbook, and how rows were put together.
    against: Option<(String, String)>,
    /// What somebody chose: a name, the number, and its cell.
    settings: Vec<(String, f64, Option<String>)>,
    departures: Vec<String>,
    /// What was assumed where more than one reading was possible.
    notes: Vec<String>,
    mistakes: Vec<ShownFinding>,
    remarks: Vec<ShownFinding>,
    columns: Vec<Column>,
    /// The columns that were held against nothing.
    others: Vec<String>,
    /// Where the differences begin, number by number.
    excerpt: Excerpt,
    drawn: Option<Drawn>,
}

/// A column of the table as a whole.
#[derive(Serialize)]
struct Column {
    range: String,
    header: String,
    meaning: Option<String>,
    compared: usize,
    differing: usize,
    largest: f64,
    first: Option<String>,
}

/// What the script knows.
#[derive(Serialize)]
struct Store<'a> {
    row_head: &'static str,
    /// What saved charts are called after.
    workbook: String,
    sides: [&'static str; 2],
    is_against: bool,
    tables: Vec<&'a Drawn>,
    trainings: Vec<&'a training::Drawn>,
}

/// The page that shows a comparison.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn comparison(shown: &Shown) -> Result<String> {
    let all = || shown.comparison.sheets.iter().zip(&shown.tables);
    let compared = all()
        .enumerate()
        .filter_map(|(at, (found, table))| Some(sheet(at, found, table.as_ref()?, &shown.marks)));
    let skipped = all().filter(|(found, table)| table.is_none() && !shown.is_only_trained(found));
    let Comparison { file, against, sheets, findings, .. } = shown.comparison;
    let trainings = training::sections(shown);
    let count = |status: Status| sheets.iter().filter(|sheet| sheet.status == status).count();
    let page = Page {
        title: shown.title(),
        tolerance: shown.tolerance,
        sides: shown.sides(),
        is_against: against.is_some(),
        mistakes: trainings.iter().map(|one| one.mistakes.len()).sum(),
        trainings,
        sheets: compared.collect(),
        agree: count(Status::Agrees),
        differ: count(Status::Differs),
        skipped: skipped
            .map(|(found, _)| Skipped {
                name: found.title().to_owned(),
                reason: found.remarks.join("; "),
                findings: found.findings.iter().map(ShownFinding::of_table).collect(),
            })
            .collect(),
        names: findings.iter().map(ShownFinding::of_table).collect(),
        left_out: shown.left_out(),
    };
    let store = Store {
        row_head: "place",
        workbook: relative_address(&file.file_name().unwrap_or_default().to_string_lossy()),
        sides: page.sides,
        is_against: page.is_against,
        tables: page.sheets.iter().filter_map(|one| one.drawn.as_ref()).collect(),
        trainings: page.trainings.iter().filter_map(|one| one.drawn.as_ref()).collect(),
    };
    render("compare.html", (OWN_STYLE, 2), (&Script::of_comparison(), &store), &page)
}

fn sheet(at: usize, found: &SheetComparison, beside: &Beside, marks: &Marks) -> Sheet {
    let findings = |is: &dyn Fn(&Finding) -> bool| {
        found.findings.iter().filter(|one| is(one)).map(ShownFinding::of_table).collect()
    };
    let figures = beside.all_figures();
    let anchor = anchor("sheet", &found.sheet, at + 1);
    let is_drawn = beside.rows() > 1 && !beside.pairs.is_empty();
    let setting = |before: &str, one: &Setting| {
        (format!("{before}{}", one.name), one.value, one.cell.clone())
    };
    let hyper = found.hyper.iter().map(|one| setting("", one));
    let start = found.start.iter().map(|one| setting("start of ", one));
    Sheet {
        drawn: is_drawn.then(|| Drawn::new(anchor.clone(), beside, marks)),
        anchor,
        name: found.title().to_owned(),
        agrees: found.status == Status::Agrees,
        compared: figures.compared,
        differing: figures.differing,
        largest: figures.largest,
        optimizer: found.told_optimizer(),
        samples: found.samples,
        table: found.table.clone(),
        against: found.against.as_ref().map(|there| (there.name.clone(), there.told_rows())),
        settings: hyper.chain(start).collect(),
        departures: found.departures.clone(),
        notes: found.remarks.clone(),
        mistakes: findings(&|one| one.kind.is_mistake()),
        remarks: findings(&|one| !one.kind.is_mistake()),
        columns: beside.pairs.iter().map(|pair| column(beside, pair)).collect(),
        others: others(found, beside),
        excerpt: Excerpt::new(beside, marks),
    }
}

/// A formula with what differs from another marked.
pub(super) fn marked(formula: &str, other: Option<&str>) -> String {
    let Some(other) = other else { return crate::formula::escape(formula) };
    let (own, others): (Vec<char>, Vec<char>) =
        (formula.chars().collect(), other.chars().collect());
    let is_word = |c: &char| c.is_alphanumeric() || *c == '$' || *c == '.';
    let same = own.iter().zip(&others).take_while(|(a, b)| a == b).count();
    // Whole references and numbers, not single letters.
    let from = same - own[..same].iter().rev().take_while(|c| is_word(c)).count();
    let room = own.len().min(others.len()) - from;
    let ends = own.iter().rev().zip(others.iter().rev()).take(room);
    let same = ends.take_while(|(a, b)| a == b).count();
    let to = own.len() - same;
    let to = to + own[to..].iter().take_while(|c| is_word(c)).count();
    let part = |range: std::ops::Range<usize>| {
        crate::formula::escape(&own[range].iter().collect::<String>())
    };
    let (before, inside, behind) =
        (part(0..from), part(from..to.max(from)), part(to.max(from)..own.len()));
    match inside.is_empty() {
        true => format!("{before}{behind}"),
        false => format!("{before}<mark>{inside}</mark>{behind}"),
    }
}

/// The columns that were held against nothing, by their headers and letters.
fn others(found: &SheetComparison, beside: &Beside) -> Vec<String> {
    let is_other = |hand: &usize| found.columns[*hand].cells == 0;
    let called = |hand: usize| {
        let letters = column_name(beside.machine.columns[hand].column);
        match &beside.machine.columns[hand].header {
            Some(header) => format!("{header} ({letters})"),
            None => letters,
        }
    };
    (0..found.columns.len()).filter(is_other).map(called).collect()
}

/// A number that somebody chose, without zeros that say nothing.
pub(super) fn plain(number: f64) -> String {
    let text = brief(Value::number(number));
    match text.split_once('×') {
        Some((digits, power)) if digits.contains('.') => {
            format!("{}×{power}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// A difference, in three digits.
pub(super) fn size(number: f64) -> String {
    let magnitude = magnitude(number);
    let text = match (-3..6).contains(&magnitude) {
        true => format!("{number:.*}", (2 - magnitude).max(0) as usize),
        false => scientific(number, 2),
    };
    match number {
        0.0 => "0".to_owned(),
        _ => text.replace('-', "−"),
    }
}

/// What stands above a column of the table, else its letters.
fn header(beside: &Beside, hand: usize) -> String {
    let column = &beside.machine.columns[hand];
    let letters = || format!("column {}", column_name(column.column));
    column.header.clone().unwrap_or_else(letters)
}

fn column(beside: &Beside, pair: &Pair) -> Column {
    let found = &beside.found.columns[pair.hand];
    Column {
        range: found.range.clone(),
        header: header(beside, pair.hand),
        meaning: found.meaning.clone(),
        compared: pair.figures.compared,
        differing: pair.figures.differing,
        largest: pair.figures.largest,
        first: found.first_mismatch.clone(),
    }
}
