//! What a sheet does otherwise than its optimizer's textbook form.

use super::Compared;
use crate::compare::agree::same;
use crate::compare::machine::Leaf;
use crate::compare::recognize::each_once;
use crate::compare::result::{Finding, Kind};
use crate::compare::rewrite::Departure;
use crate::compare::words::shown;
use crate::formula::evaluate;
use crate::sheet::{Group, Ref};
use crate::value::Value;

impl Compared<'_> {
    /// What the table does otherwise than the textbook, mistakes left out, each with the columns of
    /// the form that it is about, where these are known.
    pub(super) fn departures(&self) -> Vec<(Departure, Vec<usize>)> {
        let starts = self.starts();
        let found = self.recognized.fit.departures.iter().chain(&starts).cloned();
        let found: Vec<(usize, Departure)> = found.filter(|(_, one)| !one.is_mistake).collect();
        let mut all = self.recognized.from_textbook.clone();
        // What departs from a variant may be the textbook's own way.
        let from_form = if self.is_told_from_textbook() { &starts } else { &found };
        for departure in each_once(from_form) {
            if !all.contains(&departure) {
                all.push(departure);
            }
        }
        let columns = |departure: &Departure| {
            found
                .iter()
                .filter(|(_, known)| known == departure)
                .map(|(column, _)| *column)
                .collect()
        };
        all.into_iter().map(|one| (one.clone(), columns(&one))).collect()
    }

    /// Whether all that a variant's table does otherwise than the textbook is known one by one.
    fn is_told_from_textbook(&self) -> bool {
        let form = self.recognized.form.as_ref();
        form.is_some_and(|form| form.definition.variant.is_some())
            && self.recognized.from_textbook.iter().all(|departure| !departure.is_note)
    }

    /// States that start from something else than the form says.
    fn starts(&self) -> Vec<(usize, Departure)> {
        let Some(form) = &self.recognized.form else { return Vec::new() };
        let columns = &form.sheet.columns;
        let first = |column: usize| self.run.columns[column].first().copied().unwrap_or(f64::NAN);
        let told = self.run.starts.iter().filter_map(|(column, start)| {
            let initial = columns[*column].initial.as_ref()?;
            let usual = evaluate(initial, &|name| match *name {
                Ref::Input(input) => Value::number(self.places().input(form, self.real, input)),
                _ => Value::ZERO,
            });
            let usual = usual.get().unwrap_or(f64::NAN);
            let header = &columns[*column].header;
            if self.places().is_given[*column] {
                let text = format!(
                    "starts {header} with {} in the first row: the first sample's gradient does \
                     not go into it",
                    shown(*start)
                );
                return Some((*column, Departure::choice(text)));
            }
            if columns[*column].group != Group::State || same(usual, *start) {
                return None;
            }
            let weights = form.sheet.weights.iter();
            let gradients: Vec<f64> = weights.map(|weight| first(weight.gradient)).collect();
            let is = |power: i32| gradients.iter().any(|one| same(one.powi(power), *start));
            let from = match (is(1), is(2)) {
                (true, _) => "the first gradient".to_owned(),
                (_, true) => "the first squared gradient".to_owned(),
                _ => "a state that was carried over".to_owned(),
            };
            let text = format!("starts {header} from {from}");
            Some((*column, Departure::choice(text)))
        });
        told.collect()
    }

    /// The first cell of the table's column that is the form's `column`.
    fn first_cell(&self, column: usize) -> Option<String> {
        let source = self.places().columns[column]?;
        Some(format!("{}!{}", self.sheet.name, self.words().cell(source.column, 0)))
    }

    /// Whether the table computes the form's `column` from one of `others`.
    fn follows_any(&self, column: usize, others: &[usize]) -> bool {
        let place = |column: usize| self.places().columns[column].map(|source| source.column);
        let others: Vec<Option<usize>> = others.iter().map(|other| place(*other)).collect();
        let hand = place(column).map(|hand| &self.table.machine.columns[hand]);
        let pattern = hand.and_then(|hand| hand.pattern.as_ref());
        pattern.is_some_and(|pattern| {
            pattern.has_name(
                |leaf| matches!(leaf, Leaf::Column(other) if others.contains(&Some(*other))),
            )
        })
    }

    /// The findings that tell the departures.
    pub(super) fn variants(&self, departures: &[(Departure, Vec<usize>)]) -> Vec<Finding> {
        let Some(form) = &self.recognized.form else { return Vec::new() };
        let update = form.sheet.weights.first().map(|weight| weight.next);
        let told = departures.iter().map(|(departure, columns)| {
            // A column that is computed from another such column only follows it.
            let own = columns.iter().find(|one| !self.follows_any(**one, columns));
            let column = own.or(columns.first()).copied().or(update);
            let cell = column.and_then(|column| self.first_cell(column));
            let text = &departure.text;
            let message = match departure.is_note {
                true => format!("this is {}: {text}", form.sheet.title),
                false => format!("the sheet {text}, unlike the textbook's {}", self.textbook),
            };
            Finding::new(Kind::Variant, cell.unwrap_or_else(|| self.sheet.name.clone()), message)
        });
        told.collect()
    }
}
