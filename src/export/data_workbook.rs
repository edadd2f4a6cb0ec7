//! The workbook of `gdtrace new`: data of a known line on a sheet called `data`.
//!
//! It is laid out for somebody who opens it first and reads about it later: slope and intercept
//! on top, the table below, and every y a formula, so that changing a blue number shows at once
//! what it does. gdtrace reads the sheet by its headers `x` and `y`.

use rust_xlsxwriter::{
    Color, Format, FormatAlign, FormatBorder, Formula, Note, Workbook, Worksheet, XlsxError,
};

use crate::data::generate::{Inputs, Sample, Settings};

/// The most samples that fit on the sheet, below its heading and above Excel's last row.
pub const MOST_SAMPLES: usize = 1_048_576 - FIRST_ROW as usize;

/// The sheet's name, by which gdtrace finds the data.
pub const SHEET: &str = "data";

const SLOPE_ROW: u32 = 3;
const INTERCEPT_ROW: u32 = 4;
const ORIGIN_ROW: u32 = 5;
const HEADER_ROW: u32 = 7;
const FIRST_ROW: u32 = HEADER_ROW + 1;

const X: u16 = 0;
const Y: u16 = 1;
const NOISE: u16 = 2;

const INK: Color = Color::RGB(0x1F2937);
const QUIET: Color = Color::RGB(0x6B7280);
const INPUT: Color = Color::RGB(0x0000FF);
const HEADER_FILL: Color = Color::RGB(0xDCE6F1);
const RULE: Color = Color::RGB(0x8EA9C8);

/// The workbook that shows `samples`, which `settings` describe.
///
/// # Errors
/// When the samples do not fit on a sheet, or a temporary file cannot be written.
pub fn workbook(settings: &Settings, samples: &[Sample]) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(SHEET)?;
    let noisy = settings.noise > 0.0;
    set_up(sheet, noisy)?;
    // With constant memory the rows have to be written in their order.
    write_heading(sheet, settings, samples)?;
    write_headers(sheet, settings)?;
    write_samples(sheet, samples, noisy)?;
    Ok(workbook)
}

/// The line as a formula: `y = 2x + 30`.
pub fn line(settings: &Settings) -> String {
    let sign = if settings.intercept < 0.0 { '-' } else { '+' };
    format!("y = {}x {sign} {}", number(settings.slope), number(settings.intercept.abs()))
}

fn set_up(sheet: &mut Worksheet, noisy: bool) -> Result<(), XlsxError> {
    sheet.set_column_width(X, 13)?;
    sheet.set_column_width(Y, 13)?;
    sheet.set_column_width(NOISE, 13)?;
    sheet.set_screen_gridlines(false);
    sheet.set_freeze_panes(FIRST_ROW, 0)?;
    sheet.set_selection(FIRST_ROW, X, FIRST_ROW, X)?;
    sheet.set_paper_size(9);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
    sheet.set_footer("&L&F, sheet &A&RPage &P of &N");
    sheet.set_default_note_author("gdtrace");
    sheet.insert_note(HEADER_ROW, X, &note(X_NOTE))?;
    sheet.insert_note(HEADER_ROW, Y, &note(if noisy { NOISY_Y_NOTE } else { Y_NOTE }))?;
    if noisy {
        sheet.insert_note(HEADER_ROW, NOISE, &note(NOISE_NOTE))?;
    }
    Ok(())
}

const X_NOTE: &str = "The input, one number a sample. Type your own numbers over these if you \
                      like: every y follows.";
const Y_NOTE: &str = "The output: slope * x + intercept. Gradient descent is given x and y only, \
                      and has to find the slope and the intercept.";
const NOISY_Y_NOTE: &str = "The output: slope * x + intercept + noise. Gradient descent is given \
                            x and y only, and has to find the slope and the intercept.";
const NOISE_NOTE: &str = "What chance adds to y, as errors of measurement do. Set it to 0 and \
                          the sample lies on the line.";

fn note(text: &str) -> Note {
    Note::new(text).add_author_prefix(false).set_width(240).set_height(90)
}

fn write_heading(
    sheet: &mut Worksheet,
    settings: &Settings,
    samples: &[Sample],
) -> Result<(), XlsxError> {
    let title = text_format().set_bold().set_font_size(14);
    let label = text_format().set_bold();
    let remark = text_format().set_font_color(QUIET);
    let meaning_format = remark.clone().set_indent(1);
    let input = input_format()
        .set_border(FormatBorder::Thin)
        .set_border_color(RULE)
        .set_align(FormatAlign::Right);
    let noise = if settings.noise > 0.0 { " + noise" } else { "" };
    // Without numbers: somebody who changes the slope would make them untrue.
    let line = format!("Data of a line: y = slope * x + intercept{noise}");

    sheet.set_row_height(0, 22)?;
    sheet.write_with_format(0, X, line, &title)?;
    sheet.write_with_format(1, X, "Blue numbers are yours to change: every y follows.", &remark)?;
    for (row, name, value, meaning) in [
        (SLOPE_ROW, "slope", settings.slope, "a, how much y grows when x grows by 1"),
        (INTERCEPT_ROW, "intercept", settings.intercept, "b, the value of y where x is 0"),
    ] {
        sheet.write_with_format(row, X, name, &label)?;
        sheet.write_with_format(row, Y, value, &input)?;
        sheet.write_with_format(row, NOISE, meaning, &meaning_format)?;
    }
    sheet.write_with_format(ORIGIN_ROW, X, "samples", &label)?;
    sheet.write_formula_with_format(ORIGIN_ROW, Y, count(samples.len()), &text_format())?;
    sheet.write_with_format(ORIGIN_ROW, NOISE, origin(settings), &meaning_format)?;
    Ok(())
}

fn count(samples: usize) -> Formula {
    let last = HEADER_ROW as usize + 1 + samples;
    Formula::new(format!("=COUNT(A{}:A{last})", FIRST_ROW + 1)).set_result(samples.to_string())
}

/// Where the numbers come from, so that the same data can be made again.
fn origin(settings: &Settings) -> String {
    let seed = settings.seed;
    let x = match &settings.inputs {
        Inputs::Given(_) => "x as given".to_owned(),
        Inputs::Drawn { min, max, .. } => format!("x drawn from {min} to {max}"),
    };
    let drawn = matches!(settings.inputs, Inputs::Drawn { .. });
    match (drawn, settings.noise > 0.0) {
        (false, false) => x,
        (true, false) => format!("{x}, seed {seed}"),
        (_, true) => {
            format!("{x}, noise of standard deviation {}, seed {seed}", number(settings.noise))
        }
    }
}

fn write_headers(sheet: &mut Worksheet, settings: &Settings) -> Result<(), XlsxError> {
    let format = text_format()
        .set_bold()
        .set_background_color(HEADER_FILL)
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(RULE)
        .set_align(FormatAlign::Right);
    sheet.write_with_format(HEADER_ROW, X, "x", &format)?;
    sheet.write_with_format(HEADER_ROW, Y, "y", &format)?;
    if settings.noise > 0.0 {
        sheet.write_with_format(HEADER_ROW, NOISE, "noise", &format)?;
    }
    Ok(())
}

fn write_samples(sheet: &mut Worksheet, samples: &[Sample], noisy: bool) -> Result<(), XlsxError> {
    let format_of = |format: Format, value: fn(&Sample) -> f64| {
        format.set_num_format(number_format(samples.iter().map(value)))
    };
    let x_format = format_of(input_format(), |sample| sample.x);
    let y_format = format_of(text_format(), |sample| sample.y);
    let noise_format = format_of(input_format(), |sample| sample.noise);
    let (slope, intercept) = (SLOPE_ROW + 1, INTERCEPT_ROW + 1);

    for (row, sample) in (FIRST_ROW..).zip(samples) {
        let number_of_row = row + 1;
        let chance = if noisy { format!("+C{number_of_row}") } else { String::new() };
        let formula = Formula::new(format!("=$B${slope}*A{number_of_row}+$B${intercept}{chance}"))
            .set_result(number(sample.y));
        sheet.write_number_with_format(row, X, sample.x, &x_format)?;
        sheet.write_formula_with_format(row, Y, formula, &y_format)?;
        if noisy {
            sheet.write_number_with_format(row, NOISE, sample.noise, &noise_format)?;
        }
    }
    Ok(())
}

fn text_format() -> Format {
    Format::new().set_font_color(INK)
}

fn input_format() -> Format {
    Format::new().set_font_color(INPUT)
}

/// The number format under which a column's decimal points stand below each other: as many
/// decimals as the values have, at most six digits in all. Whole numbers stay unformatted, so
/// that decimals show when somebody changes the slope.
fn number_format(values: impl Iterator<Item = f64>) -> String {
    let (mut needed, mut largest) = (0, 0.0_f64);
    for value in values {
        let decimals = value.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
        needed = needed.max(decimals);
        largest = largest.max(value.abs());
    }
    let before_point = largest.trunc().to_string().len();
    let shown = needed.min(6_usize.saturating_sub(before_point).max(1));
    // Tiny numbers would show as zeros, huge ones as a row of digits.
    if needed == 0 || !(0.1..1e9).contains(&largest) {
        return "General".to_owned();
    }
    format!("0.{}", "0".repeat(shown))
}

/// The shortest text that reads back to the same number.
fn number(value: f64) -> String {
    if value == 0.0 || (1e-5..1e15).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_as_many_as_the_values_have_and_digits_at_most_six() {
        let format = |values: &[f64]| number_format(values.iter().copied());
        assert_eq!(format(&[14.0, 86.0]), "General");
        assert_eq!(format(&[1.5, -2.25]), "0.00");
        assert_eq!(format(&[0.123456789, 12.0]), "0.0000");
        assert_eq!(format(&[1234567.5]), "0.0");
        assert_eq!(format(&[1e-9]), "General");
        assert_eq!(format(&[1e300, 0.5]), "General");
    }

    #[test]
    fn a_number_reads_back_to_itself() {
        for value in [0.0, 58.0, 0.1 + 0.2, -1e300, 5e-324, 1e15, 123456789012345.6] {
            assert_eq!(number(value).parse::<f64>().unwrap(), value);
        }
        assert_eq!(number(58.0), "58");
        assert_eq!(number(1e300), "1e300");
    }
}
