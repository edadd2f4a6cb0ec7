//! What stands above the rows of a sheet with both beside each other: title, inputs, the figures of
//! each column, heads.

use rust_xlsxwriter::utility::{quote_sheet_name, row_col_to_cell};
use rust_xlsxwriter::{Format, FormatAlign, Worksheet};

use super::super::style::{as_input, group_band, group_head};
use super::super::{note, write_formula, write_total};
use super::compared::{DIFFERENCE, Page};
use super::findings::link;
use super::layout::{Block, Layout};
use super::paint;
use crate::compare::marks::Mark;
use crate::error::Result;
use crate::formula::text;
use crate::sheet::{Group, Ref};
use crate::value::{Value, sentence};

impl Page<'_> {
    /// Title, what is shown, and the inputs.
    pub fn write_top(&self, sheet: &mut Worksheet) -> Result<()> {
        let (book, found) = (self.book, self.beside.found);
        let title = match &found.against {
            Some(there) => format!("{} beside {}", found.title(), there.name),
            None => format!("{} beside what it should hold", found.title()),
        };
        let colour = paint::tab(found.status);
        sheet.write_string_with_format(0, 0, title, &book.styles.title_in(colour))?;
        sheet.write_string_with_format(1, 0, self.lead(), &book.styles.prose)?;
        self.write_links(sheet)?;
        self.write_inputs(sheet)
    }

    /// The way back, and what the colours mean.
    fn write_links(&self, sheet: &mut Worksheet) -> Result<()> {
        let book = self.book;
        let back = format!("{}!A1", quote_sheet_name(&book.names.findings));
        link(sheet, book, (Layout::LINKS, 0), &back, "to the findings")?;
        for (column, mark) in (1..).zip(Mark::ALL) {
            let format = book.paint.marked(Format::new().set_shrink(), Some(mark));
            let at = (Layout::LINKS, column);
            sheet.write_string_with_format(at.0, at.1, mark.name(), &format)?;
            sheet.insert_note(at.0, at.1, &note(mark.meaning()))?;
        }
        Ok(())
    }

    /// Where ours come from.
    fn lead(&self) -> String {
        let found = self.beside.found;
        let copy = self.book.names.copy(self.beside.index).unwrap_or(found.title());
        if let Some(there) = &found.against {
            return format!(
                "There: the numbers of {} as they stood, no formulas. Here and the differences are \
                 formulas over the sheet {copy}. {}",
                there.name,
                sentence(&there.told_rows())
            );
        }
        let told = match found.told_optimizer() {
            Some(form) => {
                format!("{form}, computed from the sheet's own x, y, start and hyperparameters")
            }
            None => {
                "no optimizer that gdtrace knows; the weights are those of the sheet".to_owned()
            }
        };
        format!(
            "{} Every number is a formula: change a cell of the sheet {copy}, and all follow.",
            sentence(&told)
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
        let tolerance = input.clone().set_num_format("0.0E+00");
        sheet.write_string(labels + 1, 0, "value")?;
        sheet.write_number_with_format(
            labels + 1,
            Layout::TOLERANCE,
            book.shown.tolerance,
            &tolerance,
        )?;
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
    pub fn write_figures(&self, sheet: &mut Worksheet) -> Result<()> {
        let (layout, label) = (self.layout, &self.book.styles.label);
        let whole = Format::new().set_num_format("0");
        let small = Format::new().set_num_format(DIFFERENCE);
        sheet.write_string_with_format(Layout::COMPARED, 0, "cells compared", label)?;
        for (column, pair) in self.pairs() {
            let count = pair.figures.compared as f64;
            let text = format!("COUNT({})", layout.rows(column + 2));
            let at = (Layout::COMPARED, column + 2);
            write_formula(sheet, at, &text, Value::number(count), &whole)?;
        }
        sheet.write_string_with_format(Layout::DIFFERING, 0, "cells that differ", label)?;
        for (column, pair) in self.pairs() {
            let format = if pair.differing.is_empty() { &whole } else { &self.book.paint.differs };
            let count = Value::number(pair.figures.differing as f64);
            let text = self.differing_formula(column);
            write_total(sheet, (Layout::DIFFERING, column + 2), (&text, true), count, format)?;
        }
        sheet.write_string_with_format(Layout::LARGEST, 0, "largest difference", label)?;
        for (column, pair) in self.pairs() {
            let rows = layout.rows(column + 2);
            let text = format!("MAX(MAX({rows}),-MIN({rows}))");
            let largest = pair.figures.largest;
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

    fn form_column(&self, block: Block) -> usize {
        match block {
            Block::Given { column, .. } | Block::Alone(column) => column,
            Block::Pair(pair) => self.beside.pairs[pair].column,
        }
    }

    pub fn write_heads(&self, sheet: &mut Worksheet) -> Result<()> {
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
        let [theirs, ours] = self.book.shown.sides();
        for (first, block) in &self.layout.blocks {
            let texts: &[&str] = match block {
                Block::Given { .. } => &[theirs],
                Block::Pair(_) => &[theirs, ours, "difference"],
                Block::Alone(_) => &[ours],
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
    pub fn write_starts(&self, sheet: &mut Worksheet) -> Result<()> {
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
}
