//! How near the steps of a rule come to the logged ones, with the learning rates that bring them
//! nearest: one for all steps, or one for each.

use super::rule::Rule;
use super::steps::Steps;
use crate::value::shortest;

/// The learning rates of a log.
#[derive(Clone, Copy)]
pub(super) enum Rates<'l> {
    /// The same for all steps, not known.
    Steady,
    /// One for each step, as the log has them.
    Logged(&'l [f64]),
    /// Any for each step.
    Free,
}

/// The log of all weights.
#[derive(Clone, Copy)]
pub(super) struct Logged<'l> {
    pub steps: &'l Steps,
    pub rates: Rates<'l>,
    /// How far numbers with so many digits may lead off.
    pub blur: f64,
}

impl<'l> Logged<'l> {
    pub fn new(steps: &'l Steps, rates: Rates<'l>) -> Self {
        Logged { steps, rates, blur: steps.blur() }
    }
}

/// The steps of a rule, and the learning rate of each.
struct Run {
    /// How far each weight went in each step.
    moves: Vec<f64>,
    rates: Vec<f64>,
}

/// Sets the learning rate of a rule to the nearest that fits, as it was typed; how near the steps come
/// with it, of their size.
pub(super) fn fit(rule: &Rule, inputs: &mut [f64], logged: Logged) -> f64 {
    let miss = match (rule.rate(), logged.rates) {
        (Some(rate), Rates::Steady) => {
            inputs[rate] = 1.0;
            let mut moves = run(rule, inputs, logged).moves;
            let nearest = nearest(moves.iter().copied().zip(logged.steps.all_moves()));
            let is_near = |one: f64| (one - nearest).abs() <= logged.blur * nearest.abs();
            inputs[rate] = shortest(nearest, is_near).unwrap_or(nearest);
            moves.iter_mut().for_each(|one| *one *= inputs[rate]);
            miss(&moves, logged.steps)
        }
        _ => miss(&run(rule, inputs, logged).moves, logged.steps),
    };
    if miss.is_nan() { f64::INFINITY } else { miss }
}

/// The learning rates of the steps that bring a rule's steps to the logged ones: the same for all
/// weights; and how near they come.
pub(super) fn fit_rates(rule: &Rule, inputs: &[f64], logged: Logged) -> Option<(Vec<f64>, f64)> {
    rule.rate()?;
    let Run { moves, mut rates } = run(rule, inputs, Logged { rates: Rates::Free, ..logged });
    // Where the first step started from may not be known.
    if let [first, second, ..] = rates[..]
        && logged.steps.moves(0).all(f64::is_nan)
    {
        rates[0] = if first == 1.0 { second } else { first };
    }
    let miss = miss(&moves, logged.steps);
    miss.is_finite().then_some((rates, miss))
}

/// Takes a rule's steps for all weights.
fn run(rule: &Rule, inputs: &[f64], logged: Logged) -> Run {
    let mut moves = Vec::with_capacity(logged.steps.len() * logged.steps.weights);
    let mut rates = Vec::new();
    each_step(rule, inputs, logged, |_, own, rate| {
        moves.extend_from_slice(own);
        rates.extend(rate);
    });
    Run { moves, rates }
}

/// Takes a rule's steps, and looks at how far each weight went, with the learning rate where any may
/// be taken.
pub(super) fn each_step(
    rule: &Rule,
    inputs: &[f64],
    logged: Logged,
    mut look: impl FnMut(usize, &[f64], Option<f64>),
) {
    let steps = logged.steps;
    if steps.len() == 0 {
        return;
    }
    let mut machine = rule.machine(inputs, steps.before(0));
    let free = rule.rate().filter(|_| matches!(logged.rates, Rates::Free));
    if let Some(rate) = free {
        machine.set(rate, 1.0);
    }
    let remembers_rate = rule.remembers_rate();
    let mut moves = Vec::with_capacity(steps.weights);
    for step in 0..steps.len() {
        let mut chosen = None;
        match (rule.rate(), logged.rates) {
            (Some(rate), Rates::Logged(rates)) => machine.set(rate, rates[step]),
            (Some(rate), Rates::Free) if remembers_rate => {
                let nearest = machine.nearest_rate(rate, steps, step);
                machine.set(rate, nearest);
                chosen = Some(nearest);
            }
            _ => {}
        }
        moves.clear();
        machine.step(steps.before(step), steps.gradients(step), &mut moves);
        if free.is_some() && !remembers_rate {
            let factor = nearest(moves.iter().copied().zip(steps.moves(step)));
            moves.iter_mut().for_each(|one| *one *= factor);
            chosen = Some(factor);
        }
        look(step, &moves, chosen);
    }
}

/// The factor that brings numbers nearest to others, as far as these are known; 1 where none are.
pub(super) fn nearest(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut over, mut under) = (0.0, 0.0);
    for (own, logged) in pairs {
        if !logged.is_nan() {
            over += own * logged;
            under += own * own;
        }
    }
    if under == 0.0 { 1.0 } else { over / under }
}

/// How far steps are from the logged ones, of their size.
fn miss(moves: &[f64], steps: &Steps) -> f64 {
    let (mut miss, mut size) = (0.0, 0.0);
    for (own, logged) in moves.iter().zip(steps.all_moves()) {
        if !logged.is_nan() {
            miss += (own - logged) * (own - logged);
            size += logged * logged;
        }
    }
    (miss / size).sqrt()
}
