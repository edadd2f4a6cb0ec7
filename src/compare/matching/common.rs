//! The columns that all forms have: prediction, error, loss, gradients.

use super::{Fit, Given, Matcher};
use crate::compare::form::Form;
use crate::compare::rewrite::{Departure, WITHOUT_FACTOR};
use crate::formula::{Expr, Operator};

/// How many changes, and whether slips are among them, from what explains best on.
const LEVELS: [(usize, bool); 5] = [(0, false), (1, false), (1, true), (2, false), (2, true)];

/// Where the part of a form stands that all forms have: prediction, error, loss, gradients. What is
/// found there holds for every form. `may_negate` allows gradients with the other sign, which is
/// right where the update adds them.
pub(in crate::compare) fn forward(given: Given, form: &Form, may_negate: bool) -> Fit {
    let mut matcher = Matcher::new(given, form, may_negate);
    matcher.place_roles();
    // Where a weight is just the cell of the row above, that cell is the new weight: a gradient
    // may use it by mistake before it is looked at.
    let nexts = matcher.nexts();
    for (column, source) in &nexts {
        matcher.places.columns[*column] = Some(*source);
    }
    let common: Vec<usize> =
        (0..form.sheet.columns.len()).filter(|at| form.is_common(*at)).collect();
    // What somebody chose for one column explains better than a slip in another: a column that is
    // both, such as an error that serves as the gradient, is first what it may be by choice.
    // What is found with a change may explain others without any: begin again with those.
    while LEVELS.iter().any(|(changes, may_slip)| {
        common.iter().any(|&column| {
            matcher.places.columns[column].is_none()
                && matcher.place(column, *changes..=*changes, *may_slip)
        })
    }) {}
    for (column, _) in nexts {
        matcher.places.columns[column] = None;
    }
    matcher.finish()
}

/// The same where the column that was taken for the error serves as the gradient of the intercept,
/// from which it differs by the factor 2 alone; none where there is another one, or where the
/// column is called an error.
pub(in crate::compare) fn bare(given: Given, form: &Form, forward: &Fit) -> Option<Fit> {
    let error = form.sheet.column("error")?;
    let gradient = form.sheet.weights.last()?.gradient;
    let source = forward.places.columns[error]?;
    let header = given.machine.columns[source.column].header.as_deref().unwrap_or_default();
    let is_called_so =
        ["err", "resid", "diff"].iter().any(|word| header.to_lowercase().contains(word));
    let is_pinned = given.pins.iter().any(|(at, _)| *at == source.column);
    if forward.places.columns[gradient].is_some() || is_called_so || is_pinned {
        return None;
    }
    let mut fit = forward.clone();
    fit.places.columns[error] = None;
    fit.places.columns[gradient] = Some(source);
    let formula = form.sheet.columns[gradient].formula.clone();
    fit.places.formulas[gradient] = formula.binary(Operator::Multiply, Expr::Number(0.5));
    fit.departures.push((gradient, Departure::choice(WITHOUT_FACTOR.to_owned())));
    Some(fit)
}
