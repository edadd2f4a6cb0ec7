//! How updates use the learning rate: the one that all take, and none at all.

use super::schedules;
use super::taken::Derivatives;
use super::updates::merged;
use super::words::named;
use crate::compare::training::case::Case;
use crate::compare::training::chain_rule::derivative;
use crate::compare::training::describe;
use crate::compare::training::fill::exchange;
use crate::compare::training::names;
use crate::compare::training::result::{Finding, Kind, Rule};
use crate::compare::training::steps::Step;
use crate::compare::training::terms::{Part, factors, is_blank, only_cell, product};
use crate::compare::training::updates::Update;
use crate::graph::{CellId, Leaf, Node, Target, Tree};
use crate::value::number_text;

/// What is wrong with the learning rates of a training.
pub(super) fn findings(case: &Case, rule: Rule) -> Vec<Finding> {
    // What extrapolates from two weights takes no rate.
    if case.is_extrapolated() {
        return Vec::new();
    }
    if let Some(finding) = unused_rate(case).filter(|_| rule == Rule::Descent) {
        return vec![finding];
    }
    let mut findings = bare_rates(case, rule);
    findings.extend(wrong_rates(case, rule));
    if rule == Rule::Descent && findings.is_empty() {
        findings = missing_rates(case);
    }
    if findings.is_empty() {
        findings = schedules::findings(case);
    }
    findings
}

/// Updates that all take a blank cell, another or none where the sheet has a learning rate that
/// nothing is computed from.
fn unused_rate(case: &Case) -> Option<Finding> {
    let graph = case.ground.graph;
    let used = case.rates.cells.first().copied().flatten();
    if case.rates.typed.is_some() || used.is_some_and(|id| names::is_called_rate(graph, id)) {
        return None;
    }
    let updates = || case.group().iter().flat_map(|of| of.updates.iter().flatten());
    let sheet = graph.sheet(updates().next()?.cell);
    let is_unused = |id: &CellId| {
        graph.sheet(*id) == sheet
            && graph.is_leaf(*id)
            && graph.users(*id).is_empty()
            && graph.value(*id).number().is_some_and(|number| number > 0.0)
            && names::is_labelled_learning_rate(graph, *id)
    };
    let mut unused = graph.cells().filter(is_unused);
    let (rate, None) = (unused.next()?, unused.next()) else { return None };
    let step = case.steps[0].iter().flatten().next()?;
    let takes = match (step.fixed().find(|part| is_blank(part)), used) {
        (Some(_), _) => "take a blank cell, which holds nothing, for it".to_owned(),
        (None, Some(cell)) => format!("take {} for it", case.address(cell)),
        (None, None) => "take the whole derivative".to_owned(),
    };
    let message = format!(
        "Nothing is computed from the learning rate, {}: the updates {takes}.",
        named(case, rate),
    );
    let cells = updates().map(|update| update.cell).collect();
    let mut finding = Finding::new(Kind::InconsistentFormula, cells, message);
    finding.loss = case.loss(0);
    let update = updates().next()?;
    let is_instead = |part: &&Part| is_blank(part) || used.is_some() && only_cell(part) == used;
    let instead = step.fixed().find(is_instead);
    if let Some(mended) = by_rate(case, update, (instead, &update.step), rate) {
        case.propose_for_all(&mut finding, &mended);
    }
    finding.consequences = case.consequences(&finding.cells);
    Some(finding)
}

/// Updates in which nothing is left of the derivative but the learning rate.
fn bare_rates(case: &Case, rule: Rule) -> Vec<Finding> {
    let Some(rate) = case.rates.cells.first().copied().flatten() else { return Vec::new() };
    let mut findings = Vec::new();
    for (weight, of) in case.group().iter().enumerate() {
        for (at, update) in of.updates.iter().enumerate() {
            let (Some(update), Some(step)) = (update, &case.steps[weight][at]) else { continue };
            let Some(taken) = case.rates.cells.get(at).copied().flatten() else { continue };
            let is_bare = case.used[weight][at].is_none() && step.fixed().count() == 1;
            if !is_bare || step.level_of(taken).or_else(|| step.level_of(rate)).is_none() {
                continue;
            }
            let message = format!(
                "This update of {} steps by the learning rate alone: {} is missing.",
                case.weight_name(weight),
                case.derivative_name(weight),
            );
            let mut finding = Finding::new(Kind::WrongDerivative, vec![update.cell], message);
            finding.weight = of.shown.get(at).copied();
            finding.loss = case.loss(at);
            finding.formula = case.ground.graph.formula_text(update.cell);
            finding.found = case.ground.graph.value(update.cell).number();
            finding.consequences = case.consequences(&finding.cells);
            if let Some(mended) = with_gradient(case, rule, weight, at) {
                case.propose(&mut finding, &mended);
            }
            findings.push(finding);
        }
    }
    merged(case, findings)
}

/// The formula of an update as those of other iterations have it, or with the derivative by the chain rule.
fn with_gradient(case: &Case, rule: Rule, weight: usize, at: usize) -> Option<Tree> {
    let graph = case.ground.graph;
    let of = &case.group()[weight];
    let update = of.updates[at].as_ref()?;
    let others = of.updates.iter().zip(&case.used[weight]).enumerate();
    let mut others = others.filter_map(|(other, (update, used))| {
        used.as_ref().and(update.as_ref()).map(|update| (other, update.cell))
    });
    if let Some((other, source)) = others.next() {
        return case.filled(source, update.cell, other, at);
    }
    if rule != Rule::Descent {
        return None;
    }
    let by = case.variable(weight, at)?;
    let held = Derivatives::new(case, at).holder(weight);
    let held = held.map(|cell| Node::Leaf(Leaf::cell(cell)));
    let gradient = held.or_else(|| Some(derivative(case, at, by, update.cell)?.root))?;
    let parts = factors(&gradient);
    let whole = factors(&update.step);
    let all: Vec<_> = whole.parts.iter().chain(&parts.parts).copied().collect();
    let numbers: Vec<f64> = whole.numbers.iter().chain(&parts.numbers).copied().collect();
    let root = exchange(&graph.tree(update.cell)?.root, &update.step, &product(&numbers, &all))?;
    Some(Tree { home: update.cell, root })
}

/// Updates that step by the whole of a right derivative, where those of the other weights take a rate.
fn missing_rates(case: &Case) -> Vec<Finding> {
    let Some(rate) = case.rates.cells.first().copied().flatten() else { return Vec::new() };
    let mut findings = Vec::new();
    for (weight, of) in case.group().iter().enumerate() {
        for (at, update) in of.updates.iter().enumerate() {
            let (Some(update), Some(step)) = (update, &case.steps[weight][at]) else { continue };
            let is_right = case.verdicts[weight].get(at) == Some(&Some(true));
            let instead = instead_of_rate(case, step, weight, at);
            let mut numbers = step.cells_in_rates_up_to(update.cell).into_iter();
            let has_numbers = instead.is_none() && numbers.any(|id| !case.is_data(at, id));
            if !is_right || has_numbers || step.level_of(rate).is_some() {
                continue;
            }
            let gradient = case.roles[weight].get(at).and_then(|role| role.as_ref()?.cell);
            let found = factors(&update.step);
            // A number before the gradient is typed for the rate.
            let typed = match (&found.parts[..], &found.numbers[..]) {
                ([(part, false)], [number]) if only_cell(part) == gradient => {
                    Some((*part, *number)).filter(|(_, number)| number.abs() != 1.0)
                }
                _ => None,
            };
            let whole = typed.map_or(&update.step, |(part, _)| part);
            let takes = match (&instead, typed) {
                (Some(part), _) => match only_cell(part) {
                    Some(cell) => format!("the derivative times {}", named(case, cell)),
                    None => "the derivative times a blank cell, which holds nothing".to_owned(),
                },
                (None, Some((_, number))) => {
                    format!("the derivative times {}", number_text(number))
                }
                (None, None) => "the whole derivative".to_owned(),
            };
            let message = format!(
                "This update of {} takes {takes}; those of other weights take it times the learning \
                 rate, {}.",
                case.weight_name(weight),
                named(case, rate),
            );
            let mut finding = Finding::new(Kind::OddWeight, vec![update.cell], message);
            finding.weight = of.shown.get(at).copied();
            finding.loss = case.loss(at);
            if let Some(mended) = by_rate(case, update, (instead, whole), rate) {
                case.propose(&mut finding, &mended);
            }
            findings.push(finding);
        }
    }
    merged(case, findings)
}

/// The formula of an update with the learning rate in the place of what stands there instead, or before the
/// whole of what should be multiplied by it.
fn by_rate(
    case: &Case,
    update: &Update,
    (instead, whole): (Option<&Part>, &Part),
    rate: CellId,
) -> Option<Tree> {
    let tree = case.ground.graph.tree(update.cell)?;
    let times = Node::Leaf(Leaf { fixed: [true; 4], ..Leaf::cell(rate) });
    let root = match instead {
        Some(part) => exchange(&tree.root, part, &times),
        None => {
            let whole = factors(whole);
            let parts: Vec<_> = std::iter::once((&times, false)).chain(whole.parts).collect();
            exchange(&tree.root, &update.step, &product(&whole.numbers, &parts))
        }
    };
    Some(Tree { home: update.cell, root: root? })
}

/// What stands in the place of the learning rate in a step: a blank cell, or data.
fn instead_of_rate<'s>(case: &Case, step: &'s Step, weight: usize, at: usize) -> Option<&'s Part> {
    let used = case.rate_of(weight, at).cell().filter(|used| case.is_data(at, *used));
    let mut fixed = step.fixed();
    fixed.find(|part| is_blank(part) || used.is_some() && only_cell(part) == used)
}

/// Updates whose learning rate is another cell than it was, or should be.
fn wrong_rates(case: &Case, rule: Rule) -> Vec<Finding> {
    let graph = case.ground.graph;
    let Some(first) = case.rates.cells.first().copied().flatten() else { return Vec::new() };
    let origin = |id: CellId| case.ground.updates.origin(id);
    let has_schedule = case.has_schedule();
    // Where all weights of an iteration take another cell, it may be a schedule.
    let expected = |at: usize| {
        let usual = case.rates.cells.get(at).copied().flatten().filter(|_| has_schedule);
        usual.unwrap_or(first)
    };
    // For each update the cell in the place of the rate; none where that is blank.
    let mut wrong: Vec<(usize, usize, CellId, Option<CellId>)> = Vec::new();
    for weight in 0..case.group().len() {
        for (at, update) in case.group()[weight].updates.iter().enumerate() {
            let (Some(_), Some(level)) = (update, rate_level(case, weight, first)) else {
                continue;
            };
            let Some(home) = case.steps[weight][at].as_ref().and_then(|step| step.rate_home(level))
            else {
                continue;
            };
            // One without a rate is made otherwise than those beside it.
            if !is_made_alike(case, weight, level, home) {
                continue;
            }
            let used = case.rate_of(weight, at).cell();
            let expected = expected(at);
            // What is remembered has the rate inside, `beta*v + lr*g`; the first step has nothing to
            // remember yet.
            let step = case.steps[weight][at].as_ref();
            let is_inside = rule == Rule::Other && step.is_some_and(Step::is_bare);
            if !is_inside && used.map(origin) != Some(expected) {
                wrong.push((weight, at, home, used));
            }
        }
    }
    if wrong.is_empty() {
        return Vec::new();
    }
    wrong.sort_by_key(|(_, at, cell, _)| (*at, *cell));
    let walks = wrong.iter().any(|(_, at, _, used)| {
        wrong.iter().any(|(_, later, _, other)| *later == at + 1 && other != used)
    });
    let (weight, at, cell, used) = wrong[0];
    let place = rate_place(case, weight, first);
    let leaf = graph.tree(cell).and_then(|tree| tree.leaves().get(place?).map(|leaf| **leaf));
    let is_relative = leaf.is_some_and(|leaf| leaf.fixed != [true; 4]);
    let kind = match (walks || wrong.len() > 1) && is_relative {
        true => Kind::DriftingReference,
        false => Kind::InconsistentFormula,
    };
    let cells: Vec<CellId> = wrong.iter().map(|(_, _, cell, _)| *cell).collect();
    let right = expected(at);
    let rate = describe::name(case.ground, right);
    let shown = used.map_or("a blank cell".to_owned(), |used| case.address(used));
    let holds = match used.and_then(|used| graph.value(used).number()) {
        Some(number) => number_text(number),
        None => "nothing".to_owned(),
    };
    let message = match kind {
        Kind::DriftingReference => format!(
            "The learning rate is {rate} ({}), but from here on the reference walks: {} takes {shown}, which \
             holds {holds}. A $ is missing before its row or column, so that it moved when the formula was filled.",
            case.address(right),
            case.address(cell),
        ),
        _ => format!(
            "The learning rate is {rate} ({}), but this update takes {shown}, which holds {holds}.",
            case.address(right),
        ),
    };
    let mut finding = Finding::new(kind, cells, message);
    finding.weight = case.variable(weight, at);
    finding.loss = case.loss(at);
    if let Some(tree) = graph.tree(cell) {
        case.propose_for_all(&mut finding, &with_rate(&tree, place, right));
    }
    vec![finding]
}

/// How many formulas lead from the updates of a weight to the one with the learning rate.
fn rate_level(case: &Case, weight: usize, rate: CellId) -> Option<usize> {
    let is_rate = |id: &CellId| case.ground.updates.origin(*id) == rate;
    let mut steps = case.steps[weight].iter().flatten();
    steps.find_map(|step| step.level_of(step.rates().find(is_rate)?))
}

/// Whether a formula in the place of one with the learning rate refers to as much as others there do.
fn is_made_alike(case: &Case, weight: usize, level: usize, home: CellId) -> bool {
    let count = |id: CellId| case.ground.graph.tree(id).map_or(0, |tree| tree.leaves().len());
    let homes = case.steps[weight].iter().flatten().filter_map(|step| step.rate_home(level));
    homes.into_iter().any(|other| other != home && count(other) == count(home))
}

/// Which of the references in the formulas with the learning rate it is.
fn rate_place(case: &Case, weight: usize, rate: CellId) -> Option<usize> {
    let level = rate_level(case, weight, rate)?;
    let homes = case.steps[weight].iter().flatten().filter_map(|step| step.rate_home(level));
    let mut trees = homes.filter_map(|home| case.ground.graph.tree(home));
    trees.find_map(|tree| {
        let is_rate =
            |leaf: &&Leaf| leaf.id().is_some_and(|id| case.ground.updates.origin(id) == rate);
        tree.leaves().into_iter().position(|leaf| is_rate(&leaf))
    })
}

/// The formula with the learning rate in one place, held by `$`.
fn with_rate(tree: &Tree, place: Option<usize>, rate: CellId) -> Tree {
    tree.map(&mut |nth, leaf| match Some(nth) == place {
        true => Leaf { target: Target::Cell(rate), slot: None, fixed: [true; 4] },
        false => *leaf,
    })
}
