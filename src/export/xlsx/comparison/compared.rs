//! A sheet with theirs, ours and the difference side by side: ours as live formulas over their x
//! and y, their hyperparameters and their start.

use rust_xlsxwriter::utility::{column_number_to_name, row_col_to_cell};
use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, Worksheet};

use super::super::digits::{NumberFormat, column_width};
use super::super::{note, set_up_page, write_formula};
use super::Book;
use super::layout::{Block, Layout};
use super::paint::{self, Paint};
use crate::compare::expected::{Beside, Pair};
use crate::compare::marks::Mark;
use crate::data::address::column_name;
use crate::error::Result;
use crate::graph::Scalar;
use crate::trace::Extent;
use crate::value::Value;

/// Writes the sheet for the one at `at` of the comparison.
///
/// # Errors
/// Whatever prevents writing.
pub fn write(sheet: &mut Worksheet, book: &Book, at: usize) -> Result<()> {
    let (Some(beside), Some(layout)) = (&book.shown.tables[at], &book.layouts[at]) else {
        return Ok(());
    };
    let name = book.names.compared(at);
    sheet.set_name(name)?;
    sheet.set_tab_color(Color::RGB(paint::tab(beside.found.status)));
    let digits = digits(beside, layout);
    let formats = digits.iter().map(|digits| Formats::new(digits, book.paint)).collect();
    let difference = Format::new().set_num_format(DIFFERENCE);
    let page = Page { book, beside, layout, digits, formats, difference };
    page.set_up(sheet)?;
    page.write_top(sheet)?;
    page.write_figures(sheet)?;
    page.write_heads(sheet)?;
    page.write_starts(sheet)?;
    for row in 0..beside.rows() {
        page.write_row(sheet, row)?;
    }
    Ok(())
}

/// The sheet under way. Its rows are written in order.
pub struct Page<'a> {
    pub book: &'a Book<'a>,
    pub beside: &'a Beside<'a>,
    pub layout: &'a Layout,
    /// The digits of each block.
    pub digits: Vec<NumberFormat>,
    /// The formats of each block's numbers.
    formats: Vec<Formats>,
    difference: Format,
}

/// The formats of a block's numbers, made once.
struct Formats {
    plain: Format,
    /// For a number that was taken over.
    taken: Format,
    marked: [(Mark, Format); 3],
}

impl Formats {
    fn new(digits: &NumberFormat, paint: &Paint) -> Self {
        let plain = digits.number();
        Formats {
            taken: plain.clone().set_italic().set_font_color(paint.taken),
            marked: Mark::ALL.map(|mark| (mark, paint.marked(plain.clone(), Some(mark)))),
            plain,
        }
    }

    fn of(&self, mark: Option<Mark>) -> &Format {
        let marked = self.marked.iter().find(|(known, _)| Some(*known) == mark);
        marked.map_or(&self.plain, |(_, format)| format)
    }
}

/// How large a column's numbers are, theirs and ours.
fn digits(beside: &Beside, layout: &Layout) -> Vec<NumberFormat> {
    let rows = || 0..beside.rows();
    let form = |column: usize| rows().filter_map(move |row| beside.value(column, row).get().ok());
    let hand = |hand: usize| rows().filter_map(move |row| beside.theirs(hand, row));
    let extent = |(_, block): &(u16, Block)| match *block {
        Block::Given { hand: column, .. } => Extent::of(hand(column)),
        Block::Alone(column) => Extent::of(form(column)),
        Block::Pair(pair) => {
            let pair = &beside.pairs[pair];
            Extent::of(hand(pair.hand).chain(form(pair.column)))
        }
    };
    layout.blocks.iter().map(|block| NumberFormat::for_extent(extent(block))).collect()
}

/// The digits of differences, which are of any size.
pub const DIFFERENCE: &str = "[=0]0;0.00E+00";

impl Page<'_> {
    fn set_up(&self, sheet: &mut Worksheet) -> Result<()> {
        sheet.set_column_width(0, 18)?;
        for ((first, block), digits) in self.layout.blocks.iter().zip(&self.digits) {
            let width = column_width(&self.title(*block), digits).min(16.0);
            for column in 0..block.width() {
                // A heading over three columns needs no more than they have together.
                let width = if block.width() == 3 { column_width("theirs", digits) } else { width };
                sheet.set_column_width(first + column, width.max(10.0))?;
            }
        }
        sheet.set_freeze_panes(Layout::START, 1)?;
        sheet.set_repeat_rows(Layout::BAND, Layout::BAND + 1)?;
        sheet.set_repeat_columns(0, 0)?;
        self.paint_differences(sheet)?;
        set_up_page(sheet);
        // On one page's width the digits of so many columns could not be read.
        let columns = self.layout.blocks.iter().map(|(_, block)| block.width()).sum::<u16>();
        sheet.set_print_fit_to_pages(columns.div_ceil(15), 0);
        Ok(())
    }

    /// Differences that are too large are red, also after a cell of theirs was changed.
    fn paint_differences(&self, sheet: &mut Worksheet) -> Result<()> {
        let (first, last) = (self.layout.first(), self.layout.last);
        for (column, _) in self.pairs() {
            let names = [0, 1, 2].map(|offset| column_number_to_name(column + offset));
            let [theirs, ours, difference] = names;
            let row = first + 1;
            let rule = format!(
                "=ABS(${difference}{row})>{tolerance}*MAX(ABS(${theirs}{row}),ABS(${ours}{row}))\
                 +${difference}${allowed}",
                tolerance = Layout::tolerance(),
                allowed = Layout::ALLOWED + 1
            );
            let red = ConditionalFormatFormula::new()
                .set_rule(rule.as_str())
                .set_format(self.book.paint.differs.clone());
            sheet.add_conditional_format(first, column + 2, last, column + 2, &red)?;
        }
        Ok(())
    }

    /// The pairs with their first columns.
    pub fn pairs(&self) -> impl Iterator<Item = (u16, &Pair)> {
        self.layout.blocks.iter().filter_map(|(first, block)| match *block {
            Block::Pair(pair) => Some((*first, &self.beside.pairs[pair])),
            _ => None,
        })
    }

    /// What stands above a block.
    pub fn title(&self, block: Block) -> String {
        let hand = match block {
            Block::Given { hand, .. } => hand,
            Block::Pair(pair) => self.beside.pairs[pair].hand,
            Block::Alone(column) => return self.beside.ours.sheet.columns[column].header.clone(),
        };
        let letters = column_name(self.beside.machine.columns[hand].column);
        match &self.beside.machine.columns[hand].header {
            Some(header) => format!("{header} ({letters})"),
            None => format!("column {letters}"),
        }
    }

    fn write_row(&self, sheet: &mut Worksheet, row: usize) -> Result<()> {
        let at = self.layout.first() + row as u32;
        let number = f64::from(self.beside.machine.rows[row]) + 1.0;
        sheet.write_number_with_format(at, 0, number, &self.book.styles.prose)?;
        for ((first, block), formats) in self.layout.blocks.iter().zip(&self.formats) {
            match *block {
                Block::Given { hand, column } => {
                    self.write_given(sheet, (at, *first), (hand, column, row), formats)?;
                }
                Block::Alone(column) => {
                    self.write_ours(sheet, (at, *first), (column, row), formats)?;
                }
                Block::Pair(pair) => {
                    let pair = &self.beside.pairs[pair];
                    self.write_theirs(sheet, (at, *first), (pair.hand, row), formats)?;
                    self.write_pair(sheet, (at, *first), (pair, row), formats)?;
                }
            }
        }
        Ok(())
    }

    fn write_given(
        &self,
        sheet: &mut Worksheet,
        at: (u32, u16),
        (hand, column, row): (usize, usize, usize),
        formats: &Formats,
    ) -> Result<()> {
        let cell = self.layout.cell(self.beside, hand, row);
        let sign = if self.is_negated(column) { "-" } else { "" };
        // A blank cell or a text would be computed with as 0.
        let text = match self.beside.theirs(hand, row) {
            Some(_) => format!("{sign}{cell}"),
            None => format!("IF(ISNUMBER({cell}),{sign}{cell},1/0)"),
        };
        if self.beside.theirs(hand, row).is_none() {
            let told = format!("{cell} holds no number, so nothing can be computed from it");
            sheet.insert_note(at.0, at.1, &note(&told))?;
        }
        let format = formats.of(self.mark(hand, row));
        write_formula(sheet, at, &text, self.beside.value(column, row), format)
    }

    fn is_negated(&self, column: usize) -> bool {
        self.beside.shown(column).is_some_and(|(_, negated)| negated)
    }

    fn mark(&self, hand: usize, row: usize) -> Option<Mark> {
        self.book.shown.marks.get(self.beside.index, self.beside.place(hand, row))
    }

    fn write_ours(
        &self,
        sheet: &mut Worksheet,
        at: (u32, u16),
        (column, row): (usize, usize),
        formats: &Formats,
    ) -> Result<()> {
        let value = self.beside.value(column, row);
        match (self.beside.is_taken(column, row), self.beside.shown(column)) {
            (true, Some((hand, is_negated))) => {
                let sign = if is_negated { "-" } else { "" };
                let text = format!("{sign}{}", self.layout.cell(self.beside, hand, row));
                write_formula(sheet, at, &text, value, &formats.taken)
            }
            _ => match &self.layout.formulas[column] {
                Some(formula) => {
                    write_formula(sheet, at, &formula.in_row(at.0), value, &formats.plain)
                }
                None => {
                    if let Ok(number) = value.get() {
                        sheet.write_number_with_format(at.0, at.1, number, &formats.plain)?;
                    }
                    Ok(())
                }
            },
        }
    }

    fn write_theirs(
        &self,
        sheet: &mut Worksheet,
        at: (u32, u16),
        (hand, row): (usize, usize),
        formats: &Formats,
    ) -> Result<()> {
        let format = formats.of(self.mark(hand, row));
        let cell = self.layout.cell(self.beside, hand, row);
        if let Some(number) = self.beside.theirs(hand, row) {
            return write_formula(sheet, at, &cell, Value::number(number), format);
        }
        let place = self.beside.place(hand, row);
        let reading = &self.book.shown.comparison.reading;
        match reading.graph.value_at(self.beside.index, place) {
            Scalar::Error(error) => {
                let error = error.to_string();
                if error.starts_with('#') {
                    let formula = rust_xlsxwriter::Formula::new(cell).set_result(error);
                    sheet.write_formula_with_format(at.0, at.1, formula, format)?;
                }
            }
            // A reference to a blank cell would show 0.
            _ => {
                sheet.write_blank(at.0, at.1, format)?;
            }
        }
        Ok(())
    }

    /// Ours and the difference, right of theirs.
    fn write_pair(
        &self,
        sheet: &mut Worksheet,
        (at, first): (u32, u16),
        (pair, row): (&Pair, usize),
        formats: &Formats,
    ) -> Result<()> {
        match pair.is_negated {
            false => self.write_ours(sheet, (at, first + 1), (pair.column, row), formats)?,
            true => {
                let blocks = self.layout.blocks.iter();
                let mut alone = blocks.filter(|(_, block)| *block == Block::Alone(pair.column));
                if let Some((column, _)) = alone.next() {
                    let text = format!("-{}", row_col_to_cell(at, *column));
                    let value = self.beside.ours(pair, row);
                    write_formula(sheet, (at, first + 1), &text, value, &formats.plain)?;
                }
            }
        }
        let Some(difference) = self.beside.difference(pair, row) else { return Ok(()) };
        let text = format!("{}-{}", row_col_to_cell(at, first), row_col_to_cell(at, first + 1));
        write_formula(sheet, (at, first + 2), &text, Value::number(difference), &self.difference)
    }
}
