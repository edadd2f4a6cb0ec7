//! Results in the file that the formulas do not give: the sheet was changed and not calculated again.

use super::{CellId, ErrorValue, Graph, Scalar, Values};

/// How far a result may be off, relative to it and to the largest number that went into it.
const TOLERANCE: f64 = 1e-9;
const ROUNDING: f64 = 1e-12;

impl Graph {
    /// The cells whose stored results are others than their formulas give with the stored values of
    /// what they refer to, each with what it should be, in the order of the cells.
    ///
    /// Beyond rounding, that is. Random numbers are never stale, nor is what cannot be evaluated.
    pub fn stale(&self) -> Vec<(CellId, Scalar)> {
        let stored = self.stored_values();
        let found = self.cells().filter_map(|id| {
            let is = self.stored(id)?;
            let should = self.computed(id, &stored)?.scalar();
            self.is_other(id, is, should, &stored).then_some((id, should))
        });
        found.collect()
    }

    fn is_other(&self, id: CellId, is: Scalar, should: Scalar, stored: &Values) -> bool {
        match (is, should) {
            (Scalar::Number(is), Scalar::Number(should)) => {
                let size = is.abs().max(should.abs());
                (is - should).abs() > TOLERANCE * size + ROUNDING * self.largest_input(id, stored)
            }
            (Scalar::Error(_), Scalar::Number(_)) => true,
            // Programs differ in what gives #NUM!, such as 0^0.
            (Scalar::Number(_), Scalar::Error(error)) => error != ErrorValue::Number,
            _ => false,
        }
    }

    fn largest_input(&self, id: CellId, values: &Values) -> f64 {
        let numbers = self.inputs(id).iter().filter_map(|input| values.number(*input));
        numbers.fold(1.0, |most, number| number.abs().max(most))
    }
}
