//! Text for a terminal: calm tables, and paragraphs broken where the line ends.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use crate::value::significant;

/// How wide text is where no terminal says otherwise, and at most.
const WIDEST: u16 = 100;
/// Narrower than this nothing can be read.
const NARROWEST: u16 = 60;

/// How many characters a line may have.
pub fn width() -> usize {
    let terminal = console::Term::stdout().size_checked().map_or(WIDEST, |(_, columns)| columns);
    terminal.clamp(NARROWEST, WIDEST).into()
}

/// The rows below their headings; long texts are broken within their column.
pub fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    printed(new_table(head, rows))
}

/// The same with a last column of at most `widest` characters, so that short notes take no room
/// from the texts before them.
pub fn table_with_notes(head: &[&str], rows: Vec<Vec<String>>, widest: u16) -> String {
    let mut table = new_table(head, rows);
    if let Some(last) = table.column_iter_mut().last() {
        last.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(widest)));
    }
    printed(table)
}

fn new_table(head: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width() as u16);
    if !head.is_empty() {
        table.set_header(head);
    }
    table.add_rows(rows);
    table
}

fn printed(table: Table) -> String {
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// `text` in lines that fit, the first one behind `first` and the others as far to the right.
pub fn paragraph(first: &str, text: &str) -> String {
    let indent = " ".repeat(length(first));
    let mut lines = vec![first.to_owned()];
    let mut used = length(first);
    let mut fresh = true;
    for word in text.split(' ') {
        if !fresh && used + 1 + length(word) > width() {
            lines.push(indent.clone());
            used = indent.len();
            fresh = true;
        }
        if let Some(line) = lines.last_mut() {
            if !fresh {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
        }
        used += length(word);
        fresh = false;
    }
    lines.join("\n")
}

/// Formulas with their names, the signs of equality below each other.
pub fn equations(lines: &[(String, String)]) -> String {
    let widest = lines.iter().map(|(name, _)| length(name)).max().unwrap_or(0);
    let line = |(name, formula): &(String, String)| {
        let gap = " ".repeat(widest - length(name));
        paragraph(&format!(" {name}{gap} = "), formula)
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Commands, never broken, so that they can be copied, and what each shows.
pub fn commands(lines: &[(String, &str)]) -> String {
    let widest = lines.iter().map(|(command, _)| length(command)).max().unwrap_or(0);
    let line = |(command, what): &(String, &str)| {
        let gap = " ".repeat(widest - length(command));
        match widest + length(what) + 3 > width() {
            true => format!(" {command}\n     {what}"),
            false => format!(" {command}{gap}  {what}"),
        }
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// How many columns `text` takes: a hat stands above its letter and takes none.
pub(super) fn length(text: &str) -> usize {
    text.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).count()
}

/// A number without what rounding left in its last digits.
pub fn rounded(number: f64) -> f64 {
    significant(number, 12)
}
