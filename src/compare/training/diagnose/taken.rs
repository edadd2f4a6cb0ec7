//! Updates that take the gradient of another weight, or what remembers it.

use std::collections::HashSet;

use crate::compare::training::Ground;
use crate::compare::training::case::Case;
use crate::compare::training::chain_rule::derivative;
use crate::compare::training::check::agrees;
use crate::compare::training::counterpart::shape_of;
use crate::compare::training::fill::exchange;
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::roles::Role;
use crate::compare::training::terms::cells_in;
use crate::graph::{CellId, Leaf, Node, Tree};

/// Takes for the gradients of weights that take another's the cells that hold their own, so that what takes
/// the other is told, and no derivative is called wrong.
pub(super) fn settle(case: &mut Case) {
    for iteration in 0..case.iterations() {
        let failing = |weight: &usize| case.verdicts[*weight].get(iteration) == Some(&Some(false));
        let failing: Vec<usize> = (0..case.verdicts.len()).filter(failing).collect();
        let found =
            failing.iter().filter_map(|one| Some((*one, own_gradient(case, iteration, *one)?)));
        for (weight, cell) in found.collect::<Vec<_>>() {
            case.roles[weight][iteration] = Some(Role { cell: Some(cell), part: None });
            case.verdicts[weight][iteration] = Some(true);
        }
    }
}

/// The derivatives by all weights at the invented points, to tell the cells of an iteration that hold them.
pub(super) struct Derivatives<'c, 'a> {
    case: &'c Case<'a>,
    iteration: usize,
    ahead: HashSet<CellId>,
    /// For each point and weight.
    expected: Vec<Vec<f64>>,
}

impl<'c, 'a> Derivatives<'c, 'a> {
    pub fn new(case: &'c Case<'a>, iteration: usize) -> Self {
        let (ahead, expected) = (case.ahead(iteration), case.expected_at_points(iteration));
        Derivatives { case, iteration, ahead, expected }
    }

    /// The cell, none that the loss is computed from, that holds the derivative by a weight.
    pub fn holder(&self, weight: usize) -> Option<CellId> {
        let cells = self.case.cells(self.iteration).iter();
        let mut behind = cells.filter(|id| !self.ahead.contains(id));
        behind.find(|cell| self.is_by(**cell, weight)).copied()
    }

    /// Whether a cell holds the derivative by a weight, at all points, and not 0 at each.
    fn is_by(&self, cell: CellId, weight: usize) -> bool {
        let points = &self.case.ground.invented.points;
        let mut pairs = points.iter().zip(&self.expected);
        pairs.all(|(at, all)| at.number(cell).is_some_and(|value| agrees(value, all[weight])))
            && points.iter().any(|at| at.number(cell) != Some(0.0))
    }
}

/// The cell with the derivative by a weight, where its updates take that by another from where no other
/// weight's take it, or what the loss is computed from.
fn own_gradient(case: &Case, iteration: usize, weight: usize) -> Option<CellId> {
    let role = |weight: usize| case.roles[weight].get(iteration)?.as_ref()?.cell;
    let used = |weight: usize| case.used[weight].get(iteration)?.as_ref();
    let taken = role(weight)?;
    let derivatives = Derivatives::new(case, iteration);
    if !derivatives.ahead.contains(&taken) {
        let mut others = (0..case.group().len()).filter(|other| *other != weight);
        let owner = others.find(|other| derivatives.is_by(taken, *other))?;
        // What remembers the other's gradients is right, and what takes it is not.
        let update = case.group()[weight].updates.get(iteration).and_then(Option::as_ref);
        let home = used(weight).map(|one| one.tree.home);
        if home != update.map(|one| one.cell) && used(owner).map(|one| one.tree.home) == home {
            return None;
        }
    }
    derivatives.holder(weight)
}

/// Whether what is taken for a gradient is another one than the right one, and neither hands the other on.
pub(super) fn is_another(ground: &Ground, taken: CellId, right: CellId) -> bool {
    let origin = |id: CellId| ground.updates.origin(id);
    taken != right && origin(taken) != right && origin(right) != taken
}

/// The cells of the iteration on the way from an update to another one that refer to that, where they
/// should refer to the right one, which may be computed from it.
pub(super) fn takers(
    case: &Case,
    iteration: usize,
    update: CellId,
    (taken, right): (CellId, CellId),
) -> Vec<CellId> {
    let graph = case.ground.graph;
    let ahead = case.ahead(iteration);
    let is_here = |id: &CellId| {
        let cells = case.cells(iteration);
        cells.contains(id) && !ahead.contains(id) && !case.ground.tags.is_variable(*id)
    };
    let mut open = vec![update];
    let mut seen: HashSet<CellId> = open.iter().copied().collect();
    let mut takers = Vec::new();
    while let Some(id) = open.pop() {
        let inputs = graph.inputs(id);
        if inputs.contains(&taken) {
            takers.push(id);
        }
        let is_between = |id: &CellId| *id != taken && *id != right && is_here(id);
        let inner = inputs.iter().copied().filter(is_between);
        open.extend(inner.filter(|id| seen.insert(*id)));
    }
    takers.sort_unstable();
    takers
}

/// A weight whose updates take the right derivative by another weight: what they should take is
/// computed elsewhere, or nowhere.
pub(super) fn taken_from_another(
    case: &Case,
    iteration: usize,
    weight: usize,
    explained: &mut HashSet<(usize, usize)>,
) -> Option<Finding> {
    let graph = case.ground.graph;
    let role = |weight: usize, at: usize| case.roles[weight].get(at)?.as_ref()?.cell;
    let taken = role(weight, iteration)?;
    let derivatives = Derivatives::new(case, iteration);
    let held = derivatives.holder(weight);
    let mut others = (0..case.group().len()).filter(|other| *other != weight);
    // Two weights may have exchanged theirs.
    let is_owner = |other: &usize| {
        let is_its_own = role(*other, iteration) == Some(taken);
        let is_exchanged = || (0..case.group().len()).any(|one| held == role(one, iteration));
        (is_its_own || held.is_some() && is_exchanged()) && derivatives.is_by(taken, *other)
    };
    let owner = others.find(is_owner)?;
    let right = match held {
        Some(cell) => Node::Leaf(Leaf::cell(cell)),
        None => derivative(case, iteration, case.variable(weight, iteration)?, taken)?.root,
    };
    let home = case.used[weight].get(iteration)?.as_ref()?.tree.home;
    if case.used[owner].get(iteration)?.as_ref().is_some_and(|one| one.tree.home == home) {
        return state_of_another(case, iteration, weight, (home, held), explained);
    }
    let own = graph.tree(home)?;
    let place = own.leaves().into_iter().find(|leaf| leaf.id() == Some(taken)).copied()?;
    let root = exchange(&own.root, &Node::Leaf(place), &right)?;
    let mut cells = Vec::new();
    for at in 0..case.iterations() {
        if case.verdicts[weight].get(at) == Some(&Some(false))
            && role(weight, at).is_some_and(|cell| {
                role(owner, at) == Some(cell) || graph.family(cell) == graph.family(taken)
            })
        {
            explained.insert((weight, at));
            cells.extend(
                case.used[weight].get(at).and_then(Option::as_ref).map(|one| one.tree.home),
            );
        }
    }
    let (name, owner) = (case.weight_name(weight), case.weight_name(owner));
    let stands = held.map_or(String::new(), |cell| {
        format!("; the derivative by {name} is in {}", case.address(cell))
    });
    let message = format!(
        "This update of {name} takes {}, the derivative by {owner}{stands}.",
        case.address(taken)
    );
    let mut finding = Finding::new(Kind::WrongWeight, cells, message);
    finding.weight = case.group()[weight].shown.get(iteration).copied();
    finding.loss = case.loss(iteration);
    case.propose(&mut finding, &Tree { home, root });
    finding.consequences = case.consequences(&finding.cells);
    Some(finding)
}

/// A weight whose updates take what remembers the gradients of another. Where it stands further from the
/// update, the rules of the weights tell.
fn state_of_another(
    case: &Case,
    iteration: usize,
    weight: usize,
    (taken, gradient): (CellId, Option<CellId>),
    explained: &mut HashSet<(usize, usize)>,
) -> Option<Finding> {
    let graph = case.ground.graph;
    explained.extend((0..case.iterations()).map(|at| (weight, at)));
    let update = case.group()[weight].updates.get(iteration)?.as_ref()?;
    let is_like = |id: &&CellId| shape_of(graph, **id) == shape_of(graph, taken);
    let right = *graph.users(gradient?).iter().find(is_like)?;
    let tree = graph.tree(update.cell)?;
    if !cells_in(graph, &tree.root).contains(&taken) {
        return None;
    }
    let name = case.weight_name(weight);
    let message = format!(
        "This update of {name} takes {}, which another weight's gradients are remembered in; those of {name} are in {}.",
        case.address(taken),
        case.address(right),
    );
    let family = graph.family(update.cell);
    let updates = case.group()[weight].updates.iter().flatten().map(|update| update.cell);
    let cells = updates.filter(|cell| graph.family(*cell) == family).collect();
    let mut finding = Finding::new(Kind::WrongWeight, cells, message);
    finding.weight = case.group()[weight].shown.get(iteration).copied();
    finding.loss = case.loss(iteration);
    case.propose(&mut finding, &tree.with_all(taken, right));
    finding.consequences = case.consequences(&finding.cells);
    Some(finding)
}
