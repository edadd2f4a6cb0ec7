//! Which optimizer a table computes, in whose form, and what it does otherwise.

use super::form::{Form, forms};
use super::invented::{counts, trials};
use super::machine::Machine;
use super::matching::{self, Fit, Given, Known};
use super::named::{self, Bound};
use super::rewrite::Departure;
use super::roles;
use super::settings::Settings;
use crate::error::Result;
use crate::optimizer::{Definition, Registry};
use crate::threads;
use crate::watch;

/// The form that explains a table best.
#[derive(Debug)]
pub(super) struct Recognized<'a> {
    /// The form; none where the update is no known optimizer's.
    pub form: Option<Form<'a>>,
    /// Where its columns stand, and what is done otherwise.
    pub fit: Fit,
    /// How the table departs from the optimizer's textbook form, where the form is a variant of it.
    pub from_textbook: Vec<Departure>,
    /// The form that has nothing but what all forms have.
    pub common: Form<'a>,
    /// The column that counts the rows from 0, where the form counts them from 1 and only that
    /// stands in the way of its numbers.
    pub counts_from_zero: Option<usize>,
}

/// Finds the form that explains the table best, among those that the `settings` allow; none where
/// no columns are found that are samples and weights of a line.
///
/// # Errors
/// A mistake in a definition.
pub(super) fn recognize<'a>(
    machine: &Machine,
    registry: &'a Registry,
    settings: &Settings,
) -> Result<Option<Recognized<'a>>> {
    let pins = settings.pins(machine);
    let decays = named::decays(machine);
    let shifted = from_one(machine);
    let search = |machine: &Machine, bound: &[_], most| {
        recognized(machine, registry, settings, (&pins, bound), most)
    };
    let mut found = search(machine, &[], CHANGES.len())?;
    // Only where nothing fits: what labels say goes before what formulas refer to.
    if !is_known(&found) && !decays.is_empty() {
        found = known(search(machine, &decays, 3)?).or(found);
    }
    if !is_known(&found)
        && let Some((counter, machine)) = shifted
    {
        let other = known(search(&machine, &[], 2)?);
        found = other.map(|one| Recognized { counts_from_zero: Some(counter), ..one }).or(found);
    }
    Ok(found)
}

fn is_known(found: &Option<Recognized>) -> bool {
    found.as_ref().is_some_and(|one| one.form.is_some())
}

fn known<'a>(found: Option<Recognized<'a>>) -> Option<Recognized<'a>> {
    found.filter(|one| one.form.is_some())
}

/// The machine as it would be if it counted its rows from 1, and the column that counts them from
/// 0, where that leads to cells without a number.
fn from_one(machine: &Machine) -> Option<(usize, Machine)> {
    let lacks = machine.columns.iter().any(|column| {
        column.pattern.is_some() && column.values.first().is_some_and(Option::is_none)
    });
    let counter = machine
        .columns
        .iter()
        .position(|column| column.values.first() == Some(&Some(0.0)) && counts(&column.values));
    let counter = counter.filter(|_| lacks)?;
    let mut shifted = machine.clone();
    for value in shifted.columns[counter].values.iter_mut().flatten() {
        *value += 1.0;
    }
    Some((counter, shifted))
}

/// The same with hyperparameters that are `bound` to certain cells, with the `most` first counts of
/// [`CHANGES`].
fn recognized<'a>(
    machine: &Machine,
    registry: &'a Registry,
    settings: &Settings,
    (pins, bound): (&[(usize, String)], &[Bound]),
    most: usize,
) -> Result<Option<Recognized<'a>>> {
    let trials = trials(machine);
    let Some(roles) = roles::find(machine, &trials, pins) else { return Ok(None) };
    let mut forms = forms(registry, &|one| Form::new(one, machine.rows.len()))?;
    if let Some(label) = &settings.optimizer {
        let is_meant = |one: &Definition| one.label() == *label || one.name == *label;
        forms.retain(|form| is_meant(form.definition));
    }
    let common = Form::new(registry.find(PLAINEST)?, machine.rows.len())?;
    let known =
        Known { data: vec![("x", roles.x), ("y", roles.y)], weights: vec![roles.a, roles.b] };
    let given = Given {
        machine,
        trials: &trials,
        known: &known,
        pins,
        set: &settings.set,
        bound,
        may_share_decays: true,
        left: None,
    };
    let forward = forward(given, &common);
    let textbook = |name: &str| Form::new(registry.find(name)?, machine.rows.len());
    let search = Search { given, common, forward, textbook: &textbook };
    Ok(Some(search.recognized(forms, most)?))
}

/// What the columns that all forms have may be, the likeliest first: with gradients as the form has
/// them, with gradients of any sign, and each with an error that serves as a gradient.
fn forward(given: Given, common: &Form) -> Vec<Fit> {
    let mut forward = vec![matching::forward(given, common, false)];
    let negated = matching::forward(given, common, true);
    if negated.places.columns != forward[0].places.columns {
        forward.push(negated);
    }
    let bare = forward.iter().filter_map(|fit| matching::bare(given, common, fit));
    let bare: Vec<Fit> = bare.collect();
    forward.into_iter().chain(bare).collect()
}

/// The optimizer whose form has nothing but the columns that all forms have.
pub(super) const PLAINEST: &str = "sgd";

/// How many changes to a formula are tried, one after the other.
const CHANGES: [usize; 4] = [0, 1, 2, 3];

/// The search for the form that explains a table.
pub(super) struct Search<'s, 'a> {
    pub given: Given<'s>,
    /// The form that has nothing but what all forms have.
    pub common: Form<'a>,
    /// What the columns that all forms have may be.
    pub forward: Vec<Fit>,
    /// The textbook form of an optimizer.
    pub textbook: &'s (dyn Fn(&str) -> Result<Form<'a>> + Sync),
}

impl<'a> Search<'_, 'a> {
    /// The best of the forms, with the `most` first counts of [`CHANGES`].
    ///
    /// # Errors
    /// A mistake in a definition.
    pub fn recognized(self, mut forms: Vec<Form<'a>>, most: usize) -> Result<Recognized<'a>> {
        leave_out_twins(&mut forms);
        // Few changes explain better than many, so they are tried first for all forms.
        let best = CHANGES[..most].iter().find_map(|changes| self.best(&forms, *changes));
        let (form, fit) = match best {
            Some((index, fit)) => (Some(forms.swap_remove(index)), fit),
            None => (None, self.forward[0].clone()),
        };
        let from_textbook = match &form {
            Some(form) if form.definition.variant.is_some() => self.beside_textbook(form)?,
            _ => Vec::new(),
        };
        Ok(Recognized { form, fit, from_textbook, common: self.common, counts_from_zero: None })
    }

    /// Each of [`Search::forward`], with states of the form's own signs and of any.
    fn signs(&self) -> impl Iterator<Item = (usize, bool)> {
        (0..self.forward.len()).flat_map(|forward| [(forward, false), (forward, true)])
    }

    /// How the form fits with the fewest slips, whatever signs gradients and states have.
    fn fit(&self, form: &Form, changes: usize) -> Option<Fit> {
        let fits = self.signs().filter_map(|signs| self.fit_with(form, changes, signs));
        fits.min_by_key(Fit::cost)
    }

    fn fit_with(&self, form: &Form, changes: usize, signs: (usize, bool)) -> Option<Fit> {
        watch::look();
        let (forward, may_negate) = signs;
        let forward = (&self.common, &self.forward[forward]);
        matching::fit(self.given, forward, form, changes, may_negate)
    }

    /// The form with the lowest cost; of equals the textbook form, else the first. Other signs are
    /// thought of only where the form's own lead to nothing but slips.
    fn best(&self, forms: &[Form], changes: usize) -> Option<(usize, Fit)> {
        let mut best: Option<((usize, bool, usize), Fit)> = None;
        // What is left for a form to try must not depend on which is faster.
        let threads = if self.given.left.is_some() { 1 } else { threads::cores() };
        for signs in self.signs() {
            let fits = threads::map(forms, threads, |form| self.fit_with(form, changes, signs));
            let fits = fits.into_iter().enumerate().filter_map(|(index, fit)| {
                let (fit, is_variant) = (fit?, forms[index].definition.variant.is_some());
                Some(((fit.cost(), is_variant, index), fit))
            });
            best = best.into_iter().chain(fits).min_by_key(|(key, _)| *key);
            if best.as_ref().is_some_and(|(_, fit)| !fit.has_slip()) {
                break;
            }
        }
        best.map(|((_, _, index), fit)| (index, fit.without_lone_factors(&forms[index])))
    }

    /// What the textbook form would have to do otherwise; what the variant says of itself where no
    /// few changes lead there.
    fn beside_textbook(&self, form: &Form) -> Result<Vec<Departure>> {
        let textbook = (self.textbook)(&form.definition.name)?;
        let fit = CHANGES.iter().find_map(|changes| self.fit(&textbook, *changes));
        let fit =
            fit.filter(|fit| fit.departures.iter().all(|(_, departure)| !departure.is_mistake));
        let note = || {
            let text = form.definition.note.clone();
            vec![Departure { is_note: true, ..Departure::choice(text) }]
        };
        Ok(fit.map_or_else(note, |fit| each_once(&fit.departures)))
    }
}

/// Leaves out the variants that are an earlier form with other defaults: nobody can tell them apart.
fn leave_out_twins(forms: &mut Vec<Form>) {
    let is_twin = |one: &Form, other: &Form| {
        let starts = |form: &Form| -> Vec<_> {
            form.definition.columns.iter().map(|column| column.start.clone()).collect()
        };
        one.sheet.rule == other.sheet.rule && starts(one) == starts(other)
    };
    let mut at = 0;
    while at < forms.len() {
        let (earlier, later) = forms.split_at(at);
        let is_variant = later[0].definition.variant.is_some();
        match is_variant && earlier.iter().any(|one| is_twin(one, &later[0])) {
            true => drop(forms.remove(at)),
            false => at += 1,
        }
    }
}

/// The departures without their columns; what is done to both weights is said once.
pub(super) fn each_once(departures: &[(usize, Departure)]) -> Vec<Departure> {
    let mut once: Vec<Departure> = Vec::new();
    for (_, departure) in departures {
        if !once.contains(departure) {
            once.push(departure.clone());
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::machine::{Fixed, HandColumn, Leaf};
    use crate::formula::{evaluate, parse};
    use crate::optimizer::registry;
    use crate::sheet::{Group, Ref, Sheet};
    use crate::value::Value;

    /// The sheet of a form as a machine, without the columns that `leaves_out` names.
    fn machine_of(sheet: &Sheet, leaves_out: &dyn Fn(usize) -> bool) -> Machine {
        let shown: Vec<usize> = (0..sheet.columns.len()).filter(|at| !leaves_out(*at)).collect();
        let place = |column: usize| shown.iter().position(|at| *at == column);
        // A column that is not shown is written out where it is used.
        fn write(
            sheet: &Sheet,
            formula: &crate::formula::Expr<Ref>,
            place: &dyn Fn(usize) -> Option<usize>,
        ) -> crate::formula::Expr<Leaf> {
            let written: std::result::Result<_, std::convert::Infallible> =
                formula.substitute(&mut |name| {
                    Ok(match *name {
                        Ref::Column(column) => match place(column) {
                            Some(at) => crate::formula::Expr::Name(Leaf::Column(at)),
                            None => write(sheet, &sheet.columns[column].formula, place),
                        },
                        Ref::Above(column) => {
                            crate::formula::Expr::Name(Leaf::Above(place(column).unwrap()))
                        }
                        Ref::Input(input) => crate::formula::Expr::Name(Leaf::Fixed(input)),
                        Ref::Data(_) | Ref::Order => panic!("a data column is given"),
                    })
                });
            let Ok(written) = written;
            written
        }
        let inputs: Vec<Value> = sheet.inputs.iter().map(|one| Value::number(one.value)).collect();
        let columns = shown.iter().map(|&at| {
            let column = &sheet.columns[at];
            let is_data = matches!(column.formula, crate::formula::Expr::Name(Ref::Data(_)));
            let initial = column.initial.as_ref().map(|initial| {
                let value = evaluate(initial, &|name| match name {
                    Ref::Input(input) => inputs[*input],
                    _ => Value::ZERO,
                });
                value.get().unwrap()
            });
            let number = |row: usize| ((row * 37 + at * 11) % 23) as f64 + 0.5;
            let is_step = at == sheet.row;
            HandColumn {
                header: Some(format!("column {at}")),
                column: at as u32,
                pattern: (!is_data).then(|| write(sheet, &column.formula, &place)),
                first: None,
                values: (0..12)
                    .map(|row| Some(if is_step { row as f64 + 1.0 } else { number(row) }))
                    .collect(),
                before: initial,
            }
        });
        let fixed = sheet.inputs.iter().map(|input| Fixed {
            cell: input.id.clone(),
            label: None,
            value: input.value,
            formula: None,
            is_used: true,
        });
        Machine { columns: columns.collect(), fixed: fixed.collect(), rows: (0..12).collect() }
    }

    fn recognized(machine: &Machine) -> Option<Recognized<'static>> {
        recognize(machine, registry().unwrap(), &Settings::default()).unwrap()
    }

    fn every_form() -> Vec<Form<'static>> {
        forms(registry().unwrap(), &|one| Form::new(one, 12)).unwrap()
    }

    /// Forms whose formulas are the same, written otherwise: w·(1 − lr·λ) − … and w − lr·(… + λ·w).
    const SAME: [[&str; 2]; 1] = [["adamw:pytorch", "adamw"]];

    /// Whether nobody can tell two forms apart: they differ in their defaults at most.
    fn is_same_form(one: &Form, other: &Form) -> bool {
        let labels = [one.definition.label(), other.definition.label()];
        one.sheet.rule == other.sheet.rule || SAME.iter().any(|same| labels == *same)
    }

    /// What is wrong with how the form was recognized.
    fn complaint(form: &Form, found: &Recognized) -> Option<String> {
        let wanted = form.definition.label();
        let Some(known) = &found.form else { return Some(format!("{wanted} is not recognized")) };
        let label = known.definition.label();
        let departures = &found.fit.departures;
        let fits = wanted == label || is_same_form(form, known);
        let complaint = || format!("{wanted} as {label}: {departures:?}");
        (!fits || !departures.is_empty()).then(complaint)
    }

    fn complaints(leaves_out: &dyn Fn(&Form, usize) -> bool) -> Vec<String> {
        let each = every_form().into_iter().filter_map(|form| {
            let machine = machine_of(&form.sheet, &|column| leaves_out(&form, column));
            match recognized(&machine) {
                Some(found) => complaint(&form, &found),
                None => Some(format!("{}: no samples and weights", form.definition.label())),
            }
        });
        each.collect()
    }

    #[test]
    fn every_form_is_recognized_in_its_own_sheet() {
        assert_eq!(complaints(&|_, _| false), [""; 0]);
    }

    #[test]
    fn every_form_is_recognized_without_the_columns_that_a_table_may_leave_out() {
        let leaves_out = |form: &Form, at: usize| {
            let column = &form.sheet.columns[at];
            match column.group {
                Group::Check | Group::Circuit => true,
                Group::Forward => column.id != "y_pred",
                Group::State => column.initial.is_none(),
                _ => false,
            }
        };
        assert_eq!(complaints(&leaves_out), [""; 0]);
    }

    #[test]
    fn a_table_of_something_else_is_nothing() {
        let column = |formula: Option<&str>| HandColumn {
            header: None,
            column: 0,
            pattern: formula.map(|text| {
                parse(text).unwrap().rename(|name| match name.previous {
                    true => Leaf::Above(0),
                    false => Leaf::Column(1),
                })
            }),
            first: None,
            values: vec![Some(1.0); 5],
            before: Some(0.0),
        };
        let columns = vec![column(Some("prev.s + v")), column(None)];
        let machine = Machine { columns, fixed: Vec::new(), rows: (0..5).collect() };
        assert!(recognized(&machine).is_none());
    }
}
