//! What is known of a table before its columns are looked for.

use super::{Fit, Matcher};
use crate::compare::forced::Source;
use crate::compare::form::Form;
use crate::compare::invented::counts;
use crate::compare::machine::Leaf;
use crate::formula::Expr;
use crate::sheet::Ref;

impl Matcher<'_> {
    pub(super) fn place_roles(&mut self) {
        let known = self.given.known;
        let sheet = &self.form.sheet;
        for (name, at) in &known.data {
            if let Some(column) = sheet.column(name) {
                self.places.columns[column] = Some(Source::of(*at));
                self.used[*at] = true;
            }
        }
        for (weight, source) in sheet.weights.iter().zip(&known.weights) {
            self.places.columns[weight.current] = Some(*source);
            self.used[source.column] |= source.below == 0;
        }
        if let Some(first) = self.first_step() {
            // A table may count its rows from 0: the step is counted from 1 all the same.
            self.places.steps_before = (first - 1.0).max(0.0);
        }
    }

    /// The number of the first row's step, as the column says that counts steps. Years and the
    /// numbers of samples count up too, but no other column is computed from them.
    fn first_step(&self) -> Option<f64> {
        let (machine, known) = (self.given.machine, self.given.known);
        let is_used = |at: usize| {
            let patterns = machine.columns.iter().enumerate().filter(|(other, _)| *other != at);
            let mut patterns = patterns.filter_map(|(_, column)| column.pattern.as_ref());
            patterns.any(|one| one.has_name(|leaf| *leaf == Leaf::Column(at)))
        };
        let has_formulas = self.given.trials.len() > 1;
        let counter = (0..machine.columns.len()).find(|at| {
            let is_data = known.data.iter().any(|(_, data)| data == at);
            !is_data && counts(&machine.columns[*at].values) && (!has_formulas || is_used(*at))
        });
        machine.columns[counter?].values.first().copied().flatten()
    }

    /// The new weights, where the weights are taken from them unchanged.
    pub(super) fn nexts(&self) -> Vec<(usize, Source)> {
        let weights = self.form.sheet.weights.iter().zip(self.given.known.weights.iter().copied());
        let nexts = weights.filter_map(|(weight, source)| {
            match self.given.machine.columns[source.column].pattern {
                Some(Expr::Name(Leaf::Above(new))) if source.below == 0 => {
                    Some((weight.next, Source::of(new)))
                }
                _ => None,
            }
        });
        nexts.collect()
    }

    /// What was found for the columns that all forms have, in the numbering of another form.
    pub(super) fn take_over(&mut self, common: &Form, forward: &Fit) {
        let (theirs, ours) = (&common.sheet, &self.form.sheet);
        let column = |at: usize| ours.column(&theirs.columns[at].id);
        let input = |at: usize| ours.input(&theirs.inputs[at].id);
        for at in 0..theirs.columns.len() {
            let Some(here) = column(at) else { continue };
            let Some(source) = forward.places.columns[at] else { continue };
            self.places.columns[here] = Some(source);
            self.used[source.column] |= source.below == 0;
        }
        for (at, departure) in &forward.departures {
            let Some(here) = column(*at) else { continue };
            self.departures.push((here, departure.clone()));
            self.places.formulas[here] = forward.places.formulas[*at].rename(|name| {
                let renamed = match *name {
                    Ref::Column(at) => column(at).map(Ref::Column),
                    Ref::Above(at) => column(at).map(Ref::Above),
                    Ref::Input(at) => input(at).map(Ref::Input),
                    Ref::Data(_) | Ref::Order => None,
                };
                renamed.unwrap_or(*name)
            });
        }
        for (at, constant) in forward.places.inputs.iter().enumerate() {
            if let (Some(constant), Some(here)) = (constant, input(at)) {
                self.places.inputs[here] = Some(*constant);
            }
        }
        self.places.steps_before = forward.places.steps_before;
    }
}
