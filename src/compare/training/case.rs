//! One training under examination: its steps taken apart, its learning rates, and what each update
//! takes for the gradient.

use std::collections::HashMap;

use super::Ground;
use super::implied::Implied;
use super::layout;
use super::roles::Role;
use super::steps::{Gradient, Rate, Rates, Step, rates};
use super::terms::Part;
use super::weights::Weight;
use crate::graph::CellId;
use crate::graph::place::Place;

/// A training that is being checked.
pub(super) struct Case<'a> {
    pub ground: &'a Ground<'a>,
    /// Its number.
    pub training: usize,
    /// The sheet that all weights stand on, where it is one.
    pub only_sheet: Option<usize>,
    /// The weight whose next value a cell gives.
    after: HashMap<CellId, usize>,
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
    /// Whether the gradients are those of some function, and nobody knows which.
    pub is_unwritten: bool,
    /// What the sheet calls its loss, where the gradients are those of another that it does not compute.
    pub suspect: Option<CellId>,
    /// What the gradients are of the derivatives.
    pub factor: f64,
    /// The cells that formulas of all iterations refer to with `$`, with the axes that have one.
    pub absolute: HashMap<CellId, [bool; 4]>,
    /// How far the same cell of the next iteration may stand: as blocks do, or as weights do.
    pub shifts: Vec<Place>,
    /// For each weight and iteration whether the gradient is the derivative; none where there is
    /// nothing to compare.
    pub verdicts: Vec<Vec<Option<bool>>>,
}

impl<'a> Case<'a> {
    pub fn new(ground: &'a Ground<'a>, training: usize) -> Case<'a> {
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
        let rates = rates(ground, &steps);
        let mut sheets =
            group.iter().flat_map(|one| &one.values).map(|value| ground.graph.sheet(*value));
        let only_sheet = sheets.next().filter(|first| sheets.all(|sheet| sheet == *first));
        let updates = group.iter().enumerate().flat_map(|(at, weight)| {
            weight.updates.iter().flatten().map(move |update| (update.cell, at))
        });
        let mut case = Case {
            ground,
            training,
            only_sheet,
            // The first weight, where one cell is the next value of several.
            after: updates.rev().collect(),
            steps,
            rates,
            used: Vec::new(),
            roles: Vec::new(),
            losses: Vec::new(),
            implied: None,
            is_unwritten: false,
            suspect: None,
            factor: 1.0,
            absolute: HashMap::new(),
            shifts: layout::shifts(ground, training),
            verdicts: Vec::new(),
        };
        case.used = case.find_used(0);
        case.roles = case.find_roles();
        case.absolute = case.absolute_cells();
        case
    }

    /// The cells that no weight changes and that formulas hold with `$`, with the axes of these.
    fn absolute_cells(&self) -> HashMap<CellId, [bool; 4]> {
        let graph = self.ground.graph;
        let mut absolute: HashMap<CellId, [bool; 4]> = HashMap::new();
        let updates = self.group().iter().flat_map(|weight| weight.updates.iter().flatten());
        let cells = (0..self.iterations().min(3)).flat_map(|at| self.cells(at));
        for id in cells.copied().chain(updates.map(|update| update.cell)) {
            for leaf in graph.tree(id).iter().flat_map(|tree| tree.leaves()) {
                let held = leaf.id().filter(|_| leaf.fixed.contains(&true));
                if let Some(input) = held.filter(|input| self.ground.tags.is_fixed(*input)) {
                    let axes = absolute.entry(input).or_default();
                    *axes = [0, 1, 2, 3].map(|at| axes[at] || leaf.fixed[at]);
                }
            }
        }
        absolute
    }

    pub fn group(&self) -> &'a [Weight] {
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

    /// The cell with the loss of an iteration.
    pub fn loss(&self, iteration: usize) -> Option<CellId> {
        self.losses.get(iteration).copied().flatten()
    }

    /// The cell that updates refer to for a weight that stands in `cell`; any other itself.
    pub fn shown(&self, cell: CellId, iteration: usize) -> CellId {
        let weight = self.group().iter().find(|one| one.variables.get(iteration) == Some(&cell));
        weight.and_then(|one| one.shown.get(iteration)).copied().unwrap_or(cell)
    }

    /// The weight whose next value a cell gives.
    pub fn weight_after(&self, cell: CellId) -> Option<usize> {
        self.after.get(&cell).copied()
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
                let found = step
                    .rates()
                    .find(origin)
                    .or_else(|| step.cells_in_rates().into_iter().find(origin));
                // Data, unless there is more of them than one.
                let other = || {
                    let is_rate = |id: &CellId| !self.is_data(update, *id);
                    let several = || step.rates().next().filter(|_| step.rates().count() > 1);
                    step.rates().find(is_rate).or_else(several)
                };
                found.or_else(other).map_or(Rate::None, Rate::Cell)
            }
            (None, Some(typed)) => Rate::Typed(typed.abs()),
            (None, None) => Rate::None,
        }
    }

    /// Whether a cell is data and no learning rate: steps of an iteration are multiples of it beside the rate,
    /// or something is computed from it and a weight.
    pub fn is_data(&self, update: usize, cell: CellId) -> bool {
        let origin = |id: CellId| self.ground.updates.origin(id);
        let rate = self.rates.cells.get(update).copied().flatten();
        let is_beside_rate = |step: &Step| {
            let has = |wanted: CellId| step.rates().any(|id| origin(id) == wanted);
            rate.is_some_and(|rate| rate != origin(cell) && has(rate) && has(origin(cell)))
        };
        self.steps.iter().filter_map(|of| of.get(update)?.as_ref()).any(is_beside_rate)
            || self.ground.data.contains(&cell)
    }

    /// What an update takes for the gradient, where it takes a multiple of it.
    pub fn multiple(&self, weight: usize, update: usize) -> Option<Gradient> {
        let home = self.group()[weight].updates[update].as_ref()?.cell;
        let step = self.steps[weight][update].as_ref()?;
        step.gradient(home, self.rate_of(weight, update), &self.schedule(update))
    }

    /// The factors of an update that no weight changes and all weights share, where other iterations
    /// have others: a learning rate's `gamma^t` or `1/(1 + decay*t)`, and no data.
    pub fn schedule(&self, update: usize) -> Vec<&Part> {
        let of = |weight: usize, at: usize| self.steps[weight].get(at).and_then(Option::as_ref);
        let has = |step: &Step, part: &Part| step.fixed().any(|own| own == part);
        let weights = 1..self.group().len();
        let Some(first) = of(0, update).filter(|_| !weights.is_empty()) else { return Vec::new() };
        let is_shared = |part: &&Part| {
            weights.clone().all(|weight| of(weight, update).is_some_and(|step| has(step, part)))
        };
        let others = [update.checked_sub(1), Some(update + 1)].into_iter().flatten();
        let others: Vec<&Step> = others.filter_map(|at| of(0, at)).collect();
        let changes = |part: &&Part| !others.is_empty() && !others.iter().any(|one| has(one, part));
        first.fixed().filter(is_shared).filter(changes).collect()
    }

    /// Whether the learning rate follows a schedule: each iteration has a number of its own, or a cell of
    /// its own that goes on with the one before until another number stands there.
    pub fn has_schedule(&self) -> bool {
        let graph = self.ground.graph;
        let is_rate = |cell: &Option<CellId>| {
            cell.is_some_and(|cell| graph.value(cell).number().is_some_and(|rate| rate != 0.0))
        };
        // From the first iteration on, through numbers or formulas without a gap.
        let changes = |cells: &[Option<CellId>]| {
            let differ = cells.windows(2).filter(|pair| pair[0] != pair[1]).count();
            cells.len() > 1 && differ + 1 == cells.len() && cells.iter().all(is_rate)
        };
        let cells = &self.rates.cells;
        let own: Vec<Option<CellId>> =
            (0..cells.len()).map(|at| self.rate_of(0, at).cell()).collect();
        changes(cells) || changes(&own) && cells.iter().all(|cell| own.contains(cell))
    }
}
