//! Which columns of two tables go together, and how they are shown.

use super::{Pair, Side};
use crate::compare::result::Ours;
use crate::formula::Expr;
use crate::sheet::{Column as FormColumn, Group};

/// Two columns that go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Column {
    /// Our column.
    pub ours: usize,
    /// Their column.
    pub theirs: usize,
    /// 1, or -1 where one table has it with the other sign.
    pub sign: f64,
}

/// The columns that are the same thing, from left to right, else those with the same header.
pub(super) fn pair_columns(ours: &Side, theirs: &Side) -> Vec<Column> {
    let mut is_taken = vec![false; theirs.found.columns.len()];
    let mut partner: Vec<Option<usize>> = vec![None; ours.found.columns.len()];
    for (at, column) in ours.found.columns.iter().enumerate() {
        let there = column.matches.as_ref().and_then(|id| theirs.column(id));
        if let Some(there) = there.filter(|there| !is_taken[*there]) {
            is_taken[there] = true;
            partner[at] = Some(there);
        }
    }
    let header = |side: &Side, at: usize| {
        side.machine.columns[at].header.as_ref().map(|header| header.trim().to_lowercase())
    };
    for (at, known) in partner.iter_mut().enumerate() {
        if known.is_some() {
            continue;
        }
        let Some(wanted) = header(ours, at).filter(|wanted| !wanted.is_empty()) else { continue };
        // What is known to be two things is not one for its name.
        let is_open = |there: usize| {
            let both = (&ours.found.columns[at].matches, &theirs.found.columns[there].matches);
            !is_taken[there] && (both.0.is_none() || both.1.is_none())
        };
        let mut others = 0..is_taken.len();
        let there = others
            .find(|there| is_open(*there) && header(theirs, *there).as_ref() == Some(&wanted));
        if let Some(there) = there {
            is_taken[there] = true;
            *known = Some(there);
        }
    }
    let pairs = partner.into_iter().enumerate();
    let column = |(at, there): (usize, Option<usize>)| {
        let there = there?;
        let is_known = |side: &Side, at: usize| side.found.columns[at].matches.is_some();
        let sign = match is_known(ours, at) && is_known(theirs, there) {
            true => ours.sign(at) * theirs.sign(there),
            false => 1.0,
        };
        Some(Column { ours: at, theirs: there, sign })
    };
    pairs.filter_map(column).collect()
}

impl Pair<'_> {
    /// The columns and settings that only one table has, in words.
    pub fn remarks(&self) -> Vec<String> {
        let has =
            |at: usize, of: fn(&Column) -> usize| self.columns.iter().any(|one| of(one) == at);
        let only = |side: &Side, of: fn(&Column) -> usize| -> Vec<String> {
            let all = 0..side.found.columns.len();
            all.filter(|at| !has(*at, of)).map(|at| side.called(at)).collect()
        };
        let (here, there) =
            (only(&self.ours, |one| one.ours), only(&self.theirs, |one| one.theirs));
        let mut remarks = Vec::new();
        if !here.is_empty() {
            remarks.push(format!("columns that {} lacks: {}", self.name, here.join(", ")));
        }
        if !there.is_empty() {
            remarks.push(format!("columns that only {} has: {}", self.name, there.join(", ")));
        }
        remarks.extend(self.settings_of_one());
        remarks
    }

    /// The form with a column for each that was compared, so that writers can show it.
    pub fn shown(&self) -> Option<Ours> {
        let mut form = self.ours.form.clone();
        for column in self.extra_columns() {
            let title = self.ours.title(column.ours);
            form.sheet.columns.push(FormColumn {
                id: title.clone(),
                header: title.clone(),
                symbol: title,
                group: Group::Index,
                meaning: format!("{} of {}", self.theirs.called(column.theirs), self.name),
                formula: Expr::Number(0.0),
                initial: None,
            });
        }
        Some(form)
    }

    /// The columns that were compared although no form has them.
    pub fn extra_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|one| self.ours.found.columns[one.ours].ours.is_none())
    }

    /// The column of [`Pair::shown`] that a pair is.
    pub fn shown_at(&self, column: &Column) -> Option<usize> {
        let own = self.ours.found.columns[column.ours].ours;
        let extra = || {
            let at = self.extra_columns().position(|one| one == column)?;
            Some(self.ours.form.sheet.columns.len() + at)
        };
        own.or_else(extra)
    }
}
