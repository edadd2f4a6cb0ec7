//! Recognizing a training: its loss, what its gradients are of the derivatives, its rule.

use std::collections::HashSet;

use super::case::Case;
use super::check::agrees;
use super::diagnose::derivatives::mended;
use super::implied::{self, Implied};
use super::loss::{self, Slopes};
use super::names;
use super::result::Rule;
use super::terms::{cells_in, factors, only_cell};
use crate::graph::{CellId, Scalar};

/// So many parts or formulas are looked behind for the gradient.
const MOST_DEPTH: usize = 3;
/// So many cells are looked at behind a step.
const MOST_BEHIND: usize = 20_000;

impl Case<'_> {
    /// Finds the loss, and what kind of rule the updates follow.
    pub fn recognize(&mut self) -> Option<Rule> {
        let sample = self.sample()?;
        if self.only_averages(sample) {
            return None;
        }
        let slopes = Slopes::new(self.ground, self.training, sample);
        let quotients_of = self.loss_of_quotients(sample);
        if let Some(loss) = quotients_of.filter(|loss| self.is_followed(*loss, sample)) {
            return Some(self.with_loss(loss, &self.candidates(&slopes, sample), sample));
        }
        // A clipped gradient, or one with a penalty, stands further in.
        for must_all in [true, false] {
            if !must_all && let Some(rule) = self.mixed(&slopes, sample) {
                return Some(rule);
            }
            let mut may_be_implied = true;
            for depth in 0..=MOST_DEPTH {
                if depth > 0 && !self.look_further(depth, sample) {
                    break;
                }
                // What is clipped may as well be a thermostat, where nothing is called a rate.
                if (depth == 0 || self.group().len() > 1 || self.has_named_rate())
                    && let Some(rule) =
                        self.follow_slopes(&slopes, sample, (must_all, may_be_implied))
                {
                    return Some(rule);
                }
                may_be_implied &= depth > 0 || !self.most_follow_written(&slopes, sample);
            }
            self.used = self.find_used(0);
            self.roles = self.find_roles();
        }
        let candidates = self.candidates(&slopes, sample);
        if self.has_no_slope(sample) && self.corrects_by_multiples() {
            // The slopes of a hinge are flat, too.
            let is_cost = |cell| names::is_labelled_cost(self.ground.graph, cell);
            let cost = self.labelled_loss(&candidates, is_cost);
            return match cost.filter(|cost| self.is_nearly_of(*cost, sample)) {
                Some(cost) => Some(self.with_loss(cost, &candidates, sample)),
                None => Some(Rule::Perceptron),
            };
        }
        let best = candidates.first().copied();
        if best.is_none_or(|best| best.agreeing == 0 || best.agreeing * 2 < slopes.weights.len())
            && self.follows_unwritten(&candidates, sample)
        {
            self.is_unwritten = true;
            self.suspect = self.labelled_loss(&candidates, |_| true);
            return Some(self.rule());
        }
        let loss = match best {
            Some(best)
                if best.agreeing > 0
                    && (best.is_certain
                        || self.is_told(best.agreeing, self.is_loss(best.cell))) =>
            {
                self.factor = best.factor;
                best.cell
            }
            // Where every derivative is wrong, the sheet's own words must say what the loss is.
            _ => self.named_loss(&candidates).filter(|loss| {
                let is_residual = || self.takes_either_sign(*loss, sample);
                self.is_followed(*loss, sample)
                    && (self.remembered(sample).is_empty() || !is_residual())
            })?,
        };
        Some(self.with_loss(loss, &candidates, sample))
    }

    /// Takes for the gradients what stands further in; whether there is anything in the iteration.
    fn look_further(&mut self, depth: usize, sample: usize) -> bool {
        let used = self.find_used(depth);
        let factors = used.iter().map(|of| Some(of.get(sample)?.as_ref()?.factor.to_bits()));
        let factors: Vec<Option<u64>> = factors.collect();
        // A factor that only some of the gradients have is a mistake, which must not be passed over.
        if factors[0].is_none() || factors.iter().any(|one| *one != factors[0]) {
            return false;
        }
        let data = (0..self.group().len()).filter_map(|weight| self.data_before(weight, sample));
        let mut data: Vec<Vec<CellId>> = data.collect();
        data.dedup();
        if data.len() > 1 {
            return false;
        }
        let before = self.gradients_at_points(sample);
        self.used = used;
        self.roles = self.find_roles();
        self.share_a_factor(&before, sample)
    }

    /// Takes a cell for the loss, where the gradients are its derivatives but for a slip or two.
    fn is_nearly_of(&mut self, loss: CellId, sample: usize) -> bool {
        let own = (self.losses_like(loss, sample), self.down(sample));
        let before = std::mem::replace(&mut self.losses, own.0);
        let factor = std::mem::replace(&mut self.factor, own.1);
        let (failing, fixes) = mended(self, sample);
        let is_nearly = fixes.iter().map(|fix| fix.weights.len()).sum::<usize>() == failing;
        if !is_nearly {
            (self.losses, self.factor) = (before, factor);
        }
        is_nearly
    }

    /// The cells without weights that a gradient as it is taken is a multiple of, in their order: what is
    /// called a rate may be another for each weight. None where it is more than a product of cells.
    fn data_before(&self, weight: usize, sample: usize) -> Option<Vec<CellId>> {
        let graph = self.ground.graph;
        let used = self.used[weight].get(sample).and_then(Option::as_ref);
        let root = used.and_then(|used| match used.cell {
            Some(cell) => Some(graph.tree(cell)?.root),
            None => Some(used.tree.root.clone()),
        });
        let root = root?;
        let parts = factors(&root).parts;
        let cells: Vec<CellId> =
            parts.into_iter().map(|(part, _)| only_cell(part)).collect::<Option<_>>()?;
        let is_data =
            |id: &CellId| self.ground.tags.is_fixed(*id) && !names::is_called_rate(graph, *id);
        let mut cells: Vec<CellId> = cells.into_iter().filter(is_data).collect();
        cells.sort_unstable();
        Some(cells)
    }

    /// Whether the gradients as they are taken are those of a loss that the sheet has, for at least half of the
    /// weights: a slip in the others makes no other loss of it.
    fn most_follow_written(&self, slopes: &Slopes, sample: usize) -> bool {
        let best = self.candidates(slopes, sample).first().copied();
        best.is_some_and(|best| {
            let (agreeing, moved) = (best.agreeing, slopes.weights.len());
            agreeing > 0 && agreeing * 2 >= moved && self.is_loss(best.cell)
        })
    }

    /// The rule, where the gradients are the derivatives of a loss for most of the weights, or for all
    /// if `must_all`; of one that is not written only if it `may_be_implied`.
    fn follow_slopes(
        &mut self,
        slopes: &Slopes,
        sample: usize,
        (must_all, may_be_implied): (bool, bool),
    ) -> Option<Rule> {
        let candidates = self.candidates(slopes, sample);
        let best = candidates.first().copied();
        let agreeing = best.map_or(0, |best| best.agreeing);
        let moved = slopes.weights.len();
        let is_enough = |agreeing: usize| {
            if must_all { agreeing == moved } else { agreeing > 0 && agreeing * 2 >= moved }
        };
        if let Some(best) = best.filter(|best| is_enough(best.agreeing))
            && (best.is_certain || self.is_told(agreeing, self.is_loss(best.cell)))
        {
            self.factor = best.factor;
            return Some(self.with_loss(best.cell, &candidates, sample));
        }
        if is_enough(agreeing) || !may_be_implied {
            return None;
        }
        let (implied, agrees) = implied::find(self, sample)?;
        if agrees <= agreeing || must_all && agrees < moved || !self.is_told(agrees, false) {
            return None;
        }
        // A rule that gives each weight a target of its own is the slope of no loss.
        if agrees * 2 <= moved && !self.are_made_of(&implied.measured(self, sample), sample) {
            return None;
        }
        if agrees < moved && implied::are_temporal_differences(self, sample) {
            return None;
        }
        self.factor = implied.factor;
        self.implied = Some(implied);
        let named = self.labelled_loss(&candidates, |_| true);
        self.suspect = named.filter(|loss| self.is_another(*loss, sample));
        Some(self.rule())
    }

    /// Whether the gradients are those of some function that the sheet does not compute.
    fn follows_unwritten(&self, candidates: &[loss::Candidate], sample: usize) -> bool {
        // Heat that flows follows a function too: words must say that it is a training.
        if !self.has_named_rate() {
            return false;
        }
        let named = self.named_loss(candidates);
        let named = named.filter(|loss| {
            !self.takes_either_sign(*loss, sample) || self.are_derivatives_of(*loss, sample)
        });
        if named.is_some_and(|loss| !self.is_parallel(loss, sample)) {
            return false;
        }
        let symmetric = self.symmetric(sample);
        symmetric.iter().all(Option::is_some)
            || symmetric.iter().all(Option::is_none) && self.are_called_derivatives(sample)
    }

    /// Whether the sheet says that it steps along derivatives, by a learning rate: with a single weight every step is
    /// along that of some function.
    fn are_called_derivatives(&self, sample: usize) -> bool {
        let graph = self.ground.graph;
        let rate = self.rates.cells.first().copied().flatten();
        let mut roles = self.roles.iter().map(|of| of.get(sample)?.as_ref()?.cell);
        rate.is_some_and(|rate| names::is_called_learning_rate(graph, rate))
            && roles.all(|cell| cell.is_some_and(|id| names::is_called_derivative(graph, id)))
    }

    /// Whether the sheet says that what is stepped along are the derivatives of a cell.
    fn are_derivatives_of(&self, loss: CellId, sample: usize) -> bool {
        let roles = self.roles.iter().map(|of| of.get(sample)?.as_ref()?.cell);
        let mut roles = roles.into_iter();
        let graph = self.ground.graph;
        roles.all(|cell| cell.is_some_and(|id| names::is_derivative_of(graph, id, loss)))
    }

    /// Takes a cell for the loss of its iteration, and those like it for the losses of the others.
    fn with_loss(&mut self, loss: CellId, candidates: &[loss::Candidate], sample: usize) -> Rule {
        self.losses = self.losses_like(loss, sample);
        self.factor = self.exact_factor(sample);
        // Derivatives of a prediction, where a loss is made of it.
        let named = self.named_loss(candidates).filter(|named| {
            *named != loss
                && !self.is_loss(loss)
                && self.ahead_of(&[*named], sample).contains(&loss)
        });
        self.suspect = named.filter(|named| self.is_another(*named, sample));
        self.rule()
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
        let mut ratios: Vec<(f64, f64)> = Vec::new();
        let are_parallel = self.ground.invented.points.iter().all(|values| {
            let Some(own) = self.derivatives(iteration, values) else { return true };
            let named = graph.adjoints(loss, values, cells);
            let moved = movers.iter().find(|id| own.get(**id) != 0.0);
            let Some(ratio) = moved.map(|id| named.get(*id) / own.get(*id)) else { return true };
            ratios.extend(values.number(loss).map(|loss| (ratio.abs().ln(), loss.abs().ln())));
            movers.iter().all(|id| {
                let (named, own) = (named.get(*id), ratio * own.get(*id));
                (named - own).abs() <= 1e-7 * named.abs().max(own.abs())
            })
        });
        // Of one sample all losses move in one direction: a squared error is no function of its cross-entropy.
        !are_parallel
            || self.implied.as_ref().is_some_and(Implied::is_cross_entropy)
                && !loss::is_power(&ratios)
    }

    /// Whether a loss is a residual rather than a sum of what is made of them.
    pub fn takes_either_sign(&self, loss: CellId, iteration: usize) -> bool {
        let all = self.losses_like(loss, iteration);
        let points = self.ground.invented.points.iter();
        let numbers = points.flat_map(|at| all.iter().flatten().filter_map(|id| at.number(*id)));
        let (below, above): (Vec<f64>, Vec<f64>) = numbers.partition(|number| *number < 0.0);
        !below.is_empty() && !above.is_empty()
    }

    /// An iteration to look at first: one in which all weights are updated by formulas, without an error
    /// where there is such a one.
    pub fn sample(&self) -> Option<usize> {
        let is_whole = |iteration: &usize| {
            self.used.iter().all(|of| of.get(*iteration).is_some_and(Option::is_some))
        };
        let is_error = |id: &CellId| matches!(self.ground.graph.value(*id), Scalar::Error(_));
        let has_errors = |iteration: &usize| self.cells(*iteration).iter().any(is_error);
        // What a weight takes here is mostly what it takes elsewhere.
        let is_usual = |iteration: &usize| {
            let mut pairs = self.used.iter().zip(&self.roles).filter_map(|(used, roles)| {
                let (used, role) =
                    (used.get(*iteration)?.as_ref()?, roles.get(*iteration)?.as_ref()?);
                used.cell.zip(role.cell)
            });
            pairs.all(|(used, role)| self.ground.updates.origin(used) == role || used == role)
        };
        let mut all = 0..self.iterations();
        let sound = all.clone().filter(|at| is_whole(at) && !has_errors(at));
        let sound = || sound.clone();
        let usual = sound().find(|at| is_usual(at) && !self.has_odd_loss(*at));
        let sound = usual.or_else(|| sound().find(is_usual)).or_else(|| sound().next());
        sound.or_else(|| all.clone().find(is_whole)).or_else(|| {
            all.find(|iteration| {
                self.used.iter().any(|of| of.get(*iteration).is_some_and(Option::is_some))
            })
        })
    }

    /// Whether something that is called a loss is made otherwise than in the iterations beside.
    fn has_odd_loss(&self, iteration: usize) -> bool {
        let is_loss = |id: CellId| names::is_called_loss(self.ground.graph, id);
        let is_odd = |id: &CellId| is_loss(*id) && self.broken_pattern(*id, iteration).is_some();
        self.cells(iteration).iter().any(is_odd)
            || self.still(iteration).into_iter().any(|(cell, ..)| is_loss(cell))
    }

    /// Whether no step has a derivative: they are taken behind a threshold.
    pub fn has_no_slope(&self, iteration: usize) -> bool {
        let graph = self.ground.graph;
        let cells = self.cells(iteration);
        let variables: Vec<CellId> =
            (0..self.group().len()).filter_map(|weight| self.variable(weight, iteration)).collect();
        let is_flat = |weight: usize| {
            let Some(Some(used)) = self.used[weight].get(iteration) else { return false };
            // An error has no slope either.
            let mut points = self.ground.invented.points.iter();
            points.any(|values| graph.evaluate_tree(&used.tree, values).number().is_some())
                && self.ground.invented.points.iter().all(|values| {
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

    /// Whether the steps are by a rate, and made of the same data as a cell.
    fn is_followed(&self, loss: CellId, sample: usize) -> bool {
        let rate = self.rates.cells.first().copied().flatten();
        let steps = self.steps.iter().filter_map(|all| all.iter().flatten().next());
        let steps_by_rate = steps.filter(|step| {
            let mut factors = step.rates().chain(step.cells_in_rates());
            factors.any(|id| rate == Some(self.ground.updates.origin(id)))
        });
        let has_rate = self.has_typed_rate()
            || self.has_named_rate() && steps_by_rate.count() * 2 > self.group().len();
        has_rate && self.are_made_of(&self.data_behind(&[loss]), sample)
    }

    /// Whether a cell is no mere difference of what was measured and predicted: one that compares
    /// with data is never negative.
    pub fn can_be_minimized(&self, cell: CellId) -> bool {
        self.data_behind(&[cell]).is_empty() || self.is_never_below_zero(&[cell])
    }

    /// The cells without weights that some cells are computed from.
    fn data_behind(&self, cells: &[CellId]) -> HashSet<CellId> {
        let mut behind = self.behind(cells);
        behind.retain(|id| self.ground.tags.is_fixed(*id));
        behind
    }

    /// These cells and all that they are made of, back to the weights.
    pub fn behind(&self, cells: &[CellId]) -> HashSet<CellId> {
        let mut open = cells.to_vec();
        let mut behind: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop().filter(|_| behind.len() < MOST_BEHIND) {
            let is_inner = !self.ground.tags.is_variable(id);
            let inputs = self.ground.graph.inputs(id).iter().copied().filter(|_| is_inner);
            open.extend(inputs.filter(|input| behind.insert(*input)));
        }
        behind
    }

    /// The cells without weights that the step of a weight is made from, beside its learning rate.
    fn data_of(&self, weight: usize, iteration: usize) -> Option<HashSet<CellId>> {
        let used = self.used[weight].get(iteration)?.as_ref()?;
        Some(self.data_behind(&cells_in(self.ground.graph, &used.tree.root)))
    }

    /// Whether all steps of an iteration are made from some of the data, too.
    fn are_made_of(&self, data: &HashSet<CellId>, iteration: usize) -> bool {
        let mut steps = (0..self.group().len()).filter_map(|at| self.data_of(at, iteration));
        data.is_empty() || steps.all(|one| !one.is_disjoint(data))
    }

    /// Whether every value only moves towards new data by a share, as a moving average does: nothing
    /// is predicted from anything. The mean of a single sample is a training by its words alone.
    fn only_averages(&self, iteration: usize) -> bool {
        let graph = self.ground.graph;
        let rate = self.rates.cells.first().copied().flatten();
        if rate.is_some_and(|rate| names::is_called_learning_rate(graph, rate)) {
            return false;
        }
        let variables: Vec<_> =
            (0..self.group().len()).map(|weight| self.variable(weight, iteration)).collect();
        (0..self.group().len()).all(|weight| {
            let (here, next) =
                (self.data_of(weight, iteration), self.data_of(weight, iteration + 1));
            let takes_new_data = here.zip(next).is_some_and(|(here, next)| here != next);
            let mut slopes = self.ground.invented.points.iter().map(|values| {
                let used = self.used[weight].get(iteration)?.as_ref()?;
                let seeds = graph.tree_adjoints(&used.tree, values);
                let found = graph.adjoints_from(&seeds, values, self.cells(iteration));
                let others = variables.iter().enumerate().filter(|(at, _)| *at != weight);
                let is_alone =
                    others.into_iter().all(|(_, id)| id.is_some_and(|id| found.get(id) == 0.0));
                variables[weight].map(|id| found.get(id)).filter(|slope| is_alone && *slope != 0.0)
            });
            let first = slopes.next().flatten();
            takes_new_data
                && first.is_some_and(|first| {
                    slopes.all(|one| one.is_some_and(|one| agrees(one, first)))
                })
        })
    }

    /// Whether steps are multiples of something, as those of a perceptron are of its inputs or of a
    /// learning rate: a stock that is filled up below a threshold is no training.
    fn corrects_by_multiples(&self) -> bool {
        let graph = self.ground.graph;
        let rate = self.rates.cells.first().copied().flatten();
        let mut updates = self.group().iter().filter_map(|one| one.updates.iter().flatten().next());
        rate.is_some_and(|rate| names::is_called_rate(graph, rate))
            || self.rates.typed.is_some()
            || self.group().len() > 1
                && updates.any(|update| super::terms::factors(&update.step).parts.len() > 1)
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
}
