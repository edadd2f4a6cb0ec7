//! The values that something is varied over: a list, or a range with so many numbers.

use super::chosen::number_of;
use crate::error::{Error, Result};
use crate::value::{number_text, significant};

/// How the numbers of a range are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// By equal factors.
    Factors,
    /// By equal steps.
    Steps,
}

/// Values in rising order.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// The numbers.
    pub numbers: Vec<f64>,
    /// How they are spread, where they are a range.
    pub spacing: Option<Spacing>,
}

/// The factor between the bounds from which a range is spread by equal factors.
const WIDE: f64 = 10.0;

/// More values than this are refused before they are computed.
const MOST: usize = 10_000;

/// The digits that a number of a range is rounded to, so that it can be read.
const DIGITS: usize = 4;

/// The digits that tell any two numbers apart.
const ALL_DIGITS: usize = 17;

impl Values {
    /// The values of a text such as `0.8,0.9` or `1e-6..1e-2:25`; `word` gives those that are no
    /// numbers.
    ///
    /// # Errors
    /// What is neither; numbers that are named twice; a range that is none.
    pub fn read(text: &str, word: impl Fn(&str) -> Option<f64>) -> Result<Self> {
        if let Some((low, rest)) = text.split_once("..") {
            return range(low, rest);
        }
        let number = |part: &str| match word(part.trim()) {
            Some(number) => Ok(number),
            None => number_of(part),
        };
        let mut numbers = text.split(',').map(number).collect::<Result<Vec<f64>>>()?;
        numbers.sort_by(f64::total_cmp);
        if let Some(pair) = numbers.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::new(format!("the value {} is there twice", number_text(pair[0])))
                .help("name each value once"));
        }
        Ok(Values { numbers, spacing: None })
    }

    /// The same as whole numbers, each once.
    pub fn whole(mut self) -> Self {
        if self.spacing.is_some() {
            self.numbers.iter_mut().for_each(|number| *number = number.round());
            self.numbers.dedup();
        }
        self
    }

    /// Whether they are better shown on a logarithmic axis.
    pub fn is_logarithmic(&self) -> bool {
        let (Some(first), Some(last)) = (self.numbers.first(), self.numbers.last()) else {
            return false;
        };
        match self.spacing {
            Some(spacing) => spacing == Spacing::Factors,
            None => *first > 0.0 && last / first >= WIDE,
        }
    }

    /// What they are, in words: `25 values from 1e-6 to 0.01 by equal factors`.
    pub fn describe(&self) -> String {
        let texts: Vec<String> = self.numbers.iter().map(|one| number_text(*one)).collect();
        let (Some(spacing), [first, .., last]) = (self.spacing, texts.as_slice()) else {
            return texts.join(", ");
        };
        let by = match spacing {
            Spacing::Factors => "factors",
            Spacing::Steps => "steps",
        };
        format!("{} values from {first} to {last} by equal {by}", texts.len())
    }
}

/// The range from `low` to what the `rest` says: `HIGH:COUNT`, `HIGH:COUNTlog`, `HIGH:COUNTlin`.
fn range(low: &str, rest: &str) -> Result<Values> {
    let (high, count) = rest.split_once(':').ok_or_else(|| {
        Error::new("a range is LOW..HIGH:COUNT").help("for example lr=1e-6..1e-2:25")
    })?;
    let (low, high) = (number_of(low)?, number_of(high)?);
    if low >= high {
        let what = format!("{} is not below {}", number_text(low), number_text(high));
        return Err(Error::new(what).help("write the smaller end of a range first"));
    }
    let (count, spacing) = match (count.strip_suffix("log"), count.strip_suffix("lin")) {
        (Some(count), _) => (count, Spacing::Factors),
        (_, Some(count)) => (count, Spacing::Steps),
        _ if low > 0.0 && high / low >= WIDE => (count, Spacing::Factors),
        _ => (count, Spacing::Steps),
    };
    let count = match count.trim().parse::<usize>() {
        Ok(count) if (2..=MOST).contains(&count) => count,
        _ => {
            return Err(Error::new(format!("`{count}` is not a number of values"))
                .help(format!("write a whole number from 2 to {MOST}, or 25log, or 25lin")));
        }
    };
    if spacing == Spacing::Factors && low <= 0.0 {
        return Err(Error::new(format!("no factor leads away from {}", number_text(low)))
            .help(format!("begin above 0, or write {count}lin for equal steps")));
    }
    let numbers = (DIGITS..=ALL_DIGITS)
        .map(|digits| spread(low, high, count, spacing, digits))
        .find(|numbers| numbers.windows(2).all(|pair| pair[0] < pair[1]));
    let what = format!("there are no {count} numbers in this range");
    let numbers = numbers.ok_or_else(|| Error::new(what).help("take fewer values"))?;
    Ok(Values { numbers, spacing: Some(spacing) })
}

/// The numbers of a range, rounded to so many digits, except its ends, which are exact.
fn spread(low: f64, high: f64, count: usize, spacing: Spacing, digits: usize) -> Vec<f64> {
    let last = (count - 1) as f64;
    let number = |index: usize| {
        let share = index as f64 / last;
        match (index, spacing) {
            (0, _) => low,
            (index, _) if index == count - 1 => high,
            (_, Spacing::Factors) => {
                let (from, to) = (pxfm::f_log(low), pxfm::f_log(high));
                significant(pxfm::f_exp(from + (to - from) * share), digits)
            }
            (_, Spacing::Steps) => decimal(low + (high - low) * share, (high - low) / last, digits),
        }
    };
    (0..count).map(number).collect()
}

/// `number` with the decimals that a step between numbers has with so many significant digits.
fn decimal(number: f64, step: f64, digits: usize) -> f64 {
    let decimals = digits as i32 - 1 - crate::export::digits::magnitude(step);
    format!("{number:.*}", decimals.max(0) as usize).parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Values> {
        Values::read(text, |word| (word == "all").then_some(29.0))
    }

    fn numbers(text: &str) -> Vec<f64> {
        read(text).unwrap().numbers
    }

    #[test]
    fn ranges_are_readable_and_hit_their_ends() {
        assert_eq!(numbers("1e-6..1e-2:5"), [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]);
        let fine = numbers("1e-6..1e-2:25");
        assert_eq!((fine.len(), fine[1], fine[24]), (25, 1.468e-6, 1e-2));
        assert_eq!(numbers("0.8..0.95:4"), [0.8, 0.85, 0.9, 0.95]);
        assert_eq!(numbers("1000..1001:5"), [1000.0, 1000.25, 1000.5, 1000.75, 1001.0]);
        assert_eq!(numbers("0..1:3"), [0.0, 0.5, 1.0]);
        assert_eq!(numbers("1..2:3log"), [1.0, 1.414, 2.0]);
        assert_eq!(numbers("1..100:3lin"), [1.0, 50.5, 100.0]);
        assert_eq!(numbers("1..1.0001:5log").len(), 5);
        assert_eq!(
            read("1..16:9").unwrap().whole().numbers,
            [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 11.0, 16.0]
        );
    }

    #[test]
    fn lists_are_put_in_order() {
        assert_eq!(numbers("0.9, 0.8,0.95"), [0.8, 0.9, 0.95]);
        assert_eq!(numbers("all,4"), [4.0, 29.0]);
        assert!(read("0.001,0.1").unwrap().is_logarithmic());
        assert!(!read("0.8,0.9").unwrap().is_logarithmic());
    }

    #[test]
    fn values_say_what_they_are() {
        let said = |text: &str| read(text).unwrap().describe();
        assert_eq!(said("1e-6..1e-2:25"), "25 values from 1e-6 to 0.01 by equal factors");
        assert_eq!(said("0.8..0.9:3"), "3 values from 0.8 to 0.9 by equal steps");
        assert_eq!(said("0.9,0.8"), "0.8, 0.9");
    }

    #[test]
    fn what_is_no_list_and_no_range_is_refused() {
        for (text, words) in [
            ("0.8,high", "`high` is not a number"),
            ("", "`` is not a number"),
            ("0.8,0.80", "the value 0.8 is there twice"),
            ("1..2", "a range is LOW..HIGH:COUNT"),
            ("1e-2..1e-6:5", "0.01 is not below 1e-6"),
            ("1..2:1", "`1` is not a number of values"),
            ("1..2:99999", "`99999` is not a number of values"),
            ("1..2:5geo", "`5geo` is not a number of values"),
            ("0..2:5log", "no factor leads away from 0"),
            ("1..1.0000000000000002:9", "there are no 9 numbers in this range"),
        ] {
            assert_eq!(read(text).unwrap_err().what(), words);
        }
    }
}
