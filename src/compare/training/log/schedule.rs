//! The learning rate of each step, and the schedule that it follows.

use super::fit::{Logged, fit_rates};
use super::search::Found;
use crate::value::{number_text, shortest};

/// Where the learning rate changes, and to what.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The step, counted from 1.
    pub step: usize,
    /// The rate before it.
    pub from: f64,
    /// The rate from it on.
    pub to: f64,
}

/// The definition whose steps are the logged ones with learning rates that change.
pub(super) fn search<'a>(
    candidates: &[Found<'a>],
    logged: Logged,
) -> Option<(Found<'a>, Vec<f64>)> {
    let all = candidates.iter().filter_map(|one| {
        let (rates, miss) = fit_rates(&one.rule, &one.inputs, logged)?;
        // With a single weight every rule fits with rates of its own: they must be those of a schedule.
        let is_told = logged.steps.weights > 1 || is_stepwise(&rates);
        (is_told && miss <= 2.0 * logged.blur).then(|| (Found { miss, ..one.clone() }, rates))
    });
    all.min_by(|(a, _), (b, _)| {
        let is_variant = |one: &Found| one.rule.form.definition.variant.is_some();
        is_variant(a).cmp(&is_variant(b)).then(a.miss.total_cmp(&b.miss))
    })
}

/// Two rates that are the same, as far as a log tells.
fn same(one: f64, other: f64, blur: f64) -> bool {
    (one - other).abs() <= (10.0 * blur).clamp(1e-9, 0.02) * one.abs().max(other.abs())
}

fn is_stepwise(rates: &[f64]) -> bool {
    let steady = rates.windows(2).filter(|pair| same(pair[0], pair[1], 1e-6)).count();
    steady * 10 >= rates.len() * 8
}

/// The changes of a learning rate that stays for several steps; none where it changes all the time.
pub fn changes(rates: &[f64], blur: f64) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    for (at, pair) in rates.windows(2).enumerate() {
        if !same(pair[0], pair[1], blur) {
            let [from, to] = [pair[0], pair[1]].map(|rate| short(rate, blur));
            changes.push(Change { step: at + 2, from, to });
        }
    }
    (changes.len() * 4 <= rates.len()).then_some(changes)
}

/// A number with the digits that are sure.
fn short(number: f64, blur: f64) -> f64 {
    shortest(number, |one| same(one, number, blur)).unwrap_or(number)
}

/// The schedule in words: what the rate starts from and how it goes on.
pub fn words(rates: &[f64], blur: f64) -> String {
    let number = |rate: f64| number_text(short(rate, blur.max(1e-6)));
    let (Some(first), Some(last)) = (rates.first(), rates.last()) else { return String::new() };
    let span = format!("from {} to {}", number(*first), number(*last));
    let steady = |numbers: Vec<f64>| {
        let middle = numbers.get(numbers.len() / 2).copied();
        middle.filter(|middle| numbers.iter().all(|one| same(*one, *middle, blur)))
    };
    if let Some(factor) = steady(rates.windows(2).map(|pair| pair[1] / pair[0]).collect()) {
        return format!("falls exponentially {span}, by the factor {} a step", number(factor));
    }
    if let Some(step) = steady(rates.windows(2).map(|pair| pair[1] - pair[0]).collect()) {
        return format!("changes linearly {span}, by {} a step", number(step));
    }
    if steady(rates.windows(2).map(|pair| 1.0 / pair[1] - 1.0 / pair[0]).collect()).is_some() {
        return format!("falls {span} as 1/(1 + k*t)");
    }
    let rises = rates.windows(2).take_while(|pair| pair[1] > pair[0]).count();
    match (rises, is_cosine(rates, blur)) {
        (_, true) => format!("follows a cosine {span}"),
        (1.., _) => format!("warms up over {rises} steps {span}"),
        _ => format!("changes from step to step {span}"),
    }
}

/// Whether rates are a cosine: then neighbours of each follow from it in the same way.
fn is_cosine(rates: &[f64], blur: f64) -> bool {
    // r[t+1] + r[t-1] = 2cos(w) r[t] + c for all t: two unknowns from all steps.
    let triples: Vec<(f64, f64)> =
        rates.windows(3).map(|three| (three[1], three[0] + three[2])).collect();
    let count = triples.len() as f64;
    if count < 4.0 {
        return false;
    }
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| triples.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(&|one| one.0), mean(&|one| one.1));
    let slope = mean(&|one| (one.0 - x) * (one.1 - y)) / mean(&|one| (one.0 - x) * (one.0 - x));
    let size = rates.iter().fold(0.0_f64, |most, one| most.max(one.abs()));
    let allowed = (10.0 * blur).clamp(1e-9, 1e-3) * size;
    slope < 2.0 && triples.iter().all(|one| (one.1 - y - slope * (one.0 - x)).abs() <= allowed)
}
