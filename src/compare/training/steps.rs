//! Steps taken apart: the learning rate, and the part that should be the gradient.
//!
//! People write `w - lr*g`, or give `lr*g` a cell of its own, or `2/n*lr*SUM(...)`. The learning rate
//! is the factor that the steps of all weights share; what is left of a step without it is the
//! gradient: a cell, or a part of a formula.

use std::collections::HashSet;

use super::iterations::Tags;
use super::terms::{Part, Sign, factors, is_blank, only_cell, product, sum, terms};
use super::updates::{Update, Updates};
use super::{Ground, names};
use crate::formula::Operator;
use crate::graph::place::most_common;
use crate::graph::{CellId, Graph, Leaf, Node, Tree};

/// How many cells one behind the other may do nothing but multiply.
const MOST_LEVELS: usize = 4;

/// One formula on the way from an update to its gradient, taken apart.
#[derive(Debug, Clone)]
struct Level {
    /// The cell whose formula it is.
    home: CellId,
    /// The numbers that are written as factors.
    numbers: Vec<f64>,
    /// The factors that no weight changes; divisors are marked.
    fixed: Vec<(Part, bool)>,
    /// The other factors; divisors are marked.
    moving: Vec<(Part, bool)>,
}

/// A step: what it is a multiple of, level by level.
#[derive(Debug, Clone)]
pub struct Step {
    levels: Vec<Level>,
}

/// The learning rate of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// A cell, as the formula refers to it.
    Cell(CellId),
    /// A number in the formula.
    Typed(f64),
    /// There is none: the step is the gradient.
    None,
}

impl Rate {
    /// The cell, where it is one.
    pub fn cell(self) -> Option<CellId> {
        match self {
            Rate::Cell(cell) => Some(cell),
            Rate::Typed(_) | Rate::None => None,
        }
    }
}

/// What of a step should be the gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// The cell, where it is one.
    pub cell: Option<CellId>,
    /// The part of the update's formula, otherwise.
    pub tree: Tree,
    /// What is multiplied with the cell, beside the learning rate, before the step is taken.
    pub factor: f64,
}

impl Step {
    /// Takes the step of an update apart.
    pub fn new(graph: &Graph, tags: &Tags, update: &Update) -> Step {
        let mut levels = Vec::new();
        let mut home = update.cell;
        let mut part = factored(&update.step).unwrap_or_else(|| update.step.clone());
        for _ in 0..MOST_LEVELS {
            let level = Level::new(graph, tags, home, &part);
            let inner = match level.moving[..] {
                // A factor that no weight changes is the learning rate: what it multiplies is the
                // gradient, whose own factors are none.
                [(ref only, false)] if level.fixed.is_empty() => {
                    only_cell(only).filter(|id| !tags.is_variable(*id))
                }
                _ => None,
            };
            levels.push(level);
            let tree = inner.and_then(|id| graph.tree(id));
            match tree {
                Some(tree) => (home, part) = (tree.home, tree.root),
                None => break,
            }
        }
        Step { levels }
    }

    /// The cells that it is a multiple of, nearest first.
    pub fn rates(&self) -> impl Iterator<Item = CellId> {
        self.rates_but(|_| false)
    }

    /// The same without those that a formula behind the update takes as data.
    fn rates_but(&self, is_data: impl Fn(CellId) -> bool) -> impl Iterator<Item = CellId> {
        let fixed = self.levels.iter().enumerate().flat_map(|(depth, level)| {
            let factors = level.fixed.iter().filter(|(_, is_divisor)| !is_divisor);
            factors.filter_map(move |(part, _)| Some((depth, only_cell(part)?)))
        });
        fixed.filter(move |(depth, id)| *depth == 0 || !is_data(*id)).map(|(_, id)| id)
    }

    /// The cells within factors without weights, such as those of `lr/(1+decay*t)`.
    pub fn cells_in_rates(&self) -> Vec<CellId> {
        Self::fixed_cells(&self.levels)
    }

    /// The same before the formula that refers to the gradient is left: data are behind it.
    pub fn cells_in_rates_up_to(&self, home: CellId) -> Vec<CellId> {
        let end = self.levels.iter().position(|level| level.home == home);
        Self::fixed_cells(&self.levels[..end.map_or(self.levels.len(), |at| at + 1)])
    }

    fn fixed_cells(levels: &[Level]) -> Vec<CellId> {
        let mut cells = Vec::new();
        for (part, _) in levels.iter().flat_map(|level| &level.fixed) {
            part.each_leaf(&mut |leaf| cells.extend(leaf.id()));
        }
        cells
    }

    /// The first number that is written as a factor.
    fn typed(&self) -> Option<f64> {
        let numbers = self.levels.first()?.numbers.iter().copied();
        numbers.map(f64::abs).find(|number| *number != 1.0)
    }

    /// Whether it is a multiple of nothing.
    pub fn is_bare(&self) -> bool {
        self.levels.iter().all(|level| level.fixed.is_empty() && level.moving.len() == 1)
    }

    /// The factors that no weight changes.
    pub fn fixed(&self) -> impl Iterator<Item = &Part> {
        self.levels.iter().flat_map(|level| &level.fixed).map(|(part, _)| part)
    }

    /// What is left of the step without its learning rate, and without what that is multiplied with
    /// on its schedule.
    pub fn gradient(&self, home: CellId, rate: Rate, schedule: &[&Part]) -> Option<Gradient> {
        let level = match rate {
            Rate::Cell(rate) => self.level_of(rate).unwrap_or(0),
            _ => 0,
        };
        let above: f64 = self.levels[..level].iter().flat_map(|one| &one.numbers).product();
        let level = self.levels.get(level)?;
        let mut numbers = level.numbers.clone();
        if let Rate::Typed(rate) = rate
            && let Some(at) = numbers.iter().position(|number| number.abs() == rate)
        {
            numbers[at] = numbers[at].signum();
        }
        let factor = above * numbers.iter().product::<f64>();
        let is_rate = |part: &Part| {
            schedule.contains(&part)
                || match rate {
                    Rate::Cell(rate) => contains(part, rate),
                    // A blank cell holds no rate, and nothing else.
                    Rate::None => is_blank(part),
                    Rate::Typed(_) => false,
                }
        };
        // A rate that is data as well is a factor of both: what is taken away once is left the second time.
        let is_left = |at: usize, part: &Part| {
            let is_same = |before: &Part| only_cell(before) == only_cell(part);
            let is_again = only_cell(part).is_some()
                && level.fixed[..at].iter().any(|(before, _)| is_same(before));
            !is_rate(part) || is_again
        };
        let fixed = level.fixed.iter().enumerate().filter(|(at, (part, _))| is_left(*at, part));
        let others = fixed.map(|(_, one)| one).chain(&level.moving);
        let others: Vec<_> = others.map(|(part, is_divisor)| (part, *is_divisor)).collect();
        if others.is_empty() {
            return None;
        }
        let root = product(&[], &others);
        // Beside other factors a cell is a part of the gradient only.
        Some(Gradient { cell: only_cell(&root), tree: Tree { home, root }, factor })
    }

    /// The cell whose formula the learning rate stands in, given how many formulas of the kind lead
    /// to it.
    pub fn rate_home(&self, level: usize) -> Option<CellId> {
        self.levels.get(level).map(|level| level.home)
    }

    pub fn level_of(&self, rate: CellId) -> Option<usize> {
        let has = |level: &Level| level.fixed.iter().any(|(part, _)| contains(part, rate));
        self.levels.iter().position(has)
    }
}

/// A sum with the cell that all of its terms are multiples of before it: `lr*(g + k*w)` for
/// `lr*g + lr*k*w`.
fn factored(part: &Part) -> Option<Part> {
    let terms = terms(part);
    let cells = |part: &Part| -> Vec<CellId> {
        let found = factors(part).parts.into_iter().filter(|(_, is_divisor)| !is_divisor);
        found.filter_map(|(one, _)| only_cell(one)).collect()
    };
    let (_, first) = terms.first().filter(|_| terms.len() > 1)?;
    let common = cells(first)
        .into_iter()
        .find(|id| terms.iter().all(|(_, term)| cells(term).contains(id)))?;
    let rest: Option<Vec<(Sign, Part)>> =
        terms.iter().map(|(sign, term)| Some((*sign, without(term, common)?))).collect();
    let rest = rest?;
    let rest: Vec<(Sign, &Part)> = rest.iter().map(|(sign, part)| (*sign, part)).collect();
    Some(Node::Leaf(Leaf::cell(common)).binary(Operator::Multiply, sum(&rest)))
}

/// A product without one of its factors, a cell.
fn without(part: &Part, factor: CellId) -> Option<Part> {
    let mut found = factors(part);
    let is_one = |(one, is_divisor): &(&Part, bool)| !is_divisor && only_cell(one) == Some(factor);
    found.parts.remove(found.parts.iter().position(is_one)?);
    Some(product(&found.numbers, &found.parts))
}

fn contains(part: &Part, id: CellId) -> bool {
    let mut found = false;
    part.each_leaf(&mut |leaf| found |= leaf.id() == Some(id));
    found
}

impl Level {
    fn new(graph: &Graph, tags: &Tags, home: CellId, part: &Part) -> Level {
        let found = factors(part);
        let is_fixed = |part: &Part| {
            super::terms::cells_in(graph, part).into_iter().all(|id| tags.is_fixed(id))
        };
        let (fixed, moving) = found.parts.into_iter().partition::<Vec<_>, _>(|one| is_fixed(one.0));
        let own = |parts: Vec<(&Part, bool)>| {
            parts.into_iter().map(|(part, is_divisor)| (part.clone(), is_divisor)).collect()
        };
        Level { home, numbers: found.numbers, fixed: own(fixed), moving: own(moving) }
    }
}

/// The learning rates of a training.
#[derive(Debug, Clone)]
pub struct Rates {
    /// For each iteration the cell that the value comes from; none where it is typed.
    pub cells: Vec<Option<CellId>>,
    /// The number that is written into the formulas instead.
    pub typed: Option<f64>,
}

/// Finds the factor that the steps of all weights share, iteration by iteration.
pub fn rates(ground: &Ground, steps: &[Vec<Option<Step>>]) -> Rates {
    let Ground { graph, updates, data, .. } = ground;
    let iterations = steps.iter().map(Vec::len).max().unwrap_or(0);
    let of = |iteration: usize| steps.iter().filter_map(move |all| all.get(iteration)?.as_ref());
    // Over all iterations first: a rate in a cell of its own is the same in all of them.
    let origins = |step: &Step| -> Vec<CellId> {
        let mut unique = Vec::new();
        let is_data = |id: CellId| data.contains(&id) && !names::is_called_rate(graph, id);
        let own = step.rates_but(is_data);
        for origin in own.map(|id| updates.origin(id)) {
            if !unique.contains(&origin) {
                unique.push(origin);
            }
        }
        unique
    };
    let all: Vec<&Step> = (0..iterations).flat_map(of).collect();
    let usual = shared(graph, all.iter().copied(), &origins);
    let cells = (0..iterations).map(|iteration| {
        let here: Vec<&Step> = of(iteration).collect();
        let has_usual = |rate: &CellId| here.iter().any(|step| origins(step).contains(rate));
        usual.filter(has_usual).or_else(|| shared(graph, here.iter().copied(), &origins)).or(usual)
    });
    let cells: Vec<Option<CellId>> = cells.collect();
    let typed = match cells.iter().any(Option::is_some) {
        true => None,
        false => most_common(all.iter().filter_map(|step| Some(step.typed()?.to_bits()))),
    };
    Rates { cells, typed: typed.map(f64::from_bits) }
}

/// The cells from which, and from a weight, a formula that is no update computes something: data.
pub fn met_by_weights(graph: &Graph, tags: &Tags, updates: &Updates) -> HashSet<CellId> {
    let users = tags.variables().flat_map(|weight| graph.users(weight));
    let users = users.filter(|user| !updates.by_cell.contains_key(user));
    users.flat_map(|user| graph.inputs(*user)).copied().collect()
}

/// The factor that most of the steps have, at least half of them; of several the one that is called
/// a rate, then the nearest to the update.
fn shared<'a>(
    graph: &Graph,
    steps: impl Iterator<Item = &'a Step> + Clone,
    origins: &dyn Fn(&Step) -> Vec<CellId>,
) -> Option<CellId> {
    let count = steps.clone().count();
    let mut found: Vec<(CellId, usize, usize)> = Vec::new();
    for step in steps {
        for (depth, origin) in origins(step).into_iter().enumerate() {
            match found.iter_mut().find(|(known, ..)| *known == origin) {
                Some((_, times, near)) => {
                    *times += 1;
                    *near = (*near).min(depth);
                }
                None => found.push((origin, 1, depth)),
            }
        }
    }
    let most = found.iter().map(|(_, times, _)| *times).max()?;
    let best = found.iter().filter(|(_, times, _)| *times * 2 >= count && *times == most);
    let best =
        best.max_by_key(|(id, _, depth)| (names::is_called_rate(graph, *id), usize::MAX - depth));
    best.map(|(id, ..)| *id)
}
