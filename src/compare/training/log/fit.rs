//! How near the steps of a rule come to the logged ones, with the learning rates that bring them
//! nearest: one for all steps, or one for each.

use super::rule::Rule;
use super::steps::Steps;
use crate::value::shortest;

/// The log of all weights, with the learning rates where they are logged.
#[derive(Clone, Copy)]
pub(super) struct Logged<'l> {
    pub weights: &'l [Steps],
    pub rates: Option<&'l [f64]>,
    /// How far numbers with so many digits may lead off.
    pub blur: f64,
}

impl<'l> Logged<'l> {
    pub fn new(weights: &'l [Steps], rates: Option<&'l [f64]>) -> Self {
        Logged { weights, rates, blur: weights.iter().map(Steps::blur).fold(0.0, f64::max) }
    }
}

/// Sets the learning rate of a rule to the nearest that fits, as it was typed; how near the steps come
/// with it, of their size.
pub(super) fn fit(rule: &Rule, inputs: &mut [f64], logged: Logged) -> f64 {
    let rate = rule.rate().filter(|_| logged.rates.is_none());
    if let Some(rate) = rate {
        inputs[rate] = 1.0;
    }
    let moves = moves(rule, inputs, logged);
    if let Some(rate) = rate {
        let nearest = nearest(pairs(&moves, logged).map(|(_, own, logged)| (own, logged)));
        let is_near = |one: f64| (one - nearest).abs() <= logged.blur * nearest.abs();
        inputs[rate] = shortest(nearest, is_near).unwrap_or(nearest);
    }
    let rate = rate.map_or(1.0, |rate| inputs[rate]);
    let miss = miss(&moves, logged, |_| rate);
    if miss.is_nan() { f64::INFINITY } else { miss }
}

/// The learning rates of the steps that bring a rule's steps to the logged ones: the same for all
/// weights; and how near they come.
pub(super) fn fit_rates(rule: &Rule, inputs: &[f64], logged: Logged) -> Option<(Vec<f64>, f64)> {
    let mut inputs = inputs.to_vec();
    inputs[rule.rate()?] = 1.0;
    let moves = moves(rule, &inputs, logged);
    let count = logged.weights.first()?.len();
    let of_step = |step: usize| {
        let weights = moves.iter().zip(logged.weights);
        nearest(weights.map(|(own, steps)| (own[step], steps.moves[step])))
    };
    let mut rates: Vec<f64> = (0..count).map(of_step).collect();
    // Where the first step started from may not be known.
    if count > 1 && rates[0].is_nan() {
        rates[0] = rates[1];
    }
    let miss = miss(&moves, logged, |step| rates[step]);
    miss.is_finite().then_some((rates, miss))
}

/// The steps of a rule for all weights.
fn moves(rule: &Rule, inputs: &[f64], logged: Logged) -> Vec<Vec<f64>> {
    logged.weights.iter().map(|one| rule.moves(inputs, one, logged.rates)).collect()
}

/// The rule's steps with the logged ones, and their numbers, where these are known.
fn pairs(moves: &[Vec<f64>], logged: Logged<'_>) -> impl Iterator<Item = (usize, f64, f64)> {
    let weights = moves.iter().zip(logged.weights);
    let pairs = weights.flat_map(|(own, steps)| own.iter().zip(&steps.moves).enumerate());
    pairs.map(|(step, (own, logged))| (step, *own, *logged)).filter(|(.., one)| !one.is_nan())
}

/// The factor that brings numbers nearest to others.
fn nearest(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (over, under) = pairs
        .fold((0.0, 0.0), |(over, under), (own, logged)| (over + own * logged, under + own * own));
    over / under
}

/// How far steps are from the logged ones, of their size.
fn miss(moves: &[Vec<f64>], logged: Logged, rate: impl Fn(usize) -> f64) -> f64 {
    let (miss, size) =
        pairs(moves, logged).fold((0.0, 0.0), |(miss, size), (step, own, logged)| {
            let off = rate(step) * own - logged;
            (miss + off * off, size + logged * logged)
        });
    (miss / size).sqrt()
}
