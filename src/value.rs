//! What a cell holds: a finite number, or an error value as a spreadsheet shows it.
//!
//! A trace holds millions of these, in columns of `f64`. An error is therefore kept as a NaN whose
//! low bits say which error it is: a column stays a plain array of eight-byte values, arithmetic
//! runs at full speed, and a look at `is_finite` is all that telling them apart costs. A NaN or an
//! infinity that arithmetic makes never gets into a `Value`: it becomes the error that a
//! spreadsheet would show.

use std::borrow::Borrow;
use std::fmt;

/// An error value of a spreadsheet cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellError {
    /// `#DIV/0!`: a division by zero.
    DivisionByZero,
    /// `#NUM!`: no finite number is the result (an overflow, the root of a negative number).
    Number,
}

impl CellError {
    const ALL: [CellError; 2] = [CellError::DivisionByZero, CellError::Number];

    /// The text that a spreadsheet shows.
    pub fn text(self) -> &'static str {
        match self {
            CellError::DivisionByZero => "#DIV/0!",
            CellError::Number => "#NUM!",
        }
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A finite number or a [`CellError`], in eight bytes.
#[derive(Clone, Copy)]
pub struct Value(f64);

/// The bits of a quiet NaN; the error's index is added to them.
const NAN: u64 = 0x7ff8_0000_0000_0000;

impl Value {
    /// The number 0.
    pub const ZERO: Value = Value(0.0);

    /// `number` as a cell keeps it: NaN and infinity become `#NUM!`.
    pub fn number(number: f64) -> Self {
        if number.is_finite() { Value(number) } else { CellError::Number.into() }
    }

    /// The number, or the error.
    pub fn get(self) -> Result<f64, CellError> {
        if self.0.is_finite() { Ok(self.0) } else { Err(self.error_unchecked()) }
    }

    /// The number, or NaN for an error: for arithmetic that checks its result afterwards.
    pub fn raw(self) -> f64 {
        self.0
    }

    /// Whether this is an error value.
    pub fn is_error(self) -> bool {
        !self.0.is_finite()
    }

    /// The error, where this is one.
    pub fn error(self) -> Option<CellError> {
        self.get().err()
    }

    fn combine(self, right: Value, operation: fn(f64, f64) -> f64) -> Value {
        match (self.get(), right.get()) {
            (Ok(left), Ok(right)) => Value::number(operation(left, right)),
            (Err(error), _) | (_, Err(error)) => error.into(),
        }
    }

    fn error_unchecked(self) -> CellError {
        let index = (self.0.to_bits() & 0xff) as usize;
        *CellError::ALL.get(index).unwrap_or(&CellError::Number)
    }
}

impl From<CellError> for Value {
    fn from(error: CellError) -> Self {
        let index = CellError::ALL.iter().position(|known| *known == error).unwrap_or(0);
        Value(f64::from_bits(NAN | index as u64))
    }
}

/// What `=left+right` gives in a spreadsheet: the first operand that is an error, if one is.
impl std::ops::Add for Value {
    type Output = Value;

    fn add(self, right: Value) -> Value {
        self.combine(right, |left, right| left + right)
    }
}

/// What `=left-right` gives in a spreadsheet.
impl std::ops::Sub for Value {
    type Output = Value;

    fn sub(self, right: Value) -> Value {
        self.combine(right, |left, right| left - right)
    }
}

/// What `=left/right` gives in a spreadsheet.
impl std::ops::Div for Value {
    type Output = Value;

    fn div(self, right: Value) -> Value {
        match right.get() {
            Ok(0.0) if !self.is_error() => CellError::DivisionByZero.into(),
            _ => self.combine(right, |left, right| left / right),
        }
    }
}

/// What `=left*right` gives in a spreadsheet.
impl std::ops::Mul for Value {
    type Output = Value;

    fn mul(self, right: Value) -> Value {
        self.combine(right, |left, right| left * right)
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The shortest text that reads back to the same number, or the error's text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Ok(number) => f.write_str(&number_text(number)),
            Err(error) => f.write_str(error.text()),
        }
    }
}

/// An error is written as its text, so that JSON never has to hold a NaN.
impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.get() {
            Ok(number) => serializer.serialize_f64(number),
            Err(error) => serializer.serialize_str(error.text()),
        }
    }
}

/// The number with the fewest significant digits, at most eight, that will do for another.
pub(crate) fn shortest(number: f64, mut will_do: impl FnMut(f64) -> bool) -> Option<f64> {
    (1..=8).map(|digits| significant(number, digits)).find(|one| will_do(*one))
}

/// `number` with so many significant digits.
pub(crate) fn significant(number: f64, digits: usize) -> f64 {
    format!("{number:.*e}", digits - 1).parse().unwrap_or(number)
}

/// The shortest text that reads back to the same finite `number`: `0.1`, `29`, `1e-8`.
pub fn number_text(number: f64) -> String {
    with_number_text(number, str::to_owned)
}

/// Hands the text of [`number_text`] to `take`, without a place of its own in memory.
pub(crate) fn with_number_text<T>(number: f64, take: impl FnOnce(&str) -> T) -> T {
    if number == number.trunc() && number.abs() < 1e15 {
        let sign = if number.is_sign_negative() { "-" } else { "" };
        return with_whole_text(sign, number.abs() as u64, take);
    }
    take(zmij::Buffer::new().format_finite(number))
}

/// Hands the digits of a whole number behind `sign` to `take`.
fn with_whole_text<T>(sign: &str, number: u64, take: impl FnOnce(&str) -> T) -> T {
    const ROOM: usize = 24;
    let mut digits = [0; ROOM];
    let (mut start, mut rest) = (ROOM, number);
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let before = start - sign.len();
    digits[before..start].copy_from_slice(sign.as_bytes());
    take(std::str::from_utf8(&digits[before..]).unwrap_or_default())
}

/// `text` with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// Names in words: `a`, `a and b`, `a, b and c`.
pub fn listed<S: Borrow<str>>(names: &[S]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => {
            format!("{} and {}", before.join(", "), last.borrow())
        }
        names => names.concat(),
    }
}

/// Whether a character could steer a terminal, or turn the direction in which a text is read.
pub(crate) fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A count with its noun: `1 sample`, `29 samples`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The sum with Neumaier's compensation, which spreadsheets use for `SUM` too.
pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    // A sum that overflowed has lost its meaning, and NaN would hide that.
    if sum.is_finite() { sum + lost } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_kind_through_eight_bytes() {
        for error in CellError::ALL {
            assert_eq!(Value::from(error).get(), Err(error));
        }
        assert_eq!(size_of::<Value>(), 8);
    }

    #[test]
    fn nan_and_infinity_never_become_numbers() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Value::number(number).get(), Err(CellError::Number));
        }
    }

    #[test]
    fn text_is_short_and_reads_back() {
        for (number, text) in [(0.1, "0.1"), (29.0, "29"), (-3.0, "-3"), (1e300, "1e300")] {
            assert_eq!(number_text(number).parse::<f64>(), text.parse::<f64>());
        }
        assert_eq!(number_text(0.1), "0.1");
        assert_eq!(number_text(29.0), "29");
        assert_eq!(number_text(2.613084491952597), "2.613084491952597");
        assert_eq!(number_text(1e-8), "1e-8");
        for (number, text) in [(0.0, "0"), (-0.0, "-0"), (999_999_999_999_999.0, "999999999999999")]
        {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn the_sum_keeps_what_plain_addition_loses() {
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(sum([f64::MAX, f64::MAX]), f64::INFINITY);
    }
}
