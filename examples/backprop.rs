//! Writes `examples/backprop.xlsx`: a network of two inputs, two hidden neurons and two outputs,
//! trained by hand with a row for each step, and a slip in one column for `gdtrace compare` to find:
//! the derivative by w3 takes the slope of the wrong hidden neuron.
//!
//! ```text
//! cargo run --example backprop -- examples/backprop.xlsx
//! ```

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};

const INPUTS: [f64; 2] = [0.3, 0.7];
const TARGETS: [f64; 2] = [0.15, 0.85];
const RATE: f64 = 0.8;
/// w1 to w8: four into the hidden neurons, four out of them.
const START: [f64; 8] = [0.4, -0.25, 0.1, 0.55, 0.3, -0.45, 0.2, 0.6];

/// The first row of the table and the last one, as a person counts.
const FIRST: u32 = 8;
const LAST: u32 = 47;

const HEADERS: [&str; 27] = [
    "w1", "w2", "w3", "w4", "net_h1", "h1", "net_h2", "h2", "w5", "w6", "w7", "w8", "net_o1", "o1",
    "net_o2", "o2", "E1", "E2", "E", "dE/dw1", "dE/dw2", "dE/dw3", "dE/dw4", "dE/dw5", "dE/dw6",
    "dE/dw7", "dE/dw8",
];
/// The columns of the weights, and of the derivatives by them.
const WEIGHTS: [&str; 8] = ["A", "B", "C", "D", "I", "J", "K", "L"];
const GRADIENTS: [&str; 8] = ["T", "U", "V", "W", "X", "Y", "Z", "AA"];

fn main() -> Result<(), XlsxError> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "examples/backprop.xlsx".to_owned());
    let mut workbook = Workbook::new();
    // Without the time of writing the same program gives the same file.
    let time = ExcelDateTime::from_ymd(2026, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&time));
    table(workbook.add_worksheet())?;
    workbook.save(path)
}

fn table(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_name("network")?;
    sheet.write(0, 0, "Backpropagation by hand: 2 inputs, 2 hidden neurons, 2 outputs")?;
    sheet.write(1, 0, "x1")?.write(1, 1, INPUTS[0])?;
    sheet.write(2, 0, "x2")?.write(2, 1, INPUTS[1])?;
    sheet.write(1, 3, "t1")?.write(1, 4, TARGETS[0])?;
    sheet.write(2, 3, "t2")?.write(2, 4, TARGETS[1])?;
    sheet.write(4, 0, "learning rate")?.write(4, 1, RATE)?;
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write_with_format(FIRST - 2, column, header, &bold)?;
    }
    let mut weights = START;
    let mut before = [0.0; 8];
    for row in FIRST..=LAST {
        if row > FIRST {
            for (weight, gradient) in weights.iter_mut().zip(before) {
                *weight -= RATE * gradient;
            }
        }
        before = step(sheet, row, &weights)?;
    }
    Ok(())
}

/// Writes the row `row` and gives the derivatives that the next one steps along.
fn step(sheet: &mut Worksheet, row: u32, w: &[f64; 8]) -> Result<[f64; 8], XlsxError> {
    for ((column, gradient), (value, start)) in
        WEIGHTS.iter().zip(GRADIENTS).zip(w.iter().zip(START))
    {
        let cell = format!("{column}{row}");
        match row {
            FIRST => {
                sheet.write_number_with_format(row - 1, place(column), start, &Format::new())?;
            }
            _ => {
                let above = row - 1;
                write(sheet, &cell, &format!("={column}{above}-$B$5*{gradient}{above}"), *value)?;
            }
        }
    }
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let [x1, x2] = INPUTS;
    let mut cell = |column: &str, formula: &str, value: f64| {
        write(sheet, &format!("{column}{row}"), &formula.replace('#', &row.to_string()), value)?;
        Ok::<f64, XlsxError>(value)
    };
    let net_h1 = cell("E", "=A#*$B$2+B#*$B$3", w[0] * x1 + w[1] * x2)?;
    let h1 = cell("F", "=1/(1+EXP(-E#))", sigmoid(net_h1))?;
    let net_h2 = cell("G", "=C#*$B$2+D#*$B$3", w[2] * x1 + w[3] * x2)?;
    let h2 = cell("H", "=1/(1+EXP(-G#))", sigmoid(net_h2))?;
    let net_o1 = cell("M", "=I#*F#+J#*H#", w[4] * h1 + w[5] * h2)?;
    let o1 = cell("N", "=1/(1+EXP(-M#))", sigmoid(net_o1))?;
    let net_o2 = cell("O", "=K#*F#+L#*H#", w[6] * h1 + w[7] * h2)?;
    let o2 = cell("P", "=1/(1+EXP(-O#))", sigmoid(net_o2))?;
    let e1 = cell("Q", "=0.5*($E$2-N#)^2", 0.5 * (TARGETS[0] - o1).powi(2))?;
    let e2 = cell("R", "=0.5*($E$3-P#)^2", 0.5 * (TARGETS[1] - o2).powi(2))?;
    cell("S", "=Q#+R#", e1 + e2)?;
    let (d1, d2) = ((o1 - TARGETS[0]) * o1 * (1.0 - o1), (o2 - TARGETS[1]) * o2 * (1.0 - o2));
    let (to_h1, to_h2) = (d1 * w[4] + d2 * w[6], d1 * w[5] + d2 * w[7]);
    const BACK: [&str; 2] = ["(N#-$E$2)*N#*(1-N#)", "(P#-$E$3)*P#*(1-P#)"];
    let hidden = |first: &str, second: &str, neuron: &str, input: &str| {
        let [one, two] = BACK;
        format!("=({one}*{first}#+{two}*{second}#)*{neuron}#*(1-{neuron}#)*{input}")
    };
    let (slope_1, slope_2) = (h1 * (1.0 - h1), h2 * (1.0 - h2));
    Ok([
        cell("T", &hidden("I", "K", "F", "$B$2"), to_h1 * slope_1 * x1)?,
        cell("U", &hidden("I", "K", "F", "$B$3"), to_h1 * slope_1 * x2)?,
        // The slip: w3 leads to h2, whose slope is H*(1-H).
        cell("V", &hidden("J", "L", "F", "$B$2"), to_h2 * slope_1 * x1)?,
        cell("W", &hidden("J", "L", "H", "$B$3"), to_h2 * slope_2 * x2)?,
        cell("X", &format!("={}*F#", BACK[0]), d1 * h1)?,
        cell("Y", &format!("={}*H#", BACK[0]), d1 * h2)?,
        cell("Z", &format!("={}*F#", BACK[1]), d2 * h1)?,
        cell("AA", &format!("={}*H#", BACK[1]), d2 * h2)?,
    ])
}

fn write(sheet: &mut Worksheet, cell: &str, formula: &str, value: f64) -> Result<(), XlsxError> {
    let letters = cell.trim_end_matches(|c: char| c.is_ascii_digit());
    let row: u32 = cell[letters.len()..].parse().unwrap_or(1);
    sheet.write(row - 1, place(letters), Formula::new(formula).set_result(value.to_string()))?;
    Ok(())
}

/// The column that letters stand for, counted from 0.
fn place(letters: &str) -> u16 {
    let digit = |letter: u8| u16::from(letter - b'A') + 1;
    letters.bytes().fold(0, |number, letter| number * 26 + digit(letter)) - 1
}
