//! Which definition, with which hyperparameters, takes the steps of a log.
//!
//! Every definition is run over the logged gradients. Its learning rate is the factor that brings its
//! steps nearest to the logged ones; decays and small numbers are tried as people type them, then
//! made finer as long as the steps come nearer.

use super::fit::{Logged, Rates, fit, fit_rates};
use super::rule::Rule;
use super::steps::Steps;
use crate::compare::form::{CLIP, Form};
use crate::compare::rewrite::{Departure, Rewritten};
use crate::sheet::{Group, Input};
use crate::value::shortest;

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

impl<'a> Found<'a> {
    /// A rule with some values of its inputs, and the learning rate that fits best.
    fn new(
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
    fn on(mut self, logged: Logged) -> Found<'a> {
        self.miss = fit(&self.rule, &mut self.inputs, logged);
        self
    }

    /// Whether it takes the steps of the log, to its digits.
    pub fn fits(&self, logged: Logged) -> bool {
        self.miss <= 2.0 * logged.blur
    }
}

/// The rule that takes the steps best, a definition before what departs from one.
pub(super) fn search<'a>(forms: &'a [Form<'a>], logged: Logged) -> Option<Found<'a>> {
    let short = first_steps(logged);
    let few = Logged::new(&short, logged.rates);
    let mut found = nearest_first(forms.iter().filter_map(|form| coarse(form, few)));
    let usual: Vec<Found> = found.iter().filter(|one| is_usual(one)).cloned().collect();
    found.truncate(2 * MOST_CLOSE);
    let close = looked_at_closely(found, forms, few, logged);
    if let Some(best) = simplest(&close, forms, logged) {
        // AdamW without decay is Adam.
        let plainer: Vec<Found> =
            forms.iter().map(|form| with_numbers_of(&best, form, logged)).collect();
        return simplest(&plainer, forms, logged).or(Some(best));
    }
    let nearest = usual.iter().chain(close.iter().take(MOST_CLOSE));
    let departing = nearest.flat_map(|one| departing(one, few)).collect();
    let departing = looked_at_closely(departing, forms, few, logged);
    simplest(&departing, forms, logged).or_else(|| close.into_iter().next())
}

/// Rules with their hyperparameters as people type them; where none fits the log with these, the
/// nearest with any.
fn looked_at_closely<'a>(
    found: Vec<Found<'a>>,
    forms: &'a [Form<'a>],
    few: Logged,
    logged: Logged,
) -> Vec<Found<'a>> {
    let mut near = nearest_first(found.into_iter().map(|one| with_typed(one, few)));
    let whole = nearest_first(near.iter().map(|one| one.clone().on(logged)));
    if simplest(&whole, forms, logged).is_some() {
        return whole;
    }
    near.truncate(2 * MOST_CLOSE);
    nearest_first(near.into_iter().map(|one| with_any(one, few).on(logged)))
}

/// The nearest first.
fn nearest_first<'a>(found: impl Iterator<Item = Found<'a>>) -> Vec<Found<'a>> {
    let mut found: Vec<Found> = found.collect();
    found.sort_by(|a, b| a.miss.total_cmp(&b.miss));
    found
}

/// Another form with the hyperparameters that a rule was found to have.
fn with_numbers_of<'a>(found: &Found, form: &'a Form<'a>, logged: Logged) -> Found<'a> {
    let rule = Rule::of(form);
    let known = found.rule.form.sheet.inputs.iter().zip(&found.inputs);
    let mut inputs = rule.defaults();
    for (input, value) in known {
        form.sheet.input(&input.id).into_iter().for_each(|at| inputs[at] = *value);
    }
    Found::new(rule, Vec::new(), inputs, logged)
}

/// Whether a rule is the textbook form of what people write by hand.
fn is_usual(found: &Found) -> bool {
    let definition = found.rule.form.definition;
    definition.variant.is_none() && USUAL.contains(&definition.name.as_str())
}

/// The definitions that come nearest with rates that change, with hyperparameters as people type them.
pub(super) fn candidates<'a>(forms: &'a [Form<'a>], logged: Logged) -> Vec<Found<'a>> {
    let short = first_steps(logged);
    let few = Logged::new(&short, Rates::Free);
    forms.iter().filter_map(|form| with_rates(form, few)).collect()
}

/// The first steps of the first weights.
fn first_steps(logged: Logged) -> Steps {
    let weights: Vec<usize> = (0..logged.steps.weights.min(3)).collect();
    logged.steps.part(FIRST_STEPS, &weights)
}

/// A form with the typed decays with which rates that change bring its steps nearest.
fn with_rates<'a>(form: &'a Form<'a>, few: Logged) -> Option<Found<'a>> {
    let rule = Rule::of(form);
    let small = with_values(&rule, SMALL);
    let mut best: Option<(Vec<f64>, f64)> = None;
    for (values, eps) in
        decays(&rule).iter().flat_map(|values| SMALL[..3].iter().map(move |eps| (values, eps)))
    {
        let mut inputs = rule.defaults();
        values.iter().for_each(|(at, value)| inputs[*at] = *value);
        small.iter().for_each(|at| inputs[*at] = *eps);
        let Some((_, miss)) = fit_rates(&rule, &inputs, few) else { continue };
        if best.as_ref().is_none_or(|(_, least)| miss < *least) {
            best = Some((inputs, miss));
        }
    }
    let (inputs, miss) = best?;
    Some(Found { rule, departures: Vec::new(), typed: inputs.clone(), inputs, miss })
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

/// A form with the best typed decays and small numbers, everything else as it is by default.
fn coarse<'a>(form: &'a Form<'a>, few: Logged) -> Option<Found<'a>> {
    let mut best = Found::new(Rule::of(form), Vec::new(), Rule::of(form).defaults(), few);
    for values in decays(&best.rule) {
        try_values(&mut best, few, &values);
    }
    for input in with_values(&best.rule, SMALL) {
        SMALL.iter().for_each(|value| try_values(&mut best, few, &[(input, *value)]));
    }
    best.typed = best.inputs.clone();
    best.miss.is_finite().then_some(best)
}

/// Takes other values where they lead nearer.
fn try_values(best: &mut Found, logged: Logged, values: &[(usize, f64)]) {
    let mut inputs = best.inputs.clone();
    values.iter().for_each(|(at, value)| inputs[*at] = *value);
    let miss = fit(&best.rule, &mut inputs, logged);
    // What the digits of a log cannot tell stays as it is by default.
    let enough = if best.fits(logged) { 0.3 } else { 1.0 - 1e-9 };
    if miss < best.miss * enough {
        (best.inputs, best.miss) = (inputs, miss);
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
        for input in &inputs {
            finer(&mut found, few, *input);
            try_typed(&mut found, few, *input);
        }
        if found.fits(few) || found.miss > 0.9999 * before {
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

fn try_typed(found: &mut Found, few: Logged, input: usize) {
    let typed = typed(&found.rule, input);
    typed.iter().for_each(|value| try_values(found, few, &[(input, *value)]));
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
    let near = rules
        .into_iter()
        .map(|(rule, departures)| {
            let mut inputs = found.typed.clone();
            if let Some(clip) = form.sheet.input(CLIP) {
                inputs[clip] = LIMITS[0];
            }
            Found::new(rule, departures, inputs, few)
        })
        .filter(|one| one.miss < found.miss.max(0.5));
    let mut near = nearest_first(near);
    near.truncate(MOST_CHANGES);
    near
}

/// Whether a departure says of which loss the gradient is: a log has the gradient itself.
fn is_of_the_loss(departure: &Departure) -> bool {
    departure.text.contains("the gradient") && !departure.text.contains(['λ', '±'])
        || departure.text.contains("each gradient")
}
