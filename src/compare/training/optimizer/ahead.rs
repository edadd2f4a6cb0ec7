//! Gradients that are taken ahead of the weights: whether at the place that the updates lead to.

use super::Optimizer;
use super::definition::Fault;
use super::findings::finding;
use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::look_ahead::Ahead;
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::terms::{Part, cells_in, only_cell};
use crate::graph::{CellId, Node, Tree};

impl Case<'_> {
    /// The places ahead of the weights at which gradients are taken.
    fn looking_ahead(&self) -> impl Iterator<Item = (&Ahead, usize, usize)> {
        self.ground.tags.places_ahead().iter().filter_map(|one| {
            let (weight, iteration) = self.ground.tags.variable(one.variable, self.training)?;
            Some((one, weight, iteration))
        })
    }

    /// Momentum with gradients ahead of the weights is Nesterov's.
    pub(super) fn name_look_ahead(&self, optimizer: &mut Optimizer) {
        if self.looking_ahead().next().is_none() {
            return;
        }
        if optimizer.name == "momentum" {
            optimizer.name = "nesterov".to_owned();
            optimizer.variant = None;
            optimizer.title = "Nesterov momentum".to_owned();
        }
        optimizer.departures.push(
            "takes the gradient ahead of the weights, where the momentum alone would lead"
                .to_owned(),
        );
    }

    /// Why the rule is no definition's, where gradients are taken ahead: those have them at the weights.
    pub(super) fn fault_ahead(&self) -> Option<Fault> {
        let (ahead, ..) = self.looking_ahead().next()?;
        let help = "a definition has its gradients at the weights; gdtrace optimizers nesterov shows \
                    the form of the libraries, which takes the same steps from the place ahead";
        let what = "the gradient is taken ahead of the weights";
        Some(Fault { help, ..Fault::new(Some(ahead.home), what) })
    }

    /// Places ahead to which the updates would not lead without a gradient, a formula once.
    pub(super) fn places_beside(&self) -> Vec<Finding> {
        let graph = self.ground.graph;
        let mut found: Vec<Finding> = Vec::new();
        for (ahead, weight, iteration) in self.looking_ahead() {
            if self.is_where_momentum_leads(&ahead.tree(), weight, iteration) != Some(false) {
                continue;
            }
            let family = graph.family(ahead.home);
            if let Some(known) = found.iter_mut().find(|one| graph.family(one.cells[0]) == family) {
                if !known.cells.contains(&ahead.home) {
                    known.cells.push(ahead.home);
                }
                continue;
            }
            let name = self.weight_name(weight);
            let message = format!(
                "The gradient of {name} is taken at {}, but the momentum alone leads elsewhere: \
                 the place ahead must be the weight and what its update would add without a gradient.",
                graph.part_text(&ahead.part, ahead.home)
            );
            let mended = turned(&ahead.part)
                .map(|part| Tree { home: ahead.home, root: part })
                .filter(|tree| self.is_where_momentum_leads(tree, weight, iteration) == Some(true))
                .and_then(|tree| ahead.exchanged(graph, &tree.root));
            let mut one = finding(self, Kind::Value, vec![ahead.home], 0, mended, message);
            one.weight = self.variable(weight, iteration);
            found.push(one);
        }
        found
    }

    /// Weights whose gradients are taken at the weights themselves, where those of others are taken ahead, and what
    /// their updates remember leads there.
    pub(super) fn places_missing(&self) -> Vec<Finding> {
        let graph = self.ground.graph;
        let is_used = |ahead: &Ahead| !graph.users(ahead.home).is_empty();
        let Some((model, leader, at)) = self.looking_ahead().find(|(one, ..)| is_used(one)) else {
            return Vec::new();
        };
        let looks = |weight| self.looking_ahead().any(|(one, of, _)| of == weight && is_used(one));
        let behind = (0..self.group().len()).filter(|weight| !looks(*weight));
        let missing = behind.filter_map(|weight| {
            let mended = self.readers(weight, at).find_map(|reader| {
                let place = self.place_like(model, (weight, at), reader);
                place.or_else(|| self.with_unused_place((weight, at), reader))
            })?;
            let family = graph.family(mended.home);
            let cells = (at..self.iterations()).flat_map(|at| self.cells(at)).copied();
            let cells = cells.filter(|cell| graph.family(*cell) == family).collect();
            let (name, other) = (self.weight_name(weight), self.weight_name(leader));
            let message = format!(
                "The gradient is taken ahead of {other}, where its momentum leads, but at {name} itself, whose \
                 update has a momentum, too."
            );
            let mut one = finding(self, Kind::OddWeight, cells, 0, Some(mended), message);
            one.weight = self.variable(weight, at);
            Some(one)
        });
        missing.collect()
    }

    /// The cells of an iteration, but for updates, that take a weight as it is and that others are computed from.
    fn readers(&self, weight: usize, at: usize) -> impl Iterator<Item = CellId> {
        let graph = self.ground.graph;
        let shown = self.group()[weight].shown.get(at);
        self.cells(at).iter().copied().filter(move |cell| {
            shown.is_some_and(|shown| graph.inputs(*cell).contains(shown))
                && self.weight_after(*cell).is_none()
                && !graph.users(*cell).is_empty()
        })
    }

    /// The place ahead of another weight, the model, made of this one in a cell that only hands it on, where what the
    /// update remembers leads there.
    fn place_like(
        &self,
        model: &Ahead,
        (weight, at): (usize, usize),
        cell: CellId,
    ) -> Option<Tree> {
        let graph = self.ground.graph;
        let shown = *self.group()[weight].shown.get(at)?;
        if only_cell(&graph.tree(cell)?.root) != Some(shown) {
            return None;
        }
        let (updates, tags) = (&self.ground.updates, &self.ground.tags);
        let mut moving = cells_in(graph, &model.part);
        moving.retain(|id| !tags.is_fixed(*id));
        let is_weight = |id: CellId| updates.origin(id) == updates.origin(model.variable);
        let with = |memory: CellId| {
            let exchanged = |tree: Tree, id: &CellId| {
                tree.with_all(*id, if is_weight(*id) { shown } else { memory })
            };
            Tree { home: cell, ..moving.iter().fold(model.tree(), exchanged) }
        };
        let mut memory: Vec<CellId> = self.remembered(at.checked_sub(1)?).into_iter().collect();
        memory.sort_unstable();
        let places = memory.into_iter().map(with);
        let leads = |place: &Tree| self.is_where_momentum_leads(place, weight, at) == Some(true);
        places.into_iter().find(leads)
    }

    /// The formula of a cell with the place ahead of a weight that nothing else takes, where it takes the weight.
    fn with_unused_place(&self, (weight, at): (usize, usize), cell: CellId) -> Option<Tree> {
        let (own, ..) =
            self.looking_ahead().find(|(_, of, iteration)| (*of, *iteration) == (weight, at))?;
        let shown = *self.group()[weight].shown.get(at).filter(|_| own.home != cell)?;
        Some(self.ground.graph.tree(cell)?.with_all(shown, own.home))
    }

    /// Whether a place is the weight's next value where its gradient is 0; none where that cannot be
    /// told.
    fn is_where_momentum_leads(&self, place: &Tree, weight: usize, at: usize) -> Option<bool> {
        let graph = self.ground.graph;
        let update = self.group()[weight].updates.get(at)?.as_ref()?.cell;
        let gradient = self.used[weight].get(at)?.as_ref()?.cell?;
        let mut values = self.ground.invented.points[0].clone();
        let memory = cells_in(graph, &place.root).into_iter();
        let tags = &self.ground.tags;
        let memory = memory.filter(|id| !tags.is_fixed(*id) && !tags.is_variable(*id));
        memory.enumerate().for_each(|(nth, id)| values.set(id, 0.3 + 0.2 * nth as f64));
        values.set(gradient, 0.0);
        let cells = self.cells(at).iter().copied().filter(|id| *id != gradient);
        graph.evaluate(&mut values, &cells.collect::<Vec<_>>());
        // The update may be the weight's next cell itself, which is of no iteration's cells.
        let next = graph.evaluate_tree(&graph.tree(update)?, &values).number()?;
        Some(agrees(next, graph.evaluate_tree(place, &values).number()?))
    }
}

/// A place ahead on the other side of the weight.
fn turned(part: &Part) -> Option<Part> {
    let Node::Binary(operator, weight, memory) = part else { return None };
    Some(Node::Binary(operator.turned()?, weight.clone(), memory.clone()))
}
