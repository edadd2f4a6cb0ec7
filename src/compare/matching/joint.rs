//! Columns that cannot be found one by one: what is written out in the update, and two that need each
//! other.

use super::Matcher;
use crate::compare::machine::Leaf;
use crate::compare::rewrite::Rewritten;
use crate::formula::Expr;
use crate::sheet::{Group, Ref};

impl Matcher<'_> {
    /// The formula of new weights with what the table has no columns for written out in it, where that is
    /// another: people correct the bias of an average where they use it.
    pub(super) fn inline(&self, column: usize) -> Vec<Rewritten> {
        let sheet = &self.form.sheet;
        if sheet.columns[column].group != Group::Update {
            return Vec::new();
        }
        let formula = &sheet.columns[column].formula;
        let inline = self.with_missing(formula);
        if inline == *formula { Vec::new() } else { vec![Rewritten::original(inline)] }
    }

    fn with_missing(&self, formula: &Expr<Ref>) -> Expr<Ref> {
        let is_missing = |at: usize| {
            let is_state = self.form.sheet.columns[at].group == Group::State;
            is_state && self.places.columns[at].is_none() && !self.form.remembers(at)
        };
        let written: Result<_, std::convert::Infallible> = formula.substitute(&mut |name: &Ref| {
            Ok(match *name {
                Ref::Column(at) if is_missing(at) => self.with_missing(&self.places.formulas[at]),
                other => Expr::Name(other),
            })
        });
        let Ok(written) = written;
        written
    }

    /// Finds a column together with one that its formula uses and that has changes of its own: neither
    /// can be told from the other's past alone.
    pub(super) fn place_with_part(&mut self, column: usize, changes: usize) -> bool {
        let names = self.form.sheet.columns[column].formula.names();
        let mut parts: Vec<usize> = names
            .into_iter()
            .filter_map(|name| if let Ref::Column(at) = name { Some(*at) } else { None })
            .filter(|at| self.form.may_show(*at) && self.places.columns[*at].is_none())
            .collect();
        parts.dedup();
        parts.into_iter().any(|part| {
            self.targets(part).into_iter().any(|target| {
                let before = (self.places.clone(), self.used.clone(), self.departures.clone());
                self.places.columns[part] = Some(target);
                self.used[target.column] = true;
                let mut users = self.targets(column);
                users.retain(|user| self.may_use(user.column, target.column));
                let is_found = self.place_among(users, column, 0..=0, false) && {
                    self.places.columns[part] = None;
                    self.used[target.column] = false;
                    self.place(part, 0..=changes, true) && self.places.columns[part] == Some(target)
                };
                if !is_found {
                    (self.places, self.used, self.departures) = before;
                }
                is_found
            })
        })
    }

    /// Whether one column of the table is computed from another, itself or through columns that are not
    /// placed. Numbers alone do not say so: they may be.
    fn may_use(&self, column: usize, other: usize) -> bool {
        let is_other =
            |leaf: &Leaf| matches!(*leaf, Leaf::Column(at) | Leaf::Above(at) if at == other);
        self.given.machine.columns[column].pattern.is_none()
            || self.patterns(column).into_iter().any(|pattern| pattern.has_name(is_other))
    }
}
