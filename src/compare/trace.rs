//! Sheets of gdtrace's own traces, whatever model, loss and way to train they are of.
//!
//! A trace says what its sheets were made from ([`Record`]). So the columns are found by their
//! headers and the inputs by their labels, and what they should hold is computed as for any table.

use super::forced::{Constant, Places, Source};
use super::form::Form;
use super::machine::Machine;
use super::matching::Fit;
use super::recognize::{PLAINEST, Recognized};
use super::rewrite::Departure;
use crate::error::Result;
use crate::optimizer::{Record, Registry};

/// The sheet called `name` of a trace as its record says that it was made; none where it has other
/// columns, or where the record or the registry does not know it.
///
/// # Errors
/// A record that cannot have been written by a run.
pub(super) fn recognize<'a>(
    machine: &Machine,
    (record, name): (&Record, &str),
    registry: &'a Registry,
) -> Result<Option<Recognized<'a>>> {
    let Some((definition, sheet)) = record.sheet(name, registry)? else { return Ok(None) };
    let training = sheet.training.iter().map(|words| format!("trains with {words}"));
    let model = (!record.is_line()).then(|| format!("has the model {}", sheet.model.equation));
    let loss = (!record.is_squared()).then(|| format!("has the loss {}", record.loss));
    let from_textbook = training.chain(model).chain(loss).map(Departure::choice).collect();
    let form = Form::of(definition, sheet);
    let common = Form::new(registry.find(PLAINEST)?, machine.rows.len())?;
    let Some(fit) = fit(machine, &form) else { return Ok(None) };
    Ok(Some(Recognized { form: Some(form), fit, from_textbook, common, counts_from_zero: None }))
}

/// Where the columns and inputs of the form stand; none where one that a trace shows is missing.
fn fit(machine: &Machine, form: &Form) -> Option<Fit> {
    let mut places = Places::none(form);
    let mut used = vec![false; machine.columns.len()];
    for (index, column) in form.sheet.columns.iter().enumerate() {
        let at = (0..used.len()).find(|&at| {
            !used[at] && machine.columns[at].header.as_deref() == Some(column.header.as_str())
        })?;
        used[at] = true;
        places.columns[index] = Some(Source::of(at));
    }
    for (index, input) in form.sheet.inputs.iter().enumerate() {
        let labelled =
            machine.fixed.iter().position(|fixed| fixed.label.as_ref() == Some(&input.id));
        places.inputs[index] = labelled.map(Constant::Cell);
    }
    let unexplained = (0..used.len()).filter(|&at| !used[at]).collect();
    Some(Fit { places, departures: Vec::new(), unexplained })
}
