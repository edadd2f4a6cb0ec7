//! Rules that take all steps of a log where something changes on the way.
//!
//! Definitions that take the first steps are followed along the log; where none does, those that take
//! them with any learning rates, or with gradients that were clipped.

use super::clip::Clip;
use super::fit::{Logged, Rates};
use super::plainest::plainest;
use super::search::{Found, definitions, first_steps, near_forms, typed_definitions};
use super::steps::Steps;
use super::walk::{Walk, Walked};
use crate::compare::form::Form;

/// So many steps decide which rule it is, where this many are taken before something changes.
const PREFIXES: [usize; 3] = [48, 16, 8];
/// So many tell more of the hyperparameters, where digits are few.
const MANY_STEPS: usize = 240;
/// So many rules are followed.
const MOST_FOLLOWED: usize = 8;
/// Where so much changes, something else is looked for that changes less.
const MANY_CHANGES: usize = 4;

/// A rule with what changes on the way.
type Changing<'a> = (Found<'a>, Walked);

/// A log, and the norm of all gradients in each step.
#[derive(Clone, Copy)]
pub(super) struct Normed<'l> {
    pub logged: Logged<'l>,
    pub norms: &'l [f64],
}

/// The rule that takes all steps, with what changes on the way; `close` are the definitions nearest to
/// the first steps.
pub(super) fn search<'a>(
    forms: &'a [Form<'a>],
    close: &[Found<'a>],
    log: Normed,
) -> Option<Changing<'a>> {
    let own = log.logged.rates;
    let mut tries: Vec<(Rates, usize)> = vec![(own, PREFIXES[1]), (own, PREFIXES[2])];
    let is_known = matches!(own, Rates::Logged(_));
    // Few steps say nothing of how even the rates of a single weight are.
    let is_single = log.logged.steps.weights == 1;
    if !is_known && !is_single {
        tries.insert(0, (Rates::Free, PREFIXES[0]));
        tries.push((Rates::Free, PREFIXES[1]));
    }
    // What the first steps do not tell of the hyperparameters, later ones may.
    if !is_known && (is_single || log.logged.steps.len() > PREFIXES[0]) {
        tries.push((Rates::Free, MANY_STEPS));
    }
    let first = best(close.to_vec(), log, PREFIXES[0], None);
    let others = tries
        .into_iter()
        .filter(|(_, most)| *most < log.logged.steps.len() || *most >= PREFIXES[0]);
    let others = others.filter_map(|(rates, most)| {
        let log = log.with(rates);
        let short = first_steps(log.logged, most);
        let few = Logged::new(&short, rates);
        let found = match most > PREFIXES[2] {
            true if evenly(few).is_none() => definitions(forms.iter(), few, few),
            _ => with_rates(forms.iter(), few),
        };
        best(found, log, most, None)
    });
    let clipped = Clip::typed().filter_map(|clip| with_clip(forms, log, clip));
    let free = Clip::typed().filter(|_| !is_known);
    let clipped = clipped.chain(free.filter_map(|clip| with_clip_and_rates(forms, log, clip)));
    let mut known: Vec<Changing> = Vec::new();
    for one in first.into_iter().chain(others).chain(clipped) {
        let is_told = one.1.changes(log.logged.blur) <= MANY_CHANGES;
        known.push(one);
        if is_told {
            break;
        }
    }
    known.into_iter().min_by_key(|one| rank(one, log))
}

/// The rule that takes the steps with gradients that were clipped from the start.
fn with_clip<'a>(forms: &'a [Form<'a>], log: Normed, clip: Clip) -> Option<Changing<'a>> {
    let short = clipped(&first_steps(log.logged, PREFIXES[1]), log, clip)?;
    let few = Logged::new(&short, log.logged.rates);
    let near = near_forms(forms, few).into_iter();
    let best_known = plainest(&typed_definitions(near, few), forms, few)?;
    best(vec![best_known], log, PREFIXES[1], Some(clip))
}

/// The rule that takes the steps with gradients that were clipped from the start and any learning rates.
fn with_clip_and_rates<'a>(forms: &'a [Form<'a>], log: Normed, clip: Clip) -> Option<Changing<'a>> {
    let log = log.with(Rates::Free);
    let short = clipped(&first_steps(log.logged, PREFIXES[0]), log, clip)?;
    let few = Logged::new(&short, Rates::Free);
    let near = near_forms(forms, evenly(few).unwrap_or(few));
    let found = with_rates(near.into_iter(), few);
    best(found, log, PREFIXES[0], Some(clip))
}

/// Steps with gradients that were clipped; none where none is as large.
fn clipped(short: &Steps, log: Normed, clip: Clip) -> Option<Steps> {
    let is_clipped = |at: usize| clip.is_felt(short.gradients(at), log.norms[at]);
    (0..short.len()).any(is_clipped).then(|| short.clipped(clip, log.norms))
}

/// A single weight with any rates, which follows every rule with rates of its own: rules are told apart by how even
/// these are.
fn evenly(few: Logged) -> Option<Logged> {
    let is_any = few.steps.weights == 1 && matches!(few.rates, Rates::Free);
    is_any.then_some(Logged { rates: Rates::Even, ..few })
}

/// The definitions that come nearest with typed hyperparameters; of a single weight with any rates those with the
/// most even ones.
fn with_rates<'a>(forms: impl Iterator<Item = &'a Form<'a>>, few: Logged) -> Vec<Found<'a>> {
    let Some(even) = evenly(few) else { return typed_definitions(forms, few) };
    let mut found = typed_definitions(forms, even);
    // What is as even as the evenest may be any of them, and the plainest is.
    let most = found.first().map_or(0.0, |one| 2.0 * one.miss) + few.blur;
    found.retain(|one| one.miss <= most);
    found.sort_by_key(Found::rank);
    found.truncate(MOST_FOLLOWED);
    found
}

/// Of the rules that take the first steps the one with which least changes on the way.
fn best<'a>(
    found: Vec<Found<'a>>,
    log: Normed,
    most: usize,
    clip: Option<Clip>,
) -> Option<Changing<'a>> {
    let short = first_steps(log.logged, most);
    let short = clip.map_or(short.clone(), |clip| short.clipped(clip, log.norms));
    let few = Logged::new(&short, log.logged.rates);
    let fitting = found.into_iter().map(|one| one.on(few)).filter(|one| one.fits(few));
    let mut fitting: Vec<Found> = fitting.collect();
    fitting.sort_by_key(Found::rank);
    fitting.truncate(MOST_FOLLOWED);
    let all = fitting.into_iter().filter_map(|found| followed(found, log, clip));
    // Rates that are all over the place make many a rule fit.
    let is_logged = matches!(log.logged.rates, Rates::Logged(_));
    let all = all.filter(|(_, walked)| is_logged || walked.is_regular(log.logged.blur));
    all.min_by_key(|one| rank(one, log))
}

/// How plain it is: what changes least first.
pub(super) fn rank(one: &Changing, log: Normed) -> impl Ord + use<> {
    (one.1.changes(log.logged.blur), one.0.rank())
}

/// The definition that takes all steps with rates that go on in no known way.
pub(super) fn with_any_rates<'a>(forms: &'a [Form<'a>], log: Normed) -> Option<Changing<'a>> {
    if log.logged.steps.weights == 1 || matches!(log.logged.rates, Rates::Logged(_)) {
        return None;
    }
    let log = log.with(Rates::Free);
    let short = first_steps(log.logged, PREFIXES[0]);
    let few = Logged::new(&short, Rates::Free);
    let found = definitions(forms.iter(), few, few).into_iter().filter(|one| one.fits(few));
    found.filter_map(|found| followed(found, log, None)).min_by_key(|one| one.0.rank())
}

/// A rule with what changes; none where it does not take all steps, or too much happens.
pub(super) fn followed<'a>(
    found: Found<'a>,
    log: Normed,
    clip: Option<Clip>,
) -> Option<Changing<'a>> {
    let walked = Walk::new(&found.rule, log).follow(&found.inputs, clip);
    let count = log.logged.steps.len();
    let is_told = walked.steps == count && walked.events.len() <= 2.max(count / 6);
    is_told.then_some((Found { miss: walked.miss, ..found }, walked))
}

impl<'l> Normed<'l> {
    fn with(self, rates: Rates<'l>) -> Normed<'l> {
        Normed { logged: Logged { rates, ..self.logged }, ..self }
    }
}
