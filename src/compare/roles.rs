//! Which columns of a table are the samples and the weights: those whose line gives the others.

use super::agree::{agree, points, same};
use super::forced::Source;
use super::invented::{Trial, counts};
use super::machine::{HandColumn, Leaf, Machine};

/// The columns that everything else is computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Roles {
    /// The input.
    pub x: usize,
    /// The target.
    pub y: usize,
    /// The slope that a row starts with.
    pub a: Source,
    /// The intercept that a row starts with.
    pub b: Source,
}

/// The columns whose line explains the most others; none where no two pairs explain any.
/// `pins` are columns that the user has said what they are.
pub(super) fn find(machine: &Machine, trials: &[Trial], pins: &[(usize, String)]) -> Option<Roles> {
    let points = points(trials);
    let search = Search { machine, trials, points };
    let is = |column: usize, name: &str| {
        let pinned = |(at, id): &(usize, String)| (*at == column) == (id == name);
        pins.iter().filter(|(at, id)| *at == column || id == name).all(pinned)
    };
    let (data, weights) = (search.data(), search.weights());
    let of = |name: &str| data.iter().copied().filter(|at| is(*at, name)).collect::<Vec<_>>();
    let carried =
        |name: &str| weights.iter().copied().filter(|one| is(one.column, name)).collect::<Vec<_>>();
    let (xs, ys, slopes, intercepts) = (of("x"), of("y"), carried("a"), carried("b"));
    let mut best: Option<(f64, Roles)> = None;
    for &x in &xs {
        for &y in ys.iter().filter(|y| **y != x) {
            for &a in &slopes {
                for &b in intercepts.iter().filter(|b| b.column != a.column) {
                    let roles = Roles { x, y, a, b };
                    let score = search.score(&roles);
                    if score > 0.0 && best.is_none_or(|(most, _)| score > most) {
                        best = Some((score, roles));
                    }
                }
            }
        }
    }
    let by_name = || search.by_name(&data, &weights);
    let by_step = || search.by_step(&[xs, ys], &[slopes, intercepts]);
    best.map(|(_, roles)| roles).or_else(by_step).or_else(by_name)
}

struct Search<'a> {
    machine: &'a Machine,
    trials: &'a [Trial],
    points: Vec<(usize, isize)>,
}

impl Search<'_> {
    /// Columns that may be samples: those that hold numbers, before formulas that need no row above.
    fn data(&self) -> Vec<usize> {
        let columns = &self.machine.columns;
        let given = |column: &HandColumn| column.pattern.is_none() && !counts(&column.values);
        let all: Vec<usize> = (0..columns.len()).filter(|&at| given(&columns[at])).collect();
        if self.trials.len() == 1 {
            return all;
        }
        // y may be computed on the spot, from x and a noise; x may count.
        let others = (0..columns.len()).filter(|at| !all.contains(at) && !self.carries(*at));
        all.iter().copied().chain(others).collect()
    }

    /// Columns that may be weights, in this row or in the row above.
    fn weights(&self) -> Vec<Source> {
        let is_invented = self.trials.len() > 1;
        let columns = 0..self.machine.columns.len();
        let carried = columns.filter(|&at| !is_invented || self.carries(at));
        carried.flat_map(|at| [0, -1].map(|below| Source { below, ..Source::of(at) })).collect()
    }

    /// Whether the column follows from the row above, otherwise than by counting on.
    fn carries(&self, column: usize) -> bool {
        let mut seen = vec![false; self.machine.columns.len()];
        let mut open = vec![column];
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let Some(pattern) = &self.machine.columns[at].pattern else { continue };
            if counts(&self.machine.columns[at].values) {
                continue;
            }
            if pattern.has_name(|leaf| matches!(leaf, Leaf::Above(_))) {
                return true;
            }
            let column = |leaf: &Leaf| if let Leaf::Column(at) = leaf { Some(*at) } else { None };
            open.extend(pattern.names().into_iter().filter_map(column));
        }
        false
    }

    /// How many columns the line explains, with a little more for the usual layout and names.
    fn score(&self, roles: &Roles) -> f64 {
        let used = [roles.x, roles.y, roles.a.column, roles.b.column];
        let others = (0..self.machine.columns.len()).filter(|at| !used.contains(at));
        let first = self.at_first_point(roles);
        let explained = others.filter(|&at| self.is_explained(roles, &first, at)).count() as f64;
        if explained == 0.0 {
            return 0.0;
        }
        let named = |column: usize, names: &[&str]| {
            let header = self.machine.columns[column].header.as_deref().unwrap_or_default();
            f64::from(u8::from(names.contains(&header.trim().to_lowercase().as_str()))) * 0.01
        };
        let in_place = f64::from(u8::from(roles.a.below == 0 && roles.b.below == 0)) * 0.1;
        explained
            + in_place
            + named(roles.x, &["x"])
            + named(roles.y, &["y"])
            + named(roles.a.column, SLOPES)
            + named(roles.b.column, INTERCEPTS)
    }

    /// What a table may show of the line at the first point.
    fn at_first_point(&self, roles: &Roles) -> Vec<f64> {
        let Some(&point) = self.points.first() else { return Vec::new() };
        OF_THE_LINE.iter().map(|of_line| self.of_line(*of_line, roles, point)).collect()
    }

    fn of_line(&self, of_line: OfTheLine, roles: &Roles, (trial, row): (usize, isize)) -> f64 {
        let trial = &self.trials[trial];
        let (x, y) = (trial.at(roles.x, row), trial.at(roles.y, row));
        of_line(roles.a.at(trial, row), roles.b.at(trial, row), x, y)
    }

    fn is_explained(&self, roles: &Roles, first: &[f64], column: usize) -> bool {
        let value = |trial: usize, row: isize| self.trials[trial].at(column, row);
        // Of invented numbers none may differ, so most columns are ruled out by the first.
        let own = self.points.first().map_or(f64::NAN, |&(trial, row)| value(trial, row));
        let may_be = |expected: f64| self.trials.len() == 1 || own.is_nan() || same(expected, own);
        OF_THE_LINE.iter().zip(first).any(|(of_line, expected)| {
            let expected_at = |trial, row| self.of_line(*of_line, roles, (trial, row));
            may_be(*expected) && agree(self.trials, &self.points, expected_at, value)
        })
    }

    /// The columns between which plain gradient descent makes its steps, for a table that shows
    /// nothing but samples and weights: the intercept moves by a multiple of the error, the slope
    /// by x times that.
    fn by_step(
        &self,
        [xs, ys]: &[Vec<usize>; 2],
        [slopes, intercepts]: &[Vec<Source>; 2],
    ) -> Option<Roles> {
        let pairs =
            xs.iter().flat_map(|x| ys.iter().map(move |y| (*x, *y))).filter(|(x, y)| x != y);
        let mut all = pairs.flat_map(|(x, y)| {
            let pairs = slopes.iter().flat_map(|a| intercepts.iter().map(move |b| (*a, *b)));
            pairs.filter(|(a, b)| a.column != b.column).map(move |(a, b)| Roles { x, y, a, b })
        });
        all.find(|roles| self.is_step(roles))
    }

    fn is_step(&self, roles: &Roles) -> bool {
        let error = |trial: usize, row: isize| {
            let (a, b) =
                (roles.a.at(&self.trials[trial], row), roles.b.at(&self.trials[trial], row));
            let at = |column: usize| self.trials[trial].at(column, row);
            a * at(roles.x) + b - at(roles.y)
        };
        let moved = |source: Source, trial: usize, row: isize| {
            source.at(&self.trials[trial], row + 1) - source.at(&self.trials[trial], row)
        };
        let rate = |trial: usize| {
            let row = self.trials[trial].first as isize;
            moved(roles.b, trial, row) / error(trial, row)
        };
        let x = |trial: usize, row: isize| self.trials[trial].at(roles.x, row);
        let intercept = |trial: usize, row: isize| rate(trial) * error(trial, row);
        let slope = |trial: usize, row: isize| intercept(trial, row) * x(trial, row);
        let moves = |source: Source, expected: &dyn Fn(usize, isize) -> f64| {
            agree(self.trials, &self.points, expected, |trial, row| moved(source, trial, row))
        };
        moves(roles.b, &intercept) && moves(roles.a, &slope)
    }

    /// The columns by what stands above them, for a table that shows neither prediction nor error.
    fn by_name(&self, data: &[usize], weights: &[Source]) -> Option<Roles> {
        let header = |column: usize| {
            let header = self.machine.columns[column].header.as_deref().unwrap_or_default();
            header.trim().to_lowercase()
        };
        let named = |names: &[&str]| {
            let is = |source: &&Source| {
                names.contains(&header(source.column).as_str()) && source.below == 0
            };
            weights.iter().find(is).copied()
        };
        let of_data = |name: &str| data.iter().copied().find(|at| header(*at) == name);
        Some(Roles { x: of_data("x")?, y: of_data("y")?, a: named(SLOPES)?, b: named(INTERCEPTS)? })
    }
}

const SLOPES: &[&str] = &["a", "slope", "w", "weight", "m"];
const INTERCEPTS: &[&str] = &["b", "intercept", "bias", "const", "c"];

/// A function of a, b, x, y.
type OfTheLine = fn(f64, f64, f64, f64) -> f64;

/// What a table shows of the line a·x + b at (x, y), as functions of a, b, x, y.
const OF_THE_LINE: &[OfTheLine] = &[
    |a, b, x, _| a * x + b,
    |a, b, x, y| a * x + b - y,
    |a, b, x, y| y - (a * x + b),
    |a, b, x, y| (a * x + b - y).powi(2),
    |a, b, x, y| (a * x + b - y).powi(2) / 2.0,
    |a, b, x, y| 2.0 * (a * x + b - y),
    |a, b, x, y| -2.0 * (a * x + b - y),
    |a, b, x, y| 2.0 * (a * x + b - y) * x,
    |a, b, x, y| -2.0 * (a * x + b - y) * x,
    |a, b, x, y| (a * x + b - y) * x,
    |a, b, x, y| (y - a * x - b) * x,
];
