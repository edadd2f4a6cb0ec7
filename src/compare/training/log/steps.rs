//! The steps of a log: what a weight was, its gradient, and what it became.

/// One weight's steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps {
    /// The value before each step.
    pub before: Vec<f64>,
    /// The gradient that each step was taken with.
    pub gradients: Vec<f64>,
    /// How far it went; not a number where that is not known.
    pub moves: Vec<f64>,
    /// Half of what the last digit of a value is worth.
    pub rounding: f64,
    /// The same of a gradient.
    pub gradient_rounding: f64,
}

impl Steps {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.moves.len()
    }

    /// The first steps only.
    pub fn first(&self, most: usize) -> Steps {
        let cut = |numbers: &[f64]| numbers[..numbers.len().min(most)].to_vec();
        Steps {
            before: cut(&self.before),
            gradients: cut(&self.gradients),
            moves: cut(&self.moves),
            ..*self
        }
    }

    /// The size of the steps: their root mean square.
    pub fn size(&self) -> f64 {
        root_mean_square(self.moves.iter().copied())
    }

    /// How far numbers with so many digits may lead off, of the size of the steps.
    pub fn blur(&self) -> f64 {
        let values = self.before.iter().fold(0.0_f64, |most, one| most.max(one.abs()));
        let of_values = (2.0 * self.rounding + 4.0 * f64::EPSILON * values) / self.size();
        let of_gradients =
            self.gradient_rounding / root_mean_square(self.gradients.iter().copied());
        of_values + 2.0 * of_gradients + 1e-12
    }
}

fn root_mean_square(numbers: impl Iterator<Item = f64>) -> f64 {
    let known = numbers.filter(|one| !one.is_nan());
    let (count, sum) = known.fold((0_usize, 0.0), |(count, sum), one| (count + 1, sum + one * one));
    (sum / count.max(1) as f64).sqrt()
}
