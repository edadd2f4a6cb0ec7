//! Data of a known line, to see whether gradient descent finds it.
//!
//! The same settings give the same numbers on every machine: the generator is ChaCha with 8
//! rounds (Bernstein 2008), and the normal distribution is made from it by the method of Box and
//! Muller (1958) with the `pxfm` crate, since the logarithm and the cosine of a system's own
//! library differ in their last digit from system to system.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, Result};

/// The seed that is used unless another is asked for.
pub const DEFAULT_SEED: u64 = 1;
/// Whole numbers beyond this have more digits than a spreadsheet shows.
pub const LARGEST_WHOLE: i64 = 999_999_999_999_999;

/// The generator's stream for the noise: apart from that of x, so that noise leaves x as it is.
const NOISE_STREAM: u64 = 1;

/// Where the x values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Inputs {
    /// These numbers.
    Given(Vec<f64>),
    /// Whole numbers, each from `min` to `max` with the same probability.
    Drawn {
        /// How many.
        rows: usize,
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
}

/// What data to make: y = slope * x + intercept, with noise of the standard deviation `noise`.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The line's slope.
    pub slope: f64,
    /// The line's value at x = 0.
    pub intercept: f64,
    /// The standard deviation of the noise, in units of y; 0 for none.
    pub noise: f64,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// Where x comes from.
    pub inputs: Inputs,
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The input.
    pub x: f64,
    /// What chance adds; 0 without noise.
    pub noise: f64,
    /// The output: slope * x + intercept + noise, computed in this order.
    pub y: f64,
}

/// Makes the samples that `settings` describe.
///
/// # Errors
/// When a number is not finite, the noise is negative, there are no samples, or x-min is above
/// x-max, or when a y grows beyond what a cell can hold.
pub fn samples(settings: &Settings) -> Result<Vec<Sample>> {
    settings.check()?;
    let mut chance = ChaCha8Rng::seed_from_u64(settings.seed);
    chance.set_stream(NOISE_STREAM);
    settings
        .inputs
        .values(settings.seed)
        .into_iter()
        .map(|x| {
            let noise =
                if settings.noise > 0.0 { settings.noise * normal(&mut chance) } else { 0.0 };
            let line = settings.slope * x + settings.intercept;
            let y = if settings.noise > 0.0 { line + noise } else { line };
            if y.is_finite() {
                Ok(Sample { x, noise, y })
            } else {
                Err(Error::new(format!("y is too large for a cell where x is {x}"))
                    .help("take smaller numbers"))
            }
        })
        .collect()
}

impl Settings {
    fn check(&self) -> Result<()> {
        for (name, value) in
            [("--slope", self.slope), ("--intercept", self.intercept), ("--noise", self.noise)]
        {
            if !value.is_finite() {
                return Err(Error::new("the value is not a finite number")
                    .in_argument(format!("{name} {value}")));
            }
        }
        if self.noise < 0.0 {
            return Err(Error::new("a standard deviation is never negative")
                .in_argument(format!("--noise {}", self.noise))
                .help("give 0 for no noise, or a number above 0"));
        }
        self.inputs.check()
    }
}

impl Inputs {
    /// How many samples these make.
    pub fn len(&self) -> usize {
        match self {
            Inputs::Given(values) => values.len(),
            Inputs::Drawn { rows, .. } => *rows,
        }
    }

    /// Whether these make no sample at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn check(&self) -> Result<()> {
        match self {
            Inputs::Given(values) => {
                if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                    return Err(Error::new("the value is not a finite number")
                        .in_argument(format!("--x {value}")));
                }
            }
            Inputs::Drawn { min, max, .. } => check_range(*min, *max)?,
        }
        if self.is_empty() {
            return Err(Error::new("data needs at least one sample")
                .in_argument(format!("--rows {}", self.len()))
                .help("give a number of rows from 1 up"));
        }
        Ok(())
    }

    fn values(&self, seed: u64) -> Vec<f64> {
        match self {
            Inputs::Given(values) => values.clone(),
            Inputs::Drawn { rows, min, max } => {
                let mut chance = ChaCha8Rng::seed_from_u64(seed);
                (0..*rows).map(|_| chance.random_range(*min..=*max) as f64).collect()
            }
        }
    }
}

fn check_range(min: i64, max: i64) -> Result<()> {
    for (name, value) in [("--x-min", min), ("--x-max", max)] {
        if value.unsigned_abs() > LARGEST_WHOLE.unsigned_abs() {
            return Err(Error::new("the number has more digits than a spreadsheet shows")
                .in_argument(format!("{name} {value}"))
                .help(format!("stay between -{LARGEST_WHOLE} and {LARGEST_WHOLE}")));
        }
    }
    if min > max {
        return Err(Error::new("the smallest x is above the largest")
            .in_argument(format!("--x-min {min} --x-max {max}"))
            .help("give x-min a value of at most x-max"));
    }
    Ok(())
}

/// A draw from the standard normal distribution.
fn normal(chance: &mut ChaCha8Rng) -> f64 {
    // `random` may give 0, whose logarithm is infinite, but never 1.
    let radius = (-2.0 * pxfm::f_log(1.0 - chance.random::<f64>())).sqrt();
    radius * pxfm::f_cos(std::f64::consts::TAU * chance.random::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: usize, noise: f64, seed: u64) -> Settings {
        let inputs = Inputs::Drawn { rows, min: 1, max: 100 };
        Settings { slope: 2.0, intercept: 30.0, noise, seed, inputs }
    }

    #[test]
    fn the_first_numbers_of_the_default_seed_stay_what_they_are() {
        let samples = samples(&drawn(5, 3.0, DEFAULT_SEED)).unwrap();
        let x: Vec<_> = samples.iter().map(|sample| sample.x).collect();
        let noise: Vec<_> = samples.iter().map(|sample| sample.noise).collect();
        assert_eq!(x, [41.0, 9.0, 60.0, 22.0, 29.0]);
        assert_eq!(
            noise,
            [
                5.565905262791077,
                3.097023087194054,
                -4.333458626858977,
                -2.5989186218537195,
                3.201022575735249
            ]
        );
    }

    #[test]
    fn x_is_whole_and_in_its_range_and_does_not_depend_on_the_noise() {
        let plain = samples(&drawn(1000, 0.0, 7)).unwrap();
        let noisy = samples(&drawn(1000, 3.0, 7)).unwrap();
        for (plain, noisy) in plain.iter().zip(&noisy) {
            assert_eq!(plain.x, noisy.x);
            assert!(plain.x.fract() == 0.0 && (1.0..=100.0).contains(&plain.x));
            assert_eq!(plain.y, 2.0 * plain.x + 30.0);
            assert_eq!(noisy.y, 2.0 * noisy.x + 30.0 + noisy.noise);
        }
        assert!(plain.iter().any(|sample| sample.x == 1.0));
        assert!(plain.iter().any(|sample| sample.x == 100.0));
    }

    #[test]
    fn the_noise_has_the_mean_and_the_deviation_of_its_distribution() {
        let noise: Vec<_> =
            samples(&drawn(40_000, 3.0, 11)).unwrap().iter().map(|sample| sample.noise).collect();
        let count = noise.len() as f64;
        let mean = noise.iter().sum::<f64>() / count;
        let deviation = (noise.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / count).sqrt();
        // Four standard errors: 3 / sqrt(40000) for the mean, 3 / sqrt(80000) for the deviation.
        assert!(mean.abs() < 0.06, "{mean}");
        assert!((deviation - 3.0).abs() < 0.0425, "{deviation}");
    }

    #[test]
    fn settings_that_make_no_sense_are_refused() {
        let refused = |change: fn(&mut Settings)| {
            let mut settings = drawn(5, 0.0, 1);
            change(&mut settings);
            samples(&settings).unwrap_err().to_string()
        };
        assert!(refused(|s| s.slope = f64::NAN).contains("--slope NaN"));
        assert!(refused(|s| s.noise = -1.0).contains("never negative"));
        assert!(refused(|s| s.inputs = Inputs::Given(vec![])).contains("at least one sample"));
        assert!(
            refused(|s| s.inputs = Inputs::Given(vec![1.0, f64::INFINITY])).contains("--x inf")
        );
        assert!(refused(|s| s.slope = 1e308).contains("too large for a cell"));
        assert!(
            refused(|s| s.inputs = Inputs::Drawn { rows: 1, min: 5, max: 4 })
                .contains("above the largest")
        );
        assert!(
            refused(|s| s.inputs = Inputs::Drawn { rows: 1, min: i64::MIN, max: 4 })
                .contains("more digits")
        );
    }
}
