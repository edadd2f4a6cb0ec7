//! Intervals of numbers, such as those that hyperparameters may lie in.

use std::fmt;

use serde::Deserialize;

/// An interval such as `(0, inf)` or `[0, 1)`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Interval {
    /// The lower bound, and whether it belongs to the interval.
    pub low: (f64, bool),
    /// The upper bound, and whether it belongs to the interval.
    pub high: (f64, bool),
}

impl Interval {
    /// Whether `value` is in the interval.
    pub fn contains(&self, value: f64) -> bool {
        let ((low, with_low), (high, with_high)) = (self.low, self.high);
        (value > low || (with_low && value == low))
            && (value < high || (with_high && value == high))
    }

    /// The interval as an inequality for `name`: `0 <= beta < 1`.
    pub fn of(&self, name: &str) -> String {
        let sign = |with: bool| if with { "<=" } else { "<" };
        let ((low, with_low), (high, with_high)) = (self.low, self.high);
        match (low.is_finite(), high.is_finite()) {
            (true, true) => format!("{low} {} {name} {} {high}", sign(with_low), sign(with_high)),
            (true, false) => format!("{name} {} {low}", if with_low { ">=" } else { ">" }),
            (false, true) => format!("{name} {} {high}", sign(with_high)),
            (false, false) => format!("{name} is any number"),
        }
    }
}

/// As definitions write it: `[0, 1)`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((low, with_low), (high, with_high)) = (self.low, self.high);
        let (open, close) = (if with_low { '[' } else { '(' }, if with_high { ']' } else { ')' });
        write!(f, "{open}{low}, {high}{close}")
    }
}

impl TryFrom<String> for Interval {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let wrong = || format!("`{text}` is no interval such as \"(0, inf)\" or \"[0, 1)\"");
        let (first, rest) = text.split_at_checked(1).ok_or_else(wrong)?;
        let (inside, last) =
            rest.split_at_checked(rest.len().saturating_sub(1)).ok_or_else(wrong)?;
        let (low, high) = inside.split_once(',').ok_or_else(wrong)?;
        let bound = |bound: &str| bound.trim().parse::<f64>().map_err(|_| wrong());
        if !matches!(first, "(" | "[") || !matches!(last, ")" | "]") {
            return Err(wrong());
        }
        Ok(Interval { low: (bound(low)?, first == "["), high: (bound(high)?, last == "]") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_read_and_contain() {
        let interval = |text: &str| Interval::try_from(text.to_owned());
        let unit = interval("[0, 1)").unwrap();
        assert!(unit.contains(0.0) && unit.contains(0.5) && !unit.contains(1.0));
        assert!(!unit.contains(-0.1) && !unit.contains(f64::NAN));
        assert_eq!(unit.of("beta"), "0 <= beta < 1");
        assert_eq!(interval("(0, inf)").unwrap().of("lr"), "lr > 0");
        for text in ["[0, 1)", "(0, inf)", "(-inf, 0.5]"] {
            assert_eq!(interval(text).unwrap().to_string(), text);
        }
        for wrong in ["", "0", "[0 1]", "{0, 1}", "[a, 1]"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
