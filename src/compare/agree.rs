//! Whether formulas give the same on the numbers that they are tried on.

use super::invented::Trial;

/// Two numbers are the same when they differ by rounding only.
const ROUNDING: f64 = 1e-9;

/// Of the numbers of a sheet itself, some may be wrong: so much of them has to agree.
const MOST: f64 = 0.6;

/// Whether two numbers are the same but for rounding.
pub(super) fn same(left: f64, right: f64) -> bool {
    (left - right).abs() <= ROUNDING * left.abs().max(right.abs())
}

/// The rows at which formulas are tried, as (trial, row); the most telling first.
pub(super) fn points(trials: &[Trial]) -> Vec<(usize, isize)> {
    /// More rows of a sheet's own numbers tell nothing new.
    const ENOUGH: usize = 64;
    let mut points = Vec::new();
    for (index, trial) in trials.iter().enumerate() {
        let step = trial.rows().div_ceil(ENOUGH).max(1);
        points.extend((trial.first..trial.rows()).step_by(step).map(|row| (index, row as isize)));
    }
    // The first row has no row above it: begin with the third.
    let start = points.len().min(2);
    points.rotate_left(start);
    points
}

/// Whether what `expected` and `found` give at the points is the same: everywhere for invented
/// numbers, nearly everywhere for a sheet's own.
pub(super) fn agree(
    trials: &[Trial],
    points: &[(usize, isize)],
    expected: impl Fn(usize, isize) -> f64,
    found: impl Fn(usize, isize) -> f64,
) -> bool {
    let needed = if trials.len() > 1 { 1.0 } else { MOST };
    let (mut told, mut equal, mut unequal) = (0_usize, 0_usize, 0_usize);
    for &(trial, row) in points {
        let (expected, found) = (expected(trial, row), found(trial, row));
        match (expected.is_nan(), found.is_nan()) {
            (true, true) => continue,
            (false, false) if same(expected, found) => equal += 1,
            // Past the last row there is nothing to compare with.
            (false, true) => continue,
            _ => unequal += 1,
        }
        told += 1;
        if unequal as f64 > (1.0 - needed) * points.len() as f64 {
            return false;
        }
    }
    2 * told >= points.len().min(3) && told > 0 && equal as f64 >= needed * told as f64
}
