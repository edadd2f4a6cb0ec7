//! What the digits of a log decide, and what they leave open.

use super::fit::{Logged, each_step, fit, fitted};
use super::search::{Found, is_decay, typed};
use crate::compare::form::Form;
use crate::value::{number_text, significant};

/// So many steps of so many weights are asked.
const STEPS: usize = 2000;
const WEIGHTS: usize = 8;
/// Where steps come as near as this to the nearest, the log cannot tell.
const AS_NEAR: f64 = 1.2;
/// A hyperparameter is decided where no other within this share of it will do.
const SHARE: f64 = 0.05;

/// A decay that is nearer to 1 forgets nothing.
const LEAST: f64 = 1e-9;

/// The values of a hyperparameter that a log does not tell apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// The hyperparameter.
    pub name: String,
    /// The smallest.
    pub from: f64,
    /// The largest; none where there is none.
    pub to: Option<f64>,
}

/// What a log leaves open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Undecided {
    /// Hyperparameters of which more than one value will do.
    pub ranges: Vec<Range>,
    /// Other optimizers that take the same steps, to the digits of the log.
    pub optimizers: Vec<String>,
}

/// A rule that takes the steps as a whole, with the typed value of a hyperparameter that takes each of them, too: an ε
/// that is felt by the first steps alone is told by these.
pub(super) fn by_each_step<'a>(found: Found<'a>, logged: Logged) -> Found<'a> {
    let takes_each = |found: &Found| {
        let mut takes = true;
        each_step(&found.rule, &[&found.inputs], logged, |step, own| {
            takes = takes && logged.steps.is(step, own);
        });
        takes
    };
    if takes_each(&found) {
        return found;
    }
    let hyper = found.rule.hyperparameters().into_iter().filter(|at| found.rule.uses(*at));
    let values = hyper.flat_map(|at| typed(&found.rule, at).iter().map(move |value| (at, *value)));
    let mut others = values.map(|(at, value)| {
        let mut other = found.clone();
        other.inputs[at] = value;
        other.on(logged)
    });
    others.find(|other| other.fits(logged) && takes_each(other)).unwrap_or(found)
}

/// Finds out what a log leaves open where a rule was found.
pub(super) fn undecided(found: &Found, forms: &[Form], logged: Logged) -> Undecided {
    let weights: Vec<usize> = (0..logged.steps.weights.min(WEIGHTS)).collect();
    let short = logged.steps.part(STEPS, &weights);
    let few = Logged::new(&short, logged.rates);
    let found = found.clone().on(few);
    let open = found.rule.hyperparameters().into_iter().filter(|at| found.rule.uses(*at));
    Undecided {
        ranges: open.filter_map(|at| range(&found, few, at)).collect(),
        optimizers: alike(&found, forms, few),
    }
}

/// The values of a hyperparameter that take the steps as well; none where only one does.
fn range(found: &Found, few: Logged, input: usize) -> Option<Range> {
    let own = found.inputs[input];
    let is_decay = is_decay(&found.rule, input);
    let value = |distance: f64| if is_decay { 1.0 - distance } else { distance };
    let distance = value(own);
    let will_do = |distance: f64| {
        let mut inputs = found.inputs.clone();
        inputs[input] = value(distance);
        fit(&found.rule, &mut inputs, few) <= AS_NEAR * found.miss + 1e-13
    };
    let nearest = [1.0 - SHARE, 1.0 + SHARE].map(|share| share * distance);
    if distance <= 0.0 || !nearest.iter().any(|one| will_do(*one)) {
        return None;
    }
    let most = if is_decay { 1.0 } else { 1e6 * distance.max(1e-8) };
    let high = farthest(distance, most, &will_do);
    let low = farthest(distance, 0.0, &will_do);
    let rounded = |number| significant(number, 2);
    let name = super::named(&found.rule.form.sheet.inputs[input].id).to_owned();
    Some(match is_decay {
        true => {
            let to = (low > LEAST).then(|| value(rounded(low)));
            Range { name, from: value(rounded(high)).max(0.0), to }
        }
        false => Range { name, from: rounded(low), to: (high < most).then(|| rounded(high)) },
    })
}

/// How far towards `end` something will do.
fn farthest(start: f64, end: f64, will_do: &dyn Fn(f64) -> bool) -> f64 {
    if will_do(end) {
        return end;
    }
    let (mut good, mut bad) = (start, end);
    for _ in 0..40 {
        // Small numbers are far from each other by their ratio.
        let middle = match good.min(bad) > 0.0 {
            true => (good * bad).sqrt(),
            false => f64::midpoint(good, bad),
        };
        match will_do(middle) {
            true => good = middle,
            false => bad = middle,
        }
        if (good - bad).abs() <= 1e-3 * good.abs() {
            break;
        }
    }
    good
}

/// The optimizers with other formulas whose steps come as near, with the same hyperparameters.
fn alike(found: &Found, forms: &[Form], few: Logged) -> Vec<String> {
    let own = fitted(&found.rule, &mut found.inputs.clone(), few);
    let size = own.iter().fold(0.0_f64, |most, one| most.max(one.abs()));
    let mut names: Vec<String> = Vec::new();
    for form in forms {
        let name = &form.definition.name;
        if *name == found.rule.form.definition.name || names.contains(name) {
            continue;
        }
        let mut other = found.with_numbers(form, few);
        if other.miss > AS_NEAR * found.miss + 1e-13 {
            continue;
        }
        let moves = fitted(&other.rule, &mut other.inputs, few);
        let differs = |(own, other): (&f64, &f64)| (own - other).abs() > 1e-10 * size;
        if own.iter().zip(&moves).any(differs) {
            names.push(name.clone());
        }
    }
    names
}

impl Undecided {
    /// What is open about a hyperparameter, in words.
    pub fn words(&self, name: &str) -> Option<String> {
        let range = self.ranges.iter().find(|one| one.name == name)?;
        Some(match (range.from, range.to) {
            (0.0, Some(to)) => format!("anything up to {} fits", number_text(to)),
            (0.0, None) => "anything fits".to_owned(),
            (from, Some(to)) => {
                format!("anything between {} and {} fits", number_text(from), number_text(to))
            }
            (from, None) => format!("anything from {} on fits", number_text(from)),
        })
    }
}
