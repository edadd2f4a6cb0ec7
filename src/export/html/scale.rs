//! Scales: from values to places on an axis, with ticks at round numbers.

use super::numbers::superscript;
use crate::export::digits::magnitude;

/// An axis from `low` to `high`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// The value where the axis starts.
    pub low: f64,
    /// The value where it ends; larger than `low`.
    pub high: f64,
    /// Whether equal distances are equal factors.
    pub logarithmic: bool,
    /// The values that are marked, in order.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// A linear axis over `low` to `high`, made longer so that it ends at ticks.
    pub fn linear(low: f64, high: f64, ticks: usize) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let step = Step::nice((high - low) / ticks as f64);
        let (first, last) = ((low / step.size()).floor(), (high / step.size()).ceil());
        let ticks: Vec<f64> =
            (0..=(last - first) as usize).map(|index| step.times(first + index as f64)).collect();
        Scale { low: step.times(first), high: step.times(last), logarithmic: false, ticks }
    }

    /// A logarithmic axis over the positive `low` to `high`, made longer so that it ends at 1, 2 or
    /// 5 times a power of ten. These are its ticks, or where they are many the powers of ten.
    pub fn logarithmic(low: f64, high: f64, ticks: usize) -> Self {
        let marks = |exponent| [1.0, 2.0, 5.0].map(|mark| Step { mark, exponent }.size());
        let exponents = magnitude(low)..=magnitude(high) + 1;
        let all: Vec<f64> = exponents.clone().flat_map(marks).collect();
        let from = all.iter().rposition(|mark| *mark <= low).unwrap_or(0);
        let to = all.iter().position(|mark| *mark >= high).unwrap_or(all.len() - 1).max(from + 1);
        let (low, high) = (all[from], all[to]);
        let mut shown = all[from..=to].to_vec();
        if shown.len() > ticks + 2 {
            let powers: Vec<f64> =
                exponents.map(power_of_ten).filter(|power| (low..=high).contains(power)).collect();
            shown = powers.iter().copied().step_by(powers.len().div_ceil(ticks)).collect();
        }
        Scale { low, high, logarithmic: true, ticks: shown }
    }

    /// Where `value` stands: 0 at the start of the axis, 1 at its end, beyond them outside.
    pub fn place(&self, value: f64) -> f64 {
        if self.logarithmic {
            let log = |value: f64| pxfm::f_log10(value.max(f64::MIN_POSITIVE));
            (log(value) - log(self.low)) / (log(self.high) - log(self.low))
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// The text at a tick.
    pub fn label(&self, tick: f64) -> String {
        let exponent = magnitude(tick);
        let largest = magnitude(self.high.abs().max(self.low.abs()));
        if tick == 0.0 {
            return "0".to_owned();
        }
        // What is longer has no room beside a small chart; a sign takes a digit's.
        let longest = if self.low < 0.0 { 5 } else { 6 };
        if self.logarithmic && !(-4..6).contains(&exponent) || !(-4..longest).contains(&largest) {
            return with_power(tick, exponent);
        }
        let step = if self.logarithmic { tick } else { self.ticks[1] - self.ticks[0] };
        // The step's own rounding must not become a digit: 0.30000000000000004 - 0.2.
        let decimals = (-magnitude((step * 1e6).round() / 1e6)).clamp(0, 9) as usize;
        format!("{tick:.decimals$}").replace('-', "−")
    }
}

/// `2×10⁷`, `10⁷`.
fn with_power(tick: f64, exponent: i32) -> String {
    let power = format!("10{}", superscript(&exponent.to_string()));
    let text = format!("{tick:e}");
    match text.split_once('e') {
        Some(("1", _)) | None => power,
        Some(("-1", _)) => format!("−{power}"),
        Some((mantissa, _)) => format!("{}×{power}", mantissa.replace('-', "−")),
    }
}

/// A distance between ticks: a mark of 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, Copy)]
struct Step {
    mark: f64,
    exponent: i32,
}

impl Step {
    /// The smallest step that is at least `size`.
    fn nice(size: f64) -> Self {
        let exponent = magnitude(size);
        let mantissa = size / power_of_ten(exponent);
        // Sizes come from divisions, and so may be a little more than they should.
        match [1.0, 2.0, 5.0].into_iter().find(|mark| mantissa <= mark * (1.0 + 1e-9)) {
            Some(mark) => Step { mark, exponent },
            None => Step { mark: 1.0, exponent: exponent + 1 },
        }
    }

    fn size(self) -> f64 {
        self.times(1.0)
    }

    /// A multiple of the step, rounded once: 3 steps of 0.1 are 0.3.
    fn times(self, count: f64) -> f64 {
        if self.exponent < 0 {
            count * self.mark / power_of_ten(-self.exponent)
        } else {
            count * self.mark * power_of_ten(self.exponent)
        }
    }
}

/// 10 to the power of `exponent`, the number nearest to it.
fn power_of_ten(exponent: i32) -> f64 {
    // Repeated multiplication is off by a bit for large exponents; reading is not.
    format!("1e{exponent}").parse().unwrap_or(f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_enclose_the_values() {
        let scale = Scale::linear(0.0, 83.4, 5);
        assert_eq!(scale.ticks, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!((scale.low, scale.high), (0.0, 100.0));
        assert_eq!(scale.place(25.0), 0.25);
        assert_eq!(Scale::linear(0.0, 0.5, 5).ticks, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(Scale::linear(-1.0, 1.0, 4).ticks, [-1.0, -0.5, 0.0, 0.5, 1.0]);
        assert_eq!(Scale::linear(0.0, 0.0, 5).high, 1.0);
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_or_fill_a_short_axis() {
        let scale = Scale::logarithmic(0.03, 90.0, 6);
        assert_eq!(scale.ticks, [0.1, 1.0, 10.0, 100.0]);
        assert_eq!((scale.low, scale.high), (0.02, 100.0));
        assert_eq!(Scale::logarithmic(2.4, 90.0, 6).ticks, [2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        let wide = Scale::logarithmic(1e-9, 1e200, 6);
        assert!(wide.ticks.len() <= 6 && wide.low == 1e-9 && wide.high >= 1e200);
        assert_eq!(Scale::logarithmic(10.0, 10.0, 6).ticks.len(), 2);
    }

    #[test]
    fn a_logarithmic_axis_places_by_factors() {
        let scale = Scale::logarithmic(0.1, 1000.0, 6);
        assert!((scale.place(10.0) - 0.5).abs() < 1e-12);
        assert!(scale.place(0.0) < 0.0);
    }

    #[test]
    fn labels_have_the_decimals_of_their_axis() {
        let labels = |scale: &Scale| -> Vec<String> {
            scale.ticks.iter().map(|tick| scale.label(*tick)).collect()
        };
        assert_eq!(labels(&Scale::linear(0.0, 0.5, 5))[3], "0.3");
        assert_eq!(labels(&Scale::linear(0.0, 100.0, 5)), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(&Scale::logarithmic(0.01, 90.0, 6)), ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(Scale::logarithmic(1.0, 1e30, 6).label(1e10), "10¹⁰");
        assert_eq!(Scale::linear(0.0, 4e9, 4).label(2e9), "2×10⁹");
        assert_eq!(labels(&Scale::linear(0.0, 1e6, 2)), ["0", "5×10⁵", "10⁶"]);
        assert_eq!(labels(&Scale::linear(-2e5, 0.0, 2)), ["−2×10⁵", "−10⁵", "0"]);
    }
}
