//! Updates that take the gradient of another weight, or what remembers it.

use std::collections::HashSet;

use crate::compare::training::case::Case;
use crate::compare::training::chain_rule::derivative;
use crate::compare::training::check::agrees;
use crate::compare::training::counterpart::shape_of;
use crate::compare::training::fill::exchange;
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::terms::cells_in;
use crate::graph::{CellId, Leaf, Node, Tree, Values};

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
    let points = &case.ground.invented.points;
    let is_derivative = |cell: CellId, weight: usize| {
        let is_right = |values: &Values| {
            let expected = case.expected(iteration, values)[weight];
            values.number(cell).is_some_and(|value| agrees(value, expected))
        };
        points.iter().all(is_right) && points.iter().any(|one| one.number(cell) != Some(0.0))
    };
    let ahead = case.ahead(iteration);
    let mut behind = case.cells(iteration).iter().filter(|id| !ahead.contains(id));
    let held = behind.find(|cell| is_derivative(**cell, weight)).copied();
    let mut others = (0..case.group().len()).filter(|other| *other != weight);
    // Two weights may have exchanged theirs.
    let is_owner = |other: &usize| {
        let is_its_own = role(*other, iteration) == Some(taken);
        let is_exchanged = || (0..case.group().len()).any(|one| held == role(one, iteration));
        (is_its_own || held.is_some() && is_exchanged()) && is_derivative(taken, *other)
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
