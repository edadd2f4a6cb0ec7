//! Cell by cell: where two tables part, and what comes of it.
//!
//! A cell that differs is a cause where all that it is computed from agrees, or where it does not
//! follow from its own row; otherwise it follows from what differs there.

use super::columns::Column;
use super::settings::Differing;
use super::side::Side;
use super::{Pair, is_apart};
use crate::compare::blame::with_rounding;
use crate::compare::result::{ColumnComparison, Finding, Kind};
use crate::compare::words::shown;
use crate::formula::Expr;
use crate::sheet::{Group, Ref};

/// A form has no longer chains of columns that the table does not show.
pub(super) const DEEPEST: usize = 8;

/// What was compared, cell by cell.
pub(super) struct Cells<'p, 'a> {
    pub pair: &'p Pair<'a>,
    pub settings: &'p [Differing],
    /// For each pair of columns, whether each of our rows differs.
    pub differing: Vec<Vec<bool>>,
    /// The cells that are causes: pair of columns and our row.
    pub causes: Vec<(usize, usize)>,
    /// Whether the two compute something else by their formulas.
    is_other_form: bool,
}

impl<'p, 'a> Cells<'p, 'a> {
    /// Compares all cells.
    pub fn new(pair: &'p Pair<'a>, settings: &'p [Differing]) -> Self {
        let is_other_form = !pair.forms().is_empty();
        let (differing, causes) = (Vec::new(), Vec::new());
        let mut cells = Cells { pair, settings, differing, causes, is_other_form };
        cells.differing = pair
            .columns
            .iter()
            .map(|column| {
                (0..pair.ours.rows()).map(|row| cells.is_different(column, row)).collect()
            })
            .collect();
        let all =
            (0..pair.columns.len()).flat_map(|at| (0..pair.ours.rows()).map(move |row| (at, row)));
        cells.causes = all.filter(|(at, row)| cells.is_cause(*at, *row)).collect();
        cells
    }

    /// What they have for our cell, with our sign.
    fn expected(&self, column: &Column, row: usize) -> Option<f64> {
        let there = self.pair.rows.partner[row]?;
        Some(column.sign * self.pair.theirs.number(column.theirs, there)?)
    }

    fn is_different(&self, column: &Column, row: usize) -> bool {
        let found = self.pair.ours.number(column.ours, row);
        let both = found.zip(self.expected(column, row));
        both.is_some_and(|(found, expected)| {
            self.pair.differs(found, expected)
                && (found - expected).abs() > self.tolerated(column, row, found, expected)
        })
    }

    /// The form's column and its formula, for a column that is understood.
    pub fn formula(&self, column: &Column) -> Option<(usize, &Expr<Ref>)> {
        let form = self.pair.ours.found.columns[column.ours].ours?;
        let known = &self.pair.ours.form.sheet.columns[form];
        (!matches!(known.formula, Expr::Name(Ref::Data(_)))).then_some((form, &known.formula))
    }

    /// What the tolerance and rounding together allow the numbers of a cell to be apart.
    fn tolerated(&self, column: &Column, row: usize, found: f64, expected: f64) -> f64 {
        let slack = self.formula(column).map_or(0.0, |(_, formula)| {
            let look_up = |name: &Ref| self.pair.ours.look_up(name, row as isize, DEEPEST);
            with_rounding(formula, &look_up).1
        });
        let relative = self.pair.tolerance * found.abs().max(expected.abs());
        relative + if slack.is_finite() { slack } else { 0.0 }
    }

    fn is_cause(&self, at: usize, row: usize) -> bool {
        if !self.differing[at][row] {
            return false;
        }
        let column = &self.pair.columns[at];
        let Some((form, formula)) = self.formula(column) else {
            return !self.is_anything_before(at, row);
        };
        let sheet = &self.pair.ours.form.sheet;
        if !self.depends_on_difference(form, row as isize, DEEPEST) {
            return !self.is_inherited(column, row);
        }
        // Nothing of an unknown update can be computed again.
        if self.pair.ours.found.optimizer.is_none() && sheet.columns[form].group == Group::Weights {
            return false;
        }
        let Some(found) = self.pair.ours.number(column.ours, row) else { return false };
        let local =
            self.pair.ours.sign(column.ours) * self.pair.ours.evaluate(formula, row as isize);
        // The first weights are given, not computed.
        let is_start = row == 0 && sheet.weights.iter().any(|weight| weight.current == form);
        !is_start
            && !local.is_nan()
            && is_apart(local, found, self.pair.tolerance)
            && (local - found).abs() > self.tolerated(column, row, found, local)
    }

    /// Whether both cells follow from their own rows by the same formula: then what they are
    /// computed from is apart too, by less than the tolerance, as the errors of two runs are that
    /// come to the same end.
    fn is_inherited(&self, column: &Column, row: usize) -> bool {
        let Some(there) = self.pair.rows.partner[row].filter(|_| row > 0 && !self.is_other_form)
        else {
            return false;
        };
        let follows = |side: &Side, hand: usize, row: usize| {
            let form = side.found.columns[hand].ours?;
            let formula = &side.form.sheet.columns[form].formula;
            let look_up = |name: &Ref| side.look_up(name, row as isize, DEEPEST);
            let (local, slack) = with_rounding(formula, &look_up);
            let (local, found) = (side.sign(hand) * local, side.number(hand, row)?);
            let allowed = self.pair.tolerance * local.abs().max(found.abs()) + slack;
            Some((local - found).abs() <= allowed)
        };
        follows(&self.pair.ours, column.ours, row) == Some(true)
            && follows(&self.pair.theirs, column.theirs, there) == Some(true)
    }

    /// Whether anything that a cell of the form is computed from differs.
    fn depends_on_difference(&self, form: usize, row: isize, depth: usize) -> bool {
        let sheet = &self.pair.ours.form.sheet;
        let is_start = sheet.weights.iter().find(|weight| weight.current == form);
        if let Some(weight) = is_start.filter(|_| row == 0) {
            // A first row that is not theirs has another past.
            return self.pair.rows.partner[0] != Some(0) || self.is_set(&weight.name, true);
        }
        sheet.columns[form].formula.has_name(|name| match *name {
            Ref::Column(other) => self.is_other(other, row, depth),
            Ref::Above(other) => self.is_other_above(other, row, depth),
            Ref::Input(input) => self.is_set(&sheet.inputs[input].id, false),
            Ref::Data(_) | Ref::Order => false,
        })
    }

    /// The pair of columns that shows a column of the form.
    pub fn pair_of(&self, form: usize) -> Option<usize> {
        let hand = self.pair.ours.shows(form)?;
        self.pair.columns.iter().position(|column| column.ours == hand)
    }

    fn is_other(&self, form: usize, row: isize, depth: usize) -> bool {
        match (self.pair_of(form), usize::try_from(row)) {
            (Some(at), Ok(row)) => self.differing[at][row],
            (None, Ok(_)) if depth > 0 => self.depends_on_difference(form, row, depth - 1),
            _ => false,
        }
    }

    fn is_other_above(&self, form: usize, row: isize, depth: usize) -> bool {
        let sheet = &self.pair.ours.form.sheet;
        let at = row as usize;
        let partner = |row: usize| self.pair.rows.partner[row];
        let there = partner(at);
        if row == 0 {
            let weight = sheet.weights.iter().find(|weight| weight.next == form);
            let name = weight.map_or(&sheet.columns[form].id, |weight| &weight.name);
            // A first row that is not theirs has another past.
            return there != Some(0) || self.is_set(name, true);
        }
        let before = there.and_then(|there| there.checked_sub(1));
        if before.is_some() && partner(at - 1) == before {
            return self.is_other(form, row - 1, depth);
        }
        let Some((column, before)) = self.pair_of(form).zip(before) else { return true };
        let column = &self.pair.columns[column];
        let ours = self.pair.ours.number(column.ours, at - 1);
        let theirs = self.pair.theirs.number(column.theirs, before);
        let both = ours.zip(theirs);
        both.is_none_or(|(ours, theirs)| self.pair.differs(ours, column.sign * theirs))
    }

    fn is_set(&self, name: &str, is_start: bool) -> bool {
        self.settings.iter().any(|one| one.name == name && one.is_start == is_start)
    }

    /// For columns that are not understood: whether anything to the left of the cell differs, or in
    /// the row above, or the rows above do not go together.
    fn is_anything_before(&self, at: usize, row: usize) -> bool {
        let column = self.pair.columns[at].ours;
        let form = self.pair.ours.found.columns[column].ours;
        let has_formula = self.pair.ours.machine.columns[column].pattern.is_some();
        if form.is_some() && !has_formula {
            // x and y: given.
            return false;
        }
        let left = (0..at).any(|other| self.differing[other][row]);
        let above = row > 0 && self.differing.iter().any(|rows| rows[row - 1]);
        left || above || !self.settings.is_empty()
    }

    /// What is said of the causes, but for cells that `known` findings are about.
    pub fn findings(&self, known: &[Finding]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for at in 0..self.pair.columns.len() {
            let mut rows = self.causes.iter().filter(|(column, _)| *column == at);
            let Some(&(_, row)) = rows.next() else { continue };
            let finding = self.finding(at, row, rows.count());
            if known.iter().all(|one| one.cell != finding.cell || !one.kind.is_mistake()) {
                findings.push((row, finding));
            }
        }
        findings.sort_by_key(|(row, _)| *row);
        let mut findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
        if findings.is_empty() && known.iter().all(|one| !one.kind.is_mistake()) {
            findings.extend(self.first());
        }
        findings
    }

    /// The first cell that differs, where none is a cause.
    fn first(&self) -> Option<Finding> {
        let rows = 0..self.pair.ours.rows();
        let mut cells = rows.flat_map(|row| (0..self.differing.len()).map(move |at| (at, row)));
        let (at, row) = cells.find(|(at, row)| self.differing[*at][*row])?;
        Some(self.finding(at, row, 0))
    }

    fn finding(&self, at: usize, row: usize, more: usize) -> Finding {
        let (pair, column) = (self.pair, &self.pair.columns[at]);
        let cell = pair.ours.cell(column.ours, row);
        let number = |number: Option<f64>| shown(number.unwrap_or(f64::NAN));
        let found = number(pair.ours.number(column.ours, row));
        let expected = number(self.expected(column, row));
        let there = pair.rows.partner[row].map_or(0, |there| there);
        let sign = if column.sign < 0.0 { ", where it has the other sign" } else { "" };
        let why = match self.formula(column) {
            None => "",
            Some((form, _)) if self.depends_on_difference(form, row as isize, DEEPEST) => {
                ", and it does not follow from its own row"
            }
            Some(_) => ", although what it is computed from agrees",
        };
        // Where the two are meant to be different, nobody need look for a slip.
        let other = match self.is_other_form && !why.is_empty() {
            true => ": the two have different updates",
            false => "",
        };
        let mut message = format!(
            "{} in {cell} is {found}, but {expected} in {}!{}{sign}{why}{other}",
            pair.ours.title(column.ours),
            pair.name,
            pair.theirs.cell(column.theirs, there)
        );
        if more > 0 {
            message += &format!("; {more} more cells of this column differ by themselves");
        }
        let address = pair.ours.address(&cell);
        // What the sheet should have there by its own form may be known.
        let own = pair.ours.found.findings.iter().find(|one| one.cell == address);
        Finding {
            expected: Some(expected),
            found: Some(found),
            fix: own.and_then(|one| one.fix.clone()),
            ..Finding::new(Kind::Value, address, message)
        }
    }

    /// How each of our columns agrees with theirs.
    pub fn columns(&self) -> Vec<ColumnComparison> {
        let columns = self.pair.ours.found.columns.iter().enumerate();
        columns.map(|(hand, column)| self.column(hand, column)).collect()
    }

    fn column(&self, hand: usize, known: &ColumnComparison) -> ColumnComparison {
        let rows = self.pair.ours.rows();
        let empty = ColumnComparison {
            expected: vec![None; rows],
            cells: 0,
            mismatches: 0,
            max_abs: 0.0,
            max_rel: 0.0,
            first_mismatch: None,
            ..known.clone()
        };
        let Some(at) = self.pair.columns.iter().position(|column| column.ours == hand) else {
            return empty;
        };
        let pair = &self.pair.columns[at];
        let there = format!("{} of {}", self.pair.theirs.called(pair.theirs), self.pair.name);
        let mut column = ColumnComparison {
            ours: self.pair.shown_at(pair),
            meaning: Some(match &known.meaning {
                Some(meaning) => format!("{meaning} (there {there})"),
                None => there,
            }),
            expected: (0..rows).map(|row| self.expected(pair, row)).collect(),
            ..empty
        };
        column.tally(&|row, _, _| self.differing[at][row], &|row| self.pair.ours.cell(hand, row));
        column
    }
}
