//! Which hyperparameters of one form of an optimizer give the steps of another.
//!
//! A definition says it for each variant and the textbook form; where the formulas are the same but
//! for names, that is found out. Between two variants the way goes through the textbook form.

use std::collections::BTreeMap;
use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::{Definition, same};
use crate::formula::{Comparison, Condition, Expr, Name, Operator, evaluate, simplify};
use crate::value::Value;

/// How well the steps of two forms agree when their hyperparameters are translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    /// The same steps, up to rounding.
    Exact,
    /// Steps that come together as t grows.
    Limit,
    /// Steps that differ by little, within a bound.
    Near,
    /// No settings give the same steps.
    None,
}

/// The settings of one form that give the steps of another, as formulas over those of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// A formula for each hyperparameter of the target, over those of the source and `n`.
    pub settings: Vec<(String, Expr<Name>)>,
    /// How well the steps agree.
    pub agreement: Agreement,
    /// What has to hold for the source's hyperparameters, or else the steps do not agree.
    pub when: Vec<Condition>,
    /// The most by which a step differs, relative to its size, over hyperparameters and columns.
    pub difference: Option<Expr<Name>>,
    /// Why, in a sentence or two.
    pub notes: Vec<String>,
}

/// A translation that a definition describes, from one form to another: the names of variants, or
/// `None` for the textbook form.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Where it starts.
    pub from: Option<String>,
    /// Where it ends.
    pub to: Option<String>,
    /// The settings.
    pub translation: Translation,
}

impl Translation {
    /// Every hyperparameter keeps its name and value: the way from a form to itself.
    pub fn identity(definition: &Definition) -> Self {
        let same = |name: &String| (name.clone(), Expr::Name(Name::here(name)));
        Translation {
            settings: definition.hyper.iter().map(|one| same(&one.name)).collect(),
            agreement: Agreement::Exact,
            when: Vec::new(),
            difference: None,
            notes: Vec::new(),
        }
    }

    /// The way on from where this one ends.
    pub fn then(&self, next: &Translation) -> Self {
        let through = |formula: &Expr<Name>| simplify(&self.substituted(formula));
        let settings = next.settings.iter();
        let settings = settings.map(|(name, formula)| (name.clone(), through(formula))).collect();
        let agreement = self.agreement.max(next.agreement);
        // Where no settings do, it matters only why.
        let said = [self, next].into_iter();
        let said = said.filter(|one| agreement != Agreement::None || one.agreement == agreement);
        let mut notes: Vec<String> = said.flat_map(|one| one.notes.clone()).collect();
        notes.dedup();
        if agreement == Agreement::None {
            return Translation { settings, agreement, when: Vec::new(), difference: None, notes };
        }
        let conditions = next.when.iter().map(|one| Condition {
            left: through(&one.left),
            comparison: one.comparison,
            right: through(&one.right),
        });
        // A half without a bound leaves the whole without one.
        let is_bounded =
            |one: &Translation| one.agreement == Agreement::Exact || one.difference.is_some();
        let differences = [self.difference.clone(), next.difference.as_ref().map(through)];
        let differences = differences.into_iter().flatten();
        let difference = differences.reduce(|one, other| one.binary(Operator::Add, other));
        Translation {
            settings,
            agreement,
            when: self.when.iter().cloned().chain(conditions).collect(),
            difference: difference.filter(|_| is_bounded(self) && is_bounded(next)),
            notes,
        }
    }

    /// `formula` over this translation's target as one over its source.
    fn substituted(&self, formula: &Expr<Name>) -> Expr<Name> {
        let setting = |name: &Name| {
            let known = self.settings.iter().find(|(id, _)| *id == name.id && !name.previous);
            known.map_or(Expr::Name(name.clone()), |(_, formula)| formula.clone())
        };
        match formula.substitute(&mut |name| Ok::<_, Infallible>(setting(name))) {
            Ok(formula) => formula,
            Err(never) => match never {},
        }
    }

    /// The target's hyperparameters for the source's `values`, by name; what has no value there
    /// is left out.
    pub fn values(&self, values: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
        let value = |formula| evaluate(formula, &|name: &Name| look_up(values, name)).get().ok();
        let settings = self.settings.iter();
        settings.filter_map(|(name, formula)| Some((name.clone(), value(formula)?))).collect()
    }

    /// The conditions that do not hold for the source's `values`.
    pub fn broken(&self, values: &BTreeMap<String, f64>) -> Vec<&Condition> {
        self.when.iter().filter(|one| !holds(one, values)).collect()
    }
}

fn look_up(values: &BTreeMap<String, f64>, name: &Name) -> Value {
    values.get(&name.id).map_or(Value::number(f64::NAN), |value| Value::number(*value))
}

/// Whether `condition` holds; two sides are equal when they are so up to rounding.
fn holds(condition: &Condition, values: &BTreeMap<String, f64>) -> bool {
    const ROUNDING: f64 = 1e-12;
    let look_up = |name: &Name| look_up(values, name);
    if condition.comparison != Comparison::Equal {
        return condition.holds(&look_up);
    }
    match (evaluate(&condition.left, &look_up).get(), evaluate(&condition.right, &look_up).get()) {
        (Ok(left), Ok(right)) => (left - right).abs() <= ROUNDING * left.abs().max(right.abs()),
        _ => false,
    }
}

impl Definition {
    /// The variant called `name`, or the textbook form, which this is.
    pub fn form(&self, name: Option<&str>) -> Option<&Definition> {
        name.map_or(Some(self), |name| self.variant(name))
    }

    /// The way from one form of this optimizer to another, each a variant or `None` for the
    /// textbook form: what the definition describes, or what follows from formulas that are the
    /// same, or the best way through a third form. `None` where nobody knows.
    pub fn translation(&self, from: Option<&str>, to: Option<&str>) -> Option<Translation> {
        if from == to {
            return self.form(from).map(Translation::identity);
        }
        self.direct(from, to).or_else(|| {
            let variants = self.variants.iter().map(|one| one.variant.as_deref());
            let thirds = std::iter::once(None).chain(variants);
            let ways = thirds
                .filter_map(|third| Some(self.direct(from, third)?.then(&self.direct(third, to)?)));
            ways.min_by_key(|way| way.agreement)
        })
    }

    /// The way that is described, or that of formulas which are the same.
    fn direct(&self, from: Option<&str>, to: Option<&str>) -> Option<Translation> {
        let mut ways = self.translations.iter();
        let described = ways.find(|one| one.from.as_deref() == from && one.to.as_deref() == to);
        match described {
            Some(way) => Some(way.translation.clone()),
            None => same::renamed(self.form(from)?, self.form(to)?),
        }
    }
}
