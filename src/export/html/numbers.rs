//! How numbers are shown: as many digits as matter, aligned at the point, the full value behind
//! them.

use serde::Serialize;

use crate::export::digits::{Digits, magnitude};
use crate::value::Value;

/// A value as a table shows it: split at the point, so that a column can be aligned there.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Cell {
    /// What stands before the point, or the whole text of an error.
    pub whole: String,
    /// The point and what stands behind it.
    pub fraction: String,
    /// The full value, where less is shown.
    pub full: String,
    /// Whether it is an error value.
    pub error: bool,
    /// How many characters have room behind the whole: those of the longest fraction of the column.
    pub width: usize,
}

/// Gives each column of a table room for its longest fraction.
pub fn align(rows: &mut [Vec<Cell>]) {
    for at in 0..rows.iter().map(Vec::len).max().unwrap_or(0) {
        let column = || rows.iter().filter_map(|row| row.get(at));
        let width = column().map(|cell| cell.fraction.chars().count()).max().unwrap_or(0);
        rows.iter_mut().filter_map(|row| row.get_mut(at)).for_each(|cell| cell.width = width);
    }
}

/// The digits of each column of a table.
pub fn digits_of_columns(rows: &[Vec<Value>]) -> Vec<Digits> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let column = |at: usize| rows.iter().filter_map(move |row| row.get(at)).copied();
    (0..columns).map(|at| Digits::for_values(column(at))).collect()
}

/// The digits that a number of any size is shown with at least, and the most decimals that they
/// may take before a power of ten is easier to read.
const LEAST_DIGITS: i32 = 3;
const MOST_DECIMALS: i32 = 7;

impl Digits {
    /// `value` with these digits.
    pub fn show(self, value: Value) -> Cell {
        let number = match value.get() {
            Ok(number) => number,
            Err(error) => {
                return Cell { whole: error.text().into(), error: true, ..Cell::default() };
            }
        };
        let full = value.to_string();
        let shown = self.print(number);
        let (whole, fraction) = match shown.find('.').or(shown.find('×')) {
            Some(point) => shown.split_at(point),
            None => (shown.as_str(), ""),
        };
        let same = shown.replace('−', "-") == full;
        Cell {
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
            full: if same { String::new() } else { full },
            ..Cell::default()
        }
    }

    fn print(self, number: f64) -> String {
        let shown = match self {
            Digits::Whole => format!("{number:.0}"),
            // The first steps of a run that diverges are still ordinary numbers.
            Digits::Scientific if (-3..6).contains(&magnitude(number)) => {
                Digits::Fixed(LEAST_DIGITS as usize).print(number)
            }
            Digits::Scientific => scientific(number, 3),
            Digits::Fixed(decimals) if number == 0.0 => format!("{:.decimals$}", 0.0),
            Digits::Fixed(decimals) => {
                let needed = LEAST_DIGITS - 1 - magnitude(number);
                if needed > MOST_DECIMALS.max(decimals as i32) {
                    scientific(number, LEAST_DIGITS as usize - 1)
                } else {
                    format!("{number:.*}", decimals.max(needed.max(0) as usize))
                }
            }
        };
        shown.replace('-', "−")
    }
}

/// `value` in running text, with six digits.
pub fn brief(value: Value) -> String {
    match value.get() {
        Ok(number) if number == number.trunc() && number.abs() < 1e9 => Digits::Whole.print(number),
        Ok(number) if (-4..9).contains(&magnitude(number)) => {
            let decimals = (5 - magnitude(number)).clamp(0, 9) as usize;
            let text = format!("{number:.decimals$}");
            let text = if decimals > 0 { text.trim_end_matches('0') } else { &text };
            text.trim_end_matches('.').replace('-', "−")
        }
        Ok(number) => scientific(number, 5).replace('-', "−"),
        Err(error) => error.text().to_owned(),
    }
}

/// A count, in groups of three digits where it is long.
pub fn count(count: usize) -> String {
    let digits = count.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `count` things: `1 epoch`, `10 epochs`.
pub fn things(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", count(number), if number == 1 { "" } else { "s" })
}

/// `number` as digits times a power of ten, with so many decimals.
pub fn scientific(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{mantissa}×10{}", superscript(exponent)),
        None => text,
    }
}

/// A whole number as an exponent.
pub fn superscript(number: &str) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = |c: char| match c.to_digit(10) {
        Some(digit) => DIGITS[digit as usize],
        None => '⁻',
    };
    number.chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Extent;

    #[test]
    fn every_number_shows_the_digits_that_matter() {
        let show = |digits: Digits, number| {
            let cell = digits.show(Value::number(number));
            cell.whole + &cell.fraction
        };
        let large = Digits::for_extent(Extent { largest: 13_161.2, whole: false });
        assert_eq!(large, Digits::Fixed(2));
        assert_eq!(show(large, 1849.0), "1849.00");
        assert_eq!(show(large, -0.0012345), "−0.00123");
        assert_eq!(show(large, 1.2345e-9), "1.23×10⁻⁹");
        assert_eq!(show(large, 0.0), "0.00");
        assert_eq!(show(Digits::Scientific, -4.1e120), "−4.100×10¹²⁰");
        assert_eq!(show(Digits::Scientific, -43.0), "−43.000");
        assert_eq!(show(Digits::Whole, 29.0), "29");
    }

    #[test]
    fn the_full_value_stands_behind_a_shortened_one() {
        let cell = Digits::Fixed(6).show(Value::number(-2.613084491952597));
        assert_eq!((cell.whole.as_str(), cell.fraction.as_str()), ("−2", ".613084"));
        assert_eq!(cell.full, "-2.613084491952597");
        assert_eq!(Digits::Whole.show(Value::number(-3.0)).full, "");
    }

    #[test]
    fn an_error_is_shown_as_a_spreadsheet_shows_it() {
        let cell = Digits::Fixed(2).show(Value::number(f64::INFINITY));
        assert_eq!((cell.whole.as_str(), cell.error), ("#NUM!", true));
    }

    #[test]
    fn numbers_in_sentences() {
        assert_eq!(brief(Value::number(0.1)), "0.1");
        assert_eq!(brief(Value::number(-30.0)), "−30");
        assert_eq!(brief(Value::number(2.613084491952597)), "2.61308");
        assert_eq!(brief(Value::number(123_456.78)), "123457");
        assert_eq!(brief(Value::number(1e-12)), "1.00000×10⁻¹²");
        assert_eq!(things(1, "epoch"), "1 epoch");
        assert_eq!(things(100_000, "step"), "100\u{202f}000 steps");
    }
}
