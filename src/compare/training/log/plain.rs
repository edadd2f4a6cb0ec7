//! The numbers of a log without gradients, and the steps that they make with the gradients of a model
//! over batches of its data.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use super::batches::Batches;
use super::computed::{NEAR_DIGITS, Problem, Refusal};
use super::fit::{Logged, Rates};
use super::plainest::is_common;
use super::slopes::{Slope, Slopes};
use super::steps::Steps;
use super::{Column, Explained, Layout, explained, search};
use crate::compare::form::Form;
use crate::optimizer::Batch;

/// So many steps say whether batches may be those of a log.
const FIRST_STEPS: usize = 16;
/// So many rows say how exact the gradients are.
pub(super) const MEASURED_ROWS: usize = 32;
/// So many batches that lead nearest are looked at closely where none leads all the way.
const MOST_NEAR: usize = 2;
/// So many that lead along the first steps, and not along all, are looked at.
const MOST_TRIED: usize = 6;
/// A rule that changes more often than every so many steps is none, with batches that nothing else
/// tells.
const MANY_CHANGES: usize = 4;
/// Numbers of single precision are exact to this share.
const SINGLE: f64 = f32::EPSILON as f64 / 2.0;

/// A log with its problem.
#[derive(Debug, Clone)]
pub(super) struct Plain<'l> {
    pub slopes: Slopes,
    /// The weights of each row, those of the start before the first where they were said.
    pub rows: Vec<Vec<f64>>,
    /// How many of these are not of the log.
    pub given: usize,
    /// Half of what the last digit of each weight is worth.
    pub rounding: Vec<f64>,
    rates: Option<&'l [f64]>,
    pub losses: &'l [f64],
    /// The same of the losses.
    pub loss_rounding: f64,
    tensors: &'l [usize],
}

impl<'l> Plain<'l> {
    /// The numbers of a log's columns.
    pub fn new(columns: &'l [Column<'l>], layout: &'l Layout, problem: &'l Problem) -> Plain<'l> {
        let weights: Vec<&Column> = layout.pairs.iter().map(|(at, _)| &columns[*at]).collect();
        let count = weights.iter().map(|one| one.numbers.len()).min().unwrap_or(0);
        let row = |at: usize| weights.iter().map(|one| one.numbers[at]).collect();
        let logged: Vec<Vec<f64>> = (0..count).map(row).collect();
        // A log that begins with the start has it already.
        let is_logged = problem.start.as_ref() == logged.first();
        let start = problem.start.iter().filter(|_| !is_logged).cloned();
        let given = start.clone().count();
        let of = |at: Option<usize>| at.map(|at| columns[at]);
        Plain {
            slopes: Slopes::new(&problem.model, &problem.data),
            rows: start.chain(logged).collect(),
            given,
            rounding: weights.iter().map(|one| one.rounding).collect(),
            rates: of(layout.rate).map(|one| one.numbers),
            losses: of(layout.loss).map_or(&[], |one| one.numbers),
            loss_rounding: of(layout.loss).map_or(0.0, |one| one.rounding),
            tensors: &layout.tensors,
        }
    }

    /// The same with the weights that the first row was reached from.
    pub fn started(&self, start: Vec<f64>) -> Plain<'l> {
        let rows = std::iter::once(start).chain(self.rows.iter().cloned()).collect();
        Plain { rows, given: 1, ..self.clone() }
    }

    /// Refuses a log that has nothing to tell.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.rows.len() < 4 {
            return Err(Refusal::Short);
        }
        if self.rows.iter().all(|row| *row == self.rows[0]) {
            return Err(Refusal::Still);
        }
        let undefined = self.undefined().map(|row| row.saturating_sub(self.given));
        undefined.map_or(Ok(()), |row| Err(Refusal::Undefined(row)))
    }

    /// The first of some rows at which the model has no gradient.
    fn undefined(&self) -> Option<usize> {
        let all = 0..self.slopes.samples();
        let is_one = |at: &usize| {
            let slope = self.slopes.mean(&self.rows[*at], all.clone());
            slope.gradients.iter().any(|one| one.is_nan())
        };
        (0..self.rows.len().min(MEASURED_ROWS)).chain([self.rows.len() - 1]).find(is_one)
    }

    /// Weights that are off by half of their last digit.
    pub fn blurred(&self, row: &[f64]) -> Vec<f64> {
        row.iter().zip(&self.rounding).map(|(one, rounding)| one + rounding).collect()
    }

    /// The gradients of each weight, from the first row on.
    pub fn gradients(&self, batches: &Batches) -> Vec<Vec<f64>> {
        let rows: Vec<Vec<f64>> =
            (0..self.rows.len()).map(|at| self.gradient(&self.slopes, at, batches)).collect();
        let weights = 0..self.rounding.len();
        weights.map(|at| rows[self.given..].iter().map(|row| row[at]).collect()).collect()
    }

    fn gradient(&self, slopes: &Slopes, row: usize, batches: &Batches) -> Vec<f64> {
        self.slope_at(slopes, &self.rows[row], row, batches).gradients
    }

    /// Loss and gradients at some weights, of the batch of a step.
    pub fn slope_at(&self, slopes: &Slopes, row: &[f64], step: usize, batches: &Batches) -> Slope {
        let batch = batches.of_step(step, slopes.samples());
        let factor = batches.factor(&batch);
        let mut slope = slopes.mean(row, batch);
        slope.loss *= factor;
        slope.gradients.iter_mut().for_each(|one| *one *= factor);
        slope
    }

    /// The first steps with the gradients of these batches.
    fn steps(&self, batches: &Batches, most: usize) -> Steps {
        let count = (self.rows.len() - 1).min(most);
        let gradients = (0..count).flat_map(|at| self.gradient(&self.slopes, at, batches));
        let slope = |at: usize| self.slope_at(&self.slopes, &self.rows[at], at, batches);
        let losses = (0..count).map(|at| slope(at).loss);
        let values = self.rows[..=count].concat();
        let exact = self.exactness(batches, count);
        let steps = Steps::new(values, gradients.collect(), self.rounding.clone(), exact);
        steps.of(self.tensors.to_vec(), losses.collect())
    }

    /// How far each weight's gradients may be off: what the digits of the weights and of numbers in
    /// the computer that trained make of them.
    fn exactness(&self, batches: &Batches, count: usize) -> Vec<f64> {
        let is_single = self.rounding.iter().any(|one| *one > 0.0);
        let share = if is_single { SINGLE } else { f64::EPSILON };
        let others: Vec<Slopes> = (0..self.slopes.columns())
            .map(|column| self.slopes.with_larger_data(share, column))
            .collect();
        let rows = count.min(MEASURED_ROWS);
        let mut off = vec![0.0; self.rounding.len()];
        for at in 0..rows {
            let own = self.gradient(&self.slopes, at, batches);
            let row = self.blurred(&self.rows[at]);
            let blurred = self.slope_at(&self.slopes, &row, at, batches).gradients;
            let others = others.iter().map(|slopes| self.gradient(slopes, at, batches));
            for other in others.chain([blurred]) {
                for (off, (own, other)) in off.iter_mut().zip(own.iter().zip(other)) {
                    *off += (own - other).abs();
                }
            }
        }
        off.into_iter().map(|one| one / rows.max(1) as f64).collect()
    }

    /// The learning rates of the steps, where the log has them.
    fn rates(&self, batches: &Batches) -> Rates<'l> {
        // Where the start is missing, a row has the rate of the step that led to it.
        self.rates
            .and_then(|rates| rates.get(batches.before..))
            .map_or(Rates::Steady, Rates::Logged)
    }

    /// What is found out with these batches.
    pub fn explained(&self, forms: &[Form], batches: Batches) -> Option<Explained> {
        explained(forms, &self.steps(&batches, usize::MAX), self.rates(&batches))
    }

    /// What is found out with the batches whose gradients lead along the weights.
    pub fn by_weights(&self, forms: &[Form]) -> Option<(Explained, Batches)> {
        let count = self.slopes.samples();
        let mut near: Vec<(Batches, f64)> = Vec::new();
        let mut tried: Vec<(Explained, Batches)> = Vec::new();
        let mut known: HashMap<Vec<Range<usize>>, (f64, bool)> = HashMap::new();
        for batches in self.candidates() {
            let first: Vec<Range<usize>> =
                (0..FIRST_STEPS).map(|step| batches.of_step(step, count)).collect();
            // Many differ at the end of an epoch alone.
            let promise = known.entry(first).or_insert_with(|| self.promise(forms, &batches));
            let (miss, fits) = *promise;
            let is_open = fits && tried.len() < MOST_TRIED;
            match is_open.then(|| self.explained(forms, batches)).flatten() {
                // Coarse numbers follow from anything.
                Some(found) if found.fits && found.digits >= NEAR_DIGITS => {
                    return Some((found, batches));
                }
                Some(found) => tried.push((found, batches)),
                None => near.push((batches, miss)),
            }
        }
        // Where losses are logged, they say why no batches fit.
        if self.losses.is_empty() {
            near.sort_by(|a, b| a.1.total_cmp(&b.1));
        } else {
            near.clear();
        }
        let near = near.into_iter().take(MOST_NEAR).map(|one| one.0);
        tried.extend(near.filter_map(|one| Some((self.explained(forms, one)?, one))));
        let is_regular = |one: &Explained| MANY_CHANGES * one.changes.len() <= self.rows.len();
        tried.retain(|(one, _)| is_regular(one));
        tried.into_iter().min_by_key(|(one, _)| (!one.fits, Reverse(one.digits)))
    }

    /// The batches that somebody would take, from the first row on or from a step behind it.
    fn candidates(&self) -> Vec<Batches> {
        let count = self.slopes.samples();
        let usual = Batches::all(count).into_iter().filter(|one| one.is_usual(count));
        let mut all: Vec<Batches> = usual.collect();
        if self.given == 0 {
            let small = all.clone().into_iter().filter(|one| one.size != Batch::All);
            all.extend(small.map(|one| Batches { before: 1, ..one }));
        }
        all
    }

    /// How near the usual definitions come to the first steps with these batches, and whether one
    /// takes them.
    pub fn promise(&self, forms: &[Form], batches: &Batches) -> (f64, bool) {
        let short = self.steps(batches, FIRST_STEPS);
        let few = Logged::new(&short, self.rates(batches));
        let usual = forms.iter().filter(|form| is_common(form.definition));
        let found = search::typed_definitions(usual, few);
        let best = found.iter().min_by(|a, b| a.miss.total_cmp(&b.miss));
        best.map_or((f64::INFINITY, false), |one| (one.miss, one.fits(few)))
    }
}
