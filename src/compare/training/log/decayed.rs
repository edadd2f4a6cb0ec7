//! Definitions whose weights decay besides: with an L2 penalty in every gradient, or by a part of
//! themselves beside the step. Libraries have both for every optimizer.

use super::fit::Logged;
use super::rule::Rule;
use super::search::{Found, coarse, looked_at_closely, nearest_first};
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
