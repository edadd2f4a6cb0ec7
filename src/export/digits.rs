//! How many digits a column of numbers shows: one rule for the workbook and the report.

use crate::trace::Extent;
use crate::value::Value;

/// How many decimals the numbers of a column have, so that they line up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// Whole numbers.
    Whole,
    /// So many decimals.
    Fixed(usize),
    /// A few digits times a power of ten, for a column that has numbers of any size.
    Scientific,
}

impl Digits {
    /// Seven digits at the column's largest number, at least two and at most eight of them
    /// decimals; whole numbers as such; very large and very small ones with a power of ten.
    pub fn for_extent(extent: Extent) -> Self {
        let magnitude = magnitude(extent.largest);
        if extent.largest != 0.0 && !(-4..9).contains(&magnitude) {
            Digits::Scientific
        } else if extent.whole {
            Digits::Whole
        } else {
            Digits::Fixed((6 - magnitude).clamp(2, 8) as usize)
        }
    }

    /// The digits for some values: those of the largest.
    pub fn for_values(values: impl IntoIterator<Item = Value>) -> Self {
        Digits::for_extent(Extent::of(values.into_iter().filter_map(|value| value.get().ok())))
    }
}

/// The exponent of the power of ten at or below `number`.
pub fn magnitude(number: f64) -> i32 {
    // Taken from the printed number: a logarithm may be off by one at a power of ten.
    format!("{number:e}").split_once('e').map_or(0, |(_, exponent)| exponent.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_gets_the_digits_that_it_needs() {
        let digits = |largest, whole| Digits::for_extent(Extent { largest, whole });
        assert_eq!(digits(99.0, true), Digits::Whole);
        assert_eq!(digits(0.0, true), Digits::Whole);
        assert_eq!(digits(2.61, false), Digits::Fixed(6));
        assert_eq!(digits(1000.0, false), Digits::Fixed(3));
        assert_eq!(digits(13_161.2, false), Digits::Fixed(2));
        assert_eq!(digits(0.02, false), Digits::Fixed(8));
        assert_eq!(digits(4.1e12, false), Digits::Scientific);
        assert_eq!(digits(0.00001, false), Digits::Scientific);
    }
}
