//! What the updates of a training do with their gradients: the rule, what gradients are of the
//! derivatives, and which way is down.

use super::case::Case;
use super::check::{agrees, clean};
use super::iterations::Tag;
use super::names;
use super::result::{Optimizer, Rule};
use super::steps::Gradient;
use super::terms::{cells_in, factors, only_cell};
use crate::graph::place::most_common;
use crate::graph::{CellId, Values};

/// So many formulas are looked behind for the gradient.
const MOST_DEPTH: usize = 3;

impl Case<'_> {
    pub fn rule(&self) -> Rule {
        let looks_back = |(iteration, used): &(usize, &Option<Gradient>)| {
            used.as_ref().is_some_and(|used| {
                let parts = cells_in(self.ground.graph, &used.tree.root);
                parts.into_iter().any(|id| match self.ground.tags.get(id) {
                    Tag::Of { first, .. } => first < *iteration,
                    _ => false,
                })
            })
        };
        // A single update that does is wrong, or the last of two.
        let remembers = self.used.iter().any(|of| {
            let back = of.iter().enumerate().filter(looks_back).count();
            back > 1 || back == 1 && of.len() <= 2
        });
        let skipped =
            self.steps.iter().zip(&self.used).enumerate().any(|(weight, (steps, used))| {
                steps.iter().zip(used).enumerate().any(|(at, (step, used))| {
                    let (Some(step), Some(used)) = (step, used) else { return false };
                    let (rate, schedule) = (self.rate_of(weight, at), self.schedule(at));
                    let direct = step.gradient(used.tree.home, rate, &schedule);
                    direct.and_then(|one| one.cell) != used.cell && !self.is_multiple(weight, at)
                })
            });
        if remembers || skipped { Rule::Other } else { Rule::Descent }
    }

    /// Whether an update steps by its gradient times numbers that no weight changes.
    pub fn is_multiple(&self, weight: usize, at: usize) -> bool {
        let update = self.group()[weight].updates.get(at).and_then(Option::as_ref);
        let (Some(update), Some(used)) = (update, &self.used[weight][at]) else { return false };
        let graph = self.ground.graph;
        let mut part = update.step.clone();
        for _ in 0..=MOST_DEPTH {
            let found = factors(&part);
            let mut moving = found.parts.iter().filter(|(part, _)| {
                cells_in(graph, part).iter().any(|id| !self.ground.tags.is_fixed(*id))
            });
            let (Some((only, false)), None) = (moving.next(), moving.next()) else { return false };
            if **only == used.tree.root || only_cell(only).is_some_and(|id| used.cell == Some(id)) {
                return true;
            }
            match only_cell(only).and_then(|id| graph.tree(id)) {
                Some(tree) => part = tree.root,
                None => return false,
            }
        }
        false
    }

    /// Gradient descent, with a learning rate that may change from iteration to iteration.
    pub fn descent(&self) -> Optimizer {
        let mut descent = Optimizer::descent();
        descent.departures.extend(self.changing_rate());
        if (0..self.group().len()).any(|weight| self.is_difference_quotient(weight, 0)) {
            let text = "takes difference quotients of the loss for its derivatives";
            descent.departures.push(text.to_owned());
        }
        descent.departures.extend(self.restraints());
        descent
    }

    /// What keeps the updates from taking their whole step always.
    pub fn restraints(&self) -> Vec<String> {
        let Some(update) = self.group()[0].updates.iter().flatten().next() else {
            return Vec::new();
        };
        update.held.iter().map(|held| held.words(self.ground.graph, update.cell)).collect()
    }

    /// That the learning rate changes, where it does.
    pub fn changing_rate(&self) -> Option<String> {
        let numbers = |at: usize| -> Option<Vec<CellId>> {
            let (step, used) = (self.steps[0].get(at)?.as_ref()?, self.used[0].get(at)?.as_ref()?);
            used.cell.is_some().then(|| step.cells_in_rates_up_to(used.tree.home))
        };
        let graph = self.ground.graph;
        // The same number typed for each iteration, as on sheets of their own, changes nothing.
        let is_other = |one: CellId, other: CellId| {
            let typed = graph.is_leaf(one) && graph.is_leaf(other);
            one != other && !(typed && graph.value(one).number() == graph.value(other).number())
        };
        let differ = |one: &[CellId], other: &[CellId]| {
            one.len() != other.len() || one.iter().zip(other).any(|(one, two)| is_other(*one, *two))
        };
        let rates: Vec<CellId> = self.rates.cells.iter().flatten().copied().collect();
        let is_schedule =
            self.has_schedule() && rates.windows(2).any(|pair| is_other(pair[0], pair[1]));
        let parts = numbers(0).zip(numbers(1));
        let changes = is_schedule || parts.is_some_and(|(first, second)| differ(&first, &second));
        changes.then(|| "changes the learning rate from iteration to iteration".to_owned())
    }

    /// What gradients of an iteration are of the derivatives, each factor once; of those that are
    /// none of the training's only 1 and -1.
    pub fn factors(&self, iteration: usize) -> Vec<f64> {
        let points = &self.ground.invented.points;
        let of = |weight: usize| {
            let variable = self.variable(weight, iteration)?;
            let mut ratios = points.iter().map(|values| {
                let derivative = self.derivatives(iteration, values)?.get(variable);
                Some(self.gradient(weight, iteration, values) / derivative)
            });
            let first = ratios.next()??;
            let is_same = ratios.all(|one| one.is_some_and(|one| agrees(one, first)));
            (is_same && first.is_finite() && agrees(first.abs(), 1.0)).then(|| first.round())
        };
        let mut factors: Vec<f64> = (0..self.group().len()).filter_map(of).collect();
        factors.sort_by(f64::total_cmp);
        factors.dedup();
        factors
    }

    /// The factor without what differences left of it.
    pub fn exact_factor(&self, sample: usize) -> f64 {
        let mut ratios: Vec<f64> = Vec::new();
        for values in &self.ground.invented.points {
            let Some(derivatives) = self.derivatives(sample, values) else { continue };
            for weight in 0..self.group().len() {
                let Some(variable) = self.variable(weight, sample) else { continue };
                let ratio = self.gradient(weight, sample, values) / derivatives.get(variable);
                if (ratio - self.factor).abs() <= 1e-4 * self.factor.abs() {
                    ratios.push(ratio);
                }
            }
        }
        ratios.sort_by(f64::total_cmp);
        let Some(middle) = ratios.get(ratios.len() / 2) else { return self.factor };
        let whole = clean(*middle);
        let is_quotient = (0..self.group().len()).any(|at| self.is_difference_quotient(at, sample));
        if is_quotient && (middle.abs() - 1.0).abs() < super::quotient::TOLERANCE {
            return middle.signum();
        }
        if (whole - middle).abs() <= 1e-9 * middle.abs() { whole } else { *middle }
    }

    /// The sign of gradients with which the updates of an iteration go down: a step that is added
    /// needs the other one.
    pub fn down(&self, iteration: usize) -> f64 {
        let signs = (0..self.group().len()).filter_map(|weight| {
            let sign = match self.is_multiple(weight, iteration) {
                true => self.step_sign(weight, iteration)?,
                false => self.slope(weight)?,
            };
            Some(if sign < 0.0 { 1 } else { -1 })
        });
        most_common(signs).map_or(1.0, f64::from)
    }

    /// The sign with which an update adds what should be its gradient: the number before a cell is the rule's, that
    /// before a part of the formula belongs to the gradient.
    pub fn step_sign(&self, weight: usize, iteration: usize) -> Option<f64> {
        let update = self.group()[weight].updates.get(iteration)?.as_ref()?;
        let used = self.used[weight].get(iteration)?.as_ref()?;
        let role = self.roles[weight].get(iteration).and_then(Option::as_ref);
        let is_part = role.is_some_and(|role| role.part.is_some());
        Some(if is_part { update.sign } else { update.sign * used.factor.signum() })
    }

    /// How the second update of a weight moves with the cell that it takes for the gradient: the first
    /// may know no other.
    fn slope(&self, weight: usize) -> Option<f64> {
        let graph = self.ground.graph;
        let update = self.group()[weight].updates.get(1)?.as_ref()?.cell;
        let gradient = self.used[weight].get(1)?.as_ref()?.cell?;
        let mut cells = self.cells(1).to_vec();
        if !cells.contains(&update) {
            cells.push(update);
        }
        let points = self.ground.invented.points.iter();
        let mut slopes = points.map(|values| graph.adjoints(update, values, &cells).get(gradient));
        slopes.find(|slope| *slope != 0.0)
    }

    /// Whether the loss is a sum of squares or the like, or is called so: it is made small, not large.
    pub fn is_made_small(&self) -> bool {
        if self.implied.is_some() {
            return true;
        }
        let losses: Vec<CellId> = self.losses.iter().flatten().copied().collect();
        let Some(first) = losses.first() else { return false };
        names::is_called_cost(self.ground.graph, *first) || self.is_never_below_zero(&losses)
    }

    pub fn is_never_below_zero(&self, cells: &[CellId]) -> bool {
        let is_positive = |values: &Values| {
            cells.iter().all(|cell| values.number(*cell).is_none_or(|value| value >= 0.0))
        };
        self.ground.invented.points.iter().all(is_positive)
    }
}
