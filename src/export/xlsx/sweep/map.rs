//! A heat map: the final RMSE over two varied values, looked up in the table, coloured by size.
//!
//! Other varied values are input cells: choose another one, and the map shows those runs.

use rust_xlsxwriter::utility::{row_col_to_cell, row_col_to_cell_absolute};
use rust_xlsxwriter::{
    Color, ConditionalFormat3ColorScale, ConditionalFormatFormula, ConditionalFormatType,
    DataValidation, Format, FormatAlign, FormatBorder, FormatPattern, Formula, Worksheet,
};

use super::SHEET;
use super::facts::Facts;
use super::table::{Layout, axis_format};
use crate::error::Result;
use crate::export::xlsx::digits::NumberFormat;
use crate::export::xlsx::style::{Styles, as_input};
use crate::export::xlsx::write_formula;
use crate::trace::Extent;
use crate::trace::sweep::{Grid, Sweep};
use crate::value::{Value, number_text};

/// From small to large errors: one hue, so that it is a scale for any kind of colour vision, and
/// light enough for black digits.
const SMALL: u32 = 0x56B4E9;
const MIDDLE: u32 = 0xCBE6F7;
const LARGE: u32 = 0xFFFFFF;

const LINE_GREY: u32 = 0xBFBFBF;

/// The longest name that a sheet may have.
const LONGEST_NAME: usize = 31;

/// The row with the optimizer's name.
const NAME: u32 = 3;
/// The row with the RMSE at the start, which has the last colour; that of the middle one follows.
const START: u32 = 4;
/// The row of the first of the other varied values.
const OTHERS: u32 = START + 2;

/// `map NAME`, cut to what a sheet's name may have, and unlike all `taken` ones.
pub fn sheet_name(block: &str, taken: &[String]) -> String {
    let plain = block.replace(':', " ");
    let cut = |extra: &str| {
        let room = LONGEST_NAME - "map ".len() - extra.len();
        format!("map {}{extra}", plain.chars().take(room).collect::<String>())
    };
    let free = |name: &String| !taken.iter().any(|one| one.to_lowercase() == name.to_lowercase());
    let numbered = (2..).map(|number| cut(&format!(" {number}")));
    std::iter::once(cut("")).chain(numbered).find(free).unwrap_or_default()
}

/// The RMSE of the middle colour, from those of the map in rising order.
fn middle(errors: &[f64], start: f64) -> f64 {
    let (Some(first), half) = (errors.first(), errors.len() / 2) else { return 0.0 };
    let median = match errors.len() % 2 {
        0 => (errors[half - 1] + errors[half]) / 2.0,
        _ => errors[half],
    };
    if median < start { median } else { (first * start).sqrt() }
}

/// A map under way.
struct Map<'a> {
    sweep: &'a Sweep,
    grid: &'a Grid,
    layout: &'a Layout,
    facts: &'a Facts,
    /// The row with the heads of the columns.
    heads: u32,
}

pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    sweep: &Sweep,
    grid: &Grid,
    (layout, facts): (&Layout, &Facts),
) -> Result<()> {
    let heads = START + grid.others.len() as u32 + 4;
    let map = Map { sweep, grid, layout, facts, heads };
    map.write_title(sheet, styles)?;
    map.write_heads(sheet, styles)?;
    map.write_cells(sheet)?;
    map.set_colours(sheet)?;
    let rows = &sweep.setting.axes[grid.rows].name;
    sheet.set_column_width(0, (rows.len() as f64 + 4.0).max(15.0))?;
    let last = grid.cells[0].len() as u16;
    sheet.set_column_range_width(1, last, 11)?;
    sheet.set_freeze_panes(heads + 1, 1)?;
    Ok(())
}

impl Map<'_> {
    fn values(&self, axis: usize) -> &[f64] {
        &self.sweep.setting.blocks[self.grid.block].values[axis]
    }

    fn name(&self, axis: usize) -> &str {
        &self.sweep.setting.axes[axis].name
    }

    fn write_title(&self, sheet: &mut Worksheet, styles: &Styles) -> Result<()> {
        let block = &self.sweep.setting.blocks[self.grid.block].name;
        let (columns, rows) = (self.name(self.grid.columns), self.name(self.grid.rows));
        let title = format!("{block}: final RMSE over {columns} and {rows}");
        sheet.write_string_with_format(0, 0, title, &styles.title)?;
        let told = "Blue is a small error; the frame marks the smallest; hatched grey is a run \
                    that diverged. Every cell looks its run up in the sheet sweep.";
        sheet.write_string_with_format(1, 0, told, &styles.prose)?;
        sheet.write_string_with_format(NAME, 0, "optimizer", &styles.label)?;
        sheet.write_string(NAME, 1, block)?;
        self.write_scale(sheet, styles)?;
        let input = as_input(&Format::new().set_align(FormatAlign::Left));
        for (row, (axis, place)) in (OTHERS..).zip(&self.grid.others) {
            sheet.write_string_with_format(row, 0, self.name(*axis), &styles.label)?;
            let values = self.values(*axis);
            sheet.write_number_with_format(row, 1, values[*place], &input)?;
            let texts: Vec<String> = values.iter().map(|value| number_text(*value)).collect();
            // A list in the cell's own rule may have 255 characters.
            if texts.join(",").len() < 255 {
                let list = DataValidation::new().allow_list_strings(&texts)?;
                sheet.add_data_validation(row, 1, row, 1, &list)?;
            }
            let told = "choose another value to see its runs";
            sheet.write_string_with_format(row, 2, told, &styles.prose)?;
        }
        Ok(())
    }

    /// The numbers that the colours go by.
    fn write_scale(&self, sheet: &mut Worksheet, styles: &Styles) -> Result<()> {
        let start = self.sweep.start_rmse;
        let runs = self.grid.cells.iter().flatten();
        let errors = runs.filter_map(|index| self.sweep.runs[*index].error());
        let mut errors: Vec<f64> = errors.collect();
        errors.sort_by(f64::total_cmp);
        let middle = middle(&errors, start.get().unwrap_or(0.0));
        let (cells, white) = (self.cells(), row_col_to_cell_absolute(START, 1));
        for (row, label, text, value, told) in [
            (
                START,
                "white from",
                format!("{SHEET}!{}", self.facts.start_rmse()),
                start,
                "the RMSE at the start",
            ),
            (
                START + 1,
                "half blue at",
                format!(
                    "IF(COUNT({cells})=0,0,IF(MEDIAN({cells})<{white},MEDIAN({cells}),\
                     SQRT(MIN({cells})*{white})))"
                ),
                Value::number(middle),
                "the median of the map; where that moved away half way by factors",
            ),
        ] {
            let format = NumberFormat::for_extent(Extent::of([value.raw()])).number();
            let format = format.set_align(FormatAlign::Left);
            sheet.write_string_with_format(row, 0, label, &styles.label)?;
            write_formula(sheet, (row, 1), &text, value, &format)?;
            sheet.write_string_with_format(row, 2, told, &styles.prose)?;
        }
        Ok(())
    }

    /// All cells of the map, absolutely.
    fn cells(&self) -> String {
        let last = self.heads + self.grid.cells.len() as u32;
        let right = self.grid.cells[0].len() as u16;
        let first = row_col_to_cell_absolute(self.heads + 1, 1);
        format!("{first}:{}", row_col_to_cell_absolute(last, right))
    }

    fn write_heads(&self, sheet: &mut Worksheet, styles: &Styles) -> Result<()> {
        let above = self.heads - 1;
        let columns = format!("{} →", self.name(self.grid.columns));
        sheet.write_string_with_format(above, 1, columns, &styles.label)?;
        let rows = format!("{} ↓", self.name(self.grid.rows));
        sheet.write_string_with_format(self.heads, 0, rows, &styles.head)?;
        let merged = |axis: usize| axis_format(self.sweep, axis).merge(&styles.number_head);
        let across = merged(self.grid.columns);
        for (column, value) in (1..).zip(self.values(self.grid.columns)) {
            sheet.write_number_with_format(self.heads, column, *value, &across)?;
        }
        let head = merged(self.grid.rows).set_border_bottom(FormatBorder::None);
        for (row, value) in (self.heads + 1..).zip(self.values(self.grid.rows)) {
            sheet.write_number_with_format(row, 0, *value, &head)?;
            sheet.set_row_height(row, 20)?;
        }
        Ok(())
    }

    /// The conditions that find a cell's run in the table.
    fn conditions(&self, row: u32, column: u16) -> String {
        let range = |column: u16| format!("{SHEET}!{}", self.layout.cells(column));
        let mut pairs = vec![format!("{},{}", range(0), row_col_to_cell_absolute(NAME, 1))];
        let axis = |axis: usize| range(self.layout.axis(axis));
        let head = row_col_to_cell(self.heads, column);
        let (letters, digits) =
            head.split_at(head.find(|c: char| c.is_ascii_digit()).unwrap_or_default());
        pairs.push(format!("{},{letters}${digits}", axis(self.grid.columns)));
        pairs.push(format!("{},${}", axis(self.grid.rows), row_col_to_cell(row, 0)));
        for (row, (other, _)) in (OTHERS..).zip(&self.grid.others) {
            pairs.push(format!("{},{}", axis(*other), row_col_to_cell_absolute(row, 1)));
        }
        pairs.join(",")
    }

    fn write_cells(&self, sheet: &mut Worksheet) -> Result<()> {
        let runs = self.grid.cells.iter().flatten().map(|index| &self.sweep.runs[*index]);
        let well = runs.filter(|run| !self.sweep.moved_away(run)).filter_map(|run| run.error());
        let digits = NumberFormat::for_extent(Extent::of(well));
        let border = Color::RGB(LINE_GREY);
        let near = digits.number().set_border(FormatBorder::Hair).set_border_color(border);
        let near = near.set_align(FormatAlign::Right).set_align(FormatAlign::VerticalCenter);
        let far = near.clone().set_num_format("0.0E+00");
        let rmse = format!("{SHEET}!{}", self.layout.cells(self.layout.rmse()));
        let diverged = format!("{SHEET}!{}", self.layout.cells(self.layout.diverged()));
        for (row, runs) in (self.heads + 1..).zip(&self.grid.cells) {
            for (column, index) in (1..).zip(runs) {
                let run = &self.sweep.runs[*index];
                let found = self.conditions(row, column);
                let text =
                    format!("IF(SUMIFS({diverged},{found})>0,\"diverged\",SUMIFS({rmse},{found}))");
                let result = run.error().map_or("diverged".to_owned(), number_text);
                let cell = Formula::new(text).set_result(result);
                let format = if self.sweep.moved_away(run) { &far } else { &near };
                sheet.write_formula_with_format(row, column, cell, format)?;
            }
        }
        Ok(())
    }

    fn set_colours(&self, sheet: &mut Worksheet) -> Result<()> {
        let (first, last) = (self.heads + 1, self.heads + self.grid.cells.len() as u32);
        let right = self.grid.cells[0].len() as u16;
        let cell = row_col_to_cell(first, 1);
        let all = self.cells();
        let thin = FormatBorder::Thin;
        let best = Format::new().set_bold().set_border(thin).set_border_color(Color::RGB(0));
        let best = ConditionalFormatFormula::new()
            .set_rule(format!("=AND(ISNUMBER({cell}),{cell}=MIN({all}))").as_str())
            .set_format(best);
        let hatched = Format::new()
            .set_font_color(Color::RGB(0x595959))
            .set_pattern(FormatPattern::LightUp)
            .set_background_color(Color::RGB(0xE4E4E4))
            .set_foreground_color(Color::RGB(0x9A9A9A));
        let diverged = ConditionalFormatFormula::new()
            .set_rule(format!("=ISTEXT({cell})").as_str())
            .set_format(hatched);
        sheet.add_conditional_format(first, 1, last, right, &best)?;
        sheet.add_conditional_format(first, 1, last, right, &diverged)?;
        // Up to the start's: runs far off do not make all others alike.
        let at = |row: u32| Formula::new(format!("={}", row_col_to_cell_absolute(row, 1)));
        let scale = ConditionalFormat3ColorScale::new()
            .set_minimum(ConditionalFormatType::Lowest, 0)
            .set_midpoint(ConditionalFormatType::Formula, at(START + 1))
            .set_maximum(ConditionalFormatType::Formula, at(START))
            .set_minimum_color(Color::RGB(SMALL))
            .set_midpoint_color(Color::RGB(MIDDLE))
            .set_maximum_color(Color::RGB(LARGE));
        sheet.add_conditional_format(first, 1, last, right, &scale)?;
        Ok(())
    }
}
