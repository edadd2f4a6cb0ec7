//! Which definition, with which hyperparameters, takes the steps of a log.
//!
//! Every definition is run over the logged gradients. Its learning rate is the factor that brings its
//! steps nearest to the logged ones; decays and small numbers are tried as people type them, then
//! made finer as long as the steps come nearer.

use super::clip::LIMITS;
use super::decayed;
use super::fit::{Logged, Rates, fit, fit_all};
use super::plainest::{is_usual, is_written, library};
use super::refine::refine;
use super::rule::Rule;
use super::steps::Steps;
use super::totals::MOST_JOINT;
use crate::compare::form::{CLIP, Form};
use crate::compare::rewrite::Departure;
use crate::value::shortest;
use crate::watch;

/// So many steps decide which definitions are looked at closely.
pub(super) const FIRST_STEPS: usize = 48;
/// So many of them decide which decays are looked at.
const VERY_FIRST: usize = 12;
/// So many combinations of decays are.
const MOST_DECAYS: usize = 12;
/// So many definitions are.
pub(super) const MOST_CLOSE: usize = 6;
/// So often all hyperparameters are brought nearer.
const MOST_ROUNDS: usize = 4;
/// A value within the digits of a log is another's better only where it comes so much nearer.
pub(super) const UNTOLD: f64 = 0.3;
/// Decays as people type them.
const DECAYS: &[f64] = &[0.9, 0.99, 0.999, 0.95, 0.98, 0.8, 0.5, 0.7, 0.6, 0.85, 0.995, 0.9999];
/// Small numbers as people type them.
const SMALL: &[f64] = &[1e-8, 1e-7, 1e-6, 1e-10, 1e-5, 1e-4, 1e-3, 1e-2, 1e-16, 0.0];
/// Strengths as people type them.
const STRENGTHS: &[f64] = &[0.0, 0.01, 0.001, 1e-4, 5e-4, 0.1, 0.05, 0.5];

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

impl<'a> Found<'a> {
    /// A rule with some values of its inputs, and the learning rate that fits best.
    pub fn new(
        rule: Rule<'a>,
        departures: Vec<Departure>,
        mut inputs: Vec<f64>,
        logged: Logged,
    ) -> Found<'a> {
        let typed = inputs.clone();
        let miss = fit(&rule, &mut inputs, logged);
        Found { rule, departures, inputs, typed, miss }
    }

    /// The same on more of the log.
    pub fn on(mut self, logged: Logged) -> Found<'a> {
        self.miss = fit(&self.rule, &mut self.inputs, logged);
        self
    }

    /// Another form with the same hyperparameters.
    pub fn with_numbers<'b>(&self, form: &'b Form<'b>, logged: Logged) -> Found<'b> {
        let rule = Rule::of(form);
        let known = self.rule.form.sheet.inputs.iter().zip(&self.inputs);
        let mut inputs = rule.defaults();
        for (input, value) in known {
            form.sheet.input(&input.id).into_iter().for_each(|at| inputs[at] = *value);
        }
        Found::new(rule, Vec::new(), inputs, logged)
    }

    /// How plain it is: with the fewest hyperparameters, a library's form first, since libraries write
    /// logs; then a short one.
    pub fn rank(&self) -> (bool, usize, usize, usize, usize) {
        let is_slip = self.departures.iter().any(|departure| departure.is_mistake);
        let sheet = &self.rule.form.sheet;
        // What is off by default counts only where it is on, and an ε is there for safety alone.
        let is_off = |at: &usize| {
            self.inputs[*at] == 0.0 && sheet.inputs[*at].value == 0.0
                || sheet.inputs[*at].id.starts_with("eps")
        };
        let hyper = self.rule.hyperparameters().into_iter();
        let hyper = hyper.filter(|at| self.rule.uses(*at) && !is_off(at)).count();
        let library = match &self.rule.form.definition.variant {
            Some(_) => library(self.rule.form.definition),
            None => 5,
        };
        let departures = self.departures.len();
        (is_slip, departures + hyper, departures, library, sheet.columns.len())
    }

    /// Whether one of its decays remembers nothing.
    pub fn lost_decay(&self) -> bool {
        let hyper = self.rule.hyperparameters();
        hyper.iter().any(|at| self.inputs[*at] == 0.0 && is_decay(&self.rule, *at))
    }

    /// Whether it takes the steps of the log, to its digits.
    pub fn fits(&self, logged: Logged) -> bool {
        self.miss <= 2.0 * logged.blur
    }
}

/// The definitions that come nearest to the first steps, as they are on the whole log; the nearest
/// first.
pub(super) fn definitions<'a>(
    forms: impl Iterator<Item = &'a Form<'a>>,
    few: Logged,
    logged: Logged,
) -> Vec<Found<'a>> {
    with_others(typed_definitions(forms, few), few, logged)
}

/// The definitions that come nearest to the first steps with hyperparameters as people type them; the
/// nearest first.
pub(super) fn typed_definitions<'a>(
    forms: impl Iterator<Item = &'a Form<'a>>,
    few: Logged,
) -> Vec<Found<'a>> {
    let plain: Vec<Found> = forms.map(|form| plain(form, few)).collect();
    // Most people leave the hyperparameters as they are.
    let mut fitting: Vec<Found> = plain.iter().filter(|one| one.fits(few)).cloned().collect();
    if let Some(first) = fitting.first().filter(|_| matches!(few.rates, Rates::Free)).cloned() {
        // With any rates LAMB is Adam with the ε of LAMB.
        let others = plain.iter().filter(|one| !one.fits(few));
        let alike = others.map(|one| first.with_numbers(one.rule.form, few));
        fitting.extend(alike.filter(|one| one.fits(few)));
    }
    if !fitting.is_empty() {
        return fitting;
    }
    let mut found = nearest_first(tried(plain).filter_map(|one| coarse(one, few)));
    let usual = found.iter().filter(|one| is_usual(one.rule.form.definition));
    let penalized: Vec<Found> = usual.filter_map(|one| decayed::penalized(one, few)).collect();
    found.truncate(2 * MOST_CLOSE);
    found.extend(penalized);
    all_typed(found, few)
}

/// The forms that are nearest by default, and those that people write most often.
pub(super) fn near_forms<'a>(forms: &'a [Form<'a>], few: Logged) -> Vec<&'a Form<'a>> {
    let near = nearest_first(forms.iter().map(|form| plain(form, few)));
    let (near, others) = near.split_at(MOST_CLOSE.min(near.len()));
    let usual = others.iter().filter(|one| is_written(one.rule.form.definition));
    near.iter().chain(usual).map(|one| one.rule.form).collect()
}

/// The same with all hyperparameters looked at, as people type them, then any.
pub(super) fn looked_at_closely<'a>(
    found: Vec<Found<'a>>,
    few: Logged,
    logged: Logged,
) -> Vec<Found<'a>> {
    with_others(all_typed(found, few), few, logged)
}

/// Rules with all hyperparameters looked at, as people type them; the nearest first.
fn all_typed<'a>(found: Vec<Found<'a>>, few: Logged) -> Vec<Found<'a>> {
    nearest_first(tried(found).map(|one| with_typed(one, few)))
}

/// Rules as they are on the whole log; where none takes the first steps with typed hyperparameters,
/// the nearest with any.
fn with_others<'a>(mut near: Vec<Found<'a>>, few: Logged, logged: Logged) -> Vec<Found<'a>> {
    // What takes the first steps, and not the others, does so with other values no longer.
    if near.iter().any(|one| one.fits(few)) {
        return nearest_first(near.into_iter().map(|one| one.on(logged)));
    }
    near.truncate(2 * MOST_CLOSE);
    nearest_first(tried(near).map(|one| with_any(one, few).on(logged)))
}

/// Rules to look at closely, each of which may take long.
fn tried<'a>(found: Vec<Found<'a>>) -> impl Iterator<Item = Found<'a>> {
    watch::each("rules tried", found.into_iter())
}

/// The nearest first.
pub(super) fn nearest_first<'a>(found: impl Iterator<Item = Found<'a>>) -> Vec<Found<'a>> {
    let mut found: Vec<Found> = found.collect();
    found.sort_by(|a, b| a.miss.total_cmp(&b.miss));
    found
}

/// The first steps of the first weights; of all, where these may be looked at together.
pub(super) fn first_steps(logged: Logged, most: usize) -> Steps {
    let count = logged.steps.weights;
    let weights: Vec<usize> = (0..if count > MOST_JOINT { 3 } else { count }).collect();
    logged.steps.part(most, &weights)
}

/// The values that a hyperparameter may have, as people type them.
pub(super) fn typed(rule: &Rule, input: usize) -> &'static [f64] {
    let id = rule.form.sheet.inputs[input].id.as_str();
    let default = rule.form.sheet.inputs[input].value;
    match id {
        _ if id.starts_with("eps") => SMALL,
        CLIP => LIMITS,
        _ if (0.3..1.0).contains(&default) => DECAYS,
        _ => STRENGTHS,
    }
}

/// The hyperparameters of a rule whose typed values are these.
fn with_values(rule: &Rule, values: &[f64]) -> Vec<usize> {
    rule.hyperparameters().into_iter().filter(|at| typed(rule, *at) == values).collect()
}

/// The typed values of a rule's first two decays, in all combinations.
fn decays(rule: &Rule) -> Vec<Vec<(usize, f64)>> {
    let of = |at: usize| DECAYS.iter().map(move |value| (at, *value));
    match with_values(rule, DECAYS)[..] {
        [] => vec![Vec::new()],
        [one] => of(one).map(|one| vec![one]).collect(),
        [one, other, ..] => {
            of(one).flat_map(|one| of(other).map(move |other| vec![one, other])).collect()
        }
    }
}

/// A form as it is by default.
pub(super) fn plain<'a>(form: &'a Form<'a>, few: Logged) -> Found<'a> {
    Found::new(Rule::of(form), Vec::new(), Rule::of(form).defaults(), few)
}

/// The same with the best typed decays and small numbers, then strengths.
pub(super) fn coarse<'a>(mut best: Found<'a>, few: Logged) -> Option<Found<'a>> {
    let decays = near_decays(&best, few);
    try_values(&mut best, few, &decays);
    for input in open(&best).into_iter().filter(|at| !is_decay(&best.rule, *at)).collect::<Vec<_>>()
    {
        try_typed(&mut best, few, input);
    }
    best.typed = best.inputs.clone();
    best.miss.is_finite().then_some(best)
}

/// The combinations of decays with which a rule comes nearest to the very first steps.
fn near_decays(found: &Found, few: Logged) -> Vec<Vec<(usize, f64)>> {
    let mut all = decays(&found.rule);
    if all.len() > MOST_DECAYS {
        let weights: Vec<usize> = (0..few.steps.weights).collect();
        let short = few.steps.part(VERY_FIRST, &weights);
        let very_first = Logged::new(&short, few.rates);
        let misses = fit_all(&found.rule, &mut with_each(&found.inputs, &all), very_first);
        let mut both: Vec<_> = misses.into_iter().zip(all).collect();
        both.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        all = both.into_iter().map(|(_, values)| values).take(MOST_DECAYS).collect();
    }
    all
}

/// Inputs with each of several sets of values.
fn with_each(inputs: &[f64], all: &[Vec<(usize, f64)>]) -> Vec<Vec<f64>> {
    let each = all.iter().map(|values| {
        let mut inputs = inputs.to_vec();
        values.iter().for_each(|(at, value)| inputs[*at] = *value);
        inputs
    });
    each.collect()
}

/// Takes those of several sets of values, all of the same inputs, that lead nearer.
fn try_values(best: &mut Found, logged: Logged, all: &[Vec<(usize, f64)>]) {
    let mut tried = with_each(&best.inputs, all);
    let misses = fit_all(&best.rule, &mut tried, logged);
    for (inputs, miss) in tried.into_iter().zip(misses) {
        // What the digits of a log cannot tell stays as it is by default.
        let enough = match best.miss / logged.blur {
            // Rates are even only about, so that a little nearer is none.
            _ if matches!(logged.rates, Rates::Even) => 0.9,
            ..0.01 => 0.0,
            ..2.0 => UNTOLD,
            _ => 1.0 - 1e-9,
        };
        if miss < best.miss * enough {
            (best.inputs, best.miss) = (inputs, miss);
        }
    }
}

/// The same with every hyperparameter looked at, as people type them.
fn with_typed<'a>(mut found: Found<'a>, few: Logged) -> Found<'a> {
    let inputs = open(&found);
    for _ in 0..3 {
        let before = found.miss;
        inputs.iter().for_each(|input| try_typed(&mut found, few, *input));
        if found.miss >= before || found.fits(few) {
            break;
        }
    }
    found
}

/// The same with any values of the hyperparameters.
fn with_any<'a>(mut found: Found<'a>, few: Logged) -> Found<'a> {
    if found.fits(few) || found.miss >= 0.3 {
        return found;
    }
    let inputs = open(&found);
    for _ in 0..MOST_ROUNDS {
        let before = found.miss;
        refine(&mut found, few, &inputs);
        if found.fits(few) {
            break;
        }
        inputs.iter().for_each(|input| try_typed(&mut found, few, *input));
        if found.miss > 0.99 * before {
            break;
        }
    }
    if found.fits(few) || found.miss < 1e-3 {
        inputs.iter().for_each(|input| as_typed(&mut found, few, *input));
    }
    found
}

/// The inputs whose values are looked for.
fn open(found: &Found) -> Vec<usize> {
    let rule = &found.rule;
    let hyper = rule.hyperparameters();
    let is_open = |at: &usize| hyper.contains(at) || rule.is_extra(*at) && rule.uses(*at);
    (0..found.inputs.len()).filter(is_open).collect()
}

/// Takes that typed value of an input which leads nearest.
pub(super) fn try_typed(found: &mut Found, few: Logged, input: usize) {
    let typed = typed(&found.rule, input).iter().map(|value| vec![(input, *value)]);
    try_values(found, few, &typed.collect::<Vec<_>>());
}

/// Whether a hyperparameter is a decay, something just below 1.
pub(super) fn is_decay(rule: &Rule, input: usize) -> bool {
    typed(rule, input) == DECAYS
}

/// Reads a hyperparameter as the shortest number that fits as well.
fn as_typed(found: &mut Found, few: Logged, input: usize) {
    let enough = (found.miss * 1.5).max(2.0 * few.blur);
    let mut inputs = found.inputs.clone();
    let mut miss = found.miss;
    let short = shortest(found.inputs[input], |value| {
        inputs[input] = value;
        miss = fit(&found.rule, &mut inputs, few);
        miss <= enough
    });
    if short.is_some() {
        (found.inputs, found.miss) = (inputs, miss);
    }
}
