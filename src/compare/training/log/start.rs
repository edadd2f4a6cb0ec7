//! The weights before the first row, where each row has what its step led to and the loss before it.
//!
//! Whatever the optimizer, its first step goes along the first gradient or, where it divides by the
//! gradient's size, along its signs. How far it went is the one number that is missing, and the first
//! loss tells it.

use super::Explained;
use super::batches::Batches;
use super::plain::Plain;
use crate::compare::form::Form;

/// So often a start is corrected by the gradient at itself.
const CORRECTIONS: usize = 60;
/// So often the way to it is halved.
const HALVINGS: usize = 200;
/// A first step is no longer than so many times its shortest length that is looked at.
const DOUBLINGS: usize = 80;
const SHORTEST: f64 = 1e-12;

/// What optimizers add to a gradient's size before they divide by it, as they have it by default. The
/// first step shows it, where a log has all digits.
const ADDED: [f64; 5] = [1e-8, 1e-7, 1e-10, 1e-6, 0.0];

/// Where a first step goes along: along the gradient, or along its signs where something is added to its
/// size before that divides it.
type Direction = Option<f64>;

/// What is found out from such a start, and the log with it; none where no rule takes all steps.
pub(super) fn explained<'l>(
    log: &Plain<'l>,
    forms: &[Form],
    batches: &Batches,
) -> Option<(Plain<'l>, Explained)> {
    starts(log, batches).into_iter().find_map(|start| {
        let log = log.started(start);
        if !log.promise(forms, batches).1 {
            return None;
        }
        let found = log.explained(forms, *batches)?;
        found.fits.then_some((log, found))
    })
}

/// The starts from which a step along the gradient, or along its signs, led to the first row.
fn starts(log: &Plain, batches: &Batches) -> Vec<Vec<f64>> {
    let directions = std::iter::once(None).chain(ADDED.map(Some));
    directions.filter_map(|one| start(log, batches, one)).collect()
}

fn start(log: &Plain, batches: &Batches, direction: Direction) -> Option<Vec<f64>> {
    let logged = *log.losses.first()?;
    // How far the loss is above the logged one where the step was so long.
    let above = |length: f64| {
        let start = reached(log, batches, direction, length);
        (log.slope_at(&log.slopes, &start, 0, batches).loss - logged, start)
    };
    let is_above = |length: f64| above(length).0 >= 0.0;
    let lengths = (0..DOUBLINGS).map(|at| SHORTEST * 2.0_f64.powi(at as i32));
    let mut long = lengths.clone().find(|length| is_above(*length))?;
    let mut short = long / 2.0;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(short, long);
        if middle <= short || middle >= long {
            break;
        }
        *(if is_above(middle) { &mut long } else { &mut short }) = middle;
    }
    let (off, start) = above(long);
    (off.abs() <= 1e-3 * logged.abs()).then_some(start)
}

/// The weights from which a step of so many times its direction leads to the first row.
fn reached(log: &Plain, batches: &Batches, direction: Direction, length: f64) -> Vec<f64> {
    let led_to = &log.rows[0];
    let mut start = led_to.clone();
    for _ in 0..CORRECTIONS {
        let slope = log.slope_at(&log.slopes, &start, 0, batches);
        let next = led_to.iter().zip(&slope.gradients);
        let along = |slope: f64| direction.map_or(slope, |added| slope / (slope.abs() + added));
        let next: Vec<f64> = next.map(|(one, slope)| one + length * along(*slope)).collect();
        if next == start {
            break;
        }
        start = next;
    }
    start
}
