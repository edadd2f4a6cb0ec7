//! Trainings of which only a log is there: for each step the weights and their gradients, as numbers.
//!
//! The headers say which column is the gradient of which weight. Every definition is run over the
//! logged gradients; the one that takes the logged steps is the optimizer, to as many digits as the
//! log has.

mod fit;
mod headers;
mod program;
mod rule;
mod schedule;
mod search;
mod steps;

use fit::{Logged, Rates};
use headers::{Meaning, meaning, short_gradient_of};
pub use schedule::Change;
use search::Found;
use steps::Steps;

use super::optimizer::without_weight;
use super::result::{Optimizer, Setting};
use crate::compare::form::{ADDED_EPS, Form, forms};
use crate::optimizer::registry;

/// So many weights are looked at to find the rule.
const MOST_WEIGHTS: usize = 16;

/// A column of a log.
#[derive(Debug, Clone)]
pub struct Column {
    /// What stands above it.
    pub header: String,
    /// Its numbers.
    pub numbers: Vec<f64>,
    /// Half of what the last digit of a number is worth.
    pub rounding: f64,
}

/// Which columns of a log are what.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Each weight with its gradient, by their columns.
    pub pairs: Vec<(usize, usize)>,
    /// Whether the gradients are called so, by more than a letter.
    pub are_called: bool,
    /// The learning rate.
    pub rate: Option<usize>,
    /// The loss.
    pub loss: Option<usize>,
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
    /// For each weight the values that the rule gives where the log has others: pair, step, value.
    pub odd: Vec<(usize, usize, f64)>,
}

/// Finds out what the columns of a log are.
pub fn layout(columns: &[Column]) -> Layout {
    let meanings: Vec<Meaning> = columns.iter().map(|one| meaning(&one.header)).collect();
    let weights = || {
        meanings.iter().enumerate().filter_map(|(at, one)| match one {
            Meaning::Other(name) => Some((at, name)),
            _ => None,
        })
    };
    let mut layout = Layout::default();
    for (at, one) in meanings.iter().enumerate() {
        match one {
            Meaning::Gradient(name) => {
                let weight = weights().find(|(_, other)| *other == name);
                layout.pairs.extend(weight.map(|(weight, _)| (weight, at)));
            }
            Meaning::Rate => layout.rate = Some(at),
            Meaning::Loss => layout.loss = Some(at),
            _ => {}
        }
    }
    layout.are_called = !layout.pairs.is_empty();
    if layout.pairs.is_empty() {
        for (weight, name) in weights() {
            let gradient = weights()
                .find(|(at, _)| *at != weight && short_gradient_of(&columns[*at].header, name));
            layout.pairs.extend(gradient.map(|(gradient, _)| (weight, gradient)));
        }
    }
    layout.pairs.sort_unstable();
    layout
}

/// Finds the optimizer of a log; none where it has no steps.
pub fn explain(columns: &[Column], layout: &Layout) -> Option<Explained> {
    let forms = forms(registry().ok()?, &Form::of_weight).ok()?;
    let mut both = [false, true].into_iter().filter_map(|is_after| {
        let rates = layout.rate.map(|at| columns[at].numbers.as_slice());
        explained(&forms, &steps(columns, layout, is_after), rates)
    });
    // Most logs have what a step started from; nothing else is looked at where that fits.
    let first = both.next()?;
    if first.fits {
        return Some(first);
    }
    [Some(first), both.next()]
        .into_iter()
        .flatten()
        .min_by_key(|one| (!one.fits, std::cmp::Reverse(one.digits)))
}

/// The steps of all weights: from row to row, with the gradients of the row before or of the row
/// itself.
fn steps(columns: &[Column], layout: &Layout, is_after: bool) -> Steps {
    let numbers = |at: usize| (columns[at].numbers.as_slice(), columns[at].rounding);
    let pairs = layout.pairs.iter().map(|(weight, gradient)| (numbers(*weight), numbers(*gradient)));
    Steps::new(&pairs.collect::<Vec<_>>(), is_after)
}

fn explained(forms: &[Form], steps: &Steps, rates: Option<&[f64]>) -> Option<Explained> {
    let moving = (0..steps.weights).filter(|at| steps.sizes[*at] > 0.0);
    let moving: Vec<usize> = moving.take(MOST_WEIGHTS).collect();
    if moving.is_empty() || steps.len() < 3 || rates.is_some_and(|one| one.len() < steps.len()) {
        return None;
    }
    let moving = steps.part(usize::MAX, &moving);
    let logged = Logged::new(&moving, rates.map_or(Rates::Steady, Rates::Logged));
    let found = search::search(forms, logged)?;
    // Where no steady rate fits, the rates may change from step to step.
    let changing = (!found.fits(logged)).then(|| {
        let free = Logged { rates: Rates::Free, ..logged };
        schedule::search(&search::candidates(forms, free), free)
    });
    let (found, own) = match changing.flatten() {
        Some((found, rates)) => (found, Some(rates)),
        None => (found, None),
    };
    Some(told(found, logged, steps, own))
}

fn told(found: Found, logged: Logged, steps: &Steps, rates: Option<Vec<f64>>) -> Explained {
    let definition = found.rule.form.definition;
    let inputs = found.rule.form.sheet.inputs.iter().enumerate();
    let settings = inputs.filter(|(at, input)| {
        found.rule.uses(*at)
            && !(Some(*at) == found.rule.rate() && (rates.is_some() || matches!(logged.rates, Rates::Logged(_))))
            && input.kind != crate::sheet::InputKind::Start
    });
    let settings = settings.map(|(at, input)| {
        let (name, value) = (named(&input.id).to_owned(), found.inputs[at]);
        Setting { name, cell: None, value }
    });
    let settings: Vec<Setting> = settings.collect();
    let blur = logged.blur;
    let changes = rates.as_ref().and_then(|rates| schedule::changes(rates, blur));
    let mut departures: Vec<String> =
        found.departures.iter().map(|one| without_weight(&one.text)).collect();
    if let (Some(rates), None) = (&rates, &changes) {
        departures.push(format!("has a learning rate that {}", schedule::words(rates, blur)));
    }
    // A rule goes down, and steps that say more than they are asked for.
    let is_down = found.rule.rate().is_none_or(|rate| found.inputs[rate] > 0.0);
    let is_told = steps.len() * steps.weights > 4 + settings.len();
    let fits = is_down && is_told && (rates.is_some() || found.fits(logged));
    let given = rates.as_deref().map_or(logged.rates, Rates::Logged);
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
        fits,
        digits: (-found.miss.max(1e-16).log10()).floor().max(0.0) as u32,
        changes: changes.unwrap_or_default(),
        odd: odd(&found, steps, given),
        rates,
    }
}

/// What a hyperparameter is called that a departure brought with it.
pub(super) fn named(id: &str) -> &str {
    if id == ADDED_EPS { "eps" } else { id }
}

/// The steps that the rule does not take, the first of each weight.
fn odd(found: &Found, steps: &Steps, rates: Rates) -> Vec<(usize, usize, f64)> {
    let mut odd: Vec<Option<(usize, usize, f64)>> = vec![None; steps.weights];
    fit::each_step(&found.rule, &found.inputs, Logged::new(steps, rates), |step, own, _| {
        for (at, (own, logged)) in own.iter().zip(steps.moves(step)).enumerate() {
            let allowed = 4.0 * steps.blurs[at] * steps.sizes[at];
            if odd[at].is_none() && (own - logged).abs() > allowed {
                odd[at] = Some((at, step, steps.before(step)[at] + own));
            }
        }
    });
    odd.into_iter().flatten().collect()
}
