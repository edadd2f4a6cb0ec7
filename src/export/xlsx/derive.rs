//! The workbook of `gdtrace derive`: the point as input cells, and every value, every entry of the
//! Jacobian and of the Hessians as a live formula beside its text.

use std::collections::BTreeMap;

use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook, Worksheet};

use super::digits::{NumberFormat, column_width};
use super::style::{Styles, as_input};
use super::{set_up_page, write_formula};
use crate::circuit::{AtPoint, Derivatives, Formulas, Numbers};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name, Written, excel, operands, parse};
use crate::trace::Extent;
use crate::value::Value;

/// What a cell's formula may have, by the specification of Excel.
const LONGEST_FORMULA: usize = 8192;
const DEEPEST_FORMULA: usize = 64;

/// The widest that a column of formulas as text becomes; longer ones are wrapped.
const WIDEST: f64 = 44.0;

/// The width of a character in the font of such text.
const CHARACTER: f64 = 1.15;

/// The workbook that shows `derivatives` at a point.
///
/// # Errors
/// A formula that is too long or nested too deeply for a cell; whatever prevents writing.
pub fn derivatives(derivatives: &Derivatives, at: &AtPoint) -> Result<Workbook> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("derive")?;
    let mut page =
        Page { styles: Styles::new(), derivatives, at, row: 0, heights: BTreeMap::new() };
    page.write_title(sheet)?;
    page.write_point(sheet)?;
    page.write_functions(sheet)?;
    let names: Vec<String> = page.function_names();
    let heads: Vec<String> =
        derivatives.variables.iter().map(|name| format!("d/d{name}")).collect();
    page.write_matrix(sheet, "Jacobian", (&names, &heads), &derivatives.jacobian, &at.jacobian)?;
    for ((name, formulas), numbers) in names.iter().zip(&derivatives.hessians).zip(&at.hessians) {
        let title = format!("Hessian of {name}");
        page.write_matrix(sheet, &title, (&heads, &heads), formulas, numbers)?;
    }
    page.write_notes(sheet)?;
    page.set_widths(sheet)?;
    set_up_page(sheet);
    Ok(workbook)
}

/// The sheet under way.
struct Page<'a> {
    styles: Styles,
    derivatives: &'a Derivatives,
    at: &'a AtPoint,
    /// The next row to write.
    row: u32,
    /// How many lines of text the rows have.
    heights: BTreeMap<u32, f64>,
}

/// The row with the first coordinate of the point.
const POINT: u32 = 4;

impl Page<'_> {
    /// The column of the first value; those of the formulas as text stand to the left.
    fn values(&self) -> u16 {
        self.derivatives.variables.len() as u16 + 2
    }

    fn function_names(&self) -> Vec<String> {
        let count = self.derivatives.functions.len();
        (0..count).map(|index| self.derivatives.function_name(index)).collect()
    }

    fn write_title(&self, sheet: &mut Worksheet) -> Result<()> {
        let title = match self.derivatives.hessians.len() {
            0 => "Jacobian",
            1 => "Jacobian and Hessian",
            _ => "Jacobian and Hessians",
        };
        sheet.write_string_with_format(0, 0, title, &self.styles.title)?;
        let told = "Every number is a formula over the blue cells: change one, and all follow.";
        sheet.write_string_with_format(1, 0, told, &self.styles.prose)?;
        Ok(())
    }

    fn write_point(&mut self, sheet: &mut Worksheet) -> Result<()> {
        sheet.write_string_with_format(POINT - 1, 0, "The point", &self.styles.heading)?;
        let input = as_input(&Format::new().set_align(FormatAlign::Left));
        for (row, (name, value)) in (POINT..).zip(&self.at.point) {
            sheet.write_string_with_format(row, 0, name.to_string(), &self.styles.label)?;
            sheet.write_number_with_format(row, 1, *value, &input)?;
        }
        self.row = POINT + self.at.point.len() as u32 + 1;
        Ok(())
    }

    /// The cell of a coordinate.
    fn reference(&self, name: &Name) -> String {
        let index = self.at.point.iter().position(|(one, _)| one == name).unwrap_or_default();
        row_col_to_cell_absolute(POINT + index as u32, 1)
    }

    fn write_functions(&mut self, sheet: &mut Worksheet) -> Result<()> {
        sheet.write_string_with_format(self.row, 0, "Functions", &self.styles.heading)?;
        self.write_heads(sheet, &["formula".to_owned()], &["value".to_owned()])?;
        let number = digits(&self.at.values).number();
        let rows = self.derivatives.functions.iter().zip(&self.at.values);
        for ((formula, value), name) in rows.zip(self.function_names()) {
            sheet.write_string_with_format(self.row, 0, &name, &self.row_label())?;
            self.write_text(sheet, 1, formula)?;
            self.write_value(sheet, (&name, self.values()), formula, *value, &number)?;
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    /// Formulas as text on the left, their values on the right.
    fn write_matrix(
        &mut self,
        sheet: &mut Worksheet,
        title: &str,
        (rows, heads): (&[String], &[String]),
        formulas: &Formulas,
        numbers: &Numbers,
    ) -> Result<()> {
        sheet.write_string_with_format(self.row, 0, title, &self.styles.heading)?;
        self.write_heads(sheet, heads, heads)?;
        let all: Vec<Value> = numbers.iter().flatten().map(|entry| entry.value).collect();
        let number = digits(&all).number();
        for (label, (formulas, numbers)) in rows.iter().zip(formulas.iter().zip(numbers)) {
            sheet.write_string_with_format(self.row, 0, label, &self.row_label())?;
            for (column, (formula, entry)) in (0..).zip(formulas.iter().zip(numbers)) {
                self.write_text(sheet, 1 + column, formula)?;
                let place = format!("{label} {}", heads[usize::from(column)]);
                let at = (place.as_str(), self.values() + column);
                self.write_value(sheet, at, formula, entry.value, &number)?;
            }
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    /// The heads of both blocks, in the row below the title.
    fn write_heads(
        &mut self,
        sheet: &mut Worksheet,
        texts: &[String],
        values: &[String],
    ) -> Result<()> {
        let row = self.row + 1;
        sheet.write_string_with_format(row, 0, "", &self.styles.head)?;
        for column in 1..self.values() - 1 {
            let head = texts.get(usize::from(column) - 1).map_or("", String::as_str);
            sheet.write_string_with_format(row, column, head, &self.styles.head)?;
        }
        for (column, head) in (self.values()..).zip(values) {
            sheet.write_string_with_format(row, column, head, &self.styles.number_head)?;
        }
        self.row = row + 1;
        Ok(())
    }

    fn row_label(&self) -> Format {
        self.styles.label.clone().set_align(FormatAlign::Top)
    }

    fn write_text(
        &mut self,
        sheet: &mut Worksheet,
        column: u16,
        formula: &Expr<Name>,
    ) -> Result<()> {
        let format = self.styles.code.clone().set_text_wrap().set_align(FormatAlign::Top);
        let text = formula.to_string();
        // Spreadsheets do not make rows higher by themselves where a file has their heights.
        let lines = (text.chars().count() as f64 * CHARACTER / (WIDEST - 3.0)).ceil();
        let highest = self.heights.entry(self.row).or_insert(1.0);
        *highest = highest.max(lines.min(26.0));
        if *highest > 1.0 {
            sheet.set_row_height(self.row, 15.0 * *highest)?;
        }
        sheet.write_string_with_format(self.row, column, text, &format)?;
        Ok(())
    }

    /// A live formula with its result; `place` names it in an error.
    fn write_value(
        &self,
        sheet: &mut Worksheet,
        (place, column): (&str, u16),
        formula: &Expr<Name>,
        value: Value,
        format: &Format,
    ) -> Result<()> {
        if written_size(formula) > LONGEST_FORMULA {
            return Err(too_long(place));
        }
        let text = excel(formula, &|name: &Name| self.reference(name));
        if text.len() >= LONGEST_FORMULA || depth(&text) > DEEPEST_FORMULA {
            return Err(too_long(place));
        }
        let format = format.clone().set_align(FormatAlign::Top);
        write_formula(sheet, (self.row, column), &text, value, &format)
    }

    /// Where a derivative does not exist, and what is taken for it.
    fn write_notes(&self, sheet: &mut Worksheet) -> Result<()> {
        let format = Format::new().set_font_color(Color::RGB(0xB00000));
        let names = self.function_names();
        for (row, (function, note)) in (self.row..).zip(&self.at.notes) {
            let told = format!("Note: {}: {note}", names[*function]);
            sheet.write_string_with_format(row, 0, told, &format)?;
        }
        Ok(())
    }

    fn set_widths(&self, sheet: &mut Worksheet) -> Result<()> {
        let labels = self.at.point.iter().map(|(name, _)| name.to_string().chars().count() + 3);
        let label = labels.chain([12]).max().unwrap_or(12);
        sheet.set_column_width(0, (label as f64).min(WIDEST))?;
        let rows = || {
            let hessians = self.derivatives.hessians.iter().flatten();
            self.derivatives.jacobian.iter().chain(hessians)
        };
        for column in 0..self.derivatives.variables.len() {
            let length = |row: &Vec<Expr<Name>>| row[column].to_string().chars().count();
            let longest = rows().map(length).max().unwrap_or(0);
            let functions = self.derivatives.functions.iter().map(|one| one.to_string().len());
            let longest = match column {
                0 => functions.chain([longest]).max().unwrap_or(0),
                _ => longest,
            };
            let width = (longest as f64 * CHARACTER + 2.0).clamp(12.0, WIDEST);
            sheet.set_column_width(column as u16 + 1, width)?;
            let value = |row: &Vec<crate::circuit::Entry>| row[column].value;
            let numbers = self.at.jacobian.iter().chain(self.at.hessians.iter().flatten());
            let values = numbers.map(value).chain(self.at.values.iter().copied());
            let width = column_width("", &digits(&values.collect::<Vec<_>>())).max(13.0);
            sheet.set_column_width(self.values() + column as u16, width)?;
        }
        sheet.set_column_width(self.values() - 1, 3)?;
        Ok(())
    }
}

fn digits(values: &[Value]) -> NumberFormat {
    NumberFormat::for_extent(Extent::of(values.iter().filter_map(|value| value.get().ok())))
}

fn too_long(place: &str) -> Error {
    Error::new(format!(
        "the formula of {place} does not fit into a cell, which takes {LONGEST_FORMULA} characters \
         and {DEEPEST_FORMULA} levels of parentheses"
    ))
    .help("leave -o out, or derive a shorter formula")
}

/// How deeply parentheses are nested in `text`.
fn depth(text: &str) -> usize {
    let mut depths = text.bytes().scan(0_usize, |depth, byte| {
        match byte {
            b'(' => *depth += 1,
            b')' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    depths.by_ref().max().unwrap_or(0)
}

/// How many parts `expr` has at least in a spreadsheet, where `softplus(u)` names u twice: nested
/// in itself it doubles with every level, so it is counted before it is written.
fn written_size(expr: &Expr<Name>) -> usize {
    let inside = || operands(expr).into_iter().map(written_size);
    let Expr::Call(function, _) = expr else {
        return inside().fold(1, usize::saturating_add);
    };
    let times = match function.excel {
        Written::Named(_) => 1,
        Written::Formula(text) => parse(text).map_or(0, |formula| formula.names().len()),
    };
    inside().fold(1, |sum: usize, part| sum.saturating_add(part.saturating_mul(times)))
}
