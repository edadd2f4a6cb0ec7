//! A sheet with theirs, ours and the difference side by side: ours as live formulas over their x
//! and y, their hyperparameters and their start.

use rust_xlsxwriter::utility::{column_number_to_name, row_col_to_cell};
use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, FormatAlign, Worksheet};

use super::super::digits::{NumberFormat, column_width};
use super::super::style::{as_input, group_band, group_head};
use super::super::{note, set_up_page, write_formula, write_total};
use super::layout::{Block, Layout};
use super::{Book, paint};
use crate::compare::beside::{Beside, Pair};
use crate::compare::scalar::Scalar;
use crate::data::address::column_name;
use crate::error::Result;
use crate::formula::text;
use crate::sheet::{Group, Ref};
use crate::trace::Extent;
use crate::value::{Value, sentence};

/// Writes the sheet for the one at `at` of the comparison.
///
/// # Errors
/// Whatever prevents writing.
pub fn write(sheet: &mut Worksheet, book: &Book, at: usize) -> Result<()> {
    let (Some(beside), Some(layout)) = (&book.tables[at], &book.layouts[at]) else { return Ok(()) };
    let name = book.names.compared(at);
    sheet.set_name(name)?;
    sheet.set_tab_color(Color::RGB(paint::tab(beside.found.status)));
    let page = Page { book, beside, layout, digits: digits(beside, layout) };
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
struct Page<'a> {
    book: &'a Book<'a>,
    beside: &'a Beside<'a>,
    layout: &'a Layout,
    /// The digits of each block.
    digits: Vec<NumberFormat>,
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
    fn pairs(&self) -> impl Iterator<Item = (u16, &Pair)> {
        self.layout.blocks.iter().filter_map(|(first, block)| match *block {
            Block::Pair(pair) => Some((*first, &self.beside.pairs[pair])),
            _ => None,
        })
    }

    /// Title, what is shown, and the inputs.
    fn write_top(&self, sheet: &mut Worksheet) -> Result<()> {
        let (book, found) = (self.book, self.beside.found);
        let title = match &found.against {
            Some(there) => format!("{} beside {}", found.sheet, there.name),
            None => format!("{} beside what it should hold", found.sheet),
        };
        let colour = paint::tab(found.status);
        sheet.write_string_with_format(0, 0, title, &book.styles.title_in(colour))?;
        sheet.write_string_with_format(1, 0, self.lead(), &book.styles.prose)?;
        self.write_inputs(sheet)
    }

    /// Where ours come from.
    fn lead(&self) -> String {
        let found = self.beside.found;
        if let Some(there) = &found.against {
            return format!(
                "Ours are the numbers of {} as they stood there, no formulas; theirs and the \
                 differences are formulas over the sheet {}.",
                there.name, found.sheet
            );
        }
        let form = &self.beside.ours.sheet.title;
        let told = match &found.optimizer {
            Some(_) => {
                format!("{form}, computed from the sheet's own x, y, start and hyperparameters")
            }
            None => {
                "no optimizer that gdtrace knows; the weights are those of the sheet".to_owned()
            }
        };
        format!(
            "{} Every number is a formula: change a cell of the sheet {}, and all follow.",
            sentence(&told),
            found.sheet
        )
    }

    fn write_inputs(&self, sheet: &mut Worksheet) -> Result<()> {
        let (book, ours) = (self.book, &self.beside.ours.sheet);
        let labels = Layout::INPUTS;
        let right = book.styles.label.clone().set_align(FormatAlign::Right);
        sheet.write_string_with_format(labels, 0, "input", &book.styles.label)?;
        sheet.write_string_with_format(labels, Layout::TOLERANCE, "tolerance", &right)?;
        sheet.insert_note(
            labels,
            Layout::TOLERANCE,
            &note("numbers that differ by less than this part of the larger one agree"),
        )?;
        for (column, input) in (Layout::TOLERANCE + 1..).zip(&self.layout.inputs) {
            let input = &ours.inputs[*input];
            sheet.write_string_with_format(labels, column, &input.id, &right)?;
            sheet.insert_note(labels, column, &note(&input.meaning))?;
        }
        let input = as_input(&Format::new());
        sheet.write_string(labels + 1, 0, "value")?;
        sheet.write_number_with_format(labels + 1, Layout::TOLERANCE, book.tolerance, &input)?;
        let inputs = self.layout.inputs.iter().zip(&self.layout.input_formulas);
        for (column, (index, formula)) in (Layout::TOLERANCE + 1..).zip(inputs) {
            let value = ours.inputs[*index].value;
            match formula {
                Some(text) => {
                    let place = (labels + 1, column);
                    write_formula(sheet, place, text, Value::number(value), &Format::new())?;
                }
                None => {
                    sheet.write_number_with_format(labels + 1, column, value, &input)?;
                }
            }
        }
        Ok(())
    }

    /// What is true of each column as a whole.
    fn write_figures(&self, sheet: &mut Worksheet) -> Result<()> {
        let (layout, label) = (self.layout, &self.book.styles.label);
        let whole = Format::new().set_num_format("0");
        let small = Format::new().set_num_format(DIFFERENCE);
        sheet.write_string_with_format(Layout::COMPARED, 0, "cells compared", label)?;
        for (column, pair) in self.pairs() {
            let count = self.beside.figures(pair).compared as f64;
            let text = format!("COUNT({})", layout.rows(column + 2));
            let at = (Layout::COMPARED, column + 2);
            write_formula(sheet, at, &text, Value::number(count), &whole)?;
        }
        sheet.write_string_with_format(Layout::DIFFERING, 0, "cells that differ", label)?;
        for (column, pair) in self.pairs() {
            let format = if pair.differing.is_empty() { &whole } else { &self.book.paint.differs };
            let count = Value::number(self.beside.figures(pair).differing as f64);
            let text = self.differing_formula(column);
            write_total(sheet, (Layout::DIFFERING, column + 2), (&text, true), count, format)?;
        }
        sheet.write_string_with_format(Layout::LARGEST, 0, "largest difference", label)?;
        for (column, pair) in self.pairs() {
            let rows = layout.rows(column + 2);
            let text = format!("MAX(MAX({rows}),-MIN({rows}))");
            let largest = self.beside.figures(pair).largest;
            let at = (Layout::LARGEST, column + 2);
            write_formula(sheet, at, &text, Value::number(largest), &small)?;
        }
        sheet.write_string_with_format(Layout::ALLOWED, 0, "rounding allowed", label)?;
        sheet.insert_note(
            Layout::ALLOWED,
            0,
            &note("what rounding may make of a difference of nearly equal numbers"),
        )?;
        for (column, pair) in self.pairs() {
            let input = as_input(&small);
            let at = (Layout::ALLOWED, column + 2);
            sheet.write_number_with_format(at.0, at.1, pair.allowance, &input)?;
        }
        Ok(())
    }

    /// The formula that counts the cells that differ. Only cells with numbers on both sides have a
    /// difference; the others must not spoil the count.
    fn differing_formula(&self, column: u16) -> String {
        let [theirs, ours, difference] = [0, 1, 2].map(|offset| self.layout.rows(column + offset));
        let allowed = row_col_to_cell(Layout::ALLOWED, column + 2);
        format!(
            "SUM(IF(ISNUMBER({difference}),IF(ABS({difference})>{tolerance}*IF(ABS({theirs})>\
             ABS({ours}),ABS({theirs}),ABS({ours}))+{allowed},1,0),0))",
            tolerance = Layout::tolerance()
        )
    }

    /// What stands above a block.
    fn title(&self, block: Block) -> String {
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

    fn form_column(&self, block: Block) -> usize {
        match block {
            Block::Given { column, .. } | Block::Alone(column) => column,
            Block::Pair(pair) => self.beside.pairs[pair].column,
        }
    }

    fn write_heads(&self, sheet: &mut Worksheet) -> Result<()> {
        let columns = &self.beside.ours.sheet.columns;
        let group = |block: Block| columns[self.form_column(block)].group;
        sheet.write_string_with_format(Layout::BAND, 0, "", &group_band(Group::Index))?;
        for (first, block) in &self.layout.blocks {
            let band = group_band(group(*block)).set_bold().set_font_size(11);
            sheet.write_string_with_format(Layout::BAND, *first, self.title(*block), &band)?;
            sheet.insert_note(Layout::BAND, *first, &note(&self.explanation(*block)))?;
            for column in 1..block.width() {
                sheet.write_blank(Layout::BAND, first + column, &band)?;
            }
        }
        let heads = Layout::BAND + 1;
        sheet.write_string_with_format(heads, 0, "row", &group_head(Group::Index))?;
        for (first, block) in &self.layout.blocks {
            let texts: &[&str] = match block {
                Block::Given { .. } => &["theirs"],
                Block::Pair(_) => &["theirs", "ours", "difference"],
                Block::Alone(_) => &["ours"],
            };
            for (column, text) in (*first..).zip(texts) {
                let head = group_head(group(*block));
                sheet.write_string_with_format(heads, column, *text, &head)?;
            }
        }
        Ok(())
    }

    /// What a column is, and its formula in words.
    fn explanation(&self, block: Block) -> String {
        let form = &self.beside.ours.sheet;
        let column = &form.columns[self.form_column(block)];
        let sign = match block {
            Block::Pair(pair) if self.beside.pairs[pair].is_negated => "with the other sign: ",
            _ => "",
        };
        let told = format!("{sign}{}", column.meaning);
        if matches!(block, Block::Given { .. }) {
            return format!("{told}\nas the sheet has it");
        }
        if let (Some(_), Block::Pair(pair)) = (&self.beside.found.against, block) {
            let hand = self.beside.pairs[pair].hand;
            return self.beside.found.columns[hand].meaning.clone().unwrap_or(told);
        }
        let name = |reference: &Ref| match *reference {
            Ref::Column(column) => form.columns[column].header.clone(),
            Ref::Above(column) => format!("[{} of the row above]", form.columns[column].header),
            Ref::Input(input) => form.inputs[input].id.clone(),
            Ref::Data(_) | Ref::Order => String::new(),
        };
        format!("{told}\n{} = {}", column.header, text(&column.formula, &name))
    }

    /// The values that the first row builds on.
    fn write_starts(&self, sheet: &mut Worksheet) -> Result<()> {
        sheet.write_string_with_format(Layout::START, 0, "start", &self.book.styles.prose)?;
        for ((first, block), digits) in self.layout.blocks.iter().zip(&self.digits) {
            let (at, column) = match *block {
                Block::Given { .. } => continue,
                Block::Alone(column) => (*first, column),
                Block::Pair(pair) if self.beside.pairs[pair].is_negated => continue,
                Block::Pair(pair) => (first + 1, self.beside.pairs[pair].column),
            };
            let Some(value) = self.beside.start(column) else { continue };
            match (&self.layout.starts[column], value.get()) {
                (Some(text), _) => {
                    write_formula(sheet, (Layout::START, at), text, value, &digits.number())?;
                }
                (None, Ok(number)) => {
                    let input = as_input(&digits.number());
                    sheet.write_number_with_format(Layout::START, at, number, &input)?;
                }
                (None, Err(_)) => {}
            }
        }
        Ok(())
    }

    fn write_row(&self, sheet: &mut Worksheet, row: usize) -> Result<()> {
        let at = self.layout.first() + row as u32;
        let number = f64::from(self.beside.machine.rows[row]) + 1.0;
        sheet.write_number_with_format(at, 0, number, &self.book.styles.prose)?;
        for ((first, block), digits) in self.layout.blocks.iter().zip(&self.digits) {
            let format = digits.number();
            match *block {
                Block::Given { hand, column } => {
                    self.write_given(sheet, (at, *first), (hand, column, row), &format)?;
                }
                Block::Alone(column) => {
                    self.write_ours(sheet, (at, *first), (column, row), &format)?;
                }
                Block::Pair(pair) => {
                    let pair = &self.beside.pairs[pair];
                    self.write_theirs(sheet, (at, *first), (pair.hand, row), &format)?;
                    self.write_pair(sheet, (at, *first), (pair, row), &format)?;
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
        format: &Format,
    ) -> Result<()> {
        let cell = self.layout.cell(self.beside, hand, row);
        let sign = if self.is_negated(column) { "-" } else { "" };
        // A blank cell or a text would be computed with as 0.
        let text = match self.beside.theirs(hand, row) {
            Some(_) => format!("{sign}{cell}"),
            None => format!("IF(ISNUMBER({cell}),{sign}{cell},1/0)"),
        };
        let format = self.marked(format, hand, row);
        write_formula(sheet, at, &text, self.beside.value(column, row), &format)
    }

    fn is_negated(&self, column: usize) -> bool {
        self.beside.shown(column).is_some_and(|(_, negated)| negated)
    }

    /// A format with the colour of their cell.
    fn marked(&self, format: &Format, hand: usize, row: usize) -> Format {
        let machine = self.beside.machine;
        let place = (machine.rows[row], machine.columns[hand].column);
        let mark = self.book.marks.get(self.beside.index, place);
        self.book.paint.marked(format.clone(), mark)
    }

    fn write_ours(
        &self,
        sheet: &mut Worksheet,
        at: (u32, u16),
        (column, row): (usize, usize),
        format: &Format,
    ) -> Result<()> {
        let value = self.beside.value(column, row);
        match (self.beside.is_taken(column, row), self.beside.shown(column)) {
            (true, Some((hand, is_negated))) => {
                let sign = if is_negated { "-" } else { "" };
                let text = format!("{sign}{}", self.layout.cell(self.beside, hand, row));
                let format = format.clone().set_italic().set_font_color(self.book.paint.taken);
                write_formula(sheet, at, &text, value, &format)
            }
            _ => match &self.layout.formulas[column] {
                Some(formula) => write_formula(sheet, at, &formula.in_row(at.0), value, format),
                None => {
                    if let Ok(number) = value.get() {
                        sheet.write_number_with_format(at.0, at.1, number, format)?;
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
        format: &Format,
    ) -> Result<()> {
        let format = self.marked(format, hand, row);
        let cell = self.layout.cell(self.beside, hand, row);
        if let Some(number) = self.beside.theirs(hand, row) {
            return write_formula(sheet, at, &cell, Value::number(number), &format);
        }
        let machine = self.beside.machine;
        let place = (machine.rows[row], machine.columns[hand].column);
        let reading = &self.book.comparison.reading;
        match reading.values.get(&reading.workbook, self.beside.index, place) {
            Scalar::Error(error) => {
                let error = error.to_string();
                if error.starts_with('#') {
                    let formula = rust_xlsxwriter::Formula::new(cell).set_result(error);
                    sheet.write_formula_with_format(at.0, at.1, formula, &format)?;
                }
            }
            // A reference to a blank cell would show 0.
            _ => {
                sheet.write_blank(at.0, at.1, &format)?;
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
        format: &Format,
    ) -> Result<()> {
        match pair.is_negated {
            false => self.write_ours(sheet, (at, first + 1), (pair.column, row), format)?,
            true => {
                let blocks = self.layout.blocks.iter();
                let mut alone = blocks.filter(|(_, block)| *block == Block::Alone(pair.column));
                if let Some((column, _)) = alone.next() {
                    let text = format!("-{}", row_col_to_cell(at, *column));
                    let value = self.beside.ours(pair, row);
                    write_formula(sheet, (at, first + 1), &text, value, format)?;
                }
            }
        }
        let Some(difference) = self.beside.difference(pair, row) else { return Ok(()) };
        let text = format!("{}-{}", row_col_to_cell(at, first), row_col_to_cell(at, first + 1));
        let format = Format::new().set_num_format(DIFFERENCE);
        write_formula(sheet, (at, first + 2), &text, Value::number(difference), &format)
    }
}
