//! Hyperparameters that are exchanged: by their labels, or by their numbers.

use super::Followed;
use super::findings::finding;
use crate::compare::forced::Constant;
use crate::compare::named::exchanged;
use crate::compare::training::names;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::CellId;
use crate::value::number_text;

/// What is wrong with the cells of the hyperparameters.
pub(super) fn findings(followed: &Followed) -> Vec<Finding> {
    let labels = labels(followed);
    if labels.is_empty() { numbers(followed) } else { labels }
}

/// The cell that an input of the form is.
fn cell(followed: &Followed, input: usize) -> Option<CellId> {
    match followed.found.fit.places.inputs[input]? {
        Constant::Cell(at) => Some(followed.recurrence.fixed[at]),
        Constant::Typed(_) | Constant::Absent(_) => None,
    }
}

/// Cells that are labelled as another hyperparameter than they are.
fn labels(followed: &Followed) -> Vec<Finding> {
    let Some(form) = &followed.found.form else { return Vec::new() };
    let case = followed.recurrence.case;
    let inputs = &form.sheet.inputs;
    let ids: Vec<&str> = inputs.iter().map(|one| one.id.as_str()).collect();
    let cell = |input: usize| cell(followed, input);
    let label = |id: &CellId| names::own_label(case.ground.graph, *id);
    let found = exchanged(&ids, &cell, &label).into_iter().filter_map(|(input, _)| {
        let (id, one) = (cell(input)?, &inputs[input]);
        let message = format!(
            "{} is labelled {}, but the formulas use it as {} ({}).",
            case.address(id),
            label(&id)?,
            one.id,
            one.meaning,
        );
        let mut found = finding(case, Kind::Label, vec![id], 0, None, message);
        found.fix =
            Some(format!("let the formulas refer to {} instead, or mend the label", one.id));
        Some(found)
    });
    found.collect()
}

/// Two hyperparameters each with the number that is the other's usual one.
fn numbers(followed: &Followed) -> Vec<Finding> {
    let Some(form) = &followed.found.form else { return Vec::new() };
    let case = followed.recurrence.case;
    let inputs = &form.sheet.inputs;
    let held = |input: usize| {
        let cell = cell(followed, input)?;
        Some((cell, case.ground.graph.value(cell).number()?))
    };
    let pairs =
        (0..inputs.len()).flat_map(|one| (one + 1..inputs.len()).map(move |two| (one, two)));
    let found = pairs.filter_map(|(one, two)| {
        let ((first, found), (second, other)) = (held(one)?, held(two)?);
        let (one, two) = (&inputs[one], &inputs[two]);
        let is_exchanged = found == two.value && other == one.value && found != other;
        let message = format!(
            "{} is {} and {} is {}: each is the number that {} usually has for the other.",
            one.id,
            number_text(found),
            two.id,
            number_text(other),
            followed.title(),
        );
        is_exchanged.then(|| {
            let mut exchanged = finding(case, Kind::Value, vec![first], 0, None, message);
            exchanged.expected = Some(other);
            exchanged.fix = Some(format!(
                "exchange the numbers in {} and {}",
                case.address(first),
                case.address(second)
            ));
            exchanged
        })
    });
    found.collect()
}
