//! Telling from one number which columns of a table a formula cannot be, whatever its hyperparameters are.
//!
//! A formula is tried with every choice of numbers for its hyperparameters. At one point all else in it
//! is a number that does not change, so that little is left to compute for each choice.

use super::{Matcher, Targets};
use crate::compare::agree::same;
use crate::compare::forced::Source;
use crate::formula::{Expr, evaluate, operands, with_operands};
use crate::sheet::Ref;
use crate::value::Value;

/// A formula that is longer at a point, since columns without a place stand in it, is not computed there.
const LONGEST: usize = 500;

/// Targets for which a formula gives the same numbers.
pub(super) struct Group {
    /// The target, where what it was is part of what it is.
    own: Option<Source>,
    /// What the formula is at each point, with nothing but hyperparameters in it.
    expected: Vec<(usize, Expr<Ref>)>,
    /// The targets, by their places among all, with their numbers at the points.
    members: Vec<(usize, Vec<f64>)>,
}

impl Matcher<'_> {
    /// The targets in groups, for a formula of `column` that lacks the numbers of the `open` inputs.
    pub(super) fn groups(
        &mut self,
        column: usize,
        (formula, open): (&Expr<Ref>, &[usize]),
        targets: &Targets,
        remembers: bool,
    ) -> Vec<Group> {
        // Since a sheet's own numbers may be wrong, three of them are asked.
        let tried = if self.given.trials.len() > 1 { 1 } else { 3 };
        let points: Vec<(usize, isize)> = self.points.iter().copied().take(tried).collect();
        let at =
            |trial: usize, row: isize, target: &Source| target.at(&self.given.trials[trial], row);
        let found = |target: &Source| {
            points.iter().map(|&(trial, row)| at(trial, row, target)).collect::<Vec<f64>>()
        };
        let members = targets.each.iter().map(|target| found(&target.source)).enumerate();
        let members: Vec<(usize, Vec<f64>)> = members.collect();
        let mut groups: Vec<Group> = match remembers {
            true => members.into_iter().map(|member| Group::new(vec![member])).collect(),
            false => vec![Group::new(members)],
        };
        for group in &mut groups {
            group.own = remembers.then(|| targets.each[group.members[0].0].source);
            self.places.columns[column] = group.own;
            let expected = |&(trial, row): &(usize, isize)| {
                let point = Point { matcher: self, open, trial, busy: vec![(column, row)] };
                (trial, point.of(formula, row))
            };
            group.expected = points.iter().map(expected).collect();
        }
        self.places.columns[column] = None;
        groups
    }

    /// The first target that holds what the formula gives with the numbers that are chosen, which are
    /// the `used` ones among all.
    pub(super) fn target_in(
        &mut self,
        (column, formula): (usize, &Expr<Ref>),
        groups: &[Group],
        targets: &Targets,
        used: &[usize],
    ) -> Option<Source> {
        for group in groups {
            // A column that does not use the numbers chosen is not computed from them.
            let is_using = |at: usize| used.iter().all(|one| targets.each[at].uses[*one]);
            let mut members = group.members.iter().filter(|(at, _)| is_using(*at)).peekable();
            if members.peek().is_none() {
                continue;
            }
            let expected = group.expected.iter().map(|(trial, formula)| {
                let trial = &self.given.trials[*trial];
                let chosen = |name: &Ref| match *name {
                    Ref::Input(input) => self.places.inputs[input].map(|one| one.in_trial(trial)),
                    _ => None,
                };
                let value =
                    evaluate(formula, &|name| Value::number(chosen(name).unwrap_or(f64::NAN)));
                value.get().unwrap_or(f64::NAN)
            });
            let expected: Vec<f64> = expected.collect();
            self.places.columns[column] = group.own;
            for (at, found) in members {
                let target = targets.each[*at].source;
                if may_be(&expected, found) && self.holds(formula, target) {
                    return Some(target);
                }
            }
        }
        None
    }
}

/// Whether one of the numbers is what was expected, or cannot be told.
fn may_be(expected: &[f64], found: &[f64]) -> bool {
    let each = expected.iter().zip(found);
    let mut likely = each.map(|(one, other)| one.is_nan() || other.is_nan() || same(*one, *other));
    likely.any(|likely| likely)
}

impl Group {
    fn new(members: Vec<(usize, Vec<f64>)>) -> Group {
        Group { own: None, expected: Vec::new(), members }
    }
}

/// One row of a trial, at which all but hyperparameters is known.
struct Point<'m, 'a> {
    matcher: &'m Matcher<'a>,
    open: &'m [usize],
    trial: usize,
    /// The cells that are being computed: what needs itself has no number.
    busy: Vec<(usize, isize)>,
}

impl Point<'_, '_> {
    /// What the formula is in `row`; not a number where it is too long to be told.
    fn of(&self, formula: &Expr<Ref>, row: isize) -> Expr<Ref> {
        let written: Result<_, std::convert::Infallible> = formula.substitute(&mut |name: &Ref| {
            Ok(match *name {
                Ref::Column(column) => self.cell(column, row),
                Ref::Above(column) => self.cell(column, row - 1),
                Ref::Input(input) if self.open.contains(&input) => Expr::Name(*name),
                Ref::Input(input) => {
                    let matcher = self.matcher;
                    let trial = &matcher.given.trials[self.trial];
                    Expr::Number(matcher.places.input(matcher.form, trial, input))
                }
                Ref::Data(_) | Ref::Order => Expr::Number(f64::NAN),
            })
        });
        let Ok(written) = written;
        let short = folded(&written);
        if short.size() > LONGEST { Expr::Number(f64::NAN) } else { short }
    }

    fn cell(&self, column: usize, row: isize) -> Expr<Ref> {
        let Matcher { places, form, given, .. } = self.matcher;
        if let Some(source) = places.columns[column] {
            return Expr::Number(source.at(&given.trials[self.trial], row));
        }
        if self.busy.contains(&(column, row)) {
            return Expr::Number(f64::NAN);
        }
        let busy = self.busy.iter().copied().chain([(column, row)]).collect();
        let inner = Point { busy, ..*self };
        match &form.sheet.columns[column].initial {
            _ if row >= 0 => inner.of(&places.formulas[column], row),
            _ if column == form.sheet.row => Expr::Number(places.steps_before),
            Some(initial) => inner.of(initial, -1),
            None => Expr::Number(f64::NAN),
        }
    }
}

/// The formula with every part that is made of numbers alone computed.
fn folded(formula: &Expr<Ref>) -> Expr<Ref> {
    let parts: Vec<Expr<Ref>> = operands(formula).into_iter().map(folded).collect();
    if parts.is_empty() {
        return formula.clone();
    }
    let short = with_operands(formula, &parts).unwrap_or_else(|| formula.clone());
    if parts.iter().all(|part| matches!(part, Expr::Number(_))) {
        let value = evaluate(&short, &|_| Value::number(f64::NAN));
        return Expr::Number(value.get().unwrap_or(f64::NAN));
    }
    short
}
