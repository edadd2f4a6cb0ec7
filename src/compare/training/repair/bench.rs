//! One iteration on the bench: its values at the invented points, to be changed and restored, and
//! which of its cells depend on which.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::compare::training::case::Case;
use crate::compare::training::counterpart::shape_of;
use crate::compare::training::terms::cells_in;
use crate::graph::place::Place;
use crate::graph::{CellId, Graph, Item, Tree, Values};

/// Of so many cells with the same formula each is tried alone too.
const MOST_ALONE: usize = 12;

/// So many cells that say the same are looked at as samples that were written out.
const MOST_WRITTEN_OUT: usize = 64;

/// One iteration, its values at the invented points to be changed and restored.
pub(in crate::compare::training) struct Bench<'a, 'b> {
    pub case: &'a Case<'b>,
    pub iteration: usize,
    pub failing: &'a [usize],
    pub points: Vec<Values>,
    /// For each point and weight the value that the gradient should have.
    pub expected: Vec<Vec<f64>>,
    /// The cells of the iteration that the loss is computed from.
    pub ahead: HashSet<CellId>,
    pub evaluated: usize,
}

impl<'a, 'b> Bench<'a, 'b> {
    pub fn new(case: &'a Case<'b>, iteration: usize, failing: &'a [usize]) -> Self {
        let points = case.ground.invented.points.clone();
        let expected = case.expected_at_points(iteration);
        let ahead = case.ahead(iteration);
        Bench { case, iteration, failing, points, expected, ahead, evaluated: 0 }
    }

    pub fn graph(&self) -> &'b Graph {
        self.case.ground.graph
    }

    pub fn cells(&self) -> &'b [CellId] {
        self.case.cells(self.iteration)
    }

    /// The cells of the iteration that depend on some, in the order of computing.
    pub fn behind(&self, from: &[CellId]) -> Vec<CellId> {
        let mut seen: HashSet<CellId> = from.iter().copied().collect();
        let mut behind = Vec::new();
        for id in self.cells() {
            if seen.contains(id) || self.graph().inputs(*id).iter().any(|one| seen.contains(one)) {
                seen.insert(*id);
                behind.push(*id);
            }
        }
        behind
    }

    /// The weights whose gradients depend on the cells.
    pub fn weights_behind(&self, behind: &[CellId]) -> Vec<usize> {
        let seen: HashSet<CellId> = behind.iter().copied().collect();
        let roles = self.case.roles.iter().enumerate();
        let found = roles.filter(|(_, of)| {
            let Some(Some(role)) = of.get(self.iteration) else { return false };
            match (&role.cell, &role.part) {
                (Some(cell), _) => seen.contains(cell),
                (None, Some((tree, _))) => {
                    cells_in(self.graph(), &tree.root).iter().any(|id| seen.contains(id))
                }
                _ => false,
            }
        });
        found.map(|(weight, _)| weight).collect()
    }

    /// Whether a weight's gradient changes with any of the cells: a product of matrices refers to all of
    /// them, and takes a row and a column.
    pub fn moves(&self, cells: &[CellId], weight: usize) -> bool {
        let graph = self.graph();
        let Some(Some(role)) = self.case.roles[weight].get(self.iteration) else { return false };
        self.case.ground.invented.points.iter().any(|values| {
            let seeds = match (&role.cell, &role.part) {
                (Some(cell), _) => vec![(*cell, 1.0)],
                (None, Some((tree, _))) => graph.tree_adjoints(tree, values),
                _ => Vec::new(),
            };
            let adjoints = graph.adjoints_from(&seeds, values, self.cells());
            cells.iter().any(|cell| adjoints.get(*cell) != 0.0)
        })
    }

    /// The families of the iteration's cells that failing gradients and nothing of the loss are made
    /// of, or of those that the loss is made of; an array formula is one.
    pub fn units(&self, is_ahead: bool) -> Vec<Vec<CellId>> {
        let mut units: HashMap<_, Vec<CellId>> = HashMap::new();
        let mut arrays: Vec<Vec<CellId>> = Vec::new();
        let needed = self.needed();
        // What only hands a weight on is no formula of the forward pass.
        let hands_on = |id: &CellId| {
            self.case.group().iter().any(|one| one.shown.get(self.iteration) == Some(id))
        };
        for id in self.cells() {
            let is_candidate = match is_ahead {
                true => self.ahead.contains(id) && !hands_on(id),
                false => needed.contains(id) && !self.ahead.contains(id),
            };
            if !is_candidate {
                continue;
            }
            let is_one = |one: &&mut Vec<CellId>| self.graph().is_one_array(one[0], *id);
            if let Some(array) = arrays.iter_mut().find(is_one) {
                array.push(*id);
            } else if self.graph().is_one_array(*id, *id) {
                arrays.push(vec![*id]);
            } else if let Some(family) = self.graph().family(*id) {
                units.entry(family).or_default().push(*id);
            }
        }
        let mut units: Vec<Vec<CellId>> = units.into_values().collect();
        units.iter_mut().for_each(|unit| unit.sort_unstable());
        // Samples have one formula, all of them; two neurons may have it by chance.
        let few = units.iter().filter(|unit| unit.len() > 1 && unit.len() <= MOST_ALONE);
        let alone: Vec<Vec<CellId>> = few.flatten().map(|id| vec![*id]).collect();
        let written_out = self.written_out(&units);
        units.extend(alone);
        units.extend(arrays);
        units.extend(written_out);
        units.sort_unstable();
        units
    }

    /// Cells of several families that say the same and stand the same distance apart: samples whose formulas
    /// were written out, or copied without `$` and mended by hand.
    fn written_out(&self, units: &[Vec<CellId>]) -> Vec<Vec<CellId>> {
        let weights = 0..self.case.group().len();
        let is_gradient =
            |id| weights.clone().any(|weight| self.case.is_role(weight, self.iteration, id));
        let mut shapes: BTreeMap<String, Vec<CellId>> = BTreeMap::new();
        for unit in units {
            if let ([only], Some(shape)) = (&unit[..], shape_of(self.graph(), unit[0]))
                && !is_gradient(*only)
            {
                shapes.entry(shape).or_default().push(*only);
            }
        }
        // What samples compute leads to the same gradients; two neurons lead to those of their own weights.
        let mut alike: BTreeMap<(String, Vec<usize>), Vec<CellId>> = BTreeMap::new();
        shapes.retain(|_, cells| (2..=MOST_WRITTEN_OUT).contains(&cells.len()));
        for (shape, cells) in shapes {
            for id in cells {
                let leads_to = self.weights_behind(&self.behind(&[id]));
                alike.entry((shape.clone(), leads_to)).or_default().push(id);
            }
        }
        let mut found = Vec::new();
        for mut cells in alike.into_values() {
            cells.sort_unstable_by_key(|id| Place::of(self.graph(), *id));
            // Of each sample there may be several: two neurons.
            let shares = (1..=cells.len() / 2).filter(|share| cells.len() % share == 0);
            let runs = shares.map(|share| -> Vec<Vec<CellId>> {
                (0..share).map(|at| cells[at..].iter().step_by(share).copied().collect()).collect()
            });
            found.extend(runs.flatten().filter(|run| are_apart_alike(self.graph(), run)));
        }
        found
    }

    /// The cells that the failing gradients are computed from.
    pub fn needed(&self) -> HashSet<CellId> {
        self.needed_by(self.failing)
    }

    /// The cells that the gradients of some weights are computed from.
    pub fn needed_by(&self, weights: &[usize]) -> HashSet<CellId> {
        let mut open: Vec<CellId> = Vec::new();
        for weight in weights {
            let Some(Some(role)) = self.case.roles[*weight].get(self.iteration) else { continue };
            match (&role.cell, &role.part) {
                (Some(cell), _) => open.push(*cell),
                (None, Some((tree, _))) => open.extend(cells_in(self.graph(), &tree.root)),
                _ => {}
            }
        }
        self.case.ahead_of(&open, self.iteration)
    }

    /// Whether the loss does not depend on a weight: no edit of its gradient makes sense of that.
    pub fn is_unused(&self, weight: usize) -> bool {
        self.expected.iter().all(|expected| expected[weight] == 0.0)
    }

    /// Evaluates what depends on cells with other formulas; what was there before.
    pub fn change(
        &mut self,
        at: usize,
        cells: &[CellId],
        trees: &[Tree],
        behind: &[CellId],
    ) -> Vec<Item> {
        let graph = self.case.ground.graph;
        let values = &mut self.points[at];
        let saved = behind.iter().map(|id| values.get(*id).clone()).collect();
        for id in behind {
            self.evaluated += 1;
            match cells.iter().position(|cell| cell == id) {
                Some(place) => match graph.evaluate_tree(&trees[place], values).number() {
                    Some(number) => values.set(*id, number),
                    None => values.set(*id, f64::NAN),
                },
                None => graph.evaluate(values, &[*id]),
            }
        }
        saved
    }

    pub fn restore(&mut self, at: usize, behind: &[CellId], saved: Vec<Item>) {
        for (id, item) in behind.iter().zip(saved) {
            self.points[at].put(*id, item);
        }
    }
}

/// Whether cells stand the same distance apart, one after the other.
fn are_apart_alike(graph: &Graph, cells: &[CellId]) -> bool {
    let places: Vec<Place> = cells.iter().map(|id| Place::of(graph, *id)).collect();
    let steps: Vec<Place> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
    !steps.is_empty() && steps.iter().all(|step| *step == steps[0])
}
