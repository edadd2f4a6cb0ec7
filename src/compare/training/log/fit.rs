//! How near the steps of a rule come to the logged ones, with the learning rates that bring them
//! nearest: one for all steps, or one for each.

use super::rule::Rule;
use super::steps::Steps;
use crate::value::shortest;
use crate::watch;

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
    /// For each step one between those of its neighbours, which go on evenly: what tells rules apart where a
    /// single weight would follow any rule with rates of its own.
    Even,
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
    known_miss(&fitted(rule, inputs, logged), logged)
}

/// The same for each of several lists of inputs, at least one.
pub(super) fn fit_all(rule: &Rule, all: &mut [Vec<f64>], logged: Logged) -> Vec<f64> {
    watch::look();
    let is_one_by_one = match logged.rates {
        Rates::Steady => rule.rate().is_some() && !rule.is_proportional,
        Rates::Free => rule.remembers_rate,
        Rates::Logged(_) | Rates::Even => false,
    };
    if is_one_by_one {
        return all.iter_mut().map(|inputs| fit(rule, inputs, logged)).collect();
    }
    let mut all: Vec<&mut [f64]> = all.iter_mut().map(Vec::as_mut_slice).collect();
    let moves = fitted_side_by_side(rule, &mut all, logged);
    moves.iter().map(|moves| known_miss(moves, logged)).collect()
}

/// The steps of a rule with the nearest learning rate that fits, which it is given.
pub(super) fn fitted(rule: &Rule, inputs: &mut [f64], logged: Logged) -> Vec<f64> {
    match steady_rate(rule, logged) {
        Some(rate) if !rule.is_proportional => fitted_by_turns(rule, inputs, rate, logged),
        _ => fitted_side_by_side(rule, &mut [inputs], logged).swap_remove(0),
    }
}

/// The learning rate of a rule, where it is the same for all steps and not known.
fn steady_rate(rule: &Rule, logged: Logged) -> Option<usize> {
    rule.rate().filter(|_| matches!(logged.rates, Rates::Steady))
}

/// The same for each of several lists of inputs, of a rule whose steps go as far as a steady rate.
fn fitted_side_by_side(rule: &Rule, all: &mut [&mut [f64]], logged: Logged) -> Vec<Vec<f64>> {
    let steady = steady_rate(rule, logged);
    if let Some(rate) = steady {
        all.iter_mut().for_each(|inputs| inputs[rate] = 1.0);
    }
    let mut moves = moves(rule, &all.iter().map(|inputs| &**inputs).collect::<Vec<_>>(), logged);
    if let Some(rate) = steady {
        let each = all.iter_mut().zip(&mut moves);
        each.for_each(|(inputs, moves)| bring_near(moves, inputs, rate, logged));
    }
    if matches!(logged.rates, Rates::Even) {
        moves.iter_mut().for_each(|moves| even_out(moves, logged.steps));
    }
    moves
}

/// Makes steps with a rate of 1 those with rates in the middle of their neighbours'.
fn even_out(moves: &mut [f64], steps: &Steps) {
    let own = moves.chunks(steps.weights).enumerate();
    let rates: Vec<f64> =
        own.map(|(step, own)| nearest(own.iter().copied().zip(steps.moves(step)))).collect();
    let between = |step: usize| {
        let (before, behind) = (*rates.get(step.checked_sub(1)?)?, *rates.get(step + 1)?);
        // Most schedules go by factors; what changes its sign goes by none.
        Some(match before * behind {
            both if both > 0.0 => both.sqrt() * before.signum(),
            _ => (before + behind) / 2.0,
        })
    };
    for (step, moves) in moves.chunks_mut(steps.weights).enumerate() {
        // The first and the last have no neighbours on both sides.
        let rate = between(step).unwrap_or(rates[step]);
        moves.iter_mut().for_each(|one| *one *= rate);
    }
}

/// Sets the learning rate to the nearest that fits, given the steps with a rate of 1, which become those with it.
fn bring_near(moves: &mut [f64], inputs: &mut [f64], rate: usize, logged: Logged) {
    let nearest = nearest(moves.iter().copied().zip(logged.steps.all_moves()));
    let is_near = |one: f64| (one - nearest).abs() <= logged.blur * nearest.abs();
    inputs[rate] = shortest(nearest, is_near).unwrap_or(nearest);
    moves.iter_mut().for_each(|one| *one *= inputs[rate]);
}

/// The same of a rule whose steps do not go as far as the rate: that is brought nearer turn by turn,
/// as Newton did.
fn fitted_by_turns(rule: &Rule, inputs: &mut [f64], rate: usize, logged: Logged) -> Vec<f64> {
    let mut own = moves_with(rule, inputs, logged);
    for _ in 0..MOST_TURNS {
        let from = inputs[rate];
        inputs[rate] = from * (1.0 + WIDTH);
        let ways = moves_with(rule, inputs, logged);
        let ways = ways.iter().zip(&own).map(|(other, own)| (other - own) / (from * WIDTH));
        let wanted = logged.steps.all_moves().zip(&own).map(|(logged, own)| logged - own);
        let step = nearest(ways.zip(wanted));
        let ends = (from / FARTHEST, from * FARTHEST);
        inputs[rate] = (from + step).clamp(ends.0.min(ends.1), ends.0.max(ends.1));
        let nearer = moves_with(rule, inputs, logged);
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
    moves_with(rule, inputs, logged)
}

/// Takes a rule's steps for all weights.
fn moves_with(rule: &Rule, inputs: &[f64], logged: Logged) -> Vec<f64> {
    moves(rule, &[inputs], logged).swap_remove(0)
}

/// The same for several lists of inputs.
fn moves(rule: &Rule, all: &[&[f64]], logged: Logged) -> Vec<Vec<f64>> {
    let count = logged.steps.len() * logged.steps.weights;
    let mut moves: Vec<Vec<f64>> = all.iter().map(|_| Vec::with_capacity(count)).collect();
    each_step(rule, all, logged, |_, own| {
        for lanes in own.chunks_exact(all.len()) {
            moves.iter_mut().zip(lanes).for_each(|(moves, own)| moves.push(*own));
        }
    });
    moves
}

/// Takes a rule's steps, and looks at how far each weight went with each of several lists of inputs: only one,
/// where the rates are free and the rule remembers them.
pub(super) fn each_step(
    rule: &Rule,
    inputs: &[&[f64]],
    logged: Logged,
    mut look: impl FnMut(usize, &[f64]),
) {
    let steps = logged.steps;
    if steps.len() == 0 {
        return;
    }
    let mut machine = rule.machine(inputs, steps, 0);
    let is_unknown = matches!(logged.rates, Rates::Free | Rates::Even);
    if let Some(rate) = rule.rate().filter(|_| is_unknown) {
        machine.set(rate, 1.0);
    }
    let is_free = rule.rate().is_some() && matches!(logged.rates, Rates::Free);
    let remembers_rate = rule.remembers_rate;
    let mut moves = Vec::with_capacity(steps.weights * inputs.len());
    for step in 0..steps.len() {
        match (rule.rate(), logged.rates) {
            (Some(rate), Rates::Logged(rates)) => machine.set(rate, rates[step]),
            (Some(rate), Rates::Free) if remembers_rate => {
                let (before, gradients) = (steps.before(step), steps.gradients(step));
                let nearest = machine.nearest_rate(
                    rate,
                    before,
                    (gradients, steps.loss(step)),
                    steps.unsure_moves(step),
                );
                machine.set(rate, nearest);
            }
            _ => {}
        }
        moves.clear();
        machine.step(steps.before(step), steps.gradients(step), steps.loss(step), &mut moves);
        if is_free && !remembers_rate {
            for lane in 0..inputs.len() {
                let own = moves.iter().skip(lane).step_by(inputs.len()).copied();
                let factor = nearest_within(own.zip(steps.unsure_moves(step)));
                let own = moves.iter_mut().skip(lane).step_by(inputs.len());
                own.for_each(|one| *one *= factor);
            }
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

/// The same with each other number beside how far it may be off, of which all count the same share.
pub(super) fn nearest_within(pairs: impl Iterator<Item = (f64, (f64, f64))>) -> f64 {
    nearest(pairs.map(|(own, (logged, off))| (own / off, logged / off)))
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

/// The same, without end where a step is an error.
fn known_miss(moves: &[f64], logged: Logged) -> f64 {
    let miss = miss(moves, logged.steps);
    if miss.is_nan() { f64::INFINITY } else { miss }
}

fn miss(moves: &[f64], steps: &Steps) -> f64 {
    let mut miss = Miss::default();
    miss.add(moves, steps.all_moves());
    miss.share()
}
