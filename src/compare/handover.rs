//! How weights get from one epoch to the next, told from a pasted list of the epochs' errors.
//!
//! Without anything that is remembered, an epoch maps the weights that it starts with to those
//! that it ends with, and the map is affine. So from the weights in the table one gets back to
//! those of the epochs before, if the rule is known by which they were carried over; the rule by
//! which the pasted errors come out is the one that was used.

use super::blame::Blame;
use super::labels::Measure;
use super::matching::Fit;
use super::recompute::run_from;
use super::result::{Finding, Kind};
use super::table::{SideList, Table};
use crate::data::address::cell_name;
use crate::sheet::{Group, Sheet};

/// Which weights of the last row an epoch hands over.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    /// Those after its update.
    Updated,
    /// Those that it used: its update is lost.
    Used,
}

/// Weights a and b.
type Weights = [f64; 2];

impl Blame<'_> {
    /// Pasted lists that only fit when the last update of each epoch is lost.
    pub fn lost_updates(&self, table: &Table, fit: &Fit) -> Vec<Finding> {
        let form = self.words.form;
        let remembers =
            |at: usize| form.remembers(at) && form.sheet.columns[at].group == Group::State;
        if (0..form.sheet.columns.len()).any(remembers) {
            return Vec::new();
        }
        table.lists.iter().filter_map(|list| self.lost_update(fit, list)).collect()
    }

    fn lost_update(&self, fit: &Fit, list: &SideList) -> Option<Finding> {
        let sheet = &self.words.form.sheet;
        let last = *list.values.last().filter(|_| list.values.len() > 1)?;
        let same = |one: f64, other: f64| !self.differs(one, other, 0.0);
        let measure = Measure::found(last, &self.run.columns[sheet.loss], &same)?;
        let epochs = Epochs { judge: self, fit };
        let [updated, used] = epochs.maps();
        if epochs.lead_to(&updated, measure, list) || !epochs.lead_to(&used, measure, list) {
            return None;
        }
        let cell = cell_name(list.at);
        let last_row = self.words.machine.rows.last()? + 1;
        let [a, b] = end(sheet, &self.run.columns, Rule::Updated);
        let message = format!(
            "the {} errors pasted from {cell} on come out only if each epoch starts with the \
             weights that row {last_row} of the one before started with: the update of row \
             {last_row} is lost in every epoch",
            list.values.len()
        );
        let fix = format!(
            "hand the new weights of row {last_row} over to the next epoch: a = {a}, b = {b}"
        );
        Some(Finding { fix: Some(fix), ..self.about(Kind::HandOver, &cell, message) })
    }
}

/// The weights that an epoch with these columns hands over by a rule.
fn end(sheet: &Sheet, columns: &[Vec<f64>], rule: Rule) -> Weights {
    [0, 1].map(|index| {
        let weight = &sheet.weights[index];
        let column = match rule {
            Rule::Updated => weight.next,
            Rule::Used => weight.current,
        };
        columns[column].last().copied().unwrap_or(f64::NAN)
    })
}

/// Epochs over the samples of a table.
struct Epochs<'a> {
    judge: &'a Blame<'a>,
    fit: &'a Fit,
}

impl Epochs<'_> {
    fn sheet(&self) -> &Sheet {
        &self.judge.words.form.sheet
    }

    /// The weights that the table starts from.
    fn start(&self) -> Weights {
        let places = self.judge.words.places;
        [0, 1].map(|index| match places.columns[self.sheet().weights[index].current] {
            Some(source) => source.at(self.judge.real, 0),
            None => f64::NAN,
        })
    }

    fn run(&self, from: Weights) -> Vec<Vec<f64>> {
        let weights = self.sheet().weights.iter();
        let starts = weights.zip(from).map(|(weight, start)| (weight.next, start)).collect();
        run_from(self.judge.words.form, self.fit, self.judge.real, starts).columns
    }

    /// What an epoch does to weights, by both rules: handed over updated, and as they were used.
    fn maps(&self) -> [Epoch; 2] {
        let [origin, one_a, one_b] =
            [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]].map(|from| self.run(from));
        [Rule::Updated, Rule::Used].map(|rule| {
            let end = |columns: &[Vec<f64>]| end(self.sheet(), columns, rule);
            let shift = end(&origin);
            let image = |columns: &[Vec<f64>]| {
                let end = end(columns);
                [end[0] - shift[0], end[1] - shift[1]]
            };
            Epoch { map: Map { a: image(&one_a), b: image(&one_b) }, shift }
        })
    }

    /// Whether the errors of the epochs before, got back to from the table's start, are those of
    /// the list.
    fn lead_to(&self, epoch: &Epoch, measure: Measure, list: &SideList) -> bool {
        let mut weights = self.start();
        list.values.iter().rev().skip(1).all(|pasted| {
            let Some(before) = epoch.before(weights) else { return false };
            weights = before;
            let error = measure.of(&self.run(weights)[self.sheet().loss]);
            // Going back loses digits that going forth did not need.
            (error - pasted).abs() <= 1e-6 * pasted.abs()
        })
    }
}

/// What an epoch does to the weights that it starts with: a linear map and a shift.
struct Epoch {
    map: Map,
    shift: Weights,
}

impl Epoch {
    /// The weights from which the epoch hands `after` over; none where there are no such.
    ///
    /// Along one direction an epoch may forget nearly all; what it forgot cannot be got back, but
    /// was forgotten before too: only the directions that last are gone back along.
    fn before(&self, after: Weights) -> Option<Weights> {
        /// Of what shrinks faster in an epoch, nothing is left to go back from.
        const LASTING: f64 = 1e-3;
        let fixed = self.map.fixed_point(self.shift)?;
        let offset = [after[0] - fixed[0], after[1] - fixed[1]];
        let mut before = fixed;
        for (factor, part) in self.map.parts(offset)? {
            if factor.abs() > LASTING {
                before = [before[0] + part[0] / factor, before[1] + part[1] / factor];
            }
        }
        before.iter().all(|one| one.is_finite()).then_some(before)
    }
}

/// A linear map of the plane: where (1, 0) and (0, 1) go.
struct Map {
    a: Weights,
    b: Weights,
}

impl Map {
    /// The point that the map followed by a shift leaves in its place.
    fn fixed_point(&self, shift: Weights) -> Option<Weights> {
        let rest = Map { a: [1.0 - self.a[0], -self.a[1]], b: [-self.b[0], 1.0 - self.b[1]] };
        rest.solve(shift)
    }

    /// What the map takes to `image`.
    fn solve(&self, image: Weights) -> Option<Weights> {
        let ([p, q], [r, s], [u, v]) = (self.a, self.b, image);
        let determinant = p * s - r * q;
        let solution = [(u * s - r * v) / determinant, (p * v - u * q) / determinant];
        solution.iter().all(|one| one.is_finite()).then_some(solution)
    }

    /// A vector as a sum of two that the map only stretches, each with its factor; none where
    /// the map turns.
    fn parts(&self, vector: Weights) -> Option<[(f64, Weights); 2]> {
        let ([p, q], [r, s]) = (self.a, self.b);
        let (half, determinant) = ((p + s) / 2.0, p * s - r * q);
        let root = (half * half - determinant).sqrt();
        if root.is_nan() || root == 0.0 {
            return None;
        }
        let factors = [half + root, half - root];
        let directions = factors.map(|factor| match r.abs() > q.abs() {
            true => [r, factor - p],
            false => [factor - s, q],
        });
        let shares = Map { a: directions[0], b: directions[1] }.solve(vector)?;
        let part = |at: usize| {
            let [x, y] = directions[at];
            (factors[at], [shares[at] * x, shares[at] * y])
        };
        Some([part(0), part(1)])
    }
}
