//! Rules that take all steps of a log where something changes on the way.
//!
//! Definitions that take the first steps are followed along the log; where none does, those that take
//! them with any learning rates, or with gradients that were clipped.

use super::clip::{Clip, LIMITS};
use super::fit::{Logged, Rates};
use super::search::{Found, definitions, first_steps, is_usual, plainest, typed_definitions};
use super::walk::{Walk, Walked};
use crate::compare::form::Form;

/// So many steps decide which rule it is, where this many are taken before something changes.
const PREFIXES: [usize; 3] = [48, 16, 8];
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
    // With a single weight every rule fits with rates of its own.
    if log.logged.steps.weights > 1 && !matches!(own, Rates::Logged(_)) {
        tries.insert(0, (Rates::Free, PREFIXES[0]));
        tries.push((Rates::Free, PREFIXES[1]));
    }
    let first = best(close.to_vec(), log, PREFIXES[0], None);
    let others = tries
        .into_iter()
        .filter(|(_, most)| *most < log.logged.steps.len() || *most == PREFIXES[0]);
    let others = others.filter_map(|(rates, most)| {
        let log = log.with(rates);
        let short = first_steps(log.logged, most);
        let few = Logged::new(&short, rates);
        let found = match most > PREFIXES[2] {
            true => definitions(forms.iter(), few, few),
            false => typed_definitions(forms.iter(), few),
        };
        best(found, log, most, None)
    });
    let clipped = LIMITS.iter().flat_map(|limit| Clip::all(*limit));
    let clipped = clipped.filter_map(|clip| with_clip(forms, log, clip));
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

/// The usual rule that takes the steps with gradients that were clipped from the start.
fn with_clip<'a>(forms: &'a [Form<'a>], log: Normed, clip: Clip) -> Option<Changing<'a>> {
    let short = first_steps(log.logged, PREFIXES[1]);
    let is_clipped = |at: usize| clip.size(short.gradients(at), log.norms[at]) > clip.limit;
    if !(0..short.len()).any(is_clipped) {
        return None;
    }
    let short = short.clipped(clip, log.norms);
    let few = Logged::new(&short, log.logged.rates);
    let usual = forms.iter().filter(|form| is_usual(form.definition));
    let best_known = plainest(&typed_definitions(usual, few), forms, few)?;
    best(vec![best_known], log, PREFIXES[1], Some(clip))
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
