//! How weights get from one epoch to the next, told from a pasted list of the epochs' errors.
//!
//! Without anything that is remembered, an epoch maps the weights that it starts with to those
//! that it ends with, and the map is affine. So from the weights in the table one gets back to
//! those of the epochs before, if the rule is known by which they were carried over; the rule by
//! which the pasted errors come out is the one that was used.

use super::forced::Places;
use super::form::Form;
use super::judge::Judge;
use super::labels::Measure;
use super::matching::Fit;
use super::recompute::run_from;
use super::result::{Finding, Kind};
use super::table::{SideList, Table};
use crate::data::address::cell_name;
use crate::sheet::Group;

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

impl Judge<'_> {
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
        let epochs = Epochs { judge: self, form: self.words.form, fit };
        let here = epochs.start();
        let errors = epochs.errors(here);
        let last = *list.values.last().filter(|_| list.values.len() > 1)?;
        let same = |one: f64, other: f64| !self.differs(one, other, 0.0);
        let measure = Measure::found(last, &errors, &same)?;
        let fits = |rule: Rule| epochs.leads_to(rule, measure, &list.values).unwrap_or(false);
        if fits(Rule::Updated) || !fits(Rule::Used) {
            return None;
        }
        let cell = cell_name(list.at);
        let rows = &self.words.machine.rows;
        let last_row = rows.last()? + 1;
        let [a, b] = epochs.end(here, Rule::Updated);
        Some(Finding {
            kind: Kind::HandOver,
            cell: format!("{}!{cell}", self.sheet),
            message: format!(
                "the {} errors pasted from {cell} on come out only if each epoch starts with the \
                 weights that row {last_row} of the one before started with: the update of row \
                 {last_row} is lost in every epoch",
                list.values.len()
            ),
            expected: None,
            found: None,
            cause: None,
            consequences: 0,
            fix: Some(format!(
                "hand the new weights of row {last_row} over to the next epoch: a = {a}, b = {b}"
            )),
        })
    }
}

/// Epochs over the samples of a table.
struct Epochs<'a> {
    judge: &'a Judge<'a>,
    form: &'a Form<'a>,
    fit: &'a Fit,
}

impl Epochs<'_> {
    fn places(&self) -> &Places {
        self.judge.words.places
    }

    /// The weights that the table starts from.
    fn start(&self) -> Weights {
        let weights = &self.form.sheet.weights;
        [0, 1].map(|index| match self.places().columns[weights[index].current] {
            Some(source) => source.at(self.judge.real, 0),
            None => f64::NAN,
        })
    }

    fn run(&self, from: Weights) -> Vec<Vec<f64>> {
        let weights = self.form.sheet.weights.iter();
        let starts = weights.zip(from).map(|(weight, start)| (weight.next, start)).collect();
        run_from(self.form, self.fit, self.judge.real, starts).columns
    }

    /// The loss of each sample in an epoch.
    fn errors(&self, from: Weights) -> Vec<f64> {
        self.run(from).swap_remove(self.form.sheet.loss)
    }

    /// The weights that an epoch hands over.
    fn end(&self, from: Weights, rule: Rule) -> Weights {
        let columns = self.run(from);
        let weights = &self.form.sheet.weights;
        [0, 1].map(|index| {
            let column = match rule {
                Rule::Updated => weights[index].next,
                Rule::Used => weights[index].current,
            };
            columns[column].last().copied().unwrap_or(f64::NAN)
        })
    }

    /// Whether the errors of the epochs before, got back to by the rule, are those of the list.
    fn leads_to(&self, rule: Rule, measure: Measure, list: &[f64]) -> Option<bool> {
        let mut weights = self.start();
        for pasted in list.iter().rev().skip(1) {
            weights = self.before(weights, rule)?;
            let error = measure.of(&self.errors(weights));
            // Going back loses digits that going forth did not need.
            if (error - pasted).abs() > 1e-6 * pasted.abs() {
                return Some(false);
            }
        }
        Some(true)
    }

    /// The weights from which an epoch hands `after` over; none where the map has no such.
    ///
    /// Along one direction an epoch may forget nearly all; what it forgot cannot be got back, but
    /// was forgotten before too: only the directions that last are gone back along.
    fn before(&self, after: Weights, rule: Rule) -> Option<Weights> {
        /// Of what shrinks faster in an epoch, nothing is left to go back from.
        const LASTING: f64 = 1e-3;
        let origin = self.end([0.0, 0.0], rule);
        let image = |from: Weights| {
            let end = self.end(from, rule);
            [end[0] - origin[0], end[1] - origin[1]]
        };
        let map = Map { a: image([1.0, 0.0]), b: image([0.0, 1.0]) };
        let fixed = map.fixed_point(origin)?;
        let offset = [after[0] - fixed[0], after[1] - fixed[1]];
        let mut before = fixed;
        for (factor, part) in map.parts(offset)? {
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
