//! Cells that are made otherwise than the same cells of the iterations beside them.
//!
//! In each iteration the same formulas stand, so far apart as the iterations are; one that says
//! something else, or a number that is typed over one, stands out, whether or not it is a derivative.

use std::collections::{HashMap, HashSet};

use super::updates::merged;
use super::words;
use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::counterpart;
use crate::compare::training::edits::Change;
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::updates::Update;
use crate::graph::place::{Place, most_common, usual_shift};
use crate::graph::{CellId, Tree};
use crate::value::number_text;

/// Numbers that are typed where formulas stand in other iterations, with the iterations.
pub(super) fn typed(case: &Case) -> Vec<(usize, Finding)> {
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    let mut known: HashSet<CellId> = HashSet::new();
    // Blocks first: the cell below may be another sample of the same block.
    for shift in case.shifts.iter().copied() {
        for iteration in 1..case.iterations() {
            for cell in case.cells(iteration - 1) {
                let found = typed_like(case, *cell, iteration, shift);
                let new = found.filter(|one| known.insert(one.cells[0]));
                findings.extend(new.map(|one| (iteration, one)));
            }
        }
    }
    findings
}

/// The number typed where the next iteration's formula like that of `cell` should be.
fn typed_like(case: &Case, cell: CellId, iteration: usize, shift: Place) -> Option<Finding> {
    let graph = case.ground.graph;
    let place = Place::of(graph, cell);
    let here = (place + shift).cell(graph)?;
    let is_typed = graph.formula(here).is_none() && case.ground.tags.is_fixed(here);
    let found = graph.value(here).number().filter(|_| is_typed)?;
    // The formula stands on both sides, or twice before.
    let other = match iteration + 1 < case.iterations() {
        true => (place + shift * 2).cell(graph)?,
        false => (place - shift).cell(graph)?,
    };
    let is_last = iteration + 1 >= case.iterations();
    if !case.is_like(other, cell) || is_last && graph.users(here).is_empty() {
        return None;
    }
    let tree = case.filled(cell, here, iteration - 1, iteration)?;
    let expected = graph.evaluate_tree(&tree, graph.values()).number()?;
    if agrees(found, expected) {
        return None;
    }
    let message = format!(
        "{} is typed where the other iterations have a formula, which gives {} here.",
        number_text(found),
        number_text(expected)
    );
    let mut finding = Finding::new(Kind::Value, vec![here], message);
    case.propose(&mut finding, &tree);
    finding.loss = case.loss(iteration);
    finding.consequences = case.consequences(&finding.cells);
    Some(finding)
}

/// Samples that take a number of another, in every iteration: this one is used twice, and their own
/// never. All derivatives hold, of a loss over other samples than the sheet has.
pub(super) fn doubled(case: &Case, known: &HashSet<CellId>) -> Vec<Finding> {
    let graph = case.ground.graph;
    let mut slips: Vec<(Place, Finding)> = Vec::new();
    for iteration in 0..case.iterations() {
        for line in lines(case, iteration) {
            let Some((cell, right, taken)) = used_twice(case, iteration, &line) else { continue };
            if known.contains(&cell) {
                continue;
            }
            let Some(tree) = graph.tree(cell) else { continue };
            let message = format!(
                "{} takes {}, which another sample takes too; {} is never used.",
                words::named(case, cell),
                case.address(taken),
                case.address(right),
            );
            let mut finding = Finding::new(Kind::WrongForward, vec![cell], message);
            case.propose(&mut finding, &tree.with_all(taken, right));
            finding.loss = case.loss(iteration);
            let off = Place::of(graph, taken) - Place::of(graph, right);
            match slips.iter_mut().find(|(one, first)| {
                *one == off
                    && counterpart::shape_of(graph, first.cells[0])
                        == counterpart::shape_of(graph, cell)
            }) {
                Some((_, first)) => first.cells.push(cell),
                None => slips.push((off, finding)),
            }
        }
    }
    let told = |mut finding: Finding| {
        finding.consequences = case.consequences(&finding.cells);
        finding
    };
    slips.into_iter().map(|(_, finding)| told(finding)).collect()
}

/// Samples that are computed otherwise than at least three beside them, though the derivatives follow:
/// `p+y` among `p-y`.
pub(super) fn odd_samples(case: &Case, known: &HashSet<CellId>) -> Vec<Finding> {
    let graph = case.ground.graph;
    let mut findings = Vec::new();
    for iteration in 0..case.iterations() {
        for odd in case.odd_siblings(&case.ahead(iteration)) {
            let cell = odd.tree.home;
            let is_slip = match odd.change {
                Change::Operator(..) | Change::Blank(_) | Change::Both(..) => true,
                // The number of another sample, where its own is never used.
                Change::Exchange { new, .. } => graph.users(new).is_empty(),
                _ => false,
            };
            if odd.alike < 3 || known.contains(&cell) || !is_slip {
                continue;
            }
            let message = format!(
                "{} is computed otherwise than those beside it: {}.",
                words::named(case, cell),
                words::change(case, &odd.change, cell),
            );
            let mut finding = Finding::new(Kind::WrongForward, vec![cell], message);
            case.propose(&mut finding, &odd.tree);
            finding.loss = case.loss(iteration);
            findings.push(finding);
        }
    }
    let mut findings = merged(case, findings);
    for finding in &mut findings {
        finding.consequences = case.consequences(&finding.cells);
    }
    findings
}

/// Cells of the forward pass that say the same, next to each other in a row or a column.
fn lines(case: &Case, iteration: usize) -> Vec<Vec<CellId>> {
    let graph = case.ground.graph;
    let ahead = case.ahead(iteration);
    let shapes: HashMap<CellId, String> =
        ahead.into_iter().filter_map(|id| Some((id, counterpart::shape_of(graph, id)?))).collect();
    let mut cells: Vec<CellId> = shapes.keys().copied().collect();
    cells.sort_unstable();
    let mut found = Vec::new();
    for step in [Place::DOWN, Place::RIGHT] {
        for first in &cells {
            let like = |place: Place| {
                let cell = place.cell(graph)?;
                (shapes.get(&cell) == shapes.get(first)).then_some(cell)
            };
            let place = Place::of(graph, *first);
            if like(place - step).is_none() {
                let line: Vec<CellId> = (0..).map_while(|at| like(place + step * at)).collect();
                found.push(line);
            }
        }
    }
    found.retain(|line| line.len() > 2);
    found
}

/// The one of a line of samples that takes the number of another, that which it should take, and that
/// which it takes.
fn used_twice(case: &Case, iteration: usize, line: &[CellId]) -> Option<(CellId, CellId, CellId)> {
    let graph = case.ground.graph;
    let trees: Vec<Tree> = line.iter().filter_map(|cell| graph.tree(*cell)).collect();
    let cells = case.cells(iteration);
    let is_used = |id: CellId| graph.users(id).iter().any(|user| cells.contains(user));
    let is_data = |id: &CellId| {
        case.ground.tags.is_fixed(*id)
            && graph.tree(*id).is_none()
            && graph.value(*id).number().is_some()
    };
    for leaf in 0..trees.first()?.leaves().len() {
        let taken = trees.iter().map(|tree| tree.leaves().get(leaf)?.id().filter(is_data));
        let Some(taken) = taken.collect::<Option<Vec<CellId>>>() else { continue };
        let places: Vec<Option<Place>> =
            taken.iter().map(|id| Some(Place::of(graph, *id))).collect();
        let steps = [Place::DOWN, Place::RIGHT].into_iter().chain(usual_shift(&places));
        for step in steps.filter(|step| *step != Place::default()) {
            let start = |at: usize| places[at].map(|place| place - step * at as i64);
            let Some(first) = most_common((0..taken.len()).filter_map(start)) else { continue };
            let mut odd = (0..taken.len()).filter(|at| start(*at) != Some(first));
            let (Some(at), None) = (odd.next(), odd.next()) else { continue };
            let right = (first + step * at as i64).cell(graph).filter(is_data);
            let is_double = taken.iter().filter(|id| **id == taken[at]).count() > 1;
            if let Some(right) = right.filter(|id| is_double && !is_used(*id)) {
                return Some((line[at], right, taken[at]));
            }
        }
    }
    None
}

/// Formulas that say something else than those beside them, but for the cells that are known.
pub(super) fn odd(case: &Case, known: &HashSet<CellId>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // In the first iteration only what looks at nothing but its own in the next: there is none before, of
    // which what is remembered is made. What others that are wrong differ from is right.
    let may_be_odd = |cell: CellId, iteration: usize| {
        let next = || case.beside_by_place(cell, 0, 1);
        iteration > 0
            || next().is_some_and(|next| !known.contains(&next) && case.is_of_one(next, 1))
    };
    for iteration in 0..case.iterations() {
        for cell in case.cells(iteration).iter().copied().filter(|cell| !known.contains(cell)) {
            let pattern = case.broken_pattern(cell, iteration);
            let pattern = pattern.filter(|_| may_be_odd(cell, iteration));
            findings.extend(pattern.map(|pattern| finding(case, cell, iteration, &pattern)));
        }
    }
    findings.extend(still_formulas(case, known));
    for weight in 0..case.group().len() {
        findings.extend(odd_updates(case, weight, known));
    }
    of_one_kind(case, findings)
}

/// Samples of one iteration with the same slip as one finding.
fn of_one_kind(case: &Case, findings: Vec<Finding>) -> Vec<Finding> {
    let shape = |cell: CellId| counterpart::shape_of(case.ground.graph, cell);
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let (cell, loss) = (finding.cells[0], finding.loss);
        let is_like = |one: &&mut Finding| {
            let other = one.cells[0];
            let (a, b) = (Place::of(case.ground.graph, cell), Place::of(case.ground.graph, other));
            let is_in_line = a.sheet == b.sheet && (a.row == b.row || a.column == b.column);
            let is_update = case.weight_after(cell).is_some();
            is_in_line && !is_update && one.loss == loss && shape(other) == shape(cell)
        };
        match merged.iter_mut().find(is_like) {
            Some(one) => one.cells.extend(finding.cells),
            None => merged.push(finding),
        }
    }
    merged
}

/// Formulas that depend on no weight, where those of the iterations beside do.
fn still_formulas(case: &Case, known: &HashSet<CellId>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for iteration in 0..case.iterations() {
        for (cell, source, other) in case.still(iteration) {
            if !known.contains(&cell) && !known.contains(&source) {
                let pattern = case.filled(source, cell, other, iteration);
                findings.extend(pattern.map(|pattern| finding(case, cell, iteration, &pattern)));
            }
        }
    }
    findings
}

impl Case<'_> {
    /// The formulas that depend on no weight where those in the same place of two iterations beside do, which
    /// say the same; each with the cell and the number of one of these.
    pub fn still(&self, iteration: usize) -> Vec<(CellId, CellId, usize)> {
        let graph = self.ground.graph;
        let Some((one, other)) = self.two_beside(iteration) else { return Vec::new() };
        let by = |shift: Place, from: usize, to: usize| shift * (to as i64 - from as i64);
        let mut found = Vec::new();
        for shift in self.shifts.iter().copied() {
            for source in self.cells(one) {
                let place = Place::of(graph, *source);
                let here = (place + by(shift, one, iteration)).cell(graph);
                let here = here.filter(|here| self.ground.tags.is_fixed(*here));
                let Some(here) = here.filter(|here| graph.formula(*here).is_some()) else {
                    continue;
                };
                let second = (place + by(shift, one, other)).cell(graph);
                // What is remembered starts from nothing.
                let is_own = iteration > 0
                    || self.is_of_one(*source, one) && !graph.inputs(*source).contains(&here);
                if is_own && second.is_some_and(|second| self.is_like(second, *source)) {
                    found.push((here, *source, one));
                }
            }
        }
        found
    }

    /// Whether a cell and all that its formula refers to are of one iteration, or of none.
    fn is_of_one(&self, cell: CellId, iteration: usize) -> bool {
        let tags = &self.ground.tags;
        let is_here = |id: CellId| tags.is_within(id, self.training, iteration);
        let mut inputs = self.ground.graph.inputs(cell).iter();
        is_here(cell) && inputs.all(|input| tags.is_fixed(*input) || is_here(*input))
    }

    /// Two iterations beside one: before and after it, or both on one side.
    fn two_beside(&self, iteration: usize) -> Option<(usize, usize)> {
        match iteration {
            0 => (self.iterations() > 2).then_some((1, 2)),
            _ if iteration + 1 < self.iterations() => Some((iteration - 1, iteration + 1)),
            _ => Some((iteration - 1, iteration.checked_sub(2)?)),
        }
    }

    /// The formula that a cell would have, where those of the iterations beside it agree and it says
    /// something else.
    pub fn broken_pattern(&self, cell: CellId, iteration: usize) -> Option<Tree> {
        let (case, graph) = (self, self.ground.graph);
        // Filled from the row above: nothing to see.
        let is_filled = |shift: Place| {
            let before = (Place::of(graph, cell) - shift).cell(graph);
            before.is_some_and(|before| graph.family(before) == graph.family(cell))
        };
        if case.shifts.iter().copied().any(is_filled) {
            return None;
        }
        let (one, other) = case.two_beside(iteration)?;
        let first = case.pattern(cell, iteration, one)?;
        let second = case.pattern(cell, iteration, other)?;
        breaks(case, &graph.tree(cell)?, &first, &second).then_some(first)
    }
}

/// Whether a formula says something else than two that agree.
fn breaks(case: &Case, own: &Tree, first: &Tree, second: &Tree) -> bool {
    let targets = |tree: &Tree| tree.leaves().iter().map(|leaf| leaf.target).collect::<Vec<_>>();
    targets(first) == targets(second) && !differs(case, first, second) && differs(case, own, first)
}

/// Whether two formulas are not the same as functions.
pub(super) fn differs(case: &Case, own: &Tree, tree: &Tree) -> bool {
    let graph = case.ground.graph;
    case.ground.invented.points.iter().any(|values| {
        let found = graph.evaluate_tree(own, values).number();
        let pattern = graph.evaluate_tree(tree, values).number();
        match (found, pattern) {
            (Some(found), Some(pattern)) => !agrees(found, pattern),
            (found, pattern) => found.is_some() != pattern.is_some(),
        }
    })
}

fn finding(case: &Case, cell: CellId, iteration: usize, pattern: &Tree) -> Finding {
    let message = format!(
        "{} has another formula than in the iterations beside it.",
        words::named(case, cell)
    );
    let mut finding = Finding::new(Kind::InconsistentFormula, vec![cell], message);
    case.propose(&mut finding, pattern);
    finding.loss = case.loss(iteration);
    finding.consequences = case.consequences(&finding.cells);
    finding
}

/// Updates that are made otherwise than those before and after them.
fn odd_updates(case: &Case, weight: usize, known: &HashSet<CellId>) -> Vec<Finding> {
    let graph = case.ground.graph;
    let updates = &case.group()[weight].updates;
    let mut counts: HashMap<_, usize> = HashMap::new();
    for update in updates.iter().flatten() {
        *counts.entry(graph.family(update.cell)).or_default() += 1;
    }
    // Two formulas in turn are a rule of two steps.
    let is_usual = |update: &Update| counts[&graph.family(update.cell)] * 3 > updates.len();
    let mut findings = Vec::new();
    for (at, update) in updates.iter().enumerate() {
        let Some(update) = update.as_ref().filter(|update| !known.contains(&update.cell)) else {
            continue;
        };
        if is_usual(update) {
            continue;
        }
        let beside = |other: Option<usize>| {
            let other = other?;
            let source = updates.get(other)?.as_ref()?;
            if graph.family(source.cell) == graph.family(update.cell) {
                return None;
            }
            case.filled(source.cell, update.cell, other, at)
        };
        let first = beside(at.checked_sub(1));
        let second = beside(Some(at + 1)).or_else(|| beside(at.checked_sub(2)));
        let (Some(first), Some(second)) = (first, second) else { continue };
        if graph.tree(update.cell).is_some_and(|own| breaks(case, &own, &first, &second)) {
            let mut one = finding(case, update.cell, at, &first);
            one.weight = case.group()[weight].shown.get(at).copied();
            findings.push(one);
        }
    }
    findings
}
