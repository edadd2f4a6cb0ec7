//! The formulas of a rule put in order: first iterations that start otherwise, names for names, and each
//! formula behind those that it needs.

use std::collections::HashMap;

use super::Fault;
use super::rule::{Formula, Term};
use crate::compare::training::optimizer::recurrence::{GRADIENT, NEXT, Recurrence, WEIGHT};
use crate::formula::{Expr, evaluate, operands};
use crate::value::Value;

/// Whether `first` is `usual` with numbers or hyperparameters for what the iteration before left;
/// these.
pub(super) fn unify(usual: &Formula, first: &Formula, found: &mut HashMap<usize, Formula>) -> bool {
    match (usual, first) {
        (Expr::Name(Term::Above(at)), Expr::Number(_) | Expr::Name(Term::Fixed(_))) => {
            found.insert(*at, first.clone()).is_none_or(|known| known == *first)
        }
        (Expr::Number(_), Expr::Number(_)) | (Expr::Name(_), Expr::Name(_)) => usual == first,
        (Expr::Negate(one), Expr::Negate(other)) => unify(one, other, found),
        (Expr::Binary(operator, left, right), Expr::Binary(other, a, b)) => {
            operator == other && unify(left, a, found) && unify(right, b, found)
        }
        (Expr::Call(function, parts), Expr::Call(other, others)) => {
            function.name == other.name
                && parts.iter().zip(others).all(|(one, other)| unify(one, other, found))
        }
        _ => usual == first,
    }
}

/// Whether `first` is what `usual` gives where nothing is remembered yet.
pub(super) fn is_with_zero(usual: &Formula, first: &Formula) -> bool {
    (1..4).all(|seed| {
        let number = |term: &Term, above: bool| {
            let at = match *term {
                Term::Above(_) if above => return Value::ZERO,
                Term::Above(at) => 50 + at,
                Term::Column(at) => at,
                Term::Fixed(at) => 100 + at,
                Term::Constant(at) => 200 + at,
                Term::Step | Term::Rate => return Value::number(1.0),
            };
            Value::number(0.05 + ((at * 37 + seed * 61) % 97) as f64 / 113.0)
        };
        let one = evaluate(usual, &|term| number(term, true));
        let other = evaluate(first, &|term| number(term, false));
        !one.is_error() && (one.raw() - other.raw()).abs() <= 1e-14 * one.raw().abs()
    })
}

/// Puts formulas that only name something in the place of their names.
pub(super) fn inline(known: &mut HashMap<usize, Formula>, starts: &mut HashMap<usize, Formula>) {
    let is_plain = |(at, formula): (&usize, &Formula)| {
        let own = [Term::Column(*at), Term::Above(*at)];
        *at != NEXT
            && match formula {
                Expr::Number(_) => true,
                Expr::Name(term) => !own.contains(term),
                _ => false,
            }
    };
    // What is remembered of them stays with them.
    let is_remembered = |known: &HashMap<usize, Formula>, at: usize| {
        known.values().any(|formula| formula.has_name(|term| *term == Term::Above(at)))
    };
    loop {
        let plain =
            known.iter().find(|one| is_plain((one.0, one.1)) && !is_remembered(known, *one.0));
        let Some((at, formula)) = plain.map(|(at, formula)| (*at, formula.clone())) else { break };
        known.remove(&at);
        starts.remove(&at);
        for other in known.values_mut() {
            *other =
                other.map(&|part| (*part == Expr::Name(Term::Column(at))).then(|| formula.clone()));
        }
    }
}

/// The columns, each behind those that it needs; the sheet's own order where that does not matter.
pub(super) fn ordered(
    mut known: HashMap<usize, Formula>,
    recurrence: &Recurrence,
) -> Result<Vec<(usize, Formula)>, Fault> {
    // What is remembered of the weight and of the gradient is a column of its own.
    let kept: Vec<usize> = [WEIGHT, GRADIENT]
        .into_iter()
        .filter(|at| known.values().any(|one| one.has_name(|term| *term == Term::Above(*at))))
        .collect();
    let mut ordered: Vec<(usize, Formula)> =
        kept.into_iter().map(|at| (at, Expr::Name(Term::Column(at)))).collect();
    let next = known.remove(&NEXT);
    while !known.is_empty() {
        let is_ready = |formula: &Formula| {
            !formula.has_name(|term| matches!(term, Term::Column(at) if known.contains_key(at)))
        };
        let mut ready: Vec<usize> =
            known.iter().filter(|(_, one)| is_ready(one)).map(|(at, _)| *at).collect();
        ready.sort_by_key(|at| recurrence.columns[*at].cells[1]);
        let Some(first) = ready.first() else {
            let what = "the cells of the rule need each other in a circle".to_owned();
            return Err(Fault::new(recurrence.columns[NEXT].cells[1], what));
        };
        ordered.extend(known.remove(first).map(|formula| (*first, formula)));
    }
    ordered.extend(next.map(|formula| (NEXT, formula)));
    Ok(ordered)
}

/// Gives a typed learning rate its name, where it stands in one place.
pub(super) fn take_out(known: &mut HashMap<usize, Formula>, rate: f64) -> bool {
    let places = known.values().map(|formula| count(formula, rate)).sum::<usize>();
    if places != 1 || rate == 1.0 {
        return false;
    }
    for formula in known.values_mut() {
        *formula =
            formula.map(&|part| (*part == Expr::Number(rate)).then_some(Expr::Name(Term::Rate)));
    }
    true
}

fn count(formula: &Formula, number: f64) -> usize {
    match formula {
        Expr::Number(one) => usize::from(*one == number),
        other => operands(other).into_iter().map(|part| count(part, number)).sum(),
    }
}
