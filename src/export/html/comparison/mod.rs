//! The page of `gdtrace compare`: the verdict on each sheet, what was found, and where in the
//! table the differences are.

mod excerpt;
mod strip;

use serde::Serialize;

use super::STYLE;
use super::markup::{Markup, anchor};
use super::numbers::{brief, scientific};
use super::page::render;
use crate::compare::beside::{Beside, Pair};
use crate::compare::marks::{Mark, Marks};
use crate::compare::result::{Comparison, Finding, Setting, SheetComparison, Status};
use crate::data::address::column_name;
use crate::error::Result;
use crate::export::comparison::Shown;
use crate::export::digits::magnitude;
use crate::value::{Value, counted};
use excerpt::Excerpt;

const OWN_STYLE: &str = include_str!("../../../../templates/compare.css");

/// All that the page shows.
#[derive(Serialize)]
struct Page {
    style: Markup,
    version: &'static str,
    title: String,
    lead: String,
    tolerance: String,
    sheets: Vec<Sheet>,
    skipped: Vec<Skipped>,
}

/// A sheet without a table.
#[derive(Serialize)]
struct Skipped {
    name: String,
    reason: String,
}

/// A sheet with a table.
#[derive(Serialize)]
struct Sheet {
    anchor: String,
    name: String,
    agrees: bool,
    verdict: String,
    optimizer: String,
    facts: Vec<Fact>,
    departures: Vec<String>,
    mistakes: Vec<Told>,
    remarks: Vec<Told>,
    columns: Vec<Column>,
    /// Where the differences are, number by number.
    excerpt: Option<Excerpt>,
}

/// A label with what it stands for.
#[derive(Serialize)]
struct Fact {
    label: String,
    value: String,
    cell: String,
}

/// A finding.
#[derive(Serialize)]
struct Told {
    mark: &'static str,
    kind: &'static str,
    cell: String,
    message: String,
    expected: Option<String>,
    found: Option<String>,
    cause: Option<String>,
    consequences: String,
    fix: Option<String>,
}

/// A column of the table as a whole.
#[derive(Serialize)]
struct Column {
    range: String,
    header: String,
    meaning: String,
    compared: usize,
    differing: usize,
    largest: String,
    first: String,
    strip: Markup,
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
    let skipped = all().filter(|(_, table)| table.is_none());
    let page = Page {
        style: Markup::trusted(format!("{STYLE}{OWN_STYLE}")),
        version: env!("CARGO_PKG_VERSION"),
        title: shown.title(),
        lead: lead(shown.comparison),
        tolerance: brief(Value::number(shown.tolerance)),
        sheets: compared.collect(),
        skipped: skipped
            .map(|(found, _)| Skipped {
                name: found.sheet.clone(),
                reason: found.remarks.join("; "),
            })
            .collect(),
    };
    render("compare.html", &page)
}

fn lead(comparison: &Comparison) -> String {
    let count =
        |status: Status| comparison.sheets.iter().filter(|sheet| sheet.status == status).count();
    if comparison.against.is_some() {
        let differ = count(Status::Differs);
        let all = counted(count(Status::Agrees) + differ, "sheet");
        return format!(
            "Of {all} put beside a sheet of the other workbook, {differ} differ. Ours are the \
             numbers that stand there; nothing was recomputed."
        );
    }
    match (count(Status::Agrees), count(Status::Differs)) {
        (0, 0) => "No sheet has a table of samples that gdtrace could compare.".to_owned(),
        (1, 0) => "The sheet with a table computes what it should.".to_owned(),
        (agree, 0) => format!("All {agree} sheets with a table compute what they should."),
        (0, 1) => "The sheet with a table differs from what it should compute.".to_owned(),
        (agree, 1) => {
            format!("1 of {} sheets with a table differs from what it should compute.", agree + 1)
        }
        (agree, differ) => {
            let sheets = agree + differ;
            format!(
                "{differ} of {sheets} sheets with a table differ from what they should compute."
            )
        }
    }
}

fn sheet(at: usize, found: &SheetComparison, beside: &Beside, marks: &Marks) -> Sheet {
    let variants = |finding: &&Finding| !finding.kind.is_mistake();
    let remarks: Vec<Told> = found.findings.iter().filter(variants).map(told).collect();
    let figures = beside.all_figures();
    Sheet {
        anchor: anchor("sheet", &found.sheet, at + 1),
        name: found.sheet.clone(),
        agrees: found.status == Status::Agrees,
        verdict: verdict(found, beside),
        optimizer: match &found.optimizer {
            Some(_) => beside.ours.sheet.title.clone(),
            None => "an update that gdtrace does not know".to_owned(),
        },
        facts: facts(found),
        // A departure that is a finding as well is told there, with its cell.
        departures: if remarks.is_empty() { found.departures.clone() } else { Vec::new() },
        mistakes: found.findings.iter().filter(|one| one.kind.is_mistake()).map(told).collect(),
        remarks,
        columns: beside.pairs.iter().map(|pair| column(beside, pair, marks)).collect(),
        excerpt: (figures.differing > 0).then(|| Excerpt::new(beside, marks)),
    }
}

/// How many cells differ, in a sentence.
fn verdict(found: &SheetComparison, beside: &Beside) -> String {
    let figures = beside.all_figures();
    let cells = counted(figures.compared, "cell");
    match (figures.differing, found.status) {
        (0, Status::Differs) => {
            format!("All {cells} that were compared agree, but something else is wrong.")
        }
        (0, _) => format!("All {cells} that were compared agree."),
        (differing, _) => {
            format!("{differing} of {cells} differ, by at most {}.", size(figures.largest))
        }
    }
}

fn facts(found: &SheetComparison) -> Vec<Fact> {
    let plain =
        |label: &str, value: String| Fact { label: label.to_owned(), value, cell: String::new() };
    let mut facts = vec![plain("samples", found.samples.to_string())];
    facts.extend(found.table.iter().map(|table| plain("table", table.clone())));
    facts.extend(found.against.iter().map(|there| plain("against", there.name.clone())));
    let setting = |(before, setting): (&str, &Setting)| Fact {
        label: format!("{before}{}", setting.name),
        value: brief(Value::number(setting.value)),
        cell: setting.cell.clone().unwrap_or_default(),
    };
    facts.extend(found.hyper.iter().map(|one| setting(("", one))));
    facts.extend(found.start.iter().map(|one| setting(("start of ", one))));
    facts
}

fn told(finding: &Finding) -> Told {
    Told {
        mark: Mark::of(finding).name(),
        kind: finding.kind.name(),
        cell: finding.cell.clone(),
        // Not as a sentence: it may begin with a header, which keeps its letters.
        message: finding.message.clone(),
        expected: finding.expected.clone(),
        found: finding.found.clone(),
        cause: finding.cause.clone(),
        consequences: match finding.consequences {
            0 => String::new(),
            1 => "1 more cell differs because of what is wrong here".to_owned(),
            count => format!("{count} more cells differ because of what is wrong here"),
        },
        fix: finding.fix.clone(),
    }
}

/// A difference, in three digits.
fn size(number: f64) -> String {
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

fn column(beside: &Beside, pair: &Pair, marks: &Marks) -> Column {
    let found = &beside.found.columns[pair.hand];
    Column {
        range: found.range.clone(),
        header: header(beside, pair.hand),
        meaning: found.meaning.as_deref().unwrap_or_default().replace('`', ""),
        compared: pair.figures.compared,
        differing: pair.figures.differing,
        largest: size(pair.figures.largest),
        first: found.first_mismatch.clone().unwrap_or_default(),
        strip: strip::strip(beside, pair, marks),
    }
}
