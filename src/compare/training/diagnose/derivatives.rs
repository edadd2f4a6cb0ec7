//! Derivatives that fail, traced to the formulas with the mistake.

use std::collections::HashSet;

use super::taken::taken_from_another;
use super::words::message;
use crate::compare::training::case::Case;
use crate::compare::training::chain_rule::derivative;
use crate::compare::training::check::agrees;
use crate::compare::training::edits::Change;
use crate::compare::training::repair::{Fix, fixes, gradient_fixes, loss_fix};
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::roles::Role;
use crate::formula::Operator;
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Node, Tree};

/// So much costs a single edit at the most: the slope of a sigmoid that is missing.
const ONE_EDIT: f64 = 3.0;
/// What speaks against a reading for each gradient that no edit mends.
const UNMENDED: f64 = 5.0;

/// What speaks against gradients that are the derivatives with the other sign than usual: more than it
/// costs to write a minus, where updates are plainly multiples of them.
const UNUSUAL: f64 = 0.6;
/// The same where it takes more to see which way updates lead.
const RATHER_UNUSUAL: f64 = 0.1;

/// What is wrong with the derivatives of a training.
pub(super) fn findings(case: &mut Case, explained: &mut HashSet<(usize, usize)>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = miswritten_loss(case, explained).into_iter().collect();
    settle_factor(case);
    // What an update takes says more than what stands where it should.
    let is_taken =
        |case: &Case, at: usize| case.used.iter().all(|of| of.get(at).is_some_and(Option::is_some));
    let mut iterations: Vec<usize> = (0..case.iterations()).collect();
    iterations.sort_by_key(|at| !is_taken(case, *at));
    for iteration in iterations {
        let mut failing: Vec<usize> = (0..case.group().len())
            .filter(|weight| {
                case.verdicts[*weight].get(iteration) == Some(&Some(false))
                    && !explained.contains(&(*weight, iteration))
                    && has_number(case, *weight, iteration)
            })
            .collect();
        for weight in failing.clone() {
            findings.extend(taken_from_another(case, iteration, weight, explained));
        }
        failing.retain(|weight| !explained.contains(&(*weight, iteration)));
        if failing.is_empty() {
            continue;
        }
        let found = fixes(case, iteration, &failing);
        let mut left = failing.clone();
        for fix in &found {
            left.retain(|weight| !fix.weights.contains(weight));
            let finding = finding(case, iteration, fix, explained);
            // Other weights may show in another iteration what is told already.
            let is_told = |known: &Finding| {
                let cells = || finding.cells.iter();
                known.kind == finding.kind && cells().all(|cell| known.cells.contains(cell))
            };
            if !findings.iter().any(is_told) {
                findings.push(finding);
            }
        }
        for weight in left {
            findings.extend(unmended(case, iteration, weight, explained));
        }
    }
    findings
}

/// A loss that is written down with a slip, while the gradients are those of the right one.
fn miswritten_loss(case: &mut Case, explained: &mut HashSet<(usize, usize)>) -> Option<Finding> {
    let suspect = case.suspect?;
    let sample = case.sample()?;
    let (implied, factor) = (case.implied.take(), case.factor);
    let is_unwritten = std::mem::take(&mut case.is_unwritten);
    let ahead = case
        .ahead_of(&implied.as_ref().map_or(Vec::new(), |one| one.predicted(case, sample)), sample);
    let own = case.losses_like(suspect, sample);
    let other = std::mem::replace(&mut case.losses, own);
    let taken = (case.used.clone(), case.roles.clone());
    // Next to a squared error the derivatives of a cross-entropy are what they are, unless they were those of
    // the square but for the slope of the sigmoid.
    let (sizes, most) = match &implied {
        Some(implied) if implied.is_cross_entropy() => (&[1.0][..], ONE_EDIT),
        _ => (&[1.0, 2.0, 0.5][..], f64::INFINITY),
    };
    let signed: Vec<f64> = sizes.iter().map(|size| size * factor.signum()).collect();
    let limits = (&signed[..], most);
    // As they stand in the updates gradients may have the penalty, too, which was looked through.
    let whole = case.find_used(0);
    let mut best = None;
    if whole != case.used {
        case.used = whole;
        case.roles = case.find_roles();
        best = best_reading(case, sample, limits, &ahead).filter(|(.., fix)| fix.is_some());
    }
    if best.is_none() {
        (case.used, case.roles) = taken;
        best = best_reading(case, sample, limits, &ahead);
        // Gradients of one function, whichever it is, are right.
        best = best.filter(|(.., fix)| fix.is_some() || !is_unwritten);
    }
    let is_prediction = implied.is_none() && !is_unwritten;
    let best = best.or_else(|| is_prediction.then_some((0.0, factor.signum(), None)));
    let Some((_, right, fix)) = best else {
        (case.losses, case.implied, case.factor) = (other, implied, factor);
        case.is_unwritten = is_unwritten;
        return None;
    };
    case.factor = right;
    case.check();
    fix.map(|fix| finding(case, sample, &fix, explained))
}

/// The likeliest of the [readings] with one of these factors and of this cost, with its cost and the factor.
fn best_reading(
    case: &mut Case,
    sample: usize,
    (factors, most): (&[f64], f64),
    ahead: &HashSet<CellId>,
) -> Option<(f64, f64, Option<Fix>)> {
    let mut best: Option<(f64, f64, Option<Fix>)> = None;
    for factor in factors {
        case.factor = *factor;
        for (cost, fix) in readings(case, sample, ahead, most) {
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, case.factor, fix));
            }
        }
    }
    best
}

/// Where gradients are the derivatives times one factor here and times another there, takes that
/// with which the others are mended by fewer edits.
fn settle_factor(case: &mut Case) -> Option<()> {
    let sample = case.sample()?;
    let factors = case.factors(sample);
    let own = case.factor;
    // A likelihood is climbed with its own derivatives, a sum of squares is gone down.
    let usual = if case.is_made_small() { case.down(sample) } else { 1.0 };
    let are_multiples = (0..case.group().len()).all(|weight| case.is_multiple(weight, sample));
    let unusual = if are_multiples { UNUSUAL } else { RATHER_UNUSUAL };
    let mut best: Option<(f64, f64)> = None;
    for factor in std::iter::once(own).chain(factors.into_iter().filter(|one| !agrees(*one, own))) {
        case.factor = factor;
        let (failing, fixes) = mended(case, sample);
        let left = failing - fixes.iter().map(|fix| fix.weights.len()).sum::<usize>();
        let cost = fixes.iter().map(|fix| fix.cost).sum::<f64>() + left as f64 * UNMENDED;
        let cost = if factor.signum() == usual { cost } else { cost + unusual };
        if best.is_none_or(|(_, least)| cost < least) {
            best = Some((factor, cost));
        }
    }
    case.factor = best?.0;
    if case.factor != own {
        case.check();
    }
    Some(())
}

/// How many gradients of an iteration fail, and the edits of gradients that mend some.
pub(in crate::compare::training) fn mended(case: &Case, iteration: usize) -> (usize, Vec<Fix>) {
    let verdicts = case.verdicts_of(iteration, &case.ground.invented.points);
    let failing: Vec<usize> =
        (0..case.group().len()).filter(|weight| verdicts[*weight] == Some(false)).collect();
    (failing.len(), gradient_fixes(case, iteration, &failing))
}

/// What may be wrong where gradients are not those of the loss that is written down, with the cost:
/// the loss by one edit, or the gradients, each by its own that costs no more than `most`.
fn readings(
    case: &Case,
    sample: usize,
    ahead: &HashSet<CellId>,
    most: f64,
) -> Vec<(f64, Option<Fix>)> {
    let all: Vec<usize> = (0..case.group().len()).collect();
    let loss = loss_fix(case, sample, &all, ahead).map(|fix| (fix.cost, Some(fix)));
    let (failing, backward) = mended(case, sample);
    let mended: usize = backward.iter().map(|fix| fix.weights.len()).sum();
    let cost: f64 = backward.iter().map(|fix| fix.cost).sum();
    // Nobody makes a residual small that may be below 0.
    let is_odd = case.suspect.is_some_and(|loss| case.takes_either_sign(loss, sample));
    let is_cheap = backward.iter().all(|fix| fix.cost <= most);
    let gradients = (mended == failing && is_cheap && !is_odd).then_some((cost, None));
    loss.into_iter().chain(gradients).collect()
}

/// Whether a gradient has a number at all: an error has a cause of its own.
fn has_number(case: &Case, weight: usize, iteration: usize) -> bool {
    case.gradient(weight, iteration, case.ground.graph.values()).is_finite()
}

/// The finding for a fix, with the same mistake in all other iterations.
fn finding(
    case: &mut Case,
    iteration: usize,
    fix: &Fix,
    explained: &mut HashSet<(usize, usize)>,
) -> Finding {
    let graph = case.ground.graph;
    let mut cells = fix.cells.clone();
    for weight in &fix.weights {
        explained.insert((*weight, iteration));
    }
    for other in 0..case.iterations() {
        let fails = |weight: &usize| case.verdicts[*weight].get(other) == Some(&Some(false));
        if other == iteration {
            continue;
        }
        let beside: Option<Vec<CellId>> =
            fix.cells.iter().map(|cell| case.beside(*cell, iteration, other)).collect();
        let Some(beside) = beside else { continue };
        let is_filled = || {
            let mut pairs = fix.cells.iter().zip(&beside);
            pairs.all(|(one, other)| graph.family(*one) == graph.family(*other))
        };
        // Or no update follows, and nothing is judged.
        let is_last = || {
            let verdict = |weight: &usize| case.verdicts[*weight].get(other).copied().flatten();
            fix.is_forward && is_filled() && fix.weights.iter().all(|one| verdict(one).is_none())
        };
        // Or its numbers happen not to matter, where a neuron is at rest.
        let is_at_rest = || {
            let points = || case.ground.invented.points.iter();
            let is_zero =
                |weight: &usize| points().all(|at| case.gradient(*weight, other, at) == 0.0);
            is_filled() && !fix.is_forward && fix.weights.iter().all(is_zero)
        };
        let is_everywhere = matches!(fix.change, Change::Sign(_));
        let is_meant = || fix.weights.iter().any(fails) || is_at_rest() || is_last();
        if !is_everywhere && !is_meant() {
            continue;
        }
        for weight in &fix.weights {
            explained.insert((*weight, other));
        }
        cells.extend(beside);
    }
    if fix.is_forward {
        // The derivatives are those of the right forward pass.
        for weight in &fix.weights {
            for verdict in case.verdicts[*weight].iter_mut().filter(|one| **one == Some(false)) {
                *verdict = Some(true);
            }
        }
    }
    cells.sort_unstable();
    cells.dedup();
    let (kind, is_update) = kind(case, iteration, fix);
    if kind == Kind::DriftingReference
        && let Some(family) = graph.family(fix.cells[0])
    {
        // It walks on where its number happens not to matter, too.
        let own =
            |id: &CellId| (iteration..case.iterations()).any(|at| case.cells(at).contains(id));
        cells.extend(graph.members(family).iter().copied().filter(own));
        cells.sort_unstable();
        cells.dedup();
    }
    // One or a few cells that break the pattern of the others.
    let is_single = fix.change == Change::Pattern && fix.is_forward;
    let kind = if is_single { Kind::InconsistentFormula } else { kind };
    let mut finding = Finding::new(kind, cells, String::new());
    let only = match fix.weights[..] {
        [only] => Some(only),
        _ => None,
    };
    let variable =
        only.or(fix.weights.first().copied()).and_then(|weight| case.variable(weight, iteration));
    finding.weight = if fix.is_forward { None } else { variable };
    finding.loss = case.loss(iteration);
    match finding.cells.len() {
        1 => case.propose(&mut finding, &fix.trees[0]),
        _ => case.propose_for_all(&mut finding, &fix.trees[0]),
    }
    finding.expected = expected(case, iteration, fix);
    finding.message = message(case, iteration, fix, kind, is_update, &finding);
    finding.consequences = case.consequences(&finding.cells);
    finding
}

/// What should stand in the first cell of a fix, with the sheet's own numbers.
fn expected(case: &Case, iteration: usize, fix: &Fix) -> Option<f64> {
    let graph = case.ground.graph;
    let first = fix.cells[0];
    if !fix.is_forward
        && let [only] = fix.weights[..]
        && case.roles[only].get(iteration).and_then(Option::as_ref).and_then(|one| one.cell)
            == Some(first)
    {
        let expected = case.expected(iteration, graph.values())[only];
        if expected.is_finite() {
            return Some(expected);
        }
    }
    graph.evaluate_tree(&fix.trees[0], graph.values()).number()
}

/// The kind of a fix's mistake, and whether it is in the update itself.
fn kind(case: &Case, iteration: usize, fix: &Fix) -> (Kind, bool) {
    let first = fix.cells[0];
    if drifts(case, iteration, fix) {
        return (Kind::DriftingReference, false);
    }
    let is_update = case
        .group()
        .iter()
        .any(|weight| weight.updates.iter().flatten().any(|update| update.cell == first));
    match fix.is_forward {
        true => (Kind::WrongForward, is_update),
        false => (Kind::WrongDerivative, is_update),
    }
}

/// Whether the mistake is a reference without `$` that was right in the iteration before.
fn drifts(case: &Case, iteration: usize, fix: &Fix) -> bool {
    if !matches!(fix.change, Change::Exchange { .. } | Change::Blank(_)) || iteration == 0 {
        return false;
    }
    let graph = case.ground.graph;
    let first = fix.cells[0];
    let place = |leaf: &Leaf| Place::of_target(graph, &leaf.target);
    let Some(own) = graph.tree(first) else { return false };
    let Some(before) = case.beside_by_place(first, iteration, iteration - 1) else { return false };
    let Some(previous) = graph.tree(before) else { return false };
    let shift = Place::of(graph, first) - Place::of(graph, before);
    let leaves = own.leaves().into_iter().zip(fix.trees[0].leaves()).zip(previous.leaves());
    let mut changed = leaves.filter(|((old, new), _)| old.target != new.target);
    changed.all(|((old, new), previous)| {
        let is_constant = new.id().is_some_and(|id| case.ground.tags.is_fixed(id));
        let walked =
            place(previous).map(|place| place + shift) == place(old) || previous.id() == new.id();
        is_constant && old.fixed != [true; 4] && walked && old.target != previous.target
    })
}

/// A derivative that no small edit mends.
fn unmended(
    case: &Case,
    iteration: usize,
    weight: usize,
    explained: &mut HashSet<(usize, usize)>,
) -> Option<Finding> {
    let graph = case.ground.graph;
    let role = case.roles[weight].get(iteration)?.as_ref()?;
    let cell = role.home()?;
    let mut cells = Vec::new();
    for other in iteration..case.iterations() {
        if case.verdicts[weight].get(other) == Some(&Some(false)) {
            explained.insert((weight, other));
            let role = case.roles[weight].get(other).and_then(Option::as_ref);
            cells.extend(role.and_then(Role::home));
        }
    }
    let by = case.variable(weight, iteration)?;
    let derived = derivative(case, iteration, by, cell);
    let derived = derived.and_then(|tree| in_place(case, role, tree));
    let proposed = derived.map(|tree| graph.tree_text(&tree));
    let written = match &proposed {
        Some(_) => " By the chain rule, over the sheet's own cells, it is what is proposed.",
        None => "",
    };
    let message = format!(
        "{} should be {}. It is something else, and no small change makes it so.{written}",
        case.address(cell),
        case.derivative_name(weight),
    );
    let mut finding = Finding::new(Kind::WrongDerivative, cells, message);
    finding.weight = case.variable(weight, iteration);
    finding.loss = case.loss(iteration);
    finding.formula = graph.formula_text(cell);
    finding.proposed = proposed;
    finding.fix =
        finding.proposed.as_ref().map(|text| format!("write {text} into {}", case.address(cell)));
    finding.found = graph.value(cell).number();
    let expected = case.expected(iteration, graph.values())[weight];
    finding.expected = expected.is_finite().then_some(expected);
    Some(finding)
}

/// The formula of a gradient's cell, or of the update that has the gradient as a part.
fn in_place(case: &Case, role: &Role, gradient: Tree) -> Option<Tree> {
    let Some((part, factor)) = role.part.as_ref().filter(|_| role.cell.is_none()) else {
        return Some(gradient);
    };
    let new = match *factor {
        1.0 => gradient.root,
        factor => gradient.root.binary(Operator::Divide, Node::Number(factor)),
    };
    Some(Tree { home: part.home, root: case.with_gradient(part, &new)? })
}
