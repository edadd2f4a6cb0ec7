//! Hyperparameters that nobody would guess, brought nearer by least squares (Levenberg and Marquardt).

use super::fit::{Logged, fit, fitted};
use super::search::{Found, is_decay};
use crate::circuit::Rotated;

/// So often all of them are brought nearer.
const MOST_ROUNDS: usize = 40;
/// So often with ever smaller steps in each round.
const MOST_TRIES: usize = 6;
/// So far one goes to see what the steps make of it.
const WIDTH: f64 = 1e-5;
/// So far one goes in a round at most.
const FARTHEST: f64 = 2.0;

/// Brings hyperparameters nearer, on a scale of how far they are from 1 or from 0.
pub(super) fn refine(found: &mut Found, few: Logged, inputs: &[usize]) {
    let is_open = |at: &usize| distance(found, *at) > 0.0 && found.rule.uses(*at);
    let open: Vec<usize> = inputs.iter().copied().filter(is_open).collect();
    let mut damping = 1e-3;
    for _ in 0..MOST_ROUNDS {
        if found.fits(few) || open.is_empty() {
            return;
        }
        let equations = linear(found, few, &open);
        let nearer = (0..MOST_TRIES).find_map(|_| {
            let steps = solved(&equations, open.len(), damping)?;
            let mut inputs = found.inputs.clone();
            for (at, step) in open.iter().zip(steps) {
                inputs[*at] = moved(found, *at, step.clamp(-FARTHEST, FARTHEST));
            }
            let miss = fit(&found.rule, &mut inputs, few);
            let is_nearer = miss < found.miss;
            damping *= if is_nearer { 0.1 } else { 10.0 };
            is_nearer.then_some((inputs, miss))
        });
        let Some((inputs, miss)) = nearer else { return };
        let is_last = miss > 0.999 * found.miss;
        (found.inputs, found.miss) = (inputs, miss);
        if is_last {
            return;
        }
    }
}

/// How each step changes with each hyperparameter, and how far it is off.
fn linear(found: &Found, few: Logged, open: &[usize]) -> Vec<(Vec<f64>, f64)> {
    let own = fitted(&found.rule, &mut found.inputs.clone(), few);
    let ways: Vec<Vec<f64>> = open
        .iter()
        .map(|at| {
            let mut inputs = found.inputs.clone();
            inputs[*at] = moved(found, *at, WIDTH);
            let other = fitted(&found.rule, &mut inputs, few);
            other.iter().zip(&own).map(|(other, own)| (other - own) / WIDTH).collect()
        })
        .collect();
    let all = few.steps.all_moves().zip(&own).enumerate();
    let known = all.filter(|(_, (logged, own))| !logged.is_nan() && !own.is_nan());
    known
        .map(|(at, (logged, own))| (ways.iter().map(|way| way[at]).collect(), logged - own))
        .collect()
}

fn solved(equations: &[(Vec<f64>, f64)], count: usize, damping: f64) -> Option<Vec<f64>> {
    let mut rotated = Rotated::new(count);
    let mut sizes = vec![0.0; count];
    for (row, right) in equations {
        sizes.iter_mut().zip(row).for_each(|(size, one)| *size += one * one);
        rotated.add(row.clone(), *right);
    }
    // What nothing depends on stays where it is.
    let largest = sizes.iter().fold(f64::MIN_POSITIVE, |most: f64, one| most.max(*one));
    for (at, size) in sizes.iter().enumerate() {
        let mut row = vec![0.0; count];
        row[at] = (damping * size.max(1e-12 * largest)).sqrt();
        rotated.add(row, 0.0);
    }
    rotated.solve()
}

/// How far a hyperparameter is from where it would do nothing.
fn distance(found: &Found, input: usize) -> f64 {
    let own = found.inputs[input];
    if is_decay(&found.rule, input) { 1.0 - own } else { own }
}

fn moved(found: &Found, input: usize, step: f64) -> f64 {
    let to = distance(found, input) * step.exp();
    if is_decay(&found.rule, input) { (1.0 - to).max(0.0) } else { to }
}
