//! Recognizing a training: its loss, what its gradients are of the derivatives, its rule.

use super::case::Case;
use super::check::{agrees, clean};
use super::iterations::Tag;
use super::loss::{self, Slopes};
use super::place::most_common;
use super::result::Rule;
use super::terms::cells_in;
use super::{implied, names};
use crate::graph::{CellId, Values};

impl Case<'_> {
    /// Finds the loss, and what kind of rule the updates follow.
    pub fn recognize(&mut self) -> Option<Rule> {
        let sample = self.sample()?;
        let slopes = Slopes::new(self.ground, self.training, sample);
        let gradients: Vec<Vec<f64>> = self
            .ground
            .invented
            .points
            .iter()
            .map(|values| {
                slopes.weights.iter().map(|weight| self.gradient(*weight, sample, values)).collect()
            })
            .collect();
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
                self.suspect =
                    self.named_loss(&candidates).filter(|loss| self.is_another(*loss, sample));
                return Some(self.rule());
            }
            if self.has_no_slope(sample) {
                return Some(Rule::Perceptron);
            }
            let named = self.named_loss(&candidates);
            let named = named.filter(|loss| !self.takes_either_sign(*loss, sample));
            if named.is_none_or(|loss| self.is_parallel(loss, sample))
                && self.symmetric(sample).iter().all(Option::is_some)
            {
                self.is_unwritten = true;
                return Some(self.rule());
            }
        }
        let loss = match best {
            Some(best)
                if agreeing > 0
                    && (best.is_certain || self.is_told(agreeing, self.is_loss(best.cell))) =>
            {
                self.factor = best.factor;
                best.cell
            }
            // Where every derivative is wrong, the sheet's own words must say what the loss is.
            _ => self
                .named_loss(&candidates)
                .filter(|_| self.has_named_rate() || self.has_typed_rate())?,
        };
        self.losses = self.losses_like(loss, sample);
        self.factor = self.exact_factor(sample);
        // Derivatives of a prediction, where a loss is made of it.
        let named = self.named_loss(&candidates).filter(|named| {
            *named != loss
                && !self.is_loss(loss)
                && self.ahead_of(&[*named], sample).contains(&loss)
        });
        self.suspect = named.filter(|named| self.is_another(*named, sample));
        Some(self.rule())
    }

    /// Whether so many agreeing weights make a training: most of them, or what the sheet says.
    pub fn is_told(&self, agreeing: usize, is_named: bool) -> bool {
        let has_rate = self.has_named_rate();
        let is_most = agreeing * 2 >= self.group().len().min(16);
        (is_most && (agreeing > 1 || is_named || has_rate)) || (is_named && has_rate)
    }

    /// Whether the sheet calls a cell a loss, or it is one by its formula: nothing else is made of it
    /// but what looks on.
    pub fn is_loss(&self, cell: CellId) -> bool {
        names::is_called_loss(self.ground.graph, cell)
    }

    /// Whether a cell is no function of the loss that the gradients follow: a root mean square is, and
    /// moves in proportion to it with the data, too, but a residual is of either sign.
    fn is_another(&self, loss: CellId, iteration: usize) -> bool {
        let graph = self.ground.graph;
        if self.takes_either_sign(loss, iteration) {
            return true;
        }
        let cells = self.cells(iteration);
        let inputs = cells.iter().flat_map(|id| graph.inputs(*id).iter().copied());
        let mut movers: Vec<CellId> = inputs.filter(|id| self.ground.tags.is_fixed(*id)).collect();
        movers
            .extend((0..self.group().len()).filter_map(|weight| self.variable(weight, iteration)));
        movers.sort_unstable();
        movers.dedup();
        !self.ground.invented.points.iter().all(|values| {
            let Some(own) = self.derivatives(iteration, values) else { return true };
            let named = graph.adjoints(loss, values, cells);
            let moved = movers.iter().find(|id| own.get(**id) != 0.0);
            let Some(ratio) = moved.map(|id| named.get(*id) / own.get(*id)) else { return true };
            movers.iter().all(|id| {
                let (named, own) = (named.get(*id), ratio * own.get(*id));
                (named - own).abs() <= 1e-7 * named.abs().max(own.abs())
            })
        })
    }

    /// Whether a loss is a residual rather than a sum of what is made of them.
    pub fn takes_either_sign(&self, loss: CellId, iteration: usize) -> bool {
        let all = self.losses_like(loss, iteration);
        let points = self.ground.invented.points.iter();
        let numbers = points.flat_map(|at| all.iter().flatten().filter_map(|id| at.number(*id)));
        let (below, above): (Vec<f64>, Vec<f64>) = numbers.partition(|number| *number < 0.0);
        !below.is_empty() && !above.is_empty()
    }

    /// Whether a cell's derivatives are the gradients up to a factor that changes from point to point:
    /// it is a function of what they are the derivatives of, as the root of a sum of squares is.
    fn is_parallel(&self, cell: CellId, iteration: usize) -> bool {
        let graph = self.ground.graph;
        self.ground.invented.points.iter().all(|values| {
            let by = graph.adjoints(cell, values, self.cells(iteration));
            let mut ratios = (0..self.group().len()).filter_map(|weight| {
                let derivative = by.get(self.variable(weight, iteration)?);
                Some(self.gradient(weight, iteration, values) / derivative)
            });
            ratios.next().is_some_and(|first| ratios.all(|ratio| agrees(ratio, first)))
        })
    }

    /// An iteration to look at first: one in which all weights are updated by formulas.
    pub fn sample(&self) -> Option<usize> {
        let is_whole = |iteration: &usize| {
            self.used.iter().all(|of| of.get(*iteration).is_some_and(Option::is_some))
        };
        let mut all = 0..self.iterations();
        all.clone().find(is_whole).or_else(|| {
            all.find(|iteration| {
                self.used.iter().any(|of| of.get(*iteration).is_some_and(Option::is_some))
            })
        })
    }

    /// Whether no step has a derivative: they are taken behind a threshold.
    pub fn has_no_slope(&self, iteration: usize) -> bool {
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
        let mut cells_used =
            (0..self.group().len()).filter_map(|weight| self.used[weight].get(iteration)?.as_ref());
        let depends = cells_used.any(|used| {
            cells_in(graph, &used.tree.root).iter().any(|id| !self.ground.tags.is_fixed(*id))
        });
        depends && (0..self.group().len()).all(is_flat)
    }

    /// A cell that is called a loss and depends on as many weights as any such.
    pub fn named_loss(&self, candidates: &[loss::Candidate]) -> Option<CellId> {
        let graph = self.ground.graph;
        let is_role =
            |cell| self.roles.iter().flatten().flatten().any(|role| role.cell == Some(cell));
        let is_named =
            |one: &&loss::Candidate| names::is_called_loss(graph, one.cell) && !is_role(one.cell);
        let found = candidates.iter().filter(is_named);
        // Of a loss and its parts, the one that nothing else is made of.
        let best = found.max_by_key(|one| {
            let is_labelled = names::is_labelled_loss(graph, one.cell);
            (one.depends, is_labelled, graph.inputs(one.cell).len(), one.cell)
        })?;
        Some(best.cell)
    }

    /// Whether all weights, several, step by the same number times something.
    fn has_typed_rate(&self) -> bool {
        self.rates.typed.is_some() && self.group().len() > 1
    }

    /// Whether the sheet has a cell that it calls the learning rate.
    fn has_named_rate(&self) -> bool {
        let rate = self.rates.cells.first().copied().flatten();
        rate.is_some_and(|rate| names::is_called_rate(self.ground.graph, rate))
    }

    /// The loss of every iteration, given that of one.
    pub fn losses_like(&self, loss: CellId, sample: usize) -> Vec<Option<CellId>> {
        let mut found: Vec<Option<CellId>> = vec![None; self.iterations()];
        found[sample] = Some(loss);
        for (iteration, cell) in found.iter_mut().enumerate().filter(|(at, _)| *at != sample) {
            *cell = self.like(loss, sample, iteration);
        }
        found
    }

    pub fn rule(&self) -> Rule {
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
        let skipped =
            self.steps.iter().zip(&self.used).enumerate().any(|(weight, (steps, used))| {
                steps.iter().zip(used).enumerate().any(|(at, (step, used))| {
                    let (Some(step), Some(used)) = (step, used) else { return false };
                    let direct = step.gradient(used.tree.home, self.rate_of(weight, at));
                    direct.and_then(|one| one.cell) != used.cell
                })
            });
        if remembers || skipped { Rule::Other } else { Rule::Descent }
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
        if (whole - middle).abs() <= 1e-9 * middle.abs() { whole } else { *middle }
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
}
