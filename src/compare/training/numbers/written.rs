//! The rule of numbers as a definition.

use super::{Pair, Series};
use crate::compare::training::optimizer::{Fault, Written};
use crate::compare::training::result::Optimizer;
use crate::optimizer::{Definition, find};

/// The rule of numbers as a definition: that of the known optimizer, with these settings.
pub(in crate::compare::training) fn written(
    series: &[Series],
    pairs: &[Pair],
    optimizer: &Optimizer,
    settings: &[(&str, f64)],
) -> Result<Written, Fault> {
    let cells = &series[pairs[0].weight].cells;
    let cell = cells.get(1).copied().unwrap_or(cells[0]);
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
        if let Some((_, value)) = settings.iter().find(|(name, _)| *name == hyper.name) {
            (hyper.default, hyper.source) = (*value, "the numbers".to_owned());
        }
    }
    Ok(Written { definition, cell, states: Vec::new(), nearest: None })
}
