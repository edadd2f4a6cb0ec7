//! Rules that depart from a definition in one place, as people's own optimizers do.

use super::clip::LIMITS;
use super::fit::Logged;
use super::plainest::is_usual;
use super::rule::Rule;
use super::search::{Found, MOST_CLOSE, coarse, looked_at_closely, nearest_first, plain};
use crate::compare::form::{CLIP, Form};
use crate::compare::rewrite::{Departure, Rewritten};
use crate::compare::slips::WITHOUT_POWER;
use crate::sheet::Group;

/// So many changes of a definition are looked at closely.
const MOST_CHANGES: usize = 24;

/// The rules that depart from a definition and come nearest; the nearest first.
pub(super) fn departures<'a>(
    close: &[Found<'a>],
    forms: &'a [Form<'a>],
    few: Logged,
    logged: Logged,
) -> Vec<Found<'a>> {
    let usual = forms.iter().filter(|form| is_usual(form.definition));
    let usual: Vec<Found> = usual.filter_map(|form| coarse(plain(form, few), few)).collect();
    let nearest = usual.iter().chain(close.iter().take(MOST_CLOSE));
    let departing = nearest.flat_map(|one| departing(one, few)).collect();
    looked_at_closely(departing, few, logged)
}

/// The rules that are one change away and come nearest, with the usual numbers.
fn departing<'a>(found: &Found<'a>, few: Logged) -> Vec<Found<'a>> {
    let form = found.rule.form;
    let rules = changed(found).into_iter().map(|(rule, departures)| {
        let mut inputs = found.typed.clone();
        if let Some(clip) = form.sheet.input(CLIP) {
            inputs[clip] = LIMITS[0];
        }
        Found::new(rule, departures, inputs, few)
    });
    let mut near = nearest_first(rules.filter(|one| one.miss < found.miss.max(0.5)));
    near.truncate(MOST_CHANGES);
    near
}

/// The rules that are one change away, each with what is changed: in one column, or in all that have
/// the changed part.
fn changed<'a>(found: &Found<'a>) -> Vec<(Rule<'a>, Vec<Departure>)> {
    let form = found.rule.form;
    let own = (0..form.sheet.columns.len())
        .filter(|at| matches!(form.sheet.columns[*at].group, Group::State | Group::Update));
    let all = own.flat_map(|column| {
        let formula = form.sheet.columns[column].formula.clone();
        let changed = Rewritten::original(formula).next(form, column);
        changed.into_iter().map(move |one| (column, one))
    });
    let mut rules: Vec<(Rule, Vec<Departure>)> = Vec::new();
    for (column, changed) in all.filter(|(_, one)| !one.departures.iter().any(is_beyond_logs)) {
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
    rules
}

/// Whether a log cannot tell a departure: it has the gradient itself, of whichever loss, and a factor that
/// is the same at every step is another learning rate.
fn is_beyond_logs(departure: &Departure) -> bool {
    departure.text == WITHOUT_POWER
        || departure.text.contains("the gradient") && !departure.text.contains(['λ', '±'])
        || departure.text.contains("each gradient")
}
