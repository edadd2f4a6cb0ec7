//! Forms of an optimizer whose formulas are the same but for names: nobody has to say how their
//! hyperparameters translate.

use std::collections::BTreeMap;

use super::Definition;
use super::translation::{Agreement, Translation};
use crate::formula::{Expr, Name, operands};

/// The way from `source` to `target` where each formula of one is that of the other with columns
/// and hyperparameters renamed.
pub(super) fn renamed(source: &Definition, target: &Definition) -> Option<Translation> {
    if source.columns.len() != target.columns.len() {
        return None;
    }
    let mut names = Names { source, target, pairs: BTreeMap::new() };
    for (one, other) in source.columns.iter().zip(&target.columns) {
        let start = match (&one.start, &other.start) {
            (Some(one), Some(other)) => names.same(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        if !start || !names.pair(&one.id, &other.id) || !names.same(&one.formula, &other.formula) {
            return None;
        }
    }
    if !names.same(&source.update.formula, &target.update.formula) {
        return None;
    }
    let settings = target.hyper.iter().map(|hyper| {
        let used = names.pairs.iter().find(|(_, other)| **other == hyper.name);
        let formula = match used {
            Some((one, _)) => Expr::Name(Name::here(one)),
            None => super::translations::unsaid(source, hyper),
        };
        (hyper.name.clone(), formula)
    });
    Some(Translation {
        settings: settings.collect(),
        agreement: Agreement::Exact,
        when: Vec::new(),
        difference: None,
        notes: vec!["The formulas are the same.".into()],
    })
}

/// Which name of one form is which of the other, as far as formulas have shown it.
struct Names<'a> {
    source: &'a Definition,
    target: &'a Definition,
    pairs: BTreeMap<String, String>,
}

impl Names<'_> {
    fn same(&mut self, one: &Expr<Name>, other: &Expr<Name>) -> bool {
        let alike = match (one, other) {
            (Expr::Number(one), Expr::Number(other)) => one == other,
            (Expr::Name(one), Expr::Name(other)) => {
                one.previous == other.previous && self.pair(&one.id, &other.id)
            }
            (Expr::Binary(one, ..), Expr::Binary(other, ..)) => one == other,
            (Expr::Call(one, _), Expr::Call(other, _)) => one == other,
            (Expr::If(one), Expr::If(other)) => one.comparison == other.comparison,
            (Expr::Negate(_), Expr::Negate(_)) => true,
            _ => false,
        };
        let parts = (operands(one), operands(other));
        alike
            && parts.0.len() == parts.1.len()
            && parts.0.into_iter().zip(parts.1).all(|(one, other)| self.same(one, other))
    }

    /// Whether the two names can be the same thing; from then on they are.
    fn pair(&mut self, one: &str, other: &str) -> bool {
        let kinds = (kind(self.source, one), kind(self.target, other));
        if kinds.0 != kinds.1 || (kinds.0 == Kind::Given && one != other) {
            return false;
        }
        match self.pairs.get(one) {
            Some(known) => known == other,
            None if self.pairs.values().any(|known| known == other) => false,
            None => {
                self.pairs.insert(one.to_owned(), other.to_owned());
                true
            }
        }
    }
}

#[derive(PartialEq)]
enum Kind {
    Given,
    Hyperparameter,
    Column,
}

fn kind(definition: &Definition, name: &str) -> Kind {
    if definition.hyperparameter(name).is_some() {
        Kind::Hyperparameter
    } else if definition.columns.iter().any(|column| column.id == name) {
        Kind::Column
    } else {
        Kind::Given
    }
}
