//! A trace sheet: the inputs on top, then a row a step, one formula a column. The rows of the steps
//! are written later, by [`super::tall`].

use rust_xlsxwriter::utility::column_number_to_name;
use rust_xlsxwriter::{
    Color, ConditionalFormatDataBar, ConditionalFormatFormula, Format, Worksheet,
};

use super::addresses::{Addresses, meaning};
use super::digits::{NumberFormat, column_width};
use super::layout::TraceLayout;
use super::spread::Page;
use super::style::{self, Styles, as_input, as_number_only, at_epoch_end};
use super::tall::{KINDS, write_samples};
use super::{note, set_up_page, write_formula, write_value};
use crate::error::{Error, Result};
use crate::export::palette::tint;
use crate::formula::text;
use crate::sheet::{Column, Group, Input, InputKind, Ref, Sheet};
use crate::trace::{Run, initial};
use crate::value::Value;

/// The column where the update's formulas stand, right of the inputs' meanings.
pub(super) const RULE_COLUMN: u16 = 11;

/// A run whose sheet is to be written.
pub struct Written<'a> {
    pub run: &'a Run,
    pub layout: &'a TraceLayout,
    /// Which of its rows this sheet has.
    pub page: Page,
    /// The values above the first one, where these are not the initial ones.
    pub above: Option<Vec<Option<Value>>>,
    pub addresses: &'a Addresses,
    /// The sheet of its reset, where it has one.
    pub reset: Option<&'a TraceLayout>,
    pub colour: u32,
    /// What is special about this sheet; nothing for most.
    pub told: &'a str,
    /// Where an input comes from that stands on another sheet.
    pub links: &'a dyn Fn(&Input) -> Option<String>,
}

/// Writes the sheet of a run, but for the rows of its steps: it gets two samples of these.
pub fn write(sheet: &mut Worksheet, styles: &Styles, written: &Written) -> Result<()> {
    let (run, layout) = (written.run, written.layout);
    sheet.set_name(&layout.spread.sheets()[written.page.at].name)?;
    let digits: Vec<NumberFormat> =
        run.extents.iter().map(|one| NumberFormat::for_extent(*one)).collect();
    set_up(sheet, written, &digits)?;
    write_top(sheet, styles, written)?;
    write_heads(sheet, written)?;
    let formats = formats(&run.sheet, &digits);
    match &written.above {
        None => write_initial(sheet, &run.sheet, layout, &formats)?,
        Some(values) => write_above(sheet, written, values, &formats)?,
    }
    write_samples(sheet, layout, &formats)
}

/// Everything that is not a cell.
fn set_up(sheet: &mut Worksheet, written: &Written, digits: &[NumberFormat]) -> Result<()> {
    let Written { run, layout, colour, .. } = *written;
    let last = written.page.last;
    sheet.set_tab_color(Color::RGB(colour));
    for ((at, column), digits) in (0..).zip(&run.sheet.columns).zip(digits) {
        // The first columns carry the labels and values of the inputs as well.
        let least = [9.0, 11.0].get(usize::from(at)).copied().unwrap_or(0.0);
        sheet.set_column_width(at, column_width(&column.header, digits).max(least))?;
    }
    for group in [Group::Check, Group::State, Group::Circuit] {
        let belongs = |column: &Column| column.group == group;
        let columns = &run.sheet.columns;
        if let (Some(first), Some(last)) =
            (columns.iter().position(belongs), columns.iter().rposition(belongs))
        {
            sheet.group_columns(first as u16, last as u16)?;
        }
    }
    sheet.set_freeze_panes(layout.heads + 1, 3)?;
    sheet.set_repeat_rows(layout.heads, layout.heads)?;
    let bar = ConditionalFormatDataBar::new()
        .set_fill_color(Color::RGB(tint(colour, 0.45)))
        .set_border_off(true)
        .set_solid_fill(true);
    grey_out_held(sheet, &run.sheet, (layout.start + 1, last))?;
    let loss = run.sheet.loss as u16;
    sheet.add_conditional_format(layout.start + 1, loss, last, loss, &bar)?;
    set_up_page(sheet);
    Ok(())
}

/// Greys out what only keeps the value above, where rows are not all updates.
fn grey_out_held(sheet: &mut Worksheet, run: &Sheet, (row, end): (u32, u32)) -> Result<()> {
    let Some(update) = run.column("update") else { return Ok(()) };
    let of_update = |column: &Column| matches!(column.group, Group::State | Group::Update);
    let (Some(first), Some(last)) =
        (run.columns.iter().position(of_update), run.columns.iter().rposition(of_update))
    else {
        return Ok(());
    };
    let held = format!("=${}{}=0", column_number_to_name(update as u16), row + 1);
    let grey = ConditionalFormatFormula::new()
        .set_rule(held.as_str())
        .set_format(Format::new().set_font_color(Color::RGB(0xA6A6A6)));
    sheet.add_conditional_format(row, first as u16, end, last as u16, &grey)?;
    Ok(())
}

/// Title, inputs, and the update's formulas beside them.
fn write_top(sheet: &mut Worksheet, styles: &Styles, written: &Written) -> Result<()> {
    let (run, layout) = (written.run, written.layout);
    let definition = &run.definition;
    let title = styles.title_in(written.colour);
    sheet.write_string_with_format(0, 0, &definition.title, &title)?;
    let summary = format!("{}. Source: {}.", definition.about(), definition.source);
    sheet.write_string_with_format(1, 0, summary, &styles.prose)?;
    if !written.told.is_empty() {
        sheet.write_string_with_format(2, 0, written.told, &styles.prose)?;
    }
    let heads = layout.inputs - 1;
    sheet.write_string_with_format(heads, 0, "input", &styles.label)?;
    // A little room between the value and what it means.
    sheet.write_string_with_format(heads, 2, "meaning", &styles.label.clone().set_indent(1))?;
    let right = styles.label.clone().set_align(rust_xlsxwriter::FormatAlign::Right);
    sheet.write_string_with_format(heads, TraceLayout::VALUES, "value", &right)?;
    let rule = "the update of a weight w with the gradient g";
    sheet.write_string_with_format(heads, RULE_COLUMN, rule, &styles.label)?;
    // Row by row: what is written above an earlier row would be lost.
    let (inputs, rule) = (&run.sheet.inputs, &run.sheet.rule);
    for (row, index) in (layout.inputs..).zip(0..inputs.len().max(rule.len())) {
        if let Some(input) = inputs.get(index) {
            write_input(sheet, styles, written, (input, row))?;
        }
        if let Some(line) = rule.get(index) {
            sheet.write_string_with_format(row, RULE_COLUMN, line, &styles.code)?;
        }
    }
    Ok(())
}

fn write_input(
    sheet: &mut Worksheet,
    styles: &Styles,
    written: &Written,
    (input, row): (&Input, u32),
) -> Result<()> {
    let (run, layout) = (written.run, written.layout);
    sheet.write_string(row, 0, &input.id)?;
    let at = TraceLayout::VALUES;
    if input.kind == InputKind::Samples {
        // Counted, so that it can never disagree with the data.
        write_formula(sheet, (row, at), &layout.count, Value::number(input.value), &Format::new())?;
    } else if let Some(text) = (written.links)(input) {
        write_formula(sheet, (row, at), &text, Value::number(input.value), &Format::new())?;
    } else if let Some(formula) = &input.formula {
        let text = layout.input_formula(&run.sheet, formula);
        write_formula(sheet, (row, at), &text, Value::number(input.value), &Format::new())?;
    } else {
        sheet.write_number_with_format(row, at, input.value, &styles.input)?;
    }
    let source = run.definition.hyperparameter(&input.id);
    let meaning = match source.filter(|_| input.kind == InputKind::Hyperparameter) {
        Some(hyper) => format!("{} ({})", input.meaning, hyper.range.of(&input.id)),
        None => meaning(input, &written.addresses.data, written.reset),
    };
    sheet.write_string_with_format(row, 2, meaning, &styles.prose.clone().set_indent(1))?;
    Ok(())
}

/// The groups' band and the heads, each with a note on what the column is.
fn write_heads(sheet: &mut Worksheet, written: &Written) -> Result<()> {
    let (run, layout) = (&written.run.sheet, written.layout);
    let mut before = None;
    for (at, column) in (0..).zip(&run.columns) {
        let band = style::group_band(column.group);
        let title = if before == Some(column.group) { "" } else { column.group.title() };
        sheet.write_string_with_format(layout.band, at, title, &band)?;
        before = Some(column.group);
    }
    for (at, column) in (0..).zip(&run.columns) {
        let head = style::group_head(column.group);
        sheet.write_string_with_format(layout.heads, at, &column.header, &head)?;
        let told = explanation(run, column, written.addresses);
        sheet.insert_note(layout.heads, at, &note(&told))?;
    }
    sheet.set_row_height(layout.heads, 21)?;
    Ok(())
}

/// What a column is, and its formula in words.
fn explanation(run: &Sheet, column: &Column, addresses: &Addresses) -> String {
    let name = |reference: &Ref| match *reference {
        Ref::Column(column) => run.columns[column].header.clone(),
        Ref::Above(column) => format!("[{} of the row above]", run.columns[column].header),
        Ref::Input(input) => run.inputs[input].id.clone(),
        Ref::Data(_) => format!("{} of the sample, from {}", column.id, addresses.data_place()),
        Ref::Order => format!("the sample of this row, from the sheet {}", addresses.order_sheet()),
    };
    format!("{}\n{} = {}", column.meaning, column.header, text(&column.formula, &name))
}

/// Each column's format within an epoch, on its last row, and for a value above a row.
fn formats(run: &Sheet, digits: &[NumberFormat]) -> Vec<[Format; KINDS]> {
    let format = |(column, digits): (&Column, &NumberFormat)| {
        let number = match column.group {
            Group::Check => digits.number().set_font_color(Color::RGB(0x7F7F7F)),
            _ => digits.number(),
        };
        let end = at_epoch_end(&number);
        let above = as_number_only(&number);
        [number, end, above]
    };
    run.columns.iter().zip(digits).map(format).collect()
}

/// Writes the step-0 row.
fn write_initial(
    sheet: &mut Worksheet,
    run: &Sheet,
    layout: &TraceLayout,
    formats: &[[Format; KINDS]],
) -> Result<()> {
    let row = layout.start;
    let values = initial(run);
    for (at, (value, formulas)) in (0..).zip(values.iter().zip(&layout.columns)) {
        let [format, ..] = &formats[usize::from(at)];
        match (value, &formulas.initial) {
            (None, _) => {}
            (Some(value), Some(text)) => write_formula(sheet, (row, at), text, *value, format)?,
            (Some(value), None) => {
                let input = as_input(format);
                let number = value.get().map_err(|error| Error::new(error.text()))?;
                sheet.write_number_with_format(row, at, number, &input)?;
            }
        }
    }
    Ok(())
}

/// Writes what the first row of a sheet takes from the row above, which stands on the sheet before, or
/// nowhere: then these are numbers.
fn write_above(
    sheet: &mut Worksheet,
    written: &Written,
    values: &[Option<Value>],
    formats: &[[Format; KINDS]],
) -> Result<()> {
    let (layout, above) = (written.layout, written.page.kept.first - 1);
    let columns = written.run.sheet.columns.iter().zip(values).zip(formats);
    for (at, ((column, value), [linked, _, alone])) in columns.enumerate() {
        let Some(value) = value.filter(|_| column.initial.is_some()) else { continue };
        let place = (layout.start, at as u16);
        match layout.spread.cell(above, at) {
            Some(cell) => write_formula(sheet, place, &cell, value, linked)?,
            None => write_value(sheet, place, value, alone)?,
        }
    }
    Ok(())
}
