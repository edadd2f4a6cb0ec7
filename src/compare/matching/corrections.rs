//! What is chosen for one and forgotten for the other: bias corrections of moments, factors of gradients.

use super::Fit;
use crate::compare::corrections::uncorrected_words;
use crate::compare::form::Form;
use crate::compare::rewrite::{Departure, is_factor};
use crate::formula::Expr;
use crate::sheet::{Group, Ref};

impl Fit {
    /// Takes it for a slip that the new weights use one moment with its bias correction and another
    /// without: nobody chooses that.
    pub fn blame_lone_corrections(&mut self, form: &Form) {
        let corrected = (0..form.sheet.columns.len())
            .filter_map(|column| Some((column, form.corrects(column)?)));
        let mut corrected: Vec<(usize, usize)> = corrected.collect();
        let lacks = |departures: &[(usize, Departure)], raw| {
            let is_update = |at: usize| form.sheet.columns[at].group == Group::Update;
            departures
                .iter()
                .position(|(at, one)| is_update(*at) && one.text == uncorrected_words(form, raw))
        };
        let all = corrected.len();
        corrected.retain(|(_, raw)| lacks(&self.departures, *raw).is_some());
        if corrected.len() == all {
            return;
        }
        for (column, raw) in corrected {
            let Some(at) = lacks(&self.departures, raw) else { continue };
            let (of, departure) = &mut self.departures[at];
            departure.is_mistake = true;
            self.places.formulas[*of] = self.places.formulas[*of].map(&|part| {
                (*part == Expr::Name(Ref::Column(raw))).then_some(Expr::Name(Ref::Column(column)))
            });
        }
    }

    /// Takes it for a slip that the gradient of one weight is scaled otherwise than that of the others: they
    /// are of one loss.
    pub fn without_lone_factors(mut self, form: &Form) -> Fit {
        let weights = &form.sheet.weights;
        let scaled = |departures: &[(usize, Departure)], text: &str| {
            let has = |column: usize| {
                departures.iter().any(|(at, one)| *at == column && one.text == text)
            };
            weights.iter().filter(|one| has(one.gradient)).count()
        };
        for at in 0..self.departures.len() {
            let (column, departure) = &self.departures[at];
            let column = *column;
            let is_alone = self.departures.iter().filter(|(of, _)| *of == column).count() == 1;
            let is_gradient = weights.iter().any(|one| one.gradient == column);
            let count = scaled(&self.departures, &departure.text);
            let is_lone = is_gradient && is_alone && count < weights.len();
            if is_lone && !departure.is_mistake && is_factor(&departure.text) {
                self.departures[at].1.is_mistake = true;
                self.places.formulas[column] = form.sheet.columns[column].formula.clone();
            }
        }
        self
    }
}
