//! Which definition, with which hyperparameters, takes the steps of a log.
//!
//! Every definition is run over the logged gradients. Its learning rate is the factor that brings its
//! steps nearest to the logged ones; decays and small numbers are tried as people type them, then
//! made finer as long as the steps come nearer.

use super::rule::Rule;
use super::steps::Steps;
use crate::compare::form::{CLIP, Form};
use crate::compare::rewrite::{Departure, Rewritten};
use crate::sheet::{Group, Input};

/// So many steps decide which definitions are looked at closely.
const FIRST_STEPS: usize = 48;
/// So many definitions are.
const MOST_CLOSE: usize = 6;
/// What people write by hand, and wrong, more often than anything else.
const USUAL: [&str; 5] = ["sgd", "momentum", "adam", "rmsprop", "adagrad"];
/// So often all hyperparameters are brought nearer.
const MOST_ROUNDS: usize = 30;
/// So many changes of a definition are looked at closely.
const MOST_CHANGES: usize = 24;
/// Decays as people type them.
const DECAYS: &[f64] = &[0.9, 0.99, 0.999, 0.95, 0.98, 0.8, 0.5, 0.7, 0.6, 0.85, 0.995, 0.9999];
/// Small numbers as people type them.
const SMALL: &[f64] = &[1e-8, 1e-7, 1e-6, 1e-10, 1e-5, 1e-4, 1e-3, 1e-2, 1e-16, 0.0];
/// Strengths as people type them.
const STRENGTHS: &[f64] = &[0.0, 0.01, 0.001, 1e-4, 5e-4, 0.1, 0.05, 0.5];

/// Largest sizes of a gradient as people type them.
const LIMITS: &[f64] = &[1.0, 0.5, 0.1, 5.0, 10.0, 0.25, 2.0, 0.01];

/// How the steps of a log are known to come about.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub rule: Rule<'a>,
    /// What the rule does otherwise than its definition.
    pub departures: Vec<Departure>,
    /// The values of its inputs.
    pub inputs: Vec<f64>,
    /// Those that were the best of typed ones, before any was made finer.
    pub typed: Vec<f64>,
    /// How far its steps are from the logged ones, of their size.
    pub miss: f64,
}

/// The log of all weights, with the learning rates where they are logged.
#[derive(Clone, Copy)]
pub(super) struct Logged<'l> {
    pub weights: &'l [Steps],
    pub rates: Option<&'l [f64]>,
}

impl Logged<'_> {
    /// How far numbers with so many digits may lead off.
    pub fn blur(&self) -> f64 {
        self.weights.iter().map(Steps::blur).fold(0.0, f64::max)
    }
}

impl Found<'_> {
    /// Whether it takes the steps of the log, to its digits.
    pub fn fits(&self, logged: Logged) -> bool {
        self.miss <= 2.0 * logged.blur()
    }
}

/// The rule that takes the steps best, a definition before what departs from one.
pub(super) fn search<'a>(forms: &'a [Form<'a>], logged: Logged) -> Option<Found<'a>> {
    let short: Vec<Steps> =
        logged.weights.iter().take(3).map(|one| one.first(FIRST_STEPS)).collect();
    let rates = logged.rates.map(|rates| &rates[..rates.len().min(FIRST_STEPS)]);
    let few = Logged { weights: &short, rates };
    let mut found: Vec<Found> = forms.iter().filter_map(|form| coarse(form, few)).collect();
    found.sort_by(|a, b| a.miss.total_cmp(&b.miss));
    let usual: Vec<Found> = found.iter().filter(|one| is_usual(one)).cloned().collect();
    let mut close: Vec<Found> =
        found.into_iter().take(2 * MOST_CLOSE).map(|one| fine(one, few)).collect();
    close.iter_mut().for_each(|one| again(one, logged));
    close.sort_by(|a, b| a.miss.total_cmp(&b.miss));
    if let Some(best) = simplest(&close, forms, logged) {
        // AdamW without decay is Adam.
        let plainer: Vec<Found> =
            forms.iter().map(|form| with_numbers_of(&best, form, logged)).collect();
        return simplest(&plainer, forms, logged).or(Some(best));
    }
    let nearest = usual.iter().chain(close.iter().take(MOST_CLOSE));
    let departing = nearest.flat_map(|one| departing(one, few));
    let mut departing: Vec<Found> = departing.map(|one| fine(one, few)).collect();
    departing.iter_mut().for_each(|one| again(one, logged));
    departing.sort_by(|a, b| a.miss.total_cmp(&b.miss));
    simplest(&departing, forms, logged).or_else(|| close.into_iter().next())
}

/// Another form with the hyperparameters that a rule was found to have.
fn with_numbers_of<'a>(found: &Found, form: &'a Form<'a>, logged: Logged) -> Found<'a> {
    let rule = Rule::of(form);
    let known = found.rule.form.sheet.inputs.iter().zip(&found.inputs);
    let mut inputs = rule.defaults();
    for (input, value) in known {
        form.sheet.input(&input.id).into_iter().for_each(|at| inputs[at] = *value);
    }
    let typed = inputs.clone();
    let mut other = Found { rule, departures: Vec::new(), inputs, typed, miss: f64::INFINITY };
    again(&mut other, logged);
    other
}

/// Whether a rule is the textbook form of what people write by hand.
fn is_usual(found: &Found) -> bool {
    let definition = found.rule.form.definition;
    definition.variant.is_none() && USUAL.contains(&definition.name.as_str())
}

/// The definitions that come nearest, with hyperparameters as people type them.
pub(super) fn candidates<'a>(forms: &'a [Form<'a>], logged: Logged) -> Vec<Found<'a>> {
    let short: Vec<Steps> =
        logged.weights.iter().take(3).map(|one| one.first(FIRST_STEPS)).collect();
    let few = Logged { weights: &short, rates: None };
    forms.iter().flat_map(|form| with_rates(form, few)).collect()
}

/// A form with each of the typed decays with which rates that change bring its steps near.
fn with_rates<'a>(form: &'a Form<'a>, few: Logged) -> Vec<Found<'a>> {
    let rule = Rule::of(form);
    let decays: Vec<usize> =
        rule.hyperparameters().into_iter().filter(|at| typed(&rule, *at) == DECAYS).collect();
    let mut best: Option<Found> = None;
    let first = decays.first().map_or(&DECAYS[..1], |_| DECAYS);
    let second = decays.get(1).map_or(&DECAYS[..1], |_| DECAYS);
    for (one, other) in first.iter().flat_map(|one| second.iter().map(move |other| (*one, *other)))
    {
        for eps in &SMALL[..3] {
            let mut inputs = rule.defaults();
            decays.first().into_iter().for_each(|at| inputs[*at] = one);
            decays.get(1).into_iter().for_each(|at| inputs[*at] = other);
            let small = rule.hyperparameters().into_iter().filter(|at| typed(&rule, *at) == SMALL);
            small.for_each(|at| inputs[at] = *eps);
            let Some((_, miss)) = super::schedule::rates(&rule, &inputs, few) else { continue };
            if best.as_ref().is_none_or(|known| miss < known.miss) {
                let (rule, typed) = (rule.clone(), inputs.clone());
                best = Some(Found { rule, departures: Vec::new(), inputs, typed, miss });
            }
        }
    }
    best.into_iter().collect()
}

/// Of those that fit the plainest: with the fewest hyperparameters, a library's form first, since
/// libraries write logs.
fn simplest<'a>(found: &[Found<'a>], forms: &'a [Form<'a>], logged: Logged) -> Option<Found<'a>> {
    const LIBRARIES: [&str; 3] = ["pytorch", "keras", "optax"];
    let place = |one: &Found| forms.iter().position(|form| std::ptr::eq(form, one.rule.form));
    let fitting = found.iter().filter(|one| one.fits(logged));
    let is_slip = |one: &Found| one.departures.iter().any(|departure| departure.is_mistake);
    fn inputs<'f>(one: &'f Found) -> &'f [Input] {
        &one.rule.form.sheet.inputs
    }
    let count = |one: &Found| {
        let hyper = one.rule.hyperparameters().into_iter();
        // What is off by default counts only where it is on.
        let is_off = |at: &usize| one.inputs[*at] == 0.0 && inputs(one)[*at].value == 0.0;
        hyper.filter(|at| one.rule.uses(*at) && !is_off(at)).count()
    };
    let rank = |one: &Found| match &one.rule.form.definition.variant {
        Some(variant) => LIBRARIES.iter().position(|name| name == variant).unwrap_or(4),
        None => 3,
    };
    let key =
        |one: &&Found| (is_slip(one), one.departures.len(), count(one), rank(one), place(one));
    fitting.min_by_key(key).cloned()
}

/// The values that a hyperparameter may have, as people type them.
fn typed(rule: &Rule, input: usize) -> &'static [f64] {
    let id = rule.form.sheet.inputs[input].id.as_str();
    let default = rule.form.sheet.inputs[input].value;
    match id {
        _ if id.starts_with("eps") => SMALL,
        CLIP => LIMITS,
        _ if (0.3..1.0).contains(&default) => DECAYS,
        _ => STRENGTHS,
    }
}

/// A form with the best typed decays, everything else as it is by default.
fn coarse<'a>(form: &'a Form<'a>, few: Logged) -> Option<Found<'a>> {
    let rule = Rule::of(form);
    let decays: Vec<usize> =
        rule.hyperparameters().into_iter().filter(|at| typed(&rule, *at) == DECAYS).collect();
    let mut best = Found {
        inputs: rule.defaults(),
        typed: Vec::new(),
        rule,
        departures: Vec::new(),
        miss: f64::INFINITY,
    };
    again(&mut best, few);
    match decays[..] {
        [one] => DECAYS.iter().for_each(|value| try_values(&mut best, few, &[(one, *value)])),
        [one, other, ..] => {
            for first in DECAYS {
                for second in DECAYS {
                    try_values(&mut best, few, &[(one, *first), (other, *second)]);
                }
            }
        }
        [] => {}
    }
    let small = best.rule.hyperparameters().into_iter();
    let small: Vec<usize> = small.filter(|at| typed(&best.rule, *at) == SMALL).collect();
    for input in small {
        SMALL.iter().for_each(|value| try_values(&mut best, few, &[(input, *value)]));
    }
    best.typed = best.inputs.clone();
    best.miss.is_finite().then_some(best)
}

/// Takes other values where they lead nearer.
fn try_values(best: &mut Found, logged: Logged, values: &[(usize, f64)]) {
    let mut other = best.clone();
    values.iter().for_each(|(at, value)| other.inputs[*at] = *value);
    again(&mut other, logged);
    // What the digits of a log cannot tell stays as it is by default.
    let enough = if best.fits(logged) { 0.3 } else { 1.0 - 1e-9 };
    if other.miss < best.miss * enough {
        *best = other;
    }
}

/// The same with every hyperparameter looked at, typed values first, then any.
fn fine<'a>(mut found: Found<'a>, few: Logged) -> Found<'a> {
    let rule = &found.rule;
    let inputs: Vec<usize> = (0..found.inputs.len())
        .filter(|at| rule.hyperparameters().contains(at) || rule.is_extra(*at) && rule.uses(*at))
        .collect();
    for _ in 0..3 {
        let before = found.miss;
        for input in &inputs {
            let typed = typed(&found.rule, *input);
            typed.iter().for_each(|value| try_values(&mut found, few, &[(*input, *value)]));
        }
        if found.miss >= before || found.fits(few) {
            break;
        }
    }
    if !found.fits(few) && found.miss < 0.3 {
        for _ in 0..MOST_ROUNDS {
            let before = found.miss;
            for input in &inputs {
                finer(&mut found, few, *input);
                let typed = typed(&found.rule, *input);
                typed.iter().for_each(|value| try_values(&mut found, few, &[(*input, *value)]));
            }
            if found.fits(few) || found.miss > 0.9999 * before {
                break;
            }
        }
        if found.fits(few) || found.miss < 1e-3 {
            inputs.iter().for_each(|input| as_typed(&mut found, few, *input));
        }
    }
    found
}

/// Brings one hyperparameter nearer, on a scale of how far it is from 1 or from 0.
fn finer(found: &mut Found, few: Logged, input: usize) {
    let is_decay = typed(&found.rule, input) == DECAYS;
    let own = found.inputs[input];
    let from = if is_decay { 1.0 - own } else { own };
    if from <= 0.0 {
        return;
    }
    let mut width = 2.0_f64;
    for _ in 0..40 {
        let before = found.miss;
        let own = found.inputs[input];
        let from = if is_decay { 1.0 - own } else { own };
        for factor in [width, 1.0 / width] {
            let value = from * factor;
            let value = if is_decay { 1.0 - value } else { value };
            if (0.0..1.0).contains(&value) || !is_decay {
                try_values(found, few, &[(input, value)]);
            }
        }
        if found.miss >= before {
            width = width.sqrt();
        }
        if width < 1.0 + 1e-9 {
            break;
        }
    }
}

/// Reads a hyperparameter as the shortest number that fits as well.
fn as_typed(found: &mut Found, few: Logged, input: usize) {
    let own = found.inputs[input];
    let enough = (found.miss * 1.5).max(2.0 * few.blur());
    for digits in 0..8 {
        let Ok(value) = format!("{own:.digits$e}").parse::<f64>() else { return };
        let mut other = found.clone();
        other.inputs[input] = value;
        again(&mut other, few);
        if other.miss <= enough {
            *found = other;
            return;
        }
    }
}

/// The learning rate that is nearest, and how near the steps come with it.
fn again(found: &mut Found, logged: Logged) {
    let rule = &found.rule;
    let rate = rule.rate().filter(|rate| rule.uses(*rate) && logged.rates.is_none());
    if let Some(rate) = rate {
        found.inputs[rate] = 1.0;
    }
    let moves: Vec<Vec<f64>> =
        logged.weights.iter().map(|one| rule.moves(&found.inputs, one, logged.rates)).collect();
    let pairs = || {
        let pairs = moves.iter().zip(logged.weights);
        let pairs = pairs.flat_map(|(moves, steps)| moves.iter().copied().zip(steps.moves()));
        pairs.filter(|(_, logged)| !logged.is_nan())
    };
    if let Some(rate) = rate {
        let (over, under) = pairs().fold((0.0, 0.0), |(over, under), (own, logged)| {
            (over + own * logged, under + own * own)
        });
        found.inputs[rate] = typed_rate(over / under, logged);
    }
    let rate = rate.map_or(1.0, |rate| found.inputs[rate]);
    let (miss, size) = pairs().fold((0.0, 0.0), |(miss, size), (own, logged)| {
        let off = rate * own - logged;
        (miss + off * off, size + logged * logged)
    });
    let miss = (miss / size).sqrt();
    found.miss = if miss.is_nan() { f64::INFINITY } else { miss };
}

/// A learning rate as it was typed, where that is as near as the digits tell.
fn typed_rate(rate: f64, logged: Logged) -> f64 {
    let blur = logged.blur();
    let short = (0..8).filter_map(|digits| format!("{rate:.digits$e}").parse::<f64>().ok());
    let mut near = short.filter(|one| (one - rate).abs() <= blur * rate.abs());
    near.next().unwrap_or(rate)
}

/// The rules that are one change away, each with what is changed: in one column, or in all that have
/// the changed part.
fn departing<'a>(found: &Found<'a>, few: Logged) -> Vec<Found<'a>> {
    let form = found.rule.form;
    let own = (0..form.sheet.columns.len())
        .filter(|at| matches!(form.sheet.columns[*at].group, Group::State | Group::Update));
    let all = own.flat_map(|column| {
        let formula = form.sheet.columns[column].formula.clone();
        let changed = Rewritten::original(formula).next(form, column);
        changed.into_iter().map(move |one| (column, one))
    });
    let mut rules: Vec<(Rule, Vec<Departure>)> = Vec::new();
    for (column, changed) in all.filter(|(_, one)| !one.departures.iter().any(is_of_the_loss)) {
        rules.push((found.rule.with(column, changed.formula.clone()), changed.departures.clone()));
        let same = rules.iter_mut().find(|(rule, departures)| {
            *departures == changed.departures
                && rule.formulas[column] == found.rule.formulas[column]
        });
        if let Some((rule, departures)) = same {
            let both = (rule.with(column, changed.formula), departures.clone());
            rules.push(both);
        }
    }
    let mut near: Vec<Found> = rules
        .into_iter()
        .map(|(rule, departures)| {
            let mut inputs = found.typed.clone();
            if let Some(clip) = form.sheet.input(CLIP) {
                inputs[clip] = LIMITS[0];
            }
            let typed = inputs.clone();
            let mut other = Found { rule, departures, inputs, typed, miss: f64::INFINITY };
            again(&mut other, few);
            other
        })
        .filter(|one| one.miss < found.miss.max(0.5))
        .collect();
    near.sort_by(|a, b| a.miss.total_cmp(&b.miss));
    near.truncate(MOST_CHANGES);
    near
}

/// Whether a departure says of which loss the gradient is: a log has the gradient itself.
fn is_of_the_loss(departure: &Departure) -> bool {
    departure.text.contains("the gradient") && !departure.text.contains(['λ', '±'])
        || departure.text.contains("each gradient")
}
