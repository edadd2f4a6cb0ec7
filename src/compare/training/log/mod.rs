//! Trainings of which only a log is there: for each step the weights and their gradients, as numbers.
//!
//! The headers say which column is the gradient of which weight. Every definition is run over the
//! logged gradients; the one that takes the logged steps is the optimizer, to as many digits as the
//! log has.

mod batches;
mod changes;
mod changing;
mod clip;
mod columns;
pub(in crate::compare) mod computed;
mod cycling;
mod decayed;
mod decided;
mod departing;
mod fit;
mod headers;
mod losses;
mod pairing;
mod plain;
mod plainest;
mod program;
mod refine;
mod rule;
mod search;
mod slopes;
mod start;
mod steps;
pub(in crate::compare) mod stream;
mod totals;
mod walk;

pub use batches::Batches;
pub use changes::Change;
pub(crate) use changes::words;
use changes::{Schedule, Series};
use changing::Normed;
use columns::numbers_of_steps;
pub(crate) use columns::{Layout, is_about_step, is_step, layout, stride};
pub use computed::Computed;
pub(crate) use computed::Problem;
pub use decided::{Range, Undecided};
use fit::{Logged, Rates};
use search::Found;
use steps::Steps;
use walk::{Walk, Walked};

use super::optimizer::without_weight;
use super::result::{Optimizer, Setting};
use crate::compare::form::{ADDED_EPS, CLIP, Form};
use crate::optimizer::registry;

/// So many weights are looked at to find the rule.
const MOST_WEIGHTS: usize = 16;

/// A column of a log.
#[derive(Debug, Clone, Copy)]
pub struct Column<'n> {
    /// Its numbers.
    pub numbers: &'n [f64],
    /// Half of what the last digit of a number is worth.
    pub rounding: f64,
}

/// What was found out about a log.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The definition, with its hyperparameters; without the learning rate where that changes.
    pub optimizer: Optimizer,
    /// Whether one of the departures is a mistake.
    pub is_wrong: bool,
    /// Whether the definition takes all steps, to the digits of the log.
    pub fits: bool,
    /// To how many digits the steps are reproduced.
    pub digits: u32,
    /// Where the learning rate changes.
    pub changes: Vec<Change>,
    /// The learning rate of each step, where it changes.
    pub rates: Option<Vec<f64>>,
    /// What the digits of the log leave open.
    pub undecided: Undecided,
    /// For each weight the first step that the rule does not take.
    pub odd: Vec<Odd>,
    /// How the gradients were computed, where the log has none.
    pub computed: Option<Computed>,
}

/// A step that a rule does not take.
#[derive(Debug, Clone, PartialEq)]
pub struct Odd {
    /// The weight, by its place among the pairs.
    pub pair: usize,
    /// The row with what it became, counted from 0.
    pub row: usize,
    /// What it was.
    pub before: f64,
    /// What it became.
    pub found: f64,
    /// What the rule makes of it.
    pub expected: f64,
}

/// Finds the optimizer of a log; none where it has no steps.
pub fn explain(columns: &[Column], layout: &Layout) -> Option<Explained> {
    let numbers = |at: usize| (columns[at].numbers, columns[at].rounding);
    let pairs =
        layout.pairs.iter().map(|(weight, gradient)| (numbers(*weight), numbers(*gradient)));
    let losses = layout.loss.map_or(&[][..], |at| columns[at].numbers).to_vec();
    let steps = Steps::of_columns(&pairs.collect::<Vec<_>>());
    let rates = layout.rate.map(|at| columns[at].numbers);
    let mut found = of_steps(steps.of(layout.tensors.clone(), losses), rates)?;
    if let Some(steps) = layout.step.and_then(|at| numbers_of_steps(columns[at].numbers)) {
        let changes = found.changes.into_iter().map(|one| one.numbered(&steps));
        found.changes = changes.collect();
    }
    Some(found)
}

/// Finds the optimizer of steps.
fn of_steps(steps: Steps, rates: Option<&[f64]>) -> Option<Explained> {
    let forms = totals::definitions(registry().ok()?, steps.tensors()).ok()?;
    let rates = rates.map_or(Rates::Steady, Rates::Logged);
    // Most logs have what a step started from, many what it led to: nothing else is looked at where one fits.
    let few = search::first_steps(Logged::new(&steps, rates), search::FIRST_STEPS);
    let is_turned = !is_plain(&forms, &few, rates) && is_plain(&forms, &few.turned(), rates);
    let steps = if is_turned { steps.turned() } else { steps };
    let first = explained(&forms, &steps, rates)?;
    if first.fits || first.odd.is_empty() {
        return Some(first);
    }
    [Some(first), explained(&forms, &steps.turned(), rates)]
        .into_iter()
        .flatten()
        .min_by_key(|one| (!one.fits, std::cmp::Reverse(one.digits)))
}

/// Whether a definition that many people write takes steps, with numbers as they are typed: a look at a few, which
/// costs next to nothing beside a search.
fn is_plain(forms: &[Form], steps: &Steps, rates: Rates) -> bool {
    let logged = Logged::new(steps, rates);
    let usual = forms.iter().filter(|form| plainest::is_usual(form.definition));
    search::typed_definitions(usual, logged).iter().any(|one| one.fits(logged))
}

fn explained(forms: &[Form], steps: &Steps, rates: Rates) -> Option<Explained> {
    let Some((every, first)) = steps.accumulation() else { return one_by_one(forms, steps, rates) };
    // Where a library adds gradients up, it may be told to divide them; a log may have the sums.
    let all =
        [("mean", 1.0 / every as f64), ("sum", 1.0)].into_iter().filter_map(|(how, factor)| {
            let grouped = steps.accumulated(every, first, factor);
            let row = |step: usize| first + every * step;
            let of_row = |rates: &[f64]| (0..grouped.len()).map(|step| rates[row(step)]).collect();
            let own: Option<Vec<f64>> = match rates {
                Rates::Logged(rates) => Some(of_row(rates)),
                Rates::Steady | Rates::Free | Rates::Even => None,
            };
            let rates = own.as_deref().map_or(Rates::Steady, Rates::Logged);
            let mut found = one_by_one(forms, &grouped, rates)?;
            found.changes.iter_mut().for_each(|one| one.step = row(one.step - 1) + 1);
            found.odd.iter_mut().for_each(|odd| odd.row = row(odd.row - 1) + 1);
            let change = Change::new(1, "accumulation", None, Some(every as f64));
            found.changes.insert(0, Change { how: Some(how), ..change });
            Some(found)
        });
    let digits =
        |one: &Explained| one.optimizer.settings.iter().map(|one| digits(one.value)).sum::<usize>();
    all.min_by_key(|one| (!one.fits, digits(one)))
}

/// How many digits somebody types for a number; a 1 is typed more often than others.
fn digits(number: f64) -> usize {
    let text = format!("{number:e}");
    let digits = text.split('e').next().unwrap_or_default();
    2 * digits.len() - usize::from(digits == "1")
}

/// What is found out about a log with a step in each row.
fn one_by_one(forms: &[Form], steps: &Steps, rates: Rates) -> Option<Explained> {
    let moving = (0..steps.weights).filter(|at| steps.sizes[*at] > 0.0);
    let moving: Vec<usize> = moving.take(MOST_WEIGHTS).collect();
    let is_short = |rates: &[f64]| rates.len() < steps.len();
    if moving.is_empty() || steps.len() < 3 || matches!(rates, Rates::Logged(one) if is_short(one))
    {
        return None;
    }
    let moving = steps.part(usize::MAX, &moving);
    let logged = Logged::new(&moving, rates);
    let norms = steps.norms();
    let (mut found, walked) = found(forms, Normed { logged, norms: &norms })?;
    if walked.is_none() && found.fits(logged) {
        found = decided::by_each_step(found, logged);
    }
    let mut told = told(&found, logged, steps, walked.as_ref());
    if told.fits && walked.is_none() {
        told.undecided = decided::undecided(&found, forms, logged);
    }
    if let Some(walked) = walked
        && moving.weights < steps.weights
    {
        // What a few weights tell must hold for all.
        let rates = if walked.is_free { Rates::Free } else { rates };
        let all = Normed { logged: Logged::new(steps, rates), norms: &norms };
        told.fits &= match walked.momenta.is_empty() {
            true => {
                let walk = Walk::new(&found.rule, all);
                walk.follow(&found.inputs, walked.clip).steps == steps.len()
            }
            false => cycling::takes(&found, &walked, all.logged),
        };
    }
    Some(told)
}

/// The rule that takes the steps: a definition before one with changes on the way, that before what
/// departs from a definition.
fn found<'a>(forms: &'a [Form<'a>], log: Normed) -> Option<(Found<'a>, Option<Walked>)> {
    let logged = log.logged;
    let short = search::first_steps(logged, search::FIRST_STEPS);
    let few = Logged::new(&short, logged.rates);
    let close = search::definitions(forms.iter(), few, logged);
    if let Some(best) = plainest::plainest(&close, forms, logged) {
        // Nobody types a decay of nothing: it makes a gradient that was clipped at every step out of one that is
        // divided by its norm.
        let changing = best.lost_decay().then(|| changing::search(forms, &[], log)).flatten();
        return Some(changing.map_or((best, None), |(found, walked)| (found, Some(walked))));
    }
    let decayed = decayed::definitions(forms.iter(), few, logged);
    if let Some(best) = plainest::simplest(&decayed, logged) {
        return Some((best, None));
    }
    if let Some((found, walked)) = changing::search(forms, &close, log) {
        return Some((found, Some(walked)));
    }
    if let Some((found, walked)) = cycling::search(forms, log) {
        return Some((found, Some(walked)));
    }
    let departing = departing::departures(&close, forms, few, logged);
    if let Some(best) = plainest::simplest(&departing, logged) {
        return Some((best, None));
    }
    let near = departing.into_iter().map(|one| one.on(few)).filter(|one| one.fits(few));
    let followed = near.filter_map(|one| changing::followed(one, log, None));
    let followed = followed.filter(|(_, walked)| walked.is_regular(logged.blur));
    let best = followed.min_by_key(|one| changing::rank(one, log));
    best.or_else(|| changing::with_any_rates(forms, log))
        .map(|(found, walked)| (found, Some(walked)))
        .or_else(|| close.into_iter().next().map(|one| (one, None)))
}

fn told(found: &Found, logged: Logged, steps: &Steps, walked: Option<&Walked>) -> Explained {
    let definition = found.rule.form.definition;
    let rates = match (walked, logged.rates) {
        (Some(walked), _) => walked.series(),
        (None, Rates::Logged(rates)) => Series::known(&rates[..steps.len()]),
        (None, _) => Series::known(&[]),
    };
    let schedule = Schedule::new(rates, logged.blur);
    let rates = rates.values;
    let mut changes = schedule.changes();
    changes.extend(walked.iter().flat_map(|walked| walked.events.iter().cloned()));
    let mut settings = settings(found);
    changes.extend(clip_of(&mut settings, steps));
    changes.sort_by_key(|one| one.step);
    if !schedule.is_steady() {
        settings.retain(|one| one.name != "lr");
    }
    let goes = |name: &str| changes.iter().any(|one| one.what == name && one.how.is_some());
    settings.retain(|one| one.name == "lr" || !goes(&one.name));
    if let Some(first) = schedule.first() {
        let known = settings.iter_mut().find(|one| one.name == "lr");
        match known {
            Some(rate) => rate.value = first,
            None => settings.insert(0, Setting { name: "lr".to_owned(), cell: None, value: first }),
        }
    }
    let told = found.departures.iter().filter(|one| !one.text.contains("±clip"));
    let mut departures: Vec<String> = told.map(|one| without_weight(&one.text)).collect();
    departures.extend(schedule.words().map(|one| format!("has a learning rate that {one}")));
    // A rule goes down, and steps that say more than they are asked for.
    let rate = found.rule.rate().map(|rate| found.inputs[rate]);
    let is_down = rate.is_none_or(|rate| rates.first().copied().unwrap_or(rate) >= 0.0);
    let is_told = steps.len() * steps.weights > 4 + settings.len();
    let given = if rates.is_empty() { logged.rates } else { Rates::Logged(rates) };
    Explained {
        optimizer: Optimizer {
            name: definition.name.clone(),
            variant: definition.variant.clone(),
            title: definition.title.clone(),
            departures,
            settings,
            ..Optimizer::default()
        },
        is_wrong: found.departures.iter().any(|one| one.is_mistake),
        fits: is_down && is_told && (walked.is_some() || found.fits(logged)),
        digits: (-found.miss.max(1e-16).log10()).floor().max(0.0) as u32,
        changes,
        odd: if walked.is_some() { Vec::new() } else { odd(found, steps, given) },
        undecided: Undecided::default(),
        rates: (!schedule.is_steady()).then(|| rates.to_vec()),
        computed: None,
    }
}

/// The largest gradient that a rule allows, as something that begins where a gradient is larger.
fn clip_of(settings: &mut Vec<Setting>, steps: &Steps) -> Option<Change> {
    let at = settings.iter().position(|one| one.name == CLIP)?;
    let limit = settings.remove(at).value;
    let is_larger = |step: &usize| steps.gradients(*step).iter().any(|one| one.abs() > limit);
    let step = (0..steps.len()).find(is_larger)? + 1;
    Some(Change::new(step, "clip_value", None, Some(limit)))
}

/// The hyperparameters that a rule uses.
fn settings(found: &Found) -> Vec<Setting> {
    let inputs = found.rule.form.sheet.inputs.iter().enumerate();
    let used = inputs
        .filter(|(at, input)| found.rule.uses(*at) && input.kind != crate::sheet::InputKind::Start);
    let settings = used.map(|(at, input)| {
        let (name, value) = (named(&input.id).to_owned(), found.inputs[at]);
        Setting { name, cell: None, value }
    });
    settings.collect()
}

/// What a hyperparameter is called that a departure brought with it.
pub(super) fn named(id: &str) -> &str {
    if id == ADDED_EPS { "eps" } else { id }
}

/// The steps that the rule does not take, the first of each weight.
fn odd(found: &Found, steps: &Steps, rates: Rates) -> Vec<Odd> {
    let mut odd: Vec<Option<Odd>> = vec![None; steps.weights];
    fit::each_step(&found.rule, &[&found.inputs], Logged::new(steps, rates), |step, own| {
        for (pair, (own, logged)) in own.iter().zip(steps.moves(step)).enumerate() {
            if odd[pair].is_none() && steps.differs(pair, *own, logged) {
                let (before, row) = (steps.before(step)[pair], steps.row_behind(step));
                let (found, expected) = (before + logged, before + own);
                odd[pair] = Some(Odd { pair, row, before, found, expected });
            }
        }
    });
    odd.into_iter().flatten().collect()
}
