//! Finding an optimizer's columns in a table, whatever their places and names.
//!
//! Column by column, in the order in which the form computes them: a column of the table is the
//! form's when it holds what the form's formula gives of the columns found so far. A number that
//! the form calls a hyperparameter may be any cell or typed number that the column's formula
//! uses. What fits only after a change of the formula departs from the form in that way.

mod common;
mod corrections;
mod inputs;
mod joint;
mod known;

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(in crate::compare) use common::{bare, forward};
use inputs::Targets;

use crate::compare::agree::{agree, points, same};
use crate::compare::forced::{Constant, Forced, Places, Source};
use crate::compare::form::Form;
use crate::compare::invented::Trial;
use crate::compare::machine::Machine;
use crate::compare::named::Bound;
use crate::compare::rewrite::{Departure, Rewritten};
use crate::formula::Expr;
use crate::sheet::{Group, Ref};

/// How many changes a column of each kind may have.
const MOST_CHANGES: [(Group, usize); 4] =
    [(Group::Forward, 1), (Group::Gradient, 2), (Group::State, 2), (Group::Update, 3)];
/// So many changed formulas are tried at most for a column.
const MOST_FORMULAS: usize = 250;
/// So many hyperparameters may be found in one column.
const MOST_OPEN: usize = 4;

/// So many combinations of numbers are tried at most for the hyperparameters of one formula.
const MOST_COMBINATIONS: usize = 4096;

/// How a form fits a table.
#[derive(Debug, Clone)]
pub(in crate::compare) struct Fit {
    /// Where everything stands, with the formulas that the table ought to have: the form's own, or
    /// what was chosen instead.
    pub places: Places,
    /// What is done otherwise, with the form's column.
    pub departures: Vec<(usize, Departure)>,
    /// Columns of the table that the form does not explain.
    pub unexplained: Vec<usize>,
}

impl Fit {
    /// Whether anything is wrong rather than chosen.
    pub fn has_slip(&self) -> bool {
        self.departures.iter().any(|(_, departure)| departure.is_mistake)
    }

    /// Whether the form's column is wrong in every row of the table.
    pub fn is_slipped(&self, column: usize) -> bool {
        self.departures.iter().any(|(at, departure)| *at == column && departure.is_mistake)
    }

    /// The lower, the better the form fits.
    pub fn cost(&self) -> usize {
        let slips = self.departures.iter().filter(|(_, departure)| departure.is_mistake).count();
        10 * self.departures.len() + 15 * slips + 3 * self.unexplained.len()
    }
}

/// Where the columns of `form` stand in the table beside those of `forward`, with at most so many
/// `changes` to one formula; none where a column that an update needs is not found. `may_negate`
/// allows states with the other sign.
pub(in crate::compare) fn fit(
    given: Given,
    (common, forward): (&Form, &Fit),
    form: &Form,
    changes: usize,
    may_negate: bool,
) -> Option<Fit> {
    let mut matcher = Matcher::new(given, form, may_negate);
    matcher.take_over(common, forward);
    let mut own: Vec<usize> = (0..form.sheet.columns.len())
        .filter(|&at| form.may_show(at) && !form.is_common(at))
        .collect();
    // A table that has fewer columns than the form has to remember needs no further look.
    let is_state = |at: &&usize| form.is_needed(**at) && form.remembers(**at);
    let free = matcher.used.iter().filter(|used| !**used).count();
    if own.iter().filter(is_state).count() > free {
        return None;
    }
    // What remembers comes first: the others may ask for its past.
    own.sort_by_key(|&at| !form.remembers(at));
    // What fits as it is decides which numbers the hyperparameters are, before anything is changed.
    for &column in own.iter().filter(|_| changes > 0) {
        matcher.place(column, 0..=0, false);
    }
    for column in own {
        let found = matcher.places.columns[column].is_some()
            || matcher.place(column, 0..=changes, true)
            || form.is_needed(column) && matcher.place_with_part(column, changes);
        if !found && form.is_needed(column) {
            return None;
        }
    }
    Some(matcher.finish())
}

/// What is tried, and what the user has decided.
#[derive(Clone, Copy)]
pub(in crate::compare) struct Given<'a> {
    /// The table.
    pub machine: &'a Machine,
    /// The numbers to try formulas on.
    pub trials: &'a [Trial],
    /// The columns that are known to be the form's.
    pub known: &'a Known,
    /// Columns of the table that are a certain column of the form, by its id.
    pub pins: &'a [(usize, String)],
    /// Hyperparameters with a certain value.
    pub set: &'a [(String, f64)],
    /// Hyperparameters that are certain cells, whatever the formulas refer to.
    pub bound: &'a [Bound],
    /// Whether β1 and β2 may be the same cell.
    pub may_share_decays: bool,
    /// How often a column may still be held against a formula with certain numbers, if that is limited.
    pub left: Option<&'a AtomicUsize>,
}

impl Given<'_> {
    fn is_spent(&self) -> bool {
        self.left.is_some_and(|left| left.load(Ordering::Relaxed) == 0)
    }

    fn spend(&self, tried: usize) {
        if let Some(left) = self.left {
            left.store(left.load(Ordering::Relaxed).saturating_sub(tried), Ordering::Relaxed);
        }
    }
}

/// The columns of a table that are known beforehand.
#[derive(Debug, Clone)]
pub(in crate::compare) struct Known {
    /// The samples, by what the form calls them.
    pub data: Vec<(&'static str, usize)>,
    /// The weights, in the form's order.
    pub weights: Vec<Source>,
}

struct Matcher<'a> {
    given: Given<'a>,
    form: &'a Form<'a>,
    /// Whether gradients and states may have the other sign.
    may_negate: bool,
    points: Vec<(usize, isize)>,
    places: Places,
    used: Vec<bool>,
    departures: Vec<(usize, Departure)>,
}

impl<'a> Matcher<'a> {
    fn new(given: Given<'a>, form: &'a Form<'a>, may_negate: bool) -> Self {
        let mut places = Places::none(form);
        for (id, cell) in given.bound {
            if let Some(input) = form.sheet.input(id) {
                places.inputs[input] = Some(Constant::Cell(*cell));
            }
        }
        Matcher {
            given,
            form,
            may_negate,
            points: points(given.trials),
            places,
            used: vec![false; given.machine.columns.len()],
            departures: Vec::new(),
        }
    }

    /// Finds one column of the form with so many changes to its formula, fewer ones first; only
    /// with such that somebody may choose unless it `may_slip`.
    fn place(&mut self, column: usize, changes: RangeInclusive<usize>, may_slip: bool) -> bool {
        self.place_among(self.targets(column), column, changes, may_slip)
    }

    /// The same, in one of these `targets`.
    fn place_among(
        &mut self,
        targets: Vec<Source>,
        column: usize,
        changes: RangeInclusive<usize>,
        may_slip: bool,
    ) -> bool {
        if targets.is_empty() || self.given.is_spent() {
            return false;
        }
        let group = self.form.sheet.columns[column].group;
        let most = MOST_CHANGES.iter().find(|(known, _)| *known == group);
        let most = most.map_or(0, |(_, most)| *most).min(*changes.end());
        let targets = Targets::new(targets, |target| self.pool(target.column));
        let formula = self.form.sheet.columns[column].formula.clone();
        let mut level = vec![Rewritten::original(formula.clone())];
        let written = self.form.written_out(&formula);
        if written != formula {
            level.push(Rewritten { formula: written, ..Rewritten::original(formula) });
        }
        let inline = self.inline(column);
        for count in 0..=most {
            if count > 0 {
                level = self.next_level(column, &level);
            }
            // What is written out has so many places to change that one change must do.
            let written_out =
                if count == 1 { self.next_level(column, &inline) } else { Vec::new() };
            let mut tried =
                level.iter().chain(&written_out).filter(|one| may_slip || !one.has_slip());
            let is_tried = changes.contains(&count);
            if is_tried && tried.any(|one| self.try_formula(column, one, &targets)) {
                return true;
            }
            level.retain(|one| may_slip || !one.has_slip());
        }
        false
    }

    /// All formulas that are one more change away.
    fn next_level(&self, column: usize, level: &[Rewritten]) -> Vec<Rewritten> {
        let mut next: Vec<Rewritten> = Vec::new();
        for one in level.iter().flat_map(|one| one.next(self.form, column)) {
            if next.len() == MOST_FORMULAS {
                break;
            }
            if !next.iter().any(|old| old.formula == one.formula) {
                next.push(one);
            }
        }
        // What somebody may choose explains better than a slip.
        next.sort_by_key(|one| one.departures.iter().filter(|one| one.is_mistake).count());
        next
    }

    /// The columns of the table that may be this one of the form.
    fn targets(&self, column: usize) -> Vec<Source> {
        let sheet = &self.form.sheet;
        let free = (0..self.used.len()).filter(|at| !self.used[*at]);
        let mut targets: Vec<Source> = free.map(Source::of).collect();
        for (weight, source) in sheet.weights.iter().zip(&self.given.known.weights) {
            if weight.next == column {
                // The row below starts with the new weight, where no column of its own holds it.
                targets.push(Source { below: source.below + 1, ..*source });
            }
        }
        let group = sheet.columns[column].group;
        let id = &sheet.columns[column].id;
        match self.given.pins.iter().any(|(_, pinned)| pinned == id) {
            true => targets.retain(|one| self.given.pins.contains(&(one.column, id.clone()))),
            false => targets.retain(|one| self.given.pins.iter().all(|(at, _)| *at != one.column)),
        }
        // An error is as often y - y_pred.
        let is_odd = group == Group::Forward
            || self.may_negate && matches!(group, Group::Gradient | Group::State);
        if is_odd {
            let negative: Vec<Source> =
                targets.iter().map(|one| Source { sign: -1.0, ..*one }).collect();
            targets.extend(negative);
        }
        targets
    }

    /// Takes one of the targets for the form's `column` if it holds what `formula` gives.
    fn try_formula(&mut self, column: usize, formula: &Rewritten, targets: &Targets) -> bool {
        let open = self.open_inputs(&formula.formula, column);
        if open.len() > MOST_OPEN {
            return false;
        }
        let remembers = uses_above(&formula.formula, column);
        let choices: Vec<(usize, Vec<Constant>)> =
            open.iter().map(|input| (*input, self.constants(*input, &targets.all))).collect();
        let combinations: usize = choices.iter().map(|(_, choices)| choices.len()).product();
        let all: Vec<usize> = (0..targets.each.len()).collect();
        let is_found = combinations <= MOST_COMBINATIONS
            && self.try_numbers(&choices, targets, &all, &mut |matcher, using| {
                let using: Vec<Source> = using.iter().map(|at| targets.each[*at]).collect();
                matcher.given.spend(targets.each.len());
                let Some(target) = matcher.target_with(column, formula, &using, remembers) else {
                    return false;
                };
                matcher.places.columns[column] = Some(target);
                matcher.take(column, formula, target, &open);
                true
            });
        if !is_found {
            for input in open {
                self.places.inputs[input] = None;
            }
            self.places.columns[column] = None;
        }
        is_found
    }

    /// The target that holds what the formula gives with the numbers chosen.
    fn target_with(
        &mut self,
        column: usize,
        formula: &Rewritten,
        targets: &[Source],
        remembers: bool,
    ) -> Option<Source> {
        if remembers {
            // What a state was is part of what it is: each target gives another number.
            return targets.iter().copied().find(|target| {
                self.places.columns[column] = Some(*target);
                self.may_hold(&[*target], formula).next().is_some() && self.holds(formula, *target)
            });
        }
        self.places.columns[column] = None;
        let likely: Vec<Source> = self.may_hold(targets, formula).collect();
        likely.into_iter().find(|target| self.holds(formula, *target))
    }

    /// The targets that hold what the formula gives at one point, or, since a sheet's own numbers
    /// may be wrong, at one of three.
    fn may_hold<'t>(
        &self,
        targets: &'t [Source],
        formula: &Rewritten,
    ) -> impl Iterator<Item = Source> + use<'t> {
        let tried = if self.given.trials.len() > 1 { 1 } else { 3 };
        let points = self.points.iter().take(tried);
        let expected: Vec<(f64, Vec<f64>)> = points
            .map(|&(trial, row)| {
                let trial = &self.given.trials[trial];
                let forced = Forced::new(self.form, &self.places, trial);
                let found = targets.iter().map(|target| target.at(trial, row)).collect();
                (forced.evaluate(&formula.formula, row), found)
            })
            .collect();
        targets.iter().enumerate().filter_map(move |(index, target)| {
            let likely = expected.iter().any(|(expected, found)| {
                let found = found[index];
                expected.is_nan() || found.is_nan() || same(*expected, found)
            });
            likely.then_some(*target)
        })
    }

    fn take(&mut self, column: usize, formula: &Rewritten, target: Source, open: &[usize]) {
        self.used[target.column] = true;
        let departures: Vec<Departure> =
            formula.departures.iter().map(|one| self.weighed(one.clone())).collect();
        let has_slip = departures.iter().any(|one| one.is_mistake);
        let right = if has_slip { &formula.right } else { &formula.formula };
        self.places.formulas[column] = right.clone();
        let hand = &self.given.machine.columns[target.column];
        self.places.is_given[column] = uses_above(right, column)
            && target.below == 0
            && hand.before.is_none()
            && hand.starts_without_samples();
        self.departures.extend(departures.into_iter().map(|departure| (column, departure)));
        for &input in open {
            let one = &self.form.sheet.inputs[input];
            if let Some(Constant::Absent(nothing)) = self.places.inputs[input]
                && one.value != nothing
            {
                let text = format!("has no {}", one.id);
                self.departures.push((column, Departure::choice(text)));
            }
        }
    }

    /// Whether the target holds what the formula gives at all points.
    fn holds(&self, formula: &Rewritten, target: Source) -> bool {
        let forced: Vec<Forced> = self
            .given
            .trials
            .iter()
            .map(|trial| Forced::new(self.form, &self.places, trial))
            .collect();
        // A first row with a formula of its own starts from something that it does not say.
        let starts = self.given.machine.columns[target.column].first.is_some() && target.below == 0;
        let expected = |trial: usize, row| match starts && row == 0 {
            true => f64::NAN,
            false => forced[trial].evaluate(&formula.formula, row),
        };
        let found = |trial: usize, row| match starts && row == 0 {
            true => f64::NAN,
            false => target.at(&self.given.trials[trial], row),
        };
        agree(self.given.trials, &self.points, expected, found)
    }

    fn finish(self) -> Fit {
        let unexplained = (0..self.used.len())
            .filter(|&at| !self.used[at] && self.given.machine.columns[at].pattern.is_some());
        Fit { unexplained: unexplained.collect(), departures: self.departures, places: self.places }
    }
}

/// Whether the formula looks at `column` in the row above.
fn uses_above(formula: &Expr<Ref>, column: usize) -> bool {
    formula.has_name(|name| *name == Ref::Above(column))
}
