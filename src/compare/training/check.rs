//! Checking derivatives: at every invented point one backward sweep from the loss of an iteration
//! gives the derivative by every weight.
//!
//! A gradient holds where it is the derivative times the training's factor, at all points.

use std::collections::{HashMap, HashSet};

use super::case::Case;
use super::iterations::Tag;
use crate::graph::{Adjoints, CellId, Tree, Values};
use crate::value::number_text;
use crate::watch;

/// What rounding leaves of the agreement of a gradient with the derivative.
const TOLERANCE: f64 = 1e-7;

impl Case<'_> {
    /// Compares all gradients with the derivatives.
    pub fn check(&mut self) {
        let iterations = self.iterations();
        let mut verdicts = vec![Vec::with_capacity(iterations); self.group().len()];
        for iteration in watch::each("iterations checked", 0..iterations) {
            let mut at = match self.is_unwritten {
                true => self.symmetric(iteration),
                false => self.verdicts_of(iteration, &self.ground.invented.points),
            };
            self.admit_difference_quotients(iteration, &mut at);
            verdicts.iter_mut().zip(at).for_each(|(all, verdict)| all.push(verdict));
        }
        self.verdicts = verdicts;
    }

    /// Whether no gradient is found to be no derivative.
    pub fn holds(&self) -> bool {
        !self.verdicts.iter().flatten().any(|verdict| *verdict == Some(false))
    }

    /// Whether each gradient of an iteration is the derivative, at all of the points.
    pub fn verdicts_of(&self, iteration: usize, points: &[Values]) -> Vec<Option<bool>> {
        let mut verdicts: Vec<Option<bool>> = vec![None; self.group().len()];
        for values in points {
            let Some(derivatives) = self.derivatives(iteration, values) else { continue };
            for (weight, verdict) in verdicts.iter_mut().enumerate() {
                if self.roles[weight].get(iteration).is_none_or(Option::is_none) {
                    continue;
                }
                let Some(variable) = self.variable(weight, iteration) else { continue };
                let gradient = self.gradient(weight, iteration, values);
                let holds = agrees(gradient, self.factor * derivatives.get(variable));
                *verdict.get_or_insert(true) &= holds;
            }
        }
        verdicts
    }

    /// What the gradients of an iteration are at each point.
    pub fn gradients_at_points(&self, iteration: usize) -> Vec<Vec<f64>> {
        let weights = 0..self.group().len();
        let of = |at| weights.clone().map(|weight| self.gradient(weight, iteration, at)).collect();
        self.ground.invented.points.iter().map(of).collect()
    }

    /// Whether what the gradients were before is the same multiple of what they are now for all
    /// weights, where it is a multiple: an 1/n that only some of them have must not be passed over.
    pub fn share_a_factor(&self, before: &[Vec<f64>], iteration: usize) -> bool {
        let now = self.gradients_at_points(iteration);
        let ratio = |weight: usize| {
            let mut all = before.iter().zip(&now).map(|(one, other)| one[weight] / other[weight]);
            let first = all.next().filter(|first| first.is_finite())?.abs();
            all.all(|one| agrees(one.abs(), first)).then_some(first)
        };
        let ratios: Vec<f64> = (0..self.group().len()).filter_map(ratio).collect();
        ratios.windows(2).all(|pair| agrees(pair[0], pair[1]))
    }

    /// Gradients of one function, whatever it be, move with each other's weights alike: for each of
    /// an iteration whether it does so with all others; none where one does not, or moves with none.
    pub fn symmetric(&self, iteration: usize) -> Vec<Option<bool>> {
        let weights = 0..self.group().len();
        let points = self.ground.invented.points.iter();
        let slopes: Option<Vec<Vec<Vec<f64>>>> = points
            .map(|values| weights.clone().map(|one| self.moves(one, iteration, values)).collect())
            .collect();
        let Some(slopes) = slopes else { return vec![None; weights.len()] };
        let verdict = |one: usize| {
            let pairs = || {
                slopes.iter().flat_map(|at| {
                    weights
                        .clone()
                        .filter(move |other| *other != one)
                        .map(move |other| (at[one][other], at[other][one]))
                })
            };
            let is_like = pairs().all(|(one, other)| agrees(one, other));
            (is_like && pairs().any(|(one, _)| one.abs() > 1e-9)).then_some(true)
        };
        weights.clone().map(verdict).collect()
    }

    /// How the gradient of a weight moves with each weight.
    fn moves(&self, weight: usize, iteration: usize, values: &Values) -> Option<Vec<f64>> {
        let graph = self.ground.graph;
        let role = self.roles[weight].get(iteration)?.as_ref()?;
        let seeds = match (&role.cell, &role.part) {
            (Some(cell), _) => vec![(*cell, 1.0)],
            (None, Some((tree, factor))) => {
                let slopes = graph.tree_adjoints(tree, values).into_iter();
                slopes.map(|(id, slope)| (id, slope * factor)).collect()
            }
            _ => return None,
        };
        let adjoints = graph.adjoints_from(&seeds, values, self.cells(iteration));
        let by = |other| Some(adjoints.get(self.variable(other, iteration)?));
        (0..self.group().len()).map(by).collect()
    }

    /// The derivatives of the loss of an iteration by all its cells, at a point.
    pub fn derivatives(&self, iteration: usize, values: &Values) -> Option<Adjoints> {
        let (graph, cells) = (self.ground.graph, self.cells(iteration));
        match &self.implied {
            Some(implied) => {
                let seeds = implied.seeds(self, iteration, values)?;
                Some(graph.adjoints_from(&seeds, values, cells))
            }
            None => {
                let loss = self.loss(iteration)?;
                values.number(loss)?;
                Some(graph.adjoints(loss, values, cells))
            }
        }
    }

    /// What each gradient of an iteration should be, at a point.
    pub fn expected(&self, iteration: usize, values: &Values) -> Vec<f64> {
        let derivatives = self.derivatives(iteration, values);
        let expected = |weight: usize| {
            let variable = self.variable(weight, iteration)?;
            Some(self.factor * derivatives.as_ref()?.get(variable))
        };
        (0..self.group().len()).map(|weight| expected(weight).unwrap_or(f64::NAN)).collect()
    }

    /// Whether every gradient of an iteration is the derivative, at a point, where some formulas say
    /// something else and `values` are those that follow. Notes which weights the loss moves with.
    pub fn hold_at(
        &self,
        iteration: usize,
        values: &Values,
        order: &[CellId],
        changed: &HashMap<CellId, Tree>,
        moves: &mut [bool],
    ) -> bool {
        let graph = self.ground.graph;
        let seeds = match &self.implied {
            Some(implied) => implied.seeds(self, iteration, values),
            None => self.loss(iteration).map(|loss| vec![(loss, 1.0)]),
        };
        let Some(seeds) = seeds else { return false };
        let derivatives = graph.adjoints_with(&seeds, values, order, changed);
        (0..self.group().len()).all(|weight| {
            let Some(variable) = self.variable(weight, iteration) else { return true };
            moves[weight] |= derivatives.get(variable) != 0.0;
            if self.roles[weight].get(iteration).is_none_or(Option::is_none) {
                return true;
            }
            let gradient = self.gradient(weight, iteration, values);
            agrees(gradient, self.factor * derivatives.get(variable))
        })
    }

    /// The same at each of the invented points.
    pub fn expected_at_points(&self, iteration: usize) -> Vec<Vec<f64>> {
        let points = self.ground.invented.points.iter();
        points.map(|values| self.expected(iteration, values)).collect()
    }

    /// The cells of an iteration that its loss is computed from, the loss included.
    pub fn ahead(&self, iteration: usize) -> HashSet<CellId> {
        let outputs: Vec<CellId> = match &self.implied {
            Some(implied) => implied.predicted(self, iteration),
            None => self.loss(iteration).into_iter().collect(),
        };
        self.ahead_of(&outputs, iteration)
    }

    /// The cells of an iteration that some of them are computed from, these included.
    pub fn ahead_of(&self, outputs: &[CellId], iteration: usize) -> HashSet<CellId> {
        let graph = self.ground.graph;
        let is_here = |id: &CellId| {
            let tags = &self.ground.tags;
            matches!(tags.get(*id), Tag::Of { last, .. } if last == iteration)
                && !tags.is_variable(*id)
        };
        let mut open: Vec<CellId> = outputs.to_vec();
        open.retain(is_here);
        let mut ahead: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            let inputs = graph.inputs(id).iter().filter(|input| is_here(input));
            open.extend(inputs.filter(|input| ahead.insert(**input)));
        }
        ahead
    }
}

/// Whether two numbers are the same up to rounding.
pub(super) fn agrees(one: f64, other: f64) -> bool {
    let size = one.abs().max(other.abs());
    one.is_finite() && other.is_finite() && (one - other).abs() <= TOLERANCE * size + 1e-12
}

/// Whether a typed number is another one, as far as it was typed.
pub(super) fn is_rounded(number: f64, typed: f64) -> bool {
    let text = number_text(typed);
    let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let is_shown = digits < 10 && format!("{number:.digits$}").parse() == Ok(typed) && typed != 0.0;
    is_shown || (number - typed).abs() <= 1e-9 * number.abs().max(typed.abs()).max(1e-9)
}

/// A factor without what rounding left in its last digits.
pub(super) fn clean(factor: f64) -> f64 {
    for divisor in 1..=10_000 {
        let times = factor * f64::from(divisor);
        let is_whole = (times - times.round()).abs() < 1e-6 * times.abs();
        if is_whole && (1.0..=8.0).contains(&times.round().abs()) {
            return times.round() / f64::from(divisor);
        }
    }
    factor
}
