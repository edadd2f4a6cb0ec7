//! Checking one training: which cells should be gradients, of which loss, and whether they are.
//!
//! At every invented point one backward sweep from the loss of an iteration gives the derivative by
//! every weight. A gradient holds where it is the derivative times the training's factor, at all
//! points.

use std::collections::{HashMap, HashSet};

use super::implied::{self, Implied};
use super::iterations::Tag;
use super::loss::{self, Slopes};
use super::place::{Place, expected_place, most_common};
use super::result::{Loss, Rule, Training, Verdict, Weight};
use super::steps::{Gradient, Rate, Rates, Step, rates};
use super::terms::cells_in;
use super::{Ground, diagnose, layout, names};
use crate::graph::{Adjoints, Block, CellId, Graph, Leaf, Target, Tree, Values};

/// What rounding leaves of the agreement of a gradient with the derivative.
const TOLERANCE: f64 = 1e-7;

/// What should be the derivative of the loss by a weight, in one iteration.
#[derive(Debug, Clone)]
pub(super) struct Role {
    /// The cell, where it has one of its own.
    pub cell: Option<CellId>,
    /// The part of a formula, where it has none, and what that is multiplied by.
    pub part: Option<(Tree, f64)>,
}

/// A training that is being checked.
pub(super) struct Case<'a> {
    pub ground: &'a Ground<'a>,
    /// Its number.
    pub training: usize,
    /// For each weight and update, the step taken apart.
    pub steps: Vec<Vec<Option<Step>>>,
    pub rates: Rates,
    /// For each weight and update what the update takes for the gradient.
    pub used: Vec<Vec<Option<Gradient>>>,
    /// For each weight and iteration what should be the gradient.
    pub roles: Vec<Vec<Option<Role>>>,
    /// The loss of each iteration.
    pub losses: Vec<Option<CellId>>,
    pub implied: Option<Implied>,
    /// What the gradients are of the derivatives.
    pub factor: f64,
    /// The cells that formulas of all iterations refer to with `$`.
    pub absolute: HashSet<CellId>,
    /// How far the same cell of the next iteration may stand: as blocks do, or as weights do.
    pub shifts: Vec<Place>,
    /// For each weight and iteration whether the gradient is the derivative; none where there is
    /// nothing to compare.
    pub verdicts: Vec<Vec<Option<bool>>>,
}

/// Finds out what a group of weights is, and checks it; none where it is no training.
pub(super) fn training(ground: &Ground, training: usize) -> Option<Training> {
    let mut case = Case::new(ground, training);
    let rule = case.recognize()?;
    if rule == Rule::Descent || rule == Rule::Other {
        case.check();
    }
    let findings = diagnose::findings(&mut case, rule);
    Some(case.result(rule, findings))
}

impl<'a> Case<'a> {
    fn new(ground: &'a Ground<'a>, training: usize) -> Case<'a> {
        let group = &ground.groups[training];
        let steps: Vec<Vec<Option<Step>>> = group
            .iter()
            .map(|weight| {
                let step = |update: &Option<_>| {
                    Some(Step::new(ground.graph, &ground.tags, update.as_ref()?))
                };
                weight.updates.iter().map(step).collect()
            })
            .collect();
        let rates = rates(ground.graph, &ground.updates, &steps);
        let mut case = Case {
            ground,
            training,
            steps,
            rates,
            used: Vec::new(),
            roles: Vec::new(),
            losses: Vec::new(),
            implied: None,
            factor: 1.0,
            absolute: HashSet::new(),
            shifts: layout::shifts(ground, training),
            verdicts: Vec::new(),
        };
        case.used = (0..group.len()).map(|weight| case.used_by(weight)).collect();
        case.roles = case.find_roles();
        case.absolute = case.absolute_cells();
        case
    }

    /// The cells that no weight changes and that formulas hold with `$` in both directions.
    fn absolute_cells(&self) -> HashSet<CellId> {
        let graph = self.ground.graph;
        let mut absolute = HashSet::new();
        let updates = self.group().iter().flat_map(|weight| weight.updates.iter().flatten());
        let cells = (0..self.iterations().min(3)).flat_map(|at| self.cells(at));
        for id in cells.copied().chain(updates.map(|update| update.cell)) {
            for leaf in graph.tree(id).iter().flat_map(|tree| tree.leaves()) {
                if let Some(input) = leaf.id().filter(|_| leaf.fixed == [true; 4])
                    && self.ground.tags.is_fixed(input)
                {
                    absolute.insert(input);
                }
            }
        }
        absolute
    }

    pub fn group(&self) -> &'a [super::weights::Weight] {
        &self.ground.groups[self.training]
    }

    /// How many iterations there are, the last one included that no update follows.
    pub fn iterations(&self) -> usize {
        self.ground.tags.iterations(self.training)
    }

    /// The cells of an iteration.
    pub fn cells(&self, iteration: usize) -> &'a [CellId] {
        self.ground.tags.cells(self.training, iteration)
    }

    /// The cell that holds a weight's value in an iteration.
    pub fn variable(&self, weight: usize, iteration: usize) -> Option<CellId> {
        self.group()[weight].variables.get(iteration).copied()
    }

    /// The cell of the learning rate as a step refers to it.
    pub fn rate_of(&self, weight: usize, update: usize) -> Rate {
        let usual = self.rates.cells.get(update).copied().flatten();
        let Some(step) = self.steps[weight].get(update).and_then(Option::as_ref) else {
            return Rate::None;
        };
        match (usual, self.rates.typed) {
            (Some(usual), _) => {
                let origin = |id: &CellId| self.ground.updates.origin(*id) == usual;
                // Another cell in the place of the rate still is no gradient.
                let found = step.rates().find(origin).or_else(|| {
                    step.cells_in_rates().into_iter().find(origin)
                });
                found.or_else(|| step.rates().next()).map_or(Rate::None, Rate::Cell)
            }
            (None, Some(typed)) => Rate::Typed(typed.abs()),
            (None, None) => Rate::None,
        }
    }

    /// What the updates of a weight take for the gradient.
    fn used_by(&self, weight: usize) -> Vec<Option<Gradient>> {
        let updates = self.group()[weight].updates.iter().enumerate();
        let used = updates.map(|(at, update)| {
            let step = self.steps[weight][at].as_ref()?;
            let mut gradient = step.gradient(update.as_ref()?.cell, self.rate_of(weight, at))?;
            if let Some(pure) = gradient.cell.and_then(|cell| self.pure_part(cell, at)) {
                gradient.cell = Some(pure);
                gradient.tree.root = crate::graph::Node::Leaf(crate::graph::Leaf::cell(pure));
            }
            Some(gradient)
        });
        used.collect()
    }

    /// Of a cell that remembers earlier iterations, the only cell of this one that it is made from.
    fn pure_part(&self, cell: CellId, iteration: usize) -> Option<CellId> {
        let tags = &self.ground.tags;
        let is_pure = |id: CellId| tags.is_within(id, self.training, iteration);
        if is_pure(cell) {
            return None;
        }
        let mut open = vec![cell];
        let mut seen = open.clone();
        let mut found: Vec<CellId> = Vec::new();
        while let Some(id) = open.pop() {
            for input in self.ground.graph.inputs(id) {
                let is_here = matches!(tags.get(*input), Tag::Of { last, .. } if last == iteration);
                if seen.contains(input) || !is_here || tags.is_variable(*input) {
                    continue;
                }
                seen.push(*input);
                if is_pure(*input) { found.push(*input) } else { open.push(*input) }
            }
        }
        let [only] = found[..] else { return None };
        Some(only)
    }

    /// Which cells should be gradients: those that stand where most of a weight's updates find one.
    fn find_roles(&self) -> Vec<Vec<Option<Role>>> {
        let graph = self.ground.graph;
        let offsets = |weight: usize| {
            let shown = &self.group()[weight].shown;
            let used = self.used[weight].iter().zip(shown).filter_map(|(used, shown)| {
                let cell = used.as_ref()?.cell?;
                Some(Place::of(graph, cell) - Place::of(graph, *shown))
            });
            used.collect::<Vec<_>>()
        };
        let all = most_common((0..self.group().len()).flat_map(offsets));
        let roles = (0..self.group().len()).map(|weight| {
            let mine = offsets(weight);
            let mut counts: HashMap<Place, usize> = HashMap::new();
            mine.iter().for_each(|offset| *counts.entry(*offset).or_default() += 1);
            let best = counts.iter().max_by_key(|(offset, times)| (**times, Some(**offset) == all, **offset));
            let trusted = best.filter(|(_, times)| **times * 2 >= mine.len()).map(|(offset, _)| *offset);
            (0..self.iterations()).map(|iteration| self.role(weight, iteration, trusted)).collect()
        });
        roles.collect()
    }

    fn role(&self, weight: usize, iteration: usize, offset: Option<Place>) -> Option<Role> {
        let graph = self.ground.graph;
        let used = self.used[weight].get(iteration).and_then(Option::as_ref);
        let Some(offset) = offset else {
            let used = used?;
            return Some(match used.cell {
                Some(cell) => Role { cell: Some(cell), part: None },
                None => Role { cell: None, part: Some((used.tree.clone(), used.factor)) },
            });
        };
        let shown = self.group()[weight].shown.get(iteration).copied();
        let placed = shown.and_then(|shown| (Place::of(graph, shown) + offset).cell(graph));
        let is_here = |id: &CellId| {
            !self.ground.tags.is_variable(*id)
                && matches!(self.ground.tags.get(*id), Tag::Of { training, last, .. }
                    if training == self.training && last == iteration)
        };
        let tracked = || {
            let track = self.used[weight].iter().map(|used| {
                Some(Place::of(graph, used.as_ref()?.cell?))
            });
            expected_place(&track.collect::<Vec<_>>(), iteration)?.cell(graph)
        };
        let own = used.and_then(|used| used.cell);
        let cell = placed.filter(is_here).or_else(|| tracked().filter(is_here)).or(own)?;
        Some(Role { cell: Some(cell), part: None })
    }

    /// The value of what should be a gradient, at a point.
    pub fn gradient(&self, weight: usize, iteration: usize, values: &Values) -> f64 {
        let role = self.roles[weight].get(iteration).and_then(Option::as_ref);
        let value = role.and_then(|role| match (&role.cell, &role.part) {
            (Some(cell), _) => values.number(*cell),
            (None, Some((tree, factor))) => {
                Some(self.ground.graph.evaluate_tree(tree, values).number()? * factor)
            }
            _ => None,
        });
        value.unwrap_or(f64::NAN)
    }

    /// Finds the loss, and what kind of rule the updates follow.
    fn recognize(&mut self) -> Option<Rule> {
        let sample = self.sample()?;
        let slopes = Slopes::new(self.ground, self.training, sample);
        let gradients: Vec<Vec<f64>> = self.ground.invented.points.iter().map(|values| {
            slopes.weights.iter().map(|weight| self.gradient(*weight, sample, values)).collect()
        }).collect();
        let candidates = loss::candidates(self.ground, &slopes, &gradients, self.down(sample));
        let best = candidates.first().copied();
        let agreeing = best.map_or(0, |best| best.agreeing);
        let moved = slopes.weights.len();
        if agreeing * 2 < moved || agreeing == 0 {
            if let Some((implied, agrees)) = implied::find(self, sample)
                && agrees > agreeing
                && self.is_told(agrees, false)
            {
                self.factor = implied.factor;
                self.implied = Some(implied);
                return Some(self.rule());
            }
            if self.has_no_slope(sample) {
                return Some(Rule::Perceptron);
            }
        }
        let loss = match best {
            Some(best) if agreeing > 0 && self.is_told(agreeing, self.is_loss(best.cell)) => {
                self.factor = best.factor;
                best.cell
            }
            // Where every derivative is wrong, the sheet's own words must say what the loss is.
            _ => self.named_loss(&candidates)?,
        };
        self.losses = self.losses_like(loss, sample);
        self.factor = self.exact_factor(sample);
        Some(self.rule())
    }

    /// The sign of gradients with which the updates of an iteration go down: a step that is added
    /// needs the other one.
    pub fn down(&self, iteration: usize) -> f64 {
        let signs = (0..self.group().len()).filter_map(|weight| {
            let update = self.group()[weight].updates.get(iteration)?.as_ref()?;
            let used = self.used[weight].get(iteration)?.as_ref()?;
            Some(if update.sign * used.factor < 0.0 { 1 } else { -1 })
        });
        most_common(signs).map_or(1.0, f64::from)
    }

    /// Whether the loss is a sum of squares or the like, which is made small and not large.
    pub fn is_never_negative(&self) -> bool {
        if self.implied.is_some() {
            return true;
        }
        let losses = || self.losses.iter().flatten();
        let is_positive = |values: &Values| {
            losses().all(|loss| values.number(*loss).is_none_or(|value| value >= 0.0))
        };
        losses().next().is_some() && self.ground.invented.points.iter().all(is_positive)
    }

    /// The factor without what differences left of it.
    fn exact_factor(&self, sample: usize) -> f64 {
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
        if (whole - middle).abs() <= 1e-9 * middle.abs() { whole } else { *middle }
    }

    /// Whether so many agreeing weights make a training: most of them, or what the sheet says.
    fn is_told(&self, agreeing: usize, is_named: bool) -> bool {
        let graph = self.ground.graph;
        let rate = self.rates.cells.first().copied().flatten();
        let has_rate = rate.is_some_and(|rate| names::is_called_rate(graph, rate));
        let is_most = agreeing * 2 >= self.group().len().min(16);
        (is_most && (agreeing > 1 || is_named || has_rate)) || (is_named && has_rate)
    }

    /// Whether the sheet calls a cell a loss, or it is one by its formula: nothing else is made of it
    /// but what looks on.
    fn is_loss(&self, cell: CellId) -> bool {
        names::is_called_loss(self.ground.graph, cell)
    }

    /// An iteration to look at first: one in which all weights are updated by formulas.
    fn sample(&self) -> Option<usize> {
        let is_whole = |iteration: &usize| {
            self.used.iter().all(|of| of.get(*iteration).is_some_and(Option::is_some))
        };
        let mut all = 0..self.iterations();
        all.clone().find(is_whole).or_else(|| {
            all.find(|iteration| self.used.iter().any(|of| of.get(*iteration).is_some_and(Option::is_some)))
        })
    }

    /// Whether no step has a derivative: they are taken behind a threshold.
    fn has_no_slope(&self, iteration: usize) -> bool {
        let graph = self.ground.graph;
        let cells = self.cells(iteration);
        let variables: Vec<CellId> =
            (0..self.group().len()).filter_map(|weight| self.variable(weight, iteration)).collect();
        let is_flat = |weight: usize| {
            let Some(Some(used)) = self.used[weight].get(iteration) else { return false };
            self.ground.invented.points.iter().all(|values| {
                let seeds = graph.tree_adjoints(&used.tree, values);
                let adjoints = graph.adjoints_from(&seeds, values, cells);
                variables.iter().all(|variable| adjoints.get(*variable) == 0.0)
            })
        };
        let mut cells_used = (0..self.group().len()).filter_map(|weight| {
            self.used[weight].get(iteration)?.as_ref()
        });
        let depends = cells_used.any(|used| {
            cells_in(graph, &used.tree.root).iter().any(|id| !self.ground.tags.is_fixed(*id))
        });
        depends && (0..self.group().len()).all(is_flat)
    }

    /// A cell that depends on as many weights as any and that is called a loss.
    fn named_loss(&self, candidates: &[loss::Candidate]) -> Option<CellId> {
        let graph = self.ground.graph;
        let rate = self.rates.cells.first().copied().flatten();
        let most = candidates.iter().map(|one| one.depends).max()?;
        let is_named = |one: &&loss::Candidate| {
            one.depends == most && names::is_called_loss(graph, one.cell)
        };
        let has_rate = rate.is_some_and(|rate| names::is_called_rate(graph, rate));
        let found = candidates.iter().filter(is_named);
        // Of a loss and its parts, the one that nothing else is made of.
        let best = found.max_by_key(|one| (graph.inputs(one.cell).len(), one.cell))?;
        has_rate.then_some(best.cell)
    }

    /// The loss of every iteration, given that of one.
    fn losses_like(&self, loss: CellId, sample: usize) -> Vec<Option<CellId>> {
        let mut found: Vec<Option<CellId>> = vec![None; self.iterations()];
        found[sample] = Some(loss);
        for iteration in 0..self.iterations() {
            if iteration != sample {
                found[iteration] = self.like(loss, sample, iteration);
            }
        }
        found
    }

    /// The cell of `iteration` that is what `loss` is of the iteration `sample`.
    fn like(&self, loss: CellId, sample: usize, iteration: usize) -> Option<CellId> {
        let graph = self.ground.graph;
        let is_here = |id: &CellId| {
            self.ground.tags.is_within(*id, self.training, iteration)
                && !self.ground.tags.is_variable(*id)
        };
        let family = graph.family(loss);
        let like = |id: &CellId| is_here(id) && shape(self, *id) == shape(self, loss);
        // The weights say how far the iterations stand from each other, unless they stand in a list.
        let weight = &self.group()[0];
        let shift = weight.shown.get(iteration).zip(weight.shown.get(sample)).map(|(to, from)| {
            Place::of(graph, *to) - Place::of(graph, *from)
        });
        let placed = shift.and_then(|shift| (Place::of(graph, loss) + shift).cell(graph));
        if let Some(cell) = placed.filter(like) {
            return Some(cell);
        }
        let same: Vec<CellId> = self.cells(iteration).iter().copied().filter(|id| {
            is_here(id) && graph.family(*id) == family
        }).collect();
        if let [only] = same[..] {
            return Some(only);
        }
        let before = self.cells(sample).iter().filter(|id| shape(self, **id) == shape(self, loss));
        let rank = before.clone().position(|id| *id == loss)?;
        let here: Vec<CellId> = self.cells(iteration).iter().copied().filter(like).collect();
        (here.len() == before.count()).then(|| here[rank])
    }

    fn rule(&self) -> Rule {
        let mut all = self.used.iter().flat_map(|of| of.iter().enumerate());
        let remembers = all.any(|(iteration, used)| {
            used.as_ref().is_some_and(|used| {
                let parts = cells_in(self.ground.graph, &used.tree.root);
                parts.into_iter().any(|id| match self.ground.tags.get(id) {
                    Tag::Of { first, .. } => first < iteration,
                    _ => false,
                })
            })
        });
        let skipped = self.steps.iter().zip(&self.used).any(|(steps, used)| {
            let step = steps.iter().zip(used).enumerate().any(|(at, (step, used))| {
                let (Some(step), Some(used)) = (step, used) else { return false };
                let home = used.tree.home;
                let direct = step.gradient(home, self.rate_of_step(step, at));
                direct.and_then(|one| one.cell) != used.cell
            });
            step
        });
        if remembers || skipped { Rule::Other } else { Rule::Descent }
    }

    fn rate_of_step(&self, step: &Step, update: usize) -> Rate {
        let usual = self.rates.cells.get(update).copied().flatten();
        match (usual, self.rates.typed) {
            (Some(usual), _) => {
                let found = step.rates().find(|id| self.ground.updates.origin(*id) == usual);
                found.or_else(|| step.rates().next()).map_or(Rate::None, Rate::Cell)
            }
            (None, Some(typed)) => Rate::Typed(typed.abs()),
            (None, None) => Rate::None,
        }
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
                let loss = self.losses.get(iteration).copied().flatten()?;
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
    /// something else and `values` are those that follow.
    pub fn hold_at(
        &self,
        iteration: usize,
        values: &Values,
        order: &[CellId],
        changed: &HashMap<CellId, Tree>,
    ) -> bool {
        let graph = self.ground.graph;
        let seeds = match &self.implied {
            Some(implied) => implied.seeds(self, iteration, values),
            None => self.losses.get(iteration).copied().flatten().map(|loss| vec![(loss, 1.0)]),
        };
        let Some(seeds) = seeds else { return false };
        let derivatives = graph.adjoints_with(&seeds, values, order, changed);
        (0..self.group().len()).all(|weight| {
            let Some(variable) = self.variable(weight, iteration) else { return true };
            // A loss that depends on no weight has right derivatives, but is no loss.
            if derivatives.get(variable) == 0.0 {
                return false;
            }
            if self.roles[weight].get(iteration).is_none_or(Option::is_none) {
                return true;
            }
            let gradient = self.gradient(weight, iteration, values);
            agrees(gradient, self.factor * derivatives.get(variable))
        })
    }

    /// The cells of an iteration that its loss is computed from, the loss included.
    pub fn ahead(&self, iteration: usize) -> HashSet<CellId> {
        let graph = self.ground.graph;
        let mut open: Vec<CellId> = match &self.implied {
            Some(implied) => implied.predicted(self, iteration),
            None => self.losses.get(iteration).copied().flatten().into_iter().collect(),
        };
        let is_here = |id: &CellId| {
            let tags = &self.ground.tags;
            matches!(tags.get(*id), Tag::Of { last, .. } if last == iteration) && !tags.is_variable(*id)
        };
        open.retain(is_here);
        let mut ahead: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            let inputs = graph.inputs(id).iter().filter(|input| is_here(input));
            open.extend(inputs.filter(|input| ahead.insert(**input)));
        }
        ahead
    }

    /// Compares all gradients with the derivatives.
    pub fn check(&mut self) {
        let iterations = self.iterations();
        let mut verdicts = vec![vec![None; iterations]; self.group().len()];
        for iteration in 0..iterations {
            let at = self.verdicts_of(iteration, &self.ground.invented.points);
            for (weight, verdict) in at.into_iter().enumerate() {
                verdicts[weight][iteration] = verdict;
            }
        }
        self.verdicts = verdicts;
    }

    /// Whether each gradient of an iteration is the derivative, at all of the points.
    pub fn verdicts_of(&self, iteration: usize, points: &[Values]) -> Vec<Option<bool>> {
        let mut verdicts: Vec<Option<bool>> = vec![None; self.group().len()];
        for values in points {
            let Some(derivatives) = self.derivatives(iteration, values) else { continue };
            for weight in 0..self.group().len() {
                if self.roles[weight].get(iteration).is_none_or(Option::is_none) {
                    continue;
                }
                let Some(variable) = self.variable(weight, iteration) else { continue };
                let gradient = self.gradient(weight, iteration, values);
                let holds = agrees(gradient, self.factor * derivatives.get(variable));
                let known = verdicts[weight].get_or_insert(true);
                *known &= holds;
            }
        }
        verdicts
    }

    /// The cell of another iteration that is what `cell` is of one.
    pub fn beside(&self, cell: CellId, iteration: usize, other: usize) -> Option<CellId> {
        for of in &self.roles {
            let role = |at: usize| of.get(at)?.as_ref()?.cell;
            if role(iteration) == Some(cell) {
                return role(other).filter(|found| shape(self, *found) == shape(self, cell));
            }
        }
        let update = self.group().iter().find_map(|weight| {
            let at = weight.updates.iter().position(|one| one.as_ref().is_some_and(|one| one.cell == cell))?;
            let found = weight.updates.get((at + other).checked_sub(iteration)?)?.as_ref()?.cell;
            Some(found)
        });
        update.or_else(|| self.like(cell, iteration, other))
    }

    /// Other iterations to look for a pattern in, the nearest first.
    pub fn near(&self, iteration: usize) -> Vec<usize> {
        let after = iteration + 1..self.iterations();
        let mut near: Vec<usize> = (0..iteration).rev().take(2).chain(after.take(2)).collect();
        near.sort_by_key(|other| other.abs_diff(iteration));
        near
    }

    /// The formula that the cell of an iteration would have, if it were made like that of another;
    /// none where it is.
    pub fn pattern(&self, cell: CellId, iteration: usize, other: usize) -> Option<Tree> {
        let graph = self.ground.graph;
        let source = self.beside_by_place(cell, iteration, other)?;
        let tree = graph.tree(source)?;
        let shift = Place::of(graph, cell) - Place::of(graph, source);
        let mut is_lost = false;
        let mut changed = false;
        let own = graph.tree(cell)?;
        let own_leaves = own.leaves().into_iter().copied().collect::<Vec<_>>();
        let root = tree.map(&mut |nth, leaf| {
            let target = match self.carried(leaf, other, iteration, shift) {
                Some(target) => target,
                None => {
                    is_lost = true;
                    return *leaf;
                }
            };
            changed |= own_leaves.get(nth).is_none_or(|own| own.target != target);
            // Written as in the cell itself where that says the same.
            let slot = own_leaves.get(nth).filter(|own| own.target == target).and_then(|own| own.slot);
            Leaf { target, slot, fixed: leaf.fixed }
        });
        let is_other = changed || shape(self, cell) != shape(self, source);
        (!is_lost && is_other).then_some(Tree { home: cell, root: root.root })
    }

    /// What a reference of one iteration means in another.
    fn carried(&self, leaf: &Leaf, from: usize, to: usize, shift: Place) -> Option<Target> {
        let graph = self.ground.graph;
        let cell = |id: CellId| -> Option<CellId> {
            let group = self.group();
            for weight in group {
                if weight.shown.get(from) == Some(&id) || weight.variables.get(from) == Some(&id) {
                    return weight.shown.get(to).or_else(|| weight.values.get(to)).copied();
                }
            }
            match self.ground.tags.get(id) {
                Tag::Of { training, last, .. } if training == self.training && last == from => {
                    self.beside_by_place(id, from, to)
                }
                _ => match super::repair::shifted(graph, &Leaf { target: Target::Cell(id), ..*leaf }, shift)? {
                    Target::Cell(id) => Some(id),
                    _ => None,
                },
            }
        };
        match leaf.target {
            Target::Cell(id) => cell(id).map(Target::Cell),
            Target::Block(block) => {
                let corner = |at| cell(graph.id(block.sheet, at)?);
                let (first, last) = (corner(block.first())?, corner(block.last())?);
                let sheet = graph.sheet(first);
                Some(Target::Block(Block::between(sheet, graph.position(first), graph.position(last))))
            }
            other @ (Target::Nowhere(_) | Target::Unknown) => Some(other),
        }
    }

    /// The cell of another iteration that stands where `cell` does in one, whatever its formula.
    fn beside_by_place(&self, cell: CellId, iteration: usize, other: usize) -> Option<CellId> {
        let graph = self.ground.graph;
        for of in &self.roles {
            let role = |at: usize| of.get(at)?.as_ref()?.cell;
            if role(iteration) == Some(cell) {
                return role(other);
            }
        }
        if self.losses.get(iteration).copied().flatten() == Some(cell) {
            return self.losses.get(other).copied().flatten();
        }
        let steps = other as i64 - iteration as i64;
        let place = Place::of(graph, cell);
        let is_there = |id: &CellId| {
            matches!(self.ground.tags.get(*id), Tag::Of { training, last, .. }
                if training == self.training && last == other)
        };
        self.shifts.iter().find_map(|shift| {
            (place + *shift * steps).cell(graph).filter(is_there)
        })
    }

    /// A cell as messages call it: without its sheet where the training is on one sheet.
    pub fn address(&self, id: CellId) -> String {
        let graph = self.ground.graph;
        let home = self.group()[0].values[0];
        let is_single = self.group().iter().flat_map(|weight| &weight.values).all(|value| {
            graph.sheet(*value) == graph.sheet(home)
        });
        match is_single && graph.sheet(id) == graph.sheet(home) {
            true => crate::data::address::cell_name(graph.position(id)),
            false => graph.address(id),
        }
    }

    /// What the sheet calls a weight.
    pub fn weight_name(&self, weight: usize) -> String {
        names::of_weight(self.ground.graph, &self.group()[weight])
    }

    /// `∂E/∂w3`, in the sheet's own words.
    pub fn derivative_name(&self, weight: usize) -> String {
        let loss = self.losses.iter().flatten().next();
        let loss = loss.map_or("loss".to_owned(), |id| {
            names::of_cell(self.ground.graph, *id).unwrap_or_else(|| "loss".to_owned())
        });
        let loss = if loss.chars().count() > 16 { "loss".to_owned() } else { loss };
        format!("∂{loss}/∂{}", self.weight_name(weight))
    }

    /// Whether a cell should be the gradient of a weight.
    pub fn is_role(&self, weight: usize, iteration: usize, cell: CellId) -> bool {
        let role = self.roles[weight].get(iteration).and_then(Option::as_ref);
        role.is_some_and(|role| role.cell == Some(cell))
    }

    /// A changed formula as text.
    pub fn text_like(&self, tree: &Tree) -> String {
        self.ground.graph.tree_text(tree)
    }

    /// How many later cells differ only because of some.
    pub fn consequences(&self, cells: &[CellId]) -> usize {
        let graph = self.ground.graph;
        let mut seen: HashSet<CellId> = cells.iter().copied().collect();
        let mut open: Vec<CellId> = cells.to_vec();
        while let Some(id) = open.pop() {
            open.extend(graph.users(id).iter().filter(|user| seen.insert(**user)));
        }
        seen.len() - cells.len()
    }

    /// Whether the learning rate follows a schedule: each iteration has a number of its own.
    pub fn has_schedule(&self) -> bool {
        let graph = self.ground.graph;
        let cells = &self.rates.cells;
        let differ = cells.windows(2).filter(|pair| pair[0] != pair[1]).count();
        // From the first iteration on, through numbers or formulas without a gap.
        differ + 1 == cells.len()
            && cells.len() > 1
            && cells.iter().all(|cell| cell.is_some_and(|cell| graph.value(cell).number().is_some_and(|rate| rate != 0.0)))
    }

    /// What the value of a weight after an update should be, where it is typed: the formula, and what
    /// that gives.
    pub fn continued(&self, weight: usize, at: usize, cell: CellId) -> Option<(String, f64)> {
        let graph = self.ground.graph;
        let one = &self.group()[weight];
        if let Some(Some(update)) = one.updates.get(at)
            && update.cell != cell
        {
            let tree = Tree { home: cell, root: crate::graph::Node::Leaf(crate::graph::Leaf::cell(update.cell)) };
            return Some((graph.tree_text(&tree), graph.value(update.cell).number()?));
        }
        // Filled from the update before.
        let before = one.updates[..at].iter().rev().flatten().next().or_else(|| one.updates[at..].iter().flatten().next())?;
        let tree = graph.tree(before.cell)?;
        let filled = super::repair::translated(graph, &tree, cell)?;
        Some((graph.tree_text(&filled), graph.evaluate_tree(&filled, graph.values()).number()?))
    }

    /// Whether two cells have formulas of the same shape.
    pub fn is_like(&self, one: CellId, other: CellId) -> bool {
        shape(self, one).is_some() && shape(self, one) == shape(self, other)
    }

    /// The formula of a cell of one iteration as it would stand in a cell of another.
    pub fn filled(&self, source: CellId, home: CellId, from: usize, to: usize) -> Option<Tree> {
        let graph = self.ground.graph;
        let tree = graph.tree(source)?;
        let shift = Place::of(graph, home) - Place::of(graph, source);
        let mut is_lost = false;
        let filled = tree.map(&mut |_, leaf| match self.carried(leaf, from, to, shift) {
            Some(target) => Leaf { target, slot: None, fixed: leaf.fixed },
            None => {
                is_lost = true;
                *leaf
            }
        });
        (!is_lost).then_some(Tree { home, root: filled.root })
    }

    fn result(self, rule: Rule, findings: Vec<super::Finding>) -> Training {
        let (ground, group) = (self.ground, self.group());
        let rate = self.rates.cells.first().copied().flatten();
        let shown_rate = rate.map(|_| match self.rate_of(0, 0) {
            Rate::Cell(cell) => cell,
            _ => rate.unwrap_or(CellId(0)),
        });
        let value = |cell: CellId| ground.graph.value(cell).number();
        let first = rate.and_then(value);
        let is_fixed = self.rates.cells.iter().all(|one| one.and_then(value) == first) || !self.has_schedule();
        let rate_value = match rate {
            Some(_) => first.filter(|_| is_fixed),
            None => self.rates.typed.map(f64::abs),
        };
        let names = names::of_weights(ground, self.training);
        let weights = group.iter().zip(names).enumerate().map(|(at, (weight, name))| {
            self.weight(at, weight, name, rule, &findings)
        });
        Training {
            sheets: layout::sheets(ground, self.training),
            layout: layout::layout(ground, self.training),
            iterations: group.iter().map(|weight| weight.updates.len()).max().unwrap_or(0),
            rule,
            rate: shown_rate,
            rate_value,
            loss: Loss {
                cells: self.losses.clone(),
                implied: self.implied.as_ref().map(|implied| implied.name.clone()),
                formula: super::describe::loss(&self),
            },
            weights: weights.collect(),
            is_numbers_only: false,
            factor: clean(self.factor),
            anatomy: super::anatomy::iterations(&self),
            findings,
        }
    }

    fn weight(
        &self,
        at: usize,
        weight: &super::weights::Weight,
        name: String,
        rule: Rule,
        findings: &[super::Finding],
    ) -> Weight {
        let verdicts = self.verdicts.get(at);
        let count = |wanted: bool| {
            verdicts.map_or(0, |all| all.iter().filter(|one| **one == Some(wanted)).count())
        };
        let cells = &weight.variables;
        let is_mine = |finding: &&super::Finding| {
            finding.kind == super::Kind::WrongWeight
                && finding.weight.is_some_and(|weight| cells.contains(&weight))
        };
        let others = findings.iter().filter(is_mine).map(|finding| finding.cells.len()).sum::<usize>();
        let (verified, wrong) = (count(true), count(false) + others);
        let verdict = match (rule, verified, wrong) {
            (Rule::Perceptron, ..) => Verdict::Undecided,
            (_, _, 1..) => Verdict::Wrong,
            (_, 1.., 0) => Verdict::Verified,
            _ => Verdict::Undecided,
        };
        let role = self.roles[at].first().and_then(Option::as_ref);
        Weight {
            name,
            start: weight.shown.first().copied().unwrap_or(weight.values[0]),
            updates: weight.updates.len(),
            gradient: role.and_then(|role| role.cell),
            factor: (verdict != Verdict::Undecided).then(|| clean(self.factor)),
            verdict,
            verified,
            wrong,
        }
    }
}

/// Whether two numbers are the same up to rounding.
pub(super) fn agrees(one: f64, other: f64) -> bool {
    let size = one.abs().max(other.abs());
    one.is_finite() && other.is_finite() && (one - other).abs() <= TOLERANCE * size + 1e-12
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

/// What a formula says without the cells that it refers to.
fn shape(case: &Case, id: CellId) -> Option<String> {
    shape_of(case.ground.graph, id)
}

/// What a formula says without the cells that it refers to.
pub(super) fn shape_of(graph: &Graph, id: CellId) -> Option<String> {
    let tree = graph.tree(id)?;
    let mut text = String::new();
    write_shape(&tree.root, &mut text);
    Some(text)
}

fn write_shape(part: &super::terms::Part, text: &mut String) {
    use crate::graph::Node;
    match part {
        Node::Number(number) => text.push_str(&number.to_string()),
        Node::Leaf(leaf) => text.push(match leaf.id() {
            Some(_) => 'c',
            None => 'r',
        }),
        Node::Binary(operator, ..) => text.push(operator.sign()),
        Node::Compare(comparison, ..) => text.push_str(comparison.sign()),
        Node::Call(function, _) => text.push_str(function.name),
        Node::Negate(_) => text.push('~'),
        Node::Percent(_) => text.push('%'),
        Node::Join(..) => text.push('&'),
        _ => text.push('?'),
    }
    text.push('(');
    part.parts().into_iter().for_each(|part| write_shape(part, text));
    text.push(')');
}
