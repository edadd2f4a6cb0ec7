//! Rows that one of two tables has and the other has not, or has elsewhere.

use std::ops::Range;

use super::Pair;
use crate::compare::result::{Finding, Kind};

impl Pair<'_> {
    /// A finding for each stretch of rows that only one table has, and for each that moved.
    pub fn missing_rows(&self) -> Vec<Finding> {
        let partner = &self.rows.partner;
        let mut findings = Vec::new();
        let (mut first, mut next) = (0, 0);
        for row in 0..=partner.len() {
            let end = match partner.get(row) {
                Some(None) => continue,
                Some(Some(at)) => *at,
                None => self.theirs.rows(),
            };
            findings
                .extend(self.stretches(first..row, true).into_iter().map(|one| self.extra(one)));
            let there = self.stretches(next..end, false);
            findings.extend(there.into_iter().map(|one| self.lacking(one, row)));
            (first, next) = (row + 1, end + 1);
        }
        findings.extend(self.rows.moved.iter().map(|(here, there)| self.moved(*here, *there)));
        findings
    }

    /// The rows in a gap, in stretches without those that moved.
    fn stretches(&self, gap: Range<usize>, is_ours: bool) -> Vec<Range<usize>> {
        let has_moved = |row: usize| {
            let moved = self.rows.moved.iter();
            let mut moved = moved.map(|(ours, theirs)| if is_ours { *ours } else { *theirs });
            moved.any(|one| one == row)
        };
        let mut stretches: Vec<Range<usize>> = Vec::new();
        for row in gap.filter(|row| !has_moved(*row)) {
            match stretches.last_mut() {
                Some(last) if last.end == row => last.end += 1,
                _ => stretches.push(row..row + 1),
            }
        }
        stretches
    }

    /// Whether a row of ours has the same sample as the one above.
    fn is_repeated(&self, row: usize) -> bool {
        let number = |name: &str, row: usize| self.ours.number(self.ours.column(name)?, row);
        let same = |name: &str| {
            let both = number(name, row).zip(row.checked_sub(1).and_then(|row| number(name, row)));
            both.is_some_and(|(one, other)| !self.differs(one, other))
        };
        same("x") && same("y")
    }

    /// Rows that only we have.
    fn extra(&self, rows: Range<usize>) -> Finding {
        let (ours, name) = (&self.ours, &self.name);
        let (first, last) = (ours.row(rows.start), ours.row(rows.end - 1));
        let is_end = rows.end == ours.rows() && rows.start > 0;
        let message = match (rows.len(), is_end) {
            (1, _) => {
                let twice =
                    if self.is_repeated(rows.start) { ": it repeats the row above" } else { "" };
                let sample = ours.sample(rows.start);
                format!("row {first} ({sample}) has no counterpart in {name}{twice}")
            }
            (count, false) => {
                format!("rows {first} to {last} ({count} rows) have no counterpart in {name}")
            }
            (count, true) => format!(
                "rows {first} to {last} ({count} rows) have no counterpart in {name}: it ends \
                 with row {}",
                self.theirs.row(self.theirs.rows() - 1)
            ),
        };
        let fix = (rows.len() == 1).then(|| format!("delete row {first}, unless {name} lacks it"));
        self.row_finding(rows.start, message, fix)
    }

    /// Rows that only they have, which would stand above our row `at`.
    fn lacking(&self, rows: Range<usize>, at: usize) -> Finding {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let (first, last) = (theirs.row(rows.start), theirs.row(rows.end - 1));
        let is_end = at == ours.rows();
        let place = match is_end {
            true => format!("this sheet ends with row {}", ours.row(at - 1)),
            false => format!("it would stand above row {}", ours.row(at)),
        };
        let sample = theirs.sample(rows.start);
        let message = match rows.len() {
            1 => {
                format!("row {first} of {} ({sample}) is missing here: {place}", self.name)
            }
            count => format!(
                "rows {first} to {last} of {} ({count} rows) are missing here: {}",
                self.name,
                place.replace("it would", "they would")
            ),
        };
        let fix = (rows.len() == 1 && !is_end && !sample.is_empty())
            .then(|| format!("insert a row above row {} with {sample}", ours.row(at)));
        self.row_finding(at.min(ours.rows() - 1), message, fix)
    }

    fn moved(&self, here: usize, there: usize) -> Finding {
        let message = format!(
            "row {} ({}) stands in another place than in {}, where it is row {}",
            self.ours.row(here),
            self.ours.sample(here),
            self.name,
            self.theirs.row(there)
        );
        self.row_finding(here, message, None)
    }

    fn row_finding(&self, row: usize, message: String, fix: Option<String>) -> Finding {
        Finding {
            fix,
            ..Finding::new(Kind::Missing, self.ours.address(&self.ours.cell(0, row)), message)
        }
    }
}
