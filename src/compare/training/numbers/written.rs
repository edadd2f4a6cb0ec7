//! The rule of numbers as a definition.

use crate::compare::training::optimizer::{Fault, Written};
use crate::compare::training::result::Optimizer;
use crate::graph::CellId;
use crate::optimizer::{Definition, find};

/// The rule of numbers as a definition: that of the known optimizer, with its settings; `cell` is an
/// update.
pub(in crate::compare::training) fn written(
    cell: CellId,
    optimizer: &Optimizer,
) -> Result<Written, Fault> {
    let fault = |what: String| Fault::new(Some(cell), what);
    if !optimizer.departures.is_empty() {
        let departures = optimizer.departures.join(", and ");
        return Err(fault(format!(
            "{} {departures}, and there is no formula to read",
            optimizer.title
        )));
    }
    let label = match &optimizer.variant {
        Some(variant) => format!("{}:{variant}", optimizer.name),
        None => optimizer.name.clone(),
    };
    let found = find(&label).map_err(|error| fault(error.what().to_owned()))?;
    let mut definition = Definition { variant: None, variants: Vec::new(), ..found.clone() };
    definition.translations.clear();
    for hyper in &mut definition.hyper {
        if let Some(own) = optimizer.settings.iter().find(|own| own.name == hyper.name) {
            (hyper.default, hyper.source) = (own.value, "the numbers".to_owned());
        }
    }
    Ok(Written { definition, cell, states: Vec::new(), nearest: None })
}
