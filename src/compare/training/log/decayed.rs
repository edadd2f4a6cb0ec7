//! Definitions whose weights decay besides: with an L2 penalty in every gradient, or by a part of
//! themselves beside the step. Libraries have both for every optimizer.

use super::fit::Logged;
use super::rule::Rule;
use super::search::{Found, coarse, looked_at_closely, nearest_first, try_typed};
use crate::compare::form::Form;
use crate::compare::rewrite::{Departure, decayed};
use crate::formula::Expr;
use crate::sheet::Ref;

/// So many rules are looked at closely.
const MOST_CLOSE: usize = 12;
/// The strength that a decay is first tried with.
const STRENGTH: f64 = 0.01;

/// The decayed definitions that come nearest to the first steps, as they are on the whole log; the
/// nearest first.
pub(super) fn definitions<'a>(
    forms: impl Iterator<Item = &'a Form<'a>>,
    few: Logged,
    logged: Logged,
) -> Vec<Found<'a>> {
    let found = forms.flat_map(rules).filter_map(|(rule, departure)| {
        let mut inputs = rule.defaults();
        for id in ["l2", "weight_decay"] {
            rule.form.sheet.input(id).into_iter().for_each(|at| inputs[at] = STRENGTH);
        }
        coarse(Found::new(rule, vec![departure], inputs, few), few)
    });
    let mut found = nearest_first(found);
    found.truncate(MOST_CLOSE);
    looked_at_closely(found, few, logged)
}

/// A rule with an L2 penalty in its gradient, which every library offers: with the decays that come nearest
/// without it, or with the best strength first.
pub(super) fn penalized<'a>(found: &Found<'a>, few: Logged) -> Option<Found<'a>> {
    let (rule, departure) = rules(found.rule.form).into_iter().next()?;
    let with = |inputs| Found::new(rule.clone(), vec![departure.clone()], inputs, few);
    let mut first = with(rule.defaults());
    let strength = (0..first.inputs.len()).filter(|at| rule.is_extra(*at) && rule.uses(*at));
    strength.for_each(|at| try_typed(&mut first, few, at));
    nearest_first([Some(with(found.typed.clone())), coarse(first, few)].into_iter().flatten())
        .into_iter()
        .next()
}

/// A definition with each kind of decay that changes it.
pub(super) fn rules<'a>(form: &'a Form<'a>) -> Vec<(Rule<'a>, Departure)> {
    let Some(weight) = form.sheet.weights.first() else { return Vec::new() };
    let both = [weight.gradient, weight.current].map(|name| {
        let part = Expr::Name(Ref::Column(name));
        let mut found = None;
        let mut rule = Rule::of(form);
        for column in 0..form.sheet.columns.len() {
            let Some((changed, text)) = decayed(form, column, &part) else { continue };
            let formula = rule.formulas[column].map(&|one| (*one == part).then(|| changed.clone()));
            if formula != rule.formulas[column] {
                rule = rule.with(column, formula);
                found = Some(Departure::choice(text));
            }
        }
        found.map(|departure| (rule, departure))
    });
    both.into_iter().flatten().collect()
}
