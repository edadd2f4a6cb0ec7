//! The first sheet of a quiz: what is to be done, and how much of it is right so far.

use rust_xlsxwriter::{Color, Format, FormatBorder, Formula, Url, Worksheet};

use super::super::set_up_page;
use super::super::style::Styles;
use super::{Asked, COLOURS, framed};
use crate::compare::quiz::Level;
use crate::error::Result;
use crate::value::counted;

/// What the colours say, in the order of [`COLOURS`].
const MEANINGS: [&str; 3] = [
    "right, given the other cells of the row as they stand",
    "a slip that is often made: a sign, a factor, a cell of the wrong row or weight",
    "not right yet",
];

/// What is to be done on a sheet, in a sentence.
pub(super) fn task(asked: &Asked) -> String {
    let mut headers: Vec<&str> = Vec::new();
    for (_, column) in &asked.cells {
        let header = asked.run.sheet.columns[*column].header.as_str();
        if !headers.contains(&header) {
            headers.push(header);
        }
    }
    let how = match asked.level {
        Level::Numbers => "Compute the numbers that belong into the framed cells",
        Level::Formulas => {
            "Write the formulas that belong into the framed cells (typed numbers do not count)"
        }
    };
    format!("{how}: {}.", headers.join(", "))
}

/// Writes the sheet.
pub(super) fn write(sheet: &mut Worksheet, styles: &Styles, asked: &[Asked]) -> Result<()> {
    let count: usize = asked.iter().map(|one| one.cells.len()).sum();
    sheet.write_string_with_format(0, 0, "Gradient descent, to be filled in", &styles.title)?;
    let lines = lines(asked, count);
    for (row, line) in (1..).zip(&lines) {
        sheet.write_string_with_format(row, 0, line, &styles.prose)?;
    }
    let mut row = lines.len() as u32 + 2;
    sheet.write_string_with_format(row, 0, "Name", &styles.label)?;
    sheet.merge_range(row, 1, row, 3, "", &framed(&Format::new()))?;
    row += 2;
    for (column, head) in [(0, "sheet"), (1, "to fill in"), (2, "right so far")] {
        let head_format = if column == 0 { &styles.head } else { &styles.number_head };
        sheet.write_string_with_format(row, column, head, head_format)?;
    }
    let first = row + 1;
    for one in asked {
        row += 1;
        let name = &one.layout.sheet;
        let link = Url::new(format!("internal:{}!A1", name.quoted)).set_text(&name.name);
        sheet.write_url(row, 0, link)?;
        sheet.write_number(row, 1, one.cells.len() as f64)?;
        sheet.write_formula(row, 2, Formula::new(one.right()).set_result("0"))?;
    }
    let last = row;
    row += 1;
    let total = styles.label.clone().set_border_top(FormatBorder::Thin);
    sheet.write_string_with_format(row, 0, "all", &total)?;
    for (column, letter, result) in [(1, 'B', count.to_string()), (2, 'C', "0".to_owned())] {
        let text = format!("SUM({letter}{}:{letter}{})", first + 1, last + 1);
        sheet.write_formula_with_format(
            row,
            column,
            Formula::new(text).set_result(result),
            &total,
        )?;
    }
    row += 2;
    for ((_, fill), meaning) in COLOURS.iter().zip(MEANINGS) {
        sheet.write_blank(row, 0, &Format::new().set_background_color(Color::RGB(*fill)))?;
        sheet.write_string_with_format(row, 1, meaning, &styles.prose.clone().set_indent(1))?;
        row += 1;
    }
    sheet.set_column_width(0, 18)?;
    sheet.set_column_range_width(1, 3, 14)?;
    sheet.protect();
    set_up_page(sheet);
    Ok(())
}

fn lines(asked: &[Asked], count: usize) -> Vec<String> {
    let level = asked.first().map_or(Level::Numbers, |one| one.level);
    let mut lines = vec![format!(
        "Fill in the {} with a frame on {}; everything else is given.",
        counted(count, "cell"),
        counted(asked.len(), "sheet")
    )];
    lines.push(
        match level {
            Level::Numbers => "Write numbers, with four digits or more, or formulas that give them.",
            Level::Formulas => {
                "Write formulas over the cells of the row, of the row above and of the inputs on top; typed numbers do not count."
            }
        }
        .to_owned(),
    );
    lines.push(
        "A cell takes its colour when everything it is computed from is there. What follows from a slip \
         counts as right: each cell is checked with the others as they stand."
            .to_owned(),
    );
    lines
}
