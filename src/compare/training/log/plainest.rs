//! Which of the rules that take the steps of a log is told: the plainest, and a library's own form before
//! others, since libraries write logs.

use super::decayed;
use super::fit::{Logged, fit};
use super::search::{Found, UNTOLD};
use crate::compare::form::Form;
use crate::optimizer::{Definition, Product};

/// What people write by hand, and wrong, more often than anything else.
const USUAL: [&str; 5] = ["sgd", "momentum", "adam", "rmsprop", "adagrad"];

/// The plainest definition of those that take the steps.
pub(super) fn plainest<'a>(
    found: &[Found<'a>],
    forms: &'a [Form<'a>],
    logged: Logged,
) -> Option<Found<'a>> {
    let best = simplest(found, logged)?;
    // AdamW without decay is Adam.
    let plainer: Vec<Found> = forms.iter().flat_map(|form| alike(&best, form, logged)).collect();
    simplest(&plainer, logged).or(Some(best))
}

/// Another form, and another variant with the same decay, with the hyperparameters that a rule was
/// found to have.
fn alike<'a>(found: &Found, form: &'a Form<'a>, logged: Logged) -> Vec<Found<'a>> {
    let plain = found.with_numbers(form, logged);
    let is_variant = form.definition.name == found.rule.form.definition.name;
    let decayed = if is_variant { decayed::rules(form) } else { Vec::new() };
    let same = decayed.into_iter().filter(|(_, one)| found.departures == [one.clone()]);
    let same = same
        .map(|(rule, departure)| Found::new(rule, vec![departure], plain.inputs.clone(), logged));
    let mut all: Vec<Found> = same.collect();
    all.push(plain);
    all
}

/// Of those that fit the plainest.
pub(super) fn simplest<'a>(found: &[Found<'a>], logged: Logged) -> Option<Found<'a>> {
    let best = found.iter().filter(|one| one.fits(logged)).min_by_key(|one| one.rank()).cloned();
    best.map(|one| by_default(one, logged))
}

/// The same with each hyperparameter as it is by default of which the digits of the log do not tell whether
/// it is something else.
fn by_default<'a>(mut found: Found<'a>, logged: Logged) -> Found<'a> {
    for at in found.rule.hyperparameters() {
        let mut inputs = found.inputs.clone();
        inputs[at] = found.rule.form.sheet.inputs[at].value;
        let miss = fit(&found.rule, &mut inputs, logged);
        if miss <= 2.0 * logged.blur && UNTOLD * miss <= found.miss {
            (found.inputs, found.miss) = (inputs, miss);
        }
    }
    found
}

/// Which library has a variant, by the order in which most people use them, that library's own form
/// first; a large number where none has.
pub(super) fn library(definition: &Definition) -> usize {
    const LIBRARIES: [Product; 3] = [Product::PyTorch, Product::Keras, Product::Optax];
    let has = |product: &Product| definition.libraries.iter().any(|one| one.product == *product);
    let Some(at) = LIBRARIES.iter().position(has) else { return 2 * LIBRARIES.len() + 1 };
    let is_own = definition.variant.as_deref() == Some(&LIBRARIES[at].title().to_lowercase());
    2 * at + usize::from(!is_own)
}

/// Whether a definition is the textbook form of what people write by hand.
pub(super) fn is_usual(definition: &Definition) -> bool {
    definition.variant.is_none() && USUAL.contains(&definition.name.as_str())
}

/// Whether it is such a form, or that of a library.
pub(super) fn is_written(definition: &Definition) -> bool {
    (is_own(definition) || definition.variant.is_none())
        && USUAL.contains(&definition.name.as_str())
}

/// Whether it is the textbook form of what people write by hand, or a library's own form of anything.
pub(super) fn is_common(definition: &Definition) -> bool {
    is_usual(definition) || is_own(definition)
}

/// Whether a variant is called like the library that has it.
fn is_own(definition: &Definition) -> bool {
    library(definition).is_multiple_of(2) && definition.variant.is_some()
}
