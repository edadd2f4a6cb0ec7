//! What `gdtrace compare` prints: a verdict for each sheet, what is wrong with the cell to click
//! on, worst first, and one line for the workbook.

use ::console::{StyledObject, style};

use super::layout::{paragraph, table};
use super::trainings;
use crate::compare::result::{
    ColumnComparison, Comparison, Finding, Kind, Setting, SheetComparison, Status,
};
use crate::compare::training::Training;
use crate::value::{counted, number_text, significant};

/// So many findings of a sheet are told; the rest is counted.
const MOST_FINDINGS: usize = 8;

/// What was found out, in words; with `verbose`, every column and every finding.
pub fn text(comparison: &Comparison, verbose: bool) -> String {
    let told: Vec<&Training> = comparison.told_trainings().collect();
    let trainings = trainings::text(&comparison.reading.graph, &told, verbose);
    if !told.is_empty() && comparison.sheets.iter().all(|one| one.status == Status::Skipped) {
        let file = comparison.file.display().to_string();
        return format!("{trainings}\n\n{}", trainings::closing(&file, &told));
    }
    let mut out = String::new();
    let mut was_line = true;
    if !told.is_empty() {
        out += &format!("{trainings}\n");
        was_line = false;
    }
    for sheet in &comparison.sheets {
        let is_line = sheet.status == Status::Skipped && sheet.findings.is_empty();
        // Sheets that were skipped stand together, the others apart.
        if !(out.is_empty() || is_line && was_line) {
            out.push('\n');
        }
        was_line = is_line;
        out += &sheet_text(sheet, verbose);
        out.push('\n');
    }
    for finding in &comparison.findings {
        out += &format!("\n{}\n", finding_text("", finding));
    }
    format!("{out}\n{}", closing(comparison))
}

fn sheet_text(sheet: &SheetComparison, verbose: bool) -> String {
    let name = sheet.title();
    if sheet.status == Status::Skipped {
        let reason = sheet.remarks.join("; ");
        let mut parts = vec![paragraph("", &format!("{name}: skipped, {reason}"))];
        // Tables may take their data from it.
        parts.extend(findings(sheet, verbose));
        return parts.join("\n\n");
    }
    let mut parts = vec![verdict(sheet, name)];
    parts.extend(findings(sheet, verbose));
    parts.extend(columns(sheet, verbose));
    parts.join("\n\n")
}

/// How a sheet came out, and what it was compared with.
fn verdict(sheet: &SheetComparison, name: &str) -> String {
    let mut lines = vec![format!("{}: {}", style(name).bold(), status(sheet.status))];
    lines.push(field("optimizer", &optimizer(sheet)));
    for (index, departure) in sheet.departures.iter().enumerate() {
        let label = if index == 0 { "departures" } else { "" };
        let cell = told_by(sheet, departure).map(|finding| within(&sheet.sheet, &finding.cell));
        let cell = cell.map_or(String::new(), |cell| format!(" ({cell})"));
        lines.push(field(label, &format!("{departure}{cell}")));
    }
    let samples = counted(sheet.samples, "sample");
    lines.extend(sheet.table.as_ref().map(|table| field("table", &format!("{table}, {samples}"))));
    lines.extend(sheet.against.as_ref().map(|there| {
        let rows = there.told_rows();
        field("against", &format!("{}, {}: {rows}", there.name, there.table))
    }));
    lines.push(field("compared", &agreement(sheet)));
    let settings = |label: &str, settings: &[Setting]| {
        let texts: Vec<String> = settings.iter().map(setting).collect();
        (!texts.is_empty()).then(|| field(label, &list(&texts)))
    };
    lines.extend(settings("settings", &sheet.hyper));
    lines.extend(settings("start", &sheet.start));
    lines.extend(sheet.remarks.iter().map(|remark| field("note", remark)));
    lines.join("\n")
}

fn field(label: &str, text: &str) -> String {
    paragraph(&format!(" {label:<10}  "), text).replace(KEPT_TOGETHER, " ")
}

/// A blank at which no line is broken.
const KEPT_TOGETHER: &str = "\u{a0}";

/// The items with commas between them, for a [`field`] that breaks lines between items only.
fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| item.replace(' ', KEPT_TOGETHER)).collect();
    items.join(", ")
}

fn status(status: Status) -> StyledObject<&'static str> {
    match status {
        Status::Agrees => style("agrees").green().bold(),
        Status::Differs => style("differs").red().bold(),
        Status::Skipped => style("skipped").dim(),
    }
}

fn optimizer(sheet: &SheetComparison) -> String {
    sheet
        .told_optimizer()
        .unwrap_or_else(|| "none that gdtrace knows; its columns are checked one by one".to_owned())
}

/// The finding that tells a departure, for its cell.
fn told_by<'a>(sheet: &'a SheetComparison, departure: &str) -> Option<&'a Finding> {
    let mut findings = sheet.findings.iter();
    findings.find(|one| one.kind == Kind::Variant && one.message.contains(departure))
}

/// An address without the name of the sheet that everything here is on.
fn within<'a>(sheet: &str, address: &'a str) -> &'a str {
    let rest = address.strip_prefix(sheet).and_then(|rest| rest.strip_prefix('!'));
    rest.unwrap_or(address)
}

/// How many cells were compared, and how well they agree.
fn agreement(sheet: &SheetComparison) -> String {
    let compared = || sheet.columns.iter().filter(|column| sheet.is_compared(column));
    let cells: usize = compared().map(|column| column.cells).sum();
    let wrong: usize = compared().map(|column| column.mismatches).sum();
    let largest = |of: fn(&ColumnComparison) -> f64| compared().map(of).fold(0.0, f64::max);
    let (absolute, relative) = (largest(|one| one.max_abs), largest(|one| one.max_rel));
    let by = format!("{} (relative {})", short(absolute), short(relative));
    let place = format!("{} in {}", counted(cells, "cell"), counted(compared().count(), "column"));
    if cells == 0 {
        return match &sheet.optimizer {
            Some(_) => "nothing: no cell has a number on both sides".to_owned(),
            None => "with no run, since no optimizer fits; each cell with its own row".to_owned(),
        };
    }
    let mut out = match (wrong, absolute) {
        (0, 0.0) => format!("{place}: not the least difference"),
        (0, _) => format!("{place} agree, the largest difference is {by}"),
        (1, _) => format!("{place}: 1 differs, by {by}"),
        _ => format!("{place}: {wrong} differ, by up to {by}"),
    };
    let others: Vec<String> =
        sheet.columns.iter().filter(|column| column.cells == 0).map(called).collect();
    if !others.is_empty() {
        out += &format!("; not compared: {}", list(&others));
    }
    out
}

/// A column by its letters and its header: `P (total)`.
fn called(column: &ColumnComparison) -> String {
    let letters: String =
        column.range.chars().take_while(|letter| letter.is_ascii_alphabetic()).collect();
    match &column.header {
        Some(header) => format!("{letters} ({header})"),
        None => letters,
    }
}

fn setting(setting: &Setting) -> String {
    let value = number_text(significant(setting.value, 7));
    match &setting.cell {
        Some(cell) => format!("{} {value} ({cell})", setting.name),
        None => format!("{} {value}", setting.name),
    }
}

/// The size of a difference.
fn short(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        number if (0.01..1e4).contains(&number) => format!("{number:.3}"),
        number => format!("{number:.1e}"),
    }
}

/// The columns that differ, or all; then what those compute that were compared with nothing.
fn columns(sheet: &SheetComparison, verbose: bool) -> Vec<String> {
    let is_shown = |one: &&ColumnComparison| one.cells > 0 && (verbose || one.mismatches > 0);
    let rows: Vec<Vec<String>> =
        sheet.columns.iter().filter(is_shown).map(|one| column_row(sheet, one)).collect();
    let head = ["cells", "header", "is", "differ", "by up to", "relative", "first"];
    let mut parts: Vec<String> =
        (!rows.is_empty()).then(|| table(&head, rows)).into_iter().collect();
    let others = sheet.columns.iter().filter(|one| verbose && one.cells == 0);
    let lines: Vec<String> = others.filter_map(other_column).collect();
    if !lines.is_empty() {
        parts.push(format!(" compared with nothing\n{}", lines.join("\n")));
    }
    parts
}

/// What a column computes that was compared with nothing.
fn other_column(column: &ColumnComparison) -> Option<String> {
    let meaning = column.meaning.as_ref()?;
    Some(paragraph(&format!(" {} = ", called(column)), meaning))
}

fn column_row(sheet: &SheetComparison, column: &ColumnComparison) -> Vec<String> {
    let header = column.header.clone().unwrap_or_default();
    let sign = if column.is_negated { "-" } else { "" };
    let matches = column.matches.as_ref().map(|matches| format!("{sign}{matches}"));
    let mut row = vec![column.range.clone(), header, matches.unwrap_or_default()];
    if !sheet.is_compared(column) {
        row.push("given".to_owned());
        return row;
    }
    row.extend([
        format!("{} of {}", column.mismatches, column.cells),
        short(column.max_abs),
        short(column.max_rel),
        column.first_mismatch.as_deref().map_or("", |cell| within(&sheet.sheet, cell)).to_owned(),
    ]);
    row
}

/// What is wrong and what is worth knowing, each under its heading.
fn findings(sheet: &SheetComparison, verbose: bool) -> Vec<String> {
    let is_told = |one: &&Finding| {
        let above = sheet.departures.iter().any(|departure| one.message.contains(departure));
        !(one.kind == Kind::Variant && above)
    };
    let told: Vec<&Finding> = sheet.findings.iter().filter(is_told).collect();
    let most = if verbose { usize::MAX } else { MOST_FINDINGS };
    let mut blocks: Vec<String> =
        told.iter().take(most).map(|one| finding_text(&sheet.sheet, one)).collect();
    if told.len() > most {
        blocks.push(format!(" and {} more: --verbose tells all", told.len() - most));
    }
    blocks
}

fn finding_text(sheet: &str, finding: &Finding) -> String {
    let kind = style(finding.kind.name());
    let is_mistake = finding.kind.is_mistake() && !finding.is_about_name();
    let kind = if is_mistake { kind.red() } else { kind.yellow() };
    let cell = style(within(sheet, &finding.cell)).bold();
    let mut lines = vec![format!(" {cell}  {kind}"), paragraph("   ", &finding.message)];
    let mut line = |label: &str, text: &str| {
        lines.push(paragraph(&format!("   {label:<8}  "), text));
    };
    for (label, text) in [("expected", &finding.expected), ("found", &finding.found)] {
        // A message that has the number need not be followed by it.
        if let Some(text) = text.as_ref().filter(|text| !finding.message.contains(*text)) {
            line(label, text);
        }
    }
    if let Some(cause) = &finding.cause {
        line("because", &format!("it follows from {}", within(sheet, cause)));
    }
    if let Some(fix) = &finding.fix {
        line("fix", fix);
    }
    if let Some(then) = finding.follows() {
        line("then", &then);
    }
    lines.join("\n")
}

/// One line for the whole workbook.
fn closing(comparison: &Comparison) -> String {
    let verdict = own_closing(comparison);
    let left_out = comparison.against.as_ref().map_or(&[][..], |other| &other.left_out);
    if left_out.is_empty() {
        return verdict;
    }
    let others = left_out.join(", ");
    let file = comparison.against.as_ref().map(|other| other.file.display().to_string());
    let told = format!("not compared with anything, of {}: {others}", file.unwrap_or_default());
    format!("{}\n{verdict}", paragraph("", &told))
}

fn own_closing(comparison: &Comparison) -> String {
    let count =
        |status: Status| comparison.sheets.iter().filter(|sheet| sheet.status == status).count();
    let (agree, differ, skipped) =
        (count(Status::Agrees), count(Status::Differs), count(Status::Skipped));
    let file = comparison.file.display();
    let sheets = counted(agree + differ, "sheet");
    let skipped = match skipped {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    if differ == 0 {
        return paragraph("", &format!("{file} agrees: {sheets} compared{skipped}"));
    }
    let of = |sheet: &SheetComparison| sheet.status == Status::Differs;
    let findings = || {
        let sheets = comparison.sheets.iter().filter(|sheet| of(sheet));
        sheets.flat_map(|sheet| &sheet.findings).filter(|one| one.kind.is_mistake())
    };
    let wrong = || comparison.sheets.iter().flat_map(|sheet| &sheet.columns);
    let mistakes = match findings().count() {
        0 => counted(wrong().map(|column| column.mismatches).sum(), "cell"),
        count => counted(count, "mistake"),
    };
    let first = findings()
        .next()
        .map_or(String::new(), |finding| format!("; look at {} first", finding.address()));
    let text = match agree + differ {
        1 => format!("{file} differs: {mistakes} on 1 sheet{skipped}{first}"),
        all => format!("{file} differs: {mistakes} on {differ} of {all} sheets{skipped}{first}"),
    };
    paragraph("", &text)
}

#[cfg(test)]
mod tests;
