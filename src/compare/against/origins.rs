//! How many cells differ because of which finding.
//!
//! A cell that differs takes over what the cells that it is computed from differ because of. One
//! that stands behind two mistakes counts for both, as in a sheet that is recomputed.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::cells::{Cells, DEEPEST};
use crate::compare::result::Finding;
use crate::sheet::Ref;

/// So many findings are told apart; what follows from further ones counts for the first.
const MOST: usize = u64::BITS as usize;

/// Sets how many later cells differ because of each finding. The settings that differ are the
/// first findings, and `rows` are those about rows that only one table has.
pub(super) fn count(cells: &Cells, findings: &mut [Finding], rows: Range<usize>) {
    let mut walk = Walk::new(cells, findings, rows);
    let mut counts = vec![0; findings.len()];
    let first = findings.iter().position(|one| one.kind.is_mistake());
    for row in 0..cells.pair.ours.rows() {
        for at in 0..cells.differing.len() {
            let origins = walk.cell(at, row);
            if !cells.differing[at][row] || walk.causes.contains(&(at, row)) {
                continue;
            }
            for (finding, count) in counts.iter_mut().enumerate().take(MOST) {
                *count += (origins >> finding & 1) as usize;
            }
            if let Some(first) = first.filter(|_| origins == 0) {
                counts[first] += 1;
            }
        }
    }
    for (finding, count) in findings.iter_mut().zip(counts) {
        finding.consequences = if finding.kind.is_mistake() { count } else { 0 };
    }
}

/// The walk down the rows. A set of findings is a number with a bit for each.
struct Walk<'c, 'p, 'a> {
    cells: &'c Cells<'p, 'a>,
    causes: BTreeSet<(usize, usize)>,
    /// For each pair of columns, the finding about its first cause.
    of_column: Vec<u64>,
    /// The findings about single cells, by address.
    of_cell: HashMap<String, u64>,
    /// The findings about rows, each with our row.
    of_rows: Vec<(usize, u64)>,
    /// For each pair of columns and our row, what the cell differs because of.
    origins: Vec<Vec<u64>>,
    /// For each pair of columns, how many rows are known.
    known: Vec<usize>,
}

fn bit(finding: usize) -> u64 {
    if finding < MOST { 1 << finding } else { 0 }
}

impl<'c, 'p, 'a> Walk<'c, 'p, 'a> {
    fn new(cells: &'c Cells<'p, 'a>, findings: &[Finding], rows: Range<usize>) -> Self {
        let ours = &cells.pair.ours;
        let bits = |(at, one): (usize, &Finding)| (one.cell.clone(), bit(at));
        // The first of two findings about a cell is the worse one.
        let of_cell: HashMap<String, u64> = findings.iter().enumerate().rev().map(bits).collect();
        let row = |at: usize| {
            let (row, _) = findings[at].position()?;
            Some((ours.machine.rows.partition_point(|one| *one < row), bit(at)))
        };
        let mut walk = Walk {
            cells,
            causes: cells.causes.iter().copied().collect(),
            of_column: vec![0; cells.differing.len()],
            of_rows: rows.filter_map(row).collect(),
            of_cell,
            origins: vec![vec![0; ours.rows()]; cells.differing.len()],
            known: vec![0; cells.differing.len()],
        };
        for (at, row) in cells.causes.iter().rev() {
            walk.of_column[*at] = walk.own(*at, *row).unwrap_or_default();
        }
        walk
    }

    /// The finding about a cell.
    fn own(&self, at: usize, row: usize) -> Option<u64> {
        let ours = &self.cells.pair.ours;
        let cell = ours.cell(self.cells.pair.columns[at].ours, row);
        self.of_cell.get(&ours.address(&cell)).copied()
    }

    /// What a cell differs because of.
    fn cell(&mut self, at: usize, row: usize) -> u64 {
        if !self.cells.differing[at][row] || self.known[at] > row {
            return self.origins[at][row];
        }
        self.known[at] = row + 1;
        let mut origins = 0;
        if self.causes.contains(&(at, row)) {
            origins |= self.own(at, row).unwrap_or(self.of_column[at]);
        }
        let cells = self.cells;
        origins |= match cells.formula(&cells.pair.columns[at]) {
            Some((form, _)) => self.computed(form, row, DEEPEST),
            None => {
                let left = (0..at).fold(0, |all, other| all | self.cell(other, row));
                let above = row.checked_sub(1).map_or(0, |row| {
                    self.origins.iter().fold(0, |all, origins| all | origins[row])
                });
                left | above
            }
        };
        self.origins[at][row] = origins;
        origins
    }

    /// What a column of the form differs because of in a row.
    fn computed(&mut self, form: usize, row: usize, depth: usize) -> u64 {
        let sheet = &self.cells.pair.ours.form.sheet;
        if row == 0 && sheet.weights.iter().any(|weight| weight.current == form) {
            return self.before_the_first(form);
        }
        sheet.columns[form].formula.names().into_iter().fold(0, |all, name| {
            all | match *name {
                Ref::Column(other) => self.column(other, row, depth),
                Ref::Above(other) if row == 0 => self.before_the_first(other),
                Ref::Above(other) => {
                    let partner = &self.cells.pair.rows.partner;
                    // What came before rows that only one table has still counts.
                    let above = (0..row).rev().find(|above| partner[*above].is_some());
                    self.gap(row) | above.map_or(0, |above| self.column(other, above, depth))
                }
                Ref::Input(input) => self.setting(&sheet.inputs[input].id, false),
                Ref::Data(_) | Ref::Order => 0,
            }
        })
    }

    fn column(&mut self, form: usize, row: usize, depth: usize) -> u64 {
        match self.cells.pair_of(form) {
            Some(at) => self.cell(at, row),
            None if depth > 0 => self.computed(form, row, depth - 1),
            None => 0,
        }
    }

    /// What the first row builds on: a start value, or rows that only they have.
    fn before_the_first(&self, form: usize) -> u64 {
        let sheet = &self.cells.pair.ours.form.sheet;
        let of = |weight: &&crate::sheet::Weight| weight.next == form || weight.current == form;
        let name = match sheet.weights.iter().find(of) {
            Some(weight) => &weight.name,
            None => &sheet.columns[form].id,
        };
        let begins = self.cells.pair.rows.partner.first() == Some(&Some(0));
        self.setting(name, true) | if begins { 0 } else { self.rows_near(0) }
    }

    /// The finding about rows between this one and the one above, where there are some.
    fn gap(&self, row: usize) -> u64 {
        let partner = &self.cells.pair.rows.partner;
        let before = partner[row].and_then(|there| there.checked_sub(1));
        match before.is_some() && partner[row - 1] == before {
            true => 0,
            false => self.rows_near(row),
        }
    }

    fn rows_near(&self, row: usize) -> u64 {
        let nearest = self.of_rows.iter().min_by_key(|(at, _)| at.abs_diff(row));
        nearest.map_or(0, |(_, finding)| *finding)
    }

    fn setting(&self, name: &str, is_start: bool) -> u64 {
        let is_it = |(_, one): &(usize, &super::settings::Differing)| {
            one.name == name && one.is_start == is_start
        };
        self.cells.settings.iter().enumerate().find(is_it).map_or(0, |(at, _)| bit(at))
    }
}
