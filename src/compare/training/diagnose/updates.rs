//! How updates use what they are given: the right weight, its own gradient, the one learning rate.

use std::collections::{HashMap, HashSet};

use super::rates;
use super::taken::{is_another, takers};
use crate::compare::training::case::Case;
use crate::compare::training::check::is_rounded;
use crate::compare::training::fill::complete;
use crate::compare::training::held::with_size;
use crate::compare::training::result::{Finding, Kind, Rule};
use crate::compare::training::terms::{Part, cells_in, only_cell};
use crate::compare::training::updates::{Update, decayed_from};
use crate::compare::training::weights::Break;
use crate::compare::training::{counterpart, describe, names};
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Node, Tree};
use crate::value::number_text;

/// What is wrong with the updates of a training.
pub(super) fn findings(case: &Case, rule: Rule) -> Vec<Finding> {
    let mut findings = rates::findings(case, rule);
    if rule == Rule::Descent {
        findings.extend(uphill(case));
    }
    for weight in 0..case.group().len() {
        findings.extend(wrong_gradients(case, weight, rule));
    }
    findings.extend(breaks(case));
    findings
}

/// Updates that stay where they are for all gradients of one sign, where only small ones are meant, each with its weight.
pub(super) fn one_sided(case: &Case) -> Vec<(usize, Finding)> {
    let graph = case.ground.graph;
    let of = |weight: usize| {
        let of = &case.group()[weight];
        let findings = of.updates.iter().enumerate().filter_map(|(at, update)| {
            let update = update.as_ref()?;
            let mended = with_size(graph, &graph.tree(update.cell)?, update.previous)?;
            let message = format!(
                "The update of {} takes no step for a gradient of one sign, however large it is: whether one is small \
                 is said by its size, ABS.",
                case.weight_name(weight)
            );
            let mut finding = Finding::new(Kind::Value, vec![update.cell], message);
            finding.weight = of.shown.get(at).copied();
            case.propose(&mut finding, &mended);
            Some(finding)
        });
        merged(case, findings.collect()).into_iter().map(move |finding| (weight, finding))
    };
    (0..case.group().len()).flat_map(of).collect()
}

/// Updates that go up where others, or the loss, say that they should go down.
fn uphill(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    let ups = |weight: usize, at: usize| Some(case.step_sign(weight, at)? * case.factor > 0.0);
    let all: Vec<bool> = (0..case.group().len())
        .flat_map(|weight| (0..case.iterations()).filter_map(move |at| ups(weight, at)))
        .collect();
    let up = all.iter().filter(|up| **up).count();
    // A likelihood is made large; a sum of squares never is.
    let is_usual = up * 2 > all.len() && !case.is_made_small();
    for weight in 0..case.group().len() {
        for (at, update) in case.group()[weight].updates.iter().enumerate() {
            let (Some(update), Some(is_up)) = (update, ups(weight, at)) else { continue };
            if is_up == is_usual {
                continue;
            }
            findings.extend(leads_up(case, weight, at, update));
        }
    }
    // All of them: the sign of one or the other was taken for the rest, too.
    match findings.iter().map(|one| one.cells.len()).sum::<usize>() == all.len() {
        true => as_one(findings).into_iter().collect(),
        false => merged(case, findings),
    }
}

/// Updates by a rule that no optimizer has which lead up the slope of a loss that should be small.
pub(in crate::compare::training) fn climbing(case: &Case) -> Vec<Finding> {
    let graph = case.ground.graph;
    let climbs = |weight: usize, at: usize, update: &Update| {
        let gradient = case.used[weight].get(at).and_then(|used| used.as_ref()?.cell);
        let (Some(gradient), Some(tree)) = (gradient, graph.tree(update.cell)) else {
            return false;
        };
        case.ground.invented.points.iter().all(|values| {
            let seeds = graph.tree_adjoints(&tree, values);
            let by = graph.adjoints_from(&seeds, values, case.cells(at)).get(gradient);
            by * case.factor > 0.0
        })
    };
    if !case.is_made_small() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (weight, of) in case.group().iter().enumerate() {
        let updates = of.updates.iter().enumerate();
        let updates = updates.filter_map(|(at, update)| Some((at, update.as_ref()?)));
        // What goes up here and down there by the same formula has its own way with gradients.
        let down = updates.clone().filter(|(at, update)| !climbs(weight, *at, update));
        let down: HashSet<_> = down.map(|(_, update)| graph.family(update.cell)).collect();
        let up = updates.filter(|(_, update)| !down.contains(&graph.family(update.cell)));
        findings.extend(up.filter_map(|(at, update)| leads_up(case, weight, at, update)));
    }
    merged(case, findings)
}

/// An update that goes up where it should go down.
fn leads_up(case: &Case, weight: usize, at: usize, update: &Update) -> Option<Finding> {
    let mended = turned(case, update.cell, update.previous)?;
    let name = case.weight_name(weight);
    let message = format!(
        "This update takes {name} up the slope of the loss instead of down: its sign is the wrong way round."
    );
    let mut finding = Finding::new(Kind::WrongDerivative, vec![update.cell], message);
    finding.weight = case.group()[weight].shown.get(at).copied();
    finding.loss = case.loss(at);
    case.propose(&mut finding, &mended);
    Some(finding)
}

/// Findings as one, with all of their cells.
fn as_one(findings: Vec<Finding>) -> Option<Finding> {
    findings.into_iter().reduce(|mut first, other| {
        first.cells.extend(other.cells);
        first
    })
}

/// An update with its step the other way: `p+T` for `p-T`.
fn turned(case: &Case, cell: CellId, previous: CellId) -> Option<Tree> {
    let tree = case.ground.graph.tree(cell)?;
    let Node::Binary(operator, left, right) = &tree.root else { return None };
    let other = operator.turned()?;
    let graph = case.ground.graph;
    let is_start = |part: &Part| only_cell(part) == Some(previous);
    let has_start = |part: &Part| {
        let mut cells = cells_in(graph, part).into_iter();
        cells.any(|id| id == previous || decayed_from(graph, id) == Some(previous))
    };
    let is_first = is_start(left) || !is_start(right) && has_start(left);
    let (one, step) = if is_first { (left, right) } else { (right, left) };
    Some(Tree { home: cell, root: Node::Binary(other, one.clone(), step.clone()) })
}

/// Updates that take another cell for the gradient than the weight's other updates do.
fn wrong_gradients(case: &Case, weight: usize, rule: Rule) -> Vec<Finding> {
    let graph = case.ground.graph;
    let mut findings: Vec<Finding> = Vec::new();
    for (at, used) in case.used[weight].iter().enumerate() {
        let (Some(used), Some(Some(role))) = (used, case.roles[weight].get(at)) else { continue };
        let (Some(taken), Some(right)) = (used.cell, role.cell) else { continue };
        // A number typed over what an average remembers is no gradient.
        let is_typed = rule != Rule::Descent && case.ground.tags.is_fixed(taken);
        if is_typed || !is_another(case.ground, taken, right) {
            continue;
        }
        let is_broken = case.group()[weight].breaks.contains(&(at, Break::OtherWeight));
        let Some(update) = case.group()[weight].updates[at].as_ref().filter(|_| !is_broken) else {
            continue;
        };
        let owner = case.roles.iter().enumerate().find_map(|(other, of)| {
            let cell = of.get(at)?.as_ref()?.cell?;
            (cell == taken && other != weight).then_some(other)
        });
        let name = case.weight_name(weight);
        let message = match owner {
            Some(owner) => format!(
                "This update of {name} takes {}, the derivative by {}; the derivative by {name} is in {}.",
                case.address(taken),
                case.weight_name(owner),
                case.address(right),
            ),
            None if case.ahead(at).contains(&taken) => format!(
                "This update of {name} takes {}, which is no derivative; that by {name} is in {}.",
                case.address(taken),
                case.address(right),
            ),
            None => format!(
                "This update of {name} takes {}, where the others take what is here in {}.",
                case.address(taken),
                case.address(right),
            ),
        };
        // What an update remembers may take it, too.
        for taker in takers(case, at, update.cell, (taken, right)) {
            let mut finding = Finding::new(Kind::WrongWeight, vec![taker], message.clone());
            finding.weight = case.group()[weight].shown.get(at).copied();
            finding.loss = case.loss(at);
            if let Some(tree) = graph.tree(taker) {
                case.propose(&mut finding, &tree.with_all(taken, right));
            }
            findings.push(finding);
        }
    }
    let mut findings = merged(case, findings);
    findings.iter_mut().for_each(|finding| complete(graph, &mut finding.cells));
    findings
}

/// Findings of formulas of one family as one.
pub(super) fn merged(case: &Case, findings: Vec<Finding>) -> Vec<Finding> {
    let graph = case.ground.graph;
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let cell = finding.cells[0];
        // On each sheet the formulas of one weight name another sheet.
        let family = match case.weight_after(cell) {
            Some(weight) => Err((weight, counterpart::shape_of(graph, cell))),
            None => Ok(graph.family(cell)),
        };
        let key = (finding.kind, family);
        match known.get(&key).filter(|_| key.1 != Ok(None)) {
            Some(at) => merged[*at].cells.extend(finding.cells),
            None => {
                known.insert(key, merged.len());
                merged.push(finding);
            }
        }
    }
    merged
}

/// Places where a weight's chain does not hold by itself. Weights that all take what stands as far from
/// what they should take are one slip, made once and filled.
fn breaks(case: &Case) -> Vec<Finding> {
    let mut slips: Vec<(Option<(usize, Place)>, Finding)> = Vec::new();
    for (weight, of) in case.group().iter().enumerate() {
        for (at, kind) in of.breaks.iter().copied() {
            let (taken, finding) = match kind {
                Break::OtherWeight => {
                    (wrongly_taken(case, weight, at), other_weight(case, weight, at))
                }
                Break::Typed(cell) => (None, typed(case, weight, at, cell)),
                Break::HandOver(cell) => {
                    (wrongly_handed(case, weight, at, cell), handed_over(case, weight, at, cell))
                }
            };
            let slip = taken.map(|off| (at, off));
            let Some(finding) = finding else { continue };
            let known = slips.iter_mut().find(|(one, _)| slip.is_some() && *one == slip);
            match known {
                Some((_, first)) => first.cells.extend(finding.cells),
                None => slips.push((slip, finding)),
            }
        }
    }
    let weights = |count: usize| if count == 1 { "weight does" } else { "weights do" };
    for (_, finding) in slips.iter_mut().filter(|(_, finding)| finding.cells.len() > 1) {
        let others = finding.cells.len() - 1;
        finding.message += &format!(" {others} other {} the same.", weights(others));
        finding.fix = finding.fix.take().map(|fix| format!("{fix}, and likewise for the others"));
    }
    merged(case, slips.into_iter().map(|(_, finding)| finding).collect())
}

/// How far what an update steps from stands from what it should.
fn wrongly_taken(case: &Case, weight: usize, at: usize) -> Option<Place> {
    let update = case.group()[weight].updates.get(at)?.as_ref()?;
    let right = case.group()[weight].shown.get(at).copied()?;
    Some(Place::of(case.ground.graph, update.previous) - Place::of(case.ground.graph, right))
}

/// How far what a cell hands on stands from what it should.
fn wrongly_handed(case: &Case, weight: usize, at: usize, cell: CellId) -> Option<Place> {
    let graph = case.ground.graph;
    let taken = only_cell(&graph.tree(cell)?.root)?;
    let right = *case.group()[weight].values.get(at + 1)?;
    Some(Place::of(graph, taken) - Place::of(graph, right))
}

/// An update that steps from another weight.
fn other_weight(case: &Case, weight: usize, at: usize) -> Option<Finding> {
    let graph = case.ground.graph;
    let update = case.group()[weight].updates.get(at)?.as_ref()?;
    let right = case.group()[weight].shown.get(at).copied()?;
    let name = case.weight_name(weight);
    let taken = describe::name(case.ground, update.previous);
    let message = format!(
        "This is the next {name}, but it steps from {taken} ({}); it should step from {}.",
        case.address(update.previous),
        case.address(right),
    );
    let mut finding = Finding::new(Kind::WrongWeight, vec![update.cell], message);
    finding.weight = Some(right);
    finding.loss = case.loss(at);
    let tree = graph.tree(update.cell)?;
    let mut mended = tree.with_all(update.previous, right);
    // A copied column takes its neighbour's gradient too.
    if let (Some(used), Some(Some(role))) = (&case.used[weight][at], case.roles[weight].get(at))
        && let (Some(used), Some(own)) = (used.cell, role.cell)
    {
        let shift = Place::of(graph, right) - Place::of(graph, update.previous);
        let moved = (Place::of(graph, used) + shift).cell(graph);
        // One that takes everything from elsewhere takes its gradient from there too.
        let is_apart = used != own
            && case.roles.iter().all(|of| {
                of.get(at).and_then(Option::as_ref).and_then(|one| one.cell) != Some(used)
            });
        if is_apart {
            mended = mended.with_all(used, own);
        }
        let is_copied = case.roles.iter().enumerate().any(|(other, of)| {
            other != weight
                && of.get(at).and_then(Option::as_ref).and_then(|one| one.cell) == Some(used)
        });
        let instead = if used == own { moved } else { Some(own) };
        if let Some(instead) = instead.filter(|_| is_copied) {
            mended = mended.with_all(used, instead);
        }
    }
    case.propose(&mut finding, &mended);
    Some(finding)
}

/// A value that is typed where an update or a reference belongs.
fn typed(case: &Case, weight: usize, at: usize, cell: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    let found = graph.value(cell).number()?;
    let (proposed, expected) = case.continued(weight, at, cell)?;
    let name = case.weight_name(weight);
    if is_rounded(expected, found) {
        // It is what the formula gives, as far as it was typed.
        return None;
    }
    let before = names::of_cell(graph, cell).unwrap_or(name);
    let message = format!(
        "{} is typed where the next value of {before} belongs: the update gives {}.",
        number_text(found),
        number_text(expected),
    );
    let is_update = case.group()[weight].updates.get(at).is_none_or(Option::is_none);
    let kind = if is_update { Kind::Value } else { Kind::HandOver };
    let mut finding = Finding::new(kind, vec![cell], message);
    finding.weight = Some(cell);
    finding.loss = case.loss(at);
    finding.found = Some(found);
    finding.expected = Some(expected);
    finding.fix = Some(format!("write {proposed} into {}", case.address(cell)));
    finding.proposed = Some(proposed);
    Some(finding)
}

/// A cell that hands the value of another iteration on than the last.
fn handed_over(case: &Case, weight: usize, at: usize, cell: CellId) -> Option<Finding> {
    let graph = case.ground.graph;
    let right = *case.group()[weight].values.get(at + 1)?;
    let tree = graph.tree(cell)?;
    let used = only_cell(&tree.root)?;
    let name = case.weight_name(weight);
    let message = format!(
        "{name} should go on with {}, what the last update gave; this cell takes {}.",
        case.address(right),
        case.address(used),
    );
    let mut finding = Finding::new(Kind::HandOver, vec![cell], message);
    finding.weight = Some(cell);
    finding.loss = case.loss(at + 1);
    case.propose(&mut finding, &Tree { home: cell, root: Node::Leaf(Leaf::cell(right)) });
    Some(finding)
}
