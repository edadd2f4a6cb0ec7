//! How near the steps of a rule come to the logged ones, with the learning rates that bring them
//! nearest: one for all steps, or one for each.

use super::rule::Rule;
use super::steps::Steps;
use crate::value::shortest;

/// So often a learning rate is brought nearer.
const MOST_TURNS: usize = 8;
/// So much of itself it is changed by to see what the steps make of it.
const WIDTH: f64 = 1e-4;
/// By so large a factor it changes at most in a turn.
const FARTHEST: f64 = 100.0;

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

/// Sets the learning rate of a rule to the nearest that fits, as it was typed; how near the steps come
/// with it, of their size.
pub(super) fn fit(rule: &Rule, inputs: &mut [f64], logged: Logged) -> f64 {
    let miss = miss(&fitted(rule, inputs, logged), logged.steps);
    if miss.is_nan() { f64::INFINITY } else { miss }
}

/// The steps of a rule with the nearest learning rate that fits, which it is given.
pub(super) fn fitted(rule: &Rule, inputs: &mut [f64], logged: Logged) -> Vec<f64> {
    let rate = rule.rate().filter(|_| matches!(logged.rates, Rates::Steady));
    let Some(rate) = rate else { return moves(rule, inputs, logged) };
    if !rule.is_proportional {
        return fitted_by_turns(rule, inputs, rate, logged);
    }
    inputs[rate] = 1.0;
    let mut moves = moves(rule, inputs, logged);
    let nearest = nearest(moves.iter().copied().zip(logged.steps.all_moves()));
    let is_near = |one: f64| (one - nearest).abs() <= logged.blur * nearest.abs();
    inputs[rate] = shortest(nearest, is_near).unwrap_or(nearest);
    moves.iter_mut().for_each(|one| *one *= inputs[rate]);
    moves
}

/// The same of a rule whose steps do not go as far as the rate: that is brought nearer turn by turn,
/// as Newton did.
fn fitted_by_turns(rule: &Rule, inputs: &mut [f64], rate: usize, logged: Logged) -> Vec<f64> {
    let mut own = moves(rule, inputs, logged);
    for _ in 0..MOST_TURNS {
        let from = inputs[rate];
        inputs[rate] = from * (1.0 + WIDTH);
        let ways = moves(rule, inputs, logged);
        let ways = ways.iter().zip(&own).map(|(other, own)| (other - own) / (from * WIDTH));
        let wanted = logged.steps.all_moves().zip(&own).map(|(logged, own)| logged - own);
        let step = nearest(ways.zip(wanted));
        let ends = (from / FARTHEST, from * FARTHEST);
        inputs[rate] = (from + step).clamp(ends.0.min(ends.1), ends.0.max(ends.1));
        let nearer = moves(rule, inputs, logged);
        let is_nearer = miss(&nearer, logged.steps) < miss(&own, logged.steps);
        if !is_nearer {
            inputs[rate] = from;
            break;
        }
        own = nearer;
    }
    let reached = inputs[rate];
    let is_near = |one: f64| (one - reached).abs() <= logged.blur * reached.abs();
    inputs[rate] = shortest(reached, is_near).unwrap_or(reached);
    moves(rule, inputs, logged)
}

/// Takes a rule's steps for all weights.
fn moves(rule: &Rule, inputs: &[f64], logged: Logged) -> Vec<f64> {
    let mut moves = Vec::with_capacity(logged.steps.len() * logged.steps.weights);
    each_step(rule, inputs, logged, |_, own| moves.extend_from_slice(own));
    moves
}

/// Takes a rule's steps, and looks at how far each weight went.
pub(super) fn each_step(
    rule: &Rule,
    inputs: &[f64],
    logged: Logged,
    mut look: impl FnMut(usize, &[f64]),
) {
    let steps = logged.steps;
    if steps.len() == 0 {
        return;
    }
    let mut machine = rule.machine(inputs, steps, 0);
    let free = rule.rate().filter(|_| matches!(logged.rates, Rates::Free));
    if let Some(rate) = free {
        machine.set(rate, 1.0);
    }
    let remembers_rate = rule.remembers_rate;
    let mut moves = Vec::with_capacity(steps.weights);
    for step in 0..steps.len() {
        match (rule.rate(), logged.rates) {
            (Some(rate), Rates::Logged(rates)) => machine.set(rate, rates[step]),
            (Some(rate), Rates::Free) if remembers_rate => {
                let (before, gradients) = (steps.before(step), steps.gradients(step));
                let nearest = machine.nearest_rate(
                    rate,
                    before,
                    (gradients, steps.loss(step)),
                    steps.moves(step),
                );
                machine.set(rate, nearest);
            }
            _ => {}
        }
        moves.clear();
        machine.step(steps.before(step), steps.gradients(step), steps.loss(step), &mut moves);
        if free.is_some() && !remembers_rate {
            let factor = nearest(moves.iter().copied().zip(steps.moves(step)));
            moves.iter_mut().for_each(|one| *one *= factor);
        }
        look(step, &moves);
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

/// How far steps are from the logged ones, as far as these are known.
#[derive(Default)]
pub(super) struct Miss {
    off: f64,
    size: f64,
}

impl Miss {
    pub fn add(&mut self, moves: &[f64], logged: impl Iterator<Item = f64>) {
        for (own, logged) in moves.iter().zip(logged) {
            if !logged.is_nan() {
                self.off += (own - logged) * (own - logged);
                self.size += logged * logged;
            }
        }
    }

    /// Of the size of the logged steps.
    pub fn share(&self) -> f64 {
        (self.off / self.size).sqrt()
    }
}

fn miss(moves: &[f64], steps: &Steps) -> f64 {
    let mut miss = Miss::default();
    miss.add(moves, steps.all_moves());
    miss.share()
}
