//! The page of `gdtrace compare`: the verdict on each sheet, what was found, and where in the
//! table the differences are. Its script draws theirs beside ours, and trainings by iteration.

mod drawn;
mod excerpt;
mod training;

use serde::Serialize;

use super::markup::{Markup, anchor, relative_address};
use super::numbers::{brief, scientific};
use super::page::render;
use super::script::Script;
use super::{CHART_STYLE, STYLE, colours};
use crate::compare::expected::{Beside, Pair};
use crate::compare::marks::Marks;
use crate::compare::result::{
    Comparison, Finding, Setting, SheetComparison, Status, without_sheet,
};
use crate::data::address::column_name;
use crate::error::Result;
use crate::export::comparison::{Shown, ShownFinding};
use crate::export::digits::magnitude;
use crate::value::{Value, counted};
use drawn::Drawn;
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
    /// What theirs and ours are called.
    sides: [&'static str; 2],
    /// Whether ours are the numbers of another workbook.
    is_against: bool,
    trainings: Vec<training::Section>,
    sheets: Vec<Sheet>,
    skipped: Vec<Skipped>,
    /// What is wrong with names of the workbook.
    names: Vec<Told>,
    /// The tables of the other workbook that nothing was compared with, in words.
    left_out: Option<String>,
    /// What is drawn, for the script.
    store: Markup,
    script: Markup,
    script_source: String,
}

/// A sheet without a table.
#[derive(Serialize)]
struct Skipped {
    name: String,
    reason: String,
    findings: Vec<Told>,
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
    /// What was assumed where more than one reading was possible.
    notes: Vec<String>,
    mistakes: Vec<Told>,
    remarks: Vec<Told>,
    columns: Vec<Column>,
    /// The columns that were held against nothing, in words.
    others: String,
    /// Where the differences begin, number by number.
    excerpt: Excerpt,
    drawn: Option<Drawn>,
}

/// A label, what it stands for, and its cell.
type Fact = (String, String, String);

/// A finding.
#[derive(Serialize)]
struct Told {
    mark: &'static str,
    kind: &'static str,
    cell: String,
    message: String,
    expected: Option<String>,
    found: Option<String>,
    formula: Option<Markup>,
    proposed: Option<Markup>,
    cells: Option<String>,
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
    let sheets: Vec<Sheet> = compared.collect();
    let trainings = training::sections(shown);
    let skipped = all().filter(|(found, table)| table.is_none() && !shown.is_only_trained(found));
    let is_against = shown.comparison.against.is_some();
    let store = Store {
        row_head: "place",
        workbook: relative_address(
            &shown.comparison.file.file_name().unwrap_or_default().to_string_lossy(),
        ),
        sides: shown.sides(),
        is_against,
        tables: sheets.iter().filter_map(|one| one.drawn.as_ref()).collect(),
        trainings: trainings.iter().filter_map(|one| one.drawn.as_ref()).collect(),
    };
    let script = Script::of_comparison();
    let page = Page {
        style: Markup::trusted(format!("{STYLE}{CHART_STYLE}{}{OWN_STYLE}", colours(2))),
        version: env!("CARGO_PKG_VERSION"),
        title: shown.title(),
        lead: lead(shown),
        tolerance: plain(shown.tolerance),
        sides: shown.sides(),
        is_against,
        store: Markup::json(&store)?,
        script: script.text(),
        script_source: script.source(),
        skipped: skipped
            .map(|(found, _)| Skipped {
                name: found.title().to_owned(),
                reason: found.remarks.join("; "),
                findings: found.findings.iter().map(told_of_table).collect(),
            })
            .collect(),
        names: shown.comparison.findings.iter().map(told_of_table).collect(),
        left_out: shown.left_out(),
        trainings,
        sheets,
    };
    render("compare.html", &page)
}

/// How everything came out: the trainings first, then the tables.
fn lead(shown: &Shown) -> String {
    let trainings = training::lead(&shown.trainings());
    let is_table = |sheet: &SheetComparison| sheet.status != Status::Skipped;
    let has_tables = shown.comparison.sheets.iter().any(is_table);
    match trainings {
        Some(told) if !has_tables => told,
        Some(told) => format!("{told} {}", lead_of_tables(shown.comparison)),
        None => lead_of_tables(shown.comparison),
    }
}

fn lead_of_tables(comparison: &Comparison) -> String {
    let count =
        |status: Status| comparison.sheets.iter().filter(|sheet| sheet.status == status).count();
    let (differ, all) = (count(Status::Differs), count(Status::Agrees) + count(Status::Differs));
    let is_against = comparison.against.is_some();
    if all == 0 && !is_against {
        return "No sheet has a table of samples that gdtrace could compare.".to_owned();
    }
    let with = if is_against { "" } else { " with a table" };
    let sheets = match (differ, all) {
        (_, 1) => format!("The sheet{with}"),
        (0, _) => format!("All {all} sheets{with}"),
        _ => format!("{differ} of {all} sheets{with}"),
    };
    let is_one = all == 1 || differ == 1;
    let (s, it) = if is_one { ("s", "it") } else { ("", "they") };
    match (is_against, differ) {
        (true, 0) => format!("{sheets} agree{s} with the other workbook. Nothing was recomputed."),
        (true, _) => {
            format!("{sheets} differ{s} from the other workbook. Nothing was recomputed.")
        }
        (false, 0) => format!("{sheets} compute{s} what {it} should."),
        (false, _) => format!("{sheets} differ{s} from what {it} should compute."),
    }
}

fn sheet(at: usize, found: &SheetComparison, beside: &Beside, marks: &Marks) -> Sheet {
    let variants = |finding: &&Finding| !finding.kind.is_mistake();
    let remarks: Vec<Told> = found.findings.iter().filter(variants).map(told_of_table).collect();
    let figures = beside.all_figures();
    let anchor = anchor("sheet", &found.sheet, at + 1);
    let is_drawn = beside.rows() > 1 && !beside.pairs.is_empty();
    Sheet {
        drawn: is_drawn.then(|| Drawn::new(anchor.clone(), beside, marks)),
        anchor,
        name: found.title().to_owned(),
        agrees: found.status == Status::Agrees,
        verdict: verdict(found, beside),
        optimizer: found
            .told_optimizer()
            .unwrap_or_else(|| "an update that gdtrace does not know".to_owned()),
        facts: facts(found),
        // A departure that is a finding as well is told there, with its cell.
        departures: if remarks.is_empty() { found.departures.clone() } else { Vec::new() },
        notes: found.remarks.clone(),
        mistakes: found
            .findings
            .iter()
            .filter(|one| one.kind.is_mistake())
            .map(told_of_table)
            .collect(),
        remarks,
        columns: beside.pairs.iter().map(|pair| column(beside, pair)).collect(),
        // Where nothing was compared, the verdict says so.
        others: if figures.compared > 0 { others(found, beside) } else { String::new() },
        excerpt: Excerpt::new(beside, marks),
    }
}

/// How many cells differ, in a sentence.
fn verdict(found: &SheetComparison, beside: &Beside) -> String {
    let figures = beside.all_figures();
    let cells = counted(figures.compared, "cell");
    match (figures.differing, found.status) {
        _ if figures.compared == 0 => {
            "No optimizer fits, so there is no run to compare with; each cell was held against its \
             own row."
                .to_owned()
        }
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
    let plain = |label: &str, value: String| (label.to_owned(), value, String::new());
    let mut facts = vec![plain("samples", found.samples.to_string())];
    facts.extend(found.table.iter().map(|table| plain("table", table.clone())));
    facts.extend(found.against.iter().flat_map(|there| {
        [plain("against", there.name.clone()), plain("rows", there.told_rows())]
    }));
    let setting = |before: &str, setting: &Setting| {
        let cell = setting.cell.clone().unwrap_or_default();
        (format!("{before}{}", setting.name), self::plain(setting.value), cell)
    };
    facts.extend(found.hyper.iter().map(|one| setting("", one)));
    facts.extend(found.start.iter().map(|one| setting("start of ", one)));
    facts
}

fn told(finding: &ShownFinding) -> Told {
    Told {
        mark: finding.mark.name(),
        kind: finding.kind,
        cell: finding.address().to_owned(),
        cells: finding.cells.clone(),
        // Not as a sentence: it may begin with a header, which keeps its letters.
        message: finding.message.clone(),
        expected: finding.expected.clone(),
        found: finding.found.clone(),
        formula: finding.formula.as_ref().map(|one| marked(one, finding.proposed.as_deref())),
        proposed: finding.proposed.as_ref().map(|one| marked(one, finding.formula.as_deref())),
        cause: finding.cause.as_deref().map(|cell| without_sheet(cell).to_owned()),
        consequences: finding.follows.clone().unwrap_or_default(),
        // The proposed formula says it already.
        fix: finding.fix.clone().filter(|_| finding.proposed.is_none()),
    }
}

/// A formula with what differs from another marked.
fn marked(formula: &str, other: Option<&str>) -> Markup {
    let Some(other) = other else { return Markup::text(formula) };
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
    Markup::trusted(match inside.is_empty() {
        true => format!("{before}{behind}"),
        false => format!("{before}<mark>{inside}</mark>{behind}"),
    })
}

fn told_of_table(finding: &Finding) -> Told {
    told(&ShownFinding::of_table(finding))
}

/// The columns that were held against nothing, by their headers and letters.
fn others(found: &SheetComparison, beside: &Beside) -> String {
    let is_other = |hand: &usize| found.columns[*hand].cells == 0;
    let called = |hand: usize| {
        let letters = column_name(beside.machine.columns[hand].column);
        match &beside.machine.columns[hand].header {
            Some(header) => format!("{header} ({letters})"),
            None => letters,
        }
    };
    (0..found.columns.len()).filter(is_other).map(called).collect::<Vec<_>>().join(", ")
}

/// A number that somebody chose, without zeros that say nothing.
fn plain(number: f64) -> String {
    let text = brief(Value::number(number));
    match text.split_once('×') {
        Some((digits, power)) if digits.contains('.') => {
            format!("{}×{power}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
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

fn column(beside: &Beside, pair: &Pair) -> Column {
    let found = &beside.found.columns[pair.hand];
    Column {
        range: found.range.clone(),
        header: header(beside, pair.hand),
        meaning: found.meaning.as_deref().unwrap_or_default().replace('`', ""),
        compared: pair.figures.compared,
        differing: pair.figures.differing,
        largest: size(pair.figures.largest),
        first: found.first_mismatch.clone().unwrap_or_default(),
    }
}
