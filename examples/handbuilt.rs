//! Writes `examples/handbuilt.xlsx`: momentum as somebody builds it by hand, with columns in an
//! order and names of their own, and two slips for `gdtrace compare` to find.
//!
//! ```text
//! cargo run --example handbuilt -- examples/handbuilt.xlsx
//! ```

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};

/// Size of a flat in m², and its rent.
const SAMPLES: [(f64, f64); 12] = [
    (31.0, 420.0),
    (58.0, 690.0),
    (44.0, 565.0),
    (72.0, 815.0),
    (25.0, 375.0),
    (90.0, 1010.0),
    (63.0, 720.0),
    (38.0, 510.0),
    (81.0, 905.0),
    (52.0, 640.0),
    (47.0, 575.0),
    (66.0, 770.0),
];

const RATE: f64 = 0.00005;
const KEEP: f64 = 0.8;

/// The first row with a sample, as a person counts.
const FIRST: u32 = 7;
/// The row whose velocity of the slope is taken from the gradient of the intercept.
const WRONG_GRADIENT: u32 = 12;
/// The row whose guess is a number that was typed over the formula.
const TYPED: u32 = 16;

const HEADERS: [&str; 12] = [
    "size",
    "rent",
    "slope",
    "intercept",
    "guess",
    "error",
    "d slope",
    "d intercept",
    "velocity slope",
    "velocity intercept",
    "next slope",
    "next intercept",
];

/// What a row hands to the next one.
#[derive(Default)]
struct State {
    slope: f64,
    intercept: f64,
    slope_velocity: f64,
    intercept_velocity: f64,
}

fn main() -> Result<(), XlsxError> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "examples/handbuilt.xlsx".to_owned());
    let mut workbook = Workbook::new();
    // Without the time of writing the same program gives the same file.
    let time = ExcelDateTime::from_ymd(2026, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&time));
    introduction(workbook.add_worksheet())?;
    table(workbook.add_worksheet())?;
    workbook.save(path)
}

fn introduction(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("read me")?;
    sheet.write(0, 0, "Rents, learned by gradient descent with momentum")?;
    sheet.write(1, 0, "One row is one step: it guesses, looks at the error and moves the line.")?;
    Ok(())
}

fn table(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_name("rents")?;
    sheet.write(0, 0, "Momentum")?;
    sheet.write(1, 1, "learning rate")?.write(1, 2, RATE)?;
    sheet.write(2, 1, "keep")?.write(2, 2, KEEP)?;
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write_with_format(FIRST - 3, column, header, &bold)?;
    }
    // Nothing is known and nothing moves before the first step.
    for column in 8..12 {
        sheet.write(FIRST - 2, column, 0)?;
    }
    let mut state = State::default();
    for (row, sample) in (FIRST..).zip(SAMPLES) {
        state = step(sheet, row, sample, &state)?;
    }
    Ok(())
}

/// Writes the row `row` and gives what it hands on.
fn step(
    sheet: &mut Worksheet,
    row: u32,
    (size, rent): (f64, f64),
    from: &State,
) -> Result<State, XlsxError> {
    let above = row - 1;
    sheet.write(row - 1, 0, size)?.write(row - 1, 1, rent)?;
    let mut write = |column: u16, formula: String, value: f64| {
        sheet.write(row - 1, column, Formula::new(formula).set_result(value.to_string()))?;
        Ok::<f64, XlsxError>(value)
    };
    write(2, format!("=K{above}"), from.slope)?;
    write(3, format!("=L{above}"), from.intercept)?;
    let guess = match row {
        TYPED => (from.slope * size + from.intercept).round() - 100.0,
        _ => write(4, format!("=C{row}*A{row}+D{row}"), from.slope * size + from.intercept)?,
    };
    let error = write(5, format!("=E{row}-B{row}"), guess - rent)?;
    let d_slope = write(6, format!("=2*F{row}*A{row}"), 2.0 * error * size)?;
    let d_intercept = write(7, format!("=2*F{row}"), 2.0 * error)?;
    let (cell, gradient) = if row == WRONG_GRADIENT { ("H", d_intercept) } else { ("G", d_slope) };
    let velocity = |before: f64, gradient: f64| KEEP * before + (1.0 - KEEP) * gradient;
    let formula =
        |column: &str, gradient: &str| format!("=$C$3*{column}{above}+(1-$C$3)*{gradient}{row}");
    let slope_velocity = write(8, formula("I", cell), velocity(from.slope_velocity, gradient))?;
    let intercept_velocity =
        write(9, formula("J", "H"), velocity(from.intercept_velocity, d_intercept))?;
    let slope = write(10, format!("=C{row}-$C$2*I{row}"), from.slope - RATE * slope_velocity)?;
    let intercept =
        write(11, format!("=D{row}-$C$2*J{row}"), from.intercept - RATE * intercept_velocity)?;
    if row == TYPED {
        sheet.write(row - 1, 4, guess)?;
    }
    Ok(State { slope, intercept, slope_velocity, intercept_velocity })
}
