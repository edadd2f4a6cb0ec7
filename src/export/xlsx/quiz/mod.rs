//! A quiz: traces as numbers, with framed cells to be filled in, which turn green when they are right.
//!
//! What stands in a framed cell is checked by a hidden sheet beside the trace, with the state of each
//! cell at the same address. That sheet is where the formulas are: what is given on the trace are
//! numbers, since a formula in the next row would be the answer. Only where a cell hands on a framed
//! one (the weight that the row above came to) it is a formula.

mod check;
mod front;
mod grades;

pub use grades::grades;

use std::collections::BTreeSet;

use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, Format, FormatBorder, ProtectionOptions, Workbook, Worksheet,
};

use super::addresses::{Addresses, meaning};
use super::digits::{NumberFormat, column_width};
use super::host::Host;
use super::layout::TraceLayout;
use super::sheet_names::{SheetName, free};
use super::style::{Styles, at_epoch_end, group_band, group_head};
use super::{note, set_up_page, write_formula};
use crate::compare::quiz::{Blanks, Level, Quiz, QuizSheet};
use crate::error::{Error, Result};
use crate::export::palette::colour;
use crate::formula::Expr;
use crate::optimizer::Record;
use crate::sheet::{Group, Ref};
use crate::trace::{self, Block, Results, Run, Sink};
use crate::value::{Value, counted};

/// More framed cells than this, on all sheets, are not checked by a spreadsheet in reasonable time.
const MOST_CELLS: usize = 20_000;

/// What a cell's state is, and the colour that it turns.
const COLOURS: [(u8, u32); 3] = [(1, 0xC6EFCE), (2, 0xFFEB9C), (3, 0xFFC7CE)];

/// The workbook of a quiz, and what has to be known to mark it.
///
/// # Errors
/// No cell to be filled in, or too many; a run that comes to error values; whatever prevents writing.
pub fn quiz(
    results: &Results,
    record: &Record,
    (blanks, level): (Blanks, Level),
) -> Result<(Workbook, Quiz)> {
    let addresses = Addresses::new(results, &Host::separate());
    let styles = Styles::new();
    let mut used: BTreeSet<String> =
        results.runs.iter().map(|run| run.sheet.name.to_lowercase()).collect();
    let mut free = |name: &str| SheetName::new(free(name, &mut used));
    let front = free("quiz");
    let mut sheets = Vec::new();
    for (index, run) in results.runs.iter().enumerate() {
        let cells = blanks.cells(&run.sheet, run.rows).into_iter().collect();
        let layout = &addresses.traces[index];
        let check = free(&format!("check {}", index + 1));
        let mut rows = Rows::default();
        trace::run(&run.sheet, &results.data, &results.plan, &mut [&mut rows])?;
        sheets.push(Asked { results, run, index, layout, cells, rows: rows.0, check, level });
    }
    let count: usize = sheets.iter().map(|one| one.cells.len()).sum();
    if !(1..=MOST_CELLS).contains(&count) {
        return Err(Error::new(format!("there would be {} to fill in", counted(count, "cell")))
            .help(format!(
                "up to {MOST_CELLS} work: choose fewer with --epochs, --optimizers or --blank"
            )));
    }
    let mut workbook = Workbook::new();
    front::write(workbook.add_worksheet().set_name(&front.name)?, &styles, &sheets)?;
    for sheet in &sheets {
        sheet.write(workbook.add_worksheet(), &styles, &addresses)?;
    }
    for sheet in &sheets {
        check::write(workbook.add_worksheet(), sheet)?;
    }
    let place = |one: &Asked| QuizSheet {
        name: one.layout.sheet.name.clone(),
        inputs: one.layout.inputs,
        start: one.layout.start,
        rows: one.run.rows,
    };
    let places = sheets.iter().map(place).collect();
    let record = addresses.record(results, record);
    Ok((workbook, Quiz { record, level, blanks: blanks.clone(), sheets: places }))
}

/// A sheet of the quiz.
struct Asked<'a> {
    results: &'a Results,
    run: &'a Run,
    index: usize,
    layout: &'a TraceLayout,
    /// The cells to be filled in, by row: the row, counted from 1, and the column.
    cells: BTreeSet<(usize, usize)>,
    /// The values of all rows, that of step 0 first.
    rows: Vec<Vec<Option<Value>>>,
    /// The sheet with their states.
    check: SheetName,
    level: Level,
}

impl Asked<'_> {
    /// How many of its cells are right so far, as a formula.
    fn right(&self) -> String {
        let (first, last) = (self.layout.start + 2, self.layout.spread.page(0).last + 1);
        let column = |at: usize| Addresses::letters(at);
        let end = column(self.run.sheet.columns.len() - 1);
        format!("COUNTIF({},1)", self.check.cell(&format!("$A${first}:${end}${last}")))
    }

    /// Whether the cells of a group show what others are asked for.
    fn tells(&self, group: Group) -> bool {
        let is_asked = |group: Group| {
            self.cells.iter().any(|(_, column)| self.run.sheet.columns[*column].group == group)
        };
        matches!(group, Group::Check | Group::Circuit) && !is_asked(group)
    }

    fn write(&self, sheet: &mut Worksheet, styles: &Styles, addresses: &Addresses) -> Result<()> {
        sheet.set_name(&self.layout.sheet.name)?;
        sheet.set_tab_color(Color::RGB(colour(self.index)));
        self.write_top(sheet, styles, addresses)?;
        let digits: Vec<NumberFormat> =
            self.run.extents.iter().map(|one| NumberFormat::for_extent(*one)).collect();
        self.write_heads(sheet, &digits)?;
        self.write_rows(sheet, &digits)?;
        for (state, fill) in COLOURS {
            self.colour(sheet, state, fill)?;
        }
        sheet.set_freeze_panes(self.layout.heads + 1, 3)?;
        sheet.set_repeat_rows(self.layout.heads, self.layout.heads)?;
        let allowed = ProtectionOptions {
            format_cells: true,
            format_columns: true,
            format_rows: true,
            ..ProtectionOptions::default()
        };
        sheet.protect_with_options(&allowed);
        set_up_page(sheet);
        Ok(())
    }

    /// Title, task, how much is right, and the inputs.
    fn write_top(
        &self,
        sheet: &mut Worksheet,
        styles: &Styles,
        addresses: &Addresses,
    ) -> Result<()> {
        let run = &self.run.sheet;
        let title = styles.title_in(colour(self.index));
        sheet.write_string_with_format(0, 0, &run.title, &title)?;
        sheet.write_string_with_format(1, 0, front::task(self), &styles.prose)?;
        let right = format!("\"Right so far: \"&{}&\" of {}\"", self.right(), self.cells.len());
        sheet.write_formula_with_format(
            2,
            0,
            rust_xlsxwriter::Formula::new(right)
                .set_result(format!("Right so far: 0 of {}", self.cells.len())),
            &styles.label,
        )?;
        let heads = self.layout.inputs - 1;
        for (column, head) in [(0, "input"), (TraceLayout::VALUES, "value"), (2, "meaning")] {
            sheet.write_string_with_format(heads, column, head, &styles.label)?;
        }
        for (row, input) in (self.layout.inputs..).zip(&run.inputs) {
            sheet.write_string(row, 0, &input.id)?;
            sheet.write_number_with_format(row, TraceLayout::VALUES, input.value, &styles.input)?;
            let told = meaning(input, &addresses.data, None);
            sheet.write_string_with_format(row, 2, told, &styles.prose.clone().set_indent(1))?;
        }
        if self.level == Level::Numbers {
            // Whoever is to write formulas has them in words only.
            for (row, line) in (self.layout.inputs..).zip(&run.rule) {
                sheet.write_string_with_format(
                    row,
                    super::trace::RULE_COLUMN,
                    line,
                    &styles.code,
                )?;
            }
        }
        Ok(())
    }

    fn write_heads(&self, sheet: &mut Worksheet, digits: &[NumberFormat]) -> Result<()> {
        let mut before = None;
        for ((at, column), digits) in (0..).zip(&self.run.sheet.columns).zip(digits) {
            let title = if before == Some(column.group) { "" } else { column.group.title() };
            before = Some(column.group);
            let (band, head) = (group_band(column.group), group_head(column.group));
            sheet.write_string_with_format(self.layout.band, at, title, &band)?;
            sheet.write_string_with_format(self.layout.heads, at, &column.header, &head)?;
            sheet.insert_note(self.layout.heads, at, &note(&column.meaning))?;
            let least = [9.0, 11.0].get(usize::from(at)).copied().unwrap_or(0.0);
            sheet.set_column_width(at, column_width(&column.header, digits).max(least))?;
            if self.tells(column.group) {
                sheet.set_column_hidden(at)?;
            }
        }
        sheet.set_row_height(self.layout.heads, 21)?;
        Ok(())
    }

    /// The rows of the trace as numbers, but for framed cells and what hands them on.
    fn write_rows(&self, sheet: &mut Worksheet, digits: &[NumberFormat]) -> Result<()> {
        let tells: Vec<bool> =
            self.run.sheet.columns.iter().map(|column| self.tells(column.group)).collect();
        let samples = self.results.data.samples();
        for (number, values) in self.rows.iter().enumerate() {
            let row = self.layout.start + number as u32;
            for (at, value) in values.iter().enumerate() {
                let column = &self.run.sheet.columns[at];
                let Some(value) = value.filter(|_| !tells[at]) else { continue };
                let plain = digits[at].number();
                let is_end = number > 0 && number % samples == 0;
                let format = if is_end { at_epoch_end(&plain) } else { plain };
                let place = (row, at as u16);
                let handed_on = match (number, &column.formula) {
                    (1.., Expr::Name(Ref::Above(other))) => Some((number - 1, *other)),
                    (1.., Expr::Name(Ref::Column(other))) => Some((number, *other)),
                    _ => None,
                };
                if self.cells.contains(&(number, at)) {
                    sheet.write_blank(place.0, place.1, &framed(&format))?;
                } else if handed_on.is_some_and(|cell| self.cells.contains(&cell)) {
                    let text = self.layout.columns[at].step.in_row(row);
                    write_formula(sheet, place, &text, Value::ZERO, &format)?;
                } else {
                    let number =
                        value.get().map_err(|error| self.no_number(number, at, error.text()))?;
                    sheet.write_number_with_format(place.0, place.1, number, &format)?;
                }
            }
        }
        Ok(())
    }

    fn no_number(&self, row: usize, column: usize, error: &str) -> Error {
        let (run, header) = (&self.run.sheet, &self.run.sheet.columns[column].header);
        Error::new(format!("{} diverges: {header} is {error} in step {row}", run.name))
            .help("nobody can fill that in; take a smaller learning rate: --set lr=...")
    }

    /// Gives framed cells of a state its colour.
    fn colour(&self, sheet: &mut Worksheet, state: u8, fill: u32) -> Result<()> {
        let columns = || self.cells.iter().map(|(_, column)| *column as u16);
        let (Some(first), Some(last)) = (columns().min(), columns().max()) else { return Ok(()) };
        let top = self.layout.start + 1;
        let cell = format!("{}{}", Addresses::letters(first.into()), top + 1);
        let rule = format!("={}={state}", self.check.cell(&cell));
        let format = ConditionalFormatFormula::new()
            .set_rule(rule.as_str())
            .set_format(Format::new().set_background_color(Color::RGB(fill)));
        let end = self.layout.spread.page(0).last;
        sheet.add_conditional_format(top, first, end, last, &format)?;
        Ok(())
    }
}

/// A cell to be filled in.
fn framed(format: &Format) -> Format {
    format
        .clone()
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(0x7F7F7F))
        .set_unlocked()
}

/// All rows of a trace, that of step 0 first.
#[derive(Default)]
struct Rows(Vec<Vec<Option<Value>>>);

impl Sink for Rows {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.0.push(values.to_vec());
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        let row = |at: usize| block.columns.iter().map(|column| Some(column[at])).collect();
        self.0.extend((0..block.rows()).map(row));
        Ok(())
    }
}
