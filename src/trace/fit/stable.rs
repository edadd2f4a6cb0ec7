//! The largest learning rate that is stable, for an optimizer whose definition says one.

use super::start;
use crate::data::Data;
use crate::formula::evaluate;
use crate::optimizer::Definition;
use crate::sheet::Sheet;
use crate::trace::curvature::Derivatives;
use crate::trace::data_columns;
use crate::trace::summary::each_sample;
use crate::value::Value;

/// The largest stable learning rate, and what makes it so small.
#[derive(Debug, Clone, PartialEq)]
pub struct Stable {
    /// The rate.
    pub largest: f64,
    /// The input that is largest in the steepest sample.
    pub input: String,
    /// Its value there.
    pub value: f64,
}

/// The largest rate of `definition` that is stable for every sample, by the curvature at the start
/// weights; none where the definition knows none, or the samples do not curve.
pub fn stable(definition: &Definition, sheet: &Sheet, data: &Data) -> Option<Stable> {
    let formula = definition.largest_lr.as_ref()?;
    let columns = data_columns(sheet, data).ok()?;
    let values = each_sample(sheet, &Derivatives::of(sheet).curvature, &columns, &start(sheet));
    let numbers = values.iter().enumerate().filter_map(|(at, value)| Some((at, value.get().ok()?)));
    let (steepest, curvature) = numbers.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    if curvature <= 0.0 {
        return None;
    }
    let value = evaluate(formula, &|name| match sheet.input(&name.id) {
        Some(input) => Value::number(sheet.inputs[input].value),
        None => Value::number(curvature),
    });
    let inputs = sheet.data.iter().zip(&columns).take(sheet.features());
    let inputs = inputs.map(|(name, column)| (name, column[steepest]));
    let (input, reached) =
        inputs.max_by(|(_, one), (_, other)| one.abs().total_cmp(&other.abs()))?;
    Some(Stable { largest: value.get().ok()?, input: input.clone(), value: reached })
}
