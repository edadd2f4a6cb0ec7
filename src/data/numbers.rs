//! Numbers written as text, as people of any country write them: `1,000`, `12 %`, `€ 3,50`,
//! `1 234,5`, `(7.20)`.
//!
//! One text alone can be ambiguous: `1,000` is a thousand or one. A column as a whole usually is
//! not, so its texts are heard first (see `evidence`), and then all read the same way ([`Style`]).

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// The decimal sign, `.` or `,`; the other one separates thousands.
    pub decimal: char,
}

impl Style {
    /// As programs write numbers.
    pub const POINT: Style = Style { decimal: '.' };

    /// The sign between thousands.
    pub fn grouping(self) -> char {
        if self.decimal == ',' { '.' } else { ',' }
    }

    /// The number of a text, as a finite number or as a program writes NaN and infinity; none where
    /// the text is no number in this style.
    pub fn number(self, text: &str) -> Option<f64> {
        if let Some(number) = plain(text, self.decimal) {
            return Some(number);
        }
        let bare = Bare::of(text)?;
        let digits = self.digits(&bare.digits)?;
        let number: f64 = digits.parse().ok()?;
        let number = if bare.negative { -number } else { number };
        Some(bare.divisor.map_or(number, |divisor| number / divisor))
    }

    /// Digits with a decimal point and without groups.
    fn digits(self, text: &str) -> Option<String> {
        if is_no_number(text) {
            return Some(text.to_owned());
        }
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let (whole, fraction) = match mantissa.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let whole = ungrouped(whole, self.grouping())?;
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let rest = fraction.unwrap_or("");
        let has_digit = !whole.is_empty() || !rest.is_empty();
        let fits = has_digit && all_digits(&whole) && all_digits(rest);
        let mut digits = fits.then_some(whole)?;
        if fraction.is_some() {
            digits.push('.');
            digits.push_str(rest);
        }
        digits.push_str(exponent);
        Some(digits)
    }
}

/// The number of a text that has nothing but digits, a sign, the decimal sign and an exponent, as
/// nearly all do: it needs no closer look.
pub(super) fn plain(text: &str, decimal: char) -> Option<f64> {
    const LONGEST: usize = 32;
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > LONGEST {
        return None;
    }
    let mut digits = [0; LONGEST];
    for (to, byte) in digits.iter_mut().zip(bytes) {
        *to = match byte {
            b'0'..=b'9' | b'-' | b'+' | b'e' | b'E' => *byte,
            byte if char::from(*byte) == decimal => b'.',
            _ => return None,
        };
    }
    std::str::from_utf8(&digits[..bytes.len()]).ok()?.parse().ok()
}

/// Whether a text is a number in some style: what a person would call a number.
pub(crate) fn is_number(text: &str) -> bool {
    let read = |decimal| Style { decimal }.number(text).is_some_and(f64::is_finite);
    read('.') || read(',')
}

/// `1234` from `1,234`, `1 234` or `1'234`; none where the groups are not of three digits.
fn ungrouped(whole: &str, grouping: char) -> Option<String> {
    let is_group = |c: char| c == grouping || is_space(c) || is_apostrophe(c);
    let Some(separator) = whole.chars().find(|c| is_group(*c)) else {
        return Some(whole.to_owned());
    };
    let same = |c: char| c == separator || (is_space(c) && is_space(separator));
    let mut groups = whole.split(same);
    let first = groups.next().filter(|group| (1..=3).contains(&group.len()))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{2060}' || c == '\u{feff}'
}

fn is_apostrophe(c: char) -> bool {
    ['\'', '’', 'ʼ'].contains(&c)
}

/// Signs and words of money, which say nothing about the number.
const CURRENCIES: &[&str] = &[
    "US$", "C$", "A$", "R$", "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₴", "₪", "฿", "₫", "zł",
    "Kč", "kr.", "kr", "Fr.", "Rs.", "Rs", "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "CAD",
    "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RUB", "BRL", "MXN", "ZAR", "TRY", "KRW",
];

/// A number without all that stands round its digits.
struct Bare {
    digits: String,
    negative: bool,
    divisor: Option<f64>,
}

impl Bare {
    fn of(text: &str) -> Option<Self> {
        let mut rest = text.trim_matches(is_space);
        let (mut negative, mut divisor) = (false, None);
        // An accountant's minus.
        if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            negative = true;
            rest = inner.trim_matches(is_space);
        }
        // A sign may stand before or behind the currency, and behind the number.
        let (mut signed, mut money) = (negative, false);
        loop {
            let before = rest;
            if !signed && let Some(sign) = rest.chars().next().filter(|c| "-+−–".contains(*c)) {
                (signed, negative) = (true, sign != '+');
                rest = &rest[sign.len_utf8()..];
            } else if !signed
                && rest.ends_with(['-', '−'])
                && rest.starts_with(|c: char| c.is_ascii_digit())
            {
                (signed, negative) = (true, true);
                rest = rest.trim_end_matches(['-', '−']);
            } else if let Some(inner) = rest.strip_suffix('%').filter(|_| divisor.is_none()) {
                (divisor, rest) = (Some(100.0), inner);
            } else if let Some(inner) = rest.strip_suffix('‰').filter(|_| divisor.is_none()) {
                (divisor, rest) = (Some(1000.0), inner);
            } else if !money && let Some(inner) = without_currency(rest) {
                (money, rest) = (true, inner);
            }
            rest = rest.trim_matches(is_space);
            if rest == before {
                break;
            }
        }
        let starts = rest.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
        let is_word = is_no_number(rest) && !money && divisor.is_none();
        (starts || is_word).then(|| Bare { digits: rest.to_owned(), negative, divisor })
    }
}

/// Whether a text is a program's word for what is no finite number.
fn is_no_number(text: &str) -> bool {
    ["nan", "inf", "infinity"].contains(&text.to_ascii_lowercase().as_str())
}

fn without_currency(text: &str) -> Option<&str> {
    let strip = |sign: &&str| {
        let prefix = text.strip_prefix(*sign);
        let suffix = || text.strip_suffix(*sign);
        prefix.or_else(suffix).filter(|rest| !rest.is_empty())
    };
    CURRENCIES.iter().find_map(strip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let (point, comma) = (Style { decimal: '.' }, Style { decimal: ',' });
        for (text, style, expected) in [
            ("1,000", point, 1000.0),
            ("1,000", comma, 1.0),
            ("12 %", point, 0.12),
            ("12.5%", point, 0.125),
            ("€ 3,50", comma, 3.5),
            ("3,50 €", comma, 3.5),
            ("-$1,234.50", point, -1234.5),
            ("$-5", point, -5.0),
            ("(7.20)", point, -7.2),
            ("($1,200)", point, -1200.0),
            (" 7 ", point, 7.0),
            ("\u{a0}7\u{a0}", point, 7.0),
            ("1 234,5", comma, 1234.5),
            ("1\u{a0}234,5", comma, 1234.5),
            ("1\u{202f}234\u{202f}567", point, 1_234_567.0),
            ("1'234.5", point, 1234.5),
            ("1’234", comma, 1234.0),
            ("1.234.567,8", comma, 1_234_567.8),
            ("−5", point, -5.0),
            ("5-", point, -5.0),
            ("+3", point, 3.0),
            (".5", point, 0.5),
            ("5.", point, 5.0),
            ("1e-3", point, 0.001),
            ("1,5E3", comma, 1500.0),
            ("USD 20", point, 20.0),
            ("20 kr", point, 20.0),
            ("-inf", point, f64::NEG_INFINITY),
        ] {
            assert_eq!(style.number(text), Some(expected), "{text:?}");
        }
        assert!(point.number("NaN").is_some_and(f64::is_nan));
        for text in [
            "",
            "a",
            "1,00",
            "1,2345",
            "12,34,567",
            "1 23",
            "--5",
            "1.2.3",
            "$",
            "%",
            "12 kg",
            "e5",
            ",",
        ] {
            assert_eq!(point.number(text), None, "{text:?}");
        }
    }
}
