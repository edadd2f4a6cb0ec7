//! How many digits a column shows, and how wide it must be for them.

use rust_xlsxwriter::Format;

use crate::trace::{Extent, Results, Run};
use crate::value::Value;

/// How the numbers of a column are shown: all with the same digits, so that they line up.
#[derive(Debug, Clone, PartialEq)]
pub struct Digits {
    /// The number format.
    pub format: String,
    /// The characters that the widest number takes.
    pub width: usize,
}

impl Digits {
    /// Seven significant digits at the column's largest number, at least two and at most eight
    /// after the point; whole numbers as such; very large and very small ones with an exponent.
    pub fn for_extent(extent: Extent) -> Self {
        const SIGN: usize = 1;
        let magnitude =
            if extent.largest > 0.0 { pxfm::f_log10(extent.largest).floor() } else { 0.0 };
        if extent.largest != 0.0 && !(-4.0..9.0).contains(&magnitude) {
            return Digits { format: "0.000000E+00".into(), width: SIGN + 13 };
        }
        let before = magnitude.max(0.0) as usize + 1;
        if extent.whole {
            return Digits { format: "0".into(), width: SIGN + before };
        }
        let after = (6.0 - magnitude).clamp(2.0, 8.0) as usize;
        Digits { format: format!("0.{}", "0".repeat(after)), width: SIGN + before + 1 + after }
    }

    /// A format that shows numbers so.
    pub fn number(&self) -> Format {
        Format::new().set_num_format(&self.format)
    }
}

/// The width of a column, in characters, for a head and its numbers: heads wrap at spaces.
pub fn column_width(head: &str, digits: &Digits) -> f64 {
    let word = head.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    // Bold heads and the note's corner take a little more than their characters.
    (digits.width as f64 + 1.0).max(word as f64 * 1.1 + 1.5).max(6.5)
}

/// How a run's weights and errors are shown on the sheets that compare runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDigits {
    /// For weights and their distances from the exact ones.
    pub weights: Digits,
    /// For root mean squared errors.
    pub errors: Digits,
}

impl RunDigits {
    /// The digits of every run. Those that went well share theirs, so that they can be compared;
    /// the astronomic numbers of one that did not are kept to itself.
    pub fn of(results: &Results) -> Vec<RunDigits> {
        let well: Vec<&Run> = results.runs.iter().filter(|run| run.warning.is_none()).collect();
        let shared = RunDigits::for_runs(&well);
        let digits = |run: &Run| match run.warning {
            None => shared.clone(),
            Some(_) => RunDigits::for_runs(&[run]),
        };
        results.runs.iter().map(digits).collect()
    }

    fn for_runs(runs: &[&Run]) -> Self {
        let epochs = || runs.iter().flat_map(|run| &run.outcome.epochs);
        let errors = epochs().flat_map(|epoch| [epoch.rmse, epoch.online_rmse]);
        let start = runs.iter().map(|run| run.outcome.start_rmse);
        RunDigits {
            weights: digits(epochs().flat_map(|epoch| epoch.weights.iter().copied())),
            errors: digits(errors.chain(start)),
        }
    }
}

fn digits(values: impl Iterator<Item = Value>) -> Digits {
    Digits::for_extent(Extent::of(values.filter_map(|value| value.get().ok())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_gets_the_digits_that_it_needs() {
        let format = |largest, whole| Digits::for_extent(Extent { largest, whole }).format;
        assert_eq!(format(99.0, true), "0");
        assert_eq!(format(2.61, false), "0.000000");
        assert_eq!(format(13_161.2, false), "0.00");
        assert_eq!(format(0.02, false), "0.00000000");
        assert_eq!(format(4.1e12, false), "0.000000E+00");
        assert_eq!(format(0.0, true), "0");
        assert_eq!(Digits::for_extent(Extent { largest: 0.00001, whole: false }).width, 14);
    }
}
