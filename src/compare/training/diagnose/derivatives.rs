//! Derivatives that fail, traced to the formulas with the mistake.

use std::collections::HashSet;

use crate::compare::training::case::Case;
use crate::compare::training::chain_rule::derivative;
use crate::compare::training::check::agrees;
use crate::compare::training::describe;
use crate::compare::training::edits::Change;
use crate::compare::training::fill::exchange;
use crate::compare::training::place::Place;
use crate::compare::training::repair::{Fix, fixes, gradient_fixes, loss_fix};
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::roles::Role;
use crate::formula::Operator;
use crate::graph::{CellId, Graph, Leaf, Node, Target, Tree};

/// What speaks against a reading for each gradient that no edit mends.
const UNMENDED: f64 = 5.0;

/// What is wrong with the derivatives of a training.
pub(super) fn findings(case: &mut Case, explained: &mut HashSet<(usize, usize)>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = miswritten_loss(case, explained).into_iter().collect();
    settle_factor(case);
    for iteration in 0..case.iterations() {
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
            findings.push(finding(case, iteration, fix, explained));
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
    let ahead = case
        .ahead_of(&implied.as_ref().map_or(Vec::new(), |one| one.predicted(case, sample)), sample);
    let own = case.losses_like(suspect, sample);
    let other = std::mem::replace(&mut case.losses, own);
    let mut best: Option<(f64, f64, Option<Fix>)> = None;
    for size in [1.0, 2.0, 0.5] {
        case.factor = size * factor.signum();
        for (cost, fix) in readings(case, sample, &ahead) {
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, case.factor, fix));
            }
        }
    }
    let is_prediction = implied.is_none() && !case.is_unwritten;
    let best = best.or_else(|| is_prediction.then_some((0.0, factor.signum(), None)));
    let Some((_, right, fix)) = best else {
        (case.losses, case.implied, case.factor) = (other, implied, factor);
        return None;
    };
    case.factor = right;
    case.check();
    fix.map(|fix| finding(case, sample, &fix, explained))
}

/// Where gradients are the derivatives times one factor here and times another there, takes that
/// with which the others are mended by fewer edits.
fn settle_factor(case: &mut Case) -> Option<()> {
    let sample = case.sample()?;
    let factors = case.factors(sample);
    let own = case.factor;
    let mut best: Option<(f64, f64)> = None;
    for factor in std::iter::once(own).chain(factors.into_iter().filter(|one| !agrees(*one, own))) {
        case.factor = factor;
        let (failing, fixes) = mended(case, sample);
        let left = failing - fixes.iter().map(|fix| fix.weights.len()).sum::<usize>();
        let cost: f64 = fixes.iter().map(|fix| fix.cost).sum::<f64>() + left as f64 * UNMENDED;
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
fn mended(case: &Case, iteration: usize) -> (usize, Vec<Fix>) {
    let verdicts = case.verdicts_of(iteration, &case.ground.invented.points);
    let failing: Vec<usize> =
        (0..case.group().len()).filter(|weight| verdicts[*weight] == Some(false)).collect();
    (failing.len(), gradient_fixes(case, iteration, &failing))
}

/// What may be wrong where gradients are not those of the loss that is written down, with the cost:
/// the loss by one edit, or the gradients, each by its own.
fn readings(case: &Case, sample: usize, ahead: &HashSet<CellId>) -> Vec<(f64, Option<Fix>)> {
    let all: Vec<usize> = (0..case.group().len()).collect();
    let loss = loss_fix(case, sample, &all, ahead).map(|fix| (fix.cost, Some(fix)));
    let (failing, backward) = mended(case, sample);
    let mended: usize = backward.iter().map(|fix| fix.weights.len()).sum();
    let cost: f64 = backward.iter().map(|fix| fix.cost).sum();
    let gradients = (mended == failing).then_some((cost, None));
    loss.into_iter().chain(gradients).collect()
}

/// A weight whose updates take the right derivative by another weight: what they should take is
/// computed elsewhere, or nowhere.
fn taken_from_another(
    case: &Case,
    iteration: usize,
    weight: usize,
    explained: &mut HashSet<(usize, usize)>,
) -> Option<Finding> {
    let graph = case.ground.graph;
    let role = |weight: usize, at: usize| case.roles[weight].get(at)?.as_ref()?.cell;
    let taken = role(weight, iteration)?;
    let owner = (0..case.group().len()).find(|other| {
        let verdict = case.verdicts[*other].get(iteration);
        role(*other, iteration) == Some(taken) && verdict == Some(&Some(true))
    })?;
    let points = &case.ground.invented.points;
    let holds = |cell: &&CellId| {
        let is_right = |values| {
            let value: Option<f64> = crate::graph::Values::number(values, **cell);
            let is_right = |value| agrees(value, case.expected(iteration, values)[weight]);
            value.is_some_and(is_right)
        };
        points.iter().all(is_right) && points.iter().any(|one| one.number(**cell) != Some(0.0))
    };
    let ahead = case.ahead(iteration);
    let held = case.cells(iteration).iter().filter(|id| !ahead.contains(id)).find(holds).copied();
    let right = match held {
        Some(cell) => Node::Leaf(Leaf::cell(cell)),
        None => derivative(case, iteration, case.variable(weight, iteration)?, taken)?.root,
    };
    let home = case.used[weight].get(iteration)?.as_ref()?.tree.home;
    let own = graph.tree(home)?;
    let place = own.leaves().into_iter().find(|leaf| leaf.id() == Some(taken)).copied()?;
    let root = exchange(&own.root, &Node::Leaf(place), &right)?;
    let mut cells = Vec::new();
    for at in iteration..case.iterations() {
        if case.verdicts[weight].get(at) == Some(&Some(false))
            && role(weight, at) == role(owner, at)
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
    finding.loss = case.losses.get(iteration).copied().flatten();
    finding.formula = graph.formula_text(home);
    finding.found = graph.value(home).number();
    let mended = Tree { home, root };
    finding.expected = graph.evaluate_tree(&mended, graph.values()).number();
    let proposed = case.text_like(&mended);
    finding.fix = Some(format!("write {proposed} into {}", case.address(home)));
    finding.proposed = Some(proposed);
    finding.consequences = case.consequences(&finding.cells);
    Some(finding)
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
        // Or its numbers happen not to matter, where a neuron is at rest.
        let is_at_rest = || {
            let mut pairs = fix.cells.iter().zip(&beside);
            let is_filled = pairs.all(|(one, other)| graph.family(*one) == graph.family(*other));
            let points = || case.ground.invented.points.iter();
            let is_zero =
                |weight: &usize| points().all(|at| case.gradient(*weight, other, at) == 0.0);
            is_filled && !fix.is_forward && fix.weights.iter().all(is_zero)
        };
        if !fix.weights.iter().any(fails) && !is_at_rest() {
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
    let first = fix.cells[0];
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
    let tree = &fix.trees[0];
    let mut finding = Finding::new(kind, cells, String::new());
    let only = match fix.weights[..] {
        [only] => Some(only),
        _ => None,
    };
    let variable =
        only.or(fix.weights.first().copied()).and_then(|weight| case.variable(weight, iteration));
    finding.weight = if fix.is_forward { None } else { variable };
    finding.loss = case.losses.get(iteration).copied().flatten();
    finding.formula = graph.formula_text(first);
    finding.proposed = Some(case.text_like(tree));
    finding.found = graph.value(first).number();
    finding.expected = expected(case, iteration, fix);
    finding.message = message(case, iteration, fix, kind, is_update, &finding);
    finding.fix = finding.proposed.as_ref().map(|text| match finding.cells.len() {
        1 => format!("write {text} into {}", case.address(first)),
        _ => format!("write {text} into {} and fill it over the others", case.address(first)),
    });
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
    let place = |leaf: &Leaf| match leaf.target {
        Target::Cell(id) => Some(Place::of(graph, id)),
        Target::Block(block) => {
            let (row, column) = block.first();
            Some(Place { sheet: block.sheet as i64, row: row.into(), column: column.into() })
        }
        _ => None,
    };
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
    let cell = role.cell.or_else(|| role.part.as_ref().map(|(tree, _)| tree.home))?;
    let mut cells = Vec::new();
    for other in iteration..case.iterations() {
        if case.verdicts[weight].get(other) == Some(&Some(false)) {
            explained.insert((weight, other));
            let role = case.roles[weight].get(other).and_then(Option::as_ref);
            cells.extend(
                role.and_then(|one| {
                    one.cell.or_else(|| one.part.as_ref().map(|(tree, _)| tree.home))
                }),
            );
        }
    }
    let by = case.variable(weight, iteration)?;
    let derived = derivative(case, iteration, by, cell);
    let derived = derived.and_then(|tree| in_place(graph, role, tree));
    let proposed = derived.map(|tree| case.text_like(&tree));
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
    finding.loss = case.losses.get(iteration).copied().flatten();
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
fn in_place(graph: &Graph, role: &Role, gradient: Tree) -> Option<Tree> {
    let Some((part, factor)) = role.part.as_ref().filter(|_| role.cell.is_none()) else {
        return Some(gradient);
    };
    let new = match *factor {
        1.0 => gradient.root,
        factor => gradient.root.binary(Operator::Divide, Node::Number(factor)),
    };
    let root = exchange(&graph.tree(part.home)?.root, &part.root, &new)?;
    Some(Tree { home: part.home, root })
}

/// What is the matter, in words that a student understands.
fn message(
    case: &Case,
    iteration: usize,
    fix: &Fix,
    kind: Kind,
    is_update: bool,
    finding: &Finding,
) -> String {
    let first = fix.cells[0];
    let what = match (kind, &fix.weights[..]) {
        (Kind::InconsistentFormula, _) => {
            format!("{} ({})", describe::name(case.ground, first), case.address(first))
        }
        (Kind::WrongForward, _) => {
            let name = describe::name(case.ground, first);
            let those = match fix.weights.len() {
                1 => "the derivative of this training is that",
                _ => "the derivatives of this training are those",
            };
            format!("{those} of another {name} ({}) than the sheet computes", case.address(first))
        }
        (_, [only]) if is_update => {
            format!(
                "the step of {} should follow {}",
                case.weight_name(*only),
                case.derivative_name(*only)
            )
        }
        (_, [only]) if case.is_role(*only, iteration, first) => {
            format!("{} should be {}", case.address(first), case.derivative_name(*only))
        }
        (_, weights) => {
            let names: Vec<String> = weights.iter().map(|one| case.weight_name(*one)).collect();
            format!(
                "{} ({}) leads to wrong derivatives by {}",
                describe::name(case.ground, first),
                case.address(first),
                names.join(", ")
            )
        }
    };
    let change = change(case, &fix.change, first);
    let mut text = match slope_of_another(case, iteration, fix) {
        Some(told) => format!("{what}. {told}"),
        None => format!("{}: {change}.", capital(&what)),
    };
    if kind == Kind::WrongForward {
        let all = if fix.weights.len() == 1 { "it holds" } else { "they all hold" };
        text += &format!(" With that {all}.");
    } else if let Some(off) = off(case, finding, fix, iteration) {
        text += &format!(" {off}");
    }
    text
}

/// The commonest slip, in its own words: the slope of one neuron where the weight leads to another.
fn slope_of_another(case: &Case, iteration: usize, fix: &Fix) -> Option<String> {
    let Change::Exchange { old, new, everywhere: true } = fix.change else { return None };
    let graph = case.ground.graph;
    let [weight] = fix.weights[..] else { return None };
    let tree = graph.tree(fix.cells[0])?;
    let at = |id: CellId| case.address(id);
    let has_slope = graph.tree_text(&tree).replace('$', "").contains(&format!("(1-{})", at(old)));
    let is_role = case.is_role(weight, iteration, fix.cells[0]);
    let is_within = !case.ground.tags.is_fixed(old) && !case.ground.tags.is_fixed(new);
    (has_slope && is_role && is_within).then(|| {
        format!(
            "It uses {old}·(1−{old}), the slope of {}, but {} leads to {}: put {new} for {old}.",
            describe::name(case.ground, old),
            case.weight_name(weight),
            describe::name(case.ground, new),
            old = at(old),
            new = at(new),
        )
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if text.starts_with("the ") => {
            first.to_uppercase().collect::<String>() + chars.as_str()
        }
        _ => text.to_owned(),
    }
}

/// How far off the cells are: here, and where it is worst.
fn off(case: &Case, finding: &Finding, fix: &Fix, iteration: usize) -> Option<String> {
    let graph = case.ground.graph;
    let part = |found: f64, expected: f64| (found - expected).abs() / expected.abs().max(1e-300);
    let (found, expected) = (finding.found?, finding.expected?);
    if agrees(found, expected) {
        return Some("Here its number happens to be right; elsewhere it is not.".to_owned());
    }
    let here = part(found, expected);
    let mut worst = (here, fix.cells[0]);
    if let [only] = fix.weights[..] {
        for other in 0..case.iterations() {
            let Some(Some(role)) = case.roles[only].get(other) else { continue };
            let Some(cell) = role.cell.filter(|cell| finding.cells.contains(cell)) else {
                continue;
            };
            let value = graph.value(cell).number();
            let expected = case.expected(other, graph.values())[only];
            if let Some(value) = value.filter(|_| expected.is_finite() && expected != 0.0)
                && part(value, expected) > worst.0
            {
                worst = (part(value, expected), cell);
            }
        }
    }
    let _ = iteration;
    let mut text = format!("It is off by {} here", percent(here));
    if worst.0 > here * 1.2 && worst.1 != fix.cells[0] {
        text += &format!(", by {} in {}", percent(worst.0), case.address(worst.1));
    }
    Some(text + ".")
}

fn percent(part: f64) -> String {
    let percent = part * 100.0;
    match percent {
        p if p >= 1e4 => "far more than its size".to_owned(),
        p if p >= 10.0 => format!("{p:.0} %"),
        p if p >= 1.0 => format!("{p:.1} %"),
        p if p >= 0.01 => format!("{p:.2} %"),
        p => format!("{p:.1e} %"),
    }
}

/// An edit in words.
fn change(case: &Case, change: &Change, home: CellId) -> String {
    let graph = case.ground.graph;
    let at = |id: CellId| case.address(id);
    let called = |id: CellId| {
        let name = describe::name(case.ground, id);
        if name == at(id) { name } else { format!("{} ({name})", at(id)) }
    };
    let text = |part: &_| {
        let tree = Tree { home, root: Clone::clone(part) };
        graph.tree_text(&tree).trim_start_matches('=').to_owned()
    };
    match change {
        Change::Exchange { old, new, everywhere: true } => {
            format!(
                "it uses {}, where {} belongs: put {} for {}",
                called(*old),
                called(*new),
                at(*new),
                at(*old)
            )
        }
        Change::Exchange { old, new, .. } => {
            format!(
                "in one place it uses {}, where {} belongs: put {} for {} there",
                called(*old),
                called(*new),
                at(*new),
                at(*old)
            )
        }
        Change::Blank(new) => format!("it refers to a blank cell, where {} belongs", called(*new)),
        Change::Swap(a, b) => format!("{} and {} are exchanged", called(*a), called(*b)),
        Change::Operator(old, new) => {
            format!("it has {} where {} belongs", operator(*old), operator(*new))
        }
        Change::Parentheses => {
            "parentheses are missing: the last factor belongs to the whole sum".to_owned()
        }
        Change::Without(part) => format!("{} does not belong there", text(part)),
        Change::Times(part) => format!("the factor {} is missing", text(part)),
        Change::Factor(-1.0) => "its sign is the wrong way round".to_owned(),
        Change::Factor(number) if number.abs() < 1.0 => {
            format!("it is {} times too large", crate::value::number_text((1.0 / number).round()))
        }
        Change::Factor(number) => {
            format!("the factor {} is missing", crate::value::number_text(*number))
        }
        Change::Square(part) => format!(
            "a square is missing: {} belongs there",
            text(&part.clone().binary(Operator::Power, Node::Number(2.0)))
        ),
        Change::Number(old, new) => format!(
            "it has {} where {} belongs",
            crate::value::number_text(*old),
            crate::value::number_text(*new)
        ),
        Change::Plus(part) if case.ahead(0).contains(&home) => {
            format!("a term is missing: add {}", text(part))
        }
        Change::Plus(part) => format!("a path of the chain rule is missing: add {}", text(part)),
        Change::Range(..) => "its range is another one than it should be".to_owned(),
        Change::Function(old, new) => format!("it takes the {old} where the {new} belongs"),
        Change::Derivative(by) => {
            format!("it should be the derivative of the loss by {}, and is another", called(*by))
        }
        Change::Pattern => "its formula is another one than beside it".to_owned(),
        Change::Both(a, b) => {
            format!("{}; {}", self::change(case, a, home), self::change(case, b, home))
        }
    }
}

fn operator(operator: Operator) -> String {
    operator.sign().to_string()
}
