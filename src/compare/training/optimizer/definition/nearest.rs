//! The known optimizer that is nearest to a rule of a sheet, and what differs.

use std::collections::HashMap;

use crate::formula::{Expr, Name, Operator, operands};
use crate::optimizer::{ColumnDefinition, Definition, registry};
use crate::value::number_text;

/// Longer formulas are not compared.
const LONGEST: usize = 4_000;
/// How much of two formulas must be the same for columns to be each other's.
const ALIKE: f64 = 0.5;
/// How much a column counts that only one of both has.
const PER_COLUMN: f64 = 0.15;

/// A known optimizer beside a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// As the command line calls it: `adam:keras`.
    pub label: String,
    /// What it is called.
    pub title: String,
    /// What the rule does otherwise, each a phrase: `it keeps no S`.
    pub differs: Vec<String>,
}

/// The optimizer whose formulas have most in common with those of `own`.
pub fn nearest(own: &Definition) -> Option<Nearest> {
    let registry = registry().ok()?;
    let all =
        registry.definitions().iter().flat_map(|one| std::iter::once(one).chain(&one.variants));
    let parts = Parts::of(own);
    let common = |one: &Definition| {
        let columns = own.columns.len().abs_diff(one.columns.len());
        parts.whole.common(&Parts::of(one).whole) - PER_COLUMN * columns as f64
    };
    let best = all
        .map(|one| (common(one), one))
        .reduce(|best, one| if one.0 > best.0 { one } else { best })?;
    let (_, known) = best;
    let differs = differences(own, &parts, known, &Parts::of(known));
    Some(Nearest { label: known.label(), title: known.title.clone(), differs })
}

fn differences(own: &Definition, parts: &Parts, known: &Definition, others: &Parts) -> Vec<String> {
    let mut pairs = Vec::new();
    for (at, column) in parts.columns.iter().enumerate() {
        for (other, known) in others.columns.iter().enumerate() {
            pairs.push((column.common(known), at, other));
        }
    }
    pairs.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for (common, at, other) in pairs {
        let is_free = !taken.iter().any(|(one, two)| *one == at || *two == other);
        if common >= ALIKE && is_free {
            taken.push((at, other));
        }
    }
    let title = &known.title;
    let mut differs = Vec::new();
    for (at, column) in own.columns.iter().enumerate() {
        match taken.iter().find(|(one, _)| *one == at) {
            Some((_, other)) if parts.columns[at].whole != others.columns[*other].whole => {
                let theirs = &known.columns[*other];
                differs
                    .push(format!("{} is {}, not {}", column.id, column.formula, theirs.formula));
            }
            Some(_) => {}
            None => differs.push(format!("it has {} = {} beside", column.id, column.formula)),
        }
    }
    let missing = known.columns.iter().enumerate();
    let missing = missing.filter(|(at, _)| !taken.iter().any(|(_, other)| other == at));
    let missing: Vec<&str> = missing.map(|(_, column)| column.id.as_str()).collect();
    if !missing.is_empty() {
        differs.push(format!("it has no {}", missing.join(", no ")));
    }
    if parts.update.whole != others.update.whole {
        let (ours, theirs) = (&own.update.formula, &known.update.formula);
        differs.push(format!("the new w is {ours}, where {title} has {theirs}"));
    }
    differs
}

/// What formulas are made of, whatever their names.
struct Bag {
    /// The formula.
    whole: String,
    /// Its parts, with how often they stand in it.
    parts: HashMap<String, usize>,
}

impl Bag {
    fn of(formula: &Expr<Name>) -> Bag {
        let mut parts = HashMap::new();
        let whole = written(formula, &mut parts);
        Bag { whole, parts }
    }

    fn with(mut self, other: &Bag) -> Bag {
        for (part, count) in &other.parts {
            *self.parts.entry(part.clone()).or_default() += count;
        }
        self
    }

    /// How much of both is the same, from 0 to 1.
    fn common(&self, other: &Bag) -> f64 {
        let size = |bag: &Bag| bag.parts.values().sum::<usize>() as f64;
        let same = self
            .parts
            .iter()
            .map(|(part, count)| (*count).min(other.parts.get(part).copied().unwrap_or(0)));
        2.0 * same.sum::<usize>() as f64 / (size(self) + size(other)).max(1.0)
    }
}

/// The formulas of a definition.
struct Parts {
    columns: Vec<Bag>,
    update: Bag,
    /// All of them, with that of the update written out.
    whole: Bag,
}

impl Parts {
    fn of(definition: &Definition) -> Parts {
        let known = &definition.columns;
        let columns: Vec<Bag> =
            known.iter().map(|one| Bag::of(&plain(&one.formula, one, known))).collect();
        let update = plain(&definition.update.formula, &definition.update, known);
        let whole = columns.iter().fold(Bag::of(&written_out(&update, known)), Bag::with);
        Parts { columns, update: Bag::of(&update), whole }
    }
}

/// A formula with all hyperparameters alike, and all that is remembered, but for the column's own.
fn plain(formula: &Expr<Name>, own: &ColumnDefinition, columns: &[ColumnDefinition]) -> Expr<Name> {
    formula.rename(|name| {
        let is_column = columns.iter().any(|one| one.id == name.id);
        match (name.previous, is_column) {
            (true, _) if name.id == own.id => Name::above("itself"),
            (true, _) => Name::above("another"),
            (false, false) if !["w", "g", "t", "n", "loss"].contains(&name.id.as_str()) => {
                Name::here("number")
            }
            (false, true) => Name::here(format!("column {}", name.id)),
            _ => name.clone(),
        }
    })
}

/// A plain formula with those of its columns in their places.
fn written_out(formula: &Expr<Name>, columns: &[ColumnDefinition]) -> Expr<Name> {
    if formula.size() > LONGEST {
        return formula.clone();
    }
    formula.map(&|part| {
        let Expr::Name(name) = part else { return None };
        let id = name.id.strip_prefix("column ").filter(|_| !name.previous)?;
        let at = columns.iter().position(|one| one.id == id)?;
        let inner = plain(&columns[at].formula, &columns[at], columns);
        Some(written_out(&inner, &columns[..at]))
    })
}

/// The formula as text in which the order of terms and factors does not matter; all parts are counted.
fn written(formula: &Expr<Name>, parts: &mut HashMap<String, usize>) -> String {
    let mut inner: Vec<String> =
        operands(formula).into_iter().map(|one| written(one, parts)).collect();
    let text = match formula {
        Expr::Number(number) => number_text(*number),
        Expr::Name(name) if name.id.starts_with("column ") => "column".to_owned(),
        Expr::Name(name) => name.to_string(),
        Expr::Negate(_) => format!("-({})", inner.join(",")),
        Expr::Call(function, _) => format!("{}({})", function.name, inner.join(",")),
        Expr::If(choice) => format!("if{}({})", choice.comparison.sign(), inner.join(",")),
        Expr::Binary(operator, ..) => {
            if matches!(operator, Operator::Add | Operator::Multiply) {
                inner.sort();
            }
            format!("{}({})", operator.sign(), inner.join(","))
        }
    };
    *parts.entry(text.clone()).or_default() += 1;
    text
}
