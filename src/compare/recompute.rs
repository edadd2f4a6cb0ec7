//! What a table should hold: the form that it follows, run on its own samples from its own start.

use super::agree::same;
use super::forced::{Forced, Source};
use super::form::Form;
use super::invented::Trial;
use super::machine::Machine;
use super::matching::Fit;
use crate::formula::Expr;

/// A run of a form over the samples of a table.
#[derive(Debug)]
pub(super) struct Recomputed<'a> {
    /// The form with the formulas that the table chose, and its start values.
    pub form: Form<'a>,
    /// The values of each column of the form, row by row; NaN where there is none.
    pub columns: Vec<Vec<f64>>,
    /// What the weights and states start from: the form's column and the number.
    pub starts: Vec<(usize, f64)>,
}

/// Runs `form`, as it fits the table, over the numbers of the table.
pub(super) fn recompute<'a>(
    machine: &Machine,
    form: &Form<'a>,
    fit: &Fit,
    real: &Trial,
) -> Recomputed<'a> {
    let starts = starts(machine, form, fit, real);
    run_from(form, fit, real, starts)
}

/// Runs `form`, as it fits the table, over the samples of the table from other `starts`.
pub(super) fn run_from<'a>(
    form: &Form<'a>,
    fit: &Fit,
    real: &Trial,
    starts: Vec<(usize, f64)>,
) -> Recomputed<'a> {
    let mut form = form.clone();
    for (column, start) in &starts {
        form.sheet.columns[*column].initial = Some(Expr::Number(*start));
    }
    for (column, formula) in form.sheet.columns.iter_mut().zip(&fit.places.formulas) {
        column.formula = formula.clone();
    }
    let forced = Forced::run(&form, &fit.places, real);
    let mut columns = vec![Vec::with_capacity(real.rows()); form.sheet.columns.len()];
    for row in 0..real.rows() as isize {
        for (index, column) in columns.iter_mut().enumerate() {
            column.push(forced.value(index, row));
        }
    }
    drop(forced);
    Recomputed { form, columns, starts }
}

/// What the new weights and the states were before the first row.
fn starts(machine: &Machine, form: &Form, fit: &Fit, real: &Trial) -> Vec<(usize, f64)> {
    let sheet = &form.sheet;
    let weights = sheet.weights.iter().filter_map(|weight| {
        let source = fit.places.columns[weight.current]?;
        Some((weight.next, source.at(real, 0)))
    });
    let states = (0..sheet.columns.len()).filter(|&at| form.may_show(at) && form.remembers(at));
    let states = states.filter_map(|column| {
        let source = fit.places.columns[column]?;
        Some((column, start_of(machine, form, fit, real, column, source)?))
    });
    weights.chain(states).collect()
}

/// The state before the first row that gives what the first row holds.
fn start_of(
    machine: &Machine,
    form: &Form,
    fit: &Fit,
    real: &Trial,
    column: usize,
    source: Source,
) -> Option<f64> {
    let hand = &machine.columns[source.column];
    if fit.places.is_given[column] {
        return Some(source.at(real, 0));
    }
    let before = source.sign * real.before[source.column];
    if hand.first.is_none() && !before.is_nan() {
        return Some(before);
    }
    if fit.is_slipped(column) {
        // What is wrong in every row is wrong in the first, which then says nothing of the start.
        return None;
    }
    let found = source.at(real, 0);
    let with = |start: f64| {
        let mut first = Trial {
            first: 0,
            fixed: real.fixed.clone(),
            before: real.before.clone(),
            values: real.values.iter().map(|values| values[..1].to_vec()).collect(),
        };
        first.before[source.column] = source.sign * start;
        Forced::new(form, &fit.places, &first).evaluate(&fit.places.formulas[column], 0)
    };
    // States are averages or sums: linear in what they were.
    let (at_zero, at_one) = (with(0.0), with(1.0));
    if found.is_nan() || at_zero.is_nan() || same(at_zero, found) {
        return Some(0.0).filter(|_| !found.is_nan());
    }
    let start = (found - at_zero) / (at_one - at_zero);
    (start.is_finite() && same(with(start), found)).then_some(start)
}
