//! Bias corrections that are made for one moment and forgotten for the other.

use super::Fit;
use crate::compare::corrections::uncorrected_words;
use crate::compare::form::Form;
use crate::compare::rewrite::Departure;
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
}
